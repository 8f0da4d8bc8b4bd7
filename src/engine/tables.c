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
    seine_status status = seine_buf_append_str(sql, "read_parquet([");
    for (size_t i = 0; status == SEINE_OK && i < file_count; i++) {
        if (i > 0) status = seine_buf_append(sql, ", ", 2);
        if (status == SEINE_OK) status = seine_sql_text(sql, files[i]);
    }
    if (status == SEINE_OK) status = seine_buf_append_str(sql, "], schema = MAP {");
    for (size_t i = 0; status == SEINE_OK && i < schema->column_count; i++) {
        if (i > 0) status = seine_buf_append(sql, ", ", 2);
        if (status == SEINE_OK) status = put_schema_entry(sql, &schema->columns[i]);
    }
    return status == SEINE_OK ? seine_buf_append_str(sql, "}, hive_partitioning = false)") : status;
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

/* `CREATE SCHEMA IF NOT EXISTS "silver"; ` for "silver.ais". */
static seine_status put_view_schema(seine_buf *sql, const char *name) {
    const char *dot = strchr(name, '.');
    if (dot == NULL) return SEINE_OK;
    SEINE_TRY(seine_buf_append_str(sql, "CREATE SCHEMA IF NOT EXISTS "));
    SEINE_TRY(put_namespace(sql, name, dot));
    return seine_buf_append_str(sql, "; ");
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

seine_status seine_engine_view(seine_engine *engine, const seine_table_schema *schema, const char *name,
                               const char *const *files, size_t file_count, seine_error *error) {
    seine_buf sql;
    seine_buf_init(&sql, SEINE_SQL_MAX);
    seine_status status = put_view_schema(&sql, name);
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, "CREATE OR REPLACE VIEW ");
    if (status == SEINE_OK) status = put_view_name(&sql, name);
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, " AS SELECT * FROM ");
    if (status == SEINE_OK) status = seine_sql_source(&sql, schema, files, file_count);
    if (status == SEINE_OK) status = note_readable(engine, files, file_count);
    if (status == SEINE_OK) status = note_schema(engine, name);
    const char *text = seine_buf_text(&sql);
    if (status == SEINE_OK && text != NULL)
        status = seine_engine_run(engine, text, error);
    else
        status = seine_fail(error, status != SEINE_OK ? status : SEINE_E_NOMEM, "view %s: SQL text too long", name);
    seine_buf_free(&sql);
    return status;
}

seine_status seine_engine_view_unreadable(seine_engine *engine, const char *name, const char *why, seine_error *error) {
    seine_buf sql, text;
    seine_buf_init(&sql, SEINE_SQL_MAX);
    seine_buf_init(&text, SEINE_SQL_MAX);
    seine_status status = seine_buf_printf(&text, "table %s cannot be read: %s", name, why);
    const char *message = status == SEINE_OK ? seine_buf_text(&text) : NULL;
    if (message == NULL) status = SEINE_E_NOMEM;
    if (status == SEINE_OK) status = put_view_schema(&sql, name);
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, "CREATE OR REPLACE VIEW ");
    if (status == SEINE_OK) status = put_view_name(&sql, name);
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, " AS SELECT NULL AS unreadable WHERE error(");
    if (status == SEINE_OK) status = seine_sql_text(&sql, message);
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, ") IS NULL"); /* no column: counting asks too */
    if (status == SEINE_OK) status = note_schema(engine, name);
    const char *statement = status == SEINE_OK ? seine_buf_text(&sql) : NULL;
    if (statement != NULL)
        status = seine_engine_run(engine, statement, error);
    else
        status = seine_fail(error, status != SEINE_OK ? status : SEINE_E_NOMEM, "view %s: SQL text too long", name);
    seine_buf_free(&text);
    seine_buf_free(&sql);
    return status;
}

seine_status seine_scan_start(seine_engine *engine, const seine_table_schema *schema, const size_t *columns,
                              size_t column_count, const char *const *files, size_t file_count, const char *where,
                              seine_query **query, seine_error *error) {
    *query = NULL;
    seine_buf sql;
    seine_buf_init(&sql, SEINE_SQL_MAX);
    seine_status status = seine_buf_append_str(&sql, "SELECT ");
    for (size_t i = 0; status == SEINE_OK && i < column_count; i++) {
        if (i > 0) status = seine_buf_append(&sql, ", ", 2);
        if (status == SEINE_OK) status = seine_sql_name(&sql, schema->columns[columns[i]].name);
    }
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, " FROM ");
    if (status == SEINE_OK) status = seine_sql_source(&sql, schema, files, file_count);
    if (status == SEINE_OK && where != NULL) status = seine_buf_printf(&sql, " WHERE %s", where);
    const char *text = seine_buf_text(&sql);
    if (status == SEINE_OK && text != NULL)
        status = seine_query_start(engine, text, NULL, 0, query, error);
    else
        status = seine_fail(error, status != SEINE_OK ? status : SEINE_E_NOMEM, "scan of %s: SQL text too long",
                            schema->name);
    seine_buf_free(&sql);
    return status;
}
