/**
 * @file ingest/parser.h
 * One archive into packed fixes on several threads: whoever is free either decompresses the next block of text or
 * decodes one that waits.
 */
#ifndef SEINE_INGEST_PARSER_H
#define SEINE_INGEST_PARSER_H

#include "base/progress.h"
#include "base/try.h"
#include "decode/fix_decoder.h"
#include "ingest/day_set.h"
#include "ingest/ingest.h"
#include "io/reader.h"

#define SEINE_PARSE_THREADS_MAX 64
#define SEINE_PARSE_RECORD_BYTES ((size_t)16 << 20) /**< a file with a longer line is refused (E_LIMIT) */

/** A decoded block; codes are those of decoder number @p decoder. */
typedef struct seine_parsed_block {
    seine_fix_batch batch;
    int decoder;
    uint64_t first_row; /**< rows of the source before this block; known once the parse has ended */
} seine_parsed_block;

typedef struct seine_parser seine_parser; /**< one archive being read */

typedef struct seine_parse_setup {
    const char *path;                 /**< NULL: memory or standard input */
    seine_str memory;                 /**< bytes that outlive the parser; data NULL = none */
    const seine_standard_input *head; /**< what has been read of that already; NULL = nothing */
    const char *file;                 /**< name of the bytes, whose ending tells the kind they should be */
    const char *name;                 /**< of the source, for messages */
    seine_fix_decoder *decoders;      /**< one per thread; must outlive the parser */
    int threads;
    seine_arena *arena;        /**< keeps headers; must outlive the decoders */
    const seine_day_set *days; /**< keep only fixes of these; NULL = all */
    uint64_t max_ratio;        /**< 0 = io/reader.h's default */
    bool is_records;           /**< each line is a record in JSON, whatever is in it */
    const seine_progress *progress;
} seine_parse_setup;

SEINE_MUST_USE seine_status seine_parser_open(const seine_parse_setup *setup, seine_parser **parser,
                                              seine_error *error);
/**
 * Decodes until the archive ends or about @p limit_bytes of fixes are held. Blocks taken so far are in
 * seine_parser_blocks, in file order.
 * @return OK (*ended tells which), E_FORMAT (corrupt, truncated, wrong header), E_LIMIT (a line or what comes out of
 * the archive is too long), E_UNSUPPORTED (io/reader.h), E_IO, E_NOMEM, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_parser_run(seine_parser *parser, uint64_t limit_bytes, bool *ended,
                                             seine_error *error);
/** Blocks decoded since the last take, in file order with first_row set; the caller owns the batches then, the array is
 * the parser's until the next run. */
seine_parsed_block *seine_parser_take(seine_parser *parser, size_t *count);
/** Columns of the headers read so far that are not taken, each name once; in the setup's arena. */
const seine_unused_column *seine_parser_unused(const seine_parser *parser, size_t *count);
/** Data rows so far, refused ones too. */
uint64_t seine_parser_rows(const seine_parser *parser);
void seine_parser_close(seine_parser *parser);
SEINE_OWNED_POINTER(seine_parser, seine_parser_close);

#endif
