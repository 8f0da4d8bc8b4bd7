/* What every check reports to, and the tables it reads: findings, remarks, files and views of one look at the lake. */
#include "base/try.h"
#include "verify/internal.h"

#include <stdio.h>

void seine_verify_keep(void *context, const char *text) {
    seine_verification *v = context;
    v->report->findings++;
    if (v->text_count == SEINE_VERIFY_FINDINGS_MAX) return;
    const char *copy = seine_arena_copy(&v->arena, text, strlen(text));
    if (copy != NULL) v->texts[v->text_count++] = copy;
}

void seine_verify_finding(seine_verification *v, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    seine_verify_keep(v, text);
}

seine_status seine_verify_remark(seine_verification *v, const char *table, const char *why) {
    seine_verify_report *report = v->report;
    if (report->remark_count == SEINE_VERIFY_REMARKS_MAX) return SEINE_OK;
    const char *text = seine_arena_printf(
        &report->arena, "%s %s, so it was not compared; run seine refresh first for that", table, why);
    if (text == NULL) return SEINE_E_NOMEM;
    report->remarks[report->remark_count++] = text;
    return SEINE_OK;
}

seine_status seine_verify_one(seine_verification *v, seine_table *table, seine_error *error) {
    size_t findings = 0; /* each came through seine_verify_keep */
    v->report->tables++;
    return seine_table_verify(table, seine_verify_keep, v, &findings, error);
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
    SEINE_TRY(seine_verify_files(v, name, &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&v->arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    const seine_table *table = seine_verify_table(v, name);
    const seine_table_schema *schema = table != NULL ? seine_table_schema_of(table) : seine_schema_find(name);
    return seine_engine_view(v->engine, schema, name, paths, count, error);
}
