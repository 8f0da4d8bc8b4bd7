/** @file generate/rows.h  Blocks of generated rows as text, with planted defects, counted as they are made. */
#ifndef SEINE_GENERATE_ROWS_H
#define SEINE_GENERATE_ROWS_H

#include "base/buf.h"
#include "generate/fleet.h"

/** First words of the reasons in the rejects table. */
typedef enum seine_generate_reason {
    SEINE_GENERATE_RAGGED,
    SEINE_GENERATE_ID,
    SEINE_GENERATE_TIME,
    SEINE_GENERATE_POSITION,
    SEINE_GENERATE_REASONS
} seine_generate_reason;

typedef struct seine_file_tally {
    uint64_t rows, rejects[SEINE_GENERATE_REASONS];
    uint64_t other_days; /**< rows whose time is not of the file's day */
} seine_file_tally;

/** What silver must hold of one day: distinct (MMSI, time) of valid rows. */
typedef struct seine_day_tally {
    uint64_t rows, null_sog, null_cog, null_heading;
} seine_day_tally;

/** An additional row. */
typedef struct seine_extra {
    uint32_t slot; /**< of all days */
    uint32_t vessel;
    uint32_t kind; /**< 0 exact duplicate, 1 duplicate with another speed, else a defect */
} seine_extra;

/** One worker's memory. */
typedef struct seine_block_maker {
    const seine_fleet *fleet;
    uint32_t *order;         /**< fixes of a slot by second: twice the vessel, plus one for its second fix */
    uint32_t *places;        /**< per second: where its fixes begin in order */
    seine_file_tally *files; /**< per day */
    seine_day_tally *days;
} seine_block_maker;

/** Memory comes from @p arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_block_maker_init(seine_block_maker *maker, const seine_fleet *fleet,
                                                   seine_arena *arena);

/**
 * Chooses fleet->evening so that the rows of all files are as many as there are vessels and slots: second fixes for
 * what silences take away, fixes left out for duplicates, defects and copies. Nothing is chosen, and the rows are a few
 * more or less, when that would take more than one fix in four, or second fixes at an interval of one second.
 */
void seine_rows_even_out(seine_fleet *fleet);

/** Additional rows of one day, by slot; in @p arena. After seine_rows_even_out. */
SEINE_MUST_USE seine_status seine_extras_plan(const seine_fleet *fleet, uint32_t day, seine_arena *arena,
                                              seine_extra **extras, size_t *count);

/** Column names line with its line end. */
seine_str seine_generate_header(seine_generate_style style);

/**
 * Appends the rows of slots [from, to) of @p day, which are slots of all days. Rows of neighbouring days come before
 * the first slot of the day and after its last one.
 */
SEINE_MUST_USE seine_status seine_block_make(seine_block_maker *maker, uint32_t day, uint32_t from, uint32_t to,
                                             const seine_extra *extras, size_t extra_count, seine_buf *out);

#endif
