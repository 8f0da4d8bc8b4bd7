/**
 * @file cli/report/plot.h
 * Bars as SVG, with the same figures as a table that folds out: for those who cannot see bars, and for copying. Colours
 * come from the page's style.
 */
#ifndef SEINE_CLI_REPORT_PLOT_H
#define SEINE_CLI_REPORT_PLOT_H

#include "cli/report/html.h"

#include <stddef.h>

#define SEINE_PLOT_WIDTH 880 /**< of every picture, in its own units */

typedef enum seine_plot_axis {
    SEINE_PLOT_NUMBER,
    SEINE_PLOT_TIME,    /**< hours since 1970, UTC */
    SEINE_PLOT_DURATION /**< seconds, on a scale of logarithms; greater than 0 */
} seine_plot_axis;

typedef struct seine_plot_bar {
    double from, to; /**< [from, to) on the axis */
    int64_t count;
} seine_plot_bar;

typedef struct seine_plot {
    const char *id;    /**< unique on the page, a-z and digits */
    const char *title; /**< what it shows: a text, may come from data */
    const char *what;  /**< what is counted: "rows" */
    const char *unit;  /**< of a NUMBER; "" = none */
    seine_plot_axis axis;
    bool is_log;                /**< counts are on a scale of logarithms */
    const seine_plot_bar *bars; /**< ascending, at least one; what lies between them is empty */
    size_t count;
} seine_plot;

void seine_plot_put(seine_html *html, const seine_plot *plot);

/** 1, 2 or 5 times a power of ten: the least step that covers @p range in at most @p most steps. */
double seine_plot_step(double range, int most);
/** A small bar for a cell of a table, @p part of @p whole wide. Figures stand beside it: it is hidden from readers of
 * the screen. */
void seine_plot_share(seine_html *html, int64_t part, int64_t whole);

#endif
