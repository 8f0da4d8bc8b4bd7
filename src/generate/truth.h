/** @file generate/truth.h  What an ingest and a refresh of generated days must find. */
#ifndef SEINE_GENERATE_TRUTH_H
#define SEINE_GENERATE_TRUTH_H

#include "generate/rows.h"

/** Sums @p tallies into *result (rows, rejects, duplicates, silver rows) and counts gaps. */
void seine_truth_sum(const seine_fleet *fleet, const seine_file_tally *files, const seine_day_tally *days,
                     seine_generate_result *result);

/** Writes the truth file. @return OK, E_NOMEM, E_LIMIT, E_IO. */
SEINE_MUST_USE seine_status seine_truth_write(const seine_fleet *fleet, const seine_file_tally *files,
                                              const seine_day_tally *days, const seine_generate_result *result,
                                              seine_error *error);

#endif
