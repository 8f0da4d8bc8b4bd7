/* The session behind a connection. */
#include "base/number.h"
#include "base/try.h"
#include "table/db/postgres/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_MAX_BYTES 64

void seine_postgres_forget_prepared(seine_postgres *db) {
    for (size_t i = 0; i < db->prepared_count; i++) free(db->prepared[i].sql);
    db->prepared_count = 0;
}

/*
 * The ledger's schema comes first; what stood in the path follows, for the standard tables. A server that is at a
 * statement for longer than anybody waits gives it up itself, and it notices when we are gone.
 */
#define ANSWER_TIME "'" SEINE_POSTGRES_DIGITS(SEINE_DB_ANSWER_SECONDS) "s'"
#define GREETING                                                                                            \
    "SELECT set_config('search_path', '%s, ' || current_setting('search_path'), false),"                    \
    " set_config('statement_timeout', CASE WHEN %lld > 0 THEN '%lld'"                                       \
    "  WHEN current_setting('statement_timeout') = '0' THEN " ANSWER_TIME                                   \
    "  ELSE current_setting('statement_timeout') END, false),"                                              \
    " set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),"  \
    " set_config('tcp_keepalives_count', '3', false);"                                                      \
    "SELECT current_setting('transaction_read_only') = 'on' OR (to_regclass('%s.seine_commit') IS NOT NULL" \
    "  AND NOT has_table_privilege(to_regclass('%s.seine_commit'), 'INSERT')),"                             \
    " (SELECT setting FROM pg_settings WHERE name = 'statement_timeout')"

static void take_patience(seine_postgres *db, const char *milliseconds) {
    int64_t most_ms = 0;
    if (seine_integer_parse(seine_str_of(milliseconds), &most_ms) && most_ms > 0)
        db->patience_us = most_ms * 1000 + SEINE_POSTGRES_LATER_US;
}

seine_status seine_postgres_greet(seine_postgres *db, seine_error *error) {
    char sql[sizeof GREETING + 5 * SCHEMA_MAX_BYTES];
    const long long ms = db->least_us / 1000;
    (void)snprintf(sql, sizeof sql, GREETING, db->schema, ms, ms, db->schema, db->schema);
    PGresult *result = seine_postgres_exec(db, sql);
    const bool is_good = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;
    if (is_good) {
        db->is_read_only = PQgetvalue(result, 0, 0)[0] == 't';
        take_patience(db, PQgetvalue(result, 0, 1));
    }
    const seine_status status = is_good ? SEINE_OK : seine_postgres_fail(db, result, error);
    PQclear(result);
    return status;
}

seine_status seine_postgres_revive(seine_postgres *db, seine_error *error) {
    if (PQstatus(db->handle) == CONNECTION_OK && db->lost == SEINE_OK) return SEINE_OK;
    seine_postgres_forget_prepared(db);
    seine_pointer_seals_clear(&db->pointers);
    SEINE_TRY(seine_postgres_connect_again(db, error));
    return seine_postgres_greet(db, error);
}
