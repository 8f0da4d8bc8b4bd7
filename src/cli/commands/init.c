/* seine init: an empty lake. */
#include "base/json.h"
#include "base/number.h"
#include "base/try.h"
#include "cli/target.h"
#include "table/catalog/catalog.h"

#include <stdio.h>

static const char settings_text[] =
    "# Settings of this lake: values here hold unless the environment (SEINE_…) or the command line says otherwise.\n"
    "# `seine help COMMAND` and docs/configuration.md list them all.\n"
    "\n"
    "# by: mover            # one id is one ship; else segments tell ships of an id apart (docs/segments.md)\n"
    "# min-gap-length: 6    # hours of silence that make a gap\n"
    "# n-hours-before: 12   # hours before a gap in which fixes are counted\n";

static seine_status write_settings(const char *lake, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    char *path = seine_file_join(&arena, lake, "seine.yaml");
    if (path == NULL) return seine_no_memory(error, lake);
    if (seine_file_exists(path)) return SEINE_OK;
    return seine_file_write(path, settings_text, sizeof settings_text - 1, SEINE_FILE_NEW, error);
}

/* A lake that is there already is what was asked for, unless it should have another number of buckets. */
static seine_status make_lake(seine_args *args, const char *lake, int *buckets, bool *is_new, seine_error *error) {
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    if (seine_args_flag(args, "create-bucket")) SEINE_TRY(seine_target_make_bucket(lake, error));
    const seine_status status = seine_catalog_create_in(lake, seine_args_text(args, "catalog"), *buckets, error);
    *is_new = status != SEINE_E_EXISTS;
    if (*is_new) return status;
    SEINE_TRY(seine_catalog_open(lake, &catalog, error));
    const int found = seine_catalog_buckets(catalog);
    if (seine_args_given(args, "buckets") && found != *buckets)
        return seine_fail(error, SEINE_E_EXISTS, "%s is a lake already, with %d buckets a day, which never change",
                          lake, found);
    *buckets = found;
    return SEINE_OK;
}

static seine_status run(seine_args *args, seine_error *error) {
    size_t count;
    const char *lake = seine_args_list(args, NULL, &count)[0];
    int buckets = (int)seine_args_int(args, "buckets");
    bool is_new = true;
    SEINE_TRY(make_lake(args, lake, &buckets, &is_new, error));
    SEINE_TRY(write_settings(lake, error));
    if (seine_args_json(args)) {
        seine_buf out SEINE_OWNED(seine_buf_free);
        seine_buf_init(&out, 1 << 16);
        seine_json_writer w = seine_json_writer_to(&out);
        seine_json_begin_object(&w);
        seine_json_field_text(&w, "lake", lake);
        seine_json_field_int(&w, "buckets", buckets);
        seine_json_field_bool(&w, "made", is_new);
        seine_json_end_object(&w);
        return seine_cli_print_json(&w, error);
    }
    if (!seine_args_quiet(args))
        printf("%s %s (%s a day).\nNext: seine ingest --lake %s FILE…\n",
               is_new ? "Made the lake" : "Nothing to do: there is the lake", lake,
               seine_count((int64_t)buckets, "bucket").text, seine_cli_word(args, lake));
    return SEINE_OK;
}

static const seine_option options[] = {
    {.name = "buckets",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "16",
     .least = 1,
     .most = 1024,
     .help = "files a day of silver is split into by vessel; fixed for good (1 suits small lakes)"},
    {.name = "catalog",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "PLACE",
     .setting = true,
     .help = "keep the catalog elsewhere: postgresql://USER@HOST:PORT/DATABASE (docs/operating.md), or a file of this "
             "machine; a lake in a bucket needs one of them"},
    SEINE_CREATE_BUCKET_OPTION,
};

const seine_command seine_cmd_init = {
    .name = "init",
    .summary = "Make an empty lake",
    .positional = "LAKE",
    .description = "Makes a folder with a catalog (catalog.db, or catalog.url that says where it is), every table of\n"
                   "docs/data_contracts.md, empty, and a settings file (seine.yaml). LAKE may be s3://BUCKET/NAME\n"
                   "(docs/buckets.md).",
    .example = "seine init lake\nseine init --buckets 1 small-lake\n"
               "seine init --catalog postgresql://lake@db.example.org/iceberg_catalog s3://datalake/seine",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .makes_lake = true,
    .run = run};
