#include "decode/json/object.h"

#define NO_KEY (SEINE_CODE_NULL - 1) /* the key before is one of too many */

/* A text without escapes. They go to memory that does not move while an object is read. */
static bool plain_text(seine_json_object *o, const seine_json_token *text, seine_str *plain) {
    if (text->has_escape && o->scratch->capacity < o->scratch_bytes)
        o->status = seine_buf_reserve(o->scratch, o->scratch_bytes - o->scratch->size);
    if (o->status == SEINE_OK) o->status = seine_json_text_of(text, o->scratch, plain);
    return o->status == SEINE_OK;
}

/* A value as it stands. */
static bool keep_json(seine_json_object *o, size_t column, const seine_json_token *value) {
    if (o->value[column].data != NULL)
        return seine_json_wrong(&o->scan, SEINE_JSON_TWICE, o->key.data, "a key that stands twice");
    o->value[column] = value->raw;
    return true;
}

static bool keep_value(seine_json_object *o, const seine_json_field *field, const seine_json_token *value) {
    seine_str *kept = &o->value[field->column];
    uint8_t *rank = &o->rank[field->column];
    const uint64_t bit = UINT64_C(1) << field->column;
    if (o->scratch == NULL) return keep_json(o, field->column, value);
    if (field->rank > *rank) return true;
    if (value->kind == SEINE_JSON_NULL) {
        if (field->rank == *rank) {
            *kept = (seine_str){NULL, 0};
            *rank = SEINE_JSON_NO_RANK;
        }
        return true;
    }
    *rank = field->rank;
    *kept = value->raw;
    o->nested &= ~bit;
    if (value->kind == SEINE_JSON_OBJECT || value->kind == SEINE_JSON_ARRAY) o->nested |= bit;
    return value->kind != SEINE_JSON_TEXT || plain_text(o, value, kept);
}

/* The key that is expected behind the one before, if it is that one. */
static inline bool take_expected_key(seine_json_object *o, const seine_json_branch *node, uint32_t before,
                                     uint32_t *code) {
    seine_json_scan *scan = &o->scan;
    *code = before == SEINE_CODE_NULL ? node->first : before == NO_KEY ? SEINE_CODE_NULL : node->keys[before].next;
    if (*code == SEINE_CODE_NULL) return false;
    const seine_str text = node->texts.entries[*code];
    const char *p = scan->p;
    if ((size_t)(scan->end - p) < text.size + 2 || p[0] != '"' || p[text.size + 1] != '"' ||
        memcmp(p + 1, text.data, text.size) != 0)
        return false;
    o->key = (seine_str){p + 1, text.size};
    scan->p = p + text.size + 2;
    return true;
}

/* Behind a known key. */
static inline bool take_colon(seine_json_scan *scan) {
    if (scan->p >= scan->end || *scan->p != ':') seine_json_skip_blanks(scan);
    if (scan->p >= scan->end || *scan->p != ':')
        return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p, "expected ':'");
    scan->p++;
    return true;
}

/* `"key" :`. *code comes in as that of the key before in this object, SEINE_CODE_NULL for none. */
static bool take_key(seine_json_object *o, uint16_t number, uint32_t *code, seine_json_field *field) {
    seine_json_scan *scan = &o->scan;
    seine_json_branch *node = o->plan->nodes[number];
    const uint32_t before = *code;
    seine_json_skip_blanks(scan);
    if (take_expected_key(o, node, before, code)) {
        *field = node->keys[*code].field;
        return take_colon(scan);
    }
    seine_json_token key;
    if (!seine_json_take_key(scan, &key)) return false;
    seine_str text = o->key = (seine_str){key.raw.data + 1, key.raw.size - 2};
    if (o->scratch != NULL && !plain_text(o, &key, &text)) return false;
    o->status = seine_json_plan_find(o->plan, number, text, code, field);
    if (o->status != SEINE_OK) return false;
    node = o->plan->nodes[number];
    if (before == SEINE_CODE_NULL && !key.has_escape)
        node->first = *code;
    else if (before != NO_KEY && !key.has_escape)
        node->keys[before].next = *code;
    if (*code == SEINE_CODE_NULL) *code = NO_KEY;
    return true;
}

static bool take_object(seine_json_object *o, uint16_t branch, int depth);

static bool go_on(seine_json_object *o, size_t bytes) {
    if (seine_pace_go(o->pace, 1 + bytes / SEINE_JSON_STEP_BYTES)) return true;
    o->status = SEINE_E_INTERRUPTED;
    return false;
}

/* One key with its value. *code as take_key has it. */
static bool take_member(seine_json_object *o, uint16_t branch, int depth, uint32_t *code) {
    seine_json_scan *scan = &o->scan;
    seine_json_field field;
    seine_json_token value = {.kind = SEINE_JSON_OBJECT};
    if (!take_key(o, branch, code, &field)) return false;
    seine_json_skip_blanks(scan);
    const char *start = scan->p;
    if (field.node != SEINE_JSON_NO_BRANCH && start < scan->end && *start == '{') {
        if (!take_object(o, field.node, depth + 1)) return false;
        value.raw = (seine_str){start, (size_t)(scan->p - start)};
    } else if (!seine_json_take_value(scan, depth + 1, &value)) {
        return false;
    }
    if (!go_on(o, value.raw.size)) return false;
    return field.column == SEINE_JSON_NO_COLUMN || keep_value(o, &field, &value);
}

/* The object on which the scan stands. Recursion is bounded by SEINE_JSON_DEEPEST. */
static bool take_object(seine_json_object *o, uint16_t branch, int depth) {
    seine_json_scan *scan = &o->scan;
    if (depth >= SEINE_JSON_DEEPEST) return seine_json_wrong(scan, SEINE_JSON_TOO_DEEP, scan->p, "nested too deep");
    scan->p++;
    seine_json_skip_blanks(scan);
    uint32_t code = SEINE_CODE_NULL;
    bool more = scan->p < scan->end && *scan->p != '}';
    while (more) {
        if (!take_member(o, branch, depth, &code)) return false;
        seine_json_skip_blanks(scan);
        more = scan->p < scan->end && *scan->p == ',';
        if (more) scan->p++;
    }
    if (scan->p >= scan->end || *scan->p != '}')
        return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p,
                                o->scratch != NULL ? "expected '}'" : "expected ',' or '}'");
    scan->p++;
    return true;
}

bool seine_json_object_take(seine_json_object *object) {
    memset(object->value, 0, object->column_count * sizeof *object->value);
    memset(object->rank, SEINE_JSON_NO_RANK, object->column_count);
    object->nested = 0;
    if (object->scratch != NULL) seine_buf_clear(object->scratch);
    return take_object(object, 0, 1);
}
