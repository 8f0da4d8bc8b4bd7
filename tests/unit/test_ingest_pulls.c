/* Records of an API that two processes bring at once: no two rows of a source get one number. */
#include "columns/dataset_read.h"
#include "ingest/intake.h"
#include "io/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

typedef struct fixture {
    char folder[256], lake[300];
    seine_error error;
    seine_arena arena;
    const seine_dataset *dataset;
} fixture;

static void assert_ok(const fixture *f, seine_status status) {
    if (status != SEINE_OK) fail_msg("%s", f->error.text);
}

static fixture *make_lake(void) {
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    const char *temp = getenv("TMPDIR");
    snprintf(f->folder, sizeof f->folder, "%s/seine-pulls-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->lake, sizeof f->lake, "%s/lake", f->folder);
    assert_ok(f, seine_catalog_create(f->lake, 1, &f->error));
    assert_ok(f, seine_dataset_read(seine_dataset_built_in("telematics"), "telematics", NULL, &f->arena, &f->dataset,
                                    &f->error));
    return f;
}

static void drop_lake(fixture *f) {
    seine_arena_free(&f->arena);
    assert_int_equal(seine_file_remove_tree(f->folder, NULL), SEINE_OK);
    free(f);
}

/* A session with one record more than the lake has. */
static seine_session *pull(fixture *f, const char *name, const char *payload) {
    seine_session *session = NULL;
    seine_ingest_options options = seine_ingest_options_default();
    options.dataset = f->dataset;
    options.threads = 1;
    const seine_record record = {.payload = seine_str_of(payload), .url = SEINE_STR("http://h/v")};
    const seine_record_run run = {.name = name, .records = &record, .count = 1};
    assert_ok(f, seine_session_open(f->lake, &options, true, &session, &f->error));
    assert_ok(f, seine_intake_runs(session, &run, 1, "http://h/v", &f->error));
    return session;
}

static const char one[] = "{\"vin\":\"a\",\"timestamp\":1700000000000,\"velocity\":1,\"gearPosition\":\"1\"}",
                  two[] = "{\"vin\":\"a\",\"timestamp\":1700000001000,\"velocity\":1,\"gearPosition\":\"1\"}",
                  three[] = "{\"vin\":\"a\",\"timestamp\":1700000002000,\"velocity\":1,\"gearPosition\":\"1\"}";

static void a_source_that_went_on_meanwhile_is_not_written_over(void **state) {
    (void)state;
    fixture *f = make_lake();
    seine_session *first = pull(f, "pull-1", one);
    assert_ok(f, seine_intake_commit(first, SEINE_NO_SOURCE, &f->error));
    seine_session_close(first);

    seine_session *slow = pull(f, "pull-2", two);
    seine_lease_release(slow->lease); /* it slept too long */
    slow->lease = NULL;
    seine_session *quick = pull(f, "pull-3", three);
    assert_ok(f, seine_intake_commit(quick, SEINE_NO_SOURCE, &f->error));
    assert_int_equal(quick->sources.count, 1); /* that of the first */
    assert_int_equal(quick->sources.items[0].row.rows, 2);
    seine_session_close(quick);

    assert_int_equal(seine_intake_commit(slow, SEINE_NO_SOURCE, &f->error), SEINE_E_CONFLICT);
    assert_non_null(strstr(f->error.text, "pull-1: somebody else changed it while records were brought to it"));
    seine_session_close(slow);
    drop_lake(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_source_that_went_on_meanwhile_is_not_written_over)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
