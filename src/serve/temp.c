/*
 * The folder for files that answers are made of. Its owner holds a lock on a file in it, which ends with the process,
 * however that ends: so a server that starts knows which folders nobody needs any more.
 */
#include "base/try.h"
#include "io/file.h"
#include "serve/server_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "seine-serve-"
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

static void sweep(const char *base) {
    DIR *list = opendir(base);
    if (list == NULL) return;
    for (const struct dirent *one = readdir(list); one != NULL; one = readdir(list)) {
        char path[4096];
        if (strncmp(one->d_name, PREFIX, strlen(PREFIX)) != 0) continue;
        const int size = snprintf(path, sizeof path, "%s/%s", base, one->d_name);
        if (size < 0 || (size_t)size >= sizeof path || !is_own(path)) continue;
        const int lock = take_lock(path, 0);
        if (lock < 0) continue;
        if (seine_file_remove_tree(path, NULL) != SEINE_OK) (void)fprintf(stderr, "seine serve: %s stays\n", path);
        (void)close(lock);
    }
    (void)closedir(list);
}

seine_status seine_temp_open(seine_server *server, seine_error *error) {
    const char *told = getenv("TMPDIR"), *base = told != NULL && *told != '\0' ? told : "/tmp";
    sweep(base);
    char *pattern = seine_arena_printf(&server->arena, "%s/" PREFIX "XXXXXX", base);
    if (pattern == NULL) return seine_no_memory(error, "server");
    server->temp_folder = mkdtemp(pattern);
    if (server->temp_folder != NULL) server->temp_lock = take_lock(server->temp_folder, O_CREAT);
    if (server->temp_folder != NULL && server->temp_lock >= 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "TMPDIR: cannot make a folder below %s", base);
}

void seine_temp_close(seine_server *server) {
    if (server->temp_folder != NULL && seine_file_remove_tree(server->temp_folder, NULL) != SEINE_OK)
        (void)fprintf(stderr, "seine serve: %s is left behind\n", server->temp_folder);
    if (server->temp_lock >= 0) (void)close(server->temp_lock);
}
