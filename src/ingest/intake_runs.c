#include "base/hash.h"
#include "base/try.h"
#include "ingest/arrival.h"
#include "ingest/intake.h"
#include "ingest/record_source.h"
#include "ingest/remarks.h"
#include "ingest/topic_name.h"
#include "table/source.h"

/* Its row in the ledger: a new one, or that of a source which goes on. */
static seine_status open_source(seine_session *session, const seine_record_run *run, const char *url, uint32_t *source,
                                seine_error *error) {
    seine_arena *arena = &session->arena;
    *source = seine_record_source_find(session, run);
    if (*source != SEINE_NO_SOURCE) {
        seine_known_source *entry = &session->sources.items[*source];
        entry->before = entry->row;
        entry->path = url;
        entry->outcome = SEINE_INGEST_ADDED;
        entry->remarks = (seine_ingest_remarks){.dataset = session->dataset};
        entry->touched = true;
        if (run->topic == NULL) entry->row.reason = ""; /* of the pull before */
        return SEINE_OK;
    }
    const char *name = run->topic != NULL ? seine_topic_name_make(run, arena) : run->name;
    seine_arrival a = {.path = url, .url = url, .name = name};
    if (a.name != NULL) a.bronze_path = seine_source_records_path(arena, session->dataset->name, a.name);
    if (a.bronze_path == NULL) return seine_no_memory(error, url);
    uint8_t sum[SEINE_SHA256_BYTES];
    seine_sha256_of(a.bronze_path, strlen(a.bronze_path), sum);
    seine_hex(sum, sizeof sum, a.sha256);
    SEINE_TRY(seine_arrival_source(session, &a, source, error));
    session->sources.items[*source].row.has_declared_day = false;
    return SEINE_OK;
}

/* What the source has to say, of these records or of those before. */
static seine_status keep_remarks(seine_session *session, uint32_t source, seine_error *error) {
    seine_known_source *entry = &session->sources.items[source];
    const char *reason = seine_remarks_text(&entry->remarks, &session->arena);
    if (reason == NULL) return seine_no_memory(error, entry->row.name);
    if (reason[0] != '\0' || entry->row.reason == NULL) entry->row.reason = reason;
    return SEINE_OK;
}

static seine_status open_run(seine_session *session, const seine_record_run *run, const char *url, seine_raw_run *to,
                             seine_error *error) {
    to->run = run;
    to->url = run->topic == NULL
                  ? url
                  : seine_arena_printf(&session->arena, "%s/%s/%d", url, run->topic, (int)run->partition);
    if (to->url == NULL) return seine_no_memory(error, url);
    return open_source(session, run, to->url, &to->source, error);
}

/* Nothing of it may be left out: its position goes on. */
static seine_status take_run(seine_session *session, seine_raw_run *run, seine_error *error) {
    seine_source_reader reader SEINE_OWNED(seine_source_reader_close) = {0};
    bool is_lake = false;
    if (seine_progress_stopped(session->options.progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    SEINE_TRY(seine_source_reader_open_run(session, run, &reader, error));
    SEINE_TRY(seine_intake_read(&reader, &is_lake, error));
    session->sources.items[run->source].row.bytes += run->file.size_bytes;
    SEINE_TRY(keep_remarks(session, run->source, error));
    return seine_record_source_merge(session, run->source, error);
}

seine_status seine_intake_runs(seine_session *session, const seine_record_run *runs, size_t count, const char *url,
                               seine_error *error) {
    seine_raw_run *taken = SEINE_ARENA_ARRAY(&session->arena, seine_raw_run, count + 1);
    size_t used = 0;
    if (taken == NULL) return seine_no_memory(error, "records");
    memset(taken, 0, (count + 1) * sizeof *taken);
    for (size_t i = 0; i < count; i++)
        if (runs[i].count > 0) SEINE_TRY(open_run(session, &runs[i], url, &taken[used++], error));
    seine_status status = seine_raw_runs_write(session, taken, used, error);
    for (size_t i = 0; status == SEINE_OK && i < used; i++) status = take_run(session, &taken[i], error);
    seine_raw_runs_free(taken, used);
    return status;
}
