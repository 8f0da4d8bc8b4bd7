/**
 * @file io/s3/sign.h
 * Signatures of AWS, version 4, of requests with a known body
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). Pure but for memory.
 */
#ifndef SEINE_IO_S3_SIGN_H
#define SEINE_IO_S3_SIGN_H

#include "base/arena.h"

/** Borrowed texts. */
typedef struct seine_s3_signing {
    const char *access, *secret, *token; /**< token NULL: none */
    const char *region, *service;        /**< "eu-west-1", "s3" */
    const char *method, *host;           /**< host as it is sent, with a port that is not the scheme's own */
    const char *path, *query;            /**< encoded, the query sorted by name; "" = none */
    const char *body_sha256;             /**< hex */
    int64_t now_us;
    /** Further headers to sign, "name: value", names in lower case, sorted by name; NULL behind the last. */
    const char *const *headers;
} seine_s3_signing;

/**
 * The headers to send: the given ones, x-amz-date, x-amz-content-sha256, x-amz-security-token, Authorization.
 * @return in @p arena, NULL behind the last; NULL when out of memory.
 */
const char *const *seine_s3_sign(const seine_s3_signing *signing, seine_arena *arena);

/** The domain under which Amazon serves a region: China has its own. A literal. */
const char *seine_s3_domain(const char *region);

#endif
