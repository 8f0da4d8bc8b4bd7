/*
 * The shell of `seine sql`: statements over lines, dot commands, results fitted to the screen and shown page by page.
 * Ctrl-C ends the statement that runs or is typed, Ctrl-D the shell.
 */
#include "base/number.h"
#include "base/try.h"
#include "cli/args.h"
#include "cli/sql/internal.h"
#include "cli/terminal.h"
#include "io/clock.h"
#include "io/file.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)16 << 20)
#define READ_DEPTH 8 /* files that read files */

typedef struct shell {
    seine_sql *sql;
    seine_sql_target target;
    seine_buf typed; /* of a statement that is not complete */
    bool has_timer, is_over;
    int depth;
    bool has_failed; /* a statement of a file */
} shell;

/* ---- where a statement ends ------------------------------------------------------------------------------------- */

/* Comments nest in the engine's dialect. */
static const char *behind_comment(const char *at) {
    int depth = 0;
    for (; *at != '\0'; at++) {
        const bool opens = at[0] == '/' && at[1] == '*', closes = at[0] == '*' && at[1] == '/';
        if (!opens && !closes) continue;
        depth += opens ? 1 : -1;
        at++;
        if (depth == 0) return at + 1;
    }
    return NULL;
}

/* `$$ … $$` and `$tag$ … $tag$`; @p at when it is neither, as in $1. */
static const char *behind_dollars(const char *at) {
    size_t size = 1;
    while (isalnum((unsigned char)at[size]) || at[size] == '_') size++;
    if (at[size] != '$' || isdigit((unsigned char)at[1])) return at;
    for (const char *end = strchr(at + size + 1, '$'); end != NULL; end = strchr(end + 1, '$'))
        if (strncmp(end, at, size + 1) == 0) return end + size + 1;
    return NULL;
}

/* Behind the quote or comment that begins at @p at, @p at when none does; NULL when it has no end yet. */
static const char *behind_opaque(const char *at) {
    if (at[0] == '-' && at[1] == '-') return at + strcspn(at, "\n");
    if (at[0] == '/' && at[1] == '*') return behind_comment(at);
    if (at[0] == '$') return behind_dollars(at);
    if (at[0] != '\'' && at[0] != '"') return at;
    const char *end = strchr(at + 1, at[0]); /* a doubled quote begins the next piece */
    return end != NULL ? end + 1 : NULL;
}

/* Only says when to stop asking for lines; what a statement is and does is the engine's to say. */
size_t seine_shell_statement_size(const char *text) {
    for (const char *at = text; *at != '\0';) {
        const char *behind = behind_opaque(at);
        if (behind == NULL) return 0;
        if (behind > at) {
            at = behind;
            continue;
        }
        if (*at == ';') return (size_t)(at - text) + 1;
        at++;
    }
    return 0;
}

/* ---- the screen ------------------------------------------------------------------------------------------------- */

static struct winsize screen_size(void) {
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) size.ws_col = 80;
    if (size.ws_row == 0) size.ws_row = 24;
    return size;
}

/* $PAGER, else less where there is one; NULL = none. */
static const char *pager(void) {
    const char *said = getenv("PAGER");
    if (said != NULL) return said[0] != '\0' ? said : NULL;
    return system("command -v less >/dev/null 2>&1") == 0 ? "less" : NULL;
}

seine_status seine_shell_show(void *context, seine_str text, seine_error *error) {
    const shell *sh = context;
    size_t lines = 0;
    for (size_t i = 0; i < text.size; i++) lines += text.data[i] == '\n';
    const bool is_table = sh->target.format == SEINE_OUTPUT_TABLE;
    const char *command = is_table && lines >= screen_size().ws_row ? pager() : NULL;
    if (command == NULL) return seine_terminal_data(text.data, text.size, error);
    (void)fflush(stdout);
    (void)setenv("LESS", "FSX", 0);
    FILE *pages = popen(command, "w");
    if (pages == NULL) return seine_fail(error, SEINE_E_IO, "pager %s: %s", command, strerror(errno));
    (void)fwrite(text.data, 1, text.size, pages); /* less than all when the pager was left */
    (void)pclose(pages);
    return SEINE_OK;
}

/* ---- statements ------------------------------------------------------------------------------------------------- */

static void tell(shell *sh, const seine_error *error) {
    sh->has_failed = true;
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s\n", error->text[0] != '\0' ? error->text : seine_status_text(error->status));
}

static void run_statement(shell *sh, const char *statement) {
    seine_error error = {SEINE_OK, ""};
    const int64_t begun_us = seine_clock_monotonic_us();
    sh->target.columns = screen_size().ws_col;
    const seine_status status = seine_sql_run(sh->sql, statement, &sh->target, &error);
    if (status != SEINE_OK) tell(sh, &error);
    if (sh->has_timer) printf("Time: %.3f s\n", (double)(seine_clock_monotonic_us() - begun_us) / 1e6);
}

/* Runs the statements of the buffer that are complete, and keeps the rest. */
static void run_complete(shell *sh) {
    for (;;) {
        const char *text = seine_buf_text(&sh->typed);
        const size_t size = text != NULL ? seine_shell_statement_size(text) : 0;
        if (size == 0 || seine_cli_is_interrupted()) break;
        char *statement = strndup(text, size);
        if (statement == NULL) break;
        const size_t left = sh->typed.size - size;
        memmove(sh->typed.data, sh->typed.data + size, left);
        sh->typed.size = left;
        if (strspn(statement, " \t\r\n;") < size) run_statement(sh, statement);
        free(statement);
    }
    const char *rest = seine_buf_text(&sh->typed);
    if (rest != NULL && rest[strspn(rest, " \t\r\n")] == '\0') seine_buf_clear(&sh->typed);
}

/* ---- dot commands ----------------------------------------------------------------------------------------------- */

static void take_text(shell *sh, const char *line);

static void do_help(shell *sh, const char *word) {
    (void)sh;
    (void)word;
    fputs("A statement ends with ; and may go over lines. Tab completes, Ctrl-C ends a statement, Ctrl-D the shell.\n"
          ".help            this text\n"
          ".limit N         rows of a table that are shown, 0 for all (now 1000 or --limit)\n"
          ".mode MODE       table, line (each value on a line of its own), csv, json, jsonl\n"
          ".quit            leaves\n"
          ".read FILE       runs the statements of a file\n"
          ".schema TABLE    columns of a table, their types and what they mean\n"
          ".tables [PART]   the lake's tables\n"
          ".timer on|off    how long each statement took\n",
          stdout);
}

static void do_limit(shell *sh, const char *word) {
    char *end = NULL;
    const long rows = strtol(word, &end, 10);
    if (end == word || *end != '\0' || rows < 0)
        (void)fprintf(stderr, ".limit %s: not a number of rows\n", word);
    else
        sh->target.most_rows = (size_t)rows;
}

static void do_mode(shell *sh, const char *word) {
    static const char *const names[] = {"table", "csv", "json", "jsonl"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(word, names[i]) != 0) continue;
        sh->target.format = (seine_output_format)i;
        sh->target.is_downwards = false;
        return;
    }
    if (strcmp(word, "line") == 0) {
        sh->target.format = SEINE_OUTPUT_TABLE;
        sh->target.is_downwards = true;
    } else if (word[0] == '\0') {
        puts(sh->target.is_downwards ? "line" : names[sh->target.format]);
    } else {
        (void)fprintf(stderr, ".mode %s: known are table, line, csv, json, jsonl\n", word);
    }
}

static void do_quit(shell *sh, const char *word) {
    (void)word;
    sh->is_over = true;
}

/* Lines of a file as if they were typed, until one fails. */
static void take_lines(shell *sh, char *line) {
    sh->has_failed = false;
    while (*line != '\0' && !sh->is_over && !sh->has_failed && !seine_cli_is_interrupted()) {
        char *next = line + strcspn(line, "\n");
        next += *next == '\n';
        const char kept = *next;
        *next = '\0';
        take_text(sh, line);
        *next = kept;
        line = next;
    }
    if (sh->typed.size > 0 && !sh->has_failed) take_text(sh, "\n;"); /* the last one may go without */
}

static void do_read(shell *sh, const char *word) {
    seine_error error = {SEINE_OK, ""};
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, TEXT_MAX);
    if (word[0] == '\0')
        (void)seine_fail(&error, SEINE_E_USAGE, ".read needs a file");
    else if (sh->depth == READ_DEPTH)
        (void)seine_fail(&error, SEINE_E_LIMIT, ".read %s: files that read files, deeper than %d", word, READ_DEPTH);
    else
        seine_best_effort(seine_file_read(word, &text, &error));
    char *lines = error.status == SEINE_OK ? seine_buf_text(&text) : NULL;
    sh->depth++;
    if (lines != NULL) take_lines(sh, lines);
    sh->depth--;
    if (error.status != SEINE_OK) tell(sh, &error);
}

static void do_schema(shell *sh, const char *word) {
    bool is_found = false;
    for (size_t i = 0; i < sh->sql->table_count; i++) {
        const char *name = sh->sql->names[i], *dot = strchr(name, '.');
        if (strcmp(name, word) != 0 && (dot == NULL || strcmp(dot + 1, word) != 0) && word[0] != '\0') continue;
        is_found = true;
        if (sh->sql->tables[i] == NULL) continue;
        const seine_table_schema *schema = seine_table_schema_of(sh->sql->tables[i]);
        printf("%s (\n", name);
        for (size_t k = 0; k < schema->column_count; k++) {
            const seine_column *column = &schema->columns[k];
            printf("    %s %s%s%s%s\n", column->name, seine_type_sql(column->type),
                   k + 1 < schema->column_count ? "," : "", column->doc[0] != '\0' ? " -- " : "", column->doc);
        }
        puts(")");
    }
    if (!is_found) (void)fprintf(stderr, ".schema %s: the lake has no such table; see .tables\n", word);
}

static void do_tables(shell *sh, const char *word) {
    for (size_t i = 0; i < sh->sql->table_count; i++)
        if (strstr(sh->sql->names[i], word) != NULL) puts(sh->sql->names[i]);
}

static void do_timer(shell *sh, const char *word) {
    if (strcmp(word, "on") == 0 || strcmp(word, "off") == 0)
        sh->has_timer = word[1] == 'n';
    else
        (void)fprintf(stderr, ".timer %s: on or off\n", word);
}

static void run_command(shell *sh, const char *line) {
    /* In the order of seine_shell_commands. */
    static void (*const actions[])(shell *, const char *) = {do_help, do_limit,  do_mode,   do_quit,
                                                             do_read, do_schema, do_tables, do_timer};
    char words[1024];
    (void)snprintf(words, sizeof words, "%s", line);
    for (size_t size = strlen(words); size > 0 && (isspace((unsigned char)words[size - 1]) || words[size - 1] == ';');
         size--)
        words[size - 1] = '\0';
    const size_t size = strcspn(words, " \t");
    const char *rest = words + size + strspn(words + size, " \t");
    words[size] = '\0';
    if (strcmp(words, ".exit") == 0) sh->is_over = true;
    for (size_t i = 0; seine_shell_commands[i] != NULL && !sh->is_over; i++) {
        if (strcmp(words, seine_shell_commands[i]) != 0) continue;
        actions[i](sh, rest);
        return;
    }
    if (!sh->is_over) (void)fprintf(stderr, "%s: no such command; see .help\n", words);
}

/* ---- the loop --------------------------------------------------------------------------------------------------- */

/* A line that was typed or read. */
static void take_text(shell *sh, const char *line) {
    if (sh->typed.size == 0 && line[0] == '.') {
        run_command(sh, line);
        return;
    }
    if (seine_buf_append_str(&sh->typed, line) != SEINE_OK) {
        (void)fprintf(stderr, "the statement is longer than %zu MiB and was dropped\n", TEXT_MAX >> 20);
        seine_buf_clear(&sh->typed);
        return;
    }
    run_complete(sh);
}

static void loop(shell *sh, seine_shell_lines *lines) {
    seine_buf entry; /* for the history: the lines since the last complete statement */
    seine_buf_init(&entry, TEXT_MAX);
    while (!sh->is_over) {
        (void)fflush(stdout);
        const char *line = seine_shell_lines_next(lines, sh->typed.size > 0);
        if (line == NULL && !seine_cli_is_interrupted()) break;
        if (line != NULL) {
            if (seine_buf_append_str(&entry, line) != SEINE_OK) seine_buf_clear(&entry);
            take_text(sh, line);
            if (sh->typed.size == 0 && seine_buf_text(&entry) != NULL) {
                seine_shell_lines_keep(lines, (const char *)entry.data);
                seine_buf_clear(&entry);
            }
        } else {
            puts("^C");
        }
        if (!seine_cli_is_interrupted()) continue;
        seine_cli_forget_interrupt();
        if (line != NULL && sh->typed.size > 0) (void)fputs("interrupted\n", stderr); /* before it was begun */
        seine_buf_clear(&sh->typed);
        seine_buf_clear(&entry);
    }
    seine_buf_free(&entry);
}

seine_status seine_shell_run(seine_sql *s, seine_output_format format, seine_error *error) {
    shell sh = {
        .sql = s,
        .target = {.format = format, .most_rows = (size_t)seine_args_int(s->args, "limit"), .show = seine_shell_show}};
    sh.target.context = &sh;
    seine_shell_lines *lines = NULL;
    SEINE_TRY(seine_shell_lines_open(s, &lines, error));
    seine_buf_init(&sh.typed, TEXT_MAX);
    seine_cli_keep_interrupts();
    (void)signal(SIGPIPE, SIG_IGN); /* a pager may be left before its end */
    if (!s->args->wants_quiet)
        printf("seine %s: %s of the lake at %s. A statement ends with ; see also .help\n", SEINE_VERSION,
               seine_count((int64_t)s->table_count, "table").text, seine_args_lake(s->args));
    loop(&sh, lines);
    seine_shell_lines_close(lines);
    seine_buf_free(&sh.typed);
    return SEINE_OK;
}
