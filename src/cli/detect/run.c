/*
 * From the message table to gaps. Messages are grouped by mover (one counting pass), each mover's track is sorted if
 * it is not, the gap step finds the silences, and core/gap_windows.h says which of them belong to the run. Whatever is
 * looked up per mover or per gap (stored gaps, ids, wanted movers, keys that are missing) is indexed first: no loop
 * over one input runs inside of a loop over another.
 */
#include "cli/detect/fixes.h"
#include "cli/detect/tracks.h"

#include "base/try.h"
#include "seine/gap.h"
#include "seine/geodesy.h"

#include <math.h>
#include <stdlib.h>

#define EVENTS 1024
#define GAPS_MAX_BYTES ((size_t)1 << 40)
#define PROGRESS_EVERY 1024

/* One mover's messages in time order. The step names them by their index here. */
typedef struct track {
    int64_t *ticks;
    double *lat_deg, *lon_deg;
    uint8_t *receiver;
    uint32_t *row;        /* in the message table */
    uint32_t *missing;    /* nearest message up to each that has no receiver_type, plus one; NULL: all have one */
    seine_gap_sums *sums; /* of the track when has_sums; made for the first gap that needs them */
    bool has_sums;
    size_t count, kept;
} track;

typedef struct run {
    seine_detect *detect;
    const seine_message *rows;
    seine_detect_tracks tracks; /* one per mover */
    uint32_t *stored_order;     /* stored gaps that may be closed, by mover */
    uint64_t *stored_start;     /* of each mover in stored_order, and one behind; NULL: no gap is stored */
    seine_dict found;           /* ids of the gaps of one mover */
    track track;
    seine_gap_config config; /* in ticks */
    seine_event *events;
    seine_error *error;
} run;

static seine_status work(const run *r, uint64_t steps) { return seine_detect_tracks_work(&r->tracks, steps); }

/* ---- tracks and stored gaps ------------------------------------------------------------------------------------ */

/* The stored gaps that may be closed, brought together by mover. */
static seine_status group_stored(run *r) {
    const seine_detect *detect = r->detect;
    const uint32_t movers = detect->messages.movers.count;
    if (detect->stored_count == 0) return SEINE_OK;
    r->stored_start = calloc((size_t)movers + 2, sizeof *r->stored_start);
    r->stored_order = malloc(detect->stored_count * sizeof *r->stored_order);
    if (r->stored_start == NULL || r->stored_order == NULL) return seine_no_memory(r->error, "detect");
    for (size_t i = 0; i < detect->stored_count; i++) {
        const seine_detect_stored *stored = &detect->stored[i];
        if (!stored->is_closed && stored->mover < movers) r->stored_start[stored->mover + 2]++;
    }
    for (uint32_t m = 0; m <= movers; m++) r->stored_start[m + 1] += r->stored_start[m];
    for (size_t i = 0; i < detect->stored_count; i++) {
        const seine_detect_stored *stored = &detect->stored[i];
        if (stored->is_closed || stored->mover >= movers) continue;
        r->stored_order[r->stored_start[stored->mover + 1]++] = (uint32_t)i;
    }
    return work(r, detect->stored_count + movers);
}

static seine_status take_track(run *r, uint32_t mover) {
    track *t = &r->track;
    t->count = seine_detect_tracks_size(&r->tracks, mover);
    t->has_sums = false;
    SEINE_TRY(seine_detect_tracks_take(&r->tracks, mover, t->row, t->ticks));
    for (size_t i = 0; i < t->count; i++) {
        const seine_message *message = &r->rows[t->row[i]];
        t->lat_deg[i] = message->lat_deg;
        t->lon_deg[i] = message->lon_deg;
        t->receiver[i] = message->receiver;
    }
    for (size_t i = 0; t->missing != NULL && i < t->count; i++) {
        const bool has_it = (r->rows[t->row[i]].keys & SEINE_MESSAGE_RECEIVER) != 0;
        t->missing[i] = !has_it ? (uint32_t)i + 1 : i > 0 ? t->missing[i - 1] : 0;
    }
    t->kept = seine_gap_windows_kept(&r->detect->options.windows, t->ticks, t->count);
    return SEINE_OK;
}

/* ---- gaps ------------------------------------------------------------------------------------------------------ */

static seine_status need_key(const run *r, uint32_t row, uint8_t key, const char *name) {
    if ((r->rows[row].keys & key) != 0) return SEINE_OK;
    char place[512];
    seine_messages_place(&r->detect->messages, &r->rows[row], place);
    return seine_fail(r->error, SEINE_E_FORMAT, "%s: Missing key in input messages: '%s'", place, name);
}

static seine_status need_position(const run *r, uint32_t row) {
    SEINE_TRY(need_key(r, row, SEINE_MESSAGE_LAT, "lat"));
    return need_key(r, row, SEINE_MESSAGE_LON, "lon");
}

/* Keys that are missing matter only where a gap is made of them. */
static seine_status check_keys(const run *r, size_t off, size_t on) {
    const track *t = &r->track;
    const bool is_open = on == SIZE_MAX;
    if (r->detect->options.is_2024) {
        SEINE_TRY(need_key(r, t->row[off], SEINE_MESSAGE_SHORE, "distance_from_shore_m"));
        return is_open ? SEINE_OK : need_key(r, t->row[on], SEINE_MESSAGE_SHORE, "distance_from_shore_m");
    }
    SEINE_TRY(need_position(r, t->row[off]));
    if (!is_open) SEINE_TRY(need_position(r, t->row[on]));
    if (t->missing == NULL || t->missing[off] == 0) return SEINE_OK;
    const size_t missing = t->missing[off] - 1;
    if (t->ticks[missing] < t->ticks[off] - r->config.history_us) return SEINE_OK;
    return need_key(r, t->row[missing], SEINE_MESSAGE_RECEIVER, "receiver_type");
}

static seine_status push(run *r, const seine_detect_gap *gap) {
    const seine_status status = seine_buf_append(&r->detect->gaps, gap, sizeof *gap);
    return status == SEINE_OK ? SEINE_OK : seine_fail(r->error, status, "%s for gaps", seine_status_text(status));
}

/* The 2024 profile counts a silence only when both ends are off shore, or may be. */
static bool is_off_shore(const run *r, size_t i) {
    const double shore_m = r->rows[r->track.row[i]].shore_m;
    return isnan(shore_m) || shore_m > 0;
}

static void count_before(run *r, size_t off, int64_t from_us, const seine_event *event, uint32_t counts[4]) {
    track *t = &r->track;
    if (from_us == INT64_MIN || r->detect->fixes != NULL) { /* in a lake there are no windows */
        for (int i = 0; i < 4; i++) counts[i] = (uint32_t)event->measure[SEINE_GAP_BEFORE + i];
        return;
    }
    size_t wide[4] = {0};
    if (!t->has_sums) seine_gap_windows_sums(t->receiver, t->count, t->sums);
    t->has_sums = true;
    seine_gap_windows_count(t->ticks, t->sums, off, r->detect->options.history_us, from_us, wide);
    for (int i = 0; i < 4; i++) counts[i] = (uint32_t)wide[i];
}

/* A silence after the message `off`, ended by `on` (SIZE_MAX: open). */
static seine_status add_gap(run *r, uint32_t mover, size_t off, size_t on, const seine_event *event) {
    const seine_detect_options *options = &r->detect->options;
    const track *t = &r->track;
    const bool is_open = on == SIZE_MAX;
    const int64_t *on_ticks = is_open ? NULL : &t->ticks[on];
    if (!is_open && !seine_gap_windows_reports(&options->windows, t->ticks[off], *on_ticks)) return SEINE_OK;
    off = seine_gap_windows_off(&options->windows, t->ticks, off, on_ticks);
    SEINE_TRY(check_keys(r, off, on));
    if (options->is_2024 && (!is_off_shore(r, off) || (!is_open && !is_off_shore(r, on)))) return SEINE_OK;

    seine_detect_gap gap = {.off = t->row[off],
                            .on = is_open ? SEINE_DETECT_NONE : t->row[on],
                            .stored = SEINE_DETECT_NONE,
                            .mover = mover,
                            .off_time_s = r->rows[t->row[off]].time_s,
                            .on_time_s = is_open ? NAN : r->rows[t->row[on]].time_s,
                            .distance_m = event->measure[SEINE_GAP_DISTANCE]};
    count_before(r, off, seine_gap_windows_history_start(&options->windows, t->ticks, t->kept, off, on_ticks), event,
                 gap.counts);
    return push(r, &gap);
}

typedef struct closed_silences {
    run *r;
    uint32_t mover;
} closed_silences;

static seine_status take_closed(void *context, const seine_event *events, size_t count) {
    const closed_silences *c = context;
    for (size_t i = 0; i < count; i++)
        SEINE_TRY(add_gap(c->r, c->mover, (size_t)events[i].start_ref, (size_t)events[i].end_ref, &events[i]));
    return SEINE_OK;
}

static seine_status find_closed(run *r, uint32_t mover) {
    const track *t = &r->track;
    seine_track view = {
        .time_us = t->ticks, .lat_deg = t->lat_deg, .lon_deg = t->lon_deg, .receiver = t->receiver, .count = t->kept};
    seine_step_out room = {.events = r->events, .capacity = EVENTS};
    closed_silences closed = {r, mover};
    return seine_detect_tracks_feed(&r->tracks, &seine_gap_step, &r->config, &view, &room, take_closed, &closed);
}

/* Up to when nothing more came, in ticks; of fixes what a lake of the same files would say. */
static int64_t watermark_of(const run *r, int64_t off_ticks) {
    const seine_gap_windows *windows = &r->detect->options.windows;
    return r->detect->fixes != NULL && !windows->has_range ? seine_ticks_of_us(r->detect->fixes->watermark_us)
                                                           : seine_gap_windows_watermark(windows, off_ticks);
}

static seine_status find_open(run *r, uint32_t mover) {
    const seine_gap_windows *windows = &r->detect->options.windows;
    const size_t last = r->track.kept - 1;
    const int64_t off_ticks = r->track.ticks[last];
    if (!seine_gap_windows_reports_open(windows, off_ticks)) return SEINE_OK;
    seine_step_out out = {.events = r->events, .capacity = EVENTS};
    SEINE_TRY(seine_gap_step.advance(&r->config, &r->tracks.state, watermark_of(r, off_ticks), &out));
    return out.pos == 0 ? SEINE_OK : add_gap(r, mover, last, SIZE_MAX, &out.events[0]);
}

/* ---- stored open gaps ------------------------------------------------------------------------------------------ */

/* Ids of the mover's gaps found in this run, from index `first` on. */
static seine_status note_found(run *r, size_t first) {
    size_t count = 0;
    const seine_detect_gap *gaps = seine_detect_gaps(r->detect, &count);
    seine_dict_free(&r->found);
    for (size_t i = first; i < count; i++) {
        char id[33];
        uint32_t code = 0;
        SEINE_TRY(seine_detect_id_of(r->detect, gaps[i].off, id, r->error));
        if (seine_dict_intern(&r->found, seine_str_of(id), &code) != SEINE_OK)
            return seine_no_memory(r->error, "ids of gaps");
        SEINE_TRY(work(r, 1));
    }
    return SEINE_OK;
}

static seine_status close_stored(run *r, uint32_t mover, uint32_t index) {
    const seine_detect_stored *stored = &r->detect->stored[index];
    const track *t = &r->track;
    const size_t on = seine_gap_windows_closing(&r->detect->options.windows, t->ticks, t->kept,
                                                seine_ticks_of_seconds(stored->time_s));
    if (on == t->kept || seine_dict_find(&r->found, stored->gap_id) != SEINE_CODE_NULL) return SEINE_OK;
    SEINE_TRY(work(r, 1));
    if (!r->detect->options.is_2024) SEINE_TRY(need_position(r, t->row[on]));
    const seine_detect_gap gap = {
        .off = SEINE_DETECT_NONE,
        .on = t->row[on],
        .stored = index,
        .mover = mover,
        .off_time_s = stored->time_s,
        .on_time_s = r->rows[t->row[on]].time_s,
        .distance_m = seine_geodesic_m(stored->lat_deg, stored->lon_deg, t->lat_deg[on], t->lon_deg[on])};
    return push(r, &gap);
}

static int compare_gaps(const void *a, const void *b) {
    const seine_detect_gap *x = a, *y = b;
    if (x->off_time_s != y->off_time_s) return x->off_time_s < y->off_time_s ? -1 : 1;
    return (x->stored > y->stored) - (x->stored < y->stored);
}

static seine_status close_all_stored(run *r, uint32_t mover, size_t first) {
    if (r->stored_start == NULL || r->stored_start[mover] == r->stored_start[mover + 1]) return SEINE_OK;
    SEINE_TRY(note_found(r, first));
    for (uint64_t i = r->stored_start[mover]; i < r->stored_start[mover + 1]; i++)
        SEINE_TRY(close_stored(r, mover, r->stored_order[i]));
    size_t count = 0;
    (void)seine_detect_gaps(r->detect, &count);
    seine_detect_gap *gaps = (seine_detect_gap *)(void *)r->detect->gaps.data;
    if (count > first) qsort(gaps + first, count - first, sizeof *gaps, compare_gaps);
    return SEINE_OK;
}

/* ---- all movers ------------------------------------------------------------------------------------------------ */

static seine_status run_mover(run *r, uint32_t mover) {
    size_t first = 0;
    (void)seine_detect_gaps(r->detect, &first);
    SEINE_TRY(take_track(r, mover));
    SEINE_TRY(work(r, r->track.count + 1));
    if (r->track.kept == 0) return SEINE_OK;
    SEINE_TRY(seine_detect_tracks_init(&r->tracks, &seine_gap_step, &r->config));
    SEINE_TRY(find_closed(r, mover));
    if (r->detect->options.eval_last) SEINE_TRY(find_open(r, mover));
    return close_all_stored(r, mover, first);
}

static seine_status make_room(run *r) {
    const size_t n = r->tracks.longest + 1;
    track *t = &r->track;
    t->ticks = malloc(n * sizeof *t->ticks);
    t->lat_deg = malloc(n * sizeof *t->lat_deg);
    t->lon_deg = malloc(n * sizeof *t->lon_deg);
    t->receiver = malloc(n);
    t->row = malloc(n * sizeof *t->row);
    t->sums = malloc((n + 1) * sizeof *t->sums);
    const bool all_have_receiver = (r->detect->messages.keys_of_all & SEINE_MESSAGE_RECEIVER) != 0;
    t->missing = all_have_receiver ? NULL : malloc(n * sizeof *t->missing);
    r->events = malloc(EVENTS * sizeof *r->events);
    const bool fine = t->ticks != NULL && t->lat_deg != NULL && t->lon_deg != NULL && t->receiver != NULL &&
                      t->row != NULL && t->sums != NULL && (t->missing != NULL || all_have_receiver) &&
                      r->events != NULL;
    return fine ? SEINE_OK : seine_no_memory(r->error, "detect");
}

static void free_run(run *r) {
    free(r->track.ticks);
    free(r->track.lat_deg);
    free(r->track.lon_deg);
    free(r->track.receiver);
    free(r->track.row);
    free(r->track.missing);
    free(r->track.sums);
    free(r->stored_order);
    free(r->stored_start);
    seine_dict_free(&r->found);
    free(r->events);
    seine_detect_tracks_close(&r->tracks);
}

seine_status seine_detect_run(seine_detect *detect, seine_error *error) {
    run r SEINE_OWNED(free_run) = {.detect = detect, .error = error};
    size_t row_count = 0;
    r.rows = seine_messages_rows(&detect->messages, &row_count);
    r.config = (seine_gap_config){.min_gap_us = seine_ticks_of_us(detect->options.windows.min_gap_us),
                                  .history_us = seine_ticks_of_us(detect->options.history_us)};
    seine_buf_init(&detect->gaps, GAPS_MAX_BYTES);
    SEINE_TRY(seine_detect_tracks_open(detect, SEINE_DETECT_WHOLE_MOVER, &r.tracks, error));
    SEINE_TRY(group_stored(&r));
    SEINE_TRY(make_room(&r));
    const uint32_t movers = detect->messages.movers.count;
    for (uint32_t mover = 0; mover < movers; mover++) {
        if (mover % PROGRESS_EVERY == 0) seine_progress_report(detect->progress, "finding gaps", mover, movers);
        SEINE_TRY(work(&r, 1));
        if (seine_detect_tracks_wants(&r.tracks, mover)) SEINE_TRY(run_mover(&r, mover));
    }
    return SEINE_OK;
}
