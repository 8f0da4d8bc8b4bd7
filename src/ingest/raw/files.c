#include "ingest/raw/files.h"

#include "base/array.h"
#include "base/try.h"

#include <stdlib.h>

#define FILES_MAX ((size_t)1 << 20)

void seine_raw_records_free(seine_raw_records *records) {
    for (size_t i = 0; i < records->count; i++) seine_uncommitted_remove(records->files[i].file.path);
    seine_raw_forget_table(records);
    free(records->files);
    seine_dict_free(&records->known);
    *records = (seine_raw_records){0};
}

seine_status seine_raw_keep(seine_raw_records *records, const seine_data_file *file, uint32_t source) {
    SEINE_TRY(SEINE_ARRAY_ROOM(records->files, records->count, records->capacity, 1, FILES_MAX));
    records->files[records->count++] = (seine_raw_file){.file = *file, .source = source};
    return SEINE_OK;
}

seine_raw_file *seine_raw_file_of(seine_raw_records *records, uint32_t source) {
    size_t i = records->count;
    while (i > 0 && records->files[i - 1].source != source) i--;
    return i > 0 ? &records->files[i - 1] : NULL;
}

void seine_raw_forget_table(seine_raw_records *records) {
    seine_table_close(records->table);
    records->table = NULL;
}

void seine_raw_committed(seine_raw_records *records, uint32_t except) {
    size_t kept = 0;
    seine_raw_forget_table(records);
    for (size_t i = 0; i < records->count; i++)
        if (records->files[i].source == except) records->files[kept++] = records->files[i];
    records->count = kept;
}
