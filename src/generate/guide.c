/*
 * A row is a vessel's report of a slot. Silences take some away, so a few vessels more than needed sail, and of the
 * rows there are, so many are left out, evenly, that those which stay are as many as were asked for: whether one stays
 * depends on its place among all rows, which is known at the begin of every slot.
 */
#include "generate/guide.h"

#include "base/try.h"
#include "generate/blocks.h"
#include "generate/fleet.h"
#include "generate/put.h"

#include <math.h>

#define ROW_MAX_BYTES 256
#define ROWS_MAX UINT64_C(1000000000)
#define DAYS_MAX 366
#define VESSELS_MAX 200000
#define INTERVAL_MAX_S 7200
#define CHANCES 10000

/* What is wrong with a row, by so many of CHANCES. */
typedef enum { CLEAN, REPEATED, BAD_LATITUDE, NO_LATITUDE, BAD_LONGITUDE, BAD_SPEED, FAST_SPEED } flaw;
static const struct {
    flaw flaw;
    uint32_t chances;
} flaws[] = {{REPEATED, 10}, {BAD_LATITUDE, 2}, {NO_LATITUDE, 1}, {BAD_LONGITUDE, 2}, {BAD_SPEED, 2}, {FAST_SPEED, 1}};

/* One worker's counts. */
typedef struct tally {
    uint64_t rows, duplicates, bad_positions, bad_speeds;
} tally;

typedef struct guide {
    const seine_guide_options *options;
    seine_generate_options sea; /* of the fleet */
    seine_fleet fleet;
    uint32_t block_slots;
    uint64_t *before; /* reports of all vessels before each slot, and at the end all of them */
    tally tallies[SEINE_GENERATE_THREADS_MAX];
    seine_bytes_fn take;
    void *context;
    uint64_t bytes;
} guide;

/* Of two vessels that share an MMSI one stays in port: who counts vessels by it gets their number. */
static bool sails(const seine_fleet *fleet, uint32_t vessel) {
    return vessel == 0 || !fleet->vessels[vessel].is_shared || !fleet->vessels[vessel - 1].is_shared;
}

static flaw flaw_of(const guide *g, uint32_t vessel, uint32_t slot) {
    uint64_t chance = seine_generate_mix(seine_generate_mix(~g->options->seed, vessel), slot) % CHANCES;
    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
        if (chance < flaws[i].chances) return flaws[i].flaw;
        chance -= flaws[i].chances;
    }
    return CLEAN;
}

/* ---- one row ---- */

static char *put_place(char *out, const seine_report *report, flaw what) {
    if (what == BAD_LATITUDE)
        out = seine_put_str(out, SEINE_STR("91.0"));
    else if (what != NO_LATITUDE)
        out = seine_put_degrees(out, report->lat_e5);
    *out++ = ',';
    return what == BAD_LONGITUDE ? seine_put_str(out, SEINE_STR("-181.0")) : seine_put_degrees(out, report->lon_e5);
}

/* A speed that is not known is empty, or what AIS sends for it. */
static char *put_speed(char *out, const seine_report *report, flaw what) {
    if (what == BAD_SPEED) return seine_put_str(out, SEINE_STR("-1.0"));
    if (what == FAST_SPEED) return seine_put_str(out, SEINE_STR("100.1"));
    const bool is_unknown = report->sog_tenths == SEINE_GENERATE_UNKNOWN_SOG;
    return is_unknown && report->time_s % 2 == 0 ? out : seine_put_tenths(out, report->sog_tenths);
}

/* Columns behind the speed: the name as the fleet has it, between the first two commas. */
static char *put_names(char *out, const seine_vessel *vessel) {
    const char *name = vessel->middle + 1, *end = memchr(name, ',', vessel->middle_size - 1U);
    *out++ = ',';
    out = seine_put_str(out, (seine_str){name, (size_t)(end - name)});
    *out++ = ',';
    out = seine_put_str(out, seine_str_of(vessel->type_word));
    *out++ = '\n';
    return out;
}

static seine_status append_row(seine_buf *text, const seine_vessel *vessel, const seine_report *report, flaw what) {
    SEINE_TRY(seine_buf_reserve(text, ROW_MAX_BYTES));
    char *begin = (char *)text->data + text->size, *out = seine_put_digits(begin, vessel->mmsi, 9);
    *out++ = ',';
    out = seine_put_time(out, report->time_s, 'T');
    *out++ = ',';
    out = put_place(out, report, what);
    *out++ = ',';
    out = put_speed(out, report, what);
    out = put_names(out, vessel);
    text->size += (size_t)(out - begin);
    return SEINE_OK;
}

static void count_row(tally *counts, flaw what, const seine_report *report) {
    counts->rows++;
    counts->duplicates += what == REPEATED;
    counts->bad_positions += what == BAD_LATITUDE || what == NO_LATITUDE || what == BAD_LONGITUDE;
    counts->bad_speeds +=
        what == BAD_SPEED || what == FAST_SPEED || (what == CLEAN && report->sog_tenths == SEINE_GENERATE_UNKNOWN_SOG);
}

/* ---- blocks ---- */

/* Whether the row at this place among all stays. */
static bool stays(const guide *g, uint64_t place) {
    const uint64_t all = g->before[g->fleet.slots], rows = g->options->rows;
    return (place + 1) * rows / all > place * rows / all;
}

/* The row that can be repeated: the one before, when nothing is wrong with it. */
typedef struct former {
    const seine_vessel *vessel; /* NULL = none */
    seine_report report;
} former;

static seine_status append_report(const guide *g, tally *counts, uint32_t index, uint32_t slot, former *last,
                                  seine_buf *text) {
    const seine_vessel *vessel = &g->fleet.vessels[index];
    seine_report report = seine_fleet_report(&g->fleet, vessel, slot);
    flaw what = flaw_of(g, index, slot);
    if (what == REPEATED && last->vessel == NULL) what = CLEAN;
    if (what == REPEATED) { /* instead of its own report; half of them with another speed */
        vessel = last->vessel;
        report = last->report;
        report.sog_tenths += index % 2 == 0;
    }
    const bool is_known = report.sog_tenths < SEINE_GENERATE_UNKNOWN_SOG - 1;
    *last = (former){what == CLEAN && is_known ? vessel : NULL, report};
    count_row(counts, what, &report);
    return append_row(text, vessel, &report, what);
}

static seine_status make_block(void *context, size_t worker, uint64_t block, seine_buf *text, seine_error *error) {
    guide *g = context;
    const uint32_t from = (uint32_t)block * g->block_slots;
    const uint32_t to = from + g->block_slots < g->fleet.slots ? from + g->block_slots : g->fleet.slots;
    uint64_t place = g->before[from];
    former last = {.vessel = NULL};
    (void)error; /* memory alone can fail */
    if (block == 0)
        SEINE_TRY(seine_buf_append_str(text, "mmsi,timestamp,latitude,longitude,speed,vessel_name,vessel_type\n"));
    for (uint32_t slot = from; slot < to; slot++) {
        for (uint32_t i = 0; i < g->fleet.count; i++) {
            if (!sails(&g->fleet, i) || !seine_vessel_reports(&g->fleet.vessels[i], slot) || !stays(g, place++))
                continue;
            SEINE_TRY(append_report(g, &g->tallies[worker], i, slot, &last, text));
        }
    }
    return SEINE_OK;
}

static seine_status take_block(void *context, const seine_packed *packed, seine_error *error) {
    guide *g = context;
    g->bytes += packed->bytes.size;
    return g->take(g->context, packed->bytes.data, packed->bytes.size, error);
}

/* ---- the fleet ---- */

/*
 * What the guide takes for fishing is a speed of 2 to 5 knots after more than an hour without a report (SPEC 3.3):
 * every fishing vessel falls silent once so that its next report comes while it fishes.
 */
static void plant_fishing(seine_fleet *fleet) {
    const uint32_t interval_s = fleet->options->interval_s, length = 3600 / interval_s + 1;
    for (uint32_t i = 0; i < fleet->count; i++) {
        seine_vessel *vessel = &fleet->vessels[i];
        const double period_s = 2 * vessel->out_s + vessel->far_s + vessel->home_s;
        const double fishes_s = fmod(vessel->out_s + vessel->far_s / 2 - vessel->phase_s + period_s, period_s);
        const double slot = fishes_s / interval_s;
        if (vessel->fishing_kn == 0 || vessel->silence_count > 0 || slot <= length || slot >= fleet->slots) continue;
        vessel->silences[vessel->silence_count++] = (seine_silence){(uint32_t)slot - length, (uint32_t)slot};
    }
}

static seine_status count_reports(guide *g, uint64_t *all, seine_error *error) {
    seine_fleet *fleet = &g->fleet;
    uint64_t *before = SEINE_ARENA_ARRAY(&fleet->arena, uint64_t, (size_t)fleet->slots + 2);
    if (before == NULL) return seine_no_memory(error, "generate");
    for (uint32_t i = 0; i < fleet->count; i++) { /* changes from slot to slot, modulo 2^64 */
        if (!sails(fleet, i)) continue;
        before[0]++;
        for (uint8_t k = 0; k < fleet->vessels[i].silence_count; k++) {
            before[fleet->vessels[i].silences[k].from]--;
            before[fleet->vessels[i].silences[k].to]++;
        }
    }
    for (uint32_t slot = 1; slot <= fleet->slots; slot++) before[slot] += before[slot - 1];
    uint64_t sum = 0;
    for (uint32_t slot = 0; slot <= fleet->slots; slot++) {
        const uint64_t here = before[slot];
        before[slot] = sum;
        sum += here;
    }
    g->before = before;
    *all = before[fleet->slots];
    return SEINE_OK;
}

/* As few vessels as report often enough. */
static seine_status find_fleet(guide *g, seine_error *error) {
    seine_generate_options *options = &g->sea;
    const uint64_t slots = (uint64_t)(86400 / options->interval_s) * options->days, rows = g->options->rows;
    uint64_t vessels = (rows + slots - 1) / slots, all = 0;
    for (;;) {
        if (vessels > VESSELS_MAX)
            return seine_fail(error, SEINE_E_USAGE, "generate: %llu rows are more than %d vessels send in %u days",
                              (unsigned long long)rows, VESSELS_MAX, options->days);
        options->vessels = (uint32_t)vessels;
        SEINE_TRY(seine_fleet_init(&g->fleet, options, error));
        plant_fishing(&g->fleet);
        SEINE_TRY(count_reports(g, &all, error));
        if (all >= rows) return SEINE_OK;
        seine_fleet_free(&g->fleet);
        vessels += (rows - all + slots - 1) / slots;
    }
}

static seine_status check_options(const seine_guide_options *o, seine_error *error) {
    if (o->rows >= 1 && o->rows <= ROWS_MAX && o->first_day >= 0 && o->days >= 1 && o->days <= DAYS_MAX &&
        o->interval_s >= 1 && o->interval_s <= INTERVAL_MAX_S && o->threads >= 1 &&
        o->threads <= SEINE_GENERATE_THREADS_MAX && o->packing != SEINE_GENERATE_ZIP)
        return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "generate: an option is out of its range");
}

static void sum_up(const guide *g, seine_guide_result *result) {
    result->bytes = g->bytes;
    for (uint32_t i = 0; i < g->fleet.count; i++) result->vessels += sails(&g->fleet, i);
    for (uint32_t i = 0; i < g->options->threads; i++) {
        result->rows += g->tallies[i].rows;
        result->duplicates += g->tallies[i].duplicates;
        result->bad_positions += g->tallies[i].bad_positions;
        result->bad_speeds += g->tallies[i].bad_speeds;
    }
}

static seine_status run(guide *g, const seine_progress *progress, seine_error *error) {
    const seine_guide_options *o = g->options;
    g->sea = (seine_generate_options){
        .first_day = o->first_day, .days = o->days, .interval_s = o->interval_s, .seed = o->seed};
    SEINE_TRY(find_fleet(g, error));
    g->block_slots = g->fleet.count < SEINE_GENERATE_BLOCK_ROWS ? SEINE_GENERATE_BLOCK_ROWS / g->fleet.count : 1;
    const uint64_t count = (g->fleet.slots + g->block_slots - 1) / g->block_slots;
    const seine_blocks blocks = {.count = count,
                                 .threads = o->threads,
                                 .packing = o->packing,
                                 .make = make_block,
                                 .take = take_block,
                                 .context = g,
                                 .progress = progress,
                                 .total = count};
    return seine_blocks_run(&blocks, error);
}

seine_status seine_generate_guide(const seine_guide_options *options, seine_bytes_fn take, void *context,
                                  const seine_progress *progress, seine_guide_result *result, seine_error *error) {
    guide g = {.options = options, .take = take, .context = context};
    *result = (seine_guide_result){0};
    SEINE_TRY(check_options(options, error));
    const seine_status status = run(&g, progress, error);
    if (status == SEINE_OK) sum_up(&g, result);
    seine_fleet_free(&g.fleet);
    return status;
}
