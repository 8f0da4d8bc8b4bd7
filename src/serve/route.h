/**
 * @file serve/route.h
 * What a route is. The one table of routes dispatches requests and makes the OpenAPI document.
 */
#ifndef SEINE_SERVE_ROUTE_H
#define SEINE_SERVE_ROUTE_H

#include "columns/schema.h"
#include "seine/status.h"

typedef struct seine_call seine_call; /* serve/call.h */

typedef enum seine_format {
    SEINE_FORMAT_JSON,
    SEINE_FORMAT_NDJSON,
    SEINE_FORMAT_CSV,
    SEINE_FORMAT_GEOJSON,
    SEINE_FORMAT_PARQUET,
    SEINE_FORMAT_COUNT,
    SEINE_FORMAT_OWN = SEINE_FORMAT_COUNT /**< the route's content_type; not negotiated */
} seine_format;

/** Bits of seine_route.formats. */
#define SEINE_FORMATS_JSON (1U << SEINE_FORMAT_JSON)
#define SEINE_FORMATS_ROWS \
    (SEINE_FORMATS_JSON | 1U << SEINE_FORMAT_NDJSON | 1U << SEINE_FORMAT_CSV | 1U << SEINE_FORMAT_PARQUET)
#define SEINE_FORMATS_PLACES (SEINE_FORMATS_ROWS | 1U << SEINE_FORMAT_GEOJSON)

/** "application/json", and the suffix "json". */
const char *seine_format_type(seine_format format);
const char *seine_format_suffix(seine_format format);

typedef enum seine_param_kind {
    SEINE_PARAM_INT,    /**< whole number in [least, most] */
    SEINE_PARAM_NUMBER, /**< number in [least, most] */
    SEINE_PARAM_TEXT,   /**< UTF-8, at most `most` bytes */
    SEINE_PARAM_ID,     /**< digits, 1 to 20 */
    SEINE_PARAM_IDS,    /**< ids separated by commas, at most `most` */
    SEINE_PARAM_TIME,   /**< ISO-8601 */
    SEINE_PARAM_DATE,   /**< YYYY-MM-DD */
    SEINE_PARAM_BOX,    /**< west,south,east,north in degrees; west > east crosses 180° */
    SEINE_PARAM_FLAG,   /**< true or false */
    SEINE_PARAM_CHOICE, /**< one of the words of `choices` */
    SEINE_PARAM_CURSOR, /**< the `cursor` of a former answer's `next` */
    SEINE_PARAM_MOMENT  /**< a snapshot id or a time */
} seine_param_kind;

typedef struct seine_param {
    const char *name;
    seine_param_kind kind;
    bool in_path;
    double least, most;   /**< of INT and NUMBER; most of TEXT and IDS */
    const char *fallback; /**< taken when not given; NULL = none */
    const char *choices;  /**< "gaps|pairs" */
    const char *doc;
    bool required; /**< in the query */
} seine_param;

#define SEINE_PARAMS_MAX 16

/** A column of a list: how it is named and typed in answers, and where it comes from. */
typedef struct seine_field {
    const char *name;
    seine_type type;
    const char *sql; /**< expression over the list's tables; NULL in routes of look-ups */
    bool nullable;
    const char *doc;
} seine_field;

enum {
    SEINE_ROUTE_OPEN = 1,   /**< needs no token */
    SEINE_ROUTE_DIRECT = 2, /**< answered in the thread that accepts connections: never asks the lake */
    SEINE_ROUTE_HIDDEN = 4, /**< a page, not part of the OpenAPI document */
    SEINE_ROUTE_PURE = 16,  /**< made from the rows of its only table, and from nothing else that changes */
    SEINE_ROUTE_LIVE = 8,   /**< changes without a commit: no ETag, never cached */
    SEINE_ROUTE_POST = 32,  /**< is sent something, by POST only, and answers 204 */
    SEINE_ROUTE_EXISTS = 64 /**< HEAD asks whether it is there: 204 */
};

#define SEINE_ROUTE_TABLES_MAX 6

typedef struct seine_route {
    const char *pattern; /**< "/api/v1/vessels/{mmsi}/history" */
    const char *name;    /**< operationId and label in metrics */
    const char *summary;
    const seine_param *params;
    size_t param_count;
    unsigned formats;         /**< 0: content_type */
    const char *content_type; /**< when formats is 0 */
    unsigned flags;
    const char *tables[SEINE_ROUTE_TABLES_MAX]; /**< what the answer depends on; "*" = every table of the lake */
    const char *rows_name;                      /**< member of the JSON answer that holds the rows; NULL = none */
    const seine_field *fields;                  /**< of a row */
    size_t field_count;
    const char *members; /**< further members of the JSON answer: text of a JSON Schema "properties" object; or NULL */
    seine_status (*run)(seine_call *call, seine_error *error);
} seine_route;

/** A part of the table of routes. */
typedef struct seine_route_list {
    const seine_route *routes;
    size_t count;
} seine_route_list;

/** The table of routes, in parts; the first pattern that fits wins. */
typedef struct seine_routes {
    const seine_route_list *lists;
    size_t list_count;
} seine_routes;

/** Number of routes, and the route of a number in [0, count). */
size_t seine_route_count(const seine_routes *routes);
const seine_route *seine_route_numbered(const seine_routes *routes, size_t index);

/**
 * Finds the route of a decoded path. @p values receives the texts of the pattern's {names} in order (borrowed from @p
 * path), at most SEINE_PARAMS_MAX. @return the index, or SIZE_MAX.
 */
size_t seine_route_find(const seine_routes *routes, seine_str path, seine_str values[SEINE_PARAMS_MAX]);
/** Whether a path fits one pattern. */
bool seine_route_fits(const char *pattern, seine_str path, seine_str values[SEINE_PARAMS_MAX]);

#endif
