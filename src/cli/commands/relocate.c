/* seine relocate: a lake that was moved or copied, made whole in its new place. */
#include "base/json.h"
#include "base/number.h"
#include "base/try.h"
#include "cli/cli.h"
#include "table/relocate/relocate.h"

#include <stdio.h>

static seine_status print_json(const seine_relocation *done, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, 1 << 20);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "lake", done->to);
    seine_json_field_text(&w, "from", done->from);
    seine_json_field_int(&w, "tables", (int64_t)done->tables);
    seine_json_field_int(&w, "elsewhere", (int64_t)done->elsewhere);
    seine_json_field_int(&w, "files", (int64_t)done->files);
    seine_json_field_int(&w, "missing", (int64_t)done->missing);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

static void print_text(seine_args *args, const seine_relocation *done, const char *lake) {
    if (done->from == NULL) {
        printf("Nothing to do: the tables of %s name this place.\n", done->to);
        return;
    }
    printf("Moved %s from %s to %s (%s written anew).\n", seine_count((int64_t)done->tables, "table").text, done->from,
           done->to, seine_count((int64_t)done->files, "metadata file").text);
    if (done->elsewhere > 0)
        printf("%s outside of the lake left as before.\n", seine_count((int64_t)done->elsewhere, "table").text);
    const char *word = seine_cli_word(args, lake);
    printf("Next: seine verify --lake %s\n", word);
    /* Each table's former metadata.json stays in its log. */
    if (done->files > done->tables)
        printf("%s replaced and no longer needed: seine table orphans --remove --older-than 0 --lake %s\n",
               seine_count((int64_t)(done->files - done->tables), "file").text, word);
}

static seine_status run(seine_args *args, seine_error *error) {
    size_t count;
    const char *lake = seine_args_list(args, NULL, &count)[0];
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_relocation done = {0};
    SEINE_TRY(seine_lake_relocate(lake, &arena, &done, error));
    if (seine_args_json(args))
        SEINE_TRY(print_json(&done, error));
    else
        print_text(args, &done, lake);
    if (done.missing > 0)
        seine_cli_note(args, "%s not in the new place, among them %s: copy all of them too",
                       seine_count((int64_t)done.missing, "data file").text, done.first_missing);
    return SEINE_OK;
}

const seine_command seine_cmd_relocate = {
    .name = "relocate",
    .summary = "Make a lake that was moved or copied whole in its new place",
    .positional = "LAKE",
    .makes_lake = true,
    .description =
        "Tables hold the absolute addresses of their files. After a lake's folder was moved or copied, or the objects "
        "of one in a bucket were moved, this writes its metadata anew, with all snapshots; data files are not "
        "touched, and neither is the original of a copy. It is safe to interrupt and to repeat. A lake whose catalog "
        "lies outside of it can only be moved this way; seine copy makes a second one.",
    .example = "cp -r lake elsewhere\nseine relocate elsewhere\nseine relocate s3://datalake/moved",
    .run = run};
