/* Where a path leads: to a file of this machine, or to an object of a store. */
#include "io/file.h"

#include "base/try.h"
#include "io/local/local.h"
#include "io/store/object.h"
#include "io/store/stores.h"

#include <stdlib.h>

#define STORE_CREW ((size_t)16)

size_t seine_file_crew(const char *path) { return seine_is_address(path) ? STORE_CREW : 1; }

/* ---- looking and reading ---------------------------------------------------------------------------------------- */

seine_status seine_file_stat(const char *path, seine_file_info *info, seine_error *error) {
    return seine_is_address(path) ? seine_object_stat(path, info, error) : seine_local_stat(path, info, error);
}

bool seine_file_exists(const char *path) {
    seine_file_info info;
    if (seine_file_stat(path, &info, NULL) != SEINE_OK) return false;
    return info.kind == SEINE_FILE_PLAIN || info.kind == SEINE_FILE_FOLDER;
}

seine_status seine_file_read(const char *path, seine_buf *out, seine_error *error) {
    return seine_is_address(path) ? seine_object_read(path, out, error) : seine_local_read(path, out, error);
}

seine_status seine_file_stream(const char *path, seine_bytes_fn take, void *context, seine_error *error) {
    return seine_is_address(path) ? seine_object_stream(path, take, context, error)
                                  : seine_local_stream(path, take, context, error);
}

typedef struct summing {
    seine_hash128_stream *sum;
    int64_t bytes;
} summing;

static seine_status add_to_sum(void *context, const void *bytes, size_t size, seine_error *error) {
    summing *s = context;
    (void)error;
    seine_hash128_stream_update(s->sum, bytes, size);
    s->bytes += (int64_t)size;
    return SEINE_OK;
}

seine_status seine_file_checksum(const char *path, int64_t *bytes, seine_hash128 *checksum, seine_error *error) {
    summing s = {.sum = seine_hash128_stream_new()};
    const seine_status status =
        s.sum != NULL ? seine_file_stream(path, add_to_sum, &s, error) : seine_no_memory(error, path);
    *bytes = s.bytes;
    if (status == SEINE_OK) *checksum = seine_hash128_stream_value(s.sum);
    seine_hash128_stream_free(s.sum);
    return status;
}

seine_status seine_file_told_sum(const char *path, char sum[65], seine_error *error) {
    sum[0] = '\0';
    return seine_is_address(path) ? seine_object_told_sum(path, sum, error) : SEINE_OK;
}

seine_status seine_file_random_open(const char *path, seine_file_random *file, seine_error *error) {
    return seine_is_address(path) ? seine_object_random_open(path, file, error)
                                  : seine_local_random_open(path, file, error);
}

seine_status seine_file_random_read(const seine_file_random *file, uint64_t offset, void *bytes, size_t size,
                                    seine_error *error) {
    if (offset > file->size || size > file->size - offset)
        return seine_fail(error, SEINE_E_FORMAT, "%s: %zu bytes at %llu of %llu", file->path, size,
                          (unsigned long long)offset, (unsigned long long)file->size);
    return file->object != NULL ? seine_object_random_read(file, offset, bytes, size, error)
                                : seine_local_random_read(file, offset, bytes, size, error);
}

void seine_file_random_close(seine_file_random *file) {
    if (file->object != NULL)
        seine_object_random_close(file);
    else
        seine_local_random_close(file);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

struct seine_file_writer {
    seine_local_writer *local; /* one of the two */
    seine_object_writer *object;
    uint64_t size;
    seine_hash128_stream *checksum;
};

static void free_writer(seine_file_writer *writer) {
    seine_hash128_stream_free(writer->checksum);
    free(writer);
}

seine_status seine_file_writer_open(const char *path, seine_file_writer **writer, seine_error *error) {
    *writer = NULL;
    seine_file_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return seine_no_memory(error, path);
    w->checksum = seine_hash128_stream_new();
    const seine_status status = w->checksum == NULL      ? seine_no_memory(error, path)
                                : seine_is_address(path) ? seine_object_writer_open(path, &w->object, error)
                                                         : seine_local_writer_open(path, &w->local, error);
    if (status == SEINE_OK)
        *writer = w;
    else
        free_writer(w);
    return status;
}

void seine_file_writer_tell(seine_file_writer *writer, const char *sum) {
    if (writer->object != NULL) seine_object_writer_tell(writer->object, sum);
}

seine_status seine_file_writer_append(seine_file_writer *writer, const void *bytes, size_t size, seine_error *error) {
    if (size == 0) return SEINE_OK;
    writer->size += size;
    seine_hash128_stream_update(writer->checksum, bytes, size);
    return writer->object != NULL ? seine_object_writer_append(writer->object, bytes, size, error)
                                  : seine_local_writer_append(writer->local, bytes, size, error);
}

uint64_t seine_file_writer_size(const seine_file_writer *writer) { return writer->size; }

seine_hash128 seine_file_writer_checksum(const seine_file_writer *writer) {
    return seine_hash128_stream_value(writer->checksum);
}

seine_status seine_file_writer_commit(seine_file_writer *writer, seine_file_mode mode, seine_error *error) {
    const seine_status status = writer->object != NULL ? seine_object_writer_commit(writer->object, mode, error)
                                                       : seine_local_writer_commit(writer->local, mode, error);
    free_writer(writer);
    return status;
}

const char *seine_file_writer_address(const seine_file_writer *writer) {
    return writer->object != NULL ? seine_object_writer_address(writer->object) : NULL;
}

seine_status seine_file_writer_end(seine_file_writer *writer, seine_arena *arena, const char **temp, const char **path,
                                   int *descriptor, seine_error *error) {
    const seine_status status = seine_local_writer_end(writer->local, arena, temp, path, descriptor, error);
    free_writer(writer);
    return status;
}

void seine_file_writer_abort(seine_file_writer *writer) {
    if (writer == NULL) return;
    if (writer->object != NULL)
        seine_object_writer_abort(writer->object);
    else
        seine_local_writer_abort(writer->local);
    free_writer(writer);
}

seine_status seine_file_write(const char *path, const void *bytes, size_t size, seine_file_mode mode,
                              seine_error *error) {
    seine_file_writer *writer = NULL;
    seine_status status = seine_file_writer_open(path, &writer, error);
    if (status != SEINE_OK) return status;
    status = seine_file_writer_append(writer, bytes, size, error);
    if (status == SEINE_OK) return seine_file_writer_commit(writer, mode, error);
    seine_file_writer_abort(writer);
    return status;
}

/* ---- temporary files -------------------------------------------------------------------------------------------- */

char *seine_file_temp_name(seine_arena *arena, const char *path) {
    const char *scratch = NULL;
    if (!seine_is_address(path)) return seine_local_temp_name(arena, path);
    if (seine_stores_scratch(&scratch, NULL) != SEINE_OK) return NULL;
    const char *name = seine_file_join(arena, scratch, seine_file_name(path));
    return name != NULL ? seine_local_temp_name(arena, name) : NULL;
}

seine_status seine_file_publish(const char *temp_path, const char *path, const char *sha256, seine_file_mode mode,
                                seine_error *error) {
    return seine_is_address(path) ? seine_object_publish(temp_path, path, sha256, mode, error)
                                  : seine_local_publish(temp_path, path, mode, error);
}

/* An object has its name when it was sent. */
seine_status seine_file_sync_name(const char *path, seine_error *error) {
    return seine_is_address(path) ? SEINE_OK : seine_local_sync_name(path, error);
}

seine_status seine_file_scratch(const char *lake, const char *name, seine_arena *arena, char **folder,
                                seine_error *error) {
    const char *base = lake;
    const bool is_own = lake == NULL || seine_is_address(lake);
    if (is_own) SEINE_TRY(seine_stores_scratch(&base, error));
    *folder = seine_arena_printf(arena, "%s%s%s%s", base, is_own ? "" : "/tmp", name[0] != '\0' ? "/" : "", name);
    return *folder != NULL ? seine_local_make_folders(*folder, error) : seine_no_memory(error, base);
}

/* ---- folders ---------------------------------------------------------------------------------------------------- */

seine_status seine_file_make_folders(const char *path, seine_error *error) {
    return seine_is_address(path) ? SEINE_OK : seine_local_make_folders(path, error);
}

seine_status seine_file_make_parent(const char *path, seine_error *error) {
    return seine_is_address(path) ? SEINE_OK : seine_local_make_parent(path, error);
}

seine_status seine_file_remove(const char *path, seine_error *error) {
    return seine_is_address(path) ? seine_object_remove(path, error) : seine_local_remove(path, error);
}

/* Paths behind another of the same kind. */
static size_t count_alike(const char *const *paths, size_t count) {
    size_t alike = 1;
    while (alike < count && seine_is_address(paths[alike]) == seine_is_address(paths[0])) alike++;
    return alike;
}

/* One that cannot be removed keeps no other. */
static seine_status remove_local(const char *const *paths, size_t count, seine_error *error) {
    seine_status first = SEINE_OK;
    for (size_t i = 0; i < count; i++) {
        const seine_status status = seine_local_remove(paths[i], first == SEINE_OK ? error : NULL);
        if (first == SEINE_OK && status != SEINE_E_NOT_FOUND) first = status;
    }
    return first;
}

seine_status seine_file_remove_many(const char *const *paths, size_t count, seine_error *error) {
    for (size_t first = 0; first < count;) {
        const size_t alike = count_alike(paths + first, count - first);
        SEINE_TRY(seine_is_address(paths[first]) ? seine_object_remove_many(paths + first, alike, error)
                                                 : remove_local(paths + first, alike, error));
        first += alike;
    }
    return SEINE_OK;
}

seine_status seine_file_remove_tree(const char *path, seine_error *error) {
    return seine_is_address(path) ? seine_object_remove_tree(path, error) : seine_local_remove_tree(path, error);
}

seine_status seine_file_list(const char *folder, bool recursive, seine_arena *arena, seine_file_entry **entries,
                             size_t *count, seine_error *error) {
    return seine_is_address(folder) ? seine_object_list(folder, recursive, arena, entries, count, error)
                                    : seine_local_list(folder, recursive, false, arena, entries, count, error);
}

seine_status seine_file_list_readable(const char *folder, seine_arena *arena, seine_file_entry **entries, size_t *count,
                                      seine_error *error) {
    return seine_is_address(folder) ? seine_object_list(folder, true, arena, entries, count, error)
                                    : seine_local_list(folder, true, true, arena, entries, count, error);
}

seine_status seine_file_list_unfinished(const char *folder, seine_arena *arena, seine_file_entry **entries,
                                        size_t *count, seine_error *error) {
    *entries = NULL;
    *count = 0;
    return seine_is_address(folder) ? seine_object_list_unfinished(folder, arena, entries, count, error) : SEINE_OK;
}

seine_status seine_file_real(const char *path, seine_arena *arena, char **real, seine_error *error) {
    return seine_is_address(path) ? seine_file_absolute(path, arena, real, error)
                                  : seine_local_real(path, arena, real, error);
}
