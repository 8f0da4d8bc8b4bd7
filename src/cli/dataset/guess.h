/**
 * @file cli/dataset/guess.h
 * Which column of a sample is which: by its name, where the values allow it, else by its values.
 */
#ifndef SEINE_CLI_DATASET_GUESS_H
#define SEINE_CLI_DATASET_GUESS_H

#include "cli/dataset/sample.h"
#include "columns/dataset.h"

#define SEINE_GUESS_NONE SIZE_MAX

typedef struct seine_guess {
    size_t id, time, lat, lon; /**< indexes of columns; SEINE_GUESS_NONE */
    size_t measures[SEINE_DATASET_MEASURES_MAX];
    size_t measure_count;
    bool id_is_by_value, place_is_by_value;
    char decimal;                        /**< '.' or ',' */
    bool is_sexagesimal;                 /**< the place is in degrees and minutes */
    double place_scale;                  /**< 1, or 1e-7 … of whole numbers */
    const seine_time_form *form, *other; /**< of the time; NULL = it is not understood, or there is no other */
} seine_guess;

void seine_guess_make(const seine_sample *sample, seine_guess *guess);

/** Numbers of a column as the file writes them. */
const seine_profile_numbers *seine_guess_numbers(const seine_guess *guess, const seine_profile *profile);
/** @return whether a text is one that people write where they have no value. */
bool seine_guess_is_null(const char *word);
/** @return whether every value is a number, or a text that stands for none. */
bool seine_guess_is_number(const seine_guess *guess, const seine_profile *profile);
/** @return whether every value is a whole number that fits an int, or a text that stands for none. */
bool seine_guess_is_int(const seine_profile *profile);

/** The unit that a name ends in, "km/h" of "speed_kmh"; NULL = none. @p name is in the form of a column's name, and
 * *base the size of what is left of it without the unit. */
const char *seine_guess_unit(const char *name, size_t *base);
/** What a measure of this name is, "speed"; NULL = no measure. */
const char *seine_guess_measure(const char *name);

#endif
