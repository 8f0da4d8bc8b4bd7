/* links: base */
#include "base/time.h"
#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A TZif file of version 2: stretches as {from, offset, …}, and the rule behind them. */
typedef struct given {
    seine_arena arena;
    uint8_t bytes[4096];
    size_t size;
    const seine_zone *zone;
    seine_error error;
} given;

static void put(given *g, const void *bytes, size_t size) {
    assert_true(g->size + size <= sizeof g->bytes);
    memcpy(g->bytes + g->size, bytes, size);
    g->size += size;
}

static void put_big(given *g, int64_t value, size_t size) {
    for (size_t i = size; i-- > 0;) {
        const uint8_t byte = (uint8_t)((uint64_t)value >> (8 * i));
        put(g, &byte, 1);
    }
}

static void put_header(given *g, char version, size_t leap, size_t times, size_t types) {
    const size_t counts[6] = {0, 0, leap, times, types, 4};
    put(g, "TZif", 4);
    put(g, &version, 1);
    for (size_t i = 0; i < 15; i++) put(g, "", 1);
    for (size_t i = 0; i < 6; i++) put_big(g, (int64_t)counts[i], 4);
}

/* changes: {moment, offset} after the first offset. */
static void put_block(given *g, size_t time_bytes, int32_t first_s, const int64_t (*changes)[2], size_t count) {
    for (size_t i = 0; i < count; i++) put_big(g, changes[i][0], time_bytes);
    for (size_t i = 0; i < count; i++) put_big(g, (int64_t)i + 1, 1);
    for (size_t i = 0; i <= count; i++) {
        put_big(g, i == 0 ? first_s : changes[i - 1][1], 4);
        put(g, "\0\0", 2);
    }
    put(g, "LMT", 4);
}

static void give(given *g, int32_t first_s, const int64_t (*changes)[2], size_t count, const char *rule) {
    g->size = 0;
    put_header(g, '2', 0, 0, 1);
    put_block(g, 4, 0, NULL, 0);
    put_header(g, '2', 0, count, count + 1);
    put_block(g, 8, first_s, changes, count);
    put(g, "\n", 1);
    put(g, rule, strlen(rule));
    put(g, "\n", 1);
}

static seine_status read_it(given *g) {
    return seine_zone_read((seine_str){(const char *)g->bytes, g->size}, "Europe/Somewhere", &g->arena, &g->zone,
                           &g->error);
}

static void zone_of(given *g, int32_t first_s, const int64_t (*changes)[2], size_t count, const char *rule) {
    give(g, first_s, changes, count, rule);
    if (read_it(g) != SEINE_OK) fail_msg("%s: %s", rule, g->error.text);
}

/* What the clock showed, and when that was; NULL = never. */
static void assert_moment(const given *g, const char *local, const char *expected) {
    int64_t local_us = 0, time_us = 0;
    char text[40] = "never";
    assert_true(seine_time_parse(seine_str_of(local), &local_us));
    if (seine_zone_moment(g->zone, local_us, &time_us)) seine_time_format(time_us, text);
    if (strcmp(text, expected != NULL ? expected : "never") != 0)
        fail_msg("%s: %s instead of %s", local, text, expected != NULL ? expected : "never");
}

static void end(given *g) {
    seine_arena_free(&g->arena);
    *g = (given){.size = 0};
}

static void clocks_of_summer_and_winter_are_read(void **state) {
    (void)state;
    given g = {.size = 0};
    const int64_t changes[][2] = {{-2840140800, 3600}}; /* 1880-01-01 */
    zone_of(&g, 3020, changes, 1, "CET-1CEST,M3.5.0,M10.5.0/3");
    assert_string_equal(seine_zone_name(g.zone), "Europe/Somewhere");
    assert_moment(&g, "1879-12-31T12:00:00", "1879-12-31T11:09:40Z");
    assert_moment(&g, "2024-01-15T12:00:00", "2024-01-15T11:00:00Z");
    assert_moment(&g, "2024-07-15T12:00:00.25", "2024-07-15T10:00:00.250000Z");
    assert_moment(&g, "2024-03-31T01:59:59", "2024-03-31T00:59:59Z");
    assert_moment(&g, "2024-03-31T03:00:00", "2024-03-31T01:00:00Z");
    end(&g);
}

static void a_time_that_was_twice_is_the_first(void **state) {
    (void)state;
    given g = {.size = 0};
    zone_of(&g, 3600, NULL, 0, "CET-1CEST,M3.5.0,M10.5.0/3");
    assert_moment(&g, "2024-10-27T01:59:59", "2024-10-26T23:59:59Z");
    assert_moment(&g, "2024-10-27T02:00:00", "2024-10-27T00:00:00Z");
    assert_moment(&g, "2024-10-27T02:59:59", "2024-10-27T00:59:59Z");
    assert_moment(&g, "2024-10-27T03:00:00", "2024-10-27T02:00:00Z");
    end(&g);
}

static void a_time_that_never_was_is_none(void **state) {
    (void)state;
    given g = {.size = 0};
    const int64_t day_lost[][2] = {{1325239200, 14 * 3600}}; /* Samoa left out 2011-12-30 */
    zone_of(&g, 3600, NULL, 0, "CET-1CEST,M3.5.0,M10.5.0/3");
    assert_moment(&g, "2024-03-31T02:00:00", NULL);
    assert_moment(&g, "2024-03-31T02:59:59.999999", NULL);
    end(&g);
    zone_of(&g, -10 * 3600, day_lost, 1, "<+14>-14");
    assert_moment(&g, "2011-12-29T23:59:59", "2011-12-30T09:59:59Z");
    assert_moment(&g, "2011-12-30T12:00:00", NULL);
    assert_moment(&g, "2011-12-31T00:00:00", "2011-12-30T10:00:00Z");
    end(&g);
}

static void every_form_of_a_rule_is_followed(void **state) {
    (void)state;
    given g = {.size = 0};
    zone_of(&g, 36000, NULL, 0, "AEST-10AEDT,M10.1.0,M4.1.0/3"); /* summer over the turn of the year */
    assert_moment(&g, "2024-01-01T12:00:00", "2024-01-01T01:00:00Z");
    assert_moment(&g, "2024-06-01T12:00:00", "2024-06-01T02:00:00Z");
    assert_moment(&g, "2024-10-06T02:30:00", NULL);
    end(&g);
    zone_of(&g, 37800, NULL, 0, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"); /* half an hour */
    assert_moment(&g, "2024-10-06T02:15:00", NULL);
    assert_moment(&g, "2024-10-06T02:30:00", "2024-10-05T15:30:00Z");
    end(&g);
    zone_of(&g, -7200, NULL, 0, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0"); /* on the evening before */
    assert_moment(&g, "2024-03-30T22:59:59", "2024-03-31T00:59:59Z");
    assert_moment(&g, "2024-03-30T23:30:00", NULL);
    end(&g);
    zone_of(&g, 0, NULL, 0, "IST-1GMT0,M10.5.0,M3.5.0/1"); /* winter is the exception, as Ireland has it */
    assert_moment(&g, "2024-07-01T12:00:00", "2024-07-01T11:00:00Z");
    assert_moment(&g, "2024-01-01T12:00:00", "2024-01-01T12:00:00Z");
    end(&g);
    zone_of(&g, 0, NULL, 0, "AAA0BBB,J60/0,300/0"); /* March 1 in every year; the 301st day */
    assert_moment(&g, "2024-03-01T01:00:00", "2024-03-01T00:00:00Z");
    assert_moment(&g, "2023-03-01T01:00:00", "2023-03-01T00:00:00Z");
    assert_moment(&g, "2024-02-29T12:00:00", "2024-02-29T12:00:00Z");
    end(&g);
    zone_of(&g, 19800, NULL, 0, "IST-5:30"); /* none */
    assert_moment(&g, "2024-07-01T12:00:00", "2024-07-01T06:30:00Z");
    end(&g);
}

static void the_rule_holds_for_ever(void **state) {
    (void)state;
    given g = {.size = 0};
    zone_of(&g, 3600, NULL, 0, "CET-1CEST,M3.5.0,M10.5.0/3");
    assert_moment(&g, "2371-07-01T00:00:00", "2371-06-30T22:00:00Z");
    assert_moment(&g, "2372-01-01T00:00:00", "2371-12-31T23:00:00Z");
    assert_moment(&g, "9998-07-01T00:00:00", "9998-06-30T22:00:00Z");
    assert_moment(&g, "9996-03-31T02:30:00", NULL); /* a Sunday, as in 2396 and 2024 - 28 */
    end(&g);
}

static void a_file_of_version_1_is_read(void **state) {
    (void)state;
    given g = {.size = 0};
    const int64_t changes[][2] = {{1711846800, 7200}}; /* 2024-03-31 01:00 */
    put_header(&g, '\0', 0, 1, 2);
    put_block(&g, 4, 3600, changes, 1);
    assert_int_equal(read_it(&g), SEINE_OK);
    assert_moment(&g, "2024-03-31T01:00:00", "2024-03-31T00:00:00Z");
    assert_moment(&g, "2024-03-31T02:30:00", NULL);
    assert_moment(&g, "2040-01-01T02:00:00", "2040-01-01T00:00:00Z");
    end(&g);
}

/* Whatever byte a file ends at or has turned: refused with its name, or read, and never more than it has. */
static void a_broken_file_is_refused(void **state) {
    (void)state;
    given g = {.size = 0};
    const int64_t changes[][2] = {{0, 3600}, {86400, 7200}, {200000, 3600}};
    give(&g, 3020, changes, 3, "CET-1CEST,M3.5.0,M10.5.0/3");
    const size_t whole = g.size;
    uint8_t kept[sizeof g.bytes];
    memcpy(kept, g.bytes, whole);
    for (size_t size = 0; size < whole; size++) {
        uint8_t *exact = malloc(size + 1);
        assert_non_null(exact);
        memcpy(exact, kept, size);
        assert_int_equal(
            seine_zone_read((seine_str){(const char *)exact, size}, "Here/There", &g.arena, &g.zone, &g.error),
            SEINE_E_FORMAT);
        assert_string_equal(g.error.text, "the file of time zone Here/There is no whole TZif file");
        free(exact);
    }
    for (size_t at = 0; at < whole; at++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(g.bytes, kept, whole);
            g.bytes[at] ^= (uint8_t)(1 << bit);
            if (read_it(&g) != SEINE_OK) continue;
            int64_t time_us = 0;
            (void)seine_zone_moment(g.zone, INT64_C(1711846800000000), &time_us);
        }
        seine_arena_free(&g.arena);
    }
    end(&g);
}

static void what_cannot_be_told_is_refused(void **state) {
    (void)state;
    given g = {.size = 0};
    const int64_t unordered[][2] = {{86400, 3600}, {0, 7200}};
    const char *const rules[] = {"CET",
                                 "CET-1CEST",
                                 "CET-1CEST,M3.5.0",
                                 "CET-1CEST,M13.5.0,M10.5.0",
                                 "C-1",
                                 "CET-99",
                                 "CET-1CEST,M3.6.0,M10.5.0",
                                 "CET-1CEST,M3.5.7,M10.5.0",
                                 "CET-1CEST,J0,J5",
                                 "CET-1CEST,M3.5.0,M10.5.0/168",
                                 "CET-1x",
                                 "<CET-1"};
    give(&g, 0, unordered, 2, "");
    assert_int_equal(read_it(&g), SEINE_E_FORMAT);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        give(&g, 0, NULL, 0, rules[i]);
        if (read_it(&g) != SEINE_E_FORMAT) fail_msg("%s was read", rules[i]);
    }
    g.size = 0;
    put_header(&g, '\0', 1, 0, 1);
    put_block(&g, 4, 0, NULL, 0);
    put(&g, "\0\0\0\0\0\0\0\0", 8);
    assert_int_equal(read_it(&g), SEINE_E_UNSUPPORTED);
    assert_string_equal(g.error.text, "time zone Europe/Somewhere counts leap seconds, which times here do not");
    end(&g);
}

static void names_of_zones_stay_in_their_folder(void **state) {
    (void)state;
    const char *const good[] = {"Europe/Copenhagen", "UTC", "Etc/GMT+3", "America/Argentina/Buenos_Aires", "cet"};
    const char *const bad[] = {
        "",       "/etc/passwd",       "Europe/../../etc/passwd", "Europe//Paris", "Europe/", ".hidden", "Europe/Køge",
        "+01:00", "Europe/Copenhagen "};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(seine_zone_is_name(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (seine_zone_is_name(bad[i])) fail_msg("\"%s\" should be no name", bad[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_of_summer_and_winter_are_read),
        cmocka_unit_test(a_time_that_was_twice_is_the_first),
        cmocka_unit_test(a_time_that_never_was_is_none),
        cmocka_unit_test(every_form_of_a_rule_is_followed),
        cmocka_unit_test(the_rule_holds_for_ever),
        cmocka_unit_test(a_file_of_version_1_is_read),
        cmocka_unit_test(a_broken_file_is_refused),
        cmocka_unit_test(what_cannot_be_told_is_refused),
        cmocka_unit_test(names_of_zones_stay_in_their_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
