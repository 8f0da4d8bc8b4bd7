/**
 * @file decode/reference/reference.h
 * Reference files as rows: ports, weather, vessels and the others, whatever their columns are called.
 *
 *     text (CSV, JSON, JSON Lines, GeoJSON) ─▶ records: a text per column ─┐
 *     other files, read elsewhere into records ────────────────────────────┴─▶ row of cells, or the reason why not
 *
 * Pure; safe on any bytes. One bad record never stops the others.
 */
#ifndef SEINE_DECODE_REFERENCE_REFERENCE_H
#define SEINE_DECODE_REFERENCE_REFERENCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/try.h"
#include "columns/cell.h"

typedef enum seine_reference_kind {
    SEINE_REFERENCE_PORTS,
    SEINE_REFERENCE_WEATHER,
    SEINE_REFERENCE_VESSELS,
    SEINE_REFERENCE_SEGMENTS,
    SEINE_REFERENCE_SEGMENT_VESSELS,
    SEINE_REFERENCE_AUTHORIZATIONS,
    SEINE_REFERENCE_REGIONS,
    SEINE_REFERENCE_DISTANCES,
    SEINE_REFERENCE_KINDS
} seine_reference_kind;

/** "ports", "weather" … */
const char *seine_reference_kind_name(seine_reference_kind kind);
/** @return whether @p name is one of these. */
bool seine_reference_kind_of(seine_str name, seine_reference_kind *kind);
/** All names as a sentence has them: "ports, weather, … and distances". */
const char *seine_reference_kind_names(void);
/** "ref.ports", "ref.weather" … */
const char *seine_reference_table(seine_reference_kind kind);
/** First columns of the table, which name a row. */
size_t seine_reference_key_count(seine_reference_kind kind);
/** Whether each file is the whole set. */
bool seine_reference_is_whole(seine_reference_kind kind);

/* ---- which column is what ---- */

#define SEINE_REFERENCE_FIELDS 11 /**< of the kind with most fields */

/** Which column of a file each field of a kind comes from; SIZE_MAX = none. */
typedef struct seine_reference_columns {
    size_t of[SEINE_REFERENCE_FIELDS];
    /** Text of the field in all rows, where of is SIZE_MAX; data NULL = none. */
    seine_str fixed[SEINE_REFERENCE_FIELDS];
} seine_reference_columns;

/** Name of a field ("lat"), as `--column FIELD=COLUMN` and `FIELD='text'` take it; NULL behind the last. */
const char *seine_reference_field(seine_reference_kind kind, size_t field);

/**
 * Finds the columns by their names, without regard to case, blanks, `_`, `-`, `/` and points. Each field has groups of
 * names, better ones first; the first group with a column of the file counts, two columns of one group are ambiguous.
 * @param file for messages. @param given FIELD=COLUMN words, which stand above all guessing; a column in single quotes
 *        is the text that all rows have. They must live as long as @p columns.
 * @return OK; E_USAGE a given word is not FIELD=COLUMN or names an unknown field; E_FORMAT no or no one column for a
 *         field that a row must have, or a given column that is not there: the message lists the file's columns.
 */
SEINE_MUST_USE seine_status seine_reference_guess(seine_reference_kind kind, const char *file, const seine_str *names,
                                                  size_t name_count, const char *const *given, size_t given_count,
                                                  seine_reference_columns *columns, seine_error *error);

/* ---- records to rows ---- */

struct seine_json_node;

typedef struct seine_reference_record {
    int64_t row;             /**< first is 1; 0 = no more records */
    int64_t line;            /**< line of the text where it begins, first is 1; 0 = not known */
    const seine_str *values; /**< one per column; data NULL = none. NULL when fault is set */
    const char *fault;       /**< why this is no record, NULL = it is one */
    seine_str raw;           /**< as it stands in the text; data NULL: see seine_reference_raw */
    const struct seine_json_node *json;
} seine_reference_record;

/** Columns of a row that the file says: those in front of valid_from. */
size_t seine_reference_cells(seine_reference_kind kind);

/** Why a row is refused whose key another row of the file has, in @p arena; NULL when out of memory. */
const char *seine_reference_twin(seine_reference_kind kind, int64_t other_row, const seine_cell *cells,
                                 seine_arena *arena);

/**
 * Makes the cells of a row (seine_reference_cells of them, in the order of the table's columns); texts are copied into
 * @p arena. Ports: id, else UN/LOCODE, else `name/country/lat/lon` with two decimals. Weather: latitude and longitude
 * are rounded to whole degrees, halves away from zero (SPEC 3.3.2); times are ISO, or seconds or milliseconds since
 * 1970. Blank texts are null, so is a temperature or wind speed "nan". Regions: the polygon is WKT or GeoJSON.
 * Distances: the cell is one of 0.01 degrees, or named as in SPEC 4.5.8.
 * @param reason set to NULL, or to why the row is refused, in @p arena: first word one of encoding, position, name,
 *               time, value, geometry.
 * @return OK (also for a refused row), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_reference_row(seine_reference_kind kind, const seine_reference_columns *columns,
                                                const seine_reference_record *record, seine_arena *arena,
                                                seine_cell *cells, const char **reason);

/** The record as it stands in its file: its text, or else a JSON object of its values. Bytes that are not UTF-8 become
 * U+FFFD. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_reference_raw(const seine_reference_record *record, const seine_str *names,
                                                size_t name_count, seine_buf *out);

/** Whole degrees, halves away from zero: 48.5 is 49, -48.5 is -49. @p degrees within int range. */
int32_t seine_reference_round(double degrees);

/* ---- texts to records ---- */

typedef enum seine_reference_form {
    SEINE_REFERENCE_CSV,
    SEINE_REFERENCE_JSON, /**< an array of objects, or an object of objects, or a GeoJSON FeatureCollection */
    SEINE_REFERENCE_LINES /**< an object per line */
} seine_reference_form;

typedef struct seine_reference_text seine_reference_text; /**< one thread */

/**
 * Opens a text, which must live as long. JSON objects become records so: a key is a column; `coordinates` of two
 * numbers, also of a Feature's Point, is `coordinates[0]` and `coordinates[1]` (longitude, latitude); the properties
 * of a Feature are keys like others; the key of an object in an object of objects is the column `key`.
 * @param file for messages; its ending decides between CSV and JSON and whether JSON is in lines, else the first byte
 *             and the first line do.
 * @return OK, E_FORMAT (no column at all, not JSON, too deep), E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_reference_text_open(seine_str text, const char *file, seine_reference_text **reader,
                                                      seine_error *error);
seine_reference_form seine_reference_text_form(const seine_reference_text *reader);
const seine_str *seine_reference_text_columns(const seine_reference_text *reader, size_t *count);
/** The next record, valid until the next call. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_reference_text_next(seine_reference_text *reader, seine_reference_record *record,
                                                      seine_error *error);
void seine_reference_text_close(seine_reference_text *reader);
SEINE_OWNED_POINTER(seine_reference_text, seine_reference_text_close);

#endif
