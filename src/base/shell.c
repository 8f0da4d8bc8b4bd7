/* POSIX quoting: between single quotes every byte stands for itself, but for the quote. */
#include "base/shell.h"

static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_@%+=:,./-", c) != NULL);
}

char *seine_shell_word(const char *text, seine_arena *arena) {
    const size_t size = strlen(text);
    size_t quotes = 0;
    bool plain = size > 0;
    for (size_t i = 0; i < size; i++) {
        plain = plain && is_plain(text[i]);
        quotes += text[i] == '\'';
    }
    if (plain) return seine_arena_copy(arena, text, size);
    char *word = seine_arena_alloc(arena, size + 3 * quotes + 3);
    if (word == NULL) return NULL;
    char *out = word;
    *out++ = '\'';
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\'') {
            memcpy(out, "'\\'", 3);
            out += 3;
        }
        *out++ = text[i];
    }
    *out++ = '\'';
    return word;
}
