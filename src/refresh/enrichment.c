/*
 * Ports hold for a time: where the set in force changes, an epoch ends and another tree of ports begins. The hash of
 * what a partition may read is made of the epochs and the weather rows that can matter to it, cut to its day, so that a
 * change at another time leaves it fresh.
 *
 * What a mover's fixes may read is told by cells of half a degree, each of which lies in one cell of weather:
 *
 *     fixes of a day ──▶ cells, as often as they are entered ──┬─▶ ports that may be the nearest to any place of a cell
 *                                                              └─▶ weather of the cell ── cut to the time of the fixes
 *
 * The ports of a cell are looked for once for all movers and days of an epoch.
 */
#include "refresh/enrichment.h"

#include "base/hash.h"
#include "base/time.h"
#include "base/try.h"

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
    seine_hash128 *hashes = SEINE_ARENA_ARRAY(&e->arena, seine_hash128, count);
    if (names == NULL || ids == NULL || hashes == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        hashes[i] = ports[i].hash;
        names[i] = seine_arena_copy(&e->arena, ports[i].name.data, ports[i].name.size);
        ids[i] = seine_arena_copy(&e->arena, ports[i].port_id.data, ports[i].port_id.size);
        if (names[i] == NULL || ids[i] == NULL) return SEINE_E_NOMEM;
    }
    e->port_hashes = hashes;
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
        *hash = seine_hash128_add(*hash, e->port_hashes[i]);
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
    e->epoch_cells = SEINE_ARENA_ARRAY(&e->arena, _Atomic(_Atomic uint64_t *), different);
    if (epochs == NULL || e->epoch_hashes == NULL || e->epoch_cells == NULL) return SEINE_E_NOMEM;
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

/* Whether ports of an epoch hold from start until before end. */
static bool epoch_holds(const seine_enrichment *e, size_t epoch, int64_t start_us, int64_t end_us) {
    const seine_port_epoch *epochs = e->config.epochs;
    const bool is_over = epoch + 1 < e->config.epoch_count && epochs[epoch + 1].from_us <= start_us;
    return !is_over && epochs[epoch].from_us < end_us;
}

/* Adds what holds from @p from_us on, cut to @p start_us, unless it is what held before. */
static void add_epoch(seine_hash128 *sum, seine_hash128 *before, seine_hash128 ports, int64_t from_us,
                      int64_t start_us) {
    if (seine_hash128_equal(ports, *before)) return; /* the same ports go on */
    *before = ports;
    const uint64_t words[] = {(uint64_t)later(from_us, start_us), ports.low, ports.high};
    *sum = seine_hash128_add(*sum, seine_hash128_of(words, sizeof words));
}

static seine_hash128 hash_ports(const seine_enrichment *e, int64_t start_us, int64_t end_us) {
    seine_hash128 sum = {0, 0}, before = {0, 0};
    for (size_t i = 0; i < e->config.epoch_count; i++)
        if (epoch_holds(e, i, start_us, end_us))
            add_epoch(&sum, &before, e->epoch_hashes[i], e->config.epochs[i].from_us, start_us);
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

static seine_hash128 hash_place(const void *config, const seine_job_place *place) {
    const seine_enrichment *e = config;
    const int64_t start_us = seine_time_day_start_us(place->day), end_us = seine_time_day_start_us(place->day + 1);
    seine_hash128 sum = hash_ports(e, start_us, end_us);
    hash_weather_of(e, place, start_us, end_us, &sum);
    return sum;
}

/* ---- what a mover may read ---- */

#define CELLS_PER_DEG 2
#define CELL_ROWS (2 * 90 * CELLS_PER_DEG + 1)
#define CELL_COLUMNS (2 * 180 * CELLS_PER_DEG + 1)
#define NO_CELL INT32_MAX

/* Towards 0, so that a cell lies in one of weather, whose halves are rounded away from 0; those around 0 are double. */
static int32_t cell_of(double lat_deg, double lon_deg) {
    if (!(fabs(lat_deg) <= 90 && fabs(lon_deg) <= 180)) return NO_CELL;
    return ((int32_t)(lat_deg * CELLS_PER_DEG) + CELL_ROWS / 2) * CELL_COLUMNS + (int32_t)(lon_deg * CELLS_PER_DEG) +
           CELL_COLUMNS / 2;
}

/* Bounds of a row or column of cells. */
static void bound_cells(int32_t at, double *least_deg, double *most_deg) {
    *least_deg = (double)(at - (at <= 0)) / CELLS_PER_DEG;
    *most_deg = (double)(at + (at >= 0)) / CELLS_PER_DEG;
}

typedef struct found_ports {
    const seine_enrichment *e;
    const seine_port_epoch *epoch;
    seine_hash128 sum;
} found_ports;

static void add_port(void *context, size_t node) {
    found_ports *found = context;
    found->sum = seine_hash128_add(found->sum, found->e->port_hashes[found->epoch->nodes[node].rank]);
}

/* Of the ports that may be the nearest ones to places of a cell; 0 = there are none at all. */
static uint64_t look_for_ports(const seine_enrichment *e, size_t epoch, int32_t cell) {
    static const double RADIANS = 3.14159265358979323846 / 180;
    found_ports found = {e, &e->config.epochs[epoch], {0, 0}};
    double south, north, west, east;
    if (found.epoch->count == 0) return 0;
    bound_cells(cell / CELL_COLUMNS - CELL_ROWS / 2, &south, &north);
    bound_cells(cell % CELL_COLUMNS - CELL_COLUMNS / 2, &west, &east);
    /* From the middle to a place along its meridian, then along its circle of latitude. */
    const double widest = south <= 0 && north >= 0 ? 1 : cos(fmin(fabs(south), fabs(north)) * RADIANS);
    const double reach = ((north - south) + (east - west) * widest) / 2 * RADIANS;
    seine_nearest_candidates(found.epoch->nodes, found.epoch->count, (south + north) / 2, (west + east) / 2, reach,
                             add_port, &found);
    return (found.sum.low ^ found.sum.high) | 1;
}

/* The cells of an epoch, or NULL when there is no memory for them: then nothing is kept. */
static _Atomic uint64_t *cells_of(const seine_enrichment *e, size_t epoch) {
    _Atomic uint64_t *cells = atomic_load(&e->epoch_cells[epoch]), *made;
    if (cells != NULL) return cells;
    made = calloc((size_t)CELL_ROWS * CELL_COLUMNS, sizeof *made);
    if (made == NULL || atomic_compare_exchange_strong(&e->epoch_cells[epoch], &cells, made)) return made;
    free(made); /* another thread was quicker */
    return cells;
}

static uint64_t hash_ports_of_cell(const seine_enrichment *e, size_t epoch, int32_t cell) {
    _Atomic uint64_t *cells = cells_of(e, epoch);
    uint64_t hash = cells != NULL ? atomic_load_explicit(&cells[cell], memory_order_relaxed) : 0;
    if (hash != 0) return hash;
    hash = look_for_ports(e, epoch, cell);
    if (cells != NULL) atomic_store_explicit(&cells[cell], hash, memory_order_relaxed);
    return hash;
}

static seine_hash128 hash_cell_at(const seine_enrichment *e, int32_t cell, int64_t start_us, int64_t end_us) {
    seine_hash128 sum = {0, 0}, before = {0, 0};
    for (size_t i = 0; i < e->config.epoch_count; i++)
        if (epoch_holds(e, i, start_us, end_us))
            add_epoch(&sum, &before, (seine_hash128){hash_ports_of_cell(e, i, cell), 0}, e->config.epochs[i].from_us,
                      start_us);
    return sum;
}

/* Of the weather where a fix is. */
static void hash_weather_at(const seine_enrichment *e, double lat_deg, double lon_deg, int64_t start_us, int64_t end_us,
                            seine_hash128 *sum) {
    const seine_weather_row *rows = e->config.weather;
    const size_t count = e->config.weather_count;
    const int32_t lat = seine_weather_lat_grid(lat_deg), lon = seine_weather_lon_grid(lon_deg);
    if (count == 0) return;
    size_t first = seine_weather_position(rows, count, lat, lon, INT64_MIN);
    while (first > 0 && rows[first - 1].lat_grid == lat && rows[first - 1].lon_grid == lon) first--;
    hash_cell(e, first, seine_weather_position(rows, count, lat, lon, INT64_MAX), start_us, end_us, sum);
}

/* Cells whose hashes are known of the fixes at hand: most movers stay in few. */
#define KNOWN_CELLS 64
typedef struct known_cell {
    int32_t cell; /* and 1: 0 = none */
    seine_hash128 hash;
} known_cell;

static seine_hash128 hash_fixes(const void *config, const seine_track *fixes) {
    const seine_enrichment *e = config;
    known_cell known[KNOWN_CELLS] = {0};
    seine_hash128 sum = {0, 0};
    int32_t last = NO_CELL;
    if (fixes->count == 0 || e->config.epoch_count + e->config.weather_count == 0) return sum;
    const int64_t start_us = fixes->time_us[0], end_us = fixes->time_us[fixes->count - 1] + 1;
    for (size_t row = 0; row < fixes->count; row++) {
        const double lat_deg = fixes->lat_deg[row], lon_deg = fixes->lon_deg[row];
        const int32_t cell = cell_of(lat_deg, lon_deg);
        if (cell == last || cell == NO_CELL) continue;
        last = cell;
        known_cell *slot = &known[(uint32_t)cell * UINT32_C(2654435769) >> 26];
        if (slot->cell != cell + 1) {
            *slot = (known_cell){cell + 1, hash_cell_at(e, cell, start_us, end_us)};
            hash_weather_at(e, lat_deg, lon_deg, start_us, end_us, &slot->hash);
        }
        sum = seine_hash128_add(sum, slot->hash);
    }
    return sum;
}

/* ---- the job ---- */

static const seine_job_references ports_and_weather = {
    .tables = "ref.ports, ref.weather", .at = hash_place, .seen = hash_fixes};

seine_status seine_enrichment_make(seine_reference *reference, int64_t weather_max_age_us,
                                   seine_enrichment *enrichment) {
    if (reference->port_count > 0)
        qsort(reference->ports, reference->port_count, sizeof *reference->ports, compare_ports);
    SEINE_TRY(name_ports(enrichment, reference->ports, reference->port_count));
    SEINE_TRY(make_epochs(enrichment, reference->ports, reference->port_count));
    SEINE_TRY(make_weather(enrichment, reference));
    enrichment->config.weather_max_age_us = weather_max_age_us;
    return SEINE_OK;
}

seine_status seine_enrichment_load(seine_catalog *catalog, seine_engine *engine, int64_t weather_max_age_us,
                                   seine_enrichment *enrichment, seine_error *error) {
    seine_reference reference SEINE_OWNED(seine_reference_free) = {0};
    SEINE_TRY(seine_reference_read(catalog, engine, &reference, error));
    if (seine_enrichment_make(&reference, weather_max_age_us, enrichment) != SEINE_OK)
        return seine_no_memory(error, "loading reference tables");
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
                           .references = &ports_and_weather};
}

void seine_enrichment_free(seine_enrichment *enrichment) {
    for (size_t i = 0; enrichment->epoch_cells != NULL && i < enrichment->config.epoch_count; i++)
        free((void *)atomic_load(&enrichment->epoch_cells[i]));
    seine_arena_free(&enrichment->arena);
    *enrichment = (seine_enrichment){0};
}
