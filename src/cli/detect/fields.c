/*
 * Keys of a JSON object for look-ups: open addressing over 32-bit slots, at most half full. Made anew for each object
 * in memory that is kept, and sized by that object: one large message makes the small ones behind it no slower.
 */
#include "cli/detect/detect.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/try.h"

#include <stdlib.h>

#define LEAST_SLOTS 16u
#define KEYS_MAX ((size_t)UINT32_MAX / 4)

/* Room for @p count keys; what was there is forgotten. */
static seine_status make_room(seine_detect_fields *fields, size_t count) {
    size_t slot_count = LEAST_SLOTS;
    if (count > KEYS_MAX) return SEINE_E_LIMIT;
    while (slot_count < 2 * count) slot_count *= 2;
    fields->count = 0;
    SEINE_TRY(SEINE_ARRAY_ROOM(fields->fields, 0, fields->capacity, count, KEYS_MAX));
    SEINE_TRY(SEINE_ARRAY_ROOM(fields->slots, 0, fields->slot_capacity, slot_count, 4 * KEYS_MAX));
    fields->slot_count = slot_count;
    memset(fields->slots, 0, slot_count * sizeof *fields->slots);
    return SEINE_OK;
}

/* @return the slot of the key, or the empty one where it belongs. */
static uint32_t *slot_of(const seine_detect_fields *fields, seine_str key) {
    const size_t mask = fields->slot_count - 1;
    size_t at = (size_t)seine_hash64(key.data, key.size) & mask;
    while (fields->slots[at] != 0 && !seine_str_equal(fields->fields[fields->slots[at] - 1].key, key)) {
        at = (at + 1) & mask;
    }
    return &fields->slots[at];
}

seine_status seine_detect_fields_take(seine_detect_fields *fields, seine_json_value object, seine_pace *pace) {
    const size_t count = object != NULL ? seine_json_count(object) : 0;
    SEINE_TRY(make_room(fields, count));
    seine_json_iter it = {0};
    while (seine_json_next(object, &it)) {
        uint32_t *slot = slot_of(fields, it.key);
        if (*slot != 0) {
            fields->fields[*slot - 1].value = it.value; /* the last of equal keys counts, where the first stands */
        } else {
            fields->fields[fields->count++] = (seine_detect_field){it.key, it.value};
            *slot = (uint32_t)fields->count;
        }
        if (!seine_pace_go(pace, 1)) return SEINE_E_INTERRUPTED;
    }
    return SEINE_OK;
}

seine_detect_field *seine_detect_fields_find(const seine_detect_fields *fields, seine_str key) {
    if (fields->count == 0) return NULL;
    const uint32_t *slot = slot_of(fields, key);
    return *slot != 0 ? &fields->fields[*slot - 1] : NULL;
}

seine_json_value seine_detect_fields_value(const seine_detect_fields *fields, seine_str key) {
    const seine_detect_field *field = seine_detect_fields_find(fields, key);
    return field != NULL ? field->value : NULL;
}

void seine_detect_fields_free(seine_detect_fields *fields) {
    free(fields->fields);
    free(fields->slots);
    *fields = (seine_detect_fields){0};
}
