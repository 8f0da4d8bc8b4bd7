/* Addresses of PostgreSQL: libpq's own, with one parameter more. */
#include "base/buf.h"
#include "base/number.h"
#include "base/try.h"
#include "table/db/postgres/postgres.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NAME_PARAMETER "catalog_name="
#define NAME_MAX_BYTES 50 /* a schema's name has 63 */
#define ADDED 5           /* keywords beside those of the address */
#define CONNECT_S 10
#define CONNECT_MAX_S 3600

static bool is_name(seine_str text) {
    if (text.size == 0 || text.size > NAME_MAX_BYTES || !islower((unsigned char)text.data[0])) return false;
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if (!islower(c) && !isdigit(c) && c != '_') return false;
    }
    return true;
}

/* The address without the parameter that libpq does not know. */
static seine_status take_name(const char *address, seine_arena *arena, const char **name, const char **rest,
                              seine_error *error) {
    char *copy = seine_arena_copy(arena, address, strlen(address));
    if (copy == NULL) return seine_no_memory(error, "catalog");
    *name = SEINE_DB_CATALOG_NAME;
    *rest = copy;
    char *at = strchr(copy, '?');
    while (at != NULL && strncmp(at + 1, NAME_PARAMETER, strlen(NAME_PARAMETER)) != 0) at = strchr(at + 1, '&');
    if (at == NULL) return SEINE_OK;
    const char *value = at + 1 + strlen(NAME_PARAMETER);
    const seine_str text = {value, strcspn(value, "&")};
    if (!is_name(text))
        return seine_fail(error, SEINE_E_USAGE,
                          "catalog_name \"%.*s\" cannot be one: 1 to %d small letters, digits and _, a letter first",
                          (int)text.size, text.data, NAME_MAX_BYTES);
    *name = seine_arena_copy(arena, text.data, text.size);
    const char *after = text.data + text.size;
    if (*after == '&')
        memmove(at + 1, after + 1, strlen(after)); /* the separator before it stays */
    else
        *at = '\0';
    return *name != NULL ? SEINE_OK : seine_no_memory(error, "catalog");
}

/* Appends text with everything escaped that means something in an address. */
static seine_status put_escaped(seine_buf *out, const char *text) {
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-._~", c) != NULL)
            SEINE_TRY(seine_buf_append(out, text, 1));
        else
            SEINE_TRY(seine_buf_printf(out, "%%%02X", c));
    }
    return SEINE_OK;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword) {
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, keyword) == 0) return options->val;
    return NULL;
}

/* As libpq marks what no dialog may show. */
static bool is_secret(const PQconninfoOption *option) { return option->dispchar[0] == '*'; }

/* Whether it stands in front of the parameters. A socket's folder and a list of hosts can only be parameters. */
static bool is_place(const char *keyword, const char *value) {
    if (strcmp(keyword, "host") == 0) return strpbrk(value, "/,") == NULL;
    if (strcmp(keyword, "port") == 0) return strchr(value, ',') == NULL;
    return strcmp(keyword, "user") == 0 || strcmp(keyword, "dbname") == 0;
}

static seine_status put_place(seine_buf *out, const PQconninfoOption *options) {
    static const char *const keywords[] = {"user", "host", "port", "dbname"};
    static const char *const before[] = {"", "", ":", "/"}, *const behind[] = {"@", "", "", ""};
    SEINE_TRY(seine_buf_printf(out, "postgresql://"));
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        const char *value = value_of(options, keywords[i]);
        if (value == NULL || !is_place(keywords[i], value)) continue;
        SEINE_TRY(seine_buf_printf(out, "%s", before[i]));
        if (i == 1 && strchr(value, ':') != NULL)
            SEINE_TRY(seine_buf_printf(out, "[%s]", value)); /* IPv6 */
        else
            SEINE_TRY(put_escaped(out, value));
        SEINE_TRY(seine_buf_printf(out, "%s", behind[i]));
    }
    return SEINE_OK;
}

static seine_status put_address(seine_buf *out, const PQconninfoOption *options, const char *name) {
    char separator = '?';
    SEINE_TRY(put_place(out, options));
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
        if (o->val == NULL || is_secret(o) || is_place(o->keyword, o->val)) continue;
        SEINE_TRY(seine_buf_printf(out, "%c%s=", separator, o->keyword));
        SEINE_TRY(put_escaped(out, o->val));
        separator = '&';
    }
    if (strcmp(name, SEINE_DB_CATALOG_NAME) == 0) return SEINE_OK;
    return seine_buf_printf(out, "%c" NAME_PARAMETER "%s", separator, name);
}

/* What the address leaves open: a server that does not answer is given up, and one that went is noticed. */
static const char *const defaults[][2] = {{"connect_timeout", SEINE_POSTGRES_DIGITS(CONNECT_S)},
                                          {"keepalives_idle", "30"},
                                          {"tcp_user_timeout", "60000"},
                                          {"fallback_application_name", "seine"},
                                          {"client_encoding", "UTF8"}};
_Static_assert(sizeof defaults / sizeof defaults[0] == ADDED, "room for the defaults");

static seine_status copy_options(const PQconninfoOption *options, seine_arena *arena,
                                 seine_postgres_address_parts *parts, seine_error *error) {
    size_t count = 0, used = 0;
    while (options[count].keyword != NULL) count++;
    parts->keywords = SEINE_ARENA_ARRAY(arena, const char *, count + ADDED + 1);
    parts->values = SEINE_ARENA_ARRAY(arena, const char *, count + ADDED + 1);
    if (parts->keywords == NULL || parts->values == NULL) return seine_no_memory(error, "catalog");
    for (size_t i = 0; i < count; i++) {
        if (options[i].val == NULL) continue;
        parts->keywords[used] = seine_arena_copy(arena, options[i].keyword, strlen(options[i].keyword));
        parts->values[used] = seine_arena_copy(arena, options[i].val, strlen(options[i].val));
        if (parts->keywords[used] == NULL || parts->values[used] == NULL) return seine_no_memory(error, "catalog");
        used++;
    }
    for (size_t i = 0; i < ADDED; i++) {
        if (value_of(options, defaults[i][0]) != NULL) continue;
        parts->keywords[used] = defaults[i][0];
        parts->values[used++] = defaults[i][1];
    }
    return SEINE_OK;
}

static bool is_list(const char *value) { return value != NULL && strchr(value, ',') != NULL; }

/* As libpq takes it: 0 and less are for ever, which nothing is here, and 1 is 2. */
static int64_t connect_us(const PQconninfoOption *options) {
    const char *given = value_of(options, "connect_timeout");
    int64_t seconds = 0;
    if (given == NULL || !seine_integer_parse(seine_str_of(given), &seconds) || seconds < 1 || seconds > CONNECT_MAX_S)
        seconds = given == NULL ? CONNECT_S : CONNECT_MAX_S;
    return (seconds < 2 ? 2 : seconds) * INT64_C(1000000);
}

static seine_status read_options(const PQconninfoOption *options, seine_arena *arena,
                                 seine_postgres_address_parts *parts, seine_error *error) {
    seine_buf kept;
    seine_buf_init(&kept, (size_t)1 << 16);
    seine_status status = put_address(&kept, options, parts->name);
    if (status == SEINE_OK) parts->kept = seine_arena_copy(arena, kept.data, kept.size);
    seine_buf_free(&kept);
    if (status != SEINE_OK || parts->kept == NULL) return seine_no_memory(error, "catalog");
    parts->has_hosts = is_list(value_of(options, "host")) || is_list(value_of(options, "hostaddr"));
    parts->connect_us = connect_us(options);
    return copy_options(options, arena, parts, error);
}

seine_status seine_postgres_parse(const char *address, seine_arena *arena, seine_postgres_address_parts *parts,
                                  seine_error *error) {
    const char *rest = NULL;
    char *why = NULL;
    *parts = (seine_postgres_address_parts){0};
    SEINE_TRY(take_name(address, arena, &parts->name, &rest, error));
    PQconninfoOption *options = PQconninfoParse(rest, &why);
    /* What libpq says may hold a piece of the address, and that a password. */
    const bool is_wrong = why != NULL;
    PQfreemem(why);
    if (is_wrong)
        return seine_fail(error, SEINE_E_USAGE,
                          "the address of the catalog is none of PostgreSQL, which is"
                          " postgresql://USER@HOST:PORT/DATABASE?PARAMETER=VALUE");
    if (options == NULL) return seine_no_memory(error, "catalog");
    const seine_status status = read_options(options, arena, parts, error);
    PQconninfoFree(options);
    return status;
}

seine_status seine_postgres_address(const char *address, seine_arena *arena, const char **kept, seine_error *error) {
    seine_postgres_address_parts parts;
    SEINE_TRY(seine_postgres_parse(address, arena, &parts, error));
    *kept = parts.kept;
    return SEINE_OK;
}
