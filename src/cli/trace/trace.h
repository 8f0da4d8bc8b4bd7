/**
 * @file cli/trace/trace.h
 * One position followed through the lake: the archive rows that told it, the silver row that won, and every event and
 * gold row it went into, each with the run that wrote it.
 */
#ifndef SEINE_CLI_TRACE_TRACE_H
#define SEINE_CLI_TRACE_TRACE_H

#include "base/progress.h"
#include "columns/dataset.h"
#include "engine/engine.h"
#include "table/run.h"

/** A cell of a row, as text. */
typedef struct seine_trace_field {
    const char *name, *text; /**< text NULL = null */
    bool is_number;
} seine_trace_field;

/** A row of a table. */
typedef struct seine_trace_hit {
    struct seine_trace_hit *next;
    const char *table;
    const char *role; /**< what the position is to the row: position, start, end, hour, day, vessel or mover */
    const char *path; /**< of the file */
    int64_t file_row; /**< from 0 */
    int64_t snapshot_id;
    const seine_run_row *run; /**< that wrote the file; NULL = no manifest tells */
    seine_trace_field *fields;
    size_t field_count;
} seine_trace_hit;

typedef enum seine_trace_fate { SEINE_TRACE_SILVER, SEINE_TRACE_DUPLICATE, SEINE_TRACE_REJECTED } seine_trace_fate;

/** A row of a source that tells a position of the mover at the time. */
typedef struct seine_trace_line {
    struct seine_trace_line *next;
    const seine_source *source; /**< NULL = the ledger does not know it any more */
    const char *source_name;
    int64_t row;     /**< data row, from 1 */
    const char *raw; /**< NULL = it is no text, or cannot be told apart from others */
    seine_trace_fate fate;
    const char *reason; /**< of a rejected one */
} seine_trace_line;

typedef struct seine_trace {
    const seine_dataset *dataset;
    const char *mover; /**< its id */
    int64_t ts_us;
    const seine_progress *progress;
    seine_catalog *catalog;
    seine_engine *engine;
    seine_arena *arena;    /**< everything found lives here */
    seine_source *sources; /**< of the dataset */
    size_t source_count;
    seine_trace_hit *silver;           /**< NULL = not there */
    seine_trace_hit *hits, **last_hit; /**< the others */
    seine_trace_line *lines, **last_line;
    int64_t before_us, after_us; /**< nearest positions of the day; INT64_MIN, INT64_MAX = none */
} seine_trace;

/** Follows the position. Catalog, engine, arena and what is asked are set; the rest is zero. */
SEINE_MUST_USE seine_status seine_trace_follow(seine_trace *trace, seine_error *error);

/* ---- tables.c ---- */
SEINE_MUST_USE seine_status seine_trace_silver(seine_trace *trace, seine_error *error);
SEINE_MUST_USE seine_status seine_trace_derived(seine_trace *trace, seine_error *error);
/** Calls @p take for every refused row of the dataset whose text may hold the mover's id. */
typedef seine_status (*seine_trace_reject_fn)(seine_trace *trace, const char *source, int64_t ingested_at_us,
                                              int64_t row, const char *reason, const char *raw, seine_error *error);
SEINE_MUST_USE seine_status seine_trace_rejects(seine_trace *trace, seine_trace_reject_fn take, seine_error *error);
/** Whether a text that holds the id holds it byte by byte, whatever form it has: nothing in it is ever escaped. */
bool seine_trace_id_is_plain(const char *id);
/** A field of the silver row, or NULL. */
const char *seine_trace_text(const seine_trace_hit *hit, const char *name);

/* ---- source.c ---- */
/** Fills trace->lines, which needs trace->silver. */
SEINE_MUST_USE seine_status seine_trace_lines(seine_trace *trace, seine_error *error);

#endif
