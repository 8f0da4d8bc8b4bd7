/*
 * An area cut into cells of whole degrees. What a place needs of an edge depends on where the edge lies:
 *
 *     in its cell's columns    the edge itself
 *     further to the east      nothing
 *     further to the west      only from which to which latitude it goes: two latitudes at which "an odd number of
 *                              edges is to the west" turns over, and where the next edge begins there, the two of
 *                              this corner turn it over twice, that is not at all
 *
 * So row by row of cells the edges are swept from west to east: `turning` holds the latitudes that are left over, which
 * are few, since all edges that are passed whole have cancelled each other. Nothing is computed on the way, so a piece
 * gives the same answer as all edges together, to the last bit.
 */
#include "base/try.h"
#include "core/region.h"
#include "engine/region_cut.h"

#include <math.h>
#include <stdlib.h>

#define ENTRIES_MAX SEINE_REGION_CELLS_MAX /* of a polygon, and of all else that is of its edges */
#define PIECE_MAX_BYTES ((size_t)1 << 30)

/* One edge in one row: what it does from a column on. */
typedef struct entry {
    int32_t row, column;
    bool is_passed; /* else it lies in that column */
    uint32_t edge;
} entry;

typedef struct cutting {
    seine_arena *arena;
    seine_region_visit visit;
    void *context;
    seine_region_edge *edges;
    size_t edge_count;
    entry *entries;
    size_t entry_count, entry_capacity;
    double *turning; /* of the row, ascending */
    size_t turning_count, turning_capacity;
    double *turned, *spare; /* of the column at hand; room to merge them */
    size_t turned_count, turned_capacity, spare_capacity;
    bool is_in;
    uint32_t *within; /* edges of the column */
    size_t within_count, within_capacity;
    seine_buf piece;
} cutting;

/* ---- edges ---- */

static void add_edge(cutting *c, seine_region_point a, seine_region_point b) {
    if (a.lat < b.lat) c->edges[c->edge_count++] = (seine_region_edge){a.lon, a.lat, b.lon, b.lat};
    if (a.lat > b.lat) c->edges[c->edge_count++] = (seine_region_edge){b.lon, b.lat, a.lon, a.lat};
}

/* The edges of a ring in one piece, whose first corner is moved by @p turns. @return its western end. */
static double add_ring(cutting *c, const seine_region_point *points, size_t count, double turns) {
    seine_region_point before = {points[0].lon + 360 * turns, points[0].lat};
    double west = before.lon;
    for (size_t i = 1; i < count; i++) {
        turns += seine_region_turn(points[i - 1].lon, points[i].lon);
        const seine_region_point point = {points[i].lon + 360 * turns, points[i].lat};
        add_edge(c, before, point);
        west = fmin(west, point.lon);
        before = point;
    }
    return west;
}

/* Holes lie where their polygon does, whichever turn their longitudes are written in. */
static void add_polygon(cutting *c, const seine_region *r, size_t first_ring, size_t end_ring) {
    size_t point = first_ring > 0 ? r->ring_ends[first_ring - 1] : 0;
    double west = 0;
    c->edge_count = 0;
    for (size_t ring = first_ring; ring < end_ring; point = r->ring_ends[ring++]) {
        const seine_region_point *points = r->points + point;
        const size_t count = r->ring_ends[ring] - point;
        if (ring == first_ring)
            west = add_ring(c, points, count, 0);
        else
            (void)add_ring(c, points, count, ceil((west - points[0].lon) / 360));
    }
}

/* ---- entries ---- */

static seine_status add_entry(cutting *c, int32_t row, int32_t column, bool is_passed, size_t edge) {
    SEINE_TRY(SEINE_ARENA_ROOM(c->arena, c->entries, c->entry_count, c->entry_capacity, 1, ENTRIES_MAX));
    c->entries[c->entry_count++] = (entry){row, column, is_passed, (uint32_t)edge};
    return SEINE_OK;
}

static seine_status enter_edge(cutting *c, size_t index) {
    const seine_region_edge *e = &c->edges[index];
    const int32_t first = (int32_t)floor(fmin(e->lon, e->north_lon)), end = (int32_t)ceil(fmax(e->lon, e->north_lon));
    const int32_t south = (int32_t)floor(e->lat), north = (int32_t)ceil(e->north_lat);
    for (int32_t row = south; row < north; row++) {
        for (int32_t column = first; column < end; column++) SEINE_TRY(add_entry(c, row, column, false, index));
        SEINE_TRY(add_entry(c, row, end, true, index));
    }
    return SEINE_OK;
}

static int compare_entries(const void *a, const void *b) {
    const entry *x = a, *y = b;
    if (x->row != y->row) return x->row < y->row ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    return (x->edge > y->edge) - (x->edge < y->edge);
}

/* ---- sweeping ---- */

/* From this latitude on it is the other way round. */
static seine_status turn_over(cutting *c, int32_t row, double lat) {
    if (lat <= row) c->is_in = !c->is_in;
    if (lat <= row || lat >= row + 1) return SEINE_OK;
    SEINE_TRY(SEINE_ARENA_ROOM(c->arena, c->turned, c->turned_count, c->turned_capacity, 1, ENTRIES_MAX));
    c->turned[c->turned_count++] = lat;
    return SEINE_OK;
}

static int compare_numbers(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The latitudes of a column among those of the columns before it; twice the same is not at all. */
static seine_status merge_turned(cutting *c) {
    const size_t most = c->turning_count + c->turned_count;
    size_t count = 0;
    if (c->turned_count == 0) return SEINE_OK;
    SEINE_TRY(SEINE_ARENA_ROOM(c->arena, c->spare, 0, c->spare_capacity, most, ENTRIES_MAX));
    qsort(c->turned, c->turned_count, sizeof *c->turned, compare_numbers);
    for (size_t i = 0, j = 0; i + j < most;) {
        const bool is_old = j == c->turned_count || (i < c->turning_count && c->turning[i] <= c->turned[j]);
        const double lat = is_old ? c->turning[i++] : c->turned[j++];
        if (count > 0 && c->spare[count - 1] == lat)
            count--;
        else
            c->spare[count++] = lat;
    }
    double *const former = c->turning;
    const size_t former_capacity = c->turning_capacity;
    c->turning = c->spare;
    c->turning_capacity = c->spare_capacity;
    c->turning_count = count;
    c->spare = former;
    c->spare_capacity = former_capacity;
    c->turned_count = 0;
    return SEINE_OK;
}

static seine_status give(cutting *c, int32_t row, int32_t column) {
    const int32_t turns = (int32_t)floor((column + 180) / 360.0);
    const int32_t cell = (row + 90) * SEINE_REGION_COLUMNS + column + 180 - turns * SEINE_REGION_COLUMNS;
    const seine_region_head head = {turns, c->is_in, (uint32_t)c->turning_count, (uint32_t)c->within_count};
    if (!c->is_in && c->turning_count == 0 && c->within_count == 0) return SEINE_OK;
    seine_buf_clear(&c->piece);
    SEINE_TRY(seine_buf_append(&c->piece, &head, sizeof head));
    if (c->turning_count > 0) SEINE_TRY(seine_buf_append(&c->piece, c->turning, c->turning_count * sizeof *c->turning));
    for (size_t i = 0; i < c->within_count; i++)
        SEINE_TRY(seine_buf_append(&c->piece, &c->edges[c->within[i]], sizeof *c->edges));
    return c->visit(c->context, cell, seine_buf_str(&c->piece));
}

/* What happens at the western end of a column. @return the first entry behind it through *at. */
static seine_status enter_column(cutting *c, size_t *at) {
    const int32_t row = c->entries[*at].row, column = c->entries[*at].column;
    c->within_count = 0;
    for (; *at < c->entry_count && c->entries[*at].row == row && c->entries[*at].column == column; ++*at) {
        const entry *e = &c->entries[*at];
        if (e->is_passed) {
            SEINE_TRY(turn_over(c, row, c->edges[e->edge].lat));
            SEINE_TRY(turn_over(c, row, c->edges[e->edge].north_lat));
            continue;
        }
        SEINE_TRY(SEINE_ARENA_ROOM(c->arena, c->within, c->within_count, c->within_capacity, 1, ENTRIES_MAX));
        c->within[c->within_count++] = e->edge;
    }
    return merge_turned(c);
}

static seine_status sweep_row(cutting *c, size_t *at) {
    const int32_t row = c->entries[*at].row;
    c->is_in = false;
    c->turning_count = 0;
    while (*at < c->entry_count && c->entries[*at].row == row) {
        int32_t column = c->entries[*at].column;
        SEINE_TRY(enter_column(c, at));
        const bool is_last = *at == c->entry_count || c->entries[*at].row != row;
        const int32_t end = is_last ? column + 1 : c->entries[*at].column;
        for (; column < end; column++) {
            SEINE_TRY(give(c, row, column));
            c->within_count = 0;
        }
    }
    return SEINE_OK;
}

static seine_status cut_polygon(cutting *c) {
    c->entry_count = 0;
    for (size_t i = 0; i < c->edge_count; i++) SEINE_TRY(enter_edge(c, i));
    if (c->entry_count > 0) qsort(c->entries, c->entry_count, sizeof *c->entries, compare_entries);
    for (size_t at = 0; at < c->entry_count;) SEINE_TRY(sweep_row(c, &at));
    return SEINE_OK;
}

static void end_cutting(cutting *c) { seine_buf_free(&c->piece); }

seine_status seine_region_cut(const seine_region *r, seine_arena *arena, seine_region_visit visit, void *context) {
    cutting c SEINE_OWNED(end_cutting) = {.arena = arena, .visit = visit, .context = context};
    seine_buf_init(&c.piece, PIECE_MAX_BYTES);
    c.edges = SEINE_ARENA_ARRAY(arena, seine_region_edge, r->point_count);
    if (c.edges == NULL) return SEINE_E_NOMEM;
    for (size_t p = 0, ring = 0; p < r->polygon_count; ring = r->polygon_ends[p++]) {
        add_polygon(&c, r, ring, r->polygon_ends[p]);
        SEINE_TRY(cut_polygon(&c));
    }
    return SEINE_OK;
}
