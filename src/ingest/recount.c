/* What silver should be, worked out from bronze alone: the proof behind `seine verify --deep`. Days are taken in groups
 * that fit memory. */
#include "ingest/plan.h"

#include "io/file.h"
#include "table/source.h"

#include <stdlib.h>

typedef struct recount {
    seine_session *session;
    const seine_source_day *rows;
    size_t count;
    void (*row)(void *context, const seine_partition_row *partition);
    void *context;
} recount;

/* Every live source that feeds one of the days, those days only. */
static seine_status read_days(recount *r, const int32_t *days, size_t day_count, size_t first, size_t last,
                              seine_error *error) {
    seine_session *session = r->session;
    for (uint32_t s = 0; s < session->source_count; s++) {
        const seine_source *source = &session->sources[s].row;
        bool feeds = false;
        for (size_t i = first; i < last && !feeds; i++)
            feeds = strcmp(r->rows[i].source, source->name) == 0 && strcmp(r->rows[i].sha256, source->sha256) == 0;
        if (source->state != SEINE_SOURCE_LIVE || !feeds) continue;
        const seine_status status = seine_session_decode_again(session, s, days, day_count, error);
        if (status != SEINE_OK) return status;
    }
    return SEINE_OK;
}

static seine_status count_days(recount *r, const int32_t *days, size_t day_count, size_t first, size_t last,
                               seine_error *error) {
    seine_session *session = r->session;
    seine_ingest_plan plan = {0};
    session->rebuild_days = malloc(day_count * sizeof *days);
    if (session->rebuild_days == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    memcpy(session->rebuild_days, days, day_count * sizeof *days);
    session->rebuild_count = day_count;
    seine_status status = read_days(r, days, day_count, first, last, error);
    if (status == SEINE_OK) status = seine_plan_make(session, UINT32_MAX, &plan, error);
    if (status == SEINE_OK) status = seine_plan_build(session, &plan, false, error);
    for (size_t j = 0; status == SEINE_OK && j < plan.count; j++) r->row(r->context, &plan.jobs[j].row);
    seine_plan_free(&plan);
    while (session->block_count > 0) seine_session_drop(session, session->blocks[0].source);
    session->rebuild_count = session->count_count = 0;
    free(session->rebuild_days);
    session->rebuild_days = NULL;
    return status;
}

seine_status seine_ingest_recount(const char *lake, const seine_ingest_options *options,
                                  void (*row)(void *context, const seine_partition_row *partition), void *context,
                                  seine_error *error) {
    seine_session *session;
    seine_arena arena = {0};
    seine_source_day *rows = NULL;
    size_t count = 0;
    seine_status status = seine_session_open(lake, options, false, &session, error);
    if (status != SEINE_OK) return status;
    status = seine_ledger_source_days(session->catalog, SEINE_DATASET_AIS, &arena, &rows, &count, error);
    int32_t *days = status == SEINE_OK ? SEINE_ARENA_ARRAY(&arena, int32_t, count) : NULL;
    recount r = {session, rows, count, row, context};
    const uint64_t most = options->memory_bytes / 160; /* fixes at once */
    for (size_t first = 0, last; status == SEINE_OK && first < count; first = last) {
        size_t day_count = 0;
        uint64_t held = 0;
        for (last = first; last < count; last++) {
            const bool fresh_day = day_count == 0 || days[day_count - 1] != rows[last].day;
            if (fresh_day && held > most) break;
            if (fresh_day) days[day_count++] = rows[last].day;
            held += (uint64_t)rows[last].rows;
        }
        status = count_days(&r, days, day_count, first, last, error);
    }
    seine_session_close(session);
    seine_arena_free(&arena);
    return status;
}
