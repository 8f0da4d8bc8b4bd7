/*
 * Rows aligned for the eye. Cells are kept as text until the widths are known; numbers stand right, a cell of several
 * lines (a query plan) takes several lines.
 */
#include "base/number.h"
#include "cli/output/internal.h"

#include "base/array.h"
#include "base/try.h"
#include "cli/terminal.h"

#include <stdlib.h>

#define CELL_MAX ((size_t)1 << 34)
#define CELLS_MAX ((size_t)1 << 34)
#define SEPARATOR_WIDTH 3
#define NARROWEST 8 /* a column that is cut keeps so much, else rows are shown downwards */

struct seine_output_table {
    seine_arena arena;
    seine_str *cells; /* row by row */
    size_t count, capacity, rows, most_rows;
    bool full;        /* a row was left out */
    bool is_shown;    /* on a terminal, so it is escaped */
    seine_str *names; /* as printed */
    size_t *widths;   /* code points */
    seine_buf shown;  /* the cell that was escaped last */
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

/* The text as it is printed, borrowed until the next call. */
static seine_status show(seine_output_table *table, seine_str *text) {
    if (!table->is_shown) return SEINE_OK;
    seine_buf_clear(&table->shown);
    const seine_status status = seine_terminal_escape(&table->shown, *text);
    *text = seine_buf_str(&table->shown);
    return status;
}

seine_status seine_output_table_open(seine_output *output, size_t most_rows) {
    seine_output_table *table = calloc(1, sizeof *table);
    if (table == NULL) return SEINE_E_NOMEM;
    output->table = table;
    table->most_rows = most_rows;
    table->is_shown = output->file == NULL && seine_terminal_is_output();
    seine_buf_init(&table->shown, CELL_MAX);
    table->widths = SEINE_ARENA_ARRAY(&table->arena, size_t, output->shape->column_count);
    table->names = SEINE_ARENA_ARRAY(&table->arena, seine_str, output->shape->column_count);
    if (table->widths == NULL || table->names == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < output->shape->column_count; i++) {
        seine_str name = seine_str_of(output->shape->names[i]);
        if (show(table, &name) != SEINE_OK) return SEINE_E_NOMEM;
        name.data = seine_arena_copy(&table->arena, name.data, name.size);
        if (name.data == NULL) return SEINE_E_NOMEM;
        table->names[i] = name;
        table->widths[i] = width_of(name);
    }
    return SEINE_OK;
}

static seine_status keep_cell(seine_output *output, const seine_vec *vec, size_t row, size_t column) {
    seine_output_table *table = output->table;
    seine_buf_clear(&output->text);
    SEINE_TRY(seine_output_cell(&output->text, vec, row));
    SEINE_TRY(SEINE_ARRAY_ROOM(table->cells, table->count, table->capacity, 1, CELLS_MAX));
    seine_str kept = seine_buf_str(&output->text);
    SEINE_TRY(show(table, &kept));
    while (kept.size > 0 && kept.data[kept.size - 1] == '\n') kept.size--;
    const size_t width = width_of(kept);
    if (width > table->widths[column]) table->widths[column] = width;
    kept.data = seine_arena_copy(&table->arena, kept.data, kept.size);
    table->cells[table->count++] = kept;
    return kept.data != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

seine_status seine_output_table_rows(seine_output *output, const seine_rows *rows) {
    seine_output_table *table = output->table;
    for (size_t row = 0; row < rows->count; row++) {
        table->full = table->most_rows > 0 && table->rows == table->most_rows;
        if (table->full) break;
        for (size_t i = 0; i < rows->column_count; i++) SEINE_TRY(keep_cell(output, &rows->columns[i], row, i));
        table->rows++;
    }
    seine_buf_clear(&output->text);
    return SEINE_OK;
}

bool seine_output_table_is_full(const seine_output *output) { return output->table->full; }

/* ---- printing --------------------------------------------------------------------------------------------------- */

static seine_status put_repeated(seine_buf *text, char character, size_t count) {
    SEINE_TRY(seine_buf_reserve(text, count));
    for (; count > 0; count--) SEINE_TRY(seine_buf_append(text, &character, 1));
    return SEINE_OK;
}

/* Takes the first line off @p text. */
static seine_str next_line(seine_str *text) {
    const char *end = text->size > 0 ? memchr(text->data, '\n', text->size) : NULL;
    const seine_str line = {text->data, end != NULL ? (size_t)(end - text->data) : text->size};
    const size_t taken = line.size + (end != NULL);
    *text = (seine_str){taken > 0 ? text->data + taken : text->data, text->size - taken};
    return line;
}

/* A line of at most @p width code points, the last of which is … when it was longer. */
static seine_status put_cut(seine_buf *text, seine_str line, size_t width) {
    if (width_of(line) <= width) return seine_buf_append(text, line.data, line.size);
    size_t size = 0;
    for (size_t points = 0; size < line.size; size++) {
        points += ((unsigned char)line.data[size] & 0xC0) != 0x80;
        if (points == width) break;
    }
    SEINE_TRY(seine_buf_append(text, line.data, size));
    return seine_buf_append_str(text, "\xE2\x80\xA6");
}

/* One line of cells; nothing is padded behind the last column. */
static seine_status put_line(seine_output *output, seine_str *cells, bool header) {
    const seine_output_shape *shape = output->shape;
    for (size_t i = 0; i < shape->column_count; i++) {
        const seine_str line = next_line(&cells[i]);
        const size_t width = output->table->widths[i], used = width_of(line);
        const size_t space = used < width ? width - used : 0;
        const bool right = !header && seine_output_is_number(shape->types[i]);
        if (i > 0) SEINE_TRY(seine_buf_append_str(&output->text, " | "));
        if (right) SEINE_TRY(put_repeated(&output->text, ' ', space));
        SEINE_TRY(put_cut(&output->text, line, width));
        if (!right && i + 1 < shape->column_count) SEINE_TRY(put_repeated(&output->text, ' ', space));
    }
    return seine_buf_append(&output->text, "\n", 1);
}

static seine_status put_row(seine_output *output, seine_str *cells, bool header) {
    for (bool more = true; more;) {
        SEINE_TRY(put_line(output, cells, header));
        more = false;
        for (size_t i = 0; i < output->shape->column_count; i++) more = more || cells[i].size > 0;
    }
    return SEINE_OK;
}

static seine_status put_header(seine_output *output) {
    const size_t count = output->shape->column_count;
    seine_str *names = SEINE_ARENA_ARRAY(&output->table->arena, seine_str, count);
    if (names == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) names[i] = output->table->names[i];
    SEINE_TRY(put_row(output, names, true));
    for (size_t i = 0; i < count; i++) {
        if (i > 0) SEINE_TRY(seine_buf_append_str(&output->text, "-+-"));
        SEINE_TRY(put_repeated(&output->text, '-', output->table->widths[i]));
    }
    return seine_buf_append(&output->text, "\n", 1);
}

/* ---- fitting a screen ------------------------------------------------------------------------------------------- */

static size_t total_width(const seine_output *output) {
    const size_t count = output->shape->column_count;
    size_t total = count > 0 ? (count - 1) * SEPARATOR_WIDTH : 0;
    for (size_t i = 0; i < count; i++) total += output->table->widths[i];
    return total;
}

/* Takes from the widest column until the row fits. @return false when columns would become too narrow to read. */
static bool fit(seine_output *output) {
    for (size_t total = total_width(output); total > output->columns; total--) {
        size_t widest = 0;
        for (size_t i = 1; i < output->shape->column_count; i++)
            if (output->table->widths[i] > output->table->widths[widest]) widest = i;
        if (output->table->widths[widest] <= NARROWEST) return false;
        output->table->widths[widest]--;
    }
    return true;
}

/* `name | value` for each column, rows parted by a line. */
static seine_status put_downwards(seine_output *output) {
    const seine_output_table *table = output->table;
    const size_t count = output->shape->column_count;
    size_t width = 0;
    for (size_t i = 0; i < count; i++)
        if (width_of(table->names[i]) > width) width = width_of(table->names[i]);
    for (size_t row = 0; row < table->rows; row++) {
        SEINE_TRY(seine_buf_printf(&output->text, "-[ %zu ]-\n", row + 1));
        for (size_t i = 0; i < count; i++) {
            seine_str cell = table->cells[row * count + i], name = table->names[i];
            do {
                const seine_str line = next_line(&cell);
                SEINE_TRY(put_repeated(&output->text, ' ', width - width_of(name)));
                SEINE_TRY(seine_buf_append(&output->text, name.data, name.size));
                SEINE_TRY(seine_buf_append_str(&output->text, " | "));
                SEINE_TRY(seine_buf_append(&output->text, line.data, line.size));
                SEINE_TRY(seine_buf_append(&output->text, "\n", 1));
                name.size = 0; /* once */
            } while (cell.size > 0);
        }
    }
    return SEINE_OK;
}

static seine_status put_rows(seine_output *output) {
    const seine_output_table *table = output->table;
    if (output->is_downwards || (output->columns > 0 && !fit(output))) return put_downwards(output);
    SEINE_TRY(put_header(output));
    for (size_t row = 0; row < table->rows; row++)
        SEINE_TRY(put_row(output, table->cells + row * output->shape->column_count, false));
    return SEINE_OK;
}

seine_status seine_output_table_end(seine_output *output) {
    const seine_output_table *table = output->table;
    SEINE_TRY(put_rows(output));
    if (table->full)
        return seine_buf_printf(&output->text,
                                output->show != NULL ? "(first %s; .limit 0 gives all)\n"
                                                     : "(first %s; --limit 0 or another --format gives all)\n",
                                seine_count((int64_t)table->rows, "row").text);
    return seine_buf_printf(&output->text, "(%s)\n", seine_count((int64_t)table->rows, "row").text);
}

void seine_output_table_free(seine_output *output) {
    if (output->table == NULL) return;
    seine_arena_free(&output->table->arena);
    seine_buf_free(&output->table->shown);
    free(output->table->cells);
    free(output->table);
}
