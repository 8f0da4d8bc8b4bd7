/* seine trace: where one position came from and what it went into, as a tree or JSON. */
#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "cli/dataset_choice.h"
#include "engine/watch.h"
#include "cli/trace/trace.h"
#include "io/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define OUTPUT_MAX_BYTES ((size_t)1 << 30)

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

static void put_time(seine_json_writer *w, const char *key, int64_t time_us) {
    char text[40];
    seine_time_format(time_us, text);
    seine_json_field_text(w, key, text);
}

static void put_field(seine_json_writer *w, const seine_trace_field *field) {
    seine_json_key(w, seine_str_of(field->name));
    if (field->text == NULL) {
        seine_json_put_null(w);
    } else if (field->is_number) { /* its digits as they are */
        if (w->status == SEINE_OK) w->status = seine_buf_append_str(w->out, field->text);
        w->needs_comma = true;
    } else {
        seine_json_put_text(w, seine_str_of(field->text));
    }
}

static void put_hit(seine_json_writer *w, const seine_trace_hit *hit) {
    seine_json_begin_object(w);
    seine_json_field_text(w, "table", hit->table);
    seine_json_field_text(w, "role", hit->role);
    seine_json_field_text(w, "file", hit->path);
    seine_json_field_int(w, "file_row", hit->file_row);
    seine_json_field_int(w, "snapshot", hit->snapshot_id);
    seine_json_key(w, SEINE_STR("run"));
    if (hit->run != NULL) {
        seine_json_begin_object(w);
        seine_json_field_text(w, "id", hit->run->id);
        seine_json_field_text(w, "command", hit->run->command);
        put_time(w, "started_at", hit->run->started_us);
        seine_json_end_object(w);
    } else {
        seine_json_put_null(w);
    }
    seine_json_field_object(w, "row");
    for (size_t i = 0; i < hit->field_count; i++) put_field(w, &hit->fields[i]);
    seine_json_end_object(w);
    seine_json_end_object(w);
}

static const char *fate_name(seine_trace_fate fate) {
    static const char *const names[] = {"silver", "duplicate", "rejected"};
    return names[fate];
}

static void put_source_row(seine_json_writer *w, const seine_trace_line *line) {
    seine_json_begin_object(w);
    seine_json_field_text(w, "fate", fate_name(line->fate));
    if (line->fate == SEINE_TRACE_REJECTED) seine_json_field_text(w, "reason", line->reason);
    seine_json_field_text(w, "source", line->source_name);
    seine_json_field_int(w, "source_row", line->row);
    seine_json_field_text(w, "raw", line->raw);
    seine_json_field_text(w, "state", seine_source_state_name(line->source->state));
    seine_json_field_text(w, "sha256", line->source->sha256);
    seine_json_field_text(w, "bronze_path", line->source->bronze_path);
    seine_json_field_text(w, "url", line->source->url);
    put_time(w, "ingested_at", line->source->ingested_at_us);
    seine_json_end_object(w);
}

static seine_status put_json(seine_buf *out, const seine_trace *trace) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "dataset", trace->dataset->name);
    seine_json_field_text(&w, trace->dataset->columns[SEINE_DATASET_ID].name, trace->mover);
    put_time(&w, "ts", trace->ts_us);
    seine_json_key(&w, SEINE_STR("silver"));
    if (trace->silver != NULL)
        put_hit(&w, trace->silver);
    else
        seine_json_put_null(&w);
    seine_json_field_array(&w, "source_rows");
    for (const seine_trace_line *line = trace->lines; line != NULL; line = line->next) put_source_row(&w, line);
    seine_json_end_array(&w);
    seine_json_field_array(&w, "derived");
    for (const seine_trace_hit *hit = trace->hits; hit != NULL; hit = hit->next) put_hit(&w, hit);
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? seine_buf_append_str(out, "\n") : w.status;
}

/* ---- a tree ----------------------------------------------------------------------------------------------------- */

static seine_status put_fields(seine_buf *out, const seine_trace_hit *hit, const char *indent) {
    SEINE_TRY(seine_buf_append_str(out, indent));
    bool is_first = true;
    for (size_t i = 0; i < hit->field_count; i++) {
        if (hit->fields[i].text == NULL) continue;
        SEINE_TRY(seine_buf_printf(out, "%s%s %s", is_first ? "" : ", ", hit->fields[i].name, hit->fields[i].text));
        is_first = false;
    }
    return seine_buf_append_str(out, "\n");
}

/* Title and details of a table's row. @p is_last: nothing stands below it on its level. */
static seine_status put_branch(seine_buf *out, const seine_trace *trace, const seine_trace_hit *hit, bool is_last) {
    static const char *const meanings[][2] = {{"position", "the position"},
                                              {"start", "starts here"},
                                              {"end", "ends here"},
                                              {"hour", "of this hour"},
                                              {"day", "of this day"},
                                              {"vessel", "of this vessel, all days"},
                                              {"mover", "of this mover, all days"}};
    const char *meaning = hit->role, *lake = seine_catalog_path(trace->catalog), *path = hit->path;
    char when[40] = "";
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (strcmp(meanings[i][0], hit->role) == 0) meaning = meanings[i][1];
    if (strncmp(path, lake, strlen(lake)) == 0 && path[strlen(lake)] == '/') path += strlen(lake) + 1;
    if (hit->run != NULL) seine_time_format(hit->run->started_us, when);
    const char *bar = is_last ? "    " : "│   ";
    SEINE_TRY(seine_buf_printf(out, "%s %s: %s\n%s", is_last ? "└──" : "├──", hit->table, meaning, bar));
    SEINE_TRY(put_fields(out, hit, ""));
    SEINE_TRY(seine_buf_printf(out, "%srow %" PRId64 " of %s\n", bar, hit->file_row, path));
    if (hit->run != NULL)
        SEINE_TRY(
            seine_buf_printf(out, "%swritten by %s, run %.8s of %s\n", bar, hit->run->command, hit->run->id, when));
    return SEINE_OK;
}

static seine_status put_line(seine_buf *out, const seine_trace *trace, const seine_trace_line *line, bool is_last) {
    const char *bar = is_last ? "    " : "│   ";
    char when[40];
    seine_time_format(line->source->ingested_at_us, when);
    SEINE_TRY(seine_buf_printf(out, "%s %s row %" PRId64 ": %s%s%s\n", is_last ? "└──" : "├──", line->source_name,
                               line->row,
                               line->fate == SEINE_TRACE_SILVER     ? "the row in silver"
                               : line->fate == SEINE_TRACE_REJECTED ? "rejected: "
                               : trace->dataset->keeps_last ? "duplicate; the last source by name, then row, wins"
                                                            : "duplicate; the first source by name, then row, wins",
                               line->fate == SEINE_TRACE_REJECTED ? line->reason : "", ""));
    if (line->raw != NULL) SEINE_TRY(seine_buf_printf(out, "%s%s\n", bar, line->raw));
    return seine_buf_printf(out, "%s%s, %s, sha256 %.16s…, ingested %s\n", bar, line->source->bronze_path,
                            seine_source_state_name(line->source->state), line->source->sha256, when);
}

static seine_status put_tree(seine_buf *out, const seine_trace *trace) {
    char when[40];
    seine_time_format(trace->ts_us, when);
    SEINE_TRY(seine_buf_printf(out, "%s at %s\n", trace->mover, when));
    for (const seine_trace_line *line = trace->lines; line != NULL; line = line->next)
        SEINE_TRY(put_line(out, trace, line, line->next == NULL && trace->silver == NULL));
    if (trace->silver != NULL) SEINE_TRY(put_branch(out, trace, trace->silver, trace->hits == NULL));
    for (const seine_trace_hit *hit = trace->hits; hit != NULL; hit = hit->next)
        SEINE_TRY(put_branch(out, trace, hit, hit->next == NULL));
    return SEINE_OK;
}

/* ---- the command ------------------------------------------------------------------------------------------------ */

static seine_status nothing_found(const seine_trace *trace, seine_error *error) {
    char when[40], before[40] = "none", after[40] = "none";
    seine_time_format(trace->ts_us, when);
    if (trace->before_us != INT64_MIN) seine_time_format(trace->before_us, before);
    if (trace->after_us != INT64_MAX) seine_time_format(trace->after_us, after);
    return seine_fail(error, SEINE_E_NOT_FOUND,
                      "no position of %s at %s; nearest of that day: before it %s, after it %s", trace->mover, when,
                      before, after);
}

static seine_status print(seine_args *args, const seine_trace *trace, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, OUTPUT_MAX_BYTES);
    return seine_cli_print(&out, seine_args_json(args) ? put_json(&out, trace) : put_tree(&out, trace), error);
}

static seine_status take_words(seine_args *args, seine_trace *trace, seine_error *error) {
    const char *when = seine_args_text(args, "ts");
    const char *const *ids = NULL;
    size_t count = 0;
    if (when == NULL)
        return seine_fail(error, SEINE_E_USAGE,
                          "--id (of vessels --mmsi) and --ts are needed: whose position, and its time");
    SEINE_TRY(seine_cli_mover_ids(args, trace->dataset, trace->arena, &ids, &count, error));
    if (count > 1) return seine_fail(error, SEINE_E_USAGE, "one position is traced, so one id is given");
    trace->mover = ids[0];
    if (seine_time_parse(seine_str_of(when), &trace->ts_us)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--ts %s: not a time such as 2025-01-01T12:00:00Z", when);
}

static void trace_end(seine_trace *trace) {
    seine_engine_close(trace->engine);
    seine_catalog_close(trace->catalog);
}

static seine_status run(seine_args *args, seine_error *error) {
    const seine_engine_options options = {.threads = 2};
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_trace trace SEINE_OWNED(trace_end) = {.arena = &arena, .progress = seine_cli_progress(args)};
    seine_watch *watch SEINE_OWNED(seine_watch_end_owned) = NULL;
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &trace.catalog, error));
    SEINE_TRY(seine_cli_lake_dataset(args, trace.catalog, &arena, &trace.dataset, error));
    SEINE_TRY(take_words(args, &trace, error));
    SEINE_TRY(seine_engine_open(&options, &trace.engine, error));
    SEINE_TRY(seine_watch_begin(trace.engine, trace.progress, &watch, error));
    SEINE_TRY(seine_trace_follow(&trace, error));
    seine_cli_progress_end(args);
    if (trace.silver == NULL && trace.lines == NULL) SEINE_TRY(nothing_found(&trace, error));
    return print(args, &trace, error);
}

static const seine_option options_list[] = {
    SEINE_DATASET_OPTION,
    SEINE_MOVER_OPTIONS("ID"),
    {.name = "ts",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "time of the position to the microsecond, UTC unless it has a zone"},
};

const seine_command seine_cmd_trace = {
    .name = "trace",
    .summary = "follow one position through the lake",
    .description =
        "Shows the rows of the archives that tell this position, with their bytes as they came: the one in silver, "
        "those that lost against it as duplicates and those that were rejected, with the reason. Then the silver file "
        "and row, and every event that starts or ends there and every gold row it went into, each with the run that "
        "wrote it (seine runs show).",
    .example = "seine trace --lake lake --mmsi 367369550 --ts 2025-01-01T12:00:00Z\n"
               "seine trace --lake lake --dataset buses --id 'line 7' --ts 2025-01-01T12:00:00Z",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
