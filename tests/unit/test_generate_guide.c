/* links: generate io base */
/* The guide's CSV: columns, ranges and types of the specification, as many rows as were asked for, flaws counted. */
#include "generate_support.h"

#include "base/number.h"
#include "base/time.h"
#include "generate/guide.h"

#define FIRST_DAY 20089 /* 2025-01-01 */
#define COLUMNS 7

static seine_status append(void *context, const void *bytes, size_t size, seine_error *error) {
    (void)error;
    return seine_buf_append(context, bytes, size);
}

static seine_guide_options small_options(void) {
    return (seine_guide_options){
        .rows = 60000, .first_day = FIRST_DAY, .days = 3, .interval_s = 300, .seed = 7, .threads = 2};
}

static seine_guide_result generate(const seine_guide_options *options, seine_buf *text) {
    seine_error error = {SEINE_OK, ""};
    seine_guide_result result;
    seine_buf_init(text, (size_t)1 << 30);
    if (seine_generate_guide(options, append, text, NULL, &result, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(result.bytes, text->size);
    return result;
}

/* ---- an independent reader ---- */

typedef struct row {
    int64_t mmsi, time_us;
    double lat, lon, speed;
    bool has_lat, has_lon, has_speed;
    char type[16];
} row;

static row read_row(seine_str line) {
    seine_str values[COLUMNS] = {{NULL, 0}};
    size_t count = 0, begin = 0;
    row r = {0};
    for (size_t i = 0; i <= line.size; i++) {
        if (i < line.size && line.data[i] != ',') continue;
        assert_true(count < COLUMNS);
        values[count++] = (seine_str){line.data + begin, i - begin};
        begin = i + 1;
    }
    assert_int_equal(count, COLUMNS);
    assert_int_equal(values[0].size, 9);
    assert_true(seine_integer_parse(values[0], &r.mmsi));
    assert_int_equal(values[1].size, 19);
    assert_int_equal(values[1].data[10], 'T');
    assert_true(seine_time_parse(values[1], &r.time_us));
    r.has_lat = seine_number_parse(values[2], &r.lat);
    r.has_lon = seine_number_parse(values[3], &r.lon);
    r.has_speed = seine_number_parse(values[4], &r.speed);
    assert_true(values[5].size > 3);
    (void)snprintf(r.type, sizeof r.type, "%.*s", SEINE_STR_ARG(values[6]));
    return r;
}

static row *read_rows(const seine_buf *text, size_t *count) {
    static const char header[] = "mmsi,timestamp,latitude,longitude,speed,vessel_name,vessel_type\n";
    const char *at = (const char *)text->data, *end = at + text->size;
    row *rows = malloc((text->size / 40 + 1) * sizeof *rows);
    assert_memory_equal(at, header, sizeof header - 1);
    *count = 0;
    for (at += sizeof header - 1; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        assert_non_null(line_end);
        rows[(*count)++] = read_row((seine_str){at, (size_t)(line_end - at)});
        at = line_end + 1;
    }
    return rows;
}

static int by_vessel_and_time(const void *a, const void *b) {
    const row *x = a, *y = b;
    if (x->mmsi != y->mmsi) return x->mmsi < y->mmsi ? -1 : 1;
    return (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

static bool is_place(const row *r) {
    return r->has_lat && r->has_lon && r->lat >= -90 && r->lat <= 90 && r->lon >= -180 && r->lon <= 180;
}

static void check(const seine_guide_options *options) {
    static const char *const types[] = {"Cargo", "Tanker", "Passenger", "Fishing", "Tug"};
    seine_guide_result seen = {0};
    seine_buf text;
    size_t count, of_type[5] = {0}, of_day[4] = {0};
    const seine_guide_result told = generate(options, &text);
    row *rows = read_rows(&text, &count);
    qsort(rows, count, sizeof *rows, by_vessel_and_time);
    for (size_t i = 0; i < count; i++) {
        const bool is_first = i == 0 || rows[i].mmsi != rows[i - 1].mmsi;
        const int32_t day = seine_time_day(rows[i].time_us) - options->first_day;
        assert_in_range(day, 0, options->days - 1);
        if (day < 4) of_day[day]++;
        seen.vessels += is_first;
        seen.duplicates += !is_first && rows[i].time_us == rows[i - 1].time_us;
        seen.bad_positions += !is_place(&rows[i]);
        seen.bad_speeds += is_place(&rows[i]) && (!rows[i].has_speed || rows[i].speed < 0 || rows[i].speed > 100);
        for (size_t k = 0; k < 5; k++) of_type[k] += strcmp(rows[i].type, types[k]) == 0;
    }
    assert_int_equal(count, options->rows);
    assert_int_equal(told.rows, count);
    assert_int_equal(told.vessels, seen.vessels);
    assert_int_equal(told.duplicates, seen.duplicates);
    assert_int_equal(told.bad_positions, seen.bad_positions);
    assert_int_equal(told.bad_speeds, seen.bad_speeds);
    assert_int_equal(of_type[0] + of_type[1] + of_type[2] + of_type[3] + of_type[4], count);
    if (told.vessels > 50) {
        for (size_t k = 0; k < 5; k++) assert_true(of_type[k] > count / 25);
        for (uint32_t day = 0; day < options->days && day < 4; day++)
            assert_in_range(of_day[day], count / options->days * 9 / 10, count / options->days * 11 / 10);
        assert_true(told.duplicates > 0 && told.bad_positions > 0 && told.bad_speeds > 0);
    }
    free(rows);
    seine_buf_free(&text);
}

static void rows_types_and_counts_are_as_told(void **state) {
    (void)state;
    const seine_guide_options options = small_options();
    check(&options);
}

static void the_guide_s_three_days_are_864000_rows_of_a_thousand_vessels(void **state) {
    (void)state;
    seine_guide_options options = small_options();
    seine_buf text;
    options.rows = 864000;
    check(&options);
    const seine_guide_result told = generate(&options, &text);
    assert_in_range(told.vessels, 1000, 1015);
    seine_buf_free(&text);
}

static void rows_are_as_many_as_asked_for_whatever_is_silent(void **state) {
    (void)state;
    static const struct {
        uint64_t rows;
        uint32_t days, interval_s;
    } cases[] = {{1, 3, 300},   {2, 1, 7200},     {863, 3, 300},         {865, 3, 300},
                 {70000, 1, 1}, {9999, 31, 3600}, {50001, 2, 86400 / 24}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_guide_options options = small_options();
        options.rows = cases[i].rows;
        options.days = cases[i].days;
        options.interval_s = cases[i].interval_s;
        check(&options);
    }
}

/* Speeds of all four categories, and what the guide takes for fishing: 2 to 5 knots after more than an hour. */
static void speeds_and_silences_make_every_category_and_some_fishing(void **state) {
    (void)state;
    seine_guide_options options = small_options();
    seine_buf text;
    size_t count, fishing = 0, of_speed[4] = {0}, not_told = 0, sentinels = 0;
    options.rows = 864000;
    generate(&options, &text);
    row *rows = read_rows(&text, &count);
    qsort(rows, count, sizeof *rows, by_vessel_and_time);
    for (size_t i = 1; i < count; i++) {
        not_told += !rows[i].has_speed;
        sentinels += rows[i].has_speed && rows[i].speed > 102.2;
        if (!rows[i].has_speed || rows[i].speed < 0 || rows[i].speed > 100) continue;
        of_speed[rows[i].speed == 0 ? 0 : rows[i].speed < 5 ? 1 : rows[i].speed < 15 ? 2 : 3]++;
        const bool is_late = rows[i].mmsi == rows[i - 1].mmsi && rows[i].time_us - rows[i - 1].time_us > SEINE_HOUR_US;
        fishing += is_late && rows[i].speed >= 2 && rows[i].speed <= 5;
    }
    for (size_t k = 0; k < 4; k++) assert_true(of_speed[k] > count / 100);
    assert_in_range(fishing, 30, 300);
    assert_true(not_told > 100 && sentinels > 100); /* what is not known is empty, or what AIS sends for it */
    free(rows);
    seine_buf_free(&text);
}

static void the_same_options_give_the_same_bytes_with_any_number_of_threads(void **state) {
    (void)state;
    seine_guide_options options = small_options();
    seine_buf one, three, other;
    options.rows = 300000;
    options.threads = 1;
    generate(&options, &one);
    options.threads = 3;
    generate(&options, &three);
    assert_true(seine_str_equal(seine_buf_str(&one), seine_buf_str(&three)));
    options.seed++;
    generate(&options, &other);
    assert_false(seine_str_equal(seine_buf_str(&one), seine_buf_str(&other)));
    seine_buf_free(&one);
    seine_buf_free(&three);
    seine_buf_free(&other);
}

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    seine_guide_options all[5];
    for (size_t i = 0; i < 5; i++) all[i] = small_options();
    all[0].rows = 0;
    all[1].days = 367;
    all[2].interval_s = 7201;
    all[3].threads = 0;
    all[4].rows = 400000000; /* more than 200,000 vessels send in three days */
    all[4].interval_s = 7200;
    for (size_t i = 0; i < 5; i++) {
        seine_guide_result result;
        seine_buf text;
        seine_buf_init(&text, 1 << 20);
        assert_int_equal(seine_generate_guide(&all[i], append, &text, NULL, &result, NULL), SEINE_E_USAGE);
        assert_int_equal(text.size, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_types_and_counts_are_as_told),
        cmocka_unit_test(the_guide_s_three_days_are_864000_rows_of_a_thousand_vessels),
        cmocka_unit_test(rows_are_as_many_as_asked_for_whatever_is_silent),
        cmocka_unit_test(speeds_and_silences_make_every_category_and_some_fishing),
        cmocka_unit_test(the_same_options_give_the_same_bytes_with_any_number_of_threads),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
