#include "ingest/known_sources.h"

#include "base/array.h"
#include "base/try.h"
#include "io/file.h"
#include "io/reader.h"

#include <stdlib.h>

seine_status seine_known_sources_add(seine_known_sources *sources, const seine_known_source *source, uint32_t *index,
                                     seine_error *error) {
    if (SEINE_ARRAY_ROOM(sources->items, sources->count, sources->capacity, 1, SEINE_NO_SOURCE) != SEINE_OK)
        return seine_no_memory(error, "listing sources");
    if (index != NULL) *index = (uint32_t)sources->count;
    sources->items[sources->count++] = *source;
    return SEINE_OK;
}

uint32_t seine_known_sources_find(const seine_known_sources *sources, seine_str name, seine_source_state state) {
    for (uint32_t s = 0; s < sources->count; s++) {
        const seine_source *row = &sources->items[s].row;
        if (row->state == state && seine_str_equal(seine_str_of(row->name), name)) return s;
    }
    return SEINE_NO_SOURCE;
}

seine_status seine_known_source_check(const seine_source *source, const char *path, seine_error *error) {
    char sha256[65];
    uint64_t bytes;
    SEINE_TRY(seine_file_hash(path, NULL, sha256, &bytes, error));
    if (strcmp(sha256, source->sha256) == 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s: bronze bytes changed: SHA-256 is %.8s…, the ledger says %.8s…", path,
                      sha256, source->sha256);
}

void seine_uncommitted_remove(const char *path) {
    if (path != NULL) seine_best_effort(seine_file_remove(path, NULL));
}

void seine_known_sources_free(seine_known_sources *sources) {
    for (size_t s = 0; s < sources->count; s++) seine_uncommitted_remove(sources->items[s].bronze_temp);
    free(sources->items);
    *sources = (seine_known_sources){0};
}
