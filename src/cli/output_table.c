/*
 * Rows aligned for the eye. Cells are kept as text until the widths are known; numbers stand right, a cell of several
 * lines (a query plan) takes several lines.
 */
#include "cli/output_internal.h"

#include <stdlib.h>

struct seine_output_table {
    seine_arena arena;
    seine_str *cells; /* row by row */
    size_t count, capacity, rows, most_rows;
    bool full;      /* a row was left out */
    size_t *widths; /* code points */
};

/* Code points of the widest line. */
static size_t width_of(seine_str text) {
    size_t width = 0, widest = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\n')
            width = 0;
        else
            width += ((unsigned char)text.data[i] & 0xC0) != 0x80;
        if (width > widest) widest = width;
    }
    return widest;
}

seine_status seine_output_table_open(seine_output *output, size_t most_rows) {
    seine_output_table *table = calloc(1, sizeof *table);
    if (table == NULL) return SEINE_E_NOMEM;
    output->table = table;
    table->most_rows = most_rows;
    table->widths = SEINE_ARENA_ARRAY(&table->arena, size_t, output->shape->column_count);
    if (table->widths == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < output->shape->column_count; i++)
        table->widths[i] = width_of(seine_str_of(output->shape->names[i]));
    return SEINE_OK;
}

static seine_status keep_cell(seine_output *output, const seine_vec *vec, size_t row, size_t column) {
    seine_output_table *table = output->table;
    seine_buf_clear(&output->text);
    const seine_status status = seine_output_cell(&output->text, vec, row);
    if (status != SEINE_OK) return status;
    if (table->count == table->capacity) {
        const size_t capacity = table->capacity == 0 ? 1024 : table->capacity * 2;
        seine_str *cells = realloc(table->cells, capacity * sizeof *cells);
        if (cells == NULL) return SEINE_E_NOMEM;
        table->cells = cells;
        table->capacity = capacity;
    }
    seine_str kept = seine_buf_str(&output->text);
    while (kept.size > 0 && kept.data[kept.size - 1] == '\n') kept.size--;
    const size_t width = width_of(kept);
    if (width > table->widths[column]) table->widths[column] = width;
    kept.data = seine_arena_copy(&table->arena, kept.data, kept.size);
    table->cells[table->count++] = kept;
    return kept.data != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

seine_status seine_output_table_rows(seine_output *output, const seine_rows *rows) {
    seine_output_table *table = output->table;
    seine_status status = SEINE_OK;
    for (size_t row = 0; status == SEINE_OK && row < rows->count; row++) {
        if (table->most_rows > 0 && table->rows == table->most_rows) {
            table->full = true;
            break;
        }
        for (size_t i = 0; status == SEINE_OK && i < rows->column_count; i++)
            status = keep_cell(output, &rows->columns[i], row, i);
        table->rows++;
    }
    seine_buf_clear(&output->text);
    return status;
}

bool seine_output_table_is_full(const seine_output *output) { return output->table->full; }

/* ---- printing --------------------------------------------------------------------------------------------------- */

static seine_status put_repeated(seine_buf *text, char character, size_t count) {
    seine_status status = seine_buf_reserve(text, count);
    for (; status == SEINE_OK && count > 0; count--) status = seine_buf_append(text, &character, 1);
    return status;
}

/* Takes the first line off @p text. */
static seine_str next_line(seine_str *text) {
    const char *end = text->size > 0 ? memchr(text->data, '\n', text->size) : NULL;
    const seine_str line = {text->data, end != NULL ? (size_t)(end - text->data) : text->size};
    const size_t taken = line.size + (end != NULL);
    *text = (seine_str){taken > 0 ? text->data + taken : text->data, text->size - taken};
    return line;
}

/* One line of cells; nothing is padded behind the last column. */
static seine_status put_line(seine_output *output, seine_str *cells, bool header) {
    const seine_output_shape *shape = output->shape;
    seine_status status = SEINE_OK;
    for (size_t i = 0; status == SEINE_OK && i < shape->column_count; i++) {
        const seine_str line = next_line(&cells[i]);
        const size_t space = output->table->widths[i] - width_of(line);
        const bool right = !header && seine_output_is_number(shape->types[i]);
        if (i > 0) status = seine_buf_append_str(&output->text, " | ");
        if (status == SEINE_OK && right) status = put_repeated(&output->text, ' ', space);
        if (status == SEINE_OK) status = seine_buf_append(&output->text, line.data, line.size);
        if (status == SEINE_OK && !right && i + 1 < shape->column_count)
            status = put_repeated(&output->text, ' ', space);
    }
    return status == SEINE_OK ? seine_buf_append(&output->text, "\n", 1) : status;
}

static seine_status put_row(seine_output *output, seine_str *cells, bool header) {
    seine_status status = SEINE_OK;
    bool more = true;
    while (status == SEINE_OK && more) {
        status = put_line(output, cells, header);
        more = false;
        for (size_t i = 0; i < output->shape->column_count; i++) more = more || cells[i].size > 0;
    }
    return status;
}

static seine_status put_header(seine_output *output) {
    const size_t count = output->shape->column_count;
    seine_str *names = SEINE_ARENA_ARRAY(&output->table->arena, seine_str, count);
    if (names == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) names[i] = seine_str_of(output->shape->names[i]);
    seine_status status = put_row(output, names, true);
    for (size_t i = 0; status == SEINE_OK && i < count; i++) {
        if (i > 0) status = seine_buf_append_str(&output->text, "-+-");
        if (status == SEINE_OK) status = put_repeated(&output->text, '-', output->table->widths[i]);
    }
    return status == SEINE_OK ? seine_buf_append(&output->text, "\n", 1) : status;
}

seine_status seine_output_table_end(seine_output *output) {
    const seine_output_table *table = output->table;
    seine_status status = put_header(output);
    for (size_t row = 0; status == SEINE_OK && row < table->rows; row++)
        status = put_row(output, table->cells + row * output->shape->column_count, false);
    if (status != SEINE_OK) return status;
    if (table->full)
        return seine_buf_printf(&output->text, "(first %zu rows; --limit 0 or another --format gives all)\n",
                                table->rows);
    return seine_buf_printf(&output->text, "(%zu row%s)\n", table->rows, table->rows == 1 ? "" : "s");
}

void seine_output_table_free(seine_output *output) {
    if (output->table == NULL) return;
    seine_arena_free(&output->table->arena);
    free(output->table->cells);
    free(output->table);
}
