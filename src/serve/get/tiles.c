/*
 * Vector tiles. Tables made for them are sorted by z-order, in which a tile is one range of numbers, so that a tile
 * reads only the row groups it needs. Whatever lies in a tile, its number of features is bounded.
 */
#include "base/time.h"
#include "base/try.h"
#include "core/mercator.h"
#include "core/gate.h"
#include "core/simplify.h"
#include "serve/movers.h"
#include "serve/mvt.h"
#include "serve/params.h"
#include "serve/routes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ZOOM_MAX 22
#define DENSITY_ZOOM_MAX 8  /* cells up to here, points from the next one on */
#define CELLS_A_SIDE_LOG2 6 /* cells of density in a tile */
#define POINT_LEVEL 16      /* of gold.ais_tile_points */
#define FEATURES_MAX 10000
#define TRACK_POINTS_MAX 200000
#define BUFFER 64 /* units around the tile that lines are drawn in */
#define EARTH_M 40075016.7
#define PIXELS 512.0 /* that a tile is drawn with */

typedef struct tile {
    seine_movers movers;
    int z;
    uint32_t x, y;
    int64_t start_us, last_us; /* both belong to what is asked for; INT64_MIN, INT64_MAX: open */
} tile;

static seine_status read_tile(seine_call *call, tile *t, seine_error *error) {
    SEINE_TRY(seine_call_movers(call, &t->movers, error));
    const seine_input *start = seine_call_input(call, "start"), *end = seine_call_input(call, "end");
    t->z = (int)seine_call_input(call, "z")->integer;
    const int64_t side = (int64_t)1 << t->z, x = seine_call_input(call, "x")->integer;
    const int64_t y = seine_call_input(call, "y")->integer;
    if (x >= side || y >= side)
        return seine_fail(error, SEINE_E_USAGE, "x, y: zoom %d has tiles from 0 to %lld", t->z, (long long)side - 1);
    t->x = (uint32_t)x;
    t->y = (uint32_t)y;
    t->start_us = start->given ? start->time_us : INT64_MIN;
    t->last_us = end->given ? end->time_us - 1 : INT64_MAX;
    return SEINE_OK;
}

/* Place in units of the tile, on the side of the world where the tile is nearer. */
static void place_in(const tile *t, double lon, double lat, double *x, double *y) {
    const double side = (double)((uint32_t)1 << t->z);
    double px, py;
    seine_mercator_project(lon, lat, &px, &py);
    double dx = px * side - t->x;
    if (dx - 0.5 > side / 2) dx -= side;
    if (dx - 0.5 < -side / 2) dx += side;
    *x = dx * SEINE_MVT_EXTENT;
    *y = (py * side - t->y) * SEINE_MVT_EXTENT;
}

static int32_t unit(double value) { return (int32_t)lround(value); }

static int64_t day_of(int64_t time_us) {
    return time_us == INT64_MIN || time_us == INT64_MAX ? time_us : seine_time_day(time_us);
}

/* ---- density ---- */

typedef struct tile_writer {
    const tile *tile;
    seine_mvt *layer;
    int shift; /* density: log2 of units a cell has */
    seine_call *call;
    size_t taken; /* rows that were looked at for features */
} tile_writer;

static seine_status take_cells(void *context, const seine_rows *rows, seine_error *error) {
    tile_writer *tw = context;
    const int32_t size = 1 << tw->shift;
    (void)error;
    for (size_t row = 0; row < rows->count; row++) {
        uint32_t x, y;
        seine_mercator_cell_place(seine_cell_long(rows, 0, row), &x, &y);
        const uint32_t cells_log2 = 12U - (uint32_t)tw->shift;
        const int32_t left = (int32_t)(x - (tw->tile->x << cells_log2)) * size;
        const int32_t top = (int32_t)(y - (tw->tile->y << cells_log2)) * size;
        seine_mvt_feature(tw->layer, SEINE_MVT_POLYGON);
        seine_mvt_tag_int(tw->layer, "count", seine_cell_long(rows, 1, row));
        seine_mvt_move(tw->layer, left, top); /* clockwise on the screen: an outer ring */
        seine_mvt_line(tw->layer, left + size, top);
        seine_mvt_line(tw->layer, left + size, top + size);
        seine_mvt_line(tw->layer, left, top + size);
        seine_mvt_close(tw->layer);
        seine_mvt_feature_end(tw->layer);
    }
    return tw->layer->status;
}

static int64_t hour_begin(int64_t time_us) {
    const int64_t day_us = seine_time_day_start_us(seine_time_day(time_us));
    return day_us + (time_us - day_us) / SEINE_HOUR_US * SEINE_HOUR_US;
}

/* ` AND` the hour of the day is at least, or at most, that of a time. */
static void put_hour(seine_sql *where, const char *later, int64_t hour_us) {
    const int32_t day = seine_time_day(hour_us);
    seine_sql_put(where, " AND (t.dt %s ", later);
    seine_sql_put_date(where, day);
    seine_sql_put(where, " OR t.hour %s= ", later);
    seine_sql_put_long(where, (hour_us - seine_time_day_start_us(day)) / SEINE_HOUR_US);
    seine_sql_put(where, ")");
}

/* The hours that lie in the span as a whole, from the counts of hours. */
static void put_whole_hours(seine_call *call, const tile *t, int level, int64_t first_us, int64_t last_us,
                            seine_sql *sql) {
    const int64_t cell = seine_mercator_cell_of(t->x, t->y);
    const int below = 2 * (level - t->z);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_scan_begin(&scan, call->view, t->movers.tables[SEINE_MOVERS_DENSITY], "t", &call->arena);
    seine_scan_range(&scan, "level", level, level);
    seine_scan_range(&scan, "cell", cell << below, ((cell + 1) << below) - 1);
    seine_scan_range(&scan, "dt", day_of(first_us), day_of(last_us));
    if (first_us != INT64_MIN) put_hour(&scan.where, ">", first_us);
    if (last_us != INT64_MAX) put_hour(&scan.where, "<", last_us);
    seine_sql_put(sql, "SELECT t.cell AS cell, t.fixes AS n FROM ");
    seine_scan_put(&scan, sql);
}

/* The part of an hour that lies in the span, from the fixes themselves. */
static void put_part(seine_call *call, const tile *t, int level, int64_t from_us, int64_t to_us, seine_sql *sql) {
    const int64_t cell = seine_mercator_cell_of(t->x, t->y);
    const int below = 2 * (level - t->z);
    const seine_movers *m = &t->movers;
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_scan_begin(&scan, call->view, m->tables[SEINE_MOVERS_SILVER], "t", &call->arena);
    scan.only = seine_arena_printf(&call->arena, "%s %s %s", m->time, m->lat, m->lon);
    seine_scan_range(&scan, m->time, from_us, to_us);
    seine_sql_put(sql, " UNION ALL SELECT tile_cell(t.\"%s\", t.\"%s\", %d) AS cell, 1 AS n FROM ", m->lat, m->lon,
                  level);
    seine_scan_put(&scan, sql);
    seine_sql_put(sql, " AND tile_cell(t.\"%s\", t.\"%s\", %d) BETWEEN ", m->lat, m->lon, level);
    seine_sql_put_long(sql, cell << below);
    seine_sql_put(sql, " AND ");
    seine_sql_put_long(sql, ((cell + 1) << below) - 1);
}

static void put_counts(seine_call *call, const tile *t, int level, seine_sql *sql) {
    const bool has_start = t->start_us != INT64_MIN, has_end = t->last_us != INT64_MAX;
    /* From the first whole hour on; before the end of the last one. */
    int64_t first_us = has_start ? hour_begin(t->start_us) : INT64_MIN;
    const int64_t end_us = has_end ? hour_begin(t->last_us + 1) : INT64_MAX;
    if (has_start && first_us < t->start_us) first_us += SEINE_HOUR_US;
    const bool is_apart = !has_start || !has_end || first_us <= end_us; /* not within one hour */
    put_whole_hours(call, t, level, first_us, has_end ? end_us - 1 : INT64_MAX, sql);
    if (!seine_movers_have(call, &t->movers, SEINE_MOVERS_SILVER)) return;
    if (!is_apart) {
        put_part(call, t, level, t->start_us, t->last_us, sql);
        return;
    }
    if (has_start && first_us > t->start_us) put_part(call, t, level, t->start_us, first_us - 1, sql);
    if (has_end && end_us <= t->last_us) put_part(call, t, level, end_us, t->last_us, sql);
}

static seine_status put_density(seine_call *call, const tile *t, seine_mvt *layer, seine_error *error) {
    static const int levels[] = {7, 10, 13}; /* of gold.ais_density */
    const int wanted = t->z + CELLS_A_SIDE_LOG2 < 13 ? t->z + CELLS_A_SIDE_LOG2 : 13;
    size_t i = 0;
    while (levels[i] < wanted) i++;
    tile_writer tw = {.tile = t, .layer = layer, .shift = 12 - (wanted - t->z)};
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_sql_init(&sql, &call->arena);
    seine_sql_put(&sql, "SELECT cell >> %d AS c, CAST(sum(n) AS BIGINT) AS n FROM (", 2 * (levels[i] - wanted));
    put_counts(call, t, levels[i], &sql);
    seine_sql_put(&sql, ") GROUP BY c ORDER BY c");
    return seine_call_each(call, &sql, take_cells, &tw, error);
}

/* ---- points ---- */

/* Whether the tile has as many features as it may; the answer then says that there are more. */
static bool is_full(tile_writer *tw) {
    if (tw->taken++ < FEATURES_MAX) return false;
    tw->call->cut_at = FEATURES_MAX;
    return true;
}

static seine_status take_points(void *context, const seine_rows *rows, seine_error *error) {
    tile_writer *tw = context;
    const seine_movers *m = &tw->tile->movers;
    (void)error;
    for (size_t row = 0; row < rows->count; row++) {
        double x, y;
        if (is_full(tw)) break;
        place_in(tw->tile, seine_cell_double(rows, 2, row), seine_cell_double(rows, 3, row), &x, &y);
        if (x < 0 || y < 0 || x >= SEINE_MVT_EXTENT || y >= SEINE_MVT_EXTENT) continue; /* of the same large cell */
        seine_mvt_feature(tw->layer, SEINE_MVT_POINT);
        seine_mvt_tag_text(tw->layer, m->key, seine_cell_text(rows, 0, row));
        seine_mvt_tag_int(tw->layer, "ts", seine_floor_div(seine_cell_long(rows, 1, row), SEINE_SECOND_US));
        for (size_t i = 0; i < m->tag_count; i++)
            if (!seine_cell_null(rows, 4 + i, row))
                seine_mvt_tag_number(tw->layer, m->tags[i].name, seine_cell_double(rows, 4 + i, row));
        seine_mvt_move(tw->layer, unit(x), unit(y));
        seine_mvt_feature_end(tw->layer);
    }
    return tw->layer->status;
}

static void begin_points(seine_call *call, const tile *t, seine_scan *scan) {
    seine_scan_begin(scan, call->view, t->movers.tables[SEINE_MOVERS_POINTS], "t", &call->arena);
    seine_scan_range(scan, "dt", day_of(t->start_us), day_of(t->last_us));
    if (t->start_us != INT64_MIN || t->last_us != INT64_MAX)
        seine_scan_range(scan, t->movers.point_time, t->start_us, t->last_us);
}

/* `SELECT id, time, longitude, latitude` of points. */
static void select_points(const tile *t, seine_sql *sql) {
    const seine_movers *m = &t->movers;
    seine_sql_put(sql, "SELECT t.\"%s\" AS mover, t.\"%s\" AS seen_at, t.\"%s\", t.\"%s\"", m->id, m->point_time,
                  m->point_lon, m->point_lat);
}

static seine_status put_points(seine_call *call, const tile *t, seine_mvt *layer, seine_error *error) {
    const int below = 2 * (POINT_LEVEL - t->z);
    const int64_t cell = seine_mercator_cell_of(t->x, t->y);
    const int64_t first = below >= 0 ? cell << below : cell >> -below;
    const int64_t last = below >= 0 ? ((cell + 1) << below) - 1 : first;
    tile_writer tw = {.tile = t, .layer = layer, .call = call};
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    begin_points(call, t, &scan);
    seine_scan_range(&scan, "cell", first, last);
    select_points(t, &sql);
    for (size_t i = 0; i < t->movers.tag_count; i++) seine_sql_put(&sql, ", t.\"%s\"", t->movers.tags[i].column);
    seine_sql_put(&sql, " FROM ");
    seine_scan_put(&scan, &sql);
    /* When there are too many, an even choice of them that is the same each time. */
    seine_sql_put(&sql, " ORDER BY hash(mover, seen_at) LIMIT %d", FEATURES_MAX + 1);
    return seine_call_each(call, &sql, take_points, &tw, error);
}

/* ---- tracks ---- */

typedef struct line_writer {
    const tile *tile;
    seine_mvt *layer;
    seine_str id; /* in the arena */
    double *lon, *lat;
    int64_t *time_us;
    size_t count;
    seine_call *call;
    size_t taken; /* positions */
} line_writer;

static void put_segment(seine_mvt *layer, double x0, double y0, double x1, double y1, int32_t pen[2], bool *is_down) {
    seine_segment s = {x0, y0, x1, y1};
    if (!seine_mercator_clip(&s, -BUFFER, SEINE_MVT_EXTENT + BUFFER)) {
        *is_down = false;
        return;
    }
    const int32_t from[2] = {unit(s.x0), unit(s.y0)}, to[2] = {unit(s.x1), unit(s.y1)};
    if (from[0] == to[0] && from[1] == to[1]) return; /* shorter than a unit */
    if (!*is_down || from[0] != pen[0] || from[1] != pen[1]) seine_mvt_move(layer, from[0], from[1]);
    seine_mvt_line(layer, to[0], to[1]);
    pen[0] = to[0];
    pen[1] = to[1];
    *is_down = true;
}

static double tolerance_m(const tile *t, double lat) {
    return EARTH_M * cos(lat * (3.14159265358979323846 / 180)) / (double)((uint32_t)1 << t->z) / PIXELS;
}

/* Points of one line. */
typedef struct line {
    double *lon, *lat;
    int64_t *time_us;
    size_t count;
} line;

static seine_status put_line(line_writer *lw, const line *l, seine_error *error) {
    const size_t count = l->count;
    if (count < 2) return SEINE_OK;
    uint8_t *keep SEINE_OWNED(seine_free_owned) = malloc(count);
    uint32_t *stack SEINE_OWNED(seine_free_owned) = malloc(2 * count * sizeof *stack);
    double *cosine SEINE_OWNED(seine_free_owned) = malloc(count * sizeof *cosine);
    if (keep == NULL || stack == NULL || cosine == NULL) return seine_no_memory(error, "tile");
    int32_t pen[2] = {0, 0};
    bool is_down = false, has_former = false;
    double former_x = 0, former_y = 0;
    (void)seine_simplify(l->lon, l->lat, l->time_us, count, tolerance_m(lw->tile, l->lat[0]), keep, stack, cosine);
    seine_mvt_feature(lw->layer, SEINE_MVT_LINE);
    seine_mvt_tag_text(lw->layer, lw->tile->movers.key, lw->id);
    seine_mvt_tag_int(lw->layer, "ts", seine_floor_div(l->time_us[0], SEINE_SECOND_US));
    for (size_t i = 0; i < count; i++) {
        double x, y;
        if (!keep[i]) continue;
        place_in(lw->tile, l->lon[i], l->lat[i], &x, &y);
        if (has_former) put_segment(lw->layer, former_x, former_y, x, y, pen, &is_down);
        former_x = x;
        former_y = y;
        has_former = true;
    }
    seine_mvt_feature_end(lw->layer);
    return lw->layer->status;
}

/* One after the other; a single point is none. */
static seine_status put_ways(line_writer *lw, const line *all, const uint32_t *way, size_t ways, seine_error *error) {
    const size_t count = all->count;
    size_t *place SEINE_OWNED(seine_free_owned) = malloc(count * sizeof *place);
    size_t *end SEINE_OWNED(seine_free_owned) = malloc((ways + 1) * sizeof *end);
    double *degrees SEINE_OWNED(seine_free_owned) = malloc(2 * count * sizeof *degrees);
    int64_t *times SEINE_OWNED(seine_free_owned) = malloc(count * sizeof *times);
    if (place == NULL || end == NULL || degrees == NULL || times == NULL) return seine_no_memory(error, "tile");
    seine_gate_places(way, count, ways, place, end);
    for (size_t i = 0; i < count; i++) {
        degrees[place[i]] = all->lon[i];
        degrees[count + place[i]] = all->lat[i];
        times[place[i]] = all->time_us[i];
    }
    for (size_t w = 0, first = 0; w < ways; first = end[w++]) {
        const line one = {degrees + first, degrees + count + first, times + first, end[w] - first};
        SEINE_TRY(put_line(lw, &one, error));
    }
    return SEINE_OK;
}

/* The line that is complete, or the ways that its id went at once. */
static seine_status flush_line(line_writer *lw, seine_error *error) {
    const size_t count = lw->count;
    const double gate_kn = lw->tile->movers.dataset->gate_kn;
    const line line_of_all = {lw->lon, lw->lat, lw->time_us, count};
    lw->count = 0;
    if (gate_kn == 0 || count < 2) return put_line(lw, &line_of_all, error);
    uint32_t *way SEINE_OWNED(seine_free_owned) = malloc(count * sizeof *way);
    if (way == NULL) return seine_no_memory(error, "tile");
    const size_t ways = seine_gate_ways(lw->lon, lw->lat, lw->time_us, count, gate_kn, way);
    return ways == 1 ? put_line(lw, &line_of_all, error) : put_ways(lw, &line_of_all, way, ways, error);
}

static seine_status take_line_points(void *context, const seine_rows *rows, seine_error *error) {
    line_writer *lw = context;
    for (size_t row = 0; row < rows->count; row++) {
        const seine_str id = seine_cell_text(rows, 0, row);
        const int64_t time_us = seine_cell_long(rows, 1, row);
        if (lw->taken++ == TRACK_POINTS_MAX) {
            lw->call->cut_at = TRACK_POINTS_MAX;
            break;
        }
        const bool is_same = seine_str_equal(id, lw->id);
        const bool goes_on =
            lw->count > 0 && is_same && time_us - lw->time_us[lw->count - 1] <= lw->tile->movers.break_us;
        if (!goes_on) SEINE_TRY(flush_line(lw, error));
        if (!is_same) lw->id = (seine_str){seine_arena_copy(&lw->call->arena, id.data, id.size), id.size};
        if (lw->id.data == NULL) return seine_no_memory(error, "tile");
        lw->time_us[lw->count] = time_us;
        lw->lon[lw->count] = seine_cell_double(rows, 2, row);
        lw->lat[lw->count] = seine_cell_double(rows, 3, row);
        lw->count++;
    }
    return SEINE_OK;
}

#define AROUND_MAX 36

static int by_number(const void *left, const void *right) {
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/*
 * The cells of a tile and around it, half of it to each side: lines come in from there. West and east of the world
 * meet. @return how many; *level is theirs.
 */
static size_t cells_around(const tile *t, int *level, int64_t cells[AROUND_MAX]) {
    *level = t->z + 1 < POINT_LEVEL ? t->z + 1 : POINT_LEVEL;
    const double scale = ldexp(1, *level - t->z);
    const int64_t side = (int64_t)1 << *level;
    const int64_t left = (int64_t)floor((t->x - 0.5) * scale), right = (int64_t)ceil((t->x + 1.5) * scale) - 1;
    const int64_t top = (int64_t)floor((t->y - 0.5) * scale), bottom = (int64_t)ceil((t->y + 1.5) * scale) - 1;
    size_t count = 0;
    for (int64_t y = top > 0 ? top : 0; y <= bottom && y < side; y++)
        for (int64_t x = left; x <= right && count < AROUND_MAX; x++)
            cells[count++] = seine_mercator_cell_of((uint32_t)((x + side) % side), (uint32_t)y);
    qsort(cells, count, sizeof *cells, by_number);
    return count;
}

/* A statement for each run of cells: one condition with many ranges would not be held against row groups. */
static void put_line_points(seine_call *call, const tile *t, seine_sql *sql) {
    int64_t cells[AROUND_MAX];
    int level = 0;
    const size_t count = cells_around(t, &level, cells);
    const int below = 2 * (POINT_LEVEL - level);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && cells[end] <= cells[end - 1] + 1) end++;
        seine_scan scan;
        begin_points(call, t, &scan);
        seine_scan_range(&scan, "cell", cells[i] << below, ((cells[end - 1] + 1) << below) - 1);
        seine_sql_put(sql, "%s", i > 0 ? " UNION ALL " : "");
        select_points(t, sql);
        seine_sql_put(sql, " FROM ");
        seine_scan_put(&scan, sql);
        seine_scan_free(&scan);
        i = end;
    }
}

static seine_status put_tracks(seine_call *call, const tile *t, seine_mvt *layer, seine_error *error) {
    line_writer lw = {.tile = t, .layer = layer, .call = call};
    lw.lon = SEINE_ARENA_ARRAY(&call->arena, double, TRACK_POINTS_MAX);
    lw.lat = SEINE_ARENA_ARRAY(&call->arena, double, TRACK_POINTS_MAX);
    lw.time_us = SEINE_ARENA_ARRAY(&call->arena, int64_t, TRACK_POINTS_MAX);
    if (lw.lon == NULL || lw.lat == NULL || lw.time_us == NULL) return seine_no_memory(error, "tile");
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_sql_init(&sql, &call->arena);
    put_line_points(call, t, &sql);
    seine_sql_put(&sql, " ORDER BY mover, seen_at LIMIT %d", TRACK_POINTS_MAX + 1);
    SEINE_TRY(seine_call_each(call, &sql, take_line_points, &lw, error));
    return flush_line(&lw, error);
}

/* ---- gaps and ports ---- */

/* Where a gap begins and ends, in units of the tile. */
static void gap_ends(const tile_writer *tw, const seine_rows *rows, size_t row, bool has_end, seine_segment *s) {
    const double side = (double)((uint32_t)1 << tw->tile->z) * SEINE_MVT_EXTENT;
    place_in(tw->tile, seine_cell_double(rows, 2, row), seine_cell_double(rows, 3, row), &s->x0, &s->y0);
    s->x1 = s->x0;
    s->y1 = s->y0;
    if (!has_end) return;
    place_in(tw->tile, seine_cell_double(rows, 4, row), seine_cell_double(rows, 5, row), &s->x1, &s->y1);
    /* The shorter way. */
    if (s->x1 - s->x0 > side / 2) s->x1 -= side;
    if (s->x1 - s->x0 < -side / 2) s->x1 += side;
}

/* A line that leaves the world on one side comes back on the other one. */
static void put_gap_line(tile_writer *tw, const seine_segment *s) {
    const double side = (double)((uint32_t)1 << tw->tile->z) * SEINE_MVT_EXTENT;
    int32_t pen[2] = {0, 0};
    bool is_down = false;
    for (int world = -1; world <= 1; world++)
        put_segment(tw->layer, s->x0 + world * side, s->y0, s->x1 + world * side, s->y1, pen, &is_down);
}

static void put_gap(tile_writer *tw, const seine_rows *rows, size_t row) {
    const bool has_end = !seine_cell_null(rows, 4, row) && !seine_cell_null(rows, 5, row);
    seine_segment s;
    gap_ends(tw, rows, row, has_end, &s);
    /* Open ones, and those that ended where they began, are points. */
    const bool is_line = unit(s.x0) != unit(s.x1) || unit(s.y0) != unit(s.y1);
    seine_mvt_feature(tw->layer, is_line ? SEINE_MVT_LINE : SEINE_MVT_POINT);
    seine_mvt_tag_text(tw->layer, "event_id", seine_cell_text(rows, 0, row));
    seine_mvt_tag_text(tw->layer, tw->tile->movers.key, seine_cell_text(rows, 1, row));
    seine_mvt_tag_flag(tw->layer, "is_closed", has_end);
    if (!seine_cell_null(rows, 6, row)) seine_mvt_tag_number(tw->layer, "duration_h", seine_cell_double(rows, 6, row));
    if (is_line)
        put_gap_line(tw, &s);
    else if (fabs(s.x0 - 2048) <= 2048 + BUFFER && fabs(s.y0 - 2048) <= 2048 + BUFFER)
        seine_mvt_move(tw->layer, unit(s.x0), unit(s.y0));
    seine_mvt_feature_end(tw->layer);
}

static seine_status take_gaps(void *context, const seine_rows *rows, seine_error *error) {
    tile_writer *tw = context;
    (void)error;
    for (size_t row = 0; row < rows->count; row++) {
        if (tw->layer->feature_count == FEATURES_MAX) {
            tw->call->cut_at = FEATURES_MAX;
            break;
        }
        if (!seine_cell_null(rows, 2, row) && !seine_cell_null(rows, 3, row)) put_gap(tw, rows, row);
    }
    return tw->layer->status;
}

/* The place of the tile and what is drawn around it: west, south, east, north; west > east never. */
static void box_of(const tile *t, double box[4]) {
    const double side = (double)((uint32_t)1 << t->z), buffer = (double)BUFFER / SEINE_MVT_EXTENT;
    const double pi = 3.14159265358979323846;
    box[0] = (t->x - buffer) / side * 360 - 180;
    box[2] = (t->x + 1 + buffer) / side * 360 - 180;
    box[1] = atan(sinh(pi * (1 - 2 * (t->y + 1 + buffer) / side))) * 180 / pi;
    box[3] = atan(sinh(pi * (1 - 2 * (t->y - buffer) / side))) * 180 / pi;
    if (t->y == 0) box[3] = 90; /* beyond the map's edge is drawn at it */
    if (t->y + 1 == (uint32_t)1 << t->z) box[1] = -90;
}

/* Lines whose box meets that of the tile; at the sides of the world, and of lines across 180 degrees, all. */
static void put_near(seine_sql *where, const tile *t) {
    double box[4];
    box_of(t, box);
    seine_sql_put(where, " AND least(t.start_lat, t.end_lat) <= ");
    seine_sql_put_double(where, box[3]);
    seine_sql_put(where, " AND greatest(t.start_lat, t.end_lat) >= ");
    seine_sql_put_double(where, box[1]);
    if (box[0] < -180 || box[2] > 180) return;
    seine_sql_put(where, " AND (abs(t.end_lon - t.start_lon) > 180 OR (least(t.start_lon, t.end_lon) <= ");
    seine_sql_put_double(where, box[2]);
    seine_sql_put(where, " AND greatest(t.start_lon, t.end_lon) >= ");
    seine_sql_put_double(where, box[0]);
    seine_sql_put(where, "))");
}

static seine_status put_gaps(seine_call *call, const tile *t, seine_mvt *layer, seine_error *error) {
    tile_writer tw = {.tile = t, .layer = layer, .call = call};
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, t->movers.tables[SEINE_MOVERS_GAPS], "t", &call->arena);
    if (t->last_us != INT64_MAX) seine_scan_range(&scan, "start_ts", INT64_MIN, t->last_us);
    if (t->start_us != INT64_MIN) {
        seine_sql_put(&scan.where, " AND (t.end_ts IS NULL OR t.end_ts > ");
        seine_sql_put_time(&scan.where, t->start_us);
        seine_sql_put(&scan.where, ")");
    }
    put_near(&scan.where, t);
    seine_sql_put(&sql,
                  "SELECT t.event_id, t.\"%s\", t.start_lon, t.start_lat, t.end_lon, t.end_lat, t.duration_h FROM ",
                  t->movers.id);
    seine_scan_put(&scan, &sql);
    seine_sql_put(&sql, " ORDER BY t.duration_h DESC NULLS FIRST, t.event_id");
    return seine_call_each(call, &sql, take_gaps, &tw, error);
}

static seine_status take_ports(void *context, const seine_rows *rows, seine_error *error) {
    tile_writer *tw = context;
    (void)error;
    for (size_t row = 0; row < rows->count; row++) {
        double x, y;
        place_in(tw->tile, seine_cell_double(rows, 2, row), seine_cell_double(rows, 3, row), &x, &y);
        if (x < 0 || y < 0 || x >= SEINE_MVT_EXTENT || y >= SEINE_MVT_EXTENT) continue;
        if (tw->layer->feature_count == FEATURES_MAX) {
            tw->call->cut_at = FEATURES_MAX;
            break;
        }
        seine_mvt_feature(tw->layer, SEINE_MVT_POINT);
        seine_mvt_tag_text(tw->layer, "port_id", seine_cell_text(rows, 0, row));
        seine_mvt_tag_text(tw->layer, "port_name", seine_cell_text(rows, 1, row));
        seine_mvt_move(tw->layer, unit(x), unit(y));
        seine_mvt_feature_end(tw->layer);
    }
    return tw->layer->status;
}

static seine_status put_ports(seine_call *call, const tile *t, seine_mvt *layer, seine_error *error) {
    tile_writer tw = {.tile = t, .layer = layer, .call = call};
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, "ref.ports", "t", &call->arena);
    seine_sql_put(&scan.where, " AND t.valid_to IS NULL");
    seine_sql_put(&sql, "SELECT t.port_id, t.port_name, t.lon, t.lat FROM ");
    seine_scan_put(&scan, &sql);
    seine_sql_put(&sql, " ORDER BY t.port_id");
    return seine_call_each(call, &sql, take_ports, &tw, error);
}

/* ---- route ---- */

typedef struct layer_kind {
    const char *set, *name;   /* the layer asked for, and that in the tile */
    seine_movers_table table; /* what it is made from; SEINE_MOVERS_TABLES: the ports */
    int least_zoom, most_zoom;
    seine_status (*put)(seine_call *call, const tile *t, seine_mvt *layer, seine_error *error);
} layer_kind;

static const layer_kind layers[] = {
    {"traffic", "density", SEINE_MOVERS_DENSITY, 0, DENSITY_ZOOM_MAX, put_density},
    {"traffic", "points", SEINE_MOVERS_POINTS, DENSITY_ZOOM_MAX + 1, ZOOM_MAX, put_points},
    {"tracks", "tracks", SEINE_MOVERS_POINTS, DENSITY_ZOOM_MAX, ZOOM_MAX, put_tracks},
    {"gaps", "gaps", SEINE_MOVERS_GAPS, 0, ZOOM_MAX, put_gaps},
    {"ports", "ports", SEINE_MOVERS_TABLES, 0, ZOOM_MAX, put_ports},
};

#define P_TILE                                                                                            \
    {.name = "z", .kind = SEINE_PARAM_INT, .in_path = true, .least = 0, .most = ZOOM_MAX, .doc = "zoom"}, \
        {.name = "x",                                                                                     \
         .kind = SEINE_PARAM_INT,                                                                         \
         .in_path = true,                                                                                 \
         .least = 0,                                                                                      \
         .most = 4194303,                                                                                 \
         .doc = "column, from 180° W"},                                                                   \
        {.name = "y",                                                                                     \
         .kind = SEINE_PARAM_INT,                                                                         \
         .in_path = true,                                                                                 \
         .least = 0,                                                                                      \
         .most = 4194303,                                                                                 \
         .doc = "row, from the north"},                                                                   \
        P_START, P_END, P_AS_OF
static const seine_param tile_params[] = {{.name = "layer",
                                           .kind = SEINE_PARAM_CHOICE,
                                           .in_path = true,
                                           .choices = "traffic|tracks|gaps|ports",
                                           .doc = "what the tile shows"},
                                          P_TILE};
static const seine_param mover_tile_params[] = {P_DATASET,
                                                {.name = "layer",
                                                 .kind = SEINE_PARAM_CHOICE,
                                                 .in_path = true,
                                                 .choices = "traffic|tracks|gaps",
                                                 .doc = "what the tile shows"},
                                                P_TILE};

static seine_status get_tile(seine_call *call, seine_error *error) {
    tile t;
    SEINE_TRY(read_tile(call, &t, error));
    const seine_str set = seine_call_input(call, "layer")->text;
    for (size_t i = 0; i < SEINE_COUNT(layers); i++) {
        const layer_kind *kind = &layers[i];
        if (!seine_str_equal(seine_str_of(kind->set), set)) continue;
        if (t.z < kind->least_zoom || t.z > kind->most_zoom) continue;
        if (kind->table == SEINE_MOVERS_TABLES)
            SEINE_TRY(seine_call_need(call, "ref.ports", error));
        else
            SEINE_TRY(seine_movers_need(call, &t.movers, kind->table, error));
        seine_mvt layer;
        seine_mvt_begin(&layer, kind->name, &call->body);
        const seine_status status = kind->put(call, &t, &layer, error);
        const seine_status ended = seine_mvt_end(&layer);
        SEINE_TRY(status);
        if (ended != SEINE_OK) return seine_fail(error, ended, "the tile is too large");
    }
    return SEINE_OK;
}

const seine_route seine_tile_routes[SEINE_TILE_ROUTES] = {
    {.pattern = "/tiles/{layer}/{z}/{x}/{y}",
     .name = "tile",
     .summary = "Mapbox vector tile: cells of traffic at low zooms, positions at high ones; tracks, gaps, ports",
     SEINE_PARAMS(tile_params),
     .content_type = "application/vnd.mapbox-vector-tile",
     .tables = {"gold.ais_density", "gold.ais_tile_points", "events.ais_gaps", "ref.ports", "silver.ais"},
     .run = get_tile},
    {.pattern = "/api/v1/movers/{dataset}/tiles/{layer}/{z}/{x}/{y}",
     .name = "mover_tile",
     .summary = "The same of the movers of a dataset",
     SEINE_PARAMS(mover_tile_params),
     .content_type = "application/vnd.mapbox-vector-tile",
     .tables = {"*"},
     .run = get_tile},
};
