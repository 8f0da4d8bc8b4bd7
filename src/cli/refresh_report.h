/** @file cli/refresh_report.h  Prints what a refresh, or a commit of its tasks, did. */
#ifndef SEINE_CLI_REFRESH_REPORT_H
#define SEINE_CLI_REFRESH_REPORT_H

#include "cli/derive.h"

/** Lines, or with --json a document; @p all: a line for every model, however many. What models tell goes to stderr, and
 * into the exit status. @return OK, E_IO, E_NOMEM. */
SEINE_MUST_USE seine_status seine_cli_print_refresh(seine_args *args, const seine_refresh_report *report,
                                                    const seine_models_report *models, bool all, seine_error *error);
/** Refused models and failed days are told one by one; the others have run. */
void seine_cli_tell_models(seine_args *args, const seine_models_report *models);

#endif
