/* Made by mkdtemp, found by its prefix, known as nobody's by a lock that nobody holds. */
#include "io/store/scratch.h"

#include "base/try.h"
#include "io/local/local.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK "lock"

/* The lock of a folder, or -1: somebody has it, or there is none. */
static int take_lock(const char *folder, int flags) {
    char path[4096];
    const int size = snprintf(path, sizeof path, "%s/" LOCK, folder);
    if (size < 0 || (size_t)size >= sizeof path) return -1;
    const int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0) return file;
    if (file >= 0) (void)close(file);
    return -1;
}

/* A folder of ours, and no link to one. */
static bool is_own(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid();
}

static void sweep(const char *base, const char *prefix) {
    DIR *list = opendir(base);
    if (list == NULL) return;
    for (const struct dirent *one = readdir(list); one != NULL; one = readdir(list)) {
        char path[4096];
        if (strncmp(one->d_name, prefix, strlen(prefix)) != 0) continue;
        const int size = snprintf(path, sizeof path, "%s/%s", base, one->d_name);
        if (size < 0 || (size_t)size >= sizeof path || !is_own(path)) continue;
        const int lock = take_lock(path, 0);
        if (lock < 0) continue;
        seine_best_effort(seine_local_remove_tree(path, NULL)); /* what stays is looked at again next time */
        (void)close(lock);
    }
    (void)closedir(list);
}

seine_status seine_scratch_open(const char *base, const char *prefix, seine_scratch *scratch, seine_error *error) {
    const char *told = base != NULL ? base : getenv("TMPDIR"), *in = told != NULL && *told != '\0' ? told : "/tmp";
    seine_arena arena = {0};
    *scratch = (seine_scratch){.lock = -1};
    sweep(in, prefix);
    const char *pattern = seine_arena_printf(&arena, "%s/%sXXXXXX", in, prefix);
    scratch->folder = pattern != NULL ? strdup(pattern) : NULL;
    seine_arena_free(&arena);
    if (scratch->folder == NULL) return seine_fail(error, SEINE_E_NOMEM, "scratch folder: out of memory");
    const bool is_made = mkdtemp(scratch->folder) != NULL;
    if (is_made) scratch->lock = take_lock(scratch->folder, O_CREAT);
    if (scratch->lock >= 0) return SEINE_OK;
    if (is_made) (void)rmdir(scratch->folder);
    free(scratch->folder);
    *scratch = (seine_scratch){.lock = -1};
    return seine_fail(error, SEINE_E_IO, "%s: cannot make a folder below %s", base != NULL ? "--scratch" : "TMPDIR",
                      in);
}

bool seine_scratch_close(seine_scratch *scratch) {
    if (scratch->folder == NULL) return true;
    const bool is_gone = seine_local_remove_tree(scratch->folder, NULL) == SEINE_OK;
    if (scratch->lock >= 0) (void)close(scratch->lock);
    free(scratch->folder);
    *scratch = (seine_scratch){.lock = -1};
    return is_gone;
}
