/**
 * @file columns/fishing_table.h
 * What a table events.<dataset>_fishing holds, and what a dataset must have for it.
 */
#ifndef SEINE_COLUMNS_FISHING_TABLE_H
#define SEINE_COLUMNS_FISHING_TABLE_H

#include "base/arena.h"
#include "columns/dataset.h"

/** Columns of the table by index. The name of the id is the dataset's. */
enum {
    SEINE_FISHING_TABLE_EVENT_ID,
    SEINE_FISHING_TABLE_ID,
    SEINE_FISHING_TABLE_START_TS,
    SEINE_FISHING_TABLE_END_TS,
    SEINE_FISHING_TABLE_IS_CLOSED,
    SEINE_FISHING_TABLE_VERSION,
    SEINE_FISHING_TABLE_PRODUCED_DAY,
    SEINE_FISHING_TABLE_FISHING_ID,
    SEINE_FISHING_TABLE_SSVID,
    SEINE_FISHING_TABLE_CHAIN,
    SEINE_FISHING_TABLE_MESSAGES,
    SEINE_FISHING_TABLE_DURATION,
    SEINE_FISHING_TABLE_DISTANCE,
    SEINE_FISHING_TABLE_SPEED,
    SEINE_FISHING_TABLE_IMPLIED,
    SEINE_FISHING_TABLE_STEP_M,
    SEINE_FISHING_TABLE_STEP_H,
    SEINE_FISHING_TABLE_LAT_MIN,
    SEINE_FISHING_TABLE_LAT_MAX,
    SEINE_FISHING_TABLE_LON_MIN,
    SEINE_FISHING_TABLE_LON_MAX,
    SEINE_FISHING_TABLE_LAT_MEAN,
    SEINE_FISHING_TABLE_LON_MEAN,
    SEINE_FISHING_TABLE_START_LAT,
    SEINE_FISHING_TABLE_START_LON,
    SEINE_FISHING_TABLE_END_LAT,
    SEINE_FISHING_TABLE_END_LON,
    SEINE_FISHING_TABLE_SOURCE,
    SEINE_FISHING_TABLE_COLUMNS
};
extern const seine_column seine_fishing_table[SEINE_FISHING_TABLE_COLUMNS];

/** The column of a dataset that names the vessel of a message. */
#define SEINE_FISHING_SSVID "ssvid"

/** Index in silver of a column of this name whose values are numbers or flags; SIZE_MAX = there is none. */
size_t seine_fishing_number(const seine_dataset *dataset, const char *name);

/** Index in silver of what a score by rules is made of (seine/fishing.h: from SEINE_FISHING_IN_COURSE on); SIZE_MAX =
 * there is none. */
size_t seine_fishing_ruled(const seine_dataset *dataset, size_t input);

/** @return why no fishing can be found in the dataset, in @p arena; "" when it can; NULL out of memory. */
const char *seine_fishing_refusal(const seine_dataset *dataset, seine_arena *arena);

#endif
