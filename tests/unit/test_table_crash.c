/* links: table io columns base */
/*
 * Lakes in a store that stops. A history of commits as ingest makes them, of expiry and of the removal of orphans is
 * gone through; at each operation of the store, in turn, something goes wrong, for once or from there on, as when the
 * program is killed. Then the lake is opened anew: it is in the state of before or of after, all that it refers to is
 * there, what nobody refers to is found, and the same step again leads to the state of after.
 */
#include "table_support.h"

#include "io/reader.h"
#include "io/store/memory.h"
#include "io/store/stores.h"
#include "table/source.h"
#include "table/table.h"
#include "unit/full_support.h"

#include <time.h>

#define LAKE "mem://crash/lake"
#define TABLES 2
#define LINES_MAX 60
#define HOUR_US (INT64_C(3600) * 1000000)

/* ---- faults ----------------------------------------------------------------------------------------------------- */

static struct {
    seine_memory_fault fault;
    bool stays;         /* what follows fails, too: the program is dead */
    uint64_t at, count; /* any thread */
    bool is_on;
    bool is_of_metadata; /* what the fault came upon: a manifest, a list or metadata of a table that is put */
} plan;

static uint64_t hints_read; /* any thread; ever */

static seine_memory_fault script(void *context, const char *name, const char *key, uint64_t number) {
    (void)context, (void)number;
    if (strcmp(name, "get") == 0 && strstr(key, "version-hint.text") != NULL)
        (void)__atomic_add_fetch(&hints_read, 1, __ATOMIC_RELAXED);
    if (!plan.is_on) return SEINE_MEMORY_FINE;
    const uint64_t here = __atomic_fetch_add(&plan.count, 1, __ATOMIC_RELAXED);
    if (here == plan.at) {
        plan.is_of_metadata =
            strcmp(name, "put") == 0 && strstr(key, "/metadata/") != NULL && strstr(key, "version-hint.text") == NULL;
        return plan.fault;
    }
    return here > plan.at && plan.stays ? SEINE_MEMORY_ERROR : SEINE_MEMORY_FINE;
}

/* ---- what a lake holds ------------------------------------------------------------------------------------------ */

/* Live files with their rows, and sources with where their bytes are: a line each, sorted. */
typedef struct content {
    char *lines[LINES_MAX];
    size_t count;
} content;

/* An object, or a file of the catalog, as it was at the beginning. */
typedef struct saved {
    const char *path;
    seine_str bytes;
} saved;

typedef struct world {
    lake lake;
    seine_store *store;
    content now;      /* as it should be */
    int step;         /* number of the next one, for names */
    const char *live; /* a file of the first table, which a replacement takes out */
    /* A commit that is planned and not yet run, and what it adds. */
    seine_table *tables[TABLES];
    seine_commit *commit;
    content planned;
    /* What each case begins with; in an arena of its own. */
    seine_arena arena;
    saved *saved;
    size_t saved_count;
    content first;
} world;

static const char *const names[TABLES] = {"silver.ais", "silver.ais_rejects"};

static void add_line(lake *l, content *c, const char *kind, const char *name, int64_t rows) {
    assert_true(c->count < LINES_MAX);
    c->lines[c->count] = seine_arena_printf(&l->arena, "%s %s %lld", kind, name, (long long)rows);
    assert_non_null(c->lines[c->count++]);
}

static void drop_line(content *c, const char *with) {
    for (size_t i = 0; i < c->count; i++)
        if (strstr(c->lines[i], with) != NULL) {
            c->lines[i] = c->lines[--c->count];
            return;
        }
    fail_msg("no line with %s", with);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static bool is_same(content *a, content *b) {
    qsort(a->lines, a->count, sizeof *a->lines, by_text);
    qsort(b->lines, b->count, sizeof *b->lines, by_text);
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->lines[i], b->lines[i]) != 0) return false;
    return a->count == b->count;
}

static void tell_finding(void *context, const char *text) {
    (void)context;
    fprintf(stderr, "# %s\n", text);
}

/* The content; all that it refers to is there. */
static void read_content(lake *l, content *c) {
    seine_table *tables[TABLES];
    seine_source *sources = NULL;
    size_t count = 0;
    *c = (content){0};
    assert_ok(l, seine_tables_load(l->catalog, names, TABLES, tables, &l->error));
    for (size_t t = 0; t < TABLES; t++) {
        const seine_live_file *files = NULL;
        size_t file_count = 0, findings = 0;
        assert_ok(l, seine_table_files(tables[t], &files, &file_count, &l->error));
        for (size_t i = 0; i < file_count; i++) add_line(l, c, "file", files[i].file.path, files[i].file.rows);
        assert_ok(l, seine_table_verify(tables[t], tell_finding, NULL, &findings, &l->error));
        assert_int_equal(findings, 0);
        seine_table_close(tables[t]);
    }
    assert_ok(l, seine_ledger_sources(l->catalog, SEINE_DATASET_AIS, &l->arena, &sources, &count, &l->error));
    for (size_t i = 0; i < count; i++) {
        const char *bytes = seine_source_bytes_path(l->path, &sources[i], &l->arena);
        assert_true(bytes != NULL && seine_file_exists(bytes));
        add_line(l, c, "source", sources[i].name, sources[i].rows);
    }
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

/* As lake_data_file, where the store may fail. */
static bool tells_checksums; /* files come as from the lake's own writer */

static seine_status write_data(lake *l, const seine_table *table, int day, int64_t rows, seine_data_file *file) {
    const bool has_buckets = strcmp(seine_table_name(table), names[0]) == 0;
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{false, day}, {false, has_buckets ? 1 : 0}};
    char *path = NULL;
    *file = (seine_data_file){.size_bytes = 8, .rows = rows, .is_sorted = true};
    memcpy(file->partition, partition, (has_buckets ? 2 : 1) * sizeof *partition);
    SEINE_TRY(seine_table_new_file(table, file->partition, &l->arena, &path, &l->error));
    file->path = path;
    file->has_checksum = tells_checksums;
    file->checksum = seine_hash128_of("PAR1data", 8);
    return seine_file_write(path, "PAR1data", 8, SEINE_FILE_NEW, &l->error);
}

static seine_status put_bronze(lake *l, const char *name, seine_source *source) {
    char sha[65];
    uint64_t bytes = 0;
    const char *wanted = seine_source_bronze_path(&l->arena, "ais", name);
    char *temp = seine_file_temp_name(&l->arena, seine_file_join(&l->arena, l->path, wanted));
    SEINE_TRY(seine_file_write(temp, name, strlen(name), SEINE_FILE_NEW, &l->error));
    SEINE_TRY(seine_file_hash(temp, NULL, sha, &bytes, &l->error));
    const char *kept = seine_arena_copy(&l->arena, sha, 64);
    *source = (seine_source){.dataset = SEINE_DATASET_AIS,
                             .name = name,
                             .sha256 = kept,
                             .bytes = (int64_t)bytes,
                             .rows = 7,
                             .reason = "",
                             .url = ""};
    return seine_source_put_bytes(l->path, temp, wanted, kept, &l->arena, &source->bronze_path, &l->error);
}

/* What a commit of an ingest holds: files of two tables, in place of one of them perhaps, and rows of the ledger. */
static seine_status fill_commit(world *w, seine_table *const *tables, bool replaces, seine_commit *commit,
                                content *after) {
    lake *l = &w->lake;
    seine_data_file fix, reject;
    seine_source source;
    const char *removed = w->live, *name = seine_arena_printf(&l->arena, "s%d.csv", w->step);
    assert_non_null(name);
    SEINE_TRY(put_bronze(l, name, &source));
    SEINE_TRY(write_data(l, tables[0], 20000 + w->step, 5, &fix));
    SEINE_TRY(write_data(l, tables[1], 20000 + w->step, 2, &reject));
    SEINE_TRY(seine_commit_files(commit, tables[0], &fix, 1, &removed, replaces ? 1 : 0, &l->error));
    SEINE_TRY(seine_commit_files(commit, tables[1], &reject, 1, NULL, 0, &l->error));
    SEINE_TRY(seine_ledger_put_source(commit, &source, &l->error));
    seine_partition_row row = {.rows = 5};
    memcpy(row.partition, fix.partition, sizeof row.partition);
    SEINE_TRY(seine_ledger_put_partition(commit, names[0], &row, &l->error));
    if (replaces) drop_line(after, removed);
    add_line(l, after, "file", fix.path, 5);
    add_line(l, after, "file", reject.path, 2);
    add_line(l, after, "source", name, 7);
    return SEINE_OK;
}

static seine_status ingest(world *w, bool replaces, content *after) {
    lake *l = &w->lake;
    seine_table *tables[TABLES] = {NULL};
    seine_commit *commit = NULL;
    SEINE_TRY(seine_tables_load(l->catalog, names, TABLES, tables, &l->error));
    seine_status status = seine_commit_begin(l->catalog, "run", &commit, &l->error);
    if (status == SEINE_OK) {
        status = fill_commit(w, tables, replaces, commit, after);
        if (status == SEINE_OK)
            status = seine_commit_run(commit, &l->error);
        else
            seine_commit_abort(commit);
    }
    for (size_t t = 0; t < TABLES; t++) seine_table_close(tables[t]);
    return status;
}

static seine_status append(world *w, content *after) { return ingest(w, false, after); }
static seine_status replace(world *w, content *after) { return ingest(w, true, after); }

/* Plans a commit, which somebody else then overtakes in other partitions. */
static void plan_and_lose(world *w) {
    lake *l = &w->lake;
    assert_ok(l, seine_tables_load(l->catalog, names, TABLES, w->tables, &l->error));
    assert_ok(l, seine_commit_begin(l->catalog, "run", &w->commit, &l->error));
    seine_commit_allow_rebase(w->commit);
    w->planned = (content){0};
    assert_ok(l, fill_commit(w, w->tables, false, w->commit, &w->planned));
    w->step++;
    assert_ok(l, append(w, &w->now));
    w->step++;
}

/* The same, by one that waits with what it writes until it is alone. */
static void plan_and_wait(world *w) {
    plan_and_lose(w);
    w->lake.catalog->is_busy = true;
}

static seine_status rebase(world *w, content *after) {
    for (size_t i = 0; i < w->planned.count; i++) after->lines[after->count++] = w->planned.lines[i];
    const seine_status status = seine_commit_run(w->commit, &w->lake.error);
    for (size_t t = 0; t < TABLES; t++) seine_table_close(w->tables[t]);
    return status;
}

static seine_status expire(world *w, content *after) {
    size_t snapshots = 0, files = 0;
    (void)after;
    return seine_table_expire(w->lake.catalog, names[0], &(seine_expiry){.older_than_us = INT64_MAX, .keep = 1},
                              &snapshots, &files, &w->lake.error);
}

/* What the steps before have left, and what one that is at work just now has written: that stays. */
static seine_status remove_orphans(world *w, content *after) {
    char **paths = NULL;
    size_t count = 0;
    (void)after;
    return seine_table_orphans(w->lake.catalog, names[0], INT64_MAX, true, &w->lake.arena, &paths, &count,
                               &w->lake.error);
}

/* ---- one case --------------------------------------------------------------------------------------------------- */

static void open_again(world *w) {
    seine_catalog_close(w->lake.catalog);
    w->lake.catalog = NULL;
    assert_ok(&w->lake, seine_catalog_open(w->lake.path, &w->lake.catalog, &w->lake.error));
}

static void list_objects(lake *l, seine_file_entry **entries, size_t *count) {
    assert_ok(l, seine_file_list(l->path, true, &l->arena, entries, count, &l->error));
}

static bool is_among(const char *name, const seine_file_entry *entries, size_t count) {
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(entries[middle].name, name);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Removes orphans of both tables. @return how many there were. */
static size_t sweep(lake *l, int64_t older_than_us) {
    size_t all = 0;
    for (size_t t = 0; t < TABLES; t++) {
        char **paths = NULL;
        size_t count = 0;
        assert_ok(l,
                  seine_table_orphans(l->catalog, names[t], older_than_us, true, &l->arena, &paths, &count, &l->error));
        for (size_t i = 0; i < count; i++) assert_false(seine_file_exists(paths[i]));
        all += count;
    }
    return all;
}

/* Nothing of the tables is left that was not there before, once the orphans are gone: no sooner than they are old. */
static void assert_swept(world *w, const seine_file_entry *before, size_t before_count) {
    lake *l = &w->lake;
    seine_file_entry *entries = NULL;
    size_t count = 0;
    (void)sweep(l, INT64_MAX);
    list_objects(l, &entries, &count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(entries[i].name, "bronze/", 7) != 0 && !is_among(entries[i].name, before, before_count))
            fail_msg("%s is neither referred to nor found", entries[i].name);
}

typedef struct action {
    void (*begin)(world *w); /* what comes before, and goes well; NULL = nothing */
    seine_status (*go)(world *w, content *after);
} action;

/* @return the content that the action begins with. */
static content prepare(world *w, const action *step) {
    if (step->begin != NULL) step->begin(w);
    return w->now;
}

static bool is_ingest(const action *step) { return step->go == append || step->go == replace || step->go == rebase; }

/* @return whether the fault came to pass: else the step is shorter. */
static bool go_wrong(world *w, const action *step, seine_memory_fault fault, bool stays, uint64_t at) {
    lake *l = &w->lake;
    seine_file_entry *before = NULL;
    size_t before_count = 0;
    content after = prepare(w, step), found;
    list_objects(l, &before, &before_count);
    plan.fault = fault, plan.stays = stays, plan.at = at, plan.count = 0, plan.is_on = true;
    const seine_status status = step->go(w, &after);
    const bool has_come = plan.count > at;
    plan.is_on = false;

    open_again(w);
    read_content(l, &found);
    const bool is_old = is_same(&found, &w->now), is_new = is_same(&found, &after);
    if (!is_old && !is_new) fail_msg("neither old nor new (fault %d at %d): %s", fault, (int)at, l->error.text);
    if (status == SEINE_OK) assert_true(is_new);
    if (status != SEINE_OK && status != SEINE_E_UNKNOWN) assert_true(is_old);
    if (!is_new) assert_swept(w, before, before_count);
    seine_memory_store_settle(w->store);
    if (!is_new && fault == SEINE_MEMORY_LATE) assert_swept(w, before, before_count); /* once more: what came late */
    if (is_new && (status == SEINE_OK || is_ingest(step))) return has_come;
    after = prepare(w, step);
    assert_ok(l, step->go(w, &after)); /* again: whoever is told of a failure does that */
    read_content(l, &found);
    assert_true(is_same(&found, &after));
    return has_come;
}

/* ---- histories -------------------------------------------------------------------------------------------------- */

static void save(world *w, const char *path) {
    seine_buf bytes;
    saved *one = &w->saved[w->saved_count++];
    seine_buf_init(&bytes, (size_t)64 << 20);
    assert_ok(&w->lake, seine_file_read(path, &bytes, &w->lake.error));
    one->path = seine_arena_copy(&w->arena, path, strlen(path));
    one->bytes = (seine_str){seine_arena_copy(&w->arena, bytes.size > 0 ? bytes.data : (const uint8_t *)"", bytes.size),
                             bytes.size};
    assert_true(one->path != NULL && one->bytes.data != NULL);
    seine_buf_free(&bytes);
}

static const char *catalog_file(world *w, const char *ending) {
    const char *path = seine_arena_printf(&w->arena, "%s/catalog.db%s", w->lake.folder, ending);
    assert_non_null(path);
    return path;
}

/* Keeps what is there now as what each case begins with. The catalog is closed for that: SQLite's log is in it then. */
static void save_all(world *w) {
    lake *l = &w->lake;
    seine_file_entry *entries = NULL;
    size_t count = 0;
    seine_catalog_close(l->catalog);
    l->catalog = NULL;
    list_objects(l, &entries, &count);
    w->saved = SEINE_ARENA_ARRAY(&w->arena, saved, count + 1);
    assert_non_null(w->saved);
    for (size_t i = 0; i < count; i++) save(w, seine_file_join(&w->arena, l->path, entries[i].name));
    save(w, catalog_file(w, ""));
    w->first = w->now;
    for (size_t i = 0; i < w->now.count; i++) {
        w->first.lines[i] = seine_arena_copy(&w->arena, w->now.lines[i], strlen(w->now.lines[i]));
        assert_non_null(w->first.lines[i]);
        const char *path = w->first.lines[i] + 5;
        if (strstr(path, "/silver/ais/") != NULL) w->live = seine_arena_copy(&w->arena, path, strcspn(path, " "));
    }
    assert_non_null(w->live);
}

/* Back to the beginning. */
static void restore(world *w) {
    static const char *const logs[] = {"-wal", "-shm"};
    lake *l = &w->lake;
    plan.is_on = false;
    seine_memory_store_settle(w->store);
    seine_catalog_close(l->catalog);
    l->catalog = NULL;
    seine_arena_free(&l->arena);
    assert_ok(l, seine_file_remove_tree(l->path, &l->error));
    for (size_t i = 0; i < 2; i++) seine_best_effort(seine_file_remove(catalog_file(w, logs[i]), NULL));
    for (size_t i = 0; i < w->saved_count; i++)
        assert_ok(l, seine_file_write(w->saved[i].path, w->saved[i].bytes.data, w->saved[i].bytes.size,
                                      SEINE_FILE_REPLACE, &l->error));
    assert_ok(l, seine_catalog_open(l->path, &l->catalog, &l->error));
    w->now = w->first;
}

static void begin(world *w) {
    *w = (world){0};
    lake *l = &w->lake;
    const char *key = NULL;
    const bool has_memory = access("/dev/shm", W_OK) == 0; /* what SQLite syncs costs nothing there */
    (void)snprintf(l->folder, sizeof l->folder, "%s/seine-crash-XXXXXX", has_memory ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(l->folder));
    (void)snprintf(l->path, sizeof l->path, LAKE);
    const seine_stores_settings settings = {.scratch = l->folder};
    assert_ok(l, seine_stores_configure(&settings, &l->error));
    assert_ok(l, seine_catalog_create_in(l->path, catalog_file(w, ""), 4, &l->error));
    assert_ok(l, seine_catalog_open(l->path, &l->catalog, &l->error));
    assert_ok(l, seine_stores_find(LAKE, &w->store, &key, &l->error));
    plan.is_on = false;
    seine_memory_store_script(w->store, script, NULL);
    for (; w->step < 3; w->step++) assert_ok(l, append(w, &w->now));
    save_all(w);
    restore(w);
    assert_ok(l, replace(w, &w->now)); /* something to forget */
    w->step++;
    assert_ok(l, seine_file_write(LAKE "/silver/ais/data/left.parquet", "x", 1, SEINE_FILE_NEW, &l->error));
    w->saved_count = 0;
    save_all(w);
    restore(w);
}

static void end(world *w) {
    seine_catalog_close(w->lake.catalog);
    seine_arena_free(&w->lake.arena);
    seine_arena_free(&w->arena);
    seine_stores_close();
    assert_int_equal(seine_file_remove_tree(w->lake.folder, NULL), SEINE_OK);
}

/* Each step with this fault at each of its operations; under sanitizers at each third. @return cases. */
static size_t go_through(world *w, seine_memory_fault fault, bool stays) {
    static const action steps[] = {{NULL, append},         {NULL, replace},         {NULL, expire},
                                   {NULL, remove_orphans}, {plan_and_lose, rebase}, {plan_and_wait, rebase}};
    const uint64_t stride = (uint64_t)rounds(1, 1, 6);
    size_t cases = 0;
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        bool goes_on = true;
        for (uint64_t at = (uint64_t)fault % stride; goes_on; at += stride, cases++) {
            restore(w);
            goes_on = go_wrong(w, &steps[s], fault, stays, at);
            assert_true(at < 1000);
        }
    }
    return cases;
}

static void whatever_goes_wrong_a_lake_is_of_before_or_of_after(void **state) {
    (void)state;
    static const seine_memory_fault faults[] = {SEINE_MEMORY_ERROR, SEINE_MEMORY_UNKNOWN, SEINE_MEMORY_TORN,
                                                SEINE_MEMORY_LATE};
    world w;
    size_t cases = 0;
    begin(&w);
    for (size_t f = 0; f < sizeof faults / sizeof *faults; f++)
        for (int stays = 0; stays < 2; stays++) cases += go_through(&w, faults[f], stays != 0);
    end(&w);
    print_message("# %zu cases\n", cases);
    assert_true(cases > (size_t)rounds(1200, 1200, 200));
}

/* Whether what a table refers to is there. */
static bool is_whole(lake *l, const char *name) {
    seine_table *table = NULL;
    size_t findings = 0;
    if (seine_table_load(l->catalog, name, (seine_at){0}, &table, &l->error) != SEINE_OK) return false;
    const seine_status status = seine_table_verify(table, NULL, NULL, &findings, &l->error);
    seine_table_close(table);
    return status == SEINE_OK && findings == 0;
}

static void go_wrong_at(seine_memory_fault fault, uint64_t at) {
    plan.fault = fault, plan.stays = plan.is_of_metadata = false, plan.at = at, plan.count = 0, plan.is_on = true;
}

/* Proof of the proof: a store that loses what it has acknowledged is found out. */
static void what_a_store_has_lost_is_found(void **state) {
    (void)state;
    world w;
    size_t found = 0;
    bool goes_on = true;
    begin(&w);
    for (uint64_t at = 0; goes_on; at++) {
        restore(&w);
        go_wrong_at(SEINE_MEMORY_LOST, at);
        const seine_status status = append(&w, &w.now);
        goes_on = plan.count > at;
        plan.is_on = false;
        const bool all_is_well = is_whole(&w.lake, names[0]) && is_whole(&w.lake, names[1]);
        /* Data files are looked at before the commit. Objects are put by several threads, in any order. */
        assert_int_equal(!all_is_well, status == SEINE_OK && plan.is_of_metadata);
        found += !all_is_well;
    }
    assert_true(found > 2); /* in order it would be each manifest, list and metadata: 6 */
    end(&w);
}

/* Removing orphans of a store whose lists are behind the times takes nothing that is live. */
static void stale_lists_make_nothing_go(void **state) {
    (void)state;
    world w;
    begin(&w);
    for (uint64_t at = 0; at < 120; at++) {
        content found;
        restore(&w);
        go_wrong_at(SEINE_MEMORY_STALE, at);
        assert_ok(&w.lake, append(&w, &w.now));
        assert_ok(&w.lake, remove_orphans(&w, &w.now));
        plan.is_on = false;
        read_content(&w.lake, &found);
        assert_true(is_same(&found, &w.now));
    }
    end(&w);
}

/* What a dead program left is not touched while it could be a living one's. */
static void orphans_wait_for_their_age(void **state) {
    (void)state;
    world w;
    struct timespec now;
    begin(&w);
    lake *l = &w.lake;
    go_wrong_at(SEINE_MEMORY_ERROR, 30); /* data files are there, and a manifest */
    plan.stays = true;
    assert_int_equal(append(&w, &w.now), SEINE_E_IO);
    plan.is_on = false;
    open_again(&w);
    clock_gettime(CLOCK_REALTIME, &now);
    const int64_t hour_ago_us = (int64_t)now.tv_sec * 1000000 - HOUR_US;
    assert_int_equal(sweep(l, hour_ago_us), 0);
    seine_memory_store_age(w.store, 2 * HOUR_US);
    assert_true(sweep(l, hour_ago_us) > 1);
    end(&w);
}

/* Hints are looked at by the first commit only; what a commit asks the store for does not grow with the lake's tables.
 */
static void a_second_commit_asks_for_no_hints(void **state) {
    (void)state;
    world w;
    begin(&w);
    uint64_t requests[2], hints[2];
    for (int i = 0; i < 2; i++, w.step++) {
        const uint64_t before = seine_memory_store_count(w.store), hints_before = hints_read;
        assert_ok(&w.lake, append(&w, &w.now));
        requests[i] = seine_memory_store_count(w.store) - before;
        hints[i] = hints_read - hints_before;
    }
    assert_true(hints[0] > 0);
    assert_int_equal(hints[1], 0);
    size_t tables = 0;
    (void)seine_schemas(&tables);
    assert_true(requests[0] >= requests[1] + tables - 4); /* two further manifests of each table are read */
    end(&w);
}

/* A file is looked at, and read for its checksum, unless its writer tells that, and so that it is there. */
static void what_was_just_written_is_not_looked_at(void **state) {
    (void)state;
    world w;
    uint64_t requests[2];
    begin(&w);
    for (int i = 0; i < 2; i++) {
        restore(&w);
        tells_checksums = i > 0;
        const uint64_t before = seine_memory_store_count(w.store);
        assert_ok(&w.lake, append(&w, &w.now));
        requests[i] = seine_memory_store_count(w.store) - before;
    }
    tells_checksums = false;
    assert_true(requests[1] + 2 * TABLES <= requests[0]);
    end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_goes_wrong_a_lake_is_of_before_or_of_after),
        cmocka_unit_test(what_a_store_has_lost_is_found),
        cmocka_unit_test(stale_lists_make_nothing_go),
        cmocka_unit_test(orphans_wait_for_their_age),
        cmocka_unit_test(a_second_commit_asks_for_no_hints),
        cmocka_unit_test(what_was_just_written_is_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
