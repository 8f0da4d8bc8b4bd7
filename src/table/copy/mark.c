/* Whose half a copy a target is: two lines for the copy, its source and where its catalog is to be, and one for the run
 * that is at it. Of two runs the later one goes on, and the other one ends before it removes or publishes anything. */
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/copy/internal.h"

#define MARK_MAX_BYTES ((size_t)64 * 1024)

static seine_status no_memory(seine_error *error) { return seine_no_memory(error, "copying a lake"); }

seine_status seine_copy_make_mark(seine_copy *copy, seine_error *error) {
    const char *catalog = "";
    char run[37];
    if (copy->options->catalog != NULL) {
        char *absolute = NULL;
        SEINE_TRY(seine_db_address(copy->options->catalog, &copy->arena, &catalog, error));
        if (!seine_db_is_remote(catalog)) SEINE_TRY(seine_file_absolute(catalog, &copy->arena, &absolute, error));
        if (absolute != NULL) catalog = absolute;
    }
    SEINE_TRY(seine_uuid4(run, error));
    copy->mark = seine_file_join(&copy->arena, copy->to, SEINE_COPY_MARK);
    copy->mark_text = seine_arena_printf(&copy->arena, "%s\n%s\n%s\n", copy->from, catalog, run);
    return copy->mark != NULL && copy->mark_text != NULL ? SEINE_OK : no_memory(error);
}

/* @p found receives the bytes of the mark; none when there is no mark. */
static seine_status read_mark(const seine_copy *copy, seine_buf *found, seine_error *error) {
    seine_file_info info;
    seine_buf_init(found, MARK_MAX_BYTES);
    SEINE_TRY(seine_file_stat(copy->mark, &info, error));
    return info.kind == SEINE_FILE_NONE ? SEINE_OK : seine_file_read(copy->mark, found, error);
}

seine_status seine_copy_find_mark(seine_copy *copy, bool *is_ours, seine_error *error) {
    seine_buf found SEINE_OWNED(seine_buf_free) = {0};
    *is_ours = false;
    SEINE_TRY(read_mark(copy, &found, error));
    if (found.size == 0) return SEINE_OK;
    const size_t size = strlen(copy->mark_text) - 37; /* without the run */
    *is_ours = found.size >= size && memcmp(found.data, copy->mark_text, size) == 0;
    if (*is_ours) return SEINE_OK;
    return seine_fail(
        error, SEINE_E_EXISTS,
        "%s holds half a copy of another lake, or one with another --catalog (%s says which): go on with that"
        " one, or remove it",
        copy->to, copy->mark);
}

seine_status seine_copy_put_mark(const seine_copy *copy, seine_error *error) {
    return seine_file_write(copy->mark, copy->mark_text, strlen(copy->mark_text),
                            copy->catalog.goes_on ? SEINE_FILE_REPLACE : SEINE_FILE_NEW, error);
}

seine_status seine_copy_is_ours(seine_copy *copy, seine_error *error) {
    seine_buf found SEINE_OWNED(seine_buf_free) = {0};
    const char *file = NULL, *address = NULL;
    SEINE_TRY(read_mark(copy, &found, error));
    SEINE_TRY(seine_catalog_find(copy->to, &copy->arena, &file, &address, error));
    if (file == NULL && seine_str_equal(seine_buf_str(&found), seine_str_of(copy->mark_text))) return SEINE_OK;
    return seine_fail(error, SEINE_E_BUSY, "another run of the same copy is at %s: this one ends", copy->to);
}
