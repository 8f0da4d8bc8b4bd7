/* Files that commands write: which names may be taken. */
#include "base/try.h"
#include "cli/target.h"
#include "io/store/stores.h"
#include "table/catalog/catalog.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

seine_file_mode seine_target_mode(const seine_args *args, bool is_typed) {
    return is_typed || seine_args_flag(args, "force") ? SEINE_FILE_REPLACE : SEINE_FILE_NEW;
}

seine_status seine_target_check(const char *path, seine_file_mode mode, seine_error *error) {
    if (mode == SEINE_FILE_REPLACE || !seine_file_exists(path)) return SEINE_OK;
    return seine_fail(error, SEINE_E_EXISTS, "%s is there already: name another file with -o, or --force to replace it",
                      path);
}

/* The folder that holds the file, as it is written: "." of "a", "b/" of "b/a". */
static char *folder_of(const char *path, seine_arena *arena) {
    const size_t size = (size_t)(seine_file_name(path) - path);
    return size == 0 ? seine_arena_copy(arena, ".", 1) : seine_arena_copy(arena, path, size);
}

/* ---- lakes ------------------------------------------------------------------------------------------------------ */

static bool holds(const char *folder, const char *name) {
    char path[PATH_MAX + 16];
    const int size = snprintf(path, sizeof path, "%s/%s", folder, name);
    return size > 0 && (size_t)size < sizeof path && seine_file_exists(path);
}

/* Cuts @p real, a path without links, down to the lake that holds it. */
static bool cut_to_lake(char real[PATH_MAX]) {
    for (char *end = real + strlen(real); end != NULL && end > real; end = strrchr(real, '/')) {
        *end = '\0';
        if ((holds(real, SEINE_CATALOG_FILE) || holds(real, SEINE_CATALOG_ADDRESS_FILE)) &&
            (holds(real, "seine.yaml") || holds(real, "silver")))
            return true;
    }
    return false;
}

/* What of @p path is there already, without links. */
static seine_status resolve(const char *path, seine_arena *arena, char real[PATH_MAX], seine_error *error) {
    char *absolute = NULL;
    if (realpath(path, real) != NULL) return SEINE_OK;
    if (errno == ENOMEM) return seine_no_memory(error, path);
    SEINE_TRY(seine_file_absolute(path, arena, &absolute, error));
    while (realpath(absolute, real) == NULL) {
        char *cut = strrchr(absolute, '/');
        if (cut == NULL || cut == absolute) {
            (void)strcpy(real, "/");
            return SEINE_OK;
        }
        *cut = '\0';
    }
    return SEINE_OK;
}

/* A link is replaced where it stands, or followed when something is appended: both places count. */
static seine_status check_outside(const seine_target_file *file, seine_arena *arena, seine_error *error) {
    char real[PATH_MAX];
    const char *places[] = {file->path, file->role == SEINE_TARGET_FOLDER ? NULL : folder_of(file->path, arena)};
    for (size_t i = 0; i < 2 && places[i] != NULL; i++) {
        SEINE_TRY(resolve(places[i], arena, real, error));
        if (cut_to_lake(real))
            return seine_fail(error, SEINE_E_USAGE,
                              "%s %s: this is inside the lake %s, where only Seine's own files stand; name a place "
                              "outside of it",
                              file->option, file->path, real);
    }
    return SEINE_OK;
}

/* ---- one file under two names ----------------------------------------------------------------------------------- */

typedef struct identity {
    const seine_target_file *file;
    dev_t device;
    ino_t inode;      /* of the file, or of its folder when it is not there */
    const char *name; /* in that folder, "" = it is there */
} identity;

static int compare(const void *a, const void *b) {
    const identity *x = a, *y = b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    if (x->inode != y->inode) return x->inode < y->inode ? -1 : 1;
    const int by_name = strcmp(x->name, y->name);
    if (by_name != 0) return by_name;
    return (x->file > y->file) - (x->file < y->file); /* both of one array */
}

/* @return whether the file can be told from others: one whose folder is missing is for its opening to report. */
static bool identify(const seine_target_file *file, seine_arena *arena, identity *out) {
    struct stat st;
    *out = (identity){.file = file, .name = ""};
    if (strcmp(file->path, "-") == 0) {
        if (file->role != SEINE_TARGET_READ || fstat(STDIN_FILENO, &st) != 0 || !S_ISREG(st.st_mode)) return false;
    } else if (stat(file->path, &st) != 0) {
        const char *folder = folder_of(file->path, arena);
        if (folder == NULL || stat(folder, &st) != 0) return false;
        out->name = seine_file_name(file->path);
    }
    out->device = st.st_dev;
    out->inode = st.st_ino;
    return true;
}

static seine_status refuse_pair(const seine_target_file *a, const seine_target_file *b, seine_error *error) {
    if (a->role == SEINE_TARGET_READ && b->role == SEINE_TARGET_READ)
        return seine_fail(error, SEINE_E_USAGE, "%s %s and %s %s are the same file: give it once", a->option, a->path,
                          b->option, b->path);
    return seine_fail(error, SEINE_E_USAGE,
                      "%s %s and %s %s are the same file, and what stands in it would be lost: name another", a->option,
                      a->path, b->option, b->path);
}

static seine_status check_one(const seine_target_file *file, seine_arena *arena, seine_error *error) {
    seine_file_info info = {.kind = SEINE_FILE_NONE};
    if (file->role == SEINE_TARGET_READ || strcmp(file->path, "-") == 0) return SEINE_OK;
    SEINE_TRY(check_outside(file, arena, error));
    if (file->role == SEINE_TARGET_WRITE) SEINE_TRY(seine_file_stat(file->path, &info, error));
    if (info.kind != SEINE_FILE_OTHER) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "%s %s: there is something that is no plain file, which would be replaced",
                      file->option, file->path);
}

seine_status seine_targets_check(const seine_target_file *files, size_t count, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    size_t known = 0;
    identity *all = SEINE_ARENA_ARRAY(&arena, identity, count);
    if (all == NULL) return seine_no_memory(error, "files of the command");
    for (size_t i = 0; i < count; i++) {
        if (files[i].path == NULL) continue;
        SEINE_TRY(check_one(&files[i], &arena, error));
        if (files[i].role != SEINE_TARGET_FOLDER) known += identify(&files[i], &arena, &all[known]);
    }
    qsort(all, known, sizeof *all, compare);
    for (size_t i = 1; i < known; i++) {
        const identity *a = &all[i - 1], *b = &all[i];
        if (a->device == b->device && a->inode == b->inode && strcmp(a->name, b->name) == 0)
            return refuse_pair(a->file, b->file, error);
    }
    return SEINE_OK;
}

/* ---- buckets ----------------------------------------------------------------------------------------------------- */

seine_status seine_target_make_bucket(const char *lake, seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    if (!seine_is_address(lake))
        return seine_fail(error, SEINE_E_USAGE, "--create-bucket: %s is no lake in a bucket: s3://BUCKET/NAME", lake);
    SEINE_TRY(seine_stores_find(lake, &store, &key, error));
    return store->ops->make(store, error);
}
