/* Options, messages and forms that the commands of `seine detect` share. */
#include "cli/detect/job.h"

#include "base/try.h"
#include "cli/format.h"
#include "cli/target.h"
#include "ingest/remarks.h"
#include "io/clock.h"

#include <inttypes.h>

static seine_status take_inputs(seine_detect_job *j, const char *other, seine_error *error) {
    j->inputs = seine_args_list(j->args, "input", &j->input_count);
    j->texts = SEINE_ARENA_ARRAY(&j->arena, seine_detect_text, j->input_count);
    if (j->texts == NULL) return seine_no_memory(error, "detect");
    if (j->input_count == 0)
        return seine_fail(error, SEINE_E_USAGE, "no messages given: use --input FILE, or - for standard input");
    size_t from_stdin = other != NULL && strcmp(other, "-") == 0;
    for (size_t i = 0; i < j->input_count; i++) from_stdin += strcmp(j->inputs[i], "-") == 0;
    if (from_stdin < 2) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "only one of messages and open gaps can come from standard input");
}

static seine_status take_dataset(seine_detect_job *j, seine_error *error) {
    if (seine_args_text(j->args, "dataset") != NULL)
        return seine_cli_dataset_of_files(j->args, &j->arena, &j->fixes.dataset, error);
    if (!seine_args_given(j->args, "set")) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--set is a setting of a dataset: give --dataset, too");
}

seine_status seine_detect_job_options(seine_detect_job *job, const char *other, seine_error *error) {
    SEINE_TRY(take_inputs(job, other, error));
    SEINE_TRY(take_dataset(job, error));
    job->memory.max_bytes = job->memory.left_bytes = (size_t)seine_args_int(job->args, "max-memory") << 20;
    job->detect.options.ssvids = seine_args_list(job->args, "ssvids", &job->detect.options.ssvid_count);
    return SEINE_OK;
}

double seine_detect_job_limit(const seine_detect_job *job, const char *option, double of_dataset) {
    return of_dataset > 0 && !seine_args_given(job->args, option) ? of_dataset : seine_args_number(job->args, option);
}

/* Refuses a run of which one file would eat another. */
static seine_status check_files(seine_detect_job *job, seine_error *error) {
    seine_target_file *files = SEINE_ARENA_ARRAY(&job->arena, seine_target_file, job->input_count + 2);
    size_t count = 0;
    if (files == NULL) return seine_no_memory(error, "detect");
    for (size_t i = 0; i < job->input_count; i++)
        files[count++] = (seine_target_file){"--input", job->inputs[i], SEINE_TARGET_READ};
    files[count++] = (seine_target_file){"--config-file", seine_args_text(job->args, "config-file"), SEINE_TARGET_READ};
    files[count++] = (seine_target_file){"--output", job->output, SEINE_TARGET_WRITE};
    return seine_targets_check(files, count, error);
}

static bool has_ending(const char *path, const char *ending) {
    return seine_str_ends_with_nocase(seine_str_of(path), seine_str_of(ending));
}

seine_status seine_detect_job_format(seine_detect_job *job, seine_error *error) {
    const char *name = NULL;
    SEINE_TRY(seine_format_choose("jsonl csv parquet", seine_args_text(job->args, "format"), job->output, "jsonl",
                                  &name, error));
    job->format = strcmp(name, "csv") == 0       ? SEINE_DETECT_CSV
                  : strcmp(name, "parquet") == 0 ? SEINE_DETECT_PARQUET
                                                 : SEINE_DETECT_JSONL;
    if (job->format == SEINE_DETECT_PARQUET && strcmp(job->output, "-") == 0)
        return seine_fail(error, SEINE_E_USAGE, "Parquet needs a file: give --output FILE");
    if (has_ending(job->output, ".gz") || has_ending(job->output, ".zst"))
        return seine_fail(error, SEINE_E_USAGE, "--output %s: compressed output is not written", job->output);
    return SEINE_OK;
}

/* A table with room for as many rows as the memory holds. */
static void make_table(seine_detect_job *j, const seine_messages_field *fields, size_t field_count, size_t row_bytes) {
    const size_t each = sizeof(seine_message) + field_count * sizeof(seine_messages_value) + row_bytes;
    const size_t room = j->memory.left_bytes / each;
    seine_messages_init(&j->detect.messages, room > 0 ? room * sizeof(seine_message) : 1, &j->pace);
    if (field_count > 0) seine_messages_want(&j->detect.messages, fields, field_count);
    j->detect.messages.may_lack_ssvid = j->detect.options.is_2024;
}

static seine_status read_fixes(seine_detect_job *j, const seine_messages_field *fields, size_t field_count,
                               size_t row_bytes, seine_error *error) {
    j->detect.fixes = &j->fixes;
    SEINE_TRY(seine_detect_shape_check(&j->detect, error));
    make_table(j, fields, field_count, row_bytes);
    return seine_detect_fixes_read(&j->fixes, j->inputs, j->input_count, seine_clock_now_us(), row_bytes, &j->memory,
                                   &j->detect, error);
}

seine_status seine_detect_job_messages(seine_detect_job *job, const seine_messages_field *fields, size_t field_count,
                                       size_t row_bytes, seine_error *error) {
    seine_messages *messages = &job->detect.messages;
    if (job->fixes.dataset != NULL) return read_fixes(job, fields, field_count, row_bytes, error);
    for (size_t i = 0; i < job->input_count; i++)
        SEINE_TRY(seine_detect_load(job->inputs[i], &job->memory, &job->pace, &job->texts[i], error));
    make_table(job, fields, field_count, row_bytes);
    for (size_t i = 0; i < job->input_count; i++) {
        const seine_detect_text *text = &job->texts[i];
        const seine_str given = seine_buf_str(&text->text);
        const size_t before = messages->rows.size;
        const seine_status status = text->is_csv ? seine_messages_read_csv(messages, given, text->name, error)
                                                 : seine_messages_read(messages, given, text->name, text->unit, error);
        if (status == SEINE_E_LIMIT && messages->rows.size + sizeof(seine_message) > messages->rows.max)
            return seine_detect_too_large(text->name, &job->memory, error);
        if (messages->lacks_key && messages->rows.size == before)
            return seine_detect_offer_datasets(text, status, error);
        SEINE_TRY(status);
    }
    const size_t rows = messages->rows.size / sizeof(seine_message);
    job->memory.left_bytes -= rows * (seine_messages_row_bytes(messages) + row_bytes);
    return SEINE_OK;
}

/* ---- what was refused ------------------------------------------------------------------------------------------ */

/* What was not taken from the file, "" = nothing. */
static const char *remarks_of(const seine_known_source *source, seine_arena *arena) {
    const char *text = seine_remarks_text(&source->remarks, arena);
    return text != NULL ? text : "";
}

void seine_detect_job_tell(const seine_detect_job *job) {
    const seine_detect_fixes *fixes = &job->fixes;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    for (size_t i = 0; i < fixes->refusal_count; i++) {
        const seine_detect_refusal *refusal = &fixes->refusals[i];
        seine_cli_note(job->args, "%" PRId64 " row%s refused by %.*s, the first: %s row %" PRIu64 ": %.*s",
                       refusal->rows, refusal->rows == 1 ? "" : "s", SEINE_STR_ARG(refusal->reason), refusal->file,
                       refusal->row, SEINE_STR_ARG(refusal->text));
    }
    for (size_t s = 0; s < fixes->sources.count; s++) {
        const char *text = remarks_of(&fixes->sources.items[s], &arena);
        if (text[0] != '\0') seine_cli_note(job->args, "%s: %s", fixes->sources.items[s].row.name, text);
    }
}

void seine_detect_job_put(const seine_detect_job *job, seine_json_writer *w) {
    const seine_detect_fixes *fixes = &job->fixes;
    if (fixes->dataset == NULL) return;
    seine_json_field_text(w, "dataset", fixes->dataset->name);
    seine_json_field_int(w, "rows", fixes->row_count);
    seine_json_field_int(w, "duplicates", fixes->duplicates);
    seine_json_field_array(w, "refused");
    for (size_t i = 0; i < fixes->refusal_count; i++) {
        const seine_detect_refusal *refusal = &fixes->refusals[i];
        seine_json_begin_object(w);
        seine_json_field_str(w, "reason", refusal->reason);
        seine_json_field_int(w, "rows", refusal->rows);
        seine_json_field_object(w, "first");
        seine_json_field_text(w, "file", refusal->file);
        seine_json_field_int(w, "row", (int64_t)refusal->row);
        seine_json_field_str(w, "text", refusal->text);
        seine_json_end_object(w);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

void seine_detect_job_end(seine_detect_job *job) {
    seine_detect_fixes_close(&job->fixes);
    seine_detect_free_stored(&job->detect);
    seine_messages_free(&job->detect.messages);
    seine_buf_free(&job->detect.gaps);
    seine_buf_free(&job->detect.fishing);
    seine_detect_free_segments(&job->detect);
    for (size_t i = 0; job->texts != NULL && i < job->input_count; i++) seine_buf_free(&job->texts[i].text);
    seine_arena_free(&job->arena);
}

/* ---- a whole command ------------------------------------------------------------------------------------------- */

static seine_status read_options(seine_detect_job *j, const seine_detect_command *command, seine_error *error) {
    const char *config = seine_args_text(j->args, "config-file");
    if (config != NULL) SEINE_TRY(seine_args_config(j->args, config, error));
    j->detect.options.kind = command->kind;
    SEINE_TRY(seine_detect_job_options(j, NULL, error));
    j->output = seine_args_text(j->args, "output");
    SEINE_TRY(command->check_dataset(j, error));
    SEINE_TRY(command->read_rules(j, error));
    SEINE_TRY(check_files(j, error));
    return seine_detect_job_format(j, error);
}

/* What was done: a remark on standard error, or with --json an object on standard output unless the rows go there. */
static seine_status tell(const seine_detect_job *j, const seine_detect_command *command, seine_error *error) {
    const bool is_stdout = strcmp(j->output, "-") == 0;
    if (command->warn != NULL) command->warn(j);
    if (!seine_args_json(j->args) || is_stdout) seine_detect_job_tell(j);
    if (!seine_args_json(j->args)) command->note(j, is_stdout ? "" : " → ", is_stdout ? "" : j->output);
    if (!seine_args_json(j->args) || is_stdout) return SEINE_OK;
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, 1 << 20);
    seine_json_writer w = seine_json_writer_to(&text);
    seine_json_begin_object(&w);
    command->put(j, &w);
    seine_detect_job_put(j, &w);
    seine_json_field_text(&w, "output", j->output);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

seine_status seine_detect_job_run(seine_args *args, const seine_detect_command *command, seine_error *error) {
    seine_detect_job j SEINE_OWNED(seine_detect_job_end) = {.args = args};
    SEINE_TRY(read_options(&j, command, error));
    j.detect.progress = j.pace.progress = seine_cli_progress(args);
    j.detect.pace = &j.pace;
    const size_t fields =
        command->fields_asked != NULL ? command->fields_asked(&j.detect.options) : command->field_count;
    SEINE_TRY(seine_detect_job_messages(&j, command->fields, fields, command->row_bytes, error));
    SEINE_TRY(command->run(&j.detect, error));
    SEINE_TRY(seine_detect_write(&j.detect, j.output, j.format, SEINE_FILE_REPLACE, error));
    seine_cli_progress_end(args);
    return tell(&j, command, error);
}
