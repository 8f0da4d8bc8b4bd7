/* seine dataset ls|show|check: which kinds of input are known, and what is understood of a description. */
#include "base/spelling.h"
#include "base/yaml.h"
#include "cli/dataset/dataset.h"
#include "io/file.h"
#include "io/reader.h"
#include "io/zone_file.h"
#include "table/catalog/catalog.h"
#include "table/dataset.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OUTPUT_MAX_BYTES ((size_t)1 << 24)

/* Settings as the description has them. */
static const seine_dataset_settings no_values = {.read_zone = seine_zone_file_read};

typedef struct view {
    seine_args *args;
    seine_arena arena;
    seine_catalog *catalog; /* of --lake; NULL = not given */
    seine_dataset_row *kept;
    size_t kept_count;
    seine_buf out;
    seine_json_writer json;
    seine_error *error;
} view;

static seine_status begin(view *v, seine_args *args, bool may_have_lake, seine_error *error) {
    v->args = args;
    v->error = error;
    seine_buf_init(&v->out, OUTPUT_MAX_BYTES);
    v->json = seine_json_writer_to(&v->out);
    if (!may_have_lake || !seine_args_given(args, "lake")) return SEINE_OK;
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &v->catalog, error));
    return seine_lake_datasets(v->catalog, &v->arena, &v->kept, &v->kept_count, error);
}

static void end(view *v) {
    seine_catalog_close(v->catalog);
    seine_arena_free(&v->arena);
    seine_buf_free(&v->out);
}

static seine_status print(const view *v, seine_status made) {
    if (made == SEINE_OK && seine_args_json(v->args)) return seine_cli_print_json(&v->json, v->error);
    return seine_cli_print(&v->out, made, v->error);
}

/* ---- which one ---- */

static seine_status read_standard_input(view *v, seine_str *text) {
    seine_reader *reader SEINE_OWNED(seine_reader_close_owned) = NULL;
    const char *member = NULL;
    char *bytes = seine_arena_alloc(&v->arena, SEINE_YAML_MAX_BYTES + 1);
    if (bytes == NULL) return seine_no_memory(v->error, "standard input");
    SEINE_TRY(seine_reader_open_stdin(NULL, &reader, v->error));
    SEINE_TRY(seine_reader_member(reader, &member, v->error));
    *text = (seine_str){bytes, 0};
    for (size_t size = 1; size > 0; text->size += size)
        SEINE_TRY(
            seine_reader_read(reader, bytes + text->size, SEINE_YAML_MAX_BYTES + 1 - text->size, &size, v->error));
    return SEINE_OK;
}

static const char *name_of(const char *word) { return strcmp(word, "-") == 0 ? "standard input" : word; }

static seine_status read_file(view *v, const char *path, seine_str *text) {
    seine_buf bytes SEINE_OWNED(seine_buf_free);
    if (strcmp(path, "-") == 0) return read_standard_input(v, text);
    seine_buf_init(&bytes, SEINE_YAML_MAX_BYTES);
    SEINE_TRY(seine_file_read(path, &bytes, v->error));
    const char *copy = seine_arena_copy(&v->arena, bytes.data, bytes.size);
    if (copy == NULL) return seine_no_memory(v->error, path);
    *text = (seine_str){copy, bytes.size};
    return SEINE_OK;
}

static seine_status refuse_name(const view *v, const char *name) {
    char list[400] = "";
    seine_spelling spelling = seine_spelling_of(seine_str_of(name));
    for (size_t i = 0; i < seine_dataset_file_count; i++) {
        const size_t used = strlen(list);
        seine_spelling_offer(&spelling, seine_dataset_files[i].name);
        (void)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", seine_dataset_files[i].name);
    }
    for (size_t i = 0; i < v->kept_count; i++) seine_spelling_offer(&spelling, v->kept[i].name);
    const char *best = seine_spelling_best(&spelling);
    if (best != NULL)
        return seine_fail(v->error, SEINE_E_NOT_FOUND, "%s: no such dataset or file; did you mean %s?", name, best);
    return seine_fail(v->error, SEINE_E_NOT_FOUND, "%s: no such file, and no dataset of that name; there are: %s", name,
                      list);
}

/* Ships are of the program, but each lake has its own of what is made of them. */
static seine_status ships_of_lake(view *v, const seine_dataset **dataset) {
    const seine_dataset *kept = NULL;
    seine_dataset *ships = SEINE_ARENA_ARRAY(&v->arena, seine_dataset, 1);
    if (ships == NULL) return seine_no_memory(v->error, "datasets");
    SEINE_TRY(seine_lake_dataset(v->catalog, (*dataset)->name, &v->arena, &kept, v->error));
    *ships = **dataset;
    ships->outputs |= kept->outputs;
    ships->fishes_by_rules = kept->fishes_by_rules;
    *dataset = ships;
    return SEINE_OK;
}

/* A dataset of the lake, with the settings it came with; a compiled-in one, or a file. */
static seine_status find(view *v, const char *word, const seine_dataset **dataset) {
    for (size_t i = 0; i < v->kept_count; i++)
        if (strcmp(v->kept[i].name, word) == 0)
            return seine_lake_dataset(v->catalog, word, &v->arena, dataset, v->error);
    seine_str text = seine_dataset_built_in(word);
    if (text.data == NULL && strcmp(word, "-") != 0 && !seine_file_exists(word)) return refuse_name(v, word);
    if (text.data == NULL) SEINE_TRY(read_file(v, word, &text));
    SEINE_TRY(seine_dataset_read(text, name_of(word), &no_values, &v->arena, dataset, v->error));
    const bool is_ships = v->catalog != NULL && strcmp(word, seine_dataset_ais()->name) == 0;
    return is_ships ? ships_of_lake(v, dataset) : SEINE_OK;
}

/* ---- ls ---- */

static seine_status list_one(view *v, const char *name, seine_str text, const char *where) {
    const seine_dataset *dataset = NULL;
    SEINE_TRY(seine_dataset_read(text, name, &no_values, &v->arena, &dataset, v->error));
    if (!seine_args_json(v->args))
        return seine_buf_printf(&v->out, "%-18s %-9s %7zu  %-8s %s\n", dataset->name, dataset->word,
                                dataset->column_count, where, dataset->doc);
    seine_json_begin_object(&v->json);
    seine_json_field_text(&v->json, "name", dataset->name);
    seine_json_field_text(&v->json, "doc", dataset->doc);
    seine_json_field_text(&v->json, "word", dataset->word);
    seine_json_field_int(&v->json, "columns", (int64_t)dataset->column_count);
    seine_json_field_text(&v->json, "where", where);
    seine_json_end_object(&v->json);
    return SEINE_OK;
}

static seine_status run_ls(seine_args *args, seine_error *error) {
    view v SEINE_OWNED(end) = {0};
    SEINE_TRY(begin(&v, args, true, error));
    if (seine_args_json(args))
        seine_json_begin_array(&v.json);
    else
        SEINE_TRY(
            seine_buf_printf(&v.out, "%-18s %-9s %7s  %-8s %s\n", "dataset", "mover", "columns", "where", "what"));
    for (size_t i = 0; i < seine_dataset_file_count; i++)
        SEINE_TRY(
            list_one(&v, seine_dataset_files[i].name, seine_dataset_built_in(seine_dataset_files[i].name), "program"));
    for (size_t i = 0; i < v.kept_count; i++)
        SEINE_TRY(list_one(&v, v.kept[i].name, seine_str_of(v.kept[i].text), "lake"));
    if (seine_args_json(args)) seine_json_end_array(&v.json);
    return print(&v, SEINE_OK);
}

/* ---- show, check ---- */

static seine_status run_show(seine_args *args, seine_error *error) {
    size_t words;
    const seine_dataset *dataset = NULL;
    view v SEINE_OWNED(end) = {0};
    SEINE_TRY(begin(&v, args, true, error));
    SEINE_TRY(find(&v, seine_args_list(args, NULL, &words)[0], &dataset));
    if (seine_args_flag(args, "yaml"))
        return seine_cli_print(&v.out, seine_buf_append_str(&v.out, dataset->text), error);
    if (!seine_args_json(args)) return print(&v, seine_dataset_show(dataset, &v.out));
    seine_dataset_show_json(dataset, &v.json);
    return print(&v, SEINE_OK);
}

static seine_status check_text(const view *v, const seine_dataset *dataset, const char *file, seine_buf *out) {
    const seine_str known = seine_dataset_built_in(dataset->name);
    const bool is_other = known.data != NULL && !seine_str_equal(known, seine_str_of(dataset->text));
    SEINE_TRY(seine_buf_printf(out, "%s: dataset %s is well described. It makes %s tables:\n\n", file, dataset->name,
                               dataset->keeps_records ? "three" : "two"));
    SEINE_TRY(seine_dataset_show_table(dataset->silver, out));
    SEINE_TRY(seine_buf_append_str(out, "\n"));
    SEINE_TRY(seine_dataset_show_table(dataset->rejects, out));
    if (dataset->keeps_records) {
        SEINE_TRY(seine_buf_append_str(out, "\n"));
        SEINE_TRY(seine_dataset_show_table(dataset->raw, out));
    }
    if (is_other)
        seine_cli_note(v->args, "the program has another dataset %s; a lake can have one of them", dataset->name);
    return SEINE_OK;
}

static seine_status run_check(seine_args *args, seine_error *error) {
    size_t words;
    const char *file = seine_args_list(args, NULL, &words)[0];
    seine_str text;
    const seine_dataset *dataset = NULL;
    view v SEINE_OWNED(end) = {0};
    SEINE_TRY(begin(&v, args, false, error));
    SEINE_TRY(read_file(&v, file, &text));
    const char *shown = strcmp(file, "-") == 0 ? "standard input" : file;
    SEINE_TRY(seine_dataset_read(text, shown, &no_values, &v.arena, &dataset, error));
    if (!seine_args_json(args)) return print(&v, check_text(&v, dataset, file, &v.out));
    seine_json_begin_object(&v.json);
    seine_json_field_text(&v.json, "name", dataset->name);
    seine_json_field_array(&v.json, "tables");
    seine_dataset_show_table_json(dataset->silver, &v.json);
    seine_dataset_show_table_json(dataset->rejects, &v.json);
    if (dataset->keeps_records) seine_dataset_show_table_json(dataset->raw, &v.json);
    seine_json_end_array(&v.json);
    seine_json_end_object(&v.json);
    return print(&v, SEINE_OK);
}

static const seine_option show_options[] = {
    {.name = "yaml", .kind = SEINE_OPTION_FLAG, .help = "print the description as it was written"},
};

const seine_command seine_cmd_dataset_ls = {
    .name = "dataset ls",
    .summary = "List the kinds of input that are known: ships, vehicles, yours",
    .description = "Those that come with the program and, with --lake or SEINE_LAKE, those that a lake was filled by.",
    .example = "seine dataset ls\nseine dataset ls --lake lake",
    .needs_lake = true,
    .run = run_ls};
const seine_command seine_cmd_dataset_show = {
    .name = "dataset show",
    .summary = "Show what is understood of a dataset: columns, units, limits, rules",
    .positional = "NAME|FILE",
    .description = "NAME is one of seine dataset ls; FILE a description (docs/datasets.md), - for standard input.",
    .example = "seine dataset show telematics\nseine dataset show telematics --yaml > mine.yaml",
    .options = show_options,
    .option_count = COUNT(show_options),
    .needs_lake = true,
    .run = run_show};
const seine_command seine_cmd_dataset_check = {
    .name = "dataset check",
    .summary = "Check a description of a dataset, and tell which tables it makes",
    .positional = "FILE",
    .description = "What is wrong is told with its line and what to write; exit status 1. - is standard input.",
    .example = "seine dataset check buses.yaml\nseine dataset sniff buses.csv | seine dataset check -",
    .run = run_check};
