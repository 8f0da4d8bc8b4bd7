/* The way through a descriptor, from its name to its tables. The order of columns is that of silver. */
#include "columns/dataset_read.h"

#include "columns/descriptor/descriptor.h"
#include "columns/fishing_table.h"
#include "columns/segment_table.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GAP_HOURS_MAX 87600 /* ten years */
#define GATE_KN_MAX 100000

/* "silver.<name>_…" are tables of other things than a dataset. */
static seine_status read_name(seine_descriptor *d) {
    static const char *const endings[] = {"_rejects", "_raw", "_enriched", "_gaps", "_history", "_head"};
    const seine_yaml *value = seine_yaml_get(d->root, "name");
    SEINE_TRY(seine_descriptor_text(d, d->root, "name", &d->dataset.name));
    if (d->dataset.name == NULL)
        return seine_descriptor_refuse(d, d->root, "name is missing; write name: buses, or what the dataset is called");
    SEINE_TRY(seine_descriptor_check_name(d, value, d->dataset.name));
    for (size_t i = 0; i < COUNT(endings); i++)
        if (seine_str_ends_with_nocase(seine_str_of(d->dataset.name), seine_str_of(endings[i])))
            return seine_descriptor_refuse(d, value, "names that end in %s are those of other tables", endings[i]);
    return SEINE_OK;
}

/* Whether a key says the second of two words; the first is what goes without saying. */
static seine_status read_either(seine_descriptor *d, const char *key, const char *usual, const char *other,
                                bool *is_other) {
    const char *const words[] = {usual, other};
    size_t which = 0;
    SEINE_TRY(seine_descriptor_choice(d, d->root, key, words, COUNT(words), &which));
    *is_other = which == 1;
    return SEINE_OK;
}

/* What a mover is called: one word, or a few, as they are printed. */
static seine_status read_words(seine_descriptor *d) {
    d->dataset.doc = "";
    d->dataset.word = "mover";
    SEINE_TRY(seine_descriptor_text(d, d->root, "doc", &d->dataset.doc));
    SEINE_TRY(seine_descriptor_text(d, d->root, "word", &d->dataset.word));
    for (const char *c = d->dataset.word; *c != '\0'; c++)
        if (!((*c >= 'a' && *c <= 'z') || *c == ' ' || *c == '-') || strlen(d->dataset.word) > SEINE_DATASET_NAME_MAX)
            return seine_descriptor_refuse(d, seine_yaml_get(d->root, "word"),
                                           "a mover is called by one short word in small letters, such as vehicle");
    return read_either(d, "keep", "first", "last", &d->dataset.keeps_last);
}

/* What is made of it: all but fishing and segments, unless a list of words says which, or `none`. */
static seine_status read_outputs(seine_descriptor *d) {
    const seine_yaml *value = seine_yaml_get(d->root, "outputs");
    const char *const *words = NULL;
    size_t count = 0;
    d->dataset.outputs = SEINE_OUTPUT_ALL;
    SEINE_TRY(seine_descriptor_texts(d, d->root, "outputs", SEINE_OUTPUT_COUNT, &words, &count));
    if (count == 0) return SEINE_OK;
    d->dataset.outputs = 0;
    if (count == 1 && strcmp(words[0], "none") == 0) return SEINE_OK;
    const seine_yaml *one = value->kind == SEINE_YAML_LIST ? value->first : value;
    for (size_t i = 0; i < count; i++, one = one->next) {
        size_t k = 0;
        while (k < SEINE_OUTPUT_COUNT && strcmp(words[i], seine_dataset_output_words[k]) != 0) k++;
        if (k == SEINE_OUTPUT_COUNT) {
            const char *what =
                seine_arena_printf(d->arena, "\"%.100s\" is nothing that is made of a dataset", words[i]);
            if (what == NULL) return seine_no_memory(d->error, d->file);
            return seine_descriptor_refuse_word(d, one, what, words[i], seine_dataset_output_words, SEINE_OUTPUT_COUNT);
        }
        if ((d->dataset.outputs & 1U << k) != 0) return seine_descriptor_refuse(d, one, "%s stands twice", words[i]);
        d->dataset.outputs |= 1U << k;
    }
    return SEINE_OK;
}

/* An output that needs columns of its own. */
static seine_status check_output(const seine_descriptor *d, const seine_dataset *so_far, unsigned output,
                                 const char *(*refusal)(const seine_dataset *dataset, seine_arena *arena)) {
    if ((so_far->outputs & output) == 0) return SEINE_OK;
    const char *why = refusal(so_far, d->arena);
    if (why == NULL) return seine_no_memory(d->error, d->file);
    return *why == '\0' ? SEINE_OK : seine_descriptor_refuse(d, seine_yaml_get(d->root, "outputs"), "%s", why);
}

/* Once the columns are known. */
static seine_status check_outputs(seine_descriptor *d) {
    seine_dataset so_far = d->dataset;
    so_far.columns = d->columns;
    SEINE_TRY(check_output(d, &so_far, SEINE_OUTPUT_FISHING, seine_fishing_refusal));
    SEINE_TRY(check_output(d, &so_far, SEINE_OUTPUT_SEGMENTS, seine_segment_refusal));
    const bool can_enrich = so_far.needs_position && seine_dataset_knots(&so_far) != SIZE_MAX;
    if ((d->dataset.outputs & SEINE_OUTPUT_ENRICHED) == 0 || can_enrich) return SEINE_OK;
    const seine_yaml *value = seine_yaml_get(d->root, "outputs");
    if (!seine_yaml_is_null(value))
        return seine_descriptor_refuse(d, value,
                                       "enriched needs a measure with the unit kn, and a position in each row");
    d->dataset.outputs &= ~(unsigned)SEINE_OUTPUT_ENRICHED;
    return SEINE_OK;
}

/* Of movers that are seen seldom the usual silence means nothing. */
static seine_status read_hours(seine_descriptor *d, const char *key, const char *meaning, double *hours) {
    const seine_yaml *value = seine_yaml_get(d->root, key);
    if (seine_yaml_is_null(value)) return SEINE_OK;
    SEINE_TRY(seine_descriptor_number(d, d->root, key, hours));
    if (*hours > 0 && *hours <= GAP_HOURS_MAX) return SEINE_OK;
    return seine_descriptor_refuse(d, value, "hours of silence that %s, more than 0 and at most %d", meaning,
                                   GAP_HOURS_MAX);
}

static seine_status read_gate(seine_descriptor *d) {
    const seine_yaml *value = seine_yaml_get(d->root, "gate_kn");
    if (seine_yaml_is_null(value)) return SEINE_OK;
    SEINE_TRY(seine_descriptor_number(d, d->root, "gate_kn", &d->dataset.gate_kn));
    if (d->dataset.gate_kn > 0 && d->dataset.gate_kn <= GATE_KN_MAX) return SEINE_OK;
    return seine_descriptor_refuse(d, value, "knots that none of them goes faster than, more than 0 and at most %d",
                                   GATE_KN_MAX);
}

/* One of them; no key = what there is. */
static seine_status read_segment_limit(seine_descriptor *d, const seine_yaml *map, const char *key, double most,
                                       double *limit) {
    const seine_yaml *value = seine_yaml_get(map, key);
    if (seine_yaml_is_null(value)) return SEINE_OK;
    SEINE_TRY(seine_descriptor_number(d, map, key, limit));
    if (*limit >= 0.001 && *limit <= most) return SEINE_OK;
    return seine_descriptor_refuse(d, value, "a limit of segments, from 0.001 to %.15g", most);
}

static seine_status read_segments(seine_descriptor *d) {
    static const char *const keys[] = {"max_hours", "max_knots", "gate_knots"};
    const seine_yaml *map = seine_yaml_get(d->root, "segments");
    SEINE_TRY(seine_descriptor_keys(d, map, keys, COUNT(keys)));
    SEINE_TRY(read_segment_limit(d, map, keys[0], SEINE_SEGMENT_HOURS_MOST, &d->dataset.segment_max_hours));
    SEINE_TRY(read_segment_limit(d, map, keys[1], GATE_KN_MAX, &d->dataset.segment_max_knots));
    return read_segment_limit(d, map, keys[2], GATE_KN_MAX, &d->dataset.segment_gate_knots);
}

static seine_status read_csv(seine_descriptor *d) {
    static const char *const keys[] = {"delimiter", "decimal", "encoding"};
    static const char *const delimiters[] = {",", ";", "tab", "|", " "};
    static const char *const decimals[] = {".", ","};
    static const char *const encodings[] = {"utf-8", "latin-1"};
    const seine_yaml *map = seine_yaml_get(d->root, "csv");
    size_t delimiter = COUNT(delimiters), decimal = 0, encoding = 0;
    SEINE_TRY(seine_descriptor_keys(d, map, keys, COUNT(keys)));
    SEINE_TRY(seine_descriptor_choice(d, map, "delimiter", delimiters, COUNT(delimiters), &delimiter));
    SEINE_TRY(seine_descriptor_choice(d, map, "decimal", decimals, COUNT(decimals), &decimal));
    SEINE_TRY(seine_descriptor_choice(d, map, "encoding", encodings, COUNT(encodings), &encoding));
    d->dataset.csv_delimiter = ",;\t| "[delimiter]; /* behind the last one: '\0' */
    d->dataset.csv_decimal = decimal == 1 ? ',' : '.';
    d->dataset.is_latin1 = encoding == 1;
    return SEINE_OK;
}

static seine_status read_id(seine_descriptor *d) {
    static const char *const keys[] = {"name", "names", "kind", "doc", "trim"};
    static const char *const kinds[] = {"text", "number"};
    const seine_yaml *map = seine_yaml_get(d->root, "id");
    size_t kind = 0;
    if (map == NULL)
        return seine_descriptor_refuse(d, d->root,
                                       "id is missing; write id: {name: vehicle}, the field that tells "
                                       "movers apart");
    SEINE_TRY(seine_descriptor_keys(d, map, keys, COUNT(keys)));
    if (seine_yaml_is_null(seine_yaml_get(map, "name")))
        return seine_descriptor_refuse(d, map, "name is missing: how is the column of the id called?");
    const char *doc = seine_arena_printf(d->arena, "id of the %s", d->dataset.word);
    if (doc == NULL) return seine_no_memory(d->error, d->file);
    SEINE_TRY(seine_descriptor_add(
        d, map, &(seine_dataset_column){.type = SEINE_TYPE_STRING, .unit = "", .doc = doc, .scale = 1}));
    if (!seine_dataset_is_id_name(d->columns[SEINE_DATASET_ID].name))
        return seine_descriptor_refuse(d, seine_yaml_get(map, "name"),
                                       "%s is a column of events or gold tables; choose another name for the id",
                                       d->columns[SEINE_DATASET_ID].name);
    SEINE_TRY(seine_descriptor_choice(d, map, "kind", kinds, COUNT(kinds), &kind));
    SEINE_TRY(seine_descriptor_flag(d, map, "trim", &d->columns[SEINE_DATASET_ID].trims));
    d->dataset.id_kind = kind == 1 ? SEINE_ID_NUMBER : SEINE_ID_TEXT;
    return SEINE_OK;
}

static seine_status read_place(seine_descriptor *d, const seine_yaml *position, const char *key, double most,
                               const char *doc) {
    static const char *const keys[] = {"name", "names", "doc"};
    const seine_yaml *map = seine_yaml_get(position, key);
    if (map == NULL)
        return seine_descriptor_refuse(d, position, "%s is missing; write %s: {names: [%s]}, the field that has it",
                                       key, key, doc);
    SEINE_TRY(seine_descriptor_keys(d, map, keys, COUNT(keys)));
    const char *text = seine_arena_printf(d->arena, "%s, WGS-84, [-%.0f, %.0f]", doc, most, most);
    if (text == NULL) return seine_no_memory(d->error, d->file);
    return seine_descriptor_add(d, map,
                                &(seine_dataset_column){.name = key,
                                                        .type = SEINE_TYPE_DOUBLE,
                                                        .unit = "deg",
                                                        .doc = text,
                                                        .least = -most,
                                                        .most = most,
                                                        .scale = 1});
}

static seine_status read_position(seine_descriptor *d) {
    static const char *const keys[] = {"lat", "lon", "format", "scale", "required"};
    static const char *const formats[] = {"degrees", "dms"};
    const seine_yaml *map = seine_yaml_get(d->root, "position");
    size_t format = 0;
    double scale = 1;
    if (map == NULL)
        return seine_descriptor_refuse(d, d->root,
                                       "position is missing; write position: {lat: {names: [latitude]}, "
                                       "lon: {names: [longitude]}}");
    SEINE_TRY(seine_descriptor_keys(d, map, keys, COUNT(keys)));
    SEINE_TRY(read_place(d, map, "lat", 90, "latitude"));
    SEINE_TRY(read_place(d, map, "lon", 180, "longitude"));
    SEINE_TRY(seine_descriptor_choice(d, map, "format", formats, COUNT(formats), &format));
    SEINE_TRY(seine_descriptor_number(d, map, "scale", &scale));
    d->dataset.is_sexagesimal = format == 1;
    d->dataset.needs_position = true;
    SEINE_TRY(seine_descriptor_flag(d, map, "required", &d->dataset.needs_position));
    if (!(scale > 0) || !isfinite(scale))
        return seine_descriptor_refuse(d, seine_yaml_get(map, "scale"), "a scale is greater than 0, such as 1e-7");
    if (format == 1 && scale != 1)
        return seine_descriptor_refuse(d, seine_yaml_get(map, "scale"),
                                       "degrees and minutes are texts; leave scale out");
    d->columns[SEINE_DATASET_LAT].scale = d->columns[SEINE_DATASET_LON].scale = scale;
    return SEINE_OK;
}

static seine_status check_settings(const seine_descriptor *d) {
    for (size_t i = 0; i < d->dataset.setting_count; i++)
        if (!d->setting_is_used[i] && !d->settings[i].is_asked)
            return seine_descriptor_refuse(
                d, d->setting_nodes[i],
                "nothing uses it; write ${%s} as a limit, when: %s in a rule, or asked: true for an "
                "address",
                d->settings[i].name, d->settings[i].name);
    return SEINE_OK;
}

static seine_status read_sections(seine_descriptor *d) {
    static const char *const keys[] = {
        "name",      "doc",     "word",     "keep",         "valid_from", "time_zone",
        "wrap_days", "csv",     "settings", "id",           "time",       "position",
        "measures",  "columns", "rules",    "outputs",      "gap_hours",  "fishing_gap_hours",
        "gate_kn",   "bronze",  "segments", "fishing_score"};
    SEINE_TRY(seine_descriptor_keys(d, d->root, keys, COUNT(keys)));
    SEINE_TRY(read_name(d));
    SEINE_TRY(read_words(d));
    SEINE_TRY(read_either(d, "bronze", "files", "records", &d->dataset.keeps_records));
    SEINE_TRY(read_outputs(d));
    SEINE_TRY(read_hours(d, "gap_hours", "are a gap", &d->dataset.gap_hours));
    SEINE_TRY(read_hours(d, "fishing_gap_hours", "end a run of fishing", &d->dataset.fishing_gap_hours));
    SEINE_TRY(read_either(d, "fishing_score", "given", "rules", &d->dataset.fishes_by_rules));
    SEINE_TRY(read_gate(d));
    SEINE_TRY(read_segments(d));
    SEINE_TRY(read_csv(d));
    SEINE_TRY(seine_descriptor_settings(d));
    SEINE_TRY(read_id(d));
    SEINE_TRY(seine_descriptor_time(d));
    for (size_t i = 0; i < d->dataset.column_count; i++) {
        d->columns[i].least = -(double)INFINITY;
        d->columns[i].most = (double)INFINITY;
    }
    SEINE_TRY(read_position(d));
    SEINE_TRY(seine_descriptor_columns(d, "measures", true));
    SEINE_TRY(seine_descriptor_columns(d, "columns", false));
    SEINE_TRY(seine_descriptor_wrap(d));
    SEINE_TRY(seine_descriptor_check_file_names(d));
    SEINE_TRY(seine_descriptor_rules(d));
    SEINE_TRY(check_settings(d));
    SEINE_TRY(check_outputs(d));
    return seine_descriptor_tables(d);
}

/* Copies what was collected into the arena. */
static seine_status keep(const seine_descriptor *d, seine_str text, const seine_dataset **made) {
    seine_dataset *dataset = SEINE_ARENA_ARRAY(d->arena, seine_dataset, 1);
    seine_dataset_column *columns = SEINE_ARENA_ARRAY(d->arena, seine_dataset_column, d->dataset.column_count);
    seine_dataset_rule *rules = SEINE_ARENA_ARRAY(d->arena, seine_dataset_rule, d->dataset.rule_count);
    seine_dataset_setting *settings = SEINE_ARENA_ARRAY(d->arena, seine_dataset_setting, d->dataset.setting_count);
    char *copy = seine_arena_copy(d->arena, text.data, text.size);
    if (dataset == NULL || columns == NULL || rules == NULL || settings == NULL || copy == NULL)
        return seine_no_memory(d->error, d->file);
    for (size_t i = 0; i < d->dataset.column_count; i++) columns[i] = d->columns[i];
    for (size_t i = 0; i < d->dataset.rule_count; i++) rules[i] = d->rules[i];
    for (size_t i = 0; i < d->dataset.setting_count; i++) settings[i] = d->settings[i];
    *dataset = d->dataset;
    dataset->columns = columns;
    dataset->rules = rules;
    dataset->settings = settings;
    dataset->text = copy;
    *made = dataset;
    return SEINE_OK;
}

const char *seine_dataset_setting_of(seine_arena *arena, const char *lines, const char *name) {
    const char *found = NULL;
    for (const char *line = lines; *line != '\0';) {
        const size_t length = strcspn(line, "\n");
        seine_str text = seine_str_trim((seine_str){line, length});
        const char *equal = memchr(text.data, '=', text.size);
        if (equal != NULL &&
            seine_str_equal(seine_str_trim((seine_str){text.data, (size_t)(equal - text.data)}), seine_str_of(name))) {
            seine_str value = seine_str_trim((seine_str){equal + 1, text.size - (size_t)(equal + 1 - text.data)});
            const bool is_quoted = value.size >= 2 && (value.data[0] == '"' || value.data[0] == '\'') &&
                                   value.data[value.size - 1] == value.data[0];
            if (is_quoted) value = (seine_str){value.data + 1, value.size - 2};
            found = seine_arena_copy(arena, value.data, value.size);
        }
        line += length + (line[length] == '\n');
    }
    return found;
}

seine_status seine_dataset_read(seine_str text, const char *file, const seine_dataset_settings *settings,
                                seine_arena *arena, const seine_dataset **dataset, seine_error *error) {
    seine_descriptor d = {.file = file, .arena = arena, .given = settings, .error = error};
    *dataset = NULL;
    SEINE_TRY(seine_yaml_read(text, file, arena, &d.root, error));
    if (d.root == NULL || d.root->kind != SEINE_YAML_MAP)
        return seine_fail(error, SEINE_E_FORMAT, "%s: not a dataset; it begins with a line such as name: buses", file);
    SEINE_TRY(read_sections(&d));
    return keep(&d, text, dataset);
}

seine_str seine_dataset_built_in(const char *name) {
    for (size_t i = 0; i < seine_dataset_file_count; i++)
        if (strcmp(seine_dataset_files[i].name, name) == 0)
            return (seine_str){(const char *)seine_dataset_files[i].bytes, seine_dataset_files[i].size};
    return (seine_str){NULL, 0};
}
