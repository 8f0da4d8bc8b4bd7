#include "model/query.h"

#include "base/array.h"
#include "base/try.h"
#include "io/file.h"
#include "model/plan.h"
#include "model/write.h"

#define SQL_MAX_BYTES ((size_t)4 << 20)
#define FILES_MAX ((size_t)1 << 24) /* that a day reads of one table */

static seine_status drop_views(seine_engine *engine, const seine_model *former, seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    for (size_t i = 0; i < former->input_count; i++)
        if (seine_buf_printf(&sql, "DROP VIEW IF EXISTS %s; ", former->inputs[i].table) != SEINE_OK)
            return seine_no_memory(error, "running models");
    if (former->is_events && seine_buf_append_str(&sql, "DROP VIEW IF EXISTS " SEINE_MODEL_FORMER
                                                        "; DROP VIEW IF EXISTS " SEINE_MODEL_MADE "; ") != SEINE_OK)
        return seine_no_memory(error, "running models");
    const char *text = seine_buf_text(&sql);
    if (text == NULL) return seine_no_memory(error, "running models");
    return sql.size > 0 ? seine_engine_run(engine, text, error) : SEINE_OK;
}

seine_status seine_model_views(seine_engine *engine, const seine_model *former, const seine_model *model,
                               const seine_model_view *views, seine_error *error) {
    if (former != NULL) SEINE_TRY(drop_views(engine, former, error));
    for (size_t i = 0; i < model->input_count; i++)
        SEINE_TRY(seine_engine_view(engine, views[i].schema, model->inputs[i].table, views[i].files,
                                    views[i].file_count, error));
    if (!model->is_events) return SEINE_OK;
    const seine_model_view *rows = &views[model->input_count];
    return seine_engine_view(engine, rows->schema, SEINE_MODEL_FORMER, rows->files, rows->file_count, error);
}

static seine_status start(seine_engine *engine, const seine_model *model, seine_buf *sql, seine_query **query,
                          seine_error *error) {
    const char *text = seine_buf_text(sql);
    if (text == NULL) return seine_no_memory(error, "running models");
    const seine_status status = seine_query_start(engine, text, NULL, 0, query, error);
    if (status != SEINE_OK) (void)seine_model_blame(model, error);
    SEINE_TRY(status);
    return seine_model_check_columns(model, *query, error);
}

seine_status seine_model_begin(seine_engine *engine, const seine_model *model, const seine_model_moment *moment,
                               seine_query **query, seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free) = {0};
    seine_buf_init(&sql, SQL_MAX_BYTES);
    SEINE_TRY(seine_model_sql(model, moment, &sql, error));
    return start(engine, model, &sql, query, error);
}

/* Two statements in the place of one: what makes the rows need not share its memory with what sorts them. */
static seine_status begin_tight(const seine_model_stage *stage, const seine_model *model,
                                const seine_model_moment *moment, seine_query **query, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_buf rows_sql SEINE_OWNED(seine_buf_free) = {0};
    seine_buf_init(&rows_sql, SQL_MAX_BYTES);
    seine_buf sql SEINE_OWNED(seine_buf_free) = {0};
    seine_buf_init(&sql, SQL_MAX_BYTES);
    const char *const path = seine_file_join(&arena, stage->room->folder, "rows.parquet");
    if (path == NULL) return seine_no_memory(error, "running models");
    SEINE_TRY(seine_model_sql_rows(model, moment, &rows_sql, error));
    seine_query *rows = NULL;
    seine_status status = start(stage->room->engine, model, &rows_sql, &rows, error);
    if (status == SEINE_OK) status = seine_model_put_aside(model, rows, path, error);
    seine_query_end(rows); /* before the next one begins, which shall have its memory */
    SEINE_TRY(status);
    if (seine_buf_append_str(&sql, "SELECT * FROM ") != SEINE_OK ||
        seine_sql_source(&sql, &model->schema, &path, 1) != SEINE_OK)
        return seine_no_memory(error, "running models");
    SEINE_TRY(seine_model_sql_order(model, &sql, error));
    return start(stage->room->engine, model, &sql, query, error);
}

/* ---- inputs ---- */

typedef struct gathered {
    seine_arena *arena;
    const char **files;
    size_t count, capacity;
    int64_t rows;
} gathered;

static seine_status gather_part(void *context, const seine_model_part *part) {
    gathered *g = context;
    const seine_status status =
        SEINE_ARENA_ROOM(g->arena, g->files, g->count, g->capacity, part->file_count, FILES_MAX);
    if (status != SEINE_OK) return status;
    g->rows += part->rows;
    for (size_t i = 0; i < part->file_count; i++) g->files[g->count++] = part->files[i];
    return SEINE_OK;
}

/* Of what cannot be copied the engine says what is wrong: that is the day's fault alone. */
static seine_status pin(seine_model_stage *stage, const gathered *g, const char *const **files, seine_error *error) {
    const seine_status status = seine_pins_add(&stage->pins, g->files, g->count, files, error);
    if (status != SEINE_E_IO && status != SEINE_E_AWAY && status != SEINE_E_NOT_FOUND && status != SEINE_E_FORMAT)
        return status;
    *files = g->files;
    return SEINE_OK;
}

/* Files that an input reads for a day, as a view. */
static seine_status view_of(seine_model_stage *stage, const seine_model_input *input, seine_partition_value day,
                            seine_arena *arena, seine_model_view *view, int64_t *rows, seine_error *error) {
    gathered g = {.arena = arena};
    if (seine_model_window_walk(stage->lake, input, day, gather_part, &g) != SEINE_OK)
        return seine_no_memory(error, "running models");
    *view =
        (seine_model_view){.schema = seine_model_lake_find(stage->lake, input->table)->schema, .file_count = g.count};
    *rows = g.rows;
    return pin(stage, &g, &view->files, error);
}

static seine_status view_former(seine_model_stage *stage, const seine_model *model, seine_partition_value day,
                                seine_arena *arena, seine_model_view *view, seine_error *error) {
    const seine_model_table *table = seine_model_lake_find(stage->lake, model->schema.name);
    const seine_model_part *part = seine_model_part_find(table, day);
    gathered g = {.arena = arena};
    if (stage->was == NULL && part != NULL && gather_part(&g, part) != SEINE_OK)
        return seine_no_memory(error, "running models");
    *view = (seine_model_view){table->schema, stage->was, stage->was != NULL ? stage->was_count : g.count};
    return stage->was == NULL ? pin(stage, &g, &view->files, error)
                              : seine_pins_add(&stage->pins, stage->was, stage->was_count, &view->files, error);
}

/* Makes the inputs of a day visible; lists of files live in @p arena, until the views are made. */
static seine_status show_inputs(seine_model_stage *stage, const seine_model *model, seine_partition_value day,
                                int64_t *wanted, seine_arena *arena, seine_error *error) {
    seine_model_view views[SEINE_MODEL_INPUTS_MAX + 1];
    int64_t rows = 0;
    seine_pins_free(&stage->pins); /* of the day before */
    for (size_t i = 0; i < model->input_count; i++) {
        const seine_model_input *input = &model->inputs[i];
        SEINE_TRY(view_of(stage, input, day, arena, &views[i], &rows, error));
        if (model->reconcile_table != NULL && strcmp(input->table, model->reconcile_table) == 0) *wanted = rows;
    }
    if (model->is_events) SEINE_TRY(view_former(stage, model, day, arena, &views[model->input_count], error));
    const seine_status status = seine_model_views(stage->room->engine, &stage->former, model, views, error);
    stage->former = *model;
    return status;
}

void seine_model_stage_free(seine_model_stage *stage) { seine_pins_free(&stage->pins); }

seine_status seine_model_stage_run(seine_model_stage *stage, const seine_model *model, seine_partition_value day,
                                   int64_t run_at_us, int64_t *wanted, seine_query **query, seine_error *error) {
    seine_model_moment moment = {day, run_at_us, 0};
    if (model->is_events)
        SEINE_TRY(seine_table_next_version(seine_model_lake_find(stage->lake, model->history.name)->table,
                                           &model->history, run_at_us, &moment.version, error));
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    *wanted = 0;
    SEINE_TRY(show_inputs(stage, model, day, wanted, &arena, error));
    return stage->is_tight ? begin_tight(stage, model, &moment, query, error)
                           : seine_model_begin(stage->room->engine, model, &moment, query, error);
}
