/* links: io base */
/* Compression there and back, and what damaged or too large input gives. */
#include "io/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void fill(seine_buf *buf, size_t size) {
    uint32_t seed = 1;
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        const uint8_t byte = (uint8_t)(i % 7 == 0 ? seed >> 24 : i / 100);
        assert_int_equal(seine_buf_append(buf, &byte, 1), SEINE_OK);
    }
}

static void inflate_gives_back_what_deflate_took(void **state) {
    (void)state;
    const size_t sizes[] = {0, 1, 100, 5000, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        seine_buf plain, packed, back;
        seine_buf_init(&plain, 1 << 20);
        seine_buf_init(&packed, 1 << 20);
        seine_buf_init(&back, 1 << 24);
        fill(&plain, sizes[i]);
        assert_int_equal(seine_deflate(plain.data, plain.size, &packed, NULL), SEINE_OK);
        assert_int_equal(seine_buf_append_str(&back, "kept"), SEINE_OK);
        assert_int_equal(seine_inflate(packed.data, packed.size, &back, 1 << 20, NULL), SEINE_OK);
        assert_int_equal(back.size, plain.size + 4);
        assert_memory_equal(back.data, "kept", 4);
        if (plain.size > 0) assert_memory_equal(back.data + 4, plain.data, plain.size);
        seine_buf_free(&plain);
        seine_buf_free(&packed);
        seine_buf_free(&back);
    }
}

static void output_beyond_the_maximum_is_a_limit_not_a_crash(void **state) {
    (void)state;
    static const uint8_t zeroes[100000];
    seine_buf packed, back;
    seine_buf_init(&packed, 1 << 20);
    seine_buf_init(&back, 1 << 20);
    assert_int_equal(seine_deflate(zeroes, sizeof zeroes, &packed, NULL), SEINE_OK);
    assert_true(packed.size < 1000);
    assert_int_equal(seine_inflate(packed.data, packed.size, &back, sizeof zeroes - 1, NULL), SEINE_E_LIMIT);
    assert_int_equal(seine_inflate(packed.data, packed.size, &back, sizeof zeroes, NULL), SEINE_OK);
    assert_int_equal(back.size, sizeof zeroes);
    seine_buf_free(&packed);
    seine_buf_free(&back);
}

static void damaged_bytes_are_refused(void **state) {
    (void)state;
    seine_buf packed, back;
    seine_buf_init(&packed, 1 << 20);
    seine_buf_init(&back, 1 << 20);
    assert_int_equal(seine_deflate("hello hello hello hello", 23, &packed, NULL), SEINE_OK);
    assert_int_equal(seine_inflate("\xFF\xFF\xFF", 3, &back, 1000, NULL), SEINE_E_FORMAT);
    assert_int_equal(seine_inflate(packed.data, packed.size - 1, &back, 1000, NULL), SEINE_E_FORMAT);
    assert_int_equal(seine_buf_append(&packed, "four", 4), SEINE_OK);
    assert_int_equal(seine_inflate(packed.data, packed.size, &back, 1000, NULL), SEINE_E_FORMAT);
    assert_int_equal(back.size, 0);
    packed.size--; /* three bytes: the rest of a checksum that PyIceberg leaves */
    assert_int_equal(seine_inflate(packed.data, packed.size, &back, 1000, NULL), SEINE_OK);
    assert_int_equal(back.size, 23);
    seine_buf_free(&packed);
    seine_buf_free(&back);
}

static void zstd_frames_are_the_same_bytes_each_time(void **state) {
    (void)state;
    seine_zstd *zstd = seine_zstd_new(3);
    assert_non_null(zstd);
    seine_buf plain, one, two;
    seine_buf_init(&plain, 1 << 20);
    seine_buf_init(&one, 1 << 20);
    seine_buf_init(&two, 1 << 20);
    fill(&plain, 200000);
    assert_int_equal(seine_zstd_compress(zstd, plain.data, plain.size, &one, NULL), SEINE_OK);
    assert_int_equal(seine_zstd_compress(zstd, plain.data, plain.size, &two, NULL), SEINE_OK);
    assert_true(one.size < plain.size);
    assert_int_equal(one.size, two.size);
    assert_memory_equal(one.data, two.data, one.size);
    assert_memory_equal(one.data, "\x28\xB5\x2F\xFD", 4); /* magic number of RFC 8878 */
    seine_zstd_free(zstd);
    seine_buf_free(&plain);
    seine_buf_free(&one);
    seine_buf_free(&two);
}

static void a_zstd_frame_comes_back_when_it_is_of_the_size_told(void **state) {
    (void)state;
    static uint8_t back[200000];
    seine_zstd *zstd = seine_zstd_new(3);
    seine_unzstd *unzstd = seine_unzstd_new();
    assert_true(zstd != NULL && unzstd != NULL);
    seine_buf plain, frame;
    seine_buf_init(&plain, 1 << 20);
    seine_buf_init(&frame, 1 << 20);
    fill(&plain, sizeof back);
    assert_int_equal(seine_zstd_compress(zstd, plain.data, plain.size, &frame, NULL), SEINE_OK);
    assert_int_equal(seine_unzstd_frame(unzstd, frame.data, frame.size, back, sizeof back, NULL), SEINE_OK);
    assert_memory_equal(back, plain.data, plain.size);
    assert_int_equal(seine_unzstd_frame(unzstd, frame.data, frame.size, back, 100, NULL), SEINE_E_FORMAT);
    assert_int_equal(seine_unzstd_frame(unzstd, frame.data, frame.size - 1, back, sizeof back, NULL), SEINE_E_FORMAT);
    frame.size = 0;
    assert_int_equal(seine_zstd_compress(zstd, plain.data, 100, &frame, NULL), SEINE_OK);
    assert_int_equal(seine_unzstd_frame(unzstd, frame.data, frame.size, back, 101, NULL), SEINE_E_FORMAT);
    seine_zstd_free(zstd);
    seine_unzstd_free(unzstd);
    seine_buf_free(&plain);
    seine_buf_free(&frame);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inflate_gives_back_what_deflate_took),
        cmocka_unit_test(output_beyond_the_maximum_is_a_limit_not_a_crash),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(zstd_frames_are_the_same_bytes_each_time),
        cmocka_unit_test(a_zstd_frame_comes_back_when_it_is_of_the_size_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
