/*
 * A download under way. What its bytes belong to is written down before the first of them, so that whatever a crash
 * leaves can be told apart from bytes of another version of the archive. They are synced when all are there: after a
 * loss of power any may be zeros under the right length, so bytes from before the machine was started do not count.
 */
#include "fetch/internal.h"

#include "base/json.h"
#include "base/try.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_MAX_BYTES 65536
#define READ_BYTES (1 << 20)
#define FLUSH_BYTES (8 << 20)
#define BOOT_PATH "/proc/sys/kernel/random/boot_id"

static seine_status io_failed(const seine_part *part, const char *what, seine_error *error) {
    return seine_fail(error, SEINE_E_IO, "%s: cannot %s: %s", part->path, what, strerror(errno));
}

const char *seine_part_validator(const seine_part *part) {
    if (part->etag[0] != '\0' && strncmp(part->etag, "W/", 2) != 0) return part->etag;
    return part->last_modified[0] != '\0' ? part->last_modified : NULL;
}

static void take_text(seine_json_value state, const char *key, char *text, size_t capacity) {
    const seine_str value = seine_json_text(seine_json_get(state, key));
    const size_t size = value.size < capacity ? value.size : 0;
    if (size > 0) memcpy(text, value.data, size);
    text[size] = '\0';
}

/* Which start of the machine this is; nothing where the system does not tell. */
static void read_boot(seine_part *part) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, sizeof part->boot - 1);
    if (seine_file_read(BOOT_PATH, &text, NULL) != SEINE_OK) text.size = 0;
    if (text.size > 0) memcpy(part->boot, text.data, text.size);
    part->boot[text.size] = '\0';
    part->boot[strcspn(part->boot, "\n")] = '\0';
}

/* An unreadable state is none: the bytes are dropped. @return whether the part is of this address and this boot. */
static bool read_state(seine_part *part) {
    seine_buf text;
    seine_json *json = NULL;
    bool is_ours = false;
    seine_buf_init(&text, STATE_MAX_BYTES);
    if (seine_file_read(part->state_path, &text, NULL) == SEINE_OK &&
        seine_json_parse(seine_buf_str(&text), part->state_path, &json, NULL) == SEINE_OK) {
        const seine_json_value state = seine_json_root(json);
        is_ours = seine_str_equal(seine_json_text(seine_json_get(state, "url")), seine_str_of(part->url)) &&
                  seine_str_equal(seine_json_text(seine_json_get(state, "boot")), seine_str_of(part->boot));
        take_text(state, "etag", part->etag, sizeof part->etag);
        take_text(state, "last_modified", part->last_modified, sizeof part->last_modified);
        part->total = seine_json_int(seine_json_get(state, "length"), -1);
    }
    seine_json_free(json);
    seine_buf_free(&text);
    return is_ours;
}

static seine_status write_state(const seine_part *part, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, STATE_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&text);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "url", part->url);
    seine_json_field_text(&w, "boot", part->boot);
    seine_json_field_text(&w, "etag", part->etag);
    seine_json_field_text(&w, "last_modified", part->last_modified);
    seine_json_field_int(&w, "length", part->total);
    seine_json_end_object(&w);
    if (w.status != SEINE_OK) return seine_fail(error, w.status, "%s: out of memory", part->state_path);
    return seine_file_write(part->state_path, text.data, text.size, SEINE_FILE_REPLACE, error);
}

static seine_status fresh_digests(seine_part *part, seine_error *error) {
    seine_sha256_finish(part->sha, NULL);
    seine_md5_finish(part->md5, NULL);
    part->sha = seine_sha256_new();
    part->md5 = seine_md5_new();
    if (part->sha != NULL && part->md5 != NULL) return SEINE_OK;
    return seine_no_memory(error, part->path);
}

/* Only an ETag of this form is an MD5 by all we can know; other archives need no such digest. */
static bool wants_md5(const seine_part *part) {
    size_t digits = 0;
    for (const char *c = part->etag; *c != '\0'; c++) digits += strchr("0123456789abcdefABCDEF", *c) != NULL;
    return digits == 32 && strlen(part->etag) == 34;
}

static void digest(seine_part *part, const void *bytes, size_t size) {
    seine_sha256_update(part->sha, bytes, size);
    if (wants_md5(part)) seine_md5_update(part->md5, bytes, size);
}

static seine_status digest_present(seine_part *part, seine_error *error) {
    uint8_t *bytes SEINE_OWNED(seine_free_owned) = malloc(READ_BYTES);
    SEINE_TRY(fresh_digests(part, error));
    if (bytes == NULL) return seine_no_memory(error, part->path);
    part->size = 0;
    for (;;) {
        const ssize_t got = pread(part->fd, bytes, READ_BYTES, (off_t)part->size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_failed(part, "read", error);
        if (got == 0) return SEINE_OK;
        digest(part, bytes, (size_t)got);
        part->size += (uint64_t)got;
    }
}

/* An archive that stands in bronze by this very file stays as it is: the part gets a file of its own. */
static seine_status leave_bronze(seine_part *part, seine_error *error) {
    (void)close(part->fd);
    part->fd = -1;
    if (unlink(part->path) != 0 && errno != ENOENT) return io_failed(part, "remove", error);
    part->fd = open(part->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    return part->fd >= 0 ? SEINE_OK : io_failed(part, "open", error);
}

static seine_status drop_bytes(seine_part *part, seine_error *error) {
    struct stat info;
    part->size = part->flushed = 0;
    if (fstat(part->fd, &info) != 0) return io_failed(part, "look at", error);
    if (info.st_nlink > 1) SEINE_TRY(leave_bronze(part, error));
    if (ftruncate(part->fd, 0) != 0) return io_failed(part, "empty", error);
    return fresh_digests(part, error);
}

static bool is_of(const seine_part *part, const seine_remote *remote) {
    if (part->total >= 0 && remote->size >= 0 && part->total != remote->size) return false;
    if (part->etag[0] != '\0' && remote->etag[0] != '\0') return strcmp(part->etag, remote->etag) == 0;
    return strcmp(part->last_modified, remote->last_modified) == 0;
}

seine_status seine_part_open(const char *folder, const seine_remote *remote, seine_arena *arena, seine_part *part,
                             seine_error *error) {
    char *near = seine_file_join(arena, folder, remote->name);
    *part = (seine_part){.fd = -1, .total = -1, .url = remote->shown};
    part->path = near == NULL ? NULL : seine_arena_printf(arena, "%s.part", near);
    part->state_path = near == NULL ? NULL : seine_arena_printf(arena, "%s.json", near);
    if (part->path == NULL || part->state_path == NULL) return seine_no_memory(error, remote->name);
    part->fd = open(part->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (part->fd < 0) return io_failed(part, "open", error);
    read_boot(part);
    if (read_state(part) && seine_part_validator(part) != NULL && is_of(part, remote)) {
        SEINE_TRY(digest_present(part, error));
        const bool is_too_long = part->total >= 0 && part->size > (uint64_t)part->total;
        return is_too_long ? drop_bytes(part, error) : SEINE_OK;
    }
    part->etag[0] = part->last_modified[0] = '\0';
    part->total = -1;
    return drop_bytes(part, error);
}

seine_status seine_part_restart(seine_part *part, const char *etag, const char *last_modified, int64_t total,
                                seine_error *error) {
    SEINE_TRY(drop_bytes(part, error));
    snprintf(part->etag, sizeof part->etag, "%s", etag);
    snprintf(part->last_modified, sizeof part->last_modified, "%s", last_modified);
    part->total = total;
    return write_state(part, error);
}

seine_status seine_part_append(seine_part *part, const void *bytes, size_t size, seine_error *error) {
    const uint8_t *from = bytes;
    for (size_t left = size; left > 0;) {
        const ssize_t put = pwrite(part->fd, from, left, (off_t)part->size);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return io_failed(part, "write", error);
        from += put;
        left -= (size_t)put;
        part->size += (uint64_t)put;
    }
    digest(part, bytes, size);
    if (part->size - part->flushed >= FLUSH_BYTES) { /* the disk works while the network does */
        (void)sync_file_range(part->fd, (off_t)part->flushed, (off_t)(part->size - part->flushed),
                              SYNC_FILE_RANGE_WRITE);
        part->flushed = part->size;
    }
    return SEINE_OK;
}

seine_status seine_part_is_archive(const seine_part *part, bool *is_archive, seine_error *error) {
    static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd}, gzip[] = {0x1f, 0x8b};
    uint8_t bytes[4] = {0};
    ssize_t got;
    do got = pread(part->fd, bytes, sizeof bytes, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) return io_failed(part, "read", error);
    const bool is_frame = (bytes[0] & 0xf0) == 0x50 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0; /* skippable zstd */
    const bool is_zip = bytes[0] == 'P' && bytes[1] == 'K' && bytes[2] < 9 && bytes[3] == bytes[2] + 1;
    *is_archive = got == sizeof bytes && (memcmp(bytes, zstd, sizeof zstd) == 0 || is_frame || is_zip ||
                                          memcmp(bytes, gzip, sizeof gzip) == 0);
    return SEINE_OK;
}

void seine_part_digests(seine_part *part, char sha256[65], char md5[33]) {
    md5[0] = '\0';
    seine_md5_finish(part->md5, wants_md5(part) ? md5 : NULL);
    seine_sha256_finish(part->sha, sha256);
    part->sha = NULL;
    part->md5 = NULL;
}

void seine_part_close(seine_part *part) {
    if (part->fd >= 0) close(part->fd);
    part->fd = -1;
    seine_sha256_finish(part->sha, NULL);
    seine_md5_finish(part->md5, NULL);
    part->sha = NULL;
    part->md5 = NULL;
}

void seine_part_remove(const seine_part *part) {
    unlink(part->path);
    unlink(part->state_path);
}
