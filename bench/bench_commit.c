/* links: table io columns base */
/*
 * What commits cost as a lake's history grows. Each replaces one of 64 files of silver.ais, with the ledger rows and
 * the run manifest that an ingest leaves. Prints one JSON object per stage: seconds of the clock and of this process,
 * and bytes read and written by it, per commit.
 *
 * Usage: bench_commit FOLDER COMMITS [WRITERS] [ADDRESS] [KEEP]
 *
 * FOLDER must not be there. With WRITERS > 1 so many threads make COMMITS each, on days of their own, and what is
 * printed is how many a second they make together. WRITERS = 0: each commit adds a file to TABLES tables at once.
 * ADDRESS: a database for the catalog (table/db/db.h); "" = in the folder. KEEP: the lake keeps so many snapshots by
 * itself (table/catalog/catalog.h, seine_history), whatever their age, and is never told to forget more.
 */
#include "io/clock.h"
#include "io/file.h"
#include "table/ledger.h"
#include "table/run.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define LIVE_FILES 64
#define WINDOW 100 /* commits of a stage: manifests are merged once in so many, and cost more to read until then */
#define LOG 100    /* metadata files that a table keeps: each commit removes one, a large one after a long history */
#define YOUNG 200  /* commits after which every file was replaced and every log is full */
#define WRITERS_MAX 64
#define TABLES 20
#define PAUSE_NS 1000000

typedef struct writer {
    seine_catalog *catalog;
    const char *lake;
    int number, commits, conflicts, keep;
    char paths[LIVE_FILES][512]; /* "" = none yet */
} writer;

static void must(seine_status status, const seine_error *error) {
    if (status == SEINE_OK) return;
    (void)fprintf(stderr, "bench_commit: %s\n", error->text);
    abort();
}

static seine_data_file make_file(const seine_table *table, int day, seine_arena *arena, seine_error *error) {
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{false, day}, {false, 0}};
    char *path = NULL;
    must(seine_table_new_file(table, partition, arena, &path, error), error);
    must(seine_file_write(path, "PAR1data", 8, SEINE_FILE_NEW, error), error);
    seine_data_file file = {.path = path, .size_bytes = 8, .rows = 1, .is_sorted = true};
    memcpy(file.partition, partition, sizeof partition);
    return file;
}

static void put_rows(writer *w, seine_commit *commit, int day, int count, seine_error *error) {
    char name[64], sha256[65];
    (void)snprintf(name, sizeof name, "AIS_%d_%d.csv", w->number, day);
    (void)snprintf(sha256, sizeof sha256, "%064d", day);
    const seine_source source = {.dataset = "ais",
                                 .name = name,
                                 .sha256 = sha256,
                                 .bytes = 8,
                                 .rows = count,
                                 .reason = "",
                                 .bronze_path = "bronze/x",
                                 .url = "",
                                 .greatest_us = INT64_MIN};
    const seine_source_day fed = {.source = name, .sha256 = sha256, .day = day, .rows = 1, .winners = 1};
    const seine_partition_row row = {.partition = {{false, day}, {false, 0}, {true, 0}}, .content = {1, 2}, .rows = 1};
    must(seine_ledger_put_source(commit, &source, error), error);
    must(seine_ledger_put_source_day(commit, "ais", &fed, error), error);
    must(seine_ledger_put_partition(commit, "silver.ais", &row, error), error);
}

/* @return OK, or E_CONFLICT when another writer was faster. */
static seine_status commit_once(writer *w, int count, seine_error *error) {
    seine_arena arena = {0};
    seine_table *table = NULL;
    seine_commit *commit = NULL;
    seine_run_manifest *run = NULL;
    const int slot = count % LIVE_FILES, day = 20000 + w->number * LIVE_FILES + slot;
    must(seine_table_load(w->catalog, "silver.ais", (seine_at){0}, &table, error), error);
    const seine_data_file file = make_file(table, day, &arena, error);
    must(seine_run_begin("bench", NULL, seine_clock_now_us(), seine_clock_monotonic_us(), &run, error), error);
    must(seine_commit_begin(w->catalog, seine_run_id(run), &commit, error), error);
    const char *const removed[] = {w->paths[slot]};
    seine_commit_allow_rebase(commit); /* days are disjoint */
    must(seine_commit_files(commit, table, &file, 1, removed, w->paths[slot][0] != '\0', error), error);
    put_rows(w, commit, day, count, error);
    must(seine_run_join(run, commit, error), error);
    const seine_status status = seine_commit_run(commit, error);
    if (status == SEINE_OK) (void)snprintf(w->paths[slot], sizeof w->paths[slot], "%s", file.path);
    seine_run_free(run);
    seine_table_close(table);
    seine_arena_free(&arena);
    return status;
}

/* ---- one writer ---- */

typedef struct meter {
    int64_t at_us;
    double cpu_s;
    uint64_t read, written;
} meter;

static meter look(void) {
    meter now = {.at_us = seine_clock_monotonic_us()};
    struct rusage use;
    char line[128];
    (void)getrusage(RUSAGE_SELF, &use);
    now.cpu_s = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
    FILE *io = fopen("/proc/self/io", "r");
    while (io != NULL && fgets(line, sizeof line, io) != NULL) {
        if (strncmp(line, "rchar: ", 7) == 0) now.read = strtoull(line + 7, NULL, 10);
        if (strncmp(line, "wchar: ", 7) == 0) now.written = strtoull(line + 7, NULL, 10);
    }
    if (io != NULL) (void)fclose(io);
    return now;
}

static void print_stage(int commit, int commits, const char *state, const meter *begun) {
    const meter now = look();
    printf("{\"commit\":%d,\"snapshots\":\"%s\",\"seconds\":%.5f,\"cpu_seconds\":%.5f,\"read_bytes\":%" PRIu64
           ",\"written_bytes\":%" PRIu64 "}\n",
           commit, state, (double)(now.at_us - begun->at_us) / 1e6 / commits, (now.cpu_s - begun->cpu_s) / commits,
           (now.read - begun->read) / (uint64_t)commits, (now.written - begun->written) / (uint64_t)commits);
    (void)fflush(stdout);
}

static bool is_stage(int count, int last) {
    for (int stage = 10; stage <= 1000000; stage *= 10)
        if (count == stage) return true;
    return count == last - WINDOW;
}

/*
 * The next commits of a table that has forgotten all but its newest state, as `seine table expire` leaves it. The first
 * ones are not counted: they take away the metadata files that were written while all was still known. That costs what
 * those commits have made, not what one costs now.
 */
static int grow_expired(writer *w, int count, seine_error *error) {
    size_t snapshots = 0, files = 0;
    const seine_expiry all = {.older_than_us = INT64_MAX / 2, .keep = 1};
    must(seine_table_expire(w->catalog, "silver.ais", &all, &snapshots, &files, error), error);
    for (int i = 0; i < LOG; i++) must(commit_once(w, count++, error), error);
    const meter begun = look();
    for (int i = 0; i < WINDOW; i++) must(commit_once(w, count + i, error), error);
    print_stage(count - LOG, WINDOW, "expired", &begun);
    return count + WINDOW;
}

static void grow(writer *w, seine_error *error) {
    meter begun = {0};
    int stage = -1, window = 0, count = 0;
    while (count < w->commits) {
        if (count == YOUNG && w->keep == 0) count = grow_expired(w, count, error);
        if (is_stage(count, w->commits)) {
            stage = count;
            window = count < WINDOW ? count : WINDOW;
            begun = look();
        }
        must(commit_once(w, count++, error), error);
        if (stage >= 0 && count == stage + window) print_stage(stage, window, w->keep > 0 ? "kept" : "all", &begun);
    }
    if (w->keep == 0) (void)grow_expired(w, count, error);
}

/* ---- many tables at once ---- */

/* Tables of the shape of silver.ais, as models make theirs. */
static void make_tables(writer *w, seine_arena *arena, const char *names[TABLES], seine_error *error) {
    seine_commit *commit = NULL;
    seine_shape *shapes[TABLES] = {NULL};
    must(seine_commit_begin(w->catalog, NULL, &commit, error), error);
    for (int i = 0; i < TABLES; i++) {
        seine_table_schema schema = *seine_schema_find("silver.ais");
        names[i] = schema.name = seine_arena_printf(arena, "gold.table_%d", i);
        must(seine_shape_begin(w->catalog, &schema, schema.name, &shapes[i], error), error);
        must(seine_commit_shape(commit, shapes[i], error), error);
    }
    must(seine_commit_run(commit, error), error);
    for (int i = 0; i < TABLES; i++) seine_shape_end(shapes[i]);
}

static void commit_tables(writer *w, const char *const *names, int count, seine_error *error) {
    seine_arena arena = {0};
    seine_table *tables[TABLES];
    seine_commit *commit = NULL;
    must(seine_tables_load(w->catalog, names, TABLES, tables, error), error);
    must(seine_commit_begin(w->catalog, NULL, &commit, error), error);
    for (size_t i = 0; i < TABLES; i++) {
        const seine_data_file file = make_file(tables[i], 20000 + count, &arena, error);
        must(seine_commit_files(commit, tables[i], &file, 1, NULL, 0, error), error);
    }
    must(seine_commit_run(commit, error), error);
    for (size_t i = 0; i < TABLES; i++) seine_table_close(tables[i]);
    seine_arena_free(&arena);
}

static void grow_tables(writer *w, seine_error *error) {
    seine_arena arena = {0};
    const char *names[TABLES];
    make_tables(w, &arena, names, error);
    commit_tables(w, names, 0, error);
    const meter begun = look();
    for (int i = 1; i <= w->commits; i++) commit_tables(w, names, i, error);
    const meter now = look();
    printf("{\"tables\":%d,\"commits\":%d,\"seconds\":%.5f,\"cpu_seconds\":%.5f}\n", TABLES, w->commits,
           (double)(now.at_us - begun.at_us) / 1e6 / w->commits, (now.cpu_s - begun.cpu_s) / w->commits);
    seine_arena_free(&arena);
}

/* ---- several ---- */

static void *write_all(void *context) {
    writer *w = context;
    seine_error error = {SEINE_OK, ""};
    for (int count = 0; count < w->commits; count++) {
        seine_status status;
        while ((status = commit_once(w, count, &error)) == SEINE_E_CONFLICT) {
            w->conflicts++;
            (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS * (w->number + 1)}, NULL);
        }
        must(status, &error);
    }
    return NULL;
}

static void compete(const char *lake, int writers, int commits, seine_error *error) {
    pthread_t threads[WRITERS_MAX];
    writer *all = calloc((size_t)writers, sizeof *all);
    const int64_t begun_us = seine_clock_monotonic_us();
    if (all == NULL) abort();
    for (int i = 0; i < writers; i++) {
        all[i] = (writer){.lake = lake, .number = i, .commits = commits};
        must(seine_catalog_open(lake, &all[i].catalog, error), error);
        if (pthread_create(&threads[i], NULL, write_all, &all[i]) != 0) abort();
    }
    int conflicts = 0;
    for (int i = 0; i < writers; i++) {
        (void)pthread_join(threads[i], NULL);
        conflicts += all[i].conflicts;
        seine_catalog_close(all[i].catalog);
    }
    const double seconds = (double)(seine_clock_monotonic_us() - begun_us) / 1e6;
    seine_catalog *catalog = NULL;
    seine_table *table = NULL;
    const seine_live_file *files = NULL;
    size_t count = 0;
    must(seine_catalog_open(lake, &catalog, error), error);
    must(seine_table_load(catalog, "silver.ais", (seine_at){0}, &table, error), error);
    must(seine_table_files(table, &files, &count, error), error);
    printf(
        "{\"writers\":%d,\"commits\":%d,\"conflicts\":%d,\"seconds\":%.3f,\"commits_per_second\":%.1f,\"files\":%zu}\n",
        writers, writers * commits, conflicts, seconds, writers * commits / seconds, count);
    seine_table_close(table);
    seine_catalog_close(catalog);
    free(all);
}

int main(int argc, char **argv) {
    seine_error error = {SEINE_OK, ""};
    const int commits = argc > 2 ? atoi(argv[2]) : 0, writers = argc > 3 ? atoi(argv[3]) : 1;
    const int keep = argc > 5 ? atoi(argv[5]) : 0;
    if (commits < 1 || writers < 0 || writers > WRITERS_MAX || keep < 0) {
        (void)fputs("usage: bench_commit FOLDER COMMITS [WRITERS] [ADDRESS] [KEEP]\n", stderr);
        return 2;
    }
    const char *address = argc > 4 && argv[4][0] != '\0' ? argv[4] : NULL;
    must(seine_catalog_create_in(argv[1], address, 1, &error), &error);
    static writer only;
    only = (writer){.lake = argv[1], .commits = commits, .keep = keep};
    must(seine_catalog_open(argv[1], &only.catalog, &error), &error);
    if (keep > 0) must(seine_history_set(only.catalog, (seine_history){0, keep}, &error), &error);
    if (writers > 1)
        compete(argv[1], writers, commits, &error);
    else if (writers == 1)
        grow(&only, &error);
    else
        grow_tables(&only, &error);
    seine_catalog_close(only.catalog);
    return 0;
}
