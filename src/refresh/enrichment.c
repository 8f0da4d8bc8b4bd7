/*
 * Ports hold for a time: where the set in force changes, an epoch ends and another tree of ports begins. The hash of
 * what a partition may read is made of the epochs and the weather rows that can matter to it, cut to its day, so that a
 * change elsewhere or at another time leaves it fresh.
 */
#include "refresh/enrichment.h"

#include "base/hash.h"
#include "base/time.h"
#include "base/try.h"
#include "refresh/reference.h"

#include <math.h>
#include <stdlib.h>

enum { TEXT_NAME };
enum { NUMBER_SOG, NUMBER_TYPE };

const seine_detector_job seine_job_ais_enriched = {
    .name = "ais_enriched",
    .dataset = "ais",
    .version = 1,
    .step = &seine_enrich_step,
    .silver = "silver.ais",
    .state = "state.ais_enriched",
    .head = "state.ais_enriched_head",
    .columns = "silver.ais_enriched",
    .mover = "mmsi",
    .time = "ts",
    .lat = "lat",
    .lon = "lon",
    .texts = {[TEXT_NAME] = "name"},
    .numbers = {[NUMBER_SOG] = "sog", [NUMBER_TYPE] = "vessel_type"},
    .receiver_text = SIZE_MAX,
    .shore_number = SIZE_MAX,
    .speed_number = NUMBER_SOG,
};

/* ---- other datasets ---- */

/* Columns of a fix, of the speed, and what is derived, in the order of silver.ais_enriched, without what only ships
 * tell. */
static seine_status make_columns(const seine_dataset *dataset, seine_arena *arena, seine_table_schema *shape) {
    const seine_table_schema *like = seine_schema_find(seine_job_ais_enriched.columns);
    const size_t speed = seine_dataset_knots(dataset), own = SEINE_DATASET_MEASURES + 1;
    seine_column *columns = SEINE_ARENA_ARRAY(arena, seine_column, like->column_count);
    size_t count = 0;
    if (columns == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < own; i++) {
        const seine_dataset_column *from = &dataset->columns[i < SEINE_DATASET_MEASURES ? i : speed];
        columns[count++] = like->columns[i];
        columns[i].name = from->name;
        columns[i].doc = from->doc;
        columns[i].required = i < (dataset->needs_position ? SEINE_DATASET_MEASURES : SEINE_DATASET_LAT);
    }
    for (size_t i = own; i < like->column_count; i++) {
        bool is_derived = false;
        for (size_t c = 0; c < seine_enrich_step.column_count; c++)
            is_derived = is_derived || strcmp(seine_enrich_step.columns[c].name, like->columns[i].name) == 0;
        if (is_derived) columns[count++] = like->columns[i];
    }
    for (size_t i = 0; i < count; i++) columns[i].id = (int)i + 1;
    *shape = *like;
    shape->columns = columns;
    shape->column_count = count;
    for (size_t f = 0; f < shape->partition_count; f++)
        shape->partition[f].name = seine_dataset_silver(dataset)->partition[f].name;
    return SEINE_OK;
}

seine_status seine_job_enriched_of(const seine_dataset *dataset, seine_arena *arena, seine_detector_job *job) {
    enum { COLUMNS, STATE, HEAD, SHAPES };
    seine_table_schema *shapes = SEINE_ARENA_ARRAY(arena, seine_table_schema, SHAPES);
    const char *name = seine_arena_printf(arena, "%s_enriched", dataset->name);
    if (shapes == NULL || name == NULL) return SEINE_E_NOMEM;
    SEINE_TRY(make_columns(dataset, arena, &shapes[COLUMNS]));
    shapes[STATE] = *seine_schema_find(seine_job_ais_enriched.state);
    shapes[HEAD] = *seine_schema_find(seine_job_ais_enriched.head);
    shapes[COLUMNS].name = seine_arena_printf(arena, "silver.%s", name);
    shapes[COLUMNS].doc = seine_arena_printf(arena, "one fix of silver.%s with what is derived from it", dataset->name);
    shapes[STATE].name = seine_arena_printf(arena, "state.%s", name);
    shapes[HEAD].name = seine_arena_printf(arena, "state.%s_head", name);
    for (size_t i = 0; i < SHAPES; i++)
        if (shapes[i].name == NULL || shapes[i].doc == NULL) return SEINE_E_NOMEM;
    *job = seine_job_of(dataset, name, &seine_enrich_step, shapes, SHAPES);
    job->columns = shapes[COLUMNS].name;
    job->state = shapes[STATE].name;
    job->head = shapes[HEAD].name;
    job->numbers[NUMBER_SOG] = dataset->columns[seine_dataset_knots(dataset)].name;
    job->speed_number = NUMBER_SOG;
    return SEINE_OK;
}

/* ---- ports ---- */

static int compare_ports(const void *a, const void *b) {
    const seine_reference_port *l = a, *r = b;
    int order = seine_str_compare(l->name, r->name);
    if (order == 0) order = seine_str_compare(l->port_id, r->port_id);
    return order != 0 ? order : (l->valid_from_us > r->valid_from_us) - (l->valid_from_us < r->valid_from_us);
}

static int compare_times(const void *a, const void *b) {
    const int64_t l = *(const int64_t *)a, r = *(const int64_t *)b;
    return (l > r) - (l < r);
}

static seine_status name_ports(seine_enrichment *e, const seine_reference_port *ports, size_t count) {
    const char **names = SEINE_ARENA_ARRAY(&e->arena, const char *, count);
    const char **ids = SEINE_ARENA_ARRAY(&e->arena, const char *, count);
    if (names == NULL || ids == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        names[i] = seine_arena_copy(&e->arena, ports[i].name.data, ports[i].name.size);
        ids[i] = seine_arena_copy(&e->arena, ports[i].port_id.data, ports[i].port_id.size);
        if (names[i] == NULL || ids[i] == NULL) return SEINE_E_NOMEM;
    }
    e->config.port_names = names;
    e->config.port_ids = ids;
    e->config.port_count = count;
    return SEINE_OK;
}

/* The ports in force at one time, as a tree, and the sum of their hashes. */
static seine_status make_epoch(seine_enrichment *e, const seine_reference_port *ports, size_t count, int64_t from_us,
                               seine_port_epoch *epoch, seine_hash128 *hash) {
    size_t in_force = 0;
    for (size_t i = 0; i < count; i++) in_force += ports[i].valid_from_us <= from_us && from_us < ports[i].valid_to_us;
    seine_nearest_node *nodes = SEINE_ARENA_ARRAY(&e->arena, seine_nearest_node, in_force);
    if (nodes == NULL) return SEINE_E_NOMEM;
    *epoch = (seine_port_epoch){from_us, nodes, in_force};
    for (size_t i = 0; i < count; i++) {
        if (ports[i].valid_from_us > from_us || from_us >= ports[i].valid_to_us) continue;
        *nodes++ = (seine_nearest_node){.lat_deg = ports[i].lat_deg, .lon_deg = ports[i].lon_deg, .rank = (uint32_t)i};
        *hash = seine_hash128_add(*hash, ports[i].hash);
    }
    seine_nearest_build(nodes - in_force, in_force);
    return SEINE_OK;
}

/* @p ports by rank. */
static seine_status make_epochs(seine_enrichment *e, const seine_reference_port *ports, size_t count) {
    int64_t *times = SEINE_ARENA_ARRAY(&e->arena, int64_t, 2 * count);
    if (times == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        times[2 * i] = ports[i].valid_from_us;
        times[2 * i + 1] = ports[i].valid_to_us;
    }
    if (count > 0) qsort(times, 2 * count, sizeof *times, compare_times);
    size_t different = 0;
    for (size_t i = 0; i < 2 * count; i++)
        if (different == 0 || times[i] != times[different - 1]) times[different++] = times[i];
    seine_port_epoch *epochs = SEINE_ARENA_ARRAY(&e->arena, seine_port_epoch, different);
    e->epoch_hashes = SEINE_ARENA_ARRAY(&e->arena, seine_hash128, different);
    if (epochs == NULL || e->epoch_hashes == NULL) return SEINE_E_NOMEM;
    e->config.epochs = epochs;
    for (size_t i = 0; i < different; i++) {
        SEINE_TRY(make_epoch(e, ports, count, times[i], &epochs[i], &e->epoch_hashes[i]));
        e->config.epoch_count++;
    }
    return SEINE_OK;
}

/* ---- weather ---- */

static int compare_weather(const void *a, const void *b) { return seine_weather_compare(a, b); }

static uint64_t hash_weather(const seine_weather_row *row) {
    const double values[] = {row->temperature, row->wind_speed};
    uint64_t words[6] = {(uint64_t)row->lat_grid, (uint64_t)row->lon_grid, row->has_time, (uint64_t)row->observed_us};
    memcpy(&words[4], values, sizeof values);
    return seine_hash64(words, sizeof words);
}

static seine_status make_weather(seine_enrichment *e, const seine_reference *reference) {
    const size_t count = reference->weather_count;
    seine_weather_row *rows = SEINE_ARENA_ARRAY(&e->arena, seine_weather_row, count);
    e->weather_hashes = SEINE_ARENA_ARRAY(&e->arena, uint64_t, count);
    if (rows == NULL || e->weather_hashes == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const seine_reference_weather *from = &reference->weather[i];
        rows[i] = (seine_weather_row){.lat_grid = from->lat_grid,
                                      .lon_grid = seine_weather_lon_grid(from->lon_grid),
                                      .has_time = from->observed_us != SEINE_REFERENCE_ALWAYS_US,
                                      .observed_us = from->observed_us,
                                      .valid_from_us = from->valid_from_us,
                                      .valid_until_us = from->valid_to_us,
                                      .temperature = from->temperature,
                                      .wind_speed = from->wind_speed};
    }
    if (count > 0) qsort(rows, count, sizeof *rows, compare_weather);
    for (size_t i = 0; i < count; i++) e->weather_hashes[i] = hash_weather(&rows[i]);
    e->config.weather = rows;
    e->config.weather_count = count;
    return SEINE_OK;
}

/* ---- what a partition may read ---- */

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }

static seine_hash128 hash_ports(const seine_enrichment *e, int64_t start_us, int64_t end_us) {
    seine_hash128 sum = {0, 0}, last = {0, 0};
    for (size_t i = 0; i < e->config.epoch_count; i++) {
        const int64_t from_us = e->config.epochs[i].from_us;
        const bool is_over = i + 1 < e->config.epoch_count && e->config.epochs[i + 1].from_us <= start_us;
        if (is_over || from_us >= end_us) continue;
        if (seine_hash128_equal(e->epoch_hashes[i], last)) continue; /* the same ports go on */
        last = e->epoch_hashes[i];
        const uint64_t words[] = {(uint64_t)later(from_us, start_us), last.low, last.high};
        sum = seine_hash128_add(sum, seine_hash128_of(words, sizeof words));
    }
    return sum;
}

/* Rows of one cell from @p first on that can hold on the day. */
static void hash_cell(const seine_enrichment *e, size_t first, size_t last, int64_t start_us, int64_t end_us,
                      seine_hash128 *sum) {
    const int64_t age_us = e->config.weather_max_age_us;
    for (size_t i = first; i < last; i++) {
        const seine_weather_row *row = &e->config.weather[i];
        const int64_t from_us = later(row->valid_from_us, start_us), until_us = sooner(row->valid_until_us, end_us);
        if (row->has_time && row->observed_us > end_us + age_us) break; /* in order of time */
        if (from_us >= until_us || (row->has_time && row->observed_us < start_us - age_us)) continue;
        const uint64_t words[] = {e->weather_hashes[i], (uint64_t)from_us, (uint64_t)until_us};
        *sum = seine_hash128_add(*sum, seine_hash128_of(words, sizeof words));
    }
}

/* From cell to cell: those outside the box are jumped over. */
static void hash_weather_of(const seine_enrichment *e, const seine_job_place *place, int64_t start_us, int64_t end_us,
                            seine_hash128 *sum) {
    const seine_weather_row *rows = e->config.weather;
    const size_t count = e->config.weather_count;
    const int32_t north = seine_weather_lat_grid(place->lat_most_deg);
    const int32_t west = (int32_t)lround(place->lon_least_deg), east = (int32_t)lround(place->lon_most_deg);
    size_t at = seine_weather_position(rows, count, seine_weather_lat_grid(place->lat_least_deg) - 1, 180, INT64_MAX);
    while (at < count && rows[at].lat_grid <= north) {
        const size_t next = seine_weather_position(rows, count, rows[at].lat_grid, rows[at].lon_grid, INT64_MAX);
        const int32_t lon = rows[at].lon_grid;
        if ((lon >= west && lon <= east) || (lon == -180 && east == 180)) hash_cell(e, at, next, start_us, end_us, sum);
        at = next;
    }
}

static seine_hash128 hash_context(const void *config, const seine_job_place *place) {
    const seine_enrichment *e = config;
    const int64_t start_us = seine_time_day_start_us(place->day), end_us = seine_time_day_start_us(place->day + 1);
    seine_hash128 sum = hash_ports(e, start_us, end_us);
    hash_weather_of(e, place, start_us, end_us, &sum);
    return sum;
}

/* ---- the job ---- */

static seine_status take_reference(seine_enrichment *e, const seine_reference *reference) {
    if (reference->port_count > 0)
        qsort(reference->ports, reference->port_count, sizeof *reference->ports, compare_ports);
    SEINE_TRY(name_ports(e, reference->ports, reference->port_count));
    SEINE_TRY(make_epochs(e, reference->ports, reference->port_count));
    return make_weather(e, reference);
}

seine_status seine_enrichment_load(seine_catalog *catalog, seine_engine *engine, int64_t weather_max_age_us,
                                   seine_enrichment *enrichment, seine_error *error) {
    seine_reference reference SEINE_OWNED(seine_reference_free) = {0};
    SEINE_TRY(seine_reference_read(catalog, engine, &reference, error));
    if (take_reference(enrichment, &reference) != SEINE_OK) return seine_no_memory(error, "loading reference tables");
    enrichment->config.weather_max_age_us = weather_max_age_us;
    return SEINE_OK;
}

seine_job_run seine_enrichment_run(const seine_enrichment *enrichment, const seine_detector_job *job) {
    const int64_t weather_max_age_us = enrichment->config.weather_max_age_us;
    const int64_t parts[] = {job->version, (int64_t)seine_enrich_step.version, weather_max_age_us};
    return (seine_job_run){.job = job,
                           .config = &enrichment->config,
                           .parameters = seine_hash128_of(parts, sizeof parts),
                           .settings = {{"weather_max_age_us", weather_max_age_us}},
                           .setting_count = 1,
                           .context = hash_context};
}

void seine_enrichment_free(seine_enrichment *enrichment) {
    seine_arena_free(&enrichment->arena);
    *enrichment = (seine_enrichment){0};
}
