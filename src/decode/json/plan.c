#include "decode/json/plan.h"

#include "base/array.h"
#include "base/try.h"
#include "decode/field.h"

#include <stdlib.h>

#define KEYS_MAX 4096 /* of one node that are remembered */
#define NODES_MAX 256

/* Three ranks for each name, and all names that are only alike behind the others. */
enum { EXACT, WITHOUT_CASE, RANKS };
#define ALIKE_FROM (SEINE_DATASET_NAMES_MAX * RANKS)
_Static_assert(ALIKE_FROM + SEINE_DATASET_NAMES_MAX < SEINE_JSON_NO_RANK, "a rank is a byte");

static void free_node(seine_json_branch *node) {
    seine_dict_free(&node->texts);
    free(node->keys);
    free(node->names);
    free(node);
}

void seine_json_plan_free(seine_json_plan *plan) {
    for (size_t n = 0; n < plan->count; n++) free_node(plan->nodes[n]);
    free(plan->nodes);
    *plan = (seine_json_plan){0};
}

/* A node with room for so many names. */
static seine_status add_node(seine_json_plan *plan, size_t name_count, seine_json_branch **out) {
    SEINE_TRY(SEINE_ARRAY_ROOM(plan->nodes, plan->count, plan->capacity, 1, NODES_MAX));
    seine_json_branch *node = calloc(1, sizeof *node);
    if (node == NULL) return SEINE_E_NOMEM;
    plan->nodes[plan->count++] = node;
    node->first = SEINE_CODE_NULL;
    node->names = calloc(name_count, sizeof *node->names);
    *out = node;
    return node->names != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

seine_status seine_json_plan_init(seine_json_plan *plan, const seine_dataset *dataset) {
    size_t count = 0;
    seine_json_branch *node = NULL;
    *plan = (seine_json_plan){0};
    for (size_t c = 0; c < dataset->column_count; c++) count += dataset->columns[c].name_count + 1;
    SEINE_TRY(add_node(plan, count, &node));
    for (size_t c = 0; c < dataset->column_count; c++) {
        const seine_dataset_column *column = &dataset->columns[c];
        for (size_t n = 0; n < column->name_count; n++)
            node->names[node->name_count++] = (seine_json_name){column->names[n], (uint8_t)c, (uint8_t)n};
        if (column->name_count == 0) node->names[node->name_count++] = (seine_json_name){column->name, (uint8_t)c, 0};
    }
    return SEINE_OK;
}

seine_status seine_json_plan_names(seine_json_plan *plan, const char *const *names, size_t count) {
    seine_json_branch *node = NULL;
    *plan = (seine_json_plan){.is_exact = true};
    SEINE_TRY(add_node(plan, count, &node));
    for (; node->name_count < count; node->name_count++)
        node->names[node->name_count] = (seine_json_name){names[node->name_count], (uint8_t)node->name_count, 0};
    return SEINE_OK;
}

/* How a key is like a name. @return the rank, or SEINE_JSON_NO_RANK. */
static uint8_t rank_of(seine_str key, const seine_json_name *name, bool is_exact) {
    const seine_str text = seine_str_of(name->text);
    if (seine_str_equal(key, text)) return (uint8_t)(name->rank * RANKS + EXACT);
    if (is_exact) return SEINE_JSON_NO_RANK;
    if (seine_str_equal_nocase(key, text)) return (uint8_t)(name->rank * RANKS + WITHOUT_CASE);
    return seine_field_name_equal(key, name->text) ? (uint8_t)(ALIKE_FROM + name->rank) : SEINE_JSON_NO_RANK;
}

/* What is left of a name behind the point that ends this key, or NULL. */
static const char *behind(seine_str key, const char *name) {
    const char *point = strchr(name, '.');
    if (point == NULL || point[1] == '\0') return NULL;
    const seine_str part = {name, (size_t)(point - name)};
    return seine_str_equal_nocase(key, part) ? point + 1 : NULL;
}

/* The node of what lies under a key, if any name leads there. */
static seine_status add_child(seine_json_plan *plan, const seine_json_branch *node, seine_str key, uint16_t *child) {
    size_t count = 0;
    seine_json_branch *made = NULL;
    *child = SEINE_JSON_NO_BRANCH;
    for (size_t n = 0; n < node->name_count && !plan->is_exact; n++) count += behind(key, node->names[n].text) != NULL;
    if (count == 0 || plan->count == NODES_MAX) return SEINE_OK;
    *child = (uint16_t)plan->count;
    SEINE_TRY(add_node(plan, count, &made));
    for (size_t n = 0; n < node->name_count; n++) {
        seine_json_name name = node->names[n];
        name.text = behind(key, name.text);
        if (name.text != NULL) made->names[made->name_count++] = name;
    }
    return SEINE_OK;
}

static seine_json_field match(const seine_json_branch *node, seine_str key, bool is_exact) {
    seine_json_field field = {SEINE_JSON_NO_COLUMN, SEINE_JSON_NO_RANK, SEINE_JSON_NO_BRANCH};
    for (size_t n = 0; n < node->name_count; n++) {
        const uint8_t rank = rank_of(key, &node->names[n], is_exact);
        if (rank >= field.rank) continue;
        field.rank = rank;
        field.column = node->names[n].column;
    }
    return field;
}

seine_status seine_json_plan_find(seine_json_plan *plan, uint16_t number, seine_str key, uint32_t *code,
                                  seine_json_field *field) {
    seine_json_branch *node = plan->nodes[number];
    *code = seine_dict_find(&node->texts, key);
    if (*code != SEINE_CODE_NULL) {
        *field = node->keys[*code].field;
        return SEINE_OK;
    }
    *field = match(node, key, plan->is_exact);
    if (node->texts.count >= KEYS_MAX) return SEINE_OK;
    SEINE_TRY(add_child(plan, node, key, &field->node));
    SEINE_TRY(SEINE_ARRAY_ROOM(node->keys, node->texts.count, node->key_capacity, 1, KEYS_MAX));
    SEINE_TRY(seine_dict_intern(&node->texts, key, code));
    node->keys[*code] = (seine_json_known_key){*field, SEINE_CODE_NULL};
    return SEINE_OK;
}
