/* links: parquet columns io base */
/* wraps: malloc calloc realloc */
/* A row group gathered from batches: every row once, in order, with texts of its own, cut where a group is full. The
 * batches lie in the same memory one after the other, so that borrowed texts would show. */
#include "unit/core_support.h"

#include "parquet/row_group.h"

#include <unistd.h>

#include "unit/nomem_support.h"

#define BATCH 2048

static const seine_column columns[] = {{1, "number", SEINE_TYPE_LONG, true, false, "", ""},
                                       {2, "name", SEINE_TYPE_STRING, false, false, "", ""}};

/* Rows first … first + count - 1: their number, and as a name their number in words; every third has none. */
typedef struct batch {
    int64_t numbers[BATCH];
    char text[BATCH][24];
    seine_str names[BATCH];
    uint8_t has_name[BATCH];
    seine_vec vecs[2];
    seine_rows rows;
} batch;

static void fill(batch *b, int64_t first, size_t count) {
    for (size_t i = 0; i < count; i++) {
        b->numbers[i] = first + (int64_t)i;
        const int size = snprintf(b->text[i], sizeof b->text[i], "row %lld", (long long)b->numbers[i]);
        b->names[i] = (seine_str){b->text[i], (size_t)size};
        b->has_name[i] = b->numbers[i] % 3 != 0;
        if (!b->has_name[i])
            b->names[i] = (seine_str){(const char *)16, 1000}; /* what a null says is never looked at */
    }
    b->vecs[0] = (seine_vec){.type = SEINE_TYPE_LONG, .values = b->numbers};
    b->vecs[1] = (seine_vec){.type = SEINE_TYPE_STRING, .values = b->names, .valid = b->has_name};
    b->rows = (seine_rows){count, 2, b->vecs};
}

static void assert_group(const seine_row_group *group, int64_t first) {
    const int64_t *numbers = group->rows.columns[0].values;
    const seine_str *names = group->rows.columns[1].values;
    const uint8_t *all = group->rows.columns[0].valid, *valid = group->rows.columns[1].valid;
    for (size_t i = 0; i < group->rows.count; i++) {
        char wanted[24];
        const int size = snprintf(wanted, sizeof wanted, "row %lld", (long long)numbers[i]);
        if (numbers[i] != first + (int64_t)i || all[i] != 1 || valid[i] != (numbers[i] % 3 != 0)) fail();
        if (valid[i] && !seine_str_equal(names[i], (seine_str){wanted, (size_t)size})) fail();
    }
}

static void batches_of_any_size_fill_groups_to_the_row(void **state) {
    (void)state;
    static const size_t sizes[] = {BATCH, 1, 700, 2047};
    const size_t total = 2 * SEINE_ROW_GROUP_ROWS + 5;
    static batch b;
    seine_row_group group;
    size_t groups = 0, written = 0, given = 0;
    assert_int_equal(seine_row_group_make(&group, columns, 2), SEINE_OK);
    for (size_t n = 0; given < total; n++) {
        const size_t size = sizes[n % 4] < total - given ? sizes[n % 4] : total - given;
        fill(&b, (int64_t)given, size);
        given += size;
        for (size_t first = 0; first < size;) {
            assert_int_equal(seine_row_group_take(&group, &b.rows, &first), SEINE_OK);
            if (!seine_row_group_is_full(&group)) continue;
            assert_int_equal(group.rows.count, SEINE_ROW_GROUP_ROWS);
            assert_group(&group, (int64_t)written);
            written += group.rows.count;
            groups++;
            group.rows.count = 0;
        }
    }
    assert_int_equal(groups, 2);
    assert_int_equal(group.rows.count, 5);
    assert_group(&group, (int64_t)written);
    seine_row_group_free(&group);
}

static void groups_go_into_a_file_and_are_forgotten(void **state) {
    (void)state;
    static batch b;
    const seine_table_schema schema = {.name = "a.b", .doc = "", .columns = columns, .column_count = 2};
    char path[64];
    (void)snprintf(path, sizeof path, "/tmp/seine-row-group-%d.parquet", (int)getpid());
    seine_arena arena = {0};
    seine_row_group group;
    seine_parquet_writer *writer = NULL;
    seine_data_file file = {0};
    assert_int_equal(seine_row_group_make(&group, columns, 2), SEINE_OK);
    assert_int_equal(seine_parquet_open(path, &schema, &writer, NULL), SEINE_OK);
    assert_int_equal(seine_row_group_write(&group, writer, NULL), SEINE_OK); /* nothing is no group */
    for (int64_t i = 0; i < 3; i++) {
        size_t first = 0;
        fill(&b, i * 100, 100);
        assert_int_equal(seine_row_group_take(&group, &b.rows, &first), SEINE_OK);
        assert_int_equal(first, 100);
        assert_int_equal(seine_row_group_write(&group, writer, NULL), SEINE_OK);
        assert_true(group.rows.count == 0 && group.texts.blocks == NULL);
    }
    assert_int_equal(seine_parquet_finish(writer, &arena, &file, NULL), SEINE_OK);
    assert_int_equal(file.rows, 300);
    seine_row_group_free(&group);
    seine_arena_free(&arena);
    (void)unlink(path);
}

static seine_status gather_some(void) {
    static batch b;
    seine_row_group group;
    size_t first = 0;
    fill(&b, 0, 10);
    seine_status status = seine_row_group_make(&group, columns, 2);
    if (status == SEINE_OK) status = seine_row_group_take(&group, &b.rows, &first);
    seine_row_group_free(&group);
    return status;
}

static void without_memory_nothing_is_leaked(void **state) {
    (void)state;
    check_allocations(gather_some, 7, MUST_FAIL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_of_any_size_fill_groups_to_the_row),
        cmocka_unit_test(groups_go_into_a_file_and_are_forgotten),
        cmocka_unit_test(without_memory_nothing_is_leaked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
