/**
 * @file ingest/remarks.h
 * What an ingest did not take from a file although it took the file: columns nobody knows, values that became null.
 * Collected while a file is decoded, kept in the ledger as one line, reported with the file.
 */
#ifndef SEINE_INGEST_REMARKS_H
#define SEINE_INGEST_REMARKS_H

#include "ingest/ingest.h"
#include "ingest/parser.h"

/** Adds what the parser's new blocks say, before their texts are freed. Strings go to @p arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_remarks_take(seine_ingest_remarks *remarks, const seine_parser *parser,
                                               const seine_parsed_block *blocks, size_t count, seine_arena *arena);
/** Adds rows that were refused by a word to @p words. */
void seine_remarks_count(seine_reject_word words[SEINE_REJECT_WORDS_MAX], seine_str word, int64_t rows);
/**
 * One line for people and the ledger, "" when there is nothing to say:
 * `columns not taken: velocity (SOG?), foo; measure: sog: 12 rows, the first -3`. In @p arena; NULL = out of memory.
 */
const char *seine_remarks_text(const seine_ingest_remarks *remarks, seine_arena *arena);

#endif
