/* The session: what is in memory, what it costs, and the threads that work on it. */
#include "ingest/session.h"

#include "base/time.h"
#include "ingest/remarks.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/source.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

bool seine_session_grow(void **array, size_t count, size_t *capacity, size_t element_bytes) {
    if (count < *capacity) return true;
    const size_t grown = *capacity == 0 ? 16 : *capacity * 2;
    void *memory = realloc(*array, grown * element_bytes);
    if (memory == NULL) return false;
    *array = memory;
    *capacity = grown;
    return true;
}

bool seine_session_rebuilds(const seine_session *session, int32_t day) {
    for (size_t i = 0; i < session->rebuild_count; i++)
        if (session->rebuild_days[i] == day) return true;
    return false;
}

/* ---- opening ---- */

static seine_status load_sources(seine_session *session, seine_error *error) {
    seine_source *rows;
    size_t count;
    const seine_status status =
        seine_ledger_sources(session->catalog, SEINE_DATASET_AIS, &session->arena, &rows, &count, error);
    if (status != SEINE_OK) return status;
    for (size_t i = 0; i < count; i++) {
        if (!seine_session_grow((void **)&session->sources, session->source_count, &session->source_capacity,
                                sizeof *session->sources))
            return seine_fail(error, SEINE_E_NOMEM, "out of memory");
        session->sources[session->source_count++] = (seine_session_source){.row = rows[i]};
    }
    return SEINE_OK;
}

seine_status seine_session_open(const char *lake, const seine_ingest_options *options, bool lease, seine_session **out,
                                seine_error *error) {
    if (options->threads < 1 || options->threads > SEINE_PARSE_THREADS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "threads must be 1 to %d, not %d", SEINE_PARSE_THREADS_MAX,
                          options->threads);
    seine_session *session = calloc(1, sizeof *session);
    if (session == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    session->options = *options;
    session->now_us = seine_clock_now_us();
    session->begun_us = seine_clock_monotonic_us();
    session->decoders = calloc((size_t)options->threads, sizeof *session->decoders);
    seine_status status = session->decoders == NULL ? seine_fail(error, SEINE_E_NOMEM, "out of memory") : SEINE_OK;
    if (status == SEINE_OK) {
        for (int d = 0; d < options->threads; d++)
            seine_ais_decoder_init(&session->decoders[d], session->now_us + options->max_future_us);
        session->catalog = options->state;
        if (options->state == NULL) status = seine_catalog_open(lake, &session->catalog, error);
    }
    if (status == SEINE_OK) {
        session->lake = strdup(seine_catalog_path(session->catalog));
        session->buckets = seine_catalog_buckets(session->catalog);
        if (session->lake == NULL) status = seine_fail(error, SEINE_E_NOMEM, "out of memory");
    }
    if (status == SEINE_OK && lease)
        status = seine_lease_take(session->catalog, SEINE_LEASE_INGEST, &session->lease, error);
    if (status == SEINE_OK) status = load_sources(session, error);
    if (status != SEINE_OK) {
        seine_session_close(session);
        return status;
    }
    *out = session;
    return SEINE_OK;
}

/* ---- after a lost race ---- */

static seine_session_source *find_entry(seine_session *session, const seine_source *row) {
    for (size_t s = 0; s < session->source_count; s++) {
        const seine_source *known = &session->sources[s].row;
        if (strcmp(known->name, row->name) == 0 && strcmp(known->sha256, row->sha256) == 0) return &session->sources[s];
    }
    return NULL;
}

/* Two sources of one name cannot both be live. */
static seine_status check_names(const seine_session *session, const seine_source *row, seine_error *error) {
    for (size_t s = 0; row->state == SEINE_SOURCE_LIVE && s < session->source_count; s++) {
        const seine_session_source *ours = &session->sources[s];
        if (!ours->touched || ours->row.state != SEINE_SOURCE_LIVE || strcmp(ours->row.name, row->name) != 0 ||
            strcmp(ours->row.sha256, row->sha256) == 0)
            continue;
        return seine_fail(error, SEINE_E_CONFLICT,
                          "%s: somebody else brought other bytes of this name meanwhile; run the command again",
                          row->name);
    }
    return SEINE_OK;
}

/* One row of the ledger as it is now. A day that is being rebuilt needs the fixes of all of its sources, and of no
 * other. */
static seine_status take_row(seine_session *session, const seine_source *row, seine_error *error) {
    seine_session_source *entry = find_entry(session, row);
    if (entry != NULL && entry->touched) return SEINE_OK;
    seine_status status = check_names(session, row, error);
    if (status != SEINE_OK) return status;
    const bool was_live = entry != NULL && entry->row.state == SEINE_SOURCE_LIVE;
    const bool is_live = row->state == SEINE_SOURCE_LIVE;
    if (entry == NULL) {
        if (!seine_session_grow((void **)&session->sources, session->source_count, &session->source_capacity,
                                sizeof *session->sources))
            return seine_fail(error, SEINE_E_NOMEM, "out of memory");
        entry = &session->sources[session->source_count++];
        *entry = (seine_session_source){0};
    }
    entry->row = *row;
    if (session->rebuild_count == 0 || was_live == is_live) return SEINE_OK;
    const uint32_t source = (uint32_t)(entry - session->sources);
    if (is_live)
        return seine_session_decode_again(session, source, session->rebuild_days, session->rebuild_count, error);
    if (session->run_count > 0)
        return seine_fail(error, SEINE_E_CONFLICT,
                          "%s: somebody else took it out while its days were being rebuilt; run the command again",
                          row->name);
    entry->reject_from = session->reject_file_count;
    seine_session_drop(session, source);
    return SEINE_OK;
}

/* A lease that ran out is taken again, unless somebody is at work under it. */
static seine_status keep_lease(seine_session *session, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    seine_status status = session->lease != NULL ? seine_lease_renew(session->lease, &why) : SEINE_OK;
    if (status != SEINE_E_CONFLICT) return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
    seine_lease_release(session->lease);
    session->lease = NULL;
    return seine_lease_take(session->catalog, SEINE_LEASE_INGEST, &session->lease, error);
}

seine_status seine_session_reload(seine_session *session, seine_error *error) {
    seine_source *rows;
    size_t count;
    seine_status status = keep_lease(session, error);
    if (status == SEINE_OK)
        status = seine_ledger_sources(session->catalog, SEINE_DATASET_AIS, &session->arena, &rows, &count, error);
    for (size_t i = 0; status == SEINE_OK && i < count; i++) status = take_row(session, &rows[i], error);
    return status;
}

seine_status seine_session_engine(seine_session *session, seine_error *error) {
    if (session->engine != NULL) return SEINE_OK;
    const seine_engine_options options = {.threads = 1, .memory_bytes = (uint64_t)256 << 20};
    return seine_engine_open(&options, &session->engine, error);
}

static void remove_file(const char *path) {
    const seine_status ignored = seine_file_remove(path, NULL);
    (void)ignored;
}

void seine_session_close(seine_session *session) {
    if (session == NULL) return;
    for (size_t b = 0; b < session->block_count; b++) seine_fix_batch_free(&session->blocks[b].batch);
    for (size_t r = 0; r < session->run_count; r++) remove_file(session->runs[r].path);
    for (size_t f = 0; f < session->reject_file_count; f++) remove_file(session->reject_files[f].path);
    for (size_t s = 0; s < session->source_count; s++)
        if (session->sources[s].bronze_temp != NULL) remove_file(session->sources[s].bronze_temp);
    for (int d = 0; session->decoders != NULL && d < session->options.threads; d++) {
        seine_ais_decoder_free(&session->decoders[d]);
        free(session->mover_map[d]);
        free(session->tuple_map[d]);
    }
    seine_dict_free(&session->movers);
    seine_dict_free(&session->tuples);
    seine_engine_close(session->engine);
    seine_lease_release(session->lease);
    if (session->options.state == NULL) seine_catalog_close(session->catalog);
    free(session->decoders);
    free(session->blocks);
    free(session->runs);
    free(session->counts);
    free(session->rebuild_days);
    free(session->reject_files);
    free(session->sources);
    free(session->lake);
    seine_arena_free(&session->arena);
    free(session);
}

/* ---- blocks ---- */

static void count_block(seine_source *row, const seine_fix_batch *batch) {
    row->rows += batch->rows;
    row->rejects += (int64_t)batch->reject_count;
    int32_t first = INT32_MIN, last = INT32_MAX;
    if (row->has_declared_day && !seine_source_declared_days(row->name, &first, &last))
        first = last = row->declared_day; /* taken in under another name */
    for (size_t i = 0; i < batch->count; i++) {
        const int64_t ts_us = batch->fixes[i].ts_us;
        if (row->has_declared_day && (seine_time_day(ts_us) < first || seine_time_day(ts_us) > last)) continue;
        if (ts_us > row->greatest_us) row->greatest_us = ts_us;
    }
}

seine_status seine_session_check_rows(const char *name, const seine_parsed_block *blocks, size_t count,
                                      seine_error *error) {
    if (count == 0 || blocks[count - 1].first_row + blocks[count - 1].batch.rows <= SEINE_SOURCE_ROWS_MAX)
        return SEINE_OK;
    return seine_fail(error, SEINE_E_LIMIT, "%s: more than %" PRIu64 " rows; split the file", name,
                      SEINE_SOURCE_ROWS_MAX);
}

seine_status seine_session_take(seine_session *session, uint32_t source, seine_parser *parser, seine_error *error) {
    size_t count;
    seine_parsed_block *blocks = seine_parser_take(parser, &count);
    seine_session_source *entry = &session->sources[source];
    const bool fresh = entry->path != NULL; /* one read again from bronze has its ledger row and rejects already */
    seine_status status = seine_session_check_rows(entry->row.name, blocks, count, error);
    if (status == SEINE_OK && fresh) status = seine_session_write_rejects(session, source, blocks, count, error);
    if (status == SEINE_OK && fresh &&
        seine_remarks_take(&entry->remarks, parser, blocks, count, &session->arena) != SEINE_OK)
        status = seine_fail(error, SEINE_E_NOMEM, "out of memory");
    for (size_t b = 0; b < count; b++) {
        seine_fix_batch *batch = &blocks[b].batch;
        if (fresh) count_block(&entry->row, batch);
        for (size_t i = 0; i < batch->count; i++) batch->fixes[i].row += (uint32_t)blocks[b].first_row;
        seine_buf_free(&batch->text);
        free(batch->rejects);
        batch->rejects = NULL;
        if (status == SEINE_OK && batch->count > 0 &&
            seine_session_grow((void **)&session->blocks, session->block_count, &session->block_capacity,
                               sizeof *session->blocks)) {
            session->blocks[session->block_count++] = (seine_session_block){*batch, blocks[b].decoder, source, false};
            session->held_bytes += batch->count * sizeof(seine_fix);
            continue;
        }
        if (status == SEINE_OK && batch->count > 0) status = seine_fail(error, SEINE_E_NOMEM, "out of memory");
        seine_fix_batch_free(batch);
    }
    return status;
}

static void drop_blocks(seine_session *session, uint32_t source) {
    size_t kept = 0;
    for (size_t b = 0; b < session->block_count; b++) {
        if (session->blocks[b].source != source) {
            session->blocks[kept++] = session->blocks[b];
            continue;
        }
        session->held_bytes -= session->blocks[b].batch.count * sizeof(seine_fix);
        seine_fix_batch_free(&session->blocks[b].batch);
    }
    session->block_count = kept;
}

void seine_session_drop(seine_session *session, uint32_t source) {
    drop_blocks(session, source);
    size_t kept = 0;
    for (size_t c = 0; c < session->count_count; c++)
        if (session->counts[c].source != source) session->counts[kept++] = session->counts[c];
    session->count_count = kept;
    /* Runs hold the source being read only (flush comes before spill). */
    for (size_t r = 0; r < session->run_count; r++) remove_file(session->runs[r].path);
    session->run_count = 0;
    while (session->reject_file_count > session->sources[source].reject_from)
        remove_file(session->reject_files[--session->reject_file_count].path);
}

/* ---- runs ---- */

typedef struct spilling {
    seine_session *session;
    seine_settled *settled;
} spilling;

static seine_status spill_partition(void *context, size_t index, seine_error *error) {
    const spilling *s = context;
    seine_partition_keys *part = &s->settled->partitions[index];
    seine_arena arena = {0};
    seine_fix_key *spare = malloc(part->count * sizeof *spare);
    uint32_t *counts = malloc((s->settled->words.mover_count + 1) * sizeof *counts);
    seine_data_file file;
    seine_status status =
        spare == NULL || counts == NULL ? seine_fail(error, SEINE_E_NOMEM, "out of memory") : SEINE_OK;
    if (status == SEINE_OK) {
        const size_t count = seine_fixes_settle(part->keys, part->count, &s->settled->words, spare, counts);
        const size_t run = s->session->run_count + index;
        status =
            seine_fixes_write(part->keys, count, &s->settled->words, s->session->runs[run].path, &arena, &file, error);
    }
    free(spare);
    free(counts);
    seine_arena_free(&arena);
    return status;
}

static seine_status name_runs(seine_session *session, const seine_settled *settled, seine_error *error) {
    char *folder = seine_file_join(&session->arena, session->lake, "tmp");
    const seine_status status =
        folder == NULL ? seine_fail(error, SEINE_E_NOMEM, "out of memory") : seine_file_make_folders(folder, error);
    for (size_t p = 0; status == SEINE_OK && p < settled->count; p++) {
        const size_t run = session->run_count + p;
        const char *path = seine_arena_printf(&session->arena, "%s/run-%ld-%zu.parquet", folder, (long)getpid(), run);
        if (path == NULL ||
            !seine_session_grow((void **)&session->runs, run, &session->run_capacity, sizeof *session->runs))
            return seine_fail(error, SEINE_E_NOMEM, "out of memory");
        session->runs[run] = (seine_session_run){settled->partitions[p].day, settled->partitions[p].bucket, path};
    }
    return status;
}

seine_status seine_session_spill(seine_session *session, seine_error *error) {
    seine_settled settled;
    seine_status status = seine_session_settle(session, UINT32_MAX, &settled, error);
    if (status != SEINE_OK) return status;
    spilling s = {session, &settled};
    status = name_runs(session, &settled, error);
    if (status == SEINE_OK)
        status = seine_session_parallel(session, settled.count, spill_partition, &s, "sorting runs", error);
    if (status == SEINE_OK) session->run_count += settled.count;
    seine_settled_free(&settled);
    while (status == SEINE_OK && session->block_count > 0) drop_blocks(session, session->blocks[0].source);
    return status;
}

/* ---- threads ---- */

typedef struct parallel {
    seine_status (*work)(void *context, size_t index, seine_error *error);
    void *context;
    size_t count;
    const seine_progress *progress;
    const char *phase;
    atomic_size_t next;
    atomic_bool failed;
    pthread_mutex_t lock;
    size_t done;
    seine_status status;
    seine_error error;
} parallel;

static void *parallel_main(void *argument) {
    parallel *p = argument;
    for (;;) {
        const size_t index = atomic_fetch_add(&p->next, 1);
        if (index >= p->count || atomic_load(&p->failed)) return NULL;
        seine_error error = {SEINE_OK, ""};
        seine_status status = SEINE_E_INTERRUPTED;
        if (seine_progress_stopped(p->progress))
            (void)seine_fail(&error, status, "interrupted");
        else
            status = p->work(p->context, index, &error);
        pthread_mutex_lock(&p->lock);
        if (status != SEINE_OK && p->status == SEINE_OK) {
            p->status = status;
            p->error = error;
            atomic_store(&p->failed, true);
        }
        seine_progress_report(p->progress, p->phase, ++p->done, p->count);
        pthread_mutex_unlock(&p->lock);
    }
}

seine_status seine_session_parallel(seine_session *session, size_t count,
                                    seine_status (*work)(void *context, size_t index, seine_error *error),
                                    void *context, const char *phase, seine_error *error) {
    parallel p = {
        .work = work, .context = context, .count = count, .progress = session->options.progress, .phase = phase};
    pthread_t threads[SEINE_PARSE_THREADS_MAX];
    int started = 0;
    pthread_mutex_init(&p.lock, NULL);
    for (int i = 1; i < session->options.threads && (size_t)i < count; i++)
        if (pthread_create(&threads[started], NULL, parallel_main, &p) == 0) started++;
    (void)parallel_main(&p);
    for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&p.lock);
    if (p.status != SEINE_OK && error != NULL) *error = p.error;
    return p.status;
}
