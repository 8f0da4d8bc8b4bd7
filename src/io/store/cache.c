/*
 * One file per object, named by the hash of what it stands for; used ones get the time of their use. How many bytes
 * they are together stands in a file, whose lock is held while a copy is added: so all processes count as one. What a
 * crash or a removal leaves uncounted is put right whenever the copies are counted anew, which the limit makes happen.
 * A pin is a second name of such a file.
 */
#include "io/store/cache.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/local/local.h"
#include "io/store/scratch.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOT_PATH "/proc/sys/kernel/random/boot_id"
#define BOOT_DIGITS 8
#define PREFIX "boot-"
#define COUNT "bytes"
#define LARGEST_SHARE 8                      /* 1 / n of the cache */
#define KEPT_SHARE(bytes) ((bytes) / 10 * 9) /* after copies were thrown away */
#define UNFINISHED_US (INT64_C(3600) * 1000000)
#define PINS_PREFIX "pins-"
/* Of the count, a second in all: its holder may have been stopped, and a copy can be done without. */
#define LOCK_TRIES 200
#define LOCK_PAUSE_US 5000
#define PINNED_SHARE 2 /* 1 / n of the cache */

struct seine_cache {
    seine_arena arena;
    const char *folder;
    int folder_descriptor;
    uint64_t max_bytes;
    pthread_mutex_t mutex; /* guards what follows */
    seine_scratch pins;
    uint64_t pinned_bytes, pin_count; /* of them; given so far */
};

/* "boot-5e6f7a8b-1a2b3c4d": of this machine, whose part ends at *own, and of this start of it. Machines may share a
 * folder. */
static void name_of_boot(char name[40], size_t *own) {
    char host[256] = "";
    seine_buf text;
    seine_buf_init(&text, 64);
    if (seine_local_read(BOOT_PATH, &text, NULL) != SEINE_OK || text.size < BOOT_DIGITS) text.size = 0;
    (void)gethostname(host, sizeof host - 1);
    *own = (size_t)snprintf(name, 40, PREFIX "%08x-", (unsigned)seine_hash64(host, strlen(host)));
    (void)snprintf(name + *own, 40 - *own, "%.*s", text.size > 0 ? BOOT_DIGITS : 4,
                   text.size > 0 ? (const char *)text.data : "none");
    seine_buf_free(&text);
}

/* What former starts of this machine left: names that begin as @p kept does, up to @p own. */
static void sweep(const char *folder, const char *kept, size_t own) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    if (seine_local_list(folder, false, true, &arena, &entries, &count, NULL) != SEINE_OK) count = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(entries[i].name, kept, own) != 0 || strcmp(entries[i].name, kept) == 0) continue;
        const char *path = seine_file_join(&arena, folder, entries[i].name);
        if (path != NULL) seine_best_effort(seine_local_remove_tree(path, NULL));
    }
    seine_arena_free(&arena);
}

static int by_age(const void *a, const void *b) {
    const int64_t x = ((const seine_file_entry *)a)->info.modified_us,
                  y = ((const seine_file_entry *)b)->info.modified_us;
    return (x > y) - (x < y);
}

/* Counts the copies, and throws away the longest unused until there is room for @p more. @return bytes that are left.
 */
static uint64_t make_room(const seine_cache *cache, uint64_t more) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    uint64_t used = 0;
    if (seine_local_list(cache->folder, false, true, &arena, &entries, &count, NULL) != SEINE_OK) count = 0;
    for (size_t i = 0; i < count; i++) used += seine_file_is_temp(entries[i].name) ? 0 : entries[i].info.size;
    const uint64_t most = more == 0 ? cache->max_bytes : KEPT_SHARE(cache->max_bytes);
    const int64_t old_us = seine_clock_wall_us() - UNFINISHED_US;
    if (count > 1) qsort(entries, count, sizeof *entries, by_age);
    for (size_t i = 0; i < count; i++) {
        const seine_file_info *info = &entries[i].info;
        const bool is_left = seine_file_is_temp(entries[i].name);
        if (strcmp(entries[i].name, COUNT) == 0) continue;
        if (is_left ? info->modified_us > old_us : used + more <= most) continue;
        if (unlinkat(cache->folder_descriptor, entries[i].name, 0) == 0 && !is_left) used -= info->size;
    }
    seine_arena_free(&arena);
    return used;
}

/* @return the file of the count with its lock, which ends with it; -1: none. Each has its own, so threads wait, too. */
static int lock_count(const seine_cache *cache) {
    const int file = openat(cache->folder_descriptor, COUNT, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool is_locked = file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0;
    for (int i = 0; i < LOCK_TRIES && file >= 0 && !is_locked; i++) {
        (void)seine_clock_pause(NULL, LOCK_PAUSE_US);
        is_locked = flock(file, LOCK_EX | LOCK_NB) == 0;
    }
    if (is_locked) return file;
    if (file >= 0) (void)close(file);
    return -1;
}

/* Adds @p size bytes to the count, after making room for them. */
static bool count_in(const seine_cache *cache, int file, uint64_t size) {
    uint64_t used = 0;
    const bool is_known = pread(file, &used, sizeof used, 0) == sizeof used;
    if (!is_known || used > cache->max_bytes || size > cache->max_bytes - used) used = make_room(cache, size);
    used += size;
    return pwrite(file, &used, sizeof used, 0) == sizeof used;
}

static seine_status fail_use(const char *folder, seine_error *error) {
    return seine_fail(error, SEINE_E_IO,
                      "the folder of the cache %s cannot be used; name another with "
                      "--cache-dir, or none with --cache-size 0",
                      folder);
}

/* Whoever can put files in the folder decides what is read; root, who may do all, would not notice. */
static seine_status check_owner(const char *folder, seine_error *error) {
    struct stat info;
    if (stat(folder, &info) != 0) return fail_use(folder, error);
    const bool is_open = (info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0;
    if (!is_open && (info.st_uid == geteuid() || info.st_uid == 0)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE,
                      "the folder of the cache %s %s: it is not used; name another with --cache-dir", folder,
                      is_open ? "may be written by anybody" : "is another user's");
}

static seine_status open_folder(seine_cache *cache, seine_error *error) {
    struct stat info;
    SEINE_TRY(seine_local_make_folders(cache->folder, error));
    cache->folder_descriptor = open(cache->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (cache->folder_descriptor < 0 || fstat(cache->folder_descriptor, &info) != 0)
        return fail_use(cache->folder, error);
    if (info.st_uid != geteuid())
        return seine_fail(error, SEINE_E_USAGE,
                          "the folder of the cache %s is another user's: it is not used; name another with --cache-dir",
                          cache->folder);
    return fchmod(cache->folder_descriptor, 0700) == 0 ? SEINE_OK : fail_use(cache->folder, error);
}

seine_status seine_cache_open(const char *folder, uint64_t max_bytes, seine_cache **cache, seine_error *error) {
    char boot[40];
    size_t own = 0;
    *cache = NULL;
    seine_cache *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_fail(error, SEINE_E_NOMEM, "cache: out of memory");
    name_of_boot(boot, &own);
    made->max_bytes = max_bytes;
    made->folder_descriptor = -1;
    made->pins.lock = -1;
    (void)pthread_mutex_init(&made->mutex, NULL);
    made->folder = seine_file_join(&made->arena, folder, boot);
    seine_status status =
        made->folder != NULL ? open_folder(made, error) : seine_fail(error, SEINE_E_NOMEM, "cache: out of memory");
    if (status == SEINE_OK) status = check_owner(folder, error);
    if (status != SEINE_OK) {
        seine_cache_close(made);
        return status;
    }
    sweep(folder, boot, own);
    (void)make_room(made, 0);
    *cache = made;
    return SEINE_OK;
}

void seine_cache_close(seine_cache *cache) {
    if (cache == NULL) return;
    (void)seine_scratch_close(&cache->pins);
    if (cache->folder_descriptor >= 0) (void)close(cache->folder_descriptor);
    (void)pthread_mutex_destroy(&cache->mutex);
    seine_arena_free(&cache->arena);
    free(cache);
}

uint64_t seine_cache_largest(const seine_cache *cache) { return cache->max_bytes / LARGEST_SHARE; }

static void file_of(const char *name, char file[33]) { seine_hash128_hex(seine_hash128_of(name, strlen(name)), file); }

int seine_cache_find(seine_cache *cache, const char *name) {
    char file[33];
    file_of(name, file);
    const int descriptor = openat(cache->folder_descriptor, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor >= 0) (void)futimens(descriptor, NULL); /* used now */
    return descriptor;
}

void seine_cache_drop(seine_cache *cache, const char *name) {
    char file[33];
    file_of(name, file);
    (void)unlinkat(cache->folder_descriptor, file, 0); /* it counts until the copies are counted again */
}

bool seine_cache_begin(seine_cache *cache, seine_cache_entry *entry) {
    char uuid[37];
    entry->descriptor = -1;
    if (seine_uuid4(uuid, NULL) != SEINE_OK) return false;
    (void)snprintf(entry->temp, sizeof entry->temp, ".tmp-%s", uuid);
    entry->descriptor = openat(cache->folder_descriptor, entry->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return entry->descriptor >= 0;
}

int seine_cache_end(seine_cache *cache, seine_cache_entry *entry, const char *name, uint64_t size) {
    char file[33];
    const int lock = name != NULL && lseek(entry->descriptor, 0, SEEK_SET) == 0 ? lock_count(cache) : -1;
    bool kept = lock >= 0 && count_in(cache, lock, size);
    if (kept) {
        file_of(name, file);
        kept = renameat(cache->folder_descriptor, entry->temp, cache->folder_descriptor, file) == 0;
    }
    if (lock >= 0) (void)close(lock);
    if (kept) return entry->descriptor;
    (void)unlinkat(cache->folder_descriptor, entry->temp, 0);
    (void)close(entry->descriptor);
    return -1;
}

/* ---- pins ---- */

const char *seine_cache_pins(seine_cache *cache) {
    (void)pthread_mutex_lock(&cache->mutex);
    if (cache->pins.folder == NULL)
        seine_best_effort(seine_scratch_open(cache->folder, PINS_PREFIX, &cache->pins, NULL));
    const char *folder = cache->pins.folder;
    (void)pthread_mutex_unlock(&cache->mutex);
    return folder;
}

bool seine_cache_can_pin(seine_cache *cache) {
    (void)pthread_mutex_lock(&cache->mutex);
    const bool has_room = cache->pinned_bytes < cache->max_bytes / PINNED_SHARE;
    (void)pthread_mutex_unlock(&cache->mutex);
    return has_room;
}

const char *seine_cache_pin(seine_cache *cache, const char *name, const char *title, seine_arena *arena) {
    char file[33];
    struct stat info;
    const char *folder = seine_cache_pins(cache);
    if (folder == NULL) return NULL;
    file_of(name, file);
    (void)pthread_mutex_lock(&cache->mutex);
    const char *path = seine_arena_printf(arena, "%s/%llu-%s", folder, (unsigned long long)cache->pin_count++, title);
    const bool is_pinned = path != NULL && linkat(cache->folder_descriptor, file, AT_FDCWD, path, 0) == 0;
    if (is_pinned && stat(path, &info) == 0) cache->pinned_bytes += (uint64_t)info.st_size;
    (void)pthread_mutex_unlock(&cache->mutex);
    return is_pinned ? path : NULL;
}

void seine_cache_unpin(seine_cache *cache, const char *path) {
    struct stat info;
    (void)pthread_mutex_lock(&cache->mutex);
    if (stat(path, &info) == 0) cache->pinned_bytes -= (uint64_t)info.st_size;
    (void)unlink(path);
    (void)pthread_mutex_unlock(&cache->mutex);
}
