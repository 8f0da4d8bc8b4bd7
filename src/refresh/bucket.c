/*
 * One bucket of a detector job. Per day:
 *
 *     stored rows ──┐
 *     silver ──▶ batch ──▶ hash per mover ──▶ changed or running? ──▶ state before ──▶ step ──▶ state row, events
 *                                                                      │ run row (fed before)
 *                                                                      │ head (older than the day)
 *                                                                      └ newest older stored row, walking back
 *
 * A mover runs from its first changed day until its new state equals the stored one.
 */
#include "refresh/bucket.h"
#include "refresh/batch.h"
#include "refresh/events.h"
#include "refresh/state_pack.h"

#include <limits.h>
#include <stdlib.h>

#define DEFAULT_BATCH_ROWS ((size_t)131072)
#define STATE_BYTES_MAX ((size_t)1 << 30)
#define EVENT_ROOM ((size_t)256)     /* at first: what one call of a step gives may be more */
#define EVENTS_MAX ((size_t)1 << 20) /* of one call */

/* A state row that stays: bytes are owned. */
typedef struct kept_row {
    bool exists;
    int32_t day;
    seine_hash128 fixes;
    seine_buf state;
} kept_row;

typedef struct mover {
    seine_str name; /* in the result's arena */
    seine_state_row head;
    bool has_head;
    kept_row run; /* newest row of the days fed in this run, or what it started from */
    bool ran, running, is_wanted;
    int32_t seen_day, stored_day; /* last day with fixes, with a stored row; INT32_MIN = none */
    size_t stored;
} mover;

typedef struct worker {
    const seine_bucket_plan *plan;
    const seine_bucket_io *io;
    seine_bucket_result *result;
    const seine_detector_job *job;
    seine_dict names;
    mover *movers;
    size_t mover_count, mover_capacity;
    seine_arena heads;
    seine_track_batch batch;
    size_t batch_rows;
    seine_state state;
    seine_buf step_bytes, packed;
    seine_event *events;
    size_t event_capacity;
    bool has_columns;
    seine_column_out columns[SEINE_STEP_COLUMNS]; /* of the batch's rows */
    size_t column_capacity;
    /* The day at work. */
    const seine_bucket_day *day;
    seine_arena day_arena;
    seine_state_row *stored, *rows;
    size_t stored_count, stored_capacity, row_count, row_capacity;
    bool is_dirty;
    bool has_last;
    uint32_t last; /* mover of the silver rows so far */
    uint32_t *wanted;
    size_t wanted_count, wanted_capacity;
} worker;

static seine_status no_memory(seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "out of memory while computing states");
}

/* Room for one more item in a growing array. */
static bool reserve(void *array, size_t *capacity, size_t count, size_t item_bytes) {
    if (count < *capacity) return true;
    const size_t bigger = *capacity == 0 ? 64 : *capacity * 2;
    void *old;
    memcpy(&old, array, sizeof old);
    void *grown = realloc(old, bigger * item_bytes);
    if (grown == NULL) return false;
    memcpy(array, &grown, sizeof grown);
    *capacity = bigger;
    return true;
}

static seine_status mover_of(worker *w, seine_str name, uint32_t *code, seine_error *error) {
    const seine_status status = seine_dict_intern(&w->names, name, code);
    if (status != SEINE_OK) return seine_fail(error, status, "too many movers in one bucket");
    if (*code < w->mover_count) return SEINE_OK;
    char *copy = seine_arena_copy(&w->result->arena, name.data, name.size);
    if (copy == NULL || !reserve(&w->movers, &w->mover_capacity, w->mover_count, sizeof *w->movers))
        return no_memory(error);
    mover *m = &w->movers[w->mover_count++];
    *m = (mover){.name = {copy, name.size}, .seen_day = INT32_MIN, .stored_day = INT32_MIN};
    seine_buf_init(&m->run.state, STATE_BYTES_MAX);
    return SEINE_OK;
}

static seine_status keep_row(kept_row *kept, int32_t day, seine_hash128 fixes, seine_str state, seine_error *error) {
    seine_buf_clear(&kept->state);
    const seine_status status = seine_buf_append(&kept->state, state.data, state.size);
    if (status != SEINE_OK) return seine_fail(error, status, "a state of %zu bytes cannot be kept", state.size);
    kept->exists = true;
    kept->day = day;
    kept->fixes = fixes;
    return SEINE_OK;
}

/* ---- stored rows ---- */

static seine_status take_head(void *context, const seine_state_row *row, seine_error *error) {
    worker *w = context;
    uint32_t code;
    const seine_status status = mover_of(w, row->mover, &code, error);
    if (status != SEINE_OK) return status;
    char *copy = seine_arena_copy(&w->heads, row->state.data, row->state.size);
    if (copy == NULL) return no_memory(error);
    mover *m = &w->movers[code];
    m->has_head = true;
    m->head = (seine_state_row){m->name, row->day, row->fixes, {copy, row->state.size}};
    return SEINE_OK;
}

static seine_status take_stored(void *context, const seine_state_row *row, seine_error *error) {
    worker *w = context;
    uint32_t code;
    const seine_status status = mover_of(w, row->mover, &code, error);
    if (status != SEINE_OK) return status;
    if (!reserve(&w->stored, &w->stored_capacity, w->stored_count, sizeof *w->stored)) return no_memory(error);
    char *copy = seine_arena_copy(&w->day_arena, row->state.data, row->state.size);
    if (copy == NULL) return no_memory(error);
    mover *m = &w->movers[code];
    m->stored_day = w->day->day;
    m->stored = w->stored_count;
    w->stored[w->stored_count++] = (seine_state_row){m->name, row->day, row->fixes, {copy, row->state.size}};
    return SEINE_OK;
}

static const seine_state_row *stored_of(const worker *w, const mover *m) {
    return m->stored_day == w->day->day ? &w->stored[m->stored] : NULL;
}

/* ---- the state before a day ---- */

static seine_status want(worker *w, uint32_t code, seine_error *error) {
    if (!reserve(&w->wanted, &w->wanted_capacity, w->wanted_count, sizeof *w->wanted)) return no_memory(error);
    w->movers[code].is_wanted = true;
    w->wanted[w->wanted_count++] = code;
    return SEINE_OK;
}

/* Only the newest older row counts; rows of one call come in any order. */
static seine_status take_older(void *context, const seine_state_row *row, seine_error *error) {
    worker *w = context;
    const uint32_t code = seine_dict_find(&w->names, row->mover);
    if (code == SEINE_CODE_NULL || !w->movers[code].is_wanted) return SEINE_OK;
    kept_row *run = &w->movers[code].run;
    if (run->exists && run->day >= row->day) return SEINE_OK;
    return keep_row(run, row->day, row->fixes, row->state, error);
}

static seine_status walk_back(worker *w, seine_error *error) {
    const int32_t first_day = w->plan->days[0].day;
    int32_t last = w->day->day - 1, width = 1;
    seine_str *names = malloc(w->wanted_count * sizeof *names);
    if (names == NULL) return no_memory(error);
    seine_status status = SEINE_OK;
    while (status == SEINE_OK && last >= first_day) {
        size_t missing = 0;
        for (size_t i = 0; i < w->wanted_count; i++)
            if (!w->movers[w->wanted[i]].run.exists) names[missing++] = w->movers[w->wanted[i]].name;
        if (missing == 0) break;
        const int32_t first = last - first_day < width ? first_day : last - width + 1;
        status = w->io->states(w->io->context, first, last, names, missing, take_older, w, error);
        last = first - 1;
        width *= 4;
    }
    free(names);
    return status;
}

/* Gives every wanted mover its state before the day, as its run row. */
static seine_status resolve_wanted(worker *w, seine_error *error) {
    if (w->wanted_count == 0) return SEINE_OK;
    /* A mover that ran and stopped: its rows equal the stored ones but for the hash of the last fed day. */
    kept_row *stopped = calloc(w->wanted_count, sizeof *stopped);
    if (stopped == NULL) return no_memory(error);
    for (size_t i = 0; i < w->wanted_count; i++) {
        mover *m = &w->movers[w->wanted[i]];
        stopped[i] = m->run;
        m->run.exists = false;
    }
    const seine_status status = walk_back(w, error);
    for (size_t i = 0; i < w->wanted_count; i++) {
        mover *m = &w->movers[w->wanted[i]];
        if (m->run.exists && stopped[i].exists && stopped[i].day == m->run.day) m->run.fixes = stopped[i].fixes;
        m->is_wanted = false;
    }
    w->wanted_count = 0;
    free(stopped);
    return status;
}

/* The easy cases of the state before the day; otherwise the mover is put on the list of the wanted. */
static seine_status find_before(worker *w, uint32_t code, seine_error *error) {
    mover *m = &w->movers[code];
    if (m->running || !m->has_head) return SEINE_OK;
    if (m->head.day >= w->day->day) return want(w, code, error);
    if (m->run.exists && m->run.day == m->head.day) return SEINE_OK;
    return keep_row(&m->run, m->head.day, m->head.fixes, m->head.state, error);
}

/* ---- feeding ---- */

static seine_status grow_state(seine_state *state, seine_error *error) {
    const size_t capacity = state->needed > 2 * state->capacity ? state->needed : 2 * state->capacity;
    if (capacity > STATE_BYTES_MAX) return seine_fail(error, SEINE_E_LIMIT, "a state needs %zu bytes", state->needed);
    uint8_t *bigger = realloc(state->data, capacity);
    if (bigger == NULL) return no_memory(error);
    state->data = bigger;
    state->capacity = capacity;
    return SEINE_OK;
}

/* Makes the step's state from packed bytes, or the first state when there are none. */
static seine_status load_state(worker *w, const seine_str *packed, seine_payload held[SEINE_STATE_REFS],
                               seine_error *error) {
    const seine_step *step = w->job->step;
    const void *config = w->plan->run->config;
    uint64_t refs[SEINE_STATE_REFS];
    for (size_t i = 0; i < SEINE_STATE_REFS; i++) refs[i] = i;
    seine_str bytes = {NULL, 0};
    size_t held_count = 0;
    if (packed != NULL) {
        const seine_status status = seine_state_unpack(*packed, &bytes, held, &held_count, error);
        if (status != SEINE_OK) return status;
    }
    for (;;) {
        const seine_status status = packed == NULL ? step->init(config, &w->state)
                                                   : step->load(config, &w->state, (const uint8_t *)bytes.data,
                                                                bytes.size, refs, held_count, error);
        if (status != SEINE_E_SPACE) return status;
        const seine_status grown = grow_state(&w->state, error);
        if (grown != SEINE_OK) return grown;
    }
}

/* Room for twice as many events of one call of the step, or for the first. */
static seine_status grow_events(worker *w, const mover *m, seine_error *error) {
    const size_t capacity = w->event_capacity == 0 ? EVENT_ROOM : 2 * w->event_capacity;
    if (capacity > EVENTS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "%s: %.*s has more than %zu events at once", w->job->name,
                          SEINE_STR_ARG(m->name), EVENTS_MAX);
    seine_event *bigger = realloc(w->events, capacity * sizeof *bigger);
    if (bigger == NULL) return no_memory(error);
    w->events = bigger;
    w->event_capacity = capacity;
    return SEINE_OK;
}

static seine_status copy_payload(seine_arena *arena, seine_payload *payload) {
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++) {
        if (payload->texts[i].data == NULL) continue;
        payload->texts[i].data = seine_arena_copy(arena, payload->texts[i].data, payload->texts[i].size);
        if (payload->texts[i].data == NULL) return SEINE_E_NOMEM;
    }
    return SEINE_OK;
}

static seine_payload payload_of(const worker *w, const seine_payload *held, uint64_t ref) {
    return ref < SEINE_STATE_REFS ? held[ref] : seine_track_batch_payload(&w->batch, (size_t)(ref - SEINE_STATE_REFS));
}

static seine_status put_event(worker *w, const mover *m, const seine_event *event, const seine_payload *held,
                              seine_cell produced_day, seine_error *error) {
    seine_bucket_result *out = w->result;
    const size_t columns = seine_schema_find(w->job->events)->column_count;
    seine_payload start = payload_of(w, held, event->start_ref);
    seine_payload end = event->is_closed ? payload_of(w, held, event->end_ref) : start;
    seine_cell *cells = SEINE_ARENA_ARRAY(&out->arena, seine_cell, columns);
    if (cells == NULL || !reserve(&out->events, &out->event_capacity, out->event_count, sizeof *out->events) ||
        copy_payload(&out->arena, &start) != SEINE_OK || copy_payload(&out->arena, &end) != SEINE_OK)
        return no_memory(error);
    const seine_event_source source = {event, m->name, &start, event->is_closed ? &end : NULL, produced_day};
    const seine_status status = w->job->build(&source, &out->arena, cells);
    if (status != SEINE_OK) return seine_fail(error, status, "an event of %.*s", SEINE_STR_ARG(m->name));
    out->events[out->event_count++] = cells;
    return SEINE_OK;
}

static seine_status touch(worker *w, const mover *m, seine_error *error) {
    seine_bucket_result *out = w->result;
    if (w->plan->is_recomputed || w->job->events == NULL) return SEINE_OK;
    if (!reserve(&out->touched, &out->touched_capacity, out->touched_count, sizeof *out->touched))
        return no_memory(error);
    out->touched[out->touched_count++] = (seine_touched){w->day->day, m->name};
    return SEINE_OK;
}

static seine_status feed_track(worker *w, const mover *m, seine_track *track, const seine_column_out *columns,
                               const seine_payload *held, seine_error *error) {
    for (;;) {
        seine_step_out out = {w->events, w->event_capacity, 0, columns};
        const seine_status fed = w->job->step->feed(w->plan->run->config, &w->state, track, &out);
        for (size_t i = 0; i < out.pos; i++) {
            const seine_status status = put_event(w, m, &w->events[i], held, seine_cell_integer(w->day->day), error);
            if (status != SEINE_OK) return status;
        }
        if (fed == SEINE_OK) return SEINE_OK;
        seine_status status = SEINE_OK;
        if (fed == SEINE_E_SPACE) {
            status = grow_state(&w->state, error);
        } else if (fed == SEINE_E_FULL) {
            if (out.pos == 0) status = grow_events(w, m, error); /* what one fix gives does not fit */
        } else {
            return seine_fail(error, fed == SEINE_E_ORDER ? SEINE_E_FORMAT : fed,
                              "%s: fixes of %.*s on day %d are not in order of time", w->job->silver,
                              SEINE_STR_ARG(m->name), (int)w->day->day);
        }
        if (status != SEINE_OK) return status;
    }
}

/* Leaves the packed form of the state in w->packed. */
static seine_status pack_state(worker *w, const seine_payload *held, seine_error *error) {
    const seine_step *step = w->job->step;
    uint64_t refs[SEINE_STATE_REFS];
    const size_t count = step->refs(w->plan->run->config, &w->state, refs);
    if (count > SEINE_STATE_REFS)
        return seine_fail(error, SEINE_E_INTERNAL, "%s: a state refers to %zu fixes, at most %d can be kept",
                          w->job->name, count, SEINE_STATE_REFS);
    seine_payload payloads[SEINE_STATE_REFS];
    for (size_t i = 0; i < count; i++) payloads[i] = payload_of(w, held, refs[i]);
    size_t size = 0;
    seine_status status =
        step->save(w->plan->run->config, &w->state, w->step_bytes.data, w->step_bytes.capacity, &size);
    if (status == SEINE_E_SPACE) {
        seine_buf_clear(&w->step_bytes);
        status = seine_buf_reserve(&w->step_bytes, size);
        if (status == SEINE_OK)
            status = step->save(w->plan->run->config, &w->state, w->step_bytes.data, w->step_bytes.capacity, &size);
    }
    seine_buf_clear(&w->packed);
    if (status == SEINE_OK)
        status = seine_state_pack((seine_str){(const char *)w->step_bytes.data, size}, payloads, count, &w->packed);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "a state of %zu bytes cannot be saved", size);
}

static seine_status put_row(worker *w, seine_state_row row, seine_error *error) {
    if (!reserve(&w->rows, &w->row_capacity, w->row_count, sizeof *w->rows)) return no_memory(error);
    w->rows[w->row_count++] = row;
    return SEINE_OK;
}

/* Columns of a step whose row 0 is row @p first of the batch. */
static void shift_columns(const worker *w, size_t first, seine_column_out columns[SEINE_STEP_COLUMNS]) {
    for (size_t i = 0; i < w->job->step->column_count; i++) {
        if (w->job->step->columns[i].kind == SEINE_COLUMN_NUMBER)
            columns[i].number = w->columns[i].number + first;
        else
            columns[i].code = w->columns[i].code + first;
    }
}

static void free_columns(worker *w) {
    for (size_t i = 0; w->has_columns && i < w->job->step->column_count; i++) {
        if (w->job->step->columns[i].kind == SEINE_COLUMN_NUMBER)
            free(w->columns[i].number);
        else
            free(w->columns[i].code);
        w->columns[i] = (seine_column_out){0};
    }
}

/* Room for a row of columns per fix of the batch. */
static seine_status reserve_columns(worker *w, seine_error *error) {
    if (!w->has_columns || w->batch.count <= w->column_capacity) return SEINE_OK;
    const size_t rows = w->batch.capacity;
    bool ok = true;
    free_columns(w);
    for (size_t i = 0; i < w->job->step->column_count; i++) {
        if (w->job->step->columns[i].kind == SEINE_COLUMN_NUMBER)
            ok = (w->columns[i].number = malloc(rows * sizeof(double))) != NULL && ok;
        else
            ok = (w->columns[i].code = malloc(rows * sizeof(int32_t))) != NULL && ok;
    }
    w->column_capacity = ok ? rows : 0;
    return ok ? SEINE_OK : no_memory(error);
}

static seine_status feed_group(worker *w, const seine_track_group *group, seine_hash128 fixes, seine_error *error) {
    mover *m = &w->movers[group->mover];
    seine_payload held[SEINE_STATE_REFS];
    const seine_str before = seine_buf_str(&m->run.state);
    seine_track track = seine_track_batch_track(&w->batch, w->job, group);
    seine_column_out columns[SEINE_STEP_COLUMNS];
    shift_columns(w, group->begin, columns);
    seine_status status = load_state(w, m->run.exists ? &before : NULL, held, error);
    if (status == SEINE_OK) status = feed_track(w, m, &track, columns, held, error);
    if (status == SEINE_OK) status = pack_state(w, held, error);
    if (status == SEINE_OK) status = touch(w, m, error);
    if (status != SEINE_OK) return status;
    const seine_state_row *stored = stored_of(w, m);
    const seine_str after = seine_buf_str(&w->packed);
    const bool is_same = stored != NULL && seine_str_equal(stored->state, after);
    if (!is_same || !seine_hash128_equal(stored->fixes, fixes)) w->is_dirty = true;
    m->ran = true;
    m->running = !is_same;
    w->result->fixes_fed += group->end - group->begin;
    status = keep_row(&m->run, w->day->day, fixes, after, error);
    if (status != SEINE_OK) return status;
    char *copy = seine_arena_copy(&w->day_arena, after.data, after.size);
    if (copy == NULL) return no_memory(error);
    return put_row(w, (seine_state_row){m->name, w->day->day, fixes, {copy, after.size}}, error);
}

/* Rows of the whole batch, when the job makes any. */
static seine_status put_rows(worker *w, seine_error *error) {
    if (!w->has_columns || w->batch.count == 0) return SEINE_OK;
    const seine_fed_rows fed = {&w->batch, w->names.entries, w->columns};
    return w->io->put_rows(w->io->context, w->day->day, &fed, error);
}

/* Of all that the mover's row of the day is made from beside the state before it. */
static seine_hash128 hash_of(const worker *w, const seine_track_group *group) {
    return seine_hash128_add(seine_track_batch_hash(&w->batch, group), w->day->references);
}

static seine_status feed_batch(worker *w, seine_error *error) {
    const size_t count = w->batch.group_count;
    seine_hash128 *hashes = malloc((count + 1) * sizeof *hashes);
    bool *needed = malloc((count + 1) * sizeof *needed);
    seine_status status = hashes != NULL && needed != NULL ? reserve_columns(w, error) : no_memory(error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        const seine_track_group *group = &w->batch.groups[i];
        const mover *m = &w->movers[group->mover];
        const seine_state_row *stored = stored_of(w, m);
        /* On days that are only followed through nothing changed, and every mover taken has a row. */
        hashes[i] = w->day->is_stale ? hash_of(w, group) : stored->fixes;
        needed[i] = w->has_columns || m->running || stored == NULL || !seine_hash128_equal(stored->fixes, hashes[i]);
        if (needed[i]) status = find_before(w, group->mover, error);
    }
    if (status == SEINE_OK) status = resolve_wanted(w, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        if (needed[i]) status = feed_group(w, &w->batch.groups[i], hashes[i], error);
    }
    if (status == SEINE_OK) status = put_rows(w, error);
    free(hashes);
    free(needed);
    seine_track_batch_clear(&w->batch);
    return status;
}

/* ---- reading a day ---- */

static seine_status begin_mover(worker *w, seine_str name, seine_error *error) {
    if (w->has_last && seine_str_compare(w->movers[w->last].name, name) > 0)
        return seine_fail(error, SEINE_E_FORMAT, "%s is not sorted: %.*s stands behind %.*s", w->job->silver,
                          SEINE_STR_ARG(name), SEINE_STR_ARG(w->movers[w->last].name));
    seine_status status = SEINE_OK;
    if (w->batch.count >= w->batch_rows) status = feed_batch(w, error);
    if (status == SEINE_OK) status = mover_of(w, name, &w->last, error);
    if (status != SEINE_OK) return status;
    w->has_last = true;
    w->movers[w->last].seen_day = w->day->day;
    return SEINE_OK;
}

static seine_status take_fixes(void *context, const seine_rows *rows, seine_error *error) {
    worker *w = context;
    const seine_str *names = rows->columns[SEINE_FIX_MOVER].values;
    w->result->fixes_read += rows->count;
    for (size_t first = 0, last; first < rows->count; first = last) {
        last = first + 1;
        while (last < rows->count && seine_str_equal(names[last], names[first])) last++;
        seine_status status = SEINE_OK;
        if (!w->has_last || !seine_str_equal(w->movers[w->last].name, names[first]))
            status = begin_mover(w, names[first], error);
        if (status != SEINE_OK) return status;
        const mover *m = &w->movers[w->last];
        const bool is_taken = w->day->is_stale || w->has_columns || (m->running && m->stored_day == w->day->day);
        if (is_taken && seine_track_batch_add(&w->batch, w->job, w->last, rows, first, last) != SEINE_OK)
            return no_memory(error);
    }
    return SEINE_OK;
}

/* Movers whose last fix of the day was taken away: no row, no events, and the days after are followed. */
static seine_status drop_vanished(worker *w, seine_error *error) {
    const size_t count = w->stored_count;
    bool *gone = calloc(count + 1, sizeof *gone);
    if (gone == NULL) return no_memory(error);
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        const uint32_t code = seine_dict_find(&w->names, w->stored[i].mover);
        const mover *m = &w->movers[code];
        gone[i] = m->seen_day != w->day->day && (w->day->is_stale || m->running);
        if (gone[i]) status = find_before(w, code, error);
    }
    if (status == SEINE_OK) status = resolve_wanted(w, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        if (!gone[i]) continue;
        mover *m = &w->movers[seine_dict_find(&w->names, w->stored[i].mover)];
        m->ran = m->running = true;
        w->is_dirty = true;
        m->stored_day = INT32_MIN; /* its row is not kept */
        status = touch(w, m, error);
    }
    free(gone);
    return status;
}

static int compare_rows(const void *a, const void *b) {
    const seine_state_row *left = a, *right = b;
    return seine_str_compare(left->mover, right->mover);
}

static seine_status write_rows(worker *w, seine_error *error) {
    if (!w->is_dirty) return SEINE_OK;
    for (size_t i = 0; i < w->stored_count; i++) {
        const mover *m = &w->movers[seine_dict_find(&w->names, w->stored[i].mover)];
        const bool was_fed = m->ran && m->run.exists && m->run.day == w->day->day;
        if (m->stored_day != w->day->day || was_fed) continue;
        const seine_status status = put_row(w, w->stored[i], error);
        if (status != SEINE_OK) return status;
    }
    if (w->row_count > 0) qsort(w->rows, w->row_count, sizeof *w->rows, compare_rows);
    return w->io->put_states(w->io->context, w->day->day, w->rows, w->row_count, error);
}

/* Movers being followed that have a stored row on this day, which is not stale: they have fixes there. */
static size_t list_followed(const worker *w, seine_str *only) {
    size_t count = 0;
    for (size_t i = 0; i < w->stored_count; i++) {
        const mover *m = &w->movers[seine_dict_find(&w->names, w->stored[i].mover)];
        if (m->running) only[count++] = m->name;
    }
    return count;
}

/* Reads the day's fixes, all or those of @p only, feeds them, and takes care of what is no more. */
static seine_status feed_day(worker *w, const seine_str *only, size_t only_count, seine_error *error) {
    const seine_bucket_io *io = w->io;
    const int32_t day = w->day->day;
    seine_status status = SEINE_OK;
    w->has_last = false;
    if (w->day->has_silver)
        status = io->fixes(io->context, day, only, w->has_columns ? 0 : only_count, take_fixes, w, error);
    if (status == SEINE_OK) status = feed_batch(w, error);
    if (status == SEINE_OK && w->has_columns) status = io->end_rows(io->context, day, error);
    if (status == SEINE_OK) status = drop_vanished(w, error);
    return status;
}

static seine_status run_day(worker *w, seine_error *error) {
    const seine_bucket_day *day = w->day;
    seine_status status = SEINE_OK;
    if (day->has_states) status = w->io->states(w->io->context, day->day, day->day, NULL, 0, take_stored, w, error);
    seine_str *only = malloc((w->stored_count + 1) * sizeof *only);
    size_t only_count = 0;
    if (status == SEINE_OK && only == NULL) status = no_memory(error);
    if (status == SEINE_OK && !day->is_stale) only_count = list_followed(w, only);
    if (status == SEINE_OK && (day->is_stale || only_count > 0)) status = feed_day(w, only, only_count, error);
    if (status == SEINE_OK) status = write_rows(w, error);
    free(only);
    return status;
}

/* Somebody runs whose stored rows reach this day or beyond. */
static bool is_followed(const worker *w, int32_t day) {
    for (size_t i = 0; i < w->mover_count; i++) {
        const mover *m = &w->movers[i];
        if (m->running && m->has_head && m->head.day >= day) return true;
    }
    return false;
}

static seine_status run_days(worker *w, seine_error *error) {
    for (size_t i = 0; i < w->plan->day_count; i++) {
        w->day = &w->plan->days[i];
        if (seine_progress_stopped(w->plan->progress))
            return seine_fail(error, SEINE_E_INTERRUPTED, "stopped; nothing was changed");
        if (!w->day->is_stale && !is_followed(w, w->day->day)) continue;
        const seine_status status = run_day(w, error);
        if (status != SEINE_OK) return status;
        if (w->day->is_stale && w->plan->stale_day_done != NULL) w->plan->stale_day_done(w->plan->context);
        seine_arena_free(&w->day_arena);
        w->stored_count = w->row_count = 0;
        w->is_dirty = false;
    }
    return SEINE_OK;
}

/* ---- after the last day ---- */

/* Replaces the head of a mover that ran. @return whether its row changed. */
static bool renew_head(mover *m) {
    if (!m->ran) return false;
    if (!m->running && (!m->has_head || m->head.day != m->run.day)) return false; /* caught up with stored rows */
    const seine_state_row row = {m->name, m->run.day, m->run.fixes, seine_buf_str(&m->run.state)};
    const bool is_same = m->has_head == m->run.exists &&
                         (!m->has_head || (m->head.day == row.day && seine_hash128_equal(m->head.fixes, row.fixes) &&
                                           seine_str_equal(m->head.state, row.state)));
    m->has_head = m->run.exists;
    m->head = row;
    return !is_same;
}

static seine_status write_heads(worker *w, seine_error *error) {
    bool is_dirty = false;
    for (size_t i = 0; i < w->mover_count; i++) {
        if (w->movers[i].ran) w->result->movers_fed++;
        if (renew_head(&w->movers[i])) is_dirty = true;
    }
    if (!is_dirty) return SEINE_OK;
    for (size_t i = 0; i < w->mover_count; i++) {
        const seine_status status = w->movers[i].has_head ? put_row(w, w->movers[i].head, error) : SEINE_OK;
        if (status != SEINE_OK) return status;
    }
    if (w->row_count > 0) qsort(w->rows, w->row_count, sizeof *w->rows, compare_rows);
    return w->io->put_head(w->io->context, w->rows, w->row_count, error);
}

static seine_status put_open(worker *w, const mover *m, seine_error *error) {
    seine_payload held[SEINE_STATE_REFS];
    seine_step_out out;
    seine_status status = load_state(w, &m->head.state, held, error);
    /* Asking changes nothing, so that too small a room is asked again with a larger one. */
    while (status == SEINE_OK) {
        out = (seine_step_out){w->events, w->event_capacity, 0, NULL};
        status = w->job->step->advance(w->plan->run->config, &w->state, w->plan->watermark_us, &out);
        if (status == SEINE_OK) break;
        if (status != SEINE_E_FULL)
            return seine_fail(error, status, "%s: what is open of %.*s cannot be told", w->job->name,
                              SEINE_STR_ARG(m->name));
        status = grow_events(w, m, error);
    }
    if (status != SEINE_OK) return status;
    for (size_t i = 0; i < out.pos && status == SEINE_OK; i++)
        status = put_event(w, m, &w->events[i], held, seine_cell_null(), error);
    return status;
}

static seine_status put_all_open(worker *w, seine_error *error) {
    seine_status status = SEINE_OK;
    if (w->plan->watermark_us == INT64_MIN || w->job->step->advance == NULL) return status;
    for (size_t i = 0; i < w->mover_count && status == SEINE_OK; i++)
        if (w->movers[i].has_head) status = put_open(w, &w->movers[i], error);
    return status;
}

static void free_worker(worker *w) {
    for (size_t i = 0; i < w->mover_count; i++) seine_buf_free(&w->movers[i].run.state);
    free_columns(w);
    free(w->movers);
    seine_dict_free(&w->names);
    seine_arena_free(&w->heads);
    seine_arena_free(&w->day_arena);
    seine_track_batch_free(&w->batch);
    seine_buf_free(&w->step_bytes);
    seine_buf_free(&w->packed);
    free(w->state.data);
    free(w->events);
    free(w->stored);
    free(w->rows);
    free(w->wanted);
    free(w);
}

/* What would be written beyond a fixed room. */
static seine_status check_job(const seine_detector_job *job, seine_error *error) {
    const size_t count = job->step->column_count;
    if (count > SEINE_STEP_COLUMNS || (count > 0) != (job->columns != NULL))
        return seine_fail(error, SEINE_E_INTERNAL, "%s: its step gives %zu columns, %s takes at most %d", job->name,
                          count, job->columns != NULL ? job->columns : "no table", SEINE_STEP_COLUMNS);
    return SEINE_OK;
}

seine_status seine_bucket_run(const seine_bucket_plan *plan, const seine_bucket_io *io, seine_bucket_result *result,
                              seine_error *error) {
    seine_status status = check_job(plan->run->job, error);
    if (status != SEINE_OK) return status;
    worker *w = calloc(1, sizeof *w);
    if (w == NULL) return no_memory(error);
    w->plan = plan;
    w->io = io;
    w->result = result;
    w->job = plan->run->job;
    w->has_columns = w->job->columns != NULL;
    w->batch_rows = plan->batch_rows > 0 ? plan->batch_rows : DEFAULT_BATCH_ROWS;
    seine_buf_init(&w->step_bytes, STATE_BYTES_MAX);
    seine_buf_init(&w->packed, STATE_BYTES_MAX);
    status = io->head(io->context, take_head, w, error);
    if (status == SEINE_OK) status = run_days(w, error);
    if (status == SEINE_OK) status = write_heads(w, error);
    if (status == SEINE_OK) status = put_all_open(w, error);
    if (status == SEINE_OK && result->touched_count > 0)
        qsort(result->touched, result->touched_count, sizeof *result->touched, seine_touched_compare);
    free_worker(w);
    return status;
}

void seine_bucket_result_free(seine_bucket_result *result) {
    seine_arena_free(&result->arena);
    free(result->events);
    free(result->touched);
    *result = (seine_bucket_result){0};
}
