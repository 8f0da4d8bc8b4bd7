/**
 * @file serve/iceberg/names.h
 * Namespaces and tables as the Iceberg REST catalog tells them, from the names of the catalog's tables: "silver.ais"
 * is the table ais of the namespace silver. Pure.
 */
#ifndef SEINE_SERVE_ICEBERG_NAMES_H
#define SEINE_SERVE_ICEBERG_NAMES_H

#include "table/catalog/catalog.h"

/** Orders pointers by name, so that those of a namespace, and of those below it, stand together. */
void seine_iceberg_sort(seine_pointer *pointers, size_t count);

/** A walk over what stands directly below a namespace: other namespaces, or tables. */
typedef struct seine_iceberg_walk {
    const seine_pointer *pointers; /**< sorted */
    size_t count;
    seine_str parent; /**< levels joined by '.'; "" = the top */
    bool wants_namespaces;
    size_t at; /**< 0 at first */
} seine_iceberg_walk;

/**
 * @p item becomes the next name below the parent (borrowed), each once, in order; @p last the name of the pointer after
 * which the walk goes on. @return false when there is none.
 */
bool seine_iceberg_next(seine_iceberg_walk *walk, seine_str *item, const char **last);
/** Makes the walk go on behind a pointer's name, which need not be there any more. */
void seine_iceberg_go_on(seine_iceberg_walk *walk, seine_str last);

/** Whether a table stands in the namespace, or below it. */
bool seine_iceberg_has_namespace(const seine_pointer *pointers, size_t count, seine_str space);
/** The table @p name of a namespace, or NULL. */
const seine_pointer *seine_iceberg_find(const seine_pointer *pointers, size_t count, seine_str space, seine_str name);

#endif
