/** @file cli/stream/metrics.h  What a stream does, for Prometheus: counted batch by batch, told at /metrics. */
#ifndef SEINE_CLI_STREAM_METRICS_H
#define SEINE_CLI_STREAM_METRICS_H

#include "stream/stream.h"

typedef struct seine_stream_metrics seine_stream_metrics;

/**
 * Listens at @p address: a port of this machine's own (":9600", "9600"; 0: any free one), or an address and a port
 * ("0.0.0.0:9600"). The texts outlive it. @return OK; E_USAGE; E_IO the port is taken; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_stream_metrics_open(const char *address, const char *topic, const char *dataset,
                                                      seine_stream_metrics **metrics, seine_error *error);
/** "http://127.0.0.1:9600/metrics" */
const char *seine_stream_metrics_url(const seine_stream_metrics *metrics);
void seine_stream_metrics_batch(seine_stream_metrics *metrics, const seine_stream_batch *batch);
/** Partitions beyond SEINE_STREAM_METRICS_PARTITIONS are not told apart. */
void seine_stream_metrics_stand(seine_stream_metrics *metrics, const seine_stream_partition *partitions, size_t count);
#define SEINE_STREAM_METRICS_PARTITIONS 1000
/** NULL is allowed. */
void seine_stream_metrics_close(seine_stream_metrics *metrics);
SEINE_OWNED_POINTER(seine_stream_metrics, seine_stream_metrics_close);

#endif
