/* seine relocate: a lake that was moved or copied, made whole in its new place. */
#include "base/json.h"
#include "cli/cli.h"
#include "table/relocate/relocate.h"

#include <stdio.h>

static void put_text(seine_json_writer *w, const char *key, const char *value) {
    seine_json_key(w, seine_str_of(key));
    if (value != NULL)
        seine_json_put_text(w, seine_str_of(value));
    else
        seine_json_put_null(w);
}

static void put_count(seine_json_writer *w, const char *key, size_t value) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_int(w, (int64_t)value);
}

static seine_status print_json(const seine_relocation *done, seine_error *error) {
    seine_buf out;
    seine_buf_init(&out, 1 << 20);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    put_text(&w, "lake", done->to);
    put_text(&w, "from", done->from);
    put_count(&w, "tables", done->tables);
    put_count(&w, "elsewhere", done->elsewhere);
    put_count(&w, "files", done->files);
    put_count(&w, "missing", done->missing);
    seine_json_end_object(&w);
    seine_status status = w.status;
    if (status == SEINE_OK)
        printf("%.*s\n", (int)out.size, (const char *)out.data);
    else
        (void)seine_fail(error, status, "making the output");
    seine_buf_free(&out);
    return status;
}

static void print_text(seine_args *args, const seine_relocation *done, const char *lake) {
    if (done->from == NULL) {
        printf("Nothing to do: the tables of %s name this place.\n", done->to);
        return;
    }
    printf("Moved %zu tables from %s to %s (%zu metadata files written anew).\n", done->tables, done->from, done->to,
           done->files);
    if (done->elsewhere > 0) printf("%zu tables lie outside of the lake and were left as they are.\n", done->elsewhere);
    const char *word = seine_cli_word(args, lake);
    printf("Next: seine verify --lake %s\n", word);
    /* Each table's former metadata.json stays in its log. */
    if (done->files > done->tables)
        printf("%zu files that these replace are no longer needed: seine table orphans --remove --older-than 0 --lake"
               " %s\n",
               done->files - done->tables, word);
}

static int run(seine_args *args) {
    size_t count;
    const char *const *names = seine_args_list(args, NULL, &count);
    seine_arena arena = {0};
    seine_relocation done = {0};
    seine_error error = {SEINE_OK, ""};
    seine_status status = seine_lake_relocate(names[0], &arena, &done, &error);
    if (status == SEINE_OK && seine_args_json(args))
        status = print_json(&done, &error);
    else if (status == SEINE_OK)
        print_text(args, &done, names[0]);
    if (status == SEINE_OK && done.missing > 0)
        seine_cli_note(args, "%zu data files are not in the new place, among them %s: copy them too", done.missing,
                       done.first_missing);
    seine_arena_free(&arena);
    return status == SEINE_OK ? 0 : seine_cli_fail(args, &error);
}

const seine_command seine_cmd_relocate = {
    .name = "relocate",
    .summary = "Make a lake that was moved or copied whole in its new place",
    .positional = "LAKE",
    .description =
        "Tables hold the absolute addresses of their files. After a lake's folder was moved or copied, this writes "
        "its metadata anew, with all snapshots; data files are not touched, and neither is the original of "
        "a copy. It is safe to interrupt and to repeat.",
    .example = "cp -r lake elsewhere\nseine relocate elsewhere",
    .run = run};
