/* Rows of a partition into a Parquet file: codes stay codes, and what a partition never has is a constant. */
#include "ingest/partition_file.h"

#include "base/try.h"
#include "parquet/writer.h"

#include <math.h>
#include <stdlib.h>

#define NUMBERS_MAX (2 + SEINE_DATASET_MEASURES_MAX)

/* Memory for one row group, reused by the next. */
typedef struct row_group {
    int64_t *ts, *source_row;
    double *number[NUMBERS_MAX];
    uint8_t *valid[NUMBERS_MAX];
    uint32_t *mover, *source;
    uint32_t *statics[SEINE_STATICS_MAX];
    seine_vec columns[SEINE_DATASET_COLUMNS_MAX];
} row_group;

static void set_dict(seine_vec *vec, seine_type type, const void *values, const uint32_t *codes, size_t dict_count) {
    *vec =
        (seine_vec){.type = type, .kind = SEINE_VEC_DICT, .values = values, .codes = codes, .dict_count = dict_count};
}

static void set_constant_null(seine_vec *vec, seine_type type) {
    *vec = (seine_vec){.type = type, .kind = SEINE_VEC_CONSTANT, .is_null = true};
}

/* Texts and times of the sources as dictionaries. */
typedef struct source_values {
    seine_str *names, *urls;
    int64_t *ingested;
} source_values;

static bool make_source_values(const seine_fix_words *words, seine_arena *arena, source_values *values) {
    values->names = SEINE_ARENA_ARRAY(arena, seine_str, words->source_count);
    values->urls = SEINE_ARENA_ARRAY(arena, seine_str, words->source_count);
    values->ingested = SEINE_ARENA_ARRAY(arena, int64_t, words->source_count);
    if (values->names == NULL || values->urls == NULL || values->ingested == NULL) return false;
    for (size_t s = 0; s < words->source_count; s++) {
        values->names[s] = words->sources[s].name;
        values->urls[s] = words->sources[s].url;
        values->ingested[s] = words->sources[s].ingested_at_us;
    }
    return true;
}

static size_t number_count(const seine_dataset *dataset) { return 2 + dataset->measure_count; }

static bool make_numbers(row_group *group, const seine_fix_words *words, size_t rows, seine_arena *arena) {
    const seine_table_schema *schema = seine_dataset_silver(words->dataset);
    bool ok = true;
    for (size_t i = 0; i < number_count(words->dataset); i++) {
        ok = (group->number[i] = SEINE_ARENA_ARRAY(arena, double, rows)) != NULL && ok;
        ok = (group->valid[i] = SEINE_ARENA_ARRAY(arena, uint8_t, rows)) != NULL && ok;
        group->columns[SEINE_DATASET_LAT + i] =
            (seine_vec){.type = SEINE_TYPE_DOUBLE,
                        .values = group->number[i],
                        .valid = schema->columns[SEINE_DATASET_LAT + i].required ? NULL : group->valid[i]};
    }
    return ok;
}

static bool make_statics(row_group *group, const seine_fix_words *words, size_t rows, seine_arena *arena) {
    const size_t first = seine_dataset_statics_first(words->dataset),
                 count = seine_dataset_statics_count(words->dataset);
    bool ok = true;
    for (size_t c = 0; c < count; c++) {
        const seine_type type = words->dataset->columns[first + c].type;
        seine_vec *vec = &group->columns[first + c];
        if (words->statics.value_count[c] == 0) {
            set_constant_null(vec, type);
            continue;
        }
        ok = (group->statics[c] = SEINE_ARENA_ARRAY(arena, uint32_t, rows)) != NULL && ok;
        set_dict(vec, type, words->statics.values[c], group->statics[c], words->statics.value_count[c]);
    }
    return ok;
}

static bool make_row_group(row_group *group, const seine_fix_words *words, size_t rows, seine_arena *arena) {
    seine_vec *lineage = group->columns + seine_dataset_lineage_first(words->dataset);
    source_values sources;
    bool ok = make_source_values(words, arena, &sources);
    ok = (group->ts = SEINE_ARENA_ARRAY(arena, int64_t, rows)) != NULL && ok;
    ok = (group->source_row = SEINE_ARENA_ARRAY(arena, int64_t, rows)) != NULL && ok;
    ok = (group->mover = SEINE_ARENA_ARRAY(arena, uint32_t, rows)) != NULL && ok;
    ok = (group->source = SEINE_ARENA_ARRAY(arena, uint32_t, rows)) != NULL && ok;
    ok = make_numbers(group, words, rows, arena) && ok;
    ok = make_statics(group, words, rows, arena) && ok;
    group->columns[SEINE_DATASET_TIME] = (seine_vec){.type = SEINE_TYPE_TIMESTAMPTZ, .values = group->ts};
    set_dict(&group->columns[SEINE_DATASET_ID], SEINE_TYPE_STRING, words->movers, group->mover, words->mover_count);
    set_dict(&lineage[0], SEINE_TYPE_STRING, sources.names, group->source, words->source_count);
    lineage[1] = (seine_vec){.type = SEINE_TYPE_LONG, .values = group->source_row};
    set_dict(&lineage[2], SEINE_TYPE_STRING, sources.urls, group->source, words->source_count);
    set_dict(&lineage[3], SEINE_TYPE_TIMESTAMPTZ, sources.ingested, group->source, words->source_count);
    return ok;
}

static void fill_numbers(row_group *group, size_t count, size_t row, const seine_fix *fix) {
    const double values[NUMBERS_MAX] = {fix->lat_deg, fix->lon_deg, fix->measure[0], fix->measure[1], fix->measure[2]};
    for (size_t i = 0; i < count; i++) {
        group->number[i][row] = values[i];
        group->valid[i][row] = (uint8_t)!isnan(values[i]);
    }
}

/* Statics change rarely, so each column is filled run by run of equal tuples. */
static void fill_statics(row_group *group, const seine_fix_key *keys, size_t rows, const seine_fix_words *words) {
    const seine_statics_columns *statics = &words->statics;
    const size_t count = seine_dataset_statics_count(words->dataset);
    for (size_t start = 0, end; start < rows; start = end) {
        const uint32_t tuple = keys[start].fix->statics;
        for (end = start + 1; end < rows && keys[end].fix->statics == tuple;) end++;
        for (size_t c = 0; c < count; c++) {
            if (statics->value_count[c] == 0) continue;
            const uint32_t code = statics->codes[c][tuple];
            for (size_t r = start; r < end; r++) group->statics[c][r] = code;
        }
    }
}

static void fill_row_group(row_group *group, const seine_fix_key *keys, size_t rows, const seine_fix_words *words) {
    const size_t numbers = number_count(words->dataset);
    for (size_t r = 0; r < rows; r++) {
        const seine_fix *fix = keys[r].fix;
        seine_fix_key_ask(keys, r, rows);
        group->ts[r] = fix->ts_us;
        group->mover[r] = fix->mover;
        group->source[r] = fix->source;
        group->source_row[r] = fix->row;
        fill_numbers(group, numbers, r, fix);
    }
    fill_statics(group, keys, rows, words);
}

seine_status seine_partition_file_write(const seine_fix_key *keys, size_t count, const seine_fix_words *words,
                                        bool is_passing, const char *path, seine_file_batch *batch, seine_arena *arena,
                                        seine_data_file *file, seine_error *error) {
    seine_arena memory SEINE_OWNED(seine_arena_free) = {0};
    seine_parquet_writer *writer SEINE_OWNED(seine_parquet_abort_owned) = NULL;
    row_group group = {0};
    const size_t most = count < SEINE_ROW_GROUP_ROWS ? count : SEINE_ROW_GROUP_ROWS;
    if (!make_row_group(&group, words, most, &memory)) return seine_no_memory(error, path);
    const seine_table_schema *schema = seine_dataset_silver(words->dataset);
    SEINE_TRY(seine_parquet_open(path, schema, &writer, error));
    seine_parquet_defer(writer, batch);
    if (is_passing) seine_parquet_leave_unpacked(writer);
    for (size_t at = 0; at < count; at += most) {
        const size_t rows = count - at < most ? count - at : most;
        fill_row_group(&group, keys + at, rows, words);
        SEINE_TRY(seine_parquet_write(writer, &(seine_rows){rows, schema->column_count, group.columns}, error));
    }
    return seine_parquet_finish(SEINE_TAKE(writer), arena, file, error);
}
