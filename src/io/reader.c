/*
 * One reader, four kinds of file. Each kind gives "more text" through one function; what they share is a window of raw
 * bytes. Compressed streams may be several frames or members in a row, as split compressors write them. A zip is read
 * in places, by its library, through the same file.
 */
#include "io/reader.h"

#include "base/hash.h"
#include "base/try.h"
#include "io/file.h"
#include "io/foreign.h"
#include "io/local/local.h"

#include <errno.h>
#include <inttypes.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>
#include <zstd.h>

#define WINDOW_BYTES ((size_t)256 * 1024)
#define NAME_BYTES 1024

typedef enum kind { KIND_PLAIN, KIND_ZSTD, KIND_GZIP, KIND_ZIP } kind;

struct seine_reader {
    char *path;
    char *name; /* for messages */
    kind kind;
    bool is_stdin, takes_xml;
    seine_str memory;       /* the bytes themselves; data NULL: they are not there */
    seine_file_random file; /* of anything else */
    uint64_t at;            /* in it, of the window's end; of a zip, where its library reads */
    seine_status fault;     /* of reading a zip's bytes; `why` tells, not the library */
    seine_error why;
    uint8_t *window;
    size_t window_size, window_pos;
    bool raw_end, member_taken, mid_frame;
    bool behind_frame; /* a stream or frame has ended: another one or padding follows */
    bool text_begun;   /* the text of the member was looked at */
    uint64_t done, total;
    uint64_t plain, packed; /* bytes that came out, packed bytes of zip members so far */
    seine_reader_limits limits;
    ZSTD_DStream *zstd;
    z_stream gzip;
    bool gzip_ready;
    zip_t *zip;
    zip_file_t *member;
    zip_int64_t next_member;
    char member_name[NAME_BYTES];
    char member_label[2 * NAME_BYTES]; /* the archive's name with it, for messages; "" = none is open */
};

/* What a message is about: the file, or the member of it that is being read. */
static const char *label(const seine_reader *reader) {
    return reader->member_label[0] != '\0' ? reader->member_label : reader->name;
}

/* The next bytes, *size of them at most; 0 = there are no more. */
static seine_status read_raw(seine_reader *reader, void *bytes, size_t *size, seine_error *error) {
    if (reader->is_stdin) {
        ssize_t got;
        do got = read(STDIN_FILENO, bytes, *size);
        while (got < 0 && errno == EINTR);
        if (got < 0) return seine_fail(error, SEINE_E_IO, "%s: cannot read: %s", reader->path, strerror(errno));
        *size = (size_t)got;
        return SEINE_OK;
    }
    const uint64_t left = reader->total - reader->at;
    if (*size > left) *size = (size_t)left;
    if (reader->memory.data != NULL)
        memcpy(bytes, reader->memory.data + reader->at, *size);
    else if (*size > 0)
        SEINE_TRY(seine_file_random_read(&reader->file, reader->at, bytes, *size, error));
    reader->at += *size;
    return SEINE_OK;
}

static seine_status fill_window(seine_reader *reader, seine_error *error) {
    size_t got = WINDOW_BYTES;
    SEINE_TRY(read_raw(reader, reader->window, &got, error));
    reader->window_pos = 0;
    reader->window_size = got;
    reader->raw_end = got == 0;
    reader->done += got;
    return SEINE_OK;
}

static seine_status corrupt(const seine_reader *reader, const char *what, seine_error *error) {
    return seine_fail(error, SEINE_E_FORMAT, "%s: corrupt archive: %s", label(reader), what);
}

/* ---- what the bytes are ---- */

static kind kind_of_bytes(const uint8_t *bytes, size_t size) {
    if (size >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0) return KIND_ZIP;
    if (size >= 4 && memcmp(bytes, "PK\x05\x06", 4) == 0) return KIND_ZIP; /* a zip without members */
    if (size >= 4 && memcmp(bytes, "\x28\xB5\x2F\xFD", 4) == 0) return KIND_ZSTD;
    /* A skippable frame, with which parallel compressors begin. */
    if (size >= 4 && (bytes[0] & 0xF0) == 0x50 && memcmp(bytes + 1, "\x2A\x4D\x18", 3) == 0) return KIND_ZSTD;
    if (size >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B) return KIND_GZIP;
    return KIND_PLAIN;
}

/* What is neither text nor an archive read here says so. */
static seine_status check_foreign(const seine_reader *reader, const uint8_t *bytes, size_t size, seine_error *error) {
    const seine_foreign *foreign = seine_foreign_of(bytes, size);
    if (foreign != NULL && !(foreign->is_xml && reader->takes_xml))
        return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: %s: %s", label(reader), foreign->what, foreign->advice);
    return SEINE_OK;
}

/* The first bytes of a text. Only the first line says what it is: a stray NUL further down spoils its own field. */
static seine_status check_text(const seine_reader *reader, const uint8_t *bytes, size_t size, seine_error *error) {
    const seine_status status = check_foreign(reader, bytes, size, error);
    if (status != SEINE_OK || size == 0) return status;
    const uint8_t *line_end = memchr(bytes, '\n', size);
    if (memchr(bytes, 0, line_end != NULL ? (size_t)(line_end - bytes) : size) != NULL)
        return seine_fail(error, SEINE_E_FORMAT, "%s: neither text nor a zip, zstd or gzip archive", label(reader));
    return SEINE_OK;
}

/* Whether the first line is nothing but text: an archive that lost its first bytes is not. */
static bool is_text_line(const uint8_t *bytes, size_t size) {
    const uint8_t *end = memchr(bytes, '\n', size);
    const seine_str line = {(const char *)bytes, end != NULL ? (size_t)(end - bytes) : size};
    for (size_t i = 0; i < line.size; i++)
        if (bytes[i] < 0x20 && bytes[i] != '\t' && bytes[i] != '\r') return false;
    return seine_str_is_utf8(line);
}

/* The bytes say what a file is. Its name is asked only when they say nothing, for the message. */
static seine_status check_kind(const seine_reader *reader, seine_error *error) {
    static const struct {
        const char *ending, *article;
    } endings[] = {{".zip", "a zip"}, {".zst", "a zstd"}, {".gz", "a gzip"}};
    if (reader->window_size == 0 && !reader->is_stdin) /* which may hold nothing, as a text may */
        return seine_fail(error, SEINE_E_FORMAT, "%s: empty file", reader->name);
    if (reader->kind != KIND_PLAIN) return SEINE_OK;
    SEINE_TRY(check_foreign(reader, reader->window, reader->window_size, error));
    for (size_t i = 0; i < 3 && !is_text_line(reader->window, reader->window_size); i++)
        if (seine_str_ends_with_nocase(seine_str_of(reader->name), seine_str_of(endings[i].ending)))
            return seine_fail(error, SEINE_E_FORMAT, "%s: neither text nor %s archive, whatever its name says",
                              reader->name, endings[i].article);
    return check_text(reader, reader->window, reader->window_size, error);
}

/* ---- opening ---- */

seine_reader_limits seine_reader_limits_default(void) {
    return (seine_reader_limits){.plain_bytes = (uint64_t)1 << 40, .ratio = 1000, .ratio_from = (uint64_t)64 << 20};
}

void seine_reader_limit(seine_reader *reader, const seine_reader_limits *limits) { reader->limits = *limits; }

/* What the library has no memory for is not corrupt, nor is what could not be read. */
static seine_status zip_fault(const seine_reader *reader, zip_error_t *why, seine_error *error) {
    if (reader->fault != SEINE_OK) return seine_fail(error, reader->fault, "%s", reader->why.text);
    return zip_error_code_zip(why) == ZIP_ER_MEMORY ? seine_no_memory(error, label(reader))
                                                    : corrupt(reader, zip_error_strerror(why), error);
}

static zip_int64_t zip_read_bytes(seine_reader *reader, void *data, zip_uint64_t size) {
    size_t got = (size_t)size;
    const seine_status status = read_raw(reader, data, &got, &reader->why);
    if (status == SEINE_OK) return (zip_int64_t)got;
    reader->fault = status;
    return -1;
}

static zip_int64_t zip_seek_to(seine_reader *reader, void *data, zip_uint64_t size, zip_error_t *why) {
    const zip_int64_t to = zip_source_seek_compute_offset(reader->at, reader->file.size, data, size, why);
    if (to < 0) return -1;
    reader->at = (uint64_t)to;
    return 0;
}

/* The bytes of a zip as its library asks for them (zip_source_function). */
static zip_int64_t serve_zip(void *context, void *data, zip_uint64_t size, zip_source_cmd_t what) {
    seine_reader *reader = context;
    zip_error_t why;
    zip_int64_t done = 0;
    zip_error_init(&why);
    switch (what) {
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_SUPPORTS, ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK,
                                              ZIP_SOURCE_TELL, -1);
    case ZIP_SOURCE_OPEN: reader->at = 0; break;
    case ZIP_SOURCE_READ: done = zip_read_bytes(reader, data, size); break;
    case ZIP_SOURCE_TELL: done = (zip_int64_t)reader->at; break;
    case ZIP_SOURCE_SEEK: done = zip_seek_to(reader, data, size, &why); break;
    case ZIP_SOURCE_STAT: {
        zip_stat_t *stat = data;
        zip_stat_init(stat);
        stat->size = reader->file.size;
        stat->valid |= ZIP_STAT_SIZE;
        return sizeof *stat;
    }
    case ZIP_SOURCE_ERROR:
        zip_error_set(&why, reader->fault != SEINE_OK ? ZIP_ER_READ : ZIP_ER_INVAL, 0);
        done = zip_error_to_data(&why, data, size);
        break;
    default: break;
    }
    zip_error_fini(&why);
    return done;
}

static seine_status open_zip(seine_reader *reader, seine_error *error) {
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_function_create(serve_zip, reader, &why);
    reader->zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    if (reader->zip == NULL && source != NULL) zip_source_free(source);
    const seine_status status = reader->zip != NULL ? SEINE_OK : zip_fault(reader, &why, error);
    zip_error_fini(&why);
    return status;
}

static seine_status open_decoder(seine_reader *reader, seine_error *error) {
    if (reader->kind == KIND_ZIP) return open_zip(reader, error);
    if (reader->kind == KIND_ZSTD) {
        reader->zstd = ZSTD_createDStream();
        if (reader->zstd == NULL) return seine_no_memory(error, label(reader));
        (void)ZSTD_DCtx_setParameter(reader->zstd, ZSTD_d_windowLogMax, SEINE_READER_WINDOW_LOG);
    }
    if (reader->kind == KIND_GZIP) {
        if (inflateInit2(&reader->gzip, 15 + 16) != Z_OK) return seine_no_memory(error, label(reader));
        reader->gzip_ready = true;
    }
    return SEINE_OK;
}

/* The first bytes, of standard input those that were read before. */
static seine_status fill_first(seine_reader *reader, const seine_standard_input *head, seine_error *error) {
    if (head == NULL) return fill_window(reader, error);
    memcpy(reader->window, head->head, head->size);
    reader->window_size = (size_t)(reader->done = head->size);
    reader->raw_end = head->size == 0;
    return SEINE_OK;
}

/* Where the bytes come from: a file, memory, or neither, which is standard input. */
typedef struct origin {
    const char *path;
    seine_str memory;
    bool takes_xml;
    const seine_standard_input *head; /* of standard input; NULL = nothing was read of it */
} origin;

static seine_status open_origin(seine_reader *reader, const origin *from, seine_error *error) {
    if (!reader->is_stdin && from->memory.data == NULL)
        SEINE_TRY(seine_file_random_open(reader->path, &reader->file, error));
    reader->total = from->memory.data != NULL ? from->memory.size : reader->file.size;
    return fill_first(reader, from->head, error);
}

static seine_status open_bytes(const origin *from, const char *name, seine_reader **out, seine_error *error) {
    seine_reader *reader = calloc(1, sizeof *reader);
    if (reader != NULL) {
        reader->is_stdin = from->path == NULL && from->memory.data == NULL;
        reader->takes_xml = from->takes_xml;
        reader->memory = from->memory;
        reader->file.descriptor = -1;
        reader->limits = seine_reader_limits_default();
        reader->path = strdup(from->path != NULL ? from->path : name);
        reader->name = strdup(seine_file_name(name));
        reader->window = malloc(WINDOW_BYTES);
    }
    if (reader == NULL || reader->path == NULL || reader->name == NULL || reader->window == NULL) {
        seine_reader_close(reader);
        return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", name);
    }
    seine_status status = open_origin(reader, from, error);
    reader->kind = kind_of_bytes(reader->window, reader->window_size);
    if (status == SEINE_OK) status = check_kind(reader, error);
    if (status == SEINE_OK) status = open_decoder(reader, error);
    if (status != SEINE_OK) {
        seine_reader_close(reader);
        return status;
    }
    *out = reader;
    return SEINE_OK;
}

seine_status seine_reader_open(const char *path, seine_reader **reader, seine_error *error) {
    return seine_reader_open_as(path, path, reader, error);
}

static seine_status open_plain(const char *path, const char *name, bool takes_xml, seine_reader **reader,
                               seine_error *error) {
    seine_file_info info;
    SEINE_TRY(seine_file_stat(path, &info, error));
    if (info.kind == SEINE_FILE_NONE) return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no such file", path);
    if (info.kind != SEINE_FILE_PLAIN) return seine_fail(error, SEINE_E_FORMAT, "%s: not a plain file", path);
    return open_bytes(&(origin){.path = path, .takes_xml = takes_xml}, name, reader, error);
}

seine_status seine_reader_open_as(const char *path, const char *name, seine_reader **reader, seine_error *error) {
    return open_plain(path, name, false, reader, error);
}

seine_status seine_reader_open_xml(const char *path, const char *name, seine_reader **reader, seine_error *error) {
    return open_plain(path, name, true, reader, error);
}

seine_status seine_reader_open_memory(seine_str bytes, const char *name, seine_reader **reader, seine_error *error) {
    return open_bytes(&(origin){.memory = bytes}, name, reader, error);
}

seine_status seine_reader_open_stdin(const seine_standard_input *head, seine_reader **reader, seine_error *error) {
    const seine_status status = open_bytes(&(origin){.head = head}, SEINE_STANDARD_INPUT_NAME, reader, error);
    if (status == SEINE_OK && (*reader)->kind == KIND_ZIP) {
        seine_reader_close(*reader);
        return seine_fail(error, SEINE_E_UNSUPPORTED, "standard input: a zip archive needs a file, not a pipe");
    }
    return status;
}

/* ---- members ---- */

/* Resource forks are attributes of a file and named like it. */
static bool is_fork(const char *entry) {
    const char *base = strrchr(entry, '/');
    base = base != NULL ? base + 1 : entry;
    return strncmp(base, "._", 2) == 0 || strncmp(entry, "__MACOSX/", 9) == 0 || strstr(entry, "/__MACOSX/") != NULL;
}

static bool is_text_member(const char *entry) {
    static const char *const endings[] = {".csv", ".json", ".jsonl", ".ndjson"};
    if (entry == NULL || is_fork(entry)) return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (seine_str_ends_with_nocase(seine_str_of(entry), seine_str_of(endings[i]))) return true;
    return false;
}

static bool is_archive_name(const char *entry) {
    static const char *const endings[] = {".gz", ".zst", ".zip"};
    for (size_t i = 0; i < 3; i++)
        if (seine_str_ends_with_nocase(seine_str_of(entry), seine_str_of(endings[i]))) return true;
    return false;
}

/* An archive without anything to read says what it has. */
static seine_status no_member(const seine_reader *reader, zip_int64_t count, seine_error *error) {
    enum { SHOWN = 5 };
    char list[400] = "";
    int shown = 0;
    bool is_nested = false;
    for (zip_int64_t i = 0; i < count && shown < SHOWN; i++) {
        const char *entry = zip_get_name(reader->zip, (zip_uint64_t)i, 0);
        const size_t used = strlen(list);
        if (entry == NULL || is_fork(entry)) continue;
        snprintf(list + used, sizeof list - used, "%s%.64s", shown++ > 0 ? ", " : "; it has ", entry);
        is_nested = is_nested || is_archive_name(entry);
    }
    return seine_fail(error, SEINE_E_FORMAT, "%s: no .csv or .json member in the archive%s%s%s", reader->name,
                      list[0] != '\0' ? list : ": it is empty", count > SHOWN && shown == SHOWN ? " …" : "",
                      is_nested ? ": an archive in an archive is not read, unpack this one and ingest that" : "");
}

/* A member that cannot be unpacked here is not corrupt: the message says by what it was packed. */
static seine_status check_member(const seine_reader *reader, const char *entry, const zip_stat_t *stat,
                                 seine_error *error) {
    const bool has_method = (stat->valid & ZIP_STAT_COMP_METHOD) != 0;
    if ((stat->valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat->encryption_method != ZIP_EM_NONE)
        return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: member %s is encrypted: unpack it and ingest the .csv",
                          reader->name, entry);
    if (has_method && !zip_compression_method_supported(stat->comp_method, 0))
        return seine_fail(error, SEINE_E_UNSUPPORTED,
                          "%s: member %s is packed by method %d (%s), which is not read here: unpack it, then ingest "
                          "the .csv, or pack it again with zip",
                          reader->name, entry, stat->comp_method, seine_zip_method_name(stat->comp_method));
    return SEINE_OK;
}

static seine_status open_member(seine_reader *reader, const char *entry, seine_error *error) {
    zip_stat_t stat;
    const zip_uint64_t index = (zip_uint64_t)reader->next_member;
    if (zip_stat_index(reader->zip, index, 0, &stat) != 0) return zip_fault(reader, zip_get_error(reader->zip), error);
    snprintf(reader->member_name, sizeof reader->member_name, "%s", entry);
    SEINE_TRY(check_member(reader, entry, &stat, error));
    snprintf(reader->member_label, sizeof reader->member_label, "%s: %s", reader->name, entry);
    reader->member = zip_fopen_index(reader->zip, index, 0);
    if (reader->member == NULL) return zip_fault(reader, zip_get_error(reader->zip), error);
    if ((stat.valid & ZIP_STAT_COMP_SIZE) != 0) reader->packed += stat.comp_size;
    reader->member_taken = true;
    reader->text_begun = false;
    return SEINE_OK;
}

static seine_status next_zip_member(seine_reader *reader, const char **name, seine_error *error) {
    if (reader->member != NULL) zip_fclose(reader->member);
    reader->member = NULL;
    reader->member_name[0] = reader->member_label[0] = '\0';
    const zip_int64_t count = zip_get_num_entries(reader->zip, 0);
    if (count > SEINE_READER_MEMBERS)
        return seine_fail(error, SEINE_E_LIMIT, "%s: %" PRId64 " members, at most %d are read", reader->name,
                          (int64_t)count, SEINE_READER_MEMBERS);
    for (; reader->next_member < count; reader->next_member++) {
        const char *entry = zip_get_name(reader->zip, (zip_uint64_t)reader->next_member, 0);
        if (!is_text_member(entry)) continue;
        SEINE_TRY(open_member(reader, entry, error));
        reader->next_member++;
        *name = reader->member_name;
        return SEINE_OK;
    }
    return reader->member_taken ? SEINE_OK : no_member(reader, count, error);
}

seine_status seine_reader_member(seine_reader *reader, const char **name, seine_error *error) {
    *name = NULL;
    if (reader->kind == KIND_ZIP) return next_zip_member(reader, name, error);
    if (!reader->member_taken) *name = reader->name;
    reader->member_taken = true;
    return SEINE_OK;
}

const char *seine_reader_one_of_several(const seine_reader *reader) {
    if (reader->kind != KIND_ZIP || reader->member_name[0] == '\0') return NULL;
    const zip_int64_t count = zip_get_num_entries(reader->zip, 0);
    int texts = 0;
    for (zip_int64_t i = 0; i < count && texts < 2; i++)
        texts += is_text_member(zip_get_name(reader->zip, (zip_uint64_t)i, 0));
    return texts > 1 ? reader->member_name : NULL;
}

/* ---- text ---- */

static seine_status read_plain(seine_reader *reader, uint8_t *bytes, size_t capacity, size_t *size,
                               seine_error *error) {
    const size_t there = reader->window_size - reader->window_pos;
    *size = there < capacity ? there : capacity;
    memcpy(bytes, reader->window + reader->window_pos, *size);
    reader->window_pos += *size;
    (void)error;
    return SEINE_OK;
}

/* A frame that asks for more memory than is given is not corrupt. The library has no stable codes for this. */
static seine_status zstd_fault(const seine_reader *reader, const char *what, seine_error *error) {
    if (strstr(what, "too much memory") != NULL)
        return seine_fail(error, SEINE_E_LIMIT,
                          "%s: its zstd window is longer than %d MiB: pack it again with zstd --long=%d or less",
                          label(reader), 1 << (SEINE_READER_WINDOW_LOG - 20), SEINE_READER_WINDOW_LOG);
    if (strstr(what, "not enough memory") != NULL)
        return seine_fail(error, SEINE_E_NOMEM, "%s: there is no memory for its zstd window (at most %d MiB)",
                          label(reader), 1 << (SEINE_READER_WINDOW_LOG - 20));
    return corrupt(reader, what, error);
}

static seine_status read_zstd(seine_reader *reader, uint8_t *bytes, size_t capacity, size_t *size, seine_error *error) {
    ZSTD_inBuffer in = {reader->window, reader->window_size, reader->window_pos};
    ZSTD_outBuffer out = {bytes, capacity, 0};
    const size_t left = ZSTD_decompressStream(reader->zstd, &out, &in);
    if (ZSTD_isError(left)) return zstd_fault(reader, ZSTD_getErrorName(left), error);
    reader->window_pos = in.pos;
    reader->behind_frame = left == 0;
    reader->mid_frame = left != 0;
    *size = out.pos;
    return SEINE_OK;
}

static seine_status read_gzip(seine_reader *reader, uint8_t *bytes, size_t capacity, size_t *size, seine_error *error) {
    z_stream *stream = &reader->gzip;
    if (!reader->mid_frame && inflateReset(stream) != Z_OK) return corrupt(reader, "cannot start", error);
    stream->next_in = reader->window + reader->window_pos;
    stream->avail_in = (uInt)(reader->window_size - reader->window_pos);
    stream->next_out = bytes;
    stream->avail_out = (uInt)(capacity < UINT32_MAX ? capacity : UINT32_MAX);
    const uInt room = stream->avail_out;
    const int code = inflate(stream, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) return seine_no_memory(error, label(reader));
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR && reader->behind_frame)
        return corrupt(reader, "what stands behind its end is neither padding nor another stream", error);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return corrupt(reader, stream->msg != NULL ? stream->msg : "bad data", error);
    /* Ten bytes are the shortest header; once more came, an error is one of the stream. */
    if (stream->total_out > 0) reader->behind_frame = false;
    if (code == Z_STREAM_END) reader->behind_frame = true;
    reader->window_pos = reader->window_size - stream->avail_in;
    reader->mid_frame = code != Z_STREAM_END;
    *size = room - stream->avail_out;
    return SEINE_OK;
}

static seine_status read_zip(seine_reader *reader, uint8_t *bytes, size_t capacity, size_t *size, seine_error *error) {
    const zip_int64_t got = zip_fread(reader->member, bytes, capacity);
    if (got < 0) return zip_fault(reader, zip_file_get_error(reader->member), error);
    *size = (size_t)got;
    return SEINE_OK;
}

/*
 * Has raw bytes in the window unless the file has ended. NULs between and behind streams are padding, as tapes and
 * block devices leave it.
 */
static seine_status next_bytes(seine_reader *reader, seine_error *error) {
    for (;;) {
        while (reader->behind_frame && !reader->mid_frame && reader->window_pos < reader->window_size &&
               reader->window[reader->window_pos] == 0)
            reader->window_pos++;
        if (reader->window_pos < reader->window_size || reader->raw_end) return SEINE_OK;
        SEINE_TRY(fill_window(reader, error));
    }
}

/* Some text, or *size 0 when there is none left. */
static seine_status read_some(seine_reader *reader, uint8_t *bytes, size_t capacity, size_t *size, seine_error *error) {
    if (reader->kind == KIND_ZIP) return read_zip(reader, bytes, capacity, size, error);
    for (*size = 0;;) {
        SEINE_TRY(next_bytes(reader, error));
        if (reader->raw_end && !reader->mid_frame) return SEINE_OK;
        seine_status status = reader->kind == KIND_ZSTD   ? read_zstd(reader, bytes, capacity, size, error)
                              : reader->kind == KIND_GZIP ? read_gzip(reader, bytes, capacity, size, error)
                                                          : read_plain(reader, bytes, capacity, size, error);
        if (status != SEINE_OK || *size > 0) return status;
        /* No input is left and the decoder holds nothing back: the frame should have ended. */
        if (reader->raw_end && reader->mid_frame) return corrupt(reader, "truncated", error);
    }
}

static seine_status check_limits(const seine_reader *reader, seine_error *error) {
    const seine_reader_limits *limits = &reader->limits;
    const uint64_t packed = reader->kind == KIND_ZIP ? reader->packed : reader->done;
    if (reader->plain > limits->plain_bytes)
        return seine_fail(error, SEINE_E_LIMIT, "%s: more than %" PRIu64 " bytes come out, which is the most",
                          label(reader), limits->plain_bytes);
    if (reader->kind == KIND_PLAIN || reader->plain <= limits->ratio_from || reader->plain / limits->ratio < packed)
        return SEINE_OK;
    return seine_fail(error, SEINE_E_LIMIT,
                      "%s: %" PRIu64 " bytes of text came out of %" PRIu64 " packed bytes, at most %" PRIu64
                      " to 1 are unpacked: unpack it yourself if it is what it should be",
                      label(reader), reader->plain, packed, limits->ratio);
}

seine_status seine_reader_read(seine_reader *reader, void *bytes, size_t capacity, size_t *size, seine_error *error) {
    seine_status status = SEINE_OK;
    *size = 0;
    while (status == SEINE_OK && *size < capacity) {
        size_t got = 0;
        status = read_some(reader, (uint8_t *)bytes + *size, capacity - *size, &got, error);
        if (status != SEINE_OK || got == 0) break;
        *size += got;
        reader->plain += got;
        status = check_limits(reader, error);
    }
    if (status != SEINE_OK || reader->text_begun) return status;
    reader->text_begun = true;
    return check_text(reader, bytes, *size, error);
}

void seine_reader_position(const seine_reader *reader, uint64_t *done, uint64_t *total) {
    *done = reader->done;
    *total = reader->total;
}

void seine_reader_close(seine_reader *reader) {
    if (reader == NULL) return;
    if (reader->member != NULL) zip_fclose(reader->member);
    if (reader->zip != NULL) zip_discard(reader->zip);
    if (reader->gzip_ready) inflateEnd(&reader->gzip);
    ZSTD_freeDStream(reader->zstd);
    if (!reader->is_stdin) seine_file_random_close(&reader->file);
    free(reader->window);
    free(reader->path);
    free(reader->name);
    free(reader);
}

/* ---- copying ---- */

typedef struct copying {
    const char *to;
    int out; /* -1 = none */
    seine_sha256 *sha;
    uint64_t bytes;
} copying;

static seine_status hash_piece(void *context, const void *bytes, size_t size, seine_error *error) {
    copying *c = context;
    seine_sha256_update(c->sha, bytes, size);
    c->bytes += size;
    return c->out >= 0 ? seine_local_write(c->out, c->to, bytes, size, error) : SEINE_OK;
}

seine_status seine_file_hash(const char *from, const char *to, char sha256[65], uint64_t *bytes, seine_error *error) {
    copying c = {to, -1, seine_sha256_new(), 0};
    seine_status status = SEINE_OK;
    if (c.sha == NULL) return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", from);
    if (to != NULL) c.out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (to != NULL && c.out < 0) status = seine_fail(error, SEINE_E_IO, "%s: cannot create: %s", to, strerror(errno));
    if (status == SEINE_OK) status = seine_file_stream(from, hash_piece, &c, error);
    if (c.out >= 0 && close(c.out) != 0 && status == SEINE_OK)
        status = seine_fail(error, SEINE_E_IO, "%s: cannot write: %s", to, strerror(errno));
    *bytes = c.bytes;
    seine_sha256_finish(c.sha, status == SEINE_OK ? sha256 : NULL);
    if (status != SEINE_OK && c.out >= 0) unlink(to);
    return status;
}
