/** @file columns/unit.h  Units of columns, and how a number of one becomes a number of another. */
#ifndef SEINE_COLUMNS_UNIT_H
#define SEINE_COLUMNS_UNIT_H

#include <stdbool.h>
#include <stddef.h>

/** A unit; value in the base unit of its kind = number × factor + zero. */
typedef struct seine_unit {
    const char *name;
    const char *kind; /**< "speed"; units of one kind become each other */
    double factor, zero;
} seine_unit;

/** All of them; those of a kind stand together. */
const seine_unit *seine_units(size_t *count);
/** @return the unit of exactly this name, or NULL. */
const seine_unit *seine_unit_find(const char *name);
/**
 * Number of @p to = number of @p from × *scale + *offset.
 * @return false when they are of different kinds.
 */
bool seine_unit_convert(const seine_unit *from, const seine_unit *to, double *scale, double *offset);

#endif
