/* links: serve table engine io columns core base */
/* The list of movers by their last move, from which every client of the live route is told. */
#include "serve/live/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static seine_status put(seine_live_feed *feed, const char *id, int64_t time_us, int64_t commit) {
    char row[40];
    const int size = snprintf(row, sizeof row, "%s@%lld", id, (long long)time_us);
    const seine_live_position at = {
        .id = seine_str_of(id), .time_us = time_us, .lon = 1, .lat = 2, .row = {row, (size_t)size}};
    return seine_live_feed_put(feed, &at, commit);
}

/* What a client that was told up to a serial has to hear, and the serial then. */
static const char *after(const seine_live_feed *feed, uint64_t *serial) {
    static char text[4000];
    size_t size = 0;
    text[0] = '\0';
    for (const seine_live_mover *at = seine_live_feed_after(feed, *serial); at != NULL;
         at = seine_live_feed_next(feed, at)) {
        size += (size_t)snprintf(text + size, sizeof text - size, "%.*s ", SEINE_STR_ARG(at->at.row));
        assert_true(at->serial > *serial);
        *serial = at->serial;
    }
    return text;
}

static void a_client_hears_what_moved_since_in_the_order_of_moves(void **state) {
    (void)state;
    seine_live_feed feed = {0};
    uint64_t quick = 0, slow = 0;
    assert_string_equal(after(&feed, &quick), "");
    assert_int_equal(put(&feed, "a", 1, 7), SEINE_OK);
    assert_int_equal(put(&feed, "b", 1, 7), SEINE_OK);
    assert_int_equal(put(&feed, "c", 1, 7), SEINE_OK);
    assert_string_equal(after(&feed, &quick), "a@1 b@1 c@1 ");
    assert_string_equal(after(&feed, &quick), "");
    assert_int_equal(put(&feed, "b", 2, 8), SEINE_OK); /* from the middle */
    assert_string_equal(after(&feed, &quick), "b@2 ");
    assert_int_equal(put(&feed, "b", 3, 9), SEINE_OK); /* the last one already */
    assert_int_equal(put(&feed, "a", 5, 9), SEINE_OK); /* the first one */
    assert_string_equal(after(&feed, &quick), "b@3 a@5 ");
    assert_string_equal(after(&feed, &slow), "c@1 b@3 a@5 "); /* a position that was overtaken is told to nobody */
    seine_live_feed_free(&feed);
}

static void what_is_not_newer_changes_nothing(void **state) {
    (void)state;
    seine_live_feed feed = {0};
    uint64_t serial = 0;
    assert_true(seine_live_feed_is_newer(&feed, SEINE_STR("a"), INT64_MIN));
    assert_int_equal(put(&feed, "a", 5, 1), SEINE_OK);
    (void)after(&feed, &serial);
    assert_false(seine_live_feed_is_newer(&feed, SEINE_STR("a"), 5));
    assert_true(seine_live_feed_is_newer(&feed, SEINE_STR("a"), 6));
    assert_int_equal(put(&feed, "a", 5, 2), SEINE_OK);
    assert_int_equal(put(&feed, "a", 4, 2), SEINE_OK);
    assert_string_equal(after(&feed, &serial), "");
    assert_int_equal(seine_live_feed_find(&feed, SEINE_STR("a"))->at.time_us, 5);
    assert_null(seine_live_feed_find(&feed, SEINE_STR("b")));
    seine_live_feed_free(&feed);
}

static void a_commit_is_a_place_to_go_on_from(void **state) {
    (void)state;
    seine_live_feed feed = {0};
    assert_int_equal(seine_live_feed_serial_of(&feed, 9), 0);
    assert_int_equal(put(&feed, "a", 1, 7), SEINE_OK);
    assert_int_equal(put(&feed, "b", 1, 7), SEINE_OK);
    assert_int_equal(put(&feed, "c", 1, 9), SEINE_OK);
    assert_int_equal(seine_live_feed_serial_of(&feed, 6), 0);
    assert_int_equal(seine_live_feed_serial_of(&feed, 7), 2);
    assert_int_equal(seine_live_feed_serial_of(&feed, 8), 2);
    assert_int_equal(seine_live_feed_serial_of(&feed, 9), 3);
    assert_int_equal(put(&feed, "b", 2, 10), SEINE_OK); /* what the commit brought was overtaken in part */
    uint64_t serial = seine_live_feed_serial_of(&feed, 7);
    assert_string_equal(after(&feed, &serial), "c@1 b@2 ");
    seine_live_feed_free(&feed);
}

static void movers_of_long_ago_are_forgotten_and_places_stay(void **state) {
    (void)state;
    seine_live_feed feed = {0};
    char id[16];
    for (int i = 0; i < 2047; i++) {
        (void)snprintf(id, sizeof id, "%d", i);
        assert_int_equal(put(&feed, id, i, i), SEINE_OK);
    }
    assert_int_equal(seine_live_feed_prune(&feed, 2000), SEINE_OK);
    assert_int_equal(feed.count, 2047); /* too few to be worth it */
    assert_int_equal(put(&feed, "new", 3000, 3000), SEINE_OK);
    uint64_t serial = seine_live_feed_serial_of(&feed, 2044);
    assert_int_equal(seine_live_feed_prune(&feed, 2040), SEINE_OK);
    assert_int_equal(feed.count, 8);
    assert_null(seine_live_feed_find(&feed, SEINE_STR("2039")));
    assert_string_equal(after(&feed, &serial), "2045@2045 2046@2046 new@3000 ");
    assert_int_equal(put(&feed, "2039", 3001, 3001), SEINE_OK); /* comes again */
    assert_string_equal(after(&feed, &serial), "2039@3001 ");
    seine_live_feed_free(&feed);
}

static void a_mover_too_many_is_refused(void **state) {
    (void)state;
    seine_live_feed feed = {0};
    char id[16];
    for (size_t i = 0; i < SEINE_LIVE_MOVERS_MAX; i++) {
        (void)snprintf(id, sizeof id, "%zu", i);
        assert_int_equal(put(&feed, id, 1, 1), SEINE_OK);
    }
    uint64_t serial = feed.serial;
    assert_int_equal(put(&feed, "more", 1, 2), SEINE_E_LIMIT);
    assert_string_equal(after(&feed, &serial), "");
    assert_int_equal(put(&feed, "7", 2, 2), SEINE_OK); /* one that is known goes on */
    assert_string_equal(after(&feed, &serial), "7@2 ");
    assert_int_equal(seine_live_feed_prune(&feed, 2), SEINE_OK);
    assert_int_equal(feed.count, 1);
    assert_int_equal(put(&feed, "more", 3, 3), SEINE_OK);
    assert_string_equal(after(&feed, &serial), "more@3 ");
    seine_live_feed_free(&feed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_hears_what_moved_since_in_the_order_of_moves),
        cmocka_unit_test(what_is_not_newer_changes_nothing),
        cmocka_unit_test(a_commit_is_a_place_to_go_on_from),
        cmocka_unit_test(movers_of_long_ago_are_forgotten_and_places_stay),
        cmocka_unit_test(a_mover_too_many_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
