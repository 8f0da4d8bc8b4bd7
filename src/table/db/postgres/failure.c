/* What a server says of failures, sorted by what the caller does about them. */
#include "base/try.h"
#include "table/db/postgres/postgres.h"

#include <string.h>

static seine_status status_of(const char *state) {
    static const struct {
        const char *begin; /* of SQLSTATE */
        seine_status status;
    } meanings[] = {
        {"40001", SEINE_E_BUSY},   {"40P01", SEINE_E_BUSY},   {"55P03", SEINE_E_BUSY},   {"23505", SEINE_E_EXISTS},
        {"42P06", SEINE_E_EXISTS}, {"42P07", SEINE_E_EXISTS}, {"53200", SEINE_E_NOMEM},  {"42P01", SEINE_E_FORMAT},
        {"42703", SEINE_E_FORMAT}, {"XX001", SEINE_E_FORMAT}, {"XX002", SEINE_E_FORMAT}, {"42501", SEINE_E_IO},
        {"25006", SEINE_E_IO},     {"08", SEINE_E_AWAY},      {"28", SEINE_E_IO},        {"3D", SEINE_E_IO},
        {"53300", SEINE_E_AWAY},   {"57P01", SEINE_E_AWAY},   {"57P02", SEINE_E_AWAY},   {"57P03", SEINE_E_AWAY},
        {"57P05", SEINE_E_AWAY},   {"53", SEINE_E_IO},        {"57", SEINE_E_IO},        {"58", SEINE_E_IO},
        {"22001", SEINE_E_USAGE},  {"22021", SEINE_E_USAGE},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strncmp(state, meanings[i].begin, strlen(meanings[i].begin)) == 0) return meanings[i].status;
    return SEINE_E_INTERNAL;
}

/* Words of the server are in its language; the place in its source is not. */
bool seine_postgres_is_stale(const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *place = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    return state != NULL && place != NULL && strcmp(state, "0A000") == 0 && strcmp(place, "RevalidateCachedQuery") == 0;
}

/* While a connection is made, libpq tells the state in its text alone (PQERRORS_VERBOSE): "FATAL:  28P01: …", the
 * first word in the server's language. @return it, of five characters, or NULL. */
static const char *state_in(const char *text) {
    for (const char *at = strstr(text, ":  "); at != NULL; at = strstr(at + 1, ":  "))
        if (strspn(at + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 && strncmp(at + 8, ": ", 2) == 0) return at + 3;
    return NULL;
}

/* What no waiting makes good, though no server has said it. libpq's own words are English: the program sets no locale.
 */
static bool is_set_wrong(const PGconn *handle, const char *text) {
    static const char *const words[] = {"certificate", "private key", "SSL was required", "does not support SSL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(text, words[i]) != NULL) return true;
    return PQconnectionNeedsPassword(handle) == 1 || strncmp(text, "invalid ", strlen("invalid ")) == 0;
}

/* A refusal of which no state is told. In a server's other languages it counts as one that stays. */
static bool is_passing(const char *text) {
    static const char *const words[] = {"starting up", "shutting down", "recovery", "too many", "remaining connection"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(text, words[i]) != NULL) return true;
    return false;
}

/* Of a connection that broke, or was never made. *text: behind the state, if it has one. */
static seine_status status_of_lost(const seine_postgres *db, const char **text) {
    const char *state = state_in(*text);
    const char *fatal = strstr(*text, "FATAL:  "); /* of several hosts, the state is not told */
    const bool is_refused = fatal != NULL && !is_passing(*text);
    const seine_status status = state != NULL                                   ? status_of(state)
                                : is_refused || is_set_wrong(db->handle, *text) ? SEINE_E_IO
                                                                                : SEINE_E_AWAY;
    if (state != NULL)
        *text = state + strlen("28P01: ");
    else if (fatal != NULL)
        *text = fatal + strlen("FATAL:  ");
    return status;
}

static seine_status tell_lost(const seine_postgres *db, seine_error *error) {
    if (db->lost == SEINE_E_INTERRUPTED)
        return seine_fail(error, db->lost, "stopped while catalog %s did not answer", db->address);
    return seine_fail(error, db->lost, "catalog %s does not answer", db->address);
}

static const char *advice(const char *text) {
    if (strstr(text, "password") != NULL || strstr(text, "no pg_hba.conf entry") != NULL)
        return "; give the password by PGPASSWORD, ~/.pgpass or SEINE_CATALOG";
    return "";
}

seine_status seine_postgres_fail(const seine_postgres *db, const PGresult *result, seine_error *error) {
    if (result == NULL && db->lost != SEINE_OK) return tell_lost(db, error);
    const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (text == NULL) text = result != NULL ? PQresultErrorMessage(result) : PQerrorMessage(db->handle);
    const bool is_lost = state == NULL || PQstatus(db->handle) == CONNECTION_BAD;
    const bool is_stale = seine_postgres_is_stale(result);
    const seine_status status =
        state != NULL && !is_lost ? is_stale ? SEINE_E_BUSY : status_of(state) : status_of_lost(db, &text);
    const int size = (int)strcspn(text, "\n"); /* lines of hints follow */
    return seine_fail(error, status, "catalog %s%s: %.*s%s", db->address,
                      status == SEINE_E_BUSY && !is_stale ? " is locked by somebody else" : "", size, text,
                      advice(text));
}
