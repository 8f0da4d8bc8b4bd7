/**
 * @file columns/fix.h
 * Fixes on their way into silver: one packed record per fix, everything that rarely changes behind a code.
 *
 * A vessel repeats its name, type, size … with every message. All columns of a dataset behind its measures together are
 * one *statics* tuple; a fix carries the tuple's code. So a row costs 64 bytes (one cache line), and a text is parsed,
 * checked, hashed and written once per change, not once per row.
 */
#ifndef SEINE_COLUMNS_FIX_H
#define SEINE_COLUMNS_FIX_H

#include "base/buf.h"
#include "base/dict.h"
#include "base/hash.h"
#include "columns/dataset.h"
#include "columns/vec.h"

/** One valid fix. NaN = null. Codes belong to the dictionaries of whoever holds the fix. */
typedef struct seine_fix {
    int64_t ts_us;
    double lat_deg, lon_deg;
    union {
        double measure[SEINE_DATASET_MEASURES_MAX]; /**< those of its dataset, then NaN */
        struct {
            double sog_kn, cog_deg, heading_deg;
        };
    };
    uint32_t mover;   /**< code of the vessel id */
    uint32_t statics; /**< code of the statics tuple */
    uint32_t row;     /**< data row in its source, first is 1 */
    uint32_t source;  /**< code of the source */
} seine_fix;

/** Most columns of a tuple. */
#define SEINE_STATICS_MAX SEINE_DATASET_COLUMNS_MAX

/** One value of a statics tuple; its type is that of the schema's column. */
typedef struct seine_static {
    bool is_null;
    int64_t integer; /**< of a BOOLEAN 0 or 1 */
    double number;
    seine_str text;
} seine_static;

/** A whole tuple: the columns of a dataset behind its measures, in order; the rest is not looked at. */
typedef struct seine_statics {
    seine_static column[SEINE_STATICS_MAX];
} seine_statics;

/** Appends the canonical bytes of @p tuple: equal tuples are equal bytes. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_statics_encode(const seine_dataset *dataset, const seine_statics *tuple,
                                                 seine_buf *bytes);
/** The tuple behind canonical bytes; texts are borrowed from @p bytes. */
void seine_statics_decode(const seine_dataset *dataset, seine_str bytes, seine_statics *tuple);

/** Statics of many tuples as columns: vecs of kind DICT to be filled with codes per row. */
typedef struct seine_statics_columns {
    seine_arena arena;
    uint32_t *codes[SEINE_STATICS_MAX];    /**< codes[c][tuple]: code in values[c], or SEINE_CODE_NULL */
    const void *values[SEINE_STATICS_MAX]; /**< seine_str*, int32_t*, double* or uint8_t* */
    size_t value_count[SEINE_STATICS_MAX]; /**< 0: the column is null in every tuple */
    seine_hash128 *hashes;                 /**< per tuple, for content hashes */
} seine_statics_columns;
/** Takes apart every tuple of @p tuples (canonical bytes). */
SEINE_MUST_USE seine_status seine_statics_columns_make(const seine_dataset *dataset, const seine_dict *tuples,
                                                       seine_statics_columns *columns);
void seine_statics_columns_free(seine_statics_columns *columns);

/** Takes the statics columns of row @p row of a batch read from silver (columns in schema order). */
void seine_statics_of_row(const seine_dataset *dataset, const seine_rows *rows, size_t row, seine_statics *tuple);

/** Whether row @p row, not the first, has the same statics as the row before it, bit for bit. */
bool seine_statics_repeat(const seine_dataset *dataset, const seine_rows *rows, size_t row);

/** Columns of silver.ais, by index in the schema. */
enum {
    SEINE_AIS_MMSI,
    SEINE_AIS_TS,
    SEINE_AIS_LAT,
    SEINE_AIS_LON,
    SEINE_AIS_SOG,
    SEINE_AIS_COG,
    SEINE_AIS_HEADING,
    SEINE_AIS_NAME,
    SEINE_AIS_IMO,
    SEINE_AIS_CALLSIGN,
    SEINE_AIS_VESSEL_TYPE,
    SEINE_AIS_STATUS,
    SEINE_AIS_LENGTH,
    SEINE_AIS_WIDTH,
    SEINE_AIS_DRAFT,
    SEINE_AIS_CARGO,
    SEINE_AIS_TRANSCEIVER,
    SEINE_AIS_RECEIVER,
    SEINE_AIS_SEG_ID,
    SEINE_AIS_MSGID,
    SEINE_AIS_SHORE,
    SEINE_AIS_PORT,
    SEINE_AIS_SOURCE_FILE,
    SEINE_AIS_SOURCE_ROW,
    SEINE_AIS_SOURCE_URL,
    SEINE_AIS_INGESTED_AT,
    SEINE_AIS_COLUMNS
};
#define SEINE_STATICS_FIRST SEINE_AIS_NAME
#define SEINE_STATICS_COUNT (SEINE_AIS_SOURCE_FILE - SEINE_AIS_NAME)

#endif
