/* links: ingest table engine decode columns io base */
/* Reference files into the lake: text and Parquet give the same table, refused rows are told and kept, history stays.
 */
#include "table_support.h"

#include "engine/engine.h"
#include "ingest/reference/file.h"
#include "ingest/reference/reference.h"
#include "table/cells.h"
#include "table/run.h"

#define PORTS "port_id,port_name,lat,lon,country,unlocode\n"

/* wraps: seine_commit_run */

/* How many of the next commits of a load lose their race. */
static int lost_races;

seine_status __real_seine_commit_run(seine_commit *commit, seine_error *error);
seine_status __wrap_seine_commit_run(seine_commit *commit, seine_error *error);
seine_status __wrap_seine_commit_run(seine_commit *commit, seine_error *error) {
    if (lost_races == 0) return __real_seine_commit_run(commit, error);
    lost_races--;
    seine_commit_abort(commit);
    return seine_fail(error, SEINE_E_CONFLICT, "somebody else was faster");
}

typedef struct refusals {
    size_t count;
    int64_t row[8], line[8];
    char reason[8][200];
} refusals;

static void note_refused(void *context, int64_t row, int64_t line, const char *reason) {
    refusals *r = context;
    assert_true(r->count < 8);
    r->row[r->count] = row;
    r->line[r->count] = line;
    (void)snprintf(r->reason[r->count++], sizeof r->reason[0], "%s", reason);
}

static const char *put_file(lake *l, const char *name, const char *text) {
    const char *path = seine_arena_printf(&l->arena, "%s/%s", l->folder, name);
    assert_ok(l, seine_file_write(path, text, strlen(text), SEINE_FILE_REPLACE, &l->error));
    return path;
}

static seine_reference_report load(lake *l, const char *path, seine_reference_options options) {
    seine_reference_report report;
    assert_ok(l, seine_reference_load(l->path, path, &options, &report, &l->error));
    return report;
}

/* All rows of a table in its order: the first columns, joined by `|`. */
static const char *shown(lake *l, const char *name, size_t columns) {
    const seine_engine_options engine_options = {.threads = 1};
    seine_engine *engine = NULL;
    seine_cells rows = {0};
    const seine_live_file *files = NULL;
    const char *paths[8];
    size_t count = 0;
    char *text = seine_arena_alloc(&l->arena, 4096);
    int used = 0;
    text[0] = '\0';
    seine_table *table = lake_load(l, name);
    const seine_table_schema *schema = seine_table_schema_of(table);
    assert_ok(l, seine_table_files(table, &files, &count, &l->error));
    assert_true(count <= 1); /* a load writes one file */
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    assert_ok(l, seine_engine_open(&engine_options, &engine, &l->error));
    assert_ok(l, seine_cells_read(engine, schema, paths, count, &l->arena, &rows, &l->error));
    for (size_t r = 0; r < rows.count; r++) {
        for (size_t c = 0; c < columns; c++) {
            const seine_cell *cell = &rows.rows[r][c];
            const char *separator = c > 0 ? "|" : "";
            if (cell->is_null)
                used += snprintf(text + used, 4096 - (size_t)used, "%s", separator);
            else if (schema->columns[c].type == SEINE_TYPE_DOUBLE)
                used += snprintf(text + used, 4096 - (size_t)used, "%s%g", separator, cell->as.number);
            else if (schema->columns[c].type == SEINE_TYPE_STRING)
                used += snprintf(text + used, 4096 - (size_t)used, "%s%.*s", separator, SEINE_STR_ARG(cell->as.text));
            else
                used += snprintf(text + used, 4096 - (size_t)used, "%s%lld", separator, (long long)cell->as.integer);
        }
        used += snprintf(text + used, 4096 - (size_t)used, "\n");
    }
    seine_cells_free(&rows);
    seine_engine_close(engine);
    seine_table_close(table);
    return text;
}

static const char ports_csv[] = PORTS "2,Singapore,1.3,103.8,SG,SGSIN\n"
                                      "1,\"Old \"\"port\"\"\",51.9,-180,,\n";
static const char ports_shown[] = "1|Old \"port\"|51.9|-180||\n"
                                  "2|Singapore|1.3|103.8|SG|SGSIN\n";

static const char *put_parquet(lake *l, const char *name, const char *rows) {
    const seine_engine_options options = {.threads = 1};
    seine_engine *engine = NULL;
    const char *path = seine_arena_printf(&l->arena, "%s/%s", l->folder, name);
    const char *sql = seine_arena_printf(&l->arena, "COPY (%s) TO '%s' (FORMAT parquet)", rows, path);
    assert_ok(l, seine_engine_open(&options, &engine, &l->error));
    assert_ok(l, seine_engine_run(engine, sql, &l->error));
    seine_engine_close(engine);
    return path;
}

static void text_and_parquet_give_the_same_table(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    const seine_reference_options options = {.kind = SEINE_REFERENCE_PORTS};
    seine_reference_report report = load(&l, put_file(&l, "ports.csv", ports_csv), options);
    assert_int_equal(report.rows, 2);
    assert_int_equal(report.refused, 0);
    assert_int_equal(report.added, 2);
    assert_int_equal(report.total, 2);
    assert_int_equal(report.in_force, 2);
    assert_true(report.is_changed);
    assert_string_equal(report.columns[0], "port_id");
    seine_reference_report_free(&report);
    assert_string_equal(shown(&l, "ref.ports", 6), ports_shown);
    /* The name of the column needs its quotes doubled, that of the file is no pattern. */
    const char *path = put_parquet(&l, "odd [a]*?.parquet",
                                   "SELECT * FROM (VALUES (2, 'Singapore', 1.3::DOUBLE, 103.8::DOUBLE, 'SG', 'SGSIN'),"
                                   " (1, 'Old \"port\"', 51.9, -180, NULL, NULL))"
                                   " t(port_id, \"the \"\"name\"\"\", lat, lon, country, unlocode)");
    const char *const columns[] = {"name=the \"name\""};
    const seine_reference_options named = {.kind = SEINE_REFERENCE_PORTS, .columns = columns, .column_count = 1};
    report = load(&l, path, named);
    assert_false(report.is_changed); /* the same rows */
    assert_int_equal(report.added + report.ended + report.removed, 0);
    assert_int_equal(report.rows, 2);
    assert_string_equal(report.columns[1], "the \"name\"");
    seine_reference_report_free(&report);
    assert_string_equal(shown(&l, "ref.ports", 6), ports_shown);
    lake_drop(&l);
}

static void rows_of_parquet_come_in_order_with_their_numbers(void **state) {
    (void)state;
    enum { ROWS = 5000 }; /* more than a batch of the engine */
    lake l;
    lake_make(&l, 1);
    const char *path = put_parquet(&l, "many.parquet",
                                   "SELECT i AS number, CASE WHEN i % 3 = 0 THEN NULL ELSE i::VARCHAR END"
                                   " AS maybe FROM range(5000) t(i)");
    seine_reference_file *file = NULL;
    size_t count = 0;
    assert_ok(&l, seine_reference_file_open(path, NULL, &file, &l.error));
    const seine_str *columns = seine_reference_file_columns(file, &count);
    assert_int_equal(count, 2);
    assert_true(seine_str_equal(columns[1], SEINE_STR("maybe")));
    seine_reference_record record;
    for (int64_t row = 1; row <= ROWS; row++) {
        char expected[24];
        assert_ok(&l, seine_reference_file_next(file, &record, &l.error));
        assert_int_equal(record.row, row);
        (void)snprintf(expected, sizeof expected, "%lld", (long long)row - 1);
        assert_true(seine_str_equal(record.values[0], seine_str_of(expected)));
        if ((row - 1) % 3 == 0)
            assert_null(record.values[1].data);
        else
            assert_true(seine_str_equal(record.values[1], seine_str_of(expected)));
    }
    assert_ok(&l, seine_reference_file_next(file, &record, &l.error));
    assert_int_equal(record.row, 0);
    seine_reference_file_close(file);
    lake_drop(&l);
}

static void what_cannot_be_read_is_named(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    const struct {
        const char *path, *text;
        seine_status status;
    } cases[] = {
        {seine_arena_printf(&l.arena, "%s/none.csv", l.folder), "none.csv: no such file", SEINE_E_NOT_FOUND},
        {l.folder, "is a folder, not a file", SEINE_E_USAGE},
        {put_file(&l, "text.PARQUET", "a,b\n1,2\n"), "text.PARQUET: is no Parquet file", SEINE_E_FORMAT},
        {put_file(&l, "cut.parquet", "PAR1"), "cut.parquet: ", SEINE_E_FORMAT},
        {put_file(&l, "short", "PAR"), "", SEINE_OK}, /* three bytes are text: a header */
        {put_file(&l, "head.csv", PORTS), "head.csv: has no rows", SEINE_E_FORMAT},
        {put_file(&l, "bad.csv", PORTS "1,A,95,0,,\n2,B,0,999,,\n"),
         "bad.csv: 2 rows, and none is good; row 1: ", SEINE_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const seine_reference_options options = {.kind = SEINE_REFERENCE_PORTS};
        seine_reference_report report;
        seine_reference_file *file = NULL;
        l.error = (seine_error){0};
        if (cases[i].status == SEINE_OK) {
            assert_ok(&l, seine_reference_file_open(cases[i].path, NULL, &file, &l.error));
            seine_reference_file_close(file);
            continue;
        }
        assert_int_equal(seine_reference_load(l.path, cases[i].path, &options, &report, &l.error), cases[i].status);
        assert_non_null(strstr(l.error.text, cases[i].text));
        assert_null(strchr(l.error.text, '\n')); /* not the statement of the engine, which the user did not write */
        seine_reference_report_free(&report);
    }
    assert_string_equal(shown(&l, "ref.ports", 6), "");
    lake_drop(&l);
}

static void refused_rows_are_told_and_kept_until_the_file_comes_again(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    refusals told = {0};
    const seine_reference_options options = {.kind = SEINE_REFERENCE_PORTS, .refused = note_refused, .context = &told};
    const char *path = put_file(&l, "p.csv", PORTS "1,A,1,1,,\n2,B,91,0,,\n1,C,2,2,,\n");
    seine_reference_report report = load(&l, path, options);
    assert_int_equal(report.rows, 3);
    assert_int_equal(report.refused, 2);
    assert_int_equal(report.in_force, 1);
    seine_reference_report_free(&report);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.row[0], 2);
    assert_int_equal(told.line[0], 3);
    assert_int_equal(told.row[1], 3);
    assert_int_equal(told.line[1], 4);
    assert_non_null(strstr(told.reason[1], "duplicate"));
    const char *kept = shown(&l, "ref.rejects", 5);
    assert_non_null(strstr(kept, "ports|p.csv|2|"));
    assert_non_null(strstr(kept, "ports|p.csv|3|"));
    assert_true(strstr(kept, "|2|") < strstr(kept, "|3|")); /* in the order of the file */
    /* Of another file: both are kept. */
    report = load(&l, put_file(&l, "o.csv", PORTS "8,A,1,1,,\n7,C,1,1,,\n6,D,1,1,,\n9,B,91,0,,\n"), options);
    seine_reference_report_free(&report);
    kept = shown(&l, "ref.rejects", 5);
    assert_non_null(strstr(kept, "ports|o.csv|4|"));
    assert_non_null(strstr(kept, "ports|p.csv|2|"));
    assert_true(strstr(kept, "|o.csv|4|") < strstr(kept, "|p.csv|2|")); /* by file, then row */
    /* The same file again changes nothing; a better one of its name takes its refusals away. */
    report = load(&l, path, options);
    assert_false(report.is_changed);
    seine_reference_report_free(&report);
    report = load(&l, put_file(&l, "p.csv", PORTS "1,A,1,1,,\n"), options);
    assert_true(report.is_changed);
    assert_int_equal(report.added + report.ended + report.removed, 0);
    seine_reference_report_free(&report);
    kept = shown(&l, "ref.rejects", 5);
    assert_null(strstr(kept, "p.csv"));
    assert_non_null(strstr(kept, "o.csv"));
    report = load(&l, put_file(&l, "o.csv", PORTS "8,A,1,1,,\n7,C,1,1,,\n6,D,1,1,,\n"), options);
    seine_reference_report_free(&report);
    assert_string_equal(shown(&l, "ref.rejects", 5), "");
    lake_drop(&l);
}

static void a_load_from_a_day_on_keeps_what_was(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    const seine_reference_options ever = {.kind = SEINE_REFERENCE_PORTS};
    const seine_reference_options later = {
        .kind = SEINE_REFERENCE_PORTS, .has_valid_from = true, .valid_from_us = 86400000000, .replace = true};
    seine_reference_report report = load(&l, put_file(&l, "a.csv", PORTS "1,A,1,1,,\n2,B,2,2,,\n"), ever);
    seine_reference_report_free(&report);
    report = load(&l, put_file(&l, "b.csv", PORTS "1,A,1,1,,\n3,C,3,3,,\n"), later);
    assert_int_equal(report.added, 1);
    assert_int_equal(report.ended, 1);
    assert_int_equal(report.removed, 0);
    assert_int_equal(report.total, 3);
    assert_int_equal(report.in_force, 2);
    seine_reference_report_free(&report);
    seine_run_row *runs = NULL;
    size_t count = 0;
    assert_ok(&l, seine_runs(l.catalog, 1, &l.arena, &runs, &count, &l.error));
    assert_string_equal(runs[0].command, "ref load");
    static const char *const said[] = {"\"ref\":\"ports\"", "\"replace\":true", "\"valid_from_us\":86400000000",
                                       "\"b.csv\""};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (strstr(runs[0].manifest, said[i]) == NULL) fail_msg("%s is not in %s", said[i], runs[0].manifest);
    assert_string_equal(shown(&l, "ref.ports", 8), "1|A|1|1||||\n"
                                                   "2|B|2|2||||86400000000\n"
                                                   "3|C|3|3|||86400000000|\n");
    lake_drop(&l);
}

/* Who is told to stop leaves the table as it is, however much was read. */
static void a_stopped_load_changes_nothing(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    atomic_bool stop = true;
    const seine_progress progress = {.stop = &stop};
    const seine_reference_options options = {.kind = SEINE_REFERENCE_PORTS, .progress = &progress};
    seine_reference_report report;
    seine_buf text;
    seine_buf_init(&text, 1 << 20);
    assert_int_equal(seine_buf_append_str(&text, PORTS), SEINE_OK);
    for (int i = 0; i < 5000; i++) assert_int_equal(seine_buf_printf(&text, "%d,A,1,1,,\n", i), SEINE_OK);
    const char *path = put_file(&l, "ports.csv", seine_buf_text(&text));
    assert_int_equal(seine_reference_load(l.path, path, &options, &report, &l.error), SEINE_E_INTERRUPTED);
    seine_reference_report_free(&report);
    assert_string_equal(shown(&l, "ref.ports", 6), "");
    seine_buf_free(&text);
    lake_drop(&l);
}

static void a_lost_race_is_run_again_but_not_for_ever(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    const seine_reference_options options = {.kind = SEINE_REFERENCE_PORTS};
    const char *path = put_file(&l, "ports.csv", ports_csv);
    seine_reference_report report;
    lost_races = 100;
    assert_int_equal(seine_reference_load(l.path, path, &options, &report, &l.error), SEINE_E_CONFLICT);
    seine_reference_report_free(&report);
    assert_string_equal(l.error.text, "somebody else was faster");
    assert_string_equal(shown(&l, "ref.ports", 6), "");
    lost_races = 1;
    report = load(&l, path, options);
    assert_int_equal(report.added, 2);
    assert_string_equal(shown(&l, "ref.ports", 6), ports_shown);
    seine_reference_report_free(&report);
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_parquet_give_the_same_table),
        cmocka_unit_test(rows_of_parquet_come_in_order_with_their_numbers),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(refused_rows_are_told_and_kept_until_the_file_comes_again),
        cmocka_unit_test(a_load_from_a_day_on_keeps_what_was),
        cmocka_unit_test(a_stopped_load_changes_nothing),
        cmocka_unit_test(a_lost_race_is_run_again_but_not_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
