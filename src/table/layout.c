/*
 * Where data files of a partition lie, and the bucket transform. Names are for people; readers use the tuple. The
 * bucket is told by the file's name and has no folder: a commit writes a file of each, and has to make every folder
 * durable in which it has put something.
 */
#include "base/hash.h"
#include "base/time.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/table.h"

#include <stdio.h>

int32_t seine_bucket_of(seine_str id, int width) {
    const uint32_t hash = seine_murmur3(id.data, id.size) & UINT32_C(0x7fffffff);
    return (int32_t)(hash % (uint32_t)width);
}

/* Iceberg's human form of a partition value. */
static void value_text(seine_transform transform, seine_partition_value value, char text[32]) {
    if (value.is_null) {
        (void)snprintf(text, 32, "null");
    } else if (transform == SEINE_TRANSFORM_BUCKET) {
        (void)snprintf(text, 32, "%d", value.value);
    } else if (transform == SEINE_TRANSFORM_MONTH) {
        const int year = value.value >= 0 ? value.value / 12 : -((11 - value.value) / 12); /* floor */
        (void)snprintf(text, 32, "%04d-%02d", 1970 + year, value.value - year * 12 + 1);
    } else {
        (void)seine_date_format(value.value, text);
    }
}

seine_status seine_table_new_file(const seine_table *table, const seine_partition_value *partition, seine_arena *arena,
                                  char **path, seine_error *error) {
    char uuid[37];
    seine_status status = seine_uuid4(uuid, error);
    if (status != SEINE_OK) return status;
    const char *folder = seine_arena_printf(arena, "%s/data", table->folder), *stem = "00000";
    for (size_t i = 0; i < table->schema->partition_count && folder != NULL && stem != NULL; i++) {
        const seine_partition_field *field = &table->schema->partition[i];
        char text[32];
        value_text(field->transform, partition[i], text);
        if (field->transform == SEINE_TRANSFORM_BUCKET)
            stem = seine_arena_printf(arena, "%s=%s", field->name, text);
        else
            folder = seine_arena_printf(arena, "%s/%s=%s", folder, field->name, text);
    }
    char *name =
        folder != NULL && stem != NULL ? seine_arena_printf(arena, "%s/%s-%s.parquet", folder, stem, uuid) : NULL;
    if (name == NULL) return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", table->name);
    *path = name;
    return seine_file_make_parent(name, error);
}

seine_str seine_partition_key(const seine_data_file *file, int32_t key[SEINE_PARTITION_KEY]) {
    for (size_t i = 0; i < SEINE_PARTITION_FIELDS_MAX; i++) {
        key[2 * i] = file->partition[i].is_null;
        key[2 * i + 1] = file->partition[i].is_null ? 0 : file->partition[i].value;
    }
    return (seine_str){(const char *)key, SEINE_PARTITION_KEY * sizeof *key};
}
