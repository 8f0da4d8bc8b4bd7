/* Inputs that are refused whatever is in them. */
#include "cli/detect/detect.h"

#include "base/try.h"
#include "io/file.h"

seine_status seine_detect_too_large(const char *name, const seine_detect_memory *memory, seine_error *error) {
    return seine_fail(error, SEINE_E_LIMIT,
                      "%s: more messages than %zu MiB of memory hold (--max-memory): raise it, or split by mover", name,
                      memory->max_bytes >> 20);
}

seine_status seine_detect_check_file(const char *path, bool *is_empty, seine_error *error) {
    seine_file_info info = {.kind = SEINE_FILE_NONE};
    SEINE_TRY(seine_file_stat(path, &info, error));
    *is_empty = info.kind == SEINE_FILE_PLAIN && info.size == 0;
    if (info.kind == SEINE_FILE_NONE) return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no such file", path);
    if (info.kind == SEINE_FILE_FOLDER) return seine_fail(error, SEINE_E_USAGE, "%s: is a folder, not a file", path);
    return SEINE_OK;
}
