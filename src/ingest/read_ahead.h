/**
 * @file ingest/read_ahead.h
 * What was done of the next file while those before it were committed (ingest/next_file.h), until it has its turn: a
 * copy of its bytes, and a parser that has read some of them. Below the session, whose part it is.
 */
#ifndef SEINE_INGEST_READ_AHEAD_H
#define SEINE_INGEST_READ_AHEAD_H

#include "ingest/parser.h"

typedef struct seine_read_ahead {
    const char *next_path, *next_name; /**< NULL = nobody knows */
    const char *path, *temp;           /**< its copy, until it is taken; NULL = there is none */
    const char *begun;                 /**< the copy that the parser reads */
    seine_parser *parser;
    char sha256[65];
    uint64_t bytes;
    seine_progress progress; /**< of the parser: nothing is told before it is its turn */
    seine_arena arena;       /**< of one that is read ahead */
} seine_read_ahead;

/** Says which file comes next; both are borrowed until it does. @p path NULL: nobody knows. What was done of another
 * one is given up. */
void seine_read_ahead_offer(seine_read_ahead *ahead, const char *path, const char *name);
/** Whether there is something to do. */
bool seine_read_ahead_has_work(const seine_read_ahead *ahead);
/** It is the turn of the file at @p path. Gives the copy of its bytes, if there is one. @return whether there is. */
bool seine_read_ahead_take(seine_read_ahead *ahead, const char *path, const char **temp, char sha256[65],
                           uint64_t *bytes);
/** The parser that has begun to read the copy at @p path, which is the caller's then; NULL = none has. */
seine_parser *seine_read_ahead_parser(seine_read_ahead *ahead, const char *path, const seine_progress *progress);
/** Removes what nobody has taken. */
void seine_read_ahead_free(seine_read_ahead *ahead);

#endif
