#include "refresh/state_window.h"

#include "base/array.h"
#include "base/try.h"
#include "refresh/state_pack.h"

#include <stdlib.h>

#define MOVERS_MAX ((size_t)1 << 30) /* of one bucket */

seine_status seine_state_window_mover(seine_state_window *w, seine_str name, uint32_t *code, seine_error *error) {
    const seine_status status = seine_dict_intern(&w->names, name, code);
    if (status != SEINE_OK) return seine_fail(error, status, "too many movers in one bucket");
    if (*code < w->mover_count) return SEINE_OK;
    char *copy = seine_arena_copy(w->names_arena, name.data, name.size);
    if (copy == NULL || SEINE_ARRAY_ROOM(w->movers, w->mover_count, w->mover_capacity, 1, MOVERS_MAX) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    seine_bucket_mover *m = &w->movers[w->mover_count++];
    *m = (seine_bucket_mover){.name = {copy, name.size},
                              .seen_day = INT32_MIN,
                              .stored_day = INT32_MIN,
                              .chosen_day = INT32_MIN,
                              .looked_day = INT32_MIN};
    seine_buf_init(&m->run.state, SEINE_STATE_BYTES_MAX);
    return SEINE_OK;
}

seine_status seine_state_window_keep(seine_bucket_mover *mover, const seine_state_row *row, seine_error *error) {
    seine_kept_row *run = &mover->run;
    seine_buf_clear(&run->state);
    const seine_status status = seine_buf_append(&run->state, row->state.data, row->state.size);
    if (status != SEINE_OK) return seine_fail(error, status, "a state of %zu bytes cannot be kept", row->state.size);
    run->exists = true;
    run->day = row->day;
    run->fixes = row->fixes;
    run->looked = row->looked;
    run->references = row->references;
    return SEINE_OK;
}

/* ---- stored rows ---- */

static seine_status take_head(void *context, const seine_state_row *row, seine_error *error) {
    seine_state_window *w = context;
    uint32_t code;
    SEINE_TRY(seine_state_window_mover(w, row->mover, &code, error));
    char *copy = seine_arena_copy(&w->heads, row->state.data, row->state.size);
    if (copy == NULL) return seine_no_memory(error, "computing states");
    seine_bucket_mover *m = &w->movers[code];
    m->has_head = true;
    m->head = (seine_state_row){m->name, row->day, row->fixes, {copy, row->state.size}, row->looked, row->references};
    return SEINE_OK;
}

static seine_status take_stored(void *context, const seine_state_row *row, seine_error *error) {
    seine_state_window *w = context;
    uint32_t code;
    SEINE_TRY(seine_state_window_mover(w, row->mover, &code, error));
    if (SEINE_ARRAY_ROOM(w->stored, w->stored_count, w->stored_capacity, 1, MOVERS_MAX) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    char *copy = seine_arena_copy(&w->day_arena, row->state.data, row->state.size);
    if (copy == NULL) return seine_no_memory(error, "computing states");
    seine_bucket_mover *m = &w->movers[code];
    m->stored_day = w->day;
    m->stored = w->stored_count;
    w->stored[w->stored_count++] =
        (seine_state_row){m->name, row->day, row->fixes, {copy, row->state.size}, row->looked, row->references};
    return SEINE_OK;
}

const seine_state_row *seine_state_window_stored(const seine_state_window *w, const seine_bucket_mover *m) {
    return m->stored_day == w->day ? &w->stored[m->stored] : NULL;
}

seine_bucket_mover *seine_state_window_owner(const seine_state_window *w, size_t stored) {
    return &w->movers[seine_dict_find(&w->names, w->stored[stored].mover)];
}

seine_status seine_state_window_open(seine_state_window *w, seine_error *error) {
    return w->io->head(w->io->context, take_head, w, error);
}

seine_status seine_state_window_move(seine_state_window *w, int32_t day, bool has_states, seine_error *error) {
    seine_arena_free(&w->day_arena);
    w->stored_count = 0;
    w->day = day;
    return has_states ? w->io->states(w->io->context, day, day, NULL, 0, take_stored, w, error) : SEINE_OK;
}

void seine_state_window_free(seine_state_window *w) {
    for (size_t i = 0; i < w->mover_count; i++) seine_buf_free(&w->movers[i].run.state);
    free(w->movers);
    seine_dict_free(&w->names);
    seine_arena_free(&w->heads);
    seine_arena_free(&w->day_arena);
    free(w->stored);
    free(w->wanted);
}

/* ---- the state before a day ---- */

static seine_status want(seine_state_window *w, uint32_t code, seine_error *error) {
    if (SEINE_ARRAY_ROOM(w->wanted, w->wanted_count, w->wanted_capacity, 1, MOVERS_MAX) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    w->movers[code].is_wanted = true;
    w->wanted[w->wanted_count++] = code;
    return SEINE_OK;
}

/* Only the newest older row counts; rows of one call come in any order. */
static seine_status take_older(void *context, const seine_state_row *row, seine_error *error) {
    seine_state_window *w = context;
    const uint32_t code = seine_dict_find(&w->names, row->mover);
    if (code == SEINE_CODE_NULL || !w->movers[code].is_wanted) return SEINE_OK;
    const seine_kept_row *run = &w->movers[code].run;
    if (run->exists && run->day >= row->day) return SEINE_OK;
    return seine_state_window_keep(&w->movers[code], row, error);
}

static seine_status walk_back(seine_state_window *w, seine_error *error) {
    const int32_t first_day = w->first_day;
    int32_t last = w->day - 1, width = 1;
    seine_str *names SEINE_OWNED(seine_free_owned) = malloc(w->wanted_count * sizeof *names);
    if (names == NULL) return seine_no_memory(error, "computing states");
    while (last >= first_day) {
        size_t missing = 0;
        for (size_t i = 0; i < w->wanted_count; i++)
            if (!w->movers[w->wanted[i]].run.exists) names[missing++] = w->movers[w->wanted[i]].name;
        if (missing == 0) break;
        const int32_t first = last - first_day < width ? first_day : last - width + 1;
        SEINE_TRY(w->io->states(w->io->context, first, last, names, missing, take_older, w, error));
        last = first - 1;
        width *= 4;
    }
    return SEINE_OK;
}

/* Gives every wanted mover its state before the day, as its run row. */
seine_status seine_state_window_resolve(seine_state_window *w, seine_error *error) {
    if (w->wanted_count == 0) return SEINE_OK;
    /* A mover that ran and stopped: its rows equal the stored ones, those of the last fed day in what comes of it. */
    seine_kept_row *stopped = calloc(w->wanted_count, sizeof *stopped);
    if (stopped == NULL) return seine_no_memory(error, "computing states");
    for (size_t i = 0; i < w->wanted_count; i++) {
        seine_bucket_mover *m = &w->movers[w->wanted[i]];
        stopped[i] = m->run;
        m->run.exists = false;
    }
    const seine_status status = walk_back(w, error);
    for (size_t i = 0; i < w->wanted_count; i++) {
        seine_bucket_mover *m = &w->movers[w->wanted[i]];
        m->is_wanted = false;
        if (!m->run.exists || !stopped[i].exists || stopped[i].day != m->run.day) continue;
        m->run.fixes = stopped[i].fixes;
        m->run.looked = stopped[i].looked;
        m->run.references = stopped[i].references;
    }
    w->wanted_count = 0;
    free(stopped);
    return status;
}

/* The easy cases of the state before the day; otherwise the mover is put on the list of the wanted. */
seine_status seine_state_window_want(seine_state_window *w, uint32_t code, seine_error *error) {
    seine_bucket_mover *m = &w->movers[code];
    if (m->running || !m->has_head) return SEINE_OK;
    if (m->head.day >= w->day) return want(w, code, error);
    if (m->run.exists && m->run.day == m->head.day) return SEINE_OK;
    return seine_state_window_keep(m, &m->head, error);
}

/* ---- following ---- */

/* Somebody runs whose stored rows reach this day or beyond. */
bool seine_state_window_follows(const seine_state_window *w, int32_t day) {
    for (size_t i = 0; i < w->mover_count; i++) {
        const seine_bucket_mover *m = &w->movers[i];
        if (m->running && m->has_head && m->head.day >= day) return true;
    }
    return false;
}

/* Replaces the head of a mover that ran. @return whether its row changed. */
bool seine_state_window_renew_head(seine_bucket_mover *m) {
    if (!m->ran) return false;
    if (!m->running && (!m->has_head || m->head.day != m->run.day)) return false; /* caught up with stored rows */
    const seine_state_row row = {m->name,       m->run.day,       m->run.fixes, seine_buf_str(&m->run.state),
                                 m->run.looked, m->run.references};
    const bool is_same = m->has_head == m->run.exists &&
                         (!m->has_head || (m->head.day == row.day && seine_state_row_equal(&m->head, &row)));
    m->has_head = m->run.exists;
    m->head = row;
    return !is_same;
}
