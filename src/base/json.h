/** @file base/json.h  JSON documents in and out. The only place that knows the JSON library. */
#ifndef SEINE_BASE_JSON_H
#define SEINE_BASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/try.h"

typedef struct seine_json seine_json;                   /* a parsed, immutable document */
typedef const struct seine_json_node *seine_json_value; /* a value in it; NULL = absent */

typedef enum seine_json_kind {
    SEINE_JSON_ABSENT,
    SEINE_JSON_NULL,
    SEINE_JSON_BOOL,
    SEINE_JSON_INT,
    SEINE_JSON_REAL,
    SEINE_JSON_TEXT,
    SEINE_JSON_ARRAY,
    SEINE_JSON_OBJECT
} seine_json_kind;

/**
 * Parses one document; nothing but blanks may follow. Copies @p text. Integers outside int64/uint64 become REAL.
 * @param name for messages: `NAME: byte 17: unexpected character`.
 * @return OK, E_FORMAT, E_NOMEM, E_LIMIT (nesting deeper than 64).
 */
SEINE_MUST_USE seine_status seine_json_parse(seine_str text, const char *name, seine_json **json, seine_error *error);
void seine_json_free(seine_json *json);
SEINE_OWNED_POINTER(seine_json, seine_json_free);
seine_json_value seine_json_root(const seine_json *json);

/* Every getter takes ABSENT (NULL) and other kinds and then gives the fallback. */
seine_json_kind seine_json_kind_of(seine_json_value value);
seine_json_value seine_json_get(seine_json_value object, const char *key);
/** By a JSON pointer (RFC 6901): "/data/0/id"; "" is the value itself. ABSENT for one that leads nowhere. */
seine_json_value seine_json_find(seine_json_value value, seine_str pointer);
size_t seine_json_count(seine_json_value array_or_object);
seine_json_value seine_json_at(seine_json_value array, size_t index);
seine_str seine_json_text(seine_json_value value);                 /* {NULL,0} unless TEXT */
int64_t seine_json_int(seine_json_value value, int64_t fallback);  /* INT only */
double seine_json_number(seine_json_value value, double fallback); /* INT or REAL */
bool seine_json_bool(seine_json_value value, bool fallback);

/**
 * Walks an array (key is {NULL,0}) or object in document order:
 * `seine_json_iter it = {0}; while (seine_json_next(v, &it)) …`.
 */
typedef struct seine_json_iter {
    seine_str key;
    seine_json_value value;
    size_t index;
    seine_json_value next_; /* private */
} seine_json_iter;
bool seine_json_next(seine_json_value container, seine_json_iter *iter);

/* Writing: append straight into a buffer. Commas are placed by the writer. */
typedef struct seine_json_writer {
    seine_buf *out;
    bool ascii;         /**< escape everything beyond ASCII as \uXXXX */
    bool python_spaces; /**< separators ", " and ": " */
    bool needs_comma;
    seine_status status; /**< first failure; check once at the end */
} seine_json_writer;
seine_json_writer seine_json_writer_to(seine_buf *out);
void seine_json_begin_object(seine_json_writer *w);
void seine_json_end_object(seine_json_writer *w);
void seine_json_begin_array(seine_json_writer *w);
void seine_json_end_array(seine_json_writer *w);
void seine_json_key(seine_json_writer *w, seine_str key);
/** What stands before the value of member @p number of each of many objects, in @p arena: `{"name":` for member 0, else
 * `,"name":`. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_json_member(seine_arena *arena, size_t number, seine_str name, seine_str *text);
void seine_json_put_text(seine_json_writer *w, seine_str text); /* bad UTF-8 bytes become U+FFFD */
void seine_json_put_hex(seine_json_writer *w, seine_str bytes); /* a text of two digits for each byte, a to f small */
void seine_json_put_int(seine_json_writer *w, int64_t value);
void seine_json_put_number(seine_json_writer *w, double value);     /* number text of SPEC 0.2; NaN and inf as null */
void seine_json_put_digits(seine_json_writer *w, seine_str digits); /* a number that comes as its text */
void seine_json_put_json(seine_json_writer *w, seine_str json);     /* as a value; as text when it is no JSON */
void seine_json_put_bool(seine_json_writer *w, bool value);
void seine_json_put_null(seine_json_writer *w);
/* A key with its value. */
void seine_json_field_text(seine_json_writer *w, const char *key, const char *text); /* NULL as null */
void seine_json_field_str(seine_json_writer *w, const char *key, seine_str text);
void seine_json_field_int(seine_json_writer *w, const char *key, int64_t value);
void seine_json_field_number(seine_json_writer *w, const char *key, double value);
void seine_json_field_bool(seine_json_writer *w, const char *key, bool value);
void seine_json_field_null(seine_json_writer *w, const char *key);
void seine_json_field_object(seine_json_writer *w, const char *key); /* begins it */
void seine_json_field_array(seine_json_writer *w, const char *key);  /* begins it */
void seine_json_field_texts(seine_json_writer *w, const char *key, const char *const *texts, size_t count);
/** Writes @p value (scalar or container) as it was read. */
void seine_json_put_value(seine_json_writer *w, seine_json_value value);

#endif
