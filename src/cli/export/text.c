/* What the formats of tracks write alike: texts of XML, numbers, times, and where a line meets 180 degrees. */
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/export/internal.h"

#include <math.h>
#include <stdlib.h>

seine_status seine_export_xml(seine_buf *out, const char *text) {
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        switch (c) {
        case '&': SEINE_TRY(seine_buf_append_str(out, "&amp;")); break;
        case '<': SEINE_TRY(seine_buf_append_str(out, "&lt;")); break;
        case '>': SEINE_TRY(seine_buf_append_str(out, "&gt;")); break;
        case '"': SEINE_TRY(seine_buf_append_str(out, "&quot;")); break;
        default:
            SEINE_TRY(c < 0x20 && c != '\t' && c != '\n' ? seine_buf_append_str(out, "\xEF\xBF\xBD")
                                                         : seine_buf_append(out, text, 1));
        }
    }
    return SEINE_OK;
}

seine_status seine_export_decimal(seine_buf *out, double value) {
    char text[32], digits[32];
    const size_t size = seine_number_text(value, text);
    const char *exponent = memchr(text, 'e', size);
    if (exponent == NULL) return seine_buf_append(out, text, size);
    /* Below 1e-4: zeros, then the digits of the mantissa. */
    size_t count = 0;
    for (const char *c = text; c < exponent; c++)
        if (*c >= '0' && *c <= '9') digits[count++] = *c;
    SEINE_TRY(seine_buf_append_str(out, value < 0 ? "-0." : "0."));
    for (long zeros = -strtol(exponent + 1, NULL, 10) - 1; zeros > 0; zeros--) SEINE_TRY(seine_buf_append(out, "0", 1));
    return seine_buf_append(out, digits, count);
}

seine_status seine_export_time(seine_buf *out, int64_t time_us) {
    char text[40];
    return seine_buf_append(out, text, seine_time_format(time_us, text));
}

seine_export_crossing seine_export_cross(seine_export_position a, seine_export_position b) {
    const double edge = a.lon_deg < 0 ? -180.0 : 180.0;
    const double to_edge = edge - a.lon_deg, behind = b.lon_deg + edge;
    const double whole = to_edge + behind;
    const double share = whole != 0 ? to_edge / whole : 0;
    const double lat_deg = a.lat_deg + share * (b.lat_deg - a.lat_deg);
    const int64_t ts_us = a.ts_us + (int64_t)llround(share * (double)(b.ts_us - a.ts_us));
    return (seine_export_crossing){{ts_us, lat_deg, edge}, {ts_us, lat_deg, -edge}};
}
