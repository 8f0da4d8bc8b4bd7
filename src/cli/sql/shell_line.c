/* The line editor: prompts, history, completion of tables, columns, keywords and dot commands. */
#include "base/try.h"
#include "cli/args.h"
#include "cli/sql/internal.h"
#include "io/file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

const char *const seine_shell_commands[] = {".help",   ".limit",  ".mode",  ".quit", ".read",
                                            ".schema", ".tables", ".timer", NULL};

#define HISTORY_ENTRIES 2000
#define LOOK_MS 100    /* how soon Ctrl-C at the prompt is heard */
#define OFFERS_MAX 200 /* candidates shown at once */

struct seine_shell_lines {
    const seine_sql *sql;
    EditLine *editor;
    History *history;
    FILE *screen;     /* standard output without the guard: the editor moves the cursor */
    const char *path; /* of the history, NULL = none */
    seine_arena arena;
    bool goes_on;
};

static const char *const keywords[] = {
    "ALL",    "AND",       "AS",       "ASC",      "ASOF",  "BETWEEN",   "BY",     "CASE",      "CAST",     "count",
    "CROSS",  "DESC",      "DESCRIBE", "DISTINCT", "ELSE",  "END",       "EXCEPT", "EXCLUDE",   "EXISTS",   "EXPLAIN",
    "FILTER", "FROM",      "GROUP",    "HAVING",   "ILIKE", "IN",        "INNER",  "INTERSECT", "INTERVAL", "IS",
    "JOIN",   "LEFT",      "LIKE",     "LIMIT",    "NOT",   "NULL",      "OFFSET", "ON",        "OR",       "ORDER",
    "OVER",   "PARTITION", "QUALIFY",  "SELECT",   "SHOW",  "SUMMARIZE", "TABLES", "THEN",      "UNION",    "USING",
    "VALUES", "WHEN",      "WHERE",    "WINDOW",   "WITH",
};

/* ---- completion ------------------------------------------------------------------------------------------------- */

typedef struct offers {
    const char *word; /* what stands before the cursor */
    size_t size;
    const char *names[OFFERS_MAX];
    size_t count;
    size_t common; /* bytes that all have in common */
} offers;

static void offer(offers *o, const char *name) {
    if (strncasecmp(name, o->word, o->size) != 0 || o->count == OFFERS_MAX) return;
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->names[i], name) == 0) return;
    if (o->count == 0) o->common = strlen(name);
    for (size_t i = 0; o->count > 0 && i < o->common; i++)
        if (tolower((unsigned char)name[i]) != tolower((unsigned char)o->names[0][i])) o->common = i;
    o->names[o->count++] = name;
}

static void offer_columns(const seine_sql *sql, offers *o) {
    for (size_t i = 0; i < sql->table_count; i++) {
        const seine_table_schema *schema = sql->tables[i] != NULL ? seine_table_schema_of(sql->tables[i]) : NULL;
        for (size_t k = 0; schema != NULL && k < schema->column_count; k++) offer(o, schema->columns[k].name);
    }
}

/* `.sch`, `silver.a`, `a.mm` (a column of something named a), `sel`. */
static void offer_all(const seine_sql *sql, offers *o, bool is_first) {
    if (is_first && o->word[0] == '.') {
        for (size_t i = 0; seine_shell_commands[i] != NULL; i++) offer(o, seine_shell_commands[i]);
        return;
    }
    for (size_t i = 0; i < sql->table_count; i++) offer(o, sql->names[i]);
    const char *dot = NULL;
    for (size_t i = 0; i < o->size; i++)
        if (o->word[i] == '.') dot = o->word + i;
    if (dot != NULL && o->count == 0) {
        o->size -= (size_t)(dot + 1 - o->word);
        o->word = dot + 1;
    }
    offer_columns(sql, o);
    if (dot != NULL || o->size == 0) return;
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) offer(o, keywords[i]);
}

static void print_offers(const seine_shell_lines *lines, const offers *o) {
    (void)fputc('\n', lines->screen);
    for (size_t i = 0; i < o->count; i++) (void)fprintf(lines->screen, "%s%s", i > 0 ? "  " : "", o->names[i]);
    (void)fputc('\n', lines->screen);
}

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '.'; }

static unsigned char complete(EditLine *editor, int key) {
    (void)key;
    seine_shell_lines *lines = NULL;
    (void)el_get(editor, EL_CLIENTDATA, &lines);
    const LineInfo *line = el_line(editor);
    const char *word = line->cursor;
    while (word > line->buffer && is_word(word[-1])) word--;
    offers o = {.word = word, .size = (size_t)(line->cursor - word)};
    offer_all(lines->sql, &o, word == line->buffer && !lines->goes_on);
    if (o.count == 0) return CC_REFRESH_BEEP;
    char text[256];
    const size_t typed = o.size; /* the editor's buffer moves below */
    const int size = snprintf(text, sizeof text, "%.*s%s", (int)o.common, o.names[0], o.count == 1 ? " " : "");
    const bool is_new = size > 0 && (size_t)size > typed;
    if (is_new) {
        el_deletestr(editor, (int)typed);
        (void)el_insertstr(editor, text);
        return CC_REFRESH;
    }
    print_offers(lines, &o);
    return CC_REDISPLAY;
}

/* ---- history ---------------------------------------------------------------------------------------------------- */

/* $XDG_STATE_HOME/seine/sql_history, else ~/.local/state/seine/sql_history. */
static const char *history_path(seine_arena *arena) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state != NULL && state[0] == '/') return seine_arena_printf(arena, "%s/seine/sql_history", state);
    return home != NULL && home[0] == '/' ? seine_arena_printf(arena, "%s/.local/state/seine/sql_history", home) : NULL;
}

/* Statements may hold what is private: the file is its owner's from the beginning. */
static bool make_private(const char *path) {
    if (seine_file_make_parent(path, NULL) != SEINE_OK) return false;
    const int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return false;
    const bool is_private = fchmod(file, 0600) == 0;
    (void)close(file);
    return is_private;
}

static void load_history(seine_shell_lines *lines) {
    HistEvent event;
    (void)history(lines->history, &event, H_SETSIZE, HISTORY_ENTRIES);
    (void)history(lines->history, &event, H_SETUNIQUE, 1);
    lines->path = history_path(&lines->arena);
    if (lines->path != NULL && !make_private(lines->path)) lines->path = NULL;
    if (lines->path != NULL) (void)history(lines->history, &event, H_LOAD, lines->path);
}

void seine_shell_lines_keep(seine_shell_lines *lines, const char *text) {
    HistEvent event;
    char *line = seine_arena_copy(&lines->arena, text, strlen(text));
    if (line == NULL) return;
    /* On one line it can be edited; behind a comment the line end is part of the statement. */
    for (char *c = line; strstr(text, "--") == NULL && *c != '\0'; c++)
        if (*c == '\n') *c = ' ';
    for (size_t size = strlen(line); size > 0 && isspace((unsigned char)line[size - 1]); size--) line[size - 1] = '\0';
    if (line[0] == '\0') return;
    (void)history(lines->history, &event, H_ENTER, line);
    if (lines->path != NULL) (void)history(lines->history, &event, H_SAVE, lines->path);
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static char *prompt(EditLine *editor) {
    static char first[] = "seine> ", next[] = "   ..> ";
    seine_shell_lines *lines = NULL;
    (void)el_get(editor, EL_CLIENTDATA, &lines);
    return lines->goes_on ? next : first;
}

/* Waits for a byte, or for Ctrl-C. The signal may come just before the wait, or to another thread, and then ends no
 * call here; hence the look at it again and again. @return whether there is something to read. */
static bool wait_for_byte(void) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!seine_cli_is_interrupted())
        if (poll(&input, 1, LOOK_MS) > 0) return true;
    return false;
}

/* One character; unlike the editor's own it gives up on the first Ctrl-C. */
static int read_character(EditLine *editor, wchar_t *character) {
    (void)editor;
    mbstate_t state = {0};
    for (;;) {
        char byte;
        if (!wait_for_byte()) return -1;
        const ssize_t size = read(STDIN_FILENO, &byte, 1);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return (int)size;
        const size_t used = mbrtowc(character, &byte, 1, &state);
        if (used == (size_t)-2) continue; /* it goes on */
        if (used == (size_t)-1) {
            state = (mbstate_t){0};
            continue;
        }
        return 1;
    }
}

static void set_up(seine_shell_lines *lines) {
    EditLine *editor = lines->editor;
    (void)el_set(editor, EL_CLIENTDATA, lines);
    (void)el_set(editor, EL_PROMPT, prompt);
    (void)el_set(editor, EL_EDITOR, "emacs");
    (void)el_set(editor, EL_GETCFN, read_character);
    (void)el_set(editor, EL_HIST, history, lines->history);
    (void)el_set(editor, EL_ADDFN, "seine-complete", "completes names", complete);
    (void)el_set(editor, EL_BIND, "^I", "seine-complete", NULL);
    (void)el_set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    (void)el_source(editor, NULL); /* ~/.editrc */
}

seine_status seine_shell_lines_open(const seine_sql *sql, seine_shell_lines **lines, seine_error *error) {
    *lines = NULL;
    seine_shell_lines *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "shell");
    made->sql = sql;
    /* For characters beyond ASCII in the editor; numbers and texts of the product do not follow it. */
    (void)setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) (void)setlocale(LC_CTYPE, "C.UTF-8");
    const int descriptor = dup(STDOUT_FILENO);
    made->screen = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    made->history = history_init();
    if (made->screen != NULL) made->editor = el_init("seine", stdin, made->screen, made->screen);
    if (made->history == NULL || made->editor == NULL) {
        seine_shell_lines_close(made);
        return seine_fail(error, SEINE_E_NOMEM, "shell: the line editor cannot start");
    }
    load_history(made);
    set_up(made);
    *lines = made;
    return SEINE_OK;
}

void seine_shell_lines_close(seine_shell_lines *lines) {
    if (lines == NULL) return;
    if (lines->editor != NULL) el_end(lines->editor);
    if (lines->history != NULL) history_end(lines->history);
    if (lines->screen != NULL) (void)fclose(lines->screen);
    seine_arena_free(&lines->arena);
    free(lines);
}

const char *seine_shell_lines_next(seine_shell_lines *lines, bool goes_on) {
    int size = 0;
    lines->goes_on = goes_on;
    (void)el_set(lines->editor, EL_PREP_TERM, 1); /* before the prompt, or what is typed at once is echoed twice */
    const char *line = el_gets(lines->editor, &size);
    return line != NULL && size > 0 ? line : NULL;
}
