/*
 * refresh on real lakes: files taken in by the real ingest, tables read back with SQL. The oracle is the original
 * detector's answer on four real days; the law is tested with random sources that come, change and go.
 */
#include "core_support.h"
#include "engine/engine.h"
#include "ingest/ingest.h"
#include "refresh/enrichment.h"
#include "refresh/plan.h"
#include "refresh/refresh.h"
#include "table/cells.h"
#include "unit/full_support.h"
#include "verify/verify.h"

#include <unistd.h>

#define SQL_MAX 4096

/* ---- a lake in a folder of its own ---- */

typedef struct lake {
    char folder[512], path[600];
} lake;

static void make_lake(lake *l, int buckets) {
    const char *temp = getenv("TMPDIR");
    snprintf(l->folder, sizeof l->folder, "%s/seine-refresh-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(l->folder));
    snprintf(l->path, sizeof l->path, "%s/lake", l->folder);
    seine_error error = {0};
    if (seine_catalog_create(l->path, buckets, &error) != SEINE_OK) fail_msg("%s", error.text);
}

static void drop_lake(const lake *l) { assert_int_equal(seine_file_remove_tree(l->folder, NULL), SEINE_OK); }

static void ingest(const lake *l, const char *const *paths, size_t count, bool replace, int threads) {
    seine_error error = {0};
    seine_ingest_options options = seine_ingest_options_default();
    options.threads = threads;
    options.replace = replace;
    seine_ingest_report report;
    if (seine_ingest_files(l->path, paths, count, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(report.failed, 0);
}

enum { GAPS }; /* the first job of a lake that goes by mover */

/* @p by is kept for later ones. */
static seine_refresh_report refresh_by(const lake *l, seine_by by, int threads, int64_t now_us) {
    seine_error error = {0};
    seine_refresh_options options = seine_refresh_options_default();
    options.by = by;
    options.threads = threads;
    options.now_us = now_us;
    seine_refresh_report report;
    if (seine_refresh(l->path, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_arena_free(&report.arena); /* of names, which nobody here reads */
    return report;
}

static seine_refresh_report refresh(const lake *l, int threads, int64_t now_us) {
    return refresh_by(l, SEINE_BY_KEPT, threads, now_us);
}

static bool is_committed(seine_refresh_report report) { return seine_refresh_is_committed(&report); }

static void print_finding(void *context, const char *text) {
    (void)context;
    print_message("finding: %s\n", text);
}

/* Everything `seine verify --deep` says of events, states and their log. */
static void assert_findings(const lake *l, size_t count) {
    seine_error error = {0};
    const seine_verify_options options = {.deep = true, .threads = 1, .finding = print_finding};
    seine_verify_report report;
    if (seine_verify(l->path, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(report.findings, count);
    seine_verify_report_free(&report);
}

static void assert_whole(const lake *l) { assert_findings(l, 0); }

/* ---- SQL over its tables ---- */

static seine_engine *open_tables(const lake *l) {
    static const char *const names[] = {"silver.ais",        "events.ais_gaps",     "events.ais_gaps_history",
                                        "state.ais_gaps",    "state.ais_gaps_head", "silver.ais_enriched",
                                        "state.ais_enriched"};
    const seine_engine_options options = {.threads = 1};
    seine_catalog *catalog;
    seine_engine *engine;
    seine_error error = {0};
    if (seine_catalog_open(l->path, &catalog, &error) != SEINE_OK) fail_msg("%s", error.text);
    if (seine_engine_open(&options, &engine, &error) != SEINE_OK) fail_msg("%s", error.text);
    for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
        seine_table *table;
        const seine_live_file *files;
        size_t count;
        if (seine_table_load(catalog, names[t], (seine_at){0}, &table, &error) != SEINE_OK) fail_msg("%s", error.text);
        assert_int_equal(seine_table_files(table, &files, &count, &error), SEINE_OK);
        const char **paths = malloc((count + 1) * sizeof *paths);
        for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
        if (seine_engine_view(engine, seine_schema_find(names[t]), names[t], paths, count, &error) != SEINE_OK)
            fail_msg("%s", error.text);
        free(paths);
        seine_table_close(table);
    }
    seine_catalog_close(catalog);
    return engine;
}

static int64_t number_of(seine_engine *engine, const char *sql) {
    seine_error error = {0};
    seine_query *query;
    seine_rows rows;
    if (seine_query_start(engine, sql, NULL, 0, &query, &error) != SEINE_OK) fail_msg("%s\n%s", error.text, sql);
    if (seine_query_next(query, &rows, &error) != SEINE_OK) fail_msg("%s\n%s", error.text, sql);
    assert_int_equal(rows.count, 1);
    const int64_t value = ((const int64_t *)rows.columns[0].values)[0];
    seine_query_end(query);
    return value;
}

/* Order-free fingerprint of a query's rows. */
static int64_t fingerprint_of(const lake *l, const char *table, const char *columns) {
    char sql[SQL_MAX];
    snprintf(sql, sizeof sql, "SELECT (coalesce(sum(hash(t)), 0) %% 1000000007)::BIGINT FROM (SELECT %s FROM %s) t",
             columns, table);
    seine_engine *engine = open_tables(l);
    const int64_t value = number_of(engine, sql);
    seine_engine_close(engine);
    return value;
}

static size_t snapshots_of(const lake *l, const char *name) {
    seine_catalog *catalog;
    seine_table *table;
    seine_error error = {0};
    size_t count;
    assert_int_equal(seine_catalog_open(l->path, &catalog, &error), SEINE_OK);
    assert_int_equal(seine_table_load(catalog, name, (seine_at){0}, &table, &error), SEINE_OK);
    (void)seine_table_snapshots(table, &count);
    seine_table_close(table);
    seine_catalog_close(catalog);
    return count;
}

/* ---- four real days ---- */

static void ingest_real_days(const lake *l, int threads) {
    static const char *const names[] = {"AIS_2018_06_01.zip", "AIS_2018_06_02.csv.gz", "ais-2018-06-03.csv.zst",
                                        "ais-2018-06-04.csv.zst"};
    char paths[4][1024], name[128];
    const char *list[4];
    for (size_t i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "data/noaa_days/%s", names[i]);
        list[i] = shared_path(name, paths[i]);
    }
    ingest(l, list, 4, false, threads);
}

/* Of all days at once, by two threads. Made by the first test that asks for it; who changes what it says drops it. */
static struct {
    lake lake;
    seine_refresh_report first;
    bool is_made;
} real;

static const lake *real_lake(void) {
    char path[1024];
    (void)shared_path("data/noaa_days/AIS_2018_06_01.zip", path);
    if (real.is_made) return &real.lake;
    make_lake(&real.lake, 4);
    real.is_made = true;
    ingest_real_days(&real.lake, 2);
    real.first = refresh_by(&real.lake, SEINE_BY_MOVER, 2, 0);
    return &real.lake;
}

static int drop_real_lake(void **state) {
    (void)state;
    if (real.is_made) drop_lake(&real.lake);
    real.is_made = false;
    return 0;
}

static void every_gap_of_four_real_days_has_the_original_numbers(void **state) {
    (void)state;
    char gaps[1024], sql[SQL_MAX];
    (void)shared_path("oracles/real_days/gaps.csv.gz", gaps);
    const lake *l = real_lake();
    assert_int_equal(real.first.jobs[GAPS].added, 944);
    assert_int_equal(real.first.jobs[GAPS].fixes_fed, 409206);
    seine_engine *engine = open_tables(l);
    assert_int_equal(number_of(engine, "SELECT count(*) FROM events.ais_gaps"), 944);
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM events.ais_gaps e JOIN read_csv('%s', types = {'ssvid': 'VARCHAR', 'gap_id': 'VARCHAR', "
        "'is_closed': 'BOOLEAN'}) o ON e.event_id = o.gap_id "
        "WHERE e.mmsi = o.ssvid AND e.is_closed = o.is_closed AND epoch_us(e.start_ts) = o.start_timestamp * 1000000 "
        "AND epoch_us(e.end_ts) IS NOT DISTINCT FROM (o.end_timestamp * 1000000)::BIGINT "
        "AND e.start_lat = o.start_lat AND e.start_lon = o.start_lon AND e.end_lat IS NOT DISTINCT FROM o.end_lat "
        "AND e.end_lon IS NOT DISTINCT FROM o.end_lon AND e.positions_hours_before = o.positions_hours_before "
        "AND coalesce(abs(e.distance_m - o.distance_m) <= 1e-6, o.distance_m IS NULL AND e.distance_m IS NULL) "
        "AND coalesce(abs(e.duration_h - o.duration_h) <= 1e-12 * o.duration_h, "
        "o.duration_h IS NULL AND e.duration_h IS NULL) "
        "AND coalesce(abs(e.implied_speed_knots - o.implied_speed_knots) <= 1e-9, "
        "o.implied_speed_knots IS NULL AND e.implied_speed_knots IS NULL) "
        "AND (e.produced_day IS NULL) = NOT e.is_closed",
        gaps);
    assert_int_equal(number_of(engine, sql), 944);
    seine_engine_close(engine);
    assert_whole(l);
}

static void a_second_refresh_commits_nothing(void **state) {
    (void)state;
    const lake *l = real_lake();
    assert_true(is_committed(real.first));
    const seine_refresh_report again = refresh(l, 1, 0);
    assert_false(is_committed(again));
    assert_int_equal(again.jobs[GAPS].stale, 0);
    assert_int_equal(again.jobs[GAPS].fixes_read, 0);
    assert_int_equal(snapshots_of(l, "events.ais_gaps"), 1);
    assert_int_equal(snapshots_of(l, "events.ais_gaps_history"), 1);
    assert_int_equal(snapshots_of(l, "state.ais_gaps"), 1);
    assert_int_equal(snapshots_of(l, "state.ais_gaps_head"), 1);
}

static void threads_and_days_taken_one_by_one_do_not_show_in_any_table(void **state) {
    (void)state;
    if (rounds(1, 1, 0) == 0) skip(); /* real days twice over: of numbers, not of memory */
    const lake *at_once = real_lake();
    lake day_by_day;
    make_lake(&day_by_day, 4);
    static const char *const names[] = {"ais-2018-06-03.csv.zst", "AIS_2018_06_01.zip", "ais-2018-06-04.csv.zst",
                                        "AIS_2018_06_02.csv.gz"};
    for (size_t i = 0; i < 4; i++) {
        char path[1024], name[128];
        snprintf(name, sizeof name, "data/noaa_days/%s", names[i]);
        const char *list[] = {shared_path(name, path)};
        ingest(&day_by_day, list, 1, false, 1);
        refresh_by(&day_by_day, SEINE_BY_MOVER, 1, 0);
    }
    static const struct {
        const char *table, *columns;
    } tables[] = {{"events.ais_gaps", "* EXCLUDE (version)"},
                  {"state.ais_gaps", "*"},
                  {"state.ais_gaps_head", "*"},
                  {"silver.ais_enriched", "*"},
                  {"state.ais_enriched", "*"}};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        assert_int_equal(fingerprint_of(at_once, tables[t].table, tables[t].columns),
                         fingerprint_of(&day_by_day, tables[t].table, tables[t].columns));
    assert_whole(&day_by_day);
    drop_lake(&day_by_day);
}

/* ---- random sources ---- */

#define MOVERS 6
#define SOURCES 10

static uint32_t chance(uint64_t *seed, uint32_t below) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % below;
}

/* An undated CSV of up to 40 fixes around one of ten days in March 2020. */
static void write_source(const lake *l, uint32_t name, uint64_t *seed, char path[1024]) {
    snprintf(path, 1024, "%s/part_%u.csv", l->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,"
          "Cargo,TransceiverClass\n",
          file);
    const uint32_t count = 1 + chance(seed, 40), base = 5 + chance(seed, 10);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t day = base + (chance(seed, 10) == 0 ? chance(seed, 3) : 0);
        fprintf(file, "%u,2020-03-%02uT%02u:%02u:00,%u.5,-%u.25,1.0,90.0,90,,,,,,,,,,%s\n",
                366000001 + chance(seed, MOVERS), day, chance(seed, 24), 15 * chance(seed, 4), 10 + chance(seed, 3),
                20 + chance(seed, 3), chance(seed, 2) == 0 ? "A" : "B");
    }
    assert_int_equal(fclose(file), 0);
}

static void change_a_source(const lake *l, bool live[SOURCES], uint64_t *seed) {
    const uint32_t name = chance(seed, SOURCES);
    if (live[name] && chance(seed, 3) == 0) {
        char text[64];
        seine_error error = {0};
        seine_ingest_options options = seine_ingest_options_default();
        seine_ingest_report report;
        options.threads = 1;
        snprintf(text, sizeof text, "part_%u.csv", name);
        if (seine_ingest_remove(l->path, text, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
        live[name] = false;
        return;
    }
    char path[1024];
    write_source(l, name, seed, path);
    const char *list[] = {path};
    ingest(l, list, 1, true, 1);
    live[name] = true;
}

static void sources_that_come_change_and_go_leave_what_one_pass_gives(void **state) {
    (void)state;
    const unsigned lakes = (unsigned)rounds(4, 2, 1), steps = (unsigned)rounds(6, 6, 3);
    for (unsigned number = 0; number < lakes; number++) {
        uint64_t seed = number * 31 + 7;
        bool live[SOURCES] = {false};
        lake l;
        make_lake(&l, number % 2 == 0 ? 1 : 3);
        for (unsigned step = 0; step < steps; step++) {
            for (uint32_t n = 1 + chance(&seed, 3); n > 0; n--) change_a_source(&l, live, &seed);
            refresh(&l, 1 + (int)chance(&seed, 2), 0);
            assert_whole(&l);
        }
        drop_lake(&l);
    }
}

static seine_hash128 one_reference(const void *config, const seine_job_place *place) {
    (void)config;
    return (seine_hash128){(uint64_t)place->day, 1};
}

/* Plans the job over the lake. @return days that are to be looked at since something else is told of them; *days
 * receives all. */
static size_t days_retold(const lake *l, const seine_job_run *run, size_t *days) {
    seine_catalog *catalog;
    seine_refresh_plan plan = {0};
    seine_error error = {0};
    size_t found = 0;
    assert_int_equal(seine_catalog_open(l->path, &catalog, &error), SEINE_OK);
    if (seine_refresh_plan_make(catalog, run, &plan, &error) != SEINE_OK) fail_msg("%s", error.text);
    *days = 0;
    for (size_t b = 0; b < plan.bucket_count; b++)
        for (size_t i = 0; i < plan.buckets[b].day_count; i++) {
            assert_false(plan.buckets[b].bucket_days[i].is_stale); /* their fixes are as they were */
            found += plan.buckets[b].bucket_days[i].is_retold;
            (*days)++;
        }
    seine_refresh_plan_free(&plan);
    seine_catalog_close(catalog);
    return found;
}

/* What a bucket's job makes of them: test_refresh_law. */
static void a_day_of_which_something_else_is_told_is_looked_at(void **state) {
    (void)state;
    static const seine_job_references references = {.tables = "ref.marks", .at = one_reference};
    lake l;
    make_lake(&l, 3);
    uint64_t seed = 5;
    bool live[SOURCES] = {false};
    for (int i = 0; i < 4; i++) change_a_source(&l, live, &seed);
    refresh_by(&l, SEINE_BY_MOVER, 1, 0);
    const seine_gap_config config = seine_gap_config_default();
    seine_job_run run = seine_job_run_gaps(&seine_job_ais_gaps, &config);
    size_t days;
    assert_int_equal(days_retold(&l, &run, &days), 0); /* a job without any: its rows are as they were */
    assert_true(days > 0);
    run.references = &references;
    assert_int_equal(days_retold(&l, &run, &days), days);
    drop_lake(&l);
}

static void versions_grow_even_within_one_second_and_a_log_row_tells_each_change(void **state) {
    (void)state;
    lake l;
    make_lake(&l, 1);
    uint64_t seed = 99;
    bool live[SOURCES] = {false};
    const int64_t now_us = INT64_C(1700000000) * SECOND;
    for (int step = 0; step < 6; step++) {
        change_a_source(&l, live, &seed);
        refresh(&l, 1, now_us);
    }
    seine_engine *engine = open_tables(&l);
    assert_int_equal(
        number_of(engine, "SELECT count(*) - count(DISTINCT (event_id, version)) FROM events.ais_gaps_history"), 0);
    assert_int_equal(number_of(engine, "SELECT min(version) FROM events.ais_gaps_history"), 1700000000);
    assert_true(number_of(engine, "SELECT count(*) FROM events.ais_gaps_history WHERE op = 'update'") > 0);
    seine_engine_close(engine);
    assert_whole(&l);
    drop_lake(&l);
}

static int64_t setting_of(const lake *l, const char *key) {
    seine_error error = {0};
    seine_catalog *catalog = NULL;
    int64_t value = -1;
    assert_int_equal(seine_catalog_open(l->path, &catalog, &error), SEINE_OK);
    assert_int_equal(seine_ledger_setting(catalog, key, &value, &error), SEINE_OK);
    seine_catalog_close(catalog);
    return value;
}

static void other_parameters_compute_everything_again_and_commit_once(void **state) {
    (void)state;
    const lake *l = real_lake();
    seine_error error = {0};
    seine_refresh_options options = seine_refresh_options_default();
    options.gaps.min_gap_us = 12 * HOUR;
    seine_refresh_report report SEINE_OWNED(seine_refresh_report_free) = {0};
    assert_int_equal(seine_refresh(l->path, &options, &report, &error), SEINE_OK);
    assert_true(report.jobs[GAPS].is_recomputed);
    assert_int_equal(report.jobs[GAPS].added, 0); /* the longer silences are among the shorter ones */
    assert_true(report.jobs[GAPS].retracted > 0);
    assert_int_equal(report.jobs[GAPS].updated, 0);
    assert_int_equal(snapshots_of(l, "events.ais_gaps"), 2);
    assert_whole(l); /* the proof uses what the last refresh used */
    options.gaps.shore_rule = true;
    seine_refresh_report_free(&report);
    assert_int_equal(seine_refresh(l->path, &options, &report, &error), SEINE_OK);
    assert_int_equal(setting_of(l, SEINE_SETTING_SHORE_RULE), 1); /* which is how it knows */
    refresh(l, 2, 0);
    assert_int_equal(setting_of(l, SEINE_SETTING_SHORE_RULE), 0);
    seine_engine *engine = open_tables(l);
    assert_int_equal(number_of(engine, "SELECT count(*) FROM events.ais_gaps"), 944);
    seine_engine_close(engine);
    assert_whole(l);
    assert_int_equal(drop_real_lake(NULL), 0); /* for others it is another one now */
}

/* ---- somebody else commits in between ---- */

typedef struct rival {
    const lake *lake;
    const char *phase, *table; /* when it comes, and to which */
    bool has_come;
} rival;

/* Appends a row without meaning, as a retraction of an event that never was, to a day that nobody has. */
static void commit_first(void *context, const char *phase, uint64_t done, uint64_t total) {
    (void)done, (void)total;
    rival *r = context;
    if (r->has_come || strcmp(phase, r->phase) != 0) return;
    r->has_come = true;
    seine_arena arena = {0};
    seine_error error = {0};
    seine_catalog *catalog;
    seine_table *table;
    seine_commit *commit;
    seine_data_file file = {0};
    assert_int_equal(seine_catalog_open(r->lake->path, &catalog, &error), SEINE_OK);
    assert_int_equal(seine_table_load(catalog, r->table, (seine_at){0}, &table, &error), SEINE_OK);
    const seine_table_schema *schema = seine_table_schema_of(table);
    seine_cell *row = SEINE_ARENA_ARRAY(&arena, seine_cell, schema->column_count);
    for (size_t c = 0; c < schema->column_count; c++) {
        const bool is_text = schema->columns[c].type == SEINE_TYPE_STRING;
        row[c] = schema->columns[c].required ? (is_text ? seine_cell_text(SEINE_STR("retract")) : seine_cell_integer(0))
                                             : seine_cell_null();
    }
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{.value = 0}};
    assert_int_equal(seine_cells_write(table, partition, &row, 1, &arena, &file, &error), SEINE_OK);
    assert_int_equal(seine_commit_begin(catalog, NULL, &commit, &error), SEINE_OK);
    assert_int_equal(seine_commit_files(commit, table, &file, 1, NULL, 0, &error), SEINE_OK);
    if (seine_commit_run(commit, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_table_close(table);
    seine_catalog_close(catalog);
    seine_arena_free(&arena);
}

static size_t count_data_files(const lake *l, const char *table) {
    char folder[700];
    snprintf(folder, sizeof folder, "%s/%s/data", l->path, table);
    seine_arena arena = {0};
    seine_file_entry *entries;
    size_t count;
    assert_int_equal(seine_file_list(folder, true, &arena, &entries, &count, NULL), SEINE_OK);
    seine_arena_free(&arena);
    return count;
}

static void a_lost_race_is_planned_again_and_leaves_no_file_behind(void **state) {
    (void)state;
    lake l;
    make_lake(&l, 1);
    uint64_t seed = 5;
    char path[1024];
    write_source(&l, 0, &seed, path);
    const char *list[] = {path};
    ingest(&l, list, 1, false, 1);
    rival r = {.lake = &l, .phase = "gaps", .table = "events.ais_gaps_history"};
    const seine_progress progress = {.report = commit_first, .context = &r};
    seine_refresh_options options = seine_refresh_options_default();
    options.by = SEINE_BY_MOVER;
    options.progress = &progress;
    seine_refresh_report report SEINE_OWNED(seine_refresh_report_free) = {0};
    seine_error error = {0};
    if (seine_refresh(l.path, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_true(r.has_come);
    assert_int_equal(report.jobs[GAPS].attempts, 2);
    assert_true(report.jobs[GAPS].added > 0);
    seine_engine *engine = open_tables(&l);
    const int64_t days = number_of(engine, "SELECT count(DISTINCT day) FROM state.ais_gaps");
    seine_engine_close(engine);
    assert_int_equal(count_data_files(&l, "state/ais_gaps"), days);
    assert_int_equal(count_data_files(&l, "state/ais_gaps_head"), 1);
    assert_int_equal(count_data_files(&l, "events/ais_gaps_history"), 2);
    assert_whole(&l);
    drop_lake(&l);
}

/* The engine has been ended by then and is started anew; the whole of gold is computed again by assert_whole. */
static void models_that_lose_the_race_run_again(void **state) {
    (void)state;
    lake l;
    make_lake(&l, 1);
    uint64_t seed = 5;
    char paths[2][1024];
    for (uint32_t i = 0; i < 2; i++) {
        write_source(&l, i, &seed, paths[i]);
        const char *list[] = {paths[i]};
        ingest(&l, list, 1, false, 1);
        rival r = {.lake = &l, .phase = "models", .table = "gold.ais_last_enriched_daily", .has_come = i == 0};
        const seine_progress progress = {.report = commit_first, .context = &r};
        const seine_models_options models = {.threads = 2, .progress = &progress};
        seine_models_report models_report = {0};
        seine_refresh_options options = seine_refresh_options_default();
        options.threads = 2;
        options.models = &models;
        options.models_report = &models_report;
        seine_refresh_report report SEINE_OWNED(seine_refresh_report_free) = {0};
        seine_error error = {0};
        if (seine_refresh(l.path, &options, &report, &error) != SEINE_OK) fail_msg("%s", error.text);
        assert_true(models_report.is_committed && models_report.failure_count == 0);
        assert_int_equal(models_report.attempts, i + 1);
        seine_models_report_free(&models_report);
    }
    assert_findings(&l, 1); /* the row of the rival, whose day no model knows */
    drop_lake(&l);
}

static void a_stop_changes_nothing(void **state) {
    (void)state;
    lake l;
    make_lake(&l, 1);
    uint64_t seed = 6;
    char path[1024];
    write_source(&l, 0, &seed, path);
    const char *list[] = {path};
    ingest(&l, list, 1, false, 1);
    const atomic_bool stop = true;
    const seine_progress progress = {.stop = &stop};
    seine_refresh_options options = seine_refresh_options_default();
    options.progress = &progress;
    seine_refresh_report report SEINE_OWNED(seine_refresh_report_free) = {0};
    seine_error error = {0};
    assert_int_equal(seine_refresh(l.path, &options, &report, &error), SEINE_E_INTERRUPTED);
    assert_int_equal(snapshots_of(&l, "state.ais_gaps"), 0);
    assert_true(is_committed(refresh(&l, 1, 0)));
    drop_lake(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_gap_of_four_real_days_has_the_original_numbers),
        cmocka_unit_test(a_second_refresh_commits_nothing),
        cmocka_unit_test(threads_and_days_taken_one_by_one_do_not_show_in_any_table),
        cmocka_unit_test(sources_that_come_change_and_go_leave_what_one_pass_gives),
        cmocka_unit_test(a_day_of_which_something_else_is_told_is_looked_at),
        cmocka_unit_test(versions_grow_even_within_one_second_and_a_log_row_tells_each_change),
        cmocka_unit_test(other_parameters_compute_everything_again_and_commit_once),
        cmocka_unit_test(a_lost_race_is_planned_again_and_leaves_no_file_behind),
        cmocka_unit_test(models_that_lose_the_race_run_again),
        cmocka_unit_test(a_stop_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, drop_real_lake);
}
