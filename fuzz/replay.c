/**
 * Stand-in for the fuzzer's main: feeds every file of the folders named on the command line to one target,
 * in the order of their names, so that each input once found stays a test.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int keep_visible(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/** Feeds one file from a heap block of exactly its size, so that reads past the end are caught. */
static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return -1;
    }
    int result = -1;
    uint8_t *data = NULL;
    if (fseek(file, 0, SEEK_END) != 0) goto out;
    const long size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0) goto out;
    data = malloc(size > 0 ? (size_t)size : 1);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size) goto out;
    result = LLVMFuzzerTestOneInput(data, (size_t)size) == 0 ? 0 : -1;
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
