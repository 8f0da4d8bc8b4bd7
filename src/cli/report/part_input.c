/* What came in: rows by what became of them, sources, columns with what is missing. */
#include "base/try.h"
#include "cli/report/page.h"
#include "cli/report/plot.h"

#include <stdint.h>
#include <stdio.h>

#define SOURCES_SHOWN 20

/* ---- what became of the rows ---- */

seine_page_totals seine_page_count_sources(const seine_report *report) {
    seine_page_totals sum = {0};
    for (size_t i = 0; i < report->source_count; i++) {
        const seine_source *source = &report->sources[i];
        if (source->state != SEINE_SOURCE_LIVE) continue;
        sum.sources++;
        sum.rows += source->rows;
        sum.rejects += source->rejects;
        sum.duplicates += source->duplicates;
    }
    return sum;
}

static void put_step(seine_page *page, const char *what, seine_str key, int64_t rows, int64_t whole,
                     seine_str example) {
    char text[SEINE_HTML_NUMBER];
    seine_html *html = &page->html;
    seine_html_printf(html, "<tr><th scope=\"row\">%s", what);
    if (key.data != NULL) {
        seine_html_put(html, "<code>");
        seine_html_text(html, key, 60);
        seine_html_put(html, "</code>");
    }
    seine_html_printf(html, "</th><td class=\"n\">%s</td><td class=\"n\">", seine_html_count(rows, text));
    seine_html_words(html, seine_html_share(rows, whole, text));
    seine_html_put(html, "</td><td>");
    seine_plot_share(html, rows, whole);
    seine_html_put(html, "</td><td class=\"t\">");
    seine_html_text(html, example, 120);
    seine_html_put(html, "</td></tr>");
}

static size_t find_step(const seine_answer *steps, const char *reason) {
    for (size_t i = 0; i < steps->rows; i++)
        if (seine_str_equal(seine_answer_text(steps, i, 0), seine_str_of(reason))) return i;
    return SIZE_MAX;
}

/* Steps of the dataset's rules in their order, also those that refused nothing; before them what no rule names. */
static seine_status put_steps(seine_page *page, const seine_answer *steps, int64_t whole, seine_error *error) {
    const seine_dataset *dataset = page->report->dataset;
    bool *told = SEINE_ARENA_ARRAY(&page->report->arena, bool, steps->rows);
    if (told == NULL) return seine_no_memory(error, "report");
    for (size_t i = 0; i < dataset->rule_count; i++) {
        const size_t at = find_step(steps, dataset->rules[i].reason);
        if (at != SIZE_MAX) told[at] = true;
    }
    for (size_t i = 0; i < steps->rows; i++)
        if (!told[i])
            put_step(page, "refused: ", seine_answer_text(steps, i, 0), seine_answer_count(steps, i, 1), whole,
                     seine_answer_text(steps, i, 2));
    for (size_t i = 0; i < dataset->rule_count; i++) {
        const char *reason = dataset->rules[i].reason;
        const size_t at = find_step(steps, reason);
        bool is_again = false;
        for (size_t k = 0; k < i; k++) is_again = is_again || strcmp(dataset->rules[k].reason, reason) == 0;
        if (is_again) continue;
        put_step(page, "refused: ", seine_str_of(reason), at != SIZE_MAX ? seine_answer_count(steps, at, 1) : 0, whole,
                 at != SIZE_MAX ? seine_answer_text(steps, at, 2) : (seine_str){NULL, 0});
    }
    return SEINE_OK;
}

seine_status seine_page_fate(seine_page *page, seine_error *error) {
    const seine_page_totals sum = seine_page_count_sources(page->report);
    const seine_str none = {NULL, 0};
    seine_answer steps;
    SEINE_TRY(seine_report_ask(page->report, &steps, error,
                               "SELECT split_part(reason, ':', 1) AS step, count(*) AS rows, min(reason) AS example"
                               " FROM %s GROUP BY step ORDER BY step",
                               page->report->views[SEINE_REPORT_REJECTS]));
    seine_page_part(page, "fate", "What became of the rows");
    seine_page_table(page, "Rows that came in, in the order of the rules; each is refused by the first that applies");
    seine_page_head(page, "step", "", false);
    seine_page_head(page, "rows", "", true);
    seine_page_head(page, "share", "", true);
    seine_html_put(&page->html, "<td></td>");
    seine_page_head(page, "example", "", false);
    seine_html_put(&page->html, "</tr></thead><tbody>");
    put_step(page, "came in", none, sum.rows, sum.rows, none);
    SEINE_TRY(put_steps(page, &steps, sum.rows, error));
    put_step(page, "duplicates dropped", none, sum.duplicates, sum.rows, none);
    put_step(page, "in silver", none, page->rows, sum.rows, none);
    seine_page_table_end(page);
    seine_page_part_end(page);
    return SEINE_OK;
}

/* ---- sources ---- */

static void put_source(seine_page *page, const seine_source *source) {
    const int64_t counts[] = {source->rows, source->rejects, source->duplicates, source->silver};
    char text[SEINE_HTML_NUMBER];
    seine_html *html = &page->html;
    seine_html_put(html, "<tr><th scope=\"row\" class=\"t\">");
    seine_page_value(page, seine_str_of(source->name));
    seine_html_printf(html, "</th><td>%s</td>", seine_source_state_name(source->state));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        seine_html_printf(html, "<td class=\"n\">%s</td>", seine_html_count(counts[i], text));
    seine_html_put(html, "<td class=\"n\">");
    seine_html_words(html, seine_html_share(source->duplicates, source->rows, text));
    seine_html_put(html, "</td></tr>");
}

/* Those of most duplicates and refused rows come first, then by name. */
static bool stands_before(const seine_source *a, const seine_source *b) {
    const int64_t x = a->duplicates + a->rejects, y = b->duplicates + b->rejects;
    return x != y ? x > y : strcmp(a->name, b->name) < 0;
}

seine_status seine_page_sources(seine_page *page, seine_error *error) {
    const seine_report *report = page->report;
    char caption[160], count[SEINE_HTML_NUMBER];
    bool *told = SEINE_ARENA_ARRAY(&page->report->arena, bool, report->source_count);
    if (told == NULL) return seine_no_memory(error, "report");
    if (report->source_count == 0) return SEINE_OK;
    const bool is_cut = report->source_count > SOURCES_SHOWN;
    (void)snprintf(caption, sizeof caption,
                   is_cut ? "The %d of %s sources with most rows that are not in silver" : "What came from each source",
                   SOURCES_SHOWN, seine_html_count((int64_t)report->source_count, count));
    seine_page_part(page, "sources", "Sources and their duplicates");
    seine_page_table(page, caption);
    static const char *const heads[] = {"source",           "state", "rows", "refused", "duplicates", "in silver",
                                        "duplicates, share"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) seine_page_head(page, heads[i], "", i > 1);
    seine_html_put(&page->html, "</tr></thead><tbody>");
    for (size_t shown = 0; shown < SOURCES_SHOWN && shown < report->source_count; shown++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < report->source_count; i++)
            if (!told[i] && (best == SIZE_MAX || stands_before(&report->sources[i], &report->sources[best]))) best = i;
        told[best] = true;
        put_source(page, &report->sources[best]);
    }
    seine_page_table_end(page);
    seine_page_part_end(page);
    return SEINE_OK;
}

/* ---- columns ---- */

seine_status seine_page_columns(seine_page *page, seine_error *error) {
    (void)error;
    const seine_dataset *dataset = page->report->dataset;
    seine_html *html = &page->html;
    char text[SEINE_HTML_NUMBER];
    seine_page_part(page, "columns", "Columns and missing values");
    seine_page_table(page, "Rows of silver without a value, by column");
    static const char *const heads[] = {"column", "what it is", "unit", "missing", "share"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) seine_page_head(page, heads[i], "", i > 2);
    seine_html_put(html, "<td></td></tr></thead><tbody>");
    for (size_t i = 0; i < dataset->column_count; i++) {
        const int64_t missing = page->rows - seine_answer_count(&page->known, 0, i);
        seine_html_put(html, "<tr><th scope=\"row\"><code>");
        seine_html_words(html, dataset->columns[i].name);
        seine_html_put(html, "</code></th><td>");
        seine_html_words(html, dataset->columns[i].doc);
        seine_html_put(html, "</td><td>");
        seine_html_words(html, dataset->columns[i].unit);
        seine_html_printf(html, "</td><td class=\"n\">%s</td><td class=\"n\">", seine_html_count(missing, text));
        seine_html_words(html, seine_html_share(missing, page->rows, text));
        seine_html_put(html, "</td><td>");
        seine_plot_share(html, missing, page->rows);
        seine_html_put(html, "</td></tr>");
    }
    seine_page_table_end(page);
    seine_page_part_end(page);
    return SEINE_OK;
}
