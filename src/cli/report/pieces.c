/* What the parts of the page are made of. */
#include "cli/report/page.h"

#include <stdint.h>

#define CELL_CHARACTERS 80

void seine_page_part(seine_page *page, const char *id, const char *title) {
    seine_html_printf(&page->html, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">", id, id);
    seine_html_words(&page->html, title);
    seine_html_put(&page->html, "</h2>");
}

void seine_page_part_end(seine_page *page) { seine_html_put(&page->html, "</section>\n"); }

void seine_page_table(seine_page *page, const char *caption) {
    seine_html_put(&page->html, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    seine_html_words(&page->html, caption);
    seine_html_put(&page->html, "\"><table><caption>");
    seine_html_words(&page->html, caption);
    seine_html_put(&page->html, "</caption><thead><tr>");
}

void seine_page_table_end(seine_page *page) { seine_html_put(&page->html, "</tbody></table></div>"); }

void seine_page_value(seine_page *page, seine_str text) {
    const bool is_odd = text.size == 0 || seine_str_trim(text).size < text.size;
    seine_html_put(&page->html, is_odd ? "“" : "");
    seine_html_text(&page->html, text, CELL_CHARACTERS);
    seine_html_put(&page->html, is_odd ? "”" : "");
}

void seine_page_head(seine_page *page, const char *name, const char *unit, bool is_number) {
    seine_html_put(&page->html, is_number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
    seine_html_words(&page->html, name);
    if (unit[0] != '\0') {
        seine_html_put(&page->html, " <span class=\"unit\">(");
        seine_html_words(&page->html, unit);
        seine_html_put(&page->html, ")</span>");
    }
    seine_html_put(&page->html, "</th>");
}

/* The lake does not keep the units of gold: that of a top speed is its measure's. */
static const char *unit_of(const seine_page *page, const char *name) {
    const seine_dataset *dataset = page->report->dataset;
    const size_t measure = seine_report_measure_of(page->report, name);
    if (measure != SIZE_MAX) return dataset->columns[measure].unit;
    for (size_t i = 0; i < dataset->column_count; i++)
        if (strcmp(dataset->columns[i].name, name) == 0) return dataset->columns[i].unit;
    return "";
}

static void put_cell(seine_page *page, const seine_answer *answer, size_t row, size_t column) {
    const seine_str text = seine_answer_text(answer, row, column);
    char number[SEINE_HTML_NUMBER];
    seine_html *html = &page->html;
    if (text.data == NULL) {
        seine_html_put(html, answer->is_number[column] ? "<td class=\"n none\">–</td>" : "<td class=\"none\">–</td>");
    } else if (answer->is_number[column]) {
        seine_html_printf(html, "<td class=\"n\">%s</td>",
                          seine_html_number(seine_answer_number(answer, row, column), "", number));
    } else {
        seine_html_put(html, "<td class=\"t\">");
        seine_page_value(page, text);
        seine_html_put(html, "</td>");
    }
}

void seine_page_answer(seine_page *page, const char *caption, const seine_answer *answer, size_t most) {
    seine_html_put(&page->html, "<div class=\"wide\">");
    seine_page_table(page, caption);
    for (size_t i = 0; i < answer->columns; i++)
        if (answer->names[i] != NULL)
            seine_page_head(page, answer->names[i], unit_of(page, answer->names[i]), answer->is_number[i]);
    seine_html_put(&page->html, "</tr></thead><tbody>");
    for (size_t row = 0; row < answer->rows && row < most; row++) {
        seine_html_put(&page->html, "<tr>");
        for (size_t i = 0; i < answer->columns; i++)
            if (answer->names[i] != NULL) put_cell(page, answer, row, i);
        seine_html_put(&page->html, "</tr>");
    }
    seine_page_table_end(page);
    seine_html_put(&page->html, "</div>");
}
