/* links: columns core io base */
/*
 * Speed of the fishing core, one thread, scored messages in memory, sorted by segment and time: candidates of both
 * chains, their statistics, what of them is kept, and its ids. Prints one JSON object. The peer is bench/fishing.sql,
 * which makes the same messages.
 *
 * Usage: bench_fishing [ROWS] [REPEATS]     ROWS is a multiple of 10,000
 */
#include "bench_core.h"
#include "io/clock.h"
#include "seine/fishing.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PER_SEGMENT ((size_t)10000)
#define EVENTS 1024
#define SECOND_US INT64_C(1000000)
#define NUMBERS 8 /* lat, lon, speed, and the inputs */

enum { LAT, LON, SPEED, INPUTS };

typedef struct bench {
    size_t rows, repeats;
    int64_t *time_us;
    double *number[NUMBERS];
    seine_state state;
} bench;

typedef struct chain_sum {
    uint64_t candidates, kept, messages;
    int64_t duration_us;
    double metres;
    unsigned ids; /* sum of the first digits */
} chain_sum;

static void fill(bench *b) {
    for (size_t row = 0; row < b->rows; row++) {
        const size_t segment = row / PER_SEGMENT, i = row % PER_SEGMENT, k = i + segment * 7;
        const double hours = i == 0 ? (double)NAN : (i % 997 == 0 ? 10800.0 : 300.0) / 3600.0;
        const double metres = i == 0 ? (double)NAN : 440.0 + (double)(k % 7);
        b->time_us[row] = (int64_t)(i * 300 + i / 997 * 10500) * SECOND_US;
        b->number[LAT][row] = (double)(segment % 100) * 0.1 - 45 + (double)i * 0.004;
        b->number[LON][row] = (double)(segment % 300) - 150 + (double)(i % 50) * 0.001;
        b->number[SPEED][row] = 3 + (double)(k % 10) * 0.1;
        b->number[INPUTS + SEINE_FISHING_IN_NNET][row] = k % 101 == 0 ? (double)NAN : (double)(k / 37 % 3 != 0);
        b->number[INPUTS + SEINE_FISHING_IN_NIGHT][row] = (double)(k / 53 % 4 == 0);
        b->number[INPUTS + SEINE_FISHING_IN_METRES][row] = metres;
        b->number[INPUTS + SEINE_FISHING_IN_HOURS][row] = hours;
        b->number[INPUTS + SEINE_FISHING_IN_IMPLIED][row] = metres / hours * 0.00053995;
    }
}

static void judge(const seine_fishing_config *config, size_t segment, const seine_event *event, chain_sum *sum) {
    char id[33], vessel[24];
    sum->candidates++;
    for (unsigned rule = 0; rule < SEINE_FISHING_RULES; rule++)
        if (!seine_fishing_judge(config, event, rule).is_kept) return;
    const int size = snprintf(vessel, sizeof vessel, "%zu", segment);
    seine_fishing_id(vessel, (size_t)size, event->start_us, event->end_us, id);
    sum->kept++;
    sum->messages += (uint64_t)event->measure[SEINE_FISHING_MESSAGES];
    sum->duration_us += event->end_us - event->start_us;
    sum->metres += event->measure[SEINE_FISHING_DISTANCE];
    sum->ids += (unsigned)(id[0] <= '9' ? id[0] - '0' : id[0] - 'a' + 10);
}

static void take(const seine_fishing_config *config, size_t segment, const seine_step_out *out, chain_sum *sums) {
    for (size_t i = 0; i < out->pos; i++) judge(config, segment, &out->events[i], &sums[out->events[i].kind]);
}

static void run_segment(bench *b, size_t segment, chain_sum *sums) {
    static seine_event events[EVENTS];
    static int64_t starts[SEINE_FISHING_COLUMNS][PER_SEGMENT];
    const seine_fishing_config config = seine_fishing_config_default();
    const size_t first = segment * PER_SEGMENT;
    seine_column_in inputs[SEINE_FISHING_INPUTS] = {{NULL}};
    const seine_column_out columns[SEINE_FISHING_COLUMNS] = {{.integer = starts[0]}, {.integer = starts[1]}};
    for (size_t i = 0; i < SEINE_FISHING_IN_COURSE; i++) inputs[i].number = b->number[INPUTS + i] + first;
    seine_track track = {.time_us = b->time_us + first,
                         .lat_deg = b->number[LAT] + first,
                         .lon_deg = b->number[LON] + first,
                         .speed = b->number[SPEED] + first,
                         .count = PER_SEGMENT,
                         .inputs = inputs};
    while (seine_fishing_step.init(&config, &b->state) == SEINE_E_SPACE) grow(&b->state);
    while (track.pos < track.count) {
        seine_step_out out = {events, EVENTS, 0, columns};
        const seine_status status = seine_fishing_step.feed(&config, &b->state, &track, &out);
        if (status == SEINE_E_SPACE) grow(&b->state);
        if (status == SEINE_E_ORDER) abort();
        take(&config, segment, &out, sums);
    }
    seine_step_out out = {events, EVENTS, 0, NULL};
    if (seine_fishing_step.advance(&config, &b->state, INT64_MAX, &out) != SEINE_OK) abort();
    take(&config, segment, &out, sums);
}

static void print_sum(const char *name, const chain_sum *sum) {
    printf(", \"%s\": [%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRId64 ", %.0f, %u]", name, sum->candidates, sum->kept,
           sum->messages, sum->duration_us, sum->metres, sum->ids);
}

static void measure(bench *b) {
    int64_t elapsed_us[REPEATS_MAX];
    chain_sum sums[SEINE_FISHING_CHAINS];
    for (size_t i = 0; i < b->repeats; i++) {
        for (size_t c = 0; c < SEINE_FISHING_CHAINS; c++) sums[c] = (chain_sum){0};
        const int64_t start_us = seine_clock_monotonic_us();
        for (size_t segment = 0; segment < b->rows / PER_SEGMENT; segment++) run_segment(b, segment, sums);
        elapsed_us[i] = seine_clock_monotonic_us() - start_us;
    }
    const double seconds = median_s(elapsed_us, b->repeats);
    printf("{\"bench\": \"fishing\", \"peer\": \"seine\", \"threads\": 1, \"rows\": %zu, \"seconds\": %.4f, "
           "\"rows_per_s\": %.0f",
           b->rows, seconds, (double)b->rows / seconds);
    print_sum("nnet", &sums[SEINE_FISHING_NNET]);
    print_sum("night", &sums[SEINE_FISHING_NIGHT]);
    puts("}");
}

int main(int argc, char **argv) {
    static bench b = {.rows = 10000000, .repeats = 5};
    if (argc > 1) b.rows = (size_t)strtoull(argv[1], NULL, 10);
    if (argc > 2) b.repeats = (size_t)strtoull(argv[2], NULL, 10);
    if (b.rows == 0 || b.rows % PER_SEGMENT != 0 || b.repeats == 0 || b.repeats > REPEATS_MAX) {
        fputs("usage: bench_fishing [ROWS, a multiple of 10000] [REPEATS, 1 to 99]\n", stderr);
        return 2;
    }
    b.time_us = malloc(b.rows * sizeof *b.time_us);
    bool is_made = b.time_us != NULL;
    for (size_t n = 0; n < NUMBERS && is_made; n++) {
        b.number[n] = malloc(b.rows * sizeof *b.number[n]);
        is_made = b.number[n] != NULL;
    }
    if (!is_made) {
        fputs("bench_fishing: out of memory\n", stderr);
        return 1;
    }
    fill(&b);
    measure(&b);
    for (size_t n = 0; n < NUMBERS; n++) free(b.number[n]);
    free(b.time_us);
    free(b.state.data);
    return 0;
}
