/* Civil time. Days <-> dates after the well-known era arithmetic: years begin in March, eras have 400 years. */
#include "base/time.h"

#include <stdio.h>

#define ERA_DAYS 146097
#define EPOCH_SHIFT_DAYS 719468 /* 0000-03-01 to 1970-01-01 */

int32_t seine_time_day(int64_t time_us) { return (int32_t)seine_floor_div(time_us, SEINE_DAY_US); }

int64_t seine_time_day_start_us(int32_t day) { return (int64_t)day * SEINE_DAY_US; }

int32_t seine_days_from_civil(int year, int month, int day) {
    const int y = month <= 2 ? year - 1 : year;
    const int era = (int)seine_floor_div(y, 400);
    const int year_of_era = y - era * 400;
    const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_SHIFT_DAYS;
}

void seine_civil_from_days(int32_t days, int *year, int *month, int *day) {
    const int64_t shifted = (int64_t)days + EPOCH_SHIFT_DAYS;
    const int64_t era = seine_floor_div(shifted, ERA_DAYS);
    const int day_of_era = (int)(shifted - era * ERA_DAYS);
    const int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int shifted_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    *month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *year = (int)(era * 400) + year_of_era + (*month <= 2);
}

int32_t seine_month_of_day(int32_t day) {
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    seine_civil_from_days(day, &year, &month, &day_of_month);
    return (year - 1970) * 12 + month - 1;
}

/* @return the number of so many digits at p, or -1. */
static int digits_at(const char *p, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        const unsigned digit = (unsigned)(unsigned char)p[i] - '0';
        if (digit > 9) return -1;
        value = value * 10 + (int)digit;
    }
    return value;
}

static int days_in_month(int year, int month) {
    static const uint8_t DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return DAYS[month - 1] + (month == 2 && leap);
}

/* Ten bytes YYYY-MM-DD. */
static bool parse_date_at(const char *p, int32_t *day) {
    const int year = digits_at(p, 4);
    const int month = digits_at(p + 5, 2);
    const int day_of_month = digits_at(p + 8, 2);
    if (p[4] != '-' || p[7] != '-' || year < 1 || month < 1 || month > 12) return false;
    if (day_of_month < 1 || day_of_month > days_in_month(year, month)) return false;
    *day = seine_days_from_civil(year, month, day_of_month);
    return true;
}

/* Eight bytes HH:MM:SS. */
static bool parse_clock_at(const char *p, int64_t *seconds) {
    const int hour = digits_at(p, 2);
    const int minute = digits_at(p + 3, 2);
    const int second = digits_at(p + 6, 2);
    if (p[2] != ':' || p[5] != ':' || hour < 0 || hour > 23) return false;
    if (minute < 0 || minute > 59 || second < 0 || second > 59) return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

/* A point and digits; the digits beyond the sixth are cut. @return the rest, or NULL. */
static const char *parse_fraction(const char *p, const char *end, int64_t *fraction_us) {
    if (p == end || *p != '.') return p;
    const char *digits = ++p;
    int64_t unit = SEINE_SECOND_US / 10;
    for (; p < end && (unsigned char)(*p - '0') < 10; p++) {
        *fraction_us += (*p - '0') * unit;
        unit /= 10;
    }
    return p > digits ? p : NULL;
}

/* +HH, +HHMM, +HH:MM. */
static bool parse_offset(seine_str zone, int64_t *offset_seconds) {
    if (zone.data[0] != '+' && zone.data[0] != '-') return false;
    const bool colon = zone.size == 6 && zone.data[3] == ':';
    if (zone.size != 3 && zone.size != 5 && !colon) return false;
    const int hours = digits_at(zone.data + 1, 2);
    const int minutes = zone.size == 3 ? 0 : digits_at(zone.data + (colon ? 4 : 3), 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
    *offset_seconds = (zone.data[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

bool seine_time_parse_zone(seine_str zone, int64_t *offset_s) {
    zone = seine_str_trim(zone);
    if (zone.size == 0) return true;
    if (!seine_str_equal_nocase(zone, SEINE_STR("Z")) && !seine_str_equal(zone, SEINE_STR("UTC")))
        return parse_offset(zone, offset_s);
    *offset_s = 0;
    return true;
}

#define FIRST_DAY (-719162) /* 0001-01-01 */
#define LAST_DAY 2932896    /* 9999-12-31 */

bool seine_time_is_civil(int64_t time_us) {
    return time_us >= seine_time_day_start_us(FIRST_DAY) && time_us < seine_time_day_start_us(LAST_DAY + 1);
}

static bool finish_time(int32_t day, int64_t seconds, int64_t fraction_us, int64_t *time_us) {
    const int64_t result = seine_time_day_start_us(day) + seconds * SEINE_SECOND_US + fraction_us;
    if (!seine_time_is_civil(result)) return false;
    *time_us = result;
    return true;
}

#define NO_ZONE INT64_MAX

/* *offset_s stays as it is without a zone. */
static bool parse_parts(seine_str text, int32_t *day, int64_t *seconds, int64_t *fraction_us, int64_t *offset_s) {
    text = seine_str_trim(text);
    *seconds = *fraction_us = 0;
    if (text.size < 10 || !parse_date_at(text.data, day)) return false;
    if (text.size == 10) return true;
    if (text.size < 19 || !parse_clock_at(text.data + 11, seconds)) return false;
    if (text.data[10] != 'T' && text.data[10] != ' ' && text.data[10] != 't') return false;
    if (text.size == 19) return true;
    const char *end = text.data + text.size, *zone = parse_fraction(text.data + 19, end, fraction_us);
    return zone != NULL && seine_time_parse_zone((seine_str){zone, (size_t)(end - zone)}, offset_s);
}

bool seine_time_parse(seine_str text, int64_t *time_us) { return seine_time_parse_at(text, 0, time_us); }

bool seine_time_parse_at(seine_str text, int32_t offset_s, int64_t *time_us) {
    int32_t day = 0;
    int64_t seconds, fraction_us, offset_seconds = offset_s;
    return parse_parts(text, &day, &seconds, &fraction_us, &offset_seconds) &&
           finish_time(day, seconds - offset_seconds, fraction_us, time_us);
}

bool seine_time_parse_local(seine_str text, int64_t *time_us, bool *is_local) {
    int32_t day = 0;
    int64_t seconds, fraction_us, offset_seconds = NO_ZONE;
    if (!parse_parts(text, &day, &seconds, &fraction_us, &offset_seconds)) return false;
    *is_local = offset_seconds == NO_ZONE;
    return finish_time(day, seconds - (*is_local ? 0 : offset_seconds), fraction_us, time_us);
}

bool seine_date_parse(seine_str text, int32_t *day) { return text.size == 10 && parse_date_at(text.data, day); }

/* @p digits of a whole number, with zeros in front. */
static char *put_digits(char *out, int value, int digits) {
    for (int i = digits; i > 0; i--) {
        out[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + digits;
}

size_t seine_date_format(int32_t day, char text[16]) {
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    seine_civil_from_days(day, &year, &month, &day_of_month);
    if (year < 0 || year > 9999) return (size_t)snprintf(text, 16, "%04d-%02d-%02d", year, month, day_of_month);
    char *at = put_digits(text, year, 4);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    at = put_digits(at, day_of_month, 2);
    *at = '\0';
    return (size_t)(at - text);
}

size_t seine_time_format(int64_t time_us, char text[40]) {
    const int64_t of_day_us = seine_floor_mod(time_us, SEINE_DAY_US);
    const int seconds = (int)(of_day_us / SEINE_SECOND_US);
    const int fraction_us = (int)(of_day_us % SEINE_SECOND_US);
    char *at = text + seine_date_format(seine_time_day(time_us), text);
    *at++ = 'T';
    at = put_digits(at, seconds / 3600, 2);
    *at++ = ':';
    at = put_digits(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, seconds % 60, 2);
    if (fraction_us != 0) {
        *at++ = '.';
        at = put_digits(at, fraction_us, 6);
    }
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - text);
}
