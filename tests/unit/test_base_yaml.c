/* links: base */
/* YAML as a tree: what is read, where it stands, and what is refused because no one means it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/try.h"
#include "base/yaml.h"

static seine_status read_text(seine_str text, seine_arena *arena, const seine_yaml **root, seine_error *error) {
    error->text[0] = '\0';
    return seine_yaml_read(text, "t.yaml", arena, root, error);
}

static void values_keep_their_order_lines_and_quotes(void **state) {
    (void)state;
    static const char text[] = "# buses\n"
                               "name: buses\n"
                               "csv: {decimal: ',', \"delimiter\": \";\"}\n"
                               "speed:\n"
                               "  names: [v,\n"
                               "          speed]\n"
                               "  unit: ~\n"
                               "note: |\n"
                               "  two\n"
                               "  lines\n";
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_yaml *root = NULL;
    seine_error error;
    assert_int_equal(read_text(seine_str_of(text), &arena, &root, &error), SEINE_OK);
    assert_int_equal(root->kind, SEINE_YAML_MAP);
    assert_int_equal(root->count, 4);
    const seine_yaml *name = root->first, *csv = name->next, *speed = csv->next, *note = speed->next;
    assert_string_equal(name->key, "name");
    assert_string_equal(name->text, "buses");
    assert_int_equal(name->line, 2);
    assert_true(name->is_plain);
    assert_null(root->parent);
    assert_ptr_equal(name->parent, root);
    assert_string_equal(csv->first->text, ",");
    assert_false(csv->first->is_plain);
    assert_string_equal(csv->first->next->key, "delimiter");
    assert_string_equal(speed->key, "speed");
    assert_int_equal(speed->key_line, 4);
    assert_int_equal(speed->line, 5);
    const seine_yaml *names = seine_yaml_get(speed, "names");
    assert_int_equal(names->kind, SEINE_YAML_LIST);
    assert_int_equal(names->count, 2);
    assert_null(names->first->key);
    assert_int_equal(names->first->next->line, 6);
    assert_true(seine_yaml_is_null(seine_yaml_get(speed, "unit")));
    assert_true(seine_yaml_is_null(seine_yaml_get(speed, "nothing")));
    assert_string_equal(note->text, "two\nlines\n");
    assert_null(note->next);
    assert_null(seine_yaml_get(names, "v"));
}

static void json_is_yaml_and_nothing_is_no_document(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_yaml *root = NULL;
    seine_error error;
    assert_int_equal(read_text(SEINE_STR("{\"a\": [1, null, \"null\"]}"), &arena, &root, &error), SEINE_OK);
    const seine_yaml *list = seine_yaml_get(root, "a");
    assert_string_equal(list->first->text, "1");
    assert_true(seine_yaml_is_null(list->first->next));
    assert_false(seine_yaml_is_null(list->first->next->next));
    assert_int_equal(read_text(SEINE_STR("# nothing\n"), &arena, &root, &error), SEINE_OK);
    assert_null(root);
    assert_true(seine_yaml_is_null(root));
}

static void what_is_refused_is_told_with_its_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"a: 1\nb: &x 2\n", "t.yaml line 2: b: anchors are not supported"},
        {"a: 1\nb: &x {c: 1}\n", "t.yaml line 2: b: anchors are not supported"},
        {"a: 1\nb: *x\n", "t.yaml line 2: b: aliases are not supported"},
        {"a: !!str 1\n", "t.yaml line 1: a: tags are not supported"},
        {"a: !own [1]\n", "t.yaml line 1: a: tags are not supported"},
        {"? [a, b]\n: 1\n", "t.yaml line 1: a key must be a name"},
        {"a: 1\n\"\": 1\n", "t.yaml line 2: a key must be a name"},
        {"a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "t.yaml line 5: c: given already in line 3"},
        {"a: 1\na: 1\n", "t.yaml line 2: a: given already in line 1"},
        {"a: 1\n---\nb: 2\n", "t.yaml line 2: a second document is not allowed"},
        {"a: \"x\\0y\"\n", "t.yaml line 1: a: a NUL is not allowed"},
        {"a: 1\nb: \xff\n", "t.yaml line 2: not UTF-8"},
        {"a: [1\nb: 2\n", "t.yaml line 2: did not find expected ',' or ']'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        const seine_yaml *root = NULL;
        seine_error error;
        assert_int_equal(read_text(seine_str_of(cases[i].text), &arena, &root, &error), SEINE_E_FORMAT);
        assert_string_equal(error.text, cases[i].expected);
        assert_null(root);
    }
}

static void depth_count_and_size_are_bounded(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_yaml *root = NULL;
    seine_error error;
    char deep[2 * SEINE_YAML_MAX_DEPTH + 3];
    for (size_t levels = SEINE_YAML_MAX_DEPTH; levels <= SEINE_YAML_MAX_DEPTH + 1; levels++) {
        size_t size = 0;
        while (size < levels) deep[size++] = '[';
        while (size < 2 * levels) deep[size++] = ']';
        const bool fits = levels == SEINE_YAML_MAX_DEPTH;
        assert_int_equal(read_text((seine_str){deep, size}, &arena, &root, &error), fits ? SEINE_OK : SEINE_E_LIMIT);
        if (!fits) assert_string_equal(error.text, "t.yaml line 1: more than 16 levels");
    }
    seine_buf many SEINE_OWNED(seine_buf_free);
    seine_buf_init(&many, 2 * SEINE_YAML_MAX_BYTES);
    for (size_t i = 0; i < SEINE_YAML_MAX_NODES; i++) assert_int_equal(seine_buf_append_str(&many, "- 1\n"), SEINE_OK);
    assert_int_equal(read_text(seine_buf_str(&many), &arena, &root, &error), SEINE_E_LIMIT);
    assert_string_equal(error.text, "t.yaml line 8192: more than 8192 values");
    assert_int_equal(read_text((seine_str){(const char *)many.data, many.size - 4}, &arena, &root, &error), SEINE_OK);
    while (many.size <= SEINE_YAML_MAX_BYTES) assert_int_equal(seine_buf_append_str(&many, "# 4\n"), SEINE_OK);
    assert_int_equal(read_text(seine_buf_str(&many), &arena, &root, &error), SEINE_E_LIMIT);
    assert_string_equal(error.text, "t.yaml: more than 1048576 bytes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_keep_their_order_lines_and_quotes),
        cmocka_unit_test(json_is_yaml_and_nothing_is_no_document),
        cmocka_unit_test(what_is_refused_is_told_with_its_line),
        cmocka_unit_test(depth_count_and_size_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
