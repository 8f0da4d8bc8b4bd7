/* The two tables of a dataset: its columns with the lineage that all have, and the rows that were refused. */
#include "columns/descriptor/descriptor.h"
#include "columns/raw_table.h"

/* Place among the words of a list, from 1; 0 = it is not there. */
static int place_of(const char *list, const char *name) {
    const size_t size = strlen(name);
    int place = 1;
    for (const char *word = list; *word != '\0'; place++) {
        const size_t length = strcspn(word, " ");
        if (length == size && memcmp(word, name, size) == 0) return place;
        word += length + (word[length] == ' ');
    }
    return 0;
}

/* Columns keep the ids they have in the lake; others come after all of those. */
static void number(const seine_descriptor *d, seine_column *columns, size_t count) {
    const char *ids = d->given != NULL && d->given->ids != NULL ? d->given->ids : "";
    int next = 1;
    for (const char *word = ids; *word != '\0'; next++) word += strcspn(word, " ") + (strchr(word, ' ') != NULL);
    for (size_t i = 0; i < count; i++) {
        const int known = place_of(ids, columns[i].name);
        columns[i].id = known > 0 ? known : next++;
    }
}

static seine_status columns_of_silver(const seine_descriptor *d, const seine_column **made) {
    const seine_table_schema *like = seine_schema_find("silver.ais");
    const size_t count = d->dataset.column_count;
    seine_column *columns = SEINE_ARENA_ARRAY(d->arena, seine_column, count + SEINE_DATASET_LINEAGE);
    if (columns == NULL) return seine_no_memory(d->error, d->file);
    for (size_t i = 0; i < count; i++)
        columns[i] =
            (seine_column){.name = d->columns[i].name,
                           .type = d->columns[i].type,
                           .required = i < (d->dataset.needs_position ? SEINE_DATASET_MEASURES : SEINE_DATASET_LAT),
                           .unit = d->columns[i].unit,
                           .doc = d->columns[i].doc};
    for (size_t i = 0; i < SEINE_DATASET_LINEAGE; i++)
        columns[count + i] = like->columns[like->column_count - SEINE_DATASET_LINEAGE + i];
    number(d, columns, count + SEINE_DATASET_LINEAGE);
    *made = columns;
    return SEINE_OK;
}

/* Records as an API or a topic gives them. */
static seine_status make_raw(seine_descriptor *d) {
    seine_table_schema *raw = SEINE_ARENA_ARRAY(d->arena, seine_table_schema, 1);
    const char *name = seine_arena_printf(d->arena, "bronze.%s_raw", d->dataset.name);
    if (raw == NULL || name == NULL) return seine_no_memory(d->error, d->file);
    *raw = seine_raw_table_schema(name);
    d->dataset.raw = raw;
    return SEINE_OK;
}

seine_status seine_descriptor_tables(seine_descriptor *d) {
    const seine_table_schema *refused = seine_schema_find("silver.ais_rejects");
    seine_table_schema *tables = SEINE_ARENA_ARRAY(d->arena, seine_table_schema, 2);
    if (tables == NULL) return seine_no_memory(d->error, d->file);
    tables[0] = (seine_table_schema){
        .name = seine_arena_printf(d->arena, "silver.%s", d->dataset.name),
        .doc = seine_arena_printf(d->arena, "one valid, de-duplicated fix of a %s", d->dataset.word),
        .column_count = d->dataset.column_count + SEINE_DATASET_LINEAGE,
        .partition = {{SEINE_DATASET_TIME + 1, 1000,
                       seine_arena_printf(d->arena, "%s_day", d->columns[SEINE_DATASET_TIME].name),
                       SEINE_TRANSFORM_DAY},
                      {SEINE_DATASET_ID + 1, 1001,
                       seine_arena_printf(d->arena, "%s_bucket", d->columns[SEINE_DATASET_ID].name),
                       SEINE_TRANSFORM_BUCKET}},
        .partition_count = 2,
        .sort_ids = {SEINE_DATASET_ID + 1, SEINE_DATASET_TIME + 1}};
    tables[1] = *refused;
    tables[1].name = seine_arena_printf(d->arena, "silver.%s_rejects", d->dataset.name);
    if (tables[0].name == NULL || tables[0].doc == NULL || tables[0].partition[0].name == NULL ||
        tables[0].partition[1].name == NULL || tables[1].name == NULL)
        return seine_no_memory(d->error, d->file);
    d->dataset.silver = &tables[0];
    d->dataset.rejects = &tables[1];
    SEINE_TRY(make_raw(d));
    return columns_of_silver(d, &tables[0].columns);
}
