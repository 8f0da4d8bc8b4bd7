/**
 * @file base/yaml.h
 * YAML (and so JSON) text as a tree of scalars, maps and lists, each with its line. The only place that knows the YAML
 * library.
 *
 * What people write by hand is meant: one document in UTF-8, at most SEINE_YAML_MAX_BYTES, SEINE_YAML_MAX_NODES values,
 * SEINE_YAML_MAX_DEPTH levels. Aliases, anchors and tags are refused, and so is a key that its map has already: nothing
 * is meant by them here, and they are how a small file becomes a large one.
 */
#ifndef SEINE_BASE_YAML_H
#define SEINE_BASE_YAML_H

#include "base/arena.h"

#define SEINE_YAML_MAX_BYTES ((size_t)1024 * 1024)
#define SEINE_YAML_MAX_NODES 8192
#define SEINE_YAML_MAX_DEPTH 16

typedef enum seine_yaml_kind { SEINE_YAML_SCALAR, SEINE_YAML_MAP, SEINE_YAML_LIST } seine_yaml_kind;

/** A value; those inside a map or list are in the order of the text. */
typedef struct seine_yaml {
    seine_yaml_kind kind;
    bool is_plain;                   /**< of a scalar: it stands without quotes */
    size_t line;                     /**< where it begins, from 1 */
    const char *key;                 /**< its name in the map that holds it; NULL in a list and at the root */
    size_t key_line;                 /**< where that stands, or where it begins */
    const char *text;                /**< of a scalar, NUL-terminated, else NULL */
    const struct seine_yaml *parent; /**< the map or list that holds it; NULL at the root */
    struct seine_yaml *first, *next; /**< first value inside; the next one beside it */
    size_t count;                    /**< values inside */
} seine_yaml;

/**
 * Reads @p text into @p arena; nothing of @p text is kept. *root is NULL for a text without a document.
 * @param name for messages: `NAME line 3: speed: given already in line 2`.
 * @return OK, E_FORMAT (not YAML, or something refused above), E_LIMIT, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_yaml_read(seine_str text, const char *name, seine_arena *arena,
                                            const seine_yaml **root, seine_error *error);

/** @return the value of @p key in a map, or NULL. NULL and other kinds have none. */
const seine_yaml *seine_yaml_get(const seine_yaml *map, const char *key);
/** Plain `null`, `~` or nothing at all; NULL is null, too. */
bool seine_yaml_is_null(const seine_yaml *value);

#endif
