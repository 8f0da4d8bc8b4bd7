/* Names and addresses of day archives. */
#include "fetch/internal.h"

#include "base/time.h"
#include "base/try.h"
#include "io/file.h"

#include <stdio.h>

#define YEAR_MARK "<year>"
#define FORMS 8

seine_status seine_mirror_open(const char *base, seine_arena *arena, seine_mirror *mirror, seine_error *error) {
    const size_t size = strlen(base);
    *mirror = (seine_mirror){.base = base, .has_year = strstr(base, YEAR_MARK) != NULL};
    if (size == 0 || size > SEINE_FETCH_URL_BYTES - 200)
        return seine_fail(error, SEINE_E_USAGE, "the base address must have 1 to %d bytes",
                          SEINE_FETCH_URL_BYTES - 200);
    if (!seine_http_is_url(base)) {
        const char *scheme = strstr(base, "://");
        if (scheme != NULL && strncmp(base, "file://", 7) != 0)
            return seine_fail(error, SEINE_E_USAGE, "%s: neither http(s)://, file:///folder nor a folder", base);
        char *path = NULL;
        SEINE_TRY(strncmp(base, "file:", 5) == 0 ? seine_file_path_of_uri(seine_str_of(base), arena, &path, error)
                                                 : seine_file_absolute(base, arena, &path, error));
        if (!mirror->has_year && !seine_file_exists(path))
            return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no such folder", path);
        mirror->base = path;
        mirror->is_folder = true;
    }
    const char *end = mirror->base + strlen(mirror->base) - 1;
    if (*end != '/') mirror->base = seine_arena_printf(arena, "%s/", mirror->base);
    return mirror->base != NULL ? SEINE_OK : seine_no_memory(error, "fetch");
}

void seine_mirror_file(const seine_mirror *mirror, int year, size_t level, const char *name,
                       char url[SEINE_FETCH_URL_BYTES]) {
    char digits[16];
    snprintf(digits, sizeof digits, "%04d", year);
    if (!mirror->has_year) {
        snprintf(url, SEINE_FETCH_URL_BYTES, "%s%s%s%s", mirror->base, level == 0 ? digits : "", level == 0 ? "/" : "",
                 name);
        return;
    }
    size_t used = 0;
    for (const char *from = mirror->base; *from != '\0' && used + 64 < SEINE_FETCH_URL_BYTES;) {
        if (strncmp(from, YEAR_MARK, strlen(YEAR_MARK)) == 0) {
            used += (size_t)snprintf(url + used, SEINE_FETCH_URL_BYTES - used, "%s", digits);
            from += strlen(YEAR_MARK);
        } else {
            url[used++] = *from++;
        }
    }
    snprintf(url + used, SEINE_FETCH_URL_BYTES - used, "%s", name);
}

size_t seine_mirror_forms(const seine_mirror *mirror) { return mirror->has_year ? FORMS : 2 * FORMS; }

void seine_mirror_form(const seine_mirror *mirror, int32_t day, size_t form, char name[SEINE_FETCH_NAME_BYTES],
                       char url[SEINE_FETCH_URL_BYTES]) {
    static const char *const endings[FORMS / 2] = {".csv.zst", ".zst", ".zip", ".csv.gz"};
    const size_t place = form % FORMS;
    const bool is_older = place < FORMS / 2;
    const char mark = is_older ? '_' : '-';
    int year, month, date;
    seine_civil_from_days(day, &year, &month, &date);
    snprintf(name, SEINE_FETCH_NAME_BYTES, "%s%c%04d%c%02d%c%02d%s", is_older ? "AIS" : "ais", mark, year, mark, month,
             mark, date, endings[place % (FORMS / 2)]);
    seine_mirror_file(mirror, year, form / FORMS, name, url);
}
