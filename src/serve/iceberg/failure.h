/** @file serve/iceberg/failure.h  Failures in the words of the Iceberg REST catalog. Pure. */
#ifndef SEINE_SERVE_ICEBERG_FAILURE_H
#define SEINE_SERVE_ICEBERG_FAILURE_H

#include "serve/answer.h"

/** The protocol's name of an HTTP status of 400 and more; @p route is the name of the route that failed, or NULL. */
const char *seine_iceberg_failure_type(int status, const char *route);
/**
 * Puts an error answer of the API that nobody else has yet, {"error":{"status","message","hint"}}, into the protocol's
 * form {"error":{"message","type","code"}}, the hint behind the message. Without memory it stays what it is.
 */
void seine_iceberg_failure_phrase(seine_answer *answer, const char *route);

#endif
