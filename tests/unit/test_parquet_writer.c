/* links: parquet engine io core columns base */
/* The Parquet writer: what is written is read back by another implementation, and the statistics are exact. */
#include "parquet_support.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#define GROUPS_MAX 4

/* Row groups of random vecs. */
typedef struct sample {
    seine_arena arena;
    size_t groups, rows;
    seine_vec vecs[GROUPS_MAX][EVERY_COLUMNS];
} sample;

static void fill_sample(sample *s, uint64_t seed, size_t groups, size_t rows) {
    *s = (sample){.groups = groups, .rows = rows};
    seed = seed * 7919 + 1;
    for (size_t g = 0; g < groups; g++)
        for (size_t c = 0; c < EVERY_COLUMNS; c++) s->vecs[g][c] = random_vec(&every_column[c], rows, &seed, &s->arena);
}

static seine_status write_sample(sample *s, const char *path, seine_data_file *file, seine_error *error) {
    seine_parquet_writer *writer = NULL;
    seine_status status = seine_parquet_open(path, &every_schema, &writer, error);
    if (status != SEINE_OK) return status;
    for (size_t g = 0; status == SEINE_OK && g < s->groups; g++) {
        const seine_rows rows = {s->rows, EVERY_COLUMNS, s->vecs[g]};
        status = seine_parquet_write(writer, &rows, error);
    }
    if (status == SEINE_OK) return seine_parquet_finish(writer, &s->arena, file, error);
    seine_parquet_abort(writer);
    return status;
}

/* Reads the file through the engine and compares every cell. */
static void compare_with_file(const engine_fixture *f, const sample *s, const char *path) {
    size_t columns[EVERY_COLUMNS];
    for (size_t c = 0; c < EVERY_COLUMNS; c++) columns[c] = c;
    const char *const files[] = {path};
    seine_query *query = NULL;
    seine_error error = {0};
    assert_ok(seine_scan_start(f->engine, &every_schema, columns, EVERY_COLUMNS, files, 1, NULL, &query, &error),
              error);
    size_t at = 0;
    for (;;) {
        seine_rows rows;
        assert_ok(seine_query_next(query, &rows, &error), error);
        if (rows.count == 0) break;
        for (size_t row = 0; row < rows.count; row++, at++) {
            assert_true(at < s->groups * s->rows);
            for (size_t c = 0; c < EVERY_COLUMNS; c++) {
                const seine_vec *expected = &s->vecs[at / s->rows][c];
                if (!same_cell(expected->type, cell(expected, at % s->rows), cell(&rows.columns[c], row)))
                    fail_msg("row %zu, column %s differs", at, every_column[c].name);
            }
        }
    }
    assert_int_equal(at, s->groups * s->rows);
    seine_query_end(query);
}

/* A number cell or bound as double: exact enough to tell the cells of these tests apart. */
static double number_of(seine_type type, const void *bytes) {
    int64_t whole = 0;
    int32_t half = 0;
    double real = 0;
    if (type == SEINE_TYPE_BOOLEAN) return *(const uint8_t *)bytes;
    if (value_size(type) == 4) {
        memcpy(&half, bytes, 4);
        return half;
    }
    memcpy(&whole, bytes, 8);
    memcpy(&real, bytes, 8);
    return type == SEINE_TYPE_DOUBLE ? real : (double)whole;
}

/* Counts and bounds of a number column, made again from the cells. */
static void check_number_stats(const sample *s, size_t column, const seine_column_stats *stats) {
    int64_t nulls = 0, values = 0;
    const seine_type type = every_column[column].type;
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < s->groups * s->rows; i++) {
        const void *value = cell(&s->vecs[i / s->rows][column], i % s->rows);
        values++;
        nulls += value == NULL;
        if (value == NULL) continue;
        least = fmin(least, number_of(type, value));
        most = fmax(most, number_of(type, value));
    }
    assert_int_equal(stats->value_count, values);
    assert_int_equal(stats->null_count, nulls);
    assert_int_equal(stats->has_bounds, nulls < values);
    if (!stats->has_bounds) return;
    assert_int_equal(stats->lower_size, value_size(type));
    assert_int_equal(stats->upper_size, value_size(type));
    assert_true(number_of(type, stats->lower) == least && number_of(type, stats->upper) == most);
}

static void every_cell_comes_back(void **state) {
    const engine_fixture *f = *state;
    /* Around the borders of groups of 8, miniblocks of 32, blocks of 128, literal buffers of 504, pages of 40,960. */
    const size_t sizes[] = {1, 2, 7, 8, 9, 31, 33, 127, 128, 129, 130, 255, 257, 503, 505, 1000, 4097, 8192, 40961};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (uint64_t seed = 0; seed < (sizes[i] < 5000 ? 12 : 2); seed++) {
            sample s;
            char path[600];
            seine_data_file file;
            seine_error error = {0};
            fill_sample(&s, seed * 100 + i, 1 + seed % 3, sizes[i]);
            snprintf(path, sizeof path, "%s/every.parquet", f->folder);
            assert_ok(write_sample(&s, path, &file, &error), error);
            compare_with_file(f, &s, path);
            assert_int_equal(file.rows, s.groups * s.rows);
            assert_int_equal(file.split_count, s.groups);
            assert_int_equal(file.split_offsets[0], 4);
            assert_true(file.is_sorted);
            seine_file_info info;
            assert_ok(seine_file_stat(path, &info, &error), error);
            assert_int_equal(file.size_bytes, info.size);
            for (size_t c = 0; c < 10; c++) check_number_stats(&s, c, &file.stats[c]);
            seine_arena_free(&s.arena);
        }
    }
}

static void sizes_and_counts_are_those_of_the_footer(void **state) {
    const engine_fixture *f = *state;
    sample s;
    char path[600], sql[2000], text[256], expected[64];
    seine_data_file file;
    seine_error error = {0};
    fill_sample(&s, 3, 3, 5000);
    snprintf(path, sizeof path, "%s/sizes.parquet", f->folder);
    assert_ok(write_sample(&s, path, &file, &error), error);
    for (size_t c = 0; c < EVERY_COLUMNS; c++) {
        snprintf(sql, sizeof sql,
                 "SELECT sum(total_compressed_size)::BIGINT FROM parquet_metadata('%s') WHERE path_in_schema = '%s'",
                 path, every_column[c].name);
        snprintf(expected, sizeof expected, "%lld", (long long)file.stats[c].size_bytes);
        assert_string_equal(first_text(f->engine, sql, text), expected);
        snprintf(sql, sizeof sql,
                 "SELECT sum(stats_null_count)::BIGINT FROM parquet_metadata('%s') WHERE path_in_schema = '%s'", path,
                 every_column[c].name);
        snprintf(expected, sizeof expected, "%lld", (long long)file.stats[c].null_count);
        assert_string_equal(first_text(f->engine, sql, text), expected);
    }
    snprintf(sql, sizeof sql,
             "SELECT file_offset FROM (SELECT DISTINCT row_group_id, least(dictionary_page_offset, data_page_offset)"
             " AS file_offset FROM parquet_metadata('%s') WHERE column_id = 0) ORDER BY 1 DESC",
             path);
    snprintf(expected, sizeof expected, "%lld", (long long)file.split_offsets[2]);
    assert_string_equal(first_text(f->engine, sql, text), expected);
    seine_arena_free(&s.arena);
}

static void the_same_rows_are_the_same_bytes(void **state) {
    const engine_fixture *f = *state;
    seine_buf bytes[2];
    for (int k = 0; k < 2; k++) {
        sample s;
        char path[600];
        seine_data_file file;
        seine_error error = {0};
        fill_sample(&s, 11, 2, 3000);
        snprintf(path, sizeof path, "%s/same-%d.parquet", f->folder, k);
        assert_ok(write_sample(&s, path, &file, &error), error);
        seine_buf_init(&bytes[k], 1 << 24);
        assert_ok(seine_file_read(path, &bytes[k], &error), error);
        seine_arena_free(&s.arena);
    }
    assert_int_equal(bytes[0].size, bytes[1].size);
    assert_memory_equal(bytes[0].data, bytes[1].data, bytes[0].size);
    seine_buf_free(&bytes[0]);
    seine_buf_free(&bytes[1]);
}

static void a_file_without_rows_is_a_valid_table(void **state) {
    const engine_fixture *f = *state;
    sample s;
    char path[600];
    seine_data_file file;
    seine_error error = {0};
    fill_sample(&s, 1, 0, 0);
    snprintf(path, sizeof path, "%s/empty.parquet", f->folder);
    assert_ok(write_sample(&s, path, &file, &error), error);
    assert_int_equal(file.rows, 0);
    assert_int_equal(file.split_count, 0);
    for (size_t c = 0; c < EVERY_COLUMNS; c++) assert_false(file.stats[c].has_bounds);
    compare_with_file(f, &s, path);
    seine_arena_free(&s.arena);
}

static void the_schema_carries_ids_and_logical_types(void **state) {
    const engine_fixture *f = *state;
    sample s;
    char path[600], sql[2000], text[256];
    seine_data_file file;
    seine_error error = {0};
    fill_sample(&s, 5, 1, 10);
    snprintf(path, sizeof path, "%s/schema.parquet", f->folder);
    assert_ok(write_sample(&s, path, &file, &error), error);
    snprintf(sql, sizeof sql, "SELECT string_agg(field_id::VARCHAR, ' ') FROM parquet_schema('%s')", path);
    assert_string_equal(first_text(f->engine, sql, text), "1 2 3 4 5 6 7 8 9 10 11 12 13");
    snprintf(sql, sizeof sql,
             "SELECT string_agg(column_type, ', ') FROM (DESCRIBE SELECT b, i, l, d, day, ts, s, x FROM '%s')", path);
    assert_string_equal(first_text(f->engine, sql, text),
                        "BOOLEAN, INTEGER, BIGINT, DOUBLE, DATE, TIMESTAMP WITH TIME ZONE, VARCHAR, BLOB");
    snprintf(sql, sizeof sql, "SELECT repetition_type FROM parquet_schema('%s') WHERE name = 'br'", path);
    assert_string_equal(first_text(f->engine, sql, text), "REQUIRED");
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM parquet_kv_metadata('%s') WHERE key = 'iceberg.schema' AND json_valid(decode(value))",
        path);
    assert_string_equal(first_text(f->engine, sql, text), "1");
    snprintf(sql, sizeof sql, "SELECT created_by LIKE 'seine version %%' FROM parquet_file_metadata('%s')", path);
    assert_string_equal(first_text(f->engine, sql, text), "1");
    seine_arena_free(&s.arena);
}

static const seine_column one_text[] = {{1, "s", SEINE_TYPE_STRING, false, false, "", ""}};
static const seine_table_schema text_schema = {"t.text", "", one_text, 1, {{0}}, 0, {0}};
static const seine_column one_double[] = {{1, "d", SEINE_TYPE_DOUBLE, true, false, "", ""}};
static const seine_table_schema double_schema = {"t.double", "", one_double, 1, {{0}}, 0, {0}};

/* Writes one column in one group and gives its statistics. */
static seine_column_stats stats_of(const engine_fixture *f, const seine_table_schema *schema, const void *values,
                                   size_t count, seine_arena *arena) {
    char path[600];
    seine_parquet_writer *writer = NULL;
    seine_data_file file;
    seine_error error = {0};
    seine_vec vec = {.type = schema->columns[0].type, .kind = SEINE_VEC_PLAIN, .values = values};
    const seine_rows rows = {count, 1, &vec};
    snprintf(path, sizeof path, "%s/one.parquet", f->folder);
    assert_ok(seine_parquet_open(path, schema, &writer, &error), error);
    assert_ok(seine_parquet_write(writer, &rows, &error), error);
    assert_ok(seine_parquet_finish(writer, arena, &file, &error), error);
    assert_false(file.is_sorted);
    return file.stats[0];
}

static void bounds_of_text_are_cut_and_rounded_up(void **state) {
    static const struct {
        const char *value, *lower, *upper; /* upper NULL = no bounds at all */
    } cases[] = {
        {"", "", ""},
        {"EVER GIVEN", "EVER GIVEN", "EVER GIVEN"},
        {"ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP"},
        {"ABCDEFGHIJKLMNOPQ", "ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOQ"},
        /* U+D7FF is followed by the surrogates, which no text may hold */
        {"ABCDEFGHIJKLMNO\xED\x9F\xBFx", "ABCDEFGHIJKLMNO\xED\x9F\xBF", "ABCDEFGHIJKLMNO\xEE\x80\x80"},
        {"ABCDEFGHIJKLMNO\x7Fx", "ABCDEFGHIJKLMNO\x7F", "ABCDEFGHIJKLMNO\xC2\x80"},
        {"ABCDEFGHIJKLMNO\xDF\xBFx", "ABCDEFGHIJKLMNO\xDF\xBF", "ABCDEFGHIJKLMNO\xE0\xA0\x80"},
        {"ABCDEFGHIJKLMNO\xEF\xBF\xBFx", "ABCDEFGHIJKLMNO\xEF\xBF\xBF", "ABCDEFGHIJKLMNO\xF0\x90\x80\x80"},
        {"ABCDEFGHIJKLMNO\xF4\x8F\xBF\xBFx", "ABCDEFGHIJKLMNO\xF4\x8F\xBF\xBF", "ABCDEFGHIJKLMNP"},
        {"\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF"
         "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF"
         "\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBFx",
         NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        seine_arena arena = {0};
        const seine_str value = seine_str_of(cases[i].value);
        const seine_column_stats stats = stats_of(*state, &text_schema, &value, 1, &arena);
        assert_int_equal(stats.has_bounds, cases[i].upper != NULL);
        if (stats.has_bounds) {
            assert_int_equal(stats.lower_size, strlen(cases[i].lower));
            assert_memory_equal(stats.lower, cases[i].lower, stats.lower_size);
            assert_int_equal(stats.upper_size, strlen(cases[i].upper));
            assert_memory_equal(stats.upper, cases[i].upper, stats.upper_size);
        }
        seine_arena_free(&arena);
    }
}

static void bounds_of_numbers_are_those_of_the_specification(void **state) {
    seine_arena arena = {0};
    const double degrees[] = {48.8566, -70.0};
    seine_column_stats stats = stats_of(*state, &double_schema, degrees, 2, &arena);
    assert_memory_equal(stats.lower, "\x00\x00\x00\x00\x00\x80\x51\xC0", 8);
    assert_memory_equal(stats.upper, "\x76\xE0\x9C\x11\xA5\x6D\x48\x40", 8);
    const double zeroes[] = {0.0, -0.0, 0.0};
    stats = stats_of(*state, &double_schema, zeroes, 3, &arena);
    assert_memory_equal(stats.lower, "\0\0\0\0\0\0\0\x80", 8);
    assert_memory_equal(stats.upper, "\0\0\0\0\0\0\0\0", 8);
    const double with_nan[] = {1.0, (double)NAN, 2.0};
    stats = stats_of(*state, &double_schema, with_nan, 3, &arena);
    assert_false(stats.has_bounds);
    seine_arena_free(&arena);
}

static const seine_column one_long[] = {{1, "l", SEINE_TYPE_LONG, true, false, "", ""}};
static const seine_table_schema long_schema = {"t.long", "", one_long, 1, {{0}}, 0, {0}};

static void differences_of_every_width_come_back(void **state) {
    enum { EACH = 256, WIDTHS = 65 };
    const engine_fixture *f = *state;
    static uint64_t values[EACH * WIDTHS];
    for (size_t i = 1; i < EACH * WIDTHS; i++) {
        /* The least and the greatest difference of a block are as far apart as this many bits can tell. */
        const size_t width = i / EACH;
        const uint64_t half = width == 0 ? 0 : UINT64_C(1) << (width - 1);
        values[i] = values[i - 1] + (width == 0 ? 0 : i % 2 == 0 ? half - 1 : 0 - half);
    }
    seine_arena arena = {0};
    char path[600];
    (void)stats_of(f, &long_schema, values, EACH * WIDTHS, &arena);
    snprintf(path, sizeof path, "%s/one.parquet", f->folder);
    const char *const files[] = {path};
    const size_t columns[] = {0};
    seine_query *query = NULL;
    seine_error error = {0};
    assert_ok(seine_scan_start(f->engine, &long_schema, columns, 1, files, 1, NULL, &query, &error), error);
    size_t at = 0;
    for (seine_rows rows = {.count = 1}; rows.count > 0; at += rows.count) {
        assert_ok(seine_query_next(query, &rows, &error), error);
        if (rows.count > 0) assert_memory_equal(rows.columns[0].values, values + at, rows.count * sizeof *values);
    }
    assert_int_equal(at, EACH * WIDTHS);
    seine_query_end(query);
    seine_arena_free(&arena);
}

static void a_null_in_a_required_column_is_refused_by_name(void **state) {
    const engine_fixture *f = *state;
    char path[600];
    seine_parquet_writer *writer = NULL;
    seine_error error = {0};
    const double value = 1;
    const uint8_t valid = 0;
    seine_vec vec = {.type = SEINE_TYPE_DOUBLE, .kind = SEINE_VEC_PLAIN, .values = &value, .valid = &valid};
    const seine_rows rows = {1, 1, &vec};
    snprintf(path, sizeof path, "%s/null.parquet", f->folder);
    assert_ok(seine_parquet_open(path, &double_schema, &writer, &error), error);
    assert_int_equal(seine_parquet_write(writer, &rows, &error), SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, "column d is required"));
    seine_arena arena = {0};
    seine_data_file file;
    assert_int_not_equal(seine_parquet_finish(writer, &arena, &file, &error), SEINE_OK);
    seine_file_entry *entries = NULL;
    size_t count = 0;
    assert_ok(seine_file_list(f->folder, true, &arena, &entries, &count, &error), error);
    assert_int_equal(count, 0);
    seine_arena_free(&arena);
}

static void a_disk_that_fills_up_leaves_nothing_behind(void **state) {
    const engine_fixture *f = *state;
    sample s;
    fill_sample(&s, 9, 4, 20000);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, SIG_IGN); /* so that a write beyond the limit fails with EFBIG, as a full disk does */
    const rlim_t limits[] = {0, 100, 65536};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        char path[600];
        seine_data_file file;
        seine_error error = {0};
        snprintf(path, sizeof path, "%s/full.parquet", f->folder);
        const struct rlimit limit = {limits[i], before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        const seine_status status = write_sample(&s, path, &file, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(status, SEINE_E_IO);
        seine_file_entry *entries = NULL;
        size_t count = 0;
        assert_ok(seine_file_list(f->folder, true, &s.arena, &entries, &count, &error), error);
        assert_int_equal(count, 0);
    }
    (void)signal(SIGXFSZ, SIG_DFL);
    seine_arena_free(&s.arena);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_cell_comes_back),
        TEST(sizes_and_counts_are_those_of_the_footer),
        TEST(the_same_rows_are_the_same_bytes),
        TEST(a_file_without_rows_is_a_valid_table),
        TEST(the_schema_carries_ids_and_logical_types),
        TEST(bounds_of_text_are_cut_and_rounded_up),
        TEST(bounds_of_numbers_are_those_of_the_specification),
        TEST(differences_of_every_width_come_back),
        TEST(a_null_in_a_required_column_is_refused_by_name),
        TEST(a_disk_that_fills_up_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
