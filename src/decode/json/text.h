/**
 * @file decode/json/text.h
 * The grammar of JSON (RFC 8259): moves over values and checks them on the way. Nothing is copied; whoever moves over a
 * key or a value that it wants gets it as it stands. Pure; safe on any bytes.
 *
 * Every function leaves the scan behind what it took. @return whether it was JSON; if not, the scan says what was wrong
 * and where, and is good for nothing else.
 */
#ifndef SEINE_DECODE_JSON_TEXT_H
#define SEINE_DECODE_JSON_TEXT_H

#include "base/buf.h"
#include "base/json.h"

/** Longest text, with its quotes, bytes. */
#define SEINE_JSON_TEXT_MAX_BYTES ((size_t)1 << 20)
/** Deepest nesting. */
#define SEINE_JSON_DEEPEST 64

/** A value as it stands. */
typedef struct seine_json_token {
    seine_json_kind kind; /**< every number is a REAL */
    bool has_escape;      /**< TEXT only */
    seine_str raw;        /**< with quotes */
} seine_json_token;

typedef enum seine_json_fault {
    SEINE_JSON_SOUND,
    SEINE_JSON_WRONG,     /**< not JSON: `what` */
    SEINE_JSON_NO_VALUE,  /**< the same, where a value should be */
    SEINE_JSON_LONG_TEXT, /**< more than SEINE_JSON_TEXT_MAX_BYTES */
    SEINE_JSON_TOO_DEEP,  /**< more than SEINE_JSON_DEEPEST */
    SEINE_JSON_TWICE      /**< a key that may stand once only (decode/json/object.h) */
} seine_json_fault;

typedef struct seine_json_scan {
    const char *p, *end;
    bool checks_texts; /**< that they are UTF-8 and their escapes are some */
    seine_json_fault fault;
    const char *fault_at, *what;
    const char *seen; /**< up to where the text was looked at to find it */
    bool is_cut;      /**< with more text behind its end it might have been JSON */
} seine_json_scan;

static inline void seine_json_skip_blanks(seine_json_scan *scan) {
    while (scan->p < scan->end && (*scan->p == ' ' || *scan->p == '\n' || *scan->p == '\t' || *scan->p == '\r'))
        scan->p++;
}

/** Tells a fault; `is_cut` when the text ends there. @return false. */
bool seine_json_wrong(seine_json_scan *scan, seine_json_fault fault, const char *at, const char *what);

/** A text; the scan stands on its quote. */
bool seine_json_take_text(seine_json_scan *scan, seine_json_token *text);
/** `"key" :` with blanks around both. */
bool seine_json_take_key(seine_json_scan *scan, seine_json_token *key);
/** Any value, with blanks before it. @p depth: how many objects and arrays it lies in. */
bool seine_json_take_value(seine_json_scan *scan, int depth, seine_json_token *value);
/** What stands in a text without its quotes, escapes resolved: borrowed from it, or appended to @p out. @return OK,
 * E_NOMEM, E_LIMIT. The text was checked. */
SEINE_MUST_USE seine_status seine_json_text_of(const seine_json_token *text, seine_buf *out, seine_str *plain);

#endif
