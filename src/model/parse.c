/* The header of a model file: comment lines `-- key: value` in front of the SELECT, one meaning per key. */
#include "base/number.h"
#include "base/try.h"
#include "model/model.h"

#include <ctype.h>
#include <stdlib.h>

#define COLUMNS_MAX 256
#define FIRST_PARTITION_ID 1000
#define LOG_COLUMNS 2 /* of a history, in front of those of its table */
#define CAUSE_DOC                                                                                                    \
    "what it changed for: names of inputs, model, parameters; null where that is not known, as in rows from before " \
    "this was told"

/* A value and its line; 0: the header has none. */
typedef struct noted_value {
    seine_str text;
    int line;
} noted_value;

/* A header being read. */
typedef struct header {
    const char *file;
    int line;
    seine_arena *arena;
    seine_model *model;
    seine_column *columns;
    noted_value partition, sort, reconcile, sink, key; /* resolved when all columns are known */
    seine_error *error;
} header;

/* @p what is quoted behind the reason; {NULL, 0} = nothing to quote. */
static seine_status wrong_at(const header *h, int line, const char *why, seine_str what) {
    if (what.data == NULL) return seine_fail(h->error, SEINE_E_FORMAT, "%s line %d: %s", h->file, line, why);
    return seine_fail(h->error, SEINE_E_FORMAT, "%s line %d: %s \"%.*s\"", h->file, line, why, SEINE_STR_ARG(what));
}

static seine_status wrong(const header *h, const char *why, seine_str what) { return wrong_at(h, h->line, why, what); }

static seine_str take_word(seine_str *rest) {
    *rest = seine_str_trim(*rest);
    size_t size = 0;
    while (size < rest->size && rest->data[size] != ' ' && rest->data[size] != '\t') size++;
    const seine_str word = {rest->data, size};
    *rest = (seine_str){rest->data + size, rest->size - size};
    return word;
}

/* What stands before @p separator; *rest is what stands behind it. */
static seine_str take_until(seine_str *rest, char separator) {
    const char *at = rest->size > 0 ? memchr(rest->data, separator, rest->size) : NULL;
    const size_t size = at != NULL ? (size_t)(at - rest->data) : rest->size;
    const seine_str part = {rest->data, size};
    const size_t skip = at != NULL ? size + 1 : size;
    *rest = (seine_str){rest->data + skip, rest->size - skip};
    return seine_str_trim(part);
}

static bool is_name(seine_str text) {
    for (size_t i = 0; i < text.size; i++)
        if (!isalnum((unsigned char)text.data[i]) && text.data[i] != '_') return false;
    return text.size > 0 && text.size <= 64 && !isdigit((unsigned char)text.data[0]);
}

/* "gold.x": two names and a dot. */
static bool is_table_name(seine_str text) {
    seine_str rest = text;
    const seine_str space = take_until(&rest, '.');
    return is_name(space) && is_name(rest);
}

static char *copy_of(const header *h, seine_str text) { return seine_arena_copy(h->arena, text.data, text.size); }

/* ---- one key each ---- */

static seine_status take_model(header *h, seine_str value) {
    const bool is_event = value.size > 7 && memcmp(value.data, "events.", 7) == 0; /* of built-in ones (set.c) */
    if (!is_table_name(value) || (!is_event && (value.size < 6 || memcmp(value.data, "gold.", 5) != 0)))
        return wrong(h, "a model's name is gold. and letters, digits or _, not", value);
    if (h->model->schema.name != NULL) return wrong(h, "given twice:", SEINE_STR("model"));
    h->model->schema.name = copy_of(h, value);
    return h->model->schema.name != NULL ? SEINE_OK : seine_no_memory(h->error, h->file);
}

static seine_status take_grain(header *h, seine_str value) {
    h->model->schema.doc = copy_of(h, value);
    return h->model->schema.doc != NULL ? SEINE_OK : seine_no_memory(h->error, h->file);
}

/* "start_ts..end_ts of gold.x". @return false: it is none. */
static bool take_span(const header *h, seine_str window, seine_model_input *input) {
    seine_str from = take_word(&window), to;
    const seine_str of = take_word(&window), table = take_word(&window);
    const char *dots = memmem(from.data, from.size, "..", 2);
    if (dots == NULL || !seine_str_equal(of, SEINE_STR("of")) || !is_table_name(table) || window.size > 0) return false;
    to = (seine_str){dots + 2, from.size - (size_t)(dots + 2 - from.data)};
    from.size = (size_t)(dots - from.data);
    if (!is_name(from) || !is_name(to)) return false;
    *input = (seine_model_input){
        .window = SEINE_WINDOW_SPAN, .from = copy_of(h, from), .to = copy_of(h, to), .of = copy_of(h, table)};
    return true;
}

static bool take_window(const header *h, seine_str window, seine_model_input *input) {
    static const char *const windows[] = {
        [SEINE_WINDOW_DAY] = "day", [SEINE_WINDOW_DAY_BEFORE] = "day-1", [SEINE_WINDOW_ALL] = "all"};
    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++) {
        if (!seine_str_equal(window, seine_str_of(windows[w]))) continue;
        *input = (seine_model_input){.window = (seine_model_window)w};
        return true;
    }
    return take_span(h, window, input);
}

static seine_status take_inputs(header *h, seine_str value) {
    while (seine_str_trim(value).size > 0) {
        seine_str one = take_until(&value, ',');
        if (h->model->input_count == SEINE_MODEL_INPUTS_MAX) return wrong(h, "too many inputs at", one);
        seine_str rest = one;
        const seine_str table = take_until(&rest, '(');
        const seine_str window = take_until(&rest, ')');
        seine_model_input *input = &h->model->inputs[h->model->input_count];
        if (!is_table_name(table) || !take_window(h, window, input) || rest.size > 0)
            return wrong(h, "an input is table(day), table(day-1), table(all) or table(FROM..TO of TABLE), not", one);
        input->table = copy_of(h, table);
        input->line = h->line;
        h->model->input_count++;
        const bool is_span = input->window == SEINE_WINDOW_SPAN;
        if (input->table == NULL || (is_span && (input->from == NULL || input->to == NULL || input->of == NULL)))
            return seine_no_memory(h->error, h->file);
    }
    return h->model->input_count > 0 ? SEINE_OK : wrong(h, "no input is named", (seine_str){NULL, 0});
}

static seine_status take_setting(header *h, seine_str value) {
    const seine_str given = take_until(&value, '|');
    seine_str rest = given;
    const seine_str name = take_word(&rest);
    rest = seine_str_trim(rest);
    if (h->model->setting_count == SEINE_MODEL_SETTINGS_MAX) return wrong(h, "too many settings at", name);
    if (!is_name(name) || rest.size == 0) return wrong(h, "a setting is a name and its default, not", given);
    if (seine_str_equal(name, SEINE_STR("day")) || seine_str_equal(name, SEINE_STR("run_at")))
        return wrong(h, "this name is taken:", name);
    seine_model_setting *setting = &h->model->settings[h->model->setting_count++];
    *setting = (seine_model_setting){
        .name = copy_of(h, name), .value = copy_of(h, rest), .doc = copy_of(h, seine_str_trim(value))};
    return setting->name != NULL && setting->value != NULL && setting->doc != NULL ? SEINE_OK
                                                                                   : seine_no_memory(h->error, h->file);
}

static bool type_of(seine_str name, seine_type *type) {
    for (int t = SEINE_TYPE_BOOLEAN; t <= SEINE_TYPE_BINARY; t++) {
        if (!seine_str_equal(name, seine_str_of(seine_type_name((seine_type)t)))) continue;
        *type = (seine_type)t;
        return true;
    }
    return false;
}

static seine_status take_column(header *h, seine_str value) {
    seine_str given = take_until(&value, '|');
    const seine_str name = take_word(&given), type = take_word(&given);
    size_t *count = &h->model->schema.column_count;
    if (*count == COLUMNS_MAX) return wrong(h, "too many columns at", name);
    seine_column *column = &h->columns[*count];
    *column = (seine_column){.id = (int)*count + 1, .unit = ""};
    if (!is_name(name)) return wrong(h, "not a column name:", name);
    if (!type_of(type, &column->type))
        return wrong(h, "not a type (boolean, int, long, double, date, timestamptz, string, binary):", type);
    for (seine_str word = take_word(&given); word.size > 0; word = take_word(&given)) {
        if (seine_str_equal(word, SEINE_STR("required")))
            column->required = true;
        else if (seine_str_equal(word, SEINE_STR("lineage")))
            column->lineage = true;
        else if (column->unit[0] != '\0')
            return wrong(h, "a second unit:", word);
        else if ((column->unit = copy_of(h, word)) == NULL)
            return seine_no_memory(h->error, h->file);
    }
    for (size_t i = 0; i < *count; i++)
        if (seine_str_equal_nocase(seine_str_of(h->columns[i].name), name)) return wrong(h, "named twice:", name);
    column->name = copy_of(h, name);
    column->doc = copy_of(h, seine_str_trim(value));
    (*count)++;
    return column->name != NULL && column->doc != NULL ? SEINE_OK : seine_no_memory(h->error, h->file);
}

/* ---- the lines ---- */

/* `-- key: value`; other comment lines are for people. A lower-case word with a colon is meant as a key. */
static bool is_key_line(seine_str line, seine_str *key, seine_str *value) {
    if (line.size < 3 || memcmp(line.data, "--", 2) != 0) return false;
    seine_str rest = seine_str_trim((seine_str){line.data + 2, line.size - 2});
    const char *colon = rest.size > 0 ? memchr(rest.data, ':', rest.size) : NULL;
    if (colon == NULL) return false;
    *key = (seine_str){rest.data, (size_t)(colon - rest.data)};
    *value = seine_str_trim((seine_str){colon + 1, rest.size - key->size - 1});
    for (size_t i = 0; i < key->size; i++)
        if (!islower((unsigned char)key->data[i])) return false;
    return key->size > 0;
}

static seine_status take_line(header *h, seine_str key, seine_str value) {
    static const struct {
        const char *key;
        seine_status (*take)(header *, seine_str);
    } keys[] = {{"model", take_model},
                {"grain", take_grain},
                {"inputs", take_inputs},
                {"setting", take_setting},
                {"column", take_column}};
    const struct {
        const char *key;
        noted_value *value;
    } later[] = {{"partition", &h->partition},
                 {"sort", &h->sort},
                 {"reconcile", &h->reconcile},
                 {"sink", &h->sink},
                 {"key", &h->key}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (seine_str_equal(key, seine_str_of(keys[i].key))) return keys[i].take(h, value);
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (!seine_str_equal(key, seine_str_of(later[i].key))) continue;
        *later[i].value = (noted_value){value, h->line};
        return SEINE_OK;
    }
    return wrong(h, "unknown key", key);
}

static seine_status take_lines(header *h, seine_str text) {
    while (text.size > 0) {
        const char *end = memchr(text.data, '\n', text.size);
        const size_t size = end != NULL ? (size_t)(end - text.data) : text.size;
        seine_str line = {text.data, size}, key, value;
        h->line++;
        if (line.size > 0 && line.data[line.size - 1] == '\r') line.size--;
        line = seine_str_trim(line);
        if (line.size > 0 && (line.size < 2 || memcmp(line.data, "--", 2) != 0)) return SEINE_OK; /* the SELECT */
        if (is_key_line(line, &key, &value)) {
            SEINE_TRY(take_line(h, key, value));
        }
        const size_t skip = end != NULL ? size + 1 : size;
        text = (seine_str){text.data + skip, text.size - skip};
    }
    return wrong(h, "there is no SELECT behind the header", (seine_str){NULL, 0});
}

/* ---- what refers to columns and inputs ---- */

static size_t find_column(const header *h, seine_str name) {
    for (size_t i = 0; i < h->model->schema.column_count; i++)
        if (seine_str_equal(seine_str_of(h->columns[i].name), name)) return i;
    return SIZE_MAX;
}

/* SQL knows one of them, however it is written. */
static bool has_column(const header *h, seine_str name) {
    for (size_t i = 0; i < h->model->schema.column_count; i++)
        if (seine_str_equal_nocase(seine_str_of(h->columns[i].name), name)) return true;
    return false;
}

/* A span is that of rows of the day. */
static seine_status check_spans(const header *h) {
    const seine_model *m = h->model;
    for (size_t i = 0; i < m->input_count; i++) {
        bool is_known = m->inputs[i].window != SEINE_WINDOW_SPAN;
        for (size_t k = 0; k < m->input_count && !is_known; k++)
            is_known = m->inputs[k].window == SEINE_WINDOW_DAY && strcmp(m->inputs[k].table, m->inputs[i].of) == 0;
        if (!is_known)
            return wrong_at(h, m->inputs[i].line, "a span is one of rows of an input (day), which is not",
                            seine_str_of(m->inputs[i].of));
    }
    return SEINE_OK;
}

static seine_status resolve_partition(header *h) {
    seine_model *m = h->model;
    if (h->partition.line == 0) return wrong(h, "the header lacks", SEINE_STR("partition"));
    if (seine_str_equal(h->partition.text, SEINE_STR("none"))) {
        for (size_t i = 0; i < m->input_count; i++)
            if (m->inputs[i].window != SEINE_WINDOW_ALL)
                return wrong_at(h, m->inputs[i].line, "a model without days reads (all) of",
                                seine_str_of(m->inputs[i].table));
        return SEINE_OK;
    }
    m->day_column = find_column(h, h->partition.text);
    if (m->day_column == SIZE_MAX || h->columns[m->day_column].type != SEINE_TYPE_DATE)
        return wrong_at(h, h->partition.line, "the partition is a column of type date or none, not", h->partition.text);
    m->has_days = true;
    m->takes_null = !h->columns[m->day_column].required;
    m->schema.partition[0] = (seine_partition_field){h->columns[m->day_column].id, FIRST_PARTITION_ID,
                                                     h->columns[m->day_column].name, SEINE_TRANSFORM_IDENTITY};
    m->schema.partition_count = 1;
    bool has_day = false;
    for (size_t i = 0; i < m->input_count; i++) has_day = has_day || seine_model_input_is_by_day(&m->inputs[i]);
    if (has_day) return check_spans(h);
    return wrong_at(h, h->partition.line, "no input is read by day, so there are no days of", h->partition.text);
}

static seine_status resolve_sort(header *h) {
    seine_str rest = h->sort.text;
    if (h->sort.line == 0) return wrong(h, "the header lacks", SEINE_STR("sort"));
    for (size_t i = 0; seine_str_trim(rest).size > 0; i++) {
        const seine_str name = take_until(&rest, ',');
        const size_t column = find_column(h, name);
        if (column == SIZE_MAX) return wrong_at(h, h->sort.line, "sort: no such column:", name);
        if (i == SEINE_SORT_COLUMNS_MAX) return wrong_at(h, h->sort.line, "sort: more than four columns at", name);
        h->model->schema.sort_ids[i] = h->columns[column].id;
    }
    return SEINE_OK;
}

static seine_status resolve_reconcile(header *h) {
    seine_model *m = h->model;
    m->reconcile_column = SIZE_MAX;
    if (h->reconcile.line == 0) return SEINE_OK;
    seine_str rest = h->reconcile.text;
    const seine_str column = take_until(&rest, '=');
    const seine_str table = seine_str_trim(rest);
    const size_t index = find_column(h, column);
    for (size_t i = 0; i < m->input_count; i++)
        if (seine_str_equal(table, seine_str_of(m->inputs[i].table)) && m->inputs[i].window != SEINE_WINDOW_DAY_BEFORE)
            m->reconcile_table = m->inputs[i].table;
    if (index == SIZE_MAX || h->columns[index].type != SEINE_TYPE_LONG || m->reconcile_table == NULL)
        return wrong_at(h, h->reconcile.line, "reconcile is COLUMN of type long = INPUT, not", h->reconcile.text);
    m->reconcile_column = index;
    return SEINE_OK;
}

/* op, recorded_at, then the columns of the table, whose ids are two greater, and the cause: under another name where
 * the rows have one themselves. */
static seine_status make_history(header *h) {
    seine_model *m = h->model;
    const size_t count = LOG_COLUMNS + m->schema.column_count + 1;
    seine_column *columns = SEINE_ARENA_ARRAY(h->arena, seine_column, count);
    const char *name = seine_arena_printf(h->arena, "%s_history", m->schema.name);
    const char *doc = seine_arena_printf(h->arena, "one change of one row of %s; append-only", m->schema.name);
    if (columns == NULL || name == NULL || doc == NULL) return seine_no_memory(h->error, h->file);
    columns[0] = (seine_column){1, "op", SEINE_TYPE_STRING, true, false, "", "new, update or retract"};
    columns[1] = (seine_column){2, "recorded_at", SEINE_TYPE_TIMESTAMPTZ, true, true, "", "when the run recorded it"};
    for (size_t i = 0; i < m->schema.column_count; i++) {
        columns[i + LOG_COLUMNS] = h->columns[i];
        columns[i + LOG_COLUMNS].id += LOG_COLUMNS;
    }
    const char *cause = has_column(h, SEINE_STR("cause")) ? "change_cause" : "cause";
    columns[count - 1] = (seine_column){(int)count, cause, SEINE_TYPE_STRING, false, true, "", CAUSE_DOC};
    m->history =
        (seine_table_schema){.name = name,
                             .doc = doc,
                             .columns = columns,
                             .column_count = count,
                             .partition = {{2, FIRST_PARTITION_ID, "recorded_at_month", SEINE_TRANSFORM_MONTH}},
                             .partition_count = 1,
                             .sort_ids = {columns[m->key_column + LOG_COLUMNS].id}};
    return SEINE_OK;
}

/* What tells a row of a sink from others is the same whoever made it. */
static seine_status resolve_key(header *h) {
    seine_model *m = h->model;
    if (h->key.line == 0) return wrong_at(h, h->sink.line, "the header lacks", SEINE_STR("key"));
    m->key_column = find_column(h, h->key.text);
    if (m->key_column == SIZE_MAX || h->columns[m->key_column].type != SEINE_TYPE_STRING ||
        !h->columns[m->key_column].required)
        return wrong_at(h, h->key.line, "the key is a required column of type string, not", h->key.text);
    if (h->columns[m->key_column].lineage || (m->has_days && h->columns[m->day_column].lineage))
        return wrong_at(h, h->sink.line, "key and day of a sink are no lineage", (seine_str){0});
    return SEINE_OK;
}

static seine_status check_sink_names(const header *h) {
    if (has_column(h, SEINE_STR("version")) || has_column(h, SEINE_STR("op")) ||
        has_column(h, SEINE_STR("recorded_at")))
        return wrong_at(h, h->sink.line, "the sink itself makes the columns", SEINE_STR("version, op, recorded_at"));
    if (has_column(h, SEINE_STR("cause")) && has_column(h, SEINE_STR("change_cause")))
        return wrong_at(h, h->sink.line, "the log needs one of the columns", SEINE_STR("cause, change_cause"));
    return SEINE_OK;
}

static seine_status resolve_sink(header *h) {
    seine_model *m = h->model;
    if (h->sink.line == 0 && h->key.line == 0) return SEINE_OK;
    if (h->sink.line == 0) return wrong_at(h, h->key.line, "the header lacks", SEINE_STR("sink"));
    if (!seine_str_equal(h->sink.text, SEINE_STR("events")))
        return wrong_at(h, h->sink.line, "a sink is events, not", h->sink.text);
    SEINE_TRY(resolve_key(h));
    if (m->schema.column_count == COLUMNS_MAX) return wrong(h, "too many columns at", SEINE_STR("version"));
    SEINE_TRY(check_sink_names(h));
    const size_t at = m->schema.column_count++;
    h->columns[at] = (seine_column){
        (int)at + 1, "version", SEINE_TYPE_LONG, true, true, "", "Unix seconds of the run that made this row; grows"};
    m->is_events = true;
    return make_history(h);
}

static seine_status check_whole(header *h) {
    seine_model *m = h->model;
    const struct {
        const char *key;
        bool is_there;
    } needed[] = {{"model", m->schema.name != NULL},
                  {"grain", m->schema.doc != NULL},
                  {"inputs", m->input_count > 0},
                  {"column", m->schema.column_count > 0}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i].is_there) return wrong(h, "the header lacks", seine_str_of(needed[i].key));
    SEINE_TRY(resolve_partition(h));
    SEINE_TRY(resolve_sort(h));
    SEINE_TRY(resolve_reconcile(h));
    return resolve_sink(h);
}

seine_status seine_model_parse(const char *file, seine_str text, seine_arena *arena, seine_model *model,
                               seine_error *error) {
    *model = (seine_model){0};
    header h = {.file = file, .arena = arena, .model = model, .error = error};
    model->file = seine_arena_copy(arena, file, strlen(file));
    model->text = seine_arena_copy(arena, text.data, text.size);
    h.columns = SEINE_ARENA_ARRAY(arena, seine_column, COLUMNS_MAX);
    if (model->file == NULL || model->text == NULL || h.columns == NULL) return seine_no_memory(h.error, h.file);
    if (memchr(text.data, '\0', text.size) != NULL || !seine_str_is_utf8(text))
        return wrong_at(&h, 1, "the file is not UTF-8 text", (seine_str){NULL, 0});
    model->schema.columns = h.columns;
    SEINE_TRY(take_lines(&h, text));
    return check_whole(&h);
}
