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

seine_status seine_http_wait(const seine_progress *progress, int64_t backoff_us, int tries, int64_t retry_after_us,
                             seine_error *error) {
    uint16_t chance = 0;
    int64_t wait_us = backoff_us;
    if (retry_after_us > RETRY_AFTER_MAX_US) {
        char former[700];
        snprintf(former, sizeof former, "%.*s", 600, error != NULL ? error->text : "");
        return seine_fail(error, SEINE_E_LIMIT, "%s; it asks to come back in %" PRId64 " s", former,
                          retry_after_us / 1000000);
    }
    for (int i = 0; i < tries && wait_us < WAIT_MAX_US; i++) wait_us *= 2;
    if (wait_us > WAIT_MAX_US) wait_us = WAIT_MAX_US;
    SEINE_TRY(seine_random_bytes(&chance, sizeof chance, error));
    wait_us = wait_us / 2 + wait_us * chance / UINT16_MAX; /* so that many clients do not come back together */
    if (wait_us < retry_after_us) wait_us = retry_after_us;
    return seine_clock_pause(progress, wait_us) ? SEINE_OK : seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
}
