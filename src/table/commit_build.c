/* What a commit will do: its files and tables, kept until it runs (commit.c). */
#include "table/commit.h"

#include "base/array.h"
#include "base/threads.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/changed_files.h"
#include "table/file_ledger.h"

#include <stdlib.h>

seine_status seine_commit_begin(seine_catalog *catalog, const char *operation_note, seine_commit **commit,
                                seine_error *error) {
    *commit = NULL;
    const seine_status is_current = seine_catalog_upgrade(catalog, error);
    if (is_current != SEINE_OK) return is_current;
    if (catalog->hinted == NULL) seine_hints_repair(catalog, NULL, 0);
    seine_commit *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "commit");
    made->catalog = catalog;
    made->queue = &made->ops;
    made->batch = seine_file_batch_new();
    seine_status status = made->batch != NULL ? seine_uuid4(made->id, error) : seine_no_memory(error, "commit");
    if (status == SEINE_OK && operation_note != NULL) {
        made->note = seine_arena_copy(&made->arena, operation_note, strlen(operation_note));
        if (made->note == NULL) status = seine_no_memory(error, "commit");
    }
    if (status == SEINE_OK)
        *commit = made;
    else
        seine_commit_abort(made);
    return status;
}

void seine_commit_take_batch(seine_commit *commit, seine_file_batch *batch) {
    seine_file_batch_free(commit->batch);
    commit->batch = batch;
    seine_file_batch_begin_end(batch);
}

void seine_commit_allow_rebase(seine_commit *commit) { commit->may_rebase = true; }

void seine_commit_abort(seine_commit *commit) {
    if (commit == NULL) return;
    for (seine_change *change = commit->changes; change != NULL; change = change->next) {
        seine_dict_free(&change->live);
        if (change->base != change->table) seine_table_close(change->base);
    }
    seine_file_batch_free(commit->batch);
    seine_arena_free(&commit->arena);
    free(commit);
}

/* ---- which files ---- */

static seine_status fill_change(seine_commit *commit, seine_change *change, seine_error *error) {
    seine_table *table = change->table;
    change->is_removed = SEINE_ARENA_ARRAY(&commit->arena, bool, table->file_count);
    if (change->is_removed == NULL) return seine_no_memory(error, "commit");
    for (size_t i = 0; i < table->file_count; i++) {
        uint32_t code;
        seine_status status = seine_dict_intern(&change->live, seine_str_of(table->files[i].file.path), &code);
        if (status != SEINE_OK) return seine_fail(error, status, "table %s: too many files", table->name);
        if (code != i) /* codes count up; this one was there before */
            return seine_fail(error, SEINE_E_FORMAT, "table %s: file %s is live twice", table->name,
                              table->files[i].file.path);
    }
    return SEINE_OK;
}

seine_status seine_commit_change(seine_commit *commit, seine_table *table, seine_change **change, seine_error *error) {
    seine_change **at = &commit->changes;
    while (*at != NULL && strcmp((*at)->table->name, table->name) < 0) at = &(*at)->next;
    if (*at != NULL && strcmp((*at)->table->name, table->name) == 0) {
        *change = *at;
        if ((*at)->table == table) return SEINE_OK;
        return seine_fail(error, SEINE_E_INTERNAL, "table %s was loaded twice for one commit", table->name);
    }
    if (table->is_past)
        return seine_fail(error, SEINE_E_USAGE, "table %s: an older state cannot be written to", table->name);
    if (!table->is_writable)
        return seine_fail(error, SEINE_E_UNSUPPORTED,
                          "table %s cannot be written: format version 1 or foreign partition fields", table->name);
    SEINE_TRY(seine_table_list(table, error));
    seine_change *made = seine_arena_alloc(&commit->arena, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "commit");
    made->table = made->base = table;
    made->next = *at;
    *at = made;
    *change = made;
    return fill_change(commit, made, error);
}

static seine_status remove_file(seine_change *change, const char *path, seine_error *error) {
    const uint32_t code = seine_dict_find(&change->live, seine_str_of(path));
    if (code == SEINE_CODE_NULL || code >= change->table->file_count)
        return seine_fail(error, SEINE_E_NOT_FOUND, "table %s: file %s is not live", change->table->name, path);
    if (!change->is_removed[code]) change->removed_count++;
    change->is_removed[code] = true;
    return SEINE_OK;
}

/* Files that are to be added, looked at side by side. */
typedef struct adding {
    const seine_table *table;
    const seine_data_file *files;
} adding;

static seine_status check_added(void *context, size_t member, size_t index, seine_error *error) {
    const adding *a = context;
    const seine_table *table = a->table;
    const seine_data_file *file = &a->files[index];
    seine_file_info info = {.kind = SEINE_FILE_PLAIN, .size = (uint64_t)file->size_bytes};
    (void)member;
    /* Whoever knows its checksum has written it, and was told that it is there. */
    if (!file->has_checksum) SEINE_TRY(seine_file_stat(file->path, &info, error));
    if (info.kind != SEINE_FILE_PLAIN || (int64_t)info.size != file->size_bytes)
        return seine_fail(error, SEINE_E_FORMAT, "table %s: file %s is not there with %lld bytes", table->name,
                          file->path, (long long)file->size_bytes);
    for (size_t i = 0; file->stats != NULL && i < table->schema->column_count; i++) {
        const char *problem = seine_bounds_problem(table->schema->columns[i].type, &file->stats[i]);
        if (problem != NULL)
            return seine_fail(error, SEINE_E_FORMAT, "table %s: file %s column %s: %s", table->name, file->path,
                              table->schema->columns[i].name, problem);
    }
    return SEINE_OK;
}

/* The caller's arrays may go before the commit runs, so everything is copied. */
static seine_status copy_file(seine_commit *commit, const seine_table *table, const seine_data_file *file,
                              seine_manifest_entry *entry, seine_error *error) {
    seine_arena *arena = &commit->arena;
    const size_t columns = table->schema->column_count;
    *entry = (seine_manifest_entry){.status = SEINE_ENTRY_ADDED, .live = {.file = *file}};
    seine_data_file *copy = &entry->live.file;
    copy->path = seine_arena_copy(arena, file->path, strlen(file->path));
    if (copy->path == NULL) return seine_no_memory(error, "commit");
    if (file->split_count > 0) {
        int64_t *splits = SEINE_ARENA_ARRAY(arena, int64_t, file->split_count);
        if (splits == NULL) return seine_no_memory(error, "commit");
        memcpy(splits, file->split_offsets, file->split_count * sizeof *splits);
        copy->split_offsets = splits;
    }
    if (file->stats != NULL) {
        seine_column_stats *stats = SEINE_ARENA_ARRAY(arena, seine_column_stats, columns);
        if (stats == NULL) return seine_no_memory(error, "commit");
        memcpy(stats, file->stats, columns * sizeof *stats);
        copy->stats = stats;
    }
    char *location = NULL;
    const seine_status status = seine_file_uri_of_path(file->path, arena, &location, error);
    entry->location = location;
    return status;
}

/* Files of the lake's own writer come with their checksum; others are read for it. */
static seine_status note_file(seine_commit *commit, const seine_data_file *file, seine_error *error) {
    seine_hash128 checksum = file->checksum;
    int64_t bytes = file->size_bytes;
    SEINE_TRY(file->has_checksum ? SEINE_OK : seine_file_checksum(file->path, &bytes, &checksum, error));
    return seine_ledger_put_file(commit, file->path, bytes, checksum, error);
}

static seine_status add_file(seine_commit *commit, seine_change *change, const seine_data_file *file,
                             seine_error *error) {
    const uint32_t before = change->live.count;
    uint32_t code;
    seine_status status = seine_dict_intern(&change->live, seine_str_of(file->path), &code);
    if (status != SEINE_OK) return seine_no_memory(error, "commit");
    if (change->live.count == before)
        return seine_fail(error, SEINE_E_EXISTS, "table %s: file %s is live already", change->table->name, file->path);
    if (SEINE_ARENA_ROOM(&commit->arena, change->added, change->added_count, change->added_capacity, 1,
                         SEINE_CHANGED_FILES_MAX) != SEINE_OK)
        return seine_no_memory(error, "commit");
    status = copy_file(commit, change->table, file, &change->added[change->added_count], error);
    if (status == SEINE_OK) status = note_file(commit, file, error);
    if (status == SEINE_OK) change->added_count++;
    return status;
}

seine_status seine_commit_files(seine_commit *commit, seine_table *table, const seine_data_file *added,
                                size_t added_count, const char *const *removed_paths, size_t removed_count,
                                seine_error *error) {
    seine_change *change = NULL;
    seine_status status = seine_commit_change(commit, table, &change, error);
    for (size_t i = 0; i < removed_count && status == SEINE_OK; i++)
        status = remove_file(change, removed_paths[i], error);
    adding a = {table, added};
    const seine_thread_tasks checks = {.task = check_added, .context = &a, .count = added_count};
    if (status == SEINE_OK && added_count > 0)
        status = seine_threads_each(seine_file_crew(added[0].path), &checks, error);
    for (size_t i = 0; i < added_count && status == SEINE_OK; i++) status = add_file(commit, change, &added[i], error);
    return status;
}

seine_status seine_commit_evolve(seine_commit *commit, seine_table *table, const seine_table_schema *schema,
                                 seine_error *error) {
    seine_change *change = NULL;
    SEINE_TRY(seine_commit_change(commit, table, &change, error));
    change->schema = schema;
    return SEINE_OK;
}

seine_status seine_commit_shape(seine_commit *commit, seine_shape *shape, seine_error *error) {
    seine_commit_shape_link *link = seine_arena_alloc(&commit->arena, sizeof *link);
    if (link == NULL) return seine_no_memory(error, "commit");
    *link = (seine_commit_shape_link){commit->shapes, shape};
    commit->shapes = link;
    return SEINE_OK;
}

/* ---- what is written before it counts ---- */

seine_status seine_commit_write(seine_commit *commit, const char *path, const seine_buf *bytes, seine_error *error) {
    seine_written *written = seine_arena_alloc(&commit->arena, sizeof *written);
    if (written == NULL) return seine_no_memory(error, "commit");
    *written = (seine_written){.next = commit->written, .path = path, .change = commit->on};
    commit->written = written; /* before the write: it may fail after the file has its name */
    SEINE_TRY(seine_file_batch_write(commit->batch, path, bytes->data, bytes->size, SEINE_FILE_NEW, error));
    return seine_ledger_put_file(commit, path, (int64_t)bytes->size, seine_hash128_of(bytes->data, bytes->size), error);
}

void seine_commit_remove_given_up(seine_commit *commit) {
    for (const seine_written *w = commit->written; w != NULL; w = w->next)
        if (w->is_given_up) seine_best_effort(seine_file_remove(w->path, NULL));
}

void seine_commit_remove_written(seine_commit *commit) {
    seine_file_batch_free(commit->batch); /* no file of it gets its name any more */
    commit->batch = NULL;
    for (const seine_written *w = commit->written; w != NULL; w = w->next)
        seine_best_effort(seine_file_remove(w->path, NULL));
}
