/**
 * @file stream/sent_rows.h
 * Which rows of a file a topic has, told by the topic itself: each record that was made of a row carries it in a
 * header.
 *
 *     seine-source: 1200 1764439567123456 ais_data.csv      the row, when its run began, the name of the file
 *
 * A producer is idempotent and sends the rows of a partition in their order, so that the last record of a run in a
 * partition tells that all its rows before are there. Internal to src/stream.
 */
#ifndef SEINE_STREAM_SENT_ROWS_H
#define SEINE_STREAM_SENT_ROWS_H

#include "base/arena.h"
#include "base/hash.h"
#include "stream/connection.h"

#define SEINE_SENT_HEADER "seine-source"
#define SEINE_SENT_NAME_BYTES 255 /**< of a file's name; what is behind them does not tell files apart */
#define SEINE_SENT_BYTES 320      /**< of a header's value, with its NUL */

/** What a header says. */
typedef struct seine_sent_row {
    uint64_t row;   /**< first is 1 */
    int64_t run_us; /**< when the run began that sent it; one that goes on keeps it */
    seine_str file; /**< its name without folders */
} seine_sent_row;

/** @return the size of the value, without its NUL. */
size_t seine_sent_row_text(const seine_sent_row *sent, char text[SEINE_SENT_BYTES]);
/** @return whether it is one; the name is borrowed from @p text. */
bool seine_sent_row_parse(seine_str text, seine_sent_row *sent);

/** The last row of a file in a partition. */
typedef struct seine_last_row {
    uint64_t row;        /**< 0 = none is there */
    int64_t run_us;      /**< of that record */
    seine_hash128 value; /**< of its bytes: the file has to have the same row */
} seine_last_row;

/** What the topic has of a file. */
typedef struct seine_sent_file {
    const char *name;
    int64_t run_us;        /**< of its newest run; 0 = nothing of the file is there */
    seine_last_row *lasts; /**< of that run, by partition */
} seine_sent_file;

/**
 * Looks in each partition for the last rows of files, from its end on towards its beginning, until those of all files
 * are found: a file of which nothing is there costs a reading of the whole topic.
 * @param files names are set; the rest is filled, in @p arena.
 * @return OK, E_IO (no broker answers), E_USAGE (settings), E_INTERRUPTED, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_sent_files_find(const seine_kafka *kafka, const char *topic, int partitions,
                                                  seine_sent_file *files, size_t count, seine_arena *arena,
                                                  seine_error *error);

#endif
