/** @file io/machine.h  What the machine has. */
#ifndef SEINE_IO_MACHINE_H
#define SEINE_IO_MACHINE_H

#include <stdint.h>

/**
 * Bytes of memory that this process may use at most: the machine's, or what its control groups (version 2, or the
 * memory controller of version 1) leave of them, as in a container.
 */
uint64_t seine_machine_memory(void);

#endif
