/* links: columns base */
/* Hostile descriptions of datasets: refused with a line of text, or whole and readable again. */
#include "columns/dataset_read.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *no_value(void *context, const char *name) {
    (void)context;
    return name[0] == 'A' ? "1" : NULL;
}

static void check_words(const seine_dataset_column *column) {
    if (column->word_count > SEINE_DATASET_WORDS_MAX) abort();
    for (size_t w = 0; w < column->word_count; w++)
        if (column->words[w].text == NULL) abort();
}

static void check_column(const seine_dataset_column *column) {
    if (column->name == NULL || column->name[0] == '\0' || strlen(column->name) > SEINE_DATASET_NAME_MAX) abort();
    if (column->name_count == 0 || column->name_count > SEINE_DATASET_NAMES_MAX) abort();
    for (size_t n = 0; n < column->name_count; n++)
        if (column->names[n][0] == '\0') abort();
    if (column->unit == NULL || column->doc == NULL || !(column->least <= column->most)) abort();
    if (column->scale == 0 || !isfinite(column->scale) || !isfinite(column->offset)) abort();
    check_words(column);
}

static void check(const seine_dataset *dataset) {
    const size_t count = dataset->column_count;
    if (count < SEINE_DATASET_MEASURES + dataset->measure_count) abort();
    if (dataset->measure_count > SEINE_DATASET_MEASURES_MAX) abort();
    if (count + SEINE_DATASET_LINEAGE > SEINE_DATASET_COLUMNS_MAX) abort();
    if (dataset->silver->column_count != count + SEINE_DATASET_LINEAGE) abort();
    for (size_t i = 0; i < count; i++) {
        check_column(&dataset->columns[i]);
        if (seine_schema_column(dataset->silver, dataset->columns[i].name) != i) abort();
    }
    if (dataset->rule_count > SEINE_DATASET_RULES_MAX) abort();
    for (size_t i = 0; i < dataset->rule_count; i++)
        if (dataset->rules[i].column >= count || dataset->rules[i].refuse == 0) abort();
}

static void check_text(seine_str text, const seine_dataset_settings *settings, bool is_again) {
    seine_arena arena = {NULL, 0};
    const seine_dataset *dataset = NULL;
    seine_error error = {SEINE_OK, ""};
    const seine_status status = seine_dataset_read(text, "file", settings, &arena, &dataset, &error);
    if ((status == SEINE_OK) != (dataset != NULL) || (is_again && status != SEINE_OK)) abort();
    if (status != SEINE_OK && strncmp(error.text, "file", 4) != 0 && status != SEINE_E_USAGE) abort();
    if (dataset != NULL) check(dataset);
    if (dataset != NULL && !is_again) check_text(seine_str_of(dataset->text), settings, true);
    seine_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const seine_dataset_settings settings = {.value = no_value};
    const seine_str text = {(const char *)data, size};
    if (size > 1 << 16) return 0;
    check_text(text, NULL, false);
    check_text(text, &settings, false);
    return 0;
}
