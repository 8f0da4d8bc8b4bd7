/** Random sources of fixes for the law test, what each fix carries, and which of them win: plain arrays. */
#ifndef SEINE_TESTS_LAW_SUPPORT_H
#define SEINE_TESTS_LAW_SUPPORT_H

#include "base/arena.h"
#include "base/time.h"
#include "refresh/job.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define MOVERS 6 /* more than a list of names in a WHERE may have */
#define SOURCES 32
#define FIXES 12
#define DAYS 16 /* day numbers 1 … 15 */
#define ROWS_MAX (SOURCES * FIXES)

/* ---- chance ---- */

static uint32_t chance(uint64_t *seed, uint32_t below) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % below;
}

/* ---- sources ---- */

typedef struct fix {
    uint32_t mover;
    int64_t time_us;
    uint32_t source;
} fix;

typedef struct source {
    bool is_live;
    fix fixes[FIXES];
    size_t count;
} source;

static seine_str mover_name(uint32_t mover) {
    static const char *const names[MOVERS] = {"200", "3", "31", "4", "57", "99"};
    return seine_str_of(names[mover]);
}

static int compare_fix(const void *a, const void *b) {
    const fix *l = a, *r = b;
    if (l->mover != r->mover) return l->mover < r->mover ? -1 : 1;
    if (l->time_us != r->time_us) return l->time_us < r->time_us ? -1 : 1;
    return (l->source > r->source) - (l->source < r->source);
}

/* One fix per (mover, time); the smallest source wins. @return how many are in @p silver. */
static size_t winners_of(const source *sources, fix *silver) {
    size_t n = 0;
    for (size_t s = 0; s < SOURCES; s++)
        for (size_t i = 0; sources[s].is_live && i < sources[s].count; i++) silver[n++] = sources[s].fixes[i];
    qsort(silver, n, sizeof *silver, compare_fix);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const fix *f = &silver[i];
        if (kept > 0 && silver[kept - 1].mover == f->mover && silver[kept - 1].time_us == f->time_us) continue;
        silver[kept++] = *f;
    }
    return kept;
}

/* What a fix carries depends on its source, so that a replaced source is seen even with equal times: of some pairs of
 * sources only by a text. */
static double lat_of(const fix *f) { return f->source % 5 == 0 ? 0.0 : 10.0 + f->source % 3; }
static double lon_of(const fix *f) { return (double)(f->time_us / SEINE_HOUR_US % 170); }
static uint8_t receiver_of(const fix *f) { return (uint8_t)((uint64_t)(f->time_us / SEINE_HOUR_US) % 4); }
static seine_str receiver_text(const fix *f) {
    static const char *const names[] = {NULL, "terrestrial", "satellite", "dynamic"};
    const char *name = names[receiver_of(f)];
    return name != NULL ? seine_str_of(name) : (seine_str){NULL, 0};
}
static double shore_of(const fix *f) { return f->source % 3 == 0 ? (double)NAN : 100.0 * (f->source % 3); }

/* Unknown, stopped, slow enough to fish, or faster. */
static inline double speed_of(const fix *f) {
    const int64_t kind = (f->source * 7 + f->time_us / SEINE_HOUR_US) % 9;
    return kind == 0 ? (double)NAN : 2.5 * (double)(kind - 1);
}
static inline seine_str name_of(const fix *f) {
    static const char *const names[] = {NULL, "ANNA", "BELLA", "CLARA'S", "DORA", "ANNA"};
    const char *name = names[(f->source + f->mover) % 6];
    return name != NULL ? seine_str_of(name) : (seine_str){NULL, 0};
}
/* -1 = unknown. */
static inline int32_t type_of(const fix *f) { return f->source % 4 == 0 ? -1 : 60 + (int32_t)(f->source % 10); }

static seine_payload payload_of(const fix *f, seine_arena *arena) {
    char *msgid = seine_arena_printf(arena, "m%u-%lld", f->source, (long long)f->time_us);
    return (seine_payload){{receiver_text(f), seine_str_of(msgid), {NULL, 0}, SEINE_STR("A")},
                           {shore_of(f), (double)NAN}};
}

/* ---- how they change ---- */

/* Within so many days; a wild one is scattered over all of them. */
static void random_source(source *s, uint32_t name, uint32_t days, uint64_t *seed, bool is_wild) {
    static const int shifts[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 1, 2};
    const int64_t base = 1 + chance(seed, days);
    s->is_live = true;
    s->count = (is_wild ? 0 : 1) + chance(seed, is_wild ? 9 : FIXES);
    for (size_t i = 0; i < s->count; i++) {
        const int64_t day = is_wild ? 1 + (int64_t)chance(seed, days) : base + shifts[chance(seed, 12)];
        const int64_t quarter = chance(seed, 96);
        s->fixes[i] = (fix){chance(seed, MOVERS), day * SEINE_DAY_US + quarter * 900 * SEINE_SECOND_US, name};
    }
}

/* A new source, one that goes, or one that is replaced. */
static void change_sources(source *sources, size_t step, uint32_t days, uint64_t *seed) {
    const uint32_t choice = chance(seed, 100);
    const uint32_t any = chance(seed, (uint32_t)step + 1);
    if (choice < 65 || step == 0)
        random_source(&sources[step], (uint32_t)step, days, seed, false);
    else if (choice < 85)
        sources[any].is_live = false;
    else
        random_source(&sources[any], any, days, seed, true);
}

#endif
