/**
 * What a refresh must leave behind, from the list of sources alone: gaps and rows with columns of every winning fix, by
 * the rules of SPEC and nothing else. Loops over plain arrays: no state, no days, no order of arrival.
 */
#ifndef SEINE_TESTS_LAW_ORACLE_H
#define SEINE_TESTS_LAW_ORACLE_H

#include "seine/gap.h"
#include "seine/geodesy.h"
#include "unit/law_support.h"

#include <string.h>

#define EVER INT64_MIN
#define FOREVER INT64_MAX
#define TIMELESS INT64_MIN
#define PORTS 10
#define WEATHER 40

/* ---- gaps ---- */

typedef struct expected_gap {
    fix off, on; /* on: closed ones only */
    bool is_closed;
    int64_t before[4]; /* all, terrestrial, satellite, dynamic */
    double duration_h, distance_m, speed_kn;
} expected_gap;

static bool may_end_here(const seine_gap_config *config, const fix *f) {
    return !config->shore_rule || isnan(shore_of(f)) || shore_of(f) > 0;
}

/* Fixes of the same vessel in the hours before OFF, and OFF. */
static void count_fixes_before(const fix *silver, size_t off, const seine_gap_config *config, int64_t before[4]) {
    memset(before, 0, 4 * sizeof *before);
    for (size_t i = 0; i <= off; i++) {
        if (silver[i].mover != silver[off].mover) continue;
        if (i < off && silver[off].time_us - silver[i].time_us > config->history_us) continue;
        before[0]++;
        if (receiver_of(&silver[i]) != 0) before[receiver_of(&silver[i])]++;
    }
}

/* By mover, then start. @p silver: winners by mover, then time. */
static size_t expect_gaps(const fix *silver, size_t count, const seine_gap_config *config, int64_t watermark_us,
                          expected_gap *gaps) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const bool is_last = i + 1 == count || silver[i + 1].mover != silver[i].mover;
        const int64_t until_us = is_last ? watermark_us : silver[i + 1].time_us;
        if (until_us < silver[i].time_us || until_us - silver[i].time_us <= config->min_gap_us) continue;
        if (!may_end_here(config, &silver[i]) || (!is_last && !may_end_here(config, &silver[i + 1]))) continue;
        expected_gap *gap = &gaps[n++];
        *gap = (expected_gap){.off = silver[i],
                              .is_closed = !is_last,
                              .duration_h = (double)NAN,
                              .distance_m = (double)NAN,
                              .speed_kn = (double)NAN};
        count_fixes_before(silver, i, config, gap->before);
        if (is_last) continue;
        gap->on = silver[i + 1];
        gap->duration_h = (double)(until_us - silver[i].time_us) / 3.6e9;
        gap->distance_m = seine_geodesic_m(lat_of(&gap->off), lon_of(&gap->off), lat_of(&gap->on), lon_of(&gap->on));
        gap->speed_kn = gap->distance_m / gap->duration_h / 1852;
    }
    return n;
}

/* ---- reference tables ---- */

typedef struct port {
    uint32_t id; /* of its name and port_id */
    double lat, lon;
    int64_t from_us, to_us;
} port;

typedef struct weather {
    int32_t lat, lon;
    int64_t observed_us;
    double temperature, wind;
    int64_t from_us, to_us;
} weather;

typedef struct references {
    port ports[PORTS];
    size_t port_count;
    weather weather[WEATHER];
    size_t weather_count;
} references;

/* ---- rows with columns ---- */

typedef struct expected_row {
    const port *nearest; /* NULL: none is in force */
    double distance_km;
    const char *category;
    double hours; /* since the fix before; NaN for the first */
    int fishing;  /* -1: cannot be known */
    const weather *weather;
} expected_row;

static const port *nearest_port(const references *r, const fix *f, double *distance_km) {
    const port *nearest = NULL;
    *distance_km = (double)NAN;
    for (size_t i = 0; i < r->port_count; i++) {
        const port *p = &r->ports[i];
        if (f->time_us < p->from_us || f->time_us >= p->to_us) continue;
        const double km = seine_haversine_atan2_km(lat_of(f), lon_of(f), p->lat, p->lon);
        if (nearest != NULL && (km > *distance_km || (km == *distance_km && p->id > nearest->id))) continue;
        nearest = p;
        *distance_km = km;
    }
    return nearest;
}

static int64_t apart(const weather *w, const fix *f) { return llabs(w->observed_us - f->time_us); }

static const weather *weather_at(const references *r, const fix *f, int64_t most_us) {
    const weather *best = NULL, *timeless = NULL;
    for (size_t i = 0; i < r->weather_count; i++) {
        const weather *w = &r->weather[i];
        if (w->lat != (int32_t)lat_of(f) || w->lon != (int32_t)lon_of(f)) continue;
        if (f->time_us < w->from_us || f->time_us >= w->to_us) continue;
        if (w->observed_us == TIMELESS)
            timeless = w;
        else if (apart(w, f) <= most_us && (best == NULL || apart(w, f) < apart(best, f) ||
                                            (apart(w, f) == apart(best, f) && w->observed_us < best->observed_us)))
            best = w;
    }
    return best != NULL ? best : timeless;
}

static expected_row expect_row(const fix *silver, size_t i, const references *r, int64_t weather_most_us) {
    const fix *f = &silver[i];
    const bool is_first = i == 0 || silver[i - 1].mover != f->mover;
    const double speed = speed_of(f);
    expected_row row = {.hours = is_first ? (double)NAN : (double)(f->time_us - silver[i - 1].time_us) / 3.6e9};
    row.nearest = nearest_port(r, f, &row.distance_km);
    row.weather = weather_at(r, f, weather_most_us);
    row.category = speed == 0 ? "STOPPED" : speed < 5 ? "SLOW" : speed < 15 ? "CRUISING" : "FAST";
    const int slow = isnan(speed) ? -1 : speed >= 2 && speed <= 5, long_ago = is_first ? -1 : row.hours > 1;
    row.fishing = slow == 0 || long_ago == 0 ? 0 : slow < 0 || long_ago < 0 ? -1 : 1;
    return row;
}

/* ---- how references change ---- */

static void random_validity(uint64_t *seed, int64_t *from_us, int64_t *to_us) {
    const int64_t start = (1 + chance(seed, 6)) * SEINE_DAY_US + (chance(seed, 2) == 0 ? 0 : 7 * SEINE_HOUR_US);
    *from_us = chance(seed, 2) == 0 ? EVER : start;
    *to_us = chance(seed, 3) == 0 ? FOREVER : start + (1 + chance(seed, 6)) * 12 * SEINE_HOUR_US;
}

static bool overlap(int64_t from_us, int64_t to_us, int64_t other_from_us, int64_t other_to_us) {
    return from_us < other_to_us && other_from_us < to_us;
}

/* A port that appears, moves for a time or goes. No two rows of one port hold at once. */
static void change_ports(references *r, uint64_t *seed) {
    port p = {.id = chance(seed, 4), .lat = chance(seed, 50), .lon = chance(seed, 170)};
    random_validity(seed, &p.from_us, &p.to_us);
    size_t kept = 0;
    for (size_t i = 0; i < r->port_count; i++)
        if (r->ports[i].id != p.id || !overlap(p.from_us, p.to_us, r->ports[i].from_us, r->ports[i].to_us))
            r->ports[kept++] = r->ports[i];
    r->port_count = kept;
    if (kept < PORTS && chance(seed, 4) > 0) r->ports[r->port_count++] = p;
}

/* Weather where and when a fix is, near to it in time; the same way. */
static void change_weather(references *r, const fix *f, uint64_t *seed) {
    const int64_t half_hours = (int64_t)chance(seed, 16) - 8;
    weather w = {.lat = (int32_t)lat_of(f),
                 .lon = (int32_t)lon_of(f),
                 .observed_us = chance(seed, 5) == 0 ? TIMELESS : f->time_us + half_hours * SEINE_HOUR_US / 2,
                 .temperature = chance(seed, 40),
                 .wind = chance(seed, 6) == 0 ? (double)NAN : chance(seed, 20)};
    random_validity(seed, &w.from_us, &w.to_us);
    size_t kept = 0;
    for (size_t i = 0; i < r->weather_count; i++) {
        const weather *o = &r->weather[i];
        const bool is_same = o->lat == w.lat && o->lon == w.lon && o->observed_us == w.observed_us;
        if (!is_same || !overlap(w.from_us, w.to_us, o->from_us, o->to_us)) r->weather[kept++] = *o;
    }
    r->weather_count = kept;
    if (kept < WEATHER && chance(seed, 5) > 0) r->weather[r->weather_count++] = w;
}

/* A row that holds until sooner, and is otherwise as it was: weather about when it was observed. */
static void change_validity(references *r, uint64_t *seed) {
    const uint32_t which = chance(seed, (uint32_t)(r->port_count + r->weather_count) + 1);
    const bool is_port = which < r->port_count;
    weather *w = is_port || which == r->port_count + r->weather_count ? NULL : &r->weather[which - r->port_count];
    port *p = is_port ? &r->ports[which] : NULL;
    int64_t sooner_us = (1 + chance(seed, 6)) * SEINE_DAY_US + chance(seed, 24) * SEINE_HOUR_US;
    if (w != NULL && w->observed_us != TIMELESS)
        sooner_us = w->observed_us + ((int64_t)chance(seed, 12) - 6) * SEINE_HOUR_US / 2;
    if (p != NULL && p->from_us < sooner_us && sooner_us < p->to_us) p->to_us = sooner_us;
    if (w != NULL && w->from_us < sooner_us && sooner_us < w->to_us) w->to_us = sooner_us;
}

#endif
