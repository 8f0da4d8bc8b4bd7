/*
 * The block pipeline. One mutex guards the hand-over; text and fixes are touched outside it.
 *
 *     reader → [free buffer] → filled text (whole records) → queue → decode → block
 *
 * Only one thread reads at a time, and it keeps the tail of the text that is not a whole record yet for the next
 * buffer. A thread prefers reading while a buffer is free, so that the others never wait for text.
 */
#include "ingest/parser.h"

#include "base/array.h"
#include "base/threads.h"
#include "base/time.h"
#include "base/try.h"
#include "decode/json/records.h"
#include "io/file.h"

#include <pthread.h>
#include <stdlib.h>

#define BLOCK_BYTES ((size_t)2 << 20)
#define BLOCK_BYTES_FIRST ((size_t)64 << 10) /* a small file is decoded on all threads, too */
#define BLOCK_PART 4                         /* of what was read so far is the next block */
#define BLOCKS_MAX ((size_t)1 << 24)         /* decoded ahead of the one that is waited for */

typedef struct text_block {
    uint8_t *bytes;
    size_t size, capacity;
    const seine_csv_header *header; /* NULL: it is JSON */
    size_t sequence;
} text_block;

struct seine_parser {
    seine_parse_setup setup;
    seine_reader *reader;
    seine_error error;
    seine_status status; /* first failure */
    /* guarded by lock */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    text_block *buffers;
    size_t buffer_count;
    size_t *free_buffers, free_count;
    size_t *queue, queued;
    bool reading, ended;
    uint64_t held_bytes, limit_bytes;
    seine_parsed_block *blocks;
    size_t block_count, block_capacity, next_sequence, taken;
    /* the reading thread's */
    seine_buf carry;
    uint64_t read_bytes; /* of text, so far */
    const seine_csv_header *header;
    bool in_member, first_text, is_json;
    seine_json_cutter cutter;
    char delimiter;                    /* of the current member */
    const char *member;                /* what messages call it */
    const seine_unused_column *unused; /* read by others between runs only */
    size_t unused_count;
    uint64_t rows;
};

/* ---- reading ---- */

static bool is_listed(const seine_unused_column *columns, size_t count, seine_str name) {
    for (size_t i = 0; i < count; i++)
        if (seine_str_equal(columns[i].name, name)) return true;
    return false;
}

/* A name as it can be kept: short, UTF-8. */
static bool copy_name(seine_arena *arena, seine_str name, seine_str *copy) {
    enum { MOST = 100 };
    if (name.size > MOST) name.size = MOST;
    char *bytes = seine_arena_copy(arena, name.data, name.size);
    if (bytes == NULL) return false;
    for (size_t i = 0; !seine_str_is_utf8(name) && i < name.size; i++)
        if ((unsigned char)bytes[i] >= 0x80) bytes[i] = '?';
    *copy = (seine_str){bytes, name.size};
    return true;
}

/* Remembers the columns that nobody knows. */
static seine_status list_unused(seine_parser *parser, const seine_csv_record *record, const seine_csv_header *header) {
    seine_arena *arena = parser->setup.arena;
    seine_unused_column *all =
        SEINE_ARENA_ARRAY(arena, seine_unused_column, parser->unused_count + header->field_count);
    if (all == NULL) return SEINE_E_NOMEM;
    size_t count = parser->unused_count;
    if (count > 0) memcpy(all, parser->unused, count * sizeof *all);
    for (size_t f = 0; f < header->field_count; f++) {
        seine_str name = seine_str_trim(record->field[f]);
        if (header->column_of[f] >= 0) continue;
        if (!copy_name(arena, name, &name)) return SEINE_E_NOMEM;
        if (is_listed(all, count, name)) continue;
        size_t used = 0;
        seine_unused_column column = {.name = name, .twice = seine_csv_header_twice(record, header, f, &used)};
        if (column.twice == NULL) {
            column.offer = seine_csv_header_offer(record, header, f);
        } else {
            column.used_field = used + 1;
            if (!copy_name(arena, seine_str_trim(record->field[used]), &column.used)) return SEINE_E_NOMEM;
        }
        all[count++] = column;
    }
    parser->unused = all;
    parser->unused_count = count;
    return SEINE_OK;
}

/* Takes the header record off the front of a member's text. */
static seine_status take_header(seine_parser *parser, text_block *block, seine_error *error) {
    const seine_dataset *dataset = parser->setup.decoders[0].dataset;
    seine_str text = {(const char *)block->bytes, block->size};
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) text = (seine_str){text.data + 3, text.size - 3};
    seine_buf scratch SEINE_OWNED(seine_buf_free);
    seine_buf_init(&scratch, SEINE_CSV_RECORD_BYTES);
    seine_csv_record record;
    const seine_status status = seine_csv_next(&text, parser->delimiter, &scratch, &record);
    if (status == SEINE_E_LIMIT)
        return seine_fail(error, status, "%s: a header of more than %d bytes, which is the most", parser->member,
                          SEINE_CSV_RECORD_BYTES);
    SEINE_TRY(status);
    if (record.raw.data == NULL)
        return seine_fail(error, SEINE_E_FORMAT, "%s: empty file: not even a header", parser->setup.name);
    seine_csv_header *header = SEINE_ARENA_ARRAY(parser->setup.arena, seine_csv_header, 1);
    if (header == NULL) return seine_no_memory(error, parser->member);
    SEINE_TRY(seine_csv_header_read(dataset, parser->delimiter, &record, parser->member, header, error));
    if (list_unused(parser, &record, header) != SEINE_OK) return seine_no_memory(error, parser->member);
    parser->header = header;
    parser->first_text = false;
    memmove(block->bytes, text.data, text.size);
    block->size = text.size;
    return SEINE_OK;
}

/* A buffer that a long line has blown up does not stay so. */
static void shrink_block(text_block *block) {
    if (block->capacity <= 2 * BLOCK_BYTES) return;
    free(block->bytes);
    *block = (text_block){0};
}

static seine_status grow_block(text_block *block, size_t capacity, const char *name, seine_error *error) {
    if (block->capacity >= capacity) return SEINE_OK;
    uint8_t *bytes = realloc(block->bytes, capacity);
    if (bytes == NULL) return seine_no_memory(error, name);
    block->bytes = bytes;
    block->capacity = capacity;
    return SEINE_OK;
}

/* Takes a byte order mark off the front of a member, and finds out what it is: no header begins as JSON does. Of a
 * member whose first record is longer than a block this is done once more, with more of it. */
static void look_at_text(seine_parser *parser, text_block *block) {
    parser->is_json = parser->setup.is_records;
    if (parser->is_json) return;
    if (block->size >= 3 && memcmp(block->bytes, "\xEF\xBB\xBF", 3) == 0) {
        memmove(block->bytes, block->bytes + 3, block->size - 3);
        block->size -= 3;
    }
    const seine_str text = seine_str_strip((seine_str){(const char *)block->bytes, block->size});
    parser->is_json = text.size > 0 && (text.data[0] == '[' || text.data[0] == '{');
    parser->cutter = (seine_json_cutter){0};
    if (parser->is_json) return;
    parser->delimiter = seine_csv_header_delimiter(parser->setup.decoders[0].dataset,
                                                   (seine_str){(const char *)block->bytes, block->size});
}

/* How much of a buffer is whole records. */
static seine_status find_whole(seine_parser *parser, const text_block *block, bool is_end, size_t *whole,
                               seine_error *error) {
    const seine_str text = {(const char *)block->bytes, block->size};
    if (parser->setup.is_records) {
        const char *last = text.size > 0 && !is_end ? memrchr(text.data, '\n', text.size) : NULL;
        *whole = is_end ? text.size : last != NULL ? (size_t)(last + 1 - text.data) : 0;
        return SEINE_OK;
    }
    if (parser->is_json) return seine_json_whole(&parser->cutter, text, is_end, parser->member, whole, error);
    *whole = is_end ? text.size : seine_csv_whole(text, parser->delimiter);
    return SEINE_OK;
}

static size_t next_block_bytes(const seine_parser *parser) {
    const uint64_t bytes = parser->read_bytes / BLOCK_PART;
    return bytes < BLOCK_BYTES_FIRST ? BLOCK_BYTES_FIRST : bytes < BLOCK_BYTES ? (size_t)bytes : BLOCK_BYTES;
}

/* Fills a buffer with whole records of the current member; keeps what is behind them in carry. */
static seine_status fill_block(seine_parser *parser, text_block *block, bool *member_ended, seine_error *error) {
    SEINE_TRY(grow_block(block, next_block_bytes(parser) + parser->carry.size, parser->setup.name, error));
    block->size = parser->carry.size;
    if (block->size > 0) memcpy(block->bytes, parser->carry.data, block->size);
    seine_buf_clear(&parser->carry);
    for (;;) {
        size_t got;
        SEINE_TRY(
            seine_reader_read(parser->reader, block->bytes + block->size, block->capacity - block->size, &got, error));
        block->size += got;
        parser->read_bytes += got;
        *member_ended = got == 0 || block->size < block->capacity;
        if (parser->first_text) look_at_text(parser, block);
        size_t whole = 0;
        SEINE_TRY(find_whole(parser, block, *member_ended, &whole, error));
        if (*member_ended) return SEINE_OK;
        if (whole > 0) {
            const seine_status status = seine_buf_append(&parser->carry, block->bytes + whole, block->size - whole);
            block->size = whole;
            return status == SEINE_OK ? SEINE_OK
                                      : seine_fail(error, status, "%s: a line is too long", parser->setup.name);
        }
        /* One record larger than a block. */
        if (block->size > SEINE_PARSE_RECORD_BYTES)
            return seine_fail(error, SEINE_E_LIMIT, "%s: a line of more than %zu bytes, which is the most",
                              parser->setup.name, SEINE_PARSE_RECORD_BYTES);
        SEINE_TRY(grow_block(block, block->capacity * 2, parser->setup.name, error));
    }
}

/* Messages about a member of an archive name both. */
static bool name_member(seine_parser *parser, const char *member) {
    const char *file = seine_file_name(parser->setup.file);
    parser->member = strcmp(member, file) == 0
                         ? parser->setup.name
                         : seine_arena_printf(parser->setup.arena, "%s: %s", parser->setup.name, member);
    return parser->member != NULL;
}

/* Next block of text; *got false when the archive has ended. */
static seine_status read_block(seine_parser *parser, text_block *block, bool *got, seine_error *error) {
    for (*got = false; !*got;) {
        if (!parser->in_member) {
            const char *member;
            SEINE_TRY(seine_reader_member(parser->reader, &member, error));
            if (member == NULL) return SEINE_OK;
            parser->in_member = parser->first_text = true;
            if (!name_member(parser, member)) return seine_no_memory(error, parser->setup.name);
        }
        bool member_ended = false;
        SEINE_TRY(fill_block(parser, block, &member_ended, error));
        if (parser->first_text && !parser->is_json) SEINE_TRY(take_header(parser, block, error));
        if (parser->is_json) parser->header = NULL;
        parser->first_text = false;
        block->header = parser->header;
        parser->in_member = !member_ended;
        *got = block->size > 0;
    }
    return SEINE_OK;
}

/* ---- decoding ---- */

static void keep_days(const seine_day_set *days, seine_fix_batch *batch) {
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++)
        if (seine_day_set_has(days, seine_time_day(batch->fixes[i].ts_us))) batch->fixes[kept++] = batch->fixes[i];
    batch->count = kept;
}

/* Gives back the room a doubling array did not need. */
static void trim(seine_fix_batch *batch) {
    if (batch->count == 0) return;
    seine_fix *fixes = realloc(batch->fixes, batch->count * sizeof *fixes);
    if (fixes != NULL) {
        batch->fixes = fixes;
        batch->capacity = batch->count;
    }
}

static seine_status decode_block(seine_parser *parser, int worker, const text_block *text, seine_fix_batch *batch) {
    seine_fix_decoder *decoder = &parser->setup.decoders[worker];
    const seine_str bytes = {(const char *)text->bytes, text->size};
    const seine_status status = parser->setup.is_records ? seine_fix_decode_json_lines(decoder, bytes, batch)
                                : text->header == NULL   ? seine_fix_decode_json(decoder, bytes, batch)
                                                         : seine_fix_decode(decoder, text->header, bytes, batch);
    if (parser->setup.days != NULL) keep_days(parser->setup.days, batch);
    trim(batch);
    return status;
}

/* A source is whole or it is none, for each of its rows is accounted for. Says how the good members can be taken. */
static void advise(const seine_parser *parser, seine_status status, seine_error *error) {
    const bool is_file = status == SEINE_E_FORMAT || status == SEINE_E_UNSUPPORTED || status == SEINE_E_LIMIT;
    const char *member = is_file ? seine_reader_one_of_several(parser->reader) : NULL;
    if (member == NULL || error->status == SEINE_OK) return;
    const seine_error why = *error;
    (void)seine_fail(error, status,
                     "%.600s; an archive is taken whole or not at all: to take the others, ingest a copy without it "
                     "(zip -d COPY.zip '%.200s')",
                     why.text, member);
}

/* ---- hand-over; every function below is called with the lock held and returns with it ---- */

static void fail(seine_parser *parser, seine_status status, const seine_error *error) {
    if (parser->status != SEINE_OK) return;
    parser->status = status;
    parser->error = *error;
    if (error->status == SEINE_OK)
        (void)seine_fail(&parser->error, status, "%s: %s", parser->setup.name, seine_status_text(status));
}

static void do_read(seine_parser *parser) {
    const size_t index = parser->free_buffers[--parser->free_count];
    text_block *block = &parser->buffers[index];
    seine_error error = {SEINE_OK, ""};
    bool got = false;
    parser->reading = true;
    pthread_mutex_unlock(&parser->lock);
    const seine_status status = read_block(parser, block, &got, &error);
    if (status != SEINE_OK) advise(parser, status, &error);
    pthread_mutex_lock(&parser->lock);
    parser->reading = false;
    if (status != SEINE_OK) fail(parser, status, &error);
    if (status == SEINE_OK && got) {
        block->sequence = parser->next_sequence++;
        parser->queue[parser->queued++] = index;
    } else {
        parser->free_buffers[parser->free_count++] = index;
        parser->ended = true;
    }
    uint64_t done, total;
    seine_reader_position(parser->reader, &done, &total);
    seine_progress_report(parser->setup.progress, parser->setup.name, done, total);
    pthread_cond_broadcast(&parser->changed);
}

static bool room_for_block(seine_parser *parser, size_t sequence) {
    return SEINE_ARRAY_ROOM(parser->blocks, sequence - parser->taken, parser->block_capacity, 1, BLOCKS_MAX) ==
           SEINE_OK;
}

static void do_decode(seine_parser *parser, int worker) {
    const size_t index = parser->queue[0];
    memmove(parser->queue, parser->queue + 1, --parser->queued * sizeof *parser->queue);
    text_block *text = &parser->buffers[index];
    seine_fix_batch batch = {0};
    pthread_mutex_unlock(&parser->lock);
    seine_status status = decode_block(parser, worker, text, &batch);
    pthread_mutex_lock(&parser->lock);
    parser->free_buffers[parser->free_count++] = index;
    const size_t sequence = text->sequence;
    shrink_block(text);
    if (status == SEINE_OK && !room_for_block(parser, sequence)) status = SEINE_E_NOMEM;
    if (status != SEINE_OK) {
        seine_fix_batch_free(&batch);
        fail(parser, status, &(seine_error){SEINE_OK, ""});
    } else {
        const size_t place = sequence - parser->taken;
        for (; parser->block_count <= place; parser->block_count++)
            parser->blocks[parser->block_count] = (seine_parsed_block){.decoder = -1};
        parser->blocks[place] = (seine_parsed_block){.batch = batch, .decoder = worker};
        parser->held_bytes +=
            batch.count * sizeof(seine_fix) + batch.text.capacity + batch.reject_capacity * sizeof(seine_reject);
    }
    pthread_cond_broadcast(&parser->changed);
}

static bool may_read(const seine_parser *parser) {
    return !parser->ended && !parser->reading && parser->free_count > 0 && parser->status == SEINE_OK &&
           parser->held_bytes < parser->limit_bytes;
}

static void work(void *context, size_t worker) {
    seine_parser *parser = context;
    pthread_mutex_lock(&parser->lock);
    for (;;) {
        if (parser->status == SEINE_OK && seine_progress_stopped(parser->setup.progress))
            fail(parser, SEINE_E_INTERRUPTED, &(seine_error){SEINE_E_INTERRUPTED, "interrupted"});
        if (may_read(parser))
            do_read(parser);
        else if (parser->queued > 0 && parser->status == SEINE_OK)
            do_decode(parser, (int)worker);
        else if (parser->reading)
            pthread_cond_wait(&parser->changed, &parser->lock);
        else
            break;
    }
    pthread_mutex_unlock(&parser->lock);
}

/* ---- public ---- */

static seine_status open_reader(seine_parser *parser, seine_error *error) {
    const seine_parse_setup *setup = &parser->setup;
    if (setup->path != NULL) return seine_reader_open_as(setup->path, setup->file, &parser->reader, error);
    if (setup->memory.data == NULL) return seine_reader_open_stdin(setup->head, &parser->reader, error);
    return seine_reader_open_memory(setup->memory, setup->file, &parser->reader, error);
}

seine_status seine_parser_open(const seine_parse_setup *setup, seine_parser **out, seine_error *error) {
    seine_parser *parser SEINE_OWNED(seine_parser_close_owned) = calloc(1, sizeof *parser);
    if (parser == NULL) return seine_no_memory(error, setup->name);
    parser->setup = *setup;
    pthread_mutex_init(&parser->lock, NULL);
    pthread_cond_init(&parser->changed, NULL);
    seine_buf_init(&parser->carry, 4 * SEINE_PARSE_RECORD_BYTES);
    parser->buffer_count = (size_t)setup->threads * 2 + 1;
    parser->buffers = calloc(parser->buffer_count, sizeof *parser->buffers);
    parser->free_buffers = calloc(parser->buffer_count, sizeof *parser->free_buffers);
    parser->queue = calloc(parser->buffer_count, sizeof *parser->queue);
    if (parser->buffers == NULL || parser->free_buffers == NULL || parser->queue == NULL)
        return seine_no_memory(error, setup->name);
    SEINE_TRY(open_reader(parser, error));
    if (setup->max_ratio > 0) {
        seine_reader_limits limits = seine_reader_limits_default();
        limits.ratio = setup->max_ratio;
        seine_reader_limit(parser->reader, &limits);
    }
    for (size_t i = 0; i < parser->buffer_count; i++) parser->free_buffers[parser->free_count++] = i;
    *out = SEINE_TAKE(parser);
    return SEINE_OK;
}

seine_status seine_parser_run(seine_parser *parser, uint64_t limit_bytes, bool *ended, seine_error *error) {
    parser->limit_bytes = limit_bytes;
    seine_threads_run((size_t)parser->setup.threads, work, parser);
    *ended = parser->ended;
    if (parser->status != SEINE_OK && error != NULL) *error = parser->error;
    return parser->status;
}

seine_parsed_block *seine_parser_take(seine_parser *parser, size_t *count) {
    for (size_t i = 0; i < parser->block_count; i++) {
        parser->blocks[i].first_row = parser->rows;
        parser->rows += parser->blocks[i].batch.rows;
    }
    *count = parser->block_count;
    parser->taken += parser->block_count;
    parser->block_count = 0;
    parser->held_bytes = 0;
    return parser->blocks;
}

const seine_unused_column *seine_parser_unused(const seine_parser *parser, size_t *count) {
    *count = parser->unused_count;
    return parser->unused;
}

uint64_t seine_parser_rows(const seine_parser *parser) { return parser->rows; }

void seine_parser_close(seine_parser *parser) {
    if (parser == NULL) return;
    for (size_t i = 0; i < parser->block_count; i++) seine_fix_batch_free(&parser->blocks[i].batch);
    for (size_t i = 0; parser->buffers != NULL && i < parser->buffer_count; i++) free(parser->buffers[i].bytes);
    seine_reader_close(parser->reader);
    free(parser->blocks);
    free(parser->buffers);
    free(parser->free_buffers);
    free(parser->queue);
    seine_buf_free(&parser->carry);
    pthread_cond_destroy(&parser->changed);
    pthread_mutex_destroy(&parser->lock);
    free(parser);
}
