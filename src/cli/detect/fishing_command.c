/* `seine detect fishing`: scored messages in, events of fishing out; no lake needed (SPEC 4.2 to 4.4). */
#include "cli/detect/job.h"

#include "base/number.h"
#include "base/try.h"

#define BAND(option, knots, meaning) \
    { .name = (option), .kind = SEINE_OPTION_TEXT, .metavar = "FROM-TO", .fallback = (knots), .help = (meaning) }

static const seine_option OPTIONS[] = {
    SEINE_DETECT_INPUT_OPTION,
    SEINE_DETECT_DATASET_OPTIONS,
    {.name = "output",
     .letter = 'o',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .fallback = "-",
     .help = "where events go; - is standard output"},
    SEINE_DETECT_FORMAT_OPTION,
    SEINE_DETECT_SSVIDS_OPTION,
    {.name = "chain",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "NAME",
     .fallback = "nnet",
     .help = "nnet: by nnet_score; night: by night_loitering, as for squid jiggers; or both"},
    {.name = "score",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "SOURCE",
     .fallback = "given",
     .help = "given: of the messages; rules: made of speed, course and what is told of the vessel"},
    {.name = "explain",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "print dropped candidates too, with each rule that drops them and by how much"},
    {.name = "max-gap-hours",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "2",
     .least = 0,
     .most = 1e6,
     .help = "a longer silence ends a run of fishing"},
    {.name = "max-break",
     .kind = SEINE_OPTION_INT,
     .metavar = "SECONDS",
     .fallback = "3600",
     .least = 0,
     .most = 1000000000,
     .help = "runs no further apart are one event"},
    {.name = "max-break-m",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "M",
     .fallback = "2000",
     .least = 0,
     .most = 1e9,
     .help = "when their first messages are no further apart than this"},
    {.name = "min-duration",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "SECONDS",
     .fallback = "1200",
     .least = 0,
     .most = 1e9,
     .help = "an event is strictly longer"},
    {.name = "min-messages",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "5",
     .least = 0,
     .most = 1000000000,
     .help = "has strictly more messages"},
    {.name = "max-speed-knots",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "KN",
     .fallback = "10",
     .least = 0,
     .most = 1e6,
     .help = "is strictly slower on the average"},
    {.name = "min-distance-m",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "M",
     .least = 0,
     .most = 1e9,
     .help = "and goes strictly further (default: 500, chain night 50)"},
    BAND("knots", "1-6", "--score rules: speed of a vessel that fishes with a gear that is not told, or not below"),
    BAND("trawl-knots", "2.5-5", "of trawls and dredges"),
    BAND("longline-knots", "3-6", "of longlines that are hauled"),
    BAND("jig-knots", "0.3-2", "of squid jiggers"),
    {.name = "min-turn-deg",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "DEG",
     .fallback = "25",
     .least = 0,
     .most = 180,
     .help = "spread of course of a vessel that nobody says fishes"},
    {.name = "turn-half-life",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "SECONDS",
     .fallback = "1800",
     .least = 1,
     .most = 1e9,
     .help = "after which a course counts half"},
    {.name = "min-port-m",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "M",
     .fallback = "1000",
     .least = 0,
     .most = 1e9,
     .help = "nearer to port (distance_from_port_m) is not fishing"},
    {.name = "min-shore-m",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "M",
     .fallback = "0",
     .least = 0,
     .most = 1e9,
     .help = "nearer to shore (distance_from_shore_m) is not fishing"},
    SEINE_DETECT_CONFIG_OPTION,
    SEINE_DETECT_MEMORY_OPTION,
    {.name = "max-fishing-event-gap-hours",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "2",
     .least = 0,
     .most = 1e6,
     .alias = "max-gap-hours",
     .help = "name of --max-gap-hours in pipe-events"},
};

static seine_status read_chain(seine_detect_job *j, seine_error *error) {
    const char *chain = seine_args_text(j->args, "chain");
    const bool both = strcmp(chain, "both") == 0;
    bool *chains = j->detect.options.chains;
    chains[SEINE_FISHING_NNET] = both || strcmp(chain, "nnet") == 0;
    chains[SEINE_FISHING_NIGHT] = both || strcmp(chain, "night") == 0;
    if (chains[SEINE_FISHING_NNET] || chains[SEINE_FISHING_NIGHT]) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--chain %s: there are nnet, night and both", chain);
}

/* "2.5-5" */
static seine_status read_band(const seine_args *args, const char *option, seine_fishing_band *band,
                              seine_error *error) {
    const seine_str text = seine_str_of(seine_args_text(args, option));
    const char *dash = memchr(text.data, '-', text.size);
    const size_t before = dash != NULL ? (size_t)(dash - text.data) : text.size;
    if (dash == NULL || !seine_number_parse((seine_str){text.data, before}, &band->least_kn) ||
        !seine_number_parse((seine_str){dash + 1, text.size - before - 1}, &band->most_kn) ||
        !(band->least_kn >= 0 && band->least_kn <= band->most_kn))
        return seine_fail(error, SEINE_E_USAGE, "--%s %.*s: two speeds in knots are asked for, as 2.5-5", option,
                          SEINE_STR_ARG(text));
    return SEINE_OK;
}

static bool is_scored(const seine_args *args) { return strcmp(seine_args_text(args, "score"), "rules") == 0; }

static seine_status read_score(seine_detect_job *j, seine_error *error) {
    seine_detect_options *options = &j->detect.options;
    seine_fishing_score_config *score = &options->score;
    const char *source = seine_args_text(j->args, "score");
    options->scores = is_scored(j->args);
    if (!options->scores && strcmp(source, "given") != 0)
        return seine_fail(error, SEINE_E_USAGE, "--score %s: there are given and rules", source);
    if (options->scores && options->chains[SEINE_FISHING_NIGHT])
        return seine_fail(error, SEINE_E_USAGE, "--score rules makes scores of the chain nnet, not of night");
    *score = seine_fishing_score_config_default();
    SEINE_TRY(read_band(j->args, "knots", &score->band[SEINE_GEAR_OTHER], error));
    SEINE_TRY(read_band(j->args, "trawl-knots", &score->band[SEINE_GEAR_TRAWL], error));
    SEINE_TRY(read_band(j->args, "longline-knots", &score->band[SEINE_GEAR_LONGLINE], error));
    SEINE_TRY(read_band(j->args, "jig-knots", &score->band[SEINE_GEAR_JIG], error));
    score->min_turn_deg = seine_args_number(j->args, "min-turn-deg");
    score->turn_half_life_s = seine_args_number(j->args, "turn-half-life");
    score->min_port_m = seine_args_number(j->args, "min-port-m");
    score->min_shore_m = seine_args_number(j->args, "min-shore-m");
    return seine_fishing_score_config_check(score, error);
}

static size_t fields_asked(const seine_detect_options *options) {
    return options->scores ? SEINE_DETECT_FISHING_FIELDS : SEINE_DETECT_GIVEN_FIELDS;
}

static seine_status read_rules(seine_detect_job *j, seine_error *error) {
    seine_fishing_config *config = &j->detect.options.fishing;
    *config = seine_fishing_config_default();
    const seine_dataset *dataset = seine_detect_job_dataset(j);
    config->max_gap_hours =
        seine_detect_job_limit(j, "max-gap-hours", dataset != NULL ? dataset->fishing_gap_hours : 0);
    config->max_break_s = seine_args_int(j->args, "max-break");
    config->max_break_m = seine_args_number(j->args, "max-break-m");
    config->min_duration_s = seine_args_number(j->args, "min-duration");
    config->min_messages = (double)seine_args_int(j->args, "min-messages");
    config->max_speed_knots = seine_args_number(j->args, "max-speed-knots");
    for (int chain = 0; chain < SEINE_FISHING_CHAINS && seine_args_given(j->args, "min-distance-m"); chain++)
        config->min_distance_m[chain] = seine_args_number(j->args, "min-distance-m");
    j->detect.options.explains = seine_args_flag(j->args, "explain");
    SEINE_TRY(read_chain(j, error));
    SEINE_TRY(read_score(j, error));
    if (j->detect.options.scores) config->rules = &j->detect.options.score;
    return seine_fishing_config_check(config, error);
}

static seine_status check_dataset(const seine_detect_job *j, seine_error *error) {
    static const char *const scores[] = {"nnet_score", "score", "night_loitering"};
    const seine_dataset *dataset = seine_detect_job_dataset(j);
    if (dataset == NULL) return SEINE_OK;
    if (is_scored(j->args))
        return seine_detect_fixes_have(dataset, "speed")
                   ? SEINE_OK
                   : seine_fail(error, SEINE_E_USAGE, "--score rules needs a speed: dataset %s has none in knots",
                                dataset->name);
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        if (seine_detect_fixes_have(dataset, scores[i])) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE,
                      "fishing is told by scores: dataset %s has no column called nnet_score, score or night_loitering",
                      dataset->name);
}

static void warn(const seine_detect_job *j) {
    const seine_detect_fishing_counts *counts = &j->detect.fishing_counts;
    if (counts->messages > 0 && !counts->has_scores && j->detect.options.scores)
        seine_cli_note(j->args, "no message could be scored: speed or speed_knots, lat and lon are needed, and of a "
                                "vessel of which nobody says that it fishes a course");
    else if (counts->messages > 0 && !counts->has_scores)
        seine_cli_note(j->args, "no message has a score of the chain asked for: nnet_score, score or night_loitering");
}

static void note(const seine_detect_job *j, const char *arrow, const char *output) {
    const seine_detect_fishing_counts *counts = &j->detect.fishing_counts;
    const size_t *dropped = counts->dropped;
    seine_cli_note(j->args,
                   "%s of %s: %s, %zu of them kept, %zu of these open; dropped: %zu "
                   "too short, %zu with too few messages, %zu too fast, %zu that go too little%s%s",
                   seine_count((int64_t)counts->messages, "message").text,
                   seine_count((int64_t)counts->tracks, "segment").text,
                   seine_count((int64_t)counts->candidates, "candidate").text, counts->kept, counts->open,
                   dropped[SEINE_FISHING_TOO_SHORT], dropped[SEINE_FISHING_TOO_FEW], dropped[SEINE_FISHING_TOO_FAST],
                   dropped[SEINE_FISHING_TOO_NEAR], arrow, output);
}

static void put(const seine_detect_job *j, seine_json_writer *w) {
    const seine_detect_fishing_counts *counts = &j->detect.fishing_counts;
    seine_json_field_int(w, "messages", (int64_t)counts->messages);
    seine_json_field_int(w, "segments", (int64_t)counts->tracks);
    seine_json_field_int(w, "candidates", (int64_t)counts->candidates);
    seine_json_field_int(w, "kept", (int64_t)counts->kept);
    seine_json_field_int(w, "open", (int64_t)counts->open);
    seine_json_field_int(w, "too_short", (int64_t)counts->dropped[SEINE_FISHING_TOO_SHORT]);
    seine_json_field_int(w, "too_few", (int64_t)counts->dropped[SEINE_FISHING_TOO_FEW]);
    seine_json_field_int(w, "too_fast", (int64_t)counts->dropped[SEINE_FISHING_TOO_FAST]);
    seine_json_field_int(w, "too_near", (int64_t)counts->dropped[SEINE_FISHING_TOO_NEAR]);
}

static seine_status run_fishing(seine_args *args, seine_error *error) {
    static const seine_detect_command command = {.kind = SEINE_DETECT_FISHING,
                                                 .fields = seine_detect_fishing_fields,
                                                 .field_count = SEINE_DETECT_FISHING_FIELDS,
                                                 .fields_asked = fields_asked,
                                                 .check_dataset = check_dataset,
                                                 .read_rules = read_rules,
                                                 .run = seine_detect_run_fishing,
                                                 .warn = warn,
                                                 .note = note,
                                                 .put = put};
    return seine_detect_job_run(args, &command, error);
}

const seine_command seine_cmd_detect_fishing = {
    .name = "detect fishing",
    .summary = "Find events of fishing in scored messages of a file; needs no lake",
    .description =
        "Reads messages (ssvid, seg_id, timestamp, lat, lon, speed_knots or speed, nnet_score or score,\n"
        "night_loitering; meters_to_prev, hours and implied_speed_knots are computed where they are not given) and\n"
        "writes one row per event: runs of fishing merged over short breaks, long, many, slow and far enough.\n"
        "With --score rules messages need no score: it is made of speed, course, vessel_class or geartype,\n"
        "vessel_type, distance_from_port_m and distance_from_shore_m, of what there is.\n"
        "Rules: docs/detect.md; what differs from pipe-events: docs/differences.md.",
    .example = "seine detect fishing -i messages.csv -o events.jsonl --explain\n"
               "seine detect fishing -i messages.csv --chain night -o squid.csv\n"
               "seine detect fishing --dataset ais -i AIS_2025_01_01.csv.zst --score rules -o events.csv",
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof *OPTIONS,
    .run = run_fishing,
};
