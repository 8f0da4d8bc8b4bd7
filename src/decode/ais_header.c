/*
 * Which field of a NOAA file is which column. Names changed over the years; each column lists every name seen, the
 * preferred one first: a name is looked for among all fields before the next name is tried.
 */
#include "decode/ais.h"

#define NAMES_MAX 14

static const struct {
    int column;
    bool required;
    const char *names[NAMES_MAX];
} aliases[] = {
    {SEINE_AIS_MMSI, true, {"MMSI"}},
    /* SPEC 1.2.3 */
    {SEINE_AIS_TS,
     true,
     {"BaseDateTime", "BaseDateTimeUTC", "base_date_time", "base_date_time_utc", "timestamp", "event_time_utc",
      "DateTime", "time_utc"}},
    {SEINE_AIS_LAT, true, {"LAT", "latitude"}},
    {SEINE_AIS_LON, true, {"LON", "longitude", "lng"}},
    {SEINE_AIS_SOG, false, {"SOG", "speed_over_ground"}},
    {SEINE_AIS_COG, false, {"COG", "course_over_ground"}},
    {SEINE_AIS_HEADING, false, {"Heading", "true_heading"}},
    {SEINE_AIS_NAME, false, {"VesselName", "vessel_name", "name", "shipname"}},
    {SEINE_AIS_IMO, false, {"IMO"}},
    {SEINE_AIS_CALLSIGN, false, {"CallSign", "call_sign"}},
    {SEINE_AIS_VESSEL_TYPE, false, {"VesselType", "vessel_type"}},
    {SEINE_AIS_STATUS, false, {"Status", "nav_status"}},
    {SEINE_AIS_LENGTH, false, {"Length"}},
    {SEINE_AIS_WIDTH, false, {"Width"}},
    {SEINE_AIS_DRAFT, false, {"Draft", "draught"}},
    {SEINE_AIS_CARGO, false, {"Cargo"}},
    {SEINE_AIS_TRANSCEIVER, false, {"TransceiverClass", "transceiver_class", "transceiver", "ais_class"}},
    {SEINE_AIS_RECEIVER, false, {"receiver_type"}},
    {SEINE_AIS_SEG_ID, false, {"seg_id"}},
    {SEINE_AIS_MSGID, false, {"msgid"}},
    {SEINE_AIS_SHORE, false, {"distance_from_shore_m"}},
    {SEINE_AIS_PORT, false, {"distance_from_port_m"}},
};

/* Exactly, then ignoring case. @return field index or -1. */
static int16_t find_field(const seine_csv_record *record, size_t count, const char *name) {
    const seine_str wanted = seine_str_of(name);
    for (size_t i = 0; i < count; i++)
        if (seine_str_equal(seine_str_trim(record->field[i]), wanted)) return (int16_t)i;
    for (size_t i = 0; i < count; i++)
        if (seine_str_equal_nocase(seine_str_trim(record->field[i]), wanted)) return (int16_t)i;
    return -1;
}

static seine_status missing_column(const seine_csv_record *record, size_t count, const char *file, const char *column,
                                   seine_error *error) {
    char seen[700] = "";
    size_t used = 0;
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
    return seine_fail(error, SEINE_E_FORMAT, "%s: wrong header: no %s column; columns seen: %s", file, column, seen);
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
    for (size_t a = 0; a < sizeof aliases / sizeof aliases[0]; a++) {
        int16_t field = -1;
        for (size_t n = 0; field < 0 && n < NAMES_MAX && aliases[a].names[n] != NULL; n++)
            field = find_field(record, count, aliases[a].names[n]);
        if (field < 0) {
            if (aliases[a].required) return missing_column(record, count, name, aliases[a].names[0], error);
            continue;
        }
        header->column_of[field] = (int16_t)aliases[a].column;
        header->field_of[aliases[a].column] = field;
    }
    header->tail = find_tail(header);
    return SEINE_OK;
}
