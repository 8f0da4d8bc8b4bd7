/*
 * Which field of a file is which column, and which fields are none: a name is looked for among all fields before the
 * next name is tried, exactly, then without case, then without blanks and underscores.
 */
#include "base/try.h"
#include "decode/ais_column.h"

#include "decode/ais.h"

#include <stdio.h>

/* @return the index of a field that is not taken yet, or -1. */
static int16_t find_field(const seine_csv_record *record, const seine_ais_header *header, const char *name) {
    const seine_str wanted = seine_str_of(name);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < header->field_count; i++) {
            const seine_str field = seine_str_trim(record->field[i]);
            if (header->column_of[i] >= 0) continue;
            if (pass == 0 ? seine_str_equal(field, wanted) : seine_str_equal_nocase(field, wanted)) return (int16_t)i;
        }
    }
    return -1;
}

static int16_t find_alike(const seine_csv_record *record, const seine_ais_header *header, const char *name) {
    for (size_t i = 0; i < header->field_count; i++)
        if (header->column_of[i] < 0 && seine_ais_name_equal(record->field[i], name)) return (int16_t)i;
    return -1;
}

static int16_t find_column(const seine_csv_record *record, const seine_ais_header *header,
                           const seine_ais_column *column) {
    int16_t field = -1;
    for (size_t n = 0; field < 0 && n < SEINE_AIS_NAMES_MAX && column->names[n] != NULL; n++)
        field = find_field(record, header, column->names[n]);
    for (size_t n = 0; field < 0 && n < SEINE_AIS_NAMES_MAX && column->names[n] != NULL; n++)
        field = find_alike(record, header, column->names[n]);
    return field;
}

/* ---- headers that are none ---- */

/* A text in another dialect has one long field; say which dialect it is. */
static seine_status check_dialect(const seine_csv_record *record, const char *file, seine_error *error) {
    static const struct {
        char separator;
        const char *name;
    } others[] = {{';', "semicolons"}, {'\t', "tabs"}, {'|', "bars"}};
    if (memchr(record->raw.data, '\r', record->raw.size) != NULL)
        return seine_fail(error, SEINE_E_FORMAT,
                          "%s: lines end with CR alone: make them end with LF, as tr '\\r' '\\n' does", file);
    for (size_t i = 0; record->field_count == 1 && i < sizeof others / sizeof *others; i++)
        if (memchr(record->raw.data, others[i].separator, record->raw.size) != NULL)
            return seine_fail(error, SEINE_E_FORMAT,
                              "%s: fields are parted by %s: write it with commas (RFC 4180) and ingest that", file,
                              others[i].name);
    return SEINE_OK;
}

static seine_status missing_column(const seine_csv_record *record, const seine_ais_header *header, const char *file,
                                   const seine_ais_column *column, seine_error *error) {
    char seen[700] = "", offer[160] = "";
    size_t used = 0;
    const size_t count = header->field_count;
    bool others[SEINE_AIS_COLUMNS];
    for (size_t c = 0; c < SEINE_AIS_COLUMNS; c++) others[c] = (int)c != column->column;
    for (size_t i = 0; i < count && offer[0] == '\0'; i++)
        if (header->column_of[i] < 0 && seine_ais_column_like(record->field[i], others) != NULL)
            snprintf(offer, sizeof offer, "; if %.*s is that column, name it %s",
                     record->field[i].size > 60 ? 60 : (int)record->field[i].size, record->field[i].data,
                     column->names[0]);
    for (size_t i = 0; i < count && used + 2 < sizeof seen; i++) {
        const seine_str field = record->field[i];
        const size_t room = sizeof seen - used - 3;
        const size_t size = field.size < room ? field.size : room;
        if (i > 0) {
            memcpy(seen + used, ", ", 2);
            used += 2;
        }
        if (size > 0) memcpy(seen + used, field.data, size);
        used += size;
    }
    seen[used] = '\0';
    return seine_fail(error, SEINE_E_FORMAT, "%s: wrong header: no %s column; columns seen: %s%s", file,
                      column->names[0], seen, offer);
}

/* The statics stand together at the end in both generations: then one comparison per row covers them all. */
static size_t find_tail(const seine_ais_header *header) {
    size_t tail = header->field_count;
    while (tail > 0) {
        const int16_t column = header->column_of[tail - 1];
        if (column >= 0 && column < SEINE_STATICS_FIRST) break;
        tail--;
    }
    for (size_t i = 0; i < tail; i++)
        if (header->column_of[i] >= SEINE_STATICS_FIRST) return header->field_count;
    return tail;
}

seine_status seine_ais_header_read(const seine_csv_record *record, const char *name, seine_ais_header *header,
                                   seine_error *error) {
    const size_t count = record->field_count < SEINE_CSV_FIELDS ? record->field_count : SEINE_CSV_FIELDS;
    if (record->field_count > SEINE_CSV_FIELDS)
        return seine_fail(error, SEINE_E_FORMAT, "%s: wrong header: %zu columns, at most %d are read", name,
                          record->field_count, SEINE_CSV_FIELDS);
    *header = (seine_ais_header){.field_count = count};
    for (size_t i = 0; i < SEINE_CSV_FIELDS; i++) header->column_of[i] = -1;
    for (size_t c = 0; c < SEINE_AIS_COLUMNS; c++) header->field_of[c] = -1;
    SEINE_TRY(check_dialect(record, name, error));
    size_t known;
    const seine_ais_column *columns = seine_ais_columns(&known);
    for (size_t c = 0; c < known; c++) {
        const int16_t field = find_column(record, header, &columns[c]);
        if (field < 0 && columns[c].kind == SEINE_AIS_KEY)
            return missing_column(record, header, name, &columns[c], error);
        if (field < 0) continue;
        header->column_of[field] = (int16_t)columns[c].column;
        header->field_of[columns[c].column] = field;
    }
    header->is_noaa =
        seine_str_equal(seine_str_trim(record->field[header->field_of[SEINE_AIS_TS]]), SEINE_STR("BaseDateTime"));
    header->tail = find_tail(header);
    return SEINE_OK;
}

const char *seine_ais_header_twice(const seine_csv_record *record, const seine_ais_header *header, size_t field,
                                   size_t *used) {
    size_t known;
    const seine_ais_column *columns = seine_ais_columns(&known);
    for (size_t c = 0; c < known; c++) {
        const int16_t taken = header->field_of[columns[c].column];
        for (size_t n = 0; taken >= 0 && n < SEINE_AIS_NAMES_MAX && columns[c].names[n] != NULL; n++) {
            if (!seine_ais_name_equal(record->field[field], columns[c].names[n])) continue;
            *used = (size_t)taken;
            return columns[c].names[0];
        }
    }
    return NULL;
}

const char *seine_ais_header_offer(const seine_csv_record *record, const seine_ais_header *header, size_t field) {
    bool taken[SEINE_AIS_COLUMNS];
    for (size_t c = 0; c < SEINE_AIS_COLUMNS; c++) taken[c] = header->field_of[c] >= 0;
    const seine_ais_column *like = seine_ais_column_like(record->field[field], taken);
    return like != NULL ? like->names[0] : NULL;
}
