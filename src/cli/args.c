/*
 * Values of options. One seine_value per option of the command holds the strongest layer seen so far; every text
 * passes seine_value_set, so that kinds and ranges are checked alike wherever a value comes from.
 */
#include "cli/args.h"

#include "base/array.h"
#include "base/number.h"
#include "base/try.h"

#include <assert.h>
#include <stdio.h>

#define VALUES_MAX ((size_t)1 << 24) /* of one option, also of a settings file */

/* "min_gap_length" of config files and "min-gap-length" are the same name. */
static bool names_equal(const char *name, const char *given, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (name[i] != (given[i] == '_' ? '-' : given[i])) return false;
    }
    return name[size] == '\0';
}

seine_value *seine_args_find(const seine_args *args, const char *name, size_t size) {
    for (size_t i = 0; i < args->value_count; i++) {
        if (strlen(args->values[i].option->name) >= size && names_equal(args->values[i].option->name, name, size)) {
            return &args->values[i];
        }
    }
    return NULL;
}

seine_value *seine_args_meant(const seine_args *args, seine_value *value) {
    const char *alias = value->option->alias;
    if (alias == NULL) return value;
    seine_value *meant = seine_args_find(args, alias, strlen(alias));
    assert(meant != NULL); /* the command names an option that it does not have */
    return meant != NULL ? meant : value;
}

bool seine_value_enter(seine_value *value, seine_layer layer) {
    if (value->layer > layer) return false;
    if (value->layer < layer) value->count = 0;
    value->layer = layer;
    return true;
}

seine_status seine_value_add(seine_args *args, seine_value *value, const char *text, size_t size, seine_error *error) {
    char *copy = seine_arena_copy(&args->arena, text, size);
    if (copy == NULL ||
        SEINE_ARENA_ROOM(&args->arena, value->list, value->count, value->capacity, 1, VALUES_MAX) != SEINE_OK)
        return seine_no_memory(error, "options");
    value->list[value->count++] = copy;
    return SEINE_OK;
}

bool seine_flag_parse(const char *text, bool *flag) {
    static const char *const words[] = {"off", "on", "false", "true", "no", "yes", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (seine_str_equal_nocase(seine_str_of(text), seine_str_of(words[i]))) {
            *flag = i % 2 == 1;
            return true;
        }
    }
    return false;
}

static seine_status check_range(const seine_option *option, double number, const char *from, seine_error *error) {
    if (!(option->least < option->most) || (number >= option->least && number <= option->most)) return SEINE_OK;
    char least[32], most[32];
    snprintf(least, sizeof least, "%.15g", option->least);
    snprintf(most, sizeof most, "%.15g", option->most);
    return seine_fail(error, SEINE_E_USAGE, "%s: %.15g is outside %s to %s", from, number, least, most);
}

static seine_status set_list(seine_args *args, seine_value *value, const char *text, seine_error *error) {
    if (value->option->kind != SEINE_OPTION_LIST) return seine_value_add(args, value, text, strlen(text), error);
    while (*text != '\0') { /* LIST: empty elements are dropped */
        const size_t size = strcspn(text, ",");
        const seine_str element = seine_str_trim((seine_str){text, size});
        if (element.size > 0) {
            SEINE_TRY(seine_value_add(args, value, element.data, element.size, error));
        }
        text += size + (text[size] == ',');
    }
    return SEINE_OK;
}

static seine_status set_text(seine_args *args, seine_value *value, const char *text, const char *from,
                             seine_error *error) {
    const seine_option *option = value->option;
    const seine_str given = seine_str_of(text);
    switch (option->kind) {
    case SEINE_OPTION_FLAG:
        if (!seine_flag_parse(text, &value->flag)) {
            return seine_fail(error, SEINE_E_USAGE, "%s: \"%s\" is neither on nor off", from, text);
        }
        break;
    case SEINE_OPTION_INT:
        if (!seine_integer_parse(given, &value->integer)) {
            return seine_fail(error, SEINE_E_USAGE, "%s: \"%s\" is not a whole number", from, text);
        }
        value->number = (double)value->integer;
        break;
    case SEINE_OPTION_NUMBER:
        if (!seine_number_parse(given, &value->number)) {
            return seine_fail(error, SEINE_E_USAGE, "%s: \"%s\" is not a number", from, text);
        }
        break;
    case SEINE_OPTION_LIST:
    case SEINE_OPTION_TEXTS:
    case SEINE_OPTION_WORDS: return set_list(args, value, text, error);
    case SEINE_OPTION_TEXT: break;
    }
    value->text = seine_arena_copy(&args->arena, text, given.size);
    if (value->text == NULL) return seine_no_memory(error, "options");
    const bool is_number = option->kind == SEINE_OPTION_INT || option->kind == SEINE_OPTION_NUMBER;
    return is_number ? check_range(option, value->number, from, error) : SEINE_OK;
}

seine_status seine_value_set(seine_args *args, seine_value *value, const char *text, seine_layer layer,
                             const char *from, seine_error *error) {
    if (!seine_value_enter(value, layer)) return SEINE_OK;
    SEINE_TRY(seine_option_check_path(value->option, text, from, error));
    return set_text(args, value, text, from, error);
}

/* ---- what commands ask ---- */

static const seine_value *value_of(const seine_args *args, const char *name) {
    static const seine_value none;
    const seine_value *value = seine_args_find(args, name, strlen(name));
    assert(value != NULL); /* the command asks for an option that it does not have */
    return value != NULL ? value : &none;
}

const char *seine_args_text(const seine_args *args, const char *name) { return value_of(args, name)->text; }

bool seine_args_flag(const seine_args *args, const char *name) { return value_of(args, name)->flag; }

int64_t seine_args_int(const seine_args *args, const char *name) { return value_of(args, name)->integer; }

double seine_args_number(const seine_args *args, const char *name) { return value_of(args, name)->number; }

bool seine_args_given(const seine_args *args, const char *name) {
    return value_of(args, name)->layer > SEINE_LAYER_DEFAULT;
}

const char *const *seine_args_list(const seine_args *args, const char *name, size_t *count) {
    const seine_value *value = name == NULL ? &args->positionals : value_of(args, name);
    *count = value->count;
    return value->list;
}

const char *seine_args_lake(const seine_args *args) { return value_of(args, "lake")->text; }

bool seine_args_json(const seine_args *args) { return args->wants_json; }

bool seine_args_quiet(const seine_args *args) { return args->wants_quiet; }
