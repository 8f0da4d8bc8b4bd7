/*
 * Preloaded between a program and the C library: counts the calls that change files below one folder and, at a chosen
 * call, kills the process or lets that call and all later ones fail. So every moment between two changes can be tested.
 *
 *     SEINE_SHIM_FOLDER   absolute path; calls elsewhere pass
 *     SEINE_SHIM_AT       number of the call, first is 1; 0 = only count
 *     SEINE_SHIM_MODE     kill: SIGKILL in the middle of the call (half of the bytes of a write reach the file)
 *                         ENOSPC, EIO, EROFS: that call and later ones fail, as far as the condition would make them
 *     SEINE_SHIM_ONCE     1: only that call fails
 *     SEINE_SHIM_COUNT    file (elsewhere) that receives the number of calls at the end
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a call does; a condition of the disk hits some kinds only. */
enum { KIND_WRITE, KIND_SYNC, KIND_NAME, KIND_REMOVE, KIND_OPEN };

static atomic_long calls;

static void *real_call(const char *name) { return dlsym(RTLD_NEXT, name); }
#define REAL(type, name) ((type)(uintptr_t)real_call(name))

static bool is_below(const char *path) {
    const char *folder = getenv("SEINE_SHIM_FOLDER");
    if (folder == NULL || path == NULL) return false;
    char absolute[PATH_MAX];
    if (path[0] != '/') {
        if (getcwd(absolute, sizeof absolute) == NULL) return false;
        const size_t used = strlen(absolute);
        (void)snprintf(absolute + used, sizeof absolute - used, "/%s", path);
        path = absolute;
    }
    return strncmp(path, folder, strlen(folder)) == 0;
}

static bool is_below_at(int folder, const char *path) {
    if (path != NULL && (path[0] == '/' || folder == AT_FDCWD)) return is_below(path);
    char link[64], target[PATH_MAX];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    const ssize_t size = readlink(link, target, sizeof target - 1);
    if (size <= 0) return false;
    target[size] = '\0';
    return is_below(target);
}

static bool is_below_file(int file) { return is_below_at(file, NULL); }

static int error_of(const char *mode, int kind) {
    if (strcmp(mode, "ENOSPC") == 0) return kind == KIND_WRITE || kind == KIND_NAME ? ENOSPC : 0;
    if (strcmp(mode, "EIO") == 0) return kind == KIND_WRITE || kind == KIND_SYNC ? EIO : 0;
    if (strcmp(mode, "EROFS") == 0) return kind != KIND_SYNC ? EROFS : 0;
    return 0;
}

/* Counts the call. @return 0 to let it pass, an errno to fail with, -1 to do half of it and die. */
static int judge(int kind) {
    const char *at_text = getenv("SEINE_SHIM_AT"), *mode = getenv("SEINE_SHIM_MODE");
    const long at = at_text != NULL ? strtol(at_text, NULL, 10) : 0;
    const long now = kind == KIND_OPEN ? atomic_load(&calls) + 1 : atomic_fetch_add(&calls, 1) + 1;
    if (at == 0 || mode == NULL || now < at) return 0;
    if (strcmp(mode, "kill") == 0) return now == at && kind != KIND_OPEN ? -1 : 0;
    if (now > at && getenv("SEINE_SHIM_ONCE") != NULL) return 0;
    return error_of(mode, kind);
}

static void die(void) {
    (void)kill(getpid(), SIGKILL);
    for (;;) (void)pause();
}

static bool fails(int kind) {
    const int verdict = judge(kind);
    if (verdict < 0) die();
    errno = verdict > 0 ? verdict : errno;
    return verdict > 0;
}

__attribute__((destructor)) static void tell_count(void) {
    const char *path = getenv("SEINE_SHIM_COUNT");
    if (path == NULL) return;
    FILE *file = fopen(path, "w");
    if (file == NULL) return;
    (void)fprintf(file, "%ld\n", atomic_load(&calls));
    (void)fclose(file);
}

/* ---- writing ---- */

typedef ssize_t (*write_call)(int, const void *, size_t);
typedef ssize_t (*pwrite_call)(int, const void *, size_t, off_t);
typedef ssize_t (*writev_call)(int, const struct iovec *, int);

ssize_t write(int file, const void *bytes, size_t size) {
    const write_call real = REAL(write_call, "write");
    if (!is_below_file(file)) return real(file, bytes, size);
    const int verdict = judge(KIND_WRITE);
    if (verdict < 0) {
        (void)!real(file, bytes, size / 2);
        die();
    }
    if (verdict > 0) {
        errno = verdict;
        return -1;
    }
    return real(file, bytes, size);
}

static ssize_t write_at(const char *name, int file, const void *bytes, size_t size, off_t offset) {
    const pwrite_call real = REAL(pwrite_call, name);
    if (!is_below_file(file)) return real(file, bytes, size, offset);
    const int verdict = judge(KIND_WRITE);
    if (verdict < 0) {
        (void)!real(file, bytes, size / 2, offset);
        die();
    }
    if (verdict > 0) {
        errno = verdict;
        return -1;
    }
    return real(file, bytes, size, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
    return write_at("pwrite", file, bytes, size, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off_t offset) {
    return write_at("pwrite64", file, bytes, size, offset);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    const writev_call real = REAL(writev_call, "writev");
    return is_below_file(file) && fails(KIND_WRITE) ? -1 : real(file, parts, count);
}

typedef int (*truncate_call)(int, off_t);
int ftruncate(int file, off_t size) {
    const truncate_call real = REAL(truncate_call, "ftruncate");
    return is_below_file(file) && fails(KIND_WRITE) ? -1 : real(file, size);
}
int ftruncate64(int file, off_t size) {
    const truncate_call real = REAL(truncate_call, "ftruncate64");
    return is_below_file(file) && fails(KIND_WRITE) ? -1 : real(file, size);
}

/* ---- durability ---- */

typedef int (*sync_call)(int);
int fsync(int file) {
    const sync_call real = REAL(sync_call, "fsync");
    return is_below_file(file) && fails(KIND_SYNC) ? -1 : real(file);
}
int fdatasync(int file) {
    const sync_call real = REAL(sync_call, "fdatasync");
    return is_below_file(file) && fails(KIND_SYNC) ? -1 : real(file);
}

/* ---- names ---- */

typedef int (*two_names_call)(const char *, const char *);
typedef int (*two_names_at_call)(int, const char *, int, const char *);
typedef int (*link_at_call)(int, const char *, int, const char *, int);
typedef int (*rename2_call)(int, const char *, int, const char *, unsigned);
typedef int (*name_call)(const char *);
typedef int (*name_at_call)(int, const char *, int);
typedef int (*folder_call)(const char *, mode_t);
typedef int (*folder_at_call)(int, const char *, mode_t);

int rename(const char *from, const char *to) {
    const two_names_call real = REAL(two_names_call, "rename");
    return is_below(to) && fails(KIND_NAME) ? -1 : real(from, to);
}
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    const two_names_at_call real = REAL(two_names_at_call, "renameat");
    return is_below_at(to_folder, to) && fails(KIND_NAME) ? -1 : real(from_folder, from, to_folder, to);
}
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    const rename2_call real = REAL(rename2_call, "renameat2");
    return is_below_at(to_folder, to) && fails(KIND_NAME) ? -1 : real(from_folder, from, to_folder, to, flags);
}
int link(const char *from, const char *to) {
    const two_names_call real = REAL(two_names_call, "link");
    return is_below(to) && fails(KIND_NAME) ? -1 : real(from, to);
}
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    const link_at_call real = REAL(link_at_call, "linkat");
    return is_below_at(to_folder, to) && fails(KIND_NAME) ? -1 : real(from_folder, from, to_folder, to, flags);
}
int mkdir(const char *path, mode_t mode) {
    const folder_call real = REAL(folder_call, "mkdir");
    return is_below(path) && fails(KIND_NAME) ? -1 : real(path, mode);
}
int mkdirat(int folder, const char *path, mode_t mode) {
    const folder_at_call real = REAL(folder_at_call, "mkdirat");
    return is_below_at(folder, path) && fails(KIND_NAME) ? -1 : real(folder, path, mode);
}
int unlink(const char *path) {
    const name_call real = REAL(name_call, "unlink");
    return is_below(path) && fails(KIND_REMOVE) ? -1 : real(path);
}
int unlinkat(int folder, const char *path, int flags) {
    const name_at_call real = REAL(name_at_call, "unlinkat");
    return is_below_at(folder, path) && fails(KIND_REMOVE) ? -1 : real(folder, path, flags);
}
int rmdir(const char *path) {
    const name_call real = REAL(name_call, "rmdir");
    return is_below(path) && fails(KIND_REMOVE) ? -1 : real(path);
}

/* ---- opening: not counted, refused for writing on a read-only disk ---- */

typedef int (*open_call)(const char *, int, ...);
typedef int (*open_at_call)(int, const char *, int, ...);

static bool is_refused(int folder, const char *path, int flags) {
    if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) == 0 || !is_below_at(folder, path)) return false;
    const char *mode = getenv("SEINE_SHIM_MODE");
    return mode != NULL && strcmp(mode, "EROFS") == 0 && fails(KIND_OPEN);
}

static mode_t mode_of(int flags, va_list args) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...) {                                                   \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        const mode_t mode = mode_of(flags, args);                                                  \
        va_end(args);                                                                              \
        return is_refused(AT_FDCWD, path, flags) ? -1 : REAL(open_call, #name)(path, flags, mode); \
    }
#define OPEN_AT(name)                                                                                       \
    int name(int folder, const char *path, int flags, ...) {                                                \
        va_list args;                                                                                       \
        va_start(args, flags);                                                                              \
        const mode_t mode = mode_of(flags, args);                                                           \
        va_end(args);                                                                                       \
        return is_refused(folder, path, flags) ? -1 : REAL(open_at_call, #name)(folder, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
