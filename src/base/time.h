/**
 * @file base/time.h
 * Civil time: microseconds since 1970-01-01T00:00:00Z <-> text. Proleptic Gregorian, years 1-9999.
 */
#ifndef SEINE_BASE_TIME_H
#define SEINE_BASE_TIME_H

#include "base/str.h"
#include "seine/status.h"

#define SEINE_SECOND_US INT64_C(1000000)
#define SEINE_HOUR_US (INT64_C(3600) * SEINE_SECOND_US)
#define SEINE_DAY_US (INT64_C(86400) * SEINE_SECOND_US)

/** Floor division, as every count of units needs that also takes times before 1970; by > 0. `/` and `%` cut towards 0.
 */
static inline int64_t seine_floor_div(int64_t x, int64_t by) { return x / by - (x % by < 0); }
/** What is left over: in [0, by). */
static inline int64_t seine_floor_mod(int64_t x, int64_t by) { return x % by + (x % by < 0 ? by : 0); }

/** The UTC day of a time. */
int32_t seine_time_day(int64_t time_us);
int64_t seine_time_day_start_us(int32_t day);

/** Days since 1970-01-01 of a civil date; month 1-12. Any int year in [-9999, 9999]. */
int32_t seine_days_from_civil(int year, int month, int day);
void seine_civil_from_days(int32_t days, int *year, int *month, int *day);
/** Iceberg month transform: months since 1970-01. */
int32_t seine_month_of_day(int32_t day);

/**
 * Parses the time forms of SPEC 1.3.2: `YYYY-MM-DD HH:MM:SS`, with T or blank, optional fraction (digits beyond the
 * sixth are cut), optional zone `Z`, `+HH:MM`, `+HHMM`, `+HH` or a trailing ` UTC`; without a zone the time is
 * UTC. A bare date is midnight. Seconds 60 and impossible dates are refused. Surrounding blanks are allowed.
 * @return whether it was a time.
 */
bool seine_time_parse(seine_str text, int64_t *time_us);
/** The same; without a zone the time is that of a place @p offset_s east of Greenwich. */
bool seine_time_parse_at(seine_str text, int32_t offset_s, int64_t *time_us);
/** The same; without a zone the time is that of the clock that was read, and *is_local. */
bool seine_time_parse_local(seine_str text, int64_t *time_us, bool *is_local);
/** The zone behind a time, as above; blanks around it are allowed. @p offset_s stays as it is when there is none. */
bool seine_time_parse_zone(seine_str zone, int64_t *offset_s);
/** @return whether a time lies in years 1 to 9999. */
bool seine_time_is_civil(int64_t time_us);
/** `YYYY-MM-DD` only. */
bool seine_date_parse(seine_str text, int32_t *day);

/** `2025-01-01T00:00:00Z`, with `.ffffff` only when not whole seconds. @return length; text needs 40 bytes. */
size_t seine_time_format(int64_t time_us, char text[40]);
/** `2025-01-01`. @return length; text needs 16 bytes. */
size_t seine_date_format(int32_t day, char text[16]);

#endif
