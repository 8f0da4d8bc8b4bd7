/* Statements of PostgreSQL: prepared once a session, sent, their rows read. */
#include "base/array.h"
#include "base/number.h"
#include "base/try.h"
#include "table/db/postgres/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREPARED_MAX ((size_t)256)
#define PARAMETERS_MAX 32
#define AT_ONCE ((size_t)200)
#define TYPE_BOOL 16
#define TYPE_INT8 20
#define TYPE_INT2 21
#define TYPE_INT4 23
#define TYPE_NUMERIC 1700

/* Kinds of values in the hash of a row: those of SQLite. */
enum { HASH_INT = 1, HASH_TEXT = 3, HASH_NULL = 5 };

/* ---- what the server knows already ---- */

static seine_status out_of_memory(seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
}

static seine_status prepare(seine_postgres *db, const char *sql, const seine_prepared **found, seine_error *error) {
    for (size_t i = 0; i < db->prepared_count; i++) {
        *found = &db->prepared[i];
        if (strcmp(db->prepared[i].sql, sql) == 0) return SEINE_OK;
    }
    if (SEINE_ARRAY_ROOM(db->prepared, db->prepared_count, db->prepared_capacity, 1, PREPARED_MAX) != SEINE_OK)
        return out_of_memory(error);
    seine_prepared *made = &db->prepared[db->prepared_count];
    *made = (seine_prepared){.sql = strdup(sql)};
    char *translated = made->sql != NULL ? seine_postgres_sql(sql, &made->changes_pointers) : NULL;
    if (translated == NULL) {
        free(made->sql);
        return out_of_memory(error);
    }
    (void)snprintf(made->name, sizeof made->name, "s%u", db->prepared_number++);
    PGresult *result = seine_postgres_prepare(db, made->name, translated);
    free(translated);
    const bool is_prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
    if (is_prepared)
        *found = &db->prepared[db->prepared_count++];
    else
        (void)seine_postgres_fail(db, result, error);
    const seine_status status = is_prepared ? SEINE_OK : seine_postgres_fail(db, result, NULL);
    if (!is_prepared) free(made->sql);
    PQclear(result);
    return status;
}

static seine_status execute_once(seine_postgres *db, const char *sql, const char *const *values, size_t count,
                                 const seine_prepared **known, PGresult **result, seine_error *error) {
    db->is_stale = false;
    SEINE_TRY(seine_postgres_revive(db, error));
    SEINE_TRY(prepare(db, sql, known, error));
    *result = seine_postgres_exec_prepared(db, (*known)->name, values, count);
    if (seine_postgres_is_good(*result)) return SEINE_OK;
    const seine_status status = seine_postgres_fail(db, *result, error);
    db->is_stale = seine_postgres_is_stale(*result);
    if (db->is_stale) seine_postgres_forget_prepared(db); /* tables of other statements may have changed, too */
    PQclear(*result);
    *result = NULL;
    return status;
}

/*
 * Outside of a transaction nothing depends on what was before: a query that found the connection broken is asked again,
 * and so is whatever was prepared for columns of before, which the server did not run.
 */
static seine_status execute(seine_postgres *db, const char *sql, const char *const *values, size_t count, bool reads,
                            const seine_prepared **known, PGresult **result, seine_error *error) {
    const bool is_alone = !seine_postgres_in_transaction(&db->db);
    seine_error why = {SEINE_OK, ""};
    const seine_status status = execute_once(db, sql, values, count, known, result, &why);
    if (status == SEINE_OK) return SEINE_OK;
    const bool is_broken = PQstatus(db->handle) != CONNECTION_OK && db->lost == SEINE_OK;
    if (is_alone && ((reads && is_broken) || db->is_stale))
        return execute_once(db, sql, values, count, known, result, error);
    return seine_fail(error, status, "%s", why.text);
}

bool seine_postgres_in_transaction(const seine_db *db) {
    const PGTransactionStatusType status = PQtransactionStatus(((const seine_postgres *)db)->handle);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

/* ---- db.h ---- */

seine_status seine_postgres_run(seine_db *base, const char *sql, seine_error *error) {
    seine_postgres *db = seine_postgres_of(base);
    bool changes_pointers = false;
    char *translated = seine_postgres_sql(sql, &changes_pointers);
    if (translated == NULL) return out_of_memory(error);
    seine_status status = seine_postgres_revive(db, error);
    if (status == SEINE_OK) {
        PGresult *result = seine_postgres_exec(db, translated);
        if (!seine_postgres_is_good(result)) status = seine_postgres_fail(db, result, error);
        PQclear(result);
    }
    free(translated);
    return status;
}

/* Rows of iceberg_tables that a statement changed, as it returns them. */
static seine_status note_pointers(seine_postgres *db, const char *sql, const PGresult *result, seine_error *error) {
    const seine_pointer_operation operation = sql[0] == 'I'   ? SEINE_POINTER_PUT
                                              : sql[0] == 'U' ? SEINE_POINTER_SWAP
                                                              : SEINE_POINTER_DROP;
    static const char *const columns[] = {"catalog_name", "table_namespace", "table_name"};
    for (int row = 0; row < PQntuples(result); row++) {
        const char *names[3];
        seine_hash128 hash;
        for (size_t i = 0; i < 3; i++) names[i] = PQgetvalue(result, row, PQfnumber(result, columns[i]));
        SEINE_TRY(seine_postgres_hash_row(result, row, &hash, error));
        if (!seine_pointer_seals_add(&db->pointers, operation, names, hash)) return out_of_memory(error);
    }
    return SEINE_OK;
}

static int64_t changed_rows(const PGresult *result) {
    int64_t count = 0;
    (void)seine_integer_parse(seine_str_of(PQcmdTuples((PGresult *)(uintptr_t)result)), &count);
    return count;
}

/* Parameters as texts. */
typedef struct texts {
    char numbers[PARAMETERS_MAX][24];
    const char *values[PARAMETERS_MAX]; /* NULL = null */
} texts;

static seine_status write_texts(const seine_db_value *params, size_t count, texts *t, seine_error *error) {
    if (count > PARAMETERS_MAX) return seine_fail(error, SEINE_E_INTERNAL, "catalog: too many parameters");
    for (size_t i = 0; i < count; i++) {
        t->values[i] = params[i].kind == SEINE_DB_TEXT ? params[i].text : NULL;
        if (params[i].kind != SEINE_DB_INT) continue;
        (void)snprintf(t->numbers[i], sizeof t->numbers[i], "%lld", (long long)params[i].integer);
        t->values[i] = t->numbers[i];
    }
    return SEINE_OK;
}

seine_status seine_postgres_change(seine_db *base, const char *sql, const seine_db_value *params, size_t count,
                                   int64_t *changed, seine_error *error) {
    seine_postgres *db = seine_postgres_of(base);
    const seine_prepared *known = NULL;
    PGresult *result = NULL;
    texts t;
    SEINE_TRY(write_texts(params, count, &t, error));
    SEINE_TRY(execute(db, sql, t.values, count, false, &known, &result, error));
    if (changed != NULL) *changed = changed_rows(result);
    const seine_status status = known->changes_pointers ? note_pointers(db, sql, result, error) : SEINE_OK;
    PQclear(result);
    return status;
}

/* ---- several at once ---- */

static seine_status send_all(seine_postgres *db, const seine_db_statement *statements, size_t count,
                             seine_error *error) {
    const seine_prepared *known = NULL;
    texts t;
    for (size_t i = 0; i < count; i++) {
        SEINE_TRY(write_texts(statements[i].params, statements[i].count, &t, error));
        SEINE_TRY(prepare(db, statements[i].sql, &known, error)); /* it is */
        if (!seine_postgres_send(db, known->name, t.values, statements[i].count))
            return seine_postgres_fail(db, NULL, error);
    }
    return PQpipelineSync(db->handle) == 1 ? SEINE_OK : seine_postgres_fail(db, NULL, error);
}

static seine_status take_one(seine_postgres *db, seine_db_statement *statement, const PGresult *result,
                             seine_error *error) {
    const seine_prepared *known = NULL;
    if (!seine_postgres_is_good(result)) {
        db->is_stale = seine_postgres_is_stale(result);
        return seine_postgres_fail(db, result, error);
    }
    statement->changed = changed_rows(result);
    SEINE_TRY(prepare(db, statement->sql, &known, error)); /* it is */
    return known->changes_pointers ? note_pointers(db, statement->sql, result, error) : SEINE_OK;
}

/* Those behind one that failed were not run; their answers say so, and are taken. */
static seine_status take_all(seine_postgres *db, seine_db_statement *statements, size_t count, seine_error *error) {
    seine_status status = SEINE_OK;
    bool is_there = true;
    for (size_t i = 0; i < count && is_there; i++) {
        PGresult *result = seine_postgres_next(db);
        is_there = result != NULL && PQstatus(db->handle) == CONNECTION_OK;
        if (status == SEINE_OK) status = take_one(db, &statements[i], result, error);
        PQclear(result);
        if (is_there) PQclear(seine_postgres_next(db));
    }
    if (is_there) PQclear(seine_postgres_next(db));
    return status;
}

/* So many that what is sent and not yet taken stays small. */
static seine_status change_some(seine_postgres *db, seine_db_statement *statements, size_t count, seine_error *error) {
    const seine_prepared *known = NULL;
    db->is_stale = false;
    for (size_t i = 0; i < count; i++) SEINE_TRY(prepare(db, statements[i].sql, &known, error));
    if (PQenterPipelineMode(db->handle) != 1) return seine_postgres_fail(db, NULL, error);
    seine_status status = send_all(db, statements, count, error);
    if (status == SEINE_OK) status = take_all(db, statements, count, error);
    /* One that was not sent to its end leaves the connection with what nobody waits for. */
    if (PQexitPipelineMode(db->handle) != 1 && db->lost == SEINE_OK) db->lost = SEINE_E_AWAY;
    if (db->is_stale) seine_postgres_forget_prepared(db);
    return status == SEINE_OK && db->lost != SEINE_OK ? seine_postgres_fail(db, NULL, error) : status;
}

seine_status seine_postgres_change_all(seine_db *base, seine_db_statement *statements, size_t count,
                                       seine_error *error) {
    seine_postgres *db = seine_postgres_of(base);
    if (!seine_postgres_in_transaction(base))
        return seine_fail(error, SEINE_E_AWAY, "catalog %s: the transaction is over", db->address);
    for (size_t i = 0; i < count; i += AT_ONCE)
        SEINE_TRY(change_some(db, statements + i, count - i < AT_ONCE ? count - i : AT_ONCE, error));
    return SEINE_OK;
}

/* ---- reading ---- */

static void read_columns(const PGresult *result, int row, seine_db_value *columns) {
    for (int i = 0; i < PQnfields(result); i++) {
        const char *text = PQgetvalue(result, row, i);
        int64_t number = 0;
        columns[i] = seine_db_text(text);
        switch (PQftype(result, i)) {
        case TYPE_BOOL: columns[i] = seine_db_int(text[0] == 't'); break;
        case TYPE_INT2:
        case TYPE_INT4:
        case TYPE_INT8:
        case TYPE_NUMERIC: /* a sum of whole numbers */
            if (seine_integer_parse(seine_str_of(text), &number)) columns[i] = seine_db_int(number);
            break;
        default: break;
        }
        if (PQgetisnull(result, row, i)) columns[i] = seine_db_null();
    }
}

seine_status seine_postgres_query(seine_db *base, const char *sql, const char *const *params, size_t count,
                                  seine_db_row_fn row, void *context, seine_error *error) {
    const seine_prepared *known = NULL;
    PGresult *result = NULL;
    seine_db_value columns[SEINE_DB_COLUMNS_MAX];
    SEINE_TRY(execute(seine_postgres_of(base), sql, params, count, true, &known, &result, error));
    seine_status status = PQnfields(result) <= SEINE_DB_COLUMNS_MAX
                              ? SEINE_OK
                              : seine_fail(error, SEINE_E_INTERNAL, "catalog: too many columns");
    for (int i = 0; i < PQntuples(result) && status == SEINE_OK; i++) {
        read_columns(result, i, columns);
        status = row(context, columns, error);
    }
    PQclear(result);
    return status;
}

seine_status seine_postgres_hash_row(const PGresult *result, int row, seine_hash128 *hash, seine_error *error) {
    seine_row_hash sum = {.count = 0};
    seine_db_value columns[SEINE_DB_COLUMNS_MAX];
    const int count = PQnfields(result);
    if (count > SEINE_DB_COLUMNS_MAX) return seine_fail(error, SEINE_E_FORMAT, "catalog: iceberg_tables is too wide");
    read_columns(result, row, columns);
    for (int i = 0; i < count; i++) {
        if (columns[i].kind == SEINE_DB_NULL)
            seine_row_hash_add(&sum, HASH_NULL, NULL, 0);
        else if (columns[i].kind == SEINE_DB_INT)
            seine_row_hash_add(&sum, HASH_INT, &columns[i].integer, sizeof columns[i].integer);
        else
            seine_row_hash_add(&sum, HASH_TEXT, columns[i].text, strlen(columns[i].text));
    }
    *hash = seine_row_hash_end(&sum);
    return SEINE_OK;
}

seine_status seine_postgres_row_hash(seine_db *base, const char *sql, const char *const *params, size_t count,
                                     bool *found, seine_hash128 *hash, seine_error *error) {
    const seine_prepared *known = NULL;
    PGresult *result = NULL;
    SEINE_TRY(execute(seine_postgres_of(base), sql, params, count, true, &known, &result, error));
    *found = PQntuples(result) > 0;
    *hash = (seine_hash128){0, 0};
    const seine_status status = *found ? seine_postgres_hash_row(result, 0, hash, error) : SEINE_OK;
    PQclear(result);
    return status;
}
