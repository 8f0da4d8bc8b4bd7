/* The frame of `seine verify`: tables as of one moment, each check in turn. */
#include "refresh/verify_internal.h"

#include <stdio.h>

void seine_verify_finding(seine_verification *v, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    v->report->findings++;
    if (v->options->finding != NULL) v->options->finding(v->options->context, text);
}

seine_table *seine_verify_table(const seine_verification *v, const char *name) {
    for (size_t i = 0; i < v->table_count; i++)
        if (strcmp(seine_table_name(v->tables[i]), name) == 0) return v->tables[i];
    return NULL;
}

seine_status seine_verify_files(seine_verification *v, const char *name, const seine_live_file **files, size_t *count,
                                seine_error *error) {
    seine_table *table = seine_verify_table(v, name);
    *count = 0;
    return table != NULL ? seine_table_files(table, files, count, error) : SEINE_OK;
}

seine_status seine_verify_view(seine_verification *v, const char *name, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    const seine_status status = seine_verify_files(v, name, &files, &count, error);
    if (status != SEINE_OK) return status;
    const char **paths = SEINE_ARENA_ARRAY(&v->arena, const char *, count);
    if (paths == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory while verifying");
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    return seine_engine_view(v->engine, seine_schema_find(name), name, paths, count, error);
}

static void table_finding(void *context, const char *text) {
    seine_verification *v = context;
    if (v->options->finding != NULL) v->options->finding(v->options->context, text);
}

/* A lake made before there was such a table does not have it until it is needed. */
static seine_status load_tables(seine_verification *v, seine_error *error) {
    const char **names = NULL;
    size_t count = 0, ours = 0;
    seine_status status = seine_catalog_tables(v->catalog, &v->arena, &names, &count, error);
    if (status != SEINE_OK) return status;
    v->tables = SEINE_ARENA_ARRAY(&v->arena, seine_table *, count);
    if (v->tables == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory while verifying");
    for (size_t i = 0; i < count; i++)
        if (seine_schema_find(names[i]) != NULL) names[ours++] = names[i];
    status = seine_tables_load(v->catalog, names, ours, v->tables, error);
    v->table_count = status == SEINE_OK ? ours : 0;
    return status;
}

static seine_status verify_tables(seine_verification *v, seine_error *error) {
    for (size_t i = 0; i < v->table_count; i++) {
        if (seine_progress_stopped(v->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        seine_progress_report(v->options->progress, "tables", i, v->table_count);
        size_t findings = 0;
        const seine_status status = seine_table_verify(v->tables[i], table_finding, v, &findings, error);
        v->report->findings += findings;
        if (status != SEINE_OK) return status;
        v->report->tables++;
    }
    return SEINE_OK;
}

/* Whether any table moved since it was loaded: what was compared belongs to two states then. */
static seine_status check_unmoved(seine_verification *v, seine_error *error) {
    for (size_t i = 0; i < v->table_count; i++) {
        seine_table *now = NULL;
        const seine_status status =
            seine_table_load(v->catalog, seine_table_name(v->tables[i]), (seine_at){0}, &now, error);
        if (status != SEINE_OK) return status;
        const bool is_moved = seine_table_snapshot_id(now) != seine_table_snapshot_id(v->tables[i]);
        seine_table_close(now);
        if (is_moved)
            return seine_fail(error, SEINE_E_BUSY, "%s changed while it was verified; run it again",
                              seine_table_name(v->tables[i]));
    }
    return SEINE_OK;
}

static seine_status verify_rows(seine_verification *v, seine_error *error) {
    seine_status status = seine_verify_silver(v, error);
    if (status == SEINE_OK) status = seine_verify_sources(v, error);
    if (status == SEINE_OK) status = seine_verify_events(v, error);
    if (status == SEINE_OK) status = seine_verify_columns(v, error);
    if (status == SEINE_OK) status = seine_verify_references(v, error);
    if (status == SEINE_OK) status = seine_verify_gold(v, error);
    if (status == SEINE_OK && v->options->deep) status = seine_verify_recomputed(v, error);
    if (status == SEINE_OK && v->report->findings > 0) status = check_unmoved(v, error);
    return status;
}

seine_status seine_verify(const char *lake, const seine_verify_options *options, seine_verify_report *report,
                          seine_error *error) {
    seine_verification v = {.options = options, .report = report};
    *report = (seine_verify_report){0};
    const seine_engine_options engine_options = {.threads = options->threads};
    seine_status status = seine_catalog_open(lake, &v.catalog, error);
    if (status == SEINE_OK) status = seine_engine_open(&engine_options, &v.engine, error);
    if (status == SEINE_OK) status = load_tables(&v, error);
    if (status == SEINE_OK) status = verify_tables(&v, error);
    /* With files missing or damaged the rows cannot be compared; that the files are is finding enough. */
    if (status == SEINE_OK && report->findings == 0) status = verify_rows(&v, error);
    for (size_t i = 0; i < v.table_count; i++) seine_table_close(v.tables[i]);
    if (v.engine != NULL) seine_engine_close(v.engine);
    if (v.catalog != NULL) seine_catalog_close(v.catalog);
    seine_arena_free(&v.arena);
    return status;
}

void seine_verify_report_free(seine_verify_report *report) {
    seine_arena_free(&report->arena);
    *report = (seine_verify_report){0};
}
