/* links: io base */
#include "io/file.h"
#include "io/reader.h"
#include "io/standard_input.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What comes down the pipe, in pieces as small as the writer likes. */
typedef struct piped {
    const char *bytes;
    size_t size, step;
    int end;
    pthread_t writer;
} piped;

static void *write_all(void *context) {
    const piped *p = context;
    for (size_t at = 0; at < p->size;) {
        const size_t left = p->size - at, size = left < p->step ? left : p->step;
        const ssize_t put = write(p->end, p->bytes + at, size);
        if (put < 0) break; /* nobody reads any more */
        at += (size_t)put;
    }
    close(p->end);
    return NULL;
}

static void pipe_in(piped *p, const char *bytes, size_t size, size_t step) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    *p = (piped){bytes, size, step, ends[1], 0};
    assert_int_equal(pthread_create(&p->writer, NULL, write_all, p), 0);
}

static void pipe_out(piped *p) {
    close(STDIN_FILENO);
    assert_int_equal(open("/dev/null", O_RDONLY), STDIN_FILENO);
    (void)pthread_join(p->writer, NULL);
}

static char *some_bytes(size_t size, const char *start) {
    char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) bytes[i] = (char)('a' + i * 7 % 26);
    memcpy(bytes, start, strlen(start));
    return bytes;
}

static void the_first_bytes_tell_the_form(void **state) {
    (void)state;
    static const struct {
        const char *text;
        seine_standard_input_form form;
    } cases[] = {{"", SEINE_STANDARD_INPUT_TEXT},
                 {"PAR", SEINE_STANDARD_INPUT_TEXT},
                 {"PAR1 and so on", SEINE_STANDARD_INPUT_PARQUET},
                 {"PARK,time\n", SEINE_STANDARD_INPUT_TEXT},
                 {"<?xml version=\"1.0\"?>\n<gpx>", SEINE_STANDARD_INPUT_GPX},
                 {"\xEF\xBB\xBF \n<gpx version=\"1.1\">", SEINE_STANDARD_INPUT_GPX},
                 {"<html><body>", SEINE_STANDARD_INPUT_TEXT},
                 {"a,b\n<gpx>,2\n", SEINE_STANDARD_INPUT_TEXT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        piped p;
        seine_standard_input input;
        pipe_in(&p, cases[i].text, strlen(cases[i].text), 1);
        assert_int_equal(seine_standard_input_begin(&input, NULL), SEINE_OK);
        if (input.form != cases[i].form) fail_msg("%s is form %d", cases[i].text, input.form);
        assert_int_equal(input.size, strlen(cases[i].text));
        pipe_out(&p);
    }
}

/* Whatever its size is against that of the head, and however it comes. */
static void a_text_is_read_from_its_first_byte(void **state) {
    (void)state;
    const size_t head = SEINE_STANDARD_INPUT_HEAD, sizes[] = {0, 1, head - 1, head, head + 1, 3 * head, 1 << 20},
                 steps[] = {13, 4096, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
            char *bytes = some_bytes(sizes[i], ""), *found = malloc(sizes[i] + 4096);
            seine_reader *reader = NULL;
            seine_standard_input input;
            const char *member = NULL;
            size_t size = 0, got = 1;
            piped p;
            pipe_in(&p, bytes, sizes[i], steps[s]);
            assert_int_equal(seine_standard_input_begin(&input, NULL), SEINE_OK);
            assert_int_equal(seine_reader_open_stdin(&input, &reader, NULL), SEINE_OK);
            assert_int_equal(seine_reader_member(reader, &member, NULL), SEINE_OK);
            while (got > 0 && size <= sizes[i]) {
                assert_int_equal(seine_reader_read(reader, found + size, 4096, &got, NULL), SEINE_OK);
                size += got;
            }
            assert_int_equal(size, sizes[i]);
            assert_memory_equal(found, bytes, size);
            seine_reader_close(reader);
            pipe_out(&p);
            free(bytes);
            free(found);
        }
    }
}

static void what_is_no_text_is_kept_whole(void **state) {
    (void)state;
    const size_t sizes[] = {4, SEINE_STANDARD_INPUT_HEAD, SEINE_STANDARD_INPUT_HEAD + 1, (size_t)256 << 10, 1000003};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *bytes = some_bytes(sizes[i], "PAR1");
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        seine_buf found SEINE_OWNED(seine_buf_free);
        seine_standard_input input;
        const char *path = NULL;
        piped p;
        seine_buf_init(&found, (size_t)1 << 22);
        pipe_in(&p, bytes, sizes[i], 1000);
        assert_int_equal(seine_standard_input_begin(&input, NULL), SEINE_OK);
        assert_int_equal(seine_standard_input_keep(&input, sizes[i], NULL, &arena, &path, NULL), SEINE_OK);
        assert_int_equal(seine_file_read(path, &found, NULL), SEINE_OK);
        assert_int_equal(found.size, sizes[i]);
        assert_memory_equal(found.data, bytes, sizes[i]);
        assert_int_equal(seine_file_remove(path, NULL), SEINE_OK);
        pipe_out(&p);
        free(bytes);
    }
}

static void more_than_may_be_kept_is_refused(void **state) {
    (void)state;
    char *bytes = some_bytes(1000003, "PAR1");
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_file_entry *entries = NULL;
    seine_standard_input input;
    seine_error error = {SEINE_OK, ""};
    const char *path = NULL;
    char *folder = NULL;
    size_t before = 0, count = 0;
    piped p;
    assert_int_equal(seine_file_scratch(NULL, "", &arena, &folder, NULL), SEINE_OK);
    assert_int_equal(seine_file_list(folder, true, &arena, &entries, &before, NULL), SEINE_OK);
    pipe_in(&p, bytes, 1000003, 1 << 16);
    assert_int_equal(seine_standard_input_begin(&input, NULL), SEINE_OK);
    assert_int_equal(seine_standard_input_keep(&input, 1000002, NULL, &arena, &path, &error), SEINE_E_LIMIT);
    assert_string_equal(error.text, "standard input: more than 1000002 bytes that are no text; give a file");
    assert_int_equal(seine_file_list(folder, true, &arena, &entries, &count, NULL), SEINE_OK);
    assert_int_equal(count, before);
    pipe_out(&p);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_bytes_tell_the_form),
        cmocka_unit_test(a_text_is_read_from_its_first_byte),
        cmocka_unit_test(what_is_no_text_is_kept_whole),
        cmocka_unit_test(more_than_may_be_kept_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
