/* `seine help`: on one command, the list, and the documents that are made of the same tables. */
#include "cli/args.h"

#include <ctype.h>
#include <stdio.h>

/* ---- documents ---- */

/* Text of a table cell: '|' would end it. */
static void put_cell(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '|') putchar('\\');
        putchar(*text);
    }
}

static void print_markdown_option(const seine_option *option) {
    char usage[128], facts[256];
    seine_help_option_usage(option, usage);
    seine_help_option_facts(option, facts);
    fputs("| `", stdout);
    put_cell(usage);
    fputs("` | ", stdout);
    put_cell(option->help);
    put_cell(facts);
    puts(" |");
}

static void print_markdown_command(FILE *out, const seine_command *command) {
    (void)out;
    printf("\n### seine %s\n\n%c%s.\n", command->name, toupper((unsigned char)command->summary[0]),
           command->summary + 1);
    if (command->description != NULL) printf("\n%s\n", command->description);
    printf("\n```\n");
    seine_help_usage(command);
    printf("```\n\n| option | meaning |\n|---|---|\n");
    for (size_t i = 0; i < command->option_count; i++) print_markdown_option(&command->options[i]);
    for (size_t i = 0; i < SEINE_COMMON_COUNT; i++) {
        if (seine_help_has_common(command, i)) print_markdown_option(&seine_common_options[i]);
    }
    if (command->example != NULL) {
        printf("\nExample:\n\n```sh\n");
        seine_help_lines(command->example, "");
        puts("```");
    }
}

static void print_markdown(const seine_command *const *commands, size_t count) {
    puts("# Command line\n\n"
         "Made by `seine help --markdown`; a test compares this page with the program.\n\n"
         "`seine COMMAND [OPTION…] [WORD…]`. Exit status: 0 done, 1 failed, 2 wrong usage. Flags have both\n"
         "forms, `--flag` and `--no-flag`. `--` ends the options. Ctrl-C stops cleanly, a second one at once.\n"
         "Values come from the command line, else the environment, else a config file, else the default: see\n"
         "[configuration](configuration.md).");
    for (size_t group = 0; seine_help_title(group) != NULL; group++) {
        if (seine_help_for_group(commands, count, group, stdout, NULL) == 0) continue;
        printf("\n## %s\n", seine_help_title(group));
        seine_help_for_group(commands, count, group, stdout, print_markdown_command);
    }
}

static const seine_option *find_setting(const seine_command *command, const char *name) {
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].setting && strcmp(command->options[i].name, name) == 0) return &command->options[i];
    }
    return NULL;
}

/* One row; @p others are the commands from the one that has the setting first. */
static void print_setting(const seine_option *option, const seine_command *const *others, size_t count) {
    char environment[64];
    const char *metavar = seine_option_metavar(option);
    seine_option_environment(option, environment);
    printf("| `%s` | `%s` | ", option->name, environment);
    put_cell(metavar != NULL ? metavar : "on/off");
    printf(" | %s | ", option->fallback != NULL ? option->fallback : "–");
    for (size_t i = 0; i < count; i++) {
        const bool has_it = find_setting(others[i], option->name) != NULL;
        if (has_it) printf("%s%s", i > 0 ? ", " : "", others[i]->name);
    }
    const bool is_lake = option == &seine_common_options[SEINE_COMMON_LAKE];
    fputs(is_lake      ? "all that need a lake; not in seine.yaml | "
          : count == 0 ? "all that need a lake | "
                       : " | ",
          stdout);
    put_cell(option->help);
    puts(" |");
}

static void print_settings(const seine_command *const *commands, size_t count) {
    puts("# Configuration\n\n"
         "Made by `seine help --settings`; a test compares this page with the program.\n\n"
         "A setting may be given on the command line (`--name`), in the environment, or as a line `name: value` of\n"
         "`seine.yaml` in the lake's folder (YAML or JSON; `_` and `-` are the same). The first that has it wins,\n"
         "in this order. Unknown and repeated names in `seine.yaml` are refused.\n\n"
         "| name | environment | value | default | commands | meaning |\n|---|---|---|---|---|---|");
    for (size_t i = SEINE_COMMON_LAKE; i < SEINE_COMMON_COUNT; i++) print_setting(&seine_common_options[i], NULL, 0);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < commands[i]->option_count; k++) {
            const seine_option *option = &commands[i]->options[k];
            bool is_told = !option->setting;
            for (size_t j = 0; j < i; j++) is_told |= find_setting(commands[j], option->name) != NULL;
            if (!is_told) print_setting(option, commands + i, count - i);
        }
    }
}

/* ---- the command ---- */

static seine_status help_words(seine_args *args, const char *const *words, size_t count, seine_error *error) {
    char name[128];
    snprintf(name, sizeof name, count > 1 ? "%s %s" : "%s", words[0], count > 1 ? words[1] : "");
    seine_spelling nearest = seine_spelling_of(seine_str_of(name));
    bool is_group = false;
    for (size_t i = 0; i < args->command_count; i++) {
        const seine_command *command = args->commands[i];
        if (strcmp(command->name, name) == 0) {
            seine_help_command(command);
            return SEINE_OK;
        }
        is_group |= seine_help_is_of_group(command->name, name);
        seine_spelling_offer(&nearest, command->name);
    }
    if (is_group) {
        seine_help_group(args->commands, args->command_count, name);
        return SEINE_OK;
    }
    const char *best = seine_spelling_best(&nearest);
    return seine_fail(error, SEINE_E_USAGE, "unknown command \"%s\"%s%s%s", name,
                      best != NULL ? ": did you mean \"" : "", best != NULL ? best : "", best != NULL ? "\"?" : "");
}

static seine_status run_help(seine_args *args, seine_error *error) {
    size_t count;
    const char *const *words = seine_args_list(args, NULL, &count);
    if (seine_args_flag(args, "markdown"))
        print_markdown(args->commands, args->command_count);
    else if (seine_args_flag(args, "settings"))
        print_settings(args->commands, args->command_count);
    else if (seine_args_flag(args, "man"))
        seine_help_man(args->commands, args->command_count);
    else if (count > 0)
        return help_words(args, words, count, error);
    else
        seine_help_all(args->commands, args->command_count, false);
    return SEINE_OK;
}

static const seine_option options[] = {
    {.name = "markdown", .kind = SEINE_OPTION_FLAG, .help = "print the page docs/cli.md"},
    {.name = "settings", .kind = SEINE_OPTION_FLAG, .help = "print the page docs/configuration.md"},
    {.name = "man", .kind = SEINE_OPTION_FLAG, .help = "print the manual page seine(1)"},
};

const seine_command seine_cmd_help = {
    .name = "help",
    .summary = "Help on one command, or the list of commands",
    .positional = "[COMMAND] [SUB-COMMAND]",
    .example = "seine help ingest",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run_help,
};
