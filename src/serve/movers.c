#include "serve/movers.h"

#include "base/mmsi.h"
#include "base/time.h"
#include "base/try.h"

#define LINE_BREAK_US SEINE_HOUR_US /* unless the description says how long a silence is */

/* ---- ships ---- */

static void be_ships(seine_movers *m) {
    static const char *const tables[SEINE_MOVERS_TABLES] = {[SEINE_MOVERS_SILVER] = "silver.ais",
                                                            [SEINE_MOVERS_GAPS] = "events.ais_gaps",
                                                            [SEINE_MOVERS_DAYS] = "gold.ais_vessel_days",
                                                            [SEINE_MOVERS_LAST] = "gold.ais_last_state",
                                                            [SEINE_MOVERS_TRAFFIC] = "gold.ais_hourly_traffic",
                                                            [SEINE_MOVERS_DENSITY] = "gold.ais_density",
                                                            [SEINE_MOVERS_POINTS] = "gold.ais_tile_points",
                                                            [SEINE_MOVERS_SEGMENTS] = "silver.ais_segments",
                                                            [SEINE_MOVERS_FISHING] = "events.ais_fishing_events"};
    memcpy(m->tables, tables, sizeof tables);
    m->first_time = "first_ts";
    m->last_time = "last_ts";
    m->last_prefix = "";
    m->point_time = m->time;
    m->point_lat = m->lat;
    m->point_lon = m->lon;
    m->tags[0] = (seine_movers_tag){m->speed, m->speed};
    m->tag_count = 1;
}

/* ---- others ---- */

static bool be_of_templates(seine_movers *m, seine_arena *arena) {
    static const char *const formats[SEINE_MOVERS_TABLES] = {[SEINE_MOVERS_SILVER] = "silver.%s",
                                                             [SEINE_MOVERS_GAPS] = "events.%s_gaps",
                                                             [SEINE_MOVERS_DAYS] = "gold.%s_mover_days",
                                                             [SEINE_MOVERS_LAST] = "gold.%s_movers",
                                                             [SEINE_MOVERS_TRAFFIC] = "gold.%s_hourly_traffic",
                                                             [SEINE_MOVERS_DENSITY] = "gold.%s_density",
                                                             [SEINE_MOVERS_POINTS] = "gold.%s_tile_points",
                                                             [SEINE_MOVERS_SEGMENTS] = "silver.%s_segments",
                                                             [SEINE_MOVERS_FISHING] = "events.%s_fishing_events"};
    bool is_made = true;
    for (size_t i = 0; i < SEINE_MOVERS_TABLES; i++) {
        m->tables[i] = seine_arena_printf(arena, formats[i], m->dataset->name);
        is_made = is_made && m->tables[i] != NULL;
    }
    m->first_time = seine_arena_printf(arena, "first_%s", m->time);
    m->last_time = seine_arena_printf(arena, "last_%s", m->time);
    m->last_prefix = "last_";
    m->point_time = "ts";
    m->point_lat = "lat";
    m->point_lon = "lon";
    for (; m->tag_count < m->dataset->measure_count; m->tag_count++) {
        const char *name = m->dataset->columns[SEINE_DATASET_MEASURES + m->tag_count].name;
        m->tags[m->tag_count] = (seine_movers_tag){name, seine_arena_printf(arena, "told_%s", name)};
        is_made = is_made && m->tags[m->tag_count].column != NULL;
    }
    return is_made && m->first_time != NULL && m->last_time != NULL;
}

/* ---- which ---- */

static seine_status find_dataset(seine_call *call, seine_str name, seine_movers *m, seine_error *error) {
    const seine_view *view = call->view;
    const char *known = "";
    for (size_t i = 0; i < view->dataset_count; i++) {
        const seine_dataset *dataset = view->datasets[i].dataset;
        if (seine_str_equal(seine_str_of(dataset->name), name)) {
            m->dataset = dataset;
            m->watermark_us = view->datasets[i].watermark_us;
            return SEINE_OK;
        }
        known = seine_arena_printf(&call->arena, "%s%s%s", known, i > 0 ? ", " : "", dataset->name);
        if (known == NULL) return seine_no_memory(error, "answer");
    }
    call->hint = seine_arena_printf(&call->arena, "there are: %s", known);
    return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no dataset %.*s", SEINE_STR_ARG(name));
}

seine_status seine_movers_of(seine_call *call, seine_str name, seine_movers *m, seine_error *error) {
    *m = (seine_movers){.key = "id"};
    SEINE_TRY(find_dataset(call, name, m, error));
    const seine_dataset_column *columns = m->dataset->columns;
    const size_t speed = seine_dataset_speed(m->dataset);
    m->id = columns[SEINE_DATASET_ID].name;
    m->time = columns[SEINE_DATASET_TIME].name;
    m->lat = columns[SEINE_DATASET_LAT].name;
    m->lon = columns[SEINE_DATASET_LON].name;
    m->speed = speed != SIZE_MAX ? columns[speed].name : "";
    m->break_us = m->dataset->gap_hours > 0 ? (int64_t)(m->dataset->gap_hours * (double)SEINE_HOUR_US) : LINE_BREAK_US;
    if (seine_dataset_is_of_ships(m->dataset))
        be_ships(m);
    else if (!be_of_templates(m, &call->arena))
        return seine_no_memory(error, "answer");
    return SEINE_OK;
}

seine_status seine_call_movers(seine_call *call, seine_movers *m, seine_error *error) {
    const seine_input *dataset = seine_call_input(call, "dataset");
    const seine_str ships = seine_str_of(seine_dataset_ais()->name);
    SEINE_TRY(seine_movers_of(call, dataset->given ? dataset->text : ships, m, error));
    m->are_vessels = !dataset->given;
    if (m->are_vessels) m->key = "mmsi";
    m->wanted = seine_call_input(call, m->key)->text;
    if (m->dataset->id_kind == SEINE_ID_NUMBER) m->wanted = seine_mmsi_canonical(m->wanted);
    return SEINE_OK;
}

/* Takes the next id off a list of them; what a backslash stands in front of parts nothing. */
static seine_status take_id(seine_arena *arena, seine_str *rest, seine_str *id) {
    char *text = seine_arena_alloc(arena, rest->size + 1);
    size_t size = 0, at = 0;
    if (text == NULL) return SEINE_E_NOMEM;
    for (; at < rest->size && rest->data[at] != ','; at++) {
        if (rest->data[at] == '\\' && at + 1 < rest->size) at++;
        text[size++] = rest->data[at];
    }
    *id = (seine_str){text, size};
    *rest = at < rest->size ? (seine_str){rest->data + at + 1, rest->size - at - 1} : (seine_str){NULL, 0};
    return SEINE_OK;
}

seine_status seine_movers_ids(seine_call *call, const seine_movers *m, size_t most, const seine_str **ids,
                              size_t *count, seine_error *error) {
    seine_str rest = seine_call_input(call, "ids")->text;
    seine_str *all = SEINE_ARENA_ARRAY(&call->arena, seine_str, most);
    if (all == NULL) return seine_no_memory(error, "answer");
    for (*count = 0; rest.data != NULL; (*count)++) {
        if (*count == most) return seine_fail(error, SEINE_E_USAGE, "ids: at most %zu ids", most);
        if (take_id(&call->arena, &rest, &all[*count]) != SEINE_OK) return seine_no_memory(error, "answer");
        if (m->dataset->id_kind == SEINE_ID_NUMBER) all[*count] = seine_mmsi_canonical(all[*count]);
    }
    *ids = all;
    return SEINE_OK;
}

/* ---- what there is ---- */

bool seine_movers_have(const seine_call *call, const seine_movers *m, seine_movers_table table) {
    return seine_view_has(call->view, m->tables[table]);
}

bool seine_movers_by_segment(const seine_call *call, const seine_movers *m) {
    return (m->dataset->outputs & SEINE_OUTPUT_SEGMENTS) != 0 && seine_movers_have(call, m, SEINE_MOVERS_SEGMENTS);
}

seine_status seine_movers_need(seine_call *call, const seine_movers *m, seine_movers_table table, seine_error *error) {
    static const unsigned outputs[SEINE_MOVERS_TABLES] = {
        [SEINE_MOVERS_GAPS] = SEINE_OUTPUT_GAPS,         [SEINE_MOVERS_DAYS] = SEINE_OUTPUT_MOVERS,
        [SEINE_MOVERS_LAST] = SEINE_OUTPUT_MOVERS,       [SEINE_MOVERS_TRAFFIC] = SEINE_OUTPUT_HOURS,
        [SEINE_MOVERS_DENSITY] = SEINE_OUTPUT_MAP,       [SEINE_MOVERS_POINTS] = SEINE_OUTPUT_MAP,
        [SEINE_MOVERS_SEGMENTS] = SEINE_OUTPUT_SEGMENTS, [SEINE_MOVERS_FISHING] = SEINE_OUTPUT_FISHING};
    const bool is_left_out = outputs[table] != 0 && (m->dataset->outputs & outputs[table]) == 0 &&
                             (m->dataset->silver != NULL || table == SEINE_MOVERS_FISHING) &&
                             seine_view_find(call->view, m->tables[table]) == NULL;
    if (!is_left_out) return seine_call_need_of(call, m->tables[SEINE_MOVERS_SILVER], m->tables[table], error);
    call->hint = "seine dataset show NAME --lake LAKE tells its outputs";
    return seine_fail(error, SEINE_E_NOT_FOUND, "the description of %s leaves %s out", m->dataset->name,
                      m->tables[table]);
}

int32_t seine_movers_today(const seine_movers *m) {
    return m->watermark_us != INT64_MIN ? seine_time_day(m->watermark_us - 1) : 0;
}

seine_status seine_movers_fields(seine_call *call, const seine_movers *m, const char *alias, seine_error *error) {
    seine_field *fields = SEINE_ARENA_ARRAY(&call->arena, seine_field, call->field_count);
    const char *id = seine_arena_printf(&call->arena, "%s.\"%s\"", alias, m->id);
    if (fields == NULL || id == NULL) return seine_no_memory(error, "answer");
    for (size_t i = 0; i < call->field_count; i++) {
        fields[i] = call->fields[i];
        if (fields[i].sql == NULL) fields[i].sql = id;
    }
    call->fields = fields;
    return SEINE_OK;
}
