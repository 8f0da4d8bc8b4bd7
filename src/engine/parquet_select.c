#include "engine/parquet_select.h"

#include "base/quote.h"
#include "base/try.h"

static seine_status append_from(seine_buf *sql, const char *path, bool has_folders) {
    SEINE_TRY(seine_buf_append_str(sql, " FROM read_parquet("));
    SEINE_TRY(seine_sql_text(sql, path));
    return seine_buf_append_str(sql, has_folders ? ")" : ", hive_partitioning = false)");
}

static seine_status append_columns(const seine_query *query, seine_parquet_put_column put, void *context,
                                   seine_buf *sql) {
    for (size_t i = 0; i < seine_query_column_count(query); i++) {
        const char *name = seine_query_column_name(query, i);
        const char *type = seine_query_column_is_json(query, i) ? "JSON" : seine_query_column_type(query, i);
        SEINE_TRY(seine_buf_append_str(sql, i == 0 ? "SELECT " : ", "));
        SEINE_TRY(put(context, name, type, sql));
        SEINE_TRY(seine_buf_append_str(sql, " AS "));
        SEINE_TRY(seine_sql_name(sql, name));
    }
    return SEINE_OK;
}

/* A query that reads nothing but the names and types of columns. */
static seine_status probe(seine_engine *engine, const char *path, bool has_folders, seine_query **query,
                          seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, (size_t)1 << 16);
    seine_status status = seine_buf_append_str(&sql, "SELECT *");
    if (status == SEINE_OK) status = append_from(&sql, path, has_folders);
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, " LIMIT 0");
    const char *text = status == SEINE_OK ? seine_buf_text(&sql) : NULL;
    return text != NULL ? seine_query_start(engine, text, NULL, 0, query, error) : seine_no_memory(error, path);
}

seine_status seine_parquet_select(seine_engine *engine, const char *path, bool has_folders,
                                  seine_parquet_put_column put, void *context, seine_buf *sql, seine_error *error) {
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    SEINE_TRY(probe(engine, path, has_folders, &query, error));
    seine_status status = append_columns(query, put, context, sql);
    if (status == SEINE_OK) status = append_from(sql, path, has_folders);
    if (status == SEINE_E_NOMEM) return seine_no_memory(error, path);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s: too many columns", path);
}
