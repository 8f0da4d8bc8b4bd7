/*
 * YAML and JSON files of option values: one mapping of names to scalars or lists. The event parser is used directly
 * rather than a schema, because every complaint names file, line and key.
 */
#include "base/try.h"
#include "cli/args.h"
#include "io/file.h"

#include <stdio.h>
#include <yaml.h>

#define CONFIG_MAX_BYTES (1024 * 1024)

typedef struct seine_config {
    seine_args *args;
    const char *path;
    seine_layer layer;
    yaml_parser_t parser;
    yaml_event_t event; /* the present one; freed by next_event */
    size_t line;        /* of the present event, from 1 */
    const char **seen;  /* keys so far, '_' as '-' */
    size_t *seen_line;
    size_t seen_count;
    seine_error *error;
} seine_config;

static seine_status next_event(seine_config *config) {
    yaml_event_delete(&config->event);
    if (yaml_parser_parse(&config->parser, &config->event)) {
        config->line = config->event.start_mark.line + 1;
        return SEINE_OK;
    }
    const yaml_parser_t *parser = &config->parser;
    return seine_fail(config->error, SEINE_E_USAGE, "%s line %zu: %s", config->path, parser->problem_mark.line + 1,
                      parser->problem != NULL ? parser->problem : "cannot be read");
}

static seine_status refuse(const seine_config *config, const char *key, const char *why) {
    return seine_fail(config->error, SEINE_E_USAGE, "%s line %zu: %s%s%s", config->path, config->line,
                      key != NULL ? key : "", key != NULL ? ": " : "", why);
}

static const char *scalar_text(const seine_config *config) { return (const char *)config->event.data.scalar.value; }

/* Plain `null`, `~` or nothing: the key counts as not given. */
static bool is_null(const seine_config *config) {
    const char *text = scalar_text(config);
    if (config->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
    return *text == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

static seine_status take_scalar(seine_config *config, seine_value *value, const char *key) {
    static const char *const expected[] = {
        [SEINE_OPTION_FLAG] = "true or false",
        [SEINE_OPTION_INT] = "a whole number",
        [SEINE_OPTION_NUMBER] = "a number",
    };
    const seine_option_kind kind = value->option->kind;
    const bool is_typed = kind == SEINE_OPTION_FLAG || kind == SEINE_OPTION_INT || kind == SEINE_OPTION_NUMBER;
    char from[1200];
    if (is_null(config)) return SEINE_OK;
    if (is_typed && config->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE) {
        snprintf(from, sizeof from, "expected %s, found the text \"%s\"", expected[kind], scalar_text(config));
        return refuse(config, key, from);
    }
    snprintf(from, sizeof from, "%s line %zu: %s", config->path, config->line, key);
    return seine_value_set(config->args, value, scalar_text(config), config->layer, from, config->error);
}

/* Elements of a list; with @p value NULL they are passed over. */
static seine_status take_sequence(seine_config *config, seine_value *value, const char *key) {
    char from[1200];
    const bool is_list = value == NULL || seine_option_is_list(value->option);
    if (!is_list) return refuse(config, key, "expected one value, found a list");
    const bool is_taken = value != NULL && seine_value_enter(value, config->layer);
    for (;;) {
        SEINE_TRY(next_event(config));
        if (config->event.type == YAML_SEQUENCE_END_EVENT) return SEINE_OK;
        if (config->event.type != YAML_SCALAR_EVENT) return refuse(config, key, "elements must be single values");
        if (!is_taken) continue;
        const char *text = scalar_text(config);
        snprintf(from, sizeof from, "%s line %zu: %s", config->path, config->line, key);
        SEINE_TRY(seine_option_check_path(value->option, text, from, config->error));
        SEINE_TRY(seine_value_add(config->args, value, text, strlen(text), config->error));
    }
}

/* ---- keys ---- */

static seine_status remember_key(seine_config *config, const char *key) {
    seine_arena *arena = &config->args->arena;
    char *name = seine_arena_copy(arena, key, strlen(key));
    if (name == NULL) return seine_no_memory(config->error, config->path);
    for (char *c = name; *c != '\0'; c++) *c = *c == '_' ? '-' : *c;
    for (size_t i = 0; i < config->seen_count; i++) {
        if (strcmp(config->seen[i], name) != 0) continue;
        char why[64];
        snprintf(why, sizeof why, "given already in line %zu", config->seen_line[i]);
        return refuse(config, key, why);
    }
    if ((config->seen_count & (config->seen_count + 1)) == 0) { /* full at 0, 1, 3, 7 … */
        const size_t capacity = config->seen_count * 2 + 1;
        const char **seen = SEINE_ARENA_ARRAY(arena, const char *, capacity);
        size_t *lines = SEINE_ARENA_ARRAY(arena, size_t, capacity);
        if (seen == NULL || lines == NULL) return seine_no_memory(config->error, config->path);
        for (size_t i = 0; i < config->seen_count; i++) {
            seen[i] = config->seen[i];
            lines[i] = config->seen_line[i];
        }
        config->seen = seen;
        config->seen_line = lines;
    }
    config->seen[config->seen_count] = name;
    config->seen_line[config->seen_count++] = config->line;
    return SEINE_OK;
}

static bool is_common(const seine_option *option) {
    return option >= seine_common_options && option <= seine_common_options + SEINE_COMMON_LAKE;
}

/* Whether any command has a setting of this name; offers all of them to @p nearest. */
static bool is_setting(const seine_config *config, const char *name, seine_nearest *nearest) {
    const seine_args *args = config->args;
    for (size_t i = 0; i < args->command_count; i++) {
        for (size_t k = 0; k < args->commands[i]->option_count; k++) {
            const seine_option *option = &args->commands[i]->options[k];
            if (!option->setting) continue;
            if (strcmp(option->name, name) == 0) return true;
            seine_nearest_offer(nearest, option->name);
        }
    }
    return false;
}

/* Two names of one option are as one name given twice. */
static seine_status resolve_alias(seine_config *config, const char *key, seine_value **value) {
    seine_value *meant = seine_args_meant(config->args, *value);
    const bool is_given = meant->layer == config->layer && !seine_option_is_list(meant->option);
    *value = meant;
    return is_given ? refuse(config, key, "given already under its other name") : SEINE_OK;
}

/* Finds the value a key stands for; *value is NULL for a setting of another command. */
static seine_status resolve_key(seine_config *config, const char *key, seine_value **value) {
    const char *name = config->seen[config->seen_count - 1];
    const bool only_settings = config->layer == SEINE_LAYER_LAKE;
    seine_nearest nearest = seine_nearest_to(seine_str_of(name));
    *value = seine_args_find(config->args, name, strlen(name));
    if (*value != NULL && (is_common((*value)->option) || (only_settings && !(*value)->option->setting))) *value = NULL;
    if (*value != NULL) return resolve_alias(config, key, value);
    if (only_settings && is_setting(config, name, &nearest)) return SEINE_OK;
    for (size_t i = 0; i < config->args->value_count && !only_settings; i++) {
        const seine_option *option = config->args->values[i].option;
        if (!is_common(option)) seine_nearest_offer(&nearest, option->name);
    }
    const char *best = seine_nearest_word(&nearest);
    char why[256];
    snprintf(why, sizeof why, best != NULL ? "unknown key, did you mean %s?" : "unknown key", best);
    return refuse(config, key, why);
}

static seine_status take_pair(seine_config *config) {
    if (config->event.type != YAML_SCALAR_EVENT) return refuse(config, NULL, "a key must be a name");
    char *key = seine_arena_copy(&config->args->arena, scalar_text(config), strlen(scalar_text(config)));
    if (key == NULL) return seine_no_memory(config->error, config->path);
    seine_value *value = NULL;
    SEINE_TRY(remember_key(config, key));
    SEINE_TRY(resolve_key(config, key, &value));
    SEINE_TRY(next_event(config));
    switch (config->event.type) {
    case YAML_SCALAR_EVENT: return value == NULL ? SEINE_OK : take_scalar(config, value, key);
    case YAML_SEQUENCE_START_EVENT: return take_sequence(config, value, key);
    case YAML_ALIAS_EVENT: return refuse(config, key, "aliases are not supported");
    default: return refuse(config, key, "expected a value or a list");
    }
}

/* stream start, document start, mapping, document end, stream end */
static seine_status take_document(seine_config *config) {
    do {
        SEINE_TRY(next_event(config));
        if (config->event.type == YAML_STREAM_END_EVENT) return SEINE_OK; /* an empty file */
    } while (config->event.type == YAML_STREAM_START_EVENT || config->event.type == YAML_DOCUMENT_START_EVENT);
    if (config->event.type == YAML_SCALAR_EVENT && is_null(config)) return next_event(config);
    if (config->event.type != YAML_MAPPING_START_EVENT) return refuse(config, NULL, "expected \"name: value\" lines");
    for (;;) {
        SEINE_TRY(next_event(config));
        if (config->event.type == YAML_MAPPING_END_EVENT) break;
        SEINE_TRY(take_pair(config));
    }
    SEINE_TRY(next_event(config)); /* document end */
    SEINE_TRY(next_event(config));
    if (config->event.type == YAML_STREAM_END_EVENT) return SEINE_OK;
    return refuse(config, NULL, "a second document is not allowed");
}

static seine_status read_config(seine_args *args, const char *path, seine_layer layer, seine_error *error) {
    seine_config config = {.args = args, .path = path, .layer = layer, .error = error};
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, CONFIG_MAX_BYTES);
    SEINE_TRY(seine_file_read(path, &text, error));
    if (!yaml_parser_initialize(&config.parser)) return seine_no_memory(error, path);
    yaml_parser_set_input_string(&config.parser, text.data, text.size);
    const seine_status status = take_document(&config);
    yaml_event_delete(&config.event);
    yaml_parser_delete(&config.parser);
    return status;
}

seine_status seine_args_config(seine_args *args, const char *path, seine_error *error) {
    return read_config(args, path, SEINE_LAYER_FILE, error);
}

seine_status seine_args_lake_config(seine_args *args, const char *path, seine_error *error) {
    return read_config(args, path, SEINE_LAYER_LAKE, error);
}
