/* links: table io columns base */
/* A GeoPackage as its readers find it: tables of the standard, one layer, every type of column. */
#include "table_support.h"

#include "like_support.h"
#include "table/db/db.h"
#include "table/geopackage.h"

typedef struct dump {
    char text[2000];
    size_t columns;
} dump;

static seine_status note_row(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    dump *d = context;
    for (size_t i = 0; i < d->columns; i++) {
        const size_t used = strlen(d->text);
        const char *end = i + 1 < d->columns ? "|" : "\n";
        if (columns[i].kind == SEINE_DB_INT)
            (void)snprintf(d->text + used, sizeof d->text - used, "%lld%s", (long long)columns[i].integer, end);
        else
            (void)snprintf(d->text + used, sizeof d->text - used, "%s%s",
                           columns[i].kind == SEINE_DB_TEXT ? columns[i].text : "-", end);
    }
    return SEINE_OK;
}

static void assert_rows(lake *l, const char *path, size_t columns, const char *sql, const char *expected) {
    seine_db *db = NULL;
    dump found = {.columns = columns};
    assert_ok(l, seine_db_open(path, false, &db, &l->error));
    assert_ok(l, seine_db_query(db, sql, NULL, 0, note_row, &found, &l->error));
    seine_db_close(db);
    assert_string_equal(found.text, expected);
}

static const uint8_t point[21] = {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 64}; /* 1, 2 */

static void a_layer_has_its_rows_types_and_extent(void **state) {
    (void)state;
    lake l;
    lake_make_folder(&l);
    const char *path = seine_arena_printf(&l.arena, "%s/tracks.gpkg", l.folder);
    const uint8_t flags[] = {1, 0}, valid[] = {1, 0};
    const int32_t ints[] = {-7, 7}, dates[] = {20089, 0};
    const int64_t longs[] = {INT64_C(1) << 40, 0}, times[] = {1500000, -1};
    const double numbers[] = {0.5, -2};
    const seine_str texts[] = {SEINE_STR("it's"), SEINE_STR("")}, blobs[] = {SEINE_STR("\x01\xff"), SEINE_STR("")};
    seine_vec vecs[] = {
        {.type = SEINE_TYPE_BOOLEAN, .values = flags}, {.type = SEINE_TYPE_INT, .values = ints, .valid = valid},
        {.type = SEINE_TYPE_LONG, .values = longs},    {.type = SEINE_TYPE_DOUBLE, .values = numbers},
        {.type = SEINE_TYPE_DATE, .values = dates},    {.type = SEINE_TYPE_TIMESTAMPTZ, .values = times},
        {.type = SEINE_TYPE_STRING, .values = texts},  {.type = SEINE_TYPE_BINARY, .values = blobs}};
    const char *const names[] = {"flag", "i", "l", "d", "day", "ts", "te\"xt", "blob"};
    const seine_rows rows = {.count = 2, .column_count = 8, .columns = vecs};
    const seine_geopackage_layer layer = {"tra'cks", "POINT", names, 8};
    const seine_str shapes[] = {{(const char *)point, sizeof point}, {NULL, 0}};
    const double bounds[] = {-1.5, 2, 3, 4};
    seine_geopackage *made = NULL;
    assert_ok(&l, seine_geopackage_open(path, &layer, &rows, &made, &l.error));
    assert_ok(&l, seine_geopackage_rows(made, &rows, shapes, &l.error));
    assert_false(seine_file_exists(path)); /* nobody sees it before it is whole */
    assert_ok(&l, seine_geopackage_finish(made, bounds, &l.error));
    assert_rows(&l, path, 10,
                "SELECT fid, hex(geom), flag, quote(i), l, CAST(d AS TEXT), day, ts, \"te\"\"xt\", hex(blob) FROM"
                " \"tra'cks\"",
                "1|47500001E61000000101000000000000000000F03F0000000000000040|1|-7|1099511627776|0.5|2025-01-01|"
                "1970-01-01T00:00:01.500Z|it's|01FF\n"
                "2||0|NULL|0|-2.0|1970-01-01|1969-12-31T23:59:59.999Z||\n");
    assert_rows(&l, path, 5, "SELECT min_x = -1.5, min_y = 2, max_x = 3, max_y = 4, srs_id FROM gpkg_contents",
                "1|1|1|1|4326\n");
    assert_rows(&l, path, 6,
                "SELECT table_name, column_name, geometry_type_name, srs_id, z, m FROM gpkg_geometry_columns",
                "tra'cks|geom|POINT|4326|0|0\n");
    assert_rows(&l, path, 2, "SELECT name, type FROM pragma_table_info('tra''cks') WHERE cid > 0",
                "geom|POINT\nflag|BOOLEAN\ni|MEDIUMINT\nl|INTEGER\nd|DOUBLE\nday|DATE\nts|DATETIME\nte\"xt|TEXT\n"
                "blob|BLOB\n");
    assert_rows(&l, path, 1, "PRAGMA application_id", "1196444487\n");
    lake_drop(&l);
}

static void what_is_given_up_leaves_no_file_and_no_extent_is_null(void **state) {
    (void)state;
    lake l;
    lake_make_folder(&l);
    const char *path = seine_arena_printf(&l.arena, "%s/out.gpkg", l.folder);
    const seine_rows rows = {0};
    const seine_geopackage_layer layer = {"empty", "GEOMETRY", NULL, 0};
    seine_geopackage *made = NULL;
    seine_file_entry *entries = NULL;
    size_t count = 9;
    assert_ok(&l, seine_geopackage_open(path, &layer, &rows, &made, &l.error));
    seine_geopackage_abort(made);
    assert_ok(&l, seine_file_list(l.folder, true, &l.arena, &entries, &count, &l.error));
    assert_int_equal(count, 0);
    assert_ok(&l, seine_geopackage_open(path, &layer, &rows, &made, &l.error));
    assert_ok(&l, seine_geopackage_finish(made, NULL, &l.error));
    assert_rows(&l, path, 1, "SELECT min_x FROM gpkg_contents", "-\n");
    lake_drop(&l);
}

static void failures_are_told_by_their_kind(void **state) {
    (void)state;
    lake l;
    lake_make_folder(&l);
    const seine_rows rows = {.count = 1};
    const char *const twice[] = {"geom"};
    seine_vec vec = {.type = SEINE_TYPE_INT};
    const seine_rows one = {.count = 1, .column_count = 1, .columns = &vec};
    const seine_geopackage_layer layer = {"some", "POINT", NULL, 0}, bad = {"some", "POINT", twice, 1};
    const char *path = seine_arena_printf(&l.arena, "%s/out.gpkg", l.folder);
    const char *nowhere = seine_arena_printf(&l.arena, "%s/none/out.gpkg", l.folder);
    char huge[200] = "";
    const seine_str shape = {huge, sizeof huge};
    seine_geopackage *made = NULL;
    assert_int_equal(seine_geopackage_open(nowhere, &layer, &rows, &made, &l.error), SEINE_E_IO);
    assert_non_null(strstr(l.error.text, "cannot create"));
    assert_null(made);
    assert_int_equal(seine_geopackage_open(path, &bad, &one, &made, &l.error), SEINE_E_INTERNAL);
    assert_non_null(strstr(l.error.text, "duplicate column name: geom"));
    assert_ok(&l, seine_geopackage_open(path, &layer, &rows, &made, &l.error));
    assert_int_not_equal(seine_geopackage_rows(made, &rows, &shape, &l.error), SEINE_OK); /* longer than any of ours */
    seine_geopackage_abort(made);
    assert_ok(&l, seine_file_make_folders(path, &l.error));
    assert_ok(&l, seine_geopackage_open(path, &layer, &rows, &made, &l.error));
    assert_int_not_equal(seine_geopackage_finish(made, NULL, &l.error), SEINE_OK); /* a folder has its name */
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_layer_has_its_rows_types_and_extent),
        cmocka_unit_test(what_is_given_up_leaves_no_file_and_no_extent_is_null),
        cmocka_unit_test(failures_are_told_by_their_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
