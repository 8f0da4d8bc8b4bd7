/* links: columns core io base */
/*
 * Speed of the segment core, one thread, messages in memory: ships under way, each alone under its id; and three ships
 * under one id, with a message in fifty off the track; or those of a file, by the rules of gpsdio-segment 3.0.0. Prints
 * one JSON object per form.
 *
 * Usage: bench_segments [ROWS] [REPEATS]     ROWS is a multiple of 10,000
 *        bench_segments FILE REPEATS         lines of: ssvid,microseconds,lat,lon,speed,course,heading,A or B; by
 * ssvid, then time; an empty number is unknown
 */
#include "bench_core.h"
#include "io/clock.h"
#include "seine/segment.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PER_ID ((size_t)10000)
#define ROWS_MOST ((size_t)2000000)
#define EVENTS 1024
#define SECOND_US INT64_C(1000000)

/* Messages by id. Of those that are made up one id stands for all, since a state knows nothing of others. */
typedef struct bench {
    seine_segment_config config;
    size_t repeats, passes; /* over the messages, of which one takes the time of a repeat */
    size_t count, ids;
    size_t *ends; /* of each id's messages */
    int64_t *time_us;
    double *lat_deg, *lon_deg, *speed, *course, *heading;
    int32_t *transponder;
    uint64_t *id;
    int64_t *start_us, *number, *ship;
    int32_t *class_code, *noise;
    seine_state state;
} bench;

typedef struct answer {
    uint64_t segments, left_out, noise;
} answer;

static void *room_for(size_t rows, size_t size) {
    void *room = calloc(rows, size);
    if (room == NULL) abort();
    return room;
}

static void make_room(bench *b, size_t rows) {
    b->ends = room_for(rows, sizeof *b->ends);
    b->time_us = room_for(rows, sizeof *b->time_us);
    b->lat_deg = room_for(rows, sizeof *b->lat_deg);
    b->lon_deg = room_for(rows, sizeof *b->lon_deg);
    b->speed = room_for(rows, sizeof *b->speed);
    b->course = room_for(rows, sizeof *b->course);
    b->heading = room_for(rows, sizeof *b->heading);
    b->transponder = room_for(rows, sizeof *b->transponder);
    b->id = room_for(rows, sizeof *b->id);
    b->start_us = room_for(rows, sizeof *b->start_us);
    b->number = room_for(rows, sizeof *b->number);
    b->ship = room_for(rows, sizeof *b->ship);
    b->class_code = room_for(rows, sizeof *b->class_code);
    b->noise = room_for(rows, sizeof *b->noise);
}

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
        b->heading[i] = (double)NAN;
        b->transponder[i] = SEINE_TRANSPONDER_A;
        b->id[i] = i + 1;
    }
    b->count = b->ends[0] = PER_ID;
    b->ids = 1;
}

/* The next number of a line; unknown when nothing stands there. */
static double number_of(char **line) {
    char *end = *line;
    const double value = strtod(*line, &end);
    const bool is_known = end > *line;
    *line = *end == ',' ? end + 1 : end;
    return is_known ? value : (double)NAN;
}

static void take_line(bench *b, char *line, double *ssvid) {
    const size_t i = b->count++;
    const double of = number_of(&line);
    if (i > 0 && of != *ssvid) b->ids++;
    *ssvid = of;
    b->time_us[i] = (int64_t)number_of(&line);
    b->lat_deg[i] = number_of(&line);
    b->lon_deg[i] = number_of(&line);
    b->speed[i] = number_of(&line);
    b->course[i] = number_of(&line);
    b->heading[i] = number_of(&line);
    b->transponder[i] = *line == 'B' ? SEINE_TRANSPONDER_B : SEINE_TRANSPONDER_A;
    b->id[i] = i + 1;
    b->ends[b->ids - 1] = b->count;
}

static void read_messages(bench *b, const char *path) {
    char line[512];
    double ssvid = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) abort();
    b->ids = 1;
    while (fgets(line, sizeof line, file) != NULL && b->count < ROWS_MOST) take_line(b, line, &ssvid);
    fclose(file);
}

/* Messages [first, last) of an id. */
static void run_id(bench *b, size_t first, size_t last, answer *sum) {
    static seine_event events[EVENTS];
    const seine_column_out columns[SEINE_SEGMENT_COLUMNS] = {{.integer = b->start_us + first},
                                                             {.integer = b->number + first},
                                                             {.code = b->class_code + first},
                                                             {.code = b->noise + first},
                                                             {.integer = b->ship + first}};
    const seine_column_in inputs[SEINE_SEGMENT_INPUTS] = {{.number = b->course + first},
                                                          {.number = b->heading + first},
                                                          {.code = b->transponder + first},
                                                          {.id = b->id + first}};
    seine_track track = {.time_us = b->time_us + first,
                         .lat_deg = b->lat_deg + first,
                         .lon_deg = b->lon_deg + first,
                         .speed = b->speed + first,
                         .count = last - first,
                         .inputs = inputs};
    while (seine_segment_step.init(&b->config, &b->state) == SEINE_E_SPACE) grow(&b->state);
    while (track.pos < track.count) {
        seine_step_out out = {events, EVENTS, 0, columns};
        const seine_status status = seine_segment_step.feed(&b->config, &b->state, &track, &out);
        if (status == SEINE_E_SPACE) grow(&b->state);
        if (status == SEINE_E_ORDER) abort();
        for (size_t i = 0; i < out.pos; i++) {
            sum->segments += events[i].kind == SEINE_SEGMENT_ENDED;
            sum->left_out += events[i].kind == SEINE_SEGMENT_LEFT_OUT;
        }
    }
    for (size_t i = first; i < last; i++) sum->noise += b->noise[i] >= 0;
    seine_step_out out = {events, EVENTS, 0, NULL};
    if (seine_segment_step.advance(&b->config, &b->state, INT64_MIN, &out) == SEINE_OK) sum->segments += out.pos;
}

static void run_all(bench *b, answer *sum) {
    for (size_t id = 0, first = 0; id < b->ids; first = b->ends[id++]) run_id(b, first, b->ends[id], sum);
}

static void measure(bench *b, const char *form) {
    int64_t elapsed_us[REPEATS_MAX];
    const size_t rows = b->count * b->passes;
    answer sum = {0};
    for (size_t i = 0; i < b->repeats; i++) {
        sum = (answer){0};
        const int64_t start_us = seine_clock_monotonic_us();
        for (size_t pass = 0; pass < b->passes; pass++) run_all(b, &sum);
        elapsed_us[i] = seine_clock_monotonic_us() - start_us;
    }
    const double seconds = median_s(elapsed_us, b->repeats);
    printf("{\"bench\": \"segments\", \"peer\": \"seine\", \"form\": \"%s\", \"threads\": 1, \"rows\": %zu, "
           "\"seconds\": %.4f, \"rows_per_s\": %.0f, \"segments\": %" PRIu64 ", \"left_out\": %" PRIu64
           ", \"noise\": %" PRIu64 "}\n",
           form, rows, seconds, (double)rows / seconds, sum.segments, sum.left_out, sum.noise);
    fflush(stdout);
}

int main(int argc, char **argv) {
    static bench b = {.repeats = 5, .passes = 1000};
    const bool is_file = argc > 1 && strspn(argv[1], "0123456789") != strlen(argv[1]);
    b.config = seine_segment_config_default();
    if (argc > 1 && !is_file) b.passes = (size_t)strtoull(argv[1], NULL, 10) / PER_ID;
    if (argc > 2) b.repeats = (size_t)strtoull(argv[2], NULL, 10);
    if (b.passes == 0 || b.repeats == 0 || b.repeats > REPEATS_MAX) {
        fputs("usage: bench_segments [ROWS, a multiple of 10000; or FILE] [REPEATS, 1 to 99]\n", stderr);
        return 2;
    }
    make_room(&b, is_file ? ROWS_MOST : PER_ID);
    if (is_file) {
        b.passes = 1;
        b.config.first_weights = true;
        b.config.remembered = SEINE_SEGMENT_REMEMBERED_MOST;
        read_messages(&b, argv[1]);
        measure(&b, "of a file");
        return 0;
    }
    fill(&b, 1, 0);
    measure(&b, "one ship per id");
    fill(&b, 3, 50);
    measure(&b, "three ships under one id, one message in fifty off");
    return 0;
}
