/*
 * From the session to committed. Order matters, because a crash may come at any line:
 *
 *     silver files written ─┬─ bronze bytes and reject files durable meanwhile
 *                           └─▶ silver files and the tables' metadata durable, all at once ─▶ one transaction
 *                               (tables + ledger)
 *
 * Before the transaction the lake reads as before, with orphan files beside it; after it, everything is there.
 */
#include "ingest/raw/records.h"
#include "ingest/commit.h"

#include "base/threads.h"
#include "base/try.h"
#include "ingest/manifest.h"
#include "ingest/next_file.h"
#include "ingest/record_positions.h"
#include "io/clock.h"
#include "table/dataset.h"
#include "table/job_timing.h"
#include "table/source.h"

/* ---- bronze ---- */

static seine_status publish_bronze(seine_session *session, uint32_t except, seine_error *error) {
    for (uint32_t s = 0; s < session->sources.count; s++) {
        seine_known_source *entry = &session->sources.items[s];
        if (s == except || entry->bronze_temp == NULL) continue;
        SEINE_TRY(seine_source_put_bytes(session->lake, SEINE_TAKE(entry->bronze_temp), entry->row.bronze_path,
                                         entry->row.sha256, &session->arena, &entry->row.bronze_path, error));
    }
    return SEINE_OK;
}

/* ---- bronze, rejects and silver ---- */

typedef struct writing {
    seine_session *session;
    uint32_t except;
    seine_partition_plan *plan;
} writing;

static seine_status make_silver(const writing *w, seine_error *error) {
    SEINE_TRY(seine_partition_plan_make(w->session, w->except, w->plan, error));
    return seine_partition_plan_build(w->session, w->plan, true, error);
}

static seine_status write_one(void *context, size_t member, size_t index, seine_error *error) {
    const writing *w = context;
    (void)member;
    if (index > 0) return make_silver(w, error);
    SEINE_TRY(seine_reject_files_sync(&w->session->rejects, error));
    return publish_bronze(w->session, w->except, error);
}

/* The one waits for the disk or the network, the other computes; nothing that one changes is looked at by the other. */
static seine_status write_both(seine_session *session, uint32_t except, seine_partition_plan *plan,
                               seine_error *error) {
    writing w = {session, except, plan};
    const seine_thread_tasks both = {.task = write_one, .context = &w, .count = 2};
    return seine_threads_each(2, &both, error);
}

/* ---- ledger rows ---- */

/* Rows each source has in each partition, by the ledger; later replaced by what this run counted. */
typedef struct known_days {
    seine_source_day *rows;
    size_t count;
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

static seine_source_day known_of(const known_days *known, const seine_source *source, int32_t day, int32_t bucket) {
    for (size_t i = first_known(known, day, bucket); i < known->count; i++) {
        const seine_source_day *row = &known->rows[i];
        if (row->day != day || row->bucket != bucket) break;
        if (seine_source_is(source, row->source, row->sha256)) return *row;
    }
    return (seine_source_day){.rows = 0};
}

/* Rows and winners of a source in a partition that was made anew. The winners of one that goes on are those of this run
 * from here on, for the report. */
static seine_source_day source_day_of(const seine_session *session, const seine_planned_partition *part, uint32_t s,
                                      const known_days *known) {
    const seine_known_source *entry = &session->sources.items[s];
    const int64_t counted = seine_row_counts_find(&session->counts, s, part->day, part->bucket);
    const seine_source_day was = known_of(known, &entry->row, part->day, part->bucket);
    const bool goes_on = seine_known_source_goes_on(entry);
    const int64_t rows = goes_on ? counted + was.rows : counted > 0 ? counted : was.rows;
    const seine_source_day row = {entry->row.name, entry->row.sha256, part->day, part->bucket, rows, part->winners[s]};
    if (goes_on) part->winners[s] -= was.winners;
    return row;
}

static seine_status put_partition(seine_session *session, seine_commit *commit, const seine_planned_partition *part,
                                  const known_days *known, seine_error *error) {
    SEINE_TRY(seine_ledger_put_partition(commit, seine_dataset_silver(session->dataset)->name, &part->row, error));
    for (uint32_t s = 0; s < session->sources.count; s++) {
        const seine_source *source = &session->sources.items[s].row;
        if (source->state != SEINE_SOURCE_LIVE) continue;
        seine_source_day row = {source->name, source->sha256, part->day, part->bucket, 0, part->winners[s]};
        if (part->is_appended) { /* the rows of others stay as they are */
            row.rows = seine_row_counts_find(&session->counts, s, part->day, part->bucket);
            if (row.rows > 0) SEINE_TRY(seine_ledger_add_source_day(commit, session->dataset->name, &row, error));
            continue;
        }
        row = source_day_of(session, part, s, known);
        if (row.rows > 0) SEINE_TRY(seine_ledger_put_source_day(commit, session->dataset->name, &row, error));
    }
    return SEINE_OK;
}

static seine_status put_sources(seine_session *session, seine_commit *commit, uint32_t except, seine_error *error) {
    for (uint32_t s = 0; s < session->sources.count; s++) {
        const seine_known_source *entry = &session->sources.items[s];
        if (s == except || !entry->touched) continue;
        SEINE_TRY(seine_ledger_put_source(commit, &entry->row, error));
        if (entry->drop_days)
            SEINE_TRY(seine_ledger_drop_source_days(commit, session->dataset->name, entry->row.name, entry->row.sha256,
                                                    error));
    }
    return SEINE_OK;
}

/* ---- tables ---- */

/* All new files at once, so that they are looked at at once. */
static seine_status add_silver(seine_commit *commit, const seine_partition_plan *plan, seine_arena *arena,
                               seine_error *error) {
    seine_data_file *added = SEINE_ARENA_ARRAY(arena, seine_data_file, plan->count);
    size_t count = 0;
    if (added == NULL) return seine_no_memory(error, "writing silver");
    for (size_t j = 0; j < plan->count; j++) {
        const seine_planned_partition *part = &plan->partitions[j];
        if (part->has_file) added[count++] = part->file;
        SEINE_TRY(seine_commit_files(commit, plan->silver, NULL, 0, part->removed, part->removed_count, error));
    }
    return seine_commit_files(commit, plan->silver, added, count, NULL, 0, error);
}

/* Reject files of the source being read are the last ones, and wait with it. */
static size_t ready_rejects(const seine_session *session, uint32_t except) {
    return except < session->sources.count ? session->sources.items[except].reject_from : session->rejects.count;
}

/* New reject files; the files of sources that leave go. */
static seine_status add_rejects(seine_session *session, seine_commit *commit, uint32_t except, seine_table *rejects,
                                seine_arena *arena, seine_error *error) {
    SEINE_TRY(seine_commit_files(commit, rejects, session->rejects.items, ready_rejects(session, except),
                                 session->rejects.merged, session->rejects.merged_count, error));
    for (size_t s = 0; s < session->sources.count; s++) {
        const char **paths = NULL;
        size_t count = 0;
        if (!session->sources.items[s].drop_days) continue;
        SEINE_TRY(seine_session_engine(session, error));
        SEINE_TRY(seine_reject_files_find(session->engine, rejects, &session->sources.items[s].row, arena, &paths,
                                          &count, error));
        SEINE_TRY(seine_commit_files(commit, rejects, NULL, 0, paths, count, error));
    }
    return SEINE_OK;
}

/* Records of an API. */
static seine_status add_raw(seine_session *session, seine_commit *commit, uint32_t except, seine_error *error) {
    seine_table *raw = NULL;
    if (session->raw.count == 0) return SEINE_OK;
    SEINE_TRY(seine_raw_table_of(session, &raw, error));
    for (size_t i = 0; i < session->raw.count; i++) {
        const seine_raw_file *file = &session->raw.files[i];
        if (file->source != except)
            SEINE_TRY(seine_commit_files(commit, raw, &file->file, 1, file->merged, file->merged_count, error));
    }
    return SEINE_OK;
}

/* When each day of silver was written, for `seine status`. Partitions are ordered by day. */
static seine_status put_timings(const seine_session *session, seine_commit *commit, const seine_partition_plan *plan,
                                seine_error *error) {
    for (size_t j = 0; j < plan->count; j++) {
        if (j > 0 && plan->partitions[j - 1].day == plan->partitions[j].day) continue;
        const seine_job_timing timing = {
            {.value = plan->partitions[j].day}, session->now_us, seine_clock_monotonic_us() - session->begun_us};
        SEINE_TRY(seine_ledger_put_timing(commit, seine_dataset_silver(session->dataset)->name, &timing, error));
    }
    return SEINE_OK;
}

/* Of what a batch only lies beside no row of the ledger changes, and none is read: they are of all history. */
static bool changes_stored_rows(const seine_partition_plan *plan) {
    for (size_t j = 0; j < plan->count; j++)
        if (!plan->partitions[j].is_appended) return true;
    return false;
}

static seine_status put_ledger(seine_session *session, seine_commit *commit, const seine_partition_plan *plan,
                               uint32_t except, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    known_days known = {0};
    if (changes_stored_rows(plan))
        SEINE_TRY(seine_ledger_source_days(session->catalog, session->dataset->name, &arena, &known.rows, &known.count,
                                           error));
    SEINE_TRY(put_sources(session, commit, except, error));
    if (session->is_stale) SEINE_TRY(seine_lake_dataset_reread(commit, session->dataset->name, error));
    for (size_t j = 0; j < plan->count; j++)
        SEINE_TRY(put_partition(session, commit, &plan->partitions[j], &known, error));
    return put_timings(session, commit, plan, error);
}

/* ---- all of it ---- */

typedef struct committing {
    seine_session *session;
    seine_commit *commit;
} committing;

static seine_status commit_or_read(void *context, size_t member, size_t index, seine_error *error) {
    const committing *c = context;
    (void)member;
    if (index == 0) return seine_commit_run(c->commit, error);
    seine_next_file_read(c->session);
    return SEINE_OK;
}

/* The next file is read meanwhile; not while one is being read, which uses the decoders and has no memory left. */
static seine_status commit_beside(seine_session *session, uint32_t except, seine_commit *commit, seine_error *error) {
    committing c = {session, commit};
    const bool reads = except == SEINE_NO_SOURCE && seine_read_ahead_has_work(&session->ahead);
    const seine_thread_tasks both = {.task = commit_or_read, .context = &c, .count = reads ? 2 : 1};
    return seine_threads_each(2, &both, error);
}

/* One try: plan on the tables as they are now, build, commit. */
static seine_status attempt(seine_session *session, uint32_t except, seine_partition_plan *plan, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_table *rejects SEINE_OWNED(seine_table_close_owned) = NULL;
    seine_run_manifest *run SEINE_OWNED(seine_run_free_owned) = NULL;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(write_both(session, except, plan, error));
    seine_row_counts_join(&session->counts);
    SEINE_TRY(seine_table_load(session->catalog, seine_dataset_rejects(session->dataset)->name, (seine_at){0}, &rejects,
                               error));
    SEINE_TRY(seine_manifest_make(session, except, plan, &run, error));
    SEINE_TRY(seine_commit_begin(session->catalog, seine_run_id(run), &commit, error));
    seine_commit_take_batch(commit, SEINE_TAKE(plan->batch));
    if (session->lease != NULL) seine_commit_allow_rebase(commit); /* sources are nobody else's then */
    SEINE_TRY(add_silver(commit, plan, &arena, error));
    SEINE_TRY(add_rejects(session, commit, except, rejects, &arena, error));
    SEINE_TRY(add_raw(session, commit, except, error));
    SEINE_TRY(put_ledger(session, commit, plan, except, error));
    SEINE_TRY(seine_record_positions_move(session->catalog, session->run_job, session->runs, session->run_count, commit,
                                          &arena, error));
    SEINE_TRY(seine_run_join(run, commit, error));
    return commit_beside(session, except, SEINE_TAKE(commit), error);
}

/* ---- after the commit ---- */

static void report_source(seine_session *session, uint32_t s, const seine_partition_plan *plan) {
    const seine_known_source *entry = &session->sources.items[s];
    const seine_source brought = seine_known_source_brought(entry);
    seine_ingest_report *report = &session->report;
    if (entry->path == NULL) return;
    int64_t winners = 0;
    for (size_t j = 0; j < plan->count; j++)
        winners += plan->partitions[j].winners != NULL ? plan->partitions[j].winners[s] : 0;
    const bool fed = entry->row.state == SEINE_SOURCE_LIVE;
    report->added += entry->outcome == SEINE_INGEST_ADDED;
    report->replaced += entry->outcome == SEINE_INGEST_REPLACED;
    report->quarantined += entry->outcome == SEINE_INGEST_QUARANTINED;
    report->rows += brought.rows;
    report->rejects += brought.rejects;
    report->bytes += brought.bytes;
    if (session->options.report == NULL) return;
    const seine_ingest_result result = {.path = entry->path,
                                        .name = entry->row.name,
                                        .outcome = entry->outcome,
                                        .message = entry->row.reason,
                                        .remarks = &entry->remarks,
                                        .rows = brought.rows,
                                        .rejects = brought.rejects,
                                        .silver = winners,
                                        .bytes = brought.bytes,
                                        .duplicates = fed ? brought.rows - brought.rejects - winners : 0};
    session->options.report(session->options.context, &result);
}

/* Fixes, runs, counts and rejects of what was committed go; those of `except` stay. */
static void forget_committed(seine_session *session, uint32_t except) {
    seine_row_pool_keep(&session->pool, except);
    seine_spill_drop(&session->spill);
    seine_reject_files_committed(&session->rejects, ready_rejects(session, except));
    seine_raw_committed(&session->raw, except);
    session->counts.count = session->rebuilt.count = 0;
    session->compacts = session->is_stale = false;
    for (uint32_t s = 0; s < session->sources.count; s++) {
        seine_known_source *entry = &session->sources.items[s];
        if (s == except) {
            entry->reject_from = 0;
            continue;
        }
        entry->touched = entry->drop_days = false;
        entry->path = NULL;
        entry->before = (seine_source){0};
    }
}

static bool has_work(const seine_session *session, uint32_t except) {
    if (session->compacts || session->is_stale) return true;
    for (uint32_t s = 0; s < session->sources.count; s++)
        if (s != except && session->sources.items[s].touched) return true;
    return false;
}

seine_status seine_session_commit(seine_session *session, uint32_t except, seine_error *error) {
    seine_partition_plan plan SEINE_OWNED(seine_partition_plan_free) = {0};
    if (!has_work(session, except)) return SEINE_OK;
    const seine_status status = attempt(session, except, &plan, error);
    /* After an unknown outcome the files may be live, those of refused rows, too. */
    if (status == SEINE_E_UNKNOWN) {
        seine_reject_files_committed(&session->rejects, ready_rejects(session, except));
        seine_raw_committed(&session->raw, except);
    }
    if (status != SEINE_OK && status != SEINE_E_UNKNOWN) seine_partition_plan_discard(&plan);
    SEINE_TRY(status);
    session->report.partitions += plan.count;
    for (uint32_t s = 0; s < session->sources.count; s++)
        if (s != except && session->sources.items[s].touched) report_source(session, s, &plan);
    forget_committed(session, except);
    session->begun_us = seine_clock_monotonic_us();
    return SEINE_OK;
}
