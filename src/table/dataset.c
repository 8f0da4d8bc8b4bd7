#include "table/dataset.h"

#include "base/try.h"
#include "io/zone_file.h"
#include "table/commit.h"
#include "table/dataset_keys.h"
#include "table/ledger.h"

#define MOST ((size_t)4 * SEINE_LAKE_DATASETS_MAX) /* rows; settings may be there alone */

typedef struct reading {
    seine_arena *arena;
    seine_dataset_row *rows;
    size_t count;
} reading;

static seine_dataset_row *row_of(reading *r, const char *name) {
    for (size_t i = 0; i < r->count; i++)
        if (strcmp(r->rows[i].name, name) == 0) return &r->rows[i];
    if (r->count == MOST) return NULL;
    const char *copy = seine_arena_copy(r->arena, name, strlen(name));
    if (copy == NULL) return NULL;
    r->rows[r->count] = (seine_dataset_row){.name = copy, .text = NULL, .settings = ""};
    return &r->rows[r->count++];
}

static seine_status take_row(void *context, const seine_db_value *columns, seine_error *error) {
    reading *r = context;
    static const char *const kinds[] = {TEXT_KEY, SETTINGS_KEY, IDS_KEY, REREAD_KEY};
    const char *key = columns[0].text;
    size_t kind = 0;
    while (kind + 1 < sizeof kinds / sizeof *kinds && strncmp(key, kinds[kind], strlen(kinds[kind])) != 0) kind++;
    seine_dataset_row *row = row_of(r, key + strlen(kinds[kind]));
    const char *value = seine_arena_copy(r->arena, columns[1].text, strlen(columns[1].text));
    if (row == NULL || value == NULL) return seine_no_memory(error, "datasets");
    const char **of_kind[] = {&row->text, &row->settings, &row->ids};
    if (kind == 3)
        row->is_to_reread = true;
    else
        *of_kind[kind] = value;
    return SEINE_OK;
}

seine_status seine_lake_datasets(seine_catalog *catalog, seine_arena *arena, seine_dataset_row **rows, size_t *count,
                                 seine_error *error) {
    reading r = {.arena = arena, .rows = SEINE_ARENA_ARRAY(arena, seine_dataset_row, MOST)};
    if (r.rows == NULL) return seine_no_memory(error, "datasets");
    SEINE_TRY(seine_db_query(catalog->db,
                             "SELECT key, value FROM seine_setting WHERE key LIKE '" TEXT_KEY
                             "%' OR key LIKE '" SETTINGS_KEY "%' OR key LIKE '" IDS_KEY "%' OR key LIKE '" REREAD_KEY
                             "%' ORDER BY key",
                             NULL, 0, take_row, &r, error));
    *rows = r.rows;
    *count = 0;
    for (size_t i = 0; i < r.count; i++) /* settings alone are none */
        if (r.rows[i].text != NULL) r.rows[(*count)++] = r.rows[i];
    return SEINE_OK;
}

/* ---- what they say ---- */

/* The value of a setting among lines NAME=value, as a text of the arena. */
typedef struct kept_settings {
    seine_arena *arena;
    const char *lines;
} kept_settings;

static const char *kept_value(void *context, const char *name) {
    const kept_settings *kept = context;
    return seine_dataset_setting_of(kept->arena, kept->lines, name);
}

static seine_status read_row(const seine_dataset_row *row, seine_arena *arena, const seine_dataset **dataset,
                             seine_error *error) {
    kept_settings kept = {arena, row->settings};
    const seine_dataset_settings settings = {kept_value, &kept, row->ids, seine_zone_file_read};
    const char *file = seine_arena_printf(arena, "dataset %s of the lake", row->name);
    if (file == NULL) return seine_no_memory(error, "datasets");
    SEINE_TRY(seine_dataset_read(seine_str_of(row->text), file, &settings, arena, dataset, error));
    return strcmp((*dataset)->name, row->name) == 0
               ? SEINE_OK
               : seine_fail(error, SEINE_E_FORMAT, "%s calls itself %s", file, (*dataset)->name);
}

/* Ships are described by this program; a lake may have segments of them, and events of fishing, too. */
static seine_status read_ships(seine_catalog *catalog, seine_arena *arena, const seine_dataset **dataset,
                               seine_error *error) {
    int64_t by_segment = 0, fishing = 0;
    *dataset = seine_dataset_ais();
    SEINE_TRY(seine_ledger_setting(catalog, SEINE_SETTING_BY_SEGMENT, &by_segment, error));
    SEINE_TRY(seine_ledger_setting(catalog, SEINE_SETTING_FISHING, &fishing, error));
    if (by_segment == 0 && fishing == 0) return SEINE_OK;
    seine_dataset *ships = SEINE_ARENA_ARRAY(arena, seine_dataset, 1);
    if (ships == NULL) return seine_no_memory(error, "datasets");
    *ships = *seine_dataset_ais();
    if (by_segment != 0) ships->outputs |= SEINE_OUTPUT_SEGMENTS;
    if (fishing != 0) ships->outputs |= SEINE_OUTPUT_FISHING;
    ships->fishes_by_rules = fishing != 0;
    *dataset = ships;
    return SEINE_OK;
}

seine_status seine_lake_dataset(seine_catalog *catalog, const char *name, seine_arena *arena,
                                const seine_dataset **dataset, seine_error *error) {
    seine_dataset_row *rows = NULL;
    size_t count = 0;
    if (strcmp(name, seine_dataset_ais()->name) == 0) return read_ships(catalog, arena, dataset, error);
    SEINE_TRY(seine_lake_datasets(catalog, arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) return read_row(&rows[i], arena, dataset, error);
    return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no dataset %s", name);
}

seine_status seine_lake_datasets_read(seine_catalog *catalog, seine_arena *arena, const seine_dataset *const **datasets,
                                      size_t *count, seine_error *error) {
    seine_dataset_row *rows = NULL;
    size_t row_count = 0;
    *datasets = NULL;
    *count = 0;
    SEINE_TRY(seine_lake_datasets(catalog, arena, &rows, &row_count, error));
    const seine_dataset **all = SEINE_ARENA_ARRAY(arena, const seine_dataset *, row_count + 1);
    if (all == NULL) return seine_no_memory(error, "datasets");
    SEINE_TRY(read_ships(catalog, arena, &all[0], error));
    *datasets = all;
    *count = 1;
    for (size_t i = 0; i < row_count; i++) SEINE_TRY(read_row(&rows[i], arena, &all[i + 1], error));
    *count = row_count + 1;
    return SEINE_OK;
}

seine_status seine_lake_dataset_is_stale(seine_catalog *catalog, const char *name, bool *is_stale, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_dataset_row *rows = NULL;
    size_t count = 0;
    *is_stale = false;
    SEINE_TRY(seine_lake_datasets(catalog, &arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) *is_stale = rows[i].is_to_reread;
    return SEINE_OK;
}
