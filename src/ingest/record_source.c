#include "ingest/record_source.h"

#include "base/time.h"
#include "base/try.h"
#include "ingest/raw/read.h"
#include "ingest/raw/records.h"
#include "ingest/topic_name.h"
#include "table/merge_files.h"
#include "table/source.h"

static bool is_of(const seine_source *row, const seine_record_run *run) {
    seine_topic_name name;
    const seine_str text = seine_str_of(row->name);
    if (!seine_source_is_of_records(row)) return false;
    return run->topic != NULL ? seine_topic_name_is_of(text, run->topic, run->partition)
                              : !seine_topic_name_parse(text, &name);
}

/* The names of a partition are in the order of its records, those of APIs in the order of time. */
static uint32_t newest_of(const seine_session *session, const seine_record_run *run) {
    uint32_t newest = SEINE_NO_SOURCE;
    for (uint32_t s = 0; s < session->sources.count; s++) {
        const seine_source *row = &session->sources.items[s].row;
        if (!is_of(row, run)) continue;
        if (newest == SEINE_NO_SOURCE || strcmp(row->name, session->sources.items[newest].row.name) > 0) newest = s;
    }
    return newest;
}

uint32_t seine_record_source_find(const seine_session *session, const seine_record_run *run) {
    const uint32_t newest = newest_of(session, run);
    if (newest == SEINE_NO_SOURCE) return SEINE_NO_SOURCE;
    const seine_source *row = &session->sources.items[newest].row;
    const bool is_open = row->state == SEINE_SOURCE_LIVE &&
                         row->rows + (int64_t)run->count <= SEINE_RECORD_SOURCE_ROWS &&
                         seine_time_day(row->ingested_at_us) == seine_time_day(session->now_us);
    return is_open ? newest : SEINE_NO_SOURCE;
}

/* ---- files ---- */

static seine_status merge_raw(seine_session *session, uint32_t source, seine_error *error) {
    seine_table *table = NULL;
    seine_raw_file *written = seine_raw_file_of(&session->raw, source);
    const seine_table_schema *raw = session->dataset->raw;
    seine_raw_source old;
    size_t merged = 0;
    SEINE_TRY(seine_raw_table_of(session, &table, error));
    SEINE_TRY(seine_raw_source_find(table, &session->sources.items[source].row, &session->arena, &old, error));
    if (seine_merged_files(old.file_rows, old.count, written->file.rows) == 0) return SEINE_OK;
    SEINE_TRY(seine_session_engine(session, error));
    SEINE_TRY(seine_raw_source_sift(session->engine, raw, &old, error));
    if ((merged = seine_merged_files(old.file_rows, old.count, written->file.rows)) == 0) return SEINE_OK;
    const char **paths = old.paths + (old.count - merged);
    const char *batch = paths[merged] = written->file.path; /* there is room for one more */
    SEINE_TRY(seine_merge_files(session->engine, table, raw, paths, merged + 1, written->file.partition,
                                &session->arena, &written->file, error));
    seine_uncommitted_remove(batch);
    written->merged = paths;
    written->merged_count = merged;
    return SEINE_OK;
}

seine_status seine_record_source_merge(seine_session *session, uint32_t source, seine_error *error) {
    const seine_known_source *entry = &session->sources.items[source];
    SEINE_TRY(merge_raw(session, source, error));
    if (session->rejects.count == entry->reject_from) return SEINE_OK;
    SEINE_TRY(seine_session_engine(session, error));
    return seine_reject_files_merge(&session->rejects, session->catalog, session->engine, &entry->row,
                                    entry->reject_from, error);
}
