/* A copy from its beginning to its end (copy.h): what the target is, the source's state, files, the catalog. */
#include "table/copy/copy.h"

#include "base/shell.h"
#include "base/try.h"
#include "io/file.h"
#include "io/store/store.h"
#include "table/copy/internal.h"
#include "table/migrate.h"
#include "table/relocate/move.h"

#include <stdlib.h>

static seine_status no_memory(seine_error *error) { return seine_no_memory(error, "copying a lake"); }

/* ---- places ---- */

static seine_status check_apart(const char *from, const char *to, seine_error *error) {
    if (strcmp(from, to) == 0)
        return seine_fail(error, SEINE_E_USAGE, "%s is the lake itself: name another place for the copy", to);
    if (!seine_move_is_below(from, to) && !seine_move_is_below(to, from)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "%s and %s lie in one another: name another place for the copy", from, to);
}

/* The target as it will be called. A folder is made for that, since names may lead anywhere. */
static seine_status find_target(seine_copy *copy, bool *is_made, seine_error *error) {
    seine_file_info info;
    char *path = NULL;
    SEINE_TRY(seine_file_absolute(copy->options->to, &copy->arena, &path, error));
    SEINE_TRY(seine_place_check(path, error));
    SEINE_TRY(check_apart(copy->from, path, error));
    SEINE_TRY(seine_file_stat(path, &info, error));
    if (info.kind == SEINE_FILE_PLAIN || info.kind == SEINE_FILE_OTHER)
        return seine_fail(error, SEINE_E_USAGE, "%s is a file: a lake is a folder, or s3://BUCKET/NAME", path);
    SEINE_TRY(seine_file_make_folders(path, error));
    *is_made = info.kind == SEINE_FILE_NONE;
    copy->to = path;
    SEINE_TRY(seine_file_real(path, &copy->arena, &path, error));
    copy->catalog.lake = copy->to = path;
    SEINE_TRY(seine_place_check(path, error));
    return check_apart(copy->from, path, error);
}

/* ---- what is there ---- */

/* Whether it is what a run has left that was killed as the file got its name. */
static bool is_temp_of(seine_str ending, const char *name) {
    return seine_file_is_temp(name) && seine_str_ends_with_nocase(seine_str_of(name), ending);
}

static seine_status list_target(seine_copy *copy, bool is_ours, seine_error *error) {
    seine_file_entry *entries = NULL;
    size_t count = 0, kept = 0;
    seine_error why = {0};
    const seine_status status = seine_file_list(copy->to, true, &copy->arena, &entries, &count, &why);
    if (status != SEINE_OK && status != SEINE_E_NOT_FOUND) return seine_fail(error, status, "%s", why.text);
    const char *foreign = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(entries[i].name, SEINE_COPY_MARK) == 0) continue;
        if (!is_temp_of(SEINE_STR("-" SEINE_COPY_MARK), entries[i].name)) foreign = entries[i].name;
        entries[kept++] = entries[i];
    }
    copy->there = entries;
    copy->there_count = kept;
    if (foreign == NULL || is_ours) return SEINE_OK;
    return seine_fail(error, SEINE_E_EXISTS, "%s is not empty (%s): name another place for the copy", copy->to,
                      foreign);
}

/* What the target is: a lake, ours from an attempt before this one, or nothing. *is_whole: all is there but the end. */
static seine_status look_at_target(seine_copy *copy, bool *is_whole, seine_error *error) {
    const char *file = NULL, *address = NULL;
    seine_error why = {0};
    SEINE_TRY(seine_catalog_find(copy->to, &copy->arena, &file, &address, error));
    seine_status status = seine_copy_find_mark(copy, &copy->catalog.goes_on, file != NULL ? NULL : error);
    *is_whole = file != NULL && status == SEINE_OK && copy->catalog.goes_on;
    if (file != NULL && !*is_whole)
        return seine_fail(error, SEINE_E_EXISTS,
                          "%s is a lake already: a copy is made once; name another place, or remove that lake first",
                          copy->to);
    if (status != SEINE_OK || *is_whole) return status;
    SEINE_TRY(list_target(copy, copy->catalog.goes_on, error));
    status = seine_new_catalog_place(&copy->catalog, &why);
    *is_whole = status == SEINE_E_EXISTS && copy->catalog.goes_on;
    if (*is_whole) { /* the catalog is there, but the file that says where is not */
        status = seine_new_catalog_appear(&copy->catalog, &why);
        if (status == SEINE_E_EXISTS) return SEINE_OK;
    }
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}

/* ---- from the beginning to the end ---- */

/* From the mark on, the target is ours. *is_whole as look_at_target. */
static seine_status take_target(seine_copy *copy, bool *is_whole, seine_error *error) {
    SEINE_TRY(seine_copy_make_mark(copy, error));
    SEINE_TRY(look_at_target(copy, is_whole, error));
    if (*is_whole) return SEINE_OK;
    if (!copy->catalog.goes_on) SEINE_TRY(seine_new_catalog_rehearse(&copy->catalog, error));
    return seine_copy_put_mark(copy, error);
}

static seine_status prepare(seine_copy *copy, bool *is_whole, seine_error *error) {
    bool is_made = false;
    seine_status status = find_target(copy, &is_made, error);
    if (status == SEINE_OK) status = take_target(copy, is_whole, error);
    if (status != SEINE_OK && is_made) seine_best_effort(seine_file_remove(copy->to, NULL)); /* while it is empty */
    return status;
}

/* The log through which others read (table/db/db.h) is left by whoever has opened a catalog that is a file. */
static void leave_log(const char *db_path) {
    seine_db *db = NULL;
    int64_t format = 0;
    if (db_path == NULL || seine_db_open(db_path, false, &db, NULL) != SEINE_OK) return;
    seine_best_effort(seine_db_format(db, &format, NULL));
    seine_db_close(db);
}

static void remove_half_catalogs(const seine_copy *copy) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    if (seine_file_list(copy->to, false, &arena, &entries, &count, NULL) != SEINE_OK) return;
    for (size_t i = 0; i < count; i++) {
        if (!is_temp_of(SEINE_STR("-" SEINE_CATALOG_FILE), entries[i].name)) continue;
        const char *path = seine_file_join(&arena, copy->to, entries[i].name);
        if (path != NULL) seine_best_effort(seine_file_remove(path, NULL));
    }
}

/* What is missing may have been removed since: it was there when the state was taken. */
static seine_status explain(const seine_copy *copy, seine_status status, const seine_error *why, seine_error *error) {
    if (status == SEINE_E_INTERRUPTED)
        return seine_fail(error, status, "interrupted; the same command goes on where it was");
    if (status != SEINE_E_NOT_FOUND) return seine_fail(error, status, "%s", why->text);
    return seine_fail(error, status,
                      "%s; if snapshots of %s were removed meanwhile, run the command again, else seine verify tells"
                      " what is missing",
                      why->text, copy->from);
}

static seine_status copy_files(seine_copy *copy, seine_error *error) {
    seine_error why = {0};
    seine_status status = seine_copy_plan(copy, &why);
    if (status == SEINE_OK) status = seine_copy_transfer(copy, &why);
    return status == SEINE_OK ? SEINE_OK : explain(copy, status, &why, error);
}

/* Of the report. */
static seine_status name_places(const seine_copy *copy, seine_arena *arena, seine_error *error) {
    copy->report->from = seine_arena_copy(arena, copy->from, strlen(copy->from));
    copy->report->to = seine_arena_copy(arena, copy->to, strlen(copy->to));
    return copy->report->from != NULL && copy->report->to != NULL ? SEINE_OK : no_memory(error);
}

/* Nobody waits for the copy: the source is closed as soon as its state is known. */
static seine_status copy_lake(seine_copy *copy, seine_catalog **source, seine_arena *arena, seine_error *error) {
    const char *from = seine_catalog_path(*source);
    copy->from = seine_arena_copy(&copy->arena, from, strlen(from));
    if (copy->from == NULL) return no_memory(error);
    SEINE_TRY(prepare(copy, &copy->report->was_whole, error));
    if (!copy->report->was_whole) {
        SEINE_TRY(seine_copy_read_state(copy, *source, error));
        seine_catalog_close(SEINE_TAKE(*source));
        SEINE_TRY(copy_files(copy, error));
        SEINE_TRY(seine_copy_turn_state(copy, error));
        SEINE_TRY(seine_copy_is_ours(copy, error));
        SEINE_TRY(seine_new_catalog_appear(&copy->catalog, error));
    }
    if (copy->report->was_whole) remove_half_catalogs(copy);
    leave_log(copy->catalog.db_path);
    SEINE_TRY(name_places(copy, arena, error));
    return seine_file_remove(copy->mark, error); /* last: without it nobody goes on */
}

/* A copy is of this program's format, and to bring the source to it would be to write in it. */
static seine_status open_source(const char *lake, seine_catalog **source, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    SEINE_TRY(seine_catalog_open_as_it_is(lake, source, error));
    if ((*source)->format == SEINE_LAKE_FORMAT) return SEINE_OK;
    const char *path = seine_catalog_path(*source), *word = seine_shell_word(path, &arena);
    return seine_fail(
        error, SEINE_E_USAGE,
        "the catalog of %s is of an earlier release, and a copy changes nothing in its source: bring it up "
        "to date with: seine status --lake %s",
        path, word != NULL ? word : path);
}

seine_status seine_lake_copy(const seine_copy_options *options, seine_arena *arena, seine_copy_report *report,
                             seine_error *error) {
    seine_catalog *source SEINE_OWNED(seine_catalog_close_owned) = NULL;
    *report = (seine_copy_report){0};
    if (options->catalog == NULL && seine_is_address(options->to))
        return seine_fail(error, SEINE_E_USAGE,
                          "%s: a catalog cannot lie in a bucket: say where it is to be, by --catalog", options->to);
    SEINE_TRY(seine_new_catalog_check(options->to, options->catalog, error));
    SEINE_TRY(open_source(options->from, &source, error));
    seine_copy copy = {
        .options = options, .report = report, .catalog = {.address = options->catalog, .fill = seine_copy_fill}};
    copy.catalog.arena = &copy.arena;
    copy.catalog.context = &copy;
    (void)pthread_mutex_init(&copy.mutex, NULL);
    const seine_status status = copy_lake(&copy, &source, arena, error);
    seine_db_close(copy.state);
    seine_dict_free(&copy.row_names);
    seine_dict_free(&copy.names);
    (void)pthread_mutex_destroy(&copy.mutex);
    seine_arena_free(&copy.arena);
    return status;
}
