/**
 * @file core/weather.h
 * Weather by whole-degree cells (SPEC 3.3.2): which row holds at a place and time. Pure; no allocation.
 */
#ifndef SEINE_CORE_WEATHER_H
#define SEINE_CORE_WEATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One row of the reference table. NaN = unknown. */
typedef struct seine_weather_row {
    int32_t lat_grid, lon_grid; /**< whole degrees; 180 and -180 are the same cell and are kept as -180 */
    bool has_time;
    int64_t observed_us;                   /**< when it was observed; without a time it always holds */
    int64_t valid_from_us, valid_until_us; /**< [from, until): when the row is in force */
    double temperature, wind_speed;
} seine_weather_row;

/** The cell of a coordinate: rounded to whole degrees, halves away from zero. */
int32_t seine_weather_lat_grid(double lat_deg);
/** The same of a longitude in [-180, 180]; 180 becomes -180. */
int32_t seine_weather_lon_grid(double lon_deg);

/** Order of rows: cell, those without a time first, time, start of validity. @return as for qsort. */
int seine_weather_compare(const seine_weather_row *a, const seine_weather_row *b);

/** First row of @p rows (in that order) at or behind (cell, time); used to look at a range of times of one cell. */
size_t seine_weather_position(const seine_weather_row *rows, size_t count, int32_t lat_grid, int32_t lon_grid,
                              int64_t time_us);

/**
 * The row of the cell that is nearest in time and at most @p max_age_us away, of equally near ones the earlier; without
 * such a one the row of the cell that has no time. Only rows in force at @p time_us count. NULL = none.
 */
const seine_weather_row *seine_weather_find(const seine_weather_row *rows, size_t count, double lat_deg, double lon_deg,
                                            int64_t time_us, int64_t max_age_us);

#endif
