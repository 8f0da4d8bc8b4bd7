/** @file ingest/known_sources.h  The sources of the lake as the ledger has them, and what this run does to each. */
#ifndef SEINE_INGEST_KNOWN_SOURCES_H
#define SEINE_INGEST_KNOWN_SOURCES_H

#include "ingest/ingest.h"
#include "table/catalog/catalog.h"

/** No source; where all but one are meant, all of them. */
#define SEINE_NO_SOURCE UINT32_MAX
/** Data rows of one source, at most. */
#define SEINE_SOURCE_ROWS_MAX ((uint64_t)UINT32_MAX)

/** One source of the lake or of this run. Its code in fixes is its index. */
typedef struct seine_known_source {
    seine_source row;        /**< as in the ledger, or as it will be */
    bool touched;            /**< its ledger row is to be written */
    bool is_fetched;         /**< its bytes lie in bronze and waited for this run */
    bool drop_days;          /**< it leaves silver: its rows of seine_source_day go */
    const char *bronze_temp; /**< absolute path of the copied bytes, not published yet; NULL = none */
    const char *path;        /**< as the user gave it; NULL = from the ledger */
    seine_ingest_outcome outcome;
    seine_ingest_remarks remarks;
    seine_source before; /**< of records: what it was before this run brought it more records; else zeroed */
    size_t reject_from;  /**< first of its files among the run's reject files */
} seine_known_source;

/** Zeroed = empty; free with seine_known_sources_free. */
typedef struct seine_known_sources {
    seine_known_source *items;
    size_t count, capacity;
} seine_known_sources;

/** What this run brings of a source: its row, counted without what it was before. */
static inline seine_source seine_known_source_brought(const seine_known_source *source) {
    seine_source row = source->row;
    row.rows -= source->before.rows;
    row.rejects -= source->before.rejects;
    row.bytes -= source->before.bytes;
    return row;
}
/** Whether the source had records in the lake already, and this run brings more of them. */
static inline bool seine_known_source_goes_on(const seine_known_source *source) {
    return source->path != NULL && source->before.rows > 0;
}

/** @return whether a source is the one of that name and those bytes. */
static inline bool seine_source_is(const seine_source *source, const char *name, const char *sha256) {
    return strcmp(source->name, name) == 0 && strcmp(source->sha256, sha256) == 0;
}

/** Appends; *index (may be NULL) is its code. Pointers to items end here. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_known_sources_add(seine_known_sources *sources, const seine_known_source *source,
                                                    uint32_t *index, seine_error *error);
/** @return the code of the first source of that name and state, or SEINE_NO_SOURCE. */
uint32_t seine_known_sources_find(const seine_known_sources *sources, seine_str name, seine_source_state state);
/** Bytes of a source must be what they were. @return OK, E_FORMAT, E_IO … */
SEINE_MUST_USE seine_status seine_known_source_check(const seine_source *source, const char *path, seine_error *error);
/** Removes a file that was never committed, or nothing when that cannot be done: it is an orphan then. NULL = none. */
void seine_uncommitted_remove(const char *path);
/** Also removes bytes that were not published. */
void seine_known_sources_free(seine_known_sources *sources);

#endif
