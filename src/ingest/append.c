#include "ingest/append.h"

#include "base/try.h"
#include "table/scan.h"

#include <stdlib.h>

/* The two sides go through their keys together. */
typedef struct comparing {
    seine_fix_key *keys;
    size_t count, at;
    const seine_fix_words *words;
    bool *is_stored; /* per key: the lake has a row of it that stays */
    bool is_beaten;  /* the partition has to be made anew: a stored row would have to go, or the rows have no order */
    seine_buf id;    /* of the row before */
    int64_t time_us;
    bool has_row;
} comparing;

enum { ID, TIME, SOURCE, ROW, COLUMNS };
#define ID_BYTES_MAX ((size_t)1 << 24)

static void comparing_end(comparing *c) { seine_buf_free(&c->id); }

/* @return whether the new row stays of two with one key: as in winner.c. */
static bool wins(const comparing *c, const seine_fix *fix, seine_str source, int64_t row) {
    const int order = seine_str_compare(c->words->sources[fix->source].name, source);
    const bool is_first = order != 0 ? order < 0 : (int64_t)fix->row < row;
    return is_first != c->words->dataset->keeps_last;
}

/* Order of the new row that is at hand and a stored one. */
static int compare(const comparing *c, seine_str id, int64_t time_us) {
    const seine_fix *fix = c->keys[c->at].fix;
    const int order = seine_str_compare(c->words->movers[fix->mover], id);
    return order != 0 ? order : (fix->ts_us > time_us) - (fix->ts_us < time_us);
}

/* Whoever else writes files may leave them unsorted: then nothing is found by going through both sides together. */
static seine_status check_order(comparing *c, seine_str id, int64_t time_us, seine_error *error) {
    const int order = c->has_row ? seine_str_compare(seine_buf_str(&c->id), id) : -1;
    if (order > 0 || (order == 0 && c->time_us >= time_us)) {
        c->is_beaten = true;
        return seine_fail(error, SEINE_E_CONFLICT, "stored rows are not in order");
    }
    c->time_us = time_us;
    c->has_row = true;
    if (order == 0) return SEINE_OK;
    seine_buf_clear(&c->id);
    return seine_buf_append(&c->id, id.data, id.size) == SEINE_OK ? SEINE_OK : seine_no_memory(error, "writing silver");
}

/* A row that has to go ends the reading: what follows does not matter. */
static seine_status compare_rows(void *context, const seine_rows *rows, seine_error *error) {
    comparing *c = context;
    const seine_str *ids = rows->columns[ID].values, *sources = rows->columns[SOURCE].values;
    const int64_t *times = rows->columns[TIME].values, *numbers = rows->columns[ROW].values;
    for (size_t i = 0; i < rows->count && c->at < c->count; i++) {
        int order = -1;
        SEINE_TRY(check_order(c, ids[i], times[i], error));
        while (c->at < c->count && (order = compare(c, ids[i], times[i])) < 0) c->at++;
        if (order != 0 || c->at == c->count) continue;
        c->is_beaten = wins(c, c->keys[c->at].fix, sources[i], numbers[i]);
        if (c->is_beaten) return seine_fail(error, SEINE_E_CONFLICT, "a stored row gives way");
        c->is_stored[c->at++] = true;
    }
    return SEINE_OK;
}

/* Whether the times of a file, by its bounds, and those of the keys have something in common. */
static bool may_share(const seine_data_file *file, size_t column, int64_t least_us, int64_t most_us) {
    int64_t least, most;
    const bool is_told = seine_stats_range(file->stats != NULL ? &file->stats[column] : NULL, &least, &most);
    return !is_told || (least <= most_us && most >= least_us);
}

static seine_status compare_all(const seine_append_to *to, comparing *c, seine_error *error) {
    const seine_dataset *dataset = c->words->dataset;
    const size_t lineage = seine_dataset_lineage_first(dataset);
    const size_t columns[COLUMNS] = {SEINE_DATASET_ID, SEINE_DATASET_TIME, lineage, lineage + 1};
    const char **paths SEINE_OWNED(seine_free_owned) = malloc((to->file_count + 1) * sizeof *paths);
    size_t path_count = 0;
    int64_t least_us = INT64_MAX, most_us = INT64_MIN;
    if (paths == NULL) return seine_no_memory(error, "writing silver");
    for (size_t i = 0; i < c->count; i++) {
        const int64_t ts_us = c->keys[i].fix->ts_us;
        if (ts_us < least_us) least_us = ts_us;
        if (ts_us > most_us) most_us = ts_us;
    }
    for (size_t f = 0; f < to->file_count; f++)
        if (may_share(to->files[f], SEINE_DATASET_TIME, least_us, most_us)) paths[path_count++] = to->files[f]->path;
    const seine_scan scan = {.engine = to->engine,
                             .schema = seine_dataset_silver(dataset),
                             .columns = columns,
                             .column_count = COLUMNS,
                             .files = paths,
                             .file_count = path_count,
                             .merges = true};
    return seine_scan_run(&scan, compare_rows, c, error);
}

seine_status seine_append_check(const seine_append_to *to, seine_fix_key *keys, size_t *count,
                                const seine_fix_words *words, bool *may, seine_error *error) {
    bool *is_stored SEINE_OWNED(seine_free_owned) = calloc(*count + 1, sizeof *is_stored);
    if (is_stored == NULL) return seine_no_memory(error, "writing silver");
    comparing c SEINE_OWNED(comparing_end) = {.keys = keys, .count = *count, .words = words, .is_stored = is_stored};
    seine_buf_init(&c.id, ID_BYTES_MAX);
    seine_error why = {SEINE_OK, ""};
    const seine_status status = compare_all(to, &c, &why);
    *may = !c.is_beaten;
    if (c.is_beaten) return SEINE_OK;
    if (status != SEINE_OK) return seine_fail(error, status, "%s", why.text);
    size_t kept = 0;
    for (size_t i = 0; i < c.count; i++)
        if (!is_stored[i]) keys[kept++] = keys[i];
    *count = kept;
    return SEINE_OK;
}

static int by_rows(const void *a, const void *b) {
    const seine_data_file *x = *(const seine_data_file *const *)a, *y = *(const seine_data_file *const *)b;
    return x->rows != y->rows ? (x->rows > y->rows) - (x->rows < y->rows) : strcmp(x->path, y->path);
}

size_t seine_append_merged(const seine_data_file **files, size_t count, size_t batch_rows) {
    size_t merged = 0;
    if (count < SEINE_PARTITION_FILES_MAX) return 0;
    qsort(files, count, sizeof *files, by_rows);
    for (uint64_t rows = batch_rows; merged < count; rows += (uint64_t)files[merged++]->rows)
        if (count - merged < SEINE_PARTITION_FILES_MAX && merged > 0 && (uint64_t)files[merged]->rows > rows) break;
    return merged;
}
