/* Comparisons and checks of borrowed byte strings; ASCII rules only, no locale. */
#include "base/str.h"

#include <stdint.h>

#define DISTANCE_MAX_BYTES 64

static char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; }

bool seine_str_equal_nocase(seine_str a, seine_str b) {
    if (a.size != b.size) return false;
    for (size_t i = 0; i < a.size; i++) {
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i])) return false;
    }
    return true;
}

bool seine_str_ends_with_nocase(seine_str text, seine_str ending) {
    if (text.size < ending.size) return false;
    if (ending.size == 0) return true;
    return seine_str_equal_nocase((seine_str){text.data + (text.size - ending.size), ending.size}, ending);
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

seine_str seine_str_strip(seine_str text) {
    while (text.size > 0 && is_space(text.data[text.size - 1])) text.size--;
    while (text.size > 0 && is_space(text.data[0])) {
        text.data++;
        text.size--;
    }
    return text;
}

seine_str seine_str_trim(seine_str text) {
    while (text.size > 0 && is_blank(text.data[text.size - 1])) text.size--;
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    return text;
}

/* @return bytes of the well-formed sequence at p (Unicode table 3-7), or 0. */
static size_t utf8_sequence(const unsigned char *p, size_t left) {
    const unsigned char lead = p[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (left < size) return 0;
    /* The second byte's range excludes overlong forms, surrogates and values beyond U+10FFFF. */
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < size; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
    }
    return size;
}

#define NOT_ASCII UINT64_C(0x8080808080808080)

bool seine_str_is_utf8(seine_str text) {
    const unsigned char *p = (const unsigned char *)text.data;
    size_t left = text.size;
    for (uint64_t words[4]; left >= sizeof words; p += sizeof words, left -= sizeof words) {
        memcpy(words, p, sizeof words);
        if (((words[0] | words[1] | words[2] | words[3]) & NOT_ASCII) != 0) break;
    }
    while (left > 0) {
        uint64_t word = 0;
        if (left >= sizeof word) {
            memcpy(&word, p, sizeof word);
            if ((word & NOT_ASCII) == 0) {
                p += sizeof word;
                left -= sizeof word;
                continue;
            }
        }
        const size_t size = utf8_sequence(p, left);
        if (size == 0) return false;
        p += size;
        left -= size;
    }
    return true;
}

size_t seine_str_distance(seine_str a, seine_str b) {
    if (a.size > DISTANCE_MAX_BYTES || b.size > DISTANCE_MAX_BYTES) return a.size > b.size ? a.size : b.size;
    size_t row[DISTANCE_MAX_BYTES + 1];
    for (size_t j = 0; j <= b.size; j++) row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            const size_t replace = diagonal + (a.data[i - 1] != b.data[j - 1]);
            diagonal = row[j];
            const size_t insert = row[j - 1] + 1;
            const size_t drop = row[j] + 1;
            const size_t least = insert < drop ? insert : drop;
            row[j] = replace < least ? replace : least;
        }
    }
    return row[b.size];
}
