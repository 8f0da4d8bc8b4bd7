#include "ingest/pull.h"

#include "base/array.h"
#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "ingest/intake.h"
#include "ingest/raw/records.h"
#include "ingest/record_source.h"
#include "ingest/remarks.h"
#include "io/file.h"
#include "io/http_source.h"

#include <inttypes.h>
#include <stdio.h>

#define RECORDS_BYTES_MAX ((size_t)256 << 20)
#define HELD_BYTES ((size_t)64 << 20) /* of records that wait; more are taken in before the next page */
#define HELD_MAX ((size_t)1 << 26)

typedef struct pulling {
    seine_session *session;
    const char *folder; /* for bodies on their way */
    bool is_lake;       /* a failure is the lake's, not the API's */
    /* Records that are new and wait: one run, whatever pages they were on. */
    seine_arena arena;
    seine_record *records;
    size_t count, capacity, bytes;
    bool has_known; /* others of their pages had come before */
} pulling;

static void end_pulling(pulling *p) { seine_arena_free(&p->arena); }

/* Whether a live source has these bytes, whatever it is called. */
static bool is_known(const seine_session *session, const char *sha256) {
    for (size_t s = 0; s < session->sources.count; s++) {
        const seine_source *row = &session->sources.items[s].row;
        if (row->state == SEINE_SOURCE_LIVE && strcmp(row->sha256, sha256) == 0) return true;
    }
    return false;
}

/* `telematics-20250131T120000.123456Z-1.json`: when it was asked for, and which page of the command it is. */
static const char *name_page(pulling *p) {
    seine_session *session = p->session;
    char time[40], plain[40];
    size_t size = 0;
    (void)seine_time_format(session->now_us, time);
    for (const char *at = time; *at != '\0' && size + 1 < sizeof plain; at++)
        if (*at != '-' && *at != ':') plain[size++] = *at;
    plain[size] = '\0';
    return seine_arena_printf(&session->arena, "%s-%s-%" PRIu64 "%s", session->dataset->name, plain,
                              ++session->pulled_pages, session->dataset->keeps_records ? "" : ".json");
}

/* ---- records ---- */

/* That no source of the lake has: one that was taken out keeps its rows in bronze. */
static const char *name_source(pulling *p) {
    const seine_known_sources *sources = &p->session->sources;
    for (;;) {
        const char *name = name_page(p);
        bool is_taken = false;
        for (size_t s = 0; name != NULL && s < sources->count; s++)
            is_taken = is_taken || strcmp(sources->items[s].row.name, name) == 0;
        if (!is_taken) return name;
    }
}

/* When there is no valid one among them, the pull is told as a file of such rows is. */
static seine_status tell_refused(pulling *p, seine_known_source *entry, seine_error *error) {
    const seine_source brought = seine_known_source_brought(entry);
    char text[1000];
    if (p->has_known || brought.rejects < brought.rows) return SEINE_OK;
    seine_remarks_refused(&entry->remarks, brought.rows, text, sizeof text);
    entry->outcome = SEINE_INGEST_QUARANTINED;
    entry->row.reason = seine_arena_copy(&p->session->arena, text, strlen(text));
    return entry->row.reason != NULL ? SEINE_OK : seine_no_memory(error, entry->row.name);
}

static seine_status take_held(pulling *p, seine_error *error) {
    seine_session *session = p->session;
    seine_record_run run = {.name = name_source(p), .records = p->records, .count = p->count};
    const char *url = seine_arena_copy(&session->arena, p->records[0].url.data, p->records[0].url.size);
    if (run.name == NULL || url == NULL) return seine_no_memory(error, "records");
    uint32_t source = seine_record_source_find(session, &run);
    if (source != SEINE_NO_SOURCE && session->sources.items[source].touched) { /* by an address before */
        SEINE_TRY(seine_intake_commit(session, SEINE_NO_SOURCE, error));
        source = seine_record_source_find(session, &run);
    }
    if (source == SEINE_NO_SOURCE) source = (uint32_t)session->sources.count; /* the one that comes */
    SEINE_TRY(seine_intake_runs(session, &run, 1, url, error));
    SEINE_TRY(tell_refused(p, &session->sources.items[source], error));
    return seine_intake_commit_when_full(session, error);
}

static seine_status take_all_held(pulling *p, seine_error *error) {
    if (p->count == 0) return SEINE_OK;
    p->is_lake = true;
    SEINE_TRY(take_held(p, error));
    p->is_lake = false;
    seine_arena_free(&p->arena);
    p->records = NULL;
    p->count = p->capacity = p->bytes = 0;
    p->has_known = false;
    return SEINE_OK;
}

static seine_status hold(pulling *p, const seine_str *records, size_t count, const char *url, seine_error *error) {
    const char *at = seine_arena_copy(&p->arena, url, strlen(url));
    if (at == NULL || SEINE_ARENA_ROOM(&p->arena, p->records, p->count, p->capacity, count, HELD_MAX) != SEINE_OK)
        return seine_no_memory(error, url);
    for (size_t i = 0; i < count; i++) {
        const char *copy = seine_arena_copy(&p->arena, records[i].data, records[i].size);
        if (copy == NULL) return seine_no_memory(error, url);
        p->records[p->count++] =
            (seine_record){.payload = {copy, records[i].size}, .url = seine_str_of(at), .sent_us = INT64_MIN};
        p->bytes += records[i].size;
    }
    return p->bytes > HELD_BYTES ? take_all_held(p, error) : SEINE_OK;
}

/* *taken: records of the page; 0: they cannot be told apart, and nothing was done. */
static seine_status take_records(pulling *p, seine_str body, const char *url, size_t *taken, seine_error *error) {
    seine_session *session = p->session;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_str *fresh = NULL;
    size_t count = 0;
    SEINE_TRY(seine_raw_fresh(session, body, url, &arena, taken, &fresh, &count, error));
    session->report.known_records += *taken - count;
    p->has_known = p->has_known || count < *taken;
    if (count > 0) return hold(p, fresh, count, url, error);
    if (*taken > 0) seine_intake_tell(session, url, session->dataset->name, SEINE_INGEST_SAME, "");
    return SEINE_OK;
}

/* ---- pages ---- */

/* The records of a page that has some: its body as it was sent or, where they are a member of it, JSON of their own. */
static seine_status find_records(const seine_http_page *page, seine_buf *out, seine_str *records, seine_error *error) {
    *records = page->body;
    if (page->records == NULL) return SEINE_OK;
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_put_value(&w, page->records);
    *records = seine_buf_str(out);
    return w.status == SEINE_OK ? SEINE_OK : seine_no_memory(error, page->url);
}

static seine_status keep_records(pulling *p, const seine_http_page *page, seine_str records, const char *path,
                                 seine_error *error) {
    seine_session *session = p->session;
    char sha256[65];
    uint64_t bytes = 0;
    size_t taken = 0;
    if (session->dataset->keeps_records) SEINE_TRY(take_records(p, records, page->url, &taken, error));
    if (taken > 0) return SEINE_OK;
    const char *name = name_page(p);
    if (name == NULL) return seine_no_memory(error, page->url);
    SEINE_TRY(seine_file_write(path, records.data, records.size, SEINE_FILE_REPLACE, error));
    SEINE_TRY(seine_file_hash(path, NULL, sha256, &bytes, error));
    if (is_known(session, sha256)) {
        seine_intake_tell(session, page->url, name, SEINE_INGEST_SAME, "");
        return SEINE_OK;
    }
    SEINE_TRY(seine_intake_file(session, path, name, page->url, error));
    return seine_intake_commit_when_full(session, error);
}

static seine_status take(void *context, const seine_http_page *page, seine_error *error) {
    pulling *p = context;
    seine_str records;
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, RECORDS_BYTES_MAX);
    if (page->is_empty) return SEINE_OK; /* there is nothing new */
    SEINE_TRY(find_records(page, &text, &records, error));
    const char *near = seine_arena_printf(&p->session->arena, "%s/page.json", p->folder);
    const char *path = near != NULL ? seine_file_temp_name(&p->session->arena, near) : NULL;
    p->is_lake = true;
    if (path == NULL) return seine_no_memory(error, page->url);
    const seine_status status = keep_records(p, page, records, path, error);
    seine_uncommitted_remove(path);
    if (status == SEINE_OK) p->is_lake = false;
    return status;
}

/* The newest time that any source of the dataset has, less the look-back; NULL: there is none yet. */
static const char *since(seine_session *session) {
    int64_t newest_us = INT64_MIN;
    for (size_t s = 0; s < session->sources.count; s++) {
        const seine_source *row = &session->sources.items[s].row;
        if (row->state == SEINE_SOURCE_LIVE && row->greatest_us > newest_us) newest_us = row->greatest_us;
    }
    char *text = newest_us == INT64_MIN ? NULL : seine_arena_alloc(&session->arena, 40);
    if (text != NULL) (void)seine_time_format(newest_us - session->options.api.look_back_us, text);
    return text;
}

/* `{BRONZE_AMOUNT}` of a setting that is asked. NULL = out of memory. */
static const char *with_settings(const seine_dataset *dataset, seine_arena *arena, const char *url) {
    for (size_t i = 0; i < dataset->setting_count && url != NULL; i++) {
        const char *name = dataset->settings[i].name, *at = dataset->settings[i].is_asked ? strchr(url, '{') : NULL;
        const size_t size = strlen(name);
        while (at != NULL && (strncmp(at + 1, name, size) != 0 || at[size + 1] != '}')) at = strchr(at + 1, '{');
        if (at != NULL)
            url = seine_arena_printf(arena, "%.*s%.17g%s", (int)(at - url), url, dataset->settings[i].value,
                                     at + size + 2);
    }
    return url;
}

seine_status seine_pull(seine_session *session, const char *url, seine_error *error) {
    pulling p SEINE_OWNED(end_pulling) = {.session = session};
    char *folder = NULL;
    seine_error why = {SEINE_OK, ""};
    seine_http_source_report report;
    if (session->options.as != NULL) {
        (void)seine_fail(&why, SEINE_E_USAGE, "%s: --as names one file, and this is an address", url);
        seine_intake_tell(session, url, url, SEINE_INGEST_FAILED, why.text);
        return SEINE_OK;
    }
    SEINE_TRY(seine_file_scratch(session->lake, "", &session->arena, &folder, error));
    p.folder = folder;
    url = with_settings(session->given, &session->arena, url);
    if (url == NULL) return seine_no_memory(error, "an address");
    seine_http_source source = seine_http_source_default();
    source.url = url;
    source.headers = session->options.api.headers;
    source.next = session->options.api.next;
    source.records = session->options.api.records;
    source.since = since(session);
    source.progress = session->options.progress;
    const seine_status status = seine_http_source_run(&source, take, &p, &report, &why);
    if (!p.is_lake && status != SEINE_E_INTERRUPTED && status != SEINE_E_NOMEM) SEINE_TRY(take_all_held(&p, error));
    if (status == SEINE_OK) return SEINE_OK;
    if (p.is_lake || status == SEINE_E_INTERRUPTED || status == SEINE_E_NOMEM)
        return seine_fail(error, status, "%s", why.text);
    if (report.pages > 0 && strstr(url, "{since}") != NULL) {
        const seine_error cause = why;
        (void)seine_fail(&why, status,
                         "%.900s; what came before is kept: older records that are missing now are asked for with a "
                         "greater --look-back",
                         cause.text);
    }
    seine_intake_tell(session, url, session->dataset->name, SEINE_INGEST_FAILED, why.text);
    return SEINE_OK;
}
