/* seine report: what a dataset of a lake holds, as one page, or as files. */
#include "base/json.h"
#include "base/number.h"
#include "base/try.h"
#include "cli/options.h"
#include "cli/report/report.h"
#include "cli/sql/sql.h"
#include "cli/target.h"
#include "engine/watch.h"
#include "io/file.h"

#include <inttypes.h>

#define PAGE_MAX_BYTES ((size_t)256 << 20)
#define JSON_MAX_BYTES ((size_t)1 << 20)

/* What is written, and where to. */
typedef struct output {
    seine_report report;
    const char *page; /* NULL = no page, "-" = standard output */
    seine_file_mode page_mode;
    const char *folder; /* of --csv, NULL = none */
    seine_report_file files[SEINE_REPORT_FILES];
    const char *paths[SEINE_REPORT_FILES];
} output;

static void output_end(output *o) { seine_report_close(&o->report); }

static bool is_standard(const char *path) { return path != NULL && strcmp(path, "-") == 0; }

/* Without --csv, or with -o, there is a page. */
static seine_status choose_page(output *o, seine_error *error) {
    seine_args *args = o->report.args;
    const char *typed = seine_args_text(args, "output");
    o->folder = seine_args_text(args, "csv");
    o->page = typed;
    if (typed == NULL && o->folder == NULL) {
        o->page = seine_arena_printf(&o->report.arena, "%s.html", o->report.dataset->name);
        if (o->page == NULL) return seine_no_memory(error, "report");
    }
    if (is_standard(o->page) && seine_args_json(args))
        return seine_fail(error, SEINE_E_USAGE, "--json prints to standard output, so the page needs -o FILE");
    o->page_mode = seine_target_mode(args, typed != NULL);
    const seine_target_file targets[] = {{"--output", o->page, SEINE_TARGET_WRITE},
                                         {"--csv", o->folder, SEINE_TARGET_FOLDER}};
    SEINE_TRY(seine_targets_check(targets, 2, error));
    return o->page == NULL || is_standard(o->page) ? SEINE_OK : seine_target_check(o->page, o->page_mode, error);
}

/* ---- files of --csv ---- */

static seine_status name_files(output *o, seine_error *error) {
    const seine_file_mode mode = seine_target_mode(o->report.args, false);
    SEINE_TRY(seine_report_files(&o->report, o->files, error));
    for (size_t i = 0; i < SEINE_REPORT_FILES; i++) {
        o->paths[i] = seine_file_join(&o->report.arena, o->folder, o->files[i].name);
        if (o->paths[i] == NULL) return seine_no_memory(error, "report");
        if (mode == SEINE_FILE_NEW && seine_file_exists(o->paths[i]))
            return seine_fail(error, SEINE_E_EXISTS,
                              "%s is there already: name another folder with --csv, or --force to replace it",
                              o->paths[i]);
    }
    return SEINE_OK;
}

/* Under a name of its own first: what is there is not replaced by accident. */
static seine_status write_file(output *o, size_t i, seine_error *error) {
    seine_sql sql = {.args = o->report.args, .engine = o->report.engine};
    const bool is_parquet = seine_str_ends_with_nocase(seine_str_of(o->paths[i]), SEINE_STR(".parquet"));
    const char *temp = seine_file_temp_name(&o->report.arena, o->paths[i]);
    if (temp == NULL) return seine_no_memory(error, "report");
    const seine_sql_target target = {.format = is_parquet ? SEINE_OUTPUT_PARQUET : SEINE_OUTPUT_CSV, .path = temp};
    SEINE_TRY(seine_sql_run(&sql, o->files[i].sql, &target, error));
    return seine_file_publish(temp, o->paths[i], NULL, seine_target_mode(o->report.args, false), error);
}

static seine_status write_files(output *o, seine_error *error) {
    if (o->folder == NULL) return SEINE_OK;
    SEINE_TRY(name_files(o, error));
    SEINE_TRY(seine_file_make_folders(o->folder, error));
    for (size_t i = 0; i < SEINE_REPORT_FILES; i++) SEINE_TRY(write_file(o, i, error));
    return SEINE_OK;
}

/* ---- the page ---- */

static seine_status make_page(output *o, seine_buf *html, seine_error *error) {
    seine_watch *watch SEINE_OWNED(seine_watch_end_owned) = NULL;
    SEINE_TRY(seine_watch_begin(o->report.engine, seine_cli_progress(o->report.args), &watch, error));
    const seine_status status = seine_report_page(&o->report, html, error);
    seine_cli_progress_end(o->report.args);
    return status;
}

static seine_status write_page(output *o, seine_error *error) {
    seine_buf html SEINE_OWNED(seine_buf_free);
    seine_buf_init(&html, PAGE_MAX_BYTES);
    if (o->page == NULL) return SEINE_OK;
    SEINE_TRY(make_page(o, &html, error));
    if (is_standard(o->page)) return seine_cli_print(&html, SEINE_OK, error);
    return seine_file_write(o->page, html.data, html.size, o->page_mode, error);
}

/* ---- the command ---- */

static seine_status print_json(const output *o, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, JSON_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "dataset", o->report.dataset->name);
    seine_json_field_int(&w, "rows", seine_table_rows(o->report.tables[SEINE_REPORT_SILVER]));
    seine_json_field_text(&w, "page", o->page);
    seine_json_field_array(&w, "files");
    for (size_t i = 0; i < SEINE_REPORT_FILES && o->folder != NULL; i++)
        seine_json_put_text(&w, seine_str_of(o->paths[i]));
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

static seine_status tell(const output *o, seine_error *error) {
    const seine_report *report = &o->report;
    if (seine_args_json(report->args)) return print_json(o, error);
    const int64_t rows = seine_table_rows(report->tables[SEINE_REPORT_SILVER]);
    if (o->page != NULL && !is_standard(o->page))
        seine_cli_note(report->args, "%s: %s of %s", o->page, seine_count((int64_t)rows, "row").text,
                       report->dataset->name);
    for (size_t i = 0; i < SEINE_REPORT_FILES && o->folder != NULL; i++)
        seine_cli_note(report->args, "%s", o->paths[i]);
    return SEINE_OK;
}

static seine_status run(seine_args *args, seine_error *error) {
    output o SEINE_OWNED(output_end) = {.report.args = args};
    size_t count = 0;
    const char *name = seine_args_list(args, NULL, &count)[0];
    SEINE_TRY(seine_report_open(&o.report, name, error));
    SEINE_TRY(choose_page(&o, error));
    SEINE_TRY(write_files(&o, error));
    SEINE_TRY(write_page(&o, error));
    return tell(&o, error);
}

static const seine_option options_list[] = {
    {.name = "output",
     .letter = 'o',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "the page, - for standard output; when not given NAME.html in the current folder, unless that is taken, "
             "or no page with --csv"},
    {.name = "csv",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "DIR",
     .help = "folder for files of last states, of top speeds or of rows per day, and of texts that look like SQL; none "
             "that is there is replaced without --force"},
    {.name = "columns",
     .kind = SEINE_OPTION_LIST,
     .metavar = "NAME,…",
     .help = "texts in which SQL is looked for (default: the id)"},
    SEINE_FORCE_OPTION,
    SEINE_THREADS_OPTION,
};

const seine_command seine_cmd_report = {
    .name = "report",
    .summary = "tell what a dataset holds, as one page or as files",
    .positional = "NAME",
    .description =
        "Makes one page that needs nothing else, no script and no network: what became of the rows that came in, rows "
        "per hour, each measure's values, missing values, values that recur, duplicates, refused rows by reason, times "
        "between the messages of a mover, a map, last states, top speeds where gold has them, and texts that look like "
        "SQL. Every figure is asked of the lake's tables and ledger as they are in one moment; times are UTC.\n\n"
        "--csv writes the files of the vehicle exercise where gold has last states and top speeds of the dataset: "
        "vin_last_state.parquet, top_fastest_per_hour.csv and sql_injection_report.csv; of other datasets the last "
        "state of each mover, rows and movers per day, and the last of these.",
    .example = "seine report ais --lake lake\n"
               "seine report telematics --lake lake -o report.html --csv reports --columns vin,model",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
