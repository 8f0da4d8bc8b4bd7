/* links: parquet engine io core columns base */
/* Look-ups, and whole files: the rows are those that SQL gives, other files are left to SQL, and damage is told. */
#include "parquet_support.h"

#include "io/store/memory.h"
#include "io/store/stores.h"
#include "parquet/reader.h"

#include "nomem_support.h"

#define KEY_OPTIONAL 10 /* columns of every_schema */
#define KEY_REQUIRED 11
#define TIME 9

static const size_t all_columns[EVERY_COLUMNS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

/* The columns in schema order, so that an index into them is one into the schema. */
static seine_parquet_wanted wanted_of(size_t key, seine_str text) {
    return (seine_parquet_wanted){
        &every_schema, all_columns, EVERY_COLUMNS, key, text, SIZE_MAX, INT64_MIN, INT64_MAX,
    };
}

typedef struct reading {
    seine_parquet_room room;
    seine_parquet_reader *reader;
    seine_arena arena;
    seine_rows rows;
    size_t row;
} reading;

/* Moves to the next row. @return whether there is one. */
static bool next_row(reading *r) {
    seine_error error = {0};
    if (++r->row < r->rows.count) return true;
    seine_arena_free(&r->arena);
    assert_ok(seine_parquet_reader_next(r->reader, &r->arena, &r->rows, &error), error);
    r->row = 0;
    return r->rows.count > 0;
}

static void close_reading(reading *r) {
    seine_parquet_reader_close(r->reader);
    seine_parquet_room_free(&r->room);
    seine_arena_free(&r->arena);
}

/* Compares with `SELECT * WHERE key = text AND time`, without a key with all rows, of @p path, or of the same file at
 * @p object. @return how many rows there are. */
static size_t compare_at(const engine_fixture *f, const char *path, const char *object,
                         const seine_parquet_wanted *wanted) {
    char where[400] = "true";
    int length = 0;
    if (wanted->key != SIZE_MAX)
        length = snprintf(where, sizeof where, "\"%s\" = '%.*s'", every_column[wanted->key].name,
                          SEINE_STR_ARG(wanted->text));
    if (wanted->time != SIZE_MAX)
        length += snprintf(where + length, sizeof where - (size_t)length, " AND ts >= make_timestamptz(%lld)",
                           (long long)wanted->from_us);
    if (wanted->time != SIZE_MAX && wanted->to_us != INT64_MAX)
        snprintf(where + length, sizeof where - (size_t)length, " AND ts <= make_timestamptz(%lld)",
                 (long long)wanted->to_us);
    seine_query *query = NULL;
    seine_error error = {0};
    reading r = {0};
    seine_parquet_room_init(&r.room);
    assert_ok(seine_scan_start(f->engine, &every_schema, all_columns, EVERY_COLUMNS, &path, 1, where, &query, &error),
              error);
    assert_ok(seine_parquet_reader_open(object, wanted, &r.room, &r.reader, &error), error);
    size_t found = 0;
    for (;;) {
        seine_rows rows;
        assert_ok(seine_query_next(query, &rows, &error), error);
        if (rows.count == 0) break;
        for (size_t row = 0; row < rows.count; row++, found++) {
            if (!next_row(&r)) fail_msg("%s: only %zu rows with %s", path, found, where);
            for (size_t c = 0; c < EVERY_COLUMNS; c++)
                if (!same_cell(every_column[c].type, cell(&rows.columns[c], row), cell(&r.rows.columns[c], r.row)))
                    fail_msg("%s: row %zu with %s: column %s differs", path, found, where, every_column[c].name);
        }
    }
    assert_false(next_row(&r));
    close_reading(&r);
    seine_query_end(query);
    return found;
}

static size_t compare_with_sql(const engine_fixture *f, const char *path, const seine_parquet_wanted *wanted) {
    return compare_at(f, path, path, wanted);
}

static void write_rows(const char *path, const seine_rows *groups, size_t group_count, bool is_packed,
                       seine_arena *arena) {
    seine_parquet_writer *writer = NULL;
    seine_data_file file;
    seine_error error = {0};
    assert_ok(seine_parquet_open(path, &every_schema, &writer, &error), error);
    if (!is_packed) seine_parquet_leave_unpacked(writer);
    for (size_t g = 0; g < group_count; g++) assert_ok(seine_parquet_write(writer, &groups[g], &error), error);
    assert_ok(seine_parquet_finish(writer, arena, &file, &error), error);
}

static seine_rows random_rows(size_t count, uint64_t *seed, seine_arena *arena) {
    seine_rows rows = {count, EVERY_COLUMNS, SEINE_ARENA_ARRAY(arena, seine_vec, EVERY_COLUMNS)};
    for (size_t c = 0; c < EVERY_COLUMNS; c++) rows.columns[c] = random_vec(&every_column[c], count, seed, arena);
    return rows;
}

/* A text of the column, or one that it does not hold. */
static seine_str some_text(const seine_rows *rows, size_t column, uint64_t *seed) {
    const void *found = NULL;
    for (int tries = 0; found == NULL && tries < 20; tries++)
        found = cell(&rows->columns[column], random_next(seed) % rows->count);
    return found != NULL && random_next(seed) % 8 > 0 ? *(const seine_str *)found : SEINE_STR("NOT THERE");
}

static void unsorted_files_give_what_sql_gives(void **state) {
    const engine_fixture *f = *state;
    /* Around the borders of groups of 8, miniblocks of 32, blocks of 128, literal buffers of 504, pages of 40,960. */
    static const size_t sizes[] = {1,   2,   7,   8,   9,   31,  32,   33,    63,    64,    65,    127,
                                   128, 129, 500, 503, 504, 505, 1000, 40959, 40960, 40961, 81921, 122880};
    size_t found = 0;
    for (uint64_t n = 0; n < 3 * sizeof sizes / sizeof sizes[0]; n++) {
        seine_arena arena = {0};
        char path[600];
        uint64_t seed = n * 6007 + 11;
        seine_rows groups[3];
        const size_t count = sizes[n / 3] < 2000 ? 3 : 1;
        for (size_t g = 0; g < count; g++) groups[g] = random_rows(sizes[n / 3], &seed, &arena);
        snprintf(path, sizeof path, "%s/any-%llu.parquet", f->folder, (unsigned long long)n);
        write_rows(path, groups, count, n % 2 == 0, &arena);
        const seine_parquet_wanted all = wanted_of(SIZE_MAX, SEINE_STR(""));
        if (n % 3 == 0) assert_int_equal(compare_with_sql(f, path, &all), count * sizes[n / 3]);
        for (size_t key = KEY_OPTIONAL; key <= KEY_REQUIRED; key++) {
            seine_parquet_wanted wanted = wanted_of(key, some_text(&groups[0], key, &seed));
            found += compare_with_sql(f, path, &wanted);
            const int64_t *time_us = cell(&groups[0].columns[TIME], random_next(&seed) % groups[0].count);
            wanted.time = TIME;
            wanted.from_us = time_us != NULL ? *time_us : 0;
            found += compare_with_sql(f, path, &wanted);
            wanted.to_us = wanted.from_us;
            found += compare_with_sql(f, path, &wanted);
        }
        seine_arena_free(&arena);
    }
    assert_true(found > 100000); /* else the comparison proves little */
}

/* As ingest writes: ids ascending, times ascending within each; runs cross borders of pages and row groups. */
static void sorted_rows(seine_rows *rows, size_t first, size_t run, seine_arena *arena) {
    uint32_t *codes = SEINE_ARENA_ARRAY(arena, uint32_t, rows->count);
    int64_t *times = SEINE_ARENA_ARRAY(arena, int64_t, rows->count);
    const size_t ids = (first + rows->count) / run + 1;
    seine_str *texts = SEINE_ARENA_ARRAY(arena, seine_str, ids);
    for (size_t i = 0; i < ids; i++) texts[i] = seine_str_of(seine_arena_printf(arena, "%09zu", 200000000 + i));
    for (size_t i = 0; i < rows->count; i++) {
        codes[i] = (uint32_t)((first + i) / run);
        times[i] = (int64_t)((first + i) % run) * 1000000;
    }
    rows->columns[KEY_REQUIRED] = (seine_vec){
        .type = SEINE_TYPE_STRING, .kind = SEINE_VEC_DICT, .values = texts, .codes = codes, .dict_count = ids};
    rows->columns[TIME] = (seine_vec){.type = SEINE_TYPE_TIMESTAMPTZ, .kind = SEINE_VEC_PLAIN, .values = times};
}

static void a_vessel_over_borders_of_pages_and_groups_is_whole(void **state) {
    const engine_fixture *f = *state;
    seine_arena arena = {0};
    char path[600];
    uint64_t seed = 99;
    const size_t per_group = 100000, run = 30000;
    seine_rows groups[3];
    for (size_t g = 0; g < 3; g++) {
        groups[g] = random_rows(per_group, &seed, &arena);
        sorted_rows(&groups[g], g * per_group, run, &arena);
    }
    snprintf(path, sizeof path, "%s/sorted.parquet", f->folder);
    write_rows(path, groups, 3, true, &arena);
    for (size_t id = 0; id <= 10; id++) {
        const seine_str text = seine_str_of(seine_arena_printf(&arena, "%09zu", 200000000 + id));
        seine_parquet_wanted wanted = wanted_of(KEY_REQUIRED, text);
        assert_int_equal(compare_with_sql(f, path, &wanted), id < 10 ? run : 0);
        wanted.time = TIME;
        wanted.from_us = 12345000000;
        wanted.to_us = 12545000000;
        assert_int_equal(compare_with_sql(f, path, &wanted), id < 10 ? 201 : 0);
    }
    seine_arena_free(&arena);
}

static void columns_come_in_the_order_asked_for(void **state) {
    const engine_fixture *f = *state;
    seine_arena arena = {0};
    char path[600];
    uint64_t seed = 5;
    seine_rows rows = random_rows(300, &seed, &arena);
    sorted_rows(&rows, 0, 100, &arena);
    snprintf(path, sizeof path, "%s/some.parquet", f->folder);
    write_rows(path, &rows, 1, true, &arena);
    const size_t columns[] = {TIME, 7, KEY_REQUIRED};
    const seine_parquet_wanted wanted = {&every_schema, columns, 3, 2, SEINE_STR("200000001"), 0, 5000000, 7000000};
    seine_error error = {0};
    reading r = {0};
    seine_parquet_room_init(&r.room);
    assert_ok(seine_parquet_reader_open(path, &wanted, &r.room, &r.reader, &error), error);
    for (size_t i = 105; i <= 107; i++) {
        assert_true(next_row(&r));
        assert_int_equal(r.rows.column_count, 3);
        for (size_t c = 0; c < 3; c++)
            assert_true(same_cell(every_column[columns[c]].type, cell(&rows.columns[columns[c]], i),
                                  cell(&r.rows.columns[c], r.row)));
    }
    assert_false(next_row(&r));
    close_reading(&r);
    seine_arena_free(&arena);
}

/* Opens and reads to the end. */
static seine_status read_all(const char *path, const seine_parquet_wanted *wanted, seine_error *error) {
    seine_arena arena = {0};
    seine_parquet_room room;
    seine_parquet_reader *reader = NULL;
    seine_rows rows = {.count = 1};
    seine_parquet_room_init(&room);
    seine_status status = seine_parquet_reader_open(path, wanted, &room, &reader, error);
    while (status == SEINE_OK && rows.count > 0) status = seine_parquet_reader_next(reader, &arena, &rows, error);
    seine_parquet_reader_close(reader);
    seine_parquet_room_free(&room);
    seine_arena_free(&arena);
    return status;
}

/* Objects are read by ranges, which cost a request each: chunks that lie together come together. */
static void an_object_is_looked_up_in_few_requests(void **state) {
    const engine_fixture *f = *state;
    enum { GROUPS = 6, ROWS = 122880, RUN = 5000 };
    seine_arena arena = {0};
    seine_rows groups[GROUPS];
    uint64_t seed = 77;
    char path[600];
    seine_store *store = NULL;
    const char *key = NULL, *address = "mem://parquet/00000-x.parquet";
    for (size_t g = 0; g < GROUPS; g++) {
        groups[g] = random_rows(ROWS, &seed, &arena);
        sorted_rows(&groups[g], g * ROWS, RUN, &arena);
    }
    snprintf(path, sizeof path, "%s/object.parquet", f->folder);
    write_rows(path, groups, GROUPS, true, &arena);
    write_rows(address, groups, GROUPS, true, &arena);
    seine_error error = {0};
    assert_ok(seine_stores_find(address, &store, &key, &error), error);
    size_t most = 0;
    for (size_t id = 0; id < GROUPS * ROWS / RUN; id += 13) {
        const seine_str text = seine_str_of(seine_arena_printf(&arena, "%09zu", 200000000 + id));
        const seine_parquet_wanted wanted = wanted_of(KEY_REQUIRED, text);
        const uint64_t before = seine_memory_store_count(store);
        assert_true(compare_at(f, path, address, &wanted) > 0);
        const size_t requests = (size_t)(seine_memory_store_count(store) - before);
        if (requests > most) most = requests;
    }
    print_message("# %d columns of a vessel: at most %zu requests\n", EVERY_COLUMNS, most);
    assert_true(most <= 2 * EVERY_COLUMNS);
    seine_stores_close();
    seine_arena_free(&arena);
}

static void files_of_other_programs_are_left_to_sql(void **state) {
    const engine_fixture *f = *state;
    static const char *const options[] = {"", ", COMPRESSION zstd", ", COMPRESSION uncompressed",
                                          ", PARQUET_VERSION v2", ", COMPRESSION zstd, PARQUET_VERSION v2"};
    seine_error error = {0};
    const seine_parquet_wanted wanted = wanted_of(KEY_REQUIRED, SEINE_STR("A"));
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        char path[600], sql[2000];
        snprintf(path, sizeof path, "%s/foreign-%zu.parquet", f->folder, i);
        snprintf(
            sql, sizeof sql,
            "COPY (SELECT true AS b, true AS br, 1::INTEGER AS i, 1::INTEGER AS ir, 1::BIGINT AS l, 1::BIGINT AS lr,"
            " 1.5::DOUBLE AS d,"
            " 1.5::DOUBLE AS dr, DATE '2025-01-01' AS day, TIMESTAMPTZ '2025-01-01 00:00:00+00' AS ts,"
            " 'A' AS s, 'A' AS sr, 'A'::BLOB AS x) TO '%s' (FORMAT parquet, FIELD_IDS {b: 1, br: 2, i: 3, ir: 4, l: 5,"
            " lr: 6, d: 7, dr: 8, day: 9, ts: 10, s: 11, sr: 12, x: 13}%s)",
            path, options[i]);
        assert_ok(seine_engine_run(f->engine, sql, &error), error);
        assert_int_equal(read_all(path, &wanted, &error), SEINE_E_UNSUPPORTED);
    }
}

static void a_file_without_a_wanted_column_is_left_to_sql(void **state) {
    const engine_fixture *f = *state;
    static const seine_column more[] = {{1, "mmsi", SEINE_TYPE_STRING, true, false, "", ""},
                                        {2, "later", SEINE_TYPE_LONG, false, false, "", ""}};
    static const seine_table_schema former = {"t", "", more, 1, {{0}}, 0, {1}},
                                    present = {"t", "", more, 2, {{0}}, 0, {1}};
    static const seine_column wider[] = {{1, "mmsi", SEINE_TYPE_BINARY, true, false, "", ""}};
    static const seine_table_schema changed = {"t", "", wider, 1, {{0}}, 0, {1}};
    const size_t columns[] = {0, 1};
    seine_arena arena = {0};
    seine_data_file file;
    seine_parquet_writer *writer = NULL;
    seine_error error = {0};
    char path[600];
    const seine_str value = SEINE_STR("A");
    seine_vec vec = {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_CONSTANT, .values = &value};
    const seine_rows rows = {10, 1, &vec};
    snprintf(path, sizeof path, "%s/former.parquet", f->folder);
    assert_ok(seine_parquet_open(path, &former, &writer, &error), error);
    assert_ok(seine_parquet_write(writer, &rows, &error), error);
    assert_ok(seine_parquet_finish(writer, &arena, &file, &error), error);
    const seine_parquet_wanted both = {&present, columns, 2, 0, value, SIZE_MAX, 0, 0};
    assert_int_equal(read_all(path, &both, &error), SEINE_E_UNSUPPORTED);
    const seine_parquet_wanted other = {&changed, columns, 1, 0, value, SIZE_MAX, 0, 0};
    assert_int_equal(read_all(path, &other, &error), SEINE_E_UNSUPPORTED);
    const seine_parquet_wanted one = {&former, columns, 1, 0, value, SIZE_MAX, 0, 0};
    assert_int_equal(read_all(path, &one, &error), SEINE_OK);
    assert_int_equal(read_all("/nowhere/at.all", &one, &error), SEINE_E_NOT_FOUND);
    seine_arena_free(&arena);
}

/* ---- damage ---- */

/* A file with every encoding; three ids of 100 rows. */
static void write_small(const char *path, bool is_packed, seine_arena *arena) {
    uint64_t seed = 4242;
    seine_rows groups[2];
    for (size_t g = 0; g < 2; g++) {
        groups[g] = random_rows(150, &seed, arena);
        for (size_t c = 0; c < EVERY_COLUMNS; c++) {
            const int kind = g == 0 ? SEINE_VEC_PLAIN : SEINE_VEC_DICT;
            while ((int)groups[g].columns[c].kind != kind)
                groups[g].columns[c] = random_vec(&every_column[c], 150, &seed, arena);
        }
        sorted_rows(&groups[g], g * 150, 100, arena);
    }
    write_rows(path, groups, 2, is_packed, arena);
}

static const seine_parquet_wanted *small_wanted(seine_parquet_wanted *wanted) {
    *wanted = wanted_of(KEY_REQUIRED, SEINE_STR("200000001"));
    wanted->time = TIME;
    wanted->from_us = 1000000;
    return wanted;
}

/* Reads the bytes as a file; the status must be one that damage may have. */
static seine_status read_damaged(const char *path, const uint8_t *bytes, size_t size) {
    seine_parquet_wanted wanted;
    seine_error error = {0};
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    const seine_status status = read_all(path, small_wanted(&wanted), &error);
    if (status != SEINE_OK && status != SEINE_E_FORMAT && status != SEINE_E_UNSUPPORTED)
        fail_msg("%s: status %d: %s", path, (int)status, error.text);
    if (status != SEINE_OK) assert_non_null(strstr(error.text, path));
    return status;
}

/* @return of 6,000 changes of a byte those that are told. */
static size_t damage_file(const engine_fixture *f, bool is_packed) {
    char path[600];
    seine_arena arena = {0};
    seine_buf bytes;
    seine_error error = {0};
    snprintf(path, sizeof path, "%s/small.parquet", f->folder);
    write_small(path, is_packed, &arena);
    seine_buf_init(&bytes, 1 << 24);
    assert_ok(seine_file_read(path, &bytes, &error), error);
    assert_int_equal(read_damaged(path, bytes.data, bytes.size), SEINE_OK);
    for (size_t size = 0; size < bytes.size; size += 1 + size / 50)
        assert_int_not_equal(read_damaged(path, bytes.data, size), SEINE_OK);
    uint64_t seed = 77;
    size_t told = 0;
    for (int i = 0; i < 6000; i++) {
        /* Half of them where the footer is. */
        const size_t at = i % 2 == 0 ? random_next(&seed) % bytes.size : bytes.size - 1 - random_next(&seed) % 3000;
        const uint8_t before = bytes.data[at];
        const uint8_t flipped = (uint8_t)(before ^ 1U << random_next(&seed) % 8), other = (uint8_t)random_next(&seed);
        bytes.data[at] = i % 3 == 0 ? other : flipped;
        told += read_damaged(path, bytes.data, bytes.size) != SEINE_OK;
        bytes.data[at] = before;
    }
    seine_buf_free(&bytes);
    seine_arena_free(&arena);
    return told;
}

/* Of pages that are not packed most bytes are values, which may be any. */
static void damage_is_told(void **state) {
    assert_true(damage_file(*state, true) > 1000);
    assert_true(damage_file(*state, false) > 500);
}

/* ---- memory ---- */

static char small_path[600];

static seine_status read_small(void) {
    seine_parquet_wanted wanted;
    return read_all(small_path, small_wanted(&wanted), NULL);
}

static void every_allocation_may_fail(void **state) {
    const engine_fixture *f = *state;
    seine_arena arena = {0};
    snprintf(small_path, sizeof small_path, "%s/small.parquet", f->folder);
    write_small(small_path, true, &arena);
    check_allocations(read_small, 10, MUST_FAIL);
    seine_arena_free(&arena);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)
    const struct CMUnitTest tests[] = {
        TEST(unsorted_files_give_what_sql_gives),
        TEST(a_vessel_over_borders_of_pages_and_groups_is_whole),
        TEST(columns_come_in_the_order_asked_for),
        TEST(an_object_is_looked_up_in_few_requests),
        TEST(files_of_other_programs_are_left_to_sql),
        TEST(a_file_without_a_wanted_column_is_left_to_sql),
        TEST(damage_is_told),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
