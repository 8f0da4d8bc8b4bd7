/* What an answer of the store means to who reads it on a terminal: one line, with what to set. */
#include "base/time.h"
#include "io/clock.h"
#include "io/s3/exchange.h"
#include "io/s3/xml.h"

#include <stdio.h>
#include <stdlib.h>

static bool is(seine_str code, const char *name) { return seine_str_equal(code, seine_str_of(name)); }

/* The clocks of the two machines side by side. */
static seine_status refuse_clock(const char *address, const seine_s3_answer *answer, seine_error *error) {
    const int64_t there_us = answer->response.date_us, off_us = seine_clock_wall_us() - there_us;
    const long long minutes = (long long)((off_us < 0 ? -off_us : off_us) / (60 * SEINE_SECOND_US));
    if (there_us < 0) return seine_fail(error, SEINE_E_IO, "%s: the clock of this machine is wrong: set it", address);
    return seine_fail(error, SEINE_E_IO, "%s: the clock of this machine is %lld minutes %s the store's: set it",
                      address, minutes, off_us < 0 ? "behind" : "ahead of");
}

static seine_status refuse_region(const seine_s3_bucket *bucket, const seine_s3_answer *answer, seine_error *error) {
    const seine_str told =
        answer->body.size > 0 ? seine_xml_find(seine_buf_str(&answer->body), "Region") : (seine_str){NULL, 0};
    char region[40];
    (void)snprintf(region, sizeof region, "%.*s", told.size < sizeof region ? (int)told.size : 0,
                   told.size > 0 ? told.data : "");
    const char *right = region[0] != '\0' ? region : answer->region[0] != '\0' ? answer->region : "the bucket's";
    return seine_fail(error, SEINE_E_IO, "%s: the bucket is not in the region %s: set AWS_REGION to %s",
                      bucket->store.name, bucket->region, right);
}

static seine_status refuse_rights(const char *what, const char *address, int status, seine_error *error) {
    return seine_fail(error, SEINE_E_IO,
                      "%s: no right to %s it (HTTP %d): give it to these credentials, or set others by "
                      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE",
                      address, what, status);
}

/* Codes that speak of who asks and whom. @return OK: the code is none of them. */
static seine_status refuse_by_code(const seine_s3_bucket *bucket, const char *address, seine_str code,
                                   const seine_s3_answer *answer, seine_error *error) {
    const char *name = bucket->store.name, *endpoint = bucket->endpoint;
    if (is(code, "NoSuchBucket"))
        return seine_fail(error, SEINE_E_IO,
                          "%s: there is no such bucket at %s: make it (seine init --create-bucket), or name another",
                          name, endpoint);
    if (is(code, "InvalidBucketName")) return seine_fail(error, SEINE_E_IO, "%s: no name of a bucket", name);
    if (is(code, "RequestTimeTooSkewed")) return refuse_clock(address, answer, error);
    if (is(code, "AuthorizationHeaderMalformed") || is(code, "PermanentRedirect") || is(code, "TemporaryRedirect") ||
        is(code, "IllegalLocationConstraintException"))
        return refuse_region(bucket, answer, error);
    if (is(code, "SignatureDoesNotMatch"))
        return seine_fail(error, SEINE_E_IO, "%s: the secret is not the one of the key: set AWS_SECRET_ACCESS_KEY",
                          name);
    if (is(code, "InvalidAccessKeyId") || is(code, "XAdminUserNotFound"))
        return seine_fail(error, SEINE_E_IO, "%s: %s does not know the key: set AWS_ACCESS_KEY_ID", name, endpoint);
    if (seine_s3_code_is_over(code))
        return seine_fail(error, SEINE_E_IO,
                          "%s: the session is over: sign in again, or set AWS_SESSION_TOKEN and its keys anew", name);
    return SEINE_OK;
}

seine_status seine_s3_refused(seine_s3_bucket *bucket, const char *what, const char *key, const seine_s3_answer *answer,
                              seine_error *error) {
    const seine_str code = seine_s3_code(answer);
    const int status = answer->response.code;
    char address[1200];
    (void)snprintf(address, sizeof address, "%s%s%s", bucket->store.name, key != NULL ? "/" : "",
                   key != NULL ? key : "");
    const seine_status told = refuse_by_code(bucket, address, code, answer, error);
    if (told != SEINE_OK) return told;
    if (status == 301 || status == 307) return refuse_region(bucket, answer, error);
    if (is(code, "NoSuchKey") || (status == 404 && answer->body.size == 0))
        return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no such object", address);
    if (status == 403) return refuse_rights(what, address, status, error);
    const bool is_s3 = code.size > 0;
    if (seine_s3_is_passing(answer))
        return seine_fail(error, SEINE_E_AWAY, "%s: the store does not take part (HTTP %d%s%.*s): try again later",
                          address, status, is_s3 ? " " : "", SEINE_STR_ARG(code));
    if (is_s3)
        return seine_fail(error, SEINE_E_IO, "%s: cannot %s it: HTTP %d %.*s", address, what, status,
                          SEINE_STR_ARG(code));
    return seine_fail(error, SEINE_E_IO,
                      "%s: %s does not answer as S3 does (HTTP %d%s): set AWS_ENDPOINT_URL_S3 to the address of the "
                      "store",
                      address, bucket->endpoint, status, answer->response.is_page ? ", a web page" : "");
}
