/* The program `seine`: the list of commands, in the order of its help. */
#include "cli/cli.h"

extern const seine_command seine_cmd_init, seine_cmd_ingest, seine_cmd_refresh;
extern const seine_command seine_cmd_source_ls, seine_cmd_source_show, seine_cmd_source_rm;
extern const seine_command seine_cmd_detect_gaps;
extern const seine_command seine_cmd_generate_ais, seine_cmd_version, seine_cmd_help;

/* Weak, so that the program links while the file of a command is not there. */
#define WEAK __attribute__((weak))
extern const seine_command seine_cmd_verify WEAK, seine_cmd_sql WEAK;
extern const seine_command seine_cmd_table_ls WEAK, seine_cmd_table_show WEAK, seine_cmd_table_history WEAK;
extern const seine_command seine_cmd_table_files WEAK, seine_cmd_table_orphans WEAK, seine_cmd_table_expire WEAK;
extern const seine_command seine_cmd_table_contracts WEAK;

int main(int argc, char **argv) {
    const seine_command *const known[] = {
        &seine_cmd_init,          &seine_cmd_ingest,        &seine_cmd_refresh,
        &seine_cmd_verify,        &seine_cmd_source_ls,     &seine_cmd_source_show,
        &seine_cmd_source_rm,     &seine_cmd_sql,           &seine_cmd_table_ls,
        &seine_cmd_table_show,    &seine_cmd_table_history, &seine_cmd_table_files,
        &seine_cmd_table_orphans, &seine_cmd_table_expire,  &seine_cmd_table_contracts,
        &seine_cmd_detect_gaps,   &seine_cmd_generate_ais,  &seine_cmd_version,
        &seine_cmd_help,
    };
    const seine_command *commands[sizeof known / sizeof *known];
    size_t count = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i] != NULL) commands[count++] = known[i];
    }
    return seine_cli_main(argc, argv, commands, count);
}
