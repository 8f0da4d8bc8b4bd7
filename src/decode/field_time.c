/* Times as files write them: ISO 8601, counted since 1970, or by a pattern. */
#include "base/number.h"
#include "base/time.h"
#include "base/zone.h"
#include "decode/field.h"

#include <math.h>

/* ---- counted since 1970 ---- */

/* A number cut at its point. */
typedef struct cut_number {
    bool is_negative;
    uint64_t whole;
    seine_str fraction; /* digits */
} cut_number;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* @return false for what is no plain number, or too large. */
static bool cut(seine_str text, char point, cut_number *out) {
    const char *p = text.data, *end = text.data + text.size;
    *out = (cut_number){.is_negative = p < end && *p == '-'};
    if (p < end && (*p == '-' || *p == '+')) p++;
    const char *digits = p;
    for (; p < end && is_digit(*p); p++) {
        const uint64_t digit = (uint64_t)(*p - '0');
        if (out->whole > ((uint64_t)INT64_MAX - digit) / 10) return false;
        out->whole = out->whole * 10 + digit;
    }
    if (p == digits) return false;
    if (p == end) return true;
    if (*p++ != point) return false;
    out->fraction = (seine_str){p, (size_t)(end - p)};
    while (p < end && is_digit(*p)) p++;
    return p == end && out->fraction.size > 0;
}

/* The number of microseconds when a unit is whole ones, or one is whole units. */
static bool count_exactly(const cut_number *number, double unit_us, int64_t *time_us) {
    uint64_t us = 0;
    if (unit_us >= 1) {
        const uint64_t unit = (uint64_t)unit_us;
        if (unit == 0 || number->whole > (uint64_t)INT64_MAX / unit) return false;
        /* From the last digit to the first: cutting between the steps is cutting once. */
        for (size_t i = number->fraction.size; i > 0; i--)
            us = ((uint64_t)(number->fraction.data[i - 1] - '0') * unit + us) / 10;
        us += number->whole * unit;
    } else {
        us = number->whole / (uint64_t)rint(1 / unit_us);
    }
    if (us > (uint64_t)INT64_MAX) return false;
    *time_us = number->is_negative ? -(int64_t)us : (int64_t)us;
    return true;
}

static bool has_exact_unit(double unit_us) {
    const double turned = unit_us >= 1 ? unit_us : 1 / unit_us;
    return turned <= 1e15 && fabs(turned - rint(turned)) < 1e-9 * turned;
}

static bool parse_unix(double unit_us, char point, seine_str text, int64_t *time_us) {
    cut_number number;
    double value = 0;
    const bool has_exponent = memchr(text.data, 'e', text.size) != NULL || memchr(text.data, 'E', text.size) != NULL;
    if (has_exact_unit(unit_us) && !has_exponent)
        return cut(text, point, &number) && count_exactly(&number, unit_us, time_us);
    if (!seine_number_parse(text, &value) || !(fabs(value * unit_us) < 9e18)) return false;
    *time_us = (int64_t)rint(value * unit_us);
    return true;
}

/* ---- by a pattern ---- */

typedef struct civil {
    int year, month, day, hour, minute, second;
    int half; /* of the day: 0 = not told, 1 = AM, 2 = PM */
    int64_t fraction_us, offset_s;
} civil;

/* @p least to @p most digits. */
static bool take_digits(const char **p, const char *end, int least, int most, int *value) {
    int count = 0;
    for (*value = 0; count < most && *p < end && is_digit(**p); count++) *value = *value * 10 + (*(*p)++ - '0');
    return count >= least;
}

static bool take_second(const char **p, const char *end, civil *c) {
    if (!take_digits(p, end, 1, 2, &c->second)) return false;
    if (end - *p < 2 || (**p != '.' && **p != ',') || !is_digit((*p)[1])) return true;
    ++*p;
    for (int64_t unit = SEINE_SECOND_US / 10; *p < end && is_digit(**p); unit /= 10)
        c->fraction_us += (*(*p)++ - '0') * unit;
    return true;
}

static bool take_half(const char **p, const char *end, civil *c) {
    if (end - *p < 2 || ((*p)[1] | 0x20) != 'm') return false;
    const char letter = (char)(**p | 0x20);
    c->half = letter == 'a' ? 1 : letter == 'p' ? 2 : 0;
    *p += 2;
    return c->half != 0;
}

/* A zone is letters, digits, signs and colons. */
static bool take_zone(const char **p, const char *end, civil *c) {
    const char *start = *p;
    while (*p < end && (is_digit(**p) || **p == '+' || **p == '-' || **p == ':' || (**p >= 'A' && **p <= 'Z') ||
                        (**p >= 'a' && **p <= 'z')))
        ++*p;
    return *p > start && seine_time_parse_zone((seine_str){start, (size_t)(*p - start)}, &c->offset_s);
}

static bool take_year_of_century(const char **p, const char *end, civil *c) {
    enum { CENTURY_FROM = 69 }; /* as POSIX has it: 69 to 99 are of the last century */
    if (!take_digits(p, end, 2, 2, &c->year)) return false;
    c->year += c->year >= CENTURY_FROM ? 1900 : 2000;
    return true;
}

static bool take_hour_of_half(const char **p, const char *end, civil *c) {
    return take_digits(p, end, 1, 2, &c->hour) && c->hour >= 1 && c->hour <= 12;
}

static bool take_directive(char kind, const char **p, const char *end, civil *c) {
    switch (kind) {
    case 'Y': return take_digits(p, end, 4, 4, &c->year);
    case 'y': return take_year_of_century(p, end, c);
    case 'm': return take_digits(p, end, 1, 2, &c->month);
    case 'd': return take_digits(p, end, 1, 2, &c->day);
    case 'H': return take_digits(p, end, 1, 2, &c->hour);
    case 'I': return take_hour_of_half(p, end, c);
    case 'M': return take_digits(p, end, 1, 2, &c->minute);
    case 'S': return take_second(p, end, c);
    case 'p': return take_half(p, end, c);
    case 'z': return take_zone(p, end, c);
    default: return false;
    }
}

static bool finish(const civil *c, int64_t *time_us) {
    int hour = c->hour, year = 0, month = 0, day = 0;
    if (c->half != 0) hour = hour % 12 + (c->half == 2 ? 12 : 0);
    if (c->month < 1 || c->month > 12 || hour > 23 || c->minute > 59 || c->second > 59) return false;
    const int32_t days = seine_days_from_civil(c->year, c->month, c->day);
    seine_civil_from_days(days, &year, &month, &day);
    if (year != c->year || month != c->month || day != c->day) return false;
    const int64_t seconds = hour * 3600 + c->minute * 60 + c->second - c->offset_s;
    *time_us = seine_time_day_start_us(days) + seconds * SEINE_SECOND_US + c->fraction_us;
    return true;
}

static bool parse_pattern(const char *pattern, int32_t offset_s, seine_str text, int64_t *time_us) {
    civil c = {.year = 1970, .month = 1, .day = 1, .offset_s = offset_s};
    const char *p = text.data, *end = text.data + text.size;
    for (; *pattern != '\0'; pattern++) {
        if (*pattern == '%' && pattern[1] != '\0') {
            if (!take_directive(*++pattern, &p, end, &c)) return false;
        } else if (p == end || *p++ != *pattern) {
            return false;
        }
    }
    return p == end && finish(&c, time_us);
}

/* A time that tells its zone needs no other. */
static bool parse_iso_there(const seine_zone *zone, seine_str text, int64_t *time_us) {
    bool is_local = false;
    if (!seine_time_parse_local(text, time_us, &is_local)) return false;
    return !is_local || seine_zone_moment(zone, *time_us, time_us);
}

bool seine_field_time(const seine_dataset *dataset, char decimal, seine_str text, int64_t *time_us) {
    text = seine_str_trim(text);
    if (text.size == 0) return false;
    if (dataset->time_kind == SEINE_TIME_ISO && dataset->time_zone != NULL)
        return parse_iso_there(dataset->time_zone, text, time_us);
    if (dataset->time_kind == SEINE_TIME_ISO) return seine_time_parse_at(text, dataset->time_offset_s, time_us);
    const bool is_time = dataset->time_kind == SEINE_TIME_UNIX
                             ? parse_unix(dataset->time_unit_us, decimal, text, time_us)
                             : parse_pattern(dataset->time_pattern, dataset->time_offset_s, text, time_us);
    if (!is_time || !seine_time_is_civil(*time_us)) return false;
    return dataset->time_zone == NULL || seine_zone_moment(dataset->time_zone, *time_us, time_us);
}
