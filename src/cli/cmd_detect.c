/* `seine detect gaps`: messages in, gap events out; no lake needed. Options as the original command has them
 * (SPEC 2.5). */
#include "cli/cli.h"
#include "cli/detect.h"
#include "cli/format.h"

#include "base/arena.h"
#include "base/time.h"
#include "io/clock.h"
#include "io/file.h"

#include <math.h>
#include <stdio.h>

#define MOST_PERIOD_D 180.0

static const seine_option OPTIONS[] = {
    {"input", 'i', SEINE_OPTION_TEXT, "FILE", NULL, 0, 0, false,
     "messages: JSON, JSON Lines, CSV (also .gz, .zst) or Parquet; - is standard input"},
    {"open-gaps", 's', SEINE_OPTION_TEXT, "FILE", NULL, 0, 0, false,
     "gaps of earlier runs; the open ones are closed by the first message after them (needs --date-range)"},
    {"output", 'o', SEINE_OPTION_TEXT, "FILE", NULL, 0, 0, false,
     "where gaps go; - is standard output, the default without --work-dir"},
    {"format", 0, SEINE_OPTION_TEXT, "FORMAT", NULL, 0, 0, false,
     "jsonl, csv or parquet (default: by the ending of the output, else jsonl)"},
    {"min-gap-length", 0, SEINE_OPTION_NUMBER, "HOURS", "6", 0, 1e6, false, "a gap is strictly longer"},
    {"n-hours-before", 0, SEINE_OPTION_NUMBER, "HOURS", "12", 0, 1e5, false,
     "positions are counted so many hours before a gap"},
    {"window-period-d", 0, SEINE_OPTION_NUMBER, "DAYS", NULL, 0, 1e6, false,
     "length of the windows (default: the range, at most 180 days; profile 2024: 1 groups by day, else by year)"},
    {"date-range", 0, SEINE_OPTION_TEXT, "START,END", NULL, 0, 0, false,
     "two ISO dates, the end excluded: report gaps of these days; messages before them are history"},
    {"ssvids", 0, SEINE_OPTION_LIST, "ID,…", NULL, 0, 0, false, "only these movers"},
    {"eval-last", 0, SEINE_OPTION_FLAG, NULL, "on", 0, 0, false, "report an open gap after a mover's last message"},
    {"normalize", 0, SEINE_OPTION_FLAG, NULL, "on", 0, 0, false, "start_… and end_… columns, not objects OFF and ON"},
    {"profile", 0, SEINE_OPTION_TEXT, "NAME", "current", 0, 0, false,
     "rules and columns: current, or 2024 as published"},
    {"work-dir", 0, SEINE_OPTION_TEXT, "DIR", NULL, 0, 0, false,
     "write gaps-TIME.jsonl and gaps-TIME-stats.csv into this folder"},
    {"stats", 0, SEINE_OPTION_TEXT, "FILE", NULL, 0, 0, false,
     "write a CSV file ssvid,total: gaps per mover and in all"},
    {"config-file", 'c', SEINE_OPTION_TEXT, "FILE", NULL, 0, 0, false,
     "YAML or JSON file of these options, weaker than the command line"},
    {"json-input-messages", 0, SEINE_OPTION_TEXT, "FILE", NULL, 0, 0, false, "name of --input in pipe-gaps"},
    {"json-input-open-gaps", 0, SEINE_OPTION_TEXT, "FILE", NULL, 0, 0, false, "name of --open-gaps in pipe-gaps"},
    {"normalize-output", 0, SEINE_OPTION_FLAG, NULL, "on", 0, 0, false, "name of --normalize in pipe-gaps"},
};

/* What one run reads and writes. */
typedef struct job {
    seine_args *args;
    seine_arena arena;
    const char *input, *open_gaps, *output, *stats;
    seine_detect_format format;
    seine_detect detect;
    seine_detect_text text, stored_text;
} job;

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
static seine_status read_period(const job *j, seine_gap_windows *windows, seine_error *error) {
    double days = MOST_PERIOD_D;
    if (windows->has_range) days = (double)(windows->range_end_us - windows->range_start_us) / (double)SEINE_DAY_US;
    if (days > MOST_PERIOD_D) days = MOST_PERIOD_D;
    if (seine_args_given(j->args, "window-period-d")) days = seine_args_number(j->args, "window-period-d");
    if (days > MOST_PERIOD_D) {
        seine_cli_note(j->args, "windows of %g days are too long: 180 days are used", days);
        days = MOST_PERIOD_D;
    }
    windows->period_us = (int64_t)llrint(days * (double)SEINE_DAY_US);
    if (windows->period_us > 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--window-period-d: a window must be longer than nothing");
}

static seine_status read_profile(const job *j, seine_detect_options *options, seine_error *error) {
    const char *profile = seine_args_text(j->args, "profile");
    options->is_2024 = strcmp(profile, "2024") == 0;
    if (!options->is_2024 && strcmp(profile, "current") != 0) {
        return seine_fail(error, SEINE_E_USAGE, "--profile %s: there are current and 2024", profile);
    }
    const bool by_day = seine_args_given(j->args, "window-period-d") && options->windows.period_us == SEINE_DAY_US;
    if (options->is_2024) options->windows.grouping = by_day ? SEINE_GROUP_DAYS : SEINE_GROUP_YEARS;
    return SEINE_OK;
}

static seine_status read_rules(job *j, seine_error *error) {
    seine_detect_options *options = &j->detect.options;
    const char *range = seine_args_text(j->args, "date-range");
    options->history_us = us_of_hours(seine_args_number(j->args, "n-hours-before"));
    options->windows = (seine_gap_windows){.offset_us = options->history_us,
                                           .min_gap_us = us_of_hours(seine_args_number(j->args, "min-gap-length"))};
    options->eval_last = seine_args_flag(j->args, "eval-last");
    options->normalize = seine_args_flag(j->args, "normalize") && seine_args_flag(j->args, "normalize-output");
    options->ssvids = seine_args_list(j->args, "ssvids", &options->ssvid_count);
    options->version = seine_clock_now_us() / SEINE_SECOND_US;
    seine_status status = range != NULL ? read_range(range, &options->windows, error) : SEINE_OK;
    if (status == SEINE_OK) status = read_period(j, &options->windows, error);
    if (status == SEINE_OK) status = read_profile(j, options, error);
    if (status == SEINE_OK && j->open_gaps != NULL && range == NULL && !options->is_2024) {
        seine_cli_note(j->args, "stored open gaps stay open: they are closed in runs with --date-range only");
    }
    return status;
}

static bool has_ending(const char *path, const char *ending) {
    return seine_str_ends_with_nocase(seine_str_of(path), seine_str_of(ending));
}

static seine_status read_format(job *j, seine_error *error) {
    const char *name = NULL;
    seine_status status =
        seine_format_choose("jsonl csv parquet", seine_args_text(j->args, "format"), j->output, "jsonl", &name, error);
    if (status != SEINE_OK) return status;
    j->format = strcmp(name, "csv") == 0       ? SEINE_DETECT_CSV
                : strcmp(name, "parquet") == 0 ? SEINE_DETECT_PARQUET
                                               : SEINE_DETECT_JSONL;
    if (j->format == SEINE_DETECT_PARQUET && strcmp(j->output, "-") == 0) {
        return seine_fail(error, SEINE_E_USAGE, "Parquet needs a file: give --output FILE");
    }
    if (has_ending(j->output, ".gz") || has_ending(j->output, ".zst")) {
        return seine_fail(error, SEINE_E_USAGE, "--output %s: compressed output is not written", j->output);
    }
    return SEINE_OK;
}

/* Names in the work folder: gaps-20250101T120000.jsonl and gaps-20250101T120000-stats.csv, by UTC time. */
static seine_status name_outputs(job *j, seine_error *error) {
    const char *folder = seine_args_text(j->args, "work-dir");
    const char *format = seine_args_text(j->args, "format");
    j->output = seine_args_text(j->args, "output");
    j->stats = seine_args_text(j->args, "stats");
    if (j->output == NULL && folder == NULL) j->output = "-";
    if (folder == NULL) return SEINE_OK;
    char time[40], stamp[40];
    size_t size = 0;
    (void)seine_time_format(j->detect.options.version * SEINE_SECOND_US, time);
    for (const char *p = time; *p != '\0' && *p != 'Z'; p++) {
        if (*p != '-' && *p != ':') stamp[size++] = *p;
    }
    stamp[size] = '\0';
    const char *ending = format != NULL ? format : "jsonl";
    const char *name = seine_arena_printf(&j->arena, "gaps-%s.%s", stamp, ending);
    const char *stats = seine_arena_printf(&j->arena, "gaps-%s-stats.csv", stamp);
    if (name == NULL || stats == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    if (j->output == NULL) j->output = seine_file_join(&j->arena, folder, name);
    if (j->stats == NULL) j->stats = seine_file_join(&j->arena, folder, stats);
    if (j->output == NULL || j->stats == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    return seine_file_make_folders(folder, error);
}

static const char *either_text(const seine_args *args, const char *name, const char *other_name) {
    const char *text = seine_args_text(args, name);
    return text != NULL ? text : seine_args_text(args, other_name);
}

static seine_status read_options(job *j, seine_error *error) {
    const char *config = seine_args_text(j->args, "config-file");
    seine_status status = config != NULL ? seine_args_config(j->args, config, error) : SEINE_OK;
    if (status != SEINE_OK) return status;
    j->input = either_text(j->args, "input", "json-input-messages");
    j->open_gaps = either_text(j->args, "open-gaps", "json-input-open-gaps");
    if (j->input == NULL) {
        return seine_fail(error, SEINE_E_USAGE, "no messages given: use --input FILE, or - for standard input");
    }
    if (j->open_gaps != NULL && strcmp(j->input, "-") == 0 && strcmp(j->open_gaps, "-") == 0) {
        return seine_fail(error, SEINE_E_USAGE, "messages and open gaps cannot both come from standard input");
    }
    status = read_rules(j, error);
    if (status == SEINE_OK) status = name_outputs(j, error);
    return status == SEINE_OK ? read_format(j, error) : status;
}

/* ---- the run --------------------------------------------------------------------------------------------------- */

static seine_status read_stored(job *j, seine_error *error) {
    if (j->open_gaps == NULL) return SEINE_OK;
    seine_file_info info = {.kind = SEINE_FILE_NONE};
    seine_status status = strcmp(j->open_gaps, "-") == 0 ? SEINE_OK : seine_file_stat(j->open_gaps, &info, error);
    if (status != SEINE_OK || (info.kind == SEINE_FILE_PLAIN && info.size == 0)) return status; /* no gap is open */
    status = seine_detect_load(j->open_gaps, j->detect.progress, &j->stored_text, error);
    return status == SEINE_OK ? seine_detect_read_stored(&j->detect, &j->stored_text, error) : status;
}

static seine_status run_job(job *j, seine_error *error) {
    seine_detect *detect = &j->detect;
    detect->progress = seine_cli_progress(j->args);
    seine_status status = seine_detect_load(j->input, detect->progress, &j->text, error);
    if (status == SEINE_OK) {
        status = seine_messages_read(&detect->messages, seine_buf_str(&j->text.text), j->text.name, j->text.unit,
                                     detect->progress, error);
    }
    if (status == SEINE_OK) status = read_stored(j, error);
    if (status == SEINE_OK) status = seine_detect_run(detect, error);
    if (status == SEINE_OK) status = seine_detect_write(detect, j->output, j->format, error);
    if (status == SEINE_OK && j->stats != NULL) status = seine_detect_write_stats(detect, j->stats, error);
    seine_cli_progress_end(j->args);
    return status;
}

static void put_text_or_null(seine_json_writer *w, const char *key, const char *text) {
    seine_json_key(w, seine_str_of(key));
    if (text != NULL)
        seine_json_put_text(w, seine_str_of(text));
    else
        seine_json_put_null(w);
}

static void put_count(seine_json_writer *w, const char *key, size_t count) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_int(w, (int64_t)count);
}

/* What was done: a remark on standard error, or with --json an object on standard output unless the gaps go there. */
static void tell(job *j) {
    size_t messages = 0, gaps = 0, open = 0;
    (void)seine_messages_rows(&j->detect.messages, &messages);
    const seine_detect_gap *all = seine_detect_gaps(&j->detect, &gaps);
    for (size_t i = 0; i < gaps; i++) open += all[i].on == SEINE_DETECT_NONE;
    const size_t movers = j->detect.messages.movers.count;
    const bool is_stdout = strcmp(j->output, "-") == 0;
    if (!seine_args_json(j->args)) {
        seine_cli_note(j->args, "%zu messages of %zu movers: %zu gaps, %zu of them open%s%s%s%s", messages, movers,
                       gaps, open, is_stdout ? "" : " → ", is_stdout ? "" : j->output,
                       j->stats != NULL ? ", statistics → " : "", j->stats != NULL ? j->stats : "");
        return;
    }
    if (is_stdout) return;
    seine_buf text;
    seine_buf_init(&text, 1 << 20);
    seine_json_writer w = seine_json_writer_to(&text);
    seine_json_begin_object(&w);
    put_count(&w, "messages", messages);
    put_count(&w, "movers", movers);
    put_count(&w, "gaps", gaps);
    put_count(&w, "open", open);
    put_text_or_null(&w, "output", j->output);
    put_text_or_null(&w, "stats", j->stats);
    seine_json_end_object(&w);
    if (w.status == SEINE_OK) printf("%.*s\n", (int)text.size, (const char *)text.data);
    seine_buf_free(&text);
}

static int run_detect(seine_args *args) {
    job j = {.args = args};
    seine_error error = {.status = SEINE_OK};
    seine_status status = read_options(&j, &error);
    if (status == SEINE_OK) status = run_job(&j, &error);
    if (status == SEINE_OK) tell(&j);
    seine_detect_free_stored(&j.detect);
    seine_messages_free(&j.detect.messages);
    seine_buf_free(&j.detect.gaps);
    seine_buf_free(&j.text.text);
    seine_buf_free(&j.stored_text.text);
    seine_arena_free(&j.arena);
    return status == SEINE_OK ? 0 : seine_cli_fail(args, &error);
}

const seine_command seine_cmd_detect_gaps = {
    .name = "detect gaps",
    .summary = "Find silences in position messages of a file; needs no lake",
    .description =
        "Reads messages (ssvid, timestamp in Unix seconds, lat, lon, receiver_type, anything else) and writes one\n"
        "row per gap: a silence of one mover longer than --min-gap-length. Fields of the last message before and the\n"
        "first one after are copied as start_… and end_…. Rules: docs/detect.md; what differs from pipe-gaps:\n"
        "docs/differences.md.",
    .example = "seine detect gaps -i messages.jsonl --min-gap-length 6 -o gaps.jsonl\n"
               "seine detect gaps -i day.parquet -s gaps.jsonl --date-range 2025-01-02,2025-01-03 --window-period-d 1",
    .options = OPTIONS,
    .option_count = sizeof OPTIONS / sizeof *OPTIONS,
    .run = run_detect,
};
