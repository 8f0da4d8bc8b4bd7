/* Time and chance from the system. */
#include "io/clock.h"

#include "base/time.h"
#include "base/try.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define LOOK_US INT64_C(50000) /* between two looks at the stop */

static int64_t read_clock_us(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * SEINE_SECOND_US + now.tv_nsec / 1000;
}

int64_t seine_clock_now_us(void) {
    const char *fixed = getenv("SEINE_NOW");
    int64_t now_us = 0;
    if (fixed != NULL && seine_time_parse(seine_str_of(fixed), &now_us)) return now_us;
    return read_clock_us(CLOCK_REALTIME);
}

int64_t seine_clock_wall_us(void) { return read_clock_us(CLOCK_REALTIME); }

int64_t seine_clock_monotonic_us(void) { return read_clock_us(CLOCK_MONOTONIC); }

bool seine_clock_condition(pthread_cond_t *condition) {
    pthread_condattr_t clock;
    if (pthread_condattr_init(&clock) != 0) return false;
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    const bool ok = pthread_cond_init(condition, &clock) == 0;
    (void)pthread_condattr_destroy(&clock);
    return ok;
}

bool seine_clock_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t wait_us) {
    const int64_t until_us = seine_clock_monotonic_us() + wait_us;
    const struct timespec until = {.tv_sec = (time_t)(until_us / SEINE_SECOND_US),
                                   .tv_nsec = (long)(until_us % SEINE_SECOND_US) * 1000};
    return pthread_cond_timedwait(condition, mutex, &until) != ETIMEDOUT;
}

bool seine_clock_pause(const seine_progress *progress, int64_t wait_us) {
    const int64_t until_us = seine_clock_monotonic_us() + wait_us;
    for (int64_t left_us = wait_us; left_us > 0; left_us = until_us - seine_clock_monotonic_us()) {
        if (seine_progress_stopped(progress)) return false;
        const int64_t slice_us = left_us < LOOK_US ? left_us : LOOK_US;
        (void)nanosleep(&(struct timespec){.tv_nsec = (long)(slice_us * 1000)}, NULL);
    }
    return !seine_progress_stopped(progress);
}

seine_status seine_random_bytes(void *bytes, size_t size, seine_error *error) {
    uint8_t *p = bytes;
    while (size > 0) {
        const ssize_t got = getrandom(p, size, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return seine_fail(error, SEINE_E_IO, "system random source: %s", strerror(errno));
        p += got;
        size -= (size_t)got;
    }
    return SEINE_OK;
}

seine_status seine_uuid4(char text[37], seine_error *error) {
    uint8_t b[16];
    SEINE_TRY(seine_random_bytes(b, sizeof b, error));
    b[6] = (uint8_t)((b[6] & 0x0F) | 0x40); /* version 4 */
    b[8] = (uint8_t)((b[8] & 0x3F) | 0x80); /* RFC 9562 variant */
    snprintf(text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
             b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
    return SEINE_OK;
}
