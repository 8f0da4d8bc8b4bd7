/* `seine generate ais`: test and demo traffic. */
#include "base/json.h"
#include "base/time.h"
#include "cli/target.h"
#include "generate/archive.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RESULT_MAX_BYTES 4096
#define TRUTH_MAX_BYTES ((size_t)1 << 30)

static const char *const styles[] = {"2018", "2025"};
static const char *const formats[] = {"csv", "csv.zst", "csv.gz", "zip"};

/* @return the place of @p text in @p words, or @p count after an error text naming them all. */
static size_t choose(const char *option, const char *text, const char *const *words, size_t count, seine_error *error) {
    char all[64] = "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) return i;
        strncat(all, i > 0 ? ", " : "", sizeof all - strlen(all) - 1);
        strncat(all, words[i], sizeof all - strlen(all) - 1);
    }
    const seine_status status = seine_fail(error, SEINE_E_USAGE, "--%s: \"%s\" is none of %s", option, text, all);
    return status == SEINE_OK ? 0 : count;
}

static seine_status read_options(const seine_args *args, seine_generate_options *options, seine_error *error) {
    const size_t style_count = sizeof styles / sizeof *styles, format_count = sizeof formats / sizeof *formats;
    const size_t style = choose("style", seine_args_text(args, "style"), styles, style_count, error);
    if (style == style_count) return SEINE_E_USAGE;
    const size_t format = choose("format", seine_args_text(args, "format"), formats, format_count, error);
    if (format == format_count) return SEINE_E_USAGE;
    const int64_t threads = seine_args_int(args, "threads");
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *options = (seine_generate_options){
        .folder = seine_args_text(args, "out"),
        .truth_path = seine_args_text(args, "truth"),
        .days = (uint32_t)seine_args_int(args, "days"),
        .vessels = (uint32_t)seine_args_int(args, "vessels"),
        .interval_s = (uint32_t)seine_args_int(args, "interval"),
        .seed = (uint64_t)seine_args_int(args, "seed"),
        .style = (seine_generate_style)style,
        .format = (seine_generate_format)format,
        .threads = (uint32_t)(threads > 0       ? threads
                              : processors < 1  ? 1
                              : processors > 64 ? 64
                                                : processors),
    };
    if (options->folder == NULL) return seine_fail(error, SEINE_E_USAGE, "needs --out DIR");
    const char *start = seine_args_text(args, "start");
    if (seine_date_parse(seine_str_of(start), &options->first_day)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--start: \"%s\" is not a date YYYY-MM-DD", start);
}

/* ---- what is there already -------------------------------------------------------------------------------------- */

/* Whether the truth file at @p path tells of a run of these very options, so that all bytes would be the same. */
static bool is_same_run(const char *path, const seine_generate_options *options) {
    char start[16], name[64];
    seine_buf text;
    seine_json *json = NULL;
    seine_buf_init(&text, TRUTH_MAX_BYTES);
    seine_date_format(options->first_day, start);
    seine_archive_name(options->style, options->format, options->first_day, name);
    bool is_same = seine_file_read(path, &text, NULL) == SEINE_OK &&
                   seine_json_parse(seine_buf_str(&text), path, &json, NULL) == SEINE_OK;
    const seine_json_value truth = is_same ? seine_json_root(json) : NULL;
    const seine_json_value first = seine_json_at(seine_json_get(truth, "files"), 0);
    is_same = is_same && seine_str_equal(seine_json_text(seine_json_get(truth, "start")), seine_str_of(start)) &&
              seine_json_int(seine_json_get(truth, "days"), -1) == options->days &&
              seine_json_int(seine_json_get(truth, "vessels"), -1) == options->vessels &&
              seine_json_int(seine_json_get(truth, "interval_s"), -1) == options->interval_s &&
              seine_json_int(seine_json_get(truth, "seed"), -1) == (int64_t)options->seed &&
              seine_str_equal(seine_json_text(seine_json_get(first, "name")), seine_str_of(name));
    seine_json_free(json);
    seine_buf_free(&text);
    return is_same;
}

/* Days of another run are only replaced when that is asked for; the same run may be repeated. */
static seine_status check_files(const seine_args *args, const seine_generate_options *options, seine_arena *arena,
                                seine_error *error) {
    seine_target_file *files = SEINE_ARENA_ARRAY(arena, seine_target_file, options->days + 2);
    const char *truth = options->truth_path, *taken = NULL;
    if (truth == NULL) truth = seine_file_join(arena, options->folder, "truth.json");
    if (files == NULL || truth == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    files[0] = (seine_target_file){"--out", options->folder, SEINE_TARGET_FOLDER};
    files[1] = (seine_target_file){"--truth", truth, SEINE_TARGET_WRITE};
    for (uint32_t day = 0; day < options->days; day++) {
        char name[64];
        seine_archive_name(options->style, options->format, options->first_day + (int32_t)day, name);
        const char *path = seine_file_join(arena, options->folder, name);
        if (path == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
        if (taken == NULL && seine_file_exists(path)) taken = path;
        files[day + 2] = (seine_target_file){"--out", path, SEINE_TARGET_WRITE};
    }
    const seine_status status = seine_targets_check(files, options->days + 2, error);
    if (status != SEINE_OK || seine_args_flag(args, "force")) return status;
    if (taken == NULL && options->truth_path == NULL && seine_file_exists(truth)) taken = truth;
    if (taken == NULL || is_same_run(truth, options)) return SEINE_OK;
    return seine_fail(error, SEINE_E_EXISTS,
                      "%s is of another run, or one that did not end: name another folder with --out, or --force to "
                      "replace it",
                      taken);
}

static void print_json(const seine_generate_result *result) {
    const struct {
        const char *name;
        uint64_t value;
    } fields[] = {{"files", result->files},
                  {"bytes", result->bytes},
                  {"rows", result->rows},
                  {"rejects", result->rejects},
                  {"duplicates", result->duplicates},
                  {"silver_rows", result->silver_rows},
                  {"closed_gaps", result->closed_gaps},
                  {"open_gaps", result->open_gaps}};
    seine_buf text;
    seine_buf_init(&text, RESULT_MAX_BYTES);
    seine_json_writer json = seine_json_writer_to(&text);
    seine_json_begin_object(&json);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        seine_json_key(&json, seine_str_of(fields[i].name));
        seine_json_put_int(&json, (int64_t)fields[i].value);
    }
    seine_json_end_object(&json);
    printf("%.*s\n", (int)text.size, (const char *)text.data);
    seine_buf_free(&text);
}

static int run_generate(seine_args *args) {
    seine_error error = {SEINE_OK, ""};
    seine_generate_options options;
    seine_generate_result result;
    seine_arena arena = {0};
    seine_status status = read_options(args, &options, &error);
    if (status == SEINE_OK) status = check_files(args, &options, &arena, &error);
    seine_arena_free(&arena);
    if (status == SEINE_OK) status = seine_generate_ais(&options, seine_cli_progress(args), &result, &error);
    seine_cli_progress_end(args);
    if (status != SEINE_OK) return seine_cli_fail(args, &error);
    if (seine_args_json(args)) {
        print_json(&result);
        return 0;
    }
    printf("%llu files in %s: %llu rows, of which %llu are planted defects and %llu duplicates\n",
           (unsigned long long)result.files, options.folder, (unsigned long long)result.rows,
           (unsigned long long)result.rejects, (unsigned long long)result.duplicates);
    printf("%llu gaps of more than 6 h, %llu of them open; see %s\n",
           (unsigned long long)(result.closed_gaps + result.open_gaps), (unsigned long long)result.open_gaps,
           options.truth_path != NULL ? options.truth_path : "truth.json there");
    return 0;
}

static const seine_option options_of_generate[] = {
    {.name = "out", .letter = 'o', .kind = SEINE_OPTION_TEXT, .metavar = "DIR", .help = "folder of the day files"},
    {.name = "days",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "3",
     .least = 1,
     .most = 366,
     .help = "number of days, one file each"},
    {.name = "vessels",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "1000",
     .least = 1,
     .most = 200000,
     .help = "number of vessels"},
    {.name = "interval",
     .kind = SEINE_OPTION_INT,
     .metavar = "SECONDS",
     .fallback = "300",
     .least = 1,
     .most = 7200,
     .help = "time between two fixes of a vessel"},
    {.name = "start", .kind = SEINE_OPTION_TEXT, .metavar = "DATE", .fallback = "2025-01-01", .help = "first day"},
    {.name = "seed", .kind = SEINE_OPTION_INT, .metavar = "N", .fallback = "1", .help = "same seed, same bytes"},
    {.name = "style",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "YEAR",
     .fallback = "2025",
     .help = "names and forms of NOAA's archives of 2018 or 2025"},
    {.name = "format",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FORMAT",
     .fallback = "csv.zst",
     .help = "csv, csv.zst, csv.gz or zip"},
    {.name = "truth",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "where to say what was planted (default DIR/truth.json)"},
    {.name = "force",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "replace files of another run; the same run may always be repeated"},
    {.name = "threads",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "0",
     .least = 0,
     .most = 64,
     .help = "workers, 0 = one per processor; changes no byte"},
};

const seine_command seine_cmd_generate_ais = {
    .name = "generate ais",
    .summary = "Write NOAA-shaped days of made-up traffic, with a file that says what is in them",
    .description =
        "Vessels sail real sea lanes between named ports, moor, anchor and fish. Planted among their fixes are gaps, "
        "duplicates, defective rows of every reason, unknown values, rows of neighbouring days, companions and an MMSI "
        "that two vessels share. The truth file lists them with exact numbers. Together the files hold days x vessels "
        "x 86400 / interval rows: with the defaults 864,000.",
    .example = "seine generate ais --out days --days 3 --vessels 1000\n"
               "seine generate ais --out big --days 1 --vessels 15000 --interval 160",
    .options = options_of_generate,
    .option_count = sizeof options_of_generate / sizeof *options_of_generate,
    .run = run_generate,
};
