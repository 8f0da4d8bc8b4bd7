/*
 * From memory to committed. Order matters, because a crash may come at any line:
 *
 *     bronze bytes durable under their names → silver and reject files durable → one transaction (tables + ledger)
 *
 * Before the transaction the lake reads as before, with orphan files beside it; after it, everything is there.
 */
#include "ingest/plan.h"

#include "io/clock.h"
#include "io/file.h"
#include "table/job_timing.h"
#include "table/source.h"

#include <stdlib.h>

#define ATTEMPTS 6

/* ---- bronze ---- */

static seine_status publish_bronze(seine_session *session, uint32_t except, seine_error *error) {
    seine_status status = SEINE_OK;
    for (uint32_t s = 0; status == SEINE_OK && s < session->source_count; s++) {
        seine_session_source *entry = &session->sources[s];
        if (s == except || entry->bronze_temp == NULL) continue;
        status = seine_source_put_bytes(session->lake, entry->bronze_temp, entry->row.bronze_path, entry->row.sha256,
                                        &session->arena, &entry->row.bronze_path, error);
        entry->bronze_temp = NULL;
    }
    return status;
}

/* ---- ledger rows ---- */

static int by_place(const void *a, const void *b) {
    const seine_session_count *x = a, *y = b;
    if (x->day != y->day) return (x->day > y->day) - (x->day < y->day);
    if (x->bucket != y->bucket) return (x->bucket > y->bucket) - (x->bucket < y->bucket);
    return (x->source > y->source) - (x->source < y->source);
}

/* Counts of one (source, partition) together; several reads of a source add up. */
static void join_counts(seine_session *session) {
    if (session->count_count == 0) return;
    qsort(session->counts, session->count_count, sizeof *session->counts, by_place);
    size_t kept = 0;
    for (size_t c = 1; c < session->count_count; c++) {
        if (by_place(&session->counts[kept], &session->counts[c]) == 0)
            session->counts[kept].rows += session->counts[c].rows;
        else
            session->counts[++kept] = session->counts[c];
    }
    session->count_count = kept + 1;
}

/* Rows each source has in each partition, by the ledger; later replaced by what this run counted. */
typedef struct known_days {
    seine_source_day *rows;
    size_t count;
    seine_arena arena;
} known_days;

static size_t first_known(const known_days *known, int32_t day, int32_t bucket) {
    size_t low = 0, high = known->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const seine_source_day *row = &known->rows[middle];
        if (row->day < day || (row->day == day && row->bucket < bucket))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t known_rows(const known_days *known, const seine_source *source, int32_t day, int32_t bucket) {
    for (size_t i = first_known(known, day, bucket); i < known->count; i++) {
        const seine_source_day *row = &known->rows[i];
        if (row->day != day || row->bucket != bucket) break;
        if (strcmp(row->source, source->name) == 0 && strcmp(row->sha256, source->sha256) == 0) return row->rows;
    }
    return 0;
}

static int64_t counted_rows(const seine_session *session, uint32_t source, int32_t day, int32_t bucket) {
    const seine_session_count wanted = {source, day, bucket, 0};
    const seine_session_count *found =
        session->count_count == 0
            ? NULL
            : bsearch(&wanted, session->counts, session->count_count, sizeof *session->counts, by_place);
    return found == NULL ? 0 : found->rows;
}

static seine_status put_partition(seine_session *session, seine_commit *commit, const seine_partition_job *job,
                                  const known_days *known, seine_error *error) {
    seine_status status = seine_ledger_put_partition(commit, "silver.ais", &job->row, error);
    for (uint32_t s = 0; status == SEINE_OK && s < session->source_count; s++) {
        const seine_source *source = &session->sources[s].row;
        if (source->state != SEINE_SOURCE_LIVE) continue;
        const int64_t counted = counted_rows(session, s, job->day, job->bucket);
        const int64_t rows = counted > 0 ? counted : known_rows(known, source, job->day, job->bucket);
        if (rows == 0) continue;
        const seine_source_day row = {source->name, source->sha256, job->day, job->bucket, rows, job->winners[s]};
        status = seine_ledger_put_source_day(commit, SEINE_DATASET_AIS, &row, error);
    }
    return status;
}

static seine_status put_sources(seine_session *session, seine_commit *commit, uint32_t except, seine_error *error) {
    seine_status status = SEINE_OK;
    for (uint32_t s = 0; status == SEINE_OK && s < session->source_count; s++) {
        const seine_session_source *entry = &session->sources[s];
        if (s == except || !entry->touched) continue;
        status = seine_ledger_put_source(commit, &entry->row, error);
        if (status == SEINE_OK && entry->drop_days)
            status =
                seine_ledger_drop_source_days(commit, SEINE_DATASET_AIS, entry->row.name, entry->row.sha256, error);
    }
    return status;
}

/* ---- tables ---- */

static seine_status add_silver(seine_commit *commit, const seine_ingest_plan *plan, seine_error *error) {
    seine_status status = SEINE_OK;
    for (size_t j = 0; status == SEINE_OK && j < plan->count; j++) {
        const seine_partition_job *job = &plan->jobs[j];
        status = seine_commit_files(commit, plan->silver, &job->file, job->has_file ? 1 : 0, job->removed,
                                    job->removed_count, error);
    }
    return status;
}

/* New reject files; the files of sources that leave go. */
static seine_status add_rejects(seine_session *session, seine_commit *commit, uint32_t except, seine_table *rejects,
                                seine_arena *arena, seine_error *error) {
    const size_t added =
        except < session->source_count ? session->sources[except].reject_from : session->reject_file_count;
    seine_status status = seine_commit_files(commit, rejects, session->reject_files, added, NULL, 0, error);
    for (size_t s = 0; status == SEINE_OK && s < session->source_count; s++) {
        const char **paths = NULL;
        size_t count = 0;
        if (!session->sources[s].drop_days) continue;
        status = seine_session_engine(session, error);
        if (status == SEINE_OK)
            status = seine_rejects_of(session, rejects, &session->sources[s].row, arena, &paths, &count, error);
        if (status == SEINE_OK) status = seine_commit_files(commit, rejects, NULL, 0, paths, count, error);
    }
    return status;
}

/* When each day of silver was written, for `seine status`. Jobs are ordered by day. */
static seine_status put_timings(const seine_session *session, seine_commit *commit, const seine_ingest_plan *plan,
                                seine_error *error) {
    seine_status status = SEINE_OK;
    for (size_t j = 0; status == SEINE_OK && j < plan->count; j++) {
        if (j > 0 && plan->jobs[j - 1].day == plan->jobs[j].day) continue;
        const seine_job_timing timing = {
            {.value = plan->jobs[j].day}, session->now_us, seine_clock_monotonic_us() - session->begun_us};
        status = seine_ledger_put_timing(commit, "silver.ais", &timing, error);
    }
    return status;
}

static seine_status put_ledger(seine_session *session, seine_commit *commit, const seine_ingest_plan *plan,
                               uint32_t except, seine_error *error) {
    known_days known = {0};
    seine_status status =
        seine_ledger_source_days(session->catalog, SEINE_DATASET_AIS, &known.arena, &known.rows, &known.count, error);
    if (status == SEINE_OK) status = put_sources(session, commit, except, error);
    for (size_t j = 0; status == SEINE_OK && j < plan->count; j++)
        status = put_partition(session, commit, &plan->jobs[j], &known, error);
    if (status == SEINE_OK) status = put_timings(session, commit, plan, error);
    seine_arena_free(&known.arena);
    return status;
}

/* One try: plan on the tables as they are now, build, commit. */
static seine_status attempt(seine_session *session, uint32_t except, seine_ingest_plan *plan, seine_error *error) {
    seine_table *rejects = NULL;
    seine_commit *commit = NULL;
    seine_run_manifest *run = NULL;
    seine_arena arena = {0};
    seine_status status = seine_plan_make(session, except, plan, error);
    if (status == SEINE_OK) status = seine_plan_build(session, plan, true, error);
    join_counts(session);
    if (status == SEINE_OK)
        status = seine_table_load(session->catalog, "silver.ais_rejects", (seine_at){0}, &rejects, error);
    if (status == SEINE_OK) status = seine_session_manifest(session, except, plan, &run, error);
    if (status == SEINE_OK) status = seine_commit_begin(session->catalog, seine_run_id(run), &commit, error);
    if (status == SEINE_OK) status = add_silver(commit, plan, error);
    if (status == SEINE_OK) status = add_rejects(session, commit, except, rejects, &arena, error);
    if (status == SEINE_OK) status = put_ledger(session, commit, plan, except, error);
    if (status == SEINE_OK) status = seine_run_join(run, commit, error);
    if (status == SEINE_OK)
        status = seine_commit_run(commit, error);
    else if (commit != NULL)
        seine_commit_abort(commit);
    if (status != SEINE_OK && status != SEINE_E_UNKNOWN) seine_plan_discard(plan);
    seine_run_free(run);
    seine_table_close(rejects);
    seine_arena_free(&arena);
    return status;
}

/* ---- after the commit ---- */

static void report_source(seine_session *session, uint32_t s, const seine_ingest_plan *plan) {
    const seine_session_source *entry = &session->sources[s];
    seine_ingest_report *report = &session->report;
    if (entry->path == NULL) return;
    int64_t winners = 0;
    for (size_t j = 0; j < plan->count; j++) winners += plan->jobs[j].winners != NULL ? plan->jobs[j].winners[s] : 0;
    const bool fed = entry->row.state == SEINE_SOURCE_LIVE;
    report->added += entry->outcome == SEINE_INGEST_ADDED;
    report->replaced += entry->outcome == SEINE_INGEST_REPLACED;
    report->quarantined += entry->outcome == SEINE_INGEST_QUARANTINED;
    report->rows += entry->row.rows;
    report->rejects += entry->row.rejects;
    report->bytes += entry->row.bytes;
    if (session->options.report == NULL) return;
    const seine_ingest_result result = {.path = entry->path,
                                        .name = entry->row.name,
                                        .outcome = entry->outcome,
                                        .message = entry->row.reason,
                                        .remarks = &entry->remarks,
                                        .rows = entry->row.rows,
                                        .rejects = entry->row.rejects,
                                        .silver = winners,
                                        .bytes = entry->row.bytes,
                                        .duplicates = fed ? entry->row.rows - entry->row.rejects - winners : 0};
    session->options.report(session->options.context, &result);
}

/* Blocks, runs, counts and rejects of what was committed go; those of `except` stay. */
static void forget_committed(seine_session *session, uint32_t except) {
    size_t kept = 0;
    for (size_t b = 0; b < session->block_count; b++) {
        seine_session_block *block = &session->blocks[b];
        if (block->source == except) {
            session->blocks[kept++] = *block;
            continue;
        }
        session->held_bytes -= block->batch.count * sizeof(seine_fix);
        seine_fix_batch_free(&block->batch);
    }
    session->block_count = kept;
    for (size_t r = 0; r < session->run_count; r++) {
        const seine_status ignored = seine_file_remove(session->runs[r].path, NULL);
        (void)ignored;
    }
    session->run_count = session->count_count = session->rebuild_count = 0;
    kept = 0;
    const size_t from =
        except < session->source_count ? session->sources[except].reject_from : session->reject_file_count;
    for (size_t f = from; f < session->reject_file_count; f++) session->reject_files[kept++] = session->reject_files[f];
    session->reject_file_count = kept;
    for (uint32_t s = 0; s < session->source_count; s++) {
        seine_session_source *entry = &session->sources[s];
        if (s == except) {
            entry->reject_from = 0;
            continue;
        }
        entry->touched = entry->drop_days = false;
        entry->path = NULL;
    }
}

static bool has_work(const seine_session *session, uint32_t except) {
    for (uint32_t s = 0; s < session->source_count; s++)
        if (s != except && session->sources[s].touched) return true;
    return false;
}

/* Tables that somebody changed are planned on anew, and so are those of a lease that ran out: it is taken again. */
static bool may_try_again(seine_session *session, seine_status status) {
    if (status != SEINE_E_BUSY) return status == SEINE_E_CONFLICT;
    return session->lease != NULL && seine_lease_renew(session->lease, NULL) == SEINE_E_CONFLICT;
}

seine_status seine_session_flush(seine_session *session, uint32_t except, seine_error *error) {
    if (!has_work(session, except)) return SEINE_OK;
    seine_status status = publish_bronze(session, except, error);
    for (int tries = 0; status == SEINE_OK && tries < ATTEMPTS; tries++) {
        seine_ingest_plan plan;
        status = attempt(session, except, &plan, error);
        if (status == SEINE_OK) {
            session->report.partitions += plan.count;
            for (uint32_t s = 0; s < session->source_count; s++)
                if (s != except && session->sources[s].touched) report_source(session, s, &plan);
            seine_plan_free(&plan);
            forget_committed(session, except);
            session->begun_us = seine_clock_monotonic_us();
            return SEINE_OK;
        }
        seine_plan_free(&plan);
        if (may_try_again(session, status) && tries + 1 < ATTEMPTS) status = seine_session_reload(session, error);
    }
    return status;
}
