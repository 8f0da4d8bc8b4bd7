/**
 * @file refresh/vessels.h
 * Which class ref.vessels tells of an id, by the year of a day: that of the row whose vessel_id it is, else of those
 * that have it as ssvid, if they agree. Rows are taken as the latest word has them, classes as gears
 * (seine/fishing_score.h); a class that is none of these tells nothing.
 */
#ifndef SEINE_REFRESH_VESSELS_H
#define SEINE_REFRESH_VESSELS_H

#include "base/arena.h"
#include "base/hash.h"
#include "engine/engine.h"
#include "table/catalog/catalog.h"

typedef struct seine_vessel_class seine_vessel_class;
typedef struct seine_vessel_classes seine_vessel_classes;

/** Zeroed = nothing is told. Immutable once loaded: several threads may read it. */
typedef struct seine_vessels {
    seine_arena arena;           /**< everything below */
    seine_vessel_class *classes; /**< by id, then year */
    size_t count;
    seine_vessel_classes *sums; /**< by year, then bucket: what is told of its ids */
    size_t sum_count;
} seine_vessels;

/** Reads ref.vessels as it is now. @p vessels must be zeroed, and be freed in every case. @return OK, E_NOMEM, what
 * catalog and engine returned. */
SEINE_MUST_USE seine_status seine_vessels_load(seine_catalog *catalog, seine_engine *engine, seine_vessels *vessels,
                                               seine_error *error);
void seine_vessels_free(seine_vessels *vessels);
/** @return the seine_fishing_gear of an id on a day; negative = nothing is told. */
int32_t seine_vessels_gear(const seine_vessels *vessels, seine_str id, int32_t day);
/** Hash of all that is told of ids of a bucket on a day; zero = nothing. */
seine_hash128 seine_vessels_hash(const seine_vessels *vessels, int32_t bucket, int32_t day);

#endif
