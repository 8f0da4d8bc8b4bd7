#include "columns/dataset.h"

#include "columns/unit.h"

#include <stdio.h>
#include <string.h>

const char *const seine_dataset_output_words[SEINE_OUTPUT_COUNT] = {"gaps",     "hours",   "movers",  "map",
                                                                    "enriched", "fishing", "segments"};

static const seine_table_schema *find(const seine_dataset *dataset, const char *ending) {
    char name[SEINE_DATASET_NAME_MAX + 32];
    (void)snprintf(name, sizeof name, "silver.%s%s", dataset->name, ending);
    return seine_schema_find(name);
}

const seine_table_schema *seine_dataset_silver(const seine_dataset *dataset) {
    return dataset->silver != NULL ? dataset->silver : find(dataset, "");
}

const seine_table_schema *seine_dataset_rejects(const seine_dataset *dataset) {
    return dataset->rejects != NULL ? dataset->rejects : find(dataset, "_rejects");
}

size_t seine_dataset_knots(const seine_dataset *dataset) {
    for (size_t i = SEINE_DATASET_MEASURES; i < seine_dataset_statics_first(dataset); i++)
        if (strcmp(dataset->columns[i].unit, "kn") == 0) return i;
    return SIZE_MAX;
}

static bool has_unit(const seine_dataset_column *column, const char *unit) {
    if (unit == NULL) return column->type == SEINE_TYPE_STRING;
    return !seine_type_is_text(column->type) && strcmp(column->unit, unit) == 0;
}

size_t seine_dataset_named(const seine_dataset *dataset, const seine_column_names *names) {
    for (size_t n = 0; n < sizeof names->names / sizeof *names->names && names->names[n] != NULL; n++)
        for (size_t i = SEINE_DATASET_MEASURES; i < dataset->column_count; i++)
            if (strcmp(dataset->columns[i].name, names->names[n]) == 0 && has_unit(&dataset->columns[i], names->unit))
                return i;
    return SIZE_MAX;
}

size_t seine_dataset_speed(const seine_dataset *dataset) {
    const size_t end = seine_dataset_statics_first(dataset);
    for (size_t i = SEINE_DATASET_MEASURES; i < end; i++) {
        const seine_unit *unit = seine_unit_find(dataset->columns[i].unit);
        if (unit != NULL && strcmp(unit->kind, "speed") == 0) return i;
    }
    return SIZE_MAX;
}
