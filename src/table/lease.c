/*
 * Leases: one writer per name. A row holds owner and expiry; its holder renews it from a thread with a connection of
 * its own. The row of a holder that died is free at once where processes can be told apart (place, process id and when
 * it began), else after its expiry.
 *
 * A lease only saves two writers from doing the same work: what keeps the tables right is compare-and-swap.
 */
#include "table/ledger.h"

#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "table/table.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LEASE_US (60 * SEINE_SECOND_US)
#define SKEW_US (300 * SEINE_SECOND_US) /* by which clocks of two hosts may differ */
#define BEAT_US (15 * SEINE_SECOND_US)
#define PLACE_BYTES 160
#define HOST_BYTES (PLACE_BYTES + 24)
#define HOST_NAME_BYTES 70 /* of Linux: 64 */

struct seine_lease {
    struct seine_lease *next; /* of those taken through the same catalog */
    seine_catalog *catalog;
    seine_arena arena;
    const char *name;
    char owner[37];
    char place[PLACE_BYTES];
    char host[HOST_BYTES]; /* place and when this process began: "HOST BOOT pid:[4026531836] 2775428" */
    seine_db *db;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_taken, has_thread, is_over;
};

/* The kernel's name of this very boot, 36 bytes; "" where there is none. */
static void read_boot(char *text, size_t size) {
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    if (file == NULL || fgets(text, (int)size, file) == NULL) text[0] = '\0';
    if (file != NULL) (void)fclose(file);
    text[strcspn(text, "\n")] = '\0';
}

/*
 * "HOST BOOT pid:[4026531836]": host, boot and process-id namespace, where the system tells them. Only in the same
 * three a process id means something to us: hosts that were made of one image have one name, and the first namespace
 * of every boot has the same number.
 */
static void describe_place(char *text, size_t size) {
    char host[HOST_NAME_BYTES] = "", boot[40], space[48] = "";
    if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
    host[strcspn(host, " ")] = '\0'; /* what is told of the holder ends there */
    read_boot(boot, sizeof boot);
    if (readlink("/proc/self/ns/pid", space, sizeof space - 1) < 0) space[0] = '\0';
    (void)snprintf(text, size, "%s %s %s", host, boot, space);
}

/*
 * A process as its place knows it: when it began, in ticks since the boot, because numbers are given out again. One
 * that was killed keeps its number until its parent takes note of it, which some never do: it has ended all the same.
 */
typedef struct process {
    long long begun; /* 0: the system does not tell */
    bool has_ended;
} process;

static process look_at_process(int64_t pid) {
    char path[40], text[1024] = "", state = '?';
    process found = {0, kill((pid_t)pid, 0) != 0 && errno == ESRCH};
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *file = found.has_ended ? NULL : fopen(path, "r");
    if (file == NULL) return found;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    const char *behind = strrchr(text, ')'); /* a program's name may hold anything */
    if (behind == NULL ||
        sscanf(behind, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lld", &state,
               &found.begun) != 2)
        return (process){0, false};
    found.has_ended = state == 'Z' || state == 'X';
    return found;
}

/* The row that stands in the way, if any. */
typedef struct holder {
    bool is_there;
    char owner[37];
    char host[HOST_BYTES];
    int64_t pid, taken_at_us, expires_at_us;
} holder;

static void copy_text(char *to, size_t size, const seine_db_value *from) {
    const char *text = from->kind == SEINE_DB_TEXT ? from->text : "";
    const size_t length = strlen(text) < size ? strlen(text) : size - 1;
    memcpy(to, text, length);
    to[length] = 0;
}

static seine_status read_holder(void *context, const seine_db_value *c, seine_error *error) {
    (void)error;
    holder *h = context;
    h->is_there = true;
    copy_text(h->owner, sizeof h->owner, &c[0]);
    copy_text(h->host, sizeof h->host, &c[1]);
    h->pid = c[2].integer;
    h->taken_at_us = c[3].integer;
    h->expires_at_us = c[4].integer;
    return SEINE_OK;
}

static bool is_of_place(const holder *h, const seine_lease *lease) {
    const size_t size = strlen(lease->place);
    return strncmp(h->host, lease->place, size) == 0 && h->host[size] == ' ';
}

static long long begun_of(const holder *h, const seine_lease *lease) {
    return strtoll(h->host + strlen(lease->place), NULL, 10);
}

static bool is_dead(const holder *h, const seine_lease *lease, int64_t now_us) {
    if (h->expires_at_us <= now_us) return true;
    if (h->pid > 0 && h->pid <= INT32_MAX && is_of_place(h, lease)) {
        const process now = look_at_process(h->pid);
        const long long begun = begun_of(h, lease);
        return now.has_ended || (begun != 0 && now.begun != 0 && begun != now.begun);
    }
    /* Written before the clock was set back, and not renewed since: nobody is there. */
    return h->expires_at_us > now_us + LEASE_US + SKEW_US;
}

static seine_status held_by(const holder *h, const char *name, seine_error *error) {
    char since[40];
    (void)seine_time_format(h->taken_at_us, since);
    const size_t host_size = strcspn(h->host, " ");
    return seine_fail(error, SEINE_E_BUSY, "%s is held by pid %lld on %.*s since %s; try again later", name,
                      (long long)h->pid, (int)host_size, h->host, since);
}

static seine_status take_row(seine_lease *lease, seine_error *error) {
    holder h = {0};
    int64_t now_us = 0;
    SEINE_TRY(seine_db_now(lease->db, &now_us, error));
    SEINE_TRY(seine_db_query(lease->db,
                             "SELECT owner, host, pid, taken_at_us, expires_at_us FROM seine_lease"
                             " WHERE name = ?1",
                             &lease->name, 1, read_holder, &h, error));
    const bool is_own = strcmp(h.owner, lease->owner) == 0; /* it could not be given back */
    if (h.is_there && !is_own && !is_dead(&h, lease, now_us)) return held_by(&h, lease->name, error);
    const seine_db_value row[] = {
        seine_db_text(lease->name), seine_db_text(lease->owner), seine_db_text(lease->host),
        seine_db_int(getpid()),     seine_db_int(now_us),        seine_db_int(now_us + LEASE_US),
    };
    return seine_db_change(lease->db,
                           "INSERT INTO seine_lease(name, owner, host, pid, taken_at_us, expires_at_us)"
                           " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (name) DO UPDATE SET owner = excluded.owner,"
                           " host = excluded.host, pid = excluded.pid, taken_at_us = excluded.taken_at_us,"
                           " expires_at_us = excluded.expires_at_us",
                           row, 6, NULL, error);
}

static seine_status renew(const seine_lease *lease, seine_db *db, seine_error *error) {
    int64_t changed = 0, now_us = 0;
    SEINE_TRY(seine_db_now(db, &now_us, error));
    const seine_db_value row[] = {seine_db_text(lease->name), seine_db_text(lease->owner),
                                  seine_db_int(now_us + LEASE_US)};
    const seine_status status = seine_db_change(
        db, "UPDATE seine_lease SET expires_at_us = ?3 WHERE name = ?1 AND owner = ?2", row, 3, &changed, error);
    if (status != SEINE_OK || changed == 1) return status;
    return seine_fail(error, SEINE_E_CONFLICT,
                      "the lease %s ran out and was taken over by somebody else; nothing more was changed: try again",
                      lease->name);
}

static seine_status end_transaction(seine_lease *lease, seine_status status, seine_error *error) {
    if (status == SEINE_OK) status = seine_db_commit(lease->db, error);
    if (status != SEINE_OK) seine_db_roll_back(lease->db);
    return status;
}

seine_status seine_lease_renew(seine_lease *lease, seine_error *error) {
    (void)pthread_mutex_lock(&lease->mutex); /* the beating thread has the same connection */
    seine_status status = seine_db_begin(lease->db, error);
    if (status == SEINE_OK) status = end_transaction(lease, renew(lease, lease->db, error), error);
    (void)pthread_mutex_unlock(&lease->mutex);
    return status;
}

seine_status seine_leases_hold(seine_catalog *catalog, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    seine_status status = SEINE_OK;
    for (const seine_lease *lease = catalog->leases; lease != NULL && status == SEINE_OK; lease = lease->next)
        status = renew(lease, catalog->db, &why);
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status == SEINE_E_CONFLICT ? SEINE_E_BUSY : status, "%s", why.text);
}

static void *beat(void *context) {
    seine_lease *lease = context;
    (void)pthread_mutex_lock(&lease->mutex);
    while (!lease->is_over)
        /* A missed beat is made good by the next; a lease that is lost stays lost, and commits then fail. */
        if (!seine_clock_wait(&lease->ended, &lease->mutex, BEAT_US) && !lease->is_over)
            seine_best_effort(renew(lease, lease->db, NULL));
    (void)pthread_mutex_unlock(&lease->mutex);
    return NULL;
}

/* The thread takes no signals: they belong to the program's own. */
static seine_status start_beating(seine_lease *lease, seine_error *error) {
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    lease->has_thread = pthread_create(&lease->thread, NULL, beat, lease) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (lease->has_thread) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "%s: cannot start a thread for the lease", lease->name);
}

static seine_status name_owner(seine_lease *lease, const char *owner, seine_error *error) {
    if (owner == NULL) return seine_uuid4(lease->owner, error);
    (void)snprintf(lease->owner, sizeof lease->owner, "%s", owner);
    return SEINE_OK;
}

seine_status seine_lease_take_as(seine_catalog *catalog, const char *name, const char *owner, seine_lease **lease,
                                 seine_error *error) {
    *lease = NULL;
    seine_lease *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", name);
    (void)pthread_mutex_init(&made->mutex, NULL);
    describe_place(made->place, sizeof made->place);
    (void)snprintf(made->host, sizeof made->host, "%s %lld", made->place, look_at_process(getpid()).begun);
    made->name = seine_arena_copy(&made->arena, name, strlen(name));
    seine_status status = seine_clock_condition(&made->ended) && made->name != NULL
                              ? name_owner(made, owner, error)
                              : seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", name);
    if (status == SEINE_OK) status = seine_db_open(catalog->address, false, &made->db, error);
    if (status == SEINE_OK) status = seine_db_begin(made->db, error);
    if (status == SEINE_OK) status = end_transaction(made, take_row(made, error), error);
    made->is_taken = status == SEINE_OK;
    if (status == SEINE_OK) status = start_beating(made, error);
    if (status != SEINE_OK) {
        seine_lease_release(made);
        return status;
    }
    made->catalog = catalog;
    made->next = catalog->leases;
    *lease = catalog->leases = made;
    return SEINE_OK;
}

seine_status seine_lease_take(seine_catalog *catalog, const char *name, seine_lease **lease, seine_error *error) {
    return seine_lease_take_as(catalog, name, NULL, lease, error);
}

void seine_lease_release(seine_lease *lease) {
    if (lease == NULL) return;
    for (seine_lease **at = lease->catalog != NULL ? &lease->catalog->leases : NULL; at != NULL; at = &(*at)->next)
        if (*at == lease) {
            *at = lease->next;
            break;
        }
    if (lease->has_thread) {
        (void)pthread_mutex_lock(&lease->mutex);
        lease->is_over = true;
        (void)pthread_cond_signal(&lease->ended);
        (void)pthread_mutex_unlock(&lease->mutex);
        (void)pthread_join(lease->thread, NULL);
    }
    /* Waited for: to this very process the row would look like that of a holder who is alive. */
    if (lease->is_taken && seine_db_begin(lease->db, NULL) == SEINE_OK) {
        const seine_db_value key[] = {seine_db_text(lease->name), seine_db_text(lease->owner)};
        const seine_status status =
            seine_db_change(lease->db, "DELETE FROM seine_lease WHERE name = ?1 AND owner = ?2", key, 2, NULL, NULL);
        seine_best_effort(end_transaction(lease, status, NULL));
    }
    seine_db_close(lease->db);
    (void)pthread_cond_destroy(&lease->ended);
    (void)pthread_mutex_destroy(&lease->mutex);
    seine_arena_free(&lease->arena);
    free(lease);
}
