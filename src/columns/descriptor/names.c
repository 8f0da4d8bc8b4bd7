/* What may be called how: names go into tables, paths and SQL, and a field of a file may be one column only. */
#include "columns/descriptor/descriptor.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

static bool is_name(const char *name) {
    return is_letter(name[0]) && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* @return how @p name could be written; "" when nothing of it can stay. */
static const char *better_name(const char *name, char better[SEINE_DATASET_NAME_MAX + 1]) {
    size_t size = 0;
    for (const char *c = name; *c != '\0'; c++) {
        const char small = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
        const bool fits = is_letter(small) || (size > 0 && small >= '0' && small <= '9');
        if (fits || (size > 0 && better[size - 1] != '_')) better[size++] = fits ? small : '_';
    }
    while (size > 0 && better[size - 1] == '_') size--;
    better[size] = '\0';
    return better;
}

seine_status seine_descriptor_check_name(const seine_descriptor *d, const seine_yaml *value, const char *name) {
    char room[SEINE_DATASET_NAME_MAX + 1];
    if (strlen(name) > SEINE_DATASET_NAME_MAX)
        return seine_descriptor_refuse(d, value, "%s is too long; a name has at most %d bytes", name,
                                       SEINE_DATASET_NAME_MAX);
    if (is_name(name)) return SEINE_OK;
    const char *better = better_name(name, room);
    return seine_descriptor_refuse(d, value, "\"%s\": a name has the letters a-z, digits and _, a letter first%s%s",
                                   name, *better != '\0' ? "; write " : "", better);
}

/* Words that a column cannot be called by without quotes in SQL, of this engine and of those that read the tables. */
static const char *const sql_words[] = {
    "all",       "analyse", "analyze",   "and",        "any",      "anti",     "array",      "as",        "asc",
    "between",   "both",    "by",        "case",       "cast",     "check",    "collate",    "column",    "create",
    "cross",     "current", "default",   "delete",     "desc",     "describe", "distinct",   "div",       "do",
    "drop",      "else",    "end",       "except",     "exists",   "false",    "fetch",      "for",       "foreign",
    "from",      "full",    "glob",      "grant",      "group",    "having",   "if",         "ilike",     "in",
    "inner",     "insert",  "intersect", "interval",   "into",     "is",       "isnull",     "join",      "lambda",
    "lateral",   "leading", "left",      "like",       "limit",    "map",      "natural",    "not",       "notnull",
    "null",      "offset",  "on",        "only",       "or",       "order",    "outer",      "over",      "overlaps",
    "partition", "pivot",   "placing",   "positional", "primary",  "qualify",  "references", "returning", "right",
    "rows",      "select",  "semi",      "set",        "show",     "similar",  "some",       "summarize", "symmetric",
    "table",     "then",    "timestamp", "to",         "trailing", "true",     "union",      "unique",    "unpivot",
    "update",    "user",    "using",     "values",     "variadic", "when",     "where",      "window",    "with",
};

/* Columns that tables made of silver have beside those of a dataset. */
static const char *const taken_words[] = {
    "source_file", "source_row", "source_url", "ingested_at", "event_id", "produced_day", "version", "is_closed",
};

static bool is_among(const char *word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0) return true;
    return false;
}

/* Columns that models made of templates (models/movers) have beside the id. */
static const char *const gold_words[] = {"dt",    "cell",      "hour", "hour_ts", "h3_index", "message_count",
                                         "fixes", "days_seen", "ts",   "lat",     "lon"};

/* The id is a column of events, of their log, and of gold tables too. */
bool seine_dataset_is_id_name(const char *name) {
    const seine_table_schema *events = seine_schema_find("events.ais_gaps_history");
    return strcmp(name, "mmsi") == 0 ||
           (seine_schema_column(events, name) == SIZE_MAX && !is_among(name, gold_words, COUNT(gold_words)));
}

bool seine_dataset_is_column_name(const char *name) {
    return strlen(name) <= SEINE_DATASET_NAME_MAX && is_name(name) &&
           !is_among(name, taken_words, COUNT(taken_words)) && !is_among(name, sql_words, COUNT(sql_words));
}

seine_status seine_descriptor_check_column(const seine_descriptor *d, const seine_yaml *value, const char *name) {
    SEINE_TRY(seine_descriptor_check_name(d, value, name));
    if (is_among(name, taken_words, COUNT(taken_words)))
        return seine_descriptor_refuse(d, value, "%s is a column that every lake has of its own; choose another name",
                                       name);
    if (is_among(name, sql_words, COUNT(sql_words)))
        return seine_descriptor_refuse(d, value, "%s is a word of SQL; write %s_ or another name", name, name);
    for (size_t i = 0; i < d->dataset.column_count; i++)
        if (strcmp(d->columns[i].name, name) == 0)
            return seine_descriptor_refuse(d, value, "%s is a column already, in line %zu", name,
                                           d->column_nodes[i]->key_line);
    return SEINE_OK;
}

bool seine_dataset_is_same_name(const char *a, const char *b) {
    static const char passed_over[] = " .-_";
    for (;; a++, b++) {
        while (*a != '\0' && strchr(passed_over, *a) != NULL) a++;
        while (*b != '\0' && strchr(passed_over, *b) != NULL) b++;
        const char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
        const char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y) return false;
        if (x == '\0') return true;
    }
}

static seine_status check_pair(const seine_descriptor *d, size_t i, size_t k) {
    for (size_t n = 0; n < d->columns[i].name_count; n++)
        for (size_t m = 0; m < d->columns[k].name_count; m++)
            if (seine_dataset_is_same_name(d->columns[i].names[n], d->columns[k].names[m]))
                return seine_descriptor_refuse(d, d->column_nodes[k], "%s is a name of %s already, in line %zu",
                                               d->columns[k].names[m], d->columns[i].name,
                                               d->column_nodes[i]->key_line);
    return SEINE_OK;
}

seine_status seine_descriptor_check_file_names(const seine_descriptor *d) {
    for (size_t k = 0; k < d->dataset.column_count; k++)
        for (size_t i = 0; i < k; i++) SEINE_TRY(check_pair(d, i, k));
    return SEINE_OK;
}
