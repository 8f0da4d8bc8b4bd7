/* Files that are read in places. pread leaves no position behind, so one descriptor serves all places. */
#include "io/local/local.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

seine_status seine_local_random_open(const char *path, seine_file_random *file, seine_error *error) {
    struct stat st;
    *file = (seine_file_random){.path = path, .descriptor = open(path, O_RDONLY | O_CLOEXEC)};
    if (file->descriptor >= 0 && fstat(file->descriptor, &st) == 0) {
        if (S_ISREG(st.st_mode)) {
            file->size = (uint64_t)st.st_size;
            return SEINE_OK;
        }
        errno = EISDIR;
    }
    const seine_status status = errno == ENOENT ? SEINE_E_NOT_FOUND : errno == ENOMEM ? SEINE_E_NOMEM : SEINE_E_IO;
    const seine_status failed = seine_fail(error, status, "cannot open %s: %s", path, strerror(errno));
    seine_local_random_close(file);
    return failed;
}

seine_status seine_local_random_read(const seine_file_random *file, uint64_t offset, void *bytes, size_t size,
                                     seine_error *error) {
    if (offset > file->size || size > file->size - offset)
        return seine_fail(error, SEINE_E_FORMAT, "%s: %zu bytes at %llu of %llu", file->path, size,
                          (unsigned long long)offset, (unsigned long long)file->size);
    for (size_t done = 0; done < size;) {
        const ssize_t got = pread(file->descriptor, (char *)bytes + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return seine_fail(error, SEINE_E_IO, "cannot read %s: %s", file->path, strerror(errno));
        if (got == 0) return seine_fail(error, SEINE_E_FORMAT, "%s: was cut while it was read", file->path);
        done += (size_t)got;
    }
    return SEINE_OK;
}

void seine_local_random_close(seine_file_random *file) {
    if (file->descriptor >= 0) (void)close(file->descriptor);
    file->descriptor = -1;
}
