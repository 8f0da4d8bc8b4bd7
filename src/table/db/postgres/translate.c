/*
 * Statements as SQLite writes them, for PostgreSQL. Of its own dialect SQLite has only this in them:
 *
 *     ?1                  → $1
 *     INTEGER             → BIGINT
 *     TEXT in CREATE      → TEXT COLLATE "C": texts are ordered by their bytes
 *     WITHOUT ROWID       → nothing
 *     … iceberg_tables …  → … RETURNING *, when it changes rows: they are sealed (db/pointer_seal.c)
 */
#include "table/db/postgres/postgres.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORD_TEXT "TEXT COLLATE \"C\""
#define RETURNING " RETURNING *"

/* Where a text in quotes, a word or a single byte ends. */
static const char *end_of_token(const char *at) {
    if (*at == '\'' || *at == '"') {
        const char *end = strchr(at + 1, *at);
        return end != NULL ? end + 1 : at + strlen(at);
    }
    if (!isalnum((unsigned char)*at) && *at != '_') return at + 1;
    while (isalnum((unsigned char)*at) || *at == '_') at++;
    return at;
}

static bool is_word(const char *at, const char *end, const char *word) {
    return (size_t)(end - at) == strlen(word) && strncmp(at, word, strlen(word)) == 0;
}

static const char *translated(const char *at, const char **end, bool creates) {
    static const char without[] = "WITHOUT ROWID";
    if (is_word(at, *end, "?")) return "$";
    if (is_word(at, *end, "INTEGER")) return "BIGINT";
    if (is_word(at, *end, "TEXT") && creates) return WORD_TEXT;
    if (strncmp(at, without, strlen(without)) != 0) return NULL;
    *end = at + strlen(without);
    return "";
}

static bool changes_rows(const char *sql) {
    static const char *const begins[] = {"INSERT INTO iceberg_tables(", "UPDATE iceberg_tables ",
                                         "DELETE FROM iceberg_tables "};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (strncmp(sql, begins[i], strlen(begins[i])) == 0) return true;
    return false;
}

char *seine_postgres_sql(const char *sql, bool *changes_pointers) {
    const bool creates = strstr(sql, "CREATE TABLE") != NULL;
    /* The longest replacement is that of TEXT. */
    char *made = malloc(strlen(sql) * strlen(WORD_TEXT) / strlen("TEXT") + sizeof RETURNING);
    if (made == NULL) return NULL;
    char *out = made;
    for (const char *at = sql; *at != '\0';) {
        const char *end = end_of_token(at), *other = translated(at, &end, creates);
        const size_t size = other != NULL ? strlen(other) : (size_t)(end - at);
        memcpy(out, other != NULL ? other : at, size);
        out += size;
        at = end;
    }
    *out = '\0';
    *changes_pointers = changes_rows(sql);
    if (*changes_pointers) (void)strcpy(out, RETURNING);
    return made;
}
