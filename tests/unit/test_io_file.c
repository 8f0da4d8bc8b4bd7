/* links: core io base */
#include "unit/core_support.h"

#include "io/clock.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[256]; /* of the running test */

static int make_folder(void **state) {
    (void)state;
    const char *root = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/seine-file-XXXXXX", root != NULL ? root : "/tmp");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return seine_file_remove_tree(folder, NULL) == SEINE_OK && !seine_file_exists(folder) ? 0 : -1;
}

/* Path in the test's folder; a few may be in use at once. */
static const char *at(const char *name) {
    static char paths[8][512];
    static int turn;
    turn = (turn + 1) % 8;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static void assert_content(const char *path, const char *expected) {
    seine_buf buf;
    seine_error error = {0};
    seine_buf_init(&buf, 1 << 20);
    if (seine_file_read(path, &buf, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_true(seine_str_equal(seine_buf_str(&buf), seine_str_of(expected)));
    seine_buf_free(&buf);
}

static void put(const char *path, const char *text) {
    assert_int_equal(seine_file_write(path, text, strlen(text), SEINE_FILE_REPLACE, NULL), SEINE_OK);
}

static size_t entries_in(const char *path, bool recursive) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(seine_file_list(path, recursive, &arena, &entries, &count, NULL), SEINE_OK);
    seine_arena_free(&arena);
    return count;
}

static void a_written_file_reads_back_and_leaves_nothing_beside_it(void **state) {
    (void)state;
    put(at("a"), "one");
    assert_content(at("a"), "one");
    put(at("a"), "");
    assert_content(at("a"), "");
    assert_int_equal(entries_in(folder, false), 1);
}

static void new_mode_never_replaces(void **state) {
    (void)state;
    assert_int_equal(seine_file_write(at("a"), "1", 1, SEINE_FILE_NEW, NULL), SEINE_OK);
    seine_error error = {0};
    assert_int_equal(seine_file_write(at("a"), "2", 1, SEINE_FILE_NEW, &error), SEINE_E_EXISTS);
    assert_non_null(strstr(error.text, at("a")));
    assert_non_null(strstr(error.text, strerror(EEXIST)));
    assert_content(at("a"), "1");
    assert_int_equal(entries_in(folder, false), 1);
}

static void a_file_in_writing_is_not_seen_under_its_name(void **state) {
    (void)state;
    put(at("a"), "old");
    seine_file_writer *writer = NULL;
    assert_int_equal(seine_file_writer_open(at("a"), &writer, NULL), SEINE_OK);
    assert_int_equal(seine_file_writer_append(writer, "new", 3, NULL), SEINE_OK);
    assert_content(at("a"), "old");
    assert_int_equal(seine_file_writer_commit(writer, SEINE_FILE_REPLACE, NULL), SEINE_OK);
    assert_content(at("a"), "new");
}

static void an_aborted_file_leaves_nothing(void **state) {
    (void)state;
    seine_file_writer *writer = NULL;
    assert_int_equal(seine_file_writer_open(at("a"), &writer, NULL), SEINE_OK);
    assert_int_equal(seine_file_writer_append(writer, "x", 1, NULL), SEINE_OK);
    seine_file_writer_abort(writer);
    seine_file_writer_abort(NULL);
    assert_int_equal(entries_in(folder, false), 0);
}

static void pieces_of_any_size_are_counted_and_kept_in_order(void **state) {
    (void)state;
    const size_t sizes[] = {1, 0, 255 * 1024, 1024, 262144, 300000, 7};
    size_t total = 0;
    uint8_t *expected = malloc(1 << 20);
    assert_non_null(expected);
    seine_file_writer *writer = NULL;
    assert_int_equal(seine_file_writer_open(at("big"), &writer, NULL), SEINE_OK);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t k = 0; k < sizes[i]; k++) expected[total + k] = (uint8_t)((total + k) * 31 >> 3);
        assert_int_equal(seine_file_writer_append(writer, expected + total, sizes[i], NULL), SEINE_OK);
        total += sizes[i];
        assert_int_equal(seine_file_writer_size(writer), total);
    }
    assert_int_equal(seine_file_writer_commit(writer, SEINE_FILE_NEW, NULL), SEINE_OK);
    seine_buf buf;
    seine_buf_init(&buf, total); /* exactly enough */
    assert_int_equal(seine_file_read(at("big"), &buf, NULL), SEINE_OK);
    assert_int_equal(buf.size, total);
    assert_memory_equal(buf.data, expected, total);
    seine_buf_free(&buf);
    seine_buf_init(&buf, total - 1);
    assert_int_equal(seine_file_read(at("big"), &buf, NULL), SEINE_E_LIMIT);
    assert_int_equal(buf.size, 0);
    seine_buf_free(&buf);
    free(expected);
}

static void errors_name_the_path_and_the_reason(void **state) {
    (void)state;
    seine_error error = {0};
    seine_buf buf;
    seine_buf_init(&buf, 10);
    assert_int_equal(seine_file_read(at("none"), &buf, &error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(error.text, at("none")));
    assert_non_null(strstr(error.text, strerror(ENOENT)));
    assert_int_equal(seine_file_read(folder, &buf, &error), SEINE_E_IO);
    assert_int_equal(seine_file_write(at("no/folder"), "", 0, SEINE_FILE_NEW, &error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(error.text, at("no/folder")));
    assert_int_equal(seine_file_remove(at("none"), &error), SEINE_E_NOT_FOUND);
    seine_buf_free(&buf);
}

static void a_long_name_still_has_a_temporary_one(void **state) {
    (void)state;
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    put(at(name), "x");
    assert_content(at(name), "x");
}

static void a_foreign_file_is_published_under_its_name(void **state) {
    (void)state;
    seine_arena arena = {0};
    const char *temp = seine_file_temp_name(&arena, at("data.parquet"));
    assert_true(seine_file_is_temp(temp));
    assert_false(seine_file_is_temp(at("data.parquet")));
    FILE *file = fopen(temp, "wb");
    assert_non_null(file);
    fputs("rows", file);
    fclose(file);
    assert_int_equal(seine_file_publish(temp, at("data.parquet"), NULL, SEINE_FILE_NEW, NULL), SEINE_OK);
    assert_content(at("data.parquet"), "rows");
    assert_int_equal(entries_in(folder, false), 1);
    seine_arena_free(&arena);
}

static void folders_are_made_with_their_parents_and_listed(void **state) {
    (void)state;
    assert_int_equal(seine_file_make_folders(at("a//b/c/"), NULL), SEINE_OK);
    assert_int_equal(seine_file_make_folders(at("a/b/c"), NULL), SEINE_OK); /* again */
    assert_int_equal(seine_file_make_parent(at("a/d/file"), NULL), SEINE_OK);
    put(at("a/b/c/z"), "12345");
    put(at("a/b/y"), "");
    put(at("x"), "1");
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(seine_file_list(folder, true, &arena, &entries, &count, NULL), SEINE_OK);
    const char *const names[] = {"a/b/c/z", "a/b/y", "x"};
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) assert_string_equal(entries[i].name, names[i]);
    assert_int_equal(entries[0].info.size, 5);
    assert_int_equal(seine_file_list(at("a"), false, &arena, &entries, &count, NULL), SEINE_OK);
    assert_int_equal(count, 2);
    assert_string_equal(entries[1].name, "d");
    assert_int_equal(entries[1].info.kind, SEINE_FILE_FOLDER);
    assert_int_equal(seine_file_list(at("none"), false, &arena, &entries, &count, NULL), SEINE_E_NOT_FOUND);
    assert_int_equal(seine_file_make_folders(at("x/below"), NULL), SEINE_E_IO); /* a file is in the way */
    seine_arena_free(&arena);
}

static void removing_a_tree_does_not_follow_links(void **state) {
    (void)state;
    assert_int_equal(seine_file_make_folders(at("keep"), NULL), SEINE_OK);
    put(at("keep/me"), "1");
    assert_int_equal(seine_file_make_folders(at("tree/deep"), NULL), SEINE_OK);
    assert_int_equal(symlink(at("keep"), at("tree/deep/link")), 0);
    assert_int_equal(entries_in(at("tree"), true), 0);
    assert_int_equal(seine_file_remove_tree(at("tree"), NULL), SEINE_OK);
    assert_int_equal(seine_file_remove_tree(at("tree"), NULL), SEINE_OK); /* nothing there is fine */
    assert_false(seine_file_exists(at("tree")));
    assert_content(at("keep/me"), "1");
}

static void looking_tells_what_is_there(void **state) {
    (void)state;
    put(at("file"), "abc");
    assert_int_equal(symlink("nowhere", at("dangling")), 0);
    seine_file_info info;
    assert_int_equal(seine_file_stat(at("file"), &info, NULL), SEINE_OK);
    assert_true(info.kind == SEINE_FILE_PLAIN && info.size == 3 && info.modified_us > 0);
    assert_int_equal(seine_file_stat(folder, &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_FOLDER);
    assert_int_equal(seine_file_stat(at("none"), &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_NONE);
    assert_int_equal(seine_file_stat(at("file/below"), &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_NONE);
    assert_int_equal(seine_file_stat(at("dangling"), &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_OTHER);
    assert_false(seine_file_exists(at("dangling")));
}

static void assert_absolute(const char *path, const char *expected) {
    seine_arena arena = {0};
    char *absolute = NULL;
    assert_int_equal(seine_file_absolute(path, &arena, &absolute, NULL), SEINE_OK);
    assert_string_equal(absolute, expected);
    seine_arena_free(&arena);
}

static void absolute_paths_are_resolved_in_the_text(void **state) {
    (void)state;
    assert_absolute("/a/b", "/a/b");
    assert_absolute("/a//b/./c/", "/a/b/c");
    assert_absolute("/a/b/../c", "/a/c");
    assert_absolute("/../..", "/");
    assert_absolute("/a/..", "/");
    assert_absolute("/..a/b..", "/..a/b..");
    char here[512];
    char expected[600];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(expected, sizeof expected, "%s/x", here);
    assert_absolute("x", expected);
    assert_absolute("./y/../x", expected);
}

static void locations_are_read_in_all_spellings(void **state) {
    (void)state;
    seine_arena arena = {0};
    const char *const same[] = {"/w/t a/m%20b", "file:/w/t a/m%20b", "file:///w/t a/m%20b",
                                "file://localhost/w/t a/m%20b"};
    char *path = NULL;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(seine_file_path_of_uri(seine_str_of(same[i]), &arena, &path, NULL), SEINE_OK);
        assert_string_equal(path, "/w/t a/m%20b");
    }
    const char *const other[] = {"gs://bucket/x", "file://host/x", "relative/x", "", "file:", "file:x"};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(seine_file_path_of_uri(seine_str_of(other[i]), &arena, &path, NULL), SEINE_E_UNSUPPORTED);
    }
    char *uri = NULL;
    assert_int_equal(seine_file_uri_of_path("/w/../t", &arena, &uri, NULL), SEINE_OK);
    assert_string_equal(uri, "file:///t");
    assert_string_equal(seine_file_join(&arena, "/a/", "b"), "/a/b");
    assert_string_equal(seine_file_join(&arena, "/a", "b"), "/a/b");
    assert_string_equal(seine_file_name("/a/b.csv"), "b.csv");
    assert_string_equal(seine_file_name("b.csv"), "b.csv");
    seine_arena_free(&arena);
}

static void the_clock_can_be_set_by_the_environment(void **state) {
    (void)state;
    setenv("SEINE_NOW", "2025-01-01T00:00:00Z", 1);
    assert_true(seine_clock_now_us() == INT64_C(1735689600000000));
    setenv("SEINE_NOW", "not a time", 1);
    assert_true(seine_clock_now_us() > INT64_C(1735689600000000));
    unsetenv("SEINE_NOW");
    const int64_t before_us = seine_clock_monotonic_us();
    assert_true(seine_clock_monotonic_us() >= before_us);
}

static void a_uuid_is_of_version_4_and_new_each_time(void **state) {
    (void)state;
    char one[37];
    char other[37];
    assert_int_equal(seine_uuid4(one, NULL), SEINE_OK);
    assert_int_equal(seine_uuid4(other, NULL), SEINE_OK);
    assert_string_not_equal(one, other);
    assert_int_equal(strlen(one), 36);
    assert_true(one[8] == '-' && one[13] == '-' && one[14] == '4' && one[18] == '-' && one[23] == '-');
    assert_non_null(strchr("89ab", one[19]));
    assert_int_equal(strspn(one, "0123456789abcdef-"), 36);
}

static void a_file_is_read_in_places_and_never_beyond_its_end(void **state) {
    (void)state;
    seine_file_random file;
    char bytes[8] = "";
    put(at("places"), "0123456789");
    assert_int_equal(seine_file_random_open(at("places"), &file, NULL), SEINE_OK);
    assert_int_equal(file.size, 10);
    assert_int_equal(seine_file_random_read(&file, 7, bytes, 3, NULL), SEINE_OK);
    assert_memory_equal(bytes, "789", 3);
    assert_int_equal(seine_file_random_read(&file, 0, bytes, 2, NULL), SEINE_OK);
    assert_memory_equal(bytes, "01", 2);
    assert_int_equal(seine_file_random_read(&file, 10, bytes, 0, NULL), SEINE_OK);
    assert_int_equal(seine_file_random_read(&file, 8, bytes, 3, NULL), SEINE_E_FORMAT);
    assert_int_equal(seine_file_random_read(&file, UINT64_MAX, bytes, 3, NULL), SEINE_E_FORMAT);
    assert_int_equal(truncate(at("places"), 5), 0);
    assert_int_equal(seine_file_random_read(&file, 4, bytes, 3, NULL), SEINE_E_FORMAT);
    seine_file_random_close(&file);
    seine_file_random_close(&file);
    assert_int_equal(seine_file_random_open(at("nothing"), &file, NULL), SEINE_E_NOT_FOUND);
    assert_int_equal(seine_file_random_open(folder, &file, NULL), SEINE_E_IO);
    assert_int_equal(file.descriptor, -1);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_written_file_reads_back_and_leaves_nothing_beside_it),
        IN_FOLDER(new_mode_never_replaces),
        IN_FOLDER(a_file_in_writing_is_not_seen_under_its_name),
        IN_FOLDER(an_aborted_file_leaves_nothing),
        IN_FOLDER(pieces_of_any_size_are_counted_and_kept_in_order),
        IN_FOLDER(errors_name_the_path_and_the_reason),
        IN_FOLDER(a_long_name_still_has_a_temporary_one),
        IN_FOLDER(a_foreign_file_is_published_under_its_name),
        IN_FOLDER(folders_are_made_with_their_parents_and_listed),
        IN_FOLDER(removing_a_tree_does_not_follow_links),
        IN_FOLDER(looking_tells_what_is_there),
        IN_FOLDER(a_file_is_read_in_places_and_never_beyond_its_end),
        cmocka_unit_test(absolute_paths_are_resolved_in_the_text),
        cmocka_unit_test(locations_are_read_in_all_spellings),
        cmocka_unit_test(the_clock_can_be_set_by_the_environment),
        cmocka_unit_test(a_uuid_is_of_version_4_and_new_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
