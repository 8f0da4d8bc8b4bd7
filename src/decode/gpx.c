#include "decode/gpx.h"

#include "base/json.h"
#include "decode/xml.h"

#include <stdio.h>
#include <stdlib.h>

#define POINT_BYTES_MAX SEINE_XML_TOKEN_MAX_BYTES

struct seine_gpx {
    seine_xml *xml;
    const char *fallback;
    size_t depth, track_depth, point_depth; /* 0 = not in one */
    int64_t segment;
    seine_buf track, text, point; /* the track's name; of the element at hand; the object that is being written */
    seine_json_writer writer;     /* of point */
    seine_buf *lines;
};

static bool is(seine_str name, const char *other) { return seine_str_equal(name, seine_str_of(other)); }

/* ---- points ---- */

static void put(seine_gpx *gpx, seine_str name, seine_str value) {
    seine_json_key(&gpx->writer, name);
    seine_json_put_text(&gpx->writer, value);
}

static seine_status check_point(const seine_gpx *gpx, seine_error *error) {
    return gpx->writer.status == SEINE_OK
               ? SEINE_OK
               : seine_fail(error, gpx->writer.status, "a point of more than a MiB, or no memory for it");
}

static seine_status begin_point(seine_gpx *gpx, const seine_xml_attribute *attributes, size_t count,
                                seine_error *error) {
    char segment[24];
    (void)snprintf(segment, sizeof segment, "%lld", (long long)gpx->segment);
    gpx->point_depth = gpx->depth;
    seine_buf_clear(&gpx->point);
    gpx->writer = seine_json_writer_to(&gpx->point);
    seine_json_begin_object(&gpx->writer);
    put(gpx, SEINE_STR("track"), gpx->track.size > 0 ? seine_buf_str(&gpx->track) : seine_str_of(gpx->fallback));
    put(gpx, SEINE_STR("segment"), seine_str_of(segment));
    for (size_t i = 0; i < count; i++) put(gpx, attributes[i].name, attributes[i].value);
    return check_point(gpx, error);
}

static seine_status end_point(seine_gpx *gpx, seine_error *error) {
    gpx->point_depth = 0;
    seine_json_end_object(&gpx->writer);
    SEINE_TRY(check_point(gpx, error));
    const seine_str point = seine_buf_str(&gpx->point);
    SEINE_TRY(seine_buf_append(gpx->lines, point.data, point.size));
    return seine_buf_append(gpx->lines, "\n", 1);
}

/* ---- what stands there ---- */

static seine_status on_start(void *context, seine_str name, const seine_xml_attribute *attributes, size_t count,
                             seine_error *error) {
    seine_gpx *gpx = context;
    if (++gpx->depth == 1 && !is(name, "gpx"))
        return seine_fail(error, SEINE_E_FORMAT, "no GPX: it begins with another element");
    seine_buf_clear(&gpx->text);
    if (gpx->point_depth > 0) return SEINE_OK;
    if (is(name, "trk")) {
        gpx->track_depth = gpx->depth;
        gpx->segment = 0;
        seine_buf_clear(&gpx->track);
    }
    gpx->segment += is(name, "trkseg");
    return gpx->track_depth > 0 && is(name, "trkpt") ? begin_point(gpx, attributes, count, error) : SEINE_OK;
}

static seine_status on_text(void *context, seine_str text, seine_error *error) {
    seine_gpx *gpx = context;
    (void)error;
    return seine_buf_append(&gpx->text, text.data, text.size);
}

static seine_status on_end(void *context, seine_str name, seine_error *error) {
    seine_gpx *gpx = context;
    const seine_str text = seine_str_trim(seine_buf_str(&gpx->text));
    seine_status status = SEINE_OK;
    if (gpx->point_depth > 0 && gpx->depth == gpx->point_depth) {
        status = end_point(gpx, error);
    } else if (gpx->point_depth > 0 && text.size > 0) {
        put(gpx, name, text);
        status = check_point(gpx, error);
    } else if (gpx->track_depth > 0 && gpx->depth == gpx->track_depth + 1 && is(name, "name")) {
        seine_buf_clear(&gpx->track);
        status = seine_buf_append(&gpx->track, text.data, text.size);
    } else if (gpx->depth == gpx->track_depth) {
        gpx->track_depth = 0;
    }
    seine_buf_clear(&gpx->text);
    gpx->depth--;
    return status;
}

/* ---- public ---- */

seine_gpx *seine_gpx_new(const char *name) {
    seine_gpx *gpx = calloc(1, sizeof *gpx);
    if (gpx == NULL) return NULL;
    gpx->fallback = name;
    seine_buf_init(&gpx->track, POINT_BYTES_MAX);
    seine_buf_init(&gpx->text, POINT_BYTES_MAX);
    seine_buf_init(&gpx->point, POINT_BYTES_MAX);
    gpx->xml = seine_xml_new(&(seine_xml_sink){on_start, on_text, on_end, gpx});
    if (gpx->xml != NULL) return gpx;
    seine_gpx_free(gpx);
    return NULL;
}

void seine_gpx_free(seine_gpx *gpx) {
    if (gpx == NULL) return;
    seine_xml_free(gpx->xml);
    seine_buf_free(&gpx->track);
    seine_buf_free(&gpx->text);
    seine_buf_free(&gpx->point);
    free(gpx);
}

seine_status seine_gpx_take(seine_gpx *gpx, const void *bytes, size_t size, seine_buf *lines, seine_error *error) {
    gpx->lines = lines;
    return seine_xml_take(gpx->xml, bytes, size, error);
}
