/* Bytes to a file or to standard output. */
#include "cli/sink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

seine_status seine_sink_open(seine_sink *sink, const char *path, seine_error *error) {
    sink->file = NULL;
    return path == NULL || strcmp(path, "-") == 0 ? SEINE_OK : seine_file_writer_open(path, &sink->file, error);
}

seine_status seine_sink_write(void *sink, const void *bytes, size_t size, seine_error *error) {
    seine_file_writer *file = ((const seine_sink *)sink)->file;
    if (file != NULL) return seine_file_writer_append(file, bytes, size, error);
    if (fwrite(bytes, 1, size, stdout) == size) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
}

seine_status seine_sink_close(seine_sink *sink, seine_status so_far, seine_file_mode mode, seine_error *error) {
    if (sink->file == NULL) {
        if (fflush(stdout) == 0 || so_far != SEINE_OK) return so_far;
        return seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
    }
    if (so_far == SEINE_OK) return seine_file_writer_commit(sink->file, mode, error);
    seine_file_writer_abort(sink->file);
    return so_far;
}
