#include "columns/fishing_table.h"

#include "seine/fishing.h"

#include <string.h>

#define EVENT_ID "MD5 of fishing|chain|id|start"
#define FISHING_ID "MD5 of fishing|ssvid|start|end, the id of pipe-events; another one as long as the event grows"

const seine_column seine_fishing_table[SEINE_FISHING_TABLE_COLUMNS] = {
    {1, "event_id", SEINE_TYPE_STRING, true, false, "", EVENT_ID},
    {2, "id", SEINE_TYPE_STRING, true, false, "", "id of the mover: of the segment, where there are segments"},
    {3, "start_ts", SEINE_TYPE_TIMESTAMPTZ, true, false, "", "first message of fishing"},
    {4, "end_ts", SEINE_TYPE_TIMESTAMPTZ, true, false, "", "last message of fishing, so far while open"},
    {5, "is_closed", SEINE_TYPE_BOOLEAN, true, false, "", "whether no message to come can belong to it"},
    {6, "version", SEINE_TYPE_LONG, true, true, "", "Unix seconds of the run that made this row; grows"},
    {7, "produced_day", SEINE_TYPE_DATE, false, false, "", "day whose messages ended the event; null while none has"},
    {8, "fishing_id", SEINE_TYPE_STRING, true, false, "", FISHING_ID},
    {9, SEINE_FISHING_SSVID, SEINE_TYPE_STRING, true, false, "", "the vessel, as the first message tells; else the id"},
    {10, "chain", SEINE_TYPE_STRING, true, false, "", "nnet: by nnet_score; night: by night_loitering"},
    {11, "message_count", SEINE_TYPE_LONG, true, false, "", "messages of fishing"},
    {12, "duration_h", SEINE_TYPE_DOUBLE, true, false, "h", "from start to end"},
    {13, "distance_m", SEINE_TYPE_DOUBLE, false, false, "m", "sum of the ways to these messages, but for the first"},
    {14, "avg_speed", SEINE_TYPE_DOUBLE, false, false, "kn", "mean speed of the messages"},
    {15, "avg_implied_speed", SEINE_TYPE_DOUBLE, false, false, "kn", "mean speed between messages"},
    {16, "avg_step_m", SEINE_TYPE_DOUBLE, false, false, "m", "mean way from message to message"},
    {17, "avg_step_h", SEINE_TYPE_DOUBLE, false, false, "h", "mean time from message to message"},
    {18, "lat_min", SEINE_TYPE_DOUBLE, true, false, "deg", "southern edge of the box"},
    {19, "lat_max", SEINE_TYPE_DOUBLE, true, false, "deg", "northern edge"},
    {20, "lon_min", SEINE_TYPE_DOUBLE, true, false, "deg", "western edge; greater than lon_max across 180 degrees"},
    {21, "lon_max", SEINE_TYPE_DOUBLE, true, false, "deg", "eastern edge"},
    {22, "lat_mean", SEINE_TYPE_DOUBLE, true, false, "deg", "middle of the messages on the sphere"},
    {23, "lon_mean", SEINE_TYPE_DOUBLE, true, false, "deg", "middle of the messages on the sphere"},
    {24, "start_lat", SEINE_TYPE_DOUBLE, true, false, "deg", "latitude of the first message"},
    {25, "start_lon", SEINE_TYPE_DOUBLE, true, false, "deg", "longitude of the first message"},
    {26, "end_lat", SEINE_TYPE_DOUBLE, true, false, "deg", "latitude of the last message"},
    {27, "end_lon", SEINE_TYPE_DOUBLE, true, false, "deg", "longitude of the last message"},
    {28, "score_source", SEINE_TYPE_STRING, false, false, "",
     "rules: scores made by plain rules; null: they came along"},
};

/* What the detector reads beside time, place and speed, by the names that it has for it. */
static const struct {
    const char *name, *unit;
    bool is_score;
} inputs[] = {{"nnet_score", "", true},
              {"night_loitering", "", true},
              {"meters_to_prev", "m", false},
              {"hours", "h", false},
              {"implied_speed_knots", "kn", false}};

static size_t find(const seine_dataset *dataset, const char *name) {
    for (size_t i = SEINE_DATASET_MEASURES; i < dataset->column_count; i++)
        if (strcmp(dataset->columns[i].name, name) == 0) return i;
    return SIZE_MAX;
}

size_t seine_fishing_number(const seine_dataset *dataset, const char *name) {
    const size_t at = find(dataset, name);
    return at != SIZE_MAX && !seine_type_is_text(dataset->columns[at].type) ? at : SIZE_MAX;
}

size_t seine_fishing_ruled(const seine_dataset *dataset, size_t input) {
    static const seine_column_names ruled[SEINE_FISHING_INPUTS] = {
        [SEINE_FISHING_IN_COURSE] = {{"cog", "course"}, "deg"},
        [SEINE_FISHING_IN_TYPE] = {{"vessel_type"}, ""},
        [SEINE_FISHING_IN_GEAR] = {{"vessel_class", "geartype"}, NULL},
        [SEINE_FISHING_IN_PORT] = {{"distance_from_port_m"}, "m"},
        [SEINE_FISHING_IN_SHORE] = {{"distance_from_shore_m"}, "m"},
    };
    return seine_dataset_named(dataset, &ruled[input]);
}

const char *seine_fishing_refusal(const seine_dataset *dataset, seine_arena *arena) {
    const char *id = dataset->columns[SEINE_DATASET_ID].name;
    bool has_score = false;
    if (seine_dataset_knots(dataset) == SIZE_MAX)
        return "fishing needs a speed: a measure with the unit kn, such as speed_knots: {unit: kn}";
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        const size_t at = find(dataset, inputs[i].name);
        if (at == SIZE_MAX) continue;
        const seine_dataset_column *column = &dataset->columns[at];
        if (seine_type_is_text(column->type))
            return seine_arena_printf(arena, "fishing reads %s, which is a text here; write type: %s", column->name,
                                      inputs[i].is_score ? "int" : "double");
        if (strcmp(column->unit, inputs[i].unit) != 0)
            return seine_arena_printf(arena, "fishing reads %s in %s; here its unit is %s", column->name,
                                      *inputs[i].unit != '\0' ? inputs[i].unit : "no unit",
                                      *column->unit != '\0' ? column->unit : "not told");
        has_score = has_score || inputs[i].is_score;
    }
    if (!has_score && !dataset->fishes_by_rules)
        return "fishing needs a score of each row: a column nnet_score or night_loitering, type: int; "
               "or fishing_score: rules";
    for (size_t i = 0; i < SEINE_FISHING_TABLE_COLUMNS; i++)
        if (i != SEINE_FISHING_TABLE_ID && strcmp(seine_fishing_table[i].name, id) == 0)
            return seine_arena_printf(arena, "%s is a column of events of fishing; give the id another name", id);
    return "";
}
