#include "io/standard_input.h"

#include "base/try.h"
#include "io/file.h"

#include <errno.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)256 << 10)

/* *size: as many bytes as there is room for, fewer only at the end. */
static seine_status read_some(void *bytes, size_t room, const seine_progress *progress, size_t *size,
                              seine_error *error) {
    *size = 0;
    while (*size < room) {
        const ssize_t got = read(STDIN_FILENO, (char *)bytes + *size, room - *size);
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return seine_fail(error, SEINE_E_IO, SEINE_STANDARD_INPUT_NAME ": cannot read: %s", strerror(errno));
        if (got == 0) break;
        *size += (size_t)got;
    }
    return SEINE_OK;
}

/* Other XML, such as a page that a server sent, is none. */
static bool is_gpx(const seine_standard_input *input) {
    seine_str text = {input->head, input->size};
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) text = (seine_str){text.data + 3, text.size - 3};
    text = seine_str_strip(text);
    return text.size > 0 && text.data[0] == '<' && memmem(text.data, text.size, "<gpx", 4) != NULL;
}

seine_status seine_standard_input_begin(seine_standard_input *input, seine_error *error) {
    SEINE_TRY(read_some(input->head, sizeof input->head, NULL, &input->size, error));
    const bool is_parquet = input->size >= 4 && memcmp(input->head, "PAR1", 4) == 0;
    input->form = is_parquet      ? SEINE_STANDARD_INPUT_PARQUET
                  : is_gpx(input) ? SEINE_STANDARD_INPUT_GPX
                                  : SEINE_STANDARD_INPUT_TEXT;
    return SEINE_OK;
}

static seine_status copy(const seine_standard_input *input, uint64_t most_bytes, const seine_progress *progress,
                         seine_file_writer *writer, seine_error *error) {
    seine_buf piece SEINE_OWNED(seine_buf_free);
    seine_buf_init(&piece, PIECE_BYTES);
    if (seine_buf_reserve(&piece, PIECE_BYTES) != SEINE_OK) return seine_no_memory(error, SEINE_STANDARD_INPUT_NAME);
    SEINE_TRY(seine_file_writer_append(writer, input->head, input->size, error));
    for (size_t size = PIECE_BYTES; size == PIECE_BYTES;) {
        SEINE_TRY(read_some(piece.data, PIECE_BYTES, progress, &size, error));
        if (seine_file_writer_size(writer) + size > most_bytes)
            return seine_fail(error, SEINE_E_LIMIT,
                              SEINE_STANDARD_INPUT_NAME ": more than %llu bytes that are no text; give a file",
                              (unsigned long long)most_bytes);
        SEINE_TRY(seine_file_writer_append(writer, piece.data, size, error));
    }
    return SEINE_OK;
}

seine_status seine_standard_input_keep(const seine_standard_input *input, uint64_t most_bytes,
                                       const seine_progress *progress, seine_arena *arena, const char **path,
                                       seine_error *error) {
    seine_file_writer *writer SEINE_OWNED(seine_file_writer_abort_owned) = NULL;
    char *folder = NULL;
    SEINE_TRY(seine_file_scratch(NULL, "", arena, &folder, error));
    char *near = seine_file_join(arena, folder, "standard_input");
    char *made = near != NULL ? seine_file_temp_name(arena, near) : NULL;
    if (made == NULL) return seine_no_memory(error, SEINE_STANDARD_INPUT_NAME);
    SEINE_TRY(seine_file_writer_open(made, &writer, error));
    SEINE_TRY(copy(input, most_bytes, progress, writer, error));
    SEINE_TRY(seine_file_writer_commit(SEINE_TAKE(writer), SEINE_FILE_NEW, error));
    *path = made;
    return SEINE_OK;
}
