"""A detector of libseine.so runs over pyarrow batches through the Arrow C Data interface."""
import ctypes
import datetime
import math
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import BUILD, SANITIZED
from harness.tap import main, shared, skip_all

try:
    import pyarrow as pa
except ImportError as error:
    skip_all(f"{error}: run tools/setup --tests")

LIBRARY = BUILD / "libseine.so"
HOUR_US = 3_600_000_000
NO_WATERMARK = -(2**63)
OK, NOT_FOUND, UNSUPPORTED = 0, 9, 14


class Names(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in ("id", "time", "lat", "lon", "speed", "shore", "receiver")]


class Config(ctypes.Structure):
    _fields_ = [("min_gap_us", ctypes.c_int64), ("history_us", ctypes.c_int64), ("shore_rule", ctypes.c_bool)]


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("text", ctypes.c_char * 1024)]


class Failed(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


# Room for the two structs of the interface; pyarrow knows what is inside.
SCHEMA_BYTES, ARRAY_BYTES = 72, 80


def load():
    library = ctypes.CDLL(str(LIBRARY))
    library.seine_gap_config_default.restype = Config
    library.seine_arrow_names_default.restype = Names
    library.seine_detect_arrow.restype = ctypes.c_int
    return library


def detect(library, batch, watermark_us=NO_WATERMARK, **columns):
    """Gaps of a record batch as a record batch."""
    names = Names(id=b"mmsi", time=b"ts", lat=b"lat", lon=b"lon", receiver=b"receiver_type")
    for name, value in columns.items():
        setattr(names, name, value)
    config = library.seine_gap_config_default()
    step = ctypes.c_char.in_dll(library, "seine_gap_step")
    structs = [ctypes.create_string_buffer(size) for size in (SCHEMA_BYTES, ARRAY_BYTES) * 2]
    in_schema, in_array, out_schema, out_array = structs
    batch._export_to_c(ctypes.addressof(in_array), ctypes.addressof(in_schema))
    error = Error()
    status = library.seine_detect_arrow(
        ctypes.byref(step), ctypes.byref(config), ctypes.byref(names), in_schema, in_array,
        ctypes.c_int64(watermark_us), out_schema, out_array, ctypes.byref(error))
    pa.RecordBatch._import_from_c(ctypes.addressof(in_array), ctypes.addressof(in_schema))  # releases it
    if status != OK:
        raise Failed(status, error.text.decode())
    return pa.RecordBatch._import_from_c(ctypes.addressof(out_array), ctypes.addressof(out_schema))


def times(*hours):
    return pa.array([hour * HOUR_US for hour in hours], pa.timestamp("us", tz="UTC"))


def batch_of(ids, hours, lat=None, lon=None, receiver=None):
    count = len(hours)
    return pa.record_batch({
        "mmsi": ids,
        "ts": times(*hours),
        "lat": pa.array(lat or [0.0] * count, pa.float64()),
        "lon": pa.array(lon or [0.0] * count, pa.float64()),
        "receiver_type": receiver if receiver is not None else pa.array([None] * count, pa.string()),
    })


def movers_in_any_order_give_their_gaps(library):
    batch = batch_of(pa.array(["b", "a", "b", "a", "a"]), [12, 10, 1, 2, 9], [0.0, 1.0, 0.0, None, 3.0],
                     [1.0, 1.0, 0.0, 1.0, 1.0], pa.array(["satellite", None, "terrestrial", "satellite", "dynamic"]))
    got = detect(library, batch)
    got.validate(full=True)
    rows = got.to_pylist()
    assert [(row["mmsi"], row["start_row"], row["end_row"]) for row in rows] == [("b", 2, 0), ("a", 3, 4)], rows
    assert rows[0]["start_ts"] == datetime.datetime(1970, 1, 1, 1, tzinfo=datetime.timezone.utc), rows[0]
    assert math.isclose(rows[0]["distance_m"], 111319.49079327357, abs_tol=1e-7), rows[0]
    assert rows[0]["duration_h"] == 11 and rows[0]["is_closed"] is True
    assert rows[0]["positions_hours_before_ter"] == 1 and rows[0]["positions_hours_before_sat"] == 0
    assert rows[1]["distance_m"] is None and rows[1]["start_lat"] is None and rows[1]["end_lat"] == 3


def every_kind_of_id_is_read(library):
    kinds = [pa.array(["7", "7", "8"]), pa.array(["7", "7", "8"], pa.large_string()), pa.array([7, 7, 8], pa.int64()),
             pa.array([7, 7, 8], pa.int32()), pa.array(["7", "7", "8"]).dictionary_encode(),
             pa.DictionaryArray.from_arrays(pa.array([1, 1, 0], pa.uint8()), pa.array(["8", "7"], pa.large_string()))]
    for ids in kinds:
        rows = detect(library, batch_of(ids, [0, 10, 20])).to_pylist()
        assert [row["mmsi"] for row in rows] == ["7"], (ids.type, rows)


def a_slice_is_read_from_its_offset(library):
    batch = batch_of(pa.array(["x", "a", "a", "a", "x"]), [0, 1, 8, 16, 30], [None, 1.0, None, 3.0, 4.0])
    rows = detect(library, batch.slice(1, 3)).to_pylist()
    assert [(row["mmsi"], row["start_row"], row["end_row"]) for row in rows] == [("a", 0, 1), ("a", 1, 2)], rows
    assert [row["start_lat"] for row in rows] == [1, None], rows


def open_gaps_have_null_ends(library):
    rows = detect(library, batch_of(pa.array(["a"]), [1]), watermark_us=8 * HOUR_US).to_pylist()
    assert len(rows) == 1 and rows[0]["is_closed"] is False, rows
    assert all(rows[0][name] is None for name in ("end_ts", "end_row", "duration_h", "distance_m")), rows
    assert detect(library, batch_of(pa.array(["a"]), [1]), watermark_us=7 * HOUR_US).num_rows == 0


def an_empty_batch_gives_an_empty_batch(library):
    got = detect(library, batch_of(pa.array([], pa.string()), []))
    assert got.num_rows == 0 and got.schema.field("start_ts").type == pa.timestamp("us", tz="UTC"), got.schema


def many_random_batches_equal_a_plain_loop(library):
    state = 1

    def draw(below):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % below

    for _ in range(200):
        count = draw(60)
        ids = [str(draw(4)) for _ in range(count)]
        hours = [draw(100) for _ in range(count)]
        got = detect(library, batch_of(pa.array(ids, pa.string()), hours))
        found = sorted((row["mmsi"], row["start_row"], row["end_row"], row["positions_hours_before"])
                       for row in got.to_pylist())
        expected = []
        for mover in set(ids):
            track = sorted((hour, row) for row, hour in enumerate(hours) if ids[row] == mover)
            for (off, off_row), (on, on_row) in zip(track, track[1:]):
                if on - off > 6:
                    before = sum(off - 12 <= hour < off for hour, _ in track)
                    expected.append((mover, off_row, on_row, before + 1))
        assert found == sorted(expected), (ids, hours)


def refusals_name_the_column(library):
    batch = batch_of(pa.array(["a"]), [1])
    for columns, status, text in (({"speed": b"sog"}, NOT_FOUND, "the batch has no column sog"),
                                  ({"time": b"lat"}, UNSUPPORTED, "column lat is not timestamp[us]")):
        try:
            detect(library, batch, **columns)
        except Failed as failed:
            assert (failed.status, str(failed)) == (status, text), (failed.status, str(failed))
        else:
            raise AssertionError(f"{columns} was accepted")


def no_memory_stays_behind(library):
    batch = batch_of(pa.array(["a"] * 1000), list(range(0, 8000, 8)))
    before = pa.total_allocated_bytes()
    for _ in range(20):
        detect(library, batch)
    assert pa.total_allocated_bytes() == before


CASES = [movers_in_any_order_give_their_gaps, every_kind_of_id_is_read, a_slice_is_read_from_its_offset,
         open_gaps_have_null_ends, an_empty_batch_gives_an_empty_batch, many_random_batches_equal_a_plain_loop,
         refusals_name_the_column, no_memory_stays_behind]


if __name__ == "__main__":
    if SANITIZED:
        skip_all("a sanitized library cannot be loaded into Python")
    if not LIBRARY.exists():
        skip_all(f"{LIBRARY} is not built")
    main(CASES, shared(load()))
