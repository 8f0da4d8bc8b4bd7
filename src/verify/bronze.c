/* Bronze against the ledger: the bytes of every source that was ever taken in. */
#include "base/try.h"
#include "verify/verify.h"

#include "ingest/raw/read.h"
#include "ingest/source_text.h"
#include "io/reader.h"
#include "table/source.h"

#include <stdio.h>
#include <string.h>

#define LOOKS 2 /* a re-publication moves the former bytes aside while they are looked for */

typedef struct look {
    char sha256[65];
    uint64_t bytes;
    seine_status status;
    seine_error why;
} look;

static seine_status look_at(const char *lake, const seine_source *source, seine_arena *arena, look *l,
                            seine_error *error) {
    const char *path = seine_source_bytes_path(lake, source, arena);
    if (path == NULL) return seine_no_memory(error, "verifying");
    l->status = seine_file_hash(path, NULL, l->sha256, &l->bytes, &l->why);
    return l->status == SEINE_E_NOMEM ? seine_fail(error, SEINE_E_NOMEM, "%s", l->why.text) : SEINE_OK;
}

static bool is_right(const look *l, const seine_source *source) {
    return l->status == SEINE_OK && (int64_t)l->bytes == source->bytes && strcmp(l->sha256, source->sha256) == 0;
}

/* Gone from the ledger since: such a source was taken out of quarantine with its bytes. */
static seine_status is_known(const char *lake, const seine_source *source, bool *known, seine_error *error) {
    seine_catalog *now SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_source *sources = NULL;
    size_t count = 0;
    *known = false;
    SEINE_TRY(seine_catalog_open(lake, &now, error));
    SEINE_TRY(seine_ledger_sources(now, source->dataset, &arena, &sources, &count, error));
    for (size_t i = 0; i < count && !*known; i++)
        *known = strcmp(sources[i].name, source->name) == 0 && strcmp(sources[i].sha256, source->sha256) == 0 &&
                 sources[i].state == source->state;
    return SEINE_OK;
}

/* One source after the other, by their objects or, of topics, by their rows. */
typedef struct checking {
    seine_catalog *catalog;
    const seine_dataset *dataset;
    seine_engine *engine; /* opened when rows have to be read, and so is … */
    seine_table *raw;     /* … their table */
    void (*finding)(void *context, const char *text);
    void *context;
} checking;

static void end_checking(checking *c) {
    seine_table_close(c->raw);
    seine_engine_close(c->engine);
}

static seine_status check_object(const checking *c, const seine_source *source, seine_error *error) {
    const char *lake = seine_catalog_path(c->catalog);
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    look l = {.status = SEINE_E_INTERNAL};
    bool known = true;
    for (int i = 0; i < LOOKS && !is_right(&l, source); i++) SEINE_TRY(look_at(lake, source, &arena, &l, error));
    if (is_right(&l, source)) return SEINE_OK;
    SEINE_TRY(is_known(lake, source, &known, error));
    if (!known) return SEINE_OK;
    char text[1400];
    (void)snprintf(text, sizeof text, "source %s: %s", source->name,
                   l.status != SEINE_OK ? l.why.text : "its bytes in bronze are not those of its SHA-256");
    c->finding(c->context, text);
    return SEINE_OK;
}

static seine_status pass_over(void *context, const seine_raw_record *record, seine_error *error) {
    (void)context;
    (void)record;
    (void)error;
    return SEINE_OK;
}

/* Each record carries the hash of its payload; the table is of the same moment as the ledger. */
static seine_status check_records(checking *c, const seine_source *source, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_raw_source raw;
    seine_error why = {SEINE_OK, ""};
    SEINE_TRY(seine_source_engine(&c->engine, error));
    if (c->raw == NULL) SEINE_TRY(seine_table_load(c->catalog, c->dataset->raw->name, (seine_at){0}, &c->raw, error));
    SEINE_TRY(seine_raw_source_find(c->raw, source, &arena, &raw, error));
    const seine_status status = seine_raw_read(c->engine, c->dataset->raw, &raw, pass_over, NULL, &why);
    if (status == SEINE_E_NOMEM) return seine_fail(error, status, "%s", why.text);
    if (status != SEINE_OK) c->finding(c->context, why.text);
    return SEINE_OK;
}

seine_status seine_verify_bronze(seine_catalog *catalog, const seine_dataset *dataset, const seine_progress *progress,
                                 void (*finding)(void *context, const char *text), void *context, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    checking c SEINE_OWNED(end_checking) = {catalog, dataset, NULL, NULL, finding, context};
    seine_source *sources = NULL;
    size_t count = 0;
    SEINE_TRY(seine_ledger_sources(catalog, dataset->name, &arena, &sources, &count, error));
    for (size_t i = 0; i < count; i++) {
        seine_progress_report(progress, "bronze", i, count);
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        const bool is_of_records = dataset->raw != NULL && seine_source_is_of_records(&sources[i]);
        SEINE_TRY(is_of_records ? check_records(&c, &sources[i], error) : check_object(&c, &sources[i], error));
    }
    return SEINE_OK;
}
