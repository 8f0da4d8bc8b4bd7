/* The program `seine`: the list of commands. */
#include "cli/args.h"

#define COMMANDS(X)                                                                                                    \
    X(init) X(ingest) X(refresh) X(verify)                                                                             \
    X(source_ls) X(source_show) X(source_rm)                                                                           \
    X(sql)                                                                                                             \
    X(table_ls) X(table_show) X(table_history) X(table_files) X(table_orphans) X(table_expire)                         \
    X(detect_gaps)                                                                                                     \
    X(generate_ais) X(version) X(help)

/* Weak, so that the program links while a command's file is not there. */
#define DECLARE(name) extern const seine_command seine_cmd_##name __attribute__((weak));
COMMANDS(DECLARE)

int main(int argc, char **argv) {
#define ADDRESS(name) &seine_cmd_##name,
    const seine_command *const known[] = {COMMANDS(ADDRESS)};
    const seine_command *commands[sizeof known / sizeof *known];
    size_t count = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i] != NULL) commands[count++] = known[i];
    }
    return seine_cli_main(argc, argv, commands, count);
}
