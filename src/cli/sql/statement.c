/* One statement over the registered tables, its rows to where they are wanted. */
#include "base/try.h"
#include "cli/cli.h"
#include "cli/sql/sql.h"
#include "engine/watch.h"

#include <stdio.h>
#include <stdlib.h>

static seine_status shape_of(const seine_query *query, seine_arena *arena, seine_output_shape *shape,
                             seine_error *error) {
    const size_t count = seine_query_column_count(query);
    const char **names = SEINE_ARENA_ARRAY(arena, const char *, count);
    const char **types = SEINE_ARENA_ARRAY(arena, const char *, count);
    bool *is_json = SEINE_ARENA_ARRAY(arena, bool, count);
    if (names == NULL || types == NULL || is_json == NULL) return seine_no_memory(error, "sql");
    for (size_t i = 0; i < count; i++) {
        names[i] = seine_query_column_name(query, i);
        types[i] = seine_query_column_type(query, i);
        is_json[i] = seine_query_column_is_json(query, i);
    }
    *shape = (seine_output_shape){.column_count = count, .names = names, .types = types, .is_json = is_json};
    return SEINE_OK;
}

static seine_status copy_rows(seine_query *query, seine_output *output, const seine_progress *progress,
                              seine_error *error) {
    for (;;) {
        seine_rows rows;
        SEINE_TRY(seine_query_next(query, &rows, error));
        SEINE_TRY(seine_output_rows(output, &rows, error));
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        if (rows.count == 0 || seine_output_is_full(output)) return SEINE_OK;
    }
}

static seine_status run_query(seine_sql *s, const char *statement, const seine_sql_target *target,
                              const seine_progress *progress, seine_error *error) {
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_output *output = NULL;
    seine_output_shape shape;
    SEINE_TRY(seine_query_start(s->engine, statement, NULL, 0, &query, error));
    SEINE_TRY(shape_of(query, &arena, &shape, error));
    SEINE_TRY(seine_output_open(target->format, target->path, &shape, target->most_rows, &output, error));
    if (target->show != NULL)
        seine_output_to_screen(output, target->show, target->context, target->columns, target->is_downwards);
    return seine_output_close(output, copy_rows(query, output, progress, error), error);
}

seine_status seine_sql_run(seine_sql *s, const char *statement, const seine_sql_target *target, seine_error *error) {
    const seine_progress *progress = seine_cli_progress(s->args);
    seine_watch *watch = NULL;
    SEINE_TRY(seine_watch_begin(s->engine, progress, &watch, error));
    const seine_status status = run_query(s, statement, target, progress, error);
    seine_watch_end(watch);
    seine_cli_progress_end(s->args);
    return status;
}
