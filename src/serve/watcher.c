/*
 * One thread beside the others: it stops statements that take too long, and ends connections on which no whole request
 * came in time, however slowly they send (Slowloris: each byte would reset a timeout of silence), or whose client takes
 * its answer too slowly.
 */
#include "io/clock.h"
#include "serve/server_internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#define TICK_US 100000
#define ACKED_AT 120 /* tcpi_bytes_acked in the kernel's struct tcp_info, which the C library has without it */

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
    atomic_init(&guest->sending_since_us, 0);
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

void seine_guests_end_idle(seine_server *server) {
    (void)pthread_mutex_lock(&server->guests_mutex);
    for (seine_guest *guest = server->guests; guest != NULL; guest = guest->next)
        /* Not for writing: what was answered last may still be on its way. */
        if (guest->socket >= 0 && atomic_load(&guest->waiting_since_us) != 0) (void)shutdown(guest->socket, SHUT_RD);
    (void)pthread_mutex_unlock(&server->guests_mutex);
}

/* Bytes that have arrived at the other end since the connection began; -1: not known. */
static int64_t acked_bytes(const seine_guest *guest) {
    uint8_t info[256];
    uint64_t acked = 0;
    socklen_t size = sizeof info;
    if (getsockopt(guest->socket, IPPROTO_TCP, TCP_INFO, info, &size) != 0 || size < ACKED_AT + sizeof acked) return -1;
    memcpy(&acked, info + ACKED_AT, sizeof acked);
    return (int64_t)acked;
}

/* Ends a connection at once, with what the system still holds of its answer. */
static void abandon(int socket) {
    const struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    (void)shutdown(socket, SHUT_RDWR);
}

/* In each window of the idle time a client has to take what the least rate gives in it, however it reads. */
static void end_slow_guest(const seine_server *server, seine_guest *guest, int64_t now_us) {
    const int64_t since_us = atomic_load(&guest->sending_since_us);
    if (since_us == 0 || guest->socket < 0) return;
    const int64_t span_us = (int64_t)server->options.idle_s * 1000000, acked = acked_bytes(guest);
    if (acked < 0) return;
    if (guest->window_us >= since_us) {
        if (now_us - guest->window_us < span_us) return;
        if (acked - guest->window_acked < server->options.least_rate * server->options.idle_s) abandon(guest->socket);
    }
    guest->window_us = now_us;
    guest->window_acked = acked;
}

static void end_slow_guests(seine_server *server, int64_t now_us) {
    if (server->options.least_rate == 0) return;
    (void)pthread_mutex_lock(&server->guests_mutex);
    for (seine_guest *guest = server->guests; guest != NULL; guest = guest->next) end_slow_guest(server, guest, now_us);
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
        if (seine_clock_wait(&server->watcher_wakes, &server->watcher_mutex, TICK_US)) continue;
        const int64_t now_us = seine_clock_monotonic_us();
        stop_late_statements(server, now_us);
        end_waiting_guests(server, now_us);
        end_slow_guests(server, now_us);
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
