/* The algebra of validity, key by key over two sorted lists. */
#include "ingest/reference/merge.h"

#include "base/try.h"
#include "columns/content.h"

#include <stdlib.h>

seine_reference_merge seine_reference_merge_of(seine_reference_kind kind) {
    return (seine_reference_merge){.schema = seine_schema_find(seine_reference_table(kind)),
                                   .key_count = seine_reference_key_count(kind)};
}

typedef struct places {
    size_t from, to, content;
} places;

static places places_of(const seine_table_schema *schema) {
    return (places){seine_schema_column(schema, "valid_from"), seine_schema_column(schema, "valid_to"),
                    seine_schema_column(schema, "content_hash")};
}

static int compare_cells(seine_type type, const seine_cell *a, const seine_cell *b) {
    if (a->is_null || b->is_null) return (int)b->is_null - (int)a->is_null;
    if (type == SEINE_TYPE_STRING) return seine_str_compare(a->as.text, b->as.text);
    return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
}

static int compare_keys(const seine_reference_merge *m, const seine_cell *a, const seine_cell *b) {
    int order = 0;
    for (size_t i = 0; i < m->key_count && order == 0; i++)
        order = compare_cells(m->schema->columns[i].type, &a[i], &b[i]);
    return order;
}

typedef struct row_order {
    const seine_reference_merge *merge;
    size_t from;
} row_order;

static int compare_rows(const void *a, const void *b, void *context) {
    const seine_cell *const *x = a, *const *y = b;
    const row_order *o = context;
    const int order = compare_keys(o->merge, *x, *y);
    return order != 0 ? order : compare_cells(SEINE_TYPE_TIMESTAMPTZ, &(*x)[o->from], &(*y)[o->from]);
}

void seine_reference_sort(const seine_reference_merge *m, seine_cells *rows) {
    row_order order = {m, places_of(m->schema).from};
    if (rows->count > 0) qsort_r(rows->rows, rows->count, sizeof *rows->rows, compare_rows, &order);
}

seine_status seine_reference_content(const seine_table_schema *schema, const seine_cells *rows, seine_hash128 *sum) {
    seine_buf scratch SEINE_OWNED(seine_buf_free);
    seine_buf_init(&scratch, SEINE_REFERENCE_ROW_BYTES);
    *sum = (seine_hash128){0};
    for (size_t i = 0; i < rows->count; i++) {
        seine_hash128 hash;
        SEINE_TRY(seine_content_of_cells(schema, rows->rows[i], schema->column_count, &scratch, &hash));
        *sum = seine_hash128_add(*sum, hash);
    }
    return SEINE_OK;
}

static bool begins_before(const seine_reference_merge *m, const seine_cell *from) {
    return m->has_from && (from->is_null || from->as.integer < m->from_us);
}

static seine_cell *with_end(const seine_reference_merge *m, const seine_cell *row, seine_cell end, seine_arena *arena) {
    seine_cell *copy = SEINE_ARENA_ARRAY(arena, seine_cell, m->schema->column_count);
    if (copy == NULL) return NULL;
    memcpy(copy, row, m->schema->column_count * sizeof *copy);
    copy[places_of(m->schema).to] = end;
    return copy;
}

/* One old row that begins before the load and does not end before it. */
static seine_status take_in_force(seine_reference_merge *m, seine_cell *row, bool holds_on, seine_arena *arena) {
    const seine_cell *to = &row[places_of(m->schema).to];
    const seine_cell end = holds_on ? seine_cell_null() : seine_cell_integer(m->from_us);
    if (seine_cell_equal(SEINE_TYPE_TIMESTAMPTZ, to, &end)) return seine_cells_add(&m->out, row);
    m->added += holds_on;
    m->ended += !holds_on;
    row = with_end(m, row, end, arena);
    return row != NULL ? seine_cells_add(&m->out, row) : SEINE_E_NOMEM;
}

/* Old rows of one key, and the fresh row of it or NULL. */
static seine_status merge_key(seine_reference_merge *m, seine_cell *const *old, size_t count, seine_cell *fresh,
                              seine_arena *arena) {
    const places p = places_of(m->schema);
    seine_cell *last = fresh; /* what holds from the load on */
    bool is_new = fresh != NULL;
    for (size_t i = 0; i < count; i++) {
        const seine_cell *to = &old[i][p.to];
        const bool is_same =
            fresh != NULL && seine_cell_equal(SEINE_TYPE_STRING, &old[i][p.content], &fresh[p.content]);
        if (!begins_before(m, &old[i][p.from])) {
            const bool is_there = is_new && is_same && to->is_null &&
                                  seine_cell_equal(SEINE_TYPE_TIMESTAMPTZ, &old[i][p.from], &fresh[p.from]);
            if (is_there) {
                last = old[i];
                is_new = false;
            }
            m->removed += !is_there;
        } else if (!to->is_null && to->as.integer < m->from_us) {
            SEINE_TRY(seine_cells_add(&m->out, old[i]));
        } else {
            SEINE_TRY(take_in_force(m, old[i], is_same, arena));
            if (is_same) {
                last = NULL;
                is_new = false;
            }
        }
    }
    if (last == NULL) return SEINE_OK;
    m->added += is_new;
    return seine_cells_add(&m->out, last);
}

seine_status seine_reference_merge_rows(seine_reference_merge *m, const seine_cells *old, const seine_cells *fresh,
                                        seine_arena *arena) {
    size_t o = 0, f = 0;
    while (o < old->count || f < fresh->count) {
        const int order = o == old->count ? 1 : f == fresh->count ? -1 : compare_keys(m, old->rows[o], fresh->rows[f]);
        size_t end = o;
        const seine_cell *key = order <= 0 ? old->rows[o] : fresh->rows[f];
        while (end < old->count && compare_keys(m, old->rows[end], key) == 0) end++;
        if (order < 0 && !m->is_whole) {
            for (; o < end; o++) SEINE_TRY(seine_cells_add(&m->out, old->rows[o]));
            continue;
        }
        SEINE_TRY(merge_key(m, old->rows + o, end - o, order >= 0 ? fresh->rows[f] : NULL, arena));
        o = end;
        f += order >= 0;
    }
    return SEINE_OK;
}
