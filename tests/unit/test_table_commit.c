/* links: table io columns base */
#include "table_support.h"

#include "table/table.h"

static void a_new_lake_has_every_table_empty(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    size_t count;
    const seine_table_schema *schemas = seine_schemas(&count);
    for (size_t i = 0; i < count; i++) {
        seine_table *table = lake_load(&l, schemas[i].name);
        const seine_live_file *files;
        size_t file_count;
        assert_ok(&l, seine_table_files(table, &files, &file_count, &l.error));
        assert_int_equal(file_count, 0);
        assert_int_equal(seine_table_snapshot_id(table), -1);
        assert_int_equal(seine_table_rows(table), 0);
        assert_ptr_equal(seine_table_schema_of(table), &schemas[i]);
        seine_table_close(table);
    }
    assert_int_equal(seine_catalog_buckets(l.catalog), 16);
    lake_drop(&l);
}

static void a_second_init_is_refused_and_changes_nothing(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    const size_t before = lake_count(&l, "silver");
    assert_int_equal(seine_catalog_create(l.path, 8, &l.error), SEINE_E_EXISTS);
    assert_int_equal(lake_count(&l, "silver"), before);
    lake_drop(&l);
}

static void a_commit_makes_its_files_live(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    const char *later = lake_append(&l, 20090, 1, 30);
    const char *earlier = lake_append(&l, 20089, 3, 12);
    seine_table *table = lake_load(&l, "silver.ais");
    const seine_live_file *files;
    size_t count;
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    assert_int_equal(count, 2);
    assert_string_equal(files[0].file.path, earlier); /* ordered by partition */
    assert_string_equal(files[1].file.path, later);
    assert_int_equal(files[0].file.rows, 12);
    assert_int_equal(files[0].file.size_bytes, 8);
    assert_int_equal(files[0].file.partition[0].value, 20089);
    assert_int_equal(files[0].file.partition[1].value, 3);
    assert_true(files[0].file.is_sorted);
    assert_int_equal(files[0].sequence_number, 2);
    assert_int_equal(files[1].sequence_number, 1);
    assert_int_equal(files[0].snapshot_id, seine_table_snapshot_id(table));
    assert_int_equal(seine_table_rows(table), 42);
    seine_table_close(table);
    lake_drop(&l);
}

static void removing_a_file_keeps_the_others_with_their_numbers(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    seine_table *table = lake_load(&l, "silver.ais");
    const seine_data_file both[] = {lake_data_file(&l, table, 1, 0, 5), lake_data_file(&l, table, 2, 0, 7)};
    seine_commit *commit = NULL;
    assert_ok(&l, seine_commit_begin(l.catalog, "run-1", &commit, &l.error));
    assert_ok(&l, seine_commit_files(commit, table, both, 2, NULL, 0, &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    seine_table_close(table);
    table = lake_load(&l, "silver.ais");
    const int64_t first_snapshot = seine_table_snapshot_id(table);
    seine_table_close(table);

    lake_remove(&l, both[0].path);

    table = lake_load(&l, "silver.ais");
    const seine_live_file *files;
    size_t count;
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    assert_int_equal(count, 1);
    assert_string_equal(files[0].file.path, both[1].path);
    assert_int_equal(files[0].snapshot_id, first_snapshot); /* EXISTING keeps where it came from */
    assert_int_equal(files[0].sequence_number, 1);
    assert_int_equal(files[0].file_sequence_number, 1);
    size_t snapshot_count;
    const seine_snapshot *snapshots = seine_table_snapshots(table, &snapshot_count);
    assert_int_equal(snapshot_count, 2);
    assert_string_equal(snapshots[0].operation, "append");
    assert_string_equal(snapshots[1].operation, "delete");
    assert_int_equal(snapshots[1].parent_id, first_snapshot);
    assert_int_equal(snapshots[1].deleted_files, 1);
    assert_int_equal(snapshots[1].deleted_records, 5);
    assert_int_equal(snapshots[1].total_records, 7);
    seine_table_close(table);
    lake_drop(&l);
}

static void the_loser_of_a_race_conflicts_and_leaves_no_metadata(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    seine_catalog *other = NULL;
    assert_ok(&l, seine_catalog_open(l.path, &other, &l.error));
    seine_table *table = NULL;
    assert_ok(&l, seine_table_load(other, "silver.ais", (seine_at){0}, &table, &l.error));
    const seine_data_file file = lake_data_file(&l, table, 1, 0, 5);
    (void)lake_append(&l, 1, 1, 3); /* somebody else is first */
    const size_t before = lake_count(&l, "silver/ais/metadata");

    seine_commit *commit = NULL;
    assert_ok(&l, seine_commit_begin(other, NULL, &commit, &l.error));
    assert_ok(&l, seine_commit_files(commit, table, &file, 1, NULL, 0, &l.error));
    assert_int_equal(seine_commit_run(commit, &l.error), SEINE_E_CONFLICT);

    assert_non_null(strstr(l.error.text, "silver.ais"));
    assert_int_equal(lake_count(&l, "silver/ais/metadata"), before);
    assert_true(seine_file_exists(file.path)); /* the caller decides about its files */
    seine_table_close(table);
    seine_catalog_close(other);
    table = lake_load(&l, "silver.ais");
    assert_int_equal(seine_table_rows(table), 3);
    seine_table_close(table);
    lake_drop(&l);
}

static seine_data_file reject_file(lake *l, const seine_table *table) {
    seine_data_file file = lake_data_file(l, table, 7, 0, 2);
    file.partition[1] = (seine_partition_value){0};
    return file;
}

static void tables_of_one_commit_move_together_or_not_at_all(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    const char *const names[] = {"silver.ais", "silver.ais_rejects"};
    seine_table *tables[2];
    assert_ok(&l, seine_tables_load(l.catalog, names, 2, tables, &l.error));
    const seine_data_file fix = lake_data_file(&l, tables[0], 1, 0, 5), reject = reject_file(&l, tables[1]);
    seine_commit *commit = NULL;
    (void)lake_append(&l, 1, 1, 3); /* moves silver.ais only */
    const size_t before = lake_count(&l, "silver/ais_rejects/metadata");

    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
    assert_ok(&l, seine_commit_files(commit, tables[1], &reject, 1, NULL, 0, &l.error));
    assert_ok(&l, seine_commit_files(commit, tables[0], &fix, 1, NULL, 0, &l.error));
    const seine_source source = {.dataset = "ais",
                                 .name = "a.csv",
                                 .sha256 = "00",
                                 .reason = "",
                                 .bronze_path = "b",
                                 .url = "",
                                 .greatest_us = INT64_MIN};
    assert_ok(&l, seine_ledger_put_source(commit, &source, &l.error));
    assert_int_equal(seine_commit_run(commit, &l.error), SEINE_E_CONFLICT);
    assert_int_equal(lake_count(&l, "silver/ais_rejects/metadata"), before);
    seine_source *sources;
    size_t count;
    assert_ok(&l, seine_ledger_sources(l.catalog, "ais", &l.arena, &sources, &count, &l.error));
    assert_int_equal(count, 0);
    seine_table_close(tables[0]);
    seine_table_close(tables[1]);

    assert_ok(&l, seine_tables_load(l.catalog, names, 2, tables, &l.error)); /* re-plan: now both move */
    assert_int_equal(seine_table_rows(tables[1]), 0);
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
    assert_ok(&l, seine_commit_files(commit, tables[1], &reject, 1, NULL, 0, &l.error));
    assert_ok(&l, seine_commit_files(commit, tables[0], &fix, 1, NULL, 0, &l.error));
    assert_ok(&l, seine_ledger_put_source(commit, &source, &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    seine_table_close(tables[0]);
    seine_table_close(tables[1]);
    assert_ok(&l, seine_tables_load(l.catalog, names, 2, tables, &l.error));
    assert_int_equal(seine_table_rows(tables[0]), 8);
    assert_int_equal(seine_table_rows(tables[1]), 2);
    assert_ok(&l, seine_ledger_sources(l.catalog, "ais", &l.arena, &sources, &count, &l.error));
    assert_int_equal(count, 1);
    seine_table_close(tables[0]);
    seine_table_close(tables[1]);
    lake_drop(&l);
}

static void what_cannot_be_true_is_refused_before_anything_is_written(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    const char *live = lake_append(&l, 1, 0, 5);
    seine_table *table = lake_load(&l, "silver.ais");
    const size_t before = lake_count(&l, "silver/ais/metadata");
    seine_commit *commit = NULL;
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));

    const seine_data_file again = {.path = live, .size_bytes = 8, .rows = 5, .partition = {{false, 1}}};
    assert_int_equal(seine_commit_files(commit, table, &again, 1, NULL, 0, &l.error), SEINE_E_EXISTS);
    seine_data_file short_one = lake_data_file(&l, table, 1, 0, 5);
    short_one.size_bytes = 9;
    assert_int_equal(seine_commit_files(commit, table, &short_one, 1, NULL, 0, &l.error), SEINE_E_FORMAT);
    const char *unknown = "/nowhere/x.parquet";
    assert_int_equal(seine_commit_files(commit, table, NULL, 0, &unknown, 1, &l.error), SEINE_E_NOT_FOUND);
    seine_data_file upside_down = lake_data_file(&l, table, 1, 0, 5);
    seine_column_stats stats[32] = {{0}};
    stats[2] = (seine_column_stats){.value_count = 5, .has_bounds = true, .lower_size = 8, .upper_size = 8};
    stats[2].lower[7] = 0x40; /* 2.0 > 0.0 */
    upside_down.stats = stats;
    assert_int_equal(seine_commit_files(commit, table, &upside_down, 1, NULL, 0, &l.error), SEINE_E_FORMAT);
    assert_non_null(strstr(l.error.text, "lat"));

    seine_commit_abort(commit);
    assert_int_equal(lake_count(&l, "silver/ais/metadata"), before);
    seine_table_close(table);
    lake_drop(&l);
}

static void manifests_of_many_commits_are_few(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    for (int i = 0; i < 105; i++) (void)lake_append(&l, i, 0, 1);
    seine_table *table = lake_load(&l, "silver.ais");
    const seine_live_file *files;
    size_t count;
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    assert_int_equal(count, 105);
    for (size_t i = 0; i < count; i++) assert_int_equal(files[i].sequence_number, i + 1);
    assert_in_range(table->manifest_count, 1, 10);
    seine_table_close(table);
    /* 105 metadata files were made beside the first; the log keeps 100, the current one is beside them. */
    char folder[400];
    (void)snprintf(folder, sizeof folder, "%s/silver/ais/metadata", l.path);
    seine_file_entry *entries;
    size_t entry_count, metadata_files = 0;
    assert_ok(&l, seine_file_list(folder, true, &l.arena, &entries, &entry_count, &l.error));
    for (size_t i = 0; i < entry_count; i++) metadata_files += strstr(entries[i].name, ".metadata.json") != NULL;
    assert_int_equal(metadata_files, 101);
    lake_drop(&l);
}

/* Manifests are merged in portions of a size; none is left out between two of them. */
static void small_manifests_are_merged_in_portions(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    enum { FILES = 8 };
    for (int i = 0; i < FILES; i++) (void)lake_append(&l, i, 0, 1);
    seine_table *table = lake_load(&l, "silver.ais");
    const seine_data_file file = lake_data_file(&l, table, FILES, 0, 1);
    const seine_live_file *files;
    size_t count;
    seine_commit *commit = NULL;
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    assert_int_equal(table->manifest_count, FILES);
    for (size_t i = 0; i < table->manifest_count; i++) table->manifests[i].length = INT64_C(3) << 20; /* as if */
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
    assert_ok(&l, seine_commit_files(commit, table, &file, 1, NULL, 0, &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    seine_table_close(table);
    table = lake_load(&l, "silver.ais");
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    assert_int_equal(count, FILES + 1);
    assert_int_equal(table->manifest_count, 3 + 1); /* of three, three and two: three make more than eight MiB */
    for (size_t i = 0; i < count; i++) assert_int_equal(files[i].sequence_number, i + 1);
    seine_table_close(table);
    lake_drop(&l);
}

static void manifests_that_lose_files_become_one(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    enum { FILES = 6, REMOVED = 3 };
    for (int i = 0; i < FILES; i++) (void)lake_append(&l, i, 0, 1);
    seine_table *table = lake_load(&l, "silver.ais");
    const seine_data_file file = lake_data_file(&l, table, FILES, 0, 1);
    const seine_live_file *files;
    size_t count;
    seine_commit *commit = NULL;
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    const char *const removed[REMOVED] = {files[0].file.path, files[2].file.path, files[5].file.path};
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
    assert_ok(&l, seine_commit_files(commit, table, &file, 1, removed, REMOVED, &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    seine_table_close(table);
    table = lake_load(&l, "silver.ais");
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    assert_int_equal(count, FILES - REMOVED + 1);
    assert_int_equal(table->manifest_count, 1 + 1 + FILES - REMOVED);
    seine_table_close(table);
    lake_drop(&l);
}

static void the_hint_names_the_current_metadata_and_is_repaired(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    char hint[400];
    (void)snprintf(hint, sizeof hint, "%s/silver/ais/metadata/version-hint.text", l.path);
    (void)lake_append(&l, 1, 0, 1);
    seine_table *table = lake_load(&l, "silver.ais");
    const char *name = seine_file_name(seine_table_metadata_path(table));
    const char *text = lake_text(&l, hint);
    assert_int_equal(strncmp(name, "00001-", 6), 0);
    assert_int_equal(strlen(text) + strlen(".metadata.json"), strlen(name));
    assert_int_equal(strncmp(name, text, strlen(text)), 0);

    /* The first commit of whoever comes next looks at the hints, and further ones do not for a while. */
    assert_ok(&l, seine_file_write(hint, "00000-old", 9, SEINE_FILE_REPLACE, &l.error));
    seine_catalog_close(l.catalog);
    assert_ok(&l, seine_catalog_open(l.path, &l.catalog, &l.error));
    for (int i = 0; i < 2; i++) {
        seine_commit *commit = NULL;
        assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
        seine_commit_abort(commit);
        assert_string_equal(lake_text(&l, hint), i == 0 ? text : "00000-old");
        assert_ok(&l, seine_file_write(hint, "00000-old", 9, SEINE_FILE_REPLACE, &l.error));
    }
    seine_table_close(table);
    lake_drop(&l);
}

/* Whoever makes many commits does not read the hints of all tables for each. */
static void hints_of_tables_that_did_not_move_are_read_once(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    char hint[400];
    (void)snprintf(hint, sizeof hint, "%s/events/ais_gaps/metadata/version-hint.text", l.path);
    const char *text = lake_text(&l, hint);
    (void)lake_append(&l, 1, 0, 1);
    assert_ok(&l, seine_file_write(hint, "00000-old", 9, SEINE_FILE_REPLACE, &l.error));
    (void)lake_append(&l, 2, 0, 1);
    assert_string_equal(lake_text(&l, hint), "00000-old"); /* nobody looked */
    seine_catalog_close(l.catalog);
    assert_ok(&l, seine_catalog_open(l.path, &l.catalog, &l.error));
    (void)lake_append(&l, 3, 0, 1);
    assert_string_equal(lake_text(&l, hint), text);
    lake_drop(&l);
}

/* A hint that names an older state, as a writer leaves it who was slower than the next: whoever commits behind it, to
 * whatever table, finds that the table was moved by somebody else, and looks. */
static void hints_of_tables_that_others_moved_are_looked_at_behind_a_commit(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    char hint[400];
    (void)snprintf(hint, sizeof hint, "%s/silver/ais/metadata/version-hint.text", l.path);
    seine_table *rejects = lake_load(&l, "silver.ais_rejects");
    seine_commit *commit = NULL;
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error)); /* it looks at all, and then not again */
    lake other = l;
    assert_ok(&l, seine_catalog_open(l.path, &other.catalog, &l.error));
    other.arena = (seine_arena){0};
    (void)lake_append(&other, 1, 0, 1);
    const char *text = lake_text(&l, hint);
    assert_ok(&l, seine_file_write(hint, "00000-old", 9, SEINE_FILE_REPLACE, &l.error));
    const seine_data_file reject = reject_file(&l, rejects);
    assert_ok(&l, seine_commit_files(commit, rejects, &reject, 1, NULL, 0, &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    assert_string_equal(lake_text(&l, hint), text);
    /* What it wrote itself it does not read again. */
    seine_table_close(rejects);
    rejects = lake_load(&l, "silver.ais_rejects");
    (void)snprintf(hint, sizeof hint, "%s/silver/ais_rejects/metadata/version-hint.text", l.path);
    assert_int_equal(strncmp(lake_text(&l, hint), seine_file_name(seine_table_metadata_path(rejects)), 20), 0);
    assert_ok(&l, seine_file_write(hint, "00000-old", 9, SEINE_FILE_REPLACE, &l.error));
    (void)lake_append(&l, 2, 0, 1);
    assert_string_equal(lake_text(&l, hint), "00000-old");
    seine_table_close(rejects);
    seine_catalog_close(other.catalog);
    seine_arena_free(&other.arena);
    lake_drop(&l);
}

static void metadata_time_never_goes_back(void **state) {
    (void)state;
    lake l;
    lake_now("2025-06-01T00:00:00Z");
    lake_make(&l, 16);
    (void)lake_append(&l, 1, 0, 1);
    lake_now("2025-05-01T00:00:00Z");
    (void)lake_append(&l, 1, 0, 1);
    seine_table *table = lake_load(&l, "silver.ais");
    size_t count;
    const seine_snapshot *snapshots = seine_table_snapshots(table, &count);
    assert_int_equal(count, 2);
    assert_int_equal(snapshots[1].time_ms, INT64_C(1748736000000));
    seine_table_close(table);
    assert_int_equal(unsetenv("SEINE_NOW"), 0);
    lake_drop(&l);
}

static void older_states_are_found_by_id_and_time(void **state) {
    (void)state;
    lake l;
    lake_now("2025-06-01T00:00:00Z");
    lake_make(&l, 16);
    (void)lake_append(&l, 1, 0, 1);
    lake_now("2025-06-02T00:00:00Z");
    (void)lake_append(&l, 1, 0, 10);
    seine_table *table = lake_load(&l, "silver.ais");
    size_t count;
    const int64_t first = seine_table_snapshots(table, &count)[0].id;
    seine_table_close(table);

    const int64_t day_us = INT64_C(86400) * 1000 * 1000, june_1_us = INT64_C(1748736000000000);
    assert_ok(&l, seine_table_load(l.catalog, "silver.ais", (seine_at){.snapshot_id = first}, &table, &l.error));
    assert_int_equal(seine_table_rows(table), 1);
    seine_commit *commit = NULL;
    const seine_data_file file = lake_data_file(&l, table, 1, 0, 5);
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
    assert_int_equal(seine_commit_files(commit, table, &file, 1, NULL, 0, &l.error), SEINE_E_USAGE);
    seine_commit_abort(commit);
    seine_table_close(table);
    assert_ok(
        &l, seine_table_load(l.catalog, "silver.ais", (seine_at){.time_us = june_1_us + day_us - 1}, &table, &l.error));
    assert_int_equal(seine_table_rows(table), 1);
    seine_table_close(table);
    assert_ok(&l,
              seine_table_load(l.catalog, "silver.ais", (seine_at){.time_us = june_1_us + day_us}, &table, &l.error));
    assert_int_equal(seine_table_rows(table), 11);
    seine_table_close(table);
    assert_int_equal(seine_table_load(l.catalog, "silver.ais", (seine_at){.time_us = june_1_us - 1}, &table, &l.error),
                     SEINE_E_NOT_FOUND);
    assert_int_equal(seine_table_load(l.catalog, "silver.ais", (seine_at){.snapshot_id = 1}, &table, &l.error),
                     SEINE_E_NOT_FOUND);
    assert_int_equal(unsetenv("SEINE_NOW"), 0);
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_lake_has_every_table_empty),
        cmocka_unit_test(a_second_init_is_refused_and_changes_nothing),
        cmocka_unit_test(a_commit_makes_its_files_live),
        cmocka_unit_test(removing_a_file_keeps_the_others_with_their_numbers),
        cmocka_unit_test(the_loser_of_a_race_conflicts_and_leaves_no_metadata),
        cmocka_unit_test(tables_of_one_commit_move_together_or_not_at_all),
        cmocka_unit_test(what_cannot_be_true_is_refused_before_anything_is_written),
        cmocka_unit_test(manifests_of_many_commits_are_few),
        cmocka_unit_test(small_manifests_are_merged_in_portions),
        cmocka_unit_test(manifests_that_lose_files_become_one),
        cmocka_unit_test(the_hint_names_the_current_metadata_and_is_repaired),
        cmocka_unit_test(hints_of_tables_that_did_not_move_are_read_once),
        cmocka_unit_test(hints_of_tables_that_others_moved_are_looked_at_behind_a_commit),
        cmocka_unit_test(metadata_time_never_goes_back),
        cmocka_unit_test(older_states_are_found_by_id_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
