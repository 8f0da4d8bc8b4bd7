/* Rounds of a run: once, or every few minutes; who may, when the next one begins, and what the log says of each. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/duration.h"
#include "cli/args.h"
#include "cli/run/run.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/log_file.h"
#include "io/store/store.h"
#include "table/ledger.h"

#include <stdio.h>

#define LEASE "run"
#define LINE_MAX_BYTES ((size_t)1 << 20)
#define BUSY_PAUSE_US 500000

/* ---- one at a time ---- */

typedef struct turn {
    seine_catalog *catalog;
    seine_lease *lease;
} turn;

static void end_turn(turn *t) {
    seine_lease_release(t->lease);
    seine_catalog_close(t->catalog);
}

static seine_status take_turn(seine_args *args, turn *t, seine_error *error) {
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &t->catalog, error));
    return seine_lease_take(t->catalog, LEASE, &t->lease, error);
}

/* ---- a round ---- */

static seine_status do_round(seine_round *round, seine_round_fn work, void *context, seine_error *error) {
    const int64_t begin_us = seine_clock_monotonic_us();
    round->tries++;
    const seine_status status = work(context, round, error);
    round->seconds += (double)(seine_clock_monotonic_us() - begin_us) / 1e6;
    return status;
}

/* What was done, and what of it went wrong. */
static seine_status tell(seine_round *round, seine_error *error) {
    seine_args *args = round->args;
    const seine_models_report *models = &round->models;
    seine_cli_progress_end(args);
    for (size_t i = 0; i < models->failure_count; i++) fprintf(stderr, "seine run: %s\n", models->failures[i]);
    for (size_t i = 0; i < models->refused_count; i++)
        fprintf(stderr, "seine %s: model refused: %s\n", round->command, models->refused[i]);
    if (!seine_args_json(args)) {
        if (!seine_args_quiet(args)) seine_round_line(round);
        return SEINE_OK;
    }
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, LINE_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_round_json(round, &w);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

seine_status seine_run_once(seine_args *args, const char *command, seine_round_fn work, void *context,
                            seine_error *error) {
    turn mine SEINE_OWNED(end_turn) = {NULL, NULL};
    seine_round round SEINE_OWNED(seine_round_free) = {.command = command, .args = args};
    SEINE_TRY(take_turn(args, &mine, error));
    SEINE_TRY(seine_uuid4(round.invocation, error));
    SEINE_TRY(do_round(&round, work, context, error));
    SEINE_TRY(tell(&round, error));
    if (seine_round_found_wrong(&round)) seine_cli_found_wrong(args);
    return SEINE_OK;
}

/* ---- the schedule ---- */

typedef struct schedule {
    seine_args *args;
    const char *command;
    seine_lease *lease; /* borrowed */
    int64_t every_us;
    int64_t rounds; /* 0 = no end */
    seine_log_file log;
    seine_arena arena;
} schedule;

static void end_schedule(schedule *s) { seine_arena_free(&s->arena); }

/* Where the log is: as told, else in the lake when that is a folder. */
static seine_status place_log(schedule *s, seine_error *error) {
    const char *lake = seine_args_lake(s->args);
    s->log.most_bytes = (uint64_t)seine_args_int(s->args, "log-size") << 20;
    s->log.keep = (size_t)seine_args_int(s->args, "log-keep");
    s->log.path = seine_args_text(s->args, "log");
    if (s->log.path != NULL || seine_is_address(lake)) return SEINE_OK;
    const char *folder = seine_file_join(&s->arena, lake, "logs");
    s->log.path = folder == NULL ? NULL : seine_file_join(&s->arena, folder, "run.jsonl");
    if (s->log.path == NULL) return seine_no_memory(error, lake);
    return seine_file_make_folders(folder, error);
}

static seine_status log_round(const schedule *s, const seine_round *round, int64_t number, int64_t begun_us,
                              const seine_error *why, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    char at[40];
    seine_buf_init(&out, LINE_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&out);
    const bool is_good = why->status == SEINE_OK && !seine_round_found_wrong(round);
    (void)seine_time_format(begun_us, at);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "at", at);
    seine_json_field_text(&w, "level", is_good ? "info" : "error");
    seine_json_field_text(&w, "command", s->command);
    seine_json_field_int(&w, "round", number);
    seine_json_field_text(&w, "invocation", round->invocation);
    seine_json_field_text(&w, "status", why->status != SEINE_OK ? "failed" : is_good ? "ok" : "partly");
    if (why->status != SEINE_OK) seine_json_field_text(&w, "error", why->text);
    seine_round_json(round, &w);
    seine_json_end_object(&w);
    if (w.status != SEINE_OK) return seine_fail(error, w.status, "%s: a line of the log", s->log.path);
    return seine_log_file_append(&s->log, seine_buf_str(&out), error);
}

/* Somebody else ingests or refreshes, or the lake is away: the round waits for its turn, until the next one is due;
 * then it goes without. */
static seine_status do_patiently(const schedule *s, seine_round *round, seine_round_fn work, void *context,
                                 seine_error *error) {
    const int64_t end_us = seine_clock_monotonic_us() + s->every_us;
    round->is_patient = true;
    for (;;) {
        const seine_status status = do_round(round, work, context, error);
        if (!seine_round_comes_again(round, status)) return status;
        if (!seine_clock_pause(seine_cli_progress(s->args), BUSY_PAUSE_US))
            return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        round->is_patient = seine_clock_monotonic_us() < end_us;
    }
}

/* @p is_lost: the lease, to another run. Whatever else keeps it from being renewed may have passed by the next round.
 */
static seine_status do_leased(const schedule *s, seine_round *round, seine_round_fn work, void *context, bool *is_lost,
                              seine_error *error) {
    SEINE_TRY(seine_uuid4(round->invocation, error));
    const seine_status status = seine_lease_renew(s->lease, error);
    *is_lost = status == SEINE_E_CONFLICT;
    return status == SEINE_OK ? do_patiently(s, round, work, context, error) : status;
}

/* One round with its line in the log. @p is_good: nothing was wrong. @return E_CONFLICT, or why the log cannot be kept.
 */
static seine_status scheduled_round(const schedule *s, int64_t number, seine_round_fn work, void *context,
                                    bool *is_good, seine_error *error) {
    seine_round round SEINE_OWNED(seine_round_free) = {.command = s->command, .args = s->args, .is_quiet = true};
    seine_error why = {SEINE_OK, ""};
    const int64_t begun_us = seine_clock_now_us();
    bool is_lost = false;
    const seine_status status = do_leased(s, &round, work, context, &is_lost, &why);
    if (is_lost) return seine_fail(error, status, "%s", why.text);
    why.status = status;
    *is_good = status == SEINE_OK && !seine_round_found_wrong(&round);
    if (status == SEINE_E_INTERRUPTED) {
        *is_good = true; /* as asked */
        return SEINE_OK;
    }
    if (status == SEINE_OK)
        SEINE_TRY(tell(&round, error));
    else
        (void)seine_cli_fail(s->args, &why);
    (void)fflush(stdout);
    return log_round(s, &round, number, begun_us, &why, error);
}

static seine_status go_round(const schedule *s, seine_round_fn work, void *context, seine_error *error) {
    const seine_progress *progress = seine_cli_progress(s->args);
    int64_t due_us = seine_clock_monotonic_us();
    bool is_good = true;
    for (int64_t number = 1; s->rounds == 0 || number <= s->rounds; number++) {
        SEINE_TRY(scheduled_round(s, number, work, context, &is_good, error));
        if (seine_progress_stopped(progress) || number == s->rounds) break;
        const int64_t now_us = seine_clock_monotonic_us();
        due_us += s->every_us;
        if (due_us < now_us) due_us = now_us; /* rounds that were missed are not made up for */
        if (!seine_clock_pause(progress, due_us - now_us)) break;
    }
    if (!is_good) seine_cli_found_wrong(s->args);
    return SEINE_OK;
}

seine_status seine_run_every(seine_args *args, const char *command, seine_round_fn work, void *context,
                             seine_error *error) {
    schedule s SEINE_OWNED(end_schedule) = {.args = args, .command = command};
    turn mine SEINE_OWNED(end_turn) = {NULL, NULL};
    SEINE_TRY(seine_cli_duration(args, "every", 1000000, &s.every_us, error));
    s.rounds = seine_args_int(args, "rounds");
    SEINE_TRY(take_turn(args, &mine, error));
    s.lease = mine.lease;
    SEINE_TRY(place_log(&s, error));
    return go_round(&s, work, context, error);
}
