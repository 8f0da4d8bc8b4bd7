/* links: columns core io base */
#include "unit/core_support.h"

#include "columns/group.h"

#include <math.h>

#define ROWS 5000
#define MOVERS 7

typedef struct given {
    uint32_t mover[ROWS];
    int64_t time_us[ROWS];
    double lat_deg[ROWS], lon_deg[ROWS];
    uint8_t receiver[ROWS];
} given;

/* Times over the whole range or nearly all equal, mover 3 without any fix. */
static void make_given(given *g, bool wide) {
    uint64_t seed = wide ? 1 : 2;
    for (size_t i = 0; i < ROWS; i++) {
        g->mover[i] = (uint32_t)(next_random(&seed) % MOVERS);
        if (g->mover[i] == 3) g->mover[i] = 0;
        g->time_us[i] = wide ? (int64_t)next_random(&seed) : (int64_t)(next_random(&seed) % 50) - 25;
        g->lat_deg[i] = (double)i;
        g->lon_deg[i] = -(double)i;
        g->receiver[i] = (uint8_t)(i % 4);
    }
}

typedef struct sorted {
    int64_t time_us[ROWS];
    double lat_deg[ROWS], lon_deg[ROWS];
    uint8_t receiver[ROWS];
    uint64_t row_ref[ROWS];
} sorted;

static seine_group_fix fixes[ROWS];
static seine_group_key keys[2 * ROWS];

static void check_mover(const given *g, uint32_t mover, const uint64_t *first) {
    static sorted s;
    const seine_group_columns columns = {s.time_us, s.lat_deg, s.lon_deg, s.receiver, s.row_ref};
    const size_t count = (size_t)(first[mover + 1] - first[mover]);
    seine_group_sort(fixes + first[mover], count, keys, &columns);
    for (size_t i = 0; i < count; i++) {
        const size_t row = (size_t)s.row_ref[i];
        assert_int_equal(g->mover[row], mover);
        assert_true(g->time_us[row] == s.time_us[i] && g->receiver[row] == s.receiver[i]);
        assert_true(g->lat_deg[row] == s.lat_deg[i] && g->lon_deg[row] == s.lon_deg[i]);
        if (i == 0) continue;
        assert_true(s.time_us[i - 1] <= s.time_us[i]);
        /* Equal times keep the order of the input, which also shows that no row comes twice. */
        if (s.time_us[i - 1] == s.time_us[i]) assert_true(s.row_ref[i - 1] < s.row_ref[i]);
    }
}

static void each_mover_gets_its_fixes_in_stable_time_order(void **state) {
    (void)state;
    static given g;
    for (int wide = 0; wide < 2; wide++) {
        make_given(&g, wide != 0);
        uint64_t first[MOVERS + 1];
        uint64_t next[MOVERS];
        seine_group_count(g.mover, ROWS, MOVERS, first);
        assert_int_equal(first[0], 0);
        assert_int_equal(first[MOVERS], ROWS);
        assert_int_equal(first[3], first[4]);
        memcpy(next, first, sizeof next);
        const seine_track input = {
            .time_us = g.time_us, .lat_deg = g.lat_deg, .lon_deg = g.lon_deg, .receiver = g.receiver, .count = ROWS};
        seine_group_scatter(g.mover, &input, next, fixes);
        for (uint32_t mover = 0; mover < MOVERS; mover++) check_mover(&g, mover, first);
    }
}

static void columns_that_are_absent_become_unknown(void **state) {
    (void)state;
    const uint32_t mover[] = {0};
    const int64_t time_us[] = {5};
    uint64_t next[] = {0};
    const seine_track input = {.time_us = time_us, .count = 1};
    seine_group_fix fix;
    seine_group_scatter(mover, &input, next, &fix);
    assert_true(isnan(fix.lat_deg) && isnan(fix.lon_deg) && fix.receiver == SEINE_RECEIVER_OTHER);
    assert_int_equal(next[0], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mover_gets_its_fixes_in_stable_time_order),
        cmocka_unit_test(columns_that_are_absent_become_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
