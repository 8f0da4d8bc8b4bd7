/* What is known of the movers: where they were, their last states, the fastest ones, and names that look like SQL. */
#include "base/try.h"
#include "cli/report/map.h"
#include "cli/report/page.h"

#include <stdio.h>

#define ROWS_SHOWN 20

/* ---- map ---- */

static seine_status find_extent(seine_page *page, seine_map *map, bool *has_places, seine_error *error) {
    const char *lat = page->report->columns[SEINE_DATASET_LAT], *lon = page->report->columns[SEINE_DATASET_LON];
    seine_answer a;
    double south = 90, north = -90;
    SEINE_TRY(seine_report_ask(
        page->report, &a, error,
        "SELECT floor(%s) AS degree, min(%s), max(%s), min(%s), max(%s) FROM %s WHERE %s BETWEEN -90 AND 90"
        " AND %s BETWEEN -180 AND 180 GROUP BY degree ORDER BY degree",
        lon, lon, lon, lat, lat, page->report->views[SEINE_REPORT_SILVER], lat, lon));
    seine_map_range *ranges = SEINE_ARENA_ARRAY(&page->report->arena, seine_map_range, a.rows);
    if (ranges == NULL) return seine_no_memory(error, "report");
    for (size_t i = 0; i < a.rows; i++) {
        ranges[i] = (seine_map_range){seine_answer_number(&a, i, 1), seine_answer_number(&a, i, 2)};
        if (seine_answer_number(&a, i, 3) < south) south = seine_answer_number(&a, i, 3);
        if (seine_answer_number(&a, i, 4) > north) north = seine_answer_number(&a, i, 4);
    }
    *has_places = a.rows > 0;
    if (*has_places) *map = seine_map_of(ranges, a.rows, south, north);
    return SEINE_OK;
}

static seine_status find_squares(seine_page *page, const seine_map *map, seine_map_square **squares, size_t *count,
                                 seine_error *error) {
    const char *lat = page->report->columns[SEINE_DATASET_LAT], *lon = page->report->columns[SEINE_DATASET_LON];
    seine_answer a;
    SEINE_TRY(
        seine_report_ask(page->report, &a, error,
                         "SELECT floor((CASE WHEN %s < %.17g THEN %s + 360 ELSE %s END - %.17g) / %.17g) AS x,"
                         " floor((%.17g - %s) / %.17g) AS y, count(*) AS n FROM %s WHERE %s BETWEEN -90 AND 90 AND"
                         " %s BETWEEN -180 AND 180 GROUP BY x, y ORDER BY y, x",
                         lon, map->west, lon, lon, map->left, map->square_lon, map->top, lat, map->square_lat,
                         page->report->views[SEINE_REPORT_SILVER], lat, lon));
    *squares = SEINE_ARENA_ARRAY(&page->report->arena, seine_map_square, a.rows);
    if (*squares == NULL) return seine_no_memory(error, "report");
    *count = a.rows;
    for (size_t i = 0; i < a.rows; i++)
        (*squares)[i] = (seine_map_square){(int)seine_answer_number(&a, i, 0), (int)seine_answer_number(&a, i, 1),
                                           seine_answer_count(&a, i, 2)};
    return SEINE_OK;
}

static void put_extent(seine_page *page, const seine_map *map) {
    char west[SEINE_HTML_NUMBER], east[SEINE_HTML_NUMBER], south[SEINE_HTML_NUMBER], north[SEINE_HTML_NUMBER];
    seine_html_printf(&page->html, "<p>Positions lie between %s and %s, and from %s to %s.</p>",
                      seine_map_lat(map->south, 0.01, south), seine_map_lat(map->north, 0.01, north),
                      seine_map_lon(map->west, 0.01, west), seine_map_lon(map->east, 0.01, east));
}

seine_status seine_page_map(seine_page *page, seine_error *error) {
    seine_map map;
    seine_map_square *squares = NULL;
    size_t count = 0;
    bool has_places = false;
    char side[SEINE_HTML_NUMBER], title[160];
    SEINE_TRY(find_extent(page, &map, &has_places, error));
    if (!has_places) return SEINE_OK;
    SEINE_TRY(find_squares(page, &map, &squares, &count, error));
    (void)snprintf(title, sizeof title, "Map of all positions, counted in squares of about %s",
                   seine_html_number(map.square_lat * 111.2, "km", side));
    seine_page_part(page, "places", "Where");
    put_extent(page, &map);
    seine_map_put(&page->html, &map, squares, count, title, "rows");
    seine_page_part_end(page);
    return SEINE_OK;
}

/* ---- last states ---- */

/* Columns that are empty throughout are left out. */
static const char *known_columns(seine_page *page) {
    const seine_report *report = page->report;
    const char *list = "";
    for (size_t i = 0; i < report->dataset->column_count && list != NULL; i++)
        if (seine_answer_count(&page->known, 0, i) > 0)
            list = seine_arena_printf(&page->report->arena, "%s%s%s", list, list[0] != '\0' ? ", " : "",
                                      report->columns[i]);
    return list;
}

seine_status seine_page_last_states(seine_page *page, seine_error *error) {
    seine_report *report = page->report;
    const char *states = seine_report_last_states(report), *columns = known_columns(page);
    seine_answer a;
    if (states == NULL || columns == NULL) return seine_no_memory(error, "report");
    SEINE_TRY(seine_report_ask(report, &a, error, "SELECT %s FROM (%s) ORDER BY %s DESC, %s LIMIT %d", columns, states,
                               report->columns[SEINE_DATASET_TIME], report->columns[SEINE_DATASET_ID], ROWS_SHOWN));
    const char *caption =
        a.rows < ROWS_SHOWN
            ? seine_arena_printf(&report->arena, "All %zu %ss, those heard last first", a.rows, report->dataset->word)
            : seine_arena_printf(&report->arena, "The %zu %ss heard last", a.rows, report->dataset->word);
    if (caption == NULL) return seine_no_memory(error, "report");
    seine_page_part(page, "states", "Last states");
    seine_html_put(&page->html,
                   "<p>Place and measures of the newest row; of every other column the last value that is known.</p>");
    seine_page_answer(page, caption, &a, ROWS_SHOWN);
    seine_page_part_end(page);
    return SEINE_OK;
}

/* ---- top speeds ---- */

seine_status seine_page_top_speeds(seine_page *page, seine_error *error) {
    seine_report *report = page->report;
    const char *view = report->views[SEINE_REPORT_TOP_SPEEDS];
    seine_answer a;
    if (!seine_report_has_top_speeds(report)) return SEINE_OK;
    SEINE_TRY(seine_report_ask(report, &a, error,
                               "SELECT * FROM %s WHERE date_hour = (SELECT max(date_hour) FROM %s) AND place <= 10 "
                               "ORDER BY place",
                               view, view));
    if (a.rows == 0) return SEINE_OK;
    for (size_t i = 0; i < a.columns; i++)
        if (strcmp(a.names[i], "dt") == 0) a.names[i] = NULL; /* the hour tells it */
    const char *caption =
        seine_arena_printf(&report->arena, "The fastest %ss of the newest hour", report->dataset->word);
    if (caption == NULL) return seine_no_memory(error, "report");
    seine_page_part(page, "fastest", "Top ten of the newest hour");
    seine_page_answer(page, caption, &a, 10);
    seine_page_part_end(page);
    return SEINE_OK;
}

/* ---- texts that look like SQL ---- */

static void put_looked_at(seine_page *page, int64_t rows) {
    char count[SEINE_HTML_NUMBER];
    seine_html *html = &page->html;
    seine_html_put(html, "<p>Looked at:");
    for (size_t i = 0; i < page->report->text_count; i++) {
        seine_html_put(html, i > 0 ? ", <code>" : " <code>");
        seine_html_words(html, page->report->dataset->columns[page->report->texts[i]].name);
        seine_html_put(html, "</code>");
    }
    if (rows == 0)
        seine_html_put(html, ". Nothing found.</p>");
    else
        seine_html_printf(html, ". Found %s times.</p>", seine_html_count(rows, count));
}

seine_status seine_page_injections(seine_page *page, seine_error *error) {
    seine_report *report = page->report;
    seine_answer a;
    const char *found = seine_report_injections(report);
    if (found == NULL) return seine_no_memory(error, "report");
    SEINE_TRY(
        seine_report_ask(report, &a, error,
                         "SELECT \"column\", value, pattern, count(*) AS rows, sum(count(*)) OVER () AS total FROM (%s)"
                         " GROUP BY ALL ORDER BY rows DESC, \"column\", value, pattern LIMIT %d",
                         found, ROWS_SHOWN));
    seine_page_part(page, "sql", "Texts that look like SQL");
    put_looked_at(page, a.rows > 0 ? seine_answer_count(&a, 0, 4) : 0);
    if (a.rows > 0) {
        a.names[4] = NULL;
        seine_page_answer(page, "Texts with a pattern of SQL, those of most rows first", &a, ROWS_SHOWN);
    }
    seine_page_part_end(page);
    return SEINE_OK;
}
