/**
 * @file io/store/store.h
 * A place of whole objects under keys: what a bucket can do, and nothing more. There is no rename, no folder and no
 * lock; an object appears whole or not at all. io/store/memory.h is such a place.
 *
 * Keys are the bytes behind "bucket/". Any thread may call any function; an upload is used by one thread at a time.
 * Errors name the address (s3://bucket/key), never a secret.
 */
#ifndef SEINE_IO_STORE_STORE_H
#define SEINE_IO_STORE_STORE_H

#include "io/body.h"
#include "io/file.h"

#define SEINE_STORE_ALL UINT64_MAX                /**< as a size: to the end */
#define SEINE_STORE_TAIL UINT64_MAX               /**< as a place: the last bytes */
#define SEINE_STORE_PART_BYTES ((size_t)16 << 20) /**< of an upload: all parts but the last have this size */
#define SEINE_STORE_PARTS_MAX 10000               /**< of an upload: 156 GiB */
#define SEINE_STORE_KEY_MAX 1024                  /**< bytes of a key */

/** An object of a listing, or an unfinished upload. Borrowed. */
typedef struct seine_object {
    const char *key;
    bool is_folder; /**< further keys begin with key + "/" (of a listing that is not recursive) */
    uint64_t size;
    int64_t modified_us;
    char etag[200];     /**< what the store calls this state of it (look only); "" = nothing */
    char sum[65];       /**< what its put has told of its bytes (look only): hex of XXH3-128 or SHA-256; "" = nothing */
    const char *upload; /**< of an unfinished upload: its id, and modified_us is when it began; else NULL */
} seine_object;
/** A state of an object. */
typedef struct seine_object_version {
    uint64_t size;
    char etag[200]; /**< what the store calls it; "" = it does not tell */
} seine_object_version;
typedef seine_status (*seine_object_fn)(void *context, const seine_object *object, seine_error *error);

typedef struct seine_store seine_store;
/** An object being written in parts: nobody sees it before it ends. The implementation's struct begins with it. */
typedef struct seine_upload {
    seine_store *store;
} seine_upload;

typedef struct seine_store_ops {
    /** Of each: E_AWAY where the store does not answer, also after some tries. @return OK, E_NOT_FOUND, E_IO. Only
     * size, modified_us, etag and sum of @p object are filled. */
    seine_status (*look)(seine_store *store, const char *key, seine_object *object, seine_error *error);
    /**
     * Gives @p size bytes from @p from on (ALL: to the end; TAIL: the last @p size, or all there are) to @p take, and
     * of which state of the object they are in *version, before the first of them. Who gives a version that has an etag
     * gets bytes of that one only.
     * @return OK, E_NOT_FOUND, E_FORMAT (the object ends before, or was changed), E_IO, what @p take returned.
     */
    seine_status (*get)(seine_store *store, const char *key, uint64_t from, uint64_t size,
                        seine_object_version *version, seine_bytes_fn take, void *context, seine_error *error);
    /** Durable when it returns; a SHA-256 that @p body has is kept for seine_object.sum, where the store can. @return
     * OK, E_EXISTS (NEW only), E_LIMIT (more than SEINE_STORE_PARTS_MAX parts), E_IO (it may be there all the same). */
    seine_status (*put)(seine_store *store, const char *key, const seine_body *body, seine_file_mode mode,
                        seine_error *error);
    /** @p sum is kept for seine_object.sum, where the store can; "" = nothing is known beforehand. */
    seine_status (*upload_begin)(seine_store *store, const char *key, const char *sum, seine_upload **upload,
                                 seine_error *error);
    seine_status (*upload_part)(seine_upload *upload, const void *bytes, size_t size, seine_error *error);
    /** As put. Frees the upload in every case; on failure the parts are given up. */
    seine_status (*upload_end)(seine_upload *upload, seine_file_mode mode, seine_error *error);
    /** Gives the parts up, as far as that can be done, and frees the upload. */
    void (*upload_abort)(seine_upload *upload);
    /** Missing ones are fine. @return OK, E_IO. */
    seine_status (*remove)(seine_store *store, const char *const *keys, size_t count, seine_error *error);
    /**
     * Objects whose key begins with @p prefix, in byte order. Not @p recursive: those without a further "/" behind
     * the prefix, and one is_folder for the others. @return OK, E_IO, what @p visit returned.
     */
    seine_status (*list)(seine_store *store, const char *prefix, bool recursive, seine_object_fn visit, void *context,
                         seine_error *error);
    /** Uploads that began and did not end, by key. */
    seine_status (*uploads)(seine_store *store, const char *prefix, seine_object_fn visit, void *context,
                            seine_error *error);
    seine_status (*upload_remove)(seine_store *store, const char *key, const char *upload, seine_error *error);
    /** Makes the bucket itself; one that is the caller's already is fine. @return OK, E_EXISTS (somebody else's), E_IO.
     */
    seine_status (*make)(seine_store *store, seine_error *error);
    void (*close)(seine_store *store);
} seine_store_ops;

/** An implementation's struct begins with it. */
struct seine_store {
    const seine_store_ops *ops;
    const char *name;  /**< "s3://bucket": the address of a key is name + "/" + key */
    const char *place; /**< which of several stores of this name it is: "http://127.0.0.1:9000"; NULL = there is one */
};

/** @return whether a path is the address of an object, or of what the names of objects begin with. */
static inline bool seine_is_address(const char *path) {
    return (path[0] == 's' && strncmp(path, "s3://", 5) == 0) || (path[0] == 'm' && strncmp(path, "mem://", 6) == 0);
}

#endif
