/** @file base/spelling.h  "Did you mean": the known word that is nearest to one that nobody knows. */
#ifndef SEINE_BASE_SPELLING_H
#define SEINE_BASE_SPELLING_H

#include "base/str.h"

/** The search for a word; zeroes but for the word are a new one. */
typedef struct seine_spelling {
    seine_str word;   /**< what was written; borrowed */
    const char *best; /**< nearest candidate so far, borrowed */
    size_t distance;
} seine_spelling;

seine_spelling seine_spelling_of(seine_str word);
void seine_spelling_offer(seine_spelling *spelling, const char *candidate);
/** The best candidate if it is near enough to be meant, else NULL. */
const char *seine_spelling_best(const seine_spelling *spelling);

#endif
