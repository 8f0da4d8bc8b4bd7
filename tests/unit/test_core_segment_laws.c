/* links: core io base */
/* Laws of the segment step: pieces and reloading change nothing, equal states are equal bytes, bad bytes are refused.
 */
#include "unit/segment_support.h"

#define TRIALS 60
#define SHIPS 6

static messages m;
static verdicts whole, pieces;

static double part(uint64_t *seed) { return (double)(next_random(seed) % 1000000) / 1e6; }

/* Ships that share an id, each on its way. */
typedef struct fleet {
    double lat[SHIPS], lon[SHIPS], course[SHIPS], speed[SHIPS];
    uint64_t ships;
} fleet;

static fleet make_fleet(uint64_t *seed) {
    fleet f = {.ships = 1 + next_random(seed) % SHIPS};
    for (uint64_t k = 0; k < f.ships; k++) {
        f.lat[k] = part(seed) * 2 - 1;
        f.lon[k] = 179 + part(seed) * 2;
        f.course[k] = part(seed) * 360;
        f.speed[k] = part(seed) * 20;
    }
    return f;
}

static void sail(fleet *f, double hours) {
    for (uint64_t j = 0; j < f->ships; j++) {
        f->lat[j] += cos(f->course[j] * 3.14159 / 180) * f->speed[j] * hours / 60;
        f->lon[j] += sin(f->course[j] * 3.14159 / 180) * f->speed[j] * hours / 60;
    }
}

/* What is unknown in some kinds of messages, and what comes twice. */
static void spoil(size_t i, uint64_t kind) {
    static const struct {
        double lat, lon, speed, course; /* 1 = stays */
    } masks[] = {[4] = {NAN, NAN, NAN, NAN}, [5] = {NAN, 1, 1, 1}, [6] = {1, 1, NAN, 1},
                 [7] = {1, 1, INFINITY, 1},  [8] = {1, 1, 0, NAN}, [9] = {1, 1, 1, NAN}};
    if (kind >= 4 && kind <= 9) {
        m.lat_deg[i] *= masks[kind].lat;
        m.lon_deg[i] *= masks[kind].lon;
        m.speed[i] *= masks[kind].speed;
        m.course[i] *= masks[kind].course;
    }
    if (kind == 11 && i > 0) m.id[i] = m.id[i - 1];
    if (kind == 12) m.id[i] = 0;
    if (kind != 13 || i == 0) return;
    m.lat_deg[i] = m.lat_deg[i - 1];
    m.lon_deg[i] = m.lon_deg[i - 1];
    m.speed[i] = m.speed[i - 1];
    m.course[i] = m.course[i - 1];
    m.heading[i] = m.heading[i - 1];
}

/* Jumps, silences, equal times, and what spoil does. */
static void make_messages(uint64_t seed, size_t count) {
    fleet f = make_fleet(&seed);
    int64_t now_us = (int64_t)(next_random(&seed) % 1000000) * SECOND;
    for (size_t i = 0; i < count; i++) {
        const uint64_t kind = next_random(&seed) % 64, k = next_random(&seed) % f.ships;
        const double hours = part(&seed) * (kind == 63 ? 30 : 0.3);
        const double off_deg = kind >= 56 && kind < 60 ? 0.3 : 0.002;
        if (kind > 3) now_us += (int64_t)(hours * 3.6e9);
        sail(&f, hours);
        m.time_us[i] = now_us;
        m.lat_deg[i] = f.lat[k] + part(&seed) * off_deg;
        m.lon_deg[i] = f.lon[k] + part(&seed) * off_deg;
        m.speed[i] = f.speed[k];
        m.course[i] = f.course[k];
        m.heading[i] = kind % 2 == 0 ? NAN : f.course[k];
        m.transponder[i] = (int32_t)(kind == 10 ? 11 : 1 + k % 2);
        m.id[i] = next_random(&seed);
        spoil(i, kind);
    }
    m.count = count;
}

static seine_segment_config config_of(uint64_t trial) {
    seine_segment_config config = seine_segment_config_default();
    config.lookback = 1 + (uint32_t)trial % SEINE_SEGMENT_LOOKBACK_MOST;
    config.max_open = trial % 3 == 0 ? 3 : 100;
    config.remembered = trial % 4 == 0 ? 5 : 1024;
    config.first_weights = trial % 2 == 0;
    config.gate_knots = trial % 5 == 4 ? 30 : 0;
    assert_int_equal(seine_segment_config_check(&config, NULL), SEINE_OK);
    return config;
}

static void assert_same_verdicts(void) {
    assert_memory_equal(whole.start_us, pieces.start_us, m.count * sizeof *whole.start_us);
    assert_memory_equal(whole.number, pieces.number, m.count * sizeof *whole.number);
    assert_memory_equal(whole.class_code, pieces.class_code, m.count * sizeof *whole.class_code);
    assert_memory_equal(whole.noise, pieces.noise, m.count * sizeof *whole.noise);
    assert_memory_equal(whole.ship, pieces.ship, m.count * sizeof *whole.ship);
    assert_int_equal(whole.ended, pieces.ended);
    assert_int_equal(whole.left_out, pieces.left_out);
}

/* @p every: reloads after so many pieces, 0 = never; pieces of one message when it is 1. */
static size_t check_pieces(uint64_t trial, size_t every) {
    const seine_segment_config config = config_of(trial);
    seine_column_in inputs[SEINE_SEGMENT_INPUTS];
    make_messages(trial, 300);
    seine_track track = track_of_messages(&m, inputs);
    seine_state one = new_state(&seine_segment_step, &config), other = new_state(&seine_segment_step, &config);
    whole.ended = whole.left_out = pieces.ended = pieces.left_out = 0;
    feed_messages(&config, &one, &track, &m, m.count, &whole);
    track.pos = 0;
    uint64_t seed = trial ^ 0x5EED;
    for (size_t piece = 1; track.pos < m.count; piece++) {
        const size_t left = m.count - track.pos;
        const size_t end = track.pos + (every == 1 ? 1 : 1 + next_random(&seed) % left);
        feed_messages(&config, &other, &track, &m, end, &pieces);
        if (every > 0 && piece % every == 0) reload(&seine_segment_step, &config, &other);
    }
    assert_same_verdicts();
    assert_same_bytes(&seine_segment_step, &config, &one, &other);
    free(one.data);
    free(other.data);
    return whole.left_out;
}

static void any_split_gives_the_same_rows_events_and_bytes(void **state) {
    (void)state;
    size_t left_out = 0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) left_out += check_pieces(trial, 0);
    assert_true(left_out > 100); /* otherwise nothing was tried */
}

static void saving_and_loading_at_every_message_changes_nothing(void **state) {
    (void)state;
    for (uint64_t trial = 0; trial < TRIALS; trial++) (void)check_pieces(trial, 1);
}

static seine_state state_after(const seine_segment_config *config, uint64_t trial, size_t count) {
    seine_column_in inputs[SEINE_SEGMENT_INPUTS];
    make_messages(trial, count);
    seine_track track = track_of_messages(&m, inputs);
    seine_state state = new_state(&seine_segment_step, config);
    feed_messages(config, &state, &track, &m, m.count, &whole);
    return state;
}

/* Neither too few bytes, nor one bit that is wrong, nor other letters are a state. */
static void damaged_bytes_are_refused(void **state) {
    (void)state;
    const seine_segment_config config = seine_segment_config_default();
    seine_state full = state_after(&config, 3, 60), loaded = {0};
    size_t size = 0;
    uint8_t *bytes = saved(&seine_segment_step, &config, &full, &size);
    while (seine_segment_step.load(&config, &loaded, bytes, size, NULL, 0, NULL) == SEINE_E_SPACE) grow_state(&loaded);
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(seine_segment_step.load(&config, &loaded, bytes, cut, NULL, 0, NULL), SEINE_E_FORMAT);
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= 4;
        const seine_status status = seine_segment_step.load(&config, &loaded, bytes, size, NULL, 0, NULL);
        assert_int_equal(status, at == 2 ? SEINE_E_VERSION : SEINE_E_FORMAT);
        bytes[at] ^= 4;
    }
    assert_same_bytes(&seine_segment_step, &config, &loaded, &full); /* the one that was loaded first */
    free(bytes);
    free(full.data);
    free(loaded.data);
}

/* Bytes with a right checksum can still say anything. */
static void bytes_that_lie_with_a_right_checksum_do_no_harm(void **state) {
    (void)state;
    const seine_segment_config config = seine_segment_config_default();
    seine_state full = state_after(&config, 5, 80), loaded = {0};
    size_t size = 0;
    uint8_t *bytes = saved(&seine_segment_step, &config, &full, &size), *lie = malloc(size);
    seine_column_in inputs[SEINE_SEGMENT_INPUTS];
    uint64_t seed = 77;
    assert_non_null(lie);
    for (int trial = 0; trial < 20000; trial++) {
        memcpy(lie, bytes, size);
        for (uint64_t n = 1 + next_random(&seed) % 3; n > 0; n--)
            lie[3 + next_random(&seed) % (size - 7)] = (uint8_t)next_random(&seed);
        const uint32_t checksum = seine_checksum32(lie, size - 4);
        for (size_t i = 0; i < 4; i++) lie[size - 4 + i] = (uint8_t)(checksum >> (8 * i));
        seine_status status = SEINE_E_SPACE;
        while ((status = seine_segment_step.load(&config, &loaded, lie, size, NULL, 0, NULL)) == SEINE_E_SPACE)
            grow_state(&loaded);
        if (status != SEINE_OK) continue;
        seine_track track = track_of_messages(&m, inputs);
        static seine_event events[256];
        seine_step_out out = {events, 256, 0, NULL};
        (void)feed_to(&seine_segment_step, &config, &loaded, &track, m.count, &out);
    }
    free(lie);
    free(bytes);
    free(full.data);
    free(loaded.data);
}

static void asking_what_is_open_changes_nothing_and_names_every_segment(void **state) {
    (void)state;
    const seine_segment_config config = seine_segment_config_default();
    static seine_event events[256];
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        seine_state full = state_after(&config, trial, 200), copy = state_after(&config, trial, 200);
        seine_step_out out = {events, 256, 0, NULL}, none = {events, 0, 0, NULL};
        assert_int_equal(seine_segment_step.advance(&config, &full, INT64_MIN, &out), SEINE_OK);
        assert_true(out.pos > 0);
        for (size_t i = 0; i < out.pos; i++) assert_false(events[i].is_closed);
        assert_int_equal(seine_segment_step.advance(&config, &full, INT64_MIN, &none), SEINE_E_FULL);
        const size_t open = out.pos;
        out.pos = 0;
        assert_int_equal(seine_segment_step.advance(&config, &full, INT64_MAX, &out), SEINE_OK);
        assert_int_equal(out.pos, open);
        for (size_t i = 0; i < out.pos; i++) assert_true(events[i].is_closed);
        assert_same_bytes(&seine_segment_step, &config, &full, &copy);
        free(full.data);
        free(copy.data);
    }
}

/* States of two histories grow together again: only what the rules can still see is in them. */
static void a_state_forgets_what_cannot_matter_any_more(void **state) {
    (void)state;
    seine_segment_config config = seine_segment_config_default();
    config.remembered = 16;
    make_messages(11, 500);
    for (size_t i = 0; i < m.count; i++) /* one ship: how many there are is known for ever */
        m.time_us[i] = (int64_t)i * HOUR / 10, m.lat_deg[i] = 40 + (double)i / 600, m.lon_deg[i] = 5, m.speed[i] = 1,
        m.course[i] = 0;
    for (size_t i = 250; i < m.count; i++) m.time_us[i] += 100 * HOUR; /* all segments of before end */
    seine_column_in inputs[SEINE_SEGMENT_INPUTS];
    seine_track track = track_of_messages(&m, inputs);
    seine_state one = new_state(&seine_segment_step, &config), other = new_state(&seine_segment_step, &config);
    feed_messages(&config, &one, &track, &m, m.count, &whole);
    track.pos = 100;
    feed_messages(&config, &other, &track, &m, m.count, &pieces);
    assert_same_bytes(&seine_segment_step, &config, &one, &other);
    free(one.data);
    free(other.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_split_gives_the_same_rows_events_and_bytes),
        cmocka_unit_test(saving_and_loading_at_every_message_changes_nothing),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(bytes_that_lie_with_a_right_checksum_do_no_harm),
        cmocka_unit_test(asking_what_is_open_changes_nothing_and_names_every_segment),
        cmocka_unit_test(a_state_forgets_what_cannot_matter_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
