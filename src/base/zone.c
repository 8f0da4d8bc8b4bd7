/*
 * A zone is a list of stretches, each from a moment on with one offset from Greenwich. The file has those of the past;
 * for what comes after them it has a rule (POSIX TZ), which is followed for one whole cycle of the calendar. Later
 * times are looked up by whole cycles earlier: 400 years have a whole number of weeks.
 */
#include "base/zone.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"

#include <string.h>

#define HEADER_BYTES ((size_t)44)
#define COUNT_MAX 65536 /* of anything in a file */
#define DAY_S INT64_C(86400)
#define OFFSET_MOST_S (26 * 3600) /* RFC 9636 3.2 */
#define CYCLE_YEARS 400
#define FIRST_YEAR 1800 /* of any rule */
#define LAST_YEAR 9000  /* of any stretch: a cycle later there is still a date */
#define CYCLE_S (INT64_C(146097) * DAY_S)

/* From a moment on. */
typedef struct stretch {
    int64_t start_s;
    int32_t offset_s; /* east of Greenwich */
} stretch;

struct seine_zone {
    const char *name;
    stretch *stretches; /* by start; the first one since ever */
    size_t count, capacity;
    int64_t end_s; /* local; from then on as whole cycles before; INT64_MAX = the last stretch goes on */
};

bool seine_zone_is_name(const char *name) {
    const size_t size = strlen(name);
    if (size == 0 || size > 64 || strstr(name, "//") != NULL || name[size - 1] == '/') return false;
    if (!((*name >= 'A' && *name <= 'Z') || (*name >= 'a' && *name <= 'z'))) return false;
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == size;
}

const char *seine_zone_name(const seine_zone *zone) { return zone->name; }

/* ---- the rule behind the last stretch: CET-1CEST,M3.5.0,M10.5.0/3 ---- */

/* A day of the year and a time on it. */
typedef struct change {
    char kind; /* M = weekday of a week of a month, J = day without February 29, N = day counted from 0 */
    int month, week, day;
    int32_t time_s;
} change;

typedef struct rule {
    int32_t standard_s, summer_s; /* east of Greenwich */
    bool has_summer;
    change begin, end; /* of summer */
} rule;

static bool take_number(const char **p, int most, int *value) {
    const char *start = *p;
    for (*value = 0; **p >= '0' && **p <= '9' && *value <= most; ++*p) *value = *value * 10 + (**p - '0');
    return *p > start && *value <= most;
}

/* A name of letters, or anything in angle brackets. */
static bool skip_name(const char **p) {
    const char *start = *p;
    if (**p == '<') {
        *p = strchr(*p, '>');
        if (*p == NULL) return false;
        ++*p;
        return true;
    }
    while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z')) ++*p;
    return *p - start >= 3;
}

/* [+-]h[h][h][:mm[:ss]] */
static bool take_clock(const char **p, int most_hours, int32_t *seconds) {
    const int sign = **p == '-' ? -1 : 1;
    int hours = 0, minutes = 0, rest = 0;
    if (**p == '-' || **p == '+') ++*p;
    if (!take_number(p, most_hours, &hours)) return false;
    if (**p == ':') {
        ++*p;
        if (!take_number(p, 59, &minutes)) return false;
    }
    if (**p == ':') {
        ++*p;
        if (!take_number(p, 59, &rest)) return false;
    }
    *seconds = sign * (hours * 3600 + minutes * 60 + rest);
    return true;
}

static bool take_day(const char **p, change *c) {
    if (**p == 'M') {
        ++*p;
        if (!take_number(p, 12, &c->month) || c->month < 1 || *(*p)++ != '.') return false;
        if (!take_number(p, 5, &c->week) || c->week < 1 || *(*p)++ != '.') return false;
        c->kind = 'M';
        return take_number(p, 6, &c->day);
    }
    c->kind = **p == 'J' ? 'J' : 'N';
    *p += **p == 'J';
    return take_number(p, 365, &c->day) && (c->kind == 'N' || c->day >= 1);
}

static bool take_change(const char **p, change *c) {
    if (*(*p)++ != ',' || !take_day(p, c)) return false;
    c->time_s = 2 * 3600;
    if (**p != '/') return true;
    ++*p;
    return take_clock(p, 167, &c->time_s);
}

/* Offsets of POSIX are west of Greenwich. */
static bool read_rule(const char *text, rule *r) {
    const char *p = text;
    int32_t west_s = 0;
    *r = (rule){0};
    if (!skip_name(&p) || !take_clock(&p, 25, &west_s)) return false;
    r->standard_s = -west_s;
    if (*p == '\0') return true;
    r->has_summer = true;
    r->summer_s = r->standard_s + 3600;
    if (!skip_name(&p)) return false;
    if (*p != ',') {
        if (!take_clock(&p, 25, &west_s)) return false;
        r->summer_s = -west_s;
    }
    return take_change(&p, &r->begin) && take_change(&p, &r->end) && *p == '\0';
}

/* On the clock that shows it, in seconds since 1970. */
static int64_t change_in(const change *c, int year) {
    int32_t day = seine_days_from_civil(year, 1, 1);
    if (c->kind == 'M') {
        const int32_t first = seine_days_from_civil(year, c->month, 1);
        const int32_t end =
            c->month == 12 ? seine_days_from_civil(year + 1, 1, 1) : seine_days_from_civil(year, c->month + 1, 1);
        const int32_t weekday = (int32_t)seine_floor_mod(first + 4, 7); /* 1970-01-01 was a Thursday */
        day = first + (c->day - weekday + 7) % 7 + (c->week - 1) * 7;
        if (day >= end) day -= 7; /* the fifth is the last */
    } else {
        const bool is_leap = seine_days_from_civil(year, 3, 1) - day == 60;
        day += c->kind == 'N' ? c->day : c->day - 1 + (is_leap && c->day >= 60);
    }
    return day * DAY_S + c->time_s;
}

static seine_status add(seine_zone *zone, seine_arena *arena, int64_t start_s, int32_t offset_s) {
    SEINE_TRY(SEINE_ARENA_ROOM(arena, zone->stretches, zone->count, zone->capacity, 1, (size_t)COUNT_MAX * 2));
    zone->stretches[zone->count++] = (stretch){start_s, offset_s};
    return SEINE_OK;
}

static seine_status add_later(seine_zone *zone, seine_arena *arena, int64_t after_s, int64_t start_s,
                              int32_t offset_s) {
    return start_s > after_s ? add(zone, arena, start_s, offset_s) : SEINE_OK;
}

/* Two changes a year, in the order in which they come. */
static seine_status follow(seine_zone *zone, seine_arena *arena, const rule *r) {
    const stretch *last = &zone->stretches[zone->count - 1];
    const int64_t after_s = zone->count > 1 ? last->start_s : INT64_MIN;
    int year = 1970, month = 0, day = 0;
    if (zone->count > 1) seine_civil_from_days((int32_t)seine_floor_div(after_s, DAY_S), &year, &month, &day);
    if (year < FIRST_YEAR) year = FIRST_YEAR;
    if (!r->has_summer) return last->offset_s == r->standard_s ? SEINE_OK : SEINE_E_FORMAT;
    for (int y = year; y <= year + CYCLE_YEARS + 1; y++) {
        const int64_t begin_s = change_in(&r->begin, y) - r->standard_s, end_s = change_in(&r->end, y) - r->summer_s;
        if (begin_s < end_s) SEINE_TRY(add_later(zone, arena, after_s, begin_s, r->summer_s));
        SEINE_TRY(add_later(zone, arena, after_s, end_s, r->standard_s));
        if (begin_s >= end_s) SEINE_TRY(add_later(zone, arena, after_s, begin_s, r->summer_s));
    }
    zone->end_s = seine_days_from_civil(year + CYCLE_YEARS + 1, 1, 1) * DAY_S;
    return SEINE_OK;
}

/* ---- the file ---- */

typedef struct header {
    char version;
    size_t utc_count, standard_count, leap_count, time_count, type_count, name_bytes;
} header;

static uint32_t big4(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static int64_t big8(const uint8_t *p) { return (int64_t)((uint64_t)big4(p) << 32 | big4(p + 4)); }

static bool read_header(const uint8_t *p, size_t size, header *h) {
    size_t counts[6];
    if (size < HEADER_BYTES || memcmp(p, "TZif", 4) != 0) return false;
    for (size_t i = 0; i < 6; i++) {
        counts[i] = big4(p + 20 + 4 * i);
        if (counts[i] > COUNT_MAX) return false;
    }
    *h = (header){(char)p[4], counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
    return true;
}

/* Of what follows a header; times have 4 bytes in the first block and 8 in the second one. */
static size_t block_bytes(const header *h, size_t time_bytes) {
    return h->time_count * (time_bytes + 1) + h->type_count * 6 + h->name_bytes + h->leap_count * (time_bytes + 4) +
           h->standard_count + h->utc_count;
}

static seine_status broken(const char *name, seine_error *error) {
    return seine_fail(error, SEINE_E_FORMAT, "the file of time zone %s is no whole TZif file", name);
}

static seine_status read_stretches(seine_zone *zone, const uint8_t *p, const header *h, size_t time_bytes,
                                   seine_arena *arena, seine_error *error) {
    const uint8_t *type_of = p + h->time_count * time_bytes, *types = type_of + h->time_count;
    if (h->type_count == 0) return broken(zone->name, error);
    for (size_t i = 0; i < h->type_count; i++) {
        const int32_t offset_s = (int32_t)big4(types + 6 * i);
        if (offset_s > OFFSET_MOST_S || offset_s < -OFFSET_MOST_S) return broken(zone->name, error);
    }
    if (add(zone, arena, INT64_MIN, (int32_t)big4(types)) != SEINE_OK) return seine_no_memory(error, zone->name);
    for (size_t i = 0; i < h->time_count; i++) {
        const uint8_t *time = p + i * time_bytes;
        const int64_t start_s = time_bytes == 8 ? big8(time) : (int32_t)big4(time);
        /* Some begin with the Big Bang. */
        const bool is_time = start_s < seine_days_from_civil(LAST_YEAR, 1, 1) * DAY_S;
        if (!is_time || type_of[i] >= h->type_count || (i > 0 && start_s <= zone->stretches[zone->count - 1].start_s))
            return broken(zone->name, error);
        if (add(zone, arena, start_s, (int32_t)big4(types + 6 * type_of[i])) != SEINE_OK)
            return seine_no_memory(error, zone->name);
    }
    return SEINE_OK;
}

/* A line of its own behind the second block; empty = nothing is known. */
static seine_status read_footer(seine_zone *zone, const uint8_t *p, size_t size, seine_arena *arena,
                                seine_error *error) {
    rule r;
    char text[256];
    const uint8_t *end = size > 1 && p[0] == '\n' ? memchr(p + 1, '\n', size - 1) : NULL;
    if (end == NULL || (size_t)(end - p) > sizeof text) return broken(zone->name, error);
    const size_t length = (size_t)(end - p) - 1;
    memcpy(text, p + 1, length);
    text[length] = '\0';
    if (length == 0) return SEINE_OK;
    if (strlen(text) != length || !read_rule(text, &r)) return broken(zone->name, error);
    const seine_status status = follow(zone, arena, &r);
    if (status == SEINE_E_FORMAT) return broken(zone->name, error);
    return status == SEINE_OK ? SEINE_OK : seine_no_memory(error, zone->name);
}

static seine_status read_file(seine_zone *zone, seine_str bytes, seine_arena *arena, seine_error *error) {
    const uint8_t *p = (const uint8_t *)bytes.data;
    size_t left = bytes.size, time_bytes = 4;
    header h;
    if (!read_header(p, left, &h)) return broken(zone->name, error);
    if (h.version >= '2') { /* the first block is for old readers */
        const size_t skipped = HEADER_BYTES + block_bytes(&h, 4);
        if (left < skipped || !read_header(p + skipped, left - skipped, &h)) return broken(zone->name, error);
        p += skipped;
        left -= skipped;
        time_bytes = 8;
    }
    const size_t size = HEADER_BYTES + block_bytes(&h, time_bytes);
    if (left < size) return broken(zone->name, error);
    if (h.leap_count > 0)
        return seine_fail(error, SEINE_E_UNSUPPORTED, "time zone %s counts leap seconds, which times here do not",
                          zone->name);
    SEINE_TRY(read_stretches(zone, p + HEADER_BYTES, &h, time_bytes, arena, error));
    return time_bytes == 8 ? read_footer(zone, p + size, left - size, arena, error) : SEINE_OK;
}

seine_status seine_zone_read(seine_str bytes, const char *name, seine_arena *arena, const seine_zone **zone,
                             seine_error *error) {
    seine_zone *made = SEINE_ARENA_ARRAY(arena, seine_zone, 1);
    if (made != NULL) made->name = seine_arena_copy(arena, name, strlen(name));
    if (made == NULL || made->name == NULL) return seine_no_memory(error, name);
    made->end_s = INT64_MAX;
    SEINE_TRY(read_file(made, bytes, arena, error));
    *zone = made;
    return SEINE_OK;
}

/* ---- looking up ---- */

/* The stretch of a moment. */
static size_t find(const seine_zone *zone, int64_t moment_s) {
    size_t low = 0, high = zone->count; /* the one at low begins before, the one at high after */
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (zone->stretches[middle].start_s <= moment_s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool seine_zone_moment(const seine_zone *zone, int64_t local_us, int64_t *time_us) {
    int64_t local_s = seine_floor_div(local_us, SEINE_SECOND_US), cycles = 0;
    const int64_t fraction_us = seine_floor_mod(local_us, SEINE_SECOND_US);
    if (local_s >= zone->end_s) cycles = (local_s - zone->end_s) / CYCLE_S + 1;
    local_s -= cycles * CYCLE_S;
    /* Only stretches that begin within the greatest offset can be the one. */
    for (size_t i = find(zone, local_s - OFFSET_MOST_S); i < zone->count; i++) {
        const stretch *at = &zone->stretches[i];
        const int64_t moment_s = local_s - at->offset_s;
        if (at->start_s > local_s + OFFSET_MOST_S) return false;
        if (moment_s < at->start_s || (i + 1 < zone->count && moment_s >= at[1].start_s)) continue;
        *time_us = (moment_s + cycles * CYCLE_S) * SEINE_SECOND_US + fraction_us;
        return true;
    }
    return false;
}
