/**
 * @file seine/arrow.h
 * Detectors over record batches of the Arrow C Data interface, for callers in other languages.
 *
 * The two structs are those of the Arrow specification; whoever defined them first (the guard macro is the
 * specification's own) defines the same layout. Nothing here keeps a reference to the caller's batch.
 */
#ifndef SEINE_ARROW_H
#define SEINE_ARROW_H

#include "seine/gap.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

/** Which columns of a batch mean what. NULL = there is no such column; id and time are needed. */
typedef struct seine_arrow_names {
    const char *id;       /**< mover: utf8, large_utf8, a dictionary of them, int32 or int64 */
    const char *time;     /**< timestamp[us], read as UTC */
    const char *lat;      /**< double, degrees; null = unknown */
    const char *lon;      /**< double, degrees; null = unknown */
    const char *speed;    /**< double; null = unknown */
    const char *shore;    /**< double, metres; null = unknown */
    const char *receiver; /**< text: terrestrial, satellite, dynamic, anything else or null = other */
} seine_arrow_names;

/** The names of silver.ais: mmsi, ts, lat, lon, sog, distance_from_shore_m, receiver_type. */
SEINE_API seine_arrow_names seine_arrow_names_default(void);

/** For seine_detect_arrow: no open events are wanted. */
#define SEINE_NO_WATERMARK INT64_MIN

/**
 * Runs a detector over one record batch (a struct array) of any number of movers in any order of rows and gives its
 * events as another record batch: id, start_ts, end_ts, is_closed, start_row, end_row (rows of the batch), start_lat,
 * start_lon, end_lat, end_lon and one column per measure; ordered by first appearance of the mover, then by time.
 *
 * @param step,config a detector and its settings: `&seine_gap_step`, a `seine_gap_config`.
 * @param schema,batch borrowed, not released.
 * @param watermark_us events still open at this time are given too, with nulls at their end; SEINE_NO_WATERMARK: none.
 * @param out_schema,out receive structs which the caller releases; untouched on failure.
 * @return OK; E_USAGE (no name of id or time), E_NOT_FOUND (a named column is missing), E_FORMAT (null id or time,
 *         malformed batch), E_UNSUPPORTED (type of a column; a step with too many measures, or with columns), E_LIMIT
 *         (2^32 rows or more), E_NOMEM. Safe to call from several threads at once.
 */
SEINE_API SEINE_MUST_USE seine_status seine_detect_arrow(const seine_step *step, const void *config,
                                                         const seine_arrow_names *names,
                                                         const struct ArrowSchema *schema,
                                                         const struct ArrowArray *batch, int64_t watermark_us,
                                                         struct ArrowSchema *out_schema, struct ArrowArray *out,
                                                         seine_error *error);

/** Reporting gaps of a batch: seine_detect_arrow with the gap detector. */
static inline seine_status seine_gap_detect_arrow(const struct ArrowSchema *schema, const struct ArrowArray *batch,
                                                  const seine_arrow_names *names, const seine_gap_config *config,
                                                  int64_t watermark_us, struct ArrowSchema *out_schema,
                                                  struct ArrowArray *out, seine_error *error) {
    return seine_detect_arrow(&seine_gap_step, config, names, schema, batch, watermark_us, out_schema, out, error);
}

#ifdef __cplusplus
}
#endif
#endif
