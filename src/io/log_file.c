#include "io/log_file.h"

#include "base/arena.h"
#include "base/buf.h"
#include "io/file.h"
#include "io/local/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static seine_status failed(const char *path, const char *what, seine_error *error) {
    return seine_fail(error, errno == ENOENT ? SEINE_E_NOT_FOUND : SEINE_E_IO, "%s: %s: %s", path, what,
                      strerror(errno));
}

static seine_status append(const char *path, seine_str line, seine_error *error) {
    seine_buf bytes SEINE_OWNED(seine_buf_free);
    seine_buf_init(&bytes, line.size + 1);
    if (seine_buf_append(&bytes, line.data, line.size) != SEINE_OK || seine_buf_append(&bytes, "\n", 1) != SEINE_OK)
        return seine_no_memory(error, path);
    const int descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return failed(path, "cannot open", error);
    const seine_status status = seine_local_write(descriptor, path, bytes.data, bytes.size, error);
    if (close(descriptor) != 0 && status == SEINE_OK) return failed(path, "cannot write", error);
    return status;
}

/* Each takes the name of the one before it in age; the oldest gives way. */
static seine_status turn_over(const seine_log_file *log, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *to = NULL;
    for (size_t n = log->keep + 1; n-- > 0;) {
        const char *from = n == 0 ? log->path : seine_arena_printf(&arena, "%s.%zu", log->path, n);
        if (from == NULL) return seine_no_memory(error, log->path);
        const int moved = to == NULL ? unlink(from) : rename(from, to);
        if (moved != 0 && errno != ENOENT) return failed(from, "cannot become a former log", error);
        to = from;
    }
    return SEINE_OK;
}

seine_status seine_log_file_append(const seine_log_file *log, seine_str line, seine_error *error) {
    seine_file_info info;
    if (log->path == NULL) return SEINE_OK;
    SEINE_TRY(seine_file_stat(log->path, &info, error));
    if (info.kind == SEINE_FILE_PLAIN && info.size > 0 && info.size + line.size + 1 > log->most_bytes)
        SEINE_TRY(turn_over(log, error));
    return append(log->path, line, error);
}
