/* A statement, and what the engine says went wrong, as a status and a text. */
#include "engine/internal.h"

#define ERROR_TEXT_MAX 900

/* What fails before it has a result tells no type, but its text begins with it. */
static bool begins(const char *text, const char *type) { return strncmp(text, type, strlen(type)) == 0; }

/* A bucket that did not answer a request of the engine, or said that it cannot now. */
static bool is_passing(const char *text) {
    if (begins(text, "IO Error")) return strstr(text, " for HTTP ") != NULL;
    if (!begins(text, "HTTP Error")) return false;
    static const char *const codes[] = {"(HTTP 5",        "(HTTP 429",       "(HTTP code 5",
                                        "(HTTP code 429", "returned HTTP 5", "returned HTTP 429"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strstr(text, codes[i]) != NULL) return true;
    return false;
}

seine_status seine_engine_fail(seine_error *error, duckdb_error_type type, const char *text) {
    if (text == NULL) text = "unknown failure of the SQL engine";
    seine_status status = SEINE_E_FORMAT;
    /* HTTP: a file of a bucket that cannot be had. */
    if (type == DUCKDB_ERROR_IO || begins(text, "IO Error") || begins(text, "HTTP Error")) status = SEINE_E_IO;
    if (is_passing(text)) status = SEINE_E_AWAY;
    if (type == DUCKDB_ERROR_INTERRUPT || begins(text, "INTERRUPT")) status = SEINE_E_INTERRUPTED;
    /* Functions of ours can give a text only. */
    const bool is_starved = seine_str_ends_with_nocase(seine_str_of(text), SEINE_STR(": out of memory"));
    if (type == DUCKDB_ERROR_OUT_OF_MEMORY || begins(text, "Out of Memory Error") || is_starved) status = SEINE_E_NOMEM;
    if (type == DUCKDB_ERROR_PERMISSION || begins(text, "Permission Error")) status = SEINE_E_USAGE;
    if (status == SEINE_E_INTERRUPTED) return seine_fail(error, status, "interrupted");
    return seine_fail(error, status, "%.*s", ERROR_TEXT_MAX, text);
}

seine_status seine_engine_execute(duckdb_connection connection, const char *sql, seine_error *error) {
    duckdb_result result SEINE_OWNED(duckdb_destroy_result) = {0};
    if (duckdb_query(connection, sql, &result) == DuckDBSuccess) return SEINE_OK;
    return seine_engine_fail(error, duckdb_result_error_type(&result), duckdb_result_error(&result));
}
