/** @file cli/generate/telematics_serve.h  The stand-in for the API of vehicles. */
#ifndef SEINE_CLI_GENERATE_TELEMATICS_SERVE_H
#define SEINE_CLI_GENERATE_TELEMATICS_SERVE_H

#include "cli/cli.h"

/** `generate telematics --serve PORT`: until the user asks to stop. @return OK, E_USAGE, E_IO (the port), E_NOMEM. */
SEINE_MUST_USE seine_status seine_cli_generate_serve(seine_args *args, seine_error *error);

#endif
