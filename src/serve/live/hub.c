#include "serve/live/hub.h"

#include "base/array.h"
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "serve/live/rows.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_US 250000                       /* from one look for a commit to the next, while there are clients */
#define BEAT_US (INT64_C(15) * 1000000)      /* a connection that is silent for longer may be taken for dead */
#define IDLE_US (INT64_C(300) * 1000000)     /* feeds without clients are kept so long, for those who come again */
#define RETRY_US (INT64_C(2) * 1000000)      /* after a failure, to the next attempt */
#define EVENT_ROWS 1000                      /* an event holds no more, and no more bytes than this: */
#define EVENT_BYTES ((size_t)64 * 1024)      /* plus the last row */
#define EVENT_MAX_BYTES ((size_t)256 * 1024) /* which is bounded itself (live/rows.c) */
#define COMMITS_MAX ((size_t)4096)           /* snapshots whose ids are known again */
#define HEAD_MAX_BYTES ((size_t)8192)
#define FEEDS_MAX 64

/* A snapshot that a client may say it was told of. */
typedef struct commit {
    int64_t sequence, snapshot_id;
} commit;

/* What is known of one dataset. */
typedef struct live_feed {
    char dataset[SEINE_DATASET_NAME_MAX + 1];
    seine_live_feed movers;
    bool is_ready;
    uint64_t generation; /* changes when it was made anew: clients begin again */
    commit commits[COMMITS_MAX];
    size_t commit_count; /* ever noted: the ring holds the last ones */
    commit last;         /* that was taken in */
    int64_t committed_us, newest_us;
    int64_t idle_since_us, retry_us; /* monotonic; 0 = not */
    size_t clients;
    seine_buf head; /* of the JSON of an event, from the names of a row's values on */
} live_feed;

struct seine_live_client {
    seine_live *live;
    seine_live_client *next, *former;
    live_feed *feed;
    /* what it wants */
    bool has_box;
    double box[4];
    seine_dict ids;
    commit asked; /* of its last event; snapshot_id 0 = none */
    /* where it is */
    uint64_t generation, serial; /* told up to here */
    commit told;                 /* the last id that it was given */
    bool is_new;                 /* nothing was told yet */
    seine_buf out;               /* the event that is being sent */
    size_t out_at;
    uint64_t sent;
    int64_t sent_us; /* monotonic */
    seine_live_wire wire;
    bool is_asleep, is_over, beats;
};

struct seine_live {
    seine_live_options options;
    pthread_mutex_t mutex;
    pthread_cond_t wakes;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_over;
    atomic_uint_least64_t files; /* that were read */
    seine_live_client *clients;
    size_t client_count;
    live_feed *feeds[FEEDS_MAX];
    size_t feed_count;
    uint64_t generation;
};

/* ---- feeds ---- */

static void free_feed(live_feed *feed) {
    if (feed == NULL) return;
    seine_live_feed_free(&feed->movers);
    seine_buf_free(&feed->head);
    free(feed);
}
SEINE_OWNED_POINTER(live_feed, free_feed);

/* Under the mutex. */
static seine_status find_feed(seine_live *live, const seine_dataset *dataset, live_feed **found, seine_error *error) {
    for (size_t i = 0; i < live->feed_count; i++) {
        *found = live->feeds[i];
        if (strcmp(live->feeds[i]->dataset, dataset->name) == 0) return SEINE_OK;
    }
    if (live->feed_count == FEEDS_MAX) return seine_fail(error, SEINE_E_BUSY, "too many datasets are told live");
    live_feed *made SEINE_OWNED(free_feed_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "live positions");
    (void)snprintf(made->dataset, sizeof made->dataset, "%s", dataset->name);
    seine_buf_init(&made->head, HEAD_MAX_BYTES);
    if (seine_live_rows_columns(dataset, &made->head) != SEINE_OK) return seine_no_memory(error, "live positions");
    *found = live->feeds[live->feed_count++] = SEINE_TAKE(made);
    return SEINE_OK;
}

static void note_commit(live_feed *feed, commit one) {
    feed->commits[feed->commit_count++ % COMMITS_MAX] = one;
    feed->last = one;
}

static bool knows_commit(const live_feed *feed, commit one) {
    const size_t count = feed->commit_count < COMMITS_MAX ? feed->commit_count : COMMITS_MAX;
    for (size_t i = 0; i < count; i++)
        if (feed->commits[i].sequence == one.sequence && feed->commits[i].snapshot_id == one.snapshot_id) return true;
    return false;
}

/* ---- events ---- */

/* "57-8412345678901234567": sequence number and id of a snapshot of silver. */
static bool parse_commit(seine_str text, commit *one) {
    const char *dash = text.size > 0 ? memchr(text.data, '-', text.size) : NULL;
    if (dash == NULL) return false;
    const size_t size = (size_t)(dash - text.data);
    return seine_integer_parse((seine_str){text.data, size}, &one->sequence) &&
           seine_integer_parse((seine_str){dash + 1, text.size - size - 1}, &one->snapshot_id) && one->sequence >= 0 &&
           one->snapshot_id > 0;
}

static seine_status put_id(seine_live_client *client, commit one) {
    client->told = one;
    if (one.snapshot_id <= 0) return SEINE_OK;
    return seine_buf_printf(&client->out, "id: %lld-%lld\n", (long long)one.sequence, (long long)one.snapshot_id);
}

static bool is_wanted(const seine_live_client *client, const seine_live_position *at) {
    const double *box = client->box;
    if (client->ids.count > 0 && seine_dict_find(&client->ids, at->id) == SEINE_CODE_NULL) return false;
    if (!client->has_box) return true;
    const bool is_between =
        box[0] <= box[2] ? at->lon >= box[0] && at->lon <= box[2] : at->lon >= box[0] || at->lon <= box[2];
    return is_between && at->lat >= box[1] && at->lat <= box[3];
}

/* Writes the rows of what moved after the client's place, as many as an event holds. *rest: there are more. */
static seine_status put_rows(seine_live_client *client, size_t *rows, bool *rest) {
    const live_feed *feed = client->feed;
    const seine_live_mover *at = seine_live_feed_after(&feed->movers, client->serial);
    *rows = 0;
    for (; at != NULL; at = seine_live_feed_next(&feed->movers, at)) {
        if (*rows == EVENT_ROWS || client->out.size > EVENT_BYTES) break;
        client->serial = at->serial;
        if (!is_wanted(client, &at->at)) continue;
        if (*rows > 0) SEINE_TRY(seine_buf_append_str(&client->out, ","));
        SEINE_TRY(seine_buf_append(&client->out, at->at.row.data, at->at.row.size));
        (*rows)++;
    }
    *rest = at != NULL;
    return SEINE_OK;
}

static seine_status put_time(seine_buf *out, const char *name, int64_t time_us) {
    char text[40];
    if (time_us == INT64_MIN) return seine_buf_printf(out, "\"%s\":null,", name);
    const int size = (int)seine_time_format(time_us, text);
    return seine_buf_printf(out, "\"%s\":\"%.*s\",", name, size, text);
}

static seine_status put_begin(seine_live_client *client, const char *name) {
    const live_feed *feed = client->feed;
    SEINE_TRY(seine_buf_printf(&client->out, "event: %s\ndata: {\"dataset\":\"%s\",", name, feed->dataset));
    SEINE_TRY(put_time(&client->out, "committed", feed->committed_us));
    SEINE_TRY(put_time(&client->out, "newest", feed->newest_us));
    SEINE_TRY(seine_buf_append(&client->out, feed->head.data, feed->head.size));
    return seine_buf_append_str(&client->out, ",\"rows\":[");
}

/* An event of what moved; without rows none, unless it is @p needed. */
static seine_status put_event(seine_live_client *client, const char *name, bool is_needed) {
    const size_t before = client->out.size;
    size_t rows = 0;
    bool rest = false;
    SEINE_TRY(put_begin(client, name));
    SEINE_TRY(put_rows(client, &rows, &rest));
    SEINE_TRY(seine_buf_printf(&client->out, "],\"more\":%s}\n", rest ? "true" : "false"));
    if (rows == 0 && !is_needed) {
        client->out.size = before;
        return SEINE_OK;
    }
    if (!rest) SEINE_TRY(put_id(client, client->feed->last));
    return seine_buf_append_str(&client->out, "\n");
}

/* Where a client begins: behind the event that it got last, or with all there is. *is_reset: the latter. */
static void begin(seine_live_client *client, bool *is_reset) {
    const live_feed *feed = client->feed;
    *is_reset = client->asked.snapshot_id <= 0 || !knows_commit(feed, client->asked);
    client->serial = *is_reset ? 0 : seine_live_feed_serial_of(&feed->movers, client->asked.sequence);
    client->told = client->asked;
    client->asked = (commit){0, 0};
    client->generation = feed->generation;
    client->is_new = false;
}

/* Something to hear, so that neither end takes the connection for dead; and how far the client is. */
static seine_status put_beat(seine_live_client *client) {
    const live_feed *feed = client->feed;
    client->beats = false;
    SEINE_TRY(seine_buf_append_str(&client->out, ":\n"));
    if (feed->is_ready && !client->is_new && client->told.snapshot_id != feed->last.snapshot_id)
        SEINE_TRY(put_id(client, feed->last));
    return seine_buf_append_str(&client->out, "\n");
}

/* The next event; none when there is nothing to tell. */
static seine_status fill(seine_live_client *client) {
    const live_feed *feed = client->feed;
    bool is_reset = false;
    seine_buf_clear(&client->out);
    client->out_at = 0;
    if (client->sent == 0) return seine_buf_append_str(&client->out, "retry: 2000\n\n");
    if (feed->is_ready && (client->is_new || client->generation != feed->generation)) begin(client, &is_reset);
    if (feed->is_ready) SEINE_TRY(put_event(client, is_reset ? "reset" : "positions", is_reset));
    return client->out.size == 0 && client->beats ? put_beat(client) : SEINE_OK;
}

int64_t seine_live_read(seine_live_client *client, char *out, size_t room) {
    seine_live *live = client->live;
    int64_t given = SEINE_LIVE_END;
    (void)pthread_mutex_lock(&live->mutex);
    bool goes_on = !client->is_over && !atomic_load(&live->is_over);
    if (goes_on && client->out_at == client->out.size) goes_on = fill(client) == SEINE_OK;
    if (goes_on) {
        const size_t left = client->out.size - client->out_at, size = left < room ? left : room;
        if (size > 0) memcpy(out, client->out.data + client->out_at, size);
        client->out_at += size;
        client->sent += size;
        if (size > 0) client->sent_us = seine_clock_monotonic_us();
        client->is_asleep = size == 0;
        if (client->is_asleep) client->wire.pause(client->wire.context);
        given = (int64_t)size;
    }
    (void)pthread_mutex_unlock(&live->mutex);
    return given;
}

uint64_t seine_live_sent(const seine_live_client *client) { return client->sent; }

/* Under the mutex. */
static void wake(seine_live_client *client) {
    if (!client->is_asleep) return;
    client->is_asleep = false;
    client->wire.resume(client->wire.context);
}

/* ---- clients ---- */

static void free_client(seine_live_client *client) {
    seine_dict_free(&client->ids);
    seine_buf_free(&client->out);
    free(client);
}
SEINE_OWNED_POINTER(seine_live_client, free_client);

static seine_status take_wish(seine_live_client *client, const seine_live_wish *wish, seine_error *error) {
    client->has_box = wish->box != NULL;
    if (client->has_box) memcpy(client->box, wish->box, sizeof client->box);
    if (!parse_commit(wish->last_id, &client->asked)) client->asked = (commit){0, 0};
    for (size_t i = 0; i < wish->id_count; i++) {
        uint32_t code = 0;
        if (seine_dict_intern(&client->ids, wish->ids[i], &code) != SEINE_OK)
            return seine_no_memory(error, "live positions");
    }
    return SEINE_OK;
}

/* Under the mutex. */
static seine_status admit(seine_live *live, seine_live_client *client, const seine_dataset *dataset,
                          seine_error *error) {
    if (atomic_load(&live->is_over)) return seine_fail(error, SEINE_E_BUSY, "the server is going down");
    if (live->client_count >= live->options.clients_max)
        return seine_fail(error, SEINE_E_BUSY, "%zu clients follow live already", live->client_count);
    SEINE_TRY(find_feed(live, dataset, &client->feed, error));
    client->feed->clients++;
    client->feed->idle_since_us = 0;
    client->next = live->clients;
    if (client->next != NULL) client->next->former = client;
    live->clients = client;
    live->client_count++;
    (void)pthread_cond_signal(&live->wakes);
    return SEINE_OK;
}

seine_status seine_live_join(seine_live *live, const seine_live_wish *wish, seine_live_client **client,
                             seine_error *error) {
    *client = NULL;
    seine_live_client *made SEINE_OWNED(free_client_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "live positions");
    made->live = live;
    made->is_new = true;
    made->sent_us = seine_clock_monotonic_us();
    seine_buf_init(&made->out, EVENT_MAX_BYTES);
    SEINE_TRY(take_wish(made, wish, error));
    (void)pthread_mutex_lock(&live->mutex);
    const seine_status status = admit(live, made, wish->dataset, error);
    (void)pthread_mutex_unlock(&live->mutex);
    SEINE_TRY(status);
    *client = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_live_leave(seine_live_client *client) {
    if (client == NULL) return;
    seine_live *live = client->live;
    (void)pthread_mutex_lock(&live->mutex);
    *(client->former != NULL ? &client->former->next : &live->clients) = client->next;
    if (client->next != NULL) client->next->former = client->former;
    live->client_count--;
    if (--client->feed->clients == 0) client->feed->idle_since_us = seine_clock_monotonic_us();
    (void)pthread_mutex_unlock(&live->mutex);
    free_client(client);
}

void seine_live_connect(seine_live_client *client, const seine_live_wire *wire) {
    (void)pthread_mutex_lock(&client->live->mutex);
    client->wire = *wire;
    (void)pthread_mutex_unlock(&client->live->mutex);
}

size_t seine_live_clients(seine_live *live) {
    (void)pthread_mutex_lock(&live->mutex);
    const size_t count = live->client_count;
    (void)pthread_mutex_unlock(&live->mutex);
    return count;
}

uint64_t seine_live_files(const seine_live *live) { return atomic_load(&live->files); }

/* ---- the thread: commits ---- */

static const seine_dataset *dataset_of(const seine_view *view, const char *name) {
    for (size_t i = 0; i < view->dataset_count; i++)
        if (strcmp(view->datasets[i].dataset->name, name) == 0) return view->datasets[i].dataset;
    return NULL;
}

static size_t snapshot_of(const seine_view_table *silver, const seine_snapshot **snapshots) {
    size_t count = 0, at = 0;
    *snapshots = seine_table_snapshots(silver->table, &count);
    while (at < count && (*snapshots)[at].id != silver->snapshot_id) at++;
    return at < count ? at : SIZE_MAX;
}

/* Under the mutex: moves what was read to the end of the feed. */
static seine_status take_in(live_feed *feed, const seine_live_feed *brought, int64_t sequence, uint64_t *left_out) {
    const seine_live_mover *at = seine_live_feed_after(brought, 0);
    for (; at != NULL; at = seine_live_feed_next(brought, at)) {
        const seine_status status = seine_live_feed_put(&feed->movers, &at->at, sequence);
        if (status == SEINE_E_NOMEM) return status;
        *left_out += status == SEINE_E_LIMIT;
    }
    return SEINE_OK;
}

/* Under the mutex: snapshots up to the one that was taken in, those too that nobody looked at. */
static void note_commits(live_feed *feed, const seine_snapshot *snapshots, size_t last) {
    const int64_t former = feed->last.sequence;
    for (size_t i = 0; i <= last; i++)
        if (snapshots[i].sequence_number > former || i == last)
            note_commit(feed, (commit){snapshots[i].sequence_number, snapshots[i].id});
    feed->committed_us = snapshots[last].time_ms * 1000;
}

static void wake_those_behind(seine_live *live, const live_feed *feed) {
    for (seine_live_client *client = live->clients; client != NULL; client = client->next)
        if (client->feed == feed &&
            (client->is_new || client->generation != feed->generation || client->serial < feed->movers.serial))
            wake(client);
}

/* Begins anew: what was told may not be so any more. */
static void forget(seine_live *live, live_feed *feed) {
    (void)pthread_mutex_lock(&live->mutex);
    seine_live_feed_free(&feed->movers);
    feed->is_ready = false;
    feed->commit_count = 0;
    feed->last = (commit){0, 0};
    feed->committed_us = feed->newest_us = INT64_MIN;
    feed->generation = ++live->generation;
    (void)pthread_mutex_unlock(&live->mutex);
}

/* What was read is told: @p snapshots up to @p last are taken in. NULL: the table was never written. */
static seine_status take_state(seine_live *live, live_feed *feed, const seine_live_feed *brought,
                               const seine_snapshot *snapshots, size_t last, int64_t newest_us, uint64_t *left_out) {
    (void)pthread_mutex_lock(&live->mutex);
    seine_status status = SEINE_OK;
    if (newest_us > INT64_MIN + SEINE_LIVE_SPAN_US)
        seine_best_effort(seine_live_feed_prune(&feed->movers, newest_us - SEINE_LIVE_SPAN_US));
    if (snapshots != NULL) {
        status = take_in(feed, brought, snapshots[last].sequence_number, left_out);
        note_commits(feed, snapshots, last);
    }
    feed->newest_us = newest_us;
    feed->is_ready = status == SEINE_OK;
    wake_those_behind(live, feed);
    (void)pthread_mutex_unlock(&live->mutex);
    return status;
}

/* Reads what is younger than what was taken in last, and takes it in. */
static seine_status read_state(seine_live *live, live_feed *feed, const seine_dataset *dataset,
                               const seine_view_table *silver, const seine_snapshot *snapshots, size_t last,
                               seine_error *error) {
    seine_live_feed brought SEINE_OWNED(seine_live_feed_free) = {0};
    seine_live_rows rows = {.dataset = dataset,
                            .silver = silver,
                            .after = feed->last.snapshot_id != 0 ? feed->last.sequence : INT64_MIN,
                            .newest_us = feed->newest_us,
                            .fence = seine_lake_path(live->options.lake),
                            .sessions = live->options.sessions,
                            .is_over = &live->is_over,
                            .into = &brought,
                            .known = &feed->movers};
    SEINE_TRY(seine_live_rows_read(&rows, error));
    atomic_fetch_add(&live->files, rows.files);
    if (take_state(live, feed, &brought, snapshots, last, rows.newest_us, &rows.left_out) != SEINE_OK)
        return seine_no_memory(error, "live positions");
    if (rows.left_out > 0)
        (void)fprintf(stderr, "seine serve: live: %s has more than %zu movers: %llu positions are not told\n",
                      feed->dataset, SEINE_LIVE_MOVERS_MAX, (unsigned long long)rows.left_out);
    return SEINE_OK;
}

/* Whether the table goes on from what was taken in: else it is another one, or nobody knows what became of it. */
static bool goes_on(const live_feed *feed, const seine_snapshot *snapshots, size_t last) {
    if (feed->last.snapshot_id == 0) return true;
    for (size_t i = 0; i < last; i++)
        if (snapshots[i].id == feed->last.snapshot_id) return snapshots[last].sequence_number > feed->last.sequence;
    return false;
}

/* Takes the view's state of the dataset in. */
static seine_status advance(seine_live *live, live_feed *feed, const seine_view *view, seine_error *error) {
    const seine_dataset *dataset = dataset_of(view, feed->dataset);
    const char *table = dataset != NULL ? seine_dataset_silver(dataset)->name : "";
    const seine_view_table *silver = seine_view_has(view, table) ? seine_view_find(view, table) : NULL;
    const seine_snapshot *snapshots = NULL;
    if (seine_view_is_broken(view, table)) return SEINE_OK; /* it may pass; others are told of it */
    const size_t last = silver != NULL ? snapshot_of(silver, &snapshots) : SIZE_MAX;
    if (last == SIZE_MAX) {
        if (feed->is_ready && feed->last.snapshot_id == 0) return SEINE_OK;
        forget(live, feed);
        return take_state(live, feed, NULL, NULL, 0, INT64_MIN, NULL);
    }
    if (feed->is_ready && snapshots[last].id == feed->last.snapshot_id) return SEINE_OK;
    if (!feed->is_ready || !goes_on(feed, snapshots, last)) forget(live, feed);
    return read_state(live, feed, dataset, silver, snapshots, last, error);
}

static void advance_one(seine_live *live, live_feed *feed, const seine_view *view) {
    seine_error why = {SEINE_OK, ""};
    const int64_t now_us = seine_clock_monotonic_us();
    if (now_us < feed->retry_us || advance(live, feed, view, &why) == SEINE_OK) return;
    /* A file that is gone was replaced by a commit that the next round sees. */
    if (why.status != SEINE_E_INTERRUPTED && why.status != SEINE_E_NOT_FOUND)
        (void)fprintf(stderr, "seine serve: live: %s\n", why.text);
    forget(live, feed);
    feed->retry_us = now_us + RETRY_US;
}

/* Without the mutex: only this thread takes feeds away. */
static void look(seine_live *live, live_feed *const *feeds, size_t count) {
    const seine_view *view = NULL;
    if (seine_lake_current(live->options.lake, &view, NULL) != SEINE_OK) return;
    if (live->options.notice != NULL) live->options.notice(live->options.context, view);
    for (size_t i = 0; i < count; i++) advance_one(live, feeds[i], view);
    seine_view_release(view);
}

/* ---- the thread: time ---- */

/* Under the mutex. */
static void beat(seine_live *live, int64_t now_us) {
    for (seine_live_client *client = live->clients; client != NULL; client = client->next) {
        if (!client->is_asleep) continue;
        client->is_over = client->wire.is_gone(client->wire.context);
        client->beats = now_us - client->sent_us >= BEAT_US;
        if (client->is_over || client->beats) wake(client);
    }
}

/* Under the mutex: feeds that nobody has followed for a while. */
static void drop_idle(seine_live *live, int64_t now_us) {
    size_t kept = 0;
    for (size_t i = 0; i < live->feed_count; i++) {
        live_feed *feed = live->feeds[i];
        if (feed->clients == 0 && now_us - feed->idle_since_us >= IDLE_US)
            free_feed(feed);
        else
            live->feeds[kept++] = feed;
    }
    live->feed_count = kept;
}

static void *work(void *context) {
    seine_live *live = context;
    (void)pthread_mutex_lock(&live->mutex);
    while (!atomic_load(&live->is_over)) {
        if (live->client_count == 0 && live->feed_count == 0)
            (void)pthread_cond_wait(&live->wakes, &live->mutex);
        else
            (void)seine_clock_wait(&live->wakes, &live->mutex, TICK_US);
        live_feed *feeds[FEEDS_MAX];
        const size_t count = live->client_count > 0 && !atomic_load(&live->is_over) ? live->feed_count : 0;
        memcpy(feeds, live->feeds, count * sizeof *feeds);
        (void)pthread_mutex_unlock(&live->mutex);
        if (count > 0) look(live, feeds, count);
        (void)pthread_mutex_lock(&live->mutex);
        const int64_t now_us = seine_clock_monotonic_us();
        beat(live, now_us);
        drop_idle(live, now_us);
    }
    (void)pthread_mutex_unlock(&live->mutex);
    return NULL;
}

/* ---- the hub ---- */

seine_status seine_live_open(const seine_live_options *options, seine_live **live, seine_error *error) {
    *live = NULL;
    seine_live *made SEINE_OWNED(seine_live_close_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "live positions");
    made->options = *options;
    (void)pthread_mutex_init(&made->mutex, NULL);
    if (!seine_clock_condition(&made->wakes)) return seine_no_memory(error, "live positions");
    made->has_thread = pthread_create(&made->thread, NULL, work, made) == 0;
    if (!made->has_thread) return seine_fail(error, SEINE_E_NOMEM, "live positions: no thread can be started");
    *live = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_live_end(seine_live *live) {
    (void)pthread_mutex_lock(&live->mutex);
    atomic_store(&live->is_over, true);
    for (seine_live_client *client = live->clients; client != NULL; client = client->next) wake(client);
    (void)pthread_cond_broadcast(&live->wakes);
    (void)pthread_mutex_unlock(&live->mutex);
}

void seine_live_close(seine_live *live) {
    if (live == NULL) return;
    seine_live_end(live);
    if (live->has_thread) (void)pthread_join(live->thread, NULL);
    for (size_t i = 0; i < live->feed_count; i++) free_feed(live->feeds[i]);
    (void)pthread_mutex_destroy(&live->mutex);
    (void)pthread_cond_destroy(&live->wakes);
    free(live);
}
