/* Shared by the tests of fishing: messages of one segment as columns, the events and rows that the step gives. */
#ifndef TESTS_UNIT_FISHING_SUPPORT_H
#define TESTS_UNIT_FISHING_SUPPORT_H

#include "unit/core_support.h"

#include "seine/fishing.h"

#include <math.h>
#include <string.h>

#define MESSAGES_MOST 4096

typedef struct messages {
    int64_t time_us[MESSAGES_MOST];
    double lat_deg[MESSAGES_MOST], lon_deg[MESSAGES_MOST], speed[MESSAGES_MOST];
    double nnet[MESSAGES_MOST], night[MESSAGES_MOST];
    double metres[MESSAGES_MOST], hours[MESSAGES_MOST], implied[MESSAGES_MOST];
    uint64_t ref[MESSAGES_MOST];
    double course[MESSAGES_MOST], type[MESSAGES_MOST]; /* these and the gear are looked at by rules only */
    int32_t gear[MESSAGES_MOST];
    size_t count;
} messages;

typedef struct answer {
    int64_t start_us[SEINE_FISHING_CHAINS][MESSAGES_MOST];
    seine_event events[MESSAGES_MOST];
    size_t count;
} answer;

static inline seine_track track_of_messages(const messages *m, seine_column_in inputs[SEINE_FISHING_INPUTS]) {
    for (size_t i = 0; i < SEINE_FISHING_INPUTS; i++) inputs[i].number = NULL;
    inputs[SEINE_FISHING_IN_COURSE].number = m->course;
    inputs[SEINE_FISHING_IN_TYPE].number = m->type;
    inputs[SEINE_FISHING_IN_GEAR].code = m->gear;
    inputs[SEINE_FISHING_IN_NNET].number = m->nnet;
    inputs[SEINE_FISHING_IN_NIGHT].number = m->night;
    inputs[SEINE_FISHING_IN_METRES].number = m->metres;
    inputs[SEINE_FISHING_IN_HOURS].number = m->hours;
    inputs[SEINE_FISHING_IN_IMPLIED].number = m->implied;
    return (seine_track){.time_us = m->time_us,
                         .lat_deg = m->lat_deg,
                         .lon_deg = m->lon_deg,
                         .speed = m->speed,
                         .row_ref = m->ref,
                         .count = m->count,
                         .inputs = inputs};
}

/* Feeds rows [track->pos, end); as little room as one message needs, so that it is asked for again and again. */
static inline void feed_messages(const seine_fishing_config *config, seine_state *state, seine_track *track, size_t end,
                                 answer *a) {
    const seine_column_out columns[SEINE_FISHING_COLUMNS] = {{.integer = a->start_us[0]}, {.integer = a->start_us[1]}};
    while (track->pos < end) {
        seine_step_out out = {a->events + a->count, SEINE_FISHING_CHAINS, 0, columns};
        const seine_status status = feed_to(&seine_fishing_step, config, state, track, end, &out);
        assert_true(status == SEINE_OK || status == SEINE_E_FULL);
        a->count += out.pos;
        assert_true(a->count + SEINE_FISHING_CHAINS <= MESSAGES_MOST);
    }
}

/* What is still open is told last. */
static inline void tell_open(const seine_fishing_config *config, const seine_state *state, int64_t watermark_us,
                             answer *a) {
    seine_step_out out = {a->events + a->count, SEINE_FISHING_CHAINS, 0, NULL};
    assert_int_equal(seine_fishing_step.advance(config, state, watermark_us, &out), SEINE_OK);
    a->count += out.pos;
}

static inline void find_events(seine_fishing_config config, const messages *m, answer *a) {
    seine_column_in inputs[SEINE_FISHING_INPUTS];
    seine_track track = track_of_messages(m, inputs);
    seine_state state = new_state(&seine_fishing_step, &config);
    a->count = 0;
    feed_messages(&config, &state, &track, m->count, a);
    tell_open(&config, &state, INT64_MIN, a);
    free(state.data);
}

#endif
