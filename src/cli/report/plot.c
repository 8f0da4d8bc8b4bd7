#include "cli/report/plot.h"

#include "base/time.h"

#include <math.h>
#include <stdio.h>

#define HEIGHT 240.0
#define LEFT 64.0
#define RIGHT 40.0
#define TOP 28.0
#define BOTTOM 30.0
#define INNER_WIDTH (SEINE_PLOT_WIDTH - LEFT - RIGHT)
#define INNER_HEIGHT (HEIGHT - TOP - BOTTOM)
#define LABEL_WIDTH 84.0 /* least distance between labels below */
#define LOG_ZERO (-0.2)  /* where a scale of logarithms begins, so that a count of 1 is seen */

/* The scales of one picture. */
typedef struct frame {
    const seine_plot *plot;
    double from, to; /* what the axis shows, as positions */
    double most;     /* of the counts' scale */
} frame;

double seine_plot_step(double range, int most) {
    const double least = range > 0 ? range / most : 1;
    const double power = pow(10, floor(log10(least)));
    const double ratio = least / power;
    return power * (ratio <= 1 + 1e-9 ? 1 : ratio <= 2 + 1e-9 ? 2 : ratio <= 5 + 1e-9 ? 5 : 10);
}

static double position(const seine_plot *plot, double value) {
    return plot->axis == SEINE_PLOT_DURATION ? log10(value) : value;
}

static double x_of(const frame *f, double value) {
    return LEFT + (position(f->plot, value) - f->from) / (f->to - f->from) * INNER_WIDTH;
}

static double height_of(const frame *f, double count) {
    if (count <= 0) return 0;
    return INNER_HEIGHT * (f->plot->is_log ? (log10(count) - LOG_ZERO) / (f->most - LOG_ZERO) : count / f->most);
}

static frame frame_of(const seine_plot *plot) {
    frame f = {
        .plot = plot, .from = position(plot, plot->bars[0].from), .to = position(plot, plot->bars[plot->count - 1].to)};
    int64_t most = 1;
    for (size_t i = 0; i < plot->count; i++)
        if (plot->bars[i].count > most) most = plot->bars[i].count;
    const double step = seine_plot_step((double)most, 5);
    f.most = plot->is_log ? log10((double)most) + 0.1 : ceil((double)most / step) * step;
    return f;
}

/* ---- labels ---- */

static void put_time(double hours, bool with_day, bool with_hour, char text[SEINE_HTML_NUMBER]) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int year, month, day;
    const int64_t hour = (int64_t)floor(hours);
    char clock[16] = "";
    seine_civil_from_days((int32_t)seine_floor_div(hour, 24), &year, &month, &day);
    if (with_hour) (void)snprintf(clock, sizeof clock, "%02d:00", (int)seine_floor_mod(hour, 24));
    if (with_day)
        (void)snprintf(text, SEINE_HTML_NUMBER, "%d %s %d%s%s", day, months[month - 1], year, with_hour ? " " : "",
                       clock);
    else
        (void)snprintf(text, SEINE_HTML_NUMBER, "%s", clock);
}

/* The range of a bar. */
static void put_range(const seine_plot *plot, const seine_plot_bar *bar, char text[2 * SEINE_HTML_NUMBER + 8]) {
    char from[SEINE_HTML_NUMBER], to[SEINE_HTML_NUMBER];
    switch (plot->axis) {
    case SEINE_PLOT_NUMBER:
        (void)seine_html_number(bar->from, "", from);
        (void)seine_html_number(bar->to, plot->unit, to);
        break;
    case SEINE_PLOT_TIME:
        put_time(bar->from, true, bar->to - bar->from < 24, from);
        put_time(bar->to, true, bar->to - bar->from < 24, to);
        if (bar->to - bar->from <= 24) { /* the beginning tells all */
            (void)snprintf(text, 2 * SEINE_HTML_NUMBER + 8, "%s", from);
            return;
        }
        break;
    case SEINE_PLOT_DURATION:
        (void)seine_html_duration(bar->from, from);
        (void)seine_html_duration(bar->to, to);
        break;
    }
    (void)snprintf(text, 2 * SEINE_HTML_NUMBER + 8, "%s – %s", from, to);
}

/* ---- axes ---- */

static void put_tick(seine_html *html, const frame *f, double value, const char *label) {
    const double x = x_of(f, value);
    seine_html_printf(html, "<path class=\"tick\" d=\"M%.1f %.1fv5\"/>", x, TOP + INNER_HEIGHT);
    seine_html_printf(html, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", x, HEIGHT - 10);
    seine_html_words(html, label);
    seine_html_put(html, "</text>");
}

static void put_number_ticks(seine_html *html, const frame *f) {
    char label[SEINE_HTML_NUMBER];
    const double step = seine_plot_step(f->to - f->from, (int)(INNER_WIDTH / LABEL_WIDTH));
    for (double k = ceil(f->from / step - 1e-9); k * step <= f->to + step * 1e-9; k++)
        put_tick(html, f, k * step, seine_html_number(k * step, f->plot->unit, label));
}

static void put_time_ticks(seine_html *html, const frame *f) {
    static const int steps[] = {1, 2, 3, 6, 12, 24, 48, 168, 336, 720, 2160, 8760, 43800};
    char label[SEINE_HTML_NUMBER];
    size_t i = 0;
    while (i + 1 < sizeof steps / sizeof *steps && (f->to - f->from) / steps[i] > INNER_WIDTH / (LABEL_WIDTH + 10)) i++;
    const double step = steps[i];
    const double first = ceil(f->from / step);
    for (double k = first; k * step <= f->to; k++) {
        const bool is_midnight = fmod(k * step, 24) == 0;
        put_time(k * step, is_midnight || k == first, !is_midnight, label);
        put_tick(html, f, k * step, label);
    }
}

/* Where bars begin, as far as there is room. */
static void put_duration_ticks(seine_html *html, const frame *f) {
    char label[SEINE_HTML_NUMBER];
    double last = -1e9;
    for (size_t i = 0; i <= f->plot->count; i++) {
        const double value = i < f->plot->count ? f->plot->bars[i].from : f->plot->bars[i - 1].to;
        if (x_of(f, value) < last + LABEL_WIDTH * 2 / 3) continue;
        last = x_of(f, value);
        put_tick(html, f, value, seine_html_duration(value, label));
    }
}

static void put_line(seine_html *html, const frame *f, double count) {
    char label[SEINE_HTML_NUMBER];
    const double y = TOP + INNER_HEIGHT - height_of(f, count);
    seine_html_printf(html, "<path class=\"grid\" d=\"M%.0f %.1fh%.0f\"/>", LEFT, y, INNER_WIDTH);
    seine_html_printf(html, "<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 8, y + 4,
                      seine_html_count((int64_t)llround(count), label));
}

static void put_counts_axis(seine_html *html, const frame *f) {
    if (f->plot->is_log) {
        const int each = f->most > 6 ? 2 : 1;
        for (int power = 0; power <= (int)floor(f->most); power += each) put_line(html, f, pow(10, power));
    } else {
        const double step = fmax(1, seine_plot_step(f->most, 5));
        for (double count = 0; count <= f->most * (1 + 1e-9); count += step) put_line(html, f, count);
    }
    seine_html_printf(html, "<text x=\"%.0f\" y=\"10\" text-anchor=\"end\">%s</text>", LEFT - 8, f->plot->what);
}

/* ---- the picture ---- */

static void put_bar(seine_html *html, const frame *f, const seine_plot_bar *bar) {
    char range[2 * SEINE_HTML_NUMBER + 8], count[SEINE_HTML_NUMBER];
    const double left = x_of(f, bar->from), right = x_of(f, bar->to), height = height_of(f, (double)bar->count);
    const double gap = right - left > 3 ? 1 : 0;
    if (bar->count == 0) return;
    put_range(f->plot, bar, range);
    seine_html_printf(html, "<rect class=\"bar\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>",
                      left + gap / 2, TOP + INNER_HEIGHT - height, fmax(right - left - gap, 0.8), fmax(height, 0.8));
    seine_html_words(html, range);
    seine_html_printf(html, ": %s %s</title></rect>", seine_html_count(bar->count, count), f->plot->what);
}

static void put_figures(seine_html *html, const seine_plot *plot) {
    char range[2 * SEINE_HTML_NUMBER + 8], count[SEINE_HTML_NUMBER];
    seine_html_put(html, "<details><summary>Figures</summary>"
                         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Figures: ");
    seine_html_words(html, plot->title);
    seine_html_put(html, "\"><table><caption>");
    seine_html_words(html, plot->title);
    seine_html_printf(
        html, "</caption><thead><tr><th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">%s</th></tr></thead><tbody>",
        plot->axis == SEINE_PLOT_TIME ? "from (UTC)" : "range", plot->what);
    for (size_t i = 0; i < plot->count; i++) {
        put_range(plot, &plot->bars[i], range);
        seine_html_put(html, "<tr><th scope=\"row\">");
        seine_html_words(html, range);
        seine_html_printf(html, "</th><td class=\"n\">%s</td></tr>", seine_html_count(plot->bars[i].count, count));
    }
    seine_html_put(html, "</tbody></table></div></details>");
}

void seine_plot_put(seine_html *html, const seine_plot *plot) {
    const frame f = frame_of(plot);
    seine_html_printf(html, "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-labelledby=\"%s\">", plot->id);
    seine_html_printf(html, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-labelledby=\"%s\"><title id=\"%s\">",
                      SEINE_PLOT_WIDTH, HEIGHT, plot->id, plot->id);
    seine_html_words(html, plot->title);
    seine_html_put(html, "</title>");
    put_counts_axis(html, &f);
    for (size_t i = 0; i < plot->count; i++) put_bar(html, &f, &plot->bars[i]);
    if (plot->axis == SEINE_PLOT_NUMBER) put_number_ticks(html, &f);
    if (plot->axis == SEINE_PLOT_TIME) put_time_ticks(html, &f);
    if (plot->axis == SEINE_PLOT_DURATION) put_duration_ticks(html, &f);
    seine_html_put(html, "</svg></div>");
    put_figures(html, plot);
}

void seine_plot_share(seine_html *html, int64_t part, int64_t whole) {
    const double width = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
    seine_html_put(html,
                   "<svg class=\"share\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                   "<rect class=\"rest\" width=\"100\" height=\"10\"/>");
    if (part > 0) seine_html_printf(html, "<rect class=\"bar\" width=\"%.2f\" height=\"10\"/>", fmax(width, 0.5));
    seine_html_put(html, "</svg>");
}
