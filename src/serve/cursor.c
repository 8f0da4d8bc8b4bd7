/*
 * A cursor is base64url (RFC 4648 section 5, no padding) of the JSON array ["list", value, …]. A number with a fraction
 * stands in it as the 64 bits that it has: no digits are chosen, so none are lost, and NaN is a value like others.
 */
#include "serve/cursor.h"

#include "base/json.h"
#include "base/try.h"

#define JSON_MAX_BYTES ((size_t)SEINE_CURSOR_TEXT_MAX / 4 * 3)

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static seine_status put_base64(seine_str bytes, seine_buf *out) {
    for (size_t i = 0; i < bytes.size; i += 3) {
        uint32_t group = 0;
        const size_t taken = bytes.size - i < 3 ? bytes.size - i : 3;
        for (size_t k = 0; k < 3; k++) group = group << 8 | (k < taken ? (uint8_t)bytes.data[i + k] : 0);
        char text[4];
        for (size_t k = 0; k < 4; k++) text[k] = digits[group >> (18 - 6 * k) & 63];
        SEINE_TRY(seine_buf_append(out, text, taken + 1));
    }
    return SEINE_OK;
}

static bool take_base64(seine_str text, char *bytes, size_t *size) {
    uint32_t group = 0;
    unsigned bits = 0;
    *size = 0;
    if (text.size % 4 == 1) return false;
    for (size_t i = 0; i < text.size; i++) {
        const char *digit = text.data[i] != '\0' ? strchr(digits, text.data[i]) : NULL;
        if (digit == NULL) return false;
        group = group << 6 | (uint32_t)(digit - digits);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes[(*size)++] = (char)(group >> bits & 0xff);
    }
    return true;
}

static int64_t bits_of(double number) {
    int64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

seine_status seine_cursor_write(const char *list, const seine_cursor *cursor, seine_buf *out) {
    seine_buf json SEINE_OWNED(seine_buf_free);
    seine_buf_init(&json, JSON_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&json);
    seine_json_begin_array(&w);
    seine_json_put_text(&w, seine_str_of(list));
    for (size_t i = 0; i < cursor->count; i++) {
        const seine_cursor_key *key = &cursor->keys[i];
        if (key->is_null)
            seine_json_put_null(&w);
        else if (key->type == SEINE_TYPE_STRING)
            seine_json_put_text(&w, key->text);
        else
            seine_json_put_int(&w, key->type == SEINE_TYPE_DOUBLE ? bits_of(key->number) : key->integer);
    }
    seine_json_end_array(&w);
    return w.status == SEINE_OK ? put_base64(seine_buf_str(&json), out) : w.status;
}

/* OK, E_USAGE (another kind of value), E_NOMEM. */
static seine_status take_key(seine_json_value value, seine_arena *arena, seine_cursor_key *key) {
    const seine_json_kind kind = seine_json_kind_of(value);
    key->is_null = kind == SEINE_JSON_NULL;
    if (key->is_null) return SEINE_OK;
    if (key->type == SEINE_TYPE_STRING) {
        const seine_str text = seine_json_text(value);
        if (kind != SEINE_JSON_TEXT) return SEINE_E_USAGE;
        key->text = (seine_str){seine_arena_copy(arena, text.data, text.size), text.size};
        return key->text.data != NULL ? SEINE_OK : SEINE_E_NOMEM;
    }
    key->integer = seine_json_int(value, 0);
    memcpy(&key->number, &key->integer, sizeof key->number);
    return kind == SEINE_JSON_INT ? SEINE_OK : SEINE_E_USAGE;
}

static seine_status take_array(seine_json_value root, const char *list, seine_arena *arena, seine_cursor *cursor) {
    if (seine_json_kind_of(root) != SEINE_JSON_ARRAY || seine_json_count(root) != cursor->count + 1)
        return SEINE_E_USAGE;
    if (!seine_str_equal(seine_json_text(seine_json_at(root, 0)), seine_str_of(list))) return SEINE_E_USAGE;
    for (size_t i = 0; i < cursor->count; i++) SEINE_TRY(take_key(seine_json_at(root, i + 1), arena, &cursor->keys[i]));
    return SEINE_OK;
}

seine_status seine_cursor_read(seine_str text, const char *list, seine_arena *arena, seine_cursor *cursor,
                               seine_error *error) {
    char bytes[SEINE_CURSOR_TEXT_MAX];
    size_t size = 0;
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    seine_status status = SEINE_E_USAGE;
    if (text.size <= SEINE_CURSOR_TEXT_MAX && take_base64(text, bytes, &size))
        status = seine_json_parse((seine_str){bytes, size}, "cursor", &json, NULL);
    if (status == SEINE_OK) status = take_array(seine_json_root(json), list, arena, cursor);
    if (status == SEINE_OK) return SEINE_OK;
    if (status == SEINE_E_NOMEM) return seine_no_memory(error, "cursor");
    return seine_fail(error, SEINE_E_USAGE, "cursor: not one of this list");
}
