/*
 * The three commands of an ingest: files and folders, fetched archives, a source that leaves. Work is committed in
 * groups of files that fit the memory setting.
 */
#include "ingest/ingest.h"

#include "base/try.h"
#include "ingest/intake.h"
#include "ingest/manifest.h"
#include "ingest/partition_plan.h"
#include "ingest/pull.h"
#include "ingest/rebuild.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/http.h"
#include "table/source.h"

const char *seine_ingest_outcome_name(seine_ingest_outcome outcome) {
    static const char *const names[] = {"added", "replaced", "same", "quarantined", "failed", "left out"};
    return names[outcome];
}

seine_ingest_options seine_ingest_options_default(void) {
    return (seine_ingest_options){.dataset = seine_dataset_ais(),
                                  .threads = 2,
                                  .memory_bytes = SEINE_INGEST_MEMORY,
                                  .max_future_us = SEINE_MAX_FUTURE_US,
                                  .valid_from_us = seine_dataset_ais()->valid_from_us};
}

/* ---- a folder ---- */

/* A file, known by a name. */
typedef struct named_file {
    const char *path, *name;
} named_file;

/* @p next: comes behind it; its path is NULL when nobody knows. */
static seine_status ingest_one(seine_session *session, named_file file, named_file next, seine_error *error) {
    if (seine_progress_stopped(session->options.progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    SEINE_TRY(seine_intake_file(session, file.path, file.name, NULL, error));
    seine_read_ahead_offer(&session->ahead, next.path, next.name);
    return seine_intake_commit_when_full(session, error);
}

/* Why a file of a folder is not taken, or NULL. Parts of its name below the folder count. */
static const char *left_out_because(seine_session *session, const seine_file_entry *entry) {
    const char *dataset = session->dataset->name;
    if (entry->name[0] == '.' || strstr(entry->name, "/.") != NULL) return "hidden";
    if (entry->why != NULL || seine_source_has_known_ending(dataset, entry->name)) return NULL;
    const char *because =
        seine_arena_printf(&session->arena, "its ending is none of %s", seine_source_endings(dataset));
    return because != NULL ? because : "its ending is not known";
}

/* A part of a folder that cannot be looked into keeps nothing else out, but what it holds is missing. */
static void report_unread(seine_session *session, const char *path, const seine_file_entry *entry) {
    seine_error why = {SEINE_OK, ""};
    (void)seine_fail(&why, SEINE_E_IO, "%s; %s left out, the others go on", entry->why,
                     entry->info.kind == SEINE_FILE_FOLDER ? "what lies in it is" : "it is");
    seine_intake_tell(session, path, seine_file_name(path), SEINE_INGEST_FAILED, why.text);
}

/* Files of hive folders are mostly called alike: such a one is known by its folders too, but for an
 * archive that tells its day. NULL = out of memory. */
static const char *hive_name(seine_arena *arena, const char *dataset, const char *entry) {
    const char *equal = strchr(entry, '='), *start = equal;
    int32_t first, last;
    if (equal == NULL || strchr(equal, '/') == NULL ||
        seine_source_declared_days(dataset, seine_file_name(entry), &first, &last))
        return seine_file_name(entry);
    while (start > entry && start[-1] != '/') start--;
    char *name = seine_arena_copy(arena, start, strlen(start));
    for (char *at = name; at != NULL && *at != '\0'; at++)
        if (*at == '/') *at = '_';
    return name;
}

/* What lies in a folder. */
typedef struct folder_item {
    named_file file;
    const seine_file_entry *entry;
    const char *because; /* it is left out; NULL = it is not */
} folder_item;

static bool is_read(const folder_item *item) { return item->because == NULL && item->entry->why == NULL; }

/* NULL = out of memory. */
static folder_item *list_items(seine_session *session, const char *folder, const seine_file_entry *entries,
                               size_t count, seine_arena *arena) {
    folder_item *items = SEINE_ARENA_ARRAY(arena, folder_item, count + 1);
    for (size_t i = 0; items != NULL && i < count; i++) {
        const char *path = seine_file_join(arena, folder, entries[i].name);
        const char *name = hive_name(&session->arena, session->dataset->name, entries[i].name);
        if (path == NULL || name == NULL) return NULL;
        items[i] = (folder_item){{path, name}, &entries[i], left_out_because(session, &entries[i])};
    }
    return items;
}

static seine_status ingest_items(seine_session *session, const folder_item *items, size_t count, seine_error *error) {
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        const named_file file = items[i].file;
        while (next <= i || (next < count && !is_read(&items[next]))) next++;
        if (is_read(&items[i]))
            SEINE_TRY(ingest_one(session, file, next < count ? items[next].file : (named_file){.path = NULL}, error));
        else if (items[i].because != NULL)
            seine_intake_tell(session, file.path, seine_file_name(file.path), SEINE_INGEST_LEFT_OUT, items[i].because);
        else
            report_unread(session, file.path, items[i].entry);
    }
    return SEINE_OK;
}

/* Every file below it that looks like an archive, in the order of names; the others are told. */
static seine_status ingest_folder(seine_session *session, const char *folder, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0, taken = 0;
    seine_error why = {SEINE_OK, ""};
    if (session->options.as != NULL) {
        (void)seine_fail(&why, SEINE_E_USAGE, "%s: --as names one file, and this is a folder", folder);
        seine_intake_tell(session, folder, folder, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    if (seine_file_list_readable(folder, &arena, &entries, &count, &why) != SEINE_OK)
        seine_intake_tell(session, folder, folder, SEINE_INGEST_FAILED, why.text);
    const folder_item *items = list_items(session, folder, entries, count, &arena);
    if (items == NULL) return seine_no_memory(error, folder);
    SEINE_TRY(ingest_items(session, items, count, error));
    for (size_t i = 0; i < count; i++) taken += items[i].because == NULL;
    if (why.status == SEINE_OK && taken == 0) {
        (void)seine_fail(&why, SEINE_E_NOT_FOUND, "%s: no file in it ends in %s", folder,
                         seine_source_endings(session->dataset->name));
        seine_intake_tell(session, folder, folder, SEINE_INGEST_FAILED, why.text);
    }
    return SEINE_OK;
}

/* @p next: the path behind it; NULL = there is none. */
static seine_status ingest_path(seine_session *session, const char *path, const char *next, seine_error *error) {
    seine_file_info info;
    const bool is_folder = seine_file_stat(path, &info, NULL) == SEINE_OK && info.kind == SEINE_FILE_FOLDER;
    if (seine_http_is_url(path)) return seine_pull(session, path, error);
    if (is_folder) return ingest_folder(session, path, error);
    const named_file file = {path, session->options.as != NULL ? session->options.as : seine_file_name(path)};
    const bool may_read = next != NULL && !seine_http_is_url(next);
    return ingest_one(session, file, may_read ? (named_file){next, seine_file_name(next)} : (named_file){.path = NULL},
                      error);
}

/* ---- public ---- */

static seine_status finish(seine_session *session, int64_t started_us, seine_status status, seine_ingest_report *report,
                           const seine_error *error) {
    if (status != SEINE_OK) seine_manifest_failed(session, error);
    session->report.seconds = (double)(seine_clock_monotonic_us() - started_us) / 1e6;
    if (report != NULL) *report = session->report;
    seine_session_close(session);
    return status;
}

static seine_status ingest_paths(seine_session *session, const char *const *paths, size_t count, seine_error *error) {
    SEINE_TRY(seine_intake_anew(session, error));
    for (size_t i = 0; i < count; i++)
        SEINE_TRY(ingest_path(session, paths[i], i + 1 < count ? paths[i + 1] : NULL, error));
    return seine_intake_commit(session, SEINE_NO_SOURCE, error);
}

seine_status seine_ingest_files(const char *lake, const char *const *paths, size_t count,
                                const seine_ingest_options *options, seine_ingest_report *report, seine_error *error) {
    seine_session *session;
    const int64_t started_us = seine_clock_monotonic_us();
    if (options->as != NULL && count != 1)
        return seine_fail(error, SEINE_E_USAGE, "--as names one file, and %zu were given", count);
    SEINE_TRY(seine_session_open(lake, options, true, &session, error));
    return finish(session, started_us, ingest_paths(session, paths, count, error), report, error);
}

static seine_status ingest_waiting(seine_session *session, seine_error *error) {
    const size_t count = session->sources.count;
    const char **leaving = SEINE_ARENA_ARRAY(&session->arena, const char *, count + 1);
    if (leaving == NULL) return seine_no_memory(error, "ingesting what was fetched");
    SEINE_TRY(seine_intake_anew(session, error));
    for (uint32_t s = 0; s < count; s++) {
        if (session->sources.items[s].row.state != SEINE_SOURCE_FETCHED) continue;
        SEINE_TRY(seine_intake_fetched(session, s, &leaving[s], error));
        SEINE_TRY(seine_intake_commit_when_full(session, error));
    }
    SEINE_TRY(seine_intake_commit(session, SEINE_NO_SOURCE, error));
    for (size_t s = 0; s < count; s++) seine_uncommitted_remove(leaving[s]);
    return SEINE_OK;
}

seine_status seine_ingest_fetched(const char *lake, const seine_ingest_options *options, seine_ingest_report *report,
                                  seine_error *error) {
    seine_session *session;
    const int64_t started_us = seine_clock_monotonic_us();
    SEINE_TRY(seine_session_open(lake, options, true, &session, error));
    return finish(session, started_us, ingest_waiting(session, error), report, error);
}

/* What is out already stays so: the command may be repeated. */
static bool can_leave(seine_source_state state) {
    return state == SEINE_SOURCE_LIVE || state == SEINE_SOURCE_QUARANTINED || state == SEINE_SOURCE_FETCHED;
}

static seine_status remove_named(seine_session *session, const char *name, seine_error *error) {
    static const char removed[] = "removed by the user";
    bool is_known = false, leaves = false;
    for (uint32_t s = 0; s < session->sources.count; s++)
        is_known = is_known || strcmp(session->sources.items[s].row.name, name) == 0;
    if (!is_known) return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no source of that name; see seine source ls", name);
    for (uint32_t s = 0; s < session->sources.count; s++) {
        if (strcmp(session->sources.items[s].row.name, name) != 0 || !can_leave(session->sources.items[s].row.state))
            continue;
        leaves = true;
        if (session->is_stale) /* with all the others, below: its bytes may be why that failed */
            seine_source_leave(&session->sources.items[s], SEINE_SOURCE_REMOVED, removed);
        else
            SEINE_TRY(seine_rebuild_without(session, s, SEINE_SOURCE_REMOVED, removed, error));
    }
    session->report.same = !leaves;
    return session->is_stale ? seine_intake_anew(session, error) : seine_intake_commit(session, SEINE_NO_SOURCE, error);
}

seine_status seine_ingest_remove(const char *lake, const char *name, const seine_ingest_options *options,
                                 seine_ingest_report *report, seine_error *error) {
    seine_session *session;
    const int64_t started_us = seine_clock_monotonic_us();
    SEINE_TRY(seine_session_open(lake, options, true, &session, error));
    if (session->options.command == NULL) session->options.command = "source rm";
    return finish(session, started_us, remove_named(session, name, error), report, error);
}

seine_status seine_ingest_again(const char *lake, const seine_ingest_options *options, seine_ingest_report *report,
                                seine_error *error) {
    seine_session *session;
    const int64_t started_us = seine_clock_monotonic_us();
    SEINE_TRY(seine_session_open(lake, options, true, &session, error));
    session->is_stale = true;
    return finish(session, started_us, seine_intake_anew(session, error), report, error);
}

/* Whether any partition has several files. */
static seine_status find_split(seine_session *session, bool *is_split, seine_error *error) {
    seine_table *silver SEINE_OWNED(seine_table_close_owned) = NULL;
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_load(session->catalog, seine_dataset_silver(session->dataset)->name, (seine_at){0}, &silver,
                               error));
    SEINE_TRY(seine_table_files(silver, &files, &count, error));
    *is_split = false;
    for (size_t f = 0; f < count; f++) *is_split = *is_split || seine_partition_is_split(files, count, f);
    return SEINE_OK;
}

static seine_status compact(seine_session *session, seine_error *error) {
    SEINE_TRY(seine_intake_anew(session, error));
    SEINE_TRY(find_split(session, &session->compacts, error));
    return session->compacts ? seine_intake_commit(session, SEINE_NO_SOURCE, error) : SEINE_OK;
}

seine_status seine_ingest_compact(const char *lake, const seine_ingest_options *options, seine_ingest_report *report,
                                  seine_error *error) {
    seine_session *session;
    const int64_t started_us = seine_clock_monotonic_us();
    SEINE_TRY(seine_session_open(lake, options, true, &session, error));
    if (session->options.command == NULL) session->options.command = "table compact";
    return finish(session, started_us, compact(session, error), report, error);
}
