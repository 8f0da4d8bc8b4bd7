/* seine stream: a topic of Kafka into a lake, batch by batch. */
#include "base/number.h"
#include "base/try.h"
#include "cli/args.h"
#include "cli/dataset_choice.h"
#include "cli/derive.h"
#include "cli/duration.h"
#include "cli/stream/metrics.h"
#include "cli/stream/shared.h"
#include "io/clock.h"
#include "io/patience.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <malloc.h>

#define JSON_BYTES_MAX ((size_t)1 << 16)
#define START_WAIT_US INT64_C(10000000)
#define START_PAUSE_US 500000
#define TRIM_US INT64_C(5000000)
#define REFRESH_MEMORY ((uint64_t)256 << 20) /* with a refresh beside it, unless said */
#define REFRESH_THREAD_BYTES ((uint64_t)128 << 20)

/* ---- what it tells ---- */

static void print_batch(const seine_stream_batch *batch) {
    const seine_record_report *counts = &batch->counts;
    printf("batch %" PRIu64 ": %" PRId64 " read = %" PRId64 " in %s + %s + %s", batch->number, counts->read,
           counts->silver, batch->place, seine_count((int64_t)counts->duplicates, "duplicate").text,
           seine_count((int64_t)counts->rejects, "reject").text);
    if (batch->lost > 0) printf(", %" PRId64 " lost", batch->lost);
    if (batch->lag_s >= 0) printf(", lag %.1f s", batch->lag_s);
    if (batch->behind > 0) printf(", %" PRId64 " wait", batch->behind);
    putchar('\n');
}

static void print_json_batch(const seine_stream_batch *batch) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_error why = {SEINE_OK, ""};
    seine_buf_init(&out, JSON_BYTES_MAX);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_int(&w, "batch", (int64_t)batch->number);
    seine_json_field_int(&w, "read", batch->counts.read);
    seine_json_field_int(&w, "silver", batch->counts.silver);
    seine_json_field_int(&w, "duplicates", batch->counts.duplicates);
    seine_json_field_int(&w, "rejects", batch->counts.rejects);
    seine_json_field_int(&w, "lost", batch->lost);
    seine_json_field_int(&w, "behind", batch->behind);
    seine_json_key(&w, SEINE_STR("lag_s"));
    if (batch->lag_s >= 0)
        seine_json_put_number(&w, batch->lag_s);
    else
        seine_json_put_null(&w);
    seine_json_field_number(&w, "seconds", batch->seconds);
    seine_cli_put_reject_words(&w, batch->counts.words);
    seine_json_field_text(&w, "first_reject",
                          batch->counts.first_reject[0] != '\0' ? batch->counts.first_reject : NULL);
    seine_json_end_object(&w);
    seine_best_effort(seine_cli_print_json(&w, &why));
}

/* What the callbacks are given. */
typedef struct telling {
    seine_args *args;
    seine_stream_metrics *metrics; /* NULL: nobody asks for them */
    seine_refresh_options refresh; /* what derive does */
    seine_models_options model_options;
    seine_models_report models;
    seine_progress quiet; /* hears the stop, tells nothing */
    bool was_away;        /* the lake, for the last refresh */
    int64_t trimmed_us;   /* when memory was given back last */
    char holder[37];      /* of its leases */
} telling;

static void end_telling(telling *t) { seine_stream_metrics_close(t->metrics); }

static void report(void *context, const seine_stream_batch *batch) {
    telling *t = context;
    seine_args *args = t->args;
    const int64_t now_us = seine_clock_monotonic_us();
    if (now_us - t->trimmed_us >= TRIM_US) {
        t->trimmed_us = now_us;
        (void)malloc_trim(0);
    }
    if (t->metrics != NULL) seine_stream_metrics_batch(t->metrics, batch);
    if (seine_args_json(args))
        print_json_batch(batch);
    else if (!seine_args_quiet(args))
        print_batch(batch);
    (void)fflush(stdout);
}

static void stand(void *context, const seine_stream_partition *partitions, size_t count) {
    const telling *t = context;
    seine_stream_metrics_stand(t->metrics, partitions, count);
}

static void note(void *context, const char *text) {
    const telling *t = context;
    seine_cli_note(t->args, "%s", text);
}

/* ---- what is derived beside the batches ---- */

/* In a thread of its own beside the batches: it draws no bar, for that is theirs. A refresh that fails is told, and the
 * stream goes on. */
static seine_status derive(void *context, seine_error *error) {
    telling *t = context;
    seine_refresh_report refresh = {0};
    seine_error why = {SEINE_OK, ""};
    t->models = (seine_models_report){0};
    const seine_status status = seine_refresh(seine_args_lake(t->args), &t->refresh, &refresh, &why);
    const bool is_told = status == SEINE_E_AWAY && t->was_away; /* what is away is told once */
    t->was_away = status == SEINE_E_AWAY;
    seine_models_report_free(&t->models);
    seine_refresh_report_free(&refresh);
    (void)malloc_trim(0);
    if (status == SEINE_E_INTERRUPTED) return seine_fail(error, status, "%s", why.text);
    if (status != SEINE_OK && !is_told) (void)fprintf(stderr, "seine stream: refresh: %s\n", why.text);
    return SEINE_OK;
}

/* A refresh beside the batches has half of the memory, and so many threads as have their share of that: each of them
 * holds a partition. */
static void share_memory(telling *t, seine_ingest_options *ingest, bool has_refresh) {
    if (!seine_args_given(t->args, "memory")) ingest->memory_bytes = has_refresh ? REFRESH_MEMORY : SEINE_INGEST_MEMORY;
    if (!has_refresh) return;
    ingest->memory_bytes /= 2;
    t->model_options.memory_bytes = ingest->memory_bytes;
    const uint64_t most = ingest->memory_bytes / REFRESH_THREAD_BYTES;
    if (most < (uint64_t)t->refresh.threads) t->refresh.threads = most > 1 ? (int)most : 1;
    t->model_options.threads = t->refresh.threads;
}

static seine_status prepare_refresh(telling *t, seine_error *error) {
    SEINE_TRY(seine_cli_refresh_options(t->args, &t->model_options, &t->models, &t->refresh, error));
    t->refresh.command = t->model_options.command = "stream refresh";
    t->quiet = (seine_progress){.stop = seine_cli_stop()};
    t->refresh.progress = t->model_options.progress = &t->quiet;
    return SEINE_OK;
}

/* ---- the command ---- */

/* A dataset of the lake, or one that comes with the program, or else a description; weather is a reference table. */
static seine_status read_dataset(seine_args *args, seine_arena *arena, seine_stream_options *options,
                                 seine_error *error) {
    static const seine_reference_kind weather = SEINE_REFERENCE_WEATHER;
    const char *name = seine_args_text(args, "dataset");
    const bool may_be_reference = strcmp(name, seine_reference_kind_name(weather)) == 0;
    const seine_status status =
        seine_cli_dataset_named(args, name, arena, &options->ingest.dataset, may_be_reference ? NULL : error);
    if (status != SEINE_E_NOT_FOUND || !may_be_reference) return status;
    if (seine_args_flag(args, "replay"))
        return seine_fail(error, SEINE_E_USAGE, "--replay: weather has no bronze that it could be made of anew");
    options->reference = &weather;
    options->ingest.dataset = NULL;
    return SEINE_OK;
}

/* As a broker is, a lake that is away is waited for at first. */
static seine_status read_dataset_patiently(seine_args *args, seine_arena *arena, seine_stream_options *options,
                                           seine_error *error) {
    const int64_t end_us = seine_clock_monotonic_us() + START_WAIT_US;
    seine_error why = {SEINE_OK, ""};
    seine_status status = read_dataset(args, arena, options, &why);
    for (int tries = 0; status == SEINE_E_AWAY && seine_clock_monotonic_us() < end_us; tries++) {
        if (tries == 0) seine_cli_note(args, "waits for the lake: %s", why.text);
        if (!seine_clock_pause(options->kafka.progress, seine_backoff_us(START_PAUSE_US, tries, START_WAIT_US / 4)))
            return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        status = read_dataset(args, arena, options, &why);
    }
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}

static seine_status replay(seine_args *args, const seine_ingest_options *options, seine_error *error) {
    seine_ingest_report remade;
    SEINE_TRY(seine_ingest_again(seine_args_lake(args), options, &remade, error));
    seine_cli_note(args, "silver was made anew from bronze, %s", seine_count((int64_t)remade.reread, "source").text);
    return SEINE_OK;
}

static seine_status read_options(telling *t, seine_arena *arena, seine_stream_options *options, seine_error *error) {
    seine_args *args = t->args;
    *options = (seine_stream_options){.kafka = seine_cli_kafka(args),
                                      .topic = seine_args_text(args, "topic"),
                                      .group = seine_args_text(args, "group"),
                                      .ingest = seine_cli_ingest_options(args),
                                      .dead_letter = seine_args_text(args, "dead-letter"),
                                      .idle_us = -1,
                                      .accepts_loss = seine_args_flag(args, "accept-loss"),
                                      .derive = derive,
                                      .report = report,
                                      .note = note,
                                      .context = t};
    if (options->topic == NULL) return seine_fail(error, SEINE_E_USAGE, "--topic is needed: what is to be read");
    SEINE_TRY(seine_cli_duration(args, "trigger", 1000, &options->trigger_us, error));
    if (seine_args_text(args, "until-idle") != NULL)
        SEINE_TRY(seine_cli_duration(args, "until-idle", 0, &options->idle_us, error));
    if (seine_args_text(args, "refresh-every") != NULL)
        SEINE_TRY(seine_cli_duration(args, "refresh-every", 1000000, &options->derive_every_us, error));
    SEINE_TRY(read_dataset_patiently(args, arena, options, error));
    if (options->ingest.dataset != NULL && !seine_args_given(args, "time-valid-from"))
        options->ingest.valid_from_us = options->ingest.dataset->valid_from_us;
    options->ingest.command = "stream";
    SEINE_TRY(prepare_refresh(t, error));
    share_memory(t, &options->ingest, options->derive_every_us > 0);
    SEINE_TRY(seine_uuid4(t->holder, error));
    options->ingest.holder = t->refresh.holder = t->holder;
    return SEINE_OK;
}

static seine_status open_metrics(telling *t, seine_stream_options *options, seine_error *error) {
    const char *address = seine_args_text(t->args, "metrics");
    if (address == NULL) return SEINE_OK;
    const char *dataset =
        options->reference != NULL ? seine_reference_kind_name(*options->reference) : options->ingest.dataset->name;
    SEINE_TRY(seine_stream_metrics_open(address, options->topic, dataset, &t->metrics, error));
    options->stand = stand;
    seine_cli_note(t->args, "metrics at %s", seine_stream_metrics_url(t->metrics));
    return SEINE_OK;
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_stream_options options;
    seine_stream_report totals;
    telling t SEINE_OWNED(end_telling) = {.args = args};
    /* It runs for ever, and must not keep what its largest batch or refresh took: threads come and go, and each may
     * have a heap of its own. */
    (void)mallopt(M_ARENA_MAX, 2);
    SEINE_TRY(read_options(&t, &arena, &options, error));
    SEINE_TRY(open_metrics(&t, &options, error));
    if (seine_args_flag(args, "replay")) SEINE_TRY(replay(args, &options.ingest, error));
    const seine_status status = seine_stream(seine_args_lake(args), &options, &totals, error);
    seine_cli_progress_end(args);
    if (totals.batches > 0 && !seine_args_json(args))
        seine_cli_note(args, "%s: %" PRId64 " read = %" PRId64 " in %s + %s + %s",
                       seine_count((int64_t)totals.batches, "batch").text, totals.counts.read, totals.counts.silver,
                       options.reference != NULL ? seine_reference_table(*options.reference) : "silver",
                       seine_count((int64_t)totals.counts.duplicates, "duplicate").text,
                       seine_count((int64_t)totals.counts.rejects, "reject").text);
    return status;
}

static const seine_option options_list[] = {
    SEINE_KAFKA_OPTIONS,
    {.name = "topic", .kind = SEINE_OPTION_TEXT, .metavar = "NAME", .help = "topic that is read"},
    {.name = "dataset",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "NAME|FILE",
     .fallback = "ais",
     .help = "what the records are: a dataset of the lake or of seine dataset ls, a description (.yaml), or weather, "
             "which goes to ref.weather"},
    {.name = "group",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "NAME",
     .help = "consumer group, whose members share the partitions; not given: one of this lake and dataset"},
    {.name = "dead-letter",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TOPIC",
     .help = "topic that refused records are sent to as well, with the headers reason, topic, partition, offset"},
    {.name = "trigger",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .fallback = "5s",
     .help = "a batch is committed so long after its first record, or when it is large: 500ms, 5s, 1m"},
    {.name = "until-idle",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "end when all was read and nothing came for so long; not given: go on until told to stop"},
    {.name = "refresh-every",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "bring events and gold tables up to date so often, beside the batches, as seine refresh does"},
    {.name = "metrics",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "[HOST]:PORT",
     .help = "tell Prometheus at /metrics there what is done and what waits; without HOST only on this machine"},
    {.name = "replay",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "first make silver of the dataset anew from bronze"},
    {.name = "accept-loss",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "go on where the topic begins when records were deleted before they were read; the ledger keeps which"},
    SEINE_THREADS_OPTION,
    {.name = "memory",
     .kind = SEINE_OPTION_INT,
     .metavar = "MIB",
     .least = 128,
     .most = 1048576,
     .setting = true,
     .help = "about how much memory rows may take before they are written out; not given: 960, and with "
             "--refresh-every 256, half of it for the refresh"},
    SEINE_INGEST_OPTIONS,
    SEINE_DERIVE_OPTIONS,
    SEINE_SHIPS_OPTIONS,
};

static const char description[] =
    "Reads the topic from where the lake is, and commits what it reads, batch by batch: each record as it was\n"
    "received to bronze.<dataset>_raw with topic, partition and offset, the valid ones to silver, the others with\n"
    "their reason to silver.<dataset>_rejects. The lake's positions move in the same transaction, so that every\n"
    "record is in the lake once, whatever is stopped or killed. Silver is what the same rows as files make.\n\n"
    "Several processes of a group share the partitions of a topic; one that slept while others went on commits\n"
    "nothing of theirs. Without --until-idle it goes on until it is told to stop (Ctrl-C, SIGTERM); what is not\n"
    "committed then is read again by the next one.";

const seine_command seine_cmd_stream = {
    .name = "stream",
    .summary = "Take a topic of Kafka into the lake, each record exactly once",
    .description = description,
    .example = "seine stream --lake lake --brokers 127.0.0.1:9092 --topic ais_raw --dataset maritime_guide\n"
               "seine stream --lake lake --brokers 127.0.0.1:9092 --topic ais_raw --dataset maritime_guide \\\n"
               "    --until-idle 10s\n"
               "seine stream --lake lake --kafka-file kafka.properties --topic ais_raw --refresh-every 1m",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run};
