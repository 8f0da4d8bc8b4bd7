/* links: table io columns base */
/* Tables as others write them: version 1, three spellings of a path, missing ids and statistics, deletes. */
#include "table_support.h"

#include "table/avro/avro.h"
#include "table/db/db.h"

/* What foreign manifests look like in these tests: no field ids, another order, Avro maps. ' stands for ". */
static const char entry_v1[] =
    "{'type':'record','name':'manifest_entry','fields':["
    "{'name':'data_file','type':{'type':'record','name':'r2','fields':["
    "{'name':'file_path','type':'string'},{'name':'file_format','type':'string'},"
    "{'name':'partition','type':{'type':'record','name':'r102','fields':["
    "{'name':'mmsi_bucket','type':['null','int']},{'name':'ts_day','type':['null','int']}]}},"
    "{'name':'record_count','type':'long'},{'name':'file_size_in_bytes','type':'long'},"
    "{'name':'lower_bounds','type':['null',{'type':'map','values':'bytes'}]},"
    "{'name':'key_metadata','type':['null','bytes']}]}},"
    "{'name':'status','type':'int'},{'name':'snapshot_id','type':['null','long']}]}";
static const char list_v1[] =
    "{'type':'record','name':'manifest_file','fields':["
    "{'name':'manifest_path','type':'string'},{'name':'manifest_length','type':'long'},"
    "{'name':'partition_spec_id','type':'int'},{'name':'added_snapshot_id','type':['null','long']}%s]}";
static const char content_field[] = ",{'name':'content','type':'int'},{'name':'added_files_count','type':'int'}";

static seine_str quoted(lake *l, const char *text) {
    char *copy = seine_arena_copy(&l->arena, text, strlen(text));
    assert_non_null(copy);
    for (char *c = copy; *c != 0; c++)
        if (*c == '\'') *c = '"';
    return seine_str_of(copy);
}

/* One foreign state of silver.ais: files of these locations, in one manifest. */
typedef struct foreign {
    lake lake;
    char folder[400];
    const char *locations[4];
    size_t count;
    const char *format;   /* of the data files */
    const char *key;      /* they are encrypted with; NULL = they are not */
    int content;          /* of the manifest; 0 data */
    int metadata_version; /* "format-version" */
} foreign;

static const char *write_file(foreign *f, const char *name, const seine_buf *bytes) {
    const char *path = seine_arena_printf(&f->lake.arena, "%s/metadata/%s", f->folder, name);
    assert_ok(&f->lake, seine_file_write(path, bytes->data, bytes->size, SEINE_FILE_NEW, &f->lake.error));
    return path;
}

static const char *write_manifest(foreign *f) {
    seine_avro_writer w;
    assert_int_equal(seine_avro_begin(&w, quoted(&f->lake, entry_v1), NULL, 0, NULL), SEINE_OK);
    for (size_t i = 0; i < f->count; i++) {
        seine_avro_put_bytes(&w, seine_str_of(f->locations[i]));
        seine_avro_put_bytes(&w, seine_str_of(f->format));
        seine_avro_put_long(&w, 1);
        seine_avro_put_long(&w, 3); /* mmsi_bucket stands first here */
        seine_avro_put_long(&w, 1);
        seine_avro_put_long(&w, 20089 + (int64_t)i);
        seine_avro_put_long(&w, 7);
        seine_avro_put_long(&w, 8);
        seine_avro_put_long(&w, 1); /* an Avro map: one block of one pair */
        seine_avro_put_long(&w, 1);
        seine_avro_put_bytes(&w, SEINE_STR("1"));
        seine_avro_put_bytes(&w, SEINE_STR("2"));
        seine_avro_put_long(&w, 0);
        seine_avro_put_long(&w, f->key != NULL ? 1 : 0);
        if (f->key != NULL) seine_avro_put_bytes(&w, seine_str_of(f->key));
        seine_avro_put_long(&w, i == 3 ? 2 : 1); /* the fourth is deleted */
        seine_avro_put_long(&w, 0);
        seine_avro_end_record(&w);
    }
    assert_int_equal(seine_avro_end(&w, NULL), SEINE_OK);
    const char *path = write_file(f, "m.avro", &w.file);
    seine_avro_free(&w);
    return path;
}

static const char *write_list(foreign *f, const char *manifest) {
    char schema[2048];
    (void)snprintf(schema, sizeof schema, list_v1, f->content != 0 ? content_field : "");
    seine_avro_writer w;
    assert_int_equal(seine_avro_begin(&w, quoted(&f->lake, schema), NULL, 0, NULL), SEINE_OK);
    seine_avro_put_bytes(&w, seine_str_of(manifest)); /* spelled as a plain path */
    seine_avro_put_long(&w, 100);
    seine_avro_put_long(&w, 0);
    seine_avro_put_long(&w, 1);
    seine_avro_put_long(&w, 42);
    if (f->content != 0) {
        seine_avro_put_long(&w, f->content);
        seine_avro_put_long(&w, 1);
    }
    seine_avro_end_record(&w);
    assert_int_equal(seine_avro_end(&w, NULL), SEINE_OK);
    const char *path = write_file(f, "list.avro", &w.file);
    seine_avro_free(&w);
    return path;
}

/* The table's first metadata file with one snapshot put in, and the catalog pointed at it. */
static void publish(foreign *f, const char *list) {
    lake *l = &f->lake;
    seine_table *table = lake_load(l, "silver.ais");
    const char *text = lake_text(l, seine_table_metadata_path(table));
    seine_table_close(table);
    const char *head = strchr(text, ',');
    const char *middle = strstr(text, "\"current-snapshot-id\":-1");
    assert_non_null(middle);
    seine_buf json;
    seine_buf_init(&json, 1 << 20);
    assert_int_equal(seine_buf_printf(&json,
                                      "{\"format-version\":%d%.*s\"current-snapshot-id\":42,\"snapshots\":[{"
                                      "\"snapshot-id\":42,\"timestamp-ms\":5,\"manifest-list\":\"file:%s\"}]}",
                                      f->metadata_version, (int)(middle - head), head, list),
                     SEINE_OK);
    const char *path = write_file(f, "foreign.metadata.json", &json);
    seine_buf_free(&json);
    seine_db *db = NULL;
    const char *db_path = seine_arena_printf(&l->arena, "%s/catalog.db", l->path);
    const seine_db_value pointer = seine_db_text(path);
    assert_ok(l, seine_db_open(db_path, false, &db, &l->error));
    assert_ok(l, seine_db_run(db, "BEGIN", &l->error));
    assert_ok(l, seine_db_change(db, "UPDATE iceberg_tables SET metadata_location = ?1 WHERE table_name = 'ais'",
                                 &pointer, 1, NULL, &l->error));
    assert_ok(l, seine_db_commit(db, &l->error));
    seine_db_close(db);
}

static void make(foreign *f) {
    f->format = "parquet";
    f->metadata_version = 1;
    lake_make(&f->lake, 16);
    (void)snprintf(f->folder, sizeof f->folder, "%s/silver/ais", f->lake.path);
}

static void fill(foreign *f) { publish(f, write_list(f, write_manifest(f))); }

static void version_1_and_three_spellings_are_read(void **state) {
    (void)state;
    foreign f = {.locations = {"/data/a.parquet", "file:/data/b.parquet", "file:///data/c.parquet", "/data/d.parquet"},
                 .count = 4};
    make(&f);
    fill(&f);
    lake *l = &f.lake;
    seine_table *table = lake_load(l, "silver.ais");
    const seine_live_file *files;
    size_t count;
    assert_ok(l, seine_table_files(table, &files, &count, &l->error));
    assert_int_equal(count, 3);
    assert_string_equal(files[0].file.path, "/data/a.parquet");
    assert_string_equal(files[1].file.path, "/data/b.parquet");
    assert_string_equal(files[2].file.path, "/data/c.parquet");
    assert_int_equal(files[1].file.partition[0].value, 20090); /* by name, whatever the order */
    assert_int_equal(files[1].file.partition[1].value, 3);
    assert_int_equal(files[1].sequence_number, 0);
    assert_int_equal(files[1].snapshot_id, 42); /* inherited */
    assert_false(files[1].file.is_sorted);
    assert_false(files[1].file.stats[0].has_bounds); /* a lower bound alone is none */
    assert_int_equal(seine_table_rows(table), 21);   /* no totals in the snapshot */
    seine_table_close(table);
    lake_drop(l);
}

static void version_1_is_not_written(void **state) {
    (void)state;
    foreign f = {.locations = {"/data/a.parquet"}, .count = 1};
    make(&f);
    fill(&f);
    lake *l = &f.lake;
    seine_table *table = lake_load(l, "silver.ais");
    const seine_data_file file = lake_data_file(l, table, 1, 1, 1);
    seine_commit *commit = NULL;
    assert_ok(l, seine_commit_begin(l->catalog, NULL, &commit, &l->error));
    assert_int_equal(seine_commit_files(commit, table, &file, 1, NULL, 0, &l->error), SEINE_E_UNSUPPORTED);
    seine_commit_abort(commit);
    seine_table_close(table);
    lake_drop(l);
}

static void version_3_is_refused(void **state) {
    (void)state;
    foreign f = {.locations = {"/data/a.parquet"}, .count = 1};
    make(&f);
    f.metadata_version = 3;
    fill(&f);
    lake *l = &f.lake;
    seine_table *table = NULL;
    assert_int_equal(seine_table_load(l->catalog, "silver.ais", (seine_at){0}, &table, &l->error), SEINE_E_UNSUPPORTED);
    assert_non_null(strstr(l->error.text, "version 3"));
    lake_drop(l);
}

/* Loading the files of a table with something we cannot apply. */
static void assert_files_refused(foreign *f, const char *why) {
    lake *l = &f->lake;
    seine_table *table = NULL;
    /* Without totals the files are needed to count the rows, so that loading fails already. */
    assert_int_equal(seine_table_load(l->catalog, "silver.ais", (seine_at){0}, &table, &l->error), SEINE_E_UNSUPPORTED);
    assert_null(table);
    assert_non_null(strstr(l->error.text, why));
    lake_drop(l);
}

static void deletes_are_refused_never_ignored(void **state) {
    (void)state;
    foreign f = {.locations = {"/data/a.parquet"}, .count = 1, .content = 1};
    make(&f);
    fill(&f);
    assert_files_refused(&f, "delete files");
}

static void data_files_of_other_formats_are_refused(void **state) {
    (void)state;
    foreign f = {.locations = {"/data/a.orc"}, .count = 1};
    make(&f);
    f.format = "ORC";
    fill(&f);
    assert_files_refused(&f, "ORC");
}

static void encrypted_data_files_are_refused(void **state) {
    (void)state;
    foreign f = {.locations = {"/data/a.parquet"}, .count = 1, .key = "secret"};
    make(&f);
    fill(&f);
    assert_files_refused(&f, "encrypted");
}

static void locations_in_other_places_are_refused(void **state) {
    (void)state;
    foreign f = {.locations = {"gs://bucket/a.parquet"}, .count = 1};
    make(&f);
    fill(&f);
    assert_files_refused(&f, "gs://bucket/a.parquet");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_and_three_spellings_are_read),
        cmocka_unit_test(version_1_is_not_written),
        cmocka_unit_test(version_3_is_refused),
        cmocka_unit_test(deletes_are_refused_never_ignored),
        cmocka_unit_test(data_files_of_other_formats_are_refused),
        cmocka_unit_test(encrypted_data_files_are_refused),
        cmocka_unit_test(locations_in_other_places_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
