#include "stream/record_shape.h"

#include "base/time.h"
#include "base/try.h"
#include "columns/unit.h"
#include "decode/field.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define TIME_BYTES 256
#define NEIGHBOURS 4 /* numbers beside a quotient of which one gives the value again */

/* ---- which column is which field ---- */

static bool has_name(const seine_dataset_column *column, const char *name) {
    for (size_t i = 0; i < column->name_count; i++)
        if (seine_field_name_equal(seine_str_of(name), column->names[i])) return true;
    return seine_field_name_equal(seine_str_of(name), column->name);
}

static bool share_name(const seine_dataset_column *a, const seine_dataset_column *b) {
    for (size_t i = 0; i < a->name_count; i++)
        if (has_name(b, a->names[i])) return true;
    return has_name(b, a->name);
}

/* The target's column for column @p name of the table; @p at where its own dataset has it, SIZE_MAX = nowhere. */
static const seine_dataset_column *target_of(const seine_dataset *target, const seine_dataset *own, size_t at,
                                             const char *name) {
    if (at < SEINE_DATASET_MEASURES) return &target->columns[at];
    for (size_t i = own != NULL ? SEINE_DATASET_MEASURES : 0; i < target->column_count; i++) {
        const seine_dataset_column *column = &target->columns[i];
        if (at != SIZE_MAX ? share_name(&own->columns[at], column) : has_name(column, name)) return column;
    }
    return NULL;
}

static size_t own_index(const seine_dataset *own, const char *name) {
    for (size_t i = 0; own != NULL && i < own->column_count; i++)
        if (strcmp(own->columns[i].name, name) == 0) return i;
    return SIZE_MAX;
}

/* The first name that leads into no object. */
static const char *name_in_files(const seine_dataset_column *column) {
    for (size_t i = 0; i < column->name_count; i++)
        if (strchr(column->names[i], '.') == NULL) return column->names[i];
    return column->name_count > 0 ? column->names[0] : column->name;
}

static bool is_taken(const seine_record_shape *shape, const seine_dataset_column *target) {
    for (size_t i = 0; i < shape->count; i++)
        if (shape->fields[i].target == target) return true;
    return false;
}

/* Columns of two units of one kind become each other; others are taken as they are. */
static void set_unit(seine_record_field *field, const seine_dataset_column *own) {
    field->factor = 1;
    if (own == NULL || field->target == NULL) return;
    const seine_unit *from = seine_unit_find(own->unit), *to = seine_unit_find(field->target->unit);
    if (from == NULL || to == NULL || from == to || !seine_unit_convert(from, to, &field->factor, &field->zero)) {
        field->factor = 1;
        field->zero = 0;
    }
}

static seine_status add_column(const seine_table_schema *schema, size_t c, const seine_dataset *own,
                               seine_record_shape *shape, seine_error *error) {
    const seine_column *column = &schema->columns[c];
    const bool is_same = shape->target == own;
    const size_t at = own_index(own, column->name);
    seine_record_field field = {.column = c, .name = column->name};
    if (column->lineage) return SEINE_OK;
    if (shape->target != NULL) {
        field.target = !is_same         ? target_of(shape->target, own, at, column->name)
                       : at != SIZE_MAX ? &own->columns[at]
                                        : NULL;
        if (field.target == NULL || is_taken(shape, field.target)) return SEINE_OK;
        field.name = name_in_files(field.target);
        field.is_time = field.target == &shape->target->columns[SEINE_DATASET_TIME];
    }
    set_unit(&field, at != SIZE_MAX ? &own->columns[at] : NULL);
    if (shape->count == SEINE_DATASET_COLUMNS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "%s: more than %d columns", schema->name, SEINE_DATASET_COLUMNS_MAX);
    shape->fields[shape->count++] = field;
    return SEINE_OK;
}

/* ---- whether the target can read it ---- */

static seine_status check_target(const seine_record_shape *shape, const seine_table_schema *schema,
                                 seine_error *error) {
    const seine_dataset *target = shape->target;
    for (size_t i = SEINE_DATASET_ID; i <= SEINE_DATASET_TIME; i++)
        if (!is_taken(shape, &target->columns[i]))
            return seine_fail(error, SEINE_E_USAGE, "%s has no column that is the %s of dataset %s", schema->name,
                              target->columns[i].name, target->name);
    if (target->is_sexagesimal)
        return seine_fail(error, SEINE_E_UNSUPPORTED,
                          "dataset %s has its places as degrees, minutes and seconds, which are not written",
                          target->name);
    if (target->time_zone != NULL && target->time_kind != SEINE_TIME_ISO)
        return seine_fail(error, SEINE_E_UNSUPPORTED,
                          "dataset %s has its times by the clocks of %s, which show some of them twice", target->name,
                          seine_zone_name(target->time_zone));
    return SEINE_OK;
}

seine_status seine_record_shape_of(const seine_table_schema *schema, const seine_dataset *own,
                                   const seine_dataset *target, seine_record_shape *shape, seine_error *error) {
    *shape = (seine_record_shape){.target = target != NULL ? target : own};
    for (size_t c = 0; c < schema->column_count; c++) SEINE_TRY(add_column(schema, c, own, shape, error));
    return shape->target != NULL ? check_target(shape, schema, error) : SEINE_OK;
}

/* ---- values ---- */

/* The number of a file that the column reads as @p value. */
static double before_scaling(const seine_dataset_column *column, double value) {
    if (column->scale == 1 && column->offset == 0) return value;
    const double number = (value - column->offset) / column->scale;
    double above = number, below = number;
    for (int i = 0; i < NEIGHBOURS; i++) {
        if (above * column->scale + column->offset == value) return above;
        if (below * column->scale + column->offset == value) return below;
        above = nextafter(above, INFINITY);
        below = nextafter(below, -INFINITY);
    }
    return number;
}

/* Whole numbers stay whole. */
static void put_number(const seine_record_field *field, double value, seine_json_writer *w) {
    if (field->factor != 1 || field->zero != 0) value = value * field->factor + field->zero;
    if (field->target != NULL) value = before_scaling(field->target, value);
    const bool is_whole = field->target != NULL && seine_dataset_is_whole(field->target->type) &&
                          value == trunc(value) && fabs(value) <= (double)SEINE_DATASET_LONG_MOST;
    if (is_whole)
        seine_json_put_int(w, (int64_t)value);
    else
        seine_json_put_number(w, value);
}

/* ---- times ---- */

/* What a directive of a pattern is for a time. @return its length. */
static int put_directive(char kind, int64_t local_us, int64_t offset_s, char *out, size_t room) {
    int year, month, day;
    const int64_t of_day_us = seine_floor_mod(local_us, SEINE_DAY_US);
    const int second = (int)(of_day_us / SEINE_SECOND_US), hour = second / 3600,
              fraction = (int)(of_day_us % SEINE_SECOND_US);
    seine_civil_from_days(seine_time_day(local_us), &year, &month, &day);
    switch (kind) {
    case 'Y': return snprintf(out, room, "%04d", year);
    case 'y': return snprintf(out, room, "%02d", year % 100);
    case 'm': return snprintf(out, room, "%02d", month);
    case 'd': return snprintf(out, room, "%02d", day);
    case 'H': return snprintf(out, room, "%02d", hour);
    case 'I': return snprintf(out, room, "%02d", hour % 12 == 0 ? 12 : hour % 12);
    case 'p': return snprintf(out, room, "%s", hour < 12 ? "AM" : "PM");
    case 'M': return snprintf(out, room, "%02d", second / 60 % 60);
    case 'S': return snprintf(out, room, fraction > 0 ? "%02d.%06d" : "%02d", second % 60, fraction);
    case 'z':
        return snprintf(out, room, "%c%02d%02d", offset_s < 0 ? '-' : '+', (int)(llabs(offset_s) / 3600),
                        (int)(llabs(offset_s) / 60 % 60));
    default: return 0;
    }
}

static seine_str by_pattern(const seine_dataset *dataset, int64_t time_us, char text[TIME_BYTES]) {
    const int64_t local_us = time_us + dataset->time_offset_s * SEINE_SECOND_US;
    size_t size = 0;
    for (const char *at = dataset->time_pattern; *at != '\0' && size < TIME_BYTES - 16; at++) {
        if (*at != '%' || at[1] == '\0')
            text[size++] = *at;
        else
            size += (size_t)put_directive(*++at, local_us, dataset->time_offset_s, text + size, TIME_BYTES - size);
    }
    return (seine_str){text, size};
}

/* Exact: long double holds every count of microseconds. */
static seine_str since_1970(double unit_us, int64_t time_us, char text[TIME_BYTES]) {
    int size = snprintf(text, TIME_BYTES, "%.9Lf", (long double)time_us / (long double)unit_us);
    while (text[size - 1] == '0') size--;
    if (text[size - 1] == '.') size--;
    return (seine_str){text, (size_t)size};
}

static void put_time(const seine_dataset *target, int64_t time_us, seine_json_writer *w) {
    char text[TIME_BYTES];
    if (target == NULL || target->time_kind == SEINE_TIME_ISO)
        seine_json_put_text(w, (seine_str){text, seine_time_format(time_us, text)});
    else if (target->time_kind == SEINE_TIME_UNIX)
        seine_json_put_digits(w, since_1970(target->time_unit_us, time_us, text));
    else
        seine_json_put_text(w, by_pattern(target, time_us, text));
}

static void put_value(const seine_record_shape *shape, const seine_record_field *field, const seine_vec *vec, size_t at,
                      seine_json_writer *w) {
    char text[40];
    switch (vec->type) {
    case SEINE_TYPE_BOOLEAN: seine_json_put_bool(w, ((const uint8_t *)vec->values)[at] != 0); return;
    case SEINE_TYPE_INT: put_number(field, ((const int32_t *)vec->values)[at], w); return;
    case SEINE_TYPE_LONG:
        if (field->target == NULL)
            seine_json_put_int(w, ((const int64_t *)vec->values)[at]);
        else
            put_number(field, (double)((const int64_t *)vec->values)[at], w);
        return;
    case SEINE_TYPE_DOUBLE: put_number(field, ((const double *)vec->values)[at], w); return;
    case SEINE_TYPE_TIMESTAMPTZ:
        put_time(field->is_time ? shape->target : NULL, ((const int64_t *)vec->values)[at], w);
        return;
    case SEINE_TYPE_DATE:
        seine_json_put_text(w, (seine_str){text, seine_date_format(((const int32_t *)vec->values)[at], text)});
        return;
    case SEINE_TYPE_STRING: seine_json_put_text(w, ((const seine_str *)vec->values)[at]); return;
    case SEINE_TYPE_BINARY: seine_json_put_hex(w, ((const seine_str *)vec->values)[at]); return;
    }
}

seine_status seine_record_shape_put(const seine_record_shape *shape, const seine_rows *rows, size_t row,
                                    seine_buf *out) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    for (size_t i = 0; i < shape->count; i++) {
        size_t at;
        seine_json_key(&w, seine_str_of(shape->fields[i].name));
        if (seine_vec_at(&rows->columns[i], row, &at))
            put_value(shape, &shape->fields[i], &rows->columns[i], at, &w);
        else
            seine_json_put_null(&w);
    }
    seine_json_end_object(&w);
    return w.status;
}
