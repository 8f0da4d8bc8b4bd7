/* links: core io base */
/* Meanings of codes, given and expected. */
#include "core/ais_code.h"
#include "core_support.h"

static const char *flag_of(const char *mmsi) {
    const seine_ais_mid *mid = seine_ais_mid_of(mmsi, strlen(mmsi));
    return mid != NULL ? mid->flag : "";
}

static void country_digits_are_found_in_every_kind_of_id(void **state) {
    (void)state;
    assert_string_equal(flag_of("367123456"), "US"); /* ship */
    assert_string_equal(flag_of("219000001"), "DK");
    assert_string_equal(flag_of("036600001"), "US"); /* group of ships */
    assert_string_equal(flag_of("003669999"), "US"); /* coast station */
    assert_string_equal(flag_of("111366001"), "US"); /* aircraft */
    assert_string_equal(flag_of("983661234"), "US"); /* craft of a mother ship */
    assert_string_equal(flag_of("993669702"), "US"); /* aid to navigation */
    assert_string_equal(flag_of("538000001"), "MH");
    assert_string_equal(flag_of("970012345"), "");   /* search and rescue transmitter: no country */
    assert_string_equal(flag_of("972367001"), "");   /* man overboard */
    assert_string_equal(flag_of("974367001"), "");   /* emergency beacon */
    assert_string_equal(flag_of("826502093"), "SE"); /* handheld */
    assert_string_equal(flag_of("836700001"), "US");
    assert_string_equal(flag_of("3669708"), "US"); /* 003669708: a number has no leading zeros */
    assert_string_equal(flag_of("000003669708"), "US");
    assert_string_equal(flag_of("36712345"), "US"); /* 036712345: a group of ships */
    assert_string_equal(flag_of("367123"), "");
    assert_string_equal(flag_of("8123456789"), "");
    assert_string_equal(flag_of("36712345x"), "");
    assert_string_equal(flag_of("199000000"), "");
    assert_string_equal(flag_of("800000000"), "");
    assert_string_equal(flag_of(""), "");
}

static void the_table_of_digits_is_ascending(void **state) {
    (void)state;
    assert_true(seine_ais_mid_count > 280);
    for (size_t i = 0; i < seine_ais_mid_count; i++) {
        assert_true(i == 0 || seine_ais_mids[i - 1].digits < seine_ais_mids[i].digits);
        assert_in_range(seine_ais_mids[i].digits, 201, 775);
        assert_int_equal(strlen(seine_ais_mids[i].flag), 2);
        assert_true(strlen(seine_ais_mids[i].country) > 2);
    }
}

static void types_have_the_names_of_the_tables(void **state) {
    (void)state;
    assert_string_equal(seine_ais_type_name(30), "Fishing");
    assert_string_equal(seine_ais_type_name(52), "Tug");
    assert_string_equal(seine_ais_type_name(60), "Passenger");
    assert_string_equal(seine_ais_type_name(70), "Cargo");
    assert_string_equal(seine_ais_type_name(79), "Cargo");
    assert_string_equal(seine_ais_type_name(80), "Tanker");
    assert_string_equal(seine_ais_type_name(0), "Not available");
    assert_string_equal(seine_ais_type_name(1019), "Pleasure craft");
    assert_null(seine_ais_type_name(19));
    assert_null(seine_ais_type_name(38));
    assert_null(seine_ais_type_name(100));
    assert_null(seine_ais_type_name(1026));
    assert_null(seine_ais_type_name(-1));
}

static void imo_numbers_need_their_check_digit(void **state) {
    (void)state;
    assert_int_equal(seine_imo_number_at("9074729", 7), 0);
    assert_int_equal(seine_imo_number_at("IMO9074729", 10), 3);
    assert_int_equal(seine_imo_number_at("imo 9074729 ", 12), 4);
    assert_true(seine_imo_number_at("9074728", 7) == SIZE_MAX);
    assert_true(seine_imo_number_at("0000000", 7) == SIZE_MAX);
    assert_true(seine_imo_number_at("IMO0000000", 10) == SIZE_MAX);
    assert_true(seine_imo_number_at("907472", 6) == SIZE_MAX);
    assert_true(seine_imo_number_at("90747290", 8) == SIZE_MAX);
    assert_true(seine_imo_number_at("IMO", 3) == SIZE_MAX);
    assert_true(seine_imo_number_at("", 0) == SIZE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(country_digits_are_found_in_every_kind_of_id),
        cmocka_unit_test(the_table_of_digits_is_ascending),
        cmocka_unit_test(types_have_the_names_of_the_tables),
        cmocka_unit_test(imo_numbers_need_their_check_digit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
