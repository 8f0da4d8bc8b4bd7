/* What messages may take. */
#include "cli/detect/detect.h"

seine_status seine_detect_too_large(const char *name, const seine_detect_memory *memory, seine_error *error) {
    return seine_fail(error, SEINE_E_LIMIT,
                      "%s: more messages than %zu MiB of memory hold (--max-memory): raise it, or split by mover", name,
                      memory->max_bytes >> 20);
}
