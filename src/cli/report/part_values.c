/* What the values are: rows per hour, measures, values that recur, times between the messages of a mover. */
#include "base/time.h"
#include "base/try.h"
#include "cli/report/page.h"
#include "cli/report/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define BARS_MOST 240   /* of rows per hour */
#define BINS_MOST 40    /* of a measure */
#define KINDS_MOST 40   /* of a column whose values are counted, about */
#define VALUES_SHOWN 12 /* of such a column */
#define FAR 4.0         /* how many times wider than nearly all values a range may be and still be drawn whole */

static seine_status too_long(seine_error *error) { return seine_no_memory(error, "report"); }

/* ---- rows per hour ---- */

/* The least width in hours that makes few bars of so many hours. */
static int64_t width_for(double hours) {
    static const int64_t widths[] = {1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760};
    size_t i = 0;
    while (i + 1 < sizeof widths / sizeof *widths && hours / (double)widths[i] > BARS_MOST) i++;
    return widths[i];
}

static const char *width_name(int64_t width, char text[SEINE_HTML_NUMBER]) {
    if (width == 1) return "hour";
    if (width == 24) return "day";
    (void)snprintf(text, SEINE_HTML_NUMBER, width % 24 == 0 ? "%d days" : "%d hours",
                   (int)(width % 24 == 0 ? width / 24 : width));
    return text;
}

seine_status seine_page_hours(seine_page *page, seine_error *error) {
    seine_answer hours;
    char name[SEINE_HTML_NUMBER], title[160];
    SEINE_TRY(seine_report_ask(page->report, &hours, error,
                               "SELECT hours_of(%s) AS hour, count(*) AS n FROM %s GROUP BY hour ORDER BY hour",
                               page->report->columns[SEINE_DATASET_TIME], page->report->views[SEINE_REPORT_SILVER]));
    seine_plot_bar *bars = SEINE_ARENA_ARRAY(&page->report->arena, seine_plot_bar, hours.rows);
    if (bars == NULL) return too_long(error);
    const int64_t first = seine_answer_count(&hours, 0, 0), last = seine_answer_count(&hours, hours.rows - 1, 0);
    const int64_t width = width_for((double)(last - first + 1));
    size_t count = 0;
    for (size_t i = 0; i < hours.rows; i++) {
        const double from = (double)(seine_floor_div(seine_answer_count(&hours, i, 0), width) * width);
        if (count == 0 || bars[count - 1].from < from)
            bars[count++] = (seine_plot_bar){.from = from, .to = from + (double)width};
        bars[count - 1].count += seine_answer_count(&hours, i, 1);
    }
    (void)snprintf(title, sizeof title, "Rows per %s", width_name(width, name));
    seine_page_part(page, "hours", title);
    (void)snprintf(title, sizeof title, "Rows of silver per %s (UTC)", width_name(width, name));
    const seine_plot plot = {.id = "plot-hours",
                             .title = title,
                             .what = "rows",
                             .unit = "",
                             .axis = SEINE_PLOT_TIME,
                             .bars = bars,
                             .count = count};
    seine_plot_put(&page->html, &plot);
    seine_page_part_end(page);
    return SEINE_OK;
}

/* ---- distributions ---- */

/* What is known of the values that report_values holds: v, and how often, n. */
typedef struct distribution {
    int64_t count;
    double least, most, low, high; /* low and high: nearly all lie between them */
    double q05, median, q95, mean;
} distribution;

/* The values of an expression over rows, counted: kept as a table, since they are looked at twice. */
static seine_status count_values(seine_page *page, const char *rows, distribution *d, seine_error *error) {
    seine_answer a;
    SEINE_TRY(seine_report_ask(
        page->report, &a, error,
        "CREATE OR REPLACE TABLE report_values AS SELECT v, count(*) AS n FROM (%s) WHERE isfinite(v) GROUP BY v",
        rows));
    SEINE_TRY(seine_report_ask(page->report, &a, error,
                               "SELECT coalesce(sum(n), 0), min(v), max(v), min(v) FILTER (upto >= 0.001 * total),"
                               " min(v) FILTER (upto >= 0.999 * total), min(v) FILTER (upto >= 0.05 * total),"
                               " min(v) FILTER (upto >= 0.5 * total), min(v) FILTER (upto >= 0.95 * total),"
                               " sum(v * n) / sum(n) FROM (SELECT v, n, sum(n) OVER (ORDER BY v) AS upto,"
                               " sum(n) OVER () AS total FROM report_values)"));
    double *const targets[] = {&d->least, &d->most, &d->low, &d->high, &d->q05, &d->median, &d->q95, &d->mean};
    d->count = seine_answer_count(&a, 0, 0);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) *targets[i] = seine_answer_number(&a, 0, i + 1);
    return SEINE_OK;
}

/* Bars of the values from low to high, and how many lie outside. */
static seine_status make_bins(seine_page *page, const distribution *d, seine_plot_bar **bars, size_t *count,
                              int64_t *outside, seine_error *error) {
    seine_answer a;
    const bool is_far = d->high > d->low && d->most - d->least > FAR * (d->high - d->low);
    const double low = is_far ? d->low : d->least, high = is_far ? d->high : d->most;
    const double step = seine_plot_step(high - low, BINS_MOST);
    SEINE_TRY(
        seine_report_ask(page->report, &a, error,
                         "SELECT floor(v / %.17g + 1e-9) AS k, sum(n) FROM report_values WHERE v BETWEEN %.17g AND"
                         " %.17g GROUP BY k ORDER BY k",
                         step, low, high));
    *bars = SEINE_ARENA_ARRAY(&page->report->arena, seine_plot_bar, a.rows);
    if (*bars == NULL) return too_long(error);
    *count = a.rows;
    *outside = d->count;
    for (size_t i = 0; i < a.rows; i++) {
        const double k = seine_answer_number(&a, i, 0);
        (*bars)[i] = (seine_plot_bar){k * step, (k + 1) * step, seine_answer_count(&a, i, 1)};
        *outside -= (*bars)[i].count;
    }
    return SEINE_OK;
}

static void put_fact(seine_page *page, const char *name, const char *value) {
    seine_html_printf(&page->html, "<div><dt>%s</dt><dd>", name);
    seine_html_words(&page->html, value);
    seine_html_put(&page->html, "</dd></div>");
}

static void put_facts(seine_page *page, const distribution *d, const char *unit) {
    char text[SEINE_HTML_NUMBER], mean[32];
    seine_html_put(&page->html, "<dl class=\"facts\">");
    put_fact(page, "values", seine_html_count(d->count, text));
    put_fact(page, "least", seine_html_number(d->least, unit, text));
    put_fact(page, "5 % below", seine_html_number(d->q05, unit, text));
    put_fact(page, "median", seine_html_number(d->median, unit, text));
    (void)snprintf(mean, sizeof mean, "%.4g", d->mean); /* more digits would say nothing */
    put_fact(page, "mean", seine_html_number(strtod(mean, NULL), unit, text));
    put_fact(page, "95 % up to", seine_html_number(d->q95, unit, text));
    put_fact(page, "greatest", seine_html_number(d->most, unit, text));
    seine_html_put(&page->html, "</dl>");
}

static void put_name(seine_page *page, const seine_dataset_column *column) {
    seine_html_put(&page->html, "<h3>");
    seine_html_words(&page->html, column->name);
    seine_html_put(&page->html, "</h3><p>");
    seine_html_words(&page->html, column->doc);
    seine_html_put(&page->html, "</p>");
}

static seine_status put_measure(seine_page *page, size_t column, seine_error *error) {
    static const char *const ids[SEINE_DATASET_MEASURES_MAX] = {"plot-measure-1", "plot-measure-2", "plot-measure-3"};
    const seine_dataset_column *measure = &page->report->dataset->columns[column];
    distribution d = {0};
    seine_plot plot = {
        .id = ids[column - SEINE_DATASET_MEASURES], .what = "rows", .unit = measure->unit, .axis = SEINE_PLOT_NUMBER};
    seine_plot_bar *bars = NULL;
    int64_t outside = 0;
    char text[SEINE_HTML_NUMBER];
    const char *rows = seine_arena_printf(&page->report->arena, "SELECT CAST(%s AS DOUBLE) AS v FROM %s",
                                          page->report->columns[column], page->report->views[SEINE_REPORT_SILVER]);
    plot.title =
        seine_arena_printf(&page->report->arena, "Rows by %s%s%s%s", measure->name,
                           measure->unit[0] != '\0' ? " (" : "", measure->unit, measure->unit[0] != '\0' ? ")" : "");
    if (rows == NULL || plot.title == NULL) return too_long(error);
    SEINE_TRY(count_values(page, rows, &d, error));
    put_name(page, measure);
    if (d.count == 0) {
        seine_html_put(&page->html, "<p class=\"none\">No row has a value.</p>");
        return SEINE_OK;
    }
    SEINE_TRY(make_bins(page, &d, &bars, &plot.count, &outside, error));
    plot.bars = bars;
    seine_plot_put(&page->html, &plot);
    put_facts(page, &d, measure->unit);
    if (outside > 0)
        seine_html_printf(&page->html, "<p>Not drawn, since far outside: %s of the values.</p>",
                          seine_html_count(outside, text));
    return SEINE_OK;
}

seine_status seine_page_measures(seine_page *page, seine_error *error) {
    const seine_dataset *dataset = page->report->dataset;
    if (dataset->measure_count == 0) return SEINE_OK;
    seine_page_part(page, "measures", "Measures");
    for (size_t i = 0; i < dataset->measure_count; i++) SEINE_TRY(put_measure(page, SEINE_DATASET_MEASURES + i, error));
    seine_page_part_end(page);
    return SEINE_OK;
}

/* ---- values that recur ---- */

static void put_row(seine_page *page, int64_t rows) {
    char text[SEINE_HTML_NUMBER];
    seine_html *html = &page->html;
    seine_html_printf(html, "</th><td class=\"n\">%s</td><td class=\"n\">", seine_html_count(rows, text));
    seine_html_words(html, seine_html_share(rows, page->rows, text));
    seine_html_put(html, "</td><td>");
    seine_plot_share(html, rows, page->rows);
    seine_html_put(html, "</td></tr>");
}

static void put_values(seine_page *page, const seine_dataset_column *column, const seine_answer *a) {
    char text[SEINE_HTML_NUMBER];
    int64_t others = 0;
    const size_t shown = a->rows <= VALUES_SHOWN ? a->rows : VALUES_SHOWN - 1;
    seine_html_put(&page->html, "<div class=\"card\">");
    seine_page_table(page, column->name);
    seine_page_head(page, "value", column->unit, false);
    seine_page_head(page, "rows", "", true);
    seine_page_head(page, "share", "", true);
    seine_html_put(&page->html, "<td></td></tr></thead><tbody>");
    for (size_t i = 0; i < a->rows; i++) {
        if (i >= shown) {
            others += seine_answer_count(a, i, 1);
            continue;
        }
        seine_html_put(&page->html, "<tr><th scope=\"row\" class=\"t\">");
        if (seine_answer_text(a, i, 0).data == NULL)
            seine_html_put(&page->html, "<em>missing</em>");
        else
            seine_page_value(page, seine_answer_text(a, i, 0));
        put_row(page, seine_answer_count(a, i, 1));
    }
    if (others > 0) {
        seine_html_printf(&page->html, "<tr><th scope=\"row\"><em>%s others</em>",
                          seine_html_count((int64_t)(a->rows - shown), text));
        put_row(page, others);
    }
    seine_page_table_end(page);
    seine_html_put(&page->html, "</div>");
}

/* Measures have plots, and an id is of a mover; numbers with a fraction are hardly twice the same. */
static bool is_counted(const seine_page *page, size_t column) {
    const seine_type type = page->report->dataset->columns[column].type;
    return type != SEINE_TYPE_DOUBLE && seine_answer_count(&page->known, 0, column) > 0 &&
           seine_answer_count(&page->kinds, 0, column) <= KINDS_MOST;
}

seine_status seine_page_values(seine_page *page, seine_error *error) {
    const seine_dataset *dataset = page->report->dataset;
    bool is_begun = false;
    for (size_t i = seine_dataset_statics_first(dataset); i < dataset->column_count; i++) {
        seine_answer a;
        if (!is_counted(page, i)) continue;
        const char *name = page->report->columns[i];
        SEINE_TRY(seine_report_ask(
            page->report, &a, error,
            "SELECT CAST(%s AS VARCHAR) AS value, count(*) AS n FROM %s GROUP BY %s ORDER BY n DESC, %s", name,
            page->report->views[SEINE_REPORT_SILVER], name, name));
        if (!is_begun) {
            seine_page_part(page, "values", "Values that recur");
            seine_html_put(&page->html, "<div class=\"cards\">");
        }
        is_begun = true;
        put_values(page, &dataset->columns[i], &a);
    }
    if (!is_begun) return SEINE_OK;
    seine_html_put(&page->html, "</div>");
    seine_page_part_end(page);
    return SEINE_OK;
}

/* ---- times between messages ---- */

/* Seconds, as clocks count: what is less than the first or not less than the last belongs to the bar beside it. */
static const double edges[] = {0.001, 0.01,  0.1,   0.2,    0.5,    1,       2,       5,       10,       20,
                               30,    60,    120,   300,    600,    1200,    1800,    3600,    7200,     10800,
                               21600, 43200, 86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000, 315360000};
#define EDGES (sizeof edges / sizeof *edges)

static seine_status count_gaps(seine_page *page, seine_plot_bar bars[EDGES], size_t *count, seine_error *error) {
    seine_answer a;
    const char *bin = "CASE";
    for (size_t i = 1; i + 1 < EDGES && bin != NULL; i++)
        bin = seine_arena_printf(&page->report->arena, "%s WHEN v < %.17g THEN %zu", bin, edges[i], i - 1);
    if (bin == NULL) return too_long(error);
    SEINE_TRY(seine_report_ask(page->report, &a, error,
                               "SELECT %s ELSE %zu END AS bin, sum(n) FROM report_values GROUP BY bin ORDER BY bin",
                               bin, EDGES - 2));
    *count = 0;
    for (size_t i = 0; i < a.rows; i++) {
        const size_t k = (size_t)seine_answer_count(&a, i, 0);
        const size_t next = *count > 0 ? (size_t)seine_answer_count(&a, i - 1, 0) + 1 : k;
        for (size_t gap = next; gap < k; gap++) bars[(*count)++] = (seine_plot_bar){edges[gap], edges[gap + 1], 0};
        bars[(*count)++] = (seine_plot_bar){edges[k], edges[k + 1], seine_answer_count(&a, i, 1)};
    }
    return SEINE_OK;
}

static void put_durations(seine_page *page, const distribution *d) {
    char text[SEINE_HTML_NUMBER];
    seine_html_put(&page->html, "<dl class=\"facts\">");
    put_fact(page, "gaps", seine_html_count(d->count, text));
    put_fact(page, "shortest", seine_html_duration(d->least, text));
    put_fact(page, "5 % below", seine_html_duration(d->q05, text));
    put_fact(page, "median", seine_html_duration(d->median, text));
    put_fact(page, "95 % up to", seine_html_duration(d->q95, text));
    put_fact(page, "longest", seine_html_duration(d->most, text));
    seine_html_put(&page->html, "</dl>");
}

seine_status seine_page_gaps(seine_page *page, seine_error *error) {
    const seine_report *report = page->report;
    const char *id = report->columns[SEINE_DATASET_ID], *time = report->columns[SEINE_DATASET_TIME];
    seine_plot_bar bars[EDGES];
    distribution d = {0};
    seine_plot plot = {
        .id = "plot-gaps", .what = "gaps", .unit = "", .axis = SEINE_PLOT_DURATION, .is_log = true, .bars = bars};
    const char *rows = seine_arena_printf(
        &page->report->arena,
        "SELECT (epoch_us(%s) - lag(epoch_us(%s)) OVER (PARTITION BY %s ORDER BY %s)) / 1e6 AS v FROM %s", time, time,
        id, time, report->views[SEINE_REPORT_SILVER]);
    plot.title =
        seine_arena_printf(&page->report->arena, "Time from one message of a %s to its next", report->dataset->word);
    if (rows == NULL || plot.title == NULL) return too_long(error);
    seine_page_part(page, "gaps", "Gaps between messages");
    seine_html_put(&page->html, "<p>");
    seine_html_words(&page->html, plot.title);
    seine_html_put(&page->html, "; both scales are logarithmic.</p>");
    SEINE_TRY(count_values(page, rows, &d, error));
    if (d.count > 0) {
        SEINE_TRY(count_gaps(page, bars, &plot.count, error));
        seine_plot_put(&page->html, &plot);
        put_durations(page, &d);
    } else {
        seine_html_put(&page->html, "<p class=\"none\">None has sent more than one message.</p>");
    }
    seine_page_part_end(page);
    return SEINE_OK;
}
