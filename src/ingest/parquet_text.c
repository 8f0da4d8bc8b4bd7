#include "ingest/parquet_text.h"

#include "base/quote.h"
#include "base/try.h"
#include "decode/field.h"
#include "engine/parquet_select.h"

#include <stdio.h>

#define SQL_BYTES_MAX ((size_t)1 << 20)

static bool is_time_of(const seine_dataset *dataset, const char *name) {
    const seine_dataset_column *column = &dataset->columns[SEINE_DATASET_TIME];
    for (size_t i = 0; i < column->name_count; i++)
        if (seine_field_name_equal(seine_str_of(name), column->names[i])) return true;
    return false;
}

typedef struct selecting {
    const seine_dataset *dataset;
    seine_error why; /* a column cannot be taken */
} selecting;

/* A pattern tells no zone, so that of the hour that a clock shows twice the second one could not be told. */
static seine_status refuse_moments(const seine_dataset *dataset, const char *name, seine_error *error) {
    return seine_fail(error, SEINE_E_UNSUPPORTED,
                      "column %s has moments, which a pattern in the time zone %s cannot tell; write format: iso", name,
                      seine_zone_name(dataset->time_zone));
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

/* A point of GeoParquet as {lat, lon}, so that names such as geometry.lat lead to them; other shapes are no places. */
static seine_status put_point(seine_buf *sql, const char *name) {
    static const char *const parts[] = {"lat", "lon"};
    for (size_t i = 0; i < 2; i++) {
        SEINE_TRY(seine_buf_printf(sql, "%s'%s': regexp_extract(CAST(", i == 0 ? "{" : ", ", parts[i]));
        SEINE_TRY(seine_sql_name(sql, name));
        SEINE_TRY(
            seine_buf_printf(sql, " AS VARCHAR), '^POINT \\(([-+.0-9eE]+) ([-+.0-9eE]+)\\)$', %d)", i == 0 ? 2 : 1));
    }
    return seine_buf_append_str(sql, "}");
}

/* Of a dataset whose times follow a pattern. */
static seine_status put_own_time(selecting *s, const char *name, bool is_moment, seine_buf *sql) {
    if (is_moment && s->dataset->time_zone != NULL) return refuse_moments(s->dataset, name, &s->why);
    return put_pattern(sql, s->dataset, name, is_moment);
}

/* The time of the dataset in the form in which it expects it; what is no number has no place in JSON. */
static seine_status put_column(void *context, const char *name, const char *type, seine_buf *sql) {
    selecting *s = context;
    const seine_dataset *dataset = s->dataset;
    if (strncmp(type, "GEOMETRY", 8) == 0) return put_point(sql, name);
    const bool is_time = strncmp(type, "TIMESTAMP", 9) == 0, is_moment = strcmp(type, "TIMESTAMPTZ") == 0;
    const bool is_number = strcmp(type, "DOUBLE") == 0 || strcmp(type, "FLOAT") == 0;
    const bool is_own = is_time && is_time_of(dataset, name), is_unix = is_own && dataset->time_kind == SEINE_TIME_UNIX;
    if (is_own && dataset->time_kind == SEINE_TIME_PATTERN) return put_own_time(s, name, is_moment, sql);
    if (is_time) SEINE_TRY(seine_buf_append_str(sql, is_unix ? "epoch_us(" : "strftime(make_timestamp(epoch_us("));
    if (is_number) SEINE_TRY(seine_buf_append_str(sql, "CASE WHEN isfinite("));
    SEINE_TRY(seine_sql_name(sql, name));
    if (is_unix) return seine_buf_printf(sql, ") / %.17g", dataset->time_unit_us);
    if (is_time) return seine_buf_printf(sql, ")), '%%Y-%%m-%%dT%%H:%%M:%%S.%%f%s')", is_moment ? "Z" : "");
    if (!is_number) return SEINE_OK;
    SEINE_TRY(seine_buf_append_str(sql, ") THEN "));
    SEINE_TRY(seine_sql_name(sql, name));
    return seine_buf_append_str(sql, " END");
}

/* `COPY (SELECT columns FROM …) TO …`. */
static seine_status copy_rows(seine_engine *engine, const seine_dataset *dataset, const char *from, const char *to,
                              seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_BYTES_MAX);
    if (seine_buf_append_str(&sql, "COPY (") != SEINE_OK) return seine_no_memory(error, from);
    selecting s = {.dataset = dataset};
    seine_status status = seine_parquet_select(engine, from, false, put_column, &s, &sql, error);
    if (s.why.status != SEINE_OK) return seine_fail(error, s.why.status, "%s", s.why.text);
    SEINE_TRY(status);
    status = seine_buf_append_str(&sql, ") TO ");
    if (status == SEINE_OK) status = seine_sql_text(&sql, to);
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, " (FORMAT json)");
    const char *copy = status == SEINE_OK ? seine_buf_text(&sql) : NULL;
    return copy != NULL ? seine_engine_run(engine, copy, error) : seine_no_memory(error, from);
}

bool seine_parquet_text_is(const char *name) {
    return seine_str_ends_with_nocase(seine_str_of(name), SEINE_STR(".parquet"));
}

seine_status seine_parquet_text_make(seine_engine *engine, const seine_dataset *dataset, const char *name,
                                     const char *path, const char *to, seine_error *error) {
    if (strpbrk(name, "*?[]") != NULL)
        return seine_fail(error, SEINE_E_FORMAT, "%s: the name of a Parquet file has no * ? [ ]; use --as", name);
    seine_error why = {SEINE_OK, ""};
    const seine_status status = copy_rows(engine, dataset, path, to, &why);
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status == SEINE_E_NOMEM || status == SEINE_E_IO ? status : SEINE_E_FORMAT,
                      "%s: a Parquet file that cannot be read: %.*s", name, (int)strcspn(why.text, "\n"), why.text);
}
