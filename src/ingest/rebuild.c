#include "ingest/rebuild.h"

#include "base/try.h"
#include "ingest/source_reader.h"
#include "table/source.h"

seine_status seine_rebuild_read(seine_session *session, uint32_t source, seine_error *error) {
    const seine_source *row = &session->sources.items[source].row;
    const bool is_of_records = seine_source_is_of_records(row);
    const char *path = is_of_records ? NULL : seine_source_bytes_path(session->lake, row, &session->arena);
    if (path == NULL && !is_of_records) return seine_no_memory(error, row->name);
    seine_source_reader reader SEINE_OWNED(seine_source_reader_close) = {0};
    bool ended = false, is_lake = false;
    if (!is_of_records) SEINE_TRY(seine_known_source_check(row, path, error));
    SEINE_TRY(seine_source_reader_open(session, source, path, &session->rebuilt, &reader, error));
    while (!ended) {
        SEINE_TRY(seine_source_reader_run(&reader, &ended, &is_lake, error));
        if (!ended) SEINE_TRY(seine_session_spill(session, error));
    }
    return SEINE_OK;
}

/* ---- which days ---- */

static bool feeds_rebuilt_day(const seine_session *session, const seine_source *source, const seine_source_day *rows,
                              size_t count) {
    for (size_t i = 0; i < count; i++)
        if (seine_source_is(source, rows[i].source, rows[i].sha256) &&
            seine_day_set_has(&session->rebuilt, rows[i].day))
            return true;
    return false;
}

seine_status seine_rebuild_days_of(seine_session *session, const seine_source_day *rows, size_t count,
                                   seine_error *error) {
    for (uint32_t s = 0; s < session->sources.count; s++) {
        const seine_known_source *entry = &session->sources.items[s];
        if (entry->row.state == SEINE_SOURCE_LIVE && entry->path == NULL &&
            feeds_rebuilt_day(session, &entry->row, rows, count))
            SEINE_TRY(seine_rebuild_read(session, s, error));
    }
    return SEINE_OK;
}

seine_status seine_rebuild_all(seine_session *session, size_t *count, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_source_day *rows = NULL;
    size_t row_count = 0;
    SEINE_TRY(seine_ledger_source_days(session->catalog, session->dataset->name, &arena, &rows, &row_count, error));
    for (size_t i = 0; i < row_count; i++)
        if (seine_day_set_add(&session->rebuilt, rows[i].day) != SEINE_OK)
            return seine_no_memory(error, session->dataset->name);
    *count = 0;
    for (uint32_t s = 0; s < session->sources.count; s++)
        *count += session->sources.items[s].row.state == SEINE_SOURCE_LIVE;
    return seine_rebuild_days_of(session, rows, row_count, error);
}

void seine_source_leave(seine_known_source *entry, seine_source_state state, const char *reason) {
    entry->row.state = state;
    entry->row.reason = reason;
    entry->touched = entry->drop_days = true;
}

seine_status seine_rebuild_without(seine_session *session, uint32_t source, seine_source_state state,
                                   const char *reason, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_source_day *rows = NULL;
    size_t count = 0;
    seine_known_source *entry = &session->sources.items[source];
    seine_source_leave(entry, state, reason);
    SEINE_TRY(seine_ledger_source_days(session->catalog, session->dataset->name, &arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++)
        if (seine_source_is(&entry->row, rows[i].source, rows[i].sha256) &&
            seine_day_set_add(&session->rebuilt, rows[i].day) != SEINE_OK)
            return seine_no_memory(error, entry->row.name);
    return seine_rebuild_days_of(session, rows, count, error);
}

/* ---- after a lost race ---- */

/* Two sources of one name cannot both be live. */
static seine_status check_names(const seine_session *session, const seine_source *row, seine_error *error) {
    for (size_t s = 0; row->state == SEINE_SOURCE_LIVE && s < session->sources.count; s++) {
        const seine_known_source *ours = &session->sources.items[s];
        if (!ours->touched || ours->row.state != SEINE_SOURCE_LIVE || strcmp(ours->row.name, row->name) != 0 ||
            strcmp(ours->row.sha256, row->sha256) == 0)
            continue;
        return seine_fail(error, SEINE_E_CONFLICT,
                          "%s: somebody else brought other bytes of this name meanwhile; run the command again",
                          row->name);
    }
    return SEINE_OK;
}

/* Rows of a source that goes on are numbered behind those that it had. */
static seine_status check_goes_on(const seine_known_source *entry, const seine_source *row, seine_error *error) {
    if (!seine_known_source_goes_on(entry) || (row->rows == entry->before.rows && row->state == entry->before.state))
        return SEINE_OK;
    return seine_fail(error, SEINE_E_CONFLICT,
                      "%s: somebody else changed it while records were brought to it; run the command again",
                      row->name);
}

/* One row of the ledger as it is now. A day that is being rebuilt needs the fixes of all of its sources, and of no
 * other. */
static seine_status take_row(seine_session *session, const seine_source *row, seine_error *error) {
    seine_known_sources *sources = &session->sources;
    uint32_t source = 0;
    while (source < sources->count && !seine_source_is(&sources->items[source].row, row->name, row->sha256)) source++;
    const bool is_new = source == sources->count;
    if (!is_new && sources->items[source].touched) return check_goes_on(&sources->items[source], row, error);
    SEINE_TRY(check_names(session, row, error));
    if (is_new) SEINE_TRY(seine_known_sources_add(sources, &(seine_known_source){0}, NULL, error));
    seine_known_source *entry = &sources->items[source];
    const bool was_live = !is_new && entry->row.state == SEINE_SOURCE_LIVE;
    const bool is_live = row->state == SEINE_SOURCE_LIVE;
    entry->row = *row;
    if (session->rebuilt.count == 0 || was_live == is_live) return SEINE_OK;
    if (is_live) return seine_rebuild_read(session, source, error);
    if (session->spill.count > 0)
        return seine_fail(error, SEINE_E_CONFLICT,
                          "%s: somebody else took it out while its days were being rebuilt; run the command again",
                          row->name);
    entry->reject_from = session->rejects.count;
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
    return seine_session_lease(session, error);
}

seine_status seine_rebuild_reload(seine_session *session, seine_error *error) {
    seine_source *rows;
    size_t count;
    seine_raw_forget_table(&session->raw);
    SEINE_TRY(keep_lease(session, error));
    SEINE_TRY(seine_ledger_sources(session->catalog, session->dataset->name, &session->arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++) SEINE_TRY(take_row(session, &rows[i], error));
    return SEINE_OK;
}
