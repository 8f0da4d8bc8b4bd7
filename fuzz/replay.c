/**
 * Stand-in for the fuzzer's main: feeds every file of the folders named on the command line to one target,
 * in the order of their names, so that each input once found stays a test; and each cut short at many places.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CUTS 200 /* of each input */

static int keep_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/** Feeds the first bytes of an input from a heap block of exactly their size, so that reads past the end are caught. */
static int feed(const uint8_t *data, size_t size) {
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (!exact) return -1;
    memcpy(exact, data, size);
    const int result = LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return result == 0 ? 0 : -1;
}

static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return -1;
    }
    int result = -1;
    uint8_t *data = NULL;
    if (fseek(file, 0, SEEK_END) != 0) goto out;
    const long end = ftell(file);
    if (end < 0 || fseek(file, 0, SEEK_SET) != 0) goto out;
    const size_t size = (size_t)end, step = size / CUTS + 1;
    data = malloc(size + 1);
    if (!data || fread(data, 1, size, file) != size) goto out;
    result = feed(data, size);
    for (size_t cut = 0; cut < size && result == 0; cut += step) result = feed(data, cut);
out:
    if (result != 0) fprintf(stderr, "%s: not replayed\n", path);
    free(data);
    fclose(file);
    return result;
}

static int replay_folder(const char *folder) {
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, keep_visible, alphasort);
    if (count < 0) {
        perror(folder);
        return -1;
    }
    int failed = 0;
    for (int i = 0; i < count; i++) {
        char path[4096];
        const int length = snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (length < 0 || (size_t)length >= sizeof path || replay_file(path) != 0) failed++;
        free(entries[i]);
    }
    free(entries);
    printf("%d inputs of %s, %d failed\n", count, folder, failed);
    return count > 0 && failed == 0 ? 0 : -1; /* An empty corpus proves nothing. */
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
        return 2;
    }
    int status = 0;
    for (int i = 1; i < argc; i++) {
        if (replay_folder(argv[i]) != 0) status = 1;
    }
    return status;
}
