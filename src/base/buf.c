/* The one growing buffer: doubles up to its maximum, keeps one spare byte for a final NUL. */
#include "base/buf.h"
#include "base/try.h"

#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAPACITY 256

void seine_buf_init(seine_buf *buf, size_t max_bytes) {
    *buf = (seine_buf){.max = max_bytes < SIZE_MAX ? max_bytes : SIZE_MAX - 1};
}

void seine_buf_free(seine_buf *buf) {
    free(buf->data);
    *buf = (seine_buf){.max = buf->max};
}

seine_status seine_buf_reserve(seine_buf *buf, size_t extra) {
    if (extra > buf->max || buf->size > buf->max - extra) return SEINE_E_LIMIT;
    const size_t needed = buf->size + extra + 1; /* max is below SIZE_MAX */
    if (needed <= buf->capacity) return SEINE_OK;
    size_t capacity = buf->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buf->capacity;
    while (capacity < needed) capacity = capacity <= SIZE_MAX / 2 ? capacity * 2 : needed;
    if (capacity > buf->max + 1) capacity = buf->max + 1;
    uint8_t *data = realloc(buf->data, capacity);
    if (data == NULL) return SEINE_E_NOMEM;
    buf->data = data;
    buf->capacity = capacity;
    return SEINE_OK;
}

seine_status seine_buf_append(seine_buf *buf, const void *bytes, size_t size) {
    if (size == 0) return SEINE_OK;
    SEINE_TRY(seine_buf_reserve(buf, size));
    memcpy(buf->data + buf->size, bytes, size);
    buf->size += size;
    return SEINE_OK;
}

seine_status seine_buf_append_str(seine_buf *buf, const char *text) {
    return seine_buf_append(buf, text, strlen(text));
}

seine_status seine_buf_printf(seine_buf *buf, const char *format, ...) {
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    const size_t room = buf->capacity - buf->size;
    const int length = vsnprintf(room > 0 ? (char *)buf->data + buf->size : NULL, room, format, args);
    seine_status status = length < 0 ? SEINE_E_INTERNAL : seine_buf_reserve(buf, (size_t)length);
    if (status == SEINE_OK) {
        if ((size_t)length >= room) {
            vsnprintf((char *)buf->data + buf->size, buf->capacity - buf->size, format, again);
        }
        buf->size += (size_t)length;
    }
    va_end(again);
    va_end(args);
    return status;
}

char *seine_buf_text(seine_buf *buf) {
    if (seine_buf_reserve(buf, 0) != SEINE_OK) return NULL;
    buf->data[buf->size] = '\0';
    return (char *)buf->data;
}
