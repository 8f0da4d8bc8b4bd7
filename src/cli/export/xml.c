/* GPX 1.1 and KML 2.2 with gx:Track. */
#include "base/try.h"
#include "cli/export/internal.h"

/* ---- GPX: one trk per mover, a trkseg ends where the line goes over 180 degrees ---- */

static seine_status gpx_begin(seine_export *out) {
    return seine_buf_append_str(
        &out->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"seine " SEINE_VERSION
                    "\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n");
}

static seine_status gpx_mover(seine_export *out) {
    const seine_export_mover *mover = out->mover;
    SEINE_TRY(seine_buf_append_str(&out->text, "<trk><name>"));
    SEINE_TRY(seine_export_xml(&out->text, mover->id));
    SEINE_TRY(seine_buf_append_str(&out->text, "</name>"));
    if (mover->name[0] != '\0') {
        SEINE_TRY(seine_buf_append_str(&out->text, "<desc>"));
        SEINE_TRY(seine_export_xml(&out->text, mover->name));
        SEINE_TRY(seine_buf_append_str(&out->text, "</desc>"));
    }
    return seine_buf_append_str(&out->text, "<trkseg>\n");
}

static seine_status gpx_point(seine_buf *text, seine_export_position position) {
    /* GPX has longitudes in [-180, 180). */
    const double lon_deg = position.lon_deg >= 180 ? -180 : position.lon_deg;
    SEINE_TRY(seine_buf_append_str(text, "<trkpt lat=\""));
    SEINE_TRY(seine_export_decimal(text, position.lat_deg));
    SEINE_TRY(seine_buf_append_str(text, "\" lon=\""));
    SEINE_TRY(seine_export_decimal(text, lon_deg));
    SEINE_TRY(seine_buf_append_str(text, "\"><time>"));
    SEINE_TRY(seine_export_time(text, position.ts_us));
    return seine_buf_append_str(text, "</time></trkpt>\n");
}

static seine_status gpx_position(seine_export *out, seine_export_position position, bool crossing) {
    SEINE_TRY(crossing ? seine_buf_append_str(&out->text, "</trkseg><trkseg>\n") : SEINE_OK);
    return gpx_point(&out->text, position);
}

static seine_status gpx_mover_end(seine_export *out) { return seine_buf_append_str(&out->text, "</trkseg></trk>\n"); }

static seine_status gpx_end(seine_export *out) { return seine_buf_append_str(&out->text, "</gpx>\n"); }

const seine_export_format seine_export_gpx = {"gpx", gpx_begin, gpx_mover, gpx_position, gpx_mover_end, gpx_end};

/* ---- KML: one gx:Track per mover; all times come before all places, which are held back ---- */

static seine_status kml_begin(seine_export *out) {
    return seine_buf_append_str(&out->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                            "<kml xmlns=\"http://www.opengis.net/kml/2.2\" "
                                            "xmlns:gx=\"http://www.google.com/kml/ext/2.2\">\n<Document>\n");
}

static seine_status kml_mover(seine_export *out) {
    const seine_export_mover *mover = out->mover;
    SEINE_TRY(seine_buf_append_str(&out->text, "<Placemark><name>"));
    SEINE_TRY(seine_export_xml(&out->text, mover->name[0] != '\0' ? mover->name : mover->id));
    SEINE_TRY(seine_buf_printf(&out->text, "</name><ExtendedData><Data name=\"%s\"><value>", mover->id_name));
    SEINE_TRY(seine_export_xml(&out->text, mover->id));
    return seine_buf_append_str(&out->text, "</value></Data></ExtendedData><gx:Track>"
                                            "<altitudeMode>clampToGround</altitudeMode>\n");
}

static seine_status kml_position(seine_export *out, seine_export_position position, bool crossing) {
    (void)crossing; /* viewers draw a gx:Track the short way round */
    SEINE_TRY(seine_buf_append_str(&out->text, "<when>"));
    SEINE_TRY(seine_export_time(&out->text, position.ts_us));
    SEINE_TRY(seine_buf_append_str(&out->text, "</when>\n"));
    SEINE_TRY(seine_buf_append_str(&out->held, "<gx:coord>"));
    SEINE_TRY(seine_export_decimal(&out->held, position.lon_deg));
    SEINE_TRY(seine_buf_append_str(&out->held, " "));
    SEINE_TRY(seine_export_decimal(&out->held, position.lat_deg));
    return seine_buf_append_str(&out->held, " 0</gx:coord>\n");
}

static seine_status kml_mover_end(seine_export *out) {
    SEINE_TRY(seine_buf_append(&out->text, out->held.data, out->held.size));
    return seine_buf_append_str(&out->text, "</gx:Track></Placemark>\n");
}

static seine_status kml_end(seine_export *out) { return seine_buf_append_str(&out->text, "</Document>\n</kml>\n"); }

const seine_export_format seine_export_kml = {"kml", kml_begin, kml_mover, kml_position, kml_mover_end, kml_end};
