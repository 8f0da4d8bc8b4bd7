/* links: fetch ingest table engine columns decode io base */
/* Addresses of archives, digests of what comes, positions of jobs. */
#include "table_support.h"

#include "base/time.h"
#include "fetch/internal.h"
#include "io/patience.h"

static seine_mirror open_mirror(const char *base, seine_arena *arena) {
    seine_mirror mirror;
    assert_int_equal(seine_mirror_open(base, arena, &mirror, NULL), SEINE_OK);
    return mirror;
}

static void addresses_come_in_the_order_of_the_specification(void **state) {
    (void)state;
    static const char *const expected[] = {"AIS_2018_06_01.csv.zst", "AIS_2018_06_01.zst",     "AIS_2018_06_01.zip",
                                           "AIS_2018_06_01.csv.gz",  "ais-2018-06-01.csv.zst", "ais-2018-06-01.zst",
                                           "ais-2018-06-01.zip",     "ais-2018-06-01.csv.gz"};
    seine_arena arena = {0};
    const seine_mirror mirror = open_mirror("https://example.org/<year>/of/<year>", &arena);
    assert_int_equal(seine_mirror_forms(&mirror), 8);
    for (size_t form = 0; form < 8; form++) {
        char name[SEINE_FETCH_NAME_BYTES], url[SEINE_FETCH_URL_BYTES], whole[200];
        seine_mirror_form(&mirror, seine_days_from_civil(2018, 6, 1), form, name, url);
        snprintf(whole, sizeof whole, "https://example.org/2018/of/2018/%s", expected[form]);
        assert_string_equal(name, expected[form]);
        assert_string_equal(url, whole);
    }
    seine_arena_free(&arena);
}

static void without_a_mark_the_year_is_a_folder_first(void **state) {
    (void)state;
    seine_arena arena = {0};
    char name[SEINE_FETCH_NAME_BYTES], url[SEINE_FETCH_URL_BYTES];
    const seine_mirror mirror = open_mirror("http://example.org/ais", &arena);
    assert_int_equal(seine_mirror_forms(&mirror), 16);
    seine_mirror_form(&mirror, 0, 0, name, url);
    assert_string_equal(url, "http://example.org/ais/1970/AIS_1970_01_01.csv.zst");
    seine_mirror_form(&mirror, 0, 15, name, url);
    assert_string_equal(url, "http://example.org/ais/ais-1970-01-01.csv.gz");
    seine_arena_free(&arena);
}

static void other_schemes_and_missing_folders_are_refused(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_mirror mirror;
    assert_int_equal(seine_mirror_open("ftp://example.org/", &arena, &mirror, NULL), SEINE_E_USAGE);
    assert_int_equal(seine_mirror_open("", &arena, &mirror, NULL), SEINE_E_USAGE);
    assert_int_equal(seine_mirror_open("/no/such/folder", &arena, &mirror, NULL), SEINE_E_NOT_FOUND);
    seine_arena_free(&arena);
}

static void an_md5_in_pieces_is_that_of_the_whole(void **state) {
    (void)state;
    char found[33];
    seine_md5 *md5 = seine_md5_new();
    assert_non_null(md5);
    seine_md5_update(md5, "message ", 8);
    seine_md5_update(md5, "", 0);
    seine_md5_update(md5, "digest", 6);
    seine_md5_finish(md5, found);
    assert_string_equal(found, "f96b697d7cb7938d525a2f31aaf161d0"); /* RFC 1321, A.5 */
}

static void positions_of_a_job_are_read_back_in_order(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    const seine_position_row put[] = {{"job", "b", "", "1"},
                                      {"job", "a", "2", "2"},
                                      {"job", "a", "1", "3"},
                                      {"other", "a", "1", "4"},
                                      {"job", "b", "", "5"}};
    seine_commit *commit = NULL;
    assert_ok(&l, seine_commit_begin(l.catalog, NULL, &commit, &l.error));
    for (size_t i = 0; i < sizeof put / sizeof *put; i++)
        assert_ok(&l, seine_ledger_put_position(commit, &put[i], &l.error));
    assert_ok(&l, seine_commit_run(commit, &l.error));
    static const char *const expected[][3] = {{"a", "1", "3"}, {"a", "2", "2"}, {"b", "", "5"}};
    seine_position_row *rows;
    size_t count;
    assert_ok(&l, seine_ledger_positions(l.catalog, "job", &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(rows[i].source, expected[i][0]);
        assert_string_equal(rows[i].partition, expected[i][1]);
        assert_string_equal(rows[i].position, expected[i][2]);
    }
    lake_drop(&l);
}

static void only_passing_answers_are_tried_again(void **state) {
    (void)state;
    static const int passing[] = {408, 425, 429, 500, 502, 503, 504},
                     final[] = {200, 206, 401, 403, 404, 405, 410, 501};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) assert_true(seine_http_code_is_passing(passing[i]));
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) assert_false(seine_http_code_is_passing(final[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_come_in_the_order_of_the_specification),
        cmocka_unit_test(without_a_mark_the_year_is_a_folder_first),
        cmocka_unit_test(other_schemes_and_missing_folders_are_refused),
        cmocka_unit_test(an_md5_in_pieces_is_that_of_the_whole),
        cmocka_unit_test(positions_of_a_job_are_read_back_in_order),
        cmocka_unit_test(only_passing_answers_are_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
