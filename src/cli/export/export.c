/* Tracks as documents: the walk that every format shares, and its small helpers. */
#include "base/number.h"
#include "base/time.h"
#include "cli/export/internal.h"

#include <math.h>
#include <stdlib.h>

#define TEXT_MAX_BYTES ((size_t)1 << 34)
#define FLUSH_BYTES ((size_t)65536)

static const seine_export_format *const formats[] = {&seine_export_geojson, &seine_export_gpx, &seine_export_kml};

static const seine_export_format *find_format(const char *name) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i]->name, name) == 0) return formats[i];
    return NULL;
}

bool seine_export_has(const char *name) { return find_format(name) != NULL; }

/* ---- helpers of the formats ---- */

seine_status seine_export_xml(seine_buf *out, const char *text) {
    seine_status status = SEINE_OK;
    for (; status == SEINE_OK && *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        switch (c) {
        case '&': status = seine_buf_append_str(out, "&amp;"); break;
        case '<': status = seine_buf_append_str(out, "&lt;"); break;
        case '>': status = seine_buf_append_str(out, "&gt;"); break;
        case '"': status = seine_buf_append_str(out, "&quot;"); break;
        default:
            status = c < 0x20 && c != '\t' && c != '\n' ? seine_buf_append_str(out, "\xEF\xBF\xBD")
                                                        : seine_buf_append(out, text, 1);
        }
    }
    return status;
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
    seine_status status = seine_buf_append_str(out, value < 0 ? "-0." : "0.");
    for (long zeros = -strtol(exponent + 1, NULL, 10) - 1; status == SEINE_OK && zeros > 0; zeros--)
        status = seine_buf_append(out, "0", 1);
    return status == SEINE_OK ? seine_buf_append(out, digits, count) : status;
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

/* ---- the walk ---- */

static seine_status flush(seine_export *out, bool always, seine_error *error) {
    if (out->text.size == 0 || (!always && out->text.size < FLUSH_BYTES)) return SEINE_OK;
    const seine_status status = out->sink.write(out->sink.context, seine_buf_str(&out->text), error);
    seine_buf_clear(&out->text);
    return status;
}

static seine_status wrote(seine_export *out, seine_status status, bool always, seine_error *error) {
    if (status == SEINE_OK) return flush(out, always, error);
    return seine_fail(error, status, "export: %s", seine_status_text(status));
}

seine_status seine_export_open(const char *format, seine_export_sink sink, seine_export **out, seine_error *error) {
    *out = NULL;
    seine_export *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_fail(error, SEINE_E_NOMEM, "export: out of memory");
    made->format = find_format(format);
    made->sink = sink;
    seine_buf_init(&made->text, TEXT_MAX_BYTES);
    seine_buf_init(&made->held, TEXT_MAX_BYTES);
    seine_buf_init(&made->times, TEXT_MAX_BYTES);
    const seine_status status = wrote(made, made->format->begin(made), false, error);
    if (status == SEINE_OK)
        *out = made;
    else
        seine_export_free(made);
    return status;
}

static seine_status end_vessel(seine_export *out) {
    if (out->vessel == NULL) return SEINE_OK;
    const seine_status status = out->format->vessel_end(out);
    out->vessel = NULL;
    return status;
}

seine_status seine_export_next(seine_export *out, const seine_export_vessel *vessel, seine_error *error) {
    seine_status status = end_vessel(out);
    out->vessel = vessel;
    out->positions = out->pieces = 0;
    seine_buf_clear(&out->held);
    seine_buf_clear(&out->times);
    if (status == SEINE_OK) status = out->format->vessel(out);
    out->vessels++;
    return wrote(out, status, false, error);
}

seine_status seine_export_add(seine_export *out, seine_export_position position, seine_error *error) {
    const bool crossing = out->positions > 0 && fabs(position.lon_deg - out->last.lon_deg) > 180;
    const seine_status status = out->format->position(out, position, crossing);
    out->last = position;
    out->positions++;
    if (crossing) out->pieces++;
    return wrote(out, status, false, error);
}

seine_status seine_export_end(seine_export *out, seine_error *error) {
    seine_status status = end_vessel(out);
    if (status == SEINE_OK) status = out->format->end(out);
    return wrote(out, status, true, error);
}

void seine_export_free(seine_export *out) {
    if (out == NULL) return;
    seine_buf_free(&out->text);
    seine_buf_free(&out->held);
    seine_buf_free(&out->times);
    free(out);
}
