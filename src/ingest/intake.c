/*
 * One file, from its bytes to its fate:
 *
 *     bytes copied beside bronze, hashed ─▶ known already? same ─▶ nothing to do
 *            │                                  other bytes ─▶ refused, or replaced: its days are rebuilt
 *            └─▶ decoded into the pool ─▶ whole: committed with its group; corrupt: quarantine; unreadable: left out
 *
 * A replaced source is a group of its own.
 */
#include "ingest/intake.h"

#include "base/hash.h"
#include "base/try.h"
#include "ingest/commit.h"
#include "ingest/rebuild.h"
#include "ingest/remarks.h"
#include "ingest/arrival.h"
#include "io/file.h"
#include "table/source.h"

#include <stdio.h>

#define ATTEMPTS 6

/* Tables that somebody changed are planned on anew, and so are those of a lease that ran out: it is taken again. */
static bool may_try_again(seine_session *session, seine_status status) {
    if (status != SEINE_E_BUSY) return status == SEINE_E_CONFLICT;
    return session->lease != NULL && seine_lease_renew(session->lease, NULL) == SEINE_E_CONFLICT;
}

seine_status seine_intake_commit(seine_session *session, uint32_t except, seine_error *error) {
    for (int tries = 1;; tries++) {
        seine_status status = seine_session_commit(session, except, error);
        if (status == SEINE_OK || !may_try_again(session, status) || tries == ATTEMPTS) return status;
        SEINE_TRY(seine_rebuild_reload(session, error));
    }
}

seine_status seine_intake_anew(seine_session *session, seine_error *error) {
    if (!session->is_stale) return SEINE_OK;
    SEINE_TRY(seine_rebuild_all(session, &session->report.reread, error));
    return seine_intake_commit(session, SEINE_NO_SOURCE, error);
}

seine_status seine_intake_commit_when_full(seine_session *session, seine_error *error) {
    const uint64_t held = session->pool.held_bytes, wanted = session->options.commit_rows;
    const bool is_full = held > seine_session_budget(session) / 2 || (wanted > 0 && held / sizeof(seine_fix) >= wanted);
    return is_full ? seine_intake_commit(session, SEINE_NO_SOURCE, error) : SEINE_OK;
}

void seine_intake_tell(seine_session *session, const char *path, const char *name, seine_ingest_outcome outcome,
                       const char *message) {
    session->report.same += outcome == SEINE_INGEST_SAME;
    session->report.failed += outcome == SEINE_INGEST_FAILED;
    session->report.left_out += outcome == SEINE_INGEST_LEFT_OUT;
    if (session->options.report == NULL) return;
    const seine_ingest_result result = {.path = path, .name = name, .outcome = outcome, .message = message};
    session->options.report(session->options.context, &result);
}

/* ---- decoding ---- */

/* What is in memory goes to the lake, or, when that is the source being read, to disk. */
static seine_status make_room(seine_session *session, uint32_t source, seine_error *error) {
    bool others = false;
    for (size_t b = 0; b < session->pool.block_count; b++) others = others || session->pool.blocks[b].source != source;
    if (others && session->rebuilt.count == 0 && !session->is_whole) return seine_intake_commit(session, source, error);
    return seine_session_spill(session, error);
}

seine_status seine_intake_read(seine_source_reader *reader, bool *is_lake, seine_error *error) {
    for (bool ended = false;;) {
        SEINE_TRY(seine_source_reader_run(reader, &ended, is_lake, error));
        if (ended) return SEINE_OK;
        *is_lake = true;
        SEINE_TRY(make_room(reader->session, reader->source, error));
        *is_lake = false;
    }
}

/* *is_lake: a failure is the lake's, not the file's. */
static seine_status decode_source(seine_session *session, uint32_t source, const char *path, bool *is_lake,
                                  seine_error *error) {
    seine_source_reader reader SEINE_OWNED(seine_source_reader_close) = {0};
    SEINE_TRY(seine_source_reader_open(session, source, path, NULL, &reader, error));
    return seine_intake_read(&reader, is_lake, error);
}

static bool is_quarantined_already(const seine_session *session, uint32_t source) {
    const seine_source *row = &session->sources.items[source].row;
    for (uint32_t s = 0; s < source; s++) {
        const seine_source *other = &session->sources.items[s].row;
        if (other->state == SEINE_SOURCE_QUARANTINED && seine_source_is(other, row->name, row->sha256)) return true;
    }
    return false;
}

/*
 * Keeps a refused file's bytes aside and says why in the ledger and among the rejects; once for the same bytes. A file
 * of which every row was refused (@p keep_rows) keeps its rows there, each with its reason.
 */
static seine_status quarantine(seine_session *session, uint32_t source, const char *why, bool keep_rows,
                               seine_error *error) {
    seine_known_source *entry = &session->sources.items[source];
    const bool is_known = is_quarantined_already(session, source);
    if (!keep_rows || is_known) seine_session_drop(session, source);
    if (is_known) {
        session->report.quarantined++;
        seine_intake_tell(session, entry->path, entry->row.name, SEINE_INGEST_QUARANTINED, why);
        seine_uncommitted_remove(entry->bronze_temp);
        entry->bronze_temp = NULL;
        entry->touched = false;
        entry->row.state = SEINE_SOURCE_QUARANTINED;
        return SEINE_OK;
    }
    const seine_str name = seine_str_of(entry->row.name);
    if (strncmp(why, name.data, name.size) == 0 && strncmp(why + name.size, ": ", 2) == 0) why += name.size + 2;
    entry->row.state = SEINE_SOURCE_QUARANTINED;
    entry->outcome = SEINE_INGEST_QUARANTINED;
    if (!keep_rows) entry->row.rows = entry->row.rejects = 0;
    entry->row.greatest_us = INT64_MIN;
    entry->row.reason = seine_arena_printf(&session->arena, "file: %s", why);
    entry->row.bronze_path =
        seine_source_quarantine_path(&session->arena, entry->row.dataset, entry->row.name, entry->row.sha256);
    if (entry->row.reason == NULL || entry->row.bronze_path == NULL) return seine_no_memory(error, entry->row.name);
    return keep_rows ? SEINE_OK
                     : seine_reject_files_write(&session->rejects, session->catalog, &entry->row, NULL, 0, error);
}

/* The file as if it had not been given; the others go on. */
static void leave_out(seine_session *session, uint32_t source, const char *why) {
    seine_known_source *entry = &session->sources.items[source];
    seine_session_drop(session, source);
    seine_intake_tell(session, entry->path, entry->row.name, SEINE_INGEST_FAILED, why);
    seine_uncommitted_remove(entry->bronze_temp);
    entry->row.state = entry->is_fetched ? SEINE_SOURCE_FETCHED : SEINE_SOURCE_REMOVED;
    entry->row.rows = entry->row.rejects = 0;
    entry->row.greatest_us = INT64_MIN;
    entry->bronze_temp = entry->path = NULL;
    entry->touched = false;
}

static bool is_file_fault(seine_status status) {
    return status == SEINE_E_FORMAT || status == SEINE_E_LIMIT || status == SEINE_E_UNSUPPORTED;
}

/* Decodes a new file. Whatever is wrong with it is not a fault of the run: only a stop and a fault of the lake end
 * that. */
static seine_status decode_new(seine_session *session, uint32_t source, const char *path, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    bool is_lake = false;
    const seine_status status = decode_source(session, source, path, &is_lake, &why);
    const seine_source *row = &session->sources.items[source].row;
    if (status == SEINE_OK && row->rows > row->rejects) {
        seine_known_source *entry = &session->sources.items[source];
        entry->row.reason = seine_remarks_text(&entry->remarks, &session->arena);
        return entry->row.reason != NULL ? SEINE_OK : seine_no_memory(error, entry->row.name);
    }
    if (status == SEINE_OK) {
        char text[1000];
        if (row->rows == 0)
            snprintf(text, sizeof text, "no row at all behind the header");
        else
            seine_remarks_refused(&session->sources.items[source].remarks, row->rows, text, sizeof text);
        return quarantine(session, source, text, row->rows > 0, error);
    }
    if (is_lake || status == SEINE_E_INTERRUPTED || status == SEINE_E_AWAY) {
        if (error != NULL) *error = why;
        return status;
    }
    if (is_file_fault(status)) return quarantine(session, source, why.text, false, error);
    leave_out(session, source, why.text);
    return SEINE_OK;
}

/* ---- one file ---- */

/* A fetched archive that was never decoded gives way to other bytes of its name; its own are kept. */
static void set_aside(seine_session *session, const char *name, const char *sha256) {
    const uint32_t waiting = seine_known_sources_find(&session->sources, seine_str_of(name), SEINE_SOURCE_FETCHED);
    if (waiting == SEINE_NO_SOURCE || strcmp(session->sources.items[waiting].row.sha256, sha256) == 0) return;
    seine_known_source *entry = &session->sources.items[waiting];
    entry->row.state = SEINE_SOURCE_REPLACED;
    entry->row.reason = "replaced by other bytes of the same name";
    entry->touched = entry->drop_days = true;
}

/* Takes the former source of a name out. On failure everything is as before, but for the new source's own fixes. */
static seine_status swap_sources(seine_session *session, uint32_t former, seine_error *error) {
    const seine_known_source was = session->sources.items[former];
    const seine_status status = seine_rebuild_without(session, former, SEINE_SOURCE_REPLACED,
                                                      "replaced by other bytes of the same name", error);
    if (status == SEINE_OK) return SEINE_OK;
    while (session->pool.block_count > 0) {
        const uint32_t source = session->pool.blocks[0].source;
        seine_known_source *entry = &session->sources.items[source];
        if (entry->path == NULL) entry->reject_from = session->rejects.count; /* read again: it has written none */
        seine_session_drop(session, source);
    }
    session->rebuilt.count = session->counts.count = 0;
    session->sources.items[former] = was;
    return status;
}

/* The source instead of the former one of its name. Where that cannot be, it is left out and the others go on. */
static seine_status replace(seine_session *session, uint32_t source, uint32_t former, bool *is_swapped,
                            seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    session->sources.items[source].outcome = SEINE_INGEST_REPLACED;
    const seine_status status = swap_sources(session, former, &why);
    *is_swapped = status == SEINE_OK;
    if (*is_swapped) return SEINE_OK;
    if (error != NULL) *error = why;
    if (status == SEINE_E_INTERRUPTED) return status;
    leave_out(session, source, why.text);
    return SEINE_OK;
}

/* A name the lake does not have yet, or has only of an archive that waits for its ingest. */
static seine_status ingest_new(seine_session *session, seine_arrival *a, seine_error *error) {
    uint32_t source = SEINE_NO_SOURCE;
    SEINE_TRY(seine_arrival_source(session, a, &source, error));
    SEINE_TRY(decode_new(session, source, session->sources.items[source].bronze_temp, error));
    if (session->sources.items[source].row.state == SEINE_SOURCE_LIVE) set_aside(session, a->name, a->sha256);
    return SEINE_OK;
}

static seine_status replace_file(seine_session *session, seine_arrival *a, seine_error *error) {
    uint32_t source = SEINE_NO_SOURCE;
    SEINE_TRY(seine_intake_commit(session, SEINE_NO_SOURCE, error)); /* rebuilt days are a group of their own */
    /* The commit may have looked at the lake anew. */
    const uint32_t former = seine_known_sources_find(&session->sources, seine_str_of(a->name), SEINE_SOURCE_LIVE);
    if (former == SEINE_NO_SOURCE) return ingest_new(session, a, error);
    if (strcmp(session->sources.items[former].row.sha256, a->sha256) == 0) {
        seine_intake_tell(session, a->path, a->name, SEINE_INGEST_SAME, "");
        return SEINE_OK;
    }
    SEINE_TRY(seine_arrival_source(session, a, &source, error));
    SEINE_TRY(decode_new(session, source, session->sources.items[source].bronze_temp, error));
    if (session->sources.items[source].row.state != SEINE_SOURCE_LIVE) return SEINE_OK;
    bool is_swapped = false;
    SEINE_TRY(replace(session, source, former, &is_swapped, error));
    if (!is_swapped) return SEINE_OK;
    set_aside(session, a->name, a->sha256);
    return seine_intake_commit(session, SEINE_NO_SOURCE, error);
}

static seine_status look_at_file(seine_session *session, seine_arrival *a, seine_error *error) {
    const char *path = a->path, *name = a->name;
    seine_error why = {SEINE_OK, ""};
    if (seine_arrival_check(a, &why) != SEINE_OK) {
        seine_intake_tell(session, path, name, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    const seine_status status = seine_read_ahead_take(&session->ahead, path, &a->temp, a->sha256, &a->bytes)
                                    ? SEINE_OK
                                    : seine_arrival_copy(session, a, &session->arena, &why);
    if (status != SEINE_OK && seine_file_hash(path, NULL, a->sha256, &a->bytes, &why) != SEINE_OK) {
        seine_intake_tell(session, path, name, SEINE_INGEST_FAILED,
                          why.text); /* cannot be read; the lake is not to blame */
        return SEINE_OK;
    }
    if (status != SEINE_OK) return seine_fail(error, why.status, "%s", why.text);
    const uint32_t live = seine_known_sources_find(&session->sources, seine_str_of(name), SEINE_SOURCE_LIVE);
    const uint32_t former = live != SEINE_NO_SOURCE
                                ? live
                                : seine_known_sources_find(&session->sources, seine_str_of(name), SEINE_SOURCE_FETCHED);
    if (former == SEINE_NO_SOURCE) return ingest_new(session, a, error);
    const char *known = session->sources.items[former].row.sha256;
    const bool is_same = strcmp(known, a->sha256) == 0;
    if (is_same && live != SEINE_NO_SOURCE) {
        seine_intake_tell(session, path, name, SEINE_INGEST_SAME, "");
        return SEINE_OK;
    }
    if (!is_same && !session->options.replace) {
        (void)seine_fail(
            &why, SEINE_E_EXISTS,
            "%s: the lake has other bytes under this name (sha256 %.8s…, these are %.8s…): use --replace, or --as NAME",
            path, known, a->sha256);
        seine_intake_tell(session, path, name, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    if (live == SEINE_NO_SOURCE) return ingest_new(session, a, error);
    return replace_file(session, a, error);
}

seine_status seine_intake_file(seine_session *session, const char *path, const char *name, const char *url,
                               seine_error *error) {
    seine_arrival a = {.path = path, .name = name, .url = url};
    const seine_status status = look_at_file(session, &a, error);
    if (a.temp != NULL) seine_uncommitted_remove(a.temp);
    return status;
}

/* ---- a fetched archive ---- */

/* Corrupt bytes are copied to quarantine; *leaving is the object to remove in the end. */
static seine_status copy_to_quarantine(seine_session *session, uint32_t source, const char *path, const char **leaving,
                                       seine_error *error) {
    seine_known_source *entry = &session->sources.items[source];
    char sha256[65];
    uint64_t bytes;
    char *temp = seine_file_temp_name(&session->arena, path);
    if (temp == NULL) return seine_no_memory(error, path);
    SEINE_TRY(seine_file_hash(path, temp, sha256, &bytes, error));
    entry->bronze_temp = temp;
    *leaving = path;
    return SEINE_OK;
}

seine_status seine_intake_fetched(seine_session *session, uint32_t source, const char **leaving, seine_error *error) {
    seine_known_source *entry = &session->sources.items[source];
    const char *path = seine_source_bytes_path(session->lake, &entry->row, &session->arena);
    uint32_t former = seine_known_sources_find(&session->sources, seine_str_of(entry->row.name), SEINE_SOURCE_LIVE);
    seine_error why = {SEINE_OK, ""};
    if (path == NULL) return seine_no_memory(error, entry->row.name);
    const seine_status checked = seine_known_source_check(&entry->row, path, &why);
    if (checked == SEINE_E_AWAY) return seine_fail(error, checked, "%s", why.text);
    if (checked != SEINE_OK) {
        seine_intake_tell(session, path, entry->row.name, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    if (former != SEINE_NO_SOURCE) { /* the commit may look at the lake anew */
        SEINE_TRY(seine_intake_commit(session, SEINE_NO_SOURCE, error));
        entry = &session->sources.items[source];
        if (entry->row.state != SEINE_SOURCE_FETCHED) return SEINE_OK; /* somebody else took it in meanwhile */
        former = seine_known_sources_find(&session->sources, seine_str_of(entry->row.name), SEINE_SOURCE_LIVE);
    }
    entry->row.state = SEINE_SOURCE_LIVE;
    entry->row.ingested_at_us = session->now_us;
    entry->path = entry->row.name;
    entry->outcome = SEINE_INGEST_ADDED;
    entry->touched = entry->is_fetched = true;
    entry->remarks.dataset = session->dataset;
    SEINE_TRY(decode_new(session, source, path, error));
    const seine_source_state state = session->sources.items[source].row.state;
    if (state == SEINE_SOURCE_QUARANTINED) return copy_to_quarantine(session, source, path, leaving, error);
    if (former == SEINE_NO_SOURCE || state != SEINE_SOURCE_LIVE) return SEINE_OK;
    bool is_swapped = false;
    SEINE_TRY(replace(session, source, former, &is_swapped, error));
    return is_swapped ? seine_intake_commit(session, SEINE_NO_SOURCE, error) : SEINE_OK;
}
