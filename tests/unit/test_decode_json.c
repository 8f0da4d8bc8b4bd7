/* links: decode columns base */
/* Records in JSON by dataset: values by key, the grammar, refusals that stop at their record, and block borders. */
#include "base/json.h"
#include "decode/json/text.h"

#include "unit/decode_support.h"

#define BUSES                                                                                         \
    "name: buses\nvalid_from: 0001-01-01\nid: {name: bus}\ntime: {names: [t], format: unix_s}\n"      \
    "position: {required: false, lat: {names: [lat, pos.lat]}, lon: {names: [lon, pos.lon]}}\n"       \
    "measures:\n  speed: {names: [speed, v]}\ncolumns:\n  line: {names: [line, route.name, alias]}\n" \
    "  open: {type: boolean}\n  seats: {type: int, names: [Seats]}\n"

static const char *filter(void *context, const char *name) {
    (void)context;
    return strcmp(name, "APPLY_VELOCITY_FILTER") == 0 ? "1" : NULL;
}

/* ---- the oracle of SPEC 5.5 ---- */

static seine_buf read_shared(const char *name) {
    const char *shared = getenv("SEINE_SHARED");
    char path[1024], chunk[65536];
    seine_buf text;
    seine_buf_init(&text, 1 << 24);
    snprintf(path, sizeof path, "%s/oracles/telematics/%s", shared != NULL ? shared : "../shared", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_message("skipped: %s is absent\n", path);
        skip();
    }
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, file)) > 0;)
        assert_int_equal(seine_buf_append(&text, chunk, got), SEINE_OK);
    fclose(file);
    return text;
}

static const decoded *sorted;

/* By vin and time, later rows behind. */
static int compare_fixes(const void *a, const void *b) {
    const seine_fix *x = a, *y = b;
    const seine_dict *movers = &sorted->decoder.movers;
    const int by_id = seine_str_compare(movers->entries[x->mover], movers->entries[y->mover]);
    if (by_id != 0) return by_id;
    if (x->ts_us != y->ts_us) return x->ts_us < y->ts_us ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Of equal keys the last one stays. */
static size_t keep_last(decoded *d) {
    size_t kept = 0;
    sorted = d;
    qsort(d->batch.fixes, d->batch.count, sizeof *d->batch.fixes, compare_fixes);
    for (size_t i = 0; i < d->batch.count; i++) {
        const seine_fix *fix = &d->batch.fixes[i], *next = fix + 1;
        const bool has_next = i + 1 < d->batch.count && next->mover == fix->mover && next->ts_us == fix->ts_us;
        if (!has_next) d->batch.fixes[kept++] = *fix;
    }
    return kept;
}

static void assert_row(const decoded *d, size_t i, seine_json_value row) {
    static const char *const texts[][2] = {{"manufacturer", "manufacturer"},
                                           {"model", "model"},
                                           {"front_left_door_state", "frontLeftDoorState"},
                                           {"driver_seatbelt_state", "driverSeatbeltState"}};
    const seine_fix *fix = &d->batch.fixes[i];
    assert_true(seine_str_equal(id_of(d, i), seine_json_text(seine_json_get(row, "vin"))));
    assert_true((double)fix->ts_us == seine_json_number(seine_json_get(row, "timestamp"), 0) * 1000);
    assert_true(fix->lat_deg == seine_json_number(seine_json_get(row, "latitude"), (double)NAN));
    assert_true(fix->lon_deg == seine_json_number(seine_json_get(row, "longitude"), (double)NAN));
    assert_true(same_number(fix->measure[0], seine_json_number(seine_json_get(row, "velocity"), (double)NAN)));
    for (size_t t = 0; t < 4; t++) {
        const seine_str expected = seine_json_text(seine_json_get(row, texts[t][1]));
        const seine_static value = static_of(d, i, texts[t][0]);
        assert_int_equal(value.is_null, expected.data == NULL);
        if (!value.is_null && !seine_str_equal(value.text, expected))
            fail_msg("%s %.*s, expected %.*s", texts[t][0], SEINE_STR_ARG(value.text), SEINE_STR_ARG(expected));
    }
    const seine_static wipers = static_of(d, i, "wipers_state");
    const seine_json_value expected = seine_json_get(row, "wipersState");
    assert_int_equal(wipers.is_null, seine_json_kind_of(expected) == SEINE_JSON_NULL);
    assert_true(wipers.is_null || (wipers.integer != 0) == seine_json_bool(expected, false));
    assert_int_equal(static_of(d, i, "year").integer, seine_json_int(seine_json_get(row, "year"), -1));
    assert_int_equal(static_of(d, i, "gear_position").integer, seine_json_int(seine_json_get(row, "gearPosition"), -9));
}

static size_t refused_by(const decoded *d, const char *reason) {
    size_t count = 0;
    for (size_t r = 0; r < d->batch.reject_count; r++) {
        const seine_str text = reason_of(d, r);
        const size_t size = strlen(reason);
        count += text.size > size && text.data[size] == ':' && memcmp(text.data, reason, size) == 0;
    }
    return count;
}

static void messages_of_vehicles_are_cleaned_as_the_original_did(void **state) {
    (void)state;
    const seine_dataset_settings settings[] = {{.value = NULL}, {.value = filter}};
    static const char *const parts[] = {"filter_off", "filter_on_300"};
    seine_buf text = read_shared("messages.json"), expected_text = read_shared("expected.json");
    seine_json *expected = NULL;
    assert_int_equal(seine_json_parse(seine_buf_str(&expected_text), "expected", &expected, NULL), SEINE_OK);
    for (size_t p = 0; p < 2; p++) {
        decoded *d = decoded_by("telematics", p == 0 ? NULL : &settings[p]);
        assert_int_equal(seine_fix_decode_json(&d->decoder, seine_buf_str(&text), &d->batch), SEINE_OK);
        const seine_json_value part = seine_json_get(seine_json_root(expected), parts[p]);
        assert_int_equal(d->batch.rows, 419);
        assert_int_equal(refused_by(d, "time"), 2);
        assert_int_equal(refused_by(d, "vin"), 29);
        assert_int_equal(refused_by(d, "gear"), 40);
        assert_int_equal(refused_by(d, "velocity"), p == 0 ? 0 : 26);
        const size_t kept = keep_last(d);
        const seine_json_value silver = seine_json_get(part, "silver");
        assert_int_equal(d->batch.count - kept, 2);
        assert_int_equal(kept, seine_json_count(silver));
        for (size_t i = 0; i < kept; i++) assert_row(d, i, seine_json_at(silver, i));
        drop(d);
    }
    seine_json_free(expected);
    seine_buf_free(&text);
    seine_buf_free(&expected_text);
}

/* ---- values ---- */

static void keys_may_come_in_any_order_and_place(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{\"bus\":\"7\",\"t\":1,\"lat\":1.5,\"lon\":-2,\"v\":30,\"line\":\"N5\",\"open\":true,\"seats\":40}",
        "\n { \"Seats\" : 40 , \"OPEN\":true,\"extra\":[1,{\"bus\":\"8\"},"
        "null],\"LINE\":\"N5\",\"speed\":3e1,\"lon\":-2.0,"
        "\"lat\":1.5,\"t\":\"1.0\",\"bus\":\"7\"}",
        "{\"pos\":{\"lon\":-2,\"x\":{\"lat\":9},\"lat\":1.5},\"route\":"
        "{\"name\":\"N5\"},\"t\":1,\"bus\":7,\"speed\":30,"
        "\"open\":1,\"seats\":\"40\"}",
        "{\"pos.lat\":1.5,\"pos.lon\":-2,\"\\u0062us\":\"\\u0037\",\"t\":1,\"speed\":30,\"alias\":\"no\","
        "\"line\":\"N\\u0035\","
        "\"open\":\"yes\",\"seats\":4e1}",
        "{\"bus\":\"8\",\"bus\":\"7\",\"t\":9,\"t\":1,\"lat\":1,\"lon\":null,\"lat\":1.5,\"lon\":-2,\"v\":1,\"v\":30,"
        "\"alias\":\"no\",\"line\":null,\"route\":{\"name\":\"N5\"},\"open\":true,\"seats\":1,\"seats\":40}",
    };
    seine_buf all;
    seine_buf_init(&all, 1 << 16);
    for (size_t i = 0; i <= 5; i++) {
        decoded *d = decode_json(BUSES, i < 5 ? seine_str_of(texts[i]) : seine_buf_str(&all));
        if (d->batch.reject_count > 0) fail_msg("%.*s", SEINE_STR_ARG(reason_of(d, 0)));
        assert_int_equal(d->batch.count, i < 5 ? 1 : 5);
        for (size_t f = 0; f < d->batch.count; f++) {
            const seine_fix *fix = &d->batch.fixes[f];
            assert_str(id_of(d, f), "7");
            assert_int_equal(fix->ts_us, 1000000);
            assert_true(fix->lat_deg == 1.5 && fix->lon_deg == -2 && fix->measure[0] == 30);
            assert_true(isnan(fix->measure[1]) && isnan(fix->measure[2]));
            assert_true(text_is(d, f, "line", "N5"));
            assert_int_equal(static_of(d, f, "open").integer, 1);
            assert_int_equal(static_of(d, f, "seats").integer, 40);
            assert_int_equal(fix->row, f + 1);
        }
        if (i < 5) assert_int_equal(seine_buf_append_str(&all, texts[i]), SEINE_OK);
        drop(d);
    }
    seine_buf_free(&all);
}

static void what_is_null_or_not_there_is_null(void **state) {
    (void)state;
    decoded *d =
        decode_json(BUSES, SEINE_STR("[{\"bus\":\"a\",\"t\":0},{\"bus\":\"a\",\"t\":1,\"lat\":null,\"lon\":\"\","
                                     "\"speed\":\" \",\"line\":null,\"open\":null,\"seats\":\"\"}]"));
    assert_int_equal(d->batch.count, 2);
    for (size_t f = 0; f < 2; f++) {
        const seine_fix *fix = &d->batch.fixes[f];
        assert_true(isnan(fix->lat_deg) && isnan(fix->lon_deg) && isnan(fix->measure[0]));
        assert_true(static_of(d, f, "line").is_null && static_of(d, f, "open").is_null);
        assert_true(static_of(d, f, "seats").is_null);
    }
    for (size_t c = 0; c < d->dataset->column_count; c++) assert_int_equal(d->batch.measures[c].rows, 0);
    assert_int_equal(d->batch.fixes[0].statics, d->batch.fixes[1].statics);
    drop(d);
}

static void texts_have_their_escapes_resolved(void **state) {
    (void)state;
    decoded *d =
        decode_json(BUSES, SEINE_STR("{\"bus\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\",\"t\":1,\"line\":\"\\u00e9\\u20AC"
                                     "\\ud83d\\uDE8C \xC3\xA9\"}\n{\"bus\":\"b\",\"t\":1,\"line\":\"\\u0000\"}"));
    assert_int_equal(d->batch.count, 2);
    assert_str(id_of(d, 0), "\"\\/\b\f\n\r\t");
    assert_true(text_is(d, 0, "line", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x8C \xC3\xA9"));
    assert_true(text_is(d, 1, "line", "\xEF\xBF\xBD")); /* NUL is no text */
    drop(d);
}

static void numbers_are_exact(void **state) {
    (void)state;
    decoded *d = decode_json(BUSES, SEINE_STR("{\"bus\":12345678901234567890123,\"t\":9007199254.740993,\"speed\":"
                                              "0.1e1,\"lat\":5e-324,\"lon\":-0.0}{\"bus\":1.50,\"t\":-62135596800}"
                                              "{\"bus\":1,\"t\":1.5e9,\"seats\":2147483647}"
                                              "{\"bus\":1,\"t\":1.6e9,\"seats\":2147483648}"
                                              "{\"bus\":1,\"t\":1.7e9,\"seats\":1.5}"));
    assert_int_equal(d->batch.count, 4);
    assert_str(id_of(d, 0), "1.50");
    assert_int_equal(d->batch.fixes[1].ts_us, INT64_C(1500000000000000));
    assert_int_equal(static_of(d, 1, "seats").integer, 2147483647);
    assert_true(static_of(d, 2, "seats").is_null && static_of(d, 3, "seats").is_null);
    assert_int_equal(d->batch.measures[column_of(d, "seats")].rows, 2);
    assert_str(reason_of(d, 0), "future: 9007199254.740993 is ahead of the clock");
    drop(d);
}

static void objects_and_arrays_are_texts_where_texts_are_meant(void **state) {
    (void)state;
    decoded *d = decode_json(BUSES, SEINE_STR("{\"bus\":\"a\",\"t\":1,\"line\":[\"x\", 1],\"speed\":{\"a\":1}}"
                                              "{\"bus\":{\"a\":1},\"t\":1}{\"bus\":\"b\",\"t\":[1]}"));
    assert_int_equal(d->batch.count, 1);
    assert_true(text_is(d, 0, "line", "[\"x\", 1]"));
    assert_true(isnan(d->batch.fixes[0].measure[0]));
    assert_int_equal(d->batch.measures[column_of(d, "speed")].rows, 1);
    assert_str(reason_of(d, 0), "id: it is an object or an array");
    assert_str(reason_of(d, 1), "time: '[1]' is not a time");
    drop(d);
}

/* ---- what is no JSON ---- */

/* Each stands between two good records, as a line and in an array: these stay, it goes. */
static void a_record_that_is_no_json_is_refused_alone(void **state) {
    (void)state;
    static const struct {
        const char *record, *reason;
        bool on_lines_only; /* within an array it takes more along */
    } cases[] = {
        {"{\"bus\":\"x\",\"t\":01}", "json: bad number at '01}'", false},
        {"{\"bus\":\"x\",\"t\":+1}", "json: unexpected character at '+1}'", false},
        {"{\"bus\":\"x\",\"t\":.5}", "json: unexpected character at '.5}'", false},
        {"{\"bus\":\"x\",\"t\":1.}", "json: bad number at '1.}'", false},
        {"{\"bus\":\"x\",\"t\":1e}", "json: bad number at '1e}'", false},
        {"{\"bus\":\"x\",\"t\":-}", "json: bad number at '-}'", false},
        {"{\"bus\":\"x\",\"t\":0x10}", "json: expected '}' at 'x10}'", false},
        {"{\"bus\":\"x\",\"t\":NaN}", "json: unexpected character at 'NaN}'", false},
        {"{\"bus\":\"x\",\"t\":-Infinity}", "json: bad number at '-Infinity}'", false},
        {"{\"bus\":\"x\",\"t\":True}", "json: unexpected character at 'True}'", false},
        {"{\"bus\":\"x\",\"t\":nul}", "json: unexpected character at 'nul}'", false},
        {"{\"bus\":\"x\",\"t\":}", "json: unexpected character at '}'", false},
        {"{\"bus\":\"x\",\"t\" 1}", "json: expected ':' at '1}'", false},
        {"{\"bus\":\"x\",}", "json: expected a key in quotes at '}'", false},
        {"{\"bus\":\"x\",,\"t\":1}", "json: expected a key in quotes at ',\"t\":1}'", false},
        {"{\"bus\":\"x\" \"t\":1}", "json: expected '}' at '\"t\":1}'", false},
        {"{bus:\"x\"}", "json: expected a key in quotes at 'bus:\"x\"}'", false},
        {"{'bus':\"x\"}", "json: expected a key in quotes at ''bus':\"x\"}'", false},
        {"{\"bus\":'x'}", "json: unexpected character at ''x'}'", false},
        {"{1:2}", "json: expected a key in quotes at '1:2}'", false},
        {"{\"bus\":[1,]}", "json: unexpected character at ']}'", false},
        {"{\"bus\":[1 2]}", "json: expected ']' at '2]}'", false},
        {"{\"bus\":{\"a\"}}", "json: expected ':' at '}}'", false},
        {"{\"bus\":\"\\x41\"}", "json: escape that is none at '\\x41'", false},
        {"{\"bus\":\"\\u12G4\"}", "json: escape that is none at '\\u12G4'", false},
        {"{\"bus\":\"\\ud800\"}", "json: escape that is none at '\\ud800'", false},
        {"{\"bus\":\"\\ud800\\u0041\"}", "json: escape that is none at '\\ud800\\u0041'", false},
        {"{\"bus\":\"\\udc00\"}", "json: escape that is none at '\\udc00'", false},
        {"{\"\\q\":1}", "json: escape that is none at '\\q'", false},
        {"{\"bus\":\"a\tb\"}", "json: control character in a string at '\tb\"}'", false},
        {"{\"bus\":\"\xFF\"}", "json: text that is not UTF-8", false},
        {"{\"bus\":\"\xC0\xAF\"}", "json: text that is not UTF-8", false},
        {"{\"bus\":\"\xED\xA0\x80\"}", "json: text that is not UTF-8", false},
        {"{\"bus\":\"x\",\"t\":", "json: expected '}' at its end", true},
        {"{\"bus\":\"x\",\"t\":1", "json: expected '}'", true},
        {"{\"bus\":\"x", "json: control character in a string", true},
        {"{\"bus\":[[[", "json: ", true},
        {"<html>", "json: unexpected character at '<html>'", false},
        {"/* no */", "json: unexpected character at '/* no */'", false},
        {"1", "json: it is no object", false},
        {"\"{}\"", "json: it is no object", false},
        {"null", "json: it is no object", false},
        {"[{\"bus\":\"x\",\"t\":1}]", "json: it is no object", false},
    };
    static const char *const forms[] = {"{\"bus\":\"a\",\"t\":1}\n%s\n{\"bus\":\"b\",\"t\":2}\n",
                                        "[{\"bus\":\"a\",\"t\":1},%s,{\"bus\":\"b\",\"t\":2}]",
                                        "[\n{\"bus\":\"a\",\"t\":1},\n%s,\n{\"bus\":\"b\",\"t\":2}\n]\n"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t f = 0; f < (cases[i].on_lines_only ? 1 : 3); f++) {
            char text[300];
            snprintf(text, sizeof text, forms[f], cases[i].record);
            decoded *d = decode_json(BUSES, seine_str_of(text));
            if (d->batch.count != 2 || d->batch.reject_count != 1) fail_msg("%s in form %zu", cases[i].record, f);
            const seine_str reason = reason_of(d, 0);
            const size_t size = strlen(cases[i].reason);
            if (reason.size < (size > 40 ? 40 : size) || memcmp(reason.data, cases[i].reason, size - 1) != 0)
                fail_msg("%.*s, expected %s", SEINE_STR_ARG(reason), cases[i].reason);
            assert_int_equal(d->batch.rejects[0].row, 2);
            drop(d);
        }
    }
}

static void a_line_is_a_record_whatever_is_in_it(void **state) {
    (void)state;
    static const struct {
        const char *line, *reason, *raw; /* reason NULL: it is sound */
    } cases[] = {
        {"{\"bus\":\"x\",\"t\":1}", NULL, NULL},
        {" \t{ \"bus\" : \"x\", \"t\":1 } \r", NULL, NULL},
        {"{\"bus\":\"x\",\"t\":1}{\"bus\":\"y\",\"t\":1}",
         "json: something behind the value at '{\"bus\":\"y\",\"t\":1}'",
         "{\"bus\":\"x\",\"t\":1}{\"bus\":\"y\",\"t\":1}"},
        {"{\"bus\":\"x\",\"t\":1},", "json: something behind the value at ','", "{\"bus\":\"x\",\"t\":1},"},
        {"{\"bus\":\"x\",\"t\":1", "json: expected '}' at its end", "{\"bus\":\"x\",\"t\":1"},
        {"{\"bus\":\"x", "json: string without end at '\"x'", "{\"bus\":\"x"},
        {"\"t\":2}", "json: something behind the value at ':2}'", "\"t\":2}"},
        {"[{\"bus\":\"x\",\"t\":1}", "json: expected ']' at its end", "[{\"bus\":\"x\",\"t\":1}"},
        {"[{\"bus\":\"x\",\"t\":1}]", "json: it is no object", "[{\"bus\":\"x\",\"t\":1}]"},
        {"]", "json: unexpected character at ']'", "]"},
        {"null", "json: it is no object", "null"},
        {"", "json: unexpected end at its end", ""},
        {"\xEF\xBB\xBF{}", "json: unexpected character at '\xEF\xBB\xBF{}'", "\xEF\xBB\xBF{}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[300];
        const int size = snprintf(text, sizeof text, "%s\n{\"bus\":\"a\",\"t\":1}\n%s\n{\"bus\":\"b\",\"t\":2}%s",
                                  cases[i].line, cases[i].line, i % 2 == 0 ? "\n" : "");
        decoded *d = decoded_by(BUSES, NULL);
        assert_int_equal(seine_fix_decode_json_lines(&d->decoder, (seine_str){text, (size_t)size}, &d->batch),
                         SEINE_OK);
        const bool is_sound = cases[i].reason == NULL;
        if (d->batch.rows != 4 || d->batch.count != (is_sound ? 4 : 2)) fail_msg("%s", cases[i].line);
        for (size_t r = 0; r < d->batch.reject_count; r++) {
            assert_int_equal(d->batch.rejects[r].row, 1 + 2 * r);
            assert_str(reason_of(d, r), cases[i].reason);
            assert_str(raw_of(d, r), cases[i].raw);
        }
        drop(d);
    }
}

static void deep_and_long_records_are_refused_alone(void **state) {
    (void)state;
    for (int depth = 62; depth <= 100000; depth = depth < 65 ? depth + 1 : depth * 10) {
        seine_buf text;
        seine_buf_init(&text, 1 << 24);
        assert_int_equal(seine_buf_append_str(&text, "{\"bus\":\"a\",\"t\":1,\"x\":"), SEINE_OK);
        for (int i = 0; i < depth; i++) assert_int_equal(seine_buf_append_str(&text, "["), SEINE_OK);
        for (int i = 0; i < depth; i++) assert_int_equal(seine_buf_append_str(&text, "]"), SEINE_OK);
        assert_int_equal(seine_buf_append_str(&text, "}{\"bus\":\"b\",\"t\":2}"), SEINE_OK);
        decoded *d = decode_json(BUSES, seine_buf_str(&text));
        assert_int_equal(d->batch.count, depth <= 62 ? 2 : 1);
        if (depth > 62) assert_str(reason_of(d, 0), "json: nested deeper than 64");
        assert_str(id_of(d, d->batch.count - 1), "b");
        drop(d);
        seine_buf_free(&text);
    }
    for (size_t size = SEINE_JSON_TEXT_MAX_BYTES - 3; size < SEINE_JSON_TEXT_MAX_BYTES + 3; size++) {
        seine_buf text;
        seine_buf_init(&text, 1 << 24);
        assert_int_equal(seine_buf_append_str(&text, "[{\"bus\":\"a\",\"t\":1,\"line\":\""), SEINE_OK);
        assert_int_equal(seine_buf_reserve(&text, size), SEINE_OK);
        memset(text.data + text.size, 'x', size);
        text.size += size;
        assert_int_equal(seine_buf_append_str(&text, "\"},{\"bus\":\"b\",\"t\":2}]"), SEINE_OK);
        decoded *d = decode_json(BUSES, seine_buf_str(&text));
        const bool fits = size + 2 <= SEINE_JSON_TEXT_MAX_BYTES;
        assert_int_equal(d->batch.count, fits ? 2 : 1);
        if (!fits) assert_str(reason_of(d, 0), "json: a text of more than 1048576 bytes");
        drop(d);
        seine_buf_free(&text);
    }
}

/* ---- blocks ---- */

static uint64_t mix(uint64_t hash, seine_str text) {
    for (size_t i = 0; i < text.size; i++) hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001B3);
    return hash * 31 + text.size;
}

/* What a text comes to when it arrives in steps of so many bytes; 0 when it is refused whole. */
static uint64_t decode_in_steps(const char *text, size_t step) {
    decoded *d = decoded_by(BUSES, NULL);
    seine_json_cutter cutter = {0};
    uint64_t hash = 1, row = 0;
    const size_t size = strlen(text);
    size_t begin = 0, end = 0;
    for (bool is_end = false; !is_end && hash != 0;) {
        size_t whole = 0;
        end = end + step < size ? end + step : size;
        is_end = end == size;
        const seine_str part = {text + begin, end - begin};
        if (seine_json_whole(&cutter, part, is_end, "given", &whole, NULL) != SEINE_OK) hash = 0;
        if (hash == 0 || whole == 0) continue;
        assert_int_equal(seine_fix_decode_json(&d->decoder, (seine_str){part.data, whole}, &d->batch), SEINE_OK);
        for (size_t f = 0; f < d->batch.count; f++)
            hash += mix(row + d->batch.fixes[f].row, id_of(d, f)) * (uint64_t)(d->batch.fixes[f].ts_us + 7);
        for (size_t r = 0; r < d->batch.reject_count; r++)
            hash += mix(mix(row + d->batch.rejects[r].row, raw_of(d, r)), reason_of(d, r));
        row += d->batch.rows;
        begin += whole;
        seine_fix_batch_free(&d->batch);
    }
    drop(d);
    return hash;
}

static void block_borders_change_nothing(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        " \n",
        "[]",
        "[ ]\n",
        "\xEF\xBB\xBF[{\"bus\":\"a\",\"t\":1}]",
        "{\"bus\":\"a\",\"t\":1}\n{\"bus\":\"b\",\"t\":2}\r\n{\"bus\":\"c\",\"t\":3}",
        "{\"bus\":\"a\",\"t\":1}{\"bus\":\"b\",\"t\":2} {\"bus\":\"c\",\"t\":3}\n\n\n{\"bus\":\"c\",\"t\":4}\n",
        "{\n \"bus\":\"a\",\n \"t\":1,\n \"x\":[\n{\n},\n{\n}]\n}\n{\n\"bus\":\"b\",\"t\":2}\n",
        "[{\"bus\":\"a\",\"t\":1},{\"bus\":\"b}\\\"{\",\"t\":2},3,[],{\"bus\":\"c\",\"t\":null,\"x\":[{},"
        "{}]} , null ]\n ",
        "[\n{\"bus\":\"a\",\"t\":1},\n{\"bus\":\"b\",\"t\":02},\n{\"bus\":\"c\",\"t\":3},{\"bus\":\n"
        "{\"d\":4},\n{\"bus\":\"e\"}]",
        "{\"bus\":\"a\",\"t\":1\n{\"bus\":\"b\",\"t\":2}\n{\"bus\":\"c\n{\"bus\":\"d\",\"t\":4}\nxx\n[1,\n"
        "{\"bus\":\"e\",\"t\":5}\n"
        "{\"bus\":\"f\",\"t\":6}}\n,{\"bus\":\"g\",\"t\":7}\n]{\"bus\":\"h\",\"t\":8}\n",
        "[{\"bus\":\"a\",\"t\":1}{\"bus\":\"b\",\"t\":2},,{\"bus\":\"c\",\"t\":3} x,{\"bus\":\"d\",\"t\":4},]",
        "[{\"bus\":\"a\",\"t\":1},{\"bus\":\"b\",\"t\":1e},{\"bus\":tru},{\"bus\":12,\"t\":12},{\"bus\":\"\xFF\"}]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const size_t size = strlen(texts[i]);
        const uint64_t whole = decode_in_steps(texts[i], size + 1);
        assert_true(whole != 0);
        for (size_t step = 1; step <= size; step++)
            if (decode_in_steps(texts[i], step) != whole) fail_msg("%s in steps of %zu", texts[i], step);
    }
}

static void a_file_that_is_cut_or_no_json_is_refused_whole(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"[", "given: not JSON: the array has no end"},
        {"[{\"bus\":\"a\",\"t\":1}", "given: not JSON: the array has no end"},
        {"[{\"bus\":\"a\",\"t\":1},", "given: not JSON: the array has no end"},
        {"[{\"bus\":\"a\",\"t\":1},{\"bus\":", "given: not JSON: the array has no end"},
        {"[{\"bus\":\"a\",\"t\":1}]x", "given: not JSON: something follows the array"},
        {"[]\n[]", "given: not JSON: something follows the array"},
        {"<!DOCTYPE html>\n<html>",
         "given: not JSON: an array or objects are expected, it begins with '<!DOCTYPE html>\n<htm'"},
        {"bus,t\na,1\n", "given: not JSON: an array or objects are expected, it begins with 'bus,t\na,1\n'"},
        {"\"a\"", "given: not JSON: an array or objects are expected, it begins with '\"a\"'"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t size = strlen(cases[i][0]);
        seine_json_cutter cutter = {0};
        seine_error error = {SEINE_OK, ""};
        size_t whole;
        assert_int_equal(seine_json_whole(&cutter, seine_str_of(cases[i][0]), true, "given", &whole, &error),
                         SEINE_E_FORMAT);
        assert_string_equal(error.text, cases[i][1]);
        for (size_t step = 1; step <= size; step++) assert_int_equal(decode_in_steps(cases[i][0], step), 0);
    }
}

/* Hostile texts cost what they are long. */
static void many_broken_records_are_passed_quickly(void **state) {
    (void)state;
    static const char *const records[] = {"{\"bus\":[[[\n", "{\"bus\":01},", "{\"a\":\"\\", "{", "[[", "}", "\"", ",,"};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        for (int in_array = 0; in_array < 2; in_array++) {
            seine_buf text;
            seine_buf_init(&text, 1 << 22);
            assert_int_equal(seine_buf_append_str(&text, in_array ? "[" : "{}\n"), SEINE_OK);
            while (text.size < 1 << 20) assert_int_equal(seine_buf_append_str(&text, records[i]), SEINE_OK);
            seine_json_cutter cutter = {0};
            size_t whole;
            assert_int_equal(seine_json_whole(&cutter, seine_buf_str(&text), false, "given", &whole, NULL), SEINE_OK);
            decoded *d = decode_json(BUSES, seine_buf_str(&text));
            assert_int_equal(d->batch.count, 0);
            drop(d);
            seine_buf_free(&text);
        }
    }
}

static void any_number_of_other_keys_is_passed_over(void **state) {
    (void)state;
    seine_buf text;
    seine_buf_init(&text, 1 << 24);
    for (int i = 0; i < 30000; i++)
        assert_int_equal(seine_buf_printf(&text, "{\"k%d\":%d,\"bus\":\"a\",\"x%d\":1,\"t\":%d}\n", i, i, i % 7, i),
                         SEINE_OK);
    decoded *d = decode_json(BUSES, seine_buf_str(&text));
    assert_int_equal(d->batch.count, 30000);
    for (size_t i = 0; i < d->batch.count; i++) assert_int_equal(d->batch.fixes[i].ts_us, (int64_t)i * 1000000);
    drop(d);
    seine_buf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_vehicles_are_cleaned_as_the_original_did),
        cmocka_unit_test(keys_may_come_in_any_order_and_place),
        cmocka_unit_test(what_is_null_or_not_there_is_null),
        cmocka_unit_test(texts_have_their_escapes_resolved),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(objects_and_arrays_are_texts_where_texts_are_meant),
        cmocka_unit_test(a_record_that_is_no_json_is_refused_alone),
        cmocka_unit_test(a_line_is_a_record_whatever_is_in_it),
        cmocka_unit_test(deep_and_long_records_are_refused_alone),
        cmocka_unit_test(block_borders_change_nothing),
        cmocka_unit_test(a_file_that_is_cut_or_no_json_is_refused_whole),
        cmocka_unit_test(many_broken_records_are_passed_quickly),
        cmocka_unit_test(any_number_of_other_keys_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
