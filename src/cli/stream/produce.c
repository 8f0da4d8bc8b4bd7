/* seine produce: rows of files, or of a table, as records of a topic of Kafka. */
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/dataset_choice.h"
#include "cli/stream/shared.h"
#include "stream/produce.h"

#include <inttypes.h>

#define JSON_BYTES_MAX ((size_t)1 << 20)

static seine_status tell_json(const seine_produce_report *report, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, JSON_BYTES_MAX);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_int(&w, "sent", (int64_t)report->sent);
    seine_json_field_int(&w, "acknowledged", (int64_t)report->acknowledged);
    seine_json_field_int(&w, "failed", (int64_t)report->failed);
    seine_json_field_int(&w, "already_there", (int64_t)report->there);
    seine_json_field_int(&w, "bytes", (int64_t)report->bytes);
    seine_json_field_int(&w, "without_key", (int64_t)report->keyless);
    seine_json_field_int(&w, "ragged", (int64_t)report->ragged);
    seine_json_field_int(&w, "partitions", report->partitions);
    seine_json_field_bool(&w, "created", report->is_created);
    seine_json_field_number(&w, "seconds", report->seconds);
    seine_json_field_array(&w, "errors");
    for (size_t i = 0; i < report->error_count; i++) {
        seine_json_begin_object(&w);
        seine_json_field_text(&w, "error", report->errors[i].why);
        seine_json_field_int(&w, "rows", (int64_t)report->errors[i].rows);
        seine_json_field_int(&w, "first_row", (int64_t)report->errors[i].first);
        seine_json_end_object(&w);
    }
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

static void tell(const seine_args *args, const char *topic, const seine_produce_report *report) {
    for (size_t i = 0; i < report->error_count; i++)
        seine_cli_note(args, "%s not delivered: %s; the first is row %" PRIu64,
                       seine_count((int64_t)report->errors[i].rows, "row").text, report->errors[i].why,
                       report->errors[i].first);
    if (report->ragged > 0)
        seine_cli_note(args, "%s with another number of fields than the header: sent as text",
                       seine_count((int64_t)report->ragged, "row").text);
    if (report->there > 0) seine_cli_note(args, "%s there already", seine_count((int64_t)report->there, "row").text);
    if (report->keyless > 0)
        seine_cli_note(args, "%s without a key, in any partition", seine_count((int64_t)report->keyless, "row").text);
    seine_cli_note(args, "%s%s, %s: %s acknowledged of %" PRIu64 " sent, in %.1f s (%.0f rows/s)", topic,
                   report->is_created ? " was made" : "", seine_count((int64_t)report->partitions, "partition").text,
                   seine_count((int64_t)report->acknowledged, "row").text, report->sent, report->seconds,
                   report->seconds > 0 ? (double)report->acknowledged / report->seconds : 0.0);
}

/* ---- what is asked for ---- */

static seine_status read_time(const seine_args *args, const char *option, int64_t *time_us, seine_error *error) {
    const char *text = seine_args_text(args, option);
    if (text == NULL || seine_time_parse(seine_str_of(text), time_us)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--%s %s: not a time such as 2025-01-01 or 2025-01-01T12:00:00+01:00",
                      option, text);
}

/* 60 and 60x. */
static seine_status read_speed(const seine_args *args, double *speed, seine_error *error) {
    const char *text = seine_args_text(args, "speed");
    seine_str number = seine_str_of(text);
    if (text == NULL) return SEINE_OK;
    if (number.size > 0 && number.data[number.size - 1] == 'x') number.size--;
    if (seine_number_parse(number, speed) && *speed > 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--speed %s: a number above 0, such as 60x", text);
}

static void tell_rows(void *context, uint64_t acknowledged, double seconds) {
    seine_cli_note(context, "%s acknowledged (%.0f rows/s)", seine_count((int64_t)acknowledged, "row").text,
                   seconds > 0 ? (double)acknowledged / seconds : 0.0);
}

/* Options that mean nothing without a table are refused, not passed over. */
static seine_status check_words(const seine_args *args, size_t path_count, seine_error *error) {
    static const char *const of_tables[] = {"start", "stop", "speed"};
    const bool has_table = seine_args_text(args, "from-table") != NULL;
    if (has_table && path_count > 0)
        return seine_fail(error, SEINE_E_USAGE, "the rows of a table or those of files: not both");
    if (has_table && seine_args_flag(args, "resume"))
        return seine_fail(error, SEINE_E_USAGE, "--resume is of files; --start goes on with a table");
    if (!has_table && path_count == 0) return seine_fail(error, SEINE_E_USAGE, "needs FILE… or --from-table TABLE");
    for (size_t i = 0; i < sizeof of_tables / sizeof *of_tables; i++)
        if (!has_table && seine_args_given(args, of_tables[i]))
            return seine_fail(error, SEINE_E_USAGE, "--%s is of --from-table", of_tables[i]);
    return SEINE_OK;
}

/* The dataset of a table is its own unless another one is to read its rows. */
static seine_status read_table(seine_args *args, seine_arena *arena, seine_table_choice *table,
                               seine_produce_options *options, seine_error *error) {
    *table = (seine_table_choice){.lake = seine_args_lake(args),
                                  .table = seine_args_text(args, "from-table"),
                                  .key = options->key,
                                  .from_us = INT64_MIN,
                                  .to_us = INT64_MAX,
                                  .progress = options->kafka.progress};
    SEINE_TRY(read_time(args, "start", &table->from_us, error));
    SEINE_TRY(read_time(args, "stop", &table->to_us, error));
    if (table->to_us != INT64_MAX) table->to_us++; /* that moment is among them */
    SEINE_TRY(read_speed(args, &options->speed, error));
    options->table = table;
    if (!seine_args_given(args, "dataset")) return SEINE_OK;
    return seine_cli_new_dataset(args, arena, &table->dataset, error);
}

/* A file of which only the key is told may hold anything. */
static seine_status read_options(seine_args *args, seine_arena *arena, seine_table_choice *table,
                                 seine_produce_options *options, seine_error *error) {
    *options = (seine_produce_options){.kafka = seine_cli_kafka(args),
                                       .topic = seine_args_text(args, "topic"),
                                       .creates = seine_args_flag(args, "create"),
                                       .partitions = (int)seine_args_int(args, "partitions"),
                                       .replicas = (int)seine_args_int(args, "replicas"),
                                       .rate = seine_args_number(args, "rate"),
                                       .key = seine_args_text(args, "key"),
                                       .resumes = seine_args_flag(args, "resume"),
                                       .tell_every = (uint64_t)seine_args_int(args, "tell-every"),
                                       .tell = tell_rows,
                                       .context = args};
    if (options->topic == NULL) return seine_fail(error, SEINE_E_USAGE, "--topic is needed: where the rows go");
    if (options->replicas == 0) options->replicas = -1;
    if (seine_args_text(args, "from-table") != NULL) return read_table(args, arena, table, options, error);
    if (options->key != NULL && !seine_args_given(args, "dataset")) return SEINE_OK;
    return seine_cli_dataset_of_files(args, arena, &options->dataset, error);
}

static seine_status run(seine_args *args, seine_error *error) {
    size_t count;
    const char *const *paths = seine_args_list(args, NULL, &count);
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_produce_options options;
    seine_table_choice table;
    seine_produce_report report = {0};
    SEINE_TRY(check_words(args, count, error));
    SEINE_TRY(read_options(args, &arena, &table, &options, error));
    const seine_status status = seine_produce(paths, count, &options, &report, error);
    seine_cli_progress_end(args);
    if (status == SEINE_OK || report.sent > 0) {
        if (seine_args_json(args))
            SEINE_TRY(tell_json(&report, status == SEINE_OK ? error : NULL));
        else
            tell(args, options.topic, &report);
    }
    if (report.failed > 0) seine_cli_found_wrong(args);
    return status;
}

static const seine_option options_list[] = {
    SEINE_KAFKA_OPTIONS,
    {.name = "topic", .kind = SEINE_OPTION_TEXT, .metavar = "NAME", .help = "topic that the rows go to"},
    {.name = "create",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "make the topic when there is none; one that is there is taken as it is"},
    {.name = "partitions",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "3",
     .least = 1,
     .most = 10000,
     .help = "partitions of a topic that is made"},
    {.name = "replicas",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "0",
     .least = 0,
     .most = 100,
     .help = "replicas of each partition of a topic that is made; 0: as many as the brokers make"},
    {.name = "rate",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "ROWS",
     .fallback = "0",
     .least = 0,
     .most = 1e9,
     .help = "rows a second; 0: as fast as it goes"},
    {.name = "resume",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "go on with files that were sent in part: the rows that the topic has of them are left out"},
    {.name = "tell-every",
     .kind = SEINE_OPTION_INT,
     .metavar = "ROWS",
     .fallback = "0",
     .least = 0,
     .most = 1e9,
     .help = "tell each time that so many rows more were acknowledged, a line of standard error; 0: never"},
    {.name = "from-table",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TABLE",
     .help = "send the rows of a table of the lake, such as silver.ais, in the order of their time"},
    {.name = "start", .kind = SEINE_OPTION_TEXT, .metavar = "TIME", .help = "of a table: rows from this time on (UTC)"},
    {.name = "stop",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "of a table: rows up to this time (UTC), included"},
    {.name = "speed",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "X",
     .help = "of a table: as its times say, so many times as fast: 60x is an hour a minute; not given: as --rate says"},
    {.name = "key",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FIELD",
     .help = "field of the file, or column of the table, that is the key of a record; not given: the dataset's id"},
    SEINE_NEW_DATASET_OPTIONS,
};

static const char description[] =
    "Each row of CSV becomes a JSON object with the names of the file's header; records of JSON (an array, or JSON\n"
    "Lines) go as they are. Packed files are unpacked, Parquet and GPX become JSON; - is standard input. The key of a\n"
    "record is the id of its mover, so that all of a mover is in one partition and in order.\n\n"
    "--from-table sends the rows of a table in the order of their time, with the names that its dataset, or the one\n"
    "that --dataset names, reads: what comes into a lake by seine stream is the same table.\n\n"
    "The producer is idempotent and waits for all replicas. What no broker acknowledges is counted and named, and the\n"
    "command ends with 1. Ctrl-C delivers what was handed over, for some seconds, and tells how much that was. The\n"
    "same command with --resume goes on behind that, also after it was killed: each record tells in the header\n"
    "seine-source which row of which file it is.";

const seine_command seine_cmd_produce = {
    .name = "produce",
    .summary = "Send the rows of files or of a table to a topic of Kafka",
    .positional = "[FILE…]",
    .needs_lake = true,
    .description = description,
    .example = "seine produce ais_data.csv --brokers 127.0.0.1:9092 --topic ais_raw --create --partitions 3 "
               "--dataset maritime_guide --rate 50\n"
               "seine produce ais_data.csv --brokers 127.0.0.1:9092 --topic ais_raw --dataset maritime_guide --resume\n"
               "zcat more.csv.gz | seine produce - --brokers 127.0.0.1:9092 --topic ais_raw --key mmsi\n"
               "seine produce --from-table silver.ais --lake lake --speed 60x --brokers 127.0.0.1:9092 --topic replay\n"
               "seine produce ais_data.csv --topic ais_raw --key mmsi --brokers kafka:9093 \\\n"
               "    --kafka security.protocol=sasl_ssl --kafka sasl.mechanisms=PLAIN --kafka sasl.username=ships \\\n"
               "    --kafka 'sasl.password=${KAFKA_PASSWORD}'",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .run = run};
