/** @file serve/openapi.h  The OpenAPI 3.1 document, made from the table of routes. */
#ifndef SEINE_SERVE_OPENAPI_H
#define SEINE_SERVE_OPENAPI_H

#include "base/buf.h"
#include "serve/route.h"

#include <stdbool.h>

/** Appends the document. @p has_tokens: routes need a bearer token. @return OK, E_NOMEM, E_FORMAT (a route's members).
 */
SEINE_MUST_USE seine_status seine_openapi_write(const seine_routes *routes, bool has_tokens, seine_buf *out);

#endif
