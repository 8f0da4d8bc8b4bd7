/* links: table io columns base */
/* Bucket transform, bounds, partition folders, and the page of contracts against published vectors and the schemas. */
#include "table_support.h"

#include "base/time.h"
#include "table/source.h"

#include "table/contracts.h"
#include "table/table.h"

#include <math.h>

static void buckets_are_those_of_the_iceberg_specification(void **state) {
    (void)state;
    assert_int_equal(seine_murmur3("iceberg", 7), 1210000089);
    assert_int_equal(seine_murmur3("\x00\x01\x02\x03", 4), (uint32_t)-188683207);
    const int64_t thirty_four = 34;
    assert_int_equal(seine_murmur3(&thirty_four, 8), 2017239379);
    assert_int_equal(seine_bucket_of(SEINE_STR("WDL1234"), 16), 8);
    assert_int_equal(seine_bucket_of(SEINE_STR("M/V \xC3\x85LESUND"), 16), 6);
    assert_int_equal(seine_bucket_of(SEINE_STR("anything"), 1), 0);
}

static seine_column_stats bounds_of(const void *lower, const void *upper, uint8_t size) {
    seine_column_stats stats = {.value_count = 2, .has_bounds = true, .lower_size = size, .upper_size = size};
    memcpy(stats.lower, lower, size);
    memcpy(stats.upper, upper, size);
    return stats;
}

static const char *problem_of_doubles(double lower, double upper) {
    const seine_column_stats stats = bounds_of(&lower, &upper, 8);
    return seine_bounds_problem(SEINE_TYPE_DOUBLE, &stats);
}

static const char *problem_of_ints(int32_t lower, int32_t upper) {
    const seine_column_stats stats = bounds_of(&lower, &upper, 4);
    return seine_bounds_problem(SEINE_TYPE_DATE, &stats);
}

static void bounds_in_order_are_taken_and_others_refused(void **state) {
    (void)state;
    assert_null(problem_of_doubles(-70.0, 48.8566));
    assert_null(problem_of_doubles(-0.0, 0.0)); /* -0.0 sorts before +0.0 */
    assert_non_null(problem_of_doubles(0.0, -0.0));
    assert_non_null(problem_of_doubles(-1.0, -2.0));
    assert_null(problem_of_doubles(-2.0, -1.0));
    assert_non_null(problem_of_doubles(0.0, (double)NAN));
    assert_null(problem_of_ints(-5, 20089));
    assert_non_null(problem_of_ints(5, -5));
}

static void bounds_of_a_wrong_length_are_refused(void **state) {
    (void)state;
    const int64_t value = 5;
    const seine_column_stats eight = bounds_of(&value, &value, 8);
    assert_null(seine_bounds_problem(SEINE_TYPE_TIMESTAMPTZ, &eight));
    assert_non_null(seine_bounds_problem(SEINE_TYPE_INT, &eight));
    const seine_column_stats text = bounds_of("ab", "b", 1);
    assert_null(seine_bounds_problem(SEINE_TYPE_STRING, &text));
    assert_non_null(seine_bounds_problem(SEINE_TYPE_BINARY, &text));
}

static void longs_that_were_ints_compare_as_numbers(void **state) {
    (void)state;
    const int32_t small = -2;
    const int64_t large = INT64_C(1) << 40;
    uint8_t a[8] = {0}, b[8] = {0};
    memcpy(a, &small, 4);
    memcpy(b, &large, 8);
    assert_true(seine_bounds_compare(SEINE_TYPE_LONG, a, 4, b, 8) < 0);
}

static void names_of_archives_declare_their_days(void **state) {
    (void)state;
    static const struct {
        const char *name, *first, *last;
    } cases[] = {{"AIS_2025_01_02.csv.zst", "2025-01-02", "2025-01-02"},
                 {"ais-2024-02-29.zip", "2024-02-29", "2024-02-29"},
                 {"AIS_2024_02.csv", "2024-02-01", "2024-02-29"},
                 {"ais-2023-12.zip", "2023-12-01", "2023-12-31"},
                 {"AIS_2015_11_Zone10.csv", "2015-11-01", "2015-11-30"},
                 {"AIS_2023_02_29.csv", NULL, NULL},
                 {"AIS_2023-02-01.csv", NULL, NULL},
                 {"AIS_2023_13.csv", NULL, NULL},
                 {"AIS_2023_00.csv", NULL, NULL},
                 {"AIS_2023_1.csv", NULL, NULL},
                 {"AIX_2023_01.csv", NULL, NULL},
                 {"positions.csv", NULL, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t first = -1, last = -1;
        char text[16];
        assert_int_equal(seine_source_declared_days("ais", cases[i].name, &first, &last), cases[i].first != NULL);
        if (cases[i].first == NULL) continue;
        (void)seine_date_format(first, text);
        assert_string_equal(text, cases[i].first);
        (void)seine_date_format(last, text);
        assert_string_equal(text, cases[i].last);
    }
}

static void folders_tell_days_and_names_of_files_buckets(void **state) {
    (void)state;
    static const struct {
        const char *table;
        seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX];
        const char *name;
    } cases[] = {
        {"silver.ais", {{false, 20089}, {false, 3}}, "data/ts_day=2025-01-01/mmsi_bucket=3-"},
        {"silver.ais", {{false, -1}, {false, 0}}, "data/ts_day=1969-12-31/mmsi_bucket=0-"},
        {"events.ais_gaps", {{true, 0}}, "data/produced_day=null/00000-"},
        {"events.ais_gaps", {{false, 0}}, "data/produced_day=1970-01-01/00000-"},
        {"state.ais_gaps", {{false, 671}, {false, 15}}, "data/day_month=2025-12/mover_bucket=15-"},
        {"state.ais_gaps", {{false, -1}, {false, 1}}, "data/day_month=1969-12/mover_bucket=1-"},
    };
    lake l;
    lake_make(&l, 16);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        seine_table *table = lake_load(&l, cases[i].table);
        char *path;
        assert_ok(&l, seine_table_new_file(table, cases[i].partition, &l.arena, &path, &l.error));
        assert_non_null(strstr(path, cases[i].name));
        assert_true(seine_str_ends_with_nocase(seine_str_of(path), SEINE_STR(".parquet")));
        char *parent = seine_arena_copy(&l.arena, path, strlen(path));
        *strrchr(parent, '/') = 0;
        assert_true(seine_file_exists(parent));
        seine_table_close(table);
    }
    lake_drop(&l);
}

static void the_page_of_contracts_is_up_to_date(void **state) {
    (void)state;
    const char *source = getenv("SEINE_SOURCE");
    char path[1024];
    seine_buf page, kept;
    seine_buf_init(&page, 1 << 20);
    seine_buf_init(&kept, 1 << 20);
    (void)snprintf(path, sizeof path, "%s/docs/data_contracts.md", source != NULL ? source : ".");
    assert_int_equal(seine_contracts_page(&page), SEINE_OK);
    assert_int_equal(seine_file_read(path, &kept, NULL), SEINE_OK);
    /* The tables of models stand behind those known here. Else: seine table contracts > docs/data_contracts.md */
    assert_true(kept.size > page.size);
    kept.size = page.size;
    assert_string_equal(seine_buf_text(&kept), seine_buf_text(&page));
    seine_buf_free(&page);
    seine_buf_free(&kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_those_of_the_iceberg_specification),
        cmocka_unit_test(bounds_in_order_are_taken_and_others_refused),
        cmocka_unit_test(bounds_of_a_wrong_length_are_refused),
        cmocka_unit_test(longs_that_were_ints_compare_as_numbers),
        cmocka_unit_test(names_of_archives_declare_their_days),
        cmocka_unit_test(folders_tell_days_and_names_of_files_buckets),
        cmocka_unit_test(the_page_of_contracts_is_up_to_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
