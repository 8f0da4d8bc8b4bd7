/*
 * Gold tables: their files, the rows that the ledger counts for each day, and the sums that must equal an input. Days
 * that are stale (silver changed since) are left out of the sums: the next refresh makes them anew.
 */
#include "base/time.h"
#include "io/file.h"
#include "model/check.h"
#include "model/plan.h"
#include "verify/internal.h"

#include <inttypes.h>

#define SQL_MAX_BYTES ((size_t)1 << 30)

typedef struct work {
    seine_verification *v;
    seine_model_set set;
    seine_model_lake lake;
    seine_arena arena;
} work;

static seine_status no_memory(seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "out of memory while verifying gold tables");
}

static const char *day_text(seine_partition_value day, char text[16]) {
    if (day.is_null) return "all days";
    (void)seine_date_format(day.value, text);
    return text;
}

/* ---- files, and rows per day ---- */

static int64_t rows_of(const seine_live_file *files, size_t count, const seine_model *model,
                       seine_partition_value day) {
    int64_t rows = 0;
    for (size_t i = 0; i < count; i++)
        if (!model->has_days || (!day.is_null && files[i].file.partition[0].value == day.value))
            rows += files[i].file.rows;
    return rows;
}

static seine_status check_table(work *w, const seine_model *model, const seine_model_table *table, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    const size_t findings = w->v->report->findings;
    char text[16];
    seine_status status = seine_verify_one(w->v, table->table, error);
    if (status != SEINE_OK || w->v->report->findings > findings) return status;
    status = seine_table_files(table->table, &files, &count, error);
    for (size_t i = 0; i < table->count && status == SEINE_OK; i++) {
        const seine_model_part *part = &table->parts[i];
        const int64_t rows = rows_of(files, count, model, part->day);
        if (!part->has_content)
            seine_verify_finding(w->v, "%s %s: the ledger does not know its rows", table->name,
                                 day_text(part->day, text));
        else if (rows != part->rows)
            seine_verify_finding(w->v, "%s %s: %" PRId64 " rows, the ledger says %" PRId64, table->name,
                                 day_text(part->day, text), rows, part->rows);
    }
    return status;
}

/* ---- sums ---- */

static seine_status sum_of(work *w, const seine_model *model, const seine_model_table *table,
                           const seine_model_part *part, int64_t *sum, seine_error *error) {
    seine_buf sql;
    seine_buf_init(&sql, SQL_MAX_BYTES);
    seine_query *query = NULL;
    seine_rows rows = {0};
    *sum = 0;
    seine_status status =
        seine_engine_view(w->v->engine, table->schema, table->name, part->files, part->file_count, error);
    if (status == SEINE_OK)
        status = seine_buf_printf(&sql, "SELECT CAST(coalesce(sum(\"%s\"), 0) AS BIGINT) FROM %s",
                                  table->schema->columns[model->reconcile_column].name, table->name);
    const char *text = seine_buf_text(&sql);
    if (status == SEINE_OK) status = text != NULL ? SEINE_OK : no_memory(error);
    if (status == SEINE_OK) status = seine_query_start(w->v->engine, text, NULL, 0, &query, error);
    if (status == SEINE_OK) status = seine_query_next(query, &rows, error);
    if (status == SEINE_OK && rows.count == 1) *sum = ((const int64_t *)rows.columns[0].values)[0];
    seine_query_end(query);
    seine_buf_free(&sql);
    return status;
}

static seine_status add_rows(void *context, const seine_model_part *part) {
    *(int64_t *)context += part->rows;
    return SEINE_OK;
}

static seine_status check_sums(work *w, const seine_model *model, const seine_model_table *table, seine_error *error) {
    seine_model_unit *units = NULL;
    size_t count = 0;
    char text[16];
    if (model->reconcile_column == SIZE_MAX) return SEINE_OK;
    seine_status status = seine_model_units(w->v->catalog, model, &w->lake, &w->arena, &units, &count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        const seine_model_part *part = seine_model_part_find(table, units[i].day);
        if (units[i].is_stale || part == NULL || part->file_count == 0) continue;
        int64_t wanted = 0, found = 0;
        for (size_t k = 0; k < model->input_count && status == SEINE_OK; k++)
            if (strcmp(model->inputs[k].table, model->reconcile_table) == 0)
                status = seine_model_window_walk(seine_model_lake_find(&w->lake, model->reconcile_table),
                                                 model->inputs[k].window, units[i].day, add_rows, &wanted);
        if (status == SEINE_OK) status = sum_of(w, model, table, part, &found, error);
        if (status == SEINE_OK && wanted != found)
            seine_verify_finding(w->v, "%s %s: %s sums up to %" PRId64 ", %s has %" PRId64 " rows", table->name,
                                 day_text(units[i].day, text), table->schema->columns[model->reconcile_column].name,
                                 found, model->reconcile_table, wanted);
    }
    return status;
}

seine_status seine_verify_gold(seine_verification *v, seine_error *error) {
    work w = {.v = v};
    const char *folder = seine_file_join(&w.arena, seine_catalog_path(v->catalog), "models");
    seine_status status = folder != NULL ? SEINE_OK : no_memory(error);
    if (status == SEINE_OK) status = seine_model_set_load(folder, NULL, 0, &w.set, error);
    if (status == SEINE_OK) status = seine_models_refuse_strays(v->catalog, &w.set, error);
    if (status == SEINE_OK) status = seine_model_lake_load(v->catalog, &w.set, false, &w.lake, error);
    for (size_t i = 0; i < w.set.count && status == SEINE_OK; i++) {
        const seine_model_table *table = seine_model_lake_find(&w.lake, w.set.models[i].schema.name);
        if (table->table == NULL) continue; /* never refreshed */
        const size_t findings = v->report->findings;
        status = check_table(&w, &w.set.models[i], table, error);
        if (status == SEINE_OK && v->report->findings == findings)
            status = check_sums(&w, &w.set.models[i], table, error);
    }
    seine_model_lake_free(&w.lake);
    seine_model_set_free(&w.set);
    seine_arena_free(&w.arena);
    return status;
}
