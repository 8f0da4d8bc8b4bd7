#include "model/template.h"

#include "base/try.h"

#define OUTPUT_KEY "-- output:"
#define BY_MOVER "--by:mover\n"
#define BY_SEGMENT "--by:segment\n"

/* With the byte that ends it. */
static seine_str next_line(seine_str *rest) {
    const char *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    const size_t size = end != NULL ? (size_t)(end - rest->data) + 1 : rest->size;
    const seine_str line = {rest->data, size};
    *rest = (seine_str){rest->data + size, rest->size - size};
    return line;
}

static bool is_output_line(seine_str line) {
    return line.size >= strlen(OUTPUT_KEY) && memcmp(line.data, OUTPUT_KEY, strlen(OUTPUT_KEY)) == 0;
}

unsigned seine_model_template_output(seine_str text) {
    while (text.size > 0) {
        const seine_str line = next_line(&text);
        if (!is_output_line(line)) continue;
        const size_t begin = strlen(OUTPUT_KEY), end = line.data[line.size - 1] == '\n' ? line.size - 1 : line.size;
        const seine_str word = seine_str_trim((seine_str){line.data + begin, end - begin});
        for (unsigned i = 0; i < SEINE_OUTPUT_COUNT; i++)
            if (seine_str_equal(word, seine_str_of(seine_dataset_output_words[i]))) return 1U << i;
    }
    return 0;
}

static bool ends_with(seine_str line, const char *mark) {
    const size_t size = strlen(mark);
    return line.size >= size && memcmp(line.data + line.size - size, mark, size) == 0;
}

seine_status seine_model_text_by(seine_str text, bool is_by_segment, seine_buf *model) {
    const char *mark = is_by_segment ? BY_SEGMENT : BY_MOVER, *other = is_by_segment ? BY_MOVER : BY_SEGMENT;
    while (text.size > 0) {
        seine_str line = next_line(&text);
        const bool is_marked = ends_with(line, mark);
        if (ends_with(line, other)) line = SEINE_STR("--\n"); /* of the header, too */
        if (is_marked) line.size -= strlen(mark);
        SEINE_TRY(seine_buf_append(model, line.data, line.size));
        if (is_marked) SEINE_TRY(seine_buf_append(model, "\n", 1));
    }
    return SEINE_OK;
}

/* ---- one line ---- */

/* A text of the description in one line: what breaks lines there would end a comment here. */
static seine_status put_doc(const char *doc, seine_buf *out) {
    for (const char *c = doc; *c != '\0'; c++) {
        const char byte = (unsigned char)*c < ' ' ? ' ' : *c;
        SEINE_TRY(seine_buf_append(out, &byte, 1));
    }
    return SEINE_OK;
}

/* What stands for {name}; @p one is the measure or column of the line, NULL = it has none. */
static seine_status put_value(seine_str name, const seine_dataset *dataset, const seine_dataset_column *one,
                              seine_buf *out) {
    const struct {
        const char *name, *value;
    } values[] = {{"dataset", dataset->name},
                  {"word", dataset->word},
                  {"id", dataset->columns[SEINE_DATASET_ID].name},
                  {"time", dataset->columns[SEINE_DATASET_TIME].name},
                  {"lat", dataset->columns[SEINE_DATASET_LAT].name},
                  {"lon", dataset->columns[SEINE_DATASET_LON].name},
                  {"place_required", dataset->needs_position ? "required" : ""},
                  {"measure", one != NULL ? one->name : NULL},
                  {"column", one != NULL ? one->name : NULL},
                  {"type", one != NULL ? seine_type_name(one->type) : NULL},
                  {"unit", one != NULL ? one->unit : NULL},
                  {"doc", one != NULL ? one->doc : NULL}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (values[i].value != NULL && seine_str_equal(name, seine_str_of(values[i].name)))
            return put_doc(values[i].value, out);
    return SEINE_E_FORMAT;
}

static seine_status put_line(seine_str line, const seine_dataset *dataset, const seine_dataset_column *one,
                             seine_buf *out) {
    while (line.size > 0) {
        const char *open = memchr(line.data, '{', line.size);
        const size_t before = open != NULL ? (size_t)(open - line.data) : line.size;
        SEINE_TRY(seine_buf_append(out, line.data, before));
        if (open == NULL) return SEINE_OK;
        const char *close = memchr(open, '}', line.size - before);
        if (close == NULL) return SEINE_E_FORMAT;
        SEINE_TRY(put_value((seine_str){open + 1, (size_t)(close - open) - 1}, dataset, one, out));
        line = (seine_str){close + 1, line.size - (size_t)(close + 1 - line.data)};
    }
    return SEINE_OK;
}

/* ---- all lines ---- */

static bool holds(seine_str line, const char *word) {
    const size_t size = strlen(word);
    for (size_t i = 0; i + size <= line.size; i++)
        if (memcmp(line.data + i, word, size) == 0) return true;
    return false;
}

seine_status seine_model_template_fill(seine_str text, const seine_dataset *dataset, seine_buf *model) {
    const size_t statics = seine_dataset_statics_first(dataset);
    while (text.size > 0) {
        const seine_str line = next_line(&text);
        if (is_output_line(line)) continue;
        const bool of_measures = holds(line, "{measure}"), of_columns = holds(line, "{column}");
        if (!of_measures && !of_columns) {
            SEINE_TRY(put_line(line, dataset, NULL, model));
            continue;
        }
        const size_t first = of_measures ? SEINE_DATASET_MEASURES : statics;
        const size_t end = of_measures ? statics : dataset->column_count;
        for (size_t i = first; i < end; i++) SEINE_TRY(put_line(line, dataset, &dataset->columns[i], model));
    }
    return SEINE_OK;
}
