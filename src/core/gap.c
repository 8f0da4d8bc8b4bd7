/*
 * Reporting gaps. The hot loop looks at time differences only; everything else happens when a gap is found. A call
 * works on one long row of fixes, numbered from 0:
 *
 *     | entries of the state (history of earlier calls) | fixes of this call |
 *       0 ... kept - 1                                    kept ...
 *
 * Counts come from a window [from, to) over that row which moves from gap to gap. Moving costs the smaller of the
 * distance moved and the window's size, so a track costs time linear in its length whatever the settings are.
 */
#include "base/hash.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "core/gap_state.h"
#include "seine/geodesy.h"

#include <math.h>

#define SCAN_BLOCK 64

seine_gap_config seine_gap_config_default(void) {
    return (seine_gap_config){.min_gap_us = 6 * SEINE_HOUR_US, .history_us = 12 * SEINE_HOUR_US};
}

double seine_gap_duration_h(double seconds) {
    return seconds * (1.0 / 3600.0); /* by the rounded reciprocal, as the rule says */
}

double seine_gap_speed_knots(double distance_m, double duration_h) {
    if (isnan(distance_m) || isnan(duration_h) || duration_h == 0) return NAN;
    return distance_m / duration_h / SEINE_NAUTICAL_MILE_M;
}

/* ---- ids ------------------------------------------------------------------------------------------------------- */

void seine_gap_id(const char *ssvid, size_t ssvid_size, const char *timestamp_text, const char *lat_text,
                  const char *lon_text, char id[33]) {
    const seine_str bar = SEINE_STR("|");
    const seine_str parts[] = {
        {ssvid, ssvid_size},    bar, seine_str_of(timestamp_text), bar,
        seine_str_of(lat_text), bar, seine_str_of(lon_text),
    };
    seine_md5_hex_of_parts(parts, sizeof parts / sizeof parts[0], id);
}

static void coordinate_text(double degrees, char text[32]) {
    seine_number_text(isnan(degrees) || degrees == 0 ? 0.0 : degrees, text);
}

static double seconds_of(int64_t time_us) { return (double)time_us / 1e6; }

void seine_gap_id_of_fix(const char *ssvid, size_t ssvid_size, int64_t time_us, double lat_deg, double lon_deg,
                         char id[33]) {
    char time_text[32];
    char lat_text[32];
    char lon_text[32];
    seine_number_text(seconds_of(time_us), time_text);
    coordinate_text(lat_deg, lat_text);
    coordinate_text(lon_deg, lon_text);
    seine_gap_id(ssvid, ssvid_size, time_text, lat_text, lon_text, id);
}

/* ---- the row of fixes a call works on -------------------------------------------------------------------------- */

typedef struct fix {
    int64_t time_us;
    double lat_deg, lon_deg, shore_m;
    uint64_t ref;
} fix;

typedef struct row {
    const int64_t *kept_time_us, *new_time_us;
    const uint8_t *kept_receiver, *new_receiver; /* new_receiver NULL = all OTHER */
    uint64_t kept;
} row;

/* Counts of the entries [from, to) of a row. */
typedef struct window {
    uint64_t from, to;
    uint64_t of_receiver[SEINE_GAP_RECEIVERS];
} window;

static int64_t time_at(const row *r, uint64_t i) {
    return i < r->kept ? r->kept_time_us[i] : r->new_time_us[i - r->kept];
}

static uint8_t receiver_at(const row *r, uint64_t i) {
    if (i < r->kept) return r->kept_receiver[i];
    return r->new_receiver != NULL ? seine_gap_receiver(r->new_receiver[i - r->kept]) : SEINE_RECEIVER_OTHER;
}

/* Adds the kinds among so many receivers. Bytes are summed in pieces that cannot overflow one, so it vectorises. */
static void count_bytes(const uint8_t *receiver, uint64_t count, uint64_t of_receiver[SEINE_GAP_RECEIVERS]) {
    for (uint64_t done = 0; done < count;) {
        const uint64_t piece = count - done < 255 ? count - done : 255;
        uint8_t kinds[SEINE_GAP_RECEIVERS] = {0};
        for (uint64_t i = done; i < done + piece; i++) {
            kinds[1] = (uint8_t)(kinds[1] + (receiver[i] == 1));
            kinds[2] = (uint8_t)(kinds[2] + (receiver[i] == 2));
            kinds[3] = (uint8_t)(kinds[3] + (receiver[i] == 3));
        }
        of_receiver[0] += piece - kinds[1] - kinds[2] - kinds[3];
        for (int kind = 1; kind < SEINE_GAP_RECEIVERS; kind++) of_receiver[kind] += kinds[kind];
        done += piece;
    }
}

/* Adds entries [from, to) to the window, or takes them away. */
static void count_entries(const row *r, uint64_t from, uint64_t to, bool add, window *w) {
    uint64_t of_receiver[SEINE_GAP_RECEIVERS] = {0};
    const uint64_t middle = to < r->kept ? to : from > r->kept ? from : r->kept;
    if (from < middle) count_bytes(r->kept_receiver + from, middle - from, of_receiver);
    if (middle < to && r->new_receiver != NULL) {
        count_bytes(r->new_receiver + (middle - r->kept), to - middle, of_receiver);
    } else {
        of_receiver[SEINE_RECEIVER_OTHER] += to - middle;
    }
    for (int i = 0; i < SEINE_GAP_RECEIVERS; i++) {
        w->of_receiver[i] += add ? of_receiver[i] : 0 - of_receiver[i];
    }
}

static uint64_t distance(uint64_t a, uint64_t b) { return a > b ? a - b : b - a; }

static void move_window(const row *r, window *w, uint64_t from, uint64_t to) {
    const uint64_t moved = distance(w->from, from) + distance(w->to, to);
    if (to - from <= moved || from >= w->to) {
        *w = (window){.from = from, .to = from};
    }
    if (w->from == w->to) w->from = w->to = from;
    if (from > w->from) count_entries(r, w->from, from, false, w);
    if (from < w->from) count_entries(r, from, w->from, true, w);
    if (to > w->to) count_entries(r, w->to, to, true, w);
    if (to < w->to) count_entries(r, to, w->to, false, w);
    w->from = from;
    w->to = to;
}

/* First entry in [from, last] that lies at most history_us before entry last: doubling steps, then halving. */
static uint64_t window_start(const row *r, uint64_t from, uint64_t last, int64_t history_us) {
    const int64_t last_us = time_at(r, last);
    const uint64_t reach_us = (uint64_t)history_us;
    uint64_t low = from; /* everything before is too old */
    uint64_t step = 1;
    while (low < last && (uint64_t)last_us - (uint64_t)time_at(r, low) > reach_us) {
        const uint64_t probe = last - low > step ? low + step : last;
        if ((uint64_t)last_us - (uint64_t)time_at(r, probe) > reach_us) {
            low = probe + 1;
            step *= 2;
            continue;
        }
        uint64_t high = probe; /* young enough */
        low++;
        while (low < high) {
            const uint64_t middle = low + (high - low) / 2;
            if ((uint64_t)last_us - (uint64_t)time_at(r, middle) > reach_us) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
    }
    return low;
}

/* Counts the fixes in [OFF - history, OFF) plus OFF itself: other fixes at OFF's own time do not count. */
static void count_before(const row *r, window *w, uint64_t off, int64_t history_us, double measure[]) {
    uint64_t first_equal = off;
    const int64_t off_us = time_at(r, off);
    while (first_equal > 0 && time_at(r, first_equal - 1) == off_us) first_equal--;
    move_window(r, w, window_start(r, w->from, off, history_us), first_equal);
    uint64_t counts[SEINE_GAP_RECEIVERS];
    uint64_t total = 1;
    for (int i = 0; i < SEINE_GAP_RECEIVERS; i++) {
        counts[i] = w->of_receiver[i] + (receiver_at(r, off) == i);
        total += w->of_receiver[i];
    }
    measure[SEINE_GAP_BEFORE] = (double)total;
    measure[SEINE_GAP_BEFORE_TER] = (double)counts[SEINE_RECEIVER_TERRESTRIAL];
    measure[SEINE_GAP_BEFORE_SAT] = (double)counts[SEINE_RECEIVER_SATELLITE];
    measure[SEINE_GAP_BEFORE_DYN] = (double)counts[SEINE_RECEIVER_DYNAMIC];
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

static fix last_fix(const seine_gap_header *header) {
    return (fix){header->last_us, header->last_lat_deg, header->last_lon_deg, header->last_shore_m, header->last_ref};
}

static fix fix_of_track(const seine_track *track, size_t i) {
    return (fix){
        .time_us = track->time_us[i],
        .lat_deg = track->lat_deg != NULL ? track->lat_deg[i] : NAN,
        .lon_deg = track->lon_deg != NULL ? track->lon_deg[i] : NAN,
        .shore_m = track->shore_m != NULL ? track->shore_m[i] : NAN,
        .ref = track->row_ref != NULL ? track->row_ref[i] : i,
    };
}

/* The shore rule lets an end through whose distance is unknown or above zero. */
static bool end_allowed(const seine_gap_config *config, const fix *end) {
    return !config->shore_rule || isnan(end->shore_m) || end->shore_m > 0;
}

static seine_event open_event(const fix *off) {
    seine_event event = {
        .start_us = off->time_us,
        .start_ref = off->ref,
        .start_lat_deg = off->lat_deg,
        .start_lon_deg = off->lon_deg,
        .end_lat_deg = NAN,
        .end_lon_deg = NAN,
    };
    for (int i = 0; i < SEINE_EVENT_MEASURES; i++) event.measure[i] = NAN;
    return event;
}

static void close_event(seine_event *event, const fix *off, const fix *on) {
    event->is_closed = true;
    event->end_us = on->time_us;
    event->end_ref = on->ref;
    event->end_lat_deg = on->lat_deg;
    event->end_lon_deg = on->lon_deg;
    const double distance_m = seine_geodesic_m(off->lat_deg, off->lon_deg, on->lat_deg, on->lon_deg);
    /* Seconds are subtracted as floats because the rule is defined on float timestamps. */
    const double duration_h = seine_gap_duration_h(seconds_of(on->time_us) - seconds_of(off->time_us));
    event->measure[SEINE_GAP_DISTANCE] = distance_m;
    event->measure[SEINE_GAP_DURATION] = duration_h;
    event->measure[SEINE_GAP_SPEED] = seine_gap_speed_knots(distance_m, duration_h);
}

/* ---- the step -------------------------------------------------------------------------------------------------- */

/*
 * First index in [from, count) whose time is before its predecessor's or more than limit_us after it, else count.
 * Unsigned, both are one test: d = t[i] - t[i-1] lies in [0, limit] exactly if neither d nor limit - d has its top bit.
 */
static size_t find_stop(const int64_t *time_us, size_t from, size_t count, uint64_t limit_us) {
    size_t i = from;
    for (; i + SCAN_BLOCK <= count; i += SCAN_BLOCK) {
        uint64_t flags = 0;
        for (size_t k = i; k < i + SCAN_BLOCK; k++) {
            const uint64_t d = (uint64_t)time_us[k] - (uint64_t)time_us[k - 1];
            flags |= d | (limit_us - d);
        }
        if (flags >> 63 != 0) break;
    }
    for (; i < count; i++) {
        if ((uint64_t)time_us[i] - (uint64_t)time_us[i - 1] > limit_us) return i;
    }
    return count;
}

static row row_of(const seine_gap_header *header) {
    return (row){
        .kept_time_us = seine_gap_times(header) + header->head,
        .kept_receiver = seine_gap_receivers(header) + header->head,
        .kept = header->tail - header->head,
    };
}

static window window_of(const seine_gap_header *header) {
    window w = {.from = 0, .to = header->tail - header->head};
    memcpy(w.of_receiver, header->of_receiver, sizeof w.of_receiver);
    return w;
}

/* Takes the next fixes of the track into the state. @return OK, E_SPACE (nothing changed but state->needed). */
static seine_status take(const seine_gap_config *config, seine_state *state, seine_track *track, size_t taken,
                         const row *r, window *w) {
    if (taken == 0) return SEINE_OK;
    const uint64_t end = r->kept + taken;
    const uint64_t from = window_start(r, w->from, end - 1, config->history_us);
    const uint64_t dropped = from < r->kept ? from : r->kept;
    const uint64_t added = end - (from > r->kept ? from : r->kept);
    move_window(r, w, from, end);
    SEINE_TRY(seine_gap_make_room(state, dropped, added));

    seine_gap_header *header = seine_gap_header_of(state);
    const size_t first = track->pos + taken - (size_t)added;
    memcpy(seine_gap_times(header) + header->tail, track->time_us + first, (size_t)added * sizeof(int64_t));
    uint8_t *receiver = seine_gap_receivers(header) + header->tail;
    for (size_t i = 0; i < added; i++) {
        receiver[i] = track->receiver != NULL ? seine_gap_receiver(track->receiver[first + i]) : SEINE_RECEIVER_OTHER;
    }
    header->tail += added;
    memcpy(header->of_receiver, w->of_receiver, sizeof header->of_receiver);
    track->pos += taken;
    const fix last = fix_of_track(track, track->pos - 1);
    header->last_us = last.time_us;
    header->last_lat_deg = last.lat_deg;
    header->last_lon_deg = last.lon_deg;
    header->last_shore_m = last.shore_m;
    header->last_ref = last.ref;
    return SEINE_OK;
}

static seine_status gap_feed(const void *config_pointer, seine_state *state, seine_track *track, seine_step_out *out) {
    const seine_gap_config *config = config_pointer;
    const seine_gap_header *header = seine_gap_header_of(state);
    if (track->pos >= track->count) return SEINE_OK;
    row r = row_of(header);
    r.new_time_us = track->time_us + track->pos;
    r.new_receiver = track->receiver != NULL ? track->receiver + track->pos : NULL;
    window w = window_of(header);
    const size_t count = track->count - track->pos;
    const size_t out_before = out->pos;
    const uint64_t limit_us = (uint64_t)config->min_gap_us;

    seine_status status = SEINE_OK;
    size_t stop = 0; /* fixes before it are taken */
    /* The first fix meets the state's last one, which is not beside it in memory. */
    const bool first_stops = r.kept > 0 && (uint64_t)r.new_time_us[0] - (uint64_t)header->last_us > limit_us;
    if (!first_stops) stop = find_stop(r.new_time_us, 1, count, limit_us);
    while (stop < count) {
        const fix off = stop == 0 ? last_fix(header) : fix_of_track(track, track->pos + stop - 1);
        const fix on = fix_of_track(track, track->pos + stop);
        if (on.time_us < off.time_us) {
            status = SEINE_E_ORDER;
            break;
        }
        if (end_allowed(config, &off) && end_allowed(config, &on)) {
            if (out->pos == out->capacity) {
                status = SEINE_E_FULL;
                break;
            }
            seine_event *event = &out->events[out->pos++];
            *event = open_event(&off);
            count_before(&r, &w, r.kept + stop - 1, config->history_us, event->measure);
            close_event(event, &off, &on);
        }
        stop = find_stop(r.new_time_us, stop + 1, count, limit_us);
    }

    const seine_status room = take(config, state, track, stop, &r, &w);
    if (room == SEINE_OK) return status;
    out->pos = out_before; /* as if this call had never been */
    return room;
}

static seine_status gap_advance(const void *config_pointer, const seine_state *state, int64_t watermark_us,
                                seine_step_out *out) {
    const seine_gap_config *config = config_pointer;
    const seine_gap_header *header = seine_gap_header_of(state);
    if (!seine_gap_has_last(header) || watermark_us <= header->last_us) return SEINE_OK;
    const fix off = last_fix(header);
    const uint64_t silence_us = (uint64_t)watermark_us - (uint64_t)off.time_us;
    if (silence_us <= (uint64_t)config->min_gap_us || !end_allowed(config, &off)) return SEINE_OK;
    if (out->pos == out->capacity) return SEINE_E_FULL;
    const row r = row_of(header);
    window w = window_of(header);
    seine_event *event = &out->events[out->pos++];
    *event = open_event(&off);
    count_before(&r, &w, r.kept - 1, config->history_us, event->measure);
    return SEINE_OK;
}

/* The silence that opens a gap is strictly longer than min_gap_us. */
static int64_t gap_deadline(const void *config_pointer, const seine_state *state, int64_t watermark_us) {
    const seine_gap_config *config = config_pointer;
    const seine_gap_header *header = seine_gap_header_of(state);
    if (!seine_gap_has_last(header)) return INT64_MAX;
    const fix off = last_fix(header);
    if (!end_allowed(config, &off) || off.time_us >= INT64_MAX - config->min_gap_us) return INT64_MAX;
    const int64_t opens_us = off.time_us + config->min_gap_us + 1;
    return watermark_us < opens_us ? opens_us : INT64_MAX;
}

static size_t gap_refs(const void *config, const seine_state *state, uint64_t refs[SEINE_STATE_REFS]) {
    (void)config;
    const seine_gap_header *header = seine_gap_header_of(state);
    if (!seine_gap_has_last(header)) return 0;
    refs[0] = header->last_ref;
    return 1;
}

static const seine_measure MEASURES[SEINE_GAP_MEASURES] = {
    [SEINE_GAP_BEFORE] = {"positions_hours_before", "", true, "fixes in the hours before the gap, its first included"},
    [SEINE_GAP_BEFORE_TER] = {"positions_hours_before_ter", "", true, "of these, heard by terrestrial receivers"},
    [SEINE_GAP_BEFORE_SAT] = {"positions_hours_before_sat", "", true, "of these, heard by satellites"},
    [SEINE_GAP_BEFORE_DYN] = {"positions_hours_before_dyn", "", true, "of these, heard by dynamic receivers"},
    [SEINE_GAP_DISTANCE] = {"distance_m", "m", false, "geodesic distance between both ends"},
    [SEINE_GAP_DURATION] = {"duration_h", "h", false, "time between both ends"},
    [SEINE_GAP_SPEED] = {"implied_speed_knots", "kn", false, "distance over duration"},
};

const seine_step seine_gap_step = {
    .name = "gaps",
    .version = 1,
    .measures = MEASURES,
    .measure_count = SEINE_GAP_MEASURES,
    .init = seine_gap_init,
    .feed = gap_feed,
    .advance = gap_advance,
    .deadline = gap_deadline,
    .save = seine_gap_save,
    .load = seine_gap_load,
    .refs = gap_refs,
};
