/*
 * Waiting for a server, which may take its time, go away, or never answer. libpq's own calls wait for ever once a
 * connection is made: a process that was stopped still has a kernel that takes what is sent to it, so that no timeout
 * of TCP notices. Here every wait has an end, and hears the stop.
 */
#include "base/try.h"
#include "io/clock.h"
#include "io/store/stores.h"
#include "table/db/postgres/postgres.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#define LOOK_US 100000   /* from one look at the stop to the next */
#define HEARD_US 1000000 /* a server that is well answers long before: its exchanges are never torn by a stop */
#define READS 2          /* of one look: what a record of TLS leaves has not to come from the socket any more */

typedef struct patience {
    int64_t begun_us, most_us;
} patience;

static patience begin(int64_t most_us) { return (patience){seine_clock_monotonic_us(), most_us}; }

/* @return OK: the socket is ready, or libpq knows what is wrong with it; E_AWAY: out of time; E_INTERRUPTED. */
static seine_status wait_for(const seine_postgres *db, short events, const patience *p) {
    struct pollfd one = {.fd = PQsocket(db->handle), .events = events};
    const atomic_bool *stop = seine_stores_stop();
    for (;;) {
        const int64_t waited_us = seine_clock_monotonic_us() - p->begun_us;
        const int64_t left_us = p->most_us - waited_us;
        if (left_us <= 0) return SEINE_E_AWAY;
        if (waited_us >= HEARD_US && stop != NULL && atomic_load(stop)) return SEINE_E_INTERRUPTED;
        const int ready = poll(&one, 1, (int)((left_us < LOOK_US ? left_us : LOOK_US) / 1000) + 1);
        if (ready > 0 || (ready < 0 && errno != EINTR)) return SEINE_OK;
    }
}

/* ---- connecting ---- */

/* As libpq does it, but hearing the stop. */
static void follow(seine_postgres *db, PostgresPollingStatusType (*step)(PGconn *)) {
    const patience p = begin(db->connect_us);
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next == PGRES_POLLING_WRITING || next == PGRES_POLLING_READING) {
        db->lost = wait_for(db, next == PGRES_POLLING_WRITING ? POLLOUT : POLLIN, &p);
        if (db->lost != SEINE_OK) return;
        next = step(db->handle);
    }
}

static seine_status end_connecting(seine_postgres *db, seine_error *error) {
    if (db->handle == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    if (PQstatus(db->handle) != CONNECTION_OK) return seine_postgres_fail(db, NULL, error);
    (void)PQsetErrorVerbosity(db->handle, PQERRORS_DEFAULT);
    (void)PQsetnonblocking(db->handle, 1);
    return SEINE_OK;
}

seine_status seine_postgres_connect(seine_postgres *db, const char *const *keywords, const char *const *values,
                                    seine_error *error) {
    /* Of several hosts only libpq's own way goes on to the next when one does not answer. */
    db->handle = db->has_hosts ? PQconnectdbParams(keywords, values, 0) : PQconnectStartParams(keywords, values, 0);
    (void)PQsetErrorVerbosity(db->handle, PQERRORS_VERBOSE); /* with the state of what is refused */
    if (!db->has_hosts && db->handle != NULL && PQstatus(db->handle) != CONNECTION_BAD) follow(db, PQconnectPoll);
    return end_connecting(db, error);
}

seine_status seine_postgres_connect_again(seine_postgres *db, seine_error *error) {
    db->lost = SEINE_OK;
    (void)PQsetErrorVerbosity(db->handle, PQERRORS_VERBOSE);
    if (db->has_hosts)
        PQreset(db->handle);
    else if (PQresetStart(db->handle) == 1)
        follow(db, PQresetPoll);
    return end_connecting(db, error);
}

/* ---- answers ---- */

bool seine_postgres_is_good(const PGresult *result) {
    const ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

/* Whether libpq has a result to give, or knows that none will come. */
static bool has_result(const seine_postgres *db) {
    for (int i = 0; i < READS; i++)
        if (PQconsumeInput(db->handle) == 0 || PQisBusy(db->handle) == 0) return true;
    return false;
}

/* @return OK when a result can be taken. */
static seine_status await(const seine_postgres *db, const patience *p) {
    int unsent = PQflush(db->handle);
    while (unsent == 1 || !has_result(db)) {
        SEINE_TRY(wait_for(db, unsent == 1 ? POLLIN | POLLOUT : POLLIN, p));
        if (unsent == 1) unsent = PQflush(db->handle);
    }
    return SEINE_OK;
}

/* All of an answer is taken, so that the connection is ready for the next question. */
static PGresult *take_answer(seine_postgres *db) {
    const patience p = begin(db->patience_us);
    PGresult *answer = NULL;
    for (;;) {
        if (db->lost == SEINE_OK) db->lost = await(db, &p);
        if (db->lost != SEINE_OK) (void)shutdown(PQsocket(db->handle), SHUT_RDWR); /* what follows finds its end */
        PGresult *next = PQgetResult(db->handle);
        if (next == NULL) break;
        if (answer == NULL || seine_postgres_is_good(answer)) {
            PQclear(answer);
            answer = next;
        } else {
            PQclear(next);
        }
    }
    if (db->lost == SEINE_OK) return answer;
    PQclear(answer);
    return NULL;
}

PGresult *seine_postgres_exec(seine_postgres *db, const char *sql) {
    return PQsendQuery(db->handle, sql) == 1 ? take_answer(db) : NULL;
}

PGresult *seine_postgres_prepare(seine_postgres *db, const char *name, const char *sql) {
    return PQsendPrepare(db->handle, name, sql, 0, NULL) == 1 ? take_answer(db) : NULL;
}

bool seine_postgres_send(seine_postgres *db, const char *name, const char *const *values, size_t count) {
    return PQsendQueryPrepared(db->handle, name, (int)count, values, NULL, NULL, 0) == 1;
}

PGresult *seine_postgres_next(seine_postgres *db) {
    const patience p = begin(db->patience_us);
    if (db->lost == SEINE_OK) db->lost = await(db, &p);
    if (db->lost == SEINE_OK) return PQgetResult(db->handle);
    (void)shutdown(PQsocket(db->handle), SHUT_RDWR);
    PQclear(PQgetResult(db->handle)); /* so that libpq knows of it, too */
    return NULL;
}

PGresult *seine_postgres_exec_prepared(seine_postgres *db, const char *name, const char *const *values, size_t count) {
    return seine_postgres_send(db, name, values, count) ? take_answer(db) : NULL;
}
