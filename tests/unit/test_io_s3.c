/* links: io base */
/* The client of S3 against a server that answers as it is told, one answer after the other. */
#include "base/hash.h"
#include "base/time.h"
#include "io/file.h"
#include "io/s3/client.h"
#include "io/s3/listing.h"
#include "io/s3/sign.h"
#include "io/s3/xml.h"
#include "io/store/stores.h"
#include "s3_support.h"

static seine_error error; /* of the last call */

static void assert_read(const char *expected) {
    seine_buf buf;
    seine_buf_init(&buf, 1 << 20);
    if (seine_file_read("s3://bucket/k", &buf, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_true(seine_str_equal(seine_buf_str(&buf), seine_str_of(expected)));
    seine_buf_free(&buf);
}

static seine_status read_fails(void) {
    seine_buf buf;
    seine_buf_init(&buf, 1 << 20);
    const seine_status status = seine_file_read("s3://bucket/k", &buf, &error);
    assert_int_equal(buf.size, 0);
    seine_buf_free(&buf);
    assert_null(strstr(error.text, "THESECRET"));
    assert_null(strstr(error.text, "AKEY"));
    return status;
}

static seine_status put(seine_file_mode mode) { return seine_file_write("s3://bucket/k", "abc", 3, mode, &error); }

static seine_store *store_of_bucket(void) {
    seine_store *found = NULL;
    const char *key = NULL;
    assert_int_equal(seine_stores_find("s3://bucket", &found, &key, &error), SEINE_OK);
    return found;
}

/* ---- trying again ----------------------------------------------------------------------------------------------- */

static void what_passes_is_tried_again(void **state) {
    (void)state;
    answer(REFUSAL("503 Slow Down", "SlowDown"));
    answer(REFUSAL("500 Internal", "InternalError"));
    answer(REFUSAL("429 Too Many", "TooManyRequests"));
    answer(REFUSAL("400 Bad", "RequestTimeout"));
    answer(NULL);
    answer(OK("", "5", "hello"));
    assert_read("hello");
    assert_int_equal(server.request_count, 6);
    assert_true(asked(0, "GET /bucket/k HTTP/1.1"));
    assert_true(asked(0, "Authorization: AWS4-HMAC-SHA256 Credential=AKEY/"));
}

static void a_server_that_stays_down_is_given_up(void **state) {
    (void)state;
    for (int i = 0; i < SEINE_S3_ATTEMPTS + 3; i++) answer(REFUSAL("503 Slow Down", "SlowDown"));
    assert_int_equal(read_fails(), SEINE_E_AWAY);
    assert_int_equal(server.request_count, SEINE_S3_ATTEMPTS);
    assert_non_null(strstr(error.text, "s3://bucket/k"));
    assert_non_null(strstr(error.text, "SlowDown"));
    for (int i = 0; i < SEINE_S3_ATTEMPTS; i++) answer(NULL); /* the connection breaks */
    assert_int_equal(read_fails(), SEINE_E_AWAY);
    assert_int_equal(error.status, SEINE_E_AWAY);
}

static void a_stop_is_heard_between_attempts(void **state) {
    (void)state;
    static atomic_bool stop = true;
    const seine_stores_settings settings = {.stop = &stop};
    assert_int_equal(seine_stores_configure(&settings, NULL), SEINE_OK);
    for (int i = 0; i < SEINE_S3_ATTEMPTS; i++) answer(REFUSAL("503 Slow Down", "SlowDown"));
    assert_int_equal(read_fails(), SEINE_E_INTERRUPTED);
    assert_true(server.request_count <= 1);
}

static void a_refusal_is_not_tried_again(void **state) {
    (void)state;
    answer(REFUSAL("403 Forbidden", "AccessDenied"));
    assert_int_equal(read_fails(), SEINE_E_IO);
    assert_int_equal(server.request_count, 1);
    answer(REFUSAL("404 Not Found", "NoSuchKey"));
    assert_int_equal(read_fails(), SEINE_E_NOT_FOUND);
    assert_int_equal(server.request_count, 2);
}

/* ---- bytes ------------------------------------------------------------------------------------------------------ */

static void a_body_that_is_cut_off_goes_on_behind_what_came(void **state) {
    (void)state;
    answer(OK("ETag: \"e\"\r\n", "10", "01234"));
    answer("HTTP/1.1 206 Partial\r\nETag: \"e\"\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n56789");
    assert_read("0123456789");
    assert_true(asked(1, "range: bytes=5-9"));
    assert_true(asked(1, "if-match: \"e\""));
}

static void an_object_that_changes_meanwhile_is_told(void **state) {
    (void)state;
    answer(OK("ETag: \"e\"\r\n", "10", "01234"));
    answer(REFUSAL("412 Failed", "PreconditionFailed"));
    assert_int_equal(read_fails(), SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, "changed"));
}

static void other_bytes_than_asked_for_are_an_error(void **state) {
    (void)state;
    seine_file_random file;
    char bytes[4];
    answer(
        "HTTP/1.1 206 Partial\r\nContent-Range: bytes 6-9/10\r\nContent-Length: 4\r\n\r\n6789"); /* the tail: wrong */
    answer("HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\n0123456789");
    assert_int_equal(seine_file_random_open("s3://bucket/k", &file, &error), SEINE_OK);
    assert_true(server.request_count == 2);
    assert_int_equal(file.size, 10);
    assert_int_equal(seine_file_random_read(&file, 2, bytes, 4, &error), SEINE_OK);
    assert_memory_equal(bytes, "2345", 4);
    seine_file_random_close(&file);
}

static seine_status append(void *context, const void *bytes, size_t size, seine_error *why) {
    (void)why;
    return seine_buf_append(context, bytes, size);
}

static seine_status get_range(uint64_t from, uint64_t size, const char *expected) {
    seine_buf buf;
    seine_object_version version = {0};
    seine_buf_init(&buf, 100);
    const seine_status status =
        store_of_bucket()->ops->get(store_of_bucket(), "k", from, size, &version, append, &buf, &error);
    if (status == SEINE_OK) {
        assert_true(seine_str_equal(seine_buf_str(&buf), seine_str_of(expected)));
        assert_int_equal(version.size, 10);
    }
    seine_buf_free(&buf);
    return status;
}

/* The second part of an object is one of the state that the first part was of. */
static void a_part_is_of_the_state_that_is_named(void **state) {
    (void)state;
    static const struct {
        const char *answer;
        seine_status status;
    } cases[] = {{PART("\"e\"", "10"), SEINE_OK},
                 {PART("\"f\"", "10"), SEINE_E_FORMAT}, /* passes over if-match */
                 {PART("\"e\"", "11"), SEINE_E_FORMAT},
                 {REFUSAL("412 Failed", "PreconditionFailed"), SEINE_E_FORMAT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_object_version version = {.size = 10, .etag = "\"e\""};
        seine_buf buf;
        seine_buf_init(&buf, 100);
        answer(cases[i].answer);
        assert_int_equal(store_of_bucket()->ops->get(store_of_bucket(), "k", 2, 4, &version, append, &buf, &error),
                         cases[i].status);
        assert_true(asked(i, "if-match: \"e\""));
        if (i > 0) assert_non_null(strstr(error.text, "s3://bucket/k: was changed while it was read"));
        seine_buf_free(&buf);
    }
}

static void the_whole_object_instead_of_a_range_is_cut_to_it(void **state) {
    (void)state;
    answer(OK("", "10", "0123456789"));
    assert_int_equal(get_range(2, 4, "2345"), SEINE_OK);
    answer(OK("", "10", "0123456")); /* cut off behind what is wanted */
    assert_int_equal(get_range(2, 4, "2345"), SEINE_OK);
    assert_int_equal(server.request_count, 2);
    answer(OK("ETag: \"e\"\r\n", "10", "0123")); /* and before: it goes on */
    answer(OK("ETag: \"e\"\r\n", "10", "0123456789"));
    assert_int_equal(get_range(2, 4, "2345"), SEINE_OK);
    assert_true(asked(3, "range: bytes=4-5"));
    answer(OK("", "10", "0123456789"));
    assert_int_equal(get_range(SEINE_STORE_TAIL, 3, "789"), SEINE_OK);
    answer(OK("ETag: \"e\"\r\n", "10", "0123"));
    answer(OK("ETag: \"f\"\r\n", "10", "0123456789")); /* passes over if-match, too */
    assert_int_equal(get_range(2, 4, ""), SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, "changed"));
    answer(OK("", "5", "01234"));
    assert_int_equal(get_range(2, 4, ""), SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, "ends before"));
    assert_int_equal(server.request_count, 8);
}

static void bytes_are_proved_by_the_checksum_of_their_put(void **state) {
    (void)state;
    char sum[33];
    static char text[3][400];
    seine_hash128_hex(seine_hash128_of("right", 5), sum);
    for (int i = 0; i < 3; i++)
        snprintf(text[i], sizeof text[i], "HTTP/1.1 200 OK\r\nx-amz-meta-seine-xxh3: %s\r\nContent-Length: 5\r\n\r\n%s",
                 sum, i < 2 ? "wrong" : "right");
    for (int i = 0; i < 3; i++) answer(text[i]);
    assert_read("right");
    assert_int_equal(server.request_count, 3);
}

static void the_last_bytes_of_an_empty_object_are_none(void **state) {
    (void)state;
    seine_file_random file;
    answer(REFUSAL("416 Range", "InvalidRange"));
    answer(OK("", "0", ""));
    assert_int_equal(seine_file_random_open("s3://bucket/k", &file, &error), SEINE_OK);
    assert_int_equal(file.size, 0);
    assert_true(asked(1, "HEAD "));
    seine_file_random_close(&file);
}

/* ---- puts whose outcome is not told ----------------------------------------------------------------------------- */

static void a_put_that_succeeded_but_failed_is_ours(void **state) {
    (void)state;
    answer(REFUSAL("500 Internal", "InternalError"));
    answer(REFUSAL("412 Failed", "PreconditionFailed")); /* by the first attempt */
    answer(OF_THE_FIRST_PUT);
    assert_int_equal(put(SEINE_FILE_NEW), SEINE_OK);
    assert_true(asked(0, "if-none-match: *"));
    assert_true(asked(2, "HEAD "));
}

static void a_put_that_others_were_before_is_not_ours(void **state) {
    (void)state;
    answer(REFUSAL("412 Failed", "PreconditionFailed"));
    answer(OK("x-amz-meta-seine-put: another\r\n", "3", ""));
    assert_int_equal(put(SEINE_FILE_NEW), SEINE_E_EXISTS);
    assert_non_null(strstr(error.text, "s3://bucket/k"));
    answer(OK("", "0", ""));
    assert_int_equal(put(SEINE_FILE_REPLACE), SEINE_OK);
    assert_false(asked(2, "if-none-match"));
}

/* The put failed, and whether it is there is not told: neither "there already" nor written. */
static void a_put_that_nobody_tells_of_is_not_known(void **state) {
    (void)state;
    static const seine_file_mode modes[] = {SEINE_FILE_NEW, SEINE_FILE_REPLACE};
    for (size_t i = 0; i < 2; i++) {
        answer(REFUSAL("500 Internal", "InternalError"));
        answer(modes[i] == SEINE_FILE_NEW ? REFUSAL("412 Failed", "PreconditionFailed") : REFUSAL("501 No", "NotHere"));
        answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"); /* HEAD */
        answer(REFUSAL("403 Forbidden", "AccessDenied"));              /* the bucket */
        assert_int_equal(put(modes[i]), SEINE_E_IO);
        assert_non_null(strstr(error.text, "s3://bucket/k: it is not known whether it was written"));
        assert_non_null(strstr(error.text, "no right to list"));
    }
    answer(REFUSAL("403 Forbidden", "AccessDenied")); /* a clear answer */
    answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    answer(REFUSAL("403 Forbidden", "AccessDenied"));
    assert_int_equal(put(SEINE_FILE_NEW), SEINE_E_IO);
    assert_non_null(strstr(error.text, "no right to write"));
}

static seine_status end_upload(const char *const *answers, size_t count) {
    seine_upload *upload = NULL;
    seine_store *store = store_of_bucket();
    memset(server.requests, 0, sizeof server.requests);
    server.request_count = server.count = server.used = 0;
    answer(UPLOAD_BEGAN);
    answer(OK("ETag: \"p\"\r\n", "0", ""));
    for (size_t i = 0; i < count; i++) answer(answers[i]);
    answer("HTTP/1.1 204 No Content\r\n\r\n"); /* given up */
    assert_int_equal(store->ops->upload_begin(store, "k", "", &upload, &error), SEINE_OK);
    assert_int_equal(store->ops->upload_part(upload, "abc", 3, &error), SEINE_OK);
    return store->ops->upload_end(upload, SEINE_FILE_NEW, &error);
}

/* The store compares what it got of each part with what was sent, and joins the parts that it has told of. */
static void the_bytes_of_each_part_are_proven(void **state) {
    (void)state;
    static const char *const fine[] = {OK("ETag: \"whole\"\r\n", "5", "<R/>\n")};
    for (int by_name = 0; by_name < 2; by_name++) {
        reach(by_name);
        assert_int_equal(end_upload(fine, 1), SEINE_OK);
        assert_true(asked(1, "PUT /bucket/k?partNumber=1&uploadId=u1") && is_proved(1, by_name));
        assert_true(asked(0, "x-amz-checksum-algorithm: CRC32") == !by_name);
        assert_true(asked(2, by_name ? "<Part><ETag>\"p\"</ETag><PartNumber>1</PartNumber></Part>"
                                     : "<Part><ChecksumCRC32>NSRBwg==</ChecksumCRC32><ETag>\"p\"</ETag>")); /* "abc" */
    }
    reach(false);
    static const char *const refused[] = {REFUSAL("400 Bad Request", "InvalidPart"),
                                          REFUSAL("404 Not Found", "NoSuchKey")};
    assert_int_equal(end_upload(refused, 2), SEINE_E_IO);
}

static void the_lost_end_of_an_upload_is_looked_up(void **state) {
    (void)state;
    static const char *const ours[] = {REFUSAL("500 Internal", "InternalError"),
                                       REFUSAL("404 Not Found", "NoSuchUpload"), OF_THE_FIRST_PUT};
    assert_int_equal(end_upload(ours, 3), SEINE_OK);
    static const char *const under_200[] = {REFUSAL("200 OK", "AccessDenied"), OF_THE_FIRST_PUT};
    assert_int_equal(end_upload(under_200, 2), SEINE_OK);
    static const char *const others[] = {REFUSAL("412 Failed", "PreconditionFailed"),
                                         OK("x-amz-meta-seine-put: another\r\n", "3", "")};
    assert_int_equal(end_upload(others, 2), SEINE_E_EXISTS);
    static const char *const untold[] = {
        REFUSAL("500 Internal", "InternalError"), REFUSAL("404 Not Found", "NoSuchUpload"),
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", REFUSAL("403 Forbidden", "AccessDenied")};
    assert_int_equal(end_upload(untold, 4), SEINE_E_IO);
    assert_non_null(strstr(error.text, "not known whether it was written"));
    assert_true(asked(6, "DELETE /bucket/k?uploadId=u1"));
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

#define LIST(rest) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListBucketResult>" rest "</ListBucketResult>"
#define LARGE (SEINE_STORE_PART_BYTES + 3)

/* Publishes a file of more than a part. @p sum: of its bytes as it is told, or NULL. *real is the right one. */
static seine_status publish_large(const char *sum, seine_file_mode mode, char real[65]) {
    char path[] = "/tmp/test_io_s3-XXXXXX";
    uint8_t digest[SEINE_SHA256_BYTES], *bytes = calloc(1, LARGE);
    const int file = mkstemp(path);
    assert_true(bytes != NULL && file >= 0);
    memcpy(bytes + SEINE_STORE_PART_BYTES, "end", 3);
    assert_int_equal(write(file, bytes, LARGE), LARGE);
    seine_sha256_of(bytes, LARGE, digest);
    seine_hex(digest, sizeof digest, real);
    close(file);
    free(bytes);
    const seine_status status = seine_file_publish(path, "s3://bucket/k", sum, mode, &error);
    assert_int_equal(access(path, F_OK), -1);
    return status;
}

/* The store compares what came with its sum, and keeps the one that is told. */
static void a_file_is_put_at_once_under_its_sum(void **state) {
    (void)state;
    char real[65], told[65];
    memset(told, 'a', 64);
    told[64] = '\0';
    answer(OK("ETag: \"e\"\r\n", "0", ""));
    assert_int_equal(publish_large(told, SEINE_FILE_NEW, real), SEINE_OK);
    assert_int_equal(server.request_count, 1);
    assert_true(asked(0, "PUT /bucket/k HTTP"));
    assert_true(asked(0, "if-none-match: *"));
    assert_true(is_proved(0, false));
    assert_true(asked(0, "x-amz-meta-seine-sum: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"));
    assert_string_equal(server.bodies[0], real);
    answer(OK("ETag: \"e\"\r\n", "0", ""));
    assert_int_equal(publish_large(NULL, SEINE_FILE_REPLACE, real), SEINE_OK);
    assert_true(is_proved(1, false));
    assert_false(asked(1, "if-none-match") || asked(1, "seine-sum"));
    assert_string_equal(server.bodies[1], real);
}

static void where_others_may_change_it_its_sum_is_signed(void **state) {
    (void)state;
    char real[65];
    reach(true);
    answer(OK("ETag: \"e\"\r\n", "0", "")); /* not told: it is read for it */
    assert_int_equal(publish_large(NULL, SEINE_FILE_REPLACE, real), SEINE_OK);
    assert_string_equal(server.bodies[0], real);
    assert_true(is_proved(0, true));
    answer(OK("ETag: \"e\"\r\n", "0", ""));
    assert_int_equal(publish_large("5e", SEINE_FILE_REPLACE, real), SEINE_OK);
    assert_true(asked(1, "x-amz-content-sha256: 5e\r\n")); /* as it is told, without reading */
    reach(false);
}

/* Behind the first answer: parts, their end, and that the first attempt has done it after all. */
static void a_file_whose_put_breaks_off_goes_in_parts_of_the_same_id(void **state) {
    (void)state;
    static const char *const breaks[] = {NULL, REFUSAL("503 Slow", "SlowDown"), REFUSAL("413 Too Large", "TooLarge"),
                                         REFUSAL("400 Bad", "EntityTooLarge"), REFUSAL("400 Bad", "BadDigest")};
    char real[65];
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
        memset(server.requests, 0, sizeof server.requests);
        server.request_count = server.count = server.used = 0;
        answer(breaks[i]);
        answer(UPLOAD_BEGAN);
        answer(OK("ETag: \"p1\"\r\n", "0", ""));
        answer(OK("ETag: \"p2\"\r\n", "0", ""));
        answer(REFUSAL("412 Failed", "PreconditionFailed"));
        answer(OF_THE_FIRST_PUT);
        assert_int_equal(publish_large("5e", SEINE_FILE_NEW, real), SEINE_OK);
        const char *id = strcasestr(server.requests[0], "x-amz-meta-seine-put: ");
        assert_non_null(id);
        char header[60];
        snprintf(header, sizeof header, "%.58s", id);
        assert_true(asked(1, "POST /bucket/k?uploads=") && asked(1, header) &&
                    asked(1, "x-amz-meta-seine-sum: 5e\r\n"));
        assert_true(asked(2, "PUT /bucket/k?partNumber=1&uploadId=u1") && asked(2, "content-length: 16777216\r\n"));
        assert_true(asked(3, "PUT /bucket/k?partNumber=2&uploadId=u1") && asked(3, "content-length: 3\r\n"));
        assert_true(is_proved(2, false) && is_proved(3, false));
        assert_true(asked(4, "<ETag>\"p2\"</ETag>") && asked(5, "HEAD "));
    }
}

static void a_file_that_is_refused_is_not_tried_in_parts(void **state) {
    (void)state;
    char real[65];
    answer(REFUSAL("412 Failed", "PreconditionFailed"));
    answer(OK("x-amz-meta-seine-put: another\r\n", "3", ""));
    assert_int_equal(publish_large("5e", SEINE_FILE_NEW, real), SEINE_E_EXISTS);
    assert_int_equal(server.request_count, 2);
    answer(REFUSAL("400 Bad", "InvalidRequest"));
    answer(OK("x-amz-meta-seine-put: another\r\n", "3", ""));
    assert_int_equal(publish_large("5e", SEINE_FILE_REPLACE, real), SEINE_E_IO);
    assert_int_equal(server.request_count, 4);
}

static void a_file_that_has_become_shorter_is_told(void **state) {
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    const seine_body body = {.size = LARGE, .sha256 = "5e", .file = fileno(file)};
    for (int by_name = 0; by_name < 2; by_name++) { /* when it is read for its sum, and when it is sent */
        reach(by_name);
        server.count = server.used = 0;
        if (by_name) answer(NULL);
        answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"); /* HEAD: it is not there */
        answer(LIST(""));
        seine_store *store = store_of_bucket();
        assert_int_equal(store->ops->put(store, "k", &body, SEINE_FILE_NEW, &error), SEINE_E_IO);
        assert_non_null(strstr(error.text, "/bucket/k: the file that is sent has become shorter"));
    }
    reach(false);
    fclose(file);
}

/* ---- removing many ---------------------------------------------------------------------------------------------- */

#define LEFT(rest) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<DeleteResult>" rest "</DeleteResult>"
#define STAYS(key, code) "<Error><Key>" key "</Key><Code>" code "</Code><Message>m</Message></Error>"

static seine_status remove_two(void) {
    const char *const keys[] = {"a", "b&c"};
    return store_of_bucket()->ops->remove(store_of_bucket(), keys, 2, &error);
}

static void each_key_that_stays_is_counted(void **state) {
    (void)state;
    answer(LEFT(STAYS("a", "NoSuchKey")));
    assert_int_equal(remove_two(), SEINE_OK);
    answer(LEFT(STAYS("a", "NoSuchKey") "<Deleted><Key>x</Key></Deleted>" STAYS("b&amp;c", "AccessDenied")));
    assert_int_equal(remove_two(), SEINE_E_IO);
    assert_string_equal(error.text, "s3://bucket/b&c: cannot remove it: AccessDenied");
    answer(LEFT(STAYS("a", "SlowDown") STAYS("b", "AccessDenied")));
    assert_int_equal(remove_two(), SEINE_E_IO);
    assert_string_equal(error.text, "s3://bucket/b: cannot remove it: AccessDenied, nor 1 others");
    assert_int_equal(server.request_count, 3);
    answer(LEFT(STAYS("a", "SlowDown") STAYS("b", "InternalError")));
    answer(LEFT(""));
    assert_int_equal(remove_two(), SEINE_OK);
    answer("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html><br>");
    assert_int_equal(remove_two(), SEINE_E_IO);
    assert_non_null(strstr(error.text, "does not answer as S3 does"));
}

/* ---- what a refusal says ---------------------------------------------------------------------------------------- */

static void a_refusal_names_what_to_set(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {REFUSAL("404 Not Found", "NoSuchBucket"), "no such bucket"},
        {REFUSAL("403 Forbidden", "SignatureDoesNotMatch"), "AWS_SECRET_ACCESS_KEY"},
        {REFUSAL("403 Forbidden", "InvalidAccessKeyId"), "AWS_ACCESS_KEY_ID"},
        {REFUSAL("400 Bad", "ExpiredToken"), "AWS_SESSION_TOKEN"},
        {REFUSAL("403 Forbidden", "AccessDenied"), "no right to read"},
        {"HTTP/1.1 400 Bad\r\nConnection: close\r\n\r\n<Error><Code>AuthorizationHeaderMalformed</Code>"
         "<Region>eu-north-1</Region></Error>",
         "AWS_REGION to eu-north-1"},
        {"HTTP/1.1 301 Moved\r\nx-amz-bucket-region: eu-west-2\r\nContent-Length: 0\r\n\r\n",
         "AWS_REGION to eu-west-2"},
        {"HTTP/1.1 403 Forbidden\r\nDate: Thu, 01 Jan 2015 00:00:00 GMT\r\nConnection: close\r\n\r\n"
         "<Error><Code>RequestTimeTooSkewed</Code></Error>",
         "minutes ahead of the store's"},
        {"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>", "AWS_ENDPOINT_URL_S3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        answer(cases[i][0]);
        assert_int_equal(read_fails(), SEINE_E_IO);
        if (strstr(error.text, cases[i][1]) == NULL) fail_msg("%s: %s", cases[i][1], error.text);
        assert_null(strchr(error.text, '\n'));
    }
}

/* A page for whatever is asked: of a captive portal, or of a web site. */
static void a_web_site_is_no_store(void **state) {
    (void)state;
    static const char page[] = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    seine_file_info info;
    for (int i = 0; i < 3; i++) answer(page);
    assert_int_equal(read_fails(), SEINE_E_IO);
    assert_non_null(strstr(error.text, "a web page): set AWS_ENDPOINT_URL_S3"));
    assert_int_equal(seine_file_stat("s3://bucket/k", &info, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "a web page): set AWS_ENDPOINT_URL_S3"));
    assert_int_equal(put(SEINE_FILE_NEW), SEINE_E_IO);
    assert_non_null(strstr(error.text, "a web page): set AWS_ENDPOINT_URL_S3"));
}

static void a_missing_bucket_does_not_look_like_a_missing_object(void **state) {
    (void)state;
    seine_file_info info;
    answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    answer(REFUSAL("404 Not Found", "NoSuchBucket"));
    assert_int_equal(seine_file_stat("s3://bucket/k", &info, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "no such bucket"));
}

static void without_credentials_the_way_to_them_is_told(void **state) {
    (void)state;
    unsetenv("AWS_ACCESS_KEY_ID");
    assert_int_equal(read_fails(), SEINE_E_IO);
    assert_non_null(strstr(error.text, "AWS_ACCESS_KEY_ID"));
    unsetenv("AWS_SECRET_ACCESS_KEY");
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    assert_int_equal(read_fails(), SEINE_E_IO);
    assert_non_null(strstr(error.text, "AWS_PROFILE"));
    assert_int_equal(server.request_count, 0);
}

/* ---- other sources of credentials ------------------------------------------------------------------------------- */

static void credentials_of_a_container_are_taken_and_renewed(void **state) {
    (void)state;
    char url[128], ends[40];
    static char text[400];
    snprintf(url, sizeof url, "%s/v2/credentials", getenv("AWS_ENDPOINT_URL_S3"));
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "thetoken", 1);
    seine_time_format(INT64_C(946684800) * 1000000, ends); /* long over: each request asks again */
    snprintf(text, sizeof text,
             "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"AccessKeyId\":\"CKEY\",\"SecretAccessKey\":\"s\","
             "\"Token\":\"SESSION\",\"Expiration\":\"%s\"}",
             ends);
    for (int i = 0; i < 2; i++) {
        answer(text);
        answer(OK("", "5", "hello"));
        assert_read("hello");
    }
    unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    assert_int_equal(server.request_count, 4);
    assert_true(asked(0, "GET /v2/credentials"));
    assert_true(asked(0, "Authorization: thetoken"));
    assert_true(asked(1, "Credential=CKEY/"));
    assert_true(asked(1, "x-amz-security-token: SESSION"));
    assert_true(asked(2, "GET /v2/credentials"));
}

/* An answer of a container's credentials, good for @p seconds. */
static const char *credentials(char text[400], const char *key, int64_t seconds) {
    char ends[40];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seine_time_format((now.tv_sec + seconds) * 1000000, ends);
    snprintf(text, 400,
             "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"s\","
             "\"Token\":\"SESSION\",\"Expiration\":\"%s\"}",
             key, ends);
    return text;
}

static void in_a_container(void) {
    char url[128];
    snprintf(url, sizeof url, "%s/v2/credentials", getenv("AWS_ENDPOINT_URL_S3"));
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
}

static void credentials_that_a_store_calls_over_are_taken_anew(void **state) {
    (void)state;
    static const char *const codes[] = {REFUSAL("400 Bad", "ExpiredToken"), REFUSAL("403 Forbidden", "InvalidToken"),
                                        REFUSAL("400 Bad", "ExpiredTokenException")};
    static char text[6][400];
    in_a_container();
    answer(credentials(text[0], "KEY0", 3600));
    for (size_t i = 0; i < 3; i++) {
        char key[8];
        snprintf(key, sizeof key, "KEY%zu", i + 1);
        answer(codes[i]);
        answer(credentials(text[i + 1], key, 3600));
        answer(OK("", "5", "hello"));
        assert_read("hello");
        snprintf(key, sizeof key, "KEY%zu/", i);
        assert_true(asked(3 * i + 1, key));
        snprintf(key, sizeof key, "KEY%zu/", i + 1);
        assert_true(asked(3 * i + 3, key));
    }
    /* The same again is not sent again. */
    answer(codes[0]);
    answer(text[3]);
    assert_int_equal(read_fails(), SEINE_E_IO);
    assert_non_null(strstr(error.text, "the session is over"));
    assert_int_equal(server.request_count, 12);
    /* An answer to HEAD has no code: the bucket is asked, and then the object once more. */
    seine_file_info info;
    answer("HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
    answer(codes[0]);
    answer(credentials(text[4], "KEY4", 3600));
    answer(LIST(""));
    answer(OK("", "5", ""));
    assert_int_equal(seine_file_stat("s3://bucket/k", &info, &error), SEINE_OK);
    assert_int_equal(info.size, 5);
    unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
}

static void credentials_that_are_still_good_are_not_asked_for_at_each_request(void **state) {
    (void)state;
    static char text[400];
    in_a_container();
    answer(credentials(text, "KEY0", 120)); /* less than the five minutes before their end */
    answer(OK("", "5", "hello"));
    answer(OK("", "5", "hello"));
    assert_read("hello");
    assert_read("hello");
    unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    assert_int_equal(server.request_count, 3);
}

static void a_pod_exchanges_its_token_for_a_role(void **state) {
    (void)state;
    char file[] = "/tmp/seine-token-XXXXXX";
    const int descriptor = mkstemp(file);
    assert_int_equal(write(descriptor, "the+token\n", 10), 10);
    close(descriptor);
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", file, 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/r", 1);
    setenv("AWS_ENDPOINT_URL_STS", getenv("AWS_ENDPOINT_URL_S3"), 1);
    answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<A><B><Credentials><AccessKeyId>RKEY</AccessKeyId>"
           "<SecretAccessKey>s</SecretAccessKey><SessionToken>RT</SessionToken>"
           "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></B></A>");
    answer(OK("", "5", "hello"));
    answer(OK("", "5", "hello"));
    assert_read("hello");
    assert_read("hello");
    unsetenv("AWS_WEB_IDENTITY_TOKEN_FILE");
    assert_int_equal(server.request_count, 3);
    assert_true(asked(0, "WebIdentityToken=the%2Btoken"));
    assert_true(asked(0, "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"));
    assert_true(asked(1, "Credential=RKEY/"));
    unlink(file);
}

static void a_machine_tells_its_role(void **state) {
    (void)state;
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", getenv("AWS_ENDPOINT_URL_S3"), 1);
    answer(OK("", "3", "tok"));
    answer(OK("", "5", "role\n"));
    answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"AccessKeyId\":\"MKEY\",\"SecretAccessKey\":\"s\","
           "\"Token\":\"MT\",\"Expiration\":\"2099-01-01T00:00:00Z\"}");
    answer(OK("", "5", "hello"));
    assert_read("hello");
    assert_true(asked(0, "PUT /latest/api/token"));
    assert_true(asked(1, "X-aws-ec2-metadata-token: tok"));
    assert_true(asked(2, "security-credentials/role "));
    assert_true(asked(3, "Credential=MKEY/"));
}

static void a_profile_is_read_from_its_files(void **state) {
    (void)state;
    char file[] = "/tmp/seine-profile-XXXXXX";
    static const char text[] = "# c\n[default]\naws_access_key_id=DKEY\n[ other ]\r\naws_access_key_id = PKEY\r\n"
                               "aws_secret_access_key =s=s\r\nregion = eu-west-3\n";
    const int descriptor = mkstemp(file);
    assert_int_equal(write(descriptor, text, sizeof text - 1), sizeof text - 1);
    close(descriptor);
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    setenv("AWS_SHARED_CREDENTIALS_FILE", file, 1);
    setenv("AWS_PROFILE", "other", 1);
    answer(OK("", "5", "hello"));
    assert_read("hello");
    assert_true(asked(0, "Credential=PKEY/"));
    assert_true(asked(0, "/eu-west-3/s3/aws4_request"));
    unsetenv("AWS_SHARED_CREDENTIALS_FILE");
    unlink(file);
}

static void write_profile(const char *file, const char *text) {
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void a_profile_that_is_over_is_read_again(void **state) {
    (void)state;
    char file[] = "/tmp/seine-profile-XXXXXX";
    close(mkstemp(file));
    write_profile(file, "[default]\naws_access_key_id=OLD\naws_secret_access_key=s\naws_session_token=t\n");
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    setenv("AWS_SHARED_CREDENTIALS_FILE", file, 1);
    answer(OK("", "5", "hello"));
    assert_read("hello");
    write_profile(file, "[default]\naws_access_key_id=NEW\naws_secret_access_key=s\naws_session_token=u\n");
    answer(REFUSAL("400 Bad", "ExpiredToken"));
    answer(OK("", "5", "hello"));
    assert_read("hello");
    assert_true(asked(1, "Credential=OLD/"));
    assert_true(asked(2, "Credential=NEW/"));
    unsetenv("AWS_SHARED_CREDENTIALS_FILE");
    unlink(file);
}

static void ways_of_a_profile_that_are_not_gone_are_told(void **state) {
    (void)state;
    static const char *const cases[][2] = {{"credential_process = /bin/x", "credential_process"},
                                           {"sso_session = s\nsso_account_id = 1", "SSO"},
                                           {"sso_start_url = https://x", "SSO"},
                                           {"role_arn = arn:r\nsource_profile = y", "another profile"}};
    char file[] = "/tmp/seine-profile-XXXXXX";
    close(mkstemp(file));
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    setenv("AWS_CONFIG_FILE", file, 1);
    setenv("AWS_PROFILE", "work", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "[profile work]\n%s\n", cases[i][0]);
        write_profile(file, text);
        seine_stores_close();
        assert_int_equal(read_fails(), SEINE_E_IO);
        if (strstr(error.text, cases[i][1]) == NULL) fail_msg("%s: %s", cases[i][1], error.text);
        assert_non_null(strstr(error.text, "`aws configure export-credentials --profile work --format env`"));
    }
    assert_int_equal(server.request_count, 0);
    unsetenv("AWS_CONFIG_FILE");
    unlink(file);
}

/* ---- pure parts ------------------------------------------------------------------------------------------------- */

/* The example of Amazon's documentation: "GET Object" of "Examples: Signature Calculations". */
static void signatures_are_those_of_the_documentation(void **state) {
    (void)state;
    seine_arena arena = {0};
    int64_t now_us = 0;
    assert_true(seine_time_parse(SEINE_STR("2013-05-24T00:00:00Z"), &now_us));
    const char *const headers[] = {"range: bytes=0-9", NULL};
    const seine_s3_signing signing = {.access = "AKIAIOSFODNN7EXAMPLE",
                                      .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                      .region = "us-east-1",
                                      .service = "s3",
                                      .method = "GET",
                                      .host = "examplebucket.s3.amazonaws.com",
                                      .path = "/test.txt",
                                      .query = "",
                                      .body_sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                      .now_us = now_us,
                                      .headers = headers};
    const char *const *sent = seine_s3_sign(&signing, &arena);
    assert_string_equal(sent[0], "range: bytes=0-9");
    assert_string_equal(sent[1], "x-amz-date: 20130524T000000Z");
    assert_string_equal(sent[3],
                        "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                        "aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature="
                        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    assert_null(sent[4]);
    seine_arena_free(&arena);
}

static void documents_are_read_and_broken_ones_refused(void **state) {
    (void)state;
    seine_arena arena = {0};
    const seine_str text =
        SEINE_STR("<?xml version=\"1.0\"?><!-- <x> --><a:R xmlns=\"u\"><K>x&amp;&#65;&#x20ac;&bad;</K>"
                  "<E/><In><K>2</K></In></a:R>");
    assert_string_equal(seine_xml_text(seine_xml_find(text, "K"), &arena), "x&A\xe2\x82\xac&bad;");
    seine_xml xml = {.text = text};
    seine_xml_element element;
    static const char *const names[] = {"K", "E", "K", "In", "R", ""};
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(seine_xml_next(&xml, &element), SEINE_OK);
        assert_true(seine_str_equal(element.name, seine_str_of(names[i])));
    }
    static const char *const broken[] = {"<a>", "<a></b>", "</a>", "<a", "<>", "<a><b></a></b>", "<!-- ", "<a>&"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        xml = (seine_xml){.text = seine_str_of(broken[i])};
        seine_status status = SEINE_OK;
        for (int n = 0; n < 5 && status == SEINE_OK; n++) status = seine_xml_next(&xml, &element);
        assert_int_equal(status, SEINE_E_FORMAT);
    }
    seine_arena_free(&arena);
}

static char listed[512];

static seine_status list_object(void *context, const seine_object *object, seine_error *why) {
    (void)context, (void)why;
    const size_t used = strlen(listed);
    snprintf(listed + used, sizeof listed - used, "%s%s %llu%s;", object->key, object->is_folder ? "/" : "",
             (unsigned long long)object->size, object->upload != NULL ? object->upload : "");
    return SEINE_OK;
}

static void a_list_goes_on_from_page_to_page(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>"
           "true</IsTruncated><Contents><Key>p/b%2Fc+d</Key><Size>7</Size><LastModified>2025-01-01T00:00:00.000Z"
           "</LastModified></Contents><NextContinuationToken>a/b=</NextContinuationToken></ListBucketResult>");
    answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListBucketResult><IsTruncated>false</IsTruncated><Contents>"
           "<Key>p/e%20f</Key><Size>8</Size></Contents></ListBucketResult>");
    assert_int_equal(seine_file_list("s3://bucket/p", true, &arena, &entries, &count, &error), SEINE_OK);
    assert_int_equal(count, 2);
    assert_string_equal(entries[0].name, "b/c d");
    assert_true(entries[0].info.modified_us == INT64_C(1735689600) * 1000000);
    assert_string_equal(entries[1].name, "e%20f"); /* a server that does not encode */
    assert_true(asked(0, "GET /bucket?encoding-type=url&list-type=2&prefix=p%2F "));
    assert_true(asked(1, "continuation-token=a%2Fb%3D&"));
    answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<html></html>");
    assert_int_equal(seine_file_list("s3://bucket/p", true, &arena, &entries, &count, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "AWS_ENDPOINT_URL_S3"));
    seine_s3_page page;
    listed[0] = '\0';
    const seine_str uploads =
        SEINE_STR("<ListMultipartUploadsResult><NextKeyMarker>k</NextKeyMarker><Upload><Key>x</Key>"
                  "<UploadId>u</UploadId><Initiator><ID>i</ID></Initiator></Upload>"
                  "<CommonPrefixes><Prefix>y/</Prefix></CommonPrefixes>"
                  "</ListMultipartUploadsResult>");
    assert_int_equal(seine_s3_page_read(uploads, &arena, &page, list_object, NULL, &error), SEINE_OK);
    assert_string_equal(listed, "x 0u;y/ 0;");
    seine_arena_free(&arena);
}

#define CUT(token) "<IsTruncated>true</IsTruncated><NextContinuationToken>" token "</NextContinuationToken>"

static void a_list_that_does_not_end_is_given_up(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    for (int i = 0; i < 3; i++) answer(LIST(CUT("a")));
    assert_int_equal(seine_file_list("s3://bucket/p", true, &arena, &entries, &count, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "s3://bucket: the store's list goes round in circles"));
    assert_int_equal(server.request_count, 2);
    server.used = server.count = server.request_count = 0;
    answer(LIST(CUT("x"))); /* a circle of three, entered from outside */
    for (int i = 0; i < 4; i++) {
        answer(LIST(CUT("a")));
        answer(LIST(CUT("b")));
        answer(LIST(CUT("c")));
    }
    assert_int_equal(seine_file_list("s3://bucket/p", true, &arena, &entries, &count, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "circles"));
    assert_true(server.request_count <= 9);
    server.used = server.count = server.request_count = 0;
    answer(LIST(CUT("")));
    assert_int_equal(seine_file_list("s3://bucket/p", true, &arena, &entries, &count, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "does not tell how its list goes on"));
    for (int i = 0; i < 2; i++)
        answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<ListMultipartUploadsResult><IsTruncated>true</IsTruncated>"
               "<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>"
               "</ListMultipartUploadsResult>");
    assert_int_equal(seine_file_list_unfinished("s3://bucket/p", &arena, &entries, &count, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "circles"));
    assert_true(asked(2, "key-marker=k&prefix=p%2F&upload-id-marker=u&uploads="));
    seine_arena_free(&arena);
}

/* Of private links, other domains and the like: nothing is made of it. */
static void an_endpoint_is_used_as_it_is_told(void **state) {
    (void)state;
    static const char *const hosts[] = {"bucket.vpce-1-a.s3.us-east-1.vpce.amazonaws.com",
                                        "s3-fips.us-east-1.amazonaws.com", "s3.dualstack.eu-west-1.amazonaws.com",
                                        "s3.cn-north-1.amazonaws.com.cn"};
    seine_s3_place place;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char url[128];
        snprintf(url, sizeof url, "https://%s", hosts[i]);
        setenv("AWS_ENDPOINT_URL_S3", url, 1);
        assert_int_equal(seine_s3_place_of(store_of_bucket(), &place, &error), SEINE_OK);
        assert_string_equal(place.endpoint, hosts[i]);
        assert_string_equal(store_of_bucket()->place, url);
        assert_true(place.is_path_style && place.is_https);
        seine_stores_close();
    }
    unsetenv("AWS_ENDPOINT_URL_S3");
    static const char *const regions[][2] = {{"eu-west-1", "s3.eu-west-1.amazonaws.com"},
                                             {"cn-north-1", "s3.cn-north-1.amazonaws.com.cn"}};
    for (size_t i = 0; i < 2; i++) {
        setenv("AWS_REGION", regions[i][0], 1);
        assert_int_equal(seine_s3_place_of(store_of_bucket(), &place, &error), SEINE_OK);
        assert_string_equal(place.endpoint, regions[i][1]);
        assert_false(place.is_path_style);
        seine_stores_close();
    }
    unsetenv("AWS_REGION");
}

static void buckets_and_endpoints_have_rules(void **state) {
    (void)state;
    static const char *const names[] = {"s3://ab/x", "s3://Bucket/x", "s3://b..c/x", "s3://-bc/x", "s3:///x"};
    seine_file_info info;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(seine_file_stat(names[i], &info, &error), SEINE_E_USAGE);
    static const char *const endpoints[] = {"127.0.0.1:9000", "ftp://h", "http://u:p@h", "http://h/path"};
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        setenv("AWS_ENDPOINT_URL_S3", endpoints[i], 1);
        assert_int_equal(seine_file_stat("s3://bucket/x", &info, &error), SEINE_E_USAGE);
        assert_null(strstr(error.text, "u:p"));
    }
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_SERVER(what_passes_is_tried_again),
        WITH_SERVER(a_server_that_stays_down_is_given_up),
        WITH_SERVER(a_stop_is_heard_between_attempts),
        WITH_SERVER(a_refusal_is_not_tried_again),
        WITH_SERVER(a_body_that_is_cut_off_goes_on_behind_what_came),
        WITH_SERVER(an_object_that_changes_meanwhile_is_told),
        WITH_SERVER(other_bytes_than_asked_for_are_an_error),
        WITH_SERVER(a_part_is_of_the_state_that_is_named),
        WITH_SERVER(the_whole_object_instead_of_a_range_is_cut_to_it),
        WITH_SERVER(bytes_are_proved_by_the_checksum_of_their_put),
        WITH_SERVER(the_last_bytes_of_an_empty_object_are_none),
        WITH_SERVER(a_put_that_succeeded_but_failed_is_ours),
        WITH_SERVER(a_put_that_others_were_before_is_not_ours),
        WITH_SERVER(a_put_that_nobody_tells_of_is_not_known),
        WITH_SERVER(the_bytes_of_each_part_are_proven),
        WITH_SERVER(the_lost_end_of_an_upload_is_looked_up),
        WITH_SERVER(a_file_is_put_at_once_under_its_sum),
        WITH_SERVER(where_others_may_change_it_its_sum_is_signed),
        WITH_SERVER(a_file_whose_put_breaks_off_goes_in_parts_of_the_same_id),
        WITH_SERVER(a_file_that_is_refused_is_not_tried_in_parts),
        WITH_SERVER(a_file_that_has_become_shorter_is_told),
        WITH_SERVER(each_key_that_stays_is_counted),
        WITH_SERVER(a_refusal_names_what_to_set),
        WITH_SERVER(a_web_site_is_no_store),
        WITH_SERVER(a_missing_bucket_does_not_look_like_a_missing_object),
        WITH_SERVER(without_credentials_the_way_to_them_is_told),
        WITH_SERVER(credentials_of_a_container_are_taken_and_renewed),
        WITH_SERVER(credentials_that_a_store_calls_over_are_taken_anew),
        WITH_SERVER(credentials_that_are_still_good_are_not_asked_for_at_each_request),
        WITH_SERVER(a_pod_exchanges_its_token_for_a_role),
        WITH_SERVER(a_machine_tells_its_role),
        WITH_SERVER(a_profile_is_read_from_its_files),
        WITH_SERVER(a_profile_that_is_over_is_read_again),
        WITH_SERVER(ways_of_a_profile_that_are_not_gone_are_told),
        WITH_SERVER(a_list_goes_on_from_page_to_page),
        WITH_SERVER(a_list_that_does_not_end_is_given_up),
        WITH_SERVER(an_endpoint_is_used_as_it_is_told),
        WITH_SERVER(buckets_and_endpoints_have_rules),
        cmocka_unit_test(signatures_are_those_of_the_documentation),
        cmocka_unit_test(documents_are_read_and_broken_ones_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
