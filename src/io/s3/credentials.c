/* One source after the other until one has them; what it gave is kept until shortly before it ends. */
#include "io/s3/credentials.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "base/url.h"
#include "io/clock.h"
#include "io/http.h"
#include "io/local/local.h"
#include "io/s3/sign.h"
#include "io/s3/xml.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define EARLY_US (INT64_C(300) * SEINE_SECOND_US)
#define AGAIN_US (10 * SEINE_SECOND_US)       /* between two questions for successors of what is still good */
#define NEAR_CONNECT_US (2 * SEINE_SECOND_US) /* of the machine itself: who does not answer at once is not there */
#define FAR_CONNECT_US (10 * SEINE_SECOND_US)
#define IDLE_US (10 * SEINE_SECOND_US)
#define ANSWER_MAX ((size_t)64 * 1024)
#define TOKEN_MAX ((size_t)16 * 1024)
#define CONTAINER_HOST "http://169.254.170.2"
#define INSTANCE_HOST "http://169.254.169.254"

struct seine_s3_credentials {
    pthread_mutex_t mutex; /* held while they are asked for: others wait for the answer */
    const seine_s3_profile *profile;
    const char *region;
    seine_progress progress;
    seine_s3_identity now;
    bool is_known;
    int64_t ends_us;  /* INT64_MAX = never */
    int64_t asked_us; /* by the monotonic clock */
};

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

/* @return whether both parts are there and fit. */
static bool keep(seine_s3_identity *identity, seine_str access, seine_str secret, seine_str token) {
    if (access.size == 0 || secret.size == 0 || access.size >= sizeof identity->access ||
        secret.size >= sizeof identity->secret || token.size >= sizeof identity->token)
        return false;
    (void)snprintf(identity->access, sizeof identity->access, "%.*s", SEINE_STR_ARG(access));
    (void)snprintf(identity->secret, sizeof identity->secret, "%.*s", SEINE_STR_ARG(secret));
    (void)snprintf(identity->token, sizeof identity->token, "%.*s", (int)token.size, token.size > 0 ? token.data : "");
    return true;
}

/* ---- asking a server -------------------------------------------------------------------------------------------- */

typedef struct asking {
    const char *what; /* for messages: the address may have secrets in it */
    seine_buf answer;
} asking;

static seine_status take_answer(void *context, const void *bytes, size_t size, seine_error *error) {
    asking *a = context;
    const seine_status status = seine_buf_append(&a->answer, bytes, size);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s: too long an answer", a->what);
}

/* *code 0: nobody answered. */
static seine_status ask(seine_s3_credentials *c, const seine_http_request *how, asking *a, int *code,
                        seine_error *error) {
    seine_http *http = NULL;
    seine_http_response response;
    seine_http_request request = *how;
    const int64_t connect_us = how->is_near ? NEAR_CONNECT_US : FAR_CONNECT_US;
    const seine_http_options options = {connect_us, IDLE_US, IDLE_US, &c->progress};
    request.body = take_answer;
    request.context = a;
    request.is_final = true;
    *code = 0;
    seine_buf_init(&a->answer, ANSWER_MAX);
    SEINE_TRY(seine_http_open(&options, &http, error));
    seine_error why = {0};
    const seine_status status = seine_http_run(http, &request, &response, &why);
    seine_http_close(http);
    *code = status == SEINE_OK ? response.code : 0;
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status, "%s: %s", a->what, why.text);
}

/* {"AccessKeyId": …, "SecretAccessKey": …, "Token": …, "Expiration": …} of containers and machines. */
static seine_status take_json(seine_s3_credentials *c, const asking *a, seine_error *error) {
    seine_json *json = NULL;
    SEINE_TRY(seine_json_parse(seine_buf_str(&a->answer), a->what, &json, error));
    const seine_json_value root = seine_json_root(json);
    const bool ok =
        keep(&c->now, seine_json_text(seine_json_get(root, "AccessKeyId")),
             seine_json_text(seine_json_get(root, "SecretAccessKey")), seine_json_text(seine_json_get(root, "Token")));
    if (!seine_time_parse(seine_json_text(seine_json_get(root, "Expiration")), &c->ends_us)) c->ends_us = INT64_MAX;
    seine_json_free(json);
    return ok ? SEINE_OK : seine_fail(error, SEINE_E_IO, "%s: the answer holds no credentials", a->what);
}

/* ---- sources: E_NOT_FOUND = not this one ------------------------------------------------------------------------ */

static seine_status from_environment(seine_s3_credentials *c, seine_error *error) {
    const char *access = variable("AWS_ACCESS_KEY_ID"), *secret = variable("AWS_SECRET_ACCESS_KEY");
    c->ends_us = INT64_MAX;
    if (access == NULL && secret == NULL) return SEINE_E_NOT_FOUND;
    if (access == NULL || secret == NULL)
        return seine_fail(error, SEINE_E_IO, "%s is set, but %s is not: set both",
                          access != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                          access != NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    if (keep(&c->now, seine_str_of(access), seine_str_of(secret), seine_str_of(variable("AWS_SESSION_TOKEN"))))
        return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN: too long");
}

/* A profile without keys: what it names instead of them. */
static seine_status refuse_profile(const seine_s3_profile *p, seine_error *error) {
    const char *way = p->program != NULL  ? "names a program (credential_process), which is not started from here"
                      : p->sso != NULL    ? "signs in by SSO, which is not done from here"
                      : p->source != NULL ? "takes a role through another profile or source, which is not followed here"
                                          : NULL;
    if (way == NULL) return SEINE_E_NOT_FOUND;
    return seine_fail(error, SEINE_E_IO,
                      "the profile %s %s: set what `aws configure export-credentials --profile %s --format env` prints",
                      p->name, way, p->name);
}

/* What was read when the bucket was opened; later, what the files say now: other programs renew them. */
static seine_status from_profile(seine_s3_credentials *c, seine_error *error) {
    seine_s3_profile p = *c->profile;
    seine_arena arena = {0};
    c->ends_us = INT64_MAX;
    seine_status status = c->is_known ? seine_s3_profile_read(c->profile->name, &arena, &p, error) : SEINE_OK;
    if (status == SEINE_OK && (p.access == NULL || p.secret == NULL))
        status = refuse_profile(&p, error);
    else if (status == SEINE_OK &&
             !keep(&c->now, seine_str_of(p.access), seine_str_of(p.secret), seine_str_of(p.token)))
        status = seine_fail(error, SEINE_E_IO, "the profile's keys are too long");
    seine_arena_free(&arena);
    return status;
}

/* The text of a file without blanks at its ends. */
static seine_status read_token(const char *path, seine_arena *arena, char **token, seine_error *error) {
    seine_buf text;
    seine_buf_init(&text, TOKEN_MAX);
    seine_status status = seine_local_read(path, &text, error);
    if (status == SEINE_OK) {
        seine_str trimmed = seine_buf_str(&text);
        while (trimmed.size > 0 && strchr(" \t\r\n", trimmed.data[trimmed.size - 1]) != NULL) trimmed.size--;
        *token = seine_arena_copy(arena, trimmed.size > 0 ? trimmed.data : "", trimmed.size);
        if (*token == NULL) status = seine_no_memory(error, "credentials");
    }
    seine_buf_free(&text);
    return status;
}

static seine_status take_role(seine_s3_credentials *c, const asking *a, seine_arena *arena, seine_error *error) {
    const seine_str answer = seine_buf_str(&a->answer), ends = seine_xml_find(answer, "Expiration");
    const char *access = seine_xml_text(seine_xml_find(answer, "AccessKeyId"), arena);
    const char *secret = seine_xml_text(seine_xml_find(answer, "SecretAccessKey"), arena);
    const char *token = seine_xml_text(seine_xml_find(answer, "SessionToken"), arena);
    if (access == NULL || secret == NULL || token == NULL) return seine_no_memory(error, "credentials");
    if (!seine_time_parse(ends, &c->ends_us)) c->ends_us = seine_clock_wall_us() + SEINE_HOUR_US;
    if (keep(&c->now, seine_str_of(access), seine_str_of(secret), seine_str_of(token))) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "%s: the answer holds no credentials", a->what);
}

static seine_status ask_for_role(seine_s3_credentials *c, const char *role, const char *token, seine_arena *arena,
                                 seine_error *error) {
    const char *told = variable("AWS_ENDPOINT_URL_STS"), *session = variable("AWS_ROLE_SESSION_NAME");
    const char *url =
        told != NULL ? told : seine_arena_printf(arena, "https://sts.%s.%s/", c->region, seine_s3_domain(c->region));
    const char *role_text = seine_url_encode(arena, role, false), *token_text = seine_url_encode(arena, token, false);
    const char *session_text = seine_url_encode(arena, session != NULL ? session : "seine", false);
    if (url == NULL || role_text == NULL || token_text == NULL || session_text == NULL)
        return seine_no_memory(error, "credentials");
    const char *form = seine_arena_printf(arena,
                                          "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=%s"
                                          "&RoleSessionName=%s&WebIdentityToken=%s",
                                          role_text, session_text, token_text);
    if (form == NULL) return seine_no_memory(error, "credentials");
    asking a = {.what = "STS"};
    int code = 0;
    const seine_http_request request = {.url = url, .method = "POST", .send = seine_body_of(form, strlen(form))};
    seine_status status = ask(c, &request, &a, &code, error);
    if (status == SEINE_OK && code != 200)
        status =
            seine_fail(error, SEINE_E_IO,
                       "STS gave no credentials (HTTP %d): check AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE", code);
    if (status == SEINE_OK) status = take_role(c, &a, arena, error);
    seine_buf_free(&a.answer);
    return status;
}

static seine_status from_web_identity(seine_s3_credentials *c, seine_error *error) {
    const char *file = variable("AWS_WEB_IDENTITY_TOKEN_FILE"), *role = variable("AWS_ROLE_ARN");
    if (file == NULL) file = c->profile->token_file;
    if (role == NULL) role = c->profile->role;
    if (file == NULL) return SEINE_E_NOT_FOUND;
    if (role == NULL)
        return seine_fail(error, SEINE_E_IO, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
    seine_arena arena = {0};
    char *token = NULL;
    seine_status status = read_token(file, &arena, &token, error);
    if (status == SEINE_OK) status = ask_for_role(c, role, token, &arena, error);
    seine_arena_free(&arena);
    return status == SEINE_E_NOT_FOUND ? SEINE_E_IO : status; /* a file that should be there */
}

static seine_status ask_container(seine_s3_credentials *c, const char *url, seine_arena *arena, seine_error *error) {
    const char *told = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    const char *file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    char *token = told != NULL ? seine_arena_copy(arena, told, strlen(told)) : NULL;
    if (file != NULL) SEINE_TRY(read_token(file, arena, &token, error));
    const char *headers[] = {token != NULL ? seine_arena_printf(arena, "Authorization: %s", token) : NULL, NULL};
    asking a = {.what = "the container's credentials"};
    int code = 0;
    const seine_http_request request = {.url = url, .headers = headers, .is_near = true};
    seine_status status = ask(c, &request, &a, &code, error);
    if (status == SEINE_OK && code != 200)
        status = seine_fail(error, SEINE_E_IO, "the container has no credentials (HTTP %d): check its role", code);
    if (status == SEINE_OK) status = take_json(c, &a, error);
    seine_buf_free(&a.answer);
    return status;
}

static seine_status from_container(seine_s3_credentials *c, seine_error *error) {
    const char *relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative == NULL && full == NULL) return SEINE_E_NOT_FOUND;
    seine_arena arena = {0};
    const char *url = relative != NULL ? seine_arena_printf(&arena, CONTAINER_HOST "%s", relative) : full;
    const seine_status status =
        url != NULL ? ask_container(c, url, &arena, error) : seine_no_memory(error, "credentials");
    seine_arena_free(&arena);
    return status == SEINE_E_NOT_FOUND ? SEINE_E_IO : status;
}

/* One word or document of the machine's metadata. *code 0: nobody answers there. */
static seine_status ask_instance(seine_s3_credentials *c, const char *method, const char *url, const char *header,
                                 asking *a, int *code, seine_error *error) {
    const char *headers[] = {header, NULL};
    const seine_http_request request = {.url = url, .method = method, .headers = headers, .is_near = true};
    *a = (asking){.what = "the machine's credentials"};
    return ask(c, &request, a, code, error);
}

/* The session of the metadata service, as a header. @return OK, E_NOT_FOUND (no machine of Amazon's), E_NOMEM. */
static seine_status ask_session(seine_s3_credentials *c, const char *host, seine_arena *arena, char **header,
                                seine_error *error) {
    asking a = {0};
    int code = 0;
    const char *url = seine_arena_printf(arena, "%s/latest/api/token", host);
    if (url == NULL) return seine_no_memory(error, "credentials");
    seine_status status = ask_instance(c, "PUT", url, "X-aws-ec2-metadata-token-ttl-seconds: 300", &a, &code, error);
    if (status != SEINE_E_INTERRUPTED && code != 200) status = SEINE_E_NOT_FOUND;
    if (status == SEINE_OK && a.answer.size == 0) status = SEINE_E_NOT_FOUND;
    if (status == SEINE_OK) {
        *header = seine_arena_printf(arena, "X-aws-ec2-metadata-token: %.*s", (int)a.answer.size,
                                     (const char *)a.answer.data);
        if (*header == NULL) status = seine_no_memory(error, "credentials");
    }
    seine_buf_free(&a.answer);
    return status;
}

/* The address of the role's credentials. @return OK, E_NOT_FOUND (it has no role), E_NOMEM, E_IO. */
static seine_status ask_role(seine_s3_credentials *c, const char *host, const char *header, seine_arena *arena,
                             char **url, seine_error *error) {
    asking a = {0};
    int code = 0;
    char *folder = seine_arena_printf(arena, "%s/latest/meta-data/iam/security-credentials/", host);
    if (folder == NULL) return seine_no_memory(error, "credentials");
    seine_status status = ask_instance(c, NULL, folder, header, &a, &code, error);
    if (status == SEINE_OK && (code != 200 || a.answer.size == 0)) status = SEINE_E_NOT_FOUND;
    if (status == SEINE_OK) {
        const char *name = seine_buf_text(&a.answer);
        *url = name != NULL ? seine_arena_printf(arena, "%s%.*s", folder, (int)strcspn(name, "\r\n"), name) : NULL;
        if (*url == NULL) status = seine_no_memory(error, "credentials");
    }
    seine_buf_free(&a.answer);
    return status;
}

static seine_status ask_machine(seine_s3_credentials *c, const char *host, seine_arena *arena, seine_error *error) {
    char *header = NULL, *url = NULL;
    asking a = {0};
    int code = 0;
    SEINE_TRY(ask_session(c, host, arena, &header, error));
    SEINE_TRY(ask_role(c, host, header, arena, &url, error));
    seine_status status = ask_instance(c, NULL, url, header, &a, &code, error);
    if (status == SEINE_OK) status = take_json(c, &a, error);
    seine_buf_free(&a.answer);
    return status;
}

static seine_status from_machine(seine_s3_credentials *c, seine_error *error) {
    const char *disabled = variable("AWS_EC2_METADATA_DISABLED"), *host = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (disabled != NULL && seine_str_equal_nocase(seine_str_of(disabled), SEINE_STR("true"))) return SEINE_E_NOT_FOUND;
    seine_arena arena = {0};
    const seine_status status = ask_machine(c, host != NULL ? host : INSTANCE_HOST, &arena, error);
    seine_arena_free(&arena);
    return status;
}

/* ---- all of them ------------------------------------------------------------------------------------------------ */

static seine_status find(seine_s3_credentials *c, seine_error *error) {
    static seine_status (*const sources[])(seine_s3_credentials *, seine_error *) = {
        from_environment, from_web_identity, from_profile, from_container, from_machine};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        const seine_status status = sources[i](c, error);
        if (status != SEINE_E_NOT_FOUND) return status;
    }
    return seine_fail(error, SEINE_E_IO,
                      "no credentials for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
}

seine_status seine_s3_credentials_open(const seine_s3_profile *profile, const char *region, const atomic_bool *stop,
                                       seine_s3_credentials **credentials, seine_error *error) {
    seine_s3_credentials *c = calloc(1, sizeof *c);
    *credentials = c;
    if (c == NULL) return seine_no_memory(error, "credentials");
    (void)pthread_mutex_init(&c->mutex, NULL);
    c->profile = profile;
    c->region = region;
    c->progress.stop = stop;
    return SEINE_OK;
}

void seine_s3_credentials_close(seine_s3_credentials *credentials) {
    if (credentials == NULL) return;
    (void)pthread_mutex_destroy(&credentials->mutex);
    free(credentials);
}

/* Asks the sources; without an answer all stays as it was. Under the mutex. */
static seine_status take_anew(seine_s3_credentials *c, seine_error *error) {
    const seine_s3_identity former = c->now;
    const int64_t former_ends_us = c->ends_us;
    c->asked_us = seine_clock_monotonic_us();
    const seine_status status = find(c, error);
    if (status == SEINE_OK) {
        c->is_known = true;
    } else {
        c->now = former;
        c->ends_us = former_ends_us;
    }
    return status;
}

seine_status seine_s3_credentials_get(seine_s3_credentials *credentials, seine_s3_identity *identity,
                                      seine_error *error) {
    seine_status status = SEINE_OK;
    (void)pthread_mutex_lock(&credentials->mutex);
    const int64_t now_us = seine_clock_wall_us(), ends_us = credentials->ends_us;
    const bool is_good = credentials->is_known && now_us < ends_us;
    const bool is_early = ends_us != INT64_MAX && now_us > ends_us - EARLY_US &&
                          seine_clock_monotonic_us() - credentials->asked_us >= AGAIN_US;
    if (!is_good || is_early) status = take_anew(credentials, error);
    if (is_good && status != SEINE_E_INTERRUPTED) status = SEINE_OK;
    *identity = credentials->now;
    (void)pthread_mutex_unlock(&credentials->mutex);
    return status;
}

static bool is_same(const seine_s3_identity *a, const seine_s3_identity *b) {
    return strcmp(a->access, b->access) == 0 && strcmp(a->secret, b->secret) == 0 && strcmp(a->token, b->token) == 0;
}

seine_status seine_s3_credentials_renew(seine_s3_credentials *credentials, seine_s3_identity *identity) {
    seine_status status = SEINE_OK;
    (void)pthread_mutex_lock(&credentials->mutex);
    if (is_same(&credentials->now, identity)) status = take_anew(credentials, NULL); /* else somebody else has */
    if (status == SEINE_OK && is_same(&credentials->now, identity)) status = SEINE_E_NOT_FOUND;
    *identity = credentials->now;
    (void)pthread_mutex_unlock(&credentials->mutex);
    return status;
}
