/* links: core io base */
#include "unit/core_support.h"

#include "base/dict.h"
#include "base/hash.h"
#include "base/url.h"

/* ---- status ---------------------------------------------------------------------------------------------------- */

static void every_status_has_its_own_words(void **state) {
    (void)state;
    for (int i = 0; i <= SEINE_E_INTERNAL; i++) {
        assert_true(strlen(seine_status_text((seine_status)i)) > 1);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(seine_status_text((seine_status)i), seine_status_text((seine_status)j));
        }
    }
    assert_string_equal(seine_status_text(SEINE_E_NOT_FOUND), "not found");
    assert_string_equal(seine_status_text((seine_status)999), "unknown status");
    assert_string_equal(seine_status_text((seine_status)-1), "unknown status");
}

static void a_failure_keeps_status_and_text(void **state) {
    (void)state;
    seine_error error = {0};
    assert_int_equal(seine_fail(&error, SEINE_E_FORMAT, "line %d: %s", 4812, "bad"), SEINE_E_FORMAT);
    assert_int_equal(error.status, SEINE_E_FORMAT);
    assert_string_equal(error.text, "line 4812: bad");
    /* The old text may become part of the new one. */
    assert_int_equal(seine_fail(&error, SEINE_E_IO, "file a: %s", error.text), SEINE_E_IO);
    assert_string_equal(error.text, "file a: line 4812: bad");
    assert_int_equal(seine_fail(NULL, SEINE_E_IO, "nobody listens"), SEINE_E_IO);
}

static void a_long_failure_is_cut(void **state) {
    (void)state;
    seine_error error;
    char text[3000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    seine_fail(&error, SEINE_E_IO, "%s", text);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
}

/* ---- strings --------------------------------------------------------------------------------------------------- */

static void comparing_ignores_ascii_case_only(void **state) {
    (void)state;
    assert_true(seine_str_equal_nocase(SEINE_STR("BaseDateTime"), SEINE_STR("basedatetime")));
    assert_false(seine_str_equal_nocase(SEINE_STR("\xC3\x89"), SEINE_STR("\xC3\xA9"))); /* E and e with an accent */
    assert_true(seine_str_ends_with_nocase(SEINE_STR("AIS.CSV.Zst"), SEINE_STR(".zst")));
    assert_false(seine_str_ends_with_nocase(SEINE_STR("st"), SEINE_STR(".zst")));
    assert_true(seine_str_ends_with_nocase(SEINE_STR(""), SEINE_STR("")));
    assert_true(seine_str_compare(SEINE_STR("a"), SEINE_STR("ab")) < 0);
    assert_true(seine_str_compare(SEINE_STR("\xFF"), SEINE_STR("a")) > 0);
}

static void trimming_takes_blanks_and_tabs(void **state) {
    (void)state;
    assert_true(seine_str_equal(seine_str_trim(SEINE_STR(" \ta b\t ")), SEINE_STR("a b")));
    assert_int_equal(seine_str_trim(SEINE_STR(" \t ")).size, 0);
}

static void utf8_is_checked_as_unicode_says(void **state) {
    (void)state;
    const char *const good[] = {"",
                                "plain ascii, longer than a word",
                                "\xC3\xB1",
                                "\xE2\x82\xAC",
                                "\xF0\x9F\x98\x80",
                                "\xEF\xBF\xBF",
                                "\xF4\x8F\xBF\xBF",
                                "1234567\xC3\xB1"};
    const char *const bad[] = {"\x80",         "\xC0\x80",         "\xC1\xBF",         "\xE0\x9F\xBF",
                               "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                               "\xC3",         "\xE2\x82",         "12345678\xFF",     "\xC3(("};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) assert_true(seine_str_is_utf8(seine_str_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(seine_str_is_utf8(seine_str_of(bad[i])));
}

static void distance_counts_single_changes(void **state) {
    (void)state;
    assert_int_equal(seine_str_distance(SEINE_STR("ingest"), SEINE_STR("ingest")), 0);
    assert_int_equal(seine_str_distance(SEINE_STR("ingset"), SEINE_STR("ingest")), 2);
    assert_int_equal(seine_str_distance(SEINE_STR("kitten"), SEINE_STR("sitting")), 3);
    assert_int_equal(seine_str_distance(SEINE_STR(""), SEINE_STR("abc")), 3);
    char longer[80];
    memset(longer, 'a', sizeof longer);
    assert_int_equal(seine_str_distance((seine_str){longer, 80}, SEINE_STR("a")), 80);
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static void a_buffer_grows_to_its_maximum_and_no_further(void **state) {
    (void)state;
    seine_buf buf;
    seine_buf_init(&buf, 1000);
    for (int i = 0; i < 100; i++) assert_int_equal(seine_buf_append(&buf, "0123456789", 10), SEINE_OK);
    assert_int_equal(seine_buf_append(&buf, "x", 1), SEINE_E_LIMIT);
    assert_int_equal(seine_buf_reserve(&buf, SIZE_MAX), SEINE_E_LIMIT);
    assert_int_equal(buf.size, 1000);
    assert_int_equal(strlen(seine_buf_text(&buf)), 1000); /* the NUL does not count */
    seine_buf_clear(&buf);
    assert_int_equal(seine_buf_printf(&buf, "%s-%d", "a", 5), SEINE_OK);
    assert_int_equal(seine_buf_append_str(&buf, "b"), SEINE_OK);
    assert_true(seine_str_equal(seine_buf_str(&buf), SEINE_STR("a-5b")));
    seine_buf_free(&buf);
    assert_string_equal(seine_buf_text(&buf), "");
    seine_buf_free(&buf);
}

static void a_buffer_prints_more_than_it_had_room_for(void **state) {
    (void)state;
    seine_buf buf;
    seine_buf_init(&buf, 100000);
    assert_int_equal(seine_buf_printf(&buf, "%05000d", 7), SEINE_OK);
    assert_int_equal(buf.size, 5000);
    assert_int_equal(buf.data[4999], '7');
    seine_buf_free(&buf);
}

static void arena_memory_is_zeroed_aligned_and_separate(void **state) {
    (void)state;
    seine_arena arena = {0};
    uint8_t *pieces[300];
    for (size_t i = 0; i < 300; i++) {
        const size_t size = i % 50 == 49 ? 100000 : i;
        pieces[i] = seine_arena_alloc(&arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        for (size_t k = 0; k < size; k++) assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)(i % 251) + 1, size);
    }
    for (size_t i = 1; i < 300; i++) assert_int_equal(pieces[i][0], i % 251 + 1);
    assert_null(seine_arena_alloc(&arena, SIZE_MAX));
    assert_string_equal(seine_arena_printf(&arena, "%d %s", 3, "x"), "3 x");
    assert_string_equal(seine_arena_copy(&arena, "abcdef", 3), "abc");
    assert_string_equal(seine_arena_copy(&arena, NULL, 0), "");
    seine_arena_free(&arena);
    assert_int_equal(arena.bytes, 0);
}

static void equal_texts_share_a_code(void **state) {
    (void)state;
    seine_dict dict = {0};
    assert_int_equal(seine_dict_find(&dict, SEINE_STR("a")), SEINE_CODE_NULL);
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 20000; i++) {
            char text[32];
            uint32_t code = 0;
            const size_t size = (size_t)snprintf(text, sizeof text, "%u", (unsigned)(i * 7919));
            assert_int_equal(seine_dict_intern(&dict, (seine_str){text, size}, &code), SEINE_OK);
            assert_int_equal(code, i); /* in order of first appearance */
            assert_int_equal(seine_dict_find(&dict, (seine_str){text, size}), i);
        }
    }
    assert_int_equal(dict.count, 20000);
    assert_true(dict.slot_count >= 2 * dict.count);
    assert_true(seine_str_equal(dict.entries[2], SEINE_STR("15838")));
    assert_int_equal(seine_dict_find(&dict, SEINE_STR("none")), SEINE_CODE_NULL);
    seine_dict_free(&dict);
}

static void the_empty_text_and_nul_bytes_are_texts_too(void **state) {
    (void)state;
    seine_dict dict = {0};
    uint32_t code = 9;
    assert_int_equal(seine_dict_intern(&dict, (seine_str){NULL, 0}, &code), SEINE_OK);
    assert_int_equal(code, 0);
    assert_int_equal(seine_dict_intern(&dict, SEINE_STR("a\0b"), &code), SEINE_OK);
    assert_int_equal(seine_dict_intern(&dict, SEINE_STR("a\0c"), &code), SEINE_OK);
    assert_int_equal(code, 2);
    assert_int_equal(seine_dict_find(&dict, SEINE_STR("")), 0);
    seine_dict_free(&dict);
}

/* ---- digests --------------------------------------------------------------------------------------------------- */

static void digests_equal_published_vectors(void **state) {
    (void)state;
    char hex[65];
    seine_md5_hex("abc", 3, hex);
    assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
    const seine_str parts[] = {SEINE_STR("a"), {NULL, 0}, SEINE_STR("bc")};
    seine_md5_hex_of_parts(parts, 3, hex);
    assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
    seine_sha256 *sha = seine_sha256_new();
    seine_sha256_update(sha, "a", 1);
    seine_sha256_update(sha, "bc", 2);
    seine_sha256_finish(sha, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    seine_sha256_finish(seine_sha256_new(), NULL);
    assert_int_equal(seine_checksum32("123456789", 9), 0xE3069283); /* RFC 3720, appendix B.4 */
    assert_int_equal(seine_checksum32("", 0), 0);
}

/* The hash table of the Iceberg specification, appendix B. */
static void bucket_hash_equals_the_iceberg_vectors(void **state) {
    (void)state;
    const int64_t long_34 = 34;
    const int64_t date = 17486;
    const uint8_t bytes[] = {0, 1, 2, 3};
    assert_int_equal((int32_t)seine_murmur3(&long_34, 8), 2017239379);
    assert_int_equal((int32_t)seine_murmur3(&date, 8), -653330422);
    assert_int_equal((int32_t)seine_murmur3("iceberg", 7), 1210000089);
    assert_int_equal((int32_t)seine_murmur3(bytes, 4), -188683207);
    assert_int_equal(seine_murmur3("", 0), 0);
}

static void content_sums_do_not_depend_on_the_order(void **state) {
    (void)state;
    const seine_hash128 a = seine_hash128_of("a", 1);
    const seine_hash128 b = seine_hash128_of("b", 1);
    const seine_hash128 c = {UINT64_MAX, UINT64_MAX};
    const seine_hash128 abc = seine_hash128_add(seine_hash128_add(a, b), c);
    assert_true(seine_hash128_equal(abc, seine_hash128_add(c, seine_hash128_add(b, a))));
    assert_true(seine_hash128_equal(seine_hash128_sub(seine_hash128_sub(abc, b), c), a));
    assert_false(seine_hash128_equal(a, b));
    const seine_hash128 one = {1, 0};
    assert_true(seine_hash128_equal(seine_hash128_add(c, one), (seine_hash128){0, 0}));
}

static void a_hash_as_text_reads_back(void **state) {
    (void)state;
    char hex[33];
    const seine_hash128 hash = {.low = 0x0123456789ABCDEF, .high = 0xFEDCBA9876543210};
    seine_hash128_hex(hash, hex);
    assert_string_equal(hex, "fedcba98765432100123456789abcdef");
    seine_hash128 back = {0, 0};
    assert_true(seine_hash128_parse(seine_str_of(hex), &back) && seine_hash128_equal(hash, back));
    assert_false(seine_hash128_parse(SEINE_STR("fedc"), &back));
    hex[5] = 'g';
    assert_false(seine_hash128_parse(seine_str_of(hex), &back));
}

/* ---- addresses ------------------------------------------------------------------------------------------------- */

static void an_address_is_kept_without_its_secrets(void **state) {
    (void)state;
    static const struct {
        const char *whole, *kept;
    } cases[] = {
        {"https://ann:s3cret@host:8443/a/b.zip", "https://host:8443/a/b.zip"},
        {"http://ann@host", "http://host"},
        {"HTTP://ann:p@ss:w@host/@x", "HTTP://host/@x"},
        {"https://h/x?X-Amz-Signature=ab&day=1&X-Amz-Credential=c#f", "https://h/x?day=1#f"},
        {"https://h/x?sig=1", "https://h/x"},
        {"https://h/x?access_token&&y=2", "https://h/x?&y=2"},
        {"https://u:p@h?token=1", "https://h"},
        {"file:///data/a?key=1.csv", "file:///data/a?key=1.csv"},
        {"/data/u:p@h/x?token=1", "/data/u:p@h/x?token=1"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_arena arena = {0};
        assert_string_equal(seine_url_without_secrets(cases[i].whole, &arena), cases[i].kept);
        seine_arena_free(&arena);
    }
}

static void what_stands_in_addresses_is_encoded(void **state) {
    (void)state;
    seine_arena arena = {0};
    assert_string_equal(seine_url_encode(&arena, "a/b c=%~", true), "a/b%20c%3D%25~");
    assert_string_equal(seine_url_encode(&arena, "a/b\n\xC3\xA9", false), "a%2Fb%0A%C3%A9");
    seine_arena_free(&arena);
}

static void an_address_of_this_machine_is_told_by_its_digits(void **state) {
    (void)state;
    static const char *const ours[] = {"127.0.0.1", "127.0.0.1:9000", "127.255.255.255", "::1", "[::1]", "[::1]:80"};
    static const char *const others[] = {"localhost",
                                         "127.0.0.1.example.org",
                                         "127.evil.example:80",
                                         "10.0.0.1",
                                         "128.0.0.1",
                                         "127.1",
                                         "::12",
                                         "[::1]x",
                                         "",
                                         "127.0.0.1111111111111",
                                         "127.300.0.1",
                                         "127.+0.0.1",
                                         " 127.0.0.1"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) assert_true(seine_url_is_loopback(ours[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_false(seine_url_is_loopback(others[i]));
}

static void base64_has_four_digits_for_three_bytes(void **state) {
    (void)state;
    static const char *const texts[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"\xff\xfe", "//4="}};
    char text[SEINE_BASE64_SIZE(5)];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        seine_base64(texts[i][0], strlen(texts[i][0]), text);
        assert_string_equal(text, texts[i][1]);
    }
}

static void a_scheme_tells_an_address_from_a_path(void **state) {
    (void)state;
    assert_int_equal(seine_url_scheme("s3://bucket/lake"), 2);
    assert_int_equal(seine_url_scheme("git+ssh://x"), 7);
    static const char *const paths[] = {"", "lake", "./s3://b", "a:b", "C:/x", "3s://b", "s3:/b", "://b", "a b://c"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) assert_int_equal(seine_url_scheme(paths[i]), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_own_words),
        cmocka_unit_test(a_failure_keeps_status_and_text),
        cmocka_unit_test(a_long_failure_is_cut),
        cmocka_unit_test(comparing_ignores_ascii_case_only),
        cmocka_unit_test(trimming_takes_blanks_and_tabs),
        cmocka_unit_test(utf8_is_checked_as_unicode_says),
        cmocka_unit_test(distance_counts_single_changes),
        cmocka_unit_test(a_buffer_grows_to_its_maximum_and_no_further),
        cmocka_unit_test(a_buffer_prints_more_than_it_had_room_for),
        cmocka_unit_test(arena_memory_is_zeroed_aligned_and_separate),
        cmocka_unit_test(equal_texts_share_a_code),
        cmocka_unit_test(the_empty_text_and_nul_bytes_are_texts_too),
        cmocka_unit_test(digests_equal_published_vectors),
        cmocka_unit_test(bucket_hash_equals_the_iceberg_vectors),
        cmocka_unit_test(content_sums_do_not_depend_on_the_order),
        cmocka_unit_test(a_hash_as_text_reads_back),
        cmocka_unit_test(an_address_is_kept_without_its_secrets),
        cmocka_unit_test(what_stands_in_addresses_is_encoded),
        cmocka_unit_test(a_scheme_tells_an_address_from_a_path),
        cmocka_unit_test(an_address_of_this_machine_is_told_by_its_digits),
        cmocka_unit_test(base64_has_four_digits_for_three_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
