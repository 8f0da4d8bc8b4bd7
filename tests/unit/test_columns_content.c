/* links: columns core io base */
/* Content hashes: the bytes they are made of are the lake's format, so they stand here once more, laid out by hand. */
#include "unit/core_support.h"

#include "columns/content.h"
#include "columns/fix.h"

#include <math.h>

static seine_hash128 hash_of(const void *bytes, size_t size) { return seine_hash128_of(bytes, size); }

static void assert_same(seine_hash128 found, seine_hash128 wanted) {
    assert_true(found.low == wanted.low && found.high == wanted.high);
}

static void put(uint8_t *bytes, size_t *size, const void *value, size_t value_size) {
    memcpy(bytes + *size, value, value_size);
    *size += value_size;
}

/* ---- fixes ---- */

static void a_fix_is_two_hashes_a_time_and_five_numbers(void **state) {
    (void)state;
    const seine_hash128 mover = {1, 2}, statics = {3, 4};
    const seine_fix fix = {
        .ts_us = 1234567, .lat_deg = 34.5, .lon_deg = -119.25, .sog_kn = 7, .cog_deg = 180, .heading_deg = 181};
    const uint64_t head[] = {1, 2, 1234567}, tail[] = {3, 4};
    const double numbers[] = {34.5, -119.25, 7, 180, 181};
    uint8_t bytes[200];
    size_t size = 0;
    put(bytes, &size, head, sizeof head);
    put(bytes, &size, numbers, sizeof numbers);
    put(bytes, &size, tail, sizeof tail);
    assert_same(seine_content_of_fix(&fix, mover, statics), hash_of(bytes, size));
}

static void nan_and_zero_have_one_pattern_in_a_fix(void **state) {
    (void)state;
    const uint64_t odd_bits = UINT64_C(0xFFF8000000000123);
    double odd_nan;
    memcpy(&odd_nan, &odd_bits, sizeof odd_nan);
    const seine_fix a = {.lat_deg = 0.0, .lon_deg = 1, .sog_kn = NAN},
                    b = {.lat_deg = -0.0, .lon_deg = 1, .sog_kn = odd_nan};
    const seine_hash128 none = {0, 0};
    assert_same(seine_content_of_fix(&a, none, none), seine_content_of_fix(&b, none, none));
}

/* ---- statics ---- */

/* One column of five rows, all others null. */
static void assert_repeats(size_t column, seine_vec vec, const bool wanted[5]) {
    seine_vec columns[SEINE_AIS_COLUMNS];
    for (size_t c = 0; c < SEINE_AIS_COLUMNS; c++)
        columns[c] = (seine_vec){.kind = SEINE_VEC_CONSTANT, .is_null = true};
    columns[column] = vec;
    const seine_rows rows = {5, SEINE_AIS_COLUMNS, columns};
    for (size_t r = 1; r < 5; r++) assert_true(seine_statics_repeat(seine_dataset_ais(), &rows, r) == wanted[r]);
}

static void statics_repeat_when_every_bit_does(void **state) {
    (void)state;
    const char other[] = "alpha";
    const seine_str texts[] = {{"alpha", 5}, {other, 5}, {"alpho", 5}, {"", 0}, {"", 0}};
    const int32_t types[] = {70, 70, 71, 0, 9}; /* what a null says is never looked at */
    const double lengths[] = {1, 1, 0.0, -0.0, -0.0};
    const uint8_t valid[] = {1, 1, 1, 0, 0};
    const uint32_t codes[] = {0, 1, 2, SEINE_CODE_NULL, SEINE_CODE_NULL};
    const bool wanted[] = {false, true, false, false, true};
    const seine_vec columns[] = {
        {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_PLAIN, .values = texts, .valid = valid},
        {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_DICT, .values = texts, .codes = codes, .dict_count = 3},
        {.type = SEINE_TYPE_INT, .kind = SEINE_VEC_PLAIN, .values = types, .valid = valid},
        {.type = SEINE_TYPE_DOUBLE, .kind = SEINE_VEC_PLAIN, .values = lengths},
        {.type = SEINE_TYPE_DOUBLE, .kind = SEINE_VEC_PLAIN, .values = lengths, .valid = valid}};
    assert_repeats(SEINE_AIS_NAME, columns[0], wanted);
    assert_repeats(SEINE_AIS_TRANSCEIVER, columns[1], wanted);
    assert_repeats(SEINE_AIS_VESSEL_TYPE, columns[2], wanted);
    assert_repeats(SEINE_AIS_LENGTH, columns[3], wanted);
    assert_repeats(SEINE_AIS_LENGTH, columns[4], wanted);
    const bool always[] = {true, true, true, true, true};
    assert_repeats(SEINE_AIS_MMSI, columns[0], always); /* is none of them */
}

/* ---- words ---- */

static const seine_str words_texts[] = {{"alpha", 5}, {"beta", 4}};

static void a_row_of_words_has_one_for_each_column(void **state) {
    (void)state;
    const double numbers[] = {1.5, 7}; /* what a null says is never looked at */
    const int32_t integers[] = {-7, 0};
    const uint8_t flags[] = {1, 0}, first_only[] = {1, 0};
    const int64_t times[] = {99};
    const uint32_t codes[] = {1, SEINE_CODE_NULL};
    seine_vec columns[] = {
        {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_DICT, .values = words_texts, .codes = codes, .dict_count = 2},
        {.type = SEINE_TYPE_DOUBLE, .values = numbers, .valid = first_only},
        {.type = SEINE_TYPE_INT, .values = integers, .valid = first_only},
        {.type = SEINE_TYPE_BOOLEAN, .values = flags, .valid = first_only},
        {.type = SEINE_TYPE_TIMESTAMPTZ, .kind = SEINE_VEC_CONSTANT, .values = times}};
    double one_nan = NAN, number = 1.5;
    uint64_t first[5] = {seine_hash64("beta", 4) | 1, 0, (uint64_t)(int64_t)-7, 1, 99};
    uint64_t second[5] = {0, 0, (uint64_t)INT64_MIN, (uint64_t)INT64_MIN, 99};
    memcpy(&first[1], &number, 8);
    memcpy(&second[1], &one_nan, 8);
    seine_hash128 sum = {10, 20};
    seine_content_add_words(&sum, &(seine_rows){2, 5, columns}, 0, 2);
    const seine_hash128 wanted = seine_hash128_add(
        seine_hash128_add((seine_hash128){10, 20}, hash_of(first, sizeof first)), hash_of(second, sizeof second));
    assert_same(sum, wanted);
}

/* A text whose hash happens to be even would be taken for a null one at times: none is. */
static void a_text_is_an_odd_word(void **state) {
    (void)state;
    for (char letter = 'a'; letter <= 'z'; letter++) {
        const seine_str text = {&letter, 1};
        seine_vec column = {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_CONSTANT, .values = &text};
        const uint64_t word = seine_hash64(&letter, 1) | 1;
        seine_hash128 sum = {0, 0};
        seine_content_add_words(&sum, &(seine_rows){1, 1, &column}, 0, 1);
        assert_same(sum, hash_of(&word, sizeof word));
    }
}

/* ---- cells ---- */

static const seine_column columns_of[] = {
    {1, "name", SEINE_TYPE_STRING, true, false, "", ""},   {2, "day", SEINE_TYPE_DATE, false, false, "", ""},
    {3, "source", SEINE_TYPE_STRING, false, true, "", ""}, {4, "share", SEINE_TYPE_DOUBLE, false, false, "", ""},
    {5, "open", SEINE_TYPE_BOOLEAN, false, false, "", ""},
};
static const seine_table_schema schema = {.name = "a.b", .doc = "", .columns = columns_of, .column_count = 5};

/* The name "beta", day 17, a share of 0.5, open: numbers in @p width bytes or in their own. */
static size_t lay_out(uint8_t *bytes, bool wide) {
    const int64_t day = 17, open = 1;
    const uint64_t length = 4;
    const double share = 0.5;
    const uint8_t there = 1;
    size_t size = 0;
    put(bytes, &size, &there, 1);
    put(bytes, &size, &length, 8);
    put(bytes, &size, "beta", 4);
    put(bytes, &size, &there, 1);
    put(bytes, &size, &day, wide ? 8 : 4);
    put(bytes, &size, &there, 1);
    put(bytes, &size, &share, 8);
    put(bytes, &size, &there, 1);
    put(bytes, &size, &open, wide ? 8 : 1);
    return size;
}

static void a_row_of_cells_leaves_lineage_out_and_has_wide_numbers(void **state) {
    (void)state;
    uint8_t bytes[100];
    const seine_cell row[] = {seine_cell_text(SEINE_STR("beta")), seine_cell_integer(17),
                              seine_cell_text(SEINE_STR("a file")), seine_cell_number(0.5), seine_cell_integer(1)};
    seine_buf scratch;
    seine_buf_init(&scratch, 1000);
    seine_hash128 hash;
    assert_int_equal(seine_content_of_cells(&schema, row, 5, &scratch, &hash), SEINE_OK);
    assert_same(hash, hash_of(bytes, lay_out(bytes, true)));
    /* Of a key only. */
    assert_int_equal(seine_content_of_cells(&schema, row, 1, &scratch, &hash), SEINE_OK);
    assert_same(hash, hash_of(bytes, 1 + 8 + 4));
    seine_buf_free(&scratch);
}

static void a_row_of_a_model_has_numbers_as_they_are(void **state) {
    (void)state;
    uint8_t bytes[100];
    const int32_t days[] = {0, 17};
    const double shares[] = {0, 0.5};
    const uint8_t open[] = {0, 1}, second_only[] = {0, 1};
    const seine_str files[] = {{"x", 1}, {"y", 1}};
    seine_vec columns[] = {{.type = SEINE_TYPE_STRING, .values = words_texts},
                           {.type = SEINE_TYPE_DATE, .values = days, .valid = second_only},
                           {.type = SEINE_TYPE_STRING, .values = files},
                           {.type = SEINE_TYPE_DOUBLE, .values = shares, .valid = second_only},
                           {.type = SEINE_TYPE_BOOLEAN, .values = open, .valid = second_only}};
    seine_buf scratch;
    seine_buf_init(&scratch, 1000);
    seine_hash128 sum = {0, 0};
    assert_int_equal(seine_content_add_rows(&sum, &schema, &(seine_rows){2, 5, columns}, &scratch), SEINE_OK);
    const uint8_t nulls[] = {1, 5, 0, 0, 0, 0, 0, 0, 0, 'a', 'l', 'p', 'h', 'a', 0, 0, 0};
    const seine_hash128 full = hash_of(bytes, lay_out(bytes, false));
    assert_same(sum, seine_hash128_add(hash_of(nulls, sizeof nulls), full));
    seine_buf_free(&scratch);
}

static void a_row_larger_than_its_scratch_is_refused(void **state) {
    (void)state;
    const seine_cell row[] = {seine_cell_text(SEINE_STR("beta"))};
    seine_buf scratch;
    seine_buf_init(&scratch, 10);
    seine_hash128 hash;
    assert_int_equal(seine_content_of_cells(&schema, row, 1, &scratch, &hash), SEINE_E_LIMIT);
    seine_buf_free(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fix_is_two_hashes_a_time_and_five_numbers),
        cmocka_unit_test(nan_and_zero_have_one_pattern_in_a_fix),
        cmocka_unit_test(statics_repeat_when_every_bit_does),
        cmocka_unit_test(a_row_of_words_has_one_for_each_column),
        cmocka_unit_test(a_text_is_an_odd_word),
        cmocka_unit_test(a_row_of_cells_leaves_lineage_out_and_has_wide_numbers),
        cmocka_unit_test(a_row_of_a_model_has_numbers_as_they_are),
        cmocka_unit_test(a_row_larger_than_its_scratch_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
