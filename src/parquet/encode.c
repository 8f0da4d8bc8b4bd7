/*
 * Value encodings. Each reserves its worst case once and then writes without further checks, because these loops see
 * every value of every column.
 */
#include "base/try.h"
#include "parquet/encode.h"

#include <assert.h>

#define DELTA_BLOCK 128
#define DELTA_MINIBLOCKS 4
#define DELTA_MINI (DELTA_BLOCK / DELTA_MINIBLOCKS)

static uint8_t *put_varint(uint8_t *at, uint64_t value) {
    while (value >= 0x80) {
        *at++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static uint8_t *put_zigzag(uint8_t *at, int64_t value) {
    return put_varint(at, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

unsigned seine_bit_width(uint32_t most) { return most == 0 ? 1U : 32U - (unsigned)__builtin_clz(most); }

/* ---- RLE / bit-packing hybrid ---- */

seine_status seine_hybrid_begin(seine_hybrid *h, seine_buf *out, unsigned width, size_t values) {
    assert(width >= 1 && width <= 32);
    /* The worst case alternates runs and groups of eight: two header bytes and whole value bytes per value cover it. */
    SEINE_TRY(seine_buf_reserve(out, values * (2 + (width + 7) / 8) + 64));
    h->at = out->data + out->size;
    h->width = width;
    h->count = 0;
    return SEINE_OK;
}

/* Packs count (a multiple of 8) values, lowest bits first. */
static uint8_t *pack32(uint8_t *at, const uint32_t *values, size_t count, unsigned width) {
    uint64_t bits = 0;
    unsigned filled = 0;
    for (size_t i = 0; i < count; i++) {
        bits |= (uint64_t)values[i] << filled;
        filled += width;
        if (filled >= 32) {
            const uint32_t word = (uint32_t)bits;
            memcpy(at, &word, 4);
            at += 4;
            bits >>= 32;
            filled -= 32;
        }
    }
    memcpy(at, &bits, 8); /* room is there: begin reserved 64 bytes too many */
    return at + (filled + 7) / 8;
}

static void flush_literals(seine_hybrid *h) {
    if (h->count == 0) return;
    const size_t groups = (h->count + 7) / 8;
    while (h->count < groups * 8) h->literals[h->count++] = 0;
    *h->at++ = (uint8_t)(groups << 1 | 1);
    h->at = pack32(h->at, h->literals, h->count, h->width);
    h->count = 0;
}

static void put_literals(seine_hybrid *h, uint32_t value, size_t count) {
    while (count > 0) {
        if (h->count == SEINE_HYBRID_LITERALS) flush_literals(h);
        h->literals[h->count++] = value;
        count--;
    }
}

void seine_hybrid_put(seine_hybrid *h, uint32_t value, size_t count) {
    /* Literals come in groups of eight, so a run first fills the group begun before it. */
    const size_t fill = (8 - h->count % 8) % 8;
    if (count < fill + 8) {
        put_literals(h, value, count);
        return;
    }
    put_literals(h, value, fill);
    flush_literals(h);
    h->at = put_varint(h->at, (uint64_t)(count - fill) << 1);
    for (unsigned shift = 0; shift < h->width; shift += 8) *h->at++ = (uint8_t)(value >> shift);
}

void seine_hybrid_end(seine_hybrid *h, seine_buf *out) {
    flush_literals(h);
    out->size = (size_t)(h->at - out->data);
}

/* ---- DELTA_BINARY_PACKED ---- */

static unsigned width64(uint64_t most) { return most == 0 ? 0U : 64U - (unsigned)__builtin_clzll(most); }

static uint8_t *pack_mini(uint8_t *at, const uint64_t *values, unsigned width) {
    if (width <= 32) {
        uint32_t low[DELTA_MINI];
        for (size_t i = 0; i < DELTA_MINI; i++) low[i] = (uint32_t)values[i];
        return pack32(at, low, DELTA_MINI, width);
    }
    uint64_t bits = 0;
    unsigned filled = 0;
    for (size_t i = 0; i < DELTA_MINI; i++) {
        /* At most 32 bits at a time, so that 31 bits left over never overflow the 64. */
        uint64_t value = values[i];
        for (unsigned left = width; left > 0;) {
            const unsigned take = left > 32 ? 32 : left;
            bits |= (value & (UINT64_MAX >> (64 - take))) << filled;
            value >>= take;
            left -= take;
            filled += take;
            if (filled >= 32) {
                const uint32_t word = (uint32_t)bits;
                memcpy(at, &word, 4);
                at += 4;
                bits >>= 32;
                filled -= 32;
            }
        }
    }
    return at; /* 32 values of any width are whole words */
}

static int64_t value_at(const void *values, size_t size, size_t i) {
    return size == 8 ? ((const int64_t *)values)[i] : ((const int32_t *)values)[i];
}

/* From values[first] on, each against the one before it. They wrap in the width of the column, as the format says. */
static void deltas_of(const void *values, size_t size, size_t first, size_t count, int64_t *deltas) {
    if (size == 8) {
        const uint64_t *at = (const uint64_t *)values + first;
        for (size_t i = 0; i < count; i++) deltas[i] = (int64_t)(at[i] - at[i - 1]);
    } else {
        const uint32_t *at = (const uint32_t *)values + first;
        for (size_t i = 0; i < count; i++) deltas[i] = (int32_t)(at[i] - at[i - 1]);
    }
}

static uint8_t *put_block(uint8_t *at, const void *values, size_t size, size_t first, size_t count) {
    int64_t deltas[DELTA_BLOCK];
    uint64_t rest[DELTA_BLOCK] = {0}; /* above the least */
    deltas_of(values, size, first, count, deltas);
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < count; i++) least = deltas[i] < least ? deltas[i] : least;
    for (size_t i = 0; i < count; i++) rest[i] = (uint64_t)deltas[i] - (uint64_t)least;
    at = put_zigzag(at, least);
    uint8_t *widths = at;
    at += DELTA_MINIBLOCKS;
    for (size_t m = 0; m < DELTA_MINIBLOCKS; m++) {
        uint64_t any = 0;
        for (size_t i = 0; i < DELTA_MINI; i++) any |= rest[m * DELTA_MINI + i];
        widths[m] = (uint8_t)width64(any);
        at = pack_mini(at, rest + m * DELTA_MINI, widths[m]);
    }
    return at;
}

seine_status seine_encode_delta(seine_buf *out, const void *values, size_t size, size_t count) {
    const size_t blocks = count / DELTA_BLOCK + 1;
    SEINE_TRY(seine_buf_reserve(out, 64 + blocks * (DELTA_BLOCK * 8 + 16)));
    uint8_t *at = out->data + out->size;
    at = put_varint(at, DELTA_BLOCK);
    at = put_varint(at, DELTA_MINIBLOCKS);
    at = put_varint(at, count);
    at = put_zigzag(at, count > 0 ? value_at(values, size, 0) : 0);
    for (size_t first = 1; first < count; first += DELTA_BLOCK)
        at = put_block(at, values, size, first, count - first < DELTA_BLOCK ? count - first : DELTA_BLOCK);
    out->size = (size_t)(at - out->data);
    return SEINE_OK;
}

/* ---- the simple ones ---- */

seine_status seine_encode_split(seine_buf *out, const void *values, size_t count) {
    SEINE_TRY(seine_buf_reserve(out, count * 8));
    uint8_t *at = out->data + out->size;
    const uint64_t *words = values;
    for (size_t i = 0; i < count; i++) {
        const uint64_t word = words[i];
        for (size_t b = 0; b < 8; b++) at[b * count + i] = (uint8_t)(word >> (8 * b));
    }
    out->size += count * 8;
    return SEINE_OK;
}

seine_status seine_encode_bits(seine_buf *out, const uint8_t *values, size_t count) {
    const size_t size = (count + 7) / 8;
    SEINE_TRY(seine_buf_reserve(out, size));
    if (count == 0) return SEINE_OK;
    uint8_t *at = out->data + out->size;
    memset(at, 0, size);
    for (size_t i = 0; i < count; i++) at[i / 8] |= (uint8_t)((values[i] != 0) << (i % 8));
    out->size += size;
    return SEINE_OK;
}

seine_status seine_encode_strings(seine_buf *out, const seine_str *values, size_t count) {
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (values[i].size > INT32_MAX) return SEINE_E_LIMIT;
        size += 4 + values[i].size;
    }
    SEINE_TRY(seine_buf_reserve(out, size));
    if (size == 0) return SEINE_OK;
    uint8_t *at = out->data + out->size;
    for (size_t i = 0; i < count; i++) {
        const uint32_t length = (uint32_t)values[i].size;
        memcpy(at, &length, 4);
        if (length > 0) memcpy(at + 4, values[i].data, length);
        at += 4 + length;
    }
    out->size += size;
    return SEINE_OK;
}
