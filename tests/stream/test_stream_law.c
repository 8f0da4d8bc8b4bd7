/*
 * The histories of tests/law/stream_sim.py against the fence that the program has: positions in the catalog, moved by
 * the commits that bring the rows. Processes of one group come, read, sleep, wake, are killed, own partitions by turns,
 * commit without learning how that ended, read on meanwhile; the log forgets its oldest records. Whatever they do,
 * every record that was not declared lost is in bronze once, and silver is that of the records in their order.
 */
#include "base/try.h"
#include "columns/raw_table.h"
#include "ingest/record_positions.h"
#include "ingest/record_runs.h"
#include "io/file.h"
#include "table/scan.h"
#include "unit/full_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define JOB "stream/ais"
#define TOPIC "t"
#define PARTITIONS 3
#define PROCESSES 3
#define RECORDS 400

/* Partitions, and what of each waits. */
typedef struct holding {
    bool owns[PARTITIONS];
    int64_t position[PARTITIONS], end[PARTITIONS], lost_to[PARTITIONS];
} holding;

typedef struct process {
    bool is_there;
    holding at, on_its_way; /* of the latter: which partitions have something in the batch that is being committed */
} process;

typedef struct world {
    char folder[500], lake[600];
    uint64_t seed;
    int64_t ends[PARTITIONS], firsts[PARTITIONS];
    process processes[PROCESSES];
    bool is_lost[PARTITIONS][RECORDS];
    char text[PARTITIONS][RECORDS][200];
    seine_error error;
    int commits, fenced, hour;
} world;

static uint64_t chance(world *w, uint64_t below) {
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;
    return w->seed % below;
}

static void make_lake(world *w, const char *name) {
    snprintf(w->lake, sizeof w->lake, "%s/%s", w->folder, name);
    if (seine_catalog_create(w->lake, 1, &w->error) != SEINE_OK) fail_msg("%s", w->error.text);
}

static void make_world(world *w, uint64_t seed) {
    const char *temp = getenv("TMPDIR");
    *w = (world){.seed = seed * 0x9E3779B97F4A7C15u + 1};
    snprintf(w->folder, sizeof w->folder, "%s/seine-stream-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(w->folder));
    make_lake(w, "lake");
    for (int p = 0; p < PARTITIONS; p++) /* few keys, so that there are duplicates, within a partition and beside it */
        for (int i = 0; i < RECORDS; i++)
            snprintf(w->text[p][i], sizeof w->text[p][i],
                     chance(w, 20) == 0 ? "poison %d"
                                        : "{\"mmsi\":\"24401021%d\",\"BaseDateTime\":\"2025-01-01T00:00:%02d\","
                                          "\"LAT\":%d.5,\"LON\":4.25,\"VesselName\":\"N%d %d\"}",
                     (int)chance(w, 3), (int)chance(w, 60), (int)chance(w, 80), p, i);
}

static void end_world(world *w) { assert_int_equal(seine_file_remove_tree(w->folder, NULL), SEINE_OK); }

/* ---- what the lake has ---- */

static void load_positions(world *w, int64_t positions[PARTITIONS]) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_record_position *rows = NULL;
    size_t count = 0;
    assert_int_equal(seine_catalog_open(w->lake, &catalog, &w->error), SEINE_OK);
    assert_int_equal(seine_record_positions(catalog, JOB, &arena, &rows, &count, &w->error), SEINE_OK);
    for (int p = 0; p < PARTITIONS; p++) positions[p] = seine_record_position_of(rows, count, TOPIC, p);
}

typedef struct seen {
    int count[PARTITIONS][RECORDS];
    const world *world;
} seen;

static seine_status see(void *context, const seine_rows *rows, seine_error *error) {
    seen *s = context;
    (void)error;
    for (size_t i = 0; i < rows->count; i++) {
        const int32_t partition = ((const int32_t *)rows->columns[0].values)[i];
        const int64_t offset = ((const int64_t *)rows->columns[1].values)[i];
        const seine_str payload = ((const seine_str *)rows->columns[2].values)[i];
        assert_in_range(offset, 0, RECORDS - 1);
        assert_true(seine_str_equal(payload, seine_str_of(s->world->text[partition][offset])));
        s->count[partition][offset]++;
    }
    return SEINE_OK;
}

/* The sum of the content hashes of silver's partitions: that of its rows, without where they came from. */
static void look_at(world *w, seen *s, seine_hash128 *silver) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    seine_engine *engine SEINE_OWNED(seine_engine_close_owned) = NULL;
    const size_t columns[] = {SEINE_RAW_PARTITION, SEINE_RAW_OFFSET, SEINE_RAW_PAYLOAD};
    const seine_live_file *files = NULL;
    seine_partition_row *rows = NULL;
    size_t count = 0;
    *s = (seen){.world = w};
    assert_int_equal(seine_catalog_open(w->lake, &catalog, &w->error), SEINE_OK);
    assert_int_equal(seine_table_load(catalog, "bronze.ais_raw", (seine_at){0}, &table, &w->error), SEINE_OK);
    assert_int_equal(seine_table_files(table, &files, &count, &w->error), SEINE_OK);
    const char **paths = SEINE_ARENA_ARRAY(&arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    assert_int_equal(seine_engine_open(&(seine_engine_options){.threads = 1}, &engine, &w->error), SEINE_OK);
    const seine_scan scan = {.engine = engine,
                             .schema = seine_dataset_ais()->raw,
                             .columns = columns,
                             .column_count = 3,
                             .files = paths,
                             .file_count = count};
    assert_int_equal(seine_scan_run(&scan, see, s, &w->error), SEINE_OK);
    assert_int_equal(seine_ledger_partitions(catalog, "silver.ais", &arena, &rows, &count, &w->error), SEINE_OK);
    assert_true(count <= 1); /* one day, one bucket */
    *silver = count == 1 ? rows[0].content : (seine_hash128){0};
}

/* ---- what processes do ---- */

static seine_status bring(world *w, const seine_record_run *runs, size_t count) {
    seine_record_report report;
    const seine_record_options options = {
        .ingest = seine_ingest_options_default(), .job = JOB, .url = "kafka://test", .refuse_if_only = 0};
    const seine_status status = seine_ingest_runs(w->lake, runs, count, &options, &report, &w->error);
    if (status == SEINE_OK) assert_int_equal(report.read, report.silver + report.duplicates + report.rejects);
    return status;
}

static void assign(world *w, holding *one, int p) {
    int64_t positions[PARTITIONS];
    load_positions(w, positions);
    one->owns[p] = true;
    one->position[p] = positions[p];
    one->lost_to[p] = positions[p] != SEINE_NO_POSITION && positions[p] < w->firsts[p] ? w->firsts[p] : 0;
    one->end[p] = positions[p] < w->firsts[p] ? w->firsts[p] : positions[p];
}

static void read_on(world *w, holding *one) {
    for (int p = 0; p < PARTITIONS; p++) {
        if (!one->owns[p] || one->end[p] < w->firsts[p]) continue;
        const int64_t end = one->end[p] + (int64_t)chance(w, 30);
        one->end[p] = end < w->ends[p] ? end : w->ends[p];
    }
}

/* A record of a run lies where its partition's position was, or where the log began then. */
static int64_t first_of(const world *w, const holding *one, int p, const int64_t begun[PARTITIONS]) {
    (void)w;
    if (one->lost_to[p] > 0) return one->lost_to[p];
    return one->position[p] == SEINE_NO_POSITION ? begun[p] : one->position[p];
}

static size_t make_runs(world *w, const holding *one, seine_record *records, seine_record_run *runs,
                        const int64_t begun[PARTITIONS]) {
    size_t count = 0;
    for (int p = 0; p < PARTITIONS; p++) {
        const int64_t first = one->owns[p] ? first_of(w, one, p, begun) : 0;
        if (!one->owns[p] || (one->end[p] <= first && one->lost_to[p] == 0)) continue;
        runs[count] = (seine_record_run){.topic = TOPIC,
                                         .partition = p,
                                         .records = records,
                                         .count = (size_t)(one->end[p] - first),
                                         .position = one->position[p],
                                         .next = one->end[p],
                                         .lost_to = one->lost_to[p]};
        for (int64_t o = first; o < one->end[p]; o++)
            *records++ = (seine_record){.payload = seine_str_of(w->text[p][o]), .offset = o, .sent_us = INT64_MIN};
        count++;
    }
    return count;
}

/* Where the outcome is not known the positions are looked at; what moved without it is let go, and what was read behind
 * it. */
static void land(world *w, process *one) {
    static seine_record records[PARTITIONS * RECORDS];
    const int64_t begun[PARTITIONS] = {0}; /* the log forgets nothing before something of it is in the lake */
    seine_record_run runs[PARTITIONS];
    int64_t positions[PARTITIONS];
    const size_t count = make_runs(w, &one->on_its_way, records, runs, begun);
    one->on_its_way = (holding){0};
    if (count == 0) return;
    seine_status status = SEINE_E_UNKNOWN;
    if (chance(w, 100) >= 8) status = bring(w, runs, count); /* else it never arrived */
    if (status != SEINE_OK && status != SEINE_E_EXISTS && status != SEINE_E_UNKNOWN) fail_msg("%s", w->error.text);
    w->commits++;
    w->fenced += status == SEINE_E_EXISTS;
    load_positions(w, positions);
    for (size_t i = 0; i < count; i++) {
        const int p = runs[i].partition;
        if (status == SEINE_OK) assert_int_equal(positions[p], runs[i].next);
        for (int64_t o = runs[i].position; status == SEINE_OK && runs[i].lost_to > 0 && o < runs[i].lost_to; o++)
            w->is_lost[p][o] = true;
        if (status == SEINE_OK || !one->at.owns[p]) continue;
        one->at.owns[p] = positions[p] == runs[i].position || positions[p] == runs[i].next;
        if (one->at.owns[p]) assign(w, &one->at, p);
    }
}

/* What waits is sent on its way, behind the one before. */
static void begin(world *w, process *one) {
    const int64_t begun[PARTITIONS] = {0};
    holding *at = &one->at;
    land(w, one);
    one->on_its_way = *at;
    for (int p = 0; p < PARTITIONS; p++) {
        const bool has_some = at->owns[p] && (at->lost_to[p] > 0 || at->end[p] > first_of(w, at, p, begun));
        one->on_its_way.owns[p] = has_some;
        if (has_some) at->position[p] = at->end[p];
        if (has_some) at->lost_to[p] = 0;
    }
}

static void rebalance(world *w, process *to, int p) {
    const bool is_told = chance(w, 3) == 0; /* else the former owner sleeps through it */
    for (int i = 0; is_told && i < PROCESSES; i++) w->processes[i].at.owns[p] = false;
    assign(w, &to->at, p);
}

/* Within a day the records of a partition are one source of the ledger, whose files are merged. */
static void pass_time(world *w) {
    char now[32];
    w->hour += (int)chance(w, 12) == 0 ? 1 + (int)chance(w, 12) : 0;
    snprintf(now, sizeof now, "2025-02-%02dT%02d:00:00Z", 1 + w->hour / 24, w->hour % 24);
    assert_int_equal(setenv("SEINE_NOW", now, 1), 0);
}

static void act(world *w) {
    pass_time(w);
    const uint64_t action = chance(w, 100);
    process *one = &w->processes[chance(w, PROCESSES)];
    const int p = (int)chance(w, PARTITIONS);
    int64_t positions[PARTITIONS];
    if (action < 30) {
        w->ends[p] += (int64_t)chance(w, 20);
        if (w->ends[p] > RECORDS) w->ends[p] = RECORDS;
    } else if (action < 33 || !one->is_there) {
        *one = (process){.is_there = true};
    } else if (action < 36) {
        *one = (process){.is_there = false}; /* kill -9 */
    } else if (action < 39) {
        load_positions(w, positions);
        if (positions[p] != SEINE_NO_POSITION && w->ends[p] > w->firsts[p])
            w->firsts[p] += (int64_t)chance(w, (uint64_t)(w->ends[p] - w->firsts[p]));
    } else if (action < 56) {
        rebalance(w, one, p);
    } else if (action < 74) {
        read_on(w, &one->at);
    } else if (action < 94) {
        begin(w, one);
    } else {
        land(w, one);
    }
}

static void drain(world *w) {
    w->processes[0] = (process){.is_there = true};
    for (int tries = 0; tries < 200; tries++) {
        int64_t positions[PARTITIONS];
        bool is_all = true;
        load_positions(w, positions);
        for (int p = 0; p < PARTITIONS; p++) is_all = is_all && (w->ends[p] == 0 || positions[p] >= w->ends[p]);
        if (is_all) return;
        for (int p = 0; p < PARTITIONS; p++)
            if (!w->processes[0].at.owns[p]) assign(w, &w->processes[0].at, p);
        read_on(w, &w->processes[0].at);
        begin(w, &w->processes[0]);
        land(w, &w->processes[0]);
    }
    fail_msg("the rest was not drained");
}

/* All that is not lost, in one batch, in a lake of its own. */
static void bring_at_once(world *w) {
    static seine_record records[PARTITIONS * RECORDS];
    seine_record_run runs[PARTITIONS];
    size_t count = 0, at = 0;
    make_lake(w, "whole");
    for (int p = 0; p < PARTITIONS; p++) {
        const size_t first = at;
        for (int64_t o = 0; o < w->ends[p]; o++)
            if (!w->is_lost[p][o])
                records[at++] =
                    (seine_record){.payload = seine_str_of(w->text[p][o]), .offset = o, .sent_us = INT64_MIN};
        if (at == first) continue;
        runs[count++] = (seine_record_run){.topic = TOPIC,
                                           .partition = p,
                                           .records = &records[first],
                                           .count = at - first,
                                           .position = SEINE_NO_POSITION,
                                           .next = w->ends[p]};
    }
    if (count > 0 && bring(w, runs, count) != SEINE_OK) fail_msg("%s", w->error.text);
}

static void one_history(world *w, uint64_t seed) {
    seen cut, whole;
    seine_hash128 cut_silver, whole_silver;
    make_world(w, seed);
    w->ends[0] = 5;
    for (uint64_t actions = 60 + chance(w, 60); actions > 0; actions--) act(w);
    drain(w);
    look_at(w, &cut, &cut_silver);
    bring_at_once(w);
    look_at(w, &whole, &whole_silver);
    for (int p = 0; p < PARTITIONS; p++)
        for (int o = 0; o < w->ends[p]; o++)
            if (cut.count[p][o] != !w->is_lost[p][o])
                fail_msg("seed %llu: partition %d, offset %d is %d times in bronze", (unsigned long long)seed, p, o,
                         cut.count[p][o]);
    assert_memory_equal(cut.count, whole.count, sizeof cut.count);
    assert_memory_equal(&cut_silver, &whole_silver, sizeof cut_silver);
    end_world(w);
}

static void any_history_has_each_record_once(void **state) {
    const uint64_t histories = (uint64_t)rounds(60, 16, 8);
    int commits = 0, fenced = 0;
    (void)state;
    world *w = malloc(sizeof *w);
    assert_non_null(w);
    for (uint64_t seed = 1; seed <= histories; seed++) {
        one_history(w, seed);
        commits += w->commits;
        fenced += w->fenced;
    }
    free(w);
    print_message("# %d commits, %d of them fenced off\n", commits, fenced);
    assert_true(fenced > 0); /* otherwise nothing was tried */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_history_has_each_record_once)};
    return cmocka_run_group_tests_name("stream law", tests, NULL, NULL);
}
