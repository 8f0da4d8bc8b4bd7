/*
 * `seine completion SHELL`: what a shell offers after Tab, made from the option tables. Each script has the commands,
 * the options of each, and whether the word after an option or of a command is a file, a folder, or something only the
 * user knows.
 */
#include "cli/args.h"

typedef enum wants { WANTS_NOTHING, WANTS_TEXT, WANTS_FILE, WANTS_FOLDER } wants;

/* Visits the options of a command, the common ones too. */
typedef void option_visit(const seine_command *command, const seine_option *option);

static void for_options(const seine_command *command, option_visit *visit) {
    for (size_t i = 0; i < command->option_count; i++) visit(command, &command->options[i]);
    for (size_t i = 0; i < SEINE_COMMON_COUNT; i++) {
        if (seine_help_has_common(command, i)) visit(command, &seine_common_options[i]);
    }
}

static bool mentions(const char *text, const char *const *words) {
    for (; text != NULL && *words != NULL; words++) {
        if (strstr(text, *words) != NULL) return true;
    }
    return false;
}

/* By the word that stands for it in the usage: FILE, [FILE…], DIR, LAKE. */
static wants wants_of(const char *metavar) {
    if (metavar == NULL) return WANTS_NOTHING;
    if (mentions(metavar, (const char *const[]){"FILE", "PATH", NULL})) return WANTS_FILE;
    if (mentions(metavar, (const char *const[]){"DIR", "FOLDER", "LAKE", NULL})) return WANTS_FOLDER;
    return WANTS_TEXT;
}

static bool has_no(const seine_option *option) {
    return option->kind == SEINE_OPTION_FLAG && strcmp(option->name, "help") != 0;
}

/* "table" of "table ls" when @p i is the first command that begins so, else NULL. */
static bool is_first_of(const seine_args *args, size_t i, char word[64]) {
    snprintf(word, 64, "%.*s", (int)strcspn(args->commands[i]->name, " "), args->commands[i]->name);
    for (size_t k = 0; k < i; k++) {
        const char *other = args->commands[k]->name;
        if (strcspn(other, " ") == strlen(word) && strncmp(other, word, strlen(word)) == 0) return false;
    }
    return true;
}

/* "ls show" of the commands "table ls" and "table show". */
static bool is_second_of(const seine_command *command, const char *first, const char **second) {
    const size_t size = strlen(first);
    if (strncmp(command->name, first, size) != 0 || command->name[size] != ' ') return false;
    *second = command->name + size + 1;
    return true;
}

static const char *summary_of(const seine_args *args, const char *first) {
    for (size_t i = 0; i < args->command_count; i++) {
        if (strcmp(args->commands[i]->name, first) == 0) return args->commands[i]->summary;
    }
    return "has sub-commands";
}

/* Puts @p text, with @p specials after a backslash; a quote ends and begins the quoted word anew. */
static void put_quoted(const char *text, const char *specials) {
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
            continue;
        }
        if (strchr(specials, *text) != NULL) putchar('\\');
        putchar(*text == '\n' ? ' ' : *text);
    }
}

/* ---- bash ---- */

static void bash_option(const seine_command *command, const seine_option *option) {
    (void)command;
    if (option->letter != 0) printf(" -%c", option->letter);
    printf(" --%s", option->name);
    if (has_no(option)) printf(" --no-%s", option->name);
}

static void bash_value(const seine_command *command, const seine_option *option) {
    static const char *const kinds[] = {"", "text", "file", "folder"};
    if (option->kind == SEINE_OPTION_FLAG) return;
    printf("    '%s --%s'", command->name, option->name);
    if (option->letter != 0) printf(" | '%s -%c'", command->name, option->letter);
    printf(") echo %s ;;\n", kinds[wants_of(seine_option_metavar(option))]);
}

static void bash_commands(const seine_args *args) {
    char word[64];
    fputs("_seine_commands='", stdout);
    for (size_t i = 0; i < args->command_count; i++) {
        if (is_first_of(args, i, word)) printf("%s%s", i > 0 ? " " : "", word);
    }
    puts("'\n\n_seine_subcommands() {\n    case $1 in");
    for (size_t i = 0; i < args->command_count; i++) {
        const char *second = NULL;
        if (!is_first_of(args, i, word)) continue;
        bool is_group = false;
        for (size_t k = 0; k < args->command_count; k++) {
            if (!is_second_of(args->commands[k], word, &second)) continue;
            if (!is_group) printf("    %s) echo '", word);
            printf("%s%s", is_group ? " " : "", second);
            is_group = true;
        }
        if (is_group) puts("' ;;");
    }
    puts("    esac\n}\n");
}

static void print_bash(const seine_args *args) {
    puts("# Completion of seine for bash, made by `seine completion bash`.");
    bash_commands(args);
    puts("_seine_options() {\n    case $1 in");
    for (size_t i = 0; i < args->command_count; i++) {
        printf("    '%s') echo '", args->commands[i]->name);
        for_options(args->commands[i], bash_option);
        puts("' ;;");
    }
    puts("    esac\n}\n\n# What follows an option, or \"COMMAND \" for the words of a command.\n"
         "_seine_value() {\n    case $1 in");
    for (size_t i = 0; i < args->command_count; i++) {
        const seine_command *command = args->commands[i];
        const wants kind = wants_of(command->positional);
        for_options(command, bash_value);
        if (kind == WANTS_FILE) printf("    '%s ') echo file ;;\n", command->name);
        if (kind == WANTS_FOLDER) printf("    '%s ') echo folder ;;\n", command->name);
    }
    puts("    esac\n}\n\n"
         "_seine() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} second=${COMP_WORDS[2]} kind list=\n"
         "    COMPREPLY=()\n"
         "    if ((COMP_CWORD == 1)); then\n"
         "        mapfile -t COMPREPLY < <(compgen -W \"$_seine_commands --version\" -- \"$word\")\n"
         "        return\n"
         "    fi\n"
         "    if ((COMP_CWORD == 2)); then list=$(_seine_subcommands \"$command\"); fi\n"
         "    if ((COMP_CWORD > 2)) && [[ \" $(_seine_subcommands \"$command\") \" == *\" $second \"* ]]; then\n"
         "        command+=\" $second\"\n"
         "    fi\n"
         "    kind=$(_seine_value \"$command ${COMP_WORDS[COMP_CWORD - 1]}\")\n"
         "    if [[ -z $kind && $word != -* ]]; then kind=$(_seine_value \"$command \"); fi\n"
         "    if [[ $word == -* || -z $kind ]]; then list+=\" $(_seine_options \"$command\")\"; fi\n"
         "    case $kind in\n"
         "    text) list= ;;\n"
         "    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$word\") ;;\n"
         "    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- \"$word\") ;;\n"
         "    esac\n"
         "    if [[ -n $list ]]; then\n"
         "        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W \"$list\" -- \"$word\")\n"
         "    fi\n"
         "}\n\ncomplete -F _seine seine");
}

/* ---- zsh ---- */

static const char *zsh_action(wants kind) {
    return kind == WANTS_FILE ? "_files" : kind == WANTS_FOLDER ? "_files -/" : " ";
}

static void zsh_spelling(const seine_option *option, const char *dashes, const char *name) {
    const char *metavar = seine_option_metavar(option);
    printf(" \\\n            '*%s%s[", dashes, name);
    put_quoted(option->help, "[]:\\");
    putchar(']');
    if (metavar != NULL) {
        putchar(':');
        put_quoted(metavar, ":\\");
        printf(":%s", zsh_action(wants_of(metavar)));
    }
    putchar('\'');
}

static void zsh_option(const seine_command *command, const seine_option *option) {
    (void)command;
    const char letter[2] = {option->letter, '\0'};
    char no[80];
    if (option->letter != 0) zsh_spelling(option, "-", letter);
    zsh_spelling(option, "--", option->name);
    snprintf(no, sizeof no, "no-%s", option->name);
    if (has_no(option)) zsh_spelling(option, "--", no);
}

static void zsh_described(const char *word, const char *summary) {
    printf(" '%s:", word);
    put_quoted(summary, ":\\");
    putchar('\'');
}

static void print_zsh(const seine_args *args) {
    char word[64];
    puts("#compdef seine\n# Completion of seine for zsh, made by `seine completion zsh`.\n\n_seine() {\n"
         "    local name=$words[2]\n    local -a commands subcommands");
    fputs("    commands=(", stdout);
    for (size_t i = 0; i < args->command_count; i++) {
        if (is_first_of(args, i, word)) zsh_described(word, summary_of(args, word));
    }
    puts(")\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n"
         "    case $name in");
    for (size_t i = 0; i < args->command_count; i++) {
        const char *second = NULL;
        if (!is_first_of(args, i, word)) continue;
        bool is_group = false;
        for (size_t k = 0; k < args->command_count; k++) {
            if (!is_second_of(args->commands[k], word, &second)) continue;
            if (!is_group) printf("    %s) subcommands=(", word);
            zsh_described(second, args->commands[k]->summary);
            is_group = true;
        }
        if (is_group) puts(") ;;");
    }
    puts("    esac\n    if (( CURRENT == 3 && $#subcommands )); then _describe sub-command subcommands; fi\n"
         "    if (( CURRENT > 3 && $#subcommands )) && [[ -n ${(M)subcommands:#$words[3]:*} ]]; then\n"
         "        name=\"$words[2] $words[3]\"\n        shift words\n        (( CURRENT-- ))\n    fi\n"
         "    shift words\n    (( CURRENT-- ))\n    case $name in");
    for (size_t i = 0; i < args->command_count; i++) {
        const seine_command *command = args->commands[i];
        printf("    '%s')\n        _arguments -s", command->name);
        for_options(command, zsh_option);
        if (command->positional != NULL) {
            fputs(" \\\n            '*:", stdout);
            put_quoted(command->positional, ":\\");
            printf(":%s'", zsh_action(wants_of(command->positional)));
        }
        puts("\n        ;;");
    }
    puts("    esac\n}\n\nif [[ $funcstack[1] == _seine ]]; then _seine \"$@\"; else compdef _seine seine; fi");
}

/* ---- fish ---- */

static void fish_option(const seine_command *command, const seine_option *option) {
    const wants kind = wants_of(seine_option_metavar(option));
    printf("complete -c seine -n '__seine_is %s'", command->name);
    if (option->letter != 0) printf(" -s %c", option->letter);
    printf(" -l %s", option->name);
    if (kind != WANTS_NOTHING) fputs(" -r", stdout);
    if (kind == WANTS_FILE) fputs(" -F", stdout);
    if (kind == WANTS_FOLDER) fputs(" -a '(__fish_complete_directories)'", stdout);
    fputs(" -d '", stdout);
    put_quoted(option->help, "\\");
    puts("'");
    if (has_no(option)) printf("complete -c seine -n '__seine_is %s' -l no-%s\n", command->name, option->name);
}

static void fish_word(const char *after, const char *word, const char *summary) {
    printf("complete -c seine -n '__seine_after%s%s' -a %s -d '", after[0] != '\0' ? " " : "", after, word);
    put_quoted(summary, "\\");
    puts("'");
}

static void print_fish(const seine_args *args) {
    char word[64];
    puts("# Completion of seine for fish, made by `seine completion fish`.\n\n"
         "# The words so far are exactly these.\nfunction __seine_after\n"
         "    set -l given (commandline -opc)\n    test \"$given[2..]\" = \"$argv\"\nend\n\n"
         "# They begin with these.\nfunction __seine_is\n"
         "    set -l given (commandline -opc)\n    string match -q -- \"$argv *\" \"$given[2..] \"\nend\n\n"
         "complete -c seine -f");
    for (size_t i = 0; i < args->command_count; i++) {
        const char *second = NULL;
        if (!is_first_of(args, i, word)) continue;
        fish_word("", word, summary_of(args, word));
        for (size_t k = 0; k < args->command_count; k++) {
            if (is_second_of(args->commands[k], word, &second)) fish_word(word, second, args->commands[k]->summary);
        }
    }
    for (size_t i = 0; i < args->command_count; i++) {
        const seine_command *command = args->commands[i];
        const wants kind = wants_of(command->positional);
        for_options(command, fish_option);
        if (kind == WANTS_FILE) printf("complete -c seine -n '__seine_is %s' -F\n", command->name);
        if (kind == WANTS_FOLDER) {
            printf("complete -c seine -n '__seine_is %s' -a '(__fish_complete_directories)'\n", command->name);
        }
    }
}

/* ---- the command ---- */

static seine_status run_completion(seine_args *args, seine_error *error) {
    static const struct {
        const char *name;
        void (*print)(const seine_args *args);
    } shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    size_t count;
    const char *const *words = seine_args_list(args, NULL, &count);
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(words[0], shells[i].name) != 0) continue;
        shells[i].print(args);
        return SEINE_OK;
    }
    return seine_fail(error, SEINE_E_USAGE, "unknown shell \"%s\": expected bash, zsh or fish", words[0]);
}

const seine_command seine_cmd_completion = {
    .name = "completion",
    .summary = "Completion for a shell: commands, options, files",
    .positional = "bash|zsh|fish",
    .description =
        "`make install` and the packages put it where the shell looks for it. Without them, load it when the\n"
        "shell starts.",
    .example = "source <(seine completion bash)",
    .run = run_completion,
};
