/*
 * The set is in an order in which models can run one after the other, so somebody can always go on. Who has the longest
 * chain of models behind it begins first: it would else be what all others wait for in the end.
 */
#include "model/crew.h"

#include "base/threads.h"
#include "base/try.h"

#include <pthread.h>
#include <stdlib.h>

typedef enum turn { WAITS, RUNS, ENDED } turn;

typedef struct place {
    turn turn;
    size_t chain; /* how many run one after the other from it on */
} place;

typedef struct crew {
    const seine_model_set *set;
    seine_model_task task;
    void *context;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t ended; /* a model has, or nothing more will begin */
    place *places;        /* per model */
    size_t begun;
    seine_status status;
    seine_error *error; /* the caller's; may be NULL */
} crew;

static void measure_chains(crew *c) {
    for (size_t i = c->set->count; i-- > 0;) { /* readers stand behind what they read, so theirs are known */
        const seine_model *model = &c->set->models[i];
        const size_t chain = ++c->places[i].chain;
        for (size_t k = 0; k < model->input_count; k++) {
            const seine_model *maker = seine_model_set_find(c->set, model->inputs[k].table);
            place *before = maker != NULL ? &c->places[maker - c->set->models] : NULL;
            if (before != NULL && before->chain < chain) before->chain = chain;
        }
    }
}

static bool can_begin(const crew *c, size_t index) {
    const seine_model *model = &c->set->models[index];
    if (c->places[index].turn != WAITS) return false;
    for (size_t k = 0; k < model->input_count; k++) {
        const seine_model *maker = seine_model_set_find(c->set, model->inputs[k].table);
        if (maker != NULL && c->places[maker - c->set->models].turn != ENDED) return false;
    }
    return true;
}

/* Waits for a model that can begin. @return whether there is one; not after a failure. */
static bool take(crew *c, size_t *index) {
    while (c->status == SEINE_OK && c->begun < c->set->count) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < c->set->count; i++)
            if (can_begin(c, i) && (best == SIZE_MAX || c->places[i].chain > c->places[best].chain)) best = i;
        if (best != SIZE_MAX) {
            c->places[best].turn = RUNS;
            c->begun++;
            *index = best;
            return true;
        }
        (void)pthread_cond_wait(&c->ended, &c->lock);
    }
    return false;
}

static void run_models(void *context, size_t member) {
    crew *c = context;
    (void)pthread_mutex_lock(&c->lock);
    for (size_t index; take(c, &index);) {
        seine_error error = {SEINE_OK, ""};
        (void)pthread_mutex_unlock(&c->lock);
        const seine_status status = c->task(c->context, member, index, &error);
        (void)pthread_mutex_lock(&c->lock);
        c->places[index].turn = ENDED;
        if (status != SEINE_OK && c->status == SEINE_OK) {
            c->status = status;
            if (c->error != NULL) *c->error = error;
        }
        (void)pthread_cond_broadcast(&c->ended);
    }
    (void)pthread_mutex_unlock(&c->lock);
}

seine_status seine_model_crew_run(const seine_model_set *set, size_t members, seine_model_task task, void *context,
                                  seine_error *error) {
    crew c = {.set = set, .task = task, .context = context, .error = error};
    c.places = calloc(set->count + 1, sizeof *c.places);
    if (c.places == NULL) return seine_no_memory(error, "running models");
    measure_chains(&c);
    (void)pthread_mutex_init(&c.lock, NULL);
    (void)pthread_cond_init(&c.ended, NULL);
    seine_threads_run(members < set->count ? members : set->count, run_models, &c);
    (void)pthread_cond_destroy(&c.ended);
    (void)pthread_mutex_destroy(&c.lock);
    free(c.places);
    return c.status;
}
