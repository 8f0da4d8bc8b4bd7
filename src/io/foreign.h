/** @file io/foreign.h  Names of what is no text and no archive read here, by its first bytes. Pure. */
#ifndef SEINE_IO_FOREIGN_H
#define SEINE_IO_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct seine_foreign {
    const char *what;   /**< "a bzip2 archive" */
    const char *advice; /**< what to do to have it read */
    bool is_xml;        /**< or HTML */
} seine_foreign;

/** @return what the bytes are, or NULL: text, one of our archives, or unknown. Looks at 512 bytes at most. */
const seine_foreign *seine_foreign_of(const uint8_t *bytes, size_t size);

/** @return the name of a compression method of zip (APPNOTE 4.4.5). */
const char *seine_zip_method_name(unsigned method);

#endif
