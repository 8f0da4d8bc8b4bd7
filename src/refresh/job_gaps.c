/* The jobs "<dataset>_gaps": reporting gaps of movers, of ships first. */
#include "refresh/job.h"

#include "base/try.h"
#include "columns/segment_table.h"
#include "seine/gap.h"

#include <assert.h>

/* Columns of events.ais_gaps by index in the schema; event columns in front and per end below. */
enum {
    COLUMN_ID,
    COLUMN_MMSI,
    COLUMN_START_TS,
    COLUMN_END_TS,
    COLUMN_CLOSED,
    COLUMN_VERSION,
    COLUMN_PRODUCED_DAY,
    COLUMN_DURATION,
    COLUMN_DISTANCE,
    COLUMN_SPEED,
    COLUMN_BEFORE,
    COLUMN_BEFORE_TER,
    COLUMN_BEFORE_SAT,
    COLUMN_BEFORE_DYN,
    COLUMN_START_LAT,
    COLUMN_START_LON,
    COLUMN_END_LAT,
    COLUMN_END_LON,
    COLUMN_FIRST_PAYLOAD
};

/* Payload in the order of the event columns: start_*, end_* of each in turn. */
enum { TEXT_RECEIVER, TEXT_MSGID, TEXT_SEG_ID, TEXT_CLASS };
enum { NUMBER_SHORE, NUMBER_PORT };

static void put_payload(seine_cell *cells, size_t end, const seine_payload *payload) {
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++)
        cells[COLUMN_FIRST_PAYLOAD + 2 * i + end] =
            payload != NULL ? seine_cell_text(payload->texts[i]) : seine_cell_null();
    for (size_t i = 0; i < SEINE_PAYLOAD_NUMBERS; i++)
        cells[COLUMN_FIRST_PAYLOAD + 2 * (SEINE_PAYLOAD_TEXTS + i) + end] =
            payload != NULL ? seine_cell_number(payload->numbers[i]) : seine_cell_null();
}

static seine_status build_plain_gap(const seine_event_source *source, seine_arena *arena, seine_cell *cells) {
    const seine_event *gap = source->event;
    char id[33];
    seine_gap_id_of_fix(source->mover.data, source->mover.size, gap->start_us, gap->start_lat_deg, gap->start_lon_deg,
                        id);
    char *text = seine_arena_copy(arena, id, 32);
    if (text == NULL) return SEINE_E_NOMEM;
    cells[COLUMN_ID] = seine_cell_text((seine_str){text, 32});
    cells[COLUMN_MMSI] = seine_cell_text(source->mover);
    cells[COLUMN_START_TS] = seine_cell_integer(gap->start_us);
    cells[COLUMN_END_TS] = gap->is_closed ? seine_cell_integer(gap->end_us) : seine_cell_null();
    cells[COLUMN_CLOSED] = seine_cell_integer(gap->is_closed);
    cells[COLUMN_VERSION] = seine_cell_integer(0);
    cells[COLUMN_PRODUCED_DAY] = source->produced_day;
    cells[COLUMN_DURATION] = seine_cell_number(gap->measure[SEINE_GAP_DURATION]);
    cells[COLUMN_DISTANCE] = seine_cell_number(gap->measure[SEINE_GAP_DISTANCE]);
    cells[COLUMN_SPEED] = seine_cell_number(gap->measure[SEINE_GAP_SPEED]);
    for (size_t i = 0; i < 4; i++)
        cells[COLUMN_BEFORE + i] = seine_cell_integer((int64_t)gap->measure[SEINE_GAP_BEFORE + i]);
    cells[COLUMN_START_LAT] = seine_cell_number(gap->start_lat_deg);
    cells[COLUMN_START_LON] = seine_cell_number(gap->start_lon_deg);
    cells[COLUMN_END_LAT] = gap->is_closed ? seine_cell_number(gap->end_lat_deg) : seine_cell_null();
    cells[COLUMN_END_LON] = gap->is_closed ? seine_cell_number(gap->end_lon_deg) : seine_cell_null();
    return SEINE_OK;
}

static seine_status build_gap(const seine_event_source *source, seine_arena *arena, seine_cell *cells) {
    put_payload(cells, 0, source->start);
    put_payload(cells, 1, source->end);
    return build_plain_gap(source, arena, cells);
}

const seine_detector_job seine_job_ais_gaps = {
    .name = "ais_gaps",
    .dataset = "ais",
    .version = 1,
    .step = &seine_gap_step,
    .silver = "silver.ais",
    .events = "events.ais_gaps",
    .history = "events.ais_gaps_history",
    .state = "state.ais_gaps",
    .head = "state.ais_gaps_head",
    .mover = "mmsi",
    .time = "ts",
    .lat = "lat",
    .lon = "lon",
    .texts = {[TEXT_RECEIVER] = "receiver_type",
              [TEXT_MSGID] = "msgid",
              [TEXT_SEG_ID] = "seg_id",
              [TEXT_CLASS] = "transceiver"},
    .numbers = {[NUMBER_SHORE] = "distance_from_shore_m", [NUMBER_PORT] = "distance_from_port_m"},
    .receiver_text = TEXT_RECEIVER,
    .shore_number = NUMBER_SHORE,
    .speed_number = SIZE_MAX,
    .build = build_gap,
};

/* ---- other datasets ---- */

/* A table of ships under another name, with its first columns only, and another name of the id. */
static bool make_shape(const char *of_ships, const char *name, const char *id, size_t column_count, seine_arena *arena,
                       seine_table_schema *shape) {
    const seine_table_schema *schema = seine_schema_find(of_ships);
    seine_column *columns = SEINE_ARENA_ARRAY(arena, seine_column, column_count);
    if (columns == NULL || name == NULL) return false;
    memcpy(columns, schema->columns, column_count * sizeof *columns);
    for (size_t i = 0; i < column_count; i++)
        if (strcmp(columns[i].name, seine_job_ais_gaps.mover) == 0) {
            columns[i].name = id;
            columns[i].doc = "id of the mover";
        }
    *shape = *schema;
    shape->name = name;
    shape->columns = columns;
    shape->column_count = column_count;
    return true;
}

seine_detector_job seine_job_of_events(const seine_dataset *dataset, const char *name, const seine_step *step,
                                       const seine_table_schema shapes[4]) {
    seine_detector_job job = seine_job_of(dataset, name, step, shapes, 4);
    job.events = shapes[0].name;
    job.history = shapes[1].name;
    job.state = shapes[2].name;
    job.head = shapes[3].name;
    return job;
}

/* Gaps of the ships of an id instead of the id: of the fixes that silver.<dataset>_segments says are of one. */
static seine_status go_by_ship(const seine_dataset *dataset, seine_arena *arena, seine_detector_job *job) {
    job->silver = seine_arena_printf(arena, "silver.%s_segments", dataset->name);
    job->ship = seine_schema_find("silver.ais_segments")->columns[SEINE_SEGMENT_TABLE_SHIP].name;
    return job->silver != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

/* Of another dataset than ships. */
static seine_status make_job(const seine_dataset *dataset, seine_arena *arena, seine_detector_job *job) {
    enum { EVENTS, HISTORY, STATE, HEAD, SHAPES };
    static const struct {
        const char *of_ships, *format;
        size_t columns;
    } tables[SHAPES] = {[EVENTS] = {"events.ais_gaps", "events.%s_gaps", COLUMN_FIRST_PAYLOAD},
                        [HISTORY] = {"events.ais_gaps_history", "events.%s_gaps_history", COLUMN_FIRST_PAYLOAD + 2},
                        [STATE] = {"state.ais_gaps", "state.%s_gaps", 4},
                        [HEAD] = {"state.ais_gaps_head", "state.%s_gaps_head", 4}};
    const char *id = dataset->columns[SEINE_DATASET_ID].name;
    seine_table_schema *shapes = SEINE_ARENA_ARRAY(arena, seine_table_schema, SHAPES);
    const char *name = seine_arena_printf(arena, "%s_gaps", dataset->name);
    bool is_made = shapes != NULL && name != NULL;
    for (size_t i = 0; i < SHAPES && is_made; i++)
        is_made = make_shape(tables[i].of_ships, seine_arena_printf(arena, tables[i].format, dataset->name), id,
                             tables[i].columns, arena, &shapes[i]);
    if (!is_made) return SEINE_E_NOMEM;
    *job = seine_job_of_events(dataset, name, &seine_gap_step, shapes);
    job->build = build_plain_gap;
    return SEINE_OK;
}

seine_status seine_job_gaps_of(const seine_dataset *dataset, seine_arena *arena, seine_detector_job *job) {
    if (seine_dataset_is_of_ships(dataset))
        *job = seine_job_ais_gaps;
    else
        SEINE_TRY(make_job(dataset, arena, job));
    return (dataset->outputs & SEINE_OUTPUT_SEGMENTS) != 0 ? go_by_ship(dataset, arena, job) : SEINE_OK;
}

seine_gap_config seine_job_gap_config(const seine_dataset *dataset, const seine_gap_config *given) {
    seine_gap_config config = *given;
    if (dataset->gap_hours > 0) config.min_gap_us = (int64_t)(dataset->gap_hours * 3600e6);
    return config;
}

seine_job_run seine_job_run_gaps(const seine_detector_job *job, const seine_gap_config *config) {
    const int64_t parts[] = {
        job->version, (int64_t)seine_gap_step.version, config->min_gap_us, config->history_us, config->shore_rule, 1};
    const size_t size = sizeof parts - (job->ship == NULL ? sizeof *parts : 0); /* as lakes have it */
    return (seine_job_run){.job = job,
                           .config = config,
                           .parameters = seine_hash128_of(parts, size),
                           .settings = {{"min_gap_us", config->min_gap_us},
                                        {"history_us", config->history_us},
                                        {"shore_rule", config->shore_rule}},
                           .setting_count = 3};
}
