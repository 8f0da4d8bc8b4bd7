/* Files that commands write. */
#include "cli/target.h"

seine_file_mode seine_target_mode(const seine_args *args, bool is_typed) {
    return is_typed || seine_args_flag(args, "force") ? SEINE_FILE_REPLACE : SEINE_FILE_NEW;
}

seine_status seine_target_check(const char *path, seine_file_mode mode, seine_error *error) {
    if (mode == SEINE_FILE_REPLACE || !seine_file_exists(path)) return SEINE_OK;
    return seine_fail(error, SEINE_E_EXISTS, "%s is there already: name another file with -o, or --force to replace it",
                      path);
}
