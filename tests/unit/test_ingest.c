/* Files into the lake: silver is a function of its live sources, whatever the order, the pieces and the threads. */
#include "base/time.h"
#include "engine/engine.h"
#include "ingest/source_reader.h"
#include "io/codec.h"
#include "io/file.h"
#include "io/reader.h"
#include "table/db/db.h"
#include "table/run.h"
#include "table/source.h"
#include "like_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define HEADER "MMSI,BaseDateTime,LAT,LON,SOG,VesselName\n"

/* ---- a lake and files in a folder of its own ---- */

typedef struct fixture {
    char folder[256], lake[300];
    seine_error error;
    seine_ingest_report report;
    char last_message[1200];
    seine_ingest_outcome last_outcome;
    char dump[1 << 16];
} fixture;

static void remember(void *context, const seine_ingest_result *result) {
    fixture *f = context;
    f->last_outcome = result->outcome;
    snprintf(f->last_message, sizeof f->last_message, "%s", result->message);
}

static fixture *make_lake(int buckets) {
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    const char *temp = getenv("TMPDIR");
    snprintf(f->folder, sizeof f->folder, "%s/seine-ingest-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->lake, sizeof f->lake, "%s/lake", f->folder);
    assert_int_equal(seine_catalog_create(f->lake, buckets, &f->error), SEINE_OK);
    return f;
}

static void drop_lake(fixture *f) {
    assert_int_equal(seine_file_remove_tree(f->folder, NULL), SEINE_OK);
    free(f);
}

static void write_file(fixture *f, const char *name, const void *bytes, size_t size) {
    char path[600];
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    assert_int_equal(seine_file_write(path, bytes, size, SEINE_FILE_REPLACE, &f->error), SEINE_OK);
}

static void write_text(fixture *f, const char *name, const char *text) { write_file(f, name, text, strlen(text)); }

static seine_status ingest(fixture *f, const char *name, int threads, uint64_t memory, bool replace) {
    char path[600];
    const char *paths[] = {path};
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    seine_ingest_options options = seine_ingest_options_default();
    options.threads = threads;
    options.memory_bytes = memory;
    options.replace = replace;
    options.report = remember;
    options.context = f;
    return seine_ingest_files(f->lake, paths, 1, &options, &f->report, &f->error);
}

static void ingest_ok(fixture *f, const char *name) {
    if (ingest(f, name, 2, SEINE_INGEST_MEMORY, false) != SEINE_OK) fail_msg("%s", f->error.text);
}

static void remove_source(fixture *f, const char *name) {
    const seine_ingest_options options = seine_ingest_options_default();
    if (seine_ingest_remove(f->lake, name, &options, &f->report, &f->error) != SEINE_OK) fail_msg("%s", f->error.text);
}

/* ---- looking ---- */

/* All rows of a query as text in f->dump. */
static const char *dump(fixture *f, const char *table_name, const char *select) {
    seine_catalog *catalog;
    seine_table *table;
    seine_engine *engine;
    seine_query *query;
    const seine_live_file *files;
    size_t count, used = 0;
    assert_int_equal(seine_catalog_open(f->lake, &catalog, &f->error), SEINE_OK);
    assert_int_equal(seine_table_load(catalog, table_name, (seine_at){0}, &table, &f->error), SEINE_OK);
    assert_int_equal(seine_table_files(table, &files, &count, &f->error), SEINE_OK);
    const char **paths = calloc(count + 1, sizeof *paths);
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    assert_int_equal(seine_engine_open(&(seine_engine_options){.threads = 1}, &engine, &f->error), SEINE_OK);
    assert_int_equal(seine_engine_view(engine, seine_table_schema_of(table), table_name, paths, count, &f->error),
                     SEINE_OK);
    if (seine_query_start(engine, select, NULL, 0, &query, &f->error) != SEINE_OK) fail_msg("%s", f->error.text);
    for (seine_rows rows = {0};;) {
        assert_int_equal(seine_query_next(query, &rows, &f->error), SEINE_OK);
        if (rows.count == 0) break;
        for (size_t r = 0; r < rows.count; r++) {
            const seine_str text = ((const seine_str *)rows.columns[0].values)[r];
            assert_true(used + text.size + 2 < sizeof f->dump);
            used += (size_t)snprintf(f->dump + used, sizeof f->dump - used, "%.*s\n", SEINE_STR_ARG(text));
        }
    }
    f->dump[used] = '\0';
    seine_query_end(query);
    seine_engine_close(engine);
    free(paths);
    seine_table_close(table);
    seine_catalog_close(catalog);
    return f->dump;
}

#define SILVER                                                                                                         \
    "SELECT concat_ws(' ', mmsi, strftime(ts AT TIME ZONE 'UTC', '%d %H:%M:%S'), lat, name, source_file, source_row) " \
    "FROM silver.ais ORDER BY mmsi, ts, source_file, source_row"
#define REJECTS "SELECT concat_ws(' ', source_file, source_row, reason) FROM silver.ais_rejects ORDER BY 1"

static const char *silver(fixture *f) { return dump(f, "silver.ais", SILVER); }

/* ---- rules ---- */

static const char day_one[] = HEADER "111,2025-01-01T00:00:00,1,1,,ONE\n222,2025-01-01T00:00:01,2,2,,TWO\n"
                                     "111,2025-01-01T00:00:00,1.5,1,,AGAIN\n333,2025-01-01T00:00:02,95,2,,BAD\n"
                                     "111,2025-01-02T00:00:00,3,3,,NEXT\n";
static const char late[] = HEADER "222,2025-01-01T00:00:01,9,9,,LATE\n444,2025-01-01T00:00:05,4,4,,FOUR\n";

static void rows_are_winners_duplicates_and_rejects(void **state) {
    (void)state;
    fixture *f = make_lake(4);
    write_text(f, "ais-2025-01-01.csv", day_one);
    ingest_ok(f, "ais-2025-01-01.csv");
    assert_string_equal(silver(f),
                        "111 01 00:00:00 1.0 ONE ais-2025-01-01.csv 1\n111 02 00:00:00 3.0 NEXT ais-2025-01-01.csv 5\n"
                        "222 01 00:00:01 2.0 TWO ais-2025-01-01.csv 2\n");
    assert_string_equal(dump(f, "silver.ais_rejects", REJECTS),
                        "ais-2025-01-01.csv 4 position: latitude 95 is outside [-90, 90]\n");
    assert_int_equal(f->report.rows, 5);
    assert_int_equal(f->report.rejects, 1);
    drop_lake(f);
}

/* One commit, one manifest: what came in, what became of it, and which snapshots it made. */
static void each_commit_leaves_the_run_that_made_it(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    seine_catalog *catalog = NULL;
    seine_arena arena = {0};
    seine_run_row *runs = NULL;
    size_t count = 0;
    write_text(f, "ais-2025-01-01.csv", day_one);
    ingest_ok(f, "ais-2025-01-01.csv");
    ingest_ok(f, "ais-2025-01-01.csv"); /* nothing to commit */
    remove_source(f, "ais-2025-01-01.csv");
    assert_int_equal(seine_catalog_open(f->lake, &catalog, &f->error), SEINE_OK);
    assert_int_equal(seine_runs(catalog, 0, &arena, &runs, &count, &f->error), SEINE_OK);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(strstr(runs[i].manifest, "\"status\":\"committed\""));
        assert_non_null(strstr(runs[i].manifest, "ais-2025-01-01.csv"));
        assert_non_null(strstr(runs[i].manifest, "\"silver.ais\":{"));
    }
    assert_like(strstr(runs[1].manifest, "\"settings\":{"),
                "'settings':{'threads':2,'memory_bytes':*,'max_future_us':3600000000,'valid_from_us':*,'replace':false,"
                "'buckets':1},'inputs':[{'source':'ais-2025-01-01.csv','sha256':'*','state':'live','rows':5}],"
                "'counts':{'files':1,'bytes':*,'rows':5,'rejects':1,'partitions':2,'partition_rows':3},"
                "'tables':{'silver.ais':{'before':null,'after':*,'added_files':2,'removed_files':0,'added_rows':3,"
                "'removed_rows':0},'silver.ais_rejects':{'before':null,'after':*,'added_files':1,'removed_files':0,"
                "'added_rows':1,'removed_rows':0}}}");
    assert_like(strstr(runs[0].manifest, "\"inputs\":["),
                "'inputs':[{'source':'ais-2025-01-01.csv','sha256':'*','state':'removed','rows':5}],"
                "'counts':{'files':0,'bytes':0,'rows':0,'rejects':0,'partitions':2,'partition_rows':0},"
                "'tables':{'silver.ais':{'before':*,'after':*,'added_files':0,'removed_files':2,'added_rows':0,"
                "'removed_rows':3},'silver.ais_rejects':{'before':*,'after':*,'added_files':0,'removed_files':1,"
                "'added_rows':0,'removed_rows':1}}}");
    seine_arena_free(&arena);
    seine_catalog_close(catalog);
    drop_lake(f);
}

static void among_equals_the_smallest_source_name_wins_in_any_order(void **state) {
    (void)state;
    static const char expected[] =
        "111 01 00:00:00 1.0 ONE ais-2025-01-01.csv 1\n111 02 00:00:00 3.0 NEXT ais-2025-01-01.csv 5\n"
        "222 01 00:00:01 9.0 LATE aaa.csv 1\n444 01 00:00:05 4.0 FOUR aaa.csv 2\n";
    for (int order = 0; order < 2; order++) {
        fixture *f = make_lake(4);
        write_text(f, "ais-2025-01-01.csv", day_one);
        write_text(f, "aaa.csv", late);
        ingest_ok(f, order == 0 ? "ais-2025-01-01.csv" : "aaa.csv");
        ingest_ok(f, order == 0 ? "aaa.csv" : "ais-2025-01-01.csv");
        assert_string_equal(silver(f), expected);
        drop_lake(f);
    }
}

static void a_removed_source_gives_way_to_what_it_hid(void **state) {
    (void)state;
    fixture *f = make_lake(4);
    write_text(f, "ais-2025-01-01.csv", day_one);
    write_text(f, "aaa.csv", late);
    ingest_ok(f, "aaa.csv");
    ingest_ok(f, "ais-2025-01-01.csv");
    remove_source(f, "aaa.csv");
    assert_string_equal(silver(f),
                        "111 01 00:00:00 1.0 ONE ais-2025-01-01.csv 1\n111 02 00:00:00 3.0 NEXT ais-2025-01-01.csv 5\n"
                        "222 01 00:00:01 2.0 TWO ais-2025-01-01.csv 2\n");
    remove_source(f, "ais-2025-01-01.csv");
    assert_string_equal(silver(f), "");
    assert_string_equal(dump(f, "silver.ais_rejects", REJECTS), "");
    ingest_ok(f, "aaa.csv");
    assert_string_equal(silver(f), "222 01 00:00:01 9.0 LATE aaa.csv 1\n444 01 00:00:05 4.0 FOUR aaa.csv 2\n");
    drop_lake(f);
}

static void the_same_bytes_twice_are_a_no_op(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    write_text(f, "aaa.csv", late);
    ingest_ok(f, "aaa.csv");
    ingest_ok(f, "aaa.csv");
    assert_int_equal(f->last_outcome, SEINE_INGEST_SAME);
    assert_int_equal(f->report.same, 1);
    drop_lake(f);
}

static void other_bytes_under_a_name_need_replace(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    write_text(f, "aaa.csv", late);
    ingest_ok(f, "aaa.csv");
    write_text(f, "aaa.csv", HEADER "555,2025-01-01T00:00:00,5,5,,FIVE\n");
    ingest_ok(f, "aaa.csv");
    assert_int_equal(f->last_outcome, SEINE_INGEST_FAILED);
    assert_non_null(strstr(f->last_message, "other bytes under this name"));
    assert_non_null(strstr(silver(f), "LATE"));
    assert_int_equal(ingest(f, "aaa.csv", 1, SEINE_INGEST_MEMORY, true), SEINE_OK);
    assert_int_equal(f->last_outcome, SEINE_INGEST_REPLACED);
    assert_string_equal(silver(f), "555 01 00:00:00 5.0 FIVE aaa.csv 1\n");
    /* The former bytes are kept beside the new ones. */
    seine_arena arena = {0};
    seine_file_entry *entries;
    size_t count;
    char folder[600];
    snprintf(folder, sizeof folder, "%s/bronze/ais/undated", f->lake);
    assert_int_equal(seine_file_list(folder, true, &arena, &entries, &count, NULL), SEINE_OK);
    assert_int_equal(count, 2);
    assert_string_equal(entries[0].name, "aaa.csv");
    assert_int_equal(strncmp(entries[1].name, "aaa.csv.", 8), 0);
    seine_arena_free(&arena);
    drop_lake(f);
}

/* Bronze is never changed: bytes of a source that is out of silver outlive others of the same name. */
static void other_bytes_under_the_name_of_a_removed_source_keep_its_own(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    write_text(f, "aaa.csv", late);
    ingest_ok(f, "aaa.csv");
    remove_source(f, "aaa.csv");
    write_text(f, "aaa.csv", HEADER "555,2025-01-01T00:00:00,5,5,,FIVE\n");
    ingest_ok(f, "aaa.csv");
    assert_string_equal(silver(f), "555 01 00:00:00 5.0 FIVE aaa.csv 1\n");
    seine_catalog *catalog;
    seine_arena arena = {0};
    seine_source *rows;
    size_t count;
    assert_int_equal(seine_catalog_open(f->lake, &catalog, &f->error), SEINE_OK);
    assert_int_equal(seine_ledger_sources(catalog, "ais", &arena, &rows, &count, &f->error), SEINE_OK);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        char sha256[65];
        uint64_t bytes;
        const char *path = seine_source_bytes_path(f->lake, &rows[i], &arena);
        assert_int_equal(seine_file_hash(path, NULL, sha256, &bytes, &f->error), SEINE_OK);
        assert_string_equal(sha256, rows[i].sha256);
    }
    seine_arena_free(&arena);
    seine_catalog_close(catalog);
    drop_lake(f);
}

/* Every edition of a name is an object of its own, named by the ledger, and none is ever touched again. */
static void bronze_objects_are_immutable_and_named_by_the_ledger(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    static const char *const editions[] = {
        HEADER "1,2025-01-01T00:00:00,1,1,,ONE\n", HEADER "2,2025-01-01T00:00:00,2,2,,TWO\n",
        HEADER "3,2025-01-01T00:00:00,3,3,,THREE\n", HEADER "1,2025-01-01T00:00:00,1,1,,ONE\n"};
    struct stat was[3] = {0};
    char path[900];
    for (size_t e = 0; e < 4; e++) {
        write_text(f, "aaa.csv", editions[e]);
        assert_int_equal(ingest(f, "aaa.csv", 1, SEINE_INGEST_MEMORY, true), SEINE_OK);
        seine_catalog *catalog;
        seine_arena arena = {0};
        seine_source *rows;
        size_t count;
        assert_int_equal(seine_catalog_open(f->lake, &catalog, &f->error), SEINE_OK);
        assert_int_equal(seine_ledger_sources(catalog, "ais", &arena, &rows, &count, &f->error), SEINE_OK);
        assert_int_equal(count, e < 3 ? e + 1 : 3);
        for (size_t i = 0; i < count; i++) {
            char sha256[65];
            uint64_t bytes;
            struct stat now;
            snprintf(path, sizeof path, "%s/%s", f->lake, rows[i].bronze_path);
            assert_int_equal(seine_file_hash(path, NULL, sha256, &bytes, &f->error), SEINE_OK);
            assert_string_equal(sha256, rows[i].sha256);
            assert_int_equal(stat(path, &now), 0);
            assert_int_equal(now.st_nlink, 1);
            size_t known = 0;
            while (known < 3 && was[known].st_ino != 0 && was[known].st_ino != now.st_ino) known++;
            assert_true(known < 3); /* three editions are three objects, the fourth is the first one's */
            if (was[known].st_ino == 0) was[known] = now;
            assert_true(was[known].st_ctim.tv_nsec == now.st_ctim.tv_nsec); /* no link, no rename, no write */
        }
        seine_arena_free(&arena);
        seine_catalog_close(catalog);
    }
    assert_string_equal(silver(f), "1 01 00:00:00 1.0 ONE aaa.csv 1\n");
    drop_lake(f);
}

/* What an older version wrote: one object name in the ledger, replaced bytes under a second one. */
static void an_old_lake_finds_its_replaced_bytes(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    char path[600];
    seine_arena arena = {0};
    const seine_source row = {.name = "a.csv", .sha256 = "0123456789abcdef", .bronze_path = "bronze/a.csv"};
    snprintf(path, sizeof path, "%s/bronze", f->lake);
    assert_int_equal(seine_file_make_folders(path, NULL), SEINE_OK);
    write_text(f, "lake/bronze/a.csv", "new");
    assert_non_null(strstr(seine_source_bytes_path(f->lake, &row, &arena), "bronze/a.csv"));
    write_text(f, "lake/bronze/a.csv.01234567", "old");
    assert_non_null(strstr(seine_source_bytes_path(f->lake, &row, &arena), "bronze/a.csv.01234567"));
    seine_arena_free(&arena);
    drop_lake(f);
}

static void a_refused_file_leaves_no_row_and_says_why(void **state) {
    (void)state;
    static const struct {
        const char *name, *text, *reason;
    } cases[] = {
        {"a.zip", "\x01 not a zip at all", "file: neither text nor a zip archive, whatever its name says"},
        {"b.csv.zst", "\x28\xB5\x2F\xFD\x04\x00", "file: corrupt archive: truncated"},
        {"c.csv", "", "file: empty file"},
        {"d.csv", "when,where\n1,2\n", "file: wrong header: no MMSI column; columns seen: when, where"},
        {"e.csv", HEADER, "file: no row at all behind the header"},
        {"f.csv", HEADER "x,2025-01-01T00:00:00,1,1,,\n",
         "file: no valid row: 1 row refused, the first: id: 'x' is not digits"},
    };
    fixture *f = make_lake(1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t size = i == 1 ? 6 : strlen(cases[i].text);
        write_file(f, cases[i].name, cases[i].text, size);
        ingest_ok(f, cases[i].name);
        assert_int_equal(f->last_outcome, SEINE_INGEST_QUARANTINED);
        assert_string_equal(f->last_message, cases[i].reason);
        ingest_ok(f, cases[i].name); /* again: one trace of it, not two */
        assert_int_equal(f->last_outcome, SEINE_INGEST_QUARANTINED);
    }
    assert_string_equal(silver(f), "");
    const char *rejects = dump(f, "silver.ais_rejects", REJECTS);
    size_t lines = 0;
    for (const char *p = rejects; *p != '\0'; p++) lines += *p == '\n';
    assert_int_equal(lines, sizeof cases / sizeof *cases);
    ingest_ok(f, "no-such-file.csv");
    assert_int_equal(f->last_outcome, SEINE_INGEST_FAILED);
    drop_lake(f);
}

/* A truncated archive whose first blocks are good: none of its rows lands. */
static void a_truncated_archive_leaves_no_row(void **state) {
    (void)state;
    fixture *f = make_lake(2);
    seine_buf text, packed;
    seine_buf_init(&text, (size_t)1 << 26);
    seine_buf_init(&packed, (size_t)1 << 26);
    assert_int_equal(seine_buf_append_str(&text, HEADER), SEINE_OK);
    for (int i = 0; i < 150000; i++)
        assert_int_equal(seine_buf_printf(&text, "%d,2025-01-01T%02d:%02d:%02d,%d.%d,1,,SHIP %d\n", 100000000 + i % 977,
                                          i / 7200 % 24, i / 60 % 60, i % 60, i % 90, i, i % 977),
                         SEINE_OK);
    seine_zstd *zstd = seine_zstd_new(3);
    assert_int_equal(seine_zstd_compress(zstd, text.data, text.size, &packed, NULL), SEINE_OK);
    seine_zstd_free(zstd);
    write_file(f, "cut.csv.zst", packed.data, packed.size - 10);
    assert_int_equal(ingest(f, "cut.csv.zst", 2, (uint64_t)64 << 20, false), SEINE_OK);
    assert_int_equal(f->last_outcome, SEINE_INGEST_QUARANTINED);
    assert_string_equal(silver(f), "");
    seine_buf_free(&text);
    seine_buf_free(&packed);
    drop_lake(f);
}

/* One enormous field must not make its day impossible to merge ever after. */
static void a_row_beyond_the_limit_is_refused_and_its_day_can_still_be_merged(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    seine_buf text;
    seine_buf_init(&text, (size_t)1 << 23);
    assert_int_equal(seine_buf_append_str(&text, HEADER "111,2025-01-01T00:00:00,1,1,,"), SEINE_OK);
    for (int i = 0; i < 3 << 20; i++) assert_int_equal(seine_buf_append(&text, "X", 1), SEINE_OK);
    assert_int_equal(seine_buf_append_str(&text, "\n111,2025-01-01T00:00:01,2,1,,GOOD\n"), SEINE_OK);
    write_file(f, "long.csv", text.data, text.size);
    ingest_ok(f, "long.csv");
    assert_int_equal(f->last_outcome, SEINE_INGEST_ADDED);
    assert_string_equal(dump(f, "silver.ais_rejects", REJECTS),
                        "long.csv 1 length: 3145757 bytes, at most 65536 are read\n");
    write_text(f, "more.csv", HEADER "111,2025-01-01T00:00:02,3,1,,MORE\n");
    ingest_ok(f, "more.csv");
    assert_int_equal(f->last_outcome, SEINE_INGEST_ADDED);
    assert_string_equal(silver(f), "111 01 00:00:01 2.0 GOOD long.csv 2\n111 01 00:00:02 3.0 MORE more.csv 1\n");
    seine_buf_free(&text);
    drop_lake(f);
}

static void a_stray_nul_spoils_its_field_not_its_file(void **state) {
    (void)state;
    static const char text[] = HEADER "111,2025-01-01T00:00:00,1,1,,A\0B\n111,2025-01-01T00:00:01,2,1,,C\n";
    static const char binary[] = "MM\0SI,BaseDateTime,LAT,LON\n";
    fixture *f = make_lake(1);
    write_file(f, "nul.csv", text, sizeof text - 1);
    ingest_ok(f, "nul.csv");
    assert_string_equal(silver(f), "111 01 00:00:00 1.0 A\xEF\xBF\xBD"
                                   "B nul.csv 1\n111 01 00:00:01 2.0 C nul.csv 2\n");
    write_file(f, "binary.csv", binary, sizeof binary - 1);
    ingest_ok(f, "binary.csv");
    assert_string_equal(f->last_message, "file: neither text nor a zip, zstd or gzip archive");
    drop_lake(f);
}

/* Parallel compressors put a frame of their own in front. */
static void a_zstd_archive_may_begin_with_a_skippable_frame(void **state) {
    (void)state;
    static const char text[] = HEADER "111,2025-01-01T00:00:00,1,1,,A\n";
    fixture *f = make_lake(1);
    seine_buf packed;
    seine_buf_init(&packed, 1 << 16);
    assert_int_equal(seine_buf_append(&packed, "\x5A\x2A\x4D\x18\x04\0\0\0size", 12), SEINE_OK);
    seine_zstd *zstd = seine_zstd_new(3);
    assert_int_equal(seine_zstd_compress(zstd, text, sizeof text - 1, &packed, NULL), SEINE_OK);
    seine_zstd_free(zstd);
    write_file(f, "day.csv.zst", packed.data, packed.size);
    ingest_ok(f, "day.csv.zst");
    assert_string_equal(silver(f), "111 01 00:00:00 1.0 A day.csv.zst 1\n");
    seine_buf_free(&packed);
    drop_lake(f);
}

/* ---- the law ---- */

#define SOURCES 6
#define ROWS 40

/* ---- a lost lease ---- */

/* What somebody else does once, while this run writes its partitions. */
typedef struct intruder {
    fixture *f;
    const char *file, *removed;
    bool is_done;
} intruder;

static void intrude(void *context, const char *phase, uint64_t done, uint64_t total) {
    intruder *i = context;
    (void)done;
    (void)total;
    if (i->is_done || strcmp(phase, "writing silver") != 0) return;
    i->is_done = true;
    char path[600];
    seine_db *db = NULL;
    seine_error error;
    snprintf(path, sizeof path, "%s/catalog.db", i->f->lake);
    assert_int_equal(seine_db_open(path, false, &db, &error), SEINE_OK); /* as if it had run out */
    assert_int_equal(seine_db_run(db, "DELETE FROM seine_lease", &error), SEINE_OK);
    seine_db_close(db);
    const seine_ingest_options options = seine_ingest_options_default();
    if (i->removed != NULL && seine_ingest_remove(i->f->lake, i->removed, &options, NULL, &error) != SEINE_OK)
        fail_msg("%s", error.text);
    if (i->file == NULL) return;
    snprintf(path, sizeof path, "%s/%s", i->f->folder, i->file);
    const char *paths[] = {path};
    if (seine_ingest_files(i->f->lake, paths, 1, &options, NULL, &error) != SEINE_OK) fail_msg("%s", error.text);
}

static seine_status ingest_beside(fixture *f, const char *name, intruder i, bool replace) {
    char path[600];
    const char *paths[] = {path};
    i.f = f;
    const seine_progress progress = {.report = intrude, .context = &i};
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    seine_ingest_options options = seine_ingest_options_default();
    options.replace = replace;
    options.progress = &progress;
    options.report = remember;
    options.context = f;
    const seine_status status = seine_ingest_files(f->lake, paths, 1, &options, &f->report, &f->error);
    assert_true(i.is_done);
    return status;
}

/* Sources that others bring while a run works are part of its next plan. */
static void a_run_that_lost_its_lease_plans_on_what_others_brought(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    write_text(f, "a.csv", HEADER "1,2025-01-01T00:00:00,1,1,,ONE\n");
    write_text(f, "b.csv", HEADER "2,2025-01-01T00:00:00,2,2,,TWO\n");
    write_text(f, "c.csv", HEADER "3,2025-01-01T00:00:00,3,3,,THREE\n");
    if (ingest_beside(f, "a.csv", (intruder){.file = "b.csv"}, false) != SEINE_OK) fail_msg("%s", f->error.text);
    assert_string_equal(silver(f), "1 01 00:00:00 1.0 ONE a.csv 1\n2 01 00:00:00 2.0 TWO b.csv 1\n");
    /* The same file, brought by both. */
    if (ingest_beside(f, "c.csv", (intruder){.file = "c.csv"}, false) != SEINE_OK) fail_msg("%s", f->error.text);
    /* Days that are rebuilt: one source comes, another goes. */
    write_text(f, "a.csv", HEADER "4,2025-01-01T00:00:00,4,4,,FOUR\n");
    write_text(f, "d.csv", HEADER "5,2025-01-01T00:00:00,5,5,,FIVE\n");
    if (ingest_beside(f, "a.csv", (intruder){.file = "d.csv", .removed = "b.csv"}, true) != SEINE_OK)
        fail_msg("%s", f->error.text);
    assert_string_equal(silver(f), "3 01 00:00:00 3.0 THREE c.csv 1\n4 01 00:00:00 4.0 FOUR a.csv 1\n"
                                   "5 01 00:00:00 5.0 FIVE d.csv 1\n");
    drop_lake(f);
}

static void a_name_that_somebody_else_took_meanwhile_is_told(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    write_text(f, "a.csv", HEADER "1,2025-01-01T00:00:00,1,1,,ONE\n");
    assert_int_equal(seine_file_make_folders(f->folder, NULL), SEINE_OK);
    char folder[600];
    snprintf(folder, sizeof folder, "%s/other", f->folder);
    assert_int_equal(seine_file_make_folders(folder, NULL), SEINE_OK);
    write_text(f, "other/a.csv", HEADER "2,2025-01-01T00:00:00,2,2,,TWO\n");
    assert_int_equal(ingest_beside(f, "a.csv", (intruder){.file = "other/a.csv"}, false), SEINE_E_CONFLICT);
    assert_non_null(strstr(f->error.text, "a.csv: somebody else brought other bytes of this name"));
    assert_string_equal(silver(f), "2 01 00:00:00 2.0 TWO a.csv 1\n");
    drop_lake(f);
}

static void a_source_has_no_more_rows_than_a_fix_can_name(void **state) {
    (void)state;
    seine_error error;
    seine_parsed_block block = {.first_row = UINT32_MAX - 5, .batch = {.rows = 5}};
    assert_int_equal(seine_source_check_rows("a.csv", &block, 1, &error), SEINE_OK);
    block.batch.rows = 6;
    assert_int_equal(seine_source_check_rows("a.csv", &block, 1, &error), SEINE_E_LIMIT);
    assert_string_equal(error.text, "a.csv: more than 4294967295 rows; split the file");
}

/* ---- folders ---- */

static void a_folder_is_its_known_files_in_order_and_names_the_others(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    char folder[600];
    snprintf(folder, sizeof folder, "%s/days/deep/.hidden", f->folder);
    assert_int_equal(seine_file_make_folders(folder, NULL), SEINE_OK);
    write_text(f, "days/b.CSV", HEADER "2,2025-01-01T00:00:00,2,2,,TWO\n");
    write_text(f, "days/deep/a.csv", HEADER "1,2025-01-01T00:00:00,1,1,,ONE\n");
    write_text(f, "days/deep/.hidden/c.csv", HEADER "3,2025-01-01T00:00:00,3,3,,THREE\n");
    write_text(f, "days/notes.md", "no archive");
    ingest_ok(f, "days");
    assert_int_equal(f->report.added, 2);
    assert_int_equal(f->report.left_out, 2);
    assert_int_equal(f->report.failed, 0);
    assert_string_equal(silver(f), "1 01 00:00:00 1.0 ONE a.csv 1\n2 01 00:00:00 2.0 TWO b.CSV 1\n");
    ingest_ok(f, "days/deep/.hidden/../.."); /* again: nothing new */
    assert_int_equal(f->report.same, 2);
    snprintf(folder, sizeof folder, "%s/empty", f->folder);
    assert_int_equal(seine_file_make_folders(folder, NULL), SEINE_OK);
    ingest_ok(f, "empty");
    assert_int_equal(f->report.failed, 1);
    drop_lake(f);
}

static void removing_is_repeatable_and_reaches_quarantine(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    const seine_ingest_options options = seine_ingest_options_default();
    write_text(f, "a.csv", HEADER "1,2025-01-01T00:00:00,1,1,,ONE\n");
    write_text(f, "bad.csv", "no header\n");
    ingest_ok(f, "a.csv");
    ingest_ok(f, "bad.csv");
    assert_int_equal(f->last_outcome, SEINE_INGEST_QUARANTINED);
    for (int again = 0; again < 2; again++) {
        remove_source(f, "a.csv");
        assert_int_equal(f->report.same, again);
        remove_source(f, "bad.csv");
        assert_int_equal(f->report.same, again);
    }
    assert_string_equal(silver(f), "");
    assert_string_equal(dump(f, "silver.ais_rejects", REJECTS), "");
    assert_int_equal(seine_ingest_remove(f->lake, "none.csv", &options, NULL, &f->error), SEINE_E_NOT_FOUND);
    drop_lake(f);
}

static uint32_t chance(uint64_t *seed, uint32_t below) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % below;
}

typedef struct made_row {
    int mover, day, second, mark;
} made_row;

typedef struct made_source {
    bool live;
    made_row rows[ROWS];
} made_source;

static void make_source(fixture *f, made_source *source, int number, uint64_t *seed) {
    static int mark;
    char name[40];
    seine_buf text;
    seine_buf_init(&text, 1 << 16);
    snprintf(name, sizeof name, "ais-2025-01-%02d-%d.csv", 1 + number % 2, number);
    assert_int_equal(seine_buf_append_str(&text, HEADER), SEINE_OK);
    for (int i = 0; i < ROWS; i++) {
        source->rows[i] = (made_row){(int)chance(seed, 4), 1 + (int)chance(seed, 3), (int)chance(seed, 20), mark++};
        const made_row *row = &source->rows[i];
        assert_int_equal(seine_buf_printf(&text, "%d,2025-01-%02dT00:00:%02d,1,1,,M%d\n", 100 + row->mover, row->day,
                                          row->second, row->mark),
                         SEINE_OK);
    }
    source->live = true;
    write_text(f, name, (const char *)text.data);
    seine_buf_free(&text);
}

/* The rule, plainly: of all live rows with this key, the one of the smallest source name, then row. */
static void expect(const made_source *sources, char *out, size_t room) {
    size_t used = 0;
    for (int mover = 0; mover < 4; mover++)
        for (int day = 1; day <= 3; day++)
            for (int second = 0; second < 20; second++) {
                int best_source = -1, best_row = -1;
                char best_name[40] = "";
                for (int s = 0; s < SOURCES; s++) {
                    char name[40];
                    snprintf(name, sizeof name, "ais-2025-01-%02d-%d.csv", 1 + s % 2, s);
                    for (int r = 0; sources[s].live && r < ROWS; r++) {
                        const made_row *row = &sources[s].rows[r];
                        if (row->mover != mover || row->day != day || row->second != second) continue;
                        if (best_source < 0 || strcmp(name, best_name) < 0) {
                            best_source = s;
                            best_row = r;
                            memcpy(best_name, name, sizeof name);
                        }
                    }
                }
                if (best_source < 0) continue;
                used +=
                    (size_t)snprintf(out + used, room - used, "%d %02d 00:00:%02d 1.0 M%d %s %d\n", 100 + mover, day,
                                     second, sources[best_source].rows[best_row].mark, best_name, best_row + 1);
            }
    out[used] = '\0';
}

/* The ledger's counts add up: rows = winners + duplicates + rejects, and winners = rows of silver. */
static void check_ledger(fixture *f, const char *expected) {
    seine_catalog *catalog;
    seine_arena arena = {0};
    seine_source *rows;
    size_t count;
    int64_t winners = 0, lines = 0;
    assert_int_equal(seine_catalog_open(f->lake, &catalog, &f->error), SEINE_OK);
    assert_int_equal(seine_ledger_sources(catalog, "ais", &arena, &rows, &count, &f->error), SEINE_OK);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state != SEINE_SOURCE_LIVE) continue;
        assert_int_equal(rows[i].rows, rows[i].silver + rows[i].duplicates + rows[i].rejects);
        winners += rows[i].silver;
    }
    for (const char *p = expected; *p != '\0'; p++) lines += *p == '\n';
    assert_int_equal(winners, lines);
    seine_arena_free(&arena);
    seine_catalog_close(catalog);
}

static void add_row(void *context, const seine_partition_row *row) {
    seine_hash128 *sum = context;
    *sum = seine_hash128_add(*sum, row->content);
}

/* Content hashes kept at commit equal those worked out from bronze. */
static void check_hashes(fixture *f) {
    seine_catalog *catalog;
    seine_arena arena = {0};
    seine_partition_row *rows;
    size_t count;
    seine_hash128 kept = {0, 0}, counted = {0, 0};
    assert_int_equal(seine_catalog_open(f->lake, &catalog, &f->error), SEINE_OK);
    assert_int_equal(seine_ledger_partitions(catalog, "silver.ais", &arena, &rows, &count, &f->error), SEINE_OK);
    for (size_t i = 0; i < count; i++) kept = seine_hash128_add(kept, rows[i].content);
    seine_arena_free(&arena);
    seine_catalog_close(catalog);
    const seine_ingest_options options = seine_ingest_options_default();
    assert_int_equal(seine_ingest_recount(f->lake, &options, add_row, &counted, &f->error), SEINE_OK);
    assert_true(seine_hash128_equal(kept, counted));
}

static void silver_is_a_function_of_its_live_sources(void **state) {
    (void)state;
    for (uint64_t trial = 0; trial < 6; trial++) {
        uint64_t seed = trial * 977 + 5;
        fixture *f = make_lake(1 + (int)trial % 3);
        made_source sources[SOURCES] = {0};
        static char expected[1 << 16];
        for (int n = 0; n < 9; n++) {
            const int s = (int)chance(&seed, SOURCES);
            char name[40];
            snprintf(name, sizeof name, "ais-2025-01-%02d-%d.csv", 1 + s % 2, s);
            if (sources[s].live && chance(&seed, 2) == 0) {
                remove_source(f, name);
                sources[s].live = false;
            } else {
                make_source(f, &sources[s], s, &seed);
                assert_int_equal(ingest(f, name, 1 + n % 2, SEINE_INGEST_MEMORY, true), SEINE_OK);
                assert_true(f->last_outcome == SEINE_INGEST_ADDED || f->last_outcome == SEINE_INGEST_REPLACED);
            }
            expect(sources, expected, sizeof expected);
            assert_string_equal(silver(f), expected);
            check_ledger(f, expected);
        }
        check_hashes(f);
        drop_lake(f);
    }
}

/* More rows of a vessel than are sorted in place, in no order and some twice: each once, in the order of time. */
static void many_rows_of_a_vessel_come_in_the_order_of_time(void **state) {
    (void)state;
    enum { MANY = 700 };
    seine_buf text, expected;
    seine_buf_init(&text, 1 << 20);
    seine_buf_init(&expected, 1 << 20);
    assert_int_equal(seine_buf_append_str(&text, HEADER), SEINE_OK);
    for (int i = 0; i < MANY + 50; i++) {
        const int second = i * 379 % MANY; /* the last fifty again */
        assert_int_equal(seine_buf_printf(&text, "111,2025-01-01T00:%02d:%02d,1,1,,\n", second / 60, second % 60),
                         SEINE_OK);
    }
    for (int i = 0; i < MANY; i++)
        assert_int_equal(seine_buf_printf(&expected, "00:%02d:%02d\n", i / 60, i % 60), SEINE_OK);
    fixture *f = make_lake(1);
    write_file(f, "many.csv", text.data, text.size);
    ingest_ok(f, "many.csv");
    assert_string_equal(dump(f, "silver.ais", "SELECT strftime(ts AT TIME ZONE 'UTC', '%H:%M:%S') FROM silver.ais"),
                        seine_buf_text(&expected));
    seine_buf_free(&text);
    seine_buf_free(&expected);
    drop_lake(f);
}

/* What a file has and is not taken is told with it; partitions it has no row in are not among its days. */
static void what_is_not_taken_is_told_and_days_are_those_with_rows(void **state) {
    (void)state;
    fixture *f = make_lake(1);
    char first[600], second[600];
    write_text(f, "a.csv",
               "Own,MMSI,BaseDateTime,LAT,LON,SOG,VesselName,,Odd, odd ,Odd\n"
               "0,111,2025-01-01T00:00:00,1,1,,A,1,2,3,4\n");
    write_text(f, "b.csv", HEADER "222,2025-01-03T00:00:00,1,1,,B\n");
    snprintf(first, sizeof first, "%s/a.csv", f->folder);
    snprintf(second, sizeof second, "%s/b.csv", f->folder);
    const char *paths[] = {second, first};
    seine_ingest_options options = seine_ingest_options_default();
    options.report = remember;
    options.context = f;
    assert_int_equal(seine_ingest_files(f->lake, paths, 2, &options, &f->report, &f->error), SEINE_OK);
    assert_string_equal(f->last_message, "columns not taken: Own, , Odd, odd");
    seine_catalog *catalog = NULL;
    seine_arena arena = {0};
    seine_source_day *days = NULL;
    size_t count = 0;
    assert_int_equal(seine_catalog_open(f->lake, &catalog, &f->error), SEINE_OK);
    assert_int_equal(seine_ledger_source_days(catalog, SEINE_DATASET_AIS, &arena, &days, &count, &f->error), SEINE_OK);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(days[i].source, i == 0 ? "a.csv" : "b.csv");
        assert_int_equal(days[i].rows, 1);
        assert_int_equal(days[i].winners, 1);
    }
    seine_arena_free(&arena);
    seine_catalog_close(catalog);
    drop_lake(f);
}

static void note_spill(void *context, const char *phase, uint64_t done, uint64_t total) {
    (void)done;
    (void)total;
    if (strcmp(phase, "sorting runs") == 0) *(bool *)context = true;
}

/* Two small files come to the days of a large one and one of them leaves: what is read again of the large one is
 * spilled, of the other it is in memory, and neither is put beside the file that was there. */
static void leave_beside_spilled_runs(fixture *f, const seine_ingest_options *options, char *path, size_t size) {
    const char *const paths[] = {path};
    for (int i = 0; i < 2; i++) {
        char text[512];
        const char *name = i == 0 ? "more-0.csv" : "more-1.csv";
        const int length = snprintf(text, sizeof text,
                                    HEADER "100,2025-01-01T00:00:00,2,2,,MORE\n7%d,2025-01-01T00:00:00,2,2,,MORE\n"
                                           "8%d,2025-01-01T00:00:00,2,2,,MORE\n",
                                    i, i);
        write_file(f, name, text, (size_t)length);
        snprintf(path, size, "%s/%s", f->folder, name);
        assert_int_equal(seine_ingest_files(f->lake, paths, 1, options, &f->report, &f->error), SEINE_OK);
    }
    assert_int_equal(seine_ingest_compact(f->lake, options, &f->report, &f->error), SEINE_OK); /* as many as runs */
    if (seine_ingest_remove(f->lake, "more-0.csv", options, &f->report, &f->error) != SEINE_OK)
        fail_msg("%s", f->error.text);
    const char *select = "SELECT concat_ws(' ', source_file, count(*)) FROM silver.ais "
                         "WHERE source_file LIKE 'more%' GROUP BY source_file";
    assert_string_equal(dump(f, "silver.ais", select), "more-1.csv 2\n");
}

/* Little memory makes runs; runs must not show. */
static void spilled_runs_do_not_show(void **state) {
    (void)state;
    seine_buf text;
    seine_buf_init(&text, (size_t)1 << 28);
    assert_int_equal(seine_buf_append_str(&text, HEADER), SEINE_OK);
    for (uint32_t i = 0; i < 1500000; i++)
        assert_int_equal(seine_buf_printf(&text, "%u,2025-01-01T%02u:%02u:%02u,1,1,,S%u\n", 100 + i * 7919 % 50,
                                          i * 31 / 3600 % 24, i * 31 / 60 % 60, i * 31 % 60, i % 1000),
                         SEINE_OK);
    char sums[2][200];
    for (int small = 0; small < 2; small++) {
        fixture *f = make_lake(2);
        char path[600];
        const char *paths[] = {path};
        bool is_spilled = false;
        const seine_progress progress = {.report = note_spill, .context = &is_spilled};
        seine_ingest_options options = seine_ingest_options_default();
        options.threads = 1; /* each takes a share of the memory for itself */
        if (small != 0) options.memory_bytes = (uint64_t)64 << 20;
        options.report = remember;
        options.context = f;
        options.progress = &progress;
        write_file(f, "big.csv", text.data, text.size);
        snprintf(path, sizeof path, "%s/big.csv", f->folder);
        assert_int_equal(seine_ingest_files(f->lake, paths, 1, &options, &f->report, &f->error), SEINE_OK);
        assert_int_equal(is_spilled, small != 0);
        assert_int_equal(f->last_outcome, SEINE_INGEST_ADDED);
        leave_beside_spilled_runs(f, &options, path, sizeof path);
        snprintf(sums[small], sizeof sums[small], "%s",
                 dump(f, "silver.ais",
                      "SELECT concat_ws(' ', count(*), sum(source_row), bit_xor(hash(mmsi, ts, name, source_row))) "
                      "FROM silver.ais"));
        drop_lake(f);
    }
    assert_string_equal(sums[0], sums[1]);
    seine_buf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_winners_duplicates_and_rejects),
        cmocka_unit_test(each_commit_leaves_the_run_that_made_it),
        cmocka_unit_test(among_equals_the_smallest_source_name_wins_in_any_order),
        cmocka_unit_test(a_removed_source_gives_way_to_what_it_hid),
        cmocka_unit_test(the_same_bytes_twice_are_a_no_op),
        cmocka_unit_test(other_bytes_under_a_name_need_replace),
        cmocka_unit_test(other_bytes_under_the_name_of_a_removed_source_keep_its_own),
        cmocka_unit_test(bronze_objects_are_immutable_and_named_by_the_ledger),
        cmocka_unit_test(an_old_lake_finds_its_replaced_bytes),
        cmocka_unit_test(a_run_that_lost_its_lease_plans_on_what_others_brought),
        cmocka_unit_test(a_name_that_somebody_else_took_meanwhile_is_told),
        cmocka_unit_test(a_source_has_no_more_rows_than_a_fix_can_name),
        cmocka_unit_test(a_folder_is_its_known_files_in_order_and_names_the_others),
        cmocka_unit_test(removing_is_repeatable_and_reaches_quarantine),
        cmocka_unit_test(a_refused_file_leaves_no_row_and_says_why),
        cmocka_unit_test(a_truncated_archive_leaves_no_row),
        cmocka_unit_test(a_row_beyond_the_limit_is_refused_and_its_day_can_still_be_merged),
        cmocka_unit_test(a_stray_nul_spoils_its_field_not_its_file),
        cmocka_unit_test(a_zstd_archive_may_begin_with_a_skippable_frame),
        cmocka_unit_test(silver_is_a_function_of_its_live_sources),
        cmocka_unit_test(many_rows_of_a_vessel_come_in_the_order_of_time),
        cmocka_unit_test(what_is_not_taken_is_told_and_days_are_those_with_rows),
        cmocka_unit_test(spilled_runs_do_not_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
