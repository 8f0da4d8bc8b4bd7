/** @file io/s3/listing.h  Lists of objects and of unfinished uploads, page by page. */
#ifndef SEINE_IO_S3_LISTING_H
#define SEINE_IO_S3_LISTING_H

#include "io/s3/exchange.h"

/** As seine_store_ops.list; a list that does not end (its pages go round in circles) is E_IO. */
SEINE_MUST_USE seine_status seine_s3_list(seine_s3_bucket *bucket, const char *prefix, bool recursive,
                                          seine_object_fn visit, void *context, seine_error *error);
/** As seine_store_ops.uploads. */
SEINE_MUST_USE seine_status seine_s3_list_uploads(seine_s3_bucket *bucket, const char *prefix, seine_object_fn visit,
                                                  void *context, seine_error *error);

/** A page of either list. Texts in the arena of whoever reads it. */
typedef struct seine_s3_page {
    bool is_cut;               /**< another page follows … */
    const char *next, *marker; /**< … behind this token; of uploads: key and upload */
} seine_s3_page;
/**
 * Reads a page (ListBucketResult or ListMultipartUploadsResult, names encoded as in a URL) and gives what is in it to
 * @p visit. Pure but for memory.
 * @return OK, E_FORMAT (no such page), E_NOMEM, what @p visit returned.
 */
SEINE_MUST_USE seine_status seine_s3_page_read(seine_str document, seine_arena *arena, seine_s3_page *page,
                                               seine_object_fn visit, void *context, seine_error *error);

#endif
