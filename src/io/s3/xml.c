/* One pass from tag to tag; what is no element (declarations, comments) is passed over. */
#include "io/s3/xml.h"

#include <stdlib.h>

static seine_str rest_of(const seine_xml *xml) {
    return (seine_str){xml->text.data + xml->pos, xml->text.size - xml->pos};
}

static bool begins(seine_str text, const char *with) {
    const size_t size = strlen(with);
    return text.size >= size && memcmp(text.data, with, size) == 0;
}

/* Passes over everything up to and with @p end. */
static bool skip_past(seine_xml *xml, const char *end) {
    const seine_str rest = rest_of(xml);
    const char *at = rest.size > 0 ? memmem(rest.data, rest.size, end, strlen(end)) : NULL;
    if (at == NULL) return false;
    xml->pos += (size_t)(at - rest.data) + strlen(end);
    return true;
}

/* The name in a tag, without a prefix and attributes. */
static seine_str name_of(seine_str tag) {
    size_t size = 0, from = 0;
    while (size < tag.size && strchr(" \t\r\n/", tag.data[size]) == NULL) size++;
    for (size_t i = 0; i < size; i++)
        if (tag.data[i] == ':') from = i + 1;
    return (seine_str){tag.data + from, size - from};
}

static void end_element(seine_xml *xml, seine_str text, seine_xml_element *element) {
    xml->depth--;
    *element = (seine_xml_element){.name = xml->open[xml->depth], .text = text};
    if (xml->depth > 0) element->parent = xml->open[xml->depth - 1];
}

/* Takes a tag. *ended: an element is complete. @p text stands before it. */
static seine_status take_tag(seine_xml *xml, seine_str tag, seine_str text, seine_xml_element *element, bool *ended) {
    *ended = true;
    if (tag.size > 0 && tag.data[0] == '/') {
        const seine_str name = name_of((seine_str){tag.data + 1, tag.size - 1});
        if (xml->depth == 0 || !seine_str_equal(name, xml->open[xml->depth - 1])) return SEINE_E_FORMAT;
        end_element(xml, text, element);
        return SEINE_OK;
    }
    const seine_str name = name_of(tag);
    if (name.size == 0) return SEINE_E_FORMAT;
    if (xml->depth == SEINE_XML_DEEPEST) return SEINE_E_LIMIT;
    xml->open[xml->depth++] = name;
    *ended = tag.data[tag.size - 1] == '/';
    if (*ended) end_element(xml, (seine_str){text.data, 0}, element);
    return SEINE_OK;
}

seine_status seine_xml_next(seine_xml *xml, seine_xml_element *element) {
    *element = (seine_xml_element){0};
    for (bool ended = false; !ended;) {
        const size_t text_from = xml->pos;
        const seine_str rest = rest_of(xml);
        const char *open = rest.size > 0 ? memchr(rest.data, '<', rest.size) : NULL;
        if (open == NULL) return xml->depth == 0 ? SEINE_OK : SEINE_E_FORMAT;
        xml->pos += (size_t)(open - rest.data);
        const seine_str text = {xml->text.data + text_from, xml->pos - text_from}, here = rest_of(xml);
        const bool is_remark = begins(here, "<?") || begins(here, "<!");
        if (!skip_past(xml, begins(here, "<!--") ? "-->" : ">")) return SEINE_E_FORMAT;
        const seine_str tag = {here.data + 1, (size_t)(xml->text.data + xml->pos - here.data) - 2};
        const seine_status status = is_remark ? SEINE_OK : take_tag(xml, tag, text, element, &ended);
        if (status != SEINE_OK) return status;
    }
    return SEINE_OK;
}

/* Appends a character by its number as UTF-8. */
static size_t put_character(unsigned long code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (char)(first[more] | code >> (6 * more));
    for (size_t i = 1; i <= more; i++) out[i] = (char)(0x80 | (code >> (6 * (more - i)) & 63));
    return more + 1;
}

/* @return bytes of the entity at the start of @p text, 0 = none that is known; *size bytes are written. */
static size_t read_entity(seine_str text, char *out, size_t *size) {
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (size_t i = 0; i < 5; i++) {
        if (!begins(text, names[i])) continue;
        *out = "&<>\"'"[i];
        *size = 1;
        return strlen(names[i]);
    }
    char digits[12];
    size_t n = 2;
    const bool is_hex = begins(text, "&#x");
    if (!begins(text, "&#")) return 0;
    for (n += is_hex; n < text.size && n < sizeof digits - 1 && text.data[n] != ';'; n++) continue;
    if (n == text.size || text.data[n] != ';') return 0;
    const size_t from = is_hex ? 3 : 2;
    memcpy(digits, text.data + from, n - from);
    digits[n - from] = '\0';
    char *end = NULL;
    const unsigned long code = strtoul(digits, &end, is_hex ? 16 : 10);
    if (n == from || *end != '\0' || code == 0 || code > 0x10ffff) return 0;
    *size = put_character(code, out);
    return n + 1;
}

char *seine_xml_text(seine_str text, seine_arena *arena) {
    char *out = seine_arena_alloc(arena, text.size + 1); /* an entity is longer than what it stands for */
    size_t n = 0;
    for (size_t i = 0; out != NULL && i < text.size;) {
        size_t written = 0;
        const size_t taken =
            text.data[i] == '&' ? read_entity((seine_str){text.data + i, text.size - i}, out + n, &written) : 0;
        if (taken == 0) {
            out[n++] = text.data[i++];
            continue;
        }
        n += written;
        i += taken;
    }
    return out;
}

seine_str seine_xml_find(seine_str document, const char *name) {
    seine_xml xml = {.text = document};
    seine_xml_element element;
    while (seine_xml_next(&xml, &element) == SEINE_OK && element.name.size > 0)
        if (seine_str_equal(element.name, seine_str_of(name))) return element.text;
    return (seine_str){NULL, 0};
}
