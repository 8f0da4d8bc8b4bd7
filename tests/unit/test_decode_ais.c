/* links: decode columns base */
/* NOAA rows: names of columns, times, reasons for refusal, unknown values; the quick path equals the careful one. */
#include "base/time.h"
#include "decode/fix_decoder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define HEADER_2018                                                                                                 \
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo," \
    "TransceiverClass\n"
#define HEADER_2025                                                                                               \
    "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length," \
    "width,draft,cargo,transceiver\n"

typedef struct decoded {
    seine_csv_header header;
    seine_fix_decoder decoder;
    seine_fix_batch batch;
    seine_error error;
    seine_status status;
} decoded;

static decoded *decode(const char *header, const char *rows) {
    decoded *d = calloc(1, sizeof *d);
    seine_buf scratch;
    seine_csv_record record;
    seine_str text = seine_str_of(header);
    assert_non_null(d);
    seine_buf_init(&scratch, 1 << 20);
    assert_int_equal(seine_csv_next(&text, ',', &scratch, &record), SEINE_OK);
    d->status = seine_csv_header_read(seine_dataset_ais(), ',', &record, "file.csv", &d->header, &d->error);
    seine_fix_decoder_init(&d->decoder, seine_dataset_ais(), INT64_C(1800000000) * 1000000);
    if (d->status == SEINE_OK)
        assert_int_equal(seine_fix_decode(&d->decoder, &d->header, seine_str_of(rows), &d->batch), SEINE_OK);
    seine_buf_free(&scratch);
    return d;
}

static void drop(decoded *d) {
    seine_fix_batch_free(&d->batch);
    seine_fix_decoder_free(&d->decoder);
    free(d);
}

static void both_generations_and_any_order_are_read(void **state) {
    (void)state;
    static const struct {
        const char *header, *row;
    } forms[] = {
        {HEADER_2018, "367000001,2018-06-01T00:00:05,34.5,-120.25,8.1,335.9,329,ANNA,IMO9470571,"
                      "V7TW9,70,0,181,30,8.5,70,A\n"},
        {HEADER_2025, "367000001,2018-06-01 00:00:05,-120.25,34.5,8.1,335.9,329,ANNA,IMO9470571,"
                      "V7TW9,70,0,181,30,8.5,70,A\n"},
        {"VesselName,lat,Timestamp,LON,mmsi,heading,SOG,cog,IMO,callsign,"
         "vesseltype,STATUS,length,width,draught,cargo,AIS_CLASS\n",
         "ANNA,34.5,2018-06-01T02:00:05+02:00,-120.25,367000001,329,8.1,335.9,IMO9470571,"
         "V7TW9,70.0,0.0,181.0,30,8.50,70,A\n"},
        {HEADER_2018, "\"367000001\",\"2018-06-01T00:00:05Z\",34.5,-120.25,8.1,335.9,329,\"ANNA\",IMO9470571,"
                      "V7TW9,70,0,181,30,8.5,70,A\r\n"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        decoded *d = decode(forms[i].header, forms[i].row);
        assert_int_equal(d->status, SEINE_OK);
        assert_int_equal(d->batch.count, 1);
        const seine_fix *fix = &d->batch.fixes[0];
        assert_int_equal(fix->ts_us, INT64_C(1527811205000000));
        assert_true(fix->lat_deg == 34.5 && fix->lon_deg == -120.25 && fix->sog_kn == 8.1 && fix->cog_deg == 335.9 &&
                    fix->heading_deg == 329);
        assert_true(seine_str_equal(d->decoder.movers.entries[fix->mover], SEINE_STR("367000001")));
        seine_statics tuple;
        seine_statics_decode(seine_dataset_ais(), d->decoder.tuples.entries[fix->statics], &tuple);
        const seine_static *c = tuple.column - SEINE_STATICS_FIRST;
        assert_true(seine_str_equal(c[SEINE_AIS_NAME].text, SEINE_STR("ANNA")));
        assert_true(seine_str_equal(c[SEINE_AIS_TRANSCEIVER].text, SEINE_STR("A")));
        assert_int_equal(c[SEINE_AIS_VESSEL_TYPE].integer, 70);
        assert_true(c[SEINE_AIS_LENGTH].number == 181 && c[SEINE_AIS_DRAFT].number == 8.5);
        assert_true(c[SEINE_AIS_RECEIVER].is_null);
        drop(d);
    }
}

/* SPEC 1.2.3: the first name of the list wins, whatever the order of the fields. */
static void the_time_column_is_the_first_known_name(void **state) {
    (void)state;
    static const char *const names[] = {"BaseDateTime", "basedatetimeutc", "BASE_DATE_TIME", "timestamp",
                                        "Timestamp",    "event_time_utc",  "DateTime",       "time_utc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char header[100];
        snprintf(header, sizeof header, "time_utc2,%s,mmsi,lat,lon\n", names[i]);
        decoded *d = decode(header, "x,2018-06-01 00:00:05,1,2,3\n");
        assert_int_equal(d->status, SEINE_OK);
        assert_int_equal(d->batch.count, 1);
        drop(d);
    }
    decoded *d = decode("time_utc,basedatetime,mmsi,lat,lon\n", "not this,2018-06-01 00:00:05,1,2,3\n");
    assert_int_equal(d->batch.count, 1);
    drop(d);
}

static void a_wrong_header_lists_the_columns_seen(void **state) {
    (void)state;
    decoded *d = decode("ship,when,LAT,LON\n", "");
    assert_int_equal(d->status, SEINE_E_FORMAT);
    assert_string_equal(d->error.text, "file.csv: wrong header: no MMSI column; columns seen: ship, when, LAT, LON");
    drop(d);
}

static void refused_rows_keep_their_reason_number_and_text(void **state) {
    (void)state;
    static const struct {
        const char *row, *reason;
    } cases[] = {
        {",2018-06-01T00:00:00,1,2,,", "id: missing"},
        {"12A4,2018-06-01T00:00:00,1,2,,", "id: '12A4' is not digits"},
        {"367000001.0,2018-06-01T00:00:00,1,2,,", "id: '367000001.0' is not digits"},
        {"1,,1,2,,", "time: missing"},
        {"1,not a time,1,2,,", "time: 'not a time' is not a time"},
        {"1,2018-02-30T00:00:00,1,2,,", "time: '2018-02-30T00:00:00' is not a time"},
        {"1,2199-01-01T00:00:00,1,2,,", "future: 2199-01-01T00:00:00 is ahead of the clock"},
        {"1,2018-06-01T00:00:00,,2,,", "position: latitude is missing"},
        {"1,2018-06-01T00:00:00,91,181,,", "position: latitude 91 is outside [-90, 90]"},
        {"1,2018-06-01T00:00:00,90.0001,0,,", "position: latitude 90.0001 is outside [-90, 90]"},
        {"1,2018-06-01T00:00:00,1,-180.5,,", "position: longitude -180.5 is outside [-180, 180]"},
        {"1,2018-06-01T00:00:00,1,nan,,", "position: longitude 'nan' is not a number"},
        {"1,2018-06-01T00:00:00,1,2,3", "ragged: 5 fields where the header has 6"},
        {"1,2018-06-01T00:00:00,1,2,3,ANNA,7", "ragged: 7 fields where the header has 6"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rows[300];
        snprintf(rows, sizeof rows, "9,2018-06-01T00:00:00,1,2,3,ANNA\n\n%s\n9,2018-06-01T00:00:01,1,2,3,ANNA\n",
                 cases[i].row);
        decoded *d = decode("MMSI,BaseDateTime,LAT,LON,SOG,VesselName\n", rows);
        assert_int_equal(d->batch.rows, 3);
        assert_int_equal(d->batch.count, 2);
        assert_int_equal(d->batch.reject_count, 1);
        const seine_reject *reject = &d->batch.rejects[0];
        const char *text = (const char *)d->batch.text.data;
        assert_int_equal(reject->row, 2);
        assert_int_equal(reject->reason_size, strlen(cases[i].reason));
        assert_memory_equal(text + reject->reason, cases[i].reason, reject->reason_size);
        assert_int_equal(reject->raw_size, strlen(cases[i].row));
        assert_memory_equal(text + reject->raw, cases[i].row, reject->raw_size);
        assert_int_equal(d->batch.fixes[1].row, 3);
        drop(d);
    }
}

/* NOAA misspells its own column; others name theirs differently. */
static void a_column_is_known_by_every_name_it_goes_by(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int column;
    } names[] = {{"TranscieverClass", SEINE_AIS_TRANSCEIVER},
                 {"transciever", SEINE_AIS_TRANSCEIVER},
                 {"Transceiver Class", SEINE_AIS_TRANSCEIVER},
                 {"speed", SEINE_AIS_SOG},
                 {"Speed Over Ground", SEINE_AIS_SOG},
                 {"course", SEINE_AIS_COG},
                 {"True-Heading", SEINE_AIS_HEADING},
                 {"Ship name", SEINE_AIS_NAME},
                 {"imo_number", SEINE_AIS_IMO},
                 {"Call sign", SEINE_AIS_CALLSIGN},
                 {"Ship type", SEINE_AIS_VESSEL_TYPE},
                 {"Navigational status", SEINE_AIS_STATUS},
                 {"draught", SEINE_AIS_DRAFT},
                 {"beam", SEINE_AIS_WIDTH},
                 {"cargo type", SEINE_AIS_CARGO}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char header[100];
        snprintf(header, sizeof header, "MMSI,%s,BaseDateTime,LAT,LON\n", names[i].name);
        decoded *d = decode(header, "1,0,2018-06-01 00:00:05,1,2\n");
        assert_int_equal(d->status, SEINE_OK);
        assert_int_equal(d->header.field_of[names[i].column], 1);
        drop(d);
    }
}

static void a_column_not_taken_is_offered_the_one_it_may_be_meant_for(void **state) {
    (void)state;
    static const struct {
        const char *name, *offer;
    } names[] = {{"sogg", "SOG"},     {"headign", "Heading"}, {"vesselnme", "VesselName"},
                 {"velocity", "SOG"}, {"lenght", "Length"},   {"type", "VesselType"},
                 {"eta", NULL},       {"LAT", NULL}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char header[100];
        snprintf(header, sizeof header, "MMSI,BaseDateTime,LAT,LON,%s\n", names[i].name);
        decoded *d = decode(header, "");
        seine_csv_record record = {.field = {{0}}};
        record.field[4] = seine_str_of(names[i].name);
        assert_int_equal(d->header.column_of[4], -1);
        const char *offer = seine_csv_header_offer(&record, &d->header, 4);
        assert_true(names[i].offer == NULL ? offer == NULL : offer != NULL && strcmp(offer, names[i].offer) == 0);
        drop(d);
    }
    decoded *d = decode("MMSI,BaseDateTime,Lattitude,LON\n", "");
    assert_non_null(strstr(d->error.text, "; if Lattitude is that column, name it LAT"));
    drop(d);
}

static void another_dialect_is_named(void **state) {
    (void)state;
    static const char *const texts[][2] = {{"MMSI;BaseDateTime;LAT;LON\n", "parted by semicolons"},
                                           {"MMSI\tBaseDateTime\tLAT\tLON\n", "parted by tabs"},
                                           {"MMSI|BaseDateTime|LAT|LON\n", "parted by bars"},
                                           {"MMSI,BaseDateTime,LAT,LON\r1,2018-06-01,1,2\r", "end with CR alone"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        decoded *d = decode(texts[i][0], "");
        assert_int_equal(d->status, SEINE_E_FORMAT);
        assert_non_null(strstr(d->error.text, texts[i][1]));
        drop(d);
    }
}

/* @return how many values of a column became null, which must begin with @p first. */
static uint32_t measured(const decoded *d, int column, const char *first) {
    const seine_fix_measure *measure = &d->batch.measures[column];
    const char *text = (const char *)d->batch.text.data + measure->text;
    if (measure->rows > 0) assert_true(seine_str_equal((seine_str){text, measure->text_size}, seine_str_of(first)));
    return measure->rows;
}

static void a_measure_outside_its_range_is_null_and_counted(void **state) {
    (void)state;
    static const struct {
        int column;
        const char *bad, *good, *also_bad;
    } cases[] = {{SEINE_AIS_SOG, "-3", "0", "250"},       {SEINE_AIS_COG, "-0.1", "359.9", "400"},
                 {SEINE_AIS_HEADING, "-1", "359", "400"}, {SEINE_AIS_LENGTH, "-5", "1022", "5000"},
                 {SEINE_AIS_WIDTH, "-2", "126", "900"},   {SEINE_AIS_DRAFT, "-0.5", "25.5", "99"},
                 {SEINE_AIS_STATUS, "-1", "15", "16"},    {SEINE_AIS_VESSEL_TYPE, "-70", "70", "7.5"},
                 {SEINE_AIS_SOG, "fast", "5", "1e999"}};
    static const char *const names[] = {[SEINE_AIS_SOG] = "SOG",         [SEINE_AIS_COG] = "COG",
                                        [SEINE_AIS_HEADING] = "Heading", [SEINE_AIS_LENGTH] = "Length",
                                        [SEINE_AIS_WIDTH] = "Width",     [SEINE_AIS_DRAFT] = "Draft",
                                        [SEINE_AIS_STATUS] = "Status",   [SEINE_AIS_VESSEL_TYPE] = "VesselType"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[100], rows[400];
        snprintf(header, sizeof header, "MMSI,BaseDateTime,LAT,LON,%s\n", names[cases[i].column]);
        snprintf(rows, sizeof rows,
                 "1,2019-06-01T00:00:00,1,2,%s\n1,2019-06-01T00:00:01,1,2,%s\n1,2019-06-01T00:00:02,1,2,%s\n"
                 "1,2019-06-01T00:00:03,1,2,%s\n1,2019-06-01T00:00:04,1,2,\n",
                 cases[i].bad, cases[i].good, cases[i].bad, cases[i].also_bad);
        decoded *d = decode(header, rows);
        assert_int_equal(d->batch.count, 5);
        assert_int_equal(d->batch.reject_count, 0);
        assert_int_equal(measured(d, cases[i].column, cases[i].bad), 3);
        for (size_t r = 0; r < 5; r++) {
            const seine_fix *fix = &d->batch.fixes[r];
            seine_statics tuple;
            seine_statics_decode(seine_dataset_ais(), d->decoder.tuples.entries[fix->statics], &tuple);
            const bool is_null = cases[i].column == SEINE_AIS_SOG   ? isnan(fix->sog_kn)
                                 : cases[i].column == SEINE_AIS_COG ? isnan(fix->cog_deg)
                                 : cases[i].column == SEINE_AIS_HEADING
                                     ? isnan(fix->heading_deg)
                                     : tuple.column[cases[i].column - SEINE_STATICS_FIRST].is_null;
            assert_int_equal(is_null, r != 1);
        }
        drop(d);
    }
}

/* NOAA, FAQ of its archives: from 2015 on negative speeds need 102.4 more, negative courses 409.6. */
static void wrapped_numbers_of_noaas_older_archives_are_mended(void **state) {
    (void)state;
    static const struct {
        const char *header, *time;
        double sog, cog;
    } cases[] = {{"BaseDateTime", "2017-01-05T03:10:00", 12.8, 204.8},
                 {"BaseDateTime", "2015-01-01T00:00:00", 12.8, 204.8},
                 {"BaseDateTime", "2018-01-01T00:00:00", NAN, NAN},
                 {"BaseDateTime", "2014-12-31T23:59:59", NAN, NAN},
                 {"base_date_time", "2017-01-05 03:10:00", NAN, NAN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char header[100], rows[200];
        snprintf(header, sizeof header, "MMSI,%s,LAT,LON,SOG,COG\n", cases[i].header);
        snprintf(rows, sizeof rows, "1,%s,1,2,-89.6,-204.8\n1,%s,1,2,-0.1,-49.6\n", cases[i].time, cases[i].time);
        decoded *d = decode(header, rows);
        assert_int_equal(d->batch.count, 2);
        const seine_fix *f = d->batch.fixes;
        assert_true(f[0].sog_kn == cases[i].sog || (isnan(cases[i].sog) && isnan(f[0].sog_kn)));
        assert_true(f[0].cog_deg == cases[i].cog || (isnan(cases[i].cog) && isnan(f[0].cog_deg)));
        assert_true(isnan(f[1].sog_kn) && isnan(f[1].cog_deg)); /* 102.3 and 360: not available */
        assert_int_equal(measured(d, SEINE_AIS_SOG, "-89.6"), isnan(cases[i].sog) ? 2 : 0);
        drop(d);
    }
}

static void words_stand_for_their_codes(void **state) {
    (void)state;
    static const struct {
        const char *type, *status;
        int type_code, status_code; /* -1 = null and counted */
    } cases[] = {{"Cargo", "under way using engine", 70, 0},
                 {"TANKER", "At anchor", 80, 1},
                 {"Fishing", "Restricted manoeuverability", 30, 3},
                 {"Passenger ship", "constrained by her draught", 60, 4},
                 {"Pleasure Craft/Sailing", "Moored", 37, 5},
                 {"Tug Tow", "engaged in fishing", 52, 7},
                 {"Not Available", "undefined", 0, 15},
                 {"30", "under way sailing", 30, 8},
                 {"70.0", "power-driven vessel towing astern (regional use)", 70, 11},
                 {"other",
                  "reserved for future amendment of navigational status for ships carrying dangerous goods, "
                  "high speed craft (HSC)",
                  90, 9},
                 {"Spaceship", "flying", -1, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rows[300];
        snprintf(rows, sizeof rows, "1,2019-06-01T00:00:00,1,2,%s,\"%s\"\n", cases[i].type, cases[i].status);
        decoded *d = decode("MMSI,BaseDateTime,LAT,LON,vessel_type,Status\n", rows);
        seine_statics tuple;
        assert_int_equal(d->batch.count, 1);
        seine_statics_decode(seine_dataset_ais(), d->decoder.tuples.entries[d->batch.fixes[0].statics], &tuple);
        const seine_static *c = tuple.column - SEINE_STATICS_FIRST;
        const int type = c[SEINE_AIS_VESSEL_TYPE].is_null ? -1 : (int)c[SEINE_AIS_VESSEL_TYPE].integer;
        const int status = c[SEINE_AIS_STATUS].is_null ? -1 : (int)c[SEINE_AIS_STATUS].integer;
        assert_int_equal(type, cases[i].type_code);
        assert_int_equal(status, cases[i].status_code);
        assert_int_equal(measured(d, SEINE_AIS_VESSEL_TYPE, cases[i].type), type < 0);
        assert_int_equal(measured(d, SEINE_AIS_STATUS, cases[i].status), status < 0);
        drop(d);
    }
}

/* base/mmsi.h: one number, one text. */
static void one_number_is_one_id(void **state) {
    (void)state;
    static const char *const ids[][2] = {{"003669708", "3669708"},
                                         {"3669708", "3669708"},
                                         {"0003669708", "3669708"},
                                         {"036712345", "36712345"},
                                         {"99000001", "99000001"},
                                         {"0099000001", "99000001"},
                                         {"0", "0"},
                                         {"000", "0"},
                                         {"111", "111"},
                                         {"367000001", "367000001"},
                                         {"0367000001", "367000001"},
                                         {"8123456789", "8123456789"}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        for (int quoted = 0; quoted < 2; quoted++) {
            char row[100];
            snprintf(row, sizeof row, "%s%s%s,2018-06-01,1,2\n", quoted ? "\"" : "", ids[i][0], quoted ? "\"" : "");
            decoded *d = decode("mmsi,base_date_time,lat,lon\n", row);
            assert_int_equal(d->batch.count, 1);
            assert_true(seine_str_equal(d->decoder.movers.entries[0], seine_str_of(ids[i][1])));
            drop(d);
        }
    }
}

/* The span of the dataset; times before 1970 are times like others. */
static void a_time_before_the_span_is_refused(void **state) {
    (void)state;
    static const char rows[] = "1,1989-12-31T23:59:59,1,2\n1,1990-01-01T00:00:00,1,2\n1,1969-12-31T19:00:00,1,2\n";
    decoded *d = decode("mmsi,base_date_time,lat,lon\n", rows);
    assert_int_equal(d->batch.count, 1);
    assert_int_equal(d->batch.reject_count, 2);
    static const char reason[] = "time: 1989-12-31T23:59:59 is before 1990-01-01T00:00:00Z";
    assert_int_equal(d->batch.rejects[0].reason_size, sizeof reason - 1);
    assert_memory_equal(d->batch.text.data + d->batch.rejects[0].reason, reason, sizeof reason - 1);
    seine_fix_batch_free(&d->batch);
    d->decoder.earliest_us = INT64_MIN;
    assert_int_equal(seine_fix_decode(&d->decoder, &d->header, seine_str_of(rows), &d->batch), SEINE_OK);
    assert_int_equal(d->batch.count, 3);
    assert_int_equal(d->batch.fixes[2].ts_us, -5 * SEINE_HOUR_US);
    assert_int_equal(seine_time_day(d->batch.fixes[2].ts_us), -1);
    drop(d);
}

static void odd_but_numeric_ids_and_the_edges_of_the_globe_stay(void **state) {
    (void)state;
    decoded *d = decode("mmsi,base_date_time,lat,lon\n", "0,2018-06-01,90,180\n003669999,2018-06-01,-90,-180\n"
                                                         "99999999999999999999,2018-06-01,0,-0.0\n");
    assert_int_equal(d->batch.count, 3);
    assert_true(seine_str_equal(d->decoder.movers.entries[d->batch.fixes[1].mover], SEINE_STR("3669999")));
    drop(d);
}

/* DESIGN section 4: sog from 102.3, cog from 360, heading 511 are null. */
static void unknown_values_are_null(void **state) {
    (void)state;
    decoded *d = decode(HEADER_2018, "1,2018-06-01T00:00:00,1,2,102.3,360,511,,,,,,,,,,A\n"
                                     "1,2018-06-01T00:00:01,1,2,102.2,359.9,360,,,,,,,,,,A\n"
                                     "1,2018-06-01T00:00:02,1,2,,x,,,,,,,,,,,A\n"
                                     "1,2018-06-01T00:00:03,1,2,102.3,360,511,,,,,,,,,,A\n");
    assert_int_equal(d->batch.count, 4);
    const seine_fix *f = d->batch.fixes;
    for (size_t i = 0; i < 4; i += i == 0 ? 2 : 1)
        assert_true(isnan(f[i].sog_kn) && isnan(f[i].cog_deg) && isnan(f[i].heading_deg));
    assert_true(f[1].sog_kn == 102.2 && f[1].cog_deg == 359.9 && f[1].heading_deg == 360);
    drop(d);
}

static void text_that_is_not_utf8_is_made_so(void **state) {
    (void)state;
    decoded *d = decode(HEADER_2018, "1,2018-06-01T00:00:00,1,2,,,,\xC5LESUND,,,,,,,,,A\n"
                                     "1,2018-06-01T00:00:01,1,2,,,,\xC3\x85LESUND,,,,,,,,,A\n");
    static const char *const expected[] = {"\xEF\xBF\xBDLESUND", "\xC3\x85LESUND"};
    for (size_t i = 0; i < 2; i++) {
        seine_statics tuple;
        seine_statics_decode(seine_dataset_ais(), d->decoder.tuples.entries[d->batch.fixes[i].statics], &tuple);
        assert_true(seine_str_equal(tuple.column[0].text, seine_str_of(expected[i])));
    }
    drop(d);
}

/* All texts of a row are made valid into one block, which must not move while they are. */
static void many_long_texts_that_are_not_utf8_are_made_so(void **state) {
    (void)state;
    enum { LONG = 900 };
    char row[4 * LONG], bad[LONG + 1], good[3 * LONG + 1] = "";
    memset(bad, 0xC5, LONG);
    bad[LONG] = '\0';
    for (size_t i = 0; i < LONG; i++) memcpy(good + 3 * i, "\xEF\xBF\xBD", 4);
    (void)snprintf(row, sizeof row, "1,2018-06-01T00:00:00,1,2,,,,%s,%s,%s,,,,,,,A\n", bad, bad, bad);
    decoded *d = decode(HEADER_2018, row);
    seine_statics tuple;
    seine_statics_decode(seine_dataset_ais(), d->decoder.tuples.entries[d->batch.fixes[0].statics], &tuple);
    for (size_t i = 0; i < 3; i++)
        if (!seine_str_equal(tuple.column[i].text, seine_str_of(good))) fail_msg("text %zu is not the one", i);
    drop(d);
}

static bool same_number(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

/* A quote anywhere makes the whole block go the careful way; the fixes must be the same to the bit. */
/* More vessels than are remembered, each changing its statics: a row never gets those of another vessel. */
static void every_row_gets_its_own_vessel_and_statics(void **state) {
    (void)state;
    enum { VESSELS = 90000, ROUNDS = 4 };
    static const char names[ROUNDS] = "ABBA";
    seine_buf rows;
    seine_buf_init(&rows, (size_t)1 << 26);
    for (int round = 0; round < ROUNDS; round++)
        for (int v = 0; v < VESSELS; v++)
            assert_int_equal(seine_buf_printf(&rows, "%s%d,2018-06-01T00:00:%02d,1,2,,,,%c%d,,,,,,,,,\n",
                                              v % 7 == 0 ? "00" : "", 200000000 + v, round, names[round], v),
                             SEINE_OK);
    decoded *d = decode(HEADER_2018, seine_buf_text(&rows));
    assert_int_equal(d->batch.count, VESSELS * ROUNDS);
    assert_int_equal(d->decoder.movers.count, VESSELS);
    for (size_t i = 0; i < d->batch.count; i++) {
        char id[16], name[16];
        const int v = (int)(i % VESSELS);
        const seine_fix *fix = &d->batch.fixes[i];
        snprintf(id, sizeof id, "%d", 200000000 + v);
        snprintf(name, sizeof name, "%c%d", names[i / VESSELS], v);
        seine_statics tuple;
        seine_statics_decode(seine_dataset_ais(), d->decoder.tuples.entries[fix->statics], &tuple);
        assert_true(seine_str_equal(d->decoder.movers.entries[fix->mover], seine_str_of(id)));
        assert_true(seine_str_equal(tuple.column[SEINE_AIS_NAME - SEINE_STATICS_FIRST].text, seine_str_of(name)));
    }
    seine_buf_free(&rows);
    drop(d);
}

static void the_quick_path_equals_the_careful_one(void **state) {
    (void)state;
    seine_buf rows, quoted;
    seine_buf_init(&rows, 1 << 22);
    seine_buf_init(&quoted, 1 << 22);
    uint64_t seed = 42;
    for (int i = 0; i < 4000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const unsigned r = (unsigned)(seed >> 33);
        assert_int_equal(
            seine_buf_printf(
                &rows, "%s%u,%s-06-%02uT%02u:%02u:%02u,%.*f,%s%.5f,%s%.1f,%s%u,%u,NAME %u,,,%u,%s,%u,,,,%s\n",
                r % 13 ? "" : "00", r % 17 ? 367000000 + r % 50 : 3669700 + r % 5, r % 3 ? "2018" : "2017", 1 + r % 31,
                r % 25, r / 7 % 61, r / 3 % 60, (int)(r % 12), (r % 9300) / 100.0, r % 2 ? "-" : "",
                (r % 18100) / 100.0, r % 19 ? "" : "-", (r % 1040) / 10.0, r % 23 ? "" : "-", r % 362, r % 513, r % 7,
                r % 100, r % 3 ? "0" : "", r % 300, r % 11 ? "A" : "B,extra"),
            SEINE_OK);
    }
    assert_int_equal(seine_buf_append_str(&quoted, "\"367000000\",2018-06-01T00:00:00,1,2,,,,,,,,,,,,,A\n"), SEINE_OK);
    assert_int_equal(seine_buf_append(&quoted, rows.data, rows.size), SEINE_OK);
    decoded *quick = decode(HEADER_2018, seine_buf_text(&rows)),
            *careful = decode(HEADER_2018, seine_buf_text(&quoted));
    assert_int_equal(quick->batch.count + 1, careful->batch.count);
    assert_int_equal(quick->batch.reject_count, careful->batch.reject_count);
    assert_true(quick->batch.count > 1000 && quick->batch.reject_count > 100);
    for (size_t i = 0; i < quick->batch.count; i++) {
        const seine_fix *a = &quick->batch.fixes[i], *b = &careful->batch.fixes[i + 1];
        assert_int_equal(a->ts_us, b->ts_us);
        assert_memory_equal(&a->lat_deg, &b->lat_deg, 2 * sizeof(double));
        assert_true(same_number(a->sog_kn, b->sog_kn) && same_number(a->cog_deg, b->cog_deg) &&
                    same_number(a->heading_deg, b->heading_deg));
        assert_true(
            seine_str_equal(quick->decoder.movers.entries[a->mover], careful->decoder.movers.entries[b->mover]));
        assert_true(
            seine_str_equal(quick->decoder.tuples.entries[a->statics], careful->decoder.tuples.entries[b->statics]));
    }
    size_t counted = 0;
    for (size_t c = 0; c < SEINE_AIS_COLUMNS; c++) {
        assert_int_equal(quick->batch.measures[c].rows, careful->batch.measures[c].rows);
        counted += quick->batch.measures[c].rows;
    }
    assert_true(counted > 500);
    drop(quick);
    drop(careful);
    seine_buf_free(&rows);
    seine_buf_free(&quoted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_generations_and_any_order_are_read),
        cmocka_unit_test(the_time_column_is_the_first_known_name),
        cmocka_unit_test(a_wrong_header_lists_the_columns_seen),
        cmocka_unit_test(refused_rows_keep_their_reason_number_and_text),
        cmocka_unit_test(a_column_is_known_by_every_name_it_goes_by),
        cmocka_unit_test(a_column_not_taken_is_offered_the_one_it_may_be_meant_for),
        cmocka_unit_test(another_dialect_is_named),
        cmocka_unit_test(a_measure_outside_its_range_is_null_and_counted),
        cmocka_unit_test(wrapped_numbers_of_noaas_older_archives_are_mended),
        cmocka_unit_test(words_stand_for_their_codes),
        cmocka_unit_test(one_number_is_one_id),
        cmocka_unit_test(a_time_before_the_span_is_refused),
        cmocka_unit_test(odd_but_numeric_ids_and_the_edges_of_the_globe_stay),
        cmocka_unit_test(unknown_values_are_null),
        cmocka_unit_test(text_that_is_not_utf8_is_made_so),
        cmocka_unit_test(many_long_texts_that_are_not_utf8_are_made_so),
        cmocka_unit_test(every_row_gets_its_own_vessel_and_statics),
        cmocka_unit_test(the_quick_path_equals_the_careful_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
