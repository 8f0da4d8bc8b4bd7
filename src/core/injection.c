/* One pass: every byte is a quote, a semicolon, part of a word, or what ends a word. */
#include "core/injection.h"

#include <stdbool.h>

/* INTO and ALL may follow their words, and change nothing. */
static const struct {
    const char *name;
    seine_str word; /* from SEINE_INJECTION_WORDS on */
} patterns[SEINE_INJECTION_COUNT] = {
    {"'...'", {NULL, 0}},
    {";", {NULL, 0}},
    {"ALTER", {"ALTER", 5}},
    {"CREATE", {"CREATE", 6}},
    {"DELETE", {"DELETE", 6}},
    {"DROP", {"DROP", 4}},
    {"EXEC", {"EXEC", 4}},
    {"EXECUTE", {"EXECUTE", 7}},
    {"INSERT [INTO]", {"INSERT", 6}},
    {"MERGE", {"MERGE", 5}},
    {"SELECT", {"SELECT", 6}},
    {"UPDATE", {"UPDATE", 6}},
    {"UNION [ALL]", {"UNION", 5}},
};

const char *seine_injection_name(unsigned pattern) { return patterns[pattern].name; }

/* Characters beyond ASCII that are no letters or digits: the blocks of blanks, punctuation, marks and signs. */
static const struct {
    uint32_t first, last;
} signs[] = {
    {0x80, 0xa9},     {0xab, 0xb1},     {0xb4, 0xb4},       {0xb6, 0xb8},       {0xbb, 0xbb},        {0xbf, 0xbf},
    {0xd7, 0xd7},     {0xf7, 0xf7},     {0x300, 0x36f},     {0x2000, 0x206f},   {0x20a0, 0x20ff},    {0x2190, 0x245f},
    {0x2500, 0x2775}, {0x2794, 0x2bff}, {0x2e00, 0x2e2e},   {0x2e30, 0x2e7f},   {0x3000, 0x3004},    {0x3008, 0x3020},
    {0x3030, 0x3030}, {0xd800, 0xf8ff}, {0xfe00, 0xfe6f},   {0xff01, 0xff0f},   {0xff1a, 0xff20},    {0xff3b, 0xff40},
    {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1f0ff}, {0x1f200, 0x1faff}, {0xe0000, 0x10ffff},
};

static bool is_sign(uint32_t character) {
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (character >= signs[i].first && character <= signs[i].last) return true;
    return false;
}

static bool is_ascii_letter(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* @return the bytes of the letter or digit at @p at, 0 = something else is there. */
static size_t letter_size(seine_str text, size_t at) {
    const unsigned char first = (unsigned char)text.data[at];
    if (first < 0x80) return is_ascii_letter(first);
    const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || size > text.size - at) return 0;
    uint32_t character = first & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        const unsigned char next = (unsigned char)text.data[at + i];
        if ((next & 0xc0) != 0x80) return 0;
        character = character << 6 | (next & 0x3f);
    }
    return is_sign(character) ? 0 : size;
}

static uint32_t find_word(seine_str word) {
    for (unsigned i = SEINE_INJECTION_WORDS; i < SEINE_INJECTION_COUNT; i++)
        if (seine_str_equal_nocase(word, patterns[i].word)) return 1U << i;
    return 0;
}

uint32_t seine_injection_find(seine_str text) {
    uint32_t found = 0;
    size_t quotes = 0;
    for (size_t at = 0; at < text.size;) {
        const size_t start = at;
        for (size_t size; at < text.size && (size = letter_size(text, at)) > 0;) at += size;
        if (at > start) {
            found |= find_word((seine_str){text.data + start, at - start});
            continue;
        }
        quotes += text.data[at] == '\'';
        if (text.data[at] == ';') found |= 1U << SEINE_INJECTION_SEMICOLON;
        at++;
    }
    return quotes > 1 ? found | 1U << SEINE_INJECTION_QUOTES : found;
}
