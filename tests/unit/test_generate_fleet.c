/* links: generate ingest table engine decode columns io base */
/* Generated vessels behave and are numbered like vessels. */
#include "generate_support.h"

#include "base/json.h"
#include "generate/fleet.h"

#include <math.h>

#define RADIANS (3.14159265358979323846 / 180.0)

static const seine_generate_options options = {.folder = ".",
                                               .first_day = 20089,
                                               .days = 3,
                                               .vessels = 600,
                                               .interval_s = 120,
                                               .seed = 3,
                                               .style = SEINE_GENERATE_2025,
                                               .threads = 1};

static int make_fleet(void **state) {
    seine_fleet *fleet = calloc(1, sizeof *fleet);
    *state = fleet;
    return fleet != NULL && seine_fleet_init(fleet, &options, NULL) == SEINE_OK ? 0 : -1;
}

static int free_fleet(void **state) {
    seine_fleet_free(*state);
    free(*state);
    return 0;
}

static double apart_nmi(const seine_report *a, const seine_report *b) {
    const double north = (b->lat_e5 - a->lat_e5) * 60e-5;
    double east_deg = (b->lon_e5 - a->lon_e5) * 1e-5;
    east_deg -= 360 * round(east_deg / 360);
    return hypot(north, east_deg * 60 * cos(a->lat_e5 * 1e-5 * RADIANS));
}

/* Two fixes apart say how fast the vessel was, to about a knot: positions carry noise of some metres. */
static void no_vessel_is_faster_than_its_kind_or_jumps(void **state) {
    const seine_fleet *fleet = *state;
    double fastest_kn = 0;
    for (uint32_t i = 0; i < fleet->count; i++) {
        seine_report before = seine_fleet_report(fleet, &fleet->vessels[i], 0);
        for (uint32_t slot = 1; slot < fleet->slots; slot++) {
            const seine_report now = seine_fleet_report(fleet, &fleet->vessels[i], slot);
            assert_true(now.time_s > before.time_s);
            const double kn = apart_nmi(&before, &now) / (double)(now.time_s - before.time_s) * 3600;
            if (kn > 23.5) fail_msg("vessel %u made %.1f knots at slot %u", i, kn, slot);
            fastest_kn = fmax(fastest_kn, kn);
            before = now;
        }
    }
    assert_true(fastest_kn > 15);
}

static void a_second_fix_lies_half_an_interval_away_in_the_same_slot(void **state) {
    const seine_fleet *fleet = *state;
    for (uint32_t i = 0; i < fleet->count; i++) {
        for (uint32_t slot = 0; slot < fleet->slots; slot += 7) {
            const seine_report one = seine_fleet_report(fleet, &fleet->vessels[i], slot);
            const seine_report other = seine_fleet_other_report(fleet, &fleet->vessels[i], slot);
            assert_int_equal(llabs(one.time_s - other.time_s), options.interval_s / 2);
            assert_int_equal(one.time_s / options.interval_s, other.time_s / options.interval_s);
            const double kn = apart_nmi(&one, &other) / (options.interval_s / 2) * 3600;
            if (kn > 24) fail_msg("vessel %u made %.1f knots at slot %u", i, kn, slot);
        }
    }
}

static void vessels_lie_still_sail_and_fish(void **state) {
    const seine_fleet *fleet = *state;
    uint64_t still = 0, fishing = 0, sailing = 0;
    for (uint32_t i = 0; i < fleet->count; i++) {
        for (uint32_t slot = 0; slot < fleet->slots; slot += 30) {
            const seine_report now = seine_fleet_report(fleet, &fleet->vessels[i], slot);
            if (now.sog_tenths == SEINE_GENERATE_UNKNOWN_SOG || now.status < 0) continue;
            still += (now.status == 1 || now.status == 5) && now.sog_tenths <= 1;
            fishing += now.status == 7 && now.sog_tenths >= 20 && now.sog_tenths <= 50;
            sailing += now.status == 0 && now.sog_tenths >= 75 && now.sog_tenths <= 225;
            if (now.status == 0) assert_in_range(now.sog_tenths, 75, 225);
            if (now.status == 7) assert_in_range(now.sog_tenths, 20, 50);
        }
    }
    assert_true(still > 1000 && fishing > 500 && sailing > 5000);
}

static void companions_stay_within_half_a_mile(void **state) {
    const seine_fleet *fleet = *state;
    uint64_t compared = 0;
    for (uint32_t i = 0; i < fleet->count; i++) {
        if (fleet->vessels[i].companion == SEINE_GENERATE_NO_VESSEL) continue;
        for (uint32_t slot = 0; slot < fleet->slots; slot++) {
            const seine_report one = seine_fleet_report(fleet, &fleet->vessels[i], slot);
            const seine_report other = seine_fleet_report(fleet, &fleet->vessels[fleet->vessels[i].companion], slot);
            if (llabs(one.time_s - other.time_s) > 15) continue;
            if (apart_nmi(&one, &other) > 0.5) fail_msg("%.2f nmi apart at slot %u", apart_nmi(&one, &other), slot);
            compared++;
        }
    }
    assert_true(compared > 1000);
}

static void imo_numbers_carry_their_check_digit(void **state) {
    const seine_fleet *fleet = *state;
    size_t numbered = 0;
    for (uint32_t i = 0; i < fleet->count; i++) {
        const char *imo = strstr(fleet->vessels[i].middle, ",IMO");
        if (imo == NULL) continue;
        imo += 4;
        int sum = 0;
        for (int k = 0; k < 6; k++) sum += (imo[k] - '0') * (7 - k);
        assert_int_equal(sum % 10, imo[6] - '0');
        assert_int_equal(imo[7], ',');
        numbered++;
    }
    assert_true(numbered > 200);
}

static int compare_numbers(const void *a, const void *b) {
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void only_the_planted_pair_shares_an_mmsi(void **state) {
    const seine_fleet *fleet = *state;
    uint32_t numbers[600];
    size_t shared = 0;
    for (uint32_t i = 0; i < fleet->count; i++) numbers[i] = fleet->vessels[i].mmsi;
    qsort(numbers, fleet->count, sizeof *numbers, compare_numbers);
    for (uint32_t i = 1; i < fleet->count; i++) shared += numbers[i] == numbers[i - 1];
    assert_int_equal(shared, 1);
}

static void mmsis_begin_with_digits_of_a_flag_state(void **state) {
    const seine_fleet *fleet = *state;
    const char *shared = getenv("SEINE_SHARED");
    char path[1024];
    snprintf(path, sizeof path, "%s/data/reference/mids.json", shared != NULL ? shared : "../shared");
    if (!seine_file_exists(path)) {
        print_message("skipped: %s is absent\n", path);
        skip();
    }
    seine_buf text;
    seine_buf_init(&text, (size_t)1 << 22);
    seine_json *json = NULL;
    assert_int_equal(seine_file_read(path, &text, NULL), SEINE_OK);
    assert_int_equal(seine_json_parse(seine_buf_str(&text), path, &json, NULL), SEINE_OK);
    assert_null(seine_json_get(seine_json_root(json), "999")); /* so the test can fail */
    for (uint32_t i = 0; i < fleet->count; i++) {
        char mid[16];
        snprintf(mid, sizeof mid, "%u", fleet->vessels[i].mmsi / 1000000);
        if (seine_json_get(seine_json_root(json), mid) == NULL) fail_msg("no flag state has %s", mid);
    }
    seine_json_free(json);
    seine_buf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_vessel_is_faster_than_its_kind_or_jumps),
        cmocka_unit_test(a_second_fix_lies_half_an_interval_away_in_the_same_slot),
        cmocka_unit_test(vessels_lie_still_sail_and_fish),
        cmocka_unit_test(companions_stay_within_half_a_mile),
        cmocka_unit_test(imo_numbers_carry_their_check_digit),
        cmocka_unit_test(only_the_planted_pair_shares_an_mmsi),
        cmocka_unit_test(mmsis_begin_with_digits_of_a_flag_state),
    };
    return cmocka_run_group_tests(tests, make_fleet, free_fleet);
}
