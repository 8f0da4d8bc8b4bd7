/*
 * From the message table to events of fishing: the messages of each mover and segment go through the fishing step,
 * whose candidates are judged and named. What messages do not say of the way between them, the step computes.
 */
#include "base/time.h"
#include "base/try.h"
#include "cli/detect/tracks.h"

#include <math.h>
#include <stdlib.h>

#define EVENTS 64
#define EVENTS_MAX_BYTES ((size_t)1 << 40)
#define PROGRESS_EVERY 1024
#define MICROSECONDS 1e6

enum {
    FIELD_SEGMENT,
    FIELD_NNET,
    FIELD_NIGHT,
    FIELD_SCORE,
    FIELD_METRES,
    FIELD_HOURS,
    FIELD_IMPLIED,
    FIELD_SPEED_KNOTS,
    FIELD_SPEED,
    FIELD_COURSE = SEINE_DETECT_GIVEN_FIELDS,
    FIELD_TYPE,
    FIELD_CLASS,
    FIELD_GEARTYPE,
    FIELD_PORT,
    FIELD_SHORE
};

const seine_messages_field seine_detect_fishing_fields[SEINE_DETECT_FISHING_FIELDS] = {
    [FIELD_SEGMENT] = {"seg_id", true},
    [FIELD_NNET] = {"nnet_score", false},
    [FIELD_NIGHT] = {"night_loitering", false},
    [FIELD_SCORE] = {"score", false},
    [FIELD_METRES] = {"meters_to_prev", false},
    [FIELD_HOURS] = {"hours", false},
    [FIELD_IMPLIED] = {"implied_speed_knots", false},
    [FIELD_SPEED_KNOTS] = {"speed_knots", false},
    [FIELD_SPEED] = {"speed", false},
    [FIELD_COURSE] = {"course", false},
    [FIELD_TYPE] = {"vessel_type", false},
    [FIELD_CLASS] = {"vessel_class", true},
    [FIELD_GEARTYPE] = {"geartype", true},
    [FIELD_PORT] = {"distance_from_port_m", false},
    [FIELD_SHORE] = {"distance_from_shore_m", false}, /* of a dataset; of messages it is no further field */
};

static const char SHIP[] = "ssvid";

/* One segment's messages as the step takes them. */
typedef struct columns {
    uint32_t *row;
    int64_t *time_us;
    double *lat_deg, *lon_deg, *speed;
    double *input[SEINE_FISHING_INPUTS]; /* but for the gear */
    int32_t *gear;
    uint64_t *row_ref;
} columns;

typedef struct run {
    seine_detect *detect;
    seine_detect_tracks tracks;
    seine_arena arena; /* of columns and events */
    columns c;
    seine_event *events;
    uint32_t mover; /* of the track at work */
    seine_error *error;
} run;

static seine_status make_room(run *r) {
    const size_t n = r->tracks.longest + 1;
    columns *c = &r->c;
    c->row = SEINE_ARENA_ARRAY(&r->arena, uint32_t, n);
    c->time_us = SEINE_ARENA_ARRAY(&r->arena, int64_t, n);
    c->lat_deg = SEINE_ARENA_ARRAY(&r->arena, double, n);
    c->lon_deg = SEINE_ARENA_ARRAY(&r->arena, double, n);
    c->speed = SEINE_ARENA_ARRAY(&r->arena, double, n);
    c->gear = SEINE_ARENA_ARRAY(&r->arena, int32_t, n);
    c->row_ref = SEINE_ARENA_ARRAY(&r->arena, uint64_t, n);
    r->events = SEINE_ARENA_ARRAY(&r->arena, seine_event, EVENTS);
    bool fine = c->row != NULL && c->time_us != NULL && c->lat_deg != NULL && c->lon_deg != NULL && c->speed != NULL &&
                c->gear != NULL && c->row_ref != NULL && r->events != NULL;
    for (size_t i = 0; i < SEINE_FISHING_INPUTS; i++)
        fine = (c->input[i] = SEINE_ARENA_ARRAY(&r->arena, double, n)) != NULL && fine;
    return fine ? SEINE_OK : seine_no_memory(r->error, "detect");
}

static void free_run(run *r) {
    seine_arena_free(&r->arena);
    seine_detect_tracks_close(&r->tracks);
}

static double first_known(double a, double b) { return isnan(a) ? b : a; }

/* Gear of what is told of a vessel's class. A text is known by its hash only. */
static seine_fishing_gear gear_of(const seine_messages_value *values) {
    const uint64_t class = values[FIELD_CLASS].text != 0 ? values[FIELD_CLASS].text : values[FIELD_GEARTYPE].text;
    for (size_t i = 0; class != 0 && seine_fishing_class(i) != NULL; i++)
        if (seine_messages_text_hash(seine_str_of(seine_fishing_class(i))) == class)
            return seine_fishing_gear_of_class(seine_fishing_class(i));
    return SEINE_GEAR_UNTOLD;
}

/* What the step makes scores of. @return whether it can make one of the message. */
static bool take_ruled(columns *c, size_t i, const seine_message *message, const seine_messages_value *values) {
    c->input[SEINE_FISHING_IN_NNET][i] = c->input[SEINE_FISHING_IN_NIGHT][i] = (double)NAN;
    c->input[SEINE_FISHING_IN_COURSE][i] = values[FIELD_COURSE].number;
    c->input[SEINE_FISHING_IN_TYPE][i] = values[FIELD_TYPE].number;
    c->gear[i] = (int32_t)gear_of(values);
    c->input[SEINE_FISHING_IN_PORT][i] = values[FIELD_PORT].number;
    c->input[SEINE_FISHING_IN_SHORE][i] = first_known(message->shore_m, values[FIELD_SHORE].number);
    return !isnan(c->speed[i]) && !isnan(message->lat_deg) && !isnan(message->lon_deg);
}

/* The same of scores that are given. */
static bool take_scores(columns *c, const seine_detect_options *options, size_t i, const seine_messages_value *values) {
    const double nnet = first_known(values[FIELD_NNET].number, values[FIELD_SCORE].number);
    const double night = values[FIELD_NIGHT].number;
    c->input[SEINE_FISHING_IN_NNET][i] = nnet;
    c->input[SEINE_FISHING_IN_NIGHT][i] = night;
    return (options->chains[SEINE_FISHING_NNET] && !isnan(nnet)) ||
           (options->chains[SEINE_FISHING_NIGHT] && !isnan(night));
}

static seine_status take_columns(run *r, uint32_t track, size_t count) {
    columns *c = &r->c;
    const seine_detect_options *options = &r->detect->options;
    bool has_scores = false;
    SEINE_TRY(seine_detect_tracks_take(&r->tracks, track, c->row, c->time_us));
    for (size_t i = 0; i < count; i++) {
        const seine_message *message = &r->tracks.rows[c->row[i]];
        const seine_messages_value *values = seine_messages_values(&r->detect->messages, c->row[i]);
        c->time_us[i] = llround(message->time_s * MICROSECONDS);
        c->lat_deg[i] = message->lat_deg;
        c->lon_deg[i] = message->lon_deg;
        c->row_ref[i] = c->row[i];
        c->speed[i] = first_known(values[FIELD_SPEED_KNOTS].number, values[FIELD_SPEED].number);
        c->input[SEINE_FISHING_IN_METRES][i] = values[FIELD_METRES].number;
        c->input[SEINE_FISHING_IN_HOURS][i] = values[FIELD_HOURS].number;
        c->input[SEINE_FISHING_IN_IMPLIED][i] = values[FIELD_IMPLIED].number;
        const bool is_scored = options->scores ? take_ruled(c, i, message, values) : take_scores(c, options, i, values);
        has_scores = has_scores || is_scored;
    }
    if (has_scores) r->detect->fishing_counts.has_scores = true;
    return SEINE_OK;
}

/* ---- candidates ------------------------------------------------------------------------------------------------ */

static bool judge(seine_detect *detect, const seine_event *event) {
    seine_detect_fishing_counts *counts = &detect->fishing_counts;
    bool is_kept = true;
    for (int rule = 0; rule < SEINE_FISHING_RULES; rule++) {
        if (seine_fishing_judge(&detect->options.fishing, event, (seine_fishing_rule)rule).is_kept) continue;
        counts->dropped[rule]++;
        is_kept = false;
    }
    counts->candidates++;
    counts->kept += is_kept;
    counts->open += is_kept && !event->is_closed;
    return is_kept;
}

static seine_status keep_events(void *context, const seine_event *events, size_t count) {
    run *r = context;
    for (size_t i = 0; i < count; i++) {
        if (!r->detect->options.chains[events[i].kind]) continue;
        const seine_detect_fishing_event found = {events[i], r->mover, judge(r->detect, &events[i])};
        const seine_status status = seine_buf_append(&r->detect->fishing, &found, sizeof found);
        if (status != SEINE_OK) return seine_fail(r->error, status, "%s for events", seine_status_text(status));
    }
    return SEINE_OK;
}

static int compare_events(const void *a, const void *b) {
    const seine_detect_fishing_event *x = a, *y = b;
    if (x->event.start_us != y->event.start_us) return x->event.start_us < y->event.start_us ? -1 : 1;
    return (x->event.kind > y->event.kind) - (x->event.kind < y->event.kind);
}

static seine_status keep_open(run *r, int64_t last_us) {
    seine_step_out out = {.events = r->events, .capacity = EVENTS};
    SEINE_TRY(seine_fishing_step.advance(&r->detect->options.fishing, &r->tracks.state, last_us, &out));
    return keep_events(r, out.events, out.pos);
}

static seine_status run_track(run *r, uint32_t track) {
    const seine_fishing_config *config = &r->detect->options.fishing;
    const columns *c = &r->c;
    const size_t count = seine_detect_tracks_size(&r->tracks, track), before = r->detect->fishing.size;
    seine_column_in inputs[SEINE_FISHING_INPUTS];
    SEINE_TRY(take_columns(r, track, count));
    SEINE_TRY(seine_detect_tracks_work(&r->tracks, count + 1));
    for (size_t i = 0; i < SEINE_FISHING_INPUTS; i++) inputs[i].number = c->input[i];
    inputs[SEINE_FISHING_IN_GEAR].code = c->gear;
    seine_track view = {.time_us = c->time_us,
                        .lat_deg = c->lat_deg,
                        .lon_deg = c->lon_deg,
                        .speed = c->speed,
                        .row_ref = c->row_ref,
                        .count = count,
                        .inputs = inputs};
    seine_step_out room = {.events = r->events, .capacity = EVENTS}; /* rows are not wanted */
    SEINE_TRY(seine_detect_tracks_init(&r->tracks, &seine_fishing_step, config));
    SEINE_TRY(seine_detect_tracks_feed(&r->tracks, &seine_fishing_step, config, &view, &room, keep_events, r));
    SEINE_TRY(keep_open(r, c->time_us[count - 1]));
    r->detect->fishing_counts.messages += count;
    r->detect->fishing_counts.tracks++;
    const size_t found = (r->detect->fishing.size - before) / sizeof(seine_detect_fishing_event);
    if (found > 1) qsort(r->detect->fishing.data + before, found, sizeof(seine_detect_fishing_event), compare_events);
    return SEINE_OK;
}

seine_status seine_detect_run_fishing(seine_detect *detect, seine_error *error) {
    run r SEINE_OWNED(free_run) = {.detect = detect, .error = error};
    seine_buf_init(&detect->fishing, EVENTS_MAX_BYTES);
    SEINE_TRY(seine_detect_tracks_open(detect, FIELD_SEGMENT, &r.tracks, error));
    SEINE_TRY(make_room(&r));
    for (uint32_t track = 0; track < r.tracks.count; track++) {
        if (track % PROGRESS_EVERY == 0)
            seine_progress_report(detect->progress, "finding fishing", track, r.tracks.count);
        SEINE_TRY(seine_detect_tracks_work(&r.tracks, 1));
        r.mover = seine_detect_tracks_mover(&r.tracks, track);
        if (seine_detect_tracks_wants(&r.tracks, r.mover)) SEINE_TRY(run_track(&r, track));
    }
    return SEINE_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void put_time(seine_json_writer *w, const char *key, int64_t time_us) {
    char text[40];
    (void)seine_time_format(time_us, text);
    seine_json_field_text(w, key, text);
}

/* Movers that are segments, as those of ais_scored: the column of ids is that of the ship then, as in a lake. */
static bool is_segment_mover(const seine_detect *detect) {
    return detect->fixes != NULL && strcmp(seine_detect_id_name(detect), "seg_id") == 0;
}

const char *seine_detect_fishing_mover(const seine_detect *detect) {
    return is_segment_mover(detect) ? SHIP : seine_detect_id_name(detect);
}

/* The message's vessel_id as text, else that of the ship that a dataset has beside its movers, else the ssvid as it
 * stands in ids. */
static seine_status take_vessel(seine_detect_rows *rows, uint32_t mover, seine_json_value message) {
    const bool has_ship = rows->detect->fixes != NULL && seine_json_get(message, "vessel_id") == NULL &&
                          seine_json_kind_of(seine_json_get(message, SHIP)) == SEINE_JSON_TEXT;
    const seine_json_value own = seine_json_get(message, has_ship ? SHIP : "vessel_id");
    const seine_json_kind kind = seine_json_kind_of(own);
    seine_buf_clear(&rows->key);
    if (kind == SEINE_JSON_INT || kind == SEINE_JSON_REAL) {
        seine_json_writer w = seine_json_writer_to(&rows->key);
        seine_json_put_value(&w, own);
        return w.status;
    }
    const seine_str text =
        kind == SEINE_JSON_TEXT ? seine_json_text(own) : seine_messages_ssvid(&rows->detect->messages, mover);
    return seine_buf_append(&rows->key, text.data, text.size);
}

static void put_names(seine_detect_rows *rows, const seine_event *event, seine_json_value message,
                      seine_json_writer *w) {
    char id[33];
    seine_fishing_id((const char *)rows->key.data, rows->key.size, event->start_us, event->end_us, id);
    seine_json_field_text(w, "event_id", id);
    seine_json_field_text(w, "event_type", "fishing");
    seine_json_field_text(w, "chain", seine_fishing_step.kinds[event->kind]);
    const char *mover = seine_detect_fishing_mover(rows->detect);
    seine_json_key(w, seine_str_of(mover));
    if (seine_json_get(message, mover) != NULL)
        seine_json_put_value(w, seine_json_get(message, mover));
    else
        seine_json_put_null(w);
    seine_json_key(w, SEINE_STR("seg_id"));
    if (seine_json_get(message, "seg_id") != NULL)
        seine_json_put_value(w, seine_json_get(message, "seg_id"));
    else
        seine_json_put_null(w);
    seine_json_field_str(w, "vessel_id", seine_buf_str(&rows->key));
}

static void put_measures(const seine_event *event, seine_json_writer *w) {
    for (size_t i = 0; i < seine_fishing_step.measure_count; i++) {
        const seine_measure *measure = &seine_fishing_step.measures[i];
        if (measure->is_count)
            seine_json_field_int(w, measure->name, (int64_t)event->measure[i]);
        else
            seine_json_field_number(w, measure->name, event->measure[i]);
    }
}

/* Each rule that drops it, the value, its limit and how far off it is; null where the value is unknown. */
static void put_reasons(const seine_fishing_config *config, const seine_event *event, seine_json_writer *w) {
    seine_json_field_array(w, "dropped_by");
    for (int rule = 0; rule < SEINE_FISHING_RULES; rule++) {
        const seine_fishing_check check = seine_fishing_judge(config, event, (seine_fishing_rule)rule);
        if (check.is_kept) continue;
        seine_json_begin_object(w);
        seine_json_field_text(w, "rule", check.rule);
        seine_json_field_number(w, "value", check.value);
        seine_json_field_number(w, "limit", check.limit);
        seine_json_field_number(w, "by", fabs(check.value - check.limit));
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

static seine_status put_event(seine_detect_rows *rows, const seine_detect_fishing_event *found,
                              seine_json_value message, seine_json_writer *w) {
    const seine_event *event = &found->event;
    SEINE_TRY(take_vessel(rows, found->mover, message));
    seine_json_begin_object(w);
    put_names(rows, event, message, w);
    put_time(w, "event_start", event->start_us);
    put_time(w, "event_end", event->end_us);
    seine_json_field_bool(w, "is_closed", event->is_closed);
    put_measures(event, w);
    if (rows->detect->options.scores) seine_json_field_text(w, "score_source", "rules");
    if (rows->detect->options.explains) {
        seine_json_field_bool(w, "is_kept", found->is_kept);
        put_reasons(&rows->detect->options.fishing, event, w);
    }
    seine_json_end_object(w);
    return w->status;
}

seine_status seine_detect_put_fishing(seine_detect_rows *rows, const seine_detect_fishing_event *found,
                                      seine_json_writer *w, seine_error *error) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(seine_detect_parse_message(rows->detect, (uint32_t)found->event.start_ref, &json, error));
    const seine_status status = put_event(rows, found, seine_json_root(json), w);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "row too large, or out of memory");
}
