#include "ingest/source_text.h"

#include "base/try.h"
#include "ingest/gpx_text.h"
#include "ingest/known_sources.h"
#include "ingest/parquet_text.h"
#include "ingest/raw/text.h"
#include "io/file.h"

seine_status seine_source_engine(seine_engine **engine, seine_error *error) {
    if (*engine != NULL) return SEINE_OK;
    const seine_engine_options options = {.threads = 1, .memory_bytes = (uint64_t)256 << 20};
    return seine_engine_open(&options, engine, error);
}

bool seine_source_text_is(const char *name) { return seine_parquet_text_is(name) || seine_gpx_text_is(name); }

static bool is_parquet(const seine_source_text *maker, const char *name) {
    return maker->form == SEINE_STANDARD_INPUT_TEXT ? seine_parquet_text_is(name)
                                                    : maker->form == SEINE_STANDARD_INPUT_PARQUET;
}

static bool is_gpx(const seine_source_text *maker, const char *name) {
    return maker->form == SEINE_STANDARD_INPUT_TEXT ? seine_gpx_text_is(name) : maker->form == SEINE_STANDARD_INPUT_GPX;
}

static seine_status make(const seine_source_text *maker, const char *name, const char *path, const char *to,
                         seine_error *error) {
    if (maker->raw == NULL && !is_parquet(maker, name))
        return seine_gpx_text_make(name, path, to, maker->progress, error);
    SEINE_TRY(seine_source_engine(maker->engine, error));
    if (maker->raw != NULL)
        return seine_raw_text_make(*maker->engine, maker->dataset->raw, maker->raw, to, maker->notes, error);
    return seine_parquet_text_make(*maker->engine, maker->dataset, name, path, to, error);
}

seine_status seine_source_text_make(const seine_source_text *maker, const char *name, const char *path,
                                    const char **text, seine_error *error) {
    char *folder = NULL;
    *text = NULL;
    if (maker->raw == NULL && !is_parquet(maker, name) && !is_gpx(maker, name)) return SEINE_OK;
    SEINE_TRY(seine_file_scratch(maker->lake, "", maker->arena, &folder, error));
    char *near = seine_file_join(maker->arena, folder, "rows.json");
    char *made = near != NULL ? seine_file_temp_name(maker->arena, near) : NULL;
    if (made == NULL) return seine_no_memory(error, path);
    const seine_status status = make(maker, name, path, made, error);
    if (status == SEINE_OK)
        *text = made;
    else
        seine_uncommitted_remove(made);
    return status;
}
