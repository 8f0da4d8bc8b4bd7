#include "core/weather.h"

#include <math.h>

int32_t seine_weather_lat_grid(double lat_deg) { return (int32_t)lround(lat_deg); }

int32_t seine_weather_lon_grid(double lon_deg) {
    const int32_t grid = (int32_t)lround(lon_deg);
    return grid == 180 ? -180 : grid;
}

static int order(int64_t a, int64_t b) { return (a > b) - (a < b); }

int seine_weather_compare(const seine_weather_row *a, const seine_weather_row *b) {
    const int orders[] = {order(a->lat_grid, b->lat_grid), order(a->lon_grid, b->lon_grid),
                          order(a->has_time, b->has_time),
                          a->has_time && b->has_time ? order(a->observed_us, b->observed_us) : 0,
                          order(a->valid_from_us, b->valid_from_us)};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (orders[i] != 0) return orders[i];
    return 0;
}

/* First row that is not before @p wanted. */
static size_t lower_bound(const seine_weather_row *rows, size_t count, const seine_weather_row *wanted) {
    size_t first = 0, last = count;
    while (first < last) {
        const size_t middle = first + (last - first) / 2;
        if (seine_weather_compare(&rows[middle], wanted) < 0)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

size_t seine_weather_position(const seine_weather_row *rows, size_t count, int32_t lat_grid, int32_t lon_grid,
                              int64_t time_us) {
    const seine_weather_row wanted = {.lat_grid = lat_grid,
                                      .lon_grid = lon_grid,
                                      .has_time = true,
                                      .observed_us = time_us,
                                      .valid_from_us = INT64_MIN};
    return lower_bound(rows, count, &wanted);
}

static bool is_in_cell(const seine_weather_row *row, int32_t lat_grid, int32_t lon_grid) {
    return row->lat_grid == lat_grid && row->lon_grid == lon_grid;
}

static bool is_in_force(const seine_weather_row *row, int64_t time_us) {
    return row->valid_from_us <= time_us && time_us < row->valid_until_us;
}

/* Unsigned, because two valid times can lie more than INT64_MAX apart. */
static uint64_t age_of(const seine_weather_row *row, int64_t time_us) {
    return row->observed_us < time_us ? (uint64_t)time_us - (uint64_t)row->observed_us
                                      : (uint64_t)row->observed_us - (uint64_t)time_us;
}

static const seine_weather_row *find_timeless(const seine_weather_row *rows, size_t count, int32_t lat_grid,
                                              int32_t lon_grid, int64_t time_us) {
    const seine_weather_row wanted = {.lat_grid = lat_grid, .lon_grid = lon_grid, .valid_from_us = INT64_MIN};
    for (size_t i = lower_bound(rows, count, &wanted); i < count; i++) {
        if (!is_in_cell(&rows[i], lat_grid, lon_grid) || rows[i].has_time) break;
        if (is_in_force(&rows[i], time_us)) return &rows[i];
    }
    return NULL;
}

const seine_weather_row *seine_weather_find(const seine_weather_row *rows, size_t count, double lat_deg, double lon_deg,
                                            int64_t time_us, int64_t max_age_us) {
    if (count == 0) return NULL;
    const int32_t lat_grid = seine_weather_lat_grid(lat_deg), lon_grid = seine_weather_lon_grid(lon_deg);
    const size_t at = seine_weather_position(rows, count, lat_grid, lon_grid, time_us);
    const seine_weather_row *best = NULL;
    for (size_t i = at; i < count; i++) { /* at or after the time */
        const seine_weather_row *row = &rows[i];
        if (!is_in_cell(row, lat_grid, lon_grid) || age_of(row, time_us) > (uint64_t)max_age_us) break;
        if (!is_in_force(row, time_us)) continue;
        best = row;
        break;
    }
    for (size_t i = at; i > 0; i--) { /* before it */
        const seine_weather_row *row = &rows[i - 1];
        if (!is_in_cell(row, lat_grid, lon_grid) || !row->has_time || age_of(row, time_us) > (uint64_t)max_age_us)
            break;
        if (!is_in_force(row, time_us)) continue;
        if (best == NULL || age_of(row, time_us) <= age_of(best, time_us)) best = row;
        break;
    }
    return best != NULL ? best : find_timeless(rows, count, lat_grid, lon_grid, time_us);
}
