/*
 * What the target is to have. Tables are followed from their metadata through every snapshot, on several threads, and
 * their metadata is written on the way; of data files only the names are taken.
 */
#include "base/threads.h"
#include "base/try.h"
#include "io/file.h"
#include "table/copy/internal.h"
#include "table/relocate/move.h"
#include "table/source.h"

#include <stdio.h>
#include <stdlib.h>

#define SETTINGS_FILE "seine.yaml"
#define MODELS_FOLDER "models"
#define BRONZE_FOLDER "bronze"

static seine_status no_memory(seine_error *error) { return seine_no_memory(error, "copying a lake"); }

/* ---- the list ---- */

/* The row of seine_file of a name; NULL = none. */
static const seine_file_row *row_of(const seine_copy *copy, const char *name) {
    const uint32_t code = seine_dict_find(&copy->row_names, seine_str_of(name));
    return code != SEINE_CODE_NULL ? &copy->rows[code] : NULL;
}

static bool add(seine_copy *copy, const char *name, int64_t bytes, const char *sum, bool is_kept) {
    uint32_t code;
    if (seine_dict_intern(&copy->names, seine_str_of(name), &code) != SEINE_OK) return false;
    if (code < copy->files.count) return true;
    seine_copied_file *file = seine_arena_list_add(&copy->files, &copy->arena, sizeof *file);
    if (file == NULL) return false;
    *file = (seine_copied_file){seine_arena_copy(&copy->arena, name, strlen(name)), bytes, "", is_kept};
    (void)snprintf(file->sum, sizeof file->sum, "%s", sum);
    return file->name != NULL;
}

/* A file, once. Any thread. */
static seine_status add_file(seine_copy *copy, const char *name, int64_t bytes, const char *sum, bool is_kept,
                             seine_error *error) {
    (void)pthread_mutex_lock(&copy->mutex);
    const bool ok = add(copy, name, bytes, sum, is_kept);
    (void)pthread_mutex_unlock(&copy->mutex);
    return ok ? SEINE_OK : no_memory(error);
}

/* ---- tables ---- */

/* Metadata: small, and of no use to anybody until the catalog names it. */
static seine_status keep_metadata(seine_move *move, const char *path, const seine_buf *bytes, seine_error *error) {
    seine_copy *copy = move->context;
    seine_copied_file file = {path + strlen(copy->to) + 1, (int64_t)bytes->size, "", true};
    const seine_hash128 sum = seine_hash128_of(bytes->data, bytes->size);
    bool is_there = false;
    if (seine_progress_stopped(copy->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    seine_hash128_hex(sum, file.sum);
    SEINE_TRY(seine_copy_is_there(copy, &file, &is_there, error));
    if (!is_there) {
        SEINE_TRY(seine_file_make_parent(path, error));
        SEINE_TRY(seine_file_write(path, bytes->data, bytes->size, SEINE_FILE_REPLACE, error));
        SEINE_TRY(seine_copy_read_back(path, sum, error));
    }
    (void)pthread_mutex_lock(&copy->mutex);
    copy->report->there += is_there;
    (void)pthread_mutex_unlock(&copy->mutex);
    return add_file(copy, file.name, file.bytes, file.sum, true, error);
}

/* Of files of Seine's own the ledger has the checksum. */
static seine_status carry_data(seine_move *move, const char *name, int64_t bytes, seine_error *error) {
    seine_copy *copy = move->context;
    const seine_file_row *row = row_of(copy, name);
    char sum[33] = "";
    if (row != NULL) seine_hash128_hex(row->checksum, sum);
    return add_file(copy, name, row != NULL ? row->bytes : bytes, sum, false, error);
}

/* One that lies elsewhere is named in the copy where it is. */
static seine_status follow(seine_move *move, seine_copied_table *table, bool *is_elsewhere, seine_error *error) {
    seine_copy *copy = move->context;
    const char *moved = NULL, *same = NULL;
    seine_str place, previous = {NULL, 0};
    SEINE_TRY(seine_move_location(move, seine_str_of(table->location), move->arena, &place, error));
    *is_elsewhere = seine_str_equal(place, seine_str_of(table->location));
    if (*is_elsewhere) return SEINE_OK;
    SEINE_TRY(seine_move_metadata(move, table->location, &moved, &same, error));
    if (table->previous != NULL)
        SEINE_TRY(seine_move_location(move, seine_str_of(table->previous), move->arena, &previous, error));
    (void)pthread_mutex_lock(&copy->mutex);
    table->location = seine_arena_copy(&copy->arena, moved, strlen(moved));
    if (previous.data != NULL) table->previous = seine_arena_copy(&copy->arena, previous.data, previous.size);
    (void)pthread_mutex_unlock(&copy->mutex);
    return table->location != NULL && (table->previous != NULL || previous.data == NULL) ? SEINE_OK : no_memory(error);
}

static seine_status plan_table(void *context, size_t member, size_t index, seine_error *error) {
    seine_copy *copy = context;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_copied_table *table = &copy->tables[index];
    bool is_elsewhere = false;
    (void)member;
    seine_move move = {.from = copy->from,
                       .to = copy->to,
                       .name = table->full_name,
                       .is_copy = true,
                       .arena = &arena,
                       .context = copy,
                       .keep = keep_metadata,
                       .carry = carry_data};
    const seine_status status = follow(&move, table, &is_elsewhere, error);
    seine_move_end(&move);
    (void)pthread_mutex_lock(&copy->mutex);
    copy->report->elsewhere += is_elsewhere;
    (void)pthread_mutex_unlock(&copy->mutex);
    return status;
}

/* ---- archives ---- */

/* Those of topics have none of their own (table/source.h). */
#define SOURCES_WITH_OBJECTS                              \
    "SELECT bronze_path, sha256, bytes FROM seine_source" \
    " WHERE bronze_path <> 'bronze/' || dataset || '_raw/' || name"

typedef struct archives {
    seine_copy *copy;
    seine_arena arena;
    seine_dict there; /* names below the lake */
} archives;

static bool is_listed(const archives *a, const char *name) {
    return seine_dict_find(&a->there, seine_str_of(name)) != SEINE_CODE_NULL;
}

/* Lakes of older versions keep replaced bytes beside the name that stands in the ledger (seine_source_bytes_path). */
static seine_status add_archive(void *context, const seine_db_value *c, seine_error *error) {
    archives *a = context;
    const char *beside = seine_arena_printf(&a->arena, "%s.%.8s", c[0].text, c[1].text);
    if (beside == NULL) return no_memory(error);
    const char *name = is_listed(a, beside) ? beside : c[0].text;
    if (!is_listed(a, name)) return seine_fail(error, SEINE_E_NOT_FOUND, "%s/%s: no such file", a->copy->from, name);
    return add_file(a->copy, name, c[2].integer, c[1].text, false, error);
}

static seine_status list_archives(archives *a, seine_error *error) {
    seine_file_entry *entries = NULL;
    size_t count = 0;
    seine_error why = {0};
    const char *folder = seine_file_join(&a->arena, a->copy->from, BRONZE_FOLDER);
    if (folder == NULL) return no_memory(error);
    const seine_status status = seine_file_list(folder, true, &a->arena, &entries, &count, &why);
    if (status != SEINE_OK && status != SEINE_E_NOT_FOUND) return seine_fail(error, status, "%s", why.text);
    for (size_t i = 0; i < count; i++) {
        uint32_t code;
        const char *name = seine_file_join(&a->arena, BRONZE_FOLDER, entries[i].name);
        if (name == NULL || seine_dict_intern(&a->there, seine_str_of(name), &code) != SEINE_OK)
            return no_memory(error);
    }
    return SEINE_OK;
}

static seine_status plan_archives(seine_copy *copy, seine_error *error) {
    archives a = {.copy = copy};
    seine_status status = list_archives(&a, error);
    if (status == SEINE_OK) status = seine_db_query(copy->state, SOURCES_WITH_OBJECTS, NULL, 0, add_archive, &a, error);
    seine_dict_free(&a.there);
    seine_arena_free(&a.arena);
    return status;
}

/* ---- what the user wrote ---- */

static seine_status plan_own_files(seine_copy *copy, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_file_entry *entries = NULL;
    seine_file_info info;
    size_t count = 0;
    seine_error why = {0};
    const char *settings = seine_file_join(&arena, copy->from, SETTINGS_FILE);
    const char *models = seine_file_join(&arena, copy->from, MODELS_FOLDER);
    if (settings == NULL || models == NULL) return no_memory(error);
    SEINE_TRY(seine_file_stat(settings, &info, error));
    if (info.kind == SEINE_FILE_PLAIN) SEINE_TRY(add_file(copy, SETTINGS_FILE, (int64_t)info.size, "", false, error));
    const seine_status status = seine_file_list(models, true, &arena, &entries, &count, &why);
    if (status != SEINE_OK && status != SEINE_E_NOT_FOUND) return seine_fail(error, status, "%s", why.text);
    for (size_t i = 0; i < count; i++) {
        const char *name = seine_file_join(&arena, MODELS_FOLDER, entries[i].name);
        if (name == NULL) return no_memory(error);
        if (entries[i].info.kind != SEINE_FILE_PLAIN) continue;
        SEINE_TRY(add_file(copy, name, (int64_t)entries[i].info.size, "", false, error));
    }
    return SEINE_OK;
}

seine_status seine_copy_plan(seine_copy *copy, seine_error *error) {
    const seine_thread_tasks tables = {.task = plan_table,
                                       .context = copy,
                                       .count = copy->table_count,
                                       .progress = copy->options->progress,
                                       .phase = "metadata of tables"};
    SEINE_TRY(seine_threads_each(copy->options->threads, &tables, error));
    SEINE_TRY(plan_archives(copy, error));
    return plan_own_files(copy, error);
}
