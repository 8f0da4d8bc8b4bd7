#include "ingest/gpx_text.h"

#include "base/try.h"
#include "decode/gpx.h"
#include "io/file.h"
#include "io/reader.h"

#define PIECE_BYTES ((size_t)1 << 20)
#define LINES_BYTES_MAX ((size_t)64 << 20) /* points that end in one piece */

static const char *const endings[] = {".gpx", ".gpx.gz", ".gpx.zst"};

bool seine_gpx_text_is(const char *name) {
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (seine_str_ends_with_nocase(seine_str_of(name), seine_str_of(endings[i]))) return true;
    return false;
}

/* "walk" of "walk.gpx.gz": what a track without a name is called. */
static char *stem_of(seine_arena *arena, const char *name) {
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (seine_str_ends_with_nocase(seine_str_of(name), seine_str_of(endings[i])))
            size = strlen(name) - strlen(endings[i]);
    return seine_arena_copy(arena, name, size > 0 ? size : strlen(name));
}

typedef struct turning {
    seine_reader *reader;
    seine_gpx *gpx;
    seine_buf piece, lines;
} turning;

static void turning_end(turning *t) {
    seine_reader_close(t->reader);
    seine_gpx_free(t->gpx);
    seine_buf_free(&t->piece);
    seine_buf_free(&t->lines);
}

static seine_status turn(turning *t, const seine_progress *progress, seine_file_writer *writer, seine_error *error) {
    for (size_t size = 1; size > 0;) {
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        SEINE_TRY(seine_reader_read(t->reader, t->piece.data, PIECE_BYTES, &size, error));
        seine_buf_clear(&t->lines);
        SEINE_TRY(seine_gpx_take(t->gpx, t->piece.data, size, &t->lines, error));
        SEINE_TRY(seine_file_writer_append(writer, t->lines.data, t->lines.size, error));
    }
    return seine_file_writer_size(writer) > 0 ? SEINE_OK
                                              : seine_fail(error, SEINE_E_FORMAT, "no track in it has a point");
}

seine_status seine_gpx_text_make(const char *name, const char *path, const char *to, const seine_progress *progress,
                                 seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    turning t SEINE_OWNED(turning_end) = {NULL};
    seine_file_writer *writer SEINE_OWNED(seine_file_writer_abort_owned) = NULL;
    const char *stem = stem_of(&arena, name), *member = NULL;
    seine_error why = {SEINE_OK, ""};
    seine_buf_init(&t.piece, PIECE_BYTES);
    seine_buf_init(&t.lines, LINES_BYTES_MAX);
    if (stem == NULL || seine_buf_reserve(&t.piece, PIECE_BYTES) != SEINE_OK) return seine_no_memory(error, name);
    t.gpx = seine_gpx_new(stem);
    if (t.gpx == NULL) return seine_no_memory(error, name);
    SEINE_TRY(seine_reader_open_xml(path, name, &t.reader, error));
    SEINE_TRY(seine_reader_member(t.reader, &member, error));
    SEINE_TRY(seine_file_writer_open(to, &writer, error));
    const seine_status status = turn(&t, progress, writer, &why);
    if (status == SEINE_OK) return seine_file_writer_commit(SEINE_TAKE(writer), SEINE_FILE_REPLACE, error);
    return seine_fail(error, status, "%s: %s", name, why.text);
}
