/* The frame of `seine verify`: tables as of one moment, each check in turn. */
#include "base/try.h"
#include "io/file.h"
#include "refresh/refresh.h"
#include "verify/internal.h"

#define LOOKS_MAX 5

/* Whether no file of a table, or of the tables of a namespace, is damaged. */
static bool is_whole(const seine_verification *v, const char *name) {
    const size_t size = strlen(name), space = strcspn(name, ".");
    for (size_t i = 0; i < v->books.damaged_count; i++) {
        const char *path = v->books.damaged[i];
        if (seine_file_is_absolute(path)) return false; /* outside of the lake: of any table */
        if (strlen(path) <= size || path[size] != '/' || path[space] != '/' || strncmp(path, name, space) != 0)
            continue;
        if (space == size || strncmp(path + space + 1, name + space + 1, size - space - 1) == 0) return false;
    }
    return true;
}

static bool is_ours(const seine_verification *v, const char *name) {
    bool is = seine_schema_find(name) != NULL;
    for (size_t i = 0; i < v->dataset_count; i++)
        is = is || strcmp(name, seine_dataset_silver(v->datasets[i])->name) == 0 ||
             strcmp(name, seine_dataset_rejects(v->datasets[i])->name) == 0 ||
             (v->datasets[i]->raw != NULL && strcmp(name, v->datasets[i]->raw->name) == 0);
    for (size_t i = 0; i < v->registry.count; i++) {
        const seine_detector_job *job = &v->registry.jobs[i].job;
        for (size_t k = 0; k < job->shape_count; k++) is = is || strcmp(name, job->shapes[k].name) == 0;
    }
    return is;
}

/* A lake made before there was such a table does not have it until it is needed. */
static seine_status load_tables(seine_verification *v, seine_error *error) {
    const char **names = NULL;
    size_t count = 0, ours = 0;
    SEINE_TRY(seine_catalog_tables(v->catalog, &v->arena, &names, &count, error));
    v->tables = SEINE_ARENA_ARRAY(&v->arena, seine_table *, count);
    if (v->tables == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < count; i++)
        if (is_ours(v, names[i]) && is_whole(v, names[i])) names[ours++] = names[i];
    seine_status status = seine_tables_load(v->catalog, names, ours, v->tables, error);
    v->table_count = status == SEINE_OK ? ours : 0;
    return status;
}

static seine_status verify_tables(seine_verification *v, seine_error *error) {
    for (size_t i = 0; i < v->table_count; i++) {
        if (seine_progress_stopped(v->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        seine_progress_report(v->options->progress, "tables", i, v->table_count);
        SEINE_TRY(seine_verify_one(v, v->tables[i], error));
    }
    return SEINE_OK;
}

/* Silver of each dataset whose files are whole. */
static seine_status verify_datasets(seine_verification *v, seine_error *error) {
    seine_verify_report *report = v->report;
    report->silver = SEINE_ARENA_ARRAY(&report->arena, seine_verify_silver_rows, v->dataset_count);
    if (report->silver == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < v->dataset_count; i++) {
        const seine_dataset *dataset = v->datasets[i];
        if (!is_whole(v, seine_dataset_silver(dataset)->name)) continue;
        seine_verify_silver_rows *silver = &report->silver[report->silver_count++];
        *silver = (seine_verify_silver_rows){.dataset = dataset};
        SEINE_TRY(seine_verify_silver(v, silver, error));
        if (is_whole(v, seine_dataset_rejects(dataset)->name)) SEINE_TRY(seine_verify_sources(v, dataset, error));
    }
    return SEINE_OK;
}

/* What each comparison reads; with one of these damaged it would only tell the same damage again. */
static seine_status verify_rows(seine_verification *v, seine_error *error) {
    static const struct {
        seine_status (*check)(seine_verification *v, seine_error *error);
        const char *needs[5];
    } checks[] = {
        {seine_verify_events, {"events", "state"}},
        {seine_verify_columns, {NULL}},
        {seine_verify_references, {"ref"}},
        {seine_verify_gold, {"gold", "silver", "events", "ref"}},
    };
    SEINE_TRY(verify_datasets(v, error));
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        bool whole = true;
        for (size_t k = 0; checks[i].needs[k] != NULL; k++) whole = whole && is_whole(v, checks[i].needs[k]);
        if (whole) SEINE_TRY(checks[i].check(v, error));
    }
    return v->options->deep && v->books.damaged_count == 0 ? seine_verify_recomputed(v, error) : SEINE_OK;
}

/* *are_read: a description that is wrong is a finding, and without it nothing can be compared. */
static seine_status load_datasets(seine_verification *v, bool *are_read, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    const seine_status status =
        seine_lake_datasets_read(v->catalog, &v->report->arena, &v->datasets, &v->dataset_count, &why);
    *are_read = status == SEINE_OK;
    if (status == SEINE_E_FORMAT || status == SEINE_E_USAGE || status == SEINE_E_LIMIT) {
        seine_verify_finding(v, "%s", why.text);
        return SEINE_OK;
    }
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}

/* With the parameters of the last refresh. */
static seine_status load_registry(seine_verification *v, seine_error *error) {
    const seine_refresh_options defaults = seine_refresh_options_default();
    seine_detector_settings settings = {defaults.gaps, defaults.weather_max_age_us, defaults.segments};
    int64_t shore_rule = settings.gaps.shore_rule;
    SEINE_TRY(seine_ledger_setting(v->catalog, SEINE_SETTING_MIN_GAP, &settings.gaps.min_gap_us, error));
    SEINE_TRY(seine_ledger_setting(v->catalog, SEINE_SETTING_HISTORY, &settings.gaps.history_us, error));
    SEINE_TRY(seine_ledger_setting(v->catalog, SEINE_SETTING_WEATHER_AGE, &settings.weather_max_age_us, error));
    SEINE_TRY(seine_ledger_setting(v->catalog, SEINE_SETTING_SHORE_RULE, &shore_rule, error));
    settings.gaps.shore_rule = shore_rule != 0;
    if (seine_registry_fill(&v->registry, v->datasets, v->dataset_count, &settings) != SEINE_OK)
        return seine_no_memory(error, "verifying");
    return seine_registry_recall(&v->registry, v->catalog, error);
}

/* One look at one state of the catalog. With tables missing the rest cannot be compared; that they are is finding
 * enough. Files that are damaged are not read again, the others are. A changed row of the ledger is told by what it
 * contradicts, too. */
static seine_status look(seine_verification *v, seine_error *error) {
    seine_books_report *books = &v->books;
    const seine_engine_options engine_options =
        v->options->deep ? seine_model_room_options(v->options->threads, v->options->memory_bytes, v->scratch.folder)
                         : (seine_engine_options){.threads = v->options->threads};
    SEINE_TRY(seine_catalog_read_begin(v->catalog, error));
    SEINE_TRY(seine_books_check(v->catalog, v->options->progress, seine_verify_keep, v, books, error));
    v->report->files = books->files;
    if (books->is_broken) return SEINE_OK;
    SEINE_TRY(seine_engine_open(&engine_options, &v->engine, error));
    bool are_read = false;
    SEINE_TRY(load_datasets(v, &are_read, error));
    if (!are_read) return SEINE_OK;
    SEINE_TRY(load_registry(v, error));
    SEINE_TRY(load_tables(v, error));
    SEINE_TRY(verify_tables(v, error));
    return v->report->findings == books->findings ? verify_rows(v, error) : SEINE_OK;
}

static void end_look(seine_verification *v) {
    for (size_t i = 0; i < v->table_count; i++) seine_table_close(v->tables[i]);
    v->table_count = 0;
    if (v->engine != NULL) seine_engine_close(v->engine);
    v->engine = NULL;
    seine_registry_free(&v->registry);
    seine_books_report_free(&v->books);
}

/* Files that were given up while they were looked at are no damage: look at the state of now. */
static bool must_look_again(seine_verification *v, seine_status status) {
    bool moved = false;
    if (status == SEINE_OK && v->report->findings == 0) return false;
    if (status == SEINE_E_NOMEM || status == SEINE_E_INTERRUPTED) return false;
    return seine_books_moved(v->catalog, &moved, NULL) == SEINE_OK && moved;
}

static void begin_again(seine_verification *v) {
    seine_catalog_read_end(v->catalog);
    seine_arena_free(&v->report->arena);
    *v->report = (seine_verify_report){.catalog = v->catalog};
    v->text_count = 0;
}

seine_status seine_verify(const char *lake, const seine_verify_options *options, seine_verify_report *report,
                          seine_error *error) {
    seine_verification v = {.options = options, .report = report};
    *report = (seine_verify_report){0};
    v.texts = SEINE_ARENA_ARRAY(&v.arena, const char *, SEINE_VERIFY_FINDINGS_MAX);
    if (v.texts == NULL) return seine_no_memory(error, "verifying");
    seine_status status = options->deep ? seine_scratch_open(NULL, "seine-verify-", &v.scratch, error) : SEINE_OK;
    if (status == SEINE_OK) status = seine_catalog_open(lake, &v.catalog, error);
    report->catalog = v.catalog;
    if (status == SEINE_OK) status = look(&v, error);
    for (int i = 1; v.catalog != NULL && i < LOOKS_MAX && must_look_again(&v, status); i++) {
        end_look(&v);
        begin_again(&v);
        status = look(&v, error);
    }
    end_look(&v);
    (void)seine_scratch_close(&v.scratch); /* the next one sweeps what stays */
    for (size_t i = 0; i < v.text_count && options->finding != NULL; i++)
        options->finding(options->context, v.texts[i]);
    seine_arena_free(&v.arena);
    return status;
}

void seine_verify_report_free(seine_verify_report *report) {
    if (report->catalog != NULL) seine_catalog_close(report->catalog);
    report->catalog = NULL;
    seine_arena_free(&report->arena);
}
