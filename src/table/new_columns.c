/* Tables that are there already, and columns that came later. */
#include "base/try.h"
#include "table/catalog/catalog.h"

static bool is_same(const seine_column *a, const seine_column *b) {
    return a->id == b->id && a->type == b->type && a->required == b->required && strcmp(a->name, b->name) == 0;
}

/* Whether the schema has all columns of the table, and more. */
static bool is_more(const seine_table_schema *schema, const seine_table_schema *of_table) {
    for (size_t i = 0; i < of_table->column_count; i++) {
        const size_t at = seine_schema_column(schema, of_table->columns[i].name);
        if (at == SIZE_MAX || !is_same(&schema->columns[at], &of_table->columns[i])) return false;
    }
    return schema->column_count > of_table->column_count;
}

seine_status seine_catalog_ensure_columns(seine_catalog *catalog, const seine_table_schema *schema,
                                          seine_error *error) {
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    bool has = false;
    SEINE_TRY(seine_catalog_has_table(catalog, schema->name, &has, error));
    if (!has) return SEINE_OK;
    SEINE_TRY(seine_table_load(catalog, schema->name, (seine_at){0}, &table, error));
    if (!is_more(schema, seine_table_schema_of(table))) return SEINE_OK;
    SEINE_TRY(seine_commit_begin(catalog, NULL, &commit, error));
    SEINE_TRY(seine_commit_evolve(commit, table, schema, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}
