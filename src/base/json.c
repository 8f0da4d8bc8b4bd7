/*
 * JSON. Reading is yyjson's immutable document; the handles of our header are its pointers, so no wrapper is
 * allocated. Writing appends to a buffer and knows only whether a comma is due.
 */
#include "base/json.h"

#include "base/hash.h"
#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <yyjson.h>

#define DEEPEST_NESTING 64

static yyjson_doc *doc_of(const seine_json *json) { return (yyjson_doc *)(uintptr_t)json; }

static yyjson_val *val_of(seine_json_value value) { return (yyjson_val *)(uintptr_t)value; }

static seine_json_value value_of(const yyjson_val *val) { return (seine_json_value)(const void *)val; }

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* @return offset of the quote that ends the text which begins behind @p at, or the size when none does. */
static size_t end_of_text(seine_str text, size_t at) {
    for (size_t i = at + 1; i < text.size; i++) {
        const char *quote = memchr(text.data + i, '"', text.size - i);
        if (quote == NULL) return text.size;
        const char *before = quote;
        while (before[-1] == '\\') before--; /* ends at the first quote, if not sooner */
        i = (size_t)(quote - text.data);
        if ((quote - before) % 2 == 0) return i;
    }
    return text.size;
}

/* @return offset of the bracket that nests too deep, or SIZE_MAX. */
static size_t too_deep_at(seine_str text) {
    size_t depth = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        if (c == '"') {
            i = end_of_text(text, i);
        } else if (c == '[' || c == '{') {
            if (++depth > DEEPEST_NESTING) return i;
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return SIZE_MAX;
}

seine_status seine_json_parse(seine_str text, const char *name, seine_json **json, seine_error *error) {
    *json = NULL;
    const size_t deep = too_deep_at(text);
    if (deep != SIZE_MAX) {
        return seine_fail(error, SEINE_E_LIMIT, "%s: byte %zu: nested deeper than %d", name, deep, DEEPEST_NESTING);
    }
    if (text.size == 0) return seine_fail(error, SEINE_E_FORMAT, "%s: byte 0: empty document", name);
    yyjson_read_err problem = {0};
    /* Without the in-situ flag the library copies the text and does not write to it. */
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text.data, text.size, YYJSON_READ_NOFLAG, NULL, &problem);
    if (doc == NULL && problem.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION) {
        return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory reading %zu bytes of JSON", name, text.size);
    }
    if (doc == NULL) return seine_fail(error, SEINE_E_FORMAT, "%s: byte %zu: %s", name, problem.pos, problem.msg);
    *json = (seine_json *)(void *)doc;
    return SEINE_OK;
}

void seine_json_free(seine_json *json) { yyjson_doc_free(doc_of(json)); }

seine_json_value seine_json_root(const seine_json *json) { return value_of(yyjson_doc_get_root(doc_of(json))); }

seine_json_kind seine_json_kind_of(seine_json_value value) {
    yyjson_val *val = val_of(value);
    if (val == NULL) return SEINE_JSON_ABSENT;
    switch (yyjson_get_type(val)) {
    case YYJSON_TYPE_BOOL: return SEINE_JSON_BOOL;
    case YYJSON_TYPE_STR: return SEINE_JSON_TEXT;
    case YYJSON_TYPE_ARR: return SEINE_JSON_ARRAY;
    case YYJSON_TYPE_OBJ: return SEINE_JSON_OBJECT;
    case YYJSON_TYPE_NUM: break;
    default: return SEINE_JSON_NULL;
    }
    const bool fits = yyjson_is_sint(val) || (yyjson_is_uint(val) && yyjson_get_uint(val) <= (uint64_t)INT64_MAX);
    return fits ? SEINE_JSON_INT : SEINE_JSON_REAL;
}

seine_json_value seine_json_get(seine_json_value object, const char *key) {
    return value_of(yyjson_obj_get(val_of(object), key));
}

size_t seine_json_count(seine_json_value array_or_object) {
    yyjson_val *val = val_of(array_or_object);
    return yyjson_is_arr(val) ? yyjson_arr_size(val) : yyjson_obj_size(val);
}

seine_json_value seine_json_find(seine_json_value value, seine_str pointer) {
    return value_of(yyjson_ptr_getn(val_of(value), pointer.data, pointer.size));
}
seine_json_value seine_json_at(seine_json_value array, size_t index) {
    return value_of(yyjson_arr_get(val_of(array), index));
}

seine_str seine_json_text(seine_json_value value) {
    yyjson_val *val = val_of(value);
    return yyjson_is_str(val) ? (seine_str){yyjson_get_str(val), yyjson_get_len(val)} : (seine_str){NULL, 0};
}

int64_t seine_json_int(seine_json_value value, int64_t fallback) {
    return seine_json_kind_of(value) == SEINE_JSON_INT ? yyjson_get_sint(val_of(value)) : fallback;
}

double seine_json_number(seine_json_value value, double fallback) {
    return yyjson_is_num(val_of(value)) ? yyjson_get_num(val_of(value)) : fallback;
}

bool seine_json_bool(seine_json_value value, bool fallback) {
    return yyjson_is_bool(val_of(value)) ? yyjson_get_bool(val_of(value)) : fallback;
}

bool seine_json_next(seine_json_value container, seine_json_iter *iter) {
    yyjson_val *val = val_of(container);
    if (!yyjson_is_ctn(val)) return false;
    if (iter->next_ == NULL) {
        iter->index = 0;
        iter->next_ = value_of(unsafe_yyjson_get_first(val));
    } else {
        iter->index++;
    }
    if (iter->index >= seine_json_count(container)) return false;
    yyjson_val *next = val_of(iter->next_);
    iter->key = (seine_str){NULL, 0};
    if (yyjson_is_obj(val)) {
        iter->key = seine_json_text(iter->next_);
        next++; /* a key stands right before its value */
    }
    iter->value = value_of(next);
    iter->next_ = value_of(unsafe_yyjson_get_next(next));
    return true;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

seine_json_writer seine_json_writer_to(seine_buf *out) { return (seine_json_writer){.out = out, .status = SEINE_OK}; }

static void put(seine_json_writer *w, const char *bytes, size_t size) {
    if (w->status == SEINE_OK) w->status = seine_buf_append(w->out, bytes, size);
}

static void begin_value(seine_json_writer *w) {
    if (w->needs_comma) put(w, ", ", w->python_spaces ? 2 : 1);
    w->needs_comma = true;
}

static void begin_container(seine_json_writer *w, const char *bracket) {
    begin_value(w);
    put(w, bracket, 1);
    w->needs_comma = false;
}

static void end_container(seine_json_writer *w, const char *bracket) {
    put(w, bracket, 1);
    w->needs_comma = true;
}

void seine_json_begin_object(seine_json_writer *w) { begin_container(w, "{"); }
void seine_json_end_object(seine_json_writer *w) { end_container(w, "}"); }
void seine_json_begin_array(seine_json_writer *w) { begin_container(w, "["); }
void seine_json_end_array(seine_json_writer *w) { end_container(w, "]"); }

/* @return the code point at p and its size, or U+FFFD and 1 for a byte that is not UTF-8. */
static uint32_t code_point_at(const char *p, size_t left, size_t *size) {
    const unsigned char lead = (unsigned char)p[0];
    const size_t want = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    *size = 1;
    if (want == 1) return lead;
    if (want > left || !seine_str_is_utf8((seine_str){p, want})) return 0xFFFD;
    *size = want;
    uint32_t code = lead & (0xFFu >> (want + 1));
    for (size_t i = 1; i < want; i++) code = code << 6 | ((unsigned char)p[i] & 0x3F);
    return code;
}

static void put_unicode_escape(seine_json_writer *w, uint32_t code) {
    char text[16];
    int n = 0;
    if (code >= 0x10000) {
        code -= 0x10000;
        n = snprintf(text, sizeof text, "\\u%04x\\u%04x", (unsigned)(0xD800 + (code >> 10)),
                     (unsigned)(0xDC00 + (code & 0x3FF)));
    } else {
        n = snprintf(text, sizeof text, "\\u%04x", (unsigned)code);
    }
    put(w, text, (size_t)n);
}

static const char *short_escape(char c) {
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\b': return "\\b";
    case '\f': return "\\f";
    default: return NULL;
    }
}

static bool is_plain(char c) { return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7F && c != '"' && c != '\\'; }

/* Writes the one character at p that needs care. @return its size. */
static size_t put_special(seine_json_writer *w, const char *p, size_t left) {
    const char *escape = short_escape(*p);
    if (escape != NULL) {
        put(w, escape, 2);
        return 1;
    }
    size_t size = 1;
    const uint32_t code = code_point_at(p, left, &size);
    if (code < 0x20 || w->ascii) {
        put_unicode_escape(w, code);
    } else if (code == 0xFFFD) {
        put(w, "\xEF\xBF\xBD", 3);
    } else {
        put(w, p, size);
    }
    return size;
}

static bool is_all_plain(seine_str text) {
    unsigned others = 0;
    for (size_t i = 0; i < text.size; i++) others |= !is_plain(text.data[i]);
    return others == 0;
}

/* Nearly all texts: metadata of a table is half a megabyte of them. */
static void put_plain(seine_json_writer *w, seine_str text) {
    if (w->status == SEINE_OK) w->status = seine_buf_reserve(w->out, text.size + 2);
    if (w->status != SEINE_OK) return;
    uint8_t *to = w->out->data + w->out->size;
    to[0] = '"';
    memcpy(to + 1, text.data != NULL ? text.data : "", text.size);
    to[1 + text.size] = '"';
    w->out->size += text.size + 2;
}

static void put_quoted(seine_json_writer *w, seine_str text) {
    if (is_all_plain(text)) {
        put_plain(w, text);
        return;
    }
    put(w, "\"", 1);
    for (size_t i = 0; i < text.size;) {
        const size_t start = i;
        while (i < text.size && is_plain(text.data[i])) i++;
        put(w, text.data + start, i - start);
        if (i < text.size) i += put_special(w, text.data + i, text.size - i);
    }
    put(w, "\"", 1);
}

void seine_json_key(seine_json_writer *w, seine_str key) {
    begin_value(w);
    put_quoted(w, key);
    put(w, ": ", w->python_spaces ? 2 : 1);
    w->needs_comma = false;
}

seine_status seine_json_member(seine_arena *arena, size_t number, seine_str name, seine_str *text) {
    seine_buf made SEINE_OWNED(seine_buf_free);
    seine_buf_init(&made, SIZE_MAX / 2);
    seine_json_writer w = seine_json_writer_to(&made);
    w.needs_comma = number > 0;
    if (number == 0) put(&w, "{", 1);
    seine_json_key(&w, name);
    SEINE_TRY(w.status);
    *text = (seine_str){seine_arena_copy(arena, made.data, made.size), made.size};
    return text->data != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

void seine_json_put_text(seine_json_writer *w, seine_str text) {
    begin_value(w);
    put_quoted(w, text);
}

void seine_json_put_hex(seine_json_writer *w, seine_str bytes) {
    char digits[3];
    begin_value(w);
    put(w, "\"", 1);
    for (size_t i = 0; i < bytes.size; i++) {
        seine_hex(bytes.data + i, 1, digits);
        put(w, digits, 2);
    }
    put(w, "\"", 1);
}

void seine_json_put_int(seine_json_writer *w, int64_t value) {
    char text[24];
    char *at = text + sizeof text;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do { /* tracks are made of times: printf would be a tenth of an answer */
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0) *--at = '-';
    begin_value(w);
    put(w, at, (size_t)(text + sizeof text - at));
}

void seine_json_put_number(seine_json_writer *w, double value) {
    if (!isfinite(value)) {
        seine_json_put_null(w);
        return;
    }
    char text[32];
    begin_value(w);
    put(w, text, seine_number_text(value, text));
}

void seine_json_put_digits(seine_json_writer *w, seine_str digits) {
    begin_value(w);
    put(w, digits.data, digits.size);
}

void seine_json_put_json(seine_json_writer *w, seine_str json) {
    seine_json *parsed = NULL;
    const bool is_line = json.size > 0 && memchr(json.data, '\n', json.size) == NULL;
    if (seine_json_parse(json, "JSON", &parsed, NULL) != SEINE_OK)
        seine_json_put_text(w, json);
    else if (is_line)
        seine_json_put_digits(w, json); /* as it is, so that numbers keep their digits */
    else
        seine_json_put_value(w, seine_json_root(parsed));
    seine_json_free(parsed);
}

void seine_json_put_bool(seine_json_writer *w, bool value) {
    begin_value(w);
    put(w, value ? "true" : "false", value ? 4 : 5);
}

void seine_json_put_null(seine_json_writer *w) {
    begin_value(w);
    put(w, "null", 4);
}

static void put_large_uint(seine_json_writer *w, uint64_t value) {
    char text[24];
    begin_value(w);
    put(w, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)value));
}

/* Recursion is bounded by the nesting limit of the parser. */
static void put_container(seine_json_writer *w, seine_json_value value, bool is_object) {
    begin_container(w, is_object ? "{" : "[");
    seine_json_iter it = {0};
    while (seine_json_next(value, &it)) {
        if (is_object) seine_json_key(w, it.key);
        seine_json_put_value(w, it.value);
    }
    end_container(w, is_object ? "}" : "]");
}

void seine_json_put_value(seine_json_writer *w, seine_json_value value) {
    switch (seine_json_kind_of(value)) {
    case SEINE_JSON_ABSENT:
    case SEINE_JSON_NULL: seine_json_put_null(w); break;
    case SEINE_JSON_BOOL: seine_json_put_bool(w, seine_json_bool(value, false)); break;
    case SEINE_JSON_INT: seine_json_put_int(w, seine_json_int(value, 0)); break;
    case SEINE_JSON_REAL:
        if (yyjson_is_uint(val_of(value))) {
            put_large_uint(w, yyjson_get_uint(val_of(value)));
        } else {
            seine_json_put_number(w, seine_json_number(value, 0));
        }
        break;
    case SEINE_JSON_TEXT: seine_json_put_text(w, seine_json_text(value)); break;
    case SEINE_JSON_ARRAY: put_container(w, value, false); break;
    case SEINE_JSON_OBJECT: put_container(w, value, true); break;
    }
}

/* ---- a key with its value ---- */

void seine_json_field_text(seine_json_writer *w, const char *key, const char *text) {
    if (text == NULL)
        seine_json_field_null(w, key);
    else
        seine_json_field_str(w, key, seine_str_of(text));
}

void seine_json_field_str(seine_json_writer *w, const char *key, seine_str text) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_text(w, text);
}

void seine_json_field_int(seine_json_writer *w, const char *key, int64_t value) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_int(w, value);
}

void seine_json_field_number(seine_json_writer *w, const char *key, double value) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_number(w, value);
}

void seine_json_field_bool(seine_json_writer *w, const char *key, bool value) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_bool(w, value);
}

void seine_json_field_null(seine_json_writer *w, const char *key) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_null(w);
}

void seine_json_field_object(seine_json_writer *w, const char *key) {
    seine_json_key(w, seine_str_of(key));
    seine_json_begin_object(w);
}

void seine_json_field_array(seine_json_writer *w, const char *key) {
    seine_json_key(w, seine_str_of(key));
    seine_json_begin_array(w);
}

void seine_json_field_texts(seine_json_writer *w, const char *key, const char *const *texts, size_t count) {
    seine_json_field_array(w, key);
    for (size_t i = 0; i < count; i++) seine_json_put_text(w, seine_str_of(texts[i]));
    seine_json_end_array(w);
}
