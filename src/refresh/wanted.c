#include "refresh/wanted.h"

#include "base/spelling.h"
#include "base/try.h"

/* What can be made, jobs before models, and what is wanted of it. */
typedef struct finding {
    const seine_registry *registry;
    const seine_model_set *set;
    size_t count;
    bool *is_wanted;
} finding;

static const seine_detector_job *job_of(const finding *f, size_t index) {
    return index < f->registry->count ? &f->registry->jobs[index].job : NULL;
}

static const seine_model *model_of(const finding *f, size_t index) {
    return index >= f->registry->count ? &f->set->models[index - f->registry->count] : NULL;
}

static const char *table_of(const finding *f, size_t index) {
    const seine_detector_job *job = job_of(f, index);
    return job != NULL ? seine_job_table(job) : model_of(f, index)->schema.name;
}

bool seine_wanted_has(const seine_wanted *wanted, const char *table) {
    for (size_t i = 0; i < wanted->count; i++)
        if (strcmp(wanted->tables[i], table) == 0) return true;
    return wanted->count == 0;
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

static const char *last_part(const char *table) {
    const char *dot = strrchr(table, '.');
    return dot != NULL ? dot + 1 : table;
}

/* @return what stands behind the name of a dataset in that of a table; NULL = it is not of one. */
static const char *behind_dataset(const finding *f, const char *name) {
    const char *behind = NULL;
    size_t longest = 0;
    for (size_t j = 0; j < f->registry->count; j++) {
        const char *dataset = f->registry->jobs[j].job.dataset;
        const size_t size = strlen(dataset);
        if (size <= longest || strncmp(name, dataset, size) != 0 || name[size] != '_') continue;
        longest = size;
        behind = name + size + 1;
    }
    return behind;
}

static bool begins_with_word(const char *name, const char *word) {
    const size_t size = strlen(word);
    return strncmp(name, word, size) == 0 && (name[size] == '\0' || name[size] == '_');
}

static bool is_meant(const finding *f, size_t index, const char *word) {
    const char *table = table_of(f, index), *name = last_part(table), *behind = behind_dataset(f, name);
    const seine_detector_job *job = job_of(f, index);
    if (strcmp(word, table) == 0 || strcmp(word, name) == 0) return true;
    if (job != NULL && strcmp(word, job->name) == 0) return true;
    return behind != NULL && begins_with_word(behind, word);
}

static seine_status want_word(const finding *f, const char *word, seine_error *error) {
    seine_spelling spelling = seine_spelling_of(seine_str_of(word));
    bool is_known = false;
    for (size_t i = 0; i < f->count; i++) {
        const char *name = last_part(table_of(f, i)), *behind = behind_dataset(f, name);
        seine_spelling_offer(&spelling, table_of(f, i));
        seine_spelling_offer(&spelling, name);
        if (behind != NULL) seine_spelling_offer(&spelling, behind);
        if (!is_meant(f, i, word)) continue;
        f->is_wanted[i] = is_known = true;
    }
    if (is_known) return SEINE_OK;
    const char *best = seine_spelling_best(&spelling);
    return seine_fail(error, SEINE_E_USAGE, "%s: nothing of this name is made in the lake; %s%s%s", word,
                      best != NULL ? "did you mean " : "seine graph shows what is", best != NULL ? best : "",
                      best != NULL ? "?" : "");
}

/* ---- what they are made from ------------------------------------------------------------------------------------ */

static bool makes(const finding *f, size_t index, const char *table) {
    const seine_detector_job *job = job_of(f, index);
    if (job == NULL) return seine_model_makes(model_of(f, index), table);
    const char *const tables[] = {seine_job_table(job), job->history, job->state, job->head};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (tables[i] != NULL && strcmp(tables[i], table) == 0) return true;
    return false;
}

/* @return whether anything was not wanted before. */
static bool want_maker(const finding *f, const char *table) {
    bool is_new = false;
    for (size_t i = 0; i < f->count; i++) {
        if (f->is_wanted[i] || !makes(f, i, table)) continue;
        f->is_wanted[i] = is_new = true;
    }
    return is_new;
}

static bool want_inputs(const finding *f, size_t index) {
    const seine_detector_job *job = job_of(f, index);
    const seine_model *model = model_of(f, index);
    bool is_new = job != NULL && want_maker(f, job->silver);
    for (size_t i = 0; model != NULL && i < model->input_count; i++)
        is_new = want_maker(f, model->inputs[i].table) || is_new;
    return is_new;
}

static void want_all_inputs(const finding *f) {
    for (bool is_new = true; is_new;) {
        is_new = false;
        for (size_t i = 0; i < f->count; i++)
            if (f->is_wanted[i]) is_new = want_inputs(f, i) || is_new;
    }
}

seine_status seine_wanted_find(const seine_registry *registry, const seine_model_set *set, const char *const *words,
                               size_t word_count, seine_arena *arena, seine_wanted *wanted, seine_error *error) {
    finding f = {registry, set, registry->count + set->count, NULL};
    f.is_wanted = SEINE_ARENA_ARRAY(arena, bool, f.count + 1);
    const char **tables = SEINE_ARENA_ARRAY(arena, const char *, f.count + 1);
    *wanted = (seine_wanted){0};
    if (f.is_wanted == NULL || tables == NULL) return seine_no_memory(error, "refreshing");
    for (size_t i = 0; i < word_count; i++) SEINE_TRY(want_word(&f, words[i], error));
    want_all_inputs(&f);
    for (size_t i = 0; i < f.count; i++) {
        if (!f.is_wanted[i]) continue;
        tables[wanted->count] = seine_arena_copy(arena, table_of(&f, i), strlen(table_of(&f, i)));
        if (tables[wanted->count++] == NULL) return seine_no_memory(error, "refreshing");
    }
    wanted->tables = tables;
    return SEINE_OK;
}
