/* `seine generate weather` and `seine generate port-events`: records for the streams beside the positions. */
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/format.h"
#include "cli/generate/generate.h"
#include "cli/sink.h"
#include "cli/target.h"
#include "generate/sea_records.h"

#include <inttypes.h>
#include <stdio.h>

#define RESULT_MAX_BYTES 4096

static seine_status read_options(const seine_args *args, const char *path, seine_sea_records *records,
                                 seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *format = NULL, *start = seine_args_text(args, "start");
    size_t stem = 0;
    records->days = (uint32_t)seine_args_int(args, "days");
    records->interval_s = (uint32_t)seine_args_int(args, "interval");
    records->seed = (uint64_t)seine_args_int(args, "seed");
    records->threads = seine_cli_generate_threads(args);
    records->packing = seine_cli_generate_packing(path, &stem);
    if (records->kind == SEINE_SEA_PORT_EVENTS) records->vessels = (uint32_t)seine_args_int(args, "vessels");
    if (!seine_date_parse(seine_str_of(start), &records->first_day))
        return seine_fail(error, SEINE_E_USAGE, "--start: \"%s\" is not a date YYYY-MM-DD", start);
    const char *name = path != NULL ? seine_arena_copy(&arena, path, stem) : NULL;
    if (path != NULL && name == NULL) return seine_no_memory(error, "generate");
    SEINE_TRY(seine_format_choose("jsonl csv", seine_args_text(args, "format"), name, "jsonl", &format, error));
    records->is_csv = strcmp(format, "csv") == 0;
    return SEINE_OK;
}

static seine_status print(seine_args *args, const char *path, uint64_t rows, seine_error *error) {
    if (!seine_args_json(args)) {
        printf("%s in %s\n", seine_count((int64_t)rows, "record").text, path);
        return SEINE_OK;
    }
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, RESULT_MAX_BYTES);
    seine_json_writer json = seine_json_writer_to(&text);
    seine_json_begin_object(&json);
    seine_json_field_int(&json, "rows", (int64_t)rows);
    seine_json_end_object(&json);
    return seine_cli_print_json(&json, error);
}

static seine_status run(seine_args *args, seine_sea_records_kind kind, seine_error *error) {
    const char *path = seine_args_text(args, "output");
    const bool is_file = path != NULL && strcmp(path, "-") != 0;
    const seine_target_file target = {"--output", path, SEINE_TARGET_WRITE};
    seine_sea_records records = {.kind = kind};
    seine_sink sink;
    uint64_t rows = 0;
    SEINE_TRY(read_options(args, is_file ? path : NULL, &records, error));
    if (seine_args_json(args) && !is_file)
        return seine_fail(error, SEINE_E_USAGE, "--json needs --output FILE: standard output is for the records");
    SEINE_TRY(seine_targets_check(&target, 1, error));
    SEINE_TRY(seine_sink_open(&sink, path, error));
    seine_status status =
        seine_generate_sea_records(&records, seine_sink_write, &sink, seine_cli_progress(args), &rows, error);
    status = seine_sink_close(&sink, status, SEINE_FILE_REPLACE, error);
    seine_cli_progress_end(args);
    SEINE_TRY(status);
    return is_file ? print(args, path, rows, error) : SEINE_OK;
}

static seine_status run_weather(seine_args *args, seine_error *error) { return run(args, SEINE_SEA_WEATHER, error); }

static seine_status run_port_events(seine_args *args, seine_error *error) {
    return run(args, SEINE_SEA_PORT_EVENTS, error);
}

#define OUTPUT_OPTIONS                                                                                           \
    {.name = "output",                                                                                           \
     .letter = 'o',                                                                                              \
     .kind = SEINE_OPTION_TEXT,                                                                                  \
     .metavar = "FILE",                                                                                          \
     .help = "file that appears whole at the end, packed when it ends in .zst or .gz; standard output when not " \
             "given"},                                                                                           \
        {.name = "format",                                                                                       \
         .kind = SEINE_OPTION_TEXT,                                                                              \
         .metavar = "FORMAT",                                                                                    \
         .help = "jsonl (a line of JSON each) or csv (default: by the ending of -o, else jsonl)"},               \
        {.name = "days",                                                                                         \
         .kind = SEINE_OPTION_INT,                                                                               \
         .metavar = "N",                                                                                         \
         .fallback = "3",                                                                                        \
         .least = 1,                                                                                             \
         .most = 366,                                                                                            \
         .help = "number of days"},                                                                              \
        SEINE_GENERATE_START_OPTION

static const seine_option weather_options[] = {
    OUTPUT_OPTIONS,
    {.name = "interval",
     .kind = SEINE_OPTION_INT,
     .metavar = "SECONDS",
     .fallback = "3600",
     .least = 300,
     .most = 86400,
     .help = "time between two observations of a cell"},
    SEINE_GENERATE_SEED_OPTION,
    SEINE_GENERATE_THREADS_OPTION,
};

static const seine_option port_event_options[] = {
    OUTPUT_OPTIONS,
    SEINE_GENERATE_VESSELS_OPTION,
    {.name = "interval",
     .kind = SEINE_OPTION_INT,
     .metavar = "SECONDS",
     .fallback = "300",
     .least = 1,
     .most = 7200,
     .help = "time between two fixes of the same fleet in seine generate ais"},
    SEINE_GENERATE_SEED_OPTION,
    SEINE_GENERATE_THREADS_OPTION,
};

const seine_command seine_cmd_generate_weather = {
    .name = "generate weather",
    .summary = "Write made-up weather along the sea lanes",
    .description = "Of each cell of whole degrees that a sea lane touches, once an interval, in order of time:\n"
                   "lat_grid, lon_grid, timestamp, temperature (degrees C), wind_speed (m/s). It fits seine ref load\n"
                   "weather, and a topic.",
    .example =
        "seine generate weather -o weather.csv --days 3\n"
        "seine generate weather | seine produce - --brokers 127.0.0.1:9092 --topic weather_stream --key lat_grid",
    .options = weather_options,
    .option_count = sizeof weather_options / sizeof *weather_options,
    .run = run_weather,
};

const seine_command seine_cmd_generate_port_events = {
    .name = "generate port-events",
    .summary = "Write when the vessels of a made-up fleet came to ports and left",
    .description = "The same days, vessels, interval and seed make the same fleet as seine generate ais. In order of\n"
                   "time: event_id, mmsi, timestamp, event_type, port_name, latitude, longitude (of the port),\n"
                   "vessel_name. Types are PORT_ENTRY (3 km before the port), PORT_STOP_BEGIN, PORT_STOP_END,\n"
                   "PORT_EXIT (4 km behind it).",
    .example = "seine generate port-events -o port_events.jsonl --days 3 --vessels 1000\n"
               "seine generate port-events | seine produce - --brokers 127.0.0.1:9092 --topic port_events --key mmsi",
    .options = port_event_options,
    .option_count = sizeof port_event_options / sizeof *port_event_options,
    .run = run_port_events,
};
