/* Finished answers. */
#include "serve/answer.h"

#include "base/json.h"
#include "base/try.h"
#include "io/codec.h"
#include "serve/live/hub.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>

#define ERROR_MAX_BYTES ((size_t)16 * 1024)
#define BODY_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define COMPRESS_FROM_BYTES 1024
#define GZIP_LEVEL 5
#define ZSTD_LEVEL 3

seine_answer *seine_answer_new(int status, const char *content_type) {
    seine_answer *answer = calloc(1, sizeof *answer);
    if (answer == NULL) return NULL;
    atomic_init(&answer->references, 1);
    atomic_init(&answer->flights, 0);
    answer->status = status;
    (void)snprintf(answer->content_type, sizeof answer->content_type, "%s", content_type);
    seine_buf_init(&answer->body, BODY_MAX_BYTES);
    return answer;
}

seine_answer *seine_answer_share(seine_answer *answer) {
    atomic_fetch_add(&answer->references, 1);
    return answer;
}

void seine_answer_release(seine_answer *answer) {
    if (answer == NULL || atomic_fetch_sub(&answer->references, 1) != 1) return;
    struct MHD_Response *response = atomic_load(&answer->response);
    seine_live_leave(answer->stream);
    if (response != NULL) MHD_destroy_response(response);
    seine_buf_free(&answer->body);
    free(answer->next);
    free(answer);
}

seine_answer *seine_answer_error(int status, const char *message, const char *hint) {
    seine_answer *answer SEINE_OWNED(seine_answer_release_owned) = seine_answer_new(status, "application/json");
    if (answer == NULL) return NULL;
    answer->freshness = SEINE_FRESH_NEVER;
    answer->body.max = ERROR_MAX_BYTES;
    seine_json_writer w = seine_json_writer_to(&answer->body);
    seine_json_begin_object(&w);
    seine_json_field_object(&w, "error");
    seine_json_field_int(&w, "status", status);
    seine_json_field_text(&w, "message", message);
    if (hint != NULL) seine_json_field_text(&w, "hint", hint);
    seine_json_end_object(&w);
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? SEINE_TAKE(answer) : NULL;
}

static seine_status compress(const seine_buf *body, seine_encoding encoding, seine_buf *out, seine_error *error) {
    if (encoding == SEINE_ENCODING_GZIP) return seine_gzip(body->data, body->size, GZIP_LEVEL, out, error);
    seine_zstd *zstd SEINE_OWNED(seine_zstd_free_owned) = seine_zstd_new(ZSTD_LEVEL);
    if (zstd == NULL) return seine_no_memory(error, "zstd");
    return seine_zstd_compress(zstd, body->data, body->size, out, error);
}

seine_status seine_answer_compress(seine_answer *answer, seine_encoding encoding, seine_error *error) {
    if (encoding == SEINE_ENCODING_NONE || answer->body.size < COMPRESS_FROM_BYTES) return SEINE_OK;
    seine_buf packed SEINE_OWNED(seine_buf_free);
    seine_buf_init(&packed, BODY_MAX_BYTES + BODY_MAX_BYTES / 8);
    SEINE_TRY(compress(&answer->body, encoding, &packed, error));
    if (packed.size >= answer->body.size) return SEINE_OK;
    const seine_buf plain = answer->body;
    answer->body = packed;
    packed = plain; /* freed here */
    answer->encoding = encoding;
    return SEINE_OK;
}
