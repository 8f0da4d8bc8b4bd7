/* What an ingest tells the run ledger: its settings, the files it took in or out, and what became of their rows. */
#include "ingest/manifest.h"

#include "base/try.h"

static const char *command_of(const seine_session *session) {
    return session->options.command != NULL ? session->options.command : "ingest";
}

static void put_settings(const seine_session *session, seine_run_manifest *run) {
    const seine_ingest_options *options = &session->options;
    seine_run_setting_int(run, "threads", options->threads);
    seine_run_setting_int(run, "memory_bytes", (int64_t)options->memory_bytes);
    seine_run_setting_int(run, "max_future_us", options->max_future_us);
    seine_run_setting_int(run, "valid_from_us", options->valid_from_us);
    seine_run_setting_flag(run, "replace", options->replace);
    seine_run_setting_int(run, "buckets", session->buckets);
}

static void put_counts(const seine_session *session, uint32_t except, const seine_partition_plan *plan,
                       seine_run_manifest *run) {
    int64_t files = 0, bytes = 0, rows = 0, rejects = 0, silver = 0;
    for (uint32_t s = 0; s < session->sources.count; s++) {
        const seine_known_source *entry = &session->sources.items[s];
        if (s == except || !entry->touched) continue;
        const seine_source brought = seine_known_source_brought(entry);
        seine_run_input_source(run, &brought);
        if (entry->path == NULL) continue; /* it leaves silver */
        files++;
        bytes += brought.bytes;
        rows += brought.rows;
        rejects += brought.rejects;
    }
    for (size_t p = 0; p < plan->count; p++) silver += plan->partitions[p].row.rows;
    seine_run_count(run, "files", files);
    seine_run_count(run, "bytes", bytes);
    seine_run_count(run, "rows", rows);
    seine_run_count(run, "rejects", rejects);
    seine_run_count(run, "partitions", (int64_t)plan->count);
    seine_run_count(run, "partition_rows", silver);
}

seine_status seine_manifest_make(seine_session *session, uint32_t except, const seine_partition_plan *plan,
                                 seine_run_manifest **run, seine_error *error) {
    const char *invocation = session->invocation[0] != '\0' ? session->invocation : session->options.invocation;
    SEINE_TRY(seine_run_begin(command_of(session), invocation, session->now_us, session->begun_us, run, error));
    if (invocation == NULL) memcpy(session->invocation, seine_run_id(*run), sizeof session->invocation);
    put_settings(session, *run);
    put_counts(session, except, plan, *run);
    return SEINE_OK;
}

void seine_manifest_failed(seine_session *session, const seine_error *why) {
    const seine_partition_plan nothing = {0};
    seine_run_manifest *run = NULL;
    if (why == NULL || seine_manifest_make(session, SEINE_NO_SOURCE, &nothing, &run, NULL) != SEINE_OK) return;
    seine_run_failed(run, session->catalog, why);
    seine_run_free(run);
}
