/* links: table io columns base */
/* wraps: seine_file_read */
/* Expiry, orphans, verification, and lakes that were moved, are newer or older. */
#include "full_support.h"
#include "table_support.h"

#include "table/avro/avro.h"
#include "table/copy/copy.h"
#include "table/db/db.h"

#include <sys/stat.h>
#include <sys/wait.h>

/* How many files were read. */
static size_t reads;

seine_status __real_seine_file_read(const char *path, seine_buf *out, seine_error *error);
seine_status __wrap_seine_file_read(const char *path, seine_buf *out, seine_error *error);
seine_status __wrap_seine_file_read(const char *path, seine_buf *out, seine_error *error) {
    reads++;
    return __real_seine_file_read(path, out, error);
}

#define DAY_US (INT64_C(86400) * 1000 * 1000)
#define JUNE_1_US INT64_C(1748736000000000)

/* Day n of June: one file of n rows, paths[n], replaces the one before. */
static void replace_day(lake *l, int n, const char **paths) {
    seine_table *table = lake_load(l, "silver.ais");
    const seine_data_file file = lake_data_file(l, table, n, 0, n);
    paths[n] = file.path;
    seine_commit *commit = NULL;
    assert_ok(l, seine_commit_begin(l->catalog, NULL, &commit, &l->error));
    assert_ok(l, seine_commit_files(commit, table, &file, 1, &paths[n - 1], n > 1 ? 1 : 0, &l->error));
    assert_ok(l, seine_commit_run(commit, &l->error));
    seine_table_close(table);
}

static void make_history(lake *l, const char *paths[4]) {
    for (int n = 1; n <= 3; n++) {
        char now[32];
        (void)snprintf(now, sizeof now, "2025-06-%02dT00:00:00Z", n);
        lake_now(now);
        if (n == 1) lake_make(l, 4);
        replace_day(l, n, paths);
    }
    lake_now("2025-07-01T00:00:00Z");
}

static void drop_history(lake *l) {
    assert_int_equal(unsetenv("SEINE_NOW"), 0);
    lake_drop(l);
}

static void expiry_deletes_exactly_what_no_snapshot_needs(void **state) {
    (void)state;
    lake l;
    const char *paths[4] = {NULL};
    make_history(&l, paths);
    size_t snapshots, files;

    assert_ok(&l, seine_table_expire(l.catalog, "silver.ais",
                                     &(seine_expiry){.older_than_us = JUNE_1_US + DAY_US, .keep = 1}, &snapshots,
                                     &files, &l.error));
    assert_int_equal(snapshots, 1); /* June 1; June 2 is not older than June 2 */
    assert_false(seine_file_exists(paths[1]));
    assert_true(seine_file_exists(paths[2]));
    seine_table *table = NULL;
    assert_int_equal(
        seine_table_load(l.catalog, "silver.ais", (seine_at){.time_us = JUNE_1_US + DAY_US - 1}, &table, &l.error),
        SEINE_E_NOT_FOUND);
    assert_ok(&l,
              seine_table_load(l.catalog, "silver.ais", (seine_at){.time_us = JUNE_1_US + DAY_US}, &table, &l.error));
    assert_int_equal(seine_table_rows(table), 2); /* what is left can still be travelled to */
    size_t findings;
    assert_ok(&l, seine_table_verify(table, NULL, NULL, &findings, &l.error));
    assert_int_equal(findings, 0);
    seine_table_close(table);

    assert_ok(&l, seine_table_expire(l.catalog, "silver.ais", &(seine_expiry){.older_than_us = INT64_MAX, .keep = 2},
                                     &snapshots, &files, &l.error));
    assert_int_equal(snapshots, 0); /* the newest two stay */
    assert_ok(&l, seine_table_expire(l.catalog, "silver.ais", &(seine_expiry){.older_than_us = INT64_MAX, .keep = 0},
                                     &snapshots, &files, &l.error));
    assert_int_equal(snapshots, 1); /* the current one always stays */
    assert_false(seine_file_exists(paths[2]));
    table = lake_load(&l, "silver.ais");
    assert_int_equal(seine_table_rows(table), 3);
    assert_ok(&l, seine_table_verify(table, NULL, NULL, &findings, &l.error));
    assert_int_equal(findings, 0);
    seine_table_close(table);
    drop_history(&l);
}

static void expiry_leaves_nothing_that_orphans_would_find(void **state) {
    (void)state;
    lake l;
    const char *paths[4] = {NULL};
    make_history(&l, paths);
    size_t snapshots, files, count;
    char **orphans;
    assert_ok(&l, seine_table_orphans(l.catalog, "silver.ais", INT64_MAX, false, &l.arena, &orphans, &count, &l.error));
    assert_int_equal(count, 0);
    assert_ok(&l, seine_table_expire(l.catalog, "silver.ais", &(seine_expiry){.older_than_us = INT64_MAX, .keep = 1},
                                     &snapshots, &files, &l.error));
    assert_int_equal(snapshots, 2);
    /* Two data files; two lists; the manifest of June 1 and the two of June 2. */
    assert_int_equal(files, 7);
    assert_ok(&l, seine_table_orphans(l.catalog, "silver.ais", INT64_MAX, false, &l.arena, &orphans, &count, &l.error));
    assert_int_equal(count, 0);
    drop_history(&l);
}

/* Changes the records of the one file of silver.ais' metadata whose name has @p part. */
static void edit_avro(lake *l, const char *part, seine_avro_edit_fn edit, void *context) {
    char folder[400];
    (void)snprintf(folder, sizeof folder, "%s/silver/ais/metadata", l->path);
    seine_file_entry *entries;
    size_t count, edited = 0;
    assert_ok(l, seine_file_list(folder, false, &l->arena, &entries, &count, &l->error));
    for (size_t i = 0; i < count; i++) {
        if (strstr(entries[i].name, part) == NULL) continue;
        const char *path = seine_file_join(&l->arena, folder, entries[i].name);
        seine_buf bytes, changed;
        seine_buf_init(&bytes, 1 << 20);
        seine_buf_init(&changed, 1 << 20);
        assert_ok(l, seine_file_read(path, &bytes, &l->error));
        assert_ok(l, seine_avro_rewrite(seine_buf_str(&bytes), part, edit, context, &changed, &l->error));
        assert_ok(l, seine_file_write(path, changed.data, changed.size, SEINE_FILE_REPLACE, &l->error));
        seine_buf_free(&bytes);
        seine_buf_free(&changed);
        edited++;
    }
    assert_int_equal(edited, 1);
}

/* Tells in a metadata file that the parent of the snapshot made from @p former is another one. */
static void tell_parent(lake *l, const char *pointer, int64_t former, int64_t parent) {
    char *path = NULL, was[80];
    assert_ok(l, seine_file_path_of_uri(seine_str_of(pointer), &l->arena, &path, &l->error));
    const char *text = lake_text(l, path);
    (void)snprintf(was, sizeof was, "\"parent-snapshot-id\":%lld", (long long)former);
    const char *at = strstr(text, was);
    assert_non_null(at);
    const char *told = seine_arena_printf(&l->arena, "%.*s\"parent-snapshot-id\":%lld%s", (int)(at - text), text,
                                          (long long)parent, at + strlen(was));
    assert_ok(l, seine_file_write(path, told, strlen(told), SEINE_FILE_REPLACE, &l->error));
}

#define DAYS 20

static size_t snapshots_of(lake *l) {
    size_t count = 0;
    seine_table *table = lake_load(l, "silver.ais");
    (void)seine_table_snapshots(table, &count);
    seine_table_close(table);
    return count;
}

/* A commit a day, each replaces the file of the one before. @return the greatest number of snapshots there ever was. */
static size_t live(lake *l, seine_history history, const char *paths[DAYS + 1]) {
    size_t most = 0;
    lake_now("2025-06-01T00:00:00Z");
    lake_make(l, 4);
    assert_ok(l, seine_history_set(l->catalog, history, &l->error));
    for (int n = 1; n <= DAYS; n++) {
        char now[32];
        (void)snprintf(now, sizeof now, "2025-06-%02dT12:00:00Z", n);
        lake_now(now);
        if (n == DAYS / 2) { /* another process knows the rule, too */
            seine_catalog_close(l->catalog);
            assert_ok(l, seine_catalog_open(l->path, &l->catalog, &l->error));
        }
        replace_day(l, n, paths);
        const size_t count = snapshots_of(l);
        if (count > most) most = count;
        assert_true(count >= (size_t)(n < history.keep ? n : history.keep));
    }
    return most;
}

/* What is kept does not grow with the number of commits, and what goes leaves nothing behind. */
static void a_lake_forgets_by_itself_what_is_old(void **state) {
    (void)state;
    lake l;
    const char *paths[DAYS + 1] = {NULL};
    char **orphans;
    size_t count = 0, there = 0;
    assert_in_range(live(&l, (seine_history){.hours = 24, .keep = 3}, paths), 4, 6);
    for (int n = 1; n <= DAYS; n++) there += seine_file_exists(paths[n]);
    assert_int_equal(there, snapshots_of(&l));
    assert_false(seine_file_exists(paths[1]));
    assert_ok(&l, seine_table_orphans(l.catalog, "silver.ais", INT64_MAX, false, &l.arena, &orphans, &count, &l.error));
    assert_int_equal(count, 0);
    drop_history(&l);
}

static void a_lake_keeps_what_is_young_whatever_its_number(void **state) {
    (void)state;
    lake l;
    const char *paths[DAYS + 1] = {NULL};
    assert_int_equal(live(&l, (seine_history){.hours = 24 * DAYS, .keep = 1}, paths), DAYS);
    assert_int_equal(snapshots_of(&l), DAYS);
    drop_history(&l);
}

/* What a tag holds, and what was taken back to, is no chain: all is read, and what comes back there is still there. */
static void what_comes_back_in_another_line_stays(void **state) {
    (void)state;
    lake l;
    const char *paths[7] = {NULL};
    size_t snapshots, files, findings;
    make_history(&l, paths);
    /* June 4 has the file of June 1 again, June 5 has not. */
    paths[4] = paths[1];
    seine_table *table = lake_load(&l, "silver.ais");
    seine_data_file file = {.path = paths[1], .size_bytes = 8, .rows = 1, .is_sorted = true};
    file.partition[0].value = 1;
    seine_commit *commit = NULL;
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
    assert_ok(&l, seine_commit_files(commit, table, &file, 1, &paths[3], 1, &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    seine_table_close(table);
    replace_day(&l, 5, paths);
    table = lake_load(&l, "silver.ais");
    size_t count = 0;
    const seine_snapshot *all = seine_table_snapshots(table, &count);
    assert_int_equal(count, 5);
    /* Somebody had gone back to June 1 before. */
    tell_parent(&l, seine_table_pointer(table), all[2].id, all[0].id);
    seine_table_close(table);
    const seine_expiry oldest = {.older_than_us = INT64_MAX, .keep = 1, .most = 1};
    assert_ok(&l, seine_table_expire(l.catalog, "silver.ais", &oldest, &snapshots, &files, &l.error));
    assert_int_equal(snapshots, 1);
    assert_true(seine_file_exists(paths[1]));
    table = lake_load(&l, "silver.ais");
    assert_ok(&l, seine_table_verify(table, NULL, NULL, &findings, &l.error));
    assert_int_equal(findings, 0);
    seine_table_close(table);
    drop_history(&l);
}

/* A table may name files of others, in plain words or by a way that climbs out of the lake: they stay. */
static seine_status name_file(void *context, seine_avro_value *record, seine_arena *arena, seine_error *error) {
    (void)arena;
    (void)error;
    seine_avro_value *file = seine_avro_field_of(record, 2, "data_file");
    seine_avro_field_of(file, 100, "file_path")->bytes = seine_str_of(context);
    return SEINE_OK;
}

static void what_lies_outside_stays_when_it_is_forgotten(void **state) {
    (void)state;
    static const char *const names[] = {"%s/outside.parquet", "%s/lake/silver/../../climbed.parquet",
                                        "%s/lake/silver/inside.parquet"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        lake l;
        char path[400];
        size_t snapshots = 0, files = 0;
        lake_make(&l, 4);
        (void)snprintf(path, sizeof path, names[i], l.folder);
        assert_ok(&l, seine_file_make_parent(path, &l.error));
        assert_ok(&l, seine_file_write(path, "PAR1data", 8, SEINE_FILE_NEW, &l.error));
        seine_table *table = lake_load(&l, "silver.ais");
        seine_commit *commit = NULL;
        const seine_data_file file = {.path = path, .size_bytes = 8, .rows = 1, .is_sorted = true};
        assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
        assert_ok(&l, seine_commit_files(commit, table, &file, 1, NULL, 0, &l.error));
        assert_ok(&l, seine_commit_run(commit, &l.error));
        seine_table_close(table);
        edit_avro(&l, "-m0.avro", name_file, path); /* as another program may write it */
        lake_remove(&l, path);
        const seine_expiry all = {.older_than_us = INT64_MAX, .keep = 1};
        assert_ok(&l, seine_table_expire(l.catalog, "silver.ais", &all, &snapshots, &files, &l.error));
        assert_int_equal(snapshots, 1);
        assert_int_equal(seine_file_exists(path), i < 2);
        lake_drop(&l);
    }
}

static void a_copy_takes_nothing_by_a_way_that_climbs(void **state) {
    (void)state;
    lake l;
    char path[400], target[400];
    lake_make(&l, 4);
    (void)lake_append(&l, 1, 0, 1);
    (void)snprintf(path, sizeof path, "%s/silver/../../climbed.parquet", l.path);
    (void)snprintf(target, sizeof target, "%s/copy", l.folder);
    edit_avro(&l, "-m0.avro", name_file, path);
    const seine_copy_options options = {.from = l.path, .to = target, .threads = 1};
    seine_copy_report report;
    assert_int_equal(seine_lake_copy(&options, &l.arena, &report, &l.error), SEINE_E_FORMAT);
    assert_non_null(strstr(l.error.text, "leads out of the lake"));
    lake_drop(&l);
}

typedef struct phases {
    atomic_bool stop;
    int reading, removing;
} phases;

static void note_phase(void *context, const char *phase, uint64_t done, uint64_t total) {
    phases *p = context;
    assert_true(done <= total);
    p->reading += strcmp(phase, "reading snapshots") == 0;
    p->removing += strcmp(phase, "removing files") == 0;
}

static void who_forgets_by_hand_sees_how_far_it_is_and_may_stop(void **state) {
    (void)state;
    lake l;
    const char *paths[4] = {NULL};
    size_t snapshots, files;
    phases p = {.stop = true};
    const seine_progress progress = {note_phase, &p, &p.stop};
    const seine_expiry all = {.older_than_us = INT64_MAX, .keep = 1, .progress = &progress};
    make_history(&l, paths);
    assert_int_equal(seine_table_expire(l.catalog, "silver.ais", &all, &snapshots, &files, &l.error),
                     SEINE_E_INTERRUPTED);
    assert_int_equal(snapshots_of(&l), 3);
    assert_true(seine_file_exists(paths[1]));
    p = (phases){.stop = false};
    assert_ok(&l, seine_table_expire(l.catalog, "silver.ais", &all, &snapshots, &files, &l.error));
    assert_int_equal(snapshots, 2);
    assert_int_equal(p.reading, 3);
    assert_int_equal(p.removing, 1);
    drop_history(&l);
}

/* One that was the present within that time can still be asked for, also when it was made before. */
static void a_snapshot_goes_when_the_next_one_is_old(void **state) {
    (void)state;
    lake l;
    const char *paths[DAYS + 1] = {NULL};
    lake_now("2025-06-01T00:00:00Z");
    lake_make(&l, 4);
    assert_ok(&l, seine_history_set(l.catalog, (seine_history){.hours = 36, .keep = 1}, &l.error));
    for (int n = 1; n <= DAYS; n++) {
        char now[32];
        (void)snprintf(now, sizeof now, "2025-06-%02dT12:00:00Z", n);
        lake_now(now);
        replace_day(&l, n, paths);
        if (n < 3) continue;
        seine_table *table = NULL;
        const int64_t at_us = JUNE_1_US + (n - 2) * DAY_US; /* 36 hours ago; that of the noon before was the present */
        assert_ok(&l, seine_table_load(l.catalog, "silver.ais", (seine_at){.time_us = at_us}, &table, &l.error));
        assert_int_equal(seine_table_rows(table), n - 2);
        seine_table_close(table);
    }
    assert_in_range(snapshots_of(&l), 3, 6);
    drop_history(&l);
}

static size_t orphans_of(lake *l) {
    char **orphans;
    size_t count = 0;
    assert_ok(l,
              seine_table_orphans(l->catalog, "silver.ais", INT64_MAX, false, &l->arena, &orphans, &count, &l->error));
    return count;
}

#define MANY (2 * SEINE_HISTORY_AT_ONCE + 40)

/* Of a lake that never forgot anything a commit forgets so many snapshots, the next ones the rest; what it reads for
 * that is of those which go and of the next one, however many there are. */
static void an_old_lake_forgets_a_part_with_each_commit(void **state) {
    (void)state;
    lake l;
    const char *paths[MANY + 7] = {NULL};
    int n = 1;
    lake_now("2025-06-01T00:00:00Z");
    lake_make(&l, 4);
    for (; n <= MANY; n++) {
        char now[32];
        (void)snprintf(now, sizeof now, "2025-06-01T%02d:%02d:00Z", n / 60, n % 60);
        lake_now(now);
        replace_day(&l, n, paths);
    }
    assert_int_equal(snapshots_of(&l), MANY);
    assert_ok(&l, seine_history_set(l.catalog, (seine_history){.hours = 1, .keep = 2}, &l.error));
    for (size_t left = MANY, day = 3; left > 2; day++) {
        char now[32];
        (void)snprintf(now, sizeof now, "2025-06-%02zuT00:00:00Z", day);
        lake_now(now);
        const size_t going = left - 1 < SEINE_HISTORY_AT_ONCE ? left - 1 : SEINE_HISTORY_AT_ONCE;
        reads = 0;
        replace_day(&l, n++, paths);
        /* Of each snapshot a list and its manifests, which are two: what came and what went. */
        assert_in_range(reads, going, 3 * (going + 2) + 20);
        left = left + 1 - going;
        assert_int_equal(snapshots_of(&l), left);
        assert_int_equal(orphans_of(&l), 0);
    }
    seine_table *table = lake_load(&l, "silver.ais");
    size_t findings = 0;
    assert_ok(&l, seine_table_verify(table, NULL, NULL, &findings, &l.error));
    assert_int_equal(findings, 0);
    seine_table_close(table);
    drop_history(&l);
}

/* A stream commits every few seconds: what is kept of a table is bounded however young it is. */
static void what_is_young_is_kept_up_to_a_number(void **state) {
    (void)state;
    lake l;
    static const char *paths[2 * SEINE_HISTORY_MOST + 3];
    if (rounds(1, 1, 0) == 0) skip(); /* a thousand commits */
    lake_now("2025-06-01T00:00:00Z");
    lake_make(&l, 4);
    for (int n = 1; n <= 2 * SEINE_HISTORY_MOST + 2; n++) {
        char now[32];
        (void)snprintf(now, sizeof now, "2025-06-01T00:%02d:%02dZ", n / 60, n % 60);
        lake_now(now);
        replace_day(&l, n, paths);
    }
    assert_int_equal(snapshots_of(&l), 2 * SEINE_HISTORY_MOST + 2 - SEINE_HISTORY_AT_ONCE);
    assert_int_equal(orphans_of(&l), 0);
    drop_history(&l);
}

static void orphans_are_old_files_nobody_refers_to(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    const char *live = lake_append(&l, 1, 0, 1);
    char stray[400], temp[400], checksum[600];
    (void)snprintf(stray, sizeof stray, "%s/silver/ais/data/stray.parquet", l.path);
    (void)snprintf(temp, sizeof temp, "%s/silver/ais/metadata/.tmp-x", l.path);
    (void)snprintf(checksum, sizeof checksum, "%.*s.%s.crc", (int)(seine_file_name(live) - live), live,
                   seine_file_name(live));
    assert_ok(&l, seine_file_write(stray, "x", 1, SEINE_FILE_NEW, &l.error));
    assert_ok(&l, seine_file_write(temp, "x", 1, SEINE_FILE_NEW, &l.error));
    assert_ok(&l, seine_file_write(checksum, "x", 1, SEINE_FILE_NEW, &l.error)); /* Spark's, of a live file */
    char **paths;
    size_t count;
    assert_ok(&l, seine_table_orphans(l.catalog, "silver.ais", 0, true, &l.arena, &paths, &count, &l.error));
    assert_int_equal(count, 0); /* all are younger */
    assert_ok(&l, seine_table_orphans(l.catalog, "silver.ais", INT64_MAX, true, &l.arena, &paths, &count, &l.error));
    assert_int_equal(count, 2);
    assert_string_equal(paths[0], stray);
    assert_string_equal(paths[1], temp);
    assert_false(seine_file_exists(stray));
    assert_true(seine_file_exists(live));
    assert_true(seine_file_exists(checksum));
    lake_drop(&l);
}

/* Files of a running command look like orphans: removing asks the leases of all writers. */
static void orphans_stay_while_a_writer_is_at_work(void **state) {
    (void)state;
    static const char *const writers[] = {SEINE_LEASE_INGEST "ais", SEINE_LEASE_REFRESH, SEINE_LEASE_REFERENCE,
                                          SEINE_LEASE_CARE};
    lake l;
    lake_make(&l, 4);
    char stray[400], **paths;
    size_t count;
    (void)snprintf(stray, sizeof stray, "%s/silver/ais/data/stray.parquet", l.path);
    assert_ok(&l, seine_file_make_parent(stray, &l.error));
    assert_ok(&l, seine_file_write(stray, "x", 1, SEINE_FILE_NEW, &l.error));
    for (size_t w = 0; w < sizeof writers / sizeof *writers; w++) {
        seine_lease *lease = NULL;
        assert_ok(&l, seine_lease_take(l.catalog, writers[w], &lease, &l.error));
        assert_int_equal(
            seine_table_orphans(l.catalog, "silver.ais", INT64_MAX, true, &l.arena, &paths, &count, &l.error),
            SEINE_E_BUSY);
        assert_non_null(strstr(l.error.text, "nothing was removed"));
        assert_true(seine_file_exists(stray));
        assert_ok(&l,
                  seine_table_orphans(l.catalog, "silver.ais", INT64_MAX, false, &l.arena, &paths, &count, &l.error));
        seine_lease_release(lease);
    }
    assert_ok(&l, seine_table_orphans(l.catalog, "silver.ais", INT64_MAX, true, &l.arena, &paths, &count, &l.error));
    assert_false(seine_file_exists(stray));
    lake_drop(&l);
}

static void change_catalog(lake *l, const char *sql) {
    char path[400];
    seine_db *db = NULL;
    (void)snprintf(path, sizeof path, "%s/catalog.db", l->path);
    assert_ok(l, seine_db_open(path, false, &db, &l->error));
    assert_ok(l, seine_db_run(db, "BEGIN", &l->error));
    assert_ok(l, seine_db_run(db, sql, &l->error));
    assert_ok(l, seine_db_commit(db, &l->error));
    seine_db_close(db);
}

/* Whoever took a lease over may have removed what its former holder made. */
static void a_commit_behind_a_lost_lease_is_refused(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    for (int lost = 0; lost < 2; lost++) {
        seine_lease *lease = NULL;
        seine_commit *commit = NULL;
        assert_ok(&l, seine_lease_take(l.catalog, SEINE_LEASE_INGEST "ais", &lease, &l.error));
        assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
        if (lost) change_catalog(&l, "DELETE FROM seine_lease");
        assert_int_equal(seine_commit_run(commit, &l.error), lost ? SEINE_E_BUSY : SEINE_OK);
        seine_lease_release(lease);
    }
    lake_drop(&l);
}

static void note_text(void *context, const char *text) {
    seine_buf *all = context;
    assert_int_equal(seine_buf_printf(all, "%s\n", text), SEINE_OK);
}

/* What verify finds in silver.ais. */
static const char *findings_of(lake *l, size_t *findings) {
    seine_buf all;
    seine_buf_init(&all, 1 << 16);
    seine_table *table = lake_load(l, "silver.ais");
    assert_ok(l, seine_table_verify(table, note_text, &all, findings, &l->error));
    seine_table_close(table);
    const char *text = seine_arena_copy(&l->arena, all.data, all.size);
    seine_buf_free(&all);
    return text;
}

static void verify_names_what_is_missing_or_changed(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    const char *gone = lake_append(&l, 1, 0, 1), *longer = lake_append(&l, 2, 0, 1);
    size_t findings;
    (void)findings_of(&l, &findings);
    assert_int_equal(findings, 0);
    assert_ok(&l, seine_file_remove(gone, &l.error));
    assert_ok(&l, seine_file_write(longer, "PAR1data+", 9, SEINE_FILE_REPLACE, &l.error));
    const char *text = findings_of(&l, &findings);
    assert_int_equal(findings, 2);
    assert_non_null(strstr(text, gone));
    assert_non_null(strstr(text, longer));
    assert_non_null(strstr(text, "has 9 bytes, not 8"));
    lake_drop(&l);
}

static void verify_reports_damaged_manifests(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    (void)lake_append(&l, 1, 0, 1);
    char folder[400];
    (void)snprintf(folder, sizeof folder, "%s/silver/ais/metadata", l.path);
    seine_file_entry *entries;
    size_t count, findings;
    assert_ok(&l, seine_file_list(folder, false, &l.arena, &entries, &count, &l.error));
    for (size_t i = 0; i < count; i++) {
        if (strstr(entries[i].name, "-m0.avro") == NULL) continue;
        const char *path = seine_file_join(&l.arena, folder, entries[i].name);
        assert_ok(&l, seine_file_write(path, "Obj\x01garbage", 11, SEINE_FILE_REPLACE, &l.error));
    }
    const char *text = findings_of(&l, &findings);
    assert_int_equal(findings, 2); /* its size, and that it does not read */
    assert_non_null(strstr(text, "damaged Avro file"));
    lake_drop(&l);
}

static seine_status say_none(void *context, seine_avro_value *record, seine_arena *arena, seine_error *error) {
    (void)arena;
    (void)error;
    seine_avro_field_of(record, *(int *)context, "")->integer = 0;
    return SEINE_OK;
}

/* Each count of a manifest list against what its manifest has, also when the list says that there is none. */
static void verify_counts_what_the_list_says(void **state) {
    (void)state;
    static const struct {
        int id;
        const char *finding;
    } cases[] = {{504, "its list says 0 added files, it has 1"}, {512, "its list says 0 added rows, it has 7"}};
    for (size_t c = 0; c < 2; c++) {
        lake l;
        lake_make(&l, 1);
        (void)lake_append(&l, 1, 0, 7);
        size_t findings;
        int id = cases[c].id;
        edit_avro(&l, "snap-", say_none, &id);
        const char *text = findings_of(&l, &findings);
        if (findings == 0 || strstr(text, cases[c].finding) == NULL) fail_msg("%zu: %s", findings, text);
        lake_drop(&l);
    }
}

/* Both bounds of a day's times have to lie in it. */
static void verify_finds_bounds_outside_of_their_partition(void **state) {
    (void)state;
    enum { LOW = 5 };
    for (int low = LOW - 1; low <= LOW + 1; low++) {
        for (int high = low; high <= LOW + 1; high++) {
            lake l;
            lake_make(&l, 1);
            seine_table *table = lake_load(&l, "silver.ais");
            const seine_table_schema *schema = seine_table_schema_of(table);
            seine_data_file file = lake_data_file(&l, table, LOW, 0, 2);
            seine_column_stats *stats = SEINE_ARENA_ARRAY(&l.arena, seine_column_stats, schema->column_count);
            seine_column_stats *ts = &stats[seine_schema_column(schema, "ts")];
            const int64_t lower = low * DAY_US, upper = high * DAY_US + DAY_US - 1;
            memcpy(ts->lower, &lower, sizeof lower);
            memcpy(ts->upper, &upper, sizeof upper);
            ts->lower_size = ts->upper_size = sizeof lower;
            ts->has_bounds = true;
            ts->value_count = 2;
            file.stats = stats;
            seine_commit *commit = NULL;
            size_t findings;
            assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
            assert_ok(&l, seine_commit_files(commit, table, &file, 1, NULL, 0, &l.error));
            assert_ok(&l, seine_commit_run(commit, &l.error));
            seine_table_close(table);
            const char *text = findings_of(&l, &findings);
            assert_int_equal(findings, low == LOW && high == LOW ? 0 : 1);
            if (findings > 0) assert_non_null(strstr(text, "ts lies outside its partition"));
            lake_drop(&l);
        }
    }
}

/* Opens the lake as somebody who may only read. @return the exit status: 0 when it was as it should be. */
static int read_as_another(const char *path) {
    seine_error error = {SEINE_OK, ""};
    seine_catalog *catalog = NULL;
    seine_table *table = NULL;
    if (getuid() == 0 && setuid(65534) != 0) return 1;
    if (seine_catalog_open(path, &catalog, &error) != SEINE_OK) return 2;
    if (seine_table_load(catalog, "silver.ais", (seine_at){0}, &table, &error) != SEINE_OK) return 3;
    seine_table_close(table);
    if (seine_catalog_check_writable(catalog, &error) != SEINE_E_IO) return 4;
    if (strstr(error.text, "no permission to write ") == NULL) return 5;
    seine_catalog_close(catalog);
    return 0;
}

/* Also one of the format before, which is then read as it is. */
static void may_only_be_read(bool is_old) {
    lake l;
    int status = -1;
    char db[400];
    lake_make(&l, 1);
    if (is_old)
        change_catalog(&l, "DROP TABLE seine_file; DROP TABLE seine_table; DROP TABLE seine_seal;"
                           "PRAGMA user_version = 2");
    assert_ok(&l, seine_catalog_check_writable(l.catalog, &l.error));
    seine_catalog_close(l.catalog);
    l.catalog = NULL;
    (void)snprintf(db, sizeof db, "%s/catalog.db", l.path);
    assert_int_equal(chmod(l.folder, 0755), 0);
    assert_int_equal(chmod(l.path, 0555), 0);
    assert_int_equal(chmod(db, 0444), 0);
    const pid_t child = fork();
    if (child == 0) _exit(read_as_another(l.path));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(chmod(l.path, 0755), 0);
    assert_int_equal(status, 0);
    lake_drop(&l);
}

static void a_lake_that_may_only_be_read_is_read_and_says_so(void **state) {
    (void)state;
    may_only_be_read(false);
    may_only_be_read(true);
}

/* What fails otherwise than by permission is told: the catalog is not what it says. */
static void a_lake_that_cannot_be_brought_up_to_date_is_refused(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    change_catalog(&l, "PRAGMA user_version = 2"); /* what the next format brings is there already */
    seine_catalog_close(l.catalog);
    assert_int_not_equal(seine_catalog_open(l.path, &l.catalog, &l.error), SEINE_OK);
    l.catalog = NULL;
    assert_non_null(strstr(l.error.text, "already exists"));
    lake_drop(&l);
}

static void a_moved_lake_says_from_where_to_where(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    seine_catalog_close(l.catalog);
    l.catalog = NULL;
    char moved[400];
    (void)snprintf(moved, sizeof moved, "%s/elsewhere", l.folder);
    assert_int_equal(rename(l.path, moved), 0);
    seine_catalog *catalog = NULL;
    assert_int_equal(seine_catalog_open(moved, &catalog, &l.error), SEINE_E_USAGE);
    assert_non_null(strstr(l.error.text, l.path));
    assert_non_null(strstr(l.error.text, moved));
    assert_non_null(strstr(l.error.text, "seine relocate")); /* what to do */
    lake_drop(&l);
}

static void a_lake_of_a_newer_version_is_refused(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    seine_catalog_close(l.catalog);
    l.catalog = NULL;
    change_catalog(&l, "PRAGMA user_version=99");
    seine_catalog *catalog = NULL;
    assert_int_equal(seine_catalog_open(l.path, &catalog, &l.error), SEINE_E_VERSION);
    assert_non_null(strstr(l.error.text, "newer"));
    lake_drop(&l);
}

static void a_missing_lake_is_named_with_the_way_to_make_one(void **state) {
    (void)state;
    lake l;
    lake_make_folder(&l);
    seine_catalog *catalog = NULL;
    assert_int_equal(seine_catalog_open(l.path, &catalog, &l.error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(l.error.text, "seine init"));
    assert_int_equal(seine_catalog_open(l.folder, &catalog, &l.error), SEINE_E_NOT_FOUND);
    char path[400];
    (void)snprintf(path, sizeof path, "%s/catalog.db", l.folder);
    assert_ok(&l, seine_file_write(path, "not a database, but long enough to look at", 42, SEINE_FILE_NEW, &l.error));
    assert_int_equal(seine_catalog_open(l.folder, &catalog, &l.error), SEINE_E_FORMAT);
    lake_drop(&l);
}

static void a_catalog_of_the_older_layout_is_read_and_written(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    seine_catalog_close(l.catalog);
    change_catalog(&l, "ALTER TABLE iceberg_tables DROP COLUMN iceberg_type");
    assert_ok(&l, seine_catalog_open(l.path, &l.catalog, &l.error));
    (void)lake_append(&l, 1, 0, 4);
    seine_table *table = lake_load(&l, "silver.ais");
    assert_int_equal(seine_table_rows(table), 4);
    seine_table_close(table);
    lake_drop(&l);
}

static void views_are_not_tables(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 4);
    change_catalog(&l, "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name, metadata_location,"
                       " iceberg_type) VALUES('seine', 'silver', 'a_view', 'file:///x', 'VIEW')");
    const char **names;
    size_t count, schemas;
    (void)seine_schemas(&schemas);
    assert_ok(&l, seine_catalog_tables(l.catalog, &l.arena, &names, &count, &l.error));
    assert_int_equal(count, schemas);
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expiry_deletes_exactly_what_no_snapshot_needs),
        cmocka_unit_test(expiry_leaves_nothing_that_orphans_would_find),
        cmocka_unit_test(a_lake_forgets_by_itself_what_is_old),
        cmocka_unit_test(an_old_lake_forgets_a_part_with_each_commit),
        cmocka_unit_test(what_comes_back_in_another_line_stays),
        cmocka_unit_test(what_lies_outside_stays_when_it_is_forgotten),
        cmocka_unit_test(a_copy_takes_nothing_by_a_way_that_climbs),
        cmocka_unit_test(a_snapshot_goes_when_the_next_one_is_old),
        cmocka_unit_test(who_forgets_by_hand_sees_how_far_it_is_and_may_stop),
        cmocka_unit_test(a_lake_keeps_what_is_young_whatever_its_number),
        cmocka_unit_test(what_is_young_is_kept_up_to_a_number),
        cmocka_unit_test(orphans_are_old_files_nobody_refers_to),
        cmocka_unit_test(orphans_stay_while_a_writer_is_at_work),
        cmocka_unit_test(a_commit_behind_a_lost_lease_is_refused),
        cmocka_unit_test(verify_names_what_is_missing_or_changed),
        cmocka_unit_test(verify_reports_damaged_manifests),
        cmocka_unit_test(verify_counts_what_the_list_says),
        cmocka_unit_test(verify_finds_bounds_outside_of_their_partition),
        cmocka_unit_test(a_lake_that_may_only_be_read_is_read_and_says_so),
        cmocka_unit_test(a_lake_that_cannot_be_brought_up_to_date_is_refused),
        cmocka_unit_test(a_moved_lake_says_from_where_to_where),
        cmocka_unit_test(a_lake_of_a_newer_version_is_refused),
        cmocka_unit_test(a_missing_lake_is_named_with_the_way_to_make_one),
        cmocka_unit_test(a_catalog_of_the_older_layout_is_read_and_written),
        cmocka_unit_test(views_are_not_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
