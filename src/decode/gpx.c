#include "decode/gpx.h"

#include "base/array.h"
#include "base/json.h"
#include "decode/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define POINT_BYTES_MAX SEINE_XML_TOKEN_MAX_BYTES
#define FIELDS_MAX (POINT_BYTES_MAX / 8) /* "a":"b", */

/* What a point has: its name and its value lie in texts, one behind the other. */
typedef struct field {
    size_t at, name_size, value_size;
    size_t depth, order; /* depth: elements between it and the point */
} field;

struct seine_gpx {
    seine_xml *xml;
    const char *fallback;
    size_t depth, track_depth, point_depth; /* 0 = not in one */
    int64_t segment;
    seine_buf track, text;  /* the track's name; of the element at hand */
    seine_buf texts, point; /* of the fields; the object that is made of them */
    field *fields;          /* of the point at hand */
    size_t count, capacity;
    seine_buf *lines;
};

static bool is(seine_str name, const char *other) { return seine_str_equal(name, seine_str_of(other)); }

/* ---- points ---- */

static seine_status wrong_point(seine_status status, seine_error *error) {
    return seine_fail(error, status, "a point of more than a MiB, or no memory for it");
}

static seine_status add(seine_gpx *gpx, seine_str name, seine_str value, size_t depth, seine_error *error) {
    const field added = {gpx->texts.size, name.size, value.size, depth, gpx->count};
    seine_status status = SEINE_ARRAY_ROOM(gpx->fields, gpx->count, gpx->capacity, 1, FIELDS_MAX);
    if (status == SEINE_OK) status = seine_buf_append(&gpx->texts, name.data, name.size);
    if (status == SEINE_OK) status = seine_buf_append(&gpx->texts, value.data, value.size);
    if (status != SEINE_OK) return wrong_point(status, error);
    gpx->fields[gpx->count++] = added;
    return SEINE_OK;
}

static seine_status begin_point(seine_gpx *gpx, const seine_xml_attribute *attributes, size_t count,
                                seine_error *error) {
    char segment[24];
    (void)snprintf(segment, sizeof segment, "%lld", (long long)gpx->segment);
    const seine_str track = gpx->track.size > 0 ? seine_buf_str(&gpx->track) : seine_str_of(gpx->fallback);
    gpx->point_depth = gpx->depth;
    gpx->count = 0;
    seine_buf_clear(&gpx->texts);
    SEINE_TRY(add(gpx, SEINE_STR("track"), track, 0, error));
    SEINE_TRY(add(gpx, SEINE_STR("segment"), seine_str_of(segment), 0, error));
    for (size_t i = 0; i < count; i++) SEINE_TRY(add(gpx, attributes[i].name, attributes[i].value, 0, error));
    return SEINE_OK;
}

/* Without case, as datasets find their columns. */
static int compare_names(const seine_gpx *gpx, const field *a, const field *b) {
    const char *texts = (const char *)gpx->texts.data;
    if (a->name_size != b->name_size) return a->name_size < b->name_size ? -1 : 1;
    return strncasecmp(texts + a->at, texts + b->at, a->name_size);
}

/* Of one name the shallowest comes first, then the first. */
static int compare_fields(const void *one, const void *other, void *gpx) {
    const field *a = one, *b = other;
    const int names = compare_names(gpx, a, b);
    if (names != 0) return names;
    if (a->depth != b->depth) return a->depth < b->depth ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

static int compare_orders(const void *one, const void *other) {
    const field *a = one, *b = other;
    return (a->order > b->order) - (a->order < b->order);
}

/* Each name once: what an extension says of another thing under a name of the point is not the point's. */
static void drop_repeated(seine_gpx *gpx) {
    size_t kept = 1;
    qsort_r(gpx->fields, gpx->count, sizeof *gpx->fields, compare_fields, gpx);
    for (size_t i = 1; i < gpx->count; i++)
        if (compare_names(gpx, &gpx->fields[i], &gpx->fields[kept - 1]) != 0) gpx->fields[kept++] = gpx->fields[i];
    gpx->count = kept;
    qsort(gpx->fields, gpx->count, sizeof *gpx->fields, compare_orders);
}

static seine_status end_point(seine_gpx *gpx, seine_error *error) {
    gpx->point_depth = 0;
    drop_repeated(gpx);
    seine_buf_clear(&gpx->point);
    seine_json_writer w = seine_json_writer_to(&gpx->point);
    seine_json_begin_object(&w);
    for (const field *f = gpx->fields; f < gpx->fields + gpx->count; f++) {
        const char *text = (const char *)gpx->texts.data + f->at;
        seine_json_key(&w, (seine_str){text, f->name_size});
        seine_json_put_text(&w, (seine_str){text + f->name_size, f->value_size});
    }
    seine_json_end_object(&w);
    if (w.status != SEINE_OK) return wrong_point(w.status, error);
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
        status = add(gpx, name, text, gpx->depth - gpx->point_depth - 1, error);
    } else if (gpx->track_depth > 0 && gpx->depth == gpx->track_depth + 1 && is(name, "name") && gpx->track.size == 0) {
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
    seine_buf_init(&gpx->texts, POINT_BYTES_MAX);
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
    seine_buf_free(&gpx->texts);
    seine_buf_free(&gpx->point);
    free(gpx->fields);
    free(gpx);
}

seine_status seine_gpx_take(seine_gpx *gpx, const void *bytes, size_t size, seine_buf *lines, seine_error *error) {
    gpx->lines = lines;
    return seine_xml_take(gpx->xml, bytes, size, error);
}
