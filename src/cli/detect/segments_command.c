/* `seine detect segments`: messages in, the same messages with their segments out; no lake needed (SPEC 6.1). */
#include "base/number.h"
#include "cli/detect/job.h"

#include "base/try.h"

static const seine_option OPTIONS[] = {
    SEINE_DETECT_INPUT_OPTION,
    SEINE_DETECT_DATASET_OPTIONS,
    {.name = "output",
     .letter = 'o',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .fallback = "-",
     .help = "where the messages with their segments go; - is standard output"},
    SEINE_DETECT_FORMAT_OPTION,
    SEINE_DETECT_SSVIDS_OPTION,
    {.name = "profile",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "NAME",
     .fallback = "current",
     .help = "rules: current, or v3 with the defects of gpsdio-segment 3.0.0"},
    {.name = "max-hours",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "24",
     .least = 0.001,
     .most = 1e6,
     .help = "a longer silence ends a segment"},
    {.name = "max-knots",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "KN",
     .fallback = "25",
     .least = 0.001,
     .most = 1e6,
     .help = "a message further from where a segment would be is not of it"},
    {.name = "lookback",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "5",
     .least = 1,
     .most = SEINE_SEGMENT_LOOKBACK_MOST,
     .help = "messages of a segment that a new one is compared with; all but one of them may be left out for it"},
    {.name = "max-open",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "100",
     .least = 1,
     .most = SEINE_SEGMENT_OPEN_MOST,
     .help = "open segments of one mover; one more ends the stalest"},
    {.name = "remembered",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "1024",
     .least = 1,
     .most = SEINE_SEGMENT_REMEMBERED_MOST,
     .help = "so many ids, and places under way, of one mover are known again"},
    {.name = "gate-knots",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "KN",
     .least = 0.001,
     .most = 1e6,
     .help = "the plain gate instead: noise is what is faster than this from both neighbours; segments end by silence"},
    SEINE_DETECT_CONFIG_OPTION,
    SEINE_DETECT_MEMORY_OPTION,
};

static seine_status read_rules(seine_detect_job *j, seine_error *error) {
    seine_segment_config *config = &j->detect.options.segment;
    const seine_dataset *dataset = seine_detect_job_dataset(j);
    const char *profile = seine_args_text(j->args, "profile");
    *config = seine_segment_config_default();
    config->first_weights = strcmp(profile, "v3") == 0;
    if (!config->first_weights && strcmp(profile, "current") != 0)
        return seine_fail(error, SEINE_E_USAGE, "--profile %s: there are current and v3", profile);
    config->max_hours = seine_detect_job_limit(j, "max-hours", dataset != NULL ? dataset->segment_max_hours : 0);
    config->max_knots = seine_detect_job_limit(j, "max-knots", dataset != NULL ? dataset->segment_max_knots : 0);
    config->lookback = (uint32_t)seine_args_int(j->args, "lookback");
    config->max_open = (uint32_t)seine_args_int(j->args, "max-open");
    config->remembered = (uint32_t)seine_args_int(j->args, "remembered");
    if (dataset != NULL) config->gate_knots = dataset->segment_gate_knots;
    if (seine_args_given(j->args, "gate-knots")) config->gate_knots = seine_args_number(j->args, "gate-knots");
    return seine_segment_config_check(config, error);
}

/* Without both of them every message would be noise. */
static seine_status check_dataset(const seine_detect_job *j, seine_error *error) {
    const seine_dataset *dataset = seine_detect_job_dataset(j);
    if (dataset == NULL) return SEINE_OK;
    if (!seine_detect_fixes_have(dataset, "speed"))
        return seine_fail(error, SEINE_E_USAGE, "segments need a speed: dataset %s has no measure with a unit of speed",
                          dataset->name);
    if (seine_detect_fixes_have(dataset, "course")) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE,
                      "segments need a course: dataset %s has no column called course, cog or course_over_ground",
                      dataset->name);
}

static void note(const seine_detect_job *j, const char *arrow, const char *output) {
    const seine_detect_segment_counts *counts = &j->detect.counts;
    seine_cli_note(j->args,
                   "%s of %s: %s, %zu of them open; %s of noise, %zu left "
                   "out, %zu passed over%s%s",
                   seine_count((int64_t)counts->messages, "message").text,
                   seine_count((int64_t)j->detect.messages.movers.count, "mover").text,
                   seine_count((int64_t)counts->segments, "segment").text, counts->open,
                   seine_count((int64_t)counts->noise, "message").text, counts->left_out, counts->passed_over, arrow,
                   output);
}

static void put(const seine_detect_job *j, seine_json_writer *w) {
    const seine_detect_segment_counts *counts = &j->detect.counts;
    seine_json_field_int(w, "messages", (int64_t)counts->messages);
    seine_json_field_int(w, "movers", (int64_t)j->detect.messages.movers.count);
    seine_json_field_int(w, "segments", (int64_t)counts->segments);
    seine_json_field_int(w, "open", (int64_t)counts->open);
    seine_json_field_int(w, "noise", (int64_t)counts->noise);
    seine_json_field_int(w, "left_out", (int64_t)counts->left_out);
    seine_json_field_int(w, "passed_over", (int64_t)counts->passed_over);
}

static seine_status run_segments(seine_args *args, seine_error *error) {
    static const seine_detect_command command = {.kind = SEINE_DETECT_SEGMENTS,
                                                 .fields = seine_detect_segment_fields,
                                                 .field_count = SEINE_DETECT_SEGMENT_FIELDS,
                                                 .row_bytes = sizeof(seine_detect_verdict),
                                                 .check_dataset = check_dataset,
                                                 .read_rules = read_rules,
                                                 .run = seine_detect_run_segments,
                                                 .note = note,
                                                 .put = put};
    return seine_detect_job_run(args, &command, error);
}

const seine_command seine_cmd_detect_segments = {
    .name = "detect segments",
    .summary = "Tell apart the ships that share an id, and noise, in messages of a file; needs no lake",
    .description =
        "Reads messages (ssvid, timestamp, lat, lon, speed, course, heading, type, msgid, anything else) and writes\n"
        "every one of them with seg_id, seg_class and noise: one ssvid is not one ship, and a position that nothing\n"
        "leads to is none. Rules: docs/detect.md; what differs from gpsdio-segment: docs/differences.md.",
    .example = "seine detect segments -i messages.jsonl -o segmented.jsonl\n"
               "seine detect segments -i day.parquet --gate-knots 60 -o day_gated.parquet\n"
               "seine detect segments --dataset ais -i AIS_2025_01_01.csv.zst -o segmented.parquet",
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof *OPTIONS,
    .run = run_segments,
};
