/*
 * From a whole part to bronze and ledger. In this order, because a crash may come at any line:
 *
 *     the part's bytes get a name in bronze (a second one beside the part's) → ledger row → the part goes
 *
 * Before the ledger row the next run finds the whole part and does the same again; nothing is loaded twice.
 */
#include "fetch/internal.h"

#include "base/json.h"
#include "base/try.h"
#include "base/url.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/run.h"
#include "table/source.h"

#include <errno.h>
#include <unistd.h>

#define JOB "fetch/ais"
#define POSITION_MAX_BYTES 65536

static seine_status load(seine_fetch_ledger *ledger, seine_error *error) {
    seine_arena_free(&ledger->arena);
    SEINE_TRY(seine_ledger_sources(ledger->catalog, SEINE_DATASET_AIS, &ledger->arena, &ledger->sources,
                                   &ledger->source_count, error));
    return seine_ledger_positions(ledger->catalog, JOB, &ledger->arena, &ledger->positions, &ledger->position_count,
                                  error);
}

seine_status seine_fetch_ledger_open(const char *lake, bool writes, seine_fetch_ledger *ledger, seine_error *error) {
    *ledger = (seine_fetch_ledger){0};
    SEINE_TRY(seine_catalog_open(lake, &ledger->catalog, error));
    if (writes) SEINE_TRY(seine_lease_take(ledger->catalog, JOB, &ledger->lease, error));
    return load(ledger, error);
}

void seine_fetch_ledger_close(seine_fetch_ledger *ledger) {
    seine_lease_release(ledger->lease);
    seine_catalog_close(ledger->catalog);
    seine_arena_free(&ledger->arena);
}

/* ---- what is known ---- */

static bool text_equals(seine_json_value object, const char *key, const char *text, bool *is_told) {
    const seine_str value = seine_json_text(seine_json_get(object, key));
    *is_told = value.size > 0 && text[0] != '\0';
    return seine_str_equal(value, seine_str_of(text));
}

/* Whether the validators noted when the source came in speak against its being what is published now. */
static bool is_outdated(const seine_fetch_ledger *ledger, const seine_source *source, const seine_remote *remote) {
    for (size_t i = 0; i < ledger->position_count; i++) {
        const seine_position_row *row = &ledger->positions[i];
        if (strcmp(row->source, source->name) != 0 || strcmp(row->partition, source->sha256) != 0) continue;
        seine_json *json = NULL;
        if (seine_json_parse(seine_str_of(row->position), JOB, &json, NULL) != SEINE_OK) return false;
        const seine_json_value noted = seine_json_root(json);
        bool told_url, told_etag, told_time;
        const bool is_elsewhere = !text_equals(noted, "url", remote->shown, &told_url); /* mirrors have their own */
        const bool same_etag = text_equals(noted, "etag", remote->etag, &told_etag);
        const bool same_time = text_equals(noted, "last_modified", remote->last_modified, &told_time);
        seine_json_free(json);
        return !is_elsewhere && (told_etag ? !same_etag : told_time && !same_time);
    }
    return false;
}

/* What lies in quarantine is known only when the publisher says that it is the same still: junk may have stood there.
 */
static bool is_same_junk(const seine_fetch_ledger *ledger, const seine_source *source, const seine_remote *remote) {
    return remote->size == source->bytes && (remote->etag[0] != '\0' || remote->last_modified[0] != '\0') &&
           !is_outdated(ledger, source, remote);
}

/* Whether an archive that waits for its ingest is still there. */
static bool has_bytes(const seine_fetch_ledger *ledger, const seine_source *source) {
    seine_arena arena = {0};
    seine_file_info info = {.kind = SEINE_FILE_NONE};
    const char *path = seine_source_bytes_path(seine_catalog_path(ledger->catalog), source, &arena);
    const bool is_there = path != NULL && seine_file_stat(path, &info, NULL) == SEINE_OK &&
                          info.kind == SEINE_FILE_PLAIN && (int64_t)info.size == source->bytes;
    seine_arena_free(&arena);
    return is_there;
}

bool seine_fetch_is_known(const seine_fetch_ledger *ledger, const seine_remote *remote) {
    for (size_t i = 0; i < ledger->source_count; i++) {
        const seine_source *source = &ledger->sources[i];
        const bool counts = source->state == SEINE_SOURCE_LIVE || source->state == SEINE_SOURCE_FETCHED ||
                            source->state == SEINE_SOURCE_QUARANTINED;
        if (!counts || strcmp(source->name, remote->name) != 0) continue;
        if (remote->size >= 0 && remote->size != source->bytes) continue;
        if (source->state == SEINE_SOURCE_FETCHED && !has_bytes(ledger, source)) continue;
        if (source->state == SEINE_SOURCE_QUARANTINED && !is_same_junk(ledger, source, remote)) continue;
        if (!is_outdated(ledger, source, remote)) return true;
    }
    return false;
}

const seine_source *seine_fetch_stranger(const seine_fetch_ledger *ledger, const seine_remote *remote) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    char *url = NULL;
    if (seine_http_is_url(remote->url))
        url = seine_url_without_secrets(remote->url, &arena);
    else if (seine_file_uri_of_path(remote->url, &arena, &url, NULL) != SEINE_OK)
        url = NULL;
    for (size_t i = 0; url != NULL && i < ledger->source_count; i++) {
        const seine_source *source = &ledger->sources[i];
        const bool counts = source->state == SEINE_SOURCE_LIVE || source->state == SEINE_SOURCE_FETCHED;
        if (counts && strcmp(source->name, remote->name) == 0 && strcmp(source->url, url) != 0) return source;
    }
    return NULL;
}

/* ---- taking in ---- */

/* The part stays until the ledger has its row: a run that ends between finds it whole. */
static seine_status to_bronze(const char *lake, const seine_part *part, const char *sha256, seine_arena *arena,
                              const char **bronze_path, seine_error *error) {
    char *temp = seine_file_temp_name(arena, part->path);
    if (temp == NULL) return seine_no_memory(error, "fetch");
    if (link(part->path, temp) != 0)
        return seine_fail(error, SEINE_E_IO, "%s: cannot be linked: %s", temp, strerror(errno));
    return seine_source_put_bytes(lake, temp, *bronze_path, sha256, arena, bronze_path, error);
}

static seine_status put_position(seine_commit *commit, const seine_remote *remote, const seine_part *part,
                                 const char *sha256, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, POSITION_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&text);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "url", remote->shown);
    seine_json_field_text(&w, "etag", part->etag);
    seine_json_field_text(&w, "last_modified", part->last_modified);
    seine_json_end_object(&w);
    const char *position = w.status == SEINE_OK ? seine_buf_text(&text) : NULL;
    if (position == NULL) return seine_no_memory(error, remote->name);
    return seine_ledger_put_position(commit, &(seine_position_row){JOB, remote->name, sha256, position}, error);
}

typedef struct arrival {
    seine_source row;
    const seine_source *same, *former; /* of the same name: these bytes; others that feed silver or wait to */
} arrival;

static seine_status describe(const seine_fetch_ledger *ledger, const seine_remote *remote, const seine_downloaded *done,
                             seine_arena *arena, arrival *a, seine_error *error) {
    char *url = NULL;
    seine_status status = SEINE_OK;
    *a = (arrival){.row = {.dataset = SEINE_DATASET_AIS,
                           .name = remote->name,
                           .sha256 = done->sha256,
                           .bytes = (int64_t)done->bytes,
                           .ingested_at_us = seine_clock_now_us(),
                           .state = SEINE_SOURCE_FETCHED,
                           .reason = "",
                           .bronze_path = seine_source_bronze_path(arena, SEINE_DATASET_AIS, remote->name),
                           .url = remote->shown,
                           .greatest_us = INT64_MIN}};
    if (!seine_http_is_url(remote->url)) status = seine_file_uri_of_path(remote->url, arena, &url, error);
    if (url != NULL) a->row.url = url;
    if (status == SEINE_OK && a->row.bronze_path == NULL) status = seine_no_memory(error, "fetch");
    a->row.has_declared_day = seine_source_declared_day(SEINE_DATASET_AIS, remote->name, &a->row.declared_day);
    for (size_t i = 0; i < ledger->source_count; i++) {
        const seine_source *source = &ledger->sources[i];
        if (strcmp(source->name, remote->name) != 0) continue;
        const bool counts = source->state == SEINE_SOURCE_LIVE || source->state == SEINE_SOURCE_FETCHED;
        const bool is_whole = source->state == SEINE_SOURCE_LIVE || source->state == SEINE_SOURCE_QUARANTINED ||
                              (source->state == SEINE_SOURCE_FETCHED && has_bytes(ledger, source));
        if (strcmp(source->sha256, done->sha256) == 0)
            a->same = is_whole ? source : NULL;
        else if (counts)
            a->former = source;
    }
    return status;
}

/* What the run ledger keeps of an archive (table/run.h). */
static seine_status make_manifest(seine_fetch_ledger *ledger, const arrival *a, seine_run_manifest **run,
                                  seine_error *error) {
    const bool is_first = ledger->invocation[0] == '\0';
    SEINE_TRY(seine_run_begin(ledger->command != NULL ? ledger->command : "fetch", is_first ? NULL : ledger->invocation,
                              a->row.ingested_at_us, ledger->begun_us, run, error));
    if (is_first) memcpy(ledger->invocation, seine_run_id(*run), sizeof ledger->invocation);
    seine_run_setting_text(*run, "url", a->row.url);
    seine_run_input_source(*run, &a->row);
    seine_run_count(*run, "files", 1);
    seine_run_count(*run, "bytes", a->row.bytes);
    return SEINE_OK;
}

/* One ledger row, the validators, and a former archive that was never decoded leaves the queue. */
static seine_status commit_rows(seine_fetch_ledger *ledger, const seine_remote *remote, const seine_part *part,
                                const arrival *a, seine_error *error) {
    seine_run_manifest *run SEINE_OWNED(seine_run_free_owned) = NULL;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(make_manifest(ledger, a, &run, error));
    SEINE_TRY(seine_commit_begin(ledger->catalog, seine_run_id(run), &commit, error));
    SEINE_TRY(put_position(commit, remote, part, a->row.sha256, error));
    if (a->same == NULL) SEINE_TRY(seine_ledger_put_source(commit, &a->row, error));
    for (size_t i = 0; i < ledger->source_count; i++) {
        seine_source waiting = ledger->sources[i];
        if (waiting.state != SEINE_SOURCE_FETCHED || strcmp(waiting.name, remote->name) != 0 ||
            strcmp(waiting.sha256, a->row.sha256) == 0)
            continue;
        waiting.state = SEINE_SOURCE_REPLACED;
        waiting.reason = "replaced by other bytes of the same name";
        SEINE_TRY(seine_ledger_put_source(commit, &waiting, error));
    }
    SEINE_TRY(seine_run_join(run, commit, error));
    SEINE_TRY(seine_commit_run(SEINE_TAKE(commit), error));
    ledger->begun_us = seine_clock_monotonic_us();
    return SEINE_OK;
}

static seine_status take_in(seine_fetch_ledger *ledger, const seine_remote *remote, const seine_part *part,
                            const seine_downloaded *done, seine_fetch_outcome *outcome, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    arrival a = {0};
    SEINE_TRY(load(ledger, error)); /* it may have changed since the run began */
    SEINE_TRY(describe(ledger, remote, done, &arena, &a, error));
    if (a.same == NULL)
        SEINE_TRY(
            to_bronze(seine_catalog_path(ledger->catalog), part, done->sha256, &arena, &a.row.bronze_path, error));
    SEINE_TRY(commit_rows(ledger, remote, part, &a, error));
    *outcome = a.same != NULL ? SEINE_FETCH_PRESENT : a.former != NULL ? SEINE_FETCH_REPLACED : SEINE_FETCH_FETCHED;
    return load(ledger, error);
}

seine_status seine_fetch_publish(seine_fetch_ledger *ledger, const seine_remote *remote, const seine_part *part,
                                 const seine_downloaded *done, seine_fetch_outcome *outcome, seine_error *error) {
    seine_lease *lease SEINE_OWNED(seine_lease_release_owned) = NULL;
    SEINE_TRY(seine_lease_take(ledger->catalog, SEINE_LEASE_INGEST SEINE_DATASET_AIS, &lease, error));
    SEINE_TRY(take_in(ledger, remote, part, done, outcome, error));
    seine_lease_release(SEINE_TAKE(lease));
    seine_part_remove(part);
    return SEINE_OK;
}
