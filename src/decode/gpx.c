#include "decode/gpx.h"

#include "base/json.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64
#define POINT_BYTES_MAX ((size_t)1 << 20)
#define PIECE_MAX ((size_t)1 << 30)

struct seine_gpx {
    XML_Parser parser;
    const char *fallback;
    size_t depth, track_depth, point_depth; /* 0 = not in one */
    bool is_begun;                          /* the root was seen */
    int64_t segment;
    seine_buf track, text, point; /* the track's name; of the element at hand; the object that is being written */
    seine_json_writer writer;     /* of point */
    seine_buf *lines;
    seine_status status; /* of a handler: the parser is stopped then */
    const char *why;
};

/* ---- names ---- */

/* Without its namespace, which is in front of the last colon, or blank of expat's. */
static const char *local(const XML_Char *name) {
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static void stop(seine_gpx *gpx, seine_status status, const char *why) {
    if (gpx->status != SEINE_OK) return;
    gpx->status = status;
    gpx->why = why;
    (void)XML_StopParser(gpx->parser, XML_FALSE);
}

/* ---- points ---- */

static void put(seine_gpx *gpx, const char *name, seine_str value) {
    seine_json_field_str(&gpx->writer, name, value);
    if (gpx->writer.status != SEINE_OK) stop(gpx, gpx->writer.status, "a point of more than a MiB");
}

static void begin_point(seine_gpx *gpx, const XML_Char **attributes) {
    char segment[24];
    (void)snprintf(segment, sizeof segment, "%lld", (long long)gpx->segment);
    gpx->point_depth = gpx->depth;
    seine_buf_clear(&gpx->point);
    gpx->writer = seine_json_writer_to(&gpx->point);
    seine_json_begin_object(&gpx->writer);
    put(gpx, "track", gpx->track.size > 0 ? seine_buf_str(&gpx->track) : seine_str_of(gpx->fallback));
    put(gpx, "segment", seine_str_of(segment));
    for (size_t i = 0; attributes[i] != NULL; i += 2) put(gpx, local(attributes[i]), seine_str_of(attributes[i + 1]));
}

static void end_point(seine_gpx *gpx) {
    gpx->point_depth = 0;
    seine_json_end_object(&gpx->writer);
    const seine_str point = seine_buf_str(&gpx->point);
    if (gpx->status == SEINE_OK && (seine_buf_append(gpx->lines, point.data, point.size) != SEINE_OK ||
                                    seine_buf_append(gpx->lines, "\n", 1) != SEINE_OK))
        stop(gpx, SEINE_E_NOMEM, "out of memory");
}

/* ---- what the parser tells ---- */

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes) {
    seine_gpx *gpx = context;
    const char *element = local(name);
    if (++gpx->depth > DEPTH_MAX) stop(gpx, SEINE_E_LIMIT, "nested deeper than 64");
    seine_buf_clear(&gpx->text);
    if (!gpx->is_begun && strcmp(element, "gpx") != 0)
        stop(gpx, SEINE_E_FORMAT, "no GPX: it begins with another element");
    gpx->is_begun = true;
    if (gpx->point_depth > 0) return;
    if (strcmp(element, "trk") == 0) {
        gpx->track_depth = gpx->depth;
        gpx->segment = 0;
        seine_buf_clear(&gpx->track);
    }
    gpx->segment += strcmp(element, "trkseg") == 0;
    if (gpx->track_depth > 0 && strcmp(element, "trkpt") == 0) begin_point(gpx, attributes);
}

static void XMLCALL on_text(void *context, const XML_Char *text, int size) {
    seine_gpx *gpx = context;
    const seine_status status = seine_buf_append(&gpx->text, text, (size_t)size);
    if (status != SEINE_OK) stop(gpx, status, "a text of more than a MiB");
}

static void XMLCALL on_end(void *context, const XML_Char *name) {
    seine_gpx *gpx = context;
    const char *element = local(name);
    const seine_str text = seine_str_trim(seine_buf_str(&gpx->text));
    if (gpx->point_depth > 0 && gpx->depth == gpx->point_depth)
        end_point(gpx);
    else if (gpx->point_depth > 0 && text.size > 0)
        put(gpx, element, text);
    else if (gpx->track_depth > 0 && gpx->depth == gpx->track_depth + 1 && strcmp(element, "name") == 0) {
        seine_buf_clear(&gpx->track);
        if (seine_buf_append(&gpx->track, text.data, text.size) != SEINE_OK) stop(gpx, SEINE_E_NOMEM, "out of memory");
    } else if (gpx->depth == gpx->track_depth) {
        gpx->track_depth = 0;
    }
    seine_buf_clear(&gpx->text);
    gpx->depth--;
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system, const XML_Char *public_id,
                               int has_internal) {
    (void)name;
    (void)system;
    (void)public_id;
    (void)has_internal;
    stop(context, SEINE_E_FORMAT, "a document type, which GPX does not have");
}

/* ---- public ---- */

seine_gpx *seine_gpx_new(const char *name) {
    seine_gpx *gpx = calloc(1, sizeof *gpx);
    if (gpx == NULL) return NULL;
    gpx->fallback = name;
    seine_buf_init(&gpx->track, POINT_BYTES_MAX);
    seine_buf_init(&gpx->text, POINT_BYTES_MAX);
    seine_buf_init(&gpx->point, POINT_BYTES_MAX);
    gpx->parser = XML_ParserCreate(NULL);
    if (gpx->parser == NULL) {
        seine_gpx_free(gpx);
        return NULL;
    }
    XML_SetUserData(gpx->parser, gpx);
    XML_SetElementHandler(gpx->parser, on_start, on_end);
    XML_SetCharacterDataHandler(gpx->parser, on_text);
    XML_SetStartDoctypeDeclHandler(gpx->parser, on_doctype);
    return gpx;
}

void seine_gpx_free(seine_gpx *gpx) {
    if (gpx == NULL) return;
    if (gpx->parser != NULL) XML_ParserFree(gpx->parser);
    seine_buf_free(&gpx->track);
    seine_buf_free(&gpx->text);
    seine_buf_free(&gpx->point);
    free(gpx);
}

seine_status seine_gpx_take(seine_gpx *gpx, const void *bytes, size_t size, seine_buf *lines, seine_error *error) {
    if (size > PIECE_MAX) return seine_fail(error, SEINE_E_LIMIT, "a piece of more than a GiB");
    gpx->lines = lines;
    if (XML_Parse(gpx->parser, bytes, (int)size, size == 0) == XML_STATUS_OK) return SEINE_OK;
    const unsigned long long line = XML_GetCurrentLineNumber(gpx->parser);
    if (gpx->status != SEINE_OK) return seine_fail(error, gpx->status, "line %llu: %s", line, gpx->why);
    const enum XML_Error code = XML_GetErrorCode(gpx->parser);
    return seine_fail(error, code == XML_ERROR_NO_MEMORY ? SEINE_E_NOMEM : SEINE_E_FORMAT, "line %llu: %s", line,
                      XML_ErrorString(code));
}
