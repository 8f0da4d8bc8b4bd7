/* The threads that sync only wait, so there are more of them than processors; the disk makes one step of what waits. */
#include "io/file_batch.h"

#include "base/array.h"
#include "base/threads.h"
#include "base/try.h"
#include "io/local/local.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define SYNC_THREADS 8
#define OPEN_MAX ((size_t)256) /* files; those beyond are synced at once */
#define FILES_MAX ((size_t)1 << 24)

/* A file that waits; without temporary name it waits no more. */
typedef struct waiting {
    const char *temp, *path;
    int descriptor; /* -1: its bytes are durable */
    seine_file_mode mode;
} waiting;

struct seine_file_batch {
    pthread_mutex_t lock; /* of all below while files are added */
    seine_arena arena;
    waiting *files;
    size_t count, capacity;
};

seine_file_batch *seine_file_batch_new(void) {
    seine_file_batch *batch = calloc(1, sizeof *batch);
    if (batch != NULL) (void)pthread_mutex_init(&batch->lock, NULL);
    return batch;
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

static void clear(seine_file_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) remove_temp(&batch->files[i]);
    batch->count = 0;
    seine_arena_free(&batch->arena);
}

void seine_file_batch_free(seine_file_batch *batch) {
    if (batch == NULL) return;
    clear(batch);
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
    if (batch == NULL || !seine_file_writer_waits(writer)) return seine_file_writer_commit(writer, mode, error);
    (void)pthread_mutex_lock(&batch->lock);
    const seine_status status = add(batch, writer, mode, error);
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

seine_status seine_file_batch_remove(seine_file_batch *batch, const char *path, seine_error *error) {
    (void)pthread_mutex_lock(&batch->lock);
    size_t at = batch->count; /* it is one of the last */
    while (at > 0 && strcmp(batch->files[at - 1].path, path) != 0) at--;
    waiting *file = at > 0 ? &batch->files[at - 1] : NULL;
    const seine_status status = seine_file_remove(file != NULL && file->temp != NULL ? file->temp : path, error);
    if (status == SEINE_OK && file != NULL) {
        file->temp = NULL;
        remove_temp(file);
        *file = batch->files[--batch->count];
    }
    (void)pthread_mutex_unlock(&batch->lock);
    return status;
}

/* ---- the end ---- */

static seine_status sync_bytes(void *context, size_t member, size_t i, seine_error *error) {
    seine_file_batch *batch = context;
    (void)member;
    return sync_file(&batch->files[i], error);
}

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

seine_status seine_file_batch_end(seine_file_batch *batch, seine_error *error) {
    if (batch == NULL) return SEINE_OK;
    SEINE_TRY(each(batch, sync_bytes, error));
    SEINE_TRY(give_names(batch, error));
    keep_folders(batch);
    SEINE_TRY(each(batch, sync_folder_of, error));
    clear(batch);
    return SEINE_OK;
}
