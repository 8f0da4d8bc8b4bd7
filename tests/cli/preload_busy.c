/*
 * Preloaded before SQLite: a catalog that somebody else keeps locked. SEINE_BUSY_FROM=N SEINE_BUSY_TIMES=M: the Nth
 * transaction that writes (first is 1) is told "busy" M times before it may begin.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUSY 5 /* SQLITE_BUSY */

typedef int (*exec_call)(void *, const char *, int (*)(void *, int, char **, char **), void *, char **);

static atomic_long begun, told;

int sqlite3_exec(void *db, const char *sql, int (*row)(void *, int, char **, char **), void *context, char **error) {
    const char *from = getenv("SEINE_BUSY_FROM"), *times = getenv("SEINE_BUSY_TIMES");
    const exec_call real = (exec_call)(uintptr_t)dlsym(RTLD_NEXT, "sqlite3_exec");
    if (from != NULL && times != NULL && strcmp(sql, "BEGIN IMMEDIATE") == 0) {
        const long now = atomic_load(&told) > 0 ? strtol(from, NULL, 10) : atomic_fetch_add(&begun, 1) + 1;
        if (now == strtol(from, NULL, 10) && atomic_fetch_add(&told, 1) < strtol(times, NULL, 10)) return BUSY;
    }
    return real(db, sql, row, context, error);
}
