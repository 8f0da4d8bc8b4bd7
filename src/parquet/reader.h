/**
 * @file parquet/reader.h
 * Reads one Parquet file of this program: all rows, or those whose text is the wanted one, and whose time lies in a
 * range. Only pages that can hold them are read, only of the wanted columns. In files sorted by that text a look-up
 * takes well below a millisecond; in others it is right, too.
 *
 * It understands what writer.h writes. Everything else is left to the SQL engine.
 */
#ifndef SEINE_PARQUET_READER_H
#define SEINE_PARQUET_READER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/try.h"
#include "columns/vec.h"

#define SEINE_PARQUET_WANTED_MAX 64 /* columns */

/**
 * Memory that one reader after another uses, about 2 MiB: getting it from the system anew would cost as much as the
 * reading. One reader at a time.
 */
typedef struct seine_parquet_room {
    struct seine_unzstd *unzstd;
    seine_buf tail, index, packed, plain, rows, valid, places, codes;
} seine_parquet_room;

void seine_parquet_room_init(seine_parquet_room *room);
void seine_parquet_room_free(seine_parquet_room *room);

/** What is wanted. Borrowed by the reader, with all it points to. */
typedef struct seine_parquet_wanted {
    const seine_table_schema *schema;
    const size_t *columns; /**< indices into schema->columns, each once, at most SEINE_PARQUET_WANTED_MAX */
    size_t column_count;
    size_t key; /**< index into columns: a STRING; SIZE_MAX = all rows */
    seine_str text;
    size_t time;            /**< index into columns: a TIMESTAMPTZ; SIZE_MAX = any time, as always without a key */
    int64_t from_us, to_us; /**< both included; a null time is in no range */
} seine_parquet_wanted;

typedef struct seine_parquet_reader seine_parquet_reader; /**< one thread */

/**
 * Opens a file; @p room is in use until the reader is closed. @return OK; E_UNSUPPORTED: valid perhaps, but not a file
 * of this kind, or a column has another type in it; E_FORMAT: damaged; E_NOT_FOUND, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_parquet_reader_open(const char *path, const seine_parquet_wanted *wanted,
                                                      seine_parquet_room *room, seine_parquet_reader **reader,
                                                      seine_error *error);
/**
 * The rows of the next row group that has some, in file order, as PLAIN vecs in the order of wanted->columns; all in
 * @p arena. rows->count 0 = no more. The work of a call is bounded by one row group.
 * @return OK; E_UNSUPPORTED, E_FORMAT, E_IO, E_NOMEM: the reader can only be closed then.
 */
SEINE_MUST_USE seine_status seine_parquet_reader_next(seine_parquet_reader *reader, seine_arena *arena,
                                                      seine_rows *rows, seine_error *error);
/** NULL is allowed. */
void seine_parquet_reader_close(seine_parquet_reader *reader);
SEINE_OWNED_POINTER(seine_parquet_reader, seine_parquet_reader_close);

#endif
