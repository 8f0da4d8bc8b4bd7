/*
 * The units of one model: for each that is stale SQL over its day's files ─▶ file ─▶ the lake in memory, so that models
 * which read it see the new rows. A member of the crew has views and paths of its own; it shares the rest, and has the
 * lock but while SQL runs and a file is written.
 */
#include "model/attempt.h"

#include "base/array.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "model/log.h"

#include <inttypes.h>
#include <stdlib.h>

#define TRIES 6                  /* of a day whose files the engine cannot read for the moment */
#define PAUSE_US INT64_C(100000) /* before the second of them, then doubled */

/* ---- one unit ---- */

/* An input that must be matched row by row. */
static seine_status check_sum(const seine_model *model, seine_partition_value day, int64_t wanted, int64_t found,
                              seine_error *error) {
    char text[16];
    if (model->reconcile_column == SIZE_MAX || wanted == found) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT,
                      "%s: %s of %s sums up to %" PRId64 ", but %s has %" PRId64 " rows: %" PRId64 " %s", model->file,
                      model->schema.columns[model->reconcile_column].name, seine_model_day_text(model, day, text),
                      found, model->reconcile_table, wanted, found < wanted ? wanted - found : found - wanted,
                      found < wanted ? "are missing" : "too many");
}

/* Puts the rows of a unit in the place of those the lake has. */
static seine_status replace_part(seine_model_attempt *a, seine_model_table *table, seine_partition_value day,
                                 const seine_model_output *output) {
    seine_model_part *part = seine_model_part_make(table, day);
    if (part == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < part->file_count; i++)
        if (seine_changed_files_remove(&table->changes, part->files[i]) != SEINE_OK) return SEINE_E_NOMEM;
    part->file_count = 0;
    part->rows = output->rows;
    part->content = output->content;
    part->has_content = true;
    if (output->rows == 0) return SEINE_OK;
    return seine_model_part_add(&a->lake, part, &output->file);
}

static seine_model_done *add_done(seine_model_attempt *a) {
    if (SEINE_ARRAY_ROOM(a->done, a->done_count, a->done_capacity, 1, SEINE_MODEL_UNITS_MAX) != SEINE_OK) return NULL;
    return &a->done[a->done_count++];
}

static bool has_same_rows(const seine_model_table *table, seine_partition_value day, const seine_model_output *output) {
    const seine_model_part *part = seine_model_part_find(table, day);
    if (part == NULL) return output->rows == 0;
    return part->has_content && part->rows == output->rows && seine_hash128_equal(part->content, output->content);
}

static void drop_output(const seine_model_output *output) {
    if (output->rows > 0) seine_best_effort(seine_file_remove(output->file.path, NULL)); /* an orphan at worst */
}

/* Who reads it sees its new rows, too. */
static seine_status keep_log(seine_model_attempt *a, const seine_model *model, const seine_model_output *log,
                             seine_error *error) {
    if (log->rows == 0) return SEINE_OK;
    seine_model_table *history = seine_model_lake_find(&a->lake, model->history.name);
    if (seine_changed_files_add(&history->changes, &log->file) != SEINE_OK)
        return seine_no_memory(error, "running models");
    seine_model_part *part = seine_model_part_make(history, (seine_partition_value){.is_null = true});
    if (part == NULL || seine_model_part_grow(&a->lake, part, &log->file) != SEINE_OK)
        return seine_no_memory(error, "running models");
    return SEINE_OK;
}

static seine_status keep_output(seine_model_attempt *a, const seine_model *model, const seine_model_unit *unit,
                                const seine_model_made *made, seine_model_report *report, seine_error *error) {
    seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name);
    const seine_model_output *output = &made->rows;
    /* First into the list of new files, so that a failure from here on removes it. */
    if (made->is_changed && output->rows > 0 && seine_changed_files_add(&table->changes, &output->file) != SEINE_OK) {
        drop_output(&made->log);
        return seine_no_memory(error, "running models");
    }
    SEINE_TRY(keep_log(a, model, &made->log, error));
    seine_model_done *d = add_done(a);
    if (d == NULL) return seine_no_memory(error, "running models");
    *d = (seine_model_done){model, *unit, *made};
    report->run++;
    report->changed += made->is_changed;
    report->rows += output->rows;
    report->seconds += (double)made->duration_us / 1e6;
    if (!made->is_changed || replace_part(a, table, unit->day, output) == SEINE_OK) return SEINE_OK;
    return seine_no_memory(error, "running models");
}

static seine_status remove_unit(seine_model_attempt *a, const seine_model *model, const seine_model_unit *unit,
                                const seine_model_made *made, seine_model_report *report, seine_error *error) {
    SEINE_TRY(keep_log(a, model, &made->log, error));
    seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name);
    const seine_model_output nothing = {0};
    seine_model_done *d = add_done(a);
    if (d == NULL || replace_part(a, table, unit->day, &nothing) != SEINE_OK)
        return seine_no_memory(error, "running models");
    *d = (seine_model_done){.model = model, .unit = *unit, .made = {.is_changed = true}};
    report->removed++;
    return SEINE_OK;
}

seine_status seine_model_attempt_keep(seine_model_attempt *a, const seine_model *model, const seine_model_unit *unit,
                                      const seine_model_made *made, seine_model_report *report, seine_error *error) {
    return unit->is_gone ? remove_unit(a, model, unit, made, report, error)
                         : keep_output(a, model, unit, made, report, error);
}

static seine_status make_once(seine_model_attempt *a, seine_model_member *m, const seine_model *model,
                              const seine_model_unit *unit, int64_t *wanted, seine_model_made *made,
                              seine_error *error) {
    seine_query *query = NULL;
    const seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name);
    *made = (seine_model_made){.is_changed = false};
    (void)(m->stage.is_tight ? pthread_rwlock_wrlock(&a->memory) : pthread_rwlock_rdlock(&a->memory));
    seine_status status = seine_model_stage_run(&m->stage, model, unit->day, a->started_us, wanted, &query, error);
    if (status == SEINE_OK)
        status = seine_model_write(model, query, table->table, unit->day, &m->arena, &made->rows, error);
    seine_query_end(query); /* with its memory, before the lock of that is given back */
    (void)pthread_rwlock_unlock(&a->memory);
    /* rows that are in the lake already change nothing */
    made->is_changed = a->options->replace || !has_same_rows(table, unit->day, &made->rows);
    return status;
}

/* The engine has little patience with buckets. */
static seine_status make(seine_model_attempt *a, seine_model_member *m, const seine_model *model,
                         const seine_model_unit *unit, int64_t *wanted, seine_model_made *made, seine_error *error) {
    seine_status status = make_once(a, m, model, unit, wanted, made, error);
    for (int i = 0; i < TRIES - 1 && status == SEINE_E_AWAY && !atomic_load(&a->is_away); i++) {
        if (!seine_clock_pause(a->options->progress, PAUSE_US << i))
            return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        status = make_once(a, m, model, unit, wanted, made, error);
    }
    atomic_store(&a->is_away, status == SEINE_E_AWAY);
    return status;
}

/* In little memory, when it does not fit otherwise. On failure nothing is left. */
static seine_status make_unit(seine_model_attempt *a, seine_model_member *m, const seine_model *model,
                              const seine_model_unit *unit, seine_model_made *made, seine_error *error) {
    const int64_t begin_us = seine_clock_monotonic_us();
    int64_t wanted = 0;
    seine_status status = make(a, m, model, unit, &wanted, made, error);
    m->stage.is_tight = status == SEINE_E_NOMEM && !seine_progress_stopped(a->options->progress);
    if (m->stage.is_tight) status = make(a, m, model, unit, &wanted, made, error);
    m->stage.is_tight = false;
    SEINE_TRY(status);
    status = check_sum(model, unit->day, wanted, made->rows.reconciled, error);
    made->duration_us = seine_clock_monotonic_us() - begin_us;
    if (status != SEINE_OK || !made->is_changed) drop_output(&made->rows);
    return status;
}

static seine_status run_unit(seine_model_attempt *a, seine_model_member *m, const seine_model *model,
                             const seine_model_unit *unit, seine_model_report *report, seine_error *error) {
    seine_model_made made = {0};
    SEINE_TRY(make_unit(a, m, model, unit, &made, error));
    (void)pthread_mutex_lock(&a->lock);
    const seine_status status = seine_model_attempt_keep(a, model, unit, &made, report, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

/* ---- one model ---- */

static bool is_in_window(const seine_models_options *options, seine_partition_value day) {
    if (day.is_null) return true; /* totals always follow the days */
    return !(options->has_from && day.value < options->from) && !(options->has_to && day.value > options->to);
}

/* What rows, SQL or the place of a file can bring about; all else stops the run. */
static bool is_of_the_day(seine_status status) {
    switch (status) {
    case SEINE_E_FORMAT:
    case SEINE_E_LIMIT:
    case SEINE_E_UNSUPPORTED:
    case SEINE_E_AWAY:
    case SEINE_E_INTERNAL: return true;
    default: return false;
    }
}

seine_status seine_model_attempt_tell(seine_model_attempt *a, seine_str text, seine_error *error) {
    seine_models_report *all = a->report;
    const char *copy = seine_arena_copy(&all->arena, text.data, text.size);
    if (copy == NULL || SEINE_ARENA_ROOM(&all->arena, all->failures, all->failure_count, all->failure_capacity, 1,
                                         SEINE_MODEL_UNITS_MAX) != SEINE_OK)
        return seine_no_memory(error, "running models");
    all->failures[all->failure_count++] = copy;
    return SEINE_OK;
}

static seine_status tell_failure(seine_model_attempt *a, const seine_model *model, const seine_model_unit *unit,
                                 seine_model_report *report, const seine_error *why, seine_error *error) {
    char day[16];
    const char *text = seine_arena_printf(&a->arena, "%s %s stays as it was, the next refresh tries again: %s",
                                          model->schema.name, seine_model_day_text(model, unit->day, day), why->text);
    if (text == NULL) return seine_no_memory(error, "running models");
    report->failed++;
    return seine_model_attempt_tell(a, seine_str_of(text), error);
}

/* No row may stop the others: the day keeps what it has and stays stale. */
static seine_status note_failure(seine_model_attempt *a, const seine_model *model, const seine_model_unit *unit,
                                 seine_model_report *report, const seine_error *why, seine_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    const seine_status status = tell_failure(a, model, unit, report, why, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status run_stale(seine_model_attempt *a, seine_model_member *m, const seine_model *model,
                              const seine_model_unit *unit, seine_model_report *report, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    const seine_status status = run_unit(a, m, model, unit, report, &why);
    if (!is_of_the_day(status)) return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
    return note_failure(a, model, unit, report, &why, error);
}

static void count_unit(seine_model_attempt *a) {
    (void)pthread_mutex_lock(&a->lock);
    seine_progress_report(a->options->progress, "models", ++a->units_done, 0);
    (void)pthread_mutex_unlock(&a->lock);
}

/* ---- the units of a sink ---- */

/* All that a run makes of one: a row may go from day to day, so its log is of all of them together. */
typedef struct sink_run {
    seine_arena arena;
    const seine_model_unit **units;
    seine_model_made *made;
    bool *is_made; /* false: it failed, and stays as it was */
    size_t count;
    const char **was, **now; /* files with the rows of these days before and afterwards */
    size_t was_count, now_count;
} sink_run;

static void end_sink(sink_run *s) { seine_arena_free(&s->arena); }

/* Also before or behind the window, once a day in it is made: a row that comes to that one may be one that goes from
 * another, and the log tells of both together. */
static bool is_of_sink(const seine_model_attempt *a, const seine_model_unit *unit, bool any) {
    if (unit->is_gone || unit->is_stale) return any || is_in_window(a->options, unit->day);
    return a->options->replace && is_in_window(a->options, unit->day);
}

static seine_status begin_sink(seine_model_attempt *a, const seine_model *model, const seine_model_unit *units,
                               size_t count, sink_run *s) {
    const seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name);
    size_t files = 0;
    bool any = false;
    for (size_t i = 0; i < count; i++) any = any || is_of_sink(a, &units[i], false);
    s->units = SEINE_ARENA_ARRAY(&s->arena, const seine_model_unit *, count + 1);
    s->made = SEINE_ARENA_ARRAY(&s->arena, seine_model_made, count + 1);
    s->is_made = SEINE_ARENA_ARRAY(&s->arena, bool, count + 1);
    if (s->units == NULL || s->made == NULL || s->is_made == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!is_of_sink(a, &units[i], any)) continue;
        const seine_model_part *part = seine_model_part_find(table, units[i].day);
        files += part != NULL ? part->file_count : 0;
        s->made[s->count] = (seine_model_made){.is_changed = units[i].is_gone};
        s->is_made[s->count] = units[i].is_gone;
        s->units[s->count++] = &units[i];
    }
    s->was = SEINE_ARENA_ARRAY(&s->arena, const char *, files + 1);
    s->now = SEINE_ARENA_ARRAY(&s->arena, const char *, files + s->count + 1);
    if (s->was == NULL || s->now == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < s->count; i++) {
        const seine_model_part *part = seine_model_part_find(table, s->units[i]->day);
        for (size_t f = 0; part != NULL && f < part->file_count; f++) s->was[s->was_count++] = part->files[f];
    }
    return SEINE_OK;
}

static void drop_sink(sink_run *s) {
    for (size_t i = 0; i < s->count; i++) {
        if (!s->is_made[i]) continue;
        drop_output(&s->made[i].rows);
        drop_output(&s->made[i].log);
    }
}

/* Units that failed are noted, and stay as they were. */
static seine_status make_sink(seine_model_attempt *a, seine_model_member *m, const seine_model *model, sink_run *s,
                              seine_model_report *report, seine_error *error) {
    for (size_t i = 0; i < s->count; i++) {
        seine_error why = {SEINE_OK, ""};
        if (s->units[i]->is_gone) continue;
        if (atomic_load(&a->has_failed)) { /* the other member has told why */
            drop_sink(s);
            s->count = 0;
            return SEINE_OK;
        }
        if (seine_progress_stopped(a->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        const seine_status status = make_unit(a, m, model, s->units[i], &s->made[i], &why);
        s->is_made[i] = status == SEINE_OK;
        count_unit(a);
        if (status == SEINE_OK) continue;
        if (!is_of_the_day(status)) return seine_fail(error, status, "%s", why.text);
        SEINE_TRY(note_failure(a, model, s->units[i], report, &why, error));
    }
    return SEINE_OK;
}

/* With the first unit that has changed. */
static seine_status log_sink(seine_model_attempt *a, seine_model_member *m, const seine_model *model, sink_run *s,
                             seine_error *error) {
    const seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name),
                            *history = seine_model_lake_find(&a->lake, model->history.name);
    size_t changed = s->count;
    for (size_t i = s->count; i-- > 0;) {
        const bool is_new = s->is_made[i] && s->made[i].is_changed;
        const seine_model_part *part = is_new ? NULL : seine_model_part_find(table, s->units[i]->day);
        if (is_new) changed = i;
        if (is_new && s->made[i].rows.rows > 0) s->now[s->now_count++] = s->made[i].rows.file.path;
        for (size_t f = 0; part != NULL && f < part->file_count; f++) s->now[s->now_count++] = part->files[f];
    }
    if (changed == s->count) return SEINE_OK;
    (void)pthread_rwlock_rdlock(&a->memory);
    const seine_model_run made = {s->now, s->now_count, s->units, s->count, a->started_us};
    const seine_status status =
        seine_model_log_write(&m->stage, model, &made, history->table, &m->arena, &s->made[changed].log, error);
    (void)pthread_rwlock_unlock(&a->memory);
    return status;
}

static seine_status keep_sink(seine_model_attempt *a, const seine_model *model, sink_run *s, seine_model_report *report,
                              seine_error *error) {
    seine_status status = SEINE_OK;
    (void)pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < s->count; i++) {
        seine_model_made *made = &s->made[i];
        if (!s->is_made[i]) continue;
        s->is_made[i] = status != SEINE_OK; /* what is kept is no more its own to drop */
        if (status != SEINE_OK) continue;
        status = seine_model_attempt_keep(a, model, s->units[i], made, report, error);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status run_sink(seine_model_attempt *a, seine_model_member *m, const seine_model *model,
                             const seine_model_unit *units, size_t count, seine_model_report *report,
                             seine_error *error) {
    sink_run s SEINE_OWNED(end_sink) = {.count = 0};
    if (begin_sink(a, model, units, count, &s) != SEINE_OK) return seine_no_memory(error, "running models");
    m->stage.was = s.was;
    m->stage.was_count = s.was_count;
    seine_error why = {SEINE_OK, ""};
    seine_status status = make_sink(a, m, model, &s, report, &why);
    const bool is_logged = status == SEINE_OK;
    if (is_logged) status = log_sink(a, m, model, &s, &why);
    m->stage.was = NULL;
    if (status == SEINE_OK) status = keep_sink(a, model, &s, report, &why);
    if (status != SEINE_OK) drop_sink(&s);
    if (status == SEINE_OK) return SEINE_OK;
    if (!is_logged || !is_of_the_day(status)) return seine_fail(error, status, "%s", why.text);
    for (size_t i = 0; i < s.count; i++)
        if (s.is_made[i]) SEINE_TRY(note_failure(a, model, s.units[i], report, &why, error));
    return SEINE_OK;
}

/* ---- the units of a model ---- */

seine_status seine_model_attempt_units(seine_model_attempt *a, const seine_model *model, seine_model_unit **units,
                                       size_t *count, seine_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    const seine_status status = seine_model_units(a->catalog, model, &a->lake, &a->arena, units, count, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status drop_unit(seine_model_attempt *a, const seine_model *model, const seine_model_unit *unit,
                              seine_model_report *report, seine_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    const seine_model_made nothing = {.is_changed = true};
    const seine_status status = seine_model_attempt_keep(a, model, unit, &nothing, report, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status run_units(seine_model_attempt *a, seine_model_member *m, const seine_model *model,
                              const seine_model_unit *units, size_t count, seine_model_report *report,
                              seine_error *error) {
    for (size_t i = 0; i < count; i++) {
        if (!is_in_window(a->options, units[i].day)) continue;
        if (atomic_load(&a->has_failed)) return SEINE_OK; /* the other member has told why */
        if (seine_progress_stopped(a->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        if (units[i].is_gone)
            SEINE_TRY(drop_unit(a, model, &units[i], report, error));
        else if (units[i].is_stale || a->options->replace)
            SEINE_TRY(run_stale(a, m, model, &units[i], report, error));
        count_unit(a);
    }
    return SEINE_OK;
}

seine_status seine_model_attempt_make(seine_model_attempt *a, seine_model_member *m, const seine_model *model,
                                      const seine_model_unit *units, size_t count, seine_model_report *report,
                                      seine_error *error) {
    const seine_status status = (model->is_events ? run_sink : run_units)(a, m, model, units, count, report, error);
    if (status != SEINE_OK) atomic_store(&a->has_failed, true);
    return status;
}
