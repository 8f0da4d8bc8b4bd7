#include "model/room.h"

#include "io/machine.h"

#define THREAD_BYTES ((uint64_t)128 << 20) /* with less for each thread the engine fails where it could spill */

seine_engine_options seine_model_room_options(int threads, uint64_t memory_bytes, const char *folder) {
    if (memory_bytes == 0) memory_bytes = seine_machine_memory() / 2;
    if (memory_bytes < THREAD_BYTES) memory_bytes = THREAD_BYTES;
    const uint64_t most = memory_bytes / THREAD_BYTES;
    if (most < (uint64_t)threads) threads = (int)most;
    return (seine_engine_options){.threads = threads, .memory_bytes = memory_bytes, .temp_folder = folder};
}

seine_status seine_model_room_open(const seine_engine_options *options, const char *lake, seine_model_room *room,
                                   seine_error *error) {
    *room = (seine_model_room){.folder = options->temp_folder};
    SEINE_TRY(seine_engine_open(options, &room->engine, error));
    const seine_status status = seine_engine_fence(room->engine, lake, error);
    if (status != SEINE_OK) seine_model_room_close(room);
    return status;
}

seine_status seine_model_room_open_beside(const seine_model_room *first, const char *folder, seine_model_room *room,
                                          seine_error *error) {
    *room = (seine_model_room){.folder = folder};
    return seine_engine_open_beside(first->engine, &room->engine, error);
}

void seine_model_room_close(seine_model_room *room) {
    seine_engine_close(room->engine);
    *room = (seine_model_room){0};
}
