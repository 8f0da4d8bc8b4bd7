/* Hostile CSV: whatever the bytes, every record is a fix or a refusal, and block borders do not change what is seen. */
#include "fuzz_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_csv(seine_dataset_ais(), ',', (seine_str){(const char *)data, size});
    return 0;
}
