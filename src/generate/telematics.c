/*
 * Shares and values are those of 20,000 messages of the real API (SPEC 5.1). Every field of a message takes its own
 * draw from the message's chance, so that one field tells nothing of the others but for what the vehicle decides.
 */
#include "generate/telematics.h"

#include "base/time.h"
#include "base/try.h"
#include "generate/blocks.h"
#include "generate/fleet.h"
#include "generate/put.h"

#define HOURS_MAX 87600
#define VEHICLES_MAX 10000000
#define ROWS_MAX UINT64_C(10000000000)
#define VIN_BYTES 17
#define TOO_FAST "450" /* km/h: what the vehicle with the broken gauge says, always */

/* ---- what there is ---- */

typedef struct vehicle {
    const char *maker, *year, *model; /* as JSON texts; blanks are the API's */
    const char *vin;                  /* how it begins: the maker's code; NULL = it never tells it */
    bool is_too_fast;
} vehicle;

static const vehicle vehicles[SEINE_TELEMATICS_VEHICLES] = {
    {"Toyota", "2010", "RAV4", "JTM", false},       {"Infinity", "2010", "G37", "JN1", false},
    {"Toyota", "1996", "Tacoma", NULL, false},      {"Volvo", "2005", "XC90", "YV1", false},
    {"Volkswagen", "2008", "Golf", "9BW", false},   {"Toyota", "2015", "Camry", "4T1", true},
    {"Volkswagen", "2010", "CC", "WVW", false},     {"Lamborghini", "2004", "Gallardo", "ZHW", false},
    {"Dodge", "2006", "Dakota", "1D3", false},      {" Buick", "1981", "LeSabre", "1G4", false},
    {"Jaguar", "2005", "S-Type", "SAJ", false},     {"Jeep", "2016", "Compass", "1C4", false},
    {"Alfa Romeo", "1989", "Spider", "ZAR", false}, {"Aston Martin", "2007", " V8 Vantage", "SCF", false},
    {"Lexus", "2006", "LS 430", "JTH", false},      {"Hyundai ", "2007", "Azeraz", "KMH", false},
    {"Ferrari", "2007", "F430", "ZFF", false},      {"Toyota", "1998", "Camry", "JT2", false},
    {"Toyota", "1996", "Tacoma", "4TA", false},     {"Volkswagen", "2003", "Passat", "WVW", false},
    {"Fiat", "2013", "500", "3C3", false},          {"Mercedes Benz", "1984", "300 Class", "WDB", false},
    {"Ford", "2005", "Escape", "1FM", false},
};

/* A value as it stands in JSON, and how many of 1,000 messages have it. */
typedef struct choice {
    const char *text;
    uint32_t share;
} choice;

static const choice velocities[] = {{"0", 162},  {"100", 138}, {"60", 126}, {"90", 107}, {"80", 103},
                                    {"120", 87}, {"50", 77},   {"40", 63},  {"130", 51}, {"20", 40},
                                    {"140", 26}, {"150", 9},   {"160", 6},  {"190", 5}};
static const choice gears[] = {{"\"1\"", 200},      {"\"5\"", 150}, {"\"4\"", 120},    {"\"3\"", 120},
                               {"\"6\"", 100},      {"\"2\"", 100}, {"null", 100},     {"\"0\"", 50},
                               {"\"NEUTRAL\"", 50}, {"\"-1\"", 5},  {"\"REVERSE\"", 5}};
static const choice doors[] = {{"\"LOCKED\"", 400}, {"\"UNLOCKED\"", 400}, {"null", 200}};
static const choice belts[] = {{"\"LOCKED\"", 770}, {"\"UNLOCKED\"", 30}, {"null", 200}};
static const choice wipers[] = {{"false", 885}, {"true", 55}, {"null", 60}};
#define CHOOSE(choices, chance) choose(choices, sizeof(choices) / sizeof *(choices), chance)

static seine_str choose(const choice *choices, size_t count, uint64_t chance) {
    uint32_t left = (uint32_t)(chance % 1000);
    size_t i = 0;
    while (i + 1 < count && left >= choices[i].share) left -= choices[i++].share;
    return seine_str_of(choices[i].text);
}

/* ---- planted defects ---- */

/* Which field, and what stands there instead; NULL = the field's own value as text. */
typedef enum {
    VIN,
    ODD_VIN,
    BAD_TIME,
    TEXT_TIME,
    BAD_GEAR,
    ODD_GEAR,
    BAD_VELOCITY,
    ODD_VELOCITY,
    MAKER,
    INJECTION,
    NONE
} field;
typedef struct defect {
    field field;
    const char *text;
} defect;

static const defect defects[] = {
    {VIN, "\"\""},
    {ODD_VIN, "\"   \""}, /* blanks are a vin */
    {BAD_TIME, "null"},
    {BAD_TIME, "\"abc\""},
    {TEXT_TIME, NULL}, /* a number as text is one */
    {BAD_GEAR, "\"PARK\""},
    {BAD_GEAR, "\"neutral\""},
    {ODD_GEAR, "\" 2 \""},
    {ODD_GEAR, "\"2.9\""},
    {BAD_VELOCITY, "301"},
    {BAD_VELOCITY, "-1"},
    {BAD_VELOCITY, "null"},
    {ODD_VELOCITY, "300"},
    {MAKER, "\"\\tAcme \\n\""},
    {INJECTION, "\"DROP TABLE users;\""},
    {INJECTION, "\"x'; delete from vehicles --\""},
    {INJECTION, "\"1 union  all select 2\""},
    {INJECTION, "\"O''Brien\""},
    {INJECTION, "\"insert   into t\""},
    {INJECTION, "\"UPDATE-1\""},
    {ODD_VIN, "\"dropped\""}, /* looks like one, and is none */
    {ODD_VIN, "\"EXECUTED\""},
    {ODD_VIN, "\"x'y\""},
};
#define DEFECTS (sizeof defects / sizeof *defects)

/* ---- one message ---- */

typedef struct message {
    const seine_telematics *of;
    uint64_t chance; /* of this message; fields draw from it */
    const vehicle *vehicle;
    uint32_t number; /* of the vehicle */
    defect defect;
} message;

static uint64_t draw(const message *m, uint64_t n) { return seine_generate_mix(m->chance, n); }

/* Letters of the year and of a factory mean nothing; without I, O and Q (ISO 3779). */
static char *put_vin(char *out, const vehicle *of, uint32_t number) {
    static const char letters[] = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ";
    uint64_t chance = seine_generate_mix(0, number);
    *out++ = '"';
    out = seine_put_str(out, seine_str_of(of->vin));
    for (int i = 3; i < VIN_BYTES; i++) {
        *out++ = letters[chance % (sizeof letters - 1)];
        chance = i == 9 ? seine_generate_mix(1, number) : chance / (sizeof letters - 1);
    }
    *out++ = '"';
    return out;
}

static char *put_own_vin(char *out, const message *m) {
    if (m->defect.field == VIN || m->defect.field == ODD_VIN || m->defect.field == INJECTION)
        return seine_put_str(out, seine_str_of(m->defect.text));
    if (m->vehicle->vin == NULL) return seine_put_str(out, SEINE_STR("null"));
    return put_vin(out, m->vehicle, m->number);
}

static char *put_vehicle(char *out, const message *m) {
    out = seine_put_str(out, SEINE_STR(",\"manufacturer\":"));
    if (m->defect.field == MAKER) {
        out = seine_put_str(out, seine_str_of(m->defect.text));
    } else {
        *out++ = '"';
        out = seine_put_str(out, seine_str_of(m->vehicle->maker));
        *out++ = '"';
    }
    out = seine_put_str(out, SEINE_STR(",\"year\":"));
    out = seine_put_str(out, seine_str_of(m->vehicle->year));
    out = seine_put_str(out, SEINE_STR(",\"model\":\""));
    out = seine_put_str(out, seine_str_of(m->vehicle->model));
    *out++ = '"';
    return out;
}

/* Two decimals at most, one at least, as Python prints them. */
static char *put_hundredths(char *out, int32_t value) {
    const uint32_t size = (uint32_t)(value < 0 ? -value : value);
    if (value < 0) *out++ = '-';
    out = seine_put_number(out, size / 100);
    *out++ = '.';
    return size % 10 == 0 ? seine_put_digits(out, size / 10 % 10, 1) : seine_put_digits(out, size % 100, 2);
}

static char *put_place(char *out, const message *m) {
    out = seine_put_str(out, SEINE_STR(",\"latitude\":"));
    out = put_hundredths(out, 3400 + (int32_t)(draw(m, 1) % 1401)); /* 34 to 48 */
    out = seine_put_str(out, SEINE_STR(",\"longitude\":"));
    return put_hundredths(out, -7800 - (int32_t)(draw(m, 2) % 4300)); /* -120.99 to -78 */
}

/* Whole seconds of the time that messages are of, and 2 to 14 ms. */
static char *put_timestamp(char *out, const message *m) {
    const uint64_t second = 1 + draw(m, 3) % (m->of->hours * UINT64_C(3600));
    const int64_t time_s = seine_floor_div(m->of->at_us, SEINE_SECOND_US) - (int64_t)second;
    out = seine_put_str(out, SEINE_STR(",\"timestamp\":"));
    if (m->defect.field == BAD_TIME) return seine_put_str(out, seine_str_of(m->defect.text));
    if (m->defect.field == TEXT_TIME) *out++ = '"';
    out = seine_put_number(out, (uint32_t)time_s);
    out = seine_put_digits(out, 2 + (uint32_t)(draw(m, 4) % 13), 3);
    if (m->defect.field == TEXT_TIME) *out++ = '"';
    return out;
}

static seine_str velocity_of(const message *m) {
    if (m->defect.field == BAD_VELOCITY || m->defect.field == ODD_VELOCITY) return seine_str_of(m->defect.text);
    return m->vehicle->is_too_fast ? SEINE_STR(TOO_FAST) : CHOOSE(velocities, draw(m, 5));
}

static seine_str gear_of(const message *m) {
    if (m->defect.field == BAD_GEAR || m->defect.field == ODD_GEAR) return seine_str_of(m->defect.text);
    return CHOOSE(gears, draw(m, 6));
}

static char *put_states(char *out, const message *m) {
    out = seine_put_str(out, SEINE_STR(",\"velocity\":"));
    out = seine_put_str(out, velocity_of(m));
    out = seine_put_str(out, SEINE_STR(",\"frontLeftDoorState\":"));
    out = seine_put_str(out, CHOOSE(doors, draw(m, 7)));
    out = seine_put_str(out, SEINE_STR(",\"wipersState\":"));
    out = seine_put_str(out, CHOOSE(wipers, draw(m, 8)));
    out = seine_put_str(out, SEINE_STR(",\"gearPosition\":"));
    out = seine_put_str(out, gear_of(m));
    out = seine_put_str(out, SEINE_STR(",\"driverSeatbeltState\":"));
    out = seine_put_str(out, CHOOSE(belts, draw(m, 9)));
    *out++ = '}';
    return out;
}

static void count_message(const message *m, seine_telematics_tally *tally) {
    const field what = m->defect.field;
    const bool has_other_vin = what == ODD_VIN || what == INJECTION;
    tally->rows++;
    tally->injections += what == INJECTION;
    if (what == BAD_TIME)
        tally->no_time++;
    else if (what == VIN || (m->vehicle->vin == NULL && !has_other_vin))
        tally->no_vin++;
    else if (what == BAD_GEAR || seine_str_equal(gear_of(m), SEINE_STR("null")))
        tally->no_gear++;
    else
        tally->too_fast += what == BAD_VELOCITY || (m->vehicle->is_too_fast && what != ODD_VELOCITY);
}

seine_telematics seine_telematics_default(uint64_t seed, int64_t at_us) {
    return (seine_telematics){
        .seed = seed, .at_us = at_us, .hours = 1, .vehicles = SEINE_TELEMATICS_VEHICLES, .defects = 0.01};
}

seine_status seine_telematics_message(const seine_telematics *telematics, uint64_t n, seine_buf *out,
                                      seine_telematics_tally *tally) {
    message m = {.of = telematics, .chance = seine_generate_mix(telematics->seed, n), .defect = {NONE, NULL}};
    m.number = (uint32_t)(draw(&m, 0) % telematics->vehicles);
    m.vehicle = &vehicles[m.number % SEINE_TELEMATICS_VEHICLES];
    if ((double)(draw(&m, 10) >> 11) * 0x1p-53 < telematics->defects) m.defect = defects[draw(&m, 11) % DEFECTS];
    SEINE_TRY(seine_buf_reserve(out, SEINE_TELEMATICS_MESSAGE_MAX));
    char *begin = (char *)out->data + out->size, *end = seine_put_str(begin, SEINE_STR("{\"vin\":"));
    end = put_own_vin(end, &m);
    end = put_vehicle(end, &m);
    end = put_place(end, &m);
    end = put_timestamp(end, &m);
    end = put_states(end, &m);
    out->size += (size_t)(end - begin);
    if (tally != NULL) count_message(&m, tally);
    return SEINE_OK;
}

/* ---- many ---- */

typedef struct many {
    const seine_telematics_file *file;
    seine_telematics_tally tallies[SEINE_GENERATE_THREADS_MAX]; /* one per worker */
    seine_bytes_fn take;
    void *context;
    uint64_t bytes;
} many;

static seine_status make_block(void *context, size_t worker, uint64_t block, seine_buf *text, seine_error *error) {
    many *all = context;
    const seine_telematics_file *file = all->file;
    const uint64_t from = block * SEINE_GENERATE_BLOCK_ROWS;
    const uint64_t to = from + SEINE_GENERATE_BLOCK_ROWS < file->rows ? from + SEINE_GENERATE_BLOCK_ROWS : file->rows;
    (void)error; /* memory alone can fail */
    if (file->is_array && from == 0) SEINE_TRY(seine_buf_append_str(text, file->rows > 0 ? "[\n" : "["));
    for (uint64_t n = from; n < to; n++) {
        SEINE_TRY(seine_telematics_message(&file->telematics, n, text, &all->tallies[worker]));
        SEINE_TRY(seine_buf_append_str(text, !file->is_array || n + 1 == file->rows ? "\n" : ",\n"));
    }
    return file->is_array && to == file->rows ? seine_buf_append_str(text, "]\n") : SEINE_OK;
}

static seine_status take_block(void *context, const seine_packed *packed, seine_error *error) {
    many *all = context;
    all->bytes += packed->bytes.size;
    return all->take(all->context, packed->bytes.data, packed->bytes.size, error);
}

static seine_status check_file(const seine_telematics_file *file, seine_error *error) {
    const seine_telematics *t = &file->telematics;
    const bool is_good = t->hours >= 1 && t->hours <= HOURS_MAX && t->vehicles >= 1 && t->vehicles <= VEHICLES_MAX &&
                         t->defects >= 0 && t->defects <= 1 && file->rows <= ROWS_MAX && file->threads >= 1 &&
                         file->threads <= SEINE_GENERATE_THREADS_MAX && file->packing != SEINE_GENERATE_ZIP;
    if (!is_good) return seine_fail(error, SEINE_E_USAGE, "generate: an option is out of its range");
    if (t->at_us >= (int64_t)t->hours * SEINE_HOUR_US + SEINE_SECOND_US && t->at_us <= UINT32_MAX * SEINE_SECOND_US)
        return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "generate: messages of times before 1970 or after 2106");
}

seine_status seine_generate_telematics(const seine_telematics_file *file, seine_bytes_fn take, void *context,
                                       const seine_progress *progress, seine_telematics_tally *tally, uint64_t *bytes,
                                       seine_error *error) {
    many all = {.file = file, .take = take, .context = context};
    *tally = (seine_telematics_tally){0};
    *bytes = 0;
    SEINE_TRY(check_file(file, error));
    const uint64_t count = file->rows / SEINE_GENERATE_BLOCK_ROWS + (file->rows % SEINE_GENERATE_BLOCK_ROWS > 0);
    const seine_blocks blocks = {.count = count > 0 ? count : 1, /* the empty array */
                                 .threads = file->threads,
                                 .packing = file->packing,
                                 .make = make_block,
                                 .take = take_block,
                                 .context = &all,
                                 .progress = progress,
                                 .total = count};
    SEINE_TRY(seine_blocks_run(&blocks, error));
    *bytes = all.bytes;
    for (uint32_t i = 0; i < file->threads; i++) {
        tally->rows += all.tallies[i].rows;
        tally->no_time += all.tallies[i].no_time;
        tally->no_vin += all.tallies[i].no_vin;
        tally->no_gear += all.tallies[i].no_gear;
        tally->too_fast += all.tallies[i].too_fast;
        tally->injections += all.tallies[i].injections;
    }
    return SEINE_OK;
}
