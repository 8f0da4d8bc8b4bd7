/* Rows before and after a run side by side, by key: versions tell which have changed. */
#include "model/log.h"

#include "base/time.h"
#include "base/try.h"

#include <inttypes.h>

#define SQL_MAX_BYTES ((size_t)1 << 20)

static seine_status show_made(seine_model_stage *stage, const seine_model *model, const seine_model_output *made,
                              seine_error *error) {
    const char *const paths[] = {made->rows > 0 ? made->file.path : NULL};
    const size_t count = made->rows > 0 ? 1 : 0;
    const char *const *files = paths;
    if (count > 0) SEINE_TRY(seine_pins_add(&stage->pins, paths, count, &files, error));
    return seine_engine_view(stage->room->engine, &model->schema, SEINE_MODEL_MADE, files, count, error);
}

static seine_status put_changes(const seine_model *model, const char *now, int64_t version, seine_buf *sql) {
    const char *key = model->schema.columns[model->key_column].name;
    SEINE_TRY(seine_buf_printf(sql,
                               "SELECT CASE WHEN was.\"%s\" IS NULL THEN 'new' ELSE 'update' END AS op,"
                               " TIMESTAMPTZ '%s' AS recorded_at, made.* FROM " SEINE_MODEL_MADE
                               " AS made LEFT JOIN " SEINE_MODEL_FORMER " AS was ON made.\"%s\" = was.\"%s\""
                               " WHERE was.\"%s\" IS NULL OR was.version <> made.version",
                               key, now, key, key, key));
    return seine_buf_printf(sql,
                            " UNION ALL SELECT 'retract', TIMESTAMPTZ '%s', was.* REPLACE (CAST(%" PRId64
                            " AS BIGINT) AS version) FROM " SEINE_MODEL_FORMER " AS was ANTI JOIN " SEINE_MODEL_MADE
                            " AS made ON made.\"%s\" = was.\"%s\" ORDER BY \"%s\"",
                            now, version, key, key, key);
}

seine_status seine_model_log_write(seine_model_stage *stage, const seine_model *model, const seine_model_output *made,
                                   const seine_table *history, int64_t run_at_us, seine_arena *arena,
                                   seine_model_output *log, seine_error *error) {
    const seine_model as_table = {.file = model->file, .schema = model->history, .reconcile_column = SIZE_MAX};
    const seine_partition_value month = {.value = seine_month_of_day(seine_time_day(run_at_us))};
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_buf sql SEINE_OWNED(seine_buf_free);
    char now[40];
    seine_buf_init(&sql, SQL_MAX_BYTES);
    (void)seine_time_format(run_at_us, now);
    SEINE_TRY(show_made(stage, model, made, error));
    const char *text = put_changes(model, now, stage->version, &sql) == SEINE_OK ? seine_buf_text(&sql) : NULL;
    if (text == NULL) return seine_no_memory(error, model->file);
    SEINE_TRY(seine_query_start(stage->room->engine, text, NULL, 0, &query, error));
    SEINE_TRY(seine_model_check_columns(&as_table, query, error));
    return seine_model_write(&as_table, query, history, month, arena, log, error);
}
