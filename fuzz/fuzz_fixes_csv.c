/* links: decode columns base */
/* Hostile CSV in a dialect as records of a dataset: every record is a fix or a refusal, and block borders do not change
 * what is seen. */
#include "columns/dataset_read.h"
#include "fuzz_csv.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const seine_str text = {(const char *)data, size};
    fuzz_csv(herd(), seine_csv_header_delimiter(herd(), text), text);
    return 0;
}
