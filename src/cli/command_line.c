/* Words of the command line to a command and its values, with the weaker layers below them; and the run of it. */
#include "cli/args.h"
#include "base/try.h"
#include "cli/terminal.h"
#include "base/json.h"
#include "io/file.h"
#include "io/store/stores.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- one command line ---- */

typedef struct seine_cursor {
    char **words;
    size_t count, pos;
} seine_cursor;

static seine_status unknown_option(const seine_args *args, const char *word, seine_error *error) {
    const size_t size = strcspn(word, "=");
    const bool negated = size > 5 && memcmp(word, "--no-", 5) == 0;
    const size_t skip = size > 2 && word[1] == '-' ? (negated ? 5 : 2) : 1;
    seine_spelling nearest = seine_spelling_of((seine_str){word + skip, size - skip});
    for (size_t i = 0; i < args->value_count; i++) {
        const seine_option *option = args->values[i].option;
        if (!negated || option->kind == SEINE_OPTION_FLAG) seine_spelling_offer(&nearest, option->name);
    }
    const char *best = seine_spelling_best(&nearest);
    if (best == NULL) return seine_fail(error, SEINE_E_USAGE, "unknown option %.*s", (int)size, word);
    return seine_fail(error, SEINE_E_USAGE, "unknown option %.*s: did you mean --%s%s?", (int)size, word,
                      negated ? "no-" : "", best);
}

/* Of SQL: "-- a remark" and what follows on other lines; no name of an option holds blanks. */
static bool is_remark(const char *word) {
    return word[0] == '-' && word[1] == '-' && word[2] != '\0' && strchr(word, '\n') != NULL &&
           strcspn(word, " \t\r\n") < strcspn(word, "=");
}

/* Whether @p word can only be an option, so that it is not taken as the value of the option before it. */
static bool looks_like_option(const char *word) { return word[0] == '-' && word[1] == '-' && word[2] != '\0'; }

/* As seine_value_set, for a value of the command line: what is given twice would silently not act once. */
static seine_status set_from_line(seine_args *args, seine_value *value, const char *text, const char *from,
                                  seine_error *error) {
    const seine_option *option = value->option;
    const bool is_repeated = value->layer == SEINE_LAYER_LINE;
    if (!is_repeated || seine_option_is_list(option))
        return seine_value_set(args, value, text, SEINE_LAYER_LINE, from, error);
    bool flag = false;
    if (option->kind != SEINE_OPTION_FLAG)
        return seine_fail(error, SEINE_E_USAGE, "%s is given twice: %s and %s", from, value->text, text);
    if (!seine_flag_parse(text, &flag) || flag == value->flag)
        return seine_value_set(args, value, text, SEINE_LAYER_LINE, from, error);
    return seine_fail(error, SEINE_E_USAGE, "%s: --%s and --no-%s are both given", from, option->name, option->name);
}

static seine_status take_words(seine_args *args, seine_value *value, seine_cursor *line, const char *from,
                               seine_error *error) {
    const size_t first = line->pos;
    while (line->pos < line->count && (line->words[line->pos][0] != '-' || line->words[line->pos][1] == '\0'))
        SEINE_TRY(seine_value_set(args, value, line->words[line->pos++], SEINE_LAYER_LINE, from, error));
    if (line->pos > first) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "%s needs at least one value", from);
}

/* @p attached is the text after '=' or behind a letter, or NULL. */
static seine_status take_value(seine_args *args, seine_value *value, const char *attached, seine_cursor *line,
                               const char *from, seine_error *error) {
    if (attached != NULL) return set_from_line(args, value, attached, from, error);
    if (value->option->kind == SEINE_OPTION_FLAG) return set_from_line(args, value, "on", from, error);
    if (value->option->kind == SEINE_OPTION_WORDS) return take_words(args, value, line, from, error);
    if (line->pos >= line->count || looks_like_option(line->words[line->pos])) {
        return seine_fail(error, SEINE_E_USAGE, "%s needs a value: %s", from, seine_option_metavar(value->option));
    }
    return set_from_line(args, value, line->words[line->pos++], from, error);
}

/* The option of a long name; *is_off = with "no-" before it. */
static seine_value *find_long(const seine_args *args, const char *name, size_t size, bool *is_off) {
    seine_value *value = memchr(name, '_', size) == NULL ? seine_args_find(args, name, size) : NULL;
    *is_off = value == NULL && name[size] == '\0' && size > 3 && memcmp(name, "no-", 3) == 0;
    if (!*is_off) return value;
    value = seine_args_find(args, name + 3, size - 3);
    return value != NULL && value->option->kind == SEINE_OPTION_FLAG ? value : NULL;
}

static seine_status take_long(seine_args *args, const char *word, seine_cursor *line, seine_error *error) {
    const char *name = word + 2;
    const size_t size = strcspn(name, "=");
    const char *attached = name[size] == '=' ? name + size + 1 : NULL;
    bool is_off = false;
    char from[160];
    seine_value *value = find_long(args, name, size, &is_off);
    if (value == NULL) return unknown_option(args, word, error);
    seine_value *meant = seine_args_meant(args, value);
    if (meant == value)
        snprintf(from, sizeof from, "%.*s", (int)size + 2, word);
    else
        snprintf(from, sizeof from, "%.*s (--%s)", (int)size + 2, word, meant->option->name);
    return is_off ? set_from_line(args, meant, "off", from, error)
                  : take_value(args, meant, attached, line, from, error);
}

static seine_value *find_letter(const seine_args *args, char letter) {
    for (size_t i = 0; i < args->value_count; i++) {
        if (args->values[i].option->letter == letter) return &args->values[i];
    }
    return NULL;
}

/* "-i FILE", "-iFILE", and flags together: "-ab". */
static seine_status take_letters(seine_args *args, const char *word, seine_cursor *line, seine_error *error) {
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        seine_value *value = find_letter(args, *letter);
        if (value == NULL) return unknown_option(args, word, error);
        const char from[] = {'-', *letter, '\0'};
        if (value->option->kind != SEINE_OPTION_FLAG) {
            return take_value(args, value, letter[1] != '\0' ? letter + 1 : NULL, line, from, error);
        }
        SEINE_TRY(set_from_line(args, value, "on", from, error));
    }
    return SEINE_OK;
}

static seine_status take_line(seine_args *args, seine_cursor *line, seine_error *error) {
    bool only_positionals = false;
    while (line->pos < line->count) {
        const char *word = line->words[line->pos++];
        if (only_positionals || word[0] != '-' || word[1] == '\0' || is_remark(word))
            SEINE_TRY(seine_value_add(args, &args->positionals, word, strlen(word), error));
        else if (word[1] != '-')
            SEINE_TRY(take_letters(args, word, line, error));
        else if (word[2] == '\0')
            only_positionals = true;
        else
            SEINE_TRY(take_long(args, word, line, error));
    }
    return SEINE_OK;
}

void seine_command_positionals(const seine_command *command, size_t *least, size_t *most) {
    *least = *most = 0;
    const char *text = command->positional != NULL ? command->positional : "";
    while (*text != '\0') {
        const size_t size = strcspn(text, " ");
        if (size > 0) {
            *least += text[0] != '[';
            *most += 1;
        }
        text += size + (text[size] == ' ');
    }
    const char *all = command->positional;
    if (all != NULL && (strstr(all, "…") != NULL || strstr(all, "...") != NULL)) *most = SIZE_MAX;
}

static seine_status check_positionals(const seine_args *args, seine_error *error) {
    size_t least, most;
    seine_command_positionals(args->command, &least, &most);
    if (args->positionals.count > most) {
        return seine_fail(error, SEINE_E_USAGE, "unexpected word \"%s\"", args->positionals.list[most]);
    }
    if (args->positionals.count >= least) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "needs %s", args->command->positional);
}

/* ---- the weaker layers ---- */

static seine_status take_default(seine_args *args, seine_value *value, seine_error *error) {
    char from[96];
    snprintf(from, sizeof from, "default of --%s", value->option->name);
    if (value->option->fallback == NULL) return SEINE_OK;
    return seine_value_set(args, value, value->option->fallback, SEINE_LAYER_DEFAULT, from, error);
}

static seine_status take_environment(seine_args *args, seine_value *value, seine_error *error) {
    char name[64];
    seine_option_environment(value->option, name);
    const char *text = value->option->setting ? getenv(name) : NULL;
    if (text == NULL || *text == '\0') return SEINE_OK;
    return seine_value_set(args, value, text, SEINE_LAYER_ENV, name, error);
}

static seine_status prepare_values(seine_args *args, seine_error *error) {
    const seine_command *command = args->command;
    const size_t most = command->option_count + SEINE_COMMON_COUNT;
    args->values = SEINE_ARENA_ARRAY(&args->arena, seine_value, most);
    if (args->values == NULL) return seine_no_memory(error, "options");
    for (size_t i = 0; i < command->option_count; i++) args->values[args->value_count++].option = &command->options[i];
    for (size_t i = 0; i < SEINE_COMMON_COUNT; i++) {
        const seine_option *common = &seine_common_options[i];
        if (seine_help_has_common(command, i) && seine_args_find(args, common->name, strlen(common->name)) == NULL) {
            args->values[args->value_count++].option = common;
        }
    }
    for (size_t i = 0; i < args->value_count; i++) {
        SEINE_TRY(take_default(args, &args->values[i], error));
        SEINE_TRY(take_environment(args, &args->values[i], error));
    }
    return SEINE_OK;
}

/* seine.yaml of the lake; a lake that is not there is for the command to report. */
static seine_status take_lake_settings(seine_args *args, seine_error *error) {
    if (!args->command->needs_lake) return SEINE_OK;
    char *path = seine_file_join(&args->arena, seine_args_lake(args), "seine.yaml");
    if (path == NULL) return seine_no_memory(error, "seine.yaml");
    return seine_file_exists(path) ? seine_args_lake_config(args, path, error) : SEINE_OK;
}

/* What buckets are reached by, from the layers so far. */
static seine_status configure_stores(const seine_args *args, seine_error *error) {
    if (!args->command->needs_lake && !args->command->makes_lake) return SEINE_OK;
    const seine_stores_settings settings = {.endpoint = seine_args_text(args, "s3-endpoint"),
                                            .region = seine_args_text(args, "s3-region"),
                                            .profile = seine_args_text(args, "s3-profile"),
                                            .scratch = seine_args_text(args, "scratch"),
                                            .cache = seine_args_text(args, "cache-dir"),
                                            .cache_bytes = (uint64_t)seine_args_int(args, "cache-size") << 20,
                                            .stop = seine_cli_stop()};
    return seine_stores_configure(&settings, error);
}

/* ---- finding and running the command ---- */

static bool first_word_is(const char *name, const char *word) {
    const size_t size = strlen(word);
    return strncmp(name, word, size) == 0 && name[size] == ' ';
}

/* @return the command of the first one or two words, and how many words name it. */
static const seine_command *find_command(const seine_args *args, const seine_cursor *line, size_t *words) {
    for (size_t i = 0; i < args->command_count; i++) {
        const char *name = args->commands[i]->name;
        *words = 1;
        if (strcmp(name, line->words[0]) == 0) return args->commands[i];
        *words = 2;
        const bool has_two = line->count > 1 && first_word_is(name, line->words[0]);
        if (has_two && strcmp(name + strlen(line->words[0]) + 1, line->words[1]) == 0) return args->commands[i];
    }
    *words = 0;
    return NULL;
}

static seine_status unknown_command(const seine_args *args, const seine_cursor *line, bool is_group,
                                    seine_error *error) {
    const char *word = line->words[is_group ? 1 : 0];
    seine_spelling nearest = seine_spelling_of(seine_str_of(word));
    for (size_t i = 0; i < args->command_count; i++) {
        const char *name = args->commands[i]->name;
        if (is_group && first_word_is(name, line->words[0])) {
            seine_spelling_offer(&nearest, name + strlen(line->words[0]) + 1);
        } else if (!is_group) {
            char *first = seine_arena_copy((seine_arena *)&args->arena, name, strcspn(name, " "));
            if (first != NULL) seine_spelling_offer(&nearest, first);
        }
    }
    const char *best = seine_spelling_best(&nearest);
    const char *kind = word[0] == '-' ? "option" : is_group ? "sub-command" : "command";
    if (best == NULL) return seine_fail(error, SEINE_E_USAGE, "unknown %s \"%s\"", kind, word);
    return seine_fail(error, SEINE_E_USAGE, "unknown %s \"%s\": did you mean \"%s%s%s\"?", kind, word,
                      is_group ? line->words[0] : "", is_group ? " " : "", best);
}

/* What stands before a command is found: help, version, groups such as `seine table`. @return an exit status. */
static int without_command(seine_args *args, const seine_cursor *line) {
    seine_error error = {SEINE_OK, ""};
    bool is_group = false;
    for (size_t i = 0; i < args->command_count; i++) is_group |= first_word_is(args->commands[i]->name, line->words[0]);
    const char *second = line->count > 1 ? line->words[1] : "";
    const bool asks_help = strcmp(second, "--help") == 0 || strcmp(second, "-h") == 0;
    if (is_group && (line->count == 1 || asks_help)) {
        seine_help_group(args->commands, args->command_count, line->words[0]);
        return asks_help ? 0 : 2;
    }
    (void)unknown_command(args, line, is_group, &error);
    return seine_cli_fail(args, &error);
}

static int finish_output(const seine_args *args, int exit_status) {
    if (fflush(stdout) == 0 && ferror(stdout) == 0) return exit_status;
    seine_error error;
    (void)seine_fail(&error, SEINE_E_IO, "standard output: write failed");
    return seine_cli_fail(args, &error);
}

static seine_status run_command(seine_args *args, seine_cursor *line, seine_error *error) {
    SEINE_TRY(prepare_values(args, error));
    SEINE_TRY(take_line(args, line, error));
    if (seine_args_flag(args, "help")) {
        seine_help_command(args->command);
        return SEINE_OK;
    }
    SEINE_TRY(check_positionals(args, error));
    SEINE_TRY(seine_args_check_positionals(args, error));
    SEINE_TRY(configure_stores(args, error));
    SEINE_TRY(take_lake_settings(args, error));
    SEINE_TRY(configure_stores(args, error)); /* with what the lake says */
    args->wants_json = seine_args_flag(args, "json");
    args->wants_quiet = seine_args_flag(args, "quiet");
    args->is_running = true;
    return args->command->run(args, error);
}

int seine_cli_main(int argc, char **argv, const seine_command *const *commands, size_t count) {
    seine_cli_signals();
    seine_terminal_guard();
    seine_args args = {.commands = commands, .command_count = count};
    seine_error error = {SEINE_OK, ""};
    seine_cursor line = {argv + 1, argc > 0 ? (size_t)argc - 1 : 0, 0};
    for (size_t i = 0; i < line.count && strcmp(line.words[i], "--") != 0; i++) {
        args.wants_json |= strcmp(line.words[i], "--json") == 0; /* also for errors met before the options are read */
    }
    int exit_status = 0;
    if (line.count == 0) {
        seine_help_all(commands, count, true);
        exit_status = 2;
    } else if (strcmp(line.words[0], "--help") == 0 || strcmp(line.words[0], "-h") == 0) {
        seine_help_all(commands, count, false);
    } else if (strcmp(line.words[0], "--version") == 0) {
        printf("seine %s\n", SEINE_VERSION);
    } else if ((args.command = find_command(&args, &line, &line.pos)) == NULL) {
        exit_status = without_command(&args, &line);
    } else {
        const seine_status status = run_command(&args, &line, &error);
        seine_cli_progress_end(&args);
        exit_status = status != SEINE_OK ? seine_cli_fail(&args, &error) : args.found_wrong;
    }
    seine_stores_close();
    exit_status = finish_output(&args, exit_status);
    seine_arena_free(&args.arena);
    return exit_status;
}
