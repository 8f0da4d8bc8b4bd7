/* links: parquet engine io core columns base */
/*
 * Bytes that begin with "PAR1" as a file in which rows are looked up; others as a page of each encoding: byte 0 is the
 * number of values, byte 1 the size of a number. Any bytes end in a status, never in a crash.
 */
#include "parquet/decode.h"
#include "parquet/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define VALUES_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const seine_column columns[] = {
    {1, "mmsi", SEINE_TYPE_STRING, true, false, "", ""},  {2, "ts", SEINE_TYPE_TIMESTAMPTZ, true, false, "", ""},
    {3, "lat", SEINE_TYPE_DOUBLE, true, false, "", ""},   {4, "sog", SEINE_TYPE_DOUBLE, false, false, "", ""},
    {5, "port", SEINE_TYPE_STRING, false, false, "", ""}, {6, "free", SEINE_TYPE_STRING, true, false, "", ""},
    {7, "is", SEINE_TYPE_BOOLEAN, false, false, "", ""},  {8, "row", SEINE_TYPE_LONG, false, false, "", ""},
};
static const seine_table_schema schema = {"fuzz.rows", "", columns, 8, {{0}}, 0, {1, 2}};
static const size_t all[] = {0, 1, 2, 3, 4, 5, 6, 7};

static void read_file(const uint8_t *data, size_t size) {
    const seine_parquet_wanted wanted = {&schema, all, 8, 0, SEINE_STR("200000002"), 1, 0, INT64_MAX};
    char path[64];
    const int descriptor = memfd_create("fuzz", 0);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size) abort();
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    seine_parquet_room room;
    seine_parquet_reader *reader = NULL;
    seine_arena arena = {0};
    seine_rows rows = {.count = 1};
    seine_parquet_room_init(&room);
    seine_status status = seine_parquet_reader_open(path, &wanted, &room, &reader, NULL);
    while (status == SEINE_OK && rows.count > 0) status = seine_parquet_reader_next(reader, &arena, &rows, NULL);
    seine_parquet_reader_close(reader);
    seine_parquet_room_free(&room);
    seine_arena_free(&arena);
    (void)close(descriptor);
}

static void read_page(const uint8_t *data, size_t size) {
    const size_t values = data[0], width = data[1] % 2 == 0 ? 8 : 4;
    const seine_bytes in = seine_bytes_of(data + 2, size - 2);
    uint64_t numbers[VALUES_MAX];
    seine_str texts[VALUES_MAX];
    uint32_t places[VALUES_MAX], codes[VALUES_MAX], count = 0;
    uint8_t bits[VALUES_MAX];
    for (uint32_t i = 0; i < values; i += 1 + i % 3) places[count++] = i;
    const seine_picks picks = {places, count};
    seine_bytes levels = in;
    seine_status status = seine_decode_levels(&levels, bits, values);
    status |= seine_decode_codes(in, values, picks, codes);
    status |= seine_decode_delta(in, width, values, picks, numbers);
    status |= seine_decode_split(in, values, picks, numbers);
    status |= seine_decode_numbers(in, width, values, picks, numbers);
    status |= seine_decode_bits(in, values, picks, bits);
    status |= seine_decode_texts(in, values, picks, texts);
    memset(bits, 1, sizeof bits);
    size_t found = 0;
    status |= seine_decode_find_codes(in, values, bits, VALUES_MAX, codes, &found);
    status |= seine_decode_find_texts(in, values, SEINE_STR("A"), codes, &found);
    if (status != SEINE_OK && found > values) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size >= 4 && memcmp(data, "PAR1", 4) == 0)
        read_file(data, size);
    else if (size >= 2)
        read_page(data, size);
    return 0;
}
