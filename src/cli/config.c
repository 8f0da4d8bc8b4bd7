/*
 * YAML and JSON files of option values: one mapping of names to scalars or lists. Every complaint names file, line and
 * key.
 */
#include "base/try.h"
#include "base/yaml.h"
#include "cli/args.h"
#include "io/file.h"

#include <stdio.h>

typedef struct seine_config {
    seine_args *args;
    const char *path;
    seine_layer layer;
    const seine_yaml *root;
    seine_error *error;
} seine_config;

static seine_status refuse(const seine_config *config, size_t line, const char *key, const char *why) {
    return seine_fail(config->error, SEINE_E_USAGE, "%s line %zu: %s%s%s", config->path, line, key != NULL ? key : "",
                      key != NULL ? ": " : "", why);
}

static seine_status take_scalar(const seine_config *config, const seine_yaml *given, seine_value *value) {
    static const char *const expected[] = {
        [SEINE_OPTION_FLAG] = "true or false",
        [SEINE_OPTION_INT] = "a whole number",
        [SEINE_OPTION_NUMBER] = "a number",
    };
    const seine_option_kind kind = value->option->kind;
    const bool is_typed = kind == SEINE_OPTION_FLAG || kind == SEINE_OPTION_INT || kind == SEINE_OPTION_NUMBER;
    char from[1200];
    if (seine_yaml_is_null(given)) return SEINE_OK; /* the key counts as not given */
    if (is_typed && !given->is_plain) {
        snprintf(from, sizeof from, "expected %s, found the text \"%s\"", expected[kind], given->text);
        return refuse(config, given->line, given->key, from);
    }
    snprintf(from, sizeof from, "%s line %zu: %s", config->path, given->line, given->key);
    return seine_value_set(config->args, value, given->text, config->layer, from, config->error);
}

/* Elements of a list; with @p value NULL they are passed over. */
static seine_status take_sequence(const seine_config *config, const seine_yaml *given, seine_value *value) {
    char from[1200];
    const bool is_list = value == NULL || seine_option_is_list(value->option);
    if (!is_list) return refuse(config, given->line, given->key, "expected one value, found a list");
    const bool is_taken = value != NULL && seine_value_enter(value, config->layer);
    for (const seine_yaml *element = given->first; element != NULL; element = element->next) {
        if (element->kind != SEINE_YAML_SCALAR)
            return refuse(config, element->line, given->key, "elements must be single values");
        if (!is_taken) continue;
        const char *text = element->text;
        snprintf(from, sizeof from, "%s line %zu: %s", config->path, element->line, given->key);
        SEINE_TRY(seine_option_check_path(value->option, text, from, config->error));
        SEINE_TRY(seine_value_add(config->args, value, text, strlen(text), config->error));
    }
    return SEINE_OK;
}

/* ---- keys ---- */

/* Whether two keys are one name: '_' is '-'. */
static bool same_name(const char *a, const char *b) {
    for (; *a != '\0' && *b != '\0'; a++, b++)
        if (*a != *b && !((*a == '_' && *b == '-') || (*a == '-' && *b == '_'))) return false;
    return *a == *b;
}

/* Name of the option that a key stands for, which may not be the one of a key above it. */
static seine_status name_of_key(const seine_config *config, const seine_yaml *given, char **name) {
    for (const seine_yaml *other = config->root->first; other != given; other = other->next) {
        if (!same_name(other->key, given->key)) continue;
        char why[64];
        snprintf(why, sizeof why, "given already in line %zu", other->key_line);
        return refuse(config, given->key_line, given->key, why);
    }
    *name = seine_arena_copy(&config->args->arena, given->key, strlen(given->key));
    if (*name == NULL) return seine_no_memory(config->error, config->path);
    for (char *c = *name; *c != '\0'; c++) *c = *c == '_' ? '-' : *c;
    return SEINE_OK;
}

static bool is_common(const seine_option *option) {
    return option >= seine_common_options && option <= seine_common_options + SEINE_COMMON_LAKE;
}

/* Whether any command has a setting of this name; offers all of them to @p nearest. */
static bool is_setting(const seine_config *config, const char *name, seine_spelling *nearest) {
    const seine_args *args = config->args;
    for (size_t i = 0; i < args->command_count; i++) {
        for (size_t k = 0; k < args->commands[i]->option_count; k++) {
            const seine_option *option = &args->commands[i]->options[k];
            if (!option->setting) continue;
            if (strcmp(option->name, name) == 0) return true;
            seine_spelling_offer(nearest, option->name);
        }
    }
    return false;
}

/* Two names of one option are as one name given twice. */
static seine_status resolve_alias(const seine_config *config, const seine_yaml *given, seine_value **value) {
    seine_value *meant = seine_args_meant(config->args, *value);
    const bool is_given = meant->layer == config->layer && !seine_option_is_list(meant->option);
    *value = meant;
    return is_given ? refuse(config, given->key_line, given->key, "given already under its other name") : SEINE_OK;
}

/* Finds the value a key stands for; *value is NULL for a setting of another command. */
static seine_status resolve_key(const seine_config *config, const seine_yaml *given, seine_value **value) {
    char *name = NULL;
    SEINE_TRY(name_of_key(config, given, &name));
    const bool only_settings = config->layer == SEINE_LAYER_LAKE;
    seine_spelling nearest = seine_spelling_of(seine_str_of(name));
    *value = seine_args_find(config->args, name, strlen(name));
    if (*value != NULL && (is_common((*value)->option) || (only_settings && !(*value)->option->setting))) *value = NULL;
    if (*value != NULL) return resolve_alias(config, given, value);
    if (only_settings && is_setting(config, name, &nearest)) return SEINE_OK;
    for (size_t i = 0; i < config->args->value_count && !only_settings; i++) {
        const seine_option *option = config->args->values[i].option;
        if (!is_common(option)) seine_spelling_offer(&nearest, option->name);
    }
    const char *best = seine_spelling_best(&nearest);
    char why[256];
    snprintf(why, sizeof why, best != NULL ? "unknown key, did you mean %s?" : "unknown key", best);
    return refuse(config, given->key_line, given->key, why);
}

static seine_status take_pair(const seine_config *config, const seine_yaml *given) {
    seine_value *value = NULL;
    SEINE_TRY(resolve_key(config, given, &value));
    switch (given->kind) {
    case SEINE_YAML_SCALAR: return value == NULL ? SEINE_OK : take_scalar(config, given, value);
    case SEINE_YAML_LIST: return take_sequence(config, given, value);
    default: return refuse(config, given->line, given->key, "expected a value or a list");
    }
}

static seine_status read_config(seine_args *args, const char *path, seine_layer layer, seine_error *error) {
    seine_config config = {.args = args, .path = path, .layer = layer, .error = error};
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, SEINE_YAML_MAX_BYTES);
    SEINE_TRY(seine_file_read(path, &text, error));
    const seine_status status = seine_yaml_read(seine_buf_str(&text), path, &args->arena, &config.root, error);
    if (status == SEINE_E_FORMAT) return seine_fail(error, SEINE_E_USAGE, "%s", error->text);
    SEINE_TRY(status);
    if (seine_yaml_is_null(config.root)) return SEINE_OK; /* an empty file */
    if (config.root->kind != SEINE_YAML_MAP)
        return refuse(&config, config.root->line, NULL, "expected \"name: value\" lines");
    for (const seine_yaml *given = config.root->first; given != NULL; given = given->next)
        SEINE_TRY(take_pair(&config, given));
    return SEINE_OK;
}

seine_status seine_args_config(seine_args *args, const char *path, seine_error *error) {
    return read_config(args, path, SEINE_LAYER_FILE, error);
}

seine_status seine_args_lake_config(seine_args *args, const char *path, seine_error *error) {
    return read_config(args, path, SEINE_LAYER_LAKE, error);
}
