/* Options, messages and forms that the commands of `seine detect` share. */
#include "cli/detect/job.h"

#include "base/try.h"
#include "cli/format.h"
#include "cli/target.h"

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

seine_status seine_detect_job_options(seine_detect_job *job, const char *other, seine_error *error) {
    SEINE_TRY(take_inputs(job, other, error));
    job->memory.max_bytes = job->memory.left_bytes = (size_t)seine_args_int(job->args, "max-memory") << 20;
    job->detect.options.ssvids = seine_args_list(job->args, "ssvids", &job->detect.options.ssvid_count);
    return SEINE_OK;
}

seine_status seine_detect_job_files(seine_detect_job *job, seine_error *error) {
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

seine_status seine_detect_job_messages(seine_detect_job *job, const seine_messages_field *fields, size_t field_count,
                                       size_t row_bytes, seine_error *error) {
    seine_messages *messages = &job->detect.messages;
    for (size_t i = 0; i < job->input_count; i++)
        SEINE_TRY(seine_detect_load(job->inputs[i], &job->memory, 1, &job->pace, &job->texts[i], error));
    make_table(job, fields, field_count, row_bytes);
    for (size_t i = 0; i < job->input_count; i++) {
        const seine_detect_text *text = &job->texts[i];
        const seine_status status =
            seine_messages_read(messages, seine_buf_str(&text->text), text->name, text->unit, error);
        if (status == SEINE_E_LIMIT && messages->rows.size + sizeof(seine_message) > messages->rows.max)
            return seine_detect_too_large(text->name, &job->memory, error);
        SEINE_TRY(status);
    }
    const size_t rows = messages->rows.size / sizeof(seine_message);
    job->memory.left_bytes -= rows * (seine_messages_row_bytes(messages) + row_bytes);
    return SEINE_OK;
}

void seine_detect_job_end(seine_detect_job *job) {
    seine_detect_free_stored(&job->detect);
    seine_messages_free(&job->detect.messages);
    seine_buf_free(&job->detect.gaps);
    seine_buf_free(&job->detect.fishing);
    seine_detect_free_segments(&job->detect);
    for (size_t i = 0; job->texts != NULL && i < job->input_count; i++) seine_buf_free(&job->texts[i].text);
    seine_arena_free(&job->arena);
}
