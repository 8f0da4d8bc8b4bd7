/* Events, pairs, companions and ports. */
#include "base/time.h"
#include "base/try.h"
#include "serve/movers.h"
#include "serve/params.h"
#include "serve/routes.h"

#include <stdio.h>

#define NEXT_MEMBERS "{\"count\":{\"type\":\"integer\"}," P_NEXT "}"

/* Selects the list from one table and answers. @p more (may be NULL) appends joins; conditions stand in scan->where. */
static seine_status answer(seine_call *call, const seine_list *list, seine_scan *scan, const char *names_of,
                           seine_error *error) {
    seine_sql sql;
    seine_sql_init(&sql, &call->arena);
    seine_list_select(call, list, &sql);
    seine_scan_put_from(scan, &sql);
    if (names_of != NULL) seine_sql_put_names(call, &sql, names_of);
    seine_scan_put_where(scan, &sql);
    const seine_status status = seine_list_answer(call, list, &sql, error);
    seine_scan_free(scan);
    seine_sql_free(&sql);
    return status;
}

/* ---- events ---- */

#define GAP_FIELDS                                                                                           \
    {"start", SEINE_TYPE_TIMESTAMPTZ, "g.start_ts", false, "last position before the silence"},              \
        {"end", SEINE_TYPE_TIMESTAMPTZ, "g.end_ts", true, "first position after it; null while open"},       \
        {"is_closed", SEINE_TYPE_BOOLEAN, "g.is_closed", false, "whether it has ended"},                     \
        {"duration_h", SEINE_TYPE_DOUBLE, "g.duration_h", true, "hours"},                                    \
        {"distance_m", SEINE_TYPE_DOUBLE, "g.distance_m", true, "metres from start to end"},                 \
        {"implied_speed_knots", SEINE_TYPE_DOUBLE, "g.implied_speed_knots", true, "distance over duration"}, \
        {"start_lat", SEINE_TYPE_DOUBLE, "g.start_lat", true, "degrees"},                                    \
        {"start_lon", SEINE_TYPE_DOUBLE, "g.start_lon", true, "degrees"},                                    \
        {"end_lat", SEINE_TYPE_DOUBLE, "g.end_lat", true, "degrees"},                                        \
        {"end_lon", SEINE_TYPE_DOUBLE, "g.end_lon", true, "degrees"}, {                                      \
        "version", SEINE_TYPE_LONG, "g.version", false, "grows with each change of the event"                \
    }
static const seine_field gap_fields[] = {{"event_id", SEINE_TYPE_STRING, "g.event_id", false, "never changes"},
                                         {"kind", SEINE_TYPE_STRING, "'gaps'", false, "gaps"},
                                         {"mmsi", SEINE_TYPE_STRING, "g.mmsi", false, "vessel id"},
                                         {"name", SEINE_TYPE_STRING, "v.name", true, "name of the vessel"},
                                         GAP_FIELDS};
static const seine_field mover_gap_fields[] = {{"event_id", SEINE_TYPE_STRING, "g.event_id", false, "never changes"},
                                               {"id", SEINE_TYPE_STRING, NULL, false, "id of the mover"},
                                               GAP_FIELDS};
#define P_EVENT                                                                       \
    {.name = "min_hours",                                                             \
     .kind = SEINE_PARAM_NUMBER,                                                      \
     .least = 0,                                                                      \
     .most = 1000000,                                                                 \
     .doc = "only events that last at least so long; open ones up to the watermark"}, \
        {.name = "max_hours",                                                         \
         .kind = SEINE_PARAM_NUMBER,                                                  \
         .least = 0,                                                                  \
         .most = 1000000,                                                             \
         .doc = "only events that last at most so long"},                             \
        P_START, P_END, P_BOX
#define P_OPEN \
    { .name = "open", .kind = SEINE_PARAM_FLAG, .doc = "only open events, or only closed ones" }
static const seine_param event_params[] = {
    {.name = "kind", .kind = SEINE_PARAM_CHOICE, .choices = "gaps", .fallback = "gaps", .doc = "kind of event"},
    P_EVENT,
    P_ID,
    P_OPEN,
    P_LIMIT("100", 10000),
    P_CURSOR,
    P_AS_OF};
static const seine_param mover_gap_params[] = {P_DATASET, P_EVENT, P_ONE_MOVER, P_OPEN, P_LIMIT("100", 10000),
                                               P_CURSOR,  P_AS_OF};

/* Appends ` AND the hours of the event sign value`; an open one lasts up to the watermark. */
static void put_hours(const seine_movers *movers, seine_sql *where, const char *sign, double hours) {
    seine_sql_put(where, " AND coalesce(g.duration_h, (");
    seine_sql_put_long(where, movers->watermark_us != INT64_MIN ? movers->watermark_us : 0);
    seine_sql_put(where, " - epoch_us(g.start_ts)) / 3600000000.0) %s ", sign);
    seine_sql_put_double(where, hours);
}

/* The middle of the way from start to end, relative to the middle of the box; its absolute value. */
static void put_way_from(seine_sql *sql, const char *before, const char *middle, double box_middle, const char *after) {
    seine_sql_put(sql, "%s%s - ", before, middle);
    seine_sql_put_double(sql, box_middle);
    seine_sql_put(sql, "%s", after);
}

/* " <= " what the way and the box take of an axis: |way| / 2 + half of the box. */
static void put_reach(seine_sql *sql, const char *way, double half) {
    seine_sql_put(sql, " <= abs(%s) / 2 + ", way);
    seine_sql_put_double(sql, half);
}

/*
 * Whether the straight way from start to end, the short way round, passes through the box: no axis lies between the two
 * (those of the box and the one across the way). Longitudes are taken relative to the middle of the box, so 180 degrees
 * are nothing special. Of a box wider than half the globe only the ranges are compared.
 */
static void put_way_in_box(seine_sql *sql, const double box[4]) {
    static const char dx[] = "((g.end_lon - g.start_lon + 540) % 360 - 180)", dy[] = "(g.end_lat - g.start_lat)";
    static const char middle_lat[] = "(g.start_lat + g.end_lat) / 2";
    char middle_lon[128];
    (void)snprintf(middle_lon, sizeof middle_lon, "(g.start_lon + %s / 2", dx);
    const double width = box[0] <= box[2] ? box[2] - box[0] : box[2] - box[0] + 360;
    const double half_lon = width / 2, half_lat = (box[3] - box[1]) / 2;
    const double lon = box[0] + half_lon, lat = (box[1] + box[3]) / 2;
    static const char turned[] = " + 900) % 360 - 180)";
    put_way_from(sql, "(abs(", middle_lon, lon, turned);
    put_reach(sql, dx, half_lon);
    put_way_from(sql, " AND abs(", middle_lat, lat, ")");
    put_reach(sql, dy, half_lat);
    if (width <= 180) {
        put_way_from(sql, " AND abs((", middle_lon, lon, turned);
        seine_sql_put(sql, " * %s - ", dy);
        put_way_from(sql, "(", middle_lat, lat, ")");
        seine_sql_put(sql, " * %s) <= abs(%s) * ", dx, dy);
        seine_sql_put_double(sql, half_lon);
        seine_sql_put(sql, " + abs(%s) * ", dx);
        seine_sql_put_double(sql, half_lat);
    }
    seine_sql_put(sql, ")");
}

/*
 * An event lasts from its start up to, and not with, its end; it matters to a span when they have a moment in common,
 * and to a box when one of its ends lies in it or the way between them leads through it.
 */
static void put_event_conditions(seine_call *call, const seine_movers *movers, seine_scan *scan) {
    const seine_input *box = seine_call_input(call, "bbox");
    const seine_input *start = seine_call_input(call, "start"), *end = seine_call_input(call, "end");
    const seine_input *least = seine_call_input(call, "min_hours"), *most = seine_call_input(call, "max_hours");
    const seine_input *open = seine_call_input(call, "open");
    if (movers->wanted.size > 0) seine_scan_id(scan, movers->id, movers->wanted);
    if (end->given) seine_scan_range(scan, "start_ts", INT64_MIN, end->time_us - 1);
    if (start->given) {
        seine_sql_put(&scan->where, " AND (g.end_ts IS NULL OR g.end_ts > ");
        seine_sql_put_time(&scan->where, start->time_us);
        seine_sql_put(&scan->where, ")");
    }
    if (least->given) put_hours(movers, &scan->where, ">=", least->number);
    if (most->given) put_hours(movers, &scan->where, "<=", most->number);
    if (open->given) seine_sql_put(&scan->where, " AND g.is_closed = %s", open->flag ? "false" : "true");
    if (!box->given) return;
    seine_sql_put(&scan->where, " AND (");
    seine_sql_put_box(&scan->where, "g.start_lon", "g.start_lat", box->box);
    seine_sql_put(&scan->where, " OR coalesce(");
    seine_sql_put_box(&scan->where, "g.end_lon", "g.end_lat", box->box);
    seine_sql_put(&scan->where, ", false) OR coalesce(");
    put_way_in_box(&scan->where, box->box);
    seine_sql_put(&scan->where, ", false))");
}

static seine_status get_events(seine_call *call, seine_error *error) {
    const seine_list list = {
        .keys = {{"g.start_ts", SEINE_TYPE_TIMESTAMPTZ, true}, {"g.event_id", SEINE_TYPE_STRING, false}},
        .key_count = 2,
        .has_count = true};
    seine_movers movers;
    SEINE_TRY(seine_call_movers(call, &movers, error));
    SEINE_TRY(seine_movers_need(call, &movers, SEINE_MOVERS_GAPS, error));
    SEINE_TRY(seine_movers_fields(call, &movers, "g", error));
    seine_scan scan;
    seine_scan_begin(&scan, call->view, movers.tables[SEINE_MOVERS_GAPS], "g", &call->arena);
    put_event_conditions(call, &movers, &scan);
    return answer(call, &list, &scan, movers.are_vessels ? "g.mmsi" : NULL, error);
}

/* ---- published events of fishing ---- */

static const seine_field fishing_fields[] = {
    {"event_id", SEINE_TYPE_STRING, "f.event_id", false, "another one as long as the event grows"},
    {"candidate_id", SEINE_TYPE_STRING, "f.candidate_id", false, "never changes"},
    {"id", SEINE_TYPE_STRING, "f.seg_id", false, "id of the mover"},
    {"vessel_id", SEINE_TYPE_STRING, "f.vessel_id", false, "the vessel whose it is"},
    {"start", SEINE_TYPE_TIMESTAMPTZ, "f.event_start", false, "first message"},
    {"end", SEINE_TYPE_TIMESTAMPTZ, "f.event_end", false, "last message, so far while open"},
    {"is_closed", SEINE_TYPE_BOOLEAN, "f.is_closed", false, "whether no message to come can belong to it"},
    {"latitude", SEINE_TYPE_DOUBLE, "f.lat_mean", false, "degrees, of the middle"},
    {"longitude", SEINE_TYPE_DOUBLE, "f.lon_mean", false, "degrees, of the middle"},
    {"lat_min", SEINE_TYPE_DOUBLE, "f.lat_min", false, "degrees, of the southern edge"},
    {"lat_max", SEINE_TYPE_DOUBLE, "f.lat_max", false, "degrees, of the northern edge"},
    {"lon_min", SEINE_TYPE_DOUBLE, "f.lon_min", false, "degrees; greater than lon_max across 180 degrees"},
    {"lon_max", SEINE_TYPE_DOUBLE, "f.lon_max", false, "degrees, of the eastern edge"},
    {"potential_risk", SEINE_TYPE_BOOLEAN, "f.potential_risk", false, "not authorized, and outside of every EEZ"},
    {"vessel_public_authorization_status", SEINE_TYPE_STRING, "f.vessel_public_authorization_status", false,
     "what the authorizations of all registries come to"},
    {"is_restrictive", SEINE_TYPE_BOOLEAN, "f.is_restrictive", false, "whether the ship type is fishing"},
    {"start_distance_from_shore_km", SEINE_TYPE_DOUBLE, "f.start_distance_from_shore_km", true, "of the first message"},
    {"end_distance_from_shore_km", SEINE_TYPE_DOUBLE, "f.end_distance_from_shore_km", true, "of the last message"},
    {"start_distance_from_port_km", SEINE_TYPE_DOUBLE, "f.start_distance_from_port_km", true, "of the first message"},
    {"end_distance_from_port_km", SEINE_TYPE_DOUBLE, "f.end_distance_from_port_km", true, "of the last message"},
    {"regions_mean_position", SEINE_TYPE_STRING, "f.regions_mean_position", false, "JSON: ids of regions by layer"},
    {"event_info", SEINE_TYPE_STRING, "f.event_info", false, "JSON: messages, means, risk, status"},
    {"event_vessels", SEINE_TYPE_STRING, "f.event_vessels", false, "JSON: the vessel and its authorizations"},
    {"version", SEINE_TYPE_LONG, "f.version", false, "grows with each change of the event"},
};
static const seine_param fishing_params[] = {
    P_DATASET,
    P_START,
    P_END,
    P_BOX,
    P_ONE_MOVER,
    {.name = "vessel", .kind = SEINE_PARAM_TEXT, .most = SEINE_MOVER_ID_MAX, .doc = "only this vessel_id"},
    {.name = "risk", .kind = SEINE_PARAM_FLAG, .doc = "only events of potential risk, or only the others"},
    P_OPEN,
    P_LIMIT("100", 10000),
    P_CURSOR,
    P_AS_OF};

/* "((angle) mod 360)", from 0 up to 360, of @p edge relative to @p from degrees or, if so told, the other way round. */
static void put_turn(seine_sql *sql, const char *edge, double from, bool is_back) {
    seine_sql_put(sql, "((%s(%s - ", is_back ? "-" : "", edge);
    seine_sql_put_double(sql, from);
    seine_sql_put(sql, ") + 720) %% 360)");
}

/* Whether the box of the event and the one that is asked for have a point in common: one of the two western edges lies
 * in the other box. */
static void put_boxes_meet(seine_scan *scan, const double box[4]) {
    const double width = box[0] <= box[2] ? box[2] - box[0] : box[2] - box[0] + 360;
    seine_scan_between(scan, "lat_min", -90, box[3]);
    seine_scan_between(scan, "lat_max", box[1], 90);
    seine_sql_put(&scan->where, " AND (");
    put_turn(&scan->where, "f.lon_min", box[0], false);
    seine_sql_put(&scan->where, " <= ");
    seine_sql_put_double(&scan->where, width);
    seine_sql_put(&scan->where, " OR ");
    put_turn(&scan->where, "f.lon_min", box[0], true);
    seine_sql_put(&scan->where, " <= (f.lon_max - f.lon_min + 360) %% 360)");
}

static seine_status get_fishing_events(seine_call *call, seine_error *error) {
    const seine_list list = {
        .keys = {{"f.event_start", SEINE_TYPE_TIMESTAMPTZ, true}, {"f.candidate_id", SEINE_TYPE_STRING, false}},
        .key_count = 2,
        .has_count = true};
    seine_movers movers;
    SEINE_TRY(seine_call_movers(call, &movers, error));
    SEINE_TRY(seine_movers_need(call, &movers, SEINE_MOVERS_FISHING, error));
    const seine_input *start = seine_call_input(call, "start"), *end = seine_call_input(call, "end");
    const seine_input *box = seine_call_input(call, "bbox"), *vessel = seine_call_input(call, "vessel");
    const seine_input *risk = seine_call_input(call, "risk"), *open = seine_call_input(call, "open");
    seine_scan scan;
    seine_scan_begin(&scan, call->view, movers.tables[SEINE_MOVERS_FISHING], "f", &call->arena);
    if (movers.wanted.size > 0) seine_scan_id(&scan, "seg_id", movers.wanted);
    if (vessel->given) seine_scan_ids(&scan, "vessel_id", &vessel->text, 1);
    if (end->given) seine_scan_range(&scan, "event_start", INT64_MIN, end->time_us - 1);
    if (start->given) seine_scan_range(&scan, "event_end", start->time_us, INT64_MAX);
    if (box->given) put_boxes_meet(&scan, box->box);
    if (risk->given) seine_sql_put(&scan.where, " AND f.potential_risk = %s", risk->flag ? "true" : "false");
    if (open->given) seine_sql_put(&scan.where, " AND f.is_closed = %s", open->flag ? "false" : "true");
    return answer(call, &list, &scan, NULL, error);
}

/* ---- pairs ---- */

/* ` AND` either vessel of the pair is this one. */
static void put_either(seine_sql *where, const char *alias, seine_str id) {
    seine_sql_put(where, " AND (%s.uid_a = ", alias);
    seine_sql_put_text(where, id);
    seine_sql_put(where, " OR %s.uid_b = ", alias);
    seine_sql_put_text(where, id);
    seine_sql_put(where, ")");
}

static const seine_field pair_fields[] = {
    {"uid_a", SEINE_TYPE_STRING, "p.uid_a", false, "vessel id, the smaller one as text"},
    {"uid_b", SEINE_TYPE_STRING, "p.uid_b", false, "vessel id, the greater one as text"},
    {"day_date", SEINE_TYPE_DATE, "p.day_date", false, "UTC day"},
    {"hA", SEINE_TYPE_LONG, "p.\"hA\"", false, "hours in which vessel a was seen"},
    {"hB", SEINE_TYPE_LONG, "p.\"hB\"", false, "hours in which vessel b was seen"},
    {"gA", SEINE_TYPE_LONG, "p.\"gA\"", false, "cells of vessel a"},
    {"gB", SEINE_TYPE_LONG, "p.\"gB\"", false, "cells of vessel b"},
    {"hT", SEINE_TYPE_LONG, "p.\"hT\"", false, "hours in which both were in the same cell"},
    {"gT", SEINE_TYPE_LONG, "p.\"gT\"", false, "different cells they shared"},
    {"temporal_j", SEINE_TYPE_DOUBLE, "p.temporal_j", false, "hT / (hA + hB - hT)"},
    {"spatial_j", SEINE_TYPE_DOUBLE, "p.spatial_j", false, "gT / (gA + gB - gT)"},
    {"gtj", SEINE_TYPE_DOUBLE, "p.gtj", false, "mean of the two: how much of both days"},
    {"temporal_o", SEINE_TYPE_DOUBLE, "p.temporal_o", false, "hT / least of hA, hB"},
    {"spatial_o", SEINE_TYPE_DOUBLE, "p.spatial_o", false, "gT / least of gA, gB"},
    {"gto", SEINE_TYPE_DOUBLE, "p.gto", false, "mean of the two: how much of the shorter day"},
};
static const seine_param pair_params[] = {
    {.name = "day", .kind = SEINE_PARAM_DATE, .doc = "only this UTC day"},
    P_ID,
    {.name = "min_score", .kind = SEINE_PARAM_NUMBER, .least = 0, .most = 1, .doc = "least gtj"},
    P_LIMIT("100", 10000),
    P_CURSOR,
    P_AS_OF};

static seine_status get_pairs(seine_call *call, seine_error *error) {
    const seine_list list = {.keys = {{"p.gtj", SEINE_TYPE_DOUBLE, true},
                                      {"p.day_date", SEINE_TYPE_DATE, true},
                                      {"p.uid_a", SEINE_TYPE_STRING, false},
                                      {"p.uid_b", SEINE_TYPE_STRING, false}},
                             .key_count = 4,
                             .has_count = true};
    SEINE_TRY(seine_call_need(call, "gold.ais_pairs_daily", error));
    const seine_input *day = seine_call_input(call, "day"), *id = seine_call_input(call, "mmsi");
    const seine_input *score = seine_call_input(call, "min_score");
    seine_scan scan;
    seine_scan_begin(&scan, call->view, "gold.ais_pairs_daily", "p", &call->arena);
    if (day->given) seine_scan_range(&scan, "day_date", day->integer, day->integer);
    if (score->given) seine_scan_between(&scan, "gtj", score->number, 1);
    if (id->given) put_either(&scan.where, "p", id->text);
    return answer(call, &list, &scan, NULL, error);
}

/* ---- companions ---- */

static const seine_field companion_fields[] = {
    {"mmsi", SEINE_TYPE_STRING, "c.mmsi", false, "the other vessel"},
    {"name", SEINE_TYPE_STRING, "v.name", true, "its name"},
    {"days_together", SEINE_TYPE_LONG, "c.days_together", false, "days on which they moved together"},
    {"days_both_seen", SEINE_TYPE_LONG, "c.days_both_seen", false, "days on which both were seen anywhere"},
    {"hours_together", SEINE_TYPE_LONG, "c.hours_together", false, "hours they moved together"},
    {"share", SEINE_TYPE_DOUBLE, "c.share", false, "days_together / days_both_seen"},
    {"avg_distance", SEINE_TYPE_DOUBLE, "c.avg_distance_m", true, "metres"},
    {"score", SEINE_TYPE_DOUBLE, "c.score", false, "0 to 1"},
    {"first_day", SEINE_TYPE_DATE, "c.first_day", false, "first day together"},
    {"last_day", SEINE_TYPE_DATE, "c.last_day", false, "last day together"},
};
static const seine_param companion_params[] = {P_PATH_ID, P_LIMIT("1000", 10000), P_CURSOR, P_AS_OF};

static seine_status get_companions(seine_call *call, seine_error *error) {
    const seine_str id = seine_call_input(call, "mmsi")->text;
    const seine_list list = {.keys = {{"c.score", SEINE_TYPE_DOUBLE, true}, {"c.mmsi", SEINE_TYPE_STRING, false}},
                             .key_count = 2,
                             .members = {{"mmsi", id}},
                             .member_count = 1,
                             .has_count = true};
    SEINE_TRY(seine_call_need(call, "gold.ais_companions", error));
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, "gold.ais_companions", "t", &call->arena);
    put_either(&scan.where, "t", id);
    seine_list_select(call, &list, &sql);
    seine_sql_put(&sql, "(SELECT CASE WHEN t.uid_a = ");
    seine_sql_put_text(&sql, id);
    seine_sql_put(&sql, " THEN t.uid_b ELSE t.uid_a END AS mmsi, t.* FROM ");
    seine_scan_put(&scan, &sql);
    seine_sql_put(&sql, ") AS c");
    seine_sql_put_names(call, &sql, "c.mmsi");
    seine_sql_put(&sql, " WHERE true");
    return seine_list_answer(call, &list, &sql, error);
}

/* ---- ports ---- */

static const seine_field port_fields[] = {
    {"port_id", SEINE_TYPE_STRING, "p.port_id", false, "id in the list of ports"},
    {"port_name", SEINE_TYPE_STRING, "p.port_name", false, "name"},
    {"latitude", SEINE_TYPE_DOUBLE, "p.lat", false, "degrees"},
    {"longitude", SEINE_TYPE_DOUBLE, "p.lon", false, "degrees"},
    {"country", SEINE_TYPE_STRING, "p.country", true, "country"},
    {"unlocode", SEINE_TYPE_STRING, "p.unlocode", true, "UN/LOCODE"},
};
static const seine_param port_params[] = {P_BOX, P_SEARCH, P_LIMIT("1000", 20000), P_CURSOR, P_AS_OF};

static seine_status get_ports(seine_call *call, seine_error *error) {
    const seine_list list = {
        .keys = {{"p.port_name", SEINE_TYPE_STRING, false}, {"p.port_id", SEINE_TYPE_STRING, false}},
        .key_count = 2,
        .has_count = true};
    SEINE_TRY(seine_call_need(call, "ref.ports", error));
    const seine_input *box = seine_call_input(call, "bbox"), *text = seine_call_input(call, "q");
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, "ref.ports", "p", &call->arena);
    /* Of a port that was changed, the row that holds now. */
    seine_sql_put(&scan.where, " AND p.valid_to IS NULL");
    if (box->given) seine_scan_box(&scan, "lon", "lat", box->box);
    seine_list_select(call, &list, &sql);
    seine_scan_put(&scan, &sql);
    if (text->given && text->text.size > 0) {
        seine_sql_put(&sql, " AND (p.port_id = ");
        seine_sql_put_text(&sql, text->text);
        seine_sql_put(&sql, " OR ");
        seine_sql_put_contains(&sql, "p.port_name", text->text);
        seine_sql_put(&sql, " OR ");
        seine_sql_put_contains(&sql, "p.unlocode", text->text);
        seine_sql_put(&sql, ")");
    }
    return seine_list_answer(call, &list, &sql, error);
}

/* ---- calls at ports ---- */

static const seine_field port_event_fields[] = {
    {"event_id", SEINE_TYPE_STRING, "e.event_id", false, "id of the event"},
    {"mmsi", SEINE_TYPE_STRING, "e.mmsi", false, "vessel id"},
    {"name", SEINE_TYPE_STRING, "e.vessel_name", true, "name of the vessel"},
    {"timestamp", SEINE_TYPE_TIMESTAMPTZ, "e.ts", false, "when it happened"},
    {"event_type", SEINE_TYPE_STRING, "e.event_type", false, "PORT_ENTRY, PORT_STOP_BEGIN, PORT_STOP_END, PORT_EXIT"},
    {"port_name", SEINE_TYPE_STRING, "e.port_name", true, "name of the port"},
    {"latitude", SEINE_TYPE_DOUBLE, "e.lat", true, "degrees, of the port"},
    {"longitude", SEINE_TYPE_DOUBLE, "e.lon", true, "degrees, of the port"},
};
static const seine_param port_event_params[] = {
    P_START,
    P_END,
    P_BOX,
    P_ID,
    {.name = "event_type", .kind = SEINE_PARAM_TEXT, .most = 100, .doc = "only events of this type"},
    {.name = "port", .kind = SEINE_PARAM_TEXT, .most = 100, .doc = "part of the port's name, in any case of letters"},
    P_LIMIT("100", 10000),
    P_CURSOR,
    P_AS_OF};

static seine_status get_port_events(seine_call *call, seine_error *error) {
    const seine_list list = {.keys = {{"e.ts", SEINE_TYPE_TIMESTAMPTZ, true}, {"e.event_id", SEINE_TYPE_STRING, false}},
                             .key_count = 2,
                             .has_count = true};
    SEINE_TRY(seine_call_need(call, "events.port_events", error));
    const seine_input *start = seine_call_input(call, "start"), *end = seine_call_input(call, "end");
    const seine_input *box = seine_call_input(call, "bbox"), *id = seine_call_input(call, "mmsi");
    const seine_input *type = seine_call_input(call, "event_type"), *port = seine_call_input(call, "port");
    seine_scan scan;
    seine_scan_begin(&scan, call->view, "events.port_events", "e", &call->arena);
    if (start->given) {
        seine_scan_range(&scan, "dt", seine_time_day(start->time_us), INT64_MAX);
        seine_scan_range(&scan, "ts", start->time_us, INT64_MAX);
    }
    if (end->given) {
        seine_scan_range(&scan, "dt", INT64_MIN, seine_time_day(end->time_us - 1));
        seine_scan_range(&scan, "ts", INT64_MIN, end->time_us - 1);
    }
    if (box->given) seine_scan_box(&scan, "lon", "lat", box->box);
    if (id->given) seine_scan_id(&scan, "mmsi", id->text);
    if (type->given) seine_scan_ids(&scan, "event_type", &type->text, 1);
    if (port->given) {
        seine_sql_put(&scan.where, " AND ");
        seine_sql_put_contains(&scan.where, "e.port_name", port->text);
    }
    return answer(call, &list, &scan, NULL, error);
}

const seine_route seine_event_routes[SEINE_EVENT_ROUTES] = {
    {.pattern = "/api/v1/movers/{dataset}/gaps",
     .name = "mover_gaps",
     .summary = "Silences of the movers of a dataset, the latest first",
     SEINE_PARAMS(mover_gap_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"*"},
     .rows_name = "data",
     SEINE_FIELDS(mover_gap_fields),
     .members = NEXT_MEMBERS,
     .run = get_events},
    {.pattern = "/api/v1/movers/{dataset}/fishing-events",
     .name = "mover_fishing_events",
     .summary = "Published events of fishing of a dataset, the latest first",
     SEINE_PARAMS(fishing_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"*"},
     .rows_name = "data",
     SEINE_FIELDS(fishing_fields),
     .members = NEXT_MEMBERS,
     .run = get_fishing_events},
    {.pattern = "/api/v1/events",
     .name = "events",
     .summary = "Events, the latest first",
     SEINE_PARAMS(event_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"events.ais_gaps", "gold.ais_vessels"},
     .rows_name = "data",
     SEINE_FIELDS(gap_fields),
     .members = NEXT_MEMBERS,
     .run = get_events},
    {.pattern = "/api/v1/pairs",
     .name = "pairs",
     .flags = SEINE_ROUTE_PURE,
     .summary = "Vessels that spent a day in the same cells, highest score first",
     SEINE_PARAMS(pair_params),
     .formats = SEINE_FORMATS_ROWS,
     .tables = {"gold.ais_pairs_daily"},
     .rows_name = "data",
     SEINE_FIELDS(pair_fields),
     .members = NEXT_MEMBERS,
     .run = get_pairs},
    {.pattern = "/api/v1/vessels/{mmsi}/companions",
     .name = "vessel_companions",
     .summary = "Vessels that keep travelling with one, best score first",
     SEINE_PARAMS(companion_params),
     .formats = SEINE_FORMATS_ROWS,
     .tables = {"gold.ais_companions", "gold.ais_vessels"},
     .rows_name = "companions",
     SEINE_FIELDS(companion_fields),
     .members = "{\"mmsi\":{\"type\":\"string\"},\"count\":{\"type\":\"integer\"}," P_NEXT "}",
     .run = get_companions},
    {.pattern = "/api/v1/ports",
     .name = "ports",
     .flags = SEINE_ROUTE_PURE,
     .summary = "Ports of the lake's list",
     SEINE_PARAMS(port_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"ref.ports"},
     .rows_name = "data",
     SEINE_FIELDS(port_fields),
     .members = NEXT_MEMBERS,
     .run = get_ports},
    {.pattern = "/api/v1/port-events",
     .name = "port_events",
     .flags = SEINE_ROUTE_PURE,
     .summary = "Calls of vessels at ports, the latest first",
     SEINE_PARAMS(port_event_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"events.port_events"},
     .rows_name = "data",
     SEINE_FIELDS(port_event_fields),
     .members = NEXT_MEMBERS,
     .run = get_port_events},
};
