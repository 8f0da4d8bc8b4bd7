/** @file serve/iceberg/exchange.h  What the server does otherwise below /iceberg; not for other files. */
#ifndef SEINE_SERVE_ICEBERG_EXCHANGE_H
#define SEINE_SERVE_ICEBERG_EXCHANGE_H

#include "serve/server_internal.h"

#define SEINE_ICEBERG_BODY_MAX ((int64_t)1024 * 1024)

/** Whether the address lies below /iceberg, and the method is one by which the protocol sends something. */
bool seine_iceberg_is_sent(const seine_exchange *exchange, const char *method);
/**
 * Whether the body, of that Content-Length, is waited for and thrown away, so that the connection stays usable: reports
 * of readers, and what writers send before they can hear that nothing is written here.
 */
bool seine_iceberg_takes_body(const seine_exchange *exchange, const char *method, seine_str length);
/** Whether a parsed request is a report, which a route takes; everything else that is sent would change something. */
bool seine_iceberg_is_report(const seine_exchange *exchange);
/** The answer to what would change something. NULL when out of memory. */
seine_answer *seine_iceberg_read_only(void);
/** Puts the exchange's answer, if it is an error and the address lies below /iceberg, into the protocol's form. */
void seine_iceberg_phrase(const seine_exchange *exchange);

#endif
