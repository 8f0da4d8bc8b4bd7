/* `seine generate telematics`: messages of vehicles to a file, or behind the address of their API. */
#include "base/try.h"
#include "cli/format.h"
#include "cli/generate/generate.h"
#include "cli/generate/telematics_serve.h"
#include "cli/sink.h"
#include "cli/target.h"
#include "generate/telematics_api.h"
#include "io/clock.h"

#include <stdio.h>

#define RESULT_MAX_BYTES 4096

static seine_status read_file(const seine_args *args, const char *path, seine_telematics_file *file,
                              seine_error *error) {
    static const char *const others[] = {"faults", "wait", NULL};
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *format = NULL;
    size_t stem = 0;
    SEINE_TRY(seine_cli_generate_without(args, others, "is for --serve", error));
    SEINE_TRY(seine_cli_generate_messages(args, &file->telematics, error));
    if (file->telematics.at_us == 0) file->telematics.at_us = seine_clock_now_us();
    file->rows = (uint64_t)seine_args_int(args, "rows");
    file->threads = seine_cli_generate_threads(args);
    file->packing = seine_cli_generate_packing(path, &stem);
    const char *name = path != NULL ? seine_arena_copy(&arena, path, stem) : NULL;
    if (path != NULL && name == NULL) return seine_no_memory(error, "generate");
    SEINE_TRY(seine_format_choose("json jsonl", seine_args_text(args, "format"), name, "json", &format, error));
    file->is_array = strcmp(format, "json") == 0;
    return SEINE_OK;
}

static seine_status print(seine_args *args, const char *path, const seine_telematics_tally *tally, uint64_t bytes,
                          seine_error *error) {
    if (!seine_args_json(args)) {
        printf(
            "%llu messages in %s\n"
            "dropped are %llu without a time, then %llu without a vin, then %llu without a gear; the velocity filter "
            "drops %llu more\n"
            "%llu vins are SQL injections\n",
            (unsigned long long)tally->rows, path, (unsigned long long)tally->no_time,
            (unsigned long long)tally->no_vin, (unsigned long long)tally->no_gear, (unsigned long long)tally->too_fast,
            (unsigned long long)tally->injections);
        return SEINE_OK;
    }
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, RESULT_MAX_BYTES);
    seine_json_writer json = seine_json_writer_to(&text);
    seine_json_begin_object(&json);
    seine_json_field_int(&json, "rows", (int64_t)tally->rows);
    seine_json_field_int(&json, "bytes", (int64_t)bytes);
    seine_json_field_int(&json, "no_time", (int64_t)tally->no_time);
    seine_json_field_int(&json, "no_vin", (int64_t)tally->no_vin);
    seine_json_field_int(&json, "no_gear", (int64_t)tally->no_gear);
    seine_json_field_int(&json, "too_fast", (int64_t)tally->too_fast);
    seine_json_field_int(&json, "injections", (int64_t)tally->injections);
    seine_json_end_object(&json);
    return seine_cli_print_json(&json, error);
}

static seine_status write_messages(seine_args *args, seine_error *error) {
    const char *path = seine_args_text(args, "output");
    const bool is_file = path != NULL && strcmp(path, "-") != 0;
    const seine_target_file target = {"--output", path, SEINE_TARGET_WRITE};
    seine_telematics_file file = {.rows = 0};
    seine_telematics_tally tally;
    seine_sink sink;
    uint64_t bytes;
    SEINE_TRY(read_file(args, is_file ? path : NULL, &file, error));
    if (seine_args_json(args) && !is_file)
        return seine_fail(error, SEINE_E_USAGE, "--json needs --output FILE: standard output is for the messages");
    SEINE_TRY(seine_targets_check(&target, 1, error));
    SEINE_TRY(seine_sink_open(&sink, path, error));
    seine_status status =
        seine_generate_telematics(&file, seine_sink_write, &sink, seine_cli_progress(args), &tally, &bytes, error);
    status = seine_sink_close(&sink, status, SEINE_FILE_REPLACE, error);
    seine_cli_progress_end(args);
    SEINE_TRY(status);
    return is_file ? print(args, path, &tally, bytes, error) : SEINE_OK;
}

static seine_status run(seine_args *args, seine_error *error) {
    return seine_args_given(args, "serve") ? seine_cli_generate_serve(args, error) : write_messages(args, error);
}

static const seine_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "file that appears whole at the end, packed when it ends in .zst or .gz; standard output when not given"},
    {.name = "rows",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "10000",
     .least = 0,
     .most = 1e10,
     .help = "number of messages"},
    {.name = "format",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FORMAT",
     .help = "json (one array) or ndjson (a line for each message) (default: by the ending of -o, else json)"},
    SEINE_GENERATE_SEED_OPTION,
    {.name = "at",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "end of the time that messages are of (default: now); with it the same seed gives the same bytes"},
    {.name = "hours",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "1",
     .least = 1,
     .most = 87600,
     .help = "how long that time is"},
    {.name = "vehicles",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "23",
     .least = 1,
     .most = 1e7,
     .help = "number of vehicles; one in 23 never tells its vin, another always drives at 450 km/h"},
    {.name = "defects",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "SHARE",
     .fallback = "0.01",
     .least = 0,
     .most = 1,
     .help = "share of messages with a defect that the real API does not have: times and gears that are none, "
             "velocities out of range, empty vins, SQL injections"},
    SEINE_GENERATE_THREADS_OPTION,
    {.name = "serve",
     .kind = SEINE_OPTION_INT,
     .metavar = "PORT",
     .least = 0,
     .most = 65535,
     .help = "answer as the API does at this port of this machine, until Ctrl-C; 0 takes any free one; the line that "
             "is printed tells which"},
    {.name = "faults",
     .kind = SEINE_OPTION_LIST,
     .metavar = "NAMES",
     .help = "with --serve: what is wrong with the first answers, one after the other: " SEINE_TELEMATICS_FAULTS},
    {.name = "wait",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "SECONDS",
     .fallback = "20",
     .least = 0,
     .most = 3600,
     .help = "with --serve: how long the faults slow and stall wait"},
};

const seine_command seine_cmd_generate_telematics = {
    .name = "generate telematics",
    .summary = "Write messages of made-up vehicles, or answer as their API does",
    .description =
        "Messages as the upstream API of connected vehicles sends them: random ones of the last hour in no order, with "
        "12 fields and the nulls, blanks and wrong values of the real ones, at their rates. What is printed counts "
        "what an ingest must drop, by the first rule that does.\n\n"
        "With --serve it is that API: GET /upstream/vehicle_messages?amount=N gives an array of N messages (100 when "
        "not told, at most 1,000,000); every call gives others, seed=N the same. Answers go wrong on demand, by "
        "--faults or by fault=NAME in the address, so that clients can be tested.",
    .example = "seine generate telematics -o messages.json --rows 10000 --at 2025-01-31T12:00:00Z\n"
               "seine generate telematics -o big.ndjson.zst --rows 10000000 --hours 24 --vehicles 5000\n"
               "seine generate telematics --serve 9900\n"
               "curl 'http://127.0.0.1:9900/upstream/vehicle_messages?amount=10000'\n"
               "seine generate telematics --serve 9900 --faults 500,cut,slow   # and then right ones",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
