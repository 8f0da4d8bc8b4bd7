/* links: fetch ingest table engine columns decode io base */
/* Archives from a mirror in a folder: what is fetched, what is known already, what changed, and what is told of it. */
#include "table_support.h"

#include "base/time.h"
#include "fetch/internal.h"
#include "table/run.h"
#include "table/source.h"

enum { DAYS = 5, TOLD = 64 };

/** A lake, a mirror beside it, and what the last run told. */
typedef struct bench {
    lake l;
    char mirror[300];
    seine_fetch_options options;
    seine_fetch_report report;
    size_t told;
    struct {
        int32_t day;
        seine_fetch_outcome outcome;
        char name[64], url[400], message[400], cause[400];
        int64_t bytes, resumed;
    } days[TOLD];
} bench;

static void note_day(void *context, const seine_fetch_day *day) {
    bench *b = context;
    assert_true(b->told < TOLD);
    b->days[b->told].day = day->day;
    b->days[b->told].outcome = day->outcome;
    b->days[b->told].bytes = day->bytes;
    b->days[b->told].resumed = day->resumed;
    (void)snprintf(b->days[b->told].name, sizeof b->days->name, "%s", day->name);
    (void)snprintf(b->days[b->told].url, sizeof b->days->url, "%s", day->url);
    (void)snprintf(b->days[b->told].message, sizeof b->days->message, "%s", day->message);
    (void)snprintf(b->days[b->told].cause, sizeof b->days->cause, "%s", day->cause);
    b->told++;
}

/* An archive by its first bytes; nobody unpacks it here. */
static void publish(bench *b, const char *name, const char *text) {
    char path[600], bytes[300];
    (void)snprintf(path, sizeof path, "%s/%s", b->mirror, name);
    const int size = snprintf(bytes, sizeof bytes, "\x28\xB5\x2F\xFD%s", text);
    assert_ok(&b->l, seine_file_write(path, bytes, (size_t)size, SEINE_FILE_REPLACE, &b->l.error));
}

static void bench_make(bench *b) {
    memset(b, 0, sizeof *b);
    lake_make(&b->l, 1);
    (void)snprintf(b->mirror, sizeof b->mirror, "%s/mirror", b->l.folder);
    assert_ok(&b->l, seine_file_make_folders(b->mirror, &b->l.error));
    b->options = seine_fetch_options_default();
    b->options.base_url = b->mirror;
    b->options.from = seine_days_from_civil(2025, 1, 1);
    b->options.to = b->options.from + DAYS - 1;
    b->options.report = note_day;
    b->options.context = b;
    b->options.backoff_us = 1;
    b->options.retries = 1;
}

static void fetch(bench *b) {
    b->told = 0;
    assert_ok(&b->l, seine_fetch_noaa(b->l.path, &b->options, &b->report, &b->l.error));
    const seine_fetch_report *r = &b->report;
    assert_int_equal(r->days, b->options.to - b->options.from + 1);
    assert_int_equal(b->told, r->days);
    assert_int_equal(r->absent + r->present + r->found + r->fetched + r->replaced + r->failed, r->days);
}

/* What was told of a day, each day once. */
static size_t told_of(const bench *b, int day) {
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < b->told; i++) {
        if (b->days[i].day != b->options.from + day) continue;
        assert_int_equal(found, SIZE_MAX);
        found = i;
    }
    assert_int_not_equal(found, SIZE_MAX);
    return found;
}

static seine_source *sources(bench *b, size_t *count) {
    seine_source *rows = NULL;
    assert_ok(&b->l, seine_ledger_sources(b->l.catalog, SEINE_DATASET_AIS, &b->l.arena, &rows, count, &b->l.error));
    return rows;
}

static void two_archives_are_published(bench *b) {
    publish(b, "AIS_2025_01_02.csv.zst", "the second");
    publish(b, "ais-2025-01-04.csv.zst", "day number four");
}

static void archives_of_a_folder_come_into_bronze_once(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    two_archives_are_published(&b);
    fetch(&b);
    assert_int_equal(b.report.fetched, 2);
    assert_int_equal(b.report.absent, 3);
    assert_int_equal(b.report.bytes, 4 + 10 + 4 + 15);
    assert_int_equal(b.report.loaded, 4 + 10 + 4 + 15);
    const size_t told = told_of(&b, 3);
    assert_int_equal(b.days[told].outcome, SEINE_FETCH_FETCHED);
    assert_string_equal(b.days[told].name, "ais-2025-01-04.csv.zst");
    assert_int_equal(b.days[told].bytes, 19);
    assert_int_equal(b.days[told].resumed, 0);
    assert_string_equal(b.days[told].message, "");
    assert_string_equal(b.days[told_of(&b, 0)].name, "");
    assert_string_equal(b.days[told_of(&b, 0)].url, "");
    assert_int_equal(b.days[told_of(&b, 0)].bytes, -1);
    size_t count = 0;
    const seine_source *rows = sources(&b, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        char path[900];
        assert_int_equal(rows[i].state, SEINE_SOURCE_FETCHED);
        assert_true(rows[i].has_declared_day);
        assert_int_equal(strncmp(rows[i].url, "file://", 7), 0);
        (void)snprintf(path, sizeof path, "%s/%s", b.l.path, rows[i].bronze_path);
        assert_string_equal(lake_text(&b.l, path) + 4,
                            rows[i].declared_day == b.options.from + 1 ? "the second" : "day number four");
    }
    assert_int_equal(lake_count(&b.l, "tmp/fetch"), 0); /* nothing of it is left */
    seine_run_row *runs = NULL;
    assert_ok(&b.l, seine_runs(b.l.catalog, 0, &b.l.arena, &runs, &count, &b.l.error));
    assert_int_equal(count, 2); /* one commit each, of one command */
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(runs[i].command, "fetch");
        assert_non_null(strstr(runs[i].manifest, "\"files\":1"));
        assert_non_null(strstr(runs[i].manifest, "\"sha256\":"));
    }
    fetch(&b);
    assert_int_equal(b.report.present, 2);
    assert_int_equal(b.report.fetched, 0);
    assert_int_equal(b.report.bytes, 0);
    assert_int_equal(b.report.loaded, 0);
    lake_drop(&b.l);
}

static void a_dry_run_tells_and_leaves_the_lake(void **state) {
    (void)state;
    bench b;
    size_t count = 0;
    bench_make(&b);
    two_archives_are_published(&b);
    b.options.dry_run = true;
    fetch(&b);
    assert_int_equal(b.report.found, 2);
    assert_int_equal(b.report.bytes, 33);
    for (int day = 0; day < DAYS; day++) assert_int_equal(told_of(&b, day), day); /* in the order of days */
    (void)sources(&b, &count);
    assert_int_equal(count, 0);
    lake_drop(&b.l);
}

static void an_archive_that_changed_takes_the_place_of_the_former(void **state) {
    (void)state;
    bench b;
    size_t count = 0, replaced = 0, fetched = 0;
    bench_make(&b);
    two_archives_are_published(&b);
    b.options.jobs = 2;
    fetch(&b);
    publish(&b, "AIS_2025_01_02.csv.zst", "the second, made anew");
    fetch(&b);
    assert_int_equal(b.report.replaced, 1);
    assert_int_equal(b.report.present, 1);
    assert_int_equal(b.report.bytes, 25);
    assert_int_equal(b.days[told_of(&b, 1)].outcome, SEINE_FETCH_REPLACED);
    const seine_source *rows = sources(&b, &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        fetched += rows[i].state == SEINE_SOURCE_FETCHED;
        if (rows[i].state != SEINE_SOURCE_REPLACED) continue;
        replaced++;
        assert_int_equal(rows[i].bytes, 14);
        assert_string_equal(rows[i].reason, "replaced by other bytes of the same name");
    }
    assert_int_equal(replaced, 1);
    assert_int_equal(fetched, 2);
    fetch(&b); /* what is noted of the former bytes says nothing of these */
    assert_int_equal(b.report.present, 2);
    assert_int_equal(b.report.loaded, 0);
    lake_drop(&b.l);
}

static void bytes_that_are_gone_from_the_lake_are_fetched_again(void **state) {
    (void)state;
    bench b;
    size_t count = 0;
    bench_make(&b);
    publish(&b, "AIS_2025_01_02.csv.zst", "the second");
    fetch(&b);
    char path[900];
    (void)snprintf(path, sizeof path, "%s/%s", b.l.path, sources(&b, &count)->bronze_path);
    assert_ok(&b.l, seine_file_remove(path, &b.l.error));
    fetch(&b);
    assert_int_equal(b.report.fetched + b.report.replaced, 1);
    assert_string_equal(lake_text(&b.l, path) + 4, "the second");
    lake_drop(&b.l);
}

static void an_archive_from_elsewhere_stays_unless_told_to_replace(void **state) {
    (void)state;
    bench b, other;
    bench_make(&b);
    publish(&b, "AIS_2025_01_02.csv.zst", "the second");
    fetch(&b);
    other = b;
    (void)snprintf(b.mirror, sizeof b.mirror, "%s/elsewhere", b.l.folder);
    assert_ok(&b.l, seine_file_make_folders(b.mirror, &b.l.error));
    b.options.base_url = b.mirror;
    b.options.context = &b;
    publish(&b, "AIS_2025_01_02.csv.zst", "other words");
    fetch(&b);
    size_t told = told_of(&b, 1);
    assert_int_equal(b.report.failed, 1);
    assert_int_equal(b.days[told].outcome, SEINE_FETCH_FAILED);
    assert_non_null(
        strstr(b.days[told].message, "AIS_2025_01_02.csv.zst: the lake has other bytes of this name, from "));
    assert_non_null(strstr(b.days[told].message, other.mirror));
    b.options.replace = true;
    fetch(&b);
    assert_int_equal(b.report.replaced, 1);
    lake_drop(&b.l);
}

static void what_is_no_archive_or_too_long_fails_its_day_alone(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    two_archives_are_published(&b);
    char path[600];
    (void)snprintf(path, sizeof path, "%s/AIS_2025_01_01.csv.zst", b.mirror);
    assert_ok(&b.l, seine_file_write(path, "<html>", 6, SEINE_FILE_REPLACE, &b.l.error));
    b.options.max_bytes = 14; /* of the second day exactly */
    fetch(&b);
    assert_int_equal(b.report.fetched, 1);
    assert_int_equal(b.report.failed, 1);
    assert_int_equal(b.report.absent, 3); /* a page is what some say instead of 404 */
    const size_t told = told_of(&b, 3);
    assert_int_equal(b.days[told].outcome, SEINE_FETCH_FAILED);
    assert_string_equal(b.days[told].cause, "longer than the 14 bytes of --max-bytes");
    assert_non_null(strstr(b.days[told].message, "ais-2025-01-04.csv.zst: longer than"));
    lake_drop(&b.l);
}

static void behind_a_name_without_an_archive_the_next_name_is_taken(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    char path[600];
    (void)snprintf(path, sizeof path, "%s/AIS_2025_01_04.csv.zst", b.mirror);
    assert_ok(&b.l, seine_file_write(path, "<html>", 6, SEINE_FILE_REPLACE, &b.l.error));
    two_archives_are_published(&b);
    fetch(&b);
    assert_int_equal(b.report.fetched, 2);
    assert_int_equal(b.report.absent, 3);
    assert_string_equal(b.days[told_of(&b, 3)].name, "ais-2025-01-04.csv.zst");
    lake_drop(&b.l);
}

static void bytes_beyond_the_limit_are_not_kept_and_no_limit_takes_all(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    two_archives_are_published(&b);
    b.options.max_bytes = 1;
    fetch(&b);
    assert_int_equal(b.report.failed, 2);
    assert_int_equal(lake_count(&b.l, "tmp/fetch"), 0); /* bytes of no use are not kept */
    b.options.max_bytes = 0;                            /* no limit */
    fetch(&b);
    assert_int_equal(b.report.fetched, 2);
    lake_drop(&b.l);
}

static void a_preview_of_a_folder_tells_the_archives_of_its_year(void **state) {
    (void)state;
    bench b;
    bool from_index = true;
    bench_make(&b);
    two_archives_are_published(&b);
    publish(&b, "AIS_2025_01_04.csv.zst", "the name that is looked for first");
    publish(&b, "AIS_2024_12_31.csv.zst", "of another year");
    publish(&b, "AIS_2025_12_31.csv.zst", "the last day");
    assert_ok(&b.l, seine_fetch_preview(2025, &b.options, &from_index, &b.l.error));
    assert_false(from_index);
    static const char *const expected[] = {"AIS_2025_01_02.csv.zst", "AIS_2025_01_04.csv.zst",
                                           "AIS_2025_12_31.csv.zst"};
    assert_int_equal(b.told, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(b.days[i].outcome, SEINE_FETCH_FOUND);
        assert_string_equal(b.days[i].name, expected[i]);
    }
    lake_drop(&b.l);
}

static void archives_are_known_by_their_first_bytes(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        bool is_archive;
    } cases[] = {{"\x28\xB5\x2F\xFD", true},
                 {"\x29\xB5\x2F\xFD", false},
                 {"\x28\xB6\x2F\xFD", false},
                 {"\x28\xB5\x2E\xFD", false},
                 {"\x28\xB5\x2F\xFC", false},
                 {"\x50\x2A\x4D\x18", true},
                 {"\x5F\x2A\x4D\x18", true},
                 {"\x60\x2A\x4D\x18", false},
                 {"\x50\x2B\x4D\x18", false},
                 {"\x50\x2A\x4C\x18", false},
                 {"\x50\x2A\x4D\x19", false},
                 {"\x1F\x8B\x08\x01", true},
                 {"\x1E\x8B\x08\x01", false},
                 {"\x1F\x8A\x08\x01", false},
                 {"PK\x03\x04", true},
                 {"PK\x01\x02", true},
                 {"PK\x05\x06", true},
                 {"PK\x07\x08", true},
                 {"PK\x08\x09", true},
                 {"PK\x09\x0A", false},
                 {"PK\x03\x05", false},
                 {"PJ\x03\x04", false},
                 {"QK\x03\x04", false},
                 {"\x28\xB5\x2F", false},
                 {"", false}};
    lake l;
    lake_make(&l, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const seine_remote remote = {.name = "x", .url = "x", .shown = "x", .size = -1};
        seine_part part;
        bool is_archive = !cases[i].is_archive;
        assert_ok(&l, seine_part_open(l.folder, &remote, &l.arena, &part, &l.error));
        assert_ok(&l, seine_part_append(&part, cases[i].bytes, strlen(cases[i].bytes), &l.error));
        assert_ok(&l, seine_part_is_archive(&part, &is_archive, &l.error));
        if (is_archive != cases[i].is_archive) fail_msg("case %zu", i);
        seine_part_close(&part);
        seine_part_remove(&part);
    }
    lake_drop(&l);
}

/* What was noted of each version speaks of that version alone, in whatever order the versions lie in the ledger. */
static void many_versions_of_an_archive_are_told_apart(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    for (int version = 0; version < 6; version++) {
        char text[40];
        (void)snprintf(text, sizeof text, "version %.*s", version, "------");
        publish(&b, "AIS_2025_01_02.csv.zst", text);
        fetch(&b);
        assert_int_equal(b.report.fetched + b.report.replaced, 1);
        fetch(&b);
        assert_int_equal(b.report.present, 1);
        assert_int_equal(b.report.loaded, 0);
    }
    lake_drop(&b.l);
}

/* Where the lake's own disk is at fault, all ends. */
static void a_part_that_cannot_be_written_ends_the_fetch(void **state) {
    (void)state;
    bench b;
    char path[700];
    bench_make(&b);
    two_archives_are_published(&b);
    (void)snprintf(path, sizeof path, "%s/tmp/fetch/AIS_2025_01_02.csv.zst.part", b.l.path);
    assert_ok(&b.l, seine_file_make_folders(path, &b.l.error));
    assert_int_equal(seine_fetch_noaa(b.l.path, &b.options, &b.report, &b.l.error), SEINE_E_IO);
    assert_non_null(strstr(b.l.error.text, ".csv.zst.part: cannot open: "));
    lake_drop(&b.l);
}

static void options_out_of_range_are_refused(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    static const struct {
        int jobs, days;
        seine_status expected;
    } cases[] = {{0, 0, SEINE_E_USAGE},  {1, 0, SEINE_OK},       {16, 0, SEINE_OK},
                 {17, 0, SEINE_E_USAGE}, {1, -1, SEINE_E_USAGE}, {1, 36600, SEINE_E_USAGE}};
    b.options.dry_run = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        b.options.jobs = cases[i].jobs;
        b.options.to = b.options.from + cases[i].days;
        assert_int_equal(seine_fetch_noaa(b.l.path, &b.options, &b.report, &b.l.error), cases[i].expected);
    }
    lake_drop(&b.l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_of_a_folder_come_into_bronze_once),
        cmocka_unit_test(a_dry_run_tells_and_leaves_the_lake),
        cmocka_unit_test(an_archive_that_changed_takes_the_place_of_the_former),
        cmocka_unit_test(bytes_that_are_gone_from_the_lake_are_fetched_again),
        cmocka_unit_test(an_archive_from_elsewhere_stays_unless_told_to_replace),
        cmocka_unit_test(what_is_no_archive_or_too_long_fails_its_day_alone),
        cmocka_unit_test(behind_a_name_without_an_archive_the_next_name_is_taken),
        cmocka_unit_test(bytes_beyond_the_limit_are_not_kept_and_no_limit_takes_all),
        cmocka_unit_test(a_preview_of_a_folder_tells_the_archives_of_its_year),
        cmocka_unit_test(archives_are_known_by_their_first_bytes),
        cmocka_unit_test(many_versions_of_an_archive_are_told_apart),
        cmocka_unit_test(a_part_that_cannot_be_written_ends_the_fetch),
        cmocka_unit_test(options_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
