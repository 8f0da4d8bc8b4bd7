/*
 * GeoJSON (RFC 7946): one Feature per mover. A line that goes over 180 degrees is cut there (section 3.1.9) and
 * becomes a MultiLineString; a mover with one position is a Point. `times` has the shape of the coordinates. The kind
 * of geometry is known at the end only, so the coordinates of a mover are kept until then, and its times with them.
 */
#include "base/json.h"
#include "base/try.h"
#include "cli/export/internal.h"

static seine_status begin(seine_export *out) {
    return seine_buf_append_str(&out->text, "{\"type\":\"FeatureCollection\",\"features\":[");
}

static seine_status put_moment(seine_json_writer *w, const char *key, int64_t time_us) {
    seine_json_key(w, seine_str_of(key));
    SEINE_TRY(w->status);
    w->needs_comma = true;
    SEINE_TRY(seine_buf_append_str(w->out, "\""));
    SEINE_TRY(seine_export_time(w->out, time_us));
    return seine_buf_append_str(w->out, "\"");
}

/* The Feature up to its coordinates; out->text is written out by the walk, so these must not be in it yet. */
static seine_status mover(seine_export *out) {
    const seine_export_mover *v = out->mover;
    SEINE_TRY(seine_buf_append_str(&out->text, out->movers > 0 ? ",\n" : "\n"));
    seine_json_writer w = seine_json_writer_to(&out->text);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "type", "Feature");
    seine_json_field_text(&w, "id", v->id);
    seine_json_key(&w, SEINE_STR("geometry"));
    return w.status;
}

static seine_status put_place(seine_buf *text, seine_export_position position, const char *separator) {
    SEINE_TRY(seine_buf_append_str(text, separator));
    SEINE_TRY(seine_buf_append_str(text, "["));
    SEINE_TRY(seine_export_decimal(text, position.lon_deg));
    SEINE_TRY(seine_buf_append_str(text, ","));
    SEINE_TRY(seine_export_decimal(text, position.lat_deg));
    return seine_buf_append_str(text, "]");
}

static seine_status put_time(seine_buf *text, seine_export_position position, const char *separator) {
    SEINE_TRY(seine_buf_append_str(text, separator));
    SEINE_TRY(seine_buf_append_str(text, "\""));
    SEINE_TRY(seine_export_time(text, position.ts_us));
    return seine_buf_append_str(text, "\"");
}

static seine_status put_both(seine_export *out, seine_export_position position, const char *separator) {
    SEINE_TRY(put_place(&out->held, position, separator));
    return put_time(&out->times, position, separator);
}

static seine_status position(seine_export *out, seine_export_position at, bool crossing) {
    if (!crossing) return put_both(out, at, out->positions > 0 ? "," : "");
    const seine_export_crossing edge = seine_export_cross(out->last, at);
    SEINE_TRY(put_both(out, edge.from_a, ","));
    SEINE_TRY(put_both(out, edge.from_b, "],["));
    return put_both(out, at, ",");
}

static const char *kind_of(const seine_export *out) {
    if (out->pieces > 0) return "MultiLineString";
    return out->positions == 1 ? "Point" : "LineString";
}

static seine_status put_list(seine_buf *text, const seine_buf *list, const char *opening, const char *closing) {
    SEINE_TRY(seine_buf_append_str(text, opening));
    SEINE_TRY(seine_buf_append(text, list->data, list->size));
    return seine_buf_append_str(text, closing);
}

static seine_status mover_end(seine_export *out) {
    const seine_export_mover *v = out->mover;
    const bool is_point = out->positions == 1, is_cut = out->pieces > 0;
    const char *open = is_cut ? "[[" : is_point ? "" : "[", *close = is_cut ? "]]" : is_point ? "" : "]";
    SEINE_TRY(seine_buf_printf(&out->text, "{\"type\":\"%s\",\"coordinates\":", kind_of(out)));
    SEINE_TRY(put_list(&out->text, &out->held, open, close));
    SEINE_TRY(seine_buf_append_str(&out->text, "},\"properties\":"));
    seine_json_writer w = seine_json_writer_to(&out->text);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, v->id_name, v->id);
    if (strcmp(v->id_name, "name") != 0) seine_json_field_text(&w, "name", v->name[0] != '\0' ? v->name : NULL);
    seine_json_field_int(&w, "positions", v->positions);
    SEINE_TRY(put_moment(&w, "start", v->first_us));
    SEINE_TRY(put_moment(&w, "stop", v->last_us));
    seine_json_key(&w, SEINE_STR("times"));
    SEINE_TRY(w.status);
    SEINE_TRY(put_list(&out->text, &out->times, is_cut ? "[[" : "[", is_cut ? "]]" : "]"));
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? seine_buf_append_str(&out->text, "}") : w.status;
}

static seine_status end(seine_export *out) { return seine_buf_append_str(&out->text, "\n]}\n"); }

const seine_export_format seine_export_geojson = {"geojson", begin, mover, position, mover_end, end};
