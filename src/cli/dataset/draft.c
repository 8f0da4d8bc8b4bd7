/*
 * The description is written for its reader: in the order of docs/datasets.md, short where a default holds, with what
 * was seen beside what was made of it. Texts of the file are quoted wherever they stand, comments too.
 */
#include "cli/dataset/draft.h"

#include "base/json.h"
#include "base/try.h"
#include "columns/dataset_read.h"

#include <ctype.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_TOLD 12
#define WORDS_AS_VALUES 8

typedef struct draft {
    const seine_sample *sample;
    const seine_guess *guess;
    seine_buf *out;
    char names[SEINE_DATASET_COLUMNS_MAX][SEINE_DATASET_NAME_MAX + 1]; /* of columns so far */
    size_t name_count;
} draft;

/* ---- texts ---- */

/* Whether the library of any reader takes a text without quotes for what it is, in a list as anywhere. */
static bool is_plain(const char *text) {
    static const char *const special[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const size_t size = strlen(text);
    char inner[128];
    (void)snprintf(inner, sizeof inner, "%s0123456789_./ -", letters);
    if (size == 0 || strchr(letters, text[0]) == NULL || text[strspn(text, inner)] != '\0' || text[size - 1] == ' ')
        return false;
    for (size_t i = 0; i < COUNT(special); i++)
        if (seine_str_equal_nocase(seine_str_of(text), seine_str_of(special[i]))) return false;
    return true;
}

/* Whether bytes beyond ASCII can stand as they are: YAML has line ends and refused letters among U+0080 to U+00A0,
 * U+2000 to U+203F and above U+F000. */
static bool has_odd_letters(const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        const unsigned char byte = (unsigned char)*c, next = (unsigned char)c[1];
        if (byte < 0x20 || byte == 0x7F || byte >= 0xEF) return true;
        if ((byte == 0xC2 && next <= 0xA0) || (byte == 0xE2 && next == 0x80)) return true;
    }
    return false;
}

static seine_status put(draft *d, const char *text) {
    if (is_plain(text)) return seine_buf_append_str(d->out, text);
    seine_json_writer json = seine_json_writer_to(d->out);
    json.ascii = has_odd_letters(text);
    seine_json_put_text(&json, seine_str_of(text));
    return json.status;
}

/* A text in a comment: as it stands, when that cannot be mistaken. */
static seine_status show(draft *d, const char *text) {
    const bool is_clear = text[0] != '\0' && text[strcspn(text, ",()\"\\")] == '\0' && !has_odd_letters(text);
    return is_clear && text[0] != ' ' ? seine_buf_append_str(d->out, text) : put(d, text);
}

static bool is_small(char c) { return c >= 'a' && c <= 'z'; }
static bool is_large(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool stays(char c) { return is_small(c) || is_large(c) || is_digit(c); }

void seine_draft_name(const char *text, const char *fallback, char name[SEINE_DATASET_NAME_MAX + 1]) {
    size_t size = 0;
    for (const char *c = text; *c != '\0' && size < SEINE_DATASET_NAME_MAX - 4; c++) {
        const bool is_hump = is_large(*c) && c > text && is_small(c[-1]);
        if (size > 0 && name[size - 1] != '_' && (is_hump || !stays(*c))) name[size++] = '_';
        if (stays(*c) && (size > 0 || !is_digit(*c))) name[size++] = (char)tolower((unsigned char)*c);
    }
    size -= size > 0 && name[size - 1] == '_';
    name[size] = '\0';
    if (size == 0) (void)snprintf(name, SEINE_DATASET_NAME_MAX + 1, "%s", fallback);
}

static bool is_used(const draft *d, const char *name) {
    for (size_t i = 0; i < d->name_count; i++)
        if (strcmp(d->names[i], name) == 0) return true;
    return false;
}

/* Keeps a name for a column, changed when it cannot be one. @return it. */
static const char *keep_name(draft *d, const char *wanted) {
    char *name = d->names[d->name_count];
    (void)snprintf(name, SEINE_DATASET_NAME_MAX + 1, "%.*s%s", SEINE_DATASET_NAME_MAX - 4, wanted,
                   seine_dataset_is_column_name(wanted) ? "" : "_");
    for (int i = 2; is_used(d, name) && i < 1000; i++) {
        char ending[16];
        (void)snprintf(ending, sizeof ending, "_%d", i);
        (void)snprintf(name, SEINE_DATASET_NAME_MAX + 1, "%.*s%.4s", SEINE_DATASET_NAME_MAX - 4, wanted, ending);
    }
    d->name_count++;
    return name;
}

/* The last key that leads to a value of JSON, or the name of a column of CSV, as a column's name. */
static void name_of(const seine_profile *profile, char name[SEINE_DATASET_NAME_MAX + 1]) {
    const char *point = strrchr(profile->name, '.');
    seine_draft_name(point != NULL && point[1] != '\0' ? point + 1 : profile->name, "field", name);
}

static seine_status put_names(draft *d, const char *column, const char *name) {
    if (strcmp(column, name) == 0) return SEINE_OK;
    SEINE_TRY(seine_buf_append_str(d->out, "names: ["));
    SEINE_TRY(put(d, name));
    return seine_buf_append_str(d->out, "]");
}

static bool is_measure(const seine_guess *guess, size_t i) {
    for (size_t m = 0; m < guess->measure_count; m++)
        if (guess->measures[m] == i) return true;
    return false;
}

/* A name in files for what was not found, that no column with a role has. */
static const char *fallback_of(const draft *d, const char *name, const char *other) {
    const seine_guess *guess = d->guess;
    const size_t keys[] = {guess->id, guess->time, guess->lat, guess->lon};
    for (size_t k = 0; k < COUNT(keys); k++)
        if (keys[k] != SEINE_GUESS_NONE && seine_dataset_is_same_name(d->sample->columns[keys[k]].name, name))
            return other;
    return name;
}
static const char *id_fallback(const draft *d) { return fallback_of(d, "id", "the id"); }
static const char *time_fallback(const draft *d) { return fallback_of(d, "time", "the time"); }
static const char *lat_fallback(const draft *d) { return fallback_of(d, "latitude", "the latitude"); }
static const char *lon_fallback(const draft *d) { return fallback_of(d, "longitude", "the longitude"); }

/* Whether files cannot tell a column from one before it or one with a role, or from what is asked for. */
static bool has_namesake(const draft *d, size_t index) {
    const seine_guess *guess = d->guess;
    const char *name = d->sample->columns[index].name;
    const size_t keys[] = {guess->id, guess->time, guess->lat, guess->lon};
    const char *const fallbacks[] = {id_fallback(d), time_fallback(d), lat_fallback(d), lon_fallback(d)};
    for (size_t k = 0; k < COUNT(keys); k++)
        if (seine_dataset_is_same_name(name,
                                       keys[k] == SEINE_GUESS_NONE ? fallbacks[k] : d->sample->columns[keys[k]].name))
            return true;
    for (size_t i = 0; i < d->sample->column_count; i++)
        if (i != index && (i < index || is_measure(guess, i)) &&
            seine_dataset_is_same_name(name, d->sample->columns[i].name))
            return true;
    return false;
}

/* ---- the four that every dataset has ---- */

/* What a mover is called, by the name of its id. */
static const char *word_of(const draft *d) {
    static const char *const words[][2] = {
        {"mmsi", "vessel"},   {"vessel", "vessel"}, {"ship", "vessel"},   {"vin", "vehicle"},  {"vehicle", "vehicle"},
        {"truck", "truck"},   {"bus", "bus"},       {"animal", "animal"}, {"tag", "animal"},   {"individual", "animal"},
        {"device", "device"}, {"imei", "device"},   {"icao", "aircraft"}, {"hex", "aircraft"}, {"bike", "bike"},
    };
    char name[SEINE_DATASET_NAME_MAX + 1];
    if (d->guess->id == SEINE_GUESS_NONE) return NULL;
    seine_draft_name(d->sample->columns[d->guess->id].name, "", name);
    for (size_t i = 0; i < COUNT(words); i++)
        if (strstr(name, words[i][0]) != NULL) return words[i][1];
    return NULL;
}

static seine_status put_head(draft *d, const char *name, const char *file) {
    const seine_sample *sample = d->sample;
    const char *word = word_of(d);
    SEINE_TRY(seine_buf_printf(d->out, "# Drafted by seine dataset sniff from %s%zu row%s of ",
                               sample->is_part ? "the first " : "the ", sample->rows, sample->rows == 1 ? "" : "s"));
    SEINE_TRY(show(d, file));
    SEINE_TRY(seine_buf_printf(d->out,
                               ".\n# Lines with \"# ?\" are guesses: look at them, then run seine dataset check.\n"
                               "name: %s\ndoc: Positions from this file # ? one sentence on what they are\n"
                               "word: %s # ? what one of them is called%s\n",
                               name, word != NULL ? word : "mover", word != NULL ? "" : ": vehicle, vessel, animal …"));
    if (sample->is_json) return SEINE_OK;
    SEINE_TRY(seine_buf_printf(d->out, "csv: {delimiter: %s", sample->delimiter == '\t' ? "tab" : "\""));
    if (sample->delimiter != '\t') SEINE_TRY(seine_buf_printf(d->out, "%c\"", sample->delimiter));
    if (d->guess->decimal == ',') SEINE_TRY(seine_buf_append_str(d->out, ", decimal: \",\""));
    if (sample->is_latin1) SEINE_TRY(seine_buf_append_str(d->out, ", encoding: latin-1"));
    return seine_buf_append_str(d->out, "}\n");
}

static seine_status put_id(draft *d) {
    const size_t id = d->guess->id;
    char wanted[SEINE_DATASET_NAME_MAX + 1];
    if (id == SEINE_GUESS_NONE) {
        return seine_buf_printf(d->out,
                                "\nid: # ? no column looks like one: write its name\n  name: %s\n  names: [%s]\n",
                                keep_name(d, "id"), id_fallback(d));
    }
    const seine_profile *profile = &d->sample->columns[id];
    name_of(profile, wanted);
    const char *name = keep_name(d, wanted);
    SEINE_TRY(seine_buf_printf(d->out, "\nid:%s\n  name: %s\n  ",
                               d->guess->id_is_by_value ? " # ? the first column that can be one" : "", name));
    SEINE_TRY(put_names(d, name, profile->name));
    if (strcmp(name, profile->name) != 0) SEINE_TRY(seine_buf_append_str(d->out, "\n  "));
    if (strcmp(name, "mmsi") == 0) SEINE_TRY(seine_buf_append_str(d->out, "kind: number\n  "));
    if (profile->has_blanks) SEINE_TRY(seine_buf_append_str(d->out, "trim: true\n  "));
    SEINE_TRY(seine_buf_append_str(d->out, profile->has_change ? "# such as " : "# always "));
    SEINE_TRY(show(d, profile->first));
    return seine_buf_append_str(d->out, "\n");
}

/* Whether a time of this form tells its zone. */
static bool tells_zone(const char *format, const char *example) {
    const size_t size = strlen(example);
    if (strcmp(format, "iso") != 0) return strncmp(format, "unix", 4) == 0 || strstr(format, "%z") != NULL;
    return example[size - 1] == 'Z' || example[size - 1] == 'C' || (size > 16 && strpbrk(example + 16, "+-") != NULL);
}

static seine_status put_time(draft *d) {
    const seine_guess *guess = d->guess;
    if (guess->time == SEINE_GUESS_NONE)
        return seine_buf_printf(d->out, "\ntime: # ? no column looks like one: write its name\n  names: [%s]\n",
                                time_fallback(d));
    const seine_profile *profile = &d->sample->columns[guess->time];
    SEINE_TRY(seine_buf_append_str(d->out, "\ntime: # such as "));
    SEINE_TRY(show(d, profile->first != NULL ? profile->first : ""));
    if (strcmp(profile->name, "ts") != 0) SEINE_TRY(seine_buf_append_str(d->out, "\n  "));
    SEINE_TRY(put_names(d, "ts", profile->name));
    if (guess->form == NULL)
        return seine_buf_append_str(d->out, "\n  format: iso # ? no form of a time fits all values; see "
                                            "docs/datasets.md\n");
    SEINE_TRY(seine_buf_append_str(d->out, "\n  format: "));
    SEINE_TRY(put(d, guess->form->format));
    if (guess->other != NULL)
        SEINE_TRY(seine_buf_printf(d->out, " # ? or the month first, \"%s\": no value tells", guess->other->format));
    if (tells_zone(guess->form->format, profile->first)) return seine_buf_append_str(d->out, "\n");
    return seine_buf_append_str(d->out, "\ntime_zone: UTC # ? the times tell none; else an offset such as "
                                        "+01:00, or the clocks of a place: Europe/Copenhagen\n");
}

static seine_status put_axis(draft *d, const char *axis, size_t column, const char *fallback) {
    SEINE_TRY(seine_buf_printf(d->out, "  %s: {", axis));
    if (column == SEINE_GUESS_NONE)
        return seine_buf_printf(d->out, "names: [%s]} # ? no column looks like one: write its name\n", fallback);
    SEINE_TRY(put_names(d, axis, d->sample->columns[column].name));
    return seine_buf_printf(d->out, "}%s\n", d->guess->place_is_by_value ? " # ? its values are within the globe" : "");
}

static seine_status put_position(draft *d) {
    SEINE_TRY(seine_buf_append_str(d->out, "\nposition:\n"));
    if (d->guess->is_sexagesimal) SEINE_TRY(seine_buf_append_str(d->out, "  format: dms\n"));
    if (d->guess->place_scale != 1)
        SEINE_TRY(seine_buf_printf(d->out, "  scale: %g # ? whole numbers: degrees are so much of one\n",
                                   d->guess->place_scale));
    SEINE_TRY(put_axis(d, "lat", d->guess->lat, lat_fallback(d)));
    return put_axis(d, "lon", d->guess->lon, lon_fallback(d));
}

/* ---- columns ---- */

/* Texts that are two states, the first of each pair being true. */
static const char *const states[][2] = {{"on", "off"},  {"y", "n"},     {"t", "f"},
                                        {"ja", "nein"}, {"oui", "non"}, {"si", "no"}};

/* 1 true, 0 false, -1 neither of pair @p s. */
static int state_of(const char *word, size_t s) {
    for (int k = 0; k < 2; k++)
        if (seine_str_equal_nocase(seine_str_of(word), seine_str_of(states[s][k]))) return 1 - k;
    return -1;
}

/* The pair that all texts are of, or COUNT(states). */
static size_t pair_of(const seine_profile *profile) {
    size_t s =
        profile->word_count == 0 || profile->word_count == SIZE_MAX || profile->point.count > 0 ? COUNT(states) : 0;
    for (; s < COUNT(states); s++) {
        size_t known = 0, named = 0;
        for (size_t i = 0; i < profile->word_count; i++) {
            known += state_of(profile->words[i], s) >= 0;
            named += state_of(profile->words[i], s) >= 0 || seine_guess_is_null(profile->words[i]);
        }
        if (known > 0 && named == profile->word_count) return s;
    }
    return COUNT(states);
}

static bool is_boolean(const seine_profile *profile) {
    size_t rows = 0;
    for (size_t i = 0; i < profile->word_count && profile->word_count != SIZE_MAX; i++) {
        const seine_str word = seine_str_of(profile->words[i]);
        const bool is_state =
            seine_str_equal_nocase(word, SEINE_STR("true")) || seine_str_equal_nocase(word, SEINE_STR("false")) ||
            seine_str_equal_nocase(word, SEINE_STR("yes")) || seine_str_equal_nocase(word, SEINE_STR("no"));
        rows += is_state || seine_guess_is_null(profile->words[i]) ? profile->word_rows[i] : 0;
    }
    return rows > 0 && rows == profile->filled;
}

/* Numbers with a few texts between them, whose meaning only people know. */
static bool is_mixed(const draft *d, const seine_profile *profile) {
    const size_t numbers = seine_guess_numbers(d->guess, profile)->count;
    return numbers * 2 >= profile->filled && profile->padded == 0 && profile->word_count <= WORDS_AS_VALUES;
}

typedef enum drafted_kind { KIND_STRING, KIND_INT, KIND_DOUBLE, KIND_BOOLEAN, KIND_STATES } drafted_kind;

static drafted_kind kind_of(const draft *d, const seine_profile *profile) {
    const bool has_fraction = seine_guess_numbers(d->guess, profile)->count > profile->integers;
    if (profile->filled == 0) return KIND_STRING;
    if (seine_guess_is_int(profile)) return KIND_INT;
    if (seine_guess_is_number(d->guess, profile) && (has_fraction || profile->padded == 0)) return KIND_DOUBLE;
    if (is_boolean(profile)) return KIND_BOOLEAN;
    if (pair_of(profile) < COUNT(states)) return KIND_STATES;
    if (profile->filled > 0 && is_mixed(d, profile)) return has_fraction ? KIND_DOUBLE : KIND_INT;
    return KIND_STRING;
}

/* What comes next in the braces of a column. */
static seine_status put_joint(draft *d) {
    return seine_buf_append_str(d->out, d->out->data[d->out->size - 1] == '{' ? "" : ", ");
}

static seine_status put_key(draft *d, const char *key, const char *value) {
    SEINE_TRY(put_joint(d));
    return seine_buf_printf(d->out, "%s: %s", key, value);
}

/* Words that stand for a state or for nothing; of numbers, all words. */
static seine_status put_words(draft *d, const seine_profile *profile, drafted_kind kind, bool *is_guess) {
    const size_t pair = pair_of(profile);
    size_t count = 0;
    *is_guess = false;
    for (size_t i = 0; i < profile->word_count && profile->word_count != SIZE_MAX; i++) {
        const char *word = profile->words[i];
        const int state = kind == KIND_STATES ? state_of(word, pair) : -1;
        const bool is_null = seine_guess_is_null(word), is_open = kind == KIND_INT || kind == KIND_DOUBLE;
        if (strchr(word, '*') != NULL || (state < 0 && !is_null && !is_open)) continue;
        SEINE_TRY(put_joint(d));
        if (count++ == 0) SEINE_TRY(seine_buf_append_str(d->out, "words: {"));
        SEINE_TRY(put(d, word));
        SEINE_TRY(seine_buf_printf(d->out, ": %s", state > 0 ? "true" : state == 0 ? "false" : "null"));
        *is_guess |= state < 0 && !is_null;
    }
    return count > 0 ? seine_buf_append_str(d->out, "}") : SEINE_OK;
}

static seine_status put_range(draft *d, const seine_profile *profile, drafted_kind kind) {
    const seine_profile_numbers *numbers = seine_guess_numbers(d->guess, profile);
    if (kind == KIND_STRING) {
        SEINE_TRY(seine_buf_append_str(d->out, "such as "));
        return show(d, profile->first);
    }
    if (numbers->least == numbers->most) return seine_buf_printf(d->out, "always %.10g", numbers->least);
    return seine_buf_printf(d->out, "%.10g to %.10g", numbers->least, numbers->most);
}

/* What was seen, behind a question if there is one: a range, and the texts when they are few. */
static seine_status put_seen(draft *d, const seine_profile *profile, drafted_kind kind, const char *question) {
    const char *joint = " # ";
    if (question != NULL) SEINE_TRY(seine_buf_printf(d->out, "%s%s", joint, question));
    if (question != NULL) joint = "; ";
    if (profile->filled == 0) return seine_buf_printf(d->out, "%sno value seen\n", joint);
    if (seine_guess_numbers(d->guess, profile)->count > 0) {
        SEINE_TRY(seine_buf_append_str(d->out, joint));
        SEINE_TRY(put_range(d, profile, kind));
        joint = ", ";
    }
    for (size_t i = 0; i < profile->word_count && profile->word_count <= WORDS_TOLD; i++) {
        SEINE_TRY(seine_buf_append_str(d->out, joint));
        SEINE_TRY(show(d, profile->words[i]));
        SEINE_TRY(seine_buf_printf(d->out, " (%zu)", profile->word_rows[i]));
        joint = ", ";
    }
    return seine_buf_append_str(d->out, "\n");
}

static const char *measure_unit(const char *column) {
    const char *measure = seine_guess_measure(column);
    if (measure == NULL) return NULL;
    if (strcmp(measure, "speed") == 0) return strcmp(column, "sog") == 0 ? "kn" : NULL;
    return strcmp(measure, "altitude") == 0 ? "m" : "deg";
}

/* A number that stands for none: a far one at an end of the range, as receivers and loggers send them. */
static const char *sentinel_of(const seine_profile_numbers *numbers, const char *column) {
    static const double far[] = {-9999, -999, -99999, 9999, 99999};
    static const char *const texts[] = {"-9999", "-999", "-99999", "9999", "99999"};
    const char *measure = seine_guess_measure(column);
    if (measure != NULL && strcmp(measure, "heading") == 0 && numbers->most == 511) return "511";
    if (measure != NULL && strcmp(measure, "speed") == 0 && numbers->most == 102.3) return "102.3";
    for (size_t i = 0; i < COUNT(far); i++)
        if (measure != NULL && (numbers->least == far[i] || numbers->most == far[i])) return texts[i];
    return NULL;
}

/* Name and unit of a column; @p name is kept. */
static const char *name_and_unit(draft *d, const seine_profile *profile, bool is_number, bool is_measure,
                                 const char **name) {
    char wanted[SEINE_DATASET_NAME_MAX + 1];
    size_t base;
    name_of(profile, wanted);
    const char *unit = is_number ? seine_guess_unit(wanted, &base) : NULL;
    if (unit != NULL) wanted[base] = '\0';
    *name = keep_name(d, wanted);
    return is_measure && unit == NULL ? measure_unit(*name) : unit;
}

static seine_status put_column(draft *d, const seine_profile *profile, bool is_measure) {
    static const char *const types[] = {NULL, "int", "double", "boolean", "boolean"};
    const drafted_kind kind = kind_of(d, profile);
    const bool is_number = kind == KIND_INT || kind == KIND_DOUBLE;
    bool is_open = false;
    const char *name = NULL, *unit = name_and_unit(d, profile, is_number, is_measure, &name);
    const char *sentinel = is_number ? sentinel_of(seine_guess_numbers(d->guess, profile), name) : NULL;
    SEINE_TRY(seine_buf_printf(d->out, "  %s: {", name));
    SEINE_TRY(put_names(d, name, profile->name));
    if (!is_measure && types[kind] != NULL) SEINE_TRY(put_key(d, "type", types[kind]));
    if (unit != NULL) SEINE_TRY(put_key(d, "unit", strcmp(unit, "%") == 0 ? "\"%\"" : unit));
    if (sentinel != NULL) SEINE_TRY(put_key(d, "unknown", sentinel));
    if (kind == KIND_STRING && profile->has_blanks) SEINE_TRY(put_key(d, "trim", "true"));
    SEINE_TRY(put_words(d, profile, kind, &is_open));
    SEINE_TRY(seine_buf_append_str(d->out, "}"));
    return put_seen(d, profile, kind,
                    is_open                      ? "? what do the words stand for"
                    : is_measure && unit == NULL ? "? unit: km/h, kn, m/s, mph …"
                                                 : NULL);
}

static seine_status put_other(draft *d, size_t index) {
    const seine_profile *profile = &d->sample->columns[index];
    const bool is_twice = has_namesake(d, index);
    if (!is_twice && d->name_count < SEINE_DATASET_COLUMNS_MAX - SEINE_DATASET_LINEAGE)
        return put_column(d, profile, false);
    SEINE_TRY(seine_buf_printf(
        d->out, "  # ? left out, %s: ", is_twice ? "it is called like another one" : "there are too many"));
    SEINE_TRY(show(d, profile->name));
    return seine_buf_append_str(d->out, "\n");
}

static seine_status put_columns(draft *d) {
    const seine_guess *guess = d->guess;
    bool has_title = false;
    if (guess->measure_count > 0) SEINE_TRY(seine_buf_append_str(d->out, "\nmeasures:\n"));
    for (size_t m = 0; m < guess->measure_count; m++)
        SEINE_TRY(put_column(d, &d->sample->columns[guess->measures[m]], true));
    for (size_t i = 0; i < d->sample->column_count; i++) {
        if (i == guess->id || i == guess->time || i == guess->lat || i == guess->lon || is_measure(guess, i)) continue;
        if (d->sample->columns[i].name[0] == '\0') continue; /* a delimiter too many */
        if (!has_title) SEINE_TRY(seine_buf_append_str(d->out, "\ncolumns:\n"));
        has_title = true;
        SEINE_TRY(put_other(d, i));
    }
    return SEINE_OK;
}

seine_status seine_draft_write(const seine_sample *sample, const seine_guess *guess, const char *name, const char *file,
                               seine_buf *out) {
    draft d = {.sample = sample, .guess = guess, .out = out};
    (void)keep_name(&d, "ts");
    (void)keep_name(&d, "lat");
    (void)keep_name(&d, "lon");
    SEINE_TRY(put_head(&d, name, file));
    SEINE_TRY(put_id(&d));
    SEINE_TRY(put_time(&d));
    SEINE_TRY(put_position(&d));
    return put_columns(&d);
}
