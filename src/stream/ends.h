/** @file stream/ends.h  Where the partitions of a topic end, asked of its brokers. */
#ifndef SEINE_STREAM_ENDS_H
#define SEINE_STREAM_ENDS_H

#include "stream/stream.h"

/**
 * Fills in how many records wait behind the position of each partition, -1 where no broker tells; no member of a group
 * is needed for that. @return OK; E_NOT_FOUND no such topic; E_IO no broker answers; E_USAGE; E_INTERRUPTED, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_stream_ends(const seine_kafka *kafka, const char *topic,
                                              seine_stream_partition *partitions, size_t count, seine_error *error);

#endif
