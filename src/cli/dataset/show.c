/* What is understood of a dataset, said so that its author sees what he meant, or that he did not. */
#include "cli/dataset/dataset.h"

#include "base/number.h"
#include "base/time.h"
#include "table/contracts.h"

#include <math.h>
#include <stdio.h>

#define WORDS_SHOWN 4

/* ---- a column ---- */

static const char *time_format(const seine_dataset *dataset) {
    if (dataset->time_kind == SEINE_TIME_PATTERN) return dataset->time_pattern;
    if (dataset->time_kind == SEINE_TIME_ISO) return "iso";
    return dataset->time_unit_us == 1e6   ? "unix_s"
           : dataset->time_unit_us == 1e3 ? "unix_ms"
           : dataset->time_unit_us == 1   ? "unix_us"
                                          : "unix_ns";
}

static const char *zone_text(const seine_dataset *dataset, char text[16]) {
    const int32_t offset_s = dataset->time_offset_s;
    if (dataset->time_zone != NULL) return seine_zone_name(dataset->time_zone);
    const int minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
    (void)snprintf(text, 16, "%c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60 % 24, minutes % 60);
    return offset_s == 0 ? "UTC" : text;
}

/* Parts of what is said about values, with commas between them. */
typedef struct parts {
    char text[600];
} parts;

static void add(parts *said, const char *format, ...) SEINE_PRINTF(2, 3);
static void add(parts *said, const char *format, ...) {
    size_t used = strlen(said->text);
    va_list args;
    va_start(args, format);
    if (used > 0) used += (size_t)snprintf(said->text + used, sizeof said->text - used, ", ");
    if (used < sizeof said->text) (void)vsnprintf(said->text + used, sizeof said->text - used, format, args);
    va_end(args);
}

static void say_limits(const seine_dataset_column *column, parts *said) {
    const bool is_whole = seine_dataset_is_whole(column->type); /* whose own limits are those of its type */
    const bool has_least =
        isfinite(column->least) && !(is_whole && column->least == seine_dataset_whole_least(column->type));
    const bool has_most =
        isfinite(column->most) && !(is_whole && column->most == seine_dataset_whole_most(column->type));
    if (has_least && has_most)
        add(said, "%.15g to %.15g", column->least, column->most);
    else if (has_least)
        add(said, "from %.15g", column->least);
    else if (has_most)
        add(said, "up to %.15g", column->most);
    if (!isnan(column->unknown)) add(said, "%.15g is null", column->unknown);
    if (column->offset != 0)
        add(said, "times %.15g %c %.15g", column->scale, column->offset < 0 ? '-' : '+', fabs(column->offset));
    else if (column->scale != 1)
        add(said, "times %.15g", column->scale);
    if (column->wrap != 0) add(said, "wrapped at %.15g", column->wrap);
}

static void say_words(const seine_dataset_column *column, parts *said) {
    for (size_t i = 0; i < column->word_count && i < WORDS_SHOWN; i++) {
        const seine_dataset_word *word = &column->words[i];
        add(said, "%.40s%s = %.40s", word->text, word->is_prefix ? "*" : "",
            word->value != NULL ? word->value : "null");
    }
    if (column->word_count > WORDS_SHOWN) add(said, "%zu words more", column->word_count - WORDS_SHOWN);
    if (column->ignores_form && column->word_count > 0) add(said, "words by their letters only");
    if (column->trims) add(said, "blanks around it go");
    if (column->truncates) add(said, "fractions are cut");
}

static void say_values(const seine_dataset *dataset, size_t index, parts *said) {
    const seine_dataset_column *column = &dataset->columns[index];
    char zone[16];
    said->text[0] = '\0';
    if (index == SEINE_DATASET_ID) add(said, dataset->id_kind == SEINE_ID_NUMBER ? "id, digits" : "id, any text");
    if (index == SEINE_DATASET_TIME) add(said, "time, %s", time_format(dataset));
    if (index == SEINE_DATASET_TIME && dataset->time_kind != SEINE_TIME_UNIX) add(said, "%s", zone_text(dataset, zone));
    const bool is_place = index == SEINE_DATASET_LAT || index == SEINE_DATASET_LON;
    if (is_place && dataset->is_sexagesimal) add(said, "degrees, minutes, seconds");
    if (is_place && !dataset->needs_position) add(said, "may be null");
    if (index >= SEINE_DATASET_MEASURES && index < seine_dataset_statics_first(dataset)) add(said, "measure");
    say_limits(column, said);
    say_words(column, said);
}

static void join_names(const seine_dataset_column *column, parts *said) {
    said->text[0] = '\0';
    for (size_t n = 0; n < column->name_count; n++) add(said, "%.100s", column->names[n]);
}

/* ---- all ---- */

static void say_refused(unsigned refuse, parts *said) {
    said->text[0] = '\0';
    if ((refuse & SEINE_REFUSE_MISSING) != 0) add(said, "missing");
    if ((refuse & SEINE_REFUSE_FAULT) != 0) add(said, "no value of it");
    if ((refuse & SEINE_REFUSE_RANGE) != 0) add(said, "outside its limits");
}

static seine_status show_columns(const seine_dataset *dataset, seine_buf *out) {
    size_t width = strlen("column"), values_width = strlen("values");
    parts said, names;
    for (size_t i = 0; i < dataset->column_count; i++) {
        say_values(dataset, i, &said);
        if (strlen(dataset->columns[i].name) > width) width = strlen(dataset->columns[i].name);
        if (strlen(said.text) > values_width) values_width = strlen(said.text);
    }
    if (values_width > 44) values_width = 44;
    SEINE_TRY(seine_buf_printf(out, "%-*s  %-11s  %-6s  %-*s  %s\n", (int)width, "column", "type", "unit",
                               (int)values_width, "values", "in files"));
    for (size_t i = 0; i < dataset->column_count; i++) {
        const seine_dataset_column *column = &dataset->columns[i];
        say_values(dataset, i, &said);
        join_names(column, &names);
        SEINE_TRY(seine_buf_printf(out, "%-*s  %-11s  %-6s  %-*s  %s\n", (int)width, column->name,
                                   seine_type_name(column->type), column->unit, (int)values_width, said.text,
                                   names.text));
    }
    return SEINE_OK;
}

static seine_status show_rules(const seine_dataset *dataset, seine_buf *out) {
    char when[40];
    parts said;
    (void)seine_time_format(dataset->valid_from_us, when);
    SEINE_TRY(seine_buf_printf(out,
                               "\nRows are refused without a good %s or %s (reasons id, time; before %s, too), then by "
                               "the first of these:\n",
                               dataset->columns[SEINE_DATASET_ID].name, dataset->columns[SEINE_DATASET_TIME].name,
                               when));
    for (size_t i = 0; i < dataset->rule_count; i++) {
        const seine_dataset_rule *rule = &dataset->rules[i];
        say_refused(rule->refuse, &said);
        SEINE_TRY(
            seine_buf_printf(out, "  %-10s %s: %s\n", rule->reason, dataset->columns[rule->column].name, said.text));
    }
    return seine_buf_printf(out, "Of rows with one %s and %s the %s one stays.\n",
                            dataset->columns[SEINE_DATASET_ID].name, dataset->columns[SEINE_DATASET_TIME].name,
                            dataset->keeps_last ? "last" : "first");
}

static seine_status show_settings(const seine_dataset *dataset, seine_buf *out) {
    if (dataset->setting_count > 0)
        SEINE_TRY(seine_buf_append_str(out, "\nSettings (--set NAME=VALUE of seine ingest, else $NAME, else .env):\n"));
    for (size_t i = 0; i < dataset->setting_count; i++) {
        const seine_dataset_setting *setting = &dataset->settings[i];
        SEINE_TRY(seine_buf_printf(out, "  %s = %.15g%s%s\n", setting->name, setting->value,
                                   setting->doc[0] != '\0' ? "  " : "", setting->doc));
    }
    return SEINE_OK;
}

static seine_status show_outputs(const seine_dataset *dataset, seine_buf *out) {
    SEINE_TRY(seine_buf_append_str(out, "Refresh makes of it:"));
    for (unsigned i = 0; i < SEINE_OUTPUT_COUNT; i++)
        if ((dataset->outputs & 1U << i) != 0) SEINE_TRY(seine_buf_printf(out, " %s", seine_dataset_output_words[i]));
    if (dataset->outputs == 0) SEINE_TRY(seine_buf_append_str(out, " nothing"));
    if (dataset->gap_hours > 0 && (dataset->outputs & SEINE_OUTPUT_GAPS) != 0)
        SEINE_TRY(seine_buf_printf(out, " (a gap is more than %.15g hours)", dataset->gap_hours));
    if (dataset->fishing_gap_hours > 0 && (dataset->outputs & SEINE_OUTPUT_FISHING) != 0)
        SEINE_TRY(seine_buf_printf(out, " (more than %.15g hours of silence end fishing)", dataset->fishing_gap_hours));
    if (dataset->fishes_by_rules && (dataset->outputs & SEINE_OUTPUT_FISHING) != 0)
        SEINE_TRY(seine_buf_append_str(out, " (fishing by rules)"));
    const struct {
        double limit;
        const char *format;
    } of_segments[] = {{dataset->segment_max_hours, " (more than %.15g hours of silence end a segment)"},
                       {dataset->segment_max_knots, " (of a segment is what may have come there at %.15g kn)"},
                       {dataset->segment_gate_knots, " (what is faster than %.15g kn both ways is noise)"}};
    for (size_t i = 0; (dataset->outputs & SEINE_OUTPUT_SEGMENTS) != 0 && i < 3; i++)
        if (of_segments[i].limit > 0) SEINE_TRY(seine_buf_printf(out, of_segments[i].format, of_segments[i].limit));
    if (dataset->gate_kn > 0)
        SEINE_TRY(seine_buf_printf(out, " (on the map none goes faster than %.15g kn)", dataset->gate_kn));
    return seine_buf_append_str(out, "\n");
}

seine_status seine_dataset_show(const seine_dataset *dataset, seine_buf *out) {
    SEINE_TRY(seine_buf_printf(out, "%s: %s\nA mover is a %s. CSV: %s, decimals with \"%c\", %s.\n\n", dataset->name,
                               dataset->doc[0] != '\0' ? dataset->doc : "(no doc)", dataset->word,
                               dataset->csv_delimiter == '\0'   ? "any delimiter"
                               : dataset->csv_delimiter == '\t' ? "tabs"
                                                                : (char[]){'"', dataset->csv_delimiter, '"', '\0'},
                               dataset->csv_decimal, dataset->is_latin1 ? "ISO 8859-1" : "UTF-8"));
    SEINE_TRY(show_columns(dataset, out));
    SEINE_TRY(show_rules(dataset, out));
    SEINE_TRY(show_settings(dataset, out));
    SEINE_TRY(seine_buf_printf(out, "\nTables: %s, %s%s%s\n", dataset->silver->name, dataset->rejects->name,
                               dataset->keeps_records ? ", " : "", dataset->keeps_records ? dataset->raw->name : ""));
    return show_outputs(dataset, out);
}

/* ---- as JSON ---- */

static void put_words(const seine_dataset_column *column, seine_json_writer *json) {
    seine_json_field_array(json, "words");
    for (size_t i = 0; i < column->word_count; i++) {
        seine_json_begin_object(json);
        seine_json_field_text(json, "text", column->words[i].text);
        seine_json_field_text(json, "value", column->words[i].value);
        seine_json_field_bool(json, "is_prefix", column->words[i].is_prefix);
        seine_json_end_object(json);
    }
    seine_json_end_array(json);
}

static void put_column(const seine_dataset *dataset, size_t index, seine_json_writer *json) {
    static const char *const roles[] = {"id", "time", "lat", "lon"};
    const seine_dataset_column *column = &dataset->columns[index];
    seine_json_begin_object(json);
    seine_json_field_text(json, "name", column->name);
    seine_json_field_text(json, "role",
                          index < SEINE_DATASET_MEASURES                 ? roles[index]
                          : index < seine_dataset_statics_first(dataset) ? "measure"
                                                                         : "static");
    seine_json_field_text(json, "type", seine_type_name(column->type));
    seine_json_field_text(json, "unit", column->unit);
    seine_json_field_text(json, "doc", column->doc);
    seine_json_field_texts(json, "names", column->names, column->name_count);
    seine_json_field_number(json, "least", column->least);
    seine_json_field_number(json, "most", column->most);
    seine_json_field_number(json, "unknown", column->unknown);
    seine_json_field_number(json, "scale", column->scale);
    seine_json_field_number(json, "offset", column->offset);
    seine_json_field_number(json, "wrap", column->wrap);
    put_words(column, json);
    seine_json_field_bool(json, "ignores_form", column->ignores_form);
    seine_json_field_bool(json, "trim", column->trims);
    seine_json_field_bool(json, "truncate", column->truncates);
    seine_json_end_object(json);
}

static void put_rules(const seine_dataset *dataset, seine_json_writer *json) {
    static const char *const words[] = {"missing", "fault", "range"};
    static const unsigned bits[] = {SEINE_REFUSE_MISSING, SEINE_REFUSE_FAULT, SEINE_REFUSE_RANGE};
    seine_json_field_array(json, "rules");
    for (size_t i = 0; i < dataset->rule_count; i++) {
        seine_json_begin_object(json);
        seine_json_field_text(json, "column", dataset->columns[dataset->rules[i].column].name);
        seine_json_field_array(json, "refuse");
        for (size_t k = 0; k < 3; k++)
            if ((dataset->rules[i].refuse & bits[k]) != 0) seine_json_put_text(json, seine_str_of(words[k]));
        seine_json_end_array(json);
        seine_json_field_text(json, "reason", dataset->rules[i].reason);
        seine_json_end_object(json);
    }
    seine_json_end_array(json);
}

static void put_settings(const seine_dataset *dataset, seine_json_writer *json) {
    seine_json_field_array(json, "settings");
    for (size_t i = 0; i < dataset->setting_count; i++) {
        seine_json_begin_object(json);
        seine_json_field_text(json, "name", dataset->settings[i].name);
        seine_json_field_text(json, "doc", dataset->settings[i].doc);
        seine_json_field_number(json, "default", dataset->settings[i].fallback);
        seine_json_field_number(json, "value", dataset->settings[i].value);
        seine_json_end_object(json);
    }
    seine_json_end_array(json);
}

static void put_tables(const seine_dataset *dataset, seine_json_writer *json) {
    seine_json_field_array(json, "tables");
    seine_json_put_text(json, seine_str_of(dataset->silver->name));
    seine_json_put_text(json, seine_str_of(dataset->rejects->name));
    if (dataset->keeps_records) seine_json_put_text(json, seine_str_of(dataset->raw->name));
    seine_json_end_array(json);
}

static void put_limit(const char *key, double limit, seine_json_writer *json) {
    if (limit > 0)
        seine_json_field_number(json, key, limit);
    else
        seine_json_field_null(json, key);
}

static void put_outputs(const seine_dataset *dataset, seine_json_writer *json) {
    seine_json_field_array(json, "outputs");
    for (unsigned i = 0; i < SEINE_OUTPUT_COUNT; i++)
        if ((dataset->outputs & 1U << i) != 0) seine_json_put_text(json, seine_str_of(seine_dataset_output_words[i]));
    seine_json_end_array(json);
    put_limit("gap_hours", dataset->gap_hours, json);
    put_limit("fishing_gap_hours", dataset->fishing_gap_hours, json);
    seine_json_field_text(json, "fishing_score", dataset->fishes_by_rules ? "rules" : "given");
    put_limit("gate_kn", dataset->gate_kn, json);
    seine_json_field_object(json, "segments");
    put_limit("max_hours", dataset->segment_max_hours, json);
    put_limit("max_knots", dataset->segment_max_knots, json);
    put_limit("gate_knots", dataset->segment_gate_knots, json);
    seine_json_end_object(json);
}

void seine_dataset_show_json(const seine_dataset *dataset, seine_json_writer *json) {
    char text[40];
    const char delimiter[] = {dataset->csv_delimiter, '\0'}, decimal[] = {dataset->csv_decimal, '\0'};
    seine_json_begin_object(json);
    seine_json_field_text(json, "name", dataset->name);
    seine_json_field_text(json, "doc", dataset->doc);
    seine_json_field_text(json, "word", dataset->word);
    seine_json_field_text(json, "keep", dataset->keeps_last ? "last" : "first");
    (void)seine_time_format(dataset->valid_from_us, text);
    seine_json_field_text(json, "valid_from", text);
    seine_json_field_text(json, "time_format", time_format(dataset));
    seine_json_field_text(json, "time_zone", zone_text(dataset, text));
    seine_json_field_text(json, "id_kind", dataset->id_kind == SEINE_ID_NUMBER ? "number" : "text");
    seine_json_field_text(json, "position_format", dataset->is_sexagesimal ? "dms" : "degrees");
    seine_json_field_bool(json, "position_required", dataset->needs_position);
    seine_json_field_text(json, "csv_delimiter", delimiter[0] != '\0' ? delimiter : NULL);
    seine_json_field_text(json, "csv_decimal", decimal);
    seine_json_field_text(json, "csv_encoding", dataset->is_latin1 ? "latin-1" : "utf-8");
    seine_json_field_array(json, "columns");
    for (size_t i = 0; i < dataset->column_count; i++) put_column(dataset, i, json);
    seine_json_end_array(json);
    put_rules(dataset, json);
    put_settings(dataset, json);
    put_tables(dataset, json);
    put_outputs(dataset, json);
    seine_json_end_object(json);
}

/* ---- tables ---- */

seine_status seine_dataset_show_table(const seine_table_schema *table, seine_buf *out) {
    SEINE_TRY(seine_buf_printf(out, "%s: %s\n", table->name, table->doc));
    for (size_t i = 0; i < table->column_count; i++) {
        const seine_column *column = &table->columns[i];
        SEINE_TRY(seine_buf_printf(out, "  %-24s %-11s %-8s %-6s %s\n", column->name, seine_type_name(column->type),
                                   column->required ? "required" : "", column->unit, column->doc));
    }
    return SEINE_OK;
}

void seine_dataset_show_table_json(const seine_table_schema *table, seine_json_writer *json) {
    seine_json_begin_object(json);
    seine_json_field_text(json, "name", table->name);
    seine_json_field_text(json, "doc", table->doc);
    seine_contracts_columns_json(table, json);
    seine_json_end_object(json);
}
