/* links: decode columns base */
/* CSV by dataset: what each kind of column takes, which rows a dataset refuses, forms of files; and that the quick path
 * says what the careful one says. */
#include "unit/decode_support.h"

#define HEAD "name: herd\nvalid_from: 0001-01-01\nid: {name: animal}\n"
#define PLACE "position: {required: false, lat: {name: lat}, lon: {name: lon}}\n"
#define HERD HEAD "time: {name: seen}\n" PLACE
#define AT "a,2020-01-01T00:00:00,"

/* ---- values ---- */

static void numbers_have_units_limits_words_and_sentinels(void **state) {
    (void)state;
    static const char yaml[] =
        HERD "measures:\n  speed: {unit: km/h, source_unit: m/s, least: 0, most: 72, unknown: -1, words: {still:"
             " 0, '?': null}}\n"
             "columns:\n  age: {type: int, truncate: true, least: -1, most: 40, words: {NEWBORN: 0}}\n"
             "  legs: {type: int, least: 0, most: 4}\n  heat: {type: double, unit: C, source_unit: F}\n"
             "  tame: {type: boolean, words: {oui: true, non: false}}\n";
    static const struct {
        const char *fields; /* speed, age, legs, heat, tame */
        double speed, age, legs, heat, tame;
        const char *counted; /* columns whose value became null because it is none */
    } cases[] = {
        {"10,3,4,50,true", 36, 3, 4, 10, 1, ""},
        {" 10 , 3.9 ,\t4, 5e1 ,NO", 36, 3, 4, 10, 0, ""},
        {"20,-1.9,4.0,-459.67,1", 72, -1, 4, -273.15, 1, ""},
        {"still,NEWBORN,0,32,oui", 0, 0, 0, 0, 1, ""},
        {"?,,,,", NAN, NAN, NAN, NAN, NAN, ""},
        {"-1,0,0,32,0", NAN, 0, 0, 0, 0, ""},
        {"20.001,41,5,hot,perhaps", NAN, NAN, NAN, NAN, NAN, "speed age legs heat tame"},
        {"-0.5,-2,3.5,1 2,2", NAN, NAN, NAN, NAN, NAN, "speed age legs heat tame"},
        {"Still,newborn,four,0x10,Oui", NAN, NAN, NAN, NAN, NAN, "speed age legs heat tame"},
        {"nan,inf,1e99,1e999,yes", NAN, NAN, NAN, NAN, 1, "speed age legs heat"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int quoted = 0; quoted < 2; quoted++) {
            char text[400];
            snprintf(text, sizeof text, "animal,seen,lat,lon,speed,age,legs,heat,tame\n%s1,2,%s\n%s1,2,%s\n",
                     quoted ? "\"a\",2020-01-01 00:00:00," : AT, cases[i].fields, AT, cases[i].fields);
            decoded *d = decode_csv(yaml, text);
            static const char *const names[] = {"age", "legs", "heat", "tame"};
            const double expected[] = {cases[i].age, cases[i].legs, cases[i].heat, cases[i].tame};
            assert_int_equal(d->batch.count, 2);
            for (size_t f = 0; f < 2; f++) {
                const double speed = d->batch.fixes[f].measure[0];
                assert_true(isnan(cases[i].speed) ? isnan(speed) : fabs(speed - cases[i].speed) < 1e-9);
                for (size_t n = 0; n < 4; n++) {
                    const seine_static value = static_of(d, f, names[n]);
                    assert_int_equal(value.is_null, isnan(expected[n]));
                    const double number = n == 2 ? value.number : (double)value.integer;
                    if (!value.is_null && !(fabs(number - expected[n]) < 1e-9))
                        fail_msg("%s of %s is %g", names[n], cases[i].fields, number);
                }
            }
            for (size_t c = SEINE_DATASET_MEASURES; c < d->dataset->column_count; c++) {
                const bool counted = strstr(cases[i].counted, d->dataset->columns[c].name) != NULL;
                assert_int_equal(d->batch.measures[c].rows, counted ? 2 : 0);
            }
            drop(d);
        }
    }
}

static void texts_are_kept_trimmed_or_mapped(void **state) {
    (void)state;
    decoded *d = decode_csv(
        HERD "columns:\n  name: {}\n  owner: {trim: true, words: {'-': null, ' x ': never, X: Xavier}}\n"
             "  breed: {ignores_form: true, words: {'Swiss brown*': BV, 'other*(rare)*': rare, unknown: null}}\n",
        "animal,seen,lat,lon,name,owner,breed\n" AT "1,2, Bella ,\" Ann \n\",swiss-BROWN (old)\n" AT
        "1,2,,-,\"Others, all rare ones\"\n" AT "1,2, , X ,U n k n o w n\n" AT "1,2,é,\" \t\",Angus\n");
    assert_int_equal(d->batch.count, 4);
    assert_true(text_is(d, 0, "name", " Bella ") && text_is(d, 0, "owner", "Ann") && text_is(d, 0, "breed", "BV"));
    assert_true(text_is(d, 1, "name", NULL) && text_is(d, 1, "owner", NULL) && text_is(d, 1, "breed", "rare"));
    assert_true(text_is(d, 2, "name", " ") && text_is(d, 2, "owner", "Xavier") && text_is(d, 2, "breed", NULL));
    assert_true(text_is(d, 3, "name", "é") && text_is(d, 3, "owner", NULL) && text_is(d, 3, "breed", "Angus"));
    drop(d);
}

/* ---- ids ---- */

static void ids_are_texts_or_numbers(void **state) {
    (void)state;
    static const struct {
        const char *kind, *field, *id; /* NULL: refused */
        const char *reason;
    } cases[] = {{"", "cow 7", "cow 7", NULL},
                 {"", "   ", "   ", NULL},
                 {"", " x ", " x ", NULL},
                 {"", "007", "007", NULL},
                 {"", "\"a,b\"", "a,b", NULL},
                 {"", "", NULL, "id: missing"},
                 {"", "\xFF", NULL, "id: '\xEF\xBF\xBD' is not UTF-8"},
                 {", trim: true", " x ", "x", NULL},
                 {", trim: true", "   ", NULL, "id: missing"},
                 {", kind: number", " 007 ", "7", NULL},
                 {", kind: number", "7x", NULL, "id: '7x' is not digits"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[300], text[200];
        snprintf(yaml, sizeof yaml, "name: herd\nid: {name: animal%s}\ntime: {name: seen}\n" PLACE, cases[i].kind);
        snprintf(text, sizeof text, "seen,animal,lat,lon,x\n2020-01-01,%s,1,2,\n2020-01-01 00:00:00,%s,1,2,\n",
                 cases[i].field, cases[i].field);
        decoded *d = decode_csv(yaml, text);
        assert_int_equal(d->batch.count, cases[i].id != NULL ? 2 : 0);
        for (size_t f = 0; f < 2; f++) {
            if (cases[i].id != NULL) assert_str(id_of(d, f), cases[i].id);
            if (cases[i].reason != NULL) assert_str(reason_of(d, f), cases[i].reason);
        }
        drop(d);
    }
    char text[700] = "animal,seen,lat,lon,x\n";
    memset(text + strlen(text), 'a', 300);
    (void)strcat(text, ",2020-01-01,1,2,\n");
    decoded *d = decode_csv(HERD, text);
    assert_str(reason_of(d, 0), "id: 300 bytes, at most 256 are read");
    drop(d);
}

/* ---- times ---- */

static void times_are_of_the_kind_that_the_dataset_says(void **state) {
    (void)state;
    enum { REFUSED = 1 };
    static const struct {
        const char *time, *text;
        int64_t us; /* REFUSED = no time */
    } cases[] = {
        {"{name: seen}\ntime_zone: '+05:30'", "1970-01-01T05:30:00", 0},
        {"{name: seen}\ntime_zone: '+05:30'", "1970-01-01 05:30:00.25", 250000},
        {"{name: seen}\ntime_zone: '+05:30'", "1970-01-01T00:00:00Z", 0},
        {"{name: seen}\ntime_zone: '+05:30'", "1970-01-01T01:00:00+01:00", 0},
        {"{name: seen}\ntime_zone: '-01:00'", "1970-01-01", INT64_C(3600000000)},
        {"{name: seen, format: unix_s}", "1683369195", INT64_C(1683369195000000)},
        {"{name: seen, format: unix_s}", " 1683369195.943 ", INT64_C(1683369195943000)},
        {"{name: seen, format: unix_s}", "1683369195.9439999", INT64_C(1683369195943999)},
        {"{name: seen, format: unix_s}", "1.683369195943e9", INT64_C(1683369195943000)},
        {"{name: seen, format: unix_s}", "-1", -1000000},
        {"{name: seen, format: unix_s}", "-0.000001", -1},
        {"{name: seen, format: unix_s}", "1683369195943", REFUSED}, /* year 55313 */
        {"{name: seen, format: unix_s}", "abc", REFUSED},
        {"{name: seen, format: unix_s}", "1.", REFUSED},
        {"{name: seen, format: unix_s}", "9223372036854775808", REFUSED},
        {"{name: seen, format: unix_ms}", "1683369195943", INT64_C(1683369195943000)},
        {"{name: seen, format: unix_ms}", "1683369195943.0", INT64_C(1683369195943000)},
        {"{name: seen, format: unix_us}", "1683369195943001", INT64_C(1683369195943001)},
        {"{name: seen, format: unix_ns}", "1683369195943001999", INT64_C(1683369195943001)},
        {"{name: seen, format: unix_ns}", "1799999999999999999", INT64_C(1799999999999999)},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "31/12/2019 23:59:59", INT64_C(1577836799000000)},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "1/2/2020 3:04:05.5", INT64_C(1580526245500000)},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "12/31/2019 23:59:59", REFUSED},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "30/02/2020 00:00:00", REFUSED},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "01/01/2020 24:00:00", REFUSED},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "01/01/2020 00:00:00 ", INT64_C(1577836800000000)},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "01/01/2020 00:00:00x", REFUSED},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "01/01/2020 00:00", REFUSED},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "01/01/2020 00:60:00", REFUSED},
        {"{name: seen, format: '%d/%m/%Y %H:%M:%S'}", "01/13/2020 00:00:00", REFUSED},
        {"{name: seen, format: '%m/%d/%y %I:%M:%S %p'}", "1/2/70 12:00:01 AM", INT64_C(86401000000)},
        {"{name: seen, format: '%m/%d/%y %I:%M:%S %p'}", "1/2/24 12:00:00 pm", INT64_C(1704196800000000)},
        {"{name: seen, format: '%m/%d/%y %I:%M:%S %p'}", "1/2/69 12:00:00 Am", INT64_C(-31449600000000)},
        {"{name: seen, format: '%m/%d/%y %I:%M:%S %p'}", "1/2/70 13:00:00 PM", REFUSED},
        {"{name: seen, format: '%m/%d/%y %I:%M:%S %p'}", "1/2/70 0:00:00 AM", REFUSED},
        {"{name: seen, format: '%Y%m%d%H%M%S%z'}", "19700101020000+0200", 0},
        {"{name: seen, format: '%Y-%m-%d %H:%M:%S %z UTC'}", "1970-01-01 00:00:00.318353999 +0000 UTC", 318353},
        {"{name: seen, format: '%Y.%m.%d'}\ntime_zone: '+01:00'", "1970.01.02", INT64_C(82800000000)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[400], text[300];
        snprintf(yaml, sizeof yaml, HEAD "time: %s\n" PLACE, cases[i].time);
        snprintf(text, sizeof text, "animal,seen,lat,lon,x\na,%s,1,2,\na,\"%s\",1,2,\n", cases[i].text, cases[i].text);
        for (int quick = 0; quick < 2; quick++) {
            if (quick) *strchr(text + 30, '"') = '\0'; /* a block without quotes, with a ragged line at its end */
            decoded *d = decode_csv(yaml, text);
            if (cases[i].us == REFUSED) {
                assert_int_equal(d->batch.count, 0);
                char reason[100];
                snprintf(reason, sizeof reason, "time: '%s' is not a time", cases[i].text);
                assert_str(reason_of(d, 0), reason);
            } else if (d->batch.count == 0 || d->batch.fixes[0].ts_us != cases[i].us) {
                fail_msg("%s by %s", cases[i].text, cases[i].time);
            }
            drop(d);
        }
    }
}

static void times_out_of_span_are_refused(void **state) {
    (void)state;
    decoded *d =
        decode_csv("name: herd\nvalid_from: 2000-01-01\nid: {name: animal}\ntime: {name: seen, format: unix_s}\n" PLACE,
                   "animal,seen,lat,lon,x\na,946684799,1,2,\na,946684800,1,2,\na,1800000001,1,2,\n");
    assert_int_equal(d->batch.count, 1);
    assert_str(reason_of(d, 0), "time: 946684799 is before 2000-01-01T00:00:00Z");
    assert_str(reason_of(d, 1), "future: 1800000001 is ahead of the clock");
    drop(d);
}

/* ---- places ---- */

static void places_are_degrees_minutes_and_seconds(void **state) {
    (void)state;
    static const char yaml[] = HEAD "time: {name: seen}\nposition: {lat: {name: lat}, lon: {name: lon}, format: dms}\n";
    static const struct {
        const char *lat, *lon;
        double lat_deg, lon_deg;
        const char *reason;
    } good[] = {
        {"48\xC2\xB0"
         "51'30\"N",
         "2\xC2\xB0"
         "21'00\"E",
         48 + 51 / 60.0 + 30 / 3600.0, 2.35, NULL},
        {"48 51.5 N", "002 21.0 W", 48 + 51.5 / 60, -2.35, NULL},
        {"48-51.5N", "2-21E", 48 + 51.5 / 60, 2.35, NULL},
        {"S 33 51.2", "E151 12.5", -(33 + 51.2 / 60), 151 + 12.5 / 60, NULL},
        {"n48\xC2\xBA 51\xE2\x80\xB2 30\xE2\x80\xB3", "w 0:0:36", 48 + 51 / 60.0 + 30 / 3600.0, -0.01, NULL},
        {"-48:51:30", "+2 21", -(48 + 51 / 60.0 + 30 / 3600.0), 2.35, NULL},
        {"48.8583", "-2.35", 48.8583, -2.35, NULL},
        {"48.8583 N", "180 W", 48.8583, -180, NULL},
        {"90 0 0 S", "0 E", -90, 0, NULL},
        {"48 51 30.5 N", "2 21 00 E", 48 + 51 / 60.0 + 30.5 / 3600.0, 2.35, NULL},
        {"48 51.5 N", "2 60 E", 0, 0, "position: longitude '2 60 E' is not degrees with a letter"},
        {"48 51.5", "2 21 E", 0, 0, "position: latitude '48 51.5' is not degrees with a letter"},
        {"48 51.5 E", "2 21 E", 0, 0, "position: latitude '48 51.5 E' is not degrees with a letter"},
        {"-48 51.5 N", "2 21 E", 0, 0, "position: latitude '-48 51.5 N' is not degrees with a letter"},
        {"N 48 51.5 N", "2 21 E", 0, 0, "position: latitude 'N 48 51.5 N' is not degrees with a letter"},
        {"48.5 30 N", "2 21 E", 0, 0, "position: latitude '48.5 30 N' is not degrees with a letter"},
        {"48 51 30 1 N", "2 21 E", 0, 0, "position: latitude '48 51 30 1 N' is not degrees with a letter"},
        {"48 51 60 N", "2 21 E", 0, 0, "position: latitude '48 51 60 N' is not degrees with a letter"},
        {"48 51 N x", "2 21 E", 0, 0, "position: latitude '48 51 N x' is not degrees with a letter"},
        {"N", "2 21 E", 0, 0, "position: latitude 'N' is not degrees with a letter"},
        {"4.8.5 N", "2 21 E", 0, 0, "position: latitude '4.8.5 N' is not degrees with a letter"},
        {"90 0 1 N", "2 21 E", 0, 0, "position: latitude 90 0 1 N is outside [-90, 90]"},
        {"", "2 21 E", 0, 0, "position: latitude is missing"},
        {"48 N", "180 1 E", 0, 0, "position: longitude 180 1 E is outside [-180, 180]"},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[300], json[300];
        snprintf(text, sizeof text, "animal\tseen\tlat\tlon\tx\na\t2020-01-01\t%s\t%s\t\n", good[i].lat, good[i].lon);
        decoded *d = decode_csv(yaml, text);
        if (good[i].reason != NULL) {
            assert_int_equal(d->batch.count, 0);
            assert_str(reason_of(d, 0), good[i].reason);
        } else {
            assert_int_equal(d->batch.count, 1);
            assert_true(fabs(d->batch.fixes[0].lat_deg - good[i].lat_deg) < 1e-12);
            assert_true(fabs(d->batch.fixes[0].lon_deg - good[i].lon_deg) < 1e-12);
        }
        drop(d);
        if (strchr(good[i].lat, '"') != NULL) continue;
        snprintf(json, sizeof json, "{\"animal\":\"a\",\"seen\":\"2020-01-01\",\"lat\":\"%s\",\"lon\":\"%s\"}",
                 good[i].lat, good[i].lon);
        d = decode_json(yaml, seine_str_of(json));
        assert_int_equal(d->batch.count, good[i].reason == NULL);
        drop(d);
    }
}

static void a_place_may_be_missing_unless_a_rule_says_no(void **state) {
    (void)state;
    decoded *d = decode_csv(HERD, "animal,seen,lat,lon,x\na,2020-01-01 00:00:00,,,\na,2020-01-01 00:00:01,91,x,\n"
                                  "a,2020-01-01 00:00:02,-90,180,\n");
    assert_int_equal(d->batch.count, 3);
    assert_true(isnan(d->batch.fixes[0].lat_deg) && isnan(d->batch.fixes[1].lon_deg));
    assert_true(d->batch.fixes[2].lat_deg == -90 && d->batch.fixes[2].lon_deg == 180);
    assert_int_equal(d->batch.measures[SEINE_DATASET_LAT].rows, 1);
    assert_int_equal(d->batch.measures[SEINE_DATASET_LON].rows, 1);
    drop(d);
    d = decode_csv(HERD, "animal,seen\na,2020-01-01\n"); /* a file without places */
    assert_int_equal(d->batch.count, 1);
    drop(d);
}

/* ---- rules ---- */

static void the_first_rule_that_applies_refuses(void **state) {
    (void)state;
    static const char yaml[] =
        HERD "measures:\n  speed: {least: 0}\ncolumns:\n  herd: {words: {none: null}}\n  age: {type: int, least:"
             " 0, most: 40}\n"
             "  note: {}\n"
             "rules:\n  - {column: age, refuse: range, reason: old}\n  - {column: lat, refuse: [fault, range],"
             " reason: place}\n"
             "  - {column: herd, refuse: missing}\n  - {column: speed, refuse: [missing, range], reason: slow}\n"
             "  - {column: age, refuse: fault}\n  - {column: animal, refuse: missing, reason: nobody}\n";
    static const struct {
        const char *row, *reason;
    } cases[] = {{"a,2020-01-01 00:00:00,1,2,5,h,3,", NULL},
                 {"a,2020-01-01 00:00:00,,x,5,h,,", NULL},
                 {"a,2020-01-01 00:00:00,91,2,5,h,41,n", "old: age 41 is outside [0, 40]"},
                 {"a,2020-01-01 00:00:00,91,2,,none,x,n", "place: latitude 91 is outside [-90, 90]"},
                 {"a,2020-01-01 00:00:00,y,2,5,h,3,n", "place: latitude 'y' is not a number"},
                 {"a,2020-01-01 00:00:00,1,2,,none,x,n", "herd: herd 'none' stands for none"},
                 {"a,2020-01-01 00:00:00,1,2,-1,,x,n", "herd: herd is missing"},
                 {"a,2020-01-01 00:00:00,1,2,-1,h,x,n", "slow: speed -1 is less than 0"},
                 {"a,2020-01-01 00:00:00,1,2,,h,x,n", "slow: speed is missing"},
                 {"a,2020-01-01 00:00:00,1,2,5,h,x,n", "age: age 'x' is not a whole number"},
                 {",2020-01-01 00:00:00,91,2,5,h,41,n", "nobody: missing"},
                 {"a,,91,2,5,h,41,n", "time: missing"},
                 {"a,2020-01-01 00:00:00,1,2,5,h,41", "ragged: 7 fields where the header has 8"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[500];
        snprintf(text, sizeof text, "animal,seen,lat,lon,speed,herd,age,note\n%s\n%s\n", cases[i].row, cases[i].row);
        for (int quoted = 0; quoted < 2; quoted++) {
            if (quoted) (void)strcat(text, "\"b\",2020-01-01,1,2,3,h,4,\n");
            decoded *d = decode_csv(yaml, text);
            assert_int_equal(d->batch.reject_count, cases[i].reason != NULL ? 2 : 0);
            for (size_t r = 0; r < d->batch.reject_count; r++) {
                assert_str(reason_of(d, r), cases[i].reason);
                assert_str(raw_of(d, r), cases[i].row);
            }
            drop(d);
        }
    }
}

/* A file that could only be refused row by row is refused at once. */
static void a_column_that_rules_need_has_to_be_there(void **state) {
    (void)state;
    static const struct {
        const char *header, *error;
    } cases[] = {
        {"mmsi,timestamp,latitude,longitude,vessel_name\n",
         "file.csv: wrong header: no speed column; columns seen: mmsi, timestamp, latitude, longitude, vessel_name"},
        {"mmsi,timestamp,latitude,longitude,sped\n",
         "file.csv: wrong header: no speed column; columns seen: mmsi, timestamp, latitude, longitude, sped;"
         " if sped is "
         "that column, name it speed"},
        {"mmsi,when,latitude,longitude,speed\n",
         "file.csv: wrong header: no timestamp column; columns seen: mmsi, when, latitude, longitude, speed"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        decoded *d = decode_csv("maritime_guide", cases[i].header);
        assert_int_equal(d->status, SEINE_E_FORMAT);
        assert_string_equal(d->error.text, cases[i].error);
        drop(d);
    }
}

/* SPEC 3.3.1: limits are inclusive, nothing is not between them. */
static void the_guides_rows_are_cleaned_by_its_rules(void **state) {
    (void)state;
    decoded *d = decode_csv("maritime_guide", "mmsi,timestamp,latitude,longitude,speed,vessel_name\n"
                                              "227006760,2024-01-15T10:30:00,90,-180,0,ANNA\n"
                                              "227006760,2024-01-15T10:30:05.5,-90,180,100,ANNA\n"
                                              "227006760,2024-01-15T10:30:10,90.1,0,5,ANNA\n"
                                              "227006760,2024-01-15T10:30:15,0,-180.1,5,ANNA\n"
                                              "227006760,2024-01-15T10:30:20,0,0,100.1,ANNA\n"
                                              "227006760,2024-01-15T10:30:25,0,0,-0.1,ANNA\n"
                                              "227006760,2024-01-15T10:30:30,0,0,,ANNA\n"
                                              "227006760,2024-01-15T10:30:35,,0,5,ANNA\n");
    assert_int_equal(d->batch.count, 2);
    assert_true(d->batch.fixes[1].ts_us % 1000000 == 500000);
    assert_true(d->batch.fixes[0].measure[0] == 0 && d->batch.fixes[1].measure[0] == 100);
    static const char *const reasons[] = {"position: latitude 90.1 is outside [-90, 90]",
                                          "position: longitude -180.1 is outside [-180, 180]",
                                          "speed: speed 100.1 is outside [0, 100]",
                                          "speed: speed -0.1 is outside [0, 100]",
                                          "speed: speed is missing",
                                          "position: latitude is missing"};
    assert_int_equal(d->batch.reject_count, 6);
    for (size_t r = 0; r < 6; r++) assert_str(reason_of(d, r), reasons[r]);
    drop(d);
}

/* ---- files ---- */

static void any_delimiter_is_found_out(void **state) {
    (void)state;
    static const char delimiters[] = {',', ';', '\t', '|'};
    for (size_t i = 0; i < 4; i++) {
        for (int quoted = 0; quoted < 2; quoted++) {
            char text[300];
            const char c = delimiters[i];
            snprintf(text, sizeof text, "\n%sanimal%s%cseen%clat%clon%cname\na%c2020-01-01%c1%c2%c%sx;y,z\tu|v%s\n",
                     quoted ? "\"" : "", quoted ? "\"" : "", c, c, c, c, c, c, c, c, quoted ? "\"" : "",
                     quoted ? "\"" : "");
            if (!quoted) *strstr(text, "x;y") = '\n';
            decoded *d = decode_csv(HERD "columns:\n  name: {}\n", text);
            assert_int_equal(d->header.delimiter, c);
            assert_true(d->batch.count >= 1);
            if (quoted) assert_true(text_is(d, 0, "name", "x;y,z\tu|v"));
            drop(d);
        }
    }
    decoded *d = decode_csv("name: herd\nid: {name: animal}\ntime: {name: seen}\ncsv: {delimiter: ';'}\n" PLACE,
                            "animal,seen,lat,lon\n");
    assert_string_equal(d->error.text,
                        "file.csv: fields are parted by commas: write it with semicolons and ingest that");
    drop(d);
}

static void numbers_may_have_a_decimal_comma_and_texts_be_latin1(void **state) {
    (void)state;
    decoded *d = decode_csv(
        "name: herd\nid: {name: tier}\ntime: {name: zeit, format: '%d.%m.%Y %H:%M:%S'}\n"
        "csv: {decimal: ',', encoding: latin-1}\n"
        "position: {required: false, lat: {name: lat, names: [Breite]}, lon: {name: lon, names: [L\xC3\xA4nge]}}\n"
        "measures:\n  speed: {names: [km/h]}\ncolumns:\n  weight: {type: double, names: [Gr\xC3\xB6\xC3\x9F"
        "e]}\n"
        "  name: {words: {K\xC3\xBCh: Kuh}}\n",
        "Tier;Zeit;Breite;L\xE4nge;km/h;Gr\xF6\xDF"
        "e;Name\n"
        "B\xE4r;01.02.2020 03:04:05,5;48,5;-0,25;1,5;2,75;M\xFCller\n"
        "B\xE4r;01.02.2020 03:04:06;48;1;1.5;1.000,5;K\xFCh\n"
        "\"B\xE4r\";01.02.2020 03:04:07;;;\"7,5\";;\n"
        ";\xE4\n");
    assert_int_equal(d->status, SEINE_OK);
    assert_int_equal(d->batch.count, 3);
    const seine_fix *fixes = d->batch.fixes;
    assert_str(id_of(d, 0), "B\xC3\xA4r");
    assert_int_equal(fixes[1].mover, fixes[0].mover);
    assert_int_equal(fixes[2].mover, fixes[0].mover);
    assert_int_equal(fixes[0].ts_us, INT64_C(1580526245500000));
    assert_true(fixes[0].lat_deg == 48.5 && fixes[0].lon_deg == -0.25 && fixes[0].measure[0] == 1.5);
    assert_true(static_of(d, 0, "weight").number == 2.75);
    assert_true(text_is(d, 0, "name", "M\xC3\xBCller") && text_is(d, 1, "name", "Kuh"));
    assert_true(isnan(fixes[1].measure[0]) && static_of(d, 1, "weight").is_null);
    assert_true(fixes[2].measure[0] == 7.5);
    assert_str(raw_of(d, 0), ";\xC3\xA4");
    drop(d);
}

/* Columns of the statics anywhere: each row gets its own. */
static void statics_may_stand_among_other_columns(void **state) {
    (void)state;
    seine_buf text;
    seine_buf_init(&text, 1 << 20);
    assert_int_equal(seine_buf_append_str(&text, "name,animal,owner,seen,lat,lon\n"), SEINE_OK);
    for (int i = 0; i < 600; i++)
        assert_int_equal(seine_buf_printf(&text, "n%d,a%d,%s,2020-01-01T00:%02d:%02d,1,2\n", i % 7, i % 3,
                                          i % 2 == 0 ? "x" : "", i / 60, i % 60),
                         SEINE_OK);
    assert_int_equal(seine_buf_append_str(&text, "a\x1F,a0,b,2020-01-01,1,2\na,a0,\x1F"
                                                 "b,2020-01-01,1,2\n"),
                     SEINE_OK);
    decoded *d = decode_csv(HERD "columns:\n  name: {}\n  owner: {}\n", seine_buf_text(&text));
    assert_int_equal(d->batch.count, 602);
    for (size_t i = 0; i < 600; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", (int)(i % 7));
        assert_true(text_is(d, i, "name", name) && text_is(d, i, "owner", i % 2 == 0 ? "x" : NULL));
    }
    assert_true(text_is(d, 600, "name", "a\x1F") && text_is(d, 601, "owner",
                                                            "\x1F"
                                                            "b"));
    assert_int_equal(d->decoder.tuples.count, 16);
    drop(d);
    seine_buf_free(&text);
}

/* ---- both paths ---- */

static void compare_paths(const char *yaml, const char *header, const seine_buf *rows, const char *quoted_row) {
    seine_buf plain, quoted;
    seine_buf_init(&plain, 1 << 22);
    seine_buf_init(&quoted, 1 << 22);
    assert_int_equal(seine_buf_append_str(&plain, header), SEINE_OK);
    assert_int_equal(seine_buf_append_str(&quoted, header), SEINE_OK);
    assert_int_equal(seine_buf_append_str(&quoted, quoted_row), SEINE_OK); /* the whole block goes the careful way */
    assert_int_equal(seine_buf_append(&plain, rows->data, rows->size), SEINE_OK);
    assert_int_equal(seine_buf_append(&quoted, rows->data, rows->size), SEINE_OK);
    decoded *quick = decode_csv(yaml, seine_buf_text(&plain)), *careful = decode_csv(yaml, seine_buf_text(&quoted));
    assert_int_equal(quick->batch.count + 1, careful->batch.count);
    assert_int_equal(quick->batch.reject_count, careful->batch.reject_count);
    assert_true(quick->batch.count > 500 && quick->batch.reject_count > 50);
    for (size_t i = 0; i < quick->batch.count; i++) {
        const seine_fix *a = &quick->batch.fixes[i], *b = &careful->batch.fixes[i + 1];
        assert_int_equal(a->ts_us, b->ts_us);
        assert_true(same_number(a->lat_deg, b->lat_deg) && same_number(a->lon_deg, b->lon_deg));
        for (size_t m = 0; m < 3; m++) assert_true(same_number(a->measure[m], b->measure[m]));
        assert_true(seine_str_equal(id_of(quick, i), id_of(careful, i + 1)));
        assert_true(
            seine_str_equal(quick->decoder.tuples.entries[a->statics], careful->decoder.tuples.entries[b->statics]));
    }
    for (size_t r = 0; r < quick->batch.reject_count; r++)
        assert_true(seine_str_equal(reason_of(quick, r), reason_of(careful, r)));
    for (size_t c = 0; c < quick->dataset->column_count; c++)
        assert_int_equal(quick->batch.measures[c].rows, careful->batch.measures[c].rows);
    drop(quick);
    drop(careful);
    seine_buf_free(&plain);
    seine_buf_free(&quoted);
}

#define PICK(choices, r) (choices)[(r) % (sizeof(choices) / sizeof *(choices))]

static void put_row(seine_buf *rows, unsigned r) {
    static const char *const ids[] = {"a%u", "b%u", "%u", "a%u ", "c%u"}, *const years[] = {"2018", "2019", "1817"};
    static const char *const heats[] = {"3.5", "2", "-5", "4", "", "-7"}, *const zones[] = {"", "", "", ".25Z"};
    static const char *const ends[] = {"", "", "", "", "", "", "", ",x"};
    char id[16];
    snprintf(id, sizeof id, PICK(ids, r / 3), r % 50);
    assert_int_equal(seine_buf_printf(rows, "%s,%s-06-%02uT%02u:%02u:%02u%s,%.*f,%.5f,%d,%s,n%u,%u%s\n", id,
                                      PICK(years, r / 5), 1 + r % 31, r % 25, r / 7 % 61, r / 3 % 60,
                                      PICK(zones, r / 11), (int)(r % 12), (r % 9300) / 100.0, (r % 18100) / 100.0 - 90,
                                      (int)(r % 53) - 2, PICK(heats, r / 13), r % 7, r % 11, PICK(ends, r / 17)),
                     SEINE_OK);
}

static void put_odd_row(seine_buf *rows, unsigned r) {
    static const char *const ids[] = {"a", "b", "", "c "}, *const ends[] = {"", "", "", "", "", "x"};
    static const char *const heats[] = {"3,5", "cold", "2", "none", "4", "5", "warm"};
    static const char *const speeds[] = {",5", ",25", "", ".5"};
    assert_int_equal(seine_buf_printf(rows, "%s%u;%u%06u%s;%u,%u;-%u,%u;%u%s;%s;n%u;%u\n", PICK(ids, r / 3), r % 50,
                                      r % 1700000, r % 1000000, PICK(ends, r / 5), r % 93, r % 100, r % 180, r % 1000,
                                      r % 17, PICK(speeds, r / 7), PICK(heats, r / 11), r % 7, r % 11),
                     SEINE_OK);
}

static void the_quick_path_equals_the_careful_one(void **state) {
    (void)state;
    static const char plain[] =
        HERD "measures:\n  speed: {least: 0, most: 50, unknown: 25}\n  heat: {least: -5, unknown: -5}\n"
             "columns:\n  name: {}\n  age: {type: int, least: 0, most: 9}\n"
             "rules:\n  - {column: lat, refuse: range}\n  - {column: heat, refuse: missing}\n"
             "  - {column: age, refuse: range}\n";
    static const char odd[] =
        "name: herd\nid: {name: animal, trim: true}\ntime: {name: seen, format: unix_ms}\ncsv: {decimal: ','}\n" PLACE
        "measures:\n  speed: {unit: km/h, source_unit: m/s, least: 0, most: 50}\n  heat: {words: {cold: -4,"
        " none: null}}\n"
        "columns:\n  name: {}\n  age: {type: int, least: 0, most: 9}\n"
        "rules:\n  - {column: lat, refuse: range}\n  - {column: heat, refuse: [missing, fault]}\n"
        "  - {column: age, refuse: range}\n";
    seine_buf rows, odd_rows;
    seine_buf_init(&rows, 1 << 22);
    seine_buf_init(&odd_rows, 1 << 22);
    uint64_t seed = 7;
    for (int i = 0; i < 3000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const unsigned r = (unsigned)(seed >> 33);
        put_row(&rows, r);
        put_odd_row(&odd_rows, r);
    }
    compare_paths(plain, "animal,seen,lat,lon,speed,heat,name,age\n", &rows, "\"b\",2018-06-01,1,2,3,4,\"n\",5\n");
    compare_paths(odd, "animal;seen;lat;lon;speed;heat;name;age\n", &odd_rows, "\"b\";1500000000000;1;2;3;4;\"n\";5\n");
    seine_buf_free(&rows);
    seine_buf_free(&odd_rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_units_limits_words_and_sentinels),
        cmocka_unit_test(texts_are_kept_trimmed_or_mapped),
        cmocka_unit_test(ids_are_texts_or_numbers),
        cmocka_unit_test(times_are_of_the_kind_that_the_dataset_says),
        cmocka_unit_test(times_out_of_span_are_refused),
        cmocka_unit_test(places_are_degrees_minutes_and_seconds),
        cmocka_unit_test(a_place_may_be_missing_unless_a_rule_says_no),
        cmocka_unit_test(the_first_rule_that_applies_refuses),
        cmocka_unit_test(a_column_that_rules_need_has_to_be_there),
        cmocka_unit_test(the_guides_rows_are_cleaned_by_its_rules),
        cmocka_unit_test(any_delimiter_is_found_out),
        cmocka_unit_test(numbers_may_have_a_decimal_comma_and_texts_be_latin1),
        cmocka_unit_test(statics_may_stand_among_other_columns),
        cmocka_unit_test(the_quick_path_equals_the_careful_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
