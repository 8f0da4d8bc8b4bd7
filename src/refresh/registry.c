#include "refresh/registry.h"

#include "base/try.h"

/* A detector: which output it is, what its job of a dataset is, and that job with its parameters. */
struct seine_detector_kind {
    unsigned output;                    /* SEINE_OUTPUT_…: what a description calls it */
    const seine_detector_job *of_ships; /* NULL: theirs is made, too */
    seine_status (*make)(const seine_dataset *dataset, seine_arena *arena, seine_detector_job *job); /* of others */
    seine_status (*run)(seine_registry *registry, seine_lake_job *one, seine_catalog *catalog, seine_engine *engine,
                        seine_job_run *run, seine_error *error);
    const seine_read_reference *references; /* NULL: none; the last one is followed by zeroes */
};

static const seine_read_reference ports_and_weather[SEINE_READ_REFERENCES + 1] = {
    {"ref.ports", "what holds on the day"}, {"ref.weather", "what holds on the day, where its fixes are"}, {0}};
static const seine_read_reference vessels[] = {{"ref.vessels", "its year"}, {0}}; /* by rules */

static seine_status run_gaps(seine_registry *registry, seine_lake_job *one, seine_catalog *catalog,
                             seine_engine *engine, seine_job_run *run, seine_error *error) {
    (void)registry, (void)catalog, (void)engine, (void)error;
    *run = seine_job_run_gaps(&one->job, &one->gaps);
    return SEINE_OK;
}

static seine_status run_enriched(seine_registry *registry, seine_lake_job *one, seine_catalog *catalog,
                                 seine_engine *engine, seine_job_run *run, seine_error *error) {
    if (!registry->has_enrichment)
        SEINE_TRY(seine_enrichment_load(catalog, engine, registry->settings.weather_max_age_us, &registry->enrichment,
                                        error));
    registry->has_enrichment = true;
    *run = seine_enrichment_run(&registry->enrichment, &one->job);
    return SEINE_OK;
}

static seine_status run_fishing(seine_registry *registry, seine_lake_job *one, seine_catalog *catalog,
                                seine_engine *engine, seine_job_run *run, seine_error *error) {
    if (one->fishing.config.rules == NULL) {
        *run = seine_job_run_fishing(&one->job, &one->fishing.config);
        return SEINE_OK;
    }
    if (!registry->has_vessels) SEINE_TRY(seine_vessels_load(catalog, engine, &registry->vessels, error));
    registry->has_vessels = true;
    one->fishing.vessels = &registry->vessels;
    *run = seine_job_run_classed_fishing(&one->job, &one->fishing);
    return SEINE_OK;
}

static seine_status run_segments(seine_registry *registry, seine_lake_job *one, seine_catalog *catalog,
                                 seine_engine *engine, seine_job_run *run, seine_error *error) {
    (void)registry, (void)catalog, (void)engine, (void)error;
    *run = seine_job_run_segments(&one->job, &one->segments);
    return SEINE_OK;
}

static const struct seine_detector_kind kinds[] = {
    {SEINE_OUTPUT_SEGMENTS, NULL, seine_job_segments_of, run_segments, NULL}, /* gaps may read them */
    {SEINE_OUTPUT_GAPS, NULL, seine_job_gaps_of, run_gaps, NULL},
    {SEINE_OUTPUT_ENRICHED, &seine_job_ais_enriched, seine_job_enriched_of, run_enriched, ports_and_weather},
    {SEINE_OUTPUT_FISHING, NULL, seine_job_fishing_of, run_fishing, vessels},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static seine_status add(seine_registry *r, const seine_dataset *dataset, const struct seine_detector_kind *kind) {
    seine_lake_job *one = &r->jobs[r->count];
    *one = (seine_lake_job){.kind = kind,
                            .gaps = seine_job_gap_config(dataset, &r->settings.gaps),
                            .fishing = {.config = seine_job_fishing_config(dataset)},
                            .segments = seine_job_segment_config(dataset, &r->settings.segments)};
    if (seine_dataset_is_of_ships(dataset) && kind->of_ships != NULL)
        one->job = *kind->of_ships;
    else
        SEINE_TRY(kind->make(dataset, &r->arena, &one->job));
    r->count++;
    return SEINE_OK;
}

seine_status seine_registry_fill(seine_registry *registry, const seine_dataset *const *datasets, size_t count,
                                 const seine_detector_settings *settings) {
    registry->settings = *settings;
    registry->jobs = SEINE_ARENA_ARRAY(&registry->arena, seine_lake_job, count * KINDS);
    if (registry->jobs == NULL) return SEINE_E_NOMEM;
    for (size_t d = 0; d < count; d++)
        for (size_t k = 0; k < KINDS; k++)
            if ((datasets[d]->outputs & kinds[k].output) != 0) SEINE_TRY(add(registry, datasets[d], &kinds[k]));
    return SEINE_OK;
}

void seine_registry_free(seine_registry *registry) {
    seine_enrichment_free(&registry->enrichment);
    seine_vessels_free(&registry->vessels);
    seine_arena_free(&registry->arena);
    *registry = (seine_registry){0};
}

seine_status seine_registry_recall(seine_registry *registry, seine_catalog *catalog, seine_error *error) {
    for (size_t i = 0; i < registry->count; i++) {
        seine_lake_job *one = &registry->jobs[i];
        if (one->kind->output == SEINE_OUTPUT_SEGMENTS)
            SEINE_TRY(seine_job_segment_recall(catalog, &one->job, &one->segments, error));
    }
    return SEINE_OK;
}

const seine_read_reference *seine_registry_references(const seine_registry *registry, size_t index, size_t *count) {
    const seine_lake_job *one = &registry->jobs[index];
    const seine_read_reference *references = one->kind->references;
    const bool is_given = one->kind->output == SEINE_OUTPUT_FISHING && one->fishing.config.rules == NULL;
    *count = 0;
    while (references != NULL && !is_given && references[*count].table != NULL) (*count)++;
    return references;
}

seine_status seine_registry_run(seine_registry *registry, size_t index, seine_catalog *catalog, seine_engine *engine,
                                seine_job_run *run, seine_error *error) {
    seine_lake_job *one = &registry->jobs[index];
    return one->kind->run(registry, one, catalog, engine, run, error);
}
