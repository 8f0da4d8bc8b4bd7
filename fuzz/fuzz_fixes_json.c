/* links: decode columns base */
/* Hostile JSON as records of a dataset: every record is a fix or a refusal, and block borders do not change what is
 * seen. */
#include "columns/dataset_read.h"
#include "decode/json/records.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char yaml[] =
    "name: buses\nid: {name: bus}\ntime: {names: [t, meta.time], format: unix_ms}\nkeep: last\n"
    "position: {required: false, lat: {name: lat, names: [lat, pos.lat]}, lon: {name: lon}}\n"
    "measures:\n  speed: {least: 0, most: 50}\n"
    "columns:\n  line: {trim: true}\n  open: {type: boolean}\n  gear: {type: int, words: {N: 0}}\n"
    "rules:\n  - {column: gear, refuse: fault}\n";

static const seine_dataset *buses(void) {
    static seine_arena arena;
    static const seine_dataset *dataset;
    if (dataset == NULL && seine_dataset_read(seine_str_of(yaml), "fuzz", NULL, &arena, &dataset, NULL) != SEINE_OK)
        abort();
    return dataset;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * UINT64_C(0x100000001B3);
    return hash;
}

/* Adds what a block came to, each row by its number in the text. */
static void take(seine_fix_decoder *decoder, seine_str block, bool is_lines, uint64_t *rows, uint64_t *sum) {
    seine_fix_batch batch = {0};
    if ((is_lines ? seine_fix_decode_json_lines : seine_fix_decode_json)(decoder, block, &batch) != SEINE_OK) abort();
    if (batch.count + batch.reject_count != batch.rows) abort();
    for (size_t f = 0; f < batch.count; f++) {
        const seine_str id = decoder->movers.entries[batch.fixes[f].mover];
        *sum += mix(mix(*rows + batch.fixes[f].row, id.data, id.size), &batch.fixes[f].ts_us, sizeof(int64_t));
    }
    for (size_t r = 0; r < batch.reject_count; r++) {
        const seine_reject *reject = &batch.rejects[r];
        *sum += mix(*rows + reject->row, batch.text.data + reject->reason, reject->reason_size + reject->raw_size);
    }
    *rows += batch.rows;
    seine_fix_batch_free(&batch);
}

/* What a text comes to that arrives in steps; 0 when it is refused whole. */
static uint64_t decode(seine_str text, size_t step) {
    seine_fix_decoder decoder;
    seine_json_cutter cutter = {0};
    uint64_t rows = 0, sum = 1;
    size_t begin = 0, end = 0;
    seine_fix_decoder_init(&decoder, buses(), INT64_MAX);
    for (bool is_end = false; !is_end && sum != 0;) {
        size_t whole = 0;
        end = text.size - end > step ? end + step : text.size;
        is_end = end == text.size;
        const seine_str part = {text.data + begin, end - begin};
        if (seine_json_whole(&cutter, part, is_end, "fuzz", &whole, NULL) != SEINE_OK) sum = 0;
        if (whole > part.size) abort();
        if (sum != 0 && whole > 0) take(&decoder, (seine_str){part.data, whole}, false, &rows, &sum);
        begin += whole;
    }
    seine_fix_decoder_free(&decoder);
    return sum;
}

/* The same of lines, in one block or in one each; *rows is their number. */
static uint64_t decode_lines(seine_str text, bool is_each, uint64_t *rows) {
    seine_fix_decoder decoder;
    uint64_t sum = 1;
    *rows = 0;
    seine_fix_decoder_init(&decoder, buses(), INT64_MAX);
    if (!is_each) take(&decoder, text, true, rows, &sum);
    for (size_t at = 0, end; is_each && at < text.size; at = end) {
        const char *stop = memchr(text.data + at, '\n', text.size - at);
        end = stop != NULL ? (size_t)(stop + 1 - text.data) : text.size;
        take(&decoder, (seine_str){text.data + at, end - at}, true, rows, &sum);
    }
    seine_fix_decoder_free(&decoder);
    return sum;
}

static void look_at_lines(seine_str text) {
    uint64_t rows = 0, each = 0, lines = text.data[text.size - 1] != '\n';
    for (size_t i = 0; i < text.size; i++) lines += text.data[i] == '\n';
    const uint64_t sum = decode_lines(text, false, &rows);
    if (rows != lines || decode_lines(text, true, &each) != sum || each != lines) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const seine_str text = {(const char *)data, size};
    if (size == 0 || size > 1 << 18) return 0;
    look_at_lines(text);
    const uint64_t whole = decode(text, size);
    if (decode(text, size / 2 + 1) != whole || decode(text, size / 7 + 1) != whole) abort();
    return 0;
}
