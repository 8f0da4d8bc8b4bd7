/** @file serve/params.h  Parameters that several routes have, so that they mean the same everywhere. */
#ifndef SEINE_SERVE_PARAMS_H
#define SEINE_SERVE_PARAMS_H

#include "columns/dataset.h"
#include "serve/cursor.h"
#include "serve/request.h"
#include "serve/route.h"

#define P_AS_OF \
    { .name = "as_of", .kind = SEINE_PARAM_MOMENT, .most = 40, .doc = "the lake as of a snapshot id or an ISO time" }
#define P_LIMIT(default_rows, most_rows)                                                                       \
    {                                                                                                          \
        .name = "limit", .kind = SEINE_PARAM_INT, .least = 1, .most = (most_rows), .fallback = (default_rows), \
        .doc = "rows of the answer at most"                                                                    \
    }
#define P_CURSOR                                                                     \
    {                                                                                \
        .name = "cursor", .kind = SEINE_PARAM_CURSOR, .most = SEINE_CURSOR_TEXT_MAX, \
        .doc = "where the page before ended; it stands in that answer's `next`"      \
    }
/** Member of the answers of lists. */
#define P_NEXT "\"next\":{\"type\":[\"string\",\"null\"]}"
#define P_BOX                                                                                 \
    {                                                                                         \
        .name = "bbox", .kind = SEINE_PARAM_BOX, .most = 120,                                 \
        .doc = "west,south,east,north in degrees; west greater than east crosses 180 degrees" \
    }
#define P_DATASET                                                                                     \
    {                                                                                                 \
        .name = "dataset", .kind = SEINE_PARAM_TEXT, .in_path = true, .most = SEINE_DATASET_NAME_MAX, \
        .doc = "one of those that /api/v1/movers tells"                                               \
    }
#define SEINE_MOVER_ID_MAX 1024 /* bytes of an id that is asked for */
#define P_MOVER \
    { .name = "id", .kind = SEINE_PARAM_TEXT, .in_path = true, .most = SEINE_MOVER_ID_MAX, .doc = "id of the mover" }
#define SEINE_MOVER_IDS_MAX 200 /* of a list of them */
#define P_MOVER_IDS(is_required)                                                                                     \
    {                                                                                                                \
        .name = "ids", .kind = SEINE_PARAM_TEXT, .most = SEINE_TARGET_MAX, .required = (is_required),                \
        .doc = "ids, separated by commas, at most 200; a comma or backslash of an id has a backslash in front of it" \
    }
#define P_ONE_MOVER \
    { .name = "id", .kind = SEINE_PARAM_TEXT, .most = SEINE_MOVER_ID_MAX, .doc = "only this mover" }
#define P_PATH_ID \
    { .name = "mmsi", .kind = SEINE_PARAM_ID, .in_path = true, .doc = "vessel id" }
#define P_ID \
    { .name = "mmsi", .kind = SEINE_PARAM_ID, .doc = "only this vessel" }
#define P_START \
    { .name = "start", .kind = SEINE_PARAM_TIME, .doc = "from this time on, ISO-8601" }
#define P_END \
    { .name = "end", .kind = SEINE_PARAM_TIME, .doc = "before this time, ISO-8601: the span does not hold it" }
#define P_SEARCH \
    { .name = "q", .kind = SEINE_PARAM_TEXT, .most = 100, .doc = "part of an id, name or code, in any case of letters" }
#define P_TOLERANCE                                                                                      \
    {                                                                                                    \
        .name = "tolerance_m", .kind = SEINE_PARAM_NUMBER, .least = 0, .most = 1000000, .fallback = "0", \
        .doc = "points are left out while the line stays within this many metres; 0 keeps all"           \
    }

#define P_GATE                                                                                                         \
    {                                                                                                                  \
        .name = "gate_kn", .kind = SEINE_PARAM_NUMBER, .least = 0, .most = 100000,                                     \
        .doc = "knots: what would have gone faster is another way, or a jump and left out; 0: nothing is; not given: " \
               "as the dataset says"                                                                                   \
    }

#define SEINE_COUNT(array) (sizeof(array) / sizeof *(array))
#define SEINE_PARAMS(list) .params = (list), .param_count = SEINE_COUNT(list)
#define SEINE_FIELDS(list) .fields = (list), .field_count = SEINE_COUNT(list)

#endif
