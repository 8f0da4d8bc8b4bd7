/**
 * @file ingest/next_file.h
 * Reads the next file while those before it are committed, which is mostly to wait for the disk or the network: its
 * bytes are copied beside bronze and hashed, and decoded as far as a part of the memory goes. Whatever fails is done
 * once more when it is the file's turn, and told then.
 */
#ifndef SEINE_INGEST_NEXT_FILE_H
#define SEINE_INGEST_NEXT_FILE_H

#include "ingest/session.h"

/** Reads what session->ahead was offered, in a thread of its own: the sources, the pool and the arena of the session
 * are not touched; nobody else may use its decoders until this returns. */
void seine_next_file_read(seine_session *session);

#endif
