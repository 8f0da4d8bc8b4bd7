/* seine sql: one reading statement over the lake's tables, as they are in one catalog transaction or were at a time. */
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "engine/watch.h"
#include "cli/format.h"
#include "cli/options.h"
#include "cli/sql/sql.h"
#include "cli/target.h"
#include "cli/terminal.h"
#include "io/file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define QUERY_MAX_BYTES ((size_t)16 << 20)

/* ---- the statement ---------------------------------------------------------------------------------------------- */

static seine_status read_stdin(seine_buf *out, seine_error *error) {
    char bytes[4096];
    size_t size;
    while ((size = fread(bytes, 1, sizeof bytes, stdin)) > 0) {
        const seine_status status = seine_buf_append(out, bytes, size);
        if (status != SEINE_OK) return seine_fail(error, status, "standard input: the SQL text is too long");
    }
    return ferror(stdin) ? seine_fail(error, SEINE_E_IO, "standard input: %s", strerror(errno)) : SEINE_OK;
}

/* Whether nothing is asked on a terminal: then there is a shell. */
static bool wants_shell(seine_args *args) {
    size_t count = 0;
    (void)seine_args_list(args, NULL, &count);
    return count == 0 && seine_args_text(args, "file") == NULL && seine_args_text(args, "output") == NULL &&
           isatty(STDIN_FILENO) == 1 && seine_terminal_is_output();
}

static seine_status read_query(seine_sql *s, seine_error *error) {
    size_t count = 0;
    const char *const *words = seine_args_list(s->args, NULL, &count);
    const char *file = seine_args_text(s->args, "file");
    if (count == 0 && file == NULL && isatty(STDIN_FILENO) != 1) {
        SEINE_TRY(read_stdin(&s->query, error));
        if (s->query.size > 0) return SEINE_OK;
    }
    if ((count == 1) == (file != NULL))
        return seine_fail(error, SEINE_E_USAGE, "give one SQL statement, as a word in quotes or by -f FILE");
    if (strcmp(file != NULL ? file : words[0], "-") == 0) return read_stdin(&s->query, error);
    if (file != NULL) return seine_file_read(file, &s->query, error);
    const seine_status status = seine_buf_append_str(&s->query, words[0]);
    return status == SEINE_OK ? status : seine_fail(error, status, "the SQL text is too long");
}

/* ---- tables as views -------------------------------------------------------------------------------------------- */

static seine_status add_view(seine_sql *s, seine_table *table, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(table, &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&s->arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, "sql");
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    return seine_engine_view(s->engine, seine_table_schema_of(table), seine_table_name(table), paths, count, error);
}

/* Whether the table had snapshots before the oldest one that is left: then it was not simply empty. */
static bool has_expired(const seine_table *table) {
    size_t count = 0;
    const seine_snapshot *snapshots = seine_table_snapshots(table, &count), *oldest = NULL;
    for (size_t i = 0; i < count; i++)
        if (oldest == NULL || snapshots[i].sequence_number < oldest->sequence_number) oldest = &snapshots[i];
    return oldest != NULL && oldest->parent_id > 0;
}

/* A table that cannot be read harms only the statement that asks for it. */
static seine_status add_unreadable(seine_sql *s, size_t i, const seine_error *why, seine_error *error) {
    seine_table_close(s->tables[i]);
    s->tables[i] = NULL;
    if (why->status == SEINE_E_NOMEM) return seine_fail(error, why->status, "%s", why->text);
    return seine_engine_view_unreadable(s->engine, s->names[i], why->text, error);
}

/* A table that had no snapshot yet at that time is empty; one whose snapshots of that time are gone is left out. */
static seine_status add_empty(seine_sql *s, size_t i, seine_error *error) {
    SEINE_TRY(seine_table_load(s->catalog, s->names[i], (seine_at){0}, &s->tables[i], error));
    if (!has_expired(s->tables[i]))
        return seine_engine_view(s->engine, seine_table_schema_of(s->tables[i]), s->names[i], NULL, 0, error);
    seine_cli_note(s->args, "%s is left out: its snapshots of that time have been expired", s->names[i]);
    return SEINE_OK;
}

static seine_status load_at(seine_sql *s, seine_at at, seine_error *error) {
    for (size_t i = 0; i < s->table_count; i++) {
        seine_error why = {SEINE_OK, ""};
        seine_status status = seine_table_load(s->catalog, s->names[i], at, &s->tables[i], &why);
        if (status == SEINE_OK)
            status = add_view(s, s->tables[i], &why);
        else if (status == SEINE_E_NOT_FOUND)
            status = add_empty(s, i, &why);
        if (status != SEINE_OK) SEINE_TRY(add_unreadable(s, i, &why, error));
    }
    return SEINE_OK;
}

/* The moment at which some table got that snapshot. */
static seine_status moment_of_snapshot(seine_sql *s, int64_t id, int64_t *time_us, seine_error *error) {
    for (size_t i = 0; i < s->table_count; i++) {
        seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
        if (seine_table_load(s->catalog, s->names[i], (seine_at){0}, &table, NULL) != SEINE_OK) continue;
        size_t count = 0;
        const seine_snapshot *snapshots = seine_table_snapshots(table, &count);
        for (size_t k = 0; k < count; k++) {
            if (snapshots[k].id != id) continue;
            *time_us = snapshots[k].time_ms * 1000 + 999; /* snapshots know milliseconds */
            return SEINE_OK;
        }
    }
    return seine_fail(error, SEINE_E_NOT_FOUND, "--at %lld: no table has such a snapshot (expired?)", (long long)id);
}

static seine_status load_now(seine_sql *s, seine_error *error) {
    for (size_t i = 0; i < s->table_count; i++) {
        seine_error why = {SEINE_OK, ""};
        seine_status status = seine_table_open(&s->pointers[i], (seine_at){0}, &s->tables[i], &why);
        if (status == SEINE_OK) status = add_view(s, s->tables[i], &why);
        if (status != SEINE_OK) SEINE_TRY(add_unreadable(s, i, &why, error));
    }
    return SEINE_OK;
}

/* Words of statements that ask which tables there are, or tell them in another way than by a name. */
static bool asks_for_tables(const char *statement) {
    static const char *const words[] = {"show", "describe", "pragma", "duckdb_", "information_schema",
                                        "pg_",  "sqlite_"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(statement, words[i]) != NULL) return true;
    return false;
}

static bool is_of_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* Whether the last part of its name stands there as a word. */
static bool is_named(const char *table, const char *statement) {
    const char *dot = strrchr(table, '.'), *name = dot != NULL ? dot + 1 : table;
    const size_t size = strlen(name);
    for (const char *at = statement; size > 0 && (at = strcasestr(at, name)) != NULL; at++)
        if ((at == statement || !is_of_word(at[-1])) && !is_of_word(at[size])) return true;
    return false;
}

/*
 * Leaves of the tables those whose names stand in the statement: to open a table takes up to four reads, and a lake has
 * forty. A shell has them all, and so has a statement that names none.
 */
static seine_status narrow(seine_sql *s, seine_error *error) {
    const char *statement = seine_buf_text(&s->query);
    size_t count = 0;
    if (statement == NULL) return seine_no_memory(error, "sql");
    if (asks_for_tables(statement)) return SEINE_OK;
    for (size_t i = 0; i < s->table_count; i++) {
        if (!is_named(s->names[i], statement)) continue;
        s->names[count] = s->names[i];
        s->pointers[count++] = s->pointers[i];
    }
    if (count == 0) return SEINE_OK;
    s->is_narrow = count < s->table_count;
    s->table_count = count;
    return SEINE_OK;
}

static seine_status load_tables(seine_sql *s, seine_error *error) {
    const char *text = seine_args_text(s->args, "at");
    seine_at at = {0, 0};
    int64_t id = 0;
    const bool is_id = text != NULL && seine_integer_parse(seine_str_of(text), &id);
    if (text != NULL && !is_id && !seine_time_parse(seine_str_of(text), &at.time_us))
        return seine_fail(error, SEINE_E_USAGE, "--at %s: not a time such as 2025-01-31T12:00:00Z", text);
    size_t count = 0;
    SEINE_TRY(seine_catalog_pointers(s->catalog, &s->arena, &s->pointers, &count, error));
    s->tables = SEINE_ARENA_ARRAY(&s->arena, seine_table *, count);
    s->names = SEINE_ARENA_ARRAY(&s->arena, const char *, count);
    if (s->tables == NULL || s->names == NULL) return seine_no_memory(error, "sql");
    for (size_t i = 0; i < count; i++) s->names[s->table_count++] = s->pointers[i].name;
    if (is_id) SEINE_TRY(moment_of_snapshot(s, id, &at.time_us, error));
    if (!s->is_whole) SEINE_TRY(narrow(s, error));
    return text != NULL ? load_at(s, at, error) : load_now(s, error);
}

static seine_status open_session(seine_sql *s, seine_error *error) {
    const seine_engine_options options = {.threads = (int)seine_args_int(s->args, "threads")};
    SEINE_TRY(seine_catalog_open(seine_args_lake(s->args), &s->catalog, error));
    SEINE_TRY(seine_engine_open(&options, &s->engine, error));
    SEINE_TRY(load_tables(s, error));
    return seine_engine_lock(s->engine, error);
}

static void close_session(seine_sql *s) {
    for (size_t i = 0; s->tables != NULL && i < s->table_count; i++) seine_table_close(s->tables[i]);
    seine_engine_close(s->engine);
    seine_catalog_close(s->catalog);
    seine_arena_free(&s->arena);
    *s = (seine_sql){.args = s->args, .query = s->query};
}

static void free_session(seine_sql *s) {
    close_session(s);
    seine_buf_free(&s->query);
}

static seine_status run_statement(seine_sql *s, seine_output_format format, seine_error *error) {
    const char *path = seine_args_text(s->args, "output"), *statement = seine_buf_text(&s->query);
    if (statement == NULL) return seine_no_memory(error, "sql");
    const seine_sql_target target = {.format = format,
                                     .path = path != NULL && strcmp(path, "-") != 0 ? path : NULL,
                                     .most_rows = (size_t)seine_args_int(s->args, "limit")};
    return seine_sql_run(s, statement, &target, error);
}

static seine_status read_options(seine_args *args, seine_output_format *format, seine_error *error) {
    const seine_target_file files[] = {{"--file", seine_args_text(args, "file"), SEINE_TARGET_READ},
                                       {"--output", seine_args_text(args, "output"), SEINE_TARGET_WRITE}};
    const char *name = seine_args_text(args, "format");
    if (seine_args_json(args)) {
        if (name != NULL && strcmp(name, "json") != 0)
            return seine_fail(error, SEINE_E_USAGE, "--json is --format json, but --format %s is given too", name);
        name = "json";
    }
    SEINE_TRY(seine_targets_check(files, 2, error));
    SEINE_TRY(seine_format_choose(SEINE_OUTPUT_FORMATS, name, seine_args_text(args, "output"), "table", &name, error));
    *format = seine_output_format_of(name);
    if (!wants_shell(args) || *format < SEINE_OUTPUT_PARQUET) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--format %s needs a statement and -o FILE", name);
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_sql s SEINE_OWNED(free_session) = {.args = args, .is_whole = wants_shell(args)};
    seine_buf_init(&s.query, QUERY_MAX_BYTES);
    seine_output_format format = SEINE_OUTPUT_TABLE;
    seine_error why = {SEINE_OK, ""};
    SEINE_TRY(read_options(args, &format, error));
    if (s.is_whole) {
        SEINE_TRY(open_session(&s, error));
        return seine_shell_run(&s, format, error);
    }
    SEINE_TRY(read_query(&s, error));
    SEINE_TRY(open_session(&s, error));
    const seine_status status = run_statement(&s, format, &why);
    if (status == SEINE_OK) return SEINE_OK;
    if (!s.is_narrow || strncmp(why.text, "Catalog Error", 13) != 0) return seine_fail(error, status, "%s", why.text);
    /* A name that the engine does not know: it says so, and what it may mean, with all tables there. */
    close_session(&s);
    s.is_whole = true;
    SEINE_TRY(open_session(&s, error));
    return run_statement(&s, format, error);
}

static const seine_option options_list[] = {
    {.name = "format",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FORMAT",
     .help =
         "table, csv, json (one array), jsonl, parquet, geoparquet or gpkg (default: by the ending of -o, else "
         "table); the last two make points of columns lat and lon, or lines from start_lat and start_lon to end_lat "
         "and end_lon; --json is --format json"},
    {.name = "output",
     .letter = 'o',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "file that appears whole at the end; standard output when not given"},
    {.name = "file",
     .letter = 'f',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "read the statement from a file, - for standard input"},
    {.name = "at",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "SNAPSHOT|TIME",
     .help = "the tables as they were at this time (UTC), or when this snapshot was made"},
    {.name = "limit",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "1000",
     .least = 0,
     .most = 1e9,
     .help = "rows shown by --format table, 0 for all"},
    SEINE_THREADS_OPTION,
};

const seine_command seine_cmd_sql = {
    .name = "sql",
    .summary = "ask the lake's tables",
    .positional = "[STATEMENT]",
    .description =
        "Runs one reading statement (SELECT, WITH, FROM, DESCRIBE, SHOW, SUMMARIZE, EXPLAIN) over the tables of the "
        "lake, which stand under their names, such as silver.ais; SHOW TABLES lists them. Nothing can be changed and "
        "no file but those of the tables can be read. All tables are of one moment. Times are printed in UTC, numbers "
        "with the fewest digits that read back the same, nulls as nothing (null in JSON), lists, structs and maps "
        "as JSON.\n\n"
        "Without a statement on a terminal it is a shell with history, completion by Tab and dot commands; .help lists "
        "them. Otherwise the statement is read from standard input.",
    .example =
        "seine sql --lake lake \"SELECT mmsi, count(*) AS fixes FROM silver.ais GROUP BY ALL ORDER BY fixes DESC "
        "LIMIT 5\"\n"
        "seine sql --lake lake --format csv -o gaps.csv \"FROM events.ais_gaps\"\n"
        "seine sql --lake lake --at 2025-01-31T12:00:00Z \"SELECT count(*) FROM silver.ais\"",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
