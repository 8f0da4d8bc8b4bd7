/* Lists of files: nothing here touches a table. */
#include "table/changed_files.h"

#include "base/array.h"
#include "base/try.h"
#include "io/file.h"

#include <stdlib.h>

seine_status seine_changed_files_add(seine_changed_files *files, const seine_data_file *file) {
    const seine_status status =
        SEINE_ARRAY_ROOM(files->added, files->added_count, files->added_capacity, 1, SEINE_CHANGED_FILES_MAX);
    if (status == SEINE_OK)
        files->added[files->added_count++] = *file;
    else
        seine_best_effort(seine_file_remove(file->path, NULL));
    return status;
}

seine_status seine_changed_files_remove(seine_changed_files *files, const char *path) {
    const seine_status status =
        SEINE_ARRAY_ROOM(files->removed, files->removed_count, files->removed_capacity, 1, SEINE_CHANGED_FILES_MAX);
    if (status == SEINE_OK) files->removed[files->removed_count++] = path;
    return status;
}

void seine_changed_files_discard(const seine_changed_files *files) {
    /* What cannot be removed is an orphan, which the next clean-up finds. */
    for (size_t i = 0; i < files->added_count; i++) seine_best_effort(seine_file_remove(files->added[i].path, NULL));
}

void seine_changed_files_free(seine_changed_files *files) {
    free(files->added);
    free(files->removed);
    *files = (seine_changed_files){0};
}
