/*
 * State of the gap detector: its memory and its canonical bytes. Bytes of a state:
 *
 *     'S' 'G' | version | flags | head | history | receivers | last place | CRC-32C of all before, little-endian
 *
 *     flags      bit 0: there is a last fix; without it nothing but the CRC follows
 *                bit 1: times are in microseconds, else in seconds (every time of the state is a whole second)
 *                bits 2, 3, 4: latitude, longitude, shore distance of the last fix are known and follow
 *     head       zigzag varint: time of the last fix; varint: entries in the history before it
 *     history    per entry, latest first: varint of the time between it and the next later one
 *     receivers  runs, latest first, the last fix included: varint of length * 4 + receiver
 *     last place 8 bytes of each known value, little-endian
 *
 * Row_refs, capacity and unused room are left out, the shore distance also unless the shore rule asks for it: what
 * cannot change a later event must not make two states differ.
 */
#include "core/gap_state.h"

#include "base/time.h"
#include "base/try.h"
#include "core/state_bytes.h"

#include <math.h>

#define LETTERS "SG"
#define VERSION 1
#define FLAG_LAST 1u
#define FLAG_MICROSECONDS 2u
#define FLAG_LAT 4u
#define FLAG_LON 8u
#define FLAG_SHORE 16u
#define ALL_FLAGS 31u
#define FEWEST_ENTRIES 16

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static seine_status ask_for(seine_state *state, size_t bytes) {
    if (state->capacity >= bytes) return SEINE_OK;
    state->needed = bytes;
    return SEINE_E_SPACE;
}

seine_status seine_gap_init(const void *config, seine_state *state) {
    (void)config;
    SEINE_TRY(ask_for(state, seine_gap_state_bytes(0)));
    state->size = seine_gap_state_bytes(0);
    *seine_gap_header_of(state) = (seine_gap_header){.last_lat_deg = NAN, .last_lon_deg = NAN, .last_shore_m = NAN};
    return SEINE_OK;
}

/* Moves entries [head, tail) to the front of a layout with another capacity, never a smaller one. */
static void move_to_front(seine_gap_header *header, uint64_t head, uint64_t capacity) {
    const size_t live = (size_t)(header->tail - head);
    const uint8_t *old_receivers = seine_gap_receivers(header);
    int64_t *times = seine_gap_times(header);
    memmove(times, times + head, live * sizeof *times);
    header->capacity = capacity;
    memmove(seine_gap_receivers(header), old_receivers + head, live);
    header->head = 0;
    header->tail = live;
}

seine_status seine_gap_make_room(seine_state *state, uint64_t drop, uint64_t extra) {
    seine_gap_header *header = seine_gap_header_of(state);
    const uint64_t head = header->head + drop;
    const uint64_t wanted = header->tail - head + extra;
    if (header->capacity - header->tail >= extra) {
        header->head = head;
        return SEINE_OK;
    }
    uint64_t capacity = header->capacity;
    if (capacity < 2 * wanted) {
        capacity = 2 * wanted < FEWEST_ENTRIES ? FEWEST_ENTRIES : 2 * wanted;
        SEINE_TRY(ask_for(state, seine_gap_state_bytes(capacity)));
        state->size = seine_gap_state_bytes(capacity);
    }
    move_to_front(header, head, capacity);
    return SEINE_OK;
}

/* ---- save ------------------------------------------------------------------------------------------------------ */

static bool all_whole_seconds(const seine_gap_header *header) {
    const int64_t *times = seine_gap_times(header);
    for (uint64_t i = header->head; i < header->tail; i++) {
        if (times[i] % SEINE_SECOND_US != 0) return false;
    }
    return true;
}

static void put_receivers(seine_bytes_out *out, const seine_gap_header *header) {
    const uint8_t *receivers = seine_gap_receivers(header);
    for (uint64_t i = header->tail; i > header->head;) {
        const uint8_t receiver = receivers[i - 1];
        uint64_t run = 0;
        for (; i > header->head && receivers[i - 1] == receiver; i--) run++;
        seine_put_varint(out, run << 2 | receiver);
    }
}

static void put_last_and_history(seine_bytes_out *out, const seine_gap_header *header, unsigned flags) {
    const int64_t unit_us = flags & FLAG_MICROSECONDS ? 1 : SEINE_SECOND_US;
    const int64_t *times = seine_gap_times(header);
    seine_put_zigzag(out, header->last_us / unit_us);
    seine_put_varint(out, header->tail - header->head - 1);
    for (uint64_t i = header->tail - 1; i > header->head; i--) {
        seine_put_varint(out, ((uint64_t)times[i] - (uint64_t)times[i - 1]) / (uint64_t)unit_us);
    }
    put_receivers(out, header);
    if (flags & FLAG_LAT) seine_put_double(out, header->last_lat_deg);
    if (flags & FLAG_LON) seine_put_double(out, header->last_lon_deg);
    if (flags & FLAG_SHORE) seine_put_double(out, header->last_shore_m);
}

seine_status seine_gap_save(const void *config, const seine_state *state, uint8_t *bytes, size_t capacity,
                            size_t *size) {
    const seine_gap_header *header = seine_gap_header_of(state);
    const bool shore_rule = ((const seine_gap_config *)config)->shore_rule;
    unsigned flags = 0;
    if (seine_gap_has_last(header)) {
        flags = FLAG_LAST | (all_whole_seconds(header) ? 0 : FLAG_MICROSECONDS);
        if (!isnan(header->last_lat_deg)) flags |= FLAG_LAT;
        if (!isnan(header->last_lon_deg)) flags |= FLAG_LON;
        if (shore_rule && !isnan(header->last_shore_m)) flags |= FLAG_SHORE;
    }
    seine_bytes_out out = seine_bytes_begin(bytes, capacity, LETTERS, VERSION);
    seine_put_byte(&out, (uint8_t)flags);
    if (flags & FLAG_LAST) put_last_and_history(&out, header, flags);
    return seine_bytes_end(&out, size);
}

/* ---- load ------------------------------------------------------------------------------------------------------ */

/* Fills times [0, entries) from behind. @return whether all were in the window. */
static bool get_times(seine_bytes_in *in, seine_gap_header *header, uint64_t entries, int64_t unit_us,
                      int64_t history_us) {
    int64_t *times = seine_gap_times(header);
    uint64_t age_us = 0;
    times[entries - 1] = header->last_us;
    for (uint64_t i = entries - 1; i > 0 && !in->bad; i--) {
        const uint64_t delta = seine_get_varint(in);
        if (delta > ((uint64_t)history_us - age_us) / (uint64_t)unit_us) return false;
        age_us += delta * (uint64_t)unit_us;
        if ((uint64_t)header->last_us - (uint64_t)INT64_MIN < age_us) return false;
        times[i - 1] = (int64_t)((uint64_t)header->last_us - age_us);
    }
    return !in->bad;
}

static bool get_receivers(seine_bytes_in *in, seine_gap_header *header, uint64_t entries) {
    uint8_t *receivers = seine_gap_receivers(header);
    uint64_t left = entries;
    while (left > 0 && !in->bad) {
        const uint64_t value = seine_get_varint(in);
        const uint64_t run = value >> 2;
        if (run == 0 || run > left) return false;
        left -= run;
        memset(receivers + left, (int)(value & 3), (size_t)run);
        header->of_receiver[value & 3] += run;
    }
    return !in->bad;
}

static bool get_last_time(seine_bytes_in *in, int64_t unit_us, int64_t *last_us) {
    const int64_t last = seine_get_zigzag(in);
    if (last > INT64_MAX / unit_us || last < INT64_MIN / unit_us) return false;
    *last_us = last * unit_us;
    return !in->bad;
}

/* Everything behind the flags. @return OK, E_SPACE, E_FORMAT. */
static seine_status load_body(const seine_gap_config *config, seine_state *state, seine_bytes_in *in, unsigned flags,
                              uint64_t ref) {
    const int64_t unit_us = flags & FLAG_MICROSECONDS ? 1 : SEINE_SECOND_US;
    seine_gap_header loaded = {.last_ref = ref};
    if (!get_last_time(in, unit_us, &loaded.last_us)) return SEINE_E_FORMAT;
    const uint64_t before = seine_get_varint(in);
    /* Each takes a byte, so a damaged count cannot ask for much memory. */
    if (in->bad || before > in->size - in->pos) return SEINE_E_FORMAT;
    loaded.tail = before + 1;
    loaded.capacity = loaded.tail;
    SEINE_TRY(ask_for(state, seine_gap_state_bytes(loaded.capacity)));

    state->size = seine_gap_state_bytes(loaded.capacity);
    seine_gap_header *header = seine_gap_header_of(state);
    *header = loaded;
    if (!get_times(in, header, loaded.tail, unit_us, config->history_us)) return SEINE_E_FORMAT;
    if (!get_receivers(in, header, loaded.tail)) return SEINE_E_FORMAT;
    header->last_lat_deg = flags & FLAG_LAT ? seine_get_double(in) : NAN;
    header->last_lon_deg = flags & FLAG_LON ? seine_get_double(in) : NAN;
    header->last_shore_m = flags & FLAG_SHORE ? seine_get_double(in) : NAN;
    return in->bad || in->pos != in->size ? SEINE_E_FORMAT : SEINE_OK;
}

seine_status seine_gap_load(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                            const uint64_t *refs, size_t ref_count, seine_error *error) {
    seine_bytes_in in;
    SEINE_TRY(seine_bytes_open(bytes, size, LETTERS, VERSION, "gap", &in, error));
    const unsigned flags = seine_get_byte(&in);
    const bool has_last = (flags & FLAG_LAST) != 0;
    if (in.bad || (flags & ~ALL_FLAGS) != 0 || ref_count != (has_last ? 1 : 0)) {
        return seine_fail(error, SEINE_E_FORMAT, "gap state: flags %u with %zu row references", flags, ref_count);
    }
    seine_status status = SEINE_OK;
    if (has_last) {
        status = load_body(config, state, &in, flags, refs[0]);
    } else {
        status = flags == 0 && in.pos == in.size ? seine_gap_init(config, state) : SEINE_E_FORMAT;
    }
    if (status != SEINE_E_FORMAT) return status;
    (void)seine_gap_init(config, state); /* leave nothing half loaded */
    return seine_fail(error, SEINE_E_FORMAT, "gap state: damaged, or made with another history setting");
}
