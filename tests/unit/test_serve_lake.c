/* links: serve table engine io columns core base */
/* wraps: seine_ledger_sources seine_clock_wait */
/* A view of the lake is of one moment, whoever commits while it is made, and of the lake that is there. */
#include "table_support.h"

#include "io/clock.h"
#include "io/store/stores.h"
#include "serve/lake.h"
#include "table/db/db.h"

#include <stdatomic.h>
#include <time.h>

/* Whether what waits for a while waits a millisecond. */
static atomic_bool is_fast;

bool __real_seine_clock_wait(pthread_cond_t *changed, pthread_mutex_t *mutex, int64_t most_us);
bool __wrap_seine_clock_wait(pthread_cond_t *changed, pthread_mutex_t *mutex, int64_t most_us);
bool __wrap_seine_clock_wait(pthread_cond_t *changed, pthread_mutex_t *mutex, int64_t most_us) {
    return __real_seine_clock_wait(changed, mutex, atomic_load(&is_fast) ? 1000 : most_us);
}

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

/* @p path receives that of the catalog. */
static seine_lake *serve_new(lake *l, char path[400]) {
    seine_lake *served = NULL;
    lake_make(l, 1);
    (void)snprintf(path, 400, "%s/catalog.db", l->path);
    assert_ok(l, seine_lake_open(l->path, &served, &l->error));
    return served;
}

static void a_view_has_tables_and_sources_of_one_moment(void **state) {
    (void)state;
    lake l;
    char path[400];
    seine_lake *served = serve_new(&l, path);
    commit(path, "first.csv");
    commit_at = path;
    assert_int_equal(rows_of_view(&l, served), 7); /* its tables are those of before the second, so its sources are */
    assert_null(commit_at);
    assert_int_equal(rows_of_view(&l, served), 14);
    seine_lake_close(served);
    lake_drop(&l);
}

/* Makes a catalog that of another lake, with 7 buckets. */
static void replace_lake(const char *catalog) {
    seine_db *db = NULL;
    seine_error error = {SEINE_OK, ""};
    assert_int_equal(seine_db_open(catalog, false, &db, &error), SEINE_OK);
    assert_int_equal(seine_db_begin(db, &error), SEINE_OK);
    assert_int_equal(seine_db_run(db,
                                  "UPDATE seine_setting SET value = 'other' WHERE key = 'lake_id';"
                                  "UPDATE seine_setting SET value = '7' WHERE key = 'buckets'",
                                  &error),
                     SEINE_OK);
    assert_int_equal(seine_db_commit(db, &error), SEINE_OK);
    seine_db_close(db);
}

/* Asks until there is a view that is not of the former lake. With @p at_once none of that is given. */
static void wait_for_other(lake *l, seine_lake *served, bool at_once) {
    for (int i = 0; i < 20000; i++) {
        const seine_view *view = NULL;
        const seine_status status = seine_lake_current(served, &view, &l->error);
        const int buckets = status == SEINE_OK ? view->buckets : 0;
        seine_view_release(view);
        if (buckets == 7) return;
        if (status != SEINE_OK) assert_int_equal(status, SEINE_E_BUSY);
        assert_false(at_once && buckets != 0);
        (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    fail_msg("the other lake was never seen");
}

static void another_lake_in_the_same_catalog_is_noticed(void **state) {
    (void)state;
    lake l;
    char path[400];
    seine_lake *served = serve_new(&l, path);
    replace_lake(path);
    wait_for_other(&l, served, true);
    seine_lake_close(served);
    lake_drop(&l);
}

/* In a bucket no file tells by its number that it is another one. */
static void another_catalog_of_a_bucket_is_noticed(void **state) {
    (void)state;
    static const char bucket[] = "mem://served/lake";
    lake l;
    char a[400], b[400], line[420];
    seine_buf bytes;
    seine_lake *served = NULL;
    lake_make_folder(&l);
    (void)snprintf(a, sizeof a, "%s/a.db", l.folder);
    (void)snprintf(b, sizeof b, "%s/b.db", l.folder);
    (void)snprintf(line, sizeof line, "%s\n", b);
    assert_ok(&l, seine_catalog_create_in(bucket, a, 1, &l.error));
    seine_buf_init(&bytes, (size_t)1 << 26);
    assert_ok(&l, seine_file_read(a, &bytes, &l.error));
    assert_ok(&l, seine_file_write(b, bytes.data, bytes.size, SEINE_FILE_NEW, &l.error));
    seine_buf_free(&bytes);
    replace_lake(b);
    atomic_store(&is_fast, true);
    assert_ok(&l, seine_lake_open(bucket, &served, &l.error));
    assert_ok(&l, seine_file_write("mem://served/lake/catalog.url", line, strlen(line), SEINE_FILE_REPLACE, &l.error));
    wait_for_other(&l, served, false);
    seine_lake_close(served);
    atomic_store(&is_fast, false);
    seine_stores_close();
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_has_tables_and_sources_of_one_moment),
        cmocka_unit_test(another_lake_in_the_same_catalog_is_noticed),
        cmocka_unit_test(another_catalog_of_a_bucket_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
