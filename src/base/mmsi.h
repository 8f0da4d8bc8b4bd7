/** @file base/mmsi.h  The one text of a vessel id (ITU-R M.585-9, ITU-R M.1371-5: an MMSI is a number of 30 bits). */
#ifndef SEINE_BASE_MMSI_H
#define SEINE_BASE_MMSI_H

#include "base/str.h"

#define SEINE_MMSI_DIGITS 9

/**
 * The canonical text of an id of digits: leading zeros mean nothing to the number, so they go; they are put back where
 * the rest is a coast station (00MIDxxxx) or a group of ships (0MIDxxxxx), whose nine digits people know: MIDs begin
 * with 2 to 7. Other short ids stay short, ids of more digits stay as they are, a text that is not digits is returned
 * unchanged. Borrowed from @p id or @p room.
 */
seine_str seine_mmsi_canonical(seine_str id, char room[SEINE_MMSI_DIGITS]);

#endif
