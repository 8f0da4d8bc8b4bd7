/*
 * `verify --deep` makes gold again: a file of a gold table rewritten with other rows, whose books are in order, is
 * found by nobody else. The lake is real; the forger uses the same writer and the same commit as a refresh.
 */
#include "columns/content.h"
#include "core_support.h"
#include "engine/engine.h"
#include "parquet/writer.h"
#include "ingest/ingest.h"
#include "model/lake.h"
#include "model/model.h"
#include "refresh/refresh.h"
#include "verify/verify.h"
#include "full_support.h"

#include <stdatomic.h>
#include <unistd.h>

#define FINDINGS 16

/* ---- a lake of two days and three vessels ---- */

typedef struct lake {
    char folder[512], path[600];
    const char *settings[1];
    size_t setting_count;
} lake;

static void write_day(const char *path, int day) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,"
          "Cargo,TransceiverClass\n",
          file);
    for (int mover = 0; mover < 3; mover++)
        for (int hour = 0; hour < 24; hour += 1 + mover)
            fprintf(file, "36600000%d,2025-01-%02dT%02d:%02d:00,%.4f,%.4f,%d.5,90.0,90,VESSEL %d,,,70,0,,,,,A\n", mover,
                    day, hour, mover, 29.3 + hour * 0.01, -94.7 + hour * 0.01, hour % 14, mover);
    assert_int_equal(fclose(file), 0);
}

static void refresh(const lake *l) {
    const seine_models_options models = {.settings = l->settings,
                                         .setting_count = l->setting_count,
                                         .threads = 2,
                                         .now_us = INT64_C(1740000000) * SECOND};
    seine_models_report models_report = {0};
    seine_refresh_options options = seine_refresh_options_default();
    options.models = &models;
    options.models_report = &models_report;
    seine_refresh_report report;
    seine_error error = {0};
    if (seine_refresh(l->path, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(models_report.refused_count, 0);
    assert_int_equal(models_report.failure_count, 0);
    seine_models_report_free(&models_report);
    seine_refresh_report_free(&report);
}

static void make_lake(lake *l) {
    const char *temp = getenv("TMPDIR");
    *l = (lake){0};
    snprintf(l->folder, sizeof l->folder, "%s/seine-gold-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(l->folder));
    snprintf(l->path, sizeof l->path, "%s/lake", l->folder);
    seine_error error = {0};
    if (seine_catalog_create(l->path, 2, &error) != SEINE_OK) fail_msg("%s", error.text);
    char paths[2][700];
    const char *list[2];
    for (int i = 0; i < 2; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/AIS_2025_01_%02d.csv", l->folder, i + 1);
        write_day(paths[i], i + 1);
        list[i] = paths[i];
    }
    seine_ingest_options options = seine_ingest_options_default();
    seine_ingest_report report;
    if (seine_ingest_files(l->path, list, 2, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(report.added, 2);
}

static void drop_lake(const lake *l) { assert_int_equal(seine_file_remove_tree(l->folder, NULL), SEINE_OK); }

/* ---- looking ---- */

typedef struct found {
    char texts[FINDINGS][1024];
    size_t count, remarks;
    char remark[1024];
    uint64_t steps;
} found;

static void keep(void *context, const char *text) {
    found *f = context;
    if (f->count < FINDINGS) snprintf(f->texts[f->count], sizeof *f->texts, "%s", text);
    f->count++;
}

static found look(const lake *l, bool deep) {
    found f = {.count = 0};
    seine_error error = {0};
    const seine_verify_options options = {.deep = deep,
                                          .threads = 2,
                                          .settings = l->settings,
                                          .setting_count = l->setting_count,
                                          .finding = keep,
                                          .context = &f};
    seine_verify_report report;
    if (seine_verify(l->path, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    f.remarks = report.remark_count;
    if (report.remark_count > 0) snprintf(f.remark, sizeof f.remark, "%s", report.remarks[0]);
    f.steps = report.steps;
    seine_verify_report_free(&report);
    return f;
}

static void assert_whole(const lake *l) {
    const found f = look(l, true);
    if (f.count > 0) fail_msg("%s", f.texts[0]);
    assert_int_equal(f.remarks, 0);
}

/* Nothing is wrong but for --deep, which says just these, in any order. */
static void assert_only_deep_finds(const lake *l, const char *const *texts, size_t count) {
    const found shallow = look(l, false), deep = look(l, true);
    if (shallow.count > 0) fail_msg("without --deep: %s", shallow.texts[0]);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < deep.count && at < FINDINGS && strcmp(deep.texts[at], texts[i]) != 0) at++;
        if (at == deep.count || at == FINDINGS) fail_msg("not found: %s\nbut: %s", texts[i], deep.texts[0]);
    }
    assert_int_equal(deep.count, count);
}

/* ---- the same lake for many ---- */

/* It is made, refreshed and proved whole once; a lake knows where it lies, so each test finds it anew in that place. */
static lake refreshed;

static void copy_refreshed(const char *from, const char *to) {
    char text[4096];
    snprintf(text, sizeof text, "rm -rf '%s/%s' && cp -a '%s/%s' '%s/%s'", refreshed.folder, to, refreshed.folder, from,
             refreshed.folder, to);
    if (system(text) != 0) fail_msg("%s", text);
}

static int make_refreshed(void **state) {
    (void)state;
    make_lake(&refreshed);
    refresh(&refreshed);
    assert_whole(&refreshed);
    copy_refreshed("lake", "kept");
    return 0;
}

static int drop_refreshed(void **state) {
    (void)state;
    drop_lake(&refreshed);
    return 0;
}

static const lake *refreshed_lake(void) {
    copy_refreshed("kept", "lake");
    return &refreshed;
}

/* ---- forging ---- */

typedef struct forgery {
    const char *table;
    int32_t day;        /* 0: a table without days */
    const char *select; /* SQL over the rows `t` that stand there now */
    bool with_ledger;   /* also the content that the ledger keeps */
} forgery;

#define DAY_1 20089 /* 2025-01-01 */

static seine_data_file rewrite(const forgery *f, const seine_model *model, const seine_table *table,
                               const seine_partition_value *partition, const char *old, seine_arena *arena,
                               seine_partition_row *row) {
    const seine_engine_options options = {.threads = 1};
    seine_engine *engine;
    seine_query *query;
    seine_rows rows;
    seine_parquet_writer *writer;
    seine_data_file file = {0};
    seine_error error = {0};
    char *path, sql[4096];
    snprintf(sql, sizeof sql, "WITH t AS (SELECT * FROM read_parquet('%s')) %s", old, f->select);
    assert_int_equal(seine_engine_open(&options, &engine, &error), SEINE_OK);
    if (seine_query_start(engine, sql, NULL, 0, &query, &error) != SEINE_OK) fail_msg("%s", error.text);
    if (seine_query_next(query, &rows, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_true(rows.count > 0);
    assert_int_equal(seine_table_new_file(table, partition, arena, &path, &error), SEINE_OK);
    assert_int_equal(seine_parquet_open(path, seine_table_schema_of(table), &writer, &error), SEINE_OK);
    if (seine_parquet_write(writer, &rows, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_buf scratch;
    seine_buf_init(&scratch, 1 << 20);
    row->rows = (int64_t)rows.count;
    assert_int_equal(seine_content_add_rows(&row->content, &model->schema, &rows, &scratch), SEINE_OK);
    seine_buf_free(&scratch);
    if (seine_parquet_finish(writer, arena, &file, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_query_end(query);
    seine_engine_close(engine);
    return file;
}

/* Puts other rows in the place of those of one day, and books that fit them. */
static void forge(const lake *l, const forgery *f) {
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{f->day == 0, f->day}};
    seine_model_set set = {0};
    seine_arena arena = {0};
    seine_catalog *catalog;
    seine_table *table;
    seine_commit *commit;
    const seine_live_file *files;
    size_t count, at = 0;
    seine_error error = {0};
    assert_int_equal(seine_catalog_open(l->path, &catalog, &error), SEINE_OK);
    assert_int_equal(seine_model_set_of_lake(catalog, NULL, 0, &set, &error), SEINE_OK);
    if (seine_table_load(catalog, f->table, (seine_at){0}, &table, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(seine_table_files(table, &files, &count, &error), SEINE_OK);
    while (at < count && f->day != 0 && files[at].file.partition[0].value != f->day) at++;
    assert_true(at < count);
    const char *removed = files[at].file.path;
    seine_partition_row row = {.partition = {partition[0]}};
    seine_data_file file = rewrite(f, seine_model_set_find(&set, f->table), table, partition, removed, &arena, &row);
    file.partition[0] = partition[0];
    assert_int_equal(seine_commit_begin(catalog, NULL, &commit, &error), SEINE_OK);
    assert_int_equal(seine_commit_files(commit, table, &file, 1, &removed, 1, &error), SEINE_OK);
    if (f->with_ledger) assert_int_equal(seine_ledger_put_partition(commit, f->table, &row, &error), SEINE_OK);
    if (seine_commit_run(commit, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_table_close(table);
    seine_catalog_close(catalog);
    seine_model_set_free(&set);
    seine_arena_free(&arena);
}

/* ---- what is found ---- */

typedef struct forged {
    forgery forgery;
    const char *text; /* what is found */
} forged;

/* Each is found when the others are there as well, and nothing else is. */
static void assert_forged(const forged *all, size_t count) {
    const lake *l = refreshed_lake();
    const char *texts[FINDINGS];
    for (size_t i = 0; i < count; i++) {
        forge(l, &all[i].forgery);
        texts[i] = all[i].text;
    }
    assert_only_deep_finds(l, texts, count);
}

#define ONE_FIX_MORE \
    "SELECT * REPLACE (CASE WHEN level = 10 AND hour = 5 THEN fixes + 1 ELSE fixes END AS fixes) FROM t"
#define IS_FOUND                                                                                              \
    "gold.ais_density 2025-01-01: 72 rows, not those that its inputs give; the first that differs is row 30 " \
    "(level 10, cell 187780, hour 5): fixes is 2, should be 1"

/* In a table of days, and in one without. */
static void what_was_changed_beside_the_ledger_is_found_and_so_is_a_row_too_few(void **state) {
    (void)state;
    const forged all[] = {
        {{"gold.ais_density", DAY_1, ONE_FIX_MORE, .with_ledger = false}, IS_FOUND},
        {{"gold.ais_density", DAY_1 + 1, "SELECT * FROM t LIMIT (SELECT count(*) - 1 FROM t)", .with_ledger = true},
         "gold.ais_density 2025-01-02: 71 rows, its inputs give 72; the first that differs is row 72 (level 13, "
         "cell 12017992, hour 15): is missing"},
        {{"gold.ais_last_state", 0,
          "SELECT * REPLACE (CASE WHEN mmsi = '366000001' THEN NULL ELSE sog END AS sog) FROM t", .with_ledger = false},
         "gold.ais_last_state all days: 3 rows, not those that its inputs give; the first that differs is row 2 (mmsi "
         "\"366000001\", ship_no 1): sog is null, should be 8.5"},
    };
    assert_forged(all, sizeof all / sizeof *all);
}

static void a_value_changed_is_found_when_the_ledger_fits_it(void **state) {
    (void)state;
    const forged all[] = {{{"gold.ais_density", DAY_1, ONE_FIX_MORE, .with_ledger = true}, IS_FOUND}};
    assert_forged(all, 1);
}

/*
 * A row too many; and a table that others read: what is made of it differs from what it would give, but is as it was
 * made, and they are not accused.
 */
static void tables_that_read_a_wrong_one_are_not_accused(void **state) {
    (void)state;
    const forged all[] = {
        {{"gold.ais_density", DAY_1,
          "FROM (FROM t UNION ALL (FROM t ORDER BY ALL DESC LIMIT 1)) ORDER BY level, cell, hour", .with_ledger = true},
         "gold.ais_density 2025-01-01: 73 rows, its inputs give 72; the first that differs is row 73 (level 13, "
         "cell 12017992, hour 15): should not be there"},
        {{"gold.ais_hourly_h3", DAY_1,
          "SELECT * REPLACE (CASE WHEN mmsi = '366000002' THEN '87446e3a5ffffff' ELSE h3_index END AS h3_index) FROM t",
          .with_ledger = false},
         "gold.ais_hourly_h3 2025-01-01: 44 rows, not those that its inputs give; the first that differs is row 37 "
         "(mmsi \"366000002\", hour_ts 2025-01-01T00:00:00Z, ship_no 1): h3_index is \"87446e3a5ffffff\", should be "
         "\"87446cca1ffffff\""},
    };
    assert_forged(all, sizeof all / sizeof *all);
}

static void the_ledger_alone_is_not_believed(void **state) {
    (void)state;
    const lake *l = refreshed_lake();
    seine_catalog *catalog;
    seine_commit *commit;
    seine_partition_row *rows;
    size_t count;
    seine_arena arena = {0};
    seine_error error = {0};
    assert_int_equal(seine_catalog_open(l->path, &catalog, &error), SEINE_OK);
    assert_int_equal(seine_ledger_partitions(catalog, "gold.ais_density", &arena, &rows, &count, &error), SEINE_OK);
    assert_int_equal(count, 2);
    rows[1].content.low++;
    assert_int_equal(seine_commit_begin(catalog, NULL, &commit, &error), SEINE_OK);
    assert_int_equal(seine_ledger_put_partition(commit, "gold.ais_density", &rows[1], &error), SEINE_OK);
    if (seine_commit_run(commit, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_catalog_close(catalog);
    seine_arena_free(&arena);
    const char *text = "gold.ais_density 2025-01-02: 72 rows whose content is not that of the 72 rows of the ledger";
    assert_only_deep_finds(l, &text, 1);
}

/* ---- what is nothing wrong ---- */

static void write_model(const lake *l, const char *name, const char *text) {
    char path[700];
    snprintf(path, sizeof path, "%s/models", l->path);
    assert_int_equal(seine_file_make_folders(path, NULL), SEINE_OK);
    snprintf(path, sizeof path, "%s/models/%s", l->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The time of the run is that of the run that made the day; without it every row would differ. */
static void a_day_is_made_again_as_of_the_time_of_its_run(void **state) {
    (void)state;
    lake l;
    make_lake(&l);
    write_model(&l, "mine.sql",
                "-- model: gold.mine\n-- grain: one vessel and day\n-- inputs: silver.ais(day)\n-- partition: dt\n"
                "-- sort: mmsi\n-- column: mmsi string required | id\n-- column: dt date required | day\n"
                "-- column: made timestamptz required | time of the run\n"
                "SELECT mmsi, $day AS dt, $run_at AS made FROM silver.ais GROUP BY mmsi\n");
    refresh(&l);
    assert_whole(&l);
    drop_lake(&l);
}

/* What the log alone has is nothing to compare, and what the rows have is, whatever it is called. */
static void a_log_is_compared_in_the_columns_of_its_rows(void **state) {
    (void)state;
    lake l;
    make_lake(&l);
    write_model(&l, "blown.sql",
                "-- model: gold.blown\n-- grain: one vessel\n-- inputs: silver.ais(all)\n-- partition: none\n"
                "-- sort: mmsi\n-- sink: events\n-- key: mmsi\n-- column: mmsi string required | id\n"
                "-- column: cause string | of its way\nSELECT DISTINCT mmsi, 'wind' AS cause FROM silver.ais\n");
    refresh(&l);
    assert_whole(&l);
    const forgery f = {
        .table = "gold.blown", .select = "SELECT * REPLACE ('tide' AS cause) FROM t", .with_ledger = true};
    forge(&l, &f);
    const found shallow = look(&l, false);
    assert_int_equal(shallow.count, 1);
    assert_string_equal(shallow.texts[0], "gold.blown and its log differ in 6 rows");
    drop_lake(&l);
}

static void other_settings_are_a_remark_and_the_same_ones_are_compared(void **state) {
    (void)state;
    if (rounds(1, 1, 0) == 0) skip(); /* a lake of its own, and nothing that the others have not */
    lake l;
    make_lake(&l);
    l.settings[0] = "cell_resolution=8";
    l.setting_count = 1;
    refresh(&l);
    assert_whole(&l);
    const forgery f = {
        .table = "gold.ais_hourly_h3", .day = DAY_1, .select = "SELECT * REPLACE (avg_lat + 1 AS avg_lat) FROM t"};
    forge(&l, &f);
    assert_int_equal(look(&l, true).count, 1);
    l.setting_count = 0;
    const found deep = look(&l, true);
    assert_int_equal(deep.count, 0);
    assert_int_equal(deep.remarks, 1);
    assert_string_equal(
        deep.remark,
        "gold (2 days; 1 of 18 tables) is behind what it is made from, or was made with other settings, so it "
        "was not compared; run seine refresh first for that");
    drop_lake(&l);
}

/* ---- long work ---- */

typedef struct stopper {
    atomic_bool stop;
    uint64_t reported; /* days of gold */
} stopper;

static void stop_at_gold(void *context, const char *phase, uint64_t done, uint64_t total) {
    stopper *s = context;
    if (strncmp(phase, "gold.", 5) != 0) return;
    assert_true(done < total);
    s->reported++;
    s->stop = s->reported == 3;
}

static void gold_tells_how_far_it_is_and_hears_a_stop(void **state) {
    (void)state;
    const lake *l = refreshed_lake();
    stopper s = {.stop = 0};
    const seine_progress progress = {.report = stop_at_gold, .context = &s, .stop = &s.stop};
    const seine_verify_options options = {.deep = true, .threads = 1, .progress = &progress};
    seine_verify_report report;
    seine_error error = {0};
    assert_int_equal(seine_verify(l->path, &options, &report, &error), SEINE_E_INTERRUPTED);
    assert_int_equal(s.reported, 3);
    seine_verify_report_free(&report);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_changed_beside_the_ledger_is_found_and_so_is_a_row_too_few),
        cmocka_unit_test(a_value_changed_is_found_when_the_ledger_fits_it),
        cmocka_unit_test(tables_that_read_a_wrong_one_are_not_accused),
        cmocka_unit_test(the_ledger_alone_is_not_believed),
        cmocka_unit_test(a_day_is_made_again_as_of_the_time_of_its_run),
        cmocka_unit_test(a_log_is_compared_in_the_columns_of_its_rows),
        cmocka_unit_test(other_settings_are_a_remark_and_the_same_ones_are_compared),
        cmocka_unit_test(gold_tells_how_far_it_is_and_hears_a_stop),
    };
    return cmocka_run_group_tests(tests, make_refreshed, drop_refreshed);
}
