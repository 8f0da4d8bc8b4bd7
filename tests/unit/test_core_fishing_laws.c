/* links: core io base */
/* Laws of the fishing step: equal to the rules said plainly, whatever the pieces; states as canonical bytes. */
#include "unit/fishing_support.h"

#include "base/hash.h"
#include "seine/geodesy.h"

#define TRIALS 200
#define COUNT 400

static messages m;
static answer whole, pieces;

static double part(uint64_t *seed) { return (double)(next_random(seed) % 1000000) / 1e6; }

/* Scores that are given, and by rules. */
static seine_fishing_config config_of(bool by_rules) {
    seine_fishing_config config = seine_fishing_config_default();
    if (by_rules) config.rules = seine_fishing_score_usual();
    return config;
}

/* Runs of both scores, breaks around the limits, equal times, unknown values, the line of 180 degrees. */
static void make_messages(uint64_t seed) {
    double lat_deg = part(&seed) * 2, lon_deg = 179.9, score = 1;
    int64_t now_us = (int64_t)(next_random(&seed) % 1000) * HOUR;
    m.count = COUNT;
    for (size_t i = 0; i < COUNT; i++) {
        const uint64_t kind = next_random(&seed) % 40;
        if (kind > 1) now_us += (int64_t)(part(&seed) * (kind > 36 ? 8000 : 600)) * SECOND;
        if (kind == 2) now_us += 3600 * SECOND;
        if (kind % 8 == 3) score = 1 - score;
        lat_deg += (part(&seed) - 0.5) * (kind == 4 ? 0.2 : 0.01);
        lon_deg += (part(&seed) - 0.5) * 0.01;
        lon_deg = remainder(lon_deg, 360);
        m.time_us[i] = now_us;
        m.lat_deg[i] = kind == 5 ? NAN : kind == 6 ? 90 : lat_deg;
        m.lon_deg[i] = lon_deg;
        m.speed[i] = kind == 7 ? NAN : part(&seed) * 12;
        m.nnet[i] = kind == 8 || kind == 9 ? NAN : kind == 10 ? 0.5 : score;
        m.night[i] = kind == 11 ? INFINITY : 1 - score;
        m.metres[i] = m.hours[i] = m.implied[i] = NAN;
        m.ref[i] = next_random(&seed);
    }
}

/* What rules look at beside: straight and turning courses, types and gears, told now and then. */
static void tell_more(uint64_t seed) {
    static const double types[] = {70, 30};
    static const int32_t gears[] = {SEINE_GEAR_TRAWL, SEINE_GEARS, -1};
    for (size_t i = 0; i < COUNT; i++) {
        const uint64_t kind = next_random(&seed) % 40;
        m.course[i] = (double)(next_random(&seed) % (kind < 30 ? 20 : 360));
        if (kind < 2) m.course[i] = kind == 0 ? (double)NAN : 360;
        m.type[i] = kind >= 2 && kind < 4 ? types[kind - 2] : (double)NAN;
        m.gear[i] = kind >= 4 && kind < 7 ? gears[kind - 4] : SEINE_GEAR_UNTOLD;
    }
}

/* ---- the rules said plainly ---- */

typedef struct plain {
    size_t row[COUNT]; /* of the messages with a position */
    bool begins[COUNT], is_kept[COUNT];
    size_t group[COUNT], count;
} plain;

static double score_at(const double *score, size_t row) { return isfinite(score[row]) ? score[row] : NAN; }

/* SPEC 4.2.2: where groups begin. Group g of message i: the last beginning up to it. */
static void find_groups(const double *score, plain *p) {
    p->count = 0;
    for (size_t row = 0; row < m.count; row++)
        if (m.lat_deg[row] > -90 && m.lat_deg[row] < 90) p->row[p->count++] = row;
    for (size_t i = 0; i < p->count; i++) {
        const double own = score_at(score, p->row[i]);
        p->begins[i] = true;
        if (i > 0) {
            const size_t row = p->row[i], last = p->row[i - 1];
            const double before = score_at(score, last);
            const double metres = seine_cosine_m(m.lat_deg[last], m.lon_deg[last], m.lat_deg[row], m.lon_deg[row]);
            const double hours = (double)(m.time_us[row] - m.time_us[last]) / 3.6e9;
            p->begins[i] = isnan(before) || (!isnan(own) && own != before) || metres > 10000 || hours > 2;
        }
        p->group[i] = p->begins[i] ? i : p->group[i - 1];
        p->is_kept[i] = score_at(score, p->row[p->group[i]]) == 1;
    }
}

/* SPEC 4.2.3 to 4.2.6: start of the event of every message. */
static void plain_starts(const double *score, int64_t start_us[COUNT]) {
    static plain p;
    size_t last_group = SIZE_MAX, last_row = 0;
    int64_t event_us = 0, end_us = 0;
    find_groups(score, &p);
    for (size_t row = 0; row < m.count; row++) start_us[row] = SEINE_INTEGER_NULL;
    for (size_t i = 0; i < p.count; i++) {
        if (!p.is_kept[i]) continue;
        const size_t row = p.row[i];
        if (p.begins[i]) {
            const bool is_new =
                last_group == SIZE_MAX || (m.time_us[row] - end_us) / SECOND > 3600 ||
                seine_chord_m(m.lat_deg[last_row], m.lon_deg[last_row], m.lat_deg[row], m.lon_deg[row]) > 2000;
            if (is_new) event_us = m.time_us[row];
            last_group = i;
            last_row = row;
        }
        end_us = m.time_us[row];
        if (score_at(score, row) == 1) start_us[row] = event_us;
    }
}

static void every_message_is_where_the_plain_rules_put_it(void **state) {
    (void)state;
    static int64_t expected[COUNT];
    size_t events = 0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        make_messages(trial);
        find_events(seine_fishing_config_default(), &m, &whole);
        plain_starts(m.nnet, expected);
        assert_memory_equal(whole.start_us[SEINE_FISHING_NNET], expected, sizeof expected);
        plain_starts(m.night, expected);
        assert_memory_equal(whole.start_us[SEINE_FISHING_NIGHT], expected, sizeof expected);
        events += whole.count;
    }
    assert_true(events > 10 * TRIALS);
}

/* Messages of the events are those of the rows, and the sums those of the messages. */
static void events_are_what_their_messages_say(void **state) {
    (void)state;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        make_messages(trial);
        find_events(seine_fishing_config_default(), &m, &whole);
        size_t in_events = 0, in_rows = 0;
        for (size_t i = 0; i < whole.count; i++) {
            const seine_event *event = &whole.events[i];
            in_events += (size_t)event->measure[SEINE_FISHING_MESSAGES];
            assert_true(event->start_us <= event->end_us);
            assert_true(event->measure[SEINE_FISHING_LAT_MIN] <= event->measure[SEINE_FISHING_LAT_MEAN] + 1e-9);
            assert_true(event->measure[SEINE_FISHING_LAT_MAX] >= event->measure[SEINE_FISHING_LAT_MEAN] - 1e-9);
        }
        for (size_t row = 0; row < m.count; row++)
            for (int k = 0; k < SEINE_FISHING_CHAINS; k++) in_rows += whole.start_us[k][row] != SEINE_INTEGER_NULL;
        assert_int_equal(in_events, in_rows);
    }
}

/* ---- by rules ---- */

/* Scores of the messages with a position, of the rules alone; type, then gear, as they are told. */
static void score_messages(const seine_fishing_score_config *rules) {
    seine_fishing_score_memory memory = {.has_last = false};
    for (size_t i = 0; i < m.count; i++) {
        const bool has_gear = m.gear[i] > 0 && m.gear[i] < SEINE_GEARS;
        const seine_fishing_score_message one = {.time_us = m.time_us[i],
                                                 .lat_deg = m.lat_deg[i],
                                                 .lon_deg = m.lon_deg[i],
                                                 .speed_kn = m.speed[i],
                                                 .course_deg = m.course[i],
                                                 .port_m = NAN,
                                                 .shore_m = NAN,
                                                 .gear = has_gear ? (seine_fishing_gear)m.gear[i]
                                                                  : seine_fishing_gear_of_type(m.type[i])};
        const bool has_place = m.lat_deg[i] > -90 && m.lat_deg[i] < 90;
        m.nnet[i] = has_place ? seine_fishing_score(rules, &memory, &one) : NAN;
    }
}

static void by_rules_is_as_with_the_scores_of_the_rules(void **state) {
    (void)state;
    size_t events = 0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        make_messages(trial);
        tell_more(trial);
        find_events(config_of(true), &m, &whole);
        score_messages(seine_fishing_score_usual());
        find_events(config_of(false), &m, &pieces);
        assert_memory_equal(whole.start_us[0], pieces.start_us[0], m.count * sizeof(int64_t));
        assert_int_equal(whole.count, pieces.count);
        assert_memory_equal(whole.events, pieces.events, whole.count * sizeof *whole.events);
        for (size_t i = 0; i < whole.count; i++) events += whole.events[i].kind == SEINE_FISHING_NNET;
    }
    assert_true(events > TRIALS);
}

/* ---- pieces and bytes ---- */

static void check_pieces(uint64_t trial, bool one_by_one, bool reloads) {
    const seine_fishing_config config = config_of(trial % 4 < 2);
    seine_column_in inputs[SEINE_FISHING_INPUTS];
    make_messages(trial);
    tell_more(trial);
    seine_track track = track_of_messages(&m, inputs);
    seine_state one = new_state(&seine_fishing_step, &config), other = new_state(&seine_fishing_step, &config);
    whole.count = pieces.count = 0;
    feed_messages(&config, &one, &track, m.count, &whole);
    track.pos = 0;
    for (uint64_t seed = ~trial; track.pos < m.count;) {
        const size_t left = m.count - track.pos;
        feed_messages(&config, &other, &track, track.pos + (one_by_one ? 1 : 1 + next_random(&seed) % left), &pieces);
        if (reloads) reload(&seine_fishing_step, &config, &other);
    }
    assert_same_bytes(&seine_fishing_step, &config, &one, &other);
    tell_open(&config, &one, INT64_MAX, &whole);
    tell_open(&config, &other, INT64_MAX, &pieces);
    assert_int_equal(whole.count, pieces.count);
    assert_memory_equal(whole.events, pieces.events, whole.count * sizeof *whole.events);
    assert_memory_equal(whole.start_us[0], pieces.start_us[0], m.count * sizeof(int64_t));
    assert_memory_equal(whole.start_us[1], pieces.start_us[1], m.count * sizeof(int64_t));
    free(one.data);
    free(other.data);
}

static void any_split_gives_the_same_events_to_the_last_digit(void **state) {
    (void)state;
    for (uint64_t trial = 0; trial < TRIALS; trial++) check_pieces(trial, trial % 2 == 0, false);
}

static void saving_and_loading_at_every_message_changes_nothing(void **state) {
    (void)state;
    for (uint64_t trial = 0; trial < TRIALS; trial++) check_pieces(trial, true, true);
}

static seine_state state_after(const seine_fishing_config *config, uint64_t trial) {
    seine_column_in inputs[SEINE_FISHING_INPUTS];
    make_messages(trial);
    tell_more(trial);
    seine_track track = track_of_messages(&m, inputs);
    seine_state state = new_state(&seine_fishing_step, config);
    whole.count = 0;
    feed_messages(config, &state, &track, m.count, &whole);
    return state;
}

static void a_watermark_before_the_deadline_closes_nothing(void **state) {
    (void)state;
    const seine_fishing_config config = seine_fishing_config_default();
    size_t deadlines = 0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        seine_state st = state_after(&config, trial);
        deadlines += check_deadlines(&seine_fishing_step, &config, &st);
        free(st.data);
    }
    assert_true(deadlines > 0);
}

static void damaged_bytes_are_refused(void **state) {
    (void)state;
    for (uint64_t trial = 0; trial < 8; trial++) {
        const seine_fishing_config config = config_of(trial % 2 == 0);
        seine_state full = state_after(&config, trial), loaded = new_state(&seine_fishing_step, &config);
        uint64_t refs[SEINE_STATE_REFS];
        const size_t ref_count = seine_fishing_step.refs(&config, &full, refs);
        size_t size = 0;
        uint8_t *bytes = saved(&seine_fishing_step, &config, &full, &size);
        for (size_t cut = 0; cut < size; cut++)
            assert_int_equal(seine_fishing_step.load(&config, &loaded, bytes, cut, refs, ref_count, NULL),
                             SEINE_E_FORMAT);
        for (size_t at = 0; at < size; at++) {
            bytes[at] ^= 1;
            assert_int_equal(seine_fishing_step.load(&config, &loaded, bytes, size, refs, ref_count, NULL),
                             at == 2 ? SEINE_E_VERSION : SEINE_E_FORMAT);
            bytes[at] ^= 1;
        }
        assert_int_equal(seine_fishing_step.load(&config, &loaded, bytes, size, refs, ref_count + 1, NULL),
                         SEINE_E_FORMAT);
        free(bytes);
        free(full.data);
        free(loaded.data);
    }
}

static void check_lies(seine_fishing_config config) {
    seine_state full = state_after(&config, 1), loaded = new_state(&seine_fishing_step, &config);
    uint64_t refs[SEINE_STATE_REFS], seed = 9;
    const size_t ref_count = seine_fishing_step.refs(&config, &full, refs);
    size_t size = 0;
    uint8_t *bytes = saved(&seine_fishing_step, &config, &full, &size), *lie = malloc(size);
    assert_non_null(lie);
    for (int trial = 0; trial < 20000; trial++) {
        memcpy(lie, bytes, size);
        for (uint64_t n = 1 + next_random(&seed) % 3; n > 0; n--)
            lie[3 + next_random(&seed) % (size - 7)] = (uint8_t)next_random(&seed);
        const uint32_t checksum = seine_checksum32(lie, size - 4);
        for (size_t i = 0; i < 4; i++) lie[size - 4 + i] = (uint8_t)(checksum >> (8 * i));
        if (seine_fishing_step.load(&config, &loaded, lie, size, refs, ref_count, NULL) != SEINE_OK) continue;
        seine_column_in inputs[SEINE_FISHING_INPUTS];
        seine_track track = track_of_messages(&m, inputs);
        seine_step_out out = {pieces.events, MESSAGES_MOST, 0, NULL};
        (void)feed_to(&seine_fishing_step, &config, &loaded, &track, m.count, &out);
    }
    free(lie);
    free(bytes);
    free(full.data);
    free(loaded.data);
}

static void bytes_that_lie_with_a_right_checksum_do_no_harm(void **state) {
    (void)state;
    check_lies(config_of(false));
    check_lies(config_of(true));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_where_the_plain_rules_put_it),
        cmocka_unit_test(events_are_what_their_messages_say),
        cmocka_unit_test(by_rules_is_as_with_the_scores_of_the_rules),
        cmocka_unit_test(any_split_gives_the_same_events_to_the_last_digit),
        cmocka_unit_test(saving_and_loading_at_every_message_changes_nothing),
        cmocka_unit_test(a_watermark_before_the_deadline_closes_nothing),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(bytes_that_lie_with_a_right_checksum_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
