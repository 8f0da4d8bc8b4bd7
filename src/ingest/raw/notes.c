#include "ingest/raw/notes.h"

#include "base/array.h"

#include <inttypes.h>
#include <stdlib.h>

#define RECORDS_MAX ((size_t)UINT32_MAX)
#define RAW_BYTES_EACH ((size_t)4096)
#define RAW_BYTES_MAX ((size_t)1 << 26) /* of all records of a file; bronze has them whole */

void seine_raw_notes_free(seine_raw_notes *notes) {
    free(notes->places);
    free(notes->faults);
    seine_arena_free(&notes->arena);
    *notes = (seine_raw_notes){.topic = NULL};
}

/* Not longer than that, and no half of a letter. */
static seine_str cut(seine_str text, size_t most) {
    if (text.size <= most) return text;
    while (most > 0 && ((unsigned char)text.data[most] & 0xC0) == 0x80) most--;
    return (seine_str){text.data, most};
}

seine_status seine_raw_notes_fault(seine_raw_notes *notes, uint64_t row, const char *reason, seine_str raw) {
    const size_t left = RAW_BYTES_MAX - notes->raw_bytes;
    if (SEINE_ARRAY_ROOM(notes->faults, notes->fault_count, notes->fault_capacity, 1, RECORDS_MAX) != SEINE_OK)
        return SEINE_E_NOMEM;
    raw = cut(raw, left < RAW_BYTES_EACH ? left : RAW_BYTES_EACH);
    notes->raw_bytes += raw.size;
    const char *why = seine_arena_copy(&notes->arena, reason, strlen(reason));
    const char *text = seine_arena_copy(&notes->arena, raw.data != NULL ? raw.data : "", raw.size);
    if (why == NULL || text == NULL) return SEINE_E_NOMEM;
    notes->faults[notes->fault_count++] = (seine_raw_fault){row, seine_str_of(why), {text, raw.size}};
    return SEINE_OK;
}

seine_status seine_raw_notes_place(seine_raw_notes *notes, const seine_raw_record *record) {
    const bool has_topic = record->topic.data != NULL;
    if (has_topic && notes->topic == NULL)
        notes->topic = seine_arena_copy(&notes->arena, record->topic.data, record->topic.size);
    if ((has_topic && notes->topic == NULL) ||
        SEINE_ARRAY_ROOM(notes->places, notes->place_count, notes->place_capacity, 1, RECORDS_MAX) != SEINE_OK)
        return SEINE_E_NOMEM;
    notes->partition = record->partition;
    notes->places[notes->place_count++] = (seine_raw_place){record->offset, record->received_us};
    return SEINE_OK;
}

void seine_raw_notes_judge(const seine_raw_notes *notes, seine_parsed_block *block, int64_t max_future_us) {
    seine_fix_batch *batch = &block->batch;
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        const uint64_t row = block->first_row + batch->fixes[i].row - notes->before;
        const bool is_known = row >= 1 && row <= notes->place_count;
        if (is_known && batch->fixes[i].ts_us > notes->places[row - 1].received_us + max_future_us) continue;
        batch->fixes[kept++] = batch->fixes[i];
    }
    batch->count = kept;
}

static const seine_raw_fault *fault_of(const seine_raw_notes *notes, uint64_t row) {
    size_t low = 0, high = notes->fault_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (notes->faults[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < notes->fault_count && notes->faults[low].row == row ? &notes->faults[low] : NULL;
}

/* Reason and text are written anew behind all texts of the block. */
static seine_status apply(const seine_raw_notes *notes, uint64_t row, seine_buf *text, seine_reject *reject) {
    const seine_raw_fault *fault = fault_of(notes, row);
    const uint32_t was = reject->reason, was_size = reject->reason_size;
    if (fault == NULL && notes->topic == NULL) return SEINE_OK;
    SEINE_TRY(seine_buf_reserve(text, SEINE_RAW_REASON_BYTES * 4 + was_size + (fault != NULL ? fault->raw.size : 0)));
    reject->reason = (uint32_t)text->size;
    SEINE_TRY(fault != NULL ? seine_buf_append(text, fault->reason.data, fault->reason.size)
                            : seine_buf_append(text, text->data + was, was_size));
    if (notes->topic != NULL && row <= notes->place_count)
        SEINE_TRY(seine_buf_printf(text, " (topic %s, partition %d, offset %" PRId64 ")", notes->topic,
                                   (int)notes->partition, notes->places[row - 1].offset));
    reject->reason_size = (uint32_t)(text->size - reject->reason);
    if (fault == NULL) return SEINE_OK;
    reject->raw = (uint32_t)text->size;
    reject->raw_size = (uint32_t)fault->raw.size;
    return seine_buf_append(text, fault->raw.data, fault->raw.size);
}

seine_status seine_raw_notes_apply(const seine_raw_notes *notes, seine_parsed_block *blocks, size_t count) {
    for (size_t b = 0; b < count; b++) {
        seine_fix_batch *batch = &blocks[b].batch;
        for (size_t i = 0; i < batch->reject_count; i++)
            SEINE_TRY(apply(notes, blocks[b].first_row + batch->rejects[i].row - notes->before, &batch->text,
                            &batch->rejects[i]));
    }
    return SEINE_OK;
}
