/** @file base/dict.h  Interned byte strings: equal bytes have equal codes. Hot path of ingest. */
#ifndef SEINE_BASE_DICT_H
#define SEINE_BASE_DICT_H

#include "base/arena.h"

#define SEINE_CODE_NULL UINT32_MAX

/** A zeroed dict is ready to use. Codes are 0, 1, 2 … in order of first appearance. Not thread-safe. */
typedef struct seine_dict {
    seine_arena arena;
    seine_str *entries; /**< entries[code] */
    uint64_t *hashes;   /**< XXH3-64 of entries[code] */
    uint64_t *slots;    /**< open addressing: half of the hash, code + 1; 0 = empty */
    uint32_t count, slot_count;
    size_t capacity;
} seine_dict;

/** Finds or adds @p text (bytes are copied). @return OK, E_NOMEM, E_LIMIT (2^30 entries). */
SEINE_MUST_USE seine_status seine_dict_intern(seine_dict *dict, seine_str text, uint32_t *code);
/** @return the code, or SEINE_CODE_NULL. */
uint32_t seine_dict_find(const seine_dict *dict, seine_str text);
void seine_dict_free(seine_dict *dict);

#endif
