/* links: table io columns base */
/* Commits that others overtake: put on top of what those made, or refused, as what they depend on is there or not. */
#include "table_support.h"

#include "io/clock.h"
#include "table/file_ledger.h"
#include "table/run.h"
#include "table/table.h"

#include <pthread.h>

/* A commit of one file, planned and not yet run. */
typedef struct planned {
    seine_table *table;
    seine_commit *commit;
    seine_data_file file;
} planned;

/* Adds a file of (day, bucket 0) to silver.ais, in place of @p removed unless that is NULL. */
static planned plan(lake *l, int day, const char *removed) {
    planned p = {.table = lake_load(l, "silver.ais")};
    p.file = lake_data_file(l, p.table, day, 0, 5);
    assert_ok(l, seine_commit_begin(l->catalog, "run", &p.commit, &l->error));
    assert_ok(l, seine_commit_files(p.commit, p.table, &p.file, 1, &removed, removed != NULL, &l->error));
    seine_commit_allow_rebase(p.commit);
    return p;
}

static seine_status run(lake *l, planned *p) {
    const seine_status status = seine_commit_run(p->commit, &l->error);
    seine_table_close(p->table);
    return status;
}

static void tell(void *context, const char *text) { (void)context, print_message("# %s\n", text); }

/* Live files of silver.ais, which is whole; the ledger knows what lies below its metadata, and that is there. */
static size_t live_files(lake *l, const seine_live_file **files) {
    size_t count = 0, findings = 0, rows = 0, known = 0;
    seine_file_row *ledger = NULL;
    seine_table *table = lake_load(l, "silver.ais");
    const seine_live_file *found = NULL;
    assert_ok(l, seine_table_verify(table, tell, NULL, &findings, &l->error));
    assert_int_equal(findings, 0);
    assert_ok(l, seine_table_files(table, &found, &count, &l->error));
    seine_live_file *copies = SEINE_ARENA_ARRAY(&l->arena, seine_live_file, count);
    for (size_t i = 0; i < count; i++) {
        copies[i] = found[i];
        copies[i].file.path = seine_arena_copy(&l->arena, found[i].file.path, strlen(found[i].file.path));
    }
    *files = copies;
    assert_ok(l, seine_ledger_files(l->catalog, &l->arena, &ledger, &rows, &l->error));
    for (size_t i = 0; i < rows; i++) {
        if (strncmp(ledger[i].path, "silver/ais/metadata/", 20) != 0) continue;
        known++;
        assert_true(seine_file_exists(seine_file_join(&l->arena, l->path, ledger[i].path)));
    }
    assert_int_equal(lake_count(l, "silver/ais/metadata"), known + 1); /* and the hint */
    seine_table_close(table);
    return count;
}

static bool is_live(lake *l, const char *path) {
    const seine_live_file *files = NULL;
    const size_t count = live_files(l, &files);
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].file.path, path) == 0) return true;
    return false;
}

/* ---- both land -------------------------------------------------------------------------------------------------- */

static void writers_of_different_partitions_both_land(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    (void)lake_append(&l, 1, 0, 1);
    planned p = plan(&l, 2, NULL);
    const char *other = lake_append(&l, 3, 0, 7);
    const char *same_day = lake_append(&l, 2, 1, 9); /* another bucket */
    assert_ok(&l, run(&l, &p));

    const seine_live_file *files = NULL;
    assert_int_equal(live_files(&l, &files), 4);
    assert_true(is_live(&l, p.file.path) && is_live(&l, other) && is_live(&l, same_day));
    seine_table *table = lake_load(&l, "silver.ais");
    size_t count = 0;
    const seine_snapshot *snapshots = seine_table_snapshots(table, &count);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(snapshots[i].sequence_number, i + 1);
        if (i > 0) assert_int_equal(snapshots[i].parent_id, snapshots[i - 1].id);
    }
    for (size_t i = 0; i < 4; i++)
        if (strcmp(files[i].file.path, p.file.path) == 0) {
            assert_int_equal(files[i].sequence_number, 4);
            assert_int_equal(files[i].snapshot_id, snapshots[3].id);
        }
    assert_int_equal(seine_table_rows(table), 1 + 7 + 9 + 5);
    seine_table_close(table);
    lake_drop(&l);
}

/* What is replaced stands in a manifest that somebody else has merged with others meanwhile. */
static void a_file_is_replaced_wherever_it_is_listed_now(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    const char *old = lake_append(&l, 1, 0, 3);
    for (int i = 2; i < 99; i++) (void)lake_append(&l, i, 0, 1);
    planned p = plan(&l, 1, old);
    for (int i = 99; i < 102; i++) (void)lake_append(&l, i, 0, 1);
    assert_ok(&l, run(&l, &p));
    assert_false(is_live(&l, old));
    assert_true(is_live(&l, p.file.path));
    const seine_live_file *files = NULL;
    assert_int_equal(live_files(&l, &files), 101);
    lake_drop(&l);
}

static void forgotten_snapshots_are_no_conflict(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    for (int i = 1; i < 4; i++) (void)lake_append(&l, i, 0, 1);
    planned p = plan(&l, 2, NULL);
    size_t snapshots = 0, gone = 0;
    const seine_expiry all = {.older_than_us = INT64_MAX, .keep = 1};
    assert_ok(&l, seine_table_expire(l.catalog, "silver.ais", &all, &snapshots, &gone, &l.error));
    assert_int_equal(snapshots, 2);
    assert_ok(&l, run(&l, &p));
    const seine_live_file *files = NULL;
    assert_int_equal(live_files(&l, &files), 4);
    lake_drop(&l);
}

/* The run's manifest and the ledger tell what was done, not what was tried. */
static void a_run_tells_what_it_followed(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    planned p = plan(&l, 1, NULL);
    seine_run_manifest *manifest = NULL;
    assert_ok(&l, seine_run_begin("test", NULL, seine_clock_now_us(), seine_clock_monotonic_us(), &manifest, &l.error));
    assert_ok(&l, seine_run_join(manifest, p.commit, &l.error));
    (void)lake_append(&l, 2, 0, 1);
    seine_table *table = lake_load(&l, "silver.ais");
    const long long before = seine_table_snapshot_id(table);
    seine_table_close(table);
    assert_ok(&l, run(&l, &p));
    table = lake_load(&l, "silver.ais");
    char expected[120];
    (void)snprintf(expected, sizeof expected, "\"before\":%lld,\"after\":%lld", before,
                   (long long)seine_table_snapshot_id(table));
    seine_table_close(table);
    seine_run_row *rows = NULL;
    size_t count = 0;
    assert_ok(&l, seine_runs(l.catalog, 0, &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, 1);
    if (strstr(rows[0].manifest, expected) == NULL) fail_msg("%s is not in %s", expected, rows[0].manifest);
    seine_run_free(manifest);
    lake_drop(&l);
}

/* Of two tables one has moved: both are written, once. */
static void tables_that_did_not_move_are_not_written_again(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    planned p = plan(&l, 1, NULL);
    seine_table *rejects = lake_load(&l, "silver.ais_rejects");
    seine_data_file reject = lake_data_file(&l, rejects, 7, 0, 2);
    reject.partition[1] = (seine_partition_value){0};
    assert_ok(&l, seine_commit_files(p.commit, rejects, &reject, 1, NULL, 0, &l.error));
    (void)lake_append(&l, 2, 0, 1);
    assert_ok(&l, run(&l, &p));
    seine_table_close(rejects);
    const seine_live_file *files = NULL;
    assert_int_equal(live_files(&l, &files), 2);
    rejects = lake_load(&l, "silver.ais_rejects");
    assert_int_equal(seine_table_rows(rejects), 2);
    assert_int_equal(rejects->metadata.snapshot_count, 1);
    seine_table_close(rejects);
    lake_drop(&l);
}

/* Whoever was overtaken writes the next time when nobody else can any more: nothing is written twice. */
static void the_next_commit_waits_for_its_turn(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    assert_false(l.catalog->is_busy);
    for (int day = 0; day < 4; day += 2) {
        planned p = plan(&l, day, NULL);
        (void)lake_append(&l, day + 1, 0, 1);
        assert_int_equal(l.catalog->is_busy, day > 0);
        assert_ok(&l, run(&l, &p));
        assert_true(l.catalog->is_busy);
    }
    planned alone = plan(&l, 9, NULL);
    assert_ok(&l, run(&l, &alone));
    assert_false(l.catalog->is_busy);
    const seine_live_file *files = NULL;
    assert_int_equal(live_files(&l, &files), 5);
    lake_drop(&l);
}

/* ---- conflicts -------------------------------------------------------------------------------------------------- */

static void assert_conflict(lake *l, planned *p) {
    const seine_live_file *files = NULL;
    const size_t before = live_files(l, &files);
    assert_int_equal(run(l, p), SEINE_E_CONFLICT);
    assert_non_null(strstr(l->error.text, "silver.ais"));
    assert_int_equal(live_files(l, &files), before); /* nothing is left of it, either */
    assert_false(is_live(l, p->file.path));
}

static void a_file_more_in_the_partition_is_a_conflict(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    for (int is_busy = 0; is_busy < 2; is_busy++) {
        planned p = plan(&l, 1, NULL);
        (void)lake_append(&l, 1, 0, 1);
        l.catalog->is_busy = is_busy != 0;
        assert_conflict(&l, &p);
    }
    lake_drop(&l);
}

static void a_file_less_in_the_partition_is_a_conflict(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    const char *first = lake_append(&l, 1, 0, 1), *second = lake_append(&l, 1, 0, 2);
    planned appends = plan(&l, 1, NULL), replaces = plan(&l, 3, second);
    lake_remove(&l, first);
    assert_conflict(&l, &appends);
    assert_conflict(&l, &replaces); /* the partition of what it removes counts, too */
    lake_drop(&l);
}

static void another_file_in_the_partition_is_a_conflict(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    const char *first = lake_append(&l, 1, 0, 1);
    planned appends = plan(&l, 1, NULL), replaces = plan(&l, 1, first);
    assert_ok(&l, run(&l, &replaces));
    assert_conflict(&l, &appends);
    lake_drop(&l);
}

static void who_did_not_ask_for_it_conflicts(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    seine_table *table = lake_load(&l, "silver.ais");
    planned p = {.table = table, .file = lake_data_file(&l, table, 1, 0, 5)};
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &p.commit, &l.error));
    assert_ok(&l, seine_commit_files(p.commit, table, &p.file, 1, NULL, 0, &l.error));
    (void)lake_append(&l, 2, 0, 1);
    l.catalog->is_busy = true;
    assert_conflict(&l, &p);
    lake_drop(&l);
}

static void a_table_that_is_gone_is_a_conflict(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    planned p = plan(&l, 1, NULL);
    assert_ok(&l, seine_catalog_drop_table(l.catalog, "silver.ais", &l.error));
    l.catalog->is_busy = true; /* looks before it writes */
    assert_int_equal(run(&l, &p), SEINE_E_CONFLICT);
    assert_ok(&l, seine_catalog_ensure_table(l.catalog, seine_schema_find("silver.ais"), &l.error));
    const seine_live_file *files = NULL;
    assert_int_equal(live_files(&l, &files), 0);
    lake_drop(&l);
}

/* A table made anew under the same name has no file of the plan's partitions, as the former one: it is another. */
static void a_table_made_anew_is_a_conflict(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 16);
    planned p = plan(&l, 1, NULL);
    assert_ok(&l, seine_catalog_drop_table(l.catalog, "silver.ais", &l.error));
    assert_ok(&l, seine_catalog_ensure_table(l.catalog, seine_schema_find("silver.ais"), &l.error));
    assert_int_equal(run(&l, &p), SEINE_E_CONFLICT);
    const seine_live_file *files = NULL;
    assert_int_equal(live_files(&l, &files), 0);
    lake_drop(&l);
}

/* ---- many ------------------------------------------------------------------------------------------------------- */

#define WRITERS 4
#define COMMITS 25

typedef struct writer {
    lake lake;
    int number;
    pthread_t thread;
} writer;

static void *write_all(void *context) {
    writer *w = context;
    for (int i = 0; i < COMMITS; i++) {
        planned p = plan(&w->lake, w->number * COMMITS + i, NULL);
        if (run(&w->lake, &p) != SEINE_OK) return w;
    }
    return NULL;
}

static void of_many_writers_nothing_is_lost_and_nothing_is_there_twice(void **state) {
    (void)state;
    lake l;
    writer writers[WRITERS];
    lake_make(&l, 16);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (writer){.lake = l, .number = i};
        assert_ok(&l, seine_catalog_open(l.path, &writers[i].lake.catalog, &l.error));
    }
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_all, &writers[i]), 0);
    for (int i = 0; i < WRITERS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(writers[i].thread, &failed), 0);
        if (failed != NULL) fail_msg("writer %d: %s", i, writers[i].lake.error.text);
        seine_catalog_close(writers[i].lake.catalog);
        seine_arena_free(&writers[i].lake.arena);
    }
    /* Every writer's commits stand in the order in which it made them: metadata numbers count up. */
    seine_table *table = lake_load(&l, "silver.ais");
    const seine_live_file *files = NULL;
    size_t count = 0, findings = 0;
    assert_ok(&l, seine_table_files(table, &files, &count, &l.error));
    assert_int_equal(count, WRITERS * COMMITS);
    assert_int_equal(table->metadata.snapshot_count, WRITERS * COMMITS);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(files[i].file.partition[0].value, i);
        if (i % COMMITS > 0) assert_true(files[i].sequence_number > files[i - 1].sequence_number);
    }
    assert_ok(&l, seine_table_verify(table, tell, NULL, &findings, &l.error));
    assert_int_equal(findings, 0);
    seine_table_close(table);
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writers_of_different_partitions_both_land),
        cmocka_unit_test(a_file_is_replaced_wherever_it_is_listed_now),
        cmocka_unit_test(forgotten_snapshots_are_no_conflict),
        cmocka_unit_test(a_run_tells_what_it_followed),
        cmocka_unit_test(tables_that_did_not_move_are_not_written_again),
        cmocka_unit_test(the_next_commit_waits_for_its_turn),
        cmocka_unit_test(a_file_more_in_the_partition_is_a_conflict),
        cmocka_unit_test(a_file_less_in_the_partition_is_a_conflict),
        cmocka_unit_test(another_file_in_the_partition_is_a_conflict),
        cmocka_unit_test(who_did_not_ask_for_it_conflicts),
        cmocka_unit_test(a_table_that_is_gone_is_a_conflict),
        cmocka_unit_test(a_table_made_anew_is_a_conflict),
        cmocka_unit_test(of_many_writers_nothing_is_lost_and_nothing_is_there_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
