/*
 * An answer as bytes, numbers little-endian:
 *
 *     u8 form = 1 | u8 freshness | u8 encoding | u8 varies | u32 status | u64 cut at | type | etag | next | body
 *     | u64 hash of all before;  a text is u32 size and bytes
 */
#include "serve/shared_cache.h"

#include <stdio.h>
#include <stdlib.h>

#define FORM 1
#define HEAD_BYTES 16
#define HASH_BYTES 8

static seine_status put_text(seine_buf *out, const void *bytes, size_t size) {
    const uint32_t length = (uint32_t)size;
    SEINE_TRY(seine_buf_append(out, &length, sizeof length));
    return seine_buf_append(out, bytes, size);
}

seine_status seine_answer_pack(const seine_answer *answer, seine_buf *out) {
    uint8_t head[HEAD_BYTES] = {FORM, (uint8_t)answer->freshness, (uint8_t)answer->encoding, answer->varies};
    const uint32_t status = (uint32_t)answer->status;
    const char *next = answer->next != NULL ? answer->next : "";
    if (answer->body.size > UINT32_MAX) return SEINE_E_LIMIT;
    memcpy(head + 4, &status, sizeof status);
    memcpy(head + 8, &answer->cut_at, sizeof answer->cut_at);
    SEINE_TRY(seine_buf_append(out, head, sizeof head));
    SEINE_TRY(put_text(out, answer->content_type, strlen(answer->content_type)));
    SEINE_TRY(put_text(out, answer->etag, strlen(answer->etag)));
    SEINE_TRY(put_text(out, next, strlen(next)));
    SEINE_TRY(put_text(out, answer->body.data, answer->body.size));
    const uint64_t hash = seine_hash64(out->data, out->size);
    return seine_buf_append(out, &hash, sizeof hash);
}

static bool take_text(seine_str *rest, seine_str *text) {
    uint32_t size;
    if (rest->size < sizeof size) return false;
    memcpy(&size, rest->data, sizeof size);
    if (rest->size - sizeof size < size) return false;
    *text = (seine_str){rest->data + sizeof size, size};
    *rest = (seine_str){text->data + size, rest->size - sizeof size - size};
    return true;
}

/* The head, which is whole. */
static bool take_head(const void *bytes, seine_answer *answer) {
    uint8_t head[HEAD_BYTES];
    uint32_t status;
    memcpy(head, bytes, sizeof head);
    if (head[0] != FORM || head[1] > SEINE_FRESH_NEVER || head[2] > SEINE_ENCODING_ZSTD || head[3] > 1) return false;
    memcpy(&status, head + 4, sizeof status);
    if (status < 200 || status > 299) return false;
    answer->status = (int)status;
    answer->freshness = (seine_freshness)head[1];
    answer->encoding = (seine_encoding)head[2];
    answer->varies = head[3] == 1;
    memcpy(&answer->cut_at, head + 8, sizeof answer->cut_at);
    return true;
}

/* What goes into headers. */
static bool is_line(seine_str text) {
    for (size_t i = 0; i < text.size; i++)
        if ((uint8_t)text.data[i] < ' ' || text.data[i] == 0x7f) return false;
    return true;
}

static bool fill(seine_answer *answer, const seine_str texts[4]) {
    if (!is_line(texts[0]) || !is_line(texts[1]) || !is_line(texts[2])) return false;
    if (texts[0].size >= sizeof answer->content_type || texts[1].size >= sizeof answer->etag) return false;
    memcpy(answer->content_type, texts[0].data, texts[0].size);
    answer->content_type[texts[0].size] = '\0';
    memcpy(answer->etag, texts[1].data, texts[1].size);
    if (texts[2].size > 0 && (answer->next = strndup(texts[2].data, texts[2].size)) == NULL) return false;
    return seine_buf_append(&answer->body, texts[3].data, texts[3].size) == SEINE_OK;
}

seine_answer *seine_answer_unpack(seine_str bytes) {
    seine_str rest = bytes, texts[4];
    uint64_t hash;
    if (bytes.size < HEAD_BYTES + HASH_BYTES) return NULL;
    rest.size -= HASH_BYTES;
    memcpy(&hash, bytes.data + rest.size, sizeof hash);
    if (seine_hash64(bytes.data, rest.size) != hash) return NULL;
    seine_answer *answer SEINE_OWNED(seine_answer_release_owned) = seine_answer_new(200, "");
    if (answer == NULL || !take_head(bytes.data, answer)) return NULL;
    rest = (seine_str){bytes.data + HEAD_BYTES, rest.size - HEAD_BYTES};
    for (size_t i = 0; i < 4; i++)
        if (!take_text(&rest, &texts[i])) return NULL;
    return rest.size == 0 && fill(answer, texts) ? SEINE_TAKE(answer) : NULL;
}
