/* links: io base */
/* Lines are appended, and a full file becomes a former one. */
#include "generate_support.h"

#include "io/log_file.h"

static void assert_holds(const char *path, const char *expected) {
    seine_buf found;
    seine_error error = {SEINE_OK, ""};
    seine_buf_init(&found, 1 << 20);
    if (seine_file_read(path, &found, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_true(seine_str_equal(seine_buf_str(&found), seine_str_of(expected)));
    seine_buf_free(&found);
}

static void put(const seine_log_file *log, const char *line) {
    seine_error error = {SEINE_OK, ""};
    if (seine_log_file_append(log, seine_str_of(line), &error) != SEINE_OK) fail_msg("%s", error.text);
}

static void a_full_log_becomes_a_former_one(void **state) {
    char path[512], name[600];
    snprintf(path, sizeof path, "%s/run.jsonl", (const char *)*state);
    const seine_log_file log = {.path = path, .most_bytes = 8, .keep = 2};
    put(&log, "one");
    put(&log, "two"); /* eight bytes with both ends: just room */
    assert_holds(path, "one\ntwo\n");
    put(&log, "a line that is longer than a whole log may be");
    put(&log, "four");
    put(&log, "five");
    assert_holds(path, "five\n");
    snprintf(name, sizeof name, "%s.1", path);
    assert_holds(name, "four\n");
    snprintf(name, sizeof name, "%s.2", path);
    assert_holds(name, "a line that is longer than a whole log may be\n");
    snprintf(name, sizeof name, "%s.3", path);
    assert_false(seine_file_exists(name)); /* two are kept */
}

static void without_former_ones(void **state) {
    char path[512], name[600];
    snprintf(path, sizeof path, "%s/run.jsonl", (const char *)*state);
    snprintf(name, sizeof name, "%s.1", path);
    const seine_log_file log = {.path = path, .most_bytes = 4, .keep = 0};
    put(&log, "one");
    put(&log, "two");
    assert_holds(path, "two\n");
    assert_false(seine_file_exists(name));
}

static void what_cannot_be_written_is_told(void **state) {
    char path[512];
    seine_error error = {SEINE_OK, ""};
    snprintf(path, sizeof path, "%s/nowhere/run.jsonl", (const char *)*state);
    const seine_log_file log = {.path = path, .most_bytes = 4, .keep = 1}, none = {.path = NULL};
    assert_int_equal(seine_log_file_append(&log, seine_str_of("x"), &error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(error.text, "nowhere/run.jsonl"));
    assert_int_equal(seine_log_file_append(&none, seine_str_of("x"), &error), SEINE_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_full_log_becomes_a_former_one, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(without_former_ones, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_written_is_told, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("io_log_file", tests, NULL, NULL);
}
