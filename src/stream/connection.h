/**
 * @file stream/connection.h
 * A client of librdkafka: made of the user's settings, quiet, and with the last thing that went wrong as one line.
 * Internal to src/stream. One thread at a time.
 */
#ifndef SEINE_STREAM_CONNECTION_H
#define SEINE_STREAM_CONNECTION_H

#include "base/try.h"
#include "stream/kafka.h"

#include <librdkafka/rdkafka.h>

#define SEINE_BROKER_WAIT_US (INT64_C(10) * 1000000) /**< so long a broker may take to answer at first */

#define SEINE_CLOSE_WAIT_US (INT64_C(4) * 1000000)

/** A setting that the program makes itself: what it promises depends on it. */
typedef struct seine_kafka_fixed {
    const char *key, *value;
} seine_kafka_fixed;

typedef struct seine_connection {
    rd_kafka_t *client;
    char brokers[256]; /**< as given, for messages */
    char fault[512];   /**< what the client told last of what went wrong; "" = nothing */
    rd_kafka_resp_err_t fault_code;
} seine_connection;

/**
 * Settings of a client in @p conf, which seine_connection_open takes over: the user's, then @p fixed ones, of which the
 * user may not set any (E_USAGE names it). Ends with a key NULL.
 * @return OK, E_USAGE (no brokers, a key that there is not, a value that it does not take, a secret on the command
 * line), E_NOT_FOUND (the file), E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_connection_settings(const seine_kafka *kafka, const seine_kafka_fixed *fixed,
                                                      seine_connection *connection, rd_kafka_conf_t **conf,
                                                      seine_error *error);
void seine_connection_settings_free(rd_kafka_conf_t **conf);
/** Makes the client; no broker has been asked yet. @p conf is taken over. @return OK, E_USAGE (settings that exclude
 * each other), E_NOMEM. */
SEINE_MUST_USE seine_status seine_connection_open(seine_connection *connection, rd_kafka_type_t type,
                                                  rd_kafka_conf_t *conf, seine_error *error);
/** Ends the client. Where librdkafka does not come to an end with that in SEINE_CLOSE_WAIT_US, it is left to the end of
 * the process: nothing that was promised depends on it. NULL client: nothing. */
void seine_connection_close(seine_connection *connection);
/**
 * How many partitions the topic has; 0: there is no such topic. Never makes one.
 * @return OK; E_IO: no broker answered within SEINE_BROKER_WAIT_US, or they refused, with their reason; E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_connection_topic(seine_connection *connection, const seine_progress *progress,
                                                   const char *topic, int *partitions, seine_error *error);
/**
 * Where a partition begins and ends, told by its leader: whoever got an answer knows that there is one.
 * @return OK; E_IO: nobody answered within SEINE_BROKER_WAIT_US; E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_connection_ends(const seine_connection *connection, const seine_progress *progress,
                                                  const char *topic, int32_t partition, int64_t *low, int64_t *high,
                                                  seine_error *error);
/**
 * Waits until each partition of a topic has a leader, as a producer has to before it sends anything: a batch that comes
 * too early is sent again, and one behind it may come in first: of a producer that it has never heard of the broker
 * takes any number for the first, and what it gets then for known. @return as seine_connection_ends.
 */
SEINE_MUST_USE seine_status seine_connection_leaders(const seine_connection *connection, const seine_progress *progress,
                                                     const char *topic, int partitions, seine_error *error);
/** Whether a topic may be called so. */
bool seine_topic_name_is_good(const char *topic);

#endif
