/* seine dataset sniff: a description of what a file holds, to be looked at and kept. */
#include "base/try.h"
#include "cli/dataset/draft.h"
#include "cli/dataset/dataset.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>

#define OUTPUT_MAX_BYTES ((size_t)1 << 20)

/* "buses" of "/data/buses.csv.gz". */
static void name_of_file(const char *path, char name[SEINE_DATASET_NAME_MAX + 1]) {
    char stem[256];
    (void)snprintf(stem, sizeof stem, "%s", strcmp(path, "-") == 0 ? "" : seine_file_name(path));
    char *point = strchr(stem, '.');
    if (point != NULL) *point = '\0';
    seine_draft_name(stem, "movers", name);
}

static void tell(const seine_args *args, const seine_guess *guess, const seine_sample *sample) {
    const char *missing = guess->id == SEINE_GUESS_NONE                                      ? "id"
                          : guess->time == SEINE_GUESS_NONE || guess->form == NULL           ? "time"
                          : guess->lat == SEINE_GUESS_NONE || guess->lon == SEINE_GUESS_NONE ? "place"
                                                                                             : NULL;
    if (sample->column_count == SEINE_SAMPLE_COLUMNS)
        seine_cli_note(args, "only the first %d columns were looked at", SEINE_SAMPLE_COLUMNS);
    if (missing != NULL) seine_cli_note(args, "no column was found for the %s: write it where the draft asks", missing);
}

/* What was written has to be what check takes, whatever the file is like. */
static seine_status verify(const seine_buf *out, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *dataset = NULL;
    seine_error why = {SEINE_OK, ""};
    const seine_status status = seine_dataset_read(seine_buf_str(out), "draft", NULL, &arena, &dataset, &why);
    if (status == SEINE_OK || status == SEINE_E_NOMEM) return status;
    return seine_fail(error, SEINE_E_INTERNAL, "the draft is no description: %s", why.text);
}

static void free_sample(seine_sample **sample) {
    if (*sample != NULL) seine_sample_free(*sample);
    seine_free_owned(sample);
}

static seine_status run(seine_args *args, seine_error *error) {
    size_t words;
    const char *path = seine_args_list(args, NULL, &words)[0], *given = seine_args_text(args, "name");
    char name[SEINE_DATASET_NAME_MAX + 1];
    seine_guess guess;
    seine_sample *sample SEINE_OWNED(free_sample) = calloc(1, sizeof *sample);
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, OUTPUT_MAX_BYTES);
    if (sample == NULL) return seine_no_memory(error, path);
    if (given != NULL)
        seine_draft_name(given, "movers", name);
    else
        name_of_file(path, name);
    SEINE_TRY(seine_sample_read(path, (size_t)seine_args_int(args, "rows"), sample, error));
    seine_guess_make(sample, &guess);
    SEINE_TRY(seine_draft_write(sample, &guess, name, strcmp(path, "-") == 0 ? "standard input" : seine_file_name(path),
                                &out));
    SEINE_TRY(verify(&out, error));
    tell(args, &guess, sample);
    return seine_cli_print(&out, SEINE_OK, error);
}

static const seine_option options[] = {
    {.name = "name",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "NAME",
     .help = "what the dataset is called; not given: as the file"},
    {.name = "rows",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "10000",
     .least = 1,
     .most = 1000000,
     .help = "how many rows are looked at, within the first 8 MiB"},
};

const seine_command seine_cmd_dataset_sniff = {
    .name = "dataset sniff",
    .summary = "Draft the description of a dataset from a file: CSV or JSON, packed or not",
    .positional = "FILE",
    .description =
        "Finds the delimiter, decimal comma and encoding, the id, the form of the times, the place, types, units that\n"
        "names tell (speed_kmh) and words that stand for nothing, and prints a description (docs/datasets.md) that\n"
        "reads this very file. Guesses are marked by \"# ?\": whether 03/04 is in March or April, say, when no value\n"
        "tells. - is standard input.",
    .example = "seine dataset sniff buses.csv > buses.yaml\nseine dataset check buses.yaml",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run};
