#include "cli/report/html.h"

#include "base/try.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void seine_html_put(seine_html *html, const char *markup) {
    if (html->status == SEINE_OK) html->status = seine_buf_append_str(html->out, markup);
}

void seine_html_printf(seine_html *html, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= sizeof text)
        html->status = SEINE_E_LIMIT;
    else
        seine_html_put(html, text);
}

/* ---- texts ---- */

/* @return the bytes of the character at the begin of @p text, 0 = they are no UTF-8. */
static size_t character_size(seine_str text) {
    const unsigned char first = (unsigned char)text.data[0];
    const size_t size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return size <= text.size && seine_str_is_utf8((seine_str){text.data, size}) ? size : 0;
}

static const char *escaped(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* Those of ASCII, DEL, and those of C1, which are two bytes. */
static bool is_control(const char *character, size_t size) {
    const unsigned char first = (unsigned char)character[0];
    if (size == 1) return (first < 0x20 && first != '\n' && first != '\t') || first == 0x7f;
    return size == 2 && first == 0xc2 && (unsigned char)character[1] < 0xa0;
}

void seine_html_text(seine_html *html, seine_str text, size_t most) {
    size_t at = 0;
    for (size_t count = 0; at < text.size && html->status == SEINE_OK; count++) {
        if (most > 0 && count == most) {
            seine_html_put(html, "…");
            return;
        }
        const seine_str rest = {text.data + at, text.size - at};
        const size_t size = character_size(rest);
        const char *markup = size == 1 ? escaped(rest.data[0]) : NULL;
        if (size == 0 || is_control(rest.data, size)) markup = "\xef\xbf\xbd";
        if (markup != NULL)
            seine_html_put(html, markup);
        else
            html->status = seine_buf_append(html->out, rest.data, size);
        at += size > 0 ? size : 1;
    }
}

void seine_html_words(seine_html *html, const char *text) { seine_html_text(html, seine_str_of(text), 0); }

/* ---- numbers ---- */

const char *seine_html_count(int64_t count, char text[SEINE_HTML_NUMBER]) {
    char digits[24];
    const int size = snprintf(digits, sizeof digits, "%" PRId64, count);
    size_t to = 0;
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0 && digits[i - 1] != '-') text[to++] = ',';
        text[to++] = digits[i];
    }
    text[to] = '\0';
    return text;
}

const char *seine_html_share(int64_t part, int64_t whole, char text[SEINE_HTML_NUMBER]) {
    const double percent = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
    if (whole <= 0)
        (void)snprintf(text, SEINE_HTML_NUMBER, "–");
    else if (part == 0 || part == whole)
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.0f %%", percent);
    else if (percent < 0.1)
        (void)snprintf(text, SEINE_HTML_NUMBER, "<0.1 %%");
    else if (percent > 99.9)
        (void)snprintf(text, SEINE_HTML_NUMBER, ">99.9 %%");
    else
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.1f %%", percent);
    return text;
}

const char *seine_html_number(double number, const char *unit, char text[SEINE_HTML_NUMBER]) {
    char digits[SEINE_HTML_NUMBER - 24];
    if (fabs(number) >= 1e4 && fabs(number) < 1e15)
        (void)seine_html_count((int64_t)llround(number), text);
    else
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.6g", number == 0 ? 0.0 : number); /* no -0 */
    if (unit[0] == '\0') return text;
    (void)snprintf(digits, sizeof digits, "%s", text);
    (void)snprintf(text, SEINE_HTML_NUMBER, "%s %.20s", digits, unit);
    return text;
}

const char *seine_html_duration(double seconds, char text[SEINE_HTML_NUMBER]) {
    static const struct {
        double seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    if (seconds > 0 && seconds < 0.9995) {
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.3g ms", seconds * 1000);
        return text;
    }
    if (seconds < 60) {
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.3g s", seconds);
        return text;
    }
    size_t i = 0;
    while (seconds < units[i].seconds) i++;
    const double small = round(seconds / units[i + 1].seconds);
    const double each = units[i].seconds / units[i + 1].seconds;
    const double large = floor(small / each), rest = small - large * each;
    if (rest > 0)
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.0f %s %.0f %s", large, units[i].name, rest, units[i + 1].name);
    else
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.0f %s", large, units[i].name);
    return text;
}
