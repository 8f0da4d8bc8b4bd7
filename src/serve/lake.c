/*
 * Views of the lake, and noticing commits.
 *
 *     peek:     watch lock → data version the same? → view            (microseconds, in the accepting threads)
 *     current:  load lock → data version v → pointers → load what moved → watch lock → view, v
 *
 * The version is read before the pointers: a commit in between is then seen as one more change, never missed. Two
 * connections, so that nobody who peeks waits for a load.
 */
#include "serve/lake.h"

#include "base/time.h"
#include "io/store/store.h"
#include "base/try.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PAST_VIEWS 8

/* A loaded table, shared by the views it is the same in. */
typedef struct held_table {
    atomic_size_t references;
    seine_table *table;
    const seine_live_file *files;
    size_t file_count;
} held_table;

/* A view and what it holds; `shown` comes first, so that a pointer to it is one to this. */
typedef struct held_view {
    seine_view shown;
    atomic_size_t references;
    seine_arena arena;
    held_table **held;  /* as shown.tables */
    int64_t at_time_us; /* 0 = the present */
    bool is_passing;    /* a table could not be read now, and maybe can be soon */
} held_view;

/* Which file a path leads to. */
typedef struct file_id {
    uint64_t device, number;
} file_id;

struct seine_lake {
    char *path;       /* absolute; outlives every connection */
    char *name;       /* of the catalog; as path */
    char *file;       /* that makes its folder a lake */
    file_id id;       /* of the catalog that is open; the watching thread's */
    atomic_bool lost; /* another one, or none, lies at the path */
    pthread_mutex_t watch, load;
    seine_catalog *watching, *loading; /* connections, each under its mutex */
    held_view *view;                   /* under watch */
    int64_t version;                   /* under watch */
    held_view *past[PAST_VIEWS];       /* under load; newest first */
};

/* ---- counting ---- */

static void drop_table(held_table *held) {
    if (held == NULL || atomic_fetch_sub(&held->references, 1) != 1) return;
    seine_table_close(held->table);
    free(held);
}

static void drop_view(held_view *view) {
    if (view == NULL || atomic_fetch_sub(&view->references, 1) != 1) return;
    for (size_t i = 0; i < view->shown.table_count; i++) drop_table(view->held[i]);
    seine_arena_free(&view->arena);
    free(view);
}
SEINE_OWNED_POINTER(held_view, drop_view);

static const seine_view *share(held_view *view) {
    atomic_fetch_add(&view->references, 1);
    return &view->shown;
}

void seine_view_release(const seine_view *view) { drop_view((held_view *)(uintptr_t)view); }

/* ---- loading ---- */

/* Built-in tables and those of models, without the states of detectors; somebody else's may be of kinds not read here.
 */
static bool is_shown(const char *name) {
    if (strncmp(name, "state.", 6) == 0) return false;
    return seine_schema_find(name) != NULL || strncmp(name, "gold.", 5) == 0;
}

static seine_status hold(seine_table *table, held_table **held, seine_error *error) {
    seine_table *owned SEINE_OWNED(seine_table_close_owned) = table;
    held_table *made SEINE_OWNED(seine_free_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "lake");
    SEINE_TRY(seine_table_files(table, &made->files, &made->file_count, error));
    atomic_init(&made->references, 1);
    made->table = SEINE_TAKE(owned);
    *held = SEINE_TAKE(made);
    return SEINE_OK;
}

/* The same state of the table in a former view, or NULL. */
static held_table *find_same(const held_view *former, const seine_pointer *pointer) {
    for (size_t i = 0; former != NULL && i < former->shown.table_count; i++) {
        const seine_table *table = former->shown.tables[i].table;
        if (strcmp(former->shown.tables[i].name, pointer->name) == 0 && former->shown.tables[i].snapshot_id != -1 &&
            strcmp(seine_table_pointer(table), pointer->location) == 0)
            return former->held[i];
    }
    return NULL;
}

static seine_status load_table(const held_view *former, const seine_pointer *pointer, seine_at at, held_table **held,
                               bool *is_made, seine_error *error) {
    *is_made = true;
    *held = find_same(former, pointer);
    if (*held != NULL) {
        atomic_fetch_add(&(*held)->references, 1);
        return SEINE_OK;
    }
    seine_table *table = NULL;
    const seine_status status = seine_table_open(pointer, at, &table, error);
    *is_made =
        status != SEINE_E_NOT_FOUND || at.time_us == 0; /* else it had no snapshot yet, or has none of that time */
    SEINE_TRY(*is_made ? status : seine_table_open(pointer, (seine_at){0}, &table, error));
    return hold(table, held, error);
}

static void show(held_view *view, seine_view_table *shown, held_table *held, bool is_made) {
    size_t count = 0;
    const seine_snapshot *snapshots = seine_table_snapshots(held->table, &count);
    *shown = (seine_view_table){.name = seine_table_name(held->table),
                                .table = held->table,
                                .schema = seine_table_schema_of(held->table),
                                .snapshot_id = is_made ? seine_table_snapshot_id(held->table) : -1};
    if (shown->snapshot_id != -1) {
        shown->files = held->files;
        shown->file_count = held->file_count;
    }
    for (size_t i = 0; i < count; i++)
        if (snapshots[i].id == shown->snapshot_id && snapshots[i].time_ms * 1000 > view->shown.committed_us)
            view->shown.committed_us = snapshots[i].time_ms * 1000;
}

/* A table that cannot be read must not keep the others from being served. What is wrong may pass: a file that is gone.
 */
static void note_broken(held_view *view, const char **broken, const seine_pointer *pointer, const seine_error *why) {
    if (why->status != SEINE_E_UNSUPPORTED) (void)fprintf(stderr, "seine serve: %s: %s\n", pointer->name, why->text);
    view->is_passing = view->is_passing || why->status == SEINE_E_IO || why->status == SEINE_E_NOT_FOUND;
    view->shown.broken_tag += seine_hash64(pointer->location, strlen(pointer->location));
    broken[view->shown.broken_count++] = pointer->name;
}

static seine_status load_tables(held_view *view, const held_view *former, const seine_pointer *pointers, size_t count,
                                seine_at at, seine_error *error) {
    seine_view_table *shown = SEINE_ARENA_ARRAY(&view->arena, seine_view_table, count);
    view->held = SEINE_ARENA_ARRAY(&view->arena, held_table *, count);
    const char **broken = SEINE_ARENA_ARRAY(&view->arena, const char *, count);
    if (shown == NULL || view->held == NULL || broken == NULL) return seine_no_memory(error, "lake");
    view->shown.tables = shown;
    view->shown.broken = broken;
    for (size_t i = 0; i < count; i++) {
        if (!is_shown(pointers[i].name)) continue;
        const size_t k = view->shown.table_count;
        bool is_made = true;
        seine_error why = {SEINE_OK, ""};
        const seine_status status = load_table(former, &pointers[i], at, &view->held[k], &is_made, &why);
        if (status == SEINE_E_NOMEM) return seine_fail(error, status, "%s", why.text);
        if (status != SEINE_OK) {
            note_broken(view, broken, &pointers[i], &why);
            continue;
        }
        show(view, &shown[k], view->held[k], is_made);
        view->shown.table_count++;
    }
    return SEINE_OK;
}

/* Greatest day that silver has in this view; INT32_MIN: none. */
static int32_t last_day(const seine_view *view) {
    const seine_view_table *silver = seine_view_find(view, "silver.ais");
    int32_t last = INT32_MIN;
    for (size_t i = 0; silver != NULL && i < silver->file_count; i++) {
        const seine_partition_value day = silver->files[i].file.partition[0];
        if (!day.is_null && day.value > last) last = day.value;
    }
    return last;
}

static void show_sources(held_view *view, const seine_source *sources, size_t count) {
    view->shown.watermark_us = seine_watermark_of(sources, count);
    for (size_t i = 0; i < count; i++) {
        if (sources[i].state != SEINE_SOURCE_LIVE) continue;
        view->shown.source_count++;
        view->shown.source_rows += sources[i].rows;
        view->shown.source_duplicates += sources[i].duplicates;
        view->shown.source_rejects += sources[i].rejects;
    }
    if (!view->shown.is_past) return;
    /* The ledger tells the present only: a past watermark is at most the end of the last day that silver had. */
    const int32_t day = last_day(&view->shown);
    const int64_t end_us = day != INT32_MIN ? seine_time_day_start_us(day + 1) : INT64_MIN;
    if (view->shown.watermark_us > end_us) view->shown.watermark_us = end_us;
}

/* Pointers and sources of one moment: a commit changes both. */
static seine_status read_catalog(seine_lake *lake, held_view *view, seine_arena *arena, seine_pointer **pointers,
                                 size_t *pointer_count, seine_source **sources, size_t *source_count,
                                 seine_error *error) {
    SEINE_TRY(seine_catalog_read_begin(lake->loading, error));
    seine_status status = seine_catalog_pointers(lake->loading, &view->arena, pointers, pointer_count, error);
    if (status == SEINE_OK) status = seine_ledger_sources(lake->loading, "ais", arena, sources, source_count, error);
    seine_catalog_read_end(lake->loading);
    return status;
}

/* Under the load mutex. */
static seine_status make_view(seine_lake *lake, const held_view *former, seine_at at, held_view **made,
                              seine_error *error) {
    *made = NULL;
    held_view *view SEINE_OWNED(drop_view_owned) = calloc(1, sizeof *view);
    if (view == NULL) return seine_no_memory(error, "lake");
    atomic_init(&view->references, 1);
    view->shown.buckets = seine_catalog_buckets(lake->loading);
    view->shown.committed_us = INT64_MIN;
    view->shown.is_past = at.time_us != 0;
    view->at_time_us = at.time_us;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_pointer *pointers = NULL;
    seine_source *sources = NULL;
    size_t count = 0, source_count = 0;
    SEINE_TRY(read_catalog(lake, view, &arena, &pointers, &count, &sources, &source_count, error));
    view->shown.pointers = pointers;
    view->shown.pointer_count = count;
    SEINE_TRY(load_tables(view, former, pointers, count, at, error));
    show_sources(view, sources, source_count);
    *made = SEINE_TAKE(view);
    return SEINE_OK;
}

/* ---- the current view ---- */

seine_status seine_lake_peek(seine_lake *lake, const seine_view **view, seine_error *error) {
    *view = NULL;
    int64_t version = 0;
    if (atomic_load(&lake->lost)) return seine_fail(error, SEINE_E_BUSY, "the lake was moved, removed or replaced");
    (void)pthread_mutex_lock(&lake->watch);
    const seine_status status = seine_catalog_version(lake->watching, &version, error);
    if (status == SEINE_OK && lake->view != NULL && version == lake->version) *view = share(lake->view);
    (void)pthread_mutex_unlock(&lake->watch);
    return status;
}

/* Under the load mutex. */
static seine_status renew(seine_lake *lake, const seine_view **view, seine_error *error) {
    int64_t version = 0;
    held_view *made = NULL, *former = NULL;
    (void)pthread_mutex_lock(&lake->watch);
    const seine_status status = seine_catalog_version(lake->watching, &version, error);
    former = lake->view; /* stays: only this function, under the load mutex, replaces it */
    (void)pthread_mutex_unlock(&lake->watch);
    SEINE_TRY(status);
    SEINE_TRY(make_view(lake, former, (seine_at){0}, &made, error));
    (void)pthread_mutex_lock(&lake->watch);
    lake->view = made;
    lake->version = made->is_passing ? -1 : version; /* the next request tries again */
    *view = share(made);
    (void)pthread_mutex_unlock(&lake->watch);
    drop_view(former);
    return SEINE_OK;
}

seine_status seine_lake_current(seine_lake *lake, const seine_view **view, seine_error *error) {
    (void)pthread_mutex_lock(&lake->load);
    seine_status status = seine_lake_peek(lake, view, error); /* somebody may have been quicker */
    if (status == SEINE_OK && *view == NULL) status = renew(lake, view, error);
    (void)pthread_mutex_unlock(&lake->load);
    return status;
}

/* ---- past views ---- */

static seine_status time_of_snapshot(const seine_view *view, int64_t id, int64_t *time_us, seine_error *error) {
    for (size_t i = 0; i < view->table_count; i++) {
        size_t count = 0;
        const seine_snapshot *snapshots = seine_table_snapshots(view->tables[i].table, &count);
        for (size_t k = 0; k < count; k++) {
            if (snapshots[k].id != id) continue;
            *time_us = snapshots[k].time_ms * 1000 + 999; /* snapshots know milliseconds */
            return SEINE_OK;
        }
    }
    return seine_fail(error, SEINE_E_NOT_FOUND, "as_of: no table has the snapshot %lld (expired?)", (long long)id);
}

static held_view *find_past(seine_lake *lake, int64_t time_us) {
    for (size_t i = 0; i < PAST_VIEWS; i++)
        if (lake->past[i] != NULL && lake->past[i]->at_time_us == time_us) return lake->past[i];
    return NULL;
}

/* Takes over the reference; the oldest one makes room. */
static void keep_past(seine_lake *lake, held_view *view) {
    drop_view(lake->past[PAST_VIEWS - 1]);
    for (size_t i = PAST_VIEWS - 1; i > 0; i--) lake->past[i] = lake->past[i - 1];
    lake->past[0] = view;
}

seine_status seine_lake_past(seine_lake *lake, int64_t snapshot_id, int64_t time_us, const seine_view **view,
                             seine_error *error) {
    const seine_view *current = NULL;
    *view = NULL;
    seine_status status = seine_lake_current(lake, &current, error);
    if (status != SEINE_OK) return status;
    if (snapshot_id != 0) status = time_of_snapshot(current, snapshot_id, &time_us, error);
    /* A time that is not over may still get snapshots: it is the present. */
    if (status == SEINE_OK && time_us >= current->committed_us) {
        *view = current;
        return SEINE_OK;
    }
    seine_view_release(current);
    if (status != SEINE_OK) return status;
    (void)pthread_mutex_lock(&lake->load);
    held_view *found = find_past(lake, time_us);
    if (found == NULL) {
        status = make_view(lake, NULL, (seine_at){.time_us = time_us}, &found, error);
        if (status == SEINE_OK) keep_past(lake, found);
    }
    if (status == SEINE_OK) *view = share(found);
    (void)pthread_mutex_unlock(&lake->load);
    return status;
}

/* ---- another lake at the path ---- */

static bool find_id(const char *file, file_id *id) {
    struct stat info;
    if (stat(file, &info) != 0) return false;
    *id = (file_id){(uint64_t)info.st_dev, (uint64_t)info.st_ino};
    return true;
}

/* Under both mutexes. Nothing of the former lake stays. */
static void take_over(seine_lake *lake, seine_catalog *watching, seine_catalog *loading) {
    seine_catalog_close(lake->watching);
    seine_catalog_close(lake->loading);
    lake->watching = watching;
    lake->loading = loading;
    drop_view(lake->view);
    lake->view = NULL;
    for (size_t i = 0; i < PAST_VIEWS; i++) {
        drop_view(lake->past[i]);
        lake->past[i] = NULL;
    }
}

void seine_lake_watch(seine_lake *lake) {
    file_id id = {0, 0};
    if (seine_is_address(lake->file)) return;
    const bool is_there = find_id(lake->file, &id);
    const bool is_same = is_there && id.device == lake->id.device && id.number == lake->id.number;
    if (is_same && !atomic_load(&lake->lost)) return;
    atomic_store(&lake->lost, true);
    seine_catalog *watching SEINE_OWNED(seine_catalog_close_owned) = NULL, *loading = NULL;
    if (!is_there) return;
    /* A half copied one fails; the next look may find it whole. */
    if (seine_catalog_open(lake->path, &watching, NULL) != SEINE_OK) return;
    if (seine_catalog_open(lake->path, &loading, NULL) != SEINE_OK) return;
    (void)pthread_mutex_lock(&lake->load);
    (void)pthread_mutex_lock(&lake->watch);
    take_over(lake, SEINE_TAKE(watching), loading);
    (void)pthread_mutex_unlock(&lake->watch);
    (void)pthread_mutex_unlock(&lake->load);
    lake->id = id;
    atomic_store(&lake->lost, false);
}

/* ---- lake ---- */

seine_status seine_lake_open(const char *path, seine_lake **lake, seine_error *error) {
    *lake = NULL;
    seine_lake *made SEINE_OWNED(seine_lake_close_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "lake");
    (void)pthread_mutex_init(&made->watch, NULL);
    (void)pthread_mutex_init(&made->load, NULL);
    SEINE_TRY(seine_catalog_open(path, &made->watching, error));
    SEINE_TRY(seine_catalog_open(path, &made->loading, error));
    const seine_view *view = NULL;
    made->path = strdup(seine_catalog_path(made->watching));
    made->name = strdup(seine_catalog_name(made->watching));
    made->file = strdup(seine_catalog_file(made->watching));
    if (made->path == NULL || made->name == NULL || made->file == NULL ||
        (!seine_is_address(made->file) && !find_id(made->file, &made->id)))
        return seine_no_memory(error, "lake");
    SEINE_TRY(seine_lake_current(made, &view, error));
    seine_view_release(view);
    *lake = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_lake_close(seine_lake *lake) {
    if (lake == NULL) return;
    for (size_t i = 0; i < PAST_VIEWS; i++) drop_view(lake->past[i]);
    drop_view(lake->view);
    seine_catalog_close(lake->watching);
    seine_catalog_close(lake->loading);
    (void)pthread_mutex_destroy(&lake->watch);
    (void)pthread_mutex_destroy(&lake->load);
    free(lake->path);
    free(lake->name);
    free(lake->file);
    free(lake);
}

const char *seine_lake_path(const seine_lake *lake) { return lake->path; }

const char *seine_lake_name(const seine_lake *lake) { return lake->name; }

/* ---- reading a view ---- */

bool seine_view_is_broken(const seine_view *view, const char *name) {
    for (size_t i = 0; i < view->broken_count; i++)
        if (strcmp(view->broken[i], name) == 0) return true;
    return false;
}

const seine_view_table *seine_view_find(const seine_view *view, const char *name) {
    for (size_t i = 0; i < view->table_count; i++)
        if (strcmp(view->tables[i].name, name) == 0) return &view->tables[i];
    return NULL;
}

bool seine_view_has(const seine_view *view, const char *name) {
    const seine_view_table *table = seine_view_find(view, name);
    return table != NULL && table->snapshot_id != -1;
}

int32_t seine_view_today(const seine_view *view) {
    return view->watermark_us != INT64_MIN ? seine_time_day(view->watermark_us - 1) : 0;
}

static seine_hash128 tag_of_pointers(const seine_view *view) {
    seine_hash128 sum = {0, 0};
    for (size_t i = 0; i < view->pointer_count; i++) {
        const seine_pointer *pointer = &view->pointers[i];
        const seine_hash128 name = seine_hash128_of(pointer->name, strlen(pointer->name));
        const seine_hash128 where = seine_hash128_of(pointer->location, strlen(pointer->location));
        const uint64_t parts[4] = {name.low, name.high, where.low, where.high};
        sum = seine_hash128_add(sum, seine_hash128_of(parts, sizeof parts));
    }
    return sum;
}

seine_hash128 seine_view_tag(const seine_view *view, const char *const *names, size_t count) {
    if (count == 1 && strcmp(names[0], SEINE_VIEW_POINTERS) == 0) return tag_of_pointers(view);
    seine_hash128 sum = {0, 0};
    for (size_t i = 0; i < view->table_count; i++) {
        const seine_view_table *table = &view->tables[i];
        bool is_named = false;
        for (size_t k = 0; k < count && names[k] != NULL && !is_named; k++)
            is_named = strcmp(names[k], "*") == 0 || strcmp(names[k], table->name) == 0;
        if (!is_named) continue;
        /* The pointer differs for a table that was made anew under its old name. */
        const char *pointer = seine_table_pointer(table->table);
        const seine_hash128 place = seine_hash128_of(table->name, strlen(table->name));
        const seine_hash128 where = view->is_past ? place : seine_hash128_of(pointer, strlen(pointer));
        const uint64_t parts[5] = {place.low, place.high, where.low, where.high, (uint64_t)table->snapshot_id};
        sum = seine_hash128_add(sum, seine_hash128_of(parts, sizeof parts));
    }
    const uint64_t rest[4] = {sum.low, sum.high, (uint64_t)view->watermark_us, view->broken_tag};
    return seine_hash128_of(rest, sizeof rest);
}
