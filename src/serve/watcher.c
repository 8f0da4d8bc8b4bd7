/*
 * One thread beside the others: it stops statements that take too long, and ends connections on which no whole request
 * came in time, however slowly they send (Slowloris: each byte would reset a timeout of silence).
 */
#include "io/clock.h"
#include "serve/server_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define TICK_MS 100

/* ---- connections ---- */

static void note_address(seine_guest *guest, const struct sockaddr *address) {
    const void *bytes = NULL;
    size_t size = 0;
    if (address == NULL) return;
    if (address->sa_family == AF_INET) {
        bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
        size = 4;
    } else if (address->sa_family == AF_INET6) {
        bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        size = 16;
    } else {
        return;
    }
    /* Whoever has one IPv6 address has the other ones of its /64 too. */
    guest->client = seine_hash64(bytes, size == 16 ? 8 : size);
    (void)inet_ntop(address->sa_family, bytes, guest->address, sizeof guest->address);
}

void seine_guest_begin(seine_server *server, struct MHD_Connection *connection, void **context) {
    seine_guest *guest = calloc(1, sizeof *guest);
    *context = guest;
    if (guest == NULL) return; /* its requests are refused */
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    guest->socket = info != NULL ? info->connect_fd : -1;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    note_address(guest, info != NULL ? info->client_addr : NULL);
    atomic_init(&guest->waiting_since_us, seine_clock_monotonic_us());
    (void)pthread_mutex_lock(&server->guests_mutex);
    guest->next = server->guests;
    if (guest->next != NULL) guest->next->former = guest;
    server->guests = guest;
    atomic_fetch_add(&server->guest_count, 1);
    (void)pthread_mutex_unlock(&server->guests_mutex);
}

/* Called before the socket is closed, so that the watcher never shuts down one that was given out anew. */
void seine_guest_end(seine_server *server, void **context) {
    seine_guest *guest = *context;
    if (guest == NULL) return;
    (void)pthread_mutex_lock(&server->guests_mutex);
    *(guest->former != NULL ? &guest->former->next : &server->guests) = guest->next;
    if (guest->next != NULL) guest->next->former = guest->former;
    atomic_fetch_sub(&server->guest_count, 1);
    (void)pthread_mutex_unlock(&server->guests_mutex);
    free(guest);
    *context = NULL;
}

static void end_waiting_guests(seine_server *server, int64_t now_us) {
    const int64_t limit_us = (int64_t)server->options.idle_s * 1000000;
    (void)pthread_mutex_lock(&server->guests_mutex);
    for (seine_guest *guest = server->guests; guest != NULL; guest = guest->next) {
        const int64_t since_us = atomic_load(&guest->waiting_since_us);
        if (since_us == 0 || now_us - since_us < limit_us || guest->socket < 0) continue;
        (void)shutdown(guest->socket, SHUT_RDWR);
    }
    (void)pthread_mutex_unlock(&server->guests_mutex);
}

/* ---- statements ---- */

static void stop_late_statements(seine_server *server, int64_t now_us) {
    for (size_t i = 0; i < server->slot_count; i++) {
        seine_worker_slot *slot = &server->slots[i];
        (void)pthread_mutex_lock(&slot->mutex);
        if (slot->deadline_us != 0 && now_us > slot->deadline_us) seine_engine_session_interrupt(slot->lent.session);
        (void)pthread_mutex_unlock(&slot->mutex);
    }
}

/* ---- thread ---- */

static void *watch(void *argument) {
    seine_server *server = argument;
    (void)pthread_mutex_lock(&server->watcher_mutex);
    while (!server->watcher_ends) {
        struct timespec until;
        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += TICK_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (pthread_cond_timedwait(&server->watcher_wakes, &server->watcher_mutex, &until) != ETIMEDOUT) continue;
        const int64_t now_us = seine_clock_monotonic_us();
        stop_late_statements(server, now_us);
        end_waiting_guests(server, now_us);
    }
    (void)pthread_mutex_unlock(&server->watcher_mutex);
    return NULL;
}

seine_status seine_watcher_start(seine_server *server, seine_error *error) {
    if (pthread_create(&server->watcher, NULL, watch, server) != 0)
        return seine_fail(error, SEINE_E_NOMEM, "server: no thread can be started");
    server->has_watcher = true;
    return SEINE_OK;
}

void seine_watcher_stop(seine_server *server) {
    if (!server->has_watcher) return;
    (void)pthread_mutex_lock(&server->watcher_mutex);
    server->watcher_ends = true;
    (void)pthread_mutex_unlock(&server->watcher_mutex);
    (void)pthread_cond_signal(&server->watcher_wakes);
    (void)pthread_join(server->watcher, NULL);
    server->has_watcher = false;
}
