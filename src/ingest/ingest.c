/*
 * The order of work of an ingest: look at each file, copy and hash its bytes, decode it, commit groups that fit the
 * memory setting. A replaced or removed source is a group of its own: its days are rebuilt from the bronze bytes of
 * every source that feeds them.
 */
#include "ingest/ingest.h"

#include "base/time.h"
#include "ingest/plan.h"
#include "ingest/remarks.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/source.h"

#include <stdio.h>
#include <stdlib.h>

#define NO_SOURCE UINT32_MAX

const char *seine_ingest_outcome_name(seine_ingest_outcome outcome) {
    static const char *const names[] = {"added", "replaced", "same", "quarantined", "failed", "left out"};
    return names[outcome];
}

seine_ingest_options seine_ingest_options_default(void) {
    return (seine_ingest_options){.threads = 2,
                                  .memory_bytes = SEINE_INGEST_MEMORY,
                                  .max_future_us = SEINE_MAX_FUTURE_US,
                                  .valid_from_us = SEINE_AIS_VALID_FROM_US};
}

/* Fixes may fill what dictionaries, text blocks, sort keys (16 of 64 bytes) and the Parquet writers leave. */
static uint64_t fix_budget(const seine_session *session) {
    const uint64_t fixed = (uint64_t)(session->options.threads + 1) * (16 << 20) + (64 << 20);
    const uint64_t memory = session->options.memory_bytes > 2 * fixed ? session->options.memory_bytes - fixed : fixed;
    return memory / 80 * 64;
}

/* ---- decoding one source ---- */

static seine_status make_room(seine_session *session, uint32_t source, seine_error *error) {
    bool others = false;
    for (size_t b = 0; b < session->block_count; b++) others = others || session->blocks[b].source != source;
    if (others && session->rebuild_count == 0) return seine_session_flush(session, source, error);
    return seine_session_spill(session, error);
}

/* One read again has been judged by the clock and the span of its own ingest; the days it feeds are given. */
static void set_span(seine_session *session, const seine_session_source *entry) {
    for (int d = 0; d < session->options.threads; d++) {
        session->decoders[d].latest_us = entry->row.ingested_at_us + session->options.max_future_us;
        session->decoders[d].earliest_us = entry->path != NULL ? session->options.valid_from_us : INT64_MIN;
    }
}

/* *is_lake (may be NULL): a failure is the lake's, not the file's. */
static seine_status decode_source(seine_session *session, uint32_t source, const char *path, const int32_t *days,
                                  size_t day_count, bool *is_lake, seine_error *error) {
    seine_session_source *entry = &session->sources[source];
    entry->reject_from = session->reject_file_count;
    set_span(session, entry);
    const seine_parse_setup setup = {.path = path,
                                     .file = entry->path != NULL ? entry->path : entry->row.name,
                                     .name = entry->row.name,
                                     .decoders = session->decoders,
                                     .threads = session->options.threads,
                                     .arena = &session->arena,
                                     .days = days,
                                     .day_count = day_count,
                                     .max_ratio = entry->path != NULL ? session->options.max_ratio : UINT64_MAX,
                                     .progress = session->options.progress};
    seine_parser *parser;
    seine_status status = seine_parser_open(&setup, &parser, error);
    if (status != SEINE_OK) return status;
    for (bool ended = false; status == SEINE_OK && !ended;) {
        const uint64_t budget = fix_budget(session);
        status =
            seine_parser_run(parser, budget > session->held_bytes ? budget - session->held_bytes : 1, &ended, error);
        if (status == SEINE_OK) {
            status = seine_session_take(session, source, parser, error);
            if (status == SEINE_E_IO && is_lake != NULL) *is_lake = true; /* its rejects could not be written */
        }
        if (status != SEINE_OK || ended) continue;
        status = make_room(session, source, error);
        if (status != SEINE_OK && is_lake != NULL) *is_lake = true;
    }
    seine_parser_close(parser);
    return status;
}

/* ---- looking at one file ---- */

static uint32_t find_source(const seine_session *session, const char *name, seine_source_state state) {
    for (uint32_t s = 0; s < session->source_count; s++)
        if (session->sources[s].row.state == state && strcmp(session->sources[s].row.name, name) == 0) return s;
    return NO_SOURCE;
}

static uint32_t find_live(const seine_session *session, const char *name) {
    return find_source(session, name, SEINE_SOURCE_LIVE);
}

static void report_file(seine_session *session, const char *path, const char *name, seine_ingest_outcome outcome,
                        const char *message) {
    session->report.same += outcome == SEINE_INGEST_SAME;
    session->report.failed += outcome == SEINE_INGEST_FAILED;
    session->report.left_out += outcome == SEINE_INGEST_LEFT_OUT;
    if (session->options.report == NULL) return;
    const seine_ingest_result result = {.path = path, .name = name, .outcome = outcome, .message = message};
    session->options.report(session->options.context, &result);
}

/* A row for a file that comes in now. */
static seine_status new_source(seine_session *session, const char *path, const char *name, const char *temp,
                               const char *sha256, uint64_t bytes, uint32_t *source, seine_error *error) {
    seine_arena *arena = &session->arena;
    char *absolute = NULL, *url = NULL;
    seine_status status = seine_file_absolute(path, arena, &absolute, error);
    if (status == SEINE_OK) status = seine_file_uri_of_path(absolute, arena, &url, error);
    if (status != SEINE_OK) return status;
    seine_session_source entry = {.row = {.dataset = SEINE_DATASET_AIS,
                                          .name = seine_arena_copy(arena, name, strlen(name)),
                                          .sha256 = seine_arena_copy(arena, sha256, 64),
                                          .bytes = (int64_t)bytes,
                                          .ingested_at_us = session->now_us,
                                          .state = SEINE_SOURCE_LIVE,
                                          .reason = "",
                                          .bronze_path = seine_source_bronze_path(arena, name),
                                          .url = url,
                                          .greatest_us = INT64_MIN},
                                  .touched = true,
                                  .bronze_temp = temp,
                                  .path = seine_arena_copy(arena, path, strlen(path)),
                                  .outcome = SEINE_INGEST_ADDED};
    if (entry.row.name == NULL || entry.row.sha256 == NULL || entry.row.bronze_path == NULL || entry.path == NULL ||
        !seine_session_grow((void **)&session->sources, session->source_count, &session->source_capacity,
                            sizeof *session->sources))
        return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    int32_t first_day;
    entry.row.has_declared_day = seine_source_declared_days(name, &first_day, &entry.row.declared_day);
    *source = (uint32_t)session->source_count++;
    session->sources[*source] = entry;
    return SEINE_OK;
}

static void remove_quietly(const char *path) {
    const seine_status ignored = seine_file_remove(path, NULL);
    (void)ignored;
}

static bool is_quarantined_already(const seine_session *session, uint32_t source) {
    const seine_source *row = &session->sources[source].row;
    for (uint32_t s = 0; s < source; s++) {
        const seine_source *other = &session->sources[s].row;
        if (other->state == SEINE_SOURCE_QUARANTINED && strcmp(other->name, row->name) == 0 &&
            strcmp(other->sha256, row->sha256) == 0)
            return true;
    }
    return false;
}

/*
 * Keeps a refused file's bytes aside and says why in the ledger and among the rejects; once for the same bytes. A file
 * of which every row was refused (@p keep_rows) keeps its rows there, each with its reason.
 */
static seine_status quarantine(seine_session *session, uint32_t source, const char *why, bool keep_rows,
                               seine_error *error) {
    seine_session_source *entry = &session->sources[source];
    const bool is_known = is_quarantined_already(session, source);
    if (!keep_rows || is_known) seine_session_drop(session, source);
    if (is_known) {
        session->report.quarantined++;
        report_file(session, entry->path, entry->row.name, SEINE_INGEST_QUARANTINED, why);
        remove_quietly(entry->bronze_temp);
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
    entry->row.bronze_path = seine_source_quarantine_path(&session->arena, entry->row.name, entry->row.sha256);
    if (entry->row.reason == NULL || entry->row.bronze_path == NULL)
        return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    return keep_rows ? SEINE_OK : seine_session_write_rejects(session, source, NULL, 0, error);
}

/* The file as if it had not been given; the others go on. */
static void leave_out(seine_session *session, uint32_t source, const char *why) {
    seine_session_source *entry = &session->sources[source];
    seine_session_drop(session, source);
    report_file(session, entry->path, entry->row.name, SEINE_INGEST_FAILED, why);
    if (entry->bronze_temp != NULL) remove_quietly(entry->bronze_temp);
    entry->row.state = entry->is_fetched ? SEINE_SOURCE_FETCHED : SEINE_SOURCE_REMOVED;
    entry->row.rows = entry->row.rejects = 0;
    entry->row.greatest_us = INT64_MIN;
    entry->bronze_temp = entry->path = NULL;
    entry->touched = entry->decoded = false;
}

static bool is_file_fault(seine_status status) {
    return status == SEINE_E_FORMAT || status == SEINE_E_LIMIT || status == SEINE_E_UNSUPPORTED;
}

/* Decodes a new file. Whatever is wrong with it is not a fault of the run: only a stop and a fault of the lake end
 * that. */
static seine_status decode_new(seine_session *session, uint32_t source, const char *path, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    bool is_lake = false;
    const seine_status status = decode_source(session, source, path, NULL, 0, &is_lake, &why);
    const seine_source *row = &session->sources[source].row;
    if (status == SEINE_OK && row->rows > row->rejects) {
        seine_session_source *entry = &session->sources[source];
        entry->decoded = true;
        entry->row.reason = seine_remarks_text(&entry->remarks, &session->arena);
        return entry->row.reason != NULL ? SEINE_OK : seine_fail(error, SEINE_E_NOMEM, "out of memory");
    }
    if (status == SEINE_OK) {
        char text[400];
        const seine_str first = session->sources[source].remarks.reason;
        if (row->rows == 0)
            snprintf(text, sizeof text, "no row at all behind the header");
        else
            snprintf(text, sizeof text, "no valid row: all %lld rows were refused, the first: %.*s",
                     (long long)row->rows, SEINE_STR_ARG(first));
        return quarantine(session, source, text, row->rows > 0, error);
    }
    if (is_lake || status == SEINE_E_INTERRUPTED) {
        if (error != NULL) *error = why;
        return status;
    }
    if (is_file_fault(status)) return quarantine(session, source, why.text, false, error);
    leave_out(session, source, why.text);
    return SEINE_OK;
}

/* ---- rebuilding days ---- */

static bool add_day(seine_session *session, int32_t day) {
    size_t at = 0;
    while (at < session->rebuild_count && session->rebuild_days[at] < day) at++;
    if (at < session->rebuild_count && session->rebuild_days[at] == day) return true;
    int32_t *days = realloc(session->rebuild_days, (session->rebuild_count + 1) * sizeof *days);
    if (days == NULL) return false;
    memmove(days + at + 1, days + at, (session->rebuild_count - at) * sizeof *days);
    days[at] = day;
    session->rebuild_days = days;
    session->rebuild_count++;
    return true;
}

static bool feeds_rebuilt_day(const seine_session *session, const seine_source *source, const seine_source_day *rows,
                              size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].source, source->name) == 0 && strcmp(rows[i].sha256, source->sha256) == 0 &&
            seine_session_rebuilds(session, rows[i].day))
            return true;
    return false;
}

/* Decodes a source from its bronze bytes, which must be what they were. */
seine_status seine_session_decode_again(seine_session *session, uint32_t source, const int32_t *days, size_t day_count,
                                        seine_error *error) {
    const seine_source *row = &session->sources[source].row;
    const char *path = seine_source_bytes_path(session->lake, row, &session->arena);
    if (path == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    char sha256[65];
    uint64_t bytes;
    const seine_status status = seine_file_hash(path, NULL, sha256, &bytes, error);
    if (status != SEINE_OK) return status;
    if (strcmp(sha256, row->sha256) != 0)
        return seine_fail(error, SEINE_E_FORMAT, "%s: bronze bytes changed: SHA-256 is %.8s…, the ledger says %.8s…",
                          path, sha256, row->sha256);
    return decode_source(session, source, path, days, day_count, NULL, error);
}

/* Takes a live source out of silver: its days are rebuilt from all others that feed them. */
static seine_status take_out(seine_session *session, uint32_t source, seine_source_state state, const char *reason,
                             seine_error *error) {
    seine_arena arena = {0};
    seine_source_day *rows = NULL;
    size_t count = 0;
    seine_session_source *entry = &session->sources[source];
    entry->row.state = state;
    entry->row.reason = reason;
    entry->touched = entry->drop_days = true;
    seine_status status = seine_ledger_source_days(session->catalog, SEINE_DATASET_AIS, &arena, &rows, &count, error);
    for (size_t i = 0; status == SEINE_OK && i < count; i++)
        if (strcmp(rows[i].source, entry->row.name) == 0 && strcmp(rows[i].sha256, entry->row.sha256) == 0 &&
            !add_day(session, rows[i].day))
            status = seine_fail(error, SEINE_E_NOMEM, "out of memory");
    for (uint32_t s = 0; status == SEINE_OK && s < session->source_count; s++) {
        const seine_session_source *other = &session->sources[s];
        if (other->row.state != SEINE_SOURCE_LIVE || other->path != NULL ||
            !feeds_rebuilt_day(session, &other->row, rows, count))
            continue;
        status = seine_session_decode_again(session, s, session->rebuild_days, session->rebuild_count, error);
    }
    seine_arena_free(&arena);
    return status;
}

/* ---- one file ---- */

static seine_status copy_bytes(seine_session *session, const char *path, const char **temp, char sha256[65],
                               uint64_t *bytes, seine_error *error) {
    char *folder = seine_file_join(&session->arena, session->lake, "bronze/ais");
    char *near = folder == NULL ? NULL : seine_file_join(&session->arena, folder, "incoming");
    char *name = near == NULL ? NULL : seine_file_temp_name(&session->arena, near);
    if (name == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    seine_status status = seine_file_make_folders(folder, error);
    if (status == SEINE_OK) status = seine_file_hash(path, name, sha256, bytes, error);
    *temp = name;
    return status;
}

/* A fetched archive that was never decoded gives way to other bytes of its name; its own are kept. */
static void set_aside(seine_session *session, const char *name, const char *sha256) {
    const uint32_t waiting = find_source(session, name, SEINE_SOURCE_FETCHED);
    if (waiting == NO_SOURCE || strcmp(session->sources[waiting].row.sha256, sha256) == 0) return;
    seine_session_source *entry = &session->sources[waiting];
    entry->row.state = SEINE_SOURCE_REPLACED;
    entry->row.reason = "replaced by other bytes of the same name";
    entry->touched = entry->drop_days = true;
}

/* Takes the former source of a name out. On failure everything is as before, but for the new source's own fixes. */
static seine_status swap_sources(seine_session *session, uint32_t former, seine_error *error) {
    const seine_session_source was = session->sources[former];
    const seine_status status =
        take_out(session, former, SEINE_SOURCE_REPLACED, "replaced by other bytes of the same name", error);
    if (status == SEINE_OK) return SEINE_OK;
    while (session->block_count > 0) {
        const uint32_t source = session->blocks[0].source;
        seine_session_source *entry = &session->sources[source];
        if (entry->path == NULL) entry->reject_from = session->reject_file_count; /* read again: it has written none */
        seine_session_drop(session, source);
    }
    session->rebuild_count = session->count_count = 0;
    session->sources[former] = was;
    return status;
}

static seine_status replace_file(seine_session *session, uint32_t former, const char *path, const char *name,
                                 const char *temp, const char *sha256, uint64_t bytes, seine_error *error) {
    seine_status status = seine_session_flush(session, NO_SOURCE, error); /* rebuilt days are a group of their own */
    uint32_t source = NO_SOURCE;
    if (status == SEINE_OK) status = new_source(session, path, name, temp, sha256, bytes, &source, error);
    if (status != SEINE_OK) return status;
    status = decode_new(session, source, temp, error);
    if (status != SEINE_OK || session->sources[source].row.state != SEINE_SOURCE_LIVE) return status;
    session->sources[source].outcome = SEINE_INGEST_REPLACED;
    seine_error why = {SEINE_OK, ""};
    status = swap_sources(session, former, &why);
    if (status == SEINE_OK) {
        set_aside(session, name, sha256);
        return seine_session_flush(session, NO_SOURCE, error);
    }
    if (error != NULL) *error = why;
    if (status == SEINE_E_INTERRUPTED) return status;
    leave_out(session, source, why.text);
    return SEINE_OK;
}

/* Why a file cannot be a source, in *why. */
static seine_status check_file(const char *path, const char *name, seine_error *why) {
    const char *fault = seine_source_name_fault(name);
    seine_file_info info;
    const seine_status status = seine_file_stat(path, &info, why);
    if (status != SEINE_OK) return status;
    if (info.kind == SEINE_FILE_NONE) return seine_fail(why, SEINE_E_NOT_FOUND, "%s: no such file", path);
    if (info.kind != SEINE_FILE_PLAIN) return seine_fail(why, SEINE_E_NOT_FOUND, "%s: not a plain file", path);
    return fault == NULL ? SEINE_OK : seine_fail(why, SEINE_E_NOT_FOUND, "%s: %s", path, fault);
}

/* A name the lake does not have yet, or has only of an archive that waits for its ingest. */
static seine_status ingest_new(seine_session *session, const char *path, const char *name, const char *temp,
                               const char *sha256, uint64_t bytes, seine_error *error) {
    uint32_t source = NO_SOURCE;
    seine_status status = new_source(session, path, name, temp, sha256, bytes, &source, error);
    if (status == SEINE_OK) status = decode_new(session, source, temp, error);
    if (status == SEINE_OK && session->sources[source].row.state == SEINE_SOURCE_LIVE) set_aside(session, name, sha256);
    return status;
}

static seine_status ingest_file(seine_session *session, const char *path, seine_error *error) {
    const char *name = session->options.as != NULL ? session->options.as : seine_file_name(path);
    const char *temp = NULL;
    char sha256[65];
    uint64_t bytes = 0;
    seine_error why = {SEINE_OK, ""};
    if (check_file(path, name, &why) != SEINE_OK) {
        report_file(session, path, name, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    const seine_status status = copy_bytes(session, path, &temp, sha256, &bytes, &why);
    if (status != SEINE_OK && seine_file_hash(path, NULL, sha256, &bytes, &why) != SEINE_OK) {
        report_file(session, path, name, SEINE_INGEST_FAILED, why.text); /* cannot be read; the lake is not to blame */
        return SEINE_OK;
    }
    if (status != SEINE_OK) return seine_fail(error, why.status, "%s", why.text);
    const uint32_t live = find_live(session, name);
    const uint32_t former = live != NO_SOURCE ? live : find_source(session, name, SEINE_SOURCE_FETCHED);
    if (former == NO_SOURCE) return ingest_new(session, path, name, temp, sha256, bytes, error);
    const bool is_same = strcmp(session->sources[former].row.sha256, sha256) == 0;
    if (is_same && live != NO_SOURCE) {
        remove_quietly(temp);
        report_file(session, path, name, SEINE_INGEST_SAME, "");
        return SEINE_OK;
    }
    if (!is_same && !session->options.replace) {
        remove_quietly(temp);
        (void)seine_fail(
            &why, SEINE_E_EXISTS,
            "%s: the lake has other bytes under this name (sha256 %.8s…, these are %.8s…): use --replace, or --as NAME",
            path, session->sources[former].row.sha256, sha256);
        report_file(session, path, name, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    if (live == NO_SOURCE) return ingest_new(session, path, name, temp, sha256, bytes, error);
    return replace_file(session, former, path, name, temp, sha256, bytes, error);
}

/* ---- a folder ---- */

static seine_status ingest_one(seine_session *session, const char *path, seine_error *error) {
    if (seine_progress_stopped(session->options.progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    const seine_status status = ingest_file(session, path, error);
    if (status != SEINE_OK || session->held_bytes <= fix_budget(session) / 2) return status;
    return seine_session_flush(session, NO_SOURCE, error);
}

/* Why a file of a folder is not taken, or NULL. Parts of its name below the folder count. */
static const char *left_out_because(const seine_file_entry *entry) {
    if (entry->name[0] == '.' || strstr(entry->name, "/.") != NULL) return "hidden";
    return entry->why != NULL || seine_source_has_known_ending(entry->name)
               ? NULL
               : "its ending is none of " SEINE_SOURCE_ENDINGS;
}

/* A part of a folder that cannot be looked into keeps nothing else out, but what it holds is missing. */
static void report_unread(seine_session *session, const char *path, const seine_file_entry *entry) {
    seine_error why = {SEINE_OK, ""};
    (void)seine_fail(&why, SEINE_E_IO, "%s; %s left out, the others go on", entry->why,
                     entry->info.kind == SEINE_FILE_FOLDER ? "what lies in it is" : "it is");
    report_file(session, path, seine_file_name(path), SEINE_INGEST_FAILED, why.text);
}

/* Every file below it that looks like an archive, in the order of names; the others are told. */
static seine_status ingest_folder(seine_session *session, const char *folder, seine_error *error) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0, taken = 0;
    seine_error why = {SEINE_OK, ""};
    if (session->options.as != NULL) {
        (void)seine_fail(&why, SEINE_E_USAGE, "%s: --as names one file, and this is a folder", folder);
        report_file(session, folder, folder, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    seine_status status = seine_file_list_readable(folder, &arena, &entries, &count, &why);
    if (status != SEINE_OK) report_file(session, folder, folder, SEINE_INGEST_FAILED, why.text);
    status = SEINE_OK;
    for (size_t i = 0; status == SEINE_OK && i < count; i++) {
        const char *path = seine_file_join(&arena, folder, entries[i].name);
        const char *because = left_out_because(&entries[i]);
        if (path == NULL)
            status = seine_fail(error, SEINE_E_NOMEM, "out of memory");
        else if (because == NULL && entries[i].why != NULL)
            report_unread(session, path, &entries[i]);
        else if (because != NULL)
            report_file(session, path, seine_file_name(path), SEINE_INGEST_LEFT_OUT, because);
        else
            status = ingest_one(session, path, error);
        taken += because == NULL;
    }
    if (status == SEINE_OK && why.status == SEINE_OK && taken == 0) {
        (void)seine_fail(&why, SEINE_E_NOT_FOUND, "%s: no file in it ends in " SEINE_SOURCE_ENDINGS, folder);
        report_file(session, folder, folder, SEINE_INGEST_FAILED, why.text);
    }
    seine_arena_free(&arena);
    return status;
}

static seine_status ingest_path(seine_session *session, const char *path, seine_error *error) {
    seine_file_info info;
    const bool is_folder = seine_file_stat(path, &info, NULL) == SEINE_OK && info.kind == SEINE_FILE_FOLDER;
    return is_folder ? ingest_folder(session, path, error) : ingest_one(session, path, error);
}

/* ---- a fetched archive ---- */

/* Why the bytes in bronze cannot be taken, in *why. */
static seine_status check_bytes(const seine_source *row, const char *path, seine_error *why) {
    char sha256[65];
    uint64_t bytes;
    const seine_status status = seine_file_hash(path, NULL, sha256, &bytes, why);
    if (status != SEINE_OK || strcmp(sha256, row->sha256) == 0) return status;
    return seine_fail(why, SEINE_E_FORMAT, "%s: bronze bytes changed: SHA-256 is %.8s…, the ledger says %.8s…", path,
                      sha256, row->sha256);
}

/* Corrupt bytes are copied to quarantine; *leaving is the object to remove in the end. */
static seine_status copy_to_quarantine(seine_session *session, uint32_t source, const char *path, const char **leaving,
                                       seine_error *error) {
    seine_session_source *entry = &session->sources[source];
    char sha256[65];
    uint64_t bytes;
    char *temp = seine_file_temp_name(&session->arena, path);
    if (temp == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    const seine_status status = seine_file_hash(path, temp, sha256, &bytes, error);
    if (status != SEINE_OK) return status;
    entry->bronze_temp = temp;
    *leaving = path;
    return SEINE_OK;
}

static seine_status ingest_fetched(seine_session *session, uint32_t source, const char **leaving, seine_error *error) {
    seine_session_source *entry = &session->sources[source];
    const char *path = seine_source_bytes_path(session->lake, &entry->row, &session->arena);
    const uint32_t former = find_live(session, entry->row.name);
    seine_error why = {SEINE_OK, ""};
    if (path == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    if (check_bytes(&entry->row, path, &why) != SEINE_OK) {
        report_file(session, path, entry->row.name, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    seine_status status = former != NO_SOURCE ? seine_session_flush(session, NO_SOURCE, error) : SEINE_OK;
    if (status != SEINE_OK) return status;
    entry->row.state = SEINE_SOURCE_LIVE;
    entry->row.ingested_at_us = session->now_us;
    entry->path = entry->row.name;
    entry->outcome = SEINE_INGEST_ADDED;
    entry->touched = entry->is_fetched = true;
    status = decode_new(session, source, path, error);
    entry = &session->sources[source];
    if (status == SEINE_OK && entry->row.state == SEINE_SOURCE_QUARANTINED)
        return copy_to_quarantine(session, source, path, leaving, error);
    if (status != SEINE_OK || former == NO_SOURCE || entry->row.state != SEINE_SOURCE_LIVE) return status;
    entry->outcome = SEINE_INGEST_REPLACED;
    status = swap_sources(session, former, &why);
    if (status == SEINE_OK) return seine_session_flush(session, NO_SOURCE, error);
    if (error != NULL) *error = why;
    if (status == SEINE_E_INTERRUPTED) return status;
    leave_out(session, source, why.text);
    return SEINE_OK;
}

/* ---- public ---- */

static seine_status finish(seine_session *session, int64_t started_us, seine_status status, seine_ingest_report *report,
                           const seine_error *error) {
    if (status != SEINE_OK) seine_session_failed(session, error);
    session->report.seconds = (double)(seine_clock_monotonic_us() - started_us) / 1e6;
    if (report != NULL) *report = session->report;
    seine_session_close(session);
    return status;
}

seine_status seine_ingest_files(const char *lake, const char *const *paths, size_t count,
                                const seine_ingest_options *options, seine_ingest_report *report, seine_error *error) {
    seine_session *session;
    const int64_t started_us = seine_clock_monotonic_us();
    if (options->as != NULL && count != 1)
        return seine_fail(error, SEINE_E_USAGE, "--as names one file, and %zu were given", count);
    seine_status status = seine_session_open(lake, options, true, &session, error);
    if (status != SEINE_OK) return status;
    for (size_t i = 0; status == SEINE_OK && i < count; i++) status = ingest_path(session, paths[i], error);
    if (status == SEINE_OK) status = seine_session_flush(session, NO_SOURCE, error);
    return finish(session, started_us, status, report, error);
}

seine_status seine_ingest_fetched(const char *lake, const seine_ingest_options *options, seine_ingest_report *report,
                                  seine_error *error) {
    seine_session *session;
    const int64_t started_us = seine_clock_monotonic_us();
    seine_status status = seine_session_open(lake, options, true, &session, error);
    if (status != SEINE_OK) return status;
    const size_t count = session->source_count;
    const char **leaving = SEINE_ARENA_ARRAY(&session->arena, const char *, count + 1);
    if (leaving == NULL) status = seine_fail(error, SEINE_E_NOMEM, "out of memory");
    for (uint32_t s = 0; status == SEINE_OK && s < count; s++) {
        if (session->sources[s].row.state != SEINE_SOURCE_FETCHED) continue;
        status = ingest_fetched(session, s, &leaving[s], error);
        if (status == SEINE_OK && session->held_bytes > fix_budget(session) / 2)
            status = seine_session_flush(session, NO_SOURCE, error);
    }
    if (status == SEINE_OK) status = seine_session_flush(session, NO_SOURCE, error);
    for (size_t s = 0; status == SEINE_OK && s < count; s++)
        if (leaving[s] != NULL) remove_quietly(leaving[s]);
    return finish(session, started_us, status, report, error);
}

/* What is out already stays so: the command may be repeated. */
static bool can_leave(seine_source_state state) {
    return state == SEINE_SOURCE_LIVE || state == SEINE_SOURCE_QUARANTINED || state == SEINE_SOURCE_FETCHED;
}

seine_status seine_ingest_remove(const char *lake, const char *name, const seine_ingest_options *options,
                                 seine_ingest_report *report, seine_error *error) {
    seine_session *session;
    const int64_t started_us = seine_clock_monotonic_us();
    seine_status status = seine_session_open(lake, options, true, &session, error);
    if (status != SEINE_OK) return status;
    if (session->options.command == NULL) session->options.command = "source rm";
    bool is_known = false, leaves = false;
    for (uint32_t s = 0; s < session->source_count; s++)
        is_known = is_known || strcmp(session->sources[s].row.name, name) == 0;
    if (!is_known)
        status = seine_fail(error, SEINE_E_NOT_FOUND, "%s: no source of that name; see seine source ls", name);
    for (uint32_t s = 0; status == SEINE_OK && s < session->source_count; s++) {
        if (strcmp(session->sources[s].row.name, name) != 0 || !can_leave(session->sources[s].row.state)) continue;
        leaves = true;
        status = take_out(session, s, SEINE_SOURCE_REMOVED, "removed by the user", error);
    }
    session->report.same = status == SEINE_OK && !leaves;
    if (status == SEINE_OK) status = seine_session_flush(session, NO_SOURCE, error);
    return finish(session, started_us, status, report, error);
}
