/*
 * Fishing events of one segment, both chains message by message. A run is messages of one score that follow each other
 * closely; runs of fishing near each other are one event:
 *
 *     score     1 1 ? | 0 0 | 1 1 | 0 ……… 0 | 1          | where a run begins
 *     event     |——— one ————————|           |—— another
 *                       ↑ break: short enough  ↑ too long, so the first event ends with the first message that says so
 *
 * An event is its sums, taken in order of time, so that every figure is the same to the last digit however messages are
 * fed. It ends as soon as no later run can be merged with it.
 */
#include "base/hash.h"
#include "base/time.h"
#include "core/fishing_state.h"
#include "seine/geodesy.h"

#include <math.h>

#define DEGREE (3.14159265358979323846 / 180.0)
#define KNOTS_OF_METRES_PER_HOUR 0.00053995 /* as the rule has it */
#define FISHING 1.0

/* ---- settings -------------------------------------------------------------------------------------------------- */

seine_fishing_config seine_fishing_config_default(void) {
    return (seine_fishing_config){.max_gap_hours = 2,
                                  .max_step_m = 10000,
                                  .max_break_s = 3600,
                                  .max_break_m = 2000,
                                  .min_duration_s = 1200,
                                  .min_messages = 5,
                                  .max_speed_knots = 10,
                                  .min_distance_m = {[SEINE_FISHING_NNET] = 500, [SEINE_FISHING_NIGHT] = 50}};
}

seine_status seine_fishing_config_check(const seine_fishing_config *c, seine_error *error) {
    const struct {
        const char *name;
        double value;
    } checks[] = {{"max_gap_hours", c->max_gap_hours},
                  {"max_step_m", c->max_step_m},
                  {"max_break_s", (double)c->max_break_s},
                  {"max_break_m", c->max_break_m},
                  {"min_duration_s", c->min_duration_s},
                  {"min_messages", c->min_messages},
                  {"max_speed_knots", c->max_speed_knots},
                  {"min_distance_m", c->min_distance_m[SEINE_FISHING_NNET]},
                  {"min_distance_m", c->min_distance_m[SEINE_FISHING_NIGHT]}};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!(isfinite(checks[i].value) && checks[i].value >= 0))
            return seine_fail(error, SEINE_E_USAGE, "%s is outside its range", checks[i].name);
    return SEINE_OK;
}

/* ---- one message ----------------------------------------------------------------------------------------------- */

typedef struct message {
    int64_t time_us;
    uint64_t ref;
    double lat_deg, lon_deg, speed_knots;
    double score[SEINE_FISHING_CHAINS];  /* NaN = unknown */
    double metres, hours, implied_knots; /* from the message before */
} message;

static double known(const double *column, size_t row) {
    return column != NULL && isfinite(column[row]) ? column[row] : NAN;
}

/* What the input does not say of the way from the message before is computed. */
static void complete(const seine_fishing_memory *memory, message *m) {
    if (!memory->has_last) return;
    if (isnan(m->metres))
        m->metres = seine_cosine_m(memory->last_lat_deg, memory->last_lon_deg, m->lat_deg, m->lon_deg);
    if (isnan(m->hours)) m->hours = (double)((uint64_t)m->time_us - (uint64_t)memory->last_us) / 3.6e9;
    if (isnan(m->implied_knots) && m->hours > 0) m->implied_knots = m->metres / m->hours * KNOTS_OF_METRES_PER_HOUR;
}

static message message_of(const seine_fishing_memory *memory, const seine_track *track, const seine_column_in *in,
                          size_t row) {
    message m = {.time_us = track->time_us[row],
                 .ref = track->row_ref != NULL ? track->row_ref[row] : row,
                 .lat_deg = known(track->lat_deg, row),
                 .lon_deg = known(track->lon_deg, row),
                 .speed_knots = known(track->speed, row),
                 .score = {[SEINE_FISHING_NNET] = known(in[SEINE_FISHING_IN_NNET].number, row),
                           [SEINE_FISHING_NIGHT] = known(in[SEINE_FISHING_IN_NIGHT].number, row)},
                 .metres = known(in[SEINE_FISHING_IN_METRES].number, row),
                 .hours = known(in[SEINE_FISHING_IN_HOURS].number, row),
                 .implied_knots = known(in[SEINE_FISHING_IN_IMPLIED].number, row)};
    complete(memory, &m);
    return m;
}

/* What is told of the vessel: its class is stronger than its type. */
static seine_fishing_gear gear_of(const seine_column_in *in, size_t row) {
    const int32_t *code = in[SEINE_FISHING_IN_GEAR].code;
    if (code != NULL && code[row] > SEINE_GEAR_UNTOLD && code[row] < SEINE_GEARS) return (seine_fishing_gear)code[row];
    return seine_fishing_gear_of_type(known(in[SEINE_FISHING_IN_TYPE].number, row));
}

/* The score by rules, of a message that has a position. */
static double score_of(const seine_fishing_score_config *rules, seine_fishing_memory *memory, const message *m,
                       const seine_column_in *in, size_t row) {
    const seine_fishing_score_message scored = {.time_us = m->time_us,
                                                .lat_deg = m->lat_deg,
                                                .lon_deg = m->lon_deg,
                                                .speed_kn = m->speed_knots,
                                                .course_deg = known(in[SEINE_FISHING_IN_COURSE].number, row),
                                                .port_m = known(in[SEINE_FISHING_IN_PORT].number, row),
                                                .shore_m = known(in[SEINE_FISHING_IN_SHORE].number, row),
                                                .gear = gear_of(in, row)};
    return seine_fishing_score(rules, &memory->turns, &scored);
}

/* Strictly between the poles (SPEC 4.2.1). */
static bool has_position(const message *m) { return m->lat_deg > -90 && m->lat_deg < 90 && !isnan(m->lon_deg); }

/* ---- events ---------------------------------------------------------------------------------------------------- */

static void add(seine_fishing_sum *sum, double value) {
    if (isnan(value)) return;
    sum->sum += value;
    sum->count++;
}

static double average(const seine_fishing_sum *sum) { return sum->count > 0 ? sum->sum / (double)sum->count : NAN; }

static void begin_event(seine_fishing_event *e, const message *m) {
    *e = (seine_fishing_event){.start_us = m->time_us,
                               .start_ref = m->ref,
                               .start_lat_deg = m->lat_deg,
                               .start_lon_deg = m->lon_deg,
                               .lat_min_deg = m->lat_deg,
                               .lat_max_deg = m->lat_deg,
                               .lon_min_deg = {INFINITY, INFINITY},
                               .lon_max_deg = {-INFINITY, -INFINITY}};
}

static void add_message(seine_fishing_event *e, const message *m) {
    const size_t half = m->lon_deg >= 0;
    const double lat = m->lat_deg * DEGREE, lon = m->lon_deg * DEGREE;
    e->end_us = m->time_us;
    e->end_ref = m->ref;
    e->end_lat_deg = m->lat_deg;
    e->end_lon_deg = m->lon_deg;
    e->lat_min_deg = fmin(e->lat_min_deg, m->lat_deg);
    e->lat_max_deg = fmax(e->lat_max_deg, m->lat_deg);
    e->lon_min_deg[half] = fmin(e->lon_min_deg[half], m->lon_deg);
    e->lon_max_deg[half] = fmax(e->lon_max_deg[half], m->lon_deg);
    e->x += cos(lat) * cos(lon);
    e->y += cos(lat) * sin(lon);
    e->z += sin(lat);
    e->messages++;
    add(&e->speed, m->speed_knots);
    if (m->time_us == e->start_us) return; /* its way belongs to what was before */
    add(&e->implied, m->implied_knots);
    add(&e->metres, m->metres);
    add(&e->hours, m->hours);
}

/* The smaller of the boxes around both halves: over 0 degrees, or over 180. */
static void put_box(const seine_fishing_event *e, double measure[]) {
    const bool has_west = e->lon_min_deg[0] <= e->lon_max_deg[0], has_east = e->lon_min_deg[1] <= e->lon_max_deg[1];
    const double over_0 = e->lon_max_deg[1] - e->lon_min_deg[0];
    const double over_180 = 360 - e->lon_min_deg[1] + e->lon_max_deg[0];
    const bool is_over_180 = has_west && has_east && over_180 < over_0;
    measure[SEINE_FISHING_LAT_MIN] = e->lat_min_deg;
    measure[SEINE_FISHING_LAT_MAX] = e->lat_max_deg;
    measure[SEINE_FISHING_LON_MIN] = e->lon_min_deg[is_over_180 || !has_west];
    measure[SEINE_FISHING_LON_MAX] = e->lon_max_deg[!is_over_180 && has_east];
}

static seine_event *put_event(seine_step_out *out, uint32_t chain, const seine_fishing_event *e) {
    seine_event *event = &out->events[out->pos++];
    *event = (seine_event){.start_us = e->start_us,
                           .end_us = e->end_us,
                           .start_ref = e->start_ref,
                           .end_ref = e->end_ref,
                           .start_lat_deg = e->start_lat_deg,
                           .start_lon_deg = e->start_lon_deg,
                           .end_lat_deg = e->end_lat_deg,
                           .end_lon_deg = e->end_lon_deg,
                           .is_closed = true,
                           .kind = chain};
    put_box(e, event->measure);
    event->measure[SEINE_FISHING_LAT_MEAN] = atan2(e->z, sqrt(e->x * e->x + e->y * e->y)) / DEGREE;
    event->measure[SEINE_FISHING_LON_MEAN] = atan2(e->y, e->x) / DEGREE;
    event->measure[SEINE_FISHING_MESSAGES] = (double)e->messages;
    event->measure[SEINE_FISHING_SPEED] = average(&e->speed);
    event->measure[SEINE_FISHING_IMPLIED] = average(&e->implied);
    event->measure[SEINE_FISHING_METRES] = average(&e->metres);
    event->measure[SEINE_FISHING_DISTANCE] = e->metres.count > 0 ? e->metres.sum : NAN;
    event->measure[SEINE_FISHING_HOURS] = average(&e->hours);
    return event;
}

/* ---- runs ------------------------------------------------------------------------------------------------------ */

static bool begins_run(const seine_fishing_config *config, const seine_fishing_run *run, const message *m,
                       double score) {
    if (!run->has_score || m->metres > config->max_step_m || m->hours > config->max_gap_hours) return true;
    return !isnan(score) && score != run->score;
}

static bool is_long_break(const seine_fishing_config *config, int64_t from_us, int64_t to_us) {
    return to_us > from_us &&
           ((uint64_t)to_us - (uint64_t)from_us) / (uint64_t)SEINE_SECOND_US > (uint64_t)config->max_break_s;
}

static void end_event(seine_fishing_run *run, uint32_t chain, seine_step_out *out) {
    (void)put_event(out, chain, &run->event);
    *run = (seine_fishing_run){.score = run->score, .has_score = run->has_score};
}

static void begin_fishing(const seine_fishing_config *config, seine_fishing_run *run, uint32_t chain, const message *m,
                          seine_step_out *out) {
    const bool is_merged =
        run->has_event && !is_long_break(config, run->last_us, m->time_us) &&
        !(seine_chord_m(run->first_lat_deg, run->first_lon_deg, m->lat_deg, m->lon_deg) > config->max_break_m);
    if (run->has_event && !is_merged) end_event(run, chain, out);
    if (!is_merged) begin_event(&run->event, m);
    run->has_event = 1;
    run->first_lat_deg = m->lat_deg;
    run->first_lon_deg = m->lon_deg;
}

/* @return the start of the event the message belongs to, or null. */
static int64_t take_score(const seine_fishing_config *config, seine_fishing_run *run, uint32_t chain, const message *m,
                          seine_step_out *out) {
    const double score = m->score[chain];
    const bool is_fishing = score == FISHING;
    if (begins_run(config, run, m, score)) {
        if (is_fishing) begin_fishing(config, run, chain, m, out);
        run->is_fishing = is_fishing;
    }
    run->has_score = isnan(score) ? 0u : 1u;
    run->score = run->has_score ? score : 0;
    if (run->is_fishing)
        run->last_us = m->time_us; /* a message without a score still belongs to the run */
    else if (run->has_event && is_long_break(config, run->last_us, m->time_us))
        end_event(run, chain, out);
    if (!is_fishing) return SEINE_INTEGER_NULL;
    add_message(&run->event, m);
    return run->event.start_us;
}

/* ---- the step -------------------------------------------------------------------------------------------------- */

static void take(const seine_fishing_config *config, seine_fishing_memory *memory, const message *m, size_t row,
                 seine_step_out *out) {
    const bool is_taken = has_position(m);
    for (uint32_t chain = 0; chain < SEINE_FISHING_CHAINS; chain++) {
        const int64_t start_us =
            is_taken ? take_score(config, &memory->runs[chain], chain, m, out) : SEINE_INTEGER_NULL;
        if (out->columns != NULL) out->columns[chain].integer[row] = start_us;
    }
    if (!is_taken) return;
    memory->last_us = m->time_us;
    memory->last_lat_deg = m->lat_deg;
    memory->last_lon_deg = m->lon_deg;
    memory->has_last = 1;
}

static seine_status fishing_feed(const void *config, seine_state *state, seine_track *track, seine_step_out *out) {
    static const seine_column_in none[SEINE_FISHING_INPUTS];
    const seine_column_in *in = track->inputs != NULL ? track->inputs : none;
    const seine_fishing_score_config *rules = ((const seine_fishing_config *)config)->rules;
    seine_fishing_memory *memory = seine_fishing_memory_of(state);
    for (; track->pos < track->count; track->pos++) {
        if (memory->has_last && track->time_us[track->pos] < memory->last_us) return SEINE_E_ORDER;
        if (out->capacity - out->pos < SEINE_FISHING_CHAINS) return SEINE_E_FULL;
        message m = message_of(memory, track, in, track->pos);
        if (rules != NULL && has_position(&m))
            m.score[SEINE_FISHING_NNET] = score_of(rules, memory, &m, in, track->pos);
        take(config, memory, &m, track->pos, out);
    }
    return SEINE_OK;
}

/* A run that goes on may take another message for longer than a break may last. */
static bool is_over(const seine_fishing_config *config, const seine_fishing_run *run, int64_t now_us) {
    if (!is_long_break(config, run->last_us, now_us)) return false;
    return !run->is_fishing || (double)((uint64_t)now_us - (uint64_t)run->last_us) / 3.6e9 > config->max_gap_hours;
}

static seine_status fishing_advance(const void *config, const seine_state *state, int64_t watermark_us,
                                    seine_step_out *out) {
    const seine_fishing_memory *memory = seine_fishing_memory_of(state);
    size_t needed = 0;
    for (uint32_t chain = 0; chain < SEINE_FISHING_CHAINS; chain++) needed += memory->runs[chain].has_event != 0;
    if (out->capacity - out->pos < needed) return SEINE_E_FULL;
    for (uint32_t chain = 0; chain < SEINE_FISHING_CHAINS; chain++) {
        const seine_fishing_run *run = &memory->runs[chain];
        if (run->has_event) put_event(out, chain, &run->event)->is_closed = is_over(config, run, watermark_us);
    }
    return SEINE_OK;
}

/* The least time at which a run is over that is not over yet; time makes no run go on again. */
static int64_t end_of(const seine_fishing_config *config, const seine_fishing_run *run, int64_t now_us) {
    int64_t first = now_us, last = INT64_MAX;
    while (first < last) {
        const int64_t middle = first + (int64_t)(((uint64_t)last - (uint64_t)first) / 2);
        if (is_over(config, run, middle))
            last = middle;
        else
            first = middle + 1;
    }
    return last;
}

static int64_t fishing_deadline(const void *config, const seine_state *state, int64_t watermark_us) {
    const seine_fishing_memory *memory = seine_fishing_memory_of(state);
    int64_t deadline_us = INT64_MAX;
    for (uint32_t chain = 0; chain < SEINE_FISHING_CHAINS; chain++) {
        const seine_fishing_run *run = &memory->runs[chain];
        if (!run->has_event || is_over(config, run, watermark_us)) continue;
        const int64_t end_us = end_of(config, run, watermark_us > run->last_us ? watermark_us : run->last_us);
        if (end_us < deadline_us) deadline_us = end_us;
    }
    return deadline_us;
}

/* ---- judging and naming ---------------------------------------------------------------------------------------- */

seine_fishing_check seine_fishing_judge(const seine_fishing_config *config, const seine_event *event,
                                        seine_fishing_rule rule) {
    const double duration_s = (double)((uint64_t)event->end_us - (uint64_t)event->start_us) / (double)SEINE_SECOND_US;
    seine_fishing_check check = {NULL, NAN, 0, false};
    switch (rule) {
    case SEINE_FISHING_TOO_SHORT:
        check = (seine_fishing_check){"duration_s", duration_s, config->min_duration_s, false};
        break;
    case SEINE_FISHING_TOO_FEW:
        check =
            (seine_fishing_check){"message_count", event->measure[SEINE_FISHING_MESSAGES], config->min_messages, false};
        break;
    case SEINE_FISHING_TOO_FAST:
        check = (seine_fishing_check){"avg_speed_knots", event->measure[SEINE_FISHING_SPEED], config->max_speed_knots,
                                      false};
        check.is_kept = check.value < check.limit;
        return check;
    case SEINE_FISHING_TOO_NEAR:
    case SEINE_FISHING_RULES:
        check = (seine_fishing_check){"event_distance_m", event->measure[SEINE_FISHING_DISTANCE],
                                      config->min_distance_m[event->kind], false};
        break;
    }
    check.is_kept = check.value > check.limit;
    return check;
}

/* "2020-01-01 06:50:43+00" of "2020-01-01T06:50:43Z". */
static seine_str stamp_of(int64_t time_us, char text[48]) {
    const size_t size = seine_time_format(time_us, text);
    for (size_t i = 0; i < size; i++)
        if (text[i] == 'T') text[i] = ' ';
    memcpy(text + size - 1, "+00", 4);
    return (seine_str){text, size + 2};
}

void seine_fishing_id(const char *vessel_id, size_t vessel_id_size, int64_t start_us, int64_t end_us, char id[33]) {
    char start[48], end[48];
    const seine_str parts[] = {SEINE_STR("fishing|"), {vessel_id, vessel_id_size},
                               SEINE_STR("|"),        stamp_of(start_us, start),
                               SEINE_STR("|"),        stamp_of(end_us, end)};
    seine_md5_hex_of_parts(parts, sizeof parts / sizeof parts[0], id);
}

static const seine_measure MEASURES[SEINE_FISHING_MEASURES] = {
    [SEINE_FISHING_LAT_MIN] = {"lat_min", "deg", false, "southern edge of the box"},
    [SEINE_FISHING_LAT_MAX] = {"lat_max", "deg", false, "northern edge"},
    [SEINE_FISHING_LON_MIN] = {"lon_min", "deg", false, "western edge; greater than lon_max across 180 degrees"},
    [SEINE_FISHING_LON_MAX] = {"lon_max", "deg", false, "eastern edge"},
    [SEINE_FISHING_LAT_MEAN] = {"lat_mean", "deg", false, "centroid of the messages on the sphere"},
    [SEINE_FISHING_LON_MEAN] = {"lon_mean", "deg", false, "centroid of the messages on the sphere"},
    [SEINE_FISHING_MESSAGES] = {"message_count", "", true, "messages of the event"},
    [SEINE_FISHING_SPEED] = {"avg_speed_knots", "kn", false, "average speed"},
    [SEINE_FISHING_IMPLIED] = {"avg_implied_speed_knots", "kn", false, "average implied speed, without the start"},
    [SEINE_FISHING_METRES] = {"avg_meters_to_prev", "m", false, "average distance between messages"},
    [SEINE_FISHING_DISTANCE] = {"event_distance_m", "m", false, "sum of the distances between messages"},
    [SEINE_FISHING_HOURS] = {"avg_hours", "h", false, "average time between messages"},
};

static const seine_step_column COLUMNS[SEINE_FISHING_COLUMNS] = {
    [SEINE_FISHING_NNET_START] = {"fishing_start", SEINE_COLUMN_INTEGER},
    [SEINE_FISHING_NIGHT_START] = {"night_fishing_start", SEINE_COLUMN_INTEGER},
};

static const seine_step_input INPUTS[SEINE_FISHING_INPUTS] = {
    [SEINE_FISHING_IN_NNET] = {"nnet_score", "", SEINE_INPUT_NUMBER, "1 fishing, 0 not, by the network"},
    [SEINE_FISHING_IN_NIGHT] = {"night_loitering", "", SEINE_INPUT_NUMBER, "1 loitering at night, 0 not"},
    [SEINE_FISHING_IN_METRES] = {"meters_to_prev", "m", SEINE_INPUT_NUMBER, "from the message before"},
    [SEINE_FISHING_IN_HOURS] = {"hours", "h", SEINE_INPUT_NUMBER, "since the message before"},
    [SEINE_FISHING_IN_IMPLIED] = {"implied_speed_knots", "kn", SEINE_INPUT_NUMBER, "between both"},
    [SEINE_FISHING_IN_COURSE] = {"course", "deg", SEINE_INPUT_NUMBER, "course over ground, by rules"},
    [SEINE_FISHING_IN_TYPE] = {"vessel_type", "", SEINE_INPUT_NUMBER, "AIS ship type, by rules"},
    [SEINE_FISHING_IN_GEAR] = {"vessel_class", "", SEINE_INPUT_CODE, "gear of the class of vessel, by rules"},
    [SEINE_FISHING_IN_PORT] = {"distance_from_port_m", "m", SEINE_INPUT_NUMBER, "from port, by rules"},
    [SEINE_FISHING_IN_SHORE] = {"distance_from_shore_m", "m", SEINE_INPUT_NUMBER, "from shore, by rules"},
};

static const char *const KINDS[SEINE_FISHING_CHAINS] = {"nnet", "night"};

const seine_step seine_fishing_step = {
    .name = "fishing",
    .version = 1,
    .measures = MEASURES,
    .measure_count = SEINE_FISHING_MEASURES,
    .columns = COLUMNS,
    .column_count = SEINE_FISHING_COLUMNS,
    .inputs = INPUTS,
    .input_count = SEINE_FISHING_INPUTS,
    .kinds = KINDS,
    .kind_count = SEINE_FISHING_CHAINS,
    .init = seine_fishing_init,
    .feed = fishing_feed,
    .advance = fishing_advance,
    .deadline = fishing_deadline,
    .save = seine_fishing_save,
    .load = seine_fishing_load,
    .refs = seine_fishing_refs,
};
