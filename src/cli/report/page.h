/** @file cli/report/page.h  The page while it is made: what its parts know, and what they are made of. */
#ifndef SEINE_CLI_REPORT_PAGE_H
#define SEINE_CLI_REPORT_PAGE_H

#include "cli/report/html.h"
#include "cli/report/report.h"

typedef struct seine_page {
    seine_report *report;
    seine_html html;
    int64_t rows;       /**< of silver */
    seine_answer known; /**< one row: for each column of the dataset how many rows have a value … */
    seine_answer kinds; /**< … and about how many values there are */
} seine_page;

/** Rows of live sources, as the ledger counts them. */
typedef struct seine_page_totals {
    int64_t sources, rows, rejects, duplicates;
} seine_page_totals;
seine_page_totals seine_page_count_sources(const seine_report *report);

/** Begins a part with a heading and an id; seine_page_part_end ends it. */
void seine_page_part(seine_page *page, const char *id, const char *title);
void seine_page_part_end(seine_page *page);
/** Begins a table in a box that scrolls, with a caption that may come from data; seine_page_table_end ends it. */
void seine_page_table(seine_page *page, const char *caption);
void seine_page_table_end(seine_page *page);
/** A value of data: long ones are cut, one that is empty or has blanks at an end stands between quotes. */
void seine_page_value(seine_page *page, seine_str text);
/** `<th scope="col">name (unit)</th>` @p unit may be "". */
void seine_page_head(seine_page *page, const char *name, const char *unit, bool is_number);
/** A table of the first @p most rows of an answer, with the units of the dataset's columns. A column whose name was
 * made NULL is left out. */
void seine_page_answer(seine_page *page, const char *caption, const seine_answer *answer, size_t most);

/* The parts, in the order of the page. They append nothing when there is nothing to tell. */
SEINE_MUST_USE seine_status seine_page_fate(seine_page *page, seine_error *error);    /**< what became of the rows */
SEINE_MUST_USE seine_status seine_page_sources(seine_page *page, seine_error *error); /**< and of each source's */
SEINE_MUST_USE seine_status seine_page_hours(seine_page *page, seine_error *error);
SEINE_MUST_USE seine_status seine_page_columns(seine_page *page, seine_error *error); /**< missing values */
SEINE_MUST_USE seine_status seine_page_measures(seine_page *page, seine_error *error);
SEINE_MUST_USE seine_status seine_page_values(seine_page *page, seine_error *error); /**< few-valued columns */
SEINE_MUST_USE seine_status seine_page_gaps(seine_page *page, seine_error *error);
SEINE_MUST_USE seine_status seine_page_map(seine_page *page, seine_error *error);
SEINE_MUST_USE seine_status seine_page_last_states(seine_page *page, seine_error *error);
SEINE_MUST_USE seine_status seine_page_top_speeds(seine_page *page, seine_error *error);
SEINE_MUST_USE seine_status seine_page_injections(seine_page *page, seine_error *error);

#endif
