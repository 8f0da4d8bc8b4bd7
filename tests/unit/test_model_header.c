/* links: model table engine io columns core base */
/* The header of a model file: what it says, and one line for whatever is wrong in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/try.h"
#include "columns/dataset_read.h"
#include "io/file.h"
#include "model/model.h"
#include "model/template.h"

#define HEAD                                                       \
    "-- Any words may stand here. Units: none of them is a key.\n" \
    "-- model: gold.hourly\n"                                      \
    "-- grain: one hour\n"                                         \
    "-- inputs: silver.ais(day), gold.other(day-1), events.ais_gaps(all)\n"
#define TAIL                                                                                                        \
    "-- partition: dt\n-- sort: mmsi, dt\n-- reconcile: n = silver.ais\n-- setting: speed 2.5 | knots\n"            \
    "-- column: mmsi string required | vessel\n-- column: n long fixes | rows\n-- column: dt date required | day\n" \
    "-- column: made timestamptz lineage |\nSELECT 1"

static seine_status parse(const char *text, seine_arena *arena, seine_model *model, seine_error *error) {
    *error = (seine_error){SEINE_OK, ""};
    return seine_model_parse("models/m.sql", seine_str_of(text), arena, model, error);
}

static void a_header_says_table_inputs_days_order_settings_and_columns(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_model m;
    seine_error error;
    assert_int_equal(parse(HEAD TAIL, &arena, &m, &error), SEINE_OK);
    assert_string_equal(m.schema.name, "gold.hourly");
    assert_string_equal(m.schema.doc, "one hour");
    assert_int_equal(m.input_count, 3);
    assert_string_equal(m.inputs[1].table, "gold.other");
    assert_int_equal(m.inputs[0].window, SEINE_WINDOW_DAY);
    assert_int_equal(m.inputs[1].window, SEINE_WINDOW_DAY_BEFORE);
    assert_int_equal(m.inputs[2].window, SEINE_WINDOW_ALL);
    assert_true(m.has_days);
    assert_int_equal(m.day_column, 2);
    assert_int_equal(m.schema.partition[0].transform, SEINE_TRANSFORM_IDENTITY);
    assert_int_equal(m.schema.sort_ids[0], 1);
    assert_int_equal(m.schema.sort_ids[1], 3);
    assert_int_equal(m.reconcile_column, 1);
    assert_string_equal(m.reconcile_table, "silver.ais");
    assert_string_equal(m.settings[0].name, "speed");
    assert_string_equal(m.settings[0].value, "2.5");
    assert_true(m.schema.columns[0].required);
    assert_string_equal(m.schema.columns[1].unit, "fixes");
    assert_true(m.schema.columns[3].lineage);
    seine_arena_free(&arena);
}

static void a_span_is_of_two_columns_of_what_is_read_by_day(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_model m;
    seine_error error;
    const char *text = "-- model: gold.x\n-- grain: g\n-- inputs: silver.ais(a..b of gold.y), gold.y(day)\n"
                       "-- partition: dt\n-- sort: dt\n-- column: dt date |\nSELECT 1";
    assert_int_equal(parse(text, &arena, &m, &error), SEINE_OK);
    assert_int_equal(m.inputs[0].window, SEINE_WINDOW_SPAN);
    assert_string_equal(m.inputs[0].from, "a");
    assert_string_equal(m.inputs[0].to, "b");
    assert_string_equal(m.inputs[0].of, "gold.y");
    assert_true(m.has_days && m.takes_null);
    seine_arena_free(&arena);
}

static void whatever_is_wrong_is_told_with_file_line_and_reason(void **state) {
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {HEAD "-- colour: red\n" TAIL, "models/m.sql line 5: unknown key \"colour\""},
        {"-- model: silver.x\n",
         "models/m.sql line 1: a model's name is gold. and letters, digits or _, not \"silver.x\""},
        {"-- model: gold.x y\n",
         "models/m.sql line 1: a model's name is gold. and letters, digits or _, not \"gold.x y\""},
        {"-- inputs: silver.ais\n",
         "models/m.sql line 1: an input is table(day), table(day-1), table(all) or table(FROM..TO of TABLE), not "
         "\"silver.ais\""},
        {"-- inputs: silver.ais(week)\n",
         "models/m.sql line 1: an input is table(day), table(day-1), table(all) or table(FROM..TO of TABLE), not "
         "\"silver.ais(week)\""},
        {"-- inputs: silver.ais(a..b of gold)\n",
         "models/m.sql line 1: an input is table(day), table(day-1), table(all) or table(FROM..TO of TABLE), not "
         "\"silver.ais(a..b of gold)\""},
        {"-- inputs: silver.ais(a.b of gold.x)\n",
         "models/m.sql line 1: an input is table(day), table(day-1), table(all) or table(FROM..TO of TABLE), not "
         "\"silver.ais(a.b of gold.x)\""},
        {"-- model: gold.x\n-- grain: g\n-- inputs: silver.ais(day), gold.z(a..b of gold.y)\n-- partition: dt\n"
         "-- column: dt date |\n-- sort: dt\nSELECT 1",
         "models/m.sql line 3: a span is one of rows of an input (day), which is not \"gold.y\""},
        {"-- model: gold.x\n-- grain: g\n-- inputs: gold.z(a..b of gold.y)\n-- partition: dt\n"
         "-- column: dt date |\n-- sort: dt\nSELECT 1",
         "models/m.sql line 4: no input is read by day, so there are no days of \"dt\""},
        {"\n-- column: a text | x\n",
         "models/m.sql line 2: not a type (boolean, int, long, double, date, timestamptz, string, binary): \"text\""},
        {"-- column: a int | x\n-- column: A long | y\n", "models/m.sql line 2: named twice: \"A\""},
        {"-- setting: day 3\n", "models/m.sql line 1: this name is taken: \"day\""},
        {"-- setting: speed\n", "models/m.sql line 1: a setting is a name and its default, not \"speed\""},
        {HEAD, "models/m.sql line 4: there is no SELECT behind the header"},
        {"SELECT 1", "models/m.sql line 1: the header lacks \"model\""},
        {HEAD "-- partition: when\n-- column: a int |\n-- sort: a\nSELECT 1",
         "models/m.sql line 5: the partition is a column of type date or none, not \"when\""},
        {HEAD "-- partition: none\n-- column: a int |\n-- sort: a\nSELECT 1",
         "models/m.sql line 4: a model without days reads (all) of \"silver.ais\""},
        {HEAD "-- partition: dt\n-- column: dt date |\n-- sort: b\nSELECT 1",
         "models/m.sql line 7: sort: no such column: \"b\""},
        {HEAD "-- partition: dt\n-- column: dt date |\n-- sort: dt\n-- reconcile: dt = silver.ais\nSELECT 1",
         "models/m.sql line 8: reconcile is COLUMN of type long = INPUT, not \"dt = silver.ais\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_arena arena = {0};
        seine_model m;
        seine_error error;
        assert_int_equal(parse(cases[i].text, &arena, &m, &error), SEINE_E_FORMAT);
        assert_string_equal(error.text, cases[i].expected);
        seine_arena_free(&arena);
    }
}

static void names_become_literals_but_not_in_texts_and_comments(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_model m;
    seine_error error;
    const char *text =
        "-- model: gold.x\n-- grain: g\n-- inputs: silver.ais(day)\n-- partition: dt\n-- sort: dt, mmsi\n"
        "-- setting: speed 2.5 |\n-- setting: hours 3 |\n-- setting: kind o'x |\n"
        "-- column: dt date |\n-- column: mmsi string |\n"
        "SELECT $day, $speed, $hours, $kind, '$no', \"$no\" /* $no */ -- $no\n;  \n";
    const char *expected =
        "SELECT DATE '2025-01-02', CAST(2.5 AS DOUBLE), 3, 'o''x', '$no', \"$no\" /* $no */ -- $no\n)"
        " ORDER BY \"dt\" NULLS FIRST, \"mmsi\" NULLS FIRST";
    const seine_model_moment moment = {.day = {false, 20090}};
    seine_buf sql;
    seine_buf_init(&sql, 65536);
    assert_int_equal(parse(text, &arena, &m, &error), SEINE_OK);
    assert_int_equal(seine_model_sql(&m, &moment, &sql, &error), SEINE_OK);
    const char *found = seine_buf_text(&sql);
    assert_non_null(strstr(found, expected));
    assert_int_equal(strncmp(found, "SELECT * FROM (-- model: gold.x\n", 32), 0);
    seine_buf_free(&sql);
    seine_arena_free(&arena);
}

static void an_unknown_name_is_refused_with_its_line(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_model m;
    seine_error error;
    const seine_model_moment moment = {0};
    seine_buf sql;
    seine_buf_init(&sql, 65536);
    const char *text = "-- model: gold.x\n-- grain: g\n-- inputs: silver.ais(all)\n-- partition: none\n-- sort: a\n"
                       "-- column: a int |\nSELECT 1 AS a\nWHERE $speeed > 2 AND $day IS NULL";
    assert_int_equal(parse(text, &arena, &m, &error), SEINE_OK);
    assert_int_equal(seine_model_sql(&m, &moment, &sql, &error), SEINE_E_FORMAT);
    assert_string_equal(error.text, "models/m.sql line 8: no setting is named \"$speeed\"");
    seine_buf_free(&sql);
    seine_arena_free(&arena);
}

/* ---- sets ---- */

static void write_model(const char *folder, const char *name, const char *input) {
    char path[600], text[600];
    (void)snprintf(path, sizeof path, "%s/%s.sql", folder, name);
    (void)snprintf(text, sizeof text,
                   "-- model: gold.%s\n-- grain: g\n-- inputs: %s(day)\n-- partition: dt\n-- sort: dt\n"
                   "-- column: dt date |\nSELECT dt FROM %s\n",
                   name, input, input);
    assert_int_equal(seine_file_write(path, text, strlen(text), SEINE_FILE_NEW, NULL), SEINE_OK);
}

static size_t place_of(const seine_model_set *set, const char *table) {
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->models[i].schema.name, table) == 0) return i;
    return SIZE_MAX;
}

static void make_folder(char folder[256]) {
    const char *temp = getenv("TMPDIR");
    (void)snprintf(folder, 256, "%s/seine-models-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(folder));
}

static void models_run_after_those_they_read_and_circles_are_refused(void **state) {
    (void)state;
    char folder[256];
    make_folder(folder);
    write_model(folder, "a_last", "gold.z_first");
    write_model(folder, "z_first", "gold.ais_hourly_h3");
    write_model(folder, "circle_1", "gold.circle_2");
    write_model(folder, "circle_2", "gold.circle_1");
    write_model(folder, "self", "gold.self");
    write_model(folder, "ais_hourly_h3", "silver.ais");
    seine_model_set set = {0};
    seine_error error = {SEINE_OK, ""};
    assert_int_equal(seine_model_set_load(&(seine_model_source){.folder = folder}, &set, &error), SEINE_OK);
    assert_int_equal(set.count, seine_model_file_count + 2);
    assert_true(place_of(&set, "gold.ais_hourly_h3") < place_of(&set, "gold.z_first"));
    assert_true(place_of(&set, "gold.z_first") < place_of(&set, "gold.a_last"));
    assert_true(place_of(&set, "gold.ais_pairs_daily") < place_of(&set, "gold.ais_pairs_total"));
    assert_int_equal(set.refused_count, 4);
    assert_string_equal(
        set.refused[0],
        "models/ais_hourly_h3.sql line 1: gold.ais_hourly_h3 is made by models/ais_hourly_h3.sql already");
    assert_string_equal(set.refused[1], "models/circle_1.sql line 3: its inputs run in a circle");
    assert_string_equal(set.refused[2], "models/circle_2.sql line 3: it reads gold.circle_1, which is refused");
    assert_string_equal(set.refused[3], "models/self.sql line 3: its inputs run in a circle");
    seine_model_set_free(&set);
    assert_int_equal(seine_file_remove_tree(folder, NULL), SEINE_OK);
}

static void settings_reach_every_model_that_has_them_and_unknown_ones_are_refused(void **state) {
    (void)state;
    const char *const good[] = {"cell_resolution=8", "companion_days=3"}, *const bad[] = {"cell_resolutoin=8"};
    seine_model_set set = {0};
    seine_error error = {SEINE_OK, ""};
    assert_int_equal(seine_model_set_load(&(seine_model_source){.settings = good, .setting_count = 2}, &set, &error),
                     SEINE_OK);
    const seine_model *hourly = seine_model_set_find(&set, "gold.ais_hourly_h3");
    assert_non_null(hourly);
    assert_string_equal(hourly->settings[0].value, "8");
    seine_model_set_free(&set);
    assert_int_equal(seine_model_set_load(&(seine_model_source){.settings = bad, .setting_count = 1}, &set, &error),
                     SEINE_E_USAGE);
    assert_string_equal(error.text, "no model has the setting \"cell_resolutoin\"");
    seine_model_set_free(&set);
}

/* ---- templates ---- */

#define TEMPLATE                                                                                                  \
    "-- output: map\n-- model: gold.{dataset}_x\n-- grain: a {word}\n-- column: {column} {type} {unit} | {doc}\n" \
    "SELECT {id}, {time}, {lat}, {lon} -- {place_required}\n     , {measure}\nFROM silver.{dataset}"

static const seine_dataset *goats(const char *more, seine_arena *arena) {
    const seine_dataset *dataset = NULL;
    seine_error error = {SEINE_OK, ""};
    char *text = seine_arena_printf(arena,
                                    "name: goats\nword: goat\nid: {name: tag}\ntime: {name: seen}\n"
                                    "position: {lat: {name: north}, lon: {name: east}}\n%s",
                                    more);
    const seine_status status = seine_dataset_read(seine_str_of(text), "goats.yaml", NULL, arena, &dataset, &error);
    if (status != SEINE_OK) fail_msg("%s", error.text);
    return dataset;
}

static void a_template_is_filled_with_what_a_description_says(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_buf text;
    seine_buf_init(&text, 10000);
    assert_int_equal(seine_model_template_output(SEINE_STR(TEMPLATE)), SEINE_OUTPUT_MAP);
    assert_int_equal(seine_model_template_output(SEINE_STR("-- model: x\n")), 0);
    const seine_dataset *two = goats("measures: {speed: {unit: km/h}, course: {}}\n"
                                     "columns: {bell: {type: boolean, doc: \"rings\\nor not\"}, farm: {}}\n",
                                     &arena);
    assert_int_equal(seine_model_template_fill(SEINE_STR(TEMPLATE), two, &text), SEINE_OK);
    assert_string_equal(seine_buf_text(&text),
                        "-- model: gold.goats_x\n-- grain: a goat\n-- column: bell boolean  | rings or not\n"
                        "-- column: farm string  | \nSELECT tag, seen, north, east -- required\n     , speed\n"
                        "     , course\nFROM silver.goats");
    seine_buf_clear(&text);
    assert_int_equal(seine_model_template_fill(SEINE_STR(TEMPLATE), goats("", &arena), &text), SEINE_OK);
    assert_string_equal(seine_buf_text(&text), "-- model: gold.goats_x\n-- grain: a goat\n"
                                               "SELECT tag, seen, north, east -- required\nFROM silver.goats");
    assert_int_equal(seine_model_template_fill(SEINE_STR("{nothing}"), two, &text), SEINE_E_FORMAT);
    assert_int_equal(seine_model_template_fill(SEINE_STR("{unit}"), two, &text), SEINE_E_FORMAT);
    assert_int_equal(seine_model_template_fill(SEINE_STR("{id"), two, &text), SEINE_E_FORMAT);
    seine_buf_free(&text);
    seine_arena_free(&arena);
}

/* @return how many models of the program and of the datasets there are. */
static size_t models_of(const char *folder, const seine_dataset *const *datasets, size_t count, seine_model_set *set) {
    seine_error error = {SEINE_OK, ""};
    const seine_model_source source = {.folder = folder, .datasets = datasets, .dataset_count = count};
    if (seine_model_set_load(&source, set, &error) != SEINE_OK) fail_msg("%s", error.text);
    return set->count;
}

/* Of those that a dataset has unless it says otherwise. */
static size_t usual_templates(void) {
    size_t count = 0;
    for (size_t i = 0; i < seine_model_template_file_count; i++) {
        const seine_model_file *file = &seine_model_template_files[i];
        const unsigned output = seine_model_template_output((seine_str){(const char *)file->bytes, file->size});
        assert_int_not_equal(output, 0);
        count += (output & SEINE_OUTPUT_ALL) != 0;
    }
    return count;
}

static void every_dataset_has_the_templates_of_its_outputs_unless_a_model_takes_their_place(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_model_set set = {0};
    const seine_dataset *all[] = {seine_dataset_ais(), goats("", &arena)};
    assert_int_equal(models_of(NULL, all, 2, &set), seine_model_file_count + usual_templates());
    assert_int_equal(set.refused_count, 0);
    assert_true(place_of(&set, "gold.goats_mover_days") < place_of(&set, "gold.goats_movers"));
    assert_string_equal(seine_model_set_find(&set, "gold.goats_density")->file, "models/movers/density.sql for goats");
    seine_model_set_free(&set);

    const seine_dataset *some[] = {goats("outputs: map\n", &arena), goats("outputs: none\n", &arena)};
    assert_int_equal(models_of(NULL, some, 2, &set), seine_model_file_count + 2);
    assert_null(seine_model_set_find(&set, "gold.goats_movers"));
    seine_model_set_free(&set);
    const seine_dataset *scored[] = {
        goats("outputs: fishing\nmeasures: {s: {unit: kn}}\ncolumns: {nnet_score: {type: int}}\n", &arena)};
    assert_int_equal(models_of(NULL, scored, 1, &set), seine_model_file_count + 5);
    assert_true(place_of(&set, "gold.goats_fishing_events") < place_of(&set, "events.goats_fishing_events"));
    seine_model_set_free(&set);

    char folder[256];
    make_folder(folder);
    write_model(folder, "goats_movers", "silver.goats");
    assert_int_equal(models_of(folder, all, 2, &set), seine_model_file_count + usual_templates());
    assert_int_equal(set.refused_count, 0);
    assert_string_equal(seine_model_set_find(&set, "gold.goats_movers")->file, "models/goats_movers.sql");
    seine_model_set_free(&set);
    assert_int_equal(seine_file_remove_tree(folder, NULL), SEINE_OK);
    seine_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_says_table_inputs_days_order_settings_and_columns),
        cmocka_unit_test(a_span_is_of_two_columns_of_what_is_read_by_day),
        cmocka_unit_test(whatever_is_wrong_is_told_with_file_line_and_reason),
        cmocka_unit_test(names_become_literals_but_not_in_texts_and_comments),
        cmocka_unit_test(an_unknown_name_is_refused_with_its_line),
        cmocka_unit_test(models_run_after_those_they_read_and_circles_are_refused),
        cmocka_unit_test(a_template_is_filled_with_what_a_description_says),
        cmocka_unit_test(every_dataset_has_the_templates_of_its_outputs_unless_a_model_takes_their_place),
        cmocka_unit_test(settings_reach_every_model_that_has_them_and_unknown_ones_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
