/** @file ingest/manifest.h  What an ingest tells the run ledger (table/run.h). */
#ifndef SEINE_INGEST_MANIFEST_H
#define SEINE_INGEST_MANIFEST_H

#include "ingest/partition_plan.h"
#include "table/run.h"

/** The manifest of a commit of all touched sources but @p except; the caller frees it. */
SEINE_MUST_USE seine_status seine_manifest_make(seine_session *session, uint32_t except,
                                                const seine_partition_plan *plan, seine_run_manifest **run,
                                                seine_error *error);
/** Keeps the manifest of a session that failed, best effort. */
void seine_manifest_failed(seine_session *session, const seine_error *why);

#endif
