/*
 * Rows become one class for each id and year. Sums of their hashes for each year and bucket tell which days are to be
 * looked at when the table changes, without a look at their fixes.
 */
#include "refresh/vessels.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "seine/fishing_score.h"
#include "table/scan.h"

#include <stdlib.h>

#define ROWS_MAX ((size_t)1 << 30)

struct seine_vessel_class {
    seine_str id;
    int32_t year, gear;
    bool is_transmitted; /* the id is the row's ssvid only */
};

struct seine_vessel_classes {
    int32_t year, bucket;
    seine_hash128 hash;
};

/* ---- reading ---- */

/* Columns that are read, in this order. */
enum { VESSEL_ID, YEAR, SSVID, GEARTYPE, VALID_TO, COLUMNS };
static const char *const names[COLUMNS] = {"vessel_id", "year", "ssvid", "geartype", "valid_to"};

typedef struct reading {
    seine_vessels *vessels;
    size_t capacity;
    seine_vessel_class *classes; /* grows */
} reading;

static void end_reading(reading *r) { free(r->classes); }

static bool text_at(const seine_rows *rows, size_t column, size_t row, seine_str *text) {
    size_t at;
    if (!seine_vec_at(&rows->columns[column], row, &at)) return false;
    *text = ((const seine_str *)rows->columns[column].values)[at];
    return text->size > 0;
}

static int32_t gear_of(seine_str name) {
    for (size_t i = 0; seine_fishing_class(i) != NULL; i++)
        if (seine_str_equal(name, seine_str_of(seine_fishing_class(i))))
            return (int32_t)seine_fishing_gear_of_class(seine_fishing_class(i));
    return SEINE_GEAR_UNTOLD;
}

static seine_status add(reading *r, seine_str id, int32_t year, int32_t gear, bool is_transmitted) {
    const char *copy = seine_arena_copy(&r->vessels->arena, id.data, id.size);
    if (copy == NULL) return SEINE_E_NOMEM;
    SEINE_TRY(SEINE_ARRAY_ROOM(r->classes, r->vessels->count, r->capacity, 1, ROWS_MAX));
    r->classes[r->vessels->count++] = (seine_vessel_class){{copy, id.size}, year, gear, is_transmitted};
    return SEINE_OK;
}

static seine_status take_row(reading *r, const seine_rows *rows, size_t row) {
    seine_str id, ssvid = {NULL, 0}, name;
    size_t year_at, to_at;
    const bool is_over = seine_vec_at(&rows->columns[VALID_TO], row, &to_at);
    if (is_over || !text_at(rows, GEARTYPE, row, &name) || gear_of(name) == SEINE_GEAR_UNTOLD) return SEINE_OK;
    if (!text_at(rows, VESSEL_ID, row, &id) || !seine_vec_at(&rows->columns[YEAR], row, &year_at)) return SEINE_OK;
    const int32_t year = ((const int32_t *)rows->columns[YEAR].values)[year_at], gear = gear_of(name);
    SEINE_TRY(add(r, id, year, gear, false));
    if (!text_at(rows, SSVID, row, &ssvid) || seine_str_equal(ssvid, id)) return SEINE_OK;
    return add(r, ssvid, year, gear, true);
}

static seine_status take_rows(void *context, const seine_rows *rows, seine_error *error) {
    reading *r = context;
    for (size_t row = 0; row < rows->count; row++)
        if (take_row(r, rows, row) != SEINE_OK) return seine_no_memory(error, "reading reference tables");
    return SEINE_OK;
}

static seine_status read_table(reading *r, seine_engine *engine, seine_table *table, seine_error *error) {
    const seine_table_schema *schema = seine_table_schema_of(table);
    const seine_live_file *files = NULL;
    size_t count = 0, columns[COLUMNS];
    SEINE_TRY(seine_table_files(table, &files, &count, error));
    const char **paths SEINE_OWNED(seine_free_owned) = malloc((count + 1) * sizeof *paths);
    if (paths == NULL) return seine_no_memory(error, "reading reference tables");
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    for (size_t i = 0; i < COLUMNS; i++) columns[i] = seine_schema_column(schema, names[i]);
    const seine_scan scan = {.engine = engine,
                             .schema = schema,
                             .columns = columns,
                             .column_count = COLUMNS,
                             .files = paths,
                             .file_count = count};
    return seine_scan_run(&scan, take_rows, r, error);
}

/* ---- one class for an id and year ---- */

static int compare_keys(const seine_vessel_class *a, const seine_vessel_class *b) {
    const int order = seine_str_compare(a->id, b->id);
    return order != 0 ? order : (a->year > b->year) - (a->year < b->year);
}

static int compare_classes(const void *a, const void *b) {
    const seine_vessel_class *l = a, *r = b;
    int order = compare_keys(l, r);
    if (order == 0) order = (int)l->is_transmitted - (int)r->is_transmitted;
    return order != 0 ? order : (l->gear > r->gear) - (l->gear < r->gear);
}

static int compare_key(const void *a, const void *b) { return compare_keys(a, b); }

/* Those of the same id and year become the first of them, or none when they do not agree. */
static void settle(reading *r) {
    size_t kept = 0, count = r->vessels->count;
    if (count > 0) qsort(r->classes, count, sizeof *r->classes, compare_classes);
    for (size_t first = 0, last; first < count; first = last) {
        const seine_vessel_class one = r->classes[first];
        bool agree = true;
        for (last = first; last < count && compare_keys(&r->classes[last], &one) == 0; last++)
            if (r->classes[last].is_transmitted == one.is_transmitted && r->classes[last].gear != one.gear)
                agree = false;
        if (agree) r->classes[kept++] = one;
    }
    r->vessels->count = kept;
}

/* ---- sums ---- */

static int compare_sums(const void *a, const void *b) {
    const seine_vessel_classes *l = a, *r = b;
    if (l->year != r->year) return l->year < r->year ? -1 : 1;
    return (l->bucket > r->bucket) - (l->bucket < r->bucket);
}

static seine_status add_up(seine_vessels *v, int buckets) {
    v->sums = SEINE_ARENA_ARRAY(&v->arena, seine_vessel_classes, v->count);
    if (v->sums == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < v->count; i++) {
        const seine_vessel_class *one = &v->classes[i];
        const seine_hash128 parts[] = {seine_hash128_of(one->id.data, one->id.size), {(uint64_t)one->gear, 0}};
        v->sums[i] =
            (seine_vessel_classes){one->year, seine_bucket_of(one->id, buckets), seine_hash128_of(parts, sizeof parts)};
    }
    if (v->count > 0) qsort(v->sums, v->count, sizeof *v->sums, compare_sums);
    for (size_t i = 0; i < v->count; i++) {
        if (v->sum_count == 0 || compare_sums(&v->sums[v->sum_count - 1], &v->sums[i]) != 0)
            v->sums[v->sum_count++] = v->sums[i];
        else
            v->sums[v->sum_count - 1].hash = seine_hash128_add(v->sums[v->sum_count - 1].hash, v->sums[i].hash);
    }
    return SEINE_OK;
}

seine_status seine_vessels_load(seine_catalog *catalog, seine_engine *engine, seine_vessels *vessels,
                                seine_error *error) {
    static const char *const tables[] = {"ref.vessels"};
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    reading r SEINE_OWNED(end_reading) = {.vessels = vessels};
    SEINE_TRY(seine_tables_load_or_empty(catalog, tables, 1, &table, error));
    SEINE_TRY(read_table(&r, engine, table, error));
    settle(&r);
    vessels->classes = SEINE_ARENA_ARRAY(&vessels->arena, seine_vessel_class, vessels->count);
    if (vessels->classes == NULL) return seine_no_memory(error, "reading reference tables");
    if (vessels->count > 0) memcpy(vessels->classes, r.classes, vessels->count * sizeof *r.classes);
    if (add_up(vessels, seine_catalog_buckets(catalog)) != SEINE_OK)
        return seine_no_memory(error, "reading reference tables");
    return SEINE_OK;
}

void seine_vessels_free(seine_vessels *vessels) {
    seine_arena_free(&vessels->arena);
    *vessels = (seine_vessels){.count = 0};
}

/* ---- looking up ---- */

static int32_t year_of(int32_t day) {
    int year, month, of_month;
    seine_civil_from_days(day, &year, &month, &of_month);
    return (int32_t)year;
}

int32_t seine_vessels_gear(const seine_vessels *vessels, seine_str id, int32_t day) {
    if (vessels->count == 0) return -1;
    const seine_vessel_class key = {.id = id, .year = year_of(day)};
    const seine_vessel_class *found = bsearch(&key, vessels->classes, vessels->count, sizeof key, compare_key);
    return found != NULL ? found->gear : -1;
}

seine_hash128 seine_vessels_hash(const seine_vessels *vessels, int32_t bucket, int32_t day) {
    const seine_hash128 nothing = {0, 0};
    if (vessels->sum_count == 0) return nothing;
    const seine_vessel_classes key = {.year = year_of(day), .bucket = bucket};
    const seine_vessel_classes *found = bsearch(&key, vessels->sums, vessels->sum_count, sizeof key, compare_sums);
    return found != NULL ? found->hash : nothing;
}
