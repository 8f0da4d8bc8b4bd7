/* What became of one file that was taken in. */
#include "base/json.h"
#include "base/number.h"
#include "cli/derive.h"

#include <inttypes.h>
#include <stdio.h>

/* Columns that were not taken, with the one each may be meant for, and values that became null. */
static void put_remarks(seine_json_writer *w, const seine_ingest_remarks *remarks) {
    const seine_ingest_remarks none = {0};
    if (remarks == NULL) remarks = &none;
    seine_json_field_array(w, "columns_not_taken");
    for (size_t i = 0; i < remarks->unused_count; i++) {
        seine_json_begin_object(w);
        seine_json_field_str(w, "column", remarks->unused[i].name);
        seine_json_key(w, SEINE_STR("meant_for"));
        if (remarks->unused[i].offer != NULL)
            seine_json_put_text(w, seine_str_of(remarks->unused[i].offer));
        else
            seine_json_put_null(w);
        seine_json_key(w, SEINE_STR("used_instead"));
        if (remarks->unused[i].twice != NULL)
            seine_json_put_text(w, remarks->unused[i].used);
        else
            seine_json_put_null(w);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
    seine_json_field_array(w, "measures");
    for (size_t c = 0; c < SEINE_DATASET_COLUMNS_MAX; c++) {
        if (remarks->measures[c].rows == 0) continue;
        seine_json_begin_object(w);
        seine_json_field_text(w, "column", remarks->dataset->columns[c].name);
        seine_json_field_int(w, "rows", remarks->measures[c].rows);
        seine_json_field_str(w, "first", remarks->measures[c].first);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

/* Prints one line, or one JSON object, per file as it is committed. */
static void put_json(const seine_ingest_result *result) {
    seine_buf out;
    seine_buf_init(&out, 1 << 20);
    seine_json_writer w = seine_json_writer_to(&out);
    const struct {
        const char *key;
        int64_t value;
    } counts[] = {{"rows", result->rows},
                  {"silver", result->silver},
                  {"duplicates", result->duplicates},
                  {"rejects", result->rejects},
                  {"bytes", result->bytes}};
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "file", result->path);
    seine_json_field_text(&w, "source", result->name);
    seine_json_field_text(&w, "outcome", seine_ingest_outcome_name(result->outcome));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        seine_json_field_int(&w, counts[i].key, counts[i].value);
    }
    seine_json_field_text(&w, "message", result->message);
    put_remarks(&w, result->remarks);
    seine_json_end_object(&w);
    printf("%.*s\n", (int)out.size, (const char *)out.data);
    seine_buf_free(&out);
}

static void put_line(const seine_ingest_result *result, bool quiet) {
    switch (result->outcome) {
    case SEINE_INGEST_SAME:
        if (!quiet) printf("%s: in the lake already\n", result->name);
        break;
    case SEINE_INGEST_LEFT_OUT:
        if (!quiet) fprintf(stderr, "%s: left out: %s\n", result->path, result->message);
        break;
    case SEINE_INGEST_FAILED: fprintf(stderr, "seine ingest: %s\n", result->message); break;
    case SEINE_INGEST_QUARANTINED:
        fprintf(stderr, "seine ingest: %s: quarantined: %s\n", result->name, result->message);
        break;
    default:
        if (quiet) break;
        printf("%s: %s, %s = %" PRId64 " in silver + %s + %s\n", result->name,
               seine_ingest_outcome_name(result->outcome), seine_count((int64_t)result->rows, "row").text,
               result->silver, seine_count((int64_t)result->duplicates, "duplicate").text,
               seine_count((int64_t)result->rejects, "reject").text);
        if (result->message[0] != '\0') printf("  %s\n", result->message);
    }
}

void seine_cli_ingest_report(void *context, const seine_ingest_result *result) {
    seine_args *args = context;
    seine_cli_progress_end(args);
    if (seine_args_json(args))
        put_json(result);
    else
        put_line(result, seine_args_quiet(args));
    fflush(stdout);
    (void)seine_cli_progress(args); /* the bar comes back below */
}
