/**
 * @file io/s3/profile.h
 * The files of the AWS tools: ~/.aws/credentials and ~/.aws/config, or where AWS_SHARED_CREDENTIALS_FILE and
 * AWS_CONFIG_FILE say.
 */
#ifndef SEINE_IO_S3_PROFILE_H
#define SEINE_IO_S3_PROFILE_H

#include "base/arena.h"

/** What a profile says, in an arena; NULL = nothing. */
typedef struct seine_s3_profile {
    const char *name; /**< as it was asked for */
    const char *access, *secret, *token;
    const char *region, *endpoint;
    const char *role, *token_file;      /**< web identity */
    const char *program, *sso, *source; /**< ways that are not gone here: something of them is said */
    bool is_there;                      /**< a section of its name was found */
} seine_s3_profile;

/**
 * Reads a profile; missing files say nothing, and what the first says holds. @return OK, E_NOMEM, E_IO, E_LIMIT (a file
 * of more than 1 MiB).
 */
SEINE_MUST_USE seine_status seine_s3_profile_read(const char *name, seine_arena *arena, seine_s3_profile *profile,
                                                  seine_error *error);

#endif
