/* links: table io columns base */
/* Seine's own rows: what is put is read back, in order, and only with the commit it was put into. Leases. */
#include "io/clock.h"
#include "table/db/db.h"
#include "table/run.h"
#include "table_support.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>

/* wraps: seine_clock_wait seine_db_change */

/* Whether what waits for a while waits a millisecond. */
static atomic_bool is_fast;

bool __real_seine_clock_wait(pthread_cond_t *changed, pthread_mutex_t *mutex, int64_t most_us);
bool __wrap_seine_clock_wait(pthread_cond_t *changed, pthread_mutex_t *mutex, int64_t most_us);
bool __wrap_seine_clock_wait(pthread_cond_t *changed, pthread_mutex_t *mutex, int64_t most_us) {
    return __real_seine_clock_wait(changed, mutex, atomic_load(&is_fast) ? 1000 : most_us);
}

/* Whose connection is at work, and how often a second thread came to it meanwhile. */
static _Atomic(seine_db *) at_work;
static atomic_int meetings;

seine_status __real_seine_db_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                                    int64_t *changed, seine_error *error);
seine_status __wrap_seine_db_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                                    int64_t *changed, seine_error *error);
seine_status __wrap_seine_db_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                                    int64_t *changed, seine_error *error) {
    if (!atomic_load(&is_fast)) return __real_seine_db_change(db, sql, params, count, changed, error);
    if (atomic_exchange(&at_work, db) == db) atomic_fetch_add(&meetings, 1);
    for (int i = 0; i < 100; i++) (void)sched_yield(); /* so that they would meet */
    const seine_status status = __real_seine_db_change(db, sql, params, count, changed, error);
    atomic_store(&at_work, NULL);
    return status;
}

static seine_commit *begin(lake *l) {
    seine_commit *commit = NULL;
    assert_ok(l, seine_commit_begin(l->catalog, NULL, &commit, &l->error));
    return commit;
}

static const seine_source first = {.dataset = "ais",
                                   .name = "b.csv",
                                   .sha256 = "aa",
                                   .bytes = 10,
                                   .rows = 9,
                                   .rejects = 2,
                                   .ingested_at_us = 5,
                                   .reason = "",
                                   .bronze_path = "bronze/b.csv",
                                   .url = "file:///b.csv",
                                   .has_declared_day = true,
                                   .declared_day = 20089,
                                   .greatest_us = 77};

static void sources_come_back_with_their_sums(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    seine_source second = first;
    second.name = "a.csv";
    second.state = SEINE_SOURCE_QUARANTINED;
    second.reason = "truncated";
    second.url = "https://ann:s3cret@host/a.csv?token=t";
    second.has_declared_day = false;
    second.greatest_us = INT64_MIN;
    const seine_source_day days[] = {{"b.csv", "aa", 20090, 1, 3, 3}, {"b.csv", "aa", 20089, 2, 4, 1}};
    seine_commit *commit = begin(&l);
    assert_ok(&l, seine_ledger_put_source(commit, &first, &l.error));
    assert_ok(&l, seine_ledger_put_source(commit, &second, &l.error));
    for (int i = 0; i < 2; i++) assert_ok(&l, seine_ledger_put_source_day(commit, "ais", &days[i], &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error)); /* a commit of ledger rows only */

    seine_source *sources;
    seine_source_day *read;
    size_t count;
    assert_ok(&l, seine_ledger_sources(l.catalog, "ais", &l.arena, &sources, &count, &l.error));
    assert_int_equal(count, 2);
    assert_string_equal(sources[0].name, "a.csv");
    assert_int_equal(sources[0].state, SEINE_SOURCE_QUARANTINED);
    assert_string_equal(sources[0].reason, "truncated");
    assert_string_equal(sources[0].url, "https://host/a.csv"); /* no secret is kept */
    assert_false(sources[0].has_declared_day);
    assert_true(sources[0].greatest_us == INT64_MIN);
    assert_int_equal(sources[0].silver, 0);
    assert_string_equal(sources[1].sha256, "aa");
    assert_int_equal(sources[1].silver, 4);
    assert_int_equal(sources[1].duplicates, 3);
    assert_int_equal(sources[1].declared_day, 20089);
    assert_int_equal(sources[1].greatest_us, 77);
    assert_string_equal(sources[1].bronze_path, "bronze/b.csv");
    assert_ok(&l, seine_ledger_source_days(l.catalog, "ais", &l.arena, &read, &count, &l.error));
    assert_int_equal(count, 2);
    assert_int_equal(read[0].day, 20089); /* ordered by day, bucket */
    assert_int_equal(read[1].winners, 3);
    assert_ok(&l, seine_ledger_sources(l.catalog, "telematics", &l.arena, &sources, &count, &l.error));
    assert_int_equal(count, 0);

    commit = begin(&l);
    assert_ok(&l, seine_ledger_drop_source_days(commit, "ais", "b.csv", "aa", &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    assert_ok(&l, seine_ledger_source_days(l.catalog, "ais", &l.arena, &read, &count, &l.error));
    assert_int_equal(count, 0);
    lake_drop(&l);
}

static void the_watermark_is_the_greatest_of_days_and_times(void **state) {
    (void)state;
    const int64_t end_us = (INT64_C(20089) + 1) * 86400 * 1000000;
    seine_source s[3] = {first, first, first};
    assert_true(seine_watermark_of(NULL, 0) == INT64_MIN);
    s[0].greatest_us = end_us + 500; /* of a day that is declared: its name decides */
    assert_true(seine_watermark_of(s, 1) == end_us);
    s[1].has_declared_day = false;
    s[1].greatest_us = end_us - 5;
    assert_true(seine_watermark_of(s, 2) == end_us);
    s[2].has_declared_day = false;
    s[2].greatest_us = end_us + 7; /* newer than every archive */
    assert_true(seine_watermark_of(s, 3) == end_us + 7);
    s[2].state = SEINE_SOURCE_REMOVED;
    assert_true(seine_watermark_of(s, 3) == end_us);
}

static void an_aborted_commit_leaves_no_row(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    seine_commit *commit = begin(&l);
    assert_ok(&l, seine_ledger_put_source(commit, &first, &l.error));
    seine_commit_abort(commit);
    seine_source *sources;
    size_t count;
    assert_ok(&l, seine_ledger_sources(l.catalog, "ais", &l.arena, &sources, &count, &l.error));
    assert_int_equal(count, 0);
    lake_drop(&l);
}

static void partitions_and_jobs_are_keyed_by_their_tuple_nulls_too(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    seine_partition_row rows[] = {
        {{{false, 20089}, {false, 1}, {false, 0}}, {1, 2}, 10},
        {{{true, 0}, {false, 0}, {false, 0}}, {3, 4}, 20},
        {{{false, 20088}, {false, 1}, {false, 0}}, {5, 6}, 30},
    };
    seine_commit *commit = begin(&l);
    for (int i = 0; i < 3; i++) assert_ok(&l, seine_ledger_put_partition(commit, "silver.ais", &rows[i], &l.error));
    rows[1].content.low = 9; /* the same key again */
    assert_ok(&l, seine_ledger_put_partition(commit, "silver.ais", &rows[1], &l.error));
    rows[0].rows = 0; /* gone */
    assert_ok(&l, seine_ledger_put_partition(commit, "silver.ais", &rows[0], &l.error));
    const seine_job_row job = {{{true, 0}, {false, 2}, {false, 0}}, {7, 8}, NULL};
    const seine_job_row with_parts = {{{false, 1}, {false, 2}, {false, 0}}, {9, 8}, "model:1 silver.ais:all:2"};
    assert_ok(&l, seine_ledger_put_job(commit, "gaps", &job, &l.error));
    assert_ok(&l, seine_ledger_put_job(commit, "gaps", &with_parts, &l.error));
    assert_ok(&l, seine_ledger_put_run(commit, "id-1", "refresh", 5, "{}", &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));

    seine_partition_row *read;
    seine_job_row *jobs;
    size_t count;
    assert_ok(&l, seine_ledger_partitions(l.catalog, "silver.ais", &l.arena, &read, &count, &l.error));
    assert_int_equal(count, 2);
    assert_true(read[0].partition[0].is_null); /* nulls first */
    assert_true(seine_hash128_equal(read[0].content, (seine_hash128){9, 4}));
    assert_int_equal(read[1].partition[0].value, 20088);
    assert_int_equal(read[1].rows, 30);
    assert_ok(&l, seine_ledger_jobs(l.catalog, "gaps", &l.arena, &jobs, &count, &l.error));
    assert_int_equal(count, 2);
    assert_true(seine_hash128_equal(jobs[0].fingerprint, job.fingerprint));
    assert_null(jobs[0].parts);
    assert_true(seine_hash128_equal(jobs[1].fingerprint, with_parts.fingerprint));
    assert_string_equal(jobs[1].parts, with_parts.parts);
    commit = begin(&l);
    assert_ok(&l, seine_ledger_drop_job_partition(commit, "gaps", job.partition, &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    assert_ok(&l, seine_ledger_jobs(l.catalog, "gaps", &l.arena, &jobs, &count, &l.error));
    assert_int_equal(count, 1);
    lake_drop(&l);
}

static void a_lease_has_one_holder(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    seine_lease *mine = NULL, *theirs = NULL, *other = NULL;
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &mine, &l.error));
    assert_int_equal(seine_lease_take(l.catalog, "refresh", &theirs, &l.error), SEINE_E_BUSY);
    assert_null(theirs);
    char pid[32];
    (void)snprintf(pid, sizeof pid, "pid %d", (int)getpid());
    assert_non_null(strstr(l.error.text, pid));
    assert_ok(&l, seine_lease_take(l.catalog, "ingest/ais", &other, &l.error)); /* another name is free */
    seine_lease_release(mine);
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &theirs, &l.error));
    seine_lease_release(theirs);
    seine_lease_release(other);
    lake_drop(&l);
}

/* Its holder may renew it while it is kept alive by its own thread. */
static void a_lease_beats_and_is_renewed_at_once(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    seine_lease *lease = NULL;
    atomic_store(&is_fast, true);
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &lease, &l.error));
    for (int i = 0; i < 300; i++) assert_ok(&l, seine_lease_renew(lease, &l.error));
    assert_int_equal(meetings, 0);
    seine_lease_release(lease);
    atomic_store(&is_fast, false);
    lake_drop(&l);
}

/* Who holds it may have written longer names than are kept. */
static void the_holder_is_named_within_its_room(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    seine_lease *lease = NULL;
    seine_db *db = NULL;
    char path[400], sql[800], host[201], told[400];
    memset(host, 'h', 200);
    host[200] = '\0';
    (void)snprintf(path, sizeof path, "%s/catalog.db", l.path);
    for (int size = 150; size <= 200; size++) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT OR REPLACE INTO seine_lease VALUES('refresh', '%.*s', '%.*s', 5, 0,"
                       " strftime('%%s') * 1000000 + 20000000)",
                       size - 120, host, size, host);
        assert_ok(&l, seine_db_open(path, false, &db, &l.error));
        assert_ok(&l, seine_db_run(db, sql, &l.error));
        seine_db_close(db);
        assert_int_equal(seine_lease_take(l.catalog, "refresh", &lease, &l.error), SEINE_E_BUSY);
        (void)snprintf(told, sizeof told, "refresh is held by pid 5 on %.*s since 1970-01-01T00:00:00Z;",
                       size < 183 ? size : 183, host);
        if (strstr(l.error.text, told) == NULL) fail_msg("%s\nand not\n%s", l.error.text, told);
    }
    lake_drop(&l);
}

/* Whoever could not give a lease back, because the catalog was away, does not wait for itself; others do. */
static void a_lease_does_not_stand_in_its_owners_way(void **state) {
    (void)state;
    static const char mine[] = "11111111-1111-4111-8111-111111111111",
                      theirs[] = "22222222-2222-4222-8222-222222222222";
    lake l;
    lake_make(&l, 4);
    seine_lease *left = NULL, *again = NULL, *other = NULL;
    assert_ok(&l, seine_lease_take_as(l.catalog, "refresh", mine, &left, &l.error));
    assert_int_equal(seine_lease_take_as(l.catalog, "refresh", theirs, &other, &l.error), SEINE_E_BUSY);
    assert_int_equal(seine_lease_take(l.catalog, "refresh", &other, &l.error), SEINE_E_BUSY);
    assert_ok(&l, seine_lease_take_as(l.catalog, "refresh", mine, &again, &l.error));
    seine_lease_release(left);
    seine_lease_release(again);
    assert_ok(&l, seine_lease_take_as(l.catalog, "refresh", theirs, &other, &l.error));
    seine_lease_release(other);
    lake_drop(&l);
}

static void a_lease_past_its_expiry_is_taken_over_and_its_holder_learns_it(void **state) {
    (void)state;
    lake l;
    lake_now("2025-06-01T00:00:00Z");
    lake_make(&l, 4);
    seine_lease *mine = NULL, *theirs = NULL;
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &mine, &l.error));
    lake_now("2025-06-01T00:00:50Z");
    assert_ok(&l, seine_lease_renew(mine, &l.error)); /* now good until 00:01:50 */
    lake_now("2025-06-01T00:01:49Z");
    assert_int_equal(seine_lease_take(l.catalog, "refresh", &theirs, &l.error), SEINE_E_BUSY);
    lake_now("2025-06-01T00:01:50Z");
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &theirs, &l.error));
    assert_int_equal(seine_lease_renew(mine, &l.error), SEINE_E_CONFLICT);
    seine_lease_release(mine); /* must not free the other's row */
    assert_ok(&l, seine_lease_renew(theirs, &l.error));
    seine_lease_release(theirs);
    assert_int_equal(unsetenv("SEINE_NOW"), 0);
    lake_drop(&l);
}

/* A process takes the lease and dies with it. @return its number, which is its own until it is waited for. */
static pid_t die_with_a_lease(lake *l) {
    seine_catalog_close(l->catalog); /* a connection must not be carried into another process */
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        seine_catalog *catalog = NULL;
        seine_lease *lease = NULL;
        const bool took = seine_catalog_open(l->path, &catalog, NULL) == SEINE_OK &&
                          seine_lease_take(catalog, "refresh", &lease, NULL) == SEINE_OK;
        _exit(took ? 0 : 1); /* without releasing it */
    }
    siginfo_t how = {0};
    assert_int_equal(waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT), 0);
    assert_int_equal(how.si_status, 0);
    assert_ok(l, seine_catalog_open(l->path, &l->catalog, &l->error));
    return child;
}

static void leave_a_lease(lake *l) {
    const pid_t child = die_with_a_lease(l);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void the_lease_of_a_killed_process_is_free_at_once(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    leave_a_lease(&l);
    seine_lease *mine = NULL;
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &mine, &l.error));
    seine_lease_release(mine);
    lake_drop(&l);
}

/* As below a shell of a container that waits for nobody. */
static void nobody_has_to_take_note_of_its_end(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    const pid_t child = die_with_a_lease(&l);
    seine_lease *mine = NULL;
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &mine, &l.error));
    assert_int_equal(waitpid(child, NULL, 0), child);
    seine_lease_release(mine);
    lake_drop(&l);
}

static void change_lease(lake *l, const char *sql) {
    char path[400];
    seine_db *db = NULL;
    int64_t changed = 0;
    (void)snprintf(path, sizeof path, "%s/catalog.db", l->path);
    assert_ok(l, seine_db_open(path, false, &db, &l->error));
    assert_ok(l, seine_db_change(db, sql, NULL, 0, &changed, &l->error));
    assert_int_equal(changed, 1);
    seine_db_close(db);
}

/* A process that lives has the number of the one that held it. */
static void a_number_that_was_given_out_again_holds_nothing(void **state) {
    (void)state;
    static const char earlier[] = "UPDATE seine_lease SET host = rtrim(host, '0123456789') || '1'",
                      unknown[] = "UPDATE seine_lease SET host = rtrim(host, '0123456789') || '0'";
    lake l;
    lake_make(&l, 4);
    seine_lease *left = NULL, *mine = NULL;
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &left, &l.error));
    change_lease(&l, unknown);
    assert_int_equal(seine_lease_take(l.catalog, "refresh", &mine, &l.error), SEINE_E_BUSY);
    change_lease(&l, earlier);
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &mine, &l.error));
    seine_lease_release(left);
    seine_lease_release(mine);
    lake_drop(&l);
}

static void put_boot(lake *l, const char *from, const char *to) {
    char sql[200];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE seine_lease SET host = replace(host, '%s', '%s') WHERE host LIKE '%% %s %%'", from, to,
                   from);
    change_lease(l, sql);
}

/* A machine of the same name, made of the same image: a process of that number is another one's there. */
static void the_lease_of_another_boot_is_not_free(void **state) {
    (void)state;
    static const char other[] = "98b075a9-0073-4786-a755-000000000000";
    char boot[40] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (file == NULL || fgets(boot, sizeof boot, file) == NULL) skip();
    (void)fclose(file);
    boot[strcspn(boot, "\n")] = '\0';
    lake l;
    lake_make(&l, 4);
    leave_a_lease(&l);
    seine_lease *mine = NULL;
    put_boot(&l, boot, other);
    assert_int_equal(seine_lease_take(l.catalog, "refresh", &mine, &l.error), SEINE_E_BUSY);
    put_boot(&l, other, boot);
    assert_ok(&l, seine_lease_take(l.catalog, "refresh", &mine, &l.error));
    seine_lease_release(mine);
    lake_drop(&l);
}

static void note_id(void *context, const seine_run_row *row) { ((char *)context)[row->started_us] = 'x'; }

/* The newest stay, whatever the order they were told in. */
static void only_the_newest_run_manifests_stay(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    seine_commit *commit = begin(&l);
    assert_ok(&l, seine_ledger_put_setting(commit, SEINE_RUNS_KEPT_SETTING, 3, &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    static const int64_t times[] = {5, 1, 4, 2, 3, 6};
    for (size_t i = 0; i < 6; i++) {
        const char *id = seine_arena_printf(&l.arena, "run-%zu", i);
        commit = begin(&l);
        assert_ok(&l, seine_ledger_put_run(commit, id, "ingest", times[i], "{}", &l.error));
        assert_ok(&l, seine_commit_run(commit, &l.error));
    }
    seine_run_row *rows;
    size_t count;
    char seen[] = ".......";
    assert_ok(&l, seine_runs(l.catalog, 0, &l.arena, &rows, &count, &l.error));
    for (size_t i = 0; i < count; i++) note_id(seen, &rows[i]);
    assert_string_equal(seen, "....xxx");
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_come_back_with_their_sums),
        cmocka_unit_test(the_watermark_is_the_greatest_of_days_and_times),
        cmocka_unit_test(only_the_newest_run_manifests_stay),
        cmocka_unit_test(an_aborted_commit_leaves_no_row),
        cmocka_unit_test(partitions_and_jobs_are_keyed_by_their_tuple_nulls_too),
        cmocka_unit_test(a_lease_has_one_holder),
        cmocka_unit_test(a_lease_beats_and_is_renewed_at_once),
        cmocka_unit_test(the_holder_is_named_within_its_room),
        cmocka_unit_test(a_lease_does_not_stand_in_its_owners_way),
        cmocka_unit_test(a_lease_past_its_expiry_is_taken_over_and_its_holder_learns_it),
        cmocka_unit_test(the_lease_of_a_killed_process_is_free_at_once),
        cmocka_unit_test(nobody_has_to_take_note_of_its_end),
        cmocka_unit_test(a_number_that_was_given_out_again_holds_nothing),
        cmocka_unit_test(the_lease_of_another_boot_is_not_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
