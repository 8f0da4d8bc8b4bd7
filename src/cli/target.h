/**
 * @file cli/target.h
 * Files that commands write. One rule: a name that the user typed is replaced, as a shell's `>` does; a name that the
 * program made up is only taken when it is free, so that no output of another command is lost, unless --force. Two
 * kinds of file are never replaced: those of a lake, and those which the same command reads or writes already.
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

typedef enum seine_target_role {
    SEINE_TARGET_READ,
    SEINE_TARGET_WRITE,  /**< a plain file, or one that is made */
    SEINE_TARGET_APPEND, /**< anything that can be written to */
    SEINE_TARGET_FOLDER  /**< files are made in it; only looked at for lakes */
} seine_target_role;

typedef struct seine_target_file {
    const char *option; /**< "--input", for messages */
    const char *path;   /**< NULL = none, "-" = standard input or output */
    seine_target_role role;
} seine_target_file;

/**
 * Looks at all files that one command names, before it opens any: refuses what is written within a lake (any folder
 * above it holds catalog.db with seine.yaml or silver; symbolic links followed), to something that is no plain file,
 * and two names of one file (by device and inode, or by folder and name when it is not there yet), standard input
 * included. Linear but for one sort. @return OK, E_USAGE naming both options and the way out, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_targets_check(const seine_target_file *files, size_t count, seine_error *error);

/** Makes the bucket in which @p lake is to lie. @return OK, E_USAGE (it is no address), E_EXISTS (somebody else's),
 * E_IO.
 */
SEINE_MUST_USE seine_status seine_target_make_bucket(const char *lake, seine_error *error);

#endif
