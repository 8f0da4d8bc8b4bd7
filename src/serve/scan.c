/* Statements over a view, and which files they have to read. */
#include "serve/scan.h"

#include "base/array.h"
#include "base/time.h"

#include <math.h>
#include <stdio.h>

#define STATEMENT_MAX_BYTES ((size_t)64 * 1024 * 1024)

/* ---- statements ---- */

void seine_sql_init(seine_sql *sql, seine_arena *arena) {
    *sql = (seine_sql){.arena = arena, .status = SEINE_OK};
    seine_buf_init(&sql->text, STATEMENT_MAX_BYTES);
}

void seine_sql_free(seine_sql *sql) { seine_buf_free(&sql->text); }

static void note(seine_sql *sql, seine_status status) {
    if (sql->status == SEINE_OK) sql->status = status;
}

void seine_sql_put(seine_sql *sql, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    seine_status status = length < 0 ? SEINE_E_INTERNAL : seine_buf_reserve(&sql->text, (size_t)length + 1);
    if (status == SEINE_OK) {
        (void)vsnprintf((char *)sql->text.data + sql->text.size, (size_t)length + 1, format, again);
        sql->text.size += (size_t)length;
    }
    va_end(again);
    note(sql, status);
}

static bool has_room(seine_sql *sql) {
    const seine_status status = SEINE_ARENA_ROOM(sql->arena, sql->values, sql->value_count, sql->value_capacity, 1,
                                                 (size_t)SEINE_SQL_PARAMS_MAX);
    note(sql, status == SEINE_E_LIMIT ? SEINE_E_INTERNAL : status); /* no request may ask for so many */
    return status == SEINE_OK;
}

static void add_value(seine_sql *sql, const seine_sql_value *value) {
    if (!has_room(sql)) return;
    sql->values[sql->value_count++] = *value;
    seine_sql_put(sql, "$%zu", sql->value_count);
}

/* The type stands in the statement, because the engine plans it before it sees the value. */
void seine_sql_put_value(seine_sql *sql, const seine_sql_value *value) {
    seine_sql_put(sql, "CAST(");
    add_value(sql, value);
    seine_sql_put(sql, " AS %s)", seine_type_sql(value->type));
}

void seine_sql_put_text(seine_sql *sql, seine_str text) {
    const char *copy = seine_arena_copy(sql->arena, text.data != NULL ? text.data : "", text.size);
    if (copy == NULL) note(sql, SEINE_E_NOMEM);
    seine_sql_put_value(sql, &(seine_sql_value){.type = SEINE_TYPE_STRING, .text = {copy, text.size}});
}

void seine_sql_put_long(seine_sql *sql, int64_t value) {
    seine_sql_put_value(sql, &(seine_sql_value){.type = SEINE_TYPE_LONG, .integer = value});
}

void seine_sql_put_double(seine_sql *sql, double value) {
    seine_sql_put_value(sql, &(seine_sql_value){.type = SEINE_TYPE_DOUBLE, .number = value});
}

void seine_sql_put_contains(seine_sql *sql, const char *column, seine_str text) {
    seine_sql_put(sql, "contains(lower(%s), lower(", column);
    seine_sql_put_text(sql, text);
    seine_sql_put(sql, "))");
}

void seine_sql_put_time(seine_sql *sql, int64_t time_us) {
    seine_sql_put_value(sql, &(seine_sql_value){.type = SEINE_TYPE_TIMESTAMPTZ, .integer = time_us});
}

void seine_sql_put_date(seine_sql *sql, int32_t day) {
    seine_sql_put_value(sql, &(seine_sql_value){.type = SEINE_TYPE_DATE, .integer = day});
}

void seine_sql_put_box(seine_sql *sql, const char *lon, const char *lat, const double box[4]) {
    seine_sql_put(sql, "(%s BETWEEN ", lat);
    seine_sql_put_double(sql, box[1]);
    seine_sql_put(sql, " AND ");
    seine_sql_put_double(sql, box[3]);
    seine_sql_put(sql, " AND (%s >= ", lon);
    seine_sql_put_double(sql, box[0]);
    seine_sql_put(sql, " %s %s <= ", box[0] <= box[2] ? "AND" : "OR", lon);
    seine_sql_put_double(sql, box[2]);
    seine_sql_put(sql, "))");
}

void seine_sql_put_sql(seine_sql *sql, const seine_sql *other) {
    note(sql, other->status);
    if (other->text.size == 0) return;
    const char *at = (const char *)other->text.data, *const end = at + other->text.size;
    while (at < end && sql->status == SEINE_OK) {
        const char *dollar = memchr(at, '$', (size_t)(end - at));
        note(sql, seine_buf_append(&sql->text, at, (size_t)((dollar != NULL ? dollar : end) - at)));
        if (dollar == NULL) break;
        size_t number = 0;
        for (at = dollar + 1; at < end && *at >= '0' && *at <= '9'; at++) number = number * 10 + (size_t)(*at - '0');
        if (number == 0 || number > other->value_count)
            note(sql, SEINE_E_INTERNAL);
        else
            add_value(sql, &other->values[number - 1]);
    }
}

/* ---- conditions ---- */

void seine_scan_begin(seine_scan *scan, const seine_view *view, const char *table, const char *alias,
                      seine_arena *arena) {
    *scan = (seine_scan){.table = seine_view_find(view, table), .buckets = view->buckets, .alias = alias};
    seine_sql_init(&scan->where, arena);
}

void seine_scan_free(seine_scan *scan) { seine_sql_free(&scan->where); }

static seine_wanted *add_wanted(seine_scan *scan, const char *column) {
    if (scan->table == NULL) return NULL;
    const size_t index = seine_schema_column(scan->table->schema, column);
    if (index == SIZE_MAX || scan->wanted_count == SEINE_BOUNDS_MAX) {
        note(&scan->where, SEINE_E_INTERNAL);
        return NULL;
    }
    seine_wanted *wanted = &scan->wanted[scan->wanted_count++];
    *wanted = (seine_wanted){index, NULL, 0, INT64_MIN, INT64_MAX, -INFINITY, INFINITY};
    return wanted;
}

static seine_type type_of(const seine_scan *scan, const seine_wanted *wanted) {
    return scan->table->schema->columns[wanted->column].type;
}

void seine_scan_id(seine_scan *scan, const char *column, seine_str id) {
    scan->id = id;
    seine_scan_ids(scan, column, &scan->id, 1);
}

void seine_scan_ids(seine_scan *scan, const char *column, const seine_str *ids, size_t count) {
    seine_wanted *wanted = add_wanted(scan, column);
    if (wanted == NULL) return;
    wanted->texts = ids;
    wanted->text_count = count;
    seine_sql_put(&scan->where, " AND %s.\"%s\" IN (", scan->alias, column);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) seine_sql_put(&scan->where, ", ");
        seine_sql_put_text(&scan->where, ids[i]);
    }
    seine_sql_put(&scan->where, ")");
}

static void put_limit(seine_scan *scan, const char *column, const char *operator, seine_type type, int64_t value) {
    seine_sql_put(&scan->where, " AND %s.\"%s\" %s ", scan->alias, column, operator);
    seine_sql_put_value(&scan->where, &(seine_sql_value){.type = type, .integer = value});
}

void seine_scan_range(seine_scan *scan, const char *column, int64_t from, int64_t to) {
    seine_wanted *wanted = add_wanted(scan, column);
    if (wanted == NULL) return;
    wanted->from = from;
    wanted->to = to;
    if (from != INT64_MIN) put_limit(scan, column, ">=", type_of(scan, wanted), from);
    if (to != INT64_MAX) put_limit(scan, column, "<=", type_of(scan, wanted), to);
}

void seine_scan_between(seine_scan *scan, const char *column, double low, double high) {
    seine_wanted *wanted = add_wanted(scan, column);
    if (wanted == NULL) return;
    wanted->low = low;
    wanted->high = high;
    seine_sql_put(&scan->where, " AND %s.\"%s\" BETWEEN ", scan->alias, column);
    seine_sql_put_double(&scan->where, low);
    seine_sql_put(&scan->where, " AND ");
    seine_sql_put_double(&scan->where, high);
}

void seine_scan_box(seine_scan *scan, const char *lon, const char *lat, const double box[4]) {
    seine_scan_between(scan, lat, box[1], box[3]);
    if (box[0] <= box[2]) {
        seine_scan_between(scan, lon, box[0], box[2]);
        return;
    }
    seine_sql_put(&scan->where, " AND (%s.\"%s\" >= ", scan->alias, lon);
    seine_sql_put_double(&scan->where, box[0]);
    seine_sql_put(&scan->where, " OR %s.\"%s\" <= ", scan->alias, lon);
    seine_sql_put_double(&scan->where, box[2]);
    seine_sql_put(&scan->where, ")");
}

/* ---- files ---- */

static int64_t stored_integer(const uint8_t *bytes, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size && i < 8; i++) value |= (uint64_t)bytes[i] << (8 * i);
    return size == 4 ? (int32_t)value : (int64_t)value;
}

static double stored_double(const uint8_t *bytes) {
    double value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static bool text_may_match(seine_str text, const seine_column_stats *stats) {
    const seine_str lower = {(const char *)stats->lower, stats->lower_size};
    const seine_str upper = {(const char *)stats->upper, stats->upper_size};
    return seine_str_compare(text, lower) >= 0 && seine_str_compare(text, upper) <= 0;
}

static bool any_text_may_match(const seine_wanted *wanted, const seine_column_stats *stats) {
    for (size_t i = 0; i < wanted->text_count; i++)
        if (text_may_match(wanted->texts[i], stats)) return true;
    return wanted->text_count == 0;
}

static bool any_text_is_in(const seine_wanted *wanted, int32_t bucket, int buckets) {
    for (size_t i = 0; i < wanted->text_count; i++)
        if (seine_bucket_of(wanted->texts[i], buckets) == bucket) return true;
    return wanted->text_count == 0;
}

static bool bounds_may_match(const seine_wanted *wanted, seine_type type, const seine_column_stats *stats) {
    if (!stats->has_bounds) return true;
    if (type == SEINE_TYPE_STRING) return any_text_may_match(wanted, stats);
    if (type == SEINE_TYPE_DOUBLE)
        return stored_double(stats->upper) >= wanted->low && stored_double(stats->lower) <= wanted->high;
    return stored_integer(stats->upper, stats->upper_size) >= wanted->from &&
           stored_integer(stats->lower, stats->lower_size) <= wanted->to;
}

/* [from, to] of a column as days; open ends stay open. */
static void days_of(const seine_wanted *wanted, seine_type type, int64_t *from, int64_t *to) {
    const bool is_time = type == SEINE_TYPE_TIMESTAMPTZ;
    *from = wanted->from != INT64_MIN && is_time ? seine_time_day(wanted->from) : wanted->from;
    *to = wanted->to != INT64_MAX && is_time ? seine_time_day(wanted->to) : wanted->to;
}

static bool partition_may_match(const seine_scan *scan, const seine_wanted *wanted, seine_transform transform,
                                seine_partition_value value) {
    const seine_type type = type_of(scan, wanted);
    if (transform == SEINE_TRANSFORM_BUCKET)
        return !value.is_null && any_text_is_in(wanted, value.value, scan->buckets);
    if (transform == SEINE_TRANSFORM_MONTH) return true; /* bounds say more */
    int64_t from, to;
    days_of(wanted, type, &from, &to);
    /* No range that is asked for holds a null. */
    if (value.is_null) return from == INT64_MIN && to == INT64_MAX;
    return value.value >= from && value.value <= to;
}

static bool wanted_may_match(const seine_scan *scan, const seine_wanted *wanted, const seine_data_file *file) {
    const seine_table_schema *schema = scan->table->schema;
    const seine_column *column = &schema->columns[wanted->column];
    for (size_t i = 0; i < schema->partition_count; i++) {
        if (schema->partition[i].source_id != column->id) continue;
        if (!partition_may_match(scan, wanted, schema->partition[i].transform, file->partition[i])) return false;
    }
    return file->stats == NULL || bounds_may_match(wanted, column->type, &file->stats[wanted->column]);
}

bool seine_scan_may_match(const seine_scan *scan, const seine_data_file *file) {
    for (size_t i = 0; i < scan->wanted_count; i++)
        if (!wanted_may_match(scan, &scan->wanted[i], file)) return false;
    return true;
}

/* ---- into the statement ---- */

static bool is_word_of(const char *words, const char *word) {
    const size_t size = strlen(word);
    for (const char *at = words; *at != '\0';) {
        const size_t length = strcspn(at, " ");
        if (length == size && memcmp(at, word, size) == 0) return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

/* The schema with the named columns only. NULL: out of memory. */
static const seine_table_schema *reduced_schema(const seine_table_schema *schema, const char *only,
                                                seine_arena *arena) {
    seine_table_schema *made = seine_arena_alloc(arena, sizeof *made);
    seine_column *columns = SEINE_ARENA_ARRAY(arena, seine_column, schema->column_count);
    if (made == NULL || columns == NULL) return NULL;
    *made = *schema;
    made->columns = columns;
    made->column_count = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        if (is_word_of(only, schema->columns[i].name)) columns[made->column_count++] = schema->columns[i];
    return made;
}

void seine_scan_put_from(seine_scan *scan, seine_sql *sql) {
    note(sql, scan->where.status);
    if (scan->table == NULL) { /* the caller has told the user already, or does without */
        note(sql, SEINE_E_INTERNAL);
        return;
    }
    const char **paths = SEINE_ARENA_ARRAY(sql->arena, const char *, scan->table->file_count + 1);
    const seine_table_schema *schema = scan->table->schema;
    if (scan->only != NULL) schema = reduced_schema(schema, scan->only, sql->arena);
    if (paths == NULL || schema == NULL) {
        note(sql, SEINE_E_NOMEM);
        return;
    }
    scan->files = scan->table->file_count;
    scan->matched = 0;
    for (size_t i = 0; i < scan->files; i++)
        if (seine_scan_may_match(scan, &scan->table->files[i].file))
            paths[scan->matched++] = scan->table->files[i].file.path;
    note(sql, seine_sql_source(&sql->text, schema, paths, scan->matched));
    seine_sql_put(sql, " AS %s", scan->alias);
}

void seine_scan_put_where(seine_scan *scan, seine_sql *sql) {
    seine_sql_put(sql, " WHERE true");
    seine_sql_put_sql(sql, &scan->where);
}

void seine_scan_put(seine_scan *scan, seine_sql *sql) {
    seine_scan_put_from(scan, sql);
    seine_scan_put_where(scan, sql);
}
