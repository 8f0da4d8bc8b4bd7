/**
 * @file columns/segment_table.h
 * What a table silver.<dataset>_segments holds, a row per fix, and what a dataset must have for it.
 */
#ifndef SEINE_COLUMNS_SEGMENT_TABLE_H
#define SEINE_COLUMNS_SEGMENT_TABLE_H

#include "base/arena.h"
#include "columns/dataset.h"

/** Columns of silver.ais_segments by index; other datasets have all but those that gaps of ships copy of a fix, and the
 * first six under their own names. */
enum {
    SEINE_SEGMENT_TABLE_ID,
    SEINE_SEGMENT_TABLE_TIME,
    SEINE_SEGMENT_TABLE_LAT,
    SEINE_SEGMENT_TABLE_LON,
    SEINE_SEGMENT_TABLE_SPEED,
    SEINE_SEGMENT_TABLE_COURSE,
    SEINE_SEGMENT_TABLE_SEG_ID,
    SEINE_SEGMENT_TABLE_KIND,
    SEINE_SEGMENT_TABLE_NOISE,
    SEINE_SEGMENT_TABLE_SHIP,
    SEINE_SEGMENT_TABLE_CARRIED,
    SEINE_SEGMENT_TABLE_CARRIED_TEXTS = 3, /**< texts, then numbers */
    SEINE_SEGMENT_TABLE_CARRIED_NUMBERS = 2,
};

/** What is read of a fix beside time, place and speed, in the order of the step's inputs (seine/segment.h). */
enum {
    SEINE_SEGMENT_READS_COURSE,
    SEINE_SEGMENT_READS_HEADING,
    SEINE_SEGMENT_READS_TRANSPONDER,
    SEINE_SEGMENT_READS_MESSAGE_ID,
    SEINE_SEGMENT_READS
};

/** Hours of silence that end a segment in a lake, at most: rows of a day are those of the next one, too. */
#define SEINE_SEGMENT_HOURS_MOST 24

/** Index in silver of the column that is read so; SIZE_MAX = the dataset has none. */
size_t seine_segment_read(const seine_dataset *dataset, size_t what);

/** @return why no segments can be found in the dataset, in @p arena; "" when they can; NULL out of memory. */
const char *seine_segment_refusal(const seine_dataset *dataset, seine_arena *arena);

#endif
