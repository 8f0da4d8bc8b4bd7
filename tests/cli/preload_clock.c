/*
 * Preloaded: the clock on the wall is an hour ahead, and is set back to the right time in mid-work.
 *
 *     SEINE_CLOCK_BACK=FILE   set back as soon as FILE is there
 *     SEINE_CLOCK_BACK=N      set back after the Nth look at it
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define AHEAD_S 3600

typedef int (*clock_call)(clockid_t, struct timespec *);

static atomic_long looks;

static bool is_ahead(void) {
    const char *back = getenv("SEINE_CLOCK_BACK");
    if (back == NULL) return false;
    if (back[0] == '/') return access(back, F_OK) != 0;
    return atomic_fetch_add(&looks, 1) < strtol(back, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    const clock_call real = (clock_call)(uintptr_t)dlsym(RTLD_NEXT, "clock_gettime");
    const int code = real(clock, now);
    if ((clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) && is_ahead()) now->tv_sec += AHEAD_S;
    return code;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec exact;
    const int code = clock_gettime(CLOCK_REALTIME, &exact);
    *now = (struct timeval){.tv_sec = exact.tv_sec, .tv_usec = exact.tv_nsec / 1000};
    return code;
}

time_t time(time_t *to) {
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (to != NULL) *to = now.tv_sec;
    return now.tv_sec;
}
