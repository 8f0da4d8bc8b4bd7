/* links: base io table */
/* The catalog's database: what db.h says holds for SQLite and for PostgreSQL (tools/stack), which is skipped where it
 * is not installed. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/file.h"
#include "table/file_ledger.h"
#include "table/ledger.h"
#include "table/migrate.h"
#include "table/table.h"
#include "unit/full_support.h"

/* ---- a lake in either ---- */

typedef struct fixture {
    char folder[200];
    char lake[240];
    char address[300]; /* as seine_db_open takes it */
    seine_error error;
} fixture;

/* The server of all cases; "" = not installed. Its folder and address are told by the environment of main. */
static const char *server(void) { return getenv("SEINE_TEST_POSTGRES"); }

#define assert_ok(f, call)                                                                            \
    do {                                                                                              \
        const seine_status status_ = (call);                                                          \
        if (status_ != SEINE_OK) fail_msg("%s: status %d: %s", #call, (int)status_, (f)->error.text); \
    } while (0)

static void begin_fixture(fixture *f) {
    const char *temp = getenv("TMPDIR");
    *f = (fixture){.error = {SEINE_OK, ""}};
    (void)snprintf(f->folder, sizeof f->folder, "%s/seine-db-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->lake, sizeof f->lake, "%s/lake", f->folder);
}

static void make_sqlite(fixture *f) {
    begin_fixture(f);
    assert_ok(f, seine_catalog_create(f->lake, 1, &f->error));
    (void)snprintf(f->address, sizeof f->address, "%s/catalog.db", f->lake);
}

/* Each case has a name of its own in the one database. */
static void make_postgres(fixture *f) {
    begin_fixture(f);
    const char *unique = strrchr(f->folder, '-') + 1;
    char name[16] = "";
    for (size_t i = 0; unique[i] != '\0'; i++) name[i] = (char)('a' + (unsigned char)unique[i] % 26);
    (void)snprintf(f->address, sizeof f->address, "%s?catalog_name=%s%ld", server(), name, (long)getpid());
    assert_ok(f, seine_catalog_create_in(f->lake, f->address, 1, &f->error));
}

static void end_fixture(fixture *f) { assert_int_equal(seine_file_remove_tree(f->folder, NULL), SEINE_OK); }

static seine_db *open_db(fixture *f) {
    seine_db *db = NULL;
    assert_ok(f, seine_db_open(f->address, false, &db, &f->error));
    return db;
}

static seine_status keep_int(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    *(int64_t *)context = columns[0].kind == SEINE_DB_INT ? columns[0].integer : -1;
    return SEINE_OK;
}

static int64_t count_of(fixture *f, seine_db *db, const char *query) {
    int64_t count = -1;
    assert_ok(f, seine_db_query(db, query, NULL, 0, keep_int, &count, &f->error));
    return count;
}

static seine_status put(seine_db *db, const char *key, const char *value, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(key), seine_db_text(value)};
    return seine_db_change(db, "INSERT INTO seine_setting(key, value) VALUES(?1, ?2)", row, 2, NULL, error);
}

static void note(void *context, const char *text) {
    (void)text;
    ++*(int *)context;
}

static int wrong_seals(fixture *f, seine_db *db) {
    int found = 0;
    assert_ok(f, seine_db_check_seals(db, note, &found, &f->error));
    return found;
}

/* ---- cases ---- */

typedef struct texts {
    char all[200];
} texts;

static seine_status append(void *context, const seine_db_value *c, seine_error *error) {
    texts *t = context;
    (void)error;
    char one[80];
    (void)snprintf(one, sizeof one, "%s=%lld,%s;", c[0].text,
                   c[1].kind == SEINE_DB_NULL ? -1LL : (long long)c[1].integer,
                   c[1].kind == SEINE_DB_NULL ? "null" : "int");
    (void)strcat(t->all, one);
    return SEINE_OK;
}

/* Whole numbers of 64 bits, NULLs first, texts by their bytes; a row that is there is replaced. */
static void values_come_back_as_they_were(fixture *f) {
    seine_db *db = open_db(f);
    static const char sql[] = "INSERT INTO seine_job(job, key, p0, p1, p2, fingerprint) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
                              " ON CONFLICT (job, key) DO UPDATE SET p0 = excluded.p0";
    const struct {
        const char *key;
        seine_db_value p0;
    } rows[] = {{"b", seine_db_int(INT64_MIN)},
                {"B", seine_db_int(5)},
                {"_", seine_db_null()},
                {"b", seine_db_int(INT64_MAX)},
                {"\xc3\xa9", seine_db_int(7)}};
    assert_ok(f, seine_db_begin(db, &f->error));
    for (size_t i = 0; i < 5; i++) {
        const seine_db_value row[] = {seine_db_text("j"), seine_db_text(rows[i].key), rows[i].p0, seine_db_null(),
                                      seine_db_null(),    seine_db_text("f")};
        int64_t changed = 0;
        assert_ok(f, seine_db_change(db, sql, row, 6, &changed, &f->error));
        assert_int_equal(changed, 1);
    }
    assert_ok(f, seine_db_commit(db, &f->error));
    texts t = {""};
    const char *job = "j";
    assert_ok(f, seine_db_query(db, "SELECT key, p0 FROM seine_job WHERE job = ?1 ORDER BY key", &job, 1, append, &t,
                                &f->error));
    assert_string_equal(t.all, "B=5,int;_=-1,null;b=9223372036854775807,int;\xc3\xa9=7,int;");
    t = (texts){""};
    assert_ok(f, seine_db_query(db, "SELECT key, p0 FROM seine_job WHERE job = ?1 ORDER BY p0 NULLS FIRST", &job, 1,
                                append, &t, &f->error));
    assert_string_equal(t.all, "_=-1,null;B=5,int;\xc3\xa9=7,int;b=9223372036854775807,int;");
    assert_int_equal(count_of(f, db, "SELECT sum(p0) FROM seine_job WHERE key = 'B'"), 5);
    seine_db_close(db);
}

static void what_is_rolled_back_was_never_there(fixture *f) {
    seine_db *db = open_db(f);
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_true(seine_db_in_transaction(db));
    assert_ok(f, put(db, "k", "1", &f->error));
    seine_db_roll_back(db);
    assert_false(seine_db_in_transaction(db));
    assert_int_equal(count_of(f, db, "SELECT count(*) FROM seine_setting WHERE key = 'k'"), 0);
    assert_int_equal(wrong_seals(f, db), 0);
    seine_db_close(db);
}

static void a_row_that_is_there_exists(fixture *f) {
    seine_db *db = open_db(f);
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_ok(f, put(db, "k", "1", &f->error));
    assert_int_equal(put(db, "k", "2", &f->error), SEINE_E_EXISTS);
    seine_db_roll_back(db);
    seine_db_close(db);
}

static void seals_follow_every_change_and_tell_of_others(fixture *f) {
    seine_db *db = open_db(f);
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_ok(f, put(db, "k", "1", &f->error));
    assert_ok(f, put(db, "l", "1", &f->error));
    assert_ok(f, seine_db_change(db, "UPDATE seine_setting SET value = 'x' WHERE key = 'k'", NULL, 0, NULL, &f->error));
    assert_ok(f, seine_db_change(db, "DELETE FROM seine_setting WHERE key = 'l'", NULL, 0, NULL, &f->error));
    assert_ok(f, seine_db_commit(db, &f->error));
    assert_int_equal(wrong_seals(f, db), 0);
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_ok(f,
              seine_db_run(db, "UPDATE seine_seal SET rows = rows + 1 WHERE table_name = 'seine_setting'", &f->error));
    assert_ok(f, seine_db_commit(db, &f->error));
    assert_int_equal(wrong_seals(f, db), 1);
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_ok(f, seine_db_seal_all(db, &f->error));
    assert_ok(f, seine_db_commit(db, &f->error));
    assert_int_equal(wrong_seals(f, db), 0);
    seine_db_close(db);
}

static void the_version_tells_of_commits_by_others(fixture *f) {
    seine_db *watching = open_db(f), *writing = open_db(f);
    int64_t before = 0, same = 0, after = 0;
    assert_ok(f, seine_db_version(watching, &before, &f->error));
    assert_ok(f, seine_db_version(watching, &same, &f->error));
    if (strstr(f->address, "://") == NULL) assert_true(before == same); /* others may use the server */
    assert_ok(f, seine_db_begin(writing, &f->error));
    assert_ok(f, put(writing, "k", "1", &f->error));
    assert_ok(f, seine_db_version(watching, &before, &f->error)); /* begun is not committed */
    assert_ok(f, seine_db_commit(writing, &f->error));
    assert_ok(f, seine_db_version(watching, &after, &f->error));
    assert_true(before != after);
    seine_db_close(watching);
    seine_db_close(writing);
}

static void a_reader_stays_in_its_moment(fixture *f) {
    seine_db *reading = open_db(f), *writing = open_db(f);
    assert_ok(f, seine_db_begin_read(reading, &f->error));
    assert_ok(f, seine_db_begin(writing, &f->error));
    assert_ok(f, put(writing, "k", "1", &f->error));
    assert_ok(f, seine_db_commit(writing, &f->error));
    static const char query[] = "SELECT count(*) FROM seine_setting WHERE key = 'k'";
    assert_int_equal(count_of(f, reading, query), 0);
    seine_db_roll_back(reading);
    assert_int_equal(count_of(f, reading, query), 1);
    seine_db_close(reading);
    seine_db_close(writing);
}

static void tables_and_columns_are_found(fixture *f) {
    seine_db *db = open_db(f);
    bool has = false;
    int64_t format = 0, now_us = 0;
    assert_ok(f, seine_db_has(db, "iceberg_tables", "iceberg_type", &has, &f->error));
    assert_true(has);
    assert_ok(f, seine_db_has(db, "iceberg_tables", "other", &has, &f->error));
    assert_false(has);
    assert_ok(f, seine_db_has(db, "seine_file", NULL, &has, &f->error));
    assert_true(has);
    assert_ok(f, seine_db_has(db, "seine_other", NULL, &has, &f->error));
    assert_false(has);
    assert_ok(f, seine_db_format(db, &format, &f->error));
    assert_int_equal(format, SEINE_LAKE_FORMAT);
    assert_ok(f, seine_db_now(db, &now_us, &f->error));
    assert_true(now_us > INT64_C(1700000000000000));
    seine_db_close(db);
}

/* What Seine changes of iceberg_tables is known with its hash, whatever the operation. */
static void rows_of_tables_are_known_by_their_hash(fixture *f) {
    seine_catalog *catalog = NULL;
    seine_known_table *tables = NULL;
    seine_arena arena = {0};
    size_t count = 0, same = 0;
    seine_db *db = open_db(f);
    assert_ok(f,
              seine_db_run(db, "UPDATE iceberg_tables SET previous_metadata_location = 'x' WHERE table_name = 'none'",
                           &f->error));
    seine_db_close(db);
    assert_ok(f, seine_catalog_open(f->lake, &catalog, &f->error));
    assert_ok(f, seine_ledger_tables(catalog, &arena, &tables, &count, &f->error));
    assert_true(count > 10);
    for (size_t i = 0; i < count; i++) same += tables[i].is_there && tables[i].is_same;
    assert_int_equal(same, count);
    seine_arena_free(&arena);
    seine_catalog_close(catalog);
}

static seine_status join_columns(void *context, const seine_db_value *c, seine_error *error) {
    (void)error;
    return seine_buf_printf(context, "%s.%s ", c[0].text, c[1].text);
}

static void the_ledger_tells_its_tables_with_their_columns(fixture *f) {
    seine_db *db = open_db(f);
    seine_buf all;
    seine_buf_init(&all, 1 << 16);
    assert_ok(f, seine_db_ledger(db, join_columns, &all, &f->error));
    const char *text = seine_buf_text(&all);
    assert_non_null(text);
    assert_non_null(strstr(text,
                           "seine_job.job seine_job.key seine_job.p0 seine_job.p1 seine_job.p2 seine_job.fingerprint "
                           "seine_job.parts"));
    assert_non_null(strstr(text, "seine_setting.key seine_setting.value "));
    assert_null(strstr(text, "iceberg_tables"));
    assert_null(strstr(text, "seine_writer"));
    seine_buf_free(&all);
    seine_db_close(db);
}

/* Whoever puts another program's table there takes the note of it away again, in the same transaction. */
static void a_noted_table_can_be_forgotten_before_the_commit(fixture *f) {
    static const char known[] = "SELECT count(*) FROM seine_table WHERE name LIKE '%.theirs.table'";
    seine_db *db = open_db(f);
    const seine_db_value row[] = {seine_db_text(seine_db_catalog_name(db)), seine_db_text("theirs"),
                                  seine_db_text("table"), seine_db_text("s3://elsewhere/x")};
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_ok(f, seine_db_change(db,
                                 "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                                 " metadata_location) VALUES(?1, ?2, ?3, ?4)",
                                 row, 4, NULL, &f->error));
    assert_int_equal(count_of(f, db, known), 0);
    assert_ok(f, seine_db_note_pointers(db, &f->error));
    assert_int_equal(count_of(f, db, known), 1);
    assert_ok(f, seine_db_run(db, "DELETE FROM seine_table WHERE name LIKE '%.theirs.table'", &f->error));
    assert_ok(f, seine_db_commit(db, &f->error));
    assert_int_equal(count_of(f, db, known), 0);
    assert_int_equal(wrong_seals(f, db), 0);
    seine_db_close(db);
}

static void a_lease_is_held_by_one(fixture *f) {
    seine_catalog *a = NULL, *b = NULL;
    seine_lease *first = NULL, *second = NULL;
    assert_ok(f, seine_catalog_open(f->lake, &a, &f->error));
    assert_ok(f, seine_catalog_open(f->lake, &b, &f->error));
    assert_ok(f, seine_lease_take(a, "refresh", &first, &f->error));
    assert_int_equal(seine_lease_take(b, "refresh", &second, &f->error), SEINE_E_BUSY);
    assert_non_null(strstr(f->error.text, "refresh is held by pid"));
    assert_ok(f, seine_lease_renew(first, &f->error));
    seine_lease_release(first);
    assert_ok(f, seine_lease_take(b, "refresh", &second, &f->error));
    seine_lease_release(second);
    seine_catalog_close(a);
    seine_catalog_close(b);
}

/* Eight writers, each with a connection and days of its own: who loses a race begins again. */
#define WRITERS 8

typedef struct writer {
    const fixture *f;
    int number, commits;
    seine_status status;
    seine_error error;
} writer;

static seine_status add_day(seine_catalog *catalog, int day, seine_error *error) {
    seine_arena arena = {0};
    seine_table *table = NULL;
    seine_commit *commit = NULL;
    char *path = NULL;
    seine_data_file file = {.size_bytes = 8, .rows = 1, .is_sorted = true, .partition = {{false, day}, {false, 0}}};
    seine_status status = seine_table_load(catalog, "silver.ais", (seine_at){0}, &table, error);
    if (status == SEINE_OK) status = seine_table_new_file(table, file.partition, &arena, &path, error);
    if (status == SEINE_OK) status = seine_file_write(path, "PAR1data", 8, SEINE_FILE_NEW, error);
    if (status == SEINE_OK) status = seine_commit_begin(catalog, NULL, &commit, error);
    file.path = path;
    if (status == SEINE_OK) status = seine_commit_files(commit, table, &file, 1, NULL, 0, error);
    if (status == SEINE_OK)
        status = seine_commit_run(commit, error);
    else
        seine_commit_abort(commit);
    seine_table_close(table);
    seine_arena_free(&arena);
    return status;
}

static void *write_days(void *context) {
    writer *w = context;
    seine_catalog *catalog = NULL;
    w->status = seine_catalog_open(w->f->lake, &catalog, &w->error);
    for (int i = 0; i < w->commits && w->status == SEINE_OK; i++) do
            w->status = add_day(catalog, 1000 * w->number + i, &w->error);
        while (w->status == SEINE_E_CONFLICT);
    seine_catalog_close(catalog);
    return NULL;
}

static void writers_at_once_lose_nothing_and_do_nothing_twice(fixture *f) {
    writer writers[WRITERS];
    pthread_t threads[WRITERS];
    const int commits = rounds(50, 4, 4);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (writer){.f = f, .number = i, .commits = commits};
        assert_int_equal(pthread_create(&threads[i], NULL, write_days, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < WRITERS; i++)
        if (writers[i].status != SEINE_OK) fail_msg("writer %d: %s", i, writers[i].error.text);
    seine_catalog *catalog = NULL;
    seine_table *table = NULL;
    const seine_live_file *files = NULL;
    size_t count = 0;
    assert_ok(f, seine_catalog_open(f->lake, &catalog, &f->error));
    assert_ok(f, seine_table_load(catalog, "silver.ais", (seine_at){0}, &table, &f->error));
    assert_ok(f, seine_table_files(table, &files, &count, &f->error));
    assert_int_equal(count, (size_t)(WRITERS * commits));
    for (size_t i = 1; i < count; i++) /* ordered by day: each once */
        assert_true(files[i - 1].file.partition[0].value < files[i].file.partition[0].value);
    assert_int_equal(seine_table_snapshots(table, &count) != NULL, true);
    assert_int_equal(count, (size_t)(WRITERS * commits));
    seine_table_close(table);
    seine_catalog_close(catalog);
    seine_db *db = open_db(f);
    assert_int_equal(wrong_seals(f, db), 0);
    seine_db_close(db);
}

/* ---- PostgreSQL alone ---- */

/* ---- statements that are kept ---- */

typedef struct nest {
    seine_db *db;
    int depth;
    char keys[200]; /* as they came, with their depth in front */
    bool breaks;    /* the row fails */
} nest;

#define LATER "SELECT key FROM seine_setting WHERE key > ?1 AND key < 'n9' ORDER BY key"

/* Asks the same of each of its rows. */
static seine_status ask_again(void *context, const seine_db_value *columns, seine_error *error) {
    nest *n = context;
    const char *key = columns[0].text;
    const size_t used = strlen(n->keys);
    (void)snprintf(n->keys + used, sizeof n->keys - used, "%d%s ", n->depth, key);
    if (n->breaks) return seine_fail(error, SEINE_E_LIMIT, "enough");
    n->depth++;
    const seine_status status = seine_db_query(n->db, LATER, &key, 1, ask_again, n, error);
    n->depth--;
    return status;
}

/* One that is kept compiled is not the one that runs. */
static void a_statement_may_run_within_its_own_rows(fixture *f) {
    const char *first = "n0";
    seine_db *db = open_db(f);
    assert_ok(f, seine_db_begin(db, &f->error));
    for (int i = 1; i <= 3; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "n%d", i);
        assert_ok(f, put(db, key, "v", &f->error));
    }
    nest n = {.db = db, .breaks = true};
    assert_int_equal(seine_db_query(db, LATER, &first, 1, ask_again, &n, NULL), SEINE_E_LIMIT);
    assert_string_equal(n.keys, "0n1 ");
    for (int i = 0; i < 2; i++) { /* the second time with what the first one has left */
        n = (nest){.db = db};
        assert_ok(f, seine_db_query(db, LATER, &first, 1, ask_again, &n, &f->error));
        assert_string_equal(n.keys, "0n1 1n2 2n3 1n3 0n2 1n3 0n3 ");
    }
    assert_ok(f, seine_db_commit(db, &f->error));
    seine_db_close(db);
}

static void an_address_is_kept_without_its_password(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"postgresql://u:p%40ss@h:5/d?sslmode=require&password=x", "postgresql://u@h:5/d?sslmode=require"},
        {"postgres://u:p@h/d?catalog_name=fleet&connect_timeout=3",
         "postgresql://u@h/d?connect_timeout=3&catalog_name=fleet"},
        {"postgresql://h/d?catalog_name=seine", "postgresql://h/d"},
        {"postgresql:///d?host=/run/x", "postgresql:///d?host=%2Frun%2Fx"},
        {"postgresql://[::1]:5/d", "postgresql://[::1]:5/d"},
        {"/a/catalog.db", "/a/catalog.db"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        seine_arena arena = {0};
        const char *kept = NULL;
        assert_int_equal(seine_db_address(cases[i][0], &arena, &kept, NULL), SEINE_OK);
        assert_string_equal(kept, cases[i][1]);
        assert_int_equal(seine_db_address(kept, &arena, &kept, NULL), SEINE_OK);
        assert_string_equal(kept, cases[i][1]);
        seine_arena_free(&arena);
    }
    static const char *const wrong[] = {"postgresql://u:secret@h/d?catalog_name=A-b", "postgresql://u:secret@h:x:y/d?z",
                                        "postgresql://h/d?catalog_name=", "POSTGRESQL://u:secret@h/d"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        seine_arena arena = {0};
        seine_error error = {SEINE_OK, ""};
        const char *kept = NULL;
        assert_int_equal(seine_db_address(wrong[i], &arena, &kept, &error), SEINE_E_USAGE);
        assert_null(strstr(error.text, "secret"));
        seine_arena_free(&arena);
    }
}

static void an_address_of_another_form_is_no_path(void **state) {
    (void)state;
    static const char *const wrong[] = {"JDBC:postgresql:u:secret", "host=h password=secret", "mysql://u:secret@h/d"};
    fixture f;
    begin_fixture(&f);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(seine_catalog_create_in(f.lake, wrong[i], 1, &f.error), SEINE_E_USAGE);
        assert_null(strstr(f.error.text, "secret"));
    }
    assert_int_equal(rmdir(f.folder), 0); /* nothing was made */
}

/* The connection is gone: outside of a transaction it is made anew, inside one the transaction is over. */
static void a_broken_connection_is_made_anew(fixture *f) {
    seine_db *db = open_db(f), *other = open_db(f);
    int64_t pid = count_of(f, db, "SELECT pg_backend_pid()");
    char sql[80];
    (void)snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%lld)", (long long)pid);
    assert_ok(f, seine_db_run(other, sql, &f->error));
    assert_int_equal(count_of(f, db, "SELECT count(*) FROM seine_setting WHERE key = 'buckets'"), 1);
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_ok(f, put(db, "k", "1", &f->error));
    pid = count_of(f, db, "SELECT pg_backend_pid()");
    (void)snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%lld)", (long long)pid);
    assert_ok(f, seine_db_run(other, sql, &f->error));
    assert_int_equal(put(db, "l", "1", &f->error), SEINE_E_AWAY);
    assert_false(seine_db_in_transaction(db));
    assert_int_equal(count_of(f, db, "SELECT count(*) FROM seine_setting WHERE key IN ('k', 'l')"), 0);
    seine_db_close(db);
    seine_db_close(other);
}

/* One that began before others and ends after them, of a program that takes no lock of Seine's. */
static void a_commit_of_an_older_transaction_is_told(fixture *f) {
    seine_db *watching = open_db(f), *older = open_db(f), *writing = open_db(f);
    int64_t before = 0, after = 0;
    assert_ok(f, seine_db_run(older, "BEGIN; SELECT pg_current_xact_id()", &f->error));
    assert_ok(f, seine_db_begin(writing, &f->error));
    assert_ok(f, put(writing, "k", "1", &f->error));
    assert_ok(f, seine_db_commit(writing, &f->error));
    assert_ok(f, seine_db_version(watching, &before, &f->error));
    assert_ok(f, seine_db_run(older, "COMMIT", &f->error));
    assert_ok(f, seine_db_version(watching, &after, &f->error));
    assert_true(before != after);
    seine_db_close(watching);
    seine_db_close(older);
    seine_db_close(writing);
}

/* A change that came around Seine: the trigger saw it, nobody folded it. */
static void changes_by_psql_are_found(fixture *f) {
    seine_db *db = open_db(f);
    assert_ok(f, seine_db_run(db, "UPDATE seine_setting SET value = '7' WHERE key = 'buckets'", &f->error));
    assert_int_equal(wrong_seals(f, db), 1);
    seine_db_close(db);
}

/* Somebody adds columns to a table whose rows were read before: what was prepared for the former is prepared again. */
static void a_table_that_got_a_column_is_read(fixture *f) {
    static const char query[] = "SELECT * FROM seine_setting WHERE key = 'buckets'";
    seine_db *db = open_db(f), *other = open_db(f);
    seine_hash128 hash;
    bool found = false;
    assert_ok(f, seine_db_row_hash(db, query, NULL, 0, &found, &hash, &f->error));
    assert_ok(f, seine_db_run(other, "ALTER TABLE seine_setting ADD COLUMN one bigint", &f->error));
    assert_ok(f, seine_db_row_hash(db, query, NULL, 0, &found, &hash, &f->error));
    assert_true(found);
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_ok(f, seine_db_run(other, "ALTER TABLE seine_setting ADD COLUMN two bigint", &f->error));
    assert_int_equal(seine_db_row_hash(db, query, NULL, 0, &found, &hash, &f->error), SEINE_E_BUSY);
    seine_db_roll_back(db);
    assert_ok(f, seine_db_begin(db, &f->error));
    assert_ok(f, seine_db_row_hash(db, query, NULL, 0, &found, &hash, &f->error));
    assert_true(found);
    seine_db_close(db);
    seine_db_close(other);
}

static void a_commit_outlives_a_column_that_others_add(fixture *f) {
    seine_catalog *catalog = NULL;
    seine_db *other = open_db(f);
    assert_ok(f, seine_catalog_open(f->lake, &catalog, &f->error));
    assert_ok(f, add_day(catalog, 1, &f->error));
    assert_ok(f, seine_db_run(other, "ALTER TABLE iceberg_tables ADD COLUMN theirs TEXT", &f->error));
    assert_ok(f, add_day(catalog, 2, &f->error));
    assert_ok(f, seine_db_run(other, "ALTER TABLE iceberg_tables DROP COLUMN theirs", &f->error));
    assert_ok(f, add_day(catalog, 3, &f->error));
    seine_db_close(other);
    seine_catalog_close(catalog);
}

/* Whoever begins to write and then hangs, or whose machine went, does not keep the others from writing for ever. */
static void limits_of_the_session_are_set(fixture *f) {
    static const char *const limits[] = {"lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout",
                                         "tcp_keepalives_idle"};
    seine_db *db = open_db(f);
    assert_ok(f, seine_db_begin(db, &f->error));
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        char query[120];
        (void)snprintf(query, sizeof query, "SELECT setting::bigint FROM pg_settings WHERE name = '%s'", limits[i]);
        assert_true(count_of(f, db, query) > 0);
    }
    seine_db_roll_back(db);
    seine_db_set_patience(db, 1);
    assert_int_equal(seine_db_run(db, "SELECT pg_sleep(20)", &f->error), SEINE_E_IO);
    assert_int_equal(count_of(f, db, "SELECT 1"), 1);
    seine_db_close(db);
}

/* ---- running them over both ---- */

typedef void (*case_fn)(fixture *f);
typedef struct choice {
    case_fn run;
    bool is_postgres;
} choice;

static void run_case(void **state) {
    const choice *c = *state;
    fixture f;
    if (c->is_postgres && server()[0] == '\0') skip();
    if (c->is_postgres)
        make_postgres(&f);
    else
        make_sqlite(&f);
    c->run(&f);
    end_fixture(&f);
}

/* Starts PostgreSQL in @p folder by tools/stack, and tells its address by the environment. */
static void start_server(const char *folder) {
    char command[600], line[400];
    assert_int_equal(setenv("SEINE_TEST_POSTGRES", "", 1), 0);
    (void)snprintf(command, sizeof command, "python3 %s/tools/stack --folder %s start --no-sync postgres 2>/dev/null",
                   getenv("SEINE_SOURCE") != NULL ? getenv("SEINE_SOURCE") : ".", folder);
    FILE *said = popen(command, "r");
    while (said != NULL && fgets(line, sizeof line, said) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "export PGPASSWORD=", 18) == 0) (void)setenv("PGPASSWORD", line + 18, 1);
        if (strncmp(line, "export SEINE_CATALOG=", 21) == 0) (void)setenv("SEINE_TEST_POSTGRES", line + 21, 1);
    }
    if (said != NULL) (void)pclose(said);
}

/* Sorts texts as a dictionary does: the ledger must not. */
static void make_sorted_database(void) {
    char address[400];
    seine_db *db = NULL;
    if (server()[0] == '\0') return;
    assert_int_equal(seine_db_open(server(), false, &db, NULL), SEINE_OK);
    assert_int_equal(
        seine_db_run(db, "CREATE DATABASE sorted TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'", NULL),
        SEINE_OK);
    seine_db_close(db);
    (void)snprintf(address, sizeof address, "%.*ssorted", (int)(strrchr(server(), '/') + 1 - server()), server());
    assert_int_equal(setenv("SEINE_TEST_POSTGRES", address, 1), 0);
}

static void stop_server(const char *folder) {
    char command[600];
    (void)snprintf(command, sizeof command, "python3 %s/tools/stack --folder %s stop 2>/dev/null",
                   getenv("SEINE_SOURCE") != NULL ? getenv("SEINE_SOURCE") : ".", folder);
    if (system(command) != 0) (void)fprintf(stderr, "PostgreSQL in %s was not ended\n", folder);
    assert_int_equal(seine_file_remove_tree(folder, NULL), SEINE_OK);
}

#define BOTH(name)                                                             \
    {#name " in SQLite", run_case, NULL, NULL, &(choice){name, false}}, {      \
#name " in PostgreSQL", run_case, NULL, NULL, &(choice) { name, true } \
    }
#define POSTGRES(name)                                        \
    {                                                         \
#name, run_case, NULL, NULL, &(choice) { name, true } \
    }

int main(void) {
    char folder[] = "/tmp/seine-db-server-XXXXXX";
    (void)unsetenv("SEINE_CATALOG");
    if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0) return 1;
    start_server(folder);
    make_sorted_database();
    const struct CMUnitTest tests[] = {
        BOTH(values_come_back_as_they_were),
        BOTH(what_is_rolled_back_was_never_there),
        BOTH(a_row_that_is_there_exists),
        BOTH(seals_follow_every_change_and_tell_of_others),
        BOTH(the_version_tells_of_commits_by_others),
        BOTH(a_reader_stays_in_its_moment),
        BOTH(tables_and_columns_are_found),
        BOTH(rows_of_tables_are_known_by_their_hash),
        BOTH(the_ledger_tells_its_tables_with_their_columns),
        BOTH(a_noted_table_can_be_forgotten_before_the_commit),
        BOTH(a_lease_is_held_by_one),
        BOTH(writers_at_once_lose_nothing_and_do_nothing_twice),
        {"a_statement_may_run_within_its_own_rows in SQLite", run_case, NULL, NULL,
         &(choice){a_statement_may_run_within_its_own_rows, false}},
        cmocka_unit_test(an_address_is_kept_without_its_password),
        cmocka_unit_test(an_address_of_another_form_is_no_path),
        POSTGRES(a_broken_connection_is_made_anew),
        POSTGRES(changes_by_psql_are_found),
        POSTGRES(a_commit_of_an_older_transaction_is_told),
        POSTGRES(a_table_that_got_a_column_is_read),
        POSTGRES(a_commit_outlives_a_column_that_others_add),
        POSTGRES(limits_of_the_session_are_set),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stop_server(folder);
    return failed;
}
