/*
 * Files of buckets for the engine: its extension httpfs, and who the program is to a bucket. The key is a parameter of
 * the statement that hands it over, so it stands in no text of SQL, no log and no error of the engine.
 */
#include "base/time.h"
#include "base/try.h"
#include "engine/internal.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/s3/client.h"

#include <dlfcn.h>
#include <stdio.h>

#define GOOD_US (INT64_C(60) * SEINE_SECOND_US) /* identities that end are asked for again after that */

/* The folder of the engine's library: extensions lie beside it, or beside its folder. */
static seine_status find_extension(seine_arena *arena, const char **path, seine_error *error) {
    Dl_info info;
    void *symbol = NULL;
    duckdb_state (*function)(const char *, duckdb_database *) = duckdb_open;
    memcpy(&symbol, &function, sizeof symbol);
    if (dladdr(symbol, &info) == 0 || info.dli_fname == NULL) info.dli_fname = "";
    const int size = (int)(seine_file_name(info.dli_fname) - info.dli_fname);
    static const char *const places[] = {"extensions", "../extensions"};
    static const char *const platforms[] = {"linux_amd64", "linux_arm64", "osx_arm64", "osx_amd64"};
    for (size_t i = 0; i < 8; i++) {
        *path = seine_arena_printf(arena, "%.*s%s/%s/%s/httpfs.duckdb_extension", size, info.dli_fname, places[i / 4],
                                   duckdb_library_version(), platforms[i % 4]);
        if (*path == NULL) return seine_no_memory(error, "SQL engine");
        if (seine_file_exists(*path)) return SEINE_OK;
    }
    return seine_fail(
        error, SEINE_E_UNSUPPORTED,
        "SQL on a lake in a bucket needs the engine's extension httpfs, which is not installed beside it: "
        "run tools/setup");
}

static seine_status run(seine_engine *engine, const char *sql, seine_error *error) {
    (void)pthread_mutex_lock(&engine->mutex);
    const seine_status status = seine_engine_execute(engine->connection, sql, error);
    (void)pthread_mutex_unlock(&engine->mutex);
    return status;
}

static seine_status load(seine_engine *engine, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, 8192);
    const char *path = NULL;
    SEINE_TRY(find_extension(&arena, &path, error));
    if (seine_buf_append_str(&sql, "LOAD ") != SEINE_OK || seine_sql_text(&sql, path) != SEINE_OK ||
        seine_buf_text(&sql) == NULL)
        return seine_no_memory(error, "SQL engine");
    SEINE_TRY(run(engine, (const char *)sql.data, error));
    SEINE_TRY(run(engine,
                  "SET enable_http_metadata_cache = true; SET http_retries = 6; SET enable_external_file_cache = true;"
                  /* It takes the key from the environment as settings, which a query can show. */
                  " SET GLOBAL s3_access_key_id = ''; SET GLOBAL s3_secret_access_key = '';"
                  " SET GLOBAL s3_session_token = ''",
                  error));
    engine->reaches = true;
    return SEINE_OK;
}

/* One secret per bucket, which replaces the former one. */
static seine_status hand_over(seine_engine *engine, const seine_store *store, const seine_s3_access *access,
                              seine_error *error) {
    static const char form[] = "CREATE OR REPLACE SECRET \"%s\" (TYPE s3, KEY_ID $1, SECRET $2, SESSION_TOKEN $3,"
                               " REGION $4, URL_STYLE $5, USE_SSL $6, SCOPE $7, ENDPOINT $8)";
    char sql[400];
    const char *const values[] = {access->key,
                                  access->secret,
                                  access->token,
                                  access->place.region,
                                  access->place.is_path_style ? "path" : "vhost",
                                  access->place.is_https ? "true" : "false",
                                  store->name,
                                  access->place.endpoint};
    (void)snprintf(sql, sizeof sql, form, store->name);
    duckdb_prepared_statement statement = NULL;
    duckdb_result result = {0};
    (void)pthread_mutex_lock(&engine->mutex);
    bool ok = duckdb_prepare(engine->connection, sql, &statement) == DuckDBSuccess;
    for (idx_t i = 0; i < sizeof values / sizeof *values && ok; i++)
        ok = duckdb_bind_varchar(statement, i + 1, values[i]) == DuckDBSuccess;
    ok = ok && duckdb_execute_prepared(statement, &result) == DuckDBSuccess;
    (void)pthread_mutex_unlock(&engine->mutex);
    duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&statement);
    /* Without the engine's own words, which might quote what was bound. */
    return ok ? SEINE_OK : seine_fail(error, SEINE_E_IO, "SQL engine: it does not take the key of %s", store->name);
}

static seine_status reach(seine_engine *engine, const char *address, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    seine_s3_access access;
    const int64_t now_us = seine_clock_monotonic_us();
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    if (engine->reached == store && now_us < engine->reached_until_us) return SEINE_OK;
    SEINE_TRY(seine_engine_start(engine, error));
    seine_status status = seine_s3_access_of(store, &access, error);
    if (status == SEINE_OK && !engine->reaches) status = load(engine, error);
    if (status == SEINE_OK) status = hand_over(engine, store, &access, error);
    memset(&access, 0, sizeof access);
    if (status != SEINE_OK) return status;
    engine->reached = store;
    engine->reached_until_us = now_us + GOOD_US;
    return SEINE_OK;
}

/* The next address in quotes of a text of SQL; its bucket is copied. */
static const char *next_bucket(const char *sql, char bucket[96]) {
    const char *at = strstr(sql, "'s3://");
    if (at == NULL) return NULL;
    const size_t size = 5 + strcspn(at + 6, "/'");
    (void)snprintf(bucket, 96, "%.*s", (int)(size < 80 ? size : 80), at + 1);
    return at + 6;
}

seine_status seine_engine_reach(seine_engine *engine, const char *sql, seine_error *error) {
    char bucket[96], former[96] = "";
    seine_status status = SEINE_OK;
    const char *at = next_bucket(sql, bucket);
    if (engine->owner != NULL) engine = engine->owner; /* keys are of the instance: two at once would be a conflict */
    (void)pthread_mutex_lock(&engine->reach);
    if (at == NULL && engine->reached != NULL) status = reach(engine, engine->reached->name, error);
    for (; at != NULL && status == SEINE_OK; at = next_bucket(at, bucket)) {
        if (strcmp(bucket, former) != 0) status = reach(engine, bucket, error);
        memcpy(former, bucket, sizeof former);
    }
    (void)pthread_mutex_unlock(&engine->reach);
    return status;
}
