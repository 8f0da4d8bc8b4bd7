/*
 * The kinds of reference files stand in one table. The names that people gave their columns are groups divided by `|`,
 * better ones first; within a group all are as good, so that two of them are ambiguous.
 */
#include "decode/reference/kind.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define REQUIRED true
#define OPTIONAL false

#define LATITUDES "coordinates[1]|lat latitude portlat|y"
#define LONGITUDES "coordinates[0]|lon lng long longitude portlon portlng|x"

static const seine_reference_field_rule ports[] = {
    {"id", OPTIONAL, "portid|worldportindexnumber wpinumber indexno indexnumber|id|unlocode locode|key",
     SEINE_RULE_OWN},
    {"name", REQUIRED, "portname mainportname|name|port|title", SEINE_RULE_OWN},
    {"lat", REQUIRED, LATITUDES, SEINE_RULE_OWN},
    {"lon", REQUIRED, LONGITUDES, SEINE_RULE_OWN},
    {"country", OPTIONAL, "country countryname|countrycode|iso iso2 isocode", SEINE_RULE_OWN},
    {"unlocode", OPTIONAL, "unlocode locode|key", SEINE_RULE_OWN},
};

static const seine_reference_field_rule weather[] = {
    {"lat", REQUIRED, "latgrid|" LATITUDES, SEINE_RULE_OWN},
    {"lon", REQUIRED, "longrid lnggrid|" LONGITUDES, SEINE_RULE_OWN},
    {"time", OPTIONAL, "observedat|time timestamp datetime validtime observationtime|date", SEINE_RULE_OWN},
    {"temperature", OPTIONAL,
     "temperature temp|airtemperature airtemp|seatemperature seatemp seasurfacetemperature sst", SEINE_RULE_OWN},
    {"wind_speed", OPTIONAL, "windspeed|wind windspd", SEINE_RULE_OWN},
};

static const seine_reference_field_rule vessels[] = {
    {"vessel_id", REQUIRED, "vesselid|id", SEINE_RULE_TEXT},
    {"year", REQUIRED, "year", SEINE_RULE_INTEGER},
    {"ssvid", OPTIONAL, "ssvid|mmsi", SEINE_RULE_TEXT},
    {"shipname", OPTIONAL, "prodshipname|nshipname|shipname|name", SEINE_RULE_TEXT},
    {"flag", OPTIONAL, "prodflag|flag|mmsiflag", SEINE_RULE_TEXT},
    {"shiptype", OPTIONAL, "prodshiptype|shiptype vesseltype|type", SEINE_RULE_TEXT},
    {"geartype", OPTIONAL, "prodgeartype|geartype|vesselclass class", SEINE_RULE_TEXT},
    {"registry_geartype", OPTIONAL, "registrygeartype|registryvesselclass", SEINE_RULE_TEXT},
    {"on_fishing_list", OPTIONAL, "onfishinglist|onfishinglistnn|onfishinglistsr", SEINE_RULE_FLAG},
    {"is_gear", OPTIONAL, "isgear|shipnameindicateslikelygear", SEINE_RULE_FLAG},
};

static const seine_reference_field_rule segments[] = {
    {"seg_id", REQUIRED, "segid|id", SEINE_RULE_TEXT},
    {"good_seg", REQUIRED, "goodseg", SEINE_RULE_FLAG},
    {"positions", REQUIRED, "positions|positioncount", SEINE_RULE_INTEGER},
    {"overlapping_and_short", REQUIRED, "overlappingandshort", SEINE_RULE_FLAG},
};

static const seine_reference_field_rule segment_vessels[] = {
    {"seg_id", REQUIRED, "segid", SEINE_RULE_TEXT},
    {"vessel_id", REQUIRED, "vesselid", SEINE_RULE_TEXT},
    {"last_date", REQUIRED, "lastdate|lasttimestamp lastseen", SEINE_RULE_DATE},
};

static const seine_reference_field_rule authorizations[] = {
    {"ssvid", REQUIRED, "ssvid|mmsi", SEINE_RULE_TEXT},
    {"rfmo", REQUIRED, "rfmo registryrfmo|sourcecode|registry", SEINE_RULE_TEXT},
    {"authorized_from", REQUIRED, "authorizedfrom registryauthorizedfrom", SEINE_RULE_TIME},
    {"authorized_to", REQUIRED, "authorizedto registryauthorizedto", SEINE_RULE_TIME},
    {"first_seen", OPTIONAL, "firstseen firsttimestamp activityfirsttimestamp", SEINE_RULE_TIME},
    {"last_seen", OPTIONAL, "lastseen lasttimestamp activitylasttimestamp", SEINE_RULE_TIME},
    {"vessel_record_id", OPTIONAL, "vesselrecordid|recordid", SEINE_RULE_TEXT},
    {"shipname", OPTIONAL, "nshipname|shipname|name", SEINE_RULE_TEXT},
    {"callsign", OPTIONAL, "ncallsign|callsign", SEINE_RULE_TEXT},
    {"imo", OPTIONAL, "imo|imonumber", SEINE_RULE_TEXT},
    {"flag", OPTIONAL, "flag", SEINE_RULE_TEXT},
};

static const seine_reference_field_rule regions[] = {
    {"layer", REQUIRED, "layer|regiontype", SEINE_RULE_TEXT},
    {"id", REQUIRED, "regionid|id|mrgid wdpaid", SEINE_RULE_TEXT},
    {"name", OPTIONAL, "regionname|name|geoname|title label", SEINE_RULE_TEXT},
    {"geometry", REQUIRED, "geometry|geom wkt|geo polygon", SEINE_RULE_OWN},
};

/* Field 4 and 5 are two ways to say where. */
static const seine_reference_field_rule distances[] = {
    {"lat", OPTIONAL, LATITUDES, SEINE_RULE_OWN},
    {"lon", OPTIONAL, LONGITUDES, SEINE_RULE_OWN},
    {"from_shore_m", OPTIONAL, "distancefromshorem|distancefromshore fromshorem", SEINE_RULE_NUMBER},
    {"from_port_m", OPTIONAL, "distancefromportm|distancefromport fromportm", SEINE_RULE_NUMBER},
    {"gridcode", OPTIONAL, "gridcode", SEINE_RULE_OWN},
};

static const seine_reference_description kinds[SEINE_REFERENCE_KINDS] = {
    [SEINE_REFERENCE_PORTS] = {"ports", "ref.ports", ports, COUNT(ports), COUNT(ports), 1, true, NULL,
                               seine_reference_make_port},
    [SEINE_REFERENCE_WEATHER] = {"weather", "ref.weather", weather, COUNT(weather), COUNT(weather), 3, false,
                                 "is of the same cell and time", seine_reference_make_weather},
    [SEINE_REFERENCE_VESSELS] = {"vessels", "ref.vessels", vessels, COUNT(vessels), COUNT(vessels), 2, false,
                                 "is of the same vessel and year", NULL},
    [SEINE_REFERENCE_SEGMENTS] = {"segments", "ref.segments", segments, COUNT(segments), COUNT(segments), 1, false,
                                  "is of the same segment", NULL},
    [SEINE_REFERENCE_SEGMENT_VESSELS] = {"segment_vessels", "ref.segment_vessels", segment_vessels,
                                         COUNT(segment_vessels), COUNT(segment_vessels), 2, false,
                                         "is of the same segment and vessel", NULL},
    [SEINE_REFERENCE_AUTHORIZATIONS] = {"authorizations", "ref.authorizations", authorizations, COUNT(authorizations),
                                        COUNT(authorizations), COUNT(authorizations), false, "says the same", NULL},
    [SEINE_REFERENCE_REGIONS] = {"regions", "ref.regions", regions, COUNT(regions), COUNT(regions), 2, false,
                                 "is the same region", seine_reference_make_region},
    [SEINE_REFERENCE_DISTANCES] = {"distances", "ref.distances", distances, COUNT(distances), 4, 2, false,
                                   "is of the same cell", seine_reference_make_distance},
};

const seine_reference_description *seine_reference_describe(seine_reference_kind kind) { return &kinds[kind]; }

const char *seine_reference_kind_name(seine_reference_kind kind) { return kinds[kind].name; }

const char *seine_reference_kind_names(void) {
    return "ports, weather, vessels, segments, segment_vessels, authorizations, regions and distances";
}

bool seine_reference_kind_of(seine_str name, seine_reference_kind *kind) {
    for (size_t i = 0; i < SEINE_REFERENCE_KINDS; i++) {
        *kind = (seine_reference_kind)i;
        if (seine_str_equal(name, seine_str_of(kinds[i].name))) return true;
    }
    return false;
}

const char *seine_reference_table(seine_reference_kind kind) { return kinds[kind].table; }

size_t seine_reference_key_count(seine_reference_kind kind) { return kinds[kind].key_count; }

bool seine_reference_is_whole(seine_reference_kind kind) { return kinds[kind].is_whole; }

size_t seine_reference_cells(seine_reference_kind kind) { return kinds[kind].cells; }

const char *seine_reference_field(seine_reference_kind kind, size_t index) {
    return index < kinds[kind].field_count ? kinds[kind].fields[index].name : NULL;
}

const char *seine_reference_twin(seine_reference_kind kind, int64_t other_row, const seine_cell *cells,
                                 seine_arena *arena) {
    const long long row = (long long)other_row;
    return kinds[kind].twin != NULL ? seine_arena_printf(arena, "duplicate: row %lld %s", row, kinds[kind].twin)
                                    : seine_arena_printf(arena, "duplicate: row %lld has the id %.*s too", row,
                                                         SEINE_STR_ARG(cells[0].as.text));
}
