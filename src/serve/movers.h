/**
 * @file serve/movers.h
 * What a route has to know of the movers that it tells of: the tables and columns of a dataset. The routes of vessels
 * are those of ships, whose gold tables are models of their own; the tables of any other dataset are made of templates
 * (models/movers).
 */
#ifndef SEINE_SERVE_MOVERS_H
#define SEINE_SERVE_MOVERS_H

#include "serve/call.h"

typedef enum seine_movers_table {
    SEINE_MOVERS_SILVER,   /**< fixes */
    SEINE_MOVERS_GAPS,     /**< silences */
    SEINE_MOVERS_DAYS,     /**< one mover on one day */
    SEINE_MOVERS_LAST,     /**< what each told last */
    SEINE_MOVERS_TRAFFIC,  /**< fixes of each hour */
    SEINE_MOVERS_DENSITY,  /**< fixes of each hour and cell of the map */
    SEINE_MOVERS_POINTS,   /**< thinned fixes in the order of the map */
    SEINE_MOVERS_SEGMENTS, /**< fixes and the segments that they belong to */
    SEINE_MOVERS_FISHING,  /**< published events of fishing */
    SEINE_MOVERS_TABLES
} seine_movers_table;

/** A measure of a point on the map: what a tile calls it, and its column. */
typedef struct seine_movers_tag {
    const char *name, *column;
} seine_movers_tag;

/** Lies in the call's arena with all it points to. */
typedef struct seine_movers {
    const seine_dataset *dataset;
    int64_t watermark_us; /**< of the dataset; INT64_MIN = nothing was ever ingested */
    const char *key;      /**< what an id is called in answers: mmsi by the routes of vessels, else id */
    seine_str wanted;     /**< the id that is asked for, in its canonical form; size 0 = none is */
    bool are_vessels;     /**< asked for by the routes of vessels, whose answers know their names */
    const char *tables[SEINE_MOVERS_TABLES];
    const char *id, *time, *lat, *lon;              /**< columns of silver, and of the tables that have them */
    const char *speed;                              /**< of silver: the first measure that is a speed; "" = none is */
    const char *first_time, *last_time;             /**< of DAYS */
    const char *last_prefix;                        /**< in front of columns of silver in LAST */
    const char *point_time, *point_lat, *point_lon; /**< of POINTS */
    seine_movers_tag tags[SEINE_DATASET_MEASURES_MAX];
    size_t tag_count;
    int64_t break_us; /**< a longer silence is no line on the map */
} seine_movers;

/**
 * The movers that the request is about: of its parameter `dataset`, or ships when the route has none.
 * @return OK; E_NOT_FOUND the lake has no such dataset (with a hint); E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_call_movers(seine_call *call, seine_movers *movers, seine_error *error);
/** The movers of a dataset of that name; none of them is asked for. @return as seine_call_movers. */
SEINE_MUST_USE seine_status seine_movers_of(seine_call *call, seine_str dataset, seine_movers *movers,
                                            seine_error *error);
/** As seine_call_need, of a table of theirs: E_NOT_FOUND also tells that the dataset's description leaves it out. */
SEINE_MUST_USE seine_status seine_movers_need(seine_call *call, const seine_movers *movers, seine_movers_table table,
                                              seine_error *error);
/** Whether the table is there and has been written. */
bool seine_movers_have(const seine_call *call, const seine_movers *movers, seine_movers_table table);
/** Whether a track is one of a segment: the lake makes segments of these movers, and has made some. */
bool seine_movers_by_segment(const seine_call *call, const seine_movers *movers);
/**
 * The ids of the request's parameter `ids` (P_MOVER_IDS) in their canonical form, in the call's arena.
 * @return OK; E_USAGE: more than @p most; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_movers_ids(seine_call *call, const seine_movers *movers, size_t most,
                                             const seine_str **ids, size_t *count, seine_error *error);
/** The last day that has data, as days since 1970. */
int32_t seine_movers_today(const seine_movers *movers);
/** Gives the call fields of its own, in which those of the route that have no SQL are the id of @p alias.
 * @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_movers_fields(seine_call *call, const seine_movers *movers, const char *alias,
                                                seine_error *error);

#endif
