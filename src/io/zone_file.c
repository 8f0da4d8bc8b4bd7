#include "io/zone_file.h"

#include "base/spelling.h"
#include "base/try.h"
#include "io/file.h"

#include <stdlib.h>

#define ZONES "/usr/share/zoneinfo"
#define ZONE_BYTES_MAX ((size_t)1 << 20)

/* Beside zones the folder has tables, and the same zones once more with leap seconds and under other names. */
static bool is_zone(const char *name) { return name[0] >= 'A' && name[0] <= 'Z' && strchr(name, '.') == NULL; }

/* A name in other letters is the nearest one there can be. */
static const char *find_nearest(const seine_file_entry *entries, size_t count, const char *name) {
    seine_spelling spelling = seine_spelling_of(seine_str_of(name));
    for (size_t i = 0; i < count; i++) {
        if (!is_zone(entries[i].name)) continue;
        if (seine_str_equal_nocase(seine_str_of(entries[i].name), seine_str_of(name))) return entries[i].name;
        seine_spelling_offer(&spelling, entries[i].name);
    }
    return seine_spelling_best(&spelling);
}

static seine_status refuse(const char *folder, const char *name, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    const seine_status status = seine_file_list(folder, true, &arena, &entries, &count, NULL);
    if (status == SEINE_E_NOMEM) return seine_no_memory(error, folder);
    if (status != SEINE_OK || count == 0)
        return seine_fail(error, SEINE_E_NOT_FOUND,
                          "\"%s\" cannot be looked up: %s has no time zones; install the package tzdata, or name its "
                          "folder by TZDIR",
                          name, folder);
    const char *nearest = find_nearest(entries, count, name);
    if (nearest != NULL)
        return seine_fail(error, SEINE_E_NOT_FOUND, "there is no time zone \"%s\"; did you mean %s?", name, nearest);
    return seine_fail(error, SEINE_E_NOT_FOUND,
                      "there is no time zone \"%s\"; names are those of %s, such as Europe/Copenhagen", name, folder);
}

seine_status seine_zone_file_read(const char *name, seine_arena *arena, seine_str *bytes, seine_error *error) {
    seine_buf read SEINE_OWNED(seine_buf_free);
    seine_file_info info = {.kind = SEINE_FILE_NONE};
    const char *told = getenv("TZDIR"), *folder = told != NULL && *told != '\0' ? told : ZONES;
    const char *path = seine_file_join(arena, folder, name);
    seine_buf_init(&read, ZONE_BYTES_MAX);
    if (path == NULL) return seine_no_memory(error, name);
    SEINE_TRY(seine_file_stat(path, &info, error));
    if (info.kind != SEINE_FILE_PLAIN) return refuse(folder, name, error);
    SEINE_TRY(seine_file_read(path, &read, error));
    const char *copy = seine_arena_copy(arena, (const char *)read.data, read.size);
    if (copy == NULL) return seine_no_memory(error, name);
    *bytes = (seine_str){copy, read.size};
    return SEINE_OK;
}
