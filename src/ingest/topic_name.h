/**
 * @file ingest/topic_name.h
 * Names of sources that records of a topic make: topic, partition, offset of the first record. Those of a partition are
 * in the order of its records.
 *
 *     ais_raw-0@0000000000000001200
 */
#ifndef SEINE_INGEST_TOPIC_NAME_H
#define SEINE_INGEST_TOPIC_NAME_H

#include "ingest/record_runs.h"

/** What a name says. Borrowed. */
typedef struct seine_topic_name {
    seine_str topic;
    int64_t partition, first;
} seine_topic_name;

/** Name of the source that a run begins, in @p arena; NULL = out of memory. */
char *seine_topic_name_make(const seine_record_run *run, seine_arena *arena);
/** @return whether @p text is such a name. */
bool seine_topic_name_parse(seine_str text, seine_topic_name *name);
/** @return whether @p text is the name of a source of that partition. */
bool seine_topic_name_is_of(seine_str text, const char *topic, int32_t partition);

#endif
