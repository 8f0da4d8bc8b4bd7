/* Tracks as documents: the walk that every format shares. */
#include "base/try.h"
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
    seine_export *made SEINE_OWNED(seine_export_free_owned) = calloc(1, sizeof *made);
    *out = NULL;
    if (made == NULL) return seine_no_memory(error, "export");
    made->format = find_format(format);
    made->sink = sink;
    seine_buf_init(&made->text, TEXT_MAX_BYTES);
    seine_buf_init(&made->held, TEXT_MAX_BYTES);
    seine_buf_init(&made->times, TEXT_MAX_BYTES);
    SEINE_TRY(wrote(made, made->format->begin(made), false, error));
    *out = SEINE_TAKE(made);
    return SEINE_OK;
}

static seine_status end_mover(seine_export *out) {
    if (out->mover == NULL) return SEINE_OK;
    const seine_status status = out->format->mover_end(out);
    out->mover = NULL;
    return status;
}

seine_status seine_export_next(seine_export *out, const seine_export_mover *mover, seine_error *error) {
    seine_status status = end_mover(out);
    out->mover = mover;
    out->positions = out->pieces = 0;
    seine_buf_clear(&out->held);
    seine_buf_clear(&out->times);
    if (status == SEINE_OK) status = out->format->mover(out);
    out->movers++;
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
    seine_status status = end_mover(out);
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
