/*
 * One boundary for everything that is printed: the streams themselves. Where stdout or stderr is a terminal, the stream
 * is replaced by one that escapes what goes through it, so that no place that prints can forget to.
 */
#include "base/try.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define PIECE_MAX ((size_t)1 << 30)

/* Length that a UTF-8 sequence of this first byte has; 0 = none begins so. */
static size_t length_of(unsigned char first) {
    static const struct {
        unsigned char least, length;
    } kinds[] = {{0xF5, 0}, {0xF0, 4}, {0xE0, 3}, {0xC2, 2}, {0x80, 0}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (first >= kinds[i].least) return kinds[i].length;
    return 1;
}

/* Length of the UTF-8 sequence at @p text and its code point; 0 = none; more than @p size = it is cut there. */
static size_t decode(const unsigned char *text, size_t size, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = length_of(text[0]);
    *code = length < 2 ? text[0] : text[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length && i < size; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
        *code = *code << 6 | (text[i] & 0x3Fu);
    }
    if (length > size) return length;
    const bool is_wrong = *code < least[length] || (*code >= 0xD800 && *code < 0xE000) || *code > 0x10FFFF;
    return is_wrong ? 0 : length;
}

static bool is_control(uint32_t code) {
    if (code == '\n' || code == '\t') return false;
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return true;
    /* Marks, embeddings, overrides and isolates of direction; separators of lines. */
    return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

/* Escapes as much as is whole; a sequence cut by the end is left, its length in @p left. */
static seine_status escape(seine_buf *out, seine_str text, size_t *left) {
    const unsigned char *bytes = (const unsigned char *)text.data;
    *left = 0;
    for (size_t i = 0; i < text.size;) {
        uint32_t code = 0;
        const size_t length = decode(bytes + i, text.size - i, &code);
        if (length > text.size - i) {
            *left = text.size - i;
            return SEINE_OK;
        }
        if (length == 0)
            SEINE_TRY(seine_buf_printf(out, "\\x%02x", bytes[i]));
        else if (is_control(code))
            SEINE_TRY(seine_buf_printf(out, code < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)code));
        else
            SEINE_TRY(seine_buf_append(out, bytes + i, length));
        i += length > 0 ? length : 1;
    }
    return SEINE_OK;
}

seine_status seine_terminal_escape(seine_buf *out, seine_str text) {
    size_t left = 0;
    SEINE_TRY(escape(out, text, &left));
    for (; left > 0; left--) SEINE_TRY(seine_buf_printf(out, "\\x%02x", (unsigned char)text.data[text.size - left]));
    return SEINE_OK;
}

/* ---- streams ---------------------------------------------------------------------------------------------------- */

/* A stream has no place of its own for these, and there are two of them in a process. */
typedef struct guarded {
    int descriptor;
    char cut[4]; /* of a sequence that the next write goes on with */
    size_t cut_size;
} guarded;

static bool write_all(int descriptor, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        const ssize_t wrote = write(descriptor, at, size);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        at += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

static ssize_t write_guarded(void *context, const char *bytes, size_t size) {
    guarded *g = context;
    seine_buf text SEINE_OWNED(seine_buf_free), shown SEINE_OWNED(seine_buf_free);
    size_t left = 0;
    seine_buf_init(&text, PIECE_MAX);
    seine_buf_init(&shown, PIECE_MAX);
    if (seine_buf_append(&text, g->cut, g->cut_size) != SEINE_OK || seine_buf_append(&text, bytes, size) != SEINE_OK ||
        escape(&shown, seine_buf_str(&text), &left) != SEINE_OK || !write_all(g->descriptor, shown.data, shown.size))
        return 0; /* failed, as fopencookie wants it */
    if (left > 0) memcpy(g->cut, text.data + text.size - left, left);
    g->cut_size = left;
    return (ssize_t)size;
}

static FILE *guard(guarded *g, FILE *plain) {
    if (isatty(g->descriptor) != 1) return plain;
    FILE *made = fopencookie(g, "w", (cookie_io_functions_t){.write = write_guarded});
    if (made == NULL) return plain;
    (void)setvbuf(made, NULL, _IOLBF, BUFSIZ);
    return made;
}

void seine_terminal_guard(void) {
    static guarded output = {.descriptor = STDOUT_FILENO}, errors = {.descriptor = STDERR_FILENO};
    stdout = guard(&output, stdout);
    stderr = guard(&errors, stderr);
}

bool seine_terminal_is_output(void) { return isatty(STDOUT_FILENO) == 1; }

seine_status seine_terminal_data(const void *bytes, size_t size, seine_error *error) {
    bool is_done = false;
    if (seine_terminal_is_output())
        is_done = fflush(stdout) == 0 && write_all(STDOUT_FILENO, bytes, size);
    else
        is_done = fwrite(bytes, 1, size, stdout) == size;
    return is_done ? SEINE_OK : seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
}

void seine_terminal_control(const char *text) {
    if (isatty(STDERR_FILENO) != 1) return;
    (void)fflush(stderr);
    (void)write_all(STDERR_FILENO, text, strlen(text));
}
