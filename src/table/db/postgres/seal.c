/*
 * Seals in PostgreSQL: per ledger table the number of its rows and the sum of their hashes, as in SQLite. Here a
 * trigger of the server sees each changed row, whatever statement changes it:
 *
 *     change of a row → sum in a variable of the transaction, "seine.TABLE"
 *     seine_db_commit → seine_fold_seals(): the variables are added to seine_seal → COMMIT
 *
 * What another program changes reaches the variables, too, but nobody folds them: seine_wrong_seals() tells of it. So
 * does a TRUNCATE, which no trigger sees. A hash is 128 bits of the SHA-256 of the row as text, as a whole number; sums
 * are not cut off, so that they can be taken from again.
 */
#include "base/try.h"
#include "table/db/postgres/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "@" stands for the schema: functions must not depend on the search path of whoever changes a row. */
static const char ledger[] =
    "SET LOCAL check_function_bodies = off;" /* some read tables that come later */
    "CREATE SCHEMA @;"
    /* Whoever writes holds it: seine_db_begin. */
    "CREATE TABLE @.seine_writer(nothing bigint);"
    "CREATE FUNCTION @.seine_row_hash(digits text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$"
    " SELECT ('x' || left(digits, 16))::bit(64)::bigint * 18446744073709551616"
    " + ('x' || substr(digits, 17, 16))::bit(64)::bigint $$;"
    "CREATE FUNCTION @.seine_note_change() RETURNS trigger LANGUAGE plpgsql AS $$"
    " DECLARE"
    "  variable text := 'seine.' || TG_TABLE_NAME;"
    "  former text[] := string_to_array(coalesce(nullif(current_setting(variable, true), ''), '0,0'), ',');"
    "  more bigint := former[1]; hashes numeric := former[2];"
    " BEGIN"
    "  IF TG_OP <> 'INSERT' THEN"
    "   more := more - 1;"
    "   hashes := hashes - @.seine_row_hash(encode(sha256(convert_to(OLD::text, 'UTF8')), 'hex'));"
    "  END IF;"
    "  IF TG_OP <> 'DELETE' THEN"
    "   more := more + 1;"
    "   hashes := hashes + @.seine_row_hash(encode(sha256(convert_to(NEW::text, 'UTF8')), 'hex'));"
    "  END IF;"
    "  PERFORM set_config(variable, more || ',' || hashes, true);"
    "  RETURN NULL;"
    " END $$;"
    "CREATE FUNCTION @.seine_fold_seals() RETURNS void LANGUAGE plpgsql AS $$"
    " DECLARE sealed text; noted text[];"
    " BEGIN"
    "  FOR sealed IN SELECT table_name FROM @.seine_seal LOOP"
    "   noted := string_to_array(nullif(current_setting('seine.' || sealed, true), ''), ',');"
    "   CONTINUE WHEN noted IS NULL;"
    "   UPDATE @.seine_seal s SET rows = s.rows + noted[1]::bigint, sum = (s.sum::numeric + noted[2]::numeric)::text"
    "    WHERE s.table_name = sealed;"
    "   PERFORM set_config('seine.' || sealed, '', true);"
    "  END LOOP;"
    " END $$;"
    /* Leases come and go by themselves, the seals are summed up already. */
    "CREATE FUNCTION @.seine_sealed_tables() RETURNS SETOF text LANGUAGE sql STABLE AS $$"
    " SELECT relname::text FROM pg_class WHERE relnamespace = '@'::regnamespace AND relkind = 'r'"
    "  AND relname NOT IN ('seine_seal', 'seine_lease', 'seine_writer') $$;"
    "CREATE FUNCTION @.seine_sum(sealed text, OUT row_count bigint, OUT hashes numeric) LANGUAGE plpgsql AS $$"
    " BEGIN"
    "  EXECUTE format('SELECT count(*), coalesce(sum(@.seine_row_hash(encode(sha256(convert_to(t::text, ''UTF8'')),"
    " ''hex''))), 0) FROM @.%I t', sealed) INTO row_count, hashes;"
    " END $$;"
    "CREATE FUNCTION @.seine_seal_all() RETURNS void LANGUAGE plpgsql AS $$"
    " DECLARE sealed text;"
    " BEGIN"
    "  DELETE FROM @.seine_seal;"
    "  FOR sealed IN SELECT @.seine_sealed_tables() LOOP"
    "   EXECUTE format('CREATE OR REPLACE TRIGGER seine_note AFTER INSERT OR UPDATE OR DELETE ON @.%I"
    " FOR EACH ROW EXECUTE FUNCTION @.seine_note_change()', sealed);"
    "   INSERT INTO @.seine_seal(table_name, rows, sum)"
    "    SELECT sealed, s.row_count, s.hashes::text FROM @.seine_sum(sealed) s;"
    "   PERFORM set_config('seine.' || sealed, '', true);"
    "  END LOOP;"
    " END $$;"
    /* Tables whose rows are not those that were written, and seals of tables that are not there. */
    "CREATE FUNCTION @.seine_wrong_seals() RETURNS TABLE(sealed text, row_count bigint, kept bigint)"
    " LANGUAGE sql AS $$"
    " SELECT t, s.row_count, coalesce(k.rows, 0) FROM @.seine_sealed_tables() t"
    "  CROSS JOIN LATERAL @.seine_sum(t) s LEFT JOIN @.seine_seal k ON k.table_name = t"
    "  WHERE k.rows IS DISTINCT FROM s.row_count OR k.sum IS DISTINCT FROM s.hashes::text"
    " UNION ALL SELECT table_name, NULL, rows FROM @.seine_seal"
    "  WHERE table_name NOT IN (SELECT @.seine_sealed_tables()) ORDER BY 1 $$;";

static char *with_schema(const char *text, const char *schema) {
    size_t places = 0;
    for (const char *at = text; (at = strchr(at, '@')) != NULL; at++) places++;
    char *made = malloc(strlen(text) + places * strlen(schema) + 1), *out = made;
    if (made == NULL) return NULL;
    for (; *text != '\0'; text++) {
        if (*text == '@')
            out = stpcpy(out, schema);
        else
            *out++ = *text;
    }
    *out = '\0';
    return made;
}

seine_status seine_postgres_make_ledger(seine_db *base, seine_error *error) {
    seine_postgres *db = seine_postgres_of(base);
    char *sql = with_schema(ledger, db->schema);
    if (sql == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    PGresult *result = seine_postgres_exec(db, sql);
    const seine_status status =
        PQresultStatus(result) == PGRES_COMMAND_OK ? SEINE_OK : seine_postgres_fail(db, result, error);
    PQclear(result);
    free(sql);
    return status;
}

static seine_status no_row(void *context, const seine_db_value *columns, seine_error *error) {
    (void)context, (void)columns, (void)error;
    return SEINE_OK;
}

seine_status seine_postgres_seal_all(seine_db *db, seine_error *error) {
    return seine_postgres_query(db, "SELECT seine_seal_all()", NULL, 0, no_row, NULL, error);
}

seine_status seine_postgres_note_pointers(seine_db *base, seine_error *error) {
    seine_postgres *db = seine_postgres_of(base);
    SEINE_TRY(seine_pointer_seals_write(base, &db->pointers, error));
    seine_pointer_seals_clear(&db->pointers);
    return SEINE_OK;
}

seine_status seine_postgres_commit(seine_db *base, seine_error *error) {
    seine_postgres *db = seine_postgres_of(base);
    seine_status status = seine_postgres_note_pointers(base, error);
    if (status == SEINE_OK)
        status = seine_postgres_query(base, "SELECT seine_fold_seals()", NULL, 0, no_row, NULL, error);
    if (status != SEINE_OK) return status;
    PGresult *result = seine_postgres_exec(db, "COMMIT");
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = seine_postgres_fail(db, result, error);
    else if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        status = seine_fail(error, SEINE_E_IO, "catalog %s: the transaction was taken back", db->address);
    PQclear(result);
    return status;
}

/* ---- checking ---- */

static seine_status report_wrong(void *context, const seine_db_value *columns, seine_error *error) {
    const seine_db_finding *to = context;
    char text[256];
    (void)error;
    if (columns[1].kind == SEINE_DB_NULL)
        (void)snprintf(text, sizeof text, "catalog: its ledger has no table %s", columns[0].text);
    else
        (void)snprintf(text, sizeof text,
                       "catalog: the %lld rows of %s are not those that were written (%lld rows): changed by something"
                       " other than Seine",
                       (long long)columns[1].integer, columns[0].text, (long long)columns[2].integer);
    to->report(to->context, text);
    return SEINE_OK;
}

seine_status seine_postgres_check_seals(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error) {
    seine_db_finding to = {report, context};
    return seine_postgres_query(db, "SELECT sealed, row_count, kept FROM seine_wrong_seals()", NULL, 0, report_wrong,
                                &to, error);
}
