/*
 * All models of a lake, in an order in which each runs after those it reads. A wrong model of the user's must not stop
 * the others, so it is taken out together with everything that reads it, and its reason is kept.
 */
#include "base/try.h"
#include "io/file.h"
#include "model/model.h"
#include "model/template.h"
#include "table/dataset.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)

void seine_model_set_free(seine_model_set *set) {
    seine_arena_free(&set->arena);
    *set = (seine_model_set){0};
}

const seine_table_schema *seine_model_shape(const seine_model *model, const char *table) {
    if (strcmp(model->schema.name, table) == 0) return &model->schema;
    return model->is_events && strcmp(model->history.name, table) == 0 ? &model->history : NULL;
}

bool seine_model_makes(const seine_model *model, const char *table) { return seine_model_shape(model, table) != NULL; }

const seine_model *seine_model_set_find(const seine_model_set *set, const char *table) {
    for (size_t i = 0; i < set->count; i++)
        if (seine_model_makes(&set->models[i], table)) return &set->models[i];
    return NULL;
}

void seine_model_set_keep(seine_model_set *set, const char *const *tables, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        const seine_model model = set->models[i];
        size_t t = 0;
        while (t < count && strcmp(model.schema.name, tables[t]) != 0) t++;
        if (t < count) set->models[kept++] = model;
    }
    set->count = kept;
}

static seine_status add_reason(seine_model_set *set, const char *why) {
    set->refused[set->refused_count] = seine_arena_copy(&set->arena, why, strlen(why));
    return set->refused[set->refused_count++] != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

static const seine_model_input *input_of(const seine_model *model, const char *table) {
    for (size_t i = 0; i < model->input_count; i++)
        if (strcmp(model->inputs[i].table, table) == 0) return &model->inputs[i];
    return NULL;
}

seine_status seine_model_set_refuse(seine_model_set *set, size_t index, const char *why) {
    const char *table = set->models[index].schema.name;
    if (why != NULL) SEINE_TRY(add_reason(set, why));
    memmove(&set->models[index], &set->models[index + 1], (set->count - index - 1) * sizeof *set->models);
    set->count--;
    for (size_t i = 0; i < set->count; i++) {
        const seine_model_input *input = input_of(&set->models[i], table);
        if (input == NULL) continue;
        if (why == NULL && set->models[i].is_built_in) return seine_model_set_refuse(set, i, NULL);
        char *reason = seine_arena_printf(&set->arena, "%s line %d: it reads %s, which is %s", set->models[i].file,
                                          input->line, table, why != NULL ? "refused" : "not made in this lake");
        return reason != NULL ? seine_model_set_refuse(set, i, reason) : SEINE_E_NOMEM;
    }
    return SEINE_OK;
}

/* ---- files ---- */

/* Who makes the table of @p model, or its log, already; NULL = nobody. */
static const seine_model *other_maker(const seine_model_set *set, const seine_model *model) {
    for (size_t i = 0; i < set->count; i++)
        if (seine_model_makes(&set->models[i], model->schema.name) ||
            (model->is_events && seine_model_makes(&set->models[i], model->history.name)))
            return &set->models[i];
    return NULL;
}

static seine_status add_model(seine_model_set *set, const char *file, seine_str text, bool is_built_in,
                              seine_error *error) {
    seine_model *model = &set->models[set->count];
    seine_error why = {SEINE_OK, ""};
    const seine_status status = seine_model_parse(file, text, &set->arena, model, &why);
    if (status == SEINE_E_FORMAT && !is_built_in) return add_reason(set, why.text);
    if (status != SEINE_OK) return seine_fail(error, status, "%s", why.text);
    model->is_built_in = is_built_in;
    if (!is_built_in && strncmp(model->schema.name, "gold.", 5) != 0) {
        char *wrong = seine_arena_printf(&set->arena, "%s line 1: a model of yours makes a table of gold, not %s", file,
                                         model->schema.name);
        return wrong != NULL ? add_reason(set, wrong) : seine_no_memory(error, "reading models");
    }
    const seine_model *other = other_maker(set, model);
    if (other == NULL) {
        set->count++;
        return SEINE_OK;
    }
    char *reason =
        seine_arena_printf(&set->arena, "%s line 1: %s is made by %s already", file, model->schema.name, other->file);
    return reason != NULL ? add_reason(set, reason) : seine_no_memory(error, "reading models");
}

static bool goes_by_segment(const seine_dataset *dataset) { return (dataset->outputs & SEINE_OUTPUT_SEGMENTS) != 0; }

/* One of this program's own: those for ships are as their lake goes. */
static seine_status add_built_in(seine_model_set *set, const seine_model_file *file, const seine_model_source *source,
                                 seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    bool is_by_segment = false;
    seine_buf_init(&text, FILE_MAX_BYTES);
    for (size_t i = 0; i < source->dataset_count; i++)
        if (seine_dataset_is_of_ships(source->datasets[i])) is_by_segment = goes_by_segment(source->datasets[i]);
    if (seine_model_text_by((seine_str){(const char *)file->bytes, file->size}, is_by_segment, &text) != SEINE_OK)
        return seine_no_memory(error, file->name);
    return add_model(set, file->name, seine_buf_str(&text), true, error);
}

static seine_status add_file(seine_model_set *set, const char *folder, const char *name, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, FILE_MAX_BYTES);
    const char *path = seine_file_join(&set->arena, folder, name);
    const char *file = seine_arena_printf(&set->arena, "models/%s", name);
    if (path == NULL || file == NULL) return seine_no_memory(error, "reading models");
    const seine_status status = seine_file_read(path, &text, error);
    if (status == SEINE_E_LIMIT) {
        char *reason = seine_arena_printf(&set->arena, "%s line 1: the file is larger than 1 MiB", file);
        return reason != NULL ? add_reason(set, reason) : seine_no_memory(error, "reading models");
    }
    SEINE_TRY(status);
    return add_model(set, file, seine_buf_str(&text), false, error);
}

static seine_status list_files(seine_model_set *set, const char *folder, seine_file_entry **entries, size_t *count,
                               seine_error *error) {
    seine_file_info info;
    *count = 0;
    if (folder == NULL) return SEINE_OK;
    SEINE_TRY(seine_file_stat(folder, &info, error));
    if (info.kind == SEINE_FILE_NONE) return SEINE_OK;
    return seine_file_list(folder, false, &set->arena, entries, count, error);
}

/* One template for one dataset, unless the table is made by a model already. What is wrong with it is wrong with this
 * dataset only: a column of it has the name of another one. */
static seine_status add_filled(seine_model_set *set, const seine_model_file *file, const seine_dataset *dataset,
                               seine_error *error) {
    const seine_str text = {(const char *)file->bytes, file->size};
    if ((dataset->outputs & seine_model_template_output(text)) == 0) return SEINE_OK;
    seine_buf chosen SEINE_OWNED(seine_buf_free);
    seine_buf filled SEINE_OWNED(seine_buf_free);
    seine_buf_init(&chosen, FILE_MAX_BYTES);
    seine_buf_init(&filled, FILE_MAX_BYTES);
    if (seine_model_text_by(text, goes_by_segment(dataset), &chosen) != SEINE_OK)
        return seine_no_memory(error, file->name);
    seine_model *model = &set->models[set->count];
    seine_error why = {SEINE_OK, ""};
    const char *name = seine_arena_printf(&set->arena, "%s for %s", file->name, dataset->name);
    const seine_status made = seine_model_template_fill(seine_buf_str(&chosen), dataset, &filled);
    if (name == NULL || made == SEINE_E_NOMEM) return seine_no_memory(error, file->name);
    if (made != SEINE_OK) return seine_fail(error, made, "%s: it cannot be filled", name);
    const seine_status status = seine_model_parse(name, seine_buf_str(&filled), &set->arena, model, &why);
    if (status == SEINE_E_FORMAT) return add_reason(set, why.text);
    if (status != SEINE_OK) return seine_fail(error, status, "%s", why.text);
    model->is_built_in = true;
    if (other_maker(set, model) == NULL) set->count++;
    return SEINE_OK;
}

static seine_status add_templates(seine_model_set *set, const seine_model_source *source, seine_error *error) {
    for (size_t i = 0; i < source->dataset_count; i++)
        for (size_t k = 0; k < seine_model_template_file_count; k++)
            SEINE_TRY(add_filled(set, &seine_model_template_files[k], source->datasets[i], error));
    return SEINE_OK;
}

static seine_status read_all(seine_model_set *set, const seine_model_source *source, seine_error *error) {
    seine_file_entry *entries = NULL;
    size_t count = 0;
    SEINE_TRY(list_files(set, source->folder, &entries, &count, error));
    const size_t most = seine_model_file_count + count + source->dataset_count * seine_model_template_file_count;
    set->models = SEINE_ARENA_ARRAY(&set->arena, seine_model, most + 1);
    set->refused = SEINE_ARENA_ARRAY(&set->arena, const char *, most + 1);
    if (set->models == NULL || set->refused == NULL) return seine_no_memory(error, "reading models");
    for (size_t i = 0; i < seine_model_file_count; i++)
        SEINE_TRY(add_built_in(set, &seine_model_files[i], source, error));
    for (size_t i = 0; i < count; i++)
        if (entries[i].info.kind == SEINE_FILE_PLAIN &&
            seine_str_ends_with_nocase(seine_str_of(entries[i].name), SEINE_STR(".sql")))
            SEINE_TRY(add_file(set, source->folder, entries[i].name, error));
    return add_templates(set, source, error);
}

/* ---- settings ---- */

static seine_status set_one(seine_model_set *set, const char *given, seine_error *error) {
    const char *equal = strchr(given, '=');
    if (equal == NULL || equal == given || equal[1] == '\0')
        return seine_fail(error, SEINE_E_USAGE, "a setting of models is NAME=VALUE, not \"%s\"", given);
    const seine_str name = {given, (size_t)(equal - given)};
    const char *value = seine_arena_copy(&set->arena, equal + 1, strlen(equal + 1));
    if (value == NULL) return seine_no_memory(error, "reading models");
    bool is_known = false;
    for (size_t i = 0; i < set->count; i++) {
        for (size_t k = 0; k < set->models[i].setting_count; k++) {
            if (!seine_str_equal(name, seine_str_of(set->models[i].settings[k].name))) continue;
            set->models[i].settings[k].value = value;
            set->models[i].settings[k].is_given = true;
            is_known = true;
        }
    }
    if (is_known || set->refused_count > 0) return SEINE_OK; /* it may belong to a refused model */
    return seine_fail(error, SEINE_E_USAGE, "no model has the setting \"%.*s\"", SEINE_STR_ARG(name));
}

/* ---- order ---- */

/* Whether everything that models[index] reads of other models stands in front of position @p ready. */
static bool is_ready(const seine_model_set *set, size_t index, size_t ready) {
    for (size_t i = 0; i < set->models[index].input_count; i++) {
        const seine_model *maker = seine_model_set_find(set, set->models[index].inputs[i].table);
        if (maker != NULL && (size_t)(maker - set->models) >= ready) return false;
    }
    return true;
}

/* Models that can never be ready run in a circle. Among the ready ones the first by file stays first. */
static seine_status order_models(seine_model_set *set) {
    size_t ready = 0;
    while (ready < set->count) {
        size_t next = ready;
        while (next < set->count && !is_ready(set, next, ready)) next++;
        if (next == set->count) {
            char *why = seine_arena_printf(&set->arena, "%s line %d: its inputs run in a circle",
                                           set->models[ready].file, set->models[ready].inputs[0].line);
            return why != NULL ? seine_model_set_refuse(set, ready, why) : SEINE_E_NOMEM;
        }
        const seine_model moved = set->models[next];
        memmove(&set->models[ready + 1], &set->models[ready], (next - ready) * sizeof *set->models);
        set->models[ready++] = moved;
    }
    return SEINE_OK;
}

seine_status seine_model_set_load(const seine_model_source *source, seine_model_set *set, seine_error *error) {
    SEINE_TRY(read_all(set, source, error));
    for (size_t i = 0; i < source->setting_count; i++) SEINE_TRY(set_one(set, source->settings[i], error));
    for (size_t before = set->count + 1; set->count < before;) { /* again after each refusal */
        before = set->count;
        if (order_models(set) != SEINE_OK) return seine_no_memory(error, "reading models");
    }
    return SEINE_OK;
}

seine_status seine_model_set_of_lake(seine_catalog *catalog, const char *const *settings, size_t setting_count,
                                     seine_model_set *set, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    seine_model_source source = {.settings = settings, .setting_count = setting_count};
    source.folder = seine_file_join(&set->arena, seine_catalog_path(catalog), "models");
    if (source.folder == NULL) return seine_no_memory(error, "reading models");
    const seine_status status =
        seine_lake_datasets_read(catalog, &set->arena, &source.datasets, &source.dataset_count, &why);
    const bool is_wrong = status == SEINE_E_FORMAT || status == SEINE_E_USAGE || status == SEINE_E_LIMIT;
    if (status != SEINE_OK && !is_wrong) return seine_fail(error, status, "%s", why.text);
    SEINE_TRY(seine_model_set_load(&source, set, error));
    return is_wrong && add_reason(set, why.text) != SEINE_OK ? seine_no_memory(error, "reading models") : SEINE_OK;
}
