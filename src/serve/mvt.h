/**
 * @file serve/mvt.h
 * Writes Mapbox vector tiles, version 2.1 (github.com/mapbox/vector-tile-spec). Pure; one thread.
 *
 *     seine_mvt_begin(&layer, "points", &tile);
 *     seine_mvt_feature(&layer, SEINE_MVT_POINT);
 *     seine_mvt_tag_text(&layer, "mmsi", id);
 *     seine_mvt_move(&layer, x, y);
 *     seine_mvt_feature_end(&layer);
 *     status = seine_mvt_end(&layer);
 */
#ifndef SEINE_SERVE_MVT_H
#define SEINE_SERVE_MVT_H

#include "base/buf.h"
#include "base/dict.h"

#define SEINE_MVT_EXTENT 4096 /**< units a side */
#define SEINE_MVT_KEYS_MAX 16

typedef enum seine_mvt_kind { SEINE_MVT_POINT = 1, SEINE_MVT_LINE = 2, SEINE_MVT_POLYGON = 3 } seine_mvt_kind;

/** A layer being written; the first failure stays in status. */
typedef struct seine_mvt {
    seine_buf *tile;
    const char *name;
    const char *keys[SEINE_MVT_KEYS_MAX]; /* borrowed until the end */
    size_t key_count;
    seine_dict values; /* encoded ones */
    seine_buf features, tags, geometry, scratch;
    seine_mvt_kind kind;
    int32_t x, y;   /* where the pen is */
    seine_buf line; /* its positions */
    uint32_t line_count;
    size_t feature_count;
    seine_status status;
} seine_mvt;

/** @p tile receives the layer at the end; an empty layer adds nothing. */
void seine_mvt_begin(seine_mvt *layer, const char *name, seine_buf *tile);
void seine_mvt_feature(seine_mvt *layer, seine_mvt_kind kind);
/** Keys are constants. Equal values are stored once. */
void seine_mvt_tag_text(seine_mvt *layer, const char *key, seine_str value);
void seine_mvt_tag_int(seine_mvt *layer, const char *key, int64_t value);
void seine_mvt_tag_number(seine_mvt *layer, const char *key, double value);
void seine_mvt_tag_flag(seine_mvt *layer, const char *key, bool value);
/** Positions in units of the tile, y to the south; they may lie outside of it. */
void seine_mvt_move(seine_mvt *layer, int32_t x, int32_t y);
void seine_mvt_line(seine_mvt *layer, int32_t x, int32_t y);
void seine_mvt_close(seine_mvt *layer);
void seine_mvt_feature_end(seine_mvt *layer);
/** Appends the layer to the tile and frees it. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_mvt_end(seine_mvt *layer);

#endif
