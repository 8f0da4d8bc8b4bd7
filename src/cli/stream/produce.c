/* seine produce: rows of files as records of a topic of Kafka. */
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
        seine_cli_note(args, "%" PRIu64 " rows were not delivered: %s; the first is row %" PRIu64,
                       report->errors[i].rows, report->errors[i].why, report->errors[i].first);
    if (report->ragged > 0)
        seine_cli_note(args, "%" PRIu64 " rows have another number of fields than the header: sent as text",
                       report->ragged);
    if (report->keyless > 0)
        seine_cli_note(args, "%" PRIu64 " rows have no key: they may be in any partition", report->keyless);
    seine_cli_note(args,
                   "%s%s, %d partitions: %" PRIu64 " rows acknowledged of %" PRIu64 " sent, in %.1f s (%.0f rows/s)",
                   topic, report->is_created ? " was made" : "", report->partitions, report->acknowledged, report->sent,
                   report->seconds, report->seconds > 0 ? (double)report->acknowledged / report->seconds : 0.0);
}

/* A file of which only the key is told may hold anything. */
static seine_status read_options(seine_args *args, seine_arena *arena, seine_produce_options *options,
                                 seine_error *error) {
    *options = (seine_produce_options){.kafka = seine_cli_kafka(args),
                                       .topic = seine_args_text(args, "topic"),
                                       .creates = seine_args_flag(args, "create"),
                                       .partitions = (int)seine_args_int(args, "partitions"),
                                       .replicas = (int)seine_args_int(args, "replicas"),
                                       .rate = seine_args_number(args, "rate"),
                                       .key = seine_args_text(args, "key")};
    if (options->topic == NULL) return seine_fail(error, SEINE_E_USAGE, "--topic is needed: where the rows go");
    if (options->replicas == 0) options->replicas = -1;
    if (options->key != NULL && !seine_args_given(args, "dataset")) return SEINE_OK;
    return seine_cli_dataset_of_files(args, arena, &options->dataset, error);
}

static seine_status run(seine_args *args, seine_error *error) {
    size_t count;
    const char *const *paths = seine_args_list(args, NULL, &count);
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_produce_options options;
    seine_produce_report report = {0};
    SEINE_TRY(read_options(args, &arena, &options, error));
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
    {.name = "key",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FIELD",
     .help = "field of the file whose value is the key of a record; not given: the id of the dataset"},
    SEINE_NEW_DATASET_OPTIONS,
};

static const char description[] =
    "Each row of CSV becomes a JSON object with the names of the file's header; records of JSON (an array, or JSON\n"
    "Lines) go as they are. Packed files are unpacked; - is standard input. The key of a record is the id of its\n"
    "mover, so that all of a mover is in one partition and in order.\n\n"
    "The producer is idempotent and waits for all replicas. What no broker acknowledges is counted and named, and the\n"
    "command ends with 1. Ctrl-C delivers what was handed over, for some seconds, and tells how much that was.";

const seine_command seine_cmd_produce = {
    .name = "produce",
    .summary = "Send the rows of files to a topic of Kafka",
    .positional = "FILE…",
    .description = description,
    .example = "seine produce ais_data.csv --brokers 127.0.0.1:9092 --topic ais_raw --create --partitions 3 "
               "--dataset maritime_guide --rate 50\n"
               "zcat more.csv.gz | seine produce - --brokers 127.0.0.1:9092 --topic ais_raw --key mmsi\n"
               "seine produce ais_data.csv --topic ais_raw --key mmsi --brokers kafka:9093 \\\n"
               "    --kafka security.protocol=sasl_ssl --kafka sasl.mechanisms=PLAIN --kafka sasl.username=ships \\\n"
               "    --kafka 'sasl.password=${KAFKA_PASSWORD}'",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .run = run};
