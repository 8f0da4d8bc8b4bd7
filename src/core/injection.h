/**
 * @file core/injection.h
 * Texts that look as if somebody tried to run SQL by them (SPEC 5.4): a vehicle called `DROP TABLE users;`. A report on
 * what came in, not a fence: nothing of this program runs what stands in a column. Pure; any thread.
 */
#ifndef SEINE_CORE_INJECTION_H
#define SEINE_CORE_INJECTION_H

#include "base/str.h"

#include <stdint.h>

/**
 * The patterns, in the order in which reports tell them. A word counts where no letter, digit or underscore stands
 * beside it; ASCII letters of either case. Letters of other scripts are letters; blanks and signs of theirs, marks, and
 * bytes that are no UTF-8 are none.
 */
enum {
    SEINE_INJECTION_QUOTES,    /**< two single quotes, whatever lies between them */
    SEINE_INJECTION_SEMICOLON, /**< anywhere */
    SEINE_INJECTION_WORDS,     /**< from here on words of SQL */
    SEINE_INJECTION_COUNT = SEINE_INJECTION_WORDS + 11
};

/** @return the patterns in @p text: bit p is pattern p. UTF-8; NUL is a byte like others. 0 = none. */
uint32_t seine_injection_find(seine_str text);

/** A pattern as reports name it: `'...'`, `;`, `DROP`, `UNION [ALL]`. Static. */
const char *seine_injection_name(unsigned pattern);

#endif
