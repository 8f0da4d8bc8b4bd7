/* links: generate io base */
/* Generated messages of vehicles: fields, ranges and shares are those of the specification, defects are counted. */
#include "generate_support.h"

#include "base/json.h"
#include "base/number.h"
#include "generate/telematics.h"

#include <regex.h>

#define AT_US INT64_C(1683374400000000) /* 2023-05-06T12:00:00Z */
#define ROWS 50000

static const char *const fields[12] = {
    "vin",      "manufacturer",       "year",        "model",        "latitude",           "longitude", "timestamp",
    "velocity", "frontLeftDoorState", "wipersState", "gearPosition", "driverSeatbeltState"};

static seine_status append(void *context, const void *bytes, size_t size, seine_error *error) {
    (void)error;
    return seine_buf_append(context, bytes, size);
}

static seine_telematics_file small_file(void) {
    return (seine_telematics_file){
        .telematics = seine_telematics_default(7, AT_US), .rows = ROWS, .is_array = true, .threads = 2};
}

static seine_telematics_tally generate(const seine_telematics_file *file, seine_buf *text) {
    seine_error error = {SEINE_OK, ""};
    seine_telematics_tally tally;
    uint64_t bytes = 0;
    seine_buf_init(text, (size_t)1 << 30);
    if (seine_generate_telematics(file, append, text, NULL, &tally, &bytes, &error) != SEINE_OK)
        fail_msg("%s", error.text);
    assert_int_equal(bytes, text->size);
    assert_int_equal(tally.rows, file->rows);
    return tally;
}

static seine_json *parse(const seine_buf *text) {
    seine_json *json = NULL;
    seine_error error = {SEINE_OK, ""};
    if (seine_json_parse(seine_buf_str(text), "messages", &json, &error) != SEINE_OK) fail_msg("%s", error.text);
    return json;
}

static bool is_text(seine_json_value message, const char *field, const char *text) {
    return seine_str_equal(seine_json_text(seine_json_get(message, field)), seine_str_of(text));
}

static bool is_null(seine_json_value message, const char *field) {
    return seine_json_kind_of(seine_json_get(message, field)) == SEINE_JSON_NULL;
}

/* ---- what rules make of a message, anew ---- */

static bool has_time(seine_json_value message) {
    const seine_json_value value = seine_json_get(message, "timestamp");
    int64_t time_ms;
    return seine_json_kind_of(value) == SEINE_JSON_INT || seine_integer_parse(seine_json_text(value), &time_ms);
}

static bool has_gear(seine_json_value message) {
    double number;
    return is_text(message, "gearPosition", "NEUTRAL") || is_text(message, "gearPosition", "REVERSE") ||
           seine_number_parse(seine_json_text(seine_json_get(message, "gearPosition")), &number);
}

static bool is_injection(const regex_t *pattern, seine_json_value message) {
    char vin[100];
    const seine_str text = seine_json_text(seine_json_get(message, "vin"));
    (void)snprintf(vin, sizeof vin, "%.*s", SEINE_STR_ARG(text));
    return regexec(pattern, vin, 0, NULL, 0) == 0;
}

static void counts_are_those_of_the_rules(void **state) {
    (void)state;
    seine_telematics_file file = small_file();
    seine_telematics_tally seen = {0};
    seine_buf text;
    regex_t injection;
    assert_int_equal(regcomp(&injection,
                             "'([^']|'')*'|;|\\b(ALTER|CREATE|DELETE|DROP|EXEC|EXECUTE|INSERT( +INTO)?|MERGE|SELECT|"
                             "UPDATE|UNION( +ALL)?)\\b",
                             REG_EXTENDED | REG_ICASE | REG_NOSUB),
                     0);
    file.telematics.defects = 0.1;
    const seine_telematics_tally told = generate(&file, &text);
    seine_json *json = parse(&text);
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(json), &it)) {
        const int64_t velocity = seine_json_int(seine_json_get(it.value, "velocity"), -1);
        seen.rows++;
        seen.injections += is_injection(&injection, it.value);
        if (!has_time(it.value))
            seen.no_time++;
        else if (seine_json_text(seine_json_get(it.value, "vin")).size == 0)
            seen.no_vin++;
        else if (!has_gear(it.value))
            seen.no_gear++;
        else
            seen.too_fast += velocity < 0 || velocity > 300;
    }
    assert_int_equal(seen.rows, told.rows);
    assert_int_equal(seen.no_time, told.no_time);
    assert_int_equal(seen.no_vin, told.no_vin);
    assert_int_equal(seen.no_gear, told.no_gear);
    assert_int_equal(seen.too_fast, told.too_fast);
    assert_int_equal(seen.injections, told.injections);
    assert_true(told.no_time > 100 && told.injections > 100);
    regfree(&injection);
    seine_json_free(json);
    seine_buf_free(&text);
}

/* ---- shares and ranges ---- */

static void assert_share(const char *what, uint64_t count, double per_cent) {
    const double found = 100.0 * (double)count / ROWS, room = 0.3 + per_cent * 0.06;
    if (found < per_cent - room || found > per_cent + room) fail_msg("%s: %.2f %%, not %.1f", what, found, per_cent);
}

static void assert_shares(seine_json_value messages, const char *field, const char *const *texts, const double *shares,
                          size_t count) {
    for (size_t i = 0; i < count; i++) {
        seine_json_iter it = {0};
        uint64_t found = 0;
        while (seine_json_next(messages, &it)) {
            const seine_json_value value = seine_json_get(it.value, field);
            if (texts[i] == NULL)
                found += seine_json_kind_of(value) == SEINE_JSON_NULL;
            else if (seine_json_kind_of(value) == SEINE_JSON_BOOL)
                found += seine_json_bool(value, false) == (strcmp(texts[i], "true") == 0);
            else
                found += is_text(it.value, field, texts[i]);
        }
        assert_share(texts[i] != NULL ? texts[i] : field, found, shares[i]);
    }
}

static void shares_are_those_of_the_real_messages(void **state) {
    (void)state;
    static const char *const gears[] = {"1", "5", "4", "3", "6", "2", NULL, "0", "NEUTRAL", "-1", "REVERSE"};
    static const double gear_shares[] = {20, 15, 12, 12, 10, 10, 10, 5, 5, 0.5, 0.5};
    static const char *const locks[] = {"LOCKED", "UNLOCKED", NULL}, *const flags[] = {"true", "false", NULL},
                             *const none[] = {NULL};
    static const double doors[] = {40, 40, 20}, belts[] = {77, 3, 20}, wipers[] = {5.5, 88.5, 6}, vin[] = {4.3};
    static const char *const makers[] = {" Buick"}, *const models[] = {" V8 Vantage"};
    static const double one[] = {4.4};
    static const int64_t velocities[] = {0, 100, 60, 450, 190};
    static const double velocity_shares[] = {15.5, 13.2, 12, 4.4, 0.4};
    seine_telematics_file file = small_file();
    seine_buf text;
    file.telematics.defects = 0;
    generate(&file, &text);
    seine_json *json = parse(&text);
    const seine_json_value messages = seine_json_root(json);
    assert_shares(messages, "gearPosition", gears, gear_shares, 11);
    assert_shares(messages, "frontLeftDoorState", locks, doors, 3);
    assert_shares(messages, "driverSeatbeltState", locks, belts, 3);
    assert_shares(messages, "wipersState", flags, wipers, 3);
    assert_shares(messages, "vin", none, vin, 1);
    assert_shares(messages, "manufacturer", makers, one, 1);
    assert_shares(messages, "model", models, one, 1);
    for (size_t i = 0; i < 5; i++) {
        seine_json_iter it = {0};
        uint64_t found = 0;
        while (seine_json_next(messages, &it))
            found += seine_json_int(seine_json_get(it.value, "velocity"), -1) == velocities[i];
        assert_share("velocity", found, velocity_shares[i]);
    }
    seine_json_free(json);
    seine_buf_free(&text);
}

static bool is_velocity(int64_t velocity) {
    static const int64_t known[] = {0, 20, 40, 50, 60, 80, 90, 100, 120, 130, 140, 150, 160, 190};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i] == velocity) return true;
    return false;
}

static void assert_place(seine_json_value message) {
    const double lat = seine_json_number(seine_json_get(message, "latitude"), 0);
    const double lon = seine_json_number(seine_json_get(message, "longitude"), 0);
    assert_true(lat >= 34 && lat <= 48 && lon >= -120.99 && lon <= -78);
    char number[32];
    assert_int_equal(seine_json_kind_of(seine_json_get(message, "latitude")), SEINE_JSON_REAL);
    assert_true(seine_number_text(lat, number) <= 5); /* two decimals */
    assert_true(seine_number_text(lon, number) <= 7);
}

static void every_field_is_there_and_in_its_range(void **state) {
    (void)state;
    seine_telematics_file file = small_file();
    seine_buf text;
    uint64_t in_order = 0, cars = 0, standing = 0, in_first = 0;
    regex_t zeros;
    int64_t former = 0;
    file.telematics.defects = 0;
    generate(&file, &text);
    seine_json *json = parse(&text);
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(json), &it)) {
        seine_json_iter field = {0};
        for (size_t i = 0; i < 12; i++) {
            assert_true(seine_json_next(it.value, &field));
            assert_true(seine_str_equal(field.key, seine_str_of(fields[i])));
        }
        assert_false(seine_json_next(it.value, &field));
        const int64_t time_ms = seine_json_int(seine_json_get(it.value, "timestamp"), 0);
        assert_in_range(time_ms, AT_US / 1000 - 3600000 + 2, AT_US / 1000 - 1000 + 14);
        assert_in_range(time_ms % 1000, 2, 14);
        in_order += time_ms >= former;
        former = time_ms;
        const bool is_broken =
            is_text(it.value, "model", "Camry") && seine_json_int(seine_json_get(it.value, "year"), 0) == 2015;
        const int64_t velocity = seine_json_int(seine_json_get(it.value, "velocity"), -1);
        assert_true(is_broken ? velocity == 450 : is_velocity(velocity));
        cars += is_broken;
        standing += velocity == 0;
        in_first += velocity == 0 && is_text(it.value, "gearPosition", "1");
        assert_in_range(seine_json_int(seine_json_get(it.value, "year"), 0), 1981, 2016);
        if (is_null(it.value, "vin"))
            assert_true(is_text(it.value, "manufacturer", "Toyota") && is_text(it.value, "model", "Tacoma"));
        else
            assert_int_equal(seine_json_text(seine_json_get(it.value, "vin")).size, 17);
        assert_place(it.value);
    }
    assert_in_range(in_order, ROWS * 4 / 10, ROWS * 6 / 10);
    assert_true(cars > 0);
    assert_in_range(in_first * 100, standing * 18, standing * 22); /* fields do not depend on each other */
    assert_int_equal(regcomp(&zeros, "\\.[0-9]0,", REG_NOSUB), 0);
    assert_int_equal(regexec(&zeros, seine_buf_text(&text), 0, NULL, 0), REG_NOMATCH); /* 37.5, not 37.50 */
    regfree(&zeros);
    seine_json_free(json);
    seine_buf_free(&text);
}

static int compare_texts(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* How many vins there are, and how many messages have vin and time of another. */
static void count_keys(const seine_telematics_file *file, uint64_t *vins, uint64_t *duplicates) {
    seine_buf text;
    generate(file, &text);
    seine_json *json = parse(&text);
    char **keys = calloc(file->rows, sizeof *keys);
    seine_json_iter it = {0};
    size_t count = 0;
    while (seine_json_next(seine_json_root(json), &it)) {
        const seine_str vin = seine_json_text(seine_json_get(it.value, "vin"));
        if (asprintf(&keys[count++], "%.*s %lld", SEINE_STR_ARG(vin),
                     (long long)seine_json_int(seine_json_get(it.value, "timestamp"), 0)) < 0)
            fail();
    }
    qsort(keys, count, sizeof *keys, compare_texts);
    *vins = *duplicates = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t size = strcspn(keys[i], " ") + 1;
        *vins += i == 0 || strncmp(keys[i], keys[i - 1], size) != 0;
        *duplicates += i > 0 && strcmp(keys[i], keys[i - 1]) == 0;
    }
    for (size_t i = 0; i < count; i++) free(keys[i]);
    free(keys);
    seine_json_free(json);
    seine_buf_free(&text);
}

/* One in two hundred of what a call of the default amount brings. */
static void vehicles_and_duplicates_are_as_many_as_those_of_the_real_messages(void **state) {
    (void)state;
    seine_telematics_file file = small_file();
    uint64_t vins, duplicates;
    file.rows = 10000;
    file.telematics.defects = 0;
    count_keys(&file, &vins, &duplicates);
    assert_int_equal(vins, SEINE_TELEMATICS_VEHICLES);
    assert_in_range(duplicates, 25, 75);
    file.telematics.vehicles = 1000;
    file.telematics.hours = 24;
    count_keys(&file, &vins, &duplicates);
    assert_in_range(vins, 940, 958); /* those without a vin count once */
    assert_in_range(duplicates, 0, 3);
}

/* ---- bytes ---- */

static void the_same_options_give_the_same_bytes_with_any_number_of_threads(void **state) {
    (void)state;
    seine_telematics_file file = small_file();
    seine_buf one, three, other, packed;
    file.rows = 200000; /* several blocks */
    file.is_array = false;
    file.threads = 1;
    generate(&file, &one);
    file.threads = 3;
    generate(&file, &three);
    assert_true(seine_str_equal(seine_buf_str(&one), seine_buf_str(&three)));
    file.telematics.seed++;
    generate(&file, &other);
    assert_false(seine_str_equal(seine_buf_str(&one), seine_buf_str(&other)));
    file.telematics.seed--;
    file.packing = SEINE_GENERATE_ZST;
    generate(&file, &packed);
    assert_true(packed.size < one.size / 4);
    seine_buf_free(&one);
    seine_buf_free(&three);
    seine_buf_free(&other);
    seine_buf_free(&packed);
}

/* Message number n is the same one alone, as a line, and in an array. */
static void lines_and_arrays_hold_the_same_messages(void **state) {
    (void)state;
    seine_telematics_file file = small_file();
    seine_buf array, lines, alone;
    seine_buf_init(&alone, 1 << 20);
    file.rows = 3;
    generate(&file, &array);
    file.is_array = false;
    generate(&file, &lines);
    for (uint64_t n = 0; n < 3; n++) {
        assert_int_equal(seine_telematics_message(&file.telematics, n, &alone, NULL), SEINE_OK);
        assert_int_equal(seine_buf_append_str(&alone, "\n"), SEINE_OK);
    }
    assert_true(seine_str_equal(seine_buf_str(&alone), seine_buf_str(&lines)));
    seine_json *json = parse(&array);
    assert_int_equal(seine_json_count(seine_json_root(json)), 3);
    seine_json_free(json);
    seine_buf_free(&array);
    seine_buf_free(&lines);
    file.rows = 0;
    file.is_array = true;
    generate(&file, &array);
    assert_string_equal(seine_buf_text(&array), "[]\n");
    seine_buf_free(&array);
    seine_buf_free(&alone);
}

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    seine_telematics_file files[6];
    for (size_t i = 0; i < 6; i++) files[i] = small_file();
    files[0].telematics.hours = 0;
    files[1].telematics.vehicles = 0;
    files[2].telematics.defects = 1.5;
    files[3].telematics.at_us = 0;
    files[4].threads = 65;
    files[5].packing = SEINE_GENERATE_ZIP;
    for (size_t i = 0; i < 6; i++) {
        seine_telematics_tally tally;
        uint64_t bytes;
        seine_buf text;
        seine_buf_init(&text, 1 << 20);
        assert_int_equal(seine_generate_telematics(&files[i], append, &text, NULL, &tally, &bytes, NULL),
                         SEINE_E_USAGE);
        assert_int_equal(text.size, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_the_rules),
        cmocka_unit_test(shares_are_those_of_the_real_messages),
        cmocka_unit_test(every_field_is_there_and_in_its_range),
        cmocka_unit_test(vehicles_and_duplicates_are_as_many_as_those_of_the_real_messages),
        cmocka_unit_test(the_same_options_give_the_same_bytes_with_any_number_of_threads),
        cmocka_unit_test(lines_and_arrays_hold_the_same_messages),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
