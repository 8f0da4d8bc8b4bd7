/* links: table io columns base */
/* A table's metadata file, word for word: what is written first, and what each commit carries on, adds and forgets. */
#include "table_support.h"

#include "like_support.h"
#include "table/metadata/metadata.h"

static const seine_column columns[] = {
    {.id = 3, .name = "id", .type = SEINE_TYPE_STRING, .required = true, .unit = "", .doc = "who"},
    {.id = 7, .name = "ts", .type = SEINE_TYPE_TIMESTAMPTZ, .unit = "", .doc = "when"},
    {.id = 5, .name = "sog_kn", .type = SEINE_TYPE_DOUBLE, .unit = "knots", .doc = "how fast"},
};
static const seine_table_schema schema = {
    .name = "silver.some",
    .doc = "one row a fix",
    .columns = columns,
    .column_count = 3,
    .partition = {{7, 1000, "ts_day", SEINE_TRANSFORM_DAY},
                  {7, 1001, "ts_month", SEINE_TRANSFORM_MONTH},
                  {3, 1002, "id_bucket", SEINE_TRANSFORM_BUCKET}},
    .partition_count = 3,
    .sort_ids = {3, 7},
};

#define HEAD "{'format-version':2,'table-uuid':'u-u-i-d','location':'file:///l',"
#define SHAPE                                                                                             \
    "'last-column-id':7,'schemas':[{'type':'struct','schema-id':0,'fields':["                             \
    "{'id':3,'name':'id','required':true,'type':'string','doc':'who'},"                                   \
    "{'id':7,'name':'ts','required':false,'type':'timestamptz','doc':'when'},"                            \
    "{'id':5,'name':'sog_kn','required':false,'type':'double','doc':'how fast (knots)'}]}],"              \
    "'current-schema-id':0,'partition-specs':[{'spec-id':0,'fields':["                                    \
    "{'source-id':7,'field-id':1000,'name':'ts_day','transform':'day'},"                                  \
    "{'source-id':7,'field-id':1001,'name':'ts_month','transform':'month'},"                              \
    "{'source-id':3,'field-id':1002,'name':'id_bucket','transform':'bucket[16]'}]}],"                     \
    "'default-spec-id':0,'last-partition-id':1002,'sort-orders':[{'order-id':1,'fields':["                \
    "{'transform':'identity','source-id':3,'direction':'asc','null-order':'nulls-first'},"                \
    "{'transform':'identity','source-id':7,'direction':'asc','null-order':'nulls-first'}]}],"             \
    "'default-sort-order-id':1,'properties':{'comment':'one row a fix','write.format.default':'parquet'," \
    "'write.parquet.compression-codec':'zstd','write.metadata.delete-after-commit.enabled':'true',"       \
    "'write.metadata.previous-versions-max':'100','write.metadata.metrics.default':'truncate(16)',"       \
    "'schema.name-mapping.default':'[{\\'field-id\\':3,\\'names\\':[\\'id\\']},"                          \
    "{\\'field-id\\':7,\\'names\\':[\\'ts\\']},{\\'field-id\\':5,\\'names\\':[\\'sog_kn\\']}]'},"

static const char *made(lake *l, const seine_table_schema *of) {
    seine_buf out;
    seine_buf_init(&out, 1 << 20);
    assert_ok(l, seine_metadata_create(of, 16, "file:///l", "u-u-i-d", 1500, &out, &l->error));
    const char *text = seine_arena_copy(&l->arena, out.data, out.size);
    seine_buf_free(&out);
    return text;
}

static const char *next(lake *l, const char *before, const seine_metadata_change *change) {
    seine_metadata base = {0};
    seine_buf out;
    seine_buf_init(&out, 1 << 20);
    assert_ok(l, seine_metadata_parse(seine_str_of(before), "before", &l->arena, &base, &l->error));
    assert_ok(l, seine_metadata_next(&base, change, &out, &l->error));
    const char *text = seine_arena_copy(&l->arena, out.data, out.size);
    seine_metadata_free(&base);
    seine_buf_free(&out);
    return text;
}

static void a_new_table_is_described_word_for_word(void **state) {
    (void)state;
    lake l = {0};
    assert_like(made(&l, &schema), HEAD "'last-sequence-number':0,'last-updated-ms':1500," SHAPE
                                        "'current-snapshot-id':-1,'refs':{},'snapshots':[],'snapshot-log':[],"
                                        "'metadata-log':[],'statistics':[],'partition-statistics':[]}");
    seine_arena_free(&l.arena);
}

static void a_table_without_partitions_and_order_says_so(void **state) {
    (void)state;
    lake l = {0};
    const seine_table_schema plain = {
        .name = "gold.some", .doc = "rows", .columns = columns, .column_count = 1, .partition_count = 0};
    const char *text = made(&l, &plain);
    static const char *const said[] = {"\"partition-specs\":[{\"spec-id\":0,\"fields\":[]}]",
                                       "\"last-partition-id\":999,", "\"last-column-id\":3,",
                                       "\"sort-orders\":[{\"order-id\":0,\"fields\":[]}],\"default-sort-order-id\":0,"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (strstr(text, said[i]) == NULL) fail_msg("%s is not in %s", said[i], text);
    seine_arena_free(&l.arena);
}

static void each_commit_adds_a_snapshot_and_keeps_what_was_there(void **state) {
    (void)state;
    lake l = {0};
    const seine_summary_entry first_summary[] = {{"operation", "append"}, {"added-records", "5"}};
    const seine_summary_entry second_summary[] = {{"operation", "delete"}};
    const seine_metadata_change first = {2500, "file:///l/1.json", 41, "file:///l/a.avro", first_summary, 2, NULL, 0,
                                         NULL};
    const seine_metadata_change second = {3500, "file:///l/2.json", 42, "file:///l/b.avro", second_summary, 1, NULL, 0,
                                          NULL};
    const int64_t gone[] = {41};
    const seine_metadata_change third = {
        .now_ms = 4500, .base_location = "file:///l/3.json", .removed = gone, .removed_count = 1};
    const char *one = next(&l, made(&l, &schema), &first);
    assert_like(
        one, HEAD SHAPE
        "'statistics':[],'partition-statistics':[],'last-sequence-number':1,'last-updated-ms':2500,"
        "'current-snapshot-id':41,'refs':{'main':{'snapshot-id':41,'type':'branch'}},"
        "'snapshots':[{'sequence-number':1,'snapshot-id':41,'timestamp-ms':2500,"
        "'summary':{'operation':'append','added-records':'5'},'manifest-list':'file:///l/a.avro','schema-id':0}],"
        "'snapshot-log':[{'timestamp-ms':2500,'snapshot-id':41}],"
        "'metadata-log':[{'timestamp-ms':1500,'metadata-file':'file:///l/1.json'}]}");
    const char *two = next(&l, one, &second);
    static const char *const said[] = {
        "\"last-sequence-number\":2,", "\"parent-snapshot-id\":41,",
        "\"snapshot-log\":[{\"timestamp-ms\":2500,\"snapshot-id\":41},{\"timestamp-ms\":3500,\"snapshot-id\":42}],",
        "\"metadata-log\":[{\"timestamp-ms\":1500,\"metadata-file\":\"file:///l/1.json\"},"
        "{\"timestamp-ms\":2500,\"metadata-file\":\"file:///l/2.json\"}]}"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (strstr(two, said[i]) == NULL) fail_msg("%s is not in %s", said[i], two);
    assert_like(next(&l, two, &third), HEAD SHAPE
                "'statistics':[],'partition-statistics':[],'last-sequence-number':2,'last-updated-ms':4500,"
                "'current-snapshot-id':42,'refs':{'main':{'snapshot-id':42,'type':'branch'}},"
                "'snapshots':[{'sequence-number':2,'snapshot-id':42,'parent-snapshot-id':41,'timestamp-ms':3500,"
                "'summary':{'operation':'delete'},'manifest-list':'file:///l/b.avro','schema-id':0}],"
                "'snapshot-log':[{'timestamp-ms':3500,'snapshot-id':42}],"
                "'metadata-log':[{'timestamp-ms':1500,'metadata-file':'file:///l/1.json'},"
                "{'timestamp-ms':2500,'metadata-file':'file:///l/2.json'},"
                "{'timestamp-ms':3500,'metadata-file':'file:///l/3.json'}]}");
    seine_arena_free(&l.arena);
}

static const char foreign[] =
    "{\"format-version\":2,\"location\":\"file:///l\",\"last-sequence-number\":4,\"last-updated-ms\":900,"
    "\"current-schema-id\":3,\"schemas\":[{\"schema-id\":3,\"fields\":[]}],\"default-spec-id\":0,"
    "\"partition-specs\":[{\"spec-id\":0,\"fields\":[]}],\"default-sort-order-id\":0,\"current-snapshot-id\":8,"
    "\"properties\":{\"write.metadata.previous-versions-max\":\"2\"},\"own\":[1,2],"
    "\"refs\":{\"tag\":{\"snapshot-id\":8,\"type\":\"tag\"},"
    "\"main\":{\"snapshot-id\":8,\"type\":\"branch\",\"min-snapshots-to-keep\":3}},"
    "\"snapshots\":[{\"snapshot-id\":8,\"sequence-number\":4,\"timestamp-ms\":900,\"manifest-list\":\"file:///l/s\"}],"
    "\"snapshot-log\":[{\"timestamp-ms\":900,\"snapshot-id\":8}],"
    "\"metadata-log\":[{\"timestamp-ms\":1,\"metadata-file\":\"file:///l/1\"},"
    "{\"timestamp-ms\":2,\"metadata-file\":\"file:///l/2\"},{\"timestamp-ms\":3,\"metadata-file\":\"file:///l/3\"}]}";

static void what_others_wrote_is_carried_on_and_the_log_stays_within_their_limit(void **state) {
    (void)state;
    lake l = {0};
    const seine_metadata_change change = {1000, "file:///l/4", 9, "file:///l/t", NULL, 0, NULL, 0, NULL};
    assert_like(next(&l, foreign, &change),
                "{'format-version':2,'location':'file:///l','current-schema-id':3,"
                "'schemas':[{'schema-id':3,'fields':[]}],'default-spec-id':0,"
                "'partition-specs':[{'spec-id':0,'fields':[]}],'default-sort-order-id':0,"
                "'properties':{'write.metadata.previous-versions-max':'2'},'own':[1,2],'last-sequence-number':5,"
                "'last-updated-ms':1000,'current-snapshot-id':9,'refs':{'tag':{'snapshot-id':8,'type':'tag'},"
                "'main':{'snapshot-id':9,'type':'branch','min-snapshots-to-keep':3}},"
                "'snapshots':[{'snapshot-id':8,'sequence-number':4,'timestamp-ms':900,'manifest-list':'file:///l/s'},"
                "{'sequence-number':5,'snapshot-id':9,'parent-snapshot-id':8,'timestamp-ms':1000,'summary':{},"
                "'manifest-list':'file:///l/t','schema-id':3}],"
                "'snapshot-log':[{'timestamp-ms':900,'snapshot-id':8},{'timestamp-ms':1000,'snapshot-id':9}],"
                "'metadata-log':[{'timestamp-ms':3,'metadata-file':'file:///l/3'},"
                "{'timestamp-ms':900,'metadata-file':'file:///l/4'}]}");
    seine_metadata base = {0};
    const char **dropped = NULL;
    size_t count = 0;
    assert_ok(&l, seine_metadata_parse(seine_str_of(foreign), "foreign", &l.arena, &base, &l.error));
    assert_int_equal(seine_metadata_log_max(&base), 2);
    assert_ok(&l, seine_metadata_dropped(&base, &l.arena, &dropped, &count, &l.error));
    assert_int_equal(count, 2);
    assert_string_equal(dropped[0], "file:///l/1");
    assert_string_equal(dropped[1], "file:///l/2");
    assert_int_equal(base.format_version, 2);
    assert_int_equal(base.schema_id, 3);
    assert_int_equal(base.current_snapshot_id, 8);
    assert_int_equal(base.turns[0].time_ms, 900);
    assert_string_equal(base.lists[0], "file:///l/s");
    seine_metadata_free(&base);
    seine_arena_free(&l.arena);
}

static const char theirs[] =
    "{\"format-version\":2,\"location\":\"file:///l\",\"last-updated-ms\":1,\"current-schema-id\":0,\"schemas\":[{"
    "\"schema-id\":0,\"fields\":[{\"id\":1,\"name\":\"a\",\"type\":\"long\",\"required\":true,\"doc\":\"one\"},"
    "{\"id\":2,\"name\":\"b\",\"type\":\"date\",\"required\":false}]}],\"default-spec-id\":0,\"partition-specs\":[{"
    "\"spec-id\":0,\"fields\":[{\"source-id\":2,\"field-id\":1000,\"name\":\"b_month\",\"transform\":\"month\"}]}],"
    "\"current-snapshot-id\":-1}";

static void a_table_of_others_has_the_columns_it_tells(void **state) {
    (void)state;
    lake l = {0};
    seine_metadata metadata = {0};
    const seine_table_schema *found = NULL;
    bool writable = false;
    assert_ok(&l, seine_metadata_parse(seine_str_of(theirs), "theirs", &l.arena, &metadata, &l.error));
    assert_ok(&l, seine_metadata_schema(&metadata, "their.table", &l.arena, &found, &writable, &l.error));
    assert_string_equal(found->name, "their.table");
    assert_int_equal(found->column_count, 2);
    assert_int_equal(found->columns[0].id, 1);
    assert_string_equal(found->columns[0].name, "a");
    assert_int_equal(found->columns[0].type, SEINE_TYPE_LONG);
    assert_true(found->columns[0].required);
    assert_string_equal(found->columns[0].doc, "one");
    assert_string_equal(found->columns[0].unit, "");
    assert_int_equal(found->columns[1].type, SEINE_TYPE_DATE);
    assert_false(found->columns[1].required);
    assert_string_equal(found->columns[1].doc, "");
    assert_string_equal(found->columns[1].unit, "");
    assert_int_equal(found->partition_count, 1);
    assert_int_equal(found->partition[0].source_id, 2);
    assert_int_equal(found->partition[0].field_id, 1000);
    assert_string_equal(found->partition[0].name, "b_month");
    assert_int_equal(found->partition[0].transform, SEINE_TRANSFORM_MONTH);
    assert_true(writable);
    seine_metadata_free(&metadata);
    seine_arena_free(&l.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_table_is_described_word_for_word),
        cmocka_unit_test(a_table_without_partitions_and_order_says_so),
        cmocka_unit_test(each_commit_adds_a_snapshot_and_keeps_what_was_there),
        cmocka_unit_test(a_table_of_others_has_the_columns_it_tells),
        cmocka_unit_test(what_others_wrote_is_carried_on_and_the_log_stays_within_their_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
