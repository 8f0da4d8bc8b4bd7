/*
 * What many small commits of a stream leave behind: files, manifests, snapshots, bytes of metadata, sources, and the
 * time that a commit takes.
 *
 * Each commit brings 100 records of each of three partitions, and five seconds pass between two of them, by the clock
 * that SEINE_NOW is. A line after every 1,000 commits.
 *
 * Usage: bench_stream_commits LAKE COMMITS
 */
#include "base/time.h"
#include "base/try.h"
#include "columns/dataset_read.h"
#include "ingest/record_runs.h"
#include "io/clock.h"
#include "table/catalog/catalog.h"
#include "table/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PARTITIONS 3
#define RECORDS 100
#define EACH_US (INT64_C(5) * SEINE_SECOND_US)
#define TOLD 1000

static void stop(const seine_error *error) {
    (void)fprintf(stderr, "bench_stream_commits: %s\n", error->text);
    exit(1);
}

static char texts[PARTITIONS][RECORDS][200];
static seine_record records[PARTITIONS][RECORDS];

static const seine_dataset *dataset;

static void commit(const char *lake, int64_t number, int64_t now_us) {
    seine_error error = {SEINE_OK, ""};
    seine_record_report report;
    seine_record_run runs[PARTITIONS];
    char time[40];
    (void)seine_time_format(now_us, time);
    if (setenv("SEINE_NOW", time, 1) != 0) exit(1);
    time[19] = '\0'; /* as it is written there */
    for (int p = 0; p < PARTITIONS; p++) {
        for (int i = 0; i < RECORDS; i++) {
            const int size = snprintf(texts[p][i], sizeof texts[p][i],
                                      "{\"mmsi\":\"244%06d\",\"timestamp\":\"%s\",\"latitude\":%.4f,\"longitude\":4.25,"
                                      "\"speed\":%d,\"vessel_name\":\"EVER GIVEN\"}",
                                      p * RECORDS + i, time, 50 + (double)(number % 1000) / 1000, i % 103);
            records[p][i] = (seine_record){.payload = {texts[p][i], (size_t)size},
                                           .key = {"", 0},
                                           .offset = number * RECORDS + i,
                                           .sent_us = now_us};
        }
        runs[p] = (seine_record_run){.topic = "ais_raw",
                                     .partition = p,
                                     .records = records[p],
                                     .count = RECORDS,
                                     .position = number == 0 ? SEINE_NO_POSITION : number * RECORDS,
                                     .next = (number + 1) * RECORDS};
    }
    seine_record_options options = {
        .ingest = seine_ingest_options_default(), .job = "stream/maritime_guide", .url = "kafka://127.0.0.1:9092"};
    options.ingest.dataset = dataset;
    if (seine_ingest_runs(lake, runs, PARTITIONS, &options, &report, &error) != SEINE_OK) stop(&error);
}

static void tell_table(seine_catalog *catalog, const char *name) {
    seine_error error = {SEINE_OK, ""};
    seine_table *table = NULL;
    const seine_live_file *files = NULL;
    size_t count = 0, snapshot_count = 0;
    if (seine_table_load(catalog, name, (seine_at){0}, &table, &error) != SEINE_OK ||
        seine_table_files(table, &files, &count, &error) != SEINE_OK)
        stop(&error);
    (void)seine_table_snapshots(table, &snapshot_count);
    printf("  %s: %zu files, %zu snapshots", name, count, snapshot_count);
    seine_table_close(table);
}

static void tell(const char *lake, int64_t commits, double seconds) {
    seine_error error = {SEINE_OK, ""};
    seine_arena arena = {0};
    seine_catalog *catalog = NULL;
    seine_source *sources = NULL;
    size_t count = 0;
    if (seine_catalog_open(lake, &catalog, &error) != SEINE_OK ||
        seine_ledger_sources(catalog, "maritime_guide", &arena, &sources, &count, &error) != SEINE_OK)
        stop(&error);
    printf("%" PRId64 " commits: %.1f ms each; %zu sources;", commits, seconds * 1000, count);
    tell_table(catalog, "bronze.maritime_guide_raw");
    tell_table(catalog, "silver.maritime_guide");
    tell_table(catalog, "silver.maritime_guide_rejects");
    printf("\n");
    (void)fflush(stdout);
    seine_catalog_close(catalog);
    seine_arena_free(&arena);
}

int main(int count, char **words) {
    seine_error error = {SEINE_OK, ""};
    if (count != 3) {
        (void)fputs("usage: bench_stream_commits LAKE COMMITS\n", stderr);
        return 2;
    }
    seine_arena arena = {0}; /* of the dataset, until the end */
    if (seine_dataset_read(seine_dataset_built_in("maritime_guide"), "maritime_guide.yaml", NULL, &arena, &dataset,
                           &error) != SEINE_OK)
        stop(&error);
    const int64_t commits = strtoll(words[2], NULL, 10);
    const int64_t first_us = INT64_C(1735689600) * SEINE_SECOND_US; /* 2025-01-01 */
    if (seine_catalog_create(words[1], 16, &error) != SEINE_OK) stop(&error);
    int64_t begun_us = seine_clock_monotonic_us();
    for (int64_t i = 0; i < commits; i++) {
        commit(words[1], i, first_us + i * EACH_US);
        if ((i + 1) % TOLD != 0 && i + 1 < commits) continue;
        const int64_t rest = (i + 1) % TOLD;
        tell(words[1], i + 1, (double)(seine_clock_monotonic_us() - begun_us) / 1e6 / (double)(rest > 0 ? rest : TOLD));
        begun_us = seine_clock_monotonic_us();
    }
    seine_arena_free(&arena);
    return 0;
}
