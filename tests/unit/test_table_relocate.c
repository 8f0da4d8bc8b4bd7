/* links: table io columns base */
/* Lakes in a new place: what is moved, what stays, what is refused. */
#include "table_support.h"

#include "table/relocate/relocate.h"
#include "table/table.h"

#define DAY_US (INT64_C(86400) * 1000 * 1000)
#define JUNE_1_US INT64_C(1748736000000000)

/* Three days of June, a snapshot each: the file of n rows replaces the one before. */
static void make_history(lake *l) {
    const char *former = NULL;
    for (int n = 1; n <= 3; n++) {
        char now[32];
        (void)snprintf(now, sizeof now, "2025-06-%02dT00:00:00Z", n);
        lake_now(now);
        if (n == 1) lake_make(l, 4);
        const char *added = lake_append(l, n, 0, n);
        if (former != NULL) lake_remove(l, former);
        former = added;
    }
    lake_now("2025-07-01T00:00:00Z");
}

/* Gives the lake's folder another name, which is l->path from then on. */
static void rename_lake(lake *l, const char *name) {
    char to[300];
    seine_catalog_close(l->catalog);
    l->catalog = NULL;
    (void)snprintf(to, sizeof to, "%.*s/%s", 250, l->folder, name);
    assert_ok(l, seine_file_make_parent(to, &l->error));
    assert_int_equal(rename(l->path, to), 0);
    (void)snprintf(l->path, sizeof l->path, "%s", to);
}

static seine_relocation relocate(lake *l) {
    seine_relocation done = {0};
    assert_ok(l, seine_lake_relocate(l->path, &l->arena, &done, &l->error));
    assert_ok(l, seine_catalog_open(l->path, &l->catalog, &l->error));
    return done;
}

static void drop(lake *l) {
    assert_int_equal(unsetenv("SEINE_NOW"), 0);
    lake_drop(l);
}

static void assert_whole(lake *l) {
    size_t findings = 1;
    seine_table *table = lake_load(l, "silver.ais");
    assert_ok(l, seine_table_verify(table, NULL, NULL, &findings, &l->error));
    assert_int_equal(findings, 0);
    seine_table_close(table);
}

static int64_t rows_at(lake *l, int64_t time_us) {
    seine_table *table = NULL;
    const seine_live_file *files;
    size_t count;
    int64_t rows = 0;
    assert_ok(l, seine_table_load(l->catalog, "silver.ais", (seine_at){.time_us = time_us}, &table, &l->error));
    assert_ok(l, seine_table_files(table, &files, &count, &l->error));
    for (size_t i = 0; i < count; i++) {
        assert_memory_equal(files[i].file.path, l->path, strlen(l->path));
        assert_true(seine_file_exists(files[i].file.path));
        rows += files[i].file.rows;
    }
    seine_table_close(table);
    return rows;
}

static void all_snapshots_are_there_in_the_new_place(void **state) {
    (void)state;
    lake l;
    make_history(&l);
    const char *from = seine_arena_copy(&l.arena, l.path, strlen(l.path));
    rename_lake(&l, "a new place");
    const seine_relocation done = relocate(&l);
    assert_string_equal(done.from, from);
    assert_string_equal(done.to, l.path);
    assert_int_equal(done.missing, 0);
    assert_int_equal(done.elsewhere, 0);
    assert_int_equal(rows_at(&l, JUNE_1_US), 1);
    assert_int_equal(rows_at(&l, JUNE_1_US + DAY_US), 2);
    assert_int_equal(rows_at(&l, JUNE_1_US + 9 * DAY_US), 3);
    assert_whole(&l);
    drop(&l);
}

static void no_current_metadata_names_the_old_place(void **state) {
    (void)state;
    lake l;
    make_history(&l);
    const char *from = seine_arena_copy(&l.arena, l.path, strlen(l.path));
    rename_lake(&l, "else/where");
    (void)relocate(&l);
    seine_table *table = lake_load(&l, "silver.ais");
    assert_null(strstr(lake_text(&l, table->metadata_path), from));
    /* the file before it is remembered, under the address it has now */
    const seine_json_value log = seine_json_get(seine_json_root(table->metadata.json), "metadata-log");
    const seine_json_value last = seine_json_at(log, seine_json_count(log) - 1);
    char *path = NULL;
    const seine_str former = seine_json_text(seine_json_get(last, "metadata-file"));
    assert_ok(&l, seine_file_path_of_uri(former, &l.arena, &path, &l.error));
    assert_true(seine_file_exists(path));
    seine_table_close(table);
    drop(&l);
}

static void the_lake_lives_on_in_its_new_place(void **state) {
    (void)state;
    lake l;
    size_t snapshots, files, orphans;
    char **paths;
    make_history(&l);
    rename_lake(&l, "moved");
    (void)relocate(&l);
    lake_append(&l, 10, 1, 4);
    assert_int_equal(rows_at(&l, INT64_MAX / 2), 7);
    assert_ok(&l, seine_table_expire(l.catalog, "silver.ais", &(seine_expiry){.older_than_us = INT64_MAX, .keep = 0},
                                     &snapshots, &files, &l.error));
    assert_int_equal(snapshots, 5);
    assert_int_equal(rows_at(&l, 0), 7);
    /* lists and manifests of before are left as orphans, and nothing else is one */
    assert_ok(&l, seine_table_orphans(l.catalog, "silver.ais", INT64_MAX, true, &l.arena, &paths, &orphans, &l.error));
    assert_true(orphans > 0);
    assert_int_equal(rows_at(&l, 0), 7);
    assert_whole(&l);
    drop(&l);
}

static void relocating_twice_does_nothing_the_second_time(void **state) {
    (void)state;
    lake l;
    make_history(&l);
    rename_lake(&l, "moved");
    assert_non_null(relocate(&l).from);
    seine_catalog_close(l.catalog);
    const size_t before = lake_count(&l, "silver");
    const seine_relocation again = relocate(&l);
    assert_null(again.from);
    assert_int_equal(again.tables, 0);
    assert_int_equal(lake_count(&l, "silver"), before);
    drop(&l);
}

static void a_lake_may_move_below_its_old_place(void **state) {
    (void)state;
    lake l;
    make_history(&l);
    rename_lake(&l, "aside"); /* the name "lake" is free for an outer folder, and the tables still name it */
    rename_lake(&l, "lake/inner");
    assert_int_equal(relocate(&l).missing, 0);
    assert_int_equal(rows_at(&l, JUNE_1_US + DAY_US), 2);
    assert_whole(&l);
    drop(&l);
}

static void a_lake_moved_out_of_a_folder_below_it_is_noticed(void **state) {
    (void)state;
    lake l;
    seine_catalog *catalog = NULL;
    lake_make(&l, 1);
    rename_lake(&l, "place/inner");
    (void)relocate(&l);
    rename_lake(&l, "aside");
    char outer[300];
    (void)snprintf(outer, sizeof outer, "%.*s/place", 250, l.folder);
    assert_ok(&l, seine_file_remove_tree(outer, &l.error));
    rename_lake(&l, "place"); /* its tables name place/inner, which begins with this place */
    assert_int_equal(seine_catalog_open(l.path, &catalog, &l.error), SEINE_E_USAGE);
    assert_non_null(strstr(l.error.text, "seine relocate"));
    (void)relocate(&l);
    assert_whole(&l);
    lake_drop(&l);
}

static void run_sql(lake *l, const char *sql) {
    seine_db *db = NULL;
    char path[400];
    (void)snprintf(path, sizeof path, "%s/catalog.db", l->path);
    assert_ok(l, seine_db_open(path, false, &db, &l->error));
    assert_ok(l, seine_db_run(db, "BEGIN", &l->error));
    assert_ok(l, seine_db_run(db, sql, &l->error));
    assert_ok(l, seine_db_commit(db, &l->error));
    seine_db_close(db);
}

static void tables_that_lie_elsewhere_stay_as_they_are(void **state) {
    (void)state;
    lake l;
    make_history(&l);
    run_sql(&l, "INSERT INTO iceberg_tables VALUES('seine', 'their', 'own', 'file:///srv/own/metadata/1.metadata.json',"
                " NULL, 'TABLE'), ('other', 'their', 'bucket', 's3://b/metadata/1.metadata.json', NULL, NULL)");
    rename_lake(&l, "moved");
    assert_int_equal(relocate(&l).elsewhere, 2);
    seine_pointer *pointers = NULL;
    size_t count = 0;
    assert_ok(&l, seine_catalog_pointers(l.catalog, &l.arena, &pointers, &count, &l.error));
    const seine_pointer *last = &pointers[count - 1];
    assert_string_equal(last->location, "file:///srv/own/metadata/1.metadata.json");
    drop(&l);
}

static void tables_of_other_catalog_names_are_moved_too(void **state) {
    (void)state;
    lake l;
    make_history(&l);
    run_sql(&l, "INSERT INTO iceberg_tables SELECT 'other', table_namespace, table_name, metadata_location, NULL, NULL"
                " FROM iceberg_tables WHERE table_name = 'ais'");
    rename_lake(&l, "moved");
    (void)relocate(&l);
    run_sql(&l, "UPDATE iceberg_tables SET catalog_name = 'former' WHERE catalog_name = 'seine' AND table_name = 'ais';"
                "UPDATE iceberg_tables SET catalog_name = 'seine' WHERE catalog_name = 'other'");
    assert_int_equal(rows_at(&l, 0), 3);
    assert_whole(&l);
    drop(&l);
}

static void missing_data_files_are_told(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    const char *path = lake_append(&l, 1, 0, 5);
    assert_ok(&l, seine_file_remove(path, &l.error));
    rename_lake(&l, "moved");
    const seine_relocation done = relocate(&l);
    assert_int_equal(done.missing, 1);
    assert_memory_equal(done.first_missing, l.path, strlen(l.path));
    lake_drop(&l);
}

/* The lake as it was moved, its list of manifests in front of the caller. */
static const char *moved_list(lake *l) {
    lake_make(l, 4);
    lake_append(l, 1, 0, 5);
    seine_table *table = lake_load(l, "silver.ais");
    const size_t size = strlen("file://") + strlen(l->path);
    const char *rest = seine_arena_copy(&l->arena, table->list + size, strlen(table->list + size));
    seine_table_close(table);
    rename_lake(l, "moved");
    return seine_arena_printf(&l->arena, "%s%s", l->path, rest);
}

/* Relocating fails, leaves no file behind and the lake still says that it was moved. */
static void assert_refused(lake *l, seine_status wanted, const char *text) {
    seine_relocation done;
    seine_catalog *catalog = NULL;
    const size_t before = lake_count(l, "");
    assert_int_equal(seine_lake_relocate(l->path, &l->arena, &done, &l->error), wanted);
    assert_non_null(strstr(l->error.text, text));
    assert_int_equal(lake_count(l, ""), before);
    assert_int_equal(seine_catalog_open(l->path, &catalog, &l->error), SEINE_E_USAGE);
}

static void tables_with_delete_files_are_refused(void **state) {
    (void)state;
    lake l;
    const char *path = moved_list(&l);
    seine_manifest_row *rows = NULL;
    size_t count = 0;
    seine_buf bytes, out;
    seine_buf_init(&bytes, 1 << 20);
    seine_buf_init(&out, 1 << 20);
    assert_ok(&l, seine_file_read(path, &bytes, &l.error));
    assert_ok(&l, seine_manifest_list_read(seine_buf_str(&bytes), path, &l.arena, &rows, &count, &l.error));
    rows[0].content = 1;
    const seine_metadata metadata = {.current_snapshot_id = -1};
    const seine_manifest_writer writer = {.metadata = &metadata, .snapshot_id = 1, .sequence_number = 1};
    assert_ok(&l, seine_manifest_list_write(&writer, rows, count, &out, &l.error));
    assert_ok(&l, seine_file_write(path, out.data, out.size, SEINE_FILE_REPLACE, &l.error));
    assert_refused(&l, SEINE_E_UNSUPPORTED, "silver.ais has delete files");
    seine_buf_free(&bytes);
    seine_buf_free(&out);
    lake_drop(&l);
}

static void a_missing_manifest_list_changes_nothing(void **state) {
    (void)state;
    lake l;
    const char *path = moved_list(&l);
    assert_ok(&l, seine_file_remove(path, &l.error));
    assert_refused(&l, SEINE_E_NOT_FOUND, seine_file_name(path));
    lake_drop(&l);
}

static void a_catalog_shared_by_a_hard_link_is_refused(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    rename_lake(&l, "moved");
    char from[400], to[400];
    (void)snprintf(from, sizeof from, "%s/catalog.db", l.path);
    (void)snprintf(to, sizeof to, "%s/original.db", l.folder);
    assert_int_equal(link(from, to), 0);
    assert_refused(&l, SEINE_E_USAGE, "hard link");
    lake_drop(&l);
}

static void places_that_other_programs_cannot_open_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"a#b", "a?b", "a\"b", "a\nb", "a\xff", "a#b/lake"};
    static const char *const good[] = {"a b", "a%20b", "a+b", "\xc3\xa9t\xc3\xa9", "it's", "a;b=c,d&e", "[a]*{b}"};
    lake l;
    lake_make_folder(&l);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(l.path, sizeof l.path, "%.*s/%s", 250, l.folder, bad[i]);
        assert_int_equal(seine_catalog_create(l.path, 1, &l.error), SEINE_E_USAGE);
        assert_false(seine_file_exists(l.path));
    }
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        (void)snprintf(l.path, sizeof l.path, "%.*s/%s", 250, l.folder, good[i]);
        assert_ok(&l, seine_catalog_create(l.path, 1, &l.error));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rename_lake(&l, bad[i]);
        assert_refused(&l, SEINE_E_USAGE, "other");
        if (strchr(bad[i], '/') == NULL) continue;
        rename_lake(&l, "last"); /* so that the folder above is free again */
    }
    lake_drop(&l);
}

/* ---- Avro ---- */

static const char *const strange_schema =
    "{\"type\":\"record\",\"name\":\"r\",\"fields\":["
    "{\"name\":\"choice\",\"type\":[\"null\",\"string\",\"int\",{\"type\":\"fixed\",\"name\":\"f\",\"size\":3}]},"
    "{\"name\":\"map\",\"type\":{\"type\":\"map\",\"values\":\"double\"}},"
    "{\"name\":\"list\",\"type\":{\"type\":\"array\",\"items\":\"f\"}},"
    "{\"name\":\"kind\",\"type\":{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}},"
    "{\"name\":\"yes\",\"type\":\"boolean\"},{\"name\":\"real\",\"type\":\"float\"},"
    "{\"name\":\"path\",\"type\":\"string\",\"field-id\":100,\"doc\":\"kept\"}]}";

/* One record with each branch of the choice. */
static void put_strange(seine_avro_writer *w, int64_t branch) {
    const double real = -0.125;
    const float narrow = 2.5f;
    seine_avro_put_long(w, branch);
    if (branch == 1) seine_avro_put_bytes(w, SEINE_STR("text"));
    if (branch == 2) seine_avro_put_long(w, -7);
    if (branch == 3) assert_int_equal(seine_buf_append(&w->block, "abc", 3), SEINE_OK);
    seine_avro_put_long(w, 1);
    seine_avro_put_bytes(w, SEINE_STR("key"));
    assert_int_equal(seine_buf_append(&w->block, &real, sizeof real), SEINE_OK);
    seine_avro_put_long(w, 0);
    seine_avro_put_long(w, 2);
    assert_int_equal(seine_buf_append(&w->block, "uvwxyz", 6), SEINE_OK);
    seine_avro_put_long(w, 0);
    seine_avro_put_long(w, 1);
    seine_avro_put_bool(w, true);
    assert_int_equal(seine_buf_append(&w->block, &narrow, sizeof narrow), SEINE_OK);
    seine_avro_put_bytes(w, SEINE_STR("old"));
    seine_avro_end_record(w);
}

static seine_status edit_path(void *context, seine_avro_value *record, seine_arena *arena, seine_error *error) {
    (void)arena;
    (void)error;
    ++*(int *)context;
    seine_avro_field_of(record, 100, "path")->bytes = SEINE_STR("/new/path");
    return SEINE_OK;
}

static void assert_strange(const seine_avro_value *record, int64_t branch) {
    const seine_avro_kind kinds[] = {SEINE_AVRO_NULL, SEINE_AVRO_STRING, SEINE_AVRO_INT, SEINE_AVRO_FIXED};
    const seine_avro_value *choice = seine_avro_field(record, 0, "choice");
    assert_int_equal(seine_avro_kind_of(choice), kinds[branch]);
    if (branch == 2) assert_int_equal(seine_avro_int(choice, 0), -7);
    if (branch == 3) assert_memory_equal(seine_avro_bytes(choice).data, "abc", 3);
    assert_true(seine_avro_field(record, 0, "map")->items[0].real == -0.125);
    assert_memory_equal(seine_avro_field(record, 0, "list")->items[1].bytes.data, "xyz", 3);
    assert_int_equal(seine_avro_field(record, 0, "kind")->integer, 1);
    assert_int_equal(seine_avro_int(seine_avro_field(record, 0, "yes"), 0), 1);
    assert_true(seine_avro_field(record, 0, "real")->real == 2.5);
    assert_true(seine_str_equal(seine_avro_bytes(seine_avro_field(record, 100, "path")), SEINE_STR("/new/path")));
}

static seine_status edit_nothing(void *context, seine_avro_value *record, seine_arena *arena, seine_error *error) {
    (void)context, (void)record, (void)arena, (void)error;
    return SEINE_OK;
}

static void what_is_not_edited_in_an_avro_file_survives(void **state) {
    (void)state;
    seine_avro_writer w;
    seine_error error = {0};
    seine_arena arena = {0};
    int edits = 0;
    const seine_avro_meta meta[] = {{"format-version", SEINE_STR("2")}, {"unheard-of", SEINE_STR("x\0y")}};
    assert_int_equal(seine_avro_begin(&w, seine_str_of(strange_schema), meta, 2, &error), SEINE_OK);
    for (int64_t branch = 0; branch < 4; branch++) put_strange(&w, branch);
    assert_int_equal(seine_avro_end(&w, &error), SEINE_OK);
    seine_buf out;
    seine_buf_init(&out, 1 << 20);
    assert_int_equal(seine_avro_rewrite(seine_buf_str(&w.file), "in", edit_path, &edits, &out, &error), SEINE_OK);
    assert_int_equal(edits, 4);
    seine_avro_file *file = NULL;
    assert_int_equal(seine_avro_open(seine_buf_str(&out), "out", &file, &error), SEINE_OK);
    assert_true(seine_str_equal(seine_avro_header(file, "avro.schema"), seine_str_of(strange_schema)));
    assert_true(seine_str_equal(seine_avro_header(file, "unheard-of"), SEINE_STR("x\0y")));
    const seine_avro_value *record = NULL;
    for (int64_t branch = 0; branch < 4; branch++) {
        assert_int_equal(seine_avro_next(file, &arena, &record, &error), SEINE_OK);
        assert_non_null(record);
        assert_strange(record, branch);
    }
    assert_int_equal(seine_avro_next(file, &arena, &record, &error), SEINE_OK);
    assert_null(record);
    seine_avro_close(file);
    seine_arena_free(&arena);
    seine_buf_free(&out);
    seine_buf_init(&out, 1 << 20); /* of a file of ours every byte, when nothing is edited */
    assert_int_equal(seine_avro_rewrite(seine_buf_str(&w.file), "in", edit_nothing, NULL, &out, &error), SEINE_OK);
    assert_true(seine_str_equal(seine_buf_str(&out), seine_buf_str(&w.file)));
    seine_buf_free(&out);
    assert_string_equal(error.text, "");
    seine_buf_init(&out, w.file.size / 2); /* where there is no room for it, the failure says so */
    assert_int_equal(seine_avro_rewrite(seine_buf_str(&w.file), "in", edit_path, &edits, &out, &error), SEINE_E_LIMIT);
    assert_non_null(strstr(error.text, "in: changing "));
    seine_buf_free(&out);
    seine_avro_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_snapshots_are_there_in_the_new_place),
        cmocka_unit_test(no_current_metadata_names_the_old_place),
        cmocka_unit_test(the_lake_lives_on_in_its_new_place),
        cmocka_unit_test(relocating_twice_does_nothing_the_second_time),
        cmocka_unit_test(a_lake_may_move_below_its_old_place),
        cmocka_unit_test(a_lake_moved_out_of_a_folder_below_it_is_noticed),
        cmocka_unit_test(tables_that_lie_elsewhere_stay_as_they_are),
        cmocka_unit_test(tables_of_other_catalog_names_are_moved_too),
        cmocka_unit_test(missing_data_files_are_told),
        cmocka_unit_test(tables_with_delete_files_are_refused),
        cmocka_unit_test(a_missing_manifest_list_changes_nothing),
        cmocka_unit_test(a_catalog_shared_by_a_hard_link_is_refused),
        cmocka_unit_test(places_that_other_programs_cannot_open_are_refused),
        cmocka_unit_test(what_is_not_edited_in_an_avro_file_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
