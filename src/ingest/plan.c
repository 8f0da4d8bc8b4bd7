/* Planning and building of silver partitions. A job is one partition; jobs are independent and shared among threads. */
#include "ingest/plan.h"

#include "io/file.h"

#include <stdlib.h>

/* ---- planning ---- */

static int by_day_bucket(const void *a, const void *b) {
    const seine_partition_job *x = a, *y = b;
    return x->day != y->day ? (x->day > y->day) - (x->day < y->day) : (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

static seine_partition_job *find_job(seine_ingest_plan *plan, int32_t day, int32_t bucket) {
    const seine_partition_job wanted = {.day = day, .bucket = bucket};
    return plan->count == 0 ? NULL : bsearch(&wanted, plan->jobs, plan->count, sizeof *plan->jobs, by_day_bucket);
}

/* One job per partition that has fixes in memory, runs, or a day to rebuild. */
static seine_status list_jobs(seine_session *session, seine_ingest_plan *plan, const seine_live_file *files,
                              size_t file_count) {
    const size_t most = plan->settled.count + session->run_count + file_count;
    plan->jobs = calloc(most + 1, sizeof *plan->jobs);
    if (plan->jobs == NULL) return SEINE_E_NOMEM;
    size_t count = 0;
    for (size_t p = 0; p < plan->settled.count; p++) {
        const seine_partition_keys *keys = &plan->settled.partitions[p];
        plan->jobs[count++] = (seine_partition_job){.day = keys->day, .bucket = keys->bucket, .keys = keys};
    }
    for (size_t r = 0; r < session->run_count; r++)
        plan->jobs[count++] = (seine_partition_job){.day = session->runs[r].day, .bucket = session->runs[r].bucket};
    for (size_t f = 0; f < file_count; f++) {
        const seine_partition_value *partition = files[f].file.partition;
        if (!seine_session_rebuilds(session, partition[0].value)) continue;
        plan->jobs[count++] = (seine_partition_job){.day = partition[0].value, .bucket = partition[1].value};
    }
    qsort(plan->jobs, count, sizeof *plan->jobs, by_day_bucket);
    for (size_t i = 0; i < count; i++) {
        seine_partition_job *last = plan->count == 0 ? NULL : &plan->jobs[plan->count - 1];
        if (last == NULL || by_day_bucket(last, &plan->jobs[i]) != 0)
            plan->jobs[plan->count++] = plan->jobs[i];
        else if (last->keys == NULL)
            last->keys = plan->jobs[i].keys;
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

static seine_status list_inputs(seine_session *session, seine_ingest_plan *plan, const seine_live_file *files,
                                size_t file_count) {
    seine_status status = SEINE_OK;
    for (size_t r = 0; status == SEINE_OK && r < session->run_count; r++) {
        seine_partition_job *job = find_job(plan, session->runs[r].day, session->runs[r].bucket);
        status = add_path(&plan->arena, &job->inputs, &job->input_count, session->runs[r].path);
    }
    for (size_t f = 0; status == SEINE_OK && f < file_count; f++) {
        const seine_partition_value *partition = files[f].file.partition;
        seine_partition_job *job = find_job(plan, partition[0].value, partition[1].value);
        if (job == NULL) continue;
        status = add_path(&plan->arena, &job->removed, &job->removed_count, files[f].file.path);
        if (status != SEINE_OK || seine_session_rebuilds(session, partition[0].value)) continue;
        job->input_rows += (size_t)files[f].file.rows;
        status = add_path(&plan->arena, &job->inputs, &job->input_count, files[f].file.path);
    }
    return status;
}

seine_status seine_plan_make(seine_session *session, uint32_t except, seine_ingest_plan *plan, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t file_count = 0;
    *plan = (seine_ingest_plan){0};
    seine_status status = seine_table_load(session->catalog, "silver.ais", (seine_at){0}, &plan->silver, error);
    if (status == SEINE_OK) status = seine_table_files(plan->silver, &files, &file_count, error);
    if (status == SEINE_OK) status = seine_session_settle(session, except, &plan->settled, error);
    if (status != SEINE_OK) return status;
    status = list_jobs(session, plan, files, file_count);
    if (status == SEINE_OK) status = list_inputs(session, plan, files, file_count);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "out of memory while planning");
}

/* ---- building ---- */

typedef struct building {
    seine_session *session;
    seine_ingest_plan *plan;
    bool write;
} building;

/* Settles and writes keys whose codes are under @p words. */
static seine_status finish_job(const building *b, seine_partition_job *job, seine_fix_key *keys, size_t count,
                               const seine_fix_words *words, seine_error *error) {
    seine_fix_key *spare = malloc((count + 1) * sizeof *spare);
    uint32_t *counts = malloc((words->mover_count + 1) * sizeof *counts);
    job->winners = calloc(b->session->source_count + 1, sizeof *job->winners);
    seine_status status = spare == NULL || counts == NULL || job->winners == NULL
                              ? seine_fail(error, SEINE_E_NOMEM, "out of memory")
                              : SEINE_OK;
    if (status == SEINE_OK) count = seine_fixes_settle(keys, count, words, spare, counts);
    free(spare);
    free(counts);
    if (status != SEINE_OK) return status;
    job->row.content = seine_fixes_hash(keys, count, words, job->winners);
    job->row.rows = (int64_t)count;
    if (!b->write || count == 0) return SEINE_OK;
    char *path = NULL;
    status = seine_table_new_file(b->plan->silver, job->row.partition, &job->arena, &path, error);
    if (status == SEINE_OK) status = seine_fixes_write(keys, count, words, path, &job->arena, &job->file, error);
    if (status != SEINE_OK) return status;
    memcpy(job->file.partition, job->row.partition, sizeof job->file.partition);
    job->has_file = true;
    return SEINE_OK;
}

static seine_status build_job(void *context, size_t index, seine_error *error) {
    const building *b = context;
    seine_partition_job *job = &b->plan->jobs[index];
    job->row.partition[0].value = job->day;
    job->row.partition[1].value = job->bucket;
    if (job->input_count == 0) {
        seine_fix_key *keys = job->keys == NULL ? NULL : job->keys->keys;
        return finish_job(b, job, keys, job->keys == NULL ? 0 : job->keys->count, &b->plan->settled.words, error);
    }
    seine_merged merged;
    seine_status status =
        seine_merge(b->session, job->keys, job->inputs, job->input_count, job->input_rows, &merged, error);
    if (status != SEINE_OK) return status;
    status = finish_job(b, job, merged.keys, merged.count, &merged.words, error);
    seine_merged_free(&merged);
    return status;
}

seine_status seine_plan_build(seine_session *session, seine_ingest_plan *plan, bool write, seine_error *error) {
    for (size_t j = 0; session->engine == NULL && j < plan->count; j++) {
        const seine_status status = plan->jobs[j].input_count > 0 ? seine_session_engine(session, error) : SEINE_OK;
        if (status != SEINE_OK) return status;
    }
    building b = {session, plan, write};
    return seine_session_parallel(session, plan->count, build_job, &b, write ? "writing silver" : "counting", error);
}

void seine_plan_discard(seine_ingest_plan *plan) {
    for (size_t j = 0; j < plan->count; j++) {
        if (!plan->jobs[j].has_file) continue;
        const seine_status ignored = seine_file_remove(plan->jobs[j].file.path, NULL);
        (void)ignored; /* what stays is an orphan, as after a crash */
        plan->jobs[j].has_file = false;
    }
}

void seine_plan_free(seine_ingest_plan *plan) {
    for (size_t j = 0; j < plan->count; j++) {
        seine_arena_free(&plan->jobs[j].arena);
        free(plan->jobs[j].winners);
    }
    free(plan->jobs);
    seine_settled_free(&plan->settled);
    seine_table_close(plan->silver);
    seine_arena_free(&plan->arena);
    *plan = (seine_ingest_plan){0};
}
