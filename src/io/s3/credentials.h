/**
 * @file io/s3/credentials.h
 * Who the program is to a bucket. Looked for in this order, as the tools of AWS do:
 *
 *     AWS_ACCESS_KEY_ID …            of the environment
 *     AWS_WEB_IDENTITY_TOKEN_FILE    a pod's identity, exchanged for a role's credentials (STS)
 *     profile                        of ~/.aws/credentials and ~/.aws/config
 *     AWS_CONTAINER_CREDENTIALS_…    of a container
 *     instance metadata, version 2   of a machine, unless AWS_EC2_METADATA_DISABLED
 *
 * Those that end are taken anew five minutes before they do, and when a store says that they are over (it may have been
 * told so): then the files of profiles are read again, too. No message names any of them.
 */
#ifndef SEINE_IO_S3_CREDENTIALS_H
#define SEINE_IO_S3_CREDENTIALS_H

#include "io/s3/profile.h"

#include <stdatomic.h>

/** A copy, good for requests of the next minutes. */
typedef struct seine_s3_identity {
    char access[256], secret[256];
    char token[4096]; /**< "" = none */
} seine_s3_identity;

typedef struct seine_s3_credentials seine_s3_credentials; /**< any thread */

/** Texts of @p profile and @p region outlive it. @p stop may be NULL. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_s3_credentials_open(const seine_s3_profile *profile, const char *region,
                                                      const atomic_bool *stop, seine_s3_credentials **credentials,
                                                      seine_error *error);
void seine_s3_credentials_close(seine_s3_credentials *credentials);

/**
 * @return OK, E_IO (none anywhere: the text says what to set; or a source that should have them does not answer as it
 * should), E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_s3_credentials_get(seine_s3_credentials *credentials, seine_s3_identity *identity,
                                                     seine_error *error);
/**
 * After a store has refused @p identity because it is over. @return OK: it is another one now; E_NOT_FOUND: the sources
 * still give the refused one; what seine_s3_credentials_get returns.
 */
SEINE_MUST_USE seine_status seine_s3_credentials_renew(seine_s3_credentials *credentials, seine_s3_identity *identity);

#endif
