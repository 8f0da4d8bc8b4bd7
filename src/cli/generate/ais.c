/* `seine generate ais`: test and demo traffic, as day archives or as the guide's CSV (guide.c). */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/generate/generate.h"
#include "cli/target.h"
#include "generate/archive.h"

#include <stdio.h>
#include <string.h>

#define RESULT_MAX_BYTES 4096
#define TRUTH_MAX_BYTES ((size_t)1 << 30)

static const char *const styles[] = {"2018", "2025"};
static const char *const shapes[] = {"noaa", "guide"};
static const char *const formats[] = {"csv", "csv.zst", "csv.gz", "zip"};

/* @return the place of @p text in @p words, or @p count after an error text naming them all. */
static size_t choose(const char *option, const char *text, const char *const *words, size_t count, seine_error *error) {
    char all[64] = "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) return i;
        strncat(all, i > 0 ? ", " : "", sizeof all - strlen(all) - 1);
        strncat(all, words[i], sizeof all - strlen(all) - 1);
    }
    (void)seine_fail(error, SEINE_E_USAGE, "--%s: \"%s\" is none of %s", option, text, all);
    return count;
}

static seine_status read_options(const seine_args *args, seine_generate_options *options, seine_error *error) {
    const size_t style_count = sizeof styles / sizeof *styles, format_count = sizeof formats / sizeof *formats;
    const size_t style = choose("style", seine_args_text(args, "style"), styles, style_count, error);
    if (style == style_count) return SEINE_E_USAGE;
    const size_t format = choose("format", seine_args_text(args, "format"), formats, format_count, error);
    if (format == format_count) return SEINE_E_USAGE;
    *options = (seine_generate_options){
        .folder = seine_args_text(args, "out"),
        .truth_path = seine_args_text(args, "truth"),
        .days = (uint32_t)seine_args_int(args, "days"),
        .vessels = (uint32_t)seine_args_int(args, "vessels"),
        .interval_s = (uint32_t)seine_args_int(args, "interval"),
        .seed = (uint64_t)seine_args_int(args, "seed"),
        .style = (seine_generate_style)style,
        .packing = (seine_generate_packing)format,
        .threads = seine_cli_generate_threads(args),
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
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    seine_buf_init(&text, TRUTH_MAX_BYTES);
    seine_date_format(options->first_day, start);
    seine_archive_name(options->style, options->packing, options->first_day, name);
    if (seine_file_read(path, &text, NULL) != SEINE_OK ||
        seine_json_parse(seine_buf_str(&text), path, &json, NULL) != SEINE_OK)
        return false;
    const seine_json_value truth = seine_json_root(json);
    const seine_json_value first = seine_json_at(seine_json_get(truth, "files"), 0);
    return seine_str_equal(seine_json_text(seine_json_get(truth, "start")), seine_str_of(start)) &&
           seine_json_int(seine_json_get(truth, "days"), -1) == options->days &&
           seine_json_int(seine_json_get(truth, "vessels"), -1) == options->vessels &&
           seine_json_int(seine_json_get(truth, "interval_s"), -1) == options->interval_s &&
           seine_json_int(seine_json_get(truth, "seed"), -1) == (int64_t)options->seed &&
           seine_str_equal(seine_json_text(seine_json_get(first, "name")), seine_str_of(name));
}

/* Days of another run are only replaced when that is asked for; the same run may be repeated. */
static seine_status check_files(const seine_args *args, const seine_generate_options *options, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_target_file *files = SEINE_ARENA_ARRAY(&arena, seine_target_file, options->days + 2);
    const char *truth = options->truth_path, *taken = NULL;
    if (truth == NULL) truth = seine_file_join(&arena, options->folder, "truth.json");
    if (files == NULL || truth == NULL) return seine_no_memory(error, "generate");
    files[0] = (seine_target_file){"--out", options->folder, SEINE_TARGET_FOLDER};
    files[1] = (seine_target_file){"--truth", truth, SEINE_TARGET_WRITE};
    for (uint32_t day = 0; day < options->days; day++) {
        char name[64];
        seine_archive_name(options->style, options->packing, options->first_day + (int32_t)day, name);
        const char *path = seine_file_join(&arena, options->folder, name);
        if (path == NULL) return seine_no_memory(error, "generate");
        if (taken == NULL && seine_file_exists(path)) taken = path;
        files[day + 2] = (seine_target_file){"--out", path, SEINE_TARGET_WRITE};
    }
    SEINE_TRY(seine_targets_check(files, options->days + 2, error));
    if (seine_args_flag(args, "force")) return SEINE_OK;
    if (taken == NULL && options->truth_path == NULL && seine_file_exists(truth)) taken = truth;
    if (taken == NULL || is_same_run(truth, options)) return SEINE_OK;
    return seine_fail(error, SEINE_E_EXISTS,
                      "%s is of another run, or one that did not end: name another folder with --out, or --force to "
                      "replace it",
                      taken);
}

static seine_status print_json(const seine_generate_result *result, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, RESULT_MAX_BYTES);
    seine_json_writer json = seine_json_writer_to(&text);
    seine_json_begin_object(&json);
    seine_json_field_int(&json, "files", (int64_t)result->files);
    seine_json_field_int(&json, "bytes", (int64_t)result->bytes);
    seine_json_field_int(&json, "rows", (int64_t)result->rows);
    seine_json_field_int(&json, "rejects", (int64_t)result->rejects);
    seine_json_field_int(&json, "duplicates", (int64_t)result->duplicates);
    seine_json_field_int(&json, "silver_rows", (int64_t)result->silver_rows);
    seine_json_field_int(&json, "closed_gaps", (int64_t)result->closed_gaps);
    seine_json_field_int(&json, "open_gaps", (int64_t)result->open_gaps);
    seine_json_end_object(&json);
    return seine_cli_print_json(&json, error);
}

static seine_status write_days(seine_args *args, seine_error *error) {
    static const char *const others[] = {"rows", NULL};
    seine_generate_options options;
    seine_generate_result result;
    SEINE_TRY(
        seine_cli_generate_without(args, others, "is for --shape guide; --vessels and --interval say how many", error));
    SEINE_TRY(read_options(args, &options, error));
    SEINE_TRY(check_files(args, &options, error));
    SEINE_TRY(seine_generate_ais(&options, seine_cli_progress(args), &result, error));
    seine_cli_progress_end(args);
    if (seine_args_json(args)) return print_json(&result, error);
    printf("%s in %s: %s, among them %s and %s\n", seine_count((int64_t)result.files, "file").text, options.folder,
           seine_count((int64_t)result.rows, "row").text, seine_count((int64_t)result.rejects, "planted defect").text,
           seine_count((int64_t)result.duplicates, "duplicate").text);
    printf("%s of more than 6 h, %llu of them open; see %s\n",
           seine_count((int64_t)(result.closed_gaps + result.open_gaps), "gap").text,
           (unsigned long long)result.open_gaps, options.truth_path != NULL ? options.truth_path : "truth.json there");
    return SEINE_OK;
}

static seine_status run_generate(seine_args *args, seine_error *error) {
    const size_t count = sizeof shapes / sizeof *shapes;
    const size_t shape = choose("shape", seine_args_text(args, "shape"), shapes, count, error);
    if (shape == count) return SEINE_E_USAGE;
    return shape == 0 ? write_days(args, error) : seine_cli_generate_guide(args, error);
}

static const seine_option options_of_generate[] = {
    {.name = "out",
     .letter = 'o',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "DIR",
     .help = "folder of the day files; with --shape guide the file, packed when it ends in .zst or .gz, - for standard "
             "output"},
    {.name = "shape",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "SHAPE",
     .fallback = "noaa",
     .help = "noaa: day archives; guide: one CSV as of the maritime big-data guide"},
    {.name = "rows",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "864000",
     .least = 1,
     .most = 1e9,
     .help = "rows of --shape guide, spread over the days"},
    {.name = "days",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "3",
     .least = 1,
     .most = 366,
     .help = "number of days, one file each"},
    SEINE_GENERATE_VESSELS_OPTION,
    {.name = "interval",
     .kind = SEINE_OPTION_INT,
     .metavar = "SECONDS",
     .fallback = "300",
     .least = 1,
     .most = 7200,
     .help = "time between two fixes of a vessel"},
    SEINE_GENERATE_START_OPTION,
    SEINE_GENERATE_SEED_OPTION,
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
    SEINE_GENERATE_THREADS_OPTION,
};

const seine_command seine_cmd_generate_ais = {
    .name = "generate ais",
    .summary = "Write NOAA-shaped days of made-up traffic, with a file that says what is in them",
    .description =
        "Vessels sail real sea lanes between named ports, moor, anchor and fish. Planted among their fixes are gaps, "
        "duplicates, defective rows of every reason, unknown values, rows of neighbouring days, companions and an MMSI "
        "that two vessels share. The truth file lists them with exact numbers. Together the files hold days x vessels "
        "x 86400 / interval rows: with the defaults 864,000.\n\n"
        "With --shape guide the same fleet, in five types, is one CSV with the columns mmsi, timestamp, latitude, "
        "longitude, speed, vessel_name, vessel_type: exactly --rows rows, of as many vessels as that takes. A few are "
        "repeated or out of range, and every fishing vessel falls silent once before it is seen fishing.",
    .example = "seine generate ais --out days --days 3 --vessels 1000\n"
               "seine generate ais --out big --days 1 --vessels 15000 --interval 160\n"
               "seine generate ais --shape guide --rows 864000 -o ais_data.csv",
    .options = options_of_generate,
    .option_count = sizeof options_of_generate / sizeof *options_of_generate,
    .run = run_generate,
};
