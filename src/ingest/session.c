#include "ingest/session.h"

#include "base/try.h"
#include "ingest/source_text.h"
#include "io/clock.h"
#include "table/dataset.h"
#include "table/source.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- opening ---- */

static seine_status load_sources(seine_session *session, seine_error *error) {
    seine_source *rows;
    size_t count;
    SEINE_TRY(seine_ledger_sources(session->catalog, session->dataset->name, &session->arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++)
        SEINE_TRY(seine_known_sources_add(&session->sources, &(seine_known_source){.row = rows[i]}, NULL, error));
    return SEINE_OK;
}

static seine_status open_pool(seine_session *session, seine_error *error) {
    const int count = session->options.threads;
    session->decoders = calloc((size_t)count, sizeof *session->decoders);
    if (session->decoders == NULL) return seine_no_memory(error, "opening a lake for an ingest");
    for (int d = 0; d < count; d++)
        seine_fix_decoder_init(&session->decoders[d], session->dataset,
                               session->now_us + session->options.max_future_us);
    return seine_row_pool_open(&session->pool, session->dataset, session->decoders, count, error);
}

seine_status seine_session_lease(seine_session *session, seine_error *error) {
    char *name = seine_arena_printf(&session->arena, SEINE_LEASE_INGEST "%s", session->dataset->name);
    if (name == NULL) return seine_no_memory(error, session->dataset->name);
    return seine_lease_take_as(session->catalog, name, session->options.holder, &session->lease, error);
}

/* As the lake has it from now on: with the ids of its columns. */
static seine_status take_dataset(seine_session *session, seine_error *error) {
    SEINE_TRY(seine_session_lease(session, error));
    SEINE_TRY(seine_lake_dataset_put(session->catalog, session->dataset, error));
    if (seine_dataset_is_of_ships(session->dataset)) return SEINE_OK; /* ships: they have no description */
    SEINE_TRY(seine_lake_dataset(session->catalog, session->dataset->name, &session->arena, &session->dataset, error));
    session->options.dataset = session->dataset;
    return seine_lake_dataset_is_stale(session->catalog, session->dataset->name, &session->is_stale, error);
}

seine_status seine_session_open(const char *lake, const seine_ingest_options *options, bool lease, seine_session **out,
                                seine_error *error) {
    if (options->threads < 1 || options->threads > SEINE_PARSE_THREADS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "threads must be 1 to %d, not %d", SEINE_PARSE_THREADS_MAX,
                          options->threads);
    seine_session *session SEINE_OWNED(seine_session_close_owned) = calloc(1, sizeof *session);
    if (session == NULL) return seine_no_memory(error, "opening a lake for an ingest");
    session->options = *options;
    session->dataset = session->given = options->dataset;
    session->now_us = seine_clock_now_us();
    session->begun_us = seine_clock_monotonic_us();
    session->catalog = options->state;
    if (options->state == NULL) SEINE_TRY(seine_catalog_open(lake, &session->catalog, error));
    session->lake = seine_catalog_path(session->catalog);
    session->buckets = seine_catalog_buckets(session->catalog);
    if (lease) SEINE_TRY(take_dataset(session, error));
    SEINE_TRY(open_pool(session, error));
    SEINE_TRY(load_sources(session, error));
    *out = SEINE_TAKE(session);
    return SEINE_OK;
}

void seine_session_close(seine_session *session) {
    if (session == NULL) return;
    seine_row_pool_close(&session->pool);
    for (int d = 0; session->decoders != NULL && d < session->options.threads; d++)
        seine_fix_decoder_free(&session->decoders[d]);
    free(session->decoders);
    seine_spill_free(&session->spill);
    seine_reject_files_free(&session->rejects);
    seine_raw_records_free(&session->raw);
    seine_known_sources_free(&session->sources);
    seine_engine_close(session->engine);
    seine_lease_release(session->lease);
    if (session->options.state == NULL) seine_catalog_close(session->catalog);
    free(session->counts.items);
    free(session->rebuilt.days);
    seine_read_ahead_free(&session->ahead);
    seine_arena_free(&session->arena);
    free(session);
}

seine_status seine_session_engine(seine_session *session, seine_error *error) {
    return seine_source_engine(&session->engine, error);
}

/* ---- memory ---- */

/* Fixes may fill what dictionaries, text blocks, sort keys (16 of 64 bytes) and the Parquet writers leave. */
uint64_t seine_session_budget(const seine_session *session) {
    const uint64_t fixed = (uint64_t)(session->options.threads + 1) * (16 << 20) + (64 << 20);
    const uint64_t memory = session->options.memory_bytes > 2 * fixed ? session->options.memory_bytes - fixed : fixed;
    return memory / 80 * 64;
}

seine_status seine_session_spill(seine_session *session, seine_error *error) {
    seine_dealt_rows dealt SEINE_OWNED(seine_dealt_rows_free) = {0};
    SEINE_TRY(seine_row_pool_deal(&session->pool, &session->sources, SEINE_NO_SOURCE, session->buckets,
                                  &session->counts, &dealt, error));
    SEINE_TRY(seine_spill_write(&session->spill, session->lake, &dealt, session->options.threads,
                                session->options.progress, error));
    seine_row_pool_keep(&session->pool, SEINE_NO_SOURCE);
    return SEINE_OK;
}

void seine_session_drop(seine_session *session, uint32_t source) {
    seine_row_pool_drop(&session->pool, source);
    seine_row_counts_drop(&session->counts, source);
    seine_spill_drop(&session->spill); /* of the source being read only: others are committed before a spill */
    seine_reject_files_drop(&session->rejects, session->sources.items[source].reject_from);
}
