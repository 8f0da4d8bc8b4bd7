/* Bytes: of each ship u32 number | u32 size | its packed state, which has a checksum of its own; little-endian. */
#include "refresh/ship_states.h"

#include "base/try.h"

#include <string.h>

#define HEAD_BYTES (2 * sizeof(uint32_t))

seine_status seine_ship_states_next(seine_str *states, seine_ship_state *one, seine_error *error) {
    const uint32_t before = one->ship;
    uint32_t head[2];
    *one = (seine_ship_state){0};
    if (states->size == 0) return SEINE_OK;
    if (states->size < HEAD_BYTES)
        return seine_fail(error, SEINE_E_FORMAT, "the states of a mover's ships are cut off");
    memcpy(head, states->data, HEAD_BYTES);
    if (head[0] <= before || states->size - HEAD_BYTES < head[1])
        return seine_fail(error, SEINE_E_FORMAT, "the states of a mover's ships are damaged");
    *one = (seine_ship_state){head[0], {states->data + HEAD_BYTES, head[1]}};
    *states = (seine_str){one->packed.data + head[1], states->size - HEAD_BYTES - head[1]};
    return SEINE_OK;
}

seine_status seine_ship_states_put(seine_buf *states, seine_ship_state one) {
    const uint32_t head[2] = {one.ship, (uint32_t)one.packed.size};
    SEINE_TRY(seine_buf_append(states, head, HEAD_BYTES));
    return seine_buf_append(states, one.packed.data, one.packed.size);
}
