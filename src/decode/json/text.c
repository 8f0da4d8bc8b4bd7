#include "decode/json/text.h"

#include "base/try.h"

bool seine_json_wrong(seine_json_scan *scan, seine_json_fault fault, const char *at, const char *what) {
    scan->fault = fault;
    scan->fault_at = at;
    scan->what = what;
    scan->seen = scan->p > at ? scan->p : at + 1;
    scan->is_cut = scan->p >= scan->end;
    return false;
}

/* ---- texts ---- */

/* The value of so many hexadecimal digits, or -1. */
static int hex4(const char *p, const char *end) {
    int value = 0;
    if (end - p < 4) return -1;
    for (int i = 0; i < 4; i++) {
        const char c = (char)(p[i] | 0x20);
        if (p[i] >= '0' && p[i] <= '9')
            value = value * 16 + (p[i] - '0');
        else if (c >= 'a' && c <= 'f')
            value = value * 16 + (c - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* The code point of `\uXXXX`, or of a pair of them, behind the u. @return the rest, or NULL. */
static const char *take_code_point(const char *p, const char *end, uint32_t *code) {
    const int first = hex4(p, end);
    if (first < 0 || (first >= 0xDC00 && first < 0xE000)) return NULL;
    *code = (uint32_t)first;
    p += 4;
    if (first < 0xD800 || first >= 0xE000) return p;
    const int second = end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2, end) : -1;
    if (second < 0xDC00 || second >= 0xE000) return NULL;
    *code = 0x10000 + ((uint32_t)(first - 0xD800) << 10) + (uint32_t)(second - 0xDC00);
    return p + 6;
}

/* One escape behind its backslash. @return the rest, or NULL. */
static const char *take_escape(const char *p, const char *end, uint32_t *code) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (p == end) return NULL;
    if (*p == 'u') return take_code_point(p + 1, end, code);
    const char *letter = *p != '\0' ? strchr(letters, *p) : NULL;
    if (letter == NULL) return NULL;
    *code = (uint32_t)meanings[letter - letters];
    return p + 1;
}

static size_t put_utf8(uint32_t code, char out[4]) {
    static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    const size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size; i > 1; i--) {
        out[i - 1] = (char)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    out[0] = (char)(leads[size] | code);
    return size;
}

/* What stands between the quotes, at `inside`. */
static bool check_text(seine_json_scan *scan, seine_str inside, bool has_escape) {
    const char *p = inside.data, *end = p + inside.size;
    uint32_t code;
    if (!seine_str_is_utf8(inside)) return seine_json_wrong(scan, SEINE_JSON_WRONG, p, "text that is not UTF-8");
    while (has_escape && (p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
        const char *at = p;
        p = take_escape(p + 1, end, &code);
        if (p == NULL) return seine_json_wrong(scan, SEINE_JSON_WRONG, at, "escape that is none");
    }
    return true;
}

/* 1: may stand in a text and means itself; 2: the same beyond ASCII. */
static const uint8_t plain[256] = {
#define ROW(from) [from] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
#define HIGH(from) [from] = 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2
    [0x20] = 1, 1,          0,          1,          1,          1,          1,          1,
    1,          1,          1,          1,          1,          1,          1,          1, /* all but the quote */
    ROW(0x30),  ROW(0x40),  [0x50] = 1, 1,          1,          1,          1,          1,
    1,          1,          1,          1,          1,          1,          0,          1,
    1,          1, /* all but the backslash */
    ROW(0x60),  ROW(0x70),  HIGH(0x80), HIGH(0x90), HIGH(0xA0), HIGH(0xB0), HIGH(0xC0), HIGH(0xD0),
    HIGH(0xE0), HIGH(0xF0),
#undef ROW
#undef HIGH
};

bool seine_json_take_text(seine_json_scan *scan, seine_json_token *text) {
    const char *start = scan->p, *p = start + 1;
    const bool is_long = (size_t)(scan->end - start) > SEINE_JSON_TEXT_MAX_BYTES;
    const char *end = is_long ? start + SEINE_JSON_TEXT_MAX_BYTES : scan->end;
    unsigned seen = 0;
    text->has_escape = false;
    for (; p < end; p++) {
        const uint8_t kind = plain[(unsigned char)*p];
        seen |= kind;
        if (kind != 0) continue;
        if (*p == '"') break;
        scan->p = p;
        if (*p != '\\') return seine_json_wrong(scan, SEINE_JSON_WRONG, p, "control character in a string");
        text->has_escape = true;
        if (++p == end) break;
        if (scan->checks_texts && (unsigned char)*p < 0x20) { /* so that no text goes on behind its line */
            scan->p = p;
            return seine_json_wrong(scan, SEINE_JSON_WRONG, p, "control character in a string");
        }
    }
    scan->p = p;
    if (p >= end && is_long) return seine_json_wrong(scan, SEINE_JSON_LONG_TEXT, start, "a text");
    if (p >= end) {
        scan->p = scan->end;
        return seine_json_wrong(scan, SEINE_JSON_WRONG, start, "string without end");
    }
    scan->p++;
    text->kind = SEINE_JSON_TEXT;
    text->raw = (seine_str){start, (size_t)(scan->p - start)};
    const seine_str inside = {start + 1, text->raw.size - 2};
    return !scan->checks_texts || ((seen & 2) == 0 && !text->has_escape) || check_text(scan, inside, text->has_escape);
}

seine_status seine_json_text_of(const seine_json_token *text, seine_buf *out, seine_str *inside) {
    *inside = (seine_str){text->raw.data + 1, text->raw.size - 2};
    if (!text->has_escape) return SEINE_OK;
    const char *p = inside->data, *end = p + inside->size;
    const size_t start = out->size;
    SEINE_TRY(seine_buf_reserve(out, inside->size)); /* no escape is shorter than what it stands for */
    while (p < end) {
        const char *stop = memchr(p, '\\', (size_t)(end - p));
        SEINE_TRY(seine_buf_append(out, p, (size_t)((stop != NULL ? stop : end) - p)));
        if (stop == NULL) break;
        uint32_t code = 0;
        char bytes[4];
        p = take_escape(stop + 1, end, &code);
        if (p == NULL) return SEINE_E_INTERNAL;
        SEINE_TRY(seine_buf_append(out, bytes, put_utf8(code, bytes)));
    }
    *inside = (seine_str){(const char *)out->data + start, out->size - start};
    return SEINE_OK;
}

/* ---- numbers and words ---- */

static bool take_digits(seine_json_scan *scan) {
    const char *start = scan->p;
    while (scan->p < scan->end && *scan->p >= '0' && *scan->p <= '9') scan->p++;
    return scan->p > start;
}

static bool take_number(seine_json_scan *scan, seine_json_token *number) {
    const char *start = scan->p;
    if (*scan->p == '-') scan->p++;
    const char *digits = scan->p;
    bool fine = take_digits(scan) && (*digits != '0' || scan->p == digits + 1);
    if (fine && scan->p < scan->end && *scan->p == '.') {
        scan->p++;
        fine = take_digits(scan);
    }
    if (fine && scan->p < scan->end && (*scan->p == 'e' || *scan->p == 'E')) {
        scan->p++;
        if (scan->p < scan->end && (*scan->p == '+' || *scan->p == '-')) scan->p++;
        fine = take_digits(scan);
    }
    if (!fine) return seine_json_wrong(scan, SEINE_JSON_NO_VALUE, start, "bad number");
    *number = (seine_json_token){.kind = SEINE_JSON_REAL, .raw = {start, (size_t)(scan->p - start)}};
    return true;
}

static bool take_word(seine_json_scan *scan, seine_json_token *word) {
    static const struct {
        seine_str text;
        seine_json_kind kind;
    } words[] = {{{"null", 4}, SEINE_JSON_NULL}, {{"true", 4}, SEINE_JSON_BOOL}, {{"false", 5}, SEINE_JSON_BOOL}};
    const size_t left = (size_t)(scan->end - scan->p);
    bool is_cut = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const size_t size = words[i].text.size;
        if (memcmp(scan->p, words[i].text.data, left < size ? left : size) != 0) continue;
        is_cut = left < size;
        if (is_cut) break;
        *word = (seine_json_token){.kind = words[i].kind, .raw = {scan->p, size}};
        scan->p += size;
        return true;
    }
    (void)seine_json_wrong(scan, SEINE_JSON_NO_VALUE, scan->p, "unexpected character");
    scan->is_cut = is_cut;
    return false;
}

/* ---- objects and arrays ---- */

bool seine_json_take_key(seine_json_scan *scan, seine_json_token *key) {
    seine_json_skip_blanks(scan);
    if (scan->p >= scan->end || *scan->p != '"')
        return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p, "expected a key in quotes");
    if (!seine_json_take_text(scan, key)) return false;
    seine_json_skip_blanks(scan);
    if (scan->p >= scan->end || *scan->p != ':')
        return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p, "expected ':'");
    scan->p++;
    return true;
}

/* Recursion is bounded by SEINE_JSON_DEEPEST. */
static bool take_container(seine_json_scan *scan, int depth, seine_json_token *out) {
    const char *start = scan->p++;
    const bool is_object = *start == '{';
    const char close = is_object ? '}' : ']';
    if (depth >= SEINE_JSON_DEEPEST) return seine_json_wrong(scan, SEINE_JSON_TOO_DEEP, start, "nested too deep");
    seine_json_skip_blanks(scan);
    bool more = scan->p < scan->end && *scan->p != close;
    while (more) {
        seine_json_token inner;
        if (is_object && !seine_json_take_key(scan, &inner)) return false;
        if (!seine_json_take_value(scan, depth + 1, &inner)) return false;
        seine_json_skip_blanks(scan);
        more = scan->p < scan->end && *scan->p == ',';
        if (more) scan->p++;
    }
    if (scan->p >= scan->end || *scan->p != close)
        return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p, is_object ? "expected '}'" : "expected ']'");
    scan->p++;
    *out = (seine_json_token){.kind = is_object ? SEINE_JSON_OBJECT : SEINE_JSON_ARRAY,
                              .raw = {start, (size_t)(scan->p - start)}};
    return true;
}

bool seine_json_take_value(seine_json_scan *scan, int depth, seine_json_token *value) {
    seine_json_skip_blanks(scan);
    if (scan->p >= scan->end) return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->end, "unexpected end");
    const char first = *scan->p;
    if (first == '"') return seine_json_take_text(scan, value);
    if (first == '{' || first == '[') return take_container(scan, depth, value);
    return first == '-' || (first >= '0' && first <= '9') ? take_number(scan, value) : take_word(scan, value);
}
