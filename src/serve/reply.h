/** @file serve/reply.h  Rows as JSON, NDJSON, CSV, GeoJSON or Parquet; one thread. */
#ifndef SEINE_SERVE_REPLY_H
#define SEINE_SERVE_REPLY_H

#include "base/try.h"
#include "serve/call.h"

typedef struct seine_reply seine_reply;

/**
 * Begins the rows of the call's route in the wanted format. JSON: the writer stands inside an open object.
 * @return OK, E_NOMEM, E_IO (Parquet: no temporary file).
 */
SEINE_MUST_USE seine_status seine_reply_begin(seine_call *call, seine_json_writer *json, seine_reply **reply,
                                              seine_error *error);
/** Writes @p count rows from @p first on; columns beyond the fields are passed over. */
SEINE_MUST_USE seine_status seine_reply_rows(seine_reply *reply, const seine_rows *rows, size_t first, size_t count,
                                             seine_error *error);
/** Ends the rows and frees the reply. */
SEINE_MUST_USE seine_status seine_reply_end(seine_reply *reply, seine_error *error);
/** Frees without ending; NULL is allowed. */
void seine_reply_abort(seine_reply *reply);
SEINE_OWNED_POINTER(seine_reply, seine_reply_abort);

#endif
