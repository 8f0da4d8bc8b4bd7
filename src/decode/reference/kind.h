/** @file decode/reference/kind.h  The table of kinds of reference files: their fields, names of columns, rules. */
#ifndef SEINE_DECODE_REFERENCE_KIND_H
#define SEINE_DECODE_REFERENCE_KIND_H

#include "decode/reference/reading.h"

typedef struct seine_reference_field_rule {
    const char *name;
    bool is_required;    /**< a file must have the column, and a row a value of it */
    const char *aliases; /**< without case, blanks and signs; groups divided by |, better ones first */
    seine_reference_rule rule;
} seine_reference_field_rule;

typedef struct seine_reference_description {
    const char *name, *table;
    const seine_reference_field_rule *fields; /**< the first `cells` are the columns of the table, in their order */
    size_t field_count, cells, key_count;
    bool is_whole;
    const char *twin; /**< what another row has, too: "is of the same cell and time" */
    /** Reads the fields of SEINE_RULE_OWN, and checks what belongs together; NULL = nothing to do. */
    void (*make)(seine_reference_reading *reading, seine_cell *cells);
} seine_reference_description;

const seine_reference_description *seine_reference_describe(seine_reference_kind kind);

#endif
