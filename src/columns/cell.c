/* What cells are equal. */
#include "columns/cell.h"

#include <math.h>

seine_cell seine_cell_number(double value) { return (seine_cell){.is_null = isnan(value), .as.number = value}; }

bool seine_cell_equal(seine_type type, const seine_cell *a, const seine_cell *b) {
    if (a->is_null || b->is_null) return a->is_null == b->is_null;
    switch (type) {
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: return seine_str_equal(a->as.text, b->as.text);
    case SEINE_TYPE_DOUBLE: return memcmp(&a->as.number, &b->as.number, sizeof(double)) == 0;
    default: return a->as.integer == b->as.integer;
    }
}
