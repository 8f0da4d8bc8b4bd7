/**
 * @file stream/produce.h
 * Rows of files, or of a table in the order of their time, as records of a topic. The producer is idempotent and waits
 * for all replicas: what a broker has acknowledged is in the topic once, in the order of the file within a partition.
 * Rows of one mover have one key, so that they are in one partition. A record of a file's row tells which one it is
 * (stream/sent_rows.h): another run can go on where one was stopped or killed.
 */
#ifndef SEINE_STREAM_PRODUCE_H
#define SEINE_STREAM_PRODUCE_H

#include "columns/dataset.h"
#include "stream/kafka.h"
#include "stream/ordered_rows.h"

#define SEINE_PRODUCE_ERRORS 8 /**< kinds of failed deliveries that are told apart; further ones count as the last */

typedef struct seine_produce_options {
    seine_kafka kafka;
    const char *topic;
    bool creates;                    /**< makes the topic when there is none */
    int partitions;                  /**< of one that is made */
    int replicas;                    /**< of each; -1 = as the brokers do */
    double rate;                     /**< rows a second; 0 = as fast as it goes */
    double speed;                    /**< of a table: seconds of its rows' times in one second; 0 = rate alone counts */
    const seine_table_choice *table; /**< whose rows are sent, in the place of files; NULL = files */
    const char *key;                 /**< field that is the key; NULL: the dataset's id */
    bool resumes;                    /**< of files: rows that the topic has of them are not sent again */
    uint64_t tell_every;             /**< tell is called for so many rows that were acknowledged; 0 = never */
    void (*tell)(void *context, uint64_t acknowledged, double seconds);
    void *context;
    const seine_dataset *dataset; /**< NULL: nobody knows what the file holds */
} seine_produce_options;

/** What became of rows: sent = acknowledged + failed. */
typedef struct seine_produce_report {
    uint64_t sent, acknowledged, failed;
    uint64_t there;   /**< rows that the topic had already: not sent */
    uint64_t bytes;   /**< of values that were acknowledged */
    uint64_t keyless; /**< rows without a key: they go to any partition */
    uint64_t ragged;  /**< rows of CSV with another number of fields than the header: sent as the text they are */
    struct {
        char why[120];
        uint64_t rows, first; /**< how many, and the first one's number in its file */
    } errors[SEINE_PRODUCE_ERRORS];
    size_t error_count;
    int partitions; /**< of the topic */
    bool is_created;
    double seconds;
} seine_produce_report;

/**
 * Sends the rows of files one after the other ("-": standard input), or those of the table. Ctrl-C ends it: what was
 * handed over is still delivered, for a few seconds.
 * @return OK, also with failed deliveries (see @p report, which is filled whatever is returned); E_NOT_FOUND: no such
 * topic, no such file or table; E_IO: no broker answers, they refuse, or a row was not acknowledged in time;
 * E_USAGE (settings, name of the topic); E_CONFLICT: the topic has other rows of a file that is to be gone on with;
 * E_INTERRUPTED; what reading returned.
 */
SEINE_MUST_USE seine_status seine_produce(const char *const *paths, size_t count, const seine_produce_options *options,
                                          seine_produce_report *report, seine_error *error);

#endif
