/*
 * A cluster of Kafka for tests: librdkafka's own mock of one broker, no Java. It prints its address, then obeys lines
 * of standard input, each answered by lines of which the last is "ok", or "failed WHY"; it ends with its input.
 *
 *     topic NAME PARTITIONS               put TOPIC PARTITION KEY VALUE       bytes as hex; - is none, "" is "."
 *     header NAME VALUE                   of the next record that is put, one more each time; as hex
 *     error TOPIC CODE                    flush                               all that was put is in the topic
 *     fail API COUNT CODE                 read TOPIC                          PARTITION OFFSET KEY VALUE, all of them
 *     slow API COUNT MILLISECONDS         so many requests of a kind are answered so late
 *     down | up | delay MILLISECONDS      headers TOPIC                       PARTITION OFFSET NAME=VALUE …
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES ((size_t)48 << 20)
#define WAIT_MS 10000
#define PARTITIONS_MAX 64

typedef struct cluster {
    rd_kafka_t *client;
    rd_kafka_mock_cluster_t *mock;
    const char *address;
    int failed; /* of what was put */
    rd_kafka_headers_t *headers;
} cluster;

static void quiet(const rd_kafka_t *client, int level, const char *facility, const char *text) {
    (void)client;
    (void)level;
    (void)facility;
    (void)text;
}

static void answered(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    (void)client;
    if (message->err) ((cluster *)opaque)->failed++;
}

static void answer(const char *why) {
    if (why == NULL)
        puts("ok");
    else
        printf("failed %s\n", why);
    fflush(stdout);
}

static void answer_code(rd_kafka_resp_err_t code) { answer(code ? rd_kafka_err2str(code) : NULL); }

/* In place. @return the bytes; NULL = none. */
static char *unhex(char *text, size_t *size) {
    *size = 0;
    if (strcmp(text, "-") == 0) return NULL;
    if (strcmp(text, ".") == 0) return text;
    for (const char *at = text; at[0] != '\0' && at[1] != '\0'; at += 2) {
        const char digits[3] = {at[0], at[1], '\0'};
        text[(*size)++] = (char)strtoul(digits, NULL, 16);
    }
    return text;
}

static void put_hex(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    if (at == NULL || size == 0) printf(at == NULL ? " -" : " .");
    for (size_t i = 0; at != NULL && i < size; i++) printf(i == 0 ? " %02x" : "%02x", at[i]);
}

static void put(cluster *c, const char *topic, int partition, char *key, char *value) {
    size_t key_size, value_size;
    char *key_bytes = unhex(key, &key_size), *value_bytes = unhex(value, &value_size);
    rd_kafka_headers_t *headers = c->headers != NULL ? c->headers : rd_kafka_headers_new(0);
    c->headers = NULL;
    answer_code(rd_kafka_producev(c->client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                                  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key_bytes, key_size),
                                  RD_KAFKA_V_VALUE(value_bytes, value_size), RD_KAFKA_V_HEADERS(headers),
                                  RD_KAFKA_V_END));
}

static void add_header(cluster *c, char *name, char *value) {
    size_t name_size, value_size;
    const char *name_bytes = unhex(name, &name_size), *value_bytes = unhex(value, &value_size);
    if (c->headers == NULL) c->headers = rd_kafka_headers_new(4);
    answer_code(rd_kafka_header_add(c->headers, name_bytes, (ssize_t)name_size, value_bytes, (ssize_t)value_size));
}

static void flush(cluster *c) {
    const rd_kafka_resp_err_t code = rd_kafka_flush(c->client, WAIT_MS);
    answer(code ? rd_kafka_err2str(code) : c->failed > 0 ? "not all was delivered" : NULL);
    c->failed = 0;
}

static int count_partitions(rd_kafka_t *client, const char *topic) {
    const struct rd_kafka_metadata *found;
    int count = 0;
    if (rd_kafka_metadata(client, 1, NULL, &found, WAIT_MS)) return 0;
    for (int i = 0; i < found->topic_cnt; i++)
        if (strcmp(found->topics[i].topic, topic) == 0) count = found->topics[i].partition_cnt;
    rd_kafka_metadata_destroy(found);
    return count;
}

static void print_headers(const rd_kafka_message_t *message) {
    rd_kafka_headers_t *headers = NULL;
    const char *name;
    const void *value;
    size_t size;
    if (rd_kafka_message_headers(message, &headers)) return;
    for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &size); i++) {
        printf(" %s=", name);
        for (size_t b = 0; b < size; b++) printf("%02x", ((const unsigned char *)value)[b]);
    }
}

/* Prints records until each partition has ended. */
static const char *drain(rd_kafka_t *client, int partitions, bool of_headers) {
    for (int ended = 0; ended < partitions;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, WAIT_MS);
        if (message == NULL) return "no answer";
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            ended++;
        } else if (!message->err) {
            printf("%d %lld", (int)message->partition, (long long)message->offset);
            if (of_headers) {
                print_headers(message);
            } else {
                put_hex(message->key, message->key_len);
                put_hex(message->payload, message->len);
            }
            putchar('\n');
        }
        rd_kafka_message_destroy(message);
    }
    return NULL;
}

static void read_topic(const cluster *c, const char *topic, bool of_headers) {
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", c->address, why, sizeof why);
    rd_kafka_conf_set(conf, "group.id", "helper", why, sizeof why);
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", why, sizeof why);
    rd_kafka_conf_set_log_cb(conf, quiet);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (client == NULL) {
        answer(why);
        return;
    }
    rd_kafka_poll_set_consumer(client);
    const int partitions = count_partitions(client, topic);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int p = 0; p < partitions; p++)
        rd_kafka_topic_partition_list_add(list, topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(client, list);
    rd_kafka_topic_partition_list_destroy(list);
    answer(partitions > 0 ? drain(client, partitions, of_headers) : "no such topic");
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
}

static void fail_requests(cluster *c, int16_t api, size_t count, int code) {
    rd_kafka_resp_err_t errors[100];
    if (count > 100) count = 100;
    for (size_t i = 0; i < count; i++) errors[i] = (rd_kafka_resp_err_t)code;
    rd_kafka_mock_push_request_errors_array(c->mock, api, count, errors);
    answer(NULL);
}

static void slow_requests(cluster *c, int16_t api, int count, int late_ms) {
    for (int i = 0; i < count; i++)
        rd_kafka_mock_broker_push_request_error_rtts(c->mock, 1, api, 1, RD_KAFKA_RESP_ERR_NO_ERROR, late_ms);
    answer(NULL);
}

static void obey(cluster *c, char *line) {
    char *word[6] = {"", "", "", "", "", ""}, *rest = NULL;
    size_t count = 0;
    for (char *at = strtok_r(line, " \n", &rest); at != NULL && count < 6; at = strtok_r(NULL, " \n", &rest))
        word[count++] = at;
    if (strcmp(word[0], "topic") == 0)
        answer_code(rd_kafka_mock_topic_create(c->mock, word[1], atoi(word[2]), 1));
    else if (strcmp(word[0], "put") == 0)
        put(c, word[1], atoi(word[2]), word[3], word[4]);
    else if (strcmp(word[0], "header") == 0)
        add_header(c, word[1], word[2]);
    else if (strcmp(word[0], "flush") == 0)
        flush(c);
    else if (strcmp(word[0], "read") == 0)
        read_topic(c, word[1], false);
    else if (strcmp(word[0], "headers") == 0)
        read_topic(c, word[1], true);
    else if (strcmp(word[0], "fail") == 0)
        fail_requests(c, (int16_t)atoi(word[1]), (size_t)atoi(word[2]), atoi(word[3]));
    else if (strcmp(word[0], "slow") == 0)
        slow_requests(c, (int16_t)atoi(word[1]), atoi(word[2]), atoi(word[3]));
    else if (strcmp(word[0], "error") == 0) {
        rd_kafka_mock_topic_set_error(c->mock, word[1], (rd_kafka_resp_err_t)atoi(word[2]));
        answer(NULL);
    } else if (strcmp(word[0], "down") == 0)
        answer_code(rd_kafka_mock_broker_set_down(c->mock, -1));
    else if (strcmp(word[0], "up") == 0)
        answer_code(rd_kafka_mock_broker_set_up(c->mock, -1));
    else if (strcmp(word[0], "delay") == 0)
        answer_code(rd_kafka_mock_broker_set_rtt(c->mock, -1, atoi(word[1])));
    else
        answer("no such command");
}

int main(void) {
    cluster c = {0};
    char why[256], *line = malloc(LINE_BYTES);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", why, sizeof why);
    rd_kafka_conf_set(conf, "message.max.bytes", "20000000", why, sizeof why);
    rd_kafka_conf_set_opaque(conf, &c);
    rd_kafka_conf_set_log_cb(conf, quiet);
    rd_kafka_conf_set_dr_msg_cb(conf, answered);
    c.client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (c.client == NULL || line == NULL) {
        fprintf(stderr, "helper_cluster: %s\n", why);
        return 1;
    }
    c.mock = rd_kafka_handle_mock_cluster(c.client);
    c.address = rd_kafka_mock_cluster_bootstraps(c.mock);
    puts(c.address);
    fflush(stdout);
    while (fgets(line, (int)LINE_BYTES, stdin) != NULL) obey(&c, line);
    rd_kafka_purge(c.client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(c.client);
    free(line);
    return 0;
}
