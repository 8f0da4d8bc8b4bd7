/* Files that hold no messages, but rows that a dataset describes. */
#include "cli/detect/detect.h"

#include "base/try.h"
#include "columns/dataset_read.h"

#include <stdio.h>

#define SCRATCH_MAX_BYTES ((size_t)1 << 20)
#define NAMES_BYTES 256

static seine_str without_mark(seine_str text) {
    const bool has_mark = text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0;
    return has_mark ? (seine_str){text.data + 3, text.size - 3} : text;
}

static bool is_header_of(const seine_dataset *dataset, seine_str text) {
    const char delimiter = seine_csv_header_delimiter(dataset, text);
    seine_csv_record record;
    seine_csv_header header;
    seine_buf scratch SEINE_OWNED(seine_buf_free);
    seine_buf_init(&scratch, SCRATCH_MAX_BYTES);
    return seine_csv_next(&text, delimiter, &scratch, &record) == SEINE_OK && record.raw.data != NULL &&
           seine_csv_header_read(dataset, delimiter, &record, "", &header, NULL) == SEINE_OK;
}

/* Whether the first record becomes a fix. */
static bool is_record_of(const seine_dataset *dataset, seine_str text) {
    seine_json_walk walk = {.place = 0};
    seine_fix_decoder decoder;
    seine_fix_batch batch = {0};
    seine_str record;
    seine_json_walk_begin(&walk, text);
    if (!seine_json_walk_next(&walk, &record)) return false;
    seine_fix_decoder_init(&decoder, dataset, INT64_MAX);
    const bool is = seine_fix_decode_json(&decoder, record, &batch) == SEINE_OK && batch.count == 1;
    seine_fix_batch_free(&batch);
    seine_fix_decoder_free(&decoder);
    return is;
}

/* Of the datasets that are compiled in: "ais, gpx"; *size is that of the text, 0 = none. */
static void find_datasets(const seine_detect_text *input, char names[NAMES_BYTES], size_t *size) {
    const seine_str text = without_mark(seine_buf_str(&input->text));
    *size = 0;
    for (size_t i = 0; i < seine_dataset_file_count; i++) {
        const seine_dataset_file *file = &seine_dataset_files[i];
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        const seine_dataset *dataset = NULL;
        const seine_str description = {(const char *)file->bytes, file->size};
        if (seine_dataset_read(description, file->name, NULL, &arena, &dataset, NULL) != SEINE_OK) continue;
        if (!(input->is_csv ? is_header_of(dataset, text) : is_record_of(dataset, text))) continue;
        const int more = snprintf(names + *size, NAMES_BYTES - *size, "%s%s", *size > 0 ? ", " : "", file->name);
        if (more < 0 || (size_t)more >= NAMES_BYTES - *size) return;
        *size += (size_t)more;
    }
}

seine_status seine_detect_offer_datasets(const seine_detect_text *input, seine_status status, seine_error *error) {
    char names[NAMES_BYTES];
    size_t size = 0;
    find_datasets(input, names, &size);
    if (size == 0) return status;
    const seine_error told = *error;
    return seine_fail(error, status, "%s; rows of a dataset are read by --dataset NAME, these perhaps as %.*s",
                      told.text, (int)size, names);
}
