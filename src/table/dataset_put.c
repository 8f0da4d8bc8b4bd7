/* A dataset comes to a lake: its tables and its rows of seine_setting in one commit. */
#include "table/dataset.h"

#include "base/try.h"
#include "table/commit.h"
#include "table/dataset_keys.h"

#include <stdio.h>

/* Numbers with all their digits, so that the same settings are the same text. @return NULL = out of memory. */
static const char *settings_text(const seine_dataset *dataset, seine_arena *arena) {
    const char *text = "";
    for (size_t i = 0; i < dataset->setting_count && text != NULL; i++)
        text = seine_arena_printf(arena, "%s%s=%.17g\n", text, dataset->settings[i].name, dataset->settings[i].value);
    return text;
}

/* ---- one comes ---- */

static seine_status check_known(seine_catalog *catalog, const seine_dataset *dataset, const char *settings,
                                bool *is_known, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_dataset_row *rows = NULL;
    size_t count = 0;
    *is_known = false;
    SEINE_TRY(seine_lake_datasets(catalog, &arena, &rows, &count, error));
    if (count >= SEINE_LAKE_DATASETS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "dataset %s: a lake has at most %d", dataset->name,
                          SEINE_LAKE_DATASETS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, dataset->name) != 0) continue;
        *is_known = true;
        if (strcmp(rows[i].text, dataset->text) != 0)
            return seine_fail(error, SEINE_E_CONFLICT,
                              "dataset %s: the lake keeps another description of it, which its silver was made by; "
                              "see seine dataset show %s --lake LAKE, or give this one another name",
                              dataset->name, dataset->name);
        if (strcmp(rows[i].settings, settings) != 0)
            return seine_fail(error, SEINE_E_CONFLICT,
                              "dataset %s: the lake's silver was made with other settings (%s): set them so, or take "
                              "another lake",
                              dataset->name, rows[i].settings[0] != '\0' ? rows[i].settings : "none");
    }
    return SEINE_OK;
}

static seine_status check_free(seine_catalog *catalog, const char *table, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_pointer *pointers = NULL;
    size_t count = 0;
    SEINE_TRY(seine_catalog_pointers(catalog, &arena, &pointers, &count, error));
    for (size_t i = 0; i < count; i++)
        if (strcmp(pointers[i].name, table) == 0)
            return seine_fail(error, SEINE_E_CONFLICT, "the lake has a table %s already, which is of no dataset",
                              table);
    return SEINE_OK;
}

static seine_status put_rows(seine_commit *commit, const seine_dataset *dataset, const char *settings,
                             seine_error *error) {
    char text_key[SEINE_DATASET_NAME_MAX + 32], settings_key[SEINE_DATASET_NAME_MAX + 32];
    (void)snprintf(text_key, sizeof text_key, TEXT_KEY "%s", dataset->name);
    (void)snprintf(settings_key, sizeof settings_key, SETTINGS_KEY "%s", dataset->name);
    const seine_db_value text[] = {seine_db_text(text_key), seine_db_text(dataset->text)};
    const seine_db_value set[] = {seine_db_text(settings_key), seine_db_text(settings)};
    SEINE_TRY(seine_commit_queue(commit, SEINE_SETTING_PUT, text, 2, error));
    return settings[0] != '\0' ? seine_commit_queue(commit, SEINE_SETTING_PUT, set, 2, error) : SEINE_OK;
}

static seine_status put_all(seine_catalog *catalog, const seine_dataset *dataset, const char *settings,
                            seine_shape *shapes[2], seine_error *error) {
    const seine_table_schema *tables[] = {seine_dataset_silver(dataset), seine_dataset_rejects(dataset)};
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(seine_commit_begin(catalog, NULL, &commit, error));
    for (size_t i = 0; i < 2; i++) {
        SEINE_TRY(check_free(catalog, tables[i]->name, error));
        SEINE_TRY(seine_shape_begin(catalog, tables[i], tables[i]->name, &shapes[i], error));
        SEINE_TRY(seine_commit_shape(commit, shapes[i], error));
    }
    SEINE_TRY(put_rows(commit, dataset, settings, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

seine_status seine_lake_dataset_put(seine_catalog *catalog, const seine_dataset *dataset, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_shape *shapes[2] = {NULL, NULL};
    bool is_known = false;
    if (dataset->silver == NULL) return SEINE_OK; /* every lake has its tables */
    if (seine_schema_find(dataset->silver->name) != NULL || seine_schema_find(dataset->rejects->name) != NULL)
        return seine_fail(error, SEINE_E_USAGE, "dataset %s: %s is a table that every lake has; take another name",
                          dataset->name, dataset->silver->name);
    const char *settings = settings_text(dataset, &arena);
    if (settings == NULL) return seine_no_memory(error, dataset->name);
    SEINE_TRY(check_known(catalog, dataset, settings, &is_known, error));
    if (is_known) return SEINE_OK;
    const seine_status status = put_all(catalog, dataset, settings, shapes, error);
    for (size_t i = 0; i < 2; i++) seine_shape_end(shapes[i]);
    return status;
}
