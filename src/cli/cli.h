/**
 * @file cli/cli.h
 * What every command shares: options from one table, settings in layers, messages, progress.
 *
 * Each command is one file of commands/, or command.c of a folder, with one seine_command, listed in cli/main.c. Values
 * come from the command line, then the environment (SEINE_<NAME> for options marked `setting`), then the config file
 * (-c for detect, seine.yaml of the lake for settings), then the default.
 */
#ifndef SEINE_CLI_CLI_H
#define SEINE_CLI_CLI_H

#include "base/json.h"
#include "base/progress.h"

/** LIST, WORDS and TEXTS may be repeated and add up; any other option given twice on a line is refused. */
typedef enum seine_option_kind {
    SEINE_OPTION_FLAG, /**< --eval-last / --no-eval-last */
    SEINE_OPTION_TEXT,
    SEINE_OPTION_INT,
    SEINE_OPTION_NUMBER,
    SEINE_OPTION_LIST,  /**< comma separated */
    SEINE_OPTION_WORDS, /**< takes all following words up to the next option */
    SEINE_OPTION_TEXTS  /**< one text each time it is given */
} seine_option_kind;

typedef struct seine_option {
    const char *name; /**< long name without dashes, "min-gap-length" */
    char letter;      /**< 'i' for -i, 0 = none */
    seine_option_kind kind;
    const char *metavar;  /**< "HOURS"; NULL for flags */
    const char *fallback; /**< default as text ("6", "on", "off"), NULL = none */
    double least, most;   /**< range of INT and NUMBER when least < most */
    bool setting;         /**< may also come from SEINE_<NAME> and seine.yaml; goes to docs/configuration.md */
    const char *help;
    const char *alias; /**< the option of this command that it is another name of, of the same kind; NULL = none */
} seine_option;

typedef struct seine_args seine_args;

typedef struct seine_command {
    const char *name;       /**< "ingest"; sub-commands as "table ls" */
    const char *summary;    /**< one line */
    const char *positional; /**< words as in "TABLE [SNAPSHOT]" or "FILE…": a word in [] may be left out, … repeats;
                                 wrong numbers are refused before run. NULL when none are taken */
    const char *description;     /**< paragraphs of --help, may be NULL */
    const char *example;         /**< lines of --help */
    const seine_option *options; /**< beside the common --help, --json, --quiet, --lake (when needs_lake); an own
                                      option of such a name stands for the common one */
    size_t option_count;
    bool makes_lake; /**< its words are lakes that need not be there, or not whole */
    bool needs_lake; /**< has --lake LAKE (default: $SEINE_LAKE, else the current folder) */
    /** Prints what was asked for. A failure is told and becomes the exit status: 2 for SEINE_E_USAGE, else 1. */
    seine_status (*run)(seine_args *args, seine_error *error);
} seine_command;

/* Values, after all layers. Asking for an option the command does not have is a defect (assert). */
const char *seine_args_text(const seine_args *args, const char *name); /* NULL = not given and no default */
bool seine_args_flag(const seine_args *args, const char *name);
int64_t seine_args_int(const seine_args *args, const char *name);
double seine_args_number(const seine_args *args, const char *name);
/** @return whether it was given on the command line, in the environment or in a config file. */
bool seine_args_given(const seine_args *args, const char *name);
/** LIST, WORDS and TEXTS; also positionals with name NULL. */
const char *const *seine_args_list(const seine_args *args, const char *name, size_t *count);
const char *seine_args_lake(const seine_args *args);
bool seine_args_json(const seine_args *args);
/** --quiet: nothing is printed but errors and what was asked for (rows, lists, --json). */
bool seine_args_quiet(const seine_args *args);

/**
 * Reads a YAML or JSON file of option values ("min-gap-length: 6" or min_gap_length) into the layer below the command
 * line. Unknown keys, wrong types and repeated keys are SEINE_E_USAGE naming file, line and key, with the nearest
 * known key. @return also E_NOT_FOUND, E_IO, E_LIMIT, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_args_config(seine_args *args, const char *path, seine_error *error);

/** The command was done, but something it told of is wrong: the exit status is 1, too, without an error's text. */
void seine_cli_found_wrong(seine_args *args);
/** The same, and a line on stderr under the command's name says what. */
void seine_cli_tell_wrong(seine_args *args, const char *format, ...) SEINE_PRINTF(2, 3);
/**
 * Prints what a command made in @p out; @p made is how making it ended. @return OK, E_IO, or @p made, told in @p error
 * unless that was done.
 */
SEINE_MUST_USE seine_status seine_cli_print(const seine_buf *out, seine_status made, seine_error *error);
/** The same for a JSON document, as a line. */
SEINE_MUST_USE seine_status seine_cli_print_json(const seine_json_writer *json, seine_error *error);
/** Informational line to stderr unless --quiet. */
void seine_cli_note(const seine_args *args, const char *format, ...) SEINE_PRINTF(2, 3);
/** Lines of a list that are shown whole; a longer one is summed up unless --all or --json ask for it. */
#define SEINE_SCREEN_LINES 24
#define SEINE_ALL_OPTION                                                \
    {                                                                   \
        .name = "all", .kind = SEINE_OPTION_FLAG, .fallback = "off",    \
        .help = "the whole list; else one of more than 24 is summed up" \
    }
/** @p text as a word of a shell (base/shell.h), for commands that are printed; lives as long as @p args. */
const char *seine_cli_word(seine_args *args, const char *text);
/**
 * Progress for this command: a bar on stderr when it is a terminal and not --quiet/--json; stop is set by Ctrl-C
 * (first: clean stop, second: at once).
 */
const seine_progress *seine_cli_progress(seine_args *args);
void seine_cli_progress_end(seine_args *args);

/** Runs one command line; main() calls it. */
int seine_cli_main(int argc, char **argv, const seine_command *const *commands, size_t count);

#endif
