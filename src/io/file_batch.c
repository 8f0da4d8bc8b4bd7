/* The threads that sync or send only wait, so there are more of them than processors; the disk makes one step of what
 * waits. */
#include "io/file_batch.h"

#include "base/array.h"
#include "base/threads.h"
#include "base/try.h"
#include "io/local/local.h"
#include "io/store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define SYNC_THREADS 8
#define OPEN_MAX ((size_t)256) /* files; those beyond are synced at once */
#define FILES_MAX ((size_t)1 << 24)
#define SENDERS_MAX 16
#define HELD_MAX_BYTES (2 * (uint64_t)SEINE_STORE_PART_BYTES) /* by objects; a single one is always taken */

/* A file that waits; without temporary name it waits no more. */
typedef struct waiting {
    const char *temp, *path;
    int descriptor; /* -1: its bytes are durable */
    seine_file_mode mode;
} waiting;

/* An object that waits to be sent, or is being sent. */
typedef struct sending {
    struct sending *next;
    seine_file_writer *writer; /* NULL: a thread has it */
    char *address;
    uint64_t held_bytes; /* in memory */
    seine_file_mode mode;
} sending;

struct seine_file_batch {
    pthread_mutex_t lock; /* of all below while files are added */
    seine_arena arena;
    waiting *files;
    size_t count, capacity;
    pthread_cond_t changed; /* an object came or has been sent, or none will come any more */
    sending *first, **last; /* objects, in the order they came */
    uint64_t held_bytes;    /* by these */
    pthread_t senders[SENDERS_MAX];
    size_t sender_count, idle_count; /* threads; those of them that wait for an object */
    bool has_ended;
    pthread_t syncers[SYNC_THREADS];
    size_t syncer_count, syncing_count; /* threads; those of them that go on as long as there is a file */
    seine_error failure;                /* the first of an object or of a syncer, until the batch ends */
};

seine_file_batch *seine_file_batch_new(void) {
    seine_file_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL) return NULL;
    (void)pthread_mutex_init(&batch->lock, NULL);
    (void)pthread_cond_init(&batch->changed, NULL);
    batch->last = &batch->first;
    return batch;
}

/* ---- objects ---- */

/* All under the lock, but for what says so. */

static sending *next_to_send(const seine_file_batch *batch) {
    sending *one = batch->first;
    while (one != NULL && one->writer == NULL) one = one->next;
    return one;
}

static size_t count_to_send(const seine_file_batch *batch) {
    size_t count = 0;
    for (const sending *one = batch->first; one != NULL; one = one->next) count += one->writer != NULL;
    return count;
}

/* Of those that wait it gives up what was sent in parts, which is a request: without the lock. */
static void free_all(sending *one) {
    while (one != NULL) {
        sending *next = one->next;
        seine_file_writer_abort(one->writer);
        free(one->address);
        free(one);
        one = next;
    }
}

/* From now on it is none of the batch's; its next one is NULL. */
static sending *take_out(seine_file_batch *batch, sending *one) {
    sending **link = &batch->first;
    while (*link != one) link = &(*link)->next;
    *link = one->next;
    if (batch->last == &one->next) batch->last = link;
    batch->held_bytes -= one->held_bytes;
    one->next = NULL;
    (void)pthread_cond_broadcast(&batch->changed);
    return one;
}

/* All that no thread has yet, one after the other. */
static sending *take_waiting(seine_file_batch *batch) {
    sending *all = NULL;
    for (sending *one = next_to_send(batch); one != NULL; one = next_to_send(batch)) {
        take_out(batch, one)->next = all;
        all = one;
    }
    return all;
}

static void send_one(seine_file_batch *batch, sending *one) {
    seine_error error = {SEINE_OK, ""};
    sending *left = NULL;
    seine_file_writer *writer = one->writer;
    one->writer = NULL;
    (void)pthread_mutex_unlock(&batch->lock);
    const seine_status status = seine_file_writer_commit(writer, one->mode, &error);
    (void)pthread_mutex_lock(&batch->lock);
    error.status = status;
    if (batch->failure.status == SEINE_OK) batch->failure = error;
    free_all(take_out(batch, one)); /* its writer is gone */
    /* What waits would only be left over, and a store that hangs would be waited for once for each. */
    if (batch->failure.status != SEINE_OK) left = take_waiting(batch);
    if (left == NULL) return;
    (void)pthread_mutex_unlock(&batch->lock);
    free_all(left);
    (void)pthread_mutex_lock(&batch->lock);
}

static void *send_all(void *context) {
    seine_file_batch *batch = context;
    (void)pthread_mutex_lock(&batch->lock);
    while (!batch->has_ended) {
        sending *one = next_to_send(batch);
        if (one != NULL) {
            send_one(batch, one);
            continue;
        }
        batch->idle_count++;
        (void)pthread_cond_wait(&batch->changed, &batch->lock);
        batch->idle_count--;
    }
    (void)pthread_mutex_unlock(&batch->lock);
    return NULL;
}

static seine_status failed(const seine_file_batch *batch, seine_error *error) {
    const seine_error *why = &batch->failure;
    return why->status == SEINE_OK ? SEINE_OK : seine_fail(error, why->status, "%s", why->text);
}

/* Takes the writer, unless it fails. */
static sending *make_sending(seine_file_writer *writer, seine_file_mode mode) {
    const uint64_t size = seine_file_writer_size(writer);
    sending *one = calloc(1, sizeof *one);
    if (one == NULL) return NULL;
    *one = (sending){.address = strdup(seine_file_writer_address(writer)),
                     .held_bytes = size < SEINE_STORE_PART_BYTES ? size : SEINE_STORE_PART_BYTES,
                     .mode = mode};
    if (one->address == NULL) {
        free(one);
        return NULL;
    }
    one->writer = writer;
    return one;
}

/* Without a thread that sends it the caller does. */
static seine_status send_later(seine_file_batch *batch, sending *one, seine_error *error) {
    while (batch->failure.status == SEINE_OK && batch->first != NULL &&
           batch->held_bytes + one->held_bytes > HELD_MAX_BYTES)
        (void)pthread_cond_wait(&batch->changed, &batch->lock);
    const seine_status status = failed(batch, error);
    if (status != SEINE_OK) {
        (void)pthread_mutex_unlock(&batch->lock);
        free_all(one);
        (void)pthread_mutex_lock(&batch->lock);
        return status;
    }
    *batch->last = one;
    batch->last = &one->next;
    batch->held_bytes += one->held_bytes;
    if (count_to_send(batch) > batch->idle_count && batch->sender_count < SENDERS_MAX &&
        pthread_create(&batch->senders[batch->sender_count], NULL, send_all, batch) == 0)
        batch->sender_count++;
    (void)pthread_cond_broadcast(&batch->changed);
    if (batch->sender_count > 0) return SEINE_OK;
    send_one(batch, one);
    return failed(batch, error);
}

static seine_status add_object(seine_file_batch *batch, seine_file_writer *writer, seine_file_mode mode,
                               seine_error *error) {
    sending *one = make_sending(writer, mode);
    if (one != NULL) return send_later(batch, one, error);
    const seine_status status = seine_no_memory(error, seine_file_writer_address(writer));
    seine_file_writer_abort(writer);
    return status;
}

/* One that waits is taken out; one that is being sent is there afterwards. @return what was taken out. */
static sending *take_sending(seine_file_batch *batch, const char *address) {
    for (;;) {
        sending *one = batch->first;
        while (one != NULL && strcmp(one->address, address) != 0) one = one->next;
        if (one == NULL) return NULL;
        if (one->writer != NULL) return take_out(batch, one);
        (void)pthread_cond_wait(&batch->changed, &batch->lock);
    }
}

/* Without the lock. */
static void end_senders(seine_file_batch *batch) {
    (void)pthread_mutex_lock(&batch->lock);
    batch->has_ended = true;
    sending *left = take_waiting(batch);
    (void)pthread_cond_broadcast(&batch->changed);
    (void)pthread_mutex_unlock(&batch->lock);
    free_all(left);
    for (size_t i = 0; i < batch->sender_count; i++) (void)pthread_join(batch->senders[i], NULL);
}

/* ---- files come and go ---- */

static seine_status sync_file(waiting *file, seine_error *error) {
    const int descriptor = file->descriptor;
    file->descriptor = -1;
    return descriptor >= 0 ? seine_local_sync(descriptor, file->temp, error) : SEINE_OK;
}

static void remove_temp(waiting *file) {
    if (file->descriptor >= 0) close(file->descriptor);
    if (file->temp != NULL) seine_best_effort(seine_file_remove(file->temp, NULL));
    file->descriptor = -1;
    file->temp = NULL;
}

/* Under the lock. @return whether there is one whose bytes are not durable; it is the caller's to sync. */
static bool take_unsynced(seine_file_batch *batch, waiting *file) {
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->files[i].descriptor < 0) continue;
        *file = batch->files[i];
        batch->files[i].descriptor = -1;
        return true;
    }
    return false;
}

/* As long as there are any; one that is removed meanwhile loses its name only. */
static void sync_waiting(void *context, size_t member) {
    seine_file_batch *batch = context;
    waiting file;
    (void)member;
    (void)pthread_mutex_lock(&batch->lock);
    while (take_unsynced(batch, &file)) {
        seine_error error = {SEINE_OK, ""};
        (void)pthread_mutex_unlock(&batch->lock);
        const seine_status status = sync_file(&file, &error);
        (void)pthread_mutex_lock(&batch->lock);
        if (status != SEINE_OK && batch->failure.status == SEINE_OK) batch->failure = error;
    }
    (void)pthread_mutex_unlock(&batch->lock);
}

static void *sync_beside(void *context) {
    seine_file_batch *batch = context;
    sync_waiting(context, 0);
    (void)pthread_mutex_lock(&batch->lock);
    batch->syncing_count--;
    (void)pthread_mutex_unlock(&batch->lock);
    return NULL;
}

static size_t count_unsynced(const seine_file_batch *batch) {
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) count += batch->files[i].descriptor >= 0;
    return count;
}

static void join_syncers(seine_file_batch *batch) {
    while (batch->syncer_count > 0) (void)pthread_join(batch->syncers[--batch->syncer_count], NULL);
}

/* What no thread can be had for is left to the end. */
void seine_file_batch_begin_end(seine_file_batch *batch) {
    if (batch == NULL) return;
    (void)pthread_mutex_lock(&batch->lock);
    for (size_t left = count_unsynced(batch); left > 0 && batch->syncer_count < SYNC_THREADS; left--) {
        if (pthread_create(&batch->syncers[batch->syncer_count], NULL, sync_beside, batch) != 0) break;
        batch->syncer_count++;
        batch->syncing_count++;
    }
    (void)pthread_mutex_unlock(&batch->lock);
}

static void clear(seine_file_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) remove_temp(&batch->files[i]);
    batch->count = 0;
    seine_arena_free(&batch->arena);
}

void seine_file_batch_free(seine_file_batch *batch) {
    if (batch == NULL) return;
    end_senders(batch);
    join_syncers(batch);
    clear(batch);
    (void)pthread_cond_destroy(&batch->changed);
    (void)pthread_mutex_destroy(&batch->lock);
    free(batch->files);
    free(batch);
}

static seine_status add(seine_file_batch *batch, seine_file_writer *writer, seine_file_mode mode, seine_error *error) {
    waiting file = {.mode = mode};
    SEINE_TRY(seine_file_writer_end(writer, &batch->arena, &file.temp, &file.path, &file.descriptor, error));
    if (batch->count >= OPEN_MAX) {
        const seine_status status = sync_file(&file, error);
        if (status != SEINE_OK) remove_temp(&file);
        SEINE_TRY(status);
    }
    if (SEINE_ARRAY_ROOM(batch->files, batch->count, batch->capacity, 1, FILES_MAX) != SEINE_OK) {
        remove_temp(&file);
        return seine_no_memory(error, file.path);
    }
    batch->files[batch->count++] = file;
    return SEINE_OK;
}

seine_status seine_file_batch_commit(seine_file_batch *batch, seine_file_writer *writer, seine_file_mode mode,
                                     seine_error *error) {
    if (batch == NULL) return seine_file_writer_commit(writer, mode, error);
    (void)pthread_mutex_lock(&batch->lock);
    const seine_status status = seine_file_writer_address(writer) != NULL ? add_object(batch, writer, mode, error)
                                                                          : add(batch, writer, mode, error);
    (void)pthread_mutex_unlock(&batch->lock);
    return status;
}

seine_status seine_file_batch_write(seine_file_batch *batch, const char *path, const void *bytes, size_t size,
                                    seine_file_mode mode, seine_error *error) {
    seine_file_writer *writer = NULL;
    SEINE_TRY(seine_file_writer_open(path, &writer, error));
    const seine_status status = seine_file_writer_append(writer, bytes, size, error);
    if (status == SEINE_OK) return seine_file_batch_commit(batch, writer, mode, error);
    seine_file_writer_abort(writer);
    return status;
}

/* Under the lock. @return whether there was one; it is one of the last. */
static bool take_file(seine_file_batch *batch, const char *path, waiting *file) {
    size_t at = batch->count;
    while (at > 0 && strcmp(batch->files[at - 1].path, path) != 0) at--;
    if (at == 0) return false;
    *file = batch->files[at - 1];
    batch->files[at - 1] = batch->files[--batch->count];
    return true;
}

seine_status seine_file_batch_remove(seine_file_batch *batch, const char *path, seine_error *error) {
    waiting file = {.descriptor = -1};
    (void)pthread_mutex_lock(&batch->lock);
    sending *unsent = take_sending(batch, path);
    if (unsent == NULL) (void)take_file(batch, path, &file);
    (void)pthread_mutex_unlock(&batch->lock);
    /* Nobody else waits for the disk or the network meanwhile. */
    const bool is_unsent = unsent != NULL;
    free_all(unsent);
    if (is_unsent) return SEINE_OK;
    const seine_status status = seine_file_remove(file.temp != NULL ? file.temp : path, error);
    if (status == SEINE_OK) file.temp = NULL;
    remove_temp(&file);
    return status;
}

/* ---- the end ---- */

static seine_status sync_folder_of(void *context, size_t member, size_t i, seine_error *error) {
    const seine_file_batch *batch = context;
    (void)member;
    return seine_local_sync_name(batch->files[i].path, error);
}

static seine_status each(seine_file_batch *batch,
                         seine_status (*task)(void *context, size_t member, size_t i, seine_error *error),
                         seine_error *error) {
    const seine_thread_tasks tasks = {.task = task, .context = batch, .count = batch->count};
    return seine_threads_each(SYNC_THREADS, &tasks, error);
}

static seine_status give_names(seine_file_batch *batch, seine_error *error) {
    for (size_t i = 0; i < batch->count; i++) {
        waiting *file = &batch->files[i];
        const char *temp = file->temp;
        file->temp = NULL; /* gone in every case */
        SEINE_TRY(seine_local_give_name(temp, file->path, file->mode, error));
    }
    return SEINE_OK;
}

static size_t folder_size(const waiting *file) { return (size_t)(seine_file_name(file->path) - file->path); }

static int compare_folders(const void *a, const void *b) {
    const waiting *left = a, *right = b;
    const size_t left_size = folder_size(left), right_size = folder_size(right);
    if (left_size != right_size) return left_size < right_size ? -1 : 1;
    return memcmp(left->path, right->path, left_size);
}

/* Of the named files one for each folder. */
static void keep_folders(seine_file_batch *batch) {
    size_t kept = 0;
    if (batch->count > 0) qsort(batch->files, batch->count, sizeof *batch->files, compare_folders);
    for (size_t i = 0; i < batch->count; i++)
        if (kept == 0 || compare_folders(&batch->files[kept - 1], &batch->files[i]) != 0)
            batch->files[kept++] = batch->files[i];
    batch->count = kept;
}

/* The bytes of all; objects are there then. */
static seine_status end_bytes(seine_file_batch *batch, seine_error *error) {
    (void)pthread_mutex_lock(&batch->lock);
    const size_t left = count_unsynced(batch), more = SYNC_THREADS - batch->syncing_count;
    (void)pthread_mutex_unlock(&batch->lock);
    seine_threads_run(left < more ? left : more, sync_waiting, batch);
    join_syncers(batch);
    (void)pthread_mutex_lock(&batch->lock);
    while (batch->first != NULL) (void)pthread_cond_wait(&batch->changed, &batch->lock);
    const seine_status status = failed(batch, error);
    batch->failure = (seine_error){SEINE_OK, ""};
    (void)pthread_mutex_unlock(&batch->lock);
    return status;
}

seine_status seine_file_batch_end(seine_file_batch *batch, seine_error *error) {
    if (batch == NULL) return SEINE_OK;
    SEINE_TRY(end_bytes(batch, error));
    SEINE_TRY(give_names(batch, error));
    keep_folders(batch);
    SEINE_TRY(each(batch, sync_folder_of, error));
    clear(batch);
    return SEINE_OK;
}
