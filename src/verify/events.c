/* Events against their log, heads against states. */
#include "base/number.h"
#include "base/try.h"
#include "verify/internal.h"

#include <inttypes.h>

static seine_status query_count(seine_verification *v, const char *sql, int64_t *count, seine_error *error) {
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_rows rows = {0};
    SEINE_TRY(seine_query_start(v->engine, sql, NULL, 0, &query, error));
    SEINE_TRY(seine_query_next(query, &rows, error));
    *count = rows.count > 0 ? ((const int64_t *)rows.columns[0].values)[0] : 0;
    return SEINE_OK;
}

/* Rows of either query that the other does not have. */
static seine_status count_differences(seine_verification *v, const char *one, const char *other, int64_t *count,
                                      seine_error *error) {
    char *sql = seine_arena_printf(&v->arena, "SELECT count(*) FROM ((%s EXCEPT ALL %s) UNION ALL (%s EXCEPT ALL %s))",
                                   one, other, other, one);
    if (sql == NULL) return seine_no_memory(error, "verifying");
    return query_count(v, sql, count, error);
}

/* Heads are the newest states. */
static seine_status check_heads(seine_verification *v, const seine_detector_job *job, seine_error *error) {
    if (seine_verify_table(v, job->head) == NULL) {
        seine_verify_finding(v, "%s has no heads", job->state);
        return SEINE_OK;
    }
    SEINE_TRY(seine_verify_view(v, job->state, error));
    SEINE_TRY(seine_verify_view(v, job->head, error));
    char *newest = seine_arena_printf(&v->arena,
                                      "(SELECT * FROM %s QUALIFY row_number() OVER (PARTITION BY mover ORDER BY day "
                                      "DESC) = 1)",
                                      job->state);
    char *heads = seine_arena_printf(&v->arena, "(SELECT * FROM %s)", job->head);
    if (newest == NULL || heads == NULL) return seine_no_memory(error, "verifying");
    int64_t differing = 0;
    SEINE_TRY(count_differences(v, newest, heads, &differing, error));
    if (differing > 0)
        seine_verify_finding(v, "%s is not the newest of %s in %s", job->head, job->state,
                             seine_count(differing, "row").text);
    return SEINE_OK;
}

/* What the log has beside, such as causes, is told by nothing else. @return NULL = out of memory. */
static const char *shared_columns(const seine_table *events, const seine_table *history, seine_arena *arena) {
    const seine_table_schema *schema = seine_table_schema_of(events), *log = seine_table_schema_of(history);
    const char *text = "";
    for (size_t i = 0; i < schema->column_count && text != NULL; i++)
        if (seine_schema_column(log, schema->columns[i].name) != SIZE_MAX)
            text = seine_arena_printf(arena, "%s%s\"%s\"", text, text[0] != '\0' ? ", " : "", schema->columns[i].name);
    return text;
}

seine_status seine_verify_log(seine_verification *v, const seine_table *events, const seine_table *history,
                              const char *key, seine_error *error) {
    const char *shared = shared_columns(events, history, &v->arena);
    if (shared == NULL) return seine_no_memory(error, "verifying");
    char *replayed = seine_arena_printf(&v->arena,
                                        "(SELECT %s FROM (SELECT * FROM %s QUALIFY row_number() OVER (PARTITION BY "
                                        "\"%s\" ORDER BY version DESC) = 1) WHERE op <> 'retract')",
                                        shared, seine_table_name(history), key);
    char *current = seine_arena_printf(&v->arena, "(SELECT %s FROM %s)", shared, seine_table_name(events));
    if (replayed == NULL || current == NULL) return seine_no_memory(error, "verifying");
    int64_t differing = 0;
    SEINE_TRY(count_differences(v, current, replayed, &differing, error));
    if (differing > 0)
        seine_verify_finding(v, "%s and its log differ in %s", seine_table_name(events),
                             seine_count(differing, "row").text);
    return SEINE_OK;
}

/* What is there now is what the log gives when it is replayed. */
static seine_status check_log(seine_verification *v, const seine_detector_job *job, seine_error *error) {
    const seine_table *current = seine_verify_table(v, job->events), *history = seine_verify_table(v, job->history);
    if (current == NULL) return SEINE_OK; /* a lake of before there were events, or never refreshed */
    SEINE_TRY(seine_verify_view(v, job->events, error));
    v->report->events += seine_table_rows(current);
    if (history == NULL && seine_table_rows(current) > 0) seine_verify_finding(v, "%s has no log", job->events);
    if (history == NULL) return SEINE_OK;
    SEINE_TRY(seine_verify_view(v, job->history, error));
    return seine_verify_log(v, current, history, "event_id", error);
}

seine_status seine_verify_events(seine_verification *v, seine_error *error) {
    seine_progress_report(v->options->progress, "events", 0, 0);
    for (size_t i = 0; i < v->registry.count; i++) {
        const seine_detector_job *job = &v->registry.jobs[i].job;
        if (seine_verify_table(v, job->state) == NULL) continue; /* never refreshed */
        SEINE_TRY(check_heads(v, job, error));
        if (job->events != NULL) SEINE_TRY(check_log(v, job, error));
    }
    return SEINE_OK;
}
