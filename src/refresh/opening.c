#include "refresh/opening.h"

#include "base/threads.h"
#include "base/try.h"
#include "table/dataset.h"

seine_detector_settings seine_refresh_settings(const seine_refresh_options *options) {
    return (seine_detector_settings){options->gaps, options->weather_max_age_us, options->segments};
}

seine_status seine_refresh_jobs(const seine_detector_settings *settings, seine_catalog *catalog, seine_arena *arena,
                                seine_registry *registry, seine_error *why, seine_error *error) {
    const seine_dataset *const *datasets = NULL;
    size_t count = 0;
    why->status = seine_lake_datasets_read(catalog, arena, &datasets, &count, why);
    if (!seine_refresh_goes_on(why->status) || (count == 0 && why->status != SEINE_OK))
        return seine_fail(error, why->status, "%s", why->text);
    return seine_registry_fill(registry, datasets, count, settings) == SEINE_OK ? SEINE_OK
                                                                                : seine_no_memory(error, "refreshing");
}

seine_status seine_refresh_make_tables(seine_catalog *catalog, const seine_detector_job *job, seine_error *error) {
    for (size_t i = 0; i < job->shape_count; i++) {
        SEINE_TRY(seine_catalog_ensure_table(catalog, &job->shapes[i], error));
        SEINE_TRY(seine_catalog_ensure_columns(catalog, &job->shapes[i], error));
    }
    return SEINE_OK;
}

/* Before anything is made, since a word may mean nothing. */
static seine_status find_wanted(const seine_refresh_options *options, seine_catalog *catalog, seine_arena *arena,
                                seine_wanted *wanted, seine_error *error) {
    seine_registry registry SEINE_OWNED(seine_registry_free) = {0};
    seine_model_set set SEINE_OWNED(seine_model_set_free) = {0};
    const seine_models_options *models = options->models;
    seine_error ignored = {SEINE_OK, ""};
    if (options->only_count == 0) return SEINE_OK;
    const seine_detector_settings settings = seine_refresh_settings(options);
    SEINE_TRY(seine_refresh_jobs(&settings, catalog, arena, &registry, &ignored, error));
    if (models != NULL)
        SEINE_TRY(seine_model_set_of_lake(catalog, models->settings, models->setting_count, &set, error));
    return seine_wanted_find(&registry, &set, options->only, options->only_count, arena, wanted, error);
}

/* What is given is kept before anything is made by it, so that status and verify know, whatever comes. */
static seine_status keep(seine_catalog *catalog, const char *setting, int64_t wanted, seine_error *error) {
    int64_t kept = 0;
    SEINE_TRY(seine_ledger_setting(catalog, setting, &kept, error));
    if (kept == wanted) return SEINE_OK;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(seine_commit_begin(catalog, NULL, &commit, error));
    SEINE_TRY(seine_ledger_put_setting(commit, setting, wanted, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

seine_status seine_refresh_open(const char *lake, const seine_refresh_options *options, seine_refresh_opening *opening,
                                seine_error *error) {
    const seine_engine_options engine_options = {.threads = 1};
    if (options->threads < 1 || options->threads > SEINE_THREADS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "%d threads; 1 to %d are possible", options->threads,
                          SEINE_THREADS_MAX);
    SEINE_TRY(seine_catalog_open(lake, &opening->catalog, error));
    seine_catalog *catalog = opening->catalog;
    SEINE_TRY(seine_lease_take_as(catalog, SEINE_LEASE_REFRESH, options->holder, &opening->lease, error));
    SEINE_TRY(seine_catalog_ensure_tables(catalog, error));
    if (options->by != SEINE_BY_KEPT)
        SEINE_TRY(keep(catalog, SEINE_SETTING_BY_SEGMENT, options->by == SEINE_BY_SEGMENT, error));
    if (options->fishing != SEINE_FISHING_KEPT)
        SEINE_TRY(keep(catalog, SEINE_SETTING_FISHING, options->fishing == SEINE_FISHING_BY_RULES, error));
    SEINE_TRY(find_wanted(options, catalog, &opening->arena, &opening->wanted, error));
    return seine_engine_open(&engine_options, &opening->engine, error);
}

void seine_refresh_close(seine_refresh_opening *opening) {
    if (opening->engine != NULL) seine_engine_close(opening->engine);
    if (opening->lease != NULL) seine_lease_release(opening->lease);
    if (opening->catalog != NULL) seine_catalog_close(opening->catalog);
    seine_arena_free(&opening->arena);
    *opening = (seine_refresh_opening){0};
}
