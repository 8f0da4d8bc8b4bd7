#include "ingest/parquet_text.h"

#include "base/quote.h"
#include "base/try.h"
#include "decode/field.h"
#include "engine/parquet_lines.h"
#include "io/file.h"

#include <stdio.h>

#define BATCH_BYTES_MAX ((size_t)1 << 30)

static bool is_time_of(const seine_dataset *dataset, const char *name) {
    const seine_dataset_column *column = &dataset->columns[SEINE_DATASET_TIME];
    for (size_t i = 0; i < column->name_count; i++)
        if (seine_field_name_equal(seine_str_of(name), column->names[i])) return true;
    return false;
}

typedef struct selecting {
    const seine_dataset *dataset;
    seine_error why; /* a column cannot be taken */
    seine_file_writer *file;
} selecting;

static void abort_file(selecting *s) { seine_file_writer_abort(s->file); }

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
        SEINE_TRY(seine_buf_printf(sql, "%s'%s': regexp_extract(CAST(", i == 0 ? "to_json({" : ", ", parts[i]));
        SEINE_TRY(seine_sql_name(sql, name));
        SEINE_TRY(
            seine_buf_printf(sql, " AS VARCHAR), '^POINT \\(([-+.0-9eE]+) ([-+.0-9eE]+)\\)$', %d)", i == 0 ? 2 : 1));
    }
    return seine_buf_append_str(sql, "})");
}

/* Of a dataset whose times follow a pattern. */
static seine_status put_own_time(selecting *s, const char *name, bool is_moment, seine_buf *sql) {
    if (is_moment && s->dataset->time_zone != NULL) return refuse_moments(s->dataset, name, &s->why);
    return put_pattern(sql, s->dataset, name, is_moment);
}

/* What is read as it is; of all else the engine makes JSON. */
static bool is_plain(const char *type) {
    static const char *const types[] = {"BOOLEAN",  "TINYINT",   "SMALLINT", "INTEGER", "BIGINT",
                                        "UTINYINT", "USMALLINT", "UINTEGER", "VARCHAR", "DATE"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i]) == 0) return true;
    return false;
}

/* `before "name" behind`. */
static seine_status put_around(seine_buf *sql, const char *before, const char *name, const char *behind) {
    SEINE_TRY(seine_buf_append_str(sql, before));
    SEINE_TRY(seine_sql_name(sql, name));
    return seine_buf_append_str(sql, behind);
}

/* The time of the dataset in the form in which it expects it, any other in that of ISO 8601. */
static seine_status put_time(selecting *s, const char *name, bool is_moment, seine_buf *sql) {
    const seine_dataset *dataset = s->dataset;
    const bool is_own = is_time_of(dataset, name);
    if (is_own && dataset->time_kind == SEINE_TIME_PATTERN) return put_own_time(s, name, is_moment, sql);
    if (is_own && dataset->time_kind == SEINE_TIME_UNIX) {
        SEINE_TRY(put_around(sql, "epoch_us(", name, ")"));
        return seine_buf_printf(sql, " / %.17g", dataset->time_unit_us);
    }
    return put_around(sql, "strftime(make_timestamp(epoch_us(", name,
                      is_moment ? ")), '%Y-%m-%dT%H:%M:%S.%fZ')" : ")), '%Y-%m-%dT%H:%M:%S.%f')");
}

/* What is no number has no place in JSON. */
static seine_status put_column(void *context, const char *name, const char *type, seine_buf *sql) {
    if (strncmp(type, "GEOMETRY", 8) == 0) return put_point(sql, name);
    if (strncmp(type, "TIMESTAMP", 9) == 0) return put_time(context, name, strcmp(type, "TIMESTAMPTZ") == 0, sql);
    if (is_plain(type)) return seine_sql_name(sql, name);
    if (strcmp(type, "DOUBLE") != 0 && strcmp(type, "FLOAT") != 0) return put_around(sql, "to_json(", name, ")");
    SEINE_TRY(put_around(sql, "CASE WHEN isfinite(", name, ")"));
    return put_around(sql, " THEN ", name, "::DOUBLE END");
}

static seine_status write_lines(void *context, seine_buf *lines, size_t rows, seine_error *error) {
    (void)rows;
    const selecting *s = context;
    SEINE_TRY(seine_file_writer_append(s->file, lines->data, lines->size, error));
    seine_buf_clear(lines);
    return SEINE_OK;
}

static seine_status write_rows(seine_engine *engine, const seine_dataset *dataset, const char *from, const char *to,
                               seine_error *error) {
    selecting s SEINE_OWNED(abort_file) = {.dataset = dataset};
    seine_buf lines SEINE_OWNED(seine_buf_free);
    seine_buf_init(&lines, BATCH_BYTES_MAX);
    SEINE_TRY(seine_file_writer_open(to, &s.file, error));
    const seine_parquet_lines rows = {from, false, put_column, write_lines, &s};
    const seine_status status = seine_parquet_lines_read(engine, &rows, &lines, error);
    if (s.why.status != SEINE_OK) return seine_fail(error, s.why.status, "%s", s.why.text);
    if (status == SEINE_E_LIMIT && error->text[0] == '\0') return seine_fail(error, status, "rows that are too large");
    SEINE_TRY(status);
    return seine_file_writer_commit(SEINE_TAKE(s.file), SEINE_FILE_REPLACE, error);
}

bool seine_parquet_text_is(const char *name) {
    return seine_str_ends_with_nocase(seine_str_of(name), SEINE_STR(".parquet"));
}

seine_status seine_parquet_text_make(seine_engine *engine, const seine_dataset *dataset, const char *name,
                                     const char *path, const char *to, seine_error *error) {
    if (strpbrk(name, "*?[]") != NULL)
        return seine_fail(error, SEINE_E_FORMAT, "%s: the name of a Parquet file has no * ? [ ]; use --as", name);
    seine_error why = {SEINE_OK, ""};
    const seine_status status = write_rows(engine, dataset, path, to, &why);
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status == SEINE_E_NOMEM || status == SEINE_E_IO ? status : SEINE_E_FORMAT,
                      "%s: a Parquet file that cannot be read: %.*s", name, (int)strcspn(why.text, "\n"), why.text);
}
