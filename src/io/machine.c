/* Limits of memory are asked for where Linux tells them; what cannot be read is no limit. */
#include "io/machine.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GROUPS "/sys/fs/cgroup"
#define PATH_SIZE 4096

/* "max", and what is no number, is no limit. */
static uint64_t read_limit(const char *group, const char *file, uint64_t most) {
    char path[PATH_SIZE + 64];
    uint64_t limit = 0;
    (void)snprintf(path, sizeof path, "%s/%s", group, file);
    FILE *in = fopen(path, "re");
    if (in == NULL) return most;
    const bool is_limit = fscanf(in, "%" SCNu64, &limit) == 1;
    (void)fclose(in);
    return is_limit && limit > 0 && limit < most ? limit : most;
}

/* The group of the process, "0::/user.slice/…", and every group around it; in a container that is its root. */
static uint64_t read_groups(uint64_t most) {
    char line[PATH_SIZE], group[PATH_SIZE + 32];
    FILE *in = fopen("/proc/self/cgroup", "re");
    if (in == NULL) return most;
    while (fgets(line, sizeof line, in) != NULL) {
        if (strncmp(line, "0::", 3) != 0) continue;
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(group, sizeof group, GROUPS "%s", line + 3);
        while (strlen(group) > strlen(GROUPS)) {
            most = read_limit(group, "memory.max", most);
            *strrchr(group, '/') = '\0';
        }
    }
    (void)fclose(in);
    return most;
}

uint64_t seine_machine_memory(void) {
    const long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    uint64_t most = pages > 0 && bytes > 0 ? (uint64_t)pages * (uint64_t)bytes : UINT64_MAX;
    most = read_limit(GROUPS, "memory.max", most);
    most = read_limit(GROUPS "/memory", "memory.limit_in_bytes", most);
    return read_groups(most);
}
