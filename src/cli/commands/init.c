/* seine init: an empty lake. */
#include "base/json.h"
#include "cli/cli.h"

#include "base/try.h"
#include "io/store/stores.h"
#include "table/catalog/catalog.h"

#include <stdio.h>

static const char settings_text[] =
    "# Settings of this lake: values here hold unless the environment (SEINE_…) or the command line says otherwise.\n"
    "# `seine help COMMAND` and docs/configuration.md list them all.\n"
    "\n"
    "# min-gap-length: 6    # hours of silence that make a gap\n"
    "# n-hours-before: 12   # hours before a gap in which fixes are counted\n";

static seine_status write_settings(const char *lake, seine_error *error) {
    seine_arena arena = {0};
    char *path = seine_file_join(&arena, lake, "seine.yaml");
    seine_status status = SEINE_OK;
    if (path == NULL)
        status = seine_fail(error, SEINE_E_NOMEM, "out of memory");
    else if (!seine_file_exists(path))
        status = seine_file_write(path, settings_text, sizeof settings_text - 1, SEINE_FILE_NEW, error);
    seine_arena_free(&arena);
    return status;
}

/* A lake that is there already is what was asked for, unless it should have another number of buckets. */
static seine_status make_lake(seine_args *args, const char *lake, int *buckets, bool *is_new, seine_error *error) {
    seine_catalog *catalog = NULL;
    seine_store *store = NULL;
    const char *key = NULL;
    seine_status status = SEINE_OK;
    if (seine_args_flag(args, "create-bucket")) {
        if (!seine_is_address(lake))
            return seine_fail(error, SEINE_E_USAGE, "--create-bucket: %s is no lake in a bucket: s3://BUCKET/NAME",
                              lake);
        status = seine_stores_find(lake, &store, &key, error);
        if (status == SEINE_OK) status = store->ops->make(store, error);
        if (status != SEINE_OK) return status;
    }
    status = seine_catalog_create_in(lake, seine_args_text(args, "catalog"), *buckets, error);
    *is_new = status != SEINE_E_EXISTS;
    if (*is_new) return status;
    SEINE_TRY(seine_catalog_open(lake, &catalog, error));
    const int found = seine_catalog_buckets(catalog);
    seine_catalog_close(catalog);
    if (seine_args_given(args, "buckets") && found != *buckets)
        return seine_fail(error, SEINE_E_EXISTS, "%s is a lake already, with %d buckets a day, which never change",
                          lake, found);
    *buckets = found;
    return SEINE_OK;
}

static int run(seine_args *args) {
    size_t count;
    const char *const *names = seine_args_list(args, NULL, &count);
    seine_error error = {SEINE_OK, ""};
    if (count != 1) {
        (void)seine_fail(&error, SEINE_E_USAGE, "give one folder: seine init LAKE");
        return seine_cli_fail(args, &error);
    }
    int buckets = (int)seine_args_int(args, "buckets");
    bool is_new = true;
    seine_status status = make_lake(args, names[0], &buckets, &is_new, &error);
    if (status == SEINE_OK) status = write_settings(names[0], &error);
    if (status != SEINE_OK) return seine_cli_fail(args, &error);
    if (seine_args_json(args)) {
        seine_buf out;
        seine_buf_init(&out, 1 << 16);
        seine_json_writer w = seine_json_writer_to(&out);
        seine_json_begin_object(&w);
        seine_json_key(&w, SEINE_STR("lake"));
        seine_json_put_text(&w, seine_str_of(names[0]));
        seine_json_key(&w, SEINE_STR("buckets"));
        seine_json_put_int(&w, buckets);
        seine_json_key(&w, SEINE_STR("made"));
        seine_json_put_bool(&w, is_new);
        seine_json_end_object(&w);
        printf("%.*s\n", (int)out.size, (const char *)out.data);
        seine_buf_free(&out);
    } else {
        if (!seine_args_quiet(args))
            printf("%s %s (%d buckets a day).\nNext: seine ingest --lake %s FILE…\n",
                   is_new ? "Made the lake" : "Nothing to do: there is the lake", names[0], buckets,
                   seine_cli_word(args, names[0]));
    }
    return 0;
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
     .metavar = "FILE",
     .setting = true,
     .help = "keep the catalog in this file; a lake in a bucket needs one"},
    {.name = "create-bucket",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "make the bucket too; one that is yours already is fine"},
};

const seine_command seine_cmd_init = {
    .name = "init",
    .summary = "Make an empty lake",
    .positional = "LAKE",
    .description = "Makes a folder with a catalog (catalog.db), every table of docs/data_contracts.md, empty,\n"
                   "and a settings file (seine.yaml). LAKE may be s3://BUCKET/NAME: then --catalog says where the\n"
                   "catalog is, on this machine (docs/buckets.md).",
    .example = "seine init lake\nseine init --buckets 1 small-lake\n"
               "seine init --catalog /var/lib/seine/catalog.db s3://datalake/seine",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .makes_lake = true,
    .run = run};
