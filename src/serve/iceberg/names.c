/* From names with points to namespaces and tables. */
#include "serve/iceberg/names.h"

#include <stdlib.h>

static int by_name(const void *left, const void *right) {
    return strcmp(((const seine_pointer *)left)->name, ((const seine_pointer *)right)->name);
}

void seine_iceberg_sort(seine_pointer *pointers, size_t count) {
    if (count > 0) qsort(pointers, count, sizeof *pointers, by_name);
}

/* What stands behind "space." in a name; {NULL, 0} when it stands elsewhere. */
static seine_str below(const char *name, seine_str space) {
    const seine_str whole = seine_str_of(name);
    if (space.size == 0) return whole;
    if (whole.size <= space.size + 1 || memcmp(whole.data, space.data, space.size) != 0 ||
        whole.data[space.size] != '.')
        return (seine_str){NULL, 0};
    return (seine_str){whole.data + space.size + 1, whole.size - space.size - 1};
}

/* The wanted kind of thing that a name makes stand directly below the parent; {NULL, 0}: none. */
static seine_str item_of(const seine_iceberg_walk *walk, seine_str name) {
    const seine_str rest = below(name.data, walk->parent);
    const char *point = rest.size > 0 ? memchr(rest.data, '.', rest.size) : NULL;
    if (rest.size == 0 || (point != NULL) != walk->wants_namespaces) return (seine_str){NULL, 0};
    return (seine_str){rest.data, point != NULL ? (size_t)(point - rest.data) : rest.size};
}

/* Passes over the pointers that make the same namespace. */
static void pass(seine_iceberg_walk *walk, seine_str item) {
    while (walk->at < walk->count) {
        const seine_str next = item_of(walk, seine_str_of(walk->pointers[walk->at].name));
        if (next.data == NULL || !seine_str_equal(next, item)) return;
        walk->at++;
    }
}

bool seine_iceberg_next(seine_iceberg_walk *walk, seine_str *item, const char **last) {
    while (walk->at < walk->count) {
        *item = item_of(walk, seine_str_of(walk->pointers[walk->at++].name));
        if (item->data == NULL) continue;
        pass(walk, *item);
        *last = walk->pointers[walk->at - 1].name;
        return true;
    }
    return false;
}

void seine_iceberg_go_on(seine_iceberg_walk *walk, seine_str last) {
    while (walk->at < walk->count && seine_str_compare(seine_str_of(walk->pointers[walk->at].name), last) <= 0)
        walk->at++;
    const seine_str item = item_of(walk, last);
    if (item.data != NULL) pass(walk, item); /* tables that were made since in the namespace told last */
}

bool seine_iceberg_has_namespace(const seine_pointer *pointers, size_t count, seine_str space) {
    for (size_t i = 0; i < count && space.size > 0; i++)
        if (below(pointers[i].name, space).data != NULL) return true;
    return false;
}

const seine_pointer *seine_iceberg_find(const seine_pointer *pointers, size_t count, seine_str space, seine_str name) {
    if (space.size == 0 || memchr(name.data, '.', name.size) != NULL) return NULL;
    for (size_t i = 0; i < count; i++)
        if (seine_str_equal(below(pointers[i].name, space), name)) return &pointers[i];
    return NULL;
}
