/* The lake in a few numbers: the timeline of the slider and the overview page. */
#include "base/time.h"
#include "base/try.h"
#include "serve/movers.h"
#include "serve/params.h"
#include "serve/routes.h"

#define HOURS_MAX ((size_t)24 * 366 * 100)

static const seine_param as_of_params[] = {P_AS_OF};
static const seine_param mover_params[] = {P_DATASET, P_AS_OF};

/* ---- timeline ---- */

typedef struct hours {
    seine_arena *arena;
    int64_t *counts; /* from first on */
    int64_t first;   /* hours since 1970 */
    size_t count, capacity;
} hours;

/* Rows come by hour; an hour without positions has no row. */
static seine_status take_hours(void *context, const seine_rows *rows, seine_error *error) {
    hours *h = context;
    for (size_t row = 0; row < rows->count; row++) {
        const int64_t hour = seine_cell_long(rows, 0, row);
        if (h->count == 0) h->first = hour;
        const size_t at = (size_t)(hour - h->first);
        if (at >= HOURS_MAX) return seine_fail(error, SEINE_E_LIMIT, "the lake spans more than a hundred years");
        if (at >= h->capacity) {
            const size_t capacity = (at + 1) * 2;
            int64_t *counts = SEINE_ARENA_ARRAY(h->arena, int64_t, capacity);
            if (counts == NULL) return seine_no_memory(error, "answer");
            if (h->count > 0) memcpy(counts, h->counts, h->count * sizeof *counts);
            h->counts = counts;
            h->capacity = capacity;
        }
        h->counts[at] = seine_cell_long(rows, 1, row);
        h->count = at + 1;
    }
    return SEINE_OK;
}

static void put_optional_time(seine_json_writer *w, bool is_known, int64_t time_us) {
    if (is_known)
        seine_json_put_time(w, time_us);
    else
        seine_json_put_null(w);
}

static seine_status get_timeline(seine_call *call, seine_error *error) {
    seine_movers movers;
    SEINE_TRY(seine_call_movers(call, &movers, error));
    SEINE_TRY(seine_movers_need(call, &movers, SEINE_MOVERS_TRAFFIC, error));
    hours h = {.arena = &call->arena};
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    seine_sql_init(&sql, &call->arena);
    seine_scan_begin(&scan, call->view, movers.tables[SEINE_MOVERS_TRAFFIC], "t", &call->arena);
    seine_sql_put(&sql, "SELECT CAST(t.dt - DATE '1970-01-01' AS BIGINT) * 24 + t.hour AS h,"
                        " CAST(sum(t.position_count) AS BIGINT) AS n FROM ");
    seine_scan_put(&scan, &sql);
    seine_sql_put(&sql, " GROUP BY h ORDER BY h");
    SEINE_TRY(seine_call_each(call, &sql, take_hours, &h, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    seine_json_name(&w, "start");
    put_optional_time(&w, h.count > 0, h.first * SEINE_HOUR_US);
    seine_json_name(&w, "end");
    put_optional_time(&w, h.count > 0, (h.first + (int64_t)h.count) * SEINE_HOUR_US);
    seine_json_field_int(&w, "step_s", 3600);
    seine_json_field_array(&w, "counts");
    for (size_t i = 0; i < h.count; i++) seine_json_put_int(&w, h.counts[i]);
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? SEINE_OK : seine_fail(error, w.status, "out of memory");
}

/* ---- overview ---- */

/* One array of the overview: its members are the columns of a statement over one table. */
typedef struct section {
    const char *name, *table, *select, *tail;
    const char *columns[4]; /* NULL ends */
    const char *only;       /* of seine_scan */
} section;

static const section sections[] = {
    {"days",
     "gold.ais_vessel_days",
     "SELECT t.dt AS d, CAST(sum(t.fixes) AS BIGINT) AS f, count(*) AS v FROM ",
     " GROUP BY d ORDER BY d",
     {"date", "fixes", "vessels", NULL},
     NULL},
    /* Of every single fix; one column of silver is read for it. */
    {"speeds",
     "silver.ais",
     "SELECT k AS a, CASE WHEN k < 40 THEN k + 1 END AS b, count(*) AS c FROM"
     " (SELECT least(floor(t.sog), 40.0) AS k FROM ",
     " AND t.sog IS NOT NULL) GROUP BY k ORDER BY k",
     {"from_kn", "to_kn", "count", NULL},
     "sog"},
    {"gap_durations",
     "events.ais_gaps",
     "SELECT a, CASE WHEN a < 384 THEN a * 2 END AS b, count(*) AS c FROM (SELECT CASE WHEN t.duration_h < 6 THEN 0.0"
     " ELSE 6.0 * pow(2, least(floor(log2(t.duration_h / 6)), 6)) END AS a FROM ",
     " AND t.duration_h IS NOT NULL) GROUP BY a ORDER BY a",
     {"from_h", "to_h", "count", NULL},
     NULL},
    {"rejects",
     "silver.ais_rejects",
     "SELECT t.reason AS r, count(*) AS c FROM ",
     " GROUP BY r ORDER BY c DESC, r",
     {"reason", "count", NULL, NULL},
     NULL},
};

typedef struct section_writer {
    const section *section;
    seine_json_writer *w;
} section_writer;

static seine_status take_section(void *context, const seine_rows *rows, seine_error *error) {
    section_writer *s = context;
    (void)error;
    for (size_t row = 0; row < rows->count; row++) {
        seine_json_begin_object(s->w);
        for (size_t i = 0; s->section->columns[i] != NULL; i++) {
            seine_json_name(s->w, s->section->columns[i]);
            seine_json_put_cell(s->w, rows, i, row);
        }
        seine_json_end_object(s->w);
    }
    return s->w->status;
}

/* An array without elements when its table was never written: the overview tells what there is. */
static seine_status put_section(seine_call *call, const section *one, seine_json_writer *w, seine_error *error) {
    section_writer s = {one, w};
    seine_json_field_array(w, one->name);
    if (seine_view_has(call->view, one->table)) {
        seine_sql sql SEINE_OWNED(seine_sql_free);
        seine_scan scan SEINE_OWNED(seine_scan_free);
        seine_sql_init(&sql, &call->arena);
        seine_scan_begin(&scan, call->view, one->table, "t", &call->arena);
        scan.only = one->only;
        seine_sql_put(&sql, "%s", one->select);
        seine_scan_put(&scan, &sql);
        seine_sql_put(&sql, "%s", one->tail);
        SEINE_TRY(seine_call_each(call, &sql, take_section, &s, error));
    }
    seine_json_end_array(w);
    return SEINE_OK;
}

static void put_rows(seine_call *call, seine_json_writer *w, const char *name, const char *table) {
    const seine_view_table *found = seine_view_find(call->view, table);
    seine_json_name(w, name);
    if (found != NULL && found->snapshot_id != -1)
        seine_json_put_int(w, seine_table_rows(found->table));
    else
        seine_json_put_null(w);
}

/* The ledger knows the sources of now: which ones a former state had, and what won in them, it does not tell. */
static void put_sources(const seine_view *view, seine_json_writer *w) {
    const struct {
        const char *name;
        int64_t value;
    } members[] = {{"count", view->source_count},
                   {"rows", view->source_rows},
                   {"duplicates", view->source_duplicates},
                   {"rejects", view->source_rejects}};
    seine_json_name(w, "sources");
    if (view->is_past) {
        seine_json_put_null(w);
        return;
    }
    seine_json_begin_object(w);
    for (size_t i = 0; i < SEINE_COUNT(members); i++) {
        seine_json_field_int(w, members[i].name, members[i].value);
    }
    seine_json_end_object(w);
}

static seine_status get_overview(seine_call *call, seine_error *error) {
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    seine_json_name(&w, "watermark");
    put_optional_time(&w, call->view->watermark_us != INT64_MIN, call->view->watermark_us);
    put_rows(call, &w, "fixes", "silver.ais");
    put_rows(call, &w, "vessels", "gold.ais_vessels");
    for (size_t i = 0; i < SEINE_COUNT(sections); i++) SEINE_TRY(put_section(call, &sections[i], &w, error));
    put_sources(call->view, &w);
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? SEINE_OK : seine_fail(error, w.status, "out of memory");
}

#define TIMELINE                                                                            \
    "{\"start\":{\"type\":[\"string\",\"null\"]},\"end\":{\"type\":[\"string\",\"null\"]}," \
    "\"step_s\":{\"type\":\"integer\"},\"counts\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}}"

const seine_route seine_overview_routes[SEINE_OVERVIEW_ROUTES] = {
    {.pattern = "/api/v1/timeline",
     .name = "timeline",
     .flags = SEINE_ROUTE_PURE,
     .summary = "Positions per hour over the whole lake",
     SEINE_PARAMS(as_of_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"gold.ais_hourly_traffic"},
     .members = TIMELINE,
     .run = get_timeline},
    {.pattern = "/api/v1/movers/{dataset}/timeline",
     .name = "mover_timeline",
     .summary = "Positions per hour over all data of a dataset",
     SEINE_PARAMS(mover_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"*"},
     .members = TIMELINE,
     .run = get_timeline},
    {.pattern = "/api/v1/overview",
     .name = "overview",
     .summary = "The lake in a few numbers",
     SEINE_PARAMS(as_of_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"*"},
     .members = "{\"watermark\":{\"type\":[\"string\",\"null\"]},\"fixes\":{\"type\":[\"integer\",\"null\"]},"
                "\"vessels\":{\"type\":[\"integer\",\"null\"]},\"days\":{\"type\":\"array\"},\"speeds\":"
                "{\"type\":\"array\"},\"gap_durations\":{\"type\":\"array\"},\"rejects\":{\"type\":\"array\"},"
                "\"sources\":{\"type\":[\"object\",\"null\"]}}",
     .run = get_overview},
};
