/*
 * Bytes of a state: 'S' 'E' | version | 1 when there is a last fix | its time, 8 bytes | CRC-32C of all before,
 * little-endian.
 */
#include "core/enrich.h"

#include "base/try.h"
#include "core/state_bytes.h"

#include <math.h>

#define LETTERS "SE"
#define VERSION 1
#define SECONDS_PER_HOUR 3600.0
#define MICROSECONDS 1e6

enum { STOPPED, SLOW, CRUISING, FAST };
static const char *const categories[] = {"STOPPED", "SLOW", "CRUISING", "FAST"};

typedef struct header {
    int64_t last_us;
    int64_t has_last; /* as wide as the time, so that the struct has no padding */
} header;

static header *header_of(const seine_state *state) { return (header *)(void *)state->data; }

static seine_status enrich_init(const void *config, seine_state *state) {
    (void)config;
    if (state->capacity < sizeof(header)) {
        state->needed = sizeof(header);
        return SEINE_E_SPACE;
    }
    state->size = sizeof(header);
    *header_of(state) = (header){0, 0};
    return SEINE_OK;
}

/* ---- one fix ---- */

static int32_t category_of(double speed_kn) {
    if (speed_kn == 0) return STOPPED;
    if (speed_kn < SEINE_ENRICH_SLOW_KN) return SLOW;
    return speed_kn < SEINE_ENRICH_CRUISING_KN ? CRUISING : FAST; /* an unknown speed is not below anything */
}

/* Three-valued AND: -1 is unknown. */
static int32_t both(int32_t a, int32_t b) {
    if (a == 0 || b == 0) return 0;
    return a < 0 || b < 0 ? -1 : 1;
}

static int32_t is_fishing(double speed_kn, double hours) {
    const bool is_slow = speed_kn >= SEINE_ENRICH_FISHING_LEAST_KN && speed_kn <= SEINE_ENRICH_FISHING_MOST_KN;
    return both(isnan(speed_kn) ? -1 : is_slow, isnan(hours) ? -1 : hours > SEINE_ENRICH_FISHING_H);
}

/* Where the last search was: consecutive fixes are near each other, moored vessels do not move at all. */
typedef struct port_search {
    const seine_port_epoch *epoch;
    double lat_deg, lon_deg;
    seine_nearest_hit hit;
} port_search;

static const seine_port_epoch *epoch_at(const seine_enrich_config *config, int64_t time_us) {
    const seine_port_epoch *epoch = NULL;
    for (size_t i = 0; i < config->epoch_count && config->epochs[i].from_us <= time_us; i++) epoch = &config->epochs[i];
    return epoch;
}

static void find_port(const seine_enrich_config *config, const seine_track *track, size_t row, port_search *last) {
    const double lat_deg = track->lat_deg[row], lon_deg = track->lon_deg[row];
    const seine_port_epoch *epoch = epoch_at(config, track->time_us[row]);
    const bool is_place = epoch != NULL && isfinite(lat_deg) && isfinite(lon_deg);
    if (is_place && epoch == last->epoch && lat_deg == last->lat_deg && lon_deg == last->lon_deg) return;
    const size_t hint = epoch == last->epoch ? last->hit.node : SIZE_MAX;
    *last = (port_search){epoch, lat_deg, lon_deg, {SIZE_MAX, NAN}};
    if (is_place) last->hit = seine_nearest_find(epoch->nodes, epoch->count, lat_deg, lon_deg, hint);
}

static void put_port(const port_search *found, const seine_column_out *columns, size_t row) {
    const int32_t rank = found->hit.node != SIZE_MAX ? (int32_t)found->epoch->nodes[found->hit.node].rank : -1;
    columns[SEINE_ENRICH_PORT].code[row] = rank;
    columns[SEINE_ENRICH_PORT_ID].code[row] = rank;
    columns[SEINE_ENRICH_DISTANCE].number[row] = found->hit.distance_km;
}

static void put_weather(const seine_enrich_config *config, const seine_track *track, size_t row,
                        const seine_column_out *columns) {
    const double lat_deg = track->lat_deg[row], lon_deg = track->lon_deg[row];
    const seine_weather_row *weather = NULL;
    if (isfinite(lat_deg) && isfinite(lon_deg))
        weather = seine_weather_find(config->weather, config->weather_count, lat_deg, lon_deg, track->time_us[row],
                                     config->weather_max_age_us);
    columns[SEINE_ENRICH_TEMPERATURE].number[row] = weather != NULL ? weather->temperature : NAN;
    columns[SEINE_ENRICH_WIND].number[row] = weather != NULL ? weather->wind_speed : NAN;
}

static seine_status enrich_feed(const void *config_pointer, seine_state *state, seine_track *track,
                                seine_step_out *out) {
    const seine_enrich_config *config = config_pointer;
    const seine_column_out *columns = out->columns;
    header *h = header_of(state);
    port_search search = {NULL, NAN, NAN, {SIZE_MAX, NAN}};
    for (; track->pos < track->count; track->pos++) {
        const size_t row = track->pos;
        const int64_t now_us = track->time_us[row];
        if (h->has_last && now_us < h->last_us) return SEINE_E_ORDER;
        const double speed_kn = track->speed != NULL ? track->speed[row] : NAN;
        const double hours =
            h->has_last ? (double)((uint64_t)now_us - (uint64_t)h->last_us) / MICROSECONDS / SECONDS_PER_HOUR : NAN;
        find_port(config, track, row, &search);
        put_port(&search, columns, row);
        put_weather(config, track, row, columns);
        columns[SEINE_ENRICH_CATEGORY].code[row] = category_of(speed_kn);
        columns[SEINE_ENRICH_TIME].number[row] = hours;
        columns[SEINE_ENRICH_FISHING].code[row] = is_fishing(speed_kn, hours);
        *h = (header){now_us, 1};
    }
    return SEINE_OK;
}

/* ---- bytes ---- */

static seine_status enrich_save(const void *config, const seine_state *state, uint8_t *bytes, size_t capacity,
                                size_t *size) {
    (void)config;
    const header *h = header_of(state);
    seine_bytes_out out = seine_bytes_begin(bytes, capacity, LETTERS, VERSION);
    seine_put_byte(&out, (uint8_t)h->has_last);
    seine_put_word(&out, (uint64_t)h->last_us);
    return seine_bytes_end(&out, size);
}

static seine_status enrich_load(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                                const uint64_t *refs, size_t ref_count, seine_error *error) {
    (void)refs;
    seine_bytes_in in;
    SEINE_TRY(seine_bytes_open(bytes, size, LETTERS, VERSION, "enrichment", &in, error));
    const uint8_t has_last = seine_get_byte(&in);
    const int64_t last_us = (int64_t)seine_get_word(&in);
    if (!seine_bytes_done(&in) || has_last > 1 || (has_last == 0 && last_us != 0) || ref_count != 0)
        return seine_fail(error, SEINE_E_FORMAT, "enrichment state: damaged");
    SEINE_TRY(enrich_init(config, state));
    *header_of(state) = (header){last_us, has_last};
    return SEINE_OK;
}

static size_t enrich_refs(const void *config, const seine_state *state, uint64_t refs[SEINE_STATE_REFS]) {
    (void)config, (void)state, (void)refs;
    return 0;
}

static const char *const *enrich_texts(const void *config_pointer, size_t column, size_t *count) {
    const seine_enrich_config *config = config_pointer;
    if (column == SEINE_ENRICH_CATEGORY) {
        *count = sizeof categories / sizeof *categories;
        return categories;
    }
    *count = config->port_count;
    return column == SEINE_ENRICH_PORT ? config->port_names : config->port_ids;
}

static const seine_step_column enrich_columns[SEINE_ENRICH_COLUMNS] = {
    [SEINE_ENRICH_PORT] = {"nearest_port", SEINE_COLUMN_CODE},
    [SEINE_ENRICH_PORT_ID] = {"nearest_port_id", SEINE_COLUMN_CODE},
    [SEINE_ENRICH_DISTANCE] = {"distance_to_port_km", SEINE_COLUMN_NUMBER},
    [SEINE_ENRICH_CATEGORY] = {"speed_category", SEINE_COLUMN_CODE},
    [SEINE_ENRICH_TIME] = {"time_in_zone_h", SEINE_COLUMN_NUMBER},
    [SEINE_ENRICH_FISHING] = {"is_potential_fishing", SEINE_COLUMN_FLAG},
    [SEINE_ENRICH_TEMPERATURE] = {"temperature", SEINE_COLUMN_NUMBER},
    [SEINE_ENRICH_WIND] = {"wind_speed", SEINE_COLUMN_NUMBER},
};

const seine_step seine_enrich_step = {
    .name = "enriched",
    .version = 1,
    .columns = enrich_columns,
    .column_count = SEINE_ENRICH_COLUMNS,
    .texts = enrich_texts,
    .init = enrich_init,
    .feed = enrich_feed,
    .save = enrich_save,
    .load = enrich_load,
    .refs = enrich_refs,
};
