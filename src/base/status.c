/* Outcome words, the one way to report a failure, and what leaving on one needs. */
#include "seine/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"

static const char *const STATUS_TEXT[] = {
    [SEINE_OK] = "ok",
    [SEINE_E_USAGE] = "wrong use",
    [SEINE_E_SPACE] = "buffer too small",
    [SEINE_E_FULL] = "output full",
    [SEINE_E_ORDER] = "out of order",
    [SEINE_E_NOMEM] = "out of memory",
    [SEINE_E_LIMIT] = "limit reached",
    [SEINE_E_IO] = "input or output error",
    [SEINE_E_FORMAT] = "bad format",
    [SEINE_E_NOT_FOUND] = "not found",
    [SEINE_E_EXISTS] = "exists already",
    [SEINE_E_CONFLICT] = "conflict",
    [SEINE_E_BUSY] = "busy",
    [SEINE_E_VERSION] = "newer version",
    [SEINE_E_UNSUPPORTED] = "unsupported",
    [SEINE_E_INTERRUPTED] = "interrupted",
    [SEINE_E_UNKNOWN] = "outcome unknown",
    [SEINE_E_INTERNAL] = "internal error",
    [SEINE_E_AWAY] = "away",
};

const char *seine_status_text(seine_status status) {
    const size_t index = (size_t)status;
    return index < sizeof STATUS_TEXT / sizeof STATUS_TEXT[0] ? STATUS_TEXT[index] : "unknown status";
}

seine_status seine_fail(seine_error *error, seine_status status, const char *format, ...) {
    if (error == NULL) return status;
    /* The old text may be an argument of the new one, so that callers can put a context in front. */
    char text[sizeof error->text];
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0) text[0] = '\0';
    if (status == SEINE_E_NOMEM && strstr(text, "memory") == NULL) {
        const size_t end = strlen(text), room = sizeof text - end;
        (void)snprintf(text + end, room, "%sout of memory", end > 0 ? ": " : "");
    }
    error->status = status;
    for (size_t i = 0; i < sizeof text; i++) {
        error->text[i] = text[i];
        if (text[i] == '\0') break;
    }
    return status;
}

seine_status seine_no_memory(seine_error *error, const char *what) {
    return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", what);
}

void seine_free_owned(void *address_of_pointer) {
    void *owned; /* copied, because only memcpy may read a pointer of any type */
    memcpy(&owned, address_of_pointer, sizeof owned);
    free(owned);
}
