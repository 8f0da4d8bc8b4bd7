/*
 * What is made of the silences of a dataset that is not ships is proved as theirs is: events that differ from their
 * log, heads that are not the newest states, and, computed from the first day, events that silver does not give.
 */
#include "core_support.h"
#include "columns/dataset_read.h"
#include "engine/engine.h"
#include "ingest/ingest.h"
#include "parquet/writer.h"
#include "refresh/refresh.h"
#include "table/commit.h"
#include "table/db/db.h"
#include "verify/verify.h"

#include <unistd.h>

static const char goats[] = "name: goats\nword: goat\nid: {name: tag}\ntime: {names: [seen]}\n"
                            "position: {lat: {}, lon: {}}\ngap_hours: 20\n";

typedef struct lake {
    char folder[512], path[600];
} lake;

/* One goat that is silent for a day, and one that is not; both by the hour. */
static void write_rows(const char *path) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("tag,seen,lat,lon\n", file);
    for (int hour = 0; hour < 72; hour++)
        for (int goat = 0; goat < 2; goat++)
            if (goat == 1 || hour < 24 || hour >= 48)
                fprintf(file, "goat %d,2024-03-%02dT%02d:00:00Z,%.2f,7\n", goat, 1 + hour / 24, hour % 24,
                        46 + hour * 0.01);
    assert_int_equal(fclose(file), 0);
}

static void ingest(const lake *l) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    char path[700];
    const char *list[] = {path};
    seine_error error = {0};
    seine_ingest_options options = seine_ingest_options_default();
    seine_ingest_report report;
    snprintf(path, sizeof path, "%s/goats.csv", l->folder);
    write_rows(path);
    if (seine_dataset_read(seine_str_of(goats), "goats.yaml", NULL, &arena, &options.dataset, &error) != SEINE_OK)
        fail_msg("%s", error.text);
    if (seine_ingest_files(l->path, list, 1, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(report.added, 1);
}

static int make_lake(void **state) {
    static lake l;
    const char *temp = getenv("TMPDIR");
    seine_error error = {0};
    seine_refresh_report report;
    snprintf(l.folder, sizeof l.folder, "%s/seine-gaps-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(l.folder));
    snprintf(l.path, sizeof l.path, "%s/lake", l.folder);
    if (seine_catalog_create(l.path, 1, &error) != SEINE_OK) fail_msg("%s", error.text);
    ingest(&l);
    const seine_refresh_options options = seine_refresh_options_default();
    if (seine_refresh(l.path, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_refresh_report_free(&report);
    *state = &l;
    return 0;
}

static int drop_lake(void **state) {
    const lake *l = *state;
    return seine_file_remove_tree(l->folder, NULL) == SEINE_OK ? 0 : 1;
}

/* ---- looking ---- */

#define FINDINGS 8

typedef struct found {
    char texts[FINDINGS][1024];
    size_t count;
    int64_t events;
} found;

static void keep(void *context, const char *text) {
    found *f = context;
    if (f->count < FINDINGS) snprintf(f->texts[f->count], sizeof *f->texts, "%s", text);
    f->count++;
}

static found look(const lake *l, bool deep) {
    found f = {.count = 0};
    seine_error error = {0};
    const seine_verify_options options = {.deep = deep, .threads = 1, .finding = keep, .context = &f};
    seine_verify_report report;
    if (seine_verify(l->path, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    f.events = report.events;
    seine_verify_report_free(&report);
    return f;
}

static void assert_found(const found *f, const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (i >= f->count || strcmp(f->texts[i], texts[i]) != 0)
            fail_msg("not found: %s\nbut: %s", texts[i], i < f->count ? f->texts[i] : "nothing");
    assert_int_equal(f->count, count);
}

/* ---- forging ---- */

/* Puts what a SELECT gives of the rows `t` of a table's only file in their place. */
static void forge(const lake *l, const char *name, const char *select) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_engine_options options = {.threads = 1};
    seine_catalog *catalog;
    seine_table *table;
    seine_engine *engine;
    seine_query *query;
    seine_parquet_writer *writer;
    seine_commit *commit;
    const seine_live_file *files;
    seine_rows rows;
    seine_data_file file = {0};
    size_t count;
    seine_error error = {0};
    char *path, sql[2048];
    assert_int_equal(seine_catalog_open(l->path, &catalog, &error), SEINE_OK);
    assert_int_equal(seine_table_load(catalog, name, (seine_at){0}, &table, &error), SEINE_OK);
    assert_int_equal(seine_table_files(table, &files, &count, &error), SEINE_OK);
    assert_int_equal(count, 1);
    const char *removed = files[0].file.path;
    snprintf(sql, sizeof sql, "WITH t AS (SELECT * FROM read_parquet('%s', hive_partitioning = false)) %s", removed,
             select);
    assert_int_equal(seine_engine_open(&options, &engine, &error), SEINE_OK);
    if (seine_query_start(engine, sql, NULL, 0, &query, &error) != SEINE_OK) fail_msg("%s", error.text);
    if (seine_query_next(query, &rows, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(seine_table_new_file(table, files[0].file.partition, &arena, &path, &error), SEINE_OK);
    assert_int_equal(seine_parquet_open(path, seine_table_schema_of(table), &writer, &error), SEINE_OK);
    if (seine_parquet_write(writer, &rows, &error) != SEINE_OK) fail_msg("%s", error.text);
    if (seine_parquet_finish(writer, &arena, &file, &error) != SEINE_OK) fail_msg("%s", error.text);
    memcpy(file.partition, files[0].file.partition, sizeof file.partition);
    seine_query_end(query);
    seine_engine_close(engine);
    assert_int_equal(seine_commit_begin(catalog, NULL, &commit, &error), SEINE_OK);
    assert_int_equal(seine_commit_files(commit, table, &file, 1, &removed, 1, &error), SEINE_OK);
    if (seine_commit_run(commit, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_table_close(table);
    seine_catalog_close(catalog);
}

#define LONGER "SELECT * REPLACE (duration_h + 1 AS duration_h) FROM t"

/* ---- what is found ---- */

static void silences_as_silver_gives_them_are_right(void **state) {
    const found f = look(*state, true);
    assert_found(&f, NULL, 0);
    assert_int_equal(f.events, 1);
}

static void an_event_that_is_not_what_its_log_says_is_found(void **state) {
    const char *const texts[] = {"events.goats_gaps and its log differ in 2 rows"};
    forge(*state, "events.goats_gaps", LONGER);
    const found f = look(*state, false);
    assert_found(&f, texts, 1);
}

static void an_event_that_silver_does_not_give_is_found_deep(void **state) {
    forge(*state, "events.goats_gaps", LONGER);
    forge(*state, "events.goats_gaps_history", LONGER);
    const found shallow = look(*state, false), deep = look(*state, true);
    assert_found(&shallow, NULL, 0);
    assert_int_equal(deep.count, 1);
    assert_non_null(strstr(deep.texts[0], "events.goats_gaps: event "));
    assert_non_null(strstr(deep.texts[0], " of goat 0 has other values when computed from the first day"));
}

static void a_head_that_is_not_the_newest_state_is_found(void **state) {
    const char *const texts[] = {"state.goats_gaps_head is not the newest of state.goats_gaps in 1 row"};
    forge(*state, "state.goats_gaps_head", "SELECT * FROM t LIMIT 1");
    const found f = look(*state, false);
    assert_found(&f, texts, 1);
}

/* Out of the catalog as Seine itself takes it. */
static void drop_table(const lake *l, const char *name) {
    seine_db *db = NULL;
    seine_error error = {0};
    char path[700], sql[200];
    snprintf(path, sizeof path, "%s/catalog.db", l->path);
    snprintf(sql, sizeof sql, "DELETE FROM iceberg_tables WHERE table_name = '%s'", name);
    assert_int_equal(seine_db_open(path, false, &db, &error), SEINE_OK);
    assert_int_equal(seine_db_begin(db, &error), SEINE_OK);
    assert_int_equal(seine_db_run(db, sql, &error), SEINE_OK);
    assert_int_equal(seine_db_commit(db, &error), SEINE_OK);
    seine_db_close(db);
}

static void events_without_a_log_are_found(void **state) {
    const char *const texts[] = {"events.goats_gaps has no log"};
    drop_table(*state, "goats_gaps_history");
    const found f = look(*state, false);
    assert_found(&f, texts, 1);
}

static void states_without_heads_are_found(void **state) {
    const char *const texts[] = {"state.goats_gaps has no heads"};
    drop_table(*state, "goats_gaps_head");
    const found f = look(*state, false);
    assert_found(&f, texts, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_lake, drop_lake)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(silences_as_silver_gives_them_are_right),
        TEST(an_event_that_is_not_what_its_log_says_is_found),
        TEST(an_event_that_silver_does_not_give_is_found_deep),
        TEST(events_without_a_log_are_found),
        TEST(states_without_heads_are_found),
        TEST(a_head_that_is_not_the_newest_state_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
