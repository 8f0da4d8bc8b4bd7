#include "ingest/parquet_text.h"

#include "base/quote.h"
#include "base/try.h"
#include "decode/field.h"

#include <stdio.h>

#define SQL_BYTES_MAX ((size_t)1 << 16)

static seine_status put_source(seine_buf *sql, const char *path) {
    SEINE_TRY(seine_buf_append_str(sql, " FROM read_parquet("));
    SEINE_TRY(seine_sql_text(sql, path));
    return seine_buf_append_str(sql, ", hive_partitioning = false)");
}

static bool is_time_of(const seine_dataset *dataset, const char *name) {
    const seine_dataset_column *column = &dataset->columns[SEINE_DATASET_TIME];
    for (size_t i = 0; i < column->name_count; i++)
        if (seine_field_name_equal(seine_str_of(name), column->names[i])) return true;
    return false;
}

/* `strftime(time, pattern)`, seconds with their fraction; a moment is told by the clock of the dataset. */
static seine_status put_pattern(seine_buf *sql, const seine_dataset *dataset, const char *name, bool is_moment) {
    SEINE_TRY(seine_buf_append_str(sql, "strftime(make_timestamp(epoch_us("));
    SEINE_TRY(seine_sql_name(sql, name));
    SEINE_TRY(seine_buf_printf(sql, ") + %lld), '", is_moment ? (long long)dataset->time_offset_s * 1000000 : 0LL));
    for (const char *at = dataset->time_pattern; *at != '\0'; at++) {
        const bool is_second = at[0] == '%' && at[1] == 'S';
        SEINE_TRY(seine_buf_append_str(sql, is_second ? "%S.%f" : *at == '\'' ? "''" : ""));
        if (!is_second && *at != '\'') SEINE_TRY(seine_buf_append(sql, at, 1));
        at += is_second;
    }
    return seine_buf_append_str(sql, "')");
}

/* The time of the dataset in the form in which it expects it; what is no number has no place in JSON. */
static seine_status put_column(seine_buf *sql, const seine_dataset *dataset, const char *name, const char *type) {
    const bool is_time = strncmp(type, "TIMESTAMP", 9) == 0, is_moment = strstr(type, "TIME ZONE") != NULL;
    const bool is_number = strcmp(type, "DOUBLE") == 0 || strcmp(type, "FLOAT") == 0;
    const bool is_own = is_time && is_time_of(dataset, name);
    if (is_own && dataset->time_kind == SEINE_TIME_PATTERN) {
        SEINE_TRY(put_pattern(sql, dataset, name, is_moment));
    } else {
        const bool is_unix = is_own && dataset->time_kind == SEINE_TIME_UNIX;
        if (is_time) SEINE_TRY(seine_buf_append_str(sql, is_unix ? "epoch_us(" : "strftime(make_timestamp(epoch_us("));
        if (is_number) SEINE_TRY(seine_buf_append_str(sql, "CASE WHEN isfinite("));
        SEINE_TRY(seine_sql_name(sql, name));
        if (is_unix) SEINE_TRY(seine_buf_printf(sql, ") / %.17g", dataset->time_unit_us));
        if (is_time && !is_unix)
            SEINE_TRY(seine_buf_printf(sql, ")), '%%Y-%%m-%%dT%%H:%%M:%%S.%%f%s')", is_moment ? "Z" : ""));
        if (is_number) {
            SEINE_TRY(seine_buf_append_str(sql, ") THEN "));
            SEINE_TRY(seine_sql_name(sql, name));
            SEINE_TRY(seine_buf_append_str(sql, " END"));
        }
    }
    SEINE_TRY(seine_buf_append_str(sql, " AS "));
    return seine_sql_name(sql, name);
}

/* `COPY (SELECT columns FROM …) TO …`. */
static seine_status build_copy(seine_session *session, const char *from, const char *to, seine_buf *sql,
                               seine_error *error) {
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_buf probe SEINE_OWNED(seine_buf_free);
    seine_buf_init(&probe, SQL_BYTES_MAX);
    seine_status status = seine_buf_append_str(&probe, "SELECT *");
    if (status == SEINE_OK) status = put_source(&probe, from);
    if (status == SEINE_OK) status = seine_buf_append_str(&probe, " LIMIT 0");
    const char *text = status == SEINE_OK ? seine_buf_text(&probe) : NULL;
    if (text == NULL) return seine_no_memory(error, from);
    SEINE_TRY(seine_query_start(session->engine, text, NULL, 0, &query, error));
    status = seine_buf_append_str(sql, "COPY (SELECT ");
    for (size_t i = 0; i < seine_query_column_count(query) && status == SEINE_OK; i++) {
        if (i > 0) status = seine_buf_append_str(sql, ", ");
        if (status == SEINE_OK)
            status =
                put_column(sql, session->dataset, seine_query_column_name(query, i), seine_query_column_type(query, i));
    }
    if (status == SEINE_OK) status = put_source(sql, from);
    if (status == SEINE_OK) status = seine_buf_append_str(sql, ") TO ");
    if (status == SEINE_OK) status = seine_sql_text(sql, to);
    if (status == SEINE_OK) status = seine_buf_append_str(sql, " (FORMAT json)");
    return status == SEINE_OK ? SEINE_OK : seine_no_memory(error, from);
}

static seine_status copy_rows(seine_session *session, const char *from, const char *to, seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_BYTES_MAX);
    SEINE_TRY(build_copy(session, from, to, &sql, error));
    const char *copy = seine_buf_text(&sql);
    return copy != NULL ? seine_engine_run(session->engine, copy, error) : seine_no_memory(error, from);
}

bool seine_parquet_text_is(const char *name) {
    return seine_str_ends_with_nocase(seine_str_of(name), SEINE_STR(".parquet"));
}

seine_status seine_parquet_text_make(seine_session *session, const char *name, const char *path, const char *to,
                                     seine_error *error) {
    if (strpbrk(name, "*?[]") != NULL)
        return seine_fail(error, SEINE_E_FORMAT, "%s: the name of a Parquet file has no * ? [ ]; use --as", name);
    seine_error why = {SEINE_OK, ""};
    SEINE_TRY(seine_session_engine(session, error));
    const seine_status status = copy_rows(session, path, to, &why);
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status == SEINE_E_NOMEM || status == SEINE_E_IO ? status : SEINE_E_FORMAT,
                      "%s: a Parquet file that cannot be read: %.*s", name, (int)strcspn(why.text, "\n"), why.text);
}
