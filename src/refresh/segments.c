#include "refresh/segments.h"

#include "base/time.h"
#include "base/try.h"
#include "columns/segment_table.h"
#include "table/ledger.h"

#include <math.h>
#include <stdio.h>

enum { NUMBER_SPEED, NUMBER_SHORE };

#define REMEMBERED 64 /* a message that is sent again comes soon */

/* ---- columns made of the step's ---- */

static seine_status make_seg_id(seine_str mover, const int64_t values[2], seine_buf *text) {
    char tail[64];
    if (values[0] == SEINE_INTEGER_NULL) return SEINE_OK;
    const size_t size = seine_segment_id_tail(values[0], values[1], tail);
    SEINE_TRY(seine_buf_append(text, mover.data, mover.size));
    return seine_buf_append(text, tail, size);
}

static const char *const KINDS[] = {"repeated",
                                    [1 + SEINE_SEGMENT_OPEN] = "good",
                                    [1 + SEINE_SEGMENT_BAD] = "noise",
                                    [1 + SEINE_SEGMENT_INFO] = "information",
                                    [1 + SEINE_SEGMENT_CLOSED] = NULL, /* no row says so: decision 14 */
                                    [1 + SEINE_SEGMENT_DISCARDED] = "discarded",
                                    [1 + SEINE_SEGMENT_AMBIGUOUS] = "ambiguous"};

static const seine_made_column MADE[] = {
    {.name = "seg_id", .make = make_seg_id, .from = {SEINE_SEGMENT_START, SEINE_SEGMENT_NUMBER}},
    {.name = "kind", .from = {SEINE_SEGMENT_CLASS}, .texts = KINDS, .text_count = sizeof KINDS / sizeof *KINDS},
};

/* ---- what later fixes change ---- */

static void leave_out(const seine_event *event, const seine_column_out *columns, size_t row) {
    columns[SEINE_SEGMENT_START].integer[row] = event->start_us;
    columns[SEINE_SEGMENT_NUMBER].integer[row] = (int64_t)event->measure[SEINE_SEGMENT_EVENT_NUMBER];
    columns[SEINE_SEGMENT_CLASS].code[row] = SEINE_SEGMENT_DISCARDED;
    columns[SEINE_SEGMENT_NOISE].code[row] = (int32_t)event->measure[SEINE_SEGMENT_EVENT_NOISE];
    columns[SEINE_SEGMENT_SHIP].integer[row] = SEINE_INTEGER_NULL;
}

static void tell_ship(const seine_event *event, const seine_column_out *columns, size_t first, size_t last) {
    const int64_t number = (int64_t)event->measure[SEINE_SEGMENT_EVENT_NUMBER];
    const double ship = event->measure[SEINE_SEGMENT_EVENT_SHIP];
    for (size_t row = first; row < last; row++)
        if (seine_segment_is_good(columns[SEINE_SEGMENT_CLASS].code[row]) &&
            columns[SEINE_SEGMENT_START].integer[row] == event->start_us &&
            columns[SEINE_SEGMENT_NUMBER].integer[row] == number)
            columns[SEINE_SEGMENT_SHIP].integer[row] = isnan(ship) ? SEINE_INTEGER_NULL : (int64_t)ship;
}

static void amend(const seine_event *event, const seine_column_out *columns, size_t at, size_t first, size_t last) {
    if (event->kind == SEINE_SEGMENT_LEFT_OUT && at != SIZE_MAX) leave_out(event, columns, at);
    if (event->kind == SEINE_SEGMENT_OF_SHIP) tell_ship(event, columns, first, last);
}

static bool is_settled(const void *config, const seine_state *state, int64_t before_us) {
    return seine_segment_is_settled(config, state, before_us);
}

static const seine_amending LATER = {.amend = amend, .is_settled = is_settled};

/* ---- the job of a dataset ---- */

/* "AIS.1" as receivers say it, or the class alone. */
static int32_t transponder_of(size_t input, seine_str text) {
    (void)input;
    if (seine_str_equal(text, SEINE_STR("A"))) return SEINE_TRANSPONDER_A;
    if (seine_str_equal(text, SEINE_STR("B"))) return SEINE_TRANSPONDER_B;
    return seine_transponder_of_type(text.data, text.size);
}

static const char *name_of(const seine_dataset *dataset, size_t column) {
    return column != SIZE_MAX ? dataset->columns[column].name : NULL;
}

static const char SHIPS[] = "silver.ais_segments";

/* What they have of silver.ais for the gaps of ships. */
static void carry(const seine_column *carried, seine_detector_job *job) {
    for (size_t i = 0; i < SEINE_SEGMENT_TABLE_CARRIED_TEXTS; i++) job->texts[i] = carried[i].name;
    for (size_t i = 0; i < SEINE_SEGMENT_TABLE_CARRIED_NUMBERS; i++)
        job->numbers[NUMBER_SHORE + i] = carried[SEINE_SEGMENT_TABLE_CARRIED_TEXTS + i].name;
}

/* As of ships, in the columns of the dataset. */
static bool make_columns(const seine_dataset *dataset, seine_arena *arena, seine_table_schema *shape) {
    const seine_table_schema *silver = seine_dataset_silver(dataset);
    const size_t own[] = {SEINE_DATASET_ID,  SEINE_DATASET_TIME,           SEINE_DATASET_LAT,
                          SEINE_DATASET_LON, seine_dataset_knots(dataset), seine_segment_read(dataset, 0)};
    seine_column *columns = SEINE_ARENA_ARRAY(arena, seine_column, SEINE_SEGMENT_TABLE_CARRIED);
    *shape = *seine_schema_find(SHIPS);
    if (columns == NULL) return false;
    memcpy(columns, shape->columns, SEINE_SEGMENT_TABLE_CARRIED * sizeof *columns);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        columns[i].name = silver->columns[own[i]].name;
        columns[i].required = silver->columns[own[i]].required;
        columns[i].doc = silver->columns[own[i]].doc;
    }
    for (size_t f = 0; f < shape->partition_count; f++) shape->partition[f].name = silver->partition[f].name;
    shape->name = seine_arena_printf(arena, "silver.%s_segments", dataset->name);
    shape->doc = seine_arena_printf(arena, "one fix of silver.%s and the segment that it belongs to", dataset->name);
    shape->columns = columns;
    shape->column_count = SEINE_SEGMENT_TABLE_CARRIED;
    return shape->name != NULL && shape->doc != NULL;
}

enum { COLUMNS, STATE, HEAD, SHAPES };

static bool make_shapes(const seine_dataset *dataset, const char *name, seine_arena *arena,
                        seine_table_schema shapes[SHAPES]) {
    static const char *const of_ships[SHAPES] = {
        [COLUMNS] = SHIPS, [STATE] = "state.ais_segments", [HEAD] = "state.ais_segments_head"};
    for (size_t i = 0; i < SHAPES; i++) shapes[i] = *seine_schema_find(of_ships[i]);
    if (seine_dataset_is_of_ships(dataset)) return true;
    shapes[STATE].name = seine_arena_printf(arena, "state.%s", name);
    shapes[HEAD].name = seine_arena_printf(arena, "state.%s_head", name);
    return shapes[STATE].name != NULL && shapes[HEAD].name != NULL && make_columns(dataset, arena, &shapes[COLUMNS]);
}

seine_status seine_job_segments_of(const seine_dataset *dataset, seine_arena *arena, seine_detector_job *job) {
    seine_table_schema *shapes = SEINE_ARENA_ARRAY(arena, seine_table_schema, SHAPES);
    const char **inputs = SEINE_ARENA_ARRAY(arena, const char *, SEINE_SEGMENT_INPUTS);
    const char *name = seine_arena_printf(arena, "%s_segments", dataset->name);
    if (shapes == NULL || inputs == NULL || name == NULL || !make_shapes(dataset, name, arena, shapes))
        return SEINE_E_NOMEM;
    for (size_t i = 0; i < SEINE_SEGMENT_INPUTS; i++) inputs[i] = name_of(dataset, seine_segment_read(dataset, i));
    *job = seine_job_of(dataset, name, &seine_segment_step, shapes, SHAPES);
    job->columns = shapes[COLUMNS].name;
    job->state = shapes[STATE].name;
    job->head = shapes[HEAD].name;
    job->numbers[NUMBER_SPEED] = dataset->columns[seine_dataset_knots(dataset)].name;
    if (seine_dataset_is_of_ships(dataset)) carry(&shapes[COLUMNS].columns[SEINE_SEGMENT_TABLE_CARRIED], job);
    job->speed_number = NUMBER_SPEED;
    job->inputs = inputs;
    job->code_of = transponder_of;
    job->made = MADE;
    job->made_count = sizeof MADE / sizeof *MADE;
    job->amending = &LATER;
    return SEINE_OK;
}

/* ---- limits ---- */

seine_segment_limits seine_segment_limits_default(void) {
    const seine_segment_config config = seine_segment_config_default();
    return (seine_segment_limits){.max_gap_us = (int64_t)(config.max_hours * (double)SEINE_HOUR_US),
                                  .max_milliknots = (int64_t)(config.max_knots * 1000)};
}

/* Through the whole numbers that are kept, so that they give the same ones again. */
static seine_segment_limits limits_of(const seine_segment_config *config) {
    return (seine_segment_limits){llround(config->max_hours * (double)SEINE_HOUR_US), llround(config->max_knots * 1000),
                                  llround(config->gate_knots * 1000)};
}

static void set_limits(seine_segment_config *config, const seine_segment_limits *limits) {
    config->max_hours = (double)limits->max_gap_us / (double)SEINE_HOUR_US;
    config->max_knots = (double)limits->max_milliknots / 1000;
    config->gate_knots = (double)limits->gate_milliknots / 1000;
}

seine_segment_config seine_job_segment_config(const seine_dataset *dataset, const seine_segment_limits *given) {
    seine_segment_config config = seine_segment_config_default();
    config.remembered = REMEMBERED;
    set_limits(&config, given);
    if (dataset->segment_max_hours > 0) config.max_hours = dataset->segment_max_hours;
    if (dataset->segment_max_knots > 0) config.max_knots = dataset->segment_max_knots;
    if (dataset->segment_gate_knots > 0) config.gate_knots = dataset->segment_gate_knots;
    const seine_segment_limits limits = limits_of(&config);
    set_limits(&config, &limits);
    return config;
}

/* Names under which a job keeps them. */
static const char *const LIMITS[] = {"max_gap_us", "max_milliknots", "gate_milliknots"};

seine_status seine_job_segment_recall(seine_catalog *catalog, const seine_detector_job *job,
                                      seine_segment_config *config, seine_error *error) {
    seine_segment_limits limits = limits_of(config);
    int64_t *const values[] = {&limits.max_gap_us, &limits.max_milliknots, &limits.gate_milliknots};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char key[96];
        (void)snprintf(key, sizeof key, "%s.%s", job->name, LIMITS[i]);
        SEINE_TRY(seine_ledger_setting(catalog, key, values[i], error));
    }
    set_limits(config, &limits);
    return SEINE_OK;
}

seine_job_run seine_job_run_segments(const seine_detector_job *job, const seine_segment_config *config) {
    const double numbers[] = {config->max_hours,        config->penalty_hours,
                              config->hours_exp,        config->buffer_hours,
                              config->lookback_factor,  config->max_knots,
                              config->penalty_speed,    config->ambiguity_factor,
                              config->shape_factor,     config->transponder_mismatch_weight,
                              config->very_slow_knots,  config->min_low_resolution_hours,
                              (double)config->lookback, (double)config->short_seg,
                              (double)config->max_open, (double)config->remembered,
                              config->gate_knots};
    const int64_t versions[] = {job->version, (int64_t)seine_segment_step.version};
    const seine_hash128 parts[] = {seine_hash128_of(versions, sizeof versions),
                                   seine_hash128_of(numbers, sizeof numbers)};
    const seine_segment_limits limits = limits_of(config);
    return (seine_job_run){.job = job,
                           .config = config,
                           .parameters = seine_hash128_of(parts, sizeof parts),
                           .settings = {{LIMITS[0], limits.max_gap_us},
                                        {LIMITS[1], limits.max_milliknots},
                                        {LIMITS[2], limits.gate_milliknots},
                                        {"remembered", (int64_t)config->remembered}},
                           .setting_count = 4};
}
