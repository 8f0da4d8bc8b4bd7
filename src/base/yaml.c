/*
 * The tree is built from the events of the parser, so that its bounds hold while the text is read and every value has
 * its line. Keys of a map are looked for one by one: maps written by hand are short, and SEINE_YAML_MAX_NODES bounds
 * the others.
 */
#include "base/yaml.h"

#include "base/try.h"

#include <yaml.h>

typedef struct yaml_reader {
    const char *name;
    seine_arena *arena;
    yaml_parser_t parser;
    yaml_event_t event; /* the present one; freed by next_event */
    size_t line;        /* of the present event, from 1 */
    size_t nodes;
    seine_error *error;
} yaml_reader;

static seine_status refuse(const yaml_reader *reader, const char *key, const char *why) {
    return seine_fail(reader->error, SEINE_E_FORMAT, "%s line %zu: %s%s%s", reader->name, reader->line,
                      key != NULL ? key : "", key != NULL ? ": " : "", why);
}

static seine_status next_event(yaml_reader *reader) {
    const yaml_parser_t *parser = &reader->parser;
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event)) {
        reader->line = reader->event.start_mark.line + 1;
        return SEINE_OK;
    }
    if (parser->error == YAML_MEMORY_ERROR) return seine_no_memory(reader->error, reader->name);
    reader->line = parser->problem_mark.line + 1;
    return refuse(reader, NULL, parser->problem != NULL ? parser->problem : "cannot be read");
}

/* A new value of the present event, named @p key. */
static seine_status add_node(yaml_reader *reader, const char *key, seine_yaml_kind kind, seine_yaml **made) {
    if (++reader->nodes > SEINE_YAML_MAX_NODES)
        return seine_fail(reader->error, SEINE_E_LIMIT, "%s line %zu: more than %d values", reader->name, reader->line,
                          SEINE_YAML_MAX_NODES);
    seine_yaml *node = seine_arena_alloc(reader->arena, sizeof *node);
    if (node == NULL) return seine_no_memory(reader->error, reader->name);
    *node = (seine_yaml){.kind = kind, .line = reader->line, .key = key};
    *made = node;
    return SEINE_OK;
}

static seine_status take_text(yaml_reader *reader, const char *key, const char **text) {
    const char *bytes = (const char *)reader->event.data.scalar.value;
    const size_t size = reader->event.data.scalar.length;
    if (memchr(bytes, '\0', size) != NULL) return refuse(reader, key, "a NUL is not allowed");
    *text = seine_arena_copy(reader->arena, bytes, size);
    return *text != NULL ? SEINE_OK : seine_no_memory(reader->error, reader->name);
}

static seine_status refuse_extras(const yaml_reader *reader, const char *key) {
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (reader->event.type) {
    case YAML_ALIAS_EVENT: return refuse(reader, key, "aliases are not supported");
    case YAML_SCALAR_EVENT:
        anchor = reader->event.data.scalar.anchor;
        tag = reader->event.data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = reader->event.data.sequence_start.anchor;
        tag = reader->event.data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = reader->event.data.mapping_start.anchor;
        tag = reader->event.data.mapping_start.tag;
        break;
    default: break;
    }
    if (anchor != NULL) return refuse(reader, key, "anchors are not supported");
    return tag != NULL ? refuse(reader, key, "tags are not supported") : SEINE_OK;
}

/* The present event as a key of @p map: a name that it does not have yet. */
static seine_status take_key(yaml_reader *reader, const seine_yaml *map, const char **key) {
    if (reader->event.type != YAML_SCALAR_EVENT || reader->event.data.scalar.length == 0) {
        SEINE_TRY(refuse_extras(reader, NULL));
        return refuse(reader, NULL, "a key must be a name");
    }
    SEINE_TRY(take_text(reader, NULL, key));
    SEINE_TRY(refuse_extras(reader, *key));
    const seine_yaml *other = seine_yaml_get(map, *key);
    if (other == NULL) return SEINE_OK;
    char why[64];
    (void)snprintf(why, sizeof why, "given already in line %zu", other->key_line);
    return refuse(reader, *key, why);
}

static seine_status take_value(yaml_reader *reader, const char *key, size_t depth, seine_yaml **made);

/* What is inside a map or list, up to its end. */
static seine_status take_inside(yaml_reader *reader, seine_yaml *parent, size_t depth) { // NOLINT(misc-no-recursion)
    const bool is_map = parent->kind == SEINE_YAML_MAP;
    const yaml_event_type_t end = is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    for (seine_yaml **place = &parent->first;; place = &(*place)->next, parent->count++) {
        const char *key = NULL;
        SEINE_TRY(next_event(reader));
        if (reader->event.type == end) return SEINE_OK;
        const size_t key_line = reader->line;
        if (is_map) {
            SEINE_TRY(take_key(reader, parent, &key));
            SEINE_TRY(next_event(reader));
        }
        SEINE_TRY(take_value(reader, key, depth, place));
        (*place)->key_line = key_line;
        (*place)->parent = parent;
    }
}

/* The value that begins with the present event. */
static seine_status take_value(yaml_reader *reader, const char *key, size_t depth, // NOLINT(misc-no-recursion)
                               seine_yaml **made) {
    SEINE_TRY(refuse_extras(reader, key));
    if (reader->event.type == YAML_SCALAR_EVENT) {
        SEINE_TRY(add_node(reader, key, SEINE_YAML_SCALAR, made));
        (*made)->is_plain = reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        return take_text(reader, key, &(*made)->text);
    }
    if (depth == SEINE_YAML_MAX_DEPTH)
        return seine_fail(reader->error, SEINE_E_LIMIT, "%s line %zu: more than %d levels", reader->name, reader->line,
                          SEINE_YAML_MAX_DEPTH);
    const bool is_map = reader->event.type == YAML_MAPPING_START_EVENT;
    seine_yaml *node = NULL;
    SEINE_TRY(add_node(reader, key, is_map ? SEINE_YAML_MAP : SEINE_YAML_LIST, &node));
    *made = node;
    return take_inside(reader, node, depth + 1);
}

/* stream start, document start, a value, document end, stream end */
static seine_status take_document(yaml_reader *reader, seine_yaml **root) {
    do {
        SEINE_TRY(next_event(reader));
        if (reader->event.type == YAML_STREAM_END_EVENT) return SEINE_OK; /* an empty text */
    } while (reader->event.type == YAML_STREAM_START_EVENT || reader->event.type == YAML_DOCUMENT_START_EVENT);
    SEINE_TRY(take_value(reader, NULL, 0, root));
    SEINE_TRY(next_event(reader)); /* document end */
    SEINE_TRY(next_event(reader));
    if (reader->event.type == YAML_STREAM_END_EVENT) return SEINE_OK;
    return refuse(reader, NULL, "a second document is not allowed");
}

/* The library would tell a wrong byte without its line. */
static seine_status check_encoding(seine_str text, const char *name, seine_error *error) {
    size_t line = 1;
    for (size_t from = 0; from < text.size; line++) {
        const char *end = memchr(text.data + from, '\n', text.size - from);
        const size_t size = end != NULL ? (size_t)(end - text.data) - from : text.size - from;
        if (!seine_str_is_utf8((seine_str){text.data + from, size}))
            return seine_fail(error, SEINE_E_FORMAT, "%s line %zu: not UTF-8", name, line);
        from += size + 1;
    }
    return SEINE_OK;
}

seine_status seine_yaml_read(seine_str text, const char *name, seine_arena *arena, const seine_yaml **root,
                             seine_error *error) {
    yaml_reader reader = {.name = name, .arena = arena, .error = error};
    seine_yaml *made = NULL;
    *root = NULL;
    if (text.size > SEINE_YAML_MAX_BYTES)
        return seine_fail(error, SEINE_E_LIMIT, "%s: more than %zu bytes", name, SEINE_YAML_MAX_BYTES);
    SEINE_TRY(check_encoding(text, name, error));
    if (!yaml_parser_initialize(&reader.parser)) return seine_no_memory(error, name);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.data, text.size);
    const seine_status status = take_document(&reader, &made);
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    if (status == SEINE_OK) *root = made;
    return status;
}

const seine_yaml *seine_yaml_get(const seine_yaml *map, const char *key) {
    if (map == NULL || map->kind != SEINE_YAML_MAP) return NULL;
    for (const seine_yaml *value = map->first; value != NULL; value = value->next)
        if (strcmp(value->key, key) == 0) return value;
    return NULL;
}

bool seine_yaml_is_null(const seine_yaml *value) {
    if (value == NULL) return true;
    if (value->kind != SEINE_YAML_SCALAR || !value->is_plain) return false;
    return *value->text == '\0' || strcmp(value->text, "~") == 0 || strcmp(value->text, "null") == 0;
}
