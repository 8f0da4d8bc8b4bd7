/* Bytes of reference files: text is unpacked into memory as a whole, Parquet is queried batch by batch. */
#include "ingest/reference/file.h"

#include "base/try.h"
#include "engine/engine.h"
#include "io/file.h"
#include "io/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEXT_MAX_BYTES ((size_t)2 << 30)
#define BLOCK_BYTES ((size_t)1 << 20)
#define SQL_MAX_BYTES ((size_t)4 << 20)

struct seine_reference_file {
    const char *name;
    seine_arena arena;
    seine_str *columns;
    size_t column_count;
    /* text */
    seine_buf text;
    seine_reference_text *reader;
    /* Parquet */
    seine_engine *engine;
    seine_query *query;
    seine_rows batch;
    size_t at; /* in the batch */
    int64_t row;
    seine_str *values;
};

/* ---- text ---- */

static seine_status read_member(seine_reference_file *f, seine_reader *reader, const seine_progress *progress,
                                seine_error *error) {
    for (;;) {
        size_t got = 0;
        uint64_t done = 0, total = 0;
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        const seine_status status = seine_buf_reserve(&f->text, BLOCK_BYTES);
        if (status == SEINE_E_LIMIT)
            return seine_fail(error, status, "%s: more than 2 GiB of text; give it in pieces or as Parquet", f->name);
        if (status != SEINE_OK) return seine_no_memory(error, f->name);
        SEINE_TRY(seine_reader_read(reader, f->text.data + f->text.size, BLOCK_BYTES, &got, error));
        if (got == 0) return SEINE_OK;
        f->text.size += got;
        seine_reader_position(reader, &done, &total);
        seine_progress_report(progress, "reading", done, total);
    }
}

static seine_status open_text(seine_reference_file *f, const char *path, const seine_progress *progress,
                              seine_error *error) {
    seine_reader *reader SEINE_OWNED(seine_reader_close_owned) = NULL;
    SEINE_TRY(seine_reader_open(path, &reader, error));
    for (;;) {
        const char *member = NULL;
        SEINE_TRY(seine_reader_member(reader, &member, error));
        if (member == NULL) break;
        SEINE_TRY(read_member(f, reader, progress, error));
    }
    return seine_reference_text_open(seine_buf_str(&f->text), f->name, &f->reader, error);
}

/* ---- Parquet ---- */

static seine_status put_quoted(seine_buf *sql, const char *text, char quote) {
    SEINE_TRY(seine_buf_append(sql, &quote, 1));
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == quote) SEINE_TRY(seine_buf_append(sql, p, 1));
        SEINE_TRY(seine_buf_append(sql, p, 1));
    }
    return seine_buf_append(sql, &quote, 1);
}

/* The engine takes patterns; a sign of one in brackets stands for itself. */
static char *plain_pattern(seine_arena *arena, const char *path) {
    char *pattern = seine_arena_alloc(arena, 3 * strlen(path) + 1);
    char *to = pattern;
    for (const char *p = path; pattern != NULL && *p != '\0'; p++) {
        const bool is_sign = strchr("*?[", *p) != NULL;
        if (is_sign) *to++ = '[';
        *to++ = *p;
        if (is_sign) *to++ = ']';
    }
    return pattern;
}

static seine_status put_from(seine_buf *sql, const char *pattern, const char *behind) {
    SEINE_TRY(seine_buf_append_str(sql, " FROM read_parquet("));
    SEINE_TRY(put_quoted(sql, pattern, '\''));
    SEINE_TRY(seine_buf_append_str(sql, ", hive_partitioning = false)"));
    return seine_buf_append_str(sql, behind);
}

/* The engine tells its statement below its message; the user did not write it. */
static seine_status start(seine_reference_file *f, seine_buf *sql, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    const char *text = seine_buf_text(sql);
    if (text == NULL) return seine_no_memory(error, f->name);
    const seine_status status = seine_query_start(f->engine, text, NULL, 0, &f->query, &why);
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status, "%s: %.*s", f->name, (int)strcspn(why.text, "\n"), why.text);
}

static seine_status learn_columns(seine_reference_file *f, seine_buf *sql) {
    f->column_count = seine_query_column_count(f->query);
    f->columns = SEINE_ARENA_ARRAY(&f->arena, seine_str, f->column_count);
    f->values = SEINE_ARENA_ARRAY(&f->arena, seine_str, f->column_count);
    if (f->columns == NULL || f->values == NULL) return SEINE_E_NOMEM;
    seine_buf_clear(sql);
    SEINE_TRY(seine_buf_append_str(sql, "SELECT "));
    for (size_t i = 0; i < f->column_count; i++) {
        const char *name = seine_query_column_name(f->query, i);
        f->columns[i] = seine_str_of(seine_arena_copy(&f->arena, name, strlen(name)));
        if (f->columns[i].data == NULL) return SEINE_E_NOMEM;
        if (i > 0) SEINE_TRY(seine_buf_append_str(sql, ", "));
        SEINE_TRY(put_quoted(sql, name, '"'));
        SEINE_TRY(seine_buf_append_str(sql, "::VARCHAR"));
    }
    return SEINE_OK;
}

static seine_status open_parquet(seine_reference_file *f, const char *path, seine_error *error) {
    /* One thread keeps the order of the rows. */
    const seine_engine_options options = {.threads = 1};
    const char *pattern = plain_pattern(&f->arena, path);
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    if (pattern == NULL) return seine_no_memory(error, f->name);
    SEINE_TRY(seine_engine_open(&options, &f->engine, error));
    if (seine_buf_append_str(&sql, "SELECT *") != SEINE_OK || put_from(&sql, pattern, " LIMIT 0") != SEINE_OK)
        return seine_no_memory(error, f->name);
    SEINE_TRY(start(f, &sql, error));
    if (learn_columns(f, &sql) != SEINE_OK || put_from(&sql, pattern, "") != SEINE_OK)
        return seine_no_memory(error, f->name);
    seine_query_end(SEINE_TAKE(f->query));
    return start(f, &sql, error);
}

static seine_status next_row(seine_reference_file *f, seine_reference_record *record, seine_error *error) {
    *record = (seine_reference_record){0};
    if (f->at == f->batch.count) {
        SEINE_TRY(seine_query_next(f->query, &f->batch, error));
        if (f->batch.count == 0) return SEINE_OK;
        f->at = 0;
    }
    for (size_t c = 0; c < f->column_count; c++) {
        const seine_vec *vec = &f->batch.columns[c];
        const bool is_valid = vec->valid == NULL || vec->valid[f->at];
        f->values[c] = is_valid ? ((const seine_str *)vec->values)[f->at] : (seine_str){NULL, 0};
    }
    f->at++;
    record->row = ++f->row;
    record->values = f->values;
    return SEINE_OK;
}

/* ---- files ---- */

static seine_status is_parquet(const char *path, bool *is, seine_error *error) {
    char start_bytes[4];
    seine_file_random file;
    if (seine_file_random_open(path, &file, NULL) != SEINE_OK)
        return seine_fail(error, SEINE_E_IO, "%s: cannot be read", path);
    *is = seine_file_random_read(&file, 0, start_bytes, 4, NULL) == SEINE_OK && memcmp(start_bytes, "PAR1", 4) == 0;
    seine_file_random_close(&file);
    if (!*is && seine_str_ends_with_nocase(seine_str_of(path), SEINE_STR(".parquet")))
        return seine_fail(error, SEINE_E_FORMAT, "%s: is no Parquet file", path);
    return SEINE_OK;
}

seine_status seine_reference_file_open(const char *path, const seine_progress *progress, seine_reference_file **file,
                                       seine_error *error) {
    *file = NULL;
    seine_file_info info;
    bool parquet = false;
    SEINE_TRY(seine_file_stat(path, &info, error));
    if (info.kind == SEINE_FILE_NONE) return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no such file", path);
    if (info.kind == SEINE_FILE_FOLDER) return seine_fail(error, SEINE_E_USAGE, "%s: is a folder, not a file", path);
    SEINE_TRY(is_parquet(path, &parquet, error));
    seine_reference_file *f SEINE_OWNED(seine_reference_file_close_owned) = calloc(1, sizeof *f);
    if (f == NULL) return seine_no_memory(error, path);
    f->name = seine_file_name(path);
    seine_buf_init(&f->text, TEXT_MAX_BYTES);
    SEINE_TRY(parquet ? open_parquet(f, path, error) : open_text(f, path, progress, error));
    *file = SEINE_TAKE(f);
    return SEINE_OK;
}

const seine_str *seine_reference_file_columns(const seine_reference_file *file, size_t *count) {
    if (file->reader != NULL) return seine_reference_text_columns(file->reader, count);
    *count = file->column_count;
    return file->columns;
}

seine_status seine_reference_file_next(seine_reference_file *file, seine_reference_record *record, seine_error *error) {
    if (file->reader != NULL) return seine_reference_text_next(file->reader, record, error);
    return next_row(file, record, error);
}

void seine_reference_file_close(seine_reference_file *file) {
    if (file == NULL) return;
    seine_reference_text_close(file->reader);
    seine_query_end(file->query);
    seine_engine_close(file->engine);
    seine_buf_free(&file->text);
    seine_arena_free(&file->arena);
    free(file);
}
