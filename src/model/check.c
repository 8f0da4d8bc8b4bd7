#include "model/check.h"

#include "base/try.h"
#include "model/query.h"

/* ---- inputs ---- */

/* Whether the input is there: made by a model, or in the catalog. */
static bool is_there(const seine_model_set *set, const char *table, const char *const *names, size_t count) {
    if (seine_model_set_find(set, table) != NULL) return true;
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], table) == 0) return true;
    return false;
}

/* @return the line of an input that is not there, 0 = all are. */
static int stray_of(const seine_model_set *set, const seine_model *model, const char *const *names, size_t count,
                    const char **table) {
    for (size_t k = 0; k < model->input_count; k++) {
        *table = model->inputs[k].table;
        if (!is_there(set, *table, names, count)) return model->inputs[k].line;
    }
    return 0;
}

seine_status seine_models_refuse_strays(seine_catalog *catalog, seine_model_set *set, seine_error *error) {
    const char **names = NULL, *table = NULL;
    size_t count = 0;
    SEINE_TRY(seine_catalog_tables(catalog, &set->arena, &names, &count, error));
    for (size_t i = 0; i < set->count;) {
        const int line = stray_of(set, &set->models[i], names, count, &table);
        if (line == 0) {
            i++;
            continue;
        }
        const bool is_told = !set->models[i].is_built_in; /* a built-in one waits for its dataset */
        char *why =
            seine_arena_printf(&set->arena, "%s line %d: the lake has no table %s", set->models[i].file, line, table);
        if (why == NULL || seine_model_set_refuse(set, i, is_told ? why : NULL) != SEINE_OK)
            return seine_no_memory(error, "checking models");
        i = 0; /* others may have gone with it */
    }
    return SEINE_OK;
}

/* ---- damaged tables ---- */

/* @return OK, also for a table that is not there; else what reading it returned, with the text. */
static seine_status try_table(seine_catalog *catalog, const char *name, const char *const *names, size_t count,
                              seine_error *why) {
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    const seine_live_file *files = NULL;
    size_t file_count = 0;
    bool is_there = false;
    for (size_t i = 0; i < count && !is_there; i++) is_there = strcmp(names[i], name) == 0;
    if (!is_there) return SEINE_OK;
    SEINE_TRY(seine_table_load(catalog, name, (seine_at){0}, &table, why));
    return seine_table_files(table, &files, &file_count, why);
}

static seine_status try_model(seine_catalog *catalog, const seine_model *model, const char *const *names, size_t count,
                              seine_error *why) {
    SEINE_TRY(try_table(catalog, model->schema.name, names, count, why));
    for (size_t i = 0; i < model->input_count; i++)
        SEINE_TRY(try_table(catalog, model->inputs[i].table, names, count, why));
    return SEINE_OK;
}

seine_status seine_models_refuse_unreadable(seine_catalog *catalog, seine_model_set *set, size_t *refused,
                                            seine_error *error) {
    const char **names = NULL;
    size_t count = 0;
    *refused = 0;
    SEINE_TRY(seine_catalog_tables(catalog, &set->arena, &names, &count, error));
    for (size_t i = 0; i < set->count;) {
        seine_error why = {SEINE_OK, ""};
        const seine_status tried = try_model(catalog, &set->models[i], names, count, &why);
        if (tried == SEINE_E_NOMEM) return seine_no_memory(error, "checking models");
        if (tried == SEINE_OK) {
            i++;
            continue;
        }
        const size_t before = set->refused_count;
        char *reason =
            seine_arena_printf(&set->arena, "%s: %s; restore the lake from a copy", set->models[i].file, why.text);
        if (reason == NULL || seine_model_set_refuse(set, i, reason) != SEINE_OK)
            return seine_no_memory(error, "checking models");
        *refused += set->refused_count - before;
        i = 0; /* others may have gone with it */
    }
    return SEINE_OK;
}

/* ---- SQL ---- */

typedef struct inputs {
    seine_model_view views[SEINE_MODEL_INPUTS_MAX + 1]; /* and the former rows of a sink: none */
    seine_table *tables[SEINE_MODEL_INPUTS_MAX];        /* that no model makes */
} inputs;

static void close_inputs(inputs *in) {
    for (size_t k = 0; k < SEINE_MODEL_INPUTS_MAX; k++) seine_table_close(in->tables[k]);
}

static seine_status shape_inputs(seine_catalog *catalog, const seine_model_set *set, const seine_model *model,
                                 inputs *in, seine_error *error) {
    for (size_t k = 0; k < model->input_count; k++) {
        const seine_model *maker = seine_model_set_find(set, model->inputs[k].table);
        if (maker == NULL)
            SEINE_TRY(seine_table_load(catalog, model->inputs[k].table, (seine_at){0}, &in->tables[k], error));
        in->views[k].schema =
            maker != NULL ? seine_model_shape(maker, model->inputs[k].table) : seine_table_schema_of(in->tables[k]);
    }
    in->views[model->input_count].schema = &model->schema;
    return SEINE_OK;
}

static seine_status try_sql(seine_engine *engine, const seine_model *model, seine_error *error) {
    const seine_model_moment moment = {0};
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    return seine_model_begin(engine, model, &moment, &query, error);
}

/* Columns as the file makes them: beside former rows some would get the types that those have. */
static seine_status try_own_sql(seine_engine *engine, const seine_model *model, seine_error *error) {
    seine_model own = *model;
    if (!model->is_events) return SEINE_OK;
    own.is_events = false;
    own.schema.column_count--; /* version */
    return try_sql(engine, &own, error);
}

static seine_status check_one(seine_catalog *catalog, seine_engine *engine, const seine_model_set *set,
                              const seine_model *former, const seine_model *model, seine_error *error) {
    inputs in SEINE_OWNED(close_inputs) = {0};
    SEINE_TRY(shape_inputs(catalog, set, model, &in, error));
    SEINE_TRY(seine_model_views(engine, former, model, in.views, error));
    SEINE_TRY(try_own_sql(engine, model, error));
    return try_sql(engine, model, error);
}

/* The program's own SQL with its own values is checked where it is built, by its tests. */
static bool is_of_the_user(const seine_model *model) {
    bool is = !model->is_built_in;
    for (size_t i = 0; i < model->setting_count; i++) is = is || model->settings[i].is_given;
    return is;
}

/* One model of the user's. @return OK, also when it was *is_refused; else what stops everything. */
static seine_status check_at(seine_catalog *catalog, seine_engine *engine, seine_model_set *set, size_t index,
                             seine_model *former, bool *is_refused, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    const seine_model model = set->models[index];
    const seine_status status = check_one(catalog, engine, set, former, &model, &why);
    *former = model;
    *is_refused = status != SEINE_OK;
    if (status == SEINE_OK) return SEINE_OK;
    if (model.is_built_in || status == SEINE_E_NOMEM || status == SEINE_E_IO || status == SEINE_E_AWAY)
        return seine_fail(error, status, "%s", why.text);
    return seine_model_set_refuse(set, index, why.text) == SEINE_OK ? SEINE_OK
                                                                    : seine_no_memory(error, "checking models");
}

seine_status seine_models_check(seine_catalog *catalog, seine_engine *engine, seine_model_set *set,
                                seine_error *error) {
    const seine_model none = {0};
    seine_model former = {0};
    SEINE_TRY(seine_models_refuse_strays(catalog, set, error));
    for (size_t i = 0; i < set->count;) {
        bool is_refused = false;
        if (is_of_the_user(&set->models[i])) SEINE_TRY(check_at(catalog, engine, set, i, &former, &is_refused, error));
        i = is_refused ? 0 : i + 1; /* others may have gone with it */
    }
    return seine_model_views(engine, &former, &none, NULL, error);
}
