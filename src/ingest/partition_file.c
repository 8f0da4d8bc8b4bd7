/* Rows of a partition into a Parquet file: codes stay codes, and what a partition never has is a constant. */
#include "ingest/partition_file.h"

#include "base/try.h"
#include "parquet/writer.h"

#include <math.h>
#include <stdlib.h>

/* Memory for one row group, reused by the next. */
typedef struct row_group {
    int64_t *ts, *source_row;
    double *number[5];
    uint8_t *valid[5];
    uint32_t *mover, *source;
    uint32_t *statics[SEINE_STATICS_COUNT];
    seine_vec columns[SEINE_AIS_COLUMNS];
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

static bool make_row_group(row_group *group, const seine_fix_words *words, size_t rows, seine_arena *arena) {
    const seine_table_schema *schema = seine_schema_find("silver.ais");
    source_values sources;
    bool ok = make_source_values(words, arena, &sources);
    ok = (group->ts = SEINE_ARENA_ARRAY(arena, int64_t, rows)) != NULL && ok;
    ok = (group->source_row = SEINE_ARENA_ARRAY(arena, int64_t, rows)) != NULL && ok;
    ok = (group->mover = SEINE_ARENA_ARRAY(arena, uint32_t, rows)) != NULL && ok;
    ok = (group->source = SEINE_ARENA_ARRAY(arena, uint32_t, rows)) != NULL && ok;
    for (size_t i = 0; i < 5; i++) {
        ok = (group->number[i] = SEINE_ARENA_ARRAY(arena, double, rows)) != NULL && ok;
        ok = (group->valid[i] = SEINE_ARENA_ARRAY(arena, uint8_t, rows)) != NULL && ok;
        group->columns[SEINE_AIS_LAT + i] =
            (seine_vec){.type = SEINE_TYPE_DOUBLE, .values = group->number[i], .valid = i < 2 ? NULL : group->valid[i]};
    }
    for (size_t c = 0; c < SEINE_STATICS_COUNT; c++) {
        const seine_type type = schema->columns[SEINE_STATICS_FIRST + c].type;
        seine_vec *vec = &group->columns[SEINE_STATICS_FIRST + c];
        if (words->statics.value_count[c] == 0) {
            set_constant_null(vec, type);
            continue;
        }
        ok = (group->statics[c] = SEINE_ARENA_ARRAY(arena, uint32_t, rows)) != NULL && ok;
        set_dict(vec, type, words->statics.values[c], group->statics[c], words->statics.value_count[c]);
    }
    group->columns[SEINE_AIS_TS] = (seine_vec){.type = SEINE_TYPE_TIMESTAMPTZ, .values = group->ts};
    group->columns[SEINE_AIS_SOURCE_ROW] = (seine_vec){.type = SEINE_TYPE_LONG, .values = group->source_row};
    set_dict(&group->columns[SEINE_AIS_MMSI], SEINE_TYPE_STRING, words->movers, group->mover, words->mover_count);
    set_dict(&group->columns[SEINE_AIS_SOURCE_FILE], SEINE_TYPE_STRING, sources.names, group->source,
             words->source_count);
    set_dict(&group->columns[SEINE_AIS_SOURCE_URL], SEINE_TYPE_STRING, sources.urls, group->source,
             words->source_count);
    set_dict(&group->columns[SEINE_AIS_INGESTED_AT], SEINE_TYPE_TIMESTAMPTZ, sources.ingested, group->source,
             words->source_count);
    return ok;
}

static void fill_numbers(row_group *group, size_t row, const seine_fix *fix) {
    const double values[5] = {fix->lat_deg, fix->lon_deg, fix->sog_kn, fix->cog_deg, fix->heading_deg};
    for (size_t i = 0; i < 5; i++) {
        group->number[i][row] = values[i];
        group->valid[i][row] = (uint8_t)!isnan(values[i]);
    }
}

/* Statics change rarely, so each column is filled run by run of equal tuples. */
static void fill_statics(row_group *group, const seine_fix_key *keys, size_t rows,
                         const seine_statics_columns *statics) {
    for (size_t start = 0, end; start < rows; start = end) {
        const uint32_t tuple = keys[start].fix->statics;
        for (end = start + 1; end < rows && keys[end].fix->statics == tuple;) end++;
        for (size_t c = 0; c < SEINE_STATICS_COUNT; c++) {
            if (statics->value_count[c] == 0) continue;
            const uint32_t code = statics->codes[c][tuple];
            for (size_t r = start; r < end; r++) group->statics[c][r] = code;
        }
    }
}

static void fill_row_group(row_group *group, const seine_fix_key *keys, size_t rows, const seine_fix_words *words) {
    for (size_t r = 0; r < rows; r++) {
        const seine_fix *fix = keys[r].fix;
        seine_fix_key_ask(keys, r, rows);
        group->ts[r] = fix->ts_us;
        group->mover[r] = fix->mover;
        group->source[r] = fix->source;
        group->source_row[r] = fix->row;
        fill_numbers(group, r, fix);
    }
    fill_statics(group, keys, rows, &words->statics);
}

seine_status seine_partition_file_write(const seine_fix_key *keys, size_t count, const seine_fix_words *words,
                                        const char *path, seine_file_batch *batch, seine_arena *arena,
                                        seine_data_file *file, seine_error *error) {
    seine_arena memory SEINE_OWNED(seine_arena_free) = {0};
    seine_parquet_writer *writer SEINE_OWNED(seine_parquet_abort_owned) = NULL;
    row_group group = {0};
    const size_t most = count < SEINE_ROW_GROUP_ROWS ? count : SEINE_ROW_GROUP_ROWS;
    if (!make_row_group(&group, words, most, &memory)) return seine_no_memory(error, path);
    SEINE_TRY(seine_parquet_open(path, seine_schema_find("silver.ais"), &writer, error));
    seine_parquet_defer(writer, batch);
    for (size_t at = 0; at < count; at += most) {
        const size_t rows = count - at < most ? count - at : most;
        fill_row_group(&group, keys + at, rows, words);
        SEINE_TRY(seine_parquet_write(writer, &(seine_rows){rows, SEINE_AIS_COLUMNS, group.columns}, error));
    }
    return seine_parquet_finish(SEINE_TAKE(writer), arena, file, error);
}
