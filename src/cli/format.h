/** @file cli/format.h  The form of a file of output: what --format says, else the ending of its name. */
#ifndef SEINE_CLI_FORMAT_H
#define SEINE_CLI_FORMAT_H

#include "seine/status.h"

/**
 * Chooses among the forms that a command has.
 * @param known their names with blanks between ("csv json parquet"), as --format takes them.
 * @param given what --format says, NULL = nothing.
 * @param path the file, NULL or "-" = standard output.
 * @param fallback the form without @p given on standard output.
 * @param name receives one of the known names, static.
 * @return OK; E_USAGE for an unknown form or ending, with the known ones.
 */
SEINE_MUST_USE seine_status seine_format_choose(const char *known, const char *given, const char *path,
                                                const char *fallback, const char **name, seine_error *error);

#endif
