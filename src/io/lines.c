#include "io/lines.h"

#include "base/buf.h"
#include "base/try.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)64 << 10)

/* A text that is being read; what has come of a line lies in held. */
typedef struct lines {
    const char *name;
    int fd;
    size_t most_bytes;
    seine_buf held;
    seine_line_fn take;
    void *context;
} lines;

static void end_lines(lines *l) {
    seine_buf_free(&l->held);
    if (l->fd > STDIN_FILENO) (void)close(l->fd);
}

static seine_status open_lines(lines *l, const char *path, seine_error *error) {
    if (path == NULL || strcmp(path, "-") == 0) return SEINE_OK;
    l->name = path;
    l->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (l->fd >= 0) return SEINE_OK;
    return seine_fail(error, errno == ENOENT ? SEINE_E_NOT_FOUND : SEINE_E_IO, "%s: %s", path, strerror(errno));
}

static seine_status give(lines *l, seine_error *error) {
    seine_str line = seine_buf_str(&l->held);
    if (line.size > 0 && line.data[line.size - 1] == '\r') line.size--;
    if (line.size > 0) SEINE_TRY(l->take(l->context, line, error));
    seine_buf_clear(&l->held);
    return SEINE_OK;
}

static seine_status hold(lines *l, const char *bytes, size_t size, seine_error *error) {
    const seine_status status = seine_buf_append(&l->held, bytes, size);
    if (status == SEINE_OK) return SEINE_OK;
    if (status == SEINE_E_NOMEM) return seine_no_memory(error, l->name);
    return seine_fail(error, status, "%s has a line of more than %zu bytes", l->name, l->most_bytes);
}

static seine_status split(lines *l, const char *piece, size_t size, seine_error *error) {
    const char *const end = piece + size;
    for (const char *p = piece; p < end;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        SEINE_TRY(hold(l, p, (size_t)((newline != NULL ? newline : end) - p), error));
        if (newline == NULL) break;
        SEINE_TRY(give(l, error));
        p = newline + 1;
    }
    return SEINE_OK;
}

seine_status seine_lines_read(const char *path, size_t most_bytes, const seine_progress *progress, seine_line_fn take,
                              void *context, seine_error *error) {
    lines l SEINE_OWNED(end_lines) = {
        .name = "standard input", .fd = STDIN_FILENO, .most_bytes = most_bytes, .take = take, .context = context};
    char piece[PIECE_BYTES];
    seine_buf_init(&l.held, most_bytes);
    SEINE_TRY(open_lines(&l, path, error));
    for (;;) {
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        const ssize_t got = read(l.fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return seine_fail(error, SEINE_E_IO, "%s: %s", l.name, strerror(errno));
        if (got == 0) return give(&l, error);
        SEINE_TRY(split(&l, piece, (size_t)got, error));
    }
}
