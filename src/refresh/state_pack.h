/** @file refresh/state_pack.h  The state column: a step's bytes and the payload of the fixes it refers to. */
#ifndef SEINE_REFRESH_STATE_PACK_H
#define SEINE_REFRESH_STATE_PACK_H

#include "base/buf.h"
#include "refresh/job.h"

#define SEINE_STATE_BYTES_MAX ((size_t)1 << 30) /**< of one packed state */

/**
 * Appends the canonical form: version, step bytes, payloads, checksum. Equal states are equal bytes. @return OK,
 * E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_state_pack(seine_str step_bytes, const seine_payload *payloads, size_t count,
                                             seine_buf *out);
/**
 * Takes @p packed apart; texts are borrowed from it. @return OK, E_FORMAT (damaged), E_VERSION (a newer form).
 */
SEINE_MUST_USE seine_status seine_state_unpack(seine_str packed, seine_str *step_bytes,
                                               seine_payload payloads[SEINE_STATE_REFS], size_t *count,
                                               seine_error *error);

#endif
