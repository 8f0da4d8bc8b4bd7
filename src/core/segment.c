/*
 * Segments, one message at a time:
 *
 *     id seen → passed over
 *     kind: information, bad → noise with an id of its own
 *     place seen, under way → passed over
 *     position: segments silent for too long end → matches → none: a new one · one: joined · several near each other:
 *     all end, a new one
 *
 * A message's row says where it went when it came. What later messages change are events: a segment ended, an earlier
 * message was left out because a later one fits those before it better. Both are decided from the state alone, so that
 * pieces cannot matter. Numbers in ids are taken when an id is made; a message that may still be left out keeps how
 * many ids its time has, because then it gets one of its own.
 */
#include "base/hash.h"
#include "base/time.h"
#include "base/try.h"
#include "core/segment_match.h"
#include "core/ship.h"
#include "seine/geodesy.h"

#include <math.h>
#include <string.h>

#define NO_SEGMENT UINT32_MAX

static const char *const CLASSES[SEINE_SEGMENT_CLASSES] = {
    [SEINE_SEGMENT_OPEN] = "Segment",
    [SEINE_SEGMENT_BAD] = "BadSegment",
    [SEINE_SEGMENT_INFO] = "InfoSegment",
    [SEINE_SEGMENT_CLOSED] = "ClosedSegment",
    [SEINE_SEGMENT_DISCARDED] = "DiscardedSegment",
    [SEINE_SEGMENT_AMBIGUOUS] = "Segment",
};

static const char *const NOISES[SEINE_NOISES] = {
    [SEINE_NOISE_NO_POSITION] = "no position",       [SEINE_NOISE_NO_SPEED] = "no speed",
    [SEINE_NOISE_NO_COURSE] = "no course",           [SEINE_NOISE_INFORMATION] = "information",
    [SEINE_NOISE_LOW_RESOLUTION] = "low resolution", [SEINE_NOISE_REPEATED_ID] = "repeated id",
    [SEINE_NOISE_REPEATED_PLACE] = "repeated place", [SEINE_NOISE_BETTER_WITHOUT] = "better without",
    [SEINE_NOISE_IMPLIED_SPEED] = "implied speed",
};

/* ---- settings and texts ---------------------------------------------------------------------------------------- */

seine_segment_config seine_segment_config_default(void) {
    return (seine_segment_config){
        .max_hours = 24,
        .penalty_hours = 4,
        .hours_exp = 0.5,
        .buffer_hours = 0.25,
        .lookback_factor = 2,
        .max_knots = 25,
        .penalty_speed = 5,
        .ambiguity_factor = 10,
        .transponder_mismatch_weight = 0.1,
        .min_low_resolution_hours = 1,
        .shape_factor = 4,
        .very_slow_knots = 0.35,
        .lookback = 5,
        .short_seg = 10,
        .max_open = 100,
        .remembered = 1024,
    };
}

static bool is_above(double value, double least) { return isfinite(value) && value > least; }

seine_status seine_segment_config_check(const seine_segment_config *c, seine_error *error) {
    const struct {
        const char *name;
        bool is_fine;
    } checks[] = {
        {"max_hours", is_above(c->max_hours, 0)},
        {"penalty_hours", is_above(c->penalty_hours, 0)},
        {"hours_exp", c->hours_exp >= 0 && c->hours_exp <= 1},
        {"buffer_hours", is_above(c->buffer_hours, 0)},
        {"lookback_factor", is_above(c->lookback_factor, 0)},
        {"max_knots", is_above(c->max_knots, 0)},
        {"penalty_speed", is_above(c->penalty_speed, 0)},
        {"ambiguity_factor", c->ambiguity_factor >= 1 && isfinite(c->ambiguity_factor)},
        {"transponder_mismatch_weight", c->transponder_mismatch_weight >= 0 && c->transponder_mismatch_weight <= 1},
        {"min_low_resolution_hours", c->min_low_resolution_hours >= 0},
        {"shape_factor", c->shape_factor >= 1 && isfinite(c->shape_factor)},
        {"very_slow_knots", c->very_slow_knots >= 0 && isfinite(c->very_slow_knots)},
        {"gate_knots", c->gate_knots >= 0 && isfinite(c->gate_knots)},
        {"lookback", c->lookback >= 1 && c->lookback <= SEINE_SEGMENT_LOOKBACK_MOST},
        {"short_seg", c->short_seg >= 1 && c->short_seg <= 1000000},
        {"max_open", c->max_open >= 1 && c->max_open <= SEINE_SEGMENT_OPEN_MOST},
        {"remembered", c->remembered >= 1 && c->remembered <= SEINE_SEGMENT_REMEMBERED_MOST},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!checks[i].is_fine) return seine_fail(error, SEINE_E_USAGE, "%s is outside its range", checks[i].name);
    return SEINE_OK;
}

const char *seine_segment_class_text(seine_segment_class class_code) { return CLASSES[class_code]; }

const char *seine_segment_noise_text(seine_segment_noise noise) { return NOISES[noise]; }

static char *put_digits(char *text, int64_t value, int width) {
    for (int i = width; i > 0; i--, value /= 10) text[i - 1] = (char)('0' + value % 10);
    return text + width;
}

static int digits_of(int64_t value) {
    int width = 1;
    for (; value >= 10; value /= 10) width++;
    return width;
}

int64_t seine_segment_ship_reach(const seine_event *event) {
    return seine_time_day_start_us(seine_time_day(event->end_us) - 1);
}

size_t seine_segment_id_tail(int64_t start_us, int64_t number, char text[64]) {
    const int32_t day = seine_time_day(start_us);
    const int64_t rest_us = seine_floor_mod(start_us, SEINE_DAY_US), seconds = rest_us / SEINE_SECOND_US;
    int year = 0, month = 0, day_of_month = 0;
    seine_civil_from_days(day, &year, &month, &day_of_month);
    const struct {
        char before;
        int64_t value;
        int width;
    } parts[] = {
        {'-', year < 0 ? -year : year, year > 9999 || year < -9999 ? digits_of(year < 0 ? -year : year) : 4},
        {'-', month, 2},
        {'-', day_of_month, 2},
        {'T', seconds / 3600, 2},
        {':', seconds / 60 % 60, 2},
        {':', seconds % 60, 2},
        {'.', rest_us % SEINE_SECOND_US, 6},
    };
    char *end = text;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        *end++ = parts[i].before;
        end = put_digits(end, parts[i].value, parts[i].width);
    }
    *end++ = 'Z';
    *end++ = '-';
    end = put_digits(end, number, digits_of(number));
    *end = '\0';
    return (size_t)(end - text);
}

int32_t seine_transponder_of_type(const char *type, size_t size) {
    static const struct {
        const char *type;
        int32_t bits;
    } known[] = {
        {"AIS.1", SEINE_TRANSPONDER_A},
        {"AIS.2", SEINE_TRANSPONDER_A},
        {"AIS.3", SEINE_TRANSPONDER_A},
        {"AIS.18", SEINE_TRANSPONDER_B},
        {"AIS.19", SEINE_TRANSPONDER_B},
        {"AIS.27", SEINE_TRANSPONDER_A | SEINE_TRANSPONDER_B | SEINE_TRANSPONDER_LOW_RESOLUTION},
        {"VMS", SEINE_TRANSPONDER_VMS},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].type) == size && memcmp(known[i].type, type, size) == 0) return known[i].bits;
    return 0;
}

/* ---- one message ----------------------------------------------------------------------------------------------- */

typedef struct message {
    seine_segment_fix fix; /* place and speed NaN = unknown; finished when it is a position */
    double heading_deg;
    uint64_t id;
} message;

/* What one message is taken with. */
typedef struct step {
    const seine_segment_config *config;
    seine_segment_header *header;
    seine_step_out *out;
    const message *now;
    size_t row;
} step;

static double known(const double *column, size_t row) {
    return column != NULL && isfinite(column[row]) ? column[row] : NAN;
}

static message message_of(const seine_track *track, size_t row) {
    static const seine_column_in none[SEINE_SEGMENT_INPUTS];
    const seine_column_in *in = track->inputs != NULL ? track->inputs : none;
    const int32_t *transponder = in[SEINE_SEGMENT_IN_TRANSPONDER].code;
    const uint64_t *id = in[SEINE_SEGMENT_IN_ID].id;
    return (message){
        .fix = {.time_us = track->time_us[row],
                .lat_deg = known(track->lat_deg, row),
                .lon_deg = known(track->lon_deg, row),
                .speed_kn = known(track->speed, row),
                .course_deg = known(in[SEINE_SEGMENT_IN_COURSE].number, row),
                .ref = track->row_ref != NULL ? track->row_ref[row] : row,
                .transponder = transponder != NULL && transponder[row] > 0 ? (uint32_t)transponder[row] & 15 : 0},
        .heading_deg = known(in[SEINE_SEGMENT_IN_HEADING].number, row),
        .id = id != NULL ? id[row] : 0,
    };
}

/* ship: 0 = of none. */
static void put_row(const step *s, int64_t start_us, int64_t number, int32_t class_code, int32_t noise, uint32_t ship) {
    if (s->out->columns == NULL) return;
    s->out->columns[SEINE_SEGMENT_START].integer[s->row] = start_us;
    s->out->columns[SEINE_SEGMENT_NUMBER].integer[s->row] = number;
    s->out->columns[SEINE_SEGMENT_CLASS].code[s->row] = class_code;
    s->out->columns[SEINE_SEGMENT_NOISE].code[s->row] = noise;
    s->out->columns[SEINE_SEGMENT_SHIP].integer[s->row] = ship > 0 ? (int64_t)ship : SEINE_INTEGER_NULL;
}

static void pass_over(const step *s, seine_segment_noise noise, uint32_t ship) {
    put_row(s, SEINE_INTEGER_NULL, SEINE_INTEGER_NULL, -1, (int32_t)noise, ship);
}

/* ---- ids ------------------------------------------------------------------------------------------------------- */

/* Tells the kept messages of a time how many ids it has. */
static void note_ids(seine_segment_header *header, int64_t time_us, uint32_t ids) {
    for (uint32_t i = 0; i < header->open; i++) {
        seine_segment *segment = &seine_segments(header)[i];
        for (uint32_t j = 0; j < segment->kept_count; j++) {
            seine_segment_fix *fix = &segment->kept[(segment->newest - j) % SEINE_SEGMENT_KEPT];
            if (fix->time_us < time_us) break;
            if (fix->time_us == time_us) fix->ids = ids;
        }
    }
}

static uint32_t next_id(seine_segment_header *header) { return ++header->ids_now; }

/* One more id at the time of a message that came earlier. */
static uint32_t late_id(seine_segment_header *header, const seine_segment_fix *fix) {
    if (fix->time_us == header->last_us) return next_id(header);
    const uint32_t ids = fix->ids + 1;
    note_ids(header, fix->time_us, ids);
    return ids;
}

static void move_clock(seine_segment_header *header, int64_t time_us) {
    if (header->has_last && header->last_us != time_us && header->ids_now > 0)
        note_ids(header, header->last_us, header->ids_now);
    if (!header->has_last || header->last_us != time_us) header->ids_now = 0;
    header->last_us = time_us;
    header->has_last = 1;
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

static seine_event *new_event(seine_step_out *out, uint32_t kind, double number) {
    seine_event *event = &out->events[out->pos++];
    *event = (seine_event){.kind = kind, .is_closed = true};
    for (int i = 0; i < SEINE_EVENT_MEASURES; i++) event->measure[i] = NAN;
    event->measure[SEINE_SEGMENT_EVENT_NUMBER] = number;
    return event;
}

static void end_event_at(seine_event *event, const seine_segment_fix *fix) {
    event->end_us = fix->time_us;
    event->end_ref = fix->ref;
    event->end_lat_deg = fix->lat_deg;
    event->end_lon_deg = fix->lon_deg;
}

static seine_event *put_segment(seine_step_out *out, const seine_segment *segment, uint32_t kind) {
    seine_event *event = new_event(out, kind, segment->number);
    event->start_us = segment->start_us;
    event->start_ref = segment->start_ref;
    event->start_lat_deg = segment->start_lat_deg;
    event->start_lon_deg = segment->start_lon_deg;
    end_event_at(event, seine_segment_kept(segment, 0));
    return event;
}

static void close_segment(const step *s, uint32_t index, seine_segment_end why) {
    seine_segment *segments = seine_segments(s->header);
    put_segment(s->out, &segments[index], SEINE_SEGMENT_ENDED)->measure[SEINE_SEGMENT_EVENT_ENDED_BY] = (double)why;
    seine_ship_end(s->config, s->header, index);
    s->header->open--;
    memmove(&segments[index], &segments[index + 1], (s->header->open - index) * sizeof *segments);
}

/* The @p count newest kept messages are left out, the oldest of them first. */
static void leave_out(const step *s, seine_segment *segment, uint32_t count) {
    for (uint32_t j = count; j > 0; j--) {
        const seine_segment_fix *fix = seine_segment_kept(segment, j - 1);
        seine_event *event = new_event(s->out, SEINE_SEGMENT_LEFT_OUT, late_id(s->header, fix));
        event->measure[SEINE_SEGMENT_EVENT_NOISE] =
            s->config->gate_knots > 0 ? SEINE_NOISE_IMPLIED_SPEED : SEINE_NOISE_BETTER_WITHOUT;
        event->start_us = fix->time_us;
        event->start_ref = fix->ref;
        event->start_lat_deg = fix->lat_deg;
        event->start_lon_deg = fix->lon_deg;
        end_event_at(event, &s->now->fix);
    }
    segment->newest -= count;
    segment->kept_count -= count;
}

/* ---- positions ------------------------------------------------------------------------------------------------- */

static void add_to(const step *s, seine_segment *segment, double metric) {
    seine_segment_fix *fix = &segment->kept[++segment->newest % SEINE_SEGMENT_KEPT];
    *fix = s->now->fix;
    fix->metric = metric;
    if (segment->kept_count < seine_segment_keep(s->config)) segment->kept_count++;
    if (segment->messages < seine_segment_most_messages(s->config)) segment->messages++;
}

/* Of a message that was added to it. */
static void put_good(const step *s, const seine_segment *segment, seine_segment_class class_code) {
    put_row(s, segment->start_us, segment->number, (int32_t)class_code, -1, seine_ship_of(s->config, segment));
}

/* Its messages were of the ship @p was. */
static void tell_ship(const step *s, const seine_segment *segment, uint32_t was) {
    const uint32_t ship = seine_ship_of(s->config, segment);
    if (ship == was) return;
    seine_event *event = put_segment(s->out, segment, SEINE_SEGMENT_OF_SHIP);
    if (ship > 0) event->measure[SEINE_SEGMENT_EVENT_SHIP] = ship;
}

/* The message joins it: those that began since it was seen last overlap it. */
static void join(const step *s, seine_segment *segment, int64_t seen_us, double metric) {
    const seine_segment *end = seine_segments(s->header) + s->header->open;
    const uint32_t was = seine_ship_of(s->config, segment);
    add_to(s, segment, metric);
    if (segment->messages == s->config->short_seg + 1) seine_ship_grow(s->config, s->header, segment);
    const uint32_t ship = seine_ship_of(s->config, segment);
    put_good(s, segment, SEINE_SEGMENT_OPEN);
    tell_ship(s, segment, was);
    if (ship == 0) return;
    for (seine_segment *other = segment + 1; other < end; other++) {
        if (other->start_us < seen_us) continue;
        const uint32_t other_was = seine_ship_of(s->config, other);
        seine_ship_overlap(s->config, s->header, other, ship);
        tell_ship(s, other, other_was);
    }
}

static void close_stalest(const step *s) {
    const seine_segment *segments = seine_segments(s->header);
    uint32_t stalest = 0;
    for (uint32_t i = 1; i < s->header->open; i++)
        if (seine_segment_kept(&segments[i], 0)->time_us < seine_segment_kept(&segments[stalest], 0)->time_us)
            stalest = i;
    close_segment(s, stalest, SEINE_SEGMENT_END_TOO_MANY);
}

static void begin_segment(const step *s, seine_segment_class class_code) {
    const seine_segment_fix *fix = &s->now->fix;
    if (s->header->open == s->config->max_open) close_stalest(s);
    seine_segment *segment = &seine_segments(s->header)[s->header->open++];
    *segment = (seine_segment){.start_us = fix->time_us,
                               .start_ref = fix->ref,
                               .start_lat_deg = fix->lat_deg,
                               .start_lon_deg = fix->lon_deg,
                               .number = next_id(s->header)};
    add_to(s, segment, 0);
    seine_ship_begin(s->config, s->header);
    put_good(s, segment, class_code);
}

static bool has_place(const seine_segment_fix *fix) { return !isnan(fix->lat_deg) && !isnan(fix->lon_deg); }

static void put_noise(const step *s, seine_segment_class class_code, seine_segment_noise noise) {
    const seine_segment_fix *fix = &s->now->fix;
    const uint32_t ship = has_place(fix) ? seine_ship_of_noise(s->config, s->header, fix) : 0;
    put_row(s, fix->time_us, next_id(s->header), (int32_t)class_code, (int32_t)noise, ship);
}

static bool is_over(const seine_segment_config *config, const seine_segment *segment, int64_t now_us) {
    const int64_t last_us = seine_segment_kept(segment, 0)->time_us;
    return now_us > last_us && seine_segment_hours(last_us, now_us) > config->max_hours;
}

static void close_silent(const step *s) {
    for (uint32_t i = 0; i < s->header->open;) {
        if (is_over(s->config, &seine_segments(s->header)[i], s->now->fix.time_us))
            close_segment(s, i, SEINE_SEGMENT_END_SILENCE);
        else
            i++;
    }
}

/* Short segments weigh less. `nth`: how many matches were found before this one. */
static double weighed(const step *s, const seine_segment_match *match, uint32_t nth) {
    const seine_segment *segments = seine_segments(s->header);
    const uint32_t of = s->config->first_weights ? nth : match->segment;
    const double share = (double)segments[of].messages / s->config->short_seg;
    return match->metric * share / sqrt(1 + share * share);
}

/* All matches of a message and what they come to. */
typedef struct matches {
    seine_segment_match best;
    double best_weight, least_hours;
    uint32_t count;
} matches;

/* Weights of all matches, by segment; 0 = no match. */
static void find_matches(const step *s, matches *found, double weights[]) {
    double hours[SEINE_SEGMENT_OPEN_MOST];
    *found = (matches){.best_weight = -1};
    for (uint32_t i = 0; i < s->header->open; i++) {
        seine_segment_match match;
        weights[i] = -1;
        if (!seine_segment_match_one(s->config, &seine_segments(s->header)[i], &s->now->fix, &match)) continue;
        match.segment = i;
        weights[i] = weighed(s, &match, found->count++);
        hours[i] = match.hours;
        if (weights[i] <= found->best_weight) continue;
        found->best_weight = weights[i];
        found->best = match;
    }
    found->least_hours = found->best.hours;
    for (uint32_t i = 0; found->count > 1 && i < s->header->open; i++) {
        if (weights[i] < 0 || i == found->best.segment) continue;
        if (weights[i] * s->config->ambiguity_factor < found->best_weight) {
            weights[i] = -1;
            continue;
        }
        found->least_hours = fmin(found->least_hours, hours[i]);
    }
}

static void close_matching(const step *s, const double weights[]) {
    for (uint32_t i = s->header->open; i > 0; i--)
        if (weights[i - 1] >= 0) close_segment(s, i - 1, SEINE_SEGMENT_END_AMBIGUITY);
}

static void take_position(const step *s) {
    double weights[SEINE_SEGMENT_OPEN_MOST];
    matches found;
    close_silent(s);
    find_matches(s, &found, weights);
    const bool is_low_resolution = (s->now->fix.transponder & SEINE_TRANSPONDER_LOW_RESOLUTION) != 0;
    if (found.count > 0 && is_low_resolution && found.least_hours < s->config->min_low_resolution_hours) {
        put_noise(s, SEINE_SEGMENT_BAD, SEINE_NOISE_LOW_RESOLUTION);
        return;
    }
    uint32_t close = 0;
    for (uint32_t i = 0; i < s->header->open; i++) close += weights[i] >= 0;
    if (close > 1) close_matching(s, weights);
    if (close != 1) {
        begin_segment(s, close > 1 ? SEINE_SEGMENT_AMBIGUOUS : SEINE_SEGMENT_OPEN);
        return;
    }
    seine_segment *segment = &seine_segments(s->header)[found.best.segment];
    const int64_t seen_us = seine_segment_kept(segment, 0)->time_us;
    leave_out(s, segment, found.best.left_out);
    join(s, segment, seen_us, found.best.metric);
}

/* ---- the plain gate -------------------------------------------------------------------------------------------- */

static bool is_too_fast(const seine_segment_config *config, const seine_segment_fix *from,
                        const seine_segment_fix *to) {
    const double metres = seine_haversine_km(from->lat_deg, from->lon_deg, to->lat_deg, to->lon_deg) * 1000;
    return metres > config->gate_knots * SEINE_NAUTICAL_MILE_M * seine_segment_hours(from->time_us, to->time_us);
}

/* One segment between silences. The last message is left out when both ways to its neighbours are too fast. */
static void take_through_gate(const step *s) {
    close_silent(s);
    if (s->header->open == 0) {
        begin_segment(s, SEINE_SEGMENT_OPEN);
        return;
    }
    seine_segment *segment = seine_segments(s->header);
    const seine_segment_fix *last = seine_segment_kept(segment, 0);
    const bool is_noise = segment->kept_count > 1 && is_too_fast(s->config, seine_segment_kept(segment, 1), last) &&
                          is_too_fast(s->config, last, &s->now->fix);
    const int64_t seen_us = last->time_us;
    if (is_noise) leave_out(s, segment, 1);
    join(s, segment, seen_us, 0);
}

/* ---- kinds ----------------------------------------------------------------------------------------------------- */

static void count_unit(double value, double per_unit, double *units) {
    /* Adding zero makes one of both zeros. */
    *units = isnan(value) ? value : rint(value * per_unit) + 0.0;
}

/* Hash of the place as it is sent. @return whether it counts: under way by the rounded speed. */
static bool place_of(const message *m, uint64_t *hash) {
    double units[5];
    count_unit(m->fix.lat_deg, 60000, &units[0]);
    count_unit(m->fix.lon_deg, 60000, &units[1]);
    count_unit(m->fix.course_deg, 10, &units[2]);
    count_unit(m->fix.speed_kn, 10, &units[3]);
    count_unit(m->heading_deg, 1, &units[4]);
    for (int i = 0; i < 5; i++)
        if (isnan(units[i])) units[i] = INFINITY; /* one form of unknown, which no value has */
    *hash = seine_hash64(units, sizeof units);
    return units[3] > 0;
}

/* @return whether it is a position; else it has got its row. */
static bool take_kind(const step *s) {
    const seine_segment_fix *fix = &s->now->fix;
    const bool has_speed = !isnan(fix->speed_kn), has_course = !isnan(fix->course_deg);
    if (isnan(fix->lat_deg) && isnan(fix->lon_deg) && !has_speed && !has_course)
        put_noise(s, SEINE_SEGMENT_INFO, SEINE_NOISE_INFORMATION);
    else if (!has_place(fix))
        put_noise(s, SEINE_SEGMENT_BAD, SEINE_NOISE_NO_POSITION);
    else if (!has_speed)
        put_noise(s, SEINE_SEGMENT_BAD, SEINE_NOISE_NO_SPEED);
    else if (!has_course && fix->speed_kn > s->config->very_slow_knots)
        put_noise(s, SEINE_SEGMENT_BAD, SEINE_NOISE_NO_COURSE);
    else
        return true;
    return false;
}

/* There is room for all it may add. */
static void take(const step *s) {
    seine_segment_header *header = s->header;
    uint64_t place = 0;
    move_clock(header, s->now->fix.time_us);
    if (s->now->id != 0) {
        if (seine_seen_has(&header->ids, seine_segment_ids(header), s->now->id)) {
            pass_over(s, SEINE_NOISE_REPEATED_ID, 0);
            return;
        }
        seine_seen_add(&header->ids, seine_segment_ids(header), s->config->remembered, s->now->id);
    }
    if (!take_kind(s)) return;
    if (place_of(s->now, &place)) {
        if (seine_seen_has(&header->places, seine_segment_places(header), place)) {
            pass_over(s, SEINE_NOISE_REPEATED_PLACE, seine_ship_of_repeated(s->config, header, &s->now->fix));
            return;
        }
        seine_seen_add(&header->places, seine_segment_places(header), s->config->remembered, place);
    }
    if (s->config->gate_knots > 0)
        take_through_gate(s);
    else
        take_position(s);
}

/* ---- the step -------------------------------------------------------------------------------------------------- */

static seine_status segment_feed(const void *config_pointer, seine_state *state, seine_track *track,
                                 seine_step_out *out) {
    const seine_segment_config *config = config_pointer;
    for (; track->pos < track->count; track->pos++) {
        seine_segment_header *header = seine_segment_header_of(state);
        if (header->has_last && track->time_us[track->pos] < header->last_us) return SEINE_E_ORDER;
        /* It may end every segment, or one and leave out some messages, and tell of others what ship they are. */
        if (out->capacity - out->pos < 2 * header->open + config->lookback) return SEINE_E_FULL;
        SEINE_TRY(seine_segment_make_room(config, state));
        message now = message_of(track, track->pos);
        seine_segment_fix_finish(&now.fix);
        take(&(step){config, seine_segment_header_of(state), out, &now, track->pos});
    }
    return SEINE_OK;
}

static seine_status segment_advance(const void *config, const seine_state *state, int64_t watermark_us,
                                    seine_step_out *out) {
    const seine_segment_header *header = seine_segment_header_of(state);
    if (out->capacity - out->pos < header->open) return SEINE_E_FULL;
    for (uint32_t i = 0; i < header->open; i++) {
        const seine_segment *segment = &seine_segments(header)[i];
        seine_event *event = put_segment(out, segment, SEINE_SEGMENT_ENDED);
        event->is_closed = is_over(config, segment, watermark_us);
        if (event->is_closed) event->measure[SEINE_SEGMENT_EVENT_ENDED_BY] = SEINE_SEGMENT_END_SILENCE;
    }
    return SEINE_OK;
}

bool seine_segment_is_settled(const seine_segment_config *config, const seine_state *state, int64_t before_us) {
    const seine_segment_header *header = seine_segment_header_of(state);
    for (uint32_t i = 0; i < header->open; i++) {
        const seine_segment *segment = &seine_segments(header)[i];
        if (seine_segment_kept(segment, segment->kept_count - 1)->time_us < before_us) return false;
    }
    return seine_ship_is_settled(config, header, before_us);
}

static size_t segment_refs(const void *config, const seine_state *state, uint64_t refs[SEINE_STATE_REFS]) {
    (void)config, (void)state, (void)refs;
    return 0; /* a segment refers to more fixes than anybody wants to keep; time and segment name them too */
}

static const char *const *segment_texts(const void *config, size_t column, size_t *count) {
    (void)config;
    *count = column == SEINE_SEGMENT_CLASS ? SEINE_SEGMENT_CLASSES : SEINE_NOISES;
    return column == SEINE_SEGMENT_CLASS ? CLASSES : NOISES;
}

static const seine_measure MEASURES[SEINE_SEGMENT_MEASURES] = {
    [SEINE_SEGMENT_EVENT_NUMBER] = {"number", "", true, "number in the id of the segment"},
    [SEINE_SEGMENT_EVENT_ENDED_BY] = {"ended_by", "", false, "0 silence, 1 ambiguity, 2 too many open; null: open"},
    [SEINE_SEGMENT_EVENT_SHIP] = {"ship", "", false, "number of the ship; null: of none"},
    [SEINE_SEGMENT_EVENT_NOISE] = {"noise", "", false, "why it is left out: 7 better without, 8 implied speed"},
};

static const seine_step_column COLUMNS[SEINE_SEGMENT_COLUMNS] = {
    [SEINE_SEGMENT_START] = {"seg_start", SEINE_COLUMN_INTEGER},
    [SEINE_SEGMENT_NUMBER] = {"seg_number", SEINE_COLUMN_INTEGER},
    [SEINE_SEGMENT_CLASS] = {"seg_class", SEINE_COLUMN_CODE},
    [SEINE_SEGMENT_NOISE] = {"noise", SEINE_COLUMN_CODE},
    [SEINE_SEGMENT_SHIP] = {"ship_no", SEINE_COLUMN_INTEGER},
};

static const seine_step_input INPUTS[SEINE_SEGMENT_INPUTS] = {
    [SEINE_SEGMENT_IN_COURSE] = {"course", "deg", SEINE_INPUT_NUMBER, "course over ground"},
    [SEINE_SEGMENT_IN_HEADING] = {"heading", "deg", SEINE_INPUT_NUMBER, "tells repeated messages"},
    [SEINE_SEGMENT_IN_TRANSPONDER] = {"transponder", "", SEINE_INPUT_CODE, "bits of seine_transponder"},
    [SEINE_SEGMENT_IN_ID] = {"msgid", "", SEINE_INPUT_ID, "id of the message"},
};

static const char *const KINDS[SEINE_SEGMENT_EVENTS] = {"ended", "left out", "of ship"};

const seine_step seine_segment_step = {
    .name = "segments",
    .version = 3,
    .measures = MEASURES,
    .measure_count = SEINE_SEGMENT_MEASURES,
    .columns = COLUMNS,
    .column_count = SEINE_SEGMENT_COLUMNS,
    .inputs = INPUTS,
    .input_count = SEINE_SEGMENT_INPUTS,
    .kinds = KINDS,
    .kind_count = SEINE_SEGMENT_EVENTS,
    .texts = segment_texts,
    .init = seine_segment_init,
    .feed = segment_feed,
    .advance = segment_advance,
    .save = seine_segment_save,
    .load = seine_segment_load,
    .refs = segment_refs,
};
