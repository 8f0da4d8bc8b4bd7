#include "cli/stream/metrics.h"

#include "base/number.h"
#include "io/clock.h"
#include "serve/stand_in.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct seine_stream_metrics {
    const char *topic, *dataset;
    seine_stand_in *server;
    char url[100];
    pthread_mutex_t mutex; /* over all that follows */
    seine_record_report counts;
    uint64_t batches, bytes;
    int64_t lost, last_commit_us;
    double commit_s, lag_s;
    seine_stream_partition partitions[SEINE_STREAM_METRICS_PARTITIONS];
    size_t partition_count;
    int64_t waiting; /* of all of them */
};

/* ---- counting ---- */

void seine_stream_metrics_batch(seine_stream_metrics *m, const seine_stream_batch *batch) {
    (void)pthread_mutex_lock(&m->mutex);
    m->batches++;
    m->bytes += batch->bytes;
    seine_record_report_add(&m->counts, &batch->counts);
    m->lost += batch->lost;
    m->commit_s += batch->seconds;
    m->lag_s = batch->lag_s;
    m->last_commit_us = seine_clock_wall_us();
    (void)pthread_mutex_unlock(&m->mutex);
}

void seine_stream_metrics_stand(seine_stream_metrics *m, const seine_stream_partition *partitions, size_t count) {
    (void)pthread_mutex_lock(&m->mutex);
    m->partition_count = count < SEINE_STREAM_METRICS_PARTITIONS ? count : SEINE_STREAM_METRICS_PARTITIONS;
    m->waiting = 0;
    for (size_t i = 0; i < count; i++) m->waiting += partitions[i].waiting;
    if (count > 0) memcpy(m->partitions, partitions, m->partition_count * sizeof *partitions);
    (void)pthread_mutex_unlock(&m->mutex);
}

/* ---- telling ---- */

static seine_status put_head(seine_buf *out, const char *name, const char *type, const char *help) {
    return seine_buf_printf(out, "# HELP seine_stream_%s %s\n# TYPE seine_stream_%s %s\n", name, help, name, type);
}

static seine_status put_value(const seine_stream_metrics *m, seine_buf *out, const char *name, const char *label,
                              double value) {
    return seine_buf_printf(out, "seine_stream_%s{topic=\"%s\",dataset=\"%s\"%s} %.17g\n", name, m->topic, m->dataset,
                            label, value);
}

static seine_status put_values(const seine_stream_metrics *m, seine_buf *out) {
    const struct {
        const char *name, *type, *help;
        double value;
    } rows[] = {
        {"records_total", "counter", "Records that were committed.", (double)m->counts.read},
        {"bytes_total", "counter", "Bytes of them, with their keys and headers.", (double)m->bytes},
        {"silver_rows_total", "counter", "Rows of silver that they became.", (double)m->counts.silver},
        {"duplicates_total", "counter", "Records of a mover and time that silver has.", (double)m->counts.duplicates},
        {"lost_records_total", "counter", "Records that retention had taken.", (double)m->lost},
        {"commits_total", "counter", "Batches that were committed.", (double)m->batches},
        {"commit_seconds_total", "counter", "Time that took.", m->commit_s},
        {"last_commit_timestamp_seconds", "gauge", "When the last one was.", (double)m->last_commit_us / 1e6},
        {"lag_seconds", "gauge", "From the newest record of the last batch to its commit.", m->lag_s},
        {"lag_records_sum", "gauge", "Records that wait in the partitions of this process.", (double)m->waiting},
        {"partitions", "gauge", "Partitions of this process.", (double)m->partition_count},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SEINE_TRY(put_head(out, rows[i].name, rows[i].type, rows[i].help));
        SEINE_TRY(put_value(m, out, rows[i].name, "", rows[i].value));
    }
    return SEINE_OK;
}

static seine_status put_labelled(const seine_stream_metrics *m, seine_buf *out) {
    char label[64];
    SEINE_TRY(put_head(out, "rejects_total", "counter", "Records that were refused, by the first word of the reason."));
    for (size_t i = 0; i < SEINE_REJECT_WORDS_MAX && m->counts.words[i].rows > 0; i++) {
        (void)snprintf(label, sizeof label, ",reason=\"%s\"", m->counts.words[i].word);
        SEINE_TRY(put_value(m, out, "rejects_total", label, (double)m->counts.words[i].rows));
    }
    SEINE_TRY(put_head(out, "lag_records", "gauge", "Records that wait in the topic."));
    for (size_t i = 0; i < m->partition_count; i++) {
        (void)snprintf(label, sizeof label, ",partition=\"%d\"", (int)m->partitions[i].partition);
        SEINE_TRY(put_value(m, out, "lag_records", label, (double)m->partitions[i].waiting));
    }
    SEINE_TRY(put_head(out, "position", "gauge", "Offset behind what was read."));
    for (size_t i = 0; i < m->partition_count; i++) {
        (void)snprintf(label, sizeof label, ",partition=\"%d\"", (int)m->partitions[i].partition);
        SEINE_TRY(put_value(m, out, "position", label, (double)m->partitions[i].position));
    }
    return SEINE_OK;
}

static seine_status put_all(void *body, seine_buf *out, bool *is_end) {
    seine_stream_metrics *m = body;
    *is_end = true;
    (void)pthread_mutex_lock(&m->mutex);
    seine_status status = put_values(m, out);
    if (status == SEINE_OK) status = put_labelled(m, out);
    (void)pthread_mutex_unlock(&m->mutex);
    return status;
}

static seine_status put_nothing(void *body, seine_buf *out, bool *is_end) {
    (void)body;
    *is_end = true;
    return seine_buf_append_str(out, "see /metrics\n");
}

static seine_status answer(void *context, const seine_stand_in_request *request, seine_stand_in_answer *answer) {
    const bool is_metrics = strcmp(seine_stand_in_path(request), "/metrics") == 0;
    *answer = (seine_stand_in_answer){.status = is_metrics ? 200 : 404,
                                      .content_type = is_metrics ? "text/plain; version=0.0.4; charset=utf-8"
                                                                 : "text/plain; charset=utf-8",
                                      .body = context,
                                      .more = is_metrics ? put_all : put_nothing};
    return SEINE_OK;
}

/* ---- listening ---- */

static seine_status parse_address(const char *address, char host[40], int64_t *port, seine_error *error) {
    const char *colon = strrchr(address, ':');
    const size_t size = colon == NULL ? 0 : (size_t)(colon - address);
    const char *number = colon == NULL ? address : colon + 1;
    if (size >= 40 || !seine_integer_parse(seine_str_of(number), port) || *port < 0 || *port > 65535)
        return seine_fail(error, SEINE_E_USAGE, "--metrics %s: a port, or an address and a port: :9600, 0.0.0.0:9600",
                          address);
    (void)snprintf(host, 40, "%.*s", (int)size, address);
    return SEINE_OK;
}

seine_status seine_stream_metrics_open(const char *address, const char *topic, const char *dataset,
                                       seine_stream_metrics **metrics, seine_error *error) {
    char host[40];
    int64_t port = 0;
    SEINE_TRY(parse_address(address, host, &port, error));
    seine_stream_metrics *made = calloc(1, sizeof *made);
    if (made == NULL || pthread_mutex_init(&made->mutex, NULL) != 0) {
        free(made);
        return seine_no_memory(error, "metrics");
    }
    made->topic = topic;
    made->dataset = dataset;
    const seine_stand_in_options options = {
        .host = host[0] != '\0' ? host : NULL, .port = (int)port, .answer = answer, .context = made};
    const seine_status status = seine_stand_in_open(&options, &made->server, error);
    if (status != SEINE_OK) {
        seine_stream_metrics_close(made);
        return status;
    }
    (void)snprintf(made->url, sizeof made->url, "http://%s:%d/metrics", host[0] != '\0' ? host : "127.0.0.1",
                   seine_stand_in_port(made->server));
    *metrics = made;
    return SEINE_OK;
}

const char *seine_stream_metrics_url(const seine_stream_metrics *metrics) { return metrics->url; }

void seine_stream_metrics_close(seine_stream_metrics *metrics) {
    if (metrics == NULL) return;
    seine_stand_in_close(metrics->server);
    (void)pthread_mutex_destroy(&metrics->mutex);
    free(metrics);
}
