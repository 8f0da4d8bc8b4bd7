#include "refresh/lake_graph.h"

#include "base/array.h"
#include "base/try.h"
#include "refresh/lake_status.h"

#define NODES_MAX ((size_t)1 << 16)

typedef struct filling {
    seine_lake_status *status;
    size_t capacity;
} filling;

static seine_lake_node *add_node(filling *f, const char *table, seine_node_kind kind, const char *maker) {
    seine_lake_status *s = f->status;
    if (SEINE_ARENA_ROOM(&s->arena, s->nodes, s->node_count, f->capacity, 1, NODES_MAX) != SEINE_OK) return NULL;
    const char *name = seine_arena_copy(&s->arena, table, strlen(table));
    const char *by = seine_arena_copy(&s->arena, maker, strlen(maker));
    if (name == NULL || by == NULL) return NULL;
    seine_lake_node *node = &s->nodes[s->node_count++];
    *node = (seine_lake_node){.table = name, .kind = kind, .maker = by};
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->days[i].table, table) != 0) continue;
        node->days++;
        node->rows += s->days[i].rows;
        node->stale += s->days[i].state == SEINE_DAY_STALE;
    }
    return node;
}

static seine_status set_inputs(filling *f, seine_lake_node *node, const seine_node_input *inputs, size_t count) {
    seine_node_input *copy = SEINE_ARENA_ARRAY(&f->status->arena, seine_node_input, count);
    if (copy == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        copy[i].table = seine_arena_copy(&f->status->arena, inputs[i].table, strlen(inputs[i].table));
        copy[i].window = inputs[i].window; /* literals */
        if (copy[i].table == NULL) return SEINE_E_NOMEM;
    }
    node->inputs = copy;
    node->input_count = count;
    return SEINE_OK;
}

/* ---- why ---- */

static const seine_lake_node *stale_input(const filling *f, const seine_lake_node *node) {
    for (size_t i = 0; i < node->input_count; i++)
        for (size_t n = 0; n < f->status->node_count; n++) {
            const seine_lake_node *other = &f->status->nodes[n];
            if (other->stale > 0 && strcmp(other->table, node->inputs[i].table) == 0) return other;
        }
    return NULL;
}

static seine_status set_why(filling *f, seine_lake_node *node, bool is_recomputed) {
    const seine_lake_node *input = stale_input(f, node);
    if (node->stale == 0) return SEINE_OK;
    if (is_recomputed)
        node->why = node->rows == 0 ? "it was not made yet, or with other parameters, or by another version"
                                    : "other parameters, or another version";
    else if (input != NULL)
        node->why = seine_arena_printf(&f->status->arena, "%s will be made anew", input->table);
    else
        node->why = node->kind == SEINE_NODE_MODEL ? "what it reads, its text or its settings have changed"
                                                   : "what it reads has changed";
    return node->why != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

/* ---- nodes ---- */

/* Tables that are written with it; NULL = none in this place. */
static seine_status set_beside(filling *f, seine_lake_node *node, const char *const *beside, size_t count) {
    const char **copies = SEINE_ARENA_ARRAY(&f->status->arena, const char *, count);
    if (copies == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (beside[i] == NULL) continue;
        copies[node->beside_count] = seine_arena_copy(&f->status->arena, beside[i], strlen(beside[i]));
        if (copies[node->beside_count++] == NULL) return SEINE_E_NOMEM;
    }
    node->beside = copies;
    return SEINE_OK;
}

static seine_status add_job(filling *f, const seine_registry *registry, size_t index, bool is_recomputed) {
    const seine_detector_job *job = &registry->jobs[index].job;
    size_t count = 0;
    const seine_read_reference *references = seine_registry_references(registry, index, &count);
    seine_node_input inputs[1 + SEINE_READ_REFERENCES] = {
        {job->silver, "days that changed, and those after them until nothing does"}};
    for (size_t i = 0; i < count; i++) inputs[1 + i] = (seine_node_input){references[i].table, references[i].rows};
    const char *const beside[] = {job->history, job->state, job->head};
    seine_lake_node *node = add_node(f, seine_job_table(job), SEINE_NODE_JOB, job->name);
    if (node == NULL) return SEINE_E_NOMEM;
    SEINE_TRY(set_beside(f, node, beside, sizeof beside / sizeof *beside));
    SEINE_TRY(set_inputs(f, node, inputs, 1 + count));
    return set_why(f, node, is_recomputed);
}

static seine_status add_model(filling *f, const seine_model *model) {
    static const char *const windows[] = {[SEINE_WINDOW_DAY] = "same day",
                                          [SEINE_WINDOW_DAY_BEFORE] = "same day and the one before",
                                          [SEINE_WINDOW_ALL] = "all",
                                          [SEINE_WINDOW_SPAN] = "days that its rows span"};
    seine_node_input inputs[SEINE_MODEL_INPUTS_MAX];
    seine_lake_node *node = add_node(f, model->schema.name, SEINE_NODE_MODEL, model->file);
    if (node == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < model->input_count; i++)
        inputs[i] = (seine_node_input){model->inputs[i].table, windows[model->inputs[i].window]};
    SEINE_TRY(set_inputs(f, node, inputs, model->input_count));
    if (model->is_events) SEINE_TRY(set_beside(f, node, &model->history.name, 1));
    return set_why(f, node, false);
}

seine_status seine_lake_graph_fill(seine_lake_status *status, const seine_registry *registry, const bool *recomputed,
                                   const seine_dataset *const *datasets, size_t dataset_count,
                                   const seine_model_set *set) {
    size_t schema_count = 0;
    const seine_table_schema *schemas = seine_schemas(&schema_count);
    filling f = {.status = status};
    for (size_t d = 0; d < dataset_count; d++)
        if (add_node(&f, seine_dataset_silver(datasets[d])->name, SEINE_NODE_SOURCE, "ingest") == NULL)
            return SEINE_E_NOMEM;
    for (size_t i = 0; i < schema_count; i++)
        if (seine_schema_is_reference(&schemas[i]) &&
            add_node(&f, schemas[i].name, SEINE_NODE_REFERENCE, "ref load") == NULL)
            return SEINE_E_NOMEM;
    for (size_t j = 0; j < registry->count; j++) SEINE_TRY(add_job(&f, registry, j, recomputed[j]));
    for (size_t m = 0; m < set->count; m++) SEINE_TRY(add_model(&f, &set->models[m]));
    return SEINE_OK;
}
