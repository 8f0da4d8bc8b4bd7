/* seine graph: what reads what, what is stale and why. */
#include "base/json.h"
#include "base/number.h"
#include "base/try.h"
#include "cli/derive.h"
#include "refresh/lake_status.h"

#include <inttypes.h>

#define OUTPUT_MAX_BYTES ((size_t)1 << 26)

static const char *kind_name(seine_node_kind kind) {
    static const char *const names[] = {"source", "reference", "job", "model"};
    return names[kind];
}

/* ---- for people ---- */

static seine_status put_inputs(const seine_lake_node *node, seine_buf *out) {
    for (size_t i = 0; i < node->input_count; i++)
        SEINE_TRY(seine_buf_printf(out, "%s%s", i > 0 ? ", " : "", node->inputs[i].table));
    return node->input_count > 0 ? SEINE_OK : seine_buf_append_str(out, "-");
}

static seine_status put_state(const seine_lake_node *node, seine_buf *out) {
    if (node->kind == SEINE_NODE_SOURCE || node->kind == SEINE_NODE_REFERENCE)
        return seine_buf_printf(out, "%s", seine_count((int64_t)node->rows, "row").text);
    if (node->days == 0) return seine_buf_append_str(out, "nothing to make");
    if (node->stale == 0) return seine_buf_append_str(out, "fresh");
    return seine_buf_printf(out, "stale, %zu of %zu: %s", node->stale, node->days, node->why);
}

static seine_status put_lines(const seine_lake_status *status, seine_buf *out) {
    for (size_t i = 0; i < status->node_count; i++) {
        const seine_lake_node *node = &status->nodes[i];
        SEINE_TRY(seine_buf_printf(out, "%s\n    by    %s\n    from  ", node->table, node->maker));
        SEINE_TRY(put_inputs(node, out));
        for (size_t b = 0; b < node->beside_count; b++)
            SEINE_TRY(seine_buf_printf(out, "%s%s", b == 0 ? "\n    with  " : ", ", node->beside[b]));
        SEINE_TRY(seine_buf_append_str(out, "\n    is    "));
        SEINE_TRY(put_state(node, out));
        SEINE_TRY(seine_buf_append_str(out, "\n"));
    }
    for (size_t i = 0; i < status->refused_count; i++)
        SEINE_TRY(seine_buf_printf(out, "model refused: %s\n", status->refused[i]));
    return SEINE_OK;
}

/* ---- for machines ---- */

static void put_json_node(seine_json_writer *w, const seine_lake_node *node) {
    seine_json_begin_object(w);
    seine_json_field_text(w, "table", node->table);
    seine_json_field_text(w, "kind", kind_name(node->kind));
    seine_json_field_text(w, "maker", node->maker);
    seine_json_field_array(w, "inputs");
    for (size_t i = 0; i < node->input_count; i++) {
        seine_json_begin_object(w);
        seine_json_field_text(w, "table", node->inputs[i].table);
        seine_json_field_text(w, "window", node->inputs[i].window);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
    seine_json_field_texts(w, "beside", node->beside, node->beside_count);
    seine_json_field_int(w, "days", (int64_t)node->days);
    seine_json_field_int(w, "stale", (int64_t)node->stale);
    seine_json_field_int(w, "rows", node->rows);
    seine_json_field_text(w, "why", node->why);
    seine_json_end_object(w);
}

static seine_status put_json(const seine_lake_status *status, seine_buf *out, seine_error *error) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    seine_json_field_array(&w, "tables");
    for (size_t i = 0; i < status->node_count; i++) put_json_node(&w, &status->nodes[i]);
    seine_json_end_array(&w);
    seine_json_field_texts(&w, "refused", status->refused, status->refused_count);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

/* Names of tables hold letters, digits, _ and points only. */
static seine_status put_dot(const seine_lake_status *status, seine_buf *out) {
    static const char *const shapes[] = {"cylinder", "note", "box", "ellipse"};
    SEINE_TRY(seine_buf_append_str(out, "digraph lake {\n    rankdir=LR;\n"));
    for (size_t i = 0; i < status->node_count; i++) {
        const seine_lake_node *node = &status->nodes[i];
        SEINE_TRY(seine_buf_printf(out, "    \"%s\" [shape=%s%s];\n", node->table, shapes[node->kind],
                                   node->stale > 0 ? ", style=dashed" : ""));
        for (size_t k = 0; k < node->input_count; k++)
            SEINE_TRY(seine_buf_printf(out, "    \"%s\" -> \"%s\";\n", node->inputs[k].table, node->table));
    }
    return seine_buf_append_str(out, "}\n");
}

static seine_status run(seine_args *args, seine_error *error) {
    const seine_refresh_options options = seine_cli_detector_options(args);
    size_t setting_count = 0;
    const char *const *settings = seine_args_list(args, "set", &setting_count);
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_lake_status status SEINE_OWNED(seine_lake_status_free) = {0};
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, OUTPUT_MAX_BYTES);
    const bool is_dot = seine_args_flag(args, "dot");
    if (is_dot && seine_args_json(args)) return seine_fail(error, SEINE_E_USAGE, "either --dot or --json");
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &catalog, error));
    SEINE_TRY(seine_lake_status_read(catalog, &options, settings, setting_count, &status, error));
    if (status.is_damaged) seine_cli_found_wrong(args);
    for (size_t i = 0; i < status.unreadable_count; i++) seine_cli_note(args, "%s", status.unreadable[i]);
    if (seine_args_json(args)) return put_json(&status, &out, error);
    return seine_cli_print(&out, is_dot ? put_dot(&status, &out) : put_lines(&status, &out), error);
}

static const seine_option options_list[] = {
    {.name = "dot", .kind = SEINE_OPTION_FLAG, .fallback = "off", .help = "print it for Graphviz"},
    SEINE_DERIVE_OPTIONS,
};

const seine_command seine_cmd_graph = {
    .name = "graph",
    .summary = "Show what is made from what, what is stale and why",
    .description =
        "Every table with who makes it (ingest, a detector's job, a model), from which others, which tables are\n"
        "written with it, and whether a refresh with these settings would make it anew, and why. In the order in\n"
        "which a refresh goes. Nothing is changed.",
    .example = "seine graph --lake lake\nseine graph --lake lake --dot | dot -Tsvg -o lake.svg",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
