/**
 * @file serve/version.h
 * Whether anybody has committed, told so that nobody waits longer than he can.
 *
 * A catalog in a file answers in microseconds and is asked in place. A server may be away, or take a question and never
 * answer it: a thread asks it, one question for all who came before it was put. When an answer is late the catalog is
 * away, and everybody is told so at once until it answers again, which the thread finds out by itself.
 */
#ifndef SEINE_SERVE_VERSION_H
#define SEINE_SERVE_VERSION_H

#include "base/try.h"
#include "table/catalog/catalog.h"

#define SEINE_VERSION_WAIT_S 2 /**< for which an answer is waited */

typedef struct seine_version seine_version; /**< every function may be called from any thread */

/** Takes the catalog over, also when it fails. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_version_open(seine_catalog *catalog, seine_version **version, seine_error *error);
/** NULL is allowed. Nobody asks any more. */
void seine_version_close(seine_version *version);
SEINE_OWNED_POINTER(seine_version, seine_version_close);
/** From here on another catalog is asked, which is taken over. Waits for a question that is under way. */
void seine_version_swap(seine_version *version, seine_catalog *catalog);
/** Whether the catalog is a server's, which must not be waited for where others wait. */
bool seine_version_is_remote(const seine_version *version);
/** Whether it did not answer when it was asked last. */
bool seine_version_is_away(const seine_version *version);
/**
 * The number (seine_catalog_version) of a moment after the call began; asks a server, for SEINE_VERSION_WAIT_S at most.
 * @return OK; E_BUSY: it is away; what asking a file returned.
 */
SEINE_MUST_USE seine_status seine_version_ask(seine_version *version, int64_t *number, seine_error *error);

#endif
