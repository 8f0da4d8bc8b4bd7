/* Hostile GPX: whatever the bytes and however they are cut, lines come out that are JSON, the same ones. */
#include "base/json.h"
#include "decode/gpx.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static seine_status take(const uint8_t *data, size_t size, size_t piece, seine_buf *lines) {
    seine_gpx *gpx = seine_gpx_new("name");
    seine_error error = {SEINE_OK, ""};
    seine_status status = SEINE_OK;
    if (gpx == NULL) abort();
    for (size_t at = 0; at < size && status == SEINE_OK; at += piece)
        status = seine_gpx_take(gpx, data + at, piece < size - at ? piece : size - at, lines, &error);
    if (status == SEINE_OK) status = seine_gpx_take(gpx, NULL, 0, lines, &error);
    if (status != SEINE_OK && strncmp(error.text, "line ", 5) != 0) abort();
    seine_gpx_free(gpx);
    return status;
}

static void check_lines(seine_str lines) {
    while (lines.size > 0) {
        const char *end = memchr(lines.data, '\n', lines.size);
        seine_json *json = NULL;
        if (end == NULL) abort();
        const size_t size = (size_t)(end - lines.data);
        if (seine_json_parse((seine_str){lines.data, size}, "line", &json, NULL) != SEINE_OK) abort();
        seine_json_free(json);
        lines = (seine_str){end + 1, lines.size - size - 1};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    seine_buf whole, pieces;
    if (size > 1 << 18) return 0;
    seine_buf_init(&whole, (size_t)1 << 26);
    seine_buf_init(&pieces, (size_t)1 << 26);
    const seine_status status = take(data, size, size > 0 ? size : 1, &whole);
    if (take(data, size, 7, &pieces) != status) abort();
    if (status == SEINE_OK && !seine_str_equal(seine_buf_str(&whole), seine_buf_str(&pieces))) abort();
    check_lines(seine_buf_str(&whole));
    seine_buf_free(&whole);
    seine_buf_free(&pieces);
    return 0;
}
