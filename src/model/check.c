#include "model/check.h"

#include "base/try.h"
#include "model/query.h"

static seine_status no_memory(seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "out of memory while checking models");
}

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
        char *why =
            seine_arena_printf(&set->arena, "%s line %d: the lake has no table %s", set->models[i].file, line, table);
        if (why == NULL || seine_model_set_refuse(set, i, why) != SEINE_OK) return no_memory(error);
        i = 0; /* others may have gone with it */
    }
    return SEINE_OK;
}

/* ---- damaged tables ---- */

/* @return OK, also for a table that is not there; else what reading it returned, with the text. */
static seine_status try_table(seine_catalog *catalog, const char *name, const char *const *names, size_t count,
                              seine_error *why) {
    bool is_there = false;
    for (size_t i = 0; i < count && !is_there; i++) is_there = strcmp(names[i], name) == 0;
    if (!is_there) return SEINE_OK;
    const seine_live_file *files = NULL;
    size_t file_count = 0;
    seine_table *table = NULL;
    seine_status status = seine_table_load(catalog, name, (seine_at){0}, &table, why);
    if (status == SEINE_OK) status = seine_table_files(table, &files, &file_count, why);
    seine_table_close(table);
    return status;
}

static seine_status try_model(seine_catalog *catalog, const seine_model *model, const char *const *names, size_t count,
                              seine_error *why) {
    seine_status status = try_table(catalog, model->schema.name, names, count, why);
    for (size_t i = 0; i < model->input_count && status == SEINE_OK; i++)
        status = try_table(catalog, model->inputs[i].table, names, count, why);
    return status;
}

seine_status seine_models_refuse_unreadable(seine_catalog *catalog, seine_model_set *set, size_t *refused,
                                            seine_error *error) {
    const char **names = NULL;
    size_t count = 0;
    *refused = 0;
    const seine_status status = seine_catalog_tables(catalog, &set->arena, &names, &count, error);
    if (status != SEINE_OK) return status;
    for (size_t i = 0; i < set->count;) {
        seine_error why = {SEINE_OK, ""};
        const seine_status tried = try_model(catalog, &set->models[i], names, count, &why);
        if (tried == SEINE_E_NOMEM) return no_memory(error);
        if (tried == SEINE_OK) {
            i++;
            continue;
        }
        const size_t before = set->refused_count;
        char *reason =
            seine_arena_printf(&set->arena, "%s: %s; restore the lake from a copy", set->models[i].file, why.text);
        if (reason == NULL || seine_model_set_refuse(set, i, reason) != SEINE_OK) return no_memory(error);
        *refused += set->refused_count - before;
        i = 0; /* others may have gone with it */
    }
    return SEINE_OK;
}

/* ---- SQL ---- */

/* Shapes of the inputs that no model makes; the tables stay open in @p tables. */
static seine_status shape_inputs(seine_catalog *catalog, const seine_model_set *set, const seine_model *model,
                                 seine_model_view *views, seine_table **tables, seine_error *error) {
    for (size_t k = 0; k < model->input_count; k++) {
        const seine_model *maker = seine_model_set_find(set, model->inputs[k].table);
        if (maker != NULL) {
            views[k].schema = &maker->schema;
            continue;
        }
        const seine_status status = seine_table_load(catalog, model->inputs[k].table, (seine_at){0}, &tables[k], error);
        if (status != SEINE_OK) return status;
        views[k].schema = seine_table_schema_of(tables[k]);
    }
    return SEINE_OK;
}

static seine_status try_sql(seine_engine *engine, const seine_model *model, seine_error *error) {
    const seine_model_moment moment = {0, 0};
    seine_query *query = NULL;
    const seine_status status = seine_model_begin(engine, model, &moment, &query, error);
    seine_query_end(query);
    return status;
}

static seine_status check_one(seine_catalog *catalog, seine_engine *engine, const seine_model_set *set,
                              const seine_model *former, const seine_model *model, seine_error *error) {
    seine_model_view views[SEINE_MODEL_INPUTS_MAX] = {{0}};
    seine_table *tables[SEINE_MODEL_INPUTS_MAX] = {NULL};
    seine_status status = shape_inputs(catalog, set, model, views, tables, error);
    if (status == SEINE_OK) status = seine_model_views(engine, former, model, views, error);
    if (status == SEINE_OK) status = try_sql(engine, model, error);
    for (size_t k = 0; k < model->input_count; k++) seine_table_close(tables[k]);
    return status;
}

/* The program's own SQL with its own values is checked where it is built, by its tests. */
static bool is_of_the_user(const seine_model *model) {
    bool is = !model->is_built_in;
    for (size_t i = 0; i < model->setting_count; i++) is = is || model->settings[i].is_given;
    return is;
}

seine_status seine_models_check(seine_catalog *catalog, seine_engine *engine, seine_model_set *set,
                                seine_error *error) {
    seine_status status = seine_models_refuse_strays(catalog, set, error);
    seine_model former = {0};
    for (size_t i = 0; i < set->count && status == SEINE_OK;) {
        seine_error why = {SEINE_OK, ""};
        const seine_model model = set->models[i];
        if (!is_of_the_user(&model)) {
            i++;
            continue;
        }
        status = check_one(catalog, engine, set, &former, &model, &why);
        former = model;
        if (status == SEINE_OK) {
            i++;
        } else if (model.is_built_in || status == SEINE_E_NOMEM || status == SEINE_E_IO) {
            return seine_fail(error, status, "%s", why.text);
        } else {
            status = seine_model_set_refuse(set, i, why.text) == SEINE_OK ? SEINE_OK : no_memory(error);
            i = 0;
        }
    }
    if (status != SEINE_OK) return status;
    const seine_model none = {0};
    return seine_model_views(engine, &former, &none, NULL, error);
}
