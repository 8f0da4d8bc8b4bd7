/*
 * Values by their place. What can be addressed (BYTE_STREAM_SPLIT, numbers, literals of a hybrid) is; what cannot
 * (deltas, texts, runs) is walked up to the last wanted value.
 */
#include "parquet/decode.h"

#define DELTA_BLOCK 128
#define DELTA_MINIBLOCKS 4
#define DELTA_MINI (DELTA_BLOCK / DELTA_MINIBLOCKS)

static uint64_t load64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

/* ---- RLE / bit-packing hybrid ---- */

/* One run of it: `bits` packed literals, or `count` times `value`. */
typedef struct run {
    size_t count, bits_size;
    const uint8_t *bits; /* NULL = repeated */
    uint32_t value;
} run;

static bool take_run(seine_bytes *in, unsigned width, run *r) {
    const uint64_t header = seine_bytes_varint(in);
    *r = (run){.count = (size_t)(header >> 1)};
    if ((header & 1) == 0) {
        const size_t size = (width + 7) / 8;
        const uint8_t *bytes = seine_bytes_take(in, size);
        for (size_t i = 0; bytes != NULL && i < size; i++) r->value |= (uint32_t)bytes[i] << (8 * i);
        return bytes != NULL && r->count > 0;
    }
    if (r->count == 0 || r->count > seine_bytes_left(in)) return false; /* a group is at least one byte */
    r->bits_size = r->count * width;
    r->bits = seine_bytes_take(in, r->bits_size);
    r->count *= 8;
    return r->bits != NULL;
}

static uint32_t literal_of(const run *r, unsigned width, size_t i) {
    const size_t bit = i * width, byte = bit / 8, left = r->bits_size - byte;
    uint64_t word = 0;
    if (left >= 8)
        word = load64(r->bits + byte);
    else
        memcpy(&word, r->bits + byte, left);
    return (uint32_t)(word >> (bit % 8) & (((uint64_t)1 << width) - 1));
}

/* The width in front of codes; 0 = damaged. */
static unsigned take_width(seine_bytes *in) {
    const uint8_t *width = seine_bytes_take(in, 1);
    return width != NULL && *width <= 32 ? *width : 0;
}

seine_status seine_decode_levels(seine_bytes *in, uint8_t *valid, size_t rows) {
    const uint8_t *size_bytes = seine_bytes_take(in, 4);
    uint32_t size = 0;
    if (size_bytes != NULL) memcpy(&size, size_bytes, 4);
    const uint8_t *bytes = seine_bytes_take(in, size);
    if (in->failed) return SEINE_E_FORMAT;
    seine_bytes levels = seine_bytes_of(bytes, size);
    for (size_t row = 0; row < rows;) {
        run r;
        if (!take_run(&levels, 1, &r) || r.value > 1) return SEINE_E_FORMAT;
        const size_t count = r.count < rows - row ? r.count : rows - row;
        if (r.bits == NULL)
            memset(valid + row, (int)r.value, count);
        else
            for (size_t i = 0; i < count; i++) valid[row + i] = r.bits[i / 8] >> (i % 8) & 1;
        row += count;
    }
    return SEINE_OK;
}

seine_status seine_decode_codes(seine_bytes in, size_t values, seine_picks picks, uint32_t *out) {
    if (picks.count == 0) return SEINE_OK;
    const unsigned width = take_width(&in);
    if (width == 0) return SEINE_E_FORMAT;
    size_t done = 0;
    for (size_t first = 0; done < picks.count;) {
        run r;
        if (!take_run(&in, width, &r)) return SEINE_E_FORMAT;
        for (; done < picks.count && picks.at[done] - first < r.count; done++)
            out[done] = r.bits != NULL ? literal_of(&r, width, picks.at[done] - first) : r.value;
        first += r.count < values ? r.count : values;
    }
    return done == picks.count ? SEINE_OK : SEINE_E_FORMAT;
}

seine_status seine_decode_find_codes(seine_bytes in, size_t values, const uint8_t *is_wanted, size_t code_count,
                                     uint32_t *places, size_t *count) {
    *count = 0;
    if (values == 0) return SEINE_OK;
    const unsigned width = take_width(&in);
    if (width == 0) return SEINE_E_FORMAT;
    for (size_t first = 0; first < values;) {
        run r;
        if (!take_run(&in, width, &r)) return SEINE_E_FORMAT;
        const size_t length = r.count < values - first ? r.count : values - first;
        for (size_t i = 0; i < length; i++) {
            const uint32_t code = r.bits != NULL ? literal_of(&r, width, i) : r.value;
            if (code >= code_count) return SEINE_E_FORMAT;
            if (is_wanted[code])
                places[(*count)++] = (uint32_t)(first + i);
            else if (r.bits == NULL)
                break; /* nor are the others of the run */
        }
        first += length;
    }
    return SEINE_OK;
}

/* ---- DELTA_BINARY_PACKED ---- */

/* Unpacks 32 values of a width of 0 to 64 bits. */
static void unpack_mini(const uint8_t *bytes, unsigned width, uint64_t values[DELTA_MINI]) {
    uint8_t padded[DELTA_MINI * 8 + 16]; /* so that every load is inside */
    const size_t size = width * (DELTA_MINI / 8);
    const uint64_t mask = width == 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
    memcpy(padded, bytes, size);
    memset(padded + size, 0, 16);
    for (size_t i = 0; i < DELTA_MINI; i++) {
        const size_t bit = i * width, shift = bit % 8;
        uint64_t word = load64(padded + bit / 8) >> shift;
        if (shift + width > 64) word |= (uint64_t)padded[bit / 8 + 8] << (64 - shift);
        values[i] = word & mask;
    }
}

typedef struct delta_walk {
    seine_picks picks;
    size_t size, values;
    size_t place, done; /* of the value that comes next, of the next pick */
    uint64_t value;     /* wraps, as the format says */
    uint8_t *out;
} delta_walk;

/* Whether the next pick is among the next @p count values. */
static bool is_near(const delta_walk *w, size_t count) {
    return w->done < w->picks.count && w->picks.at[w->done] - w->place < count;
}

static void give(delta_walk *w) {
    if (is_near(w, 1)) memcpy(w->out + w->done++ * w->size, &w->value, w->size); /* little-endian: the low bytes */
    w->place++;
}

static void walk_mini(delta_walk *w, uint64_t least, const uint64_t *deltas) {
    const size_t left = w->values - w->place, count = left < DELTA_MINI ? left : DELTA_MINI;
    if (is_near(w, count)) {
        for (size_t i = 0; i < count; i++) {
            w->value += least + deltas[i];
            give(w);
        }
        return;
    }
    for (size_t i = 0; i < count; i++) w->value += least + deltas[i];
    w->place += count;
}

static bool walk_block(seine_bytes *in, delta_walk *w) {
    const uint64_t least = (uint64_t)seine_bytes_zigzag(in);
    const uint8_t *widths = seine_bytes_take(in, DELTA_MINIBLOCKS);
    for (size_t m = 0; m < DELTA_MINIBLOCKS && w->done < w->picks.count; m++) {
        if (in->failed || widths[m] > 64) return false;
        uint64_t deltas[DELTA_MINI];
        const uint8_t *bytes = seine_bytes_take(in, (size_t)widths[m] * (DELTA_MINI / 8));
        if (bytes == NULL) return false;
        unpack_mini(bytes, widths[m], deltas);
        walk_mini(w, least, deltas);
    }
    return !in->failed;
}

seine_status seine_decode_delta(seine_bytes in, size_t size, size_t values, seine_picks picks, void *out) {
    if (picks.count == 0) return SEINE_OK;
    const uint64_t block = seine_bytes_varint(&in), minis = seine_bytes_varint(&in), total = seine_bytes_varint(&in);
    delta_walk w = {.picks = picks, .size = size, .values = values, .out = out};
    w.value = (uint64_t)seine_bytes_zigzag(&in);
    if (in.failed || block != DELTA_BLOCK || minis != DELTA_MINIBLOCKS || total != values) return SEINE_E_FORMAT;
    give(&w);
    while (w.done < picks.count)
        if (!walk_block(&in, &w)) return SEINE_E_FORMAT;
    return SEINE_OK;
}

/* ---- the simple ones ---- */

seine_status seine_decode_split(seine_bytes in, size_t values, seine_picks picks, uint64_t *out) {
    if (seine_bytes_left(&in) != values * 8) return SEINE_E_FORMAT;
    for (size_t i = 0; i < picks.count; i++) {
        uint64_t word = 0;
        for (size_t b = 0; b < 8; b++) word |= (uint64_t)in.at[b * values + picks.at[i]] << (8 * b);
        out[i] = word;
    }
    return SEINE_OK;
}

seine_status seine_decode_numbers(seine_bytes in, size_t size, size_t values, seine_picks picks, void *out) {
    if (seine_bytes_left(&in) != values * size) return SEINE_E_FORMAT;
    if (picks.count == values)
        memcpy(out, in.at, values * size);
    else
        for (size_t i = 0; i < picks.count; i++) memcpy((uint8_t *)out + i * size, in.at + picks.at[i] * size, size);
    return SEINE_OK;
}

seine_status seine_decode_bits(seine_bytes in, size_t values, seine_picks picks, uint8_t *out) {
    if (seine_bytes_left(&in) != (values + 7) / 8) return SEINE_E_FORMAT;
    for (size_t i = 0; i < picks.count; i++) out[i] = in.at[picks.at[i] / 8] >> (picks.at[i] % 8) & 1;
    return SEINE_OK;
}

static seine_str take_text(seine_bytes *in) {
    const uint8_t *size_bytes = seine_bytes_take(in, 4);
    uint32_t size = 0;
    if (size_bytes != NULL) memcpy(&size, size_bytes, 4);
    return (seine_str){(const char *)seine_bytes_take(in, size), size};
}

seine_status seine_decode_texts(seine_bytes in, size_t values, seine_picks picks, seine_str *out) {
    size_t done = 0;
    for (size_t i = 0; i < values && done < picks.count; i++) {
        const seine_str text = take_text(&in);
        if (in.failed) return SEINE_E_FORMAT;
        if (picks.at[done] == i) out[done++] = text;
    }
    return done == picks.count ? SEINE_OK : SEINE_E_FORMAT;
}

seine_status seine_decode_find_texts(seine_bytes in, size_t values, seine_str text, uint32_t *places, size_t *count) {
    *count = 0;
    for (size_t i = 0; i < values; i++) {
        const seine_str found = take_text(&in);
        if (in.failed) return SEINE_E_FORMAT;
        if (seine_str_equal(found, text)) places[(*count)++] = (uint32_t)i;
    }
    return SEINE_OK;
}
