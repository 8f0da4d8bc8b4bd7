/* links: table io columns base */
/* Avro files, and the same bytes as a manifest and as a manifest list: any bytes end in a status, never in a crash. */
#include "table/manifest/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_records(seine_str bytes) {
    seine_avro_file *file = NULL;
    seine_status status = seine_avro_open(bytes, "fuzz", &file, NULL);
    for (int records = 0; status == SEINE_OK && records < 10000; records++) {
        seine_arena arena = {0};
        const seine_avro_value *record = NULL;
        status = seine_avro_next(file, &arena, &record, NULL);
        seine_arena_free(&arena);
        if (record == NULL) break;
    }
    seine_avro_close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const seine_str bytes = {(const char *)data, size};
    const seine_table_schema *schema = seine_schema_find("silver.ais");
    const seine_manifest_row row = {.location = "fuzz", .sequence_number = 1};
    seine_manifest_row *rows = NULL;
    seine_manifest_entry *entries = NULL;
    size_t count = 0;
    seine_arena arena = {0};
    read_records(bytes);
    if (seine_manifest_list_read(bytes, "fuzz", &arena, &rows, &count, NULL) != SEINE_OK) count = 0;
    if (seine_manifest_read(bytes, "fuzz", schema, &row, 1, NULL, &arena, &entries, &count, NULL) != SEINE_OK)
        count = 0;
    seine_arena_free(&arena);
    return 0;
}
