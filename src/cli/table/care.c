/* seine table orphans|expire: finding and removing what a lake no longer needs. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "io/clock.h"
#include "table/catalog/catalog.h"

#include <math.h>
#include <inttypes.h>
#include <stdio.h>

#define OUTPUT_MAX_BYTES ((size_t)1 << 30)

/* Lake, output, and the tables named on the command line. When none is: all of the catalog; then one that cannot be
 * read is told and passed over. */
typedef struct care {
    seine_args *args;
    seine_catalog *catalog;
    seine_arena arena;
    const char *const *names;
    size_t count;
    bool is_all; /* no table was named */
    int64_t older_than_us;
    seine_buf out;
    seine_json_writer json;
    seine_error *error;
} care;

static seine_status begin(care *c, seine_args *args, bool writes, seine_error *error) {
    c->args = args;
    c->error = error;
    seine_buf_init(&c->out, OUTPUT_MAX_BYTES);
    c->json = seine_json_writer_to(&c->out);
    c->older_than_us = seine_clock_now_us() - (int64_t)(seine_args_number(args, "older-than") * (double)SEINE_HOUR_US);
    c->names = seine_args_list(args, NULL, &c->count);
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &c->catalog, error));
    if (writes) SEINE_TRY(seine_catalog_check_writable(c->catalog, error));
    if (c->count > 0) return SEINE_OK;
    const char **names = NULL;
    c->is_all = true;
    SEINE_TRY(seine_catalog_tables(c->catalog, &c->arena, &names, &c->count, error));
    c->names = names;
    return SEINE_OK;
}

/* @return OK to go on with the next table. */
static seine_status pass_over(care *c, const char *name, seine_status status) {
    if (!c->is_all || status == SEINE_E_NOMEM || status == SEINE_E_BUSY || status == SEINE_E_AWAY ||
        status == SEINE_E_INTERRUPTED)
        return status;
    seine_cli_note(c->args, "%s is passed over: %s", name, c->error->text);
    *c->error = (seine_error){SEINE_OK, ""};
    return SEINE_OK;
}

static void end(care *c) {
    seine_catalog_close(c->catalog);
    seine_arena_free(&c->arena);
    seine_buf_free(&c->out);
}

/* What was gathered is printed as lines also when a later table failed. */
static seine_status print(const care *c, seine_status made) {
    if (seine_args_json(c->args)) return made == SEINE_OK ? seine_cli_print_json(&c->json, c->error) : made;
    if (made == SEINE_OK) return seine_cli_print(&c->out, SEINE_OK, c->error);
    seine_best_effort(seine_cli_print(&c->out, SEINE_OK, NULL)); /* the first failure is the one to tell */
    return made;
}

static seine_status orphans_of(care *c, const char *name, bool remove, size_t *total) {
    char **paths = NULL;
    size_t count = 0;
    const seine_status status =
        seine_table_orphans(c->catalog, name, c->older_than_us, remove, &c->arena, &paths, &count, c->error);
    if (status != SEINE_OK) return pass_over(c, name, status);
    for (size_t i = 0; i < count; i++) {
        if (!seine_args_json(c->args)) {
            SEINE_TRY(seine_buf_printf(&c->out, "%s\n", paths[i]));
            continue;
        }
        seine_json_begin_object(&c->json);
        seine_json_field_text(&c->json, "table", name);
        seine_json_field_text(&c->json, "path", paths[i]);
        seine_json_field_bool(&c->json, "removed", remove);
        seine_json_end_object(&c->json);
    }
    *total += count;
    return SEINE_OK;
}

static seine_status run_orphans(seine_args *args, seine_error *error) {
    care c SEINE_OWNED(end) = {0};
    size_t total = 0;
    const bool remove = seine_args_flag(args, "remove");
    SEINE_TRY(begin(&c, args, remove, error));
    if (seine_args_json(args)) seine_json_begin_array(&c.json);
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < c.count && status == SEINE_OK; i++) status = orphans_of(&c, c.names[i], remove, &total);
    if (seine_args_json(args)) seine_json_end_array(&c.json);
    if (status == SEINE_OK)
        seine_cli_note(args, "%s %s", seine_count((int64_t)total, "orphan").text,
                       remove ? "removed" : "found; --remove deletes them");
    return print(&c, status);
}

static seine_status expire_one(care *c, const char *name) {
    size_t snapshots = 0, files = 0;
    const seine_expiry how = {.older_than_us = c->older_than_us,
                              .keep = (int)seine_args_int(c->args, "keep"),
                              .progress = seine_cli_progress(c->args)};
    const seine_status status = seine_table_expire(c->catalog, name, &how, &snapshots, &files, c->error);
    if (status != SEINE_OK) return pass_over(c, name, status);
    if (!seine_args_json(c->args) && seine_args_quiet(c->args)) return SEINE_OK;
    if (!seine_args_json(c->args))
        return seine_buf_printf(&c->out, "%-26s %6zu snapshots expired, %6zu files deleted\n", name, snapshots, files);
    seine_json_begin_object(&c->json);
    seine_json_field_text(&c->json, "table", name);
    seine_json_field_int(&c->json, "snapshots_expired", (int64_t)snapshots);
    seine_json_field_int(&c->json, "files_deleted", (int64_t)files);
    seine_json_end_object(&c->json);
    return SEINE_OK;
}

/* From now on commits do it by themselves. */
static seine_status keep_rule(const care *c) {
    const seine_history history = {.hours = (int64_t)ceil(seine_args_number(c->args, "older-than")),
                                   .keep = seine_args_int(c->args, "keep")};
    if (!seine_args_flag(c->args, "always")) return SEINE_OK;
    if (history.hours < 1)
        return seine_fail(c->error, SEINE_E_USAGE,
                          "--always with --older-than 0 would take files from who reads them: give an hour or more");
    if (!c->is_all)
        return seine_fail(c->error, SEINE_E_USAGE, "--always is for all tables of a lake: name none of them");
    return seine_history_set(c->catalog, history, c->error);
}

static seine_status run_expire(seine_args *args, seine_error *error) {
    care c SEINE_OWNED(end) = {0};
    SEINE_TRY(begin(&c, args, true, error));
    SEINE_TRY(keep_rule(&c));
    if (seine_args_json(args)) seine_json_begin_array(&c.json);
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < c.count && status == SEINE_OK; i++) status = expire_one(&c, c.names[i]);
    if (seine_args_json(args)) seine_json_end_array(&c.json);
    return print(&c, status);
}

static const seine_option orphan_options[] = {
    {.name = "older-than",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "72",
     .least = 0,
     .most = 876000,
     .help = "look only at files changed before that; a running command's files are young"},
    {.name = "remove", .kind = SEINE_OPTION_FLAG, .fallback = "off", .help = "delete them"},
};
static const seine_option expire_options[] = {
    {.name = "older-than",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "120",
     .least = 0,
     .most = 876000,
     .help = "expire snapshots made before that"},
    {.name = "keep",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "1",
     .least = 1,
     .most = 1000000,
     .help = "newest snapshots that stay in any case"},
    {.name = "always",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "from now on every commit keeps the lake so by itself, in whole hours"},
};

const seine_command seine_cmd_table_orphans = {
    .name = "table orphans",
    .summary = "List files that no table refers to, left by interrupted commands",
    .positional = "[TABLE…]",
    .description = "Looks below the folders of the tables named, or of all tables.",
    .example = "seine table orphans --lake lake\nseine table orphans --lake lake --older-than 24 --remove",
    .options = orphan_options,
    .option_count = sizeof orphan_options / sizeof *orphan_options,
    .needs_lake = true,
    .run = run_orphans};
const seine_command seine_cmd_table_expire = {
    .name = "table expire",
    .summary = "Forget old snapshots and delete the files only they need",
    .positional = "[TABLE…]",
    .description =
        "The current state of a table always stays, and whatever a branch or tag holds. Time travel reaches back\n"
        "only as far as the snapshots that are left. By itself a lake keeps those of 24 hours, and 100 of each table,\n"
        "and up to as many again, which go together, at most 128 with one commit; --always sets other numbers.",
    .example = "seine table expire --lake lake --older-than 48 --keep 3 silver.ais\n"
               "seine table expire --lake lake --older-than 720 --keep 1000 --always",
    .options = expire_options,
    .option_count = sizeof expire_options / sizeof *expire_options,
    .needs_lake = true,
    .run = run_expire};
