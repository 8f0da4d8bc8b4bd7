/**
 * @file cli/target.h
 * Files that commands write. One rule: a name that the user typed is replaced, as a shell's `>` does; a name that the
 * program made up is only taken when it is free, so that no output of another command is lost, unless --force.
 */
#ifndef SEINE_CLI_TARGET_H
#define SEINE_CLI_TARGET_H

#include "cli/options.h"
#include "io/file.h"

/** How a file is published: see above. @p args must have the option --force. */
seine_file_mode seine_target_mode(const seine_args *args, bool is_typed);
/**
 * Refuses a name that is taken, before the work. @return OK, E_EXISTS naming the way out, as seine_file_publish will
 * again when another process is quicker.
 */
SEINE_MUST_USE seine_status seine_target_check(const char *path, seine_file_mode mode, seine_error *error);

#endif
