/* links: core io base */
#include "unit/core_support.h"

#include <math.h>

static seine_json *parse(const char *text) {
    seine_json *json = NULL;
    seine_error error = {0};
    if (seine_json_parse(seine_str_of(text), "given", &json, &error) != SEINE_OK) fail_msg("%s", error.text);
    return json;
}

static void assert_refused(const char *text, seine_status status, const char *message) {
    seine_json *json = NULL;
    seine_error error = {0};
    assert_int_equal(seine_json_parse(seine_str_of(text), "given", &json, &error), status);
    assert_null(json);
    if (message != NULL) assert_string_equal(error.text, message);
    assert_memory_equal(error.text, "given: byte ", 12);
}

/* What the writer makes of a document. */
static void assert_rewritten(const char *text, bool ascii, bool spaces, const char *expected) {
    seine_json *json = parse(text);
    seine_buf out;
    seine_buf_init(&out, 1000000);
    seine_json_writer w = seine_json_writer_to(&out);
    w.ascii = ascii;
    w.python_spaces = spaces;
    seine_json_put_value(&w, seine_json_root(json));
    assert_int_equal(w.status, SEINE_OK);
    assert_string_equal(seine_buf_text(&out), expected);
    seine_buf_free(&out);
    seine_json_free(json);
}

static void getters_give_the_value_or_the_fallback(void **state) {
    (void)state;
    seine_json *json =
        parse("{\"a\": 5, \"b\": 1.5, \"c\": \"x\", \"d\": true, \"e\": null, \"f\": [1, 2], \"g\": {}}");
    seine_json_value root = seine_json_root(json);
    assert_int_equal(seine_json_kind_of(root), SEINE_JSON_OBJECT);
    assert_int_equal(seine_json_count(root), 7);
    assert_int_equal(seine_json_int(seine_json_get(root, "a"), 0), 5);
    assert_true(seine_json_number(seine_json_get(root, "a"), 0) == 5);
    assert_true(seine_json_number(seine_json_get(root, "b"), 0) == 1.5);
    assert_int_equal(seine_json_int(seine_json_get(root, "b"), -1), -1); /* not an integer */
    assert_true(seine_str_equal(seine_json_text(seine_json_get(root, "c")), SEINE_STR("x")));
    assert_null(seine_json_text(seine_json_get(root, "a")).data);
    assert_true(seine_json_bool(seine_json_get(root, "d"), false));
    assert_int_equal(seine_json_kind_of(seine_json_get(root, "e")), SEINE_JSON_NULL);
    assert_int_equal(seine_json_int(seine_json_at(seine_json_get(root, "f"), 1), 0), 2);
    assert_int_equal(seine_json_kind_of(seine_json_at(seine_json_get(root, "f"), 2)), SEINE_JSON_ABSENT);
    assert_int_equal(seine_json_kind_of(seine_json_get(root, "nothing")), SEINE_JSON_ABSENT);
    assert_int_equal(seine_json_kind_of(seine_json_get(seine_json_get(root, "nothing"), "deeper")), SEINE_JSON_ABSENT);
    assert_int_equal(seine_json_count(NULL), 0);
    seine_json_free(json);
}

/* RFC 6901, section 5 and 4. */
static void a_pointer_leads_to_a_value_or_nowhere(void **state) {
    (void)state;
    seine_json *json = parse("{\"foo\": [\"bar\", 7], \"\": 0, \"a/b\": 1, \"m~n\": 8, \"next\": {\"id\": \"x\"}}");
    const seine_json_value root = seine_json_root(json);
    assert_ptr_equal(seine_json_find(root, SEINE_STR("")), root);
    assert_int_equal(seine_json_count(seine_json_find(root, SEINE_STR("/foo"))), 2);
    assert_int_equal(seine_json_int(seine_json_find(root, SEINE_STR("/foo/1")), 0), 7);
    assert_int_equal(seine_json_int(seine_json_find(root, SEINE_STR("/")), -1), 0);
    assert_int_equal(seine_json_int(seine_json_find(root, SEINE_STR("/a~1b")), 0), 1);
    assert_int_equal(seine_json_int(seine_json_find(root, SEINE_STR("/m~0n")), 0), 8);
    assert_true(seine_str_equal(seine_json_text(seine_json_find(root, SEINE_STR("/next/id"))), SEINE_STR("x")));
    static const char *const nowhere[] = {"/foo/2", "/foo/01", "/foo/-", "foo", "/foo/0/x", "/~", "/nothing/id"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
        assert_null(seine_json_find(root, seine_str_of(nowhere[i])));
    assert_null(seine_json_find(NULL, SEINE_STR("/a")));
    seine_json_free(json);
}

static void walking_keeps_the_order_of_the_document(void **state) {
    (void)state;
    seine_json *json = parse("{\"z\": [10, [20], 30], \"a\": {}, \"m\": []}");
    const char *const keys[] = {"z", "a", "m"};
    size_t seen = 0;
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(json), &it)) {
        assert_int_equal(it.index, seen);
        assert_true(seine_str_equal(it.key, seine_str_of(keys[seen])));
        seen++;
    }
    assert_int_equal(seen, 3);
    seine_json_iter inner = {0};
    int64_t sum = 0;
    while (seine_json_next(seine_json_get(seine_json_root(json), "z"), &inner)) {
        assert_null(inner.key.data);
        sum += seine_json_int(inner.value, 5);
    }
    assert_int_equal(sum, 45);
    seine_json_iter none = {0};
    assert_false(seine_json_next(seine_json_get(seine_json_root(json), "m"), &none));
    assert_false(seine_json_next(NULL, &none));
    seine_json_free(json);
}

static void integers_beyond_64_bits_become_real(void **state) {
    (void)state;
    seine_json *json =
        parse("[9223372036854775807, -9223372036854775808, 18446744073709551615, 1e2, 99999999999999999999]");
    seine_json_value root = seine_json_root(json);
    assert_true(seine_json_int(seine_json_at(root, 0), 0) == INT64_MAX);
    assert_true(seine_json_int(seine_json_at(root, 1), 0) == INT64_MIN);
    for (size_t i = 2; i < 5; i++) assert_int_equal(seine_json_kind_of(seine_json_at(root, i)), SEINE_JSON_REAL);
    assert_true(seine_json_number(seine_json_at(root, 4), 0) == 1e20);
    seine_json_free(json);
}

static void errors_name_the_document_and_the_byte(void **state) {
    (void)state;
    assert_refused("", SEINE_E_FORMAT, "given: byte 0: empty document");
    assert_refused("{\"a\": 1} x", SEINE_E_FORMAT, "given: byte 9: unexpected content after document");
    const char *const bad[] = {"{", "[1,]", "{'a': 1}", "nul", "\"\xFF\"", "[1e999]", "NaN", "[1 2]", "\"a", "// x\n1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_refused(bad[i], SEINE_E_FORMAT, NULL);
}

static void nesting_is_limited(void **state) {
    (void)state;
    char text[200];
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    text[128] = '\0';
    seine_json_free(parse(text));
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    text[130] = '\0';
    assert_refused(text, SEINE_E_LIMIT, "given: byte 64: nested deeper than 64");
    seine_json_free(parse("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\""));
}

static void writing_places_commas_and_spaces(void **state) {
    (void)state;
    const char *text = "{ \"a\" : [1,2.50, true,null,{}], \"b\":{\"c\":\"d\"},\"e\":[] }";
    assert_rewritten(text, false, false, "{\"a\":[1,2.5,true,null,{}],\"b\":{\"c\":\"d\"},\"e\":[]}");
    assert_rewritten(text, true, true, "{\"a\": [1, 2.5, true, null, {}], \"b\": {\"c\": \"d\"}, \"e\": []}");
}

static void texts_are_escaped(void **state) {
    (void)state;
    const char *text = "\"\\u00e9 \\u20ac \\ud83d\\ude00 \\\" \\\\ / \\n\\r\\t\\b\\f \\u0001 \\u007f\"";
    assert_rewritten(text, false, false,
                     "\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80 \\\" \\\\ / \\n\\r\\t\\b\\f \\u0001 \x7F\"");
    assert_rewritten(text, true, false,
                     "\"\\u00e9 \\u20ac \\ud83d\\ude00 \\\" \\\\ / \\n\\r\\t\\b\\f \\u0001 \\u007f\"");
}

static void bytes_that_are_not_utf8_become_the_replacement_character(void **state) {
    (void)state;
    seine_buf out;
    seine_buf_init(&out, 1000);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_array(&w);
    seine_json_put_text(&w, SEINE_STR("a\xFF"
                                      "b\xC3"));
    seine_json_put_text(&w, SEINE_STR("\xED\xA0\x80")); /* a surrogate on its own */
    w.ascii = true;
    seine_json_put_text(&w, SEINE_STR("\x80"));
    seine_json_end_array(&w);
    assert_string_equal(seine_buf_text(&out), "[\"a\xEF\xBF\xBD"
                                              "b\xEF\xBF\xBD\",\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\",\"\\ufffd\"]");
    seine_buf_free(&out);
}

static void numbers_are_written_as_number_text(void **state) {
    (void)state;
    seine_buf out;
    seine_buf_init(&out, 1000);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_array(&w);
    const double values[] = {1, 0.1, 1e-5, 1e16, -0.0, NAN, INFINITY};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) seine_json_put_number(&w, values[i]);
    seine_json_put_int(&w, INT64_MIN);
    seine_json_end_array(&w);
    assert_string_equal(seine_buf_text(&out), "[1.0,0.1,1e-05,1e+16,-0.0,null,null,-9223372036854775808]");
    seine_buf_free(&out);
}

static void a_full_buffer_is_remembered(void **state) {
    (void)state;
    seine_buf out;
    seine_buf_init(&out, 4);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_array(&w);
    seine_json_put_text(&w, SEINE_STR("too long"));
    seine_json_end_array(&w);
    assert_int_equal(w.status, SEINE_E_LIMIT);
    seine_buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(getters_give_the_value_or_the_fallback),
        cmocka_unit_test(a_pointer_leads_to_a_value_or_nowhere),
        cmocka_unit_test(walking_keeps_the_order_of_the_document),
        cmocka_unit_test(integers_beyond_64_bits_become_real),
        cmocka_unit_test(errors_name_the_document_and_the_byte),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(writing_places_commas_and_spaces),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(bytes_that_are_not_utf8_become_the_replacement_character),
        cmocka_unit_test(numbers_are_written_as_number_text),
        cmocka_unit_test(a_full_buffer_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
