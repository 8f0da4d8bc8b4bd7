#include "ingest/pull.h"

#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "ingest/intake.h"
#include "io/file.h"
#include "io/http_source.h"

#include <inttypes.h>
#include <stdio.h>

#define RECORDS_BYTES_MAX ((size_t)256 << 20)

typedef struct pulling {
    seine_session *session;
    const char *folder; /* for bodies on their way */
    bool is_lake;       /* a failure is the lake's, not the API's */
} pulling;

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
    const char *name = name_page(p);
    char sha256[65];
    uint64_t bytes = 0;
    if (name == NULL) return seine_no_memory(error, page->url);
    if (session->dataset->keeps_records) {
        size_t taken = 0;
        SEINE_TRY(seine_intake_records(session, records, name, page->url, &taken, error));
        if (taken > 0) return seine_intake_commit_when_full(session, error);
    }
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
    pulling p = {.session = session};
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
