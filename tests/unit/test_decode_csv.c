/* links: decode columns base */
/* CSV records by RFC 4180, and what is done where files do not keep to it. */
#include "decode/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* Shows all records of a text as "a|b;c|d". */
static void show(const char *text, size_t size, char *out, size_t room) {
    seine_str rest = {text, size};
    seine_buf scratch;
    seine_csv_record record;
    size_t used = 0;
    seine_buf_init(&scratch, 1 << 20);
    for (;;) {
        assert_int_equal(seine_csv_next(&rest, ',', &scratch, &record), SEINE_OK);
        if (record.raw.data == NULL) break;
        for (size_t f = 0; f < record.field_count; f++)
            used += (size_t)snprintf(out + used, room - used, "%s%.*s",
                                     f > 0      ? "|"
                                     : used > 0 ? ";"
                                                : "",
                                     SEINE_STR_ARG(record.field[f]));
    }
    out[used] = '\0';
    seine_buf_free(&scratch);
}

static const struct {
    const char *given, *expected;
} cases[] = {
    {"a,b\nc,d\n", "a|b;c|d"},
    {"a,b\r\nc,d", "a|b;c|d"},
    {"a,,\n", "a||"},
    {",\n", "|"},
    {"\n\r\n\na\n", "a"},
    {"\"a,b\",c\n", "a,b|c"},
    {"\"a\"\"b\",c\n", "a\"b|c"},
    {"\"\",x\n", "|x"},
    {"\"two\nlines\",x\ny,z\n", "two\nlines|x;y|z"},
    {"a\"b,c\n", "a\"b|c"}, /* a quote inside a plain field is a character */
    {"BOB'S \"BOAT\",1\n", "BOB'S \"BOAT\"|1"},
    {"\"open,1\nnext,2\n", "\"open|1;next|2"}, /* never closed: plain text up to its line end */
    {"\"a\"b,c\n", "\"a\"b|c"},                /* nothing but a comma or line end stands behind a closing quote */
    {"\"a\" ,c\n", "\"a\" |c"},
    {"\"a\"\r\nb\n", "a;b"},
    {"1,\"A,x\n2,B,y\n3,\"C, D\",z\n4,E,w\n", "1|\"A|x;2|B|y;3|C, D|z;4|E|w"}, /* closed by an opening one */
    {"1,\"A,x\n2,B,y\n3,C\",z\n4,D,w\n", "1|\"A|x;2|B|y;3|C\"|z;4|D|w"},       /* closed two rows later */
    {"1,\"A,x\n2,B\",y\n", "1|\"A|x;2|B\"|y"},
    {"1,\"A\nB\",x\n2,C,y\n", "1|A\nB|x;2|C|y"}, /* a line end in a field, and no line that is a record */
    {"1,\"A,\n\nB C\",x,y\n2,D,y,z\n", "1|A,\n\nB C|x|y;2|D|y|z"},
    {"\"1,A,x,y\n2,B,x,y\n3,C,x,y\"\n4,D,x,y\n", "\"1|A|x|y;2|B|x|y;3|C|x|y\";4|D|x|y"},
    {"\"A, or\nB, it is said\",x\ny,z\n", "A, or\nB, it is said|x;y|z"},
    {"1,\"\"\"A\"\"\",x\n", "1|\"A\"|x"},
    {"1,\"\"A,x\n2,\"\",y\n", "1|\"\"A|x;2||y"},
    {"a", "a"},
    {"", ""},
};

static void records_are_cut_by_rfc_4180(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char seen[256];
        show(cases[i].given, strlen(cases[i].given), seen, sizeof seen);
        assert_string_equal(seen, cases[i].expected);
    }
}

/* Cutting at any block border and carrying the rest over gives the same records. */
static void any_block_border_gives_the_same_records(void **state) {
    (void)state;
    static const char text[] = "\"0\",\"A\nB\",C,D,\"E \"\"F\n1,G,H,I,\"\n"
                               "1,\"A,x\r\n2,B\",y\n3,\"C\nD\",z\r\n4,E,\"w\"\r\n5,\"\"\"\n6,\"F\"G\n"
                               "a,b\r\n\"x,\ny\",1\n\n\"q\"\"q\",2\r\nplain,3\n\"open,4\nlast,5\n";
    char whole[256];
    show(text, sizeof text - 1, whole, sizeof whole);
    for (size_t border = 0; border < sizeof text - 1; border++) {
        const size_t cut = seine_csv_whole((seine_str){text, border}, ',');
        assert_true(cut <= border);
        char first[256], second[256], joined[520];
        show(text, cut, first, sizeof first);
        show(text + cut, sizeof text - 1 - cut, second, sizeof second);
        snprintf(joined, sizeof joined, "%s%s%s", first, first[0] != '\0' && second[0] != '\0' ? ";" : "", second);
        assert_string_equal(joined, whole);
    }
}

static void a_stray_quote_never_swallows_the_file(void **state) {
    (void)state;
    seine_buf text, scratch;
    seine_csv_record record;
    seine_buf_init(&text, 1 << 22);
    seine_buf_init(&scratch, 1 << 22);
    assert_int_equal(seine_buf_append_str(&text, "\"stray,1\n"), SEINE_OK);
    for (int i = 0; i < 20000; i++) assert_int_equal(seine_buf_append_str(&text, "plain,2,3\n"), SEINE_OK);
    seine_str rest = seine_buf_str(&text);
    size_t records = 0;
    for (;; records++) {
        assert_int_equal(seine_csv_next(&rest, ',', &scratch, &record), SEINE_OK);
        if (record.raw.data == NULL) break;
    }
    assert_int_equal(records, 20001);
    seine_buf_free(&text);
    seine_buf_free(&scratch);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_are_cut_by_rfc_4180),
                                       cmocka_unit_test(any_block_border_gives_the_same_records),
                                       cmocka_unit_test(a_stray_quote_never_swallows_the_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
