/*
 * Preloaded: who takes a listening socket out of an epoll set is held up first, so that whoever else does so at the
 * same time comes second.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#define HELD_UP_NS 100000000

typedef int (*epoll_call)(int, int, int, struct epoll_event *);

int epoll_ctl(int set, int operation, int socket, struct epoll_event *event) {
    const epoll_call real = (epoll_call)(uintptr_t)dlsym(RTLD_NEXT, "epoll_ctl");
    int is_listening = 0;
    socklen_t size = sizeof is_listening;
    if (operation == EPOLL_CTL_DEL && getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 &&
        is_listening != 0)
        (void)nanosleep(&(struct timespec){.tv_nsec = HELD_UP_NS}, NULL);
    return real(set, operation, socket, event);
}
