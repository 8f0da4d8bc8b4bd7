/**
 * @file cli/report/html.h
 * HTML and SVG as text. What comes from data goes through seine_html_text, and nothing else does: so no value can be
 * markup. Numbers are written as people read them: 1,234,567; 0.5 %; 3 h 20 min.
 */
#ifndef SEINE_CLI_REPORT_HTML_H
#define SEINE_CLI_REPORT_HTML_H

#include "base/buf.h"

#include <stdint.h>

/** Where a page grows. Functions do nothing after the first failure. */
typedef struct seine_html {
    seine_buf *out;
    seine_status status; /**< first failure; check once at the end */
} seine_html;

/** Markup as it is. */
void seine_html_put(seine_html *html, const char *markup);
/** Markup with numbers in it; no texts of data. */
void seine_html_printf(seine_html *html, const char *format, ...) SEINE_PRINTF(2, 3);
/** A text as content or between double quotes: markup is escaped; control characters, and bytes that are no UTF-8,
 * become U+FFFD. Only its first @p most characters and … of a longer one; 0 = all. */
void seine_html_text(seine_html *html, seine_str text, size_t most);
/** The same of a whole text that ends in NUL. */
void seine_html_words(seine_html *html, const char *text);

#define SEINE_HTML_NUMBER 64 /**< bytes of a number as text */
/** `1,234,567` @return @p text */
const char *seine_html_count(int64_t count, char text[SEINE_HTML_NUMBER]);
/** `12.3 %`, `<0.1 %`, `>99.9 %`; `–` of nothing. @return @p text */
const char *seine_html_share(int64_t part, int64_t whole, char text[SEINE_HTML_NUMBER]);
/** A number with at most six digits that count: `12.3`, `0.00015`; a unit behind it unless that is "". @return @p text
 */
const char *seine_html_number(double number, const char *unit, char text[SEINE_HTML_NUMBER]);
/** `250 ms`, `12.5 s`, `3 min 20 s`, `1 h`, `2 d 3 h`. @return @p text */
const char *seine_html_duration(double seconds, char text[SEINE_HTML_NUMBER]);

#endif
