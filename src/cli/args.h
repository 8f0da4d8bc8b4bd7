/**
 * @file cli/args.h
 * Inside of seine_args, for the files of this folder that make up the command line, each using only those before it:
 * option.c, words.c, args.c, config.c, help.c, man.c, progress.c, command_line.c.
 */
#ifndef SEINE_CLI_ARGS_H
#define SEINE_CLI_ARGS_H

#include "base/arena.h"
#include "base/spelling.h"
#include "cli/cli.h"

#include <stdio.h>

/** Layers, weakest first; a value is replaced by its own or a stronger layer only. */
typedef enum seine_layer {
    SEINE_LAYER_NONE, /* no value */
    SEINE_LAYER_DEFAULT,
    SEINE_LAYER_LAKE, /* seine.yaml of the lake */
    SEINE_LAYER_FILE, /* seine_args_config */
    SEINE_LAYER_ENV,
    SEINE_LAYER_LINE
} seine_layer;

typedef struct seine_value {
    const seine_option *option;
    seine_layer layer;
    const char *text;  /* as given; NULL for LIST, WORDS, TEXTS and no value */
    const char **list; /* LIST, WORDS and TEXTS */
    size_t count, capacity;
    int64_t integer;
    double number;
    bool flag;
} seine_value;

typedef struct seine_args {
    const seine_command *command;
    const seine_command *const *commands;
    size_t command_count;
    seine_arena arena;
    seine_value *values; /* the command's own options, then the common ones */
    size_t value_count;
    seine_value positionals; /* option is NULL */
    bool wants_json, wants_quiet;
    bool found_wrong; /* seine_cli_found_wrong */
    bool is_running;  /* the command line was understood: hints to --help are over */
    seine_progress progress;
    struct seine_bar *bar;
} seine_args;

/** Options every command has (--lake only for those with needs_lake, those of buckets also for makes_lake). */
extern const seine_option seine_common_options[];
enum {
    SEINE_COMMON_HELP,
    SEINE_COMMON_JSON,
    SEINE_COMMON_QUIET,
    SEINE_COMMON_LAKE,
    SEINE_COMMON_S3_ENDPOINT, /* from here on of commands that use a lake or make one */
    SEINE_COMMON_S3_REGION,
    SEINE_COMMON_S3_PROFILE,
    SEINE_COMMON_CACHE_DIR,
    SEINE_COMMON_CACHE_SIZE,
    SEINE_COMMON_SCRATCH,
    SEINE_COMMON_COUNT
};

seine_value *seine_args_find(const seine_args *args, const char *name, size_t size);
/** The value of the option that @p value is another name of, else @p value. */
seine_value *seine_args_meant(const seine_args *args, seine_value *value);
/**
 * Gives @p value a scalar text, or adds it to its list, checking kind and range. @p from says where it comes from, for
 * the error ("--days", "SEINE_DAYS", "seine.yaml line 3: days"). @return OK, E_USAGE, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_value_set(seine_args *args, seine_value *value, const char *text, seine_layer layer,
                                            const char *from, seine_error *error);
/** on, true, yes, 1 and their opposites, any case. @return false when it is none of them. */
bool seine_flag_parse(const char *text, bool *flag);
/** Whether values are collected: LIST, WORDS and TEXTS may be given more than once, nothing else may. */
bool seine_option_is_list(const seine_option *option);
/** Adds one element to a LIST, WORDS or TEXTS value, or to the words, as it is. */
SEINE_MUST_USE seine_status seine_value_add(seine_args *args, seine_value *value, const char *text, size_t size,
                                            seine_error *error);
/** Forgets the elements of weaker layers. @return false when the present layer is stronger than @p layer. */
bool seine_value_enter(seine_value *value, seine_layer layer);
/** Reads seine.yaml of @p path: only options marked `setting` are taken, settings of other commands are passed over. */
SEINE_MUST_USE seine_status seine_args_lake_config(seine_args *args, const char *path, seine_error *error);

/** SEINE_MIN_GAP_LENGTH of min-gap-length. */
void seine_option_environment(const seine_option *option, char name[64]);
/** "HOURS" for values, NULL for flags. */
const char *seine_option_metavar(const seine_option *option);
/** Fewest and most positional words of a command (SIZE_MAX = any number). */
void seine_command_positionals(const seine_command *command, size_t *least, size_t *most);

/**
 * Refuses an address (s3://…, file://…, hdfs:…) where a path is meant: it would become a folder of that name. Every
 * value of every layer passes it, and the words of the line. @p from as in seine_value_set. @return OK, E_USAGE.
 */
SEINE_MUST_USE seine_status seine_option_check_path(const seine_option *option, const char *text, const char *from,
                                                    seine_error *error);
SEINE_MUST_USE seine_status seine_args_check_positionals(const seine_args *args, seine_error *error);

void seine_help_command(const seine_command *command);
void seine_help_all(const seine_command *const *commands, size_t count, bool to_stderr);
void seine_help_group(const seine_command *const *commands, size_t count, const char *first_word);
extern const seine_command seine_cmd_help;

/* Pieces of help that the manual page and the completions are made of. */

/** Prints "Usage: …" of a command. */
void seine_help_usage(const seine_command *command);
/** Prints lines, each behind @p indent. */
void seine_help_lines(const char *text, const char *indent);
/** Whether @p word is the first word of a command's name. */
bool seine_help_is_of_group(const char *name, const char *word);
/** "-i, --input FILE", "--[no-]eval-last". */
void seine_help_option_usage(const seine_option *option, char text[128]);
/** " (default 6; 0 to 24; $SEINE_X)" or "". */
void seine_help_option_facts(const seine_option *option, char text[256]);
/** Whether @p command has common option @p which: its own options replace common ones of the same name. */
bool seine_help_has_common(const seine_command *command, size_t which);
/** Title of a group of commands from 0 on; NULL after the last one. */
const char *seine_help_title(size_t group);
/** Calls @p visit (may be NULL) for the commands of a group in the group's order. @return how many there were. */
size_t seine_help_for_group(const seine_command *const *commands, size_t count, size_t group, FILE *out,
                            void (*visit)(FILE *out, const seine_command *command));
/** Prints the manual page seine(1) in the macros of man(7). */
void seine_help_man(const seine_command *const *commands, size_t count);

/**
 * Prints `seine COMMAND: text` (with --json {"error":{"status","command","text"}}) to stderr and returns the exit
 * status: 2 for SEINE_E_USAGE, else 1.
 */
int seine_cli_fail(const seine_args *args, const seine_error *error);
/** Installs the handlers of Ctrl-C and of closed pipes. */
void seine_cli_signals(void);
/** For a shell: from now on Ctrl-C asks work to stop and never ends the program. */
void seine_cli_keep_interrupts(void);
bool seine_cli_is_interrupted(void);
/** What Ctrl-C sets. */
const atomic_bool *seine_cli_stop(void);
/** The work that was asked to stop has stopped. */
void seine_cli_forget_interrupt(void);

#endif
