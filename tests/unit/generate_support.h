/* What tests of generated traffic and of the command line share: cmocka and a folder of one's own per test. */
#ifndef SEINE_TESTS_GENERATE_SUPPORT_H
#define SEINE_TESTS_GENERATE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/file.h"

/* Setup: *state becomes the path of a fresh folder. */
static inline int make_folder(void **state) {
    const char *parent = getenv("TMPDIR");
    char path[512];
    snprintf(path, sizeof path, "%s/seine-test-XXXXXX", parent != NULL ? parent : "/tmp");
    if (mkdtemp(path) == NULL) return -1;
    *state = strdup(path);
    return *state != NULL ? 0 : -1;
}

static inline int remove_folder(void **state) {
    const seine_status status = seine_file_remove_tree(*state, NULL);
    free(*state);
    return status == SEINE_OK ? 0 : -1;
}

#endif
