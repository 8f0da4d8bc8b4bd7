/** @file base/number.h  Numbers as text and back (SPEC 0.2). Locale-free. */
#ifndef SEINE_BASE_NUMBER_H
#define SEINE_BASE_NUMBER_H

#include "base/str.h"
#include "seine/status.h"

/**
 * Python's str(float): shortest digits that round-trip, `.0` when integral below 1e16, exponent form from 1e16 up
 * and below 1e-4 (`1e-05`, `1e+16`), `nan`, `inf`, `-inf`. @return length without NUL; text needs 32 bytes.
 */
size_t seine_number_text(double value, char text[32]);

/**
 * Decimal text to the nearest double: optional sign, digits, point, exponent; surrounding blanks allowed; no hex, no
 * inf, no nan, nothing behind. Fast for up to 15 digits. @return whether it was a number.
 */
bool seine_number_parse(seine_str text, double *value);

/** "1 file", "2 files", "0 files". Lives to the end of the expression that asks for it: `.text` is an argument. */
typedef struct seine_counted {
    char text[64];
} seine_counted;
/** @p noun is in the singular, and takes s (es behind s, x, ch and sh). A longer text is cut. */
seine_counted seine_count(int64_t count, const char *noun);

/** Optional sign and digits only, in int64 range. */
bool seine_integer_parse(seine_str text, int64_t *value);

#endif
