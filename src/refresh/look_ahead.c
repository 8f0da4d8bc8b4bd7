#include "refresh/look_ahead.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "refresh/state_pack.h"

#include <stdlib.h>

#define PIECE_FIXES ((size_t)64) /* between two looks at whether anything can still come */

static void init_frame(const seine_look_ahead *a, seine_step_frame *frame) {
    *frame = (seine_step_frame){.run = a->run, .batch = &a->batch};
    seine_buf_init(&frame->step_bytes, SEINE_STATE_BYTES_MAX);
    seine_buf_init(&frame->packed, SEINE_STATE_BYTES_MAX);
}

void seine_look_ahead_init(seine_look_ahead *a) {
    *a = (seine_look_ahead){.run = a->run, .io = a->io, .window = a->window, .batch_rows = a->batch_rows};
    init_frame(a, &a->frame);
    init_frame(a, &a->stored);
    init_frame(a, &a->made);
}

void seine_look_ahead_free(seine_look_ahead *a) {
    seine_step_frame_free(&a->frame);
    seine_step_frame_free(&a->stored);
    seine_step_frame_free(&a->made);
    seine_track_batch_free(&a->batch);
}

/* Of the piece of @p group that begins where @p piece does. */
static size_t piece_end(const seine_track_group *piece, const seine_track_group *group) {
    return group->end - piece->begin > PIECE_FIXES ? piece->begin + PIECE_FIXES : group->end;
}

static seine_bucket_mover *mover_of(const seine_look_ahead *a, size_t group) {
    return &a->window->movers[a->amended.batch->groups[group].mover];
}

/* The fixes of @p group up to @p end were looked at: whole pieces when no more could say anything, so that this is the
 * same whatever comes behind them. */
static void note_looked(seine_look_ahead *a, seine_bucket_mover *m, const seine_track_group *group, size_t end,
                        bool is_settled) {
    const seine_track_group seen = {group->mover, group->begin, end};
    m->looked_day = a->day;
    m->looked = (seine_looked){(uint32_t)(end - group->begin), !is_settled, seine_track_batch_hash(&a->batch, &seen)};
}

/* ---- how far a mover is followed ---- */

static seine_status feed_piece(seine_look_ahead *a, seine_step_frame *frame, seine_str mover,
                               const seine_track_group *fed, const seine_track_group *piece, seine_error *error) {
    frame->amended = (seine_amended_rows){&a->batch, fed, frame->columns};
    SEINE_TRY(seine_step_frame_feed(frame, mover, piece, a->day, error));
    return seine_step_frame_pack(frame, error);
}

/*
 * Feeds both states until they are equal. The mover stops when the rows so far are the same, and when both look at as
 * many fixes for rows of the day before, as its stored row tells: no more of what is stored can then become another.
 */
static seine_status follow(seine_look_ahead *a, seine_bucket_mover *m, const seine_track_group *group,
                           const seine_str *stored, seine_error *error) {
    const seine_amending *amending = a->run->job->amending;
    const int64_t day_us = seine_time_day_start_us(a->day);
    const seine_str after = seine_buf_str(&m->run.state);
    SEINE_TRY(seine_step_frame_load(&a->stored, stored, error));
    SEINE_TRY(seine_step_frame_load(&a->made, &after, error));
    seine_track_group piece = *group, fed = *group;
    for (; piece.begin < group->end; piece.begin = piece.end) {
        if (amending->is_settled(a->run->config, &a->stored.state, day_us) !=
            amending->is_settled(a->run->config, &a->made.state, day_us))
            return SEINE_OK;
        fed.end = piece.end = piece_end(&piece, group);
        SEINE_TRY(feed_piece(a, &a->stored, m->name, &fed, &piece, error));
        SEINE_TRY(feed_piece(a, &a->made, m->name, &fed, &piece, error));
        if (!seine_str_equal(seine_buf_str(&a->stored.packed), seine_buf_str(&a->made.packed))) continue;
        m->running = !seine_step_frame_same_rows(&a->stored, &a->made, &fed);
        return SEINE_OK;
    }
    return SEINE_OK;
}

/* Movers whose state after the day is another than the stored one; as they have fixes of the next day, which is kept,
 * they have a row of it. */
static seine_status follow_batch(seine_look_ahead *a, seine_error *error) {
    if (!a->is_kept) return SEINE_OK;
    SEINE_TRY(seine_step_frame_reserve(&a->stored, error));
    SEINE_TRY(seine_step_frame_reserve(&a->made, error));
    for (size_t i = 0; i < a->batch.group_count; i++) {
        seine_bucket_mover *m = mover_of(a, a->batch.groups[i].mover);
        const seine_state_row *stored = seine_state_window_stored(a->window, m);
        if (!m->running || stored == NULL) continue;
        SEINE_TRY(follow(a, m, &a->batch.groups[i], &stored->state, error));
    }
    return SEINE_OK;
}

/* ---- looking ---- */

static seine_status feed_group(seine_look_ahead *a, const seine_track_group *group, seine_error *error) {
    seine_bucket_mover *m = mover_of(a, group->mover);
    const seine_amending *amending = a->run->job->amending;
    const int64_t day_us = seine_time_day_start_us(a->day);
    const seine_str after = seine_buf_str(&m->run.state);
    bool is_settled = false;
    SEINE_TRY(seine_step_frame_load(&a->frame, &after, error));
    a->frame.amended = a->amended;
    a->frame.amended.group = &a->amended.batch->groups[group->mover];
    seine_track_group piece = *group;
    for (; piece.begin < group->end; piece.begin = piece.end) {
        is_settled = amending->is_settled(a->run->config, &a->frame.state, day_us);
        if (is_settled) break;
        piece.end = piece_end(&piece, group);
        SEINE_TRY(seine_step_frame_feed(&a->frame, m->name, &piece, a->day, error));
    }
    note_looked(a, m, group, piece.begin, is_settled);
    return SEINE_OK;
}

static seine_status feed_batch(seine_look_ahead *a, seine_error *error) {
    for (size_t i = 0; i < a->batch.group_count; i++) SEINE_TRY(feed_group(a, &a->batch.groups[i], error));
    SEINE_TRY(follow_batch(a, error));
    seine_track_batch_clear(&a->batch);
    return SEINE_OK;
}

/* Fixes come by mover in order, as the groups stand; others may be among them. */
static seine_status take_fixes(void *context, const seine_rows *rows, seine_error *error) {
    seine_look_ahead *a = context;
    const seine_str *names = rows->columns[SEINE_FIX_MOVER].values;
    const size_t groups = a->amended.batch->group_count;
    for (size_t first = 0, last; first < rows->count; first = last) {
        last = first + 1;
        while (last < rows->count && seine_str_equal(names[last], names[first])) last++;
        const size_t before = a->at;
        while (a->at < groups && seine_str_compare(mover_of(a, a->at)->name, names[first]) < 0) a->at++;
        if (a->at == groups || !seine_str_equal(mover_of(a, a->at)->name, names[first])) continue;
        if (a->at != before && a->batch.count >= a->batch_rows) SEINE_TRY(feed_batch(a, error));
        if (seine_track_batch_add(&a->batch, a->run->job, (uint32_t)a->at, rows, first, last) != SEINE_OK)
            return seine_no_memory(error, "computing states");
    }
    return SEINE_OK;
}

seine_status seine_look_ahead_run(seine_look_ahead *a, int32_t next_day, bool is_kept, const seine_track_batch *batch,
                                  const seine_column_out *columns, seine_error *error) {
    seine_str *only SEINE_OWNED(seine_free_owned) = malloc((batch->group_count + 1) * sizeof *only);
    if (only == NULL) return seine_no_memory(error, "computing states");
    a->amended = (seine_amended_rows){.batch = batch, .columns = columns};
    a->day = next_day;
    a->is_kept = is_kept;
    a->at = 0;
    for (size_t i = 0; i < batch->group_count; i++) only[i] = mover_of(a, i)->name;
    SEINE_TRY(a->io->fixes(a->io->context, next_day, only, batch->group_count, take_fixes, a, error));
    return feed_batch(a, error);
}

/* ---- what was looked at ---- */

#define MOVERS_MAX ((size_t)1 << 30)

/* A mover of the next day. */
typedef struct looked_row {
    seine_looked looked;
    bool is_same;
} looked_row;

typedef struct comparing {
    seine_look_ahead *ahead;
    void (*changed)(void *context, seine_str mover);
    void *context;
    seine_dict movers; /* with a stored row */
    looked_row *rows;
    size_t count, capacity;
    size_t taken; /* fixes of the mover at hand */
    uint32_t at;  /* that one, or SEINE_CODE_NULL */
} comparing;

static void end_comparing(comparing *c) {
    seine_dict_free(&c->movers);
    free(c->rows);
}

static seine_status take_looked(void *context, const seine_state_row *row, seine_error *error) {
    comparing *c = context;
    uint32_t code;
    if (seine_dict_intern(&c->movers, row->mover, &code) != SEINE_OK ||
        SEINE_ARRAY_ROOM(c->rows, c->count, c->capacity, 1, MOVERS_MAX) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    if (code < c->count) return SEINE_OK;
    c->rows[c->count++] = (looked_row){row->looked, row->looked.count == 0 && !row->looked.is_open};
    return SEINE_OK;
}

static void compare_batch(comparing *c) {
    seine_track_batch *batch = &c->ahead->batch;
    for (size_t i = 0; i < batch->group_count; i++) {
        const seine_track_group *group = &batch->groups[i];
        looked_row *row = &c->rows[group->mover];
        row->is_same = group->end - group->begin == row->looked.count &&
                       seine_hash128_equal(seine_track_batch_hash(batch, group), row->looked.fixes);
    }
    seine_track_batch_clear(batch);
}

/* Of each mover as many fixes as were looked at, or all of them and so one more than were. */
static seine_status take_next(void *context, const seine_rows *rows, seine_error *error) {
    comparing *c = context;
    seine_look_ahead *a = c->ahead;
    const seine_str *names = rows->columns[SEINE_FIX_MOVER].values;
    for (size_t first = 0, last; first < rows->count; first = last) {
        last = first + 1;
        while (last < rows->count && seine_str_equal(names[last], names[first])) last++;
        const uint32_t code = seine_dict_find(&c->movers, names[first]);
        if (code == SEINE_CODE_NULL) {
            c->changed(c->context, names[first]);
            continue;
        }
        if (code != c->at) {
            if (a->batch.count >= a->batch_rows) compare_batch(c);
            c->at = code;
            c->taken = 0;
        }
        const looked_row *row = &c->rows[code];
        const size_t wanted = (size_t)row->looked.count + row->looked.is_open - c->taken;
        const size_t count = last - first < wanted ? last - first : wanted;
        if (count == 0) continue;
        if (seine_track_batch_add(&a->batch, a->run->job, code, rows, first, first + count) != SEINE_OK)
            return seine_no_memory(error, "computing states");
        c->taken += count;
    }
    return SEINE_OK;
}

seine_status seine_look_ahead_changed(seine_look_ahead *a, int32_t next_day, bool has_silver,
                                      void (*changed)(void *context, seine_str mover), void *context,
                                      seine_error *error) {
    comparing c SEINE_OWNED(end_comparing) = {
        .ahead = a, .changed = changed, .context = context, .at = SEINE_CODE_NULL};
    SEINE_TRY(a->io->states(a->io->context, next_day, next_day, NULL, 0, take_looked, &c, error));
    if (has_silver) SEINE_TRY(a->io->fixes(a->io->context, next_day, NULL, 0, take_next, &c, error));
    compare_batch(&c);
    for (size_t i = 0; i < c.count; i++)
        if (!c.rows[i].is_same) changed(context, c.movers.entries[i]);
    return SEINE_OK;
}
