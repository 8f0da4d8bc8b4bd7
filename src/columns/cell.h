/** @file columns/cell.h  One value of a row, for the tables that are small enough to be handled row by row. */
#ifndef SEINE_COLUMNS_CELL_H
#define SEINE_COLUMNS_CELL_H

#include "columns/schema.h"

/** One value of a row. BOOLEAN, INT, LONG, DATE and TIMESTAMPTZ are integers. */
typedef struct seine_cell {
    bool is_null;
    union {
        int64_t integer;
        double number;
        seine_str text;
    } as;
} seine_cell;

/** Compares two cells of a column's type; nulls are equal and first, numbers by their bits when equal is asked. */
bool seine_cell_equal(seine_type type, const seine_cell *a, const seine_cell *b);

static inline seine_cell seine_cell_integer(int64_t value) { return (seine_cell){.as.integer = value}; }
static inline seine_cell seine_cell_null(void) { return (seine_cell){.is_null = true}; }
static inline seine_cell seine_cell_text(seine_str text) {
    return (seine_cell){.is_null = text.data == NULL, .as.text = text};
}
/** NaN is null. */
seine_cell seine_cell_number(double value);

#endif
