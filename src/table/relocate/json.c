/* Table and view metadata with other addresses: a copy in which the values of the keys below are moved. */
#include "table/relocate/move.h"

#define STATISTICS "statistics-path"

static const char *const location_keys[] = {
    "location",
    "metadata-file",
    "write.data.path",
    "write.metadata.path",
    "write.object-storage.path",
    "write.folder-storage.path",
};

/* The copying, with its first failure. */
typedef struct json_copy {
    seine_move *move;
    bool is_former;
    seine_json_writer writer;
    seine_status status;
    seine_error *error;
} json_copy;

static bool is_location(seine_str key) {
    for (size_t i = 0; i < sizeof location_keys / sizeof location_keys[0]; i++)
        if (seine_str_equal(key, seine_str_of(location_keys[i]))) return true;
    return false;
}

static void put_location(json_copy *c, seine_str location) {
    seine_str moved;
    c->status = seine_move_location(c->move, location, c->move->arena, &moved, c->error);
    if (c->status == SEINE_OK) seine_json_put_text(&c->writer, moved);
}

/* A file of statistics is copied as it is: it names no other. */
static void put_statistics(json_copy *c, seine_str location) {
    put_location(c, location);
    if (c->status == SEINE_OK && c->move->is_copy && !c->is_former)
        c->status = seine_move_carry(c->move, location, -1, c->move->arena, c->error);
}

/* @p snapshot holds the list. */
static void put_list(json_copy *c, seine_json_value snapshot, seine_str location) {
    const char *moved = NULL;
    const int64_t id = seine_json_int(seine_json_get(snapshot, "snapshot-id"), 0);
    c->status = seine_move_list(c->move, location, id, &moved, c->error);
    if (c->status == SEINE_OK) seine_json_put_text(&c->writer, seine_str_of(moved));
}

static void put_copy(json_copy *c, seine_json_value value);

static void put_object(json_copy *c, seine_json_value object) {
    seine_json_iter it = {0};
    seine_json_begin_object(&c->writer);
    while (c->status == SEINE_OK && seine_json_next(object, &it)) {
        const seine_str text = seine_json_text(it.value);
        seine_json_key(&c->writer, it.key);
        const bool is_list = text.size > 0 && seine_str_equal(it.key, SEINE_STR("manifest-list"));
        if (is_list && !c->is_former)
            put_list(c, object, text);
        else if (text.size > 0 && seine_str_equal(it.key, SEINE_STR(STATISTICS)))
            put_statistics(c, text);
        else if (is_list || (text.size > 0 && is_location(it.key)))
            put_location(c, text);
        else
            put_copy(c, it.value);
    }
    seine_json_end_object(&c->writer);
}

static void put_array(json_copy *c, seine_json_value array) {
    seine_json_iter it = {0};
    seine_json_begin_array(&c->writer);
    while (c->status == SEINE_OK && seine_json_next(array, &it)) put_copy(c, it.value);
    seine_json_end_array(&c->writer);
}

/* Depth is bounded by the parser. */
static void put_copy(json_copy *c, seine_json_value value) {
    switch (seine_json_kind_of(value)) {
    case SEINE_JSON_OBJECT: put_object(c, value); break;
    case SEINE_JSON_ARRAY: put_array(c, value); break;
    default: seine_json_put_value(&c->writer, value); break;
    }
}

seine_status seine_move_json(seine_move *move, seine_json_value root, bool is_former, seine_buf *out,
                             seine_error *error) {
    json_copy copy = {.move = move, .is_former = is_former, .writer = seine_json_writer_to(out), .error = error};
    put_copy(&copy, root);
    if (copy.status != SEINE_OK) return copy.status;
    if (copy.writer.status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, copy.writer.status, "table %s: making its metadata", move->name);
}
