/* links: decode columns base */
/* Hostile CSV in a dialect as records of a dataset: every record is a fix or a refusal, and block borders do not change
 * what is seen. */
#include "columns/dataset_read.h"
#include "decode/fix_decoder.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char yaml[] =
    "name: herd\nid: {name: animal, trim: true}\ntime: {name: seen, format: '%d.%m.%y %I:%M:%S %p'}\n"
    "time_zone: '-03:30'\ncsv: {decimal: ',', encoding: latin-1}\n"
    "position: {required: false, lat: {name: lat}, lon: {name: lon}, format: dms}\n"
    "measures:\n  speed: {unit: km/h, source_unit: m/s, most: 50, words: {none: null}}\n"
    "columns:\n  name: {ignores_form: true, words: {'bell*a*': Bella}}\n  age: {type: int, most: 40}\n"
    "rules:\n  - {column: lat, refuse: fault}\n  - {column: age, refuse: [missing, range]}\n";

static const seine_dataset *herd(void) {
    static seine_arena arena;
    static const seine_dataset *dataset;
    if (dataset == NULL && seine_dataset_read(seine_str_of(yaml), "fuzz", NULL, &arena, &dataset, NULL) != SEINE_OK)
        abort();
    return dataset;
}

/* Decodes records up to `border` and the rest apart, as a block reader would. */
static uint64_t decode(const seine_csv_header *header, seine_str text, size_t border, uint64_t *rows) {
    seine_fix_decoder decoder;
    uint64_t fixes = 0;
    const size_t cut = seine_csv_whole((seine_str){text.data, border}, header->delimiter);
    const seine_str parts[2] = {{text.data, cut}, {text.data + cut, text.size - cut}};
    seine_fix_decoder_init(&decoder, herd(), INT64_MAX);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    seine_str text = {(const char *)data, size};
    seine_buf scratch;
    seine_csv_record record;
    seine_csv_header header;
    const char delimiter = seine_csv_header_delimiter(herd(), text);
    seine_buf_init(&scratch, 1 << 24);
    if (size <= 1 << 20 && seine_csv_next(&text, delimiter, &scratch, &record) == SEINE_OK && record.raw.data != NULL &&
        seine_csv_header_read(herd(), delimiter, &record, "fuzz", &header, NULL) == SEINE_OK) {
        uint64_t whole_rows = 0, split_rows = 0;
        const uint64_t whole = decode(&header, text, text.size, &whole_rows);
        const uint64_t split = decode(&header, text, text.size / 2, &split_rows);
        if (whole != split || whole_rows != split_rows) abort();
    }
    seine_buf_free(&scratch);
    return 0;
}
