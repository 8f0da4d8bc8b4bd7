/* A lake in memory, of one bucket: what seine_bucket_run reads and writes, and what a commit makes of it. */
#ifndef SEINE_TEST_LAW_MEMORY_H
#define SEINE_TEST_LAW_MEMORY_H

#include "refresh/batch.h"
#include "refresh/bucket.h"
#include "refresh/events.h"
#include "seine/fishing.h"
#include "unit/law_support.h"

typedef struct states {
    seine_arena arena;
    seine_state_row rows[MOVERS * DAYS];
    size_t count;
} states;

#define INPUTS 12 /* at most; of steps that have any */

typedef struct lake {
    const seine_detector_job *job; /* of the last refresh; gaps at first */
    seine_detector_job gaps;       /* by mover, or by ship */
    source sources[SOURCES];
    fix silver[ROWS_MAX]; /* by mover, then time */
    size_t silver_count;
    states *days, *head;         /* committed */
    states *new_days, *new_head; /* written by the run; NULL = not written */
    bool replaced[DAYS];
    seine_hash128 content[DAYS]; /* of silver at the last run */
    bool fed[DAYS];
    int32_t told[DAYS][MOVERS]; /* what reference tables tell of each mover; nothing at first */
    int32_t told_last[DAYS][MOVERS];
    bool retold[DAYS]; /* they tell something else of a day at the next run, whatever it is */
    seine_arena arena; /* of events */
    seine_event_rows events;
    seine_event_rows log; /* rows: op as text in cell 0, then the event */
    size_t puts, only_calls;
    uint64_t fixes_fed, movers_fed;
    unsigned causes; /* of all that was touched */
} lake;

static void make_silver(lake *l) { l->silver_count = winners_of(l->sources, l->silver); }

static int64_t watermark(const lake *l) {
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < l->silver_count; i++)
        if (l->silver[i].time_us > latest) latest = l->silver[i].time_us;
    return latest == INT64_MIN ? latest : seine_time_day_start_us(seine_time_day(latest) + 1);
}

/* ---- the bucket's storage over it ---- */

/* Mostly the first ship of its id, now and then another, or none. */
static int32_t ship_of(const fix *f) {
    static const int32_t ships[] = {1, 1, 1, 1, 1, 2, 2, 7, 0, 0};
    const uint64_t parts[] = {f->mover, (uint64_t)f->time_us, f->source, (uint64_t)seine_time_day(f->time_us) % 3};
    return ships[parts[3] == 0 ? 9 - f->mover % 2 * 9 : seine_hash64(parts, sizeof parts) % 10];
}

/* Scores, and ways of some metres, in any order; now and then unknown. */
static double input_of(const fix *f, size_t input) {
    const uint64_t parts[] = {f->mover, (uint64_t)f->time_us, f->source, input};
    const uint64_t any = seine_hash64(parts, sizeof parts);
    if (any % 9 == 0) return (double)NAN;
    return input <= SEINE_FISHING_IN_NIGHT ? (double)(any % 4 != 1) : (double)(any % 5000);
}

static seine_status give_fixes(void *context, int32_t day, const seine_str *only, size_t only_count,
                               seine_rows_sink sink, void *sink_context, seine_error *error) {
    lake *l = context;
    (void)only;
    if (only_count > 0) l->only_calls++;
    seine_arena arena = {0};
    for (size_t i = 0; i < l->silver_count; i++) {
        const fix *f = &l->silver[i];
        if (seine_time_day(f->time_us) != day) continue;
        /* One row at a time is the hardest split. */
        const seine_payload payload = payload_of(f, &arena);
        const seine_str name = mover_name(f->mover);
        const double lat = lat_of(f), lon = lon_of(f);
        const size_t inputs = seine_job_inputs(l->job);
        uint8_t present[SEINE_FIX_INPUTS + INPUTS];
        double input[INPUTS];
        seine_vec columns[SEINE_FIX_INPUTS + INPUTS];
        for (size_t c = 0; c < SEINE_FIX_INPUTS + inputs; c++) {
            present[c] = 1;
            columns[c] = (seine_vec){.type = SEINE_TYPE_DOUBLE, .kind = SEINE_VEC_PLAIN, .valid = &present[c]};
        }
        columns[SEINE_FIX_MOVER].values = &name;
        columns[SEINE_FIX_TIME].values = &f->time_us;
        columns[SEINE_FIX_LAT].values = &lat;
        columns[SEINE_FIX_LON].values = &lon;
        const int32_t ship = ship_of(f);
        present[SEINE_FIX_SHIP] = l->job->ship != NULL && ship > 0;
        columns[SEINE_FIX_SHIP].values = &ship;
        for (size_t t = 0; t < SEINE_PAYLOAD_TEXTS; t++) {
            present[SEINE_FIX_TEXTS + t] = payload.texts[t].data != NULL;
            columns[SEINE_FIX_TEXTS + t].values = &payload.texts[t];
        }
        for (size_t n = 0; n < SEINE_PAYLOAD_NUMBERS; n++) {
            if (isnan(payload.numbers[n])) present[SEINE_FIX_NUMBERS + n] = 0;
            columns[SEINE_FIX_NUMBERS + n].values = &payload.numbers[n];
        }
        columns[SEINE_FIX_NUMBERS + SEINE_PAYLOAD_NUMBERS] = (seine_vec){.kind = SEINE_VEC_CONSTANT, .is_null = true};
        for (size_t n = 0; n < inputs; n++) {
            input[n] = input_of(f, n);
            if (isnan(input[n])) present[SEINE_FIX_INPUTS + n] = 0;
            columns[SEINE_FIX_INPUTS + n].values = &input[n];
            if (l->job->inputs[n] == NULL || l->job->step->inputs[n].kind == SEINE_INPUT_CODE) /* told of nobody */
                columns[SEINE_FIX_INPUTS + n] = (seine_vec){.kind = SEINE_VEC_CONSTANT, .is_null = true};
        }
        const seine_rows rows = {1, SEINE_FIX_INPUTS + inputs, columns};
        const seine_status status = sink(sink_context, &rows, error);
        if (status != SEINE_OK) return status;
    }
    seine_arena_free(&arena);
    return SEINE_OK;
}

static seine_status give_states(void *context, int32_t first, int32_t last, const seine_str *only, size_t only_count,
                                seine_state_sink sink, void *sink_context, seine_error *error) {
    lake *l = context;
    (void)only;
    (void)only_count;
    for (size_t i = 0; i < l->days->count; i++) {
        const seine_state_row *row = &l->days->rows[i];
        if (row->day < first || row->day > last) continue;
        const seine_status status = sink(sink_context, row, error);
        if (status != SEINE_OK) return status;
    }
    return SEINE_OK;
}

static seine_status give_head(void *context, seine_state_sink sink, void *sink_context, seine_error *error) {
    lake *l = context;
    for (size_t i = 0; i < l->head->count; i++) {
        const seine_status status = sink(sink_context, &l->head->rows[i], error);
        if (status != SEINE_OK) return status;
    }
    return SEINE_OK;
}

static void add_state(states *to, const seine_state_row *row) {
    assert_true(to->count < MOVERS * DAYS);
    seine_state_row copy = *row;
    copy.mover.data = seine_arena_copy(&to->arena, row->mover.data, row->mover.size);
    copy.state.data = seine_arena_copy(&to->arena, row->state.data, row->state.size);
    to->rows[to->count++] = copy;
}

static seine_status put_states(void *context, int32_t day, const seine_state_row *rows, size_t count,
                               seine_error *error) {
    lake *l = context;
    (void)error;
    l->puts++;
    assert_false(l->replaced[day]);
    l->replaced[day] = true;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].day, day);
        if (i > 0) assert_true(seine_str_compare(rows[i - 1].mover, rows[i].mover) < 0);
        add_state(l->new_days, &rows[i]);
    }
    return SEINE_OK;
}

static seine_status put_head(void *context, const seine_state_row *rows, size_t count, seine_error *error) {
    lake *l = context;
    (void)error;
    l->puts++;
    assert_null(l->new_head);
    l->new_head = calloc(1, sizeof *l->new_head);
    for (size_t i = 0; i < count; i++) add_state(l->new_head, &rows[i]);
    return SEINE_OK;
}

static void free_states(states *s) {
    if (s == NULL) return;
    seine_arena_free(&s->arena);
    free(s);
}

/* ---- a run ---- */

static seine_hash128 content_of(const lake *l, int32_t day) {
    seine_hash128 sum = {0, 0};
    for (size_t i = 0; i < l->silver_count; i++)
        if (seine_time_day(l->silver[i].time_us) == day) {
            const int64_t parts[] = {l->silver[i].mover, l->silver[i].time_us, l->silver[i].source};
            sum = seine_hash128_add(sum, seine_hash128_of(parts, sizeof parts));
        }
    return sum;
}

static bool has_day(const lake *l, int32_t day) {
    for (size_t i = 0; i < l->silver_count; i++)
        if (seine_time_day(l->silver[i].time_us) == day) return true;
    return false;
}

static size_t plan_days(lake *l, seine_bucket_day *days, bool all_stale) {
    size_t count = 0;
    for (int32_t day = 0; day < DAYS; day++) {
        seine_bucket_day d = {.day = day, .has_silver = has_day(l, day)};
        for (size_t i = 0; i < l->days->count; i++) d.has_states |= l->days->rows[i].day == day;
        if (!d.has_silver && !d.has_states) continue;
        const seine_hash128 content = content_of(l, day);
        d.is_stale = all_stale || !seine_hash128_equal(content, l->content[day]) || d.has_silver != l->fed[day];
        d.is_retold =
            !d.is_stale && (l->retold[day] || memcmp(l->told[day], l->told_last[day], sizeof l->told[day]) != 0);
        l->retold[day] = false;
        memcpy(l->told_last[day], l->told[day], sizeof l->told[day]);
        l->content[day] = content;
        l->fed[day] = d.has_silver;
        days[count++] = d;
    }
    return count;
}

static void commit_states(lake *l) {
    for (size_t i = 0; i < l->days->count; i++)
        if (!l->replaced[l->days->rows[i].day]) add_state(l->new_days, &l->days->rows[i]);
    free_states(l->days);
    l->days = l->new_days;
    if (l->new_head != NULL) {
        free_states(l->head);
        l->head = l->new_head;
    }
}

static seine_cell *copy_event(lake *l, const seine_cell *row, size_t columns, const char *op) {
    seine_cell *copy = SEINE_ARENA_ARRAY(&l->arena, seine_cell, columns + 1);
    copy[0] = seine_cell_text(seine_str_of(op));
    memcpy(copy + 1, row, columns * sizeof *row);
    for (size_t c = 0; c < columns; c++) /* texts only have a non-null data here or are numbers: the schema tells */
        if (seine_job_schema(l->job, l->job->events)->columns[c].type == SEINE_TYPE_STRING && !row[c].is_null)
            copy[c + 1].as.text.data = seine_arena_copy(&l->arena, row[c].as.text.data, row[c].as.text.size);
    return op[0] != '\0' ? copy : copy + 1;
}

static void append(seine_event_rows *rows, seine_cell *row) {
    rows->rows = realloc(rows->rows, (rows->count + 1) * sizeof *rows->rows);
    rows->rows[rows->count++] = row;
}

/* Replaces the events of what was touched and the open ones; appends to the log. @return changes. */
static size_t commit_events(lake *l, const seine_bucket_result *result, int64_t version) {
    const seine_event_columns columns = seine_event_columns_of(l->job);
    const size_t width = columns.schema->column_count;
    seine_event_rows before = {0}, kept = {0};
    for (size_t i = 0; i < l->events.count; i++) {
        seine_cell *row = l->events.rows[i];
        const seine_cell day = row[columns.produced_day];
        const bool is_replaced = day.is_null || seine_touched_has(result->touched, result->touched_count,
                                                                  (int32_t)day.as.integer, row[columns.mover].as.text);
        append(is_replaced ? &before : &kept, row);
    }
    seine_event_changes changes;
    seine_event_rows after = {result->events, result->event_count};
    assert_int_equal(seine_events_compare(&columns, before, after, version, &l->arena, &changes), SEINE_OK);
    for (size_t i = 0; i < changes.count; i++)
        append(&l->log, copy_event(l, changes.changes[i].row, width, changes.changes[i].op));
    for (size_t i = 0; i < after.count; i++) append(&kept, copy_event(l, after.rows[i], width, ""));
    free(before.rows);
    free(l->events.rows);
    l->events = kept;
    seine_events_sort(&columns, l->events);
    return changes.count;
}

static seine_status run_job(lake *l, const seine_job_run *run, size_t batch_rows, bool all_stale,
                            seine_bucket_result *result, seine_error *error) {
    seine_bucket_day days[DAYS];
    l->job = run->job;
    make_silver(l);
    const seine_bucket_task plan = {.run = run,
                                    .days = days,
                                    .day_count = plan_days(l, days, all_stale),
                                    .watermark_us = watermark(l),
                                    .batch_rows = batch_rows};
    const seine_bucket_io io = {.context = l,
                                .fixes = give_fixes,
                                .states = give_states,
                                .head = give_head,
                                .put_states = put_states,
                                .put_head = put_head};
    l->new_days = calloc(1, sizeof *l->new_days);
    l->new_head = NULL;
    l->puts = 0;
    memset(l->replaced, 0, sizeof l->replaced);
    return seine_bucket_run(&plan, &io, result, error);
}

static size_t refresh_job(lake *l, const seine_job_run *run, int64_t version, size_t batch_rows, bool all_stale) {
    seine_bucket_result result = {0};
    seine_error error = {0};
    if (run_job(l, run, batch_rows, all_stale, &result, &error) != SEINE_OK) fail_msg("%s", error.text);
    l->fixes_fed = result.fixes_fed;
    l->movers_fed = result.movers_fed;
    l->causes = 0;
    for (size_t i = 0; i < result.touched_count; i++) l->causes |= result.touched[i].causes;
    commit_states(l);
    const size_t changes = commit_events(l, &result, version);
    seine_bucket_result_free(&result);
    return changes;
}

static size_t refresh(lake *l, const seine_gap_config *config, int64_t version, size_t batch_rows, bool all_stale) {
    const seine_job_run run = seine_job_run_gaps(&l->gaps, config);
    return refresh_job(l, &run, version, batch_rows, all_stale);
}

static lake *new_lake(void) {
    lake *l = calloc(1, sizeof *l);
    l->gaps = seine_job_ais_gaps;
    l->job = &l->gaps;
    l->days = calloc(1, sizeof *l->days);
    l->head = calloc(1, sizeof *l->head);
    return l;
}

static void free_lake(lake *l) {
    free_states(l->days);
    free_states(l->head);
    free(l->events.rows);
    free(l->log.rows);
    seine_arena_free(&l->arena);
    free(l);
}

#endif
