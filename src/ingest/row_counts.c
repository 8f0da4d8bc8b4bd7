#include "ingest/row_counts.h"

#include "base/array.h"

#include <stdlib.h>

#define COUNTS_MAX ((size_t)1 << 40) /* memory ends before */

static int by_place(const void *a, const void *b) {
    const seine_row_count *x = a, *y = b;
    if (x->day != y->day) return (x->day > y->day) - (x->day < y->day);
    if (x->bucket != y->bucket) return (x->bucket > y->bucket) - (x->bucket < y->bucket);
    return (x->source > y->source) - (x->source < y->source);
}

seine_status seine_row_counts_add(seine_row_counts *counts, seine_row_count count) {
    if (SEINE_ARRAY_ROOM(counts->items, counts->count, counts->capacity, 1, COUNTS_MAX) != SEINE_OK)
        return SEINE_E_NOMEM;
    counts->items[counts->count++] = count;
    return SEINE_OK;
}

void seine_row_counts_join(seine_row_counts *counts) {
    seine_row_count *items = counts->items;
    if (counts->count == 0) return;
    qsort(items, counts->count, sizeof *items, by_place);
    size_t kept = 0;
    for (size_t c = 1; c < counts->count; c++) {
        if (by_place(&items[kept], &items[c]) == 0)
            items[kept].rows += items[c].rows;
        else
            items[++kept] = items[c];
    }
    counts->count = kept + 1;
}

int64_t seine_row_counts_find(const seine_row_counts *counts, uint32_t source, int32_t day, int32_t bucket) {
    const seine_row_count wanted = {source, day, bucket, 0}, *found = NULL;
    if (counts->count > 0) found = bsearch(&wanted, counts->items, counts->count, sizeof wanted, by_place);
    return found == NULL ? 0 : found->rows;
}

void seine_row_counts_drop(seine_row_counts *counts, uint32_t source) {
    size_t kept = 0;
    for (size_t c = 0; c < counts->count; c++)
        if (counts->items[c].source != source) counts->items[kept++] = counts->items[c];
    counts->count = kept;
}
