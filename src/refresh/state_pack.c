/*
 * Bytes of the state column, little-endian:
 *
 *     u8 form = 1 | u32 size, step bytes | u8 count | count × payload | u32 CRC-32C of all before
 *     payload: per text  u8 0 (null)  or  u8 1, u32 size, bytes;  per number  u8 0 (null)  or  u8 1, 8 bytes
 */
#include "base/try.h"
#include "refresh/state_pack.h"

#include <math.h>

#define FORM 1

static seine_status put(seine_buf *out, uint8_t mark, const void *bytes, size_t size, bool with_size) {
    const uint32_t length = (uint32_t)size;
    SEINE_TRY(seine_buf_append(out, &mark, 1));
    if (mark != 0 && with_size) SEINE_TRY(seine_buf_append(out, &length, sizeof length));
    if (mark != 0) SEINE_TRY(seine_buf_append(out, bytes, size));
    return SEINE_OK;
}

static seine_status put_payload(seine_buf *out, const seine_payload *payload) {
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++) {
        const seine_str text = payload->texts[i];
        SEINE_TRY(put(out, text.data != NULL, text.data, text.size, true));
    }
    for (size_t i = 0; i < SEINE_PAYLOAD_NUMBERS; i++) {
        const double number = payload->numbers[i];
        const bool is_present = !isnan(number);
        SEINE_TRY(put(out, is_present, &number, sizeof number, false));
    }
    return SEINE_OK;
}

seine_status seine_state_pack(seine_str step_bytes, const seine_payload *payloads, size_t count, seine_buf *out) {
    const size_t begin = out->size;
    const uint8_t count_byte = (uint8_t)count;
    SEINE_TRY(put(out, FORM, step_bytes.data, step_bytes.size, true));
    SEINE_TRY(seine_buf_append(out, &count_byte, 1));
    for (size_t i = 0; i < count; i++) SEINE_TRY(put_payload(out, &payloads[i]));
    const uint32_t check = seine_checksum32(out->data + begin, out->size - begin);
    return seine_buf_append(out, &check, sizeof check);
}

/* A reader that never passes its end; ok turns false instead. */
typedef struct reader {
    const char *at, *end;
    bool ok;
} reader;

static const char *take(reader *in, size_t size) {
    if (!in->ok || (size_t)(in->end - in->at) < size) {
        in->ok = false;
        return NULL;
    }
    const char *bytes = in->at;
    in->at += size;
    return bytes;
}

static uint8_t take_byte(reader *in) {
    const char *byte = take(in, 1);
    return byte != NULL ? (uint8_t)*byte : 0;
}

static seine_str take_text(reader *in) {
    uint32_t size = 0;
    const char *length = take(in, sizeof size);
    if (length != NULL) memcpy(&size, length, sizeof size);
    const char *bytes = take(in, size);
    return bytes != NULL ? (seine_str){bytes, size} : (seine_str){NULL, 0};
}

static void take_payload(reader *in, seine_payload *payload) {
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++)
        payload->texts[i] = take_byte(in) != 0 ? take_text(in) : (seine_str){NULL, 0};
    for (size_t i = 0; i < SEINE_PAYLOAD_NUMBERS; i++) {
        payload->numbers[i] = (double)NAN;
        const char *bytes = take_byte(in) != 0 ? take(in, sizeof(double)) : NULL;
        if (bytes != NULL) memcpy(&payload->numbers[i], bytes, sizeof(double));
    }
}

seine_status seine_state_unpack(seine_str packed, seine_str *step_bytes, seine_payload payloads[SEINE_STATE_REFS],
                                size_t *count, seine_error *error) {
    uint32_t check;
    if (packed.size < sizeof check + 1) return seine_fail(error, SEINE_E_FORMAT, "a stored state is cut off");
    reader in = {packed.data, packed.data + packed.size - sizeof check, true};
    memcpy(&check, in.end, sizeof check);
    if (check != seine_checksum32(packed.data, packed.size - sizeof check))
        return seine_fail(error, SEINE_E_FORMAT, "a stored state of %zu bytes is damaged", packed.size);
    const uint8_t form = take_byte(&in);
    if (form != FORM)
        return seine_fail(error, SEINE_E_VERSION, "a stored state has form %u, this program knows %u", form, FORM);
    *step_bytes = take_text(&in);
    *count = take_byte(&in);
    for (size_t i = 0; i < *count && i < SEINE_STATE_REFS; i++) take_payload(&in, &payloads[i]);
    if (!in.ok || in.at != in.end || *count > SEINE_STATE_REFS)
        return seine_fail(error, SEINE_E_FORMAT, "a stored state of %zu bytes is not well formed", packed.size);
    return SEINE_OK;
}
