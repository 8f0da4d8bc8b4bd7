/* seine serve: settings into the server's options, where the page lies, and running until a signal comes. */
#include "base/json.h"
#include "base/try.h"
#include "cli/cli.h"
#include "cli/target.h"
#include "io/file.h"
#include "model/model.h"
#include "serve/routes.h"
#include "serve/server.h"
#include "table/dataset.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_SECONDS 30
#define MIB ((int64_t)1024 * 1024)

/* ---- the page ---- */

/* The folder of the page, absolute: as told, else that of the installed program, else that of the build tree. */
static seine_status find_web(seine_args *args, seine_arena *arena, const char **folder, seine_error *error) {
    const char *told = seine_args_text(args, "web");
    char *absolute = NULL;
    *folder = NULL;
    if (told != NULL) {
        SEINE_TRY(seine_file_absolute(told, arena, &absolute, error));
        *folder = absolute;
        if (seine_file_exists(absolute)) return SEINE_OK;
        return seine_fail(error, SEINE_E_USAGE, "--web %s: there is no such folder", told);
    }
    static const char *const places[] = {"../share/seine/web", "../../web"};
    char program[4096];
    const ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    if (size <= 0) return SEINE_OK;
    program[size] = '\0';
    const size_t folder_size = (size_t)(seine_file_name(program) - program);
    for (size_t i = 0; i < sizeof places / sizeof *places && *folder == NULL; i++) {
        const char *place = seine_arena_printf(arena, "%.*s%s", (int)folder_size, program, places[i]);
        if (place == NULL) return seine_no_memory(error, "page");
        SEINE_TRY(seine_file_absolute(place, arena, &absolute, error));
        const char *index = seine_file_join(arena, absolute, "index.html");
        if (index == NULL) return seine_no_memory(error, "page");
        if (seine_file_exists(index)) *folder = absolute;
    }
    return SEINE_OK;
}

/* ---- lineage ---- */

/* Tables that are not made by models: of ships alone, and of every dataset. */
static const char *const enriched_inputs[] = {"silver.ais", "ref.ports", "ref.weather"};
static const seine_lineage enriched = {"silver.ais_enriched", enriched_inputs, 3};
static const struct {
    unsigned output; /* of the descriptions that have it */
    const char *format;
} event_tables[] = {{SEINE_OUTPUT_GAPS, "events.%s_gaps"},
                    {SEINE_OUTPUT_GAPS, "events.%s_gaps_history"},
                    {SEINE_OUTPUT_FISHING, "events.%s_fishing"},
                    {SEINE_OUTPUT_FISHING, "events.%s_fishing_history"}};
#define EVENT_TABLES (sizeof event_tables / sizeof *event_tables)

static seine_status add_events(const seine_dataset *dataset, seine_arena *arena, seine_lineage *lineage, size_t *count,
                               seine_error *error) {
    const char **silver = SEINE_ARENA_ARRAY(arena, const char *, 1);
    const char *name = seine_dataset_silver(dataset)->name;
    if (silver == NULL || (silver[0] = seine_arena_copy(arena, name, strlen(name))) == NULL)
        return seine_no_memory(error, "lineage");
    for (size_t i = 0; i < EVENT_TABLES; i++) {
        if ((dataset->outputs & event_tables[i].output) == 0) continue;
        const char *table = seine_arena_printf(arena, event_tables[i].format, dataset->name);
        if (table == NULL) return seine_no_memory(error, "lineage");
        lineage[(*count)++] = (seine_lineage){table, silver, 1};
    }
    return SEINE_OK;
}

/* Of what cannot be read no lineage is told; the server itself says why. */
static seine_status read_datasets(seine_catalog *catalog, seine_arena *arena, const seine_dataset *const **datasets,
                                  size_t *count, seine_error *error) {
    const seine_status status = seine_lake_datasets_read(catalog, arena, datasets, count, error);
    if (status != SEINE_E_FORMAT && status != SEINE_E_USAGE && status != SEINE_E_LIMIT) return status;
    *count = 0;
    return SEINE_OK;
}

/* What each table is made from: the headers of the models, as refresh reads them. */
static seine_status find_lineage(const char *lake, seine_model_set *set, seine_arena *arena,
                                 seine_server_options *options, seine_error *error) {
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    SEINE_TRY(seine_catalog_open(lake, &catalog, error));
    SEINE_TRY(seine_model_set_of_lake(catalog, NULL, 0, set, error));
    const seine_dataset *const *datasets = NULL;
    size_t dataset_count = 0;
    SEINE_TRY(read_datasets(catalog, arena, &datasets, &dataset_count, error));
    seine_lineage *lineage = SEINE_ARENA_ARRAY(arena, seine_lineage, set->count + 1 + dataset_count * EVENT_TABLES);
    if (lineage == NULL) return seine_no_memory(error, "lineage");
    size_t count = 0;
    lineage[count++] = enriched;
    for (size_t i = 0; i < dataset_count; i++) SEINE_TRY(add_events(datasets[i], arena, lineage, &count, error));
    for (size_t i = 0; i < set->count; i++) {
        const seine_model *model = &set->models[i];
        const char **inputs = SEINE_ARENA_ARRAY(arena, const char *, model->input_count + 1);
        if (inputs == NULL) return seine_no_memory(error, "lineage");
        for (size_t k = 0; k < model->input_count; k++) inputs[k] = model->inputs[k].table;
        lineage[count++] = (seine_lineage){model->schema.name, inputs, model->input_count};
    }
    options->lineage = lineage;
    options->lineage_count = count;
    return SEINE_OK;
}

/* ---- running ---- */

static int processors(void) {
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 && count < 64 ? (int)count : 2;
}

static seine_server_options options_of(seine_args *args) {
    const int count = processors();
    const int threads = (int)seine_args_int(args, "threads");
    return (seine_server_options){
        .routes = &seine_all_routes,
        .lake = seine_args_lake(args),
        .host = seine_args_text(args, "host"),
        .port = (int)seine_args_int(args, "port"),
        .token_file = seine_args_text(args, "token-file"),
        .cors = seine_args_text(args, "cors"),
        .access_log = seine_args_text(args, "access-log"),
        .rate = seine_args_number(args, "rate"),
        .workers = threads,
        .queue = (int)seine_args_int(args, "queue"),
        .accepting_threads = count < 4 ? count : 4,
        /* A statement runs in its worker: more threads make single look-ups slower, and many of them no quicker. */
        .engine_threads = 1,
        .timeout_s = (int)seine_args_int(args, "timeout"),
        .idle_s = (int)seine_args_int(args, "idle-timeout"),
        .least_rate = seine_args_int(args, "least-rate") * 1024,
        .send_bytes = seine_args_int(args, "send-mib") * MIB,
        .connections = (int)seine_args_int(args, "connections"),
        .live_clients = (int)seine_args_int(args, "live-clients"),
        .cache_bytes = seine_args_int(args, "cache-mib") * MIB,
        .shared_cache = seine_args_text(args, "cache"),
        .shared_ttl_s = seine_args_int(args, "cache-ttl"),
        .memory_bytes = seine_args_int(args, "memory-mib") * MIB,
        .shares_credentials = seine_args_flag(args, "iceberg-share-credentials"),
    };
}

static void put_address(seine_args *args, const seine_server_options *options, int port) {
    const bool is_v6 = strchr(options->host, ':') != NULL;
    if (seine_args_json(args))
        printf("{\"serving\":\"http://%s%s%s:%d\"}\n", is_v6 ? "[" : "", options->host, is_v6 ? "]" : "", port);
    else
        printf("serving http://%s%s%s:%d\n", is_v6 ? "[" : "", options->host, is_v6 ? "]" : "", port);
    (void)fflush(stdout);
}

static seine_status serve(seine_args *args, const seine_server_options *options, seine_error *error) {
    seine_server *server SEINE_OWNED(seine_server_close_owned) = NULL;
    const seine_progress *progress = seine_cli_progress(args);
    /* Bodies are made in one thread and freed in another: large ones go back to the system at once. */
    (void)mallopt(M_ARENA_MAX, 2);
    (void)mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    (void)mallopt(M_TRIM_THRESHOLD, 128 * 1024);
    /* A client that goes away is no reason to end. */
    (void)signal(SIGPIPE, SIG_IGN);
    SEINE_TRY(seine_server_open(options, &server, error));
    put_address(args, options, seine_server_port(server));
    while (!seine_progress_stopped(progress)) (void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    seine_server_drain(server, DRAIN_SECONDS);
    return SEINE_OK;
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_model_set set SEINE_OWNED(seine_model_set_free) = {0};
    seine_server_options options = options_of(args);
    const seine_target_file files[] = {{"--token-file", options.token_file, SEINE_TARGET_READ},
                                       {"--access-log", options.access_log, SEINE_TARGET_APPEND}};
    SEINE_TRY(seine_targets_check(files, 2, error));
    SEINE_TRY(find_web(args, &arena, &options.web_folder, error));
    SEINE_TRY(find_lineage(options.lake, &set, &arena, &options, error));
    return serve(args, &options, error);
}

static const seine_option options_list[] = {
    {.name = "port",
     .kind = SEINE_OPTION_INT,
     .metavar = "PORT",
     .fallback = "8000",
     .least = 0,
     .most = 65535,
     .setting = true,
     .help = "0 takes any free one; the line that is printed tells which"},
    {.name = "host",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "ADDRESS",
     .fallback = "127.0.0.1",
     .setting = true,
     .help = "address to listen at; any but this machine's own needs --token-file"},
    {.name = "token-file",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .setting = true,
     .help = "SHA-256 digests of the tokens that are let in, one a line"},
    {.name = "web",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FOLDER",
     .setting = true,
     .help = "files of the page; those beside the program when not given"},
    {.name = "cors",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "ORIGIN",
     .setting = true,
     .help = "origin whose pages may read answers, or *"},
    {.name = "rate",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "N",
     .fallback = "500",
     .least = 0,
     .most = 1e6,
     .setting = true,
     .help = "requests a second that one client may make, twice as many at once; 0 for any"},
    SEINE_THREADS_OPTION,
    {.name = "queue",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "64",
     .least = 1,
     .most = 100000,
     .setting = true,
     .help = "requests that may wait for a worker; more are told to come back"},
    {.name = "timeout",
     .kind = SEINE_OPTION_INT,
     .metavar = "SECONDS",
     .fallback = "30",
     .least = 1,
     .most = 3600,
     .setting = true,
     .help = "longest time for one answer"},
    {.name = "idle-timeout",
     .kind = SEINE_OPTION_INT,
     .metavar = "SECONDS",
     .fallback = "30",
     .least = 1,
     .most = 3600,
     .setting = true,
     .help = "connections on which no whole request comes so long are closed"},
    {.name = "least-rate",
     .kind = SEINE_OPTION_INT,
     .metavar = "KIB",
     .fallback = "4",
     .least = 0,
     .most = 1000000,
     .setting = true,
     .help = "KiB a second that a client has to take of an answer, measured over the idle timeout; 0 for any"},
    {.name = "send-mib",
     .kind = SEINE_OPTION_INT,
     .metavar = "MIB",
     .fallback = "256",
     .least = 1,
     .most = 1000000,
     .setting = true,
     .help = "memory for answers that are being sent; beyond it clients are told to come back"},
    {.name = "connections",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "1000",
     .least = 1,
     .most = 100000,
     .setting = true,
     .help = "connections at once"},
    {.name = "live-clients",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "100",
     .least = 0,
     .most = 100000,
     .setting = true,
     .help = "clients that follow /api/v1/live at once; more are told to come back"},
    {.name = "cache-mib",
     .kind = SEINE_OPTION_INT,
     .metavar = "MIB",
     .fallback = "256",
     .least = 1,
     .most = 1000000,
     .setting = true,
     .help = "memory for finished answers"},
    {.name = "cache",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "URL",
     .setting = true,
     .help = "Redis, for answers that several servers share: redis://[:PASSWORD@]HOST[:PORT][/NUMBER]"},
    {.name = "cache-ttl",
     .kind = SEINE_OPTION_INT,
     .metavar = "SECONDS",
     .fallback = "300",
     .least = 1,
     .most = 2592000,
     .setting = true,
     .help = "how long Redis keeps an answer; it is never stale, as it is of one snapshot"},
    {.name = "memory-mib",
     .kind = SEINE_OPTION_INT,
     .metavar = "MIB",
     .fallback = "1024",
     .least = 64,
     .most = 1000000,
     .setting = true,
     .help = "memory for statements"},
    {.name = "access-log",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .setting = true,
     .help = "one line of JSON per request, - for standard error"},
    {.name = "iceberg-share-credentials",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .setting = true,
     .help = "give the keys by which this program reads a lake's bucket to whoever loads a table from /iceberg"},
};

const seine_command seine_cmd_serve = {
    .name = "serve",
    .summary = "answer HTTP requests over the lake",
    .description =
        "An HTTP API and the map over one lake. Nothing is ever changed. Each request sees one state of the lake, and "
        "the next one sees what was committed in between. Only this machine can reach it unless --host says otherwise. "
        "SIGTERM or Ctrl-C: running requests are answered, then it ends. The routes are listed at /docs and "
        "/openapi.json; other engines read the lake at /iceberg, an Iceberg REST catalog.",
    .example = "seine serve --lake lake --port 8000\n"
               "curl localhost:8000/api/v1/vessels/current?limit=5\n"
               "curl 'localhost:8000/api/v1/events?min_hours=12' -H 'Accept: application/geo+json'\n"
               "printf %s \"$TOKEN\" | sha256sum | cut -c 1-64 > tokens   # then --host 0.0.0.0 --token-file tokens",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
