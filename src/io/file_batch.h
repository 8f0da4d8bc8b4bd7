/**
 * @file io/file_batch.h
 * Files that become durable together. One of this machine waits under its temporary name until the batch ends:
 *
 *     write* ─ end: fsync every file ─▶ give every name ─▶ fsync every folder once
 *
 * so that under a final name there are always complete, durable bytes, as for files that are written one by one
 * (io/file.h). The disk has them all to do at once, which takes a fraction of the time, and nobody waits for it while
 * there is work to do. An object is sent as soon as it is complete, by threads of the batch, many at a time: nobody
 * waits for the network either, unless so much is on its way that it would take too much memory.
 *
 *     write* ─▶ sent meanwhile ─ end: until all are there
 *
 * Files may be added from several threads, one of a name; one thread ends or frees the batch.
 */
#ifndef SEINE_IO_FILE_BATCH_H
#define SEINE_IO_FILE_BATCH_H

#include "io/file.h"

typedef struct seine_file_batch seine_file_batch;

/** @return an empty batch, or NULL when out of memory. */
SEINE_MUST_USE seine_file_batch *seine_file_batch_new(void);
/**
 * Removes the files that did not get their name, and frees the batch. Objects that are being sent have theirs when it
 * returns, others have none. NULL is allowed.
 */
void seine_file_batch_free(seine_file_batch *batch);

/**
 * Ends a file in the batch. With @p batch NULL it is made durable at once (seine_file_writer_commit). Frees the writer
 * in every case; on failure nothing of the file is left. @return OK, E_EXISTS (NEW, without batch only), E_NOMEM, E_IO;
 * and when an object that was added before could not be sent, what that returned.
 */
SEINE_MUST_USE seine_status seine_file_batch_commit(seine_file_batch *batch, seine_file_writer *writer,
                                                    seine_file_mode mode, seine_error *error);
/** Writes a whole file into the batch, or at once without one. @return as seine_file_write. */
SEINE_MUST_USE seine_status seine_file_batch_write(seine_file_batch *batch, const char *path, const void *bytes,
                                                   size_t size, seine_file_mode mode, seine_error *error);
/** Takes a file out of the batch again and removes it, or one that was made durable at once. Others add files
 * meanwhile.
 * @return OK, E_NOT_FOUND (there is none of that name), E_IO. */
SEINE_MUST_USE seine_status seine_file_batch_remove(seine_file_batch *batch, const char *path, seine_error *error);

/**
 * Begins with what the end has to do for the files so far, beside the caller, who may add others meanwhile. It fails at
 * the end. NULL is one without files.
 */
void seine_file_batch_begin_end(seine_file_batch *batch);
/**
 * Makes all files durable under their names; the batch is empty then and takes others. After a failure some may have
 * their names, which the caller removes when the batch is freed; the temporary ones go with it. NULL is one without
 * files. @return OK, E_EXISTS (a NEW one), E_NOT_FOUND, E_IO, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_file_batch_end(seine_file_batch *batch, seine_error *error);

#endif
