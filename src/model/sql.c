/* From the file's SELECT to the statement that runs: $names become literals, the rows get their order. */
#include "base/number.h"
#include "base/quote.h"
#include "base/time.h"
#include "base/try.h"
#include "model/model.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static seine_status put_setting(seine_buf *sql, const char *value) {
    double number;
    int64_t integer;
    const seine_str text = seine_str_of(value);
    if (seine_integer_parse(text, &integer)) return seine_buf_append(sql, text.data, text.size);
    if (seine_number_parse(text, &number)) return seine_buf_printf(sql, "CAST(%s AS DOUBLE)", value);
    return seine_sql_quote(sql, text, SEINE_SQL_TEXT);
}

/* The literal for $name. @return E_NOT_FOUND when nothing has that name. */
static seine_status put_value(const seine_model *model, const seine_model_moment *moment, seine_str name,
                              seine_buf *sql) {
    char text[40];
    if (seine_str_equal(name, SEINE_STR("day")) && model->has_days) {
        if (moment->day.is_null) return seine_buf_append_str(sql, "CAST(NULL AS DATE)");
        (void)seine_date_format(moment->day.value, text);
        return seine_buf_printf(sql, "DATE '%s'", text);
    }
    if (seine_str_equal(name, SEINE_STR("run_at"))) {
        (void)seine_time_format(moment->run_at_us, text);
        return seine_buf_printf(sql, "TIMESTAMPTZ '%s'", text);
    }
    for (size_t i = 0; i < model->setting_count; i++)
        if (seine_str_equal(name, seine_str_of(model->settings[i].name)))
            return put_setting(sql, model->settings[i].value);
    return SEINE_E_NOT_FOUND;
}

/* Length of a comment, text or quoted name that begins here, which is copied as it is; 0 = none. */
static size_t opaque_size(const char *at) {
    const char *end = NULL;
    if (at[0] == '-' && at[1] == '-') return strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*') {
        end = strstr(at + 2, "*/");
        return end != NULL ? (size_t)(end - at) + 2 : strlen(at);
    }
    if (at[0] != '\'' && at[0] != '"') return 0;
    end = strchr(at + 1, at[0]); /* a doubled quote begins the next piece */
    return end != NULL ? (size_t)(end - at) + 1 : strlen(at);
}

static size_t name_size(const char *at) {
    size_t size = 0;
    while (isalnum((unsigned char)at[size]) || at[size] == '_') size++;
    return size;
}

static seine_status put_failed(const seine_model *model, seine_status status, seine_error *error) {
    return seine_fail(error, status, "%s: the statement is too long", model->file);
}

static seine_status put_body(const seine_model *model, const seine_model_moment *moment, seine_buf *sql,
                             seine_error *error) {
    const char *at = model->text;
    size_t left = strlen(at);
    while (left > 0 && (isspace((unsigned char)at[left - 1]) || at[left - 1] == ';')) left--;
    const char *end = at + left;
    int line = 1;
    while (at < end) {
        size_t size = opaque_size(at);
        seine_status status = SEINE_OK;
        if (size == 0 && *at == '$') {
            const seine_str name = {at + 1, name_size(at + 1)};
            size = name.size + 1;
            status = put_value(model, moment, name, sql);
            if (status == SEINE_E_NOT_FOUND)
                return seine_fail(error, SEINE_E_FORMAT, "%s line %d: no setting is named \"$%.*s\"", model->file, line,
                                  SEINE_STR_ARG(name));
        } else {
            if (size == 0) size = 1;
            if (size > (size_t)(end - at)) size = (size_t)(end - at);
            status = seine_buf_append(sql, at, size);
        }
        if (status != SEINE_OK) return put_failed(model, status, error);
        for (size_t i = 0; i < size; i++) line += at[i] == '\n';
        at += size;
    }
    return SEINE_OK;
}

/* Columns of lineage, each as it was in a row that says the same. */
static seine_status put_lineage(const seine_model *model, seine_buf *sql) {
    const seine_column *columns = model->schema.columns;
    const char *before = " REPLACE (";
    for (size_t i = 0; i + 1 < model->schema.column_count; i++) {
        if (!columns[i].lineage) continue;
        SEINE_TRY(seine_buf_printf(sql,
                                   "%sCASE WHEN was.version IS NULL THEN made.\"%s\" ELSE was.\"%s\" END AS \"%s\"",
                                   before, columns[i].name, columns[i].name, columns[i].name));
        before = ", ";
    }
    return before[0] == ',' ? seine_buf_append_str(sql, ")") : SEINE_OK;
}

/* Rows that say the same as before keep their version and lineage: those of the run that made them. */
static seine_status put_versions(const seine_model *model, const seine_model_moment *moment, seine_buf *sql) {
    SEINE_TRY(seine_buf_append_str(sql, "SELECT made.*"));
    SEINE_TRY(put_lineage(model, sql));
    return seine_buf_printf(sql, ", coalesce(was.version, CAST(%" PRId64 " AS BIGINT)) AS version FROM (",
                            moment->version);
}

/* "was" is there for a row that says the same, and for no other. */
static seine_status put_former(const seine_model *model, seine_buf *sql) {
    const seine_column *columns = model->schema.columns;
    const char *key = columns[model->key_column].name;
    SEINE_TRY(seine_buf_printf(sql, " AS made LEFT JOIN " SEINE_MODEL_FORMER " AS was ON made.\"%s\" = was.\"%s\"", key,
                               key));
    for (size_t i = 0; i + 1 < model->schema.column_count; i++)
        if (!columns[i].lineage && i != model->key_column)
            SEINE_TRY(seine_buf_printf(sql, " AND made.\"%s\" IS NOT DISTINCT FROM was.\"%s\"", columns[i].name,
                                       columns[i].name));
    return SEINE_OK;
}

/* The SELECT of the sink, in one line, so that lines stay those of the file. */
static seine_status begin_rows(const seine_model *model, const seine_model_moment *moment, seine_buf *sql) {
    SEINE_TRY(seine_buf_append_str(sql, "SELECT * FROM ("));
    return model->is_events ? put_versions(model, moment, sql) : SEINE_OK;
}

static seine_status end_rows(const seine_model *model, seine_buf *sql) {
    SEINE_TRY(seine_buf_append_str(sql, "\n)"));
    if (!model->is_events) return SEINE_OK;
    SEINE_TRY(put_former(model, sql));
    return seine_buf_append_str(sql, ")");
}

seine_status seine_model_sql_rows(const seine_model *model, const seine_model_moment *moment, seine_buf *sql,
                                  seine_error *error) {
    const seine_status begun = begin_rows(model, moment, sql);
    if (begun != SEINE_OK) return put_failed(model, begun, error);
    SEINE_TRY(put_body(model, moment, sql, error));
    const seine_status ended = end_rows(model, sql);
    return ended == SEINE_OK ? SEINE_OK : put_failed(model, ended, error);
}

seine_status seine_model_sql_order(const seine_model *model, seine_buf *sql, seine_error *error) {
    for (size_t i = 0; i < SEINE_SORT_COLUMNS_MAX && model->schema.sort_ids[i] != 0; i++) {
        const seine_status status = seine_buf_printf(sql, "%s\"%s\" NULLS FIRST", i > 0 ? ", " : " ORDER BY ",
                                                     model->schema.columns[model->schema.sort_ids[i] - 1].name);
        if (status != SEINE_OK) return put_failed(model, status, error);
    }
    return SEINE_OK;
}

seine_status seine_model_sql(const seine_model *model, const seine_model_moment *moment, seine_buf *sql,
                             seine_error *error) {
    SEINE_TRY(seine_model_sql_rows(model, moment, sql, error));
    return seine_model_sql_order(model, sql, error);
}

seine_status seine_model_blame(const seine_model *model, seine_error *error) {
    if (error == NULL) return SEINE_E_FORMAT;
    const char *at = strstr(error->text, "LINE ");
    const int line = at != NULL ? atoi(at + 5) : 0;
    char text[sizeof error->text];
    (void)snprintf(text, sizeof text, "%s", error->text);
    char *picture = strstr(text, "\n\nLINE ");
    if (picture != NULL) *picture = '\0';
    for (char *c = text; *c != '\0'; c++)
        if (*c == '\n') *c = ' ';
    const seine_status status = error->status;
    if (line > 0) return seine_fail(error, status, "%s line %d: %.900s", model->file, line, text);
    return seine_fail(error, status, "%s: %.900s", model->file, text);
}
