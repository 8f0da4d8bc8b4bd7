/* links: table io columns base */
/* Avro container files: what is written is read back, and bytes that are not such a file are refused. */
#include "table_support.h"

#include "table/avro/avro.h"

static const char schema[] =
    "{\"type\":\"record\",\"name\":\"row\",\"fields\":["
    "{\"name\":\"number\",\"type\":\"long\",\"field-id\":1},"
    "{\"name\":\"maybe\",\"type\":[\"null\",\"string\"],\"default\":null,\"field-id\":2},"
    "{\"name\":\"flag\",\"type\":\"boolean\",\"field-id\":3},"
    "{\"name\":\"counts\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"k4_v5\",\"fields\":["
    "{\"name\":\"key\",\"type\":\"int\",\"field-id\":4},{\"name\":\"value\",\"type\":\"long\",\"field-id\":5}]},"
    "\"logicalType\":\"map\"},\"field-id\":6}]}";

static void put_row(seine_avro_writer *w, int64_t number, const char *maybe) {
    seine_avro_put_long(w, number);
    seine_avro_put_long(w, maybe != NULL ? 1 : 0);
    if (maybe != NULL) seine_avro_put_bytes(w, seine_str_of(maybe));
    seine_avro_put_bool(w, number % 2 != 0);
    seine_avro_put_long(w, 2); /* one block of two pairs */
    for (int i = 0; i < 2; i++) {
        seine_avro_put_long(w, 10 + i);
        seine_avro_put_long(w, number * 10 + i);
    }
    seine_avro_put_long(w, 0);
    seine_avro_end_record(w);
}

static seine_str written(seine_avro_writer *w, size_t rows) {
    const seine_avro_meta meta[] = {{"format-version", SEINE_STR("2")}};
    assert_int_equal(seine_avro_begin(w, seine_str_of(schema), meta, 1, NULL), SEINE_OK);
    for (size_t i = 0; i < rows; i++) put_row(w, (int64_t)i - 5, i % 3 == 0 ? NULL : "text");
    assert_int_equal(seine_avro_end(w, NULL), SEINE_OK);
    return seine_buf_str(&w->file);
}

static void what_is_written_is_read_back(void **state) {
    (void)state;
    seine_avro_writer w;
    const size_t rows = 50000; /* several blocks */
    const seine_str bytes = written(&w, rows);
    seine_avro_file *file = NULL;
    assert_int_equal(seine_avro_open(bytes, "x.avro", &file, NULL), SEINE_OK);
    assert_true(seine_str_equal(seine_avro_header(file, "format-version"), SEINE_STR("2")));
    assert_true(seine_str_equal(seine_avro_header(file, "avro.codec"), SEINE_STR("deflate")));
    for (size_t i = 0; i < rows; i++) {
        seine_arena arena = {0};
        const seine_avro_value *row;
        assert_int_equal(seine_avro_next(file, &arena, &row, NULL), SEINE_OK);
        assert_non_null(row);
        const int64_t number = (int64_t)i - 5;
        assert_int_equal(seine_avro_int(seine_avro_field(row, 1, "anything"), 99), number);
        assert_int_equal(seine_avro_kind_of(seine_avro_field(row, 2, "maybe")),
                         i % 3 == 0 ? SEINE_AVRO_NULL : SEINE_AVRO_STRING);
        assert_int_equal(seine_avro_int(seine_avro_field(row, 3, "flag"), 9), number % 2 != 0);
        const seine_avro_value *counts = seine_avro_field(row, 6, "counts"), *value;
        int64_t key;
        assert_int_equal(counts->count, 2);
        assert_true(seine_avro_map_at(counts, 1, &key, &value));
        assert_int_equal(key, 11);
        assert_int_equal(seine_avro_int(value, 0), number * 10 + 1);
        assert_null(seine_avro_field(row, 77, "no_such"));
        seine_arena_free(&arena);
    }
    seine_arena arena = {0};
    const seine_avro_value *row;
    assert_int_equal(seine_avro_next(file, &arena, &row, NULL), SEINE_OK);
    assert_null(row);
    seine_arena_free(&arena);
    seine_avro_close(file);
    seine_avro_free(&w);
}

/* Opens and reads to the end. @return the first failure. */
static seine_status read_all(seine_str bytes) {
    seine_avro_file *file = NULL;
    seine_status status = seine_avro_open(bytes, "x.avro", &file, NULL);
    while (status == SEINE_OK) {
        seine_arena arena = {0};
        const seine_avro_value *row;
        status = seine_avro_next(file, &arena, &row, NULL);
        const bool end = status == SEINE_OK && row == NULL;
        seine_arena_free(&arena);
        if (end) break;
    }
    seine_avro_close(file);
    return status;
}

static void a_file_cut_short_anywhere_is_refused(void **state) {
    (void)state;
    seine_avro_writer w;
    const seine_str bytes = written(&w, 20);
    assert_int_equal(read_all(bytes), SEINE_OK);
    size_t header_only = 0;
    for (size_t size = 0; size < bytes.size; size++) {
        char *copy = malloc(size > 0 ? size : 1); /* its own block, so that reading past the end is caught */
        assert_non_null(copy);
        if (size > 0) memcpy(copy, bytes.data, size);
        const seine_status status = read_all((seine_str){copy, size});
        free(copy);
        if (status == SEINE_OK) header_only++;
        assert_true(status == SEINE_OK || status == SEINE_E_FORMAT);
    }
    assert_int_equal(header_only, 1); /* exactly behind the header: a file without blocks */
    seine_avro_free(&w);
}

static void other_codecs_are_named(void **state) {
    (void)state;
    static const char bytes[] = "Obj\x01\x02\x14"
                                "avro.codec\x0c"
                                "snappy\x00"
                                "0123456789abcdef";
    seine_avro_file *file = NULL;
    seine_error error = {0};
    assert_int_equal(seine_avro_open((seine_str){bytes, sizeof bytes - 1}, "m.avro", &file, &error),
                     SEINE_E_UNSUPPORTED);
    assert_non_null(strstr(error.text, "snappy"));
    assert_non_null(strstr(error.text, "m.avro"));
}

static void fields_without_ids_are_found_by_name(void **state) {
    (void)state;
    static const char plain[] = "{\"type\":\"record\",\"name\":\"row\",\"namespace\":\"n\",\"fields\":["
                                "{\"name\":\"status\",\"type\":\"int\"},{\"name\":\"day\",\"type\":[\"null\","
                                "{\"type\":\"int\",\"logicalType\":\"date\"}]}]}";
    seine_avro_writer w;
    assert_int_equal(seine_avro_begin(&w, seine_str_of(plain), NULL, 0, NULL), SEINE_OK);
    seine_avro_put_long(&w, 1);
    seine_avro_put_long(&w, 1);
    seine_avro_put_long(&w, -3);
    seine_avro_end_record(&w);
    assert_int_equal(seine_avro_end(&w, NULL), SEINE_OK);
    seine_avro_file *file = NULL;
    seine_arena arena = {0};
    const seine_avro_value *row;
    assert_int_equal(seine_avro_open(seine_buf_str(&w.file), "x.avro", &file, NULL), SEINE_OK);
    assert_int_equal(seine_avro_next(file, &arena, &row, NULL), SEINE_OK);
    assert_int_equal(seine_avro_int(seine_avro_field(row, 0, "status"), 9), 1);
    assert_int_equal(seine_avro_int(seine_avro_field(row, 1000, "day"), 9), -3);
    seine_arena_free(&arena);
    seine_avro_close(file);
    seine_avro_free(&w);
}

/* Whatever is put after a failure, the file is not taken for a whole one. */
static void a_failure_while_writing_is_told_at_the_end(void **state) {
    (void)state;
    seine_avro_writer w;
    seine_error error = {0};
    assert_int_equal(seine_avro_begin(&w, seine_str_of(schema), NULL, 0, NULL), SEINE_OK);
    put_row(&w, 1, "text");
    w.status = SEINE_E_NOMEM;
    put_row(&w, 2, "text");
    assert_int_equal(seine_avro_end(&w, &error), SEINE_E_NOMEM);
    assert_int_equal(error.status, SEINE_E_NOMEM);
    assert_non_null(strstr(error.text, "writing an Avro file"));
    seine_avro_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_while_writing_is_told_at_the_end), cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_file_cut_short_anywhere_is_refused),       cmocka_unit_test(other_codecs_are_named),
        cmocka_unit_test(fields_without_ids_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
