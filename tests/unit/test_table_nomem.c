/* Every allocation of work on tables fails: the lake stays whole, and the work done again ends where it should. */
#include "unit/nomem_lake.h"

#include "table/books.h"
#include "table/copy/copy.h"
#include "table/run.h"

#include "ingest/ingest.h"

#define MOST 100

static nomem_fixture fixture;

static seine_status ingest(const char *lake, int day, seine_error *error) {
    char path[600], text[200];
    const char *paths[] = {path};
    seine_ingest_options options = seine_ingest_options_default();
    seine_ingest_report report;
    options.threads = 1;
    (void)snprintf(path, sizeof path, "%s/day%d.csv", fixture.folder, day);
    (void)snprintf(text, sizeof text, "MMSI,BaseDateTime,LAT,LON\n111,2020-03-0%dT00:00:00,10.5,-20.25\n", day);
    const seine_status status = seine_file_write(path, text, strlen(text), SEINE_FILE_REPLACE, error);
    return status == SEINE_OK ? seine_ingest_files(lake, paths, 1, &options, &report, error) : status;
}

/* A lake of a few commits. */
static int make_lake(void **state) {
    (void)state;
    nomem_make(&fixture);
    must(seine_catalog_create(fixture.lake, 1, &error));
    for (int day = 1; day <= 4; day++) must(ingest(fixture.lake, day, &error));
    nomem_prepared(&fixture);
    return 0;
}

static int drop_lake(void **state) {
    (void)state;
    nomem_drop(&fixture);
    return 0;
}

/* ---- a new lake ---- */

static char new_lake[400];

static seine_status create(void) {
    seine_error error = {SEINE_OK, ""};
    const seine_status status = seine_catalog_create(new_lake, 4, &error);
    (void)nomem_disarm(); /* what follows is not the work */
    if (status == SEINE_OK) assert_int_equal(seine_file_remove_tree(new_lake, NULL), SEINE_OK);
    if (seine_file_exists(new_lake)) return seine_fail(NULL, SEINE_E_EXISTS, "a half lake is left");
    return status;
}

static void a_new_lake(void **state) {
    (void)state;
    (void)snprintf(new_lake, sizeof new_lake, "%s/new", fixture.folder);
    check_allocations_of(create, nomem_share(MOST), 100, MAY_RECOVER); /* hints are for others, and made good later */
}

/* ---- a lake in a second place ---- */

static seine_status copy_to_new(seine_error *error) {
    const seine_copy_options options = {.from = fixture.lake, .to = new_lake, .threads = 1};
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_copy_report report;
    return seine_lake_copy(&options, &arena, &report, error);
}

/* What a failed attempt left is gone on with. */
static seine_status copy(void) {
    seine_error why = {SEINE_OK, ""};
    const seine_status status = copy_to_new(&why);
    (void)nomem_disarm(); /* what follows is not the work */
    if (status != SEINE_OK) must(copy_to_new(&error));
    nomem_fixture made = fixture;
    (void)snprintf(made.lake, sizeof made.lake, "%.*s", (int)sizeof made.lake - 1, new_lake);
    nomem_verify(&made, false);
    assert_int_equal(seine_file_remove_tree(new_lake, NULL), SEINE_OK);
    return status;
}

static void a_copy(void **state) {
    (void)state;
    (void)snprintf(new_lake, sizeof new_lake, "%s/copy", fixture.folder);
    check_allocations_of(copy, nomem_share(MOST), 100, MAY_RECOVER); /* the log of a new catalog is for readers */
}

/* ---- the same with a catalog ---- */

typedef seine_status (*catalog_work)(seine_catalog *catalog, seine_arena *arena, seine_error *error);

static seine_status with_catalog(const char *lake, catalog_work work, seine_error *error) {
    seine_catalog *catalog = NULL;
    seine_arena arena = {0};
    seine_status status = seine_catalog_open(lake, &catalog, error);
    if (status == SEINE_OK) status = work(catalog, &arena, error);
    seine_arena_free(&arena);
    seine_catalog_close(catalog);
    return status;
}

static seine_status expire_in(seine_catalog *catalog, seine_arena *arena, seine_error *error) {
    (void)arena;
    size_t snapshots, files;
    return seine_table_expire(catalog, "silver.ais", &(seine_expiry){.older_than_us = INT64_MAX, .keep = 1}, &snapshots,
                              &files, error);
}

static seine_status orphans_in(seine_catalog *catalog, seine_arena *arena, seine_error *error) {
    char **paths;
    size_t count;
    return seine_table_orphans(catalog, "silver.ais", INT64_MAX, true, arena, &paths, &count, error);
}

static seine_status drop_in(seine_catalog *catalog, seine_arena *arena, seine_error *error) {
    (void)arena;
    const seine_status status = seine_catalog_drop_table(catalog, "ref.weather", error);
    return status == SEINE_E_NOT_FOUND ? SEINE_OK : status; /* done again */
}

static seine_status ensure_in(seine_catalog *catalog, seine_arena *arena, seine_error *error) {
    (void)arena;
    return seine_catalog_ensure_tables(catalog, error);
}

/* Ledger rows of every kind, a run, and a lease that is held while it commits. */
static seine_status put_in(seine_catalog *catalog, seine_arena *arena, seine_error *error) {
    (void)arena;
    const seine_position_row position = {"fetch/ais", "file", "", "here"};
    const seine_job_row job = {{{false, 1}}, {1, 2}, "model:1"};
    seine_lease *lease = NULL;
    seine_commit *commit = NULL;
    seine_run_manifest *run = NULL;
    seine_status status = seine_lease_take(catalog, SEINE_LEASE_REFERENCE, &lease, error);
    if (status == SEINE_OK) status = seine_run_begin("test", NULL, 1, 1, &run, error);
    if (status == SEINE_OK) status = seine_commit_begin(catalog, seine_run_id(run), &commit, error);
    if (status == SEINE_OK) status = seine_ledger_put_position(commit, &position, error);
    if (status == SEINE_OK) status = seine_ledger_put_job(commit, "test", &job, error);
    if (status == SEINE_OK) status = seine_ledger_put_setting(commit, "test.setting", 5, error);
    if (status == SEINE_OK) {
        seine_run_setting_text(run, "text", "value");
        seine_run_count(run, "rows", 1);
        status = seine_run_join(run, commit, error);
    }
    if (status == SEINE_OK)
        status = seine_commit_run(commit, error);
    else
        seine_commit_abort(commit);
    seine_run_free(run);
    seine_lease_release(lease);
    return status;
}

static size_t findings;

static void count_finding(void *context, const char *text) {
    (void)context;
    print_error("finding: %s\n", text);
    findings++;
}

static seine_status look_in(seine_catalog *catalog, seine_arena *arena, seine_error *error) {
    static const char *const names[] = {"silver.ais", "events.ais_gaps"};
    seine_books_report books = {0};
    seine_table *tables[2] = {NULL, NULL};
    const seine_live_file *files = NULL;
    seine_run_row *runs = NULL;
    seine_source *sources = NULL;
    size_t count = 0;
    findings = 0;
    seine_status status = seine_books_check(catalog, NULL, count_finding, NULL, &books, error);
    seine_books_report_free(&books);
    if (status == SEINE_OK) status = seine_tables_load(catalog, names, 2, tables, error);
    if (status == SEINE_OK) status = seine_table_files(tables[0], &files, &count, error);
    if (status == SEINE_OK && count != 4) status = seine_fail(error, SEINE_E_INTERNAL, "%zu files", count);
    if (status == SEINE_OK) status = seine_runs(catalog, 0, arena, &runs, &count, error);
    if (status == SEINE_OK) status = seine_ledger_sources(catalog, "ais", arena, &sources, &count, error);
    if (status == SEINE_OK && count != 4) status = seine_fail(error, SEINE_E_INTERNAL, "%zu sources", count);
    for (size_t i = 0; i < 2; i++) seine_table_close(tables[i]);
    if (findings > 0) return seine_fail(error, SEINE_E_INTERNAL, "%zu findings in a good lake", findings);
    return status;
}

#define WITH_CATALOG(name) \
    static seine_status name(const char *lake, seine_error *error) { return with_catalog(lake, name##_in, error); }
WITH_CATALOG(expire)
WITH_CATALOG(orphans)
WITH_CATALOG(drop)
WITH_CATALOG(ensure)
WITH_CATALOG(put)
WITH_CATALOG(look)

static void reading(void **state) {
    (void)state;
    nomem_check_lake(&fixture, look, MOST);
}

static void a_commit_of_ledger_rows(void **state) {
    (void)state;
    nomem_check_lake(&fixture, put, MOST);
}

static void expiring_snapshots(void **state) {
    (void)state;
    nomem_check_lake(&fixture, expire, MOST);
}

static void removing_orphans(void **state) {
    (void)state;
    nomem_check_lake(&fixture, orphans, MOST);
}

static void dropping_a_table_and_making_it_anew(void **state) {
    (void)state;
    nomem_check_lake(&fixture, drop, MOST);
    nomem_prepared(&fixture);
    nomem_check_lake(&fixture, ensure, MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_lake),
        cmocka_unit_test(a_copy),
        cmocka_unit_test(reading),
        cmocka_unit_test(a_commit_of_ledger_rows),
        cmocka_unit_test(expiring_snapshots),
        cmocka_unit_test(removing_orphans),
        cmocka_unit_test(dropping_a_table_and_making_it_anew),
    };
    return cmocka_run_group_tests(tests, make_lake, drop_lake);
}
