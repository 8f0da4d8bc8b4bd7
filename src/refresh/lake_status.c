#include "refresh/lake_status.h"

#include "base/array.h"
#include "base/try.h"
#include "model/check.h"
#include "model/plan.h"
#include "refresh/registry.h"
#include "refresh/plan.h"
#include "table/dataset.h"
#include "table/ledger.h"
#include "table/job_timing.h"

#include <stdlib.h>

#define DAYS_MAX ((size_t)1 << 24) /* of all tables */

/* One model's days. */
typedef struct model_days {
    seine_model_unit *units;
    size_t count;
} model_days;

typedef struct work {
    seine_catalog *catalog;
    seine_lake_status *out;
    size_t capacity;
    seine_model_set set;
    seine_model_lake lake;
    model_days *days; /* per model */
    seine_registry registry;
    model_days *made; /* per job: of its table of events or columns */
    bool *recomputed; /* per job: nothing of it holds any more */
    const seine_dataset *const *datasets;
    size_t dataset_count;
} work;

static bool same_day(seine_partition_value a, seine_partition_value b) {
    return a.is_null == b.is_null && (a.is_null || a.value == b.value);
}

static seine_day_status *add_day(work *w, const char *table, seine_partition_value day) {
    seine_lake_status *out = w->out;
    if (SEINE_ARENA_ROOM(&out->arena, out->days, out->count, w->capacity, 1, DAYS_MAX) != SEINE_OK) return NULL;
    seine_day_status *added = &out->days[out->count];
    added->table = seine_arena_copy(&out->arena, table, strlen(table));
    added->day = day;
    if (added->table == NULL) return NULL;
    out->count++;
    return added;
}

/* Tells each row of a table when it was computed last. */
static seine_status add_timings(work *w, const char *name, seine_error *error) {
    seine_job_timing *timings = NULL;
    size_t count = 0;
    SEINE_TRY(seine_ledger_timings(w->catalog, name, &w->out->arena, &timings, &count, error));
    for (size_t i = 0; i < w->out->count; i++) {
        seine_day_status *row = &w->out->days[i];
        for (size_t k = 0; k < count; k++) {
            if (strcmp(row->table, name) != 0 || !same_day(timings[k].partition, row->day)) continue;
            row->has_run = true;
            row->ran_at_us = timings[k].ran_at_us;
            row->duration_us = timings[k].duration_us;
        }
    }
    return SEINE_OK;
}

/* A table that cannot be read harms its own rows alone. @return what stops everything. */
static seine_status note_damage(work *w, seine_status status, const seine_error *why, seine_error *error) {
    seine_lake_status *out = w->out;
    if (status == SEINE_OK) return SEINE_OK;
    if ((status != SEINE_E_NOT_FOUND && status != SEINE_E_FORMAT && status != SEINE_E_UNSUPPORTED &&
         status != SEINE_E_IO) ||
        out->unreadable_count == SEINE_STATUS_UNREADABLE_MAX)
        return seine_fail(error, status, "%s", why->text);
    out->is_damaged = true;
    for (size_t i = 0; i < out->unreadable_count; i++)
        if (strcmp(out->unreadable[i], why->text) == 0) return SEINE_OK; /* two jobs need it */
    const char *copy = seine_arena_copy(&out->arena, why->text, strlen(why->text));
    if (copy == NULL) return seine_no_memory(error, "looking at the lake");
    out->unreadable[out->unreadable_count++] = copy;
    return SEINE_OK;
}

/* ---- silver and detectors ---- */

static seine_model_unit *find_unit(const model_days *days, seine_partition_value day) {
    for (size_t i = 0; i < days->count; i++)
        if (same_day(days->units[i].day, day)) return &days->units[i];
    return NULL;
}

static seine_status add_silver(work *w, const char *name, seine_error *error) {
    seine_partition_row *rows = NULL;
    size_t count = 0;
    SEINE_TRY(seine_ledger_partitions(w->catalog, name, &w->out->arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++) { /* ordered by day */
        seine_day_status *last = w->out->count > 0 ? &w->out->days[w->out->count - 1] : NULL;
        if (last == NULL || strcmp(last->table, name) != 0 || !same_day(last->day, rows[i].partition[0]))
            last = add_day(w, name, rows[i].partition[0]);
        if (last == NULL) return seine_no_memory(error, "looking at the lake");
        last->rows += rows[i].rows;
        last->state = SEINE_DAY_SOURCE;
    }
    return SEINE_OK;
}

/* Of a job that makes this table, or its log; NULL = none does. */
static const model_days *find_made(const work *w, const char *table) {
    for (size_t j = 0; j < w->registry.count; j++) {
        const seine_detector_job *job = &w->registry.jobs[j].job;
        const bool is_log = job->history != NULL && strcmp(job->history, table) == 0;
        if (is_log || strcmp(seine_job_table(job), table) == 0) return &w->made[j];
    }
    return NULL;
}

static bool has_day(const seine_job_row *rows, size_t count, int32_t day) {
    for (size_t i = 0; i < count; i++)
        if (!rows[i].partition[0].is_null && rows[i].partition[0].value == day) return true;
    return false;
}

/* What is made of a stale day is stale too, though the ledger does not know yet. */
static bool is_made_of_stale(const work *w, const seine_refresh_plan *plan, seine_partition_value day) {
    const model_days *input = find_made(w, plan->run->job->silver);
    const seine_model_unit *unit = input != NULL ? find_unit(input, day) : NULL;
    return unit != NULL && unit->is_stale;
}

/* Events by the day that produced them: every day of silver, which stands from row @p first on, and the open ones,
 * which belong to none. */
static seine_status add_events(work *w, const seine_refresh_plan *plan, size_t first, size_t silver_count,
                               model_days *made, seine_error *error) {
    const char *name = plan->run->job->events;
    const seine_live_file *files = NULL;
    size_t file_count = 0;
    SEINE_TRY(seine_table_files(plan->tables[SEINE_PLAN_EVENTS], &files, &file_count, error));
    if (silver_count == 0) return SEINE_OK;
    made->units = SEINE_ARENA_ARRAY(&w->out->arena, seine_model_unit, silver_count + 1);
    if (made->units == NULL) return seine_no_memory(error, "looking at the lake");
    for (size_t i = 0; i <= silver_count; i++) {
        const seine_partition_value day =
            i == 0 ? (seine_partition_value){.is_null = true} : w->out->days[first + i - 1].day;
        seine_day_status *added = add_day(w, name, day);
        if (added == NULL) return seine_no_memory(error, "looking at the lake");
        const bool is_stale = plan->is_recomputed || is_made_of_stale(w, plan, day) ||
                              (day.is_null && plan->is_open_stale) ||
                              (!day.is_null && (has_day(plan->changed, plan->changed_count, day.value) ||
                                                has_day(plan->vanished, plan->vanished_count, day.value)));
        added->state = is_stale ? SEINE_DAY_STALE : SEINE_DAY_FRESH;
        made->units[made->count++] = (seine_model_unit){.day = day, .is_stale = is_stale};
        for (size_t k = 0; k < file_count; k++)
            if (same_day(files[k].file.partition[0], day)) added->rows += files[k].file.rows;
    }
    return SEINE_OK;
}

/* The table of columns: every day of silver, which stands from row @p first on, and those whose rows go with the next
 * refresh. */
static seine_status add_columns(work *w, const seine_refresh_plan *plan, size_t first, size_t silver_count,
                                model_days *columns, seine_error *error) {
    const char *name = plan->run->job->columns;
    const size_t most = silver_count + plan->vanished_count;
    columns->units = SEINE_ARENA_ARRAY(&w->out->arena, seine_model_unit, most);
    if (columns->units == NULL) return seine_no_memory(error, "looking at the lake");
    for (size_t i = 0; i < most; i++) {
        const bool is_gone = i >= silver_count;
        const seine_partition_value day =
            is_gone ? plan->vanished[i - silver_count].partition[0] : w->out->days[first + i].day;
        if (is_gone && find_unit(columns, day) != NULL) continue;
        const bool is_stale = plan->is_recomputed || is_gone || has_day(plan->changed, plan->changed_count, day.value);
        columns->units[columns->count++] = (seine_model_unit){.day = day, .is_stale = is_stale, .is_gone = is_gone};
        seine_day_status *added = add_day(w, name, day);
        if (added == NULL) return seine_no_memory(error, "looking at the lake");
        added->state = is_stale ? SEINE_DAY_STALE : SEINE_DAY_FRESH;
        for (size_t k = 0; k < plan->column_count; k++)
            if (same_day(plan->columns[k].partition[0], day)) added->rows += plan->columns[k].rows;
    }
    return SEINE_OK;
}

/* @p first, @p silver_count: the rows of the job's silver. */
static seine_status add_job(work *w, size_t index, seine_engine *engine, size_t first, size_t silver_count,
                            seine_error *error) {
    seine_job_run run;
    seine_refresh_plan plan SEINE_OWNED(seine_refresh_plan_free) = {0};
    SEINE_TRY(seine_registry_run(&w->registry, index, w->catalog, engine, &run, error));
    SEINE_TRY(seine_refresh_plan_make(w->catalog, &run, &plan, error));
    w->recomputed[index] = plan.is_recomputed;
    if (run.job->events != NULL) {
        SEINE_TRY(add_events(w, &plan, first, silver_count, &w->made[index], error));
        return add_timings(w, run.job->events, error);
    }
    SEINE_TRY(add_columns(w, &plan, first, silver_count, &w->made[index], error));
    return add_timings(w, run.job->columns, error);
}

/* A dataset that was never refreshed has no tables of its jobs yet. */
static bool is_there(const seine_detector_job *job, const char *const *names, size_t count) {
    const char *table = seine_job_table(job);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], table) == 0) return true;
    return false;
}

/* Reference tables, which nothing derives. */
static seine_status add_references(work *w, seine_error *error) {
    size_t count = 0;
    const seine_table_schema *schemas = seine_schemas(&count);
    for (size_t i = 0; i < count; i++) {
        if (!seine_schema_is_reference(&schemas[i])) continue;
        seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
        seine_error why = {SEINE_OK, ""};
        const seine_status status = seine_tables_load_or_empty(w->catalog, &schemas[i].name, 1, &table, &why);
        SEINE_TRY(note_damage(w, status, &why, error));
        if (status != SEINE_OK) continue;
        seine_day_status *added = add_day(w, schemas[i].name, (seine_partition_value){.is_null = true});
        if (added == NULL) return seine_no_memory(error, "looking at the lake");
        added->rows = seine_table_rows(table);
        added->state = SEINE_DAY_SOURCE;
    }
    return SEINE_OK;
}

/* Silver, then what each job makes of it; one that cannot be read harms its own rows alone. */
static seine_status add_dataset(work *w, const seine_dataset *dataset, seine_engine *engine, const char *const *names,
                                size_t name_count, seine_error *error) {
    const char *silver = seine_dataset_silver(dataset)->name;
    const size_t first = w->out->count;
    seine_error why = {SEINE_OK, ""};
    SEINE_TRY(note_damage(w, add_silver(w, silver, &why), &why, error));
    SEINE_TRY(add_timings(w, silver, error));
    const size_t silver_count = w->out->count - first;
    for (size_t j = 0; j < w->registry.count; j++) {
        if (!seine_registry_is_of(&w->registry, j, dataset) || !is_there(&w->registry.jobs[j].job, names, name_count))
            continue;
        why = (seine_error){SEINE_OK, ""};
        SEINE_TRY(note_damage(w, add_job(w, j, engine, first, silver_count, &why), &why, error));
    }
    return SEINE_OK;
}

static seine_status fill_registry(work *w, const seine_refresh_options *options, const seine_dataset *const *datasets,
                                  size_t count, seine_error *error) {
    const seine_detector_settings settings = {options->gaps, options->weather_max_age_us, options->segments};
    if (seine_registry_fill(&w->registry, datasets, count, &settings) != SEINE_OK)
        return seine_no_memory(error, "looking at the lake");
    w->made = SEINE_ARENA_ARRAY(&w->out->arena, model_days, w->registry.count);
    w->recomputed = SEINE_ARENA_ARRAY(&w->out->arena, bool, w->registry.count);
    w->datasets = datasets;
    w->dataset_count = count;
    return w->made != NULL && w->recomputed != NULL ? SEINE_OK : seine_no_memory(error, "looking at the lake");
}

static seine_status add_detectors(work *w, const seine_refresh_options *options, seine_error *error) {
    const seine_engine_options engine_options = {.threads = 1};
    seine_engine *engine SEINE_OWNED(seine_engine_close_owned) = NULL;
    const seine_dataset *const *datasets = NULL;
    const char **names = NULL;
    size_t count = 0, name_count = 0;
    seine_error why = {SEINE_OK, ""};
    SEINE_TRY(seine_engine_open(&engine_options, &engine, error));
    const seine_status read = seine_lake_datasets_read(w->catalog, &w->out->arena, &datasets, &count, &why);
    if (count == 0) return seine_fail(error, read, "%s", why.text);
    SEINE_TRY(note_damage(w, read, &why, error));
    SEINE_TRY(fill_registry(w, options, datasets, count, error));
    SEINE_TRY(seine_catalog_tables(w->catalog, &w->out->arena, &names, &name_count, error));
    for (size_t i = 0; i < count; i++) SEINE_TRY(add_dataset(w, datasets[i], engine, names, name_count, error));
    return add_references(w, error);
}

/* ---- models ---- */

/* A day that an input will get is one that this model will get. */
static seine_status follow_new_days(work *w, const seine_model *model, model_days *mine, const model_days *input,
                                    seine_error *error) {
    seine_model_unit *units = SEINE_ARENA_ARRAY(&w->out->arena, seine_model_unit, mine->count + input->count);
    if (units == NULL) return seine_no_memory(error, "looking at the lake");
    if (mine->count > 0) memcpy(units, mine->units, mine->count * sizeof *units);
    mine->units = units;
    for (size_t i = 0; i < input->count; i++)
        if (input->units[i].is_stale && !input->units[i].is_gone &&
            (model->takes_null || !input->units[i].day.is_null) && find_unit(mine, input->units[i].day) == NULL)
            units[mine->count++] = (seine_model_unit){.day = input->units[i].day, .is_stale = true};
    return SEINE_OK;
}

static bool is_window_stale(const work *w, const model_days *days, const seine_model_input *input,
                            seine_partition_value day) {
    for (size_t i = 0; i < days->count; i++)
        if (days->units[i].is_stale && seine_model_window_has(&w->lake, input, day, days->units[i].day)) return true;
    return false;
}

/* What is made of stale days is stale too, though its fingerprint does not know yet. */
static seine_status spread_staleness(work *w, size_t index, seine_error *error) {
    const seine_model *model = &w->set.models[index];
    model_days *mine = &w->days[index];
    for (size_t i = 0; i < model->input_count; i++) {
        const seine_model *maker = seine_model_set_find(&w->set, model->inputs[i].table);
        const model_days *input =
            maker != NULL ? &w->days[maker - w->set.models] : find_made(w, model->inputs[i].table);
        if (input == NULL) continue;
        if (model->has_days && seine_model_input_is_by_day(&model->inputs[i]))
            SEINE_TRY(follow_new_days(w, model, mine, input, error));
        for (size_t k = 0; k < mine->count; k++)
            if (is_window_stale(w, input, &model->inputs[i], mine->units[k].day)) mine->units[k].is_stale = true;
    }
    return SEINE_OK;
}

static seine_status add_model(work *w, size_t index, seine_error *error) {
    const seine_model *model = &w->set.models[index];
    const seine_model_table *table = seine_model_lake_find(&w->lake, model->schema.name);
    model_days *mine = &w->days[index];
    SEINE_TRY(seine_model_units(w->catalog, model, &w->lake, &w->out->arena, &mine->units, &mine->count, error));
    SEINE_TRY(spread_staleness(w, index, error));
    for (size_t i = 0; i < mine->count; i++) {
        const seine_model_unit *unit = &mine->units[i];
        seine_day_status *added = add_day(w, model->schema.name, unit->day);
        if (added == NULL) return seine_no_memory(error, "looking at the lake");
        const seine_model_part *part = seine_model_part_find(table, unit->day);
        added->rows = part != NULL ? part->rows : 0;
        added->state = unit->is_stale ? SEINE_DAY_STALE : SEINE_DAY_FRESH;
    }
    return add_timings(w, model->schema.name, error);
}

/* With models left out whose tables cannot be read. */
static seine_status load_lake(work *w, seine_error *error) {
    for (;;) {
        size_t refused = 0;
        seine_error ignored = {SEINE_OK, ""};
        const seine_status status = seine_model_lake_load(w->catalog, &w->set, false, 1, &w->lake, error);
        if (status == SEINE_OK) return SEINE_OK;
        if (seine_models_refuse_unreadable(w->catalog, &w->set, &refused, &ignored) != SEINE_OK || refused == 0)
            return status;
        w->out->is_damaged = true;
        seine_model_lake_free(&w->lake);
    }
}

static seine_status add_models(work *w, const char *const *settings, size_t setting_count, seine_error *error) {
    seine_lake_status *out = w->out;
    SEINE_TRY(seine_model_set_of_lake(w->catalog, settings, setting_count, &w->set, error));
    SEINE_TRY(seine_models_refuse_strays(w->catalog, &w->set, error));
    SEINE_TRY(load_lake(w, error));
    w->days = SEINE_ARENA_ARRAY(&out->arena, model_days, w->set.count);
    out->refused = SEINE_ARENA_ARRAY(&out->arena, const char *, w->set.refused_count);
    if (w->days == NULL || out->refused == NULL) return seine_no_memory(error, "looking at the lake");
    for (size_t i = 0; i < w->set.count; i++) SEINE_TRY(add_model(w, i, error));
    for (size_t i = 0; i < w->set.refused_count; i++) {
        out->refused[i] = seine_arena_copy(&out->arena, w->set.refused[i], strlen(w->set.refused[i]));
        if (out->refused[i] == NULL) return seine_no_memory(error, "looking at the lake");
        out->refused_count++;
    }
    return SEINE_OK;
}

static void work_end(work *w) {
    seine_registry_free(&w->registry);
    seine_model_lake_free(&w->lake);
    seine_model_set_free(&w->set);
}

seine_status seine_lake_status_read(seine_catalog *catalog, const seine_refresh_options *options,
                                    const char *const *settings, size_t setting_count, seine_lake_status *status,
                                    seine_error *error) {
    work w SEINE_OWNED(work_end) = {.catalog = catalog, .out = status};
    SEINE_TRY(add_detectors(&w, options, error));
    SEINE_TRY(add_models(&w, settings, setting_count, error));
    return seine_lake_graph_fill(status, &w.registry, w.recomputed, w.datasets, w.dataset_count, &w.set) == SEINE_OK
               ? SEINE_OK
               : seine_no_memory(error, "looking at the lake");
}

void seine_lake_status_free(seine_lake_status *status) {
    seine_arena_free(&status->arena);
    *status = (seine_lake_status){0};
}
