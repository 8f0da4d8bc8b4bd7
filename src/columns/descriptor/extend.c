/* Two descriptions of one dataset: what the later one adds. */
#include "columns/descriptor/descriptor.h"

/* Maps whose keys are names of the user's own, so that a key doc in them is a column, a word, a setting. */
static bool has_own_names(const seine_yaml *map) {
    static const char *const maps[] = {"columns", "measures", "words", "settings"};
    for (size_t i = 0; map->key != NULL && i < sizeof maps / sizeof *maps; i++)
        if (strcmp(map->key, maps[i]) == 0) return true;
    return false;
}

static bool is_top(const seine_yaml *value, const char *key) {
    return value->key != NULL && strcmp(value->key, key) == 0 && value->parent != NULL && value->parent->parent == NULL;
}

/* What says nothing about rows. */
static bool is_remark(const seine_yaml *value) {
    if (value->key == NULL) return false;
    if (strcmp(value->key, "doc") == 0) return value->parent == NULL || !has_own_names(value->parent);
    return is_top(value, "word") || is_top(value, "outputs") || is_top(value, "gap_hours") ||
           is_top(value, "fishing_gap_hours") || is_top(value, "fishing_score") || is_top(value, "gate_kn") ||
           is_top(value, "segments");
}

/* The two have the same values below them; of maps it is for the caller to go through both. */
static bool is_same_scalar(const seine_yaml *a, const seine_yaml *b) {
    return seine_yaml_is_null(a) == seine_yaml_is_null(b) && (seine_yaml_is_null(a) || strcmp(a->text, b->text) == 0);
}

/* The type of a column in `columns`: what an int holds a long does, too, as Iceberg has it. */
static bool is_widened(const seine_yaml *then, const seine_yaml *now) {
    const seine_yaml *column = now->parent;
    if (now->key == NULL || strcmp(now->key, "type") != 0 || column == NULL || column->parent == NULL) return false;
    return is_top(column->parent, "columns") && then->kind == SEINE_YAML_SCALAR && now->kind == SEINE_YAML_SCALAR &&
           strcmp(then->text, "int") == 0 && strcmp(now->text, "long") == 0;
}

/* Rows that a rule has refused are not read again. */
static bool is_ruled(const seine_yaml *column) {
    const seine_yaml *rules = seine_yaml_get(column->parent->parent, "rules");
    const seine_yaml *rule = rules != NULL && rules->kind == SEINE_YAML_LIST ? rules->first : NULL;
    for (; rule != NULL; rule = rule->next) {
        const seine_yaml *name = rule->kind == SEINE_YAML_MAP ? seine_yaml_get(rule, "column") : NULL;
        if (name != NULL && name->kind == SEINE_YAML_SCALAR && strcmp(name->text, column->key) == 0) return true;
    }
    return false;
}

static seine_status changed(const seine_descriptor *d, const seine_yaml *now) {
    return seine_descriptor_refuse(
        d, now,
        "it is otherwise in the description that the lake's rows were made by, and only "
        "columns may be added to that, and an int become a long; give the dataset another name, or take it out "
        "first: seine lake clear");
}

static seine_status compare(const seine_descriptor *d, const seine_yaml *then, const seine_yaml *now, size_t *added);

static seine_status compare_lists(const seine_descriptor *d, const seine_yaml *then, const seine_yaml *now,
                                  size_t *added) {
    const seine_yaml *a = then->first, *b = now->first;
    for (; a != NULL && b != NULL; a = a->next, b = b->next) SEINE_TRY(compare(d, a, b, added));
    return a == b ? SEINE_OK : changed(d, now);
}

/* The keys of @p then stand in @p now in another order. */
static bool is_reordered(const seine_yaml *then, const seine_yaml *now) {
    const seine_yaml *b = now->first;
    for (const seine_yaml *a = then->first; a != NULL; a = a->next) {
        while (b != NULL && strcmp(a->key, b->key) != 0) b = b->next;
        if (b == NULL) return true;
    }
    return false;
}

static size_t count_of(const seine_yaml *map) {
    size_t count = 0;
    for (const seine_yaml *value = map->first; value != NULL; value = value->next) count++;
    return count;
}

static seine_status compare_maps(const seine_descriptor *d, const seine_yaml *then, const seine_yaml *now,
                                 size_t *added) {
    for (const seine_yaml *a = then->first; a != NULL; a = a->next)
        if (!is_remark(a) && seine_yaml_get(now, a->key) == NULL) return changed(d, now);
    for (const seine_yaml *b = now->first; b != NULL; b = b->next) {
        const seine_yaml *a = seine_yaml_get(then, b->key);
        if (is_remark(b)) continue;
        if (a != NULL)
            SEINE_TRY(compare(d, a, b, added));
        else if (is_top(now, "columns"))
            (*added)++;
        else if (is_top(b, "columns"))
            *added += count_of(b); /* its first ones */
        else
            return changed(d, b);
    }
    if (!is_reordered(then, now)) return SEINE_OK;
    if (is_top(now, "measures")) return changed(d, now);
    *added += is_top(now, "columns"); /* silver's columns get another order */
    return SEINE_OK;
}

/* No deeper than descriptions are, which base/yaml.h bounds. */
static seine_status compare(const seine_descriptor *d, const seine_yaml *then, const seine_yaml *now, size_t *added) {
    if (then->kind != now->kind) return changed(d, now);
    if (then->kind == SEINE_YAML_MAP) return compare_maps(d, then, now, added);
    if (then->kind == SEINE_YAML_LIST) return compare_lists(d, then, now, added);
    if (is_same_scalar(then, now)) return SEINE_OK;
    if (!is_widened(then, now)) return changed(d, now);
    if (is_ruled(now->parent))
        return seine_descriptor_refuse(d, now,
                                       "a rule says which values of %s are refused, and the lake's rows were refused "
                                       "as those of an int; add a column of type long beside it",
                                       now->parent->key);
    (*added)++;
    return SEINE_OK;
}

seine_status seine_dataset_compare(const char *then, const char *now, const char *file, size_t *added,
                                   seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_descriptor d = {.file = file, .arena = &arena, .error = error};
    const seine_yaml *a = NULL, *b = NULL;
    *added = 0;
    SEINE_TRY(seine_yaml_read(seine_str_of(then), file, &arena, &a, error));
    SEINE_TRY(seine_yaml_read(seine_str_of(now), file, &arena, &b, error));
    if (a == NULL || b == NULL) return seine_fail(error, SEINE_E_FORMAT, "%s: an empty description", file);
    return compare(&d, a, b, added);
}
