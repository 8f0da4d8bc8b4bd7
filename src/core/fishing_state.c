/*
 * State of the fishing detector as bytes. Behind 'S' 'F' and the version:
 *
 *     flags   bit 0: there was a message; without it nothing follows. Of chain k: bit 1 + 3k: its score is known;
 *             bit 2 + 3k: it has an event; bit 3 + 3k: the run that goes on is one of fishing
 *     last    zigzag varint: its time; 16 bytes: its place; by rules 24 more: what the courses came to
 *     chains  each: 8 bytes: score, if known; and with an event
 *               varints: age of the last message of the run; 16 bytes: first place of the run
 *               varints: ages of the event's end and of its start; its messages
 *               8 bytes each: places of start and end, latitudes, longitudes below 0 and others, unit vectors
 *               four sums: 8 bytes, varint: of how many
 *
 * Ages are from the last message. Row_refs are left out.
 */
#include "core/fishing_state.h"

#include "base/try.h"
#include "core/state_bytes.h"

#include <math.h>

#define LETTERS "SF"
#define VERSION 1
#define HAS_LAST 1u
#define HAS_SCORE(chain) (2u << 3 * (chain))
#define HAS_EVENT(chain) (4u << 3 * (chain))
#define IS_FISHING(chain) (8u << 3 * (chain))
#define ALL_FLAGS 127u

seine_status seine_fishing_init(const void *config, seine_state *state) {
    (void)config;
    if (state->capacity < sizeof(seine_fishing_memory)) {
        state->needed = sizeof(seine_fishing_memory);
        return SEINE_E_SPACE;
    }
    state->size = sizeof(seine_fishing_memory);
    *seine_fishing_memory_of(state) = (seine_fishing_memory){.last_us = 0};
    return SEINE_OK;
}

/* The doubles of an event, in the order of its bytes. */
#define DOUBLES 13
static void doubles_of(seine_fishing_event *e, double *all[DOUBLES]) {
    double *const order[DOUBLES] = {&e->start_lat_deg,
                                    &e->start_lon_deg,
                                    &e->end_lat_deg,
                                    &e->end_lon_deg,
                                    &e->lat_min_deg,
                                    &e->lat_max_deg,
                                    &e->lon_min_deg[0],
                                    &e->lon_max_deg[0],
                                    &e->lon_min_deg[1],
                                    &e->lon_max_deg[1],
                                    &e->x,
                                    &e->y,
                                    &e->z};
    for (int i = 0; i < DOUBLES; i++) all[i] = order[i];
}

#define SUMS 4
static void sums_of(seine_fishing_event *e, seine_fishing_sum *all[SUMS]) {
    all[0] = &e->speed;
    all[1] = &e->implied;
    all[2] = &e->metres;
    all[3] = &e->hours;
}

static bool is_by_rules(const void *config) { return ((const seine_fishing_config *)config)->rules != NULL; }

/* ---- save ------------------------------------------------------------------------------------------------------ */

static uint64_t age(const seine_fishing_memory *memory, int64_t time_us) {
    return (uint64_t)memory->last_us - (uint64_t)time_us;
}

static void put_event(seine_bytes_out *out, const seine_fishing_memory *memory, const seine_fishing_run *run) {
    seine_fishing_event event = run->event;
    double *doubles[DOUBLES];
    seine_fishing_sum *sums[SUMS];
    doubles_of(&event, doubles);
    sums_of(&event, sums);
    seine_put_varint(out, age(memory, run->last_us));
    seine_put_double(out, run->first_lat_deg);
    seine_put_double(out, run->first_lon_deg);
    seine_put_varint(out, age(memory, event.end_us));
    seine_put_varint(out, age(memory, event.start_us));
    seine_put_varint(out, event.messages);
    for (int i = 0; i < DOUBLES; i++) seine_put_double(out, *doubles[i]);
    for (int i = 0; i < SUMS; i++) {
        seine_put_double(out, sums[i]->sum);
        seine_put_varint(out, sums[i]->count);
    }
}

static unsigned flags_of(const seine_fishing_memory *memory) {
    if (!memory->has_last) return 0;
    unsigned flags = HAS_LAST;
    for (int k = 0; k < SEINE_FISHING_CHAINS; k++) {
        if (memory->runs[k].has_score) flags |= HAS_SCORE(k);
        if (memory->runs[k].has_event) flags |= HAS_EVENT(k);
        if (memory->runs[k].is_fishing) flags |= IS_FISHING(k);
    }
    return flags;
}

seine_status seine_fishing_save(const void *config, const seine_state *state, uint8_t *bytes, size_t capacity,
                                size_t *size) {
    const seine_fishing_memory *memory = seine_fishing_memory_of(state);
    seine_bytes_out out = seine_bytes_begin(bytes, capacity, LETTERS, VERSION);
    seine_put_byte(&out, (uint8_t)flags_of(memory));
    if (!memory->has_last) return seine_bytes_end(&out, size);
    seine_put_zigzag(&out, memory->last_us);
    seine_put_double(&out, memory->last_lat_deg);
    seine_put_double(&out, memory->last_lon_deg);
    if (is_by_rules(config)) {
        seine_put_double(&out, memory->turns.east);
        seine_put_double(&out, memory->turns.north);
        seine_put_double(&out, memory->turns.weight);
    }
    for (int k = 0; k < SEINE_FISHING_CHAINS; k++) {
        const seine_fishing_run *run = &memory->runs[k];
        if (run->has_score) seine_put_double(&out, run->score);
        if (run->has_event) put_event(&out, memory, run);
    }
    return seine_bytes_end(&out, size);
}

/* ---- load ------------------------------------------------------------------------------------------------------ */

static int64_t get_time(seine_bytes_in *in, int64_t last_us) {
    const uint64_t age_us = seine_get_varint(in);
    if (age_us > (uint64_t)last_us - (uint64_t)INT64_MIN) in->bad = true;
    return in->bad ? 0 : (int64_t)((uint64_t)last_us - age_us);
}

static void get_event(seine_bytes_in *in, int64_t last_us, seine_fishing_run *run) {
    double *doubles[DOUBLES];
    seine_fishing_sum *sums[SUMS];
    doubles_of(&run->event, doubles);
    sums_of(&run->event, sums);
    run->last_us = get_time(in, last_us);
    run->first_lat_deg = seine_get_double(in);
    run->first_lon_deg = seine_get_double(in);
    run->event.end_us = get_time(in, last_us);
    run->event.start_us = get_time(in, last_us);
    run->event.messages = seine_get_varint(in);
    for (int i = 0; i < DOUBLES; i++) *doubles[i] = seine_get_double(in);
    for (int i = 0; i < SUMS; i++) {
        sums[i]->sum = seine_get_double(in);
        sums[i]->count = seine_get_varint(in);
    }
    if (run->event.start_us > run->event.end_us || run->event.end_us > run->last_us || run->event.messages == 0)
        in->bad = true;
}

static void get_run(seine_bytes_in *in, int64_t last_us, unsigned flags, int chain, seine_fishing_run *run) {
    run->has_score = (flags & HAS_SCORE(chain)) != 0;
    run->has_event = (flags & HAS_EVENT(chain)) != 0;
    run->is_fishing = (flags & IS_FISHING(chain)) != 0;
    if (run->is_fishing && !run->has_event) in->bad = true;
    if (run->has_score) run->score = seine_get_double(in);
    if (run->has_event) get_event(in, last_us, run);
}

/* Sums of vectors that are no longer than what they weigh. */
static void get_turns(seine_bytes_in *in, seine_fishing_memory *memory) {
    seine_fishing_score_memory *turns = &memory->turns;
    turns->east = seine_get_double(in);
    turns->north = seine_get_double(in);
    turns->weight = seine_get_double(in);
    if (!(fabs(turns->east) <= 2 && fabs(turns->north) <= 2 && turns->weight >= 0 && turns->weight <= 2))
        in->bad = true;
    turns->lat_deg = memory->last_lat_deg;
    turns->lon_deg = memory->last_lon_deg;
    turns->time_us = memory->last_us;
    turns->has_last = true;
}

static bool load_body(const void *config, seine_bytes_in *in, unsigned flags, const uint64_t *refs, size_t ref_count,
                      seine_fishing_memory *memory) {
    size_t used = 0;
    memory->has_last = 1;
    memory->last_us = seine_get_zigzag(in);
    memory->last_lat_deg = seine_get_double(in);
    memory->last_lon_deg = seine_get_double(in);
    if (is_by_rules(config)) get_turns(in, memory);
    for (int k = 0; k < SEINE_FISHING_CHAINS; k++) {
        seine_fishing_run *run = &memory->runs[k];
        get_run(in, memory->last_us, flags, k, run);
        if (!run->has_event || used + 2 > ref_count) continue;
        run->event.start_ref = refs[used++];
        run->event.end_ref = refs[used++];
    }
    return seine_bytes_done(in);
}

seine_status seine_fishing_load(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                                const uint64_t *refs, size_t ref_count, seine_error *error) {
    seine_bytes_in in;
    SEINE_TRY(seine_bytes_open(bytes, size, LETTERS, VERSION, "fishing", &in, error));
    const unsigned flags = seine_get_byte(&in);
    const size_t events = (size_t)((flags & HAS_EVENT(0)) != 0) + (size_t)((flags & HAS_EVENT(1)) != 0);
    const bool has_last = (flags & HAS_LAST) != 0;
    if (in.bad || (flags & ~ALL_FLAGS) != 0 || (!has_last && flags != 0) || ref_count != 2 * events)
        return seine_fail(error, SEINE_E_FORMAT, "fishing state: flags %u with %zu row references", flags, ref_count);
    SEINE_TRY(seine_fishing_init(config, state));
    const bool fine = has_last ? load_body(config, &in, flags, refs, ref_count, seine_fishing_memory_of(state))
                               : seine_bytes_done(&in);
    if (fine) return SEINE_OK;
    (void)seine_fishing_init(config, state); /* leave nothing half loaded */
    return seine_fail(error, SEINE_E_FORMAT, "fishing state: damaged");
}

size_t seine_fishing_refs(const void *config, const seine_state *state, uint64_t refs[SEINE_STATE_REFS]) {
    (void)config;
    const seine_fishing_memory *memory = seine_fishing_memory_of(state);
    size_t count = 0;
    for (int k = 0; k < SEINE_FISHING_CHAINS; k++) {
        if (!memory->runs[k].has_event) continue;
        refs[count++] = memory->runs[k].event.start_ref;
        refs[count++] = memory->runs[k].event.end_ref;
    }
    return count;
}
