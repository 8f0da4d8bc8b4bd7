#include "refresh/fishing.h"

#include "base/time.h"
#include "base/try.h"
#include "columns/fishing_table.h"

/* What an event copies of its messages. */
enum { TEXT_SSVID };
enum { NUMBER_SPEED };

#define ID_SIZE 32

static seine_cell text_of(seine_arena *arena, const char id[ID_SIZE + 1], seine_status *status) {
    const char *text = seine_arena_copy(arena, id, ID_SIZE);
    if (text == NULL) *status = SEINE_E_NOMEM;
    return seine_cell_text((seine_str){text, ID_SIZE});
}

/* By what never changes of an event, so that it is the same one while it grows. */
static void make_event_id(const seine_event_source *source, const char *chain, char id[ID_SIZE + 1]) {
    char start[40];
    const size_t size = seine_time_format(source->event->start_us, start);
    const seine_str parts[] = {SEINE_STR("fishing|"), seine_str_of(chain), SEINE_STR("|"),
                               source->mover,         SEINE_STR("|"),      {start, size}};
    seine_md5_hex_of_parts(parts, sizeof parts / sizeof *parts, id);
}

static void put_measures(const seine_event *event, seine_cell *cells) {
    static const struct {
        size_t column, measure;
    } numbers[] = {
        {SEINE_FISHING_TABLE_DISTANCE, SEINE_FISHING_DISTANCE}, {SEINE_FISHING_TABLE_SPEED, SEINE_FISHING_SPEED},
        {SEINE_FISHING_TABLE_IMPLIED, SEINE_FISHING_IMPLIED},   {SEINE_FISHING_TABLE_STEP_M, SEINE_FISHING_METRES},
        {SEINE_FISHING_TABLE_STEP_H, SEINE_FISHING_HOURS},      {SEINE_FISHING_TABLE_LAT_MIN, SEINE_FISHING_LAT_MIN},
        {SEINE_FISHING_TABLE_LAT_MAX, SEINE_FISHING_LAT_MAX},   {SEINE_FISHING_TABLE_LON_MIN, SEINE_FISHING_LON_MIN},
        {SEINE_FISHING_TABLE_LON_MAX, SEINE_FISHING_LON_MAX},   {SEINE_FISHING_TABLE_LAT_MEAN, SEINE_FISHING_LAT_MEAN},
        {SEINE_FISHING_TABLE_LON_MEAN, SEINE_FISHING_LON_MEAN}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        cells[numbers[i].column] = seine_cell_number(event->measure[numbers[i].measure]);
    cells[SEINE_FISHING_TABLE_MESSAGES] = seine_cell_integer((int64_t)event->measure[SEINE_FISHING_MESSAGES]);
    cells[SEINE_FISHING_TABLE_DURATION] =
        seine_cell_number((double)((uint64_t)event->end_us - (uint64_t)event->start_us) / (double)SEINE_HOUR_US);
    cells[SEINE_FISHING_TABLE_START_LAT] = seine_cell_number(event->start_lat_deg);
    cells[SEINE_FISHING_TABLE_START_LON] = seine_cell_number(event->start_lon_deg);
    cells[SEINE_FISHING_TABLE_END_LAT] = seine_cell_number(event->end_lat_deg);
    cells[SEINE_FISHING_TABLE_END_LON] = seine_cell_number(event->end_lon_deg);
}

static seine_status build(const seine_event_source *source, seine_cell score_source, seine_arena *arena,
                          seine_cell *cells) {
    const seine_event *event = source->event;
    const char *chain = seine_fishing_step.kinds[event->kind];
    const seine_str ssvid =
        source->start->texts[TEXT_SSVID].data != NULL ? source->start->texts[TEXT_SSVID] : source->mover;
    char event_id[ID_SIZE + 1], fishing_id[ID_SIZE + 1];
    seine_status status = SEINE_OK;
    make_event_id(source, chain, event_id);
    seine_fishing_id(ssvid.data, ssvid.size, event->start_us, event->end_us, fishing_id);
    cells[SEINE_FISHING_TABLE_EVENT_ID] = text_of(arena, event_id, &status);
    cells[SEINE_FISHING_TABLE_ID] = seine_cell_text(source->mover);
    cells[SEINE_FISHING_TABLE_START_TS] = seine_cell_integer(event->start_us);
    cells[SEINE_FISHING_TABLE_END_TS] = seine_cell_integer(event->end_us);
    cells[SEINE_FISHING_TABLE_IS_CLOSED] = seine_cell_integer(event->is_closed);
    cells[SEINE_FISHING_TABLE_VERSION] = seine_cell_integer(0);
    cells[SEINE_FISHING_TABLE_PRODUCED_DAY] = source->produced_day;
    cells[SEINE_FISHING_TABLE_FISHING_ID] = text_of(arena, fishing_id, &status);
    cells[SEINE_FISHING_TABLE_SSVID] = seine_cell_text(ssvid);
    cells[SEINE_FISHING_TABLE_CHAIN] = seine_cell_text(seine_str_of(chain));
    cells[SEINE_FISHING_TABLE_SOURCE] = score_source;
    put_measures(event, cells);
    return status;
}

static seine_status build_given(const seine_event_source *source, seine_arena *arena, seine_cell *cells) {
    return build(source, seine_cell_null(), arena, cells);
}

static seine_status build_ruled(const seine_event_source *source, seine_arena *arena, seine_cell *cells) {
    return build(source, seine_cell_text(SEINE_STR("rules")), arena, cells);
}

/* ---- the job of a dataset ---- */

/* A table like one of gaps, with other columns: in a log between two more and the cause. */
static bool make_events(const char *of_gaps, const char *name, const char *doc, const char *id, bool is_log,
                        seine_arena *arena, seine_table_schema *shape) {
    const size_t before = is_log ? 2 : 0, count = before + SEINE_FISHING_TABLE_COLUMNS + is_log;
    seine_column *columns = SEINE_ARENA_ARRAY(arena, seine_column, count);
    if (columns == NULL || name == NULL) return false;
    *shape = *seine_schema_find(of_gaps);
    memcpy(columns, shape->columns, before * sizeof *columns);
    for (size_t i = 0; i < SEINE_FISHING_TABLE_COLUMNS; i++) {
        seine_column *column = &columns[before + i];
        *column = seine_fishing_table[i];
        column->id += (int)before;
        if (i == SEINE_FISHING_TABLE_ID) column->name = id;
    }
    if (is_log)
        columns[count - 1] = (seine_column){(int)count,
                                            "cause",
                                            SEINE_TYPE_STRING,
                                            false,
                                            true,
                                            "",
                                            "what it changed for: fixes, ref.vessels, parameters or watermark; null "
                                            "in rows from before this was told"};
    shape->name = name;
    shape->doc = doc;
    shape->columns = columns;
    shape->column_count = count;
    return true;
}

/* Which column of silver an input of the step is: scores that are given are not looked at by rules, nor the other way
 * round. */
static size_t input_of(const seine_dataset *dataset, size_t input) {
    const bool is_ruled = input >= SEINE_FISHING_IN_COURSE;
    const bool is_score = input <= SEINE_FISHING_IN_NIGHT;
    if (is_ruled) return dataset->fishes_by_rules ? seine_fishing_ruled(dataset, input) : SIZE_MAX;
    if (is_score && dataset->fishes_by_rules) return SIZE_MAX;
    return seine_fishing_number(dataset, seine_fishing_step.inputs[input].name);
}

static int32_t gear_of(size_t input, seine_str text) {
    (void)input; /* the gear is the only code */
    for (size_t i = 0; seine_fishing_class(i) != NULL; i++)
        if (seine_str_equal(text, seine_str_of(seine_fishing_class(i))))
            return (int32_t)seine_fishing_gear_of_class(seine_fishing_class(i));
    return SEINE_GEAR_UNTOLD;
}

/* The columns of silver that are the step's inputs. */
static const char *const *inputs_of(const seine_dataset *dataset, seine_arena *arena) {
    const char **inputs = SEINE_ARENA_ARRAY(arena, const char *, seine_fishing_step.input_count);
    for (size_t i = 0; inputs != NULL && i < seine_fishing_step.input_count; i++) {
        const size_t at = input_of(dataset, i);
        inputs[i] = at != SIZE_MAX ? dataset->columns[at].name : NULL;
    }
    return inputs;
}

static const char *ssvid_of(const seine_dataset *dataset) {
    for (size_t i = SEINE_DATASET_MEASURES; i < dataset->column_count; i++)
        if (dataset->columns[i].type == SEINE_TYPE_STRING && strcmp(dataset->columns[i].name, SEINE_FISHING_SSVID) == 0)
            return dataset->columns[i].name;
    return NULL;
}

seine_status seine_job_fishing_of(const seine_dataset *dataset, seine_arena *arena, seine_detector_job *job) {
    enum { EVENTS, HISTORY, STATE, HEAD, SHAPES };
    const char *id = dataset->columns[SEINE_DATASET_ID].name;
    seine_table_schema *shapes = SEINE_ARENA_ARRAY(arena, seine_table_schema, SHAPES);
    const char *name = seine_arena_printf(arena, "%s_fishing", dataset->name);
    const char *const *inputs = inputs_of(dataset, arena);
    if (shapes == NULL || name == NULL || inputs == NULL) return SEINE_E_NOMEM;
    if (!make_events("events.ais_gaps", seine_arena_printf(arena, "events.%s", name),
                     "one event of fishing, whatever is to be thought of it", id, false, arena, &shapes[EVENTS]) ||
        !make_events("events.ais_gaps_history", seine_arena_printf(arena, "events.%s_history", name),
                     "one change of one event of fishing; append-only", id, true, arena, &shapes[HISTORY]) ||
        !seine_job_shape_like("state.ais_gaps", seine_arena_printf(arena, "state.%s", name),
                              "the fishing detector's state of a mover after a day", &shapes[STATE]) ||
        !seine_job_shape_like("state.ais_gaps_head", seine_arena_printf(arena, "state.%s_head", name),
                              "the newest state of a mover", &shapes[HEAD]))
        return SEINE_E_NOMEM;
    *job = seine_job_of_events(dataset, name, &seine_fishing_step, shapes);
    job->texts[TEXT_SSVID] = ssvid_of(dataset);
    job->numbers[NUMBER_SPEED] = dataset->columns[seine_dataset_knots(dataset)].name;
    job->speed_number = NUMBER_SPEED;
    job->inputs = inputs;
    job->code_of = gear_of;
    job->build = dataset->fishes_by_rules ? build_ruled : build_given;
    return SEINE_OK;
}

seine_fishing_config seine_job_fishing_config(const seine_dataset *dataset) {
    seine_fishing_config config = seine_fishing_config_default();
    if (dataset->fishes_by_rules) config.rules = seine_fishing_score_usual();
    if (dataset->fishing_gap_hours > 0) config.max_gap_hours = dataset->fishing_gap_hours;
    return config;
}

/* ---- what reference tables say ---- */

static seine_hash128 hash_classes(const void *config, const seine_job_place *place) {
    const seine_classed_fishing *fishing = config;
    return seine_vessels_hash(fishing->vessels, place->bucket, place->day);
}

static int32_t told_class(const void *config, seine_str mover, int32_t day) {
    const seine_classed_fishing *fishing = config;
    return seine_vessels_gear(fishing->vessels, mover, day);
}

static const seine_job_references classes = {
    .tables = "ref.vessels", .at = hash_classes, .told = told_class, .input = SEINE_FISHING_IN_GEAR};

seine_job_run seine_job_run_classed_fishing(const seine_detector_job *job, const seine_classed_fishing *fishing) {
    seine_job_run run = seine_job_run_fishing(job, &fishing->config);
    run.references = &classes;
    return run;
}

/* Limits of candidates are left to those who read them. */
seine_job_run seine_job_run_fishing(const seine_detector_job *job, const seine_fishing_config *config) {
    const double numbers[] = {config->max_gap_hours, config->max_step_m, (double)config->max_break_s,
                              config->max_break_m};
    const int64_t versions[] = {job->version, (int64_t)seine_fishing_step.version};
    const size_t rules_size = config->rules != NULL ? sizeof *config->rules : 0; /* of doubles alone */
    const seine_hash128 parts[] = {seine_hash128_of(versions, sizeof versions),
                                   seine_hash128_of(numbers, sizeof numbers),
                                   seine_hash128_of(config->rules, rules_size)};
    const size_t part_count = config->rules != NULL ? 3 : 2;
    return (seine_job_run){.job = job,
                           .config = config,
                           .parameters = seine_hash128_of(parts, part_count * sizeof *parts),
                           .settings = {{"max_gap_us", (int64_t)(config->max_gap_hours * (double)SEINE_HOUR_US)},
                                        {"max_step_m", (int64_t)config->max_step_m},
                                        {"max_break_s", config->max_break_s},
                                        {"max_break_m", (int64_t)config->max_break_m}},
                           .setting_count = 4};
}
