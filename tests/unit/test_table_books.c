/* links: table io columns base */
/* The books of a lake against its files; tables that come and go alone; how long jobs took. */
#include "table_support.h"

#include "base/time.h"
#include "table/books.h"
#include "table/job_timing.h"

/* wraps: seine_table_load_pointer */

/* What somebody else does once, when a table was found and is about to be loaded. */
static lake *busy;

seine_status __real_seine_table_load_pointer(const char *name, const char *pointer, seine_table **table,
                                             seine_error *error);
seine_status __wrap_seine_table_load_pointer(const char *name, const char *pointer, seine_table **table,
                                             seine_error *error);
seine_status __wrap_seine_table_load_pointer(const char *name, const char *pointer, seine_table **table,
                                             seine_error *error) {
    lake *other = busy;
    busy = NULL;
    if (other != NULL) (void)lake_append(other, 20090, 0, 7);
    return __real_seine_table_load_pointer(name, pointer, table, error);
}

typedef struct findings {
    size_t count;
    char text[8][600];
} findings;

static void note_finding(void *context, const char *text) {
    findings *f = context;
    assert_true(f->count < 8);
    (void)snprintf(f->text[f->count++], sizeof f->text[0], "%s", text);
}

/* Checks the books of the lake as it is now. @return how many files were read. */
static size_t check_books(lake *l, findings *found, const char *damaged) {
    seine_books_report result = {0};
    *found = (findings){0};
    assert_ok(l, seine_books_check(l->catalog, NULL, note_finding, found, &result, &l->error));
    assert_int_equal(result.findings, found->count);
    assert_int_equal(result.damaged_count, damaged != NULL ? 1 : 0);
    if (damaged != NULL)
        assert_true(seine_str_ends_with_nocase(seine_str_of(damaged), seine_str_of(result.damaged[0])));
    assert_false(result.is_broken);
    const size_t files = result.files;
    seine_books_report_free(&result);
    return files;
}

static void each_damage_of_a_file_is_found_and_named(void **state) {
    (void)state;
    lake l;
    findings found;
    lake_make(&l, 1);
    const size_t before = check_books(&l, &found, NULL);
    assert_int_equal(found.count, 0);
    const char *path = lake_append(&l, 20089, 0, 5);
    assert_true(check_books(&l, &found, NULL) > before);
    assert_int_equal(found.count, 0);
    assert_ok(&l, seine_file_write(path, "PAR1dat", 7, SEINE_FILE_REPLACE, &l.error));
    (void)check_books(&l, &found, path);
    assert_int_equal(found.count, 1);
    assert_non_null(strstr(found.text[0], "has 7 bytes, not 8"));
    assert_ok(&l, seine_file_write(path, "PAR1dada", 8, SEINE_FILE_REPLACE, &l.error));
    (void)check_books(&l, &found, path);
    assert_int_equal(found.count, 1);
    assert_non_null(strstr(found.text[0], "has other bytes than were written (checksum)"));
    assert_ok(&l, seine_file_remove(path, &l.error));
    (void)check_books(&l, &found, path);
    assert_int_equal(found.count, 1);
    assert_non_null(strstr(found.text[0], "is missing"));
    assert_non_null(strstr(found.text[0], seine_file_name(path)));
    lake_drop(&l);
}

static void a_hint_that_names_no_state_is_found(void **state) {
    (void)state;
    lake l;
    findings found;
    lake_make(&l, 1);
    (void)lake_append(&l, 20089, 0, 5);
    const char *hint = seine_arena_printf(&l.arena, "%s/silver/ais/metadata/version-hint.text", l.path);
    assert_ok(&l, seine_file_write(hint, "99-nobody", 9, SEINE_FILE_REPLACE, &l.error));
    (void)check_books(&l, &found, NULL);
    assert_int_equal(found.count, 1);
    assert_non_null(strstr(found.text[0], "does not name a state of table silver.ais; the next commit repairs it"));
    (void)lake_append(&l, 20090, 0, 5);
    (void)check_books(&l, &found, NULL);
    assert_int_equal(found.count, 0);
    lake_drop(&l);
}

static void nothing_moved_where_nobody_wrote(void **state) {
    (void)state;
    lake l;
    bool moved = true;
    lake_make(&l, 1);
    (void)lake_append(&l, 20089, 0, 5);
    assert_ok(&l, seine_catalog_read_begin(l.catalog, &l.error));
    assert_ok(&l, seine_books_moved(l.catalog, &moved, &l.error));
    assert_false(moved);
    seine_catalog_read_end(l.catalog);
    lake_drop(&l);
}

static bool has_table(lake *l, const char *name) {
    const char **names = NULL;
    size_t count = 0;
    bool found = false;
    assert_ok(l, seine_catalog_tables(l->catalog, &l->arena, &names, &count, &l->error));
    for (size_t i = 0; i < count; i++) found = found || strcmp(names[i], name) == 0;
    return found;
}

static void a_table_goes_with_its_files_and_comes_back_empty(void **state) {
    (void)state;
    lake l;
    findings found;
    seine_file_info info;
    lake_make(&l, 1);
    const char *path = lake_append(&l, 20089, 0, 5);
    assert_ok(&l, seine_catalog_drop_table(l.catalog, "silver.ais", &l.error));
    assert_false(has_table(&l, "silver.ais"));
    assert_ok(&l, seine_file_stat(path, &info, &l.error));
    assert_int_equal(info.kind, SEINE_FILE_NONE);
    (void)check_books(&l, &found, NULL); /* its files left the books too */
    assert_int_equal(found.count, 0);
    assert_int_equal(seine_catalog_drop_table(l.catalog, "silver.ais", &l.error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(l.error.text, "has no table silver.ais"));
    assert_ok(&l, seine_catalog_ensure_table(l.catalog, seine_schema_find("silver.ais"), &l.error));
    assert_true(has_table(&l, "silver.ais"));
    seine_table *table = lake_load(&l, "silver.ais");
    const seine_live_file *files = NULL;
    size_t count = 9;
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    assert_int_equal(count, 0);
    seine_table_close(table);
    (void)lake_append(&l, 20089, 0, 5); /* and takes commits */
    (void)check_books(&l, &found, NULL);
    assert_int_equal(found.count, 0);
    lake_drop(&l);
}

static void a_table_that_changes_while_it_is_dropped_stays(void **state) {
    (void)state;
    lake l, other;
    findings found;
    lake_make(&l, 1);
    const char *path = lake_append(&l, 20089, 0, 5);
    other = l;
    other.arena = (seine_arena){0};
    assert_ok(&l, seine_catalog_open(l.path, &other.catalog, &l.error));
    busy = &other;
    assert_int_equal(seine_catalog_drop_table(l.catalog, "silver.ais", &l.error), SEINE_E_CONFLICT);
    assert_string_equal(l.error.text, "table silver.ais was changed by somebody else meanwhile");
    seine_catalog_close(other.catalog);
    seine_arena_free(&other.arena);
    seine_table *table = lake_load(&l, "silver.ais");
    assert_int_equal(seine_table_rows(table), 12);
    seine_table_close(table);
    assert_true(seine_file_exists(path));
    (void)check_books(&l, &found, NULL);
    assert_int_equal(found.count, 0);
    lake_drop(&l);
}

static void every_table_may_go(void **state) {
    (void)state;
    lake l;
    findings found;
    size_t count, left = 9;
    seine_pointer *pointers = NULL;
    lake_make(&l, 1);
    const seine_table_schema *schemas = seine_schemas(&count);
    for (size_t i = 0; i < count; i++) assert_ok(&l, seine_catalog_drop_table(l.catalog, schemas[i].name, &l.error));
    assert_ok(&l, seine_catalog_pointers(l.catalog, &l.arena, &pointers, &left, &l.error));
    assert_int_equal(left, 0);
    assert_ok(&l, seine_catalog_ensure_tables(l.catalog, &l.error));
    assert_ok(&l, seine_catalog_pointers(l.catalog, &l.arena, &pointers, &left, &l.error));
    assert_int_equal(left, count);
    (void)check_books(&l, &found, NULL);
    assert_int_equal(found.count, 0);
    lake_drop(&l);
}

static void tables_that_are_there_are_left_as_they_are(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    (void)lake_append(&l, 20089, 0, 5);
    seine_pointer *before = NULL, *after = NULL;
    size_t count = 0, again = 0;
    int64_t version = 0, version_after = 0;
    assert_ok(&l, seine_catalog_pointers(l.catalog, &l.arena, &before, &count, &l.error));
    assert_ok(&l, seine_catalog_version(l.catalog, &version, &l.error));
    assert_ok(&l, seine_catalog_ensure_tables(l.catalog, &l.error));
    assert_ok(&l, seine_catalog_pointers(l.catalog, &l.arena, &after, &again, &l.error));
    assert_ok(&l, seine_catalog_version(l.catalog, &version_after, &l.error));
    assert_int_equal(count, again);
    assert_int_equal(version, version_after);
    for (size_t i = 0; i < count; i++) assert_string_equal(before[i].location, after[i].location);
    lake_drop(&l);
}

/* Another shape of a table is planned on the table as it is; who changes or drops that meanwhile wins. */
static void a_shape_that_lost_its_race_changes_nothing(void **state) {
    (void)state;
    for (int how = 0; how < 3; how++) { /* changed meanwhile; dropped; made by somebody else */
        lake l;
        lake_make(&l, 1);
        if (how == 2) assert_ok(&l, seine_catalog_drop_table(l.catalog, "silver.ais", &l.error));
        seine_table_schema other = *seine_schema_find("silver.ais");
        other.column_count--;
        seine_shape *shape = NULL;
        seine_commit *commit = NULL;
        assert_ok(&l, seine_shape_begin(l.catalog, &other, "a job", &shape, &l.error));
        assert_non_null(shape);
        if (how == 0) (void)lake_append(&l, 20089, 0, 5);
        if (how == 1) assert_ok(&l, seine_catalog_drop_table(l.catalog, "silver.ais", &l.error));
        if (how == 2) assert_ok(&l, seine_catalog_ensure_table(l.catalog, seine_schema_find("silver.ais"), &l.error));
        const size_t before = lake_count(&l, "silver");
        assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
        assert_ok(&l, seine_commit_shape(commit, shape, &l.error));
        assert_int_equal(seine_commit_run(commit, &l.error), SEINE_E_CONFLICT);
        assert_string_equal(l.error.text, "table silver.ais was changed by somebody else meanwhile");
        seine_shape_end(shape);
        assert_int_equal(lake_count(&l, "silver"), before - (how != 1)); /* what it wrote is gone, there by the drop */
        assert_int_equal(has_table(&l, "silver.ais"), how != 1);
        if (how != 1) {
            seine_table *table = lake_load(&l, "silver.ais");
            assert_int_equal(seine_table_schema_of(table)->column_count, other.column_count + 1);
            assert_int_equal(seine_table_rows(table), how == 0 ? 5 : 0);
            seine_table_close(table);
        }
        lake_drop(&l);
    }
}

static void put_timings(lake *l, const char *job, const seine_job_timing *timings, size_t count, int32_t dropped) {
    seine_commit *commit = NULL;
    assert_ok(l, seine_commit_begin(l->catalog, NULL, &commit, &l->error));
    for (size_t i = 0; i < count; i++) assert_ok(l, seine_ledger_put_timing(commit, job, &timings[i], &l->error));
    if (dropped > 0)
        assert_ok(l, seine_ledger_drop_timing(commit, job, (seine_partition_value){.value = dropped}, &l->error));
    assert_ok(l, seine_commit_run(commit, &l->error));
}

static void times_of_jobs_are_read_by_day_and_the_last_one_counts(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    const seine_job_timing first[] = {
        {{.value = 12}, 100, 7}, {{.is_null = true}, 200, 8}, {{.value = 9}, 300, 9}, {{.value = 5}, 400, 1}};
    const seine_job_timing second[] = {{{.value = 9}, 500, 10}}, other[] = {{{.value = 1}, 1, 1}};
    put_timings(&l, "a job", first, 4, 0);
    put_timings(&l, "a job", second, 1, 5);
    put_timings(&l, "other", other, 1, 0);
    seine_job_timing *rows = NULL;
    size_t count = 0;
    assert_ok(&l, seine_ledger_timings(l.catalog, "a job", &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, 3);
    assert_true(rows[0].partition.is_null);
    assert_int_equal(rows[0].duration_us, 8);
    assert_false(rows[1].partition.is_null);
    assert_int_equal(rows[1].partition.value, 9);
    assert_int_equal(rows[1].ran_at_us, 500);
    assert_int_equal(rows[1].duration_us, 10);
    assert_int_equal(rows[2].partition.value, 12);
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_damage_of_a_file_is_found_and_named),
        cmocka_unit_test(a_hint_that_names_no_state_is_found),
        cmocka_unit_test(nothing_moved_where_nobody_wrote),
        cmocka_unit_test(a_table_goes_with_its_files_and_comes_back_empty),
        cmocka_unit_test(a_table_that_changes_while_it_is_dropped_stays),
        cmocka_unit_test(every_table_may_go),
        cmocka_unit_test(tables_that_are_there_are_left_as_they_are),
        cmocka_unit_test(a_shape_that_lost_its_race_changes_nothing),
        cmocka_unit_test(times_of_jobs_are_read_by_day_and_the_last_one_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
