/*
 * Growth control: snapshots are forgotten, then the files which no remembered snapshot needs are deleted. Both look at
 * paths, never at spellings of locations: a file under two spellings is one file.
 */
#include "base/array.h"
#include "base/dict.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/dataset.h"
#include "table/source.h"
#include "table/commit.h"
#include "table/file_ledger.h"
#include "table/ledger.h"
#include "table/relocate/move.h"

#define REMOVED_AT_ONCE 1000

/* ---- sets of paths ---- */

static seine_status add_path(seine_dict *set, const char *path, seine_error *error) {
    uint32_t code;
    const seine_status status = seine_dict_intern(set, seine_str_of(path), &code);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "table care: too many files");
}

static seine_status add_location(seine_dict *set, seine_str location, seine_error *error) {
    seine_arena arena = {0};
    char *path = NULL;
    seine_status status = seine_file_path_of_uri(location, &arena, &path, error);
    if (status == SEINE_OK) status = add_path(set, path, error);
    seine_arena_free(&arena);
    return status;
}

/* Manifests and live files: what a remembered snapshot needs. */
static seine_status add_needed(void *context, const seine_manifest_row *row, const seine_manifest_entry *entry,
                               seine_error *error) {
    seine_dict *set = context;
    if (entry == NULL) return add_location(set, seine_str_of(row->location), error);
    if (entry->status == SEINE_ENTRY_DELETED) return SEINE_OK;
    return add_path(set, entry->live.file.path, error);
}

/* Everything a forgotten snapshot names. */
static seine_status add_named(void *context, const seine_manifest_row *row, const seine_manifest_entry *entry,
                              seine_error *error) {
    seine_dict *set = context;
    if (entry == NULL) return add_location(set, seine_str_of(row->location), error);
    return add_path(set, entry->live.file.path, error);
}

static seine_status add_snapshot(const seine_table *table, size_t index, seine_dict *seen, seine_walk_fn add,
                                 seine_dict *set, seine_error *error) {
    const char *list = table->metadata.lists[index];
    if (list == NULL) return SEINE_OK;
    const seine_status status = add_location(set, seine_str_of(list), error);
    return status == SEINE_OK ? seine_table_walk(table, index, seen, add, set, error) : status;
}

/* ---- expire ---- */

/* Whether a branch or tag, or the current state, holds the snapshot. */
static bool is_held(const seine_metadata *m, int64_t id) {
    if (id == m->current_snapshot_id) return true;
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_get(seine_json_root(m->json), "refs"), &it))
        if (seine_json_int(seine_json_get(it.value, "snapshot-id"), -1) == id) return true;
    return false;
}

/* Of those that may go the oldest so many. */
static size_t choose_expired(const seine_metadata *m, const seine_expiry *how, int64_t *ids, bool *is_expired) {
    const size_t newest = how->keep > 0 ? (size_t)how->keep : 0;
    const size_t last = m->snapshot_count > newest ? m->snapshot_count - newest : 0;
    size_t count = 0;
    for (size_t i = 0; i < last && (how->most == 0 || count < how->most); i++) {
        const seine_snapshot *snapshot = &m->snapshots[i];
        if (snapshot->time_ms >= how->older_than_us / 1000 || is_held(m, snapshot->id)) continue;
        is_expired[i] = true;
        ids[count++] = snapshot->id;
    }
    return count;
}

/* Whether each snapshot was made from the one before it. */
static bool is_chain(const seine_metadata *m) {
    for (size_t i = 1; i < m->snapshot_count; i++)
        if (m->snapshots[i].parent_id != m->snapshots[i - 1].id) return false;
    return true;
}

/*
 * Whether what a snapshot needs is to be looked up. In a chain what was removed never comes back, so that a file which
 * an expired snapshot and one that stays both need is needed by the nearest one that stays, too: however long the chain
 * is, few are read. The current one is, in any case.
 */
static bool is_witness(const seine_metadata *m, const bool *is_expired, bool in_chain, size_t i) {
    if (is_expired[i]) return false;
    if (!in_chain || m->snapshots[i].id == m->current_snapshot_id) return true;
    return (i > 0 && is_expired[i - 1]) || (i + 1 < m->snapshot_count && is_expired[i + 1]);
}

static seine_status commit_expiry(seine_catalog *catalog, seine_table *table, const int64_t *ids, size_t count,
                                  const seine_arena_list *dead, seine_error *error) {
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    seine_change *change = NULL;
    SEINE_TRY(seine_commit_begin(catalog, NULL, &commit, error));
    SEINE_TRY(seine_commit_change(commit, table, &change, error));
    for (size_t i = 0; i < dead->count; i++)
        SEINE_TRY(seine_ledger_drop_file(commit, ((const char **)dead->items)[i], error));
    change->expired = ids;
    change->expired_count = count;
    return seine_commit_execute(SEINE_TAKE(commit), error);
}

/* What the snapshots that go name, and what those need that stay. */
static seine_status read_names(const seine_table *table, const bool *is_expired, const seine_progress *progress,
                               seine_dict *needed, seine_dict *named, seine_error *error) {
    const seine_metadata *m = &table->metadata;
    const size_t count = m->snapshot_count;
    const bool in_chain = is_chain(m);
    seine_dict seen = {0}; /* shared: a manifest that is needed names nothing dead */
    seine_status status = SEINE_OK;
    for (size_t turn = 0; turn < 2 * count && status == SEINE_OK; turn++) {
        const size_t i = turn % count;
        const bool names = turn >= count;
        if (names ? !is_expired[i] : !is_witness(m, is_expired, in_chain, i)) continue;
        if (seine_progress_stopped(progress)) status = seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        seine_progress_report(progress, "reading snapshots", turn, 2 * count);
        if (status == SEINE_OK)
            status = add_snapshot(table, i, &seen, names ? add_named : add_needed, names ? named : needed, error);
    }
    seine_dict_free(&seen);
    return status;
}

/* Paths that are named and not needed. What lies outside the lake, or may do so, can be another one's, too: a copy
 * names such files as its source does. */
static seine_status list_dead(const seine_catalog *catalog, const seine_dict *needed, const seine_dict *named,
                              seine_arena *arena, seine_arena_list *dead, seine_error *error) {
    for (uint32_t i = 0; i < named->count; i++) {
        const seine_str name = named->entries[i];
        if (seine_dict_find(needed, name) != SEINE_CODE_NULL) continue;
        const char *path = seine_arena_copy(arena, name.data, name.size);
        if (path == NULL) return seine_no_memory(error, "table care");
        if (!seine_move_is_below(path, catalog->lake) || seine_move_climbs(path)) continue;
        const char **added = seine_arena_list_add(dead, arena, sizeof *added);
        if (added == NULL) return seine_no_memory(error, "table care");
        *added = path;
    }
    return SEINE_OK;
}

static seine_status find_dead(const seine_catalog *catalog, seine_table *table, const bool *is_expired,
                              const seine_progress *progress, seine_arena_list *dead, seine_error *error) {
    seine_dict needed = {0}, named = {0};
    seine_status status = read_names(table, is_expired, progress, &needed, &named, error);
    if (status == SEINE_OK) status = list_dead(catalog, &needed, &named, &table->arena, dead, error);
    seine_dict_free(&needed);
    seine_dict_free(&named);
    return status;
}

/* Removing is best effort: what stays is found as an orphan later. */
static size_t remove_dead(const seine_arena_list *dead, const seine_progress *progress) {
    size_t removed = 0;
    for (size_t i = 0; i < dead->count; i += REMOVED_AT_ONCE) {
        const size_t count = dead->count - i < REMOVED_AT_ONCE ? dead->count - i : REMOVED_AT_ONCE;
        seine_progress_report(progress, "removing files", i, dead->count);
        if (seine_file_remove_many((const char *const *)dead->items + i, count, NULL) == SEINE_OK) removed += count;
    }
    return removed;
}

static seine_status expire(seine_catalog *catalog, seine_table *table, const seine_expiry *how, size_t *snapshots,
                           size_t *files, seine_error *error) {
    const seine_metadata *m = &table->metadata;
    int64_t *ids = SEINE_ARENA_ARRAY(&table->arena, int64_t, m->snapshot_count);
    bool *is_expired = SEINE_ARENA_ARRAY(&table->arena, bool, m->snapshot_count);
    seine_arena_list dead = {0};
    if (ids == NULL || is_expired == NULL) return seine_no_memory(error, "table care");
    const size_t count = choose_expired(m, how, ids, is_expired);
    if (count == 0) return SEINE_OK;
    /* Found before the commit: afterwards a failure to read would leave files nobody looks for. */
    SEINE_TRY(find_dead(catalog, table, is_expired, how->progress, &dead, error));
    SEINE_TRY(commit_expiry(catalog, table, ids, count, &dead, error));
    *snapshots = count;
    *files = remove_dead(&dead, how->progress);
    return SEINE_OK;
}

seine_status seine_table_expire(seine_catalog *catalog, const char *name, const seine_expiry *how, size_t *snapshots,
                                size_t *files, seine_error *error) {
    seine_table *table = NULL;
    seine_lease *lease = NULL;
    *snapshots = *files = 0;
    seine_status status = seine_lease_take(catalog, SEINE_LEASE_CARE, &lease, error);
    if (status == SEINE_OK) status = seine_table_load(catalog, name, (seine_at){0}, &table, error);
    if (status == SEINE_OK) status = expire(catalog, table, how, snapshots, files, error);
    seine_table_close(table);
    seine_lease_release(lease);
    return status;
}

/* ---- orphans ---- */

static seine_status add_paths_of(seine_json_value array, const char *key, seine_dict *set, seine_error *error) {
    seine_json_iter it = {0};
    seine_status status = SEINE_OK;
    while (status == SEINE_OK && seine_json_next(array, &it)) {
        const seine_str location = seine_json_text(seine_json_get(it.value, key));
        if (location.size > 0) status = add_location(set, location, error);
    }
    return status;
}

/* Every file that the table's current metadata refers to, over all its snapshots. */
static seine_status add_all_needed(const seine_table *table, seine_dict *set, seine_error *error) {
    static const char *const arrays[][2] = {{"metadata-log", "metadata-file"},
                                            {"statistics", "statistics-path"},
                                            {"partition-statistics", "statistics-path"}};
    const seine_json_value root = seine_json_root(table->metadata.json);
    seine_dict seen = {0};
    seine_status status = add_path(set, table->metadata_path, error);
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0] && status == SEINE_OK; i++)
        status = add_paths_of(seine_json_get(root, arrays[i][0]), arrays[i][1], set, error);
    for (size_t i = 0; i < table->metadata.snapshot_count && status == SEINE_OK; i++)
        status = add_snapshot(table, i, &seen, add_needed, set, error);
    seine_dict_free(&seen);
    return status;
}

static bool is_needed(const seine_dict *set, const char *path, seine_arena *arena) {
    if (seine_dict_find(set, seine_str_of(path)) != SEINE_CODE_NULL) return true;
    const char *name = seine_file_name(path);
    if (strcmp(name, "version-hint.text") == 0) return true;
    if (name[0] != '.' || !seine_str_ends_with_nocase(seine_str_of(name), SEINE_STR(".crc"))) return false;
    /* Spark's checksum ".x.crc" belongs to the file "x". */
    const char *owner =
        seine_arena_printf(arena, "%.*s%.*s", (int)(name - path), path, (int)strlen(name) - 5, name + 1);
    return owner == NULL || seine_dict_find(set, seine_str_of(owner)) != SEINE_CODE_NULL;
}

/* Files, or what began to be written and never ended (@p unfinished), that nothing needs. */
static seine_status collect_orphans(const seine_table *table, bool unfinished, const seine_dict *needed,
                                    int64_t older_than_us, seine_arena *arena, seine_arena_list *orphans,
                                    seine_error *error) {
    seine_arena scratch = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    seine_status status = unfinished ? seine_file_list_unfinished(table->folder, &scratch, &entries, &count, error)
                                     : seine_file_list(table->folder, true, &scratch, &entries, &count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        if (entries[i].info.kind != SEINE_FILE_PLAIN || entries[i].info.modified_us >= older_than_us) continue;
        char *path = seine_arena_printf(arena, "%s/%s", table->folder, entries[i].name);
        if (path == NULL) {
            status = seine_no_memory(error, "table care");
        } else if (!is_needed(needed, path, &scratch)) {
            char **orphan = seine_arena_list_add(orphans, arena, sizeof *orphan);
            if (orphan == NULL) status = seine_no_memory(error, "table care");
            if (orphan != NULL) *orphan = path;
        }
    }
    seine_arena_free(&scratch);
    return status;
}

/* Some are known to the ledger: a replaced table's, and manifests of before a relocation. */
static seine_status give_up(seine_catalog *catalog, const char *const *paths, size_t count, seine_error *error) {
    seine_commit *commit = NULL;
    seine_status status = seine_commit_begin(catalog, NULL, &commit, error);
    if (status != SEINE_OK) return status;
    for (size_t i = 0; i < count && status == SEINE_OK; i++) status = seine_ledger_drop_file(commit, paths[i], error);
    if (status == SEINE_OK) return seine_commit_execute(commit, error);
    seine_commit_abort(commit);
    return status;
}

static seine_status find_orphans(seine_catalog *catalog, const char *name, int64_t older_than_us, seine_arena *arena,
                                 seine_arena_list *orphans, seine_error *error) {
    seine_table *table = NULL;
    seine_dict needed = {0};
    *orphans = (seine_arena_list){0};
    seine_status status = seine_table_load(catalog, name, (seine_at){0}, &table, error);
    if (status == SEINE_OK) status = add_all_needed(table, &needed, error);
    if (status == SEINE_OK) status = collect_orphans(table, false, &needed, older_than_us, arena, orphans, error);
    if (status == SEINE_OK) status = collect_orphans(table, true, &needed, older_than_us, arena, orphans, error);
    seine_dict_free(&needed);
    seine_table_close(table);
    return status;
}

/* ---- removing them, beside nobody ---- */

/* Every writer of Seine holds one of them while its files wait for their commit. */
typedef struct held_leases {
    seine_lease **leases;
    size_t count;
} held_leases;

/* Of which one dataset is ingested each. */
static seine_status list_writers(seine_catalog *catalog, seine_arena *arena, const char ***names, size_t *count,
                                 seine_error *error) {
    static const char *const always[] = {SEINE_LEASE_INGEST SEINE_DATASET_AIS, SEINE_LEASE_REFRESH,
                                         SEINE_LEASE_REFERENCE, SEINE_LEASE_CARE};
    seine_dataset_row *datasets = NULL;
    size_t dataset_count = 0;
    SEINE_TRY(seine_lake_datasets(catalog, arena, &datasets, &dataset_count, error));
    *names = SEINE_ARENA_ARRAY(arena, const char *, dataset_count + sizeof always / sizeof *always);
    if (*names == NULL) return seine_no_memory(error, "leases");
    *count = 0;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) (*names)[(*count)++] = always[i];
    for (size_t i = 0; i < dataset_count; i++) {
        (*names)[*count] = seine_arena_printf(arena, SEINE_LEASE_INGEST "%s", datasets[i].name);
        if ((*names)[(*count)++] == NULL) return seine_no_memory(error, "leases");
    }
    return SEINE_OK;
}

static seine_status hold_writers(seine_catalog *catalog, seine_arena *arena, held_leases *held, seine_error *error) {
    const char **writers = NULL;
    size_t count = 0;
    SEINE_TRY(list_writers(catalog, arena, &writers, &count, error));
    held->leases = SEINE_ARENA_ARRAY(arena, seine_lease *, count);
    if (held->leases == NULL) return seine_no_memory(error, "leases");
    for (; held->count < count; held->count++) {
        seine_error why = {0};
        const seine_status status = seine_lease_take(catalog, writers[held->count], &held->leases[held->count], &why);
        if (status == SEINE_E_BUSY)
            return seine_fail(error, status,
                              "what looks like orphans may be a running command's: nothing was removed; %s", why.text);
        if (status != SEINE_OK) return seine_fail(error, status, "%s", why.text);
    }
    return SEINE_OK;
}

/* Writers of other programs take no lease: only the age of their files tells that nobody works on them. */
static bool is_written_by_others(const char *name) {
    return seine_schema_find(name) == NULL && strncmp(name, "gold.", 5) != 0;
}

static seine_status remove_orphans(seine_catalog *catalog, const char *name, int64_t older_than_us, seine_arena *arena,
                                   seine_arena_list *orphans, seine_error *error) {
    held_leases held = {0};
    seine_status status = hold_writers(catalog, arena, &held, error);
    /* Again: what was found before the leases may have been committed since. */
    if (status == SEINE_OK) status = find_orphans(catalog, name, older_than_us, arena, orphans, error);
    char **paths = orphans->items;
    if (status == SEINE_OK) status = give_up(catalog, (const char *const *)paths, orphans->count, error);
    for (size_t i = 0; i < orphans->count && status == SEINE_OK; i++) {
        status = seine_file_remove(paths[i], error);
        if (status == SEINE_E_NOT_FOUND) status = SEINE_OK; /* somebody else was faster */
    }
    while (held.count > 0) seine_lease_release(held.leases[--held.count]);
    return status;
}

seine_status seine_table_orphans(seine_catalog *catalog, const char *name, int64_t older_than_us, bool remove,
                                 seine_arena *arena, char ***paths, size_t *count, seine_error *error) {
    seine_arena_list orphans = {0};
    const int64_t youngest_us = seine_clock_now_us() - SEINE_CARE_OTHERS_AGE_US;
    if (is_written_by_others(name) && older_than_us > youngest_us) older_than_us = youngest_us;
    seine_status status = find_orphans(catalog, name, older_than_us, arena, &orphans, error);
    if (status == SEINE_OK && remove && orphans.count > 0)
        status = remove_orphans(catalog, name, older_than_us, arena, &orphans, error);
    *paths = orphans.items;
    *count = orphans.count;
    return status;
}
