/* The page: its head, the figures on top, the parts in order. */
#include "cli/report/page.h"

#include "base/hash.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/report/style.h"
#include "io/clock.h"

#include <stdio.h>

/* ---- head ---- */

/* Nothing is allowed but the style that stands here, known by its hash. */
static void put_head(seine_page *page) {
    const seine_style_file *style = &seine_style_files[0];
    uint8_t sum[SEINE_SHA256_BYTES];
    char text[SEINE_BASE64_SIZE(SEINE_SHA256_BYTES)];
    seine_html *html = &page->html;
    seine_html_put(html,
                   "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
    seine_sha256_of(style->bytes, style->size, sum);
    seine_base64(sum, sizeof sum, text);
    seine_html_put(html, text);
    seine_html_put(html, "'; base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    seine_html_words(html, page->report->dataset->name);
    seine_html_put(html, " – what the lake holds</title>\n<style>");
    if (html->status == SEINE_OK) html->status = seine_buf_append(html->out, style->bytes, style->size);
    seine_html_put(html, "</style>\n</head>\n");
}

/* ---- the figures on top ---- */

/* 2025-01-01T00:00:00Z, as two lines of a tile. */
static void put_moment(seine_page *page, const char *name, seine_str time) {
    seine_html *html = &page->html;
    seine_html_printf(html, "<div><dt>%s</dt><dd>", name);
    seine_html_text(html, (seine_str){time.data, time.size < 10 ? time.size : 10}, 0);
    seine_html_put(html, "<small>");
    if (time.size > 12) seine_html_text(html, (seine_str){time.data + 11, time.size - 12}, 8);
    seine_html_put(html, " UTC</small></dd></div>");
}

static void put_tile(seine_page *page, const char *name, const char *value, const char *more) {
    seine_html *html = &page->html;
    seine_html_put(html, "<div><dt>");
    seine_html_words(html, name);
    seine_html_put(html, "</dt><dd>");
    seine_html_words(html, value);
    if (more[0] != '\0') {
        seine_html_put(html, "<small>");
        seine_html_words(html, more);
        seine_html_put(html, "</small>");
    }
    seine_html_put(html, "</dd></div>");
}

static void put_input_tiles(seine_page *page) {
    const seine_page_totals sum = seine_page_count_sources(page->report);
    char text[SEINE_HTML_NUMBER], share[SEINE_HTML_NUMBER];
    put_tile(page, "sources", seine_html_count(sum.sources, text), "");
    put_tile(page, "refused rows", seine_html_count(sum.rejects, text), seine_html_share(sum.rejects, sum.rows, share));
    put_tile(page, "duplicates", seine_html_count(sum.duplicates, text),
             seine_html_share(sum.duplicates, sum.rows, share));
}

static seine_status put_tiles(seine_page *page, seine_error *error) {
    const seine_report *report = page->report;
    const char *time = report->columns[SEINE_DATASET_TIME];
    char text[SEINE_HTML_NUMBER];
    seine_answer a;
    SEINE_TRY(seine_report_ask(
        page->report, &a, error,
        "SELECT count(DISTINCT %s), min(%s), max(%s), (epoch_us(max(%s)) - epoch_us(min(%s))) / 1e6 FROM %s",
        report->columns[SEINE_DATASET_ID], time, time, time, time, report->views[SEINE_REPORT_SILVER]));
    const char *movers = seine_arena_printf(&page->report->arena, "%ss", report->dataset->word);
    if (movers == NULL) return seine_no_memory(error, "report");
    seine_html_put(&page->html, "<dl class=\"tiles\">");
    put_tile(page, "rows", seine_html_count(page->rows, text), "");
    put_tile(page, movers, seine_html_count(seine_answer_count(&a, 0, 0), text), "");
    if (page->rows > 0) {
        put_moment(page, "first", seine_answer_text(&a, 0, 1));
        put_moment(page, "last", seine_answer_text(&a, 0, 2));
        put_tile(page, "span", seine_html_duration(seine_answer_number(&a, 0, 3), text), "");
    }
    put_input_tiles(page);
    seine_html_put(&page->html, "</dl>\n");
    return SEINE_OK;
}

static seine_status put_header(seine_page *page, seine_error *error) {
    seine_html *html = &page->html;
    seine_html_put(html, "<body>\n<header><h1>");
    seine_html_words(html, page->report->dataset->name);
    seine_html_put(html, "</h1><p>");
    seine_html_words(html, page->report->dataset->doc);
    seine_html_put(html, ".</p>");
    SEINE_TRY(put_tiles(page, error));
    seine_html_put(html, "</header>\n<main>\n");
    return SEINE_OK;
}

static void put_footer(seine_page *page) {
    char now[40];
    seine_html *html = &page->html;
    (void)seine_time_format(seine_clock_now_us() / SEINE_SECOND_US * SEINE_SECOND_US, now);
    seine_html_put(html, "</main>\n<footer><p>Made by seine " SEINE_VERSION " at ");
    seine_html_words(html, now);
    seine_html_put(html, " of the tables <code>");
    seine_html_words(html, seine_table_name(page->report->tables[SEINE_REPORT_SILVER]));
    seine_html_put(html, "</code> and <code>");
    seine_html_words(html, seine_table_name(page->report->tables[SEINE_REPORT_REJECTS]));
    seine_html_put(html, "</code> and the ledger of the lake <code>");
    seine_html_words(html, page->report->lake);
    seine_html_put(html, "</code>, all of one moment. Times are UTC.</p></footer>\n</body>\n</html>\n");
}

/* ---- the page ---- */

static seine_status count_known(seine_page *page, seine_error *error) {
    const seine_report *report = page->report;
    const char *known = "", *kinds = "";
    seine_answer rows;
    for (size_t i = 0; i < report->dataset->column_count && known != NULL && kinds != NULL; i++) {
        const char *comma = i > 0 ? ", " : "", *name = report->columns[i];
        known = seine_arena_printf(&page->report->arena, "%s%scount(%s)", known, comma, name);
        kinds = seine_arena_printf(&page->report->arena, "%s%sapprox_count_distinct(%s)", kinds, comma, name);
    }
    if (known == NULL || kinds == NULL) return seine_no_memory(error, "report");
    const char *view = report->views[SEINE_REPORT_SILVER];
    SEINE_TRY(seine_report_ask(page->report, &rows, error, "SELECT count(*) FROM %s", view));
    SEINE_TRY(seine_report_ask(page->report, &page->known, error, "SELECT %s FROM %s", known, view));
    SEINE_TRY(seine_report_ask(page->report, &page->kinds, error, "SELECT %s FROM %s", kinds, view));
    page->rows = seine_answer_count(&rows, 0, 0);
    return SEINE_OK;
}

static seine_status put_parts(seine_page *page, seine_error *error) {
    static seine_status (*const parts[])(seine_page *, seine_error *) = {
        seine_page_fate,        seine_page_sources,    seine_page_hours,     seine_page_columns,
        seine_page_measures,    seine_page_values,     seine_page_gaps,      seine_page_map,
        seine_page_last_states, seine_page_top_speeds, seine_page_injections};
    const seine_progress *progress = seine_cli_progress(page->report->args);
    const size_t of_input = 2, count = sizeof parts / sizeof *parts;
    for (size_t i = 0; i < (page->rows > 0 ? count : of_input); i++) {
        seine_progress_report(progress, "report", i, count);
        SEINE_TRY(parts[i](page, error));
    }
    if (page->rows == 0) seine_html_put(&page->html, "<p class=\"none\">Silver has no rows.</p>\n");
    return SEINE_OK;
}

seine_status seine_report_page(seine_report *report, seine_buf *out, seine_error *error) {
    seine_page page = {.report = report, .html = {out, SEINE_OK}};
    SEINE_TRY(count_known(&page, error));
    put_head(&page);
    SEINE_TRY(put_header(&page, error));
    SEINE_TRY(put_parts(&page, error));
    put_footer(&page);
    return page.html.status == SEINE_OK ? SEINE_OK
                                        : seine_fail(error, page.html.status, "report: the page is too large");
}
