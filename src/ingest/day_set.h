/** @file ingest/day_set.h  A set of days. */
#ifndef SEINE_INGEST_DAY_SET_H
#define SEINE_INGEST_DAY_SET_H

#include "seine/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Zeroed = empty; days are freed with free(). */
typedef struct seine_day_set {
    int32_t *days; /**< ascending */
    size_t count, capacity;
} seine_day_set;

SEINE_MUST_USE seine_status seine_day_set_add(seine_day_set *set, int32_t day);
bool seine_day_set_has(const seine_day_set *set, int32_t day);

#endif
