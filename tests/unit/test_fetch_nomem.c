/* Every allocation of a fetch fails: the lake stays whole, and the same days fetched again are all there. */
#include "unit/nomem_lake.h"

#include "base/time.h"
#include "fetch/fetch.h"

#define MOST 100

static nomem_fixture fixture;
static char mirror[300];

/* Archives by their first bytes; nobody unpacks them here. */
static void publish(const char *name, const char *text) {
    char path[400], bytes[100];
    const int size = snprintf(bytes, sizeof bytes, "\x28\xB5\x2F\xFD%s", text);
    (void)snprintf(path, sizeof path, "%s/%s", mirror, name);
    must(seine_file_write(path, bytes, (size_t)size, SEINE_FILE_REPLACE, &error));
}

/* What the last day that failed was told. */
static void remember(void *context, const seine_fetch_day *day) {
    if (day->outcome == SEINE_FETCH_FAILED) (void)snprintf(context, 1024, "%s", day->message);
}

/* Parts stay for the next fetch, which gives the same when there are none. Called where all allocations fail. */
static void drop_parts(const char *lake) {
    static const char *const names[] = {"AIS_2025_01_01.csv.zst.part", "AIS_2025_01_01.csv.zst.json",
                                        "ais-2025-01-02.zip.part", "ais-2025-01-02.zip.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s/tmp/fetch/%s", lake, names[i]);
        (void)unlink(path);
    }
}

static seine_status fetch(const char *lake, seine_error *error) {
    char why[1024] = "";
    seine_fetch_options options = seine_fetch_options_default();
    seine_fetch_report report = {0};
    options.base_url = mirror;
    options.from = seine_days_from_civil(2025, 1, 1);
    options.to = options.from + 1;
    options.jobs = 1;
    options.retries = 0;
    options.report = remember;
    options.context = why;
    const seine_status status = seine_fetch_noaa(lake, &options, &report, error);
    drop_parts(lake);
    if (status != SEINE_OK || report.failed == 0) return status;
    return seine_fail(error, SEINE_E_NOMEM, "%s", why); /* one day that fails keeps no other out */
}

static int make_lake(void **state) {
    (void)state;
    nomem_make(&fixture);
    (void)snprintf(mirror, sizeof mirror, "%s/mirror", fixture.folder);
    must(seine_file_make_folders(mirror, &error));
    publish("AIS_2025_01_01.csv.zst", "one");
    publish("ais-2025-01-02.zip", "two");
    must(seine_catalog_create(fixture.lake, 1, &error));
    nomem_prepared(&fixture);
    return 0;
}

static int drop_lake(void **state) {
    (void)state;
    nomem_drop(&fixture);
    return 0;
}

static void first_archives(void **state) {
    (void)state;
    nomem_check_lake(&fixture, fetch, MOST);
    nomem_prepared(&fixture);
}

static void archives_that_changed(void **state) {
    (void)state;
    publish("AIS_2025_01_01.csv.zst", "one, made anew");
    nomem_check_lake(&fixture, fetch, MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_archives),
        cmocka_unit_test(archives_that_changed),
    };
    return cmocka_run_group_tests(tests, make_lake, drop_lake);
}
