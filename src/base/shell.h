/** @file base/shell.h  Texts as words of a shell, for commands that are printed to be run. */
#ifndef SEINE_BASE_SHELL_H
#define SEINE_BASE_SHELL_H

#include "base/arena.h"

/**
 * @p text as one word of a POSIX shell: as it is when no byte of it means anything to a shell, else in single quotes.
 * @return in @p arena, or NULL when out of memory.
 */
char *seine_shell_word(const char *text, seine_arena *arena);

#endif
