/* Hostile archives: whatever the bytes, the reader ends, keeps its limits, and gives the same text in any pieces. */
#include "base/hash.h"
#include "io/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLAIN_MAX ((uint64_t)1 << 22)

/* @return how many bytes came out, or UINT64_MAX when the file was refused. */
static uint64_t read_all(const char *path, size_t piece) {
    static uint8_t bytes[1 << 16];
    seine_reader *reader = NULL;
    const char *member = NULL;
    uint64_t total = 0;
    seine_status status = seine_reader_open(path, &reader, NULL);
    if (status != SEINE_OK) return UINT64_MAX;
    const seine_reader_limits limits = {.plain_bytes = PLAIN_MAX, .ratio = 1000, .ratio_from = PLAIN_MAX};
    seine_reader_limit(reader, &limits);
    while (status == SEINE_OK) {
        status = seine_reader_member(reader, &member, NULL);
        if (status != SEINE_OK || member == NULL) break;
        for (size_t got = 1; status == SEINE_OK && got > 0; total += got)
            status = seine_reader_read(reader, bytes, piece, &got, NULL);
    }
    seine_reader_close(reader);
    if (total > PLAIN_MAX + sizeof bytes) abort();
    return status == SEINE_OK ? total : UINT64_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[] = "/tmp/seine-fuzz-XXXXXX";
    const int fd = mkstemp(path);
    if (fd < 0) return 0;
    FILE *file = fdopen(fd, "wb");
    const bool written = file != NULL && fwrite(data, 1, size, file) == size;
    if (file == NULL || fclose(file) != 0 || !written) abort();
    const uint64_t large = read_all(path, 1 << 16), small = read_all(path, 1000);
    unlink(path);
    if (large != small) abort();
    return 0;
}
