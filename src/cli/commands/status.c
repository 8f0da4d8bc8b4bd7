/* seine status: rows per table and day, and what a refresh would make anew. */
#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/derive.h"
#include "refresh/lake_status.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define OUTPUT_MAX_BYTES ((size_t)1 << 30)

static const char *state_name(seine_day_state state) {
    static const char *const names[] = {"source", "fresh", "stale"};
    return names[state];
}

static void put_json_day(seine_json_writer *w, const seine_day_status *day) {
    char text[40];
    seine_json_begin_object(w);
    seine_json_field_text(w, "table", day->table);
    seine_json_key(w, SEINE_STR("day"));
    if (day->day.is_null)
        seine_json_put_null(w);
    else
        seine_json_put_text(w, (seine_str){text, seine_date_format(day->day.value, text)});
    seine_json_field_int(w, "rows", day->rows);
    seine_json_field_text(w, "state", state_name(day->state));
    if (day->has_run) {
        seine_json_field_str(w, "last_run", (seine_str){text, seine_time_format(day->ran_at_us, text)});
        seine_json_field_number(w, "seconds", round((double)day->duration_us / 1000) / 1000);
    }
    seine_json_end_object(w);
}

static seine_status put_json(const seine_lake_status *status, seine_buf *out, seine_error *error) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    seine_json_field_array(&w, "tables");
    for (size_t i = 0; i < status->count; i++) put_json_day(&w, &status->days[i]);
    seine_json_end_array(&w);
    seine_json_field_texts(&w, "refused", status->refused, status->refused_count);
    seine_json_field_texts(&w, "unreadable", status->unreadable, status->unreadable_count);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

static seine_status put_day(const seine_day_status *day, int width, seine_buf *out) {
    char date[16] = "-", when[40] = "-", seconds[32] = "-";
    if (!day->day.is_null) (void)seine_date_format(day->day.value, date);
    if (day->has_run) {
        (void)seine_time_format(day->ran_at_us - day->ran_at_us % SEINE_SECOND_US, when);
        (void)snprintf(seconds, sizeof seconds, "%.1f", (double)day->duration_us / 1e6);
    }
    return seine_buf_printf(out, "%-*s %-10s %12" PRId64 "  %-6s  %-20s %8s\n", width, day->table, date, day->rows,
                            state_name(day->state), when, seconds);
}

/* The days of one table together, from @p days on; *taken grows by how many there are. */
static seine_status put_sum(const seine_day_status *days, size_t count, int width, seine_buf *out, size_t *taken) {
    seine_day_status sum = days[0];
    size_t same = 0, stale = 0;
    for (; same < count && strcmp(days[same].table, days[0].table) == 0; same++) {
        if (days[same].state == SEINE_DAY_STALE) sum.state = SEINE_DAY_STALE;
        stale += days[same].state == SEINE_DAY_STALE;
        if (same == 0) continue;
        sum.rows += days[same].rows;
        sum.duration_us += days[same].duration_us;
        if (days[same].ran_at_us > sum.ran_at_us) sum.ran_at_us = days[same].ran_at_us;
        sum.has_run = sum.has_run || days[same].has_run;
    }
    char number[24], when[40] = "-", seconds[32] = "-";
    (void)snprintf(number, sizeof number, "%zu days", same);
    *taken += same;
    if (same == 1) return put_day(&sum, width, out);
    if (sum.has_run) {
        (void)seine_time_format(sum.ran_at_us - sum.ran_at_us % SEINE_SECOND_US, when);
        (void)snprintf(seconds, sizeof seconds, "%.1f", (double)sum.duration_us / 1e6);
    }
    SEINE_TRY(seine_buf_printf(out, "%-*s %-10s %12" PRId64 "  %-6s  %-20s %8s", width, sum.table, number, sum.rows,
                               state_name(sum.state), when, seconds));
    if (stale > 0 && stale < same) SEINE_TRY(seine_buf_printf(out, "  %zu of them stale", stale));
    return seine_buf_append_str(out, "\n");
}

static seine_status put_problems(const seine_lake_status *status, seine_buf *out) {
    for (size_t i = 0; i < status->refused_count; i++)
        SEINE_TRY(seine_buf_printf(out, "model refused: %s\n", status->refused[i]));
    for (size_t i = 0; i < status->unreadable_count; i++)
        SEINE_TRY(seine_buf_printf(out, "%s; restore the lake from a copy\n", status->unreadable[i]));
    return SEINE_OK;
}

/* Columns that names of tables take. */
static int width_of(const seine_lake_status *status) {
    size_t width = 28;
    for (size_t i = 0; i < status->count; i++)
        if (strlen(status->days[i].table) > width) width = strlen(status->days[i].table);
    return (int)width;
}

/* Every lake has all reference tables; most need few. */
static bool is_idle(const seine_day_status *day) { return day->rows == 0 && strncmp(day->table, "ref.", 4) == 0; }

static seine_status put_table(const seine_lake_status *status, bool all, seine_buf *out) {
    size_t stale = 0, shown = 0;
    const int width = width_of(status);
    for (size_t i = 0; i < status->count; i++) shown += all || !is_idle(&status->days[i]);
    const bool is_long = !all && shown > SEINE_SCREEN_LINES;
    SEINE_TRY(seine_buf_printf(out, "%-*s %-10s %12s  %-6s  %-20s %8s\n", width, "table", is_long ? "days" : "day",
                               "rows", "state", "last run", "seconds"));
    for (size_t i = 0; i < status->count; i++) stale += status->days[i].state == SEINE_DAY_STALE;
    for (size_t i = 0; i < status->count;) {
        if (!all && is_idle(&status->days[i])) {
            i++;
            continue;
        }
        SEINE_TRY(is_long ? put_sum(&status->days[i], status->count - i, width, out, &i)
                          : put_day(&status->days[i++], width, out));
    }
    if (is_long) SEINE_TRY(seine_buf_append_str(out, "every day alone: --all\n"));
    SEINE_TRY(put_problems(status, out));
    if (status->is_damaged && stale == 0) return SEINE_OK;
    return stale > 0 ? seine_buf_printf(out, "%zu stale; bring them up to date with: seine refresh\n", stale)
                     : seine_buf_append_str(out, "everything is up to date\n");
}

static seine_status run(seine_args *args, seine_error *error) {
    const seine_refresh_options options = seine_cli_detector_options(args);
    size_t setting_count = 0;
    const char *const *settings = seine_args_list(args, "set", &setting_count);
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_lake_status status SEINE_OWNED(seine_lake_status_free) = {0};
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, OUTPUT_MAX_BYTES);
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &catalog, error));
    SEINE_TRY(seine_lake_status_read(catalog, &options, settings, setting_count, &status, error));
    if (status.is_damaged) seine_cli_found_wrong(args);
    if (seine_args_json(args)) return put_json(&status, &out, error);
    return seine_cli_print(&out, put_table(&status, seine_args_flag(args, "all"), &out), error);
}

static const seine_option options_list[] = {
    SEINE_DERIVE_OPTIONS,
    SEINE_ALL_OPTION,
};

const seine_command seine_cmd_status = {
    .name = "status",
    .summary = "show rows per table and day, and what is stale",
    .description =
        "Silver, events, enriched fixes, reference tables with rows and gold tables by day: rows, whether a refresh "
        "with these settings would make them anew (stale) or not (fresh), when they were made last and how long that "
        "took. Nothing is changed. A table that cannot be read is named, and the exit code is 1.",
    .example = "seine status --lake lake\nseine status --lake lake --json",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
