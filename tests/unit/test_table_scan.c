/* links: table parquet engine io core columns base */
/* Rows of files: the same by the reader of the program and by the SQL engine, whoever wrote the file. */
#include "parquet_support.h"

#include "table/scan.h"

#define COLUMNS 3
#define ROWS 1000
#define MOVERS 10

static const seine_column columns_of_scan[] = {{1, "mover", SEINE_TYPE_STRING, true, false, "", ""},
                                               {2, "place", SEINE_TYPE_LONG, false, false, "", ""},
                                               {3, "note", SEINE_TYPE_STRING, false, false, "", ""}};
static const seine_table_schema schema = {"t", "", columns_of_scan, COLUMNS, {{0}}, 0, {1}};
static const size_t all_columns[] = {0, 1, 2};

/* What came, as text. */
typedef struct taken {
    seine_buf text;
    size_t rows, calls;
    seine_status answer;
} taken;

static seine_status take(void *context, const seine_rows *rows, seine_error *error) {
    taken *t = context;
    t->calls++;
    t->rows += rows->count;
    for (size_t r = 0; r < rows->count; r++) {
        const seine_str *mover = cell(&rows->columns[0], r), *note = cell(&rows->columns[2], r);
        const int64_t *place = cell(&rows->columns[1], r);
        assert_int_equal(SEINE_OK, seine_buf_printf(&t->text, "%.*s %lld %zu%.3s\n", SEINE_STR_ARG(*mover),
                                                    place != NULL ? (long long)*place : -1,
                                                    note != NULL ? note->size : 0, note != NULL ? note->data : ""));
    }
    return t->answer == SEINE_OK ? SEINE_OK : seine_fail(error, t->answer, "the sink has enough");
}

static taken begin(void) {
    taken t = {.answer = SEINE_OK};
    seine_buf_init(&t.text, (size_t)1 << 30);
    return t;
}

/* Rows first … last of a sorted table: ROWS / MOVERS of each mover; each seventh place is null. */
static seine_rows make_rows(size_t first, size_t last, size_t note_size, seine_arena *arena) {
    const size_t count = last - first;
    seine_rows rows = {count, COLUMNS, SEINE_ARENA_ARRAY(arena, seine_vec, COLUMNS)};
    seine_str *movers = SEINE_ARENA_ARRAY(arena, seine_str, count), *notes = SEINE_ARENA_ARRAY(arena, seine_str, count);
    int64_t *places = SEINE_ARENA_ARRAY(arena, int64_t, count);
    uint8_t *valid = SEINE_ARENA_ARRAY(arena, uint8_t, count);
    char *note = seine_arena_alloc(arena, note_size + 1);
    memset(note, 'n', note_size);
    for (size_t i = 0; i < count; i++) {
        movers[i] = seine_str_of(seine_arena_printf(arena, "m'%02zu", (first + i) / (ROWS / MOVERS)));
        notes[i] = i == 0 ? (seine_str){note, note_size}
                          : seine_str_of(seine_arena_printf(arena, "%zu", (first + i) * 7919 % 1000));
        places[i] = (int64_t)(first + i);
        valid[i] = (first + i) % 7 > 0;
    }
    rows.columns[0] = (seine_vec){.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_PLAIN, .values = movers};
    rows.columns[1] = (seine_vec){.type = SEINE_TYPE_LONG, .kind = SEINE_VEC_PLAIN, .values = places, .valid = valid};
    rows.columns[2] = (seine_vec){.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_PLAIN, .values = notes};
    return rows;
}

/* Two row groups; the second one's first note has so many bytes. */
static void write_file(const char *path, size_t note_size) {
    seine_arena arena = {0};
    seine_parquet_writer *writer = NULL;
    seine_data_file file;
    seine_error error = {0};
    const seine_rows groups[] = {make_rows(0, ROWS / 2, 1, &arena), make_rows(ROWS / 2, ROWS, note_size, &arena)};
    assert_ok(seine_parquet_open(path, &schema, &writer, &error), error);
    for (size_t g = 0; g < 2; g++) assert_ok(seine_parquet_write(writer, &groups[g], &error), error);
    assert_ok(seine_parquet_finish(writer, &arena, &file, &error), error);
    seine_arena_free(&arena);
}

/* The same rows, written by the engine. */
static void copy_file(const engine_fixture *f, const char *from, const char *to) {
    char sql[2000];
    seine_error error = {0};
    snprintf(sql, sizeof sql,
             "COPY (FROM read_parquet('%s')) TO '%s' (FORMAT parquet, FIELD_IDS {mover: 1, place: 2, note: 3})", from,
             to);
    assert_ok(seine_engine_run(f->engine, sql, &error), error);
}

static taken scan(const engine_fixture *f, const char *const *files, size_t count, const seine_str *only,
                  size_t only_count) {
    seine_error error = {0};
    taken t = begin();
    const seine_scan wanted = {f->engine, &schema, all_columns, COLUMNS, files, count, only, only_count, false};
    assert_ok(seine_scan_run(&wanted, take, &t, &error), error);
    return t;
}

static void files_of_others_give_the_same_rows(void **state) {
    const engine_fixture *f = *state;
    const seine_str none[] = {SEINE_STR("x")}, two[] = {SEINE_STR("m'07"), SEINE_STR("m'02")},
                    many[] = {SEINE_STR("m'01"), SEINE_STR("m'02"), SEINE_STR("m'03"), SEINE_STR("m'04"),
                              SEINE_STR("m'05")};
    const struct {
        const seine_str *only;
        size_t count, rows;
    } cases[] = {{NULL, 0, ROWS}, {none, 1, 0}, {two, 1, ROWS / MOVERS}, {two, 2, 2 * ROWS / MOVERS}, {many, 5, ROWS}};
    char own[600], foreign[600];
    snprintf(own, sizeof own, "%s/own.parquet", f->folder);
    snprintf(foreign, sizeof foreign, "%s/foreign.parquet", f->folder);
    write_file(own, 5);
    copy_file(f, own, foreign);
    const char *const files[] = {own}, *const others[] = {foreign}, *const both[] = {foreign, own, foreign};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        taken ours = scan(f, files, 1, cases[i].only, cases[i].count);
        taken theirs = scan(f, others, 1, cases[i].only, cases[i].count);
        taken all = scan(f, both, 3, cases[i].only, cases[i].count);
        assert_int_equal(ours.rows, cases[i].rows);
        assert_int_equal(ours.text.size, theirs.text.size);
        if (ours.rows > 0) assert_memory_equal(ours.text.data, theirs.text.data, ours.text.size);
        assert_int_equal(all.rows, 3 * cases[i].rows);
        seine_buf_free(&ours.text);
        seine_buf_free(&theirs.text);
        seine_buf_free(&all.text);
    }
}

/* A page that the reader finds too large, behind rows that it has given already: none is missing, none comes twice. */
static void what_is_not_understood_in_the_middle_goes_on_there(void **state) {
    const engine_fixture *f = *state;
    const seine_str two[] = {SEINE_STR("m'02"), SEINE_STR("m'07")};
    const size_t large = (size_t)17 << 20;
    char small_path[600], large_path[600];
    snprintf(small_path, sizeof small_path, "%s/small.parquet", f->folder);
    snprintf(large_path, sizeof large_path, "%s/large.parquet", f->folder);
    write_file(small_path, 3);
    write_file(large_path, large);
    const char *const smalls[] = {small_path}, *const larges[] = {large_path};
    for (size_t count = 0; count <= 2; count += 2) {
        taken expected = scan(f, smalls, 1, two, count), found = scan(f, larges, 1, two, count);
        assert_int_equal(found.rows, expected.rows);
        assert_true(found.calls > 1);
        /* All but the one long note, whose size has more digits. */
        const size_t same = (count == 0 ? expected.text.size : found.text.size) / 2 - 100;
        assert_memory_equal(found.text.data, expected.text.data, same);
        assert_memory_equal(found.text.data + found.text.size - same, expected.text.data + expected.text.size - same,
                            same);
        seine_buf_free(&expected.text);
        seine_buf_free(&found.text);
    }
}

static void a_sink_ends_the_reading(void **state) {
    const engine_fixture *f = *state;
    char path[600];
    snprintf(path, sizeof path, "%s/ended.parquet", f->folder);
    write_file(path, 1);
    const char *const files[] = {path, path};
    const seine_scan wanted = {f->engine, &schema, all_columns, COLUMNS, files, 2, NULL, 0, false};
    static const seine_status answers[] = {SEINE_E_UNSUPPORTED, SEINE_E_INTERRUPTED};
    for (size_t i = 0; i < 2; i++) {
        seine_error error = {0};
        taken t = begin();
        t.answer = answers[i];
        assert_int_equal(seine_scan_run(&wanted, take, &t, &error), answers[i]);
        assert_int_equal(t.calls, 1);
        assert_string_equal(error.text, "the sink has enough");
        seine_buf_free(&t.text);
    }
}

static void what_is_wrong_is_told(void **state) {
    const engine_fixture *f = *state;
    char path[600];
    seine_error error = {0};
    taken t = begin();
    snprintf(path, sizeof path, "%s/damaged.parquet", f->folder);
    assert_ok(seine_file_write(path, "PAR1 no more PAR1", 17, SEINE_FILE_REPLACE, &error), error);
    const char *const files[] = {path}, *const gone[] = {"/nowhere/at.all"};
    seine_scan wanted = {f->engine, &schema, all_columns, COLUMNS, files, 1, NULL, 0, false};
    assert_int_equal(seine_scan_run(&wanted, take, &t, &error), SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, path));
    wanted.files = gone;
    assert_int_equal(seine_scan_run(&wanted, take, &t, &error), SEINE_E_NOT_FOUND);
    assert_int_equal(t.calls, 0);
    seine_buf_free(&t.text);
}

/* ---- merged ---- */

#define FILES 5

/* Rows of a sorted table dealt out to FILES files in pieces of 1 to @p piece rows, none of them null. */
static void deal_files(const char *folder, unsigned seed, size_t piece, char paths[FILES][600], bool foreign,
                       const engine_fixture *f) {
    seine_arena arena = {0};
    seine_error error = {0};
    seine_parquet_writer *writers[FILES];
    for (size_t i = 0; i < FILES; i++) {
        snprintf(paths[i], 600, "%s/part-%zu.parquet", folder, i);
        (void)remove(paths[i]);
        assert_ok(seine_parquet_open(paths[i], &schema, &writers[i], &error), error);
    }
    for (size_t first = 0; first < ROWS;) {
        seed = seed * 1103515245u + 12345u;
        const size_t count = 1 + (seed >> 16) % piece, last = first + count < ROWS ? first + count : ROWS;
        seine_rows rows = make_rows(first, last, 1, &arena);
        rows.columns[1].valid = NULL;
        assert_ok(seine_parquet_write(writers[(seed >> 8) % FILES], &rows, &error), error);
        first = last;
    }
    for (size_t i = 0; i < FILES; i++) {
        seine_data_file file;
        assert_ok(seine_parquet_finish(writers[i], &arena, &file, &error), error);
    }
    if (foreign) { /* the one in the middle was written by somebody else */
        char other[600];
        snprintf(other, sizeof other, "%s/foreign-part.parquet", folder);
        copy_file(f, paths[FILES / 2], other);
        memcpy(paths[FILES / 2], other, sizeof other);
    }
    seine_arena_free(&arena);
}

static void files_of_a_partition_come_in_one_order(void **state) {
    const engine_fixture *f = *state;
    const seine_str two[] = {SEINE_STR("m'07"), SEINE_STR("m'02")};
    for (unsigned seed = 1; seed <= 24; seed++) {
        char paths[FILES][600];
        const char *files[FILES];
        const bool narrow = seed % 3 == 0;
        deal_files(f->folder, seed, seed % 2 == 0 ? 3 : 150, paths, seed % 4 == 0, f);
        for (size_t i = 0; i < FILES; i++) files[i] = paths[i];
        seine_error error = {0};
        taken t = begin(), expected = begin();
        const seine_scan wanted = {f->engine, &schema, all_columns, COLUMNS, files, FILES, two, narrow ? 2 : 0, true};
        assert_ok(seine_scan_run(&wanted, take, &t, &error), error);
        seine_arena arena = {0};
        for (size_t m = 0; m < MOVERS; m++) {
            if (narrow && m != 2 && m != 7) continue;
            seine_rows rows = make_rows(m * (ROWS / MOVERS), (m + 1) * (ROWS / MOVERS), 1, &arena);
            rows.columns[1].valid = NULL;
            assert_int_equal(take(&expected, &rows, &error), SEINE_OK);
        }
        assert_int_equal(t.rows, expected.rows);
        const char *at = (const char *)t.text.data, *wanted_at = (const char *)expected.text.data;
        for (size_t row = 0; row < t.rows; row++) { /* the notes differ, for they begin anew with each piece */
            char a[64], b[64];
            sscanf(at, "%63[^ ] %*s", a);
            sscanf(wanted_at, "%63[^ ] %*s", b);
            assert_string_equal(a, b);
            assert_int_equal(strtol(strchr(at, ' '), NULL, 10), strtol(strchr(wanted_at, ' '), NULL, 10));
            at = strchr(at, '\n') + 1;
            wanted_at = strchr(wanted_at, '\n') + 1;
        }
        seine_arena_free(&arena);
        seine_buf_free(&t.text);
        seine_buf_free(&expected.text);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)
    const struct CMUnitTest tests[] = {
        TEST(files_of_others_give_the_same_rows),
        TEST(what_is_not_understood_in_the_middle_goes_on_there),
        TEST(a_sink_ends_the_reading),
        TEST(what_is_wrong_is_told),
        TEST(files_of_a_partition_come_in_one_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
