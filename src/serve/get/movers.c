/*
 * Movers of any dataset: which datasets there are, where their movers are, where they were, what they told. Rows have
 * the columns of the dataset's description behind those that all have, so their fields are made for each request.
 */
#include "serve/movers.h"

#include "base/time.h"
#include "base/try.h"
#include "columns/dataset.h"
#include "serve/look_up.h"
#include "serve/params.h"
#include "serve/routes.h"

/* ---- fields of a dataset ---- */

/* Fields being made, and the columns that they come from. */
typedef struct field_list {
    seine_call *call;
    const seine_movers *movers;
    seine_field fields[SEINE_DATASET_COLUMNS_MAX];
    seine_look_up_column columns[SEINE_DATASET_COLUMNS_MAX];
    size_t count;
    bool is_full; /* or memory is short */
} field_list;

static bool is_taken(const field_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->fields[i].name, name) == 0) return true;
    return false;
}

/* A name that stands already, such as that of a column called id, gets a _. */
static void add_field(field_list *list, const char *name, const char *column, seine_type type, bool nullable,
                      const char *doc) {
    seine_arena *arena = &list->call->arena;
    while (name != NULL && is_taken(list, name)) name = seine_arena_printf(arena, "%s_", name);
    const char *sql = seine_arena_printf(arena, "t.\"%s\"", column);
    if (name == NULL || sql == NULL || list->count == SEINE_DATASET_COLUMNS_MAX) {
        list->is_full = true;
        return;
    }
    list->columns[list->count] = (seine_look_up_column){column, type};
    list->fields[list->count++] = (seine_field){name, type, sql, nullable, doc};
}

/* Measures and other columns, of a table that has them under their name behind @p prefix; what it has not is left out.
 */
static void add_told(field_list *list, const char *table, const char *prefix) {
    const seine_view_table *found = seine_view_find(list->call->view, table);
    const seine_dataset *dataset = list->movers->dataset;
    for (size_t i = SEINE_DATASET_MEASURES; found != NULL && i < dataset->column_count; i++) {
        const seine_dataset_column *column = &dataset->columns[i];
        const char *name = seine_arena_printf(&list->call->arena, "%s%s", prefix, column->name);
        if (name == NULL)
            list->is_full = true;
        else if (seine_schema_column(found->schema, name) != SIZE_MAX)
            add_field(list, column->name, name, column->type, true, column->doc);
    }
}

/* The place and time of a row, and what it tells beside. */
static void add_fix(field_list *list, seine_movers_table table, const char *prefix, seine_arena *arena) {
    const seine_movers *m = list->movers;
    const bool may_lack = !m->dataset->needs_position;
    add_field(list, "timestamp", seine_arena_printf(arena, "%s%s", prefix, m->time), SEINE_TYPE_TIMESTAMPTZ, false,
              "time of the position, UTC");
    add_field(list, "latitude", seine_arena_printf(arena, "%s%s", prefix, m->lat), SEINE_TYPE_DOUBLE, may_lack,
              "degrees");
    add_field(list, "longitude", seine_arena_printf(arena, "%s%s", prefix, m->lon), SEINE_TYPE_DOUBLE, may_lack,
              "degrees");
    add_told(list, m->tables[table], prefix);
}

/* They are those of the answer from here on; the list has to live as long as the call. */
static seine_status use_fields(field_list *list, seine_error *error) {
    if (list->is_full) return seine_no_memory(error, "answer");
    list->call->fields = list->fields;
    list->call->field_count = list->count;
    return SEINE_OK;
}

static field_list *begin_fields(seine_call *call, const seine_movers *movers) {
    field_list *list = SEINE_ARENA_ARRAY(&call->arena, field_list, 1);
    if (list != NULL) *list = (field_list){.call = call, .movers = movers};
    return list;
}

/* ---- datasets ---- */

static const seine_param datasets_params[] = {P_AS_OF};

static int64_t rows_of(const seine_view *view, const char *table) {
    const seine_view_table *found = seine_view_find(view, table);
    return found != NULL && found->snapshot_id != -1 ? seine_table_rows(found->table) : -1;
}

static void put_count(seine_json_writer *w, const char *name, int64_t count) {
    if (count >= 0)
        seine_json_field_int(w, name, count);
    else
        seine_json_field_null(w, name);
}

/* From the first fix to the last one, as the bounds of silver's files tell. */
static void put_span(const seine_movers *m, const seine_view_table *silver, seine_json_writer *w) {
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (size_t i = 0; silver != NULL && i < silver->file_count; i++) {
        const seine_column_stats *stats = silver->files[i].file.stats;
        if (stats == NULL || !stats[SEINE_DATASET_TIME].has_bounds) continue;
        int64_t bounds[2];
        memcpy(&bounds[0], stats[SEINE_DATASET_TIME].lower, sizeof bounds[0]);
        memcpy(&bounds[1], stats[SEINE_DATASET_TIME].upper, sizeof bounds[1]);
        if (bounds[0] < first_us) first_us = bounds[0];
        if (bounds[1] > last_us) last_us = bounds[1];
    }
    const struct {
        const char *name;
        bool is_known;
        int64_t time_us;
    } times[] = {{"first", first_us <= last_us, first_us},
                 {"last", first_us <= last_us, last_us},
                 {"watermark", m->watermark_us != INT64_MIN, m->watermark_us}};
    for (size_t i = 0; i < SEINE_COUNT(times); i++) {
        seine_json_name(w, times[i].name);
        if (times[i].is_known)
            seine_json_put_time(w, times[i].time_us);
        else
            seine_json_put_null(w);
    }
}

static void put_columns(const seine_dataset *dataset, const char *name, size_t first, size_t end,
                        seine_json_writer *w) {
    seine_json_field_array(w, name);
    for (size_t i = first; i < end; i++) {
        const seine_dataset_column *column = &dataset->columns[i];
        seine_json_begin_object(w);
        seine_json_field_text(w, "name", column->name);
        seine_json_field_text(w, "type", seine_type_name(column->type));
        seine_json_field_text(w, "unit", column->unit);
        seine_json_field_text(w, "doc", column->doc);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

static void put_dataset(const seine_call *call, const seine_movers *m, seine_json_writer *w) {
    const seine_dataset *dataset = m->dataset;
    const size_t statics = seine_dataset_statics_first(dataset), speed = seine_dataset_speed(dataset);
    seine_json_begin_object(w);
    seine_json_field_text(w, "dataset", dataset->name);
    seine_json_field_text(w, "word", dataset->word);
    seine_json_field_text(w, "doc", dataset->doc);
    seine_json_field_text(w, "id", m->id);
    put_count(w, "fixes", rows_of(call->view, m->tables[SEINE_MOVERS_SILVER]));
    put_count(w, "movers", rows_of(call->view, m->tables[SEINE_MOVERS_LAST]));
    put_count(w, "gaps", rows_of(call->view, m->tables[SEINE_MOVERS_GAPS]));
    put_span(m, seine_view_find(call->view, m->tables[SEINE_MOVERS_SILVER]), w);
    seine_json_field_text(w, "speed", speed != SIZE_MAX ? m->speed : NULL);
    seine_json_field_text(w, "speed_unit", speed != SIZE_MAX ? dataset->columns[speed].unit : NULL);
    put_columns(dataset, "measures", SEINE_DATASET_MEASURES, statics, w);
    put_columns(dataset, "columns", statics, dataset->column_count, w);
    seine_json_end_object(w);
}

/* Ships, for which every lake has tables, only when it has some. */
static seine_status get_datasets(seine_call *call, seine_error *error) {
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    seine_json_field_array(&w, "data");
    for (size_t i = 0; i < call->view->dataset_count; i++) {
        seine_movers movers;
        const seine_dataset *dataset = call->view->datasets[i].dataset;
        SEINE_TRY(seine_movers_of(call, seine_str_of(dataset->name), &movers, error));
        if (dataset->silver != NULL || seine_movers_have(call, &movers, SEINE_MOVERS_SILVER))
            put_dataset(call, &movers, &w);
    }
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? SEINE_OK : seine_fail(error, w.status, "out of memory");
}

/* ---- where they are ---- */

static const seine_field last_fields[] = {
    {"id", SEINE_TYPE_STRING, NULL, false, "id of the mover"},
    {"timestamp", SEINE_TYPE_TIMESTAMPTZ, NULL, false, "time of the newest position, UTC"},
    {"latitude", SEINE_TYPE_DOUBLE, NULL, true, "degrees"},
    {"longitude", SEINE_TYPE_DOUBLE, NULL, true, "degrees"},
};
static const seine_param last_params[] = {P_DATASET, P_SEARCH, P_BOX, P_LIMIT("100", 50000), P_CURSOR, P_AS_OF};

/* ` AND` the id or one of the texts holds what is searched for. */
static void put_search(const field_list *list, seine_str text, seine_sql *sql) {
    const char *between = " AND (";
    for (size_t i = 0; i < list->count; i++) {
        if (list->fields[i].type != SEINE_TYPE_STRING) continue;
        seine_sql_put(sql, "%s", between);
        seine_sql_put_contains(sql, list->fields[i].sql, text);
        between = " OR ";
    }
    seine_sql_put(sql, ")");
}

static seine_status get_last(seine_call *call, seine_error *error) {
    seine_movers m;
    SEINE_TRY(seine_call_movers(call, &m, error));
    SEINE_TRY(seine_movers_need(call, &m, SEINE_MOVERS_LAST, error));
    field_list *list = begin_fields(call, &m);
    if (list == NULL) return seine_no_memory(error, "answer");
    add_field(list, "id", m.id, SEINE_TYPE_STRING, false, "id of the mover");
    add_fix(list, SEINE_MOVERS_LAST, m.last_prefix, &call->arena);
    SEINE_TRY(use_fields(list, error));
    const seine_list page = {
        .keys = {{list->fields[1].sql, SEINE_TYPE_TIMESTAMPTZ, true}, {list->fields[0].sql, SEINE_TYPE_STRING, false}},
        .key_count = 2,
        .has_count = true};
    const seine_input *box = seine_call_input(call, "bbox"), *text = seine_call_input(call, "q");
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, m.tables[SEINE_MOVERS_LAST], "t", &call->arena);
    if (box->given) seine_scan_box(&scan, list->columns[3].name, list->columns[2].name, box->box);
    seine_list_select(call, &page, &sql);
    seine_scan_put(&scan, &sql);
    if (text->given && text->text.size > 0) put_search(list, text->text, &sql);
    return seine_list_answer(call, &page, &sql, error);
}

/* ---- where one was ---- */

static const seine_field history_fields[] = {
    {"timestamp", SEINE_TYPE_TIMESTAMPTZ, NULL, false, "time of the position, UTC"},
    {"latitude", SEINE_TYPE_DOUBLE, NULL, true, "degrees"},
    {"longitude", SEINE_TYPE_DOUBLE, NULL, true, "degrees"},
};
static const seine_param history_params[] = {P_DATASET,
                                             P_MOVER,
                                             {.name = "days",
                                              .kind = SEINE_PARAM_INT,
                                              .least = 0,
                                              .most = 36600,
                                              .fallback = "7",
                                              .doc = "days before the last day of the dataset's data"},
                                             P_LIMIT("100000", 1000000),
                                             P_CURSOR,
                                             P_AS_OF};

static seine_status get_history(seine_call *call, seine_error *error) {
    seine_movers m;
    SEINE_TRY(seine_call_movers(call, &m, error));
    SEINE_TRY(seine_movers_need(call, &m, SEINE_MOVERS_SILVER, error));
    field_list *list = begin_fields(call, &m);
    if (list == NULL) return seine_no_memory(error, "answer");
    add_fix(list, SEINE_MOVERS_SILVER, "", &call->arena);
    SEINE_TRY(use_fields(list, error));
    const seine_list page = {.keys = {{m.time, SEINE_TYPE_TIMESTAMPTZ, true}},
                             .key_count = 1,
                             .members = {{m.key, m.wanted}},
                             .member_count = 1,
                             .has_count = true};
    const int32_t first = seine_movers_today(&m) - (int32_t)seine_call_input(call, "days")->integer;
    seine_look_up wanted = {.table = m.tables[SEINE_MOVERS_SILVER],
                            .id = m.id,
                            .time = m.time,
                            .mover = m.wanted,
                            .from_us = seine_time_day_start_us(first),
                            .to_us = INT64_MAX,
                            .newest_first = true,
                            .columns = list->columns,
                            .column_count = list->count};
    return seine_list_look_up(call, &page, &wanted, error);
}

/* ---- days ---- */

static const seine_field day_fields[] = {
    {"date", SEINE_TYPE_DATE, NULL, false, "UTC day"},
    {"fixes", SEINE_TYPE_LONG, NULL, false, "positions of the day"},
    {"first_ts", SEINE_TYPE_TIMESTAMPTZ, NULL, false, "first position"},
    {"last_ts", SEINE_TYPE_TIMESTAMPTZ, NULL, false, "last position"},
};
static const seine_param day_params[] = {P_DATASET, P_MOVER, P_LIMIT("10000", 100000), P_CURSOR, P_AS_OF};

static seine_status get_days(seine_call *call, seine_error *error) {
    seine_movers m;
    SEINE_TRY(seine_call_movers(call, &m, error));
    SEINE_TRY(seine_movers_need(call, &m, SEINE_MOVERS_DAYS, error));
    field_list *list = begin_fields(call, &m);
    if (list == NULL) return seine_no_memory(error, "answer");
    const char *const columns[] = {"dt", "fixes", m.first_time, m.last_time};
    for (size_t i = 0; i < SEINE_COUNT(columns); i++)
        add_field(list, day_fields[i].name, columns[i], day_fields[i].type, false, day_fields[i].doc);
    SEINE_TRY(use_fields(list, error));
    const seine_list page = {
        .keys = {{"t.dt", SEINE_TYPE_DATE, false}}, .key_count = 1, .members = {{m.key, m.wanted}}, .member_count = 1};
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, m.tables[SEINE_MOVERS_DAYS], "t", &call->arena);
    seine_scan_id(&scan, m.id, m.wanted);
    seine_list_select(call, &page, &sql);
    seine_scan_put(&scan, &sql);
    return seine_list_answer(call, &page, &sql, error);
}

/* ---- one mover ---- */

static const seine_param mover_params[] = {P_DATASET, P_MOVER, P_AS_OF};

typedef struct mover_writer {
    seine_call *call;
    const seine_movers *movers;
    seine_json_writer *w;
    const char *const *names; /* of the columns of the statement */
    size_t name_count;
    bool has_row;
} mover_writer;

/* The members of the only row; none of them when the first column, a count or a time, says that there is nothing. */
static seine_status take_members(void *context, const seine_rows *rows, seine_error *error) {
    mover_writer *v = context;
    (void)error;
    if (v->has_row || seine_cell_null(rows, 0, 0)) return SEINE_OK;
    v->has_row = true;
    for (size_t i = 0; i < v->name_count; i++) {
        seine_json_name(v->w, v->names[i]);
        seine_json_put_cell(v->w, rows, i, 0);
    }
    return v->w->status;
}

/* Writes what `SELECT columns` of the mover's rows of a table gives. */
static seine_status put_members(mover_writer *v, seine_movers_table table, const char *columns, seine_error *error) {
    seine_call *call = v->call;
    v->has_row = false;
    if (!seine_movers_have(call, v->movers, table)) return SEINE_OK;
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, v->movers->tables[table], "t", &call->arena);
    seine_scan_id(&scan, v->movers->id, v->movers->wanted);
    seine_sql_put(&sql, "SELECT %s FROM ", columns);
    seine_scan_put(&scan, &sql);
    return seine_call_each(call, &sql, take_members, v, error);
}

static seine_status put_seen(mover_writer *v, seine_error *error) {
    static const char *const names[] = {"first_seen", "last_seen", "days_seen", "fixes"};
    const seine_movers *m = v->movers;
    const char *columns = seine_arena_printf(&v->call->arena,
                                             "min(t.\"%s\") AS a, max(t.\"%s\") AS b, count(*) AS c,"
                                             " CAST(sum(t.fixes) AS BIGINT) AS d",
                                             m->first_time, m->last_time);
    if (columns == NULL) return seine_no_memory(error, "answer");
    v->names = names;
    v->name_count = SEINE_COUNT(names);
    SEINE_TRY(put_members(v, SEINE_MOVERS_DAYS, columns, error));
    if (v->has_row) return SEINE_OK;
    v->call->hint = seine_arena_printf(&v->call->arena, "search with /api/v1/movers/%s?q=", m->dataset->name);
    return seine_fail(error, SEINE_E_NOT_FOUND, "no %s has the id %.*s", m->dataset->word, SEINE_STR_ARG(m->wanted));
}

static seine_status put_last(mover_writer *v, seine_error *error) {
    seine_arena *arena = &v->call->arena;
    const char *names[SEINE_DATASET_COLUMNS_MAX], *columns = "";
    field_list *list = begin_fields(v->call, v->movers);
    if (list == NULL) return seine_no_memory(error, "answer");
    add_fix(list, SEINE_MOVERS_LAST, v->movers->last_prefix, arena);
    for (size_t i = 0; i < list->count && columns != NULL; i++) {
        names[i] = list->fields[i].name;
        columns = seine_arena_printf(arena, "%s%s%s", columns, i > 0 ? ", " : "", list->fields[i].sql);
    }
    if (columns == NULL || list->is_full) return seine_no_memory(error, "answer");
    v->names = names;
    v->name_count = list->count;
    seine_json_field_object(v->w, "last_position");
    const seine_status status = put_members(v, SEINE_MOVERS_LAST, columns, error);
    seine_json_end_object(v->w);
    return status;
}

static seine_status put_gaps(mover_writer *v, seine_error *error) {
    static const char *const names[] = {"count", "open", "longest_h"};
    v->names = names;
    v->name_count = SEINE_COUNT(names);
    seine_json_field_object(v->w, "gaps");
    SEINE_TRY(put_members(v, SEINE_MOVERS_GAPS,
                          "count(*) AS a, count(*) FILTER (WHERE NOT t.is_closed) AS b, max(t.duration_h) AS c",
                          error));
    seine_json_end_object(v->w);
    return SEINE_OK;
}

static seine_status get_mover(seine_call *call, seine_error *error) {
    seine_movers m;
    SEINE_TRY(seine_call_movers(call, &m, error));
    SEINE_TRY(seine_movers_need(call, &m, SEINE_MOVERS_DAYS, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    mover_writer v = {.call = call, .movers = &m, .w = &w};
    seine_json_begin_object(&w);
    seine_json_field_str(&w, m.key, m.wanted);
    SEINE_TRY(put_seen(&v, error));
    SEINE_TRY(put_last(&v, error));
    SEINE_TRY(put_gaps(&v, error));
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? SEINE_OK : seine_fail(error, w.status, "out of memory");
}

/* ---- routes ---- */

#define TEXT "{\"type\":\"string\"}"
#define TEXT_OR_NULL "{\"type\":[\"string\",\"null\"]}"
#define COUNT_OR_NULL "{\"type\":[\"integer\",\"null\"]}"
#define COLUMNS                                                                                           \
    "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"name\":" TEXT ",\"type\":" TEXT \
    ",\"unit\":" TEXT ",\"doc\":" TEXT "}}}"

const seine_route seine_mover_routes[SEINE_MOVER_ROUTES] = {
    {.pattern = "/api/v1/movers",
     .name = "datasets",
     .summary = "The datasets of the lake: what their movers are called, how many there are, and from when to when",
     SEINE_PARAMS(datasets_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"*"},
     .members = "{\"data\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"dataset\":" TEXT
                ",\"word\":" TEXT ",\"doc\":" TEXT ",\"id\":" TEXT ",\"fixes\":" COUNT_OR_NULL
                ",\"movers\":" COUNT_OR_NULL ",\"gaps\":" COUNT_OR_NULL ",\"first\":" TEXT_OR_NULL
                ",\"last\":" TEXT_OR_NULL ",\"watermark\":" TEXT_OR_NULL ",\"speed\":" TEXT_OR_NULL
                ",\"speed_unit\":" TEXT_OR_NULL ",\"measures\":" COLUMNS ",\"columns\":" COLUMNS "}}}}",
     .run = get_datasets},
    {.pattern = "/api/v1/movers/{dataset}",
     .name = "movers",
     .summary = "The movers of a dataset by their newest position, the newest first; a row also has every measure and "
                "column of the dataset, as it was told last",
     SEINE_PARAMS(last_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"*"},
     .rows_name = "data",
     SEINE_FIELDS(last_fields),
     .members = "{\"count\":{\"type\":\"integer\"}," P_NEXT "}",
     .run = get_last},
    {.pattern = "/api/v1/movers/{dataset}/{id}",
     .name = "mover",
     .summary = "What is known about one mover",
     SEINE_PARAMS(mover_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"*"},
     .members = "{\"id\":" TEXT ",\"first_seen\":" TEXT ",\"last_seen\":" TEXT
                ",\"days_seen\":{\"type\":\"integer\"},\"fixes\":{\"type\":\"integer\"}"
                ",\"last_position\":{\"type\":\"object\"},\"gaps\":{\"type\":\"object\"}}",
     .run = get_mover},
    {.pattern = "/api/v1/movers/{dataset}/{id}/history",
     .name = "mover_history",
     .summary = "Positions of one mover with every measure and column of the dataset, newest first",
     SEINE_PARAMS(history_params),
     .formats = SEINE_FORMATS_PLACES,
     .tables = {"*"},
     .rows_name = "history",
     SEINE_FIELDS(history_fields),
     .members = "{\"id\":" TEXT ",\"count\":{\"type\":\"integer\"}," P_NEXT "}",
     .run = get_history},
    {.pattern = "/api/v1/movers/{dataset}/{id}/days",
     .name = "mover_days",
     .summary = "Days on which one mover was seen",
     SEINE_PARAMS(day_params),
     .formats = SEINE_FORMATS_ROWS,
     .tables = {"*"},
     .rows_name = "days",
     SEINE_FIELDS(day_fields),
     .members = "{\"id\":" TEXT "," P_NEXT "}",
     .run = get_days},
};
