/*
 * Files that are objects.
 *
 *     read in places:  a copy in the cache, if the object never changes and is not too large for it
 *                      └─ else windows: a range is read with what lies behind it, so that many small reads are one
 *     written:         gathered in memory up to one part ─▶ put;  more ─▶ an upload in parts, seen when it ends
 *                      └─ and to a copy in the cache, because what was written is what is read next
 */
#include "io/store/object.h"

#include "base/array.h"
#include "base/try.h"
#include "io/local/local.h"
#include "io/store/cache.h"
#include "io/store/stores.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WINDOW_BYTES ((size_t)512 * 1024) /* least read of a range: about what the first byte of it costs in time */
#define WINDOW_STEP ((size_t)128 * 1024)  /* from a multiple of it on: what is wanted next may lie a little before */
#define WINDOW_MOST ((size_t)4 << 20)     /* and most that is read ahead of one who reads on and on */
#define ENTRIES_MAX ((size_t)1 << 28)     /* of one listing */
#define REMOVE_BATCH 1000
#define UPLOAD_MARK "?uploadId=" /* stands between the key and the id of an unfinished upload */

/* Whether a copy of the object may be used again, if it has not changed. */
static bool is_worth_keeping(const char *address) {
    static const char *const endings[] = {".parquet", ".avro", ".metadata.json"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (seine_str_ends_with_nocase(seine_str_of(address), seine_str_of(endings[i]))) return true;
    return strstr(address, "/bronze/") != NULL;
}

static bool is_uuid(const char *text) {
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '-' ? text[i] != '-' : text[i] == '\0' || strchr("0123456789abcdef", text[i]) == NULL)
            return false;
    return true;
}

/* Data, manifests and states of a table have a UUID in their name, which is never given to other bytes. */
static bool is_immutable(const char *address) {
    for (const char *at = seine_file_name(address); *at != '\0'; at++)
        if (is_uuid(at)) return true;
    return false;
}

/* @return the cache that gets a copy of what is written there; NULL: none does. */
static seine_cache *cache_of_written(const char *address) {
    return is_worth_keeping(address) && is_immutable(address) ? seine_stores_cache() : NULL;
}

/* What a copy is kept under: the place of the store, the address, and for what may change, which state of it it is. */
static seine_status name_copy(const char *address, seine_arena *arena, const char **name, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    seine_object object = {0};
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    const char *place = store->place != NULL ? store->place : "";
    if (is_immutable(address)) {
        *name = seine_arena_printf(arena, "%s\n%s", place, address);
    } else {
        SEINE_TRY(store->ops->look(store, key, &object, error));
        *name = seine_arena_printf(arena, "%s\n%s\n%s\n%llu\n%lld", place, address, object.etag,
                                   (unsigned long long)object.size, (long long)object.modified_us);
    }
    return *name != NULL ? SEINE_OK : seine_no_memory(error, address);
}

/* After a write or removal. What has its state in its name is not found again anyway. */
static void drop_copy(const char *address) {
    seine_arena arena = {0};
    const char *name = NULL;
    seine_cache *cache = cache_of_written(address);
    if (cache != NULL && name_copy(address, &arena, &name, NULL) == SEINE_OK) seine_cache_drop(cache, name);
    seine_arena_free(&arena);
}

/* ---- looking ---------------------------------------------------------------------------------------------------- */

static seine_status see_one(void *context, const seine_object *object, seine_error *error) {
    (void)object, (void)error;
    *(bool *)context = true;
    return SEINE_E_FULL; /* one is enough */
}

seine_status seine_object_stat(const char *address, seine_file_info *info, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    seine_object object = {0};
    seine_error why = {0};
    bool is_folder = false;
    *info = (seine_file_info){.kind = SEINE_FILE_NONE};
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    seine_status status = *key != '\0' ? store->ops->look(store, key, &object, &why) : SEINE_E_NOT_FOUND;
    if (status == SEINE_OK) {
        *info = (seine_file_info){SEINE_FILE_PLAIN, object.size, object.modified_us};
        return SEINE_OK;
    }
    if (status != SEINE_E_NOT_FOUND) return seine_fail(error, status, "%s", why.text);
    seine_arena arena = {0};
    const char *prefix = seine_arena_printf(&arena, "%s%s", key, *key != '\0' ? "/" : "");
    status = prefix != NULL ? store->ops->list(store, prefix, true, see_one, &is_folder, error)
                            : seine_no_memory(error, address);
    seine_arena_free(&arena);
    if (status == SEINE_OK || status == SEINE_E_FULL)
        info->kind = is_folder || *key == '\0' ? SEINE_FILE_FOLDER : SEINE_FILE_NONE;
    return status == SEINE_E_FULL ? SEINE_OK : status;
}

seine_status seine_object_told_sum(const char *address, char sum[65], seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    seine_object object = {0};
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    SEINE_TRY(store->ops->look(store, key, &object, error));
    memcpy(sum, object.sum, sizeof object.sum);
    return SEINE_OK;
}

/* ---- copies on this machine ------------------------------------------------------------------------------------- */

typedef struct copying {
    const char *address;
    uint64_t most; /* bytes */
    seine_object_version version;
    int descriptor;
} copying;

static seine_status write_copy(void *context, const void *bytes, size_t size, seine_error *error) {
    const copying *c = context;
    (void)error;
    if (c->version.size > c->most) return SEINE_E_FULL;
    /* A full disk, say: the copy is given up, and the object read without it. */
    return seine_local_write(c->descriptor, c->address, bytes, size, NULL) == SEINE_OK ? SEINE_OK : SEINE_E_FULL;
}

/* @return as seine_store_ops.get; E_FULL: the object is larger than c->most, or its copy cannot be written. */
static seine_status download(copying *c, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    SEINE_TRY(seine_stores_find(c->address, &store, &key, error));
    return store->ops->get(store, key, 0, SEINE_STORE_ALL, &c->version, write_copy, c, error);
}

/* A copy that the cache keeps. *descriptor stays -1 when there is no cache for it. */
static seine_status copy_into(seine_cache *cache, const char *address, const char *name, seine_arena *arena,
                              int *descriptor, seine_error *error) {
    seine_cache_entry entry;
    if (!seine_cache_begin(cache, &entry)) return SEINE_OK; /* a full disk, say: the object is read without it */
    copying c = {.address = address, .most = seine_cache_largest(cache), .descriptor = entry.descriptor};
    const char *now = name;
    seine_status status = download(&c, error);
    if (status == SEINE_OK && !is_immutable(address)) status = name_copy(address, arena, &now, error);
    const bool is_good = status == SEINE_OK && strcmp(now, name) == 0; /* else it changed while it was copied */
    *descriptor = seine_cache_end(cache, &entry, is_good ? name : NULL, c.version.size);
    return status == SEINE_E_FULL ? SEINE_OK : status;
}

/* *name in @p arena: what the copy is kept under. */
static seine_status open_named(const char *address, seine_arena *arena, const char **name, int *descriptor,
                               seine_error *error) {
    seine_cache *cache = seine_stores_cache();
    *descriptor = -1;
    if (cache == NULL || !is_worth_keeping(address)) return SEINE_OK;
    SEINE_TRY(name_copy(address, arena, name, error));
    *descriptor = seine_cache_find(cache, *name);
    return *descriptor >= 0 ? SEINE_OK : copy_into(cache, address, *name, arena, descriptor, error);
}

static seine_status open_cached(const char *address, int *descriptor, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *name = NULL;
    return open_named(address, &arena, &name, descriptor, error);
}

seine_status seine_object_copy(const char *address, seine_error *error) {
    int descriptor = -1;
    SEINE_TRY(open_cached(address, &descriptor, error));
    if (descriptor >= 0) (void)close(descriptor);
    return SEINE_OK;
}

seine_status seine_object_pin(const char *address, seine_arena *arena, const char **path, seine_error *error) {
    seine_cache *cache = seine_stores_cache();
    const char *name = NULL;
    int descriptor = -1;
    *path = address;
    if (cache == NULL || !seine_cache_can_pin(cache)) return SEINE_OK;
    SEINE_TRY(open_named(address, arena, &name, &descriptor, error));
    if (descriptor < 0) return SEINE_OK;
    const char *pinned = seine_cache_pin(cache, name, seine_file_name(address), arena);
    (void)close(descriptor);
    if (pinned != NULL) *path = pinned;
    return SEINE_OK;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

typedef struct gathering {
    const char *address;
    seine_buf *out;
    seine_object_version version;
    size_t before;
} gathering;

static seine_status gather(void *context, const void *bytes, size_t size, seine_error *error) {
    const gathering *g = context;
    const seine_status status = seine_buf_append(g->out, bytes, size);
    if (status == SEINE_E_LIMIT)
        return seine_fail(error, status, "%s is larger than %zu bytes", g->address, g->out->max);
    return status == SEINE_OK ? SEINE_OK : seine_no_memory(error, g->address);
}

static seine_status read_descriptor(const char *address, int descriptor, seine_buf *out, seine_error *error) {
    uint8_t bytes[65536];
    const gathering g = {.address = address, .out = out};
    for (;;) {
        const ssize_t got = read(descriptor, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return seine_fail(error, SEINE_E_IO, "cannot read the copy of %s: %s", address, strerror(errno));
        if (got == 0) return SEINE_OK;
        SEINE_TRY(gather((void *)(uintptr_t)&g, bytes, (size_t)got, error));
    }
}

seine_status seine_object_read(const char *address, seine_buf *out, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    int descriptor = -1;
    gathering g = {.address = address, .out = out, .before = out->size};
    seine_status status = open_cached(address, &descriptor, error);
    if (status == SEINE_OK && descriptor >= 0) {
        status = read_descriptor(address, descriptor, out, error);
        (void)close(descriptor);
    } else if (status == SEINE_OK) {
        status = seine_stores_find(address, &store, &key, error);
        if (status == SEINE_OK) status = store->ops->get(store, key, 0, SEINE_STORE_ALL, &g.version, gather, &g, error);
    }
    if (status != SEINE_OK) out->size = g.before;
    return status;
}

seine_status seine_object_stream(const char *address, seine_bytes_fn take, void *context, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    seine_object_version version = {0};
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    return store->ops->get(store, key, 0, SEINE_STORE_ALL, &version, take, context, error);
}

/* ---- reading in places ------------------------------------------------------------------------------------------ */

#define WINDOWS 4

/* The end of the object, for which footers are asked first, and what was read last, all of one state of it. */
struct seine_object_random {
    seine_store *store;
    char *key;
    seine_object_version version;
    pthread_mutex_t mutex; /* guards what follows */
    struct window {
        uint64_t from;
        seine_buf bytes;
    } windows[WINDOWS];
    size_t last; /* the newest of them */
};

static void free_random(struct seine_object_random *object) {
    if (object == NULL) return;
    for (size_t i = 0; i < WINDOWS; i++) seine_buf_free(&object->windows[i].bytes);
    (void)pthread_mutex_destroy(&object->mutex);
    free(object->key);
    free(object);
}

static seine_status open_ranges(const char *address, seine_file_random *file, seine_error *error) {
    const char *key = NULL;
    struct seine_object_random *object = calloc(1, sizeof *object);
    if (object == NULL) return seine_no_memory(error, address);
    (void)pthread_mutex_init(&object->mutex, NULL);
    for (size_t i = 0; i < WINDOWS; i++) seine_buf_init(&object->windows[i].bytes, WINDOW_MOST);
    gathering g = {.address = address, .out = &object->windows[0].bytes};
    seine_status status = seine_stores_find(address, &object->store, &key, error);
    if (status == SEINE_OK) object->key = strdup(key);
    if (status == SEINE_OK && object->key == NULL) status = seine_no_memory(error, address);
    if (status == SEINE_OK)
        status = object->store->ops->get(object->store, key, SEINE_STORE_TAIL, WINDOW_BYTES, &object->version, gather,
                                         &g, error);
    if (status != SEINE_OK) {
        free_random(object);
        return status;
    }
    object->windows[0].from = object->version.size - g.out->size;
    file->object = object;
    file->size = object->version.size;
    return SEINE_OK;
}

seine_status seine_object_random_open(const char *address, seine_file_random *file, seine_error *error) {
    *file = (seine_file_random){.path = address, .descriptor = -1};
    SEINE_TRY(open_cached(address, &file->descriptor, error));
    if (file->descriptor < 0) return open_ranges(address, file, error);
    const off_t size = lseek(file->descriptor, 0, SEEK_END);
    if (size >= 0) {
        file->size = (uint64_t)size;
        return SEINE_OK;
    }
    const seine_status status =
        seine_fail(error, SEINE_E_IO, "cannot read the copy of %s: %s", address, strerror(errno));
    seine_local_random_close(file);
    return status;
}

static bool copy_window(const struct window *window, uint64_t offset, void *bytes, size_t size) {
    if (offset < window->from || offset - window->from > window->bytes.size) return false;
    const size_t skipped = (size_t)(offset - window->from);
    if (size > window->bytes.size - skipped) return false;
    if (size > 0) memcpy(bytes, window->bytes.data + skipped, size);
    return true;
}

static seine_status read_range(const seine_file_random *file, uint64_t offset, size_t size, seine_buf *out,
                               seine_error *error) {
    const struct seine_object_random *object = file->object;
    gathering g = {.address = file->path, .out = out};
    seine_object_version version = object->version;
    return object->store->ops->get(object->store, object->key, offset, size, &version, gather, &g, error);
}

/* A piece of the object to read, and the window that it becomes. */
typedef struct piece {
    uint64_t from;
    size_t size, window;
} piece;

/*
 * What to read for bytes that are in no window: some before and more behind them. Who reads on where the last window
 * ends gets twice as much each time, in its place.
 */
static piece piece_for(const seine_file_random *file, uint64_t offset, size_t size) {
    const struct seine_object_random *object = file->object;
    const struct window *last = &object->windows[object->last];
    const size_t had = last->bytes.size;
    const bool goes_on = had >= WINDOW_BYTES && offset > last->from && offset - last->from <= had;
    const size_t least = !goes_on ? WINDOW_BYTES : had < WINDOW_MOST / 2 ? 2 * had : WINDOW_MOST;
    piece p = {.from = goes_on ? offset : offset - offset % WINDOW_STEP,
               .window = goes_on ? object->last : object->last % (WINDOWS - 1) + 1};
    const uint64_t behind = file->size - p.from;
    p.size = size + (size_t)(offset - p.from);
    if (p.size < least) p.size = behind < least ? (size_t)behind : least;
    return p;
}

/* Keeps what was read, unless it is too much. */
static void keep_window(struct seine_object_random *object, const piece *p, seine_buf *read) {
    if (read->size > WINDOW_MOST) return;
    (void)pthread_mutex_lock(&object->mutex);
    const seine_buf former = object->windows[p->window].bytes;
    object->windows[p->window] = (struct window){p->from, *read};
    object->last = p->window;
    (void)pthread_mutex_unlock(&object->mutex);
    *read = former;
}

seine_status seine_object_random_read(const seine_file_random *file, uint64_t offset, void *bytes, size_t size,
                                      seine_error *error) {
    struct seine_object_random *object = file->object;
    seine_buf read;
    bool is_there = false;
    (void)pthread_mutex_lock(&object->mutex);
    for (size_t i = 0; i < WINDOWS && !is_there; i++) is_there = copy_window(&object->windows[i], offset, bytes, size);
    const piece p = piece_for(file, offset, size);
    (void)pthread_mutex_unlock(&object->mutex);
    if (is_there) return SEINE_OK;
    seine_buf_init(&read, p.size);
    const seine_status status = read_range(file, p.from, p.size, &read, error);
    if (status == SEINE_OK) {
        memcpy(bytes, read.data + (offset - p.from), size);
        keep_window(object, &p, &read);
    }
    seine_buf_free(&read);
    return status;
}

void seine_object_random_close(seine_file_random *file) {
    free_random(file->object);
    file->object = NULL;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

struct seine_object_writer {
    char *address;
    seine_store *store;
    const char *key; /* in the address */
    seine_buf bytes; /* that are not yet sent */
    char sum[65];    /* of all, as it was told beforehand; "" = it was not */
    seine_upload *upload;
    size_t parts;
    seine_cache *cache; /* that gets a copy; NULL: none does */
    seine_cache_entry entry;
    copying copy; /* version: the bytes that are sent */
};

static void give_copy_up(seine_object_writer *writer) {
    if (writer->cache != NULL && writer->copy.descriptor >= 0)
        (void)seine_cache_end(writer->cache, &writer->entry, NULL, 0);
    writer->cache = NULL;
}

static void free_writer(seine_object_writer *writer) {
    give_copy_up(writer);
    seine_buf_free(&writer->bytes);
    free(writer->address);
    free(writer);
}

/* To the copy too, if there can be one. */
static void copy_sent(seine_object_writer *w) {
    if (w->cache == NULL) return;
    if (w->copy.descriptor < 0 && seine_cache_begin(w->cache, &w->entry)) w->copy.descriptor = w->entry.descriptor;
    w->copy.version.size += w->bytes.size;
    if (w->copy.descriptor < 0 || write_copy(&w->copy, w->bytes.data, w->bytes.size, NULL) != SEINE_OK) give_copy_up(w);
}

/* @return whether the object, which is there now, has its copy. */
static bool keep_copy(seine_object_writer *w) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *name = NULL;
    if (w->cache == NULL || name_copy(w->address, &arena, &name, NULL) != SEINE_OK) return false;
    const int descriptor = seine_cache_end(w->cache, &w->entry, name, w->copy.version.size);
    w->cache = NULL;
    if (descriptor < 0) return false;
    (void)close(descriptor);
    return true;
}

seine_status seine_object_writer_open(const char *address, seine_object_writer **writer, seine_error *error) {
    *writer = NULL;
    seine_object_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return seine_no_memory(error, address);
    seine_buf_init(&w->bytes, SEINE_STORE_PART_BYTES);
    w->address = strdup(address);
    w->cache = cache_of_written(address);
    w->copy = (copying){
        .address = w->address, .most = w->cache != NULL ? seine_cache_largest(w->cache) : 0, .descriptor = -1};
    const seine_status status =
        w->address != NULL ? seine_stores_find(w->address, &w->store, &w->key, error) : seine_no_memory(error, address);
    if (status == SEINE_OK)
        *writer = w;
    else
        free_writer(w);
    return status;
}

void seine_object_writer_tell(seine_object_writer *writer, const char *sum) {
    (void)snprintf(writer->sum, sizeof writer->sum, "%s", sum);
}

static seine_status send_part(seine_object_writer *w, seine_error *error) {
    if (w->parts == SEINE_STORE_PARTS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "%s: larger than %d parts of %zu bytes", w->address,
                          SEINE_STORE_PARTS_MAX, SEINE_STORE_PART_BYTES);
    if (w->upload == NULL) SEINE_TRY(w->store->ops->upload_begin(w->store, w->key, w->sum, &w->upload, error));
    SEINE_TRY(w->store->ops->upload_part(w->upload, w->bytes.data, w->bytes.size, error));
    w->parts++;
    copy_sent(w);
    seine_buf_clear(&w->bytes);
    return SEINE_OK;
}

seine_status seine_object_writer_append(seine_object_writer *writer, const void *bytes, size_t size,
                                        seine_error *error) {
    for (const char *at = bytes; size > 0;) {
        if (writer->bytes.size == SEINE_STORE_PART_BYTES) SEINE_TRY(send_part(writer, error));
        const size_t room = SEINE_STORE_PART_BYTES - writer->bytes.size, taken = size < room ? size : room;
        if (seine_buf_append(&writer->bytes, at, taken) != SEINE_OK) return seine_no_memory(error, writer->address);
        at += taken;
        size -= taken;
    }
    return SEINE_OK;
}

seine_status seine_object_writer_commit(seine_object_writer *writer, seine_file_mode mode, seine_error *error) {
    seine_status status = SEINE_OK;
    if (writer->upload == NULL) {
        const seine_body body =
            seine_body_of(writer->bytes.size > 0 ? (const char *)writer->bytes.data : "", writer->bytes.size);
        status = writer->store->ops->put(writer->store, writer->key, &body, mode, error);
        if (status == SEINE_OK) copy_sent(writer);
    } else {
        status = send_part(writer, error);
        if (status == SEINE_OK)
            status = writer->store->ops->upload_end(writer->upload, mode, error);
        else
            writer->store->ops->upload_abort(writer->upload);
    }
    if (status != SEINE_OK || !keep_copy(writer))
        drop_copy(writer->address); /* whatever was told: the object may be another one now */
    free_writer(writer);
    return status;
}

const char *seine_object_writer_address(const seine_object_writer *writer) { return writer->address; }

void seine_object_writer_abort(seine_object_writer *writer) {
    if (writer->upload != NULL) writer->store->ops->upload_abort(writer->upload);
    free_writer(writer);
}

/* @return whether a file whose bytes are an object's now is its copy, too. */
static bool copy_published(const char *temp_path, const char *address, uint64_t size) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_cache *cache = cache_of_written(address);
    seine_cache_entry entry;
    const char *name = NULL;
    if (cache == NULL || name_copy(address, &arena, &name, NULL) != SEINE_OK || !seine_cache_begin(cache, &entry))
        return false;
    copying c = {.address = address,
                 .most = seine_cache_largest(cache),
                 .version = {.size = size},
                 .descriptor = entry.descriptor};
    const bool is_whole = seine_local_stream(temp_path, write_copy, &c, NULL) == SEINE_OK;
    const int descriptor = seine_cache_end(cache, &entry, is_whole ? name : NULL, size);
    if (descriptor >= 0) (void)close(descriptor);
    return descriptor >= 0;
}

static seine_status publish(const char *temp_path, const char *address, const char *sha256, seine_file_mode mode,
                            seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    seine_file_random file = {.descriptor = -1};
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    SEINE_TRY(seine_local_random_open(temp_path, &file, error));
    const seine_body body = {.size = file.size, .sha256 = sha256, .file = file.descriptor};
    const seine_status status = store->ops->put(store, key, &body, mode, error);
    if (status != SEINE_OK || !copy_published(temp_path, address, file.size)) drop_copy(address);
    seine_local_random_close(&file);
    return status;
}

seine_status seine_object_publish(const char *temp_path, const char *address, const char *sha256, seine_file_mode mode,
                                  seine_error *error) {
    const seine_status status = publish(temp_path, address, sha256, mode, error);
    (void)unlink(temp_path);
    return status;
}

/* ---- removing and listing --------------------------------------------------------------------------------------- */

seine_status seine_object_remove(const char *address, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    const char *mark = strstr(key, UPLOAD_MARK);
    if (mark == NULL) {
        const seine_status removed = *key != '\0' ? store->ops->remove(store, &key, 1, error) : SEINE_OK;
        drop_copy(address);
        return removed;
    }
    char *upload_key = strndup(key, (size_t)(mark - key));
    const seine_status status = upload_key != NULL
                                    ? store->ops->upload_remove(store, upload_key, mark + strlen(UPLOAD_MARK), error)
                                    : seine_no_memory(error, address);
    free(upload_key);
    return status;
}

typedef struct listing {
    const char *address;
    const char *prefix; /* of each key: the folder's name and its '/' */
    size_t skip;        /* its size */
    seine_arena *arena;
    seine_file_entry *entries;
    size_t count, capacity;
} listing;

static seine_status add_entry(void *context, const seine_object *object, seine_error *error) {
    listing *list = context;
    if (strncmp(object->key, list->prefix, list->skip) != 0)
        return seine_fail(error, SEINE_E_IO,
                          "%s: the store does not answer as S3 does: it lists a name that does not begin with it",
                          list->address);
    const char *name = object->key + list->skip;
    const size_t size = strlen(name);
    if (size == 0 || name[size - 1] == '/') return SEINE_OK; /* other programs' stand-ins for an empty folder */
    const char *copy = object->upload != NULL
                           ? seine_arena_printf(list->arena, "%s" UPLOAD_MARK "%s", name, object->upload)
                           : seine_arena_copy(list->arena, name, size);
    if (copy == NULL || SEINE_ARRAY_ROOM(list->entries, list->count, list->capacity, 1, ENTRIES_MAX) != SEINE_OK)
        return seine_no_memory(error, list->address);
    const seine_file_kind kind = object->is_folder ? SEINE_FILE_FOLDER : SEINE_FILE_PLAIN;
    list->entries[list->count++] = (seine_file_entry){copy, {kind, object->size, object->modified_us}, NULL};
    return SEINE_OK;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const seine_file_entry *)a)->name, ((const seine_file_entry *)b)->name);
}

typedef enum what { DIRECT, ALL, UNFINISHED } what;

static seine_status list_all(const char *address, what which, seine_arena *arena, seine_file_entry **entries,
                             size_t *count, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    *entries = NULL;
    *count = 0;
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    const char *prefix = seine_arena_printf(arena, "%s%s", key, *key != '\0' ? "/" : "");
    if (prefix == NULL) return seine_no_memory(error, address);
    listing list = {.address = address, .prefix = prefix, .skip = strlen(prefix), .arena = arena};
    seine_status status = which == UNFINISHED ? store->ops->uploads(store, prefix, add_entry, &list, error)
                                              : store->ops->list(store, prefix, which == ALL, add_entry, &list, error);
    if (list.count > 1) qsort(list.entries, list.count, sizeof *list.entries, by_name);
    if (status == SEINE_OK) {
        *entries = SEINE_ARENA_ARRAY(arena, seine_file_entry, list.count);
        if (*entries == NULL) status = seine_no_memory(error, address);
        if (*entries != NULL && list.count > 0) memcpy(*entries, list.entries, list.count * sizeof *list.entries);
    }
    if (status == SEINE_OK) *count = list.count;
    free(list.entries);
    return status;
}

seine_status seine_object_list(const char *address, bool recursive, seine_arena *arena, seine_file_entry **entries,
                               size_t *count, seine_error *error) {
    return list_all(address, recursive ? ALL : DIRECT, arena, entries, count, error);
}

seine_status seine_object_list_unfinished(const char *address, seine_arena *arena, seine_file_entry **entries,
                                          size_t *count, seine_error *error) {
    return list_all(address, UNFINISHED, arena, entries, count, error);
}

/* Of one store, with one request. *count is how many were taken. */
static seine_status remove_some(const char *const *addresses, size_t *count, seine_error *error) {
    const char *keys[REMOVE_BATCH];
    const size_t most = *count < REMOVE_BATCH ? *count : REMOVE_BATCH;
    seine_store *store = NULL, *next = NULL;
    seine_status status = seine_stores_find(addresses[0], &store, &keys[0], error);
    for (*count = 1, next = store; status == SEINE_OK && *count < most; ++*count) {
        status = seine_stores_find(addresses[*count], &next, &keys[*count], error);
        if (next != store) break;
    }
    if (status == SEINE_OK) status = store->ops->remove(store, keys, *count, error);
    for (size_t i = 0; i < *count; i++) drop_copy(addresses[i]);
    return status;
}

seine_status seine_object_remove_many(const char *const *addresses, size_t count, seine_error *error) {
    for (size_t first = 0; first < count;) {
        size_t taken = count - first;
        SEINE_TRY(remove_some(addresses + first, &taken, error));
        first += taken;
    }
    return SEINE_OK;
}

/* The objects below it, and the one of just this name. */
static seine_status name_tree(const char *address, seine_arena *arena, const char ***addresses, size_t *count,
                              seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    seine_file_entry *entries = NULL;
    SEINE_TRY(seine_stores_find(address, &store, &key, error));
    SEINE_TRY(seine_object_list(address, true, arena, &entries, count, error));
    const char **all = SEINE_ARENA_ARRAY(arena, const char *, *count + 1);
    if (all == NULL) return seine_no_memory(error, address);
    for (size_t i = 0; i < *count; i++)
        if ((all[i] = seine_file_join(arena, address, entries[i].name)) == NULL) return seine_no_memory(error, address);
    if (*key != '\0') all[(*count)++] = address;
    *addresses = all;
    return SEINE_OK;
}

seine_status seine_object_remove_tree(const char *address, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char **addresses = NULL;
    size_t count = 0;
    SEINE_TRY(name_tree(address, &arena, &addresses, &count, error));
    return seine_object_remove_many(addresses, count, error);
}
