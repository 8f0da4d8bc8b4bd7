/**
 * @file serve/lake.h
 * The state of the lake that one request sees.
 *
 * A view holds one state of every table, taken from the catalog in one read transaction; it never changes and is shared
 * by counting references. A commit makes the next request get a new view, in which tables that did not move are the
 * same objects. So an answer is of the state before a commit or of the one after it, never of both.
 */
#ifndef SEINE_SERVE_LAKE_H
#define SEINE_SERVE_LAKE_H

#include "base/try.h"
#include "columns/dataset.h"
#include "table/ledger.h"

typedef struct seine_lake seine_lake; /**< watches one lake; every function may be called from any thread */

typedef struct seine_view_table {
    const char *name;
    seine_table *table; /**< read-only */
    const seine_table_schema *schema;
    int64_t snapshot_id; /**< -1 = never written */
    const seine_live_file *files;
    size_t file_count;
} seine_view_table;

/** A dataset of the lake. */
typedef struct seine_view_dataset {
    const seine_dataset *dataset;
    int64_t watermark_us; /**< INT64_MIN: nothing was ever ingested */
} seine_view_dataset;

typedef struct seine_view {
    const seine_view_table *tables; /**< ordered by name */
    size_t table_count;
    const seine_view_dataset *datasets; /**< ships first, then the others by name */
    size_t dataset_count;
    uint64_t dataset_tag; /**< of their watermarks */
    int64_t watermark_us; /**< of ships; INT64_MIN: nothing was ever ingested */
    int buckets;
    /** Of live sources of ships; current view only. */
    int64_t source_count, source_rows, source_duplicates, source_rejects;
    int64_t committed_us;          /**< time of the newest snapshot; INT64_MIN = none */
    const seine_pointer *pointers; /**< of every table of the catalog, also of those that are not shown */
    size_t pointer_count;
    const char *const *broken; /**< names of tables that cannot be read: they harm only who asks for them */
    size_t broken_count;
    uint64_t broken_tag; /**< of their states */
    bool is_past;        /**< as of some former time */
} seine_view;

SEINE_MUST_USE seine_status seine_lake_open(const char *path, seine_lake **lake, seine_error *error);
/** Every view must have been given back. */
void seine_lake_close(seine_lake *lake);
SEINE_OWNED_POINTER(seine_lake, seine_lake_close);
/** Absolute path of the lake. */
const char *seine_lake_path(const seine_lake *lake);
/** Its name in the catalog. */
const char *seine_lake_name(const seine_lake *lake);
/** The id that it was made with. Before other threads use the lake. */
const char *seine_lake_id(const seine_lake *lake);
/**
 * The current view, if nobody has committed since it was made: a few microseconds, whatever the catalog's server does.
 * *view is NULL when there is a newer state, or a server has to be asked for that: ask seine_lake_current.
 * @return OK; E_BUSY: there is no view to be had now (seine_lake_trouble tells why): another lake, or none, lies at the
 * path, or the catalog's server does not answer. Both are noticed, and mended, by a thread of the lake's own.
 */
SEINE_MUST_USE seine_status seine_lake_peek(seine_lake *lake, const seine_view **view, seine_error *error);
/** A view that is there without waiting for a server: the last one, at most a second or two old unless it is away.
 * @return OK; E_BUSY: another lake lies at the path; without a server, as seine_lake_current. */
SEINE_MUST_USE seine_status seine_lake_glance(seine_lake *lake, const seine_view **view, seine_error *error);
/** What a client is told when there is no view. */
const char *seine_lake_trouble(const seine_lake *lake);
/** The current view; makes it when it is not there yet. A server is asked (serve/version.h). @return as
 * seine_lake_peek; what loading returned. */
SEINE_MUST_USE seine_status seine_lake_current(seine_lake *lake, const seine_view **view, seine_error *error);
/**
 * The lake as it was at a time, or when a snapshot was made (@p snapshot_id, 0 = not given). A table without a snapshot
 * of that time counts as never written. @return OK; E_NOT_FOUND: no table has such a snapshot; statuses of loading.
 */
SEINE_MUST_USE seine_status seine_lake_past(seine_lake *lake, int64_t snapshot_id, int64_t time_us,
                                            const seine_view **view, seine_error *error);
void seine_view_release(const seine_view *view);

/** Whether there is such a table, and it cannot be read. */
bool seine_view_is_broken(const seine_view *view, const char *name);
/** NULL when the lake has no such table, or it cannot be read. */
const seine_view_table *seine_view_find(const seine_view *view, const char *name);
/** Whether there is such a table and it has been written. */
bool seine_view_has(const seine_view *view, const char *name);
/** The last day that has data, as days since 1970: the day before a watermark at midnight. */
int32_t seine_view_today(const seine_view *view);
#define SEINE_VIEW_POINTERS "**" /**< as the only name: every table of the catalog, and nothing else of the view */
/** A number that differs when any of the named tables ("*": any table that is shown) differs. */
seine_hash128 seine_view_tag(const seine_view *view, const char *const *names, size_t count);

#endif
