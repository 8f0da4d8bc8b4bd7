/* Every allocation of a refresh fails: the lake stays whole, and refreshed again it has the same events and tables. */
#include "unit/nomem_lake.h"

#include "ingest/ingest.h"
#include "ingest/reference/reference.h"
#include "refresh/refresh.h"
#include "unit/task_support.h"

#define MOST 60

static nomem_fixture fixture;

#define HEADER                                                                                                \
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft," \
    "Cargo,TransceiverClass\n"

/* Two vessels with silences of more than six hours, over two days. */
static const char two_days[] = HEADER "111,2020-03-01T00:00:00,10.5,-20.25,1.0,90.0,90,A,,,,,,,,,A\n"
                                      "111,2020-03-01T12:00:00,10.6,-20.25,1.0,90.0,90,A,,,,,,,,,A\n"
                                      "222,2020-03-01T01:00:00,11.5,-21.25,1.0,90.0,90,B,,,,,,,,,B\n"
                                      "222,2020-03-01T01:10:00,11.5,-21.35,1.0,90.0,90,B,,,,,,,,,B\n"
                                      "111,2020-03-02T20:00:00,10.5,-20.25,1.0,90.0,90,A,,,,,,,,,A\n"
                                      "222,2020-03-02T01:00:00,11.5,-21.25,1.0,90.0,90,B,,,,,,,,,B\n";
static const char late[] = HEADER "111,2020-03-01T06:30:00,10.55,-20.25,1.0,90.0,90,A,,,,,,,,,A\n"
                                  "333,2020-03-02T20:00:00,10.5,-20.25,1.0,90.0,90,C,,,,,,,,,A\n";
static const char ports[] = "id,name,lat,lon,country\nP1,Port,10.5,-20.2,PT\nP2,Other,11.4,-21.3,ES\n";
static const char weather[] =
    "time,lat,lon,wind_speed\n2020-03-01T00:00:00Z,10.5,-20,5\n2020-03-02T00:00:00Z,10.5,-20,6\n";

static void ingest(const char *name, const char *text) {
    char path[600];
    const char *paths[] = {path};
    seine_ingest_options options = seine_ingest_options_default();
    seine_ingest_report report;
    nomem_write(&fixture, name, text, path);
    options.threads = 1;
    must(seine_ingest_files(fixture.lake, paths, 1, &options, &report, &error));
    assert_int_equal(report.failed, 0);
}

static seine_status refresh_only(const char *lake, const seine_models_options *models, const char *word,
                                 seine_error *error) {
    seine_refresh_options options = seine_refresh_options_default();
    seine_refresh_report report = {0};
    seine_models_report models_report = {0};
    options.now_us = INT64_C(1700000000) * 1000000;
    options.by = SEINE_BY_SEGMENT;
    options.only = &word;
    options.only_count = word != NULL;
    options.models = models;
    options.models_report = &models_report;
    seine_status status = seine_refresh(lake, &options, &report, error);
    if (status == SEINE_OK && models_report.failure_count > 0) {
        status = seine_fail(error, SEINE_E_NOMEM, "%s", models_report.failures[0]);
        if (strstr(models_report.failures[0], "memory") == NULL)
            status = seine_fail(error, SEINE_E_INTERNAL, "a day is told as %s", models_report.failures[0]);
    }
    if (status == SEINE_OK && models_report.refused_count > 0)
        status = seine_fail(error, SEINE_E_INTERNAL, "a model is refused: %s", models_report.refused[0]);
    seine_models_report_free(&models_report);
    seine_refresh_report_free(&report);
    return status;
}

static seine_status refresh_late_by_tasks(const char *lake, seine_error *error) {
    seine_models_report models_report = {0};
    const seine_models_options models = {.threads = 1, .now_us = INT64_C(1700000000) * 1000000};
    const char *const words[] = {"gaps", "pairs"};
    seine_refresh_options options = seine_refresh_options_default();
    options.now_us = INT64_C(1700000000) * 1000000;
    options.only = words;
    options.only_count = 2;
    options.models = &models;
    options.models_report = &models_report;
    return refresh_by_tasks(lake, &options, NULL, NULL, NULL, error);
}

static seine_status refresh_detectors(const char *lake, seine_error *error) {
    return refresh_only(lake, NULL, NULL, error);
}

static seine_status refresh_all(const char *lake, seine_error *error) {
    const seine_models_options models = {.threads = 1, .now_us = INT64_C(1700000000) * 1000000};
    return refresh_only(lake, &models, NULL, error);
}

static seine_status refresh_pairs(const char *lake, seine_error *error) {
    const seine_models_options models = {.threads = 1, .now_us = INT64_C(1700000000) * 1000000};
    return refresh_only(lake, &models, "pairs", error);
}

static char ports_path[600], weather_path[600];

static seine_status load(const char *lake, const char *path, seine_reference_kind kind, seine_error *error) {
    const seine_reference_options options = {.kind = kind};
    seine_reference_report report = {0};
    const seine_status status = seine_reference_load(lake, path, &options, &report, error);
    seine_reference_report_free(&report);
    return status;
}

static seine_status load_ports(const char *lake, seine_error *error) {
    return load(lake, ports_path, SEINE_REFERENCE_PORTS, error);
}

static seine_status load_weather(const char *lake, seine_error *error) {
    return load(lake, weather_path, SEINE_REFERENCE_WEATHER, error);
}

static size_t findings;

static void count_finding(void *context, const char *text) {
    (void)context;
    print_error("finding: %s\n", text);
    findings++;
}

static seine_status verify_deep(const char *lake, seine_error *error) {
    const seine_verify_options options = {.deep = true, .threads = 1, .finding = count_finding};
    seine_verify_report report;
    findings = 0;
    const seine_status status = seine_verify(lake, &options, &report, error);
    seine_verify_report_free(&report);
    if (findings > 0) return seine_fail(error, SEINE_E_INTERNAL, "%zu findings in a good lake", findings);
    return status;
}

static int make_lake(void **state) {
    (void)state;
    nomem_make(&fixture);
    must(seine_catalog_create(fixture.lake, 2, &error));
    ingest("days.csv", two_days);
    nomem_write(&fixture, "ports.csv", ports, ports_path);
    nomem_write(&fixture, "weather.csv", weather, weather_path);
    nomem_prepared(&fixture);
    return 0;
}

static int drop_lake(void **state) {
    (void)state;
    nomem_drop(&fixture);
    return 0;
}

/* Each test begins with the lake that the one before leaves. */
static void loading_reference_tables(void **state) {
    (void)state;
    nomem_check_lake(&fixture, load_ports, MOST);
    nomem_prepared(&fixture);
    nomem_check_lake(&fixture, load_weather, MOST);
    nomem_prepared(&fixture);
}

static void detectors_from_the_first_day(void **state) {
    (void)state;
    nomem_check_lake(&fixture, refresh_detectors, MOST);
    nomem_prepared(&fixture);
}

static void models_that_are_named(void **state) {
    (void)state;
    nomem_check_lake(&fixture, refresh_pairs, MOST / 4);
    nomem_prepared(&fixture);
}

static void models_of_all_days(void **state) {
    (void)state;
    nomem_check_lake(&fixture, refresh_all, MOST / 4);
    nomem_prepared(&fixture);
}

/* The lake keeps the late file for the next test. */
static void plan_work_and_commit_after_a_late_file(void **state) {
    (void)state;
    ingest("late.csv", late);
    nomem_prepared(&fixture);
    fixture.may_leave_orphans = true;
    nomem_check_lake(&fixture, refresh_late_by_tasks, MOST / 4);
    fixture.may_leave_orphans = false;
}

static void detectors_after_a_late_file(void **state) {
    (void)state;
    nomem_check_lake(&fixture, refresh_detectors, MOST);
    nomem_prepared(&fixture);
}

static void a_proof_of_the_lake(void **state) {
    (void)state;
    nomem_check_lake(&fixture, verify_deep, MOST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loading_reference_tables),
        cmocka_unit_test(detectors_from_the_first_day),
        cmocka_unit_test(models_that_are_named),
        cmocka_unit_test(models_of_all_days),
        cmocka_unit_test(plan_work_and_commit_after_a_late_file),
        cmocka_unit_test(detectors_after_a_late_file),
        cmocka_unit_test(a_proof_of_the_lake),
    };
    return cmocka_run_group_tests(tests, make_lake, drop_lake);
}
