/** @file fetch/internal.h  The parts of a fetch. Internal to src/fetch. */
#ifndef SEINE_FETCH_INTERNAL_H
#define SEINE_FETCH_INTERNAL_H

#include "base/arena.h"
#include "base/hash.h"
#include "fetch/fetch.h"
#include "io/http.h"
#include "table/ledger.h"

#include <pthread.h>
#include <stdatomic.h>

#define SEINE_FETCH_URL_BYTES 2048
#define SEINE_FETCH_NAME_BYTES 64

/* ---- mirror.c: names and addresses ---- */

/** Where archives are published. */
typedef struct seine_mirror {
    const char *base; /**< address or absolute folder, ending in '/' unless it has `<year>` */
    bool is_folder, has_year;
} seine_mirror;

/** @p base must outlive *mirror for addresses; folders are copied to @p arena. @return OK, E_USAGE, E_NOT_FOUND, … */
SEINE_MUST_USE seine_status seine_mirror_open(const char *base, seine_arena *arena, seine_mirror *mirror,
                                              seine_error *error);
/** How many addresses a day has; the order is that of SPEC 1.1.2. */
size_t seine_mirror_forms(const seine_mirror *mirror);
void seine_mirror_form(const seine_mirror *mirror, int32_t day, size_t form, char name[SEINE_FETCH_NAME_BYTES],
                       char url[SEINE_FETCH_URL_BYTES]);
/** Address of a file of a year; level 0 is the first of the (one or two) places to look. */
void seine_mirror_file(const seine_mirror *mirror, int year, size_t level, const char *name,
                       char url[SEINE_FETCH_URL_BYTES]);

/* ---- probe.c ---- */

/** An archive as its publisher describes it. */
typedef struct seine_remote {
    char name[SEINE_FETCH_NAME_BYTES];
    char url[SEINE_FETCH_URL_BYTES];   /**< or path; with its secrets: only for the connection */
    char shown[SEINE_FETCH_URL_BYTES]; /**< what is stored and printed */
    size_t form;                       /**< see seine_mirror_form */
    int64_t size;                      /**< -1 = not told */
    char etag[200], last_modified[64];
} seine_remote;

/** Sums over all downloads of a run. */
typedef struct seine_fetch_meter {
    pthread_mutex_t mutex;
    const seine_progress *progress;
    int64_t expected, loaded; /**< bytes over the wire, in all and so far */
} seine_fetch_meter;
void seine_fetch_meter_add(seine_fetch_meter *meter, int64_t expected, int64_t loaded);

/** One worker's tools. */
typedef struct seine_fetcher {
    const seine_fetch_options *options;
    const seine_mirror *mirror;
    seine_http *http; /**< NULL for a folder */
    seine_fetch_meter *meter;
    atomic_bool *is_unreachable; /**< of the run: a server that no try could reach is not waited for again */
} seine_fetcher;

/** seine_http_wait, as the options say. */
SEINE_MUST_USE seine_status seine_fetch_wait(const seine_fetcher *fetcher, int tries, int64_t retry_after_us,
                                             seine_error *error);
/** Runs a request until an answer comes that is not passing. *response is the last one's. @return as seine_http_run. */
SEINE_MUST_USE seine_status seine_fetch_ask(const seine_fetcher *fetcher, const seine_http_request *request,
                                            seine_http_response *response, seine_error *error);
/**
 * Looks for the archive of a day, from name number @p first on. What cannot be an archive (a page, nothing) is not this
 * name. @return OK (*found tells), E_IO (the publisher's fault), E_INTERRUPTED, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_fetch_probe(const seine_fetcher *fetcher, int32_t day, size_t first,
                                              seine_remote *remote, bool *found, seine_error *error);
/** What to say of an answer whose code is neither success nor "not here"; the same text for all addresses but for it.
 */
seine_status seine_fetch_refused(const char *shown, int code, seine_error *error);

/** Probes options->from to options->to and reports what is there, in order of days. @return as seine_fetch_preview. */
SEINE_MUST_USE seine_status seine_fetch_probe_all(const seine_fetch_options *options, seine_error *error);

/* ---- part.c: bytes that came so far ---- */

/** NAME.part, and NAME.json that says what its bytes belong to. */
typedef struct seine_part {
    char *path, *state_path;
    int fd;
    uint64_t size;
    int64_t total; /**< -1 = not told */
    char etag[200], last_modified[64], boot[64];
    const char *url; /**< without secrets */
    seine_sha256 *sha;
    seine_md5 *md5;
    uint64_t flushed; /**< handed to the disk already */
} seine_part;

/** Opens or makes the part of an archive; bytes that do not belong to @p remote as it is now, or came before the
 * machine was started, are dropped. Close it in every case. */
SEINE_MUST_USE seine_status seine_part_open(const char *folder, const seine_remote *remote, seine_arena *arena,
                                            seine_part *part, seine_error *error);
/** Drops all bytes and writes down what the next ones belong to. */
SEINE_MUST_USE seine_status seine_part_restart(seine_part *part, const char *etag, const char *last_modified,
                                               int64_t total, seine_error *error);
SEINE_MUST_USE seine_status seine_part_append(seine_part *part, const void *bytes, size_t size, seine_error *error);
/** What to send as If-Range: a strong ETag, else Last-Modified, else NULL: not resumable. */
const char *seine_part_validator(const seine_part *part);
static inline bool seine_part_is_whole(const seine_part *part) {
    return part->total >= 0 && part->size == (uint64_t)part->total && seine_part_validator(part) != NULL;
}
/** Whether the bytes so far, four at least, begin as zstd, zip or gzip do. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_part_is_archive(const seine_part *part, bool *is_archive, seine_error *error);
/** Digests of all bytes; no appending afterwards. */
void seine_part_digests(seine_part *part, char sha256[65], char md5[33]);
void seine_part_close(seine_part *part);
/** Removes both files. */
void seine_part_remove(const seine_part *part);

/* ---- download.c ---- */

typedef struct seine_downloaded {
    char sha256[65];
    uint64_t bytes, resumed;
    bool is_other; /**< what came is no archive: not this name */
} seine_downloaded;

/**
 * Completes the part. @return OK; E_IO, E_FORMAT, E_NOT_FOUND with *is_ours false: the publisher's fault, told in
 * *error; with *is_ours true: the lake's disk; E_INTERRUPTED; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_fetch_download(const seine_fetcher *fetcher, const seine_remote *remote,
                                                 seine_part *part, seine_downloaded *result, bool *is_ours,
                                                 seine_error *error);

/* ---- publish.c: the ledger ---- */

/** What the lake knows; used by one thread at a time. */
typedef struct seine_fetch_ledger {
    seine_catalog *catalog;
    seine_lease *lease; /**< "fetch/ais" */
    seine_arena arena;
    seine_source *sources;
    size_t source_count;
    seine_position_row *positions;
    size_t position_count;
    const char *command; /**< in the run ledger */
    char invocation[37]; /**< id of the run manifests, "" before the first */
    int64_t begun_us;    /**< monotonic; of the fetch, then of the work since the last commit */
} seine_fetch_ledger;

SEINE_MUST_USE seine_status seine_fetch_ledger_open(const char *lake, bool writes, seine_fetch_ledger *ledger,
                                                    seine_error *error);
void seine_fetch_ledger_close(seine_fetch_ledger *ledger);
/** @return whether the lake has the archive that @p remote describes. */
bool seine_fetch_is_known(const seine_fetch_ledger *ledger, const seine_remote *remote);
/**
 * The source that has this name and feeds silver, or waits to, but came from another address: a name alone says nothing
 * about the bytes, so it is not replaced unless the user says so. NULL = none.
 */
const seine_source *seine_fetch_stranger(const seine_fetch_ledger *ledger, const seine_remote *remote);
/**
 * Gives a whole part its place in bronze and its ledger row; then the part is gone. Does not wait.
 * @return also E_BUSY: an ingest is running, nothing was done.
 */
SEINE_MUST_USE seine_status seine_fetch_publish(seine_fetch_ledger *ledger, const seine_remote *remote,
                                                const seine_part *part, const seine_downloaded *done,
                                                seine_fetch_outcome *outcome, seine_error *error);

#endif
