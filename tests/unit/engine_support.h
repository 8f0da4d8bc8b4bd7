/* Shared by the engine and Parquet tests: own temporary folder, an engine, one-value queries. */
#ifndef TESTS_UNIT_ENGINE_SUPPORT_H
#define TESTS_UNIT_ENGINE_SUPPORT_H

#include "engine/engine.h"
#include "io/file.h"
#include "parquet/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
/* After the standard headers, which it needs. */
#include <cmocka.h>

/** Fails the test with the text of the failure. */
#define assert_ok(call, error)                                \
    do {                                                      \
        if ((call) != SEINE_OK) fail_msg("%s", (error).text); \
    } while (0)

/** One per test: a folder of its own and an engine with one thread. */
typedef struct engine_fixture {
    char folder[512];
    seine_engine *engine;
} engine_fixture;

static inline int engine_setup(void **state) {
    engine_fixture *fixture = calloc(1, sizeof *fixture);
    const char *root = getenv("TMPDIR");
    snprintf(fixture->folder, sizeof fixture->folder, "%s/seine-engine-XXXXXX", root != NULL ? root : "/tmp");
    if (mkdtemp(fixture->folder) == NULL) return -1;
    const seine_engine_options options = {.threads = 1};
    *state = fixture;
    return seine_engine_open(&options, &fixture->engine, NULL) == SEINE_OK ? 0 : -1;
}

static inline int engine_teardown(void **state) {
    engine_fixture *fixture = *state;
    seine_engine_close(fixture->engine);
    const int failed = seine_file_remove_tree(fixture->folder, NULL) != SEINE_OK;
    free(fixture);
    return failed;
}

/** Starts a query that must work. */
static inline seine_query *start(seine_engine *engine, const char *sql) {
    seine_query *query = NULL;
    seine_error error = {0};
    assert_ok(seine_query_start(engine, sql, NULL, 0, &query, &error), error);
    return query;
}

/** The first value of a query as text ("NULL" when null or without rows), borrowed until the next call. */
static inline const char *first_text(seine_engine *engine, const char *sql, char text[256]) {
    seine_query *query = start(engine, sql);
    seine_rows rows;
    seine_error error = {0};
    assert_ok(seine_query_next(query, &rows, &error), error);
    snprintf(text, 256, "NULL");
    if (rows.count > 0 && (rows.columns[0].valid == NULL || rows.columns[0].valid[0])) {
        const seine_vec *vec = &rows.columns[0];
        switch (vec->type) {
        case SEINE_TYPE_BOOLEAN: snprintf(text, 256, "%d", ((const uint8_t *)vec->values)[0]); break;
        case SEINE_TYPE_INT:
        case SEINE_TYPE_DATE: snprintf(text, 256, "%d", ((const int32_t *)vec->values)[0]); break;
        case SEINE_TYPE_LONG:
        case SEINE_TYPE_TIMESTAMPTZ: snprintf(text, 256, "%lld", (long long)((const int64_t *)vec->values)[0]); break;
        case SEINE_TYPE_DOUBLE: snprintf(text, 256, "%.17g", ((const double *)vec->values)[0]); break;
        case SEINE_TYPE_STRING:
        case SEINE_TYPE_BINARY: {
            const seine_str value = ((const seine_str *)vec->values)[0];
            snprintf(text, 256, "%.*s", SEINE_STR_ARG(value));
            break;
        }
        }
    }
    seine_query_end(query);
    return text;
}

/** Runs a query to its end. @return the status it ended with. */
static inline seine_status run_query(seine_engine *engine, const char *sql, seine_error *error) {
    seine_query *query = NULL;
    seine_status status = seine_query_start(engine, sql, NULL, 0, &query, error);
    seine_rows rows = {.count = 1};
    while (status == SEINE_OK && rows.count > 0) status = seine_query_next(query, &rows, error);
    seine_query_end(query);
    return status;
}

#endif
