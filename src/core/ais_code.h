/**
 * @file core/ais_code.h
 * What codes of AIS mean: ship types (ITU-R M.1371-5, table 53, and NOAA's own above 1000), the country digits of an
 * MMSI (ITU-R M.585-9), the check digit of an IMO number (IMO resolution A.1117(30)). Pure; texts are constants.
 */
#ifndef SEINE_CORE_AIS_CODE_H
#define SEINE_CORE_AIS_CODE_H

#include <stddef.h>
#include <stdint.h>

/** Maritime identification digits. */
typedef struct seine_ais_mid {
    int32_t digits;   /**< 201 to 775 */
    const char *flag; /**< ISO 3166-1, two letters */
    const char *country;
} seine_ais_mid;
extern const seine_ais_mid seine_ais_mids[]; /**< ascending */
extern const size_t seine_ais_mid_count;

/** @return the kind of ship, such as "Cargo" for 70 to 79; NULL for codes that neither table has. */
const char *seine_ais_type_name(int32_t code);

/**
 * The country digits of an id, with or without its leading zeros (base/mmsi.h), wherever its kind has them (ITU-R
 * M.585-9): ships MIDxxxxxx, groups 0MIDxxxxx, coast stations 00MIDxxxx, handheld sets 8MIDxxxxx, aircraft 111MIDxxx,
 * craft of a mother ship 98MIDxxxx, aids to navigation 99MIDxxxx. Distress transmitters (970, 972, 974) say their
 * maker, not a country.
 * @return NULL when it is none of these, or the digits are not given to anybody.
 */
const seine_ais_mid *seine_ais_mid_of(const char *mmsi, size_t size);

/**
 * The seven digits of an IMO number, with or without "IMO" in front, when its check digit is right: the last digit of
 * the sum of the first six, each times 7, 6, 5, 4, 3, 2. Ids of only zeros are none.
 * @return the position of the digits in @p text; SIZE_MAX = not such a number.
 */
size_t seine_imo_number_at(const char *text, size_t size);

#endif
