/**
 * @file io/file.h  Files, wherever they lie. Nothing half written is ever seen under its final name.
 *
 * A path is one of this machine, or the address of an object: `s3://bucket/key` (io/s3), `mem://name/key` (tests,
 * io/store/memory.h). Nobody above this header asks which. A bucket has no folders: making one does nothing, a "folder"
 * is what the names of its objects begin with, and is there while one of them is. Nothing is ever renamed in it: what
 * is written piece by piece appears as a whole when it is committed. What this machine needs for itself (spills,
 * sockets, what another program writes) lies in seine_file_scratch.
 *
 * Paths are NUL-terminated and are used as given; every error names the path and the system's reason. All functions
 * may be called from several threads at once, a seine_file_writer by one thread at a time.
 */
#ifndef SEINE_IO_FILE_H
#define SEINE_IO_FILE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/try.h"

typedef enum seine_file_kind {
    SEINE_FILE_NONE, /* nothing of that name */
    SEINE_FILE_PLAIN,
    SEINE_FILE_FOLDER,
    SEINE_FILE_OTHER /* socket, device, symbolic link to nowhere */
} seine_file_kind;

typedef struct seine_file_info {
    seine_file_kind kind;
    uint64_t size; /**< bytes, PLAIN only */
    int64_t modified_us;
} seine_file_info;

/** How many threads it pays to let look at files, or read small ones, where a path leads: a store is waited for. */
size_t seine_file_crew(const char *path);

/** Follows symbolic links. A missing file is OK with kind NONE. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_file_stat(const char *path, seine_file_info *info, seine_error *error);
/** @return whether a plain file or folder is there; an unreadable parent counts as no. */
bool seine_file_exists(const char *path);

/**
 * Appends the whole file to @p out, whose max bounds it.
 * @return OK, E_NOT_FOUND, E_LIMIT (larger than out->max), E_NOMEM, E_IO. On failure out keeps its former bytes.
 */
SEINE_MUST_USE seine_status seine_file_read(const char *path, seine_buf *out, seine_error *error);

/** Takes the bytes of a file piece by piece; a failure ends the reading. */
typedef seine_status (*seine_bytes_fn)(void *context, const void *bytes, size_t size, seine_error *error);
/** Gives the whole file to @p take, as it is now: never from a cache. @return OK, E_NOT_FOUND, E_NOMEM, E_IO, what
 * @p take returned. */
SEINE_MUST_USE seine_status seine_file_stream(const char *path, seine_bytes_fn take, void *context, seine_error *error);

/**
 * Reads a whole file for its size and checksum (XXH3-128).
 * @return OK, E_NOT_FOUND, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_file_checksum(const char *path, int64_t *bytes, seine_hash128 *checksum,
                                                seine_error *error);

/**
 * What the writer of a file has told of its bytes: XXH3-128 (32 hex digits) or SHA-256 (64), so that they need not be
 * read for it. "" when nothing is kept of that: only stores do. @return OK, E_NOT_FOUND (of a store), E_IO.
 */
SEINE_MUST_USE seine_status seine_file_told_sum(const char *path, char sum[65], seine_error *error);

/** A file that is read in places. Several threads may read one at once. */
typedef struct seine_file_random {
    const char *path; /**< borrowed, for messages */
    int descriptor;   /**< of a file of this machine, or of an object's copy on it; -1 = none, or closed */
    uint64_t size;    /**< bytes when it was opened */
    struct seine_object_random *object; /**< of an object that is read by ranges; NULL = none */
} seine_file_random;

/** @return OK, E_NOT_FOUND, E_NOMEM, E_IO. On failure it is closed. */
SEINE_MUST_USE seine_status seine_file_random_open(const char *path, seine_file_random *file, seine_error *error);
/** Reads exactly @p size bytes from @p offset on. @return OK, E_FORMAT (the file ends before), E_IO. */
SEINE_MUST_USE seine_status seine_file_random_read(const seine_file_random *file, uint64_t offset, void *bytes,
                                                   size_t size, seine_error *error);
/** Closing a closed one is fine. */
void seine_file_random_close(seine_file_random *file);

/** What stands under the final name after a commit. */
typedef enum seine_file_mode {
    SEINE_FILE_REPLACE, /* the new bytes, whatever was there */
    SEINE_FILE_NEW      /* the new bytes, or E_EXISTS and what was there */
} seine_file_mode;

/**
 * Writes a whole file: temporary name in the same folder, write, fsync, rename, fsync of the folder. Readers see the
 * old file or the new one. Parent folders must exist.
 * @return OK, E_EXISTS (NEW only), E_NOT_FOUND (no such folder), E_NOMEM, E_IO. On failure nothing is left behind.
 */
SEINE_MUST_USE seine_status seine_file_write(const char *path, const void *bytes, size_t size, seine_file_mode mode,
                                             seine_error *error);

/** A file being written piece by piece under a temporary name. */
typedef struct seine_file_writer seine_file_writer;

/**
 * Begins a file that will be named @p path. Parent folders must exist. @return OK, E_NOT_FOUND, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_file_writer_open(const char *path, seine_file_writer **writer, seine_error *error);
/** Tells, before the first byte, what seine_file_told_sum is to say. The bytes are not compared with it. */
void seine_file_writer_tell(seine_file_writer *writer, const char *sum);
/** Appends bytes, buffered. After a failure only abort is allowed. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_file_writer_append(seine_file_writer *writer, const void *bytes, size_t size,
                                                     seine_error *error);
/** @return exact number of bytes appended so far. */
uint64_t seine_file_writer_size(const seine_file_writer *writer);
/** @return checksum (XXH3-128) of the bytes appended so far. */
seine_hash128 seine_file_writer_checksum(const seine_file_writer *writer);
/**
 * Makes the file durable under its final name, as seine_file_write does. Frees the writer in every case; on failure
 * the temporary file is removed. @return OK, E_EXISTS (NEW only), E_IO.
 */
SEINE_MUST_USE seine_status seine_file_writer_commit(seine_file_writer *writer, seine_file_mode mode,
                                                     seine_error *error);
/** @return where it is being written to if that is in a store, else NULL. Valid as long as the writer. */
const char *seine_file_writer_address(const seine_file_writer *writer);
/**
 * Ends a file of this machine without making it durable: its bytes lie under @p temp and are on their way to the disk,
 * and @p path is what it is to be named (io/file_batch.h does). Both are in @p arena; @p descriptor is the open file,
 * which tells of errors while its bytes are written, to be synced and closed. Frees the writer in every case; on
 * failure nothing is left. @return OK, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_file_writer_end(seine_file_writer *writer, seine_arena *arena, const char **temp,
                                                  const char **path, int *descriptor, seine_error *error);
/** Removes the temporary file and frees the writer. NULL is allowed. */
void seine_file_writer_abort(seine_file_writer *writer);
SEINE_OWNED_POINTER(seine_file_writer, seine_file_writer_abort);

/**
 * A fresh temporary name for what will be @p path, for files that somebody else (the SQL engine) writes: always of this
 * machine, beside @p path, or in the scratch folder when that is an address (which a lake there has opened). Temporary
 * names begin with ".tmp-" in every case. @return the path in @p arena, or NULL when out of memory.
 */
char *seine_file_temp_name(seine_arena *arena, const char *path);
/** @return whether the last part of @p path is a temporary name, left by a crash when nobody writes it. */
bool seine_file_is_temp(const char *path);
/**
 * Makes a finished temporary file durable under its final name: fsync, rename, fsync of the folder; or sends it to its
 * address. Where @p sha256 of its bytes (hex) is known, a store takes no others, and they need not be read for it; NULL
 * = it is not. On failure the temporary file is removed. @return as seine_file_writer_commit, E_NOT_FOUND.
 */
SEINE_MUST_USE seine_status seine_file_publish(const char *temp_path, const char *path, const char *sha256,
                                               seine_file_mode mode, seine_error *error);
/** Makes a name durable, not what it names: fsync of the folder that holds it. @return OK, E_NOT_FOUND, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_file_sync_name(const char *path, seine_error *error);

/** Makes a folder and its parents, durable. An existing folder is fine. @return OK, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_file_make_folders(const char *path, seine_error *error);
/** Makes the folder that holds @p path, and its parents. */
SEINE_MUST_USE seine_status seine_file_make_parent(const char *path, seine_error *error);

/** Removes a file or an empty folder. @return OK, E_NOT_FOUND, E_IO. */
SEINE_MUST_USE seine_status seine_file_remove(const char *path, seine_error *error);
/** Removes files that may be gone already; objects up to a thousand at a time. @return OK, E_IO: some may be there. */
SEINE_MUST_USE seine_status seine_file_remove_many(const char *const *paths, size_t count, seine_error *error);
/**
 * Removes a folder with all in it, never following symbolic links. Nothing there is fine.
 * @return OK, E_NOMEM, E_IO, E_LIMIT (64 folders deep).
 */
SEINE_MUST_USE seine_status seine_file_remove_tree(const char *path, seine_error *error);

typedef struct seine_file_entry {
    const char *name; /**< relative to the listed folder, parts joined by '/' */
    seine_file_info info;
    const char *why; /**< seine_file_list_readable: what cannot be read of it; NULL for what could */
} seine_file_entry;

/**
 * Lists a folder, sorted by name byte-wise. @p recursive: every file below it, without the folders themselves and
 * without following symbolic links to folders; else its direct files and folders.
 * @return OK, E_NOT_FOUND, E_NOMEM, E_IO, E_LIMIT (64 folders deep).
 */
SEINE_MUST_USE seine_status seine_file_list(const char *folder, bool recursive, seine_arena *arena,
                                            seine_file_entry **entries, size_t *count, seine_error *error);
/**
 * Every file below a folder as seine_file_list does, past what cannot be read: a folder that does not open or lies too
 * deep, or a name that cannot be looked at, is an entry with @p why. @return as seine_file_list, of @p folder itself.
 */
SEINE_MUST_USE seine_status seine_file_list_readable(const char *folder, seine_arena *arena, seine_file_entry **entries,
                                                     size_t *count, seine_error *error);

/**
 * A folder of this machine for what a lake needs while it is worked on (spills, parts of downloads): "tmp/@p name" in a
 * lake that is a folder, else @p name in the scratch folder of the process (io/store/stores.h), also where there is no
 * lake (NULL). It is made.
 * @return OK, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_file_scratch(const char *lake, const char *name, seine_arena *arena, char **folder,
                                               seine_error *error);

/**
 * What was begun below a folder and never ended: in a bucket the uploads in parts that nobody ended or gave up, whose
 * parts are kept, and paid for, until somebody does. Names as of seine_file_list, with an ending that seine_file_remove
 * knows; modified_us is when it began. On this machine there are none: what is not ended there is a temporary file.
 * @return OK, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_file_list_unfinished(const char *folder, seine_arena *arena,
                                                       seine_file_entry **entries, size_t *count, seine_error *error);

/** Last part of a path: "b.csv" of "/a/b.csv". Points into @p path. */
const char *seine_file_name(const char *path);
/** @p folder and @p name joined by one '/'. @return NULL when out of memory. */
char *seine_file_join(seine_arena *arena, const char *folder, const char *name);
/** @return whether a path does not depend on the current folder: it begins with a slash, or is an address. */
bool seine_file_is_absolute(const char *path);
/**
 * Absolute form: current folder in front when relative, "." and ".." and doubled slashes resolved in the text only
 * (symbolic links stay). @return OK, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_file_absolute(const char *path, seine_arena *arena, char **absolute,
                                                seine_error *error);

/** The absolute form with symbolic links resolved. @return OK, E_NOT_FOUND, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_file_real(const char *path, seine_arena *arena, char **real, seine_error *error);

/**
 * Path of a location in any of the three spellings `/p`, `file:/p`, `file:///p`, also `file://localhost/p`, or the
 * address itself (s3a: and s3n: mean s3:). Bytes are taken as they are (no percent decoding: the writers of such
 * locations do not encode).
 * @return OK, E_UNSUPPORTED (other scheme, other host, relative), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_file_path_of_uri(seine_str uri, seine_arena *arena, char **path, seine_error *error);
/** `file:///p` of the absolute form of @p path; an address is its own. @return OK, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_file_uri_of_path(const char *path, seine_arena *arena, char **uri,
                                                   seine_error *error);

#endif
