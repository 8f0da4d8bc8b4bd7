/* seine table ls|show|history|files: what the tables of a lake are and were. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "model/model.h"
#include "table/catalog/catalog.h"
#include "table/contracts.h"

#include <inttypes.h>
#include <stdio.h>

#define OUTPUT_MAX_BYTES ((size_t)1 << 30)

/* A lake and the tables a command looks at. */
typedef struct view {
    seine_catalog *catalog;
    seine_table *table;
    seine_arena arena;
    seine_buf out;
    seine_json_writer json;
    seine_error *error;
} view;

static void begin(view *v, seine_error *error) {
    v->error = error;
    seine_buf_init(&v->out, OUTPUT_MAX_BYTES);
    v->json = seine_json_writer_to(&v->out);
}

static void end(view *v) {
    seine_table_close(v->table);
    seine_catalog_close(v->catalog);
    seine_arena_free(&v->arena);
    seine_buf_free(&v->out);
}

/* Prints what was gathered. */
static seine_status print(const view *v, seine_args *args, seine_status made) {
    if (made == SEINE_OK && seine_args_json(args)) return seine_cli_print_json(&v->json, v->error);
    return seine_cli_print(&v->out, made, v->error);
}

/* 2025-01-01T00:00:00Z, to the second. */
static const char *time_text(int64_t time_ms, char text[40]) {
    const int64_t fraction_ms = (time_ms % 1000 + 1000) % 1000;
    (void)seine_time_format((time_ms - fraction_ms) * 1000, text);
    return text;
}

/* --at SNAPSHOT|TIME. */
static seine_status parse_at(view *v, seine_args *args, seine_at *at) {
    const char *text = seine_args_text(args, "at");
    *at = (seine_at){0};
    if (text == NULL) return SEINE_OK;
    if (seine_integer_parse(seine_str_of(text), &at->snapshot_id) && at->snapshot_id > 0) return SEINE_OK;
    at->snapshot_id = 0;
    if (seine_time_parse(seine_str_of(text), &at->time_us)) return SEINE_OK;
    return seine_fail(v->error, SEINE_E_USAGE, "--at %s is neither a snapshot id nor a time like 2025-01-01T12:00:00Z",
                      text);
}

/* Opens the lake and the one table named on the command line, at --at where the command has it. */
static seine_status open_table(view *v, seine_args *args, bool has_at) {
    size_t count;
    seine_at at = {0};
    const char *name = seine_args_list(args, NULL, &count)[0];
    SEINE_TRY(has_at ? parse_at(v, args, &at) : SEINE_OK);
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &v->catalog, v->error));
    return seine_table_load(v->catalog, name, at, &v->table, v->error);
}

static const seine_snapshot *loaded_snapshot(const seine_table *table) {
    size_t count;
    const seine_snapshot *snapshots = seine_table_snapshots(table, &count);
    for (size_t i = 0; i < count; i++)
        if (snapshots[i].id == seine_table_snapshot_id(table)) return &snapshots[i];
    return NULL;
}

/* ---- ls ---- */

/* A table that cannot be read is listed with the reason. */
static seine_status list_unread(view *v, const char *name, bool json, const char *why) {
    if (!json) return seine_buf_printf(&v->out, "%-26s %14s %8s %9s  %s\n", name, "-", "-", "-", why);
    seine_json_begin_object(&v->json);
    seine_json_field_text(&v->json, "table", name);
    seine_json_field_text(&v->json, "unreadable", why);
    seine_json_end_object(&v->json);
    return SEINE_OK;
}

static seine_status list_one(view *v, const char *name, bool json) {
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    seine_error why = {SEINE_OK, ""};
    const seine_status status = seine_table_load(v->catalog, name, (seine_at){0}, &table, &why);
    if (status == SEINE_E_NOMEM) return seine_fail(v->error, status, "%s", why.text);
    if (status != SEINE_OK) return list_unread(v, name, json, why.text);
    size_t snapshots;
    char when[40] = "-";
    (void)seine_table_snapshots(table, &snapshots);
    const seine_snapshot *current = loaded_snapshot(table);
    const int64_t files = current != NULL ? current->total_files : 0;
    if (current != NULL) (void)time_text(current->time_ms, when);
    if (!json)
        return seine_buf_printf(&v->out, "%-26s %14" PRId64 " %8" PRId64 " %9zu  %s\n", name, seine_table_rows(table),
                                files, snapshots, when);
    seine_json_begin_object(&v->json);
    seine_json_field_text(&v->json, "table", name);
    seine_json_field_int(&v->json, "rows", seine_table_rows(table));
    seine_json_field_int(&v->json, "files", files);
    seine_json_field_int(&v->json, "snapshots", (int64_t)snapshots);
    seine_json_field_int(&v->json, "snapshot_id", seine_table_snapshot_id(table));
    if (current != NULL) seine_json_field_text(&v->json, "changed_at", when);
    seine_json_end_object(&v->json);
    return SEINE_OK;
}

/* Head and lines of the list. */
static seine_status list_all(view *v, const char *const *names, size_t count, bool json) {
    if (json)
        seine_json_begin_array(&v->json);
    else
        SEINE_TRY(
            seine_buf_printf(&v->out, "%-26s %14s %8s %9s  %s\n", "table", "rows", "files", "snapshots", "changed"));
    for (size_t i = 0; i < count; i++) SEINE_TRY(list_one(v, names[i], json));
    if (json) seine_json_end_array(&v->json);
    return SEINE_OK;
}

static seine_status run_ls(seine_args *args, seine_error *error) {
    view v SEINE_OWNED(end) = {0};
    const char **names = NULL;
    size_t count = 0;
    begin(&v, error);
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &v.catalog, error));
    SEINE_TRY(seine_catalog_tables(v.catalog, &v.arena, &names, &count, error));
    return print(&v, args, list_all(&v, names, count, seine_args_json(args)));
}

/* ---- show ---- */

static void show_json(view *v, int64_t files, int64_t bytes) {
    seine_json_writer *w = &v->json;
    const seine_table_schema *schema = seine_table_schema_of(v->table);
    seine_json_begin_object(w);
    seine_json_field_text(w, "table", seine_table_name(v->table));
    seine_json_field_text(w, "doc", schema->doc);
    seine_json_field_text(w, "folder", seine_table_folder(v->table));
    seine_json_field_text(w, "metadata", seine_table_metadata_path(v->table));
    seine_json_field_int(w, "snapshot_id", seine_table_snapshot_id(v->table));
    seine_json_field_int(w, "rows", seine_table_rows(v->table));
    seine_json_field_int(w, "files", files);
    seine_json_field_int(w, "bytes", bytes);
    seine_json_field_array(w, "partition");
    for (size_t i = 0; i < schema->partition_count; i++)
        seine_json_put_text(w, seine_str_of(schema->partition[i].name));
    seine_json_end_array(w);
    seine_contracts_columns_json(schema, w);
    seine_json_end_object(w);
}

static seine_status show_text(view *v, int64_t files, int64_t bytes) {
    const seine_table_schema *schema = seine_table_schema_of(v->table);
    SEINE_TRY(seine_buf_printf(&v->out,
                               "table      %s\n           %s\nfolder     %s\nmetadata   %s\nsnapshot   %" PRId64
                               "\nrows       %" PRId64 "\nfiles      %" PRId64 "\nbytes      %" PRId64 "\npartition ",
                               seine_table_name(v->table), schema->doc, seine_table_folder(v->table),
                               seine_table_metadata_path(v->table), seine_table_snapshot_id(v->table),
                               seine_table_rows(v->table), files, bytes));
    for (size_t i = 0; i < schema->partition_count; i++)
        SEINE_TRY(seine_buf_printf(&v->out, " %s", schema->partition[i].name));
    SEINE_TRY(seine_buf_append_str(&v->out, "\n\n"));
    for (size_t i = 0; i < schema->column_count; i++) {
        const seine_column *column = &schema->columns[i];
        SEINE_TRY(seine_buf_printf(&v->out, "%4d  %-28s %-12s %-9s %-4s %s\n", column->id, column->name,
                                   seine_type_name(column->type), column->required ? "required" : "", column->unit,
                                   column->doc));
    }
    return SEINE_OK;
}

static seine_status run_show(seine_args *args, seine_error *error) {
    view v SEINE_OWNED(end) = {0};
    const seine_live_file *files = NULL;
    size_t count = 0;
    int64_t bytes = 0;
    begin(&v, error);
    SEINE_TRY(open_table(&v, args, true));
    SEINE_TRY(seine_table_files(v.table, &files, &count, error));
    for (size_t i = 0; i < count; i++) bytes += files[i].file.size_bytes;
    if (!seine_args_json(args)) return print(&v, args, show_text(&v, (int64_t)count, bytes));
    show_json(&v, (int64_t)count, bytes);
    return print(&v, args, SEINE_OK);
}

/* ---- history ---- */

static void json_snapshot(seine_json_writer *w, const seine_snapshot *s) {
    char when[40];
    seine_json_begin_object(w);
    seine_json_field_int(w, "snapshot_id", s->id);
    if (s->parent_id != -1) seine_json_field_int(w, "parent_id", s->parent_id);
    seine_json_field_int(w, "sequence_number", s->sequence_number);
    seine_json_field_text(w, "time", time_text(s->time_ms, when));
    seine_json_field_text(w, "operation", s->operation);
    seine_json_field_int(w, "added_files", s->added_files);
    seine_json_field_int(w, "deleted_files", s->deleted_files);
    seine_json_field_int(w, "added_records", s->added_records);
    seine_json_field_int(w, "deleted_records", s->deleted_records);
    seine_json_field_int(w, "total_records", s->total_records);
    seine_json_field_int(w, "total_files", s->total_files);
    seine_json_end_object(w);
}

static seine_status history(view *v, bool json) {
    size_t count = 0;
    const seine_snapshot *snapshots = seine_table_snapshots(v->table, &count);
    if (json) {
        seine_json_begin_array(&v->json);
        for (size_t i = 0; i < count; i++) json_snapshot(&v->json, &snapshots[i]);
        seine_json_end_array(&v->json);
        return SEINE_OK;
    }
    SEINE_TRY(seine_buf_printf(&v->out, "%-20s %-20s %-10s %7s %7s %12s %12s %14s\n", "snapshot", "time", "operation",
                               "+files", "-files", "+rows", "-rows", "rows"));
    for (const seine_snapshot *s = snapshots; s < snapshots + count; s++) {
        char when[40];
        SEINE_TRY(seine_buf_printf(
            &v->out, "%-20" PRId64 " %-20s %-10s %7" PRId64 " %7" PRId64 " %12" PRId64 " %12" PRId64 " %14" PRId64 "\n",
            s->id, time_text(s->time_ms, when), s->operation, s->added_files, s->deleted_files, s->added_records,
            s->deleted_records, s->total_records));
    }
    return SEINE_OK;
}

static seine_status run_history(seine_args *args, seine_error *error) {
    view v SEINE_OWNED(end) = {0};
    begin(&v, error);
    SEINE_TRY(open_table(&v, args, false));
    return print(&v, args, history(&v, seine_args_json(args)));
}

/* ---- files ---- */

static void json_file(const view *v, seine_json_writer *w, const seine_live_file *live) {
    const seine_table_schema *schema = seine_table_schema_of(v->table);
    seine_json_begin_object(w);
    seine_json_field_text(w, "path", live->file.path);
    seine_json_field_object(w, "partition");
    for (size_t i = 0; i < schema->partition_count; i++) {
        seine_json_key(w, seine_str_of(schema->partition[i].name));
        if (live->file.partition[i].is_null)
            seine_json_put_null(w);
        else
            seine_json_put_int(w, live->file.partition[i].value);
    }
    seine_json_end_object(w);
    seine_json_field_int(w, "rows", live->file.rows);
    seine_json_field_int(w, "bytes", live->file.size_bytes);
    seine_json_field_int(w, "snapshot_id", live->snapshot_id);
    seine_json_field_int(w, "sequence_number", live->sequence_number);
    seine_json_field_bool(w, "sorted", live->file.is_sorted);
    seine_json_end_object(w);
}

/* The path below the table's folder, when it lies there. */
static const char *short_path(const view *v, const char *path) {
    const char *folder = seine_table_folder(v->table);
    const size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && path[size] == '/' ? path + size + 1 : path;
}

static seine_status list_files(view *v, const seine_live_file *files, size_t count, bool json) {
    if (json) {
        seine_json_begin_array(&v->json);
        for (size_t i = 0; i < count; i++) json_file(v, &v->json, &files[i]);
        seine_json_end_array(&v->json);
        return SEINE_OK;
    }
    SEINE_TRY(seine_buf_printf(&v->out, "%12s %12s %8s  %s\n", "rows", "bytes", "sequence", "file"));
    for (size_t i = 0; i < count; i++)
        SEINE_TRY(seine_buf_printf(&v->out, "%12" PRId64 " %12" PRId64 " %8" PRId64 "  %s\n", files[i].file.rows,
                                   files[i].file.size_bytes, files[i].sequence_number,
                                   short_path(v, files[i].file.path)));
    return SEINE_OK;
}

static seine_status run_files(seine_args *args, seine_error *error) {
    view v SEINE_OWNED(end) = {0};
    const seine_live_file *files = NULL;
    size_t count = 0;
    begin(&v, error);
    SEINE_TRY(open_table(&v, args, true));
    SEINE_TRY(seine_table_files(v.table, &files, &count, error));
    return print(&v, args, list_files(&v, files, count, seine_args_json(args)));
}

/* ---- contracts ---- */

static seine_status run_contracts(seine_args *args, seine_error *error) {
    view v SEINE_OWNED(end) = {0};
    seine_model_set set SEINE_OWNED(seine_model_set_free) = {0};
    seine_buf page SEINE_OWNED(seine_buf_free);
    seine_buf_init(&page, OUTPUT_MAX_BYTES);
    begin(&v, error);
    SEINE_TRY(seine_model_set_load(&(seine_model_source){0}, &set, error));
    seine_status status = seine_contracts_page(&page);
    for (size_t i = 0; i < set.count && status == SEINE_OK; i++)
        status = seine_contracts_table(&set.models[i].schema, &page);
    if (!seine_args_json(args) || status != SEINE_OK) return seine_cli_print(&page, status, error);
    seine_json_begin_object(&v.json);
    seine_json_field_str(&v.json, "markdown", seine_buf_str(&page));
    seine_json_end_object(&v.json);
    return seine_cli_print_json(&v.json, error);
}

static const seine_option at_option[] = {
    {.name = "at",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "SNAPSHOT|TIME",
     .help = "state of that snapshot id, or the last one at or before that UTC time"},
};

const seine_command seine_cmd_table_ls = {.name = "table ls",
                                          .summary = "List the tables with rows, files and snapshots",
                                          .example = "seine table ls --lake lake",
                                          .needs_lake = true,
                                          .run = run_ls};
const seine_command seine_cmd_table_show = {.name = "table show",
                                            .summary = "Show one table: place, size, partition, columns",
                                            .positional = "TABLE",
                                            .example = "seine table show --lake lake silver.ais",
                                            .options = at_option,
                                            .option_count = 1,
                                            .needs_lake = true,
                                            .run = run_show};
const seine_command seine_cmd_table_history = {.name = "table history",
                                               .summary = "List a table's snapshots, oldest first",
                                               .positional = "TABLE",
                                               .example = "seine table history --lake lake silver.ais",
                                               .needs_lake = true,
                                               .run = run_history};
const seine_command seine_cmd_table_files = {.name = "table files",
                                             .summary = "List the live data files of a table",
                                             .positional = "TABLE",
                                             .example =
                                                 "seine table files --lake lake silver.ais --at 2025-01-03T00:00:00Z",
                                             .options = at_option,
                                             .option_count = 1,
                                             .needs_lake = true,
                                             .run = run_files};
const seine_command seine_cmd_table_contracts = {.name = "table contracts",
                                                 .summary = "Print the page of all tables and columns",
                                                 .description = "This is docs/data_contracts.md, as Markdown.",
                                                 .example = "seine table contracts > docs/data_contracts.md",
                                                 .run = run_contracts};
