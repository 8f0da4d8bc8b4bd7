/*
 * Preloaded before SQLite: a catalog that others write to, and a process that sleeps at the wrong moment.
 *
 *     SEINE_BUSY_FROM=N SEINE_BUSY_TIMES=M   the Nth transaction that writes (first is 1) is told "busy" M times before
 *                                            it may begin
 *     SEINE_BUSY_HASTE=1                     SQLite waits for no lock by itself: what waits is the program
 *     SEINE_BUSY_SKIP=S                      each "busy" takes S seconds, by the monotonic clock
 *     SEINE_BUSY_STOP=N                      the process stops itself (SIGSTOP) before the Nth transaction that writes
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUSY 5 /* SQLITE_BUSY */

typedef int (*exec_call)(void *, const char *, int (*)(void *, int, char **, char **), void *, char **);
typedef int (*timeout_call)(void *, int);
typedef int (*clock_call)(clockid_t, struct timespec *);
#define REAL(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))

static atomic_long begun, told, skipped;

static long number(const char *name) {
    const char *text = getenv(name);
    return text != NULL ? strtol(text, NULL, 10) : 0;
}

static int busy(void) {
    atomic_fetch_add(&skipped, number("SEINE_BUSY_SKIP"));
    return BUSY;
}

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *context, char **error) {
    const exec_call real = REAL(exec_call, "sqlite3_exec");
    if (strcmp(sql, "BEGIN IMMEDIATE") == 0) {
        const long from = number("SEINE_BUSY_FROM"), times = number("SEINE_BUSY_TIMES");
        const long now = atomic_load(&told) > 0 ? from : atomic_fetch_add(&begun, 1) + 1;
        if (now == from && atomic_fetch_add(&told, 1) < times) return busy();
        if (now == number("SEINE_BUSY_STOP")) (void)raise(SIGSTOP);
    }
    const int code = real(db, sql, row, context, error);
    return (code & 0xff) == BUSY ? busy() : code;
}

int sqlite3_busy_timeout(void *db, int ms) {
    return REAL(timeout_call, "sqlite3_busy_timeout")(db, number("SEINE_BUSY_HASTE") == 1 ? 0 : ms);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    const int code = REAL(clock_call, "clock_gettime")(clock, now);
    if (clock == CLOCK_MONOTONIC) now->tv_sec += atomic_load(&skipped);
    return code;
}
