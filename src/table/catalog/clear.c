/* A dataset leaves a lake, with everything that was made of it. */
#include "base/array.h"
#include "base/try.h"
#include "io/file.h"
#include "table/catalog/shape.h"
#include "table/dataset.h"
#include "table/dataset_keys.h"

#include <stdlib.h>

#define JOBS_MAX ((size_t)1 << 16)

typedef struct clearing {
    seine_catalog *catalog;
    const char *dataset;
    const seine_dataset_row *others; /* datasets of the lake */
    size_t other_count;
    struct leaving {
        const char *name, *location, *folder;
        seine_shape *anew; /* of a table that every lake has: what takes its place */
        seine_file_entry *files;
        size_t file_count;
    } * tables;
    size_t count;
    const char **jobs;
    size_t job_count, job_capacity;
    const char *bronze;
    seine_dataset_holdings *holdings;
    seine_arena arena;
} clearing;

static void clearing_end(clearing *c) {
    for (size_t i = 0; i < c->count; i++) seine_shape_end(c->tables[i].anew);
    seine_arena_free(&c->arena);
}

/* ---- what is called after it ---- */

/* "telematics", or "telematics_gaps". */
static bool is_called_after(const char *name, const char *dataset) {
    const size_t size = strlen(dataset);
    return strncmp(name, dataset, size) == 0 && (name[size] == '\0' || name[size] == '_');
}

/* A name with or without a namespace in front; of bus and bus_stops, events.bus_stops_gaps is of the latter. */
static bool belongs(const clearing *c, const char *full_name) {
    const char *dot = strchr(full_name, '.');
    const char *name = dot != NULL ? dot + 1 : full_name;
    if ((dot != NULL && strncmp(full_name, "ref.", 4) == 0) || !is_called_after(name, c->dataset)) return false;
    for (size_t i = 0; i <= c->other_count; i++) {
        const char *other = i < c->other_count ? c->others[i].name : seine_dataset_ais()->name;
        if (strlen(other) > strlen(c->dataset) && is_called_after(name, other)) return false;
    }
    return true;
}

static seine_status add_table(clearing *c, const seine_pointer *pointer, seine_error *error) {
    struct leaving *one = &c->tables[c->count];
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    SEINE_TRY(seine_table_load_pointer(pointer->name, pointer->location, &table, error));
    const char *folder = seine_arena_copy(&c->arena, table->folder, strlen(table->folder));
    if (folder == NULL) return seine_no_memory(error, c->dataset);
    *one = (struct leaving){.name = pointer->name, .location = pointer->location, .folder = folder};
    c->count++;
    c->holdings->tables++;
    SEINE_TRY(seine_file_list(folder, true, &c->arena, &one->files, &one->file_count, error));
    c->holdings->files += one->file_count;
    for (size_t f = 0; f < one->file_count; f++) c->holdings->bytes += (int64_t)one->files[f].info.size;
    return SEINE_OK;
}

static seine_status find_tables(clearing *c, seine_error *error) {
    seine_pointer *pointers = NULL;
    size_t count = 0;
    SEINE_TRY(seine_catalog_pointers(c->catalog, &c->arena, &pointers, &count, error));
    c->tables = SEINE_ARENA_ARRAY(&c->arena, struct leaving, count + 1);
    if (c->tables == NULL) return seine_no_memory(error, c->dataset);
    for (size_t i = 0; i < count; i++)
        if (belongs(c, pointers[i].name)) SEINE_TRY(add_table(c, &pointers[i], error));
    return SEINE_OK;
}

static seine_status find_bronze(clearing *c, seine_error *error) {
    seine_file_entry *files = NULL;
    size_t count = 0;
    c->bronze = seine_arena_printf(&c->arena, "%s/bronze/%s", c->catalog->lake, c->dataset);
    if (c->bronze == NULL) return seine_no_memory(error, c->dataset);
    const seine_status status = seine_file_list(c->bronze, true, &c->arena, &files, &count, error);
    if (status != SEINE_OK && status != SEINE_E_NOT_FOUND) return status;
    c->holdings->files += count;
    for (size_t f = 0; f < count; f++) c->holdings->bytes += (int64_t)files[f].info.size;
    return SEINE_OK;
}

static seine_status take_count(void *context, const seine_db_value *columns, seine_error *error) {
    size_t *count = context;
    (void)error;
    *count = (size_t)columns[0].integer;
    return SEINE_OK;
}

static seine_status take_job(void *context, const seine_db_value *columns, seine_error *error) {
    clearing *c = context;
    if (!belongs(c, columns[0].text)) return SEINE_OK;
    const char *job = seine_arena_copy(&c->arena, columns[0].text, strlen(columns[0].text));
    if (job == NULL || SEINE_ARENA_ROOM(&c->arena, c->jobs, c->job_count, c->job_capacity, 1, JOBS_MAX) != SEINE_OK)
        return seine_no_memory(error, c->dataset);
    c->jobs[c->job_count++] = job;
    return SEINE_OK;
}

static seine_status find_rows(clearing *c, seine_error *error) {
    SEINE_TRY(seine_db_query(c->catalog->db, "SELECT count(*) FROM seine_source WHERE dataset = ?1", &c->dataset, 1,
                             take_count, &c->holdings->sources, error));
    return seine_db_query(c->catalog->db,
                          "SELECT job FROM seine_job UNION SELECT job FROM seine_job_timing ORDER BY job", NULL, 0,
                          take_job, c, error);
}

static seine_status find(clearing *c, seine_error *error) {
    seine_dataset_row *rows = NULL;
    SEINE_TRY(seine_lake_datasets(c->catalog, &c->arena, &rows, &c->other_count, error));
    c->others = rows;
    SEINE_TRY(find_tables(c, error));
    SEINE_TRY(find_bronze(c, error));
    return find_rows(c, error);
}

/* ---- it goes ---- */

static seine_status make_anew(clearing *c, seine_error *error) {
    for (size_t i = 0; i < c->count; i++) {
        const seine_table_schema *schema = seine_schema_find(c->tables[i].name);
        if (schema != NULL)
            SEINE_TRY(seine_shape_anew(c->catalog, schema, c->tables[i].location, &c->tables[i].anew, error));
    }
    return SEINE_OK;
}

static seine_status drop_rows(clearing *c, seine_error *error) {
    static const char *const of_dataset[] = {"DELETE FROM seine_source WHERE dataset = ?1",
                                             "DELETE FROM seine_source_day WHERE dataset = ?1",
                                             "DELETE FROM seine_setting WHERE key = '" TEXT_KEY "' || ?1",
                                             "DELETE FROM seine_setting WHERE key = '" SETTINGS_KEY "' || ?1",
                                             "DELETE FROM seine_setting WHERE key = '" IDS_KEY "' || ?1",
                                             "DELETE FROM seine_setting WHERE key = '" REREAD_KEY "' || ?1"};
    static const char *const of_job[] = {"DELETE FROM seine_job WHERE job = ?1",
                                         "DELETE FROM seine_job_timing WHERE job = ?1",
                                         "DELETE FROM seine_progress WHERE job = ?1"};
    const seine_db_value dataset = seine_db_text(c->dataset);
    for (size_t i = 0; i < sizeof of_dataset / sizeof *of_dataset; i++)
        SEINE_TRY(seine_db_change(c->catalog->db, of_dataset[i], &dataset, 1, NULL, error));
    for (size_t j = 0; j < c->job_count; j++) {
        const seine_db_value job = seine_db_text(c->jobs[j]);
        for (size_t i = 0; i < sizeof of_job / sizeof *of_job; i++)
            SEINE_TRY(seine_db_change(c->catalog->db, of_job[i], &job, 1, NULL, error));
    }
    return seine_file_rows_drop_below(c->catalog, c->bronze, error);
}

static seine_status drop_all(clearing *c, seine_error *error) {
    for (size_t i = 0; i < c->count; i++) {
        const struct leaving *one = &c->tables[i];
        if (one->anew != NULL)
            SEINE_TRY(seine_shape_write(c->catalog, one->anew, error));
        else
            SEINE_TRY(seine_shape_take_out(c->catalog, one->name, one->location, one->folder, &c->arena, error));
    }
    return drop_rows(c, error);
}

/* What stays after a crash is named by nothing: seine table orphans finds it. */
static void remove_files(clearing *c) {
    for (size_t i = 0; i < c->count; i++) {
        const struct leaving *one = &c->tables[i];
        if (one->anew == NULL) seine_best_effort(seine_file_remove_tree(one->folder, NULL));
        for (size_t f = 0; one->anew != NULL && f < one->file_count; f++) {
            const char *path = seine_file_join(&c->arena, one->folder, one->files[f].name);
            if (path != NULL && strcmp(seine_file_name(path), "version-hint.text") != 0)
                seine_best_effort(seine_file_remove(path, NULL));
        }
    }
    seine_best_effort(seine_file_remove_tree(c->bronze, NULL));
}

static seine_status clear(clearing *c, seine_error *error) {
    SEINE_TRY(seine_catalog_upgrade(c->catalog, error));
    SEINE_TRY(make_anew(c, error));
    seine_status status = seine_shapes_begin(c->catalog, error);
    if (status == SEINE_OK) status = seine_shapes_end(c->catalog, drop_all(c, error), error);
    for (size_t i = 0; i < c->count; i++)
        if (c->tables[i].anew != NULL) seine_shape_committed(c->tables[i].anew, status);
    if (status == SEINE_OK) remove_files(c);
    return status;
}

seine_status seine_lake_dataset_clear(seine_catalog *catalog, const char *dataset, bool really,
                                      seine_dataset_holdings *holdings, seine_error *error) {
    clearing c SEINE_OWNED(clearing_end) = {.catalog = catalog, .dataset = dataset, .holdings = holdings};
    *holdings = (seine_dataset_holdings){0};
    SEINE_TRY(find(&c, error));
    return really ? clear(&c, error) : SEINE_OK;
}
