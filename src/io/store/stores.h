/**
 * @file io/store/stores.h
 * The stores that this process uses, and what they share: settings, the scratch folder, the cache. The one place of
 * the program that keeps state by itself, because an address is all that its users have (docs/decisions).
 */
#ifndef SEINE_IO_STORE_STORES_H
#define SEINE_IO_STORE_STORES_H

#include "base/progress.h"
#include "io/store/store.h"

/** What the user may say. NULL and 0 leave it to the environment. Texts are copied. */
typedef struct seine_stores_settings {
    const char *endpoint; /**< of S3: "http://127.0.0.1:9000"; NULL: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, Amazon's */
    const char *region;   /**< of S3; NULL: AWS_REGION, the profile's, us-east-1 */
    const char *profile;  /**< of the files of credentials; NULL: AWS_PROFILE, "default" */
    const char *scratch;  /**< in which the scratch folder is made; NULL: TMPDIR, /tmp */
    const char *cache;    /**< folder of the cache; NULL: XDG_CACHE_HOME/seine, HOME/.cache/seine */
    uint64_t cache_bytes; /**< of all copies together; 0 = no cache */
    const atomic_bool *stop; /**< set by Ctrl-C: requests end with E_INTERRUPTED. Outlives the stores. NULL = never */
} seine_stores_settings;

/** Before the first address is used; later ones hold for stores that are opened later. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_stores_configure(const seine_stores_settings *settings, seine_error *error);

/** The stop of the settings, for whoever else waits for a server; NULL = there is none. */
const atomic_bool *seine_stores_stop(void);

/**
 * The store of an address and the key in it ("" = the bucket itself), which points into @p address. It is opened when
 * it is asked for the first time, and lives until seine_stores_close.
 * @return OK, E_USAGE (no bucket in it, or a name that is none; settings that are wrong), E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_stores_find(const char *address, seine_store **store, const char **key,
                                              seine_error *error);

/** The scratch folder, mode 0700, made when it is asked for first, removed by seine_stores_close; what a process that
 * was killed leaves is removed by the next one. Valid until then. @return OK, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_stores_scratch(const char **folder, seine_error *error);

/** The cache (io/store/cache.h), or NULL when there is none. */
struct seine_cache *seine_stores_cache(void);

/** Closes all stores. No other thread uses one any more. What the memory stores hold is gone. */
void seine_stores_close(void);

#endif
