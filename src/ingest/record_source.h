/**
 * @file ingest/record_source.h
 * Sources of the ledger that records of a topic or of an API make. A stream commits every few seconds: each of its
 * commits brings more records to the newest source of a partition, or of the APIs of the dataset, and its small files
 * become larger ones, so that neither the ledger nor the tables grow with the number of commits.
 * Those of topics are called by ingest/topic_name.h, the others by their first pull (ingest/pull.c); their rows are in
 * the order of the records.
 */
#ifndef SEINE_INGEST_RECORD_SOURCE_H
#define SEINE_INGEST_RECORD_SOURCE_H

#include "ingest/session.h"

/** Records of one source at most, unless one commit brings more: it is read whole when a day of it is made anew. */
#define SEINE_RECORD_SOURCE_ROWS ((int64_t)1 << 20)

/**
 * The source that takes a run's records: the newest of its partition, or of APIs, if that is of this day (UTC) and has
 * room; or SEINE_NO_SOURCE: they begin a new one.
 */
uint32_t seine_record_source_find(const seine_session *session, const seine_record_run *run);
/**
 * Makes the files that this session has written of a source, of raw records and of refused ones, one with the newest
 * of the lake, when there are many (table/merge_files.h). The commit swaps them.
 * @return OK, what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_record_source_merge(seine_session *session, uint32_t source, seine_error *error);

#endif
