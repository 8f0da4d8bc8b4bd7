/*
 * A detector over a record batch: import, give each mover a code, bring its fixes together in time order, feed, export
 * the events. The detector comes in as a table of functions, so that nothing here depends on which one it is.
 */
#include "columns/arrow/arrow.h"

#include "base/array.h"
#include "base/try.h"
#include "columns/group.h"
#include "columns/receiver.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define EVENTS_PER_CALL 256 /* at first: what is open at once may be more */
#define EVENTS_MAX ((size_t)1 << 32)
#define STATE_MAX ((size_t)1 << 40)
#define FIXED_COLUMNS 10

typedef struct found_event {
    seine_event event;
    uint32_t mover;
} found_event;

typedef struct detection {
    const seine_step *step;
    const void *config;
    int64_t watermark_us;
    seine_error *error;

    seine_arena arena;
    seine_rows rows;
    const char **names;
    seine_dict movers;

    uint32_t *mover; /* code per row */
    seine_track input;
    uint64_t *first;
    seine_group_fix *fixes;
    seine_group_key *keys;
    seine_group_columns sorted;
    double *speed, *shore_m; /* of one mover; NULL when the batch has none */

    seine_state state;
    seine_event *batch;
    size_t batch_capacity;
    found_event *events;
    size_t event_count, event_capacity;
} detection;

seine_arrow_names seine_arrow_names_default(void) {
    return (seine_arrow_names){
        .id = "mmsi",
        .time = "ts",
        .lat = "lat",
        .lon = "lon",
        .speed = "sog",
        .shore = "distance_from_shore_m",
        .receiver = "receiver_type",
    };
}

static seine_status fail_nomem(detection *d) {
    return seine_fail(d->error, SEINE_E_NOMEM, "out of memory running detector %s over %zu rows", d->step->name,
                      d->rows.count);
}

/* ---- reading columns ------------------------------------------------------------------------------------------- */

/* @return OK and the column, or OK and NULL when no such column is asked for, or E_NOT_FOUND. */
static seine_status find_column(detection *d, const char *name, const seine_vec **vec) {
    *vec = NULL;
    if (name == NULL) return SEINE_OK;
    for (size_t i = 0; i < d->rows.column_count; i++) {
        if (strcmp(d->names[i], name) != 0) continue;
        *vec = &d->rows.columns[i];
        return SEINE_OK;
    }
    return seine_fail(d->error, SEINE_E_NOT_FOUND, "the batch has no column %s", name);
}

static seine_status fail_type(detection *d, const char *name, const char *wanted) {
    return seine_fail(d->error, SEINE_E_UNSUPPORTED, "column %s is not %s", name, wanted);
}

static bool is_valid(const seine_vec *vec, size_t row) {
    if (vec->kind == SEINE_VEC_DICT) return vec->codes[row] != SEINE_CODE_NULL;
    return vec->valid == NULL || vec->valid[row] != 0;
}

static seine_str text_of(const seine_vec *vec, size_t row) {
    return ((const seine_str *)vec->values)[vec->kind == SEINE_VEC_DICT ? vec->codes[row] : row];
}

/* Text of an id; whole numbers are written out. */
static seine_str id_text(const seine_vec *vec, size_t row, char buffer[24]) {
    if (vec->type == SEINE_TYPE_STRING) return text_of(vec, row);
    const int64_t id =
        vec->type == SEINE_TYPE_INT ? ((const int32_t *)vec->values)[row] : ((const int64_t *)vec->values)[row];
    return (seine_str){buffer, (size_t)snprintf(buffer, 24, "%lld", (long long)id)};
}

static seine_status read_ids(detection *d, const char *name) {
    const seine_vec *vec = NULL;
    SEINE_TRY(find_column(d, name, &vec));
    if (vec->type != SEINE_TYPE_STRING && vec->type != SEINE_TYPE_LONG && vec->type != SEINE_TYPE_INT) {
        return fail_type(d, name, "text or a whole number");
    }
    d->mover = SEINE_ARENA_ARRAY(&d->arena, uint32_t, d->rows.count);
    if (d->mover == NULL) return fail_nomem(d);
    for (size_t row = 0; row < d->rows.count; row++) {
        char buffer[24];
        if (!is_valid(vec, row)) return seine_fail(d->error, SEINE_E_FORMAT, "row %zu: column %s is null", row, name);
        if (seine_dict_intern(&d->movers, id_text(vec, row, buffer), &d->mover[row]) != SEINE_OK) return fail_nomem(d);
    }
    return SEINE_OK;
}

static seine_status read_times(detection *d, const char *name) {
    const seine_vec *vec = NULL;
    SEINE_TRY(find_column(d, name, &vec));
    if (vec->type != SEINE_TYPE_TIMESTAMPTZ) return fail_type(d, name, "timestamp[us]");
    for (size_t row = 0; row < d->rows.count && vec->valid != NULL; row++) {
        if (!vec->valid[row]) return seine_fail(d->error, SEINE_E_FORMAT, "row %zu: column %s is null", row, name);
    }
    d->input.time_us = vec->values;
    return SEINE_OK;
}

/* A double column with NaN for null; NULL when none is asked for. */
static seine_status read_doubles(detection *d, const char *name, const double **values) {
    *values = NULL;
    const seine_vec *vec = NULL;
    SEINE_TRY(find_column(d, name, &vec));
    if (vec == NULL) return SEINE_OK;
    if (vec->type != SEINE_TYPE_DOUBLE) return fail_type(d, name, "double");
    *values = vec->values;
    if (vec->valid == NULL) return SEINE_OK;
    double *copy = SEINE_ARENA_ARRAY(&d->arena, double, d->rows.count);
    if (copy == NULL) return fail_nomem(d);
    for (size_t row = 0; row < d->rows.count; row++) copy[row] = vec->valid[row] ? (*values)[row] : NAN;
    *values = copy;
    return SEINE_OK;
}

static seine_status read_receivers(detection *d, const char *name) {
    const seine_vec *vec = NULL;
    SEINE_TRY(find_column(d, name, &vec));
    if (vec == NULL) return SEINE_OK;
    if (vec->type != SEINE_TYPE_STRING) return fail_type(d, name, "text");
    uint8_t *receiver = SEINE_ARENA_ARRAY(&d->arena, uint8_t, d->rows.count);
    if (receiver == NULL) return fail_nomem(d);
    for (size_t row = 0; row < d->rows.count; row++) {
        if (is_valid(vec, row)) receiver[row] = seine_receiver_of(text_of(vec, row));
    }
    d->input.receiver = receiver;
    return SEINE_OK;
}

static seine_status read_columns(detection *d, const seine_arrow_names *names) {
    d->input.count = d->rows.count;
    SEINE_TRY(read_ids(d, names->id));
    SEINE_TRY(read_times(d, names->time));
    SEINE_TRY(read_doubles(d, names->lat, &d->input.lat_deg));
    SEINE_TRY(read_doubles(d, names->lon, &d->input.lon_deg));
    SEINE_TRY(read_doubles(d, names->speed, &d->input.speed));
    SEINE_TRY(read_doubles(d, names->shore, &d->input.shore_m));
    return read_receivers(d, names->receiver);
}

/* ---- running --------------------------------------------------------------------------------------------------- */

static seine_status group(detection *d) {
    d->first = SEINE_ARENA_ARRAY(&d->arena, uint64_t, (size_t)d->movers.count + 1);
    uint64_t *next = SEINE_ARENA_ARRAY(&d->arena, uint64_t, (size_t)d->movers.count + 1);
    d->fixes = SEINE_ARENA_ARRAY(&d->arena, seine_group_fix, d->rows.count);
    if (d->first == NULL || next == NULL || d->fixes == NULL) return fail_nomem(d);
    seine_group_count(d->mover, d->rows.count, d->movers.count, d->first);
    memcpy(next, d->first, d->movers.count * sizeof *next);
    seine_group_scatter(d->mover, &d->input, next, d->fixes);

    size_t most = 0;
    for (size_t m = 0; m < d->movers.count; m++) {
        const size_t count = (size_t)(d->first[m + 1] - d->first[m]);
        if (count > most) most = count;
    }
    d->keys = SEINE_ARENA_ARRAY(&d->arena, seine_group_key, 2 * most);
    d->sorted = (seine_group_columns){
        .time_us = SEINE_ARENA_ARRAY(&d->arena, int64_t, most),
        .lat_deg = SEINE_ARENA_ARRAY(&d->arena, double, most),
        .lon_deg = SEINE_ARENA_ARRAY(&d->arena, double, most),
        .receiver = SEINE_ARENA_ARRAY(&d->arena, uint8_t, most),
        .row_ref = SEINE_ARENA_ARRAY(&d->arena, uint64_t, most),
    };
    d->speed = SEINE_ARENA_ARRAY(&d->arena, double, most);
    d->shore_m = SEINE_ARENA_ARRAY(&d->arena, double, most);
    const bool complete = d->keys != NULL && d->sorted.time_us != NULL && d->sorted.lat_deg != NULL &&
                          d->sorted.lon_deg != NULL && d->sorted.receiver != NULL && d->sorted.row_ref != NULL &&
                          d->speed != NULL && d->shore_m != NULL;
    return complete ? SEINE_OK : fail_nomem(d);
}

static seine_status grow_state(detection *d) {
    return SEINE_ARRAY_ROOM(d->state.data, 0, d->state.capacity, d->state.needed, STATE_MAX) == SEINE_OK
               ? SEINE_OK
               : fail_nomem(d);
}

/* Room for twice as many events of one call, or for the first. */
static seine_status grow_batch(detection *d) {
    const size_t more = d->batch_capacity == 0 ? EVENTS_PER_CALL : d->batch_capacity;
    return SEINE_ARRAY_ROOM(d->batch, d->batch_capacity, d->batch_capacity, more, EVENTS_MAX) == SEINE_OK
               ? SEINE_OK
               : fail_nomem(d);
}

static seine_status keep_events(detection *d, uint32_t mover, size_t count) {
    if (SEINE_ARRAY_ROOM(d->events, d->event_count, d->event_capacity, count, EVENTS_MAX) != SEINE_OK)
        return fail_nomem(d);
    for (size_t i = 0; i < count; i++) d->events[d->event_count++] = (found_event){d->batch[i], mover};
    return SEINE_OK;
}

/* Feeds one whole track, giving the step what it asks for. */
static seine_status feed_track(detection *d, uint32_t mover, seine_track *track) {
    for (;;) {
        seine_step_out out = {d->batch, d->batch_capacity, 0, NULL};
        const seine_status fed = d->step->feed(d->config, &d->state, track, &out);
        SEINE_TRY(keep_events(d, mover, out.pos));
        if (fed == SEINE_E_SPACE) SEINE_TRY(grow_state(d));
        if (fed == SEINE_E_FULL && out.pos == 0) SEINE_TRY(grow_batch(d));
        if (fed == SEINE_OK) return SEINE_OK;
        if (fed != SEINE_E_SPACE && fed != SEINE_E_FULL) {
            return seine_fail(d->error, SEINE_E_INTERNAL, "detector %s: %s", d->step->name, seine_status_text(fed));
        }
    }
}

/* What is open at the watermark. Asking changes nothing, so that too small a room is asked again with a larger one. */
static seine_status find_open(detection *d, uint32_t mover) {
    if (d->watermark_us == SEINE_NO_WATERMARK || d->step->advance == NULL) return SEINE_OK;
    for (;;) {
        seine_step_out open = {d->batch, d->batch_capacity, 0, NULL};
        const seine_status status = d->step->advance(d->config, &d->state, d->watermark_us, &open);
        if (status == SEINE_OK) return keep_events(d, mover, open.pos);
        if (status != SEINE_E_FULL)
            return seine_fail(d->error, SEINE_E_INTERNAL, "detector %s: %s", d->step->name, seine_status_text(status));
        const seine_status grown = grow_batch(d);
        if (grown != SEINE_OK) return grown;
    }
}

/* Values of a column in the order of the mover's rows. */
static const double *gather(const detection *d, const double *column, size_t count, double *out) {
    if (column == NULL) return NULL;
    for (size_t i = 0; i < count; i++) out[i] = column[d->sorted.row_ref[i]];
    return out;
}

static seine_status run_mover(detection *d, uint32_t mover) {
    const size_t count = (size_t)(d->first[mover + 1] - d->first[mover]);
    seine_group_sort(d->fixes + d->first[mover], count, d->keys, &d->sorted);
    seine_track track = {
        .time_us = d->sorted.time_us,
        .lat_deg = d->sorted.lat_deg,
        .lon_deg = d->sorted.lon_deg,
        .speed = gather(d, d->input.speed, count, d->speed),
        .shore_m = gather(d, d->input.shore_m, count, d->shore_m),
        .receiver = d->sorted.receiver,
        .row_ref = d->sorted.row_ref,
        .count = count,
    };
    while (d->step->init(d->config, &d->state) == SEINE_E_SPACE) SEINE_TRY(grow_state(d));
    SEINE_TRY(feed_track(d, mover, &track));
    return find_open(d, mover);
}

/* ---- events as a batch ----------------------------------------------------------------------------------------- */

typedef enum event_field {
    FIELD_START,
    FIELD_END,
    FIELD_CLOSED,
    FIELD_START_ROW,
    FIELD_END_ROW,
    FIELD_START_LAT,
    FIELD_START_LON,
    FIELD_END_LAT,
    FIELD_END_LON
} event_field;

static const struct {
    const char *name;
    seine_type type;
} FIELDS[] = {
    [FIELD_START] = {"start_ts", SEINE_TYPE_TIMESTAMPTZ}, [FIELD_END] = {"end_ts", SEINE_TYPE_TIMESTAMPTZ},
    [FIELD_CLOSED] = {"is_closed", SEINE_TYPE_BOOLEAN},   [FIELD_START_ROW] = {"start_row", SEINE_TYPE_LONG},
    [FIELD_END_ROW] = {"end_row", SEINE_TYPE_LONG},       [FIELD_START_LAT] = {"start_lat", SEINE_TYPE_DOUBLE},
    [FIELD_START_LON] = {"start_lon", SEINE_TYPE_DOUBLE}, [FIELD_END_LAT] = {"end_lat", SEINE_TYPE_DOUBLE},
    [FIELD_END_LON] = {"end_lon", SEINE_TYPE_DOUBLE},
};

static int64_t whole_field(const seine_event *event, event_field field) {
    switch (field) {
    case FIELD_START: return event->start_us;
    case FIELD_END: return event->end_us;
    case FIELD_START_ROW: return (int64_t)event->start_ref;
    default: return (int64_t)event->end_ref;
    }
}

static double place_field(const seine_event *event, event_field field) {
    switch (field) {
    case FIELD_START_LAT: return event->start_lat_deg;
    case FIELD_START_LON: return event->start_lon_deg;
    case FIELD_END_LAT: return event->end_lat_deg;
    default: return event->end_lon_deg;
    }
}

static seine_status make_field(detection *d, event_field field, seine_vec *vec) {
    const size_t count = d->event_count;
    *vec = (seine_vec){.type = FIELDS[field].type, .kind = SEINE_VEC_PLAIN};
    int64_t *whole = SEINE_ARENA_ARRAY(&d->arena, int64_t, count); /* as wide as every type of these columns */
    uint8_t *valid = SEINE_ARENA_ARRAY(&d->arena, uint8_t, count);
    if (whole == NULL || valid == NULL) return fail_nomem(d);
    double *place = (double *)(void *)whole;
    uint8_t *closed = (uint8_t *)whole;
    for (size_t i = 0; i < count; i++) {
        const seine_event *event = &d->events[i].event;
        valid[i] = event->is_closed || (field != FIELD_END && field != FIELD_END_ROW);
        if (vec->type == SEINE_TYPE_BOOLEAN) {
            closed[i] = event->is_closed;
        } else if (vec->type == SEINE_TYPE_DOUBLE) {
            place[i] = place_field(event, field);
            valid[i] = (uint8_t)!isnan(place[i]);
        } else {
            whole[i] = valid[i] ? whole_field(event, field) : 0;
        }
    }
    vec->values = whole;
    vec->valid = valid;
    return SEINE_OK;
}

static seine_status make_measure(detection *d, size_t measure, seine_vec *vec) {
    const size_t count = d->event_count;
    const bool whole = d->step->measures[measure].is_count;
    *vec = (seine_vec){.type = whole ? SEINE_TYPE_LONG : SEINE_TYPE_DOUBLE, .kind = SEINE_VEC_PLAIN};
    int64_t *counts = whole ? SEINE_ARENA_ARRAY(&d->arena, int64_t, count) : NULL;
    double *values = whole ? NULL : SEINE_ARENA_ARRAY(&d->arena, double, count);
    uint8_t *valid = SEINE_ARENA_ARRAY(&d->arena, uint8_t, count);
    if ((counts == NULL && values == NULL) || valid == NULL) return fail_nomem(d);
    for (size_t i = 0; i < count; i++) {
        const double value = d->events[i].event.measure[measure];
        valid[i] = (uint8_t)!isnan(value);
        if (whole) {
            counts[i] = valid[i] ? (int64_t)value : 0;
        } else {
            values[i] = value;
        }
    }
    vec->values = whole ? (const void *)counts : (const void *)values;
    vec->valid = valid;
    return SEINE_OK;
}

static seine_status export_events(detection *d, const char *id_name, struct ArrowSchema *out_schema,
                                  struct ArrowArray *out) {
    seine_vec columns[FIXED_COLUMNS + SEINE_EVENT_MEASURES];
    const char *names[FIXED_COLUMNS + SEINE_EVENT_MEASURES];
    uint32_t *codes = SEINE_ARENA_ARRAY(&d->arena, uint32_t, d->event_count);
    if (codes == NULL) return fail_nomem(d);
    for (size_t i = 0; i < d->event_count; i++) codes[i] = d->events[i].mover;
    size_t n = 0;
    names[n] = id_name;
    columns[n++] = (seine_vec){.type = SEINE_TYPE_STRING,
                               .kind = SEINE_VEC_DICT,
                               .values = d->movers.entries,
                               .codes = codes,
                               .dict_count = d->movers.count};
    seine_status status = SEINE_OK;
    for (int field = 0; status == SEINE_OK && field < FIXED_COLUMNS - 1; field++) {
        names[n] = FIELDS[field].name;
        status = make_field(d, (event_field)field, &columns[n++]);
    }
    for (size_t m = 0; status == SEINE_OK && m < d->step->measure_count; m++) {
        names[n] = d->step->measures[m].name;
        status = make_measure(d, m, &columns[n++]);
    }
    if (status != SEINE_OK) return status;
    const seine_rows rows = {.count = d->event_count, .column_count = n, .columns = columns};
    return seine_arrow_export(&rows, names, out_schema, out, d->error);
}

static seine_status run(detection *d, const seine_arrow_names *names, const struct ArrowSchema *schema,
                        const struct ArrowArray *batch) {
    if (d->step->measure_count > SEINE_EVENT_MEASURES || d->step->column_count > 0)
        return seine_fail(d->error, SEINE_E_UNSUPPORTED,
                          "detector %s has %zu measures and %zu columns; events of at most %d measures are given, no "
                          "columns",
                          d->step->name, d->step->measure_count, d->step->column_count, SEINE_EVENT_MEASURES);
    SEINE_TRY(seine_arrow_import(schema, batch, &d->arena, &d->rows, &d->names, d->error));
    if (d->rows.count > UINT32_MAX) return seine_fail(d->error, SEINE_E_LIMIT, "a batch of 2^32 rows or more");
    if (names->id == NULL || names->time == NULL)
        return seine_fail(d->error, SEINE_E_USAGE, "the columns of id and time must be named");
    SEINE_TRY(read_columns(d, names));
    SEINE_TRY(group(d));
    SEINE_TRY(grow_batch(d));
    for (uint32_t mover = 0; mover < d->movers.count; mover++) SEINE_TRY(run_mover(d, mover));
    return SEINE_OK;
}

seine_status seine_detect_arrow(const seine_step *step, const void *config, const seine_arrow_names *names,
                                const struct ArrowSchema *schema, const struct ArrowArray *batch, int64_t watermark_us,
                                struct ArrowSchema *out_schema, struct ArrowArray *out, seine_error *error) {
    detection *d = calloc(1, sizeof *d);
    if (d == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory running detector %s", step->name);
    d->step = step;
    d->config = config;
    d->watermark_us = watermark_us;
    d->error = error;
    seine_status status = run(d, names, schema, batch);
    if (status == SEINE_OK) status = export_events(d, names->id, out_schema, out);
    seine_arena_free(&d->arena);
    seine_dict_free(&d->movers);
    free(d->state.data);
    free(d->batch);
    free(d->events);
    free(d);
    return status;
}
