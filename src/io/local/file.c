/*
 * Files of this machine. A file becomes visible in one step only:
 *
 *     open .tmp-…  ->  write  ->  fsync file  ->  rename or link to its name  ->  fsync folder
 *
 * 1. Under a final name there are always complete, durable bytes.
 * 2. A crash before the rename leaves a file whose name begins with ".tmp-", nothing else.
 * 3. rename replaces; link refuses an existing name, so that two processes cannot both create it.
 */
#include "io/local/local.h"

#include "base/time.h"
#include "base/try.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)256 * 1024) /* that are read or written at once */
#define READ_STEP_BYTES ((size_t)1024 * 1024)

static seine_status fail_errno(seine_error *error, const char *what, const char *path) {
    const int code = errno;
    const seine_status status = code == ENOENT   ? SEINE_E_NOT_FOUND
                                : code == EEXIST ? SEINE_E_EXISTS
                                : code == ENOMEM ? SEINE_E_NOMEM
                                                 : SEINE_E_IO;
    return seine_fail(error, status, "cannot %s %s: %s", what, path, strerror(code));
}

static seine_status fail_nomem(seine_error *error, const char *path) {
    return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", path);
}

/* ---- looking --------------------------------------------------------------------------------------------------- */

static seine_file_info info_of(const struct stat *st) {
    const seine_file_kind kind = S_ISREG(st->st_mode)   ? SEINE_FILE_PLAIN
                                 : S_ISDIR(st->st_mode) ? SEINE_FILE_FOLDER
                                                        : SEINE_FILE_OTHER;
    return (seine_file_info){
        .kind = kind,
        .size = kind == SEINE_FILE_PLAIN ? (uint64_t)st->st_size : 0,
        .modified_us = (int64_t)st->st_mtim.tv_sec * SEINE_SECOND_US + st->st_mtim.tv_nsec / 1000,
    };
}

seine_status seine_local_stat(const char *path, seine_file_info *info, seine_error *error) {
    struct stat st;
    *info = (seine_file_info){.kind = SEINE_FILE_NONE};
    if (stat(path, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) return fail_errno(error, "look at", path);
        if (lstat(path, &st) == 0) info->kind = SEINE_FILE_OTHER; /* a link to nowhere */
        return SEINE_OK;
    }
    *info = info_of(&st);
    return SEINE_OK;
}

/* The buffer is full up to its maximum: fine only if the file ends here. */
static seine_status expect_end(int fd, const char *path, size_t max, seine_error *error) {
    uint8_t beyond = 0;
    ssize_t got = 0;
    do {
        got = read(fd, &beyond, 1);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return fail_errno(error, "read", path);
    return got == 0 ? SEINE_OK : seine_fail(error, SEINE_E_LIMIT, "%s is larger than %zu bytes", path, max);
}

static seine_status read_open_file(int fd, const char *path, seine_buf *out, seine_error *error) {
    struct stat st;
    if (fstat(fd, &st) != 0) return fail_errno(error, "read", path);
    if (S_ISDIR(st.st_mode)) return seine_fail(error, SEINE_E_IO, "cannot read %s: it is a folder", path);
    /* One byte more than the size, so that the usual file ends within the first read. */
    size_t step = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : READ_STEP_BYTES;
    for (;;) {
        if (step > out->max - out->size) step = out->max - out->size;
        if (step == 0) return expect_end(fd, path, out->max, error);
        if (seine_buf_reserve(out, step) != SEINE_OK) return fail_nomem(error, path);
        const ssize_t got = read(fd, out->data + out->size, step);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_errno(error, "read", path);
        if (got == 0) return SEINE_OK;
        out->size += (size_t)got;
        step = READ_STEP_BYTES;
    }
}

seine_status seine_local_read(const char *path, seine_buf *out, seine_error *error) {
    const size_t before = out->size;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail_errno(error, "open", path);
    const seine_status status = read_open_file(fd, path, out, error);
    close(fd);
    if (status != SEINE_OK) out->size = before;
    return status;
}

seine_status seine_local_stream(const char *path, seine_bytes_fn take, void *context, seine_error *error) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail_errno(error, "open", path);
    uint8_t *buffer = malloc(PIECE_BYTES);
    seine_status status = buffer != NULL ? SEINE_OK : fail_nomem(error, path);
    ssize_t got = 1;
    while (status == SEINE_OK && got != 0) {
        got = read(fd, buffer, PIECE_BYTES);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) status = fail_errno(error, "read", path);
        if (got > 0) status = take(context, buffer, (size_t)got, error);
    }
    free(buffer);
    close(fd);
    return status;
}

seine_status seine_local_real(const char *path, seine_arena *arena, char **real, seine_error *error) {
    char *found = realpath(path, NULL);
    if (found == NULL) return fail_errno(error, "look at", path);
    *real = seine_arena_copy(arena, found, strlen(found));
    free(found);
    return *real != NULL ? SEINE_OK : fail_nomem(error, path);
}

/* ---- making things durable ------------------------------------------------------------------------------------- */

static seine_status sync_folder(const char *folder, seine_error *error) {
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail_errno(error, "open folder", folder);
    /* Some file systems cannot sync a folder and say EINVAL; their renames are durable or never will be. */
    const int result = fsync(fd);
    const int code = errno;
    close(fd);
    errno = code;
    return result == 0 || code == EINVAL ? SEINE_OK : fail_errno(error, "sync folder", folder);
}

/* Needs no memory: it is called when the file has its name, or has lost it. */
seine_status seine_local_sync_name(const char *path, seine_error *error) {
    char folder[PATH_MAX];
    const size_t size = (size_t)(seine_file_name(path) - path);
    if (size == 0) return sync_folder(".", error);
    if (size > sizeof folder) return seine_fail(error, SEINE_E_IO, "cannot sync the folder of %s: too long", path);
    const size_t kept = size > 1 ? size - 1 : 1; /* a root keeps its slash */
    memcpy(folder, path, kept);
    folder[kept] = '\0';
    return sync_folder(folder, error);
}

/* close can report a late write error of a network file system. */
seine_status seine_local_sync(int descriptor, const char *path, seine_error *error) {
    const seine_status status = fsync(descriptor) == 0 ? SEINE_OK : fail_errno(error, "sync", path);
    const int closed = close(descriptor);
    return status == SEINE_OK && closed != 0 ? fail_errno(error, "close", path) : status;
}

seine_status seine_local_give_name(const char *temp, const char *path, seine_file_mode mode, seine_error *error) {
    int result = 0;
    if (mode == SEINE_FILE_REPLACE) {
        result = rename(temp, path);
    } else {
        result = link(temp, path);
        if (result == 0) (void)unlink(temp);
    }
    if (result == 0) return SEINE_OK;
    const seine_status status = fail_errno(error, "name the finished file", path);
    (void)unlink(temp);
    return status;
}

static seine_status name_for_good(const char *temp, const char *path, seine_file_mode mode, seine_error *error) {
    SEINE_TRY(seine_local_give_name(temp, path, mode, error));
    return seine_local_sync_name(path, error);
}

seine_status seine_local_publish(const char *temp_path, const char *path, seine_file_mode mode, seine_error *error) {
    const int fd = open(temp_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail_errno(error, "open", temp_path);
    const seine_status status = seine_local_sync(fd, temp_path, error);
    if (status == SEINE_OK) return name_for_good(temp_path, path, mode, error);
    (void)unlink(temp_path);
    return status;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

seine_status seine_local_write(int descriptor, const char *path, const void *bytes, size_t size, seine_error *error) {
    for (const uint8_t *at = bytes; size > 0;) {
        const ssize_t put = write(descriptor, at, size < PIECE_BYTES ? size : PIECE_BYTES);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail_errno(error, "write", path);
        at += put;
        size -= (size_t)put;
    }
    return SEINE_OK;
}

struct seine_local_writer {
    seine_arena arena;
    const char *path, *temp;
    uint8_t *buffer;
    size_t buffered;
    int fd;
};

static void free_writer(seine_local_writer *writer) {
    if (writer->fd >= 0) close(writer->fd);
    free(writer->buffer);
    seine_arena_free(&writer->arena);
    free(writer);
}

seine_status seine_local_writer_open(const char *path, seine_local_writer **writer, seine_error *error) {
    *writer = NULL;
    seine_local_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return fail_nomem(error, path);
    w->fd = -1;
    w->path = seine_arena_copy(&w->arena, path, strlen(path));
    w->temp = seine_local_temp_name(&w->arena, path);
    w->buffer = malloc(PIECE_BYTES);
    seine_status status = SEINE_OK;
    if (w->path == NULL || w->temp == NULL || w->buffer == NULL) {
        status = fail_nomem(error, path);
    } else {
        w->fd = open(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (w->fd < 0) status = fail_errno(error, "create", path);
    }
    if (status != SEINE_OK) {
        free_writer(w);
        return status;
    }
    *writer = w;
    return SEINE_OK;
}

static seine_status flush_buffer(seine_local_writer *writer, seine_error *error) {
    const size_t size = writer->buffered;
    writer->buffered = 0;
    return seine_local_write(writer->fd, writer->path, writer->buffer, size, error);
}

seine_status seine_local_writer_append(seine_local_writer *writer, const void *bytes, size_t size, seine_error *error) {
    if (size > PIECE_BYTES - writer->buffered) {
        SEINE_TRY(flush_buffer(writer, error));
    }
    if (size >= PIECE_BYTES) return seine_local_write(writer->fd, writer->path, bytes, size, error);
    memcpy(writer->buffer + writer->buffered, bytes, size);
    writer->buffered += size;
    return SEINE_OK;
}

seine_status seine_local_writer_commit(seine_local_writer *writer, seine_file_mode mode, seine_error *error) {
    seine_status status = flush_buffer(writer, error);
    if (status == SEINE_OK) {
        status = seine_local_sync(writer->fd, writer->path, error);
        writer->fd = -1;
    }
    if (status == SEINE_OK) {
        status = name_for_good(writer->temp, writer->path, mode, error);
    } else {
        (void)unlink(writer->temp);
    }
    free_writer(writer);
    return status;
}

seine_status seine_local_writer_end(seine_local_writer *writer, seine_arena *arena, const char **temp,
                                    const char **path, int *descriptor, seine_error *error) {
    seine_status status = flush_buffer(writer, error);
    /* So that whoever syncs it later waits the less; a file system that cannot do it loses nothing. */
    if (status == SEINE_OK) (void)sync_file_range(writer->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    *temp = seine_arena_copy(arena, writer->temp, strlen(writer->temp));
    *path = seine_arena_copy(arena, writer->path, strlen(writer->path));
    if (status == SEINE_OK && (*temp == NULL || *path == NULL)) status = fail_nomem(error, writer->path);
    *descriptor = status == SEINE_OK ? writer->fd : -1;
    if (status == SEINE_OK)
        writer->fd = -1; /* the caller's */
    else
        (void)unlink(writer->temp);
    free_writer(writer);
    return status;
}

void seine_local_writer_abort(seine_local_writer *writer) {
    if (writer == NULL) return;
    (void)unlink(writer->temp);
    free_writer(writer);
}
