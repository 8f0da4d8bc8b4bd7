#include "refresh/registry.h"

#include "base/try.h"

/* A detector: which output it is, what its job of a dataset is, and that job with its parameters. */
struct seine_detector_kind {
    unsigned output;                    /* SEINE_OUTPUT_…: what a description calls it */
    const seine_detector_job *of_ships; /* NULL: theirs is made, too */
    seine_status (*make)(const seine_dataset *dataset, seine_arena *arena, seine_detector_job *job); /* of others */
    seine_status (*run)(seine_registry *registry, const seine_lake_job *one, seine_catalog *catalog,
                        seine_engine *engine, seine_job_run *run, seine_error *error);
    bool reads_references; /* ref.ports and ref.weather */
};

static seine_status run_gaps(seine_registry *registry, const seine_lake_job *one, seine_catalog *catalog,
                             seine_engine *engine, seine_job_run *run, seine_error *error) {
    (void)registry, (void)catalog, (void)engine, (void)error;
    *run = seine_job_run_gaps(&one->job, &one->gaps);
    return SEINE_OK;
}

static seine_status run_enriched(seine_registry *registry, const seine_lake_job *one, seine_catalog *catalog,
                                 seine_engine *engine, seine_job_run *run, seine_error *error) {
    if (!registry->has_references)
        SEINE_TRY(seine_enrichment_load(catalog, engine, registry->settings.weather_max_age_us, &registry->enrichment,
                                        error));
    registry->has_references = true;
    *run = seine_enrichment_run(&registry->enrichment, &one->job);
    return SEINE_OK;
}

static seine_status run_fishing(seine_registry *registry, const seine_lake_job *one, seine_catalog *catalog,
                                seine_engine *engine, seine_job_run *run, seine_error *error) {
    (void)registry, (void)catalog, (void)engine, (void)error;
    *run = seine_job_run_fishing(&one->job, &one->fishing);
    return SEINE_OK;
}

static seine_status run_segments(seine_registry *registry, const seine_lake_job *one, seine_catalog *catalog,
                                 seine_engine *engine, seine_job_run *run, seine_error *error) {
    (void)registry, (void)catalog, (void)engine, (void)error;
    *run = seine_job_run_segments(&one->job, &one->segments);
    return SEINE_OK;
}

static const struct seine_detector_kind kinds[] = {
    {SEINE_OUTPUT_SEGMENTS, NULL, seine_job_segments_of, run_segments, false}, /* gaps may read them */
    {SEINE_OUTPUT_GAPS, NULL, seine_job_gaps_of, run_gaps, false},
    {SEINE_OUTPUT_ENRICHED, &seine_job_ais_enriched, seine_job_enriched_of, run_enriched, true},
    {SEINE_OUTPUT_FISHING, NULL, seine_job_fishing_of, run_fishing, false},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static seine_status add(seine_registry *r, const seine_dataset *dataset, const struct seine_detector_kind *kind) {
    seine_lake_job *one = &r->jobs[r->count];
    *one = (seine_lake_job){.kind = kind,
                            .gaps = seine_job_gap_config(dataset, &r->settings.gaps),
                            .fishing = seine_job_fishing_config(dataset),
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

bool seine_registry_reads_references(const seine_registry *registry, size_t index) {
    return registry->jobs[index].kind->reads_references;
}

seine_status seine_registry_run(seine_registry *registry, size_t index, seine_catalog *catalog, seine_engine *engine,
                                seine_job_run *run, seine_error *error) {
    const seine_lake_job *one = &registry->jobs[index];
    return one->kind->run(registry, one, catalog, engine, run, error);
}
