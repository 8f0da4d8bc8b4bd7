/**
 * @file io/store/object.h
 * Files that are objects of a store: what io/file.h does when a path is an address. Each function is as the one of the
 * same name there.
 */
#ifndef SEINE_IO_STORE_OBJECT_H
#define SEINE_IO_STORE_OBJECT_H

#include "io/store/store.h"

SEINE_MUST_USE seine_status seine_object_stat(const char *address, seine_file_info *info, seine_error *error);
SEINE_MUST_USE seine_status seine_object_told_sum(const char *address, char sum[65], seine_error *error);
/** Immutable objects come from the cache where it has them. */
SEINE_MUST_USE seine_status seine_object_read(const char *address, seine_buf *out, seine_error *error);
SEINE_MUST_USE seine_status seine_object_stream(const char *address, seine_bytes_fn take, void *context,
                                                seine_error *error);
/**
 * Opens for reading in places: the copy in the cache, where there is one and the object fits it well (then the file is
 * one of this machine), else by ranges.
 */
SEINE_MUST_USE seine_status seine_object_random_open(const char *address, seine_file_random *file, seine_error *error);
SEINE_MUST_USE seine_status seine_object_random_read(const seine_file_random *file, uint64_t offset, void *bytes,
                                                     size_t size, seine_error *error);
void seine_object_random_close(seine_file_random *file);
/** Makes the copy in the cache, when there is a cache for it and none yet. @return OK, E_NOT_FOUND, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_object_copy(const char *address, seine_error *error);
/**
 * Pins that copy (io/store/cache.h), made now when there is none. *path, in @p arena, stays @p address when there is no
 * cache for it. @return as seine_object_copy.
 */
SEINE_MUST_USE seine_status seine_object_pin(const char *address, seine_arena *arena, const char **path,
                                             seine_error *error);

/** Up to a part is kept in memory, and sent as one object; beyond that it is sent in parts. What never changes is also
 * the copy in the cache when it is committed. */
typedef struct seine_object_writer seine_object_writer;
SEINE_MUST_USE seine_status seine_object_writer_open(const char *address, seine_object_writer **writer,
                                                     seine_error *error);
void seine_object_writer_tell(seine_object_writer *writer, const char *sum);
SEINE_MUST_USE seine_status seine_object_writer_append(seine_object_writer *writer, const void *bytes, size_t size,
                                                       seine_error *error);
SEINE_MUST_USE seine_status seine_object_writer_commit(seine_object_writer *writer, seine_file_mode mode,
                                                       seine_error *error);
void seine_object_writer_abort(seine_object_writer *writer);
/** Valid as long as the writer. */
const char *seine_object_writer_address(const seine_object_writer *writer);
SEINE_MUST_USE seine_status seine_object_publish(const char *temp_path, const char *address, const char *sha256,
                                                 seine_file_mode mode, seine_error *error);

/** A missing object is fine. */
SEINE_MUST_USE seine_status seine_object_remove(const char *address, seine_error *error);
SEINE_MUST_USE seine_status seine_object_remove_many(const char *const *addresses, size_t count, seine_error *error);
SEINE_MUST_USE seine_status seine_object_remove_tree(const char *address, seine_error *error);
SEINE_MUST_USE seine_status seine_object_list_unfinished(const char *address, seine_arena *arena,
                                                         seine_file_entry **entries, size_t *count, seine_error *error);
/** Nothing under the name is an empty listing. */
SEINE_MUST_USE seine_status seine_object_list(const char *address, bool recursive, seine_arena *arena,
                                              seine_file_entry **entries, size_t *count, seine_error *error);

#endif
