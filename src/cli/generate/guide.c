/* `seine generate ais --shape guide`: the one CSV of the maritime big-data guide. */
#include "base/time.h"
#include "base/try.h"
#include "cli/generate/generate.h"
#include "cli/sink.h"
#include "cli/target.h"
#include "generate/guide.h"

#include <stdio.h>

#define RESULT_MAX_BYTES 4096

static seine_status print(seine_args *args, const char *path, const seine_guide_result *result, seine_error *error) {
    if (!seine_args_json(args)) {
        printf(
            "%llu rows of %llu vessels in %s: %llu are repeated, %llu have no place that can be, %llu no such speed\n",
            (unsigned long long)result->rows, (unsigned long long)result->vessels, path,
            (unsigned long long)result->duplicates, (unsigned long long)result->bad_positions,
            (unsigned long long)result->bad_speeds);
        return SEINE_OK;
    }
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, RESULT_MAX_BYTES);
    seine_json_writer json = seine_json_writer_to(&text);
    seine_json_begin_object(&json);
    seine_json_field_int(&json, "rows", (int64_t)result->rows);
    seine_json_field_int(&json, "bytes", (int64_t)result->bytes);
    seine_json_field_int(&json, "vessels", (int64_t)result->vessels);
    seine_json_field_int(&json, "duplicates", (int64_t)result->duplicates);
    seine_json_field_int(&json, "bad_positions", (int64_t)result->bad_positions);
    seine_json_field_int(&json, "bad_speeds", (int64_t)result->bad_speeds);
    seine_json_end_object(&json);
    return seine_cli_print_json(&json, error);
}

static seine_status read_options(const seine_args *args, seine_guide_options *options, seine_error *error) {
    static const char *const others[] = {"vessels", "style", "format", "truth", "force", NULL};
    const char *path = seine_args_text(args, "out"), *start = seine_args_text(args, "start");
    size_t stem = 0;
    if (path == NULL) return seine_fail(error, SEINE_E_USAGE, "needs --out FILE");
    SEINE_TRY(seine_cli_generate_without(args, others, "is not for --shape guide", error));
    *options = (seine_guide_options){.rows = (uint64_t)seine_args_int(args, "rows"),
                                     .days = (uint32_t)seine_args_int(args, "days"),
                                     .interval_s = (uint32_t)seine_args_int(args, "interval"),
                                     .seed = (uint64_t)seine_args_int(args, "seed"),
                                     .packing = seine_cli_generate_packing(path, &stem),
                                     .threads = seine_cli_generate_threads(args)};
    if (seine_date_parse(seine_str_of(start), &options->first_day)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--start: \"%s\" is not a date YYYY-MM-DD", start);
}

seine_status seine_cli_generate_guide(seine_args *args, seine_error *error) {
    const char *path = seine_args_text(args, "out");
    seine_guide_options options;
    seine_guide_result result;
    seine_sink sink;
    SEINE_TRY(read_options(args, &options, error));
    const seine_target_file file = {"--out", path, SEINE_TARGET_WRITE};
    SEINE_TRY(seine_targets_check(&file, 1, error));
    if (seine_args_json(args) && strcmp(path, "-") == 0)
        return seine_fail(error, SEINE_E_USAGE, "--json: standard output is what --out names for the rows");
    SEINE_TRY(seine_sink_open(&sink, path, error));
    seine_status status =
        seine_generate_guide(&options, seine_sink_write, &sink, seine_cli_progress(args), &result, error);
    status = seine_sink_close(&sink, status, SEINE_FILE_REPLACE, error);
    seine_cli_progress_end(args);
    SEINE_TRY(status);
    return strcmp(path, "-") == 0 ? SEINE_OK : print(args, path, &result, error);
}
