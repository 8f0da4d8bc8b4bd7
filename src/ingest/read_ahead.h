/**
 * @file ingest/read_ahead.h
 * What is done of the next file while those before it are committed, which is mostly to wait for the disk or the
 * network: its bytes are copied beside bronze and hashed, and decoded as far as a part of the memory goes. Whatever
 * fails is done once more when it is the file's turn, and told then.
 */
#ifndef SEINE_INGEST_READ_AHEAD_H
#define SEINE_INGEST_READ_AHEAD_H

#include "ingest/arrival.h"

/** Says which file comes next; both are borrowed until it does. @p path NULL: nobody knows. */
void seine_read_ahead_offer(seine_read_ahead *ahead, const char *path, const char *name);
/** Whether there is something to do. */
bool seine_read_ahead_has_work(const seine_read_ahead *ahead);
/** Does it, in a thread of its own: the sources, the pool and the arena of the session are not touched; nobody else
 * may use its decoders until this returns. */
void seine_read_ahead_run(seine_session *session);

/** It is the arrival's turn. Gives it the copy of its bytes, if there is one. @return whether there is. */
bool seine_read_ahead_take(seine_read_ahead *ahead, seine_arrival *arrival);
/** The parser that has begun to read the copy at @p path, which is the caller's then; NULL = none has. */
seine_parser *seine_read_ahead_parser(seine_read_ahead *ahead, const char *path, const seine_progress *progress);
/** Removes what nobody has taken. */
void seine_read_ahead_free(seine_read_ahead *ahead);

#endif
