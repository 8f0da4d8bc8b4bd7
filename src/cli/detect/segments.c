/*
 * From the message table to segments: each mover's track goes through the segment step; a message's row says where it
 * went when it came, and the step's events, applied to the rows, what later messages made of it.
 */
#include "base/array.h"
#include "base/try.h"
#include "cli/detect/tracks.h"

#include <math.h>
#include <stdlib.h>

#define EVENTS 2048 /* more than one message can give */
#define SEGMENTS_MAX ((size_t)1 << 32)
#define PROGRESS_EVERY 1024
#define MICROSECONDS 1e6

enum { FIELD_SPEED, FIELD_COURSE, FIELD_HEADING, FIELD_TYPE, FIELD_ID };

const seine_messages_field seine_detect_segment_fields[SEINE_DETECT_SEGMENT_FIELDS] = {
    [FIELD_SPEED] = {"speed", false}, [FIELD_COURSE] = {"course", false}, [FIELD_HEADING] = {"heading", false},
    [FIELD_TYPE] = {"type", true},    [FIELD_ID] = {"msgid", true},
};

static const char *const TYPES[] = {"AIS.1", "AIS.2", "AIS.3", "AIS.18", "AIS.19", "AIS.27", "VMS"};
#define TYPE_COUNT (sizeof TYPES / sizeof *TYPES)

/* One mover's messages as the step takes and gives them. */
typedef struct columns {
    uint32_t *row;
    int64_t *time_us;
    double *lat_deg, *lon_deg, *speed, *course, *heading;
    int32_t *transponder;
    uint64_t *id, *row_ref;
    int64_t *start_us, *number, *ship;
    int32_t *class_code, *noise;
} columns;

/* What the messages of a segment were told: 0 = no ship. */
typedef struct told {
    int64_t reach_us; /* those from here on are of `ship` */
    uint32_t ship;
    bool has_earlier; /* and those before were told `earlier` before that */
    uint32_t earlier;
} told;

typedef struct run {
    seine_detect *detect;
    seine_detect_tracks tracks;
    seine_arena arena; /* of columns and events */
    columns c;
    seine_event *events;
    uint64_t type_hash[TYPE_COUNT];
    seine_dict ended;   /* segments of the mover: time and number */
    seine_dict of_ship; /* the same, of those that were told a ship */
    told *ships;        /* by code */
    size_t ship_capacity;
    seine_error *error;
} run;

/* ---- messages as columns --------------------------------------------------------------------------------------- */

static seine_status make_room(run *r) {
    const size_t n = r->tracks.longest + 1;
    r->c = (columns){.row = SEINE_ARENA_ARRAY(&r->arena, uint32_t, n),
                     .time_us = SEINE_ARENA_ARRAY(&r->arena, int64_t, n),
                     .lat_deg = SEINE_ARENA_ARRAY(&r->arena, double, n),
                     .lon_deg = SEINE_ARENA_ARRAY(&r->arena, double, n),
                     .speed = SEINE_ARENA_ARRAY(&r->arena, double, n),
                     .course = SEINE_ARENA_ARRAY(&r->arena, double, n),
                     .heading = SEINE_ARENA_ARRAY(&r->arena, double, n),
                     .transponder = SEINE_ARENA_ARRAY(&r->arena, int32_t, n),
                     .id = SEINE_ARENA_ARRAY(&r->arena, uint64_t, n),
                     .row_ref = SEINE_ARENA_ARRAY(&r->arena, uint64_t, n),
                     .start_us = SEINE_ARENA_ARRAY(&r->arena, int64_t, n),
                     .number = SEINE_ARENA_ARRAY(&r->arena, int64_t, n),
                     .ship = SEINE_ARENA_ARRAY(&r->arena, int64_t, n),
                     .class_code = SEINE_ARENA_ARRAY(&r->arena, int32_t, n),
                     .noise = SEINE_ARENA_ARRAY(&r->arena, int32_t, n)};
    r->events = SEINE_ARENA_ARRAY(&r->arena, seine_event, EVENTS);
    const columns *c = &r->c;
    const void *const all[] = {c->row,     c->time_us,     c->lat_deg, c->lon_deg, c->speed,    c->course,
                               c->heading, c->transponder, c->id,      c->row_ref, c->start_us, c->number,
                               c->ship,    c->class_code,  c->noise,   r->events};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] == NULL) return seine_no_memory(r->error, "detect");
    return SEINE_OK;
}

static void free_run(run *r) {
    seine_arena_free(&r->arena);
    seine_detect_tracks_close(&r->tracks);
    seine_dict_free(&r->ended);
    seine_dict_free(&r->of_ship);
    free(r->ships);
}

static int32_t transponder_of(const run *r, uint64_t hash) {
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (hash == r->type_hash[i]) return seine_transponder_of_type(TYPES[i], strlen(TYPES[i]));
    return 0;
}

static seine_status take_columns(run *r, uint32_t mover, size_t count) {
    columns *c = &r->c;
    SEINE_TRY(seine_detect_tracks_take(&r->tracks, mover, c->row, c->time_us));
    for (size_t i = 0; i < count; i++) {
        const seine_message *message = &r->tracks.rows[c->row[i]];
        const seine_messages_value *values = seine_messages_values(&r->detect->messages, c->row[i]);
        c->time_us[i] = llround(message->time_s * MICROSECONDS);
        c->lat_deg[i] = message->lat_deg;
        c->lon_deg[i] = message->lon_deg;
        c->speed[i] = values[FIELD_SPEED].number;
        c->course[i] = values[FIELD_COURSE].number;
        c->heading[i] = values[FIELD_HEADING].number;
        c->transponder[i] = transponder_of(r, values[FIELD_TYPE].text);
        c->id[i] = values[FIELD_ID].text;
        c->row_ref[i] = c->row[i];
    }
    return SEINE_OK;
}

/* ---- verdicts -------------------------------------------------------------------------------------------------- */

static seine_str key_of(const int64_t key[2]) { return (seine_str){(const char *)key, 2 * sizeof *key}; }

static seine_status note_ship(run *r, const int64_t key[2], const seine_event *event) {
    const double ship = event->measure[SEINE_SEGMENT_EVENT_SHIP];
    const size_t known = r->of_ship.count;
    uint32_t code = 0;
    if (seine_dict_intern(&r->of_ship, key_of(key), &code) != SEINE_OK ||
        SEINE_ARRAY_ROOM(r->ships, (size_t)code, r->ship_capacity, 1, SEGMENTS_MAX) != SEINE_OK)
        return seine_no_memory(r->error, "segments of a mover");
    const bool has_earlier = code < known;
    r->ships[code] = (told){.reach_us = seine_segment_ship_reach(event),
                            .ship = isnan(ship) ? 0 : (uint32_t)ship,
                            .has_earlier = has_earlier,
                            .earlier = has_earlier ? r->ships[code].ship : 0};
    return SEINE_OK;
}

static uint32_t ship_of(const told *t, int64_t time_us, uint32_t own) {
    if (time_us >= t->reach_us) return t->ship;
    return t->has_earlier ? t->earlier : own;
}

/* Events are applied behind the rows: a message may be left out in the very call that took it. */
static seine_status note_events(void *context, const seine_event *events, size_t count) {
    run *r = context;
    for (size_t i = 0; i < count; i++) {
        const seine_event *event = &events[i];
        const int64_t number = (int64_t)event->measure[SEINE_SEGMENT_EVENT_NUMBER];
        if (event->kind == SEINE_SEGMENT_LEFT_OUT) {
            r->detect->verdicts[event->start_ref] =
                (seine_detect_verdict){.start_us = event->start_us,
                                       .number = (uint32_t)number,
                                       .segment_class = SEINE_SEGMENT_DISCARDED,
                                       .noise = (int8_t)event->measure[SEINE_SEGMENT_EVENT_NOISE],
                                       .is_wanted = true};
            r->detect->counts.left_out++;
            continue;
        }
        const int64_t key[2] = {event->start_us, number};
        if (event->kind == SEINE_SEGMENT_OF_SHIP) {
            SEINE_TRY(note_ship(r, key, event));
            continue;
        }
        uint32_t code = 0;
        if (seine_dict_intern(&r->ended, key_of(key), &code) != SEINE_OK)
            return seine_no_memory(r->error, "segments of a mover");
    }
    return SEINE_OK;
}

/* Rows become verdicts, unless an event has said more. */
static void keep_rows(run *r, size_t count) {
    const columns *c = &r->c;
    int64_t last[2] = {SEINE_INTEGER_NULL, 0};
    uint32_t code = SEINE_CODE_NULL; /* in of_ship */
    bool is_ended = false;
    for (size_t i = 0; i < count; i++) {
        seine_detect_verdict *verdict = &r->detect->verdicts[c->row[i]];
        if (verdict->segment_class == SEINE_SEGMENT_DISCARDED) continue;
        *verdict = (seine_detect_verdict){.start_us = c->start_us[i],
                                          .number = (uint32_t)c->number[i],
                                          .ship = c->ship[i] != SEINE_INTEGER_NULL ? (uint32_t)c->ship[i] : 0,
                                          .segment_class = (int8_t)c->class_code[i],
                                          .noise = (int8_t)c->noise[i],
                                          .is_wanted = true};
        if (!seine_segment_is_good(c->class_code[i])) continue;
        if (last[0] != c->start_us[i] || last[1] != c->number[i]) {
            last[0] = c->start_us[i];
            last[1] = c->number[i];
            is_ended = seine_dict_find(&r->ended, key_of(last)) != SEINE_CODE_NULL;
            code = seine_dict_find(&r->of_ship, key_of(last));
        }
        if (code != SEINE_CODE_NULL) verdict->ship = ship_of(&r->ships[code], c->time_us[i], verdict->ship);
        if (is_ended) verdict->segment_class = SEINE_SEGMENT_CLOSED;
    }
}

static void count_rows(run *r, size_t count) {
    seine_detect_segment_counts *counts = &r->detect->counts;
    for (size_t i = 0; i < count; i++) {
        const int8_t class_code = r->detect->verdicts[r->c.row[i]].segment_class;
        counts->noise += class_code == SEINE_SEGMENT_BAD || class_code == SEINE_SEGMENT_INFO;
        counts->passed_over += class_code < 0;
    }
    counts->messages += count;
}

static seine_status count_segments(run *r) {
    seine_detect_segment_counts *counts = &r->detect->counts;
    seine_step_out out = {.events = r->events, .capacity = EVENTS};
    SEINE_TRY(seine_segment_step.advance(&r->detect->options.segment, &r->tracks.state, INT64_MIN, &out));
    counts->open += out.pos;
    counts->segments += r->ended.count + out.pos;
    return SEINE_OK;
}

/* ---- all movers ------------------------------------------------------------------------------------------------ */

static seine_status run_mover(run *r, uint32_t mover) {
    const seine_segment_config *config = &r->detect->options.segment;
    const columns *c = &r->c;
    const size_t count = seine_detect_tracks_size(&r->tracks, mover);
    SEINE_TRY(take_columns(r, mover, count));
    SEINE_TRY(seine_detect_tracks_work(&r->tracks, count + 1));
    const seine_column_in inputs[SEINE_SEGMENT_INPUTS] = {[SEINE_SEGMENT_IN_COURSE] = {.number = c->course},
                                                          [SEINE_SEGMENT_IN_HEADING] = {.number = c->heading},
                                                          [SEINE_SEGMENT_IN_TRANSPONDER] = {.code = c->transponder},
                                                          [SEINE_SEGMENT_IN_ID] = {.id = c->id}};
    const seine_column_out out[SEINE_SEGMENT_COLUMNS] = {[SEINE_SEGMENT_START] = {.integer = c->start_us},
                                                         [SEINE_SEGMENT_NUMBER] = {.integer = c->number},
                                                         [SEINE_SEGMENT_CLASS] = {.code = c->class_code},
                                                         [SEINE_SEGMENT_NOISE] = {.code = c->noise},
                                                         [SEINE_SEGMENT_SHIP] = {.integer = c->ship}};
    seine_track view = {.time_us = c->time_us,
                        .lat_deg = c->lat_deg,
                        .lon_deg = c->lon_deg,
                        .speed = c->speed,
                        .row_ref = c->row_ref,
                        .count = count,
                        .inputs = inputs};
    seine_step_out room = {.events = r->events, .capacity = EVENTS, .columns = out};
    seine_dict_free(&r->ended);
    seine_dict_free(&r->of_ship);
    SEINE_TRY(seine_detect_tracks_init(&r->tracks, &seine_segment_step, config));
    SEINE_TRY(seine_detect_tracks_feed(&r->tracks, &seine_segment_step, config, &view, &room, note_events, r));
    keep_rows(r, count);
    count_rows(r, count);
    return count_segments(r);
}

seine_status seine_detect_run_segments(seine_detect *detect, seine_error *error) {
    run r SEINE_OWNED(free_run) = {.detect = detect, .error = error};
    size_t row_count = 0;
    (void)seine_messages_rows(&detect->messages, &row_count);
    detect->verdicts = calloc(row_count + 1, sizeof *detect->verdicts);
    if (detect->verdicts == NULL) return seine_no_memory(error, "detect");
    SEINE_TRY(seine_detect_tracks_open(detect, SEINE_DETECT_WHOLE_MOVER, &r.tracks, error));
    SEINE_TRY(make_room(&r));
    for (size_t i = 0; i < TYPE_COUNT; i++) r.type_hash[i] = seine_messages_text_hash(seine_str_of(TYPES[i]));
    for (uint32_t mover = 0; mover < r.tracks.count; mover++) {
        if (mover % PROGRESS_EVERY == 0)
            seine_progress_report(detect->progress, "finding segments", mover, r.tracks.count);
        SEINE_TRY(seine_detect_tracks_work(&r.tracks, 1));
        if (seine_detect_tracks_wants(&r.tracks, mover)) SEINE_TRY(run_mover(&r, mover));
    }
    return SEINE_OK;
}

void seine_detect_free_segments(seine_detect *detect) { free(detect->verdicts); }

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static bool is_ours(seine_str key) {
    static const char *const ours[] = {"seg_id", "seg_class", "noise", "ship_no"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (seine_str_equal(key, seine_str_of(ours[i]))) return true;
    return false;
}

static seine_status put_segment_id(seine_detect_rows *rows, const seine_message *message,
                                   const seine_detect_verdict *verdict, seine_json_writer *w) {
    char tail[64];
    const seine_str ssvid = seine_messages_ssvid(&rows->detect->messages, message->mover);
    const size_t size = seine_segment_id_tail(verdict->start_us, verdict->number, tail);
    seine_buf_clear(&rows->key);
    SEINE_TRY(seine_buf_append(&rows->key, ssvid.data, ssvid.size));
    SEINE_TRY(seine_buf_append(&rows->key, tail, size));
    seine_json_field_str(w, "seg_id", seine_buf_str(&rows->key));
    return SEINE_OK;
}

static seine_status put_fields(seine_detect_rows *rows, const seine_message *message, seine_json_writer *w) {
    for (size_t i = 0; i < rows->off.count; i++) {
        const seine_detect_field *field = &rows->off.fields[i];
        if (is_ours(field->key)) continue;
        seine_json_key(w, field->key);
        seine_detect_put_value(rows->detect, w, field->key, field->value, message->time_s);
        if (!seine_pace_go(rows->detect->pace, 1)) return SEINE_E_INTERRUPTED;
    }
    return SEINE_OK;
}

static seine_status put_segmented(seine_detect_rows *rows, uint32_t row, seine_json_value object,
                                  seine_json_writer *w) {
    size_t count = 0;
    const seine_message *message = seine_messages_rows(&rows->detect->messages, &count) + row;
    const seine_detect_verdict *verdict = &rows->detect->verdicts[row];
    SEINE_TRY(seine_detect_fields_take(&rows->off, object, rows->detect->pace));
    seine_json_begin_object(w);
    SEINE_TRY(put_fields(rows, message, w));
    if (verdict->segment_class < 0) {
        seine_json_field_null(w, "seg_id");
        seine_json_field_null(w, "seg_class");
    } else {
        SEINE_TRY(put_segment_id(rows, message, verdict, w));
        seine_json_field_text(w, "seg_class", seine_segment_class_text((seine_segment_class)verdict->segment_class));
    }
    seine_json_field_text(w, "noise",
                          verdict->noise < 0 ? NULL : seine_segment_noise_text((seine_segment_noise)verdict->noise));
    if (verdict->ship > 0)
        seine_json_field_int(w, "ship_no", verdict->ship);
    else
        seine_json_field_null(w, "ship_no");
    seine_json_end_object(w);
    return w->status;
}

seine_status seine_detect_put_segmented(seine_detect_rows *rows, uint32_t row, seine_json_writer *w,
                                        seine_error *error) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(seine_detect_parse_message(rows->detect, row, &json, error));
    const seine_status status = put_segmented(rows, row, seine_json_root(json), w);
    if (status == SEINE_OK) return SEINE_OK;
    if (status == SEINE_E_INTERRUPTED) return seine_fail(error, status, "interrupted");
    return seine_fail(error, status, "row too large, or out of memory");
}
