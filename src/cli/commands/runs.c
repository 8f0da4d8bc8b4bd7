/* seine runs, seine runs show: what commands did to the lake, from the manifests their commits left. */
#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "table/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define OUTPUT_MAX_BYTES ((size_t)1 << 30)

typedef struct runs {
    seine_catalog *catalog;
    seine_arena arena;
    seine_run_row *rows;
    size_t count;
    seine_buf out;
    seine_json_writer json;
} runs;

static void end(runs *r) {
    seine_catalog_close(r->catalog);
    seine_arena_free(&r->arena);
    seine_buf_free(&r->out);
}

static seine_status begin(seine_args *args, runs *r, seine_error *error) {
    seine_buf_init(&r->out, OUTPUT_MAX_BYTES);
    r->json = seine_json_writer_to(&r->out);
    return seine_catalog_open(seine_args_lake(args), &r->catalog, error);
}

/* Prints what was gathered. */
static seine_status print(const runs *r, seine_status made, seine_error *error) {
    return seine_cli_print(&r->out, made == SEINE_OK ? r->json.status : made, error);
}

static seine_status parse(const seine_run_row *row, seine_json **json, seine_error *error) {
    return seine_json_parse(seine_str_of(row->manifest), row->id, json, error);
}

/* ---- the list ---- */

/* "silver.ais +18210, events.ais_gaps +3 -1": rows that came and went per table. */
static seine_status put_changes(seine_buf *out, seine_json_value tables) {
    seine_json_iter it = {0};
    while (seine_json_next(tables, &it)) {
        const int64_t added = seine_json_int(seine_json_get(it.value, "added_rows"), 0);
        const int64_t removed = seine_json_int(seine_json_get(it.value, "removed_rows"), 0);
        SEINE_TRY(seine_buf_printf(out, "%s%.*s", it.index > 0 ? ", " : "", SEINE_STR_ARG(it.key)));
        if (added > 0) SEINE_TRY(seine_buf_printf(out, " +%" PRId64, added));
        if (removed > 0) SEINE_TRY(seine_buf_printf(out, " -%" PRId64, removed));
    }
    return SEINE_OK;
}

static seine_status put_line(runs *r, const seine_run_row *row, seine_json_value manifest) {
    char when[40];
    seine_time_format(row->started_us - seine_floor_mod(row->started_us, SEINE_SECOND_US), when);
    const seine_str outcome = seine_json_text(seine_json_get(manifest, "status"));
    const seine_str why = seine_json_text(seine_json_get(manifest, "error"));
    SEINE_TRY(seine_buf_printf(&r->out, "%.8s  %s  %-14s %-11.*s %9.1f  ", row->id, when, row->command,
                               SEINE_STR_ARG(outcome), seine_json_number(seine_json_get(manifest, "seconds"), 0)));
    SEINE_TRY(put_changes(&r->out, seine_json_get(manifest, "tables")));
    if (why.size > 0) SEINE_TRY(seine_buf_printf(&r->out, "%.*s", SEINE_STR_ARG(why)));
    return seine_buf_append_str(&r->out, "\n");
}

static seine_status put_list(runs *r, bool is_json, seine_error *error) {
    if (is_json)
        seine_json_begin_array(&r->json);
    else
        SEINE_TRY(seine_buf_printf(&r->out, "%-8s  %-20s  %-14s %-11s %9s  %s\n", "run", "started", "command", "status",
                                   "seconds", "rows by table"));
    for (size_t i = 0; i < r->count; i++) {
        seine_json *manifest SEINE_OWNED(seine_json_free_owned) = NULL;
        SEINE_TRY(parse(&r->rows[i], &manifest, error));
        if (is_json)
            seine_json_put_value(&r->json, seine_json_root(manifest));
        else
            SEINE_TRY(put_line(r, &r->rows[i], seine_json_root(manifest)));
    }
    if (!is_json) return SEINE_OK;
    seine_json_end_array(&r->json);
    return seine_buf_append_str(&r->out, "\n");
}

/* Keeps the number for all commits to come, and lets it hold at once. */
static seine_status keep(seine_args *args, runs *r, seine_error *error) {
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(seine_commit_begin(r->catalog, NULL, &commit, error));
    SEINE_TRY(seine_ledger_put_setting(commit, SEINE_RUNS_KEPT_SETTING, seine_args_int(args, "keep"), error));
    SEINE_TRY(seine_ledger_prune_runs(commit, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

static seine_status run_list(seine_args *args, seine_error *error) {
    runs r SEINE_OWNED(end) = {0};
    SEINE_TRY(begin(args, &r, error));
    if (seine_args_given(args, "keep")) SEINE_TRY(keep(args, &r, error));
    const size_t limit = (size_t)seine_args_int(args, "limit");
    SEINE_TRY(seine_runs(r.catalog, limit, &r.arena, &r.rows, &r.count, error));
    return print(&r, put_list(&r, seine_args_json(args), error), error);
}

/* ---- one run ---- */

static seine_status put_scalar(runs *r, seine_json_value value) {
    const seine_json_kind kind = seine_json_kind_of(value);
    const seine_str text = seine_json_text(value);
    if (kind == SEINE_JSON_TEXT) return seine_buf_append(&r->out, text.data, text.size);
    seine_json_writer w = seine_json_writer_to(&r->out);
    seine_json_put_value(&w, value);
    return w.status;
}

static bool is_container(seine_json_value value) {
    const seine_json_kind kind = seine_json_kind_of(value);
    return kind == SEINE_JSON_OBJECT || kind == SEINE_JSON_ARRAY;
}

/* "name value" pairs in one line. */
static seine_status put_fields(runs *r, seine_json_value object) {
    seine_json_iter it = {0};
    while (seine_json_next(object, &it)) {
        SEINE_TRY(seine_buf_printf(&r->out, "%s%.*s ", it.index > 0 ? ", " : "", SEINE_STR_ARG(it.key)));
        SEINE_TRY(put_scalar(r, it.value));
    }
    return SEINE_OK;
}

/* One fact: a scalar in its line, a list or an object in a line for each member. */
static seine_status put_fact(runs *r, seine_str name, seine_json_value value) {
    SEINE_TRY(seine_buf_printf(&r->out, "%-12.*s", SEINE_STR_ARG(name)));
    if (!is_container(value)) SEINE_TRY(put_scalar(r, value));
    SEINE_TRY(seine_buf_append_str(&r->out, "\n"));
    seine_json_iter it = {0};
    while (is_container(value) && seine_json_next(value, &it)) {
        SEINE_TRY(seine_buf_append_str(&r->out, "  "));
        if (it.key.data != NULL) SEINE_TRY(seine_buf_printf(&r->out, "%-24.*s ", SEINE_STR_ARG(it.key)));
        SEINE_TRY(is_container(it.value) ? put_fields(r, it.value) : put_scalar(r, it.value));
        SEINE_TRY(seine_buf_append_str(&r->out, "\n"));
    }
    return SEINE_OK;
}

static seine_status put_run(runs *r, bool is_json, seine_error *error) {
    seine_json *manifest SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(parse(&r->rows[0], &manifest, error));
    if (is_json) {
        seine_json_put_value(&r->json, seine_json_root(manifest));
        return seine_buf_append_str(&r->out, "\n");
    }
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(manifest), &it)) SEINE_TRY(put_fact(r, it.key, it.value));
    return SEINE_OK;
}

static seine_status check_one(const runs *r, const char *id, seine_error *error) {
    if (r->count == 1) return SEINE_OK;
    if (r->count == 0) return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no run of that id; see seine runs", id);
    return seine_fail(error, SEINE_E_USAGE, "%s: %zu runs begin so; give more of the id", id, r->count);
}

static seine_status run_show(seine_args *args, seine_error *error) {
    size_t words;
    const char *id = seine_args_list(args, NULL, &words)[0];
    runs r SEINE_OWNED(end) = {0};
    SEINE_TRY(begin(args, &r, error));
    SEINE_TRY(seine_runs_find(r.catalog, id, &r.arena, &r.rows, &r.count, error));
    SEINE_TRY(check_one(&r, id, error));
    return print(&r, put_run(&r, seine_args_json(args), error), error);
}

static const seine_option options_list[] = {
    {.name = "limit",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "20",
     .least = 0,
     .most = 1e9,
     .help = "newest runs to list, 0 for all"},
    {.name = "keep",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .least = 1,
     .most = 1e9,
     .help = "from now on the lake keeps the manifests of the newest N runs (1000 unless given)"},
};

const seine_command seine_cmd_runs = {
    .name = "runs",
    .summary = "list what commands did to the lake",
    .description =
        "Every command that changes the lake leaves a manifest in the very transaction that makes the change: its "
        "settings, inputs with their hashes, versions, counts, duration, and the snapshots of each table before and "
        "after. A run that failed leaves one too, with the reason. The newest 1000 are kept, or --keep N. "
        "--json prints whole manifests.",
    .example = "seine runs --lake lake\nseine runs --lake lake --limit 0 --json",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run_list,
};
const seine_command seine_cmd_runs_show = {
    .name = "runs show",
    .summary = "show the manifest of one run",
    .positional = "RUN",
    .description = "RUN is an id, or its first characters as `seine runs` lists them.",
    .example = "seine runs show --lake lake 5f0c2a9e",
    .needs_lake = true,
    .run = run_show,
};
