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

seine_detector_job seine_job_of(const seine_dataset *dataset, const char *name, const seine_step *step,
                                const seine_table_schema *shapes, size_t shape_count) {
    return (seine_detector_job){.name = name,
                                .dataset = dataset->name,
                                .version = 1,
                                .step = step,
                                .silver = seine_dataset_silver(dataset)->name,
                                .shapes = shapes,
                                .shape_count = shape_count,
                                .mover = dataset->columns[SEINE_DATASET_ID].name,
                                .time = dataset->columns[SEINE_DATASET_TIME].name,
                                .lat = dataset->columns[SEINE_DATASET_LAT].name,
                                .lon = dataset->columns[SEINE_DATASET_LON].name,
                                .receiver_text = SIZE_MAX,
                                .shore_number = SIZE_MAX,
                                .speed_number = SIZE_MAX};
}
