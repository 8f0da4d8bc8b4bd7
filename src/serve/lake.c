/*
 * Views of the lake, and noticing commits.
 *
 *     peek:     version the same? → view                              (microseconds, in the accepting threads)
 *     current:  version v → load lock → pointers → load what moved → view lock → view, v
 *     watcher:  is it still the lake that was opened? → else open the one that is there
 *
 * The version is read before the pointers: a commit in between is then seen as one more change, never missed. Two
 * connections, so that nobody who peeks waits for a load.
 */
#include "serve/lake.h"

#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/store/store.h"
#include "serve/version.h"
#include "table/dataset.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PAST_VIEWS 8
#define PATIENCE_S 5     /* with a server, for one statement */
#define TICK_US 100000   /* from one look of the watcher at the lake's file to the next */
#define SERVER_TICKS 10  /* looks until a server is asked, so that its state is known without a request */
#define BUCKET_TICKS 100 /* looks until an object is read */

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
    char *path;             /* absolute; outlives every connection */
    char *name;             /* of the catalog that was opened first; as path */
    char *file;             /* that makes its folder a lake */
    file_id id;             /* of the catalog that is open; the watcher's */
    atomic_bool lost;       /* another one, or none, lies at the path */
    seine_version *version; /* of the catalog */
    pthread_mutex_t seen, load;
    seine_catalog *loading;      /* under load */
    char lake_id[40];            /* of its lake; under load */
    held_view *view;             /* under seen */
    int64_t number;              /* the version it is of; under seen */
    held_view *past[PAST_VIEWS]; /* under load; newest first */
    pthread_mutex_t ending;
    pthread_cond_t ends;
    bool is_ending, has_watcher; /* the first under ending */
    pthread_t watcher;
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

/* "silver.<dataset>", "silver.<dataset>_rejects" … */
static bool is_of_dataset(const seine_view *view, const char *name) {
    static const char space[] = "silver.", *const endings[] = {"", "_rejects", "_enriched", "_segments"};
    const size_t space_size = sizeof space - 1;
    if (strncmp(name, space, space_size) != 0) return false;
    for (size_t i = 0; i < view->dataset_count; i++) {
        const char *dataset = view->datasets[i].dataset->name;
        const size_t size = strlen(dataset);
        if (strncmp(name + space_size, dataset, size) != 0) continue;
        for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
            if (strcmp(name + space_size + size, endings[k]) == 0) return true;
    }
    return false;
}

/* Built-in tables, those of datasets, events and those of models, without the states of detectors; somebody else's may
 * be of kinds not read here. */
static bool is_shown(const seine_view *view, const char *name) {
    if (strncmp(name, "state.", 6) == 0) return false;
    return seine_schema_find(name) != NULL || strncmp(name, "gold.", 5) == 0 || strncmp(name, "events.", 7) == 0 ||
           is_of_dataset(view, name);
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
    view->is_passing = view->is_passing || why->status == SEINE_E_IO || why->status == SEINE_E_AWAY ||
                       why->status == SEINE_E_NOT_FOUND;
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
        if (!is_shown(&view->shown, pointers[i].name)) continue;
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

/* Greatest day that silver of a dataset has in this view; INT32_MIN: none. */
static int32_t last_day(const seine_view *view, const seine_dataset *dataset) {
    const seine_view_table *silver = seine_view_find(view, seine_dataset_silver(dataset)->name);
    int32_t last = INT32_MIN;
    for (size_t i = 0; silver != NULL && i < silver->file_count; i++) {
        const seine_partition_value day = silver->files[i].file.partition[0];
        if (!day.is_null && day.value > last) last = day.value;
    }
    return last;
}

static void show_sources(held_view *view, const seine_source *sources, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (sources[i].state != SEINE_SOURCE_LIVE) continue;
        view->shown.source_count++;
        view->shown.source_rows += sources[i].rows;
        view->shown.source_duplicates += sources[i].duplicates;
        view->shown.source_rejects += sources[i].rejects;
    }
}

/* The ledger tells the present only: a past watermark is at most the end of the last day that silver had. */
static void show_watermarks(held_view *view, seine_view_dataset *datasets) {
    for (size_t i = 0; i < view->shown.dataset_count; i++) {
        const int32_t day = last_day(&view->shown, datasets[i].dataset);
        const int64_t end_us = day != INT32_MIN ? seine_time_day_start_us(day + 1) : INT64_MIN;
        if (view->shown.is_past && datasets[i].watermark_us > end_us) datasets[i].watermark_us = end_us;
        const uint64_t parts[] = {view->shown.dataset_tag, (uint64_t)datasets[i].watermark_us};
        view->shown.dataset_tag = seine_hash64(parts, sizeof parts);
    }
    view->shown.watermark_us = datasets[0].watermark_us;
}

/* What is known of the datasets; without their descriptions, when one cannot be read, of ships alone. */
static seine_status read_datasets(seine_lake *lake, held_view *view, seine_view_dataset **made, seine_error *error) {
    const seine_dataset *const *datasets = NULL;
    size_t count = 0;
    seine_error why = {SEINE_OK, ""};
    const seine_status status = seine_lake_datasets_read(lake->loading, &view->arena, &datasets, &count, &why);
    const bool is_wrong = status == SEINE_E_FORMAT || status == SEINE_E_USAGE || status == SEINE_E_LIMIT;
    if (status != SEINE_OK && (!is_wrong || count == 0)) return seine_fail(error, status, "%s", why.text);
    if (is_wrong) (void)fprintf(stderr, "seine serve: %s\n", why.text);
    *made = SEINE_ARENA_ARRAY(&view->arena, seine_view_dataset, count);
    if (*made == NULL) return seine_no_memory(error, "lake");
    for (size_t i = 0; i < count; i++) (*made)[i] = (seine_view_dataset){datasets[i], INT64_MIN};
    view->shown.datasets = *made;
    view->shown.dataset_count = count;
    return SEINE_OK;
}

/* The watermark of each dataset, and what else is told of the sources of ships. */
static seine_status read_sources(seine_lake *lake, held_view *view, seine_view_dataset *datasets, seine_error *error) {
    for (size_t i = 0; i < view->shown.dataset_count; i++) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        seine_source *sources = NULL;
        size_t count = 0;
        SEINE_TRY(seine_ledger_sources(lake->loading, datasets[i].dataset->name, &arena, &sources, &count, error));
        datasets[i].watermark_us = seine_watermark_of(sources, count);
        if (i == 0) show_sources(view, sources, count);
    }
    return SEINE_OK;
}

/* Pointers, datasets and sources of one moment: a commit changes all. Of another lake nothing is read. */
static seine_status read_catalog(seine_lake *lake, held_view *view, seine_pointer **pointers, size_t *pointer_count,
                                 seine_view_dataset **datasets, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *id = "";
    SEINE_TRY(seine_catalog_read_begin(lake->loading, error));
    seine_status status = seine_catalog_lake_id(lake->loading, &arena, &id, error);
    if (status == SEINE_OK && strcmp(id, lake->lake_id) != 0) {
        atomic_store(&lake->lost, true);
        status = seine_fail(error, SEINE_E_BUSY, "another lake is in the catalog");
    }
    if (status == SEINE_OK)
        status = seine_catalog_pointers(lake->loading, &view->arena, pointers, pointer_count, error);
    if (status == SEINE_OK) status = read_datasets(lake, view, datasets, error);
    if (status == SEINE_OK) status = read_sources(lake, view, *datasets, error);
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
    seine_pointer *pointers = NULL;
    seine_view_dataset *datasets = NULL;
    size_t count = 0;
    SEINE_TRY(read_catalog(lake, view, &pointers, &count, &datasets, error));
    view->shown.pointers = pointers;
    view->shown.pointer_count = count;
    SEINE_TRY(load_tables(view, former, pointers, count, at, error));
    show_watermarks(view, datasets);
    *made = SEINE_TAKE(view);
    return SEINE_OK;
}

/* ---- the current view ---- */

const char *seine_lake_trouble(const seine_lake *lake) {
    if (!atomic_load(&lake->lost) && seine_version_is_away(lake->version)) return "the lake's catalog does not answer";
    return "the lake cannot be read: it was moved, removed or replaced, or is busy";
}

static seine_status check_there(const seine_lake *lake, seine_error *error) {
    if (!atomic_load(&lake->lost)) return SEINE_OK;
    return seine_fail(error, SEINE_E_BUSY, "the lake was moved, removed or replaced");
}

/* The view, if it is of this version. */
static const seine_view *share_of(seine_lake *lake, int64_t number) {
    const seine_view *view = NULL;
    (void)pthread_mutex_lock(&lake->seen);
    if (lake->view != NULL && number == lake->number) view = share(lake->view);
    (void)pthread_mutex_unlock(&lake->seen);
    return view;
}

seine_status seine_lake_peek(seine_lake *lake, const seine_view **view, seine_error *error) {
    int64_t number = 0;
    *view = NULL;
    SEINE_TRY(check_there(lake, error));
    if (seine_version_is_away(lake->version)) return seine_fail(error, SEINE_E_BUSY, "%s", seine_lake_trouble(lake));
    if (seine_version_is_remote(lake->version)) return SEINE_OK;
    SEINE_TRY(seine_version_ask(lake->version, &number, error));
    *view = share_of(lake, number);
    return SEINE_OK;
}

seine_status seine_lake_glance(seine_lake *lake, const seine_view **view, seine_error *error) {
    *view = NULL;
    if (!seine_version_is_remote(lake->version)) return seine_lake_current(lake, view, error);
    SEINE_TRY(check_there(lake, error));
    (void)pthread_mutex_lock(&lake->seen);
    if (lake->view != NULL) *view = share(lake->view);
    (void)pthread_mutex_unlock(&lake->seen);
    return *view != NULL ? SEINE_OK : seine_fail(error, SEINE_E_BUSY, "%s", seine_lake_trouble(lake));
}

static bool is_remembered(const seine_view *view, const char *name, int64_t snapshot_id) {
    const seine_view_table *table = seine_view_find(view, name);
    size_t count = 0;
    const seine_snapshot *snapshots = table != NULL ? seine_table_snapshots(table->table, &count) : NULL;
    for (size_t i = count; i-- > 0;)
        if (snapshots[i].id == snapshot_id) return true;
    return false;
}

/* Under the load mutex. A past view with a snapshot that @p now has forgotten goes: its files do, too. */
static void forget_past(seine_lake *lake, const seine_view *now) {
    size_t kept = 0;
    for (size_t i = 0; i < PAST_VIEWS && lake->past[i] != NULL; i++) {
        held_view *past = lake->past[i];
        bool stays = true;
        for (size_t k = 0; k < past->shown.table_count && stays; k++) {
            const seine_view_table *table = &past->shown.tables[k];
            stays = table->snapshot_id == -1 || is_remembered(now, table->name, table->snapshot_id);
        }
        lake->past[i] = NULL;
        if (stays)
            lake->past[kept++] = past;
        else
            drop_view(past);
    }
}

/* Under the load mutex. */
static seine_status renew(seine_lake *lake, int64_t number, const seine_view **view, seine_error *error) {
    held_view *made = NULL;
    held_view *former = lake->view; /* stays: only who has the load mutex replaces it */
    SEINE_TRY(make_view(lake, former, (seine_at){0}, &made, error));
    (void)pthread_mutex_lock(&lake->seen);
    lake->view = made;
    lake->number = made->is_passing ? -1 : number; /* the next request tries again */
    *view = share(made);
    (void)pthread_mutex_unlock(&lake->seen);
    drop_view(former);
    forget_past(lake, *view);
    return SEINE_OK;
}

/* Under the load mutex; somebody may have been quicker. */
static seine_status load_current(seine_lake *lake, const seine_view **view, seine_error *error) {
    int64_t number = 0;
    SEINE_TRY(check_there(lake, error));
    SEINE_TRY(seine_version_ask(lake->version, &number, error));
    *view = share_of(lake, number);
    return *view != NULL ? SEINE_OK : renew(lake, number, view, error);
}

seine_status seine_lake_current(seine_lake *lake, const seine_view **view, seine_error *error) {
    int64_t number = 0;
    *view = NULL;
    SEINE_TRY(check_there(lake, error));
    SEINE_TRY(seine_version_ask(lake->version, &number, error));
    *view = share_of(lake, number);
    if (*view != NULL) return SEINE_OK;
    (void)pthread_mutex_lock(&lake->load);
    const seine_status status = load_current(lake, view, error);
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

/* The oldest one makes room. */
static void keep_past(seine_lake *lake, held_view *view) {
    (void)share(view);
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
    if (found != NULL) {
        *view = share(found);
    } else {
        status = make_view(lake, NULL, (seine_at){.time_us = time_us}, &found, error);
        if (status == SEINE_OK && !found->is_passing) keep_past(lake, found);
        if (status == SEINE_OK) *view = &found->shown;
    }
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

static seine_status open_catalogs(const char *path, seine_catalog **watching, seine_catalog **loading, char lake_id[40],
                                  seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *id = "";
    SEINE_TRY(seine_catalog_open(path, watching, error));
    SEINE_TRY(seine_catalog_open(path, loading, error));
    seine_catalog_set_patience(*watching, PATIENCE_S);
    seine_catalog_set_patience(*loading, PATIENCE_S);
    SEINE_TRY(seine_catalog_lake_id(*loading, &arena, &id, error));
    (void)snprintf(lake_id, 40, "%s", id);
    return SEINE_OK;
}

/* Nothing of the former lake stays. Whoever asks the new catalog for its version and loads from the former one, which
 * he can do meanwhile, makes a view that goes here. */
static void take_over(seine_lake *lake, seine_catalog *watching, seine_catalog *loading, const char *lake_id) {
    seine_version_swap(lake->version, watching);
    (void)pthread_mutex_lock(&lake->load);
    (void)pthread_mutex_lock(&lake->seen);
    held_view *former = lake->view;
    lake->view = NULL;
    (void)pthread_mutex_unlock(&lake->seen);
    drop_view(former);
    seine_catalog_close(lake->loading);
    lake->loading = loading;
    (void)snprintf(lake->lake_id, sizeof lake->lake_id, "%s", lake_id);
    for (size_t i = 0; i < PAST_VIEWS; i++) {
        drop_view(lake->past[i]);
        lake->past[i] = NULL;
    }
    (void)pthread_mutex_unlock(&lake->load);
}

/* Whether the lake at the path is the one that is open. An object is read now and then only, and one that cannot be
 * read is no lake that is gone. */
static bool is_there_still(seine_lake *lake, uint64_t tick, file_id *id) {
    bool has_moved = false;
    if (!seine_is_address(lake->file))
        return find_id(lake->file, id) && id->device == lake->id.device && id->number == lake->id.number;
    if (tick % BUCKET_TICKS != 0) return true;
    /* Without the mutex: only this thread puts another catalog there, and the look may take long. */
    return seine_catalog_has_moved(lake->loading, &has_moved, NULL) != SEINE_OK || !has_moved;
}

static void look_for_lake(seine_lake *lake, uint64_t tick) {
    file_id id = {0, 0};
    char lake_id[40];
    if (is_there_still(lake, tick, &id) && !atomic_load(&lake->lost)) return;
    atomic_store(&lake->lost, true);
    seine_catalog *watching SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_catalog *loading SEINE_OWNED(seine_catalog_close_owned) = NULL;
    /* A half copied one fails, and so does one that is not there; a later look may find it whole. */
    if (open_catalogs(lake->path, &watching, &loading, lake_id, NULL) != SEINE_OK) return;
    take_over(lake, SEINE_TAKE(watching), SEINE_TAKE(loading), lake_id);
    lake->id = id;
    atomic_store(&lake->lost, false);
}

/* So that its state is known when somebody asks who cannot wait. */
static void look_at_server(seine_lake *lake) {
    const seine_view *view = NULL;
    if (!seine_version_is_remote(lake->version)) return;
    seine_best_effort(seine_lake_current(lake, &view, NULL));
    seine_view_release(view);
}

static void *watch(void *context) {
    seine_lake *lake = context;
    (void)pthread_mutex_lock(&lake->ending);
    for (uint64_t tick = 1; !lake->is_ending; tick++) {
        if (seine_clock_wait(&lake->ends, &lake->ending, TICK_US)) continue;
        (void)pthread_mutex_unlock(&lake->ending);
        look_for_lake(lake, tick);
        if (tick % SERVER_TICKS == 0) look_at_server(lake);
        (void)pthread_mutex_lock(&lake->ending);
    }
    (void)pthread_mutex_unlock(&lake->ending);
    return NULL;
}

/* ---- lake ---- */

static seine_status open_lake(seine_lake *made, const char *path, seine_error *error) {
    seine_catalog *watching SEINE_OWNED(seine_catalog_close_owned) = NULL;
    const seine_view *view = NULL;
    SEINE_TRY(open_catalogs(path, &watching, &made->loading, made->lake_id, error));
    made->path = strdup(seine_catalog_path(watching));
    made->name = strdup(seine_catalog_name(watching));
    made->file = strdup(seine_catalog_file(watching));
    if (made->path == NULL || made->name == NULL || made->file == NULL ||
        (!seine_is_address(made->file) && !find_id(made->file, &made->id)))
        return seine_no_memory(error, "lake");
    SEINE_TRY(seine_version_open(SEINE_TAKE(watching), &made->version, error));
    SEINE_TRY(seine_lake_current(made, &view, error));
    seine_view_release(view);
    made->has_watcher = pthread_create(&made->watcher, NULL, watch, made) == 0;
    return made->has_watcher ? SEINE_OK : seine_fail(error, SEINE_E_NOMEM, "lake: no thread can be started");
}

seine_status seine_lake_open(const char *path, seine_lake **lake, seine_error *error) {
    *lake = NULL;
    seine_lake *made SEINE_OWNED(seine_lake_close_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "lake");
    (void)pthread_mutex_init(&made->seen, NULL);
    (void)pthread_mutex_init(&made->load, NULL);
    (void)pthread_mutex_init(&made->ending, NULL);
    if (!seine_clock_condition(&made->ends)) return seine_no_memory(error, "lake");
    SEINE_TRY(open_lake(made, path, error));
    *lake = SEINE_TAKE(made);
    return SEINE_OK;
}

static void end_watcher(seine_lake *lake) {
    if (!lake->has_watcher) return;
    (void)pthread_mutex_lock(&lake->ending);
    lake->is_ending = true;
    (void)pthread_cond_signal(&lake->ends);
    (void)pthread_mutex_unlock(&lake->ending);
    (void)pthread_join(lake->watcher, NULL);
}

void seine_lake_close(seine_lake *lake) {
    if (lake == NULL) return;
    end_watcher(lake);
    for (size_t i = 0; i < PAST_VIEWS; i++) drop_view(lake->past[i]);
    drop_view(lake->view);
    seine_version_close(lake->version);
    seine_catalog_close(lake->loading);
    (void)pthread_mutex_destroy(&lake->seen);
    (void)pthread_mutex_destroy(&lake->load);
    (void)pthread_mutex_destroy(&lake->ending);
    (void)pthread_cond_destroy(&lake->ends);
    free(lake->path);
    free(lake->name);
    free(lake->file);
    free(lake);
}

const char *seine_lake_path(const seine_lake *lake) { return lake->path; }

const char *seine_lake_name(const seine_lake *lake) { return lake->name; }

const char *seine_lake_id(const seine_lake *lake) { return lake->lake_id; }

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
    const bool is_of_all = count == 1 && strcmp(names[0], "*") == 0;
    seine_hash128 sum = {0, is_of_all ? view->dataset_tag : 0};
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
