/* Vessels: where they are, where they were, who they are. */
#include "base/time.h"
#include "base/try.h"
#include "serve/look_up.h"
#include "serve/params.h"
#include "serve/routes.h"
#include "serve/call.h"

/* ---- current ---- */

static const seine_field current_fields[] = {
    {"mmsi", SEINE_TYPE_STRING, "s.mmsi", false, "vessel id"},
    {"vessel_name", SEINE_TYPE_STRING, "s.name", true, "name"},
    {"latitude", SEINE_TYPE_DOUBLE, "s.lat", false, "degrees"},
    {"longitude", SEINE_TYPE_DOUBLE, "s.lon", false, "degrees"},
    {"speed", SEINE_TYPE_DOUBLE, "s.sog", true, "knots"},
    {"nearest_port", SEINE_TYPE_STRING, "s.nearest_port", true, "name of the nearest port"},
    {"distance_to_port", SEINE_TYPE_DOUBLE, "s.distance_to_port_km", true, "kilometres to it"},
    {"speed_category", SEINE_TYPE_STRING, "s.speed_category", true, "STOPPED, SLOW, CRUISING or FAST"},
    {"timestamp", SEINE_TYPE_TIMESTAMPTZ, "s.ts", false, "time of the position, UTC"},
};
static const seine_param current_params[] = {P_LIMIT("100", 50000), P_CURSOR, P_BOX, P_AS_OF};

static seine_status get_current(seine_call *call, seine_error *error) {
    const seine_list list = {.keys = {{"s.ts", SEINE_TYPE_TIMESTAMPTZ, true}, {"s.mmsi", SEINE_TYPE_STRING, false}},
                             .key_count = 2,
                             .has_count = true,
                             .has_cached = true};
    SEINE_TRY(seine_call_need(call, "gold.ais_last_state", error));
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, "gold.ais_last_state", "s", &call->arena);
    const seine_input *box = seine_call_input(call, "bbox");
    if (box->given) seine_scan_box(&scan, "lon", "lat", box->box);
    seine_list_select(call, &list, &sql);
    seine_scan_put(&scan, &sql);
    return seine_list_answer(call, &list, &sql, error);
}

/* ---- history ---- */

static const seine_field history_fields[] = {
    {"timestamp", SEINE_TYPE_TIMESTAMPTZ, NULL, false, "time of the position, UTC"},
    {"latitude", SEINE_TYPE_DOUBLE, NULL, false, "degrees"},
    {"longitude", SEINE_TYPE_DOUBLE, NULL, false, "degrees"},
    {"speed", SEINE_TYPE_DOUBLE, NULL, true, "knots"},
    {"nearest_port", SEINE_TYPE_STRING, NULL, true, "name of the nearest port"},
    {"distance_to_port", SEINE_TYPE_DOUBLE, NULL, true, "kilometres to it"},
};
static const seine_param history_params[] = {P_PATH_ID,
                                             {.name = "days",
                                              .kind = SEINE_PARAM_INT,
                                              .least = 0,
                                              .most = 36600,
                                              .fallback = "7",
                                              .doc = "days before the last day of the lake's data"},
                                             P_LIMIT("100000", 1000000),
                                             P_CURSOR,
                                             P_AS_OF};

static seine_status get_history(seine_call *call, seine_error *error) {
    static const seine_look_up_column columns[] = {
        {"ts", SEINE_TYPE_TIMESTAMPTZ},      {"lat", SEINE_TYPE_DOUBLE},
        {"lon", SEINE_TYPE_DOUBLE},          {"sog", SEINE_TYPE_DOUBLE},
        {"nearest_port", SEINE_TYPE_STRING}, {"distance_to_port_km", SEINE_TYPE_DOUBLE}};
    const seine_str mmsi = seine_call_input(call, "mmsi")->text;
    const seine_list list = {.keys = {{"ts", SEINE_TYPE_TIMESTAMPTZ, true}},
                             .key_count = 1,
                             .members = {{"mmsi", mmsi}},
                             .member_count = 1,
                             .has_count = true};
    /* Positions without ports are better than none. */
    const bool is_enriched = seine_view_has(call->view, "silver.ais_enriched");
    const char *table = is_enriched ? "silver.ais_enriched" : "silver.ais";
    SEINE_TRY(seine_call_need(call, table, error));
    const int32_t first = seine_view_today(call->view) - (int32_t)seine_call_input(call, "days")->integer;
    seine_look_up wanted = {.table = table,
                            .id = "mmsi",
                            .time = "ts",
                            .mover = mmsi,
                            .from_us = seine_time_day_start_us(first),
                            .to_us = INT64_MAX,
                            .newest_first = true,
                            .columns = columns,
                            .column_count = SEINE_COUNT(columns)};
    return seine_list_look_up(call, &list, &wanted, error);
}

/* ---- search ---- */

static const seine_field search_fields[] = {
    {"mmsi", SEINE_TYPE_STRING, "g.mmsi", false, "vessel id"},
    {"name", SEINE_TYPE_STRING, "g.name", true, "name told most often"},
    {"callsign", SEINE_TYPE_STRING, "g.callsign", true, "call sign"},
    {"imo", SEINE_TYPE_STRING, "g.imo", true, "IMO number with a right check digit"},
    {"flag", SEINE_TYPE_STRING, "g.flag", true, "country of the id, two letters"},
    {"vessel_type_name", SEINE_TYPE_STRING, "g.vessel_type_name", true, "type in words"},
    {"first_seen", SEINE_TYPE_TIMESTAMPTZ, "g.first_ts", true, "first position"},
    {"last_seen", SEINE_TYPE_TIMESTAMPTZ, "g.last_ts", true, "last position"},
    {"fixes", SEINE_TYPE_LONG, "g.fixes", false, "positions"},
};
static const seine_param search_params[] = {P_SEARCH, P_LIMIT("100", 10000), P_CURSOR, P_AS_OF};

/* An IMO number is found with and without the letters in front of it. */
static seine_str imo_of(seine_str text) {
    if (text.size <= 3 || !seine_str_equal_nocase((seine_str){text.data, 3}, SEINE_STR("IMO"))) return text;
    const seine_str rest = seine_str_trim((seine_str){text.data + 3, text.size - 3});
    return rest.size > 0 ? rest : text;
}

static void put_search(seine_sql *sql, seine_str text) {
    seine_sql_put(sql, " AND (");
    seine_sql_put_contains(sql, "g.mmsi", text);
    seine_sql_put(sql, " OR ");
    seine_sql_put_contains(sql, "g.name", text);
    seine_sql_put(sql, " OR ");
    seine_sql_put_contains(sql, "g.callsign", text);
    seine_sql_put(sql, " OR ");
    seine_sql_put_contains(sql, "g.imo", imo_of(text));
    seine_sql_put(sql, ")");
}

static seine_status get_search(seine_call *call, seine_error *error) {
    const seine_list list = {.keys = {{"g.fixes", SEINE_TYPE_LONG, true}, {"g.mmsi", SEINE_TYPE_STRING, false}},
                             .key_count = 2,
                             .has_count = true};
    SEINE_TRY(seine_call_need(call, "gold.ais_vessels", error));
    const seine_input *text = seine_call_input(call, "q");
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, "gold.ais_vessels", "g", &call->arena);
    seine_list_select(call, &list, &sql);
    seine_scan_put(&scan, &sql);
    if (text->given && text->text.size > 0) put_search(&sql, text->text);
    return seine_list_answer(call, &list, &sql, error);
}

/* ---- days ---- */

static const seine_field day_fields[] = {
    {"date", SEINE_TYPE_DATE, "d.dt", false, "UTC day"},
    {"fixes", SEINE_TYPE_LONG, "d.fixes", false, "positions of the day"},
    {"first_ts", SEINE_TYPE_TIMESTAMPTZ, "d.first_ts", false, "first position"},
    {"last_ts", SEINE_TYPE_TIMESTAMPTZ, "d.last_ts", false, "last position"},
    {"max_speed", SEINE_TYPE_DOUBLE, "d.max_sog", true, "knots"},
};
static const seine_param day_params[] = {P_PATH_ID, P_LIMIT("10000", 100000), P_CURSOR, P_AS_OF};

static seine_status get_days(seine_call *call, seine_error *error) {
    const seine_str mmsi = seine_call_input(call, "mmsi")->text;
    const seine_list list = {
        .keys = {{"d.dt", SEINE_TYPE_DATE, false}}, .key_count = 1, .members = {{"mmsi", mmsi}}, .member_count = 1};
    SEINE_TRY(seine_call_need(call, "gold.ais_vessel_days", error));
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, "gold.ais_vessel_days", "d", &call->arena);
    seine_scan_id(&scan, "mmsi", mmsi);
    seine_list_select(call, &list, &sql);
    seine_scan_put(&scan, &sql);
    return seine_list_answer(call, &list, &sql, error);
}

/* ---- daily statistics ---- */

static const seine_field statistic_fields[] = {
    {"vessel_type", SEINE_TYPE_STRING, "s.vessel_type", true, "type in words"},
    {"total_positions", SEINE_TYPE_LONG, "s.total_positions", false, "positions"},
    {"avg_speed", SEINE_TYPE_DOUBLE, "s.avg_speed", true, "knots"},
    {"unique_vessels", SEINE_TYPE_LONG, "s.unique_vessels", false, "vessels"},
    {"fishing_activities", SEINE_TYPE_LONG, "s.fishing_activities", true, "positions that look like fishing"},
};
static const seine_param statistic_params[] = {
    {.name = "target_date", .kind = SEINE_PARAM_DATE, .doc = "UTC day; the last day of the lake's data when not given"},
    P_LIMIT("1000", 10000),
    P_CURSOR,
    P_AS_OF};

static seine_status get_statistics(seine_call *call, seine_error *error) {
    char date[16];
    SEINE_TRY(seine_call_need(call, "gold.ais_daily_statistics", error));
    const seine_input *wanted = seine_call_input(call, "target_date");
    const int32_t day = wanted->given ? (int32_t)wanted->integer : seine_view_today(call->view);
    const seine_list list = {.keys = {{"s.vessel_type", SEINE_TYPE_STRING, false}},
                             .key_count = 1,
                             .members = {{"date", {date, seine_date_format(day, date)}}},
                             .member_count = 1,
                             .has_cached = true};
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, "gold.ais_daily_statistics", "s", &call->arena);
    seine_scan_range(&scan, "dt", day, day);
    seine_list_select(call, &list, &sql);
    seine_scan_put(&scan, &sql);
    return seine_list_answer(call, &list, &sql, error);
}

/* ---- one vessel ---- */

static const seine_param vessel_params[] = {P_PATH_ID, P_AS_OF};

typedef struct vessel_writer {
    seine_call *call;
    seine_json_writer *w;
    size_t rows;
} vessel_writer;

/* A column that holds JSON text, written as JSON. */
static void put_json_text(seine_json_writer *w, const seine_rows *rows, size_t column) {
    seine_json *json = NULL;
    if (!seine_cell_null(rows, column, 0) &&
        seine_json_parse(seine_cell_text(rows, column, 0), "column", &json, NULL) == SEINE_OK) {
        seine_json_put_value(w, seine_json_root(json));
    } else {
        seine_json_begin_array(w);
        seine_json_end_array(w);
    }
    seine_json_free(json);
}

static seine_status take_vessel(void *context, const seine_rows *rows, seine_error *error) {
    static const char *const names[] = {
        "mmsi",        "name",         "names",       "callsign",         "callsigns", "imo",   "imos",
        "flag",        "flag_country", "vessel_type", "vessel_type_name", "length",    "width", "draft",
        "transceiver", "first_seen",   "last_seen",   "days_seen",        "fixes"};
    vessel_writer *v = context;
    (void)error;
    if (v->rows++ > 0) return SEINE_OK;
    seine_json_begin_object(v->w);
    for (size_t i = 0; i < SEINE_COUNT(names); i++) {
        seine_json_name(v->w, names[i]);
        if (i == 2 || i == 4 || i == 6)
            put_json_text(v->w, rows, i);
        else
            seine_json_put_cell(v->w, rows, i, 0);
    }
    return v->w->status;
}

static seine_status take_position(void *context, const seine_rows *rows, seine_error *error) {
    static const char *const names[] = {"timestamp",        "latitude",      "longitude", "speed",
                                        "course",           "heading",       "status",    "nearest_port",
                                        "distance_to_port", "speed_category"};
    vessel_writer *v = context;
    (void)error;
    if (v->rows++ > 0) return SEINE_OK;
    seine_json_begin_object(v->w);
    for (size_t i = 0; i < SEINE_COUNT(names); i++) {
        seine_json_name(v->w, names[i]);
        seine_json_put_cell(v->w, rows, i, 0);
    }
    seine_json_end_object(v->w);
    return v->w->status;
}

static seine_status take_gaps(void *context, const seine_rows *rows, seine_error *error) {
    static const char *const names[] = {"count", "open", "longest_h"};
    vessel_writer *v = context;
    (void)error;
    v->rows++;
    seine_json_begin_object(v->w);
    for (size_t i = 0; i < SEINE_COUNT(names); i++) {
        seine_json_name(v->w, names[i]);
        seine_json_put_cell(v->w, rows, i, 0);
    }
    seine_json_end_object(v->w);
    return v->w->status;
}

/* The rows of one vessel of a table, as `SELECT columns … tail`. A table that was never written has none. */
static seine_status each_of_vessel(vessel_writer *v, const char *table, const char *columns, const char *tail,
                                   seine_batch_fn take, seine_error *error) {
    v->rows = 0;
    if (!seine_view_has(v->call->view, table)) return SEINE_OK;
    seine_sql sql;
    seine_scan scan;
    seine_sql_init(&sql, &v->call->arena);
    seine_scan_begin(&scan, v->call->view, table, "t", &v->call->arena);
    seine_scan_id(&scan, "mmsi", seine_call_input(v->call, "mmsi")->text);
    seine_sql_put(&sql, "SELECT %s FROM ", columns);
    seine_scan_put(&scan, &sql);
    seine_sql_put(&sql, "%s", tail);
    const seine_status status = seine_call_each(v->call, &sql, take, v, error);
    seine_scan_free(&scan);
    seine_sql_free(&sql);
    return status;
}

static seine_status put_state(vessel_writer *v, seine_error *error) {
    seine_json_name(v->w, "last_position");
    SEINE_TRY(each_of_vessel(v, "gold.ais_last_state",
                             "t.ts, t.lat, t.lon, t.sog, t.cog, t.heading, t.status, t.nearest_port,"
                             " t.distance_to_port_km, t.speed_category",
                             " ORDER BY t.ts DESC LIMIT 1", take_position, error)); /* of several ships the newest */
    if (v->rows == 0) seine_json_put_null(v->w);
    seine_json_name(v->w, "gaps");
    SEINE_TRY(each_of_vessel(v, "events.ais_gaps",
                             "count(*) AS gaps, count(*) FILTER (WHERE NOT t.is_closed) AS open,"
                             " max(t.duration_h) AS longest",
                             "", take_gaps, error));
    if (v->rows > 0) return SEINE_OK;
    seine_json_begin_object(v->w);
    seine_json_field_int(v->w, "count", 0);
    seine_json_field_int(v->w, "open", 0);
    seine_json_field_null(v->w, "longest_h");
    seine_json_end_object(v->w);
    return SEINE_OK;
}

static seine_status get_vessel(seine_call *call, seine_error *error) {
    SEINE_TRY(seine_call_need(call, "gold.ais_vessels", error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    vessel_writer v = {call, &w, 0};
    SEINE_TRY(each_of_vessel(&v, "gold.ais_vessels",
                             "t.mmsi, t.name, t.names, t.callsign, t.callsigns, t.imo, t.imos, t.flag, t.flag_country,"
                             " t.vessel_type, t.vessel_type_name, t.length, t.width, t.draft, t.transceiver,"
                             " t.first_ts, t.last_ts, t.days_seen, t.fixes",
                             "", take_vessel, error));
    if (v.rows == 0) {
        call->hint = "search with /api/v1/vessels?q=";
        return seine_fail(error, SEINE_E_NOT_FOUND, "no vessel has the id %.*s",
                          SEINE_STR_ARG(seine_call_input(call, "mmsi")->text));
    }
    SEINE_TRY(put_state(&v, error));
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? SEINE_OK : seine_fail(error, w.status, "out of memory");
}

#define TEXT_OR_NULL "{\"type\":[\"string\",\"null\"]}"
#define NUMBER_OR_NULL "{\"type\":[\"number\",\"null\"]}"
#define COUNTED_TEXTS                                                                                     \
    "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"string\"}," \
    "\"fixes\":{\"type\":\"integer\"}}}}"

const seine_route seine_vessel_routes[SEINE_VESSEL_ROUTES] = {
    {.pattern = "/api/v1/vessels/current",
     .name = "vessels_current",
     .flags = SEINE_ROUTE_PURE,
     .summary = "The newest position of each vessel, newest first",
     SEINE_PARAMS(current_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"gold.ais_last_state"},
     .rows_name = "data",
     SEINE_FIELDS(current_fields),
     .members = "{\"count\":{\"type\":\"integer\"}," P_NEXT ",\"cached\":{\"type\":\"boolean\"}}",
     .run = get_current},
    {.pattern = "/api/v1/vessels",
     .name = "vessels_search",
     .flags = SEINE_ROUTE_PURE,
     .summary = "Vessels by a part of id, name, call sign or IMO number, most positions first",
     SEINE_PARAMS(search_params),
     .formats = SEINE_FORMATS_ROWS,
     .tables = {"gold.ais_vessels"},
     .rows_name = "data",
     SEINE_FIELDS(search_fields),
     .members = "{\"count\":{\"type\":\"integer\"}," P_NEXT "}",
     .run = get_search},
    {.pattern = "/api/v1/vessels/{mmsi}",
     .name = "vessel",
     .summary = "What is known about one vessel",
     SEINE_PARAMS(vessel_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"gold.ais_vessels", "gold.ais_last_state", "events.ais_gaps"},
     .members = "{\"mmsi\":{\"type\":\"string\"},\"name\":" TEXT_OR_NULL ",\"names\":" COUNTED_TEXTS
                ",\"callsign\":" TEXT_OR_NULL ",\"callsigns\":" COUNTED_TEXTS ",\"imo\":" TEXT_OR_NULL
                ",\"imos\":" COUNTED_TEXTS ",\"flag\":" TEXT_OR_NULL ",\"flag_country\":" TEXT_OR_NULL
                ",\"vessel_type\":{\"type\":[\"integer\",\"null\"]},\"vessel_type_name\":" TEXT_OR_NULL
                ",\"length\":" NUMBER_OR_NULL ",\"width\":" NUMBER_OR_NULL ",\"draft\":" NUMBER_OR_NULL
                ",\"transceiver\":" TEXT_OR_NULL ",\"first_seen\":" TEXT_OR_NULL ",\"last_seen\":" TEXT_OR_NULL
                ",\"days_seen\":{\"type\":[\"integer\",\"null\"]},\"fixes\":{\"type\":\"integer\"}"
                ",\"last_position\":{\"type\":[\"object\",\"null\"]},\"gaps\":{\"type\":\"object\"}}",
     .run = get_vessel},
    {.pattern = "/api/v1/vessels/{mmsi}/history",
     .name = "vessel_history",
     .summary = "Positions of one vessel, newest first",
     SEINE_PARAMS(history_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"silver.ais", "silver.ais_enriched"},
     .rows_name = "history",
     SEINE_FIELDS(history_fields),
     .members = "{\"mmsi\":{\"type\":\"string\"},\"count\":{\"type\":\"integer\"}," P_NEXT "}",
     .run = get_history},
    {.pattern = "/api/v1/vessels/{mmsi}/days",
     .name = "vessel_days",
     .flags = SEINE_ROUTE_PURE,
     .summary = "Days on which one vessel was seen",
     SEINE_PARAMS(day_params),
     .formats = SEINE_FORMATS_ROWS,
     .tables = {"gold.ais_vessel_days"},
     .rows_name = "days",
     SEINE_FIELDS(day_fields),
     .members = "{\"mmsi\":{\"type\":\"string\"}," P_NEXT "}",
     .run = get_days},
    {.pattern = "/api/v1/statistics/daily",
     .name = "statistics_daily",
     .summary = "Statistics of one day by type of vessel",
     SEINE_PARAMS(statistic_params),
     .formats = SEINE_FORMATS_ROWS,
     .tables = {"gold.ais_daily_statistics"},
     .rows_name = "statistics",
     SEINE_FIELDS(statistic_fields),
     .members = "{\"date\":{\"type\":\"string\",\"format\":\"date\"}," P_NEXT ",\"cached\":{\"type\":\"boolean\"}}",
     .run = get_statistics},
};
