/* links: table io columns base */
/* Manifests of runs: kept by the commit that did the work, found by id, by their order and by the snapshot they made.
 */
#include "table_support.h"

#include "base/json.h"
#include "io/clock.h"
#include "like_support.h"
#include "table/run.h"

enum { RUNS = 3 };

/* A commit of one file to silver.ais with a manifest of its own. @return the id, in the lake's arena. */
static const char *append_as(lake *l, const char *command, int64_t started_us, int day) {
    seine_run_manifest *run = NULL;
    seine_commit *commit = NULL;
    seine_table *table = lake_load(l, "silver.ais");
    const seine_data_file file = lake_data_file(l, table, day, 0, 5);
    const int64_t begun_us = seine_clock_monotonic_us() - 100 * INT64_C(1000000);
    const seine_source source = {.name = "a.csv", .sha256 = "abc", .rows = 9, .state = SEINE_SOURCE_LIVE};
    assert_ok(l, seine_run_begin(command, NULL, started_us, begun_us, &run, &l->error));
    seine_run_setting_text(run, "words", "a \"b\"");
    seine_run_setting_int(run, "number", -7);
    seine_run_setting_flag(run, "flag", true);
    seine_run_setting_number(run, "share", 0.5);
    seine_run_input_source(run, &source);
    seine_run_input_table(run, "silver.other", -1, 2, (seine_hash128){0xf, 0});
    seine_run_input_table(run, "silver.more", 77, 1, (seine_hash128){0x10, 0});
    seine_run_count(run, "rows", 5);
    assert_ok(l, seine_commit_begin(l->catalog, seine_run_id(run), &commit, &l->error));
    assert_ok(l, seine_commit_files(commit, table, &file, 1, NULL, 0, &l->error));
    assert_ok(l, seine_run_join(run, commit, &l->error));
    assert_ok(l, seine_commit_run(commit, &l->error));
    const char *id = seine_arena_copy(&l->arena, seine_run_id(run), strlen(seine_run_id(run)));
    seine_run_free(run);
    seine_table_close(table);
    return id;
}

static void runs_are_read_newest_first_and_found_by_id_and_snapshot(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    const char *ids[RUNS];
    static const char *const commands[RUNS] = {"first", "second", "third"};
    int64_t snapshots[RUNS];
    for (int i = 0; i < RUNS; i++) {
        ids[i] = append_as(&l, commands[i], 1000 + i, 20089 + i);
        seine_table *table = lake_load(&l, "silver.ais");
        snapshots[i] = seine_table_snapshot_id(table);
        seine_table_close(table);
    }
    seine_run_row *rows = NULL;
    size_t count = 0;
    assert_ok(&l, seine_runs(l.catalog, 0, &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, RUNS);
    for (int i = 0; i < RUNS; i++) {
        assert_string_equal(rows[i].id, ids[RUNS - 1 - i]);
        assert_string_equal(rows[i].command, commands[RUNS - 1 - i]);
        assert_int_equal(rows[i].started_us, 1000 + RUNS - 1 - i);
    }
    assert_ok(&l, seine_runs(l.catalog, 2, &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].command, "third");
    for (int i = 0; i < RUNS; i++) {
        assert_ok(&l, seine_runs_of_snapshot(l.catalog, snapshots[i], &l.arena, &rows, &count, &l.error));
        assert_int_equal(count, 1);
        assert_string_equal(rows[0].id, ids[i]);
        char prefix[14] = "";
        memcpy(prefix, ids[i], sizeof prefix - 1);
        assert_ok(&l, seine_runs_find(l.catalog, prefix, &l.arena, &rows, &count, &l.error));
        assert_int_equal(count, 1);
        assert_string_equal(rows[0].id, ids[i]);
    }
    assert_ok(&l, seine_runs_of_snapshot(l.catalog, 4711, &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, 0);
    assert_ok(&l, seine_runs_find(l.catalog, "no-such", &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, 0);
    assert_ok(&l, seine_runs_find(l.catalog, "", &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, RUNS);
    lake_drop(&l);
}

static void a_manifest_says_what_was_done(void **state) {
    (void)state;
    lake l;
    lake_now("2025-03-04T05:06:07Z");
    lake_make(&l, 1);
    (void)append_as(&l, "some command", 1000, 20089);
    seine_run_row *rows = NULL;
    size_t count = 0;
    assert_ok(&l, seine_runs(l.catalog, 0, &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, 1);
    assert_like(rows[0].manifest,
                "{'id':'*','invocation':'*','command':'some command','status':'committed',"
                "'started_at':'1970-01-01T00:00:00.001000Z','finished_at':'2025-03-04T05:06:07Z','seconds':10*,"
                "'versions':{'seine':'*','lake_format':5,'iceberg_format':2},"
                "'settings':{'words':'a \\'b\\'','number':-7,'flag':true,'share':0.5},"
                "'inputs':[{'source':'a.csv','sha256':'abc','state':'live','rows':9},"
                "{'table':'silver.other','snapshot':null,'partitions':2,'content':'0000000000000000000000000000000f'},"
                "{'table':'silver.more','snapshot':77,'partitions':1,'content':'00000000000000000000000000000010'}],"
                "'counts':{'rows':5},'tables':{'silver.ais':{'before':null,'after':*,'added_files':1,"
                "'removed_files':0,'added_rows':5,'removed_rows':0}}}");
    const char *id = strstr(rows[0].manifest, rows[0].id);
    assert_non_null(id);
    assert_non_null(strstr(id + 1, rows[0].id)); /* an invocation of its own */
    assert_int_equal(unsetenv("SEINE_NOW"), 0);
    lake_drop(&l);
}

/* Which sources there were is told by one hash: of the names and bytes of those that live, in any order. */
static void the_content_of_many_sources_is_that_of_those_which_live(void **state) {
    (void)state;
    const seine_source a = {.name = "a.csv", .sha256 = "aa", .state = SEINE_SOURCE_LIVE};
    const seine_source b = {.name = "b.csv", .sha256 = "bb", .state = SEINE_SOURCE_LIVE};
    const seine_source gone = {.name = "c.csv", .sha256 = "cc", .state = SEINE_SOURCE_REMOVED};
    const seine_source as_b = {.name = "b.csv", .sha256 = "aa", .state = SEINE_SOURCE_LIVE};
    const seine_source sets[][3] = {{a, b, gone}, {b, gone, a}, {a, as_b, gone}, {a, gone, gone}};
    char text[4][200];
    for (size_t i = 0; i < 4; i++) {
        seine_error error;
        lake l;
        seine_run_manifest *run = NULL;
        seine_commit *commit = NULL;
        seine_run_row *rows = NULL;
        size_t count = 0;
        lake_make(&l, 1);
        assert_ok(&l, seine_run_begin("with sources", "of-another-run", 5, 0, &run, &error));
        const seine_source_set set = seine_source_set_of(sets[i], 3);
        seine_run_input_sources(run, &set);
        assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
        assert_ok(&l, seine_run_join(run, commit, &l.error));
        assert_ok(&l, seine_commit_run(commit, &l.error));
        seine_run_free(run);
        assert_ok(&l, seine_runs(l.catalog, 0, &l.arena, &rows, &count, &l.error));
        assert_non_null(strstr(rows[0].manifest, "\"invocation\":\"of-another-run\","));
        const char *inputs = strstr(rows[0].manifest, "\"inputs\":[");
        (void)snprintf(text[i], sizeof text[i], "%.*s", (int)strcspn(inputs, "]"), inputs);
        lake_drop(&l);
    }
    assert_like(text[0], "'inputs':[{'sources':2,'content':'*'}");
    assert_like(text[3], "'inputs':[{'sources':1,'content':'*'}");
    assert_string_equal(text[0], text[1]);
    assert_string_not_equal(text[0], text[2]);
}

static void a_failed_run_is_kept_unless_it_never_began_or_may_have_succeeded(void **state) {
    (void)state;
    static const struct {
        seine_status status;
        const char *kept; /* NULL: nothing */
    } cases[] = {{SEINE_E_IO, "failed"},     {SEINE_E_INTERRUPTED, "interrupted"},
                 {SEINE_E_FORMAT, "failed"}, {SEINE_E_BUSY, NULL},
                 {SEINE_E_USAGE, NULL},      {SEINE_E_NOT_FOUND, NULL},
                 {SEINE_E_UNKNOWN, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        lake l;
        seine_run_manifest *run = NULL;
        seine_error why = {0};
        seine_run_row *rows = NULL;
        size_t count = 0;
        lake_make(&l, 1);
        assert_ok(&l, seine_run_begin("tried", NULL, 5, 0, &run, &l.error));
        (void)seine_fail(&why, cases[i].status, "the reason");
        seine_run_failed(run, l.catalog, &why);
        seine_run_free(run);
        assert_ok(&l, seine_runs(l.catalog, 0, &l.arena, &rows, &count, &l.error));
        assert_int_equal(count, cases[i].kept != NULL ? 1 : 0);
        if (cases[i].kept != NULL) {
            char status[40];
            (void)snprintf(status, sizeof status, "\"status\":\"%s\"", cases[i].kept);
            assert_non_null(strstr(rows[0].manifest, status));
            assert_non_null(strstr(rows[0].manifest, "\"error\":\"the reason\""));
        }
        lake_drop(&l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_read_newest_first_and_found_by_id_and_snapshot),
        cmocka_unit_test(a_manifest_says_what_was_done),
        cmocka_unit_test(the_content_of_many_sources_is_that_of_those_which_live),
        cmocka_unit_test(a_failed_run_is_kept_unless_it_never_began_or_may_have_succeeded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
