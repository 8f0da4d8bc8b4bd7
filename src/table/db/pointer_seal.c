/*
 * A row of iceberg_tables is sealed alone, in seine_table, because other programs may add rows there: a table that was
 * put there by Seine is known from then on, with the hash of its row.
 */
#include "base/try.h"
#include "table/db/internal.h"

#include <stdlib.h>
#include <string.h>

void seine_row_hash_add(seine_row_hash *row, uint64_t kind, const void *bytes, size_t size) {
    if (row->count == SEINE_DB_COLUMNS_MAX) {
        row->failed = true;
        return;
    }
    row->parts[row->count].value = bytes != NULL ? seine_hash128_of(bytes, size) : (seine_hash128){0, 0};
    row->parts[row->count++].kind = kind;
}

seine_hash128 seine_row_hash_end(const seine_row_hash *row) {
    return seine_hash128_of(row->parts, row->count * sizeof row->parts[0]);
}

void seine_pointer_seals_clear(seine_pointer_seals *seals) {
    while (seals->first != NULL) {
        seine_pointer_seal *next = seals->first->next;
        free(seals->first->name);
        free(seals->first);
        seals->first = next;
    }
    seals->last = &seals->first;
}

bool seine_pointer_seals_add(seine_pointer_seals *seals, seine_pointer_operation operation, const char *const names[3],
                             seine_hash128 hash) {
    const size_t sizes[] = {strlen(names[0]), strlen(names[1]), strlen(names[2])};
    seine_pointer_seal *made = malloc(sizeof *made);
    char *name = malloc(sizes[0] + sizes[1] + sizes[2] + 3);
    if (made == NULL || name == NULL) {
        free(made);
        free(name);
        return false;
    }
    char *end = name;
    for (size_t i = 0; i < 3; i++) {
        memcpy(end, names[i], sizes[i]);
        end += sizes[i];
        *end++ = i < 2 ? '.' : '\0';
    }
    *made = (seine_pointer_seal){.operation = operation, .name = name, .hash = hash};
    *seals->last = made;
    seals->last = &made->next;
    return true;
}

static seine_status write_one(seine_db *db, const seine_pointer_seal *pointer, seine_error *error) {
    char hex[33];
    seine_hash128_hex(pointer->hash, hex);
    const seine_db_value row[] = {seine_db_text(pointer->name), seine_db_text(hex)};
    switch (pointer->operation) {
    case SEINE_POINTER_DROP: return seine_db_change(db, "DELETE FROM seine_table WHERE name = ?1", row, 1, NULL, error);
    case SEINE_POINTER_PUT:
        return seine_db_change(db,
                               "INSERT INTO seine_table(name, hash) VALUES(?1, ?2)"
                               " ON CONFLICT (name) DO UPDATE SET hash = excluded.hash",
                               row, 2, NULL, error);
    default: return seine_db_change(db, "UPDATE seine_table SET hash = ?2 WHERE name = ?1", row, 2, NULL, error);
    }
}

seine_status seine_pointer_seals_write(seine_db *db, const seine_pointer_seals *seals, seine_error *error) {
    for (const seine_pointer_seal *p = seals->first; p != NULL; p = p->next) SEINE_TRY(write_one(db, p, error));
    return SEINE_OK;
}
