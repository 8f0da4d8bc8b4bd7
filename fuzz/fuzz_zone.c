/* links: base */
/* Files of time zones: any bytes end in a status; what is read gives one moment, of which the clock shows that time. */
#include "base/zone.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    seine_arena arena = {NULL, 0};
    const seine_zone *zone = NULL;
    const int64_t step_us = INT64_C(1234567890123);
    const seine_status status = seine_zone_read((seine_str){(const char *)data, size}, "Fuzz", &arena, &zone, NULL);
    if ((status == SEINE_OK) != (zone != NULL)) abort();
    for (int64_t local_us = -2000 * step_us; zone != NULL && local_us < 200000 * step_us; local_us += 97 * step_us) {
        int64_t time_us = 0;
        if (!seine_zone_moment(zone, local_us, &time_us)) continue;
        if (llabs(local_us - time_us) > INT64_C(26) * 3600 * 1000000) abort();
    }
    seine_arena_free(&arena);
    return 0;
}
