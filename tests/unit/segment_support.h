/* Shared by the tests of segments: messages as columns, and what the step gives each of them. */
#ifndef TESTS_UNIT_SEGMENT_SUPPORT_H
#define TESTS_UNIT_SEGMENT_SUPPORT_H

#include "unit/core_support.h"

#include "base/hash.h"
#include "io/reader.h"
#include "seine/segment.h"

#include <math.h>
#include <string.h>

#define MESSAGES_MOST 4096

typedef struct messages {
    int64_t time_us[MESSAGES_MOST];
    double lat_deg[MESSAGES_MOST], lon_deg[MESSAGES_MOST], speed[MESSAGES_MOST];
    double course[MESSAGES_MOST], heading[MESSAGES_MOST];
    int32_t transponder[MESSAGES_MOST];
    uint64_t id[MESSAGES_MOST];
    size_t count;
} messages;

/* What became of each message, events told. */
typedef struct verdicts {
    int64_t start_us[MESSAGES_MOST], number[MESSAGES_MOST], ship[MESSAGES_MOST];
    int32_t class_code[MESSAGES_MOST], noise[MESSAGES_MOST];
    size_t ended, left_out;
} verdicts;

static inline seine_track track_of_messages(const messages *m, seine_column_in inputs[SEINE_SEGMENT_INPUTS]) {
    inputs[SEINE_SEGMENT_IN_COURSE].number = m->course;
    inputs[SEINE_SEGMENT_IN_HEADING].number = m->heading;
    inputs[SEINE_SEGMENT_IN_TRANSPONDER].code = m->transponder;
    inputs[SEINE_SEGMENT_IN_ID].id = m->id;
    return (seine_track){.time_us = m->time_us,
                         .lat_deg = m->lat_deg,
                         .lon_deg = m->lon_deg,
                         .speed = m->speed,
                         .count = m->count,
                         .inputs = inputs};
}

/* Of an event's message: by its row, or by its time and segment where the row is not known any more. */
static inline void tell_left_out(verdicts *v, const messages *m, const seine_event *event) {
    size_t row = (size_t)event->start_ref;
    if (event->start_ref == SEINE_REF_UNKNOWN)
        for (row = 0; row < m->count; row++)
            if (m->time_us[row] == event->start_us && m->lat_deg[row] == event->start_lat_deg &&
                m->lon_deg[row] == event->start_lon_deg && seine_segment_is_good(v->class_code[row]))
                break;
    assert_true(row < m->count);
    v->start_us[row] = event->start_us;
    v->number[row] = (int64_t)event->measure[SEINE_SEGMENT_EVENT_NUMBER];
    v->class_code[row] = SEINE_SEGMENT_DISCARDED;
    v->ship[row] = SEINE_INTEGER_NULL;
    v->left_out++;
}

static inline void tell_ended(verdicts *v, const messages *m, const seine_event *event) {
    const int64_t number = (int64_t)event->measure[SEINE_SEGMENT_EVENT_NUMBER];
    for (size_t i = 0; i < m->count && m->time_us[i] <= event->end_us; i++)
        if (seine_segment_is_good(v->class_code[i]) && v->start_us[i] == event->start_us && v->number[i] == number)
            v->class_code[i] = SEINE_SEGMENT_CLOSED;
    v->ended++;
}

/* All so far that are of the segment; those to come are of it in their rows. */
static inline void tell_ship(verdicts *v, const messages *m, const seine_event *event) {
    const int64_t number = (int64_t)event->measure[SEINE_SEGMENT_EVENT_NUMBER];
    const double ship = event->measure[SEINE_SEGMENT_EVENT_SHIP];
    for (size_t i = 0; i < m->count && m->time_us[i] <= event->end_us; i++)
        if (seine_segment_is_good(v->class_code[i]) && v->start_us[i] == event->start_us && v->number[i] == number)
            v->ship[i] = isnan(ship) ? SEINE_INTEGER_NULL : (int64_t)ship;
}

static inline void tell_events(verdicts *v, const messages *m, const seine_step_out *out) {
    for (size_t i = 0; i < out->pos; i++) {
        if (out->events[i].kind == SEINE_SEGMENT_LEFT_OUT)
            tell_left_out(v, m, &out->events[i]);
        else if (out->events[i].kind == SEINE_SEGMENT_OF_SHIP)
            tell_ship(v, m, &out->events[i]);
        else
            tell_ended(v, m, &out->events[i]);
    }
}

/* Feeds rows [track->pos, end); row 0 of the columns is row 0 of the messages. */
static inline void feed_messages(const seine_segment_config *config, seine_state *state, seine_track *track,
                                 const messages *m, size_t end, verdicts *v) {
    static seine_event events[256];
    const seine_column_out columns[SEINE_SEGMENT_COLUMNS] = {{.integer = v->start_us},
                                                             {.integer = v->number},
                                                             {.code = v->class_code},
                                                             {.code = v->noise},
                                                             {.integer = v->ship}};
    while (track->pos < end) {
        seine_step_out out = {events, 256, 0, columns};
        const seine_status status = feed_to(&seine_segment_step, config, state, track, end, &out);
        assert_true(status == SEINE_OK || (status == SEINE_E_FULL && out.pos > 0));
        tell_events(v, m, &out);
    }
}

static inline void segment_all(seine_segment_config config, const messages *m, verdicts *v) {
    seine_column_in inputs[SEINE_SEGMENT_INPUTS];
    seine_track track = track_of_messages(m, inputs);
    seine_state state = new_state(&seine_segment_step, &config);
    v->ended = v->left_out = 0;
    feed_messages(&config, &state, &track, m, m->count, v);
    free(state.data);
}

/* ---- the real tracks ---- */

static inline double number_or_nan(seine_json_value object, const char *key) {
    return seine_json_number(seine_json_get(object, key), NAN);
}

static inline void add_message(messages *m, seine_json_value object) {
    const seine_str type = seine_json_text(seine_json_get(object, "type"));
    const seine_str id = seine_json_text(seine_json_get(object, "msgid"));
    const size_t i = m->count++;
    assert_true(m->count <= MESSAGES_MOST);
    assert_true(seine_time_parse(seine_json_text(seine_json_get(object, "timestamp")), &m->time_us[i]));
    m->lat_deg[i] = number_or_nan(object, "lat");
    m->lon_deg[i] = number_or_nan(object, "lon");
    m->speed[i] = number_or_nan(object, "speed");
    m->course[i] = number_or_nan(object, "course");
    m->heading[i] = number_or_nan(object, "heading");
    m->transponder[i] = type.size > 0 ? seine_transponder_of_type(type.data, type.size) : 0;
    m->id[i] = id.size > 0 ? seine_hash64(id.data, id.size) : 0;
}

static inline void read_packed(const char *path, seine_buf *text) {
    seine_reader *reader = NULL;
    const char *member = NULL;
    seine_buf_init(text, 64 << 20);
    assert_int_equal(seine_reader_open(path, &reader, NULL), SEINE_OK);
    assert_int_equal(seine_reader_member(reader, &member, NULL), SEINE_OK);
    for (size_t got = 1; got > 0; text->size += got) {
        assert_int_equal(seine_buf_reserve(text, 65536), SEINE_OK);
        assert_int_equal(seine_reader_read(reader, text->data + text->size, 65536, &got, NULL), SEINE_OK);
    }
    seine_reader_close(reader);
}

static inline void read_messages(const char *path, messages *m) {
    seine_buf text;
    read_packed(path, &text);
    m->count = 0;
    for (char *line = seine_buf_text(&text), *next; *line != '\0'; line = next) {
        seine_json *json = NULL;
        next = strchr(line, '\n');
        assert_non_null(next);
        const seine_str object = {line, (size_t)(next++ - line)};
        assert_int_equal(seine_json_parse(object, path, &json, NULL), SEINE_OK);
        add_message(m, seine_json_root(json));
        seine_json_free(json);
    }
    seine_buf_free(&text);
}

#endif
