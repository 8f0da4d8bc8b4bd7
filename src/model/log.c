/* Rows before and after a run side by side, by key: versions tell which have changed. */
#include "model/log.h"

#include "base/time.h"
#include "base/try.h"

#include <inttypes.h>

#define SQL_MAX_BYTES ((size_t)1 << 20)

/* Both, and nothing else. */
static seine_status show(seine_model_stage *stage, const seine_model *model, const char *const *made, size_t count,
                         seine_error *error) {
    seine_model sink = *model;
    const char *const *files = made;
    seine_model_view was = {.schema = &model->schema, .file_count = stage->was_count};
    sink.input_count = 0;
    seine_pins_free(&stage->pins);
    SEINE_TRY(seine_pins_add(&stage->pins, stage->was, stage->was_count, &was.files, error));
    SEINE_TRY(seine_pins_add(&stage->pins, made, count, &files, error));
    const seine_status status = seine_model_views(stage->room->engine, &stage->former, &sink, &was, error);
    stage->former = sink;
    SEINE_TRY(status);
    return seine_engine_view(stage->room->engine, &model->schema, SEINE_MODEL_MADE, files, count, error);
}

static seine_status put_changes(const seine_model *model, const char *now, int64_t version, seine_buf *sql) {
    const char *key = model->schema.columns[model->key_column].name;
    SEINE_TRY(seine_buf_printf(sql,
                               "SELECT CASE WHEN key_rows > 1 THEN error('two rows have the %s ' || made.\"%s\")"
                               " WHEN was.\"%s\" IS NULL THEN 'new' ELSE 'update' END AS op,"
                               " TIMESTAMPTZ '%s' AS recorded_at, made.* EXCLUDE (key_rows) FROM (SELECT *, count(*)"
                               " OVER (PARTITION BY \"%s\") AS key_rows FROM " SEINE_MODEL_MADE
                               ") AS made LEFT JOIN " SEINE_MODEL_FORMER " AS was ON made.\"%s\" = was.\"%s\""
                               " WHERE key_rows > 1 OR was.\"%s\" IS NULL OR was.version <> made.version",
                               key, key, key, now, key, key, key, key));
    return seine_buf_printf(sql,
                            " UNION ALL SELECT 'retract', TIMESTAMPTZ '%s', was.* REPLACE (CAST(%" PRId64
                            " AS BIGINT) AS version) FROM " SEINE_MODEL_FORMER " AS was ANTI JOIN " SEINE_MODEL_MADE
                            " AS made ON made.\"%s\" = was.\"%s\" ORDER BY \"%s\"",
                            now, version, key, key, key);
}

seine_status seine_model_log_write(seine_model_stage *stage, const seine_model *model, const char *const *made,
                                   size_t count, seine_table *history, int64_t run_at_us, seine_arena *arena,
                                   seine_model_output *log, seine_error *error) {
    const seine_model as_table = {.file = model->file, .schema = model->history, .reconcile_column = SIZE_MAX};
    const seine_partition_value month = {.value = seine_month_of_day(seine_time_day(run_at_us))};
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_buf sql SEINE_OWNED(seine_buf_free);
    char now[40];
    int64_t version = 0;
    seine_buf_init(&sql, SQL_MAX_BYTES);
    (void)seine_time_format(run_at_us, now);
    SEINE_TRY(seine_table_next_version(history, &model->history, run_at_us, &version, error));
    SEINE_TRY(show(stage, model, made, count, error));
    const char *text = put_changes(model, now, version, &sql) == SEINE_OK ? seine_buf_text(&sql) : NULL;
    if (text == NULL) return seine_no_memory(error, model->file);
    SEINE_TRY(seine_query_start(stage->room->engine, text, NULL, 0, &query, error));
    SEINE_TRY(seine_model_check_columns(&as_table, query, error));
    return seine_model_write(&as_table, query, history, month, arena, log, error);
}
