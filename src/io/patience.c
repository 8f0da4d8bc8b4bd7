/* Patience with servers that say "later". */
#include "io/patience.h"

#include "base/try.h"
#include "io/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define WAIT_MAX_US INT64_C(60000000)
#define RETRY_AFTER_MAX_US INT64_C(600000000)

bool seine_http_code_is_passing(int code) {
    return code == 408 || code == 425 || code == 429 || (code >= 500 && code != 501 && code != 505);
}

int64_t seine_backoff_us(int64_t first_us, int tries, int64_t most_us) {
    uint16_t chance = 0;
    int64_t wait_us = first_us;
    for (int i = 0; i < tries && wait_us < most_us; i++) wait_us *= 2;
    if (wait_us > most_us) wait_us = most_us;
    seine_best_effort(seine_random_bytes(&chance, sizeof chance, NULL));
    return wait_us / 2 + wait_us * chance / UINT16_MAX;
}

seine_status seine_http_wait(const seine_progress *progress, int64_t backoff_us, int tries, int64_t retry_after_us,
                             seine_error *error) {
    if (retry_after_us > RETRY_AFTER_MAX_US) {
        char former[700];
        snprintf(former, sizeof former, "%.*s", 600, error != NULL ? error->text : "");
        return seine_fail(error, SEINE_E_LIMIT, "%s; it asks to come back in %" PRId64 " s", former,
                          retry_after_us / 1000000);
    }
    int64_t wait_us = seine_backoff_us(backoff_us, tries, WAIT_MAX_US);
    if (wait_us < retry_after_us) wait_us = retry_after_us;
    return seine_clock_pause(progress, wait_us) ? SEINE_OK : seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
}
