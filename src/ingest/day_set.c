#include "ingest/day_set.h"

#include "base/array.h"

#include <string.h>

#define DAYS_MAX ((size_t)1 << 24)

/* Place of the first day that is not before it. */
static size_t place_of(const seine_day_set *set, int32_t day) {
    size_t low = 0, high = set->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (set->days[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool seine_day_set_has(const seine_day_set *set, int32_t day) {
    const size_t at = place_of(set, day);
    return at < set->count && set->days[at] == day;
}

seine_status seine_day_set_add(seine_day_set *set, int32_t day) {
    if (seine_day_set_has(set, day)) return SEINE_OK;
    if (SEINE_ARRAY_ROOM(set->days, set->count, set->capacity, 1, DAYS_MAX) != SEINE_OK) return SEINE_E_NOMEM;
    const size_t at = place_of(set, day);
    memmove(set->days + at + 1, set->days + at, (set->count - at) * sizeof *set->days);
    set->days[at] = day;
    set->count++;
    return SEINE_OK;
}
