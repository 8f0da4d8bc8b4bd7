/*
 * The table of columns. Names changed over the years and differ between publishers; each column lists every name seen,
 * the preferred one first (SPEC 1.2.3, 3.2). Ranges are what an AIS message can carry.
 */
#include "decode/ais_column.h"

#include "base/number.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NONE ((double)NAN)
#define WORD_MAX 96

static const seine_ais_column columns[] = {
    {SEINE_AIS_MMSI, SEINE_AIS_KEY, 0, 0, NONE, {"MMSI", "ssvid"}},
    {SEINE_AIS_TS,
     SEINE_AIS_KEY,
     0,
     0,
     NONE,
     {"BaseDateTime", "BaseDateTimeUTC", "base_date_time", "base_date_time_utc", "timestamp", "event_time_utc",
      "DateTime", "time_utc", "timestamp_utc"}},
    {SEINE_AIS_LAT, SEINE_AIS_KEY, -90, 90, NONE, {"LAT", "latitude"}},
    {SEINE_AIS_LON, SEINE_AIS_KEY, -180, 180, NONE, {"LON", "longitude", "lng", "long"}},
    {SEINE_AIS_SOG,
     SEINE_AIS_NUMBER,
     0,
     102.3,
     102.3,
     {"SOG", "speed_over_ground", "speed", "speed_knots", "speed_kn", "sog_knots"}},
    {SEINE_AIS_COG, SEINE_AIS_NUMBER, 0, 360, 360, {"COG", "course_over_ground", "course"}},
    {SEINE_AIS_HEADING, SEINE_AIS_NUMBER, 0, 360, 511, {"Heading", "true_heading", "hdg"}},
    {SEINE_AIS_NAME, SEINE_AIS_TEXT, 0, 0, NONE, {"VesselName", "vessel_name", "name", "shipname", "ship_name"}},
    {SEINE_AIS_IMO, SEINE_AIS_TEXT, 0, 0, NONE, {"IMO", "imo_number", "imo_no"}},
    {SEINE_AIS_CALLSIGN, SEINE_AIS_TEXT, 0, 0, NONE, {"CallSign", "call_sign"}},
    {SEINE_AIS_VESSEL_TYPE, SEINE_AIS_CODE, 0, 9999, NONE, {"VesselType", "vessel_type", "ship_type", "ais_type"}},
    {SEINE_AIS_STATUS,
     SEINE_AIS_CODE,
     0,
     15,
     NONE,
     {"Status", "nav_status", "navigational_status", "navigation_status", "navstat"}},
    {SEINE_AIS_LENGTH, SEINE_AIS_NUMBER, 0, 1022, NONE, {"Length", "length_m"}},
    {SEINE_AIS_WIDTH, SEINE_AIS_NUMBER, 0, 126, NONE, {"Width", "beam", "width_m"}},
    {SEINE_AIS_DRAFT, SEINE_AIS_NUMBER, 0, 25.5, NONE, {"Draft", "draught", "draft_m"}},
    {SEINE_AIS_CARGO, SEINE_AIS_CODE, 0, 9999, NONE, {"Cargo", "cargo_type"}},
    {SEINE_AIS_TRANSCEIVER,
     SEINE_AIS_TEXT,
     0,
     0,
     NONE,
     {"TransceiverClass", "TranscieverClass", "transceiver_class", "transceiver", "transciever", "transceiver_type",
      "ais_class", "transponder_class"}},
    {SEINE_AIS_RECEIVER, SEINE_AIS_TEXT, 0, 0, NONE, {"receiver_type"}},
    {SEINE_AIS_SEG_ID, SEINE_AIS_TEXT, 0, 0, NONE, {"seg_id"}},
    {SEINE_AIS_MSGID, SEINE_AIS_TEXT, 0, 0, NONE, {"msgid"}},
    {SEINE_AIS_SHORE, SEINE_AIS_NUMBER, -1e9, 1e9, NONE, {"distance_from_shore_m"}},
    {SEINE_AIS_PORT, SEINE_AIS_NUMBER, -1e9, 1e9, NONE, {"distance_from_port_m"}},
};

const seine_ais_column *seine_ais_columns(size_t *count) {
    *count = COUNT(columns);
    return columns;
}

/* The table is in the order of the schema. */
const seine_ais_column *seine_ais_column_of(int column) {
    return column >= 0 && (size_t)column < COUNT(columns) ? &columns[column] : NULL;
}

/* ---- words ---- */

/* Letters and digits in small letters. @return how many; more than the room holds are cut. */
static size_t plain_word(seine_str text, char word[WORD_MAX]) {
    size_t size = 0;
    for (size_t i = 0; i < text.size && size + 1 < WORD_MAX; i++) {
        const char c = text.data[i];
        if (c >= 'A' && c <= 'Z')
            word[size++] = (char)(c + 32);
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            word[size++] = c;
    }
    word[size] = '\0';
    return size;
}

bool seine_ais_name_equal(seine_str name, const char *known) {
    char a[WORD_MAX], b[WORD_MAX];
    const size_t size = plain_word(name, a);
    return size > 0 && size == plain_word(seine_str_of(known), b) && memcmp(a, b, size) == 0;
}

typedef struct word_code {
    const char *word; /* as plain_word makes it; the text may go on behind it */
    int32_t code;
} word_code;

/* ITU-R M.1371-5 table 45, as NOAA (2015 to 2017) and others print it. */
static const word_code statuses[] = {{"underwayusingengine", 0},
                                     {"atanchor", 1},
                                     {"anchored", 1},
                                     {"notundercommand", 2},
                                     {"restrictedman", 3},
                                     {"constrainedby", 4},
                                     {"moored", 5},
                                     {"aground", 6},
                                     {"engagedinfishing", 7},
                                     {"fishing", 7},
                                     {"underwaysailing", 8},
                                     {"sailing", 8},
                                     {"powerdrivenvesseltowingastern", 11},
                                     {"towingastern", 11},
                                     {"powerdrivenvesselpushingahead", 12},
                                     {"pushingahead", 12},
                                     {"aissart", 14},
                                     {"undefined", 15},
                                     {"notdefined", 15},
                                     {"default", 15},
                                     {"unknown", 15}};

/* ITU-R M.1371-5 table 53, the groups of MarineCadastre among them; a word has to be the whole text. */
static const word_code types[] = {{"notavailable", 0},
                                  {"unavailable", 0},
                                  {"unknown", 0},
                                  {"undefined", 0},
                                  {"unspecified", 0},
                                  {"winginground", 20},
                                  {"wig", 20},
                                  {"fishing", 30},
                                  {"fishingvessel", 30},
                                  {"fishingboat", 30},
                                  {"towing", 31},
                                  {"towingvessel", 31},
                                  {"towinglongwide", 32},
                                  {"dredging", 33},
                                  {"dredger", 33},
                                  {"dredgingorunderwateroperations", 33},
                                  {"diving", 34},
                                  {"divingoperations", 34},
                                  {"military", 35},
                                  {"militaryoperations", 35},
                                  {"sailing", 36},
                                  {"sailingvessel", 36},
                                  {"pleasure", 37},
                                  {"pleasurecraft", 37},
                                  {"pleasurecraftsailing", 37},
                                  {"yacht", 37},
                                  {"highspeedcraft", 40},
                                  {"hsc", 40},
                                  {"pilot", 50},
                                  {"pilotvessel", 50},
                                  {"sar", 51},
                                  {"searchandrescue", 51},
                                  {"searchandrescuevessel", 51},
                                  {"tug", 52},
                                  {"tugtow", 52},
                                  {"porttender", 53},
                                  {"antipollution", 54},
                                  {"antipollutionvessel", 54},
                                  {"lawenforcement", 55},
                                  {"lawenforcementvessel", 55},
                                  {"localvessel", 56},
                                  {"medical", 58},
                                  {"medicaltransport", 58},
                                  {"shipofastatenotpartytoanarmedconflict", 59},
                                  {"passenger", 60},
                                  {"passengership", 60},
                                  {"passengervessel", 60},
                                  {"cargo", 70},
                                  {"cargoship", 70},
                                  {"cargovessel", 70},
                                  {"tanker", 80},
                                  {"other", 90},
                                  {"othertype", 90}};

static bool find_word(const word_code *table, size_t count, const char *word, bool whole, double *value) {
    for (size_t i = 0; i < count; i++) {
        const size_t size = strlen(table[i].word);
        if (strncmp(word, table[i].word, size) != 0 || (whole && word[size] != '\0')) continue;
        *value = table[i].code;
        return true;
    }
    return false;
}

static bool code_of_word(int column, seine_str text, double *value) {
    char word[WORD_MAX];
    if (plain_word(text, word) == 0) return false;
    if (column == SEINE_AIS_VESSEL_TYPE) return find_word(types, COUNT(types), word, true, value);
    if (column != SEINE_AIS_STATUS) return false;
    if (find_word(statuses, COUNT(statuses), word, false, value)) return true;
    /* "Reserved for future amendment … high speed craft", "… wing in ground"; the other reserved codes have no words.
     */
    if (strncmp(word, "reserved", 8) != 0) return false;
    *value = strstr(word, "highspeedcraft") != NULL ? 9 : strstr(word, "winginground") != NULL ? 10 : -1;
    return *value >= 0;
}

/* ---- values ---- */

seine_ais_taken seine_ais_take(const seine_ais_column *column, seine_str text, double *value) {
    double number;
    *value = (double)NAN;
    text = seine_str_trim(text);
    if (text.size == 0) return SEINE_AIS_UNKNOWN;
    const bool is_code = column->kind == SEINE_AIS_CODE;
    if (!seine_number_parse(text, &number) && !(is_code && code_of_word(column->column, text, &number)))
        return SEINE_AIS_FAULT;
    if (number == column->unknown) return SEINE_AIS_UNKNOWN;
    if (!(number >= column->least && number <= column->most)) return SEINE_AIS_FAULT;
    if (is_code && number != floor(number)) return SEINE_AIS_FAULT;
    *value = number;
    return SEINE_AIS_GOOD;
}

double seine_ais_unwrapped(int column, double value) {
    const double lost = column == SEINE_AIS_SOG ? 102.4 : column == SEINE_AIS_COG ? 409.6 : 0;
    return value < 0 && value > -lost ? rint((value + lost) * 10) / 10 : value;
}

/* ---- names that are almost known ---- */

/* Whether b is a with one letter more, less, other, or two neighbours swapped. */
static bool one_edit(const char *a, size_t a_size, const char *b, size_t b_size) {
    size_t front = 0, back = 0;
    const size_t least = a_size < b_size ? a_size : b_size;
    while (front < least && a[front] == b[front]) front++;
    while (back < least - front && a[a_size - 1 - back] == b[b_size - 1 - back]) back++;
    const size_t a_rest = a_size - front - back, b_rest = b_size - front - back;
    if (a_rest <= 1 && b_rest <= 1) return true;
    return a_rest == 2 && b_rest == 2 && a[front] == b[front + 1] && a[front + 1] == b[front];
}

/* Words used for a column whose meaning or unit is not certain enough to take them for it. */
static const struct {
    const char *word;
    int column;
} hints[] = {{"vesselid", SEINE_AIS_MMSI},
             {"shipid", SEINE_AIS_MMSI},
             {"time", SEINE_AIS_TS},
             {"date", SEINE_AIS_TS},
             {"datetimeutc", SEINE_AIS_TS},
             {"positiontime", SEINE_AIS_TS},
             {"receivedat", SEINE_AIS_TS},
             {"y", SEINE_AIS_LAT},
             {"x", SEINE_AIS_LON},
             {"velocity", SEINE_AIS_SOG},
             {"speedkmh", SEINE_AIS_SOG},
             {"speedms", SEINE_AIS_SOG},
             {"bearing", SEINE_AIS_COG},
             {"type", SEINE_AIS_VESSEL_TYPE},
             {"shiptypecode", SEINE_AIS_VESSEL_TYPE},
             {"vesseltypename", SEINE_AIS_VESSEL_TYPE},
             {"vesselclass", SEINE_AIS_VESSEL_TYPE},
             {"state", SEINE_AIS_STATUS},
             {"loa", SEINE_AIS_LENGTH},
             {"breadth", SEINE_AIS_WIDTH},
             {"class", SEINE_AIS_TRANSCEIVER},
             {"typeofmobile", SEINE_AIS_TRANSCEIVER}};

static bool is_like(const seine_ais_column *column, const char *word, size_t size) {
    char known[WORD_MAX];
    for (size_t n = 0; n < SEINE_AIS_NAMES_MAX && column->names[n] != NULL; n++) {
        const size_t known_size = plain_word(seine_str_of(column->names[n]), known);
        if (size >= 3 && known_size >= 3 && one_edit(word, size, known, known_size)) return true;
    }
    for (size_t h = 0; h < COUNT(hints); h++)
        if (hints[h].column == column->column && strcmp(hints[h].word, word) == 0) return true;
    return false;
}

const seine_ais_column *seine_ais_column_like(seine_str name, const bool taken[SEINE_AIS_COLUMNS]) {
    char word[WORD_MAX];
    const size_t size = plain_word(name, word);
    for (size_t c = 0; size > 0 && c < COUNT(columns); c++)
        if (!taken[columns[c].column] && is_like(&columns[c], word, size)) return &columns[c];
    return NULL;
}
