/** @file cli/report/style.h  The style of the page: report.css, compiled in. */
#ifndef SEINE_CLI_REPORT_STYLE_H
#define SEINE_CLI_REPORT_STYLE_H

#include <stddef.h>

typedef struct seine_style_file {
    const char *name;
    const unsigned char *bytes;
    size_t size;
} seine_style_file;
/** Made by the build from this folder: one. */
extern const seine_style_file seine_style_files[];
extern const size_t seine_style_file_count;

#endif
