/*
 * Bytes are gathered until a token is whole: a text up to the next "<", or what begins with it up to its end. What has
 * been looked at for that end is not looked at again.
 */
#include "decode/xml.h"

#include <stdlib.h>
#include <string.h>

struct seine_xml {
    seine_xml_sink sink;
    seine_buf pending; /* bytes of no whole token yet */
    seine_buf names;   /* of the open elements, one behind the other */
    seine_buf values;  /* of the tag at hand, entities resolved */
    size_t begins[SEINE_XML_DEEPEST + 1];
    size_t depth, seen; /* seen: bytes of pending that were searched */
    char quote;         /* of a tag: inside of which the search stands; 0 = none */
    uint64_t line;
    bool has_root, has_begun;
};

seine_xml *seine_xml_new(const seine_xml_sink *sink) {
    seine_xml *xml = calloc(1, sizeof *xml);
    if (xml == NULL) return NULL;
    xml->sink = *sink;
    xml->line = 1;
    seine_buf_init(&xml->pending, 2 * SEINE_XML_TOKEN_MAX_BYTES + ((size_t)1 << 30));
    seine_buf_init(&xml->names, SEINE_XML_DEEPEST * SEINE_XML_TOKEN_MAX_BYTES);
    seine_buf_init(&xml->values, SEINE_XML_TOKEN_MAX_BYTES);
    return xml;
}

void seine_xml_free(seine_xml *xml) {
    if (xml == NULL) return;
    seine_buf_free(&xml->pending);
    seine_buf_free(&xml->names);
    seine_buf_free(&xml->values);
    free(xml);
}

static seine_status wrong(const seine_xml *xml, seine_status status, const char *why, seine_error *error) {
    return seine_fail(error, status, "line %llu: %s", (unsigned long long)xml->line, why);
}

/* ---- pieces of a tag ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

static void skip_blanks(seine_str *text) {
    while (text->size > 0 && is_blank(*text->data)) *text = (seine_str){text->data + 1, text->size - 1};
}

static seine_str take_name(seine_str *text) {
    size_t size = 0;
    while (size < text->size && !is_blank(text->data[size]) && strchr("=/>'\"<&", text->data[size]) == NULL) size++;
    const seine_str name = {text->data, size};
    *text = (seine_str){text->data + size, text->size - size};
    return name;
}

/* Without its prefix. */
static seine_str local(seine_str name) {
    const char *colon = name.size > 0 ? memrchr(name.data, ':', name.size) : NULL;
    return colon != NULL ? (seine_str){colon + 1, name.size - (size_t)(colon + 1 - name.data)} : name;
}

static size_t put_utf8(uint32_t code, char bytes[4]) {
    if (code < 0x80) {
        bytes[0] = (char)code;
        return 1;
    }
    const size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size; i-- > 1; code >>= 6) bytes[i] = (char)(0x80 | (code & 0x3F));
    bytes[0] = (char)(leads[size] | code);
    return size;
}

/* 16 = none. */
static uint32_t digit_of(char c) {
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
    const char small = (char)(c | 32);
    return small >= 'a' && small <= 'f' ? (uint32_t)(small - 'a' + 10) : 16;
}

/* "#65", "#x41"; 0 = none that XML allows. */
static uint32_t character_of(seine_str name) {
    const uint32_t base = name.size > 1 && name.data[1] == 'x' ? 16 : 10;
    const size_t from = base == 16 ? 2 : 1;
    uint32_t code = 0;
    if (name.size <= from || name.size > from + 7) return 0;
    for (size_t i = from; i < name.size; i++) {
        const uint32_t digit = digit_of(name.data[i]);
        if (digit >= base) return 0;
        code = code * base + digit;
    }
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    return is_surrogate || code > 0x10FFFF || (code < 0x20 && !is_blank((char)code)) ? 0 : code;
}

/* What stands for an entity. @return its bytes; 0 = it is none. */
static size_t resolve(seine_str name, char bytes[4]) {
    static const struct {
        const char *name;
        char means;
    } known[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (seine_str_equal(name, seine_str_of(known[i].name))) {
            bytes[0] = known[i].means;
            return 1;
        }
    const uint32_t code = name.size > 0 && name.data[0] == '#' ? character_of(name) : 0;
    return code != 0 ? put_utf8(code, bytes) : 0;
}

/* Appends a text with its entities resolved. */
static seine_status plain(const seine_xml *xml, seine_str text, seine_buf *out, seine_error *error) {
    while (text.size > 0) {
        const char *amp = memchr(text.data, '&', text.size);
        const size_t before = amp != NULL ? (size_t)(amp - text.data) : text.size;
        SEINE_TRY(seine_buf_append(out, text.data, before));
        if (amp == NULL) return SEINE_OK;
        const char *end = memchr(amp, ';', text.size - before);
        char bytes[4];
        const size_t size = end != NULL ? resolve((seine_str){amp + 1, (size_t)(end - amp - 1)}, bytes) : 0;
        if (size == 0) return wrong(xml, SEINE_E_FORMAT, "an & that is no entity of XML", error);
        SEINE_TRY(seine_buf_append(out, bytes, size));
        text = (seine_str){end + 1, text.size - before - (size_t)(end + 1 - amp)};
    }
    return SEINE_OK;
}

/* ---- tags ---- */

/* NAME = "VALUE"; the value's bytes come to be in xml->values, whose memory may move: @p at is where they begin. */
static seine_status take_attribute(seine_xml *xml, seine_str *rest, seine_str *name, size_t *at, seine_error *error) {
    *name = local(take_name(rest));
    skip_blanks(rest);
    if (name->size == 0 || rest->size < 2 || rest->data[0] != '=')
        return wrong(xml, SEINE_E_FORMAT, "an attribute without a value", error);
    *rest = (seine_str){rest->data + 1, rest->size - 1};
    skip_blanks(rest);
    const char quote = rest->size > 0 ? rest->data[0] : 0;
    const char *end = quote == '"' || quote == '\'' ? memchr(rest->data + 1, quote, rest->size - 1) : NULL;
    if (end == NULL) return wrong(xml, SEINE_E_FORMAT, "a value of an attribute without quotes", error);
    const seine_str value = {rest->data + 1, (size_t)(end - rest->data - 1)};
    if (memchr(value.data, '<', value.size) != NULL) return wrong(xml, SEINE_E_FORMAT, "a < in a value", error);
    *at = xml->values.size;
    *rest = (seine_str){end + 1, rest->size - (size_t)(end + 1 - rest->data)};
    return plain(xml, value, &xml->values, error);
}

static seine_status close_element(seine_xml *xml, seine_str name, seine_error *error) {
    if (xml->depth == 0) return wrong(xml, SEINE_E_FORMAT, "an element ends that has not begun", error);
    const size_t begin = xml->begins[xml->depth - 1];
    const seine_str open = {(const char *)xml->names.data + begin, xml->names.size - begin};
    if (!seine_str_equal(open, name)) return wrong(xml, SEINE_E_FORMAT, "an element ends within another one", error);
    SEINE_TRY(xml->sink.end(xml->sink.context, local(open), error));
    xml->names.size = begin;
    xml->depth--;
    return SEINE_OK;
}

static seine_status open_element(seine_xml *xml, seine_str tag, seine_error *error) {
    seine_xml_attribute attributes[SEINE_XML_ATTRIBUTES_MAX];
    size_t begins[SEINE_XML_ATTRIBUTES_MAX + 1], count = 0;
    const bool is_empty = tag.size > 0 && tag.data[tag.size - 1] == '/';
    seine_str rest = {tag.data, tag.size - is_empty};
    const seine_str name = take_name(&rest);
    if (name.size == 0) return wrong(xml, SEINE_E_FORMAT, "a < that begins no element", error);
    if (xml->depth == 0 && xml->has_root) return wrong(xml, SEINE_E_FORMAT, "something behind the last element", error);
    if (xml->depth == SEINE_XML_DEEPEST) return wrong(xml, SEINE_E_LIMIT, "nested deeper than 64", error);
    seine_buf_clear(&xml->values);
    for (skip_blanks(&rest); rest.size > 0; skip_blanks(&rest)) {
        if (count == SEINE_XML_ATTRIBUTES_MAX) return wrong(xml, SEINE_E_LIMIT, "more than 64 attributes", error);
        SEINE_TRY(take_attribute(xml, &rest, &attributes[count].name, &begins[count], error));
        count++;
    }
    begins[count] = xml->values.size;
    for (size_t i = 0; i < count; i++)
        attributes[i].value = (seine_str){(const char *)xml->values.data + begins[i], begins[i + 1] - begins[i]};
    xml->has_root = true;
    xml->begins[xml->depth++] = xml->names.size;
    SEINE_TRY(seine_buf_append(&xml->names, name.data, name.size));
    SEINE_TRY(xml->sink.start(xml->sink.context, local(name), attributes, count, error));
    return is_empty ? close_element(xml, name, error) : SEINE_OK;
}

/* ---- tokens ---- */

/* `<?xml version="1.0" encoding="…"?>`; other instructions say nothing to us. */
static seine_status check_instruction(seine_xml *xml, seine_str text, seine_error *error) {
    static const char *const known[] = {"utf-8", "utf8", "us-ascii", "ascii"};
    if (text.size <= 3 || memcmp(text.data, "xml", 3) != 0 || !is_blank(text.data[3])) return SEINE_OK;
    seine_str rest = {text.data + 3, text.size - 3}, name = {NULL, 0};
    size_t at = 0;
    seine_buf_clear(&xml->values);
    for (skip_blanks(&rest); rest.size > 0 && !seine_str_equal(name, SEINE_STR("encoding")); skip_blanks(&rest))
        SEINE_TRY(take_attribute(xml, &rest, &name, &at, error));
    if (!seine_str_equal(name, SEINE_STR("encoding"))) return SEINE_OK;
    const seine_str value = {(const char *)xml->values.data + at, xml->values.size - at};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (seine_str_equal_nocase(value, seine_str_of(known[i]))) return SEINE_OK;
    return wrong(xml, SEINE_E_UNSUPPORTED, "an encoding that is not UTF-8: make it UTF-8 first", error);
}

static seine_status check_utf8(const seine_xml *xml, seine_str text, const char *why, seine_error *error) {
    return seine_str_is_utf8(text) ? SEINE_OK : wrong(xml, SEINE_E_FORMAT, why, error);
}

static seine_status take_text(seine_xml *xml, seine_str text, bool is_plain, seine_error *error) {
    SEINE_TRY(check_utf8(xml, text, "text that is not UTF-8", error));
    if (xml->depth == 0) {
        skip_blanks(&text);
        return text.size == 0 ? SEINE_OK : wrong(xml, SEINE_E_FORMAT, "a text outside of the elements", error);
    }
    if (is_plain) return xml->sink.text(xml->sink.context, text, error);
    seine_buf_clear(&xml->values);
    SEINE_TRY(plain(xml, text, &xml->values, error));
    return xml->sink.text(xml->sink.context, seine_buf_str(&xml->values), error);
}

/* Forms of what begins with "<", the longer ones first. */
static const struct form {
    const char *begin, *end;
} forms[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<!", ">"}, {"<?", "?>"}, {"</", ">"}, {"<", ">"}};
enum { COMMENT, CDATA, DECLARATION, INSTRUCTION, END_TAG, START_TAG, FORMS };

/* *form FORMS: more bytes have to tell. */
static void find_form(seine_str text, bool is_end, size_t *form) {
    for (*form = 0; *form < FORMS; (*form)++) {
        const size_t size = strlen(forms[*form].begin), common = text.size < size ? text.size : size;
        if (memcmp(text.data, forms[*form].begin, common) != 0) continue;
        if (common < size && !is_end) *form = FORMS;
        if (common == size || !is_end) return;
    }
}

/* The end of a start tag: the first ">" outside of quotes. */
static const char *tag_end(seine_xml *xml, seine_str text) {
    for (size_t i = xml->seen; i < text.size; i++) {
        const char c = text.data[i];
        if (xml->quote != 0)
            xml->quote = c == xml->quote ? '\0' : xml->quote;
        else if (c == '"' || c == '\'')
            xml->quote = c;
        else if (c == '>')
            return text.data + i;
    }
    return NULL;
}

/* @return the first byte of its end, or NULL: it is not there yet. */
static const char *form_end(seine_xml *xml, seine_str text, size_t form) {
    const size_t begin = strlen(forms[form].begin), size = strlen(forms[form].end);
    if (xml->seen < begin) xml->seen = begin;
    if (form == START_TAG) return tag_end(xml, text);
    const size_t from = xml->seen > begin + size ? xml->seen - size : begin;
    return from < text.size ? memmem(text.data + from, text.size - from, forms[form].end, size) : NULL;
}

static seine_status take_form(seine_xml *xml, seine_str text, size_t form, seine_error *error) {
    switch (form) {
    case CDATA: return take_text(xml, text, true, error);
    case DECLARATION: return wrong(xml, SEINE_E_FORMAT, "a document type, which is not read here", error);
    case INSTRUCTION: return check_instruction(xml, text, error);
    case START_TAG:
        SEINE_TRY(check_utf8(xml, text, "a name or an attribute that is not UTF-8", error));
        return open_element(xml, text, error);
    case END_TAG: {
        seine_str rest = text;
        const seine_str name = take_name(&rest);
        skip_blanks(&rest);
        return rest.size == 0 ? close_element(xml, name, error)
                              : wrong(xml, SEINE_E_FORMAT, "something behind the name of an element that ends", error);
    }
    default: return SEINE_OK;
    }
}

/* The next token. *size: its bytes; 0 = more are needed. */
static seine_status take_token(seine_xml *xml, seine_str text, bool is_end, size_t *size, seine_error *error) {
    size_t form = START_TAG;
    *size = 0;
    if (*text.data != '<') {
        const char *end = text.size > xml->seen ? memchr(text.data + xml->seen, '<', text.size - xml->seen) : NULL;
        if (end == NULL && !is_end) return SEINE_OK;
        *size = end != NULL ? (size_t)(end - text.data) : text.size;
        return take_text(xml, (seine_str){text.data, *size}, false, error);
    }
    find_form(text, is_end, &form);
    const char *end = form < FORMS ? form_end(xml, text, form) : NULL;
    if (end == NULL) return SEINE_OK;
    const size_t begin = strlen(forms[form].begin);
    *size = (size_t)(end - text.data) + strlen(forms[form].end);
    return take_form(xml, (seine_str){text.data + begin, (size_t)(end - text.data) - begin}, form, error);
}

static void count_lines(seine_xml *xml, seine_str text) {
    for (const char *at = text.data; (at = memchr(at, '\n', text.size - (size_t)(at - text.data))) != NULL; at++)
        xml->line++;
}

/* All whole tokens of what is pending. */
static seine_status take_tokens(seine_xml *xml, bool is_end, seine_error *error) {
    size_t at = 0;
    const seine_str all = seine_buf_str(&xml->pending);
    if (!xml->has_begun && all.size >= 3 && memcmp(all.data, "\xEF\xBB\xBF", 3) == 0) at = 3;
    xml->has_begun = xml->has_begun || all.size >= 3;
    while (at < all.size) {
        const seine_str rest = {all.data + at, all.size - at};
        size_t size = 0;
        SEINE_TRY(take_token(xml, rest, is_end, &size, error));
        if (size > SEINE_XML_TOKEN_MAX_BYTES || (size == 0 && rest.size > SEINE_XML_TOKEN_MAX_BYTES))
            return wrong(xml, SEINE_E_LIMIT, "more than a MiB in one piece", error);
        xml->seen = size == 0 ? rest.size : 0;
        if (size == 0) break;
        xml->quote = '\0';
        count_lines(xml, (seine_str){rest.data, size});
        at += size;
    }
    memmove(xml->pending.data, xml->pending.data + at, xml->pending.size - at);
    xml->pending.size -= at;
    return SEINE_OK;
}

seine_status seine_xml_take(seine_xml *xml, const void *bytes, size_t size, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    seine_status status = seine_buf_append(&xml->pending, bytes, size);
    if (status == SEINE_OK && xml->pending.size > 0) status = take_tokens(xml, size == 0, &why);
    if (status == SEINE_OK && size == 0 && (xml->pending.size > 0 || xml->depth > 0 || !xml->has_root))
        status = wrong(xml, SEINE_E_FORMAT, xml->has_root ? "it ends before its elements do" : "no XML", &why);
    if (status == SEINE_OK) return SEINE_OK;
    if (strncmp(why.text, "line ", 5) == 0) return seine_fail(error, status, "%s", why.text);
    if (why.text[0] != '\0') return wrong(xml, status, why.text, error); /* of the sink */
    return wrong(xml, status, status == SEINE_E_LIMIT ? "more than a MiB in one piece" : "out of memory", error);
}
