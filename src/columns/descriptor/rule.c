/* Which rows are refused, in which order, and under which name they are counted. */
#include "columns/descriptor/descriptor.h"

#include <math.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REASON_MAX 32

static seine_status column_of(const seine_descriptor *d, const seine_yaml *node, size_t *index) {
    const char *names[SEINE_DATASET_COLUMNS_MAX], *text = NULL;
    for (size_t i = 0; i < d->dataset.column_count; i++) names[i] = d->columns[i].name;
    SEINE_TRY(seine_descriptor_text(d, node, "column", &text));
    if (text == NULL) return seine_descriptor_refuse(d, node, "column is missing: of which column is this a rule?");
    return seine_descriptor_choice(d, node, "column", names, d->dataset.column_count, index);
}

static seine_status read_refused(const seine_descriptor *d, const seine_yaml *node, unsigned *refuse) {
    static const char *const words[] = {"missing", "fault", "range"};
    static const unsigned bits[] = {SEINE_REFUSE_MISSING, SEINE_REFUSE_FAULT, SEINE_REFUSE_RANGE};
    const seine_yaml *value = seine_yaml_get(node, "refuse");
    const char *const *texts = NULL;
    size_t count = 0;
    char what[200];
    SEINE_TRY(seine_descriptor_texts(d, node, "refuse", COUNT(words), &texts, &count));
    if (count == 0)
        return seine_descriptor_refuse(d, node, "refuse is missing; write what is refused: missing, fault or range");
    for (size_t i = 0; i < count; i++) {
        size_t word = 0;
        while (word < COUNT(words) && strcmp(words[word], texts[i]) != 0) word++;
        (void)snprintf(what, sizeof what, "\"%.100s\" cannot be refused", texts[i]);
        if (word == COUNT(words)) return seine_descriptor_refuse_word(d, value, what, texts[i], words, COUNT(words));
        *refuse |= bits[word];
    }
    return SEINE_OK;
}

/* What a rule counts rows as. Words of the decoder's own are no reasons, save where they mean the same. */
static seine_status read_reason(const seine_descriptor *d, const seine_yaml *node, seine_dataset_rule *rule) {
    static const char *const taken[] = {"id", "time", "position", "ragged", "length", "json", "future"};
    const seine_yaml *value = seine_yaml_get(node, "reason");
    rule->reason = d->columns[rule->column].name;
    SEINE_TRY(seine_descriptor_text(d, node, "reason", &rule->reason));
    if (value == NULL) value = node;
    if (rule->reason[0] == '\0' || strlen(rule->reason) > REASON_MAX ||
        rule->reason[strspn(rule->reason, "abcdefghijklmnopqrstuvwxyz")] != '\0')
        return seine_descriptor_refuse(
            d, value, "a reason is one word of at most %d letters a-z, such as reason: speed", REASON_MAX);
    for (size_t i = 0; i < COUNT(taken); i++)
        if (strcmp(taken[i], rule->reason) == 0 && i != rule->column) /* id and time may have their own */
            return seine_descriptor_refuse(d, value, "%s is the reason of other rows already; choose another word",
                                           rule->reason);
    return SEINE_OK;
}

static bool is_number(const seine_dataset_column *column) {
    return seine_dataset_is_whole(column->type) || column->type == SEINE_TYPE_DOUBLE;
}

/* Limits of a rule, for a column that has none. */
static seine_status read_own_limits(seine_descriptor *d, const seine_yaml *node, const seine_dataset_rule *rule,
                                    double *least, double *most) {
    const seine_dataset_column *column = &d->columns[rule->column];
    const seine_yaml *at = d->column_nodes[rule->column];
    const bool is_limited =
        rule->column <= SEINE_DATASET_LON || seine_yaml_get(at, "least") != NULL || seine_yaml_get(at, "most") != NULL;
    if (seine_yaml_get(node, "least") == NULL && seine_yaml_get(node, "most") == NULL) return SEINE_OK;
    SEINE_TRY(seine_descriptor_limit(d, node, "least", least));
    SEINE_TRY(seine_descriptor_limit(d, node, "most", most));
    if (!is_number(column)) return seine_descriptor_refuse(d, node, "%s is no number and has no limits", column->name);
    if (is_limited) return seine_descriptor_refuse(d, node, "%s has limits of its own already", column->name);
    if ((rule->refuse & SEINE_REFUSE_RANGE) == 0)
        return seine_descriptor_refuse(d, node, "limits without refuse: range refuse nothing");
    if (*least > *most)
        return seine_descriptor_refuse(d, node, "least is %.15g, greater than most, which is %.15g", *least, *most);
    return SEINE_OK;
}

/* Limits of a rule hold while it does: they are the column's then. */
static seine_status read_limits(seine_descriptor *d, const seine_yaml *node, const seine_dataset_rule *rule,
                                bool is_on) {
    seine_dataset_column *column = &d->columns[rule->column];
    double least = column->least, most = column->most;
    SEINE_TRY(read_own_limits(d, node, rule, &least, &most));
    if ((rule->refuse & SEINE_REFUSE_RANGE) != 0 && (!is_number(column) || (isinf(least) && isinf(most))))
        return seine_descriptor_refuse(
            d, node, "%s has no limits that a value could be outside of; write least and most", column->name);
    if (is_on) {
        column->least = least;
        column->most = most;
    }
    return SEINE_OK;
}

static seine_status is_switched_on(seine_descriptor *d, const seine_yaml *node, bool *is_on) {
    const char *name = NULL;
    double value = 1;
    SEINE_TRY(seine_descriptor_text(d, node, "when", &name));
    if (name != NULL) SEINE_TRY(seine_descriptor_setting(d, seine_yaml_get(node, "when"), name, &value));
    *is_on = value == 1;
    if (value == 0 || value == 1) return SEINE_OK;
    return seine_fail(d->error, SEINE_E_USAGE,
                      "%s: %.15g is neither 1 (on) nor 0 (off); a rule in %s line %zu needs it", name, value, d->file,
                      node->line);
}

static seine_status check_rule(const seine_descriptor *d, const seine_yaml *node, const seine_dataset_rule *rule) {
    const seine_dataset_column *column = &d->columns[rule->column];
    if (d->dataset.needs_position && (rule->column == SEINE_DATASET_LAT || rule->column == SEINE_DATASET_LON))
        return seine_descriptor_refuse(d, node, "rows without a good %s are refused anyway, as position", column->name);
    const bool is_text = column->type == SEINE_TYPE_STRING &&
                         !(rule->column == SEINE_DATASET_ID && d->dataset.id_kind == SEINE_ID_NUMBER);
    if (is_text && (rule->refuse & SEINE_REFUSE_FAULT) != 0)
        return seine_descriptor_refuse(d, node, "any text is a value of %s, so none is a fault", column->name);
    for (size_t i = 0; i < d->dataset.rule_count; i++)
        if (d->rules[i].column == rule->column && (d->rules[i].refuse & rule->refuse) != 0)
            return seine_descriptor_refuse(d, node, "a rule above refuses that of %s already", column->name);
    return SEINE_OK;
}

static seine_status read_rule(seine_descriptor *d, const seine_yaml *node) {
    static const char *const keys[] = {"column", "refuse", "reason", "when", "least", "most"};
    seine_dataset_rule rule = {0};
    bool is_on;
    SEINE_TRY(seine_descriptor_keys(d, node, keys, COUNT(keys)));
    SEINE_TRY(column_of(d, node, &rule.column));
    SEINE_TRY(read_refused(d, node, &rule.refuse));
    SEINE_TRY(read_reason(d, node, &rule));
    SEINE_TRY(is_switched_on(d, node, &is_on));
    SEINE_TRY(check_rule(d, node, &rule));
    SEINE_TRY(read_limits(d, node, &rule, is_on));
    if (is_on) d->rules[d->dataset.rule_count++] = rule;
    return SEINE_OK;
}

/* A fix without a place is none, unless the dataset says that it is. */
static void add_place_rules(seine_descriptor *d) {
    const unsigned any = SEINE_REFUSE_MISSING | SEINE_REFUSE_FAULT | SEINE_REFUSE_RANGE;
    d->rules[d->dataset.rule_count++] = (seine_dataset_rule){SEINE_DATASET_LAT, any, "position"};
    d->rules[d->dataset.rule_count++] = (seine_dataset_rule){SEINE_DATASET_LON, any, "position"};
}

seine_status seine_descriptor_rules(seine_descriptor *d) {
    const seine_yaml *list = seine_yaml_get(d->root, "rules");
    if (d->dataset.needs_position) add_place_rules(d);
    if (seine_yaml_is_null(list)) return SEINE_OK;
    if (list->kind != SEINE_YAML_LIST)
        return seine_descriptor_refuse(d, list, "expected lines such as \"- {column: speed, refuse: range}\"");
    if (list->count > SEINE_DATASET_RULES_MAX - d->dataset.rule_count)
        return seine_descriptor_refuse(d, list, "%zu are too many; at most %zu", list->count,
                                       SEINE_DATASET_RULES_MAX - d->dataset.rule_count);
    for (const seine_yaml *node = list->first; node != NULL; node = node->next) SEINE_TRY(read_rule(d, node));
    return SEINE_OK;
}
