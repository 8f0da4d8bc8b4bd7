/* The lake as a report reads it: tables and ledger of one moment, the tables as views of an engine. */
#include "base/quote.h"
#include "base/spelling.h"
#include "base/try.h"
#include "cli/report/report.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/dataset.h"

#include <stdlib.h>

#define MEMORY_BYTES ((uint64_t)512 << 20) /* of the engine; a longer sort goes to disk */
#define NAME_MAX_BYTES ((size_t)1 << 16)

/* ---- which dataset ---- */

static seine_status find_dataset(seine_report *report, const char *name, seine_error *error) {
    const seine_dataset *const *all = NULL;
    size_t count = 0;
    seine_spelling spelling = seine_spelling_of(seine_str_of(name));
    SEINE_TRY(seine_lake_datasets_read(report->catalog, &report->arena, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i]->name, name) == 0) report->dataset = all[i];
        seine_spelling_offer(&spelling, all[i]->name);
    }
    if (report->dataset != NULL) return SEINE_OK;
    const char *best = seine_spelling_best(&spelling);
    if (best != NULL)
        return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no dataset %s; did you mean %s?", name, best);
    const char *known = "";
    for (size_t i = 0; i < count && known != NULL; i++)
        known = seine_arena_printf(&report->arena, "%s%s%s", known, i > 0 ? ", " : "", all[i]->name);
    if (known == NULL) return seine_no_memory(error, "report");
    return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no dataset %s, only %s", name, known);
}

/* `"name"` in the arena; NULL = out of memory. */
static const char *quoted(seine_report *report, const char *name) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, NAME_MAX_BYTES);
    if (seine_sql_name(&text, name) != SEINE_OK) return NULL;
    return seine_arena_copy(&report->arena, text.data, text.size);
}

static seine_status quote_columns(seine_report *report, seine_error *error) {
    const seine_dataset *dataset = report->dataset;
    report->columns = SEINE_ARENA_ARRAY(&report->arena, const char *, dataset->column_count);
    if (report->columns == NULL) return seine_no_memory(error, "report");
    for (size_t i = 0; i < dataset->column_count; i++) {
        report->columns[i] = quoted(report, dataset->columns[i].name);
        if (report->columns[i] == NULL) return seine_no_memory(error, "report");
    }
    return SEINE_OK;
}

/* ---- --columns ---- */

static seine_status find_text(const seine_report *report, const char *name, size_t *column, seine_error *error) {
    const seine_dataset *dataset = report->dataset;
    seine_spelling spelling = seine_spelling_of(seine_str_of(name));
    for (size_t i = 0; i < dataset->column_count; i++) {
        const bool is_text = dataset->columns[i].type == SEINE_TYPE_STRING;
        if (is_text) seine_spelling_offer(&spelling, dataset->columns[i].name);
        if (strcmp(dataset->columns[i].name, name) != 0) continue;
        *column = i;
        if (is_text) return SEINE_OK;
        return seine_fail(error, SEINE_E_USAGE, "--columns %s: the column of %s is no text, but %s", name,
                          seine_dataset_silver(dataset)->name, seine_type_name(dataset->columns[i].type));
    }
    const char *best = seine_spelling_best(&spelling);
    return seine_fail(error, SEINE_E_USAGE, "--columns %s: %s has no such column%s%s%s", name,
                      seine_dataset_silver(dataset)->name, best != NULL ? "; did you mean " : "",
                      best != NULL ? best : "", best != NULL ? "?" : "");
}

static seine_status choose_texts(seine_report *report, seine_error *error) {
    size_t count = 0;
    const char *const *names = seine_args_list(report->args, "columns", &count);
    size_t *texts = SEINE_ARENA_ARRAY(&report->arena, size_t, count > 0 ? count : 1);
    if (texts == NULL) return seine_no_memory(error, "report");
    texts[0] = SEINE_DATASET_ID;
    for (size_t i = 0; i < count; i++) {
        SEINE_TRY(find_text(report, names[i], &texts[i], error));
        for (size_t k = 0; k < i; k++)
            if (texts[k] == texts[i]) return seine_fail(error, SEINE_E_USAGE, "--columns %s is named twice", names[i]);
    }
    report->texts = texts;
    report->text_count = count > 0 ? count : 1;
    return SEINE_OK;
}

/* ---- its tables ---- */

static seine_status open_table(seine_report *report, const seine_pointer *pointers, size_t count, size_t which,
                               seine_error *error) {
    static const char *const forms[] = {"silver.%s", "silver.%s_rejects", "gold.%s_last_state", "gold.%s_top_speeds"};
    const char *name = seine_arena_printf(&report->arena, forms[which], report->dataset->name);
    if (name == NULL) return seine_no_memory(error, "report");
    const char *dot = strchr(name, '.');
    const char *table = quoted(report, dot + 1);
    if (table == NULL) return seine_no_memory(error, "report");
    report->names[which] = name;
    report->views[which] = seine_arena_printf(&report->arena, "%.*s.%s", (int)(dot - name), name, table);
    if (report->views[which] == NULL) return seine_no_memory(error, "report");
    for (size_t i = 0; i < count; i++)
        if (strcmp(pointers[i].name, name) == 0)
            return seine_table_open(&pointers[i], (seine_at){0}, &report->tables[which], error);
    if (which > SEINE_REPORT_REJECTS) return SEINE_OK;
    return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no table %s: nothing of dataset %s has come in", name,
                      report->dataset->name);
}

static seine_status read_moment(seine_report *report, const char *name, seine_error *error) {
    seine_pointer *pointers = NULL;
    size_t count = 0;
    SEINE_TRY(find_dataset(report, name, error));
    SEINE_TRY(seine_catalog_pointers(report->catalog, &report->arena, &pointers, &count, error));
    for (size_t i = 0; i < SEINE_REPORT_TABLES; i++) SEINE_TRY(open_table(report, pointers, count, i, error));
    return seine_ledger_sources(report->catalog, report->dataset->name, &report->arena, &report->sources,
                                &report->source_count, error);
}

static seine_status show_table(seine_report *report, seine_table *table, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(table, &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&report->arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, "report");
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    return seine_engine_view(report->engine, seine_table_schema_of(table), seine_table_name(table), paths, count,
                             error);
}

static seine_status show_tables(seine_report *report, seine_error *error) {
    const char *temp = getenv("TMPDIR");
    char uuid[37];
    SEINE_TRY(seine_uuid4(uuid, error));
    const seine_engine_options options = {
        .threads = (int)seine_args_int(report->args, "threads"),
        .memory_bytes = MEMORY_BYTES,
        .temp_folder = seine_arena_printf(&report->arena, "%s/seine-report-%s",
                                          temp != NULL && temp[0] != '\0' ? temp : "/tmp", uuid)};
    if (options.temp_folder == NULL) return seine_no_memory(error, "report");
    SEINE_TRY(seine_engine_open(&options, &report->engine, error));
    for (size_t i = 0; i < SEINE_REPORT_TABLES; i++)
        if (report->tables[i] != NULL) SEINE_TRY(show_table(report, report->tables[i], error));
    return SEINE_OK;
}

seine_status seine_report_open(seine_report *report, const char *name, seine_error *error) {
    report->lake = seine_args_lake(report->args);
    SEINE_TRY(seine_catalog_open(report->lake, &report->catalog, error));
    SEINE_TRY(seine_catalog_read_begin(report->catalog, error));
    const seine_status status = read_moment(report, name, error);
    seine_catalog_read_end(report->catalog);
    SEINE_TRY(status);
    SEINE_TRY(quote_columns(report, error));
    SEINE_TRY(choose_texts(report, error));
    return show_tables(report, error);
}

void seine_report_close(seine_report *report) {
    seine_engine_close(report->engine);
    for (size_t i = 0; i < SEINE_REPORT_TABLES; i++) seine_table_close(report->tables[i]);
    seine_catalog_close(report->catalog);
    seine_arena_free(&report->arena);
}
