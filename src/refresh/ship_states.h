/**
 * @file refresh/ship_states.h
 * The states of a mover's ships as one: of each its number and its packed state, by number.
 */
#ifndef SEINE_REFRESH_SHIP_STATES_H
#define SEINE_REFRESH_SHIP_STATES_H

#include "base/buf.h"

typedef struct seine_ship_state {
    uint32_t ship; /**< from 1; 0 = there is none */
    seine_str packed;
} seine_ship_state;

/** Takes the next one off @p states; its bytes are borrowed. @return OK, E_FORMAT (cut off, or not by number). */
SEINE_MUST_USE seine_status seine_ship_states_next(seine_str *states, seine_ship_state *one, seine_error *error);
/** Appends one. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_ship_states_put(seine_buf *states, seine_ship_state one);

#endif
