/*
 * JSON text → message table. One strict pass: every value is checked against the JSON grammar while it is passed
 * over, and the few keys that detection needs are taken on the way. Everything else of a message is parsed again only
 * if a gap shows it.
 */
#include "decode/messages.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "columns/receiver.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#define PROGRESS_EVERY 65536
/* A step of work, in bytes of text. */
#define STEP_BYTES 64
/* Room of one table: all messages it may have. */
#define ROWS_MAX_BYTES ((size_t)SEINE_MESSAGES_MAX * sizeof(seine_message))
#define SSVID_MAX_BYTES 4096

typedef struct cursor {
    seine_messages *table;
    seine_messages_input input;
    uint16_t number; /* of the input */
    seine_json_scan scan;
    seine_str key; /* of the message under the cursor, with quotes; {NULL, 0} outside of one */
    seine_error *error;
    seine_messages_value values[SEINE_MESSAGES_FIELDS_MAX]; /* of the message under the cursor */
    seine_str last_ssvid;                                   /* most messages follow one of the same mover */
    uint32_t last_mover;
} cursor;

/* ---- errors ---------------------------------------------------------------------------------------------------- */

size_t seine_messages_line(seine_str text, uint64_t offset) {
    size_t line = 1;
    const char *p = text.data;
    const char *end = text.data + (offset < text.size ? (size_t)offset : text.size);
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        line++;
        p++;
    }
    return line;
}

static size_t line_at(const cursor *c, const char *at) {
    return seine_messages_line(c->input.text, (uint64_t)(at - c->input.text.data));
}

static seine_status not_json(const cursor *c, const char *at, const char *what) {
    return seine_fail(c->error, SEINE_E_FORMAT, "%s %s %zu: not JSON: %s", c->input.name, c->input.unit, line_at(c, at),
                      what);
}

/* A limit of one message: the next step is the user's, so the limit is named. */
static seine_status too_large(const cursor *c, const char *at, const char *what, size_t most) {
    return seine_fail(c->error, SEINE_E_LIMIT, "%s %s %zu: %s of more than %zu bytes", c->input.name, c->input.unit,
                      line_at(c, at), what, most);
}

static int shown_bytes(seine_str text) { return text.size < 60 ? (int)text.size : 60; }

/* Words that other languages write and JSON has not: NaN, Infinity, None … @return whether one stands at `at`. */
static bool is_foreign_word(const char *at, const char *end, seine_str *word) {
    static const char *const words[] = {"nan", "infinity", "inf", "none", "undefined", "true", "false", "null"};
    const char *p = at + (at < end && (*at == '-' || *at == '+'));
    while (p < end && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))) p++;
    *word = (seine_str){at, (size_t)(p - at)};
    const size_t sign = word->size > 0 && (*at == '-' || *at == '+');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (seine_str_equal_nocase((seine_str){at + sign, word->size - sign}, seine_str_of(words[i]))) return true;
    }
    return false;
}

/* No value begins here, or a number that is none. */
static seine_status not_a_value(const cursor *c, const char *at, const char *what) {
    seine_str word;
    if (!is_foreign_word(at, c->scan.end, &word)) return not_json(c, at, what);
    const seine_str key = c->key.size > 2 ? (seine_str){c->key.data + 1, c->key.size - 2} : SEINE_STR("a value");
    return seine_fail(c->error, SEINE_E_FORMAT, "%s %s %zu: %.*s is %.*s, which JSON does not have: write null%s",
                      c->input.name, c->input.unit, line_at(c, at), shown_bytes(key), key.data, SEINE_STR_ARG(word),
                      (word.data[0] | 32) == 't' || (word.data[0] | 32) == 'f' ? ", true or false" : "");
}

static seine_status wrong_value(const cursor *c, const char *key, const seine_json_token *value, const char *expected) {
    return seine_fail(c->error, SEINE_E_FORMAT, "%s %s %zu: %s is %.*s, expected %s", c->input.name, c->input.unit,
                      line_at(c, value->raw.data), key, shown_bytes(value->raw), value->raw.data, expected);
}

static seine_status missing_key(const cursor *c, const char *object, const char *key) {
    return seine_fail(c->error, SEINE_E_FORMAT, "%s %s %zu: Missing key in input messages: '%s'", c->input.name,
                      c->input.unit, line_at(c, object), key);
}

/* What the grammar has to say against a text, as this input's. */
static seine_status tell(const cursor *c) {
    const seine_json_scan *scan = &c->scan;
    switch (scan->fault) {
    case SEINE_JSON_NO_VALUE: return not_a_value(c, scan->fault_at, scan->what);
    case SEINE_JSON_LONG_TEXT: return too_large(c, scan->fault_at, scan->what, SEINE_MESSAGE_TEXT_MAX_BYTES);
    case SEINE_JSON_TOO_DEEP:
        return seine_fail(c->error, SEINE_E_LIMIT, "%s %s %zu: nested deeper than %d", c->input.name, c->input.unit,
                          line_at(c, scan->fault_at), SEINE_MESSAGE_DEEPEST);
    default: return not_json(c, scan->fault_at, scan->what);
    }
}

/* ---- movers ---------------------------------------------------------------------------------------------------- */

/* A text with escapes, as it reads, in quotes. */
static seine_status intern_escaped(seine_messages *messages, seine_str json, bool add, uint32_t *code) {
    seine_json *document SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(seine_json_parse(json, "ssvid", &document, NULL));
    seine_buf key SEINE_OWNED(seine_buf_free);
    seine_buf_init(&key, SSVID_MAX_BYTES);
    const seine_str text = seine_json_text(seine_json_root(document));
    SEINE_TRY(seine_buf_append(&key, "\"", 1));
    SEINE_TRY(seine_buf_append(&key, text.data, text.size));
    SEINE_TRY(seine_buf_append(&key, "\"", 1));
    if (add) return seine_dict_intern(&messages->movers, seine_buf_str(&key), code);
    *code = seine_dict_find(&messages->movers, seine_buf_str(&key));
    return SEINE_OK;
}

/* Numbers of equal value are one mover: 1.50 and 1.5. @return the text to intern. */
static seine_str number_key(seine_str json, char text[32]) {
    int64_t whole = 0;
    double value = 0;
    if (seine_integer_parse(json, &whole) || !seine_number_parse(json, &value)) return json;
    return (seine_str){text, seine_number_text(value, text)};
}

seine_status seine_messages_mover(seine_messages *messages, seine_str json, bool add, uint32_t *code) {
    char number[32];
    const char first = json.size > 0 ? json.data[0] : '\0';
    *code = SEINE_CODE_NULL;
    if (json.size > SSVID_MAX_BYTES) return SEINE_E_LIMIT;
    if (first == '"' && memchr(json.data, '\\', json.size) != NULL) return intern_escaped(messages, json, add, code);
    if (first == '-' || (first >= '0' && first <= '9'))
        json = number_key(json, number);
    else if (first != '"' && first != 'n')
        return SEINE_E_FORMAT;
    if (add) return seine_dict_intern(&messages->movers, json, code);
    *code = seine_dict_find(&messages->movers, json);
    return SEINE_OK;
}

seine_str seine_messages_ssvid(const seine_messages *messages, uint32_t mover) {
    const seine_str key = messages->movers.entries[mover];
    if (key.data[0] == 'n') return SEINE_STR("None");
    return key.data[0] == '"' ? (seine_str){key.data + 1, key.size - 2} : key;
}

static seine_status set_mover(cursor *c, seine_message *row, const seine_json_token *value) {
    if (!seine_str_equal(value->raw, c->last_ssvid)) {
        const seine_status status = seine_messages_mover(c->table, value->raw, true, &c->last_mover);
        if (status == SEINE_E_FORMAT) return wrong_value(c, "ssvid", value, "text, a number or null");
        if (status != SEINE_OK) return seine_fail(c->error, status, "%s: too many or too long ssvids", c->input.name);
        c->last_ssvid = value->raw;
    }
    row->mover = c->last_mover;
    return SEINE_OK;
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

static seine_status set_time(const cursor *c, seine_message *row, const seine_json_token *value) {
    int64_t time_us = 0;
    const seine_str inner = {value->raw.data + 1, value->raw.size > 1 ? value->raw.size - 2 : 0};
    if (value->kind == SEINE_JSON_TEXT && seine_time_parse(inner, &time_us)) {
        row->time_s = (double)time_us / 1e6;
    } else if (value->kind != SEINE_JSON_REAL || !seine_number_parse(value->raw, &row->time_s)) {
        return wrong_value(c, "timestamp", value, "seconds since 1970-01-01T00:00:00Z");
    }
    if (!(fabs(row->time_s) <= SEINE_MESSAGE_TIME_LIMIT_S)) {
        return wrong_value(c, "timestamp", value, "seconds (not milliseconds) since 1970-01-01T00:00:00Z");
    }
    return SEINE_OK;
}

/* Exports of some databases put numbers in quotes; such a number prints, and stands in ids, as it was given. */
static bool read_number(const seine_json_token *value, double *number) {
    if (value->kind == SEINE_JSON_REAL) return seine_number_parse(value->raw, number);
    if (value->kind != SEINE_JSON_TEXT || value->raw.size - 2 > SEINE_MESSAGE_NUMBER_TEXT) return false;
    return seine_number_parse((seine_str){value->raw.data + 1, value->raw.size - 2}, number);
}

static seine_status set_degrees(const cursor *c, const char *key, double *degrees, const seine_json_token *value) {
    *degrees = NAN;
    if (value->kind == SEINE_JSON_NULL) return SEINE_OK;
    if (read_number(value, degrees)) return SEINE_OK;
    *degrees = NAN;
    return wrong_value(c, key, value, "degrees or null");
}

static uint8_t receiver_of(const seine_json_token *value) {
    if (value->kind != SEINE_JSON_TEXT) return SEINE_RECEIVER_OTHER;
    return seine_receiver_of((seine_str){value->raw.data + 1, value->raw.size - 2});
}

static bool is_key(const seine_json_token *key, const char *name, size_t size) {
    return key->raw.size == size + 2 && memcmp(key->raw.data + 1, name, size) == 0;
}
#define IS_KEY(key, literal) is_key((key), literal, sizeof(literal) - 1)

/* Keys of a message that mean something; the upper ones are SEINE_MESSAGE_… of the row, shifted. */
enum {
    KEY_SSVID = 1,
    KEY_TIME = 2,
    KEY_SHIFT = 2,
    KEY_LAT = SEINE_MESSAGE_LAT << KEY_SHIFT,
    KEY_LON = SEINE_MESSAGE_LON << KEY_SHIFT,
    KEY_RECEIVER = SEINE_MESSAGE_RECEIVER << KEY_SHIFT,
    KEY_SHORE = SEINE_MESSAGE_SHORE << KEY_SHIFT,
    KEYS_OF_ROW = SEINE_MESSAGE_LAT | SEINE_MESSAGE_LON | SEINE_MESSAGE_RECEIVER | SEINE_MESSAGE_SHORE,
    KEY_FIRST_FIELD = KEY_SHORE << 1 /* and so on, of the further fields in order */
};

static unsigned known_key(const seine_json_token *key) {
    if (IS_KEY(key, "ssvid")) return KEY_SSVID;
    if (IS_KEY(key, "timestamp")) return KEY_TIME;
    if (IS_KEY(key, "lat")) return KEY_LAT;
    if (IS_KEY(key, "lon")) return KEY_LON;
    if (IS_KEY(key, "receiver_type")) return KEY_RECEIVER;
    return IS_KEY(key, "distance_from_shore_m") ? KEY_SHORE : 0;
}

/* @return the number of a further field, or field_count. */
static size_t find_field(const seine_messages *table, const seine_json_token *key) {
    size_t i = 0;
    while (i < table->field_count && !is_key(key, table->fields[i].key, strlen(table->fields[i].key))) i++;
    return i;
}

uint64_t seine_messages_text_hash(seine_str text) {
    const uint64_t hash = seine_hash64(text.data, text.size);
    return hash != 0 ? hash : 1;
}

static seine_status set_value(const cursor *c, const seine_messages_field *field, const seine_json_token *value,
                              seine_messages_value *out) {
    if (value->kind == SEINE_JSON_NULL) return SEINE_OK;
    if (!field->is_text) {
        if (read_number(value, &out->number)) return SEINE_OK;
        out->number = NAN;
        return wrong_value(c, field->key, value, "a number or null");
    }
    const size_t quote = value->kind == SEINE_JSON_TEXT;
    out->text = seine_messages_text_hash((seine_str){value->raw.data + quote, value->raw.size - 2 * quote});
    return SEINE_OK;
}

/* Which of two values is meant nobody can tell; keys that only pass through are copied as they are. */
static seine_status take_field(cursor *c, seine_message *row, const seine_json_token *key,
                               const seine_json_token *value, unsigned *seen) {
    unsigned known = known_key(key);
    const size_t field = known == 0 ? find_field(c->table, key) : c->table->field_count;
    if (field < c->table->field_count) known = (unsigned)KEY_FIRST_FIELD << field;
    if ((*seen & known) != 0)
        return seine_fail(c->error, SEINE_E_FORMAT, "%s %s %zu: %.*s stands twice in one message", c->input.name,
                          c->input.unit, line_at(c, key->raw.data), (int)key->raw.size, key->raw.data);
    *seen |= known;
    switch (known) {
    case KEY_SSVID: return set_mover(c, row, value);
    case KEY_TIME: return set_time(c, row, value);
    case KEY_LAT: return set_degrees(c, "lat", &row->lat_deg, value);
    case KEY_LON: return set_degrees(c, "lon", &row->lon_deg, value);
    case KEY_RECEIVER: row->receiver = receiver_of(value); return SEINE_OK;
    case KEY_SHORE:
        if (!read_number(value, &row->shore_m)) row->shore_m = NAN;
        return SEINE_OK;
    case 0: return SEINE_OK;
    default: return set_value(c, &c->table->fields[field], value, &c->values[field]);
    }
}

/* All keys of the object the cursor stands on. */
static seine_status take_fields(cursor *c, seine_message *row, unsigned *seen) {
    c->scan.p++;
    seine_json_skip_blanks(&c->scan);
    bool more = c->scan.p < c->scan.end && *c->scan.p != '}';
    while (more) {
        seine_json_token key = {0}, value = {0};
        if (!seine_json_take_key(&c->scan, &key)) return tell(c);
        c->key = key.raw;
        seine_status status = seine_json_take_value(&c->scan, 2, &value) ? SEINE_OK : tell(c);
        c->key = (seine_str){NULL, 0};
        if (status == SEINE_OK && !seine_pace_go(c->table->pace, 1 + value.raw.size / STEP_BYTES))
            status = seine_fail(c->error, SEINE_E_INTERRUPTED, "interrupted");
        if (status == SEINE_OK) status = take_field(c, row, &key, &value, seen);
        if (status != SEINE_OK) return status;
        seine_json_skip_blanks(&c->scan);
        more = c->scan.p < c->scan.end && *c->scan.p == ',';
        if (more) c->scan.p++;
    }
    if (c->scan.p >= c->scan.end || *c->scan.p != '}') return not_json(c, c->scan.p, "expected ',' or '}'");
    c->scan.p++;
    return SEINE_OK;
}

static seine_status take_message(cursor *c) {
    const char *start = c->scan.p;
    seine_message row = {.lat_deg = NAN, .lon_deg = NAN, .shore_m = NAN};
    unsigned seen = 0;
    for (size_t i = 0; i < c->table->field_count; i++) {
        if (c->table->fields[i].is_text)
            c->values[i].text = 0;
        else
            c->values[i].number = NAN;
    }
    if (*start != '{') return not_json(c, start, "expected an object per message");
    seine_status status = take_fields(c, &row, &seen);
    if (status != SEINE_OK) return status;
    if ((seen & KEY_SSVID) == 0 && !c->table->may_lack_ssvid) return missing_key(c, start, "ssvid");
    if ((seen & KEY_SSVID) == 0)
        status = set_mover(c, &row, &(seine_json_token){.kind = SEINE_JSON_NULL, .raw = SEINE_STR("null")});
    if (status != SEINE_OK) return status;
    if ((seen & KEY_TIME) == 0) return missing_key(c, start, "timestamp");
    const size_t size = (size_t)(c->scan.p - start);
    if (size > SEINE_MESSAGE_MAX_BYTES) return too_large(c, start, "a message", SEINE_MESSAGE_MAX_BYTES);
    row.offset = (uint64_t)(start - c->input.text.data);
    row.size = (uint32_t)size;
    row.input = c->number;
    row.keys = (uint8_t)(seen >> KEY_SHIFT & KEYS_OF_ROW);
    c->table->keys_of_all &= row.keys;
    status = seine_buf_append(&c->table->rows, &row, sizeof row);
    if (status == SEINE_OK)
        status = seine_buf_append(&c->table->values, c->values, c->table->field_count * sizeof *c->values);
    if (status == SEINE_OK) return SEINE_OK;
    if (status == SEINE_E_NOMEM) return seine_fail(c->error, status, "%s: out of memory", c->input.name);
    return seine_fail(c->error, status, "%s: more than %zu messages", c->input.name, c->table->rows.max / sizeof row);
}

/* Before each element of an array or sequence. *more = there is one. */
static seine_status go_on(cursor *c, bool is_array, bool is_first, bool *more) {
    seine_json_skip_blanks(&c->scan);
    *more = false;
    if (!is_array) {
        *more = c->scan.p < c->scan.end;
        return SEINE_OK;
    }
    if (c->scan.p >= c->scan.end) return not_json(c, c->scan.end, "the array has no end");
    if (*c->scan.p == ']') {
        c->scan.p++;
        seine_json_skip_blanks(&c->scan);
        return c->scan.p == c->scan.end ? SEINE_OK : not_json(c, c->scan.p, "something follows the array");
    }
    if (!is_first) {
        if (*c->scan.p != ',') return not_json(c, c->scan.p, "expected ',' or ']'");
        c->scan.p++;
        seine_json_skip_blanks(&c->scan);
        if (c->scan.p >= c->scan.end) return not_json(c, c->scan.end, "the array has no end");
    }
    *more = true;
    return SEINE_OK;
}

static void skip_mark(cursor *c) {
    if (c->scan.end - c->scan.p >= 3 && memcmp(c->scan.p, "\xEF\xBB\xBF", 3) == 0) c->scan.p += 3;
    seine_json_skip_blanks(&c->scan);
}

void seine_messages_init(seine_messages *messages, size_t rows_max_bytes, seine_pace *pace) {
    *messages = (seine_messages){.pace = pace, .keys_of_all = UINT8_MAX};
    seine_buf_init(&messages->inputs, SEINE_MESSAGES_INPUTS_MAX * sizeof(seine_messages_input));
    seine_buf_init(&messages->rows, rows_max_bytes > 0 ? rows_max_bytes : ROWS_MAX_BYTES);
    seine_buf_init(&messages->values, 0);
}

void seine_messages_want(seine_messages *messages, const seine_messages_field *fields, size_t count) {
    assert(count <= SEINE_MESSAGES_FIELDS_MAX && messages->rows.size == 0);
    messages->fields = fields;
    messages->field_count = count;
    seine_buf_init(&messages->values,
                   messages->rows.max / sizeof(seine_message) * count * sizeof(seine_messages_value));
}

static seine_status read_all(cursor *c) {
    const seine_progress *progress = c->table->pace != NULL ? c->table->pace->progress : NULL;
    skip_mark(c);
    const bool is_array = c->scan.p < c->scan.end && *c->scan.p == '[';
    if (is_array) c->scan.p++;
    bool more = false;
    for (size_t count = 0;; count++) {
        const char *before = c->scan.p;
        SEINE_TRY(go_on(c, is_array, count == 0, &more));
        if (more) SEINE_TRY(take_message(c));
        if (!more) return SEINE_OK;
        if (!seine_pace_go(c->table->pace, 1 + (uint64_t)(c->scan.p - before) / STEP_BYTES))
            return seine_fail(c->error, SEINE_E_INTERRUPTED, "interrupted");
        if (count % PROGRESS_EVERY != 0) continue;
        seine_progress_report(progress, "reading messages", (uint64_t)(c->scan.p - c->input.text.data),
                              c->input.text.size);
    }
}

seine_status seine_messages_read(seine_messages *messages, seine_str text, const char *name, const char *unit,
                                 seine_error *error) {
    const seine_messages_input input = {name, unit, text};
    const size_t number = messages->inputs.size / sizeof input;
    const seine_status status = seine_buf_append(&messages->inputs, &input, sizeof input);
    if (status == SEINE_E_LIMIT)
        return seine_fail(error, status, "%s: more than %d inputs", name, SEINE_MESSAGES_INPUTS_MAX);
    if (status != SEINE_OK) return seine_fail(error, status, "%s: out of memory", name);
    cursor c = {.table = messages,
                .input = input,
                .number = (uint16_t)number,
                .scan = {.p = text.data, .end = text.data + text.size},
                .error = error};
    return read_all(&c);
}

static const seine_messages_input *input_of(const seine_messages *messages, const seine_message *message) {
    return (const seine_messages_input *)(const void *)messages->inputs.data + message->input;
}

seine_str seine_messages_text(const seine_messages *messages, const seine_message *message) {
    return (seine_str){input_of(messages, message)->text.data + message->offset, message->size};
}

void seine_messages_place(const seine_messages *messages, const seine_message *message, char place[512]) {
    const seine_messages_input *input = input_of(messages, message);
    snprintf(place, 512, "%s %s %zu", input->name, input->unit, seine_messages_line(input->text, message->offset));
}

void seine_messages_free(seine_messages *messages) {
    seine_buf_free(&messages->inputs);
    seine_buf_free(&messages->rows);
    seine_buf_free(&messages->values);
    seine_dict_free(&messages->movers);
}

bool seine_messages_next_object(seine_str text, size_t *at, seine_str *object) {
    size_t depth = 0, start = 0;
    bool in_text = false;
    for (size_t i = *at; i < text.size; i++) {
        const char c = text.data[i];
        if (in_text) {
            if (c == '\\') i++;
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{') {
            if (depth++ == 0) start = i;
        } else if (c == '}' && depth > 0 && --depth == 0) {
            *object = (seine_str){text.data + start, i + 1 - start};
            *at = i + 1;
            return true;
        }
    }
    *at = text.size;
    return false;
}
