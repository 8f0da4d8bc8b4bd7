/*
 * Objects in an array sorted by key, under one mutex. One that was removed stays in it, without bytes, for listings
 * that are behind the times.
 */
#include "io/store/memory.h"

#include "base/array.h"
#include "base/try.h"
#include "io/clock.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define OBJECTS_MAX ((size_t)1 << 24)
#define THERE UINT64_MAX

typedef struct kept {
    char *key;
    uint8_t *bytes;
    size_t size;
    int64_t modified_us;
    uint64_t from, until; /* operations between which it is there; THERE = it is */
} kept;

/* A put or removal that is still on its way. */
typedef struct late {
    struct late *next;
    char *key;
    uint8_t *bytes; /* NULL: it is removed */
    size_t size;
    seine_file_mode mode;
} late;

typedef struct part_upload {
    seine_upload base;
    char *key;
    seine_buf bytes;
    int64_t began_us;
    char id[24];
    struct part_upload *next;
} part_upload;

typedef struct memory_store {
    seine_store base;
    char *name;
    pthread_mutex_t mutex;
    kept *objects;
    size_t count, capacity;
    part_upload *uploads;
    late *coming, **last_coming;
    uint64_t operations, uploads_begun;
    seine_memory_script script;
    void *context;
} memory_store;

static memory_store *of(seine_store *store) { return (memory_store *)(void *)store; }

static seine_status failed(const memory_store *m, const char *name, const char *key, seine_error *error) {
    return seine_fail(error, SEINE_E_IO, "%s/%s: %s failed, as the test wants", m->name, key, name);
}

/* Counts an operation, asks the script and takes the lock. @return what goes wrong with it. */
static seine_memory_fault enter(memory_store *m, const char *name, const char *key) {
    (void)pthread_mutex_lock(&m->mutex);
    const uint64_t number = m->operations++;
    if (m->script == NULL) return SEINE_MEMORY_FINE;
    (void)pthread_mutex_unlock(&m->mutex); /* it may wait for another operation */
    const seine_memory_fault fault = m->script(m->context, name, key, number);
    (void)pthread_mutex_lock(&m->mutex);
    return fault;
}

/* Whether the caller hears how it went. */
static bool is_told(seine_memory_fault fault) {
    return fault == SEINE_MEMORY_FINE || fault == SEINE_MEMORY_LOST || fault == SEINE_MEMORY_STALE;
}

/* Whether something that is no write is done. */
static bool is_done(seine_memory_fault fault) { return is_told(fault) || fault == SEINE_MEMORY_UNKNOWN; }

/* Gives the lock back. @return @p status, or E_IO where the caller is not to hear of a success. */
static seine_status leave(memory_store *m, seine_memory_fault fault, const char *name, const char *key,
                          seine_status status, seine_error *error) {
    (void)pthread_mutex_unlock(&m->mutex);
    return is_told(fault) ? status : failed(m, name, key, error);
}

/* Place of a key, or where it belongs. */
static size_t place_of(const memory_store *m, const char *key) {
    size_t low = 0, high = m->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(m->objects[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* One that is there, or was. */
static kept *find_any(const memory_store *m, const char *key) {
    const size_t at = place_of(m, key);
    return at < m->count && strcmp(m->objects[at].key, key) == 0 ? &m->objects[at] : NULL;
}

static kept *find(const memory_store *m, const char *key) {
    kept *one = find_any(m, key);
    return one != NULL && one->until == THERE ? one : NULL;
}

static seine_status missing(const memory_store *m, const char *key, seine_error *error) {
    return seine_fail(error, SEINE_E_NOT_FOUND, "%s/%s: no such object", m->name, key);
}

static seine_status look(seine_store *store, const char *key, seine_object *object, seine_error *error) {
    memory_store *m = of(store);
    const seine_memory_fault fault = enter(m, "look", key);
    const kept *there = find(m, key);
    if (there != NULL) *object = (seine_object){.size = there->size, .modified_us = there->modified_us};
    const seine_status status = there != NULL || !is_told(fault) ? SEINE_OK : missing(m, key, error);
    return leave(m, fault, "look", key, status, error);
}

/* Where the wanted bytes are in an object. */
static seine_status cut_range(const memory_store *m, const kept *there, uint64_t *from, uint64_t *size,
                              seine_error *error) {
    if (*from == SEINE_STORE_TAIL) {
        *size = *size < there->size ? *size : there->size;
        *from = there->size - *size;
    } else if (*size == SEINE_STORE_ALL && *from <= there->size) {
        *size = there->size - *from;
    }
    if (*from <= there->size && *size <= there->size - *from) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s/%s: it ends before the bytes that are wanted", m->name, there->key);
}

static seine_status copy_range(const memory_store *m, const char *key, uint64_t from, uint64_t *size,
                               seine_object_version *version, uint8_t **copy, seine_error *error) {
    const kept *there = find(m, key);
    char etag[33];
    if (there == NULL) return missing(m, key, error);
    seine_hash128_hex(seine_hash128_of(there->bytes, there->size), etag);
    if (version->etag[0] != '\0' && strcmp(version->etag, etag) != 0)
        return seine_fail(error, SEINE_E_FORMAT, "%s/%s: was changed while it was read", m->name, key);
    SEINE_TRY(cut_range(m, there, &from, size, error));
    version->size = there->size;
    (void)snprintf(version->etag, sizeof version->etag, "%s", etag);
    *copy = malloc((size_t)*size + 1);
    if (*copy == NULL) return seine_no_memory(error, "store");
    if (*size > 0) memcpy(*copy, there->bytes + from, (size_t)*size);
    return SEINE_OK;
}

static seine_status get(seine_store *store, const char *key, uint64_t from, uint64_t size,
                        seine_object_version *version, seine_bytes_fn take, void *context, seine_error *error) {
    memory_store *m = of(store);
    uint8_t *copy = NULL;
    const seine_memory_fault fault = enter(m, "get", key);
    seine_status status = copy_range(m, key, from, &size, version, &copy, error);
    (void)pthread_mutex_unlock(&m->mutex);
    const size_t given = is_done(fault) ? (size_t)size : fault == SEINE_MEMORY_TORN ? (size_t)size / 2 : 0;
    if (status == SEINE_OK && given > 0) status = take(context, copy, given, error);
    free(copy);
    return is_told(fault) || status != SEINE_OK ? status : failed(m, "get", key, error);
}

static uint8_t *copy_bytes(const void *bytes, size_t size) {
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy != NULL && size > 0) memcpy(copy, bytes, size);
    return copy;
}

static seine_status insert(memory_store *m, const char *key, const void *bytes, size_t size, seine_file_mode mode,
                           seine_error *error) {
    if (find(m, key) != NULL && mode == SEINE_FILE_NEW)
        return seine_fail(error, SEINE_E_EXISTS, "%s/%s is there already", m->name, key);
    if (SEINE_ARRAY_ROOM(m->objects, m->count, m->capacity, 1, OBJECTS_MAX) != SEINE_OK)
        return seine_no_memory(error, "store");
    kept *former = find_any(m, key);
    uint8_t *copy = copy_bytes(bytes, size);
    char *name = former != NULL ? former->key : strdup(key);
    if (copy == NULL || name == NULL) {
        free(copy);
        if (former == NULL) free(name);
        return seine_no_memory(error, "store");
    }
    const size_t at = place_of(m, key);
    const uint64_t from = former != NULL && former->until == THERE ? former->from : m->operations;
    if (former != NULL) {
        free(former->bytes);
    } else {
        memmove(m->objects + at + 1, m->objects + at, (m->count - at) * sizeof *m->objects);
        m->count++;
    }
    m->objects[at] = (kept){name, copy, size, seine_clock_wall_us(), from, THERE};
    return SEINE_OK;
}

static void take_away(memory_store *m, const char *key) {
    kept *there = find(m, key);
    if (there == NULL) return;
    free(there->bytes);
    there->bytes = NULL;
    there->until = m->operations;
}

/* Keeps a write for later. @p bytes NULL: a removal. */
static seine_status send_late(memory_store *m, const char *key, const void *bytes, size_t size, seine_file_mode mode,
                              seine_error *error) {
    late *one = calloc(1, sizeof *one);
    if (one != NULL) *one = (late){NULL, strdup(key), bytes != NULL ? copy_bytes(bytes, size) : NULL, size, mode};
    if (one == NULL || one->key == NULL || (bytes != NULL && one->bytes == NULL)) {
        if (one != NULL) free(one->key);
        free(one);
        return seine_no_memory(error, "store");
    }
    *(m->coming != NULL ? m->last_coming : &m->coming) = one;
    m->last_coming = &one->next;
    return SEINE_OK;
}

static void free_late(memory_store *m) {
    late *one = m->coming;
    m->coming = one->next;
    free(one->key);
    free(one->bytes);
    free(one);
}

/* Puts an object, or as much of it as the fault leaves. Under the lock. */
static seine_status put_faulty(memory_store *m, seine_memory_fault fault, const char *key, const void *bytes,
                               size_t size, seine_file_mode mode, seine_error *error) {
    switch (fault) {
    case SEINE_MEMORY_ERROR:
    case SEINE_MEMORY_LOST: return SEINE_OK;
    case SEINE_MEMORY_LATE: return send_late(m, key, size > 0 ? bytes : "", size, mode, error);
    case SEINE_MEMORY_TORN: return insert(m, key, bytes, size / 2, mode, error);
    default: return insert(m, key, bytes, size, mode, error);
    }
}

static seine_status put_bytes(memory_store *m, const char *key, const void *bytes, size_t size, seine_file_mode mode,
                              seine_error *error) {
    const seine_memory_fault fault = enter(m, "put", key);
    const seine_status status = put_faulty(m, fault, key, bytes, size, mode, error);
    return leave(m, fault, "put", key, status, error);
}

static seine_status put(seine_store *store, const char *key, const seine_body *body, seine_file_mode mode,
                        seine_error *error) {
    const size_t size = (size_t)body->size;
    if (body->bytes != NULL) return put_bytes(of(store), key, body->bytes, size, mode, error);
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL) return seine_no_memory(error, "store");
    seine_status status = seine_body_read(body, 0, bytes, size, key, error);
    if (status == SEINE_OK) status = put_bytes(of(store), key, bytes, size, mode, error);
    free(bytes);
    return status;
}

/* ---- uploads ---------------------------------------------------------------------------------------------------- */

static void free_upload(memory_store *m, part_upload *upload) {
    part_upload **at = &m->uploads;
    while (*at != NULL && *at != upload) at = &(*at)->next;
    if (*at != NULL) *at = upload->next;
    seine_buf_free(&upload->bytes);
    free(upload->key);
    free(upload);
}

static seine_status upload_begin(seine_store *store, const char *key, const char *sum, seine_upload **upload,
                                 seine_error *error) {
    (void)sum;
    memory_store *m = of(store);
    part_upload *made = calloc(1, sizeof *made);
    char *copy = strdup(key);
    *upload = NULL;
    if (made == NULL || copy == NULL) {
        free(made);
        free(copy);
        return seine_no_memory(error, "store");
    }
    const seine_memory_fault fault = enter(m, "upload_begin", key);
    seine_buf_init(&made->bytes, SIZE_MAX);
    made->base.store = store;
    made->key = copy;
    made->began_us = seine_clock_wall_us();
    made->next = m->uploads;
    (void)snprintf(made->id, sizeof made->id, "%llu", (unsigned long long)++m->uploads_begun);
    m->uploads = made;
    if (is_told(fault)) *upload = &made->base;
    if (!is_done(fault)) free_upload(m, made);
    return leave(m, fault, "upload_begin", key, SEINE_OK, error);
}

static seine_status upload_part(seine_upload *upload, const void *bytes, size_t size, seine_error *error) {
    memory_store *m = of(upload->store);
    part_upload *u = (part_upload *)(void *)upload;
    const seine_memory_fault fault = enter(m, "upload_part", u->key);
    const seine_status status = is_done(fault) ? seine_buf_append(&u->bytes, bytes, size) : SEINE_OK;
    return leave(m, fault, "upload_part", u->key, status, error);
}

static seine_status upload_end(seine_upload *upload, seine_file_mode mode, seine_error *error) {
    memory_store *m = of(upload->store);
    part_upload *u = (part_upload *)(void *)upload;
    char *key = strdup(u->key);
    const seine_memory_fault fault = enter(m, "upload_end", u->key);
    seine_status status = put_faulty(m, fault, u->key, u->bytes.data, u->bytes.size, mode, error);
    if (fault != SEINE_MEMORY_ERROR) free_upload(m, u);
    status = leave(m, fault, "upload_end", key != NULL ? key : "", status, error);
    free(key);
    return status;
}

static void upload_abort(seine_upload *upload) {
    memory_store *m = of(upload->store);
    part_upload *u = (part_upload *)(void *)upload;
    const seine_memory_fault fault = enter(m, "upload_abort", u->key);
    if (is_done(fault)) free_upload(m, u);
    (void)pthread_mutex_unlock(&m->mutex);
}

static seine_status uploads(seine_store *store, const char *prefix, seine_object_fn visit, void *context,
                            seine_error *error) {
    memory_store *m = of(store);
    const seine_memory_fault fault = enter(m, "uploads", prefix);
    seine_status status = SEINE_OK;
    for (const part_upload *u = m->uploads; u != NULL && status == SEINE_OK && is_done(fault); u = u->next) {
        if (strncmp(u->key, prefix, strlen(prefix)) != 0) continue;
        const seine_object object = {.key = u->key, .modified_us = u->began_us, .upload = u->id};
        status = visit(context, &object, error);
    }
    return leave(m, fault, "uploads", prefix, status, error);
}

static seine_status upload_remove(seine_store *store, const char *key, const char *upload, seine_error *error) {
    memory_store *m = of(store);
    const seine_memory_fault fault = enter(m, "upload_remove", key);
    part_upload *u = m->uploads;
    while (u != NULL && (strcmp(u->id, upload) != 0 || strcmp(u->key, key) != 0)) u = u->next;
    if (u != NULL && is_done(fault)) free_upload(m, u);
    return leave(m, fault, "upload_remove", key, SEINE_OK, error);
}

/* ---- removing and listing --------------------------------------------------------------------------------------- */

static seine_status remove_keys(seine_store *store, const char *const *keys, size_t count, seine_error *error) {
    memory_store *m = of(store);
    const char *first = count > 0 ? keys[0] : "";
    const seine_memory_fault fault = enter(m, "remove", first);
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        if (fault == SEINE_MEMORY_LATE)
            status = send_late(m, keys[i], NULL, 0, SEINE_FILE_REPLACE, error);
        else if (is_done(fault) && fault != SEINE_MEMORY_LOST)
            take_away(m, keys[i]);
    }
    return leave(m, fault, "remove", first, status, error);
}

/* The objects of one moment, in the order of their keys. */
typedef struct walking {
    const memory_store *m;
    size_t i;
    uint64_t moment;
} walking;

/* @return the next one of a prefix, or NULL. */
static const kept *next_object(walking *w, const char *prefix, size_t size) {
    while (w->i < w->m->count && strncmp(w->m->objects[w->i].key, prefix, size) == 0) {
        const kept *one = &w->m->objects[w->i++];
        if (one->from <= w->moment && w->moment < one->until) return one;
    }
    return NULL;
}

/* Under the lock: a visitor must not use the store. */
static seine_status walk(walking *w, const char *prefix, bool recursive, seine_object_fn visit, void *context,
                         seine_error *error) {
    const size_t skip = strlen(prefix);
    w->i = place_of(w->m, prefix);
    for (const kept *one = next_object(w, prefix, skip); one != NULL; one = next_object(w, prefix, skip)) {
        const char *slash = recursive ? NULL : strchr(one->key + skip, '/');
        if (slash == NULL) {
            const seine_object object = {.key = one->key, .size = one->size, .modified_us = one->modified_us};
            SEINE_TRY(visit(context, &object, error));
            continue;
        }
        const size_t size = (size_t)(slash - one->key);
        char *folder = strndup(one->key, size);
        if (folder == NULL) return seine_no_memory(error, "store");
        while (next_object(w, one->key, size + 1) != NULL) {}
        const seine_status status = visit(context, &(seine_object){.key = folder, .is_folder = true}, error);
        free(folder);
        if (status != SEINE_OK) return status;
    }
    return SEINE_OK;
}

static seine_status list(seine_store *store, const char *prefix, bool recursive, seine_object_fn visit, void *context,
                         seine_error *error) {
    memory_store *m = of(store);
    const seine_memory_fault fault = enter(m, "list", prefix);
    walking w = {.m = m, .moment = m->operations};
    if (fault == SEINE_MEMORY_STALE)
        w.moment = m->operations > SEINE_MEMORY_STALE_BY ? m->operations - SEINE_MEMORY_STALE_BY : 0;
    const seine_status status = is_done(fault) ? walk(&w, prefix, recursive, visit, context, error) : SEINE_OK;
    return leave(m, fault, "list", prefix, status, error);
}

/* ---- the store -------------------------------------------------------------------------------------------------- */

static seine_status make(seine_store *store, seine_error *error) {
    (void)store, (void)error;
    return SEINE_OK;
}

static void close_store(seine_store *store) {
    memory_store *m = of(store);
    for (size_t i = 0; i < m->count; i++) {
        free(m->objects[i].key);
        free(m->objects[i].bytes);
    }
    while (m->uploads != NULL) free_upload(m, m->uploads);
    while (m->coming != NULL) free_late(m);
    (void)pthread_mutex_destroy(&m->mutex);
    free(m->objects);
    free(m->name);
    free(m);
}

static const seine_store_ops ops = {.look = look,
                                    .get = get,
                                    .put = put,
                                    .upload_begin = upload_begin,
                                    .upload_part = upload_part,
                                    .upload_end = upload_end,
                                    .upload_abort = upload_abort,
                                    .remove = remove_keys,
                                    .list = list,
                                    .uploads = uploads,
                                    .upload_remove = upload_remove,
                                    .make = make,
                                    .close = close_store};

seine_status seine_memory_store_open(const char *name, seine_store **store, seine_error *error) {
    memory_store *m = calloc(1, sizeof *m);
    char *copy = strdup(name);
    if (m == NULL || copy == NULL) {
        free(m);
        free(copy);
        return seine_no_memory(error, "store");
    }
    m->name = copy;
    m->base = (seine_store){.ops = &ops, .name = copy};
    (void)pthread_mutex_init(&m->mutex, NULL);
    *store = &m->base;
    return SEINE_OK;
}

void seine_memory_store_script(seine_store *store, seine_memory_script script, void *context) {
    of(store)->script = script;
    of(store)->context = context;
}

void seine_memory_store_settle(seine_store *store) {
    memory_store *m = of(store);
    for (; m->coming != NULL; free_late(m)) {
        const late *one = m->coming;
        if (one->bytes == NULL)
            take_away(m, one->key);
        else
            seine_best_effort(insert(m, one->key, one->bytes, one->size, one->mode, NULL));
    }
}

uint64_t seine_memory_store_count(const seine_store *store) {
    return ((const memory_store *)(const void *)store)->operations;
}

void seine_memory_store_age(seine_store *store, int64_t by_us) {
    memory_store *m = of(store);
    for (size_t i = 0; i < m->count; i++) m->objects[i].modified_us -= by_us;
    for (part_upload *u = m->uploads; u != NULL; u = u->next) u->began_us -= by_us;
}
