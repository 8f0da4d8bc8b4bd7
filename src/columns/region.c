/* Well-known text: of many ways to write an area those that are in use are read, and one is written. */
#include "base/number.h"
#include "base/try.h"
#include "columns/region.h"

#include <math.h>

seine_status seine_region_add_point(seine_region *r, seine_arena *arena, double lon, double lat) {
    SEINE_TRY(SEINE_ARENA_ROOM(arena, r->points, r->point_count, r->point_capacity, 1, SEINE_REGION_POINTS_MAX));
    /* No -0. */
    r->points[r->point_count++] = (seine_region_point){lon == 0 ? 0 : lon, lat == 0 ? 0 : lat};
    return SEINE_OK;
}

seine_status seine_region_end_ring(seine_region *r, seine_arena *arena) {
    SEINE_TRY(SEINE_ARENA_ROOM(arena, r->ring_ends, r->ring_count, r->ring_capacity, 1, SEINE_REGION_POINTS_MAX));
    r->ring_ends[r->ring_count++] = r->point_count;
    return SEINE_OK;
}

seine_status seine_region_end_polygon(seine_region *r, seine_arena *arena) {
    SEINE_TRY(
        SEINE_ARENA_ROOM(arena, r->polygon_ends, r->polygon_count, r->polygon_capacity, 1, SEINE_REGION_POINTS_MAX));
    r->polygon_ends[r->polygon_count++] = r->ring_count;
    return SEINE_OK;
}

/* ---- reading ---- */

typedef struct reading {
    seine_str rest;
    seine_arena *arena;
    seine_region *region;
} reading;

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void skip_blanks(reading *in) {
    while (in->rest.size > 0 && is_blank(*in->rest.data)) in->rest = (seine_str){in->rest.data + 1, in->rest.size - 1};
}

static bool take(reading *in, char sign) {
    skip_blanks(in);
    if (in->rest.size == 0 || *in->rest.data != sign) return false;
    in->rest = (seine_str){in->rest.data + 1, in->rest.size - 1};
    return true;
}

/* Up to a blank, a comma or a bracket. */
static seine_str take_word(reading *in) {
    size_t size = 0;
    skip_blanks(in);
    while (size < in->rest.size && !is_blank(in->rest.data[size]) && strchr(",()", in->rest.data[size]) == NULL) size++;
    const seine_str word = {in->rest.data, size};
    in->rest = (seine_str){in->rest.data + size, in->rest.size - size};
    return word;
}

static seine_status read_point(reading *in) {
    double numbers[4];
    size_t count = 0;
    for (;;) {
        const seine_str word = take_word(in);
        if (word.size == 0) break;
        if (count == 4 || !seine_number_parse(word, &numbers[count++])) return SEINE_E_FORMAT;
    }
    return count >= 2 ? seine_region_add_point(in->region, in->arena, numbers[0], numbers[1]) : SEINE_E_FORMAT;
}

static seine_status read_ring(reading *in) {
    if (!take(in, '(')) return SEINE_E_FORMAT;
    do SEINE_TRY(read_point(in));
    while (take(in, ','));
    return take(in, ')') ? seine_region_end_ring(in->region, in->arena) : SEINE_E_FORMAT;
}

static seine_status read_polygon(reading *in) {
    if (!take(in, '(')) return SEINE_E_FORMAT;
    do SEINE_TRY(read_ring(in));
    while (take(in, ','));
    return take(in, ')') ? seine_region_end_polygon(in->region, in->arena) : SEINE_E_FORMAT;
}

static seine_status read_polygons(reading *in) {
    if (!take(in, '(')) return SEINE_E_FORMAT;
    do SEINE_TRY(read_polygon(in));
    while (take(in, ','));
    return take(in, ')') ? SEINE_OK : SEINE_E_FORMAT;
}

seine_status seine_region_read(seine_str wkt, seine_arena *arena, seine_region *region) {
    reading in = {wkt, arena, region};
    const seine_str kind = take_word(&in);
    (void)take_word(&in); /* Z, M, ZM */
    const bool is_many = seine_str_equal_nocase(kind, SEINE_STR("MULTIPOLYGON"));
    if (!is_many && !seine_str_equal_nocase(kind, SEINE_STR("POLYGON"))) return SEINE_E_FORMAT;
    SEINE_TRY(is_many ? read_polygons(&in) : read_polygon(&in));
    skip_blanks(&in);
    return in.rest.size == 0 ? SEINE_OK : SEINE_E_FORMAT;
}

/* ---- faults ---- */

int seine_region_turn(double from, double to) {
    const double step = to - from;
    if (fabs(step) <= 180 || fabs(step) == 360) return 0;
    const int turns = fabs(step) > 540 ? 2 : 1;
    return step > 0 ? -turns : turns;
}

/* What cutting makes of an edge: an entry for each cell of its box, and one behind it in each row. */
static double cells_of(seine_region_point a, seine_region_point b) {
    const double to = b.lon + 360 * seine_region_turn(a.lon, b.lon);
    const double rows = ceil(fmax(a.lat, b.lat)) - floor(fmin(a.lat, b.lat));
    return rows * (ceil(fmax(a.lon, to)) - floor(fmin(a.lon, to)) + 1);
}

static const char *ring_fault(const seine_region_point *points, size_t count, double *cells) {
    int turns = 0;
    if (count < 4) return "a ring has less than four corners";
    if (points[0].lon != points[count - 1].lon || points[0].lat != points[count - 1].lat)
        return "a ring does not end where it begins";
    for (size_t i = 0; i < count; i++) {
        if (!(fabs(points[i].lat) <= 90)) return "a latitude is outside [-90, 90]";
        if (!(fabs(points[i].lon) <= 360)) return "a longitude is outside [-360, 360]";
        if (i == 0) continue;
        turns += seine_region_turn(points[i - 1].lon, points[i].lon);
        *cells += cells_of(points[i - 1], points[i]);
    }
    return turns == 0 ? NULL : "a ring goes around a pole; give it corners at the pole";
}

const char *seine_region_fault(const seine_region *r) {
    double cells = 0;
    if (r->polygon_count == 0) return "it has no polygon";
    for (size_t p = 0; p < r->polygon_count; p++)
        if (r->polygon_ends[p] == (p > 0 ? r->polygon_ends[p - 1] : 0)) return "a polygon has no ring";
    for (size_t i = 0, first = 0; i < r->ring_count; first = r->ring_ends[i++]) {
        const char *fault = ring_fault(r->points + first, r->ring_ends[i] - first, &cells);
        if (fault != NULL) return fault;
    }
    if (cells > (double)SEINE_REGION_CELLS_MAX) return "its edges go through too many cells of one degree";
    return NULL;
}

/* ---- writing ---- */

static seine_status put_ring(const seine_region_point *points, size_t count, seine_buf *wkt) {
    for (size_t i = 0; i < count; i++) {
        char lon[32], lat[32];
        (void)seine_number_text(points[i].lon, lon);
        (void)seine_number_text(points[i].lat, lat);
        SEINE_TRY(seine_buf_printf(wkt, "%s%s %s", i > 0 ? ", " : "(", lon, lat));
    }
    return seine_buf_append_str(wkt, ")");
}

seine_status seine_region_put(const seine_region *r, seine_buf *wkt) {
    const bool is_many = r->polygon_count > 1;
    SEINE_TRY(seine_buf_append_str(wkt, is_many ? "MULTIPOLYGON (" : "POLYGON "));
    for (size_t p = 0, ring = 0, point = 0; p < r->polygon_count; p++) {
        SEINE_TRY(seine_buf_append_str(wkt, p > 0 ? ", (" : "("));
        for (size_t first = ring; ring < r->polygon_ends[p]; point = r->ring_ends[ring++]) {
            if (ring > first) SEINE_TRY(seine_buf_append_str(wkt, ", "));
            SEINE_TRY(put_ring(r->points + point, r->ring_ends[ring] - point, wkt));
        }
        SEINE_TRY(seine_buf_append_str(wkt, ")"));
    }
    return is_many ? seine_buf_append_str(wkt, ")") : SEINE_OK;
}
