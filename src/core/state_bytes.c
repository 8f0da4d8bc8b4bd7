/* Canonical bytes of states: one frame and one set of number forms for every detector. */
#include "core/state_bytes.h"

#include "base/hash.h"

#include <math.h>
#include <string.h>

#define PREFIX_BYTES 3
#define CHECKSUM_BYTES 4

/* ---- out ------------------------------------------------------------------------------------------------------- */

void seine_put_byte(seine_bytes_out *out, uint8_t byte) {
    if (out->size < out->capacity) out->bytes[out->size] = byte;
    out->size++;
}

void seine_put_varint(seine_bytes_out *out, uint64_t value) {
    for (; value >= 0x80; value >>= 7) seine_put_byte(out, (uint8_t)(value | 0x80));
    seine_put_byte(out, (uint8_t)value);
}

void seine_put_zigzag(seine_bytes_out *out, int64_t value) {
    seine_put_varint(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

void seine_put_word(seine_bytes_out *out, uint64_t value) {
    for (int i = 0; i < 8; i++) seine_put_byte(out, (uint8_t)(value >> (8 * i)));
}

void seine_put_double(seine_bytes_out *out, double value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    seine_put_word(out, bits);
}

seine_bytes_out seine_bytes_begin(uint8_t *bytes, size_t capacity, const char letters[2], uint8_t version) {
    seine_bytes_out out = {.bytes = bytes, .capacity = capacity};
    seine_put_byte(&out, (uint8_t)letters[0]);
    seine_put_byte(&out, (uint8_t)letters[1]);
    seine_put_byte(&out, version);
    return out;
}

seine_status seine_bytes_end(seine_bytes_out *out, size_t *size) {
    *size = out->size + CHECKSUM_BYTES;
    if (*size > out->capacity) return SEINE_E_SPACE;
    const uint32_t checksum = seine_checksum32(out->bytes, out->size);
    for (int i = 0; i < CHECKSUM_BYTES; i++) seine_put_byte(out, (uint8_t)(checksum >> (8 * i)));
    return SEINE_OK;
}

/* ---- in -------------------------------------------------------------------------------------------------------- */

seine_status seine_bytes_open(const uint8_t *bytes, size_t size, const char letters[2], uint8_t version,
                              const char *name, seine_bytes_in *in, seine_error *error) {
    *in = (seine_bytes_in){.bad = true};
    if (size < PREFIX_BYTES + CHECKSUM_BYTES || memcmp(bytes, letters, 2) != 0)
        return seine_fail(error, SEINE_E_FORMAT, "%s state: %zu bytes are not a state", name, size);
    if (bytes[2] != version)
        return seine_fail(error, SEINE_E_VERSION, "%s state: version %u instead of %u", name, bytes[2], version);
    *in = (seine_bytes_in){.bytes = bytes, .size = size - CHECKSUM_BYTES, .pos = PREFIX_BYTES};
    const uint8_t *end = bytes + in->size;
    const uint32_t checksum =
        (uint32_t)end[0] | (uint32_t)end[1] << 8 | (uint32_t)end[2] << 16 | (uint32_t)end[3] << 24;
    if (checksum == seine_checksum32(bytes, in->size)) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s state: the checksum of %zu bytes does not hold", name, size);
}

bool seine_bytes_done(const seine_bytes_in *in) { return !in->bad && in->pos == in->size; }

uint8_t seine_get_byte(seine_bytes_in *in) {
    if (in->pos >= in->size) {
        in->bad = true;
        return 0;
    }
    return in->bytes[in->pos++];
}

uint64_t seine_get_varint(seine_bytes_in *in) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !in->bad; shift += 7) {
        const uint8_t byte = seine_get_byte(in);
        const uint64_t bits = byte & 0x7F;
        /* Lost high bits and needless zero bytes are not what was written. */
        if ((shift == 63 && bits > 1) || (shift > 0 && byte == 0)) break;
        value |= bits << shift;
        if (byte < 0x80) return value;
    }
    in->bad = true;
    return 0;
}

int64_t seine_get_zigzag(seine_bytes_in *in) {
    const uint64_t value = seine_get_varint(in);
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

uint64_t seine_get_word(seine_bytes_in *in) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= (uint64_t)seine_get_byte(in) << (8 * i);
    return value;
}

double seine_get_double(seine_bytes_in *in) {
    const uint64_t bits = seine_get_word(in);
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    if (isnan(value)) in->bad = true;
    return value;
}

uint64_t seine_get_count(seine_bytes_in *in, size_t least_bytes, uint64_t most) {
    const uint64_t count = seine_get_varint(in);
    if (!in->bad && count <= most && count <= (in->size - in->pos) / least_bytes) return count;
    in->bad = true;
    return 0;
}
