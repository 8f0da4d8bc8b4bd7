/*
 * Preloaded: what is waited for comes SEINE_HASTE times as soon, by the monotonic clock and in sleeps, so that a test
 * of a wait need not take as long as the wait.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define BILLION INT64_C(1000000000)

typedef int (*clock_call)(clockid_t, struct timespec *);
typedef int (*sleep_call)(const struct timespec *, struct timespec *);

static _Atomic int64_t begin_ns;

static int64_t haste(void) {
    const char *text = getenv("SEINE_HASTE");
    const long value = text != NULL ? strtol(text, NULL, 10) : 1;
    return value > 1 ? value : 1;
}

static int64_t ns_of(const struct timespec *time) { return (int64_t)time->tv_sec * BILLION + time->tv_nsec; }

static struct timespec time_of(int64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / BILLION), .tv_nsec = (long)(ns % BILLION)};
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    const clock_call real = (clock_call)(uintptr_t)dlsym(RTLD_NEXT, "clock_gettime");
    const int result = real(clock, time);
    if (result != 0 || clock != CLOCK_MONOTONIC) return result;
    const int64_t now = ns_of(time);
    int64_t begin = 0;
    if (atomic_compare_exchange_strong(&begin_ns, &begin, now)) begin = now;
    *time = time_of(begin + (now - begin) * haste());
    return 0;
}

int nanosleep(const struct timespec *time, struct timespec *left) {
    const sleep_call real = (sleep_call)(uintptr_t)dlsym(RTLD_NEXT, "nanosleep");
    const struct timespec less = time_of(ns_of(time) / haste());
    return real(&less, left);
}

int usleep(useconds_t us) {
    const struct timespec time = time_of((int64_t)us * 1000);
    return nanosleep(&time, NULL);
}
