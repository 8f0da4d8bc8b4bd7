/* INI: sections in brackets, "name = value", lines that begin with # or ; are passed over. */
#include "io/s3/profile.h"

#include "base/buf.h"
#include "base/try.h"
#include "io/local/local.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)1 << 20)

/* "[name]" of credentials, "[profile name]" or "[default]" of config. */
static bool is_section(seine_str line, const char *name) {
    seine_str inside = seine_str_trim((seine_str){line.data + 1, line.size - 1});
    const char *end = inside.size > 0 ? memchr(inside.data, ']', inside.size) : NULL;
    if (end == NULL) return false;
    inside = seine_str_trim((seine_str){inside.data, (size_t)(end - inside.data)});
    if (inside.size > 8 && memcmp(inside.data, "profile ", 8) == 0)
        inside = seine_str_trim((seine_str){inside.data + 8, inside.size - 8});
    return seine_str_equal(inside, seine_str_of(name));
}

static bool take_value(seine_str line, seine_arena *arena, seine_s3_profile *p) {
    const struct {
        const char *name;
        const char **value;
    } known[] = {{"aws_access_key_id", &p->access},
                 {"aws_secret_access_key", &p->secret},
                 {"aws_session_token", &p->token},
                 {"region", &p->region},
                 {"endpoint_url", &p->endpoint},
                 {"role_arn", &p->role},
                 {"web_identity_token_file", &p->token_file},
                 {"credential_process", &p->program},
                 {"sso_session", &p->sso},
                 {"sso_start_url", &p->sso},
                 {"source_profile", &p->source},
                 {"credential_source", &p->source}};
    const char *equals = memchr(line.data, '=', line.size);
    if (equals == NULL) return true;
    const seine_str name = seine_str_trim((seine_str){line.data, (size_t)(equals - line.data)});
    const seine_str value = seine_str_trim((seine_str){equals + 1, (size_t)(line.data + line.size - equals - 1)});
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (*known[i].value != NULL || !seine_str_equal(name, seine_str_of(known[i].name))) continue;
        *known[i].value = seine_arena_copy(arena, value.data, value.size);
        return *known[i].value != NULL;
    }
    return true;
}

static seine_status read_text(seine_str text, const char *name, seine_arena *arena, seine_s3_profile *profile) {
    bool is_ours = false;
    for (size_t at = 0; at < text.size;) {
        const char *end = memchr(text.data + at, '\n', text.size - at);
        const size_t size = end != NULL ? (size_t)(end - text.data) - at : text.size - at;
        seine_str line = {text.data + at, size};
        at += size + 1;
        if (line.size > 0 && line.data[line.size - 1] == '\r') line.size--;
        if (line.size == 0 || line.data[0] == '#' || line.data[0] == ';') continue;
        if (line.data[0] == '[') {
            is_ours = is_section(line, name);
            profile->is_there = profile->is_there || is_ours;
        } else if (is_ours && line.data[0] != ' ' && line.data[0] != '\t' && !take_value(line, arena, profile)) {
            return SEINE_E_NOMEM;
        }
    }
    return SEINE_OK;
}

static seine_status read_file(const char *variable, const char *file, const char *name, seine_arena *arena,
                              seine_s3_profile *profile, seine_error *error) {
    const char *told = getenv(variable), *home = getenv("HOME");
    const char *path = told != NULL && *told != '\0' ? told
                       : home != NULL                ? seine_arena_printf(arena, "%s/.aws/%s", home, file)
                                                     : NULL;
    seine_buf text;
    if (path == NULL) return SEINE_OK;
    seine_buf_init(&text, FILE_MAX_BYTES);
    seine_status status = seine_local_read(path, &text, error);
    if (status == SEINE_OK && text.size > 0 && read_text(seine_buf_str(&text), name, arena, profile) != SEINE_OK)
        status = seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", path);
    seine_buf_free(&text);
    return status == SEINE_E_NOT_FOUND ? SEINE_OK : status;
}

seine_status seine_s3_profile_read(const char *name, seine_arena *arena, seine_s3_profile *profile,
                                   seine_error *error) {
    *profile = (seine_s3_profile){.name = name};
    SEINE_TRY(read_file("AWS_SHARED_CREDENTIALS_FILE", "credentials", name, arena, profile, error));
    return read_file("AWS_CONFIG_FILE", "config", name, arena, profile, error);
}
