/* Columns: type, unit, limits, words. What contradicts itself is refused, since nobody would see it in a table. */
#include "columns/descriptor/descriptor.h"

#include "base/number.h"
#include "columns/unit.h"

#include <math.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SETTING_NAME_MAX 64

/* ---- settings ---- */

static bool is_setting_name(const char *name) {
    if (name[0] < 'A' || name[0] > 'Z' || strlen(name) > SETTING_NAME_MAX) return false;
    for (const char *c = name; *c != '\0'; c++)
        if (!(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9') && *c != '_') return false;
    return true;
}

/* The user's value, if there is one. */
static seine_status resolve_setting(const seine_descriptor *d, const seine_yaml *node, seine_dataset_setting *setting) {
    setting->value = setting->fallback;
    const char *text =
        d->given != NULL && d->given->value != NULL ? d->given->value(d->given->context, setting->name) : NULL;
    if (text == NULL || seine_number_parse(seine_str_of(text), &setting->value)) return SEINE_OK;
    return seine_fail(d->error, SEINE_E_USAGE, "%s: \"%s\" is not a number (setting of %s line %zu)", setting->name,
                      text, d->file, node->key_line);
}

seine_status seine_descriptor_settings(seine_descriptor *d) {
    static const char *const keys[] = {"default", "doc", "asked"};
    const seine_yaml *map = seine_yaml_get(d->root, "settings");
    if (seine_yaml_is_null(map)) return SEINE_OK;
    if (map->kind != SEINE_YAML_MAP) return seine_descriptor_refuse(d, map, "expected lines such as MAX_SPEED: 300");
    if (map->count > SEINE_DATASET_SETTINGS_MAX)
        return seine_descriptor_refuse(d, map, "%zu are too many; at most %d", map->count, SEINE_DATASET_SETTINGS_MAX);
    for (const seine_yaml *node = map->first; node != NULL; node = node->next) {
        seine_dataset_setting *setting = &d->settings[d->dataset.setting_count];
        *setting = (seine_dataset_setting){.name = node->key, .doc = "", .fallback = (double)NAN};
        if (!is_setting_name(node->key))
            return seine_descriptor_refuse(d, node, "a setting has a name of A-Z, 0-9 and _, such as MAX_SPEED");
        if (node->kind == SEINE_YAML_SCALAR) {
            SEINE_TRY(seine_descriptor_number(d, map, node->key, &setting->fallback));
        } else {
            SEINE_TRY(seine_descriptor_keys(d, node, keys, COUNT(keys)));
            SEINE_TRY(seine_descriptor_number(d, node, "default", &setting->fallback));
            SEINE_TRY(seine_descriptor_text(d, node, "doc", &setting->doc));
            SEINE_TRY(seine_descriptor_flag(d, node, "asked", &setting->is_asked));
        }
        if (isnan(setting->fallback))
            return seine_descriptor_refuse(d, node, "a setting needs a default, such as %s: 300", node->key);
        SEINE_TRY(resolve_setting(d, node, setting));
        d->setting_nodes[d->dataset.setting_count++] = node;
    }
    return SEINE_OK;
}

seine_status seine_descriptor_setting(seine_descriptor *d, const seine_yaml *value, const char *name, double *number) {
    const char *known[SEINE_DATASET_SETTINGS_MAX];
    char what[200];
    for (size_t i = 0; i < d->dataset.setting_count; i++) {
        known[i] = d->settings[i].name;
        if (strcmp(known[i], name) != 0) continue;
        d->setting_is_used[i] = true;
        *number = d->settings[i].value;
        return SEINE_OK;
    }
    if (d->dataset.setting_count == 0)
        return seine_descriptor_refuse(d, value, "%s is no setting: there are none; write settings: {%s: 1}", name,
                                       name);
    (void)snprintf(what, sizeof what, "%.100s is no setting", name);
    return seine_descriptor_refuse_word(d, value, what, name, known, d->dataset.setting_count);
}

seine_status seine_descriptor_limit(seine_descriptor *d, const seine_yaml *map, const char *key, double *number) {
    const seine_yaml *value = seine_yaml_get(map, key);
    const size_t size = value != NULL && value->kind == SEINE_YAML_SCALAR ? strlen(value->text) : 0;
    if (size < 4 || strncmp(value->text, "${", 2) != 0 || value->text[size - 1] != '}')
        return seine_descriptor_number(d, map, key, number);
    const char *name = seine_arena_copy(d->arena, value->text + 2, size - 3);
    if (name == NULL) return seine_no_memory(d->error, d->file);
    return seine_descriptor_setting(d, value, name, number);
}

/* ---- a column ---- */

seine_status seine_descriptor_add(seine_descriptor *d, const seine_yaml *node, const seine_dataset_column *column) {
    const size_t most = SEINE_DATASET_COLUMNS_MAX - SEINE_DATASET_LINEAGE;
    if (d->dataset.column_count == most)
        return seine_descriptor_refuse(d, node, "too many columns; there may be %zu with id, time and place", most);
    seine_dataset_column *made = &d->columns[d->dataset.column_count];
    *made = *column;
    made->unknown = (double)NAN;
    const seine_yaml *name = seine_yaml_get(node, "name");
    SEINE_TRY(seine_descriptor_text(d, node, "name", &made->name));
    SEINE_TRY(seine_descriptor_check_column(d, seine_yaml_is_null(name) ? node : name, made->name));
    SEINE_TRY(seine_descriptor_text(d, node, "doc", &made->doc));
    SEINE_TRY(seine_descriptor_texts(d, node, "names", SEINE_DATASET_NAMES_MAX, &made->names, &made->name_count));
    if (made->name_count == 0) { /* files call it as the lake does */
        const char **names = SEINE_ARENA_ARRAY(d->arena, const char *, 1);
        if (names == NULL) return seine_no_memory(d->error, d->file);
        names[0] = made->name;
        made->names = names;
        made->name_count = 1;
    }
    d->column_nodes[d->dataset.column_count++] = node;
    return SEINE_OK;
}

static const char *const type_names[] = {"string", "int", "double", "boolean", "long"};
static const seine_type types[] = {SEINE_TYPE_STRING, SEINE_TYPE_INT, SEINE_TYPE_DOUBLE, SEINE_TYPE_BOOLEAN,
                                   SEINE_TYPE_LONG};

static seine_status read_type(const seine_descriptor *d, const seine_yaml *node, bool is_measure,
                              seine_dataset_column *column) {
    static const char *const others[][2] = {{"text", "string"},   {"varchar", "string"}, {"str", "string"},
                                            {"number", "double"}, {"float", "double"},   {"real", "double"},
                                            {"integer", "int"},   {"bool", "boolean"},   {"bigint", "long"}};
    const seine_yaml *value = seine_yaml_get(node, "type");
    size_t index = is_measure ? 2 : 0;
    for (size_t i = 0; value != NULL && value->kind == SEINE_YAML_SCALAR && i < COUNT(others); i++)
        if (strcmp(value->text, others[i][0]) == 0)
            return seine_descriptor_refuse(d, value, "%s is no type; write %s", value->text, others[i][1]);
    SEINE_TRY(seine_descriptor_choice(d, node, "type", type_names, COUNT(type_names), &index));
    column->type = types[index];
    if (is_measure && column->type != SEINE_TYPE_DOUBLE)
        return seine_descriptor_refuse(d, value, "a measure is a double; move what is not to columns");
    return SEINE_OK;
}

static seine_status unit_of(const seine_descriptor *d, const seine_yaml *node, const char *key,
                            const seine_unit **unit) {
    const char *text = NULL, *known[64];
    char what[200];
    size_t count;
    const seine_unit *all = seine_units(&count);
    *unit = NULL;
    SEINE_TRY(seine_descriptor_text(d, node, key, &text));
    if (text == NULL || *text == '\0') return SEINE_OK;
    *unit = seine_unit_find(text);
    if (*unit != NULL) return SEINE_OK;
    if (count > COUNT(known)) count = COUNT(known);
    for (size_t i = 0; i < count; i++) known[i] = all[i].name;
    (void)snprintf(what, sizeof what, "%.100s is no unit", text);
    return seine_descriptor_refuse_word(d, seine_yaml_get(node, key), what, text, known, count);
}

static seine_status check_scale(const seine_descriptor *d, const seine_yaml *node, const seine_dataset_column *column) {
    if (column->scale != 0 && isfinite(column->scale) && isfinite(column->offset)) return SEINE_OK;
    const seine_yaml *scale = seine_yaml_get(node, "scale"), *offset = seine_yaml_get(node, "offset");
    return seine_descriptor_refuse(d, scale != NULL ? scale : offset, "every number would become the same one");
}

/* scale, offset, unit, source_unit: number of the file × scale + offset is in source_unit. */
static seine_status read_scale(const seine_descriptor *d, const seine_yaml *node, seine_dataset_column *column) {
    const seine_unit *unit = NULL, *source = NULL;
    double scale, offset;
    SEINE_TRY(seine_descriptor_number(d, node, "scale", &column->scale));
    SEINE_TRY(seine_descriptor_number(d, node, "offset", &column->offset));
    SEINE_TRY(unit_of(d, node, "unit", &unit));
    SEINE_TRY(unit_of(d, node, "source_unit", &source));
    if (unit != NULL) column->unit = unit->name;
    if (source == NULL) return check_scale(d, node, column);
    const seine_yaml *value = seine_yaml_get(node, "source_unit");
    if (unit == NULL) return seine_descriptor_refuse(d, value, "write unit, too: what %s is to become", source->name);
    if (!seine_unit_convert(source, unit, &scale, &offset))
        return seine_descriptor_refuse(d, value, "%s is a %s, but unit is %s, a %s", source->name, source->kind,
                                       unit->name, unit->kind);
    column->offset = column->offset * scale + offset;
    column->scale *= scale;
    return check_scale(d, node, column);
}

static seine_status read_limits(seine_descriptor *d, const seine_yaml *node, seine_dataset_column *column) {
    const bool is_whole = seine_dataset_is_whole(column->type);
    column->least = is_whole ? seine_dataset_whole_least(column->type) : -(double)INFINITY;
    column->most = is_whole ? seine_dataset_whole_most(column->type) : (double)INFINITY;
    const double least = column->least, most = column->most;
    SEINE_TRY(seine_descriptor_limit(d, node, "least", &column->least));
    SEINE_TRY(seine_descriptor_limit(d, node, "most", &column->most));
    if (column->least > column->most)
        return seine_descriptor_refuse(d, node, "least is %.15g, greater than most, which is %.15g", column->least,
                                       column->most);
    if (column->least < least || column->most > most)
        return seine_descriptor_refuse(d, node, "%s is between %.17g and %.17g; write type: %s",
                                       column->type == SEINE_TYPE_INT ? "an int" : "a long", least, most,
                                       column->type == SEINE_TYPE_INT ? "long" : "double");
    SEINE_TRY(seine_descriptor_number(d, node, "unknown", &column->unknown));
    SEINE_TRY(seine_descriptor_number(d, node, "wrap", &column->wrap));
    if (column->wrap < 0) return seine_descriptor_refuse(d, seine_yaml_get(node, "wrap"), "wrap is greater than 0");
    return SEINE_OK;
}

/* Keys that say something about numbers, or fractions, or texts only. */
static seine_status check_keys_of_type(const seine_descriptor *d, const seine_yaml *node,
                                       const seine_dataset_column *column) {
    static const struct {
        const char *key;
        bool of_string, of_int, of_double;
    } keys[] = {{"unit", false, true, true},   {"source_unit", false, true, true}, {"least", false, true, true},
                {"most", false, true, true},   {"unknown", false, true, true},     {"scale", false, true, true},
                {"offset", false, true, true}, {"wrap", false, false, true},       {"truncate", false, true, false},
                {"trim", true, false, false}};
    for (size_t i = 0; i < COUNT(keys); i++) {
        const seine_yaml *value = seine_yaml_get(node, keys[i].key);
        const bool fits = (column->type == SEINE_TYPE_STRING && keys[i].of_string) ||
                          (seine_dataset_is_whole(column->type) && keys[i].of_int) ||
                          (column->type == SEINE_TYPE_DOUBLE && keys[i].of_double);
        if (seine_yaml_is_null(value) || fits) continue;
        return seine_descriptor_refuse(d, value, "says nothing about a %s; its type should be %s, or leave %s out",
                                       seine_type_name(column->type),
                                       keys[i].of_string   ? "string"
                                       : !keys[i].of_int   ? "double"
                                       : keys[i].of_double ? "int or double"
                                                           : "int",
                                       keys[i].key);
    }
    return SEINE_OK;
}

/* ---- words ---- */

static seine_status check_word_value(const seine_descriptor *d, const seine_yaml *node,
                                     const seine_dataset_column *column) {
    const seine_str text = seine_str_of(node->text);
    double number = 0;
    int64_t integer;
    if (column->type == SEINE_TYPE_STRING) return SEINE_OK;
    if (column->type == SEINE_TYPE_BOOLEAN) {
        if (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0) return SEINE_OK;
        return seine_descriptor_refuse(d, node, "\"%s\" is not true, false or null", node->text);
    }
    const bool is_number = seine_number_parse(text, &number);
    if (!is_number || (seine_dataset_is_whole(column->type) && !seine_integer_parse(text, &integer)))
        return seine_descriptor_refuse(d, node, "\"%s\" is no %s", node->text, seine_type_name(column->type));
    const double value = number * column->scale + column->offset;
    if (value < column->least || value > column->most)
        return seine_descriptor_refuse(d, node, "%s is outside the column's limits, %.15g to %.15g", node->text,
                                       column->least, column->most);
    return SEINE_OK;
}

static seine_status read_words(const seine_descriptor *d, const seine_yaml *node, seine_dataset_column *column) {
    const seine_yaml *map = seine_yaml_get(node, "words");
    SEINE_TRY(seine_descriptor_flag(d, node, "ignores_form", &column->ignores_form));
    if (seine_yaml_is_null(map)) return SEINE_OK;
    if (map->kind != SEINE_YAML_MAP)
        return seine_descriptor_refuse(d, map, "expected lines such as \"NEUTRAL: 0\", a text and what it stands for");
    if (map->count > SEINE_DATASET_WORDS_MAX)
        return seine_descriptor_refuse(d, map, "%zu are too many; at most %d", map->count, SEINE_DATASET_WORDS_MAX);
    seine_dataset_word *words = SEINE_ARENA_ARRAY(d->arena, seine_dataset_word, map->count);
    if (words == NULL) return seine_no_memory(d->error, d->file);
    for (const seine_yaml *one = map->first; one != NULL; one = one->next) {
        seine_dataset_word *word = &words[column->word_count++];
        const size_t size = strlen(one->key);
        if (one->kind != SEINE_YAML_SCALAR) return seine_descriptor_refuse(d, one, "expected one value");
        word->is_prefix = size > 1 && one->key[size - 1] == '*';
        if (!word->is_prefix && strchr(one->key, '*') != NULL)
            return seine_descriptor_refuse(d, one, "a * is any text behind a beginning: one stands at the end, too");
        word->text = word->is_prefix ? seine_arena_copy(d->arena, one->key, size - 1) : one->key;
        if (word->text == NULL) return seine_no_memory(d->error, d->file);
        if (seine_yaml_is_null(one)) continue;
        word->value = one->text;
        SEINE_TRY(check_word_value(d, one, column));
    }
    column->words = words;
    return SEINE_OK;
}

static seine_status read_column(seine_descriptor *d, const seine_yaml *node, bool is_measure) {
    static const char *const keys[] = {"type",  "unit", "source_unit", "doc",          "names",
                                       "least", "most", "unknown",     "scale",        "offset",
                                       "words", "trim", "truncate",    "ignores_form", "wrap"};
    SEINE_TRY(seine_descriptor_keys(d, node, keys, COUNT(keys)));
    SEINE_TRY(
        seine_descriptor_add(d, node, &(seine_dataset_column){.name = node->key, .unit = "", .doc = "", .scale = 1}));
    seine_dataset_column *column = &d->columns[d->dataset.column_count - 1];
    SEINE_TRY(read_type(d, node, is_measure, column));
    SEINE_TRY(check_keys_of_type(d, node, column));
    SEINE_TRY(read_scale(d, node, column));
    SEINE_TRY(read_limits(d, node, column));
    SEINE_TRY(seine_descriptor_flag(d, node, "trim", &column->trims));
    SEINE_TRY(seine_descriptor_flag(d, node, "truncate", &column->truncates));
    return read_words(d, node, column);
}

seine_status seine_descriptor_columns(seine_descriptor *d, const char *key, bool are_measures) {
    const seine_yaml *map = seine_yaml_get(d->root, key);
    if (seine_yaml_is_null(map)) return SEINE_OK;
    if (map->kind != SEINE_YAML_MAP)
        return seine_descriptor_refuse(d, map, "expected lines such as \"speed: {unit: km/h}\", a column each");
    if (are_measures && map->count > SEINE_DATASET_MEASURES_MAX)
        return seine_descriptor_refuse(d, map, "%zu are too many; at most %d, and the others under columns", map->count,
                                       SEINE_DATASET_MEASURES_MAX);
    for (const seine_yaml *node = map->first; node != NULL; node = node->next)
        SEINE_TRY(read_column(d, node, are_measures));
    if (are_measures) d->dataset.measure_count = map->count;
    return SEINE_OK;
}
