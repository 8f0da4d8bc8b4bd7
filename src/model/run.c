/*
 * One run of all models:
 *
 *     check ─▶ load lake ─▶ for each model, by the crew, for each stale day: SQL ─▶ file ─▶ lake (in memory)
 *                                                                                 │
 *                      lost race: files away, load again ◀── commit: tables, contents, fingerprints, times;
 *                                                            the engine is ended meanwhile
 *
 * A member of the crew has views and paths of its own; it shares the rest, and has the lock but while SQL runs and a
 * file is written.
 *
 * Invariant: a fingerprint is stored only together with the rows made from exactly that content.
 */
#include "model/run.h"

#include "base/array.h"
#include "base/threads.h"
#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "model/check.h"
#include "model/crew.h"
#include "model/log.h"
#include "model/plan.h"
#include "model/query.h"
#include "model/room.h"
#include "model/write.h"
#include "table/job_timing.h"
#include "table/run.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define ATTEMPTS 5
#define SPILL_FOLDER "refresh"   /* of the lake's scratch; each run has one of its own in it */
#define TRIES 6                  /* of a day whose files the engine cannot read for the moment */
#define PAUSE_US INT64_C(100000) /* before the second of them, then doubled */
#define MEMBERS_MAX 2 /* one does what is left of a model when the engine needs a single thread for the other */
#define UNITS_MAX ((size_t)1 << 24) /* of a run */

/* What is to be written to the ledger for one unit. */
typedef struct done {
    const seine_model *model;
    seine_model_unit unit;
    bool is_changed;
    seine_hash128 content;
    int64_t rows, duration_us;
} done;

typedef struct member {
    seine_model_stage stage;
    seine_arena arena; /* of its files */
} member;

/* Rooms in one engine, one for each member. */
typedef struct room_list {
    seine_model_room items[MEMBERS_MAX];
    size_t count;
} room_list;

/* Where rows go beyond the memory of a run. */
typedef struct spill {
    seine_arena arena;
    char *runs, *own; /* folders; this run's is of its own, for one that slept past its lease sweeps at its end */
    room_list rooms;
} spill;

static void close_rooms(room_list *rooms) {
    for (size_t i = MEMBERS_MAX; i-- > 0;) seine_model_room_close(&rooms->items[i]);
    rooms->count = 0;
}

static void spill_end(spill *s) {
    close_rooms(&s->rooms);
    if (s->own != NULL) { /* what stays goes with the next run */
        seine_best_effort(seine_file_remove_tree(s->own, NULL));
        seine_best_effort(seine_file_remove(s->runs, NULL)); /* unless another run has rows in it */
    }
    seine_arena_free(&s->arena);
}

static seine_status name_spill(const char *lake, spill *s, seine_error *error) {
    char run[37];
    SEINE_TRY(seine_uuid4(run, error));
    SEINE_TRY(seine_file_scratch(lake, SPILL_FOLDER, &s->arena, &s->runs, error));
    s->own = seine_file_join(&s->arena, s->runs, run);
    return s->own != NULL ? SEINE_OK : seine_no_memory(error, "running models");
}

/* Only one run has the lease, so what lies in the folder of spilled rows as it begins is of one that was killed. */
static seine_status open_room(const seine_models_options *options, const char *lake, spill *s, seine_error *error) {
    const seine_engine_options limits = seine_model_room_options(options->threads, options->memory_bytes, s->own);
    SEINE_TRY(seine_file_remove_tree(s->runs, error));
    SEINE_TRY(seine_file_make_folders(s->own, error));
    return seine_model_room_open(&limits, lake, &s->rooms.items[0], error);
}

/* With a limit of memory one model at a time has all of it. Those that are open stay. */
static seine_status open_rooms(const seine_models_options *options, const char *lake, spill *s, seine_error *error) {
    const size_t members = options->memory_bytes > 0 || options->threads < 2 ? 1 : MEMBERS_MAX;
    room_list *all = &s->rooms;
    if (all->count > 0) return SEINE_OK;
    SEINE_TRY(open_room(options, lake, s, error));
    for (all->count = 1; all->count < members; all->count++) {
        const char *own = seine_arena_printf(&s->arena, "%s/%zu", s->own, all->count);
        if (own == NULL) return seine_no_memory(error, "running models");
        SEINE_TRY(seine_file_make_folders(own, error));
        SEINE_TRY(seine_model_room_open_beside(&all->items[0], own, &all->items[all->count], error));
    }
    return SEINE_OK;
}

struct seine_models {
    const seine_models_options *options;
    seine_model_set set;
    spill spill;
};

typedef struct attempt {
    const seine_models_options *options;
    spill *spill;
    seine_model_set *set;
    member members[MEMBERS_MAX];
    pthread_rwlock_t
        memory; /* of the engine: shared by statements at work, of one that runs once more in little alone */
    atomic_bool has_failed; /* for good: nobody begins another day */
    atomic_bool is_away;    /* a bucket did not answer with all tries: until it does it is not waited for */
    pthread_mutex_t lock;   /* of all below while members are at work, but for tables whose makers have ended */
    seine_catalog *catalog;
    seine_models_report *report;
    seine_model_lake lake;
    seine_arena arena;
    done *done;
    size_t done_count, done_capacity;
    size_t units_done;
    int64_t started_us, begun_us;
} attempt;

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
static seine_status replace_part(attempt *a, seine_model_table *table, seine_partition_value day,
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

static done *add_done(attempt *a) {
    if (SEINE_ARRAY_ROOM(a->done, a->done_count, a->done_capacity, 1, UNITS_MAX) != SEINE_OK) return NULL;
    return &a->done[a->done_count++];
}

static bool has_same_rows(const seine_model_table *table, seine_partition_value day, const seine_model_output *output) {
    const seine_model_part *part = seine_model_part_find(table, day);
    if (part == NULL) return output->rows == 0;
    return part->has_content && part->rows == output->rows && seine_hash128_equal(part->content, output->content);
}

/* What a unit has made. */
typedef struct unit_output {
    seine_model_output rows, log; /* the log of a sink, of all its units, is with one of them */
    bool is_changed;              /* rows are not those that the lake has */
    int64_t duration_us;
} unit_output;

static void drop_output(const seine_model_output *output) {
    if (output->rows > 0) seine_best_effort(seine_file_remove(output->file.path, NULL)); /* an orphan at worst */
}

static seine_status keep_log(attempt *a, const seine_model *model, const seine_model_output *log, seine_error *error) {
    if (log->rows == 0) return SEINE_OK;
    seine_model_table *history = seine_model_lake_find(&a->lake, model->history.name);
    if (seine_changed_files_add(&history->changes, &log->file) == SEINE_OK) return SEINE_OK;
    drop_output(log);
    return seine_no_memory(error, "running models");
}

static seine_status keep_output(attempt *a, const seine_model *model, const seine_model_unit *unit,
                                const unit_output *made, seine_model_report *report, seine_error *error) {
    seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name);
    const seine_model_output *output = &made->rows;
    const bool is_changed = made->is_changed;
    /* First into the list of new files, so that a failure from here on removes it. */
    if (output->rows > 0 && seine_changed_files_add(&table->changes, &output->file) != SEINE_OK) {
        drop_output(output);
        drop_output(&made->log);
        return seine_no_memory(error, "running models");
    }
    SEINE_TRY(keep_log(a, model, &made->log, error));
    done *d = add_done(a);
    if (d == NULL) return seine_no_memory(error, "running models");
    *d = (done){model, *unit, is_changed, output->content, output->rows, made->duration_us};
    report->run++;
    report->changed += is_changed;
    report->rows += output->rows;
    report->seconds += (double)made->duration_us / 1e6;
    if (is_changed)
        return replace_part(a, table, unit->day, output) == SEINE_OK ? SEINE_OK
                                                                     : seine_no_memory(error, "running models");
    if (output->rows == 0) return SEINE_OK;
    table->changes.added_count--;
    return seine_file_remove(output->file.path, error);
}

static seine_status make_once(attempt *a, member *m, const seine_model *model, const seine_model_unit *unit,
                              int64_t *wanted, unit_output *made, seine_error *error) {
    seine_query *query = NULL;
    const seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name);
    *made = (unit_output){.is_changed = false};
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
static seine_status make(attempt *a, member *m, const seine_model *model, const seine_model_unit *unit, int64_t *wanted,
                         unit_output *made, seine_error *error) {
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
static seine_status make_unit(attempt *a, member *m, const seine_model *model, const seine_model_unit *unit,
                              unit_output *made, seine_error *error) {
    const int64_t begin_us = seine_clock_monotonic_us();
    int64_t wanted = 0;
    seine_status status = make(a, m, model, unit, &wanted, made, error);
    m->stage.is_tight = status == SEINE_E_NOMEM && !seine_progress_stopped(a->options->progress);
    if (m->stage.is_tight) status = make(a, m, model, unit, &wanted, made, error);
    m->stage.is_tight = false;
    SEINE_TRY(status);
    status = check_sum(model, unit->day, wanted, made->rows.reconciled, error);
    made->duration_us = seine_clock_monotonic_us() - begin_us;
    if (status != SEINE_OK) drop_output(&made->rows);
    return status;
}

static seine_status run_unit(attempt *a, member *m, const seine_model *model, const seine_model_unit *unit,
                             seine_model_report *report, seine_error *error) {
    unit_output made = {0};
    SEINE_TRY(make_unit(a, m, model, unit, &made, error));
    (void)pthread_mutex_lock(&a->lock);
    const seine_status status = keep_output(a, model, unit, &made, report, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status remove_unit(attempt *a, const seine_model *model, const seine_model_unit *unit,
                                const unit_output *made, seine_model_report *report, seine_error *error) {
    SEINE_TRY(keep_log(a, model, &made->log, error));
    seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name);
    const seine_model_output nothing = {0};
    done *d = add_done(a);
    if (d == NULL || replace_part(a, table, unit->day, &nothing) != SEINE_OK)
        return seine_no_memory(error, "running models");
    *d = (done){.model = model, .unit = *unit, .is_changed = true};
    report->removed++;
    return SEINE_OK;
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

static seine_status tell_failure(attempt *a, const seine_model *model, const seine_model_unit *unit,
                                 seine_model_report *report, const seine_error *why, seine_error *error) {
    seine_models_report *all = a->report;
    char day[16];
    if (SEINE_ARENA_ROOM(&all->arena, all->failures, all->failure_count, all->failure_capacity, 1, UNITS_MAX) !=
        SEINE_OK)
        return seine_no_memory(error, "running models");
    const char *text = seine_arena_printf(&all->arena, "%s %s stays as it was, the next refresh tries again: %s",
                                          model->schema.name, seine_model_day_text(model, unit->day, day), why->text);
    if (text == NULL) return seine_no_memory(error, "running models");
    all->failures[all->failure_count++] = text;
    report->failed++;
    return SEINE_OK;
}

/* No row may stop the others: the day keeps what it has and stays stale. */
static seine_status note_failure(attempt *a, const seine_model *model, const seine_model_unit *unit,
                                 seine_model_report *report, const seine_error *why, seine_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    const seine_status status = tell_failure(a, model, unit, report, why, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status run_stale(attempt *a, member *m, const seine_model *model, const seine_model_unit *unit,
                              seine_model_report *report, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    const seine_status status = run_unit(a, m, model, unit, report, &why);
    if (!is_of_the_day(status)) return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
    return note_failure(a, model, unit, report, &why, error);
}

static void count_unit(attempt *a) {
    (void)pthread_mutex_lock(&a->lock);
    seine_progress_report(a->options->progress, "models", ++a->units_done, 0);
    (void)pthread_mutex_unlock(&a->lock);
}

/* ---- the units of a sink ---- */

/* All that a run makes of one: a row may go from day to day, so its log is of all of them together. */
typedef struct sink_run {
    seine_arena arena;
    const seine_model_unit **units;
    unit_output *made;
    bool *is_made; /* false: it failed, and stays as it was */
    size_t count;
    const char **was, **now; /* files with the rows of these days before and afterwards */
    size_t was_count, now_count;
} sink_run;

static void end_sink(sink_run *s) { seine_arena_free(&s->arena); }

/* Also before or behind the window, once a day in it is made: a row that comes to that one may be one that goes from
 * another, and the log tells of both together. */
static bool is_of_sink(const attempt *a, const seine_model_unit *unit, bool any) {
    if (unit->is_gone || unit->is_stale) return any || is_in_window(a->options, unit->day);
    return a->options->replace && is_in_window(a->options, unit->day);
}

static seine_status begin_sink(attempt *a, const seine_model *model, const seine_model_unit *units, size_t count,
                               sink_run *s) {
    const seine_model_table *table = seine_model_lake_find(&a->lake, model->schema.name);
    size_t files = 0;
    bool any = false;
    for (size_t i = 0; i < count; i++) any = any || is_of_sink(a, &units[i], false);
    s->units = SEINE_ARENA_ARRAY(&s->arena, const seine_model_unit *, count + 1);
    s->made = SEINE_ARENA_ARRAY(&s->arena, unit_output, count + 1);
    s->is_made = SEINE_ARENA_ARRAY(&s->arena, bool, count + 1);
    if (s->units == NULL || s->made == NULL || s->is_made == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!is_of_sink(a, &units[i], any)) continue;
        const seine_model_part *part = seine_model_part_find(table, units[i].day);
        files += part != NULL ? part->file_count : 0;
        s->made[s->count] = (unit_output){.is_changed = units[i].is_gone};
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
static seine_status make_sink(attempt *a, member *m, const seine_model *model, sink_run *s, seine_model_report *report,
                              seine_error *error) {
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
static seine_status log_sink(attempt *a, member *m, const seine_model *model, sink_run *s, seine_error *error) {
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

static seine_status keep_sink(attempt *a, const seine_model *model, sink_run *s, seine_model_report *report,
                              seine_error *error) {
    seine_status status = SEINE_OK;
    (void)pthread_mutex_lock(&a->lock);
    for (size_t i = 0; i < s->count; i++) {
        unit_output *made = &s->made[i];
        if (!s->is_made[i]) continue;
        s->is_made[i] = status != SEINE_OK; /* what is kept is no more its own to drop */
        if (status != SEINE_OK) continue;
        status = s->units[i]->is_gone ? remove_unit(a, model, s->units[i], made, report, error)
                                      : keep_output(a, model, s->units[i], made, report, error);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status run_sink(attempt *a, member *m, const seine_model *model, const seine_model_unit *units,
                             size_t count, seine_model_report *report, seine_error *error) {
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

static seine_status list_units(attempt *a, const seine_model *model, seine_model_unit **units, size_t *count,
                               seine_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    const seine_status status = seine_model_units(a->catalog, model, &a->lake, &a->arena, units, count, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status drop_unit(attempt *a, const seine_model *model, const seine_model_unit *unit,
                              seine_model_report *report, seine_error *error) {
    (void)pthread_mutex_lock(&a->lock);
    const unit_output nothing = {.is_changed = true};
    const seine_status status = remove_unit(a, model, unit, &nothing, report, error);
    (void)pthread_mutex_unlock(&a->lock);
    return status;
}

static seine_status run_units(attempt *a, member *m, const seine_model *model, const seine_model_unit *units,
                              size_t count, seine_model_report *report, seine_error *error) {
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

static seine_status run_model(void *context, size_t number, size_t index, seine_error *error) {
    attempt *a = context;
    const seine_model *model = &a->set->models[index];
    seine_model_report *report = &a->report->models[index];
    seine_model_unit *units = NULL;
    size_t count = 0;
    SEINE_TRY(list_units(a, model, &units, &count, error));
    for (size_t i = 0; i < count; i++) report->days += !units[i].is_gone;
    const seine_status status =
        (model->is_events ? run_sink : run_units)(a, &a->members[number], model, units, count, report, error);
    if (status != SEINE_OK) atomic_store(&a->has_failed, true);
    return status;
}

/* ---- commit ---- */

static seine_status commit_done(seine_commit *commit, const done *d, int64_t ran_at_us, seine_error *error) {
    const char *name = d->model->schema.name;
    const seine_job_row job = {{d->unit.day}, d->unit.fingerprint, d->unit.parts};
    const seine_partition_row rows = {.partition = {d->unit.day}, .content = d->content, .rows = d->rows};
    const seine_job_timing timing = {d->unit.day, ran_at_us, d->duration_us};
    if (d->is_changed) SEINE_TRY(seine_ledger_put_partition(commit, name, &rows, error));
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

static seine_status make_manifest(const attempt *a, seine_run_manifest **run, seine_error *error) {
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
static void keep_failure(const attempt *a, const seine_error *why) {
    seine_run_manifest *run = NULL;
    if (why == NULL || why->status == SEINE_E_CONFLICT || make_manifest(a, &run, NULL) != SEINE_OK) return;
    seine_run_failed(run, a->catalog, why);
    seine_run_free(run);
}

/* A table of which every day failed is not made: nobody would know it from one without rows. */
static bool is_made(const attempt *a, const seine_model_table *table) {
    bool has_failed = false;
    for (size_t i = 0; i < a->done_count; i++)
        if (a->done[i].model == table->maker && !a->done[i].unit.is_gone) return true;
    for (size_t i = 0; i < a->report->count; i++)
        if (strcmp(a->report->models[i].table, table->maker->schema.name) == 0 && a->report->models[i].failed > 0)
            has_failed = true;
    return !has_failed;
}

static bool has_new_tables(const attempt *a) {
    for (size_t i = 0; i < a->lake.count; i++)
        if (a->lake.tables[i].shape != NULL && is_made(a, &a->lake.tables[i])) return true;
    return false;
}

static seine_status commit_table(const attempt *a, seine_commit *commit, const seine_model_table *table,
                                 seine_error *error) {
    const seine_changed_files *files = &table->changes;
    if (table->shape != NULL && is_made(a, table)) SEINE_TRY(seine_commit_shape(commit, table->shape, error));
    if (files->added_count == 0 && files->removed_count == 0) return SEINE_OK;
    return seine_commit_files(commit, table->table, files->added, files->added_count, files->removed,
                              files->removed_count, error);
}

static seine_status commit_all(attempt *a, seine_error *error) {
    seine_run_manifest *run SEINE_OWNED(seine_run_free_owned) = NULL;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(make_manifest(a, &run, error));
    SEINE_TRY(seine_commit_begin(a->catalog, seine_run_id(run), &commit, error));
    for (size_t i = 0; i < a->lake.count; i++) SEINE_TRY(commit_table(a, commit, &a->lake.tables[i], error));
    for (size_t i = 0; i < a->done_count; i++) SEINE_TRY(commit_done(commit, &a->done[i], a->started_us, error));
    SEINE_TRY(seine_run_join(run, commit, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

/* ---- the end ---- */

typedef struct ending {
    attempt *attempt;
    seine_status status;
    seine_error error;
} ending;

static void end_beside(void *context, size_t number) {
    ending *e = context;
    if (number > 0)
        close_rooms(&e->attempt->spill->rooms);
    else
        e->status = commit_all(e->attempt, &e->error);
}

/* No more SQL is run, unless the race is lost: an engine takes as long to end as a commit. */
static seine_status end(attempt *a, seine_error *error) {
    ending e = {.attempt = a};
    seine_threads_run(a->options->threads > 1 ? 2 : 1, end_beside, &e);
    return e.status == SEINE_OK ? SEINE_OK : seine_fail(error, e.status, "%s", e.error.text);
}

/* ---- an attempt ---- */

static seine_status begin_report(attempt *a, seine_error *error) {
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

static int compare_done(const void *a, const void *b) {
    const done *l = a, *r = b;
    if (l->model != r->model) return l->model < r->model ? -1 : 1;
    return seine_partition_value_compare(l->unit.day, r->unit.day);
}

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All models; what they did is listed in an order that does not depend on who was quicker. */
static seine_status run_all(attempt *a, seine_error *error) {
    seine_models_report *report = a->report;
    const room_list *rooms = &a->spill->rooms;
    for (size_t i = 0; i < rooms->count; i++)
        a->members[i].stage = (seine_model_stage){.room = &rooms->items[i], .lake = &a->lake};
    const seine_status status = seine_model_crew_run(a->set, rooms->count, run_model, a, error);
    if (a->done_count > 0) qsort(a->done, a->done_count, sizeof *a->done, compare_done);
    if (report->failure_count > 0)
        qsort(report->failures, report->failure_count, sizeof *report->failures, compare_texts);
    return status;
}

static void free_attempt(attempt *a) {
    (void)pthread_mutex_destroy(&a->lock);
    (void)pthread_rwlock_destroy(&a->memory);
    for (size_t i = 0; i < MEMBERS_MAX; i++) {
        seine_model_stage_free(&a->members[i].stage);
        seine_arena_free(&a->members[i].arena);
    }
    seine_model_lake_free(&a->lake);
    seine_arena_free(&a->arena);
    free(a->done);
}

static seine_status run_and_commit(attempt *a, seine_error *error) {
    SEINE_TRY(begin_report(a, error));
    SEINE_TRY(run_all(a, error));
    if (a->done_count > 0 || has_new_tables(a)) SEINE_TRY(end(a, error));
    a->report->is_committed = a->done_count > 0;
    return SEINE_OK;
}

static seine_status try_once(attempt *a, seine_error *error) {
    /* When this fails nothing is made yet, and what was to be read is not known. */
    SEINE_TRY(seine_model_lake_load(a->catalog, a->set, true, a->options->threads, &a->lake, error));
    a->report->is_committed = false;
    const seine_status status = run_and_commit(a, error);
    /* After an unknown outcome the files may be live. */
    for (size_t i = 0; i < a->lake.count && status != SEINE_OK && status != SEINE_E_UNKNOWN; i++)
        seine_changed_files_discard(&a->lake.tables[i].changes);
    if (status != SEINE_OK) keep_failure(a, error);
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
    const seine_models_options *options = models->options;
    seine_status status = SEINE_E_CONFLICT;
    while (status == SEINE_E_CONFLICT && report->attempts < ATTEMPTS) {
        SEINE_TRY(open_rooms(options, seine_catalog_path(catalog), &models->spill, error));
        attempt a = {.catalog = catalog,
                     .options = options,
                     .report = report,
                     .spill = &models->spill,
                     .set = &models->set,
                     .started_us = options->now_us != 0 ? options->now_us : seine_clock_now_us(),
                     .begun_us = seine_clock_monotonic_us()};
        (void)pthread_mutex_init(&a.lock, NULL);
        (void)pthread_rwlock_init(&a.memory, NULL);
        report->attempts++;
        status = try_once(&a, error);
        free_attempt(&a);
    }
    return status;
}

static seine_status check_and_run(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                                  seine_error *error) {
    SEINE_TRY(open_rooms(models->options, seine_catalog_path(catalog), &models->spill, error));
    SEINE_TRY(seine_models_check(catalog, models->spill.rooms.items[0].engine, &models->set, error));
    SEINE_TRY(copy_refused(&models->set, report, error));
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

static seine_status open_models(const char *lake, seine_models *models, seine_error *error) {
    const seine_models_options *options = models->options;
    SEINE_TRY(name_spill(lake, &models->spill, error));
    return open_rooms(options, lake, &models->spill, error);
}

seine_status seine_models_open(const char *lake, const seine_models_options *options, seine_models **models,
                               seine_error *error) {
    seine_models *made SEINE_OWNED(seine_models_close_owned) = calloc(1, sizeof *made);
    *models = NULL;
    if (made == NULL) return seine_no_memory(error, "running models");
    made->options = options;
    SEINE_TRY(open_models(lake, made, error));
    *models = SEINE_TAKE(made);
    return SEINE_OK;
}

seine_status seine_models_run(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                              seine_error *error) {
    const seine_models_options *options = models->options;
    *report = (seine_models_report){0};
    seine_model_set_free(&models->set);
    SEINE_TRY(seine_model_set_of_lake(catalog, options->settings, options->setting_count, &models->set, error));
    if (options->table_count > 0) seine_model_set_keep(&models->set, options->tables, options->table_count);
    return run_readable(models, catalog, report, error);
}

void seine_models_report_free(seine_models_report *report) {
    seine_arena_free(&report->arena);
    *report = (seine_models_report){0};
}
