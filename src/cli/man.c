/* `seine help --man`: the manual page seine(1), made from the option tables in the macros of man(7). */
#include "cli/args.h"

#include <ctype.h>

/* Text as roff reads it: backslashes and dashes stand for themselves, a dot at the begin of a line is no request. */
static void put_text(const char *text, bool is_line_start) {
    for (; *text != '\0'; text++) {
        if (is_line_start && (*text == '.' || *text == '\'')) fputs("\\&", stdout);
        is_line_start = *text == '\n';
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

/* A sentence of a table: with a capital and, at the end of a line of text, a full stop. */
static void put_sentence(const char *text) {
    char first[2] = {(char)toupper((unsigned char)text[0]), '\0'};
    put_text(first, true);
    put_text(text[0] != '\0' ? text + 1 : text, false);
    puts(".");
}

/* Paragraphs are parted by empty lines, which roff does not like. */
static void put_paragraphs(const char *text) {
    while (*text != '\0') {
        size_t size = 0;
        while (text[size] != '\0' && !(text[size] == '\n' && text[size + 1] == '\n')) size++;
        char paragraph[2048];
        snprintf(paragraph, sizeof paragraph, "%.*s", (int)size, text);
        puts(".PP");
        put_text(paragraph, true);
        putchar('\n');
        text += size + strspn(text + size, "\n");
    }
}

static void put_option(const seine_option *option) {
    char usage[128], facts[256];
    seine_help_option_usage(option, usage);
    seine_help_option_facts(option, facts);
    fputs(".TP\n.B ", stdout);
    put_text(usage, false);
    putchar('\n');
    put_text(option->help, true);
    put_text(facts, false);
    puts(".");
}

static void put_command(FILE *out, const seine_command *command) {
    (void)out;
    printf(".SS seine %s [OPTION…]%s", command->name, command->positional != NULL ? " " : "");
    if (command->positional != NULL) put_text(command->positional, false);
    putchar('\n');
    put_sentence(command->summary);
    if (command->description != NULL) put_paragraphs(command->description);
    for (size_t i = 0; i < command->option_count; i++) put_option(&command->options[i]);
    if (command->needs_lake && seine_help_has_common(command, SEINE_COMMON_LAKE)) {
        put_option(&seine_common_options[SEINE_COMMON_LAKE]);
    }
    if (command->example == NULL) return;
    puts(".PP\nExample:\n.PP\n.nf\n.RS");
    put_text(command->example, true);
    puts("\n.RE\n.fi");
}

void seine_help_man(const seine_command *const *commands, size_t count) {
    puts(
        ".\\\" Made by `seine help --man`.\n"
        ".TH SEINE 1 \"\" \"seine " SEINE_VERSION "\" \"Seine\"\n"
        ".SH NAME\nseine \\- movement data from archives to open tables, events and maps\n"
        ".SH SYNOPSIS\n.B seine\nCOMMAND [OPTION…] [WORD…]\n"
        ".SH DESCRIPTION\n"
        "Turns raw positions of ships and vehicles into an open lakehouse: one folder of Apache Iceberg tables.\n"
        "Flags have both forms, \\-\\-flag and \\-\\-no\\-flag; \\-\\- ends the options. Values come from the command\n"
        "line, else the environment (SEINE_*), else a config file, else the default.");
    for (size_t group = 0; seine_help_title(group) != NULL; group++) {
        if (seine_help_for_group(commands, count, group, stdout, NULL) == 0) continue;
        char title[64];
        snprintf(title, sizeof title, "%s", seine_help_title(group));
        for (char *c = title; *c != '\0'; c++) *c = (char)toupper((unsigned char)*c);
        printf(".SH %s\n", title);
        seine_help_for_group(commands, count, group, stdout, put_command);
    }
    puts(".SH COMMON OPTIONS");
    for (size_t i = 0; i < SEINE_COMMON_COUNT; i++) put_option(&seine_common_options[i]);
    puts(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage.\n"
         ".SH FILES\n.TP\n.I LAKE/seine.yaml\nSettings of one lake, a line \"name: value\" each.\n"
         ".TP\n.I LAKE/catalog.db\nThe Iceberg catalog and the ledger of a lake.");
}
