/** @file base/url.h  Addresses: what may be kept of one, and whether a text is one. */
#ifndef SEINE_BASE_URL_H
#define SEINE_BASE_URL_H

#include "base/arena.h"

/**
 * The length of the scheme when @p text begins as an address does: a letter, letters, digits, '+', '-' or '.', then
 * "://". 0 = a path. So `s3://b/l` has 2, `a:b` and `/x://y` have 0.
 */
size_t seine_url_scheme(const char *text);

/**
 * The address without what opens doors: user and password, and query parameters whose name tells a secret (token, key,
 * signature, credential, password, secret, auth, sig, code). Anything that is stored or printed goes through this; only
 * the connection itself uses the whole address. A text that is no address comes back as it is.
 * @return in @p arena, or NULL when out of memory.
 */
char *seine_url_without_secrets(const char *url, seine_arena *arena);

/** Percent-encodes all but A-Z a-z 0-9 - _ . ~, and '/' when @p keeps_slash. @return in @p arena, or NULL when out of
 * memory. */
char *seine_url_encode(seine_arena *arena, const char *text, bool keeps_slash);

/** Whether an address in digits, "127.0.0.1:9000", "::1" or "[::1]:9000", never leaves this machine. A name may. */
bool seine_url_is_loopback(const char *host);

#endif
