/* A bind that is refused, as for a port below 1024 without the right to it. */
#include <errno.h>
#include <sys/socket.h>

int bind(int socket, const struct sockaddr *address, socklen_t size) {
    (void)socket;
    (void)address;
    (void)size;
    errno = EACCES;
    return -1;
}
