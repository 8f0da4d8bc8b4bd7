/* A dataset comes to a lake, or gets columns: its tables and its rows of seine_setting in one commit. */
#include "table/dataset.h"

#include "base/try.h"
#include "io/zone_file.h"
#include "table/commit.h"
#include "table/dataset_keys.h"

#include <stdio.h>

/* Numbers with all their digits, so that the same settings are the same text. @return NULL = out of memory. */
static const char *settings_text(const seine_dataset *dataset, seine_arena *arena) {
    const char *text = "";
    for (size_t i = 0; i < dataset->setting_count && text != NULL; i++)
        if (!dataset->settings[i].is_asked)
            text =
                seine_arena_printf(arena, "%s%s=%.17g\n", text, dataset->settings[i].name, dataset->settings[i].value);
    return text;
}

/* ---- what the lake has ---- */

/* Limits do not matter for ids of columns. */
/* The row the lake has of it, in @p row; text NULL = none. */
static seine_status find_row(seine_catalog *catalog, const char *name, seine_arena *arena, seine_dataset_row *row,
                             seine_error *error) {
    seine_dataset_row *rows = NULL;
    size_t count = 0;
    *row = (seine_dataset_row){.text = NULL};
    SEINE_TRY(seine_lake_datasets(catalog, arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) *row = rows[i];
    if (row->text != NULL || count < SEINE_LAKE_DATASETS_MAX) return SEINE_OK;
    return seine_fail(error, SEINE_E_LIMIT, "dataset %s: a lake has at most %d", name, SEINE_LAKE_DATASETS_MAX);
}

/* Whether it may take the place of what the lake has; *added columns come with it. */
static seine_status check_known(const seine_dataset *dataset, const seine_dataset_row *row, const char *settings,
                                size_t *added, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    char file[SEINE_DATASET_NAME_MAX + 16];
    *added = 0;
    if (strcmp(row->settings, settings) != 0)
        return seine_fail(error, SEINE_E_CONFLICT,
                          "dataset %s: the lake's silver was made with other settings (%s): set them so, or take "
                          "another lake",
                          dataset->name, row->settings[0] != '\0' ? row->settings : "none");
    if (strcmp(row->text, dataset->text) == 0) return SEINE_OK;
    (void)snprintf(file, sizeof file, "dataset %s", dataset->name);
    const seine_status status = seine_dataset_compare(row->text, dataset->text, file, added, &why);
    return status == SEINE_OK ? SEINE_OK
                              : seine_fail(error, status == SEINE_E_FORMAT ? SEINE_E_CONFLICT : status, "%s", why.text);
}

/* ---- one gets columns ---- */

/* Names in the order of their ids: those that silver has, then those that come. NULL = out of memory. */
static const char *ids_text(const seine_table_schema *now, const seine_table_schema *then, seine_arena *arena) {
    const char *text = "";
    for (int id = 1; text != NULL && id <= SEINE_DATASET_COLUMNS_MAX; id++)
        for (size_t i = 0; i < then->column_count && text != NULL; i++)
            if (then->columns[i].id == id) text = seine_arena_printf(arena, "%s%s ", text, then->columns[i].name);
    for (size_t i = 0; i < now->column_count && text != NULL; i++) {
        size_t known = 0;
        while (known < then->column_count && strcmp(then->columns[known].name, now->columns[i].name) != 0) known++;
        if (known == then->column_count) text = seine_arena_printf(arena, "%s%s ", text, now->columns[i].name);
    }
    return text;
}

static seine_status put_setting(seine_commit *commit, const char *kind, const char *name, const char *value,
                                seine_error *error) {
    char key[SEINE_DATASET_NAME_MAX + 32];
    (void)snprintf(key, sizeof key, "%s%s", kind, name);
    const seine_db_value row[] = {seine_db_text(key), seine_db_text(value)};
    return seine_commit_queue(commit, SEINE_SETTING_PUT, row, 2, error);
}

/* The former columns as the lake has them, and the new ones with ids after theirs. */
static seine_status both_schemas(const seine_dataset *dataset, const seine_dataset_row *row, seine_arena *arena,
                                 const char **ids, const seine_table_schema **now, seine_error *error) {
    const seine_dataset *then = NULL, *with_ids = NULL;
    seine_dataset_settings settings = {.ids = row->ids, .read_zone = seine_zone_file_read};
    SEINE_TRY(seine_dataset_read(seine_str_of(row->text), dataset->name, &settings, arena, &then, error));
    *ids = ids_text(dataset->silver, then->silver, arena);
    if (*ids == NULL) return seine_no_memory(error, dataset->name);
    settings.ids = *ids;
    SEINE_TRY(seine_dataset_read(seine_str_of(dataset->text), dataset->name, &settings, arena, &with_ids, error));
    *now = with_ids->silver;
    return SEINE_OK;
}

static seine_status extend(seine_catalog *catalog, const seine_dataset *dataset, const seine_dataset_row *row,
                           size_t added, seine_arena *arena, seine_error *error) {
    seine_table *silver SEINE_OWNED(seine_table_close_owned) = NULL;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    const seine_table_schema *schema = NULL;
    const char *ids = NULL;
    SEINE_TRY(seine_table_load(catalog, dataset->silver->name, (seine_at){0}, &silver, error));
    SEINE_TRY(seine_commit_begin(catalog, NULL, &commit, error));
    SEINE_TRY(put_setting(commit, TEXT_KEY, dataset->name, dataset->text, error));
    if (added > 0) {
        SEINE_TRY(both_schemas(dataset, row, arena, &ids, &schema, error));
        SEINE_TRY(put_setting(commit, IDS_KEY, dataset->name, ids, error));
        SEINE_TRY(put_setting(commit, REREAD_KEY, dataset->name, "1", error));
        SEINE_TRY(seine_commit_evolve(commit, silver, schema, error));
    }
    return seine_commit_run(SEINE_TAKE(commit), error);
}

seine_status seine_lake_dataset_reread(seine_commit *commit, const char *name, seine_error *error) {
    char key[SEINE_DATASET_NAME_MAX + 32];
    (void)snprintf(key, sizeof key, REREAD_KEY "%s", name);
    const seine_db_value row = seine_db_text(key);
    return seine_commit_queue(commit, "DELETE FROM seine_setting WHERE key = ?1", &row, 1, error);
}

/* ---- one comes ---- */

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
    SEINE_TRY(put_setting(commit, TEXT_KEY, dataset->name, dataset->text, error));
    return settings[0] != '\0' ? put_setting(commit, SETTINGS_KEY, dataset->name, settings, error) : SEINE_OK;
}

static seine_status put_all(seine_catalog *catalog, const seine_dataset *dataset, const char *settings,
                            seine_shape *shapes[3], seine_error *error) {
    const seine_table_schema *tables[] = {seine_dataset_silver(dataset), seine_dataset_rejects(dataset),
                                          dataset->keeps_records ? dataset->raw : NULL};
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(seine_commit_begin(catalog, NULL, &commit, error));
    for (size_t i = 0; i < 3; i++) {
        if (tables[i] == NULL) continue;
        SEINE_TRY(check_free(catalog, tables[i]->name, error));
        SEINE_TRY(seine_shape_begin(catalog, tables[i], tables[i]->name, &shapes[i], error));
        SEINE_TRY(seine_commit_shape(commit, shapes[i], error));
    }
    SEINE_TRY(put_rows(commit, dataset, settings, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

seine_status seine_lake_dataset_put(seine_catalog *catalog, const seine_dataset *dataset, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_shape *shapes[3] = {NULL, NULL, NULL};
    seine_dataset_row row;
    size_t added = 0;
    if (seine_dataset_is_of_ships(dataset)) return SEINE_OK; /* every lake has its tables */
    if (seine_schema_find(dataset->silver->name) != NULL || seine_schema_find(dataset->rejects->name) != NULL)
        return seine_fail(error, SEINE_E_USAGE, "dataset %s: %s is a table that every lake has; take another name",
                          dataset->name, dataset->silver->name);
    const char *settings = settings_text(dataset, &arena);
    if (settings == NULL) return seine_no_memory(error, dataset->name);
    SEINE_TRY(find_row(catalog, dataset->name, &arena, &row, error));
    if (row.text != NULL) {
        SEINE_TRY(check_known(dataset, &row, settings, &added, error));
        return strcmp(row.text, dataset->text) == 0 ? SEINE_OK : extend(catalog, dataset, &row, added, &arena, error);
    }
    const seine_status status = put_all(catalog, dataset, settings, shapes, error);
    for (size_t i = 0; i < 3; i++) seine_shape_end(shapes[i]);
    return status;
}
