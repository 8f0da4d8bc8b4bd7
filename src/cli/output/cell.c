/* One value as text. */
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/output/internal.h"
#include "engine/engine.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <strings.h>

bool seine_output_is_null(const seine_vec *vec, size_t row) { return vec->valid != NULL && !vec->valid[row]; }

bool seine_output_is_number(const char *type) {
    static const char *const names[] = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",  "HUGEINT",
                                        "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
                                        "FLOAT",    "DOUBLE",    "DECIMAL",  "BIGNUM"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], type) == 0) return true;
    return false;
}

static seine_status put_hex(seine_buf *text, seine_str bytes) {
    SEINE_TRY(seine_buf_reserve(text, bytes.size * 2));
    for (size_t i = 0; i < bytes.size; i++) SEINE_TRY(seine_buf_printf(text, "%02x", (unsigned char)bytes.data[i]));
    return SEINE_OK;
}

seine_status seine_output_cell(seine_buf *text, const seine_vec *vec, size_t row) {
    char digits[40];
    if (seine_output_is_null(vec, row)) return SEINE_OK;
    switch (vec->type) {
    case SEINE_TYPE_BOOLEAN: return seine_buf_append_str(text, ((const uint8_t *)vec->values)[row] ? "true" : "false");
    case SEINE_TYPE_INT: return seine_buf_printf(text, "%" PRId32, ((const int32_t *)vec->values)[row]);
    case SEINE_TYPE_LONG: return seine_buf_printf(text, "%" PRId64, ((const int64_t *)vec->values)[row]);
    case SEINE_TYPE_DOUBLE:
        return seine_buf_append(text, digits, seine_number_text(((const double *)vec->values)[row], digits));
    case SEINE_TYPE_DATE:
        return seine_buf_append(text, digits, seine_query_date_text(((const int32_t *)vec->values)[row], digits));
    case SEINE_TYPE_TIMESTAMPTZ:
        return seine_buf_append(text, digits, seine_query_time_text(((const int64_t *)vec->values)[row], digits));
    case SEINE_TYPE_STRING: {
        const seine_str value = ((const seine_str *)vec->values)[row];
        return seine_buf_append(text, value.data, value.size);
    }
    case SEINE_TYPE_BINARY: return put_hex(text, ((const seine_str *)vec->values)[row]);
    }
    return SEINE_E_INTERNAL;
}
