/** @file base/mmsi.h  The one text of a vessel id (ITU-R M.585-9, ITU-R M.1371-5: an MMSI is a number of 30 bits). */
#ifndef SEINE_BASE_MMSI_H
#define SEINE_BASE_MMSI_H

#include "base/str.h"

#define SEINE_MMSI_DIGITS 9

/**
 * The canonical text of an id of digits: the number without leading zeros, as NOAA and most others write it; "0" for
 * zeros alone. A text that is not digits is returned unchanged. Borrowed from @p id.
 */
seine_str seine_mmsi_canonical(seine_str id);

/**
 * The nine digits in which ITU-R M.585 gives places a meaning: a coast station 3669708 is 003669708, a group of ships
 * 36712345 is 036712345. @return false when the id is not digits, or is a number of more than nine.
 */
bool seine_mmsi_nine(seine_str id, char nine[SEINE_MMSI_DIGITS]);

#endif
