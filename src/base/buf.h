/** @file base/buf.h  The one growing buffer; every one has a stated maximum. */
#ifndef SEINE_BASE_BUF_H
#define SEINE_BASE_BUF_H

#include "base/str.h"
#include "seine/status.h"

/** Owned bytes. Initialise with seine_buf_init; free with seine_buf_free. */
typedef struct seine_buf {
    uint8_t *data;
    size_t size, capacity, max;
} seine_buf;

/** @p max_bytes: appending beyond it fails with SEINE_E_LIMIT. Does not allocate. */
void seine_buf_init(seine_buf *buf, size_t max_bytes);
void seine_buf_free(seine_buf *buf);
/** Keeps the memory, forgets the bytes. */
static inline void seine_buf_clear(seine_buf *buf) { buf->size = 0; }
/** Makes room for @p extra more bytes. @return OK, E_NOMEM, E_LIMIT (buffer unchanged). */
SEINE_MUST_USE seine_status seine_buf_reserve(seine_buf *buf, size_t extra);
SEINE_MUST_USE seine_status seine_buf_append(seine_buf *buf, const void *bytes, size_t size);
SEINE_MUST_USE seine_status seine_buf_append_str(seine_buf *buf, const char *text);
SEINE_MUST_USE seine_status seine_buf_printf(seine_buf *buf, const char *format, ...) SEINE_PRINTF(2, 3);
/** Ensures a NUL after the last byte (not counted in size). @return the text, or NULL when out of memory. */
char *seine_buf_text(seine_buf *buf);
static inline seine_str seine_buf_str(const seine_buf *buf) { return (seine_str){(const char *)buf->data, buf->size}; }

#endif
