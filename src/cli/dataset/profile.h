/**
 * @file cli/dataset/profile.h
 * What the values of one column of a file look like, taken one by one: how many are numbers, which forms of a time fit
 * all of them, which few texts there are.
 */
#ifndef SEINE_CLI_DATASET_PROFILE_H
#define SEINE_CLI_DATASET_PROFILE_H

#include "base/arena.h"

#include <stdint.h>

#define SEINE_PROFILE_WORDS 24 /**< different texts that are kept, at most */
#define SEINE_PROFILE_WORD_BYTES 60
#define SEINE_PROFILE_TIMES 640 /**< forms of a time that are tried */

/** A form of a time, as a dataset's `time: format` says it. */
typedef struct seine_time_form {
    const char *format;
    bool is_month_first;
} seine_time_form;

/** The forms that are tried, likelier ones first: iso, unix_…, patterns. */
typedef struct seine_time_forms {
    seine_time_form forms[SEINE_PROFILE_TIMES];
    size_t count;
} seine_time_forms;
/** @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_time_forms_make(seine_arena *arena, seine_time_forms *forms);

/** Numbers of a column, read with one decimal sign. */
typedef struct seine_profile_numbers {
    size_t count, fine; /**< numbers; those with three decimals or more */
    double least, most;
} seine_profile_numbers;

typedef struct seine_profile {
    const char *name;
    size_t filled;   /**< values that are there */
    size_t integers; /**< of them: digits with or without a sign … */
    size_t padded;   /**< … or with a zero in front, or too long for an int */
    size_t booleans; /**< true and false */
    size_t degrees;  /**< degrees with minutes, and a letter or a sign */
    size_t longest;  /**< bytes */
    seine_profile_numbers point, comma;
    bool has_blanks; /**< around a value */
    bool has_change; /**< not all values are one */
    const char *first;
    const char *words[SEINE_PROFILE_WORDS]; /**< texts that are no numbers … */
    size_t word_rows[SEINE_PROFILE_WORDS];  /**< … and how often each is there */
    size_t word_count;                      /**< SIZE_MAX: too many, or too long ones */
    uint32_t times[SEINE_PROFILE_TIMES];    /**< how many values form i fits, until it misses too many */
    seine_arena *arena;
    const seine_time_forms *forms;
} seine_profile;

void seine_profile_begin(seine_profile *profile, const char *name, const seine_time_forms *forms, seine_arena *arena);
/** Takes a value; an empty one is none. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_profile_add(seine_profile *profile, seine_str value);
/**
 * The form of a time that fits most values, the likeliest of those: all but a tenth and one, since files have bad rows.
 * NULL = none does. @p other is one that fits as many, but with month and day swapped; NULL = none does.
 */
const seine_time_form *seine_profile_time(const seine_profile *profile, const seine_time_form **other);

#endif
