#include "model/lake.h"

#include "base/array.h"
#include "base/threads.h"
#include "base/try.h"
#include "io/file.h"
#include "table/ledger.h"

#include <stdlib.h>

#define SETTLE_TRIES 20
#define PARTS_MAX ((size_t)1 << 24) /* days of a table */
#define FILES_MAX ((size_t)1 << 24) /* of a day */

/* ---- parts ---- */

size_t seine_model_part_from(const seine_model_table *table, seine_partition_value day) {
    size_t first = 0, last = table->count;
    while (first < last) {
        const size_t middle = (first + last) / 2;
        if (seine_partition_value_compare(table->parts[middle].day, day) < 0)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

seine_model_part *seine_model_part_find(const seine_model_table *table, seine_partition_value day) {
    const size_t at = seine_model_part_from(table, day);
    return at < table->count && seine_partition_value_compare(table->parts[at].day, day) == 0 ? &table->parts[at]
                                                                                              : NULL;
}

seine_model_part *seine_model_part_make(seine_model_table *table, seine_partition_value day) {
    const size_t at = seine_model_part_from(table, day);
    if (at < table->count && seine_partition_value_compare(table->parts[at].day, day) == 0) return &table->parts[at];
    if (SEINE_ARRAY_ROOM(table->parts, table->count, table->capacity, 1, PARTS_MAX) != SEINE_OK) return NULL;
    memmove(&table->parts[at + 1], &table->parts[at], (table->count - at) * sizeof *table->parts);
    table->parts[at] = (seine_model_part){.day = day};
    table->count++;
    return &table->parts[at];
}

seine_status seine_model_part_add(seine_model_lake *lake, seine_model_part *part, const seine_data_file *file) {
    size_t capacity = part->file_capacity; /* both have the same */
    SEINE_TRY(SEINE_ARENA_ROOM(&lake->arena, part->stats, part->file_count, capacity, 1, FILES_MAX));
    SEINE_TRY(SEINE_ARENA_ROOM(&lake->arena, part->files, part->file_count, part->file_capacity, 1, FILES_MAX));
    part->files[part->file_count] = file->path;
    part->stats[part->file_count++] = file->stats;
    return SEINE_OK;
}

/* A file never changes, so its name, wherever the lake lies, stands for its rows. */
seine_status seine_model_part_grow(seine_model_lake *lake, seine_model_part *part, const seine_data_file *file) {
    const char *name = seine_file_name(file->path);
    SEINE_TRY(seine_model_part_add(lake, part, file));
    part->content = seine_hash128_add(part->content, seine_hash128_of(name, strlen(name)));
    part->rows += file->rows;
    return SEINE_OK;
}

/* ---- from the catalog ---- */

/* Which partition field is the day; SIZE_MAX: none. */
static size_t day_field(const seine_table_schema *schema) {
    for (size_t i = 0; i < schema->partition_count; i++)
        if (schema->partition[i].transform == SEINE_TRANSFORM_DAY ||
            schema->partition[i].transform == SEINE_TRANSFORM_IDENTITY)
            return i;
    return SIZE_MAX;
}

static seine_partition_value day_of(const seine_partition_value *partition, size_t field) {
    return field != SIZE_MAX ? partition[field] : (seine_partition_value){.is_null = true};
}

static seine_status fill_table(seine_catalog *catalog, seine_model_lake *lake, seine_model_table *t,
                               seine_error *error) {
    const seine_live_file *files = NULL;
    seine_partition_row *rows = NULL;
    size_t file_count = 0, row_count = 0;
    const size_t field = day_field(t->schema);
    t->count = 0;
    SEINE_TRY(seine_table_files(t->table, &files, &file_count, error));
    SEINE_TRY(seine_ledger_partitions(catalog, t->name, &lake->arena, &rows, &row_count, error));
    for (size_t i = 0; i < row_count; i++) {
        seine_model_part *part = seine_model_part_make(t, day_of(rows[i].partition, field));
        if (part == NULL) return seine_no_memory(error, "planning models");
        part->content = seine_hash128_add(part->content, rows[i].content);
        part->rows += rows[i].rows;
        part->has_content = true;
    }
    for (size_t i = 0; i < file_count; i++) {
        seine_model_part *part = seine_model_part_make(t, day_of(files[i].file.partition, field));
        if (part == NULL ||
            (part->has_content ? seine_model_part_add : seine_model_part_grow)(lake, part, &files[i].file) != SEINE_OK)
            return seine_no_memory(error, "planning models");
    }
    return SEINE_OK;
}

static seine_status list_files(void *context, size_t member, size_t index, seine_error *error) {
    const seine_model_lake *lake = context;
    const seine_live_file *files = NULL;
    size_t count = 0;
    (void)member;
    if (lake->tables[index].table == NULL) return SEINE_OK;
    return seine_table_files(lake->tables[index].table, &files, &count, error);
}

/* Reading manifests is most of a load, and each table has its own. */
static seine_status list_tables(seine_model_lake *lake, int threads, seine_error *error) {
    const seine_thread_tasks tasks = {.task = list_files, .context = lake, .count = lake->count};
    return seine_threads_each((size_t)threads, &tasks, error);
}

static void close_tables(seine_model_lake *lake) {
    for (size_t i = 0; i < lake->count; i++) {
        seine_table_close(lake->tables[i].table);
        lake->tables[i].table = NULL;
        lake->tables[i].schema = NULL;
    }
}

/* tables[i] of lake->tables[i]; NULL for one that the catalog does not have. */
static seine_status load_tables(seine_catalog *catalog, seine_model_lake *lake, seine_table **tables,
                                seine_error *error) {
    const char **names = SEINE_ARENA_ARRAY(&lake->arena, const char *, lake->count);
    seine_table **found = SEINE_ARENA_ARRAY(&lake->arena, seine_table *, lake->count);
    if (names == NULL || found == NULL) return seine_no_memory(error, "planning models");
    size_t count = 0;
    for (size_t i = 0; i < lake->count; i++)
        if (!lake->tables[i].is_absent) names[count++] = lake->tables[i].name;
    const seine_status status = seine_tables_load(catalog, names, count, found, error);
    for (size_t i = 0, k = 0; i < lake->count; i++) tables[i] = lake->tables[i].is_absent ? NULL : found[k++];
    return status;
}

/*
 * Pointers and ledger are read by several statements. An ingest in between would pair new content with old files, and
 * its change would never be seen; so the view counts only when the tables are the same before and after.
 */
static seine_status load_once(seine_catalog *catalog, int threads, seine_model_lake *lake, bool *is_settled,
                              seine_error *error) {
    seine_table **tables = SEINE_ARENA_ARRAY(&lake->arena, seine_table *, lake->count);
    if (tables == NULL) return seine_no_memory(error, "planning models");
    close_tables(lake);
    SEINE_TRY(load_tables(catalog, lake, tables, error));
    for (size_t i = 0; i < lake->count; i++) {
        seine_model_table *table = &lake->tables[i];
        table->table = tables[i];
        table->schema = tables[i] != NULL ? seine_table_schema_of(tables[i]) : table->made;
    }
    SEINE_TRY(list_tables(lake, threads, error));
    for (size_t i = 0; i < lake->count; i++)
        if (tables[i] != NULL) SEINE_TRY(fill_table(catalog, lake, &lake->tables[i], error));
    return seine_tables_are_current(catalog, tables, lake->count, is_settled, error);
}

/* ---- which tables ---- */

static seine_status add_table(seine_model_lake *lake, const char *name, const seine_model *maker,
                              const seine_table_schema *made) {
    seine_model_table *found = seine_model_lake_find(lake, name);
    if (found == NULL) {
        found = &lake->tables[lake->count++];
        found->name = seine_arena_copy(&lake->arena, name, strlen(name));
    }
    if (maker != NULL) found->maker = maker;
    if (made != NULL) found->made = made;
    return found->name != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

/* What a model makes: its table, and the log of a sink. */
static seine_status add_made(seine_catalog *catalog, const seine_model *model, const seine_table_schema *schema,
                             bool shape, seine_model_lake *lake, seine_error *error) {
    if (add_table(lake, schema->name, model, schema) != SEINE_OK) return seine_no_memory(error, "planning models");
    if (!shape) return SEINE_OK;
    return seine_shape_begin(catalog, schema, schema->name, &seine_model_lake_find(lake, schema->name)->shape, error);
}

static seine_status add_tables(seine_catalog *catalog, const seine_model_set *set, bool shape, seine_model_lake *lake,
                               seine_error *error) {
    for (size_t i = 0; i < set->count; i++) {
        const seine_model *model = &set->models[i];
        SEINE_TRY(add_made(catalog, model, &model->schema, shape, lake, error));
        if (model->is_events && shape) SEINE_TRY(seine_catalog_ensure_columns(catalog, &model->history, error));
        if (model->is_events) SEINE_TRY(add_made(catalog, model, &model->history, shape, lake, error));
        for (size_t k = 0; k < model->input_count; k++)
            if (add_table(lake, model->inputs[k].table, NULL, NULL) != SEINE_OK)
                return seine_no_memory(error, "planning models");
    }
    return SEINE_OK;
}

static seine_status find_absent(seine_catalog *catalog, seine_model_lake *lake, seine_error *error) {
    const char **names = NULL;
    size_t count = 0;
    SEINE_TRY(seine_catalog_tables(catalog, &lake->arena, &names, &count, error));
    for (size_t i = 0; i < lake->count; i++) {
        lake->tables[i].is_absent = lake->tables[i].maker != NULL || lake->tables[i].shape != NULL;
        for (size_t k = 0; k < count; k++)
            if (strcmp(names[k], lake->tables[i].name) == 0 && lake->tables[i].shape == NULL)
                lake->tables[i].is_absent = false;
    }
    return SEINE_OK;
}

seine_status seine_model_lake_load(seine_catalog *catalog, const seine_model_set *set, bool shape, int threads,
                                   seine_model_lake *lake, seine_error *error) {
    lake->tables = SEINE_ARENA_ARRAY(&lake->arena, seine_model_table, set->count * (SEINE_MODEL_INPUTS_MAX + 2));
    if (lake->tables == NULL) return seine_no_memory(error, "planning models");
    SEINE_TRY(add_tables(catalog, set, shape, lake, error));
    SEINE_TRY(find_absent(catalog, lake, error));
    bool is_settled = lake->count == 0;
    for (int i = 0; i < SETTLE_TRIES && !is_settled; i++)
        SEINE_TRY(load_once(catalog, threads, lake, &is_settled, error));
    if (!is_settled) return seine_fail(error, SEINE_E_BUSY, "tables kept changing while they were read; try again");
    for (size_t i = 0; i < lake->count; i++)
        if (lake->tables[i].shape != NULL)
            SEINE_TRY(seine_shape_open(lake->tables[i].shape, &lake->tables[i].table, error));
    return SEINE_OK;
}

seine_model_table *seine_model_lake_find(const seine_model_lake *lake, const char *name) {
    for (size_t i = 0; i < lake->count; i++)
        if (strcmp(lake->tables[i].name, name) == 0) return &lake->tables[i];
    return NULL;
}

void seine_model_lake_free(seine_model_lake *lake) {
    close_tables(lake);
    for (size_t i = 0; i < lake->count; i++) {
        free(lake->tables[i].parts);
        seine_shape_end(lake->tables[i].shape);
        seine_changed_files_free(&lake->tables[i].changes);
    }
    seine_arena_free(&lake->arena);
    *lake = (seine_model_lake){0};
}
