#include "io/foreign.h"

#include <string.h>

#define UNPACK "unpack it, then give the .csv, or pack that with zstd, gzip or zip"
#define RECODE "make it UTF-8 first, as iconv -f UTF-16 -t UTF-8 does"
#define EXPORT "write it as CSV first"

static const struct {
    size_t at, size;
    const char *bytes;
    seine_foreign foreign;
} magics[] = {
    {0, 3, "BZh", {"a bzip2 archive", UNPACK, false}},
    {0,
     6,
     "\xFD"
     "7zXZ\0",
     {"an xz archive", UNPACK, false}},
    {0, 5, "\x5D\0\0\x80\0", {"an lzma archive", UNPACK, false}},
    {0, 6, "7z\xBC\xAF\x27\x1C", {"a 7-zip archive", UNPACK, false}},
    {0, 4, "Rar!", {"a rar archive", UNPACK, false}},
    {0, 4, "LZIP", {"an lzip archive", UNPACK, false}},
    {0, 4, "\x04\x22\x4D\x18", {"an lz4 archive", UNPACK, false}},
    {0, 2, "\x1F\x9D", {"a compress (.Z) archive", UNPACK, false}},
    {0, 4, "PK\x07\x08", {"one part of a zip in several parts", "join the parts first", false}},
    {257, 5, "ustar", {"a tar archive", UNPACK, false}},
    {0, 4, "\xFF\xFE\0\0", {"text in UTF-32", "make it UTF-8 first, as iconv -f UTF-32 -t UTF-8 does", false}},
    {0, 4, "\0\0\xFE\xFF", {"text in UTF-32", "make it UTF-8 first, as iconv -f UTF-32 -t UTF-8 does", false}},
    {0, 2, "\xFF\xFE", {"text in UTF-16", RECODE, false}},
    {0, 2, "\xFE\xFF", {"text in UTF-16", RECODE, false}},
    {0, 6, "ARROW1", {"an Arrow file", EXPORT, false}},
    {0, 15, "SQLite format 3", {"an SQLite database", EXPORT, false}},
    {0, 4, "%PDF", {"a PDF document", EXPORT, false}},
    {0, 8, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", {"a spreadsheet of Excel", EXPORT, false}},
};

static const char *const pages[] = {"<!doctype html", "<html", "<?xml"};

/* Small letters of the start, for what is written with either case. */
static int begins_like(const uint8_t *bytes, size_t size, const char *text) {
    for (; *text != '\0'; text++, bytes++, size--) {
        if (size == 0) return 0;
        const uint8_t c = *bytes >= 'A' && *bytes <= 'Z' ? (uint8_t)(*bytes + 32) : *bytes;
        if (c != (uint8_t)*text) return 0;
    }
    return 1;
}

/* UTF-16 without a mark: four ASCII letters, with a NUL before (first 0) or behind (first 1) each. */
static int has_nul_beside_letters(const uint8_t *bytes, size_t size, size_t first) {
    enum { LETTERS = 4 };
    if (size < 2 * LETTERS) return 0;
    for (size_t i = 0; i < LETTERS; i++)
        if (bytes[2 * i + first] != 0 || bytes[2 * i + 1 - first] < ' ') return 0;
    return 1;
}

const seine_foreign *seine_foreign_of(const uint8_t *bytes, size_t size) {
    static const seine_foreign page = {"a web page or XML, no CSV", "see what the server says there", true};
    static const seine_foreign wide = {"text in UTF-16", RECODE, false};
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (size >= magics[i].at + magics[i].size && memcmp(bytes + magics[i].at, magics[i].bytes, magics[i].size) == 0)
            return &magics[i].foreign;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (begins_like(bytes, size, pages[i])) return &page;
    return has_nul_beside_letters(bytes, size, 0) || has_nul_beside_letters(bytes, size, 1) ? &wide : NULL;
}

const char *seine_zip_method_name(unsigned method) {
    static const struct {
        unsigned method;
        const char *name;
    } names[] = {{0, "stored"}, {1, "Shrink"}, {6, "Implode"}, {8, "Deflate"},  {9, "Deflate64"},  {12, "bzip2"},
                 {14, "LZMA"},  {16, "z/OS"},  {18, "TERSE"},  {19, "LZ77"},    {20, "Zstandard"}, {93, "Zstandard"},
                 {94, "MP3"},   {95, "XZ"},    {96, "JPEG"},   {97, "WavPack"}, {98, "PPMd"},      {99, "AES"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].method == method) return names[i].name;
    return "unknown";
}
