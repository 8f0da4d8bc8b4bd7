/** @file engine/region_cut.h  Areas cut into cells of whole degrees, for look-ups by cell. */
#ifndef SEINE_ENGINE_REGION_CUT_H
#define SEINE_ENGINE_REGION_CUT_H

#include "columns/region.h"

/** One piece of an area. @return whatever stops the others. */
typedef seine_status (*seine_region_visit)(void *context, int32_t cell, seine_str piece);
/**
 * Cuts an area without a fault into pieces; a cell that is not visited has none of it, one that is visited more than
 * once has several polygons of it. @p arena is scratch. @return OK, E_NOMEM, E_LIMIT, what @p visit returned.
 */
SEINE_MUST_USE seine_status seine_region_cut(const seine_region *region, seine_arena *arena, seine_region_visit visit,
                                             void *context);

#endif
