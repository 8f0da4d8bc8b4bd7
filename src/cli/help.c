/* Help for people: one command, a group, the list. commands/help.c and man.c make documents of the same pieces. */
#include "cli/args.h"

#include <ctype.h>
#include <stdio.h>

#define HELP_COLUMNS 96
#define HELP_INDENT 34

/* First words of commands in the order of the list of commands; what is in no group comes last. */
#define GROUP_WORDS 18
static const struct {
    const char *title;
    const char *first_words[GROUP_WORDS]; /* the last one is NULL */
} groups[] = {
    {"Fill and keep a lake",
     {"init", "run", "fetch", "ingest", "refresh", "status", "verify", "source", "dataset", "ref", "copy", "relocate",
      "lake", "produce", "stream"}},
    {"Ask", {"sql", "report", "export", "serve", "trace", "runs", "table", "graph", "detect"}},
    {"Tools", {"generate", "completion", "version", "help"}},
};
#define GROUP_COUNT (sizeof groups / sizeof *groups)

const char *seine_help_title(size_t group) {
    return group < GROUP_COUNT ? groups[group].title : group == GROUP_COUNT ? "Further" : NULL;
}

/* @return bytes as a terminal counts columns: UTF-8 continuation bytes take none. */
static size_t columns_of(const char *text, size_t size) {
    size_t columns = 0;
    for (size_t i = 0; i < size; i++) columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

/* Prints words from column @p column on, broken at HELP_COLUMNS, further lines indented by @p indent. */
static void print_wrapped(FILE *out, const char *text, size_t column, size_t indent) {
    bool is_first = true;
    while (*text != '\0') {
        const size_t size = strcspn(text, " \n");
        const size_t width = columns_of(text, size);
        if (!is_first && column + 1 + width > HELP_COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!is_first) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)size, text);
        column += width;
        is_first = false;
        text += size;
        if (text[0] == '\n' && text[1] == '\n') { /* a paragraph ends */
            fprintf(out, "\n\n%*s", (int)indent, "");
            column = indent;
            is_first = true;
        }
        text += strspn(text, " \n");
    }
    fputc('\n', out);
}

/* As print_wrapped, with a capital at the begin. */
static void print_sentence(FILE *out, const char *text, size_t indent) {
    if (text[0] == '\0') return;
    fputc(toupper((unsigned char)text[0]), out);
    print_wrapped(out, text + 1, indent + 1, indent);
}

void seine_help_option_usage(const seine_option *option, char text[128]) {
    const char *metavar = seine_option_metavar(option);
    char letter[8] = "";
    if (option->letter != 0) snprintf(letter, sizeof letter, "-%c, ", option->letter);
    const bool has_no = option->kind == SEINE_OPTION_FLAG && strcmp(option->name, "help") != 0;
    snprintf(text, 128, "%s--%s%s%s%s", letter, has_no ? "[no-]" : "", option->name, metavar != NULL ? " " : "",
             metavar != NULL ? metavar : "");
}

void seine_help_option_facts(const seine_option *option, char text[256]) {
    char facts[192] = "", environment[64];
    size_t used = 0;
    const bool is_plain_flag =
        option->kind == SEINE_OPTION_FLAG && (option->fallback == NULL || strcmp(option->fallback, "off") == 0);
    if (option->fallback != NULL && !is_plain_flag) {
        used += (size_t)snprintf(facts + used, sizeof facts - used, "; default %s", option->fallback);
    }
    if (option->least < option->most) {
        used += (size_t)snprintf(facts + used, sizeof facts - used, "; %.15g to %.15g", option->least, option->most);
    }
    if (option->setting) {
        seine_option_environment(option, environment);
        snprintf(facts + used, sizeof facts - used, "; $%s", environment);
    }
    snprintf(text, 256, facts[0] != '\0' ? " (%s)" : "%s", facts[0] != '\0' ? facts + 2 : "");
}

static void print_option(const seine_option *option) {
    char usage[128], facts[256], text[1024];
    seine_help_option_usage(option, usage);
    seine_help_option_facts(option, facts);
    snprintf(text, sizeof text, "%s%s", option->help, facts);
    size_t column = 2 + (option->letter != 0 ? 0 : 4);
    printf("%*s%s", (int)column, "", usage);
    column += columns_of(usage, strlen(usage));
    if (column + 2 > HELP_INDENT) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", (int)(HELP_INDENT - column), "");
    print_wrapped(stdout, text, HELP_INDENT, HELP_INDENT);
}

bool seine_help_has_common(const seine_command *command, size_t which) {
    if (which == SEINE_COMMON_LAKE && !command->needs_lake) return false;
    if (which > SEINE_COMMON_LAKE && !command->needs_lake && !command->makes_lake) return false;
    for (size_t i = 0; i < command->option_count; i++) {
        if (strcmp(command->options[i].name, seine_common_options[which].name) == 0) return false;
    }
    return true;
}

void seine_help_lines(const char *text, const char *indent) {
    while (text != NULL && *text != '\0') {
        const size_t size = strcspn(text, "\n");
        printf("%s%.*s\n", indent, (int)size, text);
        text += size + (text[size] == '\n');
    }
}

void seine_help_usage(const seine_command *command) {
    printf("seine %s [OPTION…]%s%s\n", command->name, command->positional != NULL ? " " : "",
           command->positional != NULL ? command->positional : "");
}

void seine_help_command(const seine_command *command) {
    printf("Usage: ");
    seine_help_usage(command);
    putchar('\n');
    print_sentence(stdout, command->summary, 0);
    if (command->description != NULL) {
        putchar('\n');
        print_wrapped(stdout, command->description, 0, 0);
    }
    if (command->option_count > 0) puts("\nOptions:");
    for (size_t i = 0; i < command->option_count; i++) print_option(&command->options[i]);
    puts("\nCommon options:");
    for (size_t i = 0; i < SEINE_COMMON_COUNT; i++) {
        if (seine_help_has_common(command, i)) print_option(&seine_common_options[i]);
    }
    if (command->example != NULL) {
        puts("\nExample:");
        seine_help_lines(command->example, "  ");
    }
}

/* ---- lists of commands ---- */

bool seine_help_is_of_group(const char *name, const char *word) {
    const size_t size = strcspn(name, " ");
    return strlen(word) == size && memcmp(name, word, size) == 0;
}

/* @return the group of a command, GROUP_COUNT when it is in none; its place in the group in *place. */
static size_t group_of(const seine_command *command, size_t *place) {
    for (size_t group = 0; group < GROUP_COUNT; group++) {
        for (*place = 0; groups[group].first_words[*place] != NULL; ++*place) {
            if (seine_help_is_of_group(command->name, groups[group].first_words[*place])) return group;
        }
    }
    *place = 0;
    return GROUP_COUNT;
}

size_t seine_help_for_group(const seine_command *const *commands, size_t count, size_t group, FILE *out,
                            void (*visit)(FILE *out, const seine_command *command)) {
    size_t visited = 0;
    for (size_t place = 0; place < GROUP_WORDS; place++) {
        for (size_t i = 0; i < count; i++) {
            size_t its_place;
            if (group_of(commands[i], &its_place) != group || its_place != place) continue;
            if (visit != NULL) visit(out, commands[i]);
            visited++;
        }
    }
    return visited;
}

/* A name too long for its column has a line of its own. */
static void print_summary(FILE *out, const seine_command *command) {
    const bool is_long = strlen(command->name) > 16;
    fprintf(out, is_long ? "  %s\n%19s" : "  %-16s%s", command->name, is_long ? "" : " ");
    print_sentence(out, command->summary, 19);
}

void seine_help_all(const seine_command *const *commands, size_t count, bool to_stderr) {
    FILE *out = to_stderr ? stderr : stdout;
    fputs("Usage: seine COMMAND [OPTION…] [WORD…]\n\n"
          "Turns raw positions of ships and vehicles into an open lakehouse.\n",
          out);
    for (size_t group = 0; group <= GROUP_COUNT; group++) {
        if (seine_help_for_group(commands, count, group, out, NULL) == 0) continue;
        fprintf(out, "\n%s:\n", seine_help_title(group));
        seine_help_for_group(commands, count, group, out, print_summary);
    }
    fputs("\nEvery command has --help with an example. Values come from the command line, else the environment\n"
          "(SEINE_*), else a config file, else the default. `seine --version` prints the version.\n",
          out);
}

void seine_help_group(const seine_command *const *commands, size_t count, const char *first_word) {
    printf("Usage: seine %s SUB-COMMAND [OPTION…] [WORD…]\n\n", first_word);
    for (size_t i = 0; i < count; i++) {
        if (seine_help_is_of_group(commands[i]->name, first_word)) print_summary(stdout, commands[i]);
    }
}
