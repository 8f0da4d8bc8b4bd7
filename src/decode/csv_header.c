/*
 * Which field of a file is which column, and which fields are none: a name is looked for among all fields before the
 * next name is tried, exactly, then without case, then without blanks and underscores.
 */
#include "decode/csv_header.h"

#include "base/try.h"
#include "decode/field.h"

#include <stdio.h>

#define HEADER_BYTES ((size_t)1 << 20) /* as UTF-8 */

/* ---- names ---- */

static size_t name_count(const seine_dataset_column *column) { return column->name_count > 0 ? column->name_count : 1; }

static const char *name_of(const seine_dataset_column *column, size_t index) {
    return column->name_count > 0 ? column->names[index] : column->name;
}

/* @return the index of a field that is not taken yet, or -1. */
static int16_t find_field(const seine_csv_record *record, const seine_csv_header *header, const char *name) {
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

static int16_t find_alike(const seine_csv_record *record, const seine_csv_header *header, const char *name) {
    for (size_t i = 0; i < header->field_count; i++)
        if (header->column_of[i] < 0 && seine_field_name_equal(record->field[i], name)) return (int16_t)i;
    return -1;
}

static int16_t find_column(const seine_csv_record *record, const seine_csv_header *header,
                           const seine_dataset_column *column) {
    const size_t count = name_count(column);
    int16_t field = -1;
    for (size_t n = 0; field < 0 && n < count; n++) field = find_field(record, header, name_of(column, n));
    for (size_t n = 0; field < 0 && n < count; n++) field = find_alike(record, header, name_of(column, n));
    return field;
}

/* ---- names that are almost known ---- */

/* Whether b is a with one letter more, less, other, or two neighbours swapped. */
static bool one_edit(const char *a, size_t a_size, const char *b, size_t b_size) {
    size_t front = 0, back = 0;
    const size_t least = a_size < b_size ? a_size : b_size;
    while (front < least && a[front] == b[front]) front++;
    while (back < least - front && a[a_size - 1 - back] == b[b_size - 1 - back]) back++;
    const size_t a_rest = a_size - front - back, b_rest = b_size - front - back;
    if (a_rest <= 1 && b_rest <= 1) return true;
    return a_rest == 2 && b_rest == 2 && a[front] == b[front + 1] && a[front + 1] == b[front];
}

/* Words used for a column of this name whose meaning or unit is not certain enough to take them for it. */
static const struct {
    const char *word, *column;
} hints[] = {{"vesselid", "mmsi"},
             {"shipid", "mmsi"},
             {"time", "ts"},
             {"date", "ts"},
             {"datetimeutc", "ts"},
             {"positiontime", "ts"},
             {"receivedat", "ts"},
             {"y", "lat"},
             {"x", "lon"},
             {"velocity", "sog"},
             {"speedkmh", "sog"},
             {"speedms", "sog"},
             {"bearing", "cog"},
             {"type", "vessel_type"},
             {"shiptypecode", "vessel_type"},
             {"vesseltypename", "vessel_type"},
             {"vesselclass", "vessel_type"},
             {"state", "status"},
             {"loa", "length"},
             {"breadth", "width"},
             {"class", "transceiver"},
             {"typeofmobile", "transceiver"}};

static bool is_like(const seine_dataset_column *column, const char *word, size_t size) {
    char known[SEINE_FIELD_WORD_MAX];
    for (size_t n = 0; n < name_count(column); n++) {
        const size_t known_size = seine_field_plain_word(seine_str_of(name_of(column, n)), known);
        if (size >= 3 && known_size >= 3 && one_edit(word, size, known, known_size)) return true;
    }
    for (size_t h = 0; h < sizeof hints / sizeof *hints; h++)
        if (strcmp(hints[h].column, column->name) == 0 && strcmp(hints[h].word, word) == 0) return true;
    return false;
}

/* ---- headers that are none ---- */

static const char *name_of_delimiter(char delimiter) {
    switch (delimiter) {
    case ',': return "commas";
    case ';': return "semicolons";
    case '\t': return "tabs";
    default: return "bars";
    }
}

/* A text in another dialect has one long field; say which dialect it is. */
static seine_status check_dialect(const seine_csv_record *record, char delimiter, const char *file,
                                  seine_error *error) {
    static const char others[] = {',', ';', '\t', '|'};
    if (memchr(record->raw.data, '\r', record->raw.size) != NULL)
        return seine_fail(error, SEINE_E_FORMAT,
                          "%s: lines end with CR alone: make them end with LF, as tr '\\r' '\\n' does", file);
    for (size_t i = 0; record->field_count == 1 && i < sizeof others; i++)
        if (others[i] != delimiter && memchr(record->raw.data, others[i], record->raw.size) != NULL)
            return seine_fail(error, SEINE_E_FORMAT, "%s: fields are parted by %s: write it with %s%s and ingest that",
                              file, name_of_delimiter(others[i]), name_of_delimiter(delimiter),
                              delimiter == ',' ? " (RFC 4180)" : "");
    return SEINE_OK;
}

static seine_status missing_column(const seine_csv_record *record, const seine_csv_header *header, const char *file,
                                   const seine_dataset_column *column, seine_error *error) {
    char seen[700] = "", offer[160] = "";
    size_t used = 0;
    const size_t count = header->field_count;
    for (size_t i = 0; i < count && offer[0] == '\0'; i++) {
        char word[SEINE_FIELD_WORD_MAX];
        const size_t size = seine_field_plain_word(record->field[i], word);
        if (header->column_of[i] < 0 && size > 0 && is_like(column, word, size))
            snprintf(offer, sizeof offer, "; if %.*s is that column, name it %s",
                     record->field[i].size > 60 ? 60 : (int)record->field[i].size, record->field[i].data,
                     name_of(column, 0));
    }
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
                      name_of(column, 0), seen, offer);
}

/* ---- how rows are read ---- */

/* The statics stand together at the end in most files: then one comparison per row covers them all. */
static size_t find_tail(const seine_csv_header *header) {
    const int16_t first = (int16_t)seine_dataset_statics_first(header->dataset);
    size_t tail = header->field_count;
    while (tail > 0) {
        const int16_t column = header->column_of[tail - 1];
        if (column >= 0 && column < first) break;
        tail--;
    }
    for (size_t i = 0; i < tail; i++)
        if (header->column_of[i] >= first) return header->field_count;
    return tail;
}

static seine_csv_step step_of(const seine_dataset *dataset, size_t column) {
    const seine_dataset_column *known = &dataset->columns[column];
    if (column == SEINE_DATASET_ID && known->word_count > 0) return SEINE_CSV_CAREFUL;
    if (column == SEINE_DATASET_ID)
        return dataset->id_kind == SEINE_ID_NUMBER ? SEINE_CSV_ID_NUMBER : SEINE_CSV_ID_TEXT;
    const bool is_quick = dataset->time_kind == SEINE_TIME_ISO && dataset->time_zone == NULL;
    if (column == SEINE_DATASET_TIME) return is_quick ? SEINE_CSV_TIME_ISO : SEINE_CSV_TIME;
    const bool is_degrees = dataset->is_sexagesimal && column <= SEINE_DATASET_LON;
    return known->type == SEINE_TYPE_DOUBLE && known->word_count == 0 && known->scale == 1 && known->offset == 0 &&
                   !is_degrees && dataset->csv_decimal != ','
               ? SEINE_CSV_NUMBER
               : SEINE_CSV_VALUE;
}

static bool is_needed(const seine_dataset *dataset, size_t column) {
    if (column <= SEINE_DATASET_TIME) return true;
    for (size_t r = 0; r < dataset->rule_count; r++)
        if (dataset->rules[r].column == column && (dataset->rules[r].refuse & SEINE_REFUSE_MISSING) != 0) return true;
    return false;
}

static void plan_steps(seine_csv_header *header) {
    const size_t statics = seine_dataset_statics_first(header->dataset);
    for (size_t f = 0; f < header->field_count; f++) {
        const int16_t column = header->column_of[f];
        header->step_of[f] = SEINE_CSV_SKIP;
        if (column >= 0 && (size_t)column < statics) header->step_of[f] = step_of(header->dataset, (size_t)column);
    }
    header->tail = find_tail(header);
}

/* Matches names that are UTF-8. */
static seine_status read_names(const seine_csv_record *record, const char *name, seine_csv_header *header,
                               seine_error *error) {
    const seine_dataset *dataset = header->dataset;
    SEINE_TRY(check_dialect(record, header->delimiter, name, error));
    for (size_t c = 0; c < dataset->column_count; c++) {
        const int16_t field = find_column(record, header, &dataset->columns[c]);
        if (field < 0 && is_needed(dataset, c))
            return missing_column(record, header, name, &dataset->columns[c], error);
        if (field < 0) continue;
        header->column_of[field] = (int16_t)c;
        header->field_of[c] = field;
    }
    const seine_str time = seine_str_trim(record->field[header->field_of[SEINE_DATASET_TIME]]);
    header->may_wrap = seine_str_equal(time, seine_str_of(name_of(&dataset->columns[SEINE_DATASET_TIME], 0)));
    plan_steps(header);
    return SEINE_OK;
}

/* A copy of the record with its names as UTF-8. */
static seine_status of_latin1(const seine_csv_record *record, seine_buf *texts, seine_csv_record *copy) {
    size_t bytes = 0;
    *copy = *record;
    for (size_t f = 0; f < record->field_count; f++) bytes += record->field[f].size * 2;
    SEINE_TRY(seine_buf_reserve(texts, bytes)); /* so that names do not move */
    for (size_t f = 0; f < record->field_count; f++) {
        const size_t start = texts->size;
        SEINE_TRY(seine_field_of_latin1(record->field[f], texts));
        copy->field[f] = (seine_str){(const char *)texts->data + start, texts->size - start};
    }
    return SEINE_OK;
}

/* ---- public ---- */

char seine_csv_header_delimiter(const seine_dataset *dataset, seine_str text) {
    return dataset->csv_delimiter != '\0' ? dataset->csv_delimiter : seine_csv_delimiter(text);
}

seine_status seine_csv_header_read(const seine_dataset *dataset, char delimiter, const seine_csv_record *record,
                                   const char *name, seine_csv_header *header, seine_error *error) {
    const size_t count = record->field_count < SEINE_CSV_FIELDS ? record->field_count : SEINE_CSV_FIELDS;
    if (record->field_count > SEINE_CSV_FIELDS)
        return seine_fail(error, SEINE_E_FORMAT, "%s: wrong header: %zu columns, at most %d are read", name,
                          record->field_count, SEINE_CSV_FIELDS);
    *header = (seine_csv_header){.dataset = dataset, .delimiter = delimiter, .field_count = count};
    for (size_t i = 0; i < SEINE_CSV_FIELDS; i++) header->column_of[i] = -1;
    for (size_t c = 0; c < SEINE_DATASET_COLUMNS_MAX; c++) header->field_of[c] = -1;
    if (!dataset->is_latin1 || !seine_field_is_beyond_ascii(record->raw))
        return read_names(record, name, header, error);
    seine_buf texts SEINE_OWNED(seine_buf_free);
    seine_csv_record copy;
    seine_buf_init(&texts, HEADER_BYTES);
    if (of_latin1(record, &texts, &copy) != SEINE_OK) return seine_no_memory(error, name);
    return read_names(&copy, name, header, error);
}

const char *seine_csv_header_twice(const seine_csv_record *record, const seine_csv_header *header, size_t field,
                                   size_t *used) {
    for (size_t c = 0; c < header->dataset->column_count; c++) {
        const seine_dataset_column *column = &header->dataset->columns[c];
        for (size_t n = 0; header->field_of[c] >= 0 && n < name_count(column); n++) {
            if (!seine_field_name_equal(record->field[field], name_of(column, n))) continue;
            *used = (size_t)header->field_of[c];
            return name_of(column, 0);
        }
    }
    return NULL;
}

const char *seine_csv_header_offer(const seine_csv_record *record, const seine_csv_header *header, size_t field) {
    char word[SEINE_FIELD_WORD_MAX];
    const size_t size = seine_field_plain_word(record->field[field], word);
    for (size_t c = 0; size > 0 && c < header->dataset->column_count; c++) {
        const seine_dataset_column *column = &header->dataset->columns[c];
        if (header->field_of[c] < 0 && is_like(column, word, size)) return name_of(column, 0);
    }
    return NULL;
}
