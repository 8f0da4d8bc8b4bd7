/* Partitions are independent of each other, so they are shared among threads. */
#include "ingest/partition_plan.h"

#include "base/array.h"
#include "base/threads.h"
#include "base/try.h"
#include "ingest/append.h"
#include "ingest/merged_rows.h"
#include "ingest/partition_file.h"

#include <stdlib.h>

#define LIVE_MAX ((size_t)1 << 24)     /* files of a partition */
#define PASSING_ROWS ((size_t)1 << 14) /* a file beside others with fewer is soon merged (append.h) */

/* ---- planning ---- */

static int by_day_bucket(const void *a, const void *b) {
    const seine_planned_partition *x = a, *y = b;
    return x->day != y->day ? (x->day > y->day) - (x->day < y->day) : (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

static seine_planned_partition *find_partition(seine_partition_plan *plan, int32_t day, int32_t bucket) {
    const seine_planned_partition wanted = {.day = day, .bucket = bucket};
    return plan->count == 0 ? NULL
                            : bsearch(&wanted, plan->partitions, plan->count, sizeof *plan->partitions, by_day_bucket);
}

bool seine_partition_is_split(const seine_live_file *files, size_t count, size_t f) {
    const seine_partition_value *value = files[f].file.partition;
    return f + 1 < count && value[0].value == files[f + 1].file.partition[0].value &&
           value[1].value == files[f + 1].file.partition[1].value;
}

/* Every partition that has fixes in memory, runs, or a day to rebuild, or that is to be compacted. */
static seine_status list_partitions(seine_session *session, seine_partition_plan *plan, const seine_live_file *files,
                                    size_t file_count) {
    const size_t most = plan->dealt.count + session->spill.count + file_count;
    plan->partitions = calloc(most + 1, sizeof *plan->partitions);
    if (plan->partitions == NULL) return SEINE_E_NOMEM;
    size_t count = 0;
    for (size_t p = 0; p < plan->dealt.count; p++) {
        const seine_partition_keys *keys = &plan->dealt.partitions[p];
        plan->partitions[count++] = (seine_planned_partition){.day = keys->day, .bucket = keys->bucket, .keys = keys};
    }
    for (size_t r = 0; r < session->spill.count; r++)
        plan->partitions[count++] =
            (seine_planned_partition){.day = session->spill.runs[r].day, .bucket = session->spill.runs[r].bucket};
    for (size_t f = 0; f < file_count; f++) {
        const seine_partition_value *value = files[f].file.partition;
        const bool is_compacted = session->compacts && seine_partition_is_split(files, file_count, f);
        if (!is_compacted && !seine_day_set_has(&session->rebuilt, value[0].value)) continue;
        plan->partitions[count++] = (seine_planned_partition){.day = value[0].value, .bucket = value[1].value};
    }
    qsort(plan->partitions, count, sizeof *plan->partitions, by_day_bucket);
    for (size_t i = 0; i < count; i++) {
        seine_planned_partition *last = plan->count == 0 ? NULL : &plan->partitions[plan->count - 1];
        if (last == NULL || by_day_bucket(last, &plan->partitions[i]) != 0)
            plan->partitions[plan->count++] = plan->partitions[i];
        else if (last->keys == NULL)
            last->keys = plan->partitions[i].keys;
    }
    return SEINE_OK;
}

static seine_status add_path(seine_arena *arena, const char ***paths, size_t *count, const char *path) {
    const char **grown = SEINE_ARENA_ARRAY(arena, const char *, *count + 1);
    if (grown == NULL) return SEINE_E_NOMEM;
    if (*count > 0) memcpy(grown, *paths, *count * sizeof *grown);
    grown[(*count)++] = path;
    *paths = grown;
    return SEINE_OK;
}

static seine_status add_live(seine_partition_plan *plan, seine_planned_partition *part, const seine_data_file *file) {
    SEINE_TRY(SEINE_ARENA_ROOM(&plan->arena, part->live, part->live_count, part->live_capacity, 1, LIVE_MAX));
    part->live[part->live_count++] = file;
    return SEINE_OK;
}

/* A batch may be a file of its own where all stored rows stay, nothing but the batch comes to them, and the ledger
 * knows what is in them. */
static seine_status find_appends(seine_session *session, seine_partition_plan *plan, seine_error *error) {
    seine_partition_row *rows = NULL;
    size_t count = 0;
    const char *table = seine_dataset_silver(session->dataset)->name;
    SEINE_TRY(seine_ledger_partitions(session->catalog, table, &plan->arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++) {
        seine_planned_partition *part = find_partition(plan, rows[i].partition[0].value, rows[i].partition[1].value);
        if (part == NULL || part->keys == NULL || part->live_count == 0) continue;
        if (part->has_runs || seine_day_set_has(&session->rebuilt, part->day)) continue;
        part->stored = rows[i];
        part->may_append = true;
    }
    return SEINE_OK;
}

static seine_status list_inputs(seine_session *session, seine_partition_plan *plan, const seine_live_file *files,
                                size_t file_count) {
    for (size_t r = 0; r < session->spill.count; r++) {
        seine_planned_partition *part = find_partition(plan, session->spill.runs[r].day, session->spill.runs[r].bucket);
        part->has_runs = true;
        SEINE_TRY(add_path(&plan->arena, &part->inputs, &part->input_count, session->spill.runs[r].path));
    }
    for (size_t f = 0; f < file_count; f++) {
        const seine_partition_value *value = files[f].file.partition;
        seine_planned_partition *part = find_partition(plan, value[0].value, value[1].value);
        if (part == NULL) continue;
        SEINE_TRY(add_path(&plan->arena, &part->removed, &part->removed_count, files[f].file.path));
        SEINE_TRY(add_live(plan, part, &files[f].file));
        if (seine_day_set_has(&session->rebuilt, value[0].value)) continue;
        part->input_rows += (size_t)files[f].file.rows;
        SEINE_TRY(add_path(&plan->arena, &part->inputs, &part->input_count, files[f].file.path));
    }
    return SEINE_OK;
}

seine_status seine_partition_plan_make(seine_session *session, uint32_t except, seine_partition_plan *plan,
                                       seine_error *error) {
    const seine_live_file *files = NULL;
    size_t file_count = 0;
    *plan = (seine_partition_plan){0};
    SEINE_TRY(seine_table_load(session->catalog, seine_dataset_silver(session->dataset)->name, (seine_at){0},
                               &plan->silver, error));
    SEINE_TRY(seine_table_files(plan->silver, &files, &file_count, error));
    SEINE_TRY(seine_row_pool_deal(&session->pool, &session->sources, except, session->buckets, &session->counts,
                                  &plan->dealt, error));
    if (list_partitions(session, plan, files, file_count) != SEINE_OK ||
        list_inputs(session, plan, files, file_count) != SEINE_OK)
        return seine_no_memory(error, "planning silver");
    return find_appends(session, plan, error);
}

/* ---- building ---- */

typedef struct building {
    seine_session *session;
    seine_partition_plan *plan;
    bool write;
} building;

/* What the winners are together, and how many of each source. */
static seine_status count_winners(const building *b, seine_planned_partition *part, const seine_fix_key *keys,
                                  size_t count, const seine_fix_words *words, seine_error *error) {
    part->winners = calloc(b->session->sources.count + 1, sizeof *part->winners);
    if (part->winners == NULL) return seine_no_memory(error, "writing silver");
    part->row.content = seine_winners_hash(keys, count, words, part->winners);
    part->row.rows = (int64_t)count;
    if (!part->is_appended) return SEINE_OK;
    part->row.content = seine_hash128_add(part->row.content, part->stored.content);
    part->row.rows += part->stored.rows;
    return SEINE_OK;
}

static seine_status write_winners(const building *b, seine_planned_partition *part, const seine_fix_key *keys,
                                  size_t count, const seine_fix_words *words, seine_error *error) {
    char *path = NULL;
    if (!b->write || count == 0) return SEINE_OK;
    SEINE_TRY(seine_table_new_file(b->plan->silver, part->row.partition, &part->arena, &path, error));
    SEINE_TRY(seine_partition_file_write(keys, count, words, part->is_appended && count < PASSING_ROWS, path,
                                         b->plan->batch, &part->arena, &part->file, error));
    memcpy(part->file.partition, part->row.partition, sizeof part->file.partition);
    part->has_file = true;
    return SEINE_OK;
}

/* Settles and writes keys whose codes are under @p words. */
static seine_status finish(const building *b, seine_planned_partition *part, seine_fix_key *keys, size_t count,
                           const seine_fix_words *words, seine_error *error) {
    if (seine_winners_keep(keys, &count, words) != SEINE_OK) return seine_no_memory(error, "writing silver");
    SEINE_TRY(count_winners(b, part, keys, count, words, error));
    return write_winners(b, part, keys, count, words, error);
}

/* The batch with the small files that it is merged into one with; their rows and its own have no key in common. */
static seine_status merge_small(const building *b, seine_planned_partition *part, const seine_partition_keys *batch,
                                seine_error *error) {
    const seine_merge_inputs inputs = {.sources = &b->session->sources,
                                       .pool = &b->session->pool,
                                       .keys = batch,
                                       .engine = b->session->engine,
                                       .files = part->removed,
                                       .file_count = part->removed_count};
    seine_merged_rows merged SEINE_OWNED(seine_merged_rows_free) = {0};
    SEINE_TRY(seine_merged_rows_make(&inputs, &merged, error));
    size_t count = merged.count;
    if (seine_winners_keep(merged.keys, &count, &merged.words) != SEINE_OK)
        return seine_no_memory(error, "writing silver");
    return write_winners(b, part, merged.keys, count, &merged.words, error);
}

/* The batch as one more file, unless a stored row has to give way. */
static seine_status append(const building *b, seine_planned_partition *part, seine_error *error) {
    const seine_append_to to = {b->session->engine, part->live, part->live_count};
    const seine_fix_words *words = &b->plan->dealt.words;
    seine_partition_keys batch = *part->keys;
    if (seine_winners_keep(batch.keys, &batch.count, words) != SEINE_OK)
        return seine_no_memory(error, "writing silver");
    SEINE_TRY(seine_append_check(&to, batch.keys, &batch.count, words, &part->is_appended, error));
    if (!part->is_appended) return SEINE_OK;
    part->removed_count = batch.count == 0 ? 0 : seine_append_merged(part->live, part->live_count, batch.count);
    for (size_t f = 0; f < part->removed_count; f++) part->removed[f] = part->live[f]->path;
    SEINE_TRY(count_winners(b, part, batch.keys, batch.count, words, error));
    return part->removed_count > 0 ? merge_small(b, part, &batch, error)
                                   : write_winners(b, part, batch.keys, batch.count, words, error);
}

static seine_status build(void *context, size_t member, size_t index, seine_error *error) {
    const building *b = context;
    (void)member;
    seine_planned_partition *part = &b->plan->partitions[index];
    part->row.partition[0].value = part->day;
    part->row.partition[1].value = part->bucket;
    if (part->input_count == 0) {
        seine_fix_key *keys = part->keys == NULL ? NULL : part->keys->keys;
        return finish(b, part, keys, part->keys == NULL ? 0 : part->keys->count, &b->plan->dealt.words, error);
    }
    if (part->may_append) SEINE_TRY(append(b, part, error));
    if (part->is_appended) return SEINE_OK;
    const seine_merge_inputs inputs = {&b->session->sources, &b->session->pool, part->keys,      b->session->engine,
                                       part->inputs,         part->input_count, part->input_rows};
    seine_merged_rows merged SEINE_OWNED(seine_merged_rows_free) = {0};
    SEINE_TRY(seine_merged_rows_make(&inputs, &merged, error));
    return finish(b, part, merged.keys, merged.count, &merged.words, error);
}

seine_status seine_partition_plan_build(seine_session *session, seine_partition_plan *plan, bool write,
                                        seine_error *error) {
    for (size_t j = 0; session->engine == NULL && j < plan->count; j++)
        if (plan->partitions[j].input_count > 0) SEINE_TRY(seine_session_engine(session, error));
    plan->batch = seine_file_batch_new();
    if (plan->batch == NULL) return seine_no_memory(error, "writing silver");
    building b = {session, plan, write};
    const seine_thread_tasks tasks = {build, &b, plan->count, session->options.progress,
                                      write ? "writing silver" : "counting"};
    return seine_threads_each((size_t)session->options.threads, &tasks, error);
}

void seine_partition_plan_discard(seine_partition_plan *plan) {
    seine_file_batch_free(plan->batch); /* no file of it gets its name any more */
    plan->batch = NULL;
    for (size_t j = 0; j < plan->count; j++) {
        if (!plan->partitions[j].has_file) continue;
        seine_uncommitted_remove(plan->partitions[j].file.path);
        plan->partitions[j].has_file = false;
    }
}

void seine_partition_plan_free(seine_partition_plan *plan) {
    for (size_t j = 0; j < plan->count; j++) {
        seine_arena_free(&plan->partitions[j].arena);
        free(plan->partitions[j].winners);
    }
    free(plan->partitions);
    seine_file_batch_free(plan->batch);
    seine_dealt_rows_free(&plan->dealt);
    seine_table_close(plan->silver);
    seine_arena_free(&plan->arena);
    *plan = (seine_partition_plan){0};
}
