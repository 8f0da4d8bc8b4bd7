#!/usr/bin/env python3
"""The rules of `seine detect gaps` by example, through the program.

Every deliberate difference from pipe-gaps (docs/differences.md) has a test here.
"""
import datetime
import hashlib
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from detect_rows import VERSION, assert_same_rows, detect, lines, message, run
from harness.tap import functions, main

HOUR = 3600


def at(text):
    """Float Unix seconds of "2024-01-02", "2024-01-02 03:04" or "2024-01-02 03:04:05" UTC."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()


def ends(rows):
    return [(row["start_timestamp"], row["end_timestamp"]) for row in rows]


def counts(row):
    return [row["positions_hours_before" + kind] for kind in ("", "_ter", "_sat", "_dyn")]


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def stored_gap(timestamp, ssvid="1", gap_id="0" * 32, **more):
    """An open gap as an earlier run printed it."""
    return {"positions_hours_before": 7, "positions_hours_before_ter": 4, "positions_hours_before_sat": 2,
            "positions_hours_before_dyn": 1, "gap_id": gap_id, "ssvid": ssvid, "version": 1, "distance_m": None,
            "duration_h": None, "implied_speed_knots": None, "is_closed": False, "start_timestamp": timestamp,
            "start_lat": 0.0, "start_lon": 0.0, "start_receiver_type": "satellite", "end_timestamp": None,
            "end_lat": None, "end_lon": None, "end_receiver_type": None, **more}


# ---- the threshold -----------------------------------------------------------------------------------------------

def test_exactly_the_threshold_is_no_gap():
    assert detect([message(0.0), message(6.0 * HOUR)], "--no-eval-last") == []


def test_one_millisecond_more_is_a_gap():
    assert len(detect([message(0.0), message(6.0 * HOUR + 0.001)], "--no-eval-last")) == 1


def test_the_smallest_step_of_a_float_more_is_a_gap():
    """Microseconds are not the limit: at this time floats lie a quarter of a microsecond apart."""
    start = 1704067200.0
    step = 2.0 ** -22
    assert detect([message(start), message(start + 6 * HOUR)], "--no-eval-last") == []
    assert detect([message(start + step), message(start + 6 * HOUR + step)], "--no-eval-last") == []
    rows = detect([message(start), message(start + 6 * HOUR + step)], "--no-eval-last")
    assert ends(rows) == [(start, start + 6 * HOUR + step)]


def test_sub_microsecond_times_keep_their_gap_across_windows():
    """The original's start times pass through whole microseconds, which can lose the gap of such a message."""
    start = at("2024-01-01 23:00") + 2.0 ** -22
    for end in (at("2024-01-02 12:00"), at("2024-01-02 12:00") + 2.0 ** -21):
        rows = detect([message(start), message(end)], "--date-range", "2024-01-02,2024-01-03", "--window-period-d", 1,
                      "--no-eval-last")
        assert ends(rows) == [(start, end)] and rows[0]["gap_id"] == md5(f"1|{start}|1.0|2.0")


def test_threshold_zero_reports_every_step_but_not_equal_times():
    rows = detect([message(10.0), message(10.0), message(11.0), message(12.5)], "--min-gap-length", 0, "--no-eval-last")
    assert ends(rows) == [(10.0, 11.0), (11.0, 12.5)]


def test_a_fraction_of_an_hour_as_threshold():
    messages = [message(0.0), message(4800.0), message(4800.0 + 4801)]
    assert ends(detect(messages, "--min-gap-length", 4 / 3, "--no-eval-last")) == [(4800.0, 9601.0)]


# ---- fields ------------------------------------------------------------------------------------------------------

def test_key_order_and_values_of_a_closed_row():
    row = detect([message(0.0, lat=0.0, lon=0.0, note={"a": [1, None]}),
                  message(10.0 * HOUR, lat=0.0, lon=1.0, receiver_type="satellite", note="b")], "--no-eval-last")[0]
    assert list(row) == [
        "positions_hours_before", "positions_hours_before_ter", "positions_hours_before_sat",
        "positions_hours_before_dyn", "gap_id", "ssvid", "version", "distance_m", "duration_h", "implied_speed_knots",
        "is_closed", "start_timestamp", "start_lat", "start_lon", "start_receiver_type", "start_note",
        "end_timestamp", "end_lat", "end_lon", "end_receiver_type", "end_note"]
    assert row["gap_id"] == md5("1|0.0|0.0|0.0") and row["ssvid"] == "1" and row["version"] == VERSION
    assert abs(row["distance_m"] - 111319.49079327357) <= 1e-7
    assert row["duration_h"] == 36000 * (1 / 3600) and row["is_closed"] is True
    assert abs(row["implied_speed_knots"] - row["distance_m"] / row["duration_h"] / 1852) < 1e-12
    assert row["start_note"] == {"a": [1, None]} and row["end_note"] == "b"


def test_text_of_a_row_is_python_json():
    messages = [message(0, ssvid="ñ", lat=0), message(25000.0, ssvid="ñ", lat=1e-5)]
    code, out, _ = run(["-i", "-", "--no-eval-last"], lines(messages))
    text = out.decode("ascii")
    assert code == 0 and text.count("\n") == 1
    assert text.startswith('{"positions_hours_before": 1, "positions_hours_before_ter": 1, ')
    assert '"ssvid": "\\u00f1", ' in text and '"start_timestamp": 0, "start_lat": 0, "start_lon": 2.0, ' in text
    assert '"end_timestamp": 25000.0, "end_lat": 1e-05, ' in text


def test_open_gap_has_the_keys_of_its_start_as_null():
    row = detect([message(0.0, course=12)])[0]
    assert row["is_closed"] is False and row["start_course"] == 12
    for name in ("distance_m", "duration_h", "implied_speed_knots", "end_timestamp", "end_lat", "end_lon",
                 "end_receiver_type", "end_course"):
        assert row[name] is None, name
    assert "end_ssvid" not in row


def test_ends_as_objects_without_normalize():
    row = detect([message(0.0, x=1), message(8.0 * HOUR, y=2)], "--no-eval-last", "--no-normalize")[0]
    assert list(row)[-2:] == ["OFF", "ON"]
    assert row["OFF"] == {"timestamp": 0.0, "lat": 1.0, "lon": 2.0, "receiver_type": "terrestrial", "x": 1}
    assert row["ON"] == {"timestamp": 28800.0, "lat": 1.0, "lon": 2.0, "receiver_type": "terrestrial", "y": 2}


def test_integer_times_print_and_hash_without_point():
    row = detect([message(1704067200), message(1704103200)], "--no-eval-last")[0]
    assert row["start_timestamp"] == 1704067200 and type(row["start_timestamp"]) is int
    assert row["gap_id"] == md5("1|1704067200|1.0|2.0") and row["duration_h"] == 10.0


def test_fractional_microseconds_are_kept():
    row = detect([message(1704067200.123456), message(1704103200.6543217)], "--no-eval-last")[0]
    assert row["gap_id"] == md5("1|1704067200.123456|1.0|2.0")
    assert row["end_timestamp"] == 1704103200.6543217


def test_repeated_keys_that_only_pass_count_once_with_the_last_value():
    text = b'{"ssvid":"1","lat":1,"lon":2,"receiver_type":"a","timestamp":0,"x":1,"x":2}\n'
    code, out, err = run(["-i", "-"], text)
    assert code == 0, err
    assert out.count(b"start_x") == 1 and b'"start_x": 2' in out


def test_ssvid_that_is_a_number_is_another_mover_than_its_text():
    messages = [message(0.0, ssvid=123), message(8.0 * HOUR, ssvid=123), message(4.0 * HOUR, ssvid="123")]
    rows = detect(messages, "--no-eval-last")
    assert len(rows) == 1 and rows[0]["ssvid"] == 123 and rows[0]["gap_id"] == md5("123|0.0|1.0|2.0")


def test_time_as_text_is_taken_as_float_seconds():
    rows = detect([message("2024-01-01 00:00:00 UTC"), message("2024-01-01T10:00:00.5Z")], "--no-eval-last")
    assert ends(rows) == [(1704067200.0, 1704103200.5)] and rows[0]["gap_id"] == md5("1|1704067200.0|1.0|2.0")


# ---- order and ties ----------------------------------------------------------------------------------------------

def test_input_order_does_not_matter():
    messages = [message(float(t) * HOUR, ssvid=str(t % 2)) for t in (0, 7, 8, 15, 30, 31, 41)]
    assert_same_rows(detect(messages[::-1]), detect(messages))


def test_off_is_the_last_and_on_the_first_of_equal_times():
    messages = [message(0.0, n="a"), message(0.0, n="b"), message(9.0 * HOUR, n="c"), message(9.0 * HOUR, n="d")]
    rows = detect(messages, "--no-eval-last")
    assert [(row["start_n"], row["end_n"]) for row in rows] == [("b", "c")]


# ---- counts ------------------------------------------------------------------------------------------------------

def test_history_of_exactly_twelve_hours_counts():
    off = 100.0 * HOUR
    messages = [message(off - 12 * HOUR - 0.001), message(off - 12 * HOUR), message(off - 7 * HOUR),
                message(off - 1 * HOUR), message(off), message(off + 24 * HOUR)]
    rows = detect(messages, "--min-gap-length", 20, "--no-eval-last")
    assert [counts(row)[0] for row in rows] == [4]


def test_unknown_receivers_count_in_the_total_only():
    kinds = ["terrestrial", "satellite", "dynamic", "radio", None, "terrestrial"]
    messages = [message(i * HOUR, receiver_type=kind) for i, kind in enumerate(kinds)] + [message(20.0 * HOUR)]
    assert [counts(row) for row in detect(messages, "--no-eval-last")] == [[6, 2, 1, 1]]


def test_hours_before_reach_the_counting():
    """The original always counts 12 hours, whatever the option says."""
    messages = [message(float(t) * HOUR) for t in range(0, 31)] + [message(50.0 * HOUR)]
    for hours, expected in ((0, 1), (1, 2), (12, 13), (24, 25), (100, 31)):
        rows = detect(messages, "--n-hours-before", hours, "--no-eval-last")
        assert [counts(row)[0] for row in rows] == [expected], hours


def test_equal_last_times_do_not_shorten_the_history_across_windows():
    """With k equal last times the original loses the k - 1 oldest messages of the history."""
    day = at("2024-01-01")
    messages = [message(day + h * HOUR) for h in (19.0, 20.0, 21.0)] + [message(day + 22 * HOUR)] * 3
    messages += [message(day + 34 * HOUR)]
    rows = detect(messages, "--date-range", "2024-01-01,2024-01-03", "--window-period-d", 1, "--no-eval-last")
    assert [counts(row) for row in rows] == [[4, 4, 0, 0]]


def test_equal_last_times_of_an_open_gap_count_once():
    day = at("2024-01-01")
    messages = [message(day + 10 * HOUR, receiver_type="satellite"), message(day + 11 * HOUR),
                message(day + 12 * HOUR, receiver_type="dynamic"), message(day + 12 * HOUR)]
    rows = detect(messages, "--date-range", "2024-01-01,2024-01-02", "--window-period-d", 1)
    assert [(row["is_closed"], counts(row)) for row in rows] == [(False, [3, 2, 1, 0])]


def test_history_before_an_empty_window_starts_with_the_window():
    """Kept from the original: a window in which the mover is silent knows its offset only."""
    day = at("2024-01-01")
    messages = [message(day + h * HOUR) for h in (11.0, 13.0, 22.0, 60.0)]
    narrow = detect(messages, "--window-period-d", 1, "--min-gap-length", 10, "--no-eval-last")
    wide = detect(messages, "--window-period-d", 30, "--min-gap-length", 10, "--no-eval-last")
    assert [counts(row)[0] for row in narrow] == [2] and [counts(row)[0] for row in wide] == [3]


# ---- distance ----------------------------------------------------------------------------------------------------

def distance(off, on):
    row = detect([message(0.0, lat=off[0], lon=off[1]), message(8.0 * HOUR, lat=on[0], lon=on[1])], "--no-eval-last")[0]
    return row["distance_m"], row["implied_speed_knots"]


def test_distance_across_the_antimeridian_is_the_short_way():
    assert abs(distance((0.0, 179.9), (0.0, -179.9))[0] - 22263.898158654) < 1e-6


def test_distance_needs_both_complete_positions():
    """The original takes a null latitude for 0 and computes a distance from there."""
    for off, on in (((None, 10.0), (1.0, 10.0)), ((None, None), (1.0, 1.0)), ((1.0, 1.0), (None, 2.0)),
                    ((1.0, None), (1.0, 1.0)), ((1.0, 1.0), (1.0, None))):
        assert distance(off, on) == (None, None), (off, on)


def test_distance_of_an_impossible_latitude_is_null():
    assert distance((91.0, 0.0), (0.0, 0.0)) == (None, None)
    assert distance((0.0, 0.0), (-90.5, 0.0)) == (None, None)


def test_longitudes_beyond_180_are_wrapped():
    assert abs(distance((0.0, 190.0), (0.0, 0.0))[0] - 18924313.434856508) < 1e-7


def test_null_coordinates_and_zero_give_the_same_id():
    for lat in (None, 0, 0.0, -0.0):
        row = detect([message(0.0, lat=lat, lon=7), message(8.0 * HOUR)], "--no-eval-last")[0]
        assert row["gap_id"] == md5("1|0.0|0.0|7"), lat


# ---- ranges and open gaps ----------------------------------------------------------------------------------------

def test_open_gap_without_a_range_ends_with_its_own_day():
    for clock, expected in (("11:59", 1), ("12:00", 0), ("13:00", 0)):
        rows = detect([message(at("2024-01-01 " + clock))], "--min-gap-length", 12)
        assert len(rows) == expected, clock


def test_no_open_gaps_without_eval_last():
    assert detect([message(0.0)], "--no-eval-last") == []


def test_message_after_the_range_leaves_with_its_window_and_the_one_before_opens():
    messages = [message(at("2024-01-01 10:00")), message(at("2024-01-02 12:00"))]
    rows = detect(messages, "--date-range", "2024-01-01,2024-01-02", "--window-period-d", 1)
    assert ends(rows) == [(messages[0]["timestamp"], None)]


def test_gap_from_before_the_range_is_reported_when_it_ends_inside():
    options = ("--date-range", "2024-01-02,2024-01-03", "--window-period-d", 1, "--no-eval-last")
    inside = message(at("2024-01-02 12:00"))
    assert len(detect([message(at("2024-01-01 18:00")), inside], *options)) == 1
    # Older by more than the threshold: an open gap of the run before, which is stored.
    assert detect([message(at("2024-01-01 17:59")), inside], *options) == []
    # Ends before the range.
    assert detect([message(at("2024-01-01 01:00")), message(at("2024-01-01 12:00"))], *options) == []


def test_ssvids_choose_movers():
    messages = [message(0.0, ssvid=name) for name in ("1", "2", "3")]
    assert sorted(row["ssvid"] for row in detect(messages, "--ssvids", "3, 1")) == ["1", "3"]
    assert len(detect(messages, "--ssvids", "")) == 3


def test_daily_runs_find_what_one_run_over_all_days_finds():
    hours = [0, 1, 9, 23, 23.5, 31, 40, 47, 59, 60, 70.5, 71, 95]
    messages = [message(at("2024-01-01") + hour * HOUR, ssvid=name) for hour in hours for name in ("1", "2")]
    whole = detect(messages, "--date-range", "2024-01-01,2024-01-05", "--window-period-d", 1)
    printed = []
    for day in range(1, 5):
        start, end = at(f"2024-01-0{day}"), at(f"2024-01-0{day + 1}")
        seen = [m for m in messages if start - 86400 <= m["timestamp"] < end]
        printed += detect(seen, "--date-range", f"2024-01-0{day},2024-01-0{day + 1}", "--window-period-d", 1,
                          stored=printed)
    last = {row["gap_id"]: row for row in printed}.values()
    assert_same_rows(last, whole)


# ---- stored open gaps --------------------------------------------------------------------------------------------

RANGE = ("--date-range", "2024-01-02,2024-01-03", "--window-period-d", 1, "--no-eval-last")


def test_stored_gap_is_closed_by_the_first_message_whatever_the_threshold():
    on = message(at("2024-01-02 00:00:01"), lat=0.0, lon=1.0)
    later = message(at("2024-01-02 01:00"))
    row, = detect([on, later], *RANGE, stored=[stored_gap(at("2024-01-01 23:00"))])
    assert row["gap_id"] == "0" * 32 and row["is_closed"] is True and row["version"] == VERSION
    assert counts(row) == [7, 4, 2, 1]
    assert ends([row]) == [(at("2024-01-01 23:00"), on["timestamp"])]
    assert row["duration_h"] == 3601 * (1 / 3600) and abs(row["distance_m"] - 111319.49079327357) < 1e-7
    assert row["start_receiver_type"] == "satellite" and row["end_receiver_type"] == "terrestrial"


def test_all_stored_gaps_of_a_mover_close():
    """The original closes the first only; the others would stay open for ever."""
    stored = [stored_gap(at("2023-12-20"), gap_id="a" * 32), stored_gap(at("2024-01-01"), gap_id="b" * 32)]
    rows = detect([message(at("2024-01-02 05:00"))], *RANGE, stored=stored)
    assert [(row["gap_id"][0], row["end_timestamp"]) for row in rows] == [("a", at("2024-01-02 05:00")),
                                                                         ("b", at("2024-01-02 05:00"))]


def test_stored_gap_of_an_absent_vessel_stays_open():
    rows = detect([message(at("2024-01-02 05:00"))], *RANGE, stored=[stored_gap(at("2024-01-01"), ssvid="9")])
    assert rows == []


def test_stored_gap_is_closed_once_and_by_the_first_message_after_it():
    """In the original a range over two windows closes it twice: rightly, and with the second window's first message."""
    off = message(at("2024-01-01 20:00"), lat=None, lon=None)
    gap = stored_gap(off["timestamp"], gap_id=md5(f"1|{off['timestamp']}|0.0|0.0"))
    messages = [off, message(at("2024-01-02 10:00")), message(at("2024-01-02 12:00")),
                message(at("2024-01-03 09:00")), message(at("2024-01-03 10:00"))]
    for period in (1, 2, 7, 180):
        rows = detect(messages, "--date-range", "2024-01-02,2024-01-04", "--window-period-d", period, "--no-eval-last",
                      stored=[gap])
        closed = [row for row in rows if row["gap_id"] == gap["gap_id"]]
        assert ends(closed) == [(off["timestamp"], at("2024-01-02 10:00"))], period


def test_stored_gap_is_closed_by_a_message_from_before_the_range():
    """The original takes the first message of the range, over the head of those that ended the silence."""
    messages = [message(at("2024-01-01 22:00")), message(at("2024-01-02 01:00"))]
    row, = detect(messages, *RANGE, stored=[stored_gap(at("2024-01-01 12:00"))])
    assert row["end_timestamp"] == at("2024-01-01 22:00")


def test_keys_of_the_stored_gap_survive():
    gap = stored_gap(at("2024-01-01"), start_only_then=5, region="north", end_only_then=None)
    row, = detect([message(at("2024-01-02 05:00"), new=1)], *RANGE, stored=[gap])
    assert row["region"] == "north" and row["start_only_then"] == 5 and row["end_only_then"] is None
    assert row["end_new"] == 1 and "start_new" not in row


def test_stored_gap_without_counts_closes_without_counts():
    gap = {name: value for name, value in stored_gap(at("2024-01-01")).items() if "positions" not in name}
    row, = detect([message(at("2024-01-02 05:00"))], *RANGE, stored=[gap])
    assert "positions_hours_before" not in row and row["is_closed"] is True


def test_newest_version_of_a_stored_gap_counts():
    gap = stored_gap(at("2024-01-01"))
    closed = {**gap, "version": 2, "is_closed": True}
    assert detect([message(at("2024-01-02 05:00"))], *RANGE, stored=[closed, gap]) == []
    assert len(detect([message(at("2024-01-02 05:00"))], *RANGE, stored=[gap, {**closed, "version": 0}])) == 1


def test_stored_gaps_stay_open_without_a_range_and_the_program_says_so():
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(lines([stored_gap(at("2024-01-01"))]))
        file.flush()
        code, out, err = run(["-i", "-", "-s", file.name, "--no-eval-last"], lines([message(at("2024-01-02 05:00"))]))
    assert code == 0 and out == b"" and "--date-range" in err


# ---- the profile of 2024 -----------------------------------------------------------------------------------------

def shore(timestamp, distance_m=1.0, **more):
    return message(timestamp, distance_from_shore_m=distance_m, **more)


def test_2024_row_has_its_own_keys_and_no_measures():
    row = detect([shore(0.0), shore(8.0 * HOUR)], "--profile", "2024", "--no-eval-last")[0]
    assert list(row)[:4] == ["gap_id", "gap_version", "ssvid", "is_closed"] and row["gap_version"] == VERSION
    assert [name for name in row if not name.startswith(("gap_start_", "gap_end_"))] == list(row)[:4]


def test_2024_objects_keep_the_ssvid():
    row = detect([shore(0.0), shore(8.0 * HOUR)], "--profile", "2024", "--no-eval-last", "--no-normalize")[0]
    assert row["OFF"]["ssvid"] == "1" and row["ON"]["ssvid"] == "1"


def test_2024_gap_needs_both_ends_off_shore_or_unknown():
    for off, on, expected in ((1.0, 1.0, 1), (None, None, 1), (0.0, 1.0, 0), (1.0, 0, 0), (-1.0, 1.0, 0)):
        rows = detect([shore(0.0, off), shore(8.0 * HOUR, on)], "--profile", "2024", "--no-eval-last")
        assert len(rows) == expected, (off, on)


def test_2024_closes_without_a_range_and_by_a_message_after_the_gap():
    """The original of 2024 closes with the very first message, even one from before the gap."""
    gap = {"ssvid": "1", "gap_id": "f" * 32, "gap_start_timestamp": at("2024-01-05"), "gap_start_lat": 1.0,
           "gap_start_lon": 2.0, "gap_start_distance_from_shore_m": 5.0, "is_closed": False}
    row, = detect([shore(at("2024-01-04 20:00")), shore(at("2024-01-05 01:00"))], "--profile", "2024",
                  "--no-eval-last", stored=[gap])
    assert row["gap_end_timestamp"] == at("2024-01-05 01:00") and row["gap_start_distance_from_shore_m"] == 5.0


def test_all_stored_gaps_of_a_mover_close_in_2024():
    gaps = [{"ssvid": "1", "gap_id": name * 32, "gap_start_timestamp": at(f"2024-01-0{day}"), "is_closed": False}
            for day, name in enumerate("abc", 1)]
    rows = detect([shore(at("2024-01-09"))], "--profile", "2024", "--no-eval-last", stored=gaps)
    assert [row["gap_id"][0] for row in rows] == ["a", "b", "c"]


def test_range_of_2024_filters_the_inside_of_groups_only():
    messages = [shore(at("2024-01-01 01:00")), shore(at("2024-01-01 10:00")), shore(at("2024-01-02 10:00")),
                shore(at("2024-01-02 20:00"))]
    options = ("--profile", "2024", "--no-eval-last", "--date-range", "2024-01-02,2024-01-03")
    starts = [row["gap_start_timestamp"] for row in detect(messages, *options, "--window-period-d", 1)]
    assert starts == [at("2024-01-01 10:00"), at("2024-01-02 10:00")]
    assert len(detect(messages, *options)) == 3  # one group: the year


# ---- missing keys ------------------------------------------------------------------------------------------------

def missing(name, *options, row=0):
    messages = [message(0.0), message(8.0 * HOUR)]
    del messages[row][name]
    return run(["-i", "-", "--no-eval-last", *options], lines(messages))


def test_missing_mandatory_keys_are_named():
    for name in ("ssvid", "timestamp", "lat", "lon", "receiver_type"):
        code, out, err = missing(name)
        assert code == 1 and out == b"" and f"line 1: Missing key in input messages: '{name}'" in err, err
    code, _, err = missing("lat", row=1)
    assert code == 1 and "line 2: Missing key in input messages: 'lat'" in err, err


def test_keys_that_no_gap_needs_may_be_missing():
    for name in ("lat", "lon", "receiver_type"):
        code, out, err = missing(name, "--min-gap-length", 9)
        assert code == 0 and out == b"", err


def test_2024_needs_the_distance_from_shore():
    code, _, err = run(["-i", "-", "--profile", "2024"], lines([message(0.0), message(8.0 * HOUR)]))
    assert code == 1 and "Missing key in input messages: 'distance_from_shore_m'" in err


# ---- the page of differences -------------------------------------------------------------------------------------

def test_every_test_that_the_page_of_differences_names_exists():
    tests = Path(__file__).resolve().parents[1]
    page = (tests.parent / "docs" / "differences.md").read_text()
    defined = "".join(path.read_text() for path in tests.rglob("*_test.py"))
    names = re.findall(r"`(test_[a-z0-9_]+)`", page)
    assert len(names) > 15
    assert [name for name in names if f"def {name}(" not in defined] == []


def test_profile_2024_works_without_ssvid():
    def bare(timestamp):
        return {"timestamp": timestamp, "distance_from_shore_m": 5.0}
    start = at("2024-01-01")
    stored = [{"gap_id": "0" * 32, "gap_version": 1, "is_closed": False, "gap_start_timestamp": start - 9 * HOUR}]
    rows = detect([bare(start), bare(start + 8 * HOUR)], "--profile", "2024", "--no-eval-last", stored=stored)
    assert [(row["ssvid"], row["is_closed"]) for row in rows] == [(None, True), (None, True)], rows
    code, _, err = run(["-i", "-"], lines([bare(start)]))
    assert code == 1 and "Missing key in input messages: 'ssvid'" in err, err


if __name__ == "__main__":
    main(functions(globals()))
