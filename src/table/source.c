/* Names of sources. A source is known by its file name; where its bytes lie in bronze follows from the name alone. */
#include "table/source.h"

#include "base/time.h"
#include "base/try.h"
#include "io/file.h"
#include "io/reader.h"

#include <stdio.h>

static bool digits_at(const char *text, size_t count, int *value) {
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

/* `<dataset>` and a separator in front; *rest is what stands behind them. */
static bool is_archive(const char *dataset, const char *name, seine_str *rest, char *separator) {
    const size_t size = strlen(dataset);
    const seine_str text = seine_str_of(name);
    if (text.size <= size || !seine_str_equal_nocase((seine_str){name, size}, seine_str_of(dataset))) return false;
    *separator = name[size];
    *rest = (seine_str){name + size + 1, text.size - size - 1};
    return *separator == '_' || *separator == '-';
}

bool seine_source_declared_day(const char *dataset, const char *name, int32_t *day) {
    int year, month, date;
    seine_str rest;
    char separator;
    if (!is_archive(dataset, name, &rest, &separator) || rest.size < 10) return false;
    if (rest.data[4] != separator || rest.data[7] != separator) return false;
    if (!digits_at(rest.data, 4, &year) || !digits_at(rest.data + 5, 2, &month) || !digits_at(rest.data + 8, 2, &date))
        return false;
    if (rest.data[10] >= '0' && rest.data[10] <= '9') return false;
    char text[16];
    snprintf(text, sizeof text, "%04d-%02d-%02d", year % 10000, month % 100, date % 100);
    return seine_date_parse(seine_str_of(text), day);
}

static bool declared_month(const char *dataset, const char *name, int32_t *first, int32_t *last) {
    int year, month;
    seine_str rest;
    char separator;
    if (!is_archive(dataset, name, &rest, &separator) || rest.size < 7 || rest.data[4] != separator) return false;
    if (!digits_at(rest.data, 4, &year) || !digits_at(rest.data + 5, 2, &month) || month < 1 || month > 12)
        return false;
    const bool is_zone = rest.size > 12 && rest.data[7] == separator &&
                         seine_str_equal_nocase((seine_str){rest.data + 8, 4}, SEINE_STR("zone"));
    if (rest.data[7] != '.' && !is_zone) return false;
    *first = seine_days_from_civil(year, month, 1);
    *last = (month == 12 ? seine_days_from_civil(year + 1, 1, 1) : seine_days_from_civil(year, month + 1, 1)) - 1;
    return true;
}

bool seine_source_declared_days(const char *dataset, const char *name, int32_t *first, int32_t *last) {
    if (!seine_source_declared_day(dataset, name, first)) return declared_month(dataset, name, first, last);
    *last = *first;
    return true;
}

const char *seine_source_name_fault(const char *name) {
    const seine_str text = seine_str_of(name);
    if (text.size == 0 || text.size > 200) return "a source name has 1 to 200 bytes";
    if (!seine_str_is_utf8(text)) return "a source name must be UTF-8";
    if (memchr(name, '/', text.size) != NULL || name[0] == '.')
        return "a source name has no / and does not start with a point";
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)name[i] < 0x20) return "a source name has no control characters";
    return NULL;
}

const char *seine_source_endings(const char *dataset) {
    return strcmp(dataset, SEINE_DATASET_AIS) == 0 ? SEINE_ARCHIVE_ENDINGS : SEINE_RECORD_ENDINGS;
}

bool seine_source_has_known_ending(const char *dataset, const char *name) {
    for (const char *at = seine_source_endings(dataset); *at != '\0';) {
        const size_t size = strcspn(at, " ");
        if (seine_str_ends_with_nocase(seine_str_of(name), (seine_str){at, size})) return true;
        at += size + (at[size] == ' ');
    }
    return false;
}

char *seine_source_bronze_path(seine_arena *arena, const char *dataset, const char *name) {
    int32_t day, last;
    if (!seine_source_declared_days(dataset, name, &day, &last))
        return seine_arena_printf(arena, "bronze/%s/undated/%s", dataset, name);
    int year, month, date;
    seine_civil_from_days(day, &year, &month, &date);
    if (last > day) return seine_arena_printf(arena, "bronze/%s/year=%04d/month=%02d/%s", dataset, year, month, name);
    return seine_arena_printf(arena, "bronze/%s/year=%04d/month=%02d/day=%02d/%s", dataset, year, month, date, name);
}

char *seine_source_records_path(seine_arena *arena, const char *dataset, const char *name) {
    return seine_arena_printf(arena, "bronze/%s_raw/%s", dataset, name);
}

bool seine_source_is_of_records(const seine_source *source) {
    const char *name = strrchr(source->bronze_path, '/');
    const size_t folder = name == NULL ? 0 : (size_t)(name - source->bronze_path);
    return folder > 4 && strcmp(name + 1, source->name) == 0 && memcmp(name - 4, "_raw", 4) == 0;
}

char *seine_source_quarantine_path(seine_arena *arena, const char *dataset, const char *name, const char *sha256) {
    return seine_arena_printf(arena, "bronze/%s/quarantine/%s.%.8s", dataset, name, sha256);
}

/* Whether an object holds the bytes of a sum; *is_free when nothing lies there. */
static seine_status look_at(const char *path, const char *temp, const char *sha256, bool *is_free, bool *is_same,
                            seine_error *error) {
    seine_file_info there, ours;
    char found[65];
    uint64_t bytes;
    *is_same = false;
    seine_status status = seine_file_stat(path, &there, error);
    if (status == SEINE_OK) status = seine_file_stat(temp, &ours, error);
    if (status != SEINE_OK) return status;
    *is_free = there.kind == SEINE_FILE_NONE;
    if (there.kind != SEINE_FILE_PLAIN || there.size != ours.size) return SEINE_OK;
    status = seine_file_hash(path, NULL, found, &bytes, error);
    *is_same = status == SEINE_OK && strcmp(found, sha256) == 0;
    return status;
}

static seine_status put_bytes(const char *lake, const char *temp, const char *wanted, const char *sha256,
                              seine_arena *arena, const char **taken, seine_error *error) {
    const int digits[] = {0, 8, 64};
    for (size_t i = 0; i < sizeof digits / sizeof *digits; i++) {
        const char *name = seine_arena_printf(arena, "%s%s%.*s", wanted, i > 0 ? "." : "", digits[i], sha256);
        const char *path = name == NULL ? NULL : seine_file_join(arena, lake, name);
        if (path == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
        bool is_free, is_same;
        *taken = name;
        seine_status status = i == 0 ? seine_file_make_parent(path, error) : SEINE_OK;
        if (status == SEINE_OK) status = look_at(path, temp, sha256, &is_free, &is_same, error);
        if (status != SEINE_OK) return status;
        if (is_same) return seine_file_sync_name(path, error); /* a killed command may have left it without */
        if (is_free) return seine_file_publish(temp, path, sha256, SEINE_FILE_NEW, error);
    }
    return seine_fail(error, SEINE_E_EXISTS, "%s/%s: other bytes lie under this name already", lake, *taken);
}

seine_status seine_source_put_bytes(const char *lake, const char *temp, const char *wanted, const char *sha256,
                                    seine_arena *arena, const char **taken, seine_error *error) {
    const seine_status status = put_bytes(lake, temp, wanted, sha256, arena, taken, error);
    seine_best_effort(seine_file_remove(temp, NULL)); /* there still when its bytes were there already */
    return status;
}

/* Lakes of older versions keep replaced bytes beside the name that stands in the ledger. */
char *seine_source_bytes_path(const char *lake, const seine_source *source, seine_arena *arena) {
    char *path = seine_file_join(arena, lake, source->bronze_path);
    char *kept = path == NULL ? NULL : seine_arena_printf(arena, "%s.%.8s", path, source->sha256);
    if (kept == NULL) return NULL;
    return seine_file_exists(kept) ? kept : path;
}
