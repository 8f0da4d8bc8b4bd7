#include "stream/connection.h"

#include "base/str.h"
#include "io/clock.h"
#include "io/file.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define VALUE_BYTES_MAX ((size_t)1 << 16)
#define ASK_MS 1000
#define TOPIC_NAME_MAX 160 /* of Kafka's 249: names of sources are made of it */

/* ---- settings ---- */

typedef struct reading {
    rd_kafka_conf_t *conf;
    const seine_kafka_fixed *fixed;
    const char *place; /* where it stands, for messages */
    bool is_line;      /* of the command line, which others see */
} reading;

static bool is_secret(const char *key) {
    static const char *const words[] = {"password", "secret", "key.pem", "oauthbearer.config"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(key, words[i]) != NULL) return true;
    return false;
}

static size_t variable_size(const char *text) {
    if (text[0] != '$' || text[1] != '{') return 0;
    const char *end = strchr(text, '}');
    return end != NULL && end > text + 2 ? (size_t)(end - text) + 1 : 0;
}

/* With variables of the environment for ${NAME}. */
static seine_status expand(const reading *r, const char *key, const char *value, seine_buf *out, seine_error *error) {
    char name[128];
    for (const char *at = value; *at != '\0';) {
        const size_t size = variable_size(at);
        const char *found = NULL;
        if (size >= sizeof name)
            return seine_fail(error, SEINE_E_USAGE, "%s: %s: ${} names no variable", r->place, key);
        if (size > 0) {
            (void)snprintf(name, sizeof name, "%.*s", (int)(size - 3), at + 2);
            found = getenv(name);
            if (found == NULL)
                return seine_fail(error, SEINE_E_USAGE, "%s: %s: the environment has no %s", r->place, key, name);
        }
        const seine_status status = size > 0 ? seine_buf_append_str(out, found) : seine_buf_append(out, at, 1);
        if (status != SEINE_OK) return seine_fail(error, status, "%s: %s: a value that is too long", r->place, key);
        at += size > 0 ? size : 1;
    }
    return SEINE_OK;
}

/* The client's own words hold the value: of a secret they are not told. */
static seine_status set(const reading *r, const char *key, const char *value, seine_error *error) {
    char why[256];
    const rd_kafka_conf_res_t result = rd_kafka_conf_set(r->conf, key, value, why, sizeof why);
    if (result == RD_KAFKA_CONF_OK) return SEINE_OK;
    if (result == RD_KAFKA_CONF_UNKNOWN)
        return seine_fail(error, SEINE_E_USAGE, "%s: librdkafka has no setting %s", r->place, key);
    return seine_fail(error, SEINE_E_USAGE, "%s: %s", r->place, is_secret(key) ? "a value that is refused" : why);
}

static seine_status take(const reading *r, seine_str line, seine_error *error) {
    char key[128];
    seine_buf value SEINE_OWNED(seine_buf_free);
    seine_buf_init(&value, VALUE_BYTES_MAX);
    const char *equal = memchr(line.data, '=', line.size);
    if (equal == NULL || equal == line.data)
        return seine_fail(error, SEINE_E_USAGE, "%s: a setting is KEY=VALUE", r->place);
    const seine_str name = seine_str_trim((seine_str){line.data, (size_t)(equal - line.data)});
    if (name.size >= sizeof key) return seine_fail(error, SEINE_E_USAGE, "%s: a key that is too long", r->place);
    (void)snprintf(key, sizeof key, "%.*s", SEINE_STR_ARG(name));
    for (size_t i = 0; r->fixed[i].key != NULL; i++)
        if (strcmp(r->fixed[i].key, key) == 0)
            return seine_fail(error, SEINE_E_USAGE, "%s: %s is not to be set: this command needs it as it is", r->place,
                              key);
    const seine_str rest = seine_str_strip((seine_str){equal + 1, line.size - (size_t)(equal - line.data) - 1});
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, VALUE_BYTES_MAX);
    if (seine_buf_append(&text, rest.data, rest.size) != SEINE_OK || seine_buf_text(&text) == NULL)
        return seine_fail(error, SEINE_E_LIMIT, "%s: %s: a value that is too long", r->place, key);
    if (r->is_line && is_secret(key) && variable_size((const char *)text.data) != text.size)
        return seine_fail(error, SEINE_E_USAGE,
                          "%s: %s: others see the command line; write '%s=${NAME}' for a variable of the "
                          "environment, or put it into a file for --kafka-file",
                          r->place, key, key);
    SEINE_TRY(expand(r, key, seine_buf_text(&text), &value, error));
    const char *plain = seine_buf_text(&value);
    return plain != NULL ? set(r, key, plain, error) : seine_no_memory(error, key);
}

static seine_status take_file(reading *r, const char *path, seine_error *error) {
    char place[600];
    seine_buf bytes SEINE_OWNED(seine_buf_free);
    seine_buf_init(&bytes, FILE_BYTES_MAX);
    SEINE_TRY(seine_file_read(path, &bytes, error));
    const char *at = (const char *)bytes.data, *end = at + bytes.size;
    r->place = place;
    for (int number = 1; at != NULL && at < end; number++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (line_end == NULL) line_end = end;
        const seine_str line = seine_str_strip((seine_str){at, (size_t)(line_end - at)});
        (void)snprintf(place, sizeof place, "%.500s line %d", path, number);
        if (line.size > 0 && line.data[0] != '#') SEINE_TRY(take(r, line, error));
        at = line_end + 1;
    }
    return SEINE_OK;
}

static seine_status take_all(reading *r, const seine_kafka *kafka, seine_error *error) {
    if (kafka->file != NULL) SEINE_TRY(take_file(r, kafka->file, error));
    r->place = "--kafka";
    r->is_line = true;
    for (size_t i = 0; i < kafka->property_count; i++) SEINE_TRY(take(r, seine_str_of(kafka->properties[i]), error));
    r->place = "--brokers";
    if (kafka->brokers != NULL) SEINE_TRY(set(r, "bootstrap.servers", kafka->brokers, error));
    r->place = "settings";
    for (size_t i = 0; r->fixed[i].key != NULL; i++) SEINE_TRY(set(r, r->fixed[i].key, r->fixed[i].value, error));
    return SEINE_OK;
}

/* ---- what the client tells ---- */

static void keep_quiet(const rd_kafka_t *client, int level, const char *facility, const char *text) {
    (void)client;
    (void)level;
    (void)facility;
    (void)text;
}

/* That all brokers are down is told behind what is wrong with them. */
static void note_fault(rd_kafka_t *client, int code, const char *why, void *opaque) {
    seine_connection *connection = opaque;
    (void)client;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && connection->fault[0] != '\0') return;
    connection->fault_code = (rd_kafka_resp_err_t)code;
    (void)snprintf(connection->fault, sizeof connection->fault, "%s", why);
}

void seine_connection_settings_free(rd_kafka_conf_t **conf) {
    if (*conf != NULL) rd_kafka_conf_destroy(*conf);
    *conf = NULL;
}

seine_status seine_connection_settings(const seine_kafka *kafka, const seine_kafka_fixed *fixed,
                                       seine_connection *connection, rd_kafka_conf_t **out, seine_error *error) {
    rd_kafka_conf_t *conf SEINE_OWNED(seine_connection_settings_free) = rd_kafka_conf_new();
    reading r = {.conf = conf, .fixed = fixed};
    size_t size = sizeof connection->brokers;
    if (conf == NULL) return seine_no_memory(error, "Kafka");
    SEINE_TRY(take_all(&r, kafka, error));
    if (rd_kafka_conf_get(conf, "bootstrap.servers", connection->brokers, &size) != RD_KAFKA_CONF_OK)
        return seine_fail(error, SEINE_E_USAGE, "--brokers is needed: HOST:PORT of a broker of Kafka");
    rd_kafka_conf_set_log_cb(conf, keep_quiet);
    rd_kafka_conf_set_error_cb(conf, note_fault);
    rd_kafka_conf_set_opaque(conf, connection);
    *out = SEINE_TAKE(conf);
    return SEINE_OK;
}

/* ---- the client ---- */

seine_status seine_connection_open(seine_connection *connection, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                                   seine_error *error) {
    char why[256] = "";
    connection->client = rd_kafka_new(type, conf, why, sizeof why);
    if (connection->client != NULL) return SEINE_OK;
    rd_kafka_conf_destroy(conf);
    return seine_fail(error, SEINE_E_USAGE, "Kafka: %s", why);
}

/* ---- the end ---- */

/* librdkafka 2.0 waits for itself for ever now and then, as when a topic was deleted that was being read: so it ends in
 * a thread of its own, which is not waited for longer than that. */
typedef struct ending {
    rd_kafka_t *client;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done, is_left; /* whoever comes last frees it */
} ending;

static void free_ending(ending *e) {
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

static void *end_client(void *context) {
    ending *e = context;
    rd_kafka_destroy_flags(e->client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    pthread_mutex_lock(&e->lock);
    const bool is_left = e->is_left;
    e->is_done = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
    if (is_left) free_ending(e);
    return NULL;
}

static void wait_for_end(ending *e) {
    const int64_t end_us = seine_clock_monotonic_us() + SEINE_CLOSE_WAIT_US;
    pthread_mutex_lock(&e->lock);
    for (int64_t left_us = SEINE_CLOSE_WAIT_US; !e->is_done && left_us > 0;
         left_us = end_us - seine_clock_monotonic_us())
        (void)seine_clock_wait(&e->changed, &e->lock, left_us);
    const bool is_done = e->is_done;
    e->is_left = !is_done;
    pthread_mutex_unlock(&e->lock);
    if (is_done) free_ending(e);
}

void seine_connection_close(seine_connection *connection) {
    pthread_t thread;
    rd_kafka_t *client = SEINE_TAKE(connection->client);
    ending *e = client != NULL ? calloc(1, sizeof *e) : NULL;
    if (e != NULL && !seine_clock_condition(&e->changed)) {
        free(e);
        e = NULL;
    }
    if (e == NULL) {
        if (client != NULL) rd_kafka_destroy(client);
        return;
    }
    e->client = client;
    pthread_mutex_init(&e->lock, NULL);
    if (pthread_create(&thread, NULL, end_client, e) != 0) {
        free_ending(e);
        rd_kafka_destroy(client);
        return;
    }
    pthread_detach(thread);
    wait_for_end(e);
}

/* ---- topics ---- */

/*
 * The offset of an end. rd_kafka_query_watermark_offsets would ask for both at once, but librdkafka 2.0 waits for its
 * answers as long as for any request (socket.timeout.ms, a minute), whatever time it is given.
 */
static rd_kafka_resp_err_t ask_end(rd_kafka_t *client, const char *topic, int32_t partition, int64_t which,
                                   int64_t *offset) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_t *one = rd_kafka_topic_partition_list_add(list, topic, partition);
    one->offset = which; /* where times are asked for */
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client, list, ASK_MS);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = one->err;
    *offset = one->offset;
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

seine_status seine_connection_ends(const seine_connection *connection, const seine_progress *progress,
                                   const char *topic, int32_t partition, int64_t *low, int64_t *high,
                                   seine_error *error) {
    const int64_t end_us = seine_clock_monotonic_us() + SEINE_BROKER_WAIT_US;
    for (;;) {
        rd_kafka_resp_err_t code = ask_end(connection->client, topic, partition, RD_KAFKA_OFFSET_BEGINNING, low);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
            code = ask_end(connection->client, topic, partition, RD_KAFKA_OFFSET_END, high);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return SEINE_OK;
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        if (seine_clock_monotonic_us() >= end_us)
            return seine_fail(error, SEINE_E_IO, "topic %s, partition %d: %s", topic, (int)partition,
                              rd_kafka_err2str(code));
    }
}

seine_status seine_connection_leaders(const seine_connection *connection, const seine_progress *progress,
                                      const char *topic, int partitions, seine_error *error) {
    for (int partition = 0; partition < partitions; partition++) {
        int64_t low, high;
        SEINE_TRY(seine_connection_ends(connection, progress, topic, partition, &low, &high, error));
    }
    return SEINE_OK;
}

bool seine_topic_name_is_good(const char *topic) {
    const size_t size = strlen(topic);
    if (size == 0 || size > TOPIC_NAME_MAX || strcmp(topic, ".") == 0 || strcmp(topic, "..") == 0) return false;
    for (const char *at = topic; *at != '\0'; at++) {
        const bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9');
        if (!is_letter && *at != '.' && *at != '_' && *at != '-') return false;
    }
    return true;
}

/* All topics: whoever asks for one makes it, where brokers make topics by themselves. */
static rd_kafka_resp_err_t ask(seine_connection *connection, const char *topic, int *partitions) {
    const struct rd_kafka_metadata *found = NULL;
    *partitions = 0;
    const rd_kafka_resp_err_t code = rd_kafka_metadata(connection->client, 1, NULL, &found, ASK_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
    rd_kafka_resp_err_t topic_code = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < found->topic_cnt; i++) {
        if (strcmp(found->topics[i].topic, topic) != 0) continue;
        topic_code = found->topics[i].err;
        *partitions = topic_code == RD_KAFKA_RESP_ERR_NO_ERROR ? found->topics[i].partition_cnt : 0;
    }
    rd_kafka_metadata_destroy(found);
    return topic_code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ? RD_KAFKA_RESP_ERR_NO_ERROR : topic_code;
}

seine_status seine_connection_topic(seine_connection *connection, const seine_progress *progress, const char *topic,
                                    int *partitions, seine_error *error) {
    const int64_t end_us = seine_clock_monotonic_us() + SEINE_BROKER_WAIT_US;
    for (;;) {
        const rd_kafka_resp_err_t code = ask(connection, topic, partitions);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return SEINE_OK;
        (void)rd_kafka_poll(connection->client, 0);
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        const bool is_refused = connection->fault_code == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
                                connection->fault_code == RD_KAFKA_RESP_ERR__SSL ||
                                code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
        if (!is_refused && seine_clock_monotonic_us() < end_us) continue;
        return seine_fail(error, SEINE_E_IO, "%s: %s: %s", connection->brokers,
                          is_refused ? "the broker refuses" : "no broker answers",
                          connection->fault[0] != '\0' ? connection->fault : rd_kafka_err2str(code));
    }
}
