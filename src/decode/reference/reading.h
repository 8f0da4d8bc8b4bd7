/** @file decode/reference/reading.h  Fields of a record: what their texts become, and what refuses a row. */
#ifndef SEINE_DECODE_REFERENCE_READING_H
#define SEINE_DECODE_REFERENCE_READING_H

#include "decode/reference/reference.h"

/** What the text of a field becomes. A text that does not fit refuses its row. */
typedef enum seine_reference_rule {
    SEINE_RULE_OWN, /**< the function of the kind reads it */
    SEINE_RULE_TEXT,
    SEINE_RULE_INTEGER, /**< a whole number of 0 or more */
    SEINE_RULE_NUMBER,  /**< of 0 or more */
    SEINE_RULE_FLAG,    /**< true, false, yes, no, t, f, y, n, 1, 0 */
    SEINE_RULE_TIME,
    SEINE_RULE_DATE /**< the UTC day of a time */
} seine_reference_rule;

/** One record being read. */
typedef struct seine_reference_reading {
    const seine_reference_columns *columns;
    const seine_reference_record *record;
    seine_arena *arena;
    const char *reason; /**< the first one */
    bool is_out_of_memory;
} seine_reference_reading;

/** Keeps the reason unless there is one already; NULL = there was no memory for it. */
void seine_reference_refuse(seine_reference_reading *reading, const char *reason);
/** The cell of field @p field by a rule other than SEINE_RULE_OWN; @p name for reasons. */
seine_cell seine_reference_cell(seine_reference_reading *reading, size_t field, seine_reference_rule rule,
                                const char *name);
/** UTF-8 without NUL. */
bool seine_reference_is_clean(seine_str text);

/* Kinds that read fields in their own way. */
void seine_reference_make_port(seine_reference_reading *reading, seine_cell *cells);
void seine_reference_make_weather(seine_reference_reading *reading, seine_cell *cells);
void seine_reference_make_region(seine_reference_reading *reading, seine_cell *cells);
void seine_reference_make_distance(seine_reference_reading *reading, seine_cell *cells);

#endif
