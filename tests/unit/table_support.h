/** Lakes and data files for the tests of src/table. Any bytes do as a data file: the table layer never opens one. */
#ifndef SEINE_TESTS_TABLE_SUPPORT_H
#define SEINE_TESTS_TABLE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/file.h"
#include "table/ledger.h"

/** A lake in a folder of its own. */
typedef struct lake {
    char folder[256];
    char path[300];
    seine_catalog *catalog;
    seine_arena arena;
    seine_error error;
} lake;

#define assert_ok(lake, call)                                                                            \
    do {                                                                                                 \
        const seine_status status_ = (call);                                                             \
        if (status_ != SEINE_OK) fail_msg("%s: status %d: %s", #call, (int)status_, (lake)->error.text); \
    } while (0)

static inline void lake_make_folder(lake *l) {
    *l = (lake){0};
    const char *temp = getenv("TMPDIR");
    (void)snprintf(l->folder, sizeof l->folder, "%s/seine-table-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(l->folder));
    (void)snprintf(l->path, sizeof l->path, "%s/lake", l->folder);
}

static inline void lake_make(lake *l, int buckets) {
    lake_make_folder(l);
    assert_ok(l, seine_catalog_create(l->path, buckets, &l->error));
    assert_ok(l, seine_catalog_open(l->path, &l->catalog, &l->error));
}

static inline void lake_drop(lake *l) {
    seine_catalog_close(l->catalog);
    seine_arena_free(&l->arena);
    assert_int_equal(seine_file_remove_tree(l->folder, NULL), SEINE_OK);
}

static inline seine_table *lake_load(lake *l, const char *name) {
    seine_table *table = NULL;
    assert_ok(l, seine_table_load(l->catalog, name, (seine_at){0}, &table, &l->error));
    return table;
}

/** Writes a stand-in for a data file of silver.ais. */
static inline seine_data_file lake_data_file(lake *l, const seine_table *table, int day, int bucket, int64_t rows) {
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{false, day}, {false, bucket}};
    char *path = NULL;
    assert_ok(l, seine_table_new_file(table, partition, &l->arena, &path, &l->error));
    assert_ok(l, seine_file_write(path, "PAR1data", 8, SEINE_FILE_NEW, &l->error));
    seine_data_file file = {.path = path, .size_bytes = 8, .rows = rows, .is_sorted = true};
    memcpy(file.partition, partition, sizeof partition);
    return file;
}

/** Commits one added file to silver.ais. */
static inline const char *lake_append(lake *l, int day, int bucket, int64_t rows) {
    seine_table *table = lake_load(l, "silver.ais");
    seine_commit *commit = NULL;
    const seine_data_file file = lake_data_file(l, table, day, bucket, rows);
    assert_ok(l, seine_commit_begin(l->catalog, NULL, &commit, &l->error));
    assert_ok(l, seine_commit_files(commit, table, &file, 1, NULL, 0, &l->error));
    assert_ok(l, seine_commit_run(commit, &l->error));
    seine_table_close(table);
    return file.path;
}

/** Commits the removal of one file of silver.ais. */
static inline void lake_remove(lake *l, const char *path) {
    seine_table *table = lake_load(l, "silver.ais");
    seine_commit *commit = NULL;
    assert_ok(l, seine_commit_begin(l->catalog, NULL, &commit, &l->error));
    assert_ok(l, seine_commit_files(commit, table, NULL, 0, &path, 1, &l->error));
    assert_ok(l, seine_commit_run(commit, &l->error));
    seine_table_close(table);
}

/** Number of files below a folder of the lake. */
static inline size_t lake_count(lake *l, const char *folder) {
    char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", l->path, folder);
    seine_file_entry *entries = NULL;
    size_t count = 0;
    assert_ok(l, seine_file_list(path, true, &l->arena, &entries, &count, &l->error));
    return count;
}

/** Text of a file of the lake, in the lake's arena. */
static inline const char *lake_text(lake *l, const char *path) {
    seine_buf bytes;
    seine_buf_init(&bytes, 64 * 1024 * 1024);
    assert_ok(l, seine_file_read(path, &bytes, &l->error));
    const char *text = seine_arena_copy(&l->arena, bytes.data, bytes.size);
    assert_non_null(text);
    seine_buf_free(&bytes);
    return text;
}

/** Sets the program's clock. */
static inline void lake_now(const char *time) { assert_int_equal(setenv("SEINE_NOW", time, 1), 0); }

#endif
