/*
 * Files on their way, several at a time. Each is read once, as it is now, and compared on the way with what the ledger
 * has of it. A store takes nothing but what was sent (io/s3: each request is signed with its SHA-256); what is written
 * to a disk is read again.
 */
#include "base/threads.h"
#include "base/try.h"
#include "io/file.h"
#include "io/reader.h"
#include "io/store/store.h"
#include "table/copy/internal.h"

#include <stdlib.h>

#define SHA256_DIGITS 64

/* ---- what is there ---- */

static int by_name(const void *key, const void *entry) { return strcmp(key, ((const seine_file_entry *)entry)->name); }

/* The sum of a file's bytes, of the kind that @p like is. */
static seine_status read_sum(const char *path, const char *like, char sum[65], seine_error *error) {
    uint64_t size = 0;
    int64_t bytes = 0;
    seine_hash128 checksum = {0, 0};
    if (strlen(like) == SHA256_DIGITS) return seine_file_hash(path, NULL, sum, &size, error);
    SEINE_TRY(seine_file_checksum(path, &bytes, &checksum, error));
    seine_hash128_hex(checksum, sum);
    return SEINE_OK;
}

seine_status seine_copy_is_there(const seine_copy *copy, const seine_copied_file *file, bool *is_there,
                                 seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    char wanted[65], found[65] = "";
    *is_there = false;
    const seine_file_entry *entry =
        copy->there_count == 0 ? NULL
                               : bsearch(file->name, copy->there, copy->there_count, sizeof *copy->there, by_name);
    if (entry == NULL || (int64_t)entry->info.size != file->bytes) return SEINE_OK;
    const char *from = seine_file_join(&arena, copy->from, file->name);
    const char *to = seine_file_join(&arena, copy->to, file->name);
    if (from == NULL || to == NULL) return seine_no_memory(error, file->name);
    memcpy(wanted, file->sum, sizeof wanted);
    if (wanted[0] == '\0') SEINE_TRY(read_sum(from, "", wanted, error));
    SEINE_TRY(seine_file_told_sum(to, found, error));
    if (strlen(found) != strlen(wanted)) SEINE_TRY(read_sum(to, wanted, found, error));
    *is_there = strcmp(found, wanted) == 0;
    return SEINE_OK;
}

/* ---- one file ---- */

typedef struct sending {
    seine_copy *copy;
    seine_file_writer *writer;
    seine_sha256 *sha; /* NULL: the checksum of the writer is enough */
} sending;

static void count_bytes(seine_copy *copy, uint64_t bytes) {
    (void)pthread_mutex_lock(&copy->mutex);
    copy->done_bytes += bytes;
    seine_progress_report(copy->options->progress, "copying", copy->done_bytes, copy->all_bytes);
    (void)pthread_mutex_unlock(&copy->mutex);
}

static seine_status send_piece(void *context, const void *bytes, size_t size, seine_error *error) {
    const sending *s = context;
    if (seine_progress_stopped(s->copy->options->progress))
        return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    if (s->sha != NULL) seine_sha256_update(s->sha, bytes, size);
    SEINE_TRY(seine_file_writer_append(s->writer, bytes, size, error));
    count_bytes(s->copy, size);
    return SEINE_OK;
}

/* What came, against what the ledger has of the file. Ends the SHA-256. */
static seine_status check_source(sending *s, const seine_copied_file *file, seine_error *error) {
    char found[65];
    const uint64_t size = seine_file_writer_size(s->writer);
    if (s->sha != NULL)
        seine_sha256_finish(s->sha, found);
    else
        seine_hash128_hex(seine_file_writer_checksum(s->writer), found);
    s->sha = NULL;
    if (file->bytes >= 0 && size != (uint64_t)file->bytes)
        return seine_fail(error, SEINE_E_FORMAT, "%s/%s has %llu bytes, not %lld: seine verify tells more",
                          s->copy->from, file->name, (unsigned long long)size, (long long)file->bytes);
    if (file->sum[0] == '\0' || strcmp(found, file->sum) == 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT,
                      "%s/%s has other bytes than were written (checksum): seine verify tells more", s->copy->from,
                      file->name);
}

seine_status seine_copy_read_back(const char *path, seine_hash128 sent, seine_error *error) {
    int64_t bytes = 0;
    seine_hash128 found = {0, 0};
    if (seine_is_address(path)) return SEINE_OK;
    SEINE_TRY(seine_file_checksum(path, &bytes, &found, error));
    if (seine_hash128_equal(found, sent)) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "%s: other bytes are read than were written: look at the disk", path);
}

static seine_status send_file(seine_copy *copy, const seine_copied_file *file, const char *from, const char *to,
                              seine_error *error) {
    sending s = {.copy = copy};
    const bool wants_sha = strlen(file->sum) == SHA256_DIGITS;
    SEINE_TRY(seine_file_make_parent(to, error));
    SEINE_TRY(seine_file_writer_open(to, &s.writer, error));
    seine_file_writer_tell(s.writer, file->sum);
    if (wants_sha) s.sha = seine_sha256_new();
    seine_status status =
        wants_sha && s.sha == NULL ? seine_no_memory(error, to) : seine_file_stream(from, send_piece, &s, error);
    if (status == SEINE_OK)
        status = check_source(&s, file, error);
    else if (s.sha != NULL)
        seine_sha256_finish(s.sha, NULL);
    if (status != SEINE_OK) {
        seine_file_writer_abort(s.writer);
        return status;
    }
    const seine_hash128 sent = seine_file_writer_checksum(s.writer);
    SEINE_TRY(seine_file_writer_commit(s.writer, SEINE_FILE_REPLACE, error));
    return seine_copy_read_back(to, sent, error);
}

static seine_status transfer_one(void *context, size_t member, size_t index, seine_error *error) {
    seine_copy *copy = context;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_copied_file *file = (const seine_copied_file *)copy->files.items + index;
    bool is_there = false;
    (void)member;
    if (file->is_kept) return SEINE_OK;
    SEINE_TRY(seine_copy_is_there(copy, file, &is_there, error));
    const char *from = seine_file_join(&arena, copy->from, file->name);
    const char *to = seine_file_join(&arena, copy->to, file->name);
    if (from == NULL || to == NULL) return seine_no_memory(error, file->name);
    if (!is_there) return send_file(copy, file, from, to, error);
    count_bytes(copy, (uint64_t)file->bytes);
    (void)pthread_mutex_lock(&copy->mutex);
    copy->report->there++;
    (void)pthread_mutex_unlock(&copy->mutex);
    return SEINE_OK;
}

/* ---- all of them ---- */

/* What an attempt before this one has left: temporary files, files of a state that was the source's then, uploads. */
static seine_status remove_others(const seine_copy *copy, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_file_entry *uploads = NULL;
    size_t count = 0;
    for (size_t i = 0; i < copy->there_count; i++) {
        if (seine_dict_find(&copy->names, seine_str_of(copy->there[i].name)) != SEINE_CODE_NULL) continue;
        const char *path = seine_file_join(&arena, copy->to, copy->there[i].name);
        if (path == NULL) return seine_no_memory(error, copy->to);
        SEINE_TRY(seine_file_remove(path, error));
    }
    SEINE_TRY(seine_file_list_unfinished(copy->to, &arena, &uploads, &count, error));
    for (size_t i = 0; i < count; i++) {
        const char *path = seine_file_join(&arena, copy->to, uploads[i].name);
        if (path == NULL) return seine_no_memory(error, copy->to);
        SEINE_TRY(seine_file_remove(path, error));
    }
    return SEINE_OK;
}

static void sum_up(seine_copy *copy) {
    const seine_copied_file *files = copy->files.items;
    copy->report->files = copy->files.count;
    for (size_t i = 0; i < copy->files.count; i++) {
        copy->report->bytes += files[i].bytes > 0 ? files[i].bytes : 0;
        if (!files[i].is_kept && files[i].bytes > 0) copy->all_bytes += (uint64_t)files[i].bytes;
    }
}

seine_status seine_copy_transfer(seine_copy *copy, seine_error *error) {
    const seine_progress *progress = copy->options->progress;
    const seine_progress only_stop = {.stop = progress != NULL ? progress->stop : NULL}; /* bytes are told, not files */
    const seine_thread_tasks files = {
        .task = transfer_one, .context = copy, .count = copy->files.count, .progress = &only_stop, .phase = "copying"};
    sum_up(copy);
    SEINE_TRY(seine_copy_is_ours(copy, error));
    SEINE_TRY(remove_others(copy, error));
    return seine_threads_each(copy->options->threads, &files, error);
}
