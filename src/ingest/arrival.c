#include "ingest/arrival.h"

#include "base/try.h"
#include "io/file.h"
#include "table/source.h"

seine_status seine_arrival_check(const seine_arrival *a, seine_error *why) {
    const char *fault = seine_source_name_fault(a->name);
    seine_file_info info;
    SEINE_TRY(seine_file_stat(a->path, &info, why));
    if (info.kind == SEINE_FILE_NONE) return seine_fail(why, SEINE_E_NOT_FOUND, "%s: no such file", a->path);
    if (info.kind != SEINE_FILE_PLAIN) return seine_fail(why, SEINE_E_NOT_FOUND, "%s: not a plain file", a->path);
    return fault == NULL ? SEINE_OK : seine_fail(why, SEINE_E_NOT_FOUND, "%s: %s", a->path, fault);
}

seine_status seine_arrival_copy(const seine_session *session, seine_arrival *a, seine_arena *arena,
                                seine_error *error) {
    char *folder = seine_arena_printf(arena, "%s/bronze/%s", session->lake, session->dataset->name);
    char *near = folder == NULL ? NULL : seine_file_join(arena, folder, "incoming");
    char *name = near == NULL ? NULL : seine_file_temp_name(arena, near);
    if (name == NULL) return seine_no_memory(error, a->path);
    SEINE_TRY(seine_file_make_folders(folder, error));
    SEINE_TRY(seine_file_hash(a->path, name, a->sha256, &a->bytes, error));
    a->temp = name;
    return SEINE_OK;
}

seine_status seine_arrival_source(seine_session *session, seine_arrival *a, uint32_t *source, seine_error *error) {
    seine_arena *arena = &session->arena;
    const char *name = a->name, *path = a->path, *shown = a->url != NULL ? a->url : path;
    char *absolute = NULL, *url = NULL;
    SEINE_TRY(seine_file_absolute(path, arena, &absolute, error));
    SEINE_TRY(seine_file_uri_of_path(absolute, arena, &url, error));
    if (a->url != NULL) url = seine_arena_copy(arena, a->url, strlen(a->url));
    if (url == NULL) return seine_no_memory(error, name);
    seine_known_source entry = {
        .row = {.dataset = session->dataset->name,
                .name = seine_arena_copy(arena, name, strlen(name)),
                .sha256 = seine_arena_copy(arena, a->sha256, 64),
                .bytes = (int64_t)a->bytes,
                .ingested_at_us = session->now_us,
                .state = SEINE_SOURCE_LIVE,
                .reason = "",
                .bronze_path = a->bronze_path != NULL ? a->bronze_path
                                                      : seine_source_bronze_path(arena, session->dataset->name, name),
                .url = url,
                .greatest_us = INT64_MIN},
        .touched = true,
        .remarks = {.dataset = session->dataset},
        .bronze_temp = a->temp,
        .path = seine_arena_copy(arena, shown, strlen(shown)),
        .outcome = SEINE_INGEST_ADDED};
    if (entry.row.name == NULL || entry.row.sha256 == NULL || entry.row.bronze_path == NULL || entry.path == NULL)
        return seine_no_memory(error, name);
    int32_t first_day;
    entry.row.has_declared_day =
        seine_source_declared_days(session->dataset->name, name, &first_day, &entry.row.declared_day);
    SEINE_TRY(seine_known_sources_add(&session->sources, &entry, source, error));
    a->temp = NULL;
    return SEINE_OK;
}
