/* links: core io base */
/* 11,409 scored messages against the tables of an independent engine: whose event each is, and all about the events. */
#include "unit/fishing_support.h"

#include "base/number.h"
#include "io/reader.h"

#define FIELDS_MOST 24
#define SEGMENTS_MOST 32

typedef struct table {
    seine_buf text;
    char *at;
    const char *field[FIELDS_MOST];
    size_t count;
} table;

static void open_table(const char *name, table *t) {
    char path[1024], full[256];
    seine_reader *reader = NULL;
    const char *member = NULL;
    snprintf(full, sizeof full, "oracles/fishing_events/%s", name);
    seine_buf_init(&t->text, 64 << 20);
    assert_int_equal(seine_reader_open(data_path(full, path), &reader, NULL), SEINE_OK);
    assert_int_equal(seine_reader_member(reader, &member, NULL), SEINE_OK);
    for (size_t got = 1; got > 0; t->text.size += got) {
        assert_int_equal(seine_buf_reserve(&t->text, 65536), SEINE_OK);
        assert_int_equal(seine_reader_read(reader, t->text.data + t->text.size, 65536, &got, NULL), SEINE_OK);
    }
    seine_reader_close(reader);
    t->at = seine_buf_text(&t->text);
    t->at = strchr(t->at, '\n') + 1;
}

/* The fields of the next line, cut in place. */
static bool next_row(table *t) {
    if (*t->at == '\0') return false;
    for (t->count = 0;; t->count++) {
        assert_true(t->count < FIELDS_MOST);
        t->field[t->count] = t->at;
        t->at += strcspn(t->at, ",\r\n");
        const char end = *t->at;
        if (end != '\0') *t->at++ = '\0';
        if (end == ',') continue;
        if (end == '\r') t->at++;
        t->count++;
        return true;
    }
}

static double number_of(const char *text) {
    double number = NAN;
    return *text != '\0' && seine_number_parse(seine_str_of(text), &number) ? number : NAN;
}

static int64_t time_of(const char *text) {
    int64_t time_us = 0;
    assert_true(seine_time_parse(seine_str_of(text), &time_us));
    return time_us;
}

/* ---- the messages by segment ---- */

static messages segments[SEGMENTS_MOST];
static char names[SEGMENTS_MOST][32];
static answer answers[SEGMENTS_MOST];
static size_t segment_count;

static size_t segment_of(const char *name) {
    for (size_t i = 0; i < segment_count; i++)
        if (strcmp(names[i], name) == 0) return i;
    assert_true(segment_count < SEGMENTS_MOST);
    snprintf(names[segment_count], sizeof names[0], "%s", name);
    segments[segment_count].count = 0;
    return segment_count++;
}

/* @p computed: the ways between messages are left to the step. */
static void read_messages(bool computed) {
    table t;
    open_table("messages.csv.gz", &t);
    segment_count = 0;
    while (next_row(&t)) {
        messages *m = &segments[segment_of(t.field[0])];
        const size_t i = m->count++;
        assert_true(i < MESSAGES_MOST);
        m->time_us[i] = time_of(t.field[2]);
        m->lat_deg[i] = number_of(t.field[3]);
        m->lon_deg[i] = number_of(t.field[4]);
        m->speed[i] = number_of(t.field[5]);
        m->metres[i] = computed ? NAN : number_of(t.field[6]);
        m->implied[i] = computed ? NAN : number_of(t.field[7]);
        m->hours[i] = computed ? NAN : number_of(t.field[8]);
        m->nnet[i] = number_of(t.field[9]);
        m->night[i] = number_of(t.field[9]);
        m->ref[i] = i;
    }
    seine_buf_free(&t.text);
    for (size_t i = 0; i < segment_count; i++) find_events(seine_fishing_config_default(), &segments[i], &answers[i]);
}

static const seine_event *find_event(const answer *found, uint32_t chain, int64_t start_us) {
    for (size_t i = 0; i < found->count; i++)
        if (found->events[i].kind == chain && found->events[i].start_us == start_us) return &found->events[i];
    fail_msg("no event begins then");
    return NULL;
}

/* ---- stage 2 ---- */

static void check_stage_2(uint32_t chain) {
    table t;
    size_t rows = 0, ours = 0;
    open_table("expected_stage2_full_load.csv.gz", &t);
    for (; next_row(&t); rows++) {
        const size_t s = segment_of(t.field[0]);
        const int64_t time_us = time_of(t.field[3]), start_us = time_of(t.field[1]);
        size_t row = 0;
        while (row < segments[s].count && segments[s].time_us[row] != time_us) row++;
        assert_true(row < segments[s].count);
        assert_true(answers[s].start_us[chain][row] == start_us);
        assert_true(find_event(&answers[s], chain, start_us)->end_us == time_of(t.field[2]));
    }
    seine_buf_free(&t.text);
    for (size_t s = 0; s < segment_count; s++)
        for (size_t i = 0; i < segments[s].count; i++) ours += answers[s].start_us[chain][i] != SEINE_INTEGER_NULL;
    assert_int_equal(rows, 6505);
    assert_int_equal(ours, rows);
}

static void every_message_belongs_to_the_event_of_the_table(void **state) {
    (void)state;
    read_messages(false);
    check_stage_2(SEINE_FISHING_NNET);
    check_stage_2(SEINE_FISHING_NIGHT);
}

static void so_it_does_when_distances_and_hours_are_computed(void **state) {
    (void)state;
    read_messages(true);
    check_stage_2(SEINE_FISHING_NNET);
}

/* ---- stage 3 ---- */

static void check_number(double got, const char *expected) {
    const double wanted = number_of(expected);
    assert_int_equal(isnan(got), isnan(wanted));
    if (!isnan(wanted)) assert_near(got, wanted, 1e-9 * fmax(1, fabs(wanted)));
}

/* The table's box is swapped at random, and its edges have noise in the last digits: see differences.md. */
static void check_box(const double *got, const char *lon_min, const char *lon_max) {
    const double a = number_of(lon_min), b = number_of(lon_max);
    const double west = got[SEINE_FISHING_LON_MIN], east = got[SEINE_FISHING_LON_MAX];
    const bool is_same = fabs(west - a) < 1e-9 && fabs(east - b) < 1e-9;
    const bool is_swapped = fabs(west - b) < 1e-9 && fabs(east - a) < 1e-9;
    assert_true(is_same || is_swapped);
    assert_true(west <= east || (west > 170 && east < -170));
}

static bool is_true(const char *text) { return strcmp(text, "true") == 0; }

static void check_flag(const seine_event *event, seine_fishing_rule rule, const char *expected, size_t *dropped) {
    const seine_fishing_config config = seine_fishing_config_default();
    const seine_fishing_check check = seine_fishing_judge(&config, event, rule);
    assert_int_equal(check.is_kept, is_true(expected));
    *dropped += !check.is_kept;
}

static void check_event(const seine_event *event, const table *t, size_t dropped[SEINE_FISHING_RULES]) {
    static const int measures[] = {SEINE_FISHING_LAT_MIN,
                                   SEINE_FISHING_LAT_MAX,
                                   -1,
                                   -1,
                                   SEINE_FISHING_LAT_MEAN,
                                   SEINE_FISHING_LON_MEAN,
                                   SEINE_FISHING_MESSAGES,
                                   SEINE_FISHING_SPEED,
                                   SEINE_FISHING_IMPLIED,
                                   SEINE_FISHING_METRES,
                                   SEINE_FISHING_DISTANCE,
                                   SEINE_FISHING_HOURS};
    char vessel[64], id[33];
    assert_true(event->end_us == time_of(t->field[3]));
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++)
        if (measures[i] >= 0) check_number(event->measure[measures[i]], t->field[4 + i]);
    check_box(event->measure, t->field[6], t->field[7]);
    for (size_t rule = 0; rule < SEINE_FISHING_RULES; rule++)
        check_flag(event, (seine_fishing_rule)rule, t->field[16 + rule], &dropped[rule]);
    snprintf(vessel, sizeof vessel, "vessel-%s", t->field[1]);
    seine_fishing_id(vessel, strlen(vessel), event->start_us, event->end_us, id);
    assert_string_equal(id, t->field[21]);
}

static void statistics_filters_and_ids_are_those_of_the_table(void **state) {
    (void)state;
    table t;
    size_t rows = 0, ours = 0, kept = 0, dropped[SEINE_FISHING_RULES] = {0};
    read_messages(false);
    open_table("expected_stage3_full_load.csv.gz", &t);
    for (; next_row(&t); rows++) {
        const answer *found = &answers[segment_of(t.field[0])];
        const seine_event *event = find_event(found, SEINE_FISHING_NNET, time_of(t.field[2]));
        check_event(event, &t, dropped);
        kept += is_true(t.field[16]) && is_true(t.field[17]) && is_true(t.field[18]) && is_true(t.field[19]);
    }
    seine_buf_free(&t.text);
    for (size_t s = 0; s < segment_count; s++)
        for (size_t i = 0; i < answers[s].count; i++) ours += answers[s].events[i].kind == SEINE_FISHING_NNET;
    assert_int_equal(rows, 373);
    assert_int_equal(ours, rows);
    assert_int_equal(kept, 247);
    const size_t expected[SEINE_FISHING_RULES] = {82, 105, 22, 25};
    assert_memory_equal(dropped, expected, sizeof dropped);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_belongs_to_the_event_of_the_table),
        cmocka_unit_test(so_it_does_when_distances_and_hours_are_computed),
        cmocka_unit_test(statistics_filters_and_ids_are_those_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
