/* links: core io base */
/* 21 real tracks against what gpsdio-segment 3.0.0 made of them, message for message: id and class. */
#include "unit/segment_support.h"

static const char *const TRACKS[] = {
    "200000010", "312613000", "338142021", "412327821", "412420156", "412420375", "412421086",
    "412421155", "412440222", "412588888", "413222000", "416004378", "416229900", "416239500",
    "416558000", "417000694", "525700804", "574574574", "600000019", "633310367", "701006788",
};

static messages track;
static verdicts whole;

static void read_track(const char *ssvid) {
    char name[128], path[1024];
    snprintf(name, sizeof name, "oracles/gpsdio-segment/%s.in.jsonl.gz", ssvid);
    read_messages(shared_path(name, path), &track);
}

/* "index,seg_id,seg_class" as the original's table has it. */
static void line_of(const char *ssvid, const verdicts *v, size_t i, char line[128]) {
    char tail[64];
    if (v->class_code[i] < 0) {
        snprintf(line, 128, "%zu,,", i);
        return;
    }
    (void)seine_segment_id_tail(v->start_us[i], v->number[i], tail);
    snprintf(line, 128, "%zu,%s%s,%s", i, ssvid, tail, seine_segment_class_text((seine_segment_class)v->class_code[i]));
}

static size_t check_track(const char *ssvid, const verdicts *v) {
    char name[128], path[1024], line[128];
    seine_buf text;
    size_t row = 0, different = 0;
    snprintf(name, sizeof name, "oracles/gpsdio-segment/%s.expected_v3.csv.gz", ssvid);
    read_packed(shared_path(name, path), &text);
    char *expected = strchr(seine_buf_text(&text), '\n') + 1;
    for (; *expected != '\0'; row++) {
        const size_t size = strcspn(expected, "\r\n");
        line_of(ssvid, v, row, line);
        if (strlen(line) != size || memcmp(line, expected, size) != 0) {
            print_message("%s: %s instead of %.*s\n", ssvid, line, (int)size, expected);
            different++;
        }
        expected += size + strspn(expected + size, "\r\n");
    }
    assert_int_equal(row, track.count);
    seine_buf_free(&text);
    return different;
}

static void check_all(bool first_weights) {
    seine_segment_config config = seine_segment_config_default();
    config.first_weights = first_weights;
    size_t different = 0, count = 0;
    for (size_t i = 0; i < sizeof TRACKS / sizeof *TRACKS; i++) {
        read_track(TRACKS[i]);
        segment_all(config, &track, &whole);
        different += check_track(TRACKS[i], &whole);
        count += track.count;
    }
    assert_int_equal(different, 0);
    assert_int_equal(count, 1984);
}

static void every_message_of_21_tracks_goes_where_the_original_puts_it(void **state) {
    (void)state;
    check_all(true);
}

/* The right weights decide none of these tracks otherwise. */
static void so_it_does_with_the_weights_of_the_matching_segments(void **state) {
    (void)state;
    check_all(false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_of_21_tracks_goes_where_the_original_puts_it),
        cmocka_unit_test(so_it_does_with_the_weights_of_the_matching_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
