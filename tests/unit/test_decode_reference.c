/* links: decode columns base */
/* Reference files: which column is what, what a row becomes, why one is refused, and every form of text. */
#include "decode/reference/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define NAMES_MAX 16
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- columns ---- */

/* Takes "a|b|c" apart. */
static size_t split(const char *text, seine_str names[NAMES_MAX]) {
    size_t count = 0;
    for (;; text++) {
        const size_t size = strcspn(text, "|");
        names[count++] = (seine_str){text, size};
        text += size;
        if (*text == '\0') return count;
    }
}

/* "id=a name=b …", or the message. */
static const char *guessed(seine_reference_kind kind, const char *names_text, const char *given, char out[1200]) {
    seine_str names[NAMES_MAX];
    seine_reference_columns columns;
    seine_error error = {SEINE_OK, ""};
    const size_t count = split(names_text, names);
    const seine_status status =
        seine_reference_guess(kind, "file", names, count, &given, given != NULL, &columns, &error);
    size_t used = 0;
    out[0] = '\0';
    if (status != SEINE_OK) {
        (void)snprintf(out, 1200, "%s", error.text);
        return out;
    }
    for (size_t i = 0; seine_reference_field(kind, i) != NULL; i++) {
        if (columns.of[i] == SIZE_MAX) continue;
        used += (size_t)snprintf(out + used, 1200 - used, "%s%s=%.*s", used > 0 ? " " : "",
                                 seine_reference_field(kind, i), SEINE_STR_ARG(names[columns.of[i]]));
    }
    return out;
}

static void names_tell_which_column_is_what(void **state) {
    (void)state;
    static const struct {
        seine_reference_kind kind;
        const char *names, *expected;
    } cases[] = {
        {SEINE_REFERENCE_PORTS, "port_name|port_lat|port_lon", "name=port_name lat=port_lat lon=port_lon"},
        {SEINE_REFERENCE_PORTS, "NAME|Latitude|LONG", "name=NAME lat=Latitude lon=LONG"},
        {SEINE_REFERENCE_PORTS,
         "World Port Index Number|Main Port Name|Alternate Port Name|UN/LOCODE|Country Code|Latitude|Longitude",
         "id=World Port Index Number name=Main Port Name lat=Latitude lon=Longitude country=Country Code "
         "unlocode=UN/LOCODE"},
        {SEINE_REFERENCE_PORTS, "index-no|port|y|x|iso", "id=index-no name=port lat=y lon=x country=iso"},
        {SEINE_REFERENCE_PORTS, "locode|title|lat|lng", "id=locode name=title lat=lat lon=lng unlocode=locode"},
        {SEINE_REFERENCE_PORTS, "name|port_name|lat|lon|x|y", "name=port_name lat=lat lon=lon"},
        {SEINE_REFERENCE_WEATHER, "lat_grid|lon_grid|temperature|wind_speed",
         "lat=lat_grid lon=lon_grid temperature=temperature wind_speed=wind_speed"},
        {SEINE_REFERENCE_WEATHER, "lat|lon|timestamp|sea_temperature|air_temp|wind",
         "lat=lat lon=lon time=timestamp temperature=air_temp wind_speed=wind"},
        {SEINE_REFERENCE_WEATHER, "lat|lon|sea_temperature|temperature", "lat=lat lon=lon temperature=temperature"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[1200];
        assert_string_equal(guessed(cases[i].kind, cases[i].names, NULL, out), cases[i].expected);
    }
}

static void what_names_do_not_tell_is_asked_for(void **state) {
    (void)state;
    char out[1200];
    assert_string_equal(guessed(SEINE_REFERENCE_PORTS, "name|breadth|lon", NULL, out),
                        "file: no column of ports is known to be the lat; say which one is: --column lat=COLUMN. It "
                        "has name, breadth, lon");
    assert_string_equal(guessed(SEINE_REFERENCE_PORTS, "name|lat|port_lat|lon", NULL, out),
                        "file: both lat and port_lat may be the lat; say which one is: --column lat=COLUMN. It has "
                        "name, lat, port_lat, lon");
    assert_string_equal(guessed(SEINE_REFERENCE_WEATHER, "lat|lon|pressure", NULL, out),
                        "file: no column of weather is known to be the temperature; say which one is: --column "
                        "temperature=COLUMN. It has lat, lon, pressure");
    assert_string_equal(guessed(SEINE_REFERENCE_PORTS, "name|lat|port_lat|lon", "lat=port_lat", out),
                        "name=name lat=port_lat lon=lon");
    assert_string_equal(guessed(SEINE_REFERENCE_PORTS, "name|lat|lon|key", "id=key", out),
                        "id=key name=name lat=lat lon=lon unlocode=key");
    assert_string_equal(guessed(SEINE_REFERENCE_PORTS, "a b|lat|lon", "name=A_B", out), "name=a b lat=lat lon=lon");
    assert_string_equal(guessed(SEINE_REFERENCE_PORTS, "name|lat|lon", "lat=north", out),
                        "file: has no column north; it has name, lat, lon");
    assert_string_equal(guessed(SEINE_REFERENCE_PORTS, "name|lat|lon", "height=lat", out),
                        "--column height=lat: ports have no field height; the fields are id, name, lat, lon, country, "
                        "unlocode");
    assert_string_equal(guessed(SEINE_REFERENCE_PORTS, "name|lat|lon", "lat", out), "--column lat: not FIELD=COLUMN");
}

static void every_kind_is_known_by_its_name(void **state) {
    (void)state;
    for (int i = 0; i < SEINE_REFERENCE_KINDS; i++) {
        const char *name = seine_reference_kind_name((seine_reference_kind)i);
        seine_reference_kind kind = SEINE_REFERENCE_KINDS;
        assert_true(seine_reference_kind_of(seine_str_of(name), &kind));
        assert_int_equal(kind, i);
        assert_non_null(strstr(seine_reference_kind_names(), name));
        const seine_table_schema *schema = seine_schema_find(seine_reference_table(kind));
        assert_non_null(schema);
        assert_true(seine_schema_is_reference(schema));
        /* The cells are the columns in front of the validity. */
        assert_string_equal(schema->columns[seine_reference_cells(kind)].name, "valid_from");
        assert_true(seine_reference_key_count(kind) <= seine_reference_cells(kind));
    }
    seine_reference_kind none;
    assert_false(seine_reference_kind_of(SEINE_STR("harbours"), &none));
}

static void a_long_list_of_columns_is_cut(void **state) {
    (void)state;
    seine_str names[400];
    seine_reference_columns columns;
    seine_error error = {SEINE_OK, ""};
    for (size_t i = 0; i < COUNT(names); i++) names[i] = SEINE_STR("something");
    assert_int_equal(
        seine_reference_guess(SEINE_REFERENCE_PORTS, "file", names, COUNT(names), NULL, 0, &columns, &error),
        SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, " more"));
}

/* ---- rows ---- */

static void degrees_round_to_whole_ones_halves_away_from_zero(void **state) {
    (void)state;
    static const struct {
        double degrees;
        int whole;
    } cases[] = {{48.756, 49},
                 {-48.5, -49},
                 {48.5, 49},
                 {0.5, 1},
                 {-0.5, -1},
                 {0.49999999999999994, 0},
                 {-0.49999999999999994, 0},
                 {2.4999, 2},
                 {90, 90},
                 {-179.5, -180},
                 {-0.0, 0}};
    for (size_t i = 0; i < COUNT(cases); i++) assert_int_equal(seine_reference_round(cases[i].degrees), cases[i].whole);
}

static void put_cell(const seine_cell *cell, seine_type type, char *out, size_t room) {
    if (cell->is_null)
        (void)snprintf(out, room, "-");
    else if (type == SEINE_TYPE_STRING)
        (void)snprintf(out, room, "%.*s", SEINE_STR_ARG(cell->as.text));
    else if (type == SEINE_TYPE_DOUBLE)
        (void)snprintf(out, room, "%g", cell->as.number);
    else
        (void)snprintf(out, room, "%lld", (long long)cell->as.integer);
}

/* The record as "a|b|c", a dash for null, or the reason why it is refused. */
static void show_record(seine_reference_kind kind, const seine_reference_columns *columns,
                        const seine_reference_record *record, char *out, size_t room) {
    const seine_table_schema *schema = seine_schema_find(seine_reference_table(kind));
    seine_arena arena = {NULL, 0};
    seine_cell cells[SEINE_REFERENCE_FIELDS];
    const char *reason = NULL;
    assert_int_equal(seine_reference_row(kind, columns, record, &arena, cells, &reason), SEINE_OK);
    size_t used = 0;
    if (reason != NULL) (void)snprintf(out, room, "%s", reason);
    for (size_t i = 0; reason == NULL && i < seine_reference_cells(kind); i++) {
        if (i > 0) used += (size_t)snprintf(out + used, room - used, "|");
        put_cell(&cells[i], schema->columns[i].type, out + used, room - used);
        used += strlen(out + used);
    }
    seine_arena_free(&arena);
}

static void check_row(seine_reference_kind kind, const char *values_text, const char *expected) {
    seine_str values[NAMES_MAX];
    char out[400];
    seine_reference_columns columns = {.of = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
    const size_t count = split(values_text, values);
    for (size_t i = count; i < SEINE_REFERENCE_FIELDS; i++) columns.of[i] = SIZE_MAX;
    const seine_reference_record record = {.row = 1, .values = values};
    show_record(kind, &columns, &record, out, sizeof out);
    assert_string_equal(out, expected);
}

static void a_port_has_a_name_a_place_and_an_id(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"7| Rotterdam |51.9|4.5|NL|NL RTM", "7|Rotterdam|51.9|4.5|NL|NLRTM"},
        {"|Rotterdam|51.9|4.5|NL|nlrtm", "NLRTM|Rotterdam|51.9|4.5|NL|NLRTM"},
        {" |Ghost|-0.004|4.567|  |none", "Ghost//-0.00/4.57|Ghost|-0.004|4.567|-|-"},
        {"1|Pole|-90|-180||", "1|Pole|-90|-180|-|-"},
        {"1|Zero|-0|-0||", "1|Zero|0|0|-|-"},
        {"1| |51.9|4.5||", "name: is empty"},
        {"1|A||4.5||", "position: no latitude"},
        {"1|A|51.9|||", "position: no longitude"},
        {"1|A|north|4.5||", "position: latitude north is not a number"},
        {"1|A|nan|4.5||", "position: latitude nan is not a number"},
        {"1|A|90.001|4.5||", "position: latitude 90.001 is outside [-90, 90]"},
        {"1|A|1|-180.5||", "position: longitude -180.5 is outside [-180, 180]"},
        {"1|A\xff|1|1||", "encoding: a text is not UTF-8"},
        {"1|A|\xff|1||", "position: latitude (not UTF-8) is not a number"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) check_row(SEINE_REFERENCE_PORTS, cases[i][0], cases[i][1]);
}

static void weather_is_of_a_cell_and_maybe_a_time(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"48.756|-48.5||10.5|3", "49|-49|-|10.5|3"},
        {"1|2|2025-01-01T00:00:00Z|1|", "1|2|1735689600000000|1|-"},
        {"1|2|1735689600|1|", "1|2|1735689600000000|1|-"},
        {"1|2|1735689600000|1|", "1|2|1735689600000000|1|-"},
        {"1|2|2025-01-01 01:00:00+01:00||4", "1|2|1735689600000000|-|4"},
        {"1|2||nan|NaN", "value: neither temperature nor wind speed"},
        {"1|2||warm|1", "value: temperature warm is not a number"},
        {"1|2||1e300|1", "value: temperature 1e300 is not possible"},
        {"1|2||1|-0.5", "value: wind speed -0.5 is not possible"},
        {"1|2|yesterday|1|1", "time: yesterday is no time"},
        {"1|2|1e300|1|1", "time: 1e300 is no time"},
        {"91|2||1|1", "position: latitude 91 is outside [-90, 90]"},
        {"1|200||1|1", "position: longitude 200 is outside [-180, 180]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) check_row(SEINE_REFERENCE_WEATHER, cases[i][0], cases[i][1]);
}

static void the_other_kinds_go_by_the_table_of_rules(void **state) {
    (void)state;
    static const struct {
        seine_reference_kind kind;
        const char *values, *expected;
    } cases[] = {
        {SEINE_REFERENCE_VESSELS, "v|2020|1| A |ESP|fishing|trawlers||YES|0", "v|2020|1|A|ESP|fishing|trawlers|-|1|0"},
        {SEINE_REFERENCE_VESSELS, "v|2020||||||||", "v|2020|-|-|-|-|-|-|-|-"},
        {SEINE_REFERENCE_VESSELS, "|2020||||||||", "value: no vessel_id"},
        {SEINE_REFERENCE_VESSELS, "v|||||||||", "value: no year"},
        {SEINE_REFERENCE_VESSELS, "v|-1||||||||", "value: year -1 is no whole number of 0 or more"},
        {SEINE_REFERENCE_VESSELS, "v|2020||||||||2", "value: is_gear 2 is neither true nor false"},
        {SEINE_REFERENCE_SEGMENTS, "s|true|11|F", "s|1|11|0"},
        {SEINE_REFERENCE_SEGMENTS, "s|true|11|", "value: no overlapping_and_short"},
        {SEINE_REFERENCE_SEGMENT_VESSELS, "s|v|1969-12-31T23:59:59Z", "s|v|-1"},
        {SEINE_REFERENCE_SEGMENT_VESSELS, "s|v|2020-01-02", "s|v|18263"},
        {SEINE_REFERENCE_SEGMENT_VESSELS, "s|v|soon", "time: soon is no time"},
        {SEINE_REFERENCE_AUTHORIZATIONS, "1|IOTC|1970-01-01|1970-01-02||||||||", "1|IOTC|0|86400000000|-|-|-|-|-|-|-"},
        {SEINE_REFERENCE_AUTHORIZATIONS, "1|IOTC||1970-01-02||||||||", "value: no authorized_from"},
        {SEINE_REFERENCE_DISTANCES, "-0.005|179.999|1|", "-1|17999|1|-"},
        {SEINE_REFERENCE_DISTANCES, "0.29|-0.29|1|2", "29|-29|1|2"},
        {SEINE_REFERENCE_DISTANCES, "||1|2|lon:+001.23_lat:-045.67", "-4567|123|1|2"},
        {SEINE_REFERENCE_DISTANCES, "||1|2|lon:+001.23", "position: gridcode lon:+001.23 is none"},
        {SEINE_REFERENCE_DISTANCES, "1|2|||", "value: neither a distance from shore nor from port"},
        {SEINE_REFERENCE_DISTANCES, "1|2|-1||", "value: from_shore_m -1 is not possible"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) check_row(cases[i].kind, cases[i].values, cases[i].expected);
}

/* ---- texts ---- */

/* Every record as "row@line: values" in lines. */
static const char *read_text(const char *file, const char *text, char out[2000]) {
    seine_reference_text *reader = NULL;
    seine_error error = {SEINE_OK, ""};
    size_t count = 0, used = 0;
    out[0] = '\0';
    if (seine_reference_text_open(seine_str_of(text), file, &reader, &error) != SEINE_OK) {
        (void)snprintf(out, 2000, "%s", error.text);
        return out;
    }
    const seine_str *names = seine_reference_text_columns(reader, &count);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(out + used, 2000 - used, "%s%.*s", i > 0 ? "|" : "", SEINE_STR_ARG(names[i]));
    for (;;) {
        seine_reference_record record;
        assert_int_equal(seine_reference_text_next(reader, &record, &error), SEINE_OK);
        if (record.row == 0) break;
        used +=
            (size_t)snprintf(out + used, 2000 - used, "\n%lld@%lld: ", (long long)record.row, (long long)record.line);
        if (record.fault != NULL) used += (size_t)snprintf(out + used, 2000 - used, "%s", record.fault);
        for (size_t i = 0; record.fault == NULL && i < count; i++)
            used += (size_t)snprintf(out + used, 2000 - used, "%s%.*s", i > 0 ? "|" : "",
                                     record.values[i].data != NULL ? (int)record.values[i].size : 1,
                                     record.values[i].data != NULL ? record.values[i].data : "-");
    }
    seine_reference_text_close(reader);
    return out;
}

static void every_form_of_text_becomes_records(void **state) {
    (void)state;
    static const struct {
        const char *file, *text, *expected;
    } cases[] = {
        {"a.csv", "\xEF\xBB\xBFname,lat\nA,1\n\n\"B, b\",2\nC\nD,1,2\n",
         "name|lat\n1@2: A|1\n2@4: B, b|2\n3@5: ragged: has fewer fields than the header\n"
         "4@6: ragged: has more fields than the header"},
        {"a.txt", "name,\n\"A\nA\",\r\nB,2\n", "name|column 2\n1@2: A\nA|\n2@4: B|2"},
        {"a.json", "[{\"name\":\"A\",\"lat\":1.5},7,{\"lat\":null,\"b\":true}]",
         "name|lat|b\n1@0: A|1.5|-\n2@0: record: is no JSON object\n3@0: -|-|true"},
        {"a.json",
         "{\"AEAJM\":{\"name\":\"A\",\"coordinates\":[55.5,25.25]},\"B\":{\"name\":\"B\",\"coordinates\":[]}}",
         "name|coordinates[0]|coordinates[1]|key\n1@0: A|55.5|25.25|AEAJM\n2@0: B|-|-|B"},
        {"a.json", "{\"name\":\"A\",\"lat\":1}", "name|lat\n1@1: A|1"},
        {"a", "{\"name\":\"A\"}\n{\"name\":\"B\"}\n", "name\n1@1: A\n2@2: B"},
        {"a.jsonl", "\n{\"name\":\"A\",\"name\":3}\nno\n{\"lat\":[1,\"x\"]}\r\n",
         "name|lat\n1@2: 3|-\n2@3: record: is not JSON\n3@4: -|[1,\"x\"]"},
        {"a.geojson",
         "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":7,\"properties\":{\"name\":\"A\"},"
         "\"geometry\":{\"type\":\"Point\",\"coordinates\":[4.5,51.9]}},{\"type\":\"Feature\",\"properties\":null,"
         "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[1,2],[3,4]]}}]}",
         "id|name|coordinates[0]|coordinates[1]|geometry\n1@0: 7|A|4.5|51.9|-\n2@0: -|-|-|-|"
         "{\"type\":\"LineString\",\"coordinates\":[[1,2],[3,4]]}"},
        {"a.json", "7", "a.json: is neither a JSON array nor a JSON object"},
        {"a.json", "[]", "a.json: has no rows"},
        {"a.csv", "", "a.csv: has no rows"},
        {"a.csv", "a,b,a\n", "a.csv: two columns are called \"a\""},
        {"a.csv", "\xff\n", "a.csv: is no CSV: its first line is not UTF-8 text"},
        {"a.json", "[1", "a.json: byte 2: unexpected end of data"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[2000];
        assert_string_equal(read_text(cases[i].file, cases[i].text, out), cases[i].expected);
    }
}

static void refused_records_are_kept_as_they_stand(void **state) {
    (void)state;
    static const struct {
        const char *file, *text, *expected;
    } cases[] = {
        {"a.csv", "a,b\n\"x\", y\xff\r\n", "\"x\", y\xEF\xBF\xBD"},
        {"a.jsonl", "{ \"a\": 1 }\n", "{ \"a\": 1 }"},
        {"a.json", "[{ \"a\": 1.50 }]", "{\"a\":1.5}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        seine_reference_text *reader = NULL;
        seine_reference_record record;
        seine_buf raw;
        seine_buf_init(&raw, 1 << 16);
        assert_int_equal(seine_reference_text_open(seine_str_of(cases[i].text), cases[i].file, &reader, NULL),
                         SEINE_OK);
        assert_int_equal(seine_reference_text_next(reader, &record, NULL), SEINE_OK);
        assert_int_equal(seine_reference_raw(&record, NULL, 0, &raw), SEINE_OK);
        assert_string_equal(seine_buf_text(&raw), cases[i].expected);
        seine_buf_free(&raw);
        seine_reference_text_close(reader);
    }
}

static void values_without_a_text_are_told_as_json(void **state) {
    (void)state;
    static const seine_str names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
    static const seine_str values[] = {{"1", 1}, {NULL, 0}, {"x\"y", 3}};
    const seine_reference_record record = {.row = 1, .values = values};
    seine_buf raw;
    seine_buf_init(&raw, 1 << 16);
    assert_int_equal(seine_reference_raw(&record, names, 3, &raw), SEINE_OK);
    assert_string_equal(seine_buf_text(&raw), "{\"a\":\"1\",\"c\":\"x\\\"y\"}");
    seine_buf_free(&raw);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_which_column_is_what),
        cmocka_unit_test(what_names_do_not_tell_is_asked_for),
        cmocka_unit_test(every_kind_is_known_by_its_name),
        cmocka_unit_test(a_long_list_of_columns_is_cut),
        cmocka_unit_test(degrees_round_to_whole_ones_halves_away_from_zero),
        cmocka_unit_test(a_port_has_a_name_a_place_and_an_id),
        cmocka_unit_test(weather_is_of_a_cell_and_maybe_a_time),
        cmocka_unit_test(the_other_kinds_go_by_the_table_of_rules),
        cmocka_unit_test(every_form_of_text_becomes_records),
        cmocka_unit_test(refused_records_are_kept_as_they_stand),
        cmocka_unit_test(values_without_a_text_are_told_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
