/* Rows of a query, kept: a report's are few, so one form does for tables and plots. */
#include "base/array.h"
#include "base/number.h"
#include "base/try.h"
#include "cli/output/internal.h"
#include "cli/report/report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#define ROWS_MAX ((size_t)1 << 20)
#define CELL_MAX_BYTES ((size_t)64 << 20)

/* An answer that grows. */
typedef struct growing {
    seine_answer *answer;
    seine_arena *arena;
    size_t text_capacity, number_capacity; /* cells */
    seine_buf cell;
} growing;

static void growing_end(growing *g) { seine_buf_free(&g->cell); }

static seine_status take_names(growing *g, const seine_query *query, seine_error *error) {
    seine_answer *a = g->answer;
    *a = (seine_answer){.columns = seine_query_column_count(query)};
    a->names = SEINE_ARENA_ARRAY(g->arena, const char *, a->columns);
    a->is_number = SEINE_ARENA_ARRAY(g->arena, bool, a->columns);
    if (a->names == NULL || a->is_number == NULL) return seine_no_memory(error, "report");
    for (size_t i = 0; i < a->columns; i++) {
        const char *name = seine_query_column_name(query, i);
        a->names[i] = seine_arena_copy(g->arena, name, strlen(name));
        a->is_number[i] = seine_output_is_number(seine_query_column_type(query, i));
        if (a->names[i] == NULL) return seine_no_memory(error, "report");
    }
    return SEINE_OK;
}

static seine_status take_cell(growing *g, const seine_vec *vec, size_t row, size_t column, seine_str *text,
                              double *number) {
    *text = (seine_str){NULL, 0};
    *number = NAN;
    if (seine_output_is_null(vec, row)) return SEINE_OK;
    seine_buf_clear(&g->cell);
    SEINE_TRY(seine_output_cell(&g->cell, vec, row));
    const char *copy = seine_arena_copy(g->arena, g->cell.data, g->cell.size);
    if (copy == NULL) return SEINE_E_NOMEM;
    *text = (seine_str){copy, g->cell.size};
    if (g->answer->is_number[column] && !seine_number_parse(*text, number)) *number = NAN;
    return SEINE_OK;
}

static seine_status take_rows(growing *g, const seine_rows *rows) {
    seine_answer *a = g->answer;
    const size_t cells = a->rows * a->columns, more = rows->count * a->columns;
    SEINE_TRY(SEINE_ARENA_ROOM(g->arena, a->texts, cells, g->text_capacity, more, ROWS_MAX * a->columns));
    SEINE_TRY(SEINE_ARENA_ROOM(g->arena, a->numbers, cells, g->number_capacity, more, ROWS_MAX * a->columns));
    for (size_t row = 0; row < rows->count; row++)
        for (size_t i = 0; i < a->columns; i++) {
            const size_t at = cells + row * a->columns + i;
            SEINE_TRY(take_cell(g, &rows->columns[i], row, i, &a->texts[at], &a->numbers[at]));
        }
    a->rows += rows->count;
    return SEINE_OK;
}

static seine_status run(seine_report *report, const char *sql, seine_answer *answer, seine_error *error) {
    growing g SEINE_OWNED(growing_end) = {.answer = answer, .arena = &report->arena};
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_buf_init(&g.cell, CELL_MAX_BYTES);
    SEINE_TRY(seine_query_start(report->engine, sql, NULL, 0, &query, error));
    SEINE_TRY(take_names(&g, query, error));
    for (seine_rows rows = {.count = 1}; rows.count > 0;) {
        SEINE_TRY(seine_query_next(query, &rows, error));
        const seine_status status = take_rows(&g, &rows);
        if (status != SEINE_OK) return seine_fail(error, status, "report: %s", seine_status_text(status));
    }
    return SEINE_OK;
}

seine_status seine_report_ask(seine_report *report, seine_answer *answer, seine_error *error, const char *sql, ...) {
    va_list arguments;
    va_start(arguments, sql);
    const int size = vsnprintf(NULL, 0, sql, arguments);
    va_end(arguments);
    char *text = size < 0 ? NULL : seine_arena_alloc(&report->arena, (size_t)size + 1);
    if (text == NULL) return seine_no_memory(error, "report");
    va_start(arguments, sql);
    (void)vsnprintf(text, (size_t)size + 1, sql, arguments);
    va_end(arguments);
    SEINE_TRY(run(report, text, answer, error));
    return seine_progress_stopped(seine_cli_progress(report->args))
               ? seine_fail(error, SEINE_E_INTERRUPTED, "interrupted")
               : SEINE_OK;
}
