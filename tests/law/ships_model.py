"""Which ship each message of an id is of, from the segments of all its messages: decision 19 in plain words.

It shares nothing with the program but the segments themselves, and looks at all messages so far for each one. Times must
rise, no message may be left out of its segment later on, and none may end several segments by fitting all of them, as the
rows do not tell which: `can_tell` says whether that is so.
"""
import math

DAY_S = 86400
MILE_M = 1852
MAX_KNOTS, VERY_SLOW_KNOTS, BUFFER_HOURS, MAX_HOURS, SHORT = 25, 0.35, 0.25, 24, 10


def distance_km(a, b):
    lat, other = math.radians(a["lat"]), math.radians(b["lat"])
    north, east = other - lat, math.radians(b["lon"] - a["lon"])
    half = math.sin(north / 2) ** 2 + math.cos(lat) * math.cos(other) * math.sin(east / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(half))


def can_tell(messages):
    return not any(message["kind"] in ("discarded", "ambiguous") for message in messages)


class Segment:
    def __init__(self, first):
        self.messages, self.number, self.overlaps = [first], None, False

    @property
    def ship(self):
        """None: of no ship, or of none yet."""
        return None if self.overlaps and len(self.messages) <= SHORT else self.number


class Ships:
    """The ships of one id, by the messages so far."""

    def __init__(self):
        self.segments, self.by_id, self.others, self.named = [], {}, [], 0

    def seen(self, without=None):
        """@return number → the message by which a ship was seen last, by other segments than one."""
        told = [(message, segment.ship) for segment in self.segments if segment is not without and segment.ship
                for message in segment.messages[-1:]] + self.others
        last = {}
        for message, ship in sorted(told, key=lambda each: each[0]["timestamp"]):
            last[ship] = message
        return last

    def choose(self, at, knots, seen, before=math.inf):
        """@return the nearest ship that may have come there, and the one that was seen last."""
        free = {ship: last for ship, last in seen.items() if last["timestamp"] < before}
        near = {}
        for ship, last in free.items():
            hours = (at["timestamp"] - last["timestamp"]) / 3600 + BUFFER_HOURS
            if distance_km(last, at) * 1000 <= knots * MILE_M * hours:
                near[ship] = distance_km(last, at)
        return min(near, key=near.get, default=None), max(free, key=lambda ship: free[ship]["timestamp"], default=None)

    def name(self):
        self.named += 1
        return self.named

    def goes_on(self, now):
        return any(now - segment.messages[-1]["timestamp"] <= MAX_HOURS * 3600 for segment in self.segments)

    def begin(self, message):
        segment = Segment(message)
        near, latest = self.choose(message, MAX_KNOTS, self.seen(), message["timestamp"])
        segment.number = near or latest or (None if self.named else self.name())
        self.segments.append(segment)
        self.by_id[message["seg_id"]] = segment

    def join(self, segment, message):
        before = segment.messages[-1]["timestamp"]
        segment.messages.append(message)
        if len(segment.messages) == SHORT + 1 and (segment.overlaps or not segment.number):
            last = self.seen(segment).get(segment.number)
            if last is None or last["timestamp"] >= segment.messages[0]["timestamp"]:
                segment.number = self.name()
        for other in self.segments[self.segments.index(segment) + 1:]:
            if segment.ship and other.messages[0]["timestamp"] >= before:
                self.overlap(other, segment.ship)

    def overlap(self, segment, ship):
        segment.overlaps = True
        if segment.number != ship:
            return
        segment.number = self.choose(segment.messages[0], MAX_KNOTS, self.seen(segment), segment.messages[0]["timestamp"])[0]
        if not segment.number and len(segment.messages) > SHORT:
            segment.number = self.name()

    def of_noise(self, message, knots):
        """@return the ship of one that no segment has."""
        near, latest = self.choose(message, knots, self.seen())
        if self.goes_on(message["timestamp"]):
            return near
        if knots == VERY_SLOW_KNOTS:
            ship = near
        else:
            ship = near or latest or self.name()
        if ship:
            self.others.append((message, ship))
        return ship


def ships_of(messages):
    """@param messages of one id, by time, with seg_id and noise. @return the number of the ship of each, or None."""
    ships, numbers, told = Ships(), [], {}
    for at, message in enumerate(messages):
        if message["noise"] is not None:
            numbers.append(ships.of_noise(message, VERY_SLOW_KNOTS if message["noise"] == "repeated place" else MAX_KNOTS))
            continue
        segment = ships.by_id.get(message["seg_id"])
        if segment is None:
            ships.begin(message)
        else:
            ships.join(segment, message)
        told.setdefault(message["seg_id"], []).append(at)
        numbers.append(ships.by_id[message["seg_id"]].ship)
        since = (message["timestamp"] // DAY_S - 1) * DAY_S
        for seg_id, places in told.items():  # what changed is told of the day before and of this one
            for place in places:
                if messages[place]["timestamp"] >= since:
                    numbers[place] = ships.by_id[seg_id].ship
    return numbers
