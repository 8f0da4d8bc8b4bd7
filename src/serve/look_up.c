/*
 * A look-up goes day by day, because a table of fixes has its files by day:
 *
 *     files that may match ─► days in order ─► rows of a day, sorted if need be ─► batches
 *                                   └─ a file of another kind: SQL over this day and all after it
 *
 * Only one day's rows are in memory at a time, and days behind the limit are not read.
 */
#include "serve/look_up.h"

#include "base/array.h"
#include "base/try.h"
#include "io/clock.h"
#include "parquet/storage.h"
#include "parquet/reader.h"

#include <stdlib.h>

#define BATCH_ROWS 2048 /* as the engine has them: a Parquet answer has a row group for each */
#define NAMES_MAX_BYTES 4096
#define PARTS_MAX ((size_t)1 << 20) /* row groups of a day that hold the mover */

typedef struct day_file {
    int32_t day;
    size_t index; /* in the table: files of a day keep their order */
} day_file;

/* A row of the day's parts. */
typedef struct row_place {
    int64_t time_us;
    uint32_t part, row;
} row_place;

typedef struct look_up {
    seine_call *call;
    const seine_look_up *wanted;
    seine_batch_fn take;
    void *context;
    seine_scan scan;
    const day_file *files;
    size_t file_count;
    /* What is read: the wanted columns that there are, key and time. */
    size_t read[SEINE_LOOK_UP_ROW_COLUMNS + 2];
    size_t read_count, key, time;
    size_t source[SEINE_LOOK_UP_ROW_COLUMNS]; /* of each wanted column among those read; SIZE_MAX = null */
    /* The day */
    seine_arena day;
    seine_rows *parts;
    size_t part_count, part_capacity;
    /* The batch */
    seine_vec vecs[SEINE_LOOK_UP_ROW_COLUMNS];
    uint8_t *values[SEINE_LOOK_UP_ROW_COLUMNS], *valid[SEINE_LOOK_UP_ROW_COLUMNS];
    size_t nulls[SEINE_LOOK_UP_ROW_COLUMNS];
    seine_arena texts;
    size_t count;
    int64_t left; /* rows that are still wanted */
} look_up;

/* ---- batches ---- */

static seine_status begin_batches(look_up *l, seine_error *error) {
    for (size_t i = 0; i < l->wanted->column_count; i++) {
        l->values[i] = seine_arena_alloc(&l->call->arena, BATCH_ROWS * seine_type_size(l->wanted->columns[i].type));
        l->valid[i] = seine_arena_alloc(&l->call->arena, BATCH_ROWS);
        if (l->values[i] == NULL || l->valid[i] == NULL) return seine_no_memory(error, "look-up");
    }
    return SEINE_OK;
}

static seine_status give_batch(look_up *l, seine_error *error) {
    if (l->count == 0) return SEINE_OK;
    const size_t columns = l->wanted->column_count;
    for (size_t i = 0; i < columns; i++) {
        l->vecs[i] = (seine_vec){.type = l->wanted->columns[i].type,
                                 .kind = SEINE_VEC_PLAIN,
                                 .values = l->values[i],
                                 .valid = l->nulls[i] > 0 ? l->valid[i] : NULL};
        l->nulls[i] = 0;
    }
    const seine_rows rows = {l->count, columns, l->vecs};
    l->count = 0;
    const seine_status status = l->take(l->context, &rows, error);
    seine_arena_free(&l->texts);
    return status;
}

/* Texts outlive their day until the batch is given; neighbouring rows often share one. */
static seine_status copy_texts(look_up *l, size_t column, size_t count) {
    seine_str *texts = (seine_str *)(void *)l->values[column] + l->count, former = {NULL, 0}, copy = {NULL, 0};
    for (size_t i = 0; i < count; i++) {
        if (!l->valid[column][l->count + i]) continue;
        if (texts[i].data != former.data || texts[i].size != former.size || copy.data == NULL) {
            former = texts[i];
            copy = (seine_str){seine_arena_copy(&l->texts, former.data, former.size), former.size};
            if (copy.data == NULL) return SEINE_E_NOMEM;
        }
        texts[i] = copy;
    }
    return SEINE_OK;
}

/* One column of rows into the batch, behind those in it. */
static seine_status gather(look_up *l, size_t column, const seine_rows *parts, const row_place *places, size_t count) {
    const size_t source = l->source[column], size = seine_type_size(l->wanted->columns[column].type);
    uint8_t *values = l->values[column] + l->count * size, *valid = l->valid[column] + l->count;
    if (source == SIZE_MAX) {
        memset(valid, 0, count);
        l->nulls[column] += count;
        return SEINE_OK;
    }
    for (size_t i = 0; i < count; i++) {
        const seine_vec *vec = &parts[places[i].part].columns[source];
        const size_t row = places[i].row;
        valid[i] = vec->valid == NULL || vec->valid[row];
        l->nulls[column] += !valid[i];
        if (size == 8) /* nearly always, and quicker than a size that is not known */
            memcpy(values + i * 8, (const uint8_t *)vec->values + row * 8, 8);
        else
            memcpy(values + i * size, (const uint8_t *)vec->values + row * size, size);
    }
    return seine_type_is_text(l->wanted->columns[column].type) ? copy_texts(l, column, count) : SEINE_OK;
}

/* Appends rows in the order given, and gives out each batch that is full. */
static seine_status put_rows(look_up *l, const seine_rows *parts, const row_place *places, size_t count,
                             seine_error *error) {
    if ((int64_t)count > l->left) count = (size_t)l->left;
    l->left -= (int64_t)count;
    for (size_t done = 0; done < count;) {
        const size_t room = BATCH_ROWS - l->count, some = count - done < room ? count - done : room;
        for (size_t i = 0; i < l->wanted->column_count; i++)
            if (gather(l, i, parts, places + done, some) != SEINE_OK) return seine_no_memory(error, "look-up");
        l->count += some;
        done += some;
        if (l->count == BATCH_ROWS) SEINE_TRY(give_batch(l, error));
    }
    return SEINE_OK;
}

/* ---- by SQL ---- */

static seine_status take_sql(void *context, const seine_rows *rows, seine_error *error) {
    look_up *l = context;
    row_place places[BATCH_ROWS];
    for (size_t first = 0; first < rows->count; first += BATCH_ROWS) {
        const size_t count = rows->count - first < BATCH_ROWS ? rows->count - first : BATCH_ROWS;
        for (size_t i = 0; i < count; i++) places[i] = (row_place){0, 0, (uint32_t)(first + i)};
        SEINE_TRY(put_rows(l, rows, places, count, error));
    }
    return SEINE_OK;
}

/* `SELECT columns FROM files WHERE … ORDER BY ts LIMIT …` of the columns read. */
static void put_statement(look_up *l, seine_buf *only, seine_sql *sql) {
    const seine_column *columns = l->scan.table->schema->columns;
    seine_sql_put(sql, "SELECT ");
    for (size_t i = 0; i < l->read_count; i++) {
        const char *name = columns[l->read[i]].name;
        seine_sql_put(sql, "%sf.\"%s\"", i > 0 ? ", " : "", name);
        if (sql->status == SEINE_OK) sql->status = seine_buf_printf(only, "%s%s", i > 0 ? " " : "", name);
    }
    l->scan.only = seine_buf_text(only);
    if (sql->status == SEINE_OK && l->scan.only == NULL) sql->status = SEINE_E_NOMEM;
    seine_sql_put(sql, " FROM ");
    seine_scan_put(&l->scan, sql);
    seine_sql_put(sql, " ORDER BY f.\"%s\"%s", l->wanted->time, l->wanted->newest_first ? " DESC" : "");
    if (l->wanted->limit == INT64_MAX) return;
    seine_sql_put(sql, " LIMIT ");
    seine_sql_put_long(sql, l->left);
}

/* The rows of some files, by a statement. */
static seine_status by_sql(look_up *l, const day_file *files, size_t count, seine_error *error) {
    const seine_view_table *table = l->scan.table;
    seine_live_file *rest = SEINE_ARENA_ARRAY(&l->call->arena, seine_live_file, count);
    if (rest == NULL) return seine_no_memory(error, "look-up");
    for (size_t i = 0; i < count; i++) rest[i] = table->files[files[i].index];
    seine_view_table some = *table;
    some.files = rest;
    some.file_count = count;
    seine_buf only SEINE_OWNED(seine_buf_free);
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_buf_init(&only, NAMES_MAX_BYTES);
    seine_sql_init(&sql, &l->call->arena);
    l->call->is_by_sql = true;
    l->scan.table = &some;
    put_statement(l, &only, &sql);
    const seine_status status = seine_call_each(l->call, &sql, take_sql, l, error);
    l->scan.table = table;
    return status;
}

/* ---- directly ---- */

static bool is_late(const seine_call *call) {
    return call->deadline_us != 0 && seine_clock_monotonic_us() > call->deadline_us;
}

static seine_status keep_part(look_up *l, const seine_rows *rows) {
    SEINE_TRY(SEINE_ARENA_ROOM(&l->day, l->parts, l->part_count, l->part_capacity, 1, PARTS_MAX));
    l->parts[l->part_count++] = *rows;
    return SEINE_OK;
}

static seine_status read_file(look_up *l, const char *path, seine_error *error) {
    const seine_look_up *wanted = l->wanted;
    const seine_parquet_wanted rows_wanted = {.schema = l->scan.table->schema,
                                              .columns = l->read,
                                              .column_count = l->read_count,
                                              .key = l->key,
                                              .text = wanted->mover,
                                              .time = l->time,
                                              .from_us = wanted->from_us,
                                              .to_us = wanted->to_us};
    seine_parquet_reader *reader SEINE_OWNED(seine_parquet_reader_close_owned) = NULL;
    if (!seine_call_is_fenced(l->call, path))
        return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: not in the lake", path);
    const seine_status status = seine_parquet_reader_open(path, &rows_wanted, l->call->room, &reader, error);
    if (status == SEINE_E_NOT_FOUND) return seine_fail(error, SEINE_E_IO, "%s: has gone", path);
    SEINE_TRY(status);
    for (;;) {
        seine_rows rows;
        if (is_late(l->call)) return seine_fail(error, SEINE_E_INTERRUPTED, "%s: out of time", path);
        SEINE_TRY(seine_parquet_reader_next(reader, &l->day, &rows, error));
        if (rows.count == 0) return SEINE_OK;
        if (keep_part(l, &rows) != SEINE_OK) return seine_no_memory(error, "look-up");
    }
}

static int compare_places(const void *left, const void *right) {
    const row_place *a = left, *b = right;
    if (a->time_us != b->time_us) return a->time_us < b->time_us ? -1 : 1;
    if (a->part != b->part) return a->part < b->part ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* The day's rows by time. Within a file they are already; more than one file may have some. */
static seine_status put_day(look_up *l, seine_error *error) {
    size_t count = 0, at = 0;
    bool is_sorted = true;
    for (size_t p = 0; p < l->part_count; p++) count += l->parts[p].count;
    row_place *places = SEINE_ARENA_ARRAY(&l->day, row_place, count);
    if (places == NULL) return seine_no_memory(error, "look-up");
    for (size_t p = 0; p < l->part_count; p++) {
        const int64_t *time_us = l->parts[p].columns[l->time].values;
        for (size_t row = 0; row < l->parts[p].count; row++, at++) {
            places[at] = (row_place){time_us[row], (uint32_t)p, (uint32_t)row};
            is_sorted = is_sorted && (at == 0 || places[at - 1].time_us <= time_us[row]);
        }
    }
    if (!is_sorted) qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; l->wanted->newest_first && i < count / 2; i++) {
        const row_place other = places[i];
        places[i] = places[count - 1 - i];
        places[count - 1 - i] = other;
    }
    return put_rows(l, l->parts, places, count, error);
}

/* Reads and gives out the files of a day. @return E_UNSUPPORTED: none of its rows were given out. */
static seine_status read_day(look_up *l, const day_file *files, size_t count, seine_error *error) {
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < count && status == SEINE_OK; i++)
        status = read_file(l, l->scan.table->files[files[i].index].file.path, error);
    if (status == SEINE_OK) status = put_day(l, error);
    l->parts = NULL;
    l->part_count = l->part_capacity = 0;
    seine_arena_free(&l->day);
    return status;
}

/* ---- the look-up ---- */

static size_t add_read(look_up *l, const char *name) {
    const size_t column = seine_schema_column(l->scan.table->schema, name);
    if (column == SIZE_MAX) return SIZE_MAX;
    for (size_t i = 0; i < l->read_count; i++)
        if (l->read[i] == column) return i;
    l->read[l->read_count] = column;
    return l->read_count++;
}

static void choose_columns(look_up *l) {
    for (size_t i = 0; i < l->wanted->column_count; i++) l->source[i] = add_read(l, l->wanted->columns[i].name);
    l->key = add_read(l, l->wanted->id);
    l->time = add_read(l, l->wanted->time);
}

/* Which part of the partition tuple is the day of the time; SIZE_MAX = none. */
static size_t day_field(const seine_table_schema *schema, size_t time) {
    for (size_t i = 0; i < schema->partition_count; i++)
        if (schema->partition[i].transform == SEINE_TRANSFORM_DAY &&
            schema->partition[i].source_id == schema->columns[time].id)
            return i;
    return SIZE_MAX;
}

static int compare_files(const void *left, const void *right) {
    const day_file *a = left, *b = right;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static int compare_files_back(const void *left, const void *right) { return compare_files(right, left); }

/* The files that may match, by day. *has_days: their days are known. */
static seine_status find_files(look_up *l, bool *has_days, seine_error *error) {
    const seine_view_table *table = l->scan.table;
    const size_t field = day_field(table->schema, l->read[l->time]);
    day_file *files = SEINE_ARENA_ARRAY(&l->call->arena, day_file, table->file_count);
    if (files == NULL) return seine_no_memory(error, "look-up");
    *has_days = field != SIZE_MAX;
    for (size_t i = 0; i < table->file_count; i++) {
        const seine_data_file *file = &table->files[i].file;
        if (!seine_scan_may_match(&l->scan, file)) continue;
        if (*has_days && file->partition[field].is_null) *has_days = false;
        files[l->file_count++] = (day_file){*has_days ? file->partition[field].value : 0, i};
    }
    if (*has_days)
        qsort(files, l->file_count, sizeof *files, l->wanted->newest_first ? compare_files_back : compare_files);
    l->files = files;
    return SEINE_OK;
}

static seine_status read_days(look_up *l, seine_error *error) {
    for (size_t first = 0, end = 0; first < l->file_count && l->left > 0; first = end) {
        seine_error own = {SEINE_OK, ""};
        while (end < l->file_count && l->files[end].day == l->files[first].day) end++;
        const seine_status status = read_day(l, l->files + first, end - first, &own);
        if (status == SEINE_E_UNSUPPORTED) return by_sql(l, l->files + first, l->file_count - first, error);
        if (status != SEINE_OK) return seine_fail(error, status, "%s", own.text);
    }
    return SEINE_OK;
}

static void look_up_end(look_up *l) {
    seine_arena_free(&l->day);
    seine_arena_free(&l->texts);
    seine_scan_free(&l->scan);
}

seine_status seine_look_up_each(seine_call *call, const seine_look_up *wanted, seine_batch_fn take, void *context,
                                seine_error *error) {
    look_up l SEINE_OWNED(look_up_end) = {
        .call = call, .wanted = wanted, .take = take, .context = context, .left = wanted->limit};
    bool has_days = false;
    seine_scan_begin(&l.scan, call->view, wanted->table, "f", &call->arena);
    if (l.scan.table == NULL) return seine_fail(error, SEINE_E_INTERNAL, "no table %s", wanted->table);
    seine_scan_id(&l.scan, wanted->id, wanted->mover);
    seine_scan_range(&l.scan, wanted->time, wanted->from_us, wanted->to_us);
    choose_columns(&l);
    if (l.scan.where.status != SEINE_OK)
        return seine_fail(error, l.scan.where.status, "the conditions on %s cannot be written", wanted->table);
    SEINE_TRY(begin_batches(&l, error));
    SEINE_TRY(find_files(&l, &has_days, error));
    if (l.file_count > 0) SEINE_TRY(has_days ? read_days(&l, error) : by_sql(&l, l.files, l.file_count, error));
    return give_batch(&l, error);
}
