/*
 * Tables as SQL: Parquet files are read by field id, so a file written under another column name or order still gives
 * the declared columns, cast to the declared types; a column a file does not have is null.
 */
#include "base/try.h"
#include "engine/internal.h"

static seine_status put_schema_entry(seine_buf *sql, const seine_column *column) {
    SEINE_TRY(seine_buf_printf(sql, "%d: {name: ", column->id));
    SEINE_TRY(seine_sql_text(sql, column->name));
    return seine_buf_printf(sql, ", type: '%s', default_value: NULL}", seine_type_sql(column->type));
}

/* `read_parquet([files], schema = MAP {id: …}, hive_partitioning = false)`; folders named like `ts_day=…` are no
 * columns. */
static seine_status put_files(seine_buf *sql, const seine_table_schema *schema, const char *const *files,
                              size_t file_count) {
    SEINE_TRY(seine_buf_append_str(sql, "read_parquet(["));
    for (size_t i = 0; i < file_count; i++) {
        if (i > 0) SEINE_TRY(seine_buf_append(sql, ", ", 2));
        SEINE_TRY(seine_sql_text(sql, files[i]));
    }
    SEINE_TRY(seine_buf_append_str(sql, "], schema = MAP {"));
    for (size_t i = 0; i < schema->column_count; i++) {
        if (i > 0) SEINE_TRY(seine_buf_append(sql, ", ", 2));
        SEINE_TRY(put_schema_entry(sql, &schema->columns[i]));
    }
    return seine_buf_append_str(sql, "}, hive_partitioning = false)");
}

/* One row of nulls with the declared names and types. */
static seine_status put_nothing(seine_buf *sql, const seine_table_schema *schema) {
    SEINE_TRY(seine_buf_append_str(sql, "(SELECT "));
    for (size_t i = 0; i < schema->column_count; i++) {
        SEINE_TRY(seine_buf_printf(sql, "%sCAST(NULL AS %s) AS ", i > 0 ? ", " : "",
                                   seine_type_sql(schema->columns[i].type)));
        SEINE_TRY(seine_sql_name(sql, schema->columns[i].name));
    }
    return seine_buf_append_str(sql, " WHERE false)");
}

seine_status seine_sql_source(seine_buf *sql, const seine_table_schema *schema, const char *const *files,
                              size_t file_count) {
    return file_count > 0 ? put_files(sql, schema, files, file_count) : put_nothing(sql, schema);
}

/* The namespace of "silver.ais" as a quoted name; catalogs of others may hold any bytes. */
static seine_status put_namespace(seine_buf *sql, const char *name, const char *dot) {
    return seine_sql_quote(sql, (seine_str){name, (size_t)(dot - name)}, SEINE_SQL_NAME);
}

static seine_status put_view_name(seine_buf *sql, const char *name) {
    const char *dot = strchr(name, '.');
    if (dot == NULL) return seine_sql_name(sql, name);
    SEINE_TRY(put_namespace(sql, name, dot));
    SEINE_TRY(seine_buf_append(sql, ".", 1));
    return seine_sql_name(sql, dot + 1);
}

/* `CREATE SCHEMA IF NOT EXISTS "silver"; CREATE OR REPLACE VIEW "silver"."ais" AS SELECT ` for "silver.ais". */
static seine_status put_view(seine_buf *sql, const char *name) {
    const char *dot = strchr(name, '.');
    if (dot != NULL) {
        SEINE_TRY(seine_buf_append_str(sql, "CREATE SCHEMA IF NOT EXISTS "));
        SEINE_TRY(put_namespace(sql, name, dot));
        SEINE_TRY(seine_buf_append_str(sql, "; "));
    }
    SEINE_TRY(seine_buf_append_str(sql, "CREATE OR REPLACE VIEW "));
    SEINE_TRY(put_view_name(sql, name));
    return seine_buf_append_str(sql, " AS SELECT ");
}

/* Keeps the schema of a view for the search path; schemas are named in order, so looking at the last one is
 * enough. Names of others that would have to be quoted there are left out. */
static seine_status note_schema(seine_engine *engine, const char *name) {
    const char *dot = strchr(name, '.');
    const size_t size = dot != NULL ? (size_t)(dot - name) : 0;
    const size_t had = engine->schemas.size;
    for (size_t i = 0; i < size; i++)
        if ((name[i] < 'a' || name[i] > 'z') && (name[i] < '0' || name[i] > '9' || i == 0) && name[i] != '_')
            return SEINE_OK;
    if (size == 0 || engine->guard != SEINE_GUARD_NONE) return SEINE_OK;
    if (had >= size + 1 && memcmp(engine->schemas.data + had - size, name, size) == 0 &&
        engine->schemas.data[had - size - 1] == ',')
        return SEINE_OK;
    SEINE_TRY(seine_buf_append(&engine->schemas, ",", 1));
    return seine_buf_append(&engine->schemas, name, size);
}

/* Keeps the paths for seine_engine_lock. */
static seine_status note_readable(seine_engine *engine, const char *const *files, size_t file_count) {
    for (size_t i = 0; engine->guard == SEINE_GUARD_NONE && i < file_count; i++) {
        if (engine->readable.size > 0) SEINE_TRY(seine_buf_append(&engine->readable, ", ", 2));
        SEINE_TRY(seine_sql_text(&engine->readable, files[i]));
    }
    return SEINE_OK;
}

/* Makes the view whose statement is in @p sql, unless putting it there failed. */
static seine_status make_view(seine_engine *engine, const char *name, seine_status put, seine_buf *sql,
                              seine_error *error) {
    if (put == SEINE_OK) put = note_schema(engine, name);
    const char *text = put == SEINE_OK ? seine_buf_text(sql) : NULL;
    if (text != NULL) return seine_engine_run(engine, text, error);
    return seine_fail(error, put != SEINE_OK ? put : SEINE_E_NOMEM, "view %s: SQL text too long", name);
}

static seine_status put_table(seine_buf *sql, const char *name, const seine_table_schema *schema,
                              const char *const *files, size_t file_count) {
    SEINE_TRY(put_view(sql, name));
    SEINE_TRY(seine_buf_append_str(sql, "* FROM "));
    return seine_sql_source(sql, schema, files, file_count);
}

seine_status seine_engine_view(seine_engine *engine, const seine_table_schema *schema, const char *name,
                               const char *const *files, size_t file_count, seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SEINE_SQL_MAX);
    seine_status put = put_table(&sql, name, schema, files, file_count);
    if (put == SEINE_OK) put = note_readable(engine, files, file_count);
    return make_view(engine, name, put, &sql, error);
}

static seine_status put_unreadable(seine_buf *sql, const char *name, const char *why) {
    seine_buf message SEINE_OWNED(seine_buf_free);
    seine_buf_init(&message, SEINE_SQL_MAX);
    SEINE_TRY(seine_buf_printf(&message, "table %s cannot be read: %s", name, why));
    SEINE_TRY(put_view(sql, name));
    SEINE_TRY(seine_buf_append_str(sql, "NULL AS unreadable WHERE error("));
    SEINE_TRY(seine_sql_quote(sql, seine_buf_str(&message), SEINE_SQL_TEXT));
    return seine_buf_append_str(sql, ") IS NULL"); /* no column: counting asks too */
}

seine_status seine_engine_view_unreadable(seine_engine *engine, const char *name, const char *why, seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SEINE_SQL_MAX);
    return make_view(engine, name, put_unreadable(&sql, name, why), &sql, error);
}

static seine_status put_scan(seine_buf *sql, const seine_table_schema *schema, const size_t *columns,
                             size_t column_count, const char *const *files, size_t file_count, const char *where) {
    SEINE_TRY(seine_buf_append_str(sql, "SELECT "));
    for (size_t i = 0; i < column_count; i++) {
        if (i > 0) SEINE_TRY(seine_buf_append(sql, ", ", 2));
        SEINE_TRY(seine_sql_name(sql, schema->columns[columns[i]].name));
    }
    SEINE_TRY(seine_buf_append_str(sql, " FROM "));
    SEINE_TRY(seine_sql_source(sql, schema, files, file_count));
    if (where != NULL) SEINE_TRY(seine_buf_printf(sql, " WHERE %s", where));
    return seine_buf_text(sql) != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

seine_status seine_scan_start(seine_engine *engine, const seine_table_schema *schema, const size_t *columns,
                              size_t column_count, const char *const *files, size_t file_count, const char *where,
                              seine_query **query, seine_error *error) {
    *query = NULL;
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SEINE_SQL_MAX);
    const seine_status put = put_scan(&sql, schema, columns, column_count, files, file_count, where);
    if (put != SEINE_OK) return seine_fail(error, put, "scan of %s: SQL text too long", schema->name);
    return seine_query_start(engine, (const char *)sql.data, NULL, 0, query, error);
}
