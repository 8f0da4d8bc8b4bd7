/* How times are written in files, and where the day begins there. */
#include "columns/descriptor/descriptor.h"

#include "base/time.h"
#include "base/zone.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR_S 3600
#define MOST_OFFSET_S (14 * HOUR_S)
#define VALID_FROM_US (INT64_C(631152000) * SEINE_SECOND_US) /* 1990-01-01 */

/* ---- patterns ---- */

/* What the directives of a pattern say, one letter for each meaning: %y and %Y are both the year. */
static char meaning_of(char directive) {
    switch (directive) {
    case 'y': return 'Y';
    case 'I': return 'H';
    case 'Y':
    case 'm':
    case 'd':
    case 'H':
    case 'p':
    case 'M':
    case 'S':
    case 'z': return directive;
    default: return '\0';
    }
}

static seine_status check_parts(const seine_descriptor *d, const seine_yaml *value, const char *seen) {
    const bool has_hour = strchr(seen, 'H') != NULL, has_minute = strchr(seen, 'M') != NULL;
    const bool is_half = strstr(value->text, "%I") != NULL;
    if (strchr(seen, 'Y') == NULL || strchr(seen, 'm') == NULL || strchr(seen, 'd') == NULL)
        return seine_descriptor_refuse(d, value, "a time has a year (%%Y), a month (%%m) and a day (%%d) at least");
    if (is_half && strchr(seen, 'p') == NULL)
        return seine_descriptor_refuse(d, value, "%%I is an hour from 1 to 12 and needs AM or PM (%%p) beside it");
    if (!is_half && strchr(seen, 'p') != NULL)
        return seine_descriptor_refuse(d, value, "%%p is AM or PM; the hour beside it is %%I");
    if ((has_minute && !has_hour) || (strchr(seen, 'S') != NULL && !has_minute))
        return seine_descriptor_refuse(d, value, "minutes need hours (%%H), seconds need minutes (%%M)");
    return SEINE_OK;
}

static seine_status check_pattern(const seine_descriptor *d, const seine_yaml *value) {
    char seen[16] = "";
    size_t count = 0;
    for (const char *c = strchr(value->text, '%'); c != NULL; c = strchr(c + 2, '%')) {
        const char meaning = meaning_of(c[1]);
        if (meaning == '\0')
            return seine_descriptor_refuse(
                d, value, "%%%.1s is not known; there are %%Y %%y %%m %%d %%H %%I %%p %%M %%S %%z", c + 1);
        if (strchr(seen, meaning) != NULL) return seine_descriptor_refuse(d, value, "%%%c stands twice", c[1]);
        seen[count++] = meaning;
        seen[count] = '\0';
    }
    return check_parts(d, value, seen);
}

static seine_status read_format(seine_descriptor *d, const seine_yaml *map) {
    static const char *const words[] = {"iso", "unix_s", "unix_ms", "unix_us", "unix_ns"};
    static const double units_us[] = {0, 1e6, 1e3, 1, 1e-3};
    size_t word = 0;
    const seine_yaml *format = seine_yaml_get(map, "format");
    if (format != NULL && format->kind == SEINE_YAML_SCALAR && strchr(format->text, '%') != NULL) {
        d->dataset.time_kind = SEINE_TIME_PATTERN;
        d->dataset.time_pattern = format->text;
        return check_pattern(d, format);
    }
    SEINE_TRY(seine_descriptor_choice(d, map, "format", words, COUNT(words), &word));
    d->dataset.time_kind = word == 0 ? SEINE_TIME_ISO : SEINE_TIME_UNIX;
    d->dataset.time_unit_us = units_us[word];
    return SEINE_OK;
}

/* ---- zone ---- */

static bool parse_offset(const char *text, int32_t *offset_s) {
    if (strcmp(text, "UTC") == 0 || strcmp(text, "Z") == 0) return true;
    if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
    for (size_t i = 1; i < 6; i++)
        if (i != 3 && (text[i] < '0' || text[i] > '9')) return false;
    const int hours = (text[1] - '0') * 10 + text[2] - '0', minutes = (text[4] - '0') * 10 + text[5] - '0';
    const int32_t size = hours * HOUR_S + minutes * 60;
    *offset_s = text[0] == '-' ? -size : size;
    return minutes < 60 && size <= MOST_OFFSET_S;
}

/* Clocks that change in summer, by the name of a place. */
static seine_status read_place(seine_descriptor *d, const seine_yaml *value, const char *name) {
    seine_str bytes = {NULL, 0};
    seine_error why = {SEINE_OK, ""};
    if (!seine_zone_is_name(name) || d->given == NULL || d->given->read_zone == NULL)
        return seine_descriptor_refuse(
            d, value,
            "\"%s\" is no time zone; write UTC, an offset such as +01:00, or a name such as Europe/Copenhagen", name);
    seine_status status = d->given->read_zone(name, d->arena, &bytes, &why);
    if (status == SEINE_OK) status = seine_zone_read(bytes, name, d->arena, &d->dataset.time_zone, &why);
    if (status == SEINE_OK) return SEINE_OK;
    if (status == SEINE_E_NOMEM) return seine_no_memory(d->error, d->file);
    d->dataset.time_offset_s = 0;
    return seine_descriptor_refuse(d, value, "%s", why.text);
}

static seine_status read_zone(seine_descriptor *d) {
    const char *text = NULL;
    SEINE_TRY(seine_descriptor_text(d, d->root, "time_zone", &text));
    if (text == NULL) return SEINE_OK;
    const seine_yaml *value = seine_yaml_get(d->root, "time_zone");
    if (!parse_offset(text, &d->dataset.time_offset_s)) SEINE_TRY(read_place(d, value, text));
    if (d->dataset.time_kind == SEINE_TIME_UNIX && (d->dataset.time_offset_s != 0 || d->dataset.time_zone != NULL))
        return seine_descriptor_refuse(d, value, "times that count from 1970 are UTC; leave time_zone out");
    if (d->dataset.time_kind == SEINE_TIME_PATTERN && strstr(d->dataset.time_pattern, "%z") != NULL)
        return seine_descriptor_refuse(d, value, "every time tells its own zone (%%z); leave time_zone out");
    return SEINE_OK;
}

/* A day or a time, by key. */
static seine_status read_day(const seine_descriptor *d, const seine_yaml *map, const char *key, int64_t *time_us) {
    const char *text = NULL;
    SEINE_TRY(seine_descriptor_text(d, map, key, &text));
    if (text == NULL || seine_time_parse(seine_str_of(text), time_us)) return SEINE_OK;
    return seine_descriptor_refuse(d, seine_yaml_get(map, key), "\"%s\" is no time; write a day such as 1990-01-01",
                                   text);
}

seine_status seine_descriptor_wrap(seine_descriptor *d) {
    static const char *const keys[] = {"from", "before"};
    const seine_yaml *map = seine_yaml_get(d->root, "wrap_days");
    const seine_yaml *wrapped = NULL;
    for (size_t i = 0; i < d->dataset.column_count; i++)
        if (d->columns[i].wrap != 0) wrapped = d->column_nodes[i];
    if (map == NULL && wrapped != NULL)
        return seine_descriptor_refuse(d, wrapped, "write on which days it wraps: wrap_days: {from: …, before: …}");
    if (map == NULL) return SEINE_OK;
    SEINE_TRY(seine_descriptor_keys(d, map, keys, COUNT(keys)));
    SEINE_TRY(read_day(d, map, "from", &d->dataset.wrap_from_us));
    SEINE_TRY(read_day(d, map, "before", &d->dataset.wrap_end_us));
    if (d->dataset.wrap_from_us >= d->dataset.wrap_end_us)
        return seine_descriptor_refuse(d, map, "from has to be earlier than before");
    return wrapped != NULL ? SEINE_OK : seine_descriptor_refuse(d, map, "no column has a wrap");
}

seine_status seine_descriptor_time(seine_descriptor *d) {
    static const char *const keys[] = {"name", "names", "format", "doc"};
    const seine_yaml *map = seine_yaml_get(d->root, "time");
    if (map == NULL)
        return seine_descriptor_refuse(d, d->root,
                                       "time is missing; write time: {names: [timestamp]}, the name of the "
                                       "field that has the time");
    SEINE_TRY(seine_descriptor_keys(d, map, keys, COUNT(keys)));
    SEINE_TRY(seine_descriptor_add(
        d, map,
        &(seine_dataset_column){
            .name = "ts", .type = SEINE_TYPE_TIMESTAMPTZ, .unit = "", .doc = "time of the fix, UTC", .scale = 1}));
    SEINE_TRY(read_format(d, map));
    SEINE_TRY(read_zone(d));
    d->dataset.valid_from_us = VALID_FROM_US;
    return read_day(d, d->root, "valid_from", &d->dataset.valid_from_us);
}
