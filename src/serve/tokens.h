/** @file serve/tokens.h  Bearer tokens, known by their SHA-256 only. */
#ifndef SEINE_SERVE_TOKENS_H
#define SEINE_SERVE_TOKENS_H

#include "base/str.h"
#include "seine/status.h"

typedef struct seine_tokens seine_tokens; /**< read-only after loading; any thread */

/**
 * Reads a file of SHA-256 digests, 64 hex digits a line; what follows a blank is a remark, and so are lines that begin
 * with '#'. @return OK; E_USAGE: a line that is none, or no digest at all; statuses of reading.
 */
SEINE_MUST_USE seine_status seine_tokens_load(const char *path, seine_tokens **tokens, seine_error *error);
void seine_tokens_free(seine_tokens *tokens);
/** Whether an Authorization header ("Bearer …") holds a known token. Takes the same time whichever digit is wrong. */
bool seine_tokens_accept(const seine_tokens *tokens, seine_str authorization);

#endif
