/* Names that people give to an id, a time, a place, a measure, best ones first, as letters and digits. */
#include "cli/dataset/guess.h"

#include "columns/dataset_read.h"
#include "decode/field.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const id_names[] = {
    "mmsi",
    "vin",
    "imei",
    "deviceid",
    "vehicleid",
    "vesselid",
    "moverid",
    "trackerid",
    "unitid",
    "tagid",
    "animalid",
    "busid",
    "shipid",
    "truckid",
    "carid",
    "trackid",
    "ssvid",
    "icao24",
    "hex",
    "device",
    "vehicle",
    "vessel",
    "mover",
    "tracker",
    "unit",
    "animal",
    "bus",
    "ship",
    "truck",
    "tag",
    "bike",
    "driver",
    "taglocalidentifier",
    "individuallocalidentifier",
    "plate",
    "registration",
    "callsign",
    "objectid",
    "assetid",
    "asset",
    "userid",
    "user",
    "uid",
    "uuid",
    "tripid",
    "ident",
    "fahrzeug",
    "id",
    "name",
};
static const char *const time_names[] = {
    "timestamp",  "basedatetime", "datetime",   "fixtime",   "gpstime",    "eventtime", "positiontime", "measuredat",
    "recordedat", "observedat",   "devicetime", "time",      "ts",         "timeutc",   "timestamputc", "utctime",
    "utc",        "date",         "receivedat", "createdat", "servertime", "zeit",      "zeitstempel",  "fecha",
};
static const char *const lat_names[] = {
    "latitude",    "lat",         "gpslatitude", "gpslat",  "positionlat", "decimallatitude",
    "locationlat", "breitengrad", "breite",      "latitud", "y",
};
static const char *const lon_names[] = {
    "longitude",    "lon",         "lng",         "long",         "gpslongitude",
    "gpslon",       "gpslng",      "positionlon", "positionlong", "decimallongitude",
    "locationlong", "locationlon", "laengengrad", "lnge",         "laenge",
    "longitud",     "x",
};

/* ---- names ---- */

/* Letters and digits of the last part of a name, or of all of it. */
static void plain_of(const char *name, bool is_whole, char word[SEINE_FIELD_WORD_MAX]) {
    const char *point = is_whole ? NULL : strrchr(name, '.');
    (void)seine_field_plain_word(seine_str_of(point != NULL ? point + 1 : name), word);
}

/* @return the place among @p names; those that only contain one of them (of four letters or more) come behind all. */
static size_t rank_of(const char *name, const char *const *names, size_t count) {
    char whole[SEINE_FIELD_WORD_MAX], last[SEINE_FIELD_WORD_MAX];
    plain_of(name, true, whole);
    plain_of(name, false, last);
    for (size_t i = 0; i < count; i++)
        if (strcmp(whole, names[i]) == 0 || strcmp(last, names[i]) == 0) return i;
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i]) >= 4 && strstr(last, names[i]) != NULL) return count + i;
    return SIZE_MAX;
}

bool seine_guess_is_null(const char *word) {
    static const char *const words[] = {"na",        "null",         "none",    "nan", "unknown",
                                        "undefined", "notavailable", "missing", "nil"};
    char plain[SEINE_FIELD_WORD_MAX];
    if (word[strspn(word, "-?*. ")] == '\0') return true;
    (void)seine_field_plain_word(seine_str_of(word), plain);
    for (size_t i = 0; i < COUNT(words); i++)
        if (strcmp(plain, words[i]) == 0) return true;
    return false;
}

static const struct {
    const char *ending, *unit;
} units[] = {{"km_h", "km/h"}, {"kmh", "km/h"},  {"kph", "km/h"},    {"mph", "mph"},      {"knots", "kn"},
             {"knot", "kn"},   {"kts", "kn"},    {"kt", "kn"},       {"kn", "kn"},        {"m_s", "m/s"},
             {"mps", "m/s"},   {"ms", "m/s"},    {"degrees", "deg"}, {"deg", "deg"},      {"rad", "rad"},
             {"meters", "m"},  {"metres", "m"},  {"km", "km"},       {"m", "m"},          {"feet", "ft"},
             {"ft", "ft"},     {"celsius", "C"}, {"c", "C"},         {"fahrenheit", "F"}, {"percent", "%"},
             {"pct", "%"},     {"volts", "V"},   {"v", "V"},         {"rpm", "rpm"},      {"kg", "kg"},
             {"hpa", "hPa"},   {"psi", "psi"},   {"bar", "bar"}};

const char *seine_guess_unit(const char *name, size_t *base) {
    const size_t size = strlen(name);
    *base = size;
    for (size_t i = 0; i < COUNT(units); i++) {
        const size_t ending = strlen(units[i].ending);
        if (size < ending + 2 || name[size - ending - 1] != '_' || strcmp(name + size - ending, units[i].ending) != 0)
            continue;
        const bool is_time = strcmp(units[i].ending, "ms") == 0 && seine_guess_measure(name) == NULL;
        if (is_time) continue; /* milliseconds, rather */
        *base = size - ending - 1;
        return units[i].unit;
    }
    return NULL;
}

static const struct {
    const char *word, *measure;
} measures[] = {{"speed", "speed"},   {"velocity", "speed"},    {"sog", "speed"},          {"geschwindigkeit", "speed"},
                {"vitesse", "speed"}, {"tempo", "speed"},       {"velocidad", "speed"},    {"course", "course"},
                {"cog", "course"},    {"bearing", "course"},    {"direction", "course"},   {"heading", "heading"},
                {"hdg", "heading"},   {"altitude", "altitude"}, {"elevation", "altitude"}, {"ele", "altitude"},
                {"alt", "altitude"},  {"height", "altitude"}};

/* Whether a word stands in a name with no letter beside it, as in "COG_degrees". */
static bool has_word(const char *name, const char *word) {
    for (const char *at = name; (at = strcasestr(at, word)) != NULL; at++)
        if ((at == name || isalpha((unsigned char)at[-1]) == 0) && isalpha((unsigned char)at[strlen(word)]) == 0)
            return true;
    return false;
}

const char *seine_guess_measure(const char *name) {
    char last[SEINE_FIELD_WORD_MAX];
    plain_of(name, false, last);
    for (size_t i = 0; i < COUNT(measures); i++) {
        const bool is_long = strlen(measures[i].word) > 3;
        if (is_long ? strstr(last, measures[i].word) != NULL : has_word(name, measures[i].word))
            return measures[i].measure;
    }
    return NULL;
}

/* ---- values ---- */

const seine_profile_numbers *seine_guess_numbers(const seine_guess *guess, const seine_profile *profile) {
    return guess->decimal == ',' ? &profile->comma : &profile->point;
}

/* Rows whose text stands for no value. */
static size_t null_rows(const seine_profile *profile) {
    size_t rows = 0;
    if (profile->word_count == SIZE_MAX) return 0;
    for (size_t i = 0; i < profile->word_count; i++)
        if (seine_guess_is_null(profile->words[i])) rows += profile->word_rows[i];
    return rows;
}

bool seine_guess_is_number(const seine_guess *guess, const seine_profile *profile) {
    const size_t count = seine_guess_numbers(guess, profile)->count;
    return count > 0 && count + null_rows(profile) == profile->filled;
}

bool seine_guess_is_int(const seine_profile *profile) {
    return profile->integers > 0 && profile->padded == 0 && profile->integers + null_rows(profile) == profile->filled;
}

/* Numbers with a comma, and more of them than with a point: in a file whose fields a comma does not part. */
static char decimal_of(const seine_sample *sample) {
    size_t comma = 0, point = 0;
    for (size_t i = 0; i < sample->column_count; i++) {
        comma += sample->columns[i].comma.count > sample->columns[i].integers;
        point += sample->columns[i].point.count > sample->columns[i].integers;
    }
    return comma > point && !sample->is_json ? ',' : '.';
}

/* ---- roles ---- */

static bool is_time_like(const seine_profile *profile) {
    const seine_time_form *other;
    return seine_profile_time(profile, &other) != NULL;
}

static size_t best_time(const seine_sample *sample) {
    size_t best = SEINE_GUESS_NONE, best_rank = SIZE_MAX;
    for (size_t i = 0; i < sample->column_count; i++) {
        if (sample->columns[i].name[0] == '\0') continue;
        const size_t rank = rank_of(sample->columns[i].name, time_names, COUNT(time_names));
        const size_t at = is_time_like(&sample->columns[i]) ? rank : rank == SIZE_MAX ? rank : rank + 1000;
        if (at < best_rank) {
            best = i;
            best_rank = at;
        }
    }
    for (size_t i = 0; i < sample->column_count && best == SEINE_GUESS_NONE; i++)
        if (sample->columns[i].name[0] != '\0' && is_time_like(&sample->columns[i])) best = i;
    return best;
}

/* Whether a column, or another one that files cannot tell from it, has a role already. */
static bool is_taken(const seine_sample *sample, const seine_guess *guess, size_t i) {
    const size_t keys[] = {guess->id, guess->time, guess->lat, guess->lon};
    for (size_t k = 0; k < COUNT(keys); k++)
        if (keys[k] != SEINE_GUESS_NONE &&
            seine_dataset_is_same_name(sample->columns[i].name, sample->columns[keys[k]].name))
            return true;
    for (size_t m = 0; m < guess->measure_count; m++)
        if (seine_dataset_is_same_name(sample->columns[i].name, sample->columns[guess->measures[m]].name)) return true;
    return sample->columns[i].name[0] == '\0';
}

static bool may_be_place(const seine_guess *guess, const seine_profile *profile) {
    return seine_guess_is_number(guess, profile) || (profile->filled > 0 && profile->degrees == profile->filled);
}

static size_t best_place(const seine_sample *sample, const seine_guess *guess, const char *const *names, size_t count) {
    size_t best = SEINE_GUESS_NONE, best_rank = SIZE_MAX;
    for (size_t i = 0; i < sample->column_count; i++) {
        const size_t rank = rank_of(sample->columns[i].name, names, count);
        if (rank < best_rank && !is_taken(sample, guess, i) && may_be_place(guess, &sample->columns[i])) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

/* Degrees as people write them, or numbers with many decimals, within the globe. */
static bool looks_like_place(const seine_guess *guess, const seine_profile *profile, double most) {
    const seine_profile_numbers *numbers = seine_guess_numbers(guess, profile);
    if (profile->filled > 0 && profile->degrees == profile->filled) return true;
    return numbers->fine * 2 > profile->filled && numbers->least >= -most && numbers->most <= most &&
           seine_guess_is_number(guess, profile);
}

/* The first two columns that look like it are latitude and longitude. */
static void find_place_by_value(const seine_sample *sample, seine_guess *guess) {
    guess->lat = guess->lon = SEINE_GUESS_NONE;
    for (size_t i = 0; i < sample->column_count && guess->lon == SEINE_GUESS_NONE; i++) {
        const bool is_lat = guess->lat == SEINE_GUESS_NONE;
        if (!is_taken(sample, guess, i) && looks_like_place(guess, &sample->columns[i], is_lat ? 90 : 180))
            *(is_lat ? &guess->lat : &guess->lon) = i;
    }
    guess->place_is_by_value = guess->lon != SEINE_GUESS_NONE;
}

static double largest(const seine_profile_numbers *numbers) { return fmax(fabs(numbers->least), fabs(numbers->most)); }

static void find_place(const seine_sample *sample, seine_guess *guess) {
    guess->lat = best_place(sample, guess, lat_names, COUNT(lat_names));
    guess->lon = best_place(sample, guess, lon_names, COUNT(lon_names));
    guess->place_scale = 1;
    if (guess->lat == SEINE_GUESS_NONE || guess->lon == SEINE_GUESS_NONE) {
        const size_t lat = guess->lat, lon = guess->lon;
        find_place_by_value(sample, guess);
        if (!guess->place_is_by_value) {
            guess->lat = lat;
            guess->lon = lon;
        }
    }
    if (guess->lat == SEINE_GUESS_NONE || guess->lon == SEINE_GUESS_NONE) return;
    const seine_profile *lat = &sample->columns[guess->lat], *lon = &sample->columns[guess->lon];
    guess->is_sexagesimal = lat->degrees > 0;
    const double size =
        fmax(largest(seine_guess_numbers(guess, lat)) / 91, largest(seine_guess_numbers(guess, lon)) / 181);
    if (!guess->is_sexagesimal && size > 1000) guess->place_scale = size > 1e6 ? 1e-7 : size > 1e5 ? 1e-6 : 1e-5;
}

static void find_id(const seine_sample *sample, seine_guess *guess) {
    size_t best_rank = SIZE_MAX;
    for (size_t i = 0; i < sample->column_count; i++) {
        const seine_profile *profile = &sample->columns[i];
        const size_t rank = rank_of(profile->name, id_names, COUNT(id_names));
        const bool is_fraction = seine_guess_is_number(guess, profile) && profile->integers == 0;
        if (is_taken(sample, guess, i) || profile->filled == 0 || is_fraction || rank >= best_rank) continue;
        guess->id = i;
        best_rank = rank;
    }
    for (size_t i = 0; i < sample->column_count && guess->id == SEINE_GUESS_NONE; i++) {
        const seine_profile *profile = &sample->columns[i];
        const bool is_code = profile->integers == profile->filled || seine_guess_numbers(guess, profile)->count == 0;
        if (is_taken(sample, guess, i) || profile->filled == 0 || !is_code || is_time_like(profile)) continue;
        guess->id = i;
        guess->id_is_by_value = true;
    }
}

/* At most one column for each thing that is measured. */
static void find_measures(const seine_sample *sample, seine_guess *guess) {
    static const char *const wanted[] = {"speed", "course", "heading", "altitude"};
    for (size_t w = 0; w < COUNT(wanted); w++) {
        for (size_t i = 0; i < sample->column_count; i++) {
            const char *measure = seine_guess_measure(sample->columns[i].name);
            if (measure == NULL || strcmp(measure, wanted[w]) != 0 || is_taken(sample, guess, i)) continue;
            if (!seine_guess_is_number(guess, &sample->columns[i])) continue;
            if (guess->measure_count < SEINE_DATASET_MEASURES_MAX) guess->measures[guess->measure_count++] = i;
            break;
        }
    }
}

void seine_guess_make(const seine_sample *sample, seine_guess *guess) {
    *guess = (seine_guess){.id = SEINE_GUESS_NONE,
                           .time = SEINE_GUESS_NONE,
                           .lat = SEINE_GUESS_NONE,
                           .lon = SEINE_GUESS_NONE,
                           .decimal = decimal_of(sample)};
    guess->time = best_time(sample);
    if (guess->time != SEINE_GUESS_NONE) guess->form = seine_profile_time(&sample->columns[guess->time], &guess->other);
    find_place(sample, guess);
    find_id(sample, guess);
    find_measures(sample, guess);
}
