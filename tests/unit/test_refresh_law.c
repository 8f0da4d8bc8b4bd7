/* links: refresh table engine io columns core base */
/*
 * The law of incremental work: after any history of added, replaced and removed sources with late pieces, the events
 * equal those of one pass over everything. First over a lake in memory, hundreds of histories in a second; then over
 * lakes on disk, with columns, references, buckets and several files a partition, against plain loops (law_oracle.h).
 */
#include "refresh/batch.h"
#include "refresh/bucket.h"
#include "refresh/events.h"
#include "refresh/fishing.h"
#include "columns/dataset_read.h"
#include "refresh/state_pack.h"
#include "seine/gap.h"
#include "io/clock.h"
#include "unit/full_support.h"
#include "unit/law_lake.h"
#include "unit/law_memory.h"

/* ---- the other side of the law: one pass over everything ---- */

static void put_scratch(const seine_event *event, const fix *fixes, seine_arena *arena, seine_event_rows *out) {
    const seine_payload start = payload_of(&fixes[event->start_ref], arena);
    seine_payload end = start;
    if (event->is_closed) end = payload_of(&fixes[event->end_ref], arena);
    const seine_event_source from = {event, mover_name(fixes[0].mover), &start, event->is_closed ? &end : NULL,
                                     event->is_closed ? seine_cell_integer(seine_time_day(event->end_us))
                                                      : seine_cell_null()};
    seine_cell *cells =
        SEINE_ARENA_ARRAY(arena, seine_cell, seine_schema_find(seine_job_ais_gaps.events)->column_count);
    assert_int_equal(seine_job_ais_gaps.build(&from, arena, cells), SEINE_OK);
    append(out, cells);
}

static void scratch_ship(const lake *l, const seine_gap_config *config, const fix *fixes, size_t count,
                         seine_arena *arena, seine_event_rows *out) {
    static const size_t room = 65536;
    int64_t time_us[ROWS_MAX];
    double lat[ROWS_MAX], lon[ROWS_MAX], shore[ROWS_MAX];
    uint8_t receiver[ROWS_MAX];
    for (size_t i = 0; i < count; i++) {
        time_us[i] = fixes[i].time_us;
        lat[i] = lat_of(&fixes[i]);
        lon[i] = lon_of(&fixes[i]);
        shore[i] = shore_of(&fixes[i]);
        receiver[i] = receiver_of(&fixes[i]);
    }
    seine_track track = {
        .time_us = time_us, .lat_deg = lat, .lon_deg = lon, .shore_m = shore, .receiver = receiver, .count = count};
    seine_state state = {.data = malloc(room), .capacity = room};
    seine_event events[ROWS_MAX];
    seine_step_out events_out = {events, ROWS_MAX, 0, NULL};
    assert_int_equal(seine_gap_step.init(config, &state), SEINE_OK);
    assert_int_equal(seine_gap_step.feed(config, &state, &track, &events_out), SEINE_OK);
    assert_int_equal(seine_gap_step.advance(config, &state, watermark(l), &events_out), SEINE_OK);
    for (size_t i = 0; i < events_out.pos; i++) put_scratch(&events[i], fixes, arena, out);
    free(state.data);
}

static void scratch_mover(const lake *l, const seine_gap_config *config, size_t first, size_t last, seine_arena *arena,
                          seine_event_rows *out) {
    fix fixes[ROWS_MAX];
    if (l->gaps.ship == NULL) {
        scratch_ship(l, config, l->silver + first, last - first, arena, out);
        return;
    }
    for (int32_t ship = 1; ship < 8; ship++) {
        size_t count = 0;
        for (size_t i = first; i < last; i++)
            if (ship_of(&l->silver[i]) == ship) fixes[count++] = l->silver[i];
        if (count > 0) scratch_ship(l, config, fixes, count, arena, out);
    }
}

static void assert_equals_scratch(const lake *l, const seine_gap_config *config, unsigned seed) {
    const seine_event_columns columns = seine_event_columns_of(&seine_job_ais_gaps);
    seine_arena arena = {0};
    seine_event_rows whole = {0};
    for (size_t first = 0, last; first < l->silver_count; first = last) {
        last = first + 1;
        while (last < l->silver_count && l->silver[last].mover == l->silver[first].mover) last++;
        scratch_mover(l, config, first, last, &arena, &whole);
    }
    seine_events_sort(&columns, whole);
    if (whole.count != l->events.count)
        fail_msg("history %u: %zu events, from scratch %zu", seed, l->events.count, whole.count);
    for (size_t i = 0; i < whole.count; i++)
        for (size_t c = 0; c < columns.schema->column_count; c++)
            if (c != columns.version &&
                !seine_cell_equal(columns.schema->columns[c].type, &whole.rows[i][c], &l->events.rows[i][c]))
                fail_msg("history %u: event %zu differs in %s", seed, i, columns.schema->columns[c].name);
    free(whole.rows);
    seine_arena_free(&arena);
}

/* Replaying the log from the start gives the current events with their versions. */
static void assert_log_replays(const lake *l, unsigned seed) {
    const seine_event_columns columns = seine_event_columns_of(l->job);
    for (size_t e = 0; e < l->events.count; e++) {
        const seine_cell *event = l->events.rows[e], *last = NULL;
        for (size_t i = 0; i < l->log.count; i++)
            if (seine_str_equal(l->log.rows[i][1 + columns.id].as.text, event[columns.id].as.text))
                last = l->log.rows[i];
        if (last == NULL || seine_str_equal(last[0].as.text, SEINE_STR("retract")) ||
            last[1 + columns.version].as.integer != event[columns.version].as.integer)
            fail_msg("history %u: the log does not end in event %zu", seed, e);
    }
    size_t alive = 0;
    for (size_t i = 0; i < l->log.count; i++) {
        const seine_str op = l->log.rows[i][0].as.text;
        alive += seine_str_equal(op, SEINE_STR("new"));
        alive -= seine_str_equal(op, SEINE_STR("retract"));
    }
    assert_int_equal(alive, l->events.count);
}

/* The head of a mover is its newest row, whole. */
static void assert_heads_are_the_newest_states(const lake *l, unsigned seed) {
    size_t movers = 0;
    for (size_t i = 0; i < l->days->count; i++) {
        const seine_state_row *row = &l->days->rows[i];
        bool is_newest = true;
        for (size_t j = 0; j < l->days->count; j++)
            if (seine_str_equal(l->days->rows[j].mover, row->mover) && l->days->rows[j].day > row->day)
                is_newest = false;
        if (!is_newest) continue;
        movers++;
        bool is_head = false;
        for (size_t j = 0; j < l->head->count; j++) {
            const seine_state_row *head = &l->head->rows[j];
            is_head |= seine_str_equal(head->mover, row->mover) && head->day == row->day &&
                       seine_hash128_equal(head->fixes, row->fixes) && seine_str_equal(head->state, row->state);
        }
        if (!is_head) fail_msg("history %u: the newest row of %.*s is not its head", seed, SEINE_STR_ARG(row->mover));
    }
    assert_int_equal(movers, l->head->count);
}

/* ---- histories ---- */

static void run_history(unsigned number, const seine_gap_config *config, const char *ship) {
    uint64_t seed = number * UINT64_C(7919) + 1;
    lake *l = new_lake();
    l->gaps.ship = ship;
    const size_t steps = 3 + chance(&seed, 23);
    for (size_t step = 0; step < steps; step++) {
        change_sources(l->sources, step, 12, &seed);
        if (step + 1 < steps && chance(&seed, 100) >= 60) continue;
        refresh(l, config, 1000 + (int64_t)step, 1 + chance(&seed, 40), chance(&seed, 8) == 0);
        assert_equals_scratch(l, config, number);
        assert_log_replays(l, number);
        assert_heads_are_the_newest_states(l, number);
    }
    const size_t log = l->log.count;
    assert_int_equal(refresh(l, config, 5000, 0, false), 0);
    assert_int_equal(l->puts, 0);
    assert_int_equal(l->log.count, log);
    free_lake(l);
}

static void any_history_of_sources_ends_in_the_events_of_one_pass(void **state) {
    (void)state;
    const seine_gap_config config = seine_gap_config_default();
    const unsigned count = (unsigned)rounds(1500, 1500, 150);
    for (unsigned number = 0; number < count; number++) run_history(number, &config, NULL);
}

static void the_law_holds_for_ships_that_share_an_id(void **state) {
    (void)state;
    const seine_gap_config config = seine_gap_config_default();
    const unsigned count = (unsigned)rounds(600, 600, 60);
    for (unsigned number = 0; number < count; number++) run_history(number, &config, "ship");
}

static void the_law_holds_for_other_parameters_and_the_shore_rule(void **state) {
    (void)state;
    seine_gap_config config = seine_gap_config_default();
    config.shore_rule = true;
    config.min_gap_us = SEINE_HOUR_US;
    config.history_us = 60 * SEINE_HOUR_US;
    const unsigned count = (unsigned)rounds(300, 300, 30);
    for (unsigned number = 0; number < count; number++) run_history(number, &config, NULL);
}

/* ---- a step with inputs, two kinds of events, and ones that go on for days ---- */

/* The same sources in a lake that never saw them before. */
static void assert_equals_first_refresh(const lake *l, const seine_job_run *run, unsigned seed) {
    const seine_event_columns columns = seine_event_columns_of(run->job);
    lake *other = new_lake();
    memcpy(other->sources, l->sources, sizeof l->sources);
    memcpy(other->told, l->told, sizeof l->told);
    refresh_job(other, run, 1, 0, false);
    if (other->events.count != l->events.count)
        fail_msg("history %u: %zu events, at once %zu", seed, l->events.count, other->events.count);
    for (size_t i = 0; i < l->events.count; i++)
        for (size_t c = 0; c < columns.schema->column_count; c++)
            if (c != columns.version &&
                !seine_cell_equal(columns.schema->columns[c].type, &other->events.rows[i][c], &l->events.rows[i][c]))
                fail_msg("history %u: event %zu differs in %s", seed, i, columns.schema->columns[c].name);
    free_lake(other);
}

/* The parameters of scores by rules, and the lake that knows what is told of its movers. */
typedef struct told_fishing {
    seine_fishing_config config; /* first: the step's */
    const lake *lake;
} told_fishing;

static int32_t told_of(const void *config, seine_str mover, int32_t day) {
    const told_fishing *fishing = config;
    for (uint32_t m = 0; m < MOVERS; m++)
        if (seine_str_equal(mover, mover_name(m))) return fishing->lake->told[day][m] - 1;
    return -1;
}

/* A class for some days of a mover, or none. */
static void change_told(lake *l, uint64_t *seed) {
    const uint32_t mover = chance(seed, MOVERS), first = 1 + chance(seed, DAYS - 2);
    const uint32_t days = chance(seed, 2) == 0 ? 1 : DAYS;
    const int32_t code = chance(seed, 3) == 0 ? 0 : 1 + (int32_t)(SEINE_GEAR_OTHER + chance(seed, SEINE_GEAR_NONE));
    for (uint32_t day = first; day < DAYS && day < first + days; day++) l->told[day][mover] = code;
}

static size_t movers_told_otherwise(const lake *l) {
    size_t count = 0;
    for (uint32_t m = 0; m < MOVERS; m++) {
        bool is_told = false;
        for (size_t i = 0; i < l->silver_count; i++) {
            const int32_t day = seine_time_day(l->silver[i].time_us);
            is_told = is_told || (l->silver[i].mover == m && l->told[day][m] != l->told_last[day][m]);
        }
        count += is_told;
    }
    return count;
}

/* Sources are as they were: who is fed is exactly who is told something else. @return how many are. */
static size_t tell_otherwise(lake *l, const seine_job_run *run, size_t step, uint64_t *seed) {
    for (uint32_t n = 1 + chance(seed, 3); n > 0; n--) change_told(l, seed);
    const size_t movers = movers_told_otherwise(l);
    refresh_job(l, run, 1000 + (int64_t)step, 1 + chance(seed, 40), false);
    assert_int_equal(l->movers_fed, movers);
    assert_int_equal(l->causes, movers > 0 ? SEINE_CAUSE_REFERENCES : 0);
    return movers;
}

static size_t run_fishing_history(unsigned number, lake *l, const seine_job_run *run) {
    uint64_t seed = number * UINT64_C(104729) + 3;
    size_t longest = 0;
    const size_t steps = 3 + chance(&seed, 23);
    for (size_t step = 0; step < steps; step++) {
        change_sources(l->sources, step, 12, &seed);
        if (run->references != NULL && chance(&seed, 3) == 0) change_told(l, &seed);
        if (step + 1 < steps && chance(&seed, 100) >= 60) continue;
        refresh_job(l, run, 1000 + (int64_t)step, 1 + chance(&seed, 40), chance(&seed, 8) == 0);
        if (run->references != NULL && chance(&seed, 2) == 0) tell_otherwise(l, run, step, &seed);
        assert_equals_first_refresh(l, run, number);
        assert_log_replays(l, number);
        assert_heads_are_the_newest_states(l, number);
    }
    const size_t messages = seine_schema_column(seine_job_schema(run->job, run->job->events), "message_count");
    for (size_t i = 0; i < l->events.count; i++)
        if (l->events.rows[i][messages].as.integer > (int64_t)longest)
            longest = (size_t)l->events.rows[i][messages].as.integer;
    assert_int_equal(refresh_job(l, run, 5000, 0, false), 0);
    assert_int_equal(l->puts, 0);
    return longest;
}

static seine_detector_job fishing_job(seine_arena *arena) {
    const seine_dataset *dataset = NULL;
    seine_detector_job job;
    seine_error error = {0};
    if (seine_dataset_read(seine_dataset_built_in("ais_scored"), "ais_scored", NULL, arena, &dataset, &error) !=
        SEINE_OK)
        fail_msg("%s", error.text);
    assert_int_equal(seine_job_fishing_of(dataset, arena, &job), SEINE_OK);
    return job;
}

static void any_history_of_scored_messages_ends_in_the_fishing_of_one_load(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_detector_job job = fishing_job(&arena);
    const seine_fishing_config config = {
        .max_gap_hours = 20, .max_step_m = 1e8, .max_break_s = 30 * 3600, .max_break_m = 1e8};
    const seine_job_run run = seine_job_run_fishing(&job, &config);
    const unsigned count = (unsigned)rounds(500, 500, 60);
    size_t longest = 0;
    for (unsigned number = 0; number < count; number++) {
        lake *l = new_lake();
        const size_t one = run_fishing_history(number, l, &run);
        if (one > longest) longest = one;
        free_lake(l);
    }
    assert_true(longest > 10);
}

/* Scores by rules: the class of a mover in a reference table decides, from day to day. */
static void a_class_that_changes_is_news_to_its_mover_alone_and_ends_in_the_fishing_of_one_load(void **state) {
    (void)state;
    static const seine_job_references classes = {"ref.vessels", NULL, NULL, told_of, SEINE_FISHING_IN_GEAR};
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_detector_job job = fishing_job(&arena);
    const unsigned count = (unsigned)rounds(300, 300, 40);
    size_t longest = 0;
    for (unsigned number = 0; number < count; number++) {
        lake *l = new_lake();
        const told_fishing fishing = {{.max_gap_hours = 20,
                                       .max_step_m = 1e8,
                                       .max_break_s = 30 * 3600,
                                       .max_break_m = 1e8,
                                       .rules = seine_fishing_score_usual()},
                                      l};
        seine_job_run run = seine_job_run_fishing(&job, &fishing.config);
        run.references = &classes;
        const size_t one = run_fishing_history(number, l, &run);
        if (one > longest) longest = one;
        free_lake(l);
    }
    assert_true(longest > 3);
}

/* ---- the same on disk: silver, references, states, columns, events and log in real files ---- */

#define FAR_LEAST 2 /* of lakes elsewhere; the histories are the same */
#define DISK_DAYS 6 /* few, so that what comes meets what is there */

/* Every source is replaced by one without this day: partitions that were there vanish. */
static void empty_day(source *sources, int64_t day) {
    for (uint32_t s = 0; s < SOURCES; s++) {
        size_t kept = 0;
        for (size_t i = 0; i < sources[s].count; i++)
            if (sources[s].fixes[i].time_us / SEINE_DAY_US != day) sources[s].fixes[kept++] = sources[s].fixes[i];
        sources[s].count = kept;
    }
}

/* Sources: any change, one that comes again as it was, a late one of a single vessel, or none has a day any more. */
static void change_disk_sources(disk_lake *l, size_t step, uint64_t *seed) {
    source *s = &l->sources[chance(seed, (uint32_t)step + 1)];
    const uint32_t choice = chance(seed, 100);
    if (choice < 20 && s->count > 0 && !s->is_live) {
        s->is_live = true;
    } else if (choice < 40 && step > 0) {
        random_source(&l->sources[step], (uint32_t)step, DISK_DAYS, seed, false);
        for (size_t i = 0; i < l->sources[step].count; i++)
            l->sources[step].fixes[i].mover = l->sources[step].fixes[0].mover;
    } else if (choice < 48 && step > 0) {
        empty_day(l->sources, 1 + (int64_t)chance(seed, DISK_DAYS));
    } else {
        change_sources(l->sources, step, DISK_DAYS, seed);
    }
}

/* What happens to a lake between two refreshes, and is written at once. */
static void change_disk_lake(disk_lake *l, size_t step, uint64_t *seed) {
    const uint32_t choice = chance(seed, 100);
    if (choice < 40 && l->silver_count > 0) {
        if (choice < 14) change_ports(&l->references, seed);
        for (uint32_t n = choice >= 14 && choice < 24 ? 1 + chance(seed, 4) : 0; n > 0; n--)
            change_validity(&l->references, seed);
        for (uint32_t n = choice >= 24 ? 1 + chance(seed, 6) : 0; n > 0; n--)
            change_weather(&l->references, &l->silver[chance(seed, (uint32_t)l->silver_count)], seed);
        write_references(l);
        return;
    }
    if (choice >= 50 || step == 0) change_disk_sources(l, step, seed);
    /* Sources whose name says a day end with it, however few fixes they have. */
    const uint32_t any = chance(seed, (uint32_t)step + 1);
    if (choice >= 44 && choice < 60)
        l->declared[any] = chance(seed, 2) == 0 ? UNDATED : 1 + (int32_t)chance(seed, DISK_DAYS + 2);
    write_silver(l, choice < 44, seed); /* the same rows in other files */
}

static void run_disk_history(unsigned number) {
    uint64_t seed = number * UINT64_C(104729) + 3;
    disk_lake *l = malloc(sizeof *l);
    seine_refresh_options options = seine_refresh_options_default();
    options.by = SEINE_BY_MOVER; /* as the oracle goes */
    make_disk_lake(l, number, 1 + (int)chance(&seed, BUCKETS_MAX));
    const size_t steps = 4 + chance(&seed, 20);
    for (size_t step = 0; step < steps; step++) {
        change_disk_lake(l, step, &seed);
        if (step + 1 < steps && chance(&seed, 100) >= 60) continue;
        if (chance(&seed, 12) == 0) options.gaps.min_gap_us = (3 + chance(&seed, 6)) * SEINE_HOUR_US;
        if (chance(&seed, 12) == 0) options.gaps.shore_rule = !options.gaps.shore_rule;
        if (chance(&seed, 12) == 0) options.weather_max_age_us = (1 + chance(&seed, 3)) * SEINE_HOUR_US;
        options.threads = 1 + (int)chance(&seed, 2);
        l->now_us += (chance(&seed, 4) == 0) * SEINE_SECOND_US; /* versions grow within one second, too */
        options.now_us = l->now_us;
        refresh_and_compare(l, &options, &seed);
    }
    const seine_refresh_report again = refresh_disk(l, &options);
    if (seine_refresh_is_committed(&again)) fail_msg("history %u: a second refresh had something to do", number);
    write_silver(l, true, &seed);
    const seine_refresh_report rewritten = refresh_disk(l, &options);
    if (seine_refresh_is_committed(&rewritten)) fail_msg("history %u: the same rows in other files are news", number);
    drop_disk_lake(l);
    free(l);
}

static void any_history_leaves_on_disk_what_its_sources_and_references_say(void **state) {
    (void)state;
    const int64_t end_us = seine_clock_monotonic_us() + (law_is_far() ? 0 : rounds(7, 0, 0)) * SEINE_SECOND_US;
    const unsigned least = law_is_far() ? FAR_LEAST : (unsigned)rounds(8, 4, 2);
    unsigned number = 0;
    while (number < least || seine_clock_monotonic_us() < end_us) run_disk_history(number++);
    print_message("%u histories\n", number);
}

/* ---- what is not done ---- */

static void put_fixes(source *s, uint32_t name, uint32_t mover, int32_t day, const int *hours, size_t count) {
    s->is_live = true;
    for (size_t i = 0; i < count; i++)
        s->fixes[s->count++] = (fix){mover, day * SEINE_DAY_US + hours[i] * SEINE_HOUR_US, name};
}

static void movers_whose_fixes_hash_as_before_are_not_fed(void **state) {
    (void)state;
    const seine_gap_config config = seine_gap_config_default();
    lake *l = new_lake();
    const int hours[] = {1, 5, 9, 20};
    put_fixes(&l->sources[0], 0, 0, 3, hours, 4);
    put_fixes(&l->sources[1], 1, 1, 3, hours, 4);
    refresh(l, &config, 1, 0, false);
    assert_int_equal(l->fixes_fed, 8);
    const int late = 7;
    put_fixes(&l->sources[2], 2, 1, 3, &late, 1);
    refresh(l, &config, 2, 0, false);
    assert_int_equal(l->fixes_fed, 5); /* mover 1 only */
    refresh(l, &config, 3, 0, true);   /* stale for some other reason: nothing is fed, nothing written */
    assert_int_equal(l->fixes_fed, 0);
    assert_int_equal(l->puts, 0);
    free_lake(l);
}

static void following_stops_at_the_first_day_whose_state_equals_the_stored_one(void **state) {
    (void)state;
    const seine_gap_config config = seine_gap_config_default();
    lake *l = new_lake();
    const int hours[] = {1, 9, 20};
    for (int32_t day = 1; day <= 6; day++) put_fixes(&l->sources[day], (uint32_t)day, 2, day, hours, 3);
    refresh(l, &config, 1, 0, false);
    assert_int_equal(l->fixes_fed, 18);
    const int late = 22; /* within the 12 h before the end of day 2: day 3 is fed too and ends in its old state */
    put_fixes(&l->sources[10], 10, 2, 2, &late, 1);
    refresh(l, &config, 2, 0, false);
    assert_int_equal(l->fixes_fed, 4 + 3);
    assert_int_equal(l->only_calls, 1); /* day 3 was read for this mover only */
    assert_equals_scratch(l, &config, 0);
    free_lake(l);
}

static void a_late_fix_that_changes_the_first_fix_retracts_the_old_event(void **state) {
    (void)state;
    const seine_gap_config config = seine_gap_config_default();
    const seine_event_columns columns = seine_event_columns_of(&seine_job_ais_gaps);
    lake *l = new_lake();
    const int hours[] = {1, 20};
    put_fixes(&l->sources[0], 0, 0, 3, hours, 2);
    refresh(l, &config, 100, 0, false);
    assert_int_equal(l->events.count, 1);
    const int late = 3;
    put_fixes(&l->sources[1], 1, 0, 3, &late, 1);
    assert_int_equal(refresh(l, &config, 100, 0, false), 2);
    assert_int_equal(l->events.count, 1);
    assert_int_equal(l->events.rows[0][columns.start].as.integer, 3 * SEINE_DAY_US + 3 * SEINE_HOUR_US);
    size_t retracted = 0;
    for (size_t i = 0; i < l->log.count; i++)
        if (seine_str_equal(l->log.rows[i][0].as.text, SEINE_STR("retract"))) {
            retracted++;
            assert_int_equal(l->log.rows[i][1 + columns.version].as.integer, 101); /* grows within one second too */
        }
    assert_int_equal(retracted, 1);
    free_lake(l);
}

/* ---- a job with a reference, and of other sizes than the gaps ---- */

typedef struct mark_config {
    double reference;           /* what the step reads beside silver */
    size_t at_once, open, kept; /* events of one fix, open events, fixes a state says it refers to */
} mark_config;

typedef struct mark_state {
    int64_t last_us;
    uint64_t ref;
} mark_state;

static seine_status mark_init(const void *config, seine_state *state) {
    (void)config;
    state->needed = sizeof(mark_state);
    if (state->capacity < state->needed) return SEINE_E_SPACE;
    memset(state->data, 0, sizeof(mark_state));
    state->size = sizeof(mark_state);
    return SEINE_OK;
}

/* The events of one fix come together or not at all. */
static seine_status mark_feed(const void *config, seine_state *state, seine_track *track, seine_step_out *out) {
    const mark_config *c = config;
    for (; track->pos < track->count; track->pos++) {
        if (out->capacity - out->pos < c->at_once) return SEINE_E_FULL;
        const mark_state now = {track->time_us[track->pos], track->row_ref[track->pos]};
        for (size_t i = 0; i < c->at_once; i++)
            out->events[out->pos++] = (seine_event){.start_us = now.last_us,
                                                    .end_us = now.last_us,
                                                    .start_ref = now.ref,
                                                    .end_ref = now.ref,
                                                    .start_lat_deg = (double)i,
                                                    .is_closed = true,
                                                    .measure = {[SEINE_GAP_DURATION] = c->reference}};
        memcpy(state->data, &now, sizeof now);
    }
    return SEINE_OK;
}

static seine_status mark_advance(const void *config, const seine_state *state, int64_t watermark_us,
                                 seine_step_out *out) {
    const mark_config *c = config;
    mark_state now;
    (void)watermark_us;
    memcpy(&now, state->data, sizeof now);
    if (out->capacity < c->open) return SEINE_E_FULL;
    for (size_t i = 0; i < c->open; i++)
        out->events[out->pos++] =
            (seine_event){.start_us = now.last_us + 1, .start_ref = now.ref, .start_lat_deg = (double)i};
    return SEINE_OK;
}

static seine_status mark_save(const void *config, const seine_state *state, uint8_t *bytes, size_t capacity,
                              size_t *size) {
    (void)config;
    *size = sizeof(int64_t);
    if (capacity < *size) return SEINE_E_SPACE;
    memcpy(bytes, state->data, *size); /* last_us; the ref is no part of it */
    return SEINE_OK;
}

static seine_status mark_load(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                              const uint64_t *refs, size_t ref_count, seine_error *error) {
    mark_state now = {.ref = ref_count > 0 ? refs[0] : 0};
    const seine_status status = mark_init(config, state);
    if (status != SEINE_OK) return status;
    if (size != sizeof now.last_us) return seine_fail(error, SEINE_E_FORMAT, "not a state of marks");
    memcpy(&now.last_us, bytes, size);
    memcpy(state->data, &now, sizeof now);
    return SEINE_OK;
}

static size_t mark_refs(const void *config, const seine_state *state, uint64_t refs[SEINE_STATE_REFS]) {
    mark_state now;
    memcpy(&now, state->data, sizeof now);
    refs[0] = now.ref;
    return ((const mark_config *)config)->kept;
}

static const seine_step mark_step = {.name = "marks",
                                     .init = mark_init,
                                     .feed = mark_feed,
                                     .advance = mark_advance,
                                     .save = mark_save,
                                     .load = mark_load,
                                     .refs = mark_refs};

/* Rows like those of gaps. */
static seine_detector_job mark_job_of(const seine_step *step) {
    seine_detector_job job = seine_job_ais_gaps;
    job.name = "marks";
    job.step = step;
    return job;
}

/* Two fixes of two movers on days 3 and 4. */
static lake *two_days_of_two_movers(void) {
    static const int hours[] = {1, 20};
    lake *l = new_lake();
    put_fixes(&l->sources[0], 0, 0, 3, hours, 2);
    put_fixes(&l->sources[1], 1, 1, 3, hours, 2);
    put_fixes(&l->sources[2], 2, 0, 4, hours, 2);
    put_fixes(&l->sources[3], 3, 1, 4, hours, 2);
    return l;
}

/* How many events of a day were made with this reference. */
static size_t events_made_with(const lake *l, int32_t day, double reference) {
    const seine_event_columns columns = seine_event_columns_of(&seine_job_ais_gaps);
    const size_t duration = seine_schema_column(columns.schema, "duration_h");
    size_t count = 0;
    for (size_t i = 0; i < l->events.count; i++) {
        const seine_cell *row = l->events.rows[i];
        count += !row[columns.produced_day].is_null && row[columns.produced_day].as.integer == day &&
                 fabs(row[duration].as.number - reference) < 0.5;
    }
    return count;
}

/* Told to movers whose first fix of a day is before 2 o'clock. */
static seine_hash128 seen_early(const void *config, const seine_track *fixes) {
    const mark_config *c = config;
    const bool is_early = fixes->time_us[0] % SEINE_DAY_US < 2 * SEINE_HOUR_US;
    return is_early ? (seine_hash128){(uint64_t)c->reference, 1} : (seine_hash128){0, 0};
}

static void a_changed_reference_feeds_the_movers_that_can_see_it(void **state) {
    (void)state;
    static const seine_job_references marks = {.tables = "ref.marks", .seen = seen_early};
    static const int hours[] = {3, 21};
    mark_config config = {.reference = 1, .at_once = 1, .kept = 1};
    const seine_detector_job job = mark_job_of(&mark_step);
    const seine_job_run run = {.job = &job, .config = &config, .references = &marks};
    lake *l = two_days_of_two_movers();
    put_fixes(&l->sources[4], 4, 2, 3, hours, 2);
    refresh_job(l, &run, 1, 0, false);
    assert_int_equal(l->fixes_fed, 10);
    assert_int_equal(l->causes, SEINE_CAUSE_FIXES);
    l->retold[3] = l->retold[4] = true; /* somewhere else */
    refresh_job(l, &run, 2, 0, false);
    assert_int_equal(l->fixes_fed, 0);
    assert_int_equal(l->puts, 0);
    config.reference = 2;
    l->retold[3] = true;
    assert_int_equal(refresh_job(l, &run, 3, 0, false), 4); /* events of two movers */
    assert_int_equal(l->fixes_fed, 4);                      /* day 3 alone: its states stayed equal */
    assert_int_equal(l->causes, SEINE_CAUSE_REFERENCES);
    assert_int_equal(events_made_with(l, 3, 2), 4);
    assert_int_equal(events_made_with(l, 3, 1), 2);
    assert_int_equal(events_made_with(l, 4, 1), 4);
    assert_heads_are_the_newest_states(l, 0);
    config.reference = 3; /* and a fix of another mover comes */
    put_fixes(&l->sources[5], 5, 2, 4, hours, 1);
    l->retold[3] = true;
    refresh_job(l, &run, 4, 0, false);
    assert_int_equal(l->causes, SEINE_CAUSE_REFERENCES | SEINE_CAUSE_FIXES);
    assert_int_equal(l->movers_fed, 3);
    refresh_job(l, &run, 5, 0, true);
    assert_int_equal(l->fixes_fed, 0);
    free_lake(l);
}

static void any_number_of_events_may_be_open_or_come_from_one_fix(void **state) {
    (void)state;
    const mark_config config = {.at_once = 700, .open = 1500, .kept = 1};
    const seine_detector_job job = mark_job_of(&mark_step);
    const seine_job_run run = {.job = &job, .config = &config};
    lake *l = two_days_of_two_movers();
    refresh_job(l, &run, 1, 0, false);
    assert_int_equal(events_made_with(l, 3, 0) + events_made_with(l, 4, 0), 8 * 700);
    assert_int_equal(l->events.count, 8 * 700 + 2 * 1500);
    free_lake(l);
}

static void a_step_may_have_nothing_that_stays_open(void **state) {
    (void)state;
    const mark_config config = {.at_once = 1, .open = 5, .kept = 1};
    seine_step step = mark_step;
    step.advance = NULL;
    const seine_detector_job job = mark_job_of(&step);
    const seine_job_run run = {.job = &job, .config = &config};
    lake *l = two_days_of_two_movers();
    refresh_job(l, &run, 1, 0, false);
    assert_int_equal(l->events.count, 8);
    free_lake(l);
}

static void assert_refused(const seine_detector_job *job, mark_config config, seine_status wanted, const char *text) {
    const seine_job_run run = {.job = job, .config = &config};
    lake *l = two_days_of_two_movers();
    seine_bucket_result result = {0};
    seine_error error = {0};
    assert_int_equal(run_job(l, &run, 0, false, &result, &error), wanted);
    assert_string_equal(error.text, text);
    seine_bucket_result_free(&result);
    free_states(l->new_days);
    free_states(l->new_head);
    free_lake(l);
}

static void a_step_beyond_a_limit_is_refused_by_its_name(void **state) {
    (void)state;
    static const seine_step_column columns[SEINE_STEP_COLUMNS + 1];
    const seine_detector_job job = mark_job_of(&mark_step);
    seine_step wide = mark_step;
    wide.columns = columns;
    wide.column_count = SEINE_STEP_COLUMNS + 1;
    seine_detector_job wide_job = mark_job_of(&wide);
    assert_refused(&job, (mark_config){.kept = SEINE_STATE_REFS + 1}, SEINE_E_INTERNAL,
                   "marks: a state refers to 5 fixes, at most 4 can be kept");
    assert_refused(&job, (mark_config){.kept = 1, .open = SIZE_MAX}, SEINE_E_LIMIT,
                   "marks: 200 has more than 1048576 events at once");
    wide_job.columns = "silver.marks";
    assert_refused(&wide_job, (mark_config){.kept = 1}, SEINE_E_INTERNAL,
                   "marks: its step gives 9 columns, silver.marks takes at most 8");
    static const seine_step_input inputs[] = {{"kind", "", SEINE_INPUT_CODE, "a code"}};
    static const char *const columns_of_inputs[] = {"transceiver"};
    seine_step coded = mark_step;
    coded.inputs = inputs;
    coded.input_count = 1;
    seine_detector_job coded_job = mark_job_of(&coded);
    coded_job.inputs = columns_of_inputs;
    assert_refused(&coded_job, (mark_config){.kept = 1}, SEINE_E_INTERNAL, "marks: nothing makes codes of kind");
    seine_detector_job homeless = mark_job_of(&mark_step);
    homeless.events = NULL;
    assert_refused(&homeless, (mark_config){.kept = 1}, SEINE_E_INTERNAL, "marks: what its step gives has no table");
}

/* ---- state bytes ---- */

static void packed_states_come_back_whole_and_damage_is_seen(void **state) {
    (void)state;
    const seine_payload payloads[2] = {{{{"x", 1}, {"", 0}, {NULL, 0}, {"long text", 9}}, {1.5, (double)NAN}},
                                       {{{NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}}, {(double)NAN, -0.0}}};
    seine_buf packed;
    seine_buf_init(&packed, 4096);
    assert_int_equal(seine_state_pack(SEINE_STR("step"), payloads, 2, &packed), SEINE_OK);
    seine_payload back[SEINE_STATE_REFS];
    seine_str step;
    size_t count;
    seine_error error;
    assert_int_equal(seine_state_unpack(seine_buf_str(&packed), &step, back, &count, &error), SEINE_OK);
    assert_true(seine_str_equal(step, SEINE_STR("step")));
    assert_int_equal(count, 2);
    assert_true(seine_str_equal(back[0].texts[3], SEINE_STR("long text")));
    assert_non_null(back[0].texts[1].data);
    assert_null(back[0].texts[2].data);
    assert_true(back[0].numbers[0] == 1.5 && isnan(back[0].numbers[1]) && signbit(back[1].numbers[1]));
    for (size_t i = 0; i < packed.size; i++) {
        packed.data[i] ^= 1;
        assert_int_not_equal(seine_state_unpack(seine_buf_str(&packed), &step, back, &count, &error), SEINE_OK);
        packed.data[i] ^= 1;
        const seine_str cut = {(const char *)packed.data, i};
        assert_int_not_equal(seine_state_unpack(cut, &step, back, &count, &error), SEINE_OK);
    }
    seine_buf_free(&packed);
}

int main(void) {
    const struct CMUnitTest far[] = {
        cmocka_unit_test(any_history_leaves_on_disk_what_its_sources_and_references_say),
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_history_of_sources_ends_in_the_events_of_one_pass),
        cmocka_unit_test(the_law_holds_for_ships_that_share_an_id),
        cmocka_unit_test(the_law_holds_for_other_parameters_and_the_shore_rule),
        cmocka_unit_test(any_history_of_scored_messages_ends_in_the_fishing_of_one_load),
        cmocka_unit_test(a_class_that_changes_is_news_to_its_mover_alone_and_ends_in_the_fishing_of_one_load),
        cmocka_unit_test(any_history_leaves_on_disk_what_its_sources_and_references_say),
        cmocka_unit_test(movers_whose_fixes_hash_as_before_are_not_fed),
        cmocka_unit_test(following_stops_at_the_first_day_whose_state_equals_the_stored_one),
        cmocka_unit_test(a_late_fix_that_changes_the_first_fix_retracts_the_old_event),
        cmocka_unit_test(a_changed_reference_feeds_the_movers_that_can_see_it),
        cmocka_unit_test(any_number_of_events_may_be_open_or_come_from_one_fix),
        cmocka_unit_test(a_step_may_have_nothing_that_stays_open),
        cmocka_unit_test(a_step_beyond_a_limit_is_refused_by_its_name),
        cmocka_unit_test(packed_states_come_back_whole_and_damage_is_seen),
    };
    if (law_is_far()) return cmocka_run_group_tests(far, NULL, NULL); /* the others have no lake */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
