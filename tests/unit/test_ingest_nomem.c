/* Every allocation of ingest fails: the lake stays whole, and the same files taken in again give the same tables. */
#include "unit/nomem_lake.h"

#include "ingest/ingest.h"

#define HEADER "MMSI,BaseDateTime,LAT,LON,SOG,VesselName\n"

#define MOST 80

static nomem_fixture fixture;

static const char day_one[] = HEADER "111,2025-01-01T00:00:00,1,1,,ONE\n222,2025-01-01T00:00:01,2,2,,TWO\n"
                                     "111,2025-01-01T00:00:00,1.5,1,,AGAIN\n333,2025-01-01T00:00:02,95,2,,BAD\n"
                                     "111,2025-01-02T00:00:00,3,3,,NEXT\n";
static const char day_one_again[] = HEADER "111,2025-01-01T00:00:00,1,1,,ONE\n222,2025-01-01T00:00:09,2,2,,TWO\n";
static const char late[] = HEADER "222,2025-01-01T00:00:01,9,9,,LATE\n444,2025-01-01T00:00:05,4,4,,FOUR\n";

/* What the last file that was not taken in was told. */
static void remember(void *context, const seine_ingest_result *result) {
    if (result->outcome == SEINE_INGEST_FAILED) (void)snprintf(context, 1024, "%s", result->message);
}

static seine_status ingest(const char *lake, const char *path, bool replace, seine_error *error) {
    char why[1024] = "";
    seine_ingest_options options = seine_ingest_options_default();
    seine_ingest_report report = {0};
    options.threads = 1;
    options.replace = replace;
    options.report = remember;
    options.context = why;
    const seine_status status = seine_ingest_files(lake, &path, 1, &options, &report, error);
    if (status != SEINE_OK || report.failed == 0) return status;
    return seine_fail(error, SEINE_E_NOMEM, "%s", why); /* one file that fails keeps no other out */
}

static char day_path[600], again_path[600], late_path[600];

static seine_status ingest_day(const char *lake, seine_error *error) { return ingest(lake, day_path, false, error); }
static seine_status ingest_late(const char *lake, seine_error *error) { return ingest(lake, late_path, false, error); }
static seine_status ingest_again(const char *lake, seine_error *error) { return ingest(lake, again_path, true, error); }

static seine_status remove_late(const char *lake, seine_error *error) {
    const seine_ingest_options options = seine_ingest_options_default();
    seine_ingest_report report;
    return seine_ingest_remove(lake, "late.csv", &options, &report, error);
}

static int make_lake(void **state) {
    (void)state;
    char folder[600];
    nomem_make(&fixture);
    nomem_write(&fixture, "ais-2025-01-01.csv", day_one, day_path);
    snprintf(folder, sizeof folder, "%s/again", fixture.folder);
    must(seine_file_make_folders(folder, &error));
    nomem_write(&fixture, "again/ais-2025-01-01.csv", day_one_again, again_path);
    nomem_write(&fixture, "late.csv", late, late_path);
    must(seine_catalog_create(fixture.lake, 2, &error));
    nomem_prepared(&fixture);
    return 0;
}

static int drop_lake(void **state) {
    (void)state;
    nomem_drop(&fixture);
    return 0;
}

/* Each test begins with the lake that the one before leaves. */
static void a_first_file(void **state) {
    (void)state;
    nomem_check_lake(&fixture, ingest_day, MOST);
    nomem_prepared(&fixture);
}

static void a_late_file(void **state) {
    (void)state;
    nomem_check_lake(&fixture, ingest_late, MOST);
    nomem_prepared(&fixture);
}

static void a_file_published_again(void **state) {
    (void)state;
    nomem_check_lake(&fixture, ingest_again, MOST);
    nomem_prepared(&fixture);
}

static void a_file_taken_out(void **state) {
    (void)state;
    nomem_check_lake(&fixture, remove_late, MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_file),
        cmocka_unit_test(a_late_file),
        cmocka_unit_test(a_file_published_again),
        cmocka_unit_test(a_file_taken_out),
    };
    return cmocka_run_group_tests(tests, make_lake, drop_lake);
}
