/*
 * State of the segment detector: its memory and its canonical bytes. Behind 'S' 'S' and the version:
 *
 *     flags     bit 0: there was a message; without it nothing follows
 *     now       zigzag varint: time of the last message; varint: segments named by it
 *     ships     varints: how many were named, how many there are; each:
 *                 varints: number, age when it was seen last; 16 bytes: last place
 *
 *     segments  varint: how many; each:
 *                 varints: age of its start (time of the last message - start), number, messages,
 *                          ship * 2 + (it overlaps)
 *                 16 bytes: first place
 *                 varint: kept messages, oldest first, each:
 *                   varints: age, ids taken at its time, transponder * 2 + (course is known)
 *                   8 bytes each: latitude, longitude, speed, course if known, metric
 *
 *     seen      ids, then places: varint: how many; 8 bytes each, oldest first
 *
 * Row_refs, capacities and what follows from other values are left out.
 */
#include "core/segment_state.h"

#include "base/try.h"
#include "core/state_bytes.h"

#include <math.h>
#include <string.h>

#define LETTERS "SS"
#define VERSION 2
#define LEAST_SEGMENTS 2
#define SEGMENT_BYTES 25 /* the least that one takes */
#define SHIP_BYTES 18
#define KEPT_BYTES 35
#define TRANSPONDERS 16u
#define DEGREE (3.14159265358979323846 / 180.0)

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static seine_status ask_for(seine_state *state, size_t bytes) {
    if (state->capacity >= bytes) return SEINE_OK;
    state->needed = bytes;
    return SEINE_E_SPACE;
}

void seine_segment_fix_finish(seine_segment_fix *fix) {
    const double course_deg = isnan(fix->course_deg) ? 0 : fix->course_deg;
    fix->cos_lat = cos(fix->lat_deg * DEGREE);
    fix->east = sin(course_deg * DEGREE);
    fix->north = cos(course_deg * DEGREE);
}

seine_status seine_segment_init(const void *config, seine_state *state) {
    (void)config;
    SEINE_TRY(ask_for(state, sizeof(seine_segment_header)));
    state->size = sizeof(seine_segment_header);
    *seine_segment_header_of(state) = (seine_segment_header){.last_us = 0};
    return SEINE_OK;
}

static size_t bytes_of(uint32_t segments, uint32_t ids, uint32_t places) {
    return sizeof(seine_segment_header) + segments * sizeof(seine_segment) + seine_seen_bytes(ids) +
           seine_seen_bytes(places);
}

static uint32_t segment_capacity(const seine_segment_header *header, uint32_t count) {
    uint32_t capacity = header->segment_capacity;
    while (capacity < count) capacity = capacity == 0 ? LEAST_SEGMENTS : 2 * capacity;
    return capacity;
}

/* Parts move apart, the last one first, so that none is overwritten. */
static void spread(seine_segment_header *header, uint32_t segments, uint32_t ids, uint32_t places) {
    const seine_segment_header old = *header;
    const void *old_ids = seine_segment_ids(header), *old_places = seine_segment_places(header);
    uint8_t *new_ids = (uint8_t *)header + bytes_of(segments, 0, 0);
    uint8_t *new_places = (uint8_t *)header + bytes_of(segments, ids, 0);
    memmove(new_places, old_places, seine_seen_bytes(old.places.capacity));
    memmove(new_ids, old_ids, seine_seen_bytes(old.ids.capacity));
    header->segment_capacity = segments;
    if (ids != old.ids.capacity) seine_seen_grow(&header->ids, new_ids, ids);
    if (places != old.places.capacity) seine_seen_grow(&header->places, new_places, places);
}

static seine_status reserve(seine_state *state, uint32_t segments, uint32_t ids, uint32_t places) {
    seine_segment_header *header = seine_segment_header_of(state);
    segments = segment_capacity(header, segments);
    ids = seine_seen_capacity(&header->ids, ids);
    places = seine_seen_capacity(&header->places, places);
    if (segments == header->segment_capacity && ids == header->ids.capacity && places == header->places.capacity)
        return SEINE_OK;
    SEINE_TRY(ask_for(state, bytes_of(segments, ids, places)));
    state->size = bytes_of(segments, ids, places);
    spread(header, segments, ids, places);
    return SEINE_OK;
}

static uint32_t one_more(uint32_t count, uint32_t most) { return count < most ? count + 1 : count; }

seine_status seine_segment_make_room(const seine_segment_config *config, seine_state *state) {
    const seine_segment_header *header = seine_segment_header_of(state);
    return reserve(state, one_more(header->open, config->max_open), one_more(header->ids.count, config->remembered),
                   one_more(header->places.count, config->remembered));
}

/* ---- save ------------------------------------------------------------------------------------------------------ */

static uint64_t age(const seine_segment_header *header, int64_t time_us) {
    return (uint64_t)header->last_us - (uint64_t)time_us;
}

static void put_kept(seine_bytes_out *out, const seine_segment_header *header, const seine_segment_fix *fix) {
    const bool has_course = !isnan(fix->course_deg);
    seine_put_varint(out, age(header, fix->time_us));
    seine_put_varint(out, fix->ids);
    seine_put_varint(out, fix->transponder << 1 | has_course);
    seine_put_double(out, fix->lat_deg);
    seine_put_double(out, fix->lon_deg);
    seine_put_double(out, fix->speed_kn);
    if (has_course) seine_put_double(out, fix->course_deg);
    seine_put_double(out, fix->metric);
}

static void put_segment(seine_bytes_out *out, const seine_segment_header *header, const seine_segment *segment) {
    seine_put_varint(out, age(header, segment->start_us));
    seine_put_varint(out, segment->number);
    seine_put_varint(out, segment->messages);
    seine_put_varint(out, (uint64_t)segment->ship << 1 | segment->is_overlapping);
    seine_put_double(out, segment->start_lat_deg);
    seine_put_double(out, segment->start_lon_deg);
    seine_put_varint(out, segment->kept_count);
    for (uint32_t j = segment->kept_count; j > 0; j--) put_kept(out, header, seine_segment_kept(segment, j - 1));
}

static void put_ships(seine_bytes_out *out, const seine_segment_header *header) {
    seine_put_varint(out, header->ships.named);
    seine_put_varint(out, header->ships.count);
    for (uint32_t i = 0; i < header->ships.count; i++) {
        const seine_ship *ship = &header->ships.known[i];
        seine_put_varint(out, ship->number);
        seine_put_varint(out, age(header, ship->last_us));
        seine_put_double(out, ship->lat_deg);
        seine_put_double(out, ship->lon_deg);
    }
}

static void put_seen(seine_bytes_out *out, const seine_seen *seen, const void *memory, uint32_t limit) {
    seine_put_varint(out, seen->count);
    for (uint32_t i = 0; i < seen->count; i++) seine_put_word(out, seine_seen_at(seen, memory, limit, i));
}

seine_status seine_segment_save(const void *config_pointer, const seine_state *state, uint8_t *bytes, size_t capacity,
                                size_t *size) {
    const seine_segment_config *config = config_pointer;
    const seine_segment_header *header = seine_segment_header_of(state);
    seine_bytes_out out = seine_bytes_begin(bytes, capacity, LETTERS, VERSION);
    seine_put_byte(&out, (uint8_t)header->has_last);
    if (!header->has_last) return seine_bytes_end(&out, size);
    seine_put_zigzag(&out, header->last_us);
    seine_put_varint(&out, header->ids_now);
    put_ships(&out, header);
    seine_put_varint(&out, header->open);
    for (uint32_t i = 0; i < header->open; i++) put_segment(&out, header, &seine_segments(header)[i]);
    put_seen(&out, &header->ids, seine_segment_ids(header), config->remembered);
    put_seen(&out, &header->places, seine_segment_places(header), config->remembered);
    return seine_bytes_end(&out, size);
}

/* ---- load ------------------------------------------------------------------------------------------------------ */

static int64_t get_time(seine_bytes_in *in, int64_t last_us) {
    const uint64_t age_us = seine_get_varint(in);
    if (age_us > (uint64_t)last_us - (uint64_t)INT64_MIN) in->bad = true;
    return in->bad ? 0 : (int64_t)((uint64_t)last_us - age_us);
}

static double get_finite(seine_bytes_in *in) {
    const double value = seine_get_double(in);
    if (!isfinite(value)) in->bad = true;
    return value;
}

static uint32_t get_number(seine_bytes_in *in, uint32_t least, uint32_t most) {
    const uint64_t value = seine_get_varint(in);
    if (value < least || value > most) in->bad = true;
    return in->bad ? least : (uint32_t)value;
}

static void get_kept(seine_bytes_in *in, int64_t last_us, seine_segment_fix *fix) {
    *fix = (seine_segment_fix){.time_us = get_time(in, last_us), .ref = SEINE_REF_UNKNOWN, .course_deg = NAN};
    fix->ids = get_number(in, 0, UINT32_MAX);
    const uint32_t code = get_number(in, 0, 2 * TRANSPONDERS - 1);
    fix->transponder = code >> 1;
    fix->lat_deg = get_finite(in);
    fix->lon_deg = get_finite(in);
    fix->speed_kn = get_finite(in);
    if ((code & 1) != 0) fix->course_deg = get_finite(in);
    fix->metric = get_finite(in);
    if (fix->metric < 0) in->bad = true;
    seine_segment_fix_finish(fix);
}

static void get_segment(const seine_segment_config *config, seine_bytes_in *in, int64_t last_us, uint32_t ships_named,
                        seine_segment *segment) {
    *segment = (seine_segment){.start_us = get_time(in, last_us), .start_ref = SEINE_REF_UNKNOWN};
    segment->number = get_number(in, 1, UINT32_MAX);
    segment->messages = get_number(in, 1, seine_segment_most_messages(config));
    const uint64_t ship = seine_get_varint(in);
    if (ship >> 1 > ships_named) in->bad = true;
    segment->ship = (uint32_t)(ship >> 1);
    segment->is_overlapping = (ship & 1) != 0;
    segment->start_lat_deg = get_finite(in);
    segment->start_lon_deg = get_finite(in);
    segment->kept_count = (uint32_t)seine_get_count(in, KEPT_BYTES, seine_segment_keep(config));
    if (segment->kept_count == 0) in->bad = true;
    int64_t before_us = segment->start_us;
    for (uint32_t i = 0; i < segment->kept_count && !in->bad; i++) {
        get_kept(in, last_us, &segment->kept[i]);
        if (segment->kept[i].time_us < before_us) in->bad = true;
        before_us = segment->kept[i].time_us;
    }
    segment->newest = segment->kept_count > 0 ? segment->kept_count - 1 : 0;
}

static void get_ships(seine_bytes_in *in, seine_segment_header *header) {
    uint32_t before = 0;
    header->ships.named = get_number(in, 0, UINT32_MAX);
    header->ships.count = (uint32_t)seine_get_count(in, SHIP_BYTES, SEINE_SHIPS_MOST);
    for (uint32_t i = 0; i < header->ships.count && !in->bad; i++) {
        seine_ship *ship = &header->ships.known[i];
        ship->number = get_number(in, before + 1, header->ships.named);
        ship->last_us = get_time(in, header->last_us);
        ship->lat_deg = get_finite(in);
        ship->lon_deg = get_finite(in);
        before = ship->number;
    }
}

/* A set of words ahead in the bytes, which are passed over. */
static uint32_t skip_words(seine_bytes_in *in, uint32_t limit, size_t *at) {
    const uint32_t count = (uint32_t)seine_get_count(in, sizeof(uint64_t), limit);
    *at = in->pos;
    in->pos += count * sizeof(uint64_t);
    return count;
}

static void get_seen(seine_bytes_in in, size_t at, uint32_t count, uint32_t limit, seine_seen *seen, void *memory) {
    in.pos = at;
    for (uint32_t i = 0; i < count; i++) seine_seen_add(seen, memory, limit, seine_get_word(&in));
}

/* Everything behind the flags. @return OK, E_SPACE, E_FORMAT. */
static seine_status load_body(const seine_segment_config *config, seine_state *state, seine_bytes_in *in) {
    const int64_t last_us = seine_get_zigzag(in);
    seine_segment_header top = {.last_us = last_us, .has_last = 1, .ids_now = get_number(in, 0, UINT32_MAX)};
    get_ships(in, &top);
    const uint32_t open = (uint32_t)seine_get_count(in, SEGMENT_BYTES, config->max_open);
    if (in->bad) return SEINE_E_FORMAT;
    SEINE_TRY(reserve(state, open, 0, 0));
    seine_segment_header *header = seine_segment_header_of(state);
    top.segment_capacity = header->segment_capacity;
    top.open = open;
    *header = top;
    for (uint32_t i = 0; i < open && !in->bad; i++)
        get_segment(config, in, last_us, top.ships.named, &seine_segments(header)[i]);
    size_t ids_at = 0, places_at = 0;
    const uint32_t ids = skip_words(in, config->remembered, &ids_at);
    const uint32_t places = skip_words(in, config->remembered, &places_at);
    if (!seine_bytes_done(in)) return SEINE_E_FORMAT;
    SEINE_TRY(reserve(state, open, ids, places));
    header = seine_segment_header_of(state);
    memset(seine_segment_ids(header), 0, seine_seen_bytes(header->ids.capacity));
    memset(seine_segment_places(header), 0, seine_seen_bytes(header->places.capacity));
    get_seen(*in, ids_at, ids, config->remembered, &header->ids, seine_segment_ids(header));
    get_seen(*in, places_at, places, config->remembered, &header->places, seine_segment_places(header));
    return SEINE_OK;
}

seine_status seine_segment_load(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                                const uint64_t *refs, size_t ref_count, seine_error *error) {
    (void)refs;
    seine_bytes_in in;
    SEINE_TRY(seine_bytes_open(bytes, size, LETTERS, VERSION, "segment", &in, error));
    const uint8_t has_last = seine_get_byte(&in);
    if (has_last > 1 || ref_count != 0)
        return seine_fail(error, SEINE_E_FORMAT, "segment state: flags %u with %zu row references", has_last,
                          ref_count);
    SEINE_TRY(seine_segment_init(config, state));
    seine_status status = has_last ? load_body(config, state, &in) : seine_bytes_done(&in) ? SEINE_OK : SEINE_E_FORMAT;
    if (status == SEINE_OK) return status;
    (void)seine_segment_init(config, state); /* leave nothing half loaded */
    if (status != SEINE_E_FORMAT) return status;
    return seine_fail(error, status, "segment state: damaged, or made with other settings");
}
