/*
 * Rows as text. Every defect is an additional row, a copy of a good one with one field spoilt, so that planting defects
 * never changes what the good rows say.
 */
#include "base/time.h"
#include "base/try.h"
#include "generate/put.h"
#include "generate/rows.h"

#include <stdlib.h>

#define ROW_MAX_BYTES 256
#define DUPLICATE_ONE_IN 500
#define DEFECT_ONE_IN 1000
#define MOVES_MAX 20
#define FLEET_FOR_MOVES 8

/* Columns by their meaning; style 2025 has longitude before latitude. */
enum { FIELD_MMSI, FIELD_TIME, FIELD_LAT, FIELD_LON, FIELD_SHORT, FIELD_LONG };

static const struct {
    int field;
    const char *text;
    seine_generate_reason reason;
} defects[] = {
    {FIELD_LAT, "91", SEINE_GENERATE_POSITION},
    {FIELD_LON, "181", SEINE_GENERATE_POSITION},
    {FIELD_MMSI, "", SEINE_GENERATE_ID},
    {FIELD_MMSI, "36A99B811", SEINE_GENERATE_ID},
    {FIELD_TIME, "2025-13-45 99:00:00", SEINE_GENERATE_TIME},
    {FIELD_TIME, "", SEINE_GENERATE_TIME},
    {FIELD_SHORT, "", SEINE_GENERATE_RAGGED},
    {FIELD_LAT, "-95.5", SEINE_GENERATE_POSITION},
    {FIELD_LAT, "", SEINE_GENERATE_POSITION},
    {FIELD_LONG, ",1", SEINE_GENERATE_RAGGED},
};
#define DEFECT_COUNT (sizeof defects / sizeof *defects)
enum { EXTRA_EXACT, EXTRA_OTHER_SPEED, EXTRA_DEFECT };

seine_str seine_generate_header(seine_generate_style style) {
    if (style == SEINE_GENERATE_2018) {
        return SEINE_STR("MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,"
                         "Width,Draft,Cargo,TransceiverClass\n");
    }
    return SEINE_STR("mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,"
                     "status,length,width,draft,cargo,transceiver\n");
}

/* ---- one row ---- */

static char *put_measures(char *out, const seine_report *report, bool shows_sentinels) {
    *out++ = ',';
    if (shows_sentinels || report->sog_tenths != SEINE_GENERATE_UNKNOWN_SOG)
        out = seine_put_tenths(out, report->sog_tenths);
    *out++ = ',';
    if (shows_sentinels || report->cog_tenths != SEINE_GENERATE_UNKNOWN_COG)
        out = seine_put_tenths(out, report->cog_tenths);
    *out++ = ',';
    if (shows_sentinels || report->heading != SEINE_GENERATE_UNKNOWN_HEADING) {
        out = seine_put_number(out, (uint32_t)report->heading);
    }
    return out;
}

/* @return bytes written, at most ROW_MAX_BYTES / 2. */
static size_t put_row(char *begin, const seine_vessel *vessel, const seine_report *report, seine_generate_style style) {
    const bool is_old = style == SEINE_GENERATE_2018;
    char *out = seine_put_digits(begin, vessel->mmsi, 9);
    *out++ = ',';
    out = seine_put_time(out, report->time_s, is_old ? 'T' : ' ');
    *out++ = ',';
    out = seine_put_degrees(out, is_old ? report->lat_e5 : report->lon_e5);
    *out++ = ',';
    out = seine_put_degrees(out, is_old ? report->lon_e5 : report->lat_e5);
    out = put_measures(out, report, is_old);
    out = (char *)memcpy(out, vessel->middle, vessel->middle_size) + vessel->middle_size;
    if (report->status >= 0) out = seine_put_number(out, (uint32_t)report->status);
    out = (char *)memcpy(out, vessel->tail, vessel->tail_size) + vessel->tail_size;
    return (size_t)(out - begin);
}

/* Byte where field @p n begins. */
static size_t field_begin(const char *row, int n) {
    size_t at = 0;
    while (n > 0) n -= row[at++] == ',';
    return at;
}

/* Spoils one field of a row in place. @return its new size. */
static size_t spoil(char *row, size_t size, size_t defect, seine_generate_style style) {
    const char *text = defects[defect].text;
    const size_t text_size = strlen(text);
    int field = defects[defect].field;
    if (field == FIELD_SHORT) { /* cut behind the heading */
        const size_t end = field_begin(row, 7) - 1;
        row[end] = '\n';
        return end + 1;
    }
    if (field == FIELD_LONG) {
        memcpy(row + size - 1, text, text_size);
        row[size - 1 + text_size] = '\n';
        return size + text_size;
    }
    const bool is_swapped = style == SEINE_GENERATE_2025 && (field == FIELD_LAT || field == FIELD_LON);
    if (is_swapped) field = FIELD_LAT + FIELD_LON - field;
    const size_t begin = field_begin(row, field), end = begin + strcspn(row + begin, ",");
    memmove(row + begin + text_size, row + end, size - end);
    memcpy(row + begin, text, text_size);
    return size - (end - begin) + text_size;
}

/* Whether the fix of a slot is in a file. The first vessel's always is. */
static bool is_reported(const seine_fleet *fleet, uint32_t vessel, uint32_t slot) {
    if (!seine_vessel_reports(&fleet->vessels[vessel], slot)) return false;
    return fleet->evening.is_more || !seine_fleet_is_evened(fleet, &fleet->vessels[vessel], slot);
}

/* ---- additional rows ---- */

static size_t duplicate_count(const seine_fleet *fleet) { /* of one day */
    return (size_t)((uint64_t)fleet->slots_per_day * fleet->count / DUPLICATE_ONE_IN) + 2;
}

static size_t defect_count(const seine_fleet *fleet) {
    return (size_t)((uint64_t)fleet->slots_per_day * fleet->count / DEFECT_ONE_IN) + DEFECT_COUNT;
}

static int compare_extras(const void *a, const void *b) {
    const seine_extra *x = a, *y = b;
    if (x->slot != y->slot) return x->slot < y->slot ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    return (x->vessel > y->vessel) - (x->vessel < y->vessel);
}

seine_status seine_extras_plan(const seine_fleet *fleet, uint32_t day, seine_arena *arena, seine_extra **extras,
                               size_t *count) {
    const uint64_t seed = seine_generate_mix(fleet->options->seed ^ UINT64_C(0x5EED), day);
    const size_t duplicates = duplicate_count(fleet);
    *count = duplicates + defect_count(fleet);
    *extras = SEINE_ARENA_ARRAY(arena, seine_extra, *count);
    if (*extras == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < *count; i++) {
        const uint64_t chance = seine_generate_mix(seed, i);
        seine_extra extra = {.slot = day * fleet->slots_per_day + (uint32_t)(chance >> 32) % fleet->slots_per_day,
                             .vessel = (uint32_t)chance % fleet->count,
                             .kind = i < duplicates ? (uint32_t)i % 2
                                                    : EXTRA_DEFECT + (uint32_t)((i - duplicates) % DEFECT_COUNT)};
        while (!is_reported(fleet, extra.vessel, extra.slot)) extra.vessel = (extra.vessel + 1) % fleet->count;
        (*extras)[i] = extra;
    }
    qsort(*extras, *count, sizeof **extras, compare_extras);
    return SEINE_OK;
}

/* ---- rows in the file of a neighbouring day ---- */

/* Move j of the boundary before @p slot_day: rows of its first slot lie in the file before, or of the slot before that
 * in the file after; every second one is in both files. */
typedef struct row_move {
    uint32_t vessel, slot;
    bool is_early; /* in the file of the day before its own */
    bool is_copy;
} row_move;

static uint32_t move_count(const seine_fleet *fleet) {
    const uint32_t wanted = fleet->count / 50;
    return fleet->count < FLEET_FOR_MOVES ? 0 : wanted < 4 ? 4 : wanted > MOVES_MAX ? MOVES_MAX : wanted;
}

static row_move move_at(const seine_fleet *fleet, uint32_t boundary_day, uint32_t j) {
    const bool is_early = j % 4 < 2;
    return (row_move){.vessel = (j + 3 + boundary_day) % fleet->count,
                      .slot = boundary_day * fleet->slots_per_day - !is_early,
                      .is_early = is_early,
                      .is_copy = j % 2 == 1};
}

/* Whether the row is in the neighbour's file and not in its own. */
static bool is_moved_away(const seine_fleet *fleet, uint32_t vessel, uint32_t slot) {
    const bool is_first = slot % fleet->slots_per_day == 0, is_last = (slot + 1) % fleet->slots_per_day == 0;
    const uint32_t boundary_day = (slot + is_last) / fleet->slots_per_day;
    if ((!is_first && !is_last) || boundary_day == 0 || boundary_day >= fleet->options->days) return false;
    for (uint32_t j = 0; j < move_count(fleet); j++) {
        const row_move move = move_at(fleet, boundary_day, j);
        if (move.vessel == vessel && move.slot == slot && !move.is_copy) return true;
    }
    return false;
}

/* ---- as many rows as vessels and slots ---- */

/* Rows that silences took away, less those that were planted. */
static int64_t missing_rows(const seine_fleet *fleet) {
    const uint32_t days = fleet->options->days;
    int64_t missing = -(int64_t)((duplicate_count(fleet) + defect_count(fleet)) * days);
    for (uint32_t i = 0; i < fleet->count; i++) {
        const seine_vessel *vessel = &fleet->vessels[i];
        for (uint8_t k = 0; k < vessel->silence_count; k++) {
            missing += vessel->silences[k].to - vessel->silences[k].from;
        }
    }
    for (uint32_t boundary_day = 1; boundary_day < days; boundary_day++) {
        for (uint32_t j = 0; j < move_count(fleet); j++) {
            const row_move move = move_at(fleet, boundary_day, j);
            missing -= move.is_copy && seine_vessel_reports(&fleet->vessels[move.vessel], move.slot);
        }
    }
    return missing;
}

void seine_rows_even_out(seine_fleet *fleet) {
    const int64_t missing = missing_rows(fleet);
    const uint32_t inner_slots = fleet->slots_per_day - 2, days = fleet->options->days;
    const uint64_t count = (uint64_t)(missing < 0 ? -missing : missing), most_a_day = (count + days - 1) / days;
    const uint64_t places = (uint64_t)fleet->steady_count * inner_slots;
    fleet->evening = (seine_evening){0};
    if (count == 0 || most_a_day * 4 > places || (missing > 0 && fleet->options->interval_s < 2)) return;
    uint64_t stride = places / most_a_day;
    if (inner_slots % stride == 0) stride--; /* else all vessels would have their turn in the same slots */
    fleet->evening = (seine_evening){.count = count, .stride = stride, .is_more = missing > 0};
}

/* ---- blocks ---- */

seine_status seine_block_maker_init(seine_block_maker *maker, const seine_fleet *fleet, seine_arena *arena) {
    maker->fleet = fleet;
    maker->order = SEINE_ARENA_ARRAY(arena, uint32_t, 2 * (size_t)fleet->count);
    maker->places = SEINE_ARENA_ARRAY(arena, uint32_t, fleet->options->interval_s + 1);
    maker->files = SEINE_ARENA_ARRAY(arena, seine_file_tally, fleet->options->days);
    maker->days = SEINE_ARENA_ARRAY(arena, seine_day_tally, fleet->options->days);
    const bool has_all = maker->order != NULL && maker->places != NULL && maker->files != NULL && maker->days != NULL;
    return has_all ? SEINE_OK : SEINE_E_NOMEM;
}

static void count_silver(seine_block_maker *maker, uint32_t slot, const seine_report *report) {
    seine_day_tally *day = &maker->days[slot / maker->fleet->slots_per_day];
    day->rows++;
    day->null_sog += report->sog_tenths == SEINE_GENERATE_UNKNOWN_SOG;
    day->null_cog += report->cog_tenths == SEINE_GENERATE_UNKNOWN_COG;
    day->null_heading += report->heading == SEINE_GENERATE_UNKNOWN_HEADING;
}

/* Appends one good row to the file of @p day. */
static seine_status append_row(seine_block_maker *maker, uint32_t day, const seine_vessel *vessel,
                               const seine_report *report, seine_buf *out) {
    SEINE_TRY(seine_buf_reserve(out, ROW_MAX_BYTES));
    out->size += put_row((char *)out->data + out->size, vessel, report, maker->fleet->options->style);
    maker->files[day].rows++;
    return SEINE_OK;
}

static seine_status append_extra(seine_block_maker *maker, uint32_t day, const seine_extra *extra, seine_buf *out) {
    const seine_fleet *fleet = maker->fleet;
    const seine_vessel *vessel = &fleet->vessels[extra->vessel];
    SEINE_TRY(seine_buf_reserve(out, ROW_MAX_BYTES));
    seine_report report = seine_fleet_report(fleet, vessel, extra->slot);
    if (extra->kind == EXTRA_OTHER_SPEED && report.sog_tenths != SEINE_GENERATE_UNKNOWN_SOG) report.sog_tenths++;
    char *row = (char *)out->data + out->size;
    size_t size = put_row(row, vessel, &report, fleet->options->style);
    maker->files[day].rows++;
    if (extra->kind >= EXTRA_DEFECT) {
        size = spoil(row, size, extra->kind - EXTRA_DEFECT, fleet->options->style);
        maker->files[day].rejects[defects[extra->kind - EXTRA_DEFECT].reason]++;
    }
    out->size += size;
    return SEINE_OK;
}

/* Rows of the neighbour across @p boundary_day that lie in the file of @p day. */
static seine_status append_moved(seine_block_maker *maker, uint32_t day, uint32_t boundary_day, seine_buf *out) {
    const seine_fleet *fleet = maker->fleet;
    if (boundary_day == 0 || boundary_day >= fleet->options->days) return SEINE_OK;
    for (uint32_t j = 0; j < move_count(fleet); j++) {
        const row_move move = move_at(fleet, boundary_day, j);
        const bool is_here = move.is_early == (boundary_day == day + 1);
        if (!is_here || !seine_vessel_reports(&fleet->vessels[move.vessel], move.slot)) continue;
        const seine_report report = seine_fleet_report(fleet, &fleet->vessels[move.vessel], move.slot);
        SEINE_TRY(append_row(maker, day, &fleet->vessels[move.vessel], &report, out));
        maker->files[day].other_days++;
        if (!move.is_copy) count_silver(maker, move.slot, &report);
    }
    return SEINE_OK;
}

static bool has_second_fix(const seine_fleet *fleet, uint32_t vessel, uint32_t slot) {
    return fleet->evening.is_more && seine_fleet_is_evened(fleet, &fleet->vessels[vessel], slot);
}

/* Fills order with the fixes of a slot by second, then by vessel. @return how many. */
static uint32_t sort_slot(seine_block_maker *maker, uint32_t slot) {
    const seine_fleet *fleet = maker->fleet;
    uint32_t *places = maker->places, total = 0;
    memset(places, 0, (fleet->options->interval_s + 1) * sizeof *places);
    for (uint32_t i = 0; i < fleet->count; i++) {
        places[seine_vessel_second(&fleet->vessels[i], slot)]++;
        if (has_second_fix(fleet, i, slot)) places[seine_fleet_other_second(fleet, &fleet->vessels[i], slot)]++;
    }
    for (uint32_t second = 0; second <= fleet->options->interval_s; second++) {
        const uint32_t here = places[second];
        places[second] = total;
        total += here;
    }
    for (uint32_t i = 0; i < fleet->count; i++) {
        maker->order[places[seine_vessel_second(&fleet->vessels[i], slot)]++] = 2 * i;
        if (!has_second_fix(fleet, i, slot)) continue;
        maker->order[places[seine_fleet_other_second(fleet, &fleet->vessels[i], slot)]++] = 2 * i + 1;
    }
    return total;
}

static seine_status append_slot(seine_block_maker *maker, uint32_t day, uint32_t slot, seine_buf *out) {
    const seine_fleet *fleet = maker->fleet;
    const uint32_t count = sort_slot(maker, slot);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = maker->order[i] / 2;
        const seine_vessel *vessel = &fleet->vessels[index];
        if (!is_reported(fleet, index, slot) || is_moved_away(fleet, index, slot)) continue;
        const bool is_second = maker->order[i] % 2 == 1;
        const seine_report report =
            is_second ? seine_fleet_other_report(fleet, vessel, slot) : seine_fleet_report(fleet, vessel, slot);
        SEINE_TRY(append_row(maker, day, vessel, &report, out));
        count_silver(maker, slot, &report);
    }
    return SEINE_OK;
}

seine_status seine_block_make(seine_block_maker *maker, uint32_t day, uint32_t from, uint32_t to,
                              const seine_extra *extras, size_t extra_count, seine_buf *out) {
    const uint32_t slots_per_day = maker->fleet->slots_per_day;
    size_t next = 0;
    while (next < extra_count && extras[next].slot < from) next++;
    if (from == day * slots_per_day) SEINE_TRY(append_moved(maker, day, day, out));
    for (uint32_t slot = from; slot < to; slot++) {
        SEINE_TRY(append_slot(maker, day, slot, out));
        for (; next < extra_count && extras[next].slot == slot; next++)
            SEINE_TRY(append_extra(maker, day, &extras[next], out));
    }
    return to == (day + 1) * slots_per_day ? append_moved(maker, day, day + 1, out) : SEINE_OK;
}
