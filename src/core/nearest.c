/*
 * A k-d tree without pointers: the root of nodes [first, last) is the middle one, its axis the one along which they are
 * spread most; what is smaller along it stands in front, what is greater behind.
 */
#include "core/nearest.h"

#include "seine/geodesy.h"

#include <math.h>
#include <stdbool.h>

#define PI 3.14159265358979323846
#define DEGREE (PI / 180.0)
/*
 * Chord and rule round differently: coordinates of the unit vectors to 2^-53 each, the haversine's sines likewise. Far
 * above both errors and far below the micrometre (1.6e-13 of the radius), so that nothing is left out.
 */
#define MARGIN 4e-14
#define CANDIDATE_MARGIN 1e-9 /* of angles, whose sines are inexact near the far side: 6 mm */
#define STACK 64              /* halving: 2^64 places */

static void place(double lat_deg, double lon_deg, double at[3]) {
    const double lat = lat_deg * DEGREE, lon = lon_deg * DEGREE;
    at[0] = cos(lat) * cos(lon);
    at[1] = cos(lat) * sin(lon);
    at[2] = sin(lat);
}

static double chord2(const double a[3], const double b[3]) {
    const double dx = a[0] - b[0], dy = a[1] - b[1], dz = a[2] - b[2];
    return dx * dx + dy * dy + dz * dz;
}

/* ---- building ---- */

static uint32_t widest_axis(const seine_nearest_node *nodes, size_t first, size_t last) {
    double widest = -1;
    uint32_t axis = 0;
    for (uint32_t k = 0; k < 3; k++) {
        double least = nodes[first].at[k], greatest = least;
        for (size_t i = first + 1; i < last; i++) {
            least = fmin(least, nodes[i].at[k]);
            greatest = fmax(greatest, nodes[i].at[k]);
        }
        if (greatest - least <= widest) continue;
        widest = greatest - least;
        axis = k;
    }
    return axis;
}

static void swap(seine_nearest_node *a, seine_nearest_node *b) {
    const seine_nearest_node held = *a;
    *a = *b;
    *b = held;
}

/* Total order, so that the same places always make the same tree. */
static bool is_before(const seine_nearest_node *a, const seine_nearest_node *b, uint32_t axis) {
    return a->at[axis] != b->at[axis] ? a->at[axis] < b->at[axis] : a->rank < b->rank;
}

/* Quickselect: nodes[middle] becomes what sorting by the axis would put there, smaller ones stand before it. */
static void select_middle(seine_nearest_node *nodes, size_t first, size_t last, size_t middle, uint32_t axis) {
    while (last - first > 1) {
        swap(&nodes[first + (last - first) / 2], &nodes[last - 1]);
        size_t border = first;
        for (size_t i = first; i + 1 < last; i++)
            if (is_before(&nodes[i], &nodes[last - 1], axis)) swap(&nodes[i], &nodes[border++]);
        swap(&nodes[border], &nodes[last - 1]);
        if (border == middle) return;
        if (border < middle)
            first = border + 1;
        else
            last = border;
    }
}

/* Ranges still to be split or searched. */
typedef struct range {
    size_t first, last;
    double apart2; /* square of the distance to the plane in front of them */
} range;

void seine_nearest_build(seine_nearest_node *nodes, size_t count) {
    for (size_t i = 0; i < count; i++) place(nodes[i].lat_deg, nodes[i].lon_deg, nodes[i].at);
    range stack[STACK];
    size_t depth = 0;
    if (count > 0) stack[depth++] = (range){0, count, 0};
    while (depth > 0) {
        const range r = stack[--depth];
        const size_t middle = r.first + (r.last - r.first) / 2;
        const uint32_t axis = widest_axis(nodes, r.first, r.last);
        select_middle(nodes, r.first, r.last, middle, axis);
        nodes[middle].axis = axis;
        if (r.last - middle > 2) stack[depth++] = (range){middle + 1, r.last, 0};
        if (middle - r.first > 1) stack[depth++] = (range){r.first, middle, 0};
    }
}

/* ---- searching ---- */

typedef struct search {
    const seine_nearest_node *nodes;
    double lat_deg, lon_deg, at[3];
    double best2, second2; /* squared chords: the shortest, and the shortest of the others */
    double limit2;         /* beyond it nothing can be as near as the best by the rule */
    size_t best;
    bool is_final; /* best2 is known: compare by the rule, or tell all within the limit */
    seine_nearest_hit hit;
    void (*found)(void *context, size_t node);
    void *context;
} search;

static void set_limit(search *s) {
    const double chord = sqrt(s->best2) + MARGIN;
    s->limit2 = chord * chord;
}

static void compare_by_rule(search *s, size_t i) {
    const seine_nearest_node *node = &s->nodes[i];
    const double distance_km = seine_haversine_atan2_km(s->lat_deg, s->lon_deg, node->lat_deg, node->lon_deg);
    const bool is_nearer = s->hit.node == SIZE_MAX || distance_km < s->hit.distance_km ||
                           (distance_km == s->hit.distance_km && node->rank < s->nodes[s->hit.node].rank);
    if (is_nearer) s->hit = (seine_nearest_hit){i, distance_km};
}

static void visit(search *s, size_t i) {
    const double d2 = chord2(s->at, s->nodes[i].at);
    if (s->is_final) {
        if (d2 > s->limit2) return;
        if (s->found != NULL)
            s->found(s->context, i);
        else
            compare_by_rule(s, i);
    } else if (d2 < s->best2) {
        if (i != s->best) s->second2 = s->best2;
        s->best2 = d2;
        s->best = i;
        set_limit(s);
    } else if (d2 < s->second2 && i != s->best) {
        s->second2 = d2;
    }
}

static void walk(search *s, size_t count) {
    range stack[STACK];
    size_t depth = 0;
    stack[depth++] = (range){0, count, 0};
    while (depth > 0) {
        const range r = stack[--depth];
        if (r.apart2 > s->limit2) continue;
        const size_t middle = r.first + (r.last - r.first) / 2;
        const seine_nearest_node *node = &s->nodes[middle];
        visit(s, middle);
        if (r.last - r.first == 1) continue;
        const double apart = s->at[node->axis] - node->at[node->axis];
        const range front = {r.first, middle, apart > 0 ? apart * apart : 0};
        const range behind = {middle + 1, r.last, apart < 0 ? apart * apart : 0};
        /* The nearer side is put last, so that it is searched first. */
        const range *later = apart > 0 ? &front : &behind, *sooner = apart > 0 ? &behind : &front;
        if (later->first < later->last) stack[depth++] = *later;
        if (sooner->first < sooner->last) stack[depth++] = *sooner;
    }
}

static search begin(const seine_nearest_node *nodes, double lat_deg, double lon_deg) {
    search s = {.nodes = nodes,
                .lat_deg = lat_deg,
                .lon_deg = lon_deg,
                .best2 = INFINITY,
                .second2 = INFINITY,
                .limit2 = INFINITY,
                .best = SIZE_MAX,
                .hit = {SIZE_MAX, NAN}};
    place(lat_deg, lon_deg, s.at);
    return s;
}

seine_nearest_hit seine_nearest_find(const seine_nearest_node *nodes, size_t count, double lat_deg, double lon_deg,
                                     size_t hint) {
    search s = begin(nodes, lat_deg, lon_deg);
    if (count == 0) return s.hit;
    if (hint < count) visit(&s, hint);
    walk(&s, count);
    if (s.second2 > s.limit2) {
        compare_by_rule(&s, s.best);
        return s.hit;
    }
    s.is_final = true;
    walk(&s, count);
    return s.hit;
}

/* Of a place within reach the nearest node is no further than reach and that of the middle, so it is no further from
 * the middle than twice the reach and that. */
void seine_nearest_candidates(const seine_nearest_node *nodes, size_t count, double lat_deg, double lon_deg,
                              double reach, void (*found)(void *context, size_t node), void *context) {
    search s = begin(nodes, lat_deg, lon_deg);
    if (count == 0) return;
    s.found = found;
    s.context = context;
    walk(&s, count);
    const double angle = 2 * asin(fmin(1, sqrt(s.best2) / 2)) + 2 * reach;
    const double chord = (angle < PI ? 2 * sin(angle / 2) : 2) + CANDIDATE_MARGIN;
    s.limit2 = chord * chord;
    s.is_final = true;
    walk(&s, count);
}
