/** @file generate/put.h  Numbers and times as text, without a NUL. Each returns where the text goes on. */
#ifndef SEINE_GENERATE_PUT_H
#define SEINE_GENERATE_PUT_H

#include "base/time.h"

/** Exactly @p width digits. */
static inline char *seine_put_digits(char *out, uint32_t value, int width) {
    for (int i = width - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + width;
}

static inline char *seine_put_number(char *out, uint32_t value) {
    int width = 1;
    for (uint32_t rest = value; rest >= 10; rest /= 10) width++;
    return seine_put_digits(out, value, width);
}

/** "-121.88883" */
static inline char *seine_put_degrees(char *out, int32_t e5) {
    const uint32_t size = (uint32_t)(e5 < 0 ? -e5 : e5);
    if (e5 < 0) *out++ = '-';
    out = seine_put_number(out, size / 100000);
    *out++ = '.';
    return seine_put_digits(out, size % 100000, 5);
}

/** "10.1"; from 0 on. */
static inline char *seine_put_tenths(char *out, int32_t tenths) {
    out = seine_put_number(out, (uint32_t)tenths / 10);
    *out++ = '.';
    *out++ = (char)('0' + tenths % 10);
    return out;
}

/** "2025-01-01T00:00:00" with @p between for the T; from 1970 on. */
static inline char *seine_put_time(char *out, int64_t time_s, char between) {
    const int32_t day = (int32_t)(time_s / 86400); /* generated days lie after 1970 */
    const uint32_t of_day = (uint32_t)(time_s % 86400);
    int year, month, day_of_month;
    seine_civil_from_days(day, &year, &month, &day_of_month);
    out = seine_put_digits(out, (uint32_t)year, 4);
    *out++ = '-';
    out = seine_put_digits(out, (uint32_t)month, 2);
    *out++ = '-';
    out = seine_put_digits(out, (uint32_t)day_of_month, 2);
    *out++ = between;
    out = seine_put_digits(out, of_day / 3600, 2);
    *out++ = ':';
    out = seine_put_digits(out, of_day / 60 % 60, 2);
    *out++ = ':';
    return seine_put_digits(out, of_day % 60, 2);
}

static inline char *seine_put_str(char *out, seine_str text) {
    return (char *)memcpy(out, text.data, text.size) + text.size;
}

#endif
