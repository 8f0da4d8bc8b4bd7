/* links: table io columns base */
/*
 * What a commit of 20 tables in one transaction costs: each gets one more data file. Prints the median of the commits
 * as a JSON object.
 *
 * Usage: bench_commit_tables LAKE COMMITS [ADDRESS]
 *
 * LAKE must not be there. ADDRESS: a database for the catalog (table/db/db.h). Copies of a bucket's objects are kept as
 * by the program, where SEINE_CACHE_DIR says.
 */
#include "io/clock.h"
#include "io/file.h"
#include "io/store/stores.h"
#include "table/ledger.h"
#include "table/run.h"

#include <stdio.h>
#include <stdlib.h>

#define TABLES 20
#define COMMITS_MAX 100000
#define CACHE_BYTES ((uint64_t)2 << 30) /* the program's own default */

static void must(seine_status status, const seine_error *error) {
    if (status == SEINE_OK) return;
    (void)fprintf(stderr, "bench_commit_tables: %s\n", error->text);
    abort();
}

static void name_table(int number, char name[32]) { (void)snprintf(name, 32, "bench.t%02d", number); }

static void make_tables(seine_catalog *catalog, seine_error *error) {
    seine_shape *shapes[TABLES];
    char names[TABLES][32];
    seine_table_schema schemas[TABLES];
    seine_commit *commit = NULL;
    must(seine_commit_begin(catalog, "tables", &commit, error), error);
    for (int i = 0; i < TABLES; i++) {
        name_table(i, names[i]);
        schemas[i] = *seine_schema_find("silver.ais");
        schemas[i].name = names[i];
        must(seine_shape_begin(catalog, &schemas[i], names[i], &shapes[i], error), error);
        must(seine_commit_shape(commit, shapes[i], error), error);
    }
    must(seine_commit_run(commit, error), error);
    for (int i = 0; i < TABLES; i++) seine_shape_end(shapes[i]);
}

static seine_data_file make_file(const seine_table *table, int day, seine_arena *arena, seine_error *error) {
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{false, day}, {false, 0}};
    char *path = NULL;
    must(seine_table_new_file(table, partition, arena, &path, error), error);
    must(seine_file_write(path, "PAR1data", 8, SEINE_FILE_NEW, error), error);
    seine_data_file file = {
        .path = path, .size_bytes = 8, .rows = 1, .is_sorted = true, .checksum = seine_hash128_of("PAR1data", 8)};
    file.has_checksum = true;
    memcpy(file.partition, partition, sizeof partition);
    return file;
}

/* @return seconds of the commit alone, from its beginning: what it names is there before. */
static double commit_all(seine_catalog *catalog, int day, seine_error *error) {
    seine_table *tables[TABLES];
    seine_data_file files[TABLES];
    seine_arena arena = {0};
    seine_commit *commit = NULL;
    seine_run_manifest *run = NULL;
    char name[32];
    for (int i = 0; i < TABLES; i++) {
        name_table(i, name);
        must(seine_table_load(catalog, name, (seine_at){0}, &tables[i], error), error);
        files[i] = make_file(tables[i], day, &arena, error);
    }
    must(seine_run_begin("bench", NULL, seine_clock_now_us(), seine_clock_monotonic_us(), &run, error), error);
    const int64_t begun_us = seine_clock_monotonic_us();
    must(seine_commit_begin(catalog, seine_run_id(run), &commit, error), error);
    for (int i = 0; i < TABLES; i++) must(seine_commit_files(commit, tables[i], &files[i], 1, NULL, 0, error), error);
    must(seine_run_join(run, commit, error), error);
    must(seine_commit_run(commit, error), error);
    const double seconds = (double)(seine_clock_monotonic_us() - begun_us) / 1e6;
    seine_run_free(run);
    for (int i = 0; i < TABLES; i++) seine_table_close(tables[i]);
    seine_arena_free(&arena);
    return seconds;
}

static int by_size(const void *a, const void *b) {
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv) {
    seine_error error = {SEINE_OK, ""};
    seine_catalog *catalog = NULL;
    const int commits = argc > 2 ? atoi(argv[2]) : 0;
    if (commits < 1 || commits > COMMITS_MAX) {
        (void)fputs("usage: bench_commit_tables LAKE COMMITS [ADDRESS]\n", stderr);
        return 2;
    }
    double *seconds = calloc((size_t)commits, sizeof *seconds);
    if (seconds == NULL) return 1;
    const seine_stores_settings settings = {.cache = getenv("SEINE_CACHE_DIR"), .cache_bytes = CACHE_BYTES};
    must(seine_stores_configure(&settings, &error), &error);
    must(seine_catalog_create_in(argv[1], argc > 3 ? argv[3] : NULL, 1, &error), &error);
    must(seine_catalog_open(argv[1], &catalog, &error), &error);
    make_tables(catalog, &error);
    for (int i = 0; i < commits; i++) seconds[i] = commit_all(catalog, 20000 + i, &error);
    qsort(seconds, (size_t)commits, sizeof *seconds, by_size);
    printf("{\"tables\":%d,\"commits\":%d,\"seconds\":%.5f}\n", TABLES, commits, seconds[commits / 2]);
    seine_catalog_close(catalog);
    seine_stores_close();
    free(seconds);
    return 0;
}
