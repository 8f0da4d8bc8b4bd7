/** @file cli/dataset/draft.h  A description of a dataset, written from a sample of a file. */
#ifndef SEINE_CLI_DATASET_DRAFT_H
#define SEINE_CLI_DATASET_DRAFT_H

#include "cli/dataset/guess.h"

/**
 * Appends YAML that seine_dataset_read takes and that reads the sample's file. What is guessed is marked by `# ?`.
 * @param name of the dataset; @param file for the comment.
 * @return OK, E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_draft_write(const seine_sample *sample, const seine_guess *guess, const char *name,
                                              const char *file, seine_buf *out);
/** A name for a dataset or column of any text: "speed_kmh" of "Speed (km/h)"; @p fallback when nothing can stay. */
void seine_draft_name(const char *text, const char *fallback, char name[SEINE_DATASET_NAME_MAX + 1]);

#endif
