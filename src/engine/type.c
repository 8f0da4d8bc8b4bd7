/* The engine's types and ours. */
#include "engine/internal.h"

const char *seine_engine_type_name(duckdb_type type) {
    static const char *const names[] = {[DUCKDB_TYPE_BOOLEAN] = "BOOLEAN",
                                        [DUCKDB_TYPE_TINYINT] = "TINYINT",
                                        [DUCKDB_TYPE_SMALLINT] = "SMALLINT",
                                        [DUCKDB_TYPE_INTEGER] = "INTEGER",
                                        [DUCKDB_TYPE_BIGINT] = "BIGINT",
                                        [DUCKDB_TYPE_UTINYINT] = "UTINYINT",
                                        [DUCKDB_TYPE_USMALLINT] = "USMALLINT",
                                        [DUCKDB_TYPE_UINTEGER] = "UINTEGER",
                                        [DUCKDB_TYPE_UBIGINT] = "UBIGINT",
                                        [DUCKDB_TYPE_FLOAT] = "FLOAT",
                                        [DUCKDB_TYPE_DOUBLE] = "DOUBLE",
                                        [DUCKDB_TYPE_TIMESTAMP] = "TIMESTAMP",
                                        [DUCKDB_TYPE_DATE] = "DATE",
                                        [DUCKDB_TYPE_TIME] = "TIME",
                                        [DUCKDB_TYPE_INTERVAL] = "INTERVAL",
                                        [DUCKDB_TYPE_HUGEINT] = "HUGEINT",
                                        [DUCKDB_TYPE_UHUGEINT] = "UHUGEINT",
                                        [DUCKDB_TYPE_VARCHAR] = "VARCHAR",
                                        [DUCKDB_TYPE_BLOB] = "BLOB",
                                        [DUCKDB_TYPE_DECIMAL] = "DECIMAL",
                                        [DUCKDB_TYPE_TIMESTAMP_S] = "TIMESTAMP_S",
                                        [DUCKDB_TYPE_TIMESTAMP_MS] = "TIMESTAMP_MS",
                                        [DUCKDB_TYPE_TIMESTAMP_NS] = "TIMESTAMP_NS",
                                        [DUCKDB_TYPE_ENUM] = "ENUM",
                                        [DUCKDB_TYPE_LIST] = "LIST",
                                        [DUCKDB_TYPE_GEOMETRY] = "GEOMETRY",
                                        [DUCKDB_TYPE_STRUCT] = "STRUCT",
                                        [DUCKDB_TYPE_MAP] = "MAP",
                                        [DUCKDB_TYPE_ARRAY] = "ARRAY",
                                        [DUCKDB_TYPE_UUID] = "UUID",
                                        [DUCKDB_TYPE_UNION] = "UNION",
                                        [DUCKDB_TYPE_BIT] = "BIT",
                                        [DUCKDB_TYPE_TIME_TZ] = "TIMETZ",
                                        [DUCKDB_TYPE_TIMESTAMP_TZ] = "TIMESTAMPTZ",
                                        [DUCKDB_TYPE_BIGNUM] = "BIGNUM",
                                        [DUCKDB_TYPE_SQLNULL] = "NULL"};
    const size_t index = (size_t)type;
    return index < sizeof names / sizeof names[0] && names[index] != NULL ? names[index] : "OTHER";
}

const char *seine_engine_cast_of(duckdb_type type) {
    switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB: return NULL;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT: return "INTEGER";
    case DUCKDB_TYPE_UINTEGER: return "BIGINT";
    case DUCKDB_TYPE_FLOAT: return "DOUBLE";
    default: return "VARCHAR";
    }
}

seine_status seine_engine_column_type(duckdb_type type, seine_type *out) {
    switch (type) {
    case DUCKDB_TYPE_BOOLEAN: *out = SEINE_TYPE_BOOLEAN; return SEINE_OK;
    case DUCKDB_TYPE_INTEGER: *out = SEINE_TYPE_INT; return SEINE_OK;
    case DUCKDB_TYPE_BIGINT: *out = SEINE_TYPE_LONG; return SEINE_OK;
    case DUCKDB_TYPE_DOUBLE: *out = SEINE_TYPE_DOUBLE; return SEINE_OK;
    case DUCKDB_TYPE_DATE: *out = SEINE_TYPE_DATE; return SEINE_OK;
    case DUCKDB_TYPE_TIMESTAMP_TZ: *out = SEINE_TYPE_TIMESTAMPTZ; return SEINE_OK;
    case DUCKDB_TYPE_VARCHAR: *out = SEINE_TYPE_STRING; return SEINE_OK;
    case DUCKDB_TYPE_BLOB: *out = SEINE_TYPE_BINARY; return SEINE_OK;
    default: return SEINE_E_UNSUPPORTED;
    }
}

const char *seine_engine_leaf_type(duckdb_type type) {
    if (type == DUCKDB_TYPE_FLOAT) return "VARCHAR"; /* for its digits, which a DOUBLE has more of */
    const char *cast = seine_engine_cast_of(type);
    return cast != NULL ? cast : seine_engine_type_name(type);
}
