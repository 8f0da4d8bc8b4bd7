/* seine copy: a lake in a second place, with all its history. */
#include "table/copy/copy.h"

#include "base/json.h"
#include "base/number.h"
#include "base/try.h"
#include "cli/target.h"

#include <stdio.h>

static seine_status print_json(const seine_copy_report *report, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, 1 << 20);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "from", report->from);
    seine_json_field_text(&w, "to", report->to);
    seine_json_field_bool(&w, "was_whole", report->was_whole);
    seine_json_field_int(&w, "tables", (int64_t)report->tables);
    seine_json_field_int(&w, "elsewhere", (int64_t)report->elsewhere);
    seine_json_field_int(&w, "others", (int64_t)report->others);
    seine_json_field_int(&w, "files", (int64_t)report->files);
    seine_json_field_int(&w, "bytes", report->bytes);
    seine_json_field_int(&w, "there", (int64_t)report->there);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

static void print_text(seine_args *args, const seine_copy_report *report) {
    if (report->was_whole)
        printf("Nothing was left to do: %s is a copy of %s.\n", report->to, report->from);
    else
        printf("Copied %s to %s: %s, %s, %.1f MB; %s there already.\n", report->from, report->to,
               seine_count((int64_t)report->tables, "table").text, seine_count((int64_t)report->files, "file").text,
               (double)report->bytes / 1e6, seine_count((int64_t)report->there, "file").text);
    printf("Next: seine verify --deep --lake %s\n", seine_cli_word(args, report->to));
    if (report->elsewhere > 0)
        printf("%s outside of the lake, named by the copy as before.\n",
               seine_count((int64_t)report->elsewhere, "table").text);
    if (report->others > 0)
        printf("%s of other catalogs in the same file left out.\n", seine_count((int64_t)report->others, "table").text);
}

static seine_status run(seine_args *args, seine_error *error) {
    size_t count;
    const char *const *lakes = seine_args_list(args, NULL, &count);
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_copy_report report = {0};
    if (seine_args_flag(args, "create-bucket")) SEINE_TRY(seine_target_make_bucket(lakes[1], error));
    const seine_copy_options options = {.from = lakes[0],
                                        .to = lakes[1],
                                        .catalog = seine_args_text(args, "catalog"),
                                        .threads = (size_t)seine_args_int(args, "threads"),
                                        .progress = seine_cli_progress(args)};
    const seine_status status = seine_lake_copy(&options, &arena, &report, error);
    seine_cli_progress_end(args);
    if (status != SEINE_OK) return status;
    if (seine_args_json(args)) return print_json(&report, error);
    if (!seine_args_quiet(args)) print_text(args, &report);
    return SEINE_OK;
}

static const seine_option options_list[] = {
    {.name = "catalog",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "PLACE",
     .help =
         "where the catalog of the copy is to be: postgresql://USER@HOST:PORT/DATABASE, a file of this machine; not "
         "given: in the folder"},
    SEINE_CREATE_BUCKET_OPTION,
    {.name = "threads",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "8",
     .least = 1,
     .most = 64,
     .help = "files that are copied at once"},
};

const seine_command seine_cmd_copy = {
    .name = "copy",
    .summary = "Copy a lake to another place, with all its history",
    .positional = "LAKE TARGET",
    .description =
        "Makes TARGET, a folder or s3://BUCKET/NAME that is empty or not there, a lake with everything LAKE has: "
        "tables with all snapshots, archives, ledger, runs, seine.yaml, models. Each may have its catalog in SQLite or "
        "PostgreSQL; a password for that of TARGET comes from PGPASSWORD, ~/.pgpass or --catalog, SEINE_CATALOG is "
        "LAKE's.\n\n"
        "The copy is of one moment: the catalog is read at once, then the files that it names. LAKE is only read, and "
        "others may write to it meanwhile: what they commit from then on is not in the copy. A copy is made once: a "
        "TARGET that is a lake is refused. To bring the rest, stop the writers, remove the copy, and copy again.\n\n"
        "TARGET is no lake before the end, when its catalog appears in one transaction. After Ctrl-C, a failure or "
        "kill -9 the same command goes on where it was: files that are there with the same bytes are not sent again.",
    .example = "seine copy lake s3://datalake/seine --create-bucket --catalog "
               "postgresql://lake@db.example.org/iceberg_catalog\n"
               "seine copy s3://datalake/seine lake\n"
               "seine copy lake backup/lake",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .makes_lake = true,
    .run = run};
