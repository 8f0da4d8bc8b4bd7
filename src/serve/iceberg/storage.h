/**
 * @file serve/iceberg/storage.h
 * How an engine reaches the files of a lake in a bucket, in the words of the Iceberg REST catalog (`s3.*`): where the
 * store is, and, only where that is allowed, the credentials of this program.
 */
#ifndef SEINE_SERVE_ICEBERG_STORAGE_H
#define SEINE_SERVE_ICEBERG_STORAGE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/try.h"

/** Borrowed texts; NULL = nothing is told. Zeroes are a folder's, which needs no settings. */
typedef struct seine_iceberg_storage {
    const char *endpoint; /**< "http://127.0.0.1:9000"; NULL: of Amazon's region, by host name */
    const char *region;
    bool is_path_style;
    const char *key, *secret, *token;
} seine_iceberg_storage;

/**
 * What is told of the lake at @p lake, an absolute path or address. @p shares: with credentials, which may be asked for
 * over the network. Texts in @p arena. @return OK, E_NOMEM, what seine_s3_access_of returns.
 */
SEINE_MUST_USE seine_status seine_iceberg_storage_of(const char *lake, bool shares, seine_arena *arena,
                                                     seine_iceberg_storage *storage, seine_error *error);
/** Writes it as an object of texts. */
void seine_iceberg_put_storage(seine_json_writer *w, const seine_iceberg_storage *storage);

#endif
