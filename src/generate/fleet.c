/*
 * The fleet. A vessel goes to and fro on one lane: out, a stay (or fishing) at the far end, back, a stay at home. Where
 * it is at a second follows from the phase of that cycle alone, so no state runs through the days.
 */
#include "base/time.h"
#include "generate/fleet.h"

#include <math.h>
#include <stdio.h>

#define RADIANS (3.14159265358979323846 / 180.0)
#define KM_PER_KNOT_SECOND (1.852 / 3600)
#define KM_PER_DEGREE 111.195
#define COAST_KM 2500.0      /* shorter lanes are coastal */
#define FISHING_LEG_S 1500.0 /* four legs are a closed figure */
#define COMPANION_KM 0.3
#define SENTINEL_ONE_IN 300
#define HOUR_S 3600

typedef enum { CARGO, TANKER, PASSENGER, FISHING, TUG, PLEASURE, KINDS } vessel_kind;

static const struct {
    uint8_t share;             /* per cent of the fleet */
    uint8_t first_type, types; /* AIS ship types */
    uint8_t slow_kn, fast_kn;
    uint16_t short_m, long_m;
    bool is_coastal, is_class_b, has_imo;
    const char *word;
} kinds[KINDS] = {
    [CARGO] = {34, 70, 10, 12, 18, 90, 399, false, false, true, "Cargo"},
    [TANKER] = {16, 80, 10, 10, 15, 100, 333, false, false, true, "Tanker"},
    [PASSENGER] = {10, 60, 10, 14, 22, 30, 320, true, false, true, "Passenger"},
    [FISHING] = {15, 30, 1, 8, 10, 12, 60, true, false, false, "Fishing"},
    [TUG] = {13, 52, 1, 8, 11, 18, 45, true, false, false, "Tug"},
    [PLEASURE] = {12, 36, 2, 8, 12, 8, 30, true, true, false, "Passenger"},
};

/* Maritime identification digits and how call signs of that flag begin. Coastal craft take the first rows only. */
#define COASTAL_FLAGS 8
static const struct {
    uint16_t mid;
    char call_sign[4];
} flags[] = {
    {366, "WD"}, {367, "WD"}, {368, "WD"}, {338, "WC"}, {369, "WX"}, {316, "VC"}, {345, "XC"}, {303, "WA"},
    {636, "D5"}, {538, "V7"}, {352, "3E"}, {354, "3F"}, {371, "3F"}, {373, "3E"}, {477, "VR"}, {563, "9V"},
    {564, "9V"}, {565, "9V"}, {311, "C6"}, {308, "C6"}, {215, "9H"}, {248, "9H"}, {249, "9H"}, {241, "SV"},
    {219, "OX"}, {220, "OU"}, {257, "LA"}, {258, "LA"}, {232, "MA"}, {235, "2A"}, {244, "PB"}, {209, "5B"},
    {431, "JD"}, {440, "DS"}, {413, "BO"}, {416, "BI"}, {211, "DA"}, {224, "EA"}, {247, "IB"}, {710, "PP"},
};

static const char *const first_names[] = {"PACIFIC", "ATLANTIC",  "NORTHERN", "SOUTHERN", "GOLDEN", "SILVER",
                                          "BLUE",    "EVERGREEN", "OCEAN",    "ISLAND",   "ROYAL",  "CORAL",
                                          "POLAR",   "EASTERN",   "WESTERN",  "GRAND",    "SWIFT",  "BRAVE",
                                          "QUIET",   "MORNING",   "EVENING",  "HARBOR",   "STORM",  "CRYSTAL"};
static const char *const second_names[] = {"STAR",    "VOYAGER", "PIONEER", "SPIRIT", "TRADER",   "EXPRESS",
                                           "HORIZON", "DAWN",    "BREEZE",  "QUEEN",  "EXPLORER", "FALCON",
                                           "DOLPHIN", "PELICAN", "LADY",    "WIND",   "CREST",    "TIDE",
                                           "LIGHT",   "PRIDE",   "HAWK",    "PEARL",  "SWAN",     "ANCHOR"};

uint64_t seine_generate_mix(uint64_t seed, uint64_t counter) { /* splitmix64 of a Weyl step */
    uint64_t z = seed + (counter + 1) * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* The n-th draw for one vessel, uniform in [low, high). */
static double draw(const seine_vessel *vessel, uint64_t n, double low, double high) {
    return low + (high - low) * (double)(seine_generate_mix(~vessel->seed, n) >> 11) * 0x1p-53;
}

static size_t draw_index(const seine_vessel *vessel, uint64_t n, size_t count) {
    return (size_t)(seine_generate_mix(~vessel->seed, n) % count);
}

/* ---- identity ---- */

static unsigned imo_number(uint32_t index) {
    const unsigned six = 910000 + (unsigned)((index * UINT64_C(11)) % 89999);
    unsigned sum = 0, rest = six;
    for (unsigned weight = 2; weight <= 7; weight++, rest /= 10) sum += rest % 10 * weight;
    return six * 10 + sum % 10;
}

static vessel_kind pick_kind(const seine_vessel *vessel) {
    double share = draw(vessel, 1, 0, 100);
    vessel_kind kind = CARGO;
    while (kind + 1 < KINDS && share >= kinds[kind].share) share -= kinds[kind++].share;
    return kind;
}

static void make_identity(seine_vessel *vessel, uint32_t index, vessel_kind kind) {
    const size_t flag = draw_index(vessel, 2, kinds[kind].is_coastal ? COASTAL_FLAGS : sizeof flags / sizeof *flags);
    const unsigned type = kinds[kind].first_type + (unsigned)draw_index(vessel, 3, kinds[kind].types);
    const double length_m = draw(vessel, 4, kinds[kind].short_m, kinds[kind].long_m);
    char imo[16] = "", draft[16] = "", cargo[16] = "";
    if (kinds[kind].has_imo) snprintf(imo, sizeof imo, "IMO%07u", imo_number(index));
    if (kinds[kind].has_imo) snprintf(cargo, sizeof cargo, "%u", type);
    if (!kinds[kind].is_class_b) snprintf(draft, sizeof draft, "%.1f", length_m / 24 + 1);
    /* 7919 has no factor in common with a million: no two vessels of a flag get the same number. */
    vessel->mmsi = flags[flag].mid * UINT32_C(1000000) + (uint32_t)((index * UINT64_C(7919) + 104729) % 1000000);
    vessel->middle_size = (uint8_t)snprintf(
        vessel->middle, sizeof vessel->middle, ",%s %s,%s,%s%c%04u,%u,", first_names[draw_index(vessel, 5, 24)],
        second_names[draw_index(vessel, 6, 24)], imo, flags[flag].call_sign, (char)('A' + draw_index(vessel, 7, 26)),
        (unsigned)draw_index(vessel, 8, 10000), type);
    vessel->tail_size = (uint8_t)snprintf(vessel->tail, sizeof vessel->tail, ",%.0f,%.0f,%s,%s,%c\n", length_m,
                                          length_m / 6.5 + 2, draft, cargo, kinds[kind].is_class_b ? 'B' : 'A');
    vessel->is_class_b = kinds[kind].is_class_b;
}

/* ---- voyage ---- */

static const seine_route *pick_route(const seine_fleet *fleet, const seine_vessel *vessel, vessel_kind kind) {
    const bool wants_coast = kinds[kind].is_coastal || draw(vessel, 10, 0, 1) < 0.4;
    for (uint64_t n = 0; n < 1000; n++) {
        const seine_route *route = &fleet->routes[draw_index(vessel, 1000 + n, fleet->route_count)];
        if ((route->length_km < COAST_KM) == wants_coast) return route;
    }
    return &fleet->routes[0];
}

static void make_voyage(const seine_fleet *fleet, seine_vessel *vessel, vessel_kind kind) {
    vessel->route = pick_route(fleet, vessel, kind);
    vessel->speed_kn = draw(vessel, 11, kinds[kind].slow_kn, kinds[kind].fast_kn);
    vessel->lane_lon_deg = draw(vessel, 12, -0.012, 0.012);
    vessel->lane_lat_deg = draw(vessel, 13, -0.012, 0.012);
    vessel->far_km = vessel->route->length_km;
    vessel->far_s = draw(vessel, 14, 4, 30) * HOUR_S;
    vessel->home_s = draw(vessel, 15, 4, 30) * HOUR_S;
    if (kind == FISHING) {
        vessel->far_km = fmin(vessel->far_km * 0.4, draw(vessel, 16, 30, 120));
        vessel->far_s = FISHING_LEG_S * 4 * (3 + (double)draw_index(vessel, 17, 4));
        vessel->fishing_kn = draw(vessel, 18, 2.2, 4.8);
        vessel->fishing_course_deg = draw(vessel, 19, 0, 360);
    }
    vessel->out_s = vessel->far_km / (vessel->speed_kn * KM_PER_KNOT_SECOND);
    vessel->phase_s = draw(vessel, 20, 0, 2 * vessel->out_s + vessel->far_s + vessel->home_s);
}

/* A companion keeps its own name and sails a little behind its leader. */
static void follow(seine_vessel *vessel, const seine_vessel *leader, uint32_t leader_index) {
    const double period_s = 2 * leader->out_s + leader->far_s + leader->home_s;
    vessel->companion = leader_index;
    vessel->route = leader->route;
    vessel->speed_kn = leader->speed_kn;
    vessel->far_km = leader->far_km;
    vessel->out_s = leader->out_s;
    vessel->far_s = leader->far_s;
    vessel->home_s = leader->home_s;
    vessel->fishing_kn = leader->fishing_kn;
    vessel->fishing_course_deg = leader->fishing_course_deg;
    vessel->lane_lon_deg = leader->lane_lon_deg;
    vessel->lane_lat_deg = leader->lane_lat_deg + 0.0005;
    vessel->phase_s = leader->phase_s - COMPANION_KM / (leader->speed_kn * KM_PER_KNOT_SECOND);
    if (vessel->phase_s < 0) vessel->phase_s += period_s;
}

/* ---- planted by place in the fleet, so that small fleets have them too ---- */

static bool is_leader(const seine_fleet *fleet, uint32_t index) { return index % 50 == 20 && index + 1 < fleet->count; }

static void plant_shared_mmsi(seine_fleet *fleet) {
    seine_vessel *first = &fleet->vessels[7], *second = &fleet->vessels[8];
    if (fleet->count < 20 || fleet->options->interval_s < 2) return;
    first->is_shared = second->is_shared = true;
    second->mmsi = first->mmsi;
    first->jitter_s = second->jitter_s = 1; /* fixed seconds, so that no two fixes share one */
    first->offset_s = 0;
    second->offset_s = fleet->options->interval_s / 2;
}

/* Adds a silence of about @p hours that begins about @p share of the way through all slots. */
static void plant_silence(const seine_fleet *fleet, seine_vessel *vessel, double hours, double share, bool is_open) {
    const uint32_t length = (uint32_t)(hours * HOUR_S / fleet->options->interval_s) + 1;
    if (length + 2 >= fleet->slots) return;
    const uint32_t room = fleet->slots - length - 1;
    const uint32_t from = is_open ? fleet->slots - length : 1 + (uint32_t)(share * room);
    const uint32_t to = from + length < fleet->slots ? from + length : fleet->slots;
    for (uint8_t i = 0; i < vessel->silence_count; i++) { /* one fix at least lies between two silences */
        if (from <= vessel->silences[i].to && vessel->silences[i].from <= to) return;
    }
    vessel->silences[vessel->silence_count++] = (seine_silence){from, to};
}

static void plant_silences(const seine_fleet *fleet, uint32_t index) {
    seine_vessel *vessel = &fleet->vessels[index];
    const bool is_kept = vessel->is_shared || vessel->companion != SEINE_GENERATE_NO_VESSEL || is_leader(fleet, index);
    if (index % 13 != 5 || is_kept) return;
    const double share = draw(vessel, 31, 0.02, 0.98);
    switch (index / 13 % 4) {
    case 0: plant_silence(fleet, vessel, draw(vessel, 30, 6.2, 18), share, false); break;
    case 1: /* almost a gap */ plant_silence(fleet, vessel, draw(vessel, 30, 4.5, 5.4), share, false); break;
    case 2: plant_silence(fleet, vessel, draw(vessel, 30, 6.5, 20), 1, true); break;
    default:
        plant_silence(fleet, vessel, draw(vessel, 30, 6.2, 9), share * 0.4, false);
        plant_silence(fleet, vessel, draw(vessel, 32, 6.2, 9), 0.6 + share * 0.4, false);
        break;
    }
}

static void number_steady(seine_fleet *fleet) {
    for (uint32_t i = 0; i < fleet->count; i++) {
        seine_vessel *vessel = &fleet->vessels[i];
        const bool is_steady = i > 0 && vessel->silence_count == 0 && !vessel->is_shared;
        vessel->steady = is_steady ? fleet->steady_count++ : SEINE_GENERATE_NO_VESSEL;
    }
}

static void make_vessel(seine_fleet *fleet, uint32_t index) {
    const uint32_t interval_s = fleet->options->interval_s;
    seine_vessel *vessel = &fleet->vessels[index];
    vessel->seed = seine_generate_mix(fleet->options->seed, index);
    vessel->companion = SEINE_GENERATE_NO_VESSEL;
    vessel->jitter_s = interval_s / 4 > 0 ? interval_s / 4 : 1;
    vessel->offset_s = (uint32_t)draw_index(vessel, 9, interval_s - vessel->jitter_s + 1);
    const vessel_kind kind = pick_kind(vessel);
    vessel->type_word = kinds[kind].word;
    make_identity(vessel, index, kind);
    make_voyage(fleet, vessel, kind);
    if (index > 0 && is_leader(fleet, index - 1)) follow(vessel, vessel - 1, index - 1);
}

seine_status seine_fleet_init(seine_fleet *fleet, const seine_generate_options *options, seine_error *error) {
    *fleet = (seine_fleet){.options = options, .count = options->vessels};
    fleet->slots_per_day = 86400 / options->interval_s;
    fleet->slots = fleet->slots_per_day * options->days;
    seine_status status = seine_routes_load(&fleet->arena, &fleet->routes, &fleet->route_count);
    fleet->vessels = SEINE_ARENA_ARRAY(&fleet->arena, seine_vessel, options->vessels);
    if (fleet->vessels == NULL) status = SEINE_E_NOMEM;
    if (status != SEINE_OK) return seine_fail(error, status, "generate: out of memory for the fleet");
    for (uint32_t i = 0; i < fleet->count; i++) make_vessel(fleet, i);
    plant_shared_mmsi(fleet);
    for (uint32_t i = 0; i < fleet->count; i++) plant_silences(fleet, i);
    number_steady(fleet);
    return SEINE_OK;
}

void seine_fleet_free(seine_fleet *fleet) { seine_arena_free(&fleet->arena); }

/* ---- reports ---- */

static uint64_t chance_of(const seine_vessel *vessel, uint32_t slot) { return seine_generate_mix(vessel->seed, slot); }

uint32_t seine_vessel_second(const seine_vessel *vessel, uint32_t slot) {
    return vessel->offset_s + (uint32_t)(chance_of(vessel, slot) & 0xFFFF) % vessel->jitter_s;
}

uint32_t seine_fleet_other_second(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot) {
    const uint32_t interval_s = fleet->options->interval_s, half_s = interval_s / 2;
    const uint32_t second = seine_vessel_second(vessel, slot);
    return second + half_s < interval_s ? second + half_s : second - half_s;
}

bool seine_fleet_is_evened(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot) {
    const seine_evening *evening = &fleet->evening;
    if (evening->count == 0 || vessel->steady == SEINE_GENERATE_NO_VESSEL) return false;
    const uint32_t day = slot / fleet->slots_per_day, of_day = slot % fleet->slots_per_day;
    const uint32_t inner_slots = fleet->slots_per_day - 2, days = fleet->options->days;
    if (of_day == 0 || of_day > inner_slots) return false;
    const uint64_t place = (uint64_t)vessel->steady * inner_slots + of_day - 1;
    return place % evening->stride == 0 &&
           place / evening->stride < evening->count / days + (day < evening->count % days);
}

static int64_t slot_begin_s(const seine_fleet *fleet, uint32_t slot) {
    const uint32_t day = slot / fleet->slots_per_day, of_day = slot % fleet->slots_per_day;
    return (int64_t)(fleet->options->first_day + (int32_t)day) * 86400 + (int64_t)of_day * fleet->options->interval_s;
}

int64_t seine_fleet_time_s(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot) {
    return slot_begin_s(fleet, slot) + seine_vessel_second(vessel, slot);
}

typedef struct moment {
    seine_place place;
    double speed_kn;
    int32_t status;
} moment;

/* A parallelogram, again and again: out and back on two courses. */
static void add_fishing(const seine_vessel *vessel, double seconds, moment *now) {
    static const double turns[4] = {0, 100, 180, 280};
    double east_km = 0, north_km = 0, left_s = fmod(seconds, 4 * FISHING_LEG_S);
    for (int leg = 0; leg < 4; leg++) {
        const double course = vessel->fishing_course_deg + turns[leg], leg_s = fmin(left_s, FISHING_LEG_S);
        const double km = leg_s * vessel->fishing_kn * KM_PER_KNOT_SECOND;
        east_km += km * sin(course * RADIANS);
        north_km += km * cos(course * RADIANS);
        left_s -= leg_s;
        now->place.bearing_deg = fmod(course, 360);
        if (left_s <= 0) break;
    }
    now->place.lon_deg += east_km / (KM_PER_DEGREE * cos(now->place.lat_deg * RADIANS));
    now->place.lat_deg += north_km / KM_PER_DEGREE;
    now->speed_kn = vessel->fishing_kn;
    now->status = 7; /* engaged in fishing */
}

static moment vessel_at(const seine_vessel *vessel, double seconds) {
    const double km_per_s = vessel->speed_kn * KM_PER_KNOT_SECOND;
    double phase = fmod(vessel->phase_s + seconds, 2 * vessel->out_s + vessel->far_s + vessel->home_s);
    moment now = {.speed_kn = vessel->speed_kn, .status = 0};
    if (phase < vessel->out_s) {
        now.place = seine_route_at(vessel->route, phase * km_per_s);
        return now;
    }
    phase -= vessel->out_s;
    if (phase < vessel->far_s) {
        now.place = seine_route_at(vessel->route, vessel->far_km);
        if (vessel->fishing_kn > 0) {
            add_fishing(vessel, phase, &now);
        } else {
            now.speed_kn = 0;
            now.status = 1; /* at anchor */
        }
        return now;
    }
    phase -= vessel->far_s;
    if (phase < vessel->out_s) {
        now.place = seine_route_at(vessel->route, vessel->far_km - phase * km_per_s);
        now.place.bearing_deg = fmod(now.place.bearing_deg + 180, 360);
        return now;
    }
    now.place = seine_route_at(vessel->route, 0);
    now.speed_kn = 0;
    now.status = 5; /* moored */
    return now;
}

static int32_t wrap_e5(double lon_deg) {
    const long e5 = lround(lon_deg * 1e5) % 36000000;
    return (int32_t)(e5 >= 18000000 ? e5 - 36000000 : e5 < -18000000 ? e5 + 36000000 : e5);
}

/* Noise from the bits that seine_vessel_second does not use: metres, tenths of knots, degrees. */
static void add_noise(const seine_vessel *vessel, uint64_t chance, seine_report *report) {
    report->lat_e5 += (int32_t)(chance >> 16 & 15) - 8;
    report->lon_e5 += (int32_t)(chance >> 20 & 15) - 8;
    report->lon_e5 += report->lon_e5 >= 18000000 ? -36000000 : report->lon_e5 < -18000000 ? 36000000 : 0;
    if (report->sog_tenths > 0) {
        report->sog_tenths += (int32_t)(chance >> 24 & 3) - 1;
        report->cog_tenths = (report->cog_tenths + (int32_t)(chance >> 26 & 31) + 3584) % 3600; /* -1.6 to +1.5 */
    } else {
        report->sog_tenths = (chance >> 24 & 7) == 0;
        report->cog_tenths = (int32_t)((chance >> 26 & 0xFFF) % 3600);
    }
    report->heading = (report->heading + (int32_t)(chance >> 38 & 3) + 359) % 360;
    const uint64_t sentinel = (chance >> 40) % (SENTINEL_ONE_IN * 3);
    if (sentinel == 0) report->sog_tenths = SEINE_GENERATE_UNKNOWN_SOG;
    if (sentinel == 1) report->cog_tenths = SEINE_GENERATE_UNKNOWN_COG;
    if (sentinel == 2 || vessel->is_class_b) report->heading = SEINE_GENERATE_UNKNOWN_HEADING;
    if (vessel->is_class_b) report->status = -1;
}

static seine_report report_at(const seine_fleet *fleet, const seine_vessel *vessel, int64_t time_s, uint64_t chance) {
    seine_report report = {.time_s = time_s};
    const moment now = vessel_at(vessel, (double)(time_s - (int64_t)fleet->options->first_day * 86400));
    report.lon_e5 = wrap_e5(now.place.lon_deg + vessel->lane_lon_deg);
    report.lat_e5 = (int32_t)lround((now.place.lat_deg + vessel->lane_lat_deg) * 1e5);
    report.sog_tenths = (int32_t)lround(now.speed_kn * 10);
    report.cog_tenths = (int32_t)lround(now.place.bearing_deg * 10) % 3600;
    report.heading = report.cog_tenths / 10;
    report.status = now.status;
    add_noise(vessel, chance, &report);
    return report;
}

seine_report seine_fleet_report(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot) {
    return report_at(fleet, vessel, seine_fleet_time_s(fleet, vessel, slot), chance_of(vessel, slot));
}

seine_report seine_fleet_other_report(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot) {
    const int64_t time_s = slot_begin_s(fleet, slot) + seine_fleet_other_second(fleet, vessel, slot);
    return report_at(fleet, vessel, time_s, seine_generate_mix(chance_of(vessel, slot), 1));
}
