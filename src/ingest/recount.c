/* What silver should be, worked out from bronze alone: the proof behind `seine verify --deep`. Days are taken in groups
 * that fit memory. */
#include "ingest/partition_plan.h"
#include "base/try.h"
#include "ingest/rebuild.h"
#include "table/source.h"

typedef struct recount {
    seine_session *session;
    const seine_source_day *rows;
    size_t count;
    void (*row)(void *context, const seine_partition_row *partition);
    void *context;
} recount;

static seine_status build_days(recount *r, const int32_t *days, size_t day_count, size_t first, size_t last,
                               seine_error *error) {
    seine_session *session = r->session;
    seine_partition_plan plan SEINE_OWNED(seine_partition_plan_free) = {0};
    for (size_t d = 0; d < day_count; d++)
        if (seine_day_set_add(&session->rebuilt, days[d]) != SEINE_OK) return seine_no_memory(error, "counting days");
    SEINE_TRY(seine_rebuild_days_of(session, r->rows + first, last - first, error));
    SEINE_TRY(seine_partition_plan_make(session, SEINE_NO_SOURCE, &plan, error));
    SEINE_TRY(seine_partition_plan_build(session, &plan, false, error));
    for (size_t p = 0; p < plan.count; p++) r->row(r->context, &plan.partitions[p].row);
    return SEINE_OK;
}

/* Leaves the session as empty as it was. */
static seine_status count_days(recount *r, const int32_t *days, size_t day_count, size_t first, size_t last,
                               seine_error *error) {
    seine_session *session = r->session;
    const seine_status status = build_days(r, days, day_count, first, last, error);
    while (session->pool.block_count > 0) seine_session_drop(session, session->pool.blocks[0].source);
    seine_spill_drop(&session->spill); /* of a file whose last rows were all of other days */
    session->rebuilt.count = session->counts.count = 0;
    return status;
}

seine_status seine_ingest_recount(const char *lake, const seine_ingest_options *options,
                                  void (*row)(void *context, const seine_partition_row *partition), void *context,
                                  seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_session *session SEINE_OWNED(seine_session_close_owned) = NULL;
    seine_source_day *rows = NULL;
    size_t count = 0;
    SEINE_TRY(seine_session_open(lake, options, false, &session, error));
    SEINE_TRY(seine_ledger_source_days(session->catalog, session->dataset->name, &arena, &rows, &count, error));
    int32_t *days = SEINE_ARENA_ARRAY(&arena, int32_t, count);
    if (days == NULL) return seine_no_memory(error, "counting days");
    recount r = {session, rows, count, row, context};
    const uint64_t most = options->memory_bytes / 160; /* fixes at once */
    for (size_t first = 0, last; first < count; first = last) {
        size_t day_count = 0;
        uint64_t held = 0;
        for (last = first; last < count; last++) {
            const bool fresh_day = day_count == 0 || days[day_count - 1] != rows[last].day;
            if (fresh_day && held > most) break;
            if (fresh_day) days[day_count++] = rows[last].day;
            held += (uint64_t)rows[last].rows;
        }
        SEINE_TRY(count_days(&r, days, day_count, first, last, error));
    }
    return SEINE_OK;
}
