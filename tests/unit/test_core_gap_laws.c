/* links: core io base */
/* Laws of the gap step: equal to a plain restatement of the rules, whatever the pieces; states as canonical bytes. */
#include "unit/core_support.h"

#include "base/hash.h"
#include "seine/gap.h"

#include <math.h>

#define MOST_FIXES 400
#define TRIALS 1500

typedef struct sample {
    int64_t time_us[MOST_FIXES];
    double lat_deg[MOST_FIXES], lon_deg[MOST_FIXES], shore_m[MOST_FIXES];
    uint8_t receiver[MOST_FIXES];
    uint64_t row_ref[MOST_FIXES];
    size_t count;
    seine_gap_config config;
} sample;

/* Bursts, equal times, silences around the threshold; whole seconds in half of the samples. */
static void make_sample(uint64_t seed, sample *s) {
    const int64_t unit = next_random(&seed) % 2 == 0 ? SECOND : 1;
    s->count = 1 + next_random(&seed) % MOST_FIXES;
    s->config.min_gap_us = (int64_t)(next_random(&seed) % 7) * HOUR;
    s->config.history_us = (int64_t)(next_random(&seed) % 25) * HOUR;
    s->config.shore_rule = next_random(&seed) % 4 == 0;
    int64_t now_us = (int64_t)(next_random(&seed) % 1000) * HOUR - 500 * HOUR;
    for (size_t i = 0; i < s->count; i++) {
        const uint64_t kind = next_random(&seed) % 20;
        if (kind < 14) now_us += (int64_t)(next_random(&seed) % 600000000) / unit * unit;
        if (kind >= 17) now_us += (int64_t)(next_random(&seed) % 14) * HOUR;
        s->time_us[i] = now_us;
        s->lat_deg[i] = kind == 1 ? NAN : (double)(next_random(&seed) % 170) - 85;
        s->lon_deg[i] = kind == 2 ? NAN : (double)(next_random(&seed) % 360) - 180;
        s->shore_m[i] = kind == 3 ? NAN : kind == 4 ? 0 : 1000;
        s->receiver[i] = (uint8_t)(next_random(&seed) % 5);
        s->row_ref[i] = next_random(&seed);
    }
}

static seine_track track_of(const sample *s) {
    return (seine_track){
        .time_us = s->time_us,
        .lat_deg = s->lat_deg,
        .lon_deg = s->lon_deg,
        .shore_m = s->shore_m,
        .receiver = s->receiver,
        .row_ref = s->row_ref,
        .count = s->count,
    };
}

static bool ashore(const sample *s, size_t i) {
    return s->config.shore_rule && !isnan(s->shore_m[i]) && s->shore_m[i] <= 0;
}

/* SPEC 2.3.4 said again, as slowly and plainly as possible. */
static void plain_counts(const sample *s, size_t off, double counts[4]) {
    for (int i = 0; i < 4; i++) counts[i] = 0;
    for (size_t i = 0; i <= off; i++) {
        const int64_t age_us = s->time_us[off] - s->time_us[i];
        if (i != off && (age_us == 0 || age_us > s->config.history_us)) continue;
        counts[0]++;
        if (s->receiver[i] >= 1 && s->receiver[i] <= 3) counts[s->receiver[i]]++;
    }
}

static bool plain_gap(const sample *s, size_t off) {
    return s->time_us[off + 1] - s->time_us[off] > s->config.min_gap_us && !ashore(s, off) && !ashore(s, off + 1);
}

static void whole_track_equals_the_plain_rules(void **state) {
    (void)state;
    static sample s;
    static seine_event events[MOST_FIXES];
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        make_sample(trial, &s);
        seine_state st = new_state(&seine_gap_step, &s.config);
        seine_step_out out = {events, MOST_FIXES, 0, NULL};
        seine_track track = track_of(&s);
        assert_int_equal(feed_to(&seine_gap_step, &s.config, &st, &track, s.count, &out), SEINE_OK);
        size_t found = 0;
        for (size_t off = 0; off + 1 < s.count; off++) {
            if (!plain_gap(&s, off)) continue;
            double counts[4];
            plain_counts(&s, off, counts);
            assert_true(found < out.pos);
            assert_true(events[found].start_ref == s.row_ref[off] && events[found].end_ref == s.row_ref[off + 1]);
            for (int i = 0; i < 4; i++) assert_true(events[found].measure[i] == counts[i]);
            found++;
        }
        assert_int_equal(found, out.pos);
        free(st.data);
    }
}

/* The open gap as the plain rules see it after all fixes. */
static void open_gap_equals_the_plain_rules(void **state) {
    (void)state;
    static sample s;
    static seine_event events[MOST_FIXES];
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        make_sample(trial, &s);
        seine_state st = new_state(&seine_gap_step, &s.config);
        seine_step_out out = {events, MOST_FIXES, 0, NULL};
        seine_track track = track_of(&s);
        assert_int_equal(feed_to(&seine_gap_step, &s.config, &st, &track, s.count, &out), SEINE_OK);
        seine_event event;
        seine_step_out open = {&event, 1, 0, NULL};
        const size_t last = s.count - 1;
        const int64_t watermark_us = s.time_us[last] + s.config.min_gap_us + (int64_t)(trial % 3) - 1;
        assert_int_equal(seine_gap_step.advance(&s.config, &st, watermark_us, &open), SEINE_OK);
        const bool expected = trial % 3 == 2 && !ashore(&s, last);
        assert_int_equal(open.pos, expected);
        double counts[4];
        plain_counts(&s, last, counts);
        for (int i = 0; expected && i < 4; i++) assert_true(event.measure[i] == counts[i]);
        free(st.data);
    }
}

static void a_watermark_before_the_deadline_opens_nothing(void **state) {
    (void)state;
    static sample s;
    static seine_event events[MOST_FIXES];
    size_t deadlines = 0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        make_sample(trial, &s);
        seine_state st = new_state(&seine_gap_step, &s.config);
        assert_int_equal(check_deadlines(&seine_gap_step, &s.config, &st), 0);
        seine_step_out out = {events, MOST_FIXES, 0, NULL};
        seine_track track = track_of(&s);
        assert_int_equal(feed_to(&seine_gap_step, &s.config, &st, &track, s.count, &out), SEINE_OK);
        deadlines += check_deadlines(&seine_gap_step, &s.config, &st);
        free(st.data);
    }
    assert_true(deadlines > 0);
}

/* Feeds in random pieces, into outputs of random size, through save and load now and then. */
static size_t feed_in_pieces(const sample *s, uint64_t seed, bool reload, seine_event *events, seine_state *st) {
    seine_track track = track_of(s);
    size_t found = 0;
    while (track.pos < s->count) {
        const size_t left = s->count - track.pos;
        const size_t piece = next_random(&seed) % 3 == 0 ? 1 : 1 + next_random(&seed) % left;
        seine_step_out out = {events + found, 1 + next_random(&seed) % 3, 0, NULL};
        const seine_status status = feed_to(&seine_gap_step, &s->config, st, &track, track.pos + piece, &out);
        assert_true(status == SEINE_OK || (status == SEINE_E_FULL && out.pos == out.capacity));
        found += out.pos;
        if (!reload || next_random(&seed) % 4 != 0) continue;
        size_t size = 0;
        uint8_t *bytes = saved(&seine_gap_step, &s->config, st, &size);
        uint64_t refs[SEINE_STATE_REFS];
        const size_t ref_count = seine_gap_step.refs(&s->config, st, refs);
        free(st->data);
        *st = (seine_state){0};
        seine_error error = {0};
        while (seine_gap_step.load(&s->config, st, bytes, size, refs, ref_count, &error) == SEINE_E_SPACE) {
            grow_state(st);
        }
        assert_string_equal(error.text, "");
        free(bytes);
    }
    return found;
}

static void assert_same_events(const seine_event *a, const seine_event *b, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_true(a[i].start_us == b[i].start_us && a[i].end_us == b[i].end_us);
        assert_true(a[i].start_ref == b[i].start_ref && a[i].end_ref == b[i].end_ref);
        assert_memory_equal(a[i].measure, b[i].measure, sizeof a[i].measure);
    }
}

static void check_pieces(bool reload) {
    static sample s;
    static seine_event whole[MOST_FIXES];
    static seine_event pieces[MOST_FIXES + 8];
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        make_sample(trial, &s);
        seine_state one = new_state(&seine_gap_step, &s.config);
        seine_state other = new_state(&seine_gap_step, &s.config);
        seine_step_out out = {whole, MOST_FIXES, 0, NULL};
        seine_track track = track_of(&s);
        assert_int_equal(feed_to(&seine_gap_step, &s.config, &one, &track, s.count, &out), SEINE_OK);
        const size_t found = feed_in_pieces(&s, trial ^ 0xABCD, reload, pieces, &other);
        assert_int_equal(found, out.pos);
        assert_same_events(whole, pieces, found);
        size_t one_size = 0;
        size_t other_size = 0;
        uint8_t *one_bytes = saved(&seine_gap_step, &s.config, &one, &one_size);
        uint8_t *other_bytes = saved(&seine_gap_step, &s.config, &other, &other_size);
        assert_int_equal(one_size, other_size);
        assert_memory_equal(one_bytes, other_bytes, one_size);
        free(one_bytes);
        free(other_bytes);
        free(one.data);
        free(other.data);
    }
}

static void any_split_gives_the_same_events_and_the_same_bytes(void **state) {
    (void)state;
    check_pieces(false);
}

static void saving_and_loading_in_between_changes_nothing(void **state) {
    (void)state;
    check_pieces(true);
}

static seine_state state_after(const sample *s) {
    static seine_event events[MOST_FIXES];
    seine_state st = new_state(&seine_gap_step, &s->config);
    seine_step_out out = {events, MOST_FIXES, 0, NULL};
    seine_track track = track_of(s);
    assert_int_equal(feed_to(&seine_gap_step, &s->config, &st, &track, s->count, &out), SEINE_OK);
    return st;
}

static void whole_second_states_are_small(void **state) {
    (void)state;
    static sample s;
    s = (sample){.count = 288, .config = seine_gap_config_default()};
    for (size_t i = 0; i < s.count; i++) s.time_us[i] = (int64_t)i * 300 * SECOND; /* a day of five-minute fixes */
    seine_state st = state_after(&s);
    size_t size = 0;
    free(saved(&seine_gap_step, &s.config, &st, &size));
    assert_true(size < 2 * 145 + 40); /* two bytes for each fix of the last 12 hours */
    free(st.data);
}

static void row_references_and_shore_do_not_show_in_the_bytes(void **state) {
    (void)state;
    static sample s;
    make_sample(3, &s);
    s.config.shore_rule = false;
    seine_state one = state_after(&s);
    for (size_t i = 0; i < s.count; i++) {
        s.row_ref[i] = i;
        s.shore_m[i] = 5;
    }
    seine_state other = state_after(&s);
    size_t one_size = 0;
    size_t other_size = 0;
    uint8_t *one_bytes = saved(&seine_gap_step, &s.config, &one, &one_size);
    uint8_t *other_bytes = saved(&seine_gap_step, &s.config, &other, &other_size);
    assert_int_equal(one_size, other_size);
    assert_memory_equal(one_bytes, other_bytes, one_size);
    free(one_bytes);
    free(other_bytes);
    free(one.data);
    free(other.data);
}

static seine_status try_load(const seine_gap_config *config, const uint8_t *bytes, size_t size) {
    const uint64_t refs[1] = {9};
    seine_state st = {0};
    seine_error error = {0};
    seine_status status = seine_gap_step.load(config, &st, bytes, size, refs, 1, &error);
    while (status == SEINE_E_SPACE) {
        grow_state(&st);
        status = seine_gap_step.load(config, &st, bytes, size, refs, 1, &error);
    }
    free(st.data);
    return status;
}

static void set_checksum(uint8_t *bytes, size_t size) {
    const uint32_t sum = seine_checksum32(bytes, size - 4);
    for (int i = 0; i < 4; i++) bytes[size - 4 + (size_t)i] = (uint8_t)(sum >> (8 * i));
}

static void damaged_and_foreign_bytes_are_refused(void **state) {
    (void)state;
    static sample s;
    make_sample(7, &s);
    s.config.history_us = 24 * HOUR;
    seine_state st = state_after(&s);
    size_t size = 0;
    uint8_t *bytes = saved(&seine_gap_step, &s.config, &st, &size);
    assert_int_equal(try_load(&s.config, bytes, size), SEINE_OK);
    for (size_t cut = 0; cut < size; cut++) assert_int_equal(try_load(&s.config, bytes, cut), SEINE_E_FORMAT);
    for (size_t bit = 0; bit < size * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const seine_status expected = bit / 8 == 2 ? SEINE_E_VERSION : SEINE_E_FORMAT;
        assert_int_equal(try_load(&s.config, bytes, size), expected);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    /* With a right checksum the content itself must be caught: here a history older than the setting allows. */
    const seine_gap_config shorter = {.min_gap_us = HOUR, .history_us = 0};
    assert_int_equal(try_load(&shorter, bytes, size), SEINE_E_FORMAT);
    bytes[3] |= 0x80; /* an unknown flag */
    set_checksum(bytes, size);
    assert_int_equal(try_load(&s.config, bytes, size), SEINE_E_FORMAT);
    free(bytes);
    free(st.data);
}

static void a_state_without_fixes_saves_and_loads(void **state) {
    (void)state;
    const seine_gap_config config = seine_gap_config_default();
    seine_state st = new_state(&seine_gap_step, &config);
    uint64_t refs[SEINE_STATE_REFS];
    assert_int_equal(seine_gap_step.refs(&config, &st, refs), 0);
    size_t size = 0;
    uint8_t *bytes = saved(&seine_gap_step, &config, &st, &size);
    assert_int_equal(size, 8);
    assert_int_equal(seine_gap_step.load(&config, &st, bytes, size, NULL, 0, NULL), SEINE_OK);
    assert_int_equal(seine_gap_step.load(&config, &st, bytes, size, refs, 1, NULL), SEINE_E_FORMAT);
    free(bytes);
    free(st.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_track_equals_the_plain_rules),
        cmocka_unit_test(open_gap_equals_the_plain_rules),
        cmocka_unit_test(a_watermark_before_the_deadline_opens_nothing),
        cmocka_unit_test(any_split_gives_the_same_events_and_the_same_bytes),
        cmocka_unit_test(saving_and_loading_in_between_changes_nothing),
        cmocka_unit_test(whole_second_states_are_small),
        cmocka_unit_test(row_references_and_shore_do_not_show_in_the_bytes),
        cmocka_unit_test(damaged_and_foreign_bytes_are_refused),
        cmocka_unit_test(a_state_without_fixes_saves_and_loads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
