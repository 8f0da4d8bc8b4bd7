/* links: core io base */
#include "unit/core_support.h"

#include "base/threads.h"
#include "io/file_batch.h"

#include <unistd.h>

#define MANY 40

static char folder[256]; /* of the running test */
static seine_file_batch *batch;

static int begin(void **state) {
    (void)state;
    const char *root = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/seine-batch-XXXXXX", root != NULL ? root : "/tmp");
    batch = seine_file_batch_new();
    return batch != NULL && mkdtemp(folder) != NULL ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    seine_file_batch_free(batch);
    return seine_file_remove_tree(folder, NULL) == SEINE_OK ? 0 : -1;
}

static const char *at(const char *name) {
    static char paths[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static void put(const char *name, const char *text, seine_file_mode mode) {
    seine_error error = {0};
    if (seine_file_batch_write(batch, at(name), text, strlen(text), mode, &error) != SEINE_OK)
        fail_msg("%s", error.text);
}

static void assert_content(const char *name, const char *expected) {
    seine_buf buf;
    seine_error error = {0};
    seine_buf_init(&buf, 1 << 20);
    if (seine_file_read(at(name), &buf, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_true(seine_str_equal(seine_buf_str(&buf), seine_str_of(expected)));
    seine_buf_free(&buf);
}

static size_t files_in_folder(void) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(seine_file_list(folder, true, &arena, &entries, &count, NULL), SEINE_OK);
    seine_arena_free(&arena);
    return count;
}

static void files_have_their_names_when_the_batch_ends_and_not_earlier(void **state) {
    (void)state;
    assert_int_equal(seine_file_make_folders(at("b"), NULL), SEINE_OK);
    assert_int_equal(seine_file_write(at("old"), "old", 3, SEINE_FILE_NEW, NULL), SEINE_OK);
    put("a", "one", SEINE_FILE_NEW);
    put("b/c", "two", SEINE_FILE_NEW);
    put("old", "new", SEINE_FILE_REPLACE);
    assert_false(seine_file_exists(at("a")));
    assert_false(seine_file_exists(at("b/c")));
    assert_content("old", "old");
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_content("a", "one");
    assert_content("b/c", "two");
    assert_content("old", "new");
    assert_int_equal(files_in_folder(), 3);
    put("next", "", SEINE_FILE_NEW); /* it takes others */
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_content("next", "");
}

static void a_batch_that_does_not_end_leaves_nothing(void **state) {
    (void)state;
    put("a", "one", SEINE_FILE_NEW);
    put("b", "two", SEINE_FILE_REPLACE);
    assert_int_equal(files_in_folder(), 2);
    seine_file_batch_free(batch);
    assert_int_equal(files_in_folder(), 0);
    batch = seine_file_batch_new();
    assert_non_null(batch);
}

static void a_file_can_be_taken_out_again(void **state) {
    (void)state;
    seine_error error = {0};
    put("a", "one", SEINE_FILE_NEW);
    put("b", "two", SEINE_FILE_NEW);
    assert_int_equal(seine_file_batch_remove(batch, at("a"), NULL), SEINE_OK);
    assert_int_equal(seine_file_batch_remove(batch, at("a"), &error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(error.text, at("a")));
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(files_in_folder(), 1);
    assert_content("b", "two");
}

static void a_new_file_never_replaces(void **state) {
    (void)state;
    assert_int_equal(seine_file_write(at("a"), "old", 3, SEINE_FILE_NEW, NULL), SEINE_OK);
    seine_error error = {0};
    put("a", "one", SEINE_FILE_NEW);
    put("b", "two", SEINE_FILE_NEW);
    assert_int_equal(seine_file_batch_end(batch, &error), SEINE_E_EXISTS);
    assert_non_null(strstr(error.text, at("a")));
    assert_content("a", "old");
    seine_file_batch_free(batch);
    batch = NULL;
    assert_int_equal(files_in_folder(), 1);
}

static void without_a_batch_a_file_is_there_at_once(void **state) {
    (void)state;
    assert_int_equal(seine_file_batch_write(NULL, at("a"), "one", 3, SEINE_FILE_NEW, NULL), SEINE_OK);
    assert_content("a", "one");
    assert_int_equal(seine_file_batch_write(NULL, at("a"), "two", 3, SEINE_FILE_NEW, NULL), SEINE_E_EXISTS);
    assert_int_equal(seine_file_batch_end(NULL, NULL), SEINE_OK);
    seine_file_batch_free(NULL);
    assert_int_equal(files_in_folder(), 1);
}

static seine_status put_numbered(void *context, size_t member, size_t index, seine_error *error) {
    (void)context, (void)member;
    char path[512], text[16];
    snprintf(path, sizeof path, "%s/%zu", folder, index);
    snprintf(text, sizeof text, "%zu", index);
    return seine_file_batch_write(batch, path, text, strlen(text), SEINE_FILE_NEW, error);
}

static void files_come_from_several_threads(void **state) {
    (void)state;
    const seine_thread_tasks tasks = {.task = put_numbered, .count = MANY};
    assert_int_equal(seine_threads_each(4, &tasks, NULL), SEINE_OK);
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(files_in_folder(), MANY);
    for (size_t i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "%zu", i);
        assert_content(name, name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_have_their_names_when_the_batch_ends_and_not_earlier, begin, end),
        cmocka_unit_test_setup_teardown(a_batch_that_does_not_end_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_file_can_be_taken_out_again, begin, end),
        cmocka_unit_test_setup_teardown(a_new_file_never_replaces, begin, end),
        cmocka_unit_test_setup_teardown(without_a_batch_a_file_is_there_at_once, begin, end),
        cmocka_unit_test_setup_teardown(files_come_from_several_threads, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
