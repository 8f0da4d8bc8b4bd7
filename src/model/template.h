/**
 * @file model/template.h
 * Models that every dataset has: files of models/movers, in which {…} stands for what its description says.
 *
 *     {dataset} {word}              its name, what a mover is called
 *     {id} {time} {lat} {lon}       names of these columns of silver
 *     {place_required}              "required", or nothing where silver takes rows without a place
 *     {measure} {column}            a line with one of them stands once for each measure, or each of the columns behind
 *     {type} {unit} {doc}           those, of the measure or column of the line
 *
 * The key `output` of their headers is a word of the description's `outputs`: whoever leaves it out has no such table.
 */
#ifndef SEINE_MODEL_TEMPLATE_H
#define SEINE_MODEL_TEMPLATE_H

#include "base/buf.h"
#include "columns/dataset.h"

/** The output that the text of a template belongs to (SEINE_OUTPUT_…); 0 when it names none. */
unsigned seine_model_template_output(seine_str text);
/** Appends the text of a model for lakes that go by mover, or by segment: of a line that ends with --by:mover or
 * --by:segment nothing stands in the others, and nothing is moved. @return OK, E_LIMIT, E_NOMEM. */
SEINE_MUST_USE seine_status seine_model_text_by(seine_str text, bool is_by_segment, seine_buf *model);
/** Appends the text of the model for a dataset. @return OK, E_FORMAT (no such {…}), E_LIMIT, E_NOMEM. */
SEINE_MUST_USE seine_status seine_model_template_fill(seine_str text, const seine_dataset *dataset, seine_buf *model);

#endif
