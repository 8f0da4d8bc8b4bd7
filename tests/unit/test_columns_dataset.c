/* links: columns base */
/* Datasets from YAML: what comes of one, and every complaint about one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/try.h"
#include "columns/dataset_read.h"
#include "columns/fishing_table.h"
#include "columns/unit.h"
#include "seine/fishing.h"

#include <math.h>

static const seine_dataset *built_in(const char *name, const seine_dataset_settings *settings, seine_arena *arena) {
    const seine_dataset *dataset = NULL;
    seine_error error = {0};
    const seine_status status =
        seine_dataset_read(seine_dataset_built_in(name), name, settings, arena, &dataset, &error);
    if (status != SEINE_OK) print_error("%s\n", error.text);
    assert_int_equal(status, SEINE_OK);
    return dataset;
}

static void assert_same_number(double a, double b) { assert_true(a == b || (isnan(a) && isnan(b))); }

static void assert_same_word(const seine_dataset_word *a, const seine_dataset_word *b) {
    assert_string_equal(a->text, b->text);
    assert_true((a->value == NULL) == (b->value == NULL));
    if (a->value != NULL) assert_string_equal(a->value, b->value);
    assert_int_equal(a->is_prefix, b->is_prefix);
}

static void assert_same_column(const seine_dataset_column *a, const seine_dataset_column *b) {
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->type, b->type);
    assert_string_equal(a->unit, b->unit);
    assert_string_equal(a->doc, b->doc);
    assert_int_equal(a->name_count, b->name_count);
    for (size_t i = 0; i < a->name_count; i++) assert_string_equal(a->names[i], b->names[i]);
    assert_same_number(a->least, b->least);
    assert_same_number(a->most, b->most);
    assert_same_number(a->unknown, b->unknown);
    assert_same_number(a->scale, b->scale);
    assert_same_number(a->offset, b->offset);
    assert_same_number(a->wrap, b->wrap);
    assert_int_equal(a->word_count, b->word_count);
    for (size_t i = 0; i < a->word_count; i++) assert_same_word(&a->words[i], &b->words[i]);
    assert_int_equal(a->ignores_form, b->ignores_form);
    assert_int_equal(a->trims, b->trims);
    assert_int_equal(a->truncates, b->truncates);
}

static void ships_are_the_dataset_that_they_were(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *a = built_in("ais", NULL, &arena), *b = seine_dataset_ais();
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->doc, b->doc);
    assert_string_equal(a->word, b->word);
    assert_int_equal(a->column_count, b->column_count);
    for (size_t i = 0; i < a->column_count; i++) assert_same_column(&a->columns[i], &b->columns[i]);
    assert_int_equal(a->measure_count, b->measure_count);
    assert_int_equal(a->rule_count, b->rule_count);
    for (size_t i = 0; i < a->rule_count; i++) {
        assert_int_equal(a->rules[i].column, b->rules[i].column);
        assert_int_equal(a->rules[i].refuse, b->rules[i].refuse);
        assert_string_equal(a->rules[i].reason, b->rules[i].reason);
    }
    assert_float_equal(a->gate_kn, b->gate_kn, 0);
    assert_int_equal(a->wrap_from_us, b->wrap_from_us);
    assert_int_equal(a->wrap_end_us, b->wrap_end_us);
    assert_int_equal(a->id_kind, b->id_kind);
    assert_int_equal(a->time_kind, b->time_kind);
    assert_int_equal(a->time_offset_s, b->time_offset_s);
    assert_int_equal(a->valid_from_us, b->valid_from_us);
    assert_int_equal(a->is_sexagesimal, b->is_sexagesimal);
    assert_int_equal(a->keeps_last, b->keeps_last);
    assert_int_equal(a->csv_delimiter, b->csv_delimiter);
    assert_int_equal(a->csv_decimal, b->csv_decimal);
    assert_int_equal(a->is_latin1, b->is_latin1);
}

static void assert_same_table(const seine_table_schema *a, const seine_table_schema *b) {
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->doc, b->doc);
    assert_int_equal(a->column_count, b->column_count);
    for (size_t i = 0; i < a->column_count; i++) {
        assert_int_equal(a->columns[i].id, b->columns[i].id);
        assert_string_equal(a->columns[i].name, b->columns[i].name);
        assert_int_equal(a->columns[i].type, b->columns[i].type);
        assert_int_equal(a->columns[i].required, b->columns[i].required);
        assert_int_equal(a->columns[i].lineage, b->columns[i].lineage);
        assert_string_equal(a->columns[i].unit, b->columns[i].unit);
        assert_string_equal(a->columns[i].doc, b->columns[i].doc);
    }
    assert_int_equal(a->partition_count, b->partition_count);
    for (size_t i = 0; i < a->partition_count; i++) {
        assert_int_equal(a->partition[i].source_id, b->partition[i].source_id);
        assert_int_equal(a->partition[i].field_id, b->partition[i].field_id);
        assert_string_equal(a->partition[i].name, b->partition[i].name);
        assert_int_equal(a->partition[i].transform, b->partition[i].transform);
    }
    assert_memory_equal(a->sort_ids, b->sort_ids, sizeof a->sort_ids);
}

/* Tables of lakes that are there already do not change. */
static void tables_of_ships_are_those_that_they_were(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *ais = built_in("ais", NULL, &arena);
    assert_same_table(ais->silver, seine_schema_find("silver.ais"));
    assert_same_table(ais->rejects, seine_schema_find("silver.ais_rejects"));
}

static const char *setting_of(void *context, const char *name) {
    const char *const *pairs = context;
    for (size_t i = 0; pairs[i] != NULL; i += 2)
        if (strcmp(pairs[i], name) == 0) return pairs[i + 1];
    return NULL;
}

static void vehicles_follow_the_rules_of_their_messages(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *d = built_in("telematics", NULL, &arena);
    static const char *const names[] = {"vin",
                                        "ts",
                                        "latitude",
                                        "longitude",
                                        "velocity",
                                        "manufacturer",
                                        "year",
                                        "model",
                                        "front_left_door_state",
                                        "wipers_state",
                                        "gear_position",
                                        "driver_seatbelt_state"};
    assert_int_equal(d->column_count, sizeof names / sizeof *names);
    for (size_t i = 0; i < d->column_count; i++) assert_string_equal(d->columns[i].name, names[i]);
    assert_string_equal(d->word, "vehicle");
    assert_true(d->keeps_last);
    assert_int_equal(d->time_kind, SEINE_TIME_UNIX);
    assert_true(d->time_unit_us == 1000);
    assert_string_equal(d->columns[SEINE_DATASET_TIME].names[0], "timestamp");
    assert_int_equal(d->measure_count, 1);
    const seine_dataset_column *gear = &d->columns[10];
    assert_int_equal(gear->type, SEINE_TYPE_INT);
    assert_true(gear->truncates);
    assert_int_equal(gear->word_count, 2);
    assert_string_equal(gear->words[1].text, "REVERSE");
    assert_string_equal(gear->words[1].value, "-1");
    assert_true(d->columns[5].trims);
    assert_int_equal(d->rule_count, 2);
    assert_int_equal(d->rules[0].column, SEINE_DATASET_ID);
    assert_int_equal(d->rules[0].refuse, SEINE_REFUSE_MISSING);
    assert_string_equal(d->rules[0].reason, "vin");
    assert_int_equal(d->rules[1].column, 10);
    assert_int_equal(d->rules[1].refuse, SEINE_REFUSE_MISSING | SEINE_REFUSE_FAULT | SEINE_REFUSE_RANGE);
    assert_string_equal(d->rules[1].reason, "gear");
    assert_true(isinf(d->columns[4].most)); /* without the filter any velocity stays */
    assert_string_equal(d->silver->name, "silver.telematics");
    assert_string_equal(d->silver->partition[1].name, "vin_bucket");
    assert_int_equal(d->silver->column_count, d->column_count + SEINE_DATASET_LINEAGE);
    assert_string_equal(d->silver->columns[seine_dataset_lineage_first(d)].name, "source_file");
    for (size_t i = 0; i < d->silver->column_count; i++) assert_int_equal(d->silver->columns[i].id, i + 1);
    assert_string_equal(d->rejects->name, "silver.telematics_rejects");
}

static void settings_turn_rules_on_and_are_kept(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *pairs[] = {"APPLY_VELOCITY_FILTER", "1", "MAX_VELOCITY", "250.5", NULL};
    const seine_dataset_settings settings = {.value = setting_of, .context = pairs};
    const seine_dataset *d = built_in("telematics", &settings, &arena);
    assert_int_equal(d->rule_count, 3);
    assert_int_equal(d->rules[2].column, SEINE_DATASET_MEASURES);
    assert_int_equal(d->rules[2].refuse, SEINE_REFUSE_MISSING | SEINE_REFUSE_FAULT | SEINE_REFUSE_RANGE);
    assert_string_equal(d->rules[2].reason, "velocity");
    assert_true(d->columns[4].least == 0 && d->columns[4].most == 250.5);
    assert_int_equal(d->setting_count, 3);
    assert_string_equal(d->settings[1].name, "MAX_VELOCITY");
    assert_true(d->settings[1].fallback == 300 && d->settings[1].value == 250.5);
}

static void settings_of_the_user_have_to_be_numbers(void **state) {
    (void)state;
    static const struct {
        const char *name, *value, *expected;
    } cases[] = {
        {"MAX_VELOCITY", "fast", "MAX_VELOCITY: \"fast\" is not a number (setting of telematics line 10)"},
        {"APPLY_VELOCITY_FILTER", "2",
         "APPLY_VELOCITY_FILTER: 2 is neither 1 (on) nor 0 (off); a rule in telematics "
         "line 46 needs it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        const char *pairs[] = {cases[i].name, cases[i].value, NULL};
        const seine_dataset_settings settings = {.value = setting_of, .context = pairs};
        const seine_dataset *d;
        seine_error error;
        assert_int_equal(
            seine_dataset_read(seine_dataset_built_in("telematics"), "telematics", &settings, &arena, &d, &error),
            SEINE_E_USAGE);
        assert_string_equal(error.text, cases[i].expected);
    }
}

static void all_that_are_compiled_in_can_be_read(void **state) {
    (void)state;
    assert_true(seine_dataset_file_count >= 3);
    for (size_t i = 0; i < seine_dataset_file_count; i++) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        const seine_dataset *d = built_in(seine_dataset_files[i].name, NULL, &arena);
        assert_string_equal(d->name, seine_dataset_files[i].name);
        assert_int_equal(strlen(d->text), seine_dataset_files[i].size);
        assert_true(d->doc[0] != '\0');
        for (size_t c = 0; c < d->column_count; c++) assert_true(d->columns[c].doc[0] != '\0');
    }
    assert_null(seine_dataset_built_in("no such").data);
}

/* ---- the text of one dataset with lines of a test ---- */

#define HEAD                  \
    "name: buses\n"           \
    "id: {name: bus}\n"       \
    "time: {names: [when]}\n" \
    "position: {lat: {name: lat}, lon: {name: lon}}\n" /* line 4 */

static seine_status read_text(const char *text, seine_arena *arena, const seine_dataset **dataset, seine_error *error) {
    *error = (seine_error){0};
    return seine_dataset_read(seine_str_of(text), "buses.yaml", NULL, arena, dataset, error);
}

static const seine_dataset *read_good(const char *text, seine_arena *arena) {
    const seine_dataset *dataset = NULL;
    seine_error error;
    const seine_status status = read_text(text, arena, &dataset, &error);
    if (status != SEINE_OK) print_error("%s\n", error.text);
    assert_int_equal(status, SEINE_OK);
    return dataset;
}

static void four_lines_are_a_dataset(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *d = read_good(HEAD, &arena);
    assert_int_equal(d->column_count, 4);
    assert_int_equal(d->id_kind, SEINE_ID_TEXT);
    assert_string_equal(d->word, "mover");
    assert_string_equal(d->text, HEAD);
    assert_string_equal(d->columns[SEINE_DATASET_TIME].name, "ts");
    assert_int_equal(d->time_kind, SEINE_TIME_ISO);
    assert_int_equal(d->csv_decimal, '.');
    assert_int_equal(d->csv_delimiter, 0);
    assert_true(d->columns[SEINE_DATASET_LON].least == -180 && d->columns[SEINE_DATASET_LON].most == 180);
    assert_false(d->keeps_last);
}

static void columns_say_what_they_hold(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *d = read_good(HEAD "time_zone: '-03:30'\n"
                                            "valid_from: 2001-02-03\n"
                                            "csv: {delimiter: tab, decimal: ',', encoding: latin-1}\n"
                                            "measures:\n"
                                            "  speed: {unit: km/h, source_unit: m/s, least: 0, most: 200}\n"
                                            "  heat: {unit: C, source_unit: F, scale: 0.1}\n"
                                            "columns:\n"
                                            "  route:\n"
                                            "  doors: {type: boolean, words: {auf: true, zu: false, '?': null}}\n"
                                            "  seats: {type: int}\n"
                                            "  state: {type: int, ignores_form: true, words: {'Under way*': 0}}\n",
                                       &arena);
    const seine_dataset_column *c = d->columns + SEINE_DATASET_MEASURES;
    assert_int_equal(d->time_offset_s, -(3 * 3600 + 1800));
    assert_int_equal(d->valid_from_us, INT64_C(981158400) * 1000000);
    assert_int_equal(d->csv_delimiter, '\t');
    assert_int_equal(d->csv_decimal, ',');
    assert_true(d->is_latin1);
    assert_int_equal(d->measure_count, 2);
    assert_true(fabs(c[0].scale - 3.6) < 1e-12 && c[0].offset == 0 && c[0].most == 200);
    assert_string_equal(c[0].unit, "km/h");
    assert_true(fabs(c[1].scale * 2120 + c[1].offset - 100) < 1e-9); /* 212 °F in tenths */
    assert_true(fabs(c[1].scale * 320 + c[1].offset) < 1e-9);
    assert_int_equal(c[2].type, SEINE_TYPE_STRING);
    assert_string_equal(c[2].names[0], "route");
    assert_int_equal(c[3].word_count, 3);
    assert_string_equal(c[3].words[0].value, "true");
    assert_null(c[3].words[2].value);
    assert_true(c[4].least == INT32_MIN && c[4].most == INT32_MAX);
    assert_true(c[5].words[0].is_prefix);
    assert_string_equal(c[5].words[0].text, "Under way");
}

static void times_and_places_have_their_forms(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *d = read_good("name: herd\nid: {name: animal, kind: number, trim: true}\n"
                                       "time: {name: seen, format: '%d/%m/%Y %I:%M:%S %p'}\n"
                                       "position: {lat: {name: y}, lon: {name: x}, format: dms}\n",
                                       &arena);
    assert_int_equal(d->time_kind, SEINE_TIME_PATTERN);
    assert_string_equal(d->time_pattern, "%d/%m/%Y %I:%M:%S %p");
    assert_true(d->is_sexagesimal);
    assert_int_equal(d->id_kind, SEINE_ID_NUMBER);
    assert_true(d->columns[SEINE_DATASET_ID].trims);
    assert_string_equal(d->silver->partition[0].name, "seen_day");
    assert_string_equal(d->silver->columns[2].name, "y");
    static const double units[] = {1e6, 1e3, 1, 1e-3};
    static const char *const words[] = {"unix_s", "unix_ms", "unix_us", "unix_ns"};
    for (size_t i = 0; i < 4; i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "name: a\nid: {name: i}\ntime: {format: %s}\n"
                 "position: {scale: 1e-7, lat: {name: lat}, lon: {name: lon}}\n",
                 words[i]);
        d = read_good(text, &arena);
        assert_int_equal(d->time_kind, SEINE_TIME_UNIX);
        assert_true(d->time_unit_us == units[i]);
        assert_true(d->columns[SEINE_DATASET_LAT].scale == 1e-7);
    }
}

typedef struct complaint {
    const char *text, *expected;
} complaint;

static void assert_complaints(const complaint *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        const seine_dataset *dataset = NULL;
        seine_error error;
        char expected[1024];
        const seine_status status = read_text(cases[i].text, &arena, &dataset, &error);
        snprintf(expected, sizeof expected, "buses.yaml %s", cases[i].expected);
        assert_string_equal(error.text, expected);
        assert_int_equal(status, SEINE_E_FORMAT);
        assert_null(dataset);
    }
}
#define ASSERT_COMPLAINTS(cases) assert_complaints(cases, sizeof(cases) / sizeof *(cases))

#define PLACE "position: {lat: {name: lat}, lon: {name: lon}}\n"

static void sections_are_complained_about(void **state) {
    (void)state;
    static const complaint cases[] = {
        {"id: {name: a}\n", "line 1: name is missing; write name: buses, or what the dataset is called"},
        {"name: Bus-Lines\n", "line 1: name: \"Bus-Lines\": a name has the letters a-z, digits and _, a letter first; "
                              "write bus_lines"},
        {"name: 8\n", "line 1: name: \"8\": a name has the letters a-z, digits and _, a letter first"},
        {"name: a12345678901234567890123456789012345678901\n",
         "line 1: name: a12345678901234567890123456789012345678901 is too long; a name has at most 40 bytes"},
        {"name: ais_rejects\n", "line 1: name: names that end in _rejects are those of other tables"},
        {"name: [a]\n", "line 1: name: expected one value, found a list"},
        {"name: a\nidd: b\n", "line 2: idd: unknown key; did you mean id?"},
        {"name: a\nzzzzzz: b\n",
         "line 2: zzzzzz: unknown key; there are: name, doc, word, keep, valid_from, time_zone, "
         "wrap_days, csv, settings, id, time, position, measures, columns, rules, outputs, gap_hours, "
         "fishing_gap_hours, gate_kn, bronze, segments, fishing_score"},
        {"name: a\nword: Bus\n", "line 2: word: a mover is called by one short word in small letters, such as vehicle"},
        {"name: a\nkeep: newest\n", "line 2: keep: \"newest\" is not known here; there are: first, last"},
        {"name: a\noutputs: [gaps, mapp]\n",
         "line 2: outputs.2: \"mapp\" is nothing that is made of a dataset; did you mean map?"},
        {"name: a\noutputs: everything\n",
         "line 2: outputs: \"everything\" is nothing that is made of a dataset; there are: gaps, hours, movers, map, "
         "enriched, fishing, segments"},
        {"name: a\noutputs: [map, map]\n", "line 2: outputs.2: map stands twice"},
        {"name: a\noutputs: []\n", "line 2: outputs: the list is empty"},
        {"name: a\nfishing_gap_hours: -1\n",
         "line 2: fishing_gap_hours: hours of silence that end a run of fishing, more than 0 and at most 87600"},
        {"name: a\ngap_hours: 0\n",
         "line 2: gap_hours: hours of silence that are a gap, more than 0 and at most 87600"},
        {"name: a\ngate_kn: -60\n",
         "line 2: gate_kn: knots that none of them goes faster than, more than 0 and at most 100000"},
        {"name: a\ncsv: ';'\n", "line 2: csv: expected \"delimiter: …\" and so on, found ;"},
        {"name: a\ncsv: {delimiter: ':'}\n", "line 2: csv.delimiter: \":\" is not known here; did you mean ,?"},
        {"name: a\ncsv: {encoding: utf8}\n", "line 2: csv.encoding: \"utf8\" is not known here; did you mean utf-8?"},
        {"name: a\n", "line 1: id is missing; write id: {name: vehicle}, the field that tells movers apart"},
        {"name: a\nid: {names: [x]}\n", "line 2: id: name is missing: how is the column of the id called?"},
        {"name: a\nid: {name: dt}\n",
         "line 2: id.name: dt is a column of events or gold tables; choose another name for the id"},
        {"name: a\nid: {name: x, kind: int}\n", "line 2: id.kind: \"int\" is not known here; there are: text, number"},
        {"name: a\nid: {name: x, trim: 1}\n", "line 2: id.trim: expected true or false, found \"1\""},
        {"name: a\nid: {name: x}\n", "line 1: time is missing; write time: {names: [timestamp]}, the name of the field "
                                     "that has the time"},
        {"name: a\nid: {name: x}\ntime: {names: []}\n", "line 3: time.names: the list is empty"},
        {"name: a\nid: {name: x}\ntime: {names: ['']}\n", "line 3: time.names.1: an empty text"},
        {"name: a\nid: {name: x}\ntime: {names: [[t]]}\n", "line 3: time.names.1: expected one text"},
        {"name: a\nid: {name: x}\ntime: {names: {t: 1}}\n", "line 3: time.names: expected a list, found a map"},
        {"name: a\nid: {name: x}\ntime: {}\n",
         "line 1: position is missing; write position: {lat: {names: [latitude]}, "
         "lon: {names: [longitude]}}"},
        {"name: a\nid: {name: x}\ntime: {}\nposition: {lat: {}}\n",
         "line 4: position: lon is missing; write lon: {names: [longitude]}, the field that has it"},
        {"name: a\nid: {name: x}\ntime: {}\nposition: {lat: {}, lon: {}, scale: -1}\n",
         "line 4: position.scale: a scale is greater than 0, such as 1e-7"},
        {"name: a\nid: {name: x}\ntime: {}\nposition: {lat: {}, lon: {}, scale: 2, format: dms}\n",
         "line 4: position.scale: degrees and minutes are texts; leave scale out"},
    };
    ASSERT_COMPLAINTS(cases);
}

static void outputs_are_all_unless_they_are_named(void **state) {
    (void)state;
    static const struct {
        const char *text;
        unsigned outputs;
        double gap_hours;
    } cases[] = {{"", SEINE_OUTPUT_ALL & ~(unsigned)SEINE_OUTPUT_ENRICHED, 0}, /* there is no speed in knots */
                 {"measures: {a: {unit: kn}}\n", SEINE_OUTPUT_ALL, 0},
                 {"measures: {a: {unit: kn}}\noutputs: enriched\n", SEINE_OUTPUT_ENRICHED, 0},
                 {"outputs: [map, gaps]\ngap_hours: 36\n", SEINE_OUTPUT_MAP | SEINE_OUTPUT_GAPS, 36},
                 {"outputs: movers\n", SEINE_OUTPUT_MOVERS, 0},
                 {"outputs: none\n", 0, 0},
                 {"measures: {a: {unit: kn}}\ncolumns: {nnet_score: {type: int}}\n", SEINE_OUTPUT_ALL, 0},
                 {"measures: {a: {unit: kn}}\ncolumns: {nnet_score: {type: int}}\noutputs: [fishing, gaps]\n",
                  SEINE_OUTPUT_FISHING | SEINE_OUTPUT_GAPS, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        const seine_dataset *dataset = NULL;
        seine_error error;
        char text[400];
        snprintf(text, sizeof text, "name: a\nid: {name: x}\ntime: {}\n" PLACE "%s", cases[i].text);
        assert_int_equal(read_text(text, &arena, &dataset, &error), SEINE_OK);
        assert_int_equal(dataset->outputs, cases[i].outputs);
        assert_float_equal(dataset->gap_hours, cases[i].gap_hours, 0);
    }
}

static void enriched_needs_a_speed_in_knots(void **state) {
    (void)state;
    static const complaint cases[] = {
        {"name: a\nid: {name: x}\ntime: {}\n" PLACE "outputs: [gaps, enriched]\n",
         "line 5: outputs: enriched needs a measure with the unit kn, and a position in each row"},
        {"name: a\nid: {name: x}\ntime: {}\n" PLACE "measures: {a: {unit: km/h}}\noutputs: enriched\n",
         "line 6: outputs: enriched needs a measure with the unit kn, and a position in each row"},
    };
    ASSERT_COMPLAINTS(cases);
}

static void fishing_needs_a_speed_and_a_score(void **state) {
    (void)state;
#define FISHING "name: a\nid: {name: x}\ntime: {}\n" PLACE "outputs: fishing\n"
#define KNOTS "measures: {a: {unit: kn}}\n"
    static const complaint cases[] = {
        {FISHING "columns: {nnet_score: {type: int}}\n",
         "line 5: outputs: fishing needs a speed: a measure with the unit kn, such as speed_knots: {unit: kn}"},
        {FISHING KNOTS,
         "line 5: outputs: fishing needs a score of each row: a column nnet_score or night_loitering, type: int; or "
         "fishing_score: rules"},
        {FISHING KNOTS "fishing_score: rule\n",
         "line 7: fishing_score: \"rule\" is not known here; did you mean rules?"},
        {FISHING "fishing_score: rules\n",
         "line 5: outputs: fishing needs a speed: a measure with the unit kn, such as speed_knots: {unit: kn}"},
        {FISHING KNOTS "columns: {nnet_score: {}}\n",
         "line 5: outputs: fishing reads nnet_score, which is a text here; write type: int"},
        {FISHING KNOTS "columns: {nnet_score: {type: int}, hours: {type: double}}\n",
         "line 5: outputs: fishing reads hours in h; here its unit is not told"},
        {FISHING KNOTS "columns: {night_loitering: {type: boolean}, meters_to_prev: {type: double, unit: km}}\n",
         "line 5: outputs: fishing reads meters_to_prev in m; here its unit is km"},
        {"name: a\nid: {name: ssvid}\ntime: {}\n" PLACE KNOTS "columns: {nnet_score: {type: int}}\noutputs: fishing\n",
         "line 7: outputs: ssvid is a column of events of fishing; give the id another name"},
    };
    ASSERT_COMPLAINTS(cases);
}

static void fishing_by_rules_reads_what_it_knows(void **state) {
    (void)state;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *d = read_good(FISHING "measures: {a: {unit: kn}, course: {unit: deg}}\nfishing_score: rules\n"
                                               "columns: {vessel_type: {type: int}, geartype: {}, vessel_class: {type: "
                                               "int}, distance_from_port_m: {type: double, unit: km}, "
                                               "distance_from_shore_m: {type: double, unit: m}}\n",
                                       &arena);
    const char *const expected[] = {"course", "vessel_type", "geartype", NULL, "distance_from_shore_m"};
    assert_true(d->fishes_by_rules);
    for (size_t i = SEINE_FISHING_IN_COURSE; i < SEINE_FISHING_INPUTS; i++) {
        const size_t at = seine_fishing_ruled(d, i);
        const char *name = expected[i - SEINE_FISHING_IN_COURSE];
        if (name == NULL)
            assert_int_equal(at, SIZE_MAX);
        else
            assert_string_equal(d->columns[at].name, name);
    }
}

#define TIMED(time) "name: a\nid: {name: x}\ntime: " time "\n"

static void times_are_complained_about(void **state) {
    (void)state;
    static const complaint cases[] = {
        {TIMED("{format: unix}"), "line 3: time.format: \"unix\" is not known here; did you mean unix_s?"},
        {TIMED("{format: '%Y-%m-%d %k'}"),
         "line 3: time.format: %k is not known; there are %Y %y %m %d %H %I %p %M %S %z"},
        {TIMED("{format: '%Y-%m-%d %'}"),
         "line 3: time.format: % is not known; there are %Y %y %m %d %H %I %p %M %S %z"},
        {TIMED("{format: '%Y-%m-%d %y'}"), "line 3: time.format: %y stands twice"},
        {TIMED("{format: '%Y %H:%M'}"),
         "line 3: time.format: a time has a year (%Y), a month (%m) and a day (%d) at least"},
        {TIMED("{format: '%Y%m%d %I:%M'}"),
         "line 3: time.format: %I is an hour from 1 to 12 and needs AM or PM (%p) beside it"},
        {TIMED("{format: '%Y%m%d %H:%M %p'}"), "line 3: time.format: %p is AM or PM; the hour beside it is %I"},
        {TIMED("{format: '%Y%m%d %H %S'}"), "line 3: time.format: minutes need hours (%H), seconds need minutes (%M)"},
        {TIMED("{}") "time_zone: Europe/Copenhagen\n",
         "line 4: time_zone: \"Europe/Copenhagen\" is no time zone; write UTC, an offset such as +01:00, or a name "
         "such as Europe/Copenhagen"}, /* there is nobody here who reads files */
        {TIMED("{}") "time_zone: +1\n",
         "line 4: time_zone: \"+1\" is no time zone; write UTC, an offset such as +01:00, or a name such as "
         "Europe/Copenhagen"},
        {TIMED("{}") "time_zone: +14:30\n",
         "line 4: time_zone: \"+14:30\" is no time zone; write UTC, an offset such as +01:00, or a name such as "
         "Europe/Copenhagen"},
        {TIMED("{format: unix_s}") "time_zone: +01:00\n",
         "line 4: time_zone: times that count from 1970 are UTC; leave time_zone out"},
        {TIMED("{format: '%Y%m%d%z'}") "time_zone: +01:00\n",
         "line 4: time_zone: every time tells its own zone (%z); leave time_zone out"},
        {TIMED("{}") "valid_from: yesterday\n",
         "line 4: valid_from: \"yesterday\" is no time; write a day such as 1990-01-01"},
    };
    ASSERT_COMPLAINTS(cases);
}

static void columns_are_complained_about(void **state) {
    (void)state;
    static const complaint cases[] = {
        {HEAD "columns: [a]\n", "line 5: columns: expected lines such as \"speed: {unit: km/h}\", a column each"},
        {HEAD "columns:\n  a: {unt: m}\n", "line 6: columns.a.unt: unknown key; did you mean unit?"},
        {HEAD "columns:\n  a: b\n", "line 6: columns.a: expected \"type: …\" and so on, found b"},
        {HEAD "columns:\n  a: {type: float}\n", "line 6: columns.a.type: float is no type; write double"},
        {HEAD "columns:\n  a: {type: bigint}\n", "line 6: columns.a.type: bigint is no type; write long"},
        {HEAD "columns:\n  a: {type: long, most: 1e17}\n",
         "line 6: columns.a: a long is between -9007199254740992 and 9007199254740992; write type: double"},
        {HEAD "columns:\n  a: {type: dbl}\n", "line 6: columns.a.type: \"dbl\" is not known here; there are: string, "
                                              "int, double, boolean, long"},
        {HEAD "columns:\n  bus:\n", "line 6: columns.bus: bus is a column already, in line 2"},
        {HEAD "columns:\n  ts:\n", "line 6: columns.ts: ts is a column already, in line 3"},
        {HEAD "columns:\n  b: {names: [W hen]}\n", "line 6: columns.b: W hen is a name of ts already, in line 3"},
        {HEAD "columns:\n  source_file:\n",
         "line 6: columns.source_file: source_file is a column that every lake has of its own; choose another name"},
        {HEAD "columns:\n  order:\n", "line 6: columns.order: order is a word of SQL; write order_ or another name"},
        {HEAD "columns:\n  Line No:\n",
         "line 6: columns.Line No: \"Line No\": a name has the letters a-z, digits and _, "
         "a letter first; write line_no"},
        {HEAD "measures:\n  a:\n  b:\n  c:\n  d:\n",
         "line 5: measures: 4 are too many; at most 3, and the others under columns"},
        {HEAD "measures:\n  a: {type: int}\n",
         "line 6: measures.a.type: a measure is a double; move what is not to columns"},
        {HEAD "measures:\n  a: {unit: kmh}\n", "line 6: measures.a.unit: kmh is no unit; did you mean km/h?"},
        {HEAD "measures:\n  a: {unit: m, source_unit: kn}\n",
         "line 6: measures.a.source_unit: kn is a speed, but unit is m, a length"},
        {HEAD "measures:\n  a: {source_unit: kn}\n",
         "line 6: measures.a.source_unit: write unit, too: what kn is to become"},
        {HEAD "measures:\n  a: {scale: 0}\n", "line 6: measures.a.scale: every number would become the same one"},
        {HEAD "measures:\n  a: {scale: '1,5'}\n", "line 6: measures.a.scale: \"1,5\" is not a number"},
        {HEAD "measures:\n  a: {least: 5, most: 4}\n", "line 6: measures.a: least is 5, greater than most, which is 4"},
        {HEAD "measures:\n  a: {least: low}\n", "line 6: measures.a.least: \"low\" is not a number"},
        {HEAD "measures:\n  a: {wrap: -1}\n", "line 6: measures.a.wrap: wrap is greater than 0"},
        {HEAD "columns:\n  a: {type: int, most: 3e9}\n",
         "line 6: columns.a: an int is between -2147483648 and 2147483647; write type: long"},
        {HEAD "columns:\n  a: {unit: m}\n",
         "line 6: columns.a.unit: says nothing about a string; its type should be int or double, or leave unit out"},
        {HEAD "columns:\n  a: {type: boolean, least: 0}\n",
         "line 6: columns.a.least: says nothing about a boolean; its type should be int or double, or leave least out"},
        {HEAD "columns:\n  a: {type: double, truncate: true}\n",
         "line 6: columns.a.truncate: says nothing about a double; its type should be int, or leave truncate out"},
        {HEAD "columns:\n  a: {type: int, trim: true}\n",
         "line 6: columns.a.trim: says nothing about a int; its type should be string, or leave trim out"},
        {HEAD "columns:\n  a: {type: int, wrap: 4}\n",
         "line 6: columns.a.wrap: says nothing about a int; its type should be double, or leave wrap out"},
        {HEAD "columns:\n  a: {words: [b]}\n",
         "line 6: columns.a.words: expected lines such as \"NEUTRAL: 0\", a text and what it stands for"},
        {HEAD "columns:\n  a: {words: {b*c: d}}\n",
         "line 6: columns.a.words.b*c: a * is any text behind a beginning: one stands at the end, too"},
        {HEAD "measures:\n  a: {wrap: 4}\n",
         "line 6: measures.a: write on which days it wraps: wrap_days: {from: …, before: …}"},
        {HEAD "wrap_days: {from: 2015-01-01, before: 2016-01-01}\n", "line 5: wrap_days: no column has a wrap"},
        {HEAD "wrap_days: {from: 2015-01-01}\n", "line 5: wrap_days: from has to be earlier than before"},
        {HEAD "wrap_days: {from: soon}\n",
         "line 5: wrap_days.from: \"soon\" is no time; write a day such as 1990-01-01"},
        {HEAD "columns:\n  a: {words: {b: [c]}}\n", "line 6: columns.a.words.b: expected one value"},
        {HEAD "columns:\n  a: {type: int, words: {b: 1.5}}\n", "line 6: columns.a.words.b: \"1.5\" is no int"},
        {HEAD "columns:\n  a: {type: int, most: 3, words: {b: 4}}\n",
         "line 6: columns.a.words.b: 4 is outside the column's limits, -2147483648 to 3"},
        {HEAD "columns:\n  a: {type: boolean, words: {b: 1}}\n",
         "line 6: columns.a.words.b: \"1\" is not true, false or null"},
    };
    ASSERT_COMPLAINTS(cases);
}

static void rules_and_settings_are_complained_about(void **state) {
    (void)state;
#define SPEED HEAD "measures: {speed: {}}\ncolumns: {line: {}}\n"
    static const complaint cases[] = {
        {SPEED "rules: {a: b}\n", "line 7: rules: expected lines such as \"- {column: speed, refuse: range}\""},
        {SPEED "rules:\n- speed\n", "line 8: rules.1: expected \"column: …\" and so on, found speed"},
        {SPEED "rules:\n- {refuse: missing}\n", "line 8: rules.1: column is missing: of which column is this a rule?"},
        {SPEED "rules:\n- {column: sped, refuse: missing}\n",
         "line 8: rules.1.column: \"sped\" is not known here; did you mean speed?"},
        {SPEED "rules:\n- {column: speed}\n",
         "line 8: rules.1: refuse is missing; write what is refused: missing, fault or range"},
        {SPEED "rules:\n- {column: speed, refuse: [missing, bad]}\n",
         "line 8: rules.1.refuse: \"bad\" cannot be refused; there are: missing, fault, range"},
        {SPEED "rules:\n- {column: speed, refuse: missing, reason: Too fast}\n",
         "line 8: rules.1.reason: a reason is one word of at most 32 letters a-z, such as reason: speed"},
        {SPEED "rules:\n- {column: speed, refuse: missing, reason: future}\n",
         "line 8: rules.1.reason: future is the reason of other rows already; choose another word"},
        {SPEED "rules:\n- {column: line, refuse: fault}\n",
         "line 8: rules.1: any text is a value of line, so none is a fault"},
        {SPEED "rules:\n- {column: line, refuse: range}\n",
         "line 8: rules.1: line has no limits that a value could be outside of; write least and most"},
        {SPEED "rules:\n- {column: line, refuse: range, least: 0}\n",
         "line 8: rules.1: line is no number and has no limits"},
        {SPEED "rules:\n- {column: speed, refuse: range}\n",
         "line 8: rules.1: speed has no limits that a value could be outside of; write least and most"},
        {SPEED "rules:\n- {column: speed, refuse: missing, most: 5}\n",
         "line 8: rules.1: limits without refuse: range refuse nothing"},
        {HEAD "measures: {speed: {most: 9}}\ncolumns: {line: {}}\nrules:\n- {column: speed, refuse: range, most: 5}\n",
         "line 8: rules.1: speed has limits of its own already"},
        {SPEED "rules:\n- {column: speed, refuse: range, least: 6, most: 5}\n",
         "line 8: rules.1: least is 6, greater than most, which is 5"},
        {SPEED "rules:\n- {column: lat, refuse: range, most: 5, reason: position}\n",
         "line 8: rules.1: rows without a good lat are refused anyway, as position"},
        {SPEED "rules:\n- {column: speed, refuse: missing}\n- {column: speed, refuse: [fault, missing]}\n",
         "line 9: rules.2: a rule above refuses that of speed already"},
        {SPEED "rules:\n- {column: speed, refuse: missing, when: FILTER}\n",
         "line 8: rules.1.when: FILTER is no setting: there are none; write settings: {FILTER: 1}"},
        {SPEED "settings: {FILTER: 1}\nrules:\n- {column: speed, refuse: missing, when: FILTR}\n",
         "line 9: rules.1.when: FILTR is no setting; did you mean FILTER?"},
        {SPEED "settings: {FILTER: 1}\n",
         "line 7: settings.FILTER: nothing uses it; write ${FILTER} as a limit, when: FILTER in a "
         "rule, or asked: true for an address"},
        {SPEED "settings: {filter: 1}\n",
         "line 7: settings.filter: a setting has a name of A-Z, 0-9 and _, such as MAX_SPEED"},
        {SPEED "settings: {FILTER: yes}\n", "line 7: settings.FILTER: \"yes\" is not a number"},
        {SPEED "settings: {FILTER: {doc: x}}\n",
         "line 7: settings.FILTER: a setting needs a default, such as FILTER: 300"},
        {SPEED "settings: 5\n", "line 7: settings: expected lines such as MAX_SPEED: 300"},
        {HEAD "measures: {speed: {most: '${MAX}'}}\n",
         "line 5: measures.speed.most: MAX is no setting: there are none; write settings: {MAX: 1}"},
    };
    ASSERT_COMPLAINTS(cases);
}

static void append(seine_buf *text, const char *line, size_t i) {
    assert_int_equal(seine_buf_printf(text, line, i), SEINE_OK);
}

static void too_much_is_complained_about(void **state) {
    (void)state;
    static const struct {
        const char *head, *line, *tail;
        size_t fits;
        const char *expected;
    } cases[] = {
        {"columns:\n", "  c%zu:\n", "", 56,
         "buses.yaml line 62: columns.c56: too many columns; there may be 60 with id, time and place"},
        {"columns: {a: {names: [", "n%zu, ", "]}}\n", 24,
         "buses.yaml line 5: columns.a.names: 25 are too many; at most 24"},
        {"columns: {a: {words: {", "w%zu: x, ", "}}}\n", 256,
         "buses.yaml line 5: columns.a.words: 257 are too many; at most 256"},
        {"measures: {s: {}}\nrules:\n", "- {column: s, refuse: missing, when: S%zu}\n", "", 0,
         "buses.yaml line 6: rules: 31 are too many; at most 30"},
        {"settings:\n", "  S%zu: 1\n", "", 0, "buses.yaml line 5: settings: 17 are too many; at most 16"},
    };
    static const size_t too_many[] = {57, 25, 257, 31, 17};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        for (size_t count = cases[i].fits; count > 0 && count <= too_many[i]; count++) {
            seine_buf text SEINE_OWNED(seine_buf_free);
            seine_buf_init(&text, 1 << 20);
            append(&text, HEAD, 0);
            append(&text, cases[i].head, 0);
            for (size_t k = 0; k < count; k++) append(&text, cases[i].line, k);
            append(&text, cases[i].tail, 0);
            const seine_dataset *d;
            seine_error error;
            const bool fits = count < too_many[i];
            assert_int_equal(read_text(seine_buf_text(&text), &arena, &d, &error), fits ? SEINE_OK : SEINE_E_FORMAT);
            if (!fits) assert_string_equal(error.text, cases[i].expected);
        }
    }
}

static void what_is_no_dataset_is_said_to_be_none(void **state) {
    (void)state;
    static const char *const texts[] = {"", "- a\n", "buses\n", "~\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        const seine_dataset *d;
        seine_error error;
        assert_int_equal(read_text(texts[i], &arena, &d, &error), SEINE_E_FORMAT);
        assert_string_equal(error.text, "buses.yaml: not a dataset; it begins with a line such as name: buses");
    }
}

static void units_of_a_kind_become_each_other(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
        double number, expected;
    } cases[] = {
        {"kn", "km/h", 10, 18.52}, {"m/s", "km/h", 10, 36},        {"mph", "km/h", 100, 160.9344},
        {"km/h", "kn", 1.852, 1},  {"mph", "kn", 1.852, 1.609344}, {"ft", "m", 100, 30.48},
        {"nmi", "km", 1, 1.852},   {"km", "m", 2, 2000},           {"rad", "deg", 1, 57.29577951308232},
        {"F", "C", 212, 100},      {"K", "C", 0, -273.15},         {"C", "F", -40, -40},
        {"kn", "kn", 7, 7},        {"K", "F", 273.15, 32},         {"psi", "hPa", 1, 68.947572931683609},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double scale, offset;
        assert_true(seine_unit_convert(seine_unit_find(cases[i].from), seine_unit_find(cases[i].to), &scale, &offset));
        assert_true(fabs(cases[i].number * scale + offset - cases[i].expected) < 1e-9);
    }
    double scale, offset;
    assert_false(seine_unit_convert(seine_unit_find("m"), seine_unit_find("km/h"), &scale, &offset));
    assert_null(seine_unit_find("kmh"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ships_are_the_dataset_that_they_were),
        cmocka_unit_test(tables_of_ships_are_those_that_they_were),
        cmocka_unit_test(vehicles_follow_the_rules_of_their_messages),
        cmocka_unit_test(settings_turn_rules_on_and_are_kept),
        cmocka_unit_test(settings_of_the_user_have_to_be_numbers),
        cmocka_unit_test(all_that_are_compiled_in_can_be_read),
        cmocka_unit_test(four_lines_are_a_dataset),
        cmocka_unit_test(columns_say_what_they_hold),
        cmocka_unit_test(times_and_places_have_their_forms),
        cmocka_unit_test(sections_are_complained_about),
        cmocka_unit_test(outputs_are_all_unless_they_are_named),
        cmocka_unit_test(enriched_needs_a_speed_in_knots),
        cmocka_unit_test(fishing_needs_a_speed_and_a_score),
        cmocka_unit_test(fishing_by_rules_reads_what_it_knows),
        cmocka_unit_test(times_are_complained_about),
        cmocka_unit_test(columns_are_complained_about),
        cmocka_unit_test(rules_and_settings_are_complained_about),
        cmocka_unit_test(too_much_is_complained_about),
        cmocka_unit_test(what_is_no_dataset_is_said_to_be_none),
        cmocka_unit_test(units_of_a_kind_become_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
