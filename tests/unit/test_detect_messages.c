/* links: decode columns io base */
/* Position messages of JSON and CSV text as a table. */
#include "unit/core_support.h"

#include "decode/messages.h"
#include "seine/track.h"

#include <math.h>

static const seine_message *read_all(seine_messages *messages, const char *text, size_t expected) {
    seine_error error = {0};
    seine_messages_init(messages, 0, NULL);
    if (seine_messages_read(messages, seine_str_of(text), "given", "line", &error) != SEINE_OK) {
        fail_msg("%s", error.text);
    }
    size_t count = 0;
    const seine_message *rows = seine_messages_rows(messages, &count);
    assert_int_equal(count, expected);
    return rows;
}

/* The error must hold `told`; nothing is read behind the text, which fills its block. */
static void assert_refused(const char *text, seine_status status, const char *told) {
    seine_messages messages;
    seine_error error = {0};
    const seine_str given = {malloc(strlen(text)), strlen(text)};
    assert_non_null(given.data);
    memcpy((void *)(uintptr_t)given.data, text, given.size);
    seine_messages_init(&messages, 0, NULL);
    assert_int_equal(seine_messages_read(&messages, given, "given", "line", &error), status);
    free((void *)(uintptr_t)given.data);
    if (strstr(error.text, told) == NULL) fail_msg("\"%s\" does not say \"%s\"", error.text, told);
    seine_messages_free(&messages);
}

static void rows_hold_what_detection_needs(void **state) {
    (void)state;
    seine_messages messages;
    const char *text =
        "{\"ssvid\": \"9\", \"timestamp\": 1704067200.25, \"lat\": -1.5, \"lon\": 2, \"x\": [{\"a\": 1}],"
        " \"receiver_type\": \"satellite\", \"distance_from_shore_m\": 7}\n"
        " {\"timestamp\":5,\"ssvid\":\"8\",\"lat\":null,\"lon\":null,\"receiver_type\":null}";
    const seine_message *rows = read_all(&messages, text, 2);
    assert_true(rows[0].time_s == 1704067200.25 && rows[0].lat_deg == -1.5 && rows[0].lon_deg == 2);
    assert_true(rows[0].shore_m == 7 && rows[0].receiver == SEINE_RECEIVER_SATELLITE);
    assert_true(rows[1].time_s == 5 && isnan(rows[1].lat_deg) && isnan(rows[1].lon_deg) && isnan(rows[1].shore_m));
    assert_int_equal(rows[1].receiver, SEINE_RECEIVER_OTHER);
    assert_memory_equal(text + rows[1].offset, "{\"timestamp\":5", 14);
    assert_int_equal(rows[1].size, strlen(text) - rows[1].offset);
    assert_int_equal(messages.keys_of_all, SEINE_MESSAGE_LAT | SEINE_MESSAGE_LON | SEINE_MESSAGE_RECEIVER);
    seine_messages_free(&messages);
}

static void array_and_sequence_are_the_same(void **state) {
    (void)state;
    const char *texts[] = {
        "[{\"ssvid\":\"1\",\"timestamp\":1},{\"ssvid\":\"1\",\"timestamp\":2}]",
        "\xEF\xBB\xBF {\"ssvid\":\"1\",\"timestamp\":1}{\"ssvid\":\"1\",\"timestamp\":2}\r\n\r\n",
        " [ {\"ssvid\":\"1\",\"timestamp\":1}\n,\n{\"ssvid\":\"1\",\"timestamp\":2} ] ",
    };
    for (size_t i = 0; i < 3; i++) {
        seine_messages messages;
        const seine_message *rows = read_all(&messages, texts[i], 2);
        assert_true(rows[0].time_s == 1 && rows[1].time_s == 2);
        seine_messages_free(&messages);
    }
    seine_messages messages;
    (void)read_all(&messages, "[]", 0);
    seine_messages_free(&messages);
}

static void movers_are_told_apart_by_kind_and_value(void **state) {
    (void)state;
    seine_messages messages;
    const seine_message *rows = read_all(&messages,
                                         "{\"ssvid\":\"1\",\"timestamp\":1}{\"ssvid\":1,\"timestamp\":1}"
                                         "{\"ssvid\":null,\"timestamp\":1}{\"ssvid\":\"\\u0031\",\"timestamp\":1}"
                                         "{\"ssvid\":1.50,\"timestamp\":1}{\"ssvid\":1.5,\"timestamp\":1}",
                                         6);
    const uint32_t expected[] = {0, 1, 2, 0, 3, 3};
    for (size_t i = 0; i < 6; i++) assert_int_equal(rows[i].mover, expected[i]);
    const char *names[] = {"1", "1", "None", "1.5"};
    for (uint32_t i = 0; i < 4; i++) {
        const seine_str name = seine_messages_ssvid(&messages, i);
        assert_true(seine_str_equal(name, seine_str_of(names[i])));
    }
    uint32_t code = 0;
    assert_int_equal(seine_messages_mover(&messages, SEINE_STR("\"2\""), false, &code), SEINE_OK);
    assert_true(code == SEINE_CODE_NULL);
    seine_messages_free(&messages);
}

static void errors_name_the_line_and_the_key(void **state) {
    (void)state;
    assert_refused("\n{\"timestamp\":1}", SEINE_E_FORMAT, "given line 2: Missing key in input messages: 'ssvid'");
    assert_refused("{\"ssvid\":\"1\"}", SEINE_E_FORMAT, "given line 1: Missing key in input messages: 'timestamp'");
    assert_refused("{\"ssvid\":\"1\",\"timestamp\":1}\n{\"a\":tru}", SEINE_E_FORMAT, "given line 2: not JSON");
    assert_refused("{\"ssvid\":true,\"timestamp\":1}", SEINE_E_FORMAT, "ssvid is true");
    assert_refused("{\"ssvid\":\"1\",\"timestamp\":8.1e9}", SEINE_E_FORMAT, "not milliseconds");
    assert_refused("{\"ssvid\":\"1\",\"timestamp\":\"yesterday\"}", SEINE_E_FORMAT, "timestamp is \"yesterday\"");
    assert_refused("{\"ssvid\":\"1\",\"timestamp\":1,\"lon\":\"2 E\"}", SEINE_E_FORMAT, "lon is \"2 E\"");
}

/* What other languages write for no value is named, with its sign, and what to write instead. */
static void words_that_json_has_not_are_named(void **state) {
    (void)state;
    static const struct {
        const char *word, *told;
    } cases[] = {{"NaN", "lat is NaN, which JSON does not have: write null"},
                 {"-Infinity", "lat is -Infinity, which JSON does not have: write null"},
                 {"+inf", "lat is +inf, which JSON does not have: write null"},
                 {"None", "lat is None, which JSON does not have: write null"},
                 {"True", "lat is True, which JSON does not have: write null, true or false"},
                 {"FALSE", "lat is FALSE, which JSON does not have: write null, true or false"},
                 {"-Infinite", "given line 2: not JSON"},
                 {"+", "given line 2: not JSON"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "{\"ssvid\":1,\"timestamp\":1}\n{\"lat\":%s}", cases[i].word);
        assert_refused(text, SEINE_E_FORMAT, cases[i].told);
        (void)snprintf(text, sizeof text, "{\"ssvid\":1,\"timestamp\":1}\n{\"lat\":%s", cases[i].word);
        assert_refused(text, SEINE_E_FORMAT, cases[i].told); /* at the end of the text */
    }
    assert_refused("[NaN", SEINE_E_FORMAT, "");
}

static void text_that_is_no_json_is_refused(void **state) {
    (void)state;
    const char *texts[] = {"{",
                           "{\"a\"",
                           "{\"a\":",
                           "{\"a\":1,}",
                           "{\"a\":01}",
                           "{\"a\":1.}",
                           "{\"a\":-}",
                           "{\"a\":1e}",
                           "{\"a\":\"",
                           "{a:1}",
                           "[",
                           "[{}",
                           "[{\"ssvid\":1,\"timestamp\":1},]",
                           "[1]",
                           "[[]]",
                           "5",
                           "nul",
                           "{\"a\":[1,]}",
                           "{\"a\":\"\n\"}",
                           "{\"a\":{\"b\":}}",
                           "[,]",
                           "{\"a\":'x'}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_refused(texts[i], SEINE_E_FORMAT, "given line 1: ");
    char deep[200] = "{\"a\":";
    memset(deep + 5, '[', 100);
    assert_refused(deep, SEINE_E_LIMIT, "nested deeper than 64");
}

static void a_table_has_as_many_messages_as_it_may(void **state) {
    (void)state;
    seine_messages messages;
    seine_error error = {0};
    const seine_str two = SEINE_STR("{\"ssvid\":1,\"timestamp\":1}{\"ssvid\":1,\"timestamp\":2}");
    seine_messages_init(&messages, 2 * sizeof(seine_message), NULL);
    assert_int_equal(seine_messages_read(&messages, two, "given", "line", &error), SEINE_OK);
    const seine_str third = SEINE_STR("{\"ssvid\":1,\"timestamp\":3}");
    assert_int_equal(seine_messages_read(&messages, third, "more", "line", &error), SEINE_E_LIMIT);
    assert_string_equal(error.text, "more: more than 2 messages");
    seine_messages_free(&messages);
}

static void further_fields_are_read_where_they_are_asked_for(void **state) {
    (void)state;
    static const seine_messages_field fields[] = {{"speed", false}, {"msgid", true}};
    seine_messages messages;
    seine_error error = {0};
    seine_messages_init(&messages, 0, NULL);
    seine_messages_want(&messages, fields, 2);
    const seine_str text = SEINE_STR("{\"ssvid\":1,\"timestamp\":1,\"speed\":\"2.5\",\"msgid\":\"a\"}"
                                     "{\"ssvid\":1,\"timestamp\":2,\"speed\":null,\"msgid\":7,\"course\":[1]}"
                                     "{\"ssvid\":1,\"timestamp\":3}");
    assert_int_equal(seine_messages_read(&messages, text, "given", "line", &error), SEINE_OK);
    assert_true(seine_messages_values(&messages, 0)[0].number == 2.5);
    assert_true(seine_messages_values(&messages, 0)[1].text == seine_messages_text_hash(SEINE_STR("a")));
    assert_true(isnan(seine_messages_values(&messages, 1)[0].number));
    assert_true(seine_messages_values(&messages, 1)[1].text == seine_messages_text_hash(SEINE_STR("7")));
    assert_true(isnan(seine_messages_values(&messages, 2)[0].number) &&
                seine_messages_values(&messages, 2)[1].text == 0);
    const seine_str twice = SEINE_STR("{\"ssvid\":1,\"timestamp\":1,\"speed\":1,\"speed\":1}");
    assert_int_equal(seine_messages_read(&messages, twice, "given", "line", &error), SEINE_E_FORMAT);
    assert_string_equal(error.text, "given line 1: \"speed\" stands twice in one message");
    const seine_str wrong = SEINE_STR("{\"ssvid\":1,\"timestamp\":1,\"speed\":true}");
    assert_int_equal(seine_messages_read(&messages, wrong, "given", "line", &error), SEINE_E_FORMAT);
    assert_string_equal(error.text, "given line 1: speed is true, expected a number or null");
    seine_messages_free(&messages);
}

/* All rows of @p csv as lines of JSON. */
static void assert_objects(const char *csv, const char *expected) {
    seine_csv_objects rows;
    seine_buf json;
    seine_error error = {0};
    seine_buf_init(&json, 1 << 16);
    if (seine_csv_objects_open(&rows, seine_str_of(csv), "given", &error) != SEINE_OK) fail_msg("%s", error.text);
    for (;;) {
        if (seine_csv_objects_next(&rows, &error) != SEINE_OK) fail_msg("%s", error.text);
        if (rows.record.raw.data == NULL) break;
        assert_int_equal(seine_csv_objects_put(&rows, &json), SEINE_OK);
        assert_int_equal(seine_buf_append(&json, "\n", 1), SEINE_OK);
    }
    assert_string_equal(seine_buf_text(&json), expected);
    seine_csv_objects_close(&rows);
    seine_buf_free(&json);
}

static void csv_becomes_json_with_types_by_column(void **state) {
    (void)state;
    assert_objects("\xEF\xBB\xBFssvid,timestamp,lat,end_lon,is_closed,note\r\n"
                   "007,1704067200.0,-0.5,012,TRUE,\"a \"\"b\"\",\"\n"
                   "8,12,1e3, .5 ,false,\n",
                   "{\"ssvid\":\"007\",\"timestamp\":1704067200.0,\"lat\":-0.5,\"end_lon\":12,\"is_closed\":true,"
                   "\"note\":\"a \\\"b\\\",\"}\n"
                   "{\"ssvid\":\"8\",\"timestamp\":12,\"lat\":1000.0,\"end_lon\":0.5,\"is_closed\":false,"
                   "\"note\":null}\n");
    /* What is no number stays text, and its reader says what is wrong with it. */
    assert_objects("is_closed,lat\n TRUE ,  \nyes,\t7 \n",
                   "{\"is_closed\":true,\"lat\":null}\n{\"is_closed\":false,\"lat\":7}\n");
    assert_objects("lat,lon\n-,1.\n00,-0\n0.5.1,1e\n9223372036854775808,-12\n",
                   "{\"lat\":\"-\",\"lon\":1.0}\n"
                   "{\"lat\":0,\"lon\":-0}\n"
                   "{\"lat\":\"0.5.1\",\"lon\":\"1e\"}\n"
                   "{\"lat\":9223372036854775808,\"lon\":-12}\n");
    seine_csv_objects rows;
    seine_error error = {0};
    assert_int_equal(seine_csv_objects_open(&rows, SEINE_STR("a,b\n1\n"), "given", &error), SEINE_OK);
    assert_int_equal(seine_csv_objects_next(&rows, &error), SEINE_E_FORMAT);
    assert_string_equal(error.text, "given row 1: 1 fields, the header has 2");
    seine_csv_objects_close(&rows);
}

static seine_status read_csv(seine_messages *messages, const char *text, seine_error *error) {
    static const seine_messages_field fields[] = {{"speed", false}, {"msgid", true}};
    seine_messages_init(messages, 0, NULL);
    seine_messages_want(messages, fields, 2);
    return seine_messages_read_csv(messages, seine_str_of(text), "given", error);
}

static void rows_of_csv_are_messages(void **state) {
    (void)state;
    static const char text[] = "ssvid,timestamp,lat,lon,receiver_type,msgid,speed,note\r\n"
                               "007,1704067200.25,-1.5,+2,satellite,x,2.5,\"a\nb\"\r\n"
                               "\"8\",2024-01-01T00:00:00Z,,,,\"y \"\"\",,\n";
    seine_messages messages;
    seine_error error = {0};
    size_t count = 0;
    if (read_csv(&messages, text, &error) != SEINE_OK) fail_msg("%s", error.text);
    const seine_message *rows = seine_messages_rows(&messages, &count);
    assert_int_equal(count, 2);
    assert_true(rows[0].time_s == 1704067200.25 && rows[0].lat_deg == -1.5 && rows[0].lon_deg == 2);
    assert_true(rows[1].time_s == 1704067200 && isnan(rows[1].lat_deg) && isnan(rows[1].lon_deg));
    assert_true(rows[0].receiver == SEINE_RECEIVER_SATELLITE && rows[1].receiver == SEINE_RECEIVER_OTHER);
    assert_int_equal(messages.keys_of_all, SEINE_MESSAGE_LAT | SEINE_MESSAGE_LON | SEINE_MESSAGE_RECEIVER);
    assert_true(seine_str_equal(seine_messages_ssvid(&messages, 0), SEINE_STR("007")));
    assert_true(seine_messages_values(&messages, 0)[0].number == 2.5);
    assert_true(seine_messages_values(&messages, 1)[1].text == seine_messages_text_hash(SEINE_STR("y \\\"")));
    char place[512];
    seine_messages_place(&messages, &rows[1], place);
    assert_string_equal(place, "given row 2");
    seine_buf json;
    seine_str object;
    seine_buf_init(&json, 1 << 16);
    assert_int_equal(seine_messages_object(&messages, &rows[0], &json, &object), SEINE_OK);
    assert_true(seine_str_equal(object, SEINE_STR("{\"ssvid\":\"007\",\"timestamp\":1704067200.25,"
                                                  "\"lat\":-1.5,\"lon\":2,\"receiver_type\":\"satellite\","
                                                  "\"msgid\":\"x\",\"speed\":2.5,\"note\":\"a\\nb\"}")));
    seine_buf_free(&json);
    seine_messages_free(&messages);
}

static void errors_name_the_row_and_the_column(void **state) {
    (void)state;
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"ssvid,lat\n1,2\n", "given row 1: Missing key in input messages: 'timestamp'"},
        {"ssvid,timestamp\n\"1\n\",2\n1,soon\n", "given row 2: timestamp is \"soon\", expected seconds"},
        {"ssvid,timestamp,speed\n1,2,x\n", "given row 1: speed is \"x\", expected a number or null"},
        {"ssvid,lat,timestamp,lat\n1,2,3,2\n", "given row 1: \"lat\" stands twice in one message"},
        {"ssvid,timestamp\n1,2\n1\n", "given row 2: 1 fields, the header has 2"},
        {"\n\n", "given: no header line"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_messages messages;
        seine_error error = {0};
        assert_int_equal(read_csv(&messages, cases[i].text, &error), SEINE_E_FORMAT);
        if (strstr(error.text, cases[i].told) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].told);
        seine_messages_free(&messages);
    }
}

/* A walk without a plan finds the records and takes nothing of them. */
static void records_are_split_without_looking_inside(void **state) {
    (void)state;
    seine_json_walk walk = {.place = 0};
    seine_str object;
    seine_json_walk_begin(&walk, SEINE_STR("[{\"a\":\"}{\\\"\"}, {\"b\":{}}]"));
    assert_true(seine_json_walk_next(&walk, &object));
    assert_true(seine_str_equal(object, SEINE_STR("{\"a\":\"}{\\\"\"}")));
    assert_true(seine_json_walk_next(&walk, &object));
    assert_true(seine_str_equal(object, SEINE_STR("{\"b\":{}}")));
    assert_false(seine_json_walk_next(&walk, &object));
    assert_int_equal(walk.object.scan.fault, SEINE_JSON_SOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_hold_what_detection_needs),
        cmocka_unit_test(array_and_sequence_are_the_same),
        cmocka_unit_test(movers_are_told_apart_by_kind_and_value),
        cmocka_unit_test(errors_name_the_line_and_the_key),
        cmocka_unit_test(words_that_json_has_not_are_named),
        cmocka_unit_test(text_that_is_no_json_is_refused),
        cmocka_unit_test(a_table_has_as_many_messages_as_it_may),
        cmocka_unit_test(further_fields_are_read_where_they_are_asked_for),
        cmocka_unit_test(csv_becomes_json_with_types_by_column),
        cmocka_unit_test(rows_of_csv_are_messages),
        cmocka_unit_test(errors_name_the_row_and_the_column),
        cmocka_unit_test(records_are_split_without_looking_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
