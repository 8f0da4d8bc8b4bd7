/* links: serve table engine io columns core base */
/* wraps: seine_ledger_sources */
/* A view of the lake is of one moment, whoever commits while it is made. */
#include "table_support.h"

#include "serve/lake.h"
#include "table/db/db.h"

/* A commit that comes between the two looks at the catalog. */
static const char *commit_at; /* path of the catalog, NULL: none */

static void commit(const char *path, const char *name) {
    char sql[400];
    seine_db *db = NULL;
    seine_error error = {SEINE_OK, ""};
    assert_int_equal(seine_db_open(path, false, &db, &error), SEINE_OK);
    assert_int_equal(seine_db_begin(db, &error), SEINE_OK);
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO seine_source(dataset, name, sha256, bytes, rows, rejects, ingested_at_us, state, reason,"
        " bronze_path, url) VALUES('ais', '%s', '00', 1, 7, 0, 0, 'live', '', 'bronze/%s', '')",
        name, name);
    assert_int_equal(seine_db_run(db, sql, &error), SEINE_OK);
    assert_int_equal(seine_db_commit(db, &error), SEINE_OK);
    seine_db_close(db);
}

seine_status __real_seine_ledger_sources(seine_catalog *catalog, const char *dataset, seine_arena *arena,
                                         seine_source **sources, size_t *count, seine_error *error);
seine_status __wrap_seine_ledger_sources(seine_catalog *catalog, const char *dataset, seine_arena *arena,
                                         seine_source **sources, size_t *count, seine_error *error);

seine_status __wrap_seine_ledger_sources(seine_catalog *catalog, const char *dataset, seine_arena *arena,
                                         seine_source **sources, size_t *count, seine_error *error) {
    if (commit_at != NULL) commit(commit_at, "second.csv");
    commit_at = NULL;
    return __real_seine_ledger_sources(catalog, dataset, arena, sources, count, error);
}

static int64_t rows_of_view(lake *l, seine_lake *served) {
    const seine_view *view = NULL;
    assert_ok(l, seine_lake_current(served, &view, &l->error));
    const int64_t rows = view->source_rows;
    seine_view_release(view);
    return rows;
}

static void a_view_has_tables_and_sources_of_one_moment(void **state) {
    (void)state;
    lake l;
    char path[400];
    lake_make(&l, 1);
    (void)snprintf(path, sizeof path, "%s/catalog.db", l.path);
    seine_lake *served = NULL;
    assert_ok(&l, seine_lake_open(l.path, &served, &l.error));
    commit(path, "first.csv");
    commit_at = path;
    assert_int_equal(rows_of_view(&l, served), 7); /* its tables are those of before the second, so its sources are */
    assert_null(commit_at);
    assert_int_equal(rows_of_view(&l, served), 14);
    seine_lake_close(served);
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_view_has_tables_and_sources_of_one_moment)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
