/*
 * What a run of models has made, into the lake at once: tables, contents, fingerprints, times.
 *
 * Invariant: a fingerprint is stored only together with the rows made from exactly that content.
 */
#include "base/try.h"
#include "model/attempt.h"
#include "table/job_timing.h"
#include "table/run.h"

static seine_status commit_done(seine_commit *commit, const seine_model_done *d, int64_t ran_at_us,
                                seine_error *error) {
    const char *name = d->model->schema.name;
    const seine_job_row job = {{d->unit.day}, d->unit.fingerprint, d->unit.parts};
    const seine_partition_row rows = {
        .partition = {d->unit.day}, .content = d->made.rows.content, .rows = d->made.rows.rows};
    const seine_job_timing timing = {d->unit.day, ran_at_us, d->made.duration_us};
    if (d->made.is_changed) SEINE_TRY(seine_ledger_put_partition(commit, name, &rows, error));
    if (d->unit.is_gone) {
        SEINE_TRY(seine_ledger_drop_job_partition(commit, name, job.partition, error));
        return seine_ledger_drop_timing(commit, name, d->unit.day, error);
    }
    SEINE_TRY(seine_ledger_put_job(commit, name, &job, error));
    return seine_ledger_put_timing(commit, name, &timing, error);
}

static seine_hash128 content_of(const seine_model_table *table) {
    seine_hash128 sum = {0};
    for (size_t i = 0; i < table->count; i++) sum = seine_hash128_add(sum, table->parts[i].content);
    return sum;
}

static seine_status make_manifest(const seine_model_attempt *a, seine_run_manifest **run, seine_error *error) {
    SEINE_TRY(seine_run_begin(a->options->command != NULL ? a->options->command : "refresh", a->options->invocation,
                              a->started_us, a->begun_us, run, error));
    seine_run_setting_text(*run, "job", "models");
    seine_run_setting_text(*run, "mode", a->options->replace ? "replace" : "append");
    seine_run_setting_int(*run, "threads", a->options->threads);
    if (a->options->memory_bytes > 0) seine_run_setting_int(*run, "memory_bytes", (int64_t)a->options->memory_bytes);
    for (size_t i = 0; i < a->set->count; i++)
        for (size_t k = 0; k < a->set->models[i].setting_count; k++)
            seine_run_setting_text(*run, a->set->models[i].settings[k].name, a->set->models[i].settings[k].value);
    for (size_t i = 0; i < a->lake.count; i++) {
        const seine_model_table *table = &a->lake.tables[i];
        if (table->maker == NULL)
            seine_run_input_table(*run, table->name, seine_table_snapshot_id(table->table), table->count,
                                  content_of(table));
    }
    for (size_t i = 0; i < a->report->count; i++)
        seine_run_count(*run, a->report->models[i].table, (int64_t)a->report->models[i].run);
    return SEINE_OK;
}

/* A lost race is tried again, so it is no failed run. */
void seine_model_attempt_failed(const seine_model_attempt *a, const seine_error *why) {
    seine_run_manifest *run = NULL;
    if (why == NULL || why->status == SEINE_E_CONFLICT || make_manifest(a, &run, NULL) != SEINE_OK) return;
    seine_run_failed(run, a->catalog, why);
    seine_run_free(run);
}

/* A table of which every day failed is not made: nobody would know it from one without rows. */
static bool is_made(const seine_model_attempt *a, const seine_model_table *table) {
    bool has_failed = false;
    for (size_t i = 0; i < a->done_count; i++)
        if (a->done[i].model == table->maker && !a->done[i].unit.is_gone) return true;
    for (size_t i = 0; i < a->report->count; i++)
        if (strcmp(a->report->models[i].table, table->maker->schema.name) == 0 && a->report->models[i].failed > 0)
            has_failed = true;
    return !has_failed;
}

static bool has_new_tables(const seine_model_attempt *a) {
    for (size_t i = 0; i < a->lake.count; i++)
        if (a->lake.tables[i].shape != NULL && is_made(a, &a->lake.tables[i])) return true;
    return false;
}

static seine_status commit_table(const seine_model_attempt *a, seine_commit *commit, const seine_model_table *table,
                                 seine_error *error) {
    const seine_changed_files *files = &table->changes;
    if (table->shape != NULL && is_made(a, table)) SEINE_TRY(seine_commit_shape(commit, table->shape, error));
    if (files->added_count == 0 && files->removed_count == 0) return SEINE_OK;
    return seine_commit_files(commit, table->table, files->added, files->added_count, files->removed,
                              files->removed_count, error);
}

seine_status seine_model_attempt_commit(seine_model_attempt *a, seine_error *error) {
    seine_run_manifest *run SEINE_OWNED(seine_run_free_owned) = NULL;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(make_manifest(a, &run, error));
    SEINE_TRY(seine_commit_begin(a->catalog, seine_run_id(run), &commit, error));
    for (size_t i = 0; i < a->lake.count; i++) SEINE_TRY(commit_table(a, commit, &a->lake.tables[i], error));
    for (size_t i = 0; i < a->done_count; i++) SEINE_TRY(commit_done(commit, &a->done[i], a->started_us, error));
    SEINE_TRY(seine_run_join(run, commit, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

bool seine_model_attempt_is_any(const seine_model_attempt *a) { return a->done_count > 0 || has_new_tables(a); }
