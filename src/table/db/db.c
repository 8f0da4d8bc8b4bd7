/* The calls of db.h, passed on to the database that was opened (address.c). */
#include "base/try.h"
#include "table/db/internal.h"

void seine_db_close(seine_db *db) {
    if (db != NULL) db->kind->close(db);
}

bool seine_db_is_read_only(const seine_db *db) { return db->kind->is_read_only(db); }

void seine_db_set_patience(seine_db *db, int seconds) { db->kind->set_patience(db, seconds); }

const char *seine_db_catalog_name(const seine_db *db) { return db->kind->catalog_name(db); }

const char *seine_db_label(const seine_db *db) { return db->kind->label; }

seine_status seine_db_finish(seine_db *db, seine_error *error) { return db->kind->finish(db, error); }

seine_status seine_db_make_ledger(seine_db *db, seine_error *error) { return db->kind->make_ledger(db, error); }

seine_status seine_db_now(seine_db *db, int64_t *now_us, seine_error *error) {
    return db->kind->now(db, now_us, error);
}

seine_status seine_db_run(seine_db *db, const char *sql, seine_error *error) { return db->kind->run(db, sql, error); }

seine_status seine_db_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                             int64_t *changed, seine_error *error) {
    return db->kind->change(db, sql, params, count, changed, error);
}

seine_status seine_db_change_all(seine_db *db, seine_db_statement *statements, size_t count, seine_error *error) {
    if (db->kind->change_all != NULL) return db->kind->change_all(db, statements, count, error);
    for (size_t i = 0; i < count; i++) {
        seine_db_statement *s = &statements[i];
        SEINE_TRY(db->kind->change(db, s->sql, s->params, s->count, &s->changed, error));
    }
    return SEINE_OK;
}

seine_status seine_db_query(seine_db *db, const char *sql, const char *const *params, size_t count, seine_db_row_fn row,
                            void *context, seine_error *error) {
    return db->kind->query(db, sql, params, count, row, context, error);
}

seine_status seine_db_has(seine_db *db, const char *table, const char *column, bool *has, seine_error *error) {
    return db->kind->has(db, table, column, has, error);
}

seine_status seine_db_ledger(seine_db *db, seine_db_row_fn row, void *context, seine_error *error) {
    return db->kind->ledger(db, row, context, error);
}

seine_status seine_db_version(seine_db *db, int64_t *version, seine_error *error) {
    return db->kind->version(db, version, error);
}

seine_status seine_db_format(seine_db *db, int64_t *format, seine_error *error) {
    return db->kind->format(db, format, error);
}

seine_status seine_db_set_format(seine_db *db, int format, seine_error *error) {
    return db->kind->set_format(db, format, error);
}

seine_status seine_db_begin(seine_db *db, seine_error *error) { return db->kind->begin(db, error); }

seine_status seine_db_begin_read(seine_db *db, seine_error *error) { return db->kind->begin_read(db, error); }

seine_status seine_db_commit(seine_db *db, seine_error *error) { return db->kind->commit(db, error); }

void seine_db_roll_back(seine_db *db) {
    if (seine_db_in_transaction(db)) db->kind->roll_back(db);
}

bool seine_db_in_transaction(const seine_db *db) { return db->kind->in_transaction(db); }

seine_status seine_db_note_pointers(seine_db *db, seine_error *error) { return db->kind->note_pointers(db, error); }

seine_status seine_db_seal_all(seine_db *db, seine_error *error) { return db->kind->seal_all(db, error); }

seine_status seine_db_check_pages(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error) {
    return db->kind->check_pages(db, report, context, error);
}

seine_status seine_db_check_seals(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error) {
    return db->kind->check_seals(db, report, context, error);
}

seine_status seine_db_row_hash(seine_db *db, const char *sql, const char *const *params, size_t count, bool *found,
                               seine_hash128 *hash, seine_error *error) {
    return db->kind->row_hash(db, sql, params, count, found, hash, error);
}
