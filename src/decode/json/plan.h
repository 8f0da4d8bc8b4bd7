/**
 * @file decode/json/plan.h
 * Which key of an object is which column of a dataset. Pure.
 *
 * A key is matched with the names of columns as fields of a CSV header are: exactly, then without case, then without
 * blanks, points, hyphens and underscores; a point in a name leads into an object. A plan of names alone knows them
 * exactly only. Keys mostly come in the order of the object before, so the key that followed the last one is tried
 * first.
 */
#ifndef SEINE_DECODE_JSON_PLAN_H
#define SEINE_DECODE_JSON_PLAN_H

#include "base/dict.h"
#include "columns/dataset.h"

#define SEINE_JSON_NO_COLUMN SEINE_DATASET_COLUMNS_MAX
#define SEINE_JSON_NO_BRANCH UINT16_MAX /**< what lies in it is no column's */
#define SEINE_JSON_NO_RANK UINT8_MAX

/** What a key means. */
typedef struct seine_json_field {
    uint8_t column; /**< index in silver, or SEINE_JSON_NO_COLUMN */
    uint8_t rank;   /**< of two keys for one column the one of the smaller rank is taken */
    uint16_t node;  /**< where the keys of an object under this key are looked for, or SEINE_JSON_NO_BRANCH */
} seine_json_field;

/** A known key; those of a node are numbered. */
typedef struct seine_json_known_key {
    seine_json_field field;
    uint32_t next; /**< the key that came behind it last, or SEINE_CODE_NULL */
} seine_json_known_key;

/** A column's name, or what is left of it behind its points. */
typedef struct seine_json_name {
    const char *text;
    uint8_t column, rank;
} seine_json_name;

/** Keys of the objects at one place. */
typedef struct seine_json_branch {
    seine_dict texts; /**< without quotes → keys */
    seine_json_known_key *keys;
    size_t key_capacity;
    uint32_t first; /**< as seine_json_known_key.next */
    seine_json_name *names;
    size_t name_count;
} seine_json_branch;

typedef struct seine_json_plan {
    seine_json_branch **nodes; /**< the first is of whole records */
    size_t count, capacity;
    bool is_exact; /**< names are keys to the letter, and lead nowhere */
} seine_json_plan;

/** @return OK, E_NOMEM; free the plan in either case. */
SEINE_MUST_USE seine_status seine_json_plan_init(seine_json_plan *plan, const seine_dataset *dataset);
/** Name @p i, of at most SEINE_DATASET_COLUMNS_MAX, is the key of column i. @return OK, E_NOMEM; free the plan in
 * either case. */
SEINE_MUST_USE seine_status seine_json_plan_names(seine_json_plan *plan, const char *const *names, size_t count);
void seine_json_plan_free(seine_json_plan *plan);

/**
 * Looks for a key. @p code gets its number in the node, or SEINE_CODE_NULL when there are too many to remember it.
 * @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_json_plan_find(seine_json_plan *plan, uint16_t node, seine_str key, uint32_t *code,
                                                 seine_json_field *field);

#endif
