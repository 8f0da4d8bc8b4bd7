/**
 * @file core/state_bytes.h
 * The canonical bytes of a state (seine_step.save and load), whatever detector they are of:
 *
 *     two letters | version | what the detector puts | CRC-32C of all before, little-endian
 *
 * Writing counts always and writes as long as there is room; reading takes bytes that may be anything: past the end and
 * on bad numbers it sets `bad` and gives zeros.
 */
#ifndef SEINE_CORE_STATE_BYTES_H
#define SEINE_CORE_STATE_BYTES_H

#include "seine/status.h"

#include <stdbool.h>

/** Bytes going out. */
typedef struct seine_bytes_out {
    uint8_t *bytes;
    size_t capacity, size;
} seine_bytes_out;

/** Bytes coming in. */
typedef struct seine_bytes_in {
    const uint8_t *bytes;
    size_t size, pos;
    bool bad;
} seine_bytes_in;

/** Begins a state with its letters and version. */
seine_bytes_out seine_bytes_begin(uint8_t *bytes, size_t capacity, const char letters[2], uint8_t version);
/** Ends it with its checksum. @return OK, E_SPACE (*size says how much is needed). */
seine_status seine_bytes_end(seine_bytes_out *out, size_t *size);

void seine_put_byte(seine_bytes_out *out, uint8_t byte);
void seine_put_varint(seine_bytes_out *out, uint64_t value);
void seine_put_zigzag(seine_bytes_out *out, int64_t value);
void seine_put_word(seine_bytes_out *out, uint64_t value); /**< 8 bytes, little-endian */
void seine_put_double(seine_bytes_out *out, double value);

/**
 * Checks letters, version and checksum and stands behind them. @p name is the detector's in errors: "gap".
 * @return OK, E_FORMAT, E_VERSION.
 */
seine_status seine_bytes_open(const uint8_t *bytes, size_t size, const char letters[2], uint8_t version,
                              const char *name, seine_bytes_in *in, seine_error *error);
/** @return whether everything was read and nothing was bad. */
bool seine_bytes_done(const seine_bytes_in *in);

uint8_t seine_get_byte(seine_bytes_in *in);
uint64_t seine_get_varint(seine_bytes_in *in); /**< bad when it is not the shortest form */
int64_t seine_get_zigzag(seine_bytes_in *in);
uint64_t seine_get_word(seine_bytes_in *in);
double seine_get_double(seine_bytes_in *in); /**< bad when it is no number */
/** A count of things of which each takes at least @p least_bytes, so that a damaged one cannot ask for much memory. */
uint64_t seine_get_count(seine_bytes_in *in, size_t least_bytes, uint64_t most);

#endif
