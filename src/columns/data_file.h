/** @file columns/data_file.h  What Iceberg knows about one Parquet file. */
#ifndef SEINE_COLUMNS_DATA_FILE_H
#define SEINE_COLUMNS_DATA_FILE_H

#include "base/hash.h"
#include "columns/schema.h"

#include <string.h>

/** Counts and bounds of one column in one file, bounds in Iceberg's single-value serialisation, already truncated and
 * rounded. */
typedef struct seine_column_stats {
    int64_t size_bytes;  /**< compressed bytes of all its chunks */
    int64_t value_count; /**< with nulls */
    int64_t null_count;
    bool has_bounds; /**< false when all null, or binary, or the upper bound cannot be rounded up */
    uint8_t lower[64], upper[64];
    uint8_t lower_size, upper_size; /**< ≤ 16 code points of text are ≤ 64 bytes */
} seine_column_stats;

/** Bounds of a column of whole numbers, days or times, which are exact. @return whether @p stats (may be NULL) tells
 * them; else the two are as they were. */
static inline bool seine_stats_range(const seine_column_stats *stats, int64_t *least, int64_t *most) {
    int32_t narrow[2];
    if (stats == NULL || !stats->has_bounds || stats->lower_size != stats->upper_size) return false;
    if (stats->lower_size == sizeof *least) {
        memcpy(least, stats->lower, sizeof *least);
        memcpy(most, stats->upper, sizeof *most);
        return true;
    }
    if (stats->lower_size != sizeof *narrow) return false; /* an int, as a long once was */
    memcpy(&narrow[0], stats->lower, sizeof *narrow);
    memcpy(&narrow[1], stats->upper, sizeof *narrow);
    *least = narrow[0];
    *most = narrow[1];
    return true;
}

/** One value of a partition tuple: day, month, bucket or identity of a date; all fit an int. */
typedef struct seine_partition_value {
    bool is_null;
    int32_t value;
} seine_partition_value;

/** @return < 0, 0, > 0: null is before every value. */
static inline int seine_partition_value_compare(seine_partition_value a, seine_partition_value b) {
    if (a.is_null || b.is_null) return (int)b.is_null - (int)a.is_null;
    return (a.value > b.value) - (a.value < b.value);
}

typedef struct seine_data_file {
    const char *path; /**< absolute path in the file system, not a URI */
    int64_t size_bytes, rows;
    bool has_checksum;      /**< false: unknown, as of files that were read from a manifest */
    seine_hash128 checksum; /**< of the file's bytes, XXH3-128 */
    seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX];
    const int64_t *split_offsets;
    size_t split_count;
    const seine_column_stats *stats; /**< one per schema column; NULL = unknown (a foreign file) */
    bool is_sorted;                  /**< by the schema's sort columns */
} seine_data_file;

#endif
