/**
 * @file ingest/rebuild.h
 * Days that are made anew: a source that leaves silver takes its rows along, so its days are decoded again from the
 * bronze bytes of all others that feed them.
 */
#ifndef SEINE_INGEST_REBUILD_H
#define SEINE_INGEST_REBUILD_H

#include "ingest/session.h"

/** Decodes a source from its bronze bytes, which must still have their SHA-256; only fixes of the rebuilt days are
 * kept.
 */
SEINE_MUST_USE seine_status seine_rebuild_read(seine_session *session, uint32_t source, seine_error *error);
/** The same for every live source from the ledger that feeds a rebuilt day by @p rows. */
SEINE_MUST_USE seine_status seine_rebuild_days_of(seine_session *session, const seine_source_day *rows, size_t count,
                                                  seine_error *error);
/** Silver of a dataset that got columns: every day is rebuilt from bronze. *count sources are read. */
SEINE_MUST_USE seine_status seine_rebuild_all(seine_session *session, size_t *count, seine_error *error);
/** The next commit takes the source out of the ledger's live ones; its days are for the caller to rebuild. */
void seine_source_leave(seine_known_source *entry, seine_source_state state, const char *reason);
/** Takes a source out of silver: its days are rebuilt from all others that feed them. */
SEINE_MUST_USE seine_status seine_rebuild_without(seine_session *session, uint32_t source, seine_source_state state,
                                                  const char *reason, seine_error *error);
/**
 * After a lost race: the ledger is read again, so that the next plan knows what others brought, replaced or took out.
 * What this run decoded stays. @return OK; E_CONFLICT: they took a name of this run, or changed the sources of days
 * that are being rebuilt in a way that cannot be made good; the text says what to do; what reading returned.
 */
SEINE_MUST_USE seine_status seine_rebuild_reload(seine_session *session, seine_error *error);

#endif
