/*
 * Gold tables: their files, the rows that the ledger counts for each day, and the sums that must equal an input; on
 * request all rows, made again. Days that are stale (silver changed since) are left out of sums and rows: the next
 * refresh makes them anew.
 */
#include "base/time.h"
#include "base/try.h"
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
    seine_model_room room; /* deep only, as the stage */
    seine_model_stage stage;
    bool *is_wrong; /* per model: its table, or one that it reads, has findings */
    size_t stale_days, stale_tables;
} work;

/* ---- files, and rows per day ---- */

/* Rows in the files of a part. Files come by day as parts do, so that @p at only goes on. */
static int64_t take_rows(work *w, const seine_live_file *files, size_t count, const seine_model *model,
                         seine_partition_value day, size_t *at) {
    int64_t rows = 0;
    for (; *at < count; (*at)++) {
        const seine_partition_value of = files[*at].file.partition[0];
        w->v->report->steps++;
        if (model->has_days && seine_partition_value_compare(of, day) > 0) break;
        if (!model->has_days || seine_partition_value_compare(of, day) == 0) rows += files[*at].file.rows;
    }
    return rows;
}

static seine_status check_table(work *w, const seine_model *model, const seine_model_table *table, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0, at = 0;
    const size_t findings = w->v->report->findings;
    char text[16];
    SEINE_TRY(seine_verify_one(w->v, table->table, error));
    if (w->v->report->findings > findings) return SEINE_OK;
    SEINE_TRY(seine_table_files(table->table, &files, &count, error));
    for (size_t i = 0; i < table->count; i++) {
        const seine_model_part *part = &table->parts[i];
        const int64_t rows = take_rows(w, files, count, model, part->day, &at);
        if (!part->has_content)
            seine_verify_finding(w->v, "%s %s: the ledger does not know its rows", table->name,
                                 seine_model_day_text(model, part->day, text));
        else if (rows != part->rows)
            seine_verify_finding(w->v, "%s %s: %" PRId64 " rows, the ledger says %" PRId64, table->name,
                                 seine_model_day_text(model, part->day, text), rows, part->rows);
    }
    return SEINE_OK;
}

/* ---- sums ---- */

static seine_status sum_of(work *w, const seine_model *model, const seine_model_table *table,
                           const seine_model_part *part, int64_t *sum, seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_rows rows = {0};
    SEINE_TRY(seine_engine_view(w->v->engine, table->schema, table->name, part->files, part->file_count, error));
    SEINE_TRY(seine_buf_printf(&sql, "SELECT CAST(coalesce(sum(\"%s\"), 0) AS BIGINT) FROM %s",
                               table->schema->columns[model->reconcile_column].name, table->name));
    const char *text = seine_buf_text(&sql);
    if (text == NULL) return seine_no_memory(error, table->name);
    SEINE_TRY(seine_query_start(w->v->engine, text, NULL, 0, &query, error));
    SEINE_TRY(seine_query_next(query, &rows, error));
    *sum = rows.count == 1 ? ((const int64_t *)rows.columns[0].values)[0] : 0;
    return SEINE_OK;
}

static seine_status add_rows(void *context, const seine_model_part *part) {
    *(int64_t *)context += part->rows;
    return SEINE_OK;
}

static seine_status check_sums(work *w, const seine_model *model, const seine_model_table *table,
                               const seine_model_unit *units, size_t count, seine_error *error) {
    char text[16];
    if (model->reconcile_column == SIZE_MAX) return SEINE_OK;
    for (size_t i = 0; i < count; i++) {
        const seine_model_part *part = seine_model_part_find(table, units[i].day);
        if (units[i].is_stale || part == NULL || part->file_count == 0) continue;
        int64_t wanted = 0, found = 0;
        for (size_t k = 0; k < model->input_count; k++)
            if (strcmp(model->inputs[k].table, model->reconcile_table) == 0)
                SEINE_TRY(seine_model_window_walk(&w->lake, &model->inputs[k], units[i].day, add_rows, &wanted));
        SEINE_TRY(sum_of(w, model, table, part, &found, error));
        if (wanted != found)
            seine_verify_finding(w->v, "%s %s: %s sums up to %" PRId64 ", %s has %" PRId64 " rows", table->name,
                                 seine_model_day_text(model, units[i].day, text),
                                 table->schema->columns[model->reconcile_column].name, found, model->reconcile_table,
                                 wanted);
    }
    return SEINE_OK;
}

/* ---- logs ---- */

static seine_status show(work *w, seine_table *table, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(table, &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&w->arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, seine_table_name(table));
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    return seine_engine_view(w->v->engine, seine_table_schema_of(table), seine_table_name(table), paths, count, error);
}

static seine_status check_log(work *w, const seine_model *model, const seine_model_table *table, seine_error *error) {
    const seine_model_table *log = model->is_events ? seine_model_lake_find(&w->lake, model->history.name) : NULL;
    if (log == NULL || log->table == NULL) return SEINE_OK;
    const size_t findings = w->v->report->findings;
    SEINE_TRY(seine_verify_one(w->v, log->table, error));
    if (w->v->report->findings > findings) return SEINE_OK;
    SEINE_TRY(show(w, table->table, error));
    SEINE_TRY(show(w, log->table, error));
    return seine_verify_log(w->v, table->table, log->table, model->schema.columns[model->key_column].name, error);
}

/* ---- rows ---- */

/* A table that was not made as its inputs say would tell its difference once more in each that reads it. */
static bool reads_wrong(const work *w, const seine_model *model) {
    for (size_t i = 0; i < model->input_count; i++) {
        const seine_model *maker = seine_model_set_find(&w->set, model->inputs[i].table);
        if (maker != NULL && w->is_wrong[maker - w->set.models]) return true;
    }
    return false;
}

/* By an engine of its own: the SQL may be the user's. */
static seine_status open_stage(work *w, seine_error *error) {
    if (w->room.engine != NULL) return SEINE_OK;
    const char *folder = seine_file_join(&w->arena, w->v->scratch.folder, "models");
    if (folder == NULL) return seine_no_memory(error, "verifying");
    const seine_engine_options options =
        seine_model_room_options(w->v->options->threads, w->v->options->memory_bytes, folder);
    w->stage = (seine_model_stage){.room = &w->room, .lake = &w->lake};
    SEINE_TRY(seine_file_make_folders(folder, error));
    return seine_model_room_open(&options, seine_catalog_path(w->v->catalog), &w->room, error);
}

static seine_status check_rows(work *w, const seine_model *model, const seine_model_unit *units, size_t count,
                               seine_error *error) {
    size_t stale = 0;
    SEINE_TRY(open_stage(w, error));
    SEINE_TRY(seine_verify_remade(w->v, &w->stage, model, units, count, &stale, error));
    w->stale_days += stale;
    w->stale_tables += stale > 0;
    return SEINE_OK;
}

/* ---- all of it ---- */

static seine_status check_model(work *w, size_t index, seine_error *error) {
    const seine_model *model = &w->set.models[index];
    const seine_model_table *table = seine_model_lake_find(&w->lake, model->schema.name);
    const size_t *now = &w->v->report->findings, findings = *now;
    seine_model_unit *units = NULL;
    size_t count = 0;
    w->is_wrong[index] = reads_wrong(w, model);
    if (table->table == NULL) return SEINE_OK; /* never refreshed */
    SEINE_TRY(check_table(w, model, table, error));
    SEINE_TRY(seine_model_units(w->v->catalog, model, &w->lake, &w->arena, &units, &count, error));
    if (*now == findings) SEINE_TRY(check_sums(w, model, table, units, count, error));
    if (*now == findings) SEINE_TRY(check_log(w, model, table, error));
    if (*now == findings && w->v->options->deep && !w->is_wrong[index])
        SEINE_TRY(check_rows(w, model, units, count, error));
    if (*now > findings) w->is_wrong[index] = true;
    return SEINE_OK;
}

static seine_status remark_stale(work *w, seine_error *error) {
    if (w->stale_days == 0) return SEINE_OK;
    const char *what = seine_arena_printf(&w->arena, "gold (%zu days; %zu of %zu tables)", w->stale_days,
                                          w->stale_tables, w->set.count);
    const char *why = "is behind what it is made from, or was made with other settings";
    if (what == NULL || seine_verify_remark(w->v, what, why) != SEINE_OK) return seine_no_memory(error, "verifying");
    return SEINE_OK;
}

static void work_end(work *w) {
    seine_model_stage_free(&w->stage);
    seine_model_room_close(&w->room);
    seine_model_lake_free(&w->lake);
    seine_model_set_free(&w->set);
    seine_arena_free(&w->arena);
}

seine_status seine_verify_gold(seine_verification *v, seine_error *error) {
    work w SEINE_OWNED(work_end) = {.v = v};
    SEINE_TRY(seine_model_set_of_lake(v->catalog, v->options->settings, v->options->setting_count, &w.set, error));
    SEINE_TRY(seine_models_refuse_strays(v->catalog, &w.set, error));
    SEINE_TRY(seine_model_lake_load(v->catalog, &w.set, false, 1, &w.lake, error));
    w.is_wrong = SEINE_ARENA_ARRAY(&w.arena, bool, w.set.count);
    if (w.is_wrong == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < w.set.count; i++) SEINE_TRY(check_model(&w, i, error));
    return remark_stale(&w, error);
}
