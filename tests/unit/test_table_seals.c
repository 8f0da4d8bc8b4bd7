/* links: table io columns base */
/* What another program changed in a catalog, row by row, as the books find it. */
#include "table_support.h"

#include "base/time.h"
#include "table/books.h"
#include "table/migrate.h"
#include "table/run.h"
#include "table/table.h"

typedef struct findings {
    size_t count;
    char text[8][600];
} findings;

static void note_finding(void *context, const char *text) {
    findings *f = context;
    assert_true(f->count < 8);
    (void)snprintf(f->text[f->count++], sizeof f->text[0], "%s", text);
}

/* A lake with rows in the ledger: a source, a run, a partition. */
static void make_books(lake *l) {
    seine_commit *commit = NULL;
    seine_run_manifest *run = NULL;
    seine_source source = {.dataset = "ais",
                           .name = "a.csv",
                           .sha256 = "abc",
                           .reason = "",
                           .bronze_path = "bronze/a.csv",
                           .url = "file:///a.csv",
                           .state = SEINE_SOURCE_LIVE};
    lake_make(l, 1);
    assert_ok(l, seine_run_begin("ingest", NULL, 5, 0, &run, &l->error));
    assert_ok(l, seine_commit_begin(l->catalog, NULL, &commit, &l->error));
    assert_ok(l, seine_ledger_put_source(commit, &source, &l->error));
    source.name = "b.csv";
    assert_ok(l, seine_ledger_put_source(commit, &source, &l->error));
    assert_ok(l, seine_run_join(run, commit, &l->error));
    assert_ok(l, seine_commit_run(commit, &l->error));
    seine_run_free(run);
}

/* Runs SQL on the catalog as a program does that knows nothing of seals: they are put back as they were. */
static void meddle(lake *l, const char *sql) {
    static const char keep[] = "CREATE TEMP TABLE kept_seal AS SELECT * FROM seine_seal;"
                               "CREATE TEMP TABLE kept_table AS SELECT * FROM seine_table";
    static const char tables[] = "DELETE FROM seine_table; INSERT INTO seine_table SELECT * FROM kept_table";
    static const char seals[] = "DELETE FROM seine_seal; INSERT INTO seine_seal SELECT * FROM kept_seal";
    const bool is_of_seals = strstr(sql, "seine_seal") != NULL;
    const char *const steps[] = {sql, tables};
    seine_db *db = NULL;
    char path[400];
    (void)snprintf(path, sizeof path, "%s/catalog.db", l->path);
    assert_ok(l, seine_db_open(path, false, &db, &l->error));
    assert_ok(l, seine_db_run(db, keep, &l->error));
    for (size_t i = 0; i < 2 && !is_of_seals; i++) {
        assert_ok(l, seine_db_begin(db, &l->error));
        assert_ok(l, seine_db_run(db, steps[i], &l->error));
        assert_ok(l, seine_db_commit(db, &l->error));
    }
    assert_ok(l, seine_db_run(db, is_of_seals ? sql : seals, &l->error));
    seine_db_close(db);
}

static void check_books(lake *l, findings *found, bool is_broken) {
    seine_books_report result = {0};
    *found = (findings){0};
    assert_ok(l, seine_books_check(l->catalog, NULL, note_finding, found, &result, &l->error));
    assert_int_equal(result.findings, found->count);
    assert_int_equal(result.is_broken, is_broken);
    seine_books_report_free(&result);
}

static void every_change_of_a_row_is_found_and_named(void **state) {
    (void)state;
    static const struct {
        const char *sql, *finding;
        bool is_broken;
    } cases[] = {
        {"UPDATE seine_source SET rows = rows + 1 WHERE name = 'a.csv'",
         "catalog.db: the 2 rows of seine_source are not those that were written (2 rows)", false},
        {"DELETE FROM seine_source WHERE name = 'a.csv'",
         "catalog.db: the 1 rows of seine_source are not those that were written (2 rows)", false},
        {"UPDATE seine_source SET name = 'A.csv' WHERE name = 'a.csv'", "the 2 rows of seine_source", false},
        {"UPDATE seine_source SET declared_day = 5 WHERE name = 'a.csv'", "the 2 rows of seine_source", false},
        {"UPDATE seine_source SET declared_day = x'' WHERE name = 'a.csv'", "the 2 rows of seine_source", false},
        {"UPDATE seine_run SET command = 'sql'",
         "catalog.db: the 1 rows of seine_run are not those that were written (1 rows)", false},
        {"UPDATE seine_seal SET sum = 'no hash' WHERE table_name = 'seine_source'",
         "catalog.db: the 2 rows of seine_source are not those that were written (0 rows)", false},
        {"DELETE FROM seine_seal WHERE table_name = 'seine_source'",
         "catalog.db: the 2 rows of seine_source are not those that were written (0 rows)", false},
        {"INSERT INTO seine_seal VALUES('seine_nothing', 0, '00000000000000000000000000000000')",
         "catalog.db: its ledger has no table seine_nothing", false},
        {"DELETE FROM iceberg_tables WHERE table_namespace = 'silver' AND table_name = 'ais'",
         "table silver.ais is gone from the catalog", true},
        {"UPDATE iceberg_tables SET previous_metadata_location = 'x' WHERE table_namespace = 'silver' AND"
         " table_name = 'ais'",
         "table silver.ais: its row in the catalog is not the one Seine wrote", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lake l;
        findings found;
        make_books(&l);
        check_books(&l, &found, false);
        assert_int_equal(found.count, 0);
        meddle(&l, cases[i].sql);
        check_books(&l, &found, cases[i].is_broken);
        assert_int_equal(found.count, 1);
        if (strstr(found.text[0], cases[i].finding) == NULL) fail_msg("%s: %s", cases[i].sql, found.text[0]);
        lake_drop(&l);
    }
}

/* What others may do is not a finding: leases, tables of their own. */
static void what_is_not_ours_is_not_sealed(void **state) {
    (void)state;
    lake l;
    findings found;
    make_books(&l);
    meddle(&l, "DELETE FROM seine_lease; INSERT INTO seine_lease"
               " VALUES('x', 'y', 'z', 1, 2, 3)");
    meddle(&l, "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name, metadata_location)"
               " VALUES('seine', 'theirs', 'own', '/nowhere')");
    meddle(&l, "CREATE TABLE theirs(a); INSERT INTO theirs VALUES(1)");
    check_books(&l, &found, false);
    assert_int_equal(found.count, 0);
    lake_drop(&l);
}

/* A namespace that is gone is told once for each of its tables. */
static void a_namespace_that_is_gone_is_told(void **state) {
    (void)state;
    lake l;
    findings found;
    make_books(&l);
    meddle(&l, "DELETE FROM iceberg_namespace_properties WHERE namespace = 'state'");
    check_books(&l, &found, true);
    assert_true(found.count > 0);
    for (size_t i = 0; i < found.count; i++)
        assert_non_null(strstr(found.text[i], "catalog.db: namespace state of table state."));
    lake_drop(&l);
}

static void a_transaction_that_changes_sealed_rows_ends_with_their_seals_or_not_at_all(void **state) {
    (void)state;
    lake l;
    seine_db *db = NULL;
    findings found;
    char path[400];
    make_books(&l);
    (void)snprintf(path, sizeof path, "%s/catalog.db", l.path);
    assert_ok(&l, seine_db_open(path, false, &db, &l.error));
    static const char change[] = "UPDATE seine_source SET rows = 7";
    assert_ok(&l, seine_db_begin(db, &l.error));
    assert_ok(&l, seine_db_run(db, change, &l.error));
    assert_int_not_equal(seine_db_run(db, "COMMIT", &l.error), SEINE_OK);
    assert_false(seine_db_in_transaction(db)); /* SQLite has rolled it back */
    check_books(&l, &found, false);
    assert_int_equal(found.count, 0);
    for (int keep = 0; keep < 2; keep++) {
        assert_ok(&l, seine_db_begin(db, &l.error));
        assert_ok(&l, seine_db_run(db, change, &l.error));
        assert_ok(&l, seine_db_run(db, "DELETE FROM iceberg_tables WHERE table_name = 'ais'", &l.error));
        if (keep == 0)
            assert_ok(&l, seine_db_run(db, "ROLLBACK", &l.error));
        else
            assert_ok(&l, seine_db_commit(db, &l.error));
        check_books(&l, &found, false);
        assert_int_equal(found.count, 0);
    }
    assert_ok(&l, seine_db_begin(db, &l.error));
    assert_ok(&l, seine_db_run(db, "INSERT INTO iceberg_namespace_properties VALUES('a', 'b', 'c', 'd')", &l.error));
    assert_ok(&l, seine_db_run(db, "COMMIT", &l.error)); /* nothing sealed in it */
    seine_db_close(db);
    lake_drop(&l);
}

/* A lake of the first format gets its seals when it is opened, and they hold what was there. */
static void a_lake_of_before_is_sealed_as_it_is_found(void **state) {
    (void)state;
    lake l;
    findings found;
    seine_db *db = NULL;
    char path[400];
    make_books(&l);
    seine_catalog_close(l.catalog);
    (void)snprintf(path, sizeof path, "%s/catalog.db", l.path);
    assert_ok(&l, seine_db_open(path, false, &db, &l.error));
    assert_ok(&l, seine_db_run(db,
                               "DROP TABLE seine_seal; DROP TABLE seine_table; DROP TABLE seine_file;"
                               "DROP TABLE seine_migration; DROP TABLE seine_job_timing;"
                               "ALTER TABLE seine_job DROP COLUMN parts; PRAGMA user_version = 1",
                               &l.error));
    assert_ok(&l, seine_db_begin(db, &l.error)); /* of another program */
    assert_ok(&l, seine_db_run(db,
                               "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                               " metadata_location) VALUES('seine', 'theirs', 'own', '/nowhere')",
                               &l.error));
    assert_ok(&l, seine_db_commit(db, &l.error));
    seine_db_close(db);
    assert_ok(&l, seine_catalog_open(l.path, &l.catalog, &l.error));
    check_books(&l, &found, false);
    assert_int_equal(found.count, 0);
    meddle(&l, "DELETE FROM iceberg_tables WHERE table_namespace = 'theirs'");
    check_books(&l, &found, false);
    assert_int_equal(found.count, 0);
    meddle(&l, "DELETE FROM iceberg_tables WHERE table_namespace = 'silver' AND table_name = 'ais'");
    check_books(&l, &found, true);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.text[0], "table silver.ais is gone from the catalog");
    lake_drop(&l);
}

/* A lake that could not be brought to this format has neither seals nor known tables, and that is no finding. */
static void a_lake_that_stays_of_before_has_no_seals_to_check(void **state) {
    (void)state;
    lake l;
    findings found;
    make_books(&l);
    meddle(&l, "UPDATE seine_source SET rows = rows + 1");
    l.catalog->format = SEINE_FORMAT_SEALED - 1; /* as if */
    check_books(&l, &found, false);
    assert_int_equal(found.count, 0);
    lake_drop(&l);
}

static const char *parts_of_job(lake *l) {
    seine_job_row *rows = NULL;
    size_t count = 0;
    assert_ok(l, seine_ledger_jobs(l->catalog, "gold.fast", &l->arena, &rows, &count, &l->error));
    assert_int_equal(count, 1);
    assert_true(seine_hash128_equal(rows[0].fingerprint, (seine_hash128){7, 8}));
    return rows[0].parts;
}

static void put_job(lake *l, const char *parts) {
    seine_commit *commit = NULL;
    const seine_job_row job = {{{false, 1}}, {7, 8}, parts};
    assert_ok(l, seine_commit_begin(l->catalog, NULL, &commit, &l->error));
    assert_ok(l, seine_ledger_put_job(commit, "gold.fast", &job, &l->error));
    assert_ok(l, seine_commit_run(commit, &l->error));
}

/* Jobs of format 4 are read where the lake must stay so, and are the same, without parts, in format 5. */
static void jobs_of_before_have_no_parts(void **state) {
    (void)state;
    lake l;
    findings found;
    make_books(&l);
    put_job(&l, NULL);
    meddle(&l, "ALTER TABLE seine_job DROP COLUMN parts; DELETE FROM seine_migration WHERE format = 5;"
               "PRAGMA user_version = 4");
    l.catalog->format = SEINE_FORMAT_PARTS - 1; /* as one that may not be written */
    assert_null(parts_of_job(&l));
    seine_catalog_close(l.catalog);
    assert_ok(&l, seine_catalog_open(l.path, &l.catalog, &l.error));
    assert_int_equal(l.catalog->format, SEINE_LAKE_FORMAT);
    assert_null(parts_of_job(&l));
    put_job(&l, "model:1");
    assert_string_equal(parts_of_job(&l), "model:1");
    put_job(&l, NULL);
    assert_null(parts_of_job(&l));
    check_books(&l, &found, false);
    assert_int_equal(found.count, 0);
    lake_drop(&l);
}

/* What a connection changed and did not commit is forgotten with it. */
static void a_connection_may_be_closed_in_a_transaction(void **state) {
    (void)state;
    lake l;
    findings found;
    seine_db *db = NULL;
    char path[400];
    make_books(&l);
    (void)snprintf(path, sizeof path, "%s/none.db", l.path);
    assert_int_equal(seine_db_open(path, false, &db, &l.error), SEINE_E_IO); /* not made */
    assert_null(db);
    assert_non_null(strstr(l.error.text, "cannot open catalog"));
    (void)snprintf(path, sizeof path, "%s/catalog.db", l.path);
    assert_ok(&l, seine_db_open(path, false, &db, &l.error));
    assert_ok(&l, seine_db_begin(db, &l.error));
    assert_ok(&l, seine_db_run(db, "DELETE FROM iceberg_tables; DELETE FROM seine_source", &l.error));
    seine_db_close(db);
    check_books(&l, &found, false);
    assert_int_equal(found.count, 0);
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_of_a_row_is_found_and_named),
        cmocka_unit_test(what_is_not_ours_is_not_sealed),
        cmocka_unit_test(a_namespace_that_is_gone_is_told),
        cmocka_unit_test(a_lake_of_before_is_sealed_as_it_is_found),
        cmocka_unit_test(a_lake_that_stays_of_before_has_no_seals_to_check),
        cmocka_unit_test(jobs_of_before_have_no_parts),
        cmocka_unit_test(a_connection_may_be_closed_in_a_transaction),
        cmocka_unit_test(a_transaction_that_changes_sealed_rows_ends_with_their_seals_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
