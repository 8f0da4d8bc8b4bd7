/*
 * A commit that lost a race is put on top of what the others made, instead of being planned anew. Nobody else moves a
 * table of the lake meanwhile, for the transaction is open:
 *
 *     pointer lost ─▶ the table as it is now: metadata, list, and the manifests that the plan has not read
 *                  ─▶ of the shape of the plan, and the same files in each partition of the commit's? no: E_CONFLICT
 *                  ─▶ touched manifests, list, metadata.json anew, durable; the manifest of added files stays
 *
 * Files have names of their own, so that the same names are the same rows. Where the last commit was overtaken the next
 * one writes these files here at once, instead of twice.
 */
#include "base/try.h"
#include "table/commit.h"

static seine_status conflict(const seine_change *change, const char *what, seine_error *error) {
    return seine_fail(error, SEINE_E_CONFLICT, "table %s%s was changed by somebody else meanwhile", change->table->name,
                      what);
}

/* ---- what the commit depends on ---- */

/* Partitions of the commit's files, and which files the plan has seen there. */
typedef struct footing {
    seine_dict partitions, seen, removed; /* paths */
} footing;

static void free_footing(footing *f) {
    seine_dict_free(&f->partitions);
    seine_dict_free(&f->seen);
    seine_dict_free(&f->removed);
}

static bool is_ours(const footing *f, const seine_data_file *file) {
    int32_t key[SEINE_PARTITION_KEY];
    return seine_dict_find(&f->partitions, seine_partition_key(file, key)) != SEINE_CODE_NULL;
}

static seine_status fill_footing(const seine_change *change, footing *f, seine_error *error) {
    const seine_table *base = change->base;
    seine_status status = SEINE_OK;
    int32_t key[SEINE_PARTITION_KEY];
    uint32_t code;
    for (size_t i = 0; i < change->added_count && status == SEINE_OK; i++)
        status = seine_dict_intern(&f->partitions, seine_partition_key(&change->added[i].live.file, key), &code);
    for (size_t i = 0; i < base->file_count && status == SEINE_OK; i++) {
        if (!change->is_removed[i]) continue;
        status = seine_dict_intern(&f->partitions, seine_partition_key(&base->files[i].file, key), &code);
        if (status == SEINE_OK) status = seine_dict_intern(&f->removed, seine_str_of(base->files[i].file.path), &code);
    }
    for (size_t i = 0; i < base->file_count && status == SEINE_OK; i++)
        if (is_ours(f, &base->files[i].file))
            status = seine_dict_intern(&f->seen, seine_str_of(base->files[i].file.path), &code);
    return status == SEINE_OK ? SEINE_OK : seine_no_memory(error, "commit");
}

/* Names do not tell it: a table may have been dropped and made anew. */
static bool is_same_shape(const seine_change *change, const seine_table *now) {
    const seine_metadata *then = &change->base->metadata, *m = &now->metadata;
    return now->is_writable && m->format_version == then->format_version && m->schema_id == then->schema_id &&
           m->spec_id == then->spec_id && m->sort_order_id == then->sort_order_id &&
           strcmp(m->location, then->location) == 0 &&
           seine_str_equal(seine_metadata_uuid(m), seine_metadata_uuid(then)) &&
           seine_metadata_snapshot(m, change->new_snapshot_id) == SIZE_MAX;
}

static seine_status compare(const seine_change *change, const seine_table *now, const footing *f, seine_error *error) {
    size_t count = 0;
    if (!is_same_shape(change, now)) return conflict(change, "", error);
    for (size_t i = 0; i < now->file_count; i++) {
        const seine_data_file *file = &now->files[i].file;
        if (!is_ours(f, file)) continue;
        if (seine_dict_find(&f->seen, seine_str_of(file->path)) == SEINE_CODE_NULL)
            return conflict(change, ": a partition of this commit", error);
        count++;
    }
    return count == f->seen.count ? SEINE_OK : conflict(change, ": a partition of this commit", error);
}

/* ---- the next base ---- */

static const char *pointer_of(const seine_pointer *pointers, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(pointers[i].name, name) == 0) return pointers[i].location;
    return NULL;
}

/* The table at @p pointer. What it shares with the plan's state is borrowed from there. */
static seine_status load_now(const seine_change *change, const char *pointer, seine_table **now, seine_error *error) {
    SEINE_TRY(seine_table_load_pointer(change->table->name, pointer, now, error));
    return seine_table_list_beside(*now, change->table, error);
}

/* What was written for the former base is given up. */
static void forget_base(seine_commit *commit, seine_change *change) {
    if (change->base != change->table) seine_table_close(change->base);
    change->ops = (seine_ledger_ops){0};
    for (seine_written *w = commit->written; w != NULL; w = w->next)
        if (w->change == change) w->is_given_up = true;
}

static seine_status take_base(seine_commit *commit, seine_change *change, const char *pointer, seine_error *error) {
    seine_table *now SEINE_OWNED(seine_table_close_owned) = NULL;
    footing f SEINE_OWNED(free_footing) = {.seen = {.count = 0}};
    SEINE_TRY(load_now(change, pointer, &now, error));
    SEINE_TRY(fill_footing(change, &f, error));
    SEINE_TRY(compare(change, now, &f, error));
    bool *is_removed = SEINE_ARENA_ARRAY(&commit->arena, bool, now->file_count);
    if (is_removed == NULL) return seine_no_memory(error, "commit");
    for (size_t i = 0; i < now->file_count; i++)
        is_removed[i] = seine_dict_find(&f.removed, seine_str_of(now->files[i].file.path)) != SEINE_CODE_NULL;
    forget_base(commit, change);
    change->base = SEINE_TAKE(now);
    change->is_removed = is_removed;
    return SEINE_OK;
}

seine_status seine_commit_rebase(seine_commit *commit, seine_change *const *changes, size_t count, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_pointer *pointers = NULL;
    size_t pointer_count = 0;
    bool has_moved = false;
    if (count == 0) return SEINE_OK;
    if (!commit->may_rebase) return conflict(changes[0], "", error);
    SEINE_TRY(seine_catalog_pointers(commit->catalog, &arena, &pointers, &pointer_count, error));
    for (size_t i = 0; i < count; i++) {
        const char *pointer = pointer_of(pointers, pointer_count, changes[i]->table->name);
        if (pointer == NULL) return conflict(changes[i], "", error);
        if (strcmp(pointer, changes[i]->base->pointer) != 0) {
            has_moved = true;
            SEINE_TRY(take_base(commit, changes[i], pointer, error));
        }
        SEINE_TRY(seine_commit_prepare(commit, changes[i], error));
    }
    commit->catalog->is_busy = has_moved;
    return seine_file_batch_end(commit->batch, error);
}
