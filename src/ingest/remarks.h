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
/** Counts rows that were refused for a reason, by the word with which it begins. */
void seine_remarks_count(seine_reject_word words[SEINE_REJECT_WORDS_MAX], seine_str reason, int64_t rows);
/** Adds what was counted elsewhere. */
void seine_remarks_add(seine_reject_word to[SEINE_REJECT_WORDS_MAX],
                       const seine_reject_word from[SEINE_REJECT_WORDS_MAX]);
/**
 * One line for people and the ledger, "" when there is nothing to say:
 * `columns not taken: velocity (SOG?), foo; measure: sog: 12 rows, the first -3`. In @p arena; NULL = out of memory.
 */
const char *seine_remarks_text(const seine_ingest_remarks *remarks, seine_arena *arena);
/** What is told when all of so many rows were refused. */
void seine_remarks_refused(const seine_ingest_remarks *remarks, int64_t rows, char *text, size_t size);

#endif
