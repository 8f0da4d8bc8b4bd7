/*
 * State tables hold one file per day and bucket, so that a late fix rewrites days, not months; heads one file per
 * bucket. Only new files are written here, the commit makes them count.
 */
#include "refresh/store.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "columns/content.h"
#include "io/file.h"
#include "refresh/batch.h"
#include "table/new_file.h"
#include "table/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HEX ((size_t)32)           /* bytes of a hash as text */
#define FIXES_BYTES (3 * HEX + 15) /* of the text of a row's fixes, with its NUL */
#define GROUP_BYTES ((size_t)32 << 20)
#define CONTENTS_MAX ((size_t)1 << 24)

/* Columns of state tables. */
enum { STATE_MOVER, STATE_DAY, STATE_FIXES, STATE_STATE, STATE_COLUMNS };

/* ---- reading ---- */

static const seine_refresh_plan_bucket *bucket_of(const seine_store *store) {
    return &store->plan->buckets[store->bucket];
}

static const seine_refresh_plan_day *day_of(const seine_store *store, int32_t day) {
    const seine_refresh_plan_bucket *bucket = bucket_of(store);
    for (size_t i = 0; i < bucket->day_count; i++)
        if (bucket->days[i].day.day == day) return &bucket->days[i];
    return NULL;
}

/* Puts the columns that were read where batch.h wants them; the others are null. */
typedef struct fix_taker {
    seine_rows_sink sink;
    void *context;
    size_t count;      /* of the columns that batch.h wants */
    size_t *place;     /* column in the rows read; SIZE_MAX = absent */
    seine_vec *wanted; /* room for them */
} fix_taker;

static seine_status place_columns(void *context, const seine_rows *rows, seine_error *error) {
    const fix_taker *taker = context;
    for (size_t i = 0; i < taker->count; i++)
        taker->wanted[i] = taker->place[i] != SIZE_MAX ? rows->columns[taker->place[i]]
                                                       : (seine_vec){.kind = SEINE_VEC_CONSTANT, .is_null = true};
    const seine_rows all = {rows->count, taker->count, taker->wanted};
    return taker->sink(taker->context, &all, error);
}

/* A job may want a column in several places, as what events copy and as an input of its step. @return which of the
 * columns that are read it is. */
static size_t read_once(size_t *columns, size_t *count, size_t column) {
    size_t at = 0;
    while (at < *count && columns[at] != column) at++;
    if (at == *count) columns[(*count)++] = column;
    return at;
}

static seine_status give_fixes(void *context, int32_t day, const seine_str *only, size_t only_count,
                               seine_rows_sink sink, void *sink_context, seine_error *error) {
    const seine_store *store = context;
    const seine_detector_job *job = store->plan->run->job;
    const seine_table_schema *schema = seine_table_schema_of(store->plan->tables[SEINE_PLAN_SILVER]);
    const seine_refresh_plan_day *place = day_of(store, day);
    const size_t wanted = seine_fix_columns(job);
    seine_vec *vecs SEINE_OWNED(seine_free_owned) = malloc(wanted * sizeof *vecs);
    size_t *places SEINE_OWNED(seine_free_owned) = malloc(wanted * sizeof *places);
    size_t *columns SEINE_OWNED(seine_free_owned) = malloc(wanted * sizeof *columns);
    if (vecs == NULL || places == NULL || columns == NULL) return seine_no_memory(error, "reading fixes");
    fix_taker taker = {sink, sink_context, wanted, places, vecs};
    size_t column_count = 0;
    for (size_t i = 0; i < wanted; i++)
        places[i] = place->absent[i]
                        ? SIZE_MAX
                        : read_once(columns, &column_count, seine_schema_column(schema, seine_fix_column(job, i)));
    const seine_scan scan = {.engine = store->engine,
                             .schema = schema,
                             .columns = columns,
                             .column_count = column_count,
                             .files = place->silver,
                             .file_count = place->silver_count,
                             .only = only,
                             .only_count = only_count,
                             .merges = true};
    return seine_scan_run(&scan, place_columns, &taker, error);
}

/* Takes a hash off the front of @p text. */
static bool take_hash(seine_str *text, seine_hash128 *hash) {
    const seine_str whole = {text->data, text->size < HEX ? text->size : HEX};
    if (!seine_hash128_parse(whole, hash)) return false;
    *text = (seine_str){text->data + HEX, text->size - HEX};
    return true;
}

/* " COUNT HASH"; a + behind the count says that more could count. */
static bool parse_looked(seine_str text, seine_looked *looked) {
    uint64_t count = 0;
    if (text.size < HEX + 3 || text.data[0] != ' ') return false;
    const seine_str hash = {text.data + text.size - HEX, HEX};
    const char *p = text.data + 1, *end = hash.data - 1;
    for (; p < end && *p >= '0' && *p <= '9' && count <= UINT32_MAX; p++) count = 10 * count + (uint64_t)(*p - '0');
    looked->is_open = p < end && *p == '+';
    p += looked->is_open;
    looked->count = (uint32_t)count;
    return count <= UINT32_MAX && p == end && *p == ' ' && seine_hash128_parse(hash, &looked->fixes);
}

/* "HASH" of the fixes, "/HASH" of what they were told, and which of them were looked at. */
static bool parse_fixes(seine_str text, seine_state_row *row) {
    if (!take_hash(&text, &row->fixes)) return false;
    if (text.size > 0 && text.data[0] == '/') {
        text = (seine_str){text.data + 1, text.size - 1};
        if (!take_hash(&text, &row->references)) return false;
    }
    return text.size == 0 || parse_looked(text, &row->looked);
}

static seine_str write_fixes(const seine_state_row *row, char text[FIXES_BYTES]) {
    const seine_hash128 nothing = {0, 0};
    char looked[HEX + 1];
    size_t size = HEX;
    seine_hash128_hex(row->fixes, text);
    if (!seine_hash128_equal(row->references, nothing)) {
        text[size++] = '/';
        seine_hash128_hex(row->references, text + size);
        size += HEX;
    }
    if (row->looked.count == 0) return (seine_str){text, size};
    seine_hash128_hex(row->looked.fixes, looked);
    const int more = snprintf(text + size, FIXES_BYTES - size, " %" PRIu32 "%s %s", row->looked.count,
                              row->looked.is_open ? "+" : "", looked);
    return (seine_str){text, size + (size_t)more};
}

typedef struct state_taker {
    seine_state_sink sink;
    void *context;
} state_taker;

static seine_status take_states(void *context, const seine_rows *rows, seine_error *error) {
    const state_taker *taker = context;
    const seine_str *movers = rows->columns[STATE_MOVER].values, *fixes = rows->columns[STATE_FIXES].values;
    const seine_str *states = rows->columns[STATE_STATE].values;
    const int32_t *days = rows->columns[STATE_DAY].values;
    for (size_t i = 0; i < rows->count; i++) {
        seine_state_row row = {.mover = movers[i], .day = days[i], .state = states[i]};
        if (!parse_fixes(fixes[i], &row))
            return seine_fail(error, SEINE_E_FORMAT, "the state of %.*s has the fix hash '%.*s'",
                              SEINE_STR_ARG(movers[i]), SEINE_STR_ARG(fixes[i]));
        SEINE_TRY(taker->sink(taker->context, &row, error));
    }
    return SEINE_OK;
}

static seine_status scan_states(const seine_store *store, size_t table, const char *const *files, size_t count,
                                const seine_str *only, size_t only_count, state_taker taker, seine_error *error) {
    static const size_t columns[STATE_COLUMNS] = {STATE_MOVER, STATE_DAY, STATE_FIXES, STATE_STATE};
    const seine_scan scan = {.engine = store->engine,
                             .schema = seine_table_schema_of(store->plan->tables[table]),
                             .columns = columns,
                             .column_count = STATE_COLUMNS,
                             .files = files,
                             .file_count = count,
                             .only = only,
                             .only_count = only_count};
    return seine_scan_run(&scan, take_states, &taker, error);
}

static seine_status give_states(void *context, int32_t first_day, int32_t last_day, const seine_str *only,
                                size_t only_count, seine_state_sink sink, void *sink_context, seine_error *error) {
    const seine_store *store = context;
    const seine_refresh_plan_bucket *bucket = bucket_of(store);
    size_t count = 0;
    for (size_t i = 0; i < bucket->day_count; i++) count += bucket->days[i].state_count;
    const char **files SEINE_OWNED(seine_free_owned) = malloc((count + 1) * sizeof *files);
    if (files == NULL) return seine_no_memory(error, "states");
    count = 0;
    for (size_t i = 0; i < bucket->day_count; i++) {
        const seine_refresh_plan_day *day = &bucket->days[i];
        if (day->day.day < first_day || day->day.day > last_day) continue;
        for (size_t f = 0; f < day->state_count; f++) files[count++] = day->states[f];
    }
    return scan_states(store, SEINE_PLAN_STATE, files, count, only, only_count, (state_taker){sink, sink_context},
                       error);
}

static seine_status give_head(void *context, seine_state_sink sink, void *sink_context, seine_error *error) {
    const seine_store *store = context;
    const seine_refresh_plan_bucket *bucket = bucket_of(store);
    return scan_states(store, SEINE_PLAN_HEAD, bucket->heads, bucket->head_count, NULL, 0,
                       (state_taker){sink, sink_context}, error);
}

/* ---- writing ---- */

static seine_status write_group(seine_parquet_writer *writer, const seine_state_row *rows, size_t count,
                                seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_str *movers = SEINE_ARENA_ARRAY(&arena, seine_str, count);
    int32_t *days = SEINE_ARENA_ARRAY(&arena, int32_t, count);
    seine_str *fixes = SEINE_ARENA_ARRAY(&arena, seine_str, count);
    seine_str *states = SEINE_ARENA_ARRAY(&arena, seine_str, count);
    char *texts = SEINE_ARENA_ARRAY(&arena, char, count *FIXES_BYTES);
    if (movers == NULL || days == NULL || fixes == NULL || states == NULL || texts == NULL)
        return seine_no_memory(error, "states");
    for (size_t i = 0; i < count; i++) {
        movers[i] = rows[i].mover;
        days[i] = rows[i].day;
        fixes[i] = write_fixes(&rows[i], texts + FIXES_BYTES * i);
        states[i] = rows[i].state;
    }
    seine_vec columns[STATE_COLUMNS] = {
        [STATE_MOVER] = {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_PLAIN, .values = movers},
        [STATE_DAY] = {.type = SEINE_TYPE_DATE, .kind = SEINE_VEC_PLAIN, .values = days},
        [STATE_FIXES] = {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_PLAIN, .values = fixes},
        [STATE_STATE] = {.type = SEINE_TYPE_BINARY, .kind = SEINE_VEC_PLAIN, .values = states}};
    const seine_rows group = {count, STATE_COLUMNS, columns};
    return seine_parquet_write(writer, &group, error);
}

static seine_status write_groups(seine_parquet_writer *writer, const seine_state_row *rows, size_t count,
                                 seine_error *error) {
    for (size_t first = 0, last; first < count; first = last) {
        size_t bytes = rows[first].state.size;
        for (last = first + 1; last < count && last - first < SEINE_ROW_GROUP_ROWS && bytes < GROUP_BYTES; last++)
            bytes += rows[last].state.size;
        SEINE_TRY(write_group(writer, rows + first, last - first, error));
    }
    return SEINE_OK;
}

static seine_status write_states(seine_store *store, size_t table, const seine_partition_value *partition,
                                 const seine_state_row *rows, size_t count, seine_changed_files *files,
                                 seine_error *error) {
    seine_new_file made;
    seine_data_file file = {0};
    const seine_table *to = store->plan->tables[table];
    SEINE_TRY(seine_new_file_open(to, seine_table_schema_of(to), partition, store->batch, &store->arena, &made, error));
    const seine_status status = write_groups(made.writer, rows, count, error);
    SEINE_TRY(seine_new_file_end(&made, status, &store->arena, &file, error));
    return seine_changed_files_add(files, &file) == SEINE_OK ? SEINE_OK : seine_no_memory(error, "states");
}

static seine_status put_states(void *context, int32_t day, const seine_state_row *rows, size_t count,
                               seine_error *error) {
    seine_store *store = context;
    const seine_refresh_plan_day *place = day_of(store, day);
    for (size_t i = 0; i < place->state_count; i++)
        if (seine_changed_files_remove(&store->states, place->states[i]) != SEINE_OK)
            return seine_no_memory(error, "states");
    if (count == 0) return SEINE_OK;
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{.value = seine_month_of_day(day)},
                                                                         {.value = store->bucket}};
    return write_states(store, SEINE_PLAN_STATE, partition, rows, count, &store->states, error);
}

static seine_status put_head(void *context, const seine_state_row *rows, size_t count, seine_error *error) {
    seine_store *store = context;
    const seine_refresh_plan_bucket *bucket = bucket_of(store);
    for (size_t i = 0; i < bucket->head_count; i++)
        if (seine_changed_files_remove(&store->heads, bucket->heads[i]) != SEINE_OK)
            return seine_no_memory(error, "states");
    if (count == 0) return SEINE_OK;
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{.value = store->bucket}};
    return write_states(store, SEINE_PLAN_HEAD, partition, rows, count, &store->heads, error);
}

/* ---- rows with columns ---- */

/* With a NULL partition they are only counted and hashed. */
static seine_status take_rows(seine_store *store, const seine_partition_value *partition, const seine_fed_rows *rows,
                              seine_error *error) {
    if (store->row_file == NULL)
        SEINE_TRY(seine_row_file_new(store->plan->run, store->plan->tables[SEINE_PLAN_COLUMNS], store->batch,
                                     &store->row_file, error));
    return seine_row_file_put(store->row_file, partition, rows, error);
}

static seine_status put_rows(void *context, int32_t day, const seine_fed_rows *rows, seine_error *error) {
    seine_store *store = context;
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{.value = day}, {.value = store->bucket}};
    return take_rows(store, partition, rows, error);
}

/* ---- a trial ---- */

static bool same_partition(const seine_partition_value *a, const seine_partition_value *b) {
    return a[0].value == b[0].value && a[1].value == b[1].value;
}

static seine_status try_rows(void *context, int32_t day, const seine_fed_rows *rows, seine_error *error) {
    (void)day;
    return take_rows(context, NULL, rows, error);
}

/* Rows of the table, of some movers. */
typedef struct rows_of_some {
    const seine_str *only;
    size_t only_count;
    seine_hash128 content;
    int64_t rows;
} rows_of_some;

static seine_status hash_rows(void *context, const seine_rows *rows, seine_error *error) {
    rows_of_some *some = context;
    const seine_str *names = rows->columns[0].values;
    (void)error;
    for (size_t first = 0, last; first < rows->count; first = last) {
        last = first + 1;
        while (last < rows->count && seine_str_equal(names[last], names[first])) last++;
        if (bsearch(&names[first], some->only, some->only_count, sizeof *some->only, seine_str_order) == NULL) continue;
        seine_content_add_words(&some->content, rows, first, last);
        some->rows += (int64_t)(last - first);
    }
    return SEINE_OK;
}

/* All columns of the rows of a partition of the table, or those of some movers and perhaps of others. */
static seine_status scan_stored(const seine_store *store, const seine_partition_value *partition, const seine_str *only,
                                size_t only_count, seine_rows_sink sink, void *context, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_table *table = store->plan->tables[SEINE_PLAN_COLUMNS];
    const seine_table_schema *schema = seine_table_schema_of(table);
    const seine_live_file *live = NULL;
    size_t count = 0, file_count = 0;
    SEINE_TRY(seine_table_files(table, &live, &count, error));
    const char **files = SEINE_ARENA_ARRAY(&arena, const char *, count + 1);
    size_t *columns = SEINE_ARENA_ARRAY(&arena, size_t, schema->column_count);
    if (files == NULL || columns == NULL) return seine_no_memory(error, "reading rows");
    for (size_t i = 0; i < schema->column_count; i++) columns[i] = i;
    for (size_t i = 0; i < count; i++)
        if (same_partition(live[i].file.partition, partition)) files[file_count++] = live[i].file.path;
    const seine_scan scan = {.engine = store->engine,
                             .schema = schema,
                             .columns = columns,
                             .column_count = schema->column_count,
                             .files = files,
                             .file_count = file_count,
                             .only = only,
                             .only_count = only_count,
                             .merges = true};
    return seine_scan_run(&scan, sink, context, error);
}

static seine_status end_trial(void *context, int32_t day, const seine_str *only, size_t only_count, bool *is_same,
                              seine_error *error) {
    seine_store *store = context;
    seine_row_file_end end = {0};
    rows_of_some some = {only, only_count, {0, 0}, 0};
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{.value = day}, {.value = store->bucket}};
    if (store->row_file != NULL) SEINE_TRY(seine_row_file_finish(store->row_file, &store->arena, &end, error));
    if (only_count > 0) SEINE_TRY(scan_stored(store, partition, only, only_count, hash_rows, &some, error));
    *is_same = some.rows == end.rows && seine_hash128_equal(some.content, end.content);
    if (*is_same) store->unchanged++;
    return SEINE_OK;
}

/* ---- what becomes of a partition ---- */

/* Whether the ledger has the same rows in that partition already. */
static bool is_known(const seine_refresh_plan *plan, const seine_partition_row *row) {
    for (size_t i = 0; i < plan->column_count; i++)
        if (same_partition(plan->columns[i].partition, row->partition))
            return plan->columns[i].rows == row->rows && seine_hash128_equal(plan->columns[i].content, row->content);
    return false;
}

seine_status seine_remove_columns(const seine_refresh_plan *plan, const seine_partition_value *partition,
                                  seine_changed_files *files, seine_error *error) {
    const seine_live_file *live = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(plan->tables[SEINE_PLAN_COLUMNS], &live, &count, error));
    for (size_t i = 0; i < count; i++)
        if (same_partition(live[i].file.partition, partition) &&
            seine_changed_files_remove(files, live[i].file.path) != SEINE_OK)
            return seine_no_memory(error, "states");
    return SEINE_OK;
}

static seine_status replace_partition(seine_store *store, const seine_data_file *file, const seine_partition_row *row,
                                      seine_error *error) {
    if (seine_changed_files_add(&store->columns, file) != SEINE_OK) return seine_no_memory(error, "states");
    if (SEINE_ARRAY_ROOM(store->contents, store->content_count, store->content_capacity, 1, CONTENTS_MAX) != SEINE_OK)
        return seine_no_memory(error, "states");
    store->contents[store->content_count++] = *row;
    return seine_remove_columns(store->plan, row->partition, &store->columns, error);
}

static seine_status end_rows(void *context, int32_t day, seine_error *error) {
    seine_store *store = context;
    if (store->row_file == NULL) return SEINE_OK; /* a day without fixes: the plan lists it as vanished */
    seine_row_file_end end;
    SEINE_TRY(seine_row_file_finish(store->row_file, &store->arena, &end, error));
    if (end.rows == 0) return SEINE_OK;
    seine_partition_row row = {
        .partition = {{.value = day}, {.value = store->bucket}}, .content = end.content, .rows = end.rows};
    if (!is_known(store->plan, &row)) return replace_partition(store, &end.file, &row, error);
    store->unchanged++;
    return seine_file_batch_remove(store->batch, end.file.path, error);
}

/* ---- new rows among those that stay ---- */

/* New rows of some movers among those of all others. */
typedef struct mixing {
    seine_store *store;
    const seine_partition_value *partition;
    const seine_fed_rows *fed;
    size_t group; /* the first one that is not written */
} mixing;

static seine_str group_name(const mixing *m) { return m->fed->movers[m->fed->batch->groups[m->group].mover]; }

static seine_status put_next_group(mixing *m, seine_error *error) {
    return seine_row_file_put_group(m->store->row_file, m->partition, m->fed, &m->fed->batch->groups[m->group++],
                                    error);
}

/* Whether new rows of that mover were the last ones written: its former rows go. */
static bool is_replaced(const mixing *m, seine_str name) {
    return m->group > 0 && seine_str_equal(m->fed->movers[m->fed->batch->groups[m->group - 1].mover], name);
}

static seine_status mix(void *context, const seine_rows *rows, seine_error *error) {
    mixing *m = context;
    const seine_str *names = rows->columns[0].values;
    size_t done = 0; /* rows before it are written or left out */
    for (size_t first = 0, last; first < rows->count; first = last) {
        for (last = first + 1; last < rows->count && seine_str_equal(names[last], names[first]);) last++;
        while (m->group < m->fed->batch->group_count && seine_str_compare(group_name(m), names[first]) <= 0) {
            SEINE_TRY(seine_row_file_copy(m->store->row_file, m->partition, rows, done, first, error));
            done = first;
            SEINE_TRY(put_next_group(m, error));
        }
        if (!is_replaced(m, names[first])) continue;
        SEINE_TRY(seine_row_file_copy(m->store->row_file, m->partition, rows, done, first, error));
        done = last;
    }
    return seine_row_file_copy(m->store->row_file, m->partition, rows, done, rows->count, error);
}

static seine_status put_among(void *context, int32_t day, const seine_fed_rows *rows, seine_error *error) {
    seine_store *store = context;
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{.value = day}, {.value = store->bucket}};
    mixing m = {.store = store, .partition = partition, .fed = rows};
    SEINE_TRY(scan_stored(store, partition, NULL, 0, mix, &m, error));
    while (m.group < rows->batch->group_count) SEINE_TRY(put_next_group(&m, error));
    return end_rows(store, day, error);
}

seine_bucket_io seine_store_io(seine_store *store) {
    return (seine_bucket_io){store,    give_fixes, give_states, give_head, put_states, put_head,
                             put_rows, end_rows,   try_rows,    end_trial, put_among};
}

void seine_store_free(seine_store *store) {
    seine_changed_files_free(&store->states);
    seine_changed_files_free(&store->heads);
    seine_changed_files_free(&store->columns);
    seine_row_file_free(store->row_file);
    free(store->contents);
    seine_arena_free(&store->arena);
}
