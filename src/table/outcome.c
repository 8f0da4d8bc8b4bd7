/*
 * How a transaction ended. Its last step, COMMIT, may fail with an answer that does not tell whether the
 * rows will be there after a crash (a failing fsync of SQLite's log, a connection to PostgreSQL that is cut). Such an
 * outcome is looked up, never guessed: a second small transaction is committed behind it, which waits until the first
 * is over. When that one succeeds, the database holds exactly what it then reads.
 */
#include "base/try.h"
#include "io/clock.h"
#include "io/store/stores.h"
#include "table/table.h"

#include <time.h>

#define LOOK_AGAIN_NS 200000000
#define COMMIT_IDS_KEPT_US (INT64_C(7) * 86400 * 1000 * 1000)

static seine_status put_id(seine_db *db, const char *id, seine_error *error) {
    int64_t now_us = 0; /* the database's: machines whose clocks differ share the rows */
    SEINE_TRY(seine_db_now(db, &now_us, error));
    const seine_db_value row[] = {seine_db_text(id), seine_db_int(now_us)};
    const seine_db_value oldest = seine_db_int(now_us - COMMIT_IDS_KEPT_US);
    seine_db_statement statements[] = {
        {.sql = "DELETE FROM seine_commit WHERE committed_at_us < ?1", .params = &oldest, .count = 1},
        {.sql = "INSERT INTO seine_commit(id, committed_at_us) VALUES(?1, ?2)", .params = row, .count = 2}};
    return seine_db_change_all(db, statements, 2, error);
}

static seine_status note_found(void *context, const seine_db_value *columns, seine_error *error) {
    (void)columns;
    (void)error;
    *(bool *)context = true;
    return SEINE_OK;
}

/* @return whether the outcome could be learnt; then *committed tells it. */
static bool look_up(const char *address, const char *id, bool *committed) {
    seine_db *db = NULL;
    char own[37];
    *committed = false;
    if (seine_uuid4(own, NULL) != SEINE_OK || seine_db_open(address, false, &db, NULL) != SEINE_OK) return false;
    seine_status status = seine_db_begin(db, NULL);
    if (status == SEINE_OK)
        status = seine_db_query(db, "SELECT 1 FROM seine_commit WHERE id = ?1", &id, 1, note_found, committed, NULL);
    if (status == SEINE_OK) status = put_id(db, own, NULL);
    if (status == SEINE_OK) status = seine_db_commit(db, NULL);
    seine_db_close(db);
    return status == SEINE_OK;
}

/* A server that went away may come back; who asks to stop meanwhile does not wait for it. */
static bool learn_outcome(const char *address, const char *id, bool *committed) {
    const int64_t end_us = seine_clock_monotonic_us() + SEINE_DB_WAIT_SECONDS * INT64_C(1000000);
    const atomic_bool *stop = seine_stores_stop();
    while (!look_up(address, id, committed)) {
        if (!seine_db_is_remote(address) || seine_clock_monotonic_us() >= end_us) return false;
        if (stop != NULL && atomic_load(stop)) return false;
        (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN_NS}, NULL);
    }
    return true;
}

seine_status seine_transaction_end(seine_db *db, const char *address, const char *id, seine_error *error) {
    seine_error cause = {0};
    SEINE_TRY(put_id(db, id, error));
    const seine_status status = seine_db_commit(db, &cause);
    if (status == SEINE_OK) return SEINE_OK;
    /* One that the database did not begin leaves the transaction. */
    const bool was_begun = !seine_db_in_transaction(db);
    seine_db_roll_back(db);
    bool committed = false;
    if (was_begun && !learn_outcome(address, id, &committed))
        return seine_fail(error, SEINE_E_UNKNOWN,
                          "%s; whether the commit was taken could not be learnt, its files were left in place",
                          cause.text);
    return committed ? SEINE_OK : seine_fail(error, status, "%s", cause.text);
}
