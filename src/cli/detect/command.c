/* `seine detect gaps`: messages in, gap events out; no lake needed. Options as the original command has them
 * (SPEC 2.5). */
#include "base/number.h"
#include "cli/detect/job.h"
#include "cli/target.h"

#include "base/arena.h"
#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"

#include <math.h>
#include <stdio.h>

#define MOST_PERIOD_D 180.0
#define MOST_TURNS 1000

static const seine_option OPTIONS[] = {
    SEINE_DETECT_INPUT_OPTION,
    SEINE_DETECT_DATASET_OPTIONS,
    {.name = "open-gaps",
     .letter = 's',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "gaps of earlier runs; the open ones are closed by the first message after them (needs --date-range)"},
    {.name = "output",
     .letter = 'o',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "where gaps go; - is standard output, the default without --work-dir"},
    SEINE_DETECT_FORMAT_OPTION,
    {.name = "min-gap-length",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "6",
     .least = 0,
     .most = 1e6,
     .help = "a gap is strictly longer; not given: what the dataset says, if it does"},
    {.name = "n-hours-before",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "12",
     .least = 0,
     .most = 1e5,
     .help = "positions are counted so many hours before a gap"},
    {.name = "window-period-d",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "DAYS",
     .least = 0,
     .most = 1e6,
     .help =
         "length of the windows (default: the range, at most 180 days; profile 2024: 1 groups by day, else by year)"},
    {.name = "date-range",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "START,END",
     .help = "two ISO dates, the end excluded: report gaps of these days; messages before them are history"},
    SEINE_DETECT_SSVIDS_OPTION,
    {.name = "eval-last",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "on",
     .help = "report an open gap after a mover's last message"},
    {.name = "normalize",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "on",
     .help = "start_… and end_… columns, not objects OFF and ON"},
    {.name = "profile",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "NAME",
     .fallback = "current",
     .help = "rules and columns: current, or 2024 as published"},
    {.name = "work-dir",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "DIR",
     .help = "write gaps-TIME.jsonl and gaps-TIME-stats.csv into this folder"},
    {.name = "stats",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "write a CSV file ssvid,total: gaps per mover and in all"},
    SEINE_DETECT_CONFIG_OPTION,
    SEINE_DETECT_MEMORY_OPTION,
    {.name = "force",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "--work-dir may replace files of former runs"},
    {.name = "json-input-messages",
     .kind = SEINE_OPTION_TEXTS,
     .metavar = "FILE",
     .alias = "input",
     .help = "name of --input in pipe-gaps"},
    {.name = "json-input-open-gaps",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .alias = "open-gaps",
     .help = "name of --open-gaps in pipe-gaps"},
    {.name = "normalize-output",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "on",
     .alias = "normalize",
     .help = "name of --normalize in pipe-gaps"},
};

/* What one run reads and writes beside what every detector does. */
typedef struct detection {
    seine_detect_job job;
    const char *open_gaps, *stats;
    bool names_output, names_stats; /* by the program */
    seine_detect_text stored_text;
} detection;

/* ---- options --------------------------------------------------------------------------------------------------- */

static int64_t us_of_hours(double hours) { return (int64_t)llrint(hours * (double)SEINE_HOUR_US); }

static seine_status read_range(const char *text, seine_gap_windows *windows, seine_error *error) {
    const seine_str range = seine_str_of(text);
    const char *comma = memchr(text, ',', range.size);
    int32_t start = 0, end = 0;
    const bool fine = comma != NULL &&
                      seine_date_parse(seine_str_trim((seine_str){text, (size_t)(comma - text)}), &start) &&
                      seine_date_parse(seine_str_trim(seine_str_of(comma + 1)), &end);
    if (!fine) {
        return seine_fail(error, SEINE_E_USAGE,
                          "--date-range %s: Must be a comma-separated string with two dates in ISO format.", text);
    }
    if (end <= start) return seine_fail(error, SEINE_E_USAGE, "--date-range %s: the end must be after the start", text);
    windows->has_range = true;
    windows->range_start_us = seine_time_day_start_us(start);
    windows->range_end_us = seine_time_day_start_us(end);
    return SEINE_OK;
}

/* Given, else the length of the range, else 180 days, and never more. */
static seine_status read_period(const detection *j, seine_gap_windows *windows, seine_error *error) {
    double days = MOST_PERIOD_D;
    if (windows->has_range) days = (double)(windows->range_end_us - windows->range_start_us) / (double)SEINE_DAY_US;
    if (days > MOST_PERIOD_D) days = MOST_PERIOD_D;
    if (seine_args_given(j->job.args, "window-period-d")) days = seine_args_number(j->job.args, "window-period-d");
    if (days > MOST_PERIOD_D) {
        seine_cli_note(j->job.args, "windows of %g days are too long: 180 days are used", days);
        days = MOST_PERIOD_D;
    }
    windows->period_us = (int64_t)llrint(days * (double)SEINE_DAY_US);
    if (windows->period_us > 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--window-period-d: a window must be longer than nothing");
}

static seine_status read_profile(const detection *j, seine_detect_options *options, seine_error *error) {
    const char *profile = seine_args_text(j->job.args, "profile");
    options->is_2024 = strcmp(profile, "2024") == 0;
    if (!options->is_2024 && strcmp(profile, "current") != 0) {
        return seine_fail(error, SEINE_E_USAGE, "--profile %s: there are current and 2024", profile);
    }
    const bool by_day = seine_args_given(j->job.args, "window-period-d") && options->windows.period_us == SEINE_DAY_US;
    if (options->is_2024) options->windows.grouping = by_day ? SEINE_GROUP_DAYS : SEINE_GROUP_YEARS;
    return SEINE_OK;
}

static double least_gap_hours(const detection *j) {
    const seine_dataset *dataset = seine_detect_job_dataset(&j->job);
    return seine_detect_job_limit(&j->job, "min-gap-length", dataset != NULL ? dataset->gap_hours : 0);
}

/* What belongs to messages of pipe-gaps and its runs, and has no meaning for rows of a dataset. */
static seine_status check_dataset(const detection *j, seine_error *error) {
    static const char *const options[] = {"open-gaps", "window-period-d", "profile"};
    if (seine_detect_job_dataset(&j->job) == NULL) return SEINE_OK;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (seine_args_given(j->job.args, options[i]))
            return seine_fail(error, SEINE_E_USAGE, "--%s does not go with --dataset: it is of messages of pipe-gaps",
                              options[i]);
    return SEINE_OK;
}

static seine_status read_rules(detection *j, seine_error *error) {
    seine_detect_options *options = &j->job.detect.options;
    const char *range = seine_args_text(j->job.args, "date-range");
    options->history_us = us_of_hours(seine_args_number(j->job.args, "n-hours-before"));
    options->windows =
        (seine_gap_windows){.offset_us = options->history_us, .min_gap_us = us_of_hours(least_gap_hours(j))};
    options->eval_last = seine_args_flag(j->job.args, "eval-last");
    options->normalize = seine_args_flag(j->job.args, "normalize");
    options->version = seine_clock_now_us() / SEINE_SECOND_US;
    if (range != NULL) SEINE_TRY(read_range(range, &options->windows, error));
    SEINE_TRY(read_period(j, &options->windows, error));
    SEINE_TRY(read_profile(j, options, error));
    if (j->open_gaps != NULL && range == NULL && !options->is_2024)
        seine_cli_note(j->job.args, "stored open gaps stay open: they are closed in runs with --date-range only");
    return SEINE_OK;
}

/* 20250101T120000, or 20250101T120000-2. */
static void put_stamp(const detection *j, int turn, char stamp[64]) {
    char time[40];
    size_t size = 0;
    (void)seine_time_format(j->job.detect.options.version * SEINE_SECOND_US, time);
    for (const char *p = time; *p != '\0' && *p != 'Z'; p++) {
        if (*p != '-' && *p != ':') stamp[size++] = *p;
    }
    stamp[size] = '\0';
    if (turn > 1) snprintf(stamp + size, 64 - size, "-%d", turn);
}

/* Names in the work folder: gaps-20250101T120000.jsonl and gaps-20250101T120000-stats.csv, by UTC time; of run @p turn
 * (from 1) in the same second gaps-20250101T120000-2.jsonl. */
static seine_status name_outputs(detection *j, int turn, seine_error *error) {
    const char *folder = seine_args_text(j->job.args, "work-dir");
    const char *format = seine_args_text(j->job.args, "format");
    j->job.output = seine_args_text(j->job.args, "output");
    j->stats = seine_args_text(j->job.args, "stats");
    if (j->job.output == NULL && folder == NULL) j->job.output = "-";
    j->names_output = j->job.output == NULL;
    j->names_stats = j->stats == NULL && folder != NULL;
    if (folder == NULL) return SEINE_OK;
    char stamp[64];
    put_stamp(j, turn, stamp);
    const char *ending = format != NULL ? format : "jsonl";
    const char *name = seine_arena_printf(&j->job.arena, "gaps-%s.%s", stamp, ending);
    const char *stats = seine_arena_printf(&j->job.arena, "gaps-%s-stats.csv", stamp);
    if (name == NULL || stats == NULL) return seine_no_memory(error, "detect");
    if (j->names_output) j->job.output = seine_file_join(&j->job.arena, folder, name);
    if (j->names_stats) j->stats = seine_file_join(&j->job.arena, folder, stats);
    if (j->job.output == NULL || j->stats == NULL) return seine_no_memory(error, "detect");
    return seine_file_make_folders(folder, error);
}

/* What is read and what is written, all at once: no file of the run may eat another. */
static seine_status check_files(detection *j, seine_error *error) {
    seine_target_file *files = SEINE_ARENA_ARRAY(&j->job.arena, seine_target_file, j->job.input_count + 5);
    size_t count = 0;
    if (files == NULL) return seine_no_memory(error, "detect");
    for (size_t i = 0; i < j->job.input_count; i++)
        files[count++] = (seine_target_file){"--input", j->job.inputs[i], SEINE_TARGET_READ};
    files[count++] = (seine_target_file){"--open-gaps", j->open_gaps, SEINE_TARGET_READ};
    files[count++] =
        (seine_target_file){"--config-file", seine_args_text(j->job.args, "config-file"), SEINE_TARGET_READ};
    files[count++] = (seine_target_file){"--work-dir", seine_args_text(j->job.args, "work-dir"), SEINE_TARGET_FOLDER};
    files[count++] = (seine_target_file){"--output", seine_args_text(j->job.args, "output"), SEINE_TARGET_WRITE};
    files[count++] = (seine_target_file){"--stats", seine_args_text(j->job.args, "stats"), SEINE_TARGET_WRITE};
    return seine_targets_check(files, count, error);
}

static seine_status read_options(detection *j, seine_error *error) {
    const char *config = seine_args_text(j->job.args, "config-file");
    if (config != NULL) SEINE_TRY(seine_args_config(j->job.args, config, error));
    j->open_gaps = seine_args_text(j->job.args, "open-gaps");
    SEINE_TRY(seine_detect_job_options(&j->job, j->open_gaps, error));
    SEINE_TRY(check_dataset(j, error));
    SEINE_TRY(read_rules(j, error));
    SEINE_TRY(check_files(j, error));
    SEINE_TRY(name_outputs(j, 1, error));
    return seine_detect_job_format(&j->job, error);
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

static seine_status read_stored(detection *j, seine_error *error) {
    if (j->open_gaps == NULL) return SEINE_OK;
    SEINE_TRY(seine_detect_load(j->open_gaps, &j->job.memory, &j->job.pace, &j->stored_text, error));
    return seine_detect_read_stored(&j->job.detect, &j->stored_text, &j->job.memory, error);
}

/* Both files under the names they have now. Statistics named by the program come first and hold the pair of names:
 * where the gaps are, their statistics are too. */
static seine_status write_pair(detection *j, seine_error *error) {
    const seine_file_mode mode = seine_target_mode(j->job.args, !j->names_output);
    const seine_file_mode stats_mode = seine_target_mode(j->job.args, !j->names_stats);
    if (j->names_stats) SEINE_TRY(seine_detect_write_stats(&j->job.detect, j->stats, stats_mode, error));
    const seine_status status = seine_detect_write(&j->job.detect, j->job.output, j->job.format, mode, error);
    if (status != SEINE_OK && j->names_stats && stats_mode == SEINE_FILE_NEW)
        seine_best_effort(seine_file_remove(j->stats, NULL)); /* the first failure is told */
    if (status != SEINE_OK || j->names_stats || j->stats == NULL) return status;
    return seine_detect_write_stats(&j->job.detect, j->stats, stats_mode, error);
}

/* Under names of the program's own, another run may be quicker with one of them: then the next pair is tried. */
static seine_status write_files(detection *j, seine_error *error) {
    seine_status status = write_pair(j, error);
    for (int turn = 2; status == SEINE_E_EXISTS && turn <= MOST_TURNS; turn++) {
        status = name_outputs(j, turn, error);
        if (status == SEINE_OK) status = write_pair(j, error);
    }
    return status;
}

static seine_status run_job(detection *j, seine_error *error) {
    seine_detect *detect = &j->job.detect;
    detect->progress = j->job.pace.progress = seine_cli_progress(j->job.args);
    detect->pace = &j->job.pace;
    SEINE_TRY(seine_detect_job_messages(&j->job, NULL, 0, 0, error));
    SEINE_TRY(read_stored(j, error));
    SEINE_TRY(seine_detect_run(detect, error));
    SEINE_TRY(write_files(j, error));
    seine_cli_progress_end(j->job.args);
    return SEINE_OK;
}

/* What was done: a remark on standard error, or with --json an object on standard output unless the gaps go there. */
static seine_status tell(detection *j, seine_error *error) {
    size_t messages = 0, gaps = 0, open = 0;
    (void)seine_messages_rows(&j->job.detect.messages, &messages);
    const seine_detect_gap *all = seine_detect_gaps(&j->job.detect, &gaps);
    for (size_t i = 0; i < gaps; i++) open += all[i].on == SEINE_DETECT_NONE;
    const size_t movers = j->job.detect.messages.movers.count;
    const bool is_stdout = strcmp(j->job.output, "-") == 0;
    if (!seine_args_json(j->job.args) || is_stdout) seine_detect_job_tell(&j->job);
    if (!seine_args_json(j->job.args)) {
        seine_cli_note(j->job.args, "%s of %s: %s, %zu of them open%s%s%s%s",
                       seine_count((int64_t)messages, "message").text, seine_count((int64_t)movers, "mover").text,
                       seine_count((int64_t)gaps, "gap").text, open, is_stdout ? "" : " → ",
                       is_stdout ? "" : j->job.output, j->stats != NULL ? ", statistics → " : "",
                       j->stats != NULL ? j->stats : "");
        return SEINE_OK;
    }
    if (is_stdout) return SEINE_OK;
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, 1 << 20);
    seine_json_writer w = seine_json_writer_to(&text);
    seine_json_begin_object(&w);
    seine_json_field_int(&w, "messages", (int64_t)messages);
    seine_json_field_int(&w, "movers", (int64_t)movers);
    seine_json_field_int(&w, "gaps", (int64_t)gaps);
    seine_json_field_int(&w, "open", (int64_t)open);
    seine_json_field_int(&w, "steps", (int64_t)j->job.pace.steps);
    seine_detect_job_put(&j->job, &w);
    seine_json_field_text(&w, "output", j->job.output);
    seine_json_field_text(&w, "stats", j->stats);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

static void detection_end(detection *j) {
    seine_detect_job_end(&j->job);
    seine_buf_free(&j->stored_text.text);
}

static seine_status run_detect(seine_args *args, seine_error *error) {
    detection j SEINE_OWNED(detection_end) = {.job = {.args = args}};
    SEINE_TRY(read_options(&j, error));
    SEINE_TRY(run_job(&j, error));
    return tell(&j, error);
}

const seine_command seine_cmd_detect_gaps = {
    .name = "detect gaps",
    .summary = "Find silences in position messages of a file; needs no lake",
    .description =
        "Reads messages (ssvid, timestamp in Unix seconds, lat, lon, receiver_type, anything else) and writes one\n"
        "row per gap: a silence of one mover longer than --min-gap-length. Fields of the last message before and the\n"
        "first one after are copied as start_… and end_…. With --dataset the files are rows of any mover, read by the\n"
        "rules of an ingest: the gaps are those of a lake that took them. Rules: docs/detect.md; what differs from\n"
        "pipe-gaps: docs/differences.md.",
    .example = "seine detect gaps -i messages.jsonl --min-gap-length 6 -o gaps.jsonl\n"
               "seine detect gaps -i day.parquet -s gaps.jsonl --date-range 2025-01-02,2025-01-03 --window-period-d 1\n"
               "seine detect gaps --dataset telematics -i messages.json\n"
               "seine detect gaps --dataset buses.yaml -i buses.csv.gz -o gaps.parquet",
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof *OPTIONS,
    .run = run_detect,
};
