/* links: parquet engine io core columns base */
/*
 * The Parquet writer against the engine's own COPY: the same 26 columns of silver.ais, one thread each, zstd level 3,
 * row groups of 122,880 rows. Prints rows per second, file size and the ratio.
 *
 *     bench_parquet [--rows N] [FILE.parquet]
 *
 * FILE holds silver.ais rows sorted by mmsi, ts; without it rows are made up (same every time).
 */
#include "base/dict.h"
#include "engine/engine.h"
#include "io/file.h"
#include "parquet/writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define COLUMNS_MAX 32
#define RUNS 5

/* The whole table in memory, as ingest holds it: numbers plain, texts and vessel facts as dictionary codes. */
typedef struct bench_table {
    size_t rows, capacity, column_count;
    const seine_table_schema *schema;
    void *values[COLUMNS_MAX];
    uint8_t *valid[COLUMNS_MAX];
    uint32_t *codes[COLUMNS_MAX];
    seine_dict dicts[COLUMNS_MAX];
    size_t nulls[COLUMNS_MAX];
} bench_table;

static void fail(const char *text) {
    fprintf(stderr, "bench_parquet: %s\n", text);
    exit(1);
}

static void check(seine_status status, const seine_error *error) {
    if (status != SEINE_OK) fail(error->text);
}

static void *must(void *memory) {
    if (memory == NULL) fail("out of memory");
    return memory;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static size_t type_size(seine_type type) {
    return type == SEINE_TYPE_BOOLEAN ? 1 : type == SEINE_TYPE_INT || type == SEINE_TYPE_DATE ? 4 : 8;
}

static bool is_text(const bench_table *table, size_t column) {
    return table->schema->columns[column].type == SEINE_TYPE_STRING;
}

static void grow(bench_table *table, size_t rows) {
    if (rows <= table->capacity) return;
    table->capacity = rows * 2;
    for (size_t i = 0; i < table->column_count; i++) {
        const seine_type type = table->schema->columns[i].type;
        if (is_text(table, i)) {
            table->codes[i] = must(realloc(table->codes[i], table->capacity * sizeof(uint32_t)));
        } else {
            table->values[i] = must(realloc(table->values[i], table->capacity * type_size(type)));
            table->valid[i] = must(realloc(table->valid[i], table->capacity));
        }
    }
}

static void take_column(bench_table *table, size_t column, const seine_vec *vec, size_t count) {
    const size_t size = type_size(vec->type);
    for (size_t row = 0; row < count; row++) {
        const bool valid = vec->valid == NULL || vec->valid[row];
        table->nulls[column] += !valid;
        if (is_text(table, column)) {
            uint32_t *code = &table->codes[column][table->rows + row];
            *code = SEINE_CODE_NULL;
            if (valid &&
                seine_dict_intern(&table->dicts[column], ((const seine_str *)vec->values)[row], code) != SEINE_OK)
                fail("out of memory");
        } else {
            table->valid[column][table->rows + row] = valid;
            memcpy((uint8_t *)table->values[column] + (table->rows + row) * size,
                   (const uint8_t *)vec->values + row * size, size);
        }
    }
}

static void load(seine_engine *engine, bench_table *table, size_t most) {
    seine_error error = {0};
    seine_query *query = NULL;
    check(seine_query_start(engine, "FROM input", NULL, 0, &query, &error), &error);
    for (;;) {
        seine_rows rows;
        check(seine_query_next(query, &rows, &error), &error);
        if (rows.count == 0) break;
        grow(table, table->rows + rows.count);
        for (size_t i = 0; i < rows.column_count; i++) take_column(table, i, &rows.columns[i], rows.count);
        table->rows += rows.count;
        if (table->rows >= most) break;
    }
    seine_query_end(query);
}

static void slice(const bench_table *table, size_t first, seine_vec vecs[COLUMNS_MAX]) {
    for (size_t i = 0; i < table->column_count; i++) {
        const seine_type type = table->schema->columns[i].type;
        if (table->nulls[i] == table->rows) {
            vecs[i] = (seine_vec){.type = type, .kind = SEINE_VEC_CONSTANT, .is_null = true};
        } else if (is_text(table, i)) {
            vecs[i] = (seine_vec){.type = type,
                                  .kind = SEINE_VEC_DICT,
                                  .values = table->dicts[i].entries,
                                  .codes = table->codes[i] + first,
                                  .dict_count = table->dicts[i].count};
        } else {
            vecs[i] = (seine_vec){.type = type,
                                  .kind = SEINE_VEC_PLAIN,
                                  .values = (const uint8_t *)table->values[i] + first * type_size(type),
                                  .valid = table->nulls[i] > 0 ? table->valid[i] + first : NULL};
        }
    }
}

static void write_ours(const bench_table *table, const char *path, seine_arena *arena, seine_data_file *file) {
    seine_error error = {0};
    seine_parquet_writer *writer = NULL;
    check(seine_parquet_open(path, table->schema, &writer, &error), &error);
    for (size_t first = 0; first < table->rows; first += SEINE_ROW_GROUP_ROWS) {
        seine_vec vecs[COLUMNS_MAX];
        slice(table, first, vecs);
        const size_t left = table->rows - first;
        const seine_rows rows = {left < SEINE_ROW_GROUP_ROWS ? left : SEINE_ROW_GROUP_ROWS, table->column_count, vecs};
        check(seine_parquet_write(writer, &rows, &error), &error);
    }
    check(seine_parquet_finish(writer, arena, file, &error), &error);
}

static void copy_theirs(seine_engine *engine, const char *path, const char *version) {
    char sql[2048];
    seine_error error = {0};
    snprintf(sql, sizeof sql,
             "COPY input TO '%s' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, PARQUET_VERSION %s, "
             "ROW_GROUP_SIZE 122880)",
             path, version);
    check(seine_engine_run(engine, sql, &error), &error);
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double report(const char *name, const bench_table *table, double times[RUNS], const char *path) {
    seine_file_info info;
    seine_error error = {0};
    check(seine_file_stat(path, &info, &error), &error);
    qsort(times, RUNS, sizeof times[0], compare);
    const double rate = (double)table->rows / times[RUNS / 2] / 1e6;
    printf("%-24s %6.2f M rows/s  %12llu bytes  %6.2f bytes/row\n", name, rate, (unsigned long long)info.size,
           (double)info.size / (double)table->rows);
    return rate;
}

static double scan(seine_engine *engine, const bench_table *table, const char *path) {
    const char *const files[] = {path};
    const size_t columns[] = {1, 2, 3, 4};
    seine_query *query = NULL;
    seine_error error = {0};
    const double start = seconds();
    check(seine_scan_start(engine, table->schema, columns, 4, files, 1, NULL, &query, &error), &error);
    seine_rows rows;
    size_t count = 0;
    do {
        check(seine_query_next(query, &rows, &error), &error);
        count += rows.count;
    } while (rows.count > 0);
    seine_query_end(query);
    if (count != table->rows) fail("the scan lost rows");
    return (double)count / (seconds() - start) / 1e6;
}

/* Vessels sail or lie still; positions have five digits, one fix a minute with gaps, as in NOAA's archives. */
static const char made_up[] =
    "CREATE TABLE input AS SELECT (366000000 + v * 37)::VARCHAR AS mmsi, "
    "TIMESTAMPTZ '2025-01-01 00:00:00Z' + INTERVAL (i * 60 + hash(v, i) %% 20) SECOND AS ts, "
    "round(30 + v %% 17 + CASE WHEN v %% 3 = 0 THEN hash(v, i) %% 3 * 1e-5 ELSE i * (v %% 40) * 1e-5 + hash(i, v) %% 9 "
    "* 1e-5 END, 5) AS lat, round(-120 + v %% 23 + CASE WHEN v %% 3 = 0 THEN hash(i, v, 1) %% 3 * 1e-5 ELSE i * (v %% "
    "31) * 1e-5 + hash(i, v, 2) %% 9 * 1e-5 END, 5) AS lon, CASE WHEN v %% 3 = 0 THEN hash(i, v, 3) %% 2 * 0.1 ELSE "
    "(v %% 150 + hash(v, i, 4) %% 5) / 10 END AS sog, (hash(v, i // 3) %% 3600) / 10 AS cog, CASE WHEN v %% 4 = 0 THEN "
    "NULL ELSE (hash(v, i // 7) %% 360)::DOUBLE END AS heading, 'VESSEL ' || v AS name, 'IMO' || (9000000 + v) AS imo, "
    "'W' || v AS callsign, (30 + v %% 60)::INTEGER AS vessel_type, CASE WHEN v %% 5 = 0 THEN NULL ELSE ((v + i // 400) "
    "%% 16)::INTEGER END AS status, (v %% 300)::DOUBLE AS length, (v %% 40)::DOUBLE AS width, (v %% 120) / 10 AS "
    "draft, (v %% 90)::INTEGER AS cargo, CASE WHEN v %% 2 = 0 THEN 'A' ELSE 'B' END AS transceiver, NULL::VARCHAR AS "
    "receiver_type, NULL::VARCHAR AS seg_id, NULL::VARCHAR AS msgid, NULL::DOUBLE AS distance_from_shore_m, "
    "NULL::DOUBLE AS distance_from_port_m, 'ais-2025-01-01.csv.zst' AS source_file, (i * 5600 + hash(v, i, 5) %% "
    "5600)::BIGINT AS source_row, NULL::VARCHAR AS source_url, TIMESTAMPTZ '2025-02-01 00:00:00Z' AS ingested_at FROM "
    "range(%zu) t(v), range(1440) u(i) ORDER BY mmsi, i";

int main(int argc, char **argv) {
    size_t rows = 1440 * 1000;
    const char *input = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rows") == 0 && i + 1 < argc)
            rows = (size_t)strtoull(argv[++i], NULL, 10);
        else
            input = argv[i];
    }
    const seine_engine_options options = {.threads = 1};
    seine_engine *engine = NULL;
    seine_error error = {0};
    check(seine_engine_open(&options, &engine, &error), &error);
    char sql[4096], ours[64] = "bench_ours.parquet", theirs[64] = "bench_theirs.parquet";
    if (input != NULL)
        snprintf(sql, sizeof sql, "CREATE TABLE input AS FROM read_parquet('%s')", input);
    else
        snprintf(sql, sizeof sql, made_up, (rows + 1439) / 1440);
    check(seine_engine_run(engine, sql, &error), &error);
    bench_table table = {.schema = seine_schema_find("silver.ais")};
    table.column_count = table.schema->column_count;
    load(engine, &table, SIZE_MAX);
    printf("%zu rows, %zu columns, one thread, median of %d\n", table.rows, table.column_count, RUNS);

    double times[RUNS];
    seine_arena arena = {0};
    seine_data_file file;
    for (int i = 0; i < RUNS; i++) {
        const double start = seconds();
        write_ours(&table, ours, &arena, &file);
        times[i] = seconds() - start;
    }
    const double rate = report("seine", &table, times, ours);
    for (size_t i = 0; getenv("BENCH_COLUMNS") != NULL && i < table.column_count; i++)
        printf("  %-24s %10lld bytes %6.3f bytes/row\n", table.schema->columns[i].name,
               (long long)file.stats[i].size_bytes, (double)file.stats[i].size_bytes / (double)table.rows);
    double best = 0;
    for (int v = 0; v < 2; v++) {
        for (int i = 0; i < RUNS; i++) {
            const double start = seconds();
            copy_theirs(engine, theirs, v == 0 ? "V1" : "V2");
            times[i] = seconds() - start;
        }
        best = fmax(best, report(v == 0 ? "engine COPY, pages V1" : "engine COPY, pages V2", &table, times, theirs));
    }
    printf("ratio to the faster COPY %.2f\n", rate / best);
    for (int i = 0; i < RUNS; i++) times[i] = scan(engine, &table, ours);
    qsort(times, RUNS, sizeof times[0], compare);
    printf("scan of ts, lat, lon, sog from our file %.1f M rows/s\n", times[RUNS / 2]);
    unlink(ours);
    unlink(theirs);
    seine_engine_close(engine);
    return 0;
}
