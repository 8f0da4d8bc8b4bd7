/*
 * Rows as columns. The columns are declared, never found in the data: the fields of SPEC 2.3 and 2.6 with their types,
 * and columns "other" that hold as JSON text whatever else a row has, or what does not fit the type of its column. So
 * every file has one schema and nothing is lost.
 */
#include "cli/detect/fixes.h"

#include "base/number.h"
#include "base/try.h"

#include <stdio.h>

#define SCRATCH_MAX_BYTES ((size_t)1 << 32)

typedef struct declared {
    const char *name;
    seine_detect_type type;
} declared;

#define INT SEINE_DETECT_TYPE_INT
#define REAL SEINE_DETECT_TYPE_REAL
#define TEXT SEINE_DETECT_TYPE_TEXT
/* The id of a mover, whatever it is called. */
static const char ID[] = "ssvid";

static const declared NOW[] = {{"positions_hours_before", INT},
                               {"positions_hours_before_ter", INT},
                               {"positions_hours_before_sat", INT},
                               {"positions_hours_before_dyn", INT},
                               {"gap_id", TEXT},
                               {ID, TEXT},
                               {"version", INT},
                               {"distance_m", REAL},
                               {"duration_h", REAL},
                               {"implied_speed_knots", REAL},
                               {"is_closed", SEINE_DETECT_TYPE_BOOL}};
static const declared PUBLISHED_2024[] = {
    {"gap_id", TEXT}, {"gap_version", INT}, {ID, TEXT}, {"is_closed", SEINE_DETECT_TYPE_BOOL}};
/* Of both ends. */
static const declared ENDS[] = {{"timestamp", REAL},
                                {"msgid", TEXT},
                                {"seg_id", TEXT},
                                {"lat", REAL},
                                {"lon", REAL},
                                {"ais_class", TEXT},
                                {"receiver_type", TEXT},
                                {"distance_from_shore_m", REAL},
                                {"distance_from_port_m", REAL}};

/* Of a message with its segment. */
static const declared SEGMENTED[] = {{ID, TEXT},        {"msgid", TEXT},  {"type", TEXT},      {"timestamp", REAL},
                                     {"lat", REAL},     {"lon", REAL},    {"speed", REAL},     {"course", REAL},
                                     {"heading", REAL}, {"seg_id", TEXT}, {"seg_class", TEXT}, {"noise", TEXT},
                                     {"ship_no", INT}};

static const declared SEGMENT[] = {{"seg_id", TEXT}, {"seg_class", TEXT}, {"noise", TEXT}, {"ship_no", INT}};

/* An event of fishing, and what --explain adds. */
static const declared FISHING[] = {{"event_id", TEXT},
                                   {"event_type", TEXT},
                                   {"chain", TEXT},
                                   {ID, TEXT},
                                   {"seg_id", TEXT},
                                   {"vessel_id", TEXT},
                                   {"event_start", TEXT},
                                   {"event_end", TEXT},
                                   {"is_closed", SEINE_DETECT_TYPE_BOOL},
                                   {"lat_min", REAL},
                                   {"lat_max", REAL},
                                   {"lon_min", REAL},
                                   {"lon_max", REAL},
                                   {"lat_mean", REAL},
                                   {"lon_mean", REAL},
                                   {"message_count", INT},
                                   {"avg_speed_knots", REAL},
                                   {"avg_implied_speed_knots", REAL},
                                   {"avg_meters_to_prev", REAL},
                                   {"event_distance_m", REAL},
                                   {"avg_hours", REAL}};
static const declared SCORED[] = {{"score_source", TEXT}};
static const declared EXPLAINED[] = {{"is_kept", SEINE_DETECT_TYPE_BOOL}, {"dropped_by", SEINE_DETECT_TYPE_JSON}};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const char *mover_column(const seine_detect *detect) {
    return detect->options.kind == SEINE_DETECT_FISHING ? seine_detect_fishing_mover(detect)
                                                        : seine_detect_id_name(detect);
}

static void declare(const seine_detect *detect, seine_detect_shape *shape, const char *prefix, const declared *columns,
                    size_t count) {
    for (size_t i = 0; i < count; i++) {
        seine_detect_column *column = &shape->columns[shape->count++];
        const char *name = columns[i].name == ID ? mover_column(detect) : columns[i].name;
        snprintf(column->name, sizeof column->name, "%s%s", prefix, name);
        column->type = columns[i].type;
    }
}

static bool is_segment(const char *name) {
    for (size_t i = 0; i < LENGTH(SEGMENT); i++)
        if (strcmp(name, SEGMENT[i].name) == 0) return true;
    return false;
}

/* The columns of a dataset but for the id, which stands once; a time is text. */
static void declare_fix(const seine_detect *detect, seine_detect_shape *shape, const char *prefix) {
    const seine_dataset *dataset = detect->fixes->dataset;
    for (size_t i = SEINE_DATASET_TIME; i < dataset->column_count; i++) {
        const seine_type type = dataset->columns[i].type;
        if (prefix[0] == '\0' && is_segment(dataset->columns[i].name)) continue; /* it is found anew */
        declare(detect, shape, prefix,
                &(declared){dataset->columns[i].name, type == SEINE_TYPE_BOOLEAN  ? SEINE_DETECT_TYPE_BOOL
                                                      : type == SEINE_TYPE_INT    ? INT
                                                      : type == SEINE_TYPE_DOUBLE ? REAL
                                                                                  : TEXT},
                1);
    }
}

static const declared other[] = {{"other", SEINE_DETECT_TYPE_OTHER}};

static void declare_gaps(const seine_detect *detect, seine_detect_shape *shape) {
    static const declared objects[] = {{"OFF", SEINE_DETECT_TYPE_JSON}, {"ON", SEINE_DETECT_TYPE_JSON}};
    const bool is_2024 = detect->options.is_2024;
    const char *prefixes[] = {is_2024 ? "gap_start_" : "start_", is_2024 ? "gap_end_" : "end_"};
    if (is_2024)
        declare(detect, shape, "", PUBLISHED_2024, LENGTH(PUBLISHED_2024));
    else
        declare(detect, shape, "", NOW, LENGTH(NOW));
    if (!detect->options.normalize) declare(detect, shape, "", objects, LENGTH(objects));
    for (size_t end = 0; end < 2 && detect->options.normalize; end++) {
        if (detect->fixes != NULL) {
            declare_fix(detect, shape, prefixes[end]);
            continue;
        }
        declare(detect, shape, prefixes[end], ENDS, LENGTH(ENDS));
        declare(detect, shape, prefixes[end], other, 1);
    }
}

static void declare_segmented(const seine_detect *detect, seine_detect_shape *shape) {
    if (detect->fixes == NULL) {
        declare(detect, shape, "", SEGMENTED, LENGTH(SEGMENTED));
        return;
    }
    declare(detect, shape, "", SEGMENTED, 1);
    declare_fix(detect, shape, "");
    declare(detect, shape, "", SEGMENT, LENGTH(SEGMENT));
}

void seine_detect_shape_open(const seine_detect *detect, seine_detect_shape *shape) {
    *shape = (seine_detect_shape){.pace = detect->pace};
    seine_buf_init(&shape->scratch, SCRATCH_MAX_BYTES);
    switch (detect->options.kind) {
    case SEINE_DETECT_GAPS: declare_gaps(detect, shape); break;
    case SEINE_DETECT_SEGMENTS: declare_segmented(detect, shape); break;
    case SEINE_DETECT_FISHING:
        declare(detect, shape, "", FISHING, LENGTH(FISHING));
        if (detect->options.scores) declare(detect, shape, "", SCORED, LENGTH(SCORED));
        if (detect->options.explains) declare(detect, shape, "", EXPLAINED, LENGTH(EXPLAINED));
        break;
    }
    if (detect->fixes == NULL) declare(detect, shape, "", other, 1); /* all that a fix has is declared */
}

seine_status seine_detect_shape_check(const seine_detect *detect, seine_error *error) {
    seine_detect_shape shape SEINE_OWNED(seine_detect_shape_close);
    seine_detect_shape_open(detect, &shape);
    for (size_t i = 0; i < shape.count; i++)
        for (size_t k = i + 1; k < shape.count; k++)
            if (strcmp(shape.columns[i].name, shape.columns[k].name) == 0)
                return seine_fail(error, SEINE_E_USAGE,
                                  "dataset %s: the output would have two columns %s: give the dataset's another name",
                                  detect->fixes->dataset->name, shape.columns[i].name);
    return SEINE_OK;
}

void seine_detect_shape_close(seine_detect_shape *shape) {
    seine_buf_free(&shape->scratch);
    seine_detect_fields_free(&shape->fields);
}

/* ---- cells ----------------------------------------------------------------------------------------------------- */

/* Text that stands in the scratch, which may still move. */
static void keep(seine_detect_shape *shape, seine_detect_cell *cell, seine_detect_cell_kind kind, size_t from) {
    *cell = (seine_detect_cell){.kind = kind, .in_scratch = true, .from = from};
    cell->text.size = shape->scratch.size - from;
}

static seine_status put_value(seine_detect_shape *shape, seine_detect_cell *cell, seine_detect_cell_kind kind,
                              seine_json_value value) {
    const size_t from = shape->scratch.size;
    seine_json_writer w = seine_json_writer_to(&shape->scratch);
    seine_json_put_value(&w, value);
    keep(shape, cell, kind, from);
    return w.status;
}

/* How a value of a kind stands in a column of a type; NULL: not at all. */
static seine_detect_cell_kind kind_in(seine_detect_type type, seine_json_kind kind) {
    const bool is_number = kind == SEINE_JSON_INT || kind == SEINE_JSON_REAL;
    switch (type) {
    case SEINE_DETECT_TYPE_BOOL: return kind == SEINE_JSON_BOOL ? SEINE_DETECT_CELL_RAW : SEINE_DETECT_CELL_NULL;
    case SEINE_DETECT_TYPE_INT: return kind == SEINE_JSON_INT ? SEINE_DETECT_CELL_RAW : SEINE_DETECT_CELL_NULL;
    case SEINE_DETECT_TYPE_REAL: return is_number ? SEINE_DETECT_CELL_RAW : SEINE_DETECT_CELL_NULL;
    case SEINE_DETECT_TYPE_TEXT: return is_number ? SEINE_DETECT_CELL_TEXT : SEINE_DETECT_CELL_NULL;
    case SEINE_DETECT_TYPE_JSON: return SEINE_DETECT_CELL_TEXT;
    case SEINE_DETECT_TYPE_OTHER: break;
    }
    return SEINE_DETECT_CELL_NULL;
}

/* Fills the cell. *fits: else the value goes to a column "other". */
static seine_status take_value(seine_detect_shape *shape, size_t column, seine_json_value value, bool *fits) {
    seine_detect_cell *cell = &shape->cells[column];
    const seine_detect_type type = shape->columns[column].type;
    const seine_json_kind kind = seine_json_kind_of(value);
    double number = 0;
    *fits = true;
    if (kind == SEINE_JSON_ABSENT || kind == SEINE_JSON_NULL) return SEINE_OK;
    if (type == TEXT && kind == SEINE_JSON_TEXT) {
        *cell = (seine_detect_cell){.kind = SEINE_DETECT_CELL_TEXT, .text = seine_json_text(value)};
        return SEINE_OK;
    }
    const seine_detect_cell_kind as = kind_in(type, kind);
    if (as != SEINE_DETECT_CELL_NULL) return put_value(shape, cell, as, value);
    *fits = type == REAL && kind == SEINE_JSON_TEXT && seine_number_parse(seine_json_text(value), &number);
    if (!*fits) return SEINE_OK;
    char text[32];
    const size_t from = shape->scratch.size, size = seine_number_text(number, text);
    const seine_status status = seine_buf_append(&shape->scratch, text, size); /* one in quotes */
    keep(shape, cell, SEINE_DETECT_CELL_RAW, from);
    return status;
}

/* ---- what is left ---------------------------------------------------------------------------------------------- */

/* The column for what has no column of its own: the one of its end, else the last. */
static size_t other_of(const seine_detect_shape *shape, seine_str key, size_t *skip) {
    for (size_t i = 0; i + 1 < shape->count; i++) {
        if (shape->columns[i].type != SEINE_DETECT_TYPE_OTHER) continue;
        *skip = strlen(shape->columns[i].name) - strlen("other"); /* the prefix */
        if (key.size > *skip && memcmp(key.data, shape->columns[i].name, *skip) == 0) return i;
    }
    *skip = 0;
    return shape->count - 1;
}

/* Every field that no column took, as one JSON object per column "other". */
static seine_status put_others(seine_detect_shape *shape, const seine_detect_fields *fields) {
    for (size_t column = 0; column < shape->count; column++) {
        if (shape->columns[column].type != SEINE_DETECT_TYPE_OTHER) continue;
        const size_t from = shape->scratch.size;
        bool any = false;
        seine_json_writer w = seine_json_writer_to(&shape->scratch);
        seine_json_begin_object(&w);
        for (size_t i = 0; i < fields->count; i++) {
            const seine_detect_field *field = &fields->fields[i];
            size_t skip = 0;
            if (field->value == NULL || other_of(shape, field->key, &skip) != column) continue;
            seine_json_key(&w, (seine_str){field->key.data + skip, field->key.size - skip});
            seine_json_put_value(&w, field->value);
            any = true;
        }
        seine_json_end_object(&w);
        if (w.status != SEINE_OK) return w.status;
        if (any) keep(shape, &shape->cells[column], SEINE_DETECT_CELL_TEXT, from);
        if (!seine_pace_go(shape->pace, fields->count)) return SEINE_E_INTERRUPTED;
    }
    return SEINE_OK;
}

/* A field whose value stands in its column is taken out; an open gap has null for what its start has. */
static seine_status take_columns(seine_detect_shape *shape) {
    for (size_t column = 0; column < shape->count; column++) {
        shape->cells[column] = (seine_detect_cell){.kind = SEINE_DETECT_CELL_NULL};
        if (shape->columns[column].type == SEINE_DETECT_TYPE_OTHER) continue;
        seine_detect_field *field = seine_detect_fields_find(&shape->fields, seine_str_of(shape->columns[column].name));
        bool fits = true;
        if (field == NULL) continue;
        SEINE_TRY(take_value(shape, column, field->value, &fits));
        if (fits) field->value = NULL;
    }
    for (size_t i = 0; i < shape->fields.count; i++) {
        if (seine_json_kind_of(shape->fields.fields[i].value) == SEINE_JSON_NULL) shape->fields.fields[i].value = NULL;
    }
    return SEINE_OK;
}

static seine_status take_row(seine_detect_shape *shape, seine_json_value row) {
    seine_buf_clear(&shape->scratch);
    SEINE_TRY(seine_detect_fields_take(&shape->fields, row, shape->pace));
    SEINE_TRY(take_columns(shape));
    SEINE_TRY(put_others(shape, &shape->fields));
    for (size_t i = 0; i < shape->count; i++) {
        seine_detect_cell *cell = &shape->cells[i];
        if (cell->in_scratch) cell->text.data = (const char *)shape->scratch.data + cell->from;
    }
    return SEINE_OK;
}

seine_status seine_detect_shape_row(seine_detect_shape *shape, seine_json_value row, seine_error *error) {
    const seine_status status = take_row(shape, row);
    if (status == SEINE_OK) return SEINE_OK;
    if (status == SEINE_E_INTERRUPTED) return seine_fail(error, status, "interrupted");
    return seine_fail(error, status, "row too large, or out of memory");
}
