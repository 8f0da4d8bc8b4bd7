"""Vector tiles: their bytes decoded, and which of them holds a place."""
import math
import struct

from harness.binary import varint
from harness.program import equal

EXTENT = 4096


def fields(data):
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 1:
            value, at = data[at:at + 8], at + 8
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            assert len(value) == size, "a length beyond the end"
        else:
            raise AssertionError(f"wire type {key & 7}")
        yield key >> 3, value


def packed(data):
    at, values = 0, []
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def value_of(data):
    ((field, value),) = list(fields(data))
    return {1: lambda: value.decode(), 3: lambda: struct.unpack("<d", value)[0], 4: lambda: value, 7: lambda: bool(value)}[field]()


def geometry_of(numbers):
    """Parts of a geometry: lists of places."""
    parts, at, x, y = [], 0, 0, 0
    while at < len(numbers):
        command, count = numbers[at] & 7, numbers[at] >> 3
        at += 1
        if command == 7:
            parts[-1].append(parts[-1][0])
            continue
        assert command in (1, 2) and count > 0, f"command {command}"
        for _ in range(count):
            x += (numbers[at] >> 1) ^ -(numbers[at] & 1)
            y += (numbers[at + 1] >> 1) ^ -(numbers[at + 1] & 1)
            at += 2
            if command == 1:
                parts.append([])
            parts[-1].append((x, y))
    return parts


def decode(data):
    """{layer: [(kind, tags, parts)]}"""
    layers = {}
    for field, layer in fields(data):
        equal(field, 3, "field of a tile")
        content = {}
        for number, value in fields(layer):
            content.setdefault(number, []).append(value)
        equal((content[15], content[5]), ([2], [EXTENT]), "version and extent")
        keys, values = [key.decode() for key in content[3]], [value_of(value) for value in content[4]]
        features = []
        for feature in content[2]:
            parts = dict(fields(feature))
            tags = packed(parts[2])
            features.append((parts[3], {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2])}, geometry_of(packed(parts[4]))))
        layers[content[1][0].decode()] = features
    return layers


def tile_of(lon, lat, zoom):
    side = 2 ** zoom
    y = 0.5 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)
    return int((lon + 180) / 360 * side), int(y * side)
