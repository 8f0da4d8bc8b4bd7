/* Rows before and after a run side by side, by key: versions tell which have changed. */
#include "model/log.h"

#include "base/time.h"
#include "base/try.h"

#include <inttypes.h>

#define SQL_MAX_BYTES ((size_t)64 << 20) /* every day of a run is named */
#define CAUSES "\"unit causes\""         /* no column of a model can be called so */
#define KEY_ROWS "\"key rows\""

/* Both, and nothing else. */
static seine_status show(seine_model_stage *stage, const seine_model *model, const seine_model_run *run,
                         seine_error *error) {
    seine_model sink = *model;
    const char *const *files = run->files;
    seine_model_view was = {.schema = &model->schema, .file_count = stage->was_count};
    sink.input_count = 0;
    seine_pins_free(&stage->pins);
    SEINE_TRY(seine_pins_add(&stage->pins, stage->was, stage->was_count, &was.files, error));
    SEINE_TRY(seine_pins_add(&stage->pins, run->files, run->file_count, &files, error));
    const seine_status status = seine_model_views(stage->room->engine, &stage->former, &sink, &was, error);
    stage->former = sink;
    SEINE_TRY(status);
    return seine_engine_view(stage->room->engine, &model->schema, SEINE_MODEL_MADE, files, run->file_count, error);
}

/* ---- causes ---- */

static seine_status put_unit(const seine_model_unit *unit, seine_buf *sql) {
    char day[16];
    if (!unit->day.is_null) (void)seine_date_format(unit->day.value, day);
    SEINE_TRY(unit->day.is_null ? seine_buf_append_str(sql, "(CAST(NULL AS DATE), ")
                                : seine_buf_printf(sql, "(DATE '%s', ", day));
    return unit->has_causes ? seine_buf_printf(sql, "%u)", unit->causes)
                            : seine_buf_append_str(sql, "CAST(NULL AS INTEGER))");
}

/* Rows of a view, each with the causes of its unit. */
static seine_status put_rows(const seine_model *model, const char *name, const char *what, const char *view,
                             seine_buf *sql) {
    SEINE_TRY(seine_buf_printf(sql, ", %s AS (SELECT stored.*%s, unit.causes AS " CAUSES " FROM %s AS stored", name,
                               what, view));
    if (!model->has_days) return seine_buf_append_str(sql, " CROSS JOIN unit)");
    return seine_buf_printf(sql, " LEFT JOIN unit ON stored.\"%s\" IS NOT DISTINCT FROM unit.of_day)",
                            model->schema.columns[model->day_column].name);
}

/* In the order of the header; a table that is read twice has the bit of its first input. */
static seine_status put_cause(const seine_model *model, seine_buf *sql) {
    SEINE_TRY(seine_buf_printf(sql,
                               "nullif(concat_ws(', ', CASE WHEN (" CAUSES " & %u) <> 0 THEN 'model' END,"
                               " CASE WHEN (" CAUSES " & %u) <> 0 THEN 'parameters' END",
                               SEINE_MODEL_CAUSE_MODEL, SEINE_MODEL_CAUSE_PARAMETERS));
    for (size_t i = 0; i < model->input_count; i++)
        SEINE_TRY(seine_buf_printf(sql, ", CASE WHEN (" CAUSES " & %u) <> 0 THEN '%s' END", SEINE_MODEL_CAUSE_INPUT(i),
                                   model->inputs[i].table));
    return seine_buf_printf(sql, "), '') AS \"%s\"", model->history.columns[model->history.column_count - 1].name);
}

/* ---- changes ---- */

static seine_status put_sides(const seine_model *model, const seine_model_run *run, seine_buf *sql) {
    seine_buf key_rows SEINE_OWNED(seine_buf_free);
    seine_buf_init(&key_rows, SQL_MAX_BYTES);
    SEINE_TRY(seine_buf_printf(&key_rows, ", count(*) OVER (PARTITION BY stored.\"%s\") AS " KEY_ROWS,
                               model->schema.columns[model->key_column].name));
    const char *what = seine_buf_text(&key_rows);
    if (what == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < run->unit_count; i++) {
        SEINE_TRY(seine_buf_append_str(sql, i == 0 ? "WITH unit(of_day, causes) AS (VALUES " : ", "));
        SEINE_TRY(put_unit(run->units[i], sql));
    }
    SEINE_TRY(seine_buf_append_str(sql, ")"));
    SEINE_TRY(put_rows(model, "was", "", SEINE_MODEL_FORMER, sql));
    return put_rows(model, "made", what, SEINE_MODEL_MADE, sql);
}

static seine_status put_changes(const seine_model *model, const char *now, int64_t version, seine_buf *sql) {
    const char *key = model->schema.columns[model->key_column].name;
    SEINE_TRY(seine_buf_printf(sql,
                               ", change AS (SELECT CASE WHEN " KEY_ROWS
                               " > 1 THEN error('two rows have the %s ' || made.\"%s\")"
                               " WHEN was.\"%s\" IS NULL THEN 'new' ELSE 'update' END AS op,"
                               " TIMESTAMPTZ '%s' AS recorded_at, made.* EXCLUDE (" KEY_ROWS ", " CAUSES
                               "), CASE WHEN was.\"%s\" IS NULL THEN made." CAUSES " ELSE made." CAUSES " | was." CAUSES
                               " END AS " CAUSES " FROM made LEFT JOIN was ON made.\"%s\" = was.\"%s\""
                               " WHERE " KEY_ROWS " > 1 OR was.\"%s\" IS NULL OR was.version <> made.version",
                               key, key, key, now, key, key, key, key));
    SEINE_TRY(seine_buf_printf(sql,
                               " UNION ALL SELECT 'retract', TIMESTAMPTZ '%s', was.* REPLACE (CAST(%" PRId64
                               " AS BIGINT) AS version) FROM was ANTI JOIN " SEINE_MODEL_MADE
                               " AS made ON made.\"%s\" = was.\"%s\") SELECT * EXCLUDE (" CAUSES "), ",
                               now, version, key, key));
    SEINE_TRY(put_cause(model, sql));
    return seine_buf_printf(sql, " FROM change ORDER BY \"%s\"", key);
}

seine_status seine_model_log_write(seine_model_stage *stage, const seine_model *model, const seine_model_run *run,
                                   seine_table *history, seine_arena *arena, seine_model_output *log,
                                   seine_error *error) {
    const seine_model as_table = {.file = model->file, .schema = model->history, .reconcile_column = SIZE_MAX};
    const seine_partition_value month = {.value = seine_month_of_day(seine_time_day(run->at_us))};
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_buf sql SEINE_OWNED(seine_buf_free);
    char now[40];
    int64_t version = 0;
    seine_buf_init(&sql, SQL_MAX_BYTES);
    (void)seine_time_format(run->at_us, now);
    SEINE_TRY(seine_table_next_version(history, &model->history, run->at_us, &version, error));
    SEINE_TRY(show(stage, model, run, error));
    const bool is_whole = put_sides(model, run, &sql) == SEINE_OK && put_changes(model, now, version, &sql) == SEINE_OK;
    const char *text = is_whole ? seine_buf_text(&sql) : NULL;
    if (text == NULL) return seine_no_memory(error, model->file);
    SEINE_TRY(seine_query_start(stage->room->engine, text, NULL, 0, &query, error));
    SEINE_TRY(seine_model_check_columns(&as_table, query, error));
    return seine_model_write(&as_table, query, history, month, arena, log, error);
}
