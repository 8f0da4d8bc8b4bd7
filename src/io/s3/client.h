/**
 * @file io/s3/client.h
 * A bucket of S3, or of a server that speaks as S3 does, as a store. Amazon's own are addressed by their host name; an
 * endpoint that is told is used as it is, with the bucket in the path. What is put carries an id of the put and a
 * checksum as metadata: by the one an outcome that the server did not tell is looked up, by the other bytes that come
 * back are proved.
 *
 * Settings besides those of io/store/stores.h: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION,
 * AWS_PROFILE, and what io/s3/credentials.h reads.
 */
#ifndef SEINE_IO_S3_CLIENT_H
#define SEINE_IO_S3_CLIENT_H

#include "io/store/stores.h"

/** @p name "s3://bucket". Asks nobody yet. @return OK, E_USAGE (no name of a bucket, an endpoint that is none),
 * E_NOMEM, E_IO (the files of profiles). */
SEINE_MUST_USE seine_status seine_s3_open(const char *name, const seine_stores_settings *settings, seine_store **store,
                                          seine_error *error);

/** Where a bucket is, for another program (the SQL engine, readers of a catalog). Texts live as long as the store. */
typedef struct seine_s3_place {
    const char *region;
    const char *endpoint; /**< "127.0.0.1:9000", without scheme, and without the bucket's name */
    bool is_path_style, is_https;
} seine_s3_place;
/** Asks nobody. @return OK, E_UNSUPPORTED (no store of S3). */
SEINE_MUST_USE seine_status seine_s3_place_of(seine_store *store, seine_s3_place *place, seine_error *error);

/** And what it needs to be let in. */
typedef struct seine_s3_access {
    char key[256], secret[256], token[4096];
    seine_s3_place place;
} seine_s3_access;
/** @return OK, what seine_s3_credentials_get returns, E_UNSUPPORTED (no store of S3). */
SEINE_MUST_USE seine_status seine_s3_access_of(seine_store *store, seine_s3_access *access, seine_error *error);

#endif
