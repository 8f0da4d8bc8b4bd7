#include "refresh/step_frame.h"

#include "base/try.h"
#include "refresh/found_events.h"
#include "refresh/state_pack.h"

#include <stdlib.h>
#include <string.h>

#define EVENT_ROOM ((size_t)256)     /* at first: what one call of a step gives may be more */
#define EVENTS_MAX ((size_t)1 << 20) /* of one call */

/* ---- state ---- */

static seine_payload payload_of(const seine_step_frame *f, uint64_t ref) {
    return ref < SEINE_STATE_REFS ? f->held[ref]
                                  : seine_track_batch_payload(f->batch, (size_t)(ref - SEINE_STATE_REFS));
}

static seine_status grow_state(seine_state *state, seine_error *error) {
    const size_t capacity = state->needed > 2 * state->capacity ? state->needed : 2 * state->capacity;
    if (capacity > SEINE_STATE_BYTES_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "a state needs %zu bytes", state->needed);
    uint8_t *bigger = realloc(state->data, capacity);
    if (bigger == NULL) return seine_no_memory(error, "computing states");
    state->data = bigger;
    state->capacity = capacity;
    return SEINE_OK;
}

seine_status seine_step_frame_load(seine_step_frame *f, const seine_str *packed, seine_error *error) {
    const seine_step *step = f->run->job->step;
    const void *config = f->run->config;
    uint64_t refs[SEINE_STATE_REFS];
    for (size_t i = 0; i < SEINE_STATE_REFS; i++) refs[i] = i;
    seine_str bytes = {NULL, 0};
    size_t held_count = 0;
    if (packed != NULL) SEINE_TRY(seine_state_unpack(*packed, &bytes, f->held, &held_count, error));
    for (;;) {
        const seine_status status = packed == NULL ? step->init(config, &f->state)
                                                   : step->load(config, &f->state, (const uint8_t *)bytes.data,
                                                                bytes.size, refs, held_count, error);
        if (status != SEINE_E_SPACE) return status;
        SEINE_TRY(grow_state(&f->state, error));
    }
}

/* The step's own bytes, *size of them or wanted, and what the fixes they refer to say. */
static seine_status save(seine_step_frame *f, const seine_payload *payloads, size_t count, size_t *size) {
    const seine_step *step = f->run->job->step;
    seine_status status = step->save(f->run->config, &f->state, f->step_bytes.data, f->step_bytes.capacity, size);
    if (status == SEINE_E_SPACE) {
        seine_buf_clear(&f->step_bytes);
        SEINE_TRY(seine_buf_reserve(&f->step_bytes, *size));
        status = step->save(f->run->config, &f->state, f->step_bytes.data, f->step_bytes.capacity, size);
    }
    SEINE_TRY(status);
    seine_buf_clear(&f->packed);
    return seine_state_pack((seine_str){(const char *)f->step_bytes.data, *size}, payloads, count, &f->packed);
}

seine_status seine_step_frame_pack(seine_step_frame *f, seine_error *error) {
    uint64_t refs[SEINE_STATE_REFS];
    const size_t count = f->run->job->step->refs(f->run->config, &f->state, refs);
    if (count > SEINE_STATE_REFS)
        return seine_fail(error, SEINE_E_INTERNAL, "%s: a state refers to %zu fixes, at most %d can be kept",
                          f->run->job->name, count, SEINE_STATE_REFS);
    seine_payload payloads[SEINE_STATE_REFS];
    for (size_t i = 0; i < count; i++) payloads[i] = payload_of(f, refs[i]);
    size_t size = 0;
    const seine_status status = save(f, payloads, count, &size);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "a state of %zu bytes cannot be saved", size);
}

/* ---- events ---- */

/* Room for twice as many events of one call of the step, or for the first. */
static seine_status grow_events(seine_step_frame *f, seine_str mover, seine_error *error) {
    const size_t capacity = f->event_capacity == 0 ? EVENT_ROOM : 2 * f->event_capacity;
    if (capacity > EVENTS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "%s: %.*s has more than %zu events at once", f->run->job->name,
                          SEINE_STR_ARG(mover), EVENTS_MAX);
    seine_event *bigger = realloc(f->events, capacity * sizeof *bigger);
    if (bigger == NULL) return seine_no_memory(error, "computing states");
    f->events = bigger;
    f->event_capacity = capacity;
    return SEINE_OK;
}

/* A fix that is not among the rows is of a day before: whoever made that day's rows looked ahead. */
static void amend(const seine_step_frame *f, const seine_event *event) {
    const seine_amending *amending = f->run->job->amending;
    const seine_amended_rows *rows = &f->amended;
    if (amending == NULL || rows->batch == NULL) return;
    const size_t first = seine_track_batch_from(rows->batch, rows->group, event->start_us);
    const size_t last = seine_track_batch_from(rows->batch, rows->group, event->end_us + 1);
    const size_t at =
        seine_track_batch_find(rows->batch, first, last, event->start_us, event->start_lat_deg, event->start_lon_deg);
    amending->amend(event, rows->columns, at, first, last);
}

static seine_status put_event(seine_step_frame *f, seine_str mover, const seine_event *event, seine_cell produced_day,
                              seine_error *error) {
    amend(f, event);
    if (f->run->job->events == NULL) return SEINE_OK;
    const seine_payload start = payload_of(f, event->start_ref);
    const seine_payload end = event->is_closed ? payload_of(f, event->end_ref) : start;
    const seine_event_source source = {event, mover, &start, event->is_closed ? &end : NULL, produced_day};
    return seine_found_events_add(f->result, f->run->job, source, error);
}

/* ---- columns ---- */

/* Columns of a step whose row 0 is row @p first of the batch. */
static void shift_columns(const seine_step_frame *f, size_t first, seine_column_out columns[SEINE_STEP_COLUMNS]) {
    for (size_t i = 0; i < f->run->job->step->column_count; i++) {
        switch (f->run->job->step->columns[i].kind) {
        case SEINE_COLUMN_NUMBER: columns[i].number = f->columns[i].number + first; break;
        case SEINE_COLUMN_INTEGER: columns[i].integer = f->columns[i].integer + first; break;
        case SEINE_COLUMN_CODE:
        case SEINE_COLUMN_FLAG: columns[i].code = f->columns[i].code + first; break;
        }
    }
}

static void free_columns(seine_step_frame *f) {
    if (f->run->job->columns == NULL) return;
    for (size_t i = 0; i < f->run->job->step->column_count; i++) {
        switch (f->run->job->step->columns[i].kind) {
        case SEINE_COLUMN_NUMBER: free(f->columns[i].number); break;
        case SEINE_COLUMN_INTEGER: free(f->columns[i].integer); break;
        case SEINE_COLUMN_CODE:
        case SEINE_COLUMN_FLAG: free(f->columns[i].code); break;
        }
        f->columns[i] = (seine_column_out){0};
    }
}

seine_status seine_step_frame_reserve(seine_step_frame *f, seine_error *error) {
    if (f->run->job->columns == NULL || f->batch->count <= f->column_capacity) return SEINE_OK;
    const size_t rows = f->batch->capacity;
    bool ok = true;
    free_columns(f);
    for (size_t i = 0; i < f->run->job->step->column_count; i++) {
        switch (f->run->job->step->columns[i].kind) {
        case SEINE_COLUMN_NUMBER: ok = (f->columns[i].number = malloc(rows * sizeof(double))) != NULL && ok; break;
        case SEINE_COLUMN_INTEGER: ok = (f->columns[i].integer = malloc(rows * sizeof(int64_t))) != NULL && ok; break;
        case SEINE_COLUMN_CODE:
        case SEINE_COLUMN_FLAG: ok = (f->columns[i].code = malloc(rows * sizeof(int32_t))) != NULL && ok; break;
        }
    }
    f->column_capacity = ok ? rows : 0;
    return ok ? SEINE_OK : seine_no_memory(error, "computing states");
}

static bool same_bytes(const void *a, const void *b, size_t item_bytes, const seine_track_group *group) {
    const size_t first = group->begin * item_bytes;
    return memcmp((const char *)a + first, (const char *)b + first, (group->end - group->begin) * item_bytes) == 0;
}

bool seine_step_frame_same_rows(const seine_step_frame *a, const seine_step_frame *b, const seine_track_group *group) {
    const seine_step *step = a->run->job->step;
    bool same = true;
    for (size_t i = 0; i < step->column_count && same; i++) {
        const seine_column_out *l = &a->columns[i], *r = &b->columns[i];
        switch (step->columns[i].kind) {
        case SEINE_COLUMN_NUMBER: same = same_bytes(l->number, r->number, sizeof(double), group); break;
        case SEINE_COLUMN_INTEGER: same = same_bytes(l->integer, r->integer, sizeof(int64_t), group); break;
        case SEINE_COLUMN_CODE:
        case SEINE_COLUMN_FLAG: same = same_bytes(l->code, r->code, sizeof(int32_t), group); break;
        }
    }
    return same;
}

/* ---- at work ---- */

seine_status seine_step_frame_feed(seine_step_frame *f, seine_str mover, const seine_track_group *group, int32_t day,
                                   seine_error *error) {
    const seine_detector_job *job = f->run->job;
    seine_track track = seine_track_batch_track(f->batch, job, group);
    seine_column_out columns[SEINE_STEP_COLUMNS];
    const bool has_columns = f->column_capacity > 0;
    if (has_columns) shift_columns(f, group->begin, columns);
    for (;;) {
        seine_step_out out = {f->events, f->event_capacity, 0, has_columns ? columns : NULL};
        const seine_status fed = job->step->feed(f->run->config, &f->state, &track, &out);
        for (size_t i = 0; i < out.pos; i++)
            SEINE_TRY(put_event(f, mover, &f->events[i], seine_cell_integer(day), error));
        if (fed == SEINE_OK) return SEINE_OK;
        if (fed == SEINE_E_SPACE)
            SEINE_TRY(grow_state(&f->state, error));
        else if (fed != SEINE_E_FULL)
            return seine_fail(error, fed == SEINE_E_ORDER ? SEINE_E_FORMAT : fed,
                              "%s: fixes of %.*s on day %d are not in order of time", job->silver, SEINE_STR_ARG(mover),
                              (int)day);
        else if (out.pos == 0)
            SEINE_TRY(grow_events(f, mover, error)); /* what one fix gives does not fit */
    }
}

seine_status seine_step_frame_put_open(seine_step_frame *f, seine_str mover, int64_t watermark_us, seine_error *error) {
    seine_step_out out;
    /* Asking changes nothing, so that too small a room is asked again with a larger one. */
    for (;;) {
        out = (seine_step_out){f->events, f->event_capacity, 0, NULL};
        const seine_status status = f->run->job->step->advance(f->run->config, &f->state, watermark_us, &out);
        if (status == SEINE_OK) break;
        if (status != SEINE_E_FULL)
            return seine_fail(error, status, "%s: what is open of %.*s cannot be told", f->run->job->name,
                              SEINE_STR_ARG(mover));
        SEINE_TRY(grow_events(f, mover, error));
    }
    for (size_t i = 0; i < out.pos; i++) SEINE_TRY(put_event(f, mover, &f->events[i], seine_cell_null(), error));
    return SEINE_OK;
}

void seine_step_frame_free(seine_step_frame *f) {
    free_columns(f);
    seine_buf_free(&f->step_bytes);
    seine_buf_free(&f->packed);
    free(f->state.data);
    free(f->events);
}

seine_status seine_step_frame_check(const seine_detector_job *job, seine_error *error) {
    const seine_step *step = job->step;
    if (job->columns != NULL && (step->column_count == 0 || step->column_count > SEINE_STEP_COLUMNS))
        return seine_fail(error, SEINE_E_INTERNAL, "%s: its step gives %zu columns, %s takes at most %d", job->name,
                          step->column_count, job->columns, SEINE_STEP_COLUMNS);
    if (job->columns == NULL && job->events == NULL)
        return seine_fail(error, SEINE_E_INTERNAL, "%s: what its step gives has no table", job->name);
    for (size_t i = 0; i < seine_job_inputs(job); i++)
        if (job->inputs[i] != NULL && step->inputs[i].kind == SEINE_INPUT_CODE && job->code_of == NULL)
            return seine_fail(error, SEINE_E_INTERNAL, "%s: nothing makes codes of %s", job->name,
                              step->inputs[i].name);
    return SEINE_OK;
}
