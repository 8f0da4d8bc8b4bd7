/*
 * One run of all models:
 *
 *     check ─▶ load lake ─▶ for each model, by the crew, for each stale day: SQL ─▶ file ─▶ lake (in memory)
 *                                                                                 │
 *                      lost race: files away, load again ◀── commit: tables, contents, fingerprints, times;
 *                                                            the engine is ended meanwhile
 *
 * Units of one model are made in units.c, what they made is committed in commit.c.
 */
#include "model/attempt.h"

#include "base/threads.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "model/check.h"
#include "model/crew.h"

#include <stdlib.h>

#define ATTEMPTS 5
#define SPILL_FOLDER "refresh" /* of the lake's scratch; each run has one of its own in it */

/* ---- rooms ---- */

static void close_rooms(seine_model_rooms *rooms) {
    for (size_t i = SEINE_MODEL_MEMBERS; i-- > 0;) seine_model_room_close(&rooms->items[i]);
    rooms->count = 0;
}

static void spill_end(seine_model_spill *s) {
    close_rooms(&s->rooms);
    if (s->runs != NULL) { /* what stays goes with the next run */
        seine_best_effort(seine_file_remove_tree(s->own, NULL));
        seine_best_effort(seine_file_remove(s->runs, NULL)); /* unless another run has rows in it */
    }
    (void)seine_scratch_close(&s->scratch); /* the next one sweeps what stays */
    seine_arena_free(&s->arena);
}

/* Beside others in the process's own folder, else in the lake's. */
static seine_status name_spill(const seine_models_options *options, const char *lake, seine_model_spill *s,
                               seine_error *error) {
    char run[37];
    if (options->is_beside) {
        SEINE_TRY(seine_scratch_open(NULL, "seine-work-", &s->scratch, error));
        s->own = seine_file_join(&s->arena, s->scratch.folder, "models");
    } else {
        char *runs = NULL;
        SEINE_TRY(seine_uuid4(run, error));
        SEINE_TRY(seine_file_scratch(lake, SPILL_FOLDER, &s->arena, &runs, error));
        s->own = seine_file_join(&s->arena, runs, run);
        s->runs = s->own != NULL ? runs : NULL;
    }
    return s->own != NULL ? SEINE_OK : seine_no_memory(error, "running models");
}

/* Only one run has the lease, so what lies in the folder of spilled rows as it begins is of one that was killed. */
static seine_status open_room(seine_models *models, const char *lake, seine_error *error) {
    seine_model_spill *s = &models->spill;
    const seine_models_options *options = models->options;
    const seine_engine_options limits = seine_model_room_options(options->threads, options->memory_bytes, s->own);
    if (s->runs != NULL) SEINE_TRY(seine_file_remove_tree(s->runs, error));
    SEINE_TRY(seine_file_make_folders(s->own, error));
    return seine_model_room_open(&limits, lake, &s->rooms.items[0], error);
}

/* With a limit of memory one model at a time has all of it. */
static size_t members_of(const seine_models_options *options) {
    return options->memory_bytes > 0 || options->threads < 2 || options->is_beside ? 1 : SEINE_MODEL_MEMBERS;
}

seine_status seine_models_open_rooms(seine_models *models, const char *lake, seine_error *error) {
    seine_model_spill *s = &models->spill;
    seine_model_rooms *all = &s->rooms;
    const size_t members = members_of(models->options);
    if (all->count > 0) return SEINE_OK;
    SEINE_TRY(open_room(models, lake, error));
    for (all->count = 1; all->count < members; all->count++) {
        const char *own = seine_arena_printf(&s->arena, "%s/%zu", s->own, all->count);
        if (own == NULL) return seine_no_memory(error, "running models");
        SEINE_TRY(seine_file_make_folders(own, error));
        SEINE_TRY(seine_model_room_open_beside(&all->items[0], own, &all->items[all->count], error));
    }
    return SEINE_OK;
}

/* ---- the end ---- */

typedef struct ending {
    seine_model_attempt *attempt;
    seine_status status;
    seine_error error;
} ending;

static void end_beside(void *context, size_t number) {
    ending *e = context;
    if (number > 0)
        close_rooms(e->attempt->rooms);
    else
        e->status = seine_model_attempt_commit(e->attempt, &e->error);
}

/* No more SQL is run, unless the race is lost: an engine takes as long to end as a commit. */
static seine_status end(seine_model_attempt *a, seine_error *error) {
    ending e = {.attempt = a};
    seine_threads_run(a->options->threads > 1 ? 2 : 1, end_beside, &e);
    return e.status == SEINE_OK ? SEINE_OK : seine_fail(error, e.status, "%s", e.error.text);
}

/* ---- an attempt ---- */

static seine_status begin_report(seine_model_attempt *a, seine_error *error) {
    seine_models_report *report = a->report;
    report->failure_count = 0;
    report->models = SEINE_ARENA_ARRAY(&report->arena, seine_model_report, a->set->count);
    if (report->models == NULL) return seine_no_memory(error, "running models");
    report->count = a->set->count;
    for (size_t i = 0; i < report->count; i++) {
        const seine_model *model = &a->set->models[i];
        report->models[i].table = seine_arena_copy(&report->arena, model->schema.name, strlen(model->schema.name));
        report->models[i].file = seine_arena_copy(&report->arena, model->file, strlen(model->file));
        if (report->models[i].table == NULL || report->models[i].file == NULL)
            return seine_no_memory(error, "running models");
    }
    return SEINE_OK;
}

void seine_model_attempt_begin(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                               seine_model_attempt *a) {
    const seine_models_options *options = models->options;
    *a = (seine_model_attempt){.catalog = catalog,
                               .options = options,
                               .report = report,
                               .rooms = &models->spill.rooms,
                               .set = &models->set,
                               .started_us = options->now_us != 0 ? options->now_us : seine_clock_now_us(),
                               .begun_us = seine_clock_monotonic_us()};
    (void)pthread_mutex_init(&a->lock, NULL);
    (void)pthread_rwlock_init(&a->memory, NULL);
}

seine_status seine_model_attempt_load(seine_model_attempt *a, seine_error *error) {
    SEINE_TRY(seine_model_lake_load(a->catalog, a->set, true, a->options->threads, &a->lake, error));
    return begin_report(a, error);
}

void seine_model_attempt_enter(seine_model_attempt *a) {
    for (size_t i = 0; i < a->rooms->count; i++)
        a->members[i].stage = (seine_model_stage){.room = &a->rooms->items[i], .lake = &a->lake};
}

void seine_model_attempt_free(seine_model_attempt *a) {
    (void)pthread_mutex_destroy(&a->lock);
    (void)pthread_rwlock_destroy(&a->memory);
    for (size_t i = 0; i < SEINE_MODEL_MEMBERS; i++) {
        seine_model_stage_free(&a->members[i].stage);
        seine_arena_free(&a->members[i].arena);
    }
    seine_model_lake_free(&a->lake);
    seine_arena_free(&a->arena);
    free(a->done);
}

void seine_model_attempt_discard(seine_model_attempt *a) {
    for (size_t i = 0; i < a->lake.count; i++) seine_changed_files_discard(&a->lake.tables[i].changes);
}

/* ---- all models ---- */

static int compare_done(const void *a, const void *b) {
    const seine_model_done *l = a, *r = b;
    if (l->model != r->model) return l->model < r->model ? -1 : 1;
    return seine_partition_value_compare(l->unit.day, r->unit.day);
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static seine_status run_model(void *context, size_t number, size_t index, seine_error *error) {
    seine_model_attempt *a = context;
    const seine_model *model = &a->set->models[index];
    seine_model_report *report = &a->report->models[index];
    seine_model_unit *units = NULL;
    size_t count = 0;
    SEINE_TRY(seine_model_attempt_units(a, model, &units, &count, error));
    for (size_t i = 0; i < count; i++) report->days += !units[i].is_gone;
    return seine_model_attempt_make(a, &a->members[number], model, units, count, report, error);
}

/* What they did is listed in an order that does not depend on who was quicker. */
static seine_status run_all(seine_model_attempt *a, seine_error *error) {
    seine_models_report *report = a->report;
    seine_model_attempt_enter(a);
    const seine_status status = seine_model_crew_run(a->set, a->rooms->count, run_model, a, error);
    if (a->done_count > 0) qsort(a->done, a->done_count, sizeof *a->done, compare_done);
    if (report->failure_count > 0)
        qsort(report->failures, report->failure_count, sizeof *report->failures, compare_texts);
    return status;
}

static seine_status run_and_commit(seine_model_attempt *a, seine_error *error) {
    SEINE_TRY(run_all(a, error));
    if (seine_model_attempt_is_any(a)) SEINE_TRY(end(a, error));
    a->report->is_committed = a->done_count > 0;
    return SEINE_OK;
}

static seine_status try_once(seine_model_attempt *a, seine_error *error) {
    /* When this fails nothing is made yet, and what was to be read is not known. */
    SEINE_TRY(seine_model_attempt_load(a, error));
    a->report->is_committed = false;
    const seine_status status = run_and_commit(a, error);
    /* After an unknown outcome the files may be live. */
    if (status != SEINE_OK && status != SEINE_E_UNKNOWN) seine_model_attempt_discard(a);
    if (status != SEINE_OK) seine_model_attempt_failed(a, error);
    return status;
}

static seine_status copy_refused(const seine_model_set *set, seine_models_report *report, seine_error *error) {
    report->refused = SEINE_ARENA_ARRAY(&report->arena, const char *, set->refused_count);
    if (report->refused == NULL) return seine_no_memory(error, "running models");
    for (size_t i = 0; i < set->refused_count; i++) {
        report->refused[i] = seine_arena_copy(&report->arena, set->refused[i], strlen(set->refused[i]));
        if (report->refused[i] == NULL) return seine_no_memory(error, "running models");
    }
    report->refused_count = set->refused_count;
    return SEINE_OK;
}

static seine_status run_attempts(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                                 seine_error *error) {
    seine_status status = SEINE_E_CONFLICT;
    while (status == SEINE_E_CONFLICT && report->attempts < ATTEMPTS) {
        seine_model_attempt a;
        SEINE_TRY(seine_models_open_rooms(models, seine_catalog_path(catalog), error));
        seine_model_attempt_begin(models, catalog, report, &a);
        report->attempts++;
        status = try_once(&a, error);
        seine_model_attempt_free(&a);
    }
    return status;
}

seine_status seine_models_check_all(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                                    seine_error *error) {
    SEINE_TRY(seine_models_open_rooms(models, seine_catalog_path(catalog), error));
    SEINE_TRY(seine_models_check(catalog, models->spill.rooms.items[0].engine, &models->set, error));
    return copy_refused(&models->set, report, error);
}

static seine_status check_and_run(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                                  seine_error *error) {
    SEINE_TRY(seine_models_check_all(models, catalog, report, error));
    return run_attempts(models, catalog, report, error);
}

/* A table that is damaged harms the models that need it; what others make is committed. */
static seine_status run_readable(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                                 seine_error *error) {
    for (;;) {
        size_t refused = 0;
        const seine_status status = check_and_run(models, catalog, report, error);
        if (status != SEINE_E_NOT_FOUND && status != SEINE_E_FORMAT && status != SEINE_E_UNSUPPORTED &&
            status != SEINE_E_IO)
            return status;
        seine_error ignored = {SEINE_OK, ""};
        if (seine_models_refuse_unreadable(catalog, &models->set, &refused, &ignored) != SEINE_OK || refused == 0)
            return status;
    }
}

/* ---- opened ahead of the tables ---- */

void seine_models_close(seine_models *models) {
    if (models == NULL) return;
    spill_end(&models->spill);
    seine_model_set_free(&models->set);
    free(models);
}

seine_status seine_models_open(const char *lake, const seine_models_options *options, seine_models **models,
                               seine_error *error) {
    seine_models *made SEINE_OWNED(seine_models_close_owned) = calloc(1, sizeof *made);
    *models = NULL;
    if (made == NULL) return seine_no_memory(error, "running models");
    made->options = options;
    SEINE_TRY(name_spill(options, lake, &made->spill, error));
    SEINE_TRY(seine_models_open_rooms(made, lake, error));
    *models = SEINE_TAKE(made);
    return SEINE_OK;
}

seine_status seine_models_find(seine_models *models, seine_catalog *catalog, seine_error *error) {
    const seine_models_options *options = models->options;
    seine_model_set_free(&models->set);
    SEINE_TRY(seine_model_set_of_lake(catalog, options->settings, options->setting_count, &models->set, error));
    if (options->table_count > 0) seine_model_set_keep(&models->set, options->tables, options->table_count);
    return SEINE_OK;
}

seine_status seine_models_run(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                              seine_error *error) {
    *report = (seine_models_report){0};
    SEINE_TRY(seine_models_find(models, catalog, error));
    return run_readable(models, catalog, report, error);
}

void seine_models_report_free(seine_models_report *report) {
    seine_arena_free(&report->arena);
    *report = (seine_models_report){0};
}
