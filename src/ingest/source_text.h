/** @file ingest/source_text.h  Sources that are neither CSV nor JSON: they become JSON first, which the parser reads.
 */
#ifndef SEINE_INGEST_SOURCE_TEXT_H
#define SEINE_INGEST_SOURCE_TEXT_H

#include "base/progress.h"
#include "columns/dataset.h"
#include "engine/engine.h"
#include "ingest/raw/notes.h"
#include "io/standard_input.h"

/** What that takes; all borrowed. */
typedef struct seine_source_text {
    const seine_dataset *dataset;
    const seine_raw_source *raw;    /**< records of dataset->raw, whatever they are called; NULL = a file */
    seine_standard_input_form form; /**< what it is, when its name does not tell; TEXT = it does */
    const char *lake;       /**< in whose scratch folder texts are made; NULL: that of the process (io/file.h) */
    seine_engine **engine;  /**< opened when it is needed first; the caller closes it */
    seine_arena *arena;     /**< of their paths */
    seine_raw_notes *notes; /**< of a raw file */
    const seine_progress *progress;
} seine_source_text;

/** Opens an engine that reads files, unless *engine is one. @return OK, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_source_engine(seine_engine **engine, seine_error *error);

/** Whether a file called @p name is one, by that name. */
bool seine_source_text_is(const char *name);
/**
 * The records of the file at @p path, called @p name, as JSON Lines in a file of this machine that the caller removes
 * (seine_uncommitted_remove). *text NULL: its name tells that it is CSV or JSON, packed or not.
 * @return OK, E_FORMAT (damaged), E_LIMIT, E_IO, E_NOMEM, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_source_text_make(const seine_source_text *maker, const char *name, const char *path,
                                                   const char **text, seine_error *error);

#endif
