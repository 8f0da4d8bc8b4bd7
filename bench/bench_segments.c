/* links: columns core io base */
/*
 * Speed of the segment core, one thread, messages in memory: ships under way, each alone under its id; and three ships
 * under one id, with a message in fifty off the track. Prints one JSON object per form.
 *
 * Usage: bench_segments [ROWS] [REPEATS]     ROWS is a multiple of 10,000
 */
#include "bench_core.h"
#include "io/clock.h"
#include "seine/segment.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PER_ID ((size_t)10000)
#define EVENTS 1024
#define SECOND_US INT64_C(1000000)

/* Messages of one id; the same for all of them, since a state knows nothing of others. */
typedef struct bench {
    size_t rows, repeats;
    int64_t time_us[PER_ID];
    double lat_deg[PER_ID], lon_deg[PER_ID], speed[PER_ID], course[PER_ID];
    int32_t transponder[PER_ID];
    uint64_t id[PER_ID];
    int64_t start_us[PER_ID], number[PER_ID], ship[PER_ID];
    int32_t class_code[PER_ID], noise[PER_ID];
    seine_state state;
} bench;

typedef struct answer {
    uint64_t segments, left_out, noise;
} answer;

/* A minute apart, on a slow zigzag; row i belongs to ship i % ships. */
static void fill(bench *b, size_t ships, size_t off_every) {
    for (size_t i = 0; i < PER_ID; i++) {
        const double t = (double)i / 60.0, turn = sin((double)i / 300.0);
        const double jump = off_every > 0 && i % off_every == off_every - 1 ? 0.05 : 0;
        b->time_us[i] = (int64_t)i * 60 * SECOND_US;
        b->lat_deg[i] = (double)(i % ships) * 5 + t * 12.0 / 60.0 * 0.5 + jump;
        b->lon_deg[i] = -40 + 0.2 * turn;
        b->speed[i] = 6 + 0.01 * (double)(i % 10);
        b->course[i] = turn < 0 ? 355.5 : 4.5;
        b->transponder[i] = SEINE_TRANSPONDER_A;
        b->id[i] = i + 1;
    }
}

static void run_id(bench *b, answer *sum) {
    static seine_event events[EVENTS];
    const seine_segment_config config = seine_segment_config_default();
    const seine_column_out columns[SEINE_SEGMENT_COLUMNS] = {{.integer = b->start_us},
                                                             {.integer = b->number},
                                                             {.code = b->class_code},
                                                             {.code = b->noise},
                                                             {.integer = b->ship}};
    const seine_column_in inputs[SEINE_SEGMENT_INPUTS] = {
        {.number = b->course}, {.number = NULL}, {.code = b->transponder}, {.id = b->id}};
    seine_track track = {.time_us = b->time_us,
                         .lat_deg = b->lat_deg,
                         .lon_deg = b->lon_deg,
                         .speed = b->speed,
                         .count = PER_ID,
                         .inputs = inputs};
    while (seine_segment_step.init(&config, &b->state) == SEINE_E_SPACE) grow(&b->state);
    while (track.pos < track.count) {
        seine_step_out out = {events, EVENTS, 0, columns};
        const seine_status status = seine_segment_step.feed(&config, &b->state, &track, &out);
        if (status == SEINE_E_SPACE) grow(&b->state);
        if (status == SEINE_E_ORDER) abort();
        for (size_t i = 0; i < out.pos; i++) {
            sum->segments += events[i].kind == SEINE_SEGMENT_ENDED;
            sum->left_out += events[i].kind == SEINE_SEGMENT_LEFT_OUT;
        }
    }
    for (size_t i = 0; i < PER_ID; i++) sum->noise += b->noise[i] >= 0;
    seine_step_out out = {events, EVENTS, 0, NULL};
    if (seine_segment_step.advance(&config, &b->state, INT64_MIN, &out) == SEINE_OK) sum->segments += out.pos;
}

static void measure(bench *b, const char *form) {
    int64_t elapsed_us[REPEATS_MAX];
    answer sum = {0};
    for (size_t i = 0; i < b->repeats; i++) {
        sum = (answer){0};
        const int64_t start_us = seine_clock_monotonic_us();
        for (size_t at = 0; at < b->rows; at += PER_ID) run_id(b, &sum);
        elapsed_us[i] = seine_clock_monotonic_us() - start_us;
    }
    const double seconds = median_s(elapsed_us, b->repeats);
    printf("{\"bench\": \"segments\", \"peer\": \"seine\", \"form\": \"%s\", \"threads\": 1, \"rows\": %zu, "
           "\"seconds\": %.4f, \"rows_per_s\": %.0f, \"segments\": %" PRIu64 ", \"left_out\": %" PRIu64
           ", \"noise\": %" PRIu64 "}\n",
           form, b->rows, seconds, (double)b->rows / seconds, sum.segments, sum.left_out, sum.noise);
    fflush(stdout);
}

int main(int argc, char **argv) {
    static bench b = {.rows = 10000000, .repeats = 5};
    if (argc > 1) b.rows = (size_t)strtoull(argv[1], NULL, 10);
    if (argc > 2) b.repeats = (size_t)strtoull(argv[2], NULL, 10);
    if (b.rows == 0 || b.rows % PER_ID != 0 || b.repeats == 0 || b.repeats > REPEATS_MAX) {
        fputs("usage: bench_segments [ROWS, a multiple of 10000] [REPEATS, 1 to 99]\n", stderr);
        return 2;
    }
    fill(&b, 1, 0);
    measure(&b, "one ship per id");
    fill(&b, 3, 50);
    measure(&b, "three ships under one id, one message in fifty off");
    free(b.state.data);
    return 0;
}
