/* Statements that are asked for the page and for files. */
#include "base/quote.h"
#include "base/try.h"
#include "cli/report/report.h"
#include "core/injection.h"
#include "model/model.h"

#include <stdint.h>

#define SQL_MAX_BYTES ((size_t)1 << 20)

static const char *kept(seine_report *report, seine_buf *sql, seine_status status) {
    return status == SEINE_OK ? seine_arena_copy(&report->arena, sql->data, sql->size) : NULL;
}

/* ---- last states ---- */

/* Place and measures belong to the newest row, be they known or not. */
static seine_status put_last_states(const seine_report *report, seine_buf *sql) {
    const char *const *columns = report->columns;
    const char *id = columns[SEINE_DATASET_ID], *time = columns[SEINE_DATASET_TIME];
    SEINE_TRY(seine_buf_printf(sql, "SELECT %s, max(%s) AS %s", id, time, time));
    for (size_t i = SEINE_DATASET_LAT; i < report->dataset->column_count; i++)
        SEINE_TRY(seine_buf_printf(sql, ", %s(%s, %s) AS %s",
                                   i < seine_dataset_statics_first(report->dataset) ? "arg_max_null" : "arg_max",
                                   columns[i], time, columns[i]));
    return seine_buf_printf(sql, " FROM %s GROUP BY %s", report->views[SEINE_REPORT_SILVER], id);
}

const char *seine_report_last_states(seine_report *report) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    return kept(report, &sql, put_last_states(report, &sql));
}

/* ---- texts that look like SQL ---- */

static seine_status put_texts(const seine_report *report, size_t place, seine_buf *sql) {
    const char *column = report->columns[report->texts[place]];
    SEINE_TRY(seine_buf_printf(sql, "%sSELECT %zu AS place, ", place > 0 ? " UNION ALL " : "", place));
    SEINE_TRY(seine_sql_text(sql, report->dataset->columns[report->texts[place]].name));
    return seine_buf_printf(sql,
                            " AS \"column\", %s AS value, unnest(sql_injection(%s)) AS pattern, %s AS id, %s AS told"
                            " FROM %s",
                            column, column, report->columns[SEINE_DATASET_ID], report->columns[SEINE_DATASET_TIME],
                            report->views[SEINE_REPORT_SILVER]);
}

static seine_status put_injections(const seine_report *report, seine_buf *sql) {
    SEINE_TRY(seine_buf_append_str(sql, "SELECT \"column\", value, pattern FROM ("));
    for (size_t i = 0; i < report->text_count; i++) SEINE_TRY(put_texts(report, i, sql));
    SEINE_TRY(seine_buf_append_str(sql, ") ORDER BY place, list_position(["));
    for (unsigned i = 0; i < SEINE_INJECTION_COUNT; i++) {
        SEINE_TRY(seine_buf_append_str(sql, i > 0 ? ", " : ""));
        SEINE_TRY(seine_sql_text(sql, seine_injection_name(i)));
    }
    return seine_buf_append_str(sql, "], pattern), id, told");
}

const char *seine_report_injections(seine_report *report) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    return kept(report, &sql, put_injections(report, &sql));
}

/* ---- top speeds ---- */

size_t seine_report_measure_of(const seine_report *report, const char *column) {
    const size_t end = seine_dataset_statics_first(report->dataset);
    for (size_t i = SEINE_DATASET_MEASURES; i < end; i++)
        if (strncmp(column, "top_", 4) == 0 && strcmp(column + 4, report->dataset->columns[i].name) == 0) return i;
    return SIZE_MAX;
}

bool seine_report_has_top_speeds(const seine_report *report) {
    const seine_table *table = report->tables[SEINE_REPORT_TOP_SPEEDS];
    if (table == NULL) return false;
    const seine_table_schema *schema = seine_table_schema_of(table);
    return seine_schema_column(schema, "date_hour") != SIZE_MAX && seine_schema_column(schema, "place") != SIZE_MAX;
}

/* ---- files ---- */

/* A column that is not the day, the hour or the place of a table of top speeds. */
static bool is_told(const char *name) {
    return strcmp(name, "dt") != 0 && strcmp(name, "date_hour") != 0 && strcmp(name, "place") != 0;
}

/* Whether all values of a measure are there, and whole. */
static seine_status is_whole(seine_report *report, size_t measure, bool *whole, seine_error *error) {
    seine_answer answer;
    const char *name = report->columns[measure];
    SEINE_TRY(seine_report_ask(report, &answer, error,
                               "SELECT count(*), count(*) FILTER (%s = trunc(%s) AND abs(%s) < 1e15) FROM %s", name,
                               name, name, report->views[SEINE_REPORT_SILVER]));
    *whole = seine_answer_count(&answer, 0, 0) == seine_answer_count(&answer, 0, 1);
    return SEINE_OK;
}

/* The columns of the vehicle exercise as pandas wrote them: hours with an offset in figures, and velocities without a
 * point when every one of silver is there and whole. */
static seine_status put_top_speeds(seine_report *report, const bool *whole, seine_buf *sql) {
    const seine_table_schema *schema = seine_table_schema_of(report->tables[SEINE_REPORT_TOP_SPEEDS]);
    SEINE_TRY(seine_buf_append_str(sql, "SELECT strftime(date_hour, '%Y-%m-%d %H:%M:%S') || '+00:00' AS date_hour"));
    for (size_t i = 0; i < schema->column_count; i++) {
        const char *name = schema->columns[i].name;
        if (!is_told(name)) continue;
        SEINE_TRY(seine_buf_append_str(sql, whole[i] ? ", CAST(" : ", "));
        SEINE_TRY(seine_sql_name(sql, name));
        SEINE_TRY(seine_buf_append_str(sql, whole[i] ? " AS BIGINT) AS " : " AS "));
        SEINE_TRY(seine_sql_name(sql, name));
    }
    return seine_buf_printf(sql, " FROM %s WHERE place <= 10 ORDER BY date_hour, place",
                            report->views[SEINE_REPORT_TOP_SPEEDS]);
}

static seine_status top_speeds(seine_report *report, const char **statement, seine_error *error) {
    const seine_table_schema *schema = seine_table_schema_of(report->tables[SEINE_REPORT_TOP_SPEEDS]);
    bool *whole = SEINE_ARENA_ARRAY(&report->arena, bool, schema->column_count);
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    if (whole == NULL) return seine_no_memory(error, "report");
    for (size_t i = 0; i < schema->column_count; i++) {
        const size_t measure = seine_report_measure_of(report, schema->columns[i].name);
        if (measure != SIZE_MAX) SEINE_TRY(is_whole(report, measure, &whole[i], error));
    }
    *statement = kept(report, &sql, put_top_speeds(report, whole, &sql));
    return SEINE_OK;
}

static const char *rows_per_day(seine_report *report) {
    return seine_arena_printf(&report->arena,
                              "SELECT CAST(%s AS DATE) AS day, count(*) AS rows, count(DISTINCT %s) AS movers FROM %s"
                              " GROUP BY day ORDER BY day",
                              report->columns[SEINE_DATASET_TIME], report->columns[SEINE_DATASET_ID],
                              report->views[SEINE_REPORT_SILVER]);
}

static const char *ordered(seine_report *report, const char *sql) {
    return sql != NULL ? seine_arena_printf(&report->arena, "%s ORDER BY %s", sql, report->columns[SEINE_DATASET_ID])
                       : NULL;
}

/* Whether models make last states and top speeds of the dataset, and the lake has them. */
static seine_status find_gold(seine_report *report, bool *is_made, seine_error *error) {
    seine_model_set set SEINE_OWNED(seine_model_set_free) = {0};
    SEINE_TRY(seine_model_set_of_lake(report->catalog, NULL, 0, &set, error));
    *is_made = seine_model_set_find(&set, report->names[SEINE_REPORT_LAST_STATE]) != NULL &&
               seine_model_set_find(&set, report->names[SEINE_REPORT_TOP_SPEEDS]) != NULL;
    if (!*is_made) return SEINE_OK;
    for (size_t i = SEINE_REPORT_LAST_STATE; i <= SEINE_REPORT_TOP_SPEEDS; i++) {
        const seine_table *table = report->tables[i];
        const bool is_empty = table == NULL || seine_table_rows(table) == 0;
        if (is_empty && (table == NULL || seine_table_rows(report->tables[SEINE_REPORT_SILVER]) > 0))
            return seine_fail(error, SEINE_E_NOT_FOUND, "%s has no rows yet: run seine refresh --lake %s first",
                              report->names[i], seine_cli_word(report->args, report->lake));
    }
    *is_made = seine_report_has_top_speeds(report);
    return SEINE_OK;
}

seine_status seine_report_files(seine_report *report, seine_report_file files[SEINE_REPORT_FILES], seine_error *error) {
    const char *id = report->dataset->columns[SEINE_DATASET_ID].name;
    seine_arena *arena = &report->arena;
    bool is_made = false;
    SEINE_TRY(find_gold(report, &is_made, error));
    if (is_made) {
        files[0] = (seine_report_file){
            seine_arena_printf(arena, "%s_last_state.parquet", id),
            ordered(report, seine_arena_printf(arena, "SELECT * FROM %s", report->views[SEINE_REPORT_LAST_STATE]))};
        files[1] = (seine_report_file){"top_fastest_per_hour.csv", NULL};
        SEINE_TRY(top_speeds(report, &files[1].sql, error));
    } else {
        files[0] = (seine_report_file){seine_arena_printf(arena, "%s_last_state.csv", id),
                                       ordered(report, seine_report_last_states(report))};
        files[1] = (seine_report_file){"rows_per_day.csv", rows_per_day(report)};
    }
    files[2] = (seine_report_file){"sql_injection_report.csv", seine_report_injections(report)};
    for (size_t i = 0; i < SEINE_REPORT_FILES; i++)
        if (files[i].name == NULL || files[i].sql == NULL) return seine_no_memory(error, "report");
    return SEINE_OK;
}
