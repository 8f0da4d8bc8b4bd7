/** @file model/room.h  Room for models to run in: how much memory, which folder beyond it, and what their SQL reaches.
 */
#ifndef SEINE_MODEL_ROOM_H
#define SEINE_MODEL_ROOM_H

#include "engine/engine.h"

/**
 * What an engine is opened with so that its memory is bounded: @p threads at most, as many as have their share of
 * @p memory_bytes (0: half of what the machine has); rows beyond it go to @p folder, which has to be there as long as
 * the engine.
 */
seine_engine_options seine_model_room_options(int threads, uint64_t memory_bytes, const char *folder);

/** Zeroes are none. */
typedef struct seine_model_room {
    seine_engine *engine;
    const char *folder; /**< where it spills, and rows are put aside; borrowed */
} seine_model_room;

/** Opens an engine with @p options, fenced in @p lake: models are SQL of the user's. @return what these returned. */
SEINE_MUST_USE seine_status seine_model_room_open(const seine_engine_options *options, const char *lake,
                                                  seine_model_room *room, seine_error *error);
/** Another one in the engine of @p first, with views of its own, which puts rows aside in @p folder; closed before it.
 * @return what seine_engine_open_beside returned. */
SEINE_MUST_USE seine_status seine_model_room_open_beside(const seine_model_room *first, const char *folder,
                                                         seine_model_room *room, seine_error *error);
void seine_model_room_close(seine_model_room *room);

#endif
