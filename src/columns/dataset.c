#include "columns/dataset.h"

#include <stdio.h>

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
