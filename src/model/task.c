#include "model/task.h"

#include "base/array.h"
#include "base/try.h"
#include "io/clock.h"
#include "model/attempt.h"
#include "table/file_json.h"

#include <string.h>

#define DAYS_PER_TASK ((size_t)16)
#define TASK_BYTES_MAX ((size_t)64 << 20)
#define TASKS_MAX ((size_t)1 << 24)
#define NEW_TABLE INT64_C(-2) /* state of a table that is to be made, or made anew */

/* ---- days ---- */

static void put_unit(seine_json_writer *w, const seine_model_unit *unit) {
    seine_json_key(w, seine_str_of("day"));
    seine_partition_value_json_put(w, unit->day);
    if (unit->is_gone)
        seine_json_field_bool(w, "gone", true);
    else
        seine_hash_json_put(w, "fingerprint", unit->fingerprint);
}

static bool read_unit(seine_json_value value, seine_model_unit *unit) {
    *unit = (seine_model_unit){.is_stale = true, .is_gone = seine_json_bool(seine_json_get(value, "gone"), false)};
    return seine_partition_value_json_read(seine_json_get(value, "day"), &unit->day) &&
           (unit->is_gone || seine_hash_json_read(value, "fingerprint", &unit->fingerprint));
}

/* What a model's rows are put into: a result holds as long as nobody else has written there. */
static int64_t state_of(const seine_model_table *table) {
    return table->shape != NULL ? NEW_TABLE : seine_table_snapshot_id(table->table);
}

/* ---- plan ---- */

/* Stale units of a model. */
typedef struct planned {
    const seine_model *model;
    const seine_model_unit **units;
    size_t count;
} planned;

typedef struct planning {
    seine_model_attempt a;
    const char *const *busy;
    size_t busy_count;
    planned *tasks;
    size_t count, capacity;
    bool *is_waiting; /* by model: it is stale, or made from what is */
} planning;

static bool is_busy(const planning *p, const char *table) {
    for (size_t i = 0; i < p->busy_count; i++)
        if (strcmp(p->busy[i], table) == 0) return true;
    for (size_t i = 0; i < p->a.set->count; i++)
        if (p->is_waiting[i] && seine_model_makes(&p->a.set->models[i], table)) return true;
    return false;
}

static bool reads_busy(const planning *p, const seine_model *model) {
    for (size_t i = 0; i < model->input_count; i++)
        if (is_busy(p, model->inputs[i].table)) return true;
    return false;
}

static seine_status add_task(planning *p, const seine_model *model, const seine_model_unit **units, size_t count,
                             seine_error *error) {
    if (SEINE_ARENA_ROOM(&p->a.arena, p->tasks, p->count, p->capacity, 1, TASKS_MAX) != SEINE_OK)
        return seine_no_memory(error, "planning models");
    p->tasks[p->count++] = (planned){model, units, count};
    return SEINE_OK;
}

/* Days of a sink are made together, since a row may go from one to another. A new table is made also without any. */
static seine_status plan_model(planning *p, size_t index, seine_error *error) {
    const seine_model *model = &p->a.set->models[index];
    const seine_model_table *table = seine_model_lake_find(&p->a.lake, model->schema.name);
    seine_model_unit *units = NULL;
    size_t count = 0, stale_count = 0;
    p->is_waiting[index] = reads_busy(p, model);
    if (p->is_waiting[index]) return SEINE_OK;
    SEINE_TRY(seine_model_attempt_units(&p->a, model, &units, &count, error));
    const seine_model_unit **stale = SEINE_ARENA_ARRAY(&p->a.arena, const seine_model_unit *, count);
    if (stale == NULL) return seine_no_memory(error, "planning models");
    for (size_t i = 0; i < count; i++)
        if (units[i].is_stale) stale[stale_count++] = &units[i];
    p->is_waiting[index] = stale_count > 0 || table->shape != NULL;
    if (!p->is_waiting[index]) return SEINE_OK;
    const size_t most = model->is_events ? stale_count : DAYS_PER_TASK;
    if (stale_count == 0) return add_task(p, model, stale, 0, error);
    for (size_t first = 0; first < stale_count; first += most)
        SEINE_TRY(add_task(p, model, stale + first, stale_count - first < most ? stale_count - first : most, error));
    return SEINE_OK;
}

static seine_status put_task(const planning *p, const char *plan, size_t number, seine_line_fn sink, void *context,
                             seine_error *error) {
    const planned *task = &p->tasks[number];
    const seine_models_options *options = p->a.options;
    seine_buf line SEINE_OWNED(seine_buf_free);
    seine_buf_init(&line, TASK_BYTES_MAX);
    seine_json_writer w = seine_json_writer_to(&line);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "task", SEINE_TASK_MODEL);
    seine_json_field_text(&w, "model", task->model->schema.name);
    seine_json_field_text(&w, "plan", plan);
    seine_json_field_int(&w, "number", (int64_t)number);
    seine_json_field_int(&w, "of", (int64_t)p->count);
    seine_json_field_texts(&w, "settings", options->settings, options->setting_count);
    seine_json_field_array(&w, "days");
    for (size_t i = 0; i < task->count; i++) {
        seine_json_begin_object(&w);
        put_unit(&w, task->units[i]);
        seine_json_end_object(&w);
    }
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    if (w.status != SEINE_OK) return seine_fail(error, w.status, "a task of %s is too large", task->model->schema.name);
    return sink(context, seine_buf_str(&line), error);
}

static seine_status plan_all(planning *p, seine_line_fn sink, void *context, seine_error *error) {
    char plan[37];
    SEINE_TRY(seine_uuid4(plan, error));
    p->is_waiting = SEINE_ARENA_ARRAY(&p->a.arena, bool, p->a.set->count);
    if (p->is_waiting == NULL) return seine_no_memory(error, "planning models");
    for (size_t i = 0; i < p->a.set->count; i++) SEINE_TRY(plan_model(p, i, error));
    for (size_t i = 0; i < p->count; i++) SEINE_TRY(put_task(p, plan, i, sink, context, error));
    return SEINE_OK;
}

seine_status seine_models_plan(seine_models *models, seine_catalog *catalog, const char *const *busy, size_t busy_count,
                               seine_line_fn sink, void *context, seine_models_report *report, seine_error *error) {
    planning p = {.busy = busy, .busy_count = busy_count};
    *report = (seine_models_report){0};
    SEINE_TRY(seine_models_find(models, catalog, error));
    SEINE_TRY(seine_models_check_all(models, catalog, report, error));
    seine_model_attempt_begin(models, catalog, report, &p.a);
    seine_status status = seine_model_attempt_load(&p.a, error);
    if (status == SEINE_OK) status = plan_all(&p, sink, context, error);
    seine_model_attempt_free(&p.a);
    return status;
}

/* ---- work ---- */

static void put_file(seine_json_writer *w, const char *key, const seine_model_attempt *a,
                     const seine_table_schema *schema, const seine_data_file *file) {
    seine_json_key(w, seine_str_of(key));
    seine_file_json_put(w, seine_catalog_path(a->catalog), schema, file);
}

static void put_done(seine_json_writer *w, const seine_model_attempt *a, const seine_model_done *d) {
    const seine_model_made *made = &d->made;
    seine_json_begin_object(w);
    put_unit(w, &d->unit);
    if (d->unit.parts != NULL) seine_json_field_text(w, "parts", d->unit.parts);
    seine_json_field_bool(w, "changed", made->is_changed);
    seine_json_field_int(w, "rows", made->rows.rows);
    seine_hash_json_put(w, "content", made->rows.content);
    seine_json_field_int(w, "duration_us", made->duration_us);
    if (made->is_changed && made->rows.rows > 0) put_file(w, "file", a, &d->model->schema, &made->rows.file);
    if (made->log.rows > 0) put_file(w, "log", a, &d->model->history, &made->log.file);
    seine_json_end_object(w);
}

static void put_state(seine_json_writer *w, const char *key, const seine_model_attempt *a, const char *name) {
    seine_json_field_int(w, key, state_of(seine_model_lake_find(&a->lake, name)));
}

static void put_result(seine_json_writer *w, const seine_model_attempt *a, const seine_model *model) {
    put_state(w, "state", a, model->schema.name);
    if (model->is_events) put_state(w, "log_state", a, model->history.name);
    seine_json_field_array(w, "days");
    for (size_t i = 0; i < a->done_count; i++) put_done(w, a, &a->done[i]);
    seine_json_end_array(w);
    seine_json_field_texts(w, "failures", a->report->failures, a->report->failure_count);
}

static const seine_model_unit *find_unit(const seine_model_unit *units, size_t count, const seine_model_unit *wanted) {
    for (size_t i = 0; i < count; i++)
        if (seine_partition_value_compare(units[i].day, wanted->day) == 0) return &units[i];
    return NULL;
}

/* The units of a task, as they are now, when they are as they were planned. */
static seine_status pick_units(seine_model_attempt *a, const seine_model *model, seine_json_value days,
                               seine_model_unit **picked, seine_error *error) {
    seine_model_unit *units = NULL;
    size_t count = 0;
    seine_json_iter it = {0};
    SEINE_TRY(seine_model_attempt_units(a, model, &units, &count, error));
    *picked = SEINE_ARENA_ARRAY(&a->arena, seine_model_unit, seine_json_count(days));
    if (*picked == NULL) return seine_no_memory(error, "working");
    while (seine_json_next(days, &it)) {
        seine_model_unit wanted;
        char text[16];
        if (!read_unit(it.value, &wanted))
            return seine_fail(error, SEINE_E_FORMAT, "a task of %s has no days", model->schema.name);
        const seine_model_unit *unit = find_unit(units, count, &wanted);
        if (unit == NULL || !unit->is_stale || unit->is_gone != wanted.is_gone ||
            (!unit->is_gone && !seine_hash128_equal(unit->fingerprint, wanted.fingerprint)))
            return seine_fail(error, SEINE_E_CONFLICT, "%s %s is not what it was planned from any more; plan again",
                              model->schema.name, seine_model_day_text(model, wanted.day, text));
        (*picked)[it.index] = *unit;
    }
    return SEINE_OK;
}

static seine_status work_in(seine_model_attempt *a, seine_json_value task, seine_json_writer *w, seine_error *error) {
    const seine_json_value days = seine_json_get(task, "days");
    const seine_model *model = &a->set->models[0];
    seine_model_unit *units = NULL;
    SEINE_TRY(seine_model_attempt_load(a, error));
    SEINE_TRY(pick_units(a, model, days, &units, error));
    seine_model_attempt_enter(a);
    SEINE_TRY(seine_model_attempt_make(a, &a->members[0], model, units, seine_json_count(days), &a->report->models[0],
                                       error));
    put_result(w, a, model);
    if (w->status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, w->status, "the result of a task of %s is too large", model->schema.name);
}

/* The settings of a task; texts are the task's own. */
static seine_status settings_of(seine_json_value task, seine_arena *arena, seine_models_options *options,
                                seine_error *error) {
    const seine_json_value array = seine_json_get(task, "settings");
    seine_json_iter it = {0};
    const char **settings = SEINE_ARENA_ARRAY(arena, const char *, seine_json_count(array));
    if (settings == NULL) return seine_no_memory(error, "working");
    options->setting_count = 0;
    while (seine_json_next(array, &it)) {
        const seine_str text = seine_json_text(it.value);
        settings[options->setting_count] = seine_arena_copy(arena, text.data, text.size);
        if (settings[options->setting_count++] == NULL) return seine_no_memory(error, "working");
    }
    options->settings = settings;
    return SEINE_OK;
}

static seine_status find_model(seine_models *models, seine_catalog *catalog, seine_json_value task,
                               seine_models_report *report, seine_error *error) {
    const seine_str text = seine_json_text(seine_json_get(task, "model"));
    const char *name = seine_arena_copy(&report->arena, text.data, text.size);
    if (name == NULL) return seine_no_memory(error, "working");
    SEINE_TRY(seine_models_find(models, catalog, error));
    seine_model_set_keep(&models->set, &name, 1);
    SEINE_TRY(seine_models_check_all(models, catalog, report, error));
    if (models->set.count == 1) return SEINE_OK;
    return seine_fail(error, SEINE_E_CONFLICT, "the lake has no model of '%s' any more; plan again", name);
}

static seine_status work_with(seine_models *models, seine_catalog *catalog, seine_json_value task,
                              seine_models_report *report, seine_json_writer *w, seine_error *error) {
    seine_model_attempt a;
    SEINE_TRY(find_model(models, catalog, task, report, error));
    seine_model_attempt_begin(models, catalog, report, &a);
    const seine_status status = work_in(&a, task, w, error);
    if (status != SEINE_OK) seine_model_attempt_discard(&a);
    seine_model_attempt_free(&a);
    return status;
}

seine_status seine_models_work(seine_models *models, seine_catalog *catalog, seine_json_value task,
                               seine_json_writer *w, seine_error *error) {
    const seine_models_options *former = models->options;
    seine_models_options options = *former;
    seine_models_report report SEINE_OWNED(seine_models_report_free) = {0};
    SEINE_TRY(settings_of(task, &report.arena, &options, error));
    models->options = &options;
    const seine_status status = work_with(models, catalog, task, &report, w, error);
    models->options = former;
    return status;
}

/* ---- commit ---- */

static seine_status read_output(seine_model_attempt *a, const char *key, seine_json_value value,
                                const seine_model_table *table, seine_model_output *output, seine_error *error) {
    const seine_json_value file = seine_json_get(value, key);
    if (file == NULL) return SEINE_OK;
    SEINE_TRY(
        seine_file_json_read(file, seine_catalog_path(a->catalog), table->table, &a->arena, &output->file, error));
    output->rows = output->file.rows;
    return SEINE_OK;
}

static seine_status read_done(seine_model_attempt *a, const seine_model *model, seine_json_value value,
                              seine_model_done *d, seine_error *error) {
    const seine_json_value parts = seine_json_get(value, "parts");
    const seine_str text = seine_json_text(parts);
    seine_model_output *rows = &d->made.rows;
    d->model = model;
    rows->rows = seine_json_int(seine_json_get(value, "rows"), -1);
    if (!read_unit(value, &d->unit) || rows->rows < 0 || !seine_hash_json_read(value, "content", &rows->content))
        return seine_fail(error, SEINE_E_FORMAT, "a day of %s has no rows and content", model->schema.name);
    const int64_t told = rows->rows;
    d->made.is_changed = seine_json_bool(seine_json_get(value, "changed"), false);
    d->made.duration_us = seine_json_int(seine_json_get(value, "duration_us"), 0);
    if (parts != NULL) d->unit.parts = seine_arena_copy(&a->arena, text.data, text.size);
    if (parts != NULL && d->unit.parts == NULL) return seine_no_memory(error, "committing models");
    SEINE_TRY(read_output(a, "file", value, seine_model_lake_find(&a->lake, model->schema.name), rows, error));
    if (rows->rows != told || (d->made.is_changed && told > 0 && rows->file.path == NULL))
        return seine_fail(error, SEINE_E_FORMAT, "a day of %s has no file with its rows", model->schema.name);
    if (!model->is_events) return SEINE_OK;
    return read_output(a, "log", value, seine_model_lake_find(&a->lake, model->history.name), &d->made.log, error);
}

static seine_status check_state(const seine_model_attempt *a, seine_json_value result, const char *key,
                                const char *name, seine_error *error) {
    const int64_t state = seine_json_int(seine_json_get(result, key), 0);
    if (state == state_of(seine_model_lake_find(&a->lake, name))) return SEINE_OK;
    return seine_fail(error, SEINE_E_CONFLICT, "%s has changed since it was worked on; plan again", name);
}

/* Reads all of a result before any of it is kept. */
static seine_status read_result(seine_model_attempt *a, const seine_model *model, seine_json_value result,
                                seine_model_done **done, seine_error *error) {
    const seine_json_value days = seine_json_get(result, "days");
    seine_json_iter it = {0};
    SEINE_TRY(check_state(a, result, "state", model->schema.name, error));
    if (model->is_events) SEINE_TRY(check_state(a, result, "log_state", model->history.name, error));
    *done = SEINE_ARENA_ARRAY(&a->arena, seine_model_done, seine_json_count(days));
    if (*done == NULL) return seine_no_memory(error, "committing models");
    while (seine_json_next(days, &it)) SEINE_TRY(read_done(a, model, it.value, &(*done)[it.index], error));
    return SEINE_OK;
}

static seine_status keep_result(seine_model_attempt *a, size_t index, seine_json_value result, seine_error *error) {
    const seine_model *model = &a->set->models[index];
    const seine_json_value failures = seine_json_get(result, "failures");
    seine_model_report *report = &a->report->models[index];
    seine_json_iter it = {0};
    seine_model_done *done = NULL;
    SEINE_TRY(read_result(a, model, result, &done, error));
    for (size_t i = 0; i < seine_json_count(seine_json_get(result, "days")); i++)
        SEINE_TRY(seine_model_attempt_keep(a, model, &done[i].unit, &done[i].made, report, error));
    while (seine_json_next(failures, &it)) SEINE_TRY(seine_model_attempt_tell(a, seine_json_text(it.value), error));
    report->failed += seine_json_count(failures);
    return SEINE_OK;
}

/* One that does not fit harms no other. */
static seine_status take_result(seine_model_attempt *a, seine_json_value result, seine_error *error) {
    const seine_str name = seine_json_text(seine_json_get(seine_json_get(result, "task"), "model"));
    seine_error why = {SEINE_OK, ""};
    size_t index = 0;
    while (index < a->set->count && !seine_str_equal(seine_str_of(a->set->models[index].schema.name), name)) index++;
    seine_status status = SEINE_OK;
    if (index == a->set->count)
        status = seine_fail(&why, SEINE_E_CONFLICT, "the lake has no model of '%.*s' any more", SEINE_STR_ARG(name));
    else
        status = keep_result(a, index, result, &why);
    if (status == SEINE_OK) return SEINE_OK;
    if (status == SEINE_E_NOMEM) return seine_fail(error, status, "%s", why.text);
    return seine_model_attempt_tell(a, seine_str_of(why.text), error);
}

static seine_status keep_named(seine_models *models, const seine_json_value *results, size_t count, seine_arena *arena,
                               seine_error *error) {
    const char **names = SEINE_ARENA_ARRAY(arena, const char *, count);
    if (names == NULL) return seine_no_memory(error, "committing models");
    for (size_t i = 0; i < count; i++) {
        const seine_str name = seine_json_text(seine_json_get(seine_json_get(results[i], "task"), "model"));
        names[i] = seine_arena_copy(arena, name.data, name.size);
        if (names[i] == NULL) return seine_no_memory(error, "committing models");
    }
    seine_model_set_keep(&models->set, names, count);
    return SEINE_OK;
}

static seine_status count_days(seine_model_attempt *a, seine_error *error) {
    for (size_t i = 0; i < a->set->count; i++) {
        seine_model_unit *units = NULL;
        size_t count = 0;
        SEINE_TRY(seine_model_attempt_units(a, &a->set->models[i], &units, &count, error));
        for (size_t k = 0; k < count; k++) a->report->models[i].days += !units[k].is_gone;
    }
    return SEINE_OK;
}

static seine_status commit_in(seine_model_attempt *a, const seine_json_value *results, size_t count,
                              seine_error *error) {
    SEINE_TRY(seine_model_attempt_load(a, error));
    SEINE_TRY(count_days(a, error));
    for (size_t i = 0; i < count; i++) SEINE_TRY(take_result(a, results[i], error));
    if (seine_model_attempt_is_any(a)) SEINE_TRY(seine_model_attempt_commit(a, error));
    a->report->is_committed = a->done_count > 0;
    return SEINE_OK;
}

static seine_status commit_with(seine_models *models, seine_catalog *catalog, const seine_json_value *results,
                                size_t count, seine_models_report *report, seine_error *error) {
    seine_model_attempt a;
    SEINE_TRY(seine_models_find(models, catalog, error));
    SEINE_TRY(keep_named(models, results, count, &report->arena, error));
    seine_model_attempt_begin(models, catalog, report, &a);
    const seine_status status = commit_in(&a, results, count, error);
    if (status != SEINE_OK) seine_model_attempt_failed(&a, error);
    seine_model_attempt_free(&a);
    return status;
}

seine_status seine_models_commit(const seine_models_options *options, seine_catalog *catalog,
                                 const seine_json_value *results, size_t count, seine_models_report *report,
                                 seine_error *error) {
    seine_models_options own = *options;
    seine_models models = {.options = &own};
    SEINE_TRY(settings_of(seine_json_get(results[0], "task"), &report->arena, &own, error));
    const seine_status status = commit_with(&models, catalog, results, count, report, error);
    seine_model_set_free(&models.set);
    return status;
}
