/* links: generate ingest table engine decode columns io base */
/* Generated days: same bytes for the same seed, and a truth file that an independent count agrees with. */
#include "generate_support.h"

#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "generate/generate.h"
#include "io/file.h"

#define FILE_MAX_BYTES ((size_t)1 << 28)
#define COLUMNS 17

static seine_generate_options small_options(const char *folder) {
    return (seine_generate_options){.folder = folder,
                                    .first_day = 20089 /* 2025-01-01 */,
                                    .days = 2,
                                    .vessels = 120,
                                    .interval_s = 600,
                                    .seed = 7,
                                    .style = SEINE_GENERATE_2025,
                                    .packing = SEINE_GENERATE_PLAIN,
                                    .threads = 2};
}

static seine_generate_result generate(const seine_generate_options *options) {
    seine_error error = {SEINE_OK, ""};
    seine_generate_result result;
    if (seine_generate_ais(options, NULL, &result, &error) != SEINE_OK) fail_msg("%s", error.text);
    return result;
}

static seine_buf read_file(const char *folder, const char *name) {
    char path[1024];
    seine_buf text;
    seine_error error = {SEINE_OK, ""};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    seine_buf_init(&text, FILE_MAX_BYTES);
    if (seine_file_read(path, &text, &error) != SEINE_OK) fail_msg("%s", error.text);
    return text;
}

/* ---- an independent reader of the rows ---- */

typedef struct fix {
    int64_t mmsi, time_s;
} fix;

typedef struct counts {
    uint64_t rows, ragged, id, time, position, duplicates;
    uint64_t closed_gaps, open_gaps, movers;
} counts;

static size_t split(seine_str line, seine_str fields[COLUMNS + 1]) {
    size_t count = 0, begin = 0;
    for (size_t i = 0; i <= line.size && count <= COLUMNS; i++) {
        if (i < line.size && line.data[i] != ',') continue;
        fields[count++] = (seine_str){line.data + begin, i - begin};
        begin = i + 1;
    }
    return count;
}

/* @return whether the row is good; else it is counted under its reason. */
static bool read_row(seine_str line, bool has_lon_first, counts *seen, fix *out) {
    seine_str fields[COLUMNS + 1];
    double lat, lon;
    int64_t time_us;
    seen->rows++;
    if (split(line, fields) != COLUMNS) return seen->ragged++, false;
    if (!seine_integer_parse(fields[0], &out->mmsi)) return seen->id++, false;
    if (!seine_time_parse(fields[1], &time_us)) return seen->time++, false;
    const bool is_place = seine_number_parse(fields[has_lon_first ? 3 : 2], &lat) &&
                          seine_number_parse(fields[has_lon_first ? 2 : 3], &lon);
    if (!is_place || lat < -90 || lat > 90 || lon < -180 || lon >= 180) return seen->position++, false;
    out->time_s = time_us / SEINE_SECOND_US;
    return true;
}

static size_t read_rows(const seine_buf *text, bool has_lon_first, counts *seen, fix *fixes, size_t capacity) {
    const char *at = (const char *)text->data, *end = at + text->size;
    size_t count = 0;
    for (bool is_header = true; at < end; is_header = false) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        assert_non_null(line_end);
        if (!is_header && read_row((seine_str){at, (size_t)(line_end - at)}, has_lon_first, seen, &fixes[count])) {
            assert_true(++count < capacity);
        }
        at = line_end + 1;
    }
    return count;
}

static int compare_fixes(const void *a, const void *b) {
    const fix *x = a, *y = b;
    if (x->mmsi != y->mmsi) return x->mmsi < y->mmsi ? -1 : 1;
    return (x->time_s > y->time_s) - (x->time_s < y->time_s);
}

static void count_fixes(fix *fixes, size_t count, int64_t watermark_s, counts *seen) {
    qsort(fixes, count, sizeof *fixes, compare_fixes);
    for (size_t i = 0; i < count; i++) {
        const bool is_last = i + 1 == count || fixes[i + 1].mmsi != fixes[i].mmsi;
        const int64_t silence_s = (is_last ? watermark_s : fixes[i + 1].time_s) - fixes[i].time_s;
        seen->movers += is_last;
        seen->duplicates += !is_last && silence_s == 0;
        seen->closed_gaps += !is_last && silence_s > 6 * 3600;
        seen->open_gaps += is_last && silence_s > 6 * 3600;
    }
}

static uint64_t truth_count(seine_json_value truth, const char *key) {
    const int64_t value = seine_json_int(seine_json_get(truth, key), -1);
    if (value < 0) fail_msg("the truth file lacks %s", key);
    return (uint64_t)value;
}

/* Counts the rows of the day files, all of January 2025, and compares with truth.json and with what was asked for. */
static void check_truth(const seine_generate_options *options, const char *stem) {
    enum { CAPACITY = 1000000 };
    fix *fixes = test_malloc(CAPACITY * sizeof *fixes);
    counts seen = {0};
    size_t count = 0;
    for (uint32_t day = 1; day <= options->days; day++) {
        char name[64];
        snprintf(name, sizeof name, "%s%02u.csv", stem, day);
        seine_buf text = read_file(options->folder, name);
        count += read_rows(&text, options->style == SEINE_GENERATE_2025, &seen, fixes + count, CAPACITY - count);
        seine_buf_free(&text);
    }
    count_fixes(fixes, count, (int64_t)(options->first_day + (int32_t)options->days) * 86400, &seen);
    assert_int_equal(seen.rows, options->days * options->vessels * (86400 / options->interval_s));
    seine_buf text = read_file(options->folder, "truth.json");
    seine_json *json = NULL;
    assert_int_equal(seine_json_parse(seine_buf_str(&text), "truth.json", &json, NULL), SEINE_OK);
    const seine_json_value truth = seine_json_root(json), by_reason = seine_json_get(truth, "rejects_by_reason");
    assert_int_equal(truth_count(truth, "rows"), seen.rows);
    assert_int_equal(truth_count(by_reason, "ragged"), seen.ragged);
    assert_int_equal(truth_count(by_reason, "id"), seen.id);
    assert_int_equal(truth_count(by_reason, "time"), seen.time);
    assert_int_equal(truth_count(by_reason, "position"), seen.position);
    assert_int_equal(truth_count(truth, "duplicates"), seen.duplicates);
    assert_int_equal(truth_count(truth, "silver_rows"), count - seen.duplicates);
    assert_int_equal(truth_count(truth, "silver_movers"), seen.movers);
    assert_int_equal(truth_count(truth, "closed_gaps_over_6h"), seen.closed_gaps);
    assert_int_equal(truth_count(truth, "open_gaps_over_6h"), seen.open_gaps);
    assert_true(seen.ragged > 0 && seen.id > 0 && seen.time > 0 && seen.position > 0 && seen.duplicates > 0);
    assert_true(seen.closed_gaps > 0);
    seine_json_free(json);
    seine_buf_free(&text);
    test_free(fixes);
}

static void truth_agrees_with_an_independent_count(void **state) {
    const seine_generate_options options = small_options(*state);
    const seine_generate_result result = generate(&options);
    assert_int_equal(result.files, 2);
    assert_true(result.open_gaps > 0);
    check_truth(&options, "ais-2025-01-");
}

static void truth_holds_in_the_older_style_too(void **state) {
    seine_generate_options options = small_options(*state);
    options.style = SEINE_GENERATE_2018;
    options.seed = 8;
    generate(&options);
    check_truth(&options, "AIS_2025_01_");
}

static void three_days_of_a_thousand_vessels_are_864000_rows(void **state) {
    seine_generate_options options = small_options(*state);
    options.days = 3;
    options.vessels = 1000;
    options.interval_s = 300;
    assert_int_equal(generate(&options).rows, 864000);
    check_truth(&options, "ais-2025-01-");
}

/* Silences take away more rows than are planted in short runs, fewer in long ones; 7 s do not divide a day. */
static void rows_are_as_many_as_vessels_and_fixes_whatever_was_planted(void **state) {
    static const struct {
        uint32_t days, vessels, interval_s;
    } sizes[] = {{1, 90, 160}, {1, 40, 7}, {31, 30, 7200}, {20, 30, 3600}, {31, 200, 7200}, {1, 500, 86400 / 24}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        seine_generate_options options = small_options(*state);
        options.days = sizes[i].days;
        options.vessels = sizes[i].vessels;
        options.interval_s = sizes[i].interval_s;
        generate(&options);
        check_truth(&options, "ais-2025-01-");
    }
}

static void the_smallest_fleets_have_a_few_rows_more_or_less(void **state) {
    seine_generate_options options = small_options(*state);
    options.days = 1;
    options.vessels = 1;
    options.interval_s = 7200;
    assert_in_range(generate(&options).rows, 12, 12 + 12);
}

static void assert_same_days(const char *a, const char *b, const char *const names[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        seine_buf x = read_file(a, names[i]), y = read_file(b, names[i]);
        assert_true(seine_str_equal(seine_buf_str(&x), seine_buf_str(&y)));
        seine_buf_free(&x);
        seine_buf_free(&y);
    }
}

static void same_seed_gives_same_bytes_with_any_number_of_threads(void **state) {
    static const char *const names[2][3] = {{"ais-2025-01-01.csv.zst", "ais-2025-01-02.csv.zst", "truth.json"},
                                            {"ais-2025-01-01.zip", "ais-2025-01-02.zip", "truth.json"}};
    const seine_generate_packing packings[2] = {SEINE_GENERATE_ZST, SEINE_GENERATE_ZIP};
    char one[512], three[512];
    snprintf(one, sizeof one, "%s/one", (const char *)*state);
    snprintf(three, sizeof three, "%s/three", (const char *)*state);
    for (int i = 0; i < 2; i++) {
        seine_generate_options options = small_options(one);
        options.vessels = 700; /* several blocks a day */
        options.interval_s = 300;
        options.packing = packings[i];
        options.threads = 1;
        generate(&options);
        options.folder = three;
        options.threads = 3;
        generate(&options);
        assert_same_days(one, three, names[i], 3);
    }
}

static void another_seed_gives_other_rows(void **state) {
    seine_generate_options options = small_options(*state);
    options.days = 1;
    generate(&options);
    seine_buf first = read_file(*state, "ais-2025-01-01.csv");
    options.seed++;
    generate(&options);
    seine_buf second = read_file(*state, "ais-2025-01-01.csv");
    assert_false(seine_str_equal(seine_buf_str(&first), seine_buf_str(&second)));
    seine_buf_free(&first);
    seine_buf_free(&second);
}

static void options_out_of_range_are_refused_before_anything_is_written(void **state) {
    char folder[512];
    snprintf(folder, sizeof folder, "%s/nothing", (const char *)*state);
    seine_generate_options options = small_options(folder);
    seine_generate_result result;
    seine_error error = {SEINE_OK, ""};
    options.interval_s = 7201;
    assert_int_equal(seine_generate_ais(&options, NULL, &result, &error), SEINE_E_USAGE);
    assert_string_equal(error.text, "generate: interval 7201 is outside 1 to 7200");
    assert_false(seine_file_exists(folder));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(truth_agrees_with_an_independent_count, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(truth_holds_in_the_older_style_too, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(three_days_of_a_thousand_vessels_are_864000_rows, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(rows_are_as_many_as_vessels_and_fixes_whatever_was_planted, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(the_smallest_fleets_have_a_few_rows_more_or_less, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(same_seed_gives_same_bytes_with_any_number_of_threads, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(another_seed_gives_other_rows, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(options_out_of_range_are_refused_before_anything_is_written, make_folder,
                                        remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
