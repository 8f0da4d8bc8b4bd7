/* links: decode columns base */
/* NOAA rows: names of columns, times, reasons for refusal, unknown values; the quick path equals the careful one. */
#include "base/time.h"
#include "decode/ais.h"

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
    seine_ais_header header;
    seine_ais_decoder decoder;
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
    assert_int_equal(seine_csv_next(&text, &scratch, &record), SEINE_OK);
    d->status = seine_ais_header_read(&record, "file.csv", &d->header, &d->error);
    seine_ais_decoder_init(&d->decoder, INT64_C(1800000000) * 1000000);
    if (d->status == SEINE_OK)
        assert_int_equal(seine_ais_decode(&d->decoder, &d->header, seine_str_of(rows), &d->batch), SEINE_OK);
    seine_buf_free(&scratch);
    return d;
}

static void drop(decoded *d) {
    seine_fix_batch_free(&d->batch);
    seine_ais_decoder_free(&d->decoder);
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
        seine_statics_decode(d->decoder.tuples.entries[fix->statics], &tuple);
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

static void odd_but_numeric_ids_and_the_edges_of_the_globe_stay(void **state) {
    (void)state;
    decoded *d = decode("mmsi,base_date_time,lat,lon\n", "0,2018-06-01,90,180\n003669999,2018-06-01,-90,-180\n"
                                                         "99999999999999999999,2018-06-01,0,-0.0\n");
    assert_int_equal(d->batch.count, 3);
    assert_true(seine_str_equal(d->decoder.movers.entries[d->batch.fixes[1].mover], SEINE_STR("003669999")));
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
        seine_statics_decode(d->decoder.tuples.entries[d->batch.fixes[i].statics], &tuple);
        assert_true(seine_str_equal(tuple.column[0].text, seine_str_of(expected[i])));
    }
    drop(d);
}

/* A quote anywhere makes the whole block go the careful way; the fixes must be the same to the bit. */
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
            seine_buf_printf(&rows, "%u,2018-06-%02uT%02u:%02u:%02u,%.*f,%s%.5f,%.1f,%u,%u,NAME %u,,,%u,%s,%u,,,,%s\n",
                             367000000 + r % 50, 1 + r % 31, r % 25, r / 7 % 61, r / 3 % 60, (int)(r % 12),
                             (r % 9300) / 100.0, r % 2 ? "-" : "", (r % 18100) / 100.0, (r % 1040) / 10.0, r % 362,
                             r % 513, r % 7, r % 100, r % 3 ? "0" : "", r % 300, r % 11 ? "A" : "B,extra"),
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
        assert_true(a->sog_kn == b->sog_kn || (isnan(a->sog_kn) && isnan(b->sog_kn)));
        assert_true(
            seine_str_equal(quick->decoder.tuples.entries[a->statics], careful->decoder.tuples.entries[b->statics]));
    }
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
        cmocka_unit_test(odd_but_numeric_ids_and_the_edges_of_the_globe_stay),
        cmocka_unit_test(unknown_values_are_null),
        cmocka_unit_test(text_that_is_not_utf8_is_made_so),
        cmocka_unit_test(the_quick_path_equals_the_careful_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
