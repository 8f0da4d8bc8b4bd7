/**
 * @file serve/cursor.h
 * Where a page of a list ended: the sort values of its last row, as text that may stand in an address. A cursor is not
 * a secret and proves nothing: whatever it holds is checked by type when it is read. Pure.
 */
#ifndef SEINE_SERVE_CURSOR_H
#define SEINE_SERVE_CURSOR_H

#include "base/arena.h"
#include "base/buf.h"
#include "columns/schema.h"

#define SEINE_CURSOR_KEYS_MAX 4
#define SEINE_CURSOR_TEXT_MAX 4096

typedef struct seine_cursor_key {
    seine_type type; /**< LONG (also for INT, DATE, TIMESTAMPTZ), DOUBLE or STRING */
    int64_t integer;
    double number; /**< comes back bit by bit, also NaN */
    seine_str text;
    bool is_null;
} seine_cursor_key;

typedef struct seine_cursor {
    seine_cursor_key keys[SEINE_CURSOR_KEYS_MAX];
    size_t count;
} seine_cursor;

/** Appends the text of a cursor of the list @p list (a route's name). @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_cursor_write(const char *list, const seine_cursor *cursor, seine_buf *out);
/**
 * Reads one back. @p cursor: count and types of the keys are set by the caller, the values are filled; texts in @p
 * arena. @return OK; E_USAGE: not a cursor of this list; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_cursor_read(seine_str text, const char *list, seine_arena *arena,
                                              seine_cursor *cursor, seine_error *error);

#endif
