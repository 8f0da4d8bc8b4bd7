/**
 * @file io/local/local.h
 * Files of this machine: what io/file.h does when a path is no address. Each function is as the one of the same name
 * there. Spills, temporary files, sockets and whatever else never lies in a store use these or io/file.h alike.
 */
#ifndef SEINE_IO_LOCAL_LOCAL_H
#define SEINE_IO_LOCAL_LOCAL_H

#include "io/file.h"

SEINE_MUST_USE seine_status seine_local_stat(const char *path, seine_file_info *info, seine_error *error);
SEINE_MUST_USE seine_status seine_local_read(const char *path, seine_buf *out, seine_error *error);
SEINE_MUST_USE seine_status seine_local_stream(const char *path, seine_bytes_fn take, void *context,
                                               seine_error *error);
SEINE_MUST_USE seine_status seine_local_real(const char *path, seine_arena *arena, char **real, seine_error *error);
SEINE_MUST_USE seine_status seine_local_random_open(const char *path, seine_file_random *file, seine_error *error);
SEINE_MUST_USE seine_status seine_local_random_read(const seine_file_random *file, uint64_t offset, void *bytes,
                                                    size_t size, seine_error *error);
void seine_local_random_close(seine_file_random *file);

typedef struct seine_local_writer seine_local_writer;
/**
 * Writes all of the bytes where an open file stands, in pieces of 256 KiB: for larger ones a file system may take
 * larger pages, which took eight times as long to get where the machine is a virtual one. @p path for the message.
 */
SEINE_MUST_USE seine_status seine_local_write(int descriptor, const char *path, const void *bytes, size_t size,
                                              seine_error *error);
SEINE_MUST_USE seine_status seine_local_writer_open(const char *path, seine_local_writer **writer, seine_error *error);
SEINE_MUST_USE seine_status seine_local_writer_append(seine_local_writer *writer, const void *bytes, size_t size,
                                                      seine_error *error);
SEINE_MUST_USE seine_status seine_local_writer_commit(seine_local_writer *writer, seine_file_mode mode,
                                                      seine_error *error);
SEINE_MUST_USE seine_status seine_local_writer_end(seine_local_writer *writer, seine_arena *arena, const char **temp,
                                                   const char **path, int *descriptor, seine_error *error);
void seine_local_writer_abort(seine_local_writer *writer);

/** A fresh temporary name in the same folder. @return NULL when out of memory. */
char *seine_local_temp_name(seine_arena *arena, const char *path);
SEINE_MUST_USE seine_status seine_local_publish(const char *temp_path, const char *path, seine_file_mode mode,
                                                seine_error *error);
/** Makes the bytes of an open file durable, not its name, and closes it in every case. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_local_sync(int descriptor, const char *path, seine_error *error);
/**
 * Gives a file whose bytes are durable its final name, which seine_local_sync_name makes durable. The temporary name is
 * gone afterwards in every case. @return OK, E_EXISTS (NEW only), E_IO.
 */
SEINE_MUST_USE seine_status seine_local_give_name(const char *temp_path, const char *path, seine_file_mode mode,
                                                  seine_error *error);
SEINE_MUST_USE seine_status seine_local_sync_name(const char *path, seine_error *error);
SEINE_MUST_USE seine_status seine_local_make_folders(const char *path, seine_error *error);
SEINE_MUST_USE seine_status seine_local_make_parent(const char *path, seine_error *error);
SEINE_MUST_USE seine_status seine_local_remove(const char *path, seine_error *error);
SEINE_MUST_USE seine_status seine_local_remove_tree(const char *path, seine_error *error);
/** @p goes_on: past what cannot be read, as seine_file_list_readable. */
SEINE_MUST_USE seine_status seine_local_list(const char *folder, bool recursive, bool goes_on, seine_arena *arena,
                                             seine_file_entry **entries, size_t *count, seine_error *error);

#endif
