/*
 * Interned strings: open addressing with linear probing, at most half full. A slot holds half of the hash beside the
 * code, so that probing touches an entry only when it is very likely the one; hashes are kept, so that growing never
 * hashes again.
 */
#include "base/dict.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/try.h"

#include <stdlib.h>

#define FIRST_ENTRIES 64u
#define MOST_ENTRIES ((size_t)1 << 30) /* slot counts are 32-bit and twice as many */

/* The high half of the hash, and code + 1, which is never 0. */
static uint64_t slot_of(uint64_t hash, uint32_t code) { return (hash >> 32) << 32 | (code + 1); }
static uint32_t code_in(uint64_t slot) { return (uint32_t)slot - 1; }

/* @return the place of the text's slot, or of the empty one where it belongs. */
static uint32_t find_slot(const seine_dict *dict, seine_str text, uint64_t hash) {
    const uint32_t mask = dict->slot_count - 1;
    uint32_t at = (uint32_t)hash & mask;
    for (uint64_t slot; (slot = dict->slots[at]) != 0; at = (at + 1) & mask)
        if (slot >> 32 == hash >> 32 && seine_str_equal(dict->entries[code_in(slot)], text)) break;
    return at;
}

static seine_status grow_entries(seine_dict *dict) {
    size_t entries = dict->capacity, hashes = dict->capacity;
    seine_status status = SEINE_ARRAY_ROOM(dict->entries, dict->count, entries, 1, MOST_ENTRIES);
    if (status == SEINE_OK) status = SEINE_ARRAY_ROOM(dict->hashes, dict->count, hashes, 1, MOST_ENTRIES);
    if (status == SEINE_OK) dict->capacity = entries < hashes ? entries : hashes;
    return status;
}

static seine_status grow_slots(seine_dict *dict) {
    const uint32_t slot_count = dict->slot_count == 0 ? FIRST_ENTRIES * 2 : dict->slot_count * 2;
    uint64_t *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL) return SEINE_E_NOMEM;
    for (uint32_t code = 0; code < dict->count; code++) {
        uint32_t slot = (uint32_t)dict->hashes[code] & (slot_count - 1);
        while (slots[slot] != 0) slot = (slot + 1) & (slot_count - 1);
        slots[slot] = slot_of(dict->hashes[code], code);
    }
    free(dict->slots);
    dict->slots = slots;
    dict->slot_count = slot_count;
    return SEINE_OK;
}

static seine_status make_room(seine_dict *dict) {
    SEINE_TRY(grow_entries(dict));
    if (dict->count >= dict->slot_count / 2) SEINE_TRY(grow_slots(dict));
    return SEINE_OK;
}

seine_status seine_dict_intern(seine_dict *dict, seine_str text, uint32_t *code) {
    const uint64_t hash = seine_hash64(text.data, text.size);
    if (dict->slot_count > 0) {
        const uint32_t slot = find_slot(dict, text, hash);
        if (dict->slots[slot] != 0) {
            *code = code_in(dict->slots[slot]);
            return SEINE_OK;
        }
    }
    SEINE_TRY(make_room(dict));
    const char *copy = seine_arena_copy(&dict->arena, text.data, text.size);
    if (copy == NULL) return SEINE_E_NOMEM;
    const uint32_t slot = find_slot(dict, text, hash); /* growing may have moved it */
    dict->entries[dict->count] = (seine_str){copy, text.size};
    dict->hashes[dict->count] = hash;
    dict->slots[slot] = slot_of(hash, dict->count);
    *code = dict->count++;
    return SEINE_OK;
}

uint32_t seine_dict_find(const seine_dict *dict, seine_str text) {
    if (dict->slot_count == 0) return SEINE_CODE_NULL;
    const uint32_t slot = find_slot(dict, text, seine_hash64(text.data, text.size));
    return dict->slots[slot] != 0 ? code_in(dict->slots[slot]) : SEINE_CODE_NULL;
}

void seine_dict_free(seine_dict *dict) {
    seine_arena_free(&dict->arena);
    free(dict->entries);
    free(dict->hashes);
    free(dict->slots);
    *dict = (seine_dict){0};
}
