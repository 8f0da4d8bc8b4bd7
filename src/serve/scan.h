/**
 * @file serve/scan.h
 * SQL over one view of the lake. Only files that can hold wanted rows are named in the statement: each condition is
 * also held against the partition tuple and the column bounds of every file.
 *
 * No value is part of a statement's text: each is a parameter of its type. So a text cannot become SQL, and a number is
 * compared as the number it is.
 */
#ifndef SEINE_SERVE_SCAN_H
#define SEINE_SERVE_SCAN_H

#include "engine/engine.h"
#include "serve/lake.h"

#define SEINE_SQL_PARAMS_MAX 512
#define SEINE_BOUNDS_MAX 10

/** A statement being written; the first failure stays. */
typedef struct seine_sql {
    seine_buf text;
    seine_arena *arena;
    seine_sql_value *values; /* of the parameters; in arena */
    size_t value_count, value_capacity;
    seine_status status;
} seine_sql;

void seine_sql_init(seine_sql *sql, seine_arena *arena);
void seine_sql_free(seine_sql *sql);
/** Appends trusted SQL text: from the program, holding no value and no '$'. */
void seine_sql_put(seine_sql *sql, const char *format, ...) SEINE_PRINTF(2, 3);
/** Appends a parameter with this value; a text is copied. */
void seine_sql_put_value(seine_sql *sql, const seine_sql_value *value);
void seine_sql_put_text(seine_sql *sql, seine_str text);
void seine_sql_put_long(seine_sql *sql, int64_t value);
void seine_sql_put_double(seine_sql *sql, double value);
/** Appends the condition that @p column (trusted SQL) holds @p text anywhere, in any case of letters. */
void seine_sql_put_contains(seine_sql *sql, const char *column, seine_str text);
void seine_sql_put_time(seine_sql *sql, int64_t time_us);
void seine_sql_put_date(seine_sql *sql, int32_t day);
/** Appends `(place lies in the box)`; west,south,east,north, west > east crosses 180°. @p lon and @p lat are SQL. */
void seine_sql_put_box(seine_sql *sql, const char *lon, const char *lat, const double box[4]);
/** Appends the text of another statement, whose parameters get new numbers. */
void seine_sql_put_sql(seine_sql *sql, const seine_sql *other);

/** Wanted values of one column: from lower to upper, both included. */
typedef struct seine_wanted {
    size_t column;          /**< of the schema */
    const seine_str *texts; /**< STRING: equal to one of these */
    size_t text_count;      /**< 0 = any */
    int64_t from, to;       /**< INT, LONG, DATE, TIMESTAMPTZ */
    double low, high;       /**< DOUBLE */
} seine_wanted;

/** Which rows of a table are wanted. */
typedef struct seine_scan {
    const seine_view_table *table;
    int buckets;
    const char *alias; /**< in front of columns in conditions */
    const char *only;  /**< the columns that the statement names, separated by blanks; NULL = all. Fewer are quicker */
    seine_str id;      /**< of seine_scan_id */
    seine_wanted wanted[SEINE_BOUNDS_MAX];
    size_t wanted_count;
    seine_sql where;       /**< " AND …" of each condition */
    size_t files, matched; /**< how many files there are, and how many the statement names */
} seine_scan;

/** @p table may be NULL or never written: no rows. @p alias is the SQL name of the table in the statement. */
void seine_scan_begin(seine_scan *scan, const seine_view *view, const char *table, const char *alias,
                      seine_arena *arena);
void seine_scan_free(seine_scan *scan);
/** The column equals a text, which must outlive the scan. */
void seine_scan_id(seine_scan *scan, const char *column, seine_str id);
/** The column equals one of some texts, which must outlive the scan. */
void seine_scan_ids(seine_scan *scan, const char *column, const seine_str *ids, size_t count);
/** from <= column <= to; times in µs, dates in days. INT64_MIN and INT64_MAX leave an end open. */
void seine_scan_range(seine_scan *scan, const char *column, int64_t from, int64_t to);
void seine_scan_between(seine_scan *scan, const char *column, double low, double high);
/** The place lies in the box west, south, east, north (west > east crosses 180°). */
void seine_scan_box(seine_scan *scan, const char *lon, const char *lat, const double box[4]);

/** Appends `source AS alias` to a statement, and ` WHERE true AND …`. Call after all conditions. */
void seine_scan_put_from(seine_scan *scan, seine_sql *sql);
void seine_scan_put_where(seine_scan *scan, seine_sql *sql);
/** Both, one after the other. */
void seine_scan_put(seine_scan *scan, seine_sql *sql);

/** Whether the conditions can be true for a row of the file. */
bool seine_scan_may_match(const seine_scan *scan, const seine_data_file *file);

#endif
