#include "cli/report/map.h"

#include "cli/report/plot.h"

#include <math.h>
#include <stdio.h>

#define SQUARE 4.0 /* units of the picture */
#define LEFT 64.0
#define TOP 4.0
#define BOTTOM 26.0
#define COLUMNS_MOST ((int)((SEINE_PLOT_WIDTH - LEFT - 40) / SQUARE))
#define ROWS_MOST 110
#define ROWS_LEAST 25
#define SHADES 5
#define SMALLEST_DEG 0.02 /* of a map in either direction: one place is one, too */

/* ---- what it shows ---- */

static void take_longitudes(seine_map *map, const seine_map_range *ranges, size_t count) {
    double widest = ranges[0].west + 360 - ranges[count - 1].east; /* across 180° */
    map->west = ranges[0].west;
    map->east = ranges[count - 1].east;
    for (size_t i = 1; i < count; i++) {
        if (ranges[i].west - ranges[i - 1].east <= widest) continue;
        widest = ranges[i].west - ranges[i - 1].east;
        map->west = ranges[i].west;
        map->east = ranges[i - 1].east + 360;
    }
}

seine_map seine_map_of(const seine_map_range *ranges, size_t count, double south, double north) {
    seine_map map = {.south = south, .north = north};
    take_longitudes(&map, ranges, count);
    const double wide = fmax(map.east - map.west, SMALLEST_DEG), high = fmax(north - south, SMALLEST_DEG);
    const double shrink = fmax(cos((south + north) / 2 * acos(-1) / 180), 0.05); /* of a degree of longitude */
    const double square = fmax(wide * shrink / (COLUMNS_MOST - 2), high / (ROWS_MOST - 2));
    map.square_lat = square;
    map.square_lon = square / shrink;
    map.columns = (int)fmin(floor(wide / map.square_lon) + 2, COLUMNS_MOST);
    map.rows = (int)fmin(floor(high / square) + 2, ROWS_MOST);
    /* One that is thin is wider than its positions. */
    if (map.rows < ROWS_LEAST) map.rows = ROWS_LEAST;
    if (map.columns < 2 * ROWS_LEAST) map.columns = 2 * ROWS_LEAST;
    map.left = (map.west + map.east) / 2 - map.columns * map.square_lon / 2;
    map.top = (south + north) / 2 + map.rows * square / 2;
    return map;
}

/* ---- labels ---- */

static const char *put_degrees(double degrees, double step, char positive, char negative,
                               char text[SEINE_HTML_NUMBER]) {
    const int decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    const double shown = fabs(degrees) < step * 1e-6 ? 0 : fabs(degrees);
    if (shown == 0 || shown == 180)
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.0f°", shown);
    else
        (void)snprintf(text, SEINE_HTML_NUMBER, "%.*f° %c", decimals > 6 ? 6 : decimals, shown,
                       degrees > 0 ? positive : negative);
    return text;
}

const char *seine_map_lon(double lon, double step, char text[SEINE_HTML_NUMBER]) {
    return put_degrees(lon > 180 ? lon - 360 : lon < -180 ? lon + 360 : lon, step, 'E', 'W', text);
}

const char *seine_map_lat(double lat, double step, char text[SEINE_HTML_NUMBER]) {
    return put_degrees(lat, step, 'N', 'S', text);
}

/* ---- the picture ---- */

/* A distance of lines that people know: 10° are not followed by 20° and 50°, but by 15°, 30°, 45°. */
static double graticule(double range, int most) {
    static const double steps[] = {1, 2, 5, 10, 15, 30, 45, 90};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (range > most && range / steps[i] <= most) return steps[i];
    return range > most ? 90 : seine_plot_step(range, most);
}

static void put_graticule(seine_html *html, const seine_map *map, double width, double height) {
    char label[SEINE_HTML_NUMBER];
    const double wide = map->columns * map->square_lon, high = map->rows * map->square_lat;
    const double step_x = graticule(wide, (int)fmax(2, width / 90)),
                 step_y = graticule(high, (int)fmax(2, height / 50));
    for (double k = ceil(map->left / step_x); k * step_x <= map->left + wide; k++) {
        const double x = LEFT + (k * step_x - map->left) / wide * width;
        seine_html_printf(html, "<path class=\"grid\" d=\"M%.1f %.1fv%.1f\"/>", x, TOP, height);
        seine_html_printf(html, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", x, TOP + height + 18,
                          seine_map_lon(k * step_x, step_x, label));
    }
    for (double k = floor(map->top / step_y); k * step_y >= map->top - high; k--) {
        const double y = TOP + (map->top - k * step_y) / high * height;
        if (fabs(k * step_y) > 90) continue;
        seine_html_printf(html, "<path class=\"grid\" d=\"M%.1f %.1fh%.1f\"/>", LEFT, y, width);
        seine_html_printf(html, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 8, y + 4,
                          seine_map_lat(k * step_y, step_y, label));
    }
}

/* The greatest count of a shade: equal steps on a scale of logarithms. */
static int64_t shade_most(int shade, int64_t most) {
    return shade + 1 == SHADES ? most : (int64_t)floor(pow((double)most, (shade + 1.0) / SHADES) + 1e-9);
}

static int shade_of(int64_t count, int64_t most) {
    int shade = 0;
    while (shade + 1 < SHADES && count > shade_most(shade, most)) shade++;
    return shade;
}

static void put_squares(seine_html *html, const seine_map_square *squares, size_t count, int64_t most) {
    for (int shade = 0; shade < SHADES; shade++) {
        seine_html_printf(html, "<path class=\"d%d\" d=\"", shade);
        for (size_t i = 0; i < count; i++)
            if (shade_of(squares[i].count, most) == shade)
                seine_html_printf(html, "M%g %gh%gv%gh-%gz", LEFT + squares[i].column * SQUARE,
                                  TOP + squares[i].row * SQUARE, SQUARE, SQUARE, SQUARE);
        seine_html_put(html, "\"/>");
    }
}

static void put_legend(seine_html *html, int64_t most, const char *what) {
    char from[SEINE_HTML_NUMBER], to[SEINE_HTML_NUMBER];
    seine_html_printf(html, "<p class=\"legend\">%s in a square:", what);
    int64_t least = 1;
    for (int shade = 0; shade < SHADES; shade++) {
        const int64_t end = shade_most(shade, most);
        if (end < least) continue;
        seine_html_printf(html,
                          " <span><svg class=\"key\" viewBox=\"0 0 10 10\" aria-hidden=\"true\">"
                          "<path class=\"d%d\" d=\"M0 0h10v10h-10z\"/></svg>",
                          shade);
        seine_html_printf(html, end > least ? "%s – %s</span>" : "%s</span>", seine_html_count(least, from),
                          seine_html_count(end, to));
        least = end + 1;
    }
    seine_html_put(html, "</p>");
}

void seine_map_put(seine_html *html, const seine_map *map, const seine_map_square *squares, size_t count,
                   const char *title, const char *what) {
    const double width = map->columns * SQUARE, height = map->rows * SQUARE;
    int64_t most = 1;
    for (size_t i = 0; i < count; i++)
        if (squares[i].count > most) most = squares[i].count;
    seine_html_printf(
        html,
        "<div class=\"picture\" tabindex=\"0\" role=\"region\" aria-labelledby=\"map\"><svg viewBox=\"0 0 %d "
        "%.0f\" role=\"img\" aria-labelledby=\"map\"><title id=\"map\">",
        SEINE_PLOT_WIDTH, TOP + height + BOTTOM);
    seine_html_words(html, title);
    seine_html_printf(html, "</title><path class=\"sea\" d=\"M%.0f %.0fh%.0fv%.0fh-%.0fz\"/>", LEFT, TOP, width, height,
                      width);
    put_graticule(html, map, width, height);
    put_squares(html, squares, count, most);
    seine_html_put(html, "</svg></div>");
    put_legend(html, most, what);
}
