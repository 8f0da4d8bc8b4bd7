#include "refresh/look_ahead.h"

#include "base/time.h"
#include "base/try.h"

#include <stdlib.h>

#define PIECE_FIXES ((size_t)64) /* between two looks at whether anything can still come */

void seine_look_ahead_free(seine_look_ahead *a) {
    seine_step_frame_free(&a->frame);
    seine_track_batch_free(&a->batch);
}

static const seine_bucket_mover *mover_of(const seine_look_ahead *a, size_t group) {
    return &a->window->movers[a->amended.batch->groups[group].mover];
}

static seine_status feed_group(seine_look_ahead *a, const seine_track_group *group, seine_error *error) {
    const seine_bucket_mover *m = mover_of(a, group->mover);
    const seine_amending *amending = a->run->job->amending;
    const int64_t day_us = seine_time_day_start_us(a->day);
    const seine_str after = seine_buf_str(&m->run.state);
    SEINE_TRY(seine_step_frame_load(&a->frame, &after, error));
    a->frame.amended = a->amended;
    a->frame.amended.group = &a->amended.batch->groups[group->mover];
    for (seine_track_group piece = *group; piece.begin < group->end; piece.begin = piece.end) {
        if (amending->is_settled(a->run->config, &a->frame.state, day_us)) return SEINE_OK;
        piece.end = group->end - piece.begin > PIECE_FIXES ? piece.begin + PIECE_FIXES : group->end;
        SEINE_TRY(seine_step_frame_feed(&a->frame, m->name, &piece, a->day, error));
    }
    return SEINE_OK;
}

static seine_status feed_batch(seine_look_ahead *a, seine_error *error) {
    for (size_t i = 0; i < a->batch.group_count; i++) SEINE_TRY(feed_group(a, &a->batch.groups[i], error));
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

seine_status seine_look_ahead_run(seine_look_ahead *a, int32_t next_day, const seine_track_batch *batch,
                                  const seine_column_out *columns, seine_error *error) {
    seine_str *only SEINE_OWNED(seine_free_owned) = malloc((batch->group_count + 1) * sizeof *only);
    if (only == NULL) return seine_no_memory(error, "computing states");
    a->amended = (seine_amended_rows){.batch = batch, .columns = columns};
    a->day = next_day;
    a->at = 0;
    for (size_t i = 0; i < batch->group_count; i++) only[i] = mover_of(a, i)->name;
    SEINE_TRY(a->io->fixes(a->io->context, next_day, only, batch->group_count, take_fixes, a, error));
    return feed_batch(a, error);
}
