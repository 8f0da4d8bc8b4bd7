/* Folders of this machine: making, listing, removing. */
#include "io/local/local.h"

#include "base/array.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEEPEST_FOLDER 64
#define ENTRIES_MAX ((size_t)1 << 28) /* of one listing */

static seine_status fail_errno(seine_error *error, const char *what, const char *path) {
    const int code = errno;
    const seine_status status = code == ENOENT ? SEINE_E_NOT_FOUND : code == ENOMEM ? SEINE_E_NOMEM : SEINE_E_IO;
    return seine_fail(error, status, "cannot %s %s: %s", what, path, strerror(code));
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

/* Makes one folder below an existing parent. */
static seine_status make_one(const char *path, seine_error *error) {
    if (mkdir(path, 0777) == 0) return seine_local_sync_name(path, error);
    if (errno != EEXIST) return fail_errno(error, "make folder", path);
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "cannot make folder %s: a file of that name is in the way", path);
}

static seine_status make_folders(char *path, seine_error *error) {
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/') path[--size] = '\0';
    if (size == 0) return SEINE_OK;
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return SEINE_OK; /* the usual case, also without rights above */
    for (size_t i = 1; i < size; i++) {
        if (path[i] != '/' || path[i - 1] == '/') continue;
        path[i] = '\0';
        const seine_status status = stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? SEINE_OK : make_one(path, error);
        path[i] = '/';
        if (status != SEINE_OK) return status;
    }
    return make_one(path, error);
}

static seine_status make_copy(const char *path, size_t size, seine_error *error) {
    seine_arena arena = {0};
    char *copy = seine_arena_copy(&arena, path, size);
    const seine_status status =
        copy != NULL ? make_folders(copy, error) : seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", path);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_local_make_folders(const char *path, seine_error *error) {
    return make_copy(path, strlen(path), error);
}

seine_status seine_local_make_parent(const char *path, seine_error *error) {
    return make_copy(path, (size_t)(seine_file_name(path) - path), error);
}

/* ---- removing -------------------------------------------------------------------------------------------------- */

seine_status seine_local_remove(const char *path, seine_error *error) {
    if (unlink(path) == 0) return SEINE_OK;
    /* unlink of a folder says EISDIR on Linux, EPERM elsewhere. */
    if ((errno == EISDIR || errno == EPERM) && rmdir(path) == 0) return SEINE_OK;
    return fail_errno(error, "remove", path);
}

static bool is_dot(const char *name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

static seine_status remove_below(const char *path, int depth, seine_error *error) {
    if (depth > DEEPEST_FOLDER) return seine_fail(error, SEINE_E_LIMIT, "%s: folders nested too deep", path);
    struct stat st;
    if (lstat(path, &st) != 0) return errno == ENOENT ? SEINE_OK : fail_errno(error, "remove", path);
    if (!S_ISDIR(st.st_mode)) return seine_local_remove(path, error);
    DIR *folder = opendir(path);
    if (folder == NULL) return fail_errno(error, "open folder", path);
    seine_status status = SEINE_OK;
    for (struct dirent *entry = readdir(folder); entry != NULL && status == SEINE_OK; entry = readdir(folder)) {
        if (is_dot(entry->d_name)) continue;
        seine_arena arena = {0};
        const char *child = seine_file_join(&arena, path, entry->d_name);
        status = child != NULL ? remove_below(child, depth + 1, error)
                               : seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", path);
        seine_arena_free(&arena);
    }
    closedir(folder);
    if (status == SEINE_OK && rmdir(path) != 0) status = fail_errno(error, "remove", path);
    return status;
}

seine_status seine_local_remove_tree(const char *path, seine_error *error) { return remove_below(path, 0, error); }

/* ---- listing --------------------------------------------------------------------------------------------------- */

typedef struct listing {
    const char *root;
    bool recursive;
    bool goes_on; /* past what cannot be read, which becomes an entry that says why */
    seine_arena *arena;
    seine_file_entry *entries; /* growing, copied to the arena at the end */
    size_t count, capacity;
    seine_error *error;
} listing;

static seine_status out_of_memory(listing *list) {
    return seine_fail(list->error, SEINE_E_NOMEM, "%s: out of memory listing the folder", list->root);
}

static seine_status add_entry(listing *list, const char *name, seine_file_info info, const char *why) {
    if (SEINE_ARRAY_ROOM(list->entries, list->count, list->capacity, 1, ENTRIES_MAX) != SEINE_OK)
        return out_of_memory(list);
    list->entries[list->count++] = (seine_file_entry){name, info, why};
    return SEINE_OK;
}

/* One part that cannot be read, as list->error says: the end of a listing, or an entry of it. */
static seine_status pass_over(listing *list, const char *name, seine_file_kind kind, seine_status status) {
    if (status == SEINE_OK || !list->goes_on || status == SEINE_E_NOMEM) return status;
    const char *why = seine_arena_copy(list->arena, list->error->text, strlen(list->error->text));
    return why != NULL ? add_entry(list, name, (seine_file_info){.kind = kind}, why) : out_of_memory(list);
}

static seine_status list_below(listing *list, const char *prefix, int depth);

static seine_status list_one(listing *list, const char *prefix, const char *name, int depth) {
    const char *relative = prefix[0] == '\0' ? seine_arena_copy(list->arena, name, strlen(name))
                                             : seine_file_join(list->arena, prefix, name);
    const char *path = relative != NULL ? seine_file_join(list->arena, list->root, relative) : NULL;
    if (path == NULL) return out_of_memory(list);
    seine_file_info info;
    const seine_status status = seine_local_stat(path, &info, list->error);
    if (status != SEINE_OK) return pass_over(list, relative, SEINE_FILE_NONE, status);
    if (info.kind == SEINE_FILE_NONE) return SEINE_OK; /* removed since */
    if (!list->recursive || info.kind != SEINE_FILE_FOLDER) return add_entry(list, relative, info, NULL);
    struct stat st;
    if (lstat(path, &st) != 0 || S_ISLNK(st.st_mode)) return SEINE_OK;
    const seine_status below = list_below(list, relative, depth + 1);
    if (below == SEINE_E_NOT_FOUND) return SEINE_OK; /* removed since */
    return pass_over(list, relative, SEINE_FILE_FOLDER, below);
}

static seine_status list_below(listing *list, const char *prefix, int depth) {
    if (depth > DEEPEST_FOLDER)
        return seine_fail(list->error, SEINE_E_LIMIT, "%s/%s: folders nested too deep", list->root, prefix);
    const char *path = prefix[0] == '\0' ? list->root : seine_file_join(list->arena, list->root, prefix);
    if (path == NULL) return out_of_memory(list);
    DIR *folder = opendir(path);
    if (folder == NULL) return fail_errno(list->error, "open folder", path);
    seine_status status = SEINE_OK;
    while (status == SEINE_OK) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL) {
            if (errno != 0) status = fail_errno(list->error, "read folder", path);
            break;
        }
        if (!is_dot(entry->d_name)) status = list_one(list, prefix, entry->d_name, depth);
    }
    closedir(folder);
    return status;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const seine_file_entry *)a)->name, ((const seine_file_entry *)b)->name);
}

static seine_status list_all(listing *list, seine_file_entry **entries, size_t *count, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    list->error = &why;
    seine_status status = list_below(list, "", 0);
    seine_file_entry *sorted = NULL;
    if (status == SEINE_OK) {
        if (list->count > 1) qsort(list->entries, list->count, sizeof *list->entries, by_name);
        sorted = SEINE_ARENA_ARRAY(list->arena, seine_file_entry, list->count);
        if (sorted == NULL) {
            status = out_of_memory(list);
        } else if (list->count > 0) {
            memcpy(sorted, list->entries, list->count * sizeof *sorted);
        }
    }
    free(list->entries);
    *entries = sorted;
    *count = status == SEINE_OK ? list->count : 0;
    return status == SEINE_OK ? status : seine_fail(error, status, "%s", why.text);
}

seine_status seine_local_list(const char *folder, bool recursive, bool goes_on, seine_arena *arena,
                              seine_file_entry **entries, size_t *count, seine_error *error) {
    listing list = {.root = folder, .recursive = recursive, .goes_on = goes_on, .arena = arena};
    return list_all(&list, entries, count, error);
}
