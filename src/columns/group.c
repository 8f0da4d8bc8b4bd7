/*
 * Grouping by counting, sorting by bytes. Times of one mover share their high bytes, so of the eight passes a radix
 * sort of 64-bit keys would take, only those over bytes that differ are made.
 */
#include "columns/group.h"

#include <math.h>
#include <string.h>

#define RADIX 256

void seine_group_count(const uint32_t *mover, size_t count, uint32_t mover_count, uint64_t *first) {
    memset(first, 0, ((size_t)mover_count + 1) * sizeof *first);
    for (size_t i = 0; i < count; i++) first[(size_t)mover[i] + 1]++;
    for (size_t m = 0; m < mover_count; m++) first[m + 1] += first[m];
}

void seine_group_scatter(const uint32_t *mover, const seine_track *input, uint64_t *next, seine_group_fix *fixes) {
    for (size_t i = 0; i < input->count; i++) {
        fixes[next[mover[i]]++] = (seine_group_fix){
            .time_us = input->time_us[i],
            .lat_deg = input->lat_deg != NULL ? input->lat_deg[i] : NAN,
            .lon_deg = input->lon_deg != NULL ? input->lon_deg[i] : NAN,
            .row = (uint32_t)i,
            .receiver = input->receiver != NULL ? input->receiver[i] : SEINE_RECEIVER_OTHER,
        };
    }
}

static void put_fix(const seine_group_columns *out, size_t i, const seine_group_fix *fix) {
    out->time_us[i] = fix->time_us;
    out->lat_deg[i] = fix->lat_deg;
    out->lon_deg[i] = fix->lon_deg;
    out->receiver[i] = fix->receiver;
    out->row_ref[i] = fix->row;
}

/* @return the bits in which the keys differ, 0 when they are in order already. */
static uint64_t make_keys(const seine_group_fix *fixes, size_t count, seine_group_key *keys) {
    bool sorted = true;
    uint64_t differing = 0;
    const uint64_t sign = UINT64_C(1) << 63; /* signed order becomes unsigned order */
    for (size_t i = 0; i < count; i++) {
        keys[i] = (seine_group_key){(uint64_t)fixes[i].time_us ^ sign, i};
        differing |= keys[i].key ^ keys[0].key;
        sorted = sorted && (i == 0 || keys[i].key >= keys[i - 1].key);
    }
    return sorted ? 0 : differing;
}

static void sort_by_byte(const seine_group_key *from, size_t count, unsigned shift, seine_group_key *to) {
    size_t next[RADIX] = {0};
    for (size_t i = 0; i < count; i++) next[from[i].key >> shift & (RADIX - 1)]++;
    size_t position = 0;
    for (size_t digit = 0; digit < RADIX; digit++) {
        const size_t of_digit = next[digit];
        next[digit] = position;
        position += of_digit;
    }
    for (size_t i = 0; i < count; i++) to[next[from[i].key >> shift & (RADIX - 1)]++] = from[i];
}

void seine_group_sort(const seine_group_fix *fixes, size_t count, seine_group_key *scratch,
                      const seine_group_columns *out) {
    seine_group_key *keys = scratch;
    seine_group_key *other = scratch + count;
    const uint64_t differing = make_keys(fixes, count, keys);
    for (unsigned shift = 0; shift < 64; shift += 8) {
        if ((differing >> shift & (RADIX - 1)) == 0) continue;
        sort_by_byte(keys, count, shift, other);
        seine_group_key *swap = keys;
        keys = other;
        other = swap;
    }
    for (size_t i = 0; i < count; i++) put_fix(out, i, &fixes[keys[i].index]);
}
