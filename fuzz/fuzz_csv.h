/* What the CSV targets share: records of a dataset, read whole and in two parts. */
#ifndef FUZZ_CSV_H
#define FUZZ_CSV_H

#include "decode/fix_decoder.h"

#include <stdlib.h>

/* Decodes records up to `border` and the rest apart, as a block reader would. */
static uint64_t fuzz_csv_decode(const seine_dataset *dataset, const seine_csv_header *header, seine_str text,
                                size_t border, uint64_t *rows) {
    seine_fix_decoder decoder;
    uint64_t fixes = 0;
    const size_t cut = seine_csv_whole((seine_str){text.data, border}, header->delimiter);
    const seine_str parts[2] = {{text.data, cut}, {text.data + cut, text.size - cut}};
    seine_fix_decoder_init(&decoder, dataset, INT64_MAX);
    for (size_t p = 0; p < 2; p++) {
        seine_fix_batch batch = {0};
        if (seine_fix_decode(&decoder, header, parts[p], &batch) != SEINE_OK) abort();
        if (batch.count + batch.reject_count != batch.rows) abort();
        fixes += batch.count;
        *rows += batch.rows;
        seine_fix_batch_free(&batch);
    }
    seine_fix_decoder_free(&decoder);
    return fixes;
}

/* The first record of the text is its head. */
static void fuzz_csv(const seine_dataset *dataset, char delimiter, seine_str text) {
    const size_t size = text.size;
    seine_buf scratch;
    seine_csv_record record;
    seine_csv_header header;
    seine_buf_init(&scratch, 1 << 24);
    if (size <= 1 << 20 && seine_csv_next(&text, delimiter, &scratch, &record) == SEINE_OK && record.raw.data != NULL &&
        seine_csv_header_read(dataset, delimiter, &record, "fuzz", &header, NULL) == SEINE_OK) {
        uint64_t whole_rows = 0, split_rows = 0;
        const uint64_t whole = fuzz_csv_decode(dataset, &header, text, text.size, &whole_rows);
        const uint64_t split = fuzz_csv_decode(dataset, &header, text, text.size / 2, &split_rows);
        if (whole != split || whole_rows != split_rows) abort();
    }
    seine_buf_free(&scratch);
}

#endif
