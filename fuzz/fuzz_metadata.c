/* links: table io columns base */
/* Table metadata JSON: any bytes end in a status, and what is accepted can be carried on to a next version. */
#include "table/metadata/metadata.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void carry_on(const seine_metadata *metadata) {
    const int64_t removed[] = {metadata->snapshot_count > 0 ? metadata->snapshots[0].id : 5};
    const seine_summary_entry summary[] = {{"operation", "append"}};
    const seine_metadata_change change = {.now_ms = 1,
                                          .base_location = "file:///m",
                                          .snapshot_id = 77,
                                          .list = "file:///l",
                                          .summary = summary,
                                          .summary_count = 1,
                                          .removed = removed,
                                          .removed_count = 1};
    seine_buf next;
    seine_buf_init(&next, (size_t)64 << 20);
    seine_arena arena = {0};
    const char **dropped = NULL;
    size_t count = 0;
    if (seine_metadata_next(metadata, &change, &next, NULL) != SEINE_OK) seine_buf_clear(&next);
    if (seine_metadata_dropped(metadata, &arena, &dropped, &count, NULL) != SEINE_OK) count = 0;
    seine_arena_free(&arena);
    seine_buf_free(&next);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"silver.ais", "foreign.table"};
    seine_metadata metadata;
    seine_arena arena = {0};
    if (seine_metadata_parse((seine_str){(const char *)data, size}, "fuzz", &arena, &metadata, NULL) == SEINE_OK) {
        carry_on(&metadata);
        for (size_t i = 0; i < 2; i++) {
            const seine_table_schema *schema = NULL;
            bool writable = false;
            if (seine_metadata_schema(&metadata, names[i], &arena, &schema, &writable, NULL) != SEINE_OK) continue;
        }
    }
    seine_metadata_free(&metadata);
    seine_arena_free(&arena);
    return 0;
}
