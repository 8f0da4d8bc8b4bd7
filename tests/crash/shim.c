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
 *     SEINE_SHIM_JOURNAL  file (elsewhere) to which each change is appended in its order, with its bytes, for a model
 * of the disk (disk.py): what would be there had the power failed between any two of them
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
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

/* Path of a name in an opened folder (AT_FDCWD: the current one), or of the opened file itself when path is NULL. */
static bool absolute_of(int folder, const char *path, char absolute[PATH_MAX]) {
    size_t used = 0;
    if (path == NULL || (path[0] != '/' && folder != AT_FDCWD)) {
        char link[64];
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        const ssize_t size = readlink(link, absolute, PATH_MAX - 1);
        if (size <= 0) return false;
        used = (size_t)size;
    } else if (path[0] != '/') {
        if (getcwd(absolute, PATH_MAX) == NULL) return false;
        used = strlen(absolute);
    }
    absolute[used] = '\0';
    if (path == NULL) return true;
    const int put = snprintf(absolute + used, PATH_MAX - used, "%s%s", used > 0 ? "/" : "", path);
    return put >= 0 && (size_t)put < PATH_MAX - used;
}

static bool is_below_at(int folder, const char *path) {
    const char *root = getenv("SEINE_SHIM_FOLDER");
    char absolute[PATH_MAX];
    if (root == NULL || !absolute_of(folder, path, absolute)) return false;
    const size_t size = strlen(root); /* it ends with a slash; syncing the folder itself counts too */
    return strncmp(absolute, root, size) == 0 ||
           (strlen(absolute) + 1 == size && strncmp(absolute, root, size - 1) == 0);
}

static bool is_below(const char *path) { return path != NULL && is_below_at(AT_FDCWD, path); }
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

/* ---- the journal ---- */

/* Held around each call and its record, so that their orders are the same. */
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static FILE *journal;

__attribute__((constructor)) static void open_journal(void) {
    const char *path = getenv("SEINE_SHIM_JOURNAL");
    if (path != NULL) journal = fopen(path, "a");
}

static void begin(void) {
    if (journal != NULL) (void)pthread_mutex_lock(&order);
}

static void end(void) {
    if (journal == NULL) return;
    (void)fflush(journal);
    (void)pthread_mutex_unlock(&order);
}

static uint64_t inode_of(int file) {
    struct stat st;
    return fstat(file, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

/* A record: kind, inode, place, sizes of up to two texts or byte strings, then these. */
static void record(char kind, uint64_t inode, int64_t place, const void *one, size_t one_size, const void *two,
                   size_t two_size) {
    (void)fprintf(journal, "%c %llu %lld %zu %zu\n", kind, (unsigned long long)inode, (long long)place, one_size,
                  two_size);
    if (one_size > 0) (void)fwrite(one, 1, one_size, journal);
    if (two_size > 0) (void)fwrite(two, 1, two_size, journal);
}

/* These end what begin() began: they note what a call did and @return its result, with its errno. */
static ssize_t noted_write(ssize_t put, int file, const void *bytes, off_t offset) {
    const int code = errno;
    if (journal != NULL && put > 0) {
        const off_t at = offset >= 0 ? offset : lseek(file, 0, SEEK_CUR) - put;
        record('W', inode_of(file), at, bytes, (size_t)put, NULL, 0);
    }
    end();
    errno = code;
    return put;
}

static int noted_file(int result, char kind, int file, off_t size) {
    const int code = errno;
    if (journal != NULL && result == 0) record(kind, inode_of(file), size, NULL, 0, NULL, 0);
    end();
    errno = code;
    return result;
}

static int noted_names(int result, char kind, int folder, const char *path, int to_folder, const char *to) {
    const int code = errno;
    char from[PATH_MAX], into[PATH_MAX] = "";
    if (journal != NULL && result == 0 && absolute_of(folder, path, from) &&
        (to == NULL || absolute_of(to_folder, to, into))) {
        struct stat st = {0};
        (void)lstat(to != NULL ? into : from, &st);
        record(kind, (uint64_t)st.st_ino, 0, from, strlen(from), into, strlen(into));
    }
    end();
    errno = code;
    return result;
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
    begin();
    return noted_write(real(file, bytes, size), file, bytes, -1);
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
    begin();
    return noted_write(real(file, bytes, size, offset), file, bytes, offset);
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
    if (!is_below_file(file)) return real(file, size);
    if (fails(KIND_WRITE)) return -1;
    begin();
    return noted_file(real(file, size), 'T', file, size);
}
int ftruncate64(int file, off_t size) {
    const truncate_call real = REAL(truncate_call, "ftruncate64");
    if (!is_below_file(file)) return real(file, size);
    if (fails(KIND_WRITE)) return -1;
    begin();
    return noted_file(real(file, size), 'T', file, size);
}

/* ---- durability ---- */

typedef int (*sync_call)(int);
int fsync(int file) {
    const sync_call real = REAL(sync_call, "fsync");
    if (!is_below_file(file)) return real(file);
    if (fails(KIND_SYNC)) return -1;
    begin();
    return noted_file(real(file), 'S', file, 0);
}
int fdatasync(int file) {
    const sync_call real = REAL(sync_call, "fdatasync");
    if (!is_below_file(file)) return real(file);
    if (fails(KIND_SYNC)) return -1;
    begin();
    return noted_file(real(file), 'S', file, 0);
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
    if (!is_below(to)) return real(from, to);
    if (fails(KIND_NAME)) return -1;
    begin();
    return noted_names(real(from, to), 'R', AT_FDCWD, from, AT_FDCWD, to);
}
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    const two_names_at_call real = REAL(two_names_at_call, "renameat");
    if (!is_below_at(to_folder, to)) return real(from_folder, from, to_folder, to);
    if (fails(KIND_NAME)) return -1;
    begin();
    return noted_names(real(from_folder, from, to_folder, to), 'R', from_folder, from, to_folder, to);
}
int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    const rename2_call real = REAL(rename2_call, "renameat2");
    if (!is_below_at(to_folder, to)) return real(from_folder, from, to_folder, to, flags);
    if (fails(KIND_NAME)) return -1;
    begin();
    return noted_names(real(from_folder, from, to_folder, to, flags), 'R', from_folder, from, to_folder, to);
}
int link(const char *from, const char *to) {
    const two_names_call real = REAL(two_names_call, "link");
    if (!is_below(to)) return real(from, to);
    if (fails(KIND_NAME)) return -1;
    begin();
    return noted_names(real(from, to), 'L', AT_FDCWD, from, AT_FDCWD, to);
}
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    const link_at_call real = REAL(link_at_call, "linkat");
    if (!is_below_at(to_folder, to)) return real(from_folder, from, to_folder, to, flags);
    if (fails(KIND_NAME)) return -1;
    begin();
    return noted_names(real(from_folder, from, to_folder, to, flags), 'L', from_folder, from, to_folder, to);
}
int mkdir(const char *path, mode_t mode) {
    const folder_call real = REAL(folder_call, "mkdir");
    if (!is_below(path)) return real(path, mode);
    if (fails(KIND_NAME)) return -1;
    begin();
    return noted_names(real(path, mode), 'M', AT_FDCWD, path, 0, NULL);
}
int mkdirat(int folder, const char *path, mode_t mode) {
    const folder_at_call real = REAL(folder_at_call, "mkdirat");
    if (!is_below_at(folder, path)) return real(folder, path, mode);
    if (fails(KIND_NAME)) return -1;
    begin();
    return noted_names(real(folder, path, mode), 'M', folder, path, 0, NULL);
}
int unlink(const char *path) {
    const name_call real = REAL(name_call, "unlink");
    if (!is_below(path)) return real(path);
    if (fails(KIND_REMOVE)) return -1;
    begin();
    return noted_names(real(path), 'U', AT_FDCWD, path, 0, NULL);
}
int unlinkat(int folder, const char *path, int flags) {
    const name_at_call real = REAL(name_at_call, "unlinkat");
    if (!is_below_at(folder, path)) return real(folder, path, flags);
    if (fails(KIND_REMOVE)) return -1;
    begin();
    return noted_names(real(folder, path, flags), 'U', folder, path, 0, NULL);
}
int rmdir(const char *path) {
    const name_call real = REAL(name_call, "rmdir");
    if (!is_below(path)) return real(path);
    if (fails(KIND_REMOVE)) return -1;
    begin();
    return noted_names(real(path), 'U', AT_FDCWD, path, 0, NULL);
}

/* ---- opening: not counted, but noted when it makes or empties a file; refused for writing on a read-only disk ---- */

typedef int (*open_at_call)(int, const char *, int, ...);

static bool is_refused(int folder, const char *path, int flags) {
    if ((flags & (O_CREAT | O_WRONLY | O_RDWR)) == 0 || !is_below_at(folder, path)) return false;
    const char *mode = getenv("SEINE_SHIM_MODE");
    return mode != NULL && strcmp(mode, "EROFS") == 0 && fails(KIND_OPEN);
}

static mode_t mode_of(int flags, va_list args) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
}

/* What a journal tells happened before the power failed: its boot is another one than that of the commands after it. */
static const char *of_this_boot(const char *path) {
    const bool is_boot = journal != NULL && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0;
    return is_boot ? "/dev/null" : path;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    path = of_this_boot(path);
    if (is_refused(folder, path, flags)) return -1;
    const open_at_call real = REAL(open_at_call, "openat");
    if (journal == NULL || (flags & (O_CREAT | O_TRUNC)) == 0 || !is_below_at(folder, path))
        return real(folder, path, flags, mode);
    begin();
    struct stat st;
    const bool was_there = fstatat(folder, path, &st, 0) == 0;
    const int file = real(folder, path, flags, mode);
    if (file >= 0 && !was_there) {
        (void)noted_names(0, 'C', folder, path, 0, NULL);
    } else if (file >= 0 && (flags & O_TRUNC) != 0) {
        (void)noted_file(0, 'T', file, 0);
    } else {
        end();
    }
    return file;
}

#define OPEN(name)                                  \
    int name(const char *path, int flags, ...) {    \
        va_list args;                               \
        va_start(args, flags);                      \
        const mode_t mode = mode_of(flags, args);   \
        va_end(args);                               \
        return opened(AT_FDCWD, path, flags, mode); \
    }
#define OPEN_AT(name)                                        \
    int name(int folder, const char *path, int flags, ...) { \
        va_list args;                                        \
        va_start(args, flags);                               \
        const mode_t mode = mode_of(flags, args);            \
        va_end(args);                                        \
        return opened(folder, path, flags, mode);            \
    }
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
