/* links: columns core io base */
/*
 * Speed of the gap core, one thread, fixes in memory: the peer of bench/gap_core.sql. Prints one JSON object per form:
 * sorted tracks, scattered rows (grouping and sorting included), and one endless track of a single vessel.
 *
 * Usage: bench_gap_core [ROWS] [REPEATS]     ROWS is a multiple of 10,000
 */
#include "bench_core.h"
#include "columns/group.h"
#include "io/clock.h"
#include "seine/gap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PER_VESSEL 10000
#define SCATTER UINT64_C(7919317) /* has no divisor in common with powers of ten */
#define SECOND_US INT64_C(1000000)
#define EVENTS 1024

typedef struct answer {
    uint64_t gaps;
    double counts[4];
} answer;

typedef struct bench {
    size_t rows, repeats;
    uint32_t *mover;
    int64_t *time_us;
    double *lat_deg, *lon_deg;
    uint8_t *receiver;
    seine_group_columns sorted;
    seine_group_fix *fixes;
    seine_group_key *keys;
    uint64_t *first, *next;
    seine_state state;
} bench;

static void *must_alloc(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL) {
        fputs("bench_gap_core: out of memory\n", stderr);
        abort();
    }
    return memory;
}

/* Row i holds fix (i * stride) mod rows: ten seconds apart, a silence of seven hours in the middle of a vessel. */
static void fill(bench *b, uint64_t stride) {
    for (uint64_t i = 0; i < b->rows; i++) {
        const uint64_t n = i * stride % b->rows;
        const uint64_t vessel = n / PER_VESSEL;
        const int64_t k = (int64_t)(n % PER_VESSEL);
        b->mover[i] = (uint32_t)vessel;
        b->time_us[i] = (k * 10 + (k >= PER_VESSEL / 2 ? 25200 : 0)) * SECOND_US;
        b->lat_deg[i] = (double)vessel * 0.05 - 25.0;
        b->lon_deg[i] = (double)k * 0.01 - 50.0;
        b->receiver[i] = (uint8_t)((vessel * 7 + (uint64_t)k) % 4);
    }
}

static void add_events(const seine_step_out *out, answer *sum) {
    for (size_t i = 0; i < out->pos; i++) {
        for (int m = 0; m < 4; m++) sum->counts[m] += out->events[i].measure[m];
    }
    sum->gaps += out->pos;
}

/* One mover from its first fix to its last. */
static void run_track(bench *b, seine_track track, answer *sum) {
    static seine_event events[EVENTS];
    const seine_gap_config config = seine_gap_config_default();
    while (seine_gap_step.init(&config, &b->state) == SEINE_E_SPACE) grow(&b->state);
    while (track.pos < track.count) {
        seine_step_out out = {events, EVENTS, 0, NULL};
        const seine_status status = seine_gap_step.feed(&config, &b->state, &track, &out);
        if (status == SEINE_E_SPACE) grow(&b->state);
        if (status == SEINE_E_ORDER) abort();
        add_events(&out, sum);
    }
}

static void run_sorted(bench *b, answer *sum) {
    for (size_t at = 0; at < b->rows; at += PER_VESSEL) {
        run_track(b,
                  (seine_track){.time_us = b->time_us + at,
                                .lat_deg = b->lat_deg + at,
                                .lon_deg = b->lon_deg + at,
                                .receiver = b->receiver + at,
                                .count = PER_VESSEL},
                  sum);
    }
}

static void run_unsorted(bench *b, answer *sum) {
    const uint32_t movers = (uint32_t)(b->rows / PER_VESSEL);
    const seine_track input = {
        .time_us = b->time_us, .lat_deg = b->lat_deg, .lon_deg = b->lon_deg, .receiver = b->receiver, .count = b->rows};
    seine_group_count(b->mover, b->rows, movers, b->first);
    for (uint32_t m = 0; m < movers; m++) b->next[m] = b->first[m];
    seine_group_scatter(b->mover, &input, b->next, b->fixes);
    for (uint32_t m = 0; m < movers; m++) {
        const size_t count = (size_t)(b->first[m + 1] - b->first[m]);
        seine_group_sort(b->fixes + b->first[m], count, b->keys, &b->sorted);
        run_track(b,
                  (seine_track){.time_us = b->sorted.time_us,
                                .lat_deg = b->sorted.lat_deg,
                                .lon_deg = b->sorted.lon_deg,
                                .receiver = b->sorted.receiver,
                                .row_ref = b->sorted.row_ref,
                                .count = count},
                  sum);
    }
}

static void run_endless(bench *b, answer *sum) {
    run_track(b,
              (seine_track){.time_us = b->time_us,
                            .lat_deg = b->lat_deg,
                            .lon_deg = b->lon_deg,
                            .receiver = b->receiver,
                            .count = b->rows},
              sum);
}

/* One fix per call, as a stream would bring them. */
static void run_single(bench *b, answer *sum) {
    static seine_event events[EVENTS];
    const seine_gap_config config = seine_gap_config_default();
    while (seine_gap_step.init(&config, &b->state) == SEINE_E_SPACE) grow(&b->state);
    seine_step_out out = {events, EVENTS, 0, NULL};
    seine_track track = {.time_us = b->time_us, .lat_deg = b->lat_deg, .lon_deg = b->lon_deg, .receiver = b->receiver};
    while (track.pos < b->rows) {
        track.count = track.pos + 1;
        const seine_status status = seine_gap_step.feed(&config, &b->state, &track, &out);
        if (status == SEINE_E_SPACE) grow(&b->state);
        if (out.pos < EVENTS) continue;
        add_events(&out, sum);
        out.pos = 0;
    }
    add_events(&out, sum);
}

static void measure(bench *b, const char *form, void (*run)(bench *, answer *)) {
    int64_t elapsed_us[REPEATS_MAX];
    answer sum = {0};
    for (size_t i = 0; i < b->repeats; i++) {
        sum = (answer){0};
        const int64_t start_us = seine_clock_monotonic_us();
        run(b, &sum);
        elapsed_us[i] = seine_clock_monotonic_us() - start_us;
    }
    const double seconds = median_s(elapsed_us, b->repeats);
    printf("{\"bench\": \"gap_core\", \"peer\": \"seine\", \"form\": \"%s\", \"threads\": 1, \"rows\": %zu, "
           "\"seconds\": %.4f, \"rows_per_s\": %.0f, \"gaps\": %" PRIu64 ", \"counts\": [%.0f, %.0f, %.0f, %.0f]}\n",
           form, b->rows, seconds, (double)b->rows / seconds, sum.gaps, sum.counts[0], sum.counts[1], sum.counts[2],
           sum.counts[3]);
    fflush(stdout);
}

static void allocate(bench *b) {
    b->mover = must_alloc(b->rows, sizeof *b->mover);
    b->time_us = must_alloc(b->rows, sizeof *b->time_us);
    b->lat_deg = must_alloc(b->rows, sizeof *b->lat_deg);
    b->lon_deg = must_alloc(b->rows, sizeof *b->lon_deg);
    b->receiver = must_alloc(b->rows, sizeof *b->receiver);
    b->fixes = must_alloc(b->rows, sizeof *b->fixes);
    b->first = must_alloc(b->rows / PER_VESSEL + 1, sizeof *b->first);
    b->next = must_alloc(b->rows / PER_VESSEL + 1, sizeof *b->next);
    b->keys = must_alloc(2 * PER_VESSEL, sizeof *b->keys);
    b->sorted = (seine_group_columns){
        .time_us = must_alloc(PER_VESSEL, sizeof(int64_t)),
        .lat_deg = must_alloc(PER_VESSEL, sizeof(double)),
        .lon_deg = must_alloc(PER_VESSEL, sizeof(double)),
        .receiver = must_alloc(PER_VESSEL, sizeof(uint8_t)),
        .row_ref = must_alloc(PER_VESSEL, sizeof(uint64_t)),
    };
}

static void release(bench *b) {
    void *const all[] = {
        b->mover,           b->time_us,        b->lat_deg,   b->lon_deg,        b->receiver,       b->fixes,
        b->first,           b->next,           b->keys,      b->sorted.time_us, b->sorted.lat_deg, b->sorted.lon_deg,
        b->sorted.receiver, b->sorted.row_ref, b->state.data};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) free(all[i]);
}

/* A vessel that sends a fix every ten seconds for years, silent for seven hours after each 10,000 fixes. */
static void make_endless(bench *b) {
    for (size_t i = 0; i < b->rows; i++) {
        b->time_us[i] = ((int64_t)i * 10 + (int64_t)(i / PER_VESSEL) * 25200) * SECOND_US;
    }
}

int main(int argc, char **argv) {
    bench b = {.rows = 10000000, .repeats = 5};
    if (argc > 1) b.rows = (size_t)strtoull(argv[1], NULL, 10);
    if (argc > 2) b.repeats = (size_t)strtoull(argv[2], NULL, 10);
    if (b.rows == 0 || b.rows % PER_VESSEL != 0 || b.repeats == 0 || b.repeats > REPEATS_MAX) {
        fputs("usage: bench_gap_core [ROWS, a multiple of 10000] [REPEATS, 1 to 99]\n", stderr);
        return 2;
    }
    allocate(&b);
    fill(&b, 1);
    measure(&b, "sorted", run_sorted);
    fill(&b, SCATTER);
    measure(&b, "unsorted", run_unsorted);
    fill(&b, 1);
    make_endless(&b);
    measure(&b, "one endless track", run_endless);
    measure(&b, "one endless track, one fix per call", run_single);
    release(&b);
    return 0;
}
