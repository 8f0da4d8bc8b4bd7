#include "refresh/job.h"

const seine_table_schema *seine_job_schema(const seine_detector_job *job, const char *table) {
    for (size_t i = 0; i < job->shape_count; i++)
        if (strcmp(job->shapes[i].name, table) == 0) return &job->shapes[i];
    return seine_schema_find(table);
}

bool seine_job_shape_like(const char *like, const char *name, const char *doc, seine_table_schema *shape) {
    *shape = *seine_schema_find(like);
    shape->name = name;
    shape->doc = doc;
    return name != NULL;
}
