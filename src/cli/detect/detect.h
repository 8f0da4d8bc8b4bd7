/**
 * @file cli/detect/detect.h
 * Inside of `seine detect`: input → message table → what a detector finds → rows. Shared by the files of this folder
 * only.
 */
#ifndef SEINE_CLI_DETECT_DETECT_H
#define SEINE_CLI_DETECT_DETECT_H

#include "base/json.h"
#include "columns/dataset.h"
#include "seine/fishing_score.h"
#include "core/gap_windows.h"
#include "decode/messages.h"
#include "io/file.h"
#include "seine/fishing.h"
#include "seine/segment.h"

#define SEINE_DETECT_NONE UINT32_MAX

/** What is looked for. */
typedef enum seine_detect_kind { SEINE_DETECT_GAPS, SEINE_DETECT_SEGMENTS, SEINE_DETECT_FISHING } seine_detect_kind;

typedef enum seine_detect_format { SEINE_DETECT_JSONL, SEINE_DETECT_CSV, SEINE_DETECT_PARQUET } seine_detect_format;

typedef struct seine_detect_options {
    seine_detect_kind kind;
    seine_gap_windows windows;
    int64_t history_us;
    bool is_2024;              /**< published 2024 profile (SPEC 2.6) */
    bool eval_last;            /**< report the silence after the last message */
    bool normalize;            /**< start_ and end_ columns; else objects OFF and ON */
    const char *const *ssvids; /**< only these movers; none = all */
    size_t ssvid_count;
    int64_t version; /**< of all rows: Unix seconds of the run */
    seine_segment_config segment;
    seine_fishing_config fishing;
    bool chains[SEINE_FISHING_CHAINS]; /**< asked for */
    bool explains;                     /**< dropped candidates too, with what drops them */
    bool scores;                       /**< scores of fishing are made by rules, not given */
    seine_fishing_score_config score;  /**< the rules */
} seine_detect_options;

/** Text of an input as decode/messages.h wants it. */
typedef struct seine_detect_text {
    const char *name, *unit;
    seine_buf text;
    bool is_csv; /**< else JSON */
} seine_detect_text;

/** A stored open gap. */
typedef struct seine_detect_stored {
    seine_json *json;                         /**< the row; owned */
    uint32_t mover;                           /**< NONE: has no messages in this run */
    seine_str gap_id;                         /**< in json */
    double time_s, lat_deg, lon_deg, version; /**< of OFF, NaN = unknown; version of the row */
    const char *prefix;                       /**< of OFF's fields: "start_", or "gap_start_" as published in 2024 */
    bool is_closed;
    bool from_columns; /**< the row has every column (shape.c): null there may be "not there" */
} seine_detect_stored;

/** A gap to be printed: rows of the message table, or the stored gap instead of OFF. */
typedef struct seine_detect_gap {
    uint32_t off, on; /**< NONE: OFF is stored; ON is not known */
    uint32_t stored;  /**< NONE, or index of the stored gap that ON closes */
    uint32_t mover;
    uint32_t counts[4];
    double off_time_s, on_time_s, distance_m;
} seine_detect_gap;

/** Where a message went. */
typedef struct seine_detect_verdict {
    int64_t start_us;     /**< of its segment's id; SEINE_INTEGER_NULL: passed over */
    uint32_t number;      /**< of its segment's id */
    uint32_t ship;        /**< of the id, from 1; 0 = of none */
    int8_t segment_class; /**< seine_segment_class; -1 = passed over */
    int8_t noise;         /**< seine_segment_noise; -1 = none */
    bool is_wanted;       /**< its mover is asked for */
} seine_detect_verdict;

/** A candidate event of fishing. */
typedef struct seine_detect_fishing_event {
    seine_event event; /**< its refs are rows of the message table */
    uint32_t mover;
    bool is_kept;
} seine_detect_fishing_event;

/** What fishing came to. */
typedef struct seine_detect_fishing_counts {
    size_t messages, tracks, candidates, kept, open;
    size_t dropped[SEINE_FISHING_RULES]; /**< by each rule; one event may be dropped by several */
    bool has_scores;                     /**< some message has one of a chain asked for */
} seine_detect_fishing_counts;

/** What segments came to. */
typedef struct seine_detect_segment_counts {
    size_t messages, segments, open, noise, left_out, passed_over;
} seine_detect_segment_counts;

typedef struct seine_detect {
    seine_detect_options options;
    const struct seine_detect_fixes *fixes; /**< where messages are fixes of a dataset (fixes.h); borrowed, else NULL */
    const seine_progress *progress;
    seine_pace *pace; /**< of all loops over input; borrowed, may be NULL */
    seine_messages messages;
    seine_detect_stored *stored;
    size_t stored_count, stored_capacity;
    seine_buf gaps;                 /**< seine_detect_gap[], by mover as they first appear, then by time of OFF */
    seine_detect_verdict *verdicts; /**< of each message; owned */
    seine_detect_segment_counts counts;
    seine_buf fishing; /**< seine_detect_fishing_event[], by track as they first appear, then by time */
    seine_detect_fishing_counts fishing_counts;
} seine_detect;

static inline const seine_detect_gap *seine_detect_gaps(const seine_detect *detect, size_t *count) {
    *count = detect->gaps.size / sizeof(seine_detect_gap);
    return (const seine_detect_gap *)(const void *)detect->gaps.data;
}

static inline const seine_detect_fishing_event *seine_detect_fishing(const seine_detect *detect, size_t *count) {
    *count = detect->fishing.size / sizeof(seine_detect_fishing_event);
    return (const seine_detect_fishing_event *)(const void *)detect->fishing.data;
}

/** What messages and stored gaps may take, and what is left of it. */
typedef struct seine_detect_memory {
    size_t max_bytes, left_bytes;
} seine_detect_memory;

/** Whether a file of this name can be read at all. @return OK, E_NOT_FOUND, E_USAGE (a folder), E_IO. */
SEINE_MUST_USE seine_status seine_detect_check_file(const char *path, bool *is_empty, seine_error *error);

/** Says that a file does not fit, and how to go on. @return E_LIMIT. */
seine_status seine_detect_too_large(const char *name, const seine_detect_memory *memory, seine_error *error);

/**
 * Reads JSON, JSON Lines, CSV (plain, gzip or zstd) or Parquet, told apart by name, then content. "-" is standard
 * input. Each byte of text counts as one of @p memory.
 * @return OK, E_NOT_FOUND, E_IO, E_FORMAT, E_LIMIT (more text, or blanks without end), E_NOMEM, E_INTERRUPTED. Free the
 * text in every case.
 */
SEINE_MUST_USE seine_status seine_detect_load(const char *path, seine_detect_memory *memory, seine_pace *pace,
                                              seine_detect_text *text, seine_error *error);

/**
 * Adds to what is said of a text without messages which datasets its first record is of (`--dataset`), if it is of any.
 * @return @p status.
 */
seine_status seine_detect_offer_datasets(const seine_detect_text *input, seine_status status, seine_error *error);

/**
 * Appends one JSON object per row of a Parquet file, instants as float seconds; in its own file with the SQL engine.
 */
SEINE_MUST_USE seine_status seine_detect_read_parquet(const char *path, seine_buf *text, seine_pace *pace,
                                                      seine_error *error);

/**
 * Reads stored open gaps; an empty file has none, closed rows are passed over, of one gap the newest version counts.
 * What they take beside the text counts of @p memory.
 * @return OK, E_FORMAT, E_LIMIT (more than the memory holds), E_NOMEM, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_detect_read_stored(seine_detect *detect, const seine_detect_text *text,
                                                     seine_detect_memory *memory, seine_error *error);
void seine_detect_free_stored(seine_detect *detect);

/** Finds the gaps of all movers of detect->messages. @return OK, E_FORMAT (missing key), E_NOMEM, E_INTERRUPTED. */
SEINE_MUST_USE seine_status seine_detect_run(seine_detect *detect, seine_error *error);

/** Further fields of messages that segments are made of. */
#define SEINE_DETECT_SEGMENT_FIELDS 5
extern const seine_messages_field seine_detect_segment_fields[SEINE_DETECT_SEGMENT_FIELDS];
/** Finds the segment of every message. @return OK, E_NOMEM, E_INTERRUPTED. */
SEINE_MUST_USE seine_status seine_detect_run_segments(seine_detect *detect, seine_error *error);
void seine_detect_free_segments(seine_detect *detect);

/** Further fields of messages that events of fishing are made of: these, then those of scores by rules. */
#define SEINE_DETECT_GIVEN_FIELDS 9
#define SEINE_DETECT_FISHING_FIELDS 15
extern const seine_messages_field seine_detect_fishing_fields[SEINE_DETECT_FISHING_FIELDS];
/** Finds the candidates of all segments and judges them. @return OK, E_NOMEM, E_INTERRUPTED. */
SEINE_MUST_USE seine_status seine_detect_run_fishing(seine_detect *detect, seine_error *error);

/** Id of the gap that begins with message @p row. */
SEINE_MUST_USE seine_status seine_detect_id_of(const seine_detect *detect, uint32_t row, char id[33],
                                               seine_error *error);
/** Parses a message again. @return OK, E_FORMAT, E_NOMEM. */
SEINE_MUST_USE seine_status seine_detect_parse_message(const seine_detect *detect, uint32_t row, seine_json **json,
                                                       seine_error *error);
/** Writes a value of a message; times given as text print as the seconds they stand for, but for those of fixes. */
void seine_detect_put_value(const seine_detect *detect, seine_json_writer *w, seine_str key, seine_json_value value,
                            double time_s);
/** What the id of a mover is called in messages: ssvid, or the name that a dataset has for it. */
const char *seine_detect_id_name(const seine_detect *detect);

/** A key of an object and the last value that stands under it. */
typedef struct seine_detect_field {
    seine_str key;
    seine_json_value value;
} seine_detect_field;

/** Keys of one object, each once, where it first stands; borrowed from its document. Zeroed is ready to use. */
typedef struct seine_detect_fields {
    seine_detect_field *fields;
    uint32_t *slots; /**< index + 1, 0 = empty */
    size_t count, capacity, slot_count, slot_capacity;
} seine_detect_fields;

/** Takes the keys of an object (NULL has none) instead of those of before. @return OK, E_NOMEM, E_LIMIT, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_detect_fields_take(seine_detect_fields *fields, seine_json_value object,
                                                     seine_pace *pace);
/** @return the field of a key, or NULL. */
seine_detect_field *seine_detect_fields_find(const seine_detect_fields *fields, seine_str key);
/** @return the value of a key, or NULL. */
seine_json_value seine_detect_fields_value(const seine_detect_fields *fields, seine_str key);
void seine_detect_fields_free(seine_detect_fields *fields);

/** What making rows keeps from one to the next. */
typedef struct seine_detect_rows {
    const seine_detect *detect;
    seine_buf key;
    seine_detect_fields off, on, stored;
} seine_detect_rows;

void seine_detect_rows_open(const seine_detect *detect, seine_detect_rows *rows);
void seine_detect_rows_close(seine_detect_rows *rows);
/**
 * Appends one row as a JSON object, keys in the order of SPEC 2.3 (or 2.6).
 * @return OK, E_LIMIT, E_NOMEM, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_detect_put_row(seine_detect_rows *rows, const seine_detect_gap *gap,
                                                 seine_json_writer *w, seine_error *error);

/** The fields of a message, then seg_id, seg_class, noise. @return as seine_detect_put_row. */
SEINE_MUST_USE seine_status seine_detect_put_segmented(seine_detect_rows *rows, uint32_t row, seine_json_writer *w,
                                                       seine_error *error);

/** Name of the column of ids of events of fishing: that of the movers, "ssvid" where these are segments. */
const char *seine_detect_fishing_mover(const seine_detect *detect);
/** An event of fishing, fields as SPEC 4.4 names them. @return as seine_detect_put_row. */
SEINE_MUST_USE seine_status seine_detect_put_fishing(seine_detect_rows *rows, const seine_detect_fishing_event *found,
                                                     seine_json_writer *w, seine_error *error);

/** Writes all rows to @p path ("-" = standard output, not Parquet), whole or not at all. @return also E_EXISTS. */
SEINE_MUST_USE seine_status seine_detect_write(const seine_detect *detect, const char *path, seine_detect_format format,
                                               seine_file_mode mode, seine_error *error);
/** Writes Parquet; in its own file because it needs the SQL engine. */
SEINE_MUST_USE seine_status seine_detect_write_parquet(const seine_detect *detect, const char *path,
                                                       seine_file_mode mode, seine_error *error);
/** One number of gaps per mover: a CSV file `ssvid,total`, the last line `TOTAL`. */
SEINE_MUST_USE seine_status seine_detect_write_stats(const seine_detect *detect, const char *path, seine_file_mode mode,
                                                     seine_error *error);

/** What a column holds. */
typedef enum seine_detect_type {
    SEINE_DETECT_TYPE_BOOL,
    SEINE_DETECT_TYPE_INT,
    SEINE_DETECT_TYPE_REAL,
    SEINE_DETECT_TYPE_TEXT,
    SEINE_DETECT_TYPE_JSON, /**< any value as JSON text */
    SEINE_DETECT_TYPE_OTHER /**< fields without a column of their own as the text of a JSON object */
} seine_detect_type;

#define SEINE_DETECT_COLUMN_NAME_MAX 128 /**< bytes, with a prefix */

typedef struct seine_detect_column {
    char name[SEINE_DETECT_COLUMN_NAME_MAX];
    seine_detect_type type;
} seine_detect_column;

typedef enum seine_detect_cell_kind {
    SEINE_DETECT_CELL_NULL,
    SEINE_DETECT_CELL_TEXT,
    SEINE_DETECT_CELL_RAW
} seine_detect_cell_kind;

typedef struct seine_detect_cell {
    seine_detect_cell_kind kind;
    seine_str text; /**< TEXT as it reads, RAW: a number or boolean as JSON; until the next row */
    bool in_scratch;
    size_t from;
} seine_detect_cell;

/** Of a dataset: all columns at both ends, and what a gap has. */
#define SEINE_DETECT_COLUMNS_MAX (2 * SEINE_DATASET_COLUMNS_MAX + 16)

/** Rows as the declared columns, one after the other. Close it in every case. */
typedef struct seine_detect_shape {
    seine_detect_column columns[SEINE_DETECT_COLUMNS_MAX];
    seine_detect_cell cells[SEINE_DETECT_COLUMNS_MAX];
    size_t count;
    seine_detect_fields fields;
    seine_buf scratch;
    seine_pace *pace;
} seine_detect_shape;

/** The columns depend on the options alone. Does not allocate. */
void seine_detect_shape_open(const seine_detect *detect, seine_detect_shape *shape);
/** @return OK, E_USAGE where a column of the dataset would have the name of another column of the rows. */
SEINE_MUST_USE seine_status seine_detect_shape_check(const seine_detect *detect, seine_error *error);
/** Fills the cells from a row, which must live until they are used. @return OK, E_NOMEM, E_LIMIT, E_INTERRUPTED. */
SEINE_MUST_USE seine_status seine_detect_shape_row(seine_detect_shape *shape, seine_json_value row, seine_error *error);
void seine_detect_shape_close(seine_detect_shape *shape);

/** Called with every row as JSON; @p text is its text. Stops at the first failure. */
typedef seine_status (*seine_detect_visit)(void *context, seine_json_value row, seine_str text, seine_error *error);
SEINE_MUST_USE seine_status seine_detect_each_row(const seine_detect *detect, bool parsed, seine_detect_visit visit,
                                                  void *context, seine_error *error);

#endif
