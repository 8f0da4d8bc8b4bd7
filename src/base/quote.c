/* One way to quote for both: a quote inside is doubled. */
#include "base/quote.h"

seine_status seine_sql_quote(seine_buf *sql, seine_str text, char quote) {
    seine_status status = seine_buf_append(sql, &quote, 1);
    while (status == SEINE_OK && text.size > 0) {
        const char *end = memchr(text.data, quote, text.size);
        const size_t size = end != NULL ? (size_t)(end - text.data) + 1 : text.size;
        status = seine_buf_append(sql, text.data, size);
        if (status == SEINE_OK && end != NULL) status = seine_buf_append(sql, &quote, 1);
        text = (seine_str){text.data + size, text.size - size};
    }
    return status == SEINE_OK ? seine_buf_append(sql, &quote, 1) : status;
}

seine_status seine_sql_name(seine_buf *sql, const char *name) {
    return seine_sql_quote(sql, seine_str_of(name), SEINE_SQL_NAME);
}

seine_status seine_sql_text(seine_buf *sql, const char *text) {
    return seine_sql_quote(sql, seine_str_of(text), SEINE_SQL_TEXT);
}

seine_status seine_csv_field(seine_buf *csv, seine_str text) {
    static const char marks[] = ",\"\r\n"; /* and its NUL */
    for (size_t i = 0; i < text.size; i++)
        if (memchr(marks, text.data[i], sizeof marks) != NULL) return seine_sql_quote(csv, text, '"');
    return seine_buf_append(csv, text.data, text.size);
}
