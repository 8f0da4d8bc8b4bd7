/* links: model table engine io columns core base */
/*
 * What the models cost beside the SQL itself. By hand: the same SELECTs in the same engine over the same Parquet files
 * of silver, each into a table in memory, one after the other. Seine: the same with views, checks, hashes, Parquet
 * files, catalog. The lake has that one day, so that the totals are of the same rows, too.
 *
 *     bench_models LAKE DAY [threads] [rounds]
 *
 * prints one JSON object. Silver of DAY must be there; gold of DAY is made again in each round.
 */
#include "base/time.h"
#include "io/clock.h"
#include "model/check.h"
#include "model/lake.h"
#include "model/run.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS_MAX 15

static int fail(const seine_error *error) {
    fprintf(stderr, "bench_models: %s\n", error->text);
    return 1;
}

static int compare(const void *a, const void *b) {
    const double l = *(const double *)a, r = *(const double *)b;
    return (l > r) - (l < r);
}

static double median(double *values, size_t count) {
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static seine_status show(seine_engine *engine, const seine_model_lake *lake, const char *name,
                         seine_partition_value day, seine_error *error) {
    const seine_model_table *table = seine_model_lake_find(lake, name);
    const seine_model_part *part = seine_model_part_find(table, day);
    if (part == NULL && !day.is_null) return seine_fail(error, SEINE_E_NOT_FOUND, "%s has no such day", name);
    return seine_engine_view(engine, table->schema, table->name, part != NULL ? part->files : NULL,
                             part != NULL ? part->file_count : 0, error);
}

/* Every model, in order, as CREATE TABLE … AS. */
static seine_status by_hand(const seine_model_set *set, const seine_model_lake *lake, int32_t day, int threads,
                            double *seconds, seine_error *error) {
    const seine_engine_options options = {.threads = threads};
    const seine_model_moment moment = {.day = {false, day}};
    seine_engine *engine = NULL;
    seine_status status = seine_engine_open(&options, &engine, error);
    const seine_partition_value of_day = {false, day}, whole = {true, 0};
    if (status == SEINE_OK) status = show(engine, lake, "silver.ais", of_day, error);
    if (status == SEINE_OK) status = show(engine, lake, "silver.ais_enriched", of_day, error);
    if (status == SEINE_OK && seine_model_lake_find(lake, "silver.ais_segments") != NULL) /* else it goes by mover */
        status = show(engine, lake, "silver.ais_segments", of_day, error);
    if (status == SEINE_OK) status = show(engine, lake, "ref.ports", whole, error);
    if (status == SEINE_OK) status = seine_engine_run(engine, "CREATE SCHEMA gold", error);
    const int64_t begin_us = seine_clock_monotonic_us();
    for (size_t i = 0; i < set->count && status == SEINE_OK; i++) {
        const seine_model *model = &set->models[i];
        seine_buf sql;
        seine_buf_init(&sql, 1 << 20);
        status = seine_buf_printf(&sql, "CREATE TABLE %s AS ", model->schema.name);
        if (status == SEINE_OK) status = seine_model_sql(model, &moment, &sql, error);
        if (status == SEINE_OK) status = seine_engine_run(engine, seine_buf_text(&sql), error);
        seine_buf_free(&sql);
    }
    *seconds = (double)(seine_clock_monotonic_us() - begin_us) / 1e6;
    seine_engine_close(engine);
    return status;
}

static seine_status by_seine(seine_catalog *catalog, int32_t day, int threads, double *seconds, seine_error *error) {
    const seine_models_options options = {
        .threads = threads, .has_from = true, .has_to = true, .from = day, .to = day, .replace = true};
    seine_models_report report = {0};
    seine_models *models = NULL;
    const int64_t begin_us = seine_clock_monotonic_us();
    seine_status status = seine_models_open(seine_catalog_path(catalog), &options, &models, error);
    if (status == SEINE_OK) status = seine_models_run(models, catalog, &report, error);
    seine_models_close(models);
    *seconds = (double)(seine_clock_monotonic_us() - begin_us) / 1e6;
    seine_models_report_free(&report);
    return status;
}

static seine_status measure(seine_catalog *catalog, int32_t day, int threads, size_t rounds, seine_error *error) {
    seine_model_set set = {0};
    seine_model_lake lake = {0};
    double hand[ROUNDS_MAX], own[ROUNDS_MAX];
    seine_status status = seine_model_set_of_lake(catalog, NULL, 0, &set, error);
    if (status == SEINE_OK) status = seine_models_refuse_strays(catalog, &set, error); /* of other datasets */
    if (status == SEINE_OK) status = seine_model_lake_load(catalog, &set, false, 1, &lake, error);
    for (size_t i = 0; i < rounds && status == SEINE_OK; i++) {
        status = by_hand(&set, &lake, day, threads, &hand[i], error);
        if (status == SEINE_OK) status = by_seine(catalog, day, threads, &own[i], error);
    }
    if (status == SEINE_OK) {
        const double by_hand_s = median(hand, rounds), seine_s = median(own, rounds);
        printf("{\"threads\":%d,\"rounds\":%zu,\"by_hand_s\":%.3f,\"seine_s\":%.3f,\"ratio\":%.3f}\n", threads, rounds,
               by_hand_s, seine_s, seine_s / by_hand_s);
    }
    seine_model_lake_free(&lake);
    seine_model_set_free(&set);
    return status;
}

int main(int argc, char **argv) {
    int32_t day = 0;
    seine_error error = {SEINE_OK, ""};
    if (argc < 3 || !seine_date_parse(seine_str_of(argv[2]), &day)) {
        fprintf(stderr, "usage: bench_models LAKE DAY [threads] [rounds]\n");
        return 2;
    }
    const int threads = argc > 3 ? atoi(argv[3]) : 2;
    const int rounds = argc > 4 ? atoi(argv[4]) : 3;
    if (threads < 1 || threads > 64 || rounds < 1 || rounds > ROUNDS_MAX) return 2;
    seine_catalog *catalog = NULL;
    seine_status status = seine_catalog_open(argv[1], &catalog, &error);
    if (status == SEINE_OK) status = measure(catalog, day, threads, (size_t)rounds, &error);
    seine_catalog_close(catalog);
    return status == SEINE_OK ? 0 : fail(&error);
}
