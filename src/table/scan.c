#include "table/scan.h"

#include "base/try.h"
#include "parquet/reader.h"

#include <stdlib.h>

#define WHERE_MAX ((size_t)1 << 20)
/* Values are looked up one by one; for more the whole file is as quick, and a longer list would make the engine join
 * instead of filter, which loses the order of rows. */
#define FEW ((size_t)4)

/* One file at work, or all of them by one query. */
typedef struct cursor {
    const seine_scan *scan;
    const seine_str *few; /* scan->only, ascending, when they are few */
    const char *const *files;
    size_t file_count;
    seine_parquet_room room;
    seine_parquet_wanted wanted;  /* by the reader */
    seine_parquet_reader *reader; /* NULL: none is open */
    seine_query *query;           /* in the place of the reader */
    size_t value;                 /* of the few: the next one to open */
    size_t taken;                 /* rows so far */
    size_t left_out;              /* of the query's, which the reader has given */
    seine_arena arena;            /* of the rows at work */
    seine_rows rows;              /* what is left of them; none = the end */
    seine_vec vecs[SEINE_PARQUET_WANTED_MAX];
} cursor;

static bool is_narrow(const seine_scan *scan) { return scan->only_count > 0 && scan->only_count <= FEW; }

static void sort_few(const seine_scan *scan, seine_str few[FEW]) {
    for (size_t i = 0; i < scan->only_count; i++) {
        size_t at = i;
        for (; at > 0 && seine_str_compare(few[at - 1], scan->only[i]) > 0; at--) few[at] = few[at - 1];
        few[at] = scan->only[i];
    }
}

/* Makes @p rows those of @p all from number @p from on. */
static void slice(const seine_rows *all, size_t from, size_t count, seine_vec *vecs, seine_rows *rows) {
    for (size_t c = 0; c < all->column_count; c++) {
        vecs[c] = all->columns[c];
        vecs[c].values = (const uint8_t *)vecs[c].values + from * seine_type_size(vecs[c].type);
        if (vecs[c].valid != NULL) vecs[c].valid += from;
    }
    *rows = (seine_rows){count, all->column_count, vecs};
}

/* ---- by the reader ---- */

/* The next value of a file, or all of it. *more: there was one. */
static seine_status open_reader(cursor *c, bool *more, seine_error *error) {
    const bool narrow = is_narrow(c->scan);
    *more = c->value < (narrow ? c->scan->only_count : 1);
    if (!*more) return SEINE_OK;
    c->wanted = (seine_parquet_wanted){.schema = c->scan->schema,
                                       .columns = c->scan->columns,
                                       .column_count = c->scan->column_count,
                                       .key = narrow ? 0 : SIZE_MAX,
                                       .text = narrow ? c->few[c->value] : (seine_str){NULL, 0},
                                       .time = SIZE_MAX};
    c->value++;
    return seine_parquet_reader_open(c->files[0], &c->wanted, &c->room, &c->reader, error);
}

static seine_status read_rows(cursor *c, seine_error *error) {
    if (c->scan->column_count > SEINE_PARQUET_WANTED_MAX) return SEINE_E_UNSUPPORTED;
    for (bool more = true;;) {
        if (c->reader == NULL) SEINE_TRY(open_reader(c, &more, error));
        if (!more) return SEINE_OK;
        SEINE_TRY(seine_parquet_reader_next(c->reader, &c->arena, &c->rows, error));
        if (c->rows.count > 0) return SEINE_OK;
        seine_parquet_reader_close(c->reader);
        c->reader = NULL;
    }
}

/* ---- by the engine ---- */

/* `mover IN ('a', 'b')`, and the order of rows of several files. */
static seine_status make_where(const seine_scan *scan, bool is_sorted, seine_buf *where) {
    const seine_column *columns = scan->schema->columns;
    if (is_narrow(scan)) SEINE_TRY(seine_sql_name(where, columns[scan->columns[0]].name));
    for (size_t i = 0; is_narrow(scan) && i < scan->only_count; i++) {
        SEINE_TRY(seine_buf_append_str(where, i > 0 ? ", " : " IN ("));
        SEINE_TRY(seine_sql_quote(where, scan->only[i], SEINE_SQL_TEXT));
    }
    SEINE_TRY(seine_buf_append_str(where, is_narrow(scan) ? ")" : "true"));
    if (!is_sorted) return SEINE_OK;
    SEINE_TRY(seine_buf_append_str(where, " ORDER BY "));
    SEINE_TRY(seine_sql_name(where, columns[scan->columns[0]].name));
    SEINE_TRY(seine_buf_append_str(where, ", "));
    return seine_sql_name(where, columns[scan->columns[1]].name);
}

/* The rows in the order in which the reader gives them. */
static seine_status start_query(cursor *c, seine_error *error) {
    seine_buf where SEINE_OWNED(seine_buf_free);
    const seine_scan *scan = c->scan;
    seine_buf_init(&where, WHERE_MAX);
    const bool is_sorted = c->file_count > 1, is_needed = is_sorted || is_narrow(scan);
    const char *text = NULL;
    if (is_needed && make_where(scan, is_sorted, &where) == SEINE_OK) text = seine_buf_text(&where);
    if (is_needed && text == NULL) return seine_no_memory(error, scan->schema->name);
    c->left_out = c->taken;
    return seine_scan_start(scan->engine, scan->schema, scan->columns, scan->column_count, c->files, c->file_count,
                            text, &c->query, error);
}

static seine_status query_rows(cursor *c, seine_error *error) {
    for (;;) {
        seine_rows rows = {0};
        SEINE_TRY(seine_query_next(c->query, &rows, error));
        const size_t count = c->left_out < rows.count ? c->left_out : rows.count;
        c->left_out -= count;
        slice(&rows, count, rows.count - count, c->vecs, &c->rows);
        if (rows.count == 0 || c->rows.count > 0) return SEINE_OK;
    }
}

/* ---- a file ---- */

static void cursor_open(cursor *c, const seine_scan *scan, const seine_str *few, const char *const *files,
                        size_t file_count) {
    *c = (cursor){.scan = scan, .few = few, .files = files, .file_count = file_count};
    seine_parquet_room_init(&c->room);
}

static void cursor_close(cursor *c) {
    seine_parquet_reader_close(c->reader);
    if (c->query != NULL) seine_query_end(c->query);
    seine_parquet_room_free(&c->room);
    seine_arena_free(&c->arena);
}

/* The next rows, in c->rows; none are the end. @return also E_UNSUPPORTED: the reader does not know such a file. */
static seine_status cursor_next(cursor *c, seine_error *error) {
    seine_arena_free(&c->arena);
    c->rows = (seine_rows){0};
    SEINE_TRY(c->query != NULL ? query_rows(c, error) : read_rows(c, error));
    c->taken += c->rows.count;
    return SEINE_OK;
}

static seine_status give_all(cursor *c, seine_rows_sink sink, void *context, seine_error *error) {
    for (;;) {
        seine_error why = {SEINE_OK, ""};
        seine_status status = cursor_next(c, &why);
        if (status == SEINE_E_UNSUPPORTED && c->query == NULL) {
            SEINE_TRY(start_query(c, error));
            status = cursor_next(c, &why);
        }
        if (status != SEINE_OK) return seine_fail(error, status, "%s", why.text);
        if (c->rows.count == 0) return SEINE_OK;
        SEINE_TRY(sink(context, &c->rows, error));
    }
}

/* ---- several files, sorted ---- */

typedef struct merge {
    cursor *cursors;
    size_t opened;
    cursor **live; /* those that have rows, in the order of files */
    size_t count;
    size_t given;
} merge;

static void merge_end(merge *m) {
    for (size_t i = 0; i < m->opened; i++) cursor_close(&m->cursors[i]);
    free(m->cursors);
    free(m->live);
}

/* Order of a row of one file and a row of another. */
static int compare(const seine_rows *a, size_t row_a, const seine_rows *b, size_t row_b) {
    const seine_str *texts_a = a->columns[0].values, *texts_b = b->columns[0].values;
    const int64_t *times_a = a->columns[1].values, *times_b = b->columns[1].values;
    const int order = seine_str_compare(texts_a[row_a], texts_b[row_b]);
    return order != 0 ? order : (times_a[row_a] > times_b[row_b]) - (times_a[row_a] < times_b[row_b]);
}

/* The file whose first row is the least, and the one that comes behind it; SIZE_MAX: there is no other. */
static void find_least(const merge *m, size_t *least, size_t *next) {
    *least = 0;
    *next = SIZE_MAX;
    for (size_t i = 1; i < m->count; i++) {
        if (compare(&m->live[i]->rows, 0, &m->live[*least]->rows, 0) < 0) {
            *next = *least;
            *least = i;
        } else if (*next == SIZE_MAX || compare(&m->live[i]->rows, 0, &m->live[*next]->rows, 0) < 0) {
            *next = i;
        }
    }
}

/* How many rows of one file stand before the first row of another: steps that double, then halves. */
static size_t count_before(const seine_rows *rows, const seine_rows *other, bool is_earlier) {
    size_t least = 1, most = 1; /* the first one does */
    while (most < rows->count) {
        const int order = compare(rows, most, other, 0);
        if (order > 0 || (order == 0 && !is_earlier)) break;
        least = most + 1;
        most *= 2;
    }
    if (most > rows->count) most = rows->count;
    while (least < most) {
        const size_t middle = least + (most - least) / 2;
        const int order = compare(rows, middle, other, 0);
        if (order < 0 || (order == 0 && is_earlier))
            least = middle + 1;
        else
            most = middle;
    }
    return least;
}

static seine_status go_on(merge *m, size_t index, seine_error *error) {
    cursor *c = m->live[index];
    SEINE_TRY(cursor_next(c, error));
    if (c->rows.count > 0) return SEINE_OK;
    memmove(&m->live[index], &m->live[index + 1], (m->count - index - 1) * sizeof *m->live);
    m->count--;
    return SEINE_OK;
}

/* *is_ended: by the sink. */
static seine_status give_least(merge *m, seine_rows_sink sink, void *context, bool *is_ended, seine_error *error) {
    seine_vec vecs[SEINE_PARQUET_WANTED_MAX];
    size_t least, next;
    seine_rows part;
    find_least(m, &least, &next);
    cursor *c = m->live[least];
    const size_t count = next == SIZE_MAX ? c->rows.count : count_before(&c->rows, &m->live[next]->rows, least < next);
    slice(&c->rows, 0, count, vecs, &part);
    const seine_status status = sink(context, &part, error);
    *is_ended = status != SEINE_OK;
    if (*is_ended) return status;
    m->given += count;
    if (count == c->rows.count) return go_on(m, least, error);
    const seine_rows all = c->rows;
    slice(&all, count, all.count - count, c->vecs, &c->rows);
    return SEINE_OK;
}

static seine_status merge_files(merge *m, const seine_scan *scan, const seine_str *few, seine_rows_sink sink,
                                void *context, bool *is_ended, seine_error *error) {
    m->cursors = calloc(scan->file_count, sizeof *m->cursors);
    m->live = calloc(scan->file_count, sizeof *m->live);
    if (m->cursors == NULL || m->live == NULL) return seine_no_memory(error, scan->schema->name);
    for (; m->opened < scan->file_count; m->opened++)
        cursor_open(&m->cursors[m->opened], scan, few, &scan->files[m->opened], 1);
    for (size_t i = 0; i < m->opened; i++) {
        m->live[m->count++] = &m->cursors[i];
        SEINE_TRY(go_on(m, m->count - 1, error));
    }
    while (m->count > 0) SEINE_TRY(give_least(m, sink, context, is_ended, error));
    return SEINE_OK;
}

/* A file that the reader does not know leaves all that is left to one query, which has the same order. */
static seine_status scan_merged(const seine_scan *scan, const seine_str *few, seine_rows_sink sink, void *context,
                                seine_error *error) {
    merge m SEINE_OWNED(merge_end) = {0};
    seine_error why = {SEINE_OK, ""};
    bool is_ended = false;
    const seine_status status = merge_files(&m, scan, few, sink, context, &is_ended, &why);
    if (status == SEINE_OK) return SEINE_OK;
    if (status != SEINE_E_UNSUPPORTED || is_ended) return seine_fail(error, status, "%s", why.text);
    cursor all SEINE_OWNED(cursor_close);
    cursor_open(&all, scan, few, scan->files, scan->file_count);
    all.taken = m.given;
    SEINE_TRY(start_query(&all, error));
    return give_all(&all, sink, context, error);
}

/* ---- public ---- */

seine_status seine_scan_run(const seine_scan *scan, seine_rows_sink sink, void *context, seine_error *error) {
    seine_str few[FEW];
    if (is_narrow(scan)) sort_few(scan, few);
    if (scan->merges && scan->file_count > 1) return scan_merged(scan, few, sink, context, error);
    for (size_t i = 0; i < scan->file_count; i++) {
        cursor c SEINE_OWNED(cursor_close);
        cursor_open(&c, scan, few, &scan->files[i], 1);
        SEINE_TRY(give_all(&c, sink, context, error));
    }
    return SEINE_OK;
}

/* ---- the first rows ---- */

typedef struct first_rows {
    seine_rows_sink look;
    void *context;
    bool is_seen;
} first_rows;

/* A failure ends the reading. */
static seine_status look_once(void *context, const seine_rows *rows, seine_error *error) {
    first_rows *first = context;
    if (rows->count == 0) return SEINE_OK;
    SEINE_TRY(first->look(first->context, rows, error));
    first->is_seen = true;
    return seine_fail(error, SEINE_E_EXISTS, "the first rows were seen");
}

seine_status seine_scan_first(const seine_scan *scan, seine_rows_sink look, void *context, seine_error *error) {
    first_rows first = {.look = look, .context = context};
    seine_error why = {SEINE_OK, ""};
    const seine_status status = seine_scan_run(scan, look_once, &first, &why);
    return status == SEINE_OK || first.is_seen ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}
