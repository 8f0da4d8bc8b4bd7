#include "cli/dataset_choice.h"

#include "base/mmsi.h"
#include "base/try.h"
#include "io/file.h"
#include "io/zone_file.h"
#include "table/dataset.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define ENV_FILE ".env"

/* ---- settings ---- */

typedef struct given {
    const char *const *set; /* NAME=value of the command line */
    size_t set_count;
    seine_arena *arena;
    const char *kept; /* settings of the lake's row, lines NAME=value */
    const char *env;  /* text of .env, "" = none */
} given;

static const char *value_of(void *context, const char *name) {
    given *g = context;
    const size_t size = strlen(name);
    for (size_t i = g->set_count; i-- > 0;)
        if (strncmp(g->set[i], name, size) == 0 && g->set[i][size] == '=') return g->set[i] + size + 1;
    const char *value = getenv(name);
    if (value == NULL) value = seine_dataset_setting_of(g->arena, g->env, name);
    return value != NULL ? value : seine_dataset_setting_of(g->arena, g->kept, name);
}

/* A word of --set that the dataset does not know is a mistake. */
static seine_status check_given(const given *g, const seine_dataset *dataset, seine_error *error) {
    for (size_t i = 0; i < g->set_count; i++) {
        const seine_str name = {g->set[i], strcspn(g->set[i], "=")};
        bool is_known = false;
        for (size_t k = 0; k < dataset->setting_count; k++)
            is_known = is_known || seine_str_equal(name, seine_str_of(dataset->settings[k].name));
        if (!is_known || g->set[i][name.size] != '=')
            return seine_fail(error, SEINE_E_USAGE,
                              "--set %s: dataset %s has no such setting; see seine dataset show %s", g->set[i],
                              dataset->name, dataset->name);
    }
    return SEINE_OK;
}

/* ---- which one ---- */

static bool is_file_name(const char *name) {
    const seine_str text = seine_str_of(name);
    return strchr(name, '/') != NULL || seine_str_ends_with_nocase(text, SEINE_STR(".yaml")) ||
           seine_str_ends_with_nocase(text, SEINE_STR(".yml"));
}

static seine_status read_text(const char *path, seine_arena *arena, seine_str *text, seine_error *error) {
    seine_buf bytes SEINE_OWNED(seine_buf_free);
    seine_buf_init(&bytes, FILE_BYTES_MAX);
    SEINE_TRY(seine_file_read(path, &bytes, error));
    const char *copy = seine_arena_copy(arena, (const char *)bytes.data, bytes.size);
    if (copy == NULL) return seine_no_memory(error, path);
    *text = (seine_str){copy, bytes.size};
    return SEINE_OK;
}

/* The row of a lake; none where there is no lake. */
static seine_status kept_row(seine_args *args, const char *name, seine_arena *arena, seine_dataset_row *row,
                             seine_error *error) {
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_dataset_row *rows = NULL;
    size_t count = 0;
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &catalog, error));
    SEINE_TRY(seine_lake_datasets(catalog, arena, &rows, &count, error));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].name, name) == 0) *row = rows[i];
    return SEINE_OK;
}

static seine_status unknown(const char *name, bool in_lake, seine_error *error) {
    char known[512] = "";
    for (size_t i = 0, at = 0; i < seine_dataset_file_count && at < sizeof known; i++)
        at += (size_t)snprintf(known + at, sizeof known - at, "%s%s", i > 0 ? ", " : "", seine_dataset_files[i].name);
    return seine_fail(error, SEINE_E_NOT_FOUND, "no dataset %s: there are %s,%s and files that end in .yaml", name,
                      known, in_lake ? " those of the lake," : "");
}

/* Ships have no settings, and no text that is read. Datasets of the lake are looked at only where there is one. */
static seine_status find(seine_args *args, const char *name, bool in_lake, given *g, const seine_dataset **dataset,
                         seine_error *error) {
    seine_dataset_row row = {.settings = ""};
    seine_str text = {NULL, 0}, env = {"", 0};
    *dataset = seine_dataset_ais();
    if (strcmp(name, (*dataset)->name) == 0) return SEINE_OK;
    const char *file = name;
    if (is_file_name(name)) {
        SEINE_TRY(read_text(name, g->arena, &text, error));
    } else {
        if (in_lake) SEINE_TRY(kept_row(args, name, g->arena, &row, error));
        text = row.text != NULL ? seine_str_of(row.text) : seine_dataset_built_in(name);
        if (text.data == NULL) return unknown(name, in_lake, error);
        file = seine_arena_printf(g->arena, "datasets/%s.yaml", name);
        if (file == NULL) return seine_no_memory(error, name);
    }
    if (seine_file_exists(ENV_FILE)) SEINE_TRY(read_text(ENV_FILE, g->arena, &env, error));
    g->kept = row.settings;
    g->env = env.data;
    const seine_dataset_settings settings = {value_of, g, row.ids, seine_zone_file_read};
    return seine_dataset_read(text, file, &settings, g->arena, dataset, error);
}

seine_status seine_cli_dataset_named(seine_args *args, const char *name, seine_arena *arena,
                                     const seine_dataset **dataset, seine_error *error) {
    given g = {.arena = arena};
    return find(args, name, true, &g, dataset, error);
}

static seine_status find_given(seine_args *args, bool in_lake, seine_arena *arena, const seine_dataset **dataset,
                               seine_error *error) {
    given g = {.arena = arena};
    g.set = seine_args_list(args, "set", &g.set_count);
    SEINE_TRY(find(args, seine_args_text(args, "dataset"), in_lake, &g, dataset, error));
    return check_given(&g, *dataset, error);
}

seine_status seine_cli_new_dataset(seine_args *args, seine_arena *arena, const seine_dataset **dataset,
                                   seine_error *error) {
    return find_given(args, true, arena, dataset, error);
}

seine_status seine_cli_dataset_of_files(seine_args *args, seine_arena *arena, const seine_dataset **dataset,
                                        seine_error *error) {
    return find_given(args, false, arena, dataset, error);
}

seine_status seine_cli_lake_dataset(seine_args *args, seine_catalog *catalog, seine_arena *arena,
                                    const seine_dataset **dataset, seine_error *error) {
    const char *name = seine_args_text(args, "dataset");
    *dataset = seine_dataset_ais();
    return strcmp(name, (*dataset)->name) == 0 ? SEINE_OK : seine_lake_dataset(catalog, name, arena, dataset, error);
}

/* ---- movers ---- */

seine_status seine_cli_mover_ids(seine_args *args, const seine_dataset *dataset, seine_arena *arena,
                                 const char *const **ids, size_t *count, seine_error *error) {
    const char *id = dataset->columns[SEINE_DATASET_ID].name;
    size_t vessel_count = 0;
    const char *const *found = seine_args_list(args, "id", count);
    const char *const *vessels = seine_args_list(args, "mmsi", &vessel_count);
    if (*count > 0 && vessel_count > 0)
        return seine_fail(error, SEINE_E_USAGE, "--id and --mmsi are the same; give one");
    if (vessel_count > 0 && strcmp(id, "mmsi") != 0)
        return seine_fail(error, SEINE_E_USAGE, "--mmsi is of vessels; the %s of dataset %s is given by --id", id,
                          dataset->name);
    if (vessel_count > 0) found = vessels;
    *count += vessel_count;
    if (*count == 0)
        return seine_fail(error, SEINE_E_USAGE, "--%s is needed: the id of a %s", strcmp(id, "mmsi") == 0 ? id : "id",
                          dataset->word);
    const char **made = SEINE_ARENA_ARRAY(arena, const char *, *count);
    if (made == NULL) return seine_no_memory(error, "ids");
    for (size_t i = 0; i < *count; i++) {
        const seine_str text = seine_str_of(found[i]); /* a canonical one ends where it ended */
        made[i] = dataset->id_kind == SEINE_ID_NUMBER ? seine_mmsi_canonical(text).data : text.data;
        if (made[i][0] == '\0') return seine_fail(error, SEINE_E_USAGE, "an id is empty");
    }
    *ids = made;
    return SEINE_OK;
}
