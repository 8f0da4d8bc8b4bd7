/* Token buckets in a table of fixed size, so that many addresses cost no memory. */
#include "serve/limiter.h"

#include <pthread.h>
#include <stdlib.h>

#define SETS 1024
#define WAYS 4 /* clients that share a set; the one seen longest ago makes room */

typedef struct bucket {
    uint64_t client;
    int64_t seen_us; /* 0 = free */
    double tokens;
} bucket;

struct seine_limiter {
    pthread_mutex_t mutex;
    double rate, burst;
    bucket buckets[SETS][WAYS];
};

seine_limiter *seine_limiter_new(double rate, double burst) {
    seine_limiter *limiter = calloc(1, sizeof *limiter);
    if (limiter == NULL) return NULL;
    limiter->rate = rate;
    limiter->burst = burst;
    if (pthread_mutex_init(&limiter->mutex, NULL) == 0) return limiter;
    free(limiter);
    return NULL;
}

void seine_limiter_free(seine_limiter *limiter) {
    if (limiter == NULL) return;
    (void)pthread_mutex_destroy(&limiter->mutex);
    free(limiter);
}

static bucket *find(seine_limiter *limiter, uint64_t client) {
    bucket *set = limiter->buckets[client % SETS];
    bucket *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].seen_us != 0 && set[i].client == client) return &set[i];
        if (set[i].seen_us < oldest->seen_us) oldest = &set[i];
    }
    *oldest = (bucket){client, 0, limiter->burst};
    return oldest;
}

bool seine_limiter_take(seine_limiter *limiter, uint64_t client, int64_t now_us, double *wait_s) {
    (void)pthread_mutex_lock(&limiter->mutex);
    bucket *b = find(limiter, client);
    if (b->seen_us != 0 && now_us > b->seen_us) b->tokens += (double)(now_us - b->seen_us) * 1e-6 * limiter->rate;
    if (b->tokens > limiter->burst) b->tokens = limiter->burst;
    b->seen_us = now_us > 0 ? now_us : 1;
    const bool may = b->tokens >= 1;
    if (may) b->tokens -= 1;
    *wait_s = may ? 0 : (1 - b->tokens) / limiter->rate;
    (void)pthread_mutex_unlock(&limiter->mutex);
    return may;
}
