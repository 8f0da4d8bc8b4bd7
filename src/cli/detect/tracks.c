/* Messages → tracks: one counting pass brings them together, each track is sorted if it is not. */
#include "cli/detect/tracks.h"

#include "base/array.h"
#include "base/try.h"

#include <stdlib.h>

#define STATE_MAX ((size_t)1 << 40)

seine_status seine_detect_tracks_work(const seine_detect_tracks *tracks, uint64_t steps) {
    if (seine_pace_go(tracks->detect->pace, steps)) return SEINE_OK;
    return seine_fail(tracks->error, SEINE_E_INTERRUPTED, "interrupted");
}

/* ---- grouping -------------------------------------------------------------------------------------------------- */

static seine_status note_wanted(seine_detect_tracks *t) {
    const seine_detect_options *options = &t->detect->options;
    for (size_t i = 0; i < options->ssvid_count; i++) {
        uint32_t code = 0;
        if (seine_dict_intern(&t->wanted, seine_str_of(options->ssvids[i]), &code) != SEINE_OK)
            return seine_no_memory(t->error, "detect");
    }
    return SEINE_OK;
}

bool seine_detect_tracks_wants(const seine_detect_tracks *tracks, uint32_t mover) {
    const seine_messages *messages = &tracks->detect->messages;
    return tracks->detect->options.ssvid_count == 0 ||
           seine_dict_find(&tracks->wanted, seine_messages_ssvid(messages, mover)) != SEINE_CODE_NULL;
}

/* A code for each pair of mover and text. */
static seine_status code_pairs(seine_detect_tracks *t, size_t row_count, size_t split) {
    t->of_row = malloc((row_count + 1) * sizeof *t->of_row);
    if (t->of_row == NULL) return seine_no_memory(t->error, "detect");
    for (size_t i = 0; i < row_count; i++) {
        const uint64_t pair[] = {t->rows[i].mover, seine_messages_values(&t->detect->messages, i)[split].text};
        const seine_status status =
            seine_dict_intern(&t->keys, (seine_str){(const char *)pair, sizeof pair}, &t->of_row[i]);
        if (status != SEINE_OK) return seine_fail(t->error, status, "too many tracks, or out of memory");
        SEINE_TRY(seine_detect_tracks_work(t, 1));
    }
    t->count = t->keys.count;
    return SEINE_OK;
}

static uint32_t track_of(const seine_detect_tracks *t, size_t row) {
    return t->of_row != NULL ? t->of_row[row] : t->rows[row].mover;
}

static seine_status group(seine_detect_tracks *t, size_t row_count) {
    t->start = calloc((size_t)t->count + 1, sizeof *t->start);
    t->order = malloc((row_count + 1) * sizeof *t->order);
    if (t->start == NULL || t->order == NULL) return seine_no_memory(t->error, "detect");
    for (size_t i = 0; i < row_count; i++) t->start[track_of(t, i) + 1]++;
    for (uint32_t k = 0; k < t->count; k++) {
        if (t->start[k + 1] > t->longest) t->longest = (size_t)t->start[k + 1];
        t->start[k + 1] += t->start[k];
    }
    /* start[k] runs to the end of its track while filling, so it ends one track too far. */
    for (size_t i = 0; i < row_count; i++) t->order[t->start[track_of(t, i)]++] = (uint32_t)i;
    for (uint32_t k = t->count; k > 0; k--) t->start[k] = t->start[k - 1];
    t->start[0] = 0;
    return SEINE_OK;
}

seine_status seine_detect_tracks_open(const seine_detect *detect, size_t split, seine_detect_tracks *tracks,
                                      seine_error *error) {
    size_t row_count = 0;
    *tracks = (seine_detect_tracks){.detect = detect, .error = error, .count = detect->messages.movers.count};
    tracks->rows = seine_messages_rows(&detect->messages, &row_count);
    SEINE_TRY(note_wanted(tracks));
    if (split != SEINE_DETECT_WHOLE_MOVER) SEINE_TRY(code_pairs(tracks, row_count, split));
    return group(tracks, row_count);
}

void seine_detect_tracks_close(seine_detect_tracks *tracks) {
    free(tracks->of_row);
    free(tracks->order);
    free(tracks->start);
    free(tracks->state.data);
    seine_dict_free(&tracks->keys);
    seine_dict_free(&tracks->wanted);
}

uint32_t seine_detect_tracks_mover(const seine_detect_tracks *tracks, uint32_t track) {
    return tracks->of_row == NULL ? track : tracks->rows[tracks->order[tracks->start[track]]].mover;
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

typedef struct sort_key {
    int64_t ticks;
    uint32_t row;
} sort_key;

/* Messages of equal time keep the order of the input. */
static int compare_keys(const void *a, const void *b) {
    const sort_key *x = a, *y = b;
    if (x->ticks != y->ticks) return x->ticks < y->ticks ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static seine_status sort(const seine_detect_tracks *t, uint32_t *row, int64_t *ticks, size_t count) {
    size_t i = 1;
    while (i < count && ticks[i - 1] <= ticks[i]) i++;
    if (i >= count) return SEINE_OK;
    sort_key *keys = malloc(count * sizeof *keys);
    if (keys == NULL) return seine_no_memory(t->error, "detect");
    for (i = 0; i < count; i++) keys[i] = (sort_key){ticks[i], row[i]};
    qsort(keys, count, sizeof *keys, compare_keys);
    for (i = 0; i < count; i++) {
        ticks[i] = keys[i].ticks;
        row[i] = keys[i].row;
    }
    free(keys);
    return SEINE_OK;
}

seine_status seine_detect_tracks_take(seine_detect_tracks *tracks, uint32_t track, uint32_t *row, int64_t *ticks) {
    const size_t count = seine_detect_tracks_size(tracks, track);
    for (size_t i = 0; i < count; i++) {
        row[i] = tracks->order[tracks->start[track] + i];
        ticks[i] = seine_ticks_of_seconds(tracks->rows[row[i]].time_s);
    }
    return sort(tracks, row, ticks, count);
}

/* ---- the step at work ------------------------------------------------------------------------------------------ */

static seine_status grow_state(seine_detect_tracks *t) {
    if (SEINE_ARRAY_ROOM(t->state.data, 0, t->state.capacity, t->state.needed, STATE_MAX) == SEINE_OK) return SEINE_OK;
    return seine_no_memory(t->error, "state of a mover");
}

seine_status seine_detect_tracks_init(seine_detect_tracks *tracks, const seine_step *step, const void *config) {
    const seine_status status = step->init(config, &tracks->state);
    if (status != SEINE_E_SPACE) return status;
    SEINE_TRY(grow_state(tracks));
    return step->init(config, &tracks->state);
}

seine_status seine_detect_tracks_feed(seine_detect_tracks *tracks, const seine_step *step, const void *config,
                                      seine_track *view, seine_step_out *room, seine_detect_take_events take,
                                      void *context) {
    seine_status status = SEINE_E_FULL;
    while (status == SEINE_E_FULL || status == SEINE_E_SPACE) {
        room->pos = 0;
        status = step->feed(config, &tracks->state, view, room);
        SEINE_TRY(take(context, room->events, room->pos));
        if (status == SEINE_E_SPACE) SEINE_TRY(grow_state(tracks));
        if (status == SEINE_E_FULL && room->pos == 0) break; /* the caller's room is less than one fix can need */
    }
    return status == SEINE_OK
               ? SEINE_OK
               : seine_fail(tracks->error, SEINE_E_INTERNAL, "%s step: %s", step->name, seine_status_text(status));
}
